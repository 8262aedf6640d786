"""The generator seam's suite over Wan, with a tiny random checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
from generators import GeneratorContract, Made

from reverie import config
from reverie.wishes import load


class TestWan(GeneratorContract):
    @pytest.fixture(scope="class")
    @classmethod
    def made(cls, checkpoint: Path) -> Made:
        wan = config.Wan(model=str(checkpoint), preset="fast", steps=2, device="cpu")
        settings = config.Generator(kind="wan", name="wan", width=160, height=128, fps=5, wan=wan)
        return Made(settings, load(settings, warm=False))
