"""Pictures in between: exact in time, right in place, never smeared over a cut."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.errors import GeneratorError
from reverie.values import Image
from reverie.video.between import between, pictures_at

HALF = Fraction(1, 2)


def ground(seed: int = 0, width: int = 320, height: int = 240) -> Image:
    """A soft, textured ground."""
    noise = np.random.default_rng(seed).normal(0, 1, (height, width, 3))
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), 4), np.float64)
    return np.asarray(np.clip(120 + 25 * soft / soft.std(), 0, 180), np.uint8)


def square(left: float, top: float, behind: Image, side: int = 40) -> Image:
    """`behind` with a bright patterned square; `left` and `top` (pixels) may be fractions."""
    height, width = behind.shape[:2]
    pattern = np.full((side, side, 3), 250, np.uint8)
    pattern[8:20, 8:32] = (230, 30, 30)
    pattern[24:34, 12:18] = (20, 40, 200)
    way = np.array([[1, 0, left], [0, 1, top]], np.float64)
    over = np.asarray(cv2.warpAffine(pattern, way, (width, height)), np.float64)
    share = np.asarray(cv2.warpAffine(np.ones((side, side)), way, (width, height)), np.float64)[..., None]
    return np.asarray(np.rint(behind * (1 - share) + over).clip(0, 255), np.uint8)


def place(image: Image, behind: Image) -> tuple[float, float]:
    """Where the square is: the centre (x, y) of what differs clearly from the ground."""
    rows, columns = np.nonzero(cv2.absdiff(image, behind).max(axis=2) > 60)
    return float(columns.mean()), float(rows.mean())


def likeness(image: Image, true: Image) -> float:
    """Peak signal to noise, dB."""
    return 10 * float(np.log10(255**2 / max(1e-9, np.square(image.astype(np.float64) - true).mean())))


# ---------------------------------------------------------------------------------- time

# made count  what is shown: numbers of imagined pictures
TIMES = [
    (1, 1, "0"),
    (1, 4, "0 0 0 0"),  # one is held
    (3, 3, "0 1 2"),
    (5, 5, "0 1 2 3 4"),
    (2, 1, "0"),
    (5, 3, "0 2 4"),  # fewer: dropped evenly
    (6, 3, "0 3 5"),  # the middle lies between two: the later
    (9, 2, "0 8"),
    (3, 5, "0 0.5 1 1.5 2"),
    (2, 4, "0 0.33 0.67 1"),
    (4, 10, "0 0.33 0.67 1 1.33 1.67 2 2.33 2.67 3"),
    (3, 4, "0 0.67 1.33 2"),
]


def grey(number: float) -> Image:
    """Picture `number` of a film that only brightens: one in between is a mean, so its time can be read."""
    return np.full((12, 16, 3), round(30 * number), np.uint8)


@pytest.mark.parametrize(("made", "count", "shown"), TIMES)
def test_times(made: int, count: int, shown: str) -> None:
    images = [grey(number) for number in range(made)]
    result = list(between(iter(images), made, count))
    assert [round(float(image.mean()) / 30, 2) for image in result] == pytest.approx(
        [float(number) for number in shown.split()], abs=0.02
    )
    for image, number in zip(result, shown.split(), strict=True):
        if number.isdigit():
            assert image is images[int(number)]  # exactly what was imagined


@given(made=st.integers(1, 9), count=st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_count_and_ends(made: int, count: int) -> None:
    images = [grey(number) for number in range(made)]
    result = list(between(images, made, count))
    assert len(result) == count
    assert result[0] is images[0]
    assert count == 1 or result[-1] is images[-1]
    levels = [image.mean() for image in result]
    assert levels == sorted(levels)


def test_at_a_rate() -> None:
    """8 imagined pictures a second shown at 24: at thirds, and the last is held."""
    images = [grey(number) for number in range(3)]
    result = list(pictures_at(images, [Fraction(index, 3) for index in range(9)]))
    levels = [round(float(image.mean())) for image in result]
    assert levels == [0, 10, 20, 30, 40, 50, 60, 60, 60]
    assert result[3] is images[1]


def test_streams() -> None:
    """A picture is shown as soon as those on both sides of it are there, and none is taken too early."""
    told: list[str] = []

    def images() -> Iterator[Image]:
        for number in range(3):
            told.append(f"made {number}")
            yield grey(number)

    told.extend(f"shown {image.mean() / 30:g}" for image in between(images(), 3, 5))
    assert " ".join(told) == "made 0 shown 0 made 1 shown 0.5 shown 1 made 2 shown 1.5 shown 2"


def test_skipped_pictures_are_no_motion() -> None:
    """Far positions: only the neighbours count."""
    images = [grey(0), grey(5), grey(2), grey(3)]
    (image,) = pictures_at(images, [Fraction(5, 2)])
    assert image.mean() == 75


def test_what_cannot_be() -> None:
    with pytest.raises(GeneratorError, match="no picture"):
        list(pictures_at([], [Fraction(0)]))
    with pytest.raises(GeneratorError, match="2 pictures came, 3 were announced"):
        list(between([grey(0), grey(1)], 3, 5))
    with pytest.raises(
        GeneratorError, match=r"a picture is \(8, 16, 3\); the one before it is \(12, 16, 3\)"
    ):
        list(pictures_at([grey(0), grey(1)[:8]], [HALF]))
    with pytest.raises(ValueError, match="position 1/2 comes after 1"):
        list(pictures_at([grey(0), grey(1)], [Fraction(1), HALF]))
    with pytest.raises(ValueError, match="must be at least 1"):
        between([grey(0)], 1, 0)


# ---------------------------------------------------------------------------------- place

# how far it moves (x, y), pixels
MOVES = [(8, 0), (-12, 0), (0, 10), (14, -9), (18, 4)]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("share", [Fraction(1, 3), HALF, Fraction(3, 4)])
def test_a_moving_square(move: tuple[int, int], share: Fraction) -> None:
    behind = ground()
    before, after = square(130, 100, behind), square(130 + move[0], 100 + move[1], behind)
    true = square(130 + move[0] * float(share), 100 + move[1] * float(share), behind)
    (image,) = pictures_at([before, after], [share])
    assert place(image, behind) == pytest.approx(place(true, behind), abs=1.5)
    faded = np.asarray(cv2.addWeighted(before, 1 - float(share), after, float(share), 0), np.uint8)
    nearer = before if share < HALF else after
    assert likeness(image, true) > likeness(faded, true) + 2
    assert likeness(image, true) > likeness(nearer, true) + 3


def test_a_large_picture() -> None:
    """Motion is looked for at half size, and is as right."""
    behind = ground(width=832, height=480)
    before, after = square(300, 200, behind), square(318, 212, behind)
    (image,) = pictures_at([before, after], [HALF])
    assert place(image, behind) == pytest.approx(place(square(309, 206, behind), behind), abs=1.0)


def test_the_camera_pans() -> None:
    wide = ground(width=360)
    before, after, true = (np.ascontiguousarray(wide[:, left : left + 320]) for left in (0, 12, 6))
    (image,) = pictures_at([before, after], [HALF])
    inner = (slice(20, -20), slice(20, -20))
    assert likeness(image[inner], true[inner]) > 38


def test_what_does_not_move_is_not_touched() -> None:
    behind = ground()
    (image,) = pictures_at([behind, behind.copy()], [HALF])
    assert int(cv2.absdiff(image, behind).max()) <= 1


# ---------------------------------------------------------------------------------- cuts

BLACK, WHITE = np.zeros((240, 320, 3), np.uint8), np.full((240, 320, 3), 255, np.uint8)

# before, after: nothing of the one is in the other
CUTS = [
    (ground(1), ground(2)),
    (square(40, 40, ground(1)), square(220, 150, ground(2))),
    (BLACK, WHITE),
    (WHITE, BLACK),
]


@pytest.mark.parametrize(("before", "after"), CUTS)
def test_a_cut_is_not_smeared(before: Image, after: Image) -> None:
    result = list(pictures_at([before, after], [Fraction(index, 4) for index in range(5)]))
    assert [image is before for image in result] == [True, True, False, False, False]
    assert [image is after for image in result] == [False, False, True, True, True]


def test_where_motion_fails_it_fades() -> None:
    """A part that turns into something else: no tearing, the mean of both."""
    before = ground()
    after = before.copy()
    after[60:180, 100:220] = ground(7)[60:180, 100:220]
    (image,) = pictures_at([before, after], [HALF])
    faded = np.asarray(cv2.addWeighted(before, 0.5, after, 0.5, 0), np.uint8)
    inside = (slice(90, 150), slice(130, 190))
    assert float(cv2.absdiff(image[inside], faded[inside]).mean()) < 4
    assert int(cv2.absdiff(image[:40], before[:40]).max()) <= 1


# ---------------------------------------------------------------------------------- anything


@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    seed=st.integers(0, 99),
    share=st.fractions(0, 1, max_denominator=9),
)
@settings(max_examples=80, deadline=None)
def test_any_size(height: int, width: int, seed: int, share: Fraction) -> None:
    randomness = np.random.default_rng(seed)
    one, other = (randomness.integers(0, 256, (height, width, 3), np.uint8) for _ in range(2))
    kept = one.copy(), other.copy()
    (image,), (again,) = (list(pictures_at([one, other], [share])) for _ in range(2))
    assert image.shape == one.shape
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert np.array_equal(image, again)
    assert np.array_equal(one, kept[0])
    assert np.array_equal(other, kept[1])
