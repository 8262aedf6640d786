"""What every generator keeps to, whatever it is made of: one suite, run over each kind.

A module that has a kind to test has a class `Test…(GeneratorContract)`, which gives the fixture `made`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest

from reverie import config
from reverie.errors import Cancelled
from reverie.values import Brief, Image, Job, Priority, Request, Shot
from reverie.video.generator import Generator, Progress
from reverie.wishes import make_wish

BRIEF = Brief(
    "ask/cat/chase/butterfly",
    (
        Shot("cat", "chase", "butterfly", "park", "cheerful", "A cat chases a butterfly", 0.8),
        Shot("cat", "sleep", None, "room", "calm", "", 0.7),
    ),
    "playful",
    "en",
)
SILENT = replace(BRIEF, shots=tuple(replace(shot, caption="") for shot in BRIEF.shots))


@dataclass(frozen=True)
class Made:
    """A generator that is ready, and the settings that it was made with."""

    settings: config.Generator
    generator: Generator

    def job(self, take: int = 1, brief: Brief = BRIEF) -> Job:
        wish, spec = make_wish(self.settings, brief)
        return Job(wish.key, brief, spec, float("inf"), Priority.LIVE, 0.0, take=take)

    def film(self, job: Job, progress: Progress = lambda share: None) -> list[Image]:
        return list(self.generator.generate(job, progress))


class GeneratorContract:
    """The suite."""

    @pytest.fixture(scope="class")
    @classmethod
    def job(cls, made: Made) -> Job:
        return made.job()

    @pytest.fixture(scope="class")
    @classmethod
    def film(cls, made: Made, job: Job) -> list[Image]:
        """Made once for all tests that only look at it."""
        return made.film(job)

    def test_as_many_pictures_as_asked_of_the_size_asked(self, job: Job, film: list[Image]) -> None:
        spec = job.spec
        assert spec.frames == round(BRIEF.seconds * spec.fps)
        assert len(film) == spec.frames
        for image in film:
            assert image.shape == (spec.height, spec.width, 3)
            assert image.dtype == np.uint8
            assert image.flags.c_contiguous

    def test_each_picture_is_an_array_of_its_own(self, film: list[Image]) -> None:
        """What is kept while the next one is made does not change under its keeper."""
        for one, other in itertools.pairwise(film):
            assert not np.shares_memory(one, other)

    def test_the_same_take_is_the_same_film(self, made: Made, job: Job, film: list[Image]) -> None:
        assert np.array_equal(np.stack(made.film(job)), np.stack(film))

    def test_another_take_is_another_film(self, made: Made, film: list[Image]) -> None:
        assert not np.array_equal(np.stack(made.film(made.job(2))), np.stack(film))

    def test_a_seed_that_was_asked_for_is_every_takes(self, made: Made) -> None:
        request = Request("a cat plays with a ball", seed=11)
        first, second = (made.film(replace(made.job(take), request=request)) for take in (1, 2))
        assert np.array_equal(np.stack(first), np.stack(second))
        other = made.film(replace(made.job(), request=replace(request, seed=12)))
        assert not np.array_equal(np.stack(other), np.stack(first))

    def test_progress_grows_to_one(self, made: Made, job: Job) -> None:
        told: list[float] = []
        made.film(job, told.append)
        assert told == sorted(told)
        assert told[0] >= 0
        assert told[-1] == 1.0

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.95])
    def test_cancelled_from_progress_ends_it_and_the_next_job_is_fine(
        self, made: Made, job: Job, film: list[Image], share: float
    ) -> None:
        def stop(done: float) -> None:
            if done >= share:
                raise Cancelled("nobody waits")

        with pytest.raises(Cancelled, match="nobody waits"):
            made.film(job, stop)
        assert np.array_equal(made.film(job)[-1], film[-1])

    def test_pictures_need_not_be_taken(self, made: Made, job: Job, film: list[Image]) -> None:
        """Who looks away after the first leaves nothing behind that the next job would meet."""
        images = iter(made.generator.generate(job, lambda share: None))
        assert np.array_equal(next(images), film[0])
        getattr(images, "close", lambda: None)()
        assert len(made.film(job)) == job.spec.frames

    def test_a_wish_has_one_name(self, made: Made) -> None:
        assert make_wish(made.settings, BRIEF) == make_wish(made.settings, replace(BRIEF))
        wish, spec = make_wish(made.settings, BRIEF)
        assert (wish.generator, spec.generator) == (made.settings.name,) * 2
        assert (spec.width, spec.height, spec.fps) == (
            made.settings.width,
            made.settings.height,
            made.settings.fps,
        )
        assert spec.version

    def test_captions_are_in_the_name_where_they_are_in_the_picture(
        self, made: Made, job: Job, film: list[Image]
    ) -> None:
        """One film without words serves every language: the screen lays the words over it."""
        silent = made.job(brief=SILENT)
        assert (silent.key == job.key) is made.settings.overlays
        assert np.array_equal(np.stack(made.film(silent)), np.stack(film)) is made.settings.overlays
