"""Chains: no picture twice, no jump in colour, nothing touched without need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reverie.errors import GeneratorError
from reverie.values import Image
from reverie.video.chain import Piece, chain, continued, fit

Colours = NDArray[np.float64]
"""RGB, 0..255."""

WIDTH, HEIGHT = 160, 120


def film(frames: int, start: int = 0, seed: int = 0) -> list[Image]:
    """A soft coloured ground that drifts, and a square that crosses it, with colours between 40 and 215."""
    ground = np.random.default_rng(seed).normal(0, 1, (HEIGHT, WIDTH + 200, 3))
    ground = np.asarray(cv2.GaussianBlur(ground, (0, 0), 9), np.float64)
    ground = 130 + 40 * np.clip(ground / ground.std(), -2, 2)
    images = []
    for index in range(start, start + frames):
        picture = ground[:, index : index + WIDTH].copy()
        picture[40:70, 10 + 2 * index : 40 + 2 * index] = (200, 60, 80)
        images.append(np.clip(np.rint(picture), 40, 215).astype(np.uint8))
    return images


def saturated(colours: Colours, by: float) -> Colours:
    luma = colours @ np.array([0.2126, 0.7152, 0.0722])
    return np.asarray(luma[..., None] + (colours - luma[..., None]) * by)


def changed(images: list[Image], change: Callable[[Colours], Colours], noise: float = 0.0) -> list[Image]:
    """The film as a model would give it back: other colours, and noise (deviation, of 255)."""
    randomness = np.random.default_rng(1)
    return [
        np.clip(np.rint(change(image + randomness.normal(0, noise, image.shape))), 0, 255).astype(np.uint8)
        for image in images
    ]


def step(one: Image, other: Image) -> float:
    """How far two pictures are apart: mean difference, of 255."""
    return float(cv2.absdiff(one, other).mean())


def calmed(image: Image) -> Image:
    """Without the noise that only one half of a film has: that is no change of colour."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 2), np.uint8)


def median_step(images: list[Image]) -> float:
    return float(np.median([step(one, other) for one, other in pairwise(images)]))


# what the model does to colours, and how
CHANGES: list[tuple[str, Callable[[Colours], Colours]]] = [
    ("brighter", lambda c: c + 14),
    ("tinted", lambda c: c + np.array([12, -8, 5])),
    ("warmer", lambda c: c * np.array([1.08, 1.0, 0.92])),
    ("darker mid-tones", lambda c: 255 * (c / 255) ** 1.25),
    ("lighter mid-tones", lambda c: 255 * (c / 255) ** 0.8),
    ("flatter", lambda c: 128 + (c - 128) * 0.85),
    ("harder", lambda c: 128 + (c - 128) * 1.15),
    ("more saturated", lambda c: saturated(c, 1.25)),
    ("paler", lambda c: saturated(c, 0.8)),
    ("all at once", lambda c: saturated(255 * (c * 0.95 / 255 + 0.02) ** 1.1, 1.15)),
]


@pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=[name for name, _ in CHANGES])
@pytest.mark.parametrize("noise", [0.0, 2.5])
def test_no_jump_and_no_drift(change: Callable[[Colours], Colours], noise: float) -> None:
    whole = film(24)
    first, true = whole[:12], whole[11:]
    second = changed(true, change, noise)
    joined = list(chain([Piece(first, False), Piece(second, True)]))
    assert len(joined) == 12 + 13 - 1
    mended = [calmed(image) for image in joined]
    usual = median_step([calmed(image) for image in whole])
    assert step(calmed(second[1]), mended[11]) > 1.2 * usual  # there is a jump to mend
    assert step(mended[12], mended[11]) <= 1.05 * usual
    # To the last picture the film's own colours: the correction does not fade.
    assert step(mended[-1], calmed(whole[-1])) < 2.0


def test_drift_does_not_add_up() -> None:
    """Five segments, each imagined on from what the film shows and each too bright and too warm."""
    whole = film(46)

    def pieces() -> Iterator[Piece]:
        yield Piece(whole[:10], False)
        for start in range(9, 45, 9):
            yield Piece(changed(whole[start : start + 10], lambda c: c * 1.05 + np.array([6, 0, -4])), True)

    joined = list(chain(pieces()))
    assert len(joined) == len(whole)
    assert step(joined[-1], whole[-1]) < 1.0


