"""Slots: places on a shelf whose things the detector does not know. Their picture tells.

    full  ── nobody was at it → full, as it looks now (light and dust change; no event)
          ── somebody was at it, and it looks as before → full
          ── somebody was at it, and it looks different → taken: "picked_up"
    taken ── somebody was at it, and it looks as when full → full: "put_back"
          ── who took it was at another slot, and that looks now as this one did → bare: "put_back"
          ── somebody was at it, and it looks different again → taken: "picked_up", one more
          ── who was at it has left → bare: "taken_away"
    bare  ── as taken, but when it looks as when full it was filled up again, and no event

A picture counts when the slot is in view (no person's box covers it) and has held still for a while. When the
rest of the picture looks different as well, or it is dark, the light changed or the camera moved: no event.
What is kept is a small patch of the slot and one of the whole picture without people, in memory only.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from reverie import config
from reverie.values import Box, Event, EventKind, Image, Stature
from reverie.vision.geometry import contains
from reverie.vision.rules.cooldowns import Cooldowns
from reverie.vision.rules.hands import Carrier, Contacts, overlap
from reverie.vision.rules.look import PERSON, Look, reached
from reverie.vision.rules.picture import (
    Patch,
    alike,
    bounds,
    changed,
    surround,
    take_patch,
    take_surroundings,
)

SETTLE = 0.6
"""Seconds that a slot must be in view and hold still before its picture counts."""
BETWEEN = 0.2
"""Seconds between two looks at a slot in view, at least."""
FOLLOW = 5.0
"""Seconds between two pictures of a slot that nobody is at: so light is followed."""
HIDDEN = 0.02
"""Share of a slot and its surroundings that somebody's box must cover to hide it."""
STIR = 0.05
"""Share of a slot that differs from one look to the next while something moves in it."""
DIFFERENT = 0.1
"""Share of a slot that must look different for it to have changed: one thing of half a dozen in it."""
ELSEWHERE = 0.25
"""Share of the rest of the picture that must look different for light or camera to have changed."""
RESTORED = 0.5
"""A slot looks full again when it differs from that by less than this share of what it did without."""
LIKE = 0.7
"""Share in which a slot must look like another for it to hold what was taken there."""
LOOK_SECONDS = 0.5
"""Longest time that one look counts for as being at a slot, in seconds."""


class _State(enum.Enum):
    FULL = enum.auto()
    TAKEN = enum.auto()
    BARE = enum.auto()


@dataclass(frozen=True, slots=True)
class _Picture:
    """A slot as it looked at `time`, and the rest of the picture then."""

    slot: Patch
    rest: Patch
    time: float


@dataclass(slots=True)
class Slot:
    """One slot. `full`: its picture with all in it; `now`: its last settled one; `last`: as `looked` at last.

    `still`: nothing has moved in it since; `label`: what the detector last saw in it, if it knew it; `told`:
    the "picked_up" of what is missing was told.
    """

    zone: config.Zone
    box: Box
    state: _State = _State.FULL
    full: _Picture | None = None
    now: _Picture | None = None
    last: Patch | None = None
    looked: float = -math.inf
    still: float | None = None
    label: str | None = None
    told: bool = False
    carrier: Carrier | None = None
    contacts: Contacts = field(default_factory=Contacts)


