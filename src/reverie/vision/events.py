"""Tracks in, events out: when does what is seen count as something that happened?

All rules are in seconds (`config.Events`), and only what was *detected* counts: a predicted box (its `seen`
has not moved) is no evidence, neither of being in a zone nor of having left it. Each rule is a small state
machine; `t` below is the time since the evidence began.

A visit (one for each zone and thing; membership by `Box.foot`):

    (none) ── in the zone → coming ── t ≥ inertia → there: "entered"
    coming ── out or gone for more than inertia → (none)
    there  ── t ≥ dwell → "lingered", once a visit
           ── unseen, and a new track of the same label is born near where it was → there (an id switch)
           ── out or gone for grace → (none): "left" with the whole dwell, if its "entered" was told

A crossing (line and thing): the side a foot stands on counts once it is clearly off the line; when that side
changes and the way between the two clear points crosses the segment → "crossed".

A crowd (zone): count ≥ crowd for inertia → "crowded"; again only after count < crowd for grace.

A showing (label, not a person; whichever track carries it): large, central and slow for shown_seconds →
"shown"; it is over when nothing of that label was large and central for grace.

Of one kind, zone and label nothing is told twice within `cooldown`. An arrival or a crossing that falls in it
is not told at all; lingering, a crowd and a showing are told after it if they still last. "left" follows
every "entered" that was told, and no other.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from reverie import config
from reverie.values import Event, EventKind, Track
from reverie.vision.geometry import Point, contains, crossing, distance, side
from reverie.vision.tracker import FORGET

PERSON = "person"

OFF_LINE = 0.015
"""How far from a line a foot must be, in fractions, to be clearly on one side: box jitter is below it."""
NEAR = 0.35
"""How far the centre of another thing may be, in fractions of the picture, to be named as near."""
NEAR_SCORE = 0.4
"""How sure the detector must be of it."""
HANDOVER = 0.25
"""How far from where a visitor vanished a new track may be born, in fractions, and still be the visitor."""
SHOWING_RENEWS = 30.0
"""Seconds that a showing keeps its moment alive: what stays longer is furniture."""
ROUNDING = 1e-6
"""Times are sums of fractions: a threshold is reached when less than this is missing."""


@dataclass(frozen=True, slots=True)
class _Area:
    """A zone, or the whole picture (`polygon` empty)."""

    name: str
    polygon: tuple[Point, ...]
    labels: tuple[str, ...]
    dwell: float

    def holds(self, track: Track) -> bool:
        if not _counts(self.labels, track.label):
            return False
        return not self.polygon or contains(self.polygon, track.box.foot)


@dataclass(slots=True)
class _Visit:
    """`id` is the track that carries it now, `first` the one that its events name."""

    id: int
    first: int
    label: str
    since: float
    last: float
    foot: Point
    inside: bool = True
    there: bool = False
    told: bool = False
    lingered: bool = False


@dataclass(slots=True)
class _Crowd:
    over: float | None = None
    under: float | None = None
    told: bool = False


@dataclass(slots=True)
class _Place:
    """One area and what goes on in it; visits by their present track id."""

    area: _Area
    visits: dict[int, _Visit] = field(default_factory=dict)
    crowd: _Crowd = field(default_factory=_Crowd)


@dataclass(slots=True)
class _Known:
    """A track as last detected; `clear` is where its foot was last clearly off each line, by name."""

    seen: float
    clear: dict[str, Point] = field(default_factory=dict)


@dataclass(slots=True)
class _Showing:
    id: int
    first: int
    since: float
    last: float
    told: bool = False


@dataclass(frozen=True, slots=True)
class _Look:
    """One call's evidence.

    `fresh` were detected since the last call, `new` of them for the first time; `held` are only predicted.
    `now` never goes back; `born` gives when each fresh track's evidence begins: its birth if it is new.
    """

    now: float
    time: float
    tracks: Sequence[Track]
    fresh: Sequence[Track]
    new: frozenset[int]
    held: frozenset[int]
    born: dict[int, float]


class Rules:
    """The rules of one camera. One caller at a time; what ended is forgotten within grace and cooldown.

    Without zones the whole picture is one, called "", for people.
    """

    def __init__(
        self, zones: Sequence[config.Zone], lines: Sequence[config.Line], settings: config.Events
    ) -> None:
        self._settings = settings
        self._lines = tuple(lines)
        areas = [
            _Area(z.name, z.polygon, z.labels, settings.dwell if z.dwell is None else z.dwell) for z in zones
        ]
        self._places = [_Place(area) for area in areas or [_Area("", (), (PERSON,), settings.dwell)]]
        self._known: dict[int, _Known] = {}
        self._showings: dict[str, _Showing] = {}
        self._told: dict[tuple[EventKind, str, str], float] = {}
        self._now = -math.inf
        self._set_back = 0.0

    def update(self, tracks: Sequence[Track], now: float) -> list[Event]:
        """What happened up to `now` (seconds; the `now` that the tracker was given), in order of its kinds.

        `tracks`: all that the tracker returns, predicted ones included. Events carry `now` as their time.
        Call it at any rate, also with what `Tracker.predict` gives. A clock that is set back changes nothing.
        """
        look = self._look(tracks, now)
        events: list[Event] = []
        for place in self._places:
            events += self._visit(place, look)
            events += self._crowd(place, look)
        for line in self._lines:
            events += self._cross(line, look)
        events += self._show(look)
        self._forget(look)
        return events

    def present(self) -> frozenset[int]:
        """Ids of tracks that are in a visit or a showing now: their moments go on.

        Includes the id that the visit's events named when another carries it since. A showing counts for
        `SHOWING_RENEWS` seconds.
        """
        visits = [v for place in self._places for v in place.visits.values() if v.there]
        shown = [s for s in self._showings.values() if s.told and s.last - s.since <= SHOWING_RENEWS]
        return frozenset(
            [id for visit in visits for id in (visit.id, visit.first)]
            + [id for showing in shown for id in (showing.id, showing.first)]
        )

    @property
    def remembered(self) -> int:
        """How many things are in memory: 0 when all has left and every cooldown has passed."""
        crowds = sum(place.crowd != _Crowd() for place in self._places)
        visits = sum(len(place.visits) for place in self._places)
        return visits + crowds + len(self._known) + len(self._showings) + len(self._told)

    def _look(self, tracks: Sequence[Track], now: float) -> _Look:
        """Sort the tracks into detected and predicted, on a time that never goes back."""
        if now < self._now - self._set_back:
            self._set_back = self._now - now
        steady = self._now = now + self._set_back
        fresh, new, born = [], set(), {}
        for track in tracks:
            seen = min(steady, track.seen + self._set_back)
            known = self._known.get(track.id)
            if known is None:
                self._known[track.id] = _Known(seen)
                new.add(track.id)
                born[track.id] = min(steady, track.born + self._set_back)
            elif seen > known.seen:
                known.seen = seen
                born[track.id] = steady
            else:
                continue
            fresh.append(track)
        held = frozenset(track.id for track in tracks) - born.keys()
        return _Look(steady, now, tracks, fresh, frozenset(new), held, born)

    # ------------------------------------------------------------------------------ visits

    def _visit(self, place: _Place, look: _Look) -> list[Event]:
        for track in look.fresh:
            visit = place.visits.get(track.id)
            if not place.area.holds(track):
                if visit is not None:
                    visit.inside = False
            elif visit is None and not self._take_over(place, track, look):
                place.visits[track.id] = _Visit(
                    track.id, track.id, track.label, look.born[track.id], look.now, track.box.foot
                )
            elif visit is not None:
                visit.last, visit.foot, visit.inside = look.now, track.box.foot, True
        events: list[Event] = []
        for visit in list(place.visits.values()):
            if visit.id not in look.held:
                events += self._advance(place, visit, look)
        return events

    def _take_over(self, place: _Place, track: Track, look: _Look) -> bool:
        """Whether this is a visitor who went unseen within grace, under a new id or their first again."""
        foot = track.box.foot
        gone = [
            visit
            for visit in place.visits.values()
            if visit.id not in look.born
            and visit.label == track.label
            and ((track.id in look.new and visit.last <= look.born[track.id]) or visit.first == track.id)
            and look.now - visit.last < self._settings.grace
            and distance(visit.foot, foot) <= HANDOVER
        ]
        if not gone:
            return False
        visit = min(gone, key=lambda visit: distance(visit.foot, foot))
        del place.visits[visit.id]
        visit.id, visit.last, visit.foot, visit.inside = track.id, look.now, foot, True
        place.visits[track.id] = visit
        return True

    def _advance(self, place: _Place, visit: _Visit, look: _Look) -> list[Event]:
        settings, area = self._settings, place.area
        dwell = visit.last - visit.since
        if visit.last < look.now:
            visit.inside = False
            if _reached(look.now - visit.last, settings.grace if visit.there else settings.inertia):
                del place.visits[visit.id]
                if visit.told:
                    return [Event(EventKind.LEFT, area.name, visit.label, visit.first, look.time, dwell)]
            return []
        events: list[Event] = []
        if not visit.there and _reached(dwell, settings.inertia):
            visit.there = True
            if self._may_tell(EventKind.ENTERED, area.name, visit.label):
                visit.told = True
                events.append(self._of_visit(EventKind.ENTERED, area, visit, look))
        if (
            visit.there
            and not visit.lingered
            and _reached(dwell, area.dwell)
            and self._may_tell(EventKind.LINGERED, area.name, visit.label)
        ):
            visit.lingered = True
            events.append(self._of_visit(EventKind.LINGERED, area, visit, look))
        return events

    def _of_visit(self, kind: EventKind, area: _Area, visit: _Visit, look: _Look) -> Event:
        return Event(
            kind,
            area.name,
            visit.label,
            visit.first,
            look.time,
            dwell=visit.last - visit.since,
            near=_near(visit.id, look.tracks),
        )

    def _crowd(self, place: _Place, look: _Look) -> list[Event]:
        settings, crowd = self._settings, place.crowd
        labels = [visit.label for visit in place.visits.values() if visit.there and visit.inside]
        if len(labels) < settings.crowd:
            crowd.over = None
            if crowd.told:
                crowd.under = look.now if crowd.under is None else crowd.under
                if _reached(look.now - crowd.under, settings.grace):
                    place.crowd = _Crowd()
            return []
        crowd.under = None
        crowd.over = look.now if crowd.over is None else crowd.over
        label = min(Counter(labels).items(), key=lambda item: (-item[1], item[0]))[0]
        if (
            crowd.told
            or not _reached(look.now - crowd.over, settings.inertia)
            or not self._may_tell(EventKind.CROWDED, place.area.name, label)
        ):
            return []
        crowd.told = True
        return [Event(EventKind.CROWDED, place.area.name, label, 0, look.time, count=len(labels))]

    # ------------------------------------------------------------------------------ lines

    def _cross(self, line: config.Line, look: _Look) -> list[Event]:
        events = []
        for track in look.fresh:
            foot = track.box.foot
            if not _counts(line.labels, track.label) or abs(side(line.start, line.end, foot)) < OFF_LINE:
                continue
            clear = self._known[track.id].clear
            before = clear.get(line.name, foot)
            clear[line.name] = foot
            direction: Literal["", "in", "out"] = crossing(line.start, line.end, before, foot)
            if direction and self._may_tell(EventKind.CROSSED, line.name, track.label):
                near = _near(track.id, look.tracks)
                events.append(
                    Event(
                        EventKind.CROSSED,
                        line.name,
                        track.label,
                        track.id,
                        look.time,
                        direction=direction,
                        near=near,
                    )
                )
        return events

    # ------------------------------------------------------------------------------ showings

    def _show(self, look: _Look) -> list[Event]:
        settings = self._settings
        for track in sorted(look.fresh, key=lambda track: track.box.area):
            if not self._is_held_up(track):
                continue
            slow = math.hypot(*track.velocity) < settings.shown_speed
            showing = self._showings.get(track.label)
            if showing is None and slow:
                self._showings[track.label] = _Showing(track.id, track.id, look.born[track.id], look.now)
            elif showing is not None and (slow or showing.told):
                showing.id, showing.last = track.id, look.now
        events = []
        for label, showing in list(self._showings.items()):
            if showing.last < look.now:
                patience = settings.grace if showing.told else settings.inertia
                if showing.id not in look.held and _reached(look.now - showing.last, patience):
                    del self._showings[label]
            elif (
                not showing.told
                and _reached(showing.last - showing.since, settings.shown_seconds)
                and self._may_tell(EventKind.SHOWN, "", label)
            ):
                showing.told, showing.first = True, showing.id
                near = _near(showing.id, look.tracks)
                dwell = showing.last - showing.since
                events.append(Event(EventKind.SHOWN, "", label, showing.id, look.time, dwell, near=near))
        return events

    def _is_held_up(self, track: Track) -> bool:
        return (
            track.label != PERSON
            and track.box.area >= self._settings.shown_area
            and distance(track.box.centre, (0.5, 0.5)) <= self._settings.shown_centre
        )

    # ------------------------------------------------------------------------------ memory

    def _may_tell(self, kind: EventKind, zone: str, label: str) -> bool:
        """Whether the cooldown of this kind, zone and label has passed; if so it begins anew."""
        last = self._told.get((kind, zone, label))
        if last is not None and not _reached(self._now - last, self._settings.cooldown):
            return False
        self._told[kind, zone, label] = self._now
        return True

    def _forget(self, look: _Look) -> None:
        """What is gone for good: ids that the tracker will not take up again, cooldowns that passed."""
        ids = {track.id for track in look.tracks}
        self._known = {
            id: known for id, known in self._known.items() if id in ids or look.now - known.seen <= FORGET
        }
        self._told = {
            key: last
            for key, last in self._told.items()
            if not _reached(look.now - last, self._settings.cooldown)
        }


def _counts(labels: tuple[str, ...], label: str) -> bool:
    return not labels or label in labels


def _reached(seconds: float, threshold: float) -> bool:
    return seconds >= threshold - ROUNDING


def _near(id: int, tracks: Sequence[Track]) -> str | None:
    """Label of the nearest other thing the detector is sure of; for a person, things come before people."""
    subject = next((track for track in tracks if track.id == id), None)
    if subject is None:
        return None
    others = [
        (subject.label == PERSON and other.label == PERSON, far, other.label)
        for other in tracks
        if other.id != id
        and other.score >= NEAR_SCORE
        and (far := distance(subject.box.centre, other.box.centre)) <= NEAR
    ]
    return min(others)[2] if others else None
