"""A few effects by what a shot's action is: accents at their moment, and textures that last as long as it.

Accents are laid where the composer of storyboards plays its beats, as shares of the shot; a bespoke scene and
a model have beats of their own, so their films have textures alone. Quiet on purpose: they answer the
picture, they do not shout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from reverie.values import Shot
from reverie.video.sound.tones import SAMPLE_RATE, Samples, edged, hiss, lay, place, pluck, times

LOUDEST = 0.2
"""Largest sample of an effect by itself (-14 dB)."""

SPARE = 0.1
"""Seconds of a shot's end in which no accent begins."""

ACCENTS: Mapping[str, tuple[tuple[str, float], ...]] = MappingProxyType(
    {
        "appear": (("pop", 0.03),),
        "catch": (("pop", 0.40),),
        "fly": (("whoosh", 0.06),),
        "grow": (("pop", 0.20), ("pop", 0.45), ("sparkle", 0.62)),
        "hold": (("pop", 0.32),),
        "hug": (("sparkle", 0.40),),
        "kick": (("thud", 0.32), ("whoosh", 0.34)),
        "open": (("pop", 0.36), ("sparkle", 0.42)),
        "pick_up": (("pop", 0.46), ("sparkle", 0.56)),
        "put_down": (("thud", 0.44),),
        "shine": (("sparkle", 0.10),),
        "spin": (("whoosh", 0.10),),
        "swim": (("splash", 0.12), ("splash", 0.62)),
        "take_apart": (("whoosh", 0.14), ("whoosh", 0.74)),
        "throw": (("whoosh", 0.30),),
        "try_on": (("sparkle", 0.42),),
        "unbox": (("pop", 0.36), ("sparkle", 0.42)),
    }
)
"""(effect, share of the shot at which it begins) by action; most actions have none."""

TEXTURES: Mapping[str, str] = MappingProxyType(
    {"rain": "rain", "boil": "bubbles", "snow": "wind", "float": "wind", "erupt": "rumble"}
)
"""What sounds through a whole shot, by action."""

BRIEFEST = 0.1
"""Seconds of the shortest shot that is told by its texture."""


def lay_effects(target: Samples, shot: Shot, start: float, seconds: float, beats: bool) -> None:
    """Add to `target` the effects of `shot`, which begins at its second `start` and lasts `seconds`.

    `beats`: the composer plays it, so that there are accents, and a breath of air where it comes in.
    """
    texture = TEXTURES.get(shot.action)
    if texture is not None and seconds >= BRIEFEST:
        place(target, make_texture(texture, round(seconds, 3)), start, 1.0)
    if not beats:
        return
    if start > 0:
        place(target, make_accent("whoosh"), start - 0.06, 0.4)
    for name, share in ACCENTS.get(shot.action, ()):
        if share * seconds < seconds - SPARE:
            place(target, make_accent(name), start + share * seconds, 1.0)


# ---------------------------------------------------------------------------------- accents


@lru_cache(16)
def make_accent(name: str) -> Samples:
    """An effect by itself, LOUDEST at its loudest, from silence to silence; read-only.

    `name` is one of ACCENT_MAKERS, else a KeyError.
    """
    out, gain = ACCENT_MAKERS[name]
    samples = out()
    samples -= samples.mean()
    edged(samples, 0.002, 0.03)
    samples *= np.float32(gain * LOUDEST / max(1e-6, float(np.abs(samples).max())))
    samples.flags.writeable = False
    return samples


def _glide(seconds: float, low: float, high: float, decay: float) -> Samples:
    """A sine that glides from `low` to `high` Hz, dying away by `decay` a second."""
    t = times(seconds)
    turns = low * t + (high - low) * t * t / np.float32(2 * seconds)
    out: Samples = np.sin(np.float32(2 * np.pi) * turns) * np.exp(np.float32(-decay) * t)
    return out


def _pop() -> Samples:
    return _glide(0.12, 380, 980, 26)


def _thud() -> Samples:
    return _glide(0.18, 130, 70, 24)


