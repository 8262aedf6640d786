"""The whole track of a film: bed, effects and voice, mixed shot by shot.

    for samples in make_track(brief, seconds, narrator, beats): …    one array a shot, together `seconds` long

Bed and effects are there at once; a line is said when its shot's turn comes, so that a slow voice holds up
the first picture by one line, not by all. The same brief and voice give the same samples.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reverie.values import Brief, Shot
from reverie.video.sound.bed import compose
from reverie.video.sound.effects import lay_effects
from reverie.video.sound.narrator import Narrator
from reverie.video.sound.tones import SAMPLE_RATE, Samples, edged

LEAD, REST = 0.15, 0.08
"""Seconds at a shot's beginning and end in which nobody speaks."""

DUCKED = 10 ** (-8 / 20)
"""What is left of music and effects while somebody speaks: 8 dB less."""

DUCKING, RISING = 0.15, 0.35
"""Seconds in which they give way before a word, and come back after it."""

BEGIN, END = 0.06, 0.35
"""Seconds in which a film's sound comes and goes. The first 1024 samples must be all but silent: an encoder's
first frame has no past (see `encode`)."""

KNEE, CEILING = 0.7, 0.92
"""Up to the knee samples stay as they are; above it they bend, and never reach the ceiling (-0.7 dB)."""


@dataclass(frozen=True, slots=True)
class Span:
    """A shot and its place: samples from `start` to `end` of the film."""

    shot: Shot
    start: int
    end: int


def make_track(
    brief: Brief, seconds: float, narrator: Narrator | None, beats: bool, loop: bool = False
) -> Iterator[Samples]:
    """The sound of a film of `brief` that lasts `seconds`: mono float32 at SAMPLE_RATE, peak below CEILING.

    One array a shot, together exactly `round(seconds * SAMPLE_RATE)` samples; shots take their share of the
    film as they do in the picture. `narrator` says the captions; None: nobody does. `beats`: the composer
    plays the shots, so that effects are laid at its beats. `loop`: it plays round and round, so that its
    music does not fade at the end.
    """
    spans = spans_of(brief, seconds)
    total = spans[-1].end if spans else 0
    if not total:
        return
    mix = compose([(span.shot.mood, (span.end - span.start) / SAMPLE_RATE) for span in spans], _seed(brief))
    mix = np.resize(mix, total)  # each section rounds by itself: a sample more or less
    effects = np.zeros_like(mix)
    for span in spans:
        length = (span.end - span.start) / SAMPLE_RATE
        lay_effects(effects, span.shot, span.start / SAMPLE_RATE, length, beats)
    mix += effects
    short = total / SAMPLE_RATE / 4
    edged(mix, min(BEGIN, short), min(BEGIN if loop else END, short))
    said = None
    for index, span in enumerate(spans):
        piece = mix[span.start : span.end]
        caption = span.shot.caption.strip()
        if narrator is not None and caption and caption != said:
            last = index
            while last + 1 < len(spans) and spans[last + 1].shot.caption.strip() == caption:
                last += 1  # what stays on the screen is said once, in all of its time
            room = (spans[last].end - span.start) / SAMPLE_RATE - LEAD - REST
            line = narrator.say(caption, brief.language, room)
            if line is not None:
                _speak(mix, line, span.start + round(LEAD * SAMPLE_RATE))
        said = caption
        yield bent(piece)


def spans_of(brief: Brief, seconds: float) -> list[Span]:
    """The shots of `brief` in a film of `seconds`, each with its share; together all of its samples."""
    total, whole = round(seconds * SAMPLE_RATE), brief.seconds
    spans: list[Span] = []
    passed = 0.0
    start = 0
    for shot in brief.shots:
        passed += shot.seconds
        end = round(total * passed / whole) if whole > 0 else total
        if end > start:
            spans.append(Span(shot, start, end))
            start = end
    return spans


def bent(samples: Samples) -> Samples:
    """`samples` with what is above KNEE bent towards CEILING: quiet ones as they are, no peak cut off."""
    size = np.abs(samples)
    if not (size > KNEE).any():
        return samples.copy()
    room = np.float32(CEILING - KNEE)
    over = np.maximum(size - np.float32(KNEE), 0)
    out: Samples = np.sign(samples) * (np.minimum(size, np.float32(KNEE)) + room * np.tanh(over / room))
    return out.astype(np.float32)


def _speak(mix: Samples, line: Samples, start: int) -> None:
    """Lay a line over the film from sample `start` on; the rest gives way around it."""
    before, after = round(DUCKING * SAMPLE_RATE), round(RISING * SAMPLE_RATE)
    begin, end = start - before, start + len(line) + after
    down = np.interp(
        np.arange(begin, end),
        (begin, start, start + len(line), end),
        (1.0, 0.0, 0.0, 1.0),
    ).astype(np.float32)
    gain = np.float32(DUCKED) + np.float32(1 - DUCKED) * down
    first, last = max(0, begin), min(len(mix), end)
    mix[first:last] *= gain[first - begin : last - begin]
    there = line[: max(0, len(mix) - start)]
    mix[start : start + len(there)] += there


def _seed(brief: Brief) -> int:
    """A topic has its own tune, whatever the take."""
    return int.from_bytes(hashlib.sha256(brief.topic.encode()).digest()[:4], "big")
