"""checkup: what is wrong with a configuration on this box, before it runs (`reverie check`)."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reverie import config
from reverie.checkup.finding import Finding, tried
from reverie.errors import GeneratorError, ReverieError

__all__ = ["Finding", "findings", "refuse"]

ASK = 5.0
"""Seconds for another machine to answer."""

ROOM = 200_000_000
"""Bytes of free disk under which a note is made."""


def findings(settings: config.Config) -> Iterator[Finding]:
    """Looks at one thing after the other; touches cameras and models as running would."""
    from reverie.checkup import eyes, voices

    yield from eyes.findings(settings)
    yield tried("story", lambda: _story(settings))
    for generator in settings.generators:
        yield tried(f"generator {generator.name}", lambda g=generator: _generator(g))  # type: ignore[misc]
        yield from _pictures(generator)
        if generator.kind == "remote":
            yield _remote(generator)
        if generator.kind == "wan":
            yield from _prompts(settings, generator)
    yield from _order(settings)
    yield from voices.findings(settings.sound, settings.story.language)
    yield _folder(settings.store)
    yield _port(settings.serve)
    if settings.screen.ambient is not None:
        yield tried("screen.ambient", lambda: _ambient(settings.screen.ambient))


def refuse(settings: config.Config) -> None:
    """Raises what no retry can mend, so that `run` tells it at once instead of restarting for ever.

    A camera that is away, a full disk or a taken port may come back, and are no matter of this.
    """
    from reverie.checkup import eyes
    from reverie.story.library import load_library
    from reverie.video import encode

    eyes.refuse(settings.cameras)
    load_library(settings.story.library)
    for generator in settings.generators:
        encode.check_encoder(generator)
        if generator.kind == "wan":
            _wan_is_here(generator)
            _tiny_is_here(generator)
    if settings.detector != config.Detector():  # as it comes, there is nothing in it that could be wrong
        from reverie.vision.detector import load_detector

        load_detector(settings.detector)


def _story(settings: config.Config) -> str:
    from reverie.story.director import Director
    from reverie.story.library import load_library

    topics = Director(load_library(settings.story.library), settings.story).topics()
    return f"{len(topics)} topics"


def _wan_is_here(settings: config.Generator) -> None:
    """Raises GeneratorError where the model, or what runs it, is missing. Loads nothing."""
    from reverie.video.wan.checkpoint import find, inspect

    if any(importlib.util.find_spec(name) is None for name in ("torch", "diffusers", "transformers")):
        raise GeneratorError(f"generator {settings.name!r}: Wan needs `pip install 'reverie[wan]'`")
    inspect(find(settings.wan.model))


def _tiny_is_here(settings: config.Generator) -> None:
    """Raises GeneratorError where the tiny decoder is asked for and its weights are not there."""
    from reverie.video.wan.checkpoint import find, inspect
    from reverie.video.wan.recipe import find_tiny, make_recipe, resolved

    if make_recipe(resolved(settings.wan), settings.height).tiny:
        find_tiny(settings.wan, inspect(find(settings.wan.model)))


def _wan(settings: config.Generator) -> str:
    """All that loading would complain of, the memory too; the weights themselves stay where they are."""
    _wan_is_here(settings)
    from reverie.video.wan.pipeline import examine, memory_told
    from reverie.video.wan.recipe import resolved

    checkpoint, recipe, _ = examine(settings.wan, width=settings.width, height=settings.height)
    guidance = f", guidance {recipe.guidance:g}" if recipe.guided else ""
    with_ = f"the {'tiny' if recipe.tiny else 'full'} decoder"
    memory = memory_told(resolved(settings.wan), checkpoint, settings.width, settings.height)
    return (
        f"{checkpoint.path.name}, preset {recipe.preset}: {recipe.steps} steps{guidance}, {with_}; {memory}"
    )


def _prompts(settings: config.Config, generator: config.Generator) -> Iterator[Finding]:
    """How many of the library's prompts are compiled, and who encodes the others."""
    from reverie.story.repertoire import make_repertoire

    what, wan = f"prompts of {generator.name}", generator.wan
    try:
        _wan_is_here(generator)
        from reverie.video.wan.checkpoint import find
        from reverie.video.wan.recipe import resolved
        from reverie.video.wan.text import load_text

        text = load_text(resolved(wan), find(wan.model), "cpu")
        if wan.encoder.startswith("http"):
            text.origin()
    except ReverieError as error:
        if wan.encoder.startswith("http"):
            yield Finding(what, "note", f"{config.mask(str(error))}; it will be asked again")
        return  # what else is wrong is said of the generator itself
    prompts = make_repertoire(settings, wan.language)
    here = text.compiled(prompts)
    others = "others are encoded when they come" if text.encodes else "nobody can encode others"
    whole = here == len(prompts) or text.encodes
    yield Finding(
        what, "ok" if whole else "note", f"{here} of the library's {len(prompts)} compiled; {others}"
    )


