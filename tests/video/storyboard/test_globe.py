"""The Earth and the Moon in the light, and the facts of the scenes about the sky."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.art.text import legible
from reverie.video.storyboard.globe import draw_earth, draw_moon, phase_light, spot
from reverie.video.storyboard.scenes import moon_phases, rainbow


def _brightness(phase: float | None) -> tuple[float, float]:
    """Of the left and the right half: the Moon at `phase`, or the Earth lit from the left."""
    canvas = Canvas(320, 240)
    if phase is None:
        draw_earth(canvas, 320, 240, 150, 0.0, light=(-1.0, 0.0, 0.0))
    else:
        draw_moon(canvas, 320, 240, 150, phase=phase)
    grey = canvas.picture()[60:180].mean(axis=(0, 2))
    return float(grey[90:155].mean()), float(grey[165:230].mean())


@pytest.mark.parametrize(
    ("phase", "left", "right"),
    [
        (0.0, False, False),  # new
        (0.25, False, True),  # first quarter, seen from the north
        (0.5, True, True),  # full
        (0.75, True, False),  # last quarter
        (None, True, False),  # the Earth, its day to the left
    ],
)
def test_what_is_lit(phase: float | None, left: bool, right: bool) -> None:
    seen = _brightness(phase)
    assert [half > 70 for half in seen] == [left, right]


def test_the_sun_is_behind_a_new_moon() -> None:
    assert phase_light(0.0) == pytest.approx((0, 0, -1))
    assert phase_light(0.5) == pytest.approx((0, 0, 1), abs=1e-9)


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        (spot(0, 30, 30), (0, 0, 1)),  # right before us
        (spot(0, 120, 30), (1, 0, 0)),  # east is to the right
        (spot(0, 210, 30), (0, 0, -1)),  # on the far side
        (spot(90, 0, 30), (0, 1, 0)),  # the north pole, upright
        (spot(90, 0, 30, tilt=90), (1, 0, 0)),  # leaning to the right
        (spot(90, 0, 30, lean=90), (0, 0, 1)),  # leaning to us
        (spot(0, 30, 30, height=2), (0, 0, 2)),
    ],
)
def test_where_a_place_is_seen(place: tuple[float, float, float], seen: tuple[float, float, float]) -> None:
    assert place == pytest.approx(seen, abs=1e-9)


def test_the_earth_turns() -> None:
    """The same place comes back after a whole turn, and not before."""
    pictures = []
    for facing in (20.0, 200.0, 380.0):
        canvas = Canvas(160, 120)
        draw_earth(canvas, 320, 240, 200, facing, tilt=23.4)
        pictures.append(canvas.picture())
    assert np.array_equal(pictures[0], pictures[2])
    assert not np.array_equal(pictures[0], pictures[1])


@pytest.mark.parametrize(
    ("index", "degrees"),
    [(1.331, 42.4), (1.343, 40.6)],  # red and violet light in water: the bow's radii
)
def test_the_rainbow_stands_at_42_degrees(index: float, degrees: float) -> None:
    *_, leaves, end = rainbow.way_through(index)
    down, back = end[1] - leaves[1], leaves[0] - end[0]
    assert math.degrees(math.atan2(down, back)) == pytest.approx(degrees, abs=0.4)


def test_the_moon_goes_round_anticlockwise() -> None:
    """Seen from above, the Sun to the left (y points down)."""
    left, below, right, above = (moon_phases.on_orbit(0, 0, 10, 10, phase) for phase in (0, 0.25, 0.5, 0.75))
    assert left == pytest.approx((-10, 0), abs=1e-9)
    assert below == pytest.approx((0, 10), abs=1e-9)
    assert right == pytest.approx((10, 0), abs=1e-9)
    assert above == pytest.approx((0, -10), abs=1e-9)


@pytest.mark.parametrize(
    ("phase", "name"),
    [
        (0.0, "New moon"),
        (0.07, "Waxing crescent"),
        (0.49, "Full moon"),
        (0.76, "Last quarter"),
        (0.97, "New moon"),
    ],
)
def test_the_phases_are_named(phase: float, name: str) -> None:
    assert moon_phases.named(phase)[0] == name
    assert all(legible(word) == word for words in moon_phases.NAMES for word in words)
