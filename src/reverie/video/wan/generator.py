"""Wan behind the generator seam: a job in, checked words and sizes, segments, pictures.

job → prompts (the story's, or the request's) → takes → segments, each begun with the last picture or a
product's → pictures → joined → as many as the film shows
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

from reverie import config
from reverie.errors import Refused
from reverie.values import Image, Job, Request
from reverie.video.between import pictures_at
from reverie.video.chain import Piece, chain
from reverie.video.generator import SCARCE, Progress, Reading, picture_of
from reverie.video.wan import picture
from reverie.video.wan.pipeline import SEEDS, Wan, check_prompt, growing, load_pipeline
from reverie.video.wan.segments import Segment, Take, plan, split

IMAGINED = 0.99
"""Share of the progress when the last picture is imagined; the rest is joining and giving out."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A shot, ready to be imagined. `first` is the picture that it begins with."""

    prompt: str
    take: Take
    first: Image | None


class WanGenerator:
    """Films by a loaded Wan. Its pictures are checked as a whole before anyone sees them."""

    streams: bool = False
    per_minute: int | None = SCARCE

    def __init__(self, settings: config.Generator, read: Reading, wan: Wan) -> None:
        """`read` gives the prompts of a brief."""
        self._settings = settings
        self._read = read
        self._wan = wan

    def generate(self, job: Job, progress: Progress) -> Iterator[Image]:
        """See `Generator.generate`. Every shot is a cut; one longer than a segment is a chain of segments.

        A checkpoint that takes no picture cannot be continued: a shot longer than `wan.segment` allows is
        Refused, and so is a picture to begin with. A product's picture (`pictures`) it leaves out.
        """
        scenes = self._scenes(job)
        if not 0 <= job.seed < SEEDS:
            raise Refused(f"seed {job.seed}; allowed are 0 to {SEEDS - 1}")
        return self._film(job, scenes, job.seed, growing(progress))

    def _scenes(self, job: Job) -> list[Scene]:
        settings, spec, brief = self._settings, job.spec, job.brief
        known = self._wan.checkpoint
        rate, chains = settings.wan.rate or min(known.motion, spec.fps), known.takes_picture

        def taken(frames: int) -> Take:
            return plan(frames, spec.fps, rate, settings.wan.segment, chains)

        if job.request is not None:
            asked = job.request.picture
            frames = split(spec.frames, [1.0])[0]
            check_prompt(job.request.prompt)
            return [Scene(job.request.prompt, taken(frames), None if asked is None else picture.read(asked))]
        prompts = self._read(brief, settings.wan.language)
        shares = split(spec.frames, [shot.seconds for shot in brief.shots])
        scenes = []
        for shot, prompt, frames in zip(brief.shots, prompts, shares, strict=True):
            check_prompt(prompt)
            path = picture_of(settings, shot) if chains else None
            scenes.append(Scene(prompt, taken(frames), None if path is None else picture.read(path)))
        return scenes

    def _film(self, job: Job, scenes: list[Scene], seed: int, progress: Progress) -> Iterator[Image]:
        self._wan.read([scene.prompt for scene in scenes])
        whole = sum(segment.made for scene in scenes for segment in scene.take.segments)
        past, given, number = 0, 0, 0
        for scene in scenes:
            # Each segment has its own noise: with the same, a chain would repeat its motion.
            seeds = [(seed + number + index) % SEEDS for index in range(len(scene.take.segments))]
            number += len(seeds)
            told = _part(progress, past / whole * IMAGINED, IMAGINED * _made(scene.take) / whole)
            past += _made(scene.take)
            with closing(self._shot(job, scene, seeds, told)) as images:
                for image in pictures_at(images, scene.take.positions()):
                    given += 1
                    if given == job.spec.frames:
                        progress(1.0)
                    yield image

    def _shot(
        self, job: Job, scene: Scene, seeds: list[int], progress: Progress
    ) -> Generator[Image, None, None]:
        """The imagined pictures of a shot, joined."""
        last = scene.first

        def pieces() -> Iterator[Piece]:
            past = 0
            for segment, seed in zip(scene.take.segments, seeds, strict=True):
                share = segment.made / _made(scene.take)
                told = _part(progress, past / _made(scene.take), share)
                past += segment.made
                images = self._segment(job, scene.prompt, segment, seed, last, told)
                yield Piece(images, segment.continues)

        for image in chain(pieces()):
            last = image
            yield image

    def _segment(
        self, job: Job, prompt: str, segment: Segment, seed: int, first: Image | None, progress: Progress
    ) -> Iterator[Image]:
        request = job.request or Request(prompt)
        return self._wan.film(
            prompt,
            frames=segment.frames,
            width=job.spec.width,
            height=job.spec.height,
            seed=seed,
            steps=request.steps,
            guidance=request.guidance,
            negative=request.negative,
            picture=first,
            progress=progress,
        )


def load(settings: config.Generator, read: Reading) -> WanGenerator:
    """The generator of `settings`, with its weights loaded. Raises GeneratorError."""
    wan = load_pipeline(settings.wan, width=settings.width, height=settings.height)
    return WanGenerator(settings, read, wan)


def _made(take: Take) -> int:
    return sum(segment.made for segment in take.segments)


def _part(progress: Progress, start: float, share: float) -> Callable[[float], None]:
    """Progress of a part, told as that of the whole."""
    return lambda done: progress(start + share * done)
