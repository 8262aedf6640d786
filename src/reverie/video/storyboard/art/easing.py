"""Motion as plain numbers: easing curves, keyframes, decaying swings. No pictures here.

Every curve maps 0..1 to about 0..1 (`back` and `elastic` overshoot). `keys` is the one animators use most:

    y = keys(t, (0.0, 372.0), (0.4, 360.0, "out"), (1.2, 150.0, "back"))
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

TAU = 2 * math.pi


def clamp(x: float, low: float = 0.0, high: float = 1.0) -> float:
    """`x` kept within low..high."""
    return low if x < low else high if x > high else x


def lerp(a: float, b: float, share: float) -> float:
    """From a (share 0) to b (share 1)."""
    return a + (b - a) * share


def _bounce(t: float) -> float:
    """A ball that lands: four ever smaller arcs (Robert Penner's constants)."""
    for start, floor in ((1.0, 0.0), (2.0, 0.75), (2.5, 0.9375)):
        if t < start / 2.75:
            middle = 0.0 if start == 1.0 else (1.5 if start == 2.0 else 2.25)
            return 7.5625 * (t - middle / 2.75) ** 2 + floor
    return 7.5625 * (t - 2.625 / 2.75) ** 2 + 0.984375


EASES: dict[str, Callable[[float], float]] = {
    "lin": lambda t: t,
    "io": lambda t: t * t * (3 - 2 * t),
    "in": lambda t: t * t,
    "out": lambda t: 1 - (1 - t) ** 3,
    "back": lambda t: 1 + 2.7 * (t - 1) ** 3 + 1.7 * (t - 1) ** 2,
    "elastic": lambda t: 1.0 if t >= 1 else 1 - math.cos(t * math.pi * 3.2) * (1 - t) ** 2.2,
    "bounce": _bounce,
}
"""Curve by name: "lin", "io" (slow at both ends), "in", "out", "back", "elastic", "bounce"."""


def ease(name: str, share: float) -> float:
    """The named curve at `share`, which is clamped to 0..1."""
    return EASES[name](clamp(share))


def keys(t: float, *frames: tuple[float, float] | tuple[float, float, str]) -> float:
    """The value at time `t` between keyframes `(time, value[, curve into it])`; held at both ends.

    Times grow; the default curve is "io".
    """
    if t <= frames[0][0]:
        return frames[0][1]
    for before, after in pairwise(frames):
        if t <= after[0]:
            curve = after[2] if len(after) == 3 else "io"
            return lerp(before[1], after[1], EASES[curve]((t - before[0]) / (after[0] - before[0])))
    return frames[-1][1]


def swing(t: float, start: float, hertz: float = 2.6, decay: float = 4.0) -> float:
    """A spring let go at `start`: 0 before, then -1..1, dying away by e^-decay a second."""
    if t <= start:
        return 0.0
    return math.sin((t - start) * TAU * hertz) * math.exp(-(t - start) * decay)


def wave(t: float, hertz: float, phase: float = 0.0) -> float:
    """A plain sine, -1..1."""
    return math.sin(TAU * (t * hertz + phase))


def arc(share: float) -> float:
    """A throw: 0 at both ends, 1 in the middle (parabola); 0 outside 0..1."""
    return 4 * share * (1 - share) if 0 < share < 1 else 0.0
