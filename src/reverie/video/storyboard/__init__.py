"""The storyboard: briefs as animated picture stories, drawn by the CPU as they are watched.

Lazy: importing this package loads neither OpenCV nor NumPy; `load_storyboard` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reverie.video.storyboard.film import Storyboard

__all__ = ["load_storyboard"]


def load_storyboard(
    warm: tuple[int, int] | None = (640, 480), pictures: Path | None = None, products: Path | None = None
) -> Storyboard:
    """The storyboard generator, ready to draw.

    `warm`: the width and height whose scenery is painted now, so that first pictures of that size come at
    once (about three seconds at 640 x 480). None, and sizes beyond a million pixels, whose scenery does not
    fit into memory, paint what a film needs when it begins.
    `pictures`, `products`: the folders of the operator's own pictures (`reverie/pictures.py`).
    Sets OpenCV to one thread in this process. Raises GeneratorError when an asset is damaged.
    """
    from reverie.video.storyboard.film import Storyboard

    return Storyboard(warm, pictures, products)
