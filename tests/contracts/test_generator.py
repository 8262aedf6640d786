"""The generator seam: one suite over every implementation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from reverie import config
from reverie.errors import Cancelled
from reverie.values import Brief, Job, Priority, Shot
from reverie.video.generator import Generator, load_generator, make_wish

SETTINGS = {"storyboard": config.Generator(width=320, height=240, fps=12)}
BRIEF = Brief(
    "ask/cat/chase/butterfly",
    (
        Shot("cat", "chase", "butterfly", "park", "cheerful", "A cat chases a butterfly", 0.8),
        Shot("cat", "sleep", None, "room", "calm", "", 0.7),
    ),
    "playful",
    "en",
)


@pytest.fixture(scope="module", params=sorted(SETTINGS))
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def generator(kind: str) -> Generator:
    return load_generator(SETTINGS[kind], warm=False)


@pytest.fixture
def job(kind: str) -> Callable[[int], Job]:
    """The job of a take."""
    wish, spec = make_wish(SETTINGS[kind], BRIEF)

    def made(take: int) -> Job:
        return Job(wish.key, BRIEF, spec, float("inf"), Priority.LIVE, 0.0, take=take)

    return made


def test_as_many_pictures_as_asked_of_the_size_asked(generator: Generator, job: Callable[[int], Job]) -> None:
    images = list(generator.generate(job(1), lambda share: None))
    assert len(images) == job(1).spec.frames == 18
    for image in images:
        assert image.shape == (240, 320, 3)
        assert image.dtype == np.uint8
        assert image.flags.c_contiguous


def test_the_same_take_is_the_same_and_another_is_another(
    generator: Generator, job: Callable[[int], Job]
) -> None:
    first, again, other = (
        np.stack(list(generator.generate(job(take), lambda share: None))) for take in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_progress_grows_to_one(generator: Generator, job: Callable[[int], Job]) -> None:
    told: list[float] = []
    for _ in generator.generate(job(1), told.append):
        pass
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_cancelled_from_progress_ends_it_and_the_next_job_is_fine(
    generator: Generator, job: Callable[[int], Job]
) -> None:
    def stop(share: float) -> None:
        if share > 0.3:
            raise Cancelled("nobody waits")

    with pytest.raises(Cancelled):
        list(generator.generate(job(1), stop))
    assert len(list(generator.generate(job(1), lambda share: None))) == 18
