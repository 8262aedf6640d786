"""A commission: what somebody asks for on the command line, or in a row of a list → settings and a job.

    commission → settings_of → the generator's settings → job_of → a job

Whatever cannot be, or does not go together, is said here, before a model is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import unquote

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from reverie import config
from reverie.errors import ConfigError
from reverie.story import questions
from reverie.story.library import Library
from reverie.values import Brief, Job, Language, Priority, Request
from reverie.video.wan import checkpoint
from reverie.video.wan.checkpoint import Checkpoint
from reverie.wishes import make_wish

Kind = Literal["storyboard", "wan", "remote"]

SECONDS = 3.0
"""Length of a model's film when nobody says one."""

SIZE = (832, 480)
"""Size of a model's film when nobody says one: the smallest that the 5B was made for."""

LONGEST = 60.0
"""Seconds of a film; short films are what this is for."""

PROMPT = 2000
"""Characters of a text. Wan reads 512 tokens of it and would drop the rest without a word."""

SEEDS = 2**32
"""Seeds are below."""

APPLIES: Mapping[str, tuple[Kind, ...]] = MappingProxyType(
    {
        "language": ("storyboard",),
        "preset": ("wan",),
        "steps": ("wan", "remote"),
        "guidance": ("wan", "remote"),
        "seed": ("wan", "remote"),
        "negative": ("wan", "remote"),
        "picture": ("wan", "remote"),
    }
)
"""Which kinds of generator a wish means something to; all others are for all."""

INSTEAD = MappingProxyType(
    {
        "language": "a model reads the text as it is written",
        "preset": "presets are the Wan model's, here: add --model wan",
        "seed": "another variation of a storyboard is another --take",
        "steps": "a storyboard is drawn, not denoised: add --model wan",
        "guidance": "a storyboard is drawn, not denoised: add --model wan",
        "negative": "a storyboard draws what it understands of the text: add --model wan",
        "picture": "a storyboard draws with its own art: add --model wan",
    }
)
"""What to do about a wish that means nothing there."""


