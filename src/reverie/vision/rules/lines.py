"""Lines: who crosses, and which way.

The side a foot stands on counts once it is clearly off the line; when that side changes and the way between
the two clear points crosses the segment → "crossed". A visitor who gets a new id keeps where they stood.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from reverie import config
from reverie.values import Event, EventKind, Stature, Track
from reverie.vision.geometry import Point, crossing, distance, side
from reverie.vision.rules.cooldowns import Cooldowns
from reverie.vision.rules.look import WALK, Look, counts, near

OFF_LINE = 0.015
"""How far from a line a foot must be, in fractions, to be clearly on one side: box jitter is below it."""


class Crossings:
    """One line, and where each track's foot was last clearly off it."""

    def __init__(
        self,
        line: config.Line,
        cooldowns: Cooldowns,
        stature: Callable[[int], Stature] = lambda id: "",
    ) -> None:
        self.line = line
        self._cooldowns = cooldowns
        self._stature = stature
        self._clear: dict[int, Point] = {}

    def update(self, look: Look) -> list[Event]:
        """Who crossed since the last look."""
        events = []
        for track in look.fresh:
            if not counts(self.line.labels, track.label):
                continue
            if track.id in look.heirs and look.heirs[track.id] in self._clear:
                self._clear[track.id] = self._clear.pop(look.heirs[track.id])
            direction = self._move(track, look)
            if direction and self._cooldowns.may_tell(
                EventKind.CROSSED, self.line.name, track.label, look.now
            ):
                events.append(self._event(track, direction, look))
        self._clear = {id: foot for id, foot in self._clear.items() if id in look.known}
        return events

    def present(self) -> list[int]:
        """Nobody: a crossing is over when it is told."""
        return []

    def __len__(self) -> int:
        return len(self._clear)

    def _move(self, track: Track, look: Look) -> Literal["", "in", "out"]:
        line, foot = self.line, track.box.foot
        last = look.before.get(track.id)
        if last is not None and distance(last.box.foot, foot) > WALK * (look.now - last.seen):
            self._clear.pop(track.id, None)  # nobody walks so fast: two people have changed ids
        if abs(side(line.start, line.end, foot)) < OFF_LINE:
            return ""
        before = self._clear.get(track.id, foot)
        self._clear[track.id] = foot
        return crossing(line.start, line.end, before, foot)

    def _event(self, track: Track, direction: Literal["in", "out"], look: Look) -> Event:
        (x, y) = track.box.foot
        return Event(
            EventKind.CROSSED,
            self.line.name,
            track.label,
            track.id,
            look.time,
            direction=direction,
            near=near(track.id, look.tracks),
            stature=self._stature(track.id),
            reason=f"the foot crossed line {self.line.name} ({direction}) and stands at {x:.2f}, {y:.2f}",
        )