def _pictures(settings: config.Generator) -> Iterator[Finding]:
    """The operator's own pictures: opened, since what is wrong with one is seen only then."""
    from reverie.pictures import MAX_PICTURES, read_gallery
    from reverie.video.storyboard.art.own import complaints

    what = f"pictures of {settings.name}"
    if settings.pictures is not None and not settings.pictures.is_dir():
        yield Finding(f"generator {settings.name}", "wrong", f"{settings.pictures}: no such folder")
        return
    gallery = read_gallery(settings.pictures, settings.products)
    for told in complaints(gallery, MAX_PICTURES):
        yield Finding(what, "note", f"{told}; the vocabulary's picture is shown")
    if gallery.pictures:
        yield Finding(what, "ok", ", ".join(gallery.pictures))


def _order(settings: config.Config) -> Iterator[Finding]:
    """The first generator is the best: a storyboard before another would always win."""
    kinds = [generator.kind for generator in settings.generators]
    if "storyboard" in kinds[:-1] and set(kinds[kinds.index("storyboard") :]) != {"storyboard"}:
        yield Finding("generators", "note", "the first is the best: put the storyboard last")


def _remote(settings: config.Generator) -> Finding:
    """Asks the other machine which models it has; one that is away may come back."""
    import httpx

    what, remote = f"generator {settings.name}", settings.remote
    where = config.mask(remote.url)
    headers = {"authorization": f"Bearer {remote.token.get_secret_value()}"} if remote.token else {}
    try:
        answer = httpx.get(f"{remote.url.rstrip('/')}/models", headers=headers, timeout=ASK)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = config.mask(str(error)) or type(error).__name__
        return Finding(what, "note", f"{where}: does not answer now ({why}); it will be asked again")
    if answer.status_code in (401, 403):
        return Finding(what, "wrong", f"{where}: wants another token (`remote.token`)")
    models = _models(answer)
    if remote.model and models and remote.model not in models:
        named = ", ".join(models[:8])
        return Finding(what, "note", f"{where}: lists no model {remote.model!r}; it lists {named}")
    if not answer.is_success:
        # Not every server lists its models; making films is another matter.
        return Finding(what, "note", f"{where}: answers, but lists no models (HTTP {answer.status_code})")
    return Finding(what, "ok", f"{where} answers")


def _models(answer: Any) -> list[str]:
    """The ids in an answer to `GET /v1/models`; [] when it is none."""
    try:
        return [str(entry["id"]) for entry in answer.json()["data"]]
    except (ValueError, KeyError, TypeError):
        return []


def _generator(settings: config.Generator) -> str:
    from reverie import wishes
    from reverie.video import encode

    encode.check_encoder(settings)
    if settings.kind == "wan":
        told = _wan(settings)
    else:
        wishes.load(settings, warm=False)
        told = settings.kind
    return f"{told}, {settings.width}x{settings.height} at {settings.fps} fps, {settings.encoder}"


def _ambient(path: Path | None) -> str:
    from reverie.video import encode

    assert path is not None
    clip = encode.probe(path)
    return f"{path}: {clip.seconds:.1f} s, {clip.width}x{clip.height}"


def _folder(settings: config.Store) -> Finding:
    what, folder = "store", settings.folder
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        return Finding(what, "wrong", f"{there} is a file, not a folder")
    if not os.access(there, os.W_OK):
        return Finding(what, "wrong", f"{there} may not be written by this user")
    free = shutil.disk_usage(there).free
    if free < ROOM:
        return Finding(what, "note", f"{folder}: only {free / 1e6:.0f} MB of disk are free")
    return Finding(what, "ok", f"{folder}: {free / 1e9:.1f} GB free, clips may take {settings.clips_mb} MB")


def _port(settings: config.Serve) -> Finding:
    from reverie.supervise import free_port

    try:
        free_port(settings)
    except ReverieError as error:
        return Finding("serve", "wrong", str(error))
    who = "this machine only" if settings.loopback else "others too, with the token"
    return Finding("serve", "ok", f"http://{settings.host}:{settings.port}/ for {who}")
