"""Detectors measured side by side: which ways there are, and that they take turns."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from made import colours

from reverie import config
from reverie.values import Frame
from reverie.vision.model import Offer
from reverie.vision.trial import WARM, Way, measure, ways

CPU = Offer("onnxruntime", "cpu", ("f32",), "a CPU")
FAST = Offer("openvino", "cpu", ("f32", "bf16"), "a CPU")
CARD = Offer("tensorrt", "cuda", ("auto",), "a card")


@pytest.mark.parametrize(
    ("suffix", "offers", "found"),
    [
        (".onnx", [CPU, FAST], ["onnxruntime cpu f32", "openvino cpu f32", "openvino cpu bf16"]),
        (".onnx", [], []),
        (".pt", [CPU, FAST], ["onnxruntime cpu f32", "openvino cpu f32", "openvino cpu bf16"]),  # exported
        (".xml", [CPU, FAST, CARD], ["openvino cpu f32", "openvino cpu bf16"]),
        (".engine", [CPU, FAST, CARD], ["tensorrt cuda auto"]),
        (".engine", [CPU, FAST], []),
        (".txt", [CPU, FAST, CARD], []),
    ],
)
def test_which_ways_there_are(suffix: str, offers: list[Offer], found: list[str]) -> None:
    made = ways(config.Detector(model="mine", conf=0.3), suffix, offers)
    assert [" ".join(way.words[1:]) for way in made] == found
    assert all(way.settings.model == "mine" and way.settings.conf == 0.3 for way in made)


def frames(count: int | None) -> itertools.islice[Frame]:
    image = np.full((64, 64, 3), 200, np.uint8)
    return itertools.islice((Frame(image, i, i / 10) for i in itertools.count()), count)


def test_they_take_turns_until_the_time_is_up(tmp_path: Path) -> None:
    """A clock that stands still but for a second each time it is asked: a look takes one."""
    path = str(colours(tmp_path / "mine.onnx", 1))
    first = Way(config.Detector(model=path, engine="onnxruntime"))
    second = Way(config.Detector(model=path, engine="openvino"))
    broken = Way(config.Detector(model=str(tmp_path / "none.onnx")))
    now, cpu = itertools.count(0.0, 1.0), itertools.count(0.0, 0.25)
    chosen = (first, broken, second)
    results = list(measure(chosen, frames(None), now.__next__, cpu.__next__, until=30.0))
    assert [result.way for result in results] == [first, broken, second]
    for result in (results[0], results[2]):
        assert (result.median, result.p95, result.cpu, result.fps) == (1000.0, 1000.0, 250.0, 1.0)
        assert (result.found, result.fault) == (1.0, "")
    assert results[0].looks == results[2].looks > 3
    assert "no such file" in results[1].fault
    assert (results[1].looks, results[1].fps) == (0, 0.0)


def test_each_looks_once_more_than_it_takes_to_warm_up(tmp_path: Path) -> None:
    way = Way(config.Detector(model=str(colours(tmp_path / "mine.onnx", 1)), engine="onnxruntime"))
    late, cpu = itertools.count(100.0, 1.0), itertools.count(0.0, 1.0)
    assert next(measure([way], frames(None), late.__next__, cpu.__next__, until=0.0)).looks == 1
    few = next(measure([way], frames(WARM), late.__next__, cpu.__next__, until=0.0))
    assert (few.looks, few.fault) == (0, "fewer than 3 pictures")