class Wrong(ConfigError):
    """A wish that cannot be: `name` of the option or column, and `why`: what was found, what is allowed."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{'the text' if name == 'prompt' else f'--{name}'} {why}")
        self.name = name
        self.why = why


@dataclass(frozen=True, slots=True)
class Commission:
    """A film that somebody asks for. None: as the generator has it.

    `model` is `storyboard`, a name that `reverie models pull` knows, a hub id, a folder with a checkpoint, or
    the http address of a `/v1/videos` up to and with /v1, as http://TOKEN@host/v1 where it wants a token.
    `size` is WIDTHxHEIGHT in pixels.
    """

    text: str
    model: str | None = None
    preset: str | None = None
    size: str | None = None
    fps: int | None = None
    seconds: float | None = None
    frames: int | None = None
    steps: int | None = None
    guidance: float | None = None
    seed: int | None = None
    negative: str | None = None
    picture: Path | None = None
    language: Language | None = None
    take: int = 1


def kind_of(model: str | None) -> Kind:
    """Which kind of generator a model is for."""
    if model is None or model == "storyboard":
        return "storyboard"
    return "remote" if model.startswith(("http://", "https://")) else "wan"


def applying(commission: Commission, kind: Kind) -> Commission:
    """`commission` without the wishes that mean nothing to a generator of that kind."""
    nothing: dict[str, Any] = {name: None for name, kinds in APPLIES.items() if kind not in kinds}
    return replace(commission, **nothing)


def settings_of(commission: Commission, configured: config.Generator | None = None) -> config.Generator:
    """The generator to ask: `configured`, or the one that `model` names, with what else is asked laid over.

    A model without a preset has the one that its weights were made for: fast when distilled, else quality.

    Raises Wrong for what cannot be or does not go together, and GeneratorError for a model that is not here
    or is not whole. Loads none.
    """
    model = commission.model
    kind: Kind = kind_of(model) if configured is None else configured.kind
    for wish in fields(commission):
        given = getattr(commission, wish.name)
        if given is not None and kind not in APPLIES.get(wish.name, (kind,)):
            said = f"{given}: " if wish.name != "negative" else ""
            who = f"the generator {configured.name!r}" if configured else model or "the storyboard"
            theirs = kind == "remote" and wish.name == "preset"
            instead = "the other machine has its own" if theirs else INSTEAD[wish.name]
            raise Wrong(wish.name, f"{said}means nothing to {who}; {instead}")
    values = _fresh(kind, model or "") if configured is None else _values(configured)
    if commission.size is not None:
        values["width"], values["height"] = _size(commission.size)
    if commission.fps is not None:
        values["fps"] = commission.fps
    if commission.preset is not None:
        values["wan"]["preset"] = commission.preset
    settings = _validated(values)
    if kind != "wan":
        return settings
    found = checkpoint.inspect(checkpoint.find(settings.wan.model))
    _demand_fitting(settings, found, commission)
    if configured is None and commission.preset is None:
        values["wan"]["preset"] = "fast" if found.distilled else "quality"
    return _validated(values)


def job_of(
    commission: Commission,
    settings: config.Generator,
    library: Library,
    sound: config.Sound = config.SILENT,
) -> Job:
    """The job of one film, of a story in `library` or of the text. Raises Wrong.

    `settings` are `settings_of` the same commission; `sound`: what the film sounds of.
    """
    text = commission.text.strip()
    if not text:
        raise Wrong("prompt", "is empty; say what to show, for example: a cat chases a butterfly")
    if len(text) > PROMPT:
        raise Wrong("prompt", f"has {len(text)} characters; allowed are {PROMPT}")
    _demand_numbers(commission)
    understood = questions.understand(text, commission.language, library).brief
    seconds = _seconds(commission, settings, understood)
    brief = _lasting(understood, seconds)
    request = None
    if settings.kind != "storyboard":
        request = Request(
            prompt=text,
            negative=commission.negative,
            seed=commission.seed,
            steps=commission.steps,
            guidance=commission.guidance,
            frames=max(1, round(seconds * settings.fps)),
            picture=None if commission.picture is None else _picture(commission.picture),
        )
    wish, spec = make_wish(settings, brief, request, sound)
    return Job(
        wish.key, brief, spec, float("inf"), Priority.ASKED, 0.0, take=commission.take, request=request
    )


def _values(settings: config.Generator) -> dict[str, Any]:
    """Its settings by name, to be validated anew with others; those of `wan` likewise."""
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    return values | {"wan": {name: getattr(settings.wan, name) for name in type(settings.wan).model_fields}}


def _fresh(kind: Kind, model: str) -> dict[str, Any]:
    """The same of a generator as it is by default, for what `model` names."""
    if kind == "storyboard":
        return _values(config.Generator())
    width, height = SIZE
    values = _values(config.Generator(name=kind, width=width, height=height)) | {"kind": kind}
    if kind == "remote":
        values["remote"] = _remote(model)
    else:
        # A shell completes a folder's name without `./`, which the configuration asks for.
        plain = model.lower() not in checkpoint.NAMES and not model.startswith((".", "~", "/"))
        values["wan"]["model"] = f"./{model}" if plain and _is_folder(model) else model
    return values


def _remote(address: str) -> dict[str, str]:
    """Settings of `remote` by an address: one word before the host is the token, as `wan.encoder` has it.

    A user's name and password stay in the address.
    """
    found = re.fullmatch(r"(https?://)([^/?#:]+)@([^/?#@]*(?:[/?#].*)?)", address, re.DOTALL)
    if found is None:
        return {"url": address}
    return {"url": found[1] + found[3], "token": unquote(found[2])}


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except OSError:  # a name that is too long for one
        return False


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", text.lower(), re.ASCII)
    if found is None:
        raise Wrong("size", f"{text}: write it as WIDTHxHEIGHT, for example 640x480")
    return int(found[1]), int(found[2])


def _validated(values: dict[str, Any]) -> config.Generator:
    """A generator of these settings, through the configuration's own rules. Raises Wrong."""
    import pydantic

    try:
        return config.Generator(**values)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        why = first["msg"].removeprefix("Value error, ")
        name = str(first["loc"][-1]) if first["loc"] else "size"
        if name in ("width", "height", "size"):
            raise Wrong("size", f"{values['width']}x{values['height']}: {why}") from None
        if name == "url":
            told = f"{first['input']}: no address; write it up to and with /v1: http://127.0.0.1:30000/v1"
            raise Wrong("model", told) from None
        raise Wrong(name, f"{first['input']}: {why}") from None


