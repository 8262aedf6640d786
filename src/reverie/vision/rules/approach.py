"""Approach: somebody is on their way to a zone, or, where there is none, to the camera itself.

For an area: who stands outside and walks so that their straight way leads into it within `approach` seconds;
for the camera: whose box grows so that they would be there within as many seconds (the height of a box over
the speed at which it grows: time to contact, Lee 1976). Either must last for `inertia`:

    away ── on the way for inertia → coming: "approached", once
    coming ── there, or not on the way for grace, or gone for it → away
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from reverie import config
from reverie.values import Box, Event, EventKind, Stature, Track
from reverie.vision.geometry import Point, contains, crossing, distance
from reverie.vision.rules.cooldowns import Cooldowns
from reverie.vision.rules.look import Look, near, reached
from reverie.vision.rules.visits import Area

OVER = 1.0
"""Seconds of way from which direction and speed are taken: a step and a half, so that gait does not count."""
LEAST = 0.4
"""Fewest seconds that say anything."""
STEP = 0.03
"""Least way in that time, in fractions of the picture: box jitter is below it."""
GROWTH = 0.05
"""Least growth of a box in that time, as a share of its height: box jitter is below it."""
CUT = 0.98
"""A box that ends below this height of the picture is cut off: its growth says nothing."""


@dataclass(slots=True)
class _Comer:
    """Somebody who may be coming. `way`: times and boxes of the last second."""

    way: deque[tuple[float, Box]] = field(default_factory=deque)
    since: float | None = None
    last: float = -math.inf
    seen: float = -math.inf
    told: bool = False


class Approaches:
    """Who is on their way to one area."""

    def __init__(
        self,
        area: Area,
        settings: config.Events,
        cooldowns: Cooldowns,
        stature: Callable[[int], Stature] = lambda id: "",
    ) -> None:
        self.area = area
        self._settings = settings
        self._cooldowns = cooldowns
        self._stature = stature
        self._comers: dict[int, _Comer] = {}

    def update(self, look: Look) -> list[Event]:
        """Who has begun to approach since the last look."""
        events = []
        for track in look.fresh:
            if self.area.labels and track.label not in self.area.labels:
                continue
            heir = look.heirs.get(track.id)
            comer = self._comers.pop(heir, None) if heir is not None else None
            comer = self._comers.setdefault(track.id, comer or _Comer())
            self._step(comer, track, look.now)
            events += self._advance(comer, track, look)
        grace = self._settings.grace
        self._comers = {id: c for id, c in self._comers.items() if look.now - c.seen <= max(grace, OVER)}
        return events

    def present(self) -> list[int]:
        """Ids of tracks that are coming."""
        return [id for id, comer in self._comers.items() if comer.told]

    def __len__(self) -> int:
        return len(self._comers)

    def _step(self, comer: _Comer, track: Track, now: float) -> None:
        comer.seen = now
        comer.way.append((now, track.box))
        while now - comer.way[0][0] > OVER:
            comer.way.popleft()

    def _advance(self, comer: _Comer, track: Track, look: Look) -> list[Event]:
        settings = self._settings
        arrives = self._arrives(comer)
        if arrives is None or not reached(settings.approach, arrives):
            comer.since = None
            if reached(look.now - comer.last, settings.grace):
                comer.told = False
            return []
        comer.last = look.now
        comer.since = look.now if comer.since is None else comer.since
        lasted = look.now - comer.since
        if comer.told or not reached(lasted, settings.inertia):
            return []
        if not self._cooldowns.may_tell(EventKind.APPROACHED, self.area.name, track.label, look.now):
            return []
        comer.told = True
        goal = f"zone {self.area.name}" if self.area.name else "the camera"
        reason = (
            f"on the way to {goal} for {lasted:.1f} s, there in {arrives:.1f} s "
            f"(approach {settings.approach:g} s)"
        )
        return [
            Event(
                EventKind.APPROACHED,
                self.area.name,
                track.label,
                track.id,
                look.time,
                near=near(track.id, look.tracks),
                stature=self._stature(track.id),
                reason=reason,
            )
        ]

    def _arrives(self, comer: _Comer) -> float | None:
        """In how many seconds they will be there as they walk now; None when they are, or never will."""
        (began, before), (now, after) = comer.way[0], comer.way[-1]
        if now - began < LEAST:
            return None
        if not self.area.polygon:
            return _looms(before, after, now - began)
        return _leads(self.area.polygon, before.foot, after.foot, now - began)


def _looms(before: Box, after: Box, seconds: float) -> float | None:
    """Seconds until somebody whose box grew so is at the camera."""
    was, is_ = before.bottom - before.top, after.bottom - after.top
    if after.bottom >= CUT or was <= 0 or is_ < was * (1 + GROWTH):
        return None
    return is_ / ((is_ - was) / seconds)


def _leads(polygon: tuple[Point, ...], before: Point, after: Point, seconds: float) -> float | None:
    """Seconds until the straight way through two feet enters the polygon."""
    moved = distance(before, after)
    if moved < STEP or contains(polygon, after):
        return None
    reach = 2.0 / moved
    far = after[0] + (after[0] - before[0]) * reach, after[1] + (after[1] - before[1]) * reach
    entries = [
        _along(after, far, start, end)
        for start, end in zip(polygon, (*polygon[1:], polygon[0]), strict=True)
        if crossing(start, end, after, far)
    ]
    return min(entries) * distance(after, far) / (moved / seconds) if entries else None


def _along(start: Point, end: Point, corner: Point, other: Point) -> float:
    """How far along start→end (0..1) it meets the endless line through two corners."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    ex, ey = other[0] - corner[0], other[1] - corner[1]
    return ((corner[0] - start[0]) * ey - (corner[1] - start[1]) * ex) / (dx * ey - dy * ex)
