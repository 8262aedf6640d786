"""The AI label: large enough by measurement, readable on anything, where it belongs; and its metadata."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.values import Image
from reverie.video import label

SIZES = [
    (640, 480),  # the default
    (1280, 720),
    (1080, 1920),  # a totem
    (832, 480),
    (704, 1280),
    (320, 240),
    (161, 121),  # nothing divides evenly
]


def flat(width: int, height: int, level: int) -> Image:
    return np.full((height, width, 3), level, np.uint8)


def groups(ink: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[slice]:
    """Runs of columns that have ink: the signs, from left to right."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ink.any(axis=0), [False]]).astype(int)))
    return [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_both_ideographs_are_five_percent_of_the_shorter_side(width: int, height: int) -> None:
    burnt = label.Label(width, height).burn(flat(width, height, 0))
    ink = burnt[..., 1] >= 128
    signs = groups(ink)
    # A, I, 生, 成, ·, A, I, …: all of it is there (small letters may touch).
    assert len(signs) >= 11
    for sign in signs[2:4]:
        rows = np.flatnonzero(ink[:, sign].any(axis=1))
        assert rows[-1] - rows[0] + 1 >= 0.05 * min(width, height)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_stands_in_the_top_right_corner_and_touches_nothing_else(width: int, height: int) -> None:
    made = label.Label(width, height)
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)
    before = image.copy()
    burnt = made.burn(image)
    left, top, right, bottom = made.box
    assert top == width - right == round(0.026 * min(width, height))
    assert left >= 0
    assert bottom - top <= 0.13 * min(width, height)
    np.testing.assert_array_equal(image, before)  # a copy is labelled
    burnt[top:bottom, left:right] = before[top:bottom, left:right]
    np.testing.assert_array_equal(burnt, before)


@settings(deadline=None, max_examples=20)
@given(level=st.integers(0, 255))
def test_it_can_be_read_on_anything(level: int) -> None:
    made = label.Label(320, 240)
    burnt = made.burn(flat(320, 240, level))
    left, top, right, bottom = made.box
    text = burnt[top:bottom, left:right].max()
    pill = burnt[top + 3, (left + right) // 2]
    # WCAG 2.2, 1.4.3: contrast of text of any size.
    assert (luminance(np.array([text] * 3)) + 0.05) / (luminance(pill) + 0.05) >= 4.5


def luminance(colour: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    value = np.asarray(colour, float) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def test_every_picture_gets_the_same_label() -> None:
    made = label.Label(320, 240)
    first = made.burn(flat(320, 240, 90))
    for _ in range(3):
        np.testing.assert_array_equal(made.burn(flat(320, 240, 90)), first)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((320, 240, 3), np.uint8),  # turned
        np.zeros((240, 320), np.uint8),
        np.zeros((240, 320, 3), np.float32),
    ],
)
def test_a_picture_of_another_shape_is_refused(image: Image) -> None:
    with pytest.raises(ValueError, match=r"the label is for uint8 \(240, 320, 3\)"):
        label.Label(320, 240).burn(image)


def test_metadata_is_what_the_standard_lists() -> None:
    found = label.metadata("ab" * 32, 3, "橱窗 shop-1")
    assert json.loads(found["AIGC"]) == {
        "Label": "1",
        "ContentProducer": "橱窗 shop-1",
        "ProduceID": "ab" * 32 + "-3",
        "ReservedCode1": "",
        "ContentPropagator": "橱窗 shop-1",
        "PropagateID": "ab" * 32 + "-3",
        "ReservedCode2": "",
    }
    assert found["comment"].startswith("AI-generated video / AI 生成视频")
    assert set(found) == {"AIGC", "comment"}
