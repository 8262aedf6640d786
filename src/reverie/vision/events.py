"""Tracks in, events out: when does what is seen count as something that happened?

All rules are in seconds (`config.Events`), and only what was *detected* counts. Each rule is a small state
machine in a file of its own in `vision.rules`, which draws it:

    visits     entered, left, lingered and crowded, for each area
    lines      crossed, in or out
    approach   approached: on the way to an area, or to the camera
    facing     faced: a head that points at a zone or at the camera, from a pose model
    showings   shown: held up to the camera
    handling   picked_up, put_back, taken_away: of things that the detector knows
    slots      the same of shelf slots whose things it does not know, from their picture
    stature    tall or short, a fact of events about people, where a ground line is set

Of one kind, zone and label nothing is told twice within `cooldown`. An arrival or a crossing that falls in it
is not told at all; lingering, a crowd, facing and a showing are told after it if they still last. "left"
follows every "entered" that was told, and no other. Every event says by its `reason` why it was told.
"""

from __future__ import annotations

from collections.abc import Sequence

from reverie import config
from reverie.values import Box, Event, Image, Track
from reverie.vision.geometry import contains
from reverie.vision.rules.approach import Approaches
from reverie.vision.rules.cooldowns import Cooldowns
from reverie.vision.rules.facing import Facing
from reverie.vision.rules.handling import Handling
from reverie.vision.rules.lines import Crossings
from reverie.vision.rules.look import Memory, Rule
from reverie.vision.rules.showings import SHOWING_RENEWS, Showings
from reverie.vision.rules.slots import Slots
from reverie.vision.rules.stature import Statures
from reverie.vision.rules.visits import Visits, make_area, whole_picture

__all__ = ["SHOWING_RENEWS", "Rules"]


class Rules:
    """The rules of one camera. One caller at a time; what ended is forgotten within grace and cooldown.

    Without zones of kind `area` the whole picture is one, called "", for people.
    """

    def __init__(
        self,
        zones: Sequence[config.Zone],
        lines: Sequence[config.Line],
        settings: config.Events,
        *,
        ground: config.Ground | None = None,
        cooldown: float = 0.0,
    ) -> None:
        """`ground` and `cooldown` (seconds) are the camera's: how tall people look, how long it rests."""
        self._settings = settings
        self._memory = Memory(settings.grace)
        self._cooldowns = Cooldowns(settings, {}, cooldown)
        self._statures = Statures(ground)
        self._rule = settings, self._cooldowns, self._statures.of
        self._visits: list[Visits] = []
        self._ended: list[Visits] = []
        self._approaches: list[Approaches] = []
        self._facing: list[Facing] = []
        self._crossings: list[Crossings] = []
        self._showings = Showings(settings, self._cooldowns)
        self._slots = Slots(*self._rule)
        self._handling = Handling(settings, self._cooldowns, self._zone_of, self._statures.of)
        self.place(zones, lines)

    def place(self, zones: Sequence[config.Zone], lines: Sequence[config.Line]) -> None:
        """From now on these zones and lines.

        A zone that keeps its name keeps its visits: who is no longer in it leaves by the usual rules. Of a
        zone that is gone the visits end with the next look, and are told as left.
        """
        own = [(zone.name, zone.cooldown) for zone in zones] + [(line.name, line.cooldown) for line in lines]
        self._cooldowns.own = {name: cooldown for name, cooldown in own if cooldown is not None}
        self._zones = tuple(zones)
        areas = [make_area(zone, self._settings) for zone in zones if zone.kind == "area"]
        areas = areas or [whole_picture(self._settings)]
        visits = {visits.area.name: visits for visits in self._visits}
        self._visits = [
            visits.pop(area.name) if area.name in visits else Visits(area, *self._rule) for area in areas
        ]
        self._ended += visits.values()
        approaches = {approaches.area.name: approaches for approaches in self._approaches}
        self._approaches = [approaches.get(area.name) or Approaches(area, *self._rule) for area in areas]
        for area, stay, come in zip(areas, self._visits, self._approaches, strict=True):
            stay.area = come.area = area
        facing = {facing.zone: facing for facing in self._facing}
        self._facing = [facing.get(zone) or Facing(zone, *self._rule) for zone in (None, *zones)]
        crossings = {crossings.line: crossings for crossings in self._crossings}
        self._crossings = [
            crossings.get(line) or Crossings(line, self._cooldowns, self._statures.of) for line in lines
        ]
        self._slots.place([zone for zone in zones if zone.kind == "slot"])

    def update(
        self,
        tracks: Sequence[Track],
        now: float,
        image: Image | None = None,
        *,
        detected: bool = True,
    ) -> list[Event]:
        """What happened up to `now` (seconds; the `now` that the tracker was given), in order of its kinds.

        `tracks`: all that the tracker returns, predicted ones included. `image`: the picture they were seen
        in, uint8 RGB (H, W, 3), without which shelf slots are blind. `detected`: whether the detector looked
        at it. Events carry `now` as their time. Call it at any rate, also with what `Tracker.predict` gives.
        A clock that is set back changes nothing.
        """
        look = self._memory.look(tracks, now, image, detected)
        self._statures.update(look)
        ended, self._ended = self._ended, []
        events = [event for visits in ended for event in visits.end(look)]
        events += [event for rule in self._rules() for event in rule.update(look)]
        self._cooldowns.forget(look.now)
        return events

    def present(self) -> frozenset[int]:
        """Ids of tracks whose moments go on: who is in a visit, comes, faces something, carries something, or
        is shown.

        Includes the id that the events named when another carries the visit since. A showing counts for
        `SHOWING_RENEWS` seconds.
        """
        return frozenset(id for rule in self._rules() for id in rule.present())

    @property
    def remembered(self) -> int:
        """How many things are in memory: 0 when all has left and every cooldown has passed."""
        rules = sum(len(rule) for rule in self._rules())
        return rules + len(self._memory.last) + len(self._statures) + len(self._cooldowns)

    def _rules(self) -> list[Rule]:
        """The rules that the settings ask for, in the order in which they are asked."""
        settings = self._settings
        return [
            *(self._approaches if settings.approach else ()),
            *self._visits,
            *self._crossings,
            *(self._facing if settings.faced else ()),
            self._showings,
            *((self._slots, self._handling) if settings.handling else ()),
        ]

    def _zone_of(self, place: Box, body: Box) -> str | None:
        """The zone of what somebody did at a place: the slot it is in, else the area they stand in.

        None when the slot's own picture tells of it.
        """
        if self._slots.watches(place):
            return None
        slots = [z.name for z in self._zones if z.kind == "slot" and contains(z.polygon, place.centre)]
        areas = [z.name for z in self._zones if z.kind == "area" and contains(z.polygon, body.foot)]
        return (slots + areas + [""])[0]
