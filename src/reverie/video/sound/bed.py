"""The bed: quiet music by mood, composed for a film's own length, so that it never stops in the middle.

    moods, each with its seconds → sections → chords, bass, melody, brushes → one round of samples

All moods are in one key (C major and its relatives) and a section begins on a beat, so that one mood may
follow any other. What rings at the end rings on at the beginning: played round and round there is no seam.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from reverie.video.sound.tones import SAMPLE_RATE, Samples, Timbre, lay, pluck, swell, tap

LEVEL = 10 ** (-29 / 20)
"""Root mean square of the bed: about as loud as a quiet shop's own music, 9 dB below a voice."""

LOUDEST = 0.25
"""Its largest sample (-12 dB)."""

Chord = tuple[int, ...]
"""MIDI notes, the root first."""

C: Chord = (48, 55, 60, 64)
C9: Chord = (48, 55, 62, 64)
AM7: Chord = (45, 52, 60, 67)
AM: Chord = (45, 52, 57, 60)
F: Chord = (41, 53, 57, 60)
F9: Chord = (41, 53, 57, 67)
G: Chord = (43, 50, 59, 62)
DM7: Chord = (50, 57, 60, 65)
EM7: Chord = (52, 55, 59, 62)

PENTATONIC = (60, 62, 64, 67, 69)
"""C D E G A: any of them goes with any chord above."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a mood sounds.

    `pace`: beats a minute, at which it is when the time allows; `chords`: one after the other, each `hold`
    beats; `rhythm`: eighths of a bar of four beats in which the melody sounds (x) or rests (.); `low`,
    `high`: range of its notes as steps of PENTATONIC (5 an octave); `pulse`: eighths with a bass note;
    `brush`: eighths with a tap. The rest are loudnesses, 0..1.
    """

    pace: float
    chords: tuple[Chord, ...]
    hold: int
    timbre: Timbre
    rhythm: tuple[str, ...]
    low: int
    high: int
    pulse: str
    brush: str
    melody: float
    pad: float
    bass: float
    taps: float


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "calm": Style(
            66, (C9, AM7, F9, G), 4, "kalimba", ("x...x..x", "x....x.."), 3, 9, "x.......", "........",
            0.50, 0.55, 0.35, 0.0,
        ),
        "cheerful": Style(
            112, (C, F, G, C), 2, "marimba", ("x.xx.xx.", "x.x.xxx.", "xx.x.x.x"), 5, 12, "x.x.x.x.",
            "..x...x.", 0.70, 0.14, 0.45, 0.10,
        ),
        "curious": Style(
            92, (DM7, G, EM7, AM7), 2, "bell", (".x.x..x.", "x..x..x.", ".x..x..."), 6, 13, "x...x...",
            "....x...", 0.40, 0.26, 0.40, 0.05,
        ),
        "dramatic": Style(
            76, (AM, F, C, G), 4, "bell", ("x.......", "x...x..."), 0, 6, "x.xxx.xx", "x...x...",
            0.32, 0.80, 0.75, 0.12,
        ),
        "warm": Style(
            80, (F9, C, AM7, G), 4, "harp", ("x.x.x.x.", "x.x.xx..", "x..xx.x."), 0, 9, "x...x...",
            "........", 0.55, 0.42, 0.40, 0.0,
        ),
    }
)  # fmt: skip
"""Style by mood; a mood that has none sounds like `calm`."""


def compose(moods: Sequence[tuple[str, float]], seed: int) -> Samples:
    """Music for a film: `moods` are (mood, seconds > 0), one after the other; all their length, at LEVEL.

    The same moods and `seed` give the same samples; another seed has another melody.
    """
    sections = _merged(moods)
    total = sum(seconds for _, seconds in sections)
    out = np.zeros(max(1, round(total * SAMPLE_RATE)), np.float32)
    chance = np.random.default_rng(seed)
    start = 0.0
    for mood, seconds in sections:
        _play(out, STYLES.get(mood, STYLES["calm"]), start, seconds, chance)
        start += seconds
    out -= out.mean()
    loud = float(np.sqrt(np.mean(np.square(out, dtype=np.float64))))
    peak = float(np.abs(out).max())
    out *= np.float32(min(LEVEL / max(loud, 1e-9), LOUDEST / max(peak, 1e-9)))
    return out


def _merged(moods: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Neighbours of one mood are one section: its tune goes on."""
    out: list[tuple[str, float]] = []
    for mood, seconds in moods:
        if out and out[-1][0] == mood:
            out[-1] = (mood, out[-1][1] + seconds)
        else:
            out.append((mood, seconds))
    return out


def _play(out: Samples, style: Style, start: float, seconds: float, chance: np.random.Generator) -> None:
    """One section: as many whole beats as come nearest to the style's pace."""
    beats = max(1, round(seconds * style.pace / 60))
    beat = seconds / beats
    tune = _tune(style, chance)
    for first in range(0, beats, style.hold):
        chord = style.chords[(first // style.hold) % len(style.chords)]
        length = round(min(style.hold, beats - first) * beat, 4)
        # It comes before its beat and goes after its last, into its neighbours.
        spread = round(length * 1.6, 4)
        lay(out, swell(chord, spread), start + first * beat - (spread - length) / 2, style.pad)
    for eighth in range(2 * beats):
        at = start + eighth * beat / 2
        chord = style.chords[(eighth // 2 // style.hold) % len(style.chords)]
        place = eighth % 8
        if style.pulse[place] == "x":
            lay(out, pluck("bass", chord[0]), at, style.bass)
        if style.brush[place] == "x" and style.taps:
            lay(out, tap(3200), at, style.taps)
        note = tune[eighth % len(tune)]
        if note is not None:
            accent = 1.0 if place % 4 == 0 else 0.72
            lay(out, pluck(style.timbre, note), at, style.melody * accent)


def _tune(style: Style, chance: np.random.Generator) -> list[int | None]:
    """Four bars of eighths: a bar, its answer, the bar again, another answer. None: a rest."""
    bars = [_bar(style, chance) for _ in range(3)]
    return [*bars[0], *bars[1], *bars[0], *bars[2]]


def _bar(style: Style, chance: np.random.Generator) -> list[int | None]:
    """One bar in steps of one or two, which is what can be sung."""
    rhythm = style.rhythm[int(chance.integers(len(style.rhythm)))]
    step = int(chance.integers(style.low, style.high + 1))
    notes: list[int | None] = []
    for sound in rhythm:
        if sound != "x":
            notes.append(None)
            continue
        notes.append(PENTATONIC[step % 5] + 12 * (step // 5))
        step += int(chance.choice((-2, -1, -1, 1, 1, 2)))
        step = min(style.high, max(style.low, step))
    return notes