@pytest.mark.parametrize("noise", [0.0, 2.5])
def test_untouched_without_a_change(noise: float) -> None:
    """Exactly the same bytes; a decoder's noise is no change of colour."""
    whole = film(12)
    second = changed(whole[5:], lambda c: c, noise)
    joined = list(chain([Piece(whole[:6], False), Piece(second, True)]))
    assert all(np.array_equal(one, other) for one, other in zip(joined, whole[:6] + second[1:], strict=True))


@given(
    lengths=st.lists(st.integers(0, 4), max_size=5), continues=st.lists(st.booleans(), min_size=5, max_size=5)
)
@settings(max_examples=40, deadline=None)
def test_count(lengths: list[int], continues: list[bool]) -> None:
    images = film(4)
    pieces = [Piece(images[:length], flag) for length, flag in zip(lengths, continues, strict=False)]
    expected = 0
    for piece, length in zip(pieces, lengths, strict=True):
        repeated = piece.continues and expected > 0 and length > 0
        expected += length - repeated
    assert len(list(chain(pieces))) == expected


def test_a_cut_is_shown_as_it_is() -> None:
    one, other = film(3), film(3, seed=5)
    joined = list(chain([Piece(one, False), Piece(other, False)]))
    assert all(image is expected for image, expected in zip(joined, one + other, strict=True))


def test_a_picture_that_is_no_repetition_changes_no_colours() -> None:
    """A model that ignored its first picture: the least squares of two scenes would be a grey mist."""
    other = film(4, seed=5)
    assert all(
        image is expected for image, expected in zip(continued(film(1)[0], other), other[1:], strict=True)
    )


def test_a_figure_that_changed_does_not_colour_the_rest() -> None:
    whole = film(6)
    second = changed(whole, lambda c: c + np.array([12, -8, 5]))
    second[0][20:60, 90:140] = (20, 240, 20)  # a fifteenth of the picture
    mended = list(continued(whole[0], second))
    assert max(step(one, other) for one, other in zip(mended, whole[1:], strict=True)) < 1.0


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (90, 120, 200)])
def test_pictures_of_one_colour(colour: tuple[int, int, int]) -> None:
    before = np.full((24, 32, 3), colour, np.uint8)
    (mended,) = continued(before, [np.full_like(before, 100), np.full_like(before, 100)])
    apart = int(cv2.absdiff(mended, before).max())
    assert apart <= 1


def test_new_colours_are_not_thrown_far() -> None:
    """What a dark picture teaches is not made more of for the bright ones that follow."""
    dark = [(image // 4).astype(np.uint8) for image in film(2)]
    change = fit(changed(dark, lambda c: c * 1.2 + 3)[0], dark[0])
    assert change is not None
    bright = film(2)[1]
    most = max(abs(change.least).max(), abs(change.most).max())
    assert int(cv2.absdiff(change.applied(bright), bright).max()) <= most + 1 < 20


@given(height=st.integers(1, 40), width=st.integers(1, 40), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_any_picture(height: int, width: int, seed: int) -> None:
    randomness = np.random.default_rng(seed)
    images = [randomness.integers(0, 256, (height, width, 3), np.uint8) for _ in range(3)]
    kept = [image.copy() for image in images]
    joined = [list(continued(images[0], images[1:])) for _ in range(2)]
    assert np.array_equal(joined[0][0], joined[1][0])  # the same again
    assert joined[0][0].shape == (height, width, 3)
    assert joined[0][0].dtype == np.uint8
    assert joined[0][0].flags.c_contiguous
    assert all(np.array_equal(image, copy) for image, copy in zip(images, kept, strict=True))


def test_asks_only_for_what_is_needed() -> None:
    """Each picture is out before the next is asked for, and the last one before the next piece is."""
    told: list[str] = []

    def images(name: str) -> Iterator[Image]:
        for index, image in enumerate(film(2)):
            told.append(f"{name}{index}")
            yield image

    def pieces() -> Iterator[Piece]:
        told.append("first piece")
        yield Piece(images("a"), False)
        told.append("second piece")
        yield Piece(images("b"), True)

    told.extend("shown" for _ in chain(pieces()))
    assert told == ["first piece", "a0", "shown", "a1", "shown", "second piece", "b0", "b1", "shown"]


def test_another_size_is_refused() -> None:
    with pytest.raises(GeneratorError, match=r"\(120, 80, 3\); it continues one that is \(120, 160, 3\)"):
        list(continued(film(1)[0], [film(1)[0][:, :80]]))
