"""Photographs become upright, in every room that reads them, and odd notes in a file do not matter."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageOps

from reverie.photos import orientation_of, turned
from reverie.values import Image
from reverie.video.wan import picture
from reverie.vision.products import read_photo
from reverie.web.pictures import first_picture


def uploaded(path: Path) -> Image:
    return np.asarray(Pillow.open(io.BytesIO(first_picture(path.read_bytes(), 4000, 4000))))


READERS: dict[str, Callable[[Path], Image]] = {
    "taught product": read_photo,
    "first picture": picture.read,
    "upload": uploaded,
}


def photo(path: Path, orientation: int) -> Path:
    """40 x 20, red in one corner."""
    made = Pillow.new("RGB", (40, 20))
    made.paste((255, 0, 0), (0, 0, 10, 10))
    exif = made.getexif()
    exif[0x0112] = orientation
    made.save(path, exif=exif)
    return path


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_is_brought_upright(
    tmp_path: Path, read: Callable[[Path], Image], orientation: int
) -> None:
    path = photo(tmp_path / "a.png", orientation)
    assert np.array_equal(read(path), np.asarray(ImageOps.exif_transpose(Pillow.open(path))))


@pytest.mark.parametrize("odd", [0, 9, 6.5, "6", b"\6", None])
def test_an_orientation_that_is_none_turns_nothing(monkeypatch: pytest.MonkeyPatch, odd: object) -> None:
    made = Pillow.new("RGB", (40, 20))
    monkeypatch.setattr(made, "getexif", lambda: {0x0112: odd})
    assert orientation_of(made) == 1
    assert turned(made, 1) is made


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("error", [TypeError, AttributeError, struct.error, KeyError, ZeroDivisionError])
def test_notes_that_cannot_be_read_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[Path], Image], error: type[Exception]
) -> None:
    path = photo(tmp_path / "a.png", 1)

    def fails(_: Pillow.Image) -> None:
        raise error("an odd note")

    monkeypatch.setattr(Pillow.Image, "getexif", fails)
    assert read(path).shape == (20, 40, 3)
