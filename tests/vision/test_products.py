"""What is learnt from photos, and what is recognised, on packages drawn in code."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from packages import ground, held_up, package, photos, plain
from PIL import Image as Pillow

from reverie.errors import ConfigError
from reverie.values import Image
from reverie.vision.products import Album, Lesson, learn, learn_image, look_alikes, read_photo

FEW = tuple(range(4))
"""Seeds of the packages that are taught."""


def lessons_of(label: str, front: Image, seed: int) -> list[tuple[str, Lesson]]:
    """What three small photos of a package teach."""
    return [(label, learn_image(Path(f"{label}.jpg"), photo)) for photo in photos(front, seed, side=600)]


@pytest.fixture(scope="module")
def album() -> Album:
    return Album([lesson for i in FEW for lesson in lessons_of(f"p{i}", package(i), 50 + i)])


def seen(front: Image, behind: int, **how: float) -> Image:
    return held_up(front, ground(behind), np.random.default_rng(7), **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "how",
    [
        {},  # half the picture high, a tenth behind fingers
        {"height": 0.35},  # further off
        {"height": 0.8},  # near
        {"yaw": 35},  # turned
        {"roll": 180},  # upside down
        {"blur": 4},  # moving
        {"light": 0.4, "noise": 7},  # dim
    ],
)
@pytest.mark.parametrize("number", FEW)
def test_a_taught_product_is_named(album: Album, number: int, how: dict[str, float]) -> None:
    assert [s.label for s in album.find(seen(package(number), number, **how))] == [f"p{number}"]


def test_its_box_is_where_it_is(album: Album) -> None:
    (sighting,) = album.find(seen(package(1), 0, height=0.6, shift=(120, -40)))  # type: ignore[arg-type]
    assert sighting.box.centre == pytest.approx((0.5 + 120 / 640, 0.5 - 40 / 480), abs=0.06)
    assert sighting.box.bottom - sighting.box.top == pytest.approx(0.6, abs=0.15)
    assert 0.5 <= sighting.alike <= 1


def test_the_same_picture_is_answered_the_same(album: Album) -> None:
    image = seen(package(2), 1, yaw=20)
    assert album.find(image) == album.find(image.copy())


@pytest.mark.parametrize("behind", range(8))
def test_nothing_is_named_where_nothing_is(album: Album, behind: int) -> None:
    assert album.find(ground(behind)) == []


def test_other_packages_are_not_named(album: Album) -> None:
    """Some share a word, a sprite or a shape with a taught one."""
    named = [bool(album.find(seen(package(100 + i), i))) for i in range(6)]
    assert named == [False] * 6


def test_a_flavour_in_another_colour_is_another_product() -> None:
    both = lessons_of("red", package(1), 1) + lessons_of("blue", package(1, 1), 2)
    album = Album(both)
    assert [s.label for s in album.find(seen(package(1), 0))] == ["red"]
    assert [s.label for s in album.find(seen(package(1, 1), 0))] == ["blue"]


def test_what_cannot_be_told_apart_is_not_named() -> None:
    """The same front under two names: better nothing than the wrong name; and the check says so."""
    both = lessons_of("one", package(1), 1) + lessons_of("two", package(1), 1)
    assert Album(both).find(seen(package(1), 0)) == []


def test_look_alikes_are_found(tmp_path: Path) -> None:
    taught = []
    for label, front in (
        ("one", package(1)),
        ("two", package(1, 1, recoloured=False)),
        ("three", package(2)),
    ):
        photo = tmp_path / f"{label}.png"
        Pillow.fromarray(photos(front, 3, 1, side=600)[0]).save(photo)
        taught.append((label, learn(photo)))
    assert look_alikes(taught) == [("one", "two")]


@pytest.mark.parametrize("side", [8, 60, 420])
def test_plain_photos_teach_nothing_and_say_so(side: int) -> None:
    lesson = learn_image(Path("plain.jpg"), plain(1, (side, side)))
    assert lesson.views == ()
    assert "too plain" in lesson.complaint or "too small" in lesson.complaint


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 400, 3), (400, 1, 3), (3, 9000, 3), (15, 15, 3)])
def test_slivers_teach_nothing_and_are_searched_for_nothing(
    album: Album, shape: tuple[int, int, int]
) -> None:
    noise = np.random.default_rng(1).integers(0, 255, shape, np.uint8)
    assert "too " in learn_image(Path("sliver.jpg"), noise).complaint
    assert album.find(noise) == []


def test_a_product_small_in_its_photo_is_told() -> None:
    far = held_up(package(2), plain(3, (450, 600)), np.random.default_rng(1), height=0.2, hidden=0, noise=0)
    assert "come nearer" in learn_image(Path("far.jpg"), far).complaint


def test_an_empty_album_and_a_tiny_picture(album: Album) -> None:
    assert Album([]).find(seen(package(0), 0)) == []
    assert album.find(np.zeros((3, 5, 3), np.uint8)) == []


# ---------------------------------------------------------------------------------- files


def test_photos_are_turned_upright(tmp_path: Path) -> None:
    picture = Pillow.new("RGB", (40, 20))
    exif = picture.getexif()
    exif[0x0112] = 6  # orientation: turned by 90°, as telephones write it
    picture.save(tmp_path / "a.jpg", exif=exif)
    assert read_photo(tmp_path / "a.jpg").shape == (40, 20, 3)


@pytest.mark.parametrize(
    "odd", [b"\xff" * 40, b"Exif\0\0MM\0*" + b"\0" * 3, b"Exif\0\0II*\0\x08\0\0\0\xff\xff"]
)
def test_odd_notes_in_a_photo_do_not_matter(tmp_path: Path, odd: bytes) -> None:
    Pillow.new("RGB", (40, 20)).save(tmp_path / "a.jpg", exif=odd)
    assert read_photo(tmp_path / "a.jpg").shape == (20, 40, 3)


def test_what_is_no_photo_inside_is_not_opened(tmp_path: Path) -> None:
    Pillow.new("RGB", (40, 20)).save(tmp_path / "a.jpg", format="TIFF")
    with pytest.raises(ConfigError, match="no picture"):
        read_photo(tmp_path / "a.jpg")


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK"])
def test_any_kind_of_picture_is_read(tmp_path: Path, mode: str) -> None:
    name = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Pillow.new(mode, (50, 30)).save(name)
    assert read_photo(name).shape == (30, 50, 3)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no picture"),
        (b"hello", "no picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "no picture|cannot be read"),  # a head and no more
    ],
)
def test_what_is_no_picture_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        read_photo(tmp_path / "a.jpg")
    lesson = learn(tmp_path / "a.jpg")
    assert lesson.views == ()
    assert re.search(told, lesson.complaint)


def test_half_a_photo_is_told(tmp_path: Path) -> None:
    whole = tmp_path / "whole.jpg"
    Pillow.fromarray(package(1)).save(whole)
    (tmp_path / "half.jpg").write_bytes(whole.read_bytes()[:4000])
    assert "cannot be read" in learn(tmp_path / "half.jpg").complaint


@pytest.mark.parametrize(("width", "height"), [(8000, 8000), (20_000, 5000)])
def test_a_huge_photo_is_refused_unread(tmp_path: Path, width: int, height: int) -> None:
    Pillow.new("1", (width, height)).save(tmp_path / "a.png")
    with pytest.raises(ConfigError, match=r"(25|60) megapixels at most"):
        read_photo(tmp_path / "a.png")


def test_a_photo_that_went_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in learn(tmp_path / "gone.jpg").complaint
