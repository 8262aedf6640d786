"""`reverie generate --model …` with a tiny checkpoint: real processes, their output and exit codes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from reverie import cli
from reverie.video.encode import probe, still
from reverie.video.wan import checkpoint as checkpoints
from reverie.video.wan import parts

SMALL = ["--size", "160x128", "--steps", "1", "--guidance", "1", "--frames", "4", "--no-gate"]


@pytest.fixture(autouse=True)
def models(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny checkpoint is what Wan2.2-TI2V-5B would be, and the test's folder the current one."""
    monkeypatch.setenv("REVERIE_MODELS", str(tmp_path / "models"))
    (tmp_path / "models").mkdir()
    checkpoints.place_of("wan").symlink_to(checkpoint)
    monkeypatch.chdir(tmp_path)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """`reverie generate …` in this process; its exit code."""
    monkeypatch.setattr(sys, "argv", ["reverie", "generate", *arguments])
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(SystemExit) as left:
            cli.main()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return int(left.value.code or 0)


def test_a_model_makes_a_labelled_film_and_its_libraries_say_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "reverie", "generate", "a red toy car", "-o", "car.mp4"]
    done = subprocess.run([*command, "--model", "wan", *SMALL], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("car.mp4: 4 frames, 0.2 s")
    assert all(line.startswith("kept, though") for line in done.stderr.splitlines()), done.stderr
    film = probe(tmp_path / "car.mp4")
    assert (film.frames, film.width, film.height) == (4, 160, 128)


def test_the_gate_keeps_noise_from_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "a car", "-o", "car.mp4", "--model", "wan", *SMALL[:-1]) == 1
    assert "did not pass" in capsys.readouterr().err
    assert not (tmp_path / "car.mp4").exists()


def test_a_list_loads_the_model_once_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loads: list[str] = []
    load: Any = parts.load_parts

    def counted(settings: Any, *others: Any) -> Any:
        loads.append(settings.preset)
        return load(settings, *others)

    monkeypatch.setattr("reverie.video.wan.pipeline.load_parts", counted)
    Pillow.new("RGB", (160, 128), (200, 40, 40)).save("toy.png")
    rows = [
        "a car,one,160x128,1,,",
        "a car,same,160x128,1,,",
        "a cat,drawn,,,storyboard,",
        "a car,other,160x128,2,,",
        "a car,toy,160x128,1,,toy.png",
        "a car,wide,192x128,1,,",
    ]
    Path("list.csv").write_text("\n".join(["prompt,name,size,seed,model,picture", *rows]))
    options = ["--from", "list.csv", "--to", "films", "--model", "wan", *SMALL]
    assert run(monkeypatch, *options) == 0
    assert "films: 6 made, 0 were there already" in capsys.readouterr().out
    assert loads == ["quality"]
    films = {path.stem: still(path, 0.0) for path in (tmp_path / "films").glob("*.mp4")}
    assert np.array_equal(films["one"], films["same"])
    assert not np.array_equal(films["one"], films["other"])
    assert not np.array_equal(films["one"], films["toy"])
    assert films["wide"].shape == (128, 192, 3)
    assert run(monkeypatch, *options) == 0
    assert "films: 0 made, 6 were there already" in capsys.readouterr().out
    assert loads == ["quality"]


# What cannot be, and what is told without loading anything.
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a car", "--model", "wan", "--size", "168x120"], "sides divide by 16"),
        (["a car", "--model", "wan", "--size", "176x144"], "wan makes pictures whose sides divide by 32"),
        (["a car", "--model", "wan", "--picture", "none.png"], "none.png: cannot be read"),
        (["a car", "--model", "wan", "--language", "en"], "a model reads the text as it is written"),
        (["a car", "--model", "./models"], "model_index.json: is missing"),
        (["x" * 5000, "--model", "wan"], "the text has 5000 characters; allowed are 2000"),
        (["a car", "--model", "wan", "--frames", "0"], "--frames 0: allowed are"),
    ],
)
def test_what_cannot_be_is_told_before_the_model_loads(
    arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from reverie import wishes

    monkeypatch.setattr(wishes, "load", lambda *_, **__: pytest.fail("loaded"))
    assert run(monkeypatch, *arguments, "-o", "out.mp4") == 1
    assert told in " ".join(capsys.readouterr().err.split())


def test_what_a_preset_cannot_run_with_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    size = ["--size", "160x128"]
    assert run(monkeypatch, "a car", "-o", "out.mp4", "--model", "wan", "--preset", "edge", *size) == 1
    assert "there is no text encoder here" in " ".join(capsys.readouterr().err.split())
    assert not Path("out.mp4").exists()
