"""Pictures on their way from the generator to the encoder, and what is found of them there.

    a generator that streams:   picture → check → picture …                   → verdict
    any other:                  picture … → film, held whole → gate → picture …

What holds a film needs room for its pictures: 121 of 1280x704 are 327 MB. They are given back one by one.
"""

from __future__ import annotations

from collections.abc import Iterator

from reverie.errors import ClipError
from reverie.values import Image, Job
from reverie.video.check import Check
from reverie.video.gate import Judgement, judge
from reverie.video.generator import Generator, Progress
from reverie.video.sight import Eyes


class Screening:
    """One job's film: iterate once over its pictures, then ask what was found."""

    def __init__(
        self, generator: Generator, job: Job, progress: Progress, eyes: Eyes | None, strict: bool = True
    ) -> None:
        """`eyes` see only films that are held whole. `strict`: what does not pass raises ClipError, and of a
        film that is held whole no picture is given; else it is only noted."""
        self._generator = generator
        self._job = job
        self._progress = progress
        self._eyes = eyes
        self._strict = strict
        self._judgement: Judgement | None = None

    @property
    def judgement(self) -> Judgement:
        """What was found; after the last picture."""
        assert self._judgement is not None, "iterate first"
        return self._judgement

    def __iter__(self) -> Iterator[Image]:
        """A film that is held whole is made and judged here, before its first picture is asked for."""
        images = self._generator.generate(self._job, self._progress)
        if self._generator.streams:
            return self._checked(images)
        film = list(images)
        self._found(judge(film, self._job, self._eyes, self._alive))
        return self._drained(film)

    def _checked(self, images: Iterator[Image]) -> Iterator[Image]:
        check = Check(self._job.spec)
        for image in images:
            check.update(image)
            yield image
        self._found(Judgement(check.scores(), check.verdict()))

    def _drained(self, film: list[Image]) -> Iterator[Image]:
        film.reverse()
        while film:
            self._alive()
            yield film.pop()

    def _alive(self) -> None:
        """The film is made, its job still under way: keeps its lease, and may raise Cancelled."""
        self._progress(1.0)

    def _found(self, judgement: Judgement) -> None:
        self._judgement = judgement
        if self._strict and judgement.wrong is not None:
            raise ClipError(f"the clip did not pass the check: {judgement.wrong}")
