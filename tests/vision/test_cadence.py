"""How often the detector looks: fixed, or as often as the box keeps up with, without wavering."""

from __future__ import annotations

import itertools
import os
import random

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverie import config
from reverie.vision.cadence import CALM, EASY, FULL, GAP, RECENT, Cadence, thread_count


def automatic(rate: float = 10) -> Cadence:
    return Cadence(config.Detector(rate=rate, cadence="auto"))


def measured(cadence: Cadence, seconds: float) -> Cadence:
    for _ in range(RECENT):
        cadence.measure(seconds)
    return cadence


@pytest.mark.parametrize(
    ("seconds", "looks", "expected"),
    [
        (0.030, 10, 1),  # a small detector and one camera
        (0.069, 10, 1),  # just not too much
        (0.080, 10, 2),  # 0.8 of the time
        (0.150, 10, 3),  # YOLOv8s on two old cores
        (0.900, 10, 3),  # hopeless: no further than boxes can be predicted
        (0.030, 40, 2),  # four cameras
        (0.015, 40, 1),  # the same on a faster engine
        (0.500, 0, 1),  # no camera delivers anything
    ],
)
def test_as_few_detections_as_the_rate_needs(seconds: float, looks: float, expected: int) -> None:
    assert measured(automatic(), seconds).choose(looks, 0.0) == expected


@pytest.mark.parametrize(("rate", "most"), [(1, 1), (3, 1), (5, 1), (7, 2), (10, 3), (25, 7)])
def test_boxes_are_predicted_for_a_third_of_a_second_at_most(rate: float, most: int) -> None:
    assert measured(automatic(rate), 10.0).choose(rate, 0.0) == most
    assert most == 1 or most / rate <= GAP


def test_nothing_measured_is_every_look() -> None:
    cadence = automatic()
    assert cadence.cost == 0
    assert [cadence.choose(40, float(second)) for second in range(5)] == [1] * 5


@pytest.mark.parametrize("every", [1, 2, 7, 30])
def test_what_was_asked_for_stays(every: int) -> None:
    cadence = measured(Cadence(config.Detector(cadence=every)), 5.0)
    assert {cadence.choose(100, float(second)) for second in range(20)} == {every}


@pytest.mark.parametrize("asked", [0, 31, -1, 2.5, True, "often", None])
def test_what_is_no_cadence_is_refused(asked: object) -> None:
    with pytest.raises(pydantic.ValidationError, match="`auto` or a whole number from 1 to 30"):
        config.Detector(cadence=asked)  # type: ignore[arg-type]


def test_a_busy_core_now_and_then_changes_nothing() -> None:
    cadence = automatic()
    for i in range(RECENT):
        cadence.measure(1.0 if i % 3 == 0 else 0.03)
    assert cadence.choose(10, 0.0) == 1


def test_a_batch_costs_what_each_of_its_frames_does() -> None:
    cadence = automatic()
    cadence.measure(0.2, 4)
    assert cadence.cost == pytest.approx(0.05)


def test_it_recovers_step_by_step_once_it_was_easy_for_a_while() -> None:
    cadence = measured(automatic(), 0.2)
    assert cadence.choose(10, 0.0) == 3
    measured(cadence, 0.01)
    chosen = {second: cadence.choose(10, float(second)) for second in range(1, 20)}
    assert [s for s in chosen if chosen[s] != chosen.get(s - 1, 3)] == [CALM, 2 * CALM]
    assert chosen[19] == 1


def test_between_full_and_easy_it_stays_whichever_way_it_came() -> None:
    for before, expected in ((0.01, 1), (0.2, 2)):
        cadence = measured(automatic(7), before)
        cadence.choose(10, 0.0)
        measured(cadence, 0.06)  # 0.6 of the time at every look
        assert {cadence.choose(10, float(s)) for s in range(1, 60)} == {expected}


@given(st.floats(0.001, 0.5), st.floats(1, 40), st.floats(0, 0.15), st.integers(0, 1000))
def test_times_that_waver_do_not_make_it_waver(seconds: float, looks: float, noise: float, seed: int) -> None:
    """Within 15 % of a detection's time it settles at once, and what it settles at holds the rate or is the
    most there is."""
    chance, cadence = random.Random(seed), automatic()
    chosen = []
    for second in range(60):
        for _ in range(RECENT):
            cadence.measure(seconds * (1 + chance.uniform(-noise, noise)))
        chosen.append(cadence.choose(looks, float(second)))
    changes = sum(a != b for a, b in itertools.pairwise(chosen))
    assert changes <= 1  # where it is just on the edge, noise may take it over once, never back
    assert chosen[-1] == 3 or looks * seconds * (1 - noise) / chosen[-1] <= FULL
    assert chosen == sorted(chosen)


def test_the_gap_between_full_and_easy_is_wider_than_the_noise() -> None:
    assert EASY * 1.15 / 0.85 < FULL


def test_threads_leave_half_of_the_cores_to_the_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, expected in ((1, 1), (2, 1), (4, 2), (9, 4)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, n=cores: set(range(n)))
        assert thread_count(None) == expected
        assert thread_count(3) == 3
