"""What lies on the box's own screen is no visitor."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverie import config
from reverie.values import Box, Detection, EventKind, Frame
from reverie.vision.geometry import Point
from reverie.vision.lookout import Lookout
from reverie.vision.scripted import ScriptedDetector
from reverie.vision.selfview import VIEW, WALL, on_screen, outside, share_on

SCREEN = ((0.5, 0.1), (0.9, 0.1), (0.9, 0.5), (0.5, 0.5))
SLANTED = ((0.5, 0.1), (0.9, 0.2), (0.9, 0.5), (0.5, 0.6))
ARROW = ((0.0, 0.0), (1.0, 0.0), (0.5, 0.5), (1.0, 1.0), (0.0, 1.0))
"""Not convex: a wedge from the right is missing."""


@pytest.mark.parametrize(
    ("screen", "box", "share"),
    [
        (SCREEN, Box(0.6, 0.2, 0.8, 0.4), 1.0),  # within it
        (SCREEN, Box(0.0, 0.0, 1.0, 1.0), 0.16),  # around it
        (SCREEN, Box(0.0, 0.6, 0.4, 1.0), 0.0),  # elsewhere
        (SCREEN, Box(0.5, 0.5, 0.9, 0.9), 0.0),  # below it, edge to edge
        (SCREEN, Box(0.4, 0.2, 0.6, 0.4), 0.5),  # half over its left edge
        (SCREEN, Box(0.7, 0.3, 0.7, 0.4), 0.0),  # no area
        (SCREEN[::-1], Box(0.6, 0.4, 0.8, 0.8), 0.25),  # drawn the other way round
        (SLANTED, Box(0.5, 0.1, 0.9, 0.6), 0.8),  # two slivers of it are off the screen
        (ARROW, Box(0.0, 0.0, 1.0, 1.0), 0.75),  # the wedge is no screen
        (ARROW, Box(0.9, 0.45, 1.0, 0.55), 0.0),  # in the wedge
    ],
)
def test_share_of_a_box_on_a_screen(screen: tuple[Point, ...], box: Box, share: float) -> None:
    assert share_on(screen, box) == pytest.approx(share, abs=1e-9)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=3, unique=True),
    st.tuples(st.floats(0, 0.6), st.floats(0, 0.6), st.floats(0.05, 0.4), st.floats(0.05, 0.4)),
)
def test_share_is_what_counting_pixels_gives(
    screen: list[Point], sides: tuple[float, float, float, float]
) -> None:
    left, top, width, height = sides
    box = Box(left, top, left + width, top + height)
    side = 400
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(screen) * side).astype(np.int32)], 1)
    rows, columns = slice(round(top * side), round(box.bottom * side)), slice(round(left * side), None)
    inside = mask[rows, columns][:, : round(width * side)]
    share = share_on(screen, box)
    assert 0 <= share <= 1
    # A pixel's width along every edge that may run through the box.
    assert abs(share - float(inside.mean())) <= 4 / side / min(width, height) + 0.01


@pytest.mark.parametrize(
    ("label", "box", "counts"),
    [
        ("person", Box(0.6, 0.15, 0.8, 0.5), False),  # shown, cut off by the screen's lower edge
        ("person", Box(0.58, 0.12, 0.82, 0.54), False),  # the same box, a little too large
        ("person", Box(0.6, 0.1, 0.8, 0.9), True),  # stands before the screen, legs below it
        ("person", Box(0.1, 0.2, 0.3, 0.9), True),  # stands beside it
        ("tv", Box(0.49, 0.08, 0.91, 0.52), False),  # the screen itself
        ("cup", Box(0.3, 0.2, 0.7, 0.8), True),  # held up before it
    ],
)
def test_what_lies_on_a_screen_does_not_count(label: str, box: Box, counts: bool) -> None:
    detection = Detection(label, 0.9, box)
    assert outside([detection], [SCREEN]) == ([detection] if counts else [])
    assert outside([detection], []) == [detection]


def test_several_screens_and_what_stays_keeps_its_order() -> None:
    other = ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2), (0.0, 0.2))
    boxes = [Box(0.3, 0.5, 0.4, 0.9), Box(0.05, 0.05, 0.15, 0.15), Box(0.6, 0.2, 0.8, 0.4), Box(0, 0, 1, 1)]
    detections = [Detection("person", 0.9 - i / 10, box) for i, box in enumerate(boxes)]
    assert outside(detections, [SCREEN, other]) == [detections[0], detections[3]]


# ---------------------------------------------------------------------------------- through a lookout


def watched(zones: tuple[config.Zone, ...]) -> list[EventKind]:
    """What happens while somebody on the screen waves for five seconds and nobody else is there."""
    detector = ScriptedDetector(lambda _: [Detection("person", 0.9, Box(0.6, 0.2, 0.75, 0.45))])
    lookout = Lookout(config.Camera(zones=zones), config.Detector(motion=0), config.Events())
    kinds = []
    for index in range(50):
        frame = Frame(np.zeros((9, 16, 3), np.uint8), index, index / 10)
        found = detector.detect([frame])[0] if lookout.needs_detection(frame) else None
        kinds += [event.kind for event in lookout.take(frame, found).events]
    return kinds


def test_a_film_that_the_camera_sees_answers_nobody() -> None:
    screen = config.Zone(name="our screen", kind="screen", polygon=SCREEN)
    assert EventKind.ENTERED in watched(())
    assert watched((screen,)) == []


# ---------------------------------------------------------------------------------- as it would be seen


def film() -> Iterator[Frame]:
    """Bright above, dark on the left below, gray on the right, 64x36."""
    image = np.full((36, 64, 3), 200, np.uint8)
    image[18:, :32], image[18:, 32:] = 40, 120
    for index in range(2):
        yield Frame(image, index, index / 10)


def at(frame: Frame, point: Point) -> int:
    x, y = (round(fraction * (size - 1)) for fraction, size in zip(point, VIEW, strict=True))
    return int(frame.image[y, x, 0])


@pytest.mark.parametrize(
    ("screen", "bright", "dark", "wall"),
    [
        (SCREEN, (0.7, 0.2), (0.6, 0.4), (0.3, 0.3)),
        (SCREEN[2:] + SCREEN[:2], (0.7, 0.2), (0.6, 0.4), (0.7, 0.7)),  # begun at another corner: not turned
        (SCREEN[::-1], (0.55, 0.15), (0.55, 0.45), (0.95, 0.3)),  # the other way round: not mirrored
        (SLANTED, (0.85, 0.25), (0.55, 0.52), (0.85, 0.15)),  # in perspective
        (ARROW, (0.3, 0.3), (0.3, 0.7), (0.9, 0.5)),  # no four corners: as large as it is
    ],
)
def test_a_film_as_the_camera_would_see_it(
    screen: tuple[Point, ...], bright: Point, dark: Point, wall: Point
) -> None:
    frames = list(on_screen(film(), [screen]))
    assert [(frame.index, frame.time) for frame in frames] == [(0, 0.0), (1, 0.1)]
    for frame in frames:
        assert frame.image.shape == (VIEW[1], VIEW[0], 3)
        assert (at(frame, bright), at(frame, dark), at(frame, wall)) == (200, 40, WALL)


def test_without_a_screen_the_camera_sees_nothing_but_the_film() -> None:
    frame = next(on_screen(film(), []))
    corners = [at(frame, point) for point in ((0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99))]
    assert corners == [200, 200, 120, 40]
