"""Visits: who is in an area, since when, and when they are gone. And crowds, which are many visits at once.

A visit (one for each area and thing; membership by `Box.foot`); `t` is the time since the evidence began:

    (none) ── in the area → coming ── t ≥ inertia → there: "entered"
    coming ── out or gone for more than inertia → (none)
    there  ── t ≥ dwell → "lingered", once a visit
           ── unseen, and a new track of the same label is born near where it was → there (an id switch)
           ── out or gone for grace → (none): "left" with the whole dwell, if its "entered" was told

Between two looks a foot walks straight: a visit begins and ends when that way crosses the edge of the area,
so that times do not depend on when somebody happened to look.

A crowd (area): count ≥ crowd for inertia (shorter dips do not matter) → "crowded"; again only after
count ≤ crowd_ends for grace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from reverie import config
from reverie.values import Event, EventKind, Stature, Track
from reverie.vision.geometry import Point, contains, distance
from reverie.vision.rules.cooldowns import Cooldowns
from reverie.vision.rules.look import HANDOVER, PERSON, Look, counts, near, reached, way

HALVINGS = 8
"""How often the way across an edge is halved to find when: 1/256 of the time between two looks."""


@dataclass(frozen=True, slots=True)
class Area:
    """A zone of kind `area`, or the whole picture (`polygon` empty)."""

    name: str
    polygon: tuple[Point, ...]
    labels: tuple[str, ...]
    dwell: float
    crowd: int
    crowd_ends: int

    def spans(self, foot: Point) -> bool:
        """Whether a foot there is in it."""
        return not self.polygon or contains(self.polygon, foot)

    def holds(self, track: Track) -> bool:
        """Whether `track` counts here, and is in it."""
        return counts(self.labels, track.label) and self.spans(track.box.foot)


def make_area(zone: config.Zone, settings: config.Events) -> Area:
    """The area of a zone: what it does not say itself is as the settings say."""
    crowd = settings.crowd if zone.crowd is None else zone.crowd
    return Area(
        zone.name,
        zone.polygon,
        zone.labels,
        settings.dwell if zone.dwell is None else zone.dwell,
        crowd,
        _ends(crowd, settings),
    )


def whole_picture(settings: config.Events) -> Area:
    """What counts where there is no zone of kind `area`: the whole picture, called "", for people."""
    return Area("", (), (PERSON,), settings.dwell, settings.crowd, _ends(settings.crowd, settings))


def _ends(crowd: int, settings: config.Events) -> int:
    return crowd - 1 if settings.crowd_ends is None else min(settings.crowd_ends, crowd - 1)


@dataclass(slots=True)
class Visit:
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
    dip: float | None = None
    under: float | None = None
    told: bool = False


class Visits:
    """One area and what goes on in it. `area` may be given another shape and other rules at any time."""

    def __init__(
        self,
        area: Area,
        settings: config.Events,
        cooldowns: Cooldowns,
        stature: Callable[[int], Stature] = lambda id: "",
    ) -> None:
        """`stature` tells how tall the person of a track stands, "" when nobody measured."""
        self.area = area
        self._settings = settings
        self._cooldowns = cooldowns
        self._stature = stature
        self._visits: dict[int, Visit] = {}
        self._crowd = _Crowd()

    def update(self, look: Look) -> list[Event]:
        """Who came, stayed and went, and whether it is crowded."""
        for track in look.fresh:
            self._see(track, look)
        events: list[Event] = []
        for visit in list(self._visits.values()):
            if visit.id not in look.held or not visit.inside:  # who was seen outside is not hoped for
                events += self._advance(visit, look)
        return events + self._count(look)

    def end(self, look: Look) -> list[Event]:
        """The area is no more: everybody has left it."""
        told = [visit for visit in self._visits.values() if visit.told]
        self._visits.clear()
        self._crowd = _Crowd()
        reason = f"{_named(self.area)} is no zone any more"
        return [self._event(EventKind.LEFT, visit, look, reason, near_it=False) for visit in told]

    def present(self) -> list[int]:
        """Ids of tracks that are in a visit: those that carry it and those that its events named."""
        there = [visit for visit in self._visits.values() if visit.there]
        return [id for visit in there for id in (visit.id, visit.first)]

    def __len__(self) -> int:
        return len(self._visits) + (self._crowd != _Crowd())

    # ------------------------------------------------------------------------------ one visit

    def _see(self, track: Track, look: Look) -> None:
        visit = self._visits.get(track.id)
        if not self.area.holds(track):
            if visit is not None and visit.inside:
                visit.inside = False
                edge = self._edge(track, look)
                visit.last = visit.last if edge is None else max(visit.last, edge)
        elif visit is not None:
            visit.last, visit.foot, visit.inside = look.now, track.box.foot, True
        elif not self._take_over(track, look):
            edge = self._edge(track, look)
            since = look.born[track.id] if edge is None else edge
            self._visits[track.id] = Visit(track.id, track.id, track.label, since, look.now, track.box.foot)

    def _edge(self, track: Track, look: Look) -> float | None:
        """When the foot crossed the edge on its straight way since it was seen before, just inside."""
        came = way(look, track, self._settings.grace)
        if came is None:
            return None
        (start, (x, y)), (dx, dy) = came, track.box.foot
        was = self.area.spans((x, y))
        if was == self.area.spans(track.box.foot):
            return None
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if self.area.spans((x + middle * (dx - x), y + middle * (dy - y))) == was:
                low = middle
            else:
                high = middle
        return start + (low if was else high) * (look.now - start)

    def _take_over(self, track: Track, look: Look) -> bool:
        """Whether this is a visitor who went unseen within grace, under a new id or their first again."""
        foot = track.box.foot
        gone = [
            visit
            for visit in self._visits.values()
            if visit.id not in look.born
            and visit.label == track.label
            and ((track.id in look.new and visit.last <= look.born[track.id]) or visit.first == track.id)
            and look.now - visit.last < self._settings.grace
            and distance(visit.foot, foot) <= HANDOVER
        ]
        if not gone:
            return False
        visit = min(gone, key=lambda visit: distance(visit.foot, foot))
        del self._visits[visit.id]
        visit.id, visit.last, visit.foot, visit.inside = track.id, look.now, foot, True
        self._visits[track.id] = visit
        return True

    def _advance(self, visit: Visit, look: Look) -> list[Event]:
        settings, area = self._settings, self.area
        dwell = visit.last - visit.since
        if visit.last < look.now:
            visit.inside = False
            away = look.now - visit.last
            if reached(away, settings.grace if visit.there else settings.inertia):
                del self._visits[visit.id]
                if visit.told:
                    reason = (
                        f"out of {_named(area)} or unseen for {away:.1f} s (grace {settings.grace:g} s), "
                        f"after {dwell:.1f} s in it"
                    )
                    return [self._event(EventKind.LEFT, visit, look, reason, near_it=False)]
            return []
        events: list[Event] = []
        if not visit.there and reached(dwell, settings.inertia):
            visit.there = True
            if self._may_tell(EventKind.ENTERED, visit, look):
                visit.told = True
                reason = f"in {_named(area)} for {dwell:.1f} s (inertia {settings.inertia:g} s)"
                events.append(self._event(EventKind.ENTERED, visit, look, reason))
        if (
            visit.there
            and not visit.lingered
            and reached(dwell, area.dwell)
            and self._may_tell(EventKind.LINGERED, visit, look)
        ):
            visit.lingered = True
            reason = f"in {_named(area)} for {dwell:.1f} s (dwell {area.dwell:g} s)"
            events.append(self._event(EventKind.LINGERED, visit, look, reason))
        return events

    def _may_tell(self, kind: EventKind, visit: Visit, look: Look) -> bool:
        return self._cooldowns.may_tell(kind, self.area.name, visit.label, look.now)

    def _event(self, kind: EventKind, visit: Visit, look: Look, reason: str, near_it: bool = True) -> Event:
        return Event(
            kind,
            self.area.name,
            visit.label,
            visit.first,
            look.time,
            dwell=visit.last - visit.since,
            near=near(visit.id, look.tracks) if near_it else None,
            stature=self._stature(visit.id),
            reason=reason,
        )

    # ------------------------------------------------------------------------------ crowds

    def _count(self, look: Look) -> list[Event]:
        settings, area, crowd = self._settings, self.area, self._crowd
        labels = [visit.label for visit in self._visits.values() if visit.there and visit.inside]
        if crowd.told:
            if len(labels) > area.crowd_ends:
                crowd.under = None
                return []
            crowd.under = look.now if crowd.under is None else crowd.under
            if reached(look.now - crowd.under, settings.grace):
                self._crowd = _Crowd()
            return []
        if len(labels) < area.crowd:
            crowd.dip = look.now if crowd.dip is None else crowd.dip
            if crowd.over is None or reached(look.now - crowd.dip, settings.inertia):
                self._crowd = _Crowd()
            return []
        crowd.dip = None
        crowd.over = look.now if crowd.over is None else crowd.over
        lasted = look.now - crowd.over
        label = min(Counter(labels).items(), key=lambda item: (-item[1], item[0]))[0]
        if not reached(lasted, settings.inertia) or not self._cooldowns.may_tell(
            EventKind.CROWDED, area.name, label, look.now
        ):
            return []
        crowd.told = True
        reason = f"{len(labels)} in {_named(area)} for {lasted:.1f} s (a crowd is {area.crowd})"
        return [Event(EventKind.CROWDED, area.name, label, 0, look.time, count=len(labels), reason=reason)]


def _named(area: Area) -> str:
    return f"zone {area.name}" if area.name else "the picture"
