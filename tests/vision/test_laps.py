"""What a lap tells: every frame once, and the time of each stage by the clock that was given."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from reverie import config
from reverie.values import Box, Detection, Frame
from reverie.vision.laps import run_laps
from reverie.vision.lookout import Lookout
from reverie.vision.scripted import ScriptedDetector


def film(count: int) -> list[Frame]:
    return [Frame(np.full((24, 32, 3), 250 * (i % 2), np.uint8), i, i / 10) for i in range(count)]


@pytest.mark.parametrize(("every", "detected"), [(1, 12), (3, 4)])
def test_every_frame_is_a_lap_and_its_stages_add_up(every: int, detected: int) -> None:
    detector = ScriptedDetector(lambda _: [Detection("person", 0.9, Box(0.1, 0.1, 0.3, 0.9))])
    ticks = itertools.count()
    settings = config.Detector(cadence=every)
    lookout = Lookout(config.Camera(), settings, config.Events())
    laps = list(run_laps(film(12), detector, lookout, lambda: float(next(ticks))))
    assert [lap.frame.index for lap in laps] == list(range(12))
    assert sum(lap.sight.detected for lap in laps) == detected
    for lap in laps:
        # The clock ticks once between any two stages.
        assert (lap.decode, lap.gate, lap.detect, lap.follow) == (1, 1, float(lap.sight.detected), 1)
        assert lap.latency == lap.gate + lap.detect + lap.follow
    assert [track.label for track in laps[-1].sight.tracks] == ["person"]


def test_no_film_is_no_lap() -> None:
    lookout = Lookout(config.Camera(), config.Detector(), config.Events())
    assert list(run_laps([], ScriptedDetector(lambda _: []), lookout, lambda: 0.0)) == []
