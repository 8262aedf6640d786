"""What every reader of photographs needs: how one becomes upright, and what a damaged one raises.

The readers themselves differ in what they allow and in how they complain: uploads (`web/pictures`), product
pictures that films begin with (`video/wan/picture`), products that are taught (`vision/products`).
"""

from __future__ import annotations

import struct
import zlib

from PIL import ExifTags
from PIL import Image as Pillow

UNREADABLE = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError),
    *(struct.error, zlib.error),
)
"""What Pillow's decoders raise of files that are no pictures, or damaged ones."""

_TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
"""What brings a picture of each orientation upright (EXIF 2.32, tag Orientation)."""


def orientation_of(picture: Pillow.Image) -> int:
    """How the camera was held, as the file says: 1 (upright) to 8; 1 where it says nothing readable.

    From 5 up, width and height change places when it is turned.
    """
    try:
        found = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except UNREADABLE:
        return 1
    return found if found in _TURNS else 1


def turned(picture: Pillow.Image, orientation: int) -> Pillow.Image:
    """The picture upright. Not by ImageOps.exif_transpose: it writes all of the EXIF anew, and fails where a
    note in it is odd."""
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)
