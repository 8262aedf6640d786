"""How often the detector has to look: every look, or every second, third, … with boxes predicted between.

A look is what a lookout makes of one frame: tracks, rules, the live view. Most of its price is the detector.
Where a detection takes too long to hold `detector.rate`, `auto` spreads detections out, no further than boxes
can be predicted:

    load = looks a second of all cameras × seconds of a detection / every
    load > FULL                   → every = the least that brings it to FULL, at once
    load of every - 1 ≤ EASY      → every - 1, after CALM seconds in which that was always so
    every ≤ GAP × rate            in any case: what moves further than that is not predicted but guessed

A camera slower than `rate` has fewer looks: with `auto` it skips fewer of them, so that what it shows is not
older than GAP either. Each time that `every - 1` proves too hopeful, CALM is twice as long, up to CALMEST.
"""

from __future__ import annotations

import math
import os
import statistics
from collections import deque

from reverie import config

FULL = 0.7
"""Share of the loop's time that detections may take: the rest is for tracks, rules and the live view."""

EASY = 0.5
"""Share below which it looks more often again. Apart from FULL by more than a detection's time wavers."""

CALM = 5.0
"""Seconds for which it must have been easy."""

CALMEST = 80.0
"""The longest that it must have been easy: else a detector that is slower when busy would flap for ever."""

GAP = 0.3
"""Seconds between two detections, at most, as far as `auto` goes: every third look at ten a second. Measured
there on pedestrians: of the people followed at every look, every second one keeps .96 (YOLOv8s) or .99 (the
embedded detector), every third .93 or .99."""

WAVERING = 0.1
"""Looks by which a camera's pace may waver without one more being skipped."""

ROUNDING = 1e-6
"""Times are sums of fractions: a gap is reached when less than this is missing."""

RECENT = 15
"""Detections whose median is what one takes: one that waited for a busy core changes nothing."""


class Cadence:
    """Chooses `every`: one detection in so many looks. Shared by all lookouts of one detector.

    `settings.cadence` is a number, and then it is that for ever, or `auto`: then it begins at 1 and follows
    what is measured. Without measurements `auto` stays 1, so that a replay is the same every time.
    """

    def __init__(self, settings: config.Detector) -> None:
        self._auto = settings.cadence == "auto"
        self._most = max(1, math.floor(GAP * settings.rate + ROUNDING))
        self._taken: deque[float] = deque(maxlen=RECENT)
        self._hard = -math.inf
        self._calm = CALM
        self._hoped = -math.inf
        self.every: int = 1 if settings.cadence == "auto" else settings.cadence

    @property
    def cost(self) -> float:
        """Seconds that the detection of one frame takes; 0 while none was measured."""
        return statistics.median(self._taken) if self._taken else 0.0

    def is_due(self, looks: float, pace: float) -> bool:
        """Whether a lookout whose last detection is so many looks ago gets one now.

        `pace`: seconds from one of its looks to the next, as its camera and `rate` have it.
        """
        if not self._auto:
            return looks >= self.every
        return looks >= min(self.every, max(1, math.ceil(GAP / pace - WAVERING)))

    def measure(self, seconds: float, frames: int = 1) -> None:
        """One call of the detector took `seconds` (> 0) for so many frames."""
        self._taken.append(seconds / frames)

    def choose(self, looks: float, now: float) -> int:
        """`every` for `looks` a second, of all cameras together, at `now` (monotonic). Ask once a second."""
        if not self._auto:
            return self.every
        load = looks * self.cost
        if load > EASY * (self.every - 1):
            self._hard = now
        if load > FULL * self.every and self.every < self._most:
            self.every = min(self._most, math.ceil(load / FULL))
            self._calm = min(CALMEST, 2 * self._calm) if now - self._hoped < 2 * self._calm else CALM
        elif self.every > 1 and now - self._hard >= self._calm:
            self.every -= 1
            self._hard = self._hoped = now
        return self.every


def thread_count(asked: int | None) -> int:
    """CPU threads of the detector: as asked, else half of the cores this process may use, at least one.

    The other half is for whoever imagines. One thread costs no more CPU time for a picture than two do.
    """
    return asked or max(1, _cores() // 2)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1
