"""Wan where the extra is not installed, and for programs that only wish: no torch."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("torch", "diffusers", "transformers", "safetensors", "torchao", "peft")


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_what_wishes_need_loads_nothing_heavy() -> None:
    modules = ", ".join(
        f"reverie.video.wan.{name}" for name in ("checkpoint", "recipe", "segments", "picture", "silence")
    )
    script = f"import sys, reverie.video.wan, {modules}; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert run(script) == "[]"


def test_without_the_extra_it_says_what_to_install() -> None:
    script = (
        "import sys\n"
        "sys.modules['torch'] = None\n"
        "from reverie import config\n"
        "from reverie.errors import GeneratorError\n"
        "from reverie.video.wan import load_wan\n"
        "try: load_wan(config.Generator(kind='wan', name='wan'), lambda brief, language: ())\n"
        "except GeneratorError as error: print(error)\n"
    )
    assert "pip install 'reverie[wan]'" in run(script)
