"""What the documents say is true: examples load, commands exist, links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from reverie import config
from reverie.story.library import parse_library

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def commands() -> list[str]:
    """The commands that `reverie --help` names."""
    told = subprocess.run(
        [sys.executable, "-m", "reverie", "--help"], capture_output=True, text=True, check=True
    ).stdout
    return re.findall(r"^│ ([a-z]+) ", told, re.M)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_lead_to_files(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_story_in_the_readmes_loads() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        blocks = re.findall(r"```yaml\n(stories:.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.S)
        assert blocks, name
        for block in blocks:
            assert parse_library(block, name).stories


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_configurations_load_and_programs_compile(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for block in re.findall(r"```yaml\n(generators:.*?)```", text, re.S):
        file = tmp_path / "reverie.yaml"
        file.write_text(block, encoding="utf-8")
        assert config.load(file).generators
    for block in re.findall(r"```python\n(.*?)```", text, re.S):
        compile(block, str(path), "exec")


def test_the_readmes_name_commands_that_exist() -> None:
    there = set(commands())
    assert {"demo", "run", "init", "check", "detect", "brief", "generate", "config"} <= there
    for name in ("README.md", "README.zh-CN.md", "docs/imagination.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        named = set(re.findall(r"^    (?:\.venv/bin/)?reverie ([a-z]+)", text, re.M))
        assert named
        assert named <= there
