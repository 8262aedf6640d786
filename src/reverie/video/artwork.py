"""A picture file of any kind that is allowed, as upright RGBA of a bounded size.

    work = read_artwork(path)         # PNG, WebP, JPEG or SVG, whatever its name says

What a file is, its content tells. Nothing in it can make reading slow or large: sizes are looked at first.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from reverie.errors import GeneratorError
from reverie.photos import UNREADABLE, orientation_of, turned
from reverie.video.vector import draw, is_drawing

Straight = NDArray[np.uint8]
"""RGBA, shape (h, w, 4), colours not multiplied by alpha."""

LONGEST = 1280
"""Longer side of what is returned, pixels: a thing that fills half of its photo has 640, about as many as a
close shot on a portrait screen shows."""

SOFT = 160
"""Of a picture with a longer side below this somebody should know."""

MAX_BYTES = 40_000_000
MAX_PIXELS = 40_000_000
"""Of a PNG or WebP, and of a JPEG at the size it is decoded at (an eighth, where it is large)."""

MAX_SIDE = 20_000
"""Pixels of a side, in the file."""

ALLOWED = "PNG, WebP, JPEG and SVG"
_FORMATS = ("PNG", "WEBP", "JPEG")
_PHONES = "MPO"
"""A JPEG with a further picture in it (depth, brightness), as many phones save: Pillow's name of it."""
_ENDINGS = {"PNG": (".png",), "WEBP": (".webp",), "JPEG": (".jpg", ".jpeg"), "SVG": (".svg",)}
_MAGIC = {
    b"GIF8": "a GIF",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"%PDF": "a PDF",
    b"8BPS": "a Photoshop file",
    b"BM": "a BMP",
    b"\x1f\x8b": "compressed (SVGZ?)",
    b"ftypheic": "a HEIC photo",
    b"ftypmif1": "a HEIC photo",
    b"ftypavif": "an AVIF",
}


@dataclass(frozen=True, slots=True, eq=False)
class Artwork:
    """What was in a file. `size`: width and height in it, pixels (of an SVG: as drawn). `remarks`: what
    somebody who looks after the pictures should know."""

    pixels: Straight
    form: str
    size: tuple[int, int]
    remarks: tuple[str, ...] = ()


def read_artwork(path: Path, longest: int = LONGEST) -> Artwork:
    """The picture in a file, its longer side at most `longest` pixels.

    Of several pictures (animated WebP) the first. Raises GeneratorError: what, where, what is allowed.
    """
    blob = _content(path)
    if is_drawing(blob[:4096]) and not blob.startswith((b"\x89PNG", b"\xff\xd8", b"RIFF")):
        drawn = draw(blob, str(path), longest)
        return Artwork(np.asarray(drawn).copy(), "SVG", drawn.size, _misnamed(path, "SVG"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata; sizes are looked at below
            with Pillow.open(BytesIO(blob), formats=_FORMATS) as opened:
                return _raster(opened, path, longest)
    except UnidentifiedImageError:
        found = next(
            (name for start, name in _MAGIC.items() if start in (blob[: len(start)], blob[4:12])),
            "no picture",
        )
        raise GeneratorError(f"{path}: is {found}; allowed are {ALLOWED}") from None
    except Pillow.DecompressionBombError:
        raise GeneratorError(
            f"{path}: has too many pixels; {MAX_PIXELS // 10**6} million are allowed"
        ) from None
    except (*UNREADABLE, MemoryError) as error:
        raise GeneratorError(f"{path}: is damaged: {error}; allowed are {ALLOWED}") from error


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise GeneratorError(f"{path}: is no file; a picture is expected: {ALLOWED}")
        with path.open("rb") as file:
            blob = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise GeneratorError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not blob:
        raise GeneratorError(f"{path}: is empty; allowed are {ALLOWED}")
    if len(blob) > MAX_BYTES:
        raise GeneratorError(f"{path}: has more than {MAX_BYTES // 10**6} MB; save it smaller")
    return blob


def _raster(opened: Pillow.Image, path: Path, longest: int) -> Artwork:
    form, size = "JPEG" if opened.format == _PHONES else opened.format or "", opened.size
    opened.draft("RGB", (longest, longest))  # a JPEG may be decoded at half its size or less
    if max(size) > MAX_SIDE or opened.width * opened.height > MAX_PIXELS:
        raise GeneratorError(
            f"{path}: has {size[0]}x{size[1]} pixels; {MAX_PIXELS // 10**6} million are allowed, {MAX_SIDE} "
            f"a side: save it smaller, {longest} are plenty"
        )
    remarks = [*_misnamed(path, form)]
    if getattr(opened, "is_animated", False) and opened.format != _PHONES:
        remarks.append("is animated: its first picture is shown")
    picture = _eight_bits(opened).convert("RGBA")
    # Colours weigh as much as they cover, or what is behind a transparent edge would bleed in.
    covered = picture.convert("RGBa")
    covered.thumbnail((longest, longest), Pillow.Resampling.BOX if max(size) > 8 * longest else _FINE)
    upright = turned(covered.convert("RGBA"), orientation_of(opened))
    if max(size) < SOFT:
        remarks.append(f"has only {size[0]}x{size[1]} pixels: it will look soft; {LONGEST} are better")
    return Artwork(np.asarray(upright).copy(), form, size, tuple(remarks))


_FINE = Pillow.Resampling.LANCZOS


def _eight_bits(picture: Pillow.Image) -> Pillow.Image:
    """The same with 8 bits a channel: Pillow would clip 16-bit greys instead of scaling them."""
    if not picture.mode.startswith("I"):
        return picture
    grey = np.asarray(picture).astype(np.int64)
    return Pillow.fromarray((grey >> 8).clip(0, 255).astype(np.uint8))


def _misnamed(path: Path, form: str) -> tuple[str, ...]:
    if path.suffix.lower() in _ENDINGS[form]:
        return ()
    return (f"is a {form} by its content: name it `{path.stem}{_ENDINGS[form][0]}`",)
