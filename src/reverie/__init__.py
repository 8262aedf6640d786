"""reverie: a device that sees, and imagines.

For scripts: `from reverie import AutoTokenizer, Wan2VGenerator, save_video` (`reverie.video.sdk`). They are
looked up when they are first used: `import reverie` loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reverie.video.sdk import AutoTokenizer, Wan2VGenerator, save_video

__version__ = "0.1.0"

__all__ = ["AutoTokenizer", "Wan2VGenerator", "__version__", "save_video"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reverie.video import sdk

    return getattr(sdk, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
