"""The picture that a film begins with: read from a file, laid into the frame undistorted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pillow

from reverie.errors import Refused
from reverie.video.wan.picture import PAPER, fit, read


def plain(width: int, height: int, ground: int = 250) -> NDArray[np.uint8]:
    """A dark square in the middle of a plain ground."""
    image = np.full((height, width, 3), ground, np.uint8)
    side = min(width, height) // 3
    top, left = (height - side) // 2, (width - side) // 2
    image[top : top + side, left : left + side] = 20
    return image


def busy(width: int, height: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_picture_of_the_frames_size_is_left_as_it_is() -> None:
    image = busy(64, 48)
    assert np.array_equal(fit(image, 64, 48), image)


@pytest.mark.parametrize(("width", "height"), [(128, 48), (48, 128), (64, 48), (33, 97)])
def test_a_plain_ground_goes_on_to_the_edges(width: int, height: int) -> None:
    framed = fit(plain(60, 60), width, height)
    assert framed.shape == (height, width, 3)
    assert (framed[0] == 250).all()
    assert (framed[:, 0] == 250).all()
    # The thing stands in the middle and is still square.
    rows, columns = np.nonzero(framed[:, :, 0] < 100)
    assert abs(np.ptp(rows) - np.ptp(columns)) <= 2
    assert abs(rows.mean() - (height - 1) / 2) <= 1
    assert abs(columns.mean() - (width - 1) / 2) <= 1


def test_another_ground_is_the_picture_itself_out_of_focus() -> None:
    image = busy(60, 60)
    framed = fit(image, 120, 60)
    assert np.array_equal(framed[:, 30:90], image)
    sides = framed[:, :30].astype(float)
    assert sides.std() < image.std() / 4  # no detail
    assert 0.7 < sides.mean() / image.mean() < 1  # and it stands back


@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 12), st.integers(1, 12), st.booleans())
def test_every_picture_fits_every_frame(width: int, height: int, wide: int, high: int, quiet: bool) -> None:
    image = np.full((height, width, 3), 99, np.uint8) if quiet else busy(width, height)
    framed = fit(image, wide * 16, high * 16)
    assert framed.shape == (high * 16, wide * 16, 3)
    assert framed.dtype == np.uint8
    assert framed.flags.c_contiguous
    if quiet:
        assert (framed == 99).all()


def test_a_file_is_read_upright_and_without_transparency(tmp_path: Path) -> None:
    sideways = Pillow.fromarray(np.repeat(np.array([[[255, 0, 0]], [[0, 0, 255]]], np.uint8), 4, axis=1))
    exif = sideways.getexif()
    exif[0x0112] = 6  # to be turned by a quarter
    sideways.save(tmp_path / "a.png", exif=exif)
    assert read(tmp_path / "a.png").shape == (4, 2, 3)
    clear = np.zeros((2, 2, 4), np.uint8)
    clear[0] = (10, 20, 30, 255)
    Pillow.fromarray(clear).save(tmp_path / "b.webp", lossless=True)
    assert read(tmp_path / "b.webp").tolist() == [[[10, 20, 30]] * 2, [[PAPER] * 3] * 2]
    Pillow.fromarray(np.full((3, 3), 7, np.uint8)).save(tmp_path / "c.png")
    assert (read(tmp_path / "c.png") == 7).all()


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "teddy bear.png").write_bytes(content)
    with pytest.raises(Refused, match=r"teddy bear\.png: cannot be read.*allowed are PNG, JPEG and WebP"):
        read(tmp_path / "teddy bear.png")


def test_a_missing_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        read(tmp_path / "none.png")


def test_a_picture_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Pillow.fromarray(busy(20, 20)).save(tmp_path / "huge.png")
    monkeypatch.setattr(Pillow, "MAX_IMAGE_PIXELS", 300)  # a warning of Pillow's at 400
    with pytest.raises(Refused, match="cannot be read"):
        read(tmp_path / "huge.png")


def test_an_odd_note_in_a_picture_is_no_matter(tmp_path: Path) -> None:
    """A text where a fraction is due: it cannot be written anew, and need not be."""
    path = tmp_path / "a.jpg"
    exif = Pillow.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x011A] = 2.5
    Pillow.new("RGB", (40, 20)).save(path, exif=exif)
    fraction, text = b"\x01\x1a\x00\x05\x00\x00\x00\x01", b"\x01\x1a\x00\x02\x00\x00\x00\x08"
    assert fraction in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(fraction, text))
    assert read(path).shape == (40, 20, 3)