def _whoosh() -> Samples:
    """Air: brighter in the middle than at its ends."""
    share = times(0.46) / np.float32(0.46)
    over = np.sin(np.float32(np.pi) * share) ** 2
    out: Samples = over * ((1 - over) * hiss(0.46, 700, 21) + over * 0.8 * hiss(0.46, 2400, 22))
    return out


def _splash() -> Samples:
    t = times(0.6)
    out: Samples = hiss(0.6, 2600, 31) * np.exp(-7 * t) * (1 - np.exp(-120 * t))
    for at, low in ((0.10, 520), (0.19, 700), (0.26, 610), (0.37, 860)):
        lay(out, edged(_glide(0.09, low, low * 1.7, 24), 0.004, 0.03), at, 0.3)
    return out


def _sparkle() -> Samples:
    """A little run of bells up the pentatonic scale."""
    out = np.zeros(round(1.3 * SAMPLE_RATE), np.float32)
    for index, note in enumerate((84, 88, 91, 93, 96)):
        ring = edged(pluck("bell", note)[: round((1.2 - 0.07 * index) * SAMPLE_RATE)].copy(), 0.0, 0.6)
        lay(out, ring, 0.07 * index, 0.9 - 0.1 * index)
    return out


ACCENT_MAKERS: Mapping[str, tuple[Callable[[], Samples], float]] = MappingProxyType(
    {
        "pop": (_pop, 0.75),
        "thud": (_thud, 0.8),
        "whoosh": (_whoosh, 0.5),
        "splash": (_splash, 0.7),
        "sparkle": (_sparkle, 0.5),
    }
)
"""How each accent is made, and its loudness as a share of LOUDEST."""


# ---------------------------------------------------------------------------------- textures


@lru_cache(4)
def make_texture(name: str, seconds: float) -> Samples:
    """What sounds for `seconds`, coming and going softly; read-only.

    `name` is one of TEXTURE_MAKERS, else a KeyError.
    """
    samples = TEXTURE_MAKERS[name](seconds)
    samples -= samples.mean()
    edged(samples, 0.35, 0.35)
    samples *= np.float32(0.35 * LOUDEST / max(1e-6, float(np.abs(samples).max())))
    samples.flags.writeable = False
    return samples


def _rain(seconds: float) -> Samples:
    """Far rain, and single drops near by."""
    out = 0.5 * hiss(seconds, 4200, 51)
    chance = np.random.default_rng(52)
    for _ in range(int(9 * seconds)):
        low = float(chance.uniform(900, 2200))
        drop = edged(_glide(0.03, low, low * 1.3, 90), 0.002, 0.01)
        lay(out, drop, float(chance.uniform(0, seconds)), float(chance.uniform(0.2, 0.7)))
    return out


def _bubbles(seconds: float) -> Samples:
    out = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    chance = np.random.default_rng(61)
    for _ in range(int(11 * seconds)):
        low = float(chance.uniform(260, 720))
        bubble = edged(_glide(0.07, low, low * 1.9, 20), 0.008, 0.03)
        lay(out, bubble, float(chance.uniform(0, seconds)), float(chance.uniform(0.3, 1.0)))
    return out


def _wind(seconds: float) -> Samples:
    t = times(seconds)
    gusts = 0.6 + 0.4 * np.sin(2 * np.pi * 0.31 * t) * np.sin(2 * np.pi * 0.13 * t + 1)
    out: Samples = (gusts * hiss(seconds, 480, 71)).astype(np.float32)
    return out


def _rumble(seconds: float) -> Samples:
    """The ground, which comes and goes without a beat."""
    t = times(seconds)
    tremble = np.sin(2 * np.pi * 58 * t + 2 * np.sin(2 * np.pi * 7 * t))
    swells = 0.75 + 0.25 * np.sin(2 * np.pi * 0.6 * t)
    return np.asarray(swells * (hiss(seconds, 170, 41) + 0.5 * tremble), np.float32)


TEXTURE_MAKERS: Mapping[str, Callable[[float], Samples]] = MappingProxyType(
    {"rain": _rain, "bubbles": _bubbles, "wind": _wind, "rumble": _rumble}
)
"""How each texture is made."""