class Slots:
    """The slots of one camera, and who takes what from them."""

    def __init__(
        self,
        settings: config.Events,
        cooldowns: Cooldowns,
        stature: Callable[[int], Stature] = lambda id: "",
    ) -> None:
        self._settings = settings
        self._cooldowns = cooldowns
        self._stature = stature
        self._slots: list[Slot] = []
        self._rest: tuple[float, Patch] | None = None

    def place(self, zones: list[config.Zone]) -> None:
        """From now on these zones of kind `slot`; those that stay where they were keep their pictures."""
        known = {(slot.zone.name, slot.zone.polygon): slot for slot in self._slots}
        self._slots = [
            known.get((zone.name, zone.polygon)) or Slot(zone, bounds(zone.polygon)) for zone in zones
        ]
        for zone, slot in zip(zones, self._slots, strict=True):
            slot.zone = zone

    def update(self, look: Look) -> list[Event]:
        """What was taken and put back since the last look. Without a picture nothing is known."""
        events: list[Event] = []
        if look.image is None:
            return events
        for slot in self._slots:
            events += self._see(slot, look.image, look)
            events += self._follow(slot, look)
        return events

    def watches(self, place: Box) -> str | None:
        """The slot that a thing in `place` lies in, if its picture is known and tells of it; else None."""
        for slot in self._slots:
            if slot.now is not None and contains(slot.zone.polygon, place.centre):
                return slot.zone.name
        return None

    def present(self) -> list[int]:
        """Ids of people who have something of which was told."""
        carriers = [slot.carrier for slot in self._slots if slot.told and slot.carrier is not None]
        return [id for carrier in carriers for id in (carrier.id, carrier.first)]

    def __len__(self) -> int:
        """How many slots wait for something: for somebody's leaving or for a clear view."""
        return sum(slot.carrier is not None or bool(slot.contacts) for slot in self._slots)

    # ------------------------------------------------------------------------------ seeing

    def _see(self, slot: Slot, image: Image, look: Look) -> list[Event]:
        there = slot.contacts.update(slot.box, look, LOOK_SECONDS)
        if any(overlap(surround(slot.box), person.box) >= HIDDEN for person in look.people):
            slot.still, slot.last = None, None
            return []
        for track in look.fresh:
            if track.label != PERSON and contains(slot.zone.polygon, track.box.centre):
                slot.label = track.label
        touched = bool(slot.contacts)
        if slot.now is not None and not touched and look.now - slot.now.time < FOLLOW - SETTLE:
            slot.last = None
            return []
        if not reached(look.now - slot.looked, BETWEEN):
            return []
        slot.looked = look.now
        patch = take_patch(image, slot.zone.polygon)
        if patch is None or not self._holds_still(slot, patch, look.now):
            return []
        if not patch.readable:
            return []
        picture = _Picture(patch, self._surroundings(image, look), look.now)
        if slot.now is None or slot.full is None:
            if not there:
                slot.full = slot.now = picture
                slot.contacts.clear()
            return []
        return self._judge(slot, slot.full, slot.now, picture, look)

    def _holds_still(self, slot: Slot, patch: Patch, now: float) -> bool:
        before, slot.last = slot.last, patch
        if before is None or changed(before, patch, shifts=False) > STIR:
            slot.still = now
        return slot.still is not None and reached(now - slot.still, SETTLE)

    def _surroundings(self, image: Image, look: Look) -> Patch:
        if self._rest is None or self._rest[0] != look.now:
            hidden = [slot.box for slot in self._slots] + [track.box for track in look.tracks]
            self._rest = look.now, take_surroundings(image, hidden)
        return self._rest[1]

    # ------------------------------------------------------------------------------ judging

    def _judge(
        self, slot: Slot, full: _Picture, before: _Picture, picture: _Picture, look: Look
    ) -> list[Event]:
        """What a settled picture says, `before` being the last one."""
        share = changed(before.slot, picture.slot)
        taker = slot.contacts.who(look)
        at_it = slot.contacts.told(taker.id) if taker else ""
        seconds = slot.contacts.seconds(taker.id) if taker else 0.0
        elsewhere = changed(before.rest, picture.rest, shifts=False) if share >= DIFFERENT else 0.0
        slot.now, slot.still = picture, look.now
        slot.contacts.settle(look.now)
        if taker is None or share < DIFFERENT or elsewhere >= ELSEWHERE or not before.slot.readable:
            if slot.state is _State.FULL:
                slot.full = picture
            elif elsewhere >= ELSEWHERE:
                self._begin_anew(slot, picture)
            return []
        slot.contacts.clear()
        reason = f"{at_it}; {share:.0%} of the slot looks different"
        source = self._came_from(slot, before, picture, taker)
        if source is not None:
            slot.state, slot.full = _State.FULL, picture
            return self._put_elsewhere(source, slot, taker, reason, look)
        if slot.state is not _State.FULL:
            off = changed(full.slot, picture.slot)
            if off < max(DIFFERENT, RESTORED * changed(full.slot, before.slot)):
                return self._restore(slot, picture, taker, f"{reason}, {off:.0%} from when it was full", look)
        return self._pick_up(slot, taker, seconds, reason, look)

    def _begin_anew(self, slot: Slot, picture: _Picture) -> None:
        """The picture is another one: what was known of the slot no longer says anything."""
        slot.state, slot.full, slot.carrier, slot.told = _State.FULL, picture, None, False

    def _pick_up(self, slot: Slot, taker: Carrier, seconds: float, reason: str, look: Look) -> list[Event]:
        slot.told = slot.told and slot.state is _State.TAKEN
        slot.state, slot.carrier = _State.TAKEN, taker
        if not self._may_tell(EventKind.PICKED_UP, slot, look):
            return []
        slot.told = True
        return [self._event(EventKind.PICKED_UP, slot, taker, seconds, reason, look)]

    def _restore(self, slot: Slot, picture: _Picture, taker: Carrier, reason: str, look: Look) -> list[Event]:
        told = slot.told and slot.state is _State.TAKEN
        self._begin_anew(slot, picture)
        if not told or not self._may_tell(EventKind.PUT_BACK, slot, look):
            return []
        return [self._event(EventKind.PUT_BACK, slot, taker, 0.0, reason, look)]

    def _came_from(self, slot: Slot, before: _Picture, picture: _Picture, taker: Carrier) -> Slot | None:
        """The slot from which somebody took what they put into this one: it looks now as that one did."""
        for other in self._slots:
            if other is slot or other.state is not _State.TAKEN or other.full is None:
                continue
            theirs = other.carrier is not None and other.carrier.id == taker.id
            looks, looked = alike(other.full.slot, picture.slot), alike(other.full.slot, before.slot)
            if theirs and looks >= LIKE and looks - looked >= LIKE / 2:
                return other
        return None

    def _put_elsewhere(
        self, source: Slot, slot: Slot, taker: Carrier, reason: str, look: Look
    ) -> list[Event]:
        told, source.state, source.carrier, source.told = source.told, _State.BARE, None, False
        if not told or not self._may_tell(EventKind.PUT_BACK, source, look):
            return []
        reason = f"{reason}: slot {slot.zone.name} looks as slot {source.zone.name} did"
        return [self._event(EventKind.PUT_BACK, source, taker, 0.0, reason, look)]

    def _follow(self, slot: Slot, look: Look) -> list[Event]:
        """Whether who took something has left with it."""
        carrier = slot.carrier
        if carrier is None or carrier.follow(look):
            return []
        gone = carrier.gone(look, self._settings.grace)
        if not gone:
            return []
        told, slot.state, slot.carrier, slot.told = slot.told, _State.BARE, None, False
        if not told or not self._may_tell(EventKind.TAKEN_AWAY, slot, look):
            return []
        reason = f"somebody left with what was taken from slot {slot.zone.name}: {gone}"
        return [self._event(EventKind.TAKEN_AWAY, slot, carrier, 0.0, reason, look)]

    # ------------------------------------------------------------------------------ telling

    def _may_tell(self, kind: EventKind, slot: Slot, look: Look) -> bool:
        return self._cooldowns.may_tell(kind, slot.zone.name, slot.zone.holds, look.now)

    def _event(
        self, kind: EventKind, slot: Slot, carrier: Carrier, dwell: float, reason: str, look: Look
    ) -> Event:
        return Event(
            kind,
            slot.zone.name,
            PERSON,
            carrier.first,
            look.time,
            dwell=dwell,
            near=slot.zone.holds or slot.label,
            stature=self._stature(carrier.id),
            reason=reason,
        )
