"""A picture that a program sent: looked at with care, and kept without what it says of its maker."""

from __future__ import annotations

import io

from PIL import Image

from reverie.photos import UNREADABLE, orientation_of, turned
from reverie.web.guard import Complaint

FORMATS = ("PNG", "JPEG", "WEBP")
"""What is read; nothing else is even looked at."""

PIXELS = 24_000_000
"""Pixels of a picture, at most: a photograph of 6000x4000, 72 MB when it is decoded."""

SCANS = 500
"""Passes over a JPEG's pixels, at most: a progressive one has some ten. Each costs a look at every pixel,
however few bytes it has, so that one upload could last for hours. A photograph with a film behind it seems to
have a few hundred."""

SCAN = b"\xff\xda"
"""What each of them begins with."""

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
            if data.count(SCAN) > SCANS and opened.format in ("JPEG", "MPO"):
                raise Complaint(400, f"{PARAM}: a JPEG has at most {SCANS} passes", PARAM)
            orientation = orientation_of(opened)
            size = _covering(opened.size, (height, width) if orientation >= 5 else (width, height))
            opened.draft(None, size)  # a JPEG decodes straight to about that
            picture = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
    except Image.DecompressionBombError:
        raise _too_large("more than that") from None
    except UNREADABLE as error:
        raise Complaint(
            400, f"{PARAM}: not a {', '.join(FORMATS[:-1])} or {FORMATS[-1]} picture that can be read", PARAM
        ) from error
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", size, "white"), picture).convert("RGB")
    picture = turned(picture, orientation)
    picture.info.clear()
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _covering(size: tuple[int, int], wanted: tuple[int, int]) -> tuple[int, int]:
    """The smallest size of the same shape that covers `wanted`, but none larger than `size`."""
    scale = min(1.0, max(wanted[0] / size[0], wanted[1] / size[1]))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _too_large(size: str) -> Complaint:
    return Complaint(
        400, f"{PARAM}: a picture has at most {PIXELS // 1_000_000} megapixels, found {size}", PARAM
    )
