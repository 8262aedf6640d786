"""What is drawn: on a copy, in the right place, in the class's colour, and inside the picture."""

from __future__ import annotations

import numpy as np
import pytest

from reverie import config
from reverie.values import Box, Detection, Image, Track
from reverie.vision.plot import LINE, ZONE, colour_of, plot

ZONES = (config.Zone(name="shelf", polygon=((0.1, 0.1), (0.4, 0.1), (0.4, 0.9), (0.1, 0.9))),)
LINES = (config.Line(name="door", start=(0.5, 0.2), end=(0.5, 0.8)),)


def ground(width: int = 640, height: int = 480) -> Image:
    return np.full((height, width, 3), 60, np.uint8)


def thing(left: float, top: float, right: float, bottom: float, label: str = "cup") -> Detection:
    return Detection(label, 0.8, Box(left, top, right, bottom))


def changed(drawn: Image, before: Image) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in pixels of what differs."""
    rows, columns = np.nonzero((drawn != before).any(2))
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def test_draws_on_a_copy() -> None:
    image = ground()
    image.setflags(write=False)
    drawn = plot(image, [thing(0.2, 0.2, 0.5, 0.5)], ZONES, LINES)
    assert (image == 60).all()
    assert drawn.shape == image.shape
    assert drawn.flags.c_contiguous


def test_a_pose_is_drawn_where_it_is_sure() -> None:
    def drawn(sure: float) -> Image:
        joints = tuple((0.45, 0.3 + i * 0.02, sure) for i in range(17))
        return plot(ground(), [Detection("person", 0.8, Box(0.2, 0.1, 0.7, 0.9), joints)])

    without = plot(ground(), [thing(0.2, 0.1, 0.7, 0.9, "person")])
    assert np.array_equal(drawn(0.4), without)
    left, top, right, bottom = changed(drawn(0.9), without)
    assert abs((left + right) / 2 - 0.45 * 639) < 3
    assert top > 0.3 * 479 + 20  # from the shoulders on: nothing is drawn of a face
    assert abs(bottom - 0.62 * 479) < 8


def test_nothing_to_draw_is_the_picture() -> None:
    assert np.array_equal(plot(ground(), []), ground())


def test_box_has_its_place_and_colour() -> None:
    drawn = plot(ground(), [thing(0.25, 0.5, 0.75, 0.9)])
    left, top, right, bottom = changed(drawn, ground())
    assert (left, right, bottom) == pytest.approx((160, 479, 431), abs=4)
    assert 205 < top < 240  # the tag stands above
    assert drawn[300, 160].tolist() == list(colour_of("cup"))
    assert (drawn[300, 300] == 60).all()  # nothing inside


@pytest.mark.parametrize(
    "box",
    [
        (0.0, 0.0, 1.0, 1.0),  # the whole picture: no room above
        (0.98, 0.0, 1.0, 0.02),  # a corner
        (0.5, 0.5, 0.5, 0.5),  # a point
        (0.0, 0.97, 0.03, 1.0),
    ],
)
@pytest.mark.parametrize("size", [(640, 480), (64, 48), (7, 5), (1920, 1080)])
def test_everything_stays_inside(box: tuple[float, float, float, float], size: tuple[int, int]) -> None:
    drawn = plot(ground(*size), [thing(*box)], ZONES, LINES)
    assert drawn.shape == ground(*size).shape


def test_tags_of_neighbours_do_not_hide_each_other() -> None:
    crowd = [thing(0.3 + i * 0.05, 0.4, 0.33 + i * 0.05, 0.6, f"thing{i}") for i in range(3)]
    together = plot(ground(), crowd)
    for alone in crowd:
        ink = (plot(ground(), [alone]) == colour_of(alone.label)).all(2).sum()
        assert (together == colour_of(alone.label)).all(2).sum() > 0.5 * ink


def test_zone_is_tinted_and_line_points_in() -> None:
    drawn = plot(ground(), [], ZONES, LINES)
    assert drawn[240, 64].tolist() == list(ZONE)  # its left side
    inside = drawn[400, 150].astype(int)
    assert inside[2] > inside[0] > 60  # a veil of its colour
    assert drawn[150, 319].tolist() == list(LINE)
    # seen from start (above) to end (below), right is the picture's left: the arrow points there
    arrow = (drawn[235:245, 280:310] == LINE).all(2).any()
    assert arrow
    assert not (drawn[235:245, 330:360] == LINE).all(2).any()


def test_tracks_look_like_detections() -> None:
    seen = thing(0.2, 0.2, 0.5, 0.5)
    track = Track(7, seen.label, seen.box, seen.score, 0.0, 1.0)
    assert np.array_equal(plot(ground(), [seen]), plot(ground(), [track]))


def test_colours_are_steady_and_differ() -> None:
    assert colour_of("person") == (255, 130, 220)
    assert len({colour_of(name) for name in ("person", "cat", "dog", "cup", "book", "banana")}) >= 4
