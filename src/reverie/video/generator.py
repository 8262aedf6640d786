"""The generator seam: a job in, pictures out as they come."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Protocol

from reverie import config
from reverie.values import Brief, Cause, ClipSpec, Image, Job, Moment, Priority, Wish, clip_key

Progress = Callable[[float], None]
"""Told the share done, 0..1, growing; raises Cancelled when nobody wants the clip any more."""


SCARCE = 3
"""Starts a minute that a generator asks for whose every clip is dear (a diffusion model)."""


class Generator(Protocol):
    """What imagines. One job at a time."""

    streams: bool
    """Whether pictures may be shown before the last one is made and checked (a storyboard: yes)."""

    per_minute: int | None
    """Starts a minute that it asks for, unless the operator sets another: SCARCE, or None for no limit."""

    def generate(self, job: Job, progress: Progress) -> Iterator[Image]:
        """`job.spec.frames` pictures of `job.spec.height` x `job.spec.width`, in order, as they are made.

        The same key and take give the same pictures. Raises GeneratorError, and Cancelled from `progress`.
        """
        ...


def load_generator(settings: config.Generator, warm: bool = True) -> Generator:
    """The generator that `settings.kind` names, ready to work.

    `warm`: prepare all that makes first pictures quick, as a program that stays does; a tool that makes one
    clip does not.
    """
    match settings.kind:
        case "storyboard":
            from reverie.video.storyboard import load_storyboard

            return load_storyboard((settings.width, settings.height) if warm else None)


def make_spec(settings: config.Generator, brief: Brief) -> ClipSpec:
    """All that shows in the picture beside the brief, for a clip of it by this generator. Loads nothing."""
    from reverie.video.storyboard.version import VERSION

    return ClipSpec(
        generator=settings.name,
        version=VERSION,
        width=settings.width,
        height=settings.height,
        frames=max(1, round(brief.seconds * settings.fps)),
        fps=settings.fps,
    )


def make_wish(settings: config.Generator, brief: Brief) -> tuple[Wish, ClipSpec]:
    """The clip that would answer `brief`, by name: what a storyboard reads is the whole brief."""
    spec = make_spec(settings, brief)
    reading = json.dumps(asdict(brief), sort_keys=True, ensure_ascii=False)
    return Wish(settings.name, clip_key(reading, spec)), spec


def make_moment(
    settings: config.Config, cause: Cause, brief: Brief, seen: float, priority: Priority
) -> tuple[Moment, list[Job]]:
    """A moment that wishes a clip of `brief` from each generator, best first, and the jobs to make them."""
    expires = seen + max(settings.story.hold, 1.0)
    made = [make_wish(generator, brief) for generator in settings.generators]
    jobs = [Job(wish.key, brief, spec, expires, priority, seen) for wish, spec in made]
    return Moment(uuid.uuid4().hex, cause, brief, tuple(w for w, _ in made), seen, expires), jobs
