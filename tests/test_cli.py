"""The command line as a newcomer meets it: real processes, their output and exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from screening import wait_for

from reverie import cli
from reverie.video.encode import probe


def reverie(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reverie", *arguments], cwd=cwd, capture_output=True, text=True, timeout=100
    )


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of two pictures with nothing in them."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index, (height, width) in enumerate(((120, 160), (100, 101))):  # each with a size of its own
        cv2.imwrite(str(folder / f"{index}.png"), np.full((height, width, 3), 90 + index, np.uint8))
    return folder


def test_help_names_every_command_and_where_to_begin(tmp_path: Path) -> None:
    done = reverie("--help", cwd=tmp_path)
    assert done.returncode == 0
    for word in (
        "demo",
        "run",
        "init",
        "check",
        "detect",
        "bench",
        "brief",
        "generate",
        "config",
        "Start with",
    ):
        assert word in done.stdout
    assert " program " not in done.stdout  # how the supervisor starts children is no command for people


def test_init_then_check_then_config(tmp_path: Path) -> None:
    assert reverie("init", cwd=tmp_path).returncode == 0
    again = reverie("init", cwd=tmp_path)
    assert again.returncode == 1
    assert "--force" in again.stderr
    text = (tmp_path / "reverie.yaml").read_text()
    (tmp_path / "reverie.yaml").write_text(text.replace("port: 8750", "port: 0"))
    checked = reverie("check", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert "wrong" not in checked.stdout
    shown = reverie("config", cwd=tmp_path)
    assert json.loads(shown.stdout)["serve"]["port"] == 0


def test_check_tells_each_thing_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "reverie.yaml").write_text(
        "cameras:\n- source: none.mp4\ndetector: {model: none.onnx}\nstory: {library: none.yaml}\n"
        "generators:\n- encoder: h265_imaginary\nstore: {folder: file}\nserve: {port: 0}\n"
        "screen: {ambient: none.mp4}\n"
    )
    checked = reverie("check", cwd=tmp_path)
    assert checked.returncode == 1
    wrong = [row for row in checked.stdout.splitlines() if row.lstrip().startswith("wrong")]
    for what in ("camera", "detector", "story", "generator", "store", "ambient"):
        assert any(what in row for row in wrong), what
    assert "Traceback" not in checked.stdout + checked.stderr


def test_a_config_mistake_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "reverie.yaml").write_text("detector:\n  conff: 1\n")
    for command in (["run"], ["check"], ["config"]):
        done = reverie(*command, cwd=tmp_path)
        assert done.returncode == 1
        assert "did you mean 'conf'" in " ".join(done.stderr.split())
        assert "Traceback" not in done.stderr


def test_detect_prints_one_json_line_a_frame_and_draws(pictures: Path, tmp_path: Path) -> None:
    done = reverie("detect", str(pictures), "--json", "--plot", "out.mp4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["index"] for line in lines] == [0, 1]
    assert all(set(line) == {"index", "time", "detections"} for line in lines)
    with av.open(str(tmp_path / "out.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["detect", "none.mp4"], "none.mp4: no such file"),
        (["detect", "text.txt"], "text.txt"),
        (["detect", "rtsp://u:hunter2@127.0.0.1/x"], "rtsp://***@127.0.0.1/x"),
        (["run", "--camera", ""], "--camera"),
        (["run", "--camera", "rtps://u:hunter2@h/x"], "allowed are rtsp://"),
        (["run", "-c", "encoder.yaml"], "h264_imaginary"),
        (["run", "-c", "library.yaml"], "none.yaml"),
        (["run", "-c", "model.yaml"], "none.onnx"),
        (["detect", "pictures", "--model", "none.onnx"], "none.onnx"),
        (["detect", "pictures", "--class", "persn"], "person"),
        (["generate", "a cat", "-o", "out.mp4", "--size", "big"], "WIDTHxHEIGHT"),
        (["generate", "a cat", "-o", "out.mp4", "--size", "641x480"], "641"),
        (["generate", "a cat", "-o", "none/out.mp4"], "none"),
        (["run", "--camera", "none.mp4", "--seconds", "1", "--report", "none/r.json"], "none"),
    ],
)
def test_wrong_input_is_told_in_a_line(
    arguments: list[str], told: str, pictures: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.txt").write_text("no film")
    (tmp_path / "encoder.yaml").write_text("generators: [{encoder: h264_imaginary}]")
    (tmp_path / "library.yaml").write_text("story: {library: none.yaml}")
    (tmp_path / "model.yaml").write_text("detector: {model: none.onnx}")
    done = reverie(*arguments, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
    assert not (tmp_path / "out.mp4").exists()


def test_brief_is_what_was_understood(tmp_path: Path) -> None:
    done = reverie("brief", "恐龙是怎么走路的?", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert told["topic"] == "dinosaur-walk"
    assert told["language"] == "zh"
    assert told["shots"][0]["subject"] == "dinosaur"


def test_generate_makes_a_labelled_film(tmp_path: Path) -> None:
    done = reverie("generate", "a cat chases a butterfly", "-o", "cat.mp4", "--size", "320x240", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with av.open(str(tmp_path / "cat.mp4")) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 320, 240)
        assert json.loads(film.metadata["AIGC"])["Label"] == "1"
        assert sum(1 for _ in film.decode(video=0)) >= 24
    assert [p.name for p in tmp_path.glob("*.mp4*")] == ["cat.mp4"]


# ---------------------------------------------------------------------------------- generate

FILM = ["-o", "out.mp4"]
LIST = ["--from", "list.csv", "--to", "films"]

# What does not go together, and what is told.
TOGETHER: list[tuple[list[str], str]] = [
    ([], "say what to show: reverie generate"),
    (["a cat"], "name the file to write: -o film.mp4"),
    (["", *FILM], "the text is empty"),
    (["a cat", "-o", "out.avi"], "--output out.avi: films are MP4; call it out.mp4"),
    (["a cat", "-o", "none/out.mp4"], "the folder none does not exist"),
    (["a cat", "-o", "folder.mp4"], "--output folder.mp4: is a folder"),
    (["a cat", *FILM, "--to", "films"], "--to is the folder for the films of a list"),
    (["a cat", *LIST], "either a text or --from, not both"),
    (["--from", "list.csv"], "name a folder for them with --to"),
    ([*FILM, *LIST], "--output is for one film"),
    (["--from", "none.csv", "--to", "films"], "none.csv: no such file"),
    ([*LIST, "--seed", "3"], "list.csv:2: --seed 3: means nothing to the storyboard"),
    (["a cat", *FILM, "--model", "wan", "--generator", "g"], "either --model or --generator"),
    (["a cat", *FILM, "--config", "box.yaml"], "say which of its generators: --generator NAME"),
    (["a cat", *FILM, "--generator", "wan"], "the default configuration has no such generator"),
    (["a cat", *FILM, "-c", "box.yaml", "--generator", "x"], "box.yaml has no such generator; it has: tiny"),
    (["a cat", *FILM, "-c", "none.yaml", "--generator", "x"], "none.yaml: no such file"),
    (["a cat", *FILM, "--preset", "fast"], "add --model wan"),
    (["a cat", *FILM, "--model", "wan"], "fetch it with `reverie models pull wan`"),
    (["a cat", *FILM, "--model", "wann"], "did you mean 'wan'"),
    (["a cat", *FILM, "--model", "./none"], "no such folder"),
    (["a cat", *FILM, "--frames", "10000"], "--frames 10000: allowed are 1 to 1440"),
]


@pytest.mark.parametrize(("arguments", "told"), TOGETHER)
def test_what_does_not_go_together_is_told_before_anything_is_made(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REVERIE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(sys, "argv", ["reverie", "generate", *arguments])
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "list.csv").write_text("prompt\na cat\n")
    (tmp_path / "box.yaml").write_text("generators: [{name: tiny, width: 160, height: 120}]")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 1
    assert told in " ".join(capsys.readouterr().err.split())
    assert sorted(tmp_path.iterdir()) == before


def test_generate_takes_a_configured_generator(tmp_path: Path) -> None:
    (tmp_path / "reverie.yaml").write_text("generators: [{name: tiny, width: 160, height: 120, fps: 10}]")
    done = reverie(
        "generate", "a cat", "-o", "cat.mp4", "--generator", "tiny", "--seconds", "1", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    film = probe(tmp_path / "cat.mp4")
    assert (film.width, film.height, film.frames) == (160, 120, 10)


def test_a_list_is_a_folder_of_films(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("prompt;name\r\na cat;\r\n恐龙是怎么走路的?;dino\r\n", "utf-8-sig")
    small = ["--size", "160x120", "--seconds", "0.5"]
    done = reverie("generate", *LIST, *small, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "films: 2 made, 0 were there already\n"
    assert {path.name for path in (tmp_path / "films").glob("*.mp4")} == {"a-cat.mp4", "dino.mp4"}
    (tmp_path / "list.csv").write_text("prompt,name\na cat,\na dog,dino\na bird,bird\n")
    (tmp_path / "films" / "bird.mp4").write_bytes(b"mine")
    done = reverie("generate", *LIST, *small, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == "films: 1 made, 1 were there already, 1 failed\n"
    assert done.stderr == "list.csv:4: films/bird.mp4: is there, and was not made by this list; not touched\n"


def test_stopped_a_list_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("prompt,name\n" + "".join(f"a cat,{n}\n" for n in range(100)))
    command = [sys.executable, "-m", "reverie", "generate", *LIST]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    first = tmp_path / "films" / "0.mp4"
    wait_for(first.exists, "the first film", 60)
    process.send_signal(signal.SIGINT)
    told, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (130, "")
    made = sorted((tmp_path / "films").glob("*.mp4"))
    count = len(made)
    left = f"{100 - count} left: the same command goes on"
    assert told == f"films: {count} made, 0 were there already, {left}\n"
    assert all(probe(film).frames for film in made)
    (tmp_path / "list.csv").write_text("prompt,name\n" + "".join(f"a cat,{n}\n" for n in range(count)))
    done = reverie("generate", *LIST, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"films: 0 made, {count} were there already\n")
