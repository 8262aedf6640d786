"""Plane geometry on fractions of the picture: x to the right, y *down*, both 0..1.

Because y grows downward, a positive cross product turns clockwise as seen on the screen: it points to the
*right* of somebody who walks along the first vector.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from reverie.values import Box

Point = tuple[float, float]
"""(x, y) in fractions of the picture."""

ON_EDGE = 1e-9
"""How near, in fractions, a point counts as lying on an edge: rounding, far below a pixel."""


def distance(a: Point, b: Point) -> float:
    """Straight distance in fractions of the picture (a non-square picture is not corrected for)."""
    return math.hypot(a[0] - b[0], a[1] - b[1])


def iou(a: Box, b: Box) -> float:
    """Intersection over union, 0..1; 0 when either has no area."""
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a.area + b.area - shared)


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Whether `point` is in the polygon (three corners or more, closed by itself, either way round).

    The boundary belongs to it: who stands on an edge or a corner is inside. Two zones that share an edge
    therefore both hold a point on it.
    """
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if _to_segment(point, (x1, y1), (x2, y2)) <= ON_EDGE:
            return True
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def side(start: Point, end: Point, point: Point) -> float:
    """Distance of `point` from the endless line through `start` and `end` (which differ), in fractions.

    Seen from `start` towards `end`: positive to the right, negative to the left, 0 on the line.
    """
    return _turn(start, end, point) / distance(start, end)


def crossing(start: Point, end: Point, before: Point, after: Point) -> Literal["", "in", "out"]:
    """How the straight way from `before` to `after` crosses the segment from `start` to `end`.

    Seen from `start` to `end`, moving to the right is "in" and to the left "out". "" when it does not
    cross: it stays on one side, begins or ends exactly on the line, or passes beyond the segment's ends
    (the ends themselves belong to the segment).
    """
    was, is_ = _turn(start, end, before), _turn(start, end, after)
    if was * is_ >= 0:
        return ""
    if _turn(before, after, start) * _turn(before, after, end) > 0:
        return ""
    return "in" if is_ > 0 else "out"


def _turn(start: Point, end: Point, point: Point) -> float:
    """Cross product of start→end and start→point: positive when `point` is to the right."""
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _to_segment(point: Point, start: Point, end: Point) -> float:
    """Distance of `point` from the segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length2 = dx * dx + dy * dy
    if length2 == 0:
        return distance(point, start)
    along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length2
    along = min(1.0, max(0.0, along))
    return distance(point, (start[0] + along * dx, start[1] + along * dy))
