"""How a checkpoint is run: steps, guidance, schedule, numbers. No torch: `watch` asks for the version."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from reverie import config
from reverie.errors import GeneratorError
from reverie.video.wan.checkpoint import Checkpoint, digest, file_digest, find, is_distilled

Preset = Literal["quality", "fast", "edge"]

QUALITY_STEPS = 30
QUALITY_GUIDANCE = 5.0
"""The 5B's own guidance; its own 50 steps are cut to 30 as UniPC allows."""

DMD_TIMES = (1000.0, 757.0, 522.0)
"""Times of the three steps that FastWan was distilled for (of 1000, noise at the start)."""

NATIVE_LINES = 704
"""The shorter side of the 5B's own sizes, 1280x704 and 704x1280, in pixels."""

NEGATIVE = (
    "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，"
    "JPEG压缩残留，丑陋的，残缺的，多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，"
    "形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，倒着走"
)
"""Wan's own negative prompt, from the configuration of its published code (Apache-2.0)."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that is decided before the first step.

    `guidance` 1 means none: one pass a step instead of two, and `negative` is not read. `sigmas` are the
    shares of noise (1..0, without the last 0) of the few-step sampler, or None for UniPC with `shift`.
    `int8`: weights of the transformer in INT8. `tiny`: decode with the tiny decoder.
    """

    preset: Preset
    steps: int
    guidance: float
    shift: float
    sigmas: tuple[float, ...] | None
    negative: str
    int8: bool
    tiny: bool

    @property
    def guided(self) -> bool:
        """Whether a step needs the negative prompt, and costs two passes."""
        return self.guidance > 1


def resolved(settings: config.Wan) -> config.Wan:
    """`settings` with a preset: for `auto` the one that the weights were made for.

    Weights that are not on this box, or of which nobody knows, count as not distilled.
    """
    if settings.preset != "auto":
        return settings
    try:
        preset = "fast" if is_distilled(find(settings.model)) else "quality"
    except GeneratorError:
        preset = "quality"
    return settings.model_copy(update={"preset": preset})


def make_recipe(
    settings: config.Wan,
    lines: int,
    *,
    steps: int | None = None,
    guidance: float | None = None,
    negative: str | None = None,
) -> Recipe:
    """The preset of `settings` (`resolved`), with its own words and then the caller's laid over it.

    `lines` is the picture's shorter side in pixels and decides the shift of the schedule: 5 from the 5B's own
    704, else 3.
    """
    assert settings.preset != "auto", "a preset is chosen by `resolved`"
    few = settings.preset != "quality"
    count = _first(steps, settings.steps, len(DMD_TIMES) if few else QUALITY_STEPS)
    strict = _first(guidance, settings.guidance, 1.0 if few else QUALITY_GUIDANCE)
    return Recipe(
        preset=settings.preset,
        steps=count,
        guidance=strict,
        shift=settings.shift or (5.0 if lines >= NATIVE_LINES else 3.0),
        sigmas=few_sigmas(count) if few else None,
        negative=_first(negative, settings.negative, NEGATIVE),
        int8=settings.preset == "edge",
        tiny=settings.preset == "edge" or settings.decoder is not None,
    )


Value = TypeVar("Value", int, float, str)


def _first(asked: Value | None, set_: Value | None, usual: Value) -> Value:
    """The caller's word, else the operator's, else the preset's; 0 and "" are words."""
    return asked if asked is not None else set_ if set_ is not None else usual


def tiny_path(settings: config.Wan, path: Path) -> Path:
    """Where the tiny decoder of the checkpoint in folder `path` is expected."""
    return settings.decoder or path / "tiny_vae.safetensors"


def find_tiny(settings: config.Wan, checkpoint: Checkpoint) -> Path:
    """The file of the tiny decoder. Raises GeneratorError where it is not there."""
    path = tiny_path(settings, checkpoint.path)
    if not path.is_file():
        raise GeneratorError(
            f"preset {settings.preset} decodes with a tiny decoder, and {path} is not there: put the weights "
            f"of {'taew2_2' if checkpoint.channels == 48 else 'taew2_1'} (TAEHV) there, name them in "
            "wan.decoder, or use the preset fast"
        )
    return path


def few_sigmas(steps: int) -> tuple[float, ...]:
    """Shares of noise for the few-step sampler, 1 first and all above 0.

    Three steps are the distilled ones; another number lies on the straight lines between them.
    """
    knots = [*(time / 1000 for time in DMD_TIMES), 0.0]
    places = [step / steps * len(DMD_TIMES) for step in range(steps)]
    return tuple(
        knots[int(place)] + (place - int(place)) * (knots[int(place) + 1] - knots[int(place)])
        for place in places
    )


def version_of(settings: config.Wan) -> str:
    """All that shows in the picture beside prompt, size and seed: the weights' digest and the recipe's.

    "absent" and the name stand for weights that are not on this box: nobody is stopped from wishing.
    """
    settings = resolved(settings)
    recipe = make_recipe(settings, NATIVE_LINES)
    try:
        path = find(settings.model)
        weights = digest(path)
    except GeneratorError:
        path, weights = Path(), f"absent {settings.model}"
    shown: dict[str, Any] = {
        "preset": recipe.preset,
        "steps": recipe.steps,
        "guidance": recipe.guidance,
        "shift": settings.shift,
        "negative": recipe.negative if recipe.guided else None,
        "numbers": settings.dtype,
        "rate": settings.rate,
        "segment": settings.segment,
        "decoder": file_digest(tiny_path(settings, path)) if recipe.tiny else None,
        "lora": None if settings.lora is None else (file_digest(settings.lora), settings.lora_scale),
    }
    words = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:8]
    return f"{weights}-{words}"
