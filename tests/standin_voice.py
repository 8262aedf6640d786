"""Voices for tests: programs that speak as `espeak-ng` and `piper` do, in tones; they note what they hear."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

RATE = 22_050

SPEAKER = """#!{python} -SE
import array, json, math, struct, sys, time
words = sys.stdin.buffer.read().decode()
with open({notes!r}, "a", encoding="utf-8") as file:
    file.write(json.dumps([sys.argv[1:], words]) + chr(10))
{deed}
speed = 165.0
if "-s" in sys.argv:
    speed = float(sys.argv[sys.argv.index("-s") + 1])
if "--length_scale" in sys.argv:
    speed /= float(sys.argv[sys.argv.index("--length_scale") + 1])
count = int({rate} * 0.06 * len(words.strip()) * 165 / speed)
quiet = array.array("h", bytes(2 * ({rate} // 5)))
tone = array.array("h", (int(9000 * math.sin(i * 0.1)) for i in range(count)))
pcm = (quiet + tone + quiet).tobytes()
if "--output-raw" not in sys.argv:
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 0x7FFFFFFF, b"WAVE", b"fmt ", 16, 1, 1, {rate},
                       2 * {rate}, 2, 16, b"data", 0x7FFFFFDB)
    sys.stdout.buffer.write(head)
sys.stdout.buffer.write(pcm)
"""
"""0.06 s of a tone of 351 Hz a character, with 0.2 s of silence before and after it; quicker when told so."""


class Voices:
    """A folder that is all of PATH: what is not installed in it is not there."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder / "bin"
        self._folder.mkdir()
        self._notes = folder / "notes.txt"
        monkeypatch.setenv("PATH", str(self._folder))

    def install(self, name: str, deed: str = "") -> Path:
        """A program `name`; `deed` is Python that it runs before it speaks."""
        path = self._folder / name
        source = SPEAKER.format(python=sys.executable, notes=str(self._notes), deed=deed, rate=RATE)
        path.write_text(source, encoding="utf-8")
        path.chmod(0o755)
        return path

    @property
    def told(self) -> list[tuple[list[str], str]]:
        """What each start was told: its arguments, and its standard input."""
        if not self._notes.exists():
            return []
        lines = self._notes.read_text(encoding="utf-8").splitlines()
        return [(arguments, words) for arguments, words in map(json.loads, lines)]


def piper_model(folder: Path, described: str = '{"audio": {"sample_rate": 22050}}') -> Path:
    """A file that stands for a Piper model, with what lies beside one."""
    model = folder / "amy.onnx"
    model.write_bytes(b"a model")
    Path(f"{model}.json").write_text(described, encoding="utf-8")
    return model
