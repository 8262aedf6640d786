"""Showings: somebody holds a thing up to the camera.

A showing (label, not a person; whichever track carries it): large, central and slow for shown_seconds →
"shown"; it is over when nothing of that label was large and central for grace.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from reverie import config
from reverie.values import Event, EventKind, Track
from reverie.vision.geometry import distance
from reverie.vision.rules.cooldowns import Cooldowns
from reverie.vision.rules.look import PERSON, Look, near, reached

SHOWING_RENEWS = 30.0
"""Seconds that a showing keeps its moment alive: what stays longer is furniture."""


@dataclass(slots=True)
class _Showing:
    id: int
    first: int
    since: float
    last: float
    told: bool = False


class Showings:
    """What is held up now, by label."""

    def __init__(self, settings: config.Events, cooldowns: Cooldowns) -> None:
        self._settings = settings
        self._cooldowns = cooldowns
        self._showings: dict[str, _Showing] = {}

    def update(self, look: Look) -> list[Event]:
        """What was shown since the last look."""
        settings = self._settings
        for track in sorted(look.fresh, key=lambda track: track.box.area):
            if self._is_held_up(track):
                self._see(track, look)
        events = []
        for label, showing in list(self._showings.items()):
            if showing.last < look.now:
                patience = settings.grace if showing.told else settings.inertia
                if showing.id not in look.held and reached(look.now - showing.last, patience):
                    del self._showings[label]
            elif (
                not showing.told
                and reached(showing.last - showing.since, settings.shown_seconds)
                and self._cooldowns.may_tell(EventKind.SHOWN, "", label, look.now)
            ):
                showing.told, showing.first = True, showing.id
                events.append(self._event(label, showing, look))
        return events

    def present(self) -> list[int]:
        """Ids of tracks in a showing, for `SHOWING_RENEWS` seconds."""
        shown = [s for s in self._showings.values() if s.told and s.last - s.since <= SHOWING_RENEWS]
        return [id for showing in shown for id in (showing.id, showing.first)]

    def __len__(self) -> int:
        return len(self._showings)

    def _see(self, track: Track, look: Look) -> None:
        slow = math.hypot(*track.velocity) < self._settings.shown_speed
        showing = self._showings.get(track.label)
        if showing is None and slow:
            self._showings[track.label] = _Showing(track.id, track.id, look.born[track.id], look.now)
        elif showing is not None and (slow or showing.told):
            showing.id, showing.last = track.id, look.now

    def _event(self, label: str, showing: _Showing, look: Look) -> Event:
        dwell = showing.last - showing.since
        area = next((track.box.area for track in look.tracks if track.id == showing.id), 0.0)
        settings = self._settings
        reason = (
            f"held up for {dwell:.1f} s (shown_seconds {settings.shown_seconds:g}), fills {area:.3f} of the "
            f"picture (shown_area {settings.shown_area:g})"
        )
        return Event(
            EventKind.SHOWN,
            "",
            label,
            showing.id,
            look.time,
            dwell,
            near=near(showing.id, look.tracks),
            reason=reason,
        )

    def _is_held_up(self, track: Track) -> bool:
        return (
            track.label != PERSON
            and track.box.area >= self._settings.shown_area
            and distance(track.box.centre, (0.5, 0.5)) <= self._settings.shown_centre
        )
