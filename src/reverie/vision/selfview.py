"""Where a camera sees its own screen: what is shown there is no visitor.

A box that answers what it sees with a film would answer its own film next. Zones of `kind: screen` say where
the screen is. What lies on it is dropped before anything is followed (`outside`); what moves there does not
wake the detector (`MotionGate.ignore`). `on_screen` is the other way round: a film as that camera would see
it, with which `reverie check` tries whether the zone is drawn well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.values import Box, Detection, Frame, Image
from reverie.vision.geometry import Point

SHARE = 0.7
"""Share of a box, 0..1, that lies on a screen when what is in it does. The demo footage on four screens
(small, half, slanted, large) gives 96 boxes wholly on them: the rest is room for a zone drawn too small. Of
a person who stands before a screen, the legs at least are off it."""

VIEW = (960, 540)
"""Pixels of a tried camera's picture."""

WALL = 90
"""Gray level (0..255) of all that is not the screen in it."""

Screen = Sequence[Point]
"""Corners of a screen in fractions of the picture, three or more, sides that do not cross."""


def outside(detections: Sequence[Detection], screens: Sequence[Screen]) -> list[Detection]:
    """The detections that do not lie on a screen, in their order."""
    return [d for d in detections if all(share_on(screen, d.box) < SHARE for screen in screens)]


def share_on(screen: Screen, box: Box) -> float:
    """Share of `box`, 0..1, that is on `screen`; 0 for a box without area."""
    if box.area <= 0:
        return 0.0
    corners = list(screen)
    # Sutherland and Hodgman, 1974: cut the polygon at each side of the box in turn. Of a polygon that is not
    # convex, double edges may remain; they have no area.
    for axis, limit, sign in ((0, box.left, 1), (0, box.right, -1), (1, box.top, 1), (1, box.bottom, -1)):
        corners = _cut(corners, axis, limit, sign)
    return min(1.0, _area(corners) / box.area)


def _cut(corners: list[Point], axis: int, limit: float, sign: int) -> list[Point]:
    """The part of the polygon whose coordinate `axis` is at least `limit` (`sign` 1) or at most (-1)."""
    kept: list[Point] = []
    for a, b in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        from_a, from_b = sign * (a[axis] - limit), sign * (b[axis] - limit)
        if from_a >= 0:
            kept.append(a)
        if (from_a >= 0) != (from_b >= 0):
            along = from_a / (from_a - from_b)
            kept.append((a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])))
    return kept


def _area(corners: Sequence[Point]) -> float:
    pairs = zip(corners, [*corners[1:], *corners[:1]], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def on_screen(film: Iterable[Frame], screens: Sequence[Screen]) -> Iterator[Frame]:
    """The frames of `film` as a camera sees them that has `screens` in its picture; without any, it sees
    nothing but the film.

    Into a screen with four corners the picture is drawn in perspective, into any other as large as it is.
    """
    for frame in film:
        view: Image = np.full((VIEW[1], VIEW[0], 3), WALL, np.uint8)
        for screen in screens or [((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))]:
            _draw(view, frame.image, screen)
        yield replace(frame, image=view)


def _draw(view: Image, picture: Image, screen: Screen) -> None:
    """Put `picture` into `view` where `screen` is."""
    corners = np.array(screen, np.float32) * np.array(VIEW, np.float32)
    height, width = picture.shape[:2]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    warp = cv2.getPerspectiveTransform(flat, _turned(corners))
    drawn = cv2.warpPerspective(picture, warp, VIEW, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros((VIEW[1], VIEW[0]), np.uint8)
    cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 255)
    cv2.copyTo(drawn, mask, view)


def _turned(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Four corners clockwise from the top left: the screen's own, or those of the box around it."""
    if len(corners) != 4 or not cv2.isContourConvex(corners):
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    if cv2.contourArea(corners, oriented=True) < 0:
        corners = corners[::-1]
    return np.roll(corners, -int(corners.sum(axis=1).argmin()), axis=0)
