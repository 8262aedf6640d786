"""Screening: what streams passes at once, what does not is held whole, judged, and given back one by one."""

from __future__ import annotations

import weakref
from collections.abc import Iterator

import numpy as np
import pytest

from reverie.errors import Cancelled, ClipError
from reverie.values import Brief, ClipSpec, Image, Job, Shot
from reverie.video.generator import Progress
from reverie.video.screening import Screening

JOB = Job(
    "key",
    Brief("test", (Shot("cat", "appear", None, "park", "calm", "", 1.0),), "plain", "en"),
    ClipSpec("wan", "1", 160, 120, 12, 12),
    deadline=0.0,
    priority=0,
    created=0.0,
)


class Painter:
    """A square that crosses a flat ground; remembers its pictures only weakly."""

    per_minute: int | None = None

    def __init__(self, streams: bool, ground: int = 90) -> None:
        self.streams = streams
        self.made: list[weakref.ref[Image]] = []
        self._ground = ground

    def generate(self, job: Job, progress: Progress) -> Iterator[Image]:
        for index in range(job.spec.frames):
            image = np.full((120, 160, 3), self._ground, np.uint8)
            if self._ground:
                image[40:80, 6 * index : 6 * index + 40] = (250, 200, 40)
            self.made.append(weakref.ref(image))
            yield image
            progress((index + 1) / job.spec.frames)

    @property
    def alive(self) -> int:
        """How many of its pictures still take memory."""
        return sum(ref() is not None for ref in self.made)


def test_what_streams_is_given_as_it_comes() -> None:
    painter = Painter(streams=True)
    film = Screening(painter, JOB, lambda share: None, None)
    images = iter(film)
    next(images)
    assert len(painter.made) == 1
    assert len(list(images)) == 11
    assert film.judgement.wrong is None
    assert film.judgement.scores["frames"] == 12
    assert "noise" not in film.judgement.scores  # checked, not gated


def test_what_does_not_stream_is_made_and_judged_before_the_first_picture() -> None:
    painter = Painter(streams=False)
    film = Screening(painter, JOB, lambda share: None, lambda image: {"cat": 0.7})
    images = iter(film)
    assert len(painter.made) == 12
    assert film.judgement.scores["sees"] == 0.7
    for index, image in enumerate(images):
        assert image is painter.made[index]()  # no second copy of the film
        assert painter.alive == 12 - index  # and what was given away takes no room
        del image
    assert painter.alive == 0


def test_the_job_is_kept_alive_until_the_last_picture_is_given() -> None:
    shares: list[float] = []
    images = iter(Screening(Painter(streams=False), JOB, shares.append, None))
    assert shares == sorted(shares)  # it never goes back
    told = len(shares)
    assert told > 2 * JOB.spec.frames
    list(images)
    assert shares[told:] == [1.0] * 12


@pytest.mark.parametrize("last", [3, 12, 20, 30])
def test_it_ends_when_nobody_wants_it(last: int) -> None:
    asked = 0

    def progress(share: float) -> None:
        nonlocal asked
        asked += 1
        if asked > last:
            raise Cancelled("nobody waits")

    with pytest.raises(Cancelled):
        iter(Screening(Painter(streams=False), JOB, progress, None))


@pytest.mark.parametrize("streams", [True, False])
def test_what_does_not_pass(streams: bool) -> None:
    strict = Screening(Painter(streams, ground=0), JOB, lambda share: None, None)
    given: list[Image] = []
    with pytest.raises(ClipError, match="did not pass the check: every picture is black"):
        given.extend(strict)
    assert len(given) == (12 if streams else 0)
    lenient = Screening(Painter(streams, ground=0), JOB, lambda share: None, None, strict=False)
    assert len(list(lenient)) == 12
    assert "every picture is black" in (lenient.judgement.wrong or "")
