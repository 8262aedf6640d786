"""A film as segments: rules as tables, and what holds for every length."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverie.errors import Refused
from reverie.video.wan.segments import LONGEST, made, plan, split


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (1, 1),  # a still
        (2, 5),  # the least that moves
        (5, 5),
        (16, 17),  # the article's number: made as 17, and the last is cut
        (17, 17),
        (18, 21),
        (121, 121),
    ],
)
def test_pictures_are_made_four_k_plus_one(wanted: int, expected: int) -> None:
    assert made(wanted) == expected


@pytest.mark.parametrize(
    ("frames", "fps", "rate", "longest", "expected"),
    [
        (17, 24, 24, 17, [17]),  # fits: one segment
        (33, 24, 24, 17, [17, 17]),  # 17 and 16 more
        (16, 24, 24, 121, [16]),  # made as 17
        (34, 24, 24, 17, [13, 13, 10]),  # about as long as each other, and only the last is cut
        (73, 24, 8, 121, [25]),  # a third of the pictures
        (120, 24, 24, 121, [120]),
        (241, 24, 24, 121, [121, 121]),
        (1, 24, 24, 17, [1]),
        (60, 60, 24, 121, [25]),  # never more than the film shows: 59 * 24 / 60 = 23.6 steps
    ],
)
def test_a_shot_is_one_segment_or_a_chain(
    frames: int, fps: int, rate: float, longest: int, expected: list[int]
) -> None:
    take = plan(frames, fps, rate, longest, chains=True)
    assert [segment.frames for segment in take.segments] == expected
    assert [segment.continues for segment in take.segments] == [False] + [True] * (len(expected) - 1)


@given(
    frames=st.integers(1, 2000),
    fps=st.integers(5, 60),
    rate=st.floats(1, 60),
    longest=st.integers(1, 60).map(lambda k: 4 * k + 1),
)
def test_every_film_picture_lies_within_what_is_imagined(
    frames: int, fps: int, rate: float, longest: int
) -> None:
    take = plan(frames, fps, rate, longest, chains=True)
    places = take.positions()
    assert len(places) == frames
    assert places[0] == 0
    assert places == sorted(places)
    # The last one is reached, and hardly more is imagined than is shown.
    assert take.imagined - 2 < places[-1] <= take.imagined - 1
    assert all(segment.made <= longest for segment in take.segments)
    # Whatever is continued was made whole: no picture is lost between two segments.
    assert all(segment.made == segment.frames for segment in take.segments[:-1])


def test_the_pace_is_that_of_the_rate() -> None:
    assert plan(49, 24, 8, 121, chains=True).pace == Fraction(1, 3)
    assert plan(49, 24, 24, 121, chains=True).pace == 1
    # More pictures than the film shows would be imagined for nobody.
    assert plan(49, 24, 60, 121, chains=True).pace == 1


def test_what_cannot_be_continued_is_refused_with_what_is_allowed() -> None:
    assert plan(17, 24, 24, 17, chains=False).segments[0].frames == 17
    with pytest.raises(Refused, match="allowed are 17 frames"):
        plan(18, 24, 24, 17, chains=False)
    # At a third of the rate, three times as long.
    assert plan(49, 24, 8, 17, chains=False).imagined == 17
    with pytest.raises(Refused, match="allowed are 49 frames"):
        plan(50, 24, 8, 17, chains=False)


@pytest.mark.parametrize(
    ("frames", "seconds", "expected"),
    [
        (10, [1.0], (10,)),
        (10, [1.0, 1.0], (5, 5)),
        (10, [3.0, 1.0], (8, 2)),  # 7.5 rounds to 8
        (3, [100.0, 0.1, 0.1], (1, 1, 1)),  # each has at least one
        (24, [0.5, 0.25, 0.25], (12, 6, 6)),
    ],
)
def test_frames_are_shared_out_among_shots(
    frames: int, seconds: list[float], expected: tuple[int, ...]
) -> None:
    assert split(frames, seconds) == expected


@given(st.lists(st.floats(0.1, 60), min_size=1, max_size=9), st.integers(9, LONGEST))
def test_shares_add_up(seconds: list[float], frames: int) -> None:
    shares = split(frames, seconds)
    assert sum(shares) == frames
    assert len(shares) == len(seconds)
    assert min(shares) >= 1


@pytest.mark.parametrize("frames", [0, -1, 10_000])
def test_a_film_of_no_or_too_many_frames_is_refused(frames: int) -> None:
    with pytest.raises(Refused, match=f"{frames} frames; allowed are 1 to {LONGEST}"):
        split(frames, [1.0])


def test_more_shots_than_frames_are_refused() -> None:
    with pytest.raises(Refused, match="3 shots in 2 frames"):
        split(2, [1.0, 1.0, 1.0])
