"""`reverie bench vision`: what it measures adds up, and what cannot be measured is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from reverie import cli
from reverie.errors import CameraError, ConfigError, DetectorError

FILM = "scripted:64x48@25x3"
"""Three seconds at 25 frames a second."""


def bench(*arguments: str) -> Any:
    return CliRunner().invoke(cli.app, ["bench", "vision", *arguments])


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    person = {"label": "person", "keys": [[0, [0.1, 0.1, 0.3, 0.9]], [99, [0.5, 0.1, 0.7, 0.9]]]}
    (tmp_path / "script.json").write_text(json.dumps({"labels": ["person"], "paths": [person]}))
    return "scripted:script.json"


@pytest.mark.parametrize(
    ("options", "frames", "detections"),
    [
        ((), 70, 70),  # 75 frames, the first five not counted
        (("--frames", "20"), 20, 20),
        (("--frames", "20", "--cadence", "4"), 20, 5),
    ],
)
def test_what_is_measured_adds_up(
    script: str, options: tuple[str, ...], frames: int, detections: int
) -> None:
    done = bench("--camera", FILM, "--model", script, "--json", *options)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["frames"], told["detections"]) == (frames, detections)
    stages = told["stages_ms"]
    assert list(stages) == ["decode", "motion gate", "detect", "tracks and rules"]
    for of in (*stages.values(), told["latency_ms"]):
        assert 0 <= of["p50"] <= of["p95"]
    assert stages["decode"]["mean"] > 0
    assert stages["detect"]["mean"] > 0
    # Means of stages, weighed by how often they ran, are the mean of a frame's way from camera to events.
    share = detections / frames
    way = (
        stages["motion gate"]["mean"] + share * stages["detect"]["mean"] + stages["tracks and rules"]["mean"]
    )
    assert told["latency_ms"]["mean"] == pytest.approx(way, abs=0.003)
    assert told["fps"] * told["latency_ms"]["mean"] <= 1010  # decoding and telling come on top; 1 %: rounding
    assert told["cpu_ms_per_second_of_film"] == pytest.approx(25 * told["cpu_ms_per_frame"], abs=0.03)


def test_the_table_names_every_stage(script: str) -> None:
    done = bench("--camera", FILM, "--model", script, "--frames", "10")
    assert done.exit_code == 0
    for words in ("decode", "motion gate", "detect", "tracks and rules", "frames a second", "second of film"):
        assert words in done.stdout


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        (("--camera", "nowhere.mp4"), CameraError, "nowhere.mp4"),
        (("--camera", "scripted:64x48@1x3"), ConfigError, "at least 7"),  # three frames
        (("--model", "nothing.onnx"), DetectorError, "nothing.onnx"),
        (("--cadence", "0"), ConfigError, "--cadence: `auto` or a whole number from 1 to 30"),
        (("--engine", "steam"), ConfigError, "--engine"),
    ],
)
def test_what_cannot_be_measured_is_said(
    script: str, options: tuple[str, ...], kind: type[Exception], words: str
) -> None:
    given = dict(zip(options[::2], options[1::2], strict=True))
    asked = {"--camera": FILM, "--model": script, **given}
    done = bench(*(word for pair in asked.items() for word in pair))
    assert isinstance(done.exception, kind)
    assert words in str(done.exception)
