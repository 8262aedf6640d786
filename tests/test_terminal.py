"""What all commands share on a terminal: Ctrl-C twice, a bar that leaves lines whole, options in words."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import typer

from reverie import cli, config, hub
from reverie.cli.terminal import SHOW_CURSOR, validated
from reverie.errors import ConfigError

STUBBORN = """
import threading
from reverie.cli.terminal import stop_on_signals
stop = stop_on_signals()
print("ready", flush=True)
stop.wait()
print("asked", flush=True)
threading.Event().wait(60)
"""
"""A program that hears that it shall stop, and does not."""

COUNTING = """
from reverie.cli.terminal import out, progress
with progress("prompts", 3) as tick:
    out.print("3 prompts for wan")
    for done in range(4):
        tick(done)
    print("a line between")
out.print("done")
"""
"""A program that says something before its bar moves, and while it does."""


class Screen:
    """A terminal of a width, and what was written to it."""

    def __init__(self) -> None:
        self.inner, outer = pty.openpty()
        self.outer = outer
        self.shown = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            while more := os.read(self.inner, 1 << 16):
                self.shown += more
        except OSError:  # nobody has it open any more
            pass

    def close(self) -> bytes:
        """All that was written; nothing more can be."""
        os.close(self.outer)
        self._reader.join(60)
        os.close(self.inner)
        return self.shown


@pytest.mark.parametrize("on_screen", [False, True])
def test_a_second_ctrl_c_ends_the_process_at_once(on_screen: bool) -> None:
    screen = Screen()
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN],
        stdout=subprocess.PIPE,
        stderr=screen.outer if on_screen else subprocess.PIPE,
        env={**os.environ, "TERM": "xterm"},
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            child.send_signal(signal.SIGINT)
            assert child.stdout.readline() == "asked\n"
            child.send_signal(signal.SIGINT)
            assert child.wait(timeout=30) == -signal.SIGINT
        finally:
            child.kill()
    assert (SHOW_CURSOR in screen.close()) == on_screen


def test_sigterm_again_and_again_only_asks() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            for _ in range(3):
                child.send_signal(signal.SIGTERM)
            assert child.stdout.readline() == "asked\n"
            assert child.poll() is None
            child.send_signal(signal.SIGINT)  # it was asked already
            assert child.wait(timeout=30) == -signal.SIGINT
        finally:
            child.kill()


HELD = """
import os, signal
from reverie.cli.terminal import stop_on_signals
stop = stop_on_signals()
with stop._cond:  # as it is for a moment in every wait and set
    os.kill(os.getpid(), signal.SIGTERM)
print(stop.wait(30))
"""


def test_a_signal_amid_a_wait_is_no_deadlock() -> None:
    done = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, timeout=60)
    assert done.stdout == "True\n", done.stderr


def test_what_is_printed_is_not_glued_to_the_bar() -> None:
    screen = Screen()
    done = subprocess.run(
        [sys.executable, "-c", COUNTING],
        stdout=screen.outer,
        stderr=screen.outer,
        env={**os.environ, "TERM": "xterm"},
        timeout=60,
    )
    shown = screen.close().decode()
    assert done.returncode == 0
    assert shown.startswith("3 prompts for wan\r\n")  # the bar begins below
    assert "\x1b[2Ka line between\r\n" in shown  # the bar's line was cleared for it
    assert "3/3" in shown


def test_lines_for_a_file_go_there_while_a_bar_is_on_the_terminal() -> None:
    screen = Screen()
    done = subprocess.run(
        [sys.executable, "-c", COUNTING],
        stdout=subprocess.PIPE,
        stderr=screen.outer,
        env={**os.environ, "TERM": "xterm"},
        text=True,
        timeout=60,
    )
    assert done.stdout == "3 prompts for wan\na line between\ndone\n"
    assert "3/3" in screen.close().decode()


# ---------------------------------------------------------------------------------- options in words

# Settings by their options, what is said, and what is told.
OPTIONS: list[tuple[type[config.Section], dict[str, str], dict[str, object], str]] = [
    (
        config.Wan,
        {"model": "--model", "encoder": "--encoder"},
        {"encoder": "nope"},
        '--encoder: not what is allowed here; found "nope" (Who encodes prompts that are not compiled: `cpu`',
    ),
    (config.Wan, {"model": "--model"}, {"model": ""}, "--model: String should have at least 1 character"),
    (config.Camera, {"source": "--camera"}, {"source": ""}, "--camera: String should have at least 1"),
    (config.Serve, {"host": "--host"}, {"host": "0.0.0.0"}, "--host: host '0.0.0.0' can be reached by"),
    (config.Serve, {"token": "--token"}, {"token": "hunter2"}, "--token: a token needs at least 16"),
]


@pytest.mark.parametrize(("section", "options", "values", "told"), OPTIONS)
def test_a_wrong_option_is_told_in_words(
    section: type[config.Section], options: dict[str, str], values: dict[str, object], told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        validated(section, options, **values)
    said = config.mask(str(caught.value))
    assert said.startswith(told)
    assert "pattern" not in said
    assert "hunter2" not in said


# ---------------------------------------------------------------------------------- stopped by somebody


def _main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """The exit code of `reverie …` in this process."""
    monkeypatch.setattr(sys, "argv", ["reverie", *arguments])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return left.value.code


def test_who_stops_a_film_gets_130(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped = threading.Event()
    stopped.set()
    monkeypatch.setattr("reverie.cli.films.stop_on_signals", lambda: stopped)
    assert _main(monkeypatch, "generate", "a cat", "-o", str(tmp_path / "cat.mp4")) == 130
    assert "stopped; nothing was written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("answer", "code"), [(typer.Abort, 130), (None, 1)])
def test_who_does_not_want_a_model_fetches_none(
    answer: type[Exception] | None,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def asked(question: str) -> bool:
        assert question == "Fetch it?"
        if answer is not None:
            raise answer
        return False

    monkeypatch.setenv("REVERIE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(hub, "look_up", lambda model: hub.Offer("a/b", "0" * 40, "MIT", "a model", (), ()))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(typer, "confirm", asked)
    assert _main(monkeypatch, "models", "pull", "wan") == code
    told = capsys.readouterr()
    assert "nothing was fetched" in told.out + told.err
    assert not (tmp_path / "models").exists()


# ---------------------------------------------------------------------------------- models list


def test_models_are_listed_by_what_can_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "models"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REVERIE_MODELS", "models")
    for name in ("mine", "Wan-AI--Wan2.2-TI2V-5B-Diffusers", "somebody--some-model", ".a--b.partial"):
        (folder / name).mkdir(parents=True)
    (folder / "prompts").mkdir()  # compiled prompts: no model
    monkeypatch.setattr("reverie.cli.terminal.out.width", 400)
    assert not _main(monkeypatch, "models", "list")
    lines = capsys.readouterr().out.splitlines()
    told = [line.partition("not whole")[2].split() for line in lines if "not whole" in line]
    assert [words[:2] for words in told] == [
        ["wan", str(folder / "Wan-AI--Wan2.2-TI2V-5B-Diffusers")],
        ["a/b", str(folder / "a--b")],  # half pulled
        [str(folder / "mine"), "models/mine/model_index.json:"],  # only its folder can be typed
        ["somebody/some-model", str(folder / "somebody--some-model")],
    ]
