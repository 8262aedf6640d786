"""Geometry as tables. Pictures in comments: x grows to the right, y grows DOWN."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.values import Box
from reverie.vision.geometry import Point, contains, crossing, distance, iou, side

SQUARE: tuple[Point, ...] = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
# An L: the upper right quarter of a square is missing.
ELL: tuple[Point, ...] = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))

fractions = st.floats(0, 1, width=32)
points = st.tuples(fractions, fractions)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, right = sorted((draw(fractions), draw(fractions)))
    top, bottom = sorted((draw(fractions), draw(fractions)))
    return Box(left, top, right, bottom)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (Box(0, 0, 0.5, 0.5), Box(0, 0, 0.5, 0.5), 1.0),  # the same box
        (Box(0, 0, 0.5, 0.5), Box(0.5, 0, 1, 0.5), 0.0),  # they touch along an edge
        (Box(0, 0, 0.5, 0.5), Box(0.6, 0.6, 1, 1), 0.0),  # apart
        (Box(0, 0, 0.4, 0.4), Box(0.2, 0, 0.6, 0.4), 1 / 3),  # half of each is shared
        (Box(0, 0, 1, 1), Box(0.25, 0.25, 0.75, 0.75), 0.25),  # one inside the other
        (Box(0.3, 0.3, 0.3, 0.3), Box(0, 0, 1, 1), 0.0),  # a box without area
    ],
)
def test_iou(a: Box, b: Box, expected: float) -> None:
    assert iou(a, b) == pytest.approx(expected)


@settings(deadline=None, derandomize=True)
@given(boxes(), boxes())
def test_iou_is_a_symmetric_share(a: Box, b: Box) -> None:
    assert 0 <= iou(a, b) <= 1 + 1e-9
    assert iou(a, b) == iou(b, a)


def test_distance() -> None:
    assert distance((0.1, 0.1), (0.4, 0.5)) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("polygon", "point", "expected"),
    [
        (SQUARE, (0.4, 0.4), True),  # middle
        (SQUARE, (0.7, 0.4), False),  # to the right
        (SQUARE, (0.1, 0.2), False),  # left of it, level with the upper edge
        (SQUARE, (0.1, 0.6), False),  # left of it, level with the lower edge
        (SQUARE, (0.4, 0.2), True),  # on the upper edge: the boundary belongs to the polygon
        (SQUARE, (0.4, 0.6), True),  # on the lower edge
        (SQUARE, (0.2, 0.4), True),  # on the left edge
        (SQUARE, (0.6, 0.4), True),  # on the right edge
        (SQUARE, (0.6, 0.6), True),  # on a corner
        (SQUARE, (0.6001, 0.6), False),  # just past a corner
        (ELL, (0.75, 0.25), False),  # in the notch
        (ELL, (0.75, 0.75), True),  # in the foot of the L
        (ELL, (0.5, 0.5), True),  # on the inner corner
        (ELL, (0.25, 0.5), True),  # level with the inner corner
        (ELL, (0.25, 1.0), True),  # feet cut off by the picture's lower edge
    ],
)
def test_contains(polygon: tuple[Point, ...], point: Point, expected: bool) -> None:
    assert contains(polygon, point) is expected
    assert contains(polygon[::-1], point) is expected  # the other way round


@pytest.mark.parametrize(
    ("start", "end", "point", "expected"),
    [
        ((0.0, 0.5), (1.0, 0.5), (0.5, 0.9), 0.4),  # heading right, the right hand is below: larger y
        ((0.0, 0.5), (1.0, 0.5), (0.5, 0.1), -0.4),  # ... and the left hand is above
        ((0.5, 0.0), (0.5, 1.0), (0.2, 0.5), 0.3),  # heading down the picture, right is smaller x
        ((0.5, 1.0), (0.5, 0.0), (0.8, 0.5), 0.3),  # heading up, right is larger x
        ((0.0, 0.5), (0.1, 0.5), (0.9, 0.7), 0.2),  # beyond the end: the endless line counts
        ((0.0, 0.0), (1.0, 1.0), (0.5, 0.5), 0.0),  # on the line
    ],
)
def test_side(start: Point, end: Point, point: Point, expected: float) -> None:
    assert side(start, end, point) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("start", "end", "before", "after", "expected"),
    [
        # A line drawn from left to right across the middle: its right-hand side is the lower half.
        ((0.2, 0.5), (0.8, 0.5), (0.5, 0.4), (0.5, 0.6), "in"),  # walking down, towards the camera
        ((0.2, 0.5), (0.8, 0.5), (0.5, 0.6), (0.5, 0.4), "out"),  # walking up, away from it
        # The same line drawn from right to left: everything turns round.
        ((0.8, 0.5), (0.2, 0.5), (0.5, 0.4), (0.5, 0.6), "out"),
        ((0.8, 0.5), (0.2, 0.5), (0.5, 0.6), (0.5, 0.4), "in"),
        # A line drawn downwards (a door frame seen from the side): its right-hand side is the left half.
        ((0.5, 0.2), (0.5, 0.8), (0.6, 0.5), (0.4, 0.5), "in"),
        ((0.5, 0.2), (0.5, 0.8), (0.4, 0.5), (0.6, 0.5), "out"),
        # A line drawn upwards: its right-hand side is the right half.
        ((0.5, 0.8), (0.5, 0.2), (0.4, 0.5), (0.6, 0.5), "in"),
        # No crossing:
        ((0.2, 0.5), (0.8, 0.5), (0.5, 0.4), (0.7, 0.45), ""),  # stays on its side
        ((0.2, 0.5), (0.8, 0.5), (0.9, 0.4), (0.9, 0.6), ""),  # passes beyond the end
        ((0.2, 0.5), (0.8, 0.5), (0.5, 0.4), (0.5, 0.5), ""),  # stops on the line
        ((0.2, 0.5), (0.8, 0.5), (0.5, 0.5), (0.5, 0.6), ""),  # starts on the line
        ((0.2, 0.5), (0.8, 0.5), (0.5, 0.4), (0.5, 0.4), ""),  # stands still
        # The ends belong to the segment.
        ((0.2, 0.5), (0.8, 0.5), (0.2, 0.4), (0.2, 0.6), "in"),
        # Askew: the line runs from upper left to lower right; its right-hand side is the lower left.
        ((0.2, 0.2), (0.8, 0.8), (0.6, 0.4), (0.4, 0.6), "in"),
    ],
)
def test_crossing(start: Point, end: Point, before: Point, after: Point, expected: str) -> None:
    assert crossing(start, end, before, after) == expected


@settings(deadline=None, derandomize=True)
@given(points, points, points, points)
def test_crossing_back_is_the_opposite(start: Point, end: Point, before: Point, after: Point) -> None:
    opposite = {"": "", "in": "out", "out": "in"}
    assert crossing(start, end, after, before) == opposite[crossing(start, end, before, after)]
