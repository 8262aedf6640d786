"""The data files that come along; NOTICE.md tells where each is from and under which licence.

    sprites.zip, sprites.json         what the storyboard draws with
    NotoSansSC-Bold-subset.otf        captions in Chinese and Latin letters
    centernet_384x512.onnx            the detector that needs no download
    demo.mp4, demo.json               a camera for trying things out, and what it shows when
    stories.yaml                      the story library

`tools/` in the repository made them.
"""

from importlib.resources import files
from pathlib import Path

__all__ = ["asset"]


def asset(name: str) -> Path:
    """The file `name` of this folder. reverie is never run from a zip: it is a real file, always."""
    path = Path(str(files(__name__) / name))
    if not path.is_file():
        # Not an operator's mistake but a broken installation: no error of reverie's own says that.
        raise FileNotFoundError(f"{path} is missing: this installation of reverie is damaged")
    return path
