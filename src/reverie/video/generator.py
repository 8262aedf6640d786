"""The generator seam: a job in, pictures out as they come."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from reverie import config
from reverie.pictures import Gallery, Picture, digest_of, read_gallery
from reverie.values import Brief, ClipSpec, Image, Job, Language, Request, Shot
from reverie.video.sound.heard import heard, spoken_of

Progress = Callable[[float], None]
"""Told the share done, 0..1, growing; raises Cancelled when nobody wants the clip any more."""

Reading = Callable[[Brief, Language], tuple[str, ...]]
"""The text prompts of a brief, one a shot, in a language: the story's (`story.prompts.prompts_of`)."""

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

        The same key and take give the same pictures. Raises GeneratorError, Refused for a job that no retry
        can mend, and Cancelled from `progress`.
        """
        ...


def load_generator(settings: config.Generator, read: Reading, warm: bool = True) -> Generator:
    """The generator that `settings.kind` names, ready to work. `read` gives it the prompts of a brief.

    `warm`: prepare all that makes first pictures quick, as a program that stays does; a tool that makes one
    clip does not. Raises GeneratorError.
    """
    match settings.kind:
        case "storyboard":
            from reverie.video.storyboard import load_storyboard

            return load_storyboard(
                (settings.width, settings.height) if warm else None, settings.pictures, settings.products
            )
        case "wan":
            from reverie.video.wan import load_wan

            return load_wan(settings, read)
        case "remote":
            from reverie.video.remote import load_remote

            return load_remote(settings, read)


def make_spec(
    settings: config.Generator,
    brief: Brief,
    request: Request | None = None,
    sound: config.Sound = config.SILENT,
) -> ClipSpec:
    """All that shows and sounds beside what is read, for a clip by this generator. Loads no model."""
    frames = max(1, round(brief.seconds * settings.fps))
    return ClipSpec(
        generator=settings.name,
        version=_version(settings),
        width=settings.width,
        height=settings.height,
        frames=frames if request is None or request.frames is None else request.frames,
        fps=settings.fps,
        loop=settings.loop,
        sound=heard(sound, spoken_of(brief, request), drawn=settings.kind == "storyboard"),
    )


def _version(settings: config.Generator) -> str:
    match settings.kind:
        case "storyboard":
            from reverie.video.storyboard.version import VERSION

            return VERSION
        case "wan":
            from reverie.video.wan.recipe import version_of

            return version_of(settings.wan)
        case "remote":
            return f"{settings.remote.model} at {config.mask(settings.remote.url)}"


def reading_of(settings: config.Generator, brief: Brief, request: Request | None, read: Reading) -> str:
    """What this generator reads of `brief`, as one canonical text: equal readings are one clip.

    A storyboard reads the whole brief, captions and all. A diffusion model reads prompts in its own language,
    so that one clip of it serves every language of captions, and the pictures that its shots begin with.
    """
    data: dict[str, Any]
    if settings.kind == "storyboard":
        data = asdict(brief)
        gallery = _gallery(settings)
        shown = [[picture.digest for picture in _pictured(gallery, shot)] for shot in brief.shots]
        if any(shown):
            data["pictures"] = shown
    else:
        language = settings.wan.language if settings.kind == "wan" else settings.remote.language
        pictures = [picture_of(settings, shot) for shot in brief.shots]
        data = {
            "prompts": read(brief, language),
            "seconds": [shot.seconds for shot in brief.shots],
            "pictures": [None if path is None else digest_of(path) for path in pictures],
        }
    if request is not None:
        words = asdict(request)
        words["picture"] = None if request.picture is None else digest_of(request.picture)
        data["request"] = words
    return json.dumps(data, sort_keys=True, ensure_ascii=False)


def picture_of(settings: config.Generator, shot: Shot) -> Path | None:
    """The operator's own picture of what a shot shows: its subject, else its object; None without one.

    `pictures/teddy bear.png` is of a teddy bear, `products/choco crunch/picture.png` of that product.
    """
    return next((picture.path for picture in _pictured(_gallery(settings), shot)), None)


def _gallery(settings: config.Generator) -> Gallery:
    return read_gallery(settings.pictures, settings.products)


def _pictured(gallery: Gallery, shot: Shot) -> Iterator[Picture]:
    """The pictures of a shot's subject and object, where there are any."""
    for word, label in zip((shot.subject, shot.object), shot.labels, strict=True):
        found = gallery.of(word, label) if word else None
        if found is not None:
            yield found
