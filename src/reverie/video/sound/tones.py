"""Single sounds that music is made of: a pluck, a chord that swells, a tap. All end in silence.

Samples are float32, mono, SAMPLE_RATE a second, -1..1, and begin and end at 0: wherever they are laid,
nothing clicks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono sound, shape (n,), -1..1."""

SAMPLE_RATE = 48_000
"""Samples a second: what AAC, browsers and sound cards use without converting."""

Timbre = Literal["kalimba", "marimba", "harp", "bell", "bass"]

PARTIALS: dict[Timbre, tuple[tuple[float, float, float], ...]] = {
    "kalimba": ((1, 1.0, 3.2), (2, 0.16, 6.0), (5.4, 0.05, 18.0)),
    "marimba": ((1, 1.0, 5.5), (3.93, 0.18, 16.0)),
    "harp": ((1, 1.0, 2.6), (2, 0.34, 4.0), (3, 0.14, 6.0), (4, 0.05, 9.0)),
    "bell": ((1, 1.0, 2.2), (2.76, 0.2, 4.2), (5.4, 0.06, 9.0)),
    "bass": ((1, 1.0, 2.4), (2, 0.4, 3.4), (3, 0.12, 5.0)),
}
"""What a timbre sounds of: (times the pitch, loudness, decay per second). Bars of wood and metal ring at
2.76, 3.93 and 5.4 times their pitch, strings at whole numbers."""

LONGEST = 1.6
"""Seconds of a pluck: by then the slowest partial has lost 30 dB, and the end is faded."""

ATTACK = 0.005
"""Seconds in which a pluck is there: short enough to be one, long enough not to click."""


def pitch_of(note: float) -> float:
    """Hertz of a MIDI note (69 is A4, 440 Hz, equal temperament)."""
    return float(440.0 * 2.0 ** ((note - 69.0) / 12.0))


def times(seconds: float) -> Samples:
    """The time of each sample, seconds from 0."""
    return np.arange(round(seconds * SAMPLE_RATE), dtype=np.float32) / np.float32(SAMPLE_RATE)


def edged(samples: Samples, attack: float, release: float) -> Samples:
    """`samples` with a soft beginning and end of so many seconds (raised cosines), in place."""
    rise = min(len(samples), round(attack * SAMPLE_RATE))
    fall = min(len(samples), round(release * SAMPLE_RATE))
    if rise:
        samples[:rise] *= _ramp(rise)
    if fall:
        samples[-fall:] *= _ramp(fall)[::-1]
    return samples


@lru_cache(64)
def _ramp(count: int) -> Samples:
    """From 0 to nearly 1 in `count` samples, level at both ends."""
    turn = np.linspace(0.0, np.pi, count, endpoint=False, dtype=np.float32)
    ramp: Samples = np.asarray(0.5 - 0.5 * np.cos(turn), np.float32)
    ramp.flags.writeable = False
    return ramp


@lru_cache(64)
def pluck(timbre: Timbre, note: int) -> Samples:
    """One note (MIDI) that rings out, peak about 1; read-only."""
    pitch = pitch_of(note)
    t = times(LONGEST)
    out = np.zeros_like(t)
    for ratio, loudness, decay in PARTIALS[timbre]:
        if ratio * pitch < SAMPLE_RATE / 4:
            # A partial is still while it cannot be heard any more (-54 dB): half of the work.
            there = t[: round(min(LONGEST, 6.2 / decay) * SAMPLE_RATE)]
            ring = np.sin(np.float32(2 * np.pi * ratio * pitch) * there)
            ring *= np.exp(np.float32(-decay) * there)
            out[: len(there)] += np.float32(loudness) * ring
    edged(out, ATTACK, 0.35)
    out.flags.writeable = False
    return out


@lru_cache(16)
def swell(notes: tuple[int, ...], seconds: float) -> Samples:
    """A chord that comes slowly and goes slowly: two voices a note, a breath apart in pitch; read-only.

    `notes` MIDI; `seconds` with its rise and fall, which take a third of it each.
    """
    t = times(seconds)
    out = np.zeros_like(t)
    for index, note in enumerate(notes):
        pitch = pitch_of(note)
        # a + b is a slow beat, and one cosine is cheaper than a second voice: sin a + sin b = 2 sin cos.
        beat = 0.31 + 0.13 * index
        voice = np.sin(np.float32(2 * np.pi * pitch) * t)
        voice *= 0.72 + 0.28 * np.cos(np.float32(2 * np.pi * beat) * t + np.float32(index))
        out += voice
    out /= np.float32(max(1, len(notes)))
    edged(out, seconds / 3, seconds / 3)
    out.flags.writeable = False
    return out


@lru_cache(8)
def tap(pitch: int) -> Samples:
    """A brush on a drum: a tenth of a second of noise around `pitch` Hz; read-only."""
    out: Samples = hiss(0.1, pitch, pitch) * np.exp(np.float32(-45) * times(0.1))
    edged(out, 0.002, 0.03)
    out.flags.writeable = False
    return out


def hiss(seconds: float, pitch: float, seed: int) -> Samples:
    """Noise around `pitch` Hz, about two octaves wide, peak about 1; the same for the same `seed`."""
    count = round(seconds * SAMPLE_RATE)
    # A narrow moving average, twice, keeps what is below; a wide one taken from it leaves what is above.
    narrow = max(1, round(0.36 * SAMPLE_RATE / pitch))
    wide = 4 * narrow
    more = 2 * (narrow - 1) + wide - 1
    raw = np.random.default_rng(seed).standard_normal(count + more, dtype=np.float32)
    smooth = _averaged(_averaged(raw, narrow), narrow)
    out = (smooth[wide // 2 :][:count] - _averaged(smooth, wide)).astype(np.float32)
    out /= np.float32(max(1e-6, 3.0 * float(out.std())))
    return np.clip(out, -1, 1)


def _averaged(samples: NDArray[np.floating[Any]], width: int) -> NDArray[np.float64]:
    """The mean of each `width` neighbours; `width` - 1 fewer than there were."""
    sums = np.cumsum(np.concatenate(([0.0], samples)), dtype=np.float64)
    out: NDArray[np.float64] = (sums[width:] - sums[:-width]) / width
    return out


def lay(target: Samples, samples: Samples, at: float, gain: float) -> None:
    """Add `samples` to `target` from second `at` on; what is beyond its end rings on at its beginning.

    So what repeats has no seam. `at` may be negative or beyond the end: it is taken around.
    """
    total = len(target)
    start = round(at * SAMPLE_RATE) % total
    done = 0
    while done < len(samples):
        here = min(len(samples) - done, total - start)
        target[start : start + here] += np.float32(gain) * samples[done : done + here]
        done, start = done + here, 0


def place(target: Samples, samples: Samples, at: float, gain: float) -> None:
    """Add `samples` to `target` from second `at` on; what is before it or beyond its end is lost."""
    start = round(at * SAMPLE_RATE)
    first, last = max(0, start), min(len(target), start + len(samples))
    if first < last:
        target[first:last] += np.float32(gain) * samples[first - start : last - start]
