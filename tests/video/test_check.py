"""The check: what it lets pass, what it refuses, what it measures."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.errors import ClipError
from reverie.values import ClipSpec, Image
from reverie.video.check import Check

FPS = 10


def spec(frames: int, width: int = 320, height: int = 240) -> ClipSpec:
    return ClipSpec("storyboard", "1", width, height, frames, FPS)


def checked(images: Iterable[Image], asked: ClipSpec) -> Check:
    check = Check(asked)
    for image in images:
        check.update(image)
    return check


def flat(level: int) -> Image:
    return np.full((240, 320, 3), level, np.uint8)


def moving(frames: int, level: int = 60) -> list[Image]:
    """A bright square that crosses a flat ground."""
    images = [flat(level) for _ in range(frames)]
    for index, image in enumerate(images):
        image[100:120, 3 * index : 3 * index + 20] = 240
    return images


# what comes                                                  asked   what is wrong
VERDICTS = [
    (moving(30), 30, None),
    (moving(29), 30, "29 pictures came, its spec asks for 30"),
    (moving(31), 30, "31 pictures came, its spec asks for 30"),
    ([], 30, "0 pictures came"),
    ([flat(0)] * 10, 10, "every picture is black"),
    ([flat(15)] * 10, 10, "every picture is black"),  # video black, noise aside
    ([flat(0)] * 9 + [flat(90)], 10, None),  # a fade-in is no fault
    ([flat(90)] * 21, 21, None),  # 2.0 s without a change: a pause
    ([flat(90)] * 22, 22, r"nothing moves for 2\.1 s \(allowed: 2 s\)"),
    (moving(10) + [flat(60)] * 22 + moving(10), 42, r"nothing moves for 2\.1 s"),  # in the middle
    (moving(10) + [flat(60)] * 15 + moving(10) + [flat(60)] * 15, 50, None),  # two pauses do not add up
    ([flat(90)], 1, None),  # one picture cannot move
]


@pytest.mark.parametrize(("images", "asked", "wrong"), VERDICTS)
def test_verdict(images: list[Image], asked: int, wrong: str | None) -> None:
    found = checked(images, spec(asked)).verdict()
    if wrong is None:
        assert found is None
    else:
        assert found is not None
        assert re.search(wrong, found)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((320, 240, 3), np.uint8),  # turned
        np.zeros((240, 320), np.uint8),  # gray
        np.zeros((240, 320, 4), np.uint8),  # with alpha
        np.zeros((240, 320, 3), np.float32),  # 0..1
        np.zeros((0, 0, 3), np.uint8),
    ],
)
def test_another_shape_is_refused_at_once(image: Image) -> None:
    check = checked(moving(3), spec(10))
    with pytest.raises(ClipError, match=r"picture 3 of 10 is .* asks for uint8 RGB \(240, 320, 3\)"):
        check.update(image)


def test_scores_of_a_film() -> None:
    dark = flat(0)
    scores = checked([dark, dark, dark, flat(100), flat(151)], spec(5)).scores()
    assert scores == {
        "frames": 5,
        "luma": pytest.approx((100 + 151) / 5 / 255, abs=1e-3),
        "black": 0.6,
        "frozen_s": 0.2,  # two steps without a change
        "moving": 0.5,
        # Steps of 100 and 51: 255 minus their mean, of 255.
        "flicker": pytest.approx((255 - 75.5) / 255, abs=1e-3),
    }


def test_a_film_that_never_moves_has_no_flicker_score() -> None:
    assert "flicker" not in checked([flat(90)] * 5, spec(5)).scores()
    assert checked([], spec(5)).scores()["frames"] == 0


def test_a_small_thing_that_moves_is_movement() -> None:
    images = [np.full((480, 640, 3), 90, np.uint8) for _ in range(30)]
    for index, image in enumerate(images):
        image[200:204, 100 + 2 * index : 104 + 2 * index] = 220  # 4 pixels of 640
    check = checked(images, spec(30, 640, 480))
    assert check.verdict() is None
    assert check.scores()["moving"] == 1


def test_noise_that_nobody_sees_is_no_movement() -> None:
    rng = np.random.default_rng(0)
    images = [flat(90) + rng.integers(0, 2, (240, 320, 3)).astype(np.uint8) for _ in range(30)]
    assert "nothing moves" in (checked(images, spec(30)).verdict() or "")


@settings(deadline=None, max_examples=25)
@given(width=st.integers(2, 700), height=st.integers(2, 700), level=st.integers(0, 255))
def test_any_size_and_level(width: int, height: int, level: int) -> None:
    image = np.full((height, width, 3), level, np.uint8)
    check = checked([image, image], spec(2, width, height))
    assert check.scores()["luma"] == pytest.approx(level / 255, abs=0.003)
    assert (check.verdict() is None) == (level >= 16)
    assert (image == level).all()
