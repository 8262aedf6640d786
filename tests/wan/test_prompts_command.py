"""`reverie prompts compile` and `serve`, as somebody types them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reverie import cli, config
from reverie.cli import terminal
from reverie.errors import ConfigError, GeneratorError, ReverieError
from reverie.story.repertoire import make_repertoire
from reverie.video.wan.text import Node, load_text

FEW = ["--config", "box.yaml", "--tone", "playful"]


@pytest.fixture(autouse=True)
def _signals_as_they_were() -> Iterator[None]:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def here(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model and a box of three stories, whose detector knows nobody but people."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(checkpoint, tmp_path / "model")
    (tmp_path / "stories.yaml").write_text(
        "explainers: false\nstories:\n"
        "- {topic: one, when: [{kind: entered}], shots: [{subject: cat}, {subject: dog, action: run}]}\n"
        '- {topic: "show/*", when: [{kind: shown}], shots: [{subject: "*"}]}\n'
    )
    (tmp_path / "box.yaml").write_text(
        "story: {library: stories.yaml}\ndetector: {classes: [person]}\n"
        "generators: [{kind: wan, name: big, width: 160, height: 128, wan: {model: ./model}}]\n"
    )
    return tmp_path


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["prompts", *arguments])


def _told(*arguments: str) -> str:
    error = _run(*arguments).exception
    assert isinstance(error, ReverieError), error
    return str(error)


def test_compile_then_a_box_without_encoder(here: Path) -> None:
    done = _run("compile", *FEW)
    assert done.exit_code == 0, done.exception
    # the negative prompt, a cat, a dog, a person, a parcel for the rest, and what a card says and asks
    assert "7 prompts for" in done.output
    assert "7 of them new" in done.output
    assert "model/prompts: 7 prompts, 0.2 MB (7 new)" in done.output
    shutil.rmtree(here / "model" / "text_encoder")
    box = config.load(here / "box.yaml")
    wan = box.generators[0].wan
    text = load_text(wan, Path(wan.model), "cpu")
    for prompt in make_repertoire(box, "en", ("playful",)):
        assert text.rows(prompt).shape[1] == 32
    listed = _run("list", *FEW, "--json")
    assert [json.loads(line)["compiled"] for line in listed.output.splitlines()] == [True] * 7
    assert '"compiled": false' in _run("list", "--config", "box.yaml", "--json").output  # the other tones


def test_compile_again_goes_on(here: Path) -> None:
    _run("compile", *FEW)
    (here / "own.txt").write_text("a pig that flies\n")
    done = _run("compile", *FEW, "--also", "own.txt", "--encoder", "cpu")
    assert "8 prompts for" in done.output
    assert "1 of them new" in done.output
    assert "8 prompts, 0.2 MB (1 new)" in done.output


def test_compile_stops_when_asked_and_keeps_what_is_done(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "own.txt").write_text("\n".join(f"pig {n}" for n in range(20)))
    stop = terminal.stop_on_signals

    def stopped() -> object:
        event = stop()
        # Asked of the handler itself: once another test has used AMX (OpenVINO), a signal's frame may be
        # larger than the stack that some library has set aside for signals in this process.
        handler = signal.getsignal(signal.SIGTERM)
        assert callable(handler)
        handler(signal.SIGTERM, None)
        return event

    with monkeypatch.context() as patched:
        patched.setattr("reverie.cli.prompts.stop_on_signals", stopped)
        assert "stopped, 27 prompts to go" in _told("compile", *FEW, "--also", "own.txt")
    assert "(27 new)" in _run("compile", *FEW, "--also", "own.txt").output


def test_compile_into_a_folder_of_ones_choice_in_int8(here: Path) -> None:
    done = _run("compile", *FEW, "--to", "coarse", "--encoder", "int8")
    assert done.exit_code == 0, done.exception
    assert json.loads((here / "coarse" / "encoder.json").read_text())["weights"] == "int8"
    assert "holds prompts of encoder" in _told("compile", *FEW, "--to", "coarse")


def test_compile_tells_what_is_wrong(here: Path) -> None:
    (here / "file").write_text("")
    assert "no folder can be made there" in _told("compile", *FEW, "--to", "file/x")
    assert "no such folder" in _told("compile", *FEW, "--model", "./none")
    assert "is unknown" in _told("compile", *FEW, "--model", "wan9")
    told = _told("compile", *FEW, "--encoder", "steam")
    assert told.startswith('--encoder: not what is allowed here; found "steam" (Who encodes prompts')
    assert "{" not in told
    (here / "model" / "text_encoder" / "model.safetensors").unlink()
    assert "no weights" in _told("compile", *FEW)
    shutil.rmtree(here / "model" / "text_encoder")
    assert "has no text encoder" in _told("compile", *FEW)
    assert "nothing to serve" in _told("serve", *FEW[:2])


def test_serve_wants_a_token_where_others_reach_it(here: Path) -> None:
    assert "token" in _told("serve", "--host", "0.0.0.0")
    told = _told("serve", "--host", "0.0.0.0", "--token", "short-secret")
    assert "16 characters" in told
    assert "short-secret" not in told


def test_serve_answers_until_it_is_ended(here: Path) -> None:
    token = "0123456789abcdef"
    with subprocess.Popen(
        [sys.executable, "-m", "reverie", "prompts", "serve", *FEW[:2], "--port", "0", "--encoder", "int8"],
        env={**os.environ, "REVERIE_PROMPTS_TOKEN": token},
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stderr is not None
            said = child.stderr.readline()
            address = next(word for word in said.split() if word.startswith("http://"))
            rows = Node(address.replace("//", f"//{token}@")).encode(["a cat"])
            assert rows[0].shape == (6, 32)
            with pytest.raises(GeneratorError, match="token"):
                Node(address).encode(["a cat"])
            child.send_signal(signal.SIGINT)
            _, rest = child.communicate(timeout=60)
        finally:
            child.kill()
    assert child.returncode == 130
    assert rest == ""  # nor did the libraries say anything


def test_a_missing_library_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    error = _run("compile", *FEW).exception
    assert isinstance(error, ConfigError)
    assert "pip install 'reverie[wan]'" in str(error)
