"""The detector that reads from a script, and the camera that draws its own picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reverie import config
from reverie.errors import DetectorError
from reverie.values import Box, Detection, Frame
from reverie.vision.scripted import ScriptedDetector, load_scripted_detector, make_scripted_source

LEFT, RIGHT = [0.0, 0.2, 0.2, 0.8], [0.8, 0.2, 1.0, 0.8]
SCRIPT = {
    "labels": ["person", "cup"],
    "frames": {"3": [["cup", 0.8, [0.4, 0.4, 0.6, 0.6]], ["cup", 0.3, LEFT]]},
    "paths": [{"label": "person", "keys": [[2, LEFT], [6, RIGHT], [8, RIGHT]]}],
}


def write_script(folder: Path, script: Any) -> str:
    (folder / "script.json").write_text(json.dumps(script))
    return f"scripted:{folder / 'script.json'}"


def frame(index: int) -> Frame:
    return Frame(np.zeros((4, 4, 3), np.uint8), index, float(index))


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (0, []),  # before the path
        (2, [("person", 0.0)]),  # its first key
        (3, [("person", 0.2), ("cup", 0.4)]),  # a quarter of the way; the faint cup is below 0.5
        (4, [("person", 0.4)]),
        (7, [("person", 0.8)]),  # it stands
        (8, [("person", 0.8)]),
        (9, []),  # after it
        (103, []),
    ],
)
def test_what_is_seen_when(tmp_path: Path, index: int, expected: list[tuple[str, float]]) -> None:
    detector = load_scripted_detector(config.Detector(model=write_script(tmp_path, SCRIPT)))
    (found,) = detector.detect([frame(index)])
    assert [(d.label, round(d.box.left, 6)) for d in found] == expected


def test_period_starts_again(tmp_path: Path) -> None:
    model = write_script(tmp_path, {**SCRIPT, "period": 100})
    detector = load_scripted_detector(config.Detector(model=model))
    again, first = detector.detect([frame(703), frame(3)])
    assert again == first
    assert first


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"conf": 0.2}, ["person", "cup", "cup"]),
        ({"conf": 0.85}, ["person"]),
        ({"classes": ("cup",)}, ["cup"]),
        ({"min_size": 0.1}, ["person"]),
    ],
)
def test_settings_count(tmp_path: Path, options: Any, expected: list[str]) -> None:
    detector = load_scripted_detector(config.Detector(model=write_script(tmp_path, SCRIPT), **options))
    assert [d.label for d in detector.detect([frame(3)])[0]] == expected
    assert set(detector.labels) >= set(expected)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ([], "the file: "),
        ({}, "labels: Field required"),
        ({"labels": []}, "labels: "),
        ({"labels": ["a"], "fame": {}}, "fame: Extra inputs"),
        ({"labels": ["a"], "frames": {"0": [["b", 0.9, LEFT]]}}, "not among its labels: b"),
        ({"labels": ["a"], "frames": {"x": []}}, "frames.x"),
        ({"labels": ["a"], "frames": {"0": [["a", 0.9, [0, 0, 1, 2]]]}}, "less than or equal to 1"),
        ({"labels": ["a"], "paths": [{"label": "a", "keys": [[5, LEFT], [5, RIGHT]]}]}, "must grow"),
    ],
)
def test_wrong_script_says_where(tmp_path: Path, script: Any, message: str) -> None:
    with pytest.raises(DetectorError, match=message) as caught:
        load_scripted_detector(config.Detector(model=write_script(tmp_path, script)))
    assert "script.json: " in str(caught.value)


def test_missing_script(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="cannot be read: No such file"):
        load_scripted_detector(config.Detector(model=f"scripted:{tmp_path}/none.json"))


def test_direct_use_takes_any_function() -> None:
    faint, clear = (Detection("toy", score, Box(0, 0, 1, 1)) for score in (0.1, 0.9))
    detector = ScriptedDetector(lambda f: [faint, clear] if f.index else [], labels=("toy",))
    assert detector.detect([frame(0), frame(1)]) == [[], [clear, faint]]
    assert detector.labels == ("toy",)


@pytest.mark.parametrize(
    ("source", "shape", "count", "last"),
    [
        ("scripted:64x48@25x2", (48, 64, 3), 50, 1.96),
        ("scripted:31x17@10x0.5", (17, 31, 3), 5, 0.4),
        ("scripted:8x8@0.5x4", (8, 8, 3), 2, 2.0),
    ],
)
def test_camera_draws_what_was_asked(
    source: str, shape: tuple[int, int, int], count: int, last: float
) -> None:
    camera = make_scripted_source(source)
    for _ in range(2):  # the same again after reopening
        camera.open()
        pictures = []
        while (picture := camera.read()) is not None:
            pictures.append(picture)
        assert {p.image.shape for p in pictures} == {shape}
        assert len(pictures) == count
        assert pictures[-1].media == pytest.approx(last)
        assert not np.array_equal(pictures[0].image, pictures[-1].image)


def test_camera_without_seconds_has_no_end() -> None:
    camera = make_scripted_source("scripted:8x8@25")
    camera.open()
    assert all(camera.read() is not None for _ in range(1000))
