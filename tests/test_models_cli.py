"""`reverie models list|check|export|quantize`, asked in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from lamps import looking
from made import colours, write_model

from reverie import cli
from reverie.vision import export

Ask = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models folder."""
    monkeypatch.setenv("REVERIE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("reverie.cli.terminal.out.width", 400)
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Ask:
    """`reverie models …`; its exit code."""

    def run(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["reverie", "models", *arguments])
        try:
            cli.main()
        except SystemExit as left:
            return int(left.code or 0)
        return 0

    return run


def film(folder: Path, count: int, brightest: int = 256) -> Path:
    """A folder of pictures of 64 x 64, each of one colour."""
    folder.mkdir()
    rng = np.random.default_rng(3)
    for index in range(count):
        image = np.broadcast_to(rng.integers(0, brightest, 3), (64, 64, 3)).astype(np.uint8)
        cv2.imwrite(str(folder / f"{index:03}.png"), image)
    return folder


# ---------------------------------------------------------------------------------- list


def test_detectors_are_listed_with_what_they_are(
    folder: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)  # no `yolo` here
    for name, quantized in (("toys", ""), ("toys-int8", "int8, from 300 pictures")):
        write_model(
            folder / f"{name}.onnx",
            np.zeros((1, 6, 84), np.float32),
            names="{0: 'toy', 1: 'doll'}",
            task="detect",
            license="mine",
            imgsz="[64, 64]",
            quantized=quantized,
        )
    (folder / "yolov8n").mkdir()
    (folder / "yolov8n" / "yolov8n.pt").write_bytes(b"pickle")
    (folder / "cut.onnx").write_bytes((folder / "toys.onnx").read_bytes()[:100])
    monkeypatch.setattr("reverie.vision.engines.tensorrt.offers", list)
    (folder / "card.engine").write_bytes(b"plan")
    assert ask("list") == 0
    lines = {line[11:].partition("  ")[0]: line for line in capsys.readouterr().out.splitlines()}
    for name, words in {
        "embedded": ("detect, 80 things", "runs on onnxruntime", "MIT", "comes along"),
        "toys": ("detect, 2 things, 64x64", "runs on onnxruntime", "mine", f"{folder}/toys.onnx"),
        "toys-int8": ("detect, 2 things, 64x64, INT8",),
        "yolov8n": ("detect", "to be exported first: pipx install ultralytics", "AGPL-3.0"),
        "card": ("nothing here runs .engine files", "not stated"),
        "cut": ("damaged or cut off",),
    }.items():
        assert [word for word in words if word not in lines[name]] == [], lines[name]


def test_an_empty_folder_says_how_to_fill_it(
    folder: Path, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("list") == 0
    told = capsys.readouterr().out
    assert f"none in {folder}; fetch one with `reverie models pull yolov8n`" in told
    assert "onnxruntime on cpu" in told


# ---------------------------------------------------------------------------------- check


def test_every_way_to_run_a_model_is_measured(
    folder: Path, ask: Ask, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    colours(folder / "colours.onnx", 1)
    (folder / "damaged.onnx").write_bytes(b"no model")
    pictures = film(tmp_path / "film", 3)  # fewer than are looked at: it begins again
    assert ask("check", "colours", "damaged", "--footage", str(pictures), "--seconds", "1", "--json") == 0
    results = json.loads(capsys.readouterr().out)
    ways = [(r["model"], r["engine"], r["device"], r["precision"]) for r in results]
    assert ("colours", "onnxruntime", "cpu", "f32") in ways
    assert ("colours", "openvino", "cpu", "f32") in ways
    assert len(ways) == len(set(ways))
    for result in results:
        if result["model"] == "damaged":
            assert (result["pictures"], result["fps"]) == (0, 0)
            assert "damaged" in result["fault"]
        elif result["precision"] == "f32":
            assert result["fault"] == ""
            assert result["pictures"] > 3
            assert 0 < result["ms"] <= result["ms_p95"]
    taken = {r["pictures"] for r in results if r["fault"] == ""}
    assert len(taken) == 1  # they took turns


def test_a_model_that_runs_nowhere_is_told(
    folder: Path, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "damaged.onnx").write_bytes(b"no model")
    assert ask("check", "damaged", "--seconds", "1") == 1
    assert "damaged onnxruntime cpu f32: does not run here" in capsys.readouterr().out
    assert ask("check", "nothing") == 1
    assert "'nothing' is not on this box" in capsys.readouterr().err.replace("\n", "")


# ---------------------------------------------------------------------------------- export


def test_an_export_is_put_where_it_is_asked_for(
    folder: Path,
    ask: Ask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = tmp_path / "cache.onnx"
    made.write_bytes(b"onnx")
    monkeypatch.setattr(export, "exported", lambda named: made)
    assert ask("export", "mine.pt") == 0
    assert str(made) in capsys.readouterr().out
    assert ask("export", "mine.pt", "--to", str(folder)) == 0
    assert (folder / "mine.onnx").read_bytes() == b"onnx"
    assert ask("export", "mine.pt", "--to", str(tmp_path / "none" / "x.onnx")) == 1
    assert "cannot be written" in capsys.readouterr().err


# ---------------------------------------------------------------------------------- quantize


def test_a_small_file_is_made_and_judged(
    folder: Path, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    looking(folder / "lamps.onnx")
    pictures = film(tmp_path / "film", 40)
    assert ask("quantize", "lamps", str(pictures)) == 0
    told = capsys.readouterr()
    assert "only 32 pictures to calibrate on; 300 or more" in told.err.replace("\n", " ")
    assert "on 8 other pictures the exact file found" in told.out
    assert "recall 1.000" in told.out
    assert [path.name for path in sorted(folder.iterdir())] == ["lamps-int8.onnx", "lamps.onnx"]
    assert ask("check", "lamps-int8", "--footage", str(pictures), "--seconds", "1", "--json") == 0


def test_a_small_file_that_lost_too_much_is_not_put_in_place(
    folder: Path, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    looking(folder / "lamps.onnx")
    dark, light = film(tmp_path / "dark", 40, brightest=60), film(tmp_path / "light", 40)
    for index in range(30, 40):  # the last quarter is day: none of it calibrates
        (dark / f"{index:03}.png").write_bytes((light / f"{index:03}.png").read_bytes())
    for index in range(30, 32):
        (dark / f"{index:03}.png").write_bytes((dark / "000.png").read_bytes())
    assert ask("quantize", "lamps", str(dark)) == 1
    assert "not written: it lost too much" in capsys.readouterr().err.replace("\n", " ")
    assert [path.name for path in folder.iterdir()] == ["lamps.onnx"]
    assert ask("quantize", "lamps", str(dark), "--anyway", "--to", str(tmp_path / "kept.onnx")) == 0
    assert "written all the same" in capsys.readouterr().err
    assert (tmp_path / "kept.onnx").is_file()


def test_the_exact_model_is_never_overwritten(
    folder: Path, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = colours(folder / "colours.onnx", 1)
    before = path.read_bytes()
    assert ask("quantize", "colours", str(film(tmp_path / "film", 2)), "--to", str(path)) == 1
    assert "is the exact model itself" in capsys.readouterr().err.replace("\n", " ")
    assert path.read_bytes() == before
    assert ask("quantize", "colours", "film", "--to", str(folder / "colours")) == 1
    assert "must be a folder, or end in .onnx" in capsys.readouterr().err.replace("\n", " ")
