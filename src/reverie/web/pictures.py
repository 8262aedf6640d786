"""A picture that a program sent: looked at with care, and kept without what it says of its maker."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageOps

from reverie.web.guard import Complaint

FORMATS = ("PNG", "JPEG", "WEBP")
"""What is read; nothing else is even looked at."""

PIXELS = 24_000_000
"""Pixels of a picture, at most: a photograph of 6000x4000, 72 MB when it is decoded."""

PARAM = "input_reference"


def first_picture(data: bytes, width: int, height: int) -> bytes:
    """A PNG of the picture in `data`, upright, RGB on white, no larger than covers `width` x `height`.

    Only its pixels stay: no place, no time, no name of a camera. Equal pictures give equal bytes. Raises
    Complaint (400) for what is no picture, of another format, damaged, or larger than PIXELS.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS:
                raise _too_large(f"{opened.width}x{opened.height}")
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except Image.DecompressionBombError:
        raise _too_large("more than that") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error) as error:
        raise Complaint(
            400, f"{PARAM}: not a {', '.join(FORMATS[:-1])} or {FORMATS[-1]} picture that can be read", PARAM
        ) from error
    white = Image.new("RGBA", upright.size, "white")
    picture = Image.alpha_composite(white, upright).convert("RGB")
    scale = max(width / picture.width, height / picture.height)
    if scale < 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _too_large(size: str) -> Complaint:
    return Complaint(
        400, f"{PARAM}: a picture has at most {PIXELS // 1_000_000} megapixels, found {size}", PARAM
    )
