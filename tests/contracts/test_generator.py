"""The generator seam: one suite over every implementation. Wan's, which needs torch, runs in tests/wan."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from elsewhere import Elsewhere
from generators import GeneratorContract, Made

from reverie import config
from reverie.clock import ManualClock
from reverie.story.prompts import prompts_of
from reverie.video.remote import load_remote
from reverie.wishes import load

SETTINGS = config.Generator(width=320, height=240, fps=12)


class TestStoryboard(GeneratorContract):
    @pytest.fixture(scope="class")
    @classmethod
    def made(cls) -> Made:
        return Made(SETTINGS, load(SETTINGS, warm=False))


class TestRemote(GeneratorContract):
    @pytest.fixture(scope="class")
    @classmethod
    def made(cls) -> Iterator[Made]:
        """Another machine that makes films by the book, and a clock that does not wait for it."""
        far = Elsewhere()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NO_PROXY", "127.0.0.1")
            remote = config.Remote(url=far.url)
            settings = SETTINGS.model_copy(update={"kind": "remote", "name": "far", "remote": remote})
            yield Made(settings, load_remote(settings, prompts_of, ManualClock()))
        far.close()