def _demand_fitting(settings: config.Generator, found: Checkpoint, commission: Commission) -> None:
    """What this very checkpoint cannot do, from its files alone. Raises Wrong."""
    width, height = settings.width, settings.height
    if width % found.step or height % found.step:
        raise Wrong(
            "size",
            f"{width}x{height}: {settings.wan.model} makes pictures whose sides divide by {found.step}; near "
            f"is {config.near_size(width, height, found.step)}",
        )
    if commission.picture is not None and not found.takes_picture:
        raise Wrong(
            "picture",
            f"{commission.picture}: {settings.wan.model} cannot begin with a picture; Wan2.2-TI2V-5B and its "
            "like can",
        )


def _demand_numbers(commission: Commission) -> None:
    """Numbers that the configuration has no rule for. Raises Wrong."""
    checks: tuple[tuple[str, float | None, float, float, str], ...] = (
        ("seconds", commission.seconds, 0.04, LONGEST, f"up to {LONGEST:g}"),
        ("steps", commission.steps, 1, 100, "1 to 100"),
        ("guidance", commission.guidance, 1, 20, "1 to 20"),
        ("seed", commission.seed, 0, SEEDS - 1, f"0 to {SEEDS - 1}"),
        ("take", commission.take, 1, 1_000_000, "1 and up"),
    )
    for name, value, least, most, allowed in checks:
        if value is not None and not least <= value <= most:
            raise Wrong(name, f"{value:g}: allowed are {allowed}")
    if commission.seed is not None and commission.take != 1:
        raise Wrong(
            "take", f"{commission.take}: the seed {commission.seed} says which variation it is; not both"
        )
    if commission.seconds is not None and commission.frames is not None:
        raise Wrong("frames", f"{commission.frames}: say either the frames or the seconds, not both")


def _seconds(commission: Commission, settings: config.Generator, brief: Brief) -> float:
    """How long the film is. Raises Wrong for too few or too many frames."""
    if commission.frames is not None:
        most = round(LONGEST * settings.fps)
        if not 1 <= commission.frames <= most:
            raise Wrong(
                "frames",
                f"{commission.frames}: allowed are 1 to {most} ({LONGEST:g} s at {settings.fps} fps)",
            )
        return commission.frames / settings.fps
    if commission.seconds is not None:
        return commission.seconds
    return brief.seconds if settings.kind == "storyboard" else SECONDS


def _lasting(brief: Brief, seconds: float) -> Brief:
    """The same brief in `seconds`."""
    pace = seconds / brief.seconds
    if pace == 1:
        return brief
    return replace(brief, shots=tuple(replace(shot, seconds=shot.seconds * pace) for shot in brief.shots))


def _picture(path: Path) -> Path:
    """The absolute path of a file that really is a picture. Raises Wrong."""
    try:
        with Pillow.open(path) as picture:
            picture.verify()
    except UnidentifiedImageError:
        raise Wrong("picture", f"{path}: is no picture; PNG, JPEG and WebP are") from None
    except OSError as error:
        raise Wrong("picture", f"{path}: cannot be read: {error.strerror or error}") from None
    except (SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        raise Wrong("picture", f"{path}: is a damaged picture: {error}") from None
    return path.absolute()


def configured(settings: config.Config, name: str, where: str) -> config.Generator:
    """The generator called `name`. Raises ConfigError naming those that `where` has."""
    for generator in settings.generators:
        if generator.name == name:
            return generator
    names = ", ".join(generator.name for generator in settings.generators)
    raise ConfigError(f"--generator {name}: {where} has no such generator; it has: {names}")
