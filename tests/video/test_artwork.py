"""Picture files of every kind: a right picture, or a message that says what, where and what is allowed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawn import MAGENTA, blob, share_of, svg, thing
from PIL import Image as Pillow

from reverie.errors import GeneratorError
from reverie.video.artwork import LONGEST, read_artwork

TOP = (10, 200, 60)
"""Colour of the upper half of what is turned, so that one sees which way is up."""


def halves(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Pillow.Image:
    picture = Pillow.new("RGB", size, (200, 30, 20))
    picture.paste(TOP, (0, 0, size[0], size[1] // 2))
    return picture.convert(mode)


def animated() -> bytes:
    return blob(thing(), "WEBP", save_all=True, append_images=[thing(colour=(0, 0, 0))], lossless=True)


def phone() -> bytes:
    """A JPEG with a smaller picture behind it, as phones save depth."""
    return blob(halves(), "MPO", save_all=True, append_images=[halves(size=(30, 20))])


def turned() -> bytes:
    """Held upside down, and the file says so."""
    exif = Pillow.Exif()
    exif[0x0112] = 3
    return blob(halves().transpose(Pillow.Transpose.ROTATE_180), "JPEG", exif=exif, quality=95)


def palette() -> bytes:
    picture = thing().convert("RGB").quantize(8)
    corner = picture.getpixel((0, 0))
    return blob(picture, "PNG", transparency=corner)


def sixteen() -> bytes:
    grey = np.full((40, 60), 65535, np.uint16)
    grey[:, :30] = 0x8000
    return blob(Pillow.fromarray(grey))


def corner(pixels: np.ndarray) -> list[int]:
    return [int(lane) for lane in pixels[2, 2]]


RIGHT: list[tuple[str, str, Callable[[], bytes], Callable[[np.ndarray], bool]]] = [
    # (what is odd, the file's name, its content, what must be true of the picture)
    ("png", "a.png", lambda: blob(thing()), lambda p: share_of(p) > 0.2 and corner(p)[3] == 0),
    ("webp", "a.webp", lambda: blob(thing(), "WEBP"), lambda p: share_of(p) > 0.2 and corner(p)[3] == 0),
    ("jpeg", "a.jpg", lambda: blob(halves(), "JPEG"), lambda p: share_of(p, TOP) > 0.4),
    ("svg", "a.svg", lambda: svg('<circle r="30" fill="#f0f"/>'), lambda p: share_of(p) > 0.4),
    ("cmyk", "a.jpg", lambda: blob(halves("CMYK"), "JPEG"), lambda p: share_of(p, TOP) > 0.4),
    ("turned", "a.jpg", turned, lambda p: share_of(p[:15], TOP) > 0.9),
    ("16 bits", "a.png", sixteen, lambda p: corner(p) == [128, 128, 128, 255]),
    ("palette", "a.png", palette, lambda p: corner(p)[3] == 0 and share_of(p) > 0.2),
    ("grey, alpha", "a.png", lambda: blob(thing().convert("LA")), lambda p: corner(p)[3] == 0),
    ("one bit", "a.png", lambda: blob(halves("1")), lambda p: p.shape == (40, 60, 4)),
    ("animated", "a.webp", animated, lambda p: share_of(p) > 0.2),
    ("phone", "a.jpg", phone, lambda p: p.shape == (40, 60, 4) and share_of(p, TOP) > 0.4),
    ("wrong ending", "a.png", lambda: blob(halves(), "JPEG"), lambda p: share_of(p, TOP) > 0.4),
    ("svg as png", "a.png", lambda: svg('<circle r="30" fill="#f0f"/>'), lambda p: share_of(p) > 0.4),
    ("large", "a.png", lambda: blob(halves(size=(3000, 2000))), lambda p: p.shape == (853, LONGEST, 4)),
    (
        "larger jpeg",
        "a.jpg",
        lambda: blob(halves(size=(9000, 6000)), "JPEG"),
        lambda p: share_of(p, TOP) > 0.4,
    ),
    ("tiny", "a.png", lambda: blob(halves(size=(1, 1))), lambda p: p.shape == (1, 1, 4)),
    (
        "damaged exif",
        "a.jpg",
        lambda: blob(halves(), "JPEG", exif=b"Exif\0\0garbage"),
        lambda p: share_of(p, TOP) > 0.4,
    ),
]


@pytest.mark.parametrize(("name", "make", "right"), [r[1:] for r in RIGHT], ids=[r[0] for r in RIGHT])
def test_what_can_be_read_is_read_right(
    name: str, make: Callable[[], bytes], right: Callable[[np.ndarray], bool], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    found = read_artwork(path)
    assert found.pixels.dtype == np.uint8
    assert max(found.pixels.shape[:2]) <= LONGEST
    assert right(found.pixels)


def header(wide: int, high: int) -> bytes:
    """The beginning of a PNG that says it is this large."""
    fields = b"IHDR" + struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + fields
    return start + struct.pack(">I", zlib.crc32(fields)) + struct.pack(">I", 100) + b"IDAT"


WRONG: list[tuple[str, str, bytes, str]] = [
    # (what is odd, the file's name, its content, what is said)
    ("empty", "a.png", b"", "is empty"),
    ("text", "a.png", b"hello", "is no picture; allowed are PNG, WebP, JPEG and SVG"),
    ("gif", "a.png", blob(thing(), "GIF"), "is a GIF; allowed are"),
    ("heic", "a.jpg", b"\0\0\0\x18ftypheic" + bytes(99), "is a HEIC photo; allowed are"),
    ("avif", "a.png", b"\0\0\0\x18ftypavif" + bytes(99), "is an AVIF; allowed are"),
    ("pdf", "a.svg", b"%PDF-1.7", "is a PDF"),
    ("svgz", "a.svg", b"\x1f\x8b\x08\0", "compressed"),
    ("half a png", "a.png", blob(halves(size=(400, 400)))[:-500], "is damaged"),
    ("half a jpeg", "a.jpg", blob(halves(size=(400, 400)), "JPEG")[:300], "is damaged"),
    ("50 megapixels", "a.png", header(10_000, 5_000), "has 10000x5000 pixels; 40 million are allowed"),
    ("gigapixels", "a.png", header(60_000, 60_000), "has too many pixels; 40 million"),
    ("a ribbon", "a.png", header(30_000, 8), "20000 a side"),
    ("a wrong svg", "a.svg", svg('<image href="b.png"/>'), "nothing is fetched"),
]


@pytest.mark.parametrize(("name", "content", "said"), [r[1:] for r in WRONG], ids=[r[0] for r in WRONG])
def test_what_cannot_be_read_is_told_by_name(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(GeneratorError, match=said) as caught:
        read_artwork(path)
    assert str(caught.value).startswith(str(path))


def test_a_file_that_is_gone_or_none_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(GeneratorError, match="is no file"):
            read_artwork(path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", blob(halves(size=(300, 300)), "JPEG"), "name it `a.jpg`"),
        ("a.webp", animated(), "its first picture is shown"),
        ("a.png", blob(halves()), "has only 60x40 pixels"),
    ],
)
def test_what_might_be_better_is_remarked(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert said in "; ".join(read_artwork(tmp_path / name).remarks)


def test_no_colour_bleeds_in_from_behind_a_transparent_edge(tmp_path: Path) -> None:
    """Many programs leave black or white where nothing is seen; made smaller, it must not darken the edge."""
    large = np.zeros((2000, 2000, 4), np.uint8)
    large[500:1500, 500:1500] = (*MAGENTA, 255)
    (tmp_path / "a.png").write_bytes(blob(Pillow.fromarray(large)))
    pixels = read_artwork(tmp_path / "a.png").pixels
    seen = pixels[pixels[..., 3] > 40]
    assert np.abs(seen[:, :3].astype(int) - MAGENTA).max() <= 8
