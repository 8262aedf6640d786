"""`reverie prompts list`: it needs neither torch nor a model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def reverie(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reverie", "prompts", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=100,
    )


WAN = "generators: [{kind: wan, name: big, width: 832, height: 480, wan: {language: zh, model: ./none}}]\n"


def test_every_prompt_of_the_box_is_listed(tmp_path: Path) -> None:
    (tmp_path / "reverie.yaml").write_text("detector: {classes: [person]}\n" + WAN)
    (tmp_path / "own.txt").write_text("一只会飞的猪\n\n  一只会飞的猪  \n", encoding="utf-8")
    done = reverie("list", "--json", "--also", "own.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["generator"] for line in lines} == {"big"}
    assert not any(line["compiled"] for line in lines)
    assert [line["negative"] for line in lines] == [True, *[False] * (len(lines) - 1)]
    prompts = [line["prompt"] for line in lines]
    assert len(prompts) == len(set(prompts)) > 300
    assert prompts[0].startswith("色调艳丽")  # the negative prompt
    assert prompts[1] == "一只会飞的猪"
    assert sum("灯泡正在亮相" in prompt for prompt in prompts) == 4  # the card, once a tone
    plain = reverie("list", "--tone", "plain", cwd=tmp_path)
    assert plain.stdout.count("missing") == len(plain.stdout.splitlines()) < len(prompts) / 3
    label = "what guidance leads away from (wan.negative): 色调艳丽"
    assert plain.stdout.startswith(f"missing   {label}")
    assert plain.stdout.count("guidance") == 1
    assert "0 of them compiled" in plain.stderr


# The command line, and what is told.
WRONG = [
    (["list", "--tone", "loud"], "--tone loud: allowed are plain, promotional"),
    (["list", "--also", "none.txt"], "--also none.txt: no such file"),
    (["list", "--also", "damaged"], "--also damaged: cannot be read: Is a directory"),
    (["list", "--also", "gbk.txt"], "--also gbk.txt: is not UTF-8 text"),
    (["list", "--model", ""], '--model: String should have at least 1 character; found ""'),
    (["list", "--to", "damaged"], "encoder.json: damaged"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG)
def test_what_is_wrong_is_one_line(arguments: list[str], told: str, tmp_path: Path) -> None:
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "encoder.json").write_text("{")
    (tmp_path / "gbk.txt").write_bytes("一只会飞的猪".encode("gbk"))
    done = reverie(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
