"""From a brief to what is wished: its clip's name for each generator, the jobs to make them, the moment.

    brief → what each generator reads of it → key → wish, job → moment

Stands above `story` and `video`, which know nothing of each other: a text prompt is the story's reading of a
brief, and what a prompt is turned into is the generator's business.
"""

from __future__ import annotations

import uuid

from reverie import config
from reverie.story.prompts import prompts_of
from reverie.values import Brief, Cause, ClipSpec, Job, Moment, Priority, Request, Wish, clip_key
from reverie.video.generator import Generator, load_generator, make_spec, reading_of


def load(settings: config.Generator, warm: bool = True) -> Generator:
    """The generator that `settings` names, given the story's way to read a brief. Raises GeneratorError."""
    return load_generator(settings, prompts_of, warm)


def make_wish(
    settings: config.Generator,
    brief: Brief,
    request: Request | None = None,
    sound: config.Sound = config.SILENT,
) -> tuple[Wish, ClipSpec]:
    """The clip that would answer `brief`, by name.

    `request`: what a program asked for in its own words and numbers (`/v1/videos`), instead of the brief's.
    `sound`: what it sounds of; as it comes, of nothing.
    """
    spec = make_spec(settings, brief, request, sound)
    return Wish(settings.name, clip_key(reading_of(settings, brief, request, prompts_of), spec)), spec


def make_moment(
    settings: config.Config, cause: Cause, brief: Brief, seen: float, priority: Priority
) -> tuple[Moment, list[Job]]:
    """A moment that wishes a clip of `brief` from each generator, best first, and the jobs to make them."""
    expires = seen + max(settings.story.hold, 1.0)
    made = [make_wish(generator, brief, sound=settings.sound) for generator in settings.generators]
    jobs = [Job(wish.key, brief, spec, expires, priority, seen) for wish, spec in made]
    return Moment(uuid.uuid4().hex, cause, brief, tuple(w for w, _ in made), seen, expires), jobs
