"""Handling: the life of a thing that the detector knows, from shelf to hand and back.

    brought ── lies still with nobody at it for `settled` → resting: it belongs to the place now
            ── (whatever else somebody does with it is theirs, and no event)
    resting ── somebody is at it → touched
    touched ── seen in its place again, and nobody is at it → resting (a passer-by hid it, or a hand let go)
            ── its place in view and empty for long enough → carried: "picked_up"
            ── the same, and it is seen its own size or more away at a hand → carried: "picked_up", sooner
    carried ── lies still, in its old place or with nobody at it → resting: "put_back"
            ── who carries it has left, and it is not seen → (none): "taken_away"

Places decide, not tracks: a resting thing is there as long as anything is detected in its place, under
whatever id or name, so that a passing bottle cannot steal the identity of a resting one. An empty place is
evidence only where the detector looked and nobody stood before it, and only for longer than the thing went
unseen while it surely lay there: what the detector sees badly is not told of soon. Whether people hide a
thing (a shelf behind them) or not (a table before them) is learnt from whether it is seen meanwhile. Where
there is a picture, a place that looks as it did is not empty, whatever the detector says.

"put_back" and "taken_away" follow a "picked_up" that was told, and no other; never both.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reverie import config
from reverie.values import Box, Event, EventKind, Stature, Track
from reverie.vision.rules.cooldowns import Cooldowns
from reverie.vision.rules.hands import Carrier, Contacts, around, between, grip, moved, overlap
from reverie.vision.rules.look import PERSON, Look, reached
from reverie.vision.rules.picture import Patch, changed, corners, surround, take_patch
from reverie.vision.tracker import FORGET

FIXED = frozenset(
    [
        *("bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"),
        *("traffic light", "fire hydrant", "stop sign", "parking meter", "bench"),
        *("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"),
        *("chair", "couch", "bed", "dining table", "toilet", "tv"),
        *("microwave", "oven", "sink", "refrigerator"),
    ]
)
"""What no hand carries off, and what walks by itself."""
OWN = frozenset(["backpack", "umbrella", "handbag", "tie", "suitcase", "cell phone"])
"""What people have about them: only told where the operator names it in `handled`."""

SAME_PLACE = 0.5
"""How far from its place a thing may be seen and still lie there, in its own sizes: a box half hidden."""
HOME = 0.75
"""How near to its old place a thing put down lies there again, in its own sizes."""
DRIFT = 0.1
"""Share of the way by which its place follows a thing that nobody is at, with every sight of it."""
DISPLACED = 1.0
"""How far a thing must have moved to be off its place, in its own sizes."""
STILL = 0.35
"""How far a thing may wander and still lie still, in its own sizes: box jitter."""
SLID = 5.0
"""How far from its place, in its sizes, a thing may turn up at nobody's hands and be the one from there."""
REST = 1.0
"""Seconds of lying still that are a rest."""
EMPTY = 1.0
"""Seconds that a place must be in view and empty before its thing is gone, at least …"""
EMPTY_LOOKS = 4
"""… and looks of the detector, at least …"""
EMPTY_GAPS = 2.5
"""… and times the longest that the thing went unseen while nobody was near."""
LONGEST_GAP = 5.0
"""Longest such gap that is learnt, in seconds: a thing seen more rarely is hardly a thing."""
HIDDEN = 0.1
"""Share of a place that somebody's box must cover to hide it, …"""
COVERED, PARTLY = 0.8, 0.3
"""… unless of the looks in which a box covers so much of it (of those in which it is not seen, partly) …"""
BEFORE = 0.8
"""… the thing is seen in this share: it lies before them, as on a table …"""
BEFORE_LOOKS = 5
"""… and has been seen so in so many."""
BEFORE_KEEPS = 50
"""Looks over which that share is taken."""
SLOW = 0.1
"""Picture widths a second of somebody who stands there."""
NEARER = 0.03
"""How much lower in the picture than all of them somebody must end to stand before it, in fractions."""
GAP_HALVES = 60.0
"""Seconds in which a learnt gap halves."""
PICTURE = 5.0
"""Seconds between two pictures of the place of a thing that nobody is at."""
GONE = 0.3
"""Share of its place that must look different for a thing to be gone that the detector does not see."""
LOOK_SECONDS = 0.5
"""Longest time that one look counts for, in seconds."""


class _State(enum.Enum):
    BROUGHT = enum.auto()
    RESTING = enum.auto()
    CARRIED = enum.auto()


@dataclass(slots=True)
class _Thing:
    """One thing. `box`: where it was seen last; `place`: where it lies still, since `rest`; `home`: where it
    was picked up.

    `alone`: nobody at it since; `known_as`: its track before anybody came to it; `surely`: it was seen last
    under that number and its name, so that it is nothing else that is held there; `gap`: longest time unseen
    of late while it lay there undisturbed; of the `covered` looks in which somebody's box covered its place
    it was seen in `before`, and `unseen` are those since it was seen last; `lowest`: how low in the picture
    such a box ended; `picture`: what its place looked like when it was `pictured`; `empty`: its place has
    been in view without it since; `off`: seen off its place since; `absent`: it went while
    nobody was at it, so that whoever comes now has not taken it; `touched`: when they came to it who
    then took it; `by`: at whose hands it turned up; `beside`: names of
    what stood at its place when it was seen there; `told`: the zone that its "picked_up" was
    told of, None when it was not.
    """

    label: str
    track: int
    state: _State
    box: Box
    place: Box
    home: Box
    born: float
    seen: float
    rest: float
    alone: float
    known_as: int = 0
    surely: bool = True
    gap: float = 0.0
    before: int = 0
    covered: int = 0
    unseen: int = 0
    lowest: float = 0.0
    picture: Patch | None = None
    pictured: float = -math.inf
    empty: float | None = None
    empty_looks: int = 0
    off: float | None = None
    absent: bool = False
    touched: float = -math.inf
    by: frozenset[int] = frozenset()
    beside: frozenset[str] = frozenset()
    told: str | None = None
    carrier: Carrier | None = None
    contacts: Contacts = field(default_factory=Contacts)

    def see(self, track: Track, now: float) -> None:
        """It was detected at `now`."""
        unseen = now - self.seen
        if not self.contacts:
            self.known_as = track.id
        self.surely = track.id == self.known_as and track.label == self.label
        if not self.contacts and self.alone < self.seen:
            self.gap = min(LONGEST_GAP, max(unseen, self.gap * 0.5 ** (unseen / GAP_HALVES)))
        self.box, self.track, self.seen = track.box, track.id, now
        self.empty, self.empty_looks, self.off, self.absent = None, 0, None, False
        lost = self.state is _State.CARRIED and unseen > REST
        if self.state is not _State.RESTING and (lost or moved(self.place, track.box) > STILL):
            self.place, self.rest = track.box, now

    def cover(self, bodies: Sequence[Track], seen: bool) -> None:
        """Somebody's box covers its place, and still it is seen, or not."""
        if not seen:
            self.unseen += any(overlap(self.place, body.box) >= PARTLY for body in bodies)
            return
        standing = [body.box for body in bodies if math.hypot(*body.velocity) <= SLOW]  # boxes lag behind
        lowest = max((box.bottom for box in standing if overlap(self.place, box) >= COVERED), default=None)
        if lowest is None:
            return
        self.covered, self.before = self.covered + self.unseen + 1, self.before + 1
        self.unseen, self.lowest = 0, max(self.lowest, lowest)
        if self.covered > BEFORE_KEEPS:
            self.before = round(self.before * BEFORE_KEEPS / self.covered)
            self.covered = BEFORE_KEEPS

    def hidden_by(self, body: Box) -> bool:
        """Whether somebody in this box may stand before its place."""
        lies_before = self.before >= BEFORE_LOOKS and self.before >= BEFORE * self.covered
        behind = lies_before and body.bottom <= self.lowest + NEARER
        return not behind and overlap(self.place, body) >= HIDDEN

    def lie(self, now: float) -> None:
        """It lies where it was seen last, and belongs there."""
        self.state, self.place, self.carrier, self.told = _State.RESTING, self.box, None, None
        self.alone = now
        self.before = self.covered = self.unseen = 0
        self.lowest = 0.0
        self.contacts.clear()


ZoneOf = Callable[[Box, Box], str | None]
"""The zone of what somebody (second box) did at a place (first box); None where it is not told here."""


class Handling:
    """The things of one camera, and what people do with them."""

    def __init__(
        self,
        settings: config.Events,
        cooldowns: Cooldowns,
        zone_of: ZoneOf = lambda place, body: "",
        stature: Callable[[int], Stature] = lambda id: "",
    ) -> None:
        self._settings = settings
        self._cooldowns = cooldowns
        self._zone_of = zone_of
        self._stature = stature
        self._things: list[_Thing] = []

    def update(self, look: Look) -> list[Event]:
        """What was handled since the last look."""
        loose = self._match(look)
        events: list[Event] = []
        for thing in list(self._things):
            match thing.state:
                case _State.BROUGHT:
                    self._settle(thing, look)
                case _State.RESTING:
                    events += self._rest(thing, loose, look)
                case _State.CARRIED:
                    events += self._carry(thing, look)
        self._begin(loose, look)
        self._forget(look)
        return events

    def present(self) -> list[int]:
        """Ids of people who carry something of which was told."""
        carriers = [t.carrier for t in self._things if t.told is not None and t.carrier is not None]
        return [id for carrier in carriers for id in (carrier.id, carrier.first)]

    def __len__(self) -> int:
        return len(self._things)

    # ------------------------------------------------------------------------------ which is which

    def _match(self, look: Look) -> list[Track]:
        """Give each thing what was detected of it: places first, then ids, then names. Returns the rest."""
        loose = [track for track in look.fresh if track.label != PERSON]

        def stage(state: _State, cost: Callable[[_Thing, Track], float | None]) -> None:
            things = [t for t in self._things if t.state is state and t.seen < look.now]
            costs = [
                (price, i, j)
                for i, thing in enumerate(things)
                for j, track in enumerate(loose)
                if (price := cost(thing, track)) is not None
            ]
            taken: set[int] = set()
            for _, i, j in sorted(costs):
                if things[i].seen < look.now and j not in taken:
                    things[i].see(loose[j], look.now)
                    taken.add(j)
            loose[:] = [track for j, track in enumerate(loose) if j not in taken]

        def heir(thing: _Thing, track: Track) -> bool:
            return thing.track in (track.id, look.heirs.get(track.id))

        def same(thing: _Thing, track: Track) -> float | None:
            return 0.0 if track.id == thing.track else None

        def lies(thing: _Thing, track: Track) -> float | None:
            far = moved(thing.place, track.box)
            return far + (track.label != thing.label) if far <= SAME_PLACE else None

        def put_down(thing: _Thing, track: Track) -> float | None:
            far = moved(thing.box, track.box)
            return far if track.label == thing.label and (far <= DISPLACED or heir(thing, track)) else None

        def in_hand(thing: _Thing, track: Track) -> float | None:
            if track.label != thing.label or thing.carrier is None:
                return None
            at_home = moved(thing.home, track.box) <= HOME
            return moved(thing.box, track.box) if at_home or thing.carrier.may_have(track.box) else None

        stage(_State.RESTING, lies)
        stage(_State.BROUGHT, same)
        stage(_State.CARRIED, same)
        stage(_State.BROUGHT, put_down)
        stage(_State.CARRIED, in_hand)
        return loose

    def _begin(self, loose: Sequence[Track], look: Look) -> None:
        """What nobody knew yet is somebody's own, until it has lain alone for long enough."""
        leaving = {t.track for t in self._things if t.contacts and t.seen < look.now}
        for track in loose:
            second_box = any(
                thing.seen == look.now and moved(thing.box, track.box) <= SAME_PLACE for thing in self._things
            )
            if self._may_be_handled(track.label) and track.id not in leaving and not second_box:
                born = look.born[track.id]
                self._things.append(
                    _Thing(
                        track.label,
                        track.id,
                        _State.BROUGHT,
                        box=track.box,
                        place=track.box,
                        home=track.box,
                        born=born,
                        seen=look.now,
                        rest=born,
                        alone=born,
                        by=frozenset(p.id for p in look.people if grip(p, track.box)),
                    )
                )

    def _may_be_handled(self, label: str) -> bool:
        named = self._settings.handled
        return label in named if named else label not in FIXED and label not in OWN

    # ------------------------------------------------------------------------------ its life

    def _settle(self, thing: _Thing, look: Look) -> None:
        """Somebody's own becomes the place's when it was left alone."""
        if any(grip(person, thing.box) for person in look.people):
            thing.alone = look.now
        if thing.seen == look.now and reached(
            look.now - max(thing.alone, thing.rest), self._settings.settled
        ):
            thing.lie(look.now)

    def _rest(self, thing: _Thing, loose: list[Track], look: Look) -> list[Event]:
        contacts = thing.contacts
        contacts.update(around(thing.place, thing.box), look, LOOK_SECONDS)
        seen = thing.seen == look.now
        if look.detected and (thing.surely or not seen):
            bodies = [person for person in look.people if person.id not in look.held]
            thing.cover(bodies, seen)
        if seen:
            thing.beside = frozenset(track.label for track in self._covering(thing, look))
            contacts.settle(look.now - self._settings.inertia)
            if not contacts:
                thing.place = between(thing.place, thing.box, DRIFT)
                self._remember(thing, look)
            return []
        if any(thing.hidden_by(person.box) for person in look.people) or self._is_blocked(thing, look):
            thing.empty, thing.empty_looks, thing.off = None, 0, None
            return []
        if not contacts:
            thing.absent = thing.absent or bool(self._left_empty(thing, look))
            return []
        if thing.absent:
            contacts.clear()
            return []
        taken = self._moved_off(thing, loose, look) or self._left_empty(thing, look)
        if not taken:
            return []
        events = self._pick_up(thing, taken, look)
        self._keep_in_sight(thing, loose, look)
        return events

    def _is_blocked(self, thing: _Thing, look: Look) -> bool:
        """Whether a larger thing stands before its place that did not when it was seen there: a pram."""
        return any(track.label not in thing.beside for track in self._covering(thing, look))

    def _covering(self, thing: _Thing, look: Look) -> list[Track]:
        """Things larger than it that cover part of its place."""
        return [
            track
            for track in look.tracks
            if track.label != PERSON
            and track.box.area > thing.box.area
            and overlap(thing.place, track.box) >= HIDDEN
        ]

    def _keep_in_sight(self, thing: _Thing, loose: list[Track], look: Look) -> None:
        """What is seen off its place under its own number is it, and nothing that somebody brought."""
        for track in loose:
            if thing.track in (track.id, look.heirs.get(track.id)) and track.label == thing.label:
                thing.see(track, look.now)
                loose.remove(track)
                return

    def _moved_off(self, thing: _Thing, loose: Sequence[Track], look: Look) -> str:
        """Why it counts as picked up: it is seen in somebody's hand. "" when it does not."""
        track = next((track for track in loose if track.id == thing.track), None)
        if track is None:
            thing.off = None if thing.track not in look.held else thing.off
            return ""
        far = moved(thing.place, track.box)
        hands = [p for p in look.people if p.id in thing.contacts.touches and grip(p, track.box)]
        if far < DISPLACED or not hands or self._may_be_their_own(thing, look):
            thing.off = None
            return ""
        thing.off = look.now if thing.off is None else thing.off
        lasted = look.now - thing.off
        if not reached(lasted, max(self._settings.inertia, thing.gap)) or lasted <= 0:
            return ""
        thing.box, thing.seen = track.box, look.now
        return f"it is {far:.1f} of its own sizes off its place for {lasted:.1f} s, at a hand"

    def _may_be_their_own(self, thing: _Thing, look: Look) -> bool:
        """Whether somebody who came to it brought another of its kind: the tracker may confuse the two."""
        return any(
            other.state is _State.BROUGHT
            and other.label == thing.label
            and other.seen >= thing.contacts.since
            and any(grip(person, other.box) for person in thing.contacts.people)
            for other in self._things
        )

    def _left_empty(self, thing: _Thing, look: Look) -> str:
        """Why it counts as picked up: its place is in view and empty. "" when it does not."""
        if thing.track in look.held:
            thing.empty, thing.empty_looks = None, 0
            return ""
        if not look.detected:
            return ""
        thing.empty = look.now if thing.empty is None else thing.empty
        thing.empty_looks += 1
        lasted, patience = look.now - thing.empty, max(EMPTY, EMPTY_GAPS * thing.gap)
        if thing.empty_looks < EMPTY_LOOKS or not reached(lasted, patience):
            return ""
        if self._looks_as_before(thing, look):  # the picture has seen it
            thing.empty, thing.empty_looks, thing.seen = None, 0, look.now
            thing.contacts.settle(look.now - self._settings.inertia)
            return ""
        return f"its place is in view and empty for {lasted:.1f} s (needs {patience:.1f} s)"

    def _remember(self, thing: _Thing, look: Look) -> None:
        """Keep what its place looks like while it lies there and nobody is in that part of the picture."""
        if look.image is None or not reached(look.now - thing.pictured, PICTURE):
            return
        if not any(overlap(surround(thing.place), person.box) for person in look.people):
            thing.picture, thing.pictured = take_patch(look.image, corners(thing.place)), look.now

    def _looks_as_before(self, thing: _Thing, look: Look) -> bool:
        """Whether its place looks as it did with it, so that the detector has only lost it."""
        if look.image is None or thing.picture is None:
            return False
        now = take_patch(look.image, corners(thing.place))
        return now is not None and now.readable and changed(thing.picture, now) < GONE

    def _pick_up(self, thing: _Thing, why: str, look: Look) -> list[Event]:
        carrier = thing.contacts.who(look)
        assert carrier is not None  # there were contacts
        rested = look.now - thing.rest
        at_it = thing.contacts.told(carrier.id)
        seconds = thing.contacts.seconds(carrier.id)
        self._join(thing, carrier)
        zone = self._zone_of(thing.place, carrier.box)
        thing.state, thing.carrier, thing.home = _State.CARRIED, carrier, thing.place
        thing.rest = thing.alone = look.now
        thing.empty, thing.empty_looks, thing.off = None, 0, None
        thing.touched = thing.contacts.since
        thing.contacts.clear()
        if zone is None or not self._may_tell(EventKind.PICKED_UP, zone, thing, look):
            return []
        thing.told = zone
        reason = f"the {thing.label} lay there for {rested:.1f} s; {at_it}; {why}"
        return [self._event(EventKind.PICKED_UP, zone, thing, carrier, look, seconds, reason)]

    def _join(self, thing: _Thing, carrier: Carrier) -> None:
        """What turned up in their hands since they came to it is it."""
        for other in self._things:
            if (
                other.state is _State.BROUGHT
                and other.label == thing.label
                and other.born >= thing.contacts.since
                and carrier.may_have(other.box)
            ):
                thing.box, thing.track, thing.seen = other.box, other.track, other.seen
                self._things.remove(other)
                return

    def _carry(self, thing: _Thing, look: Look) -> list[Event]:
        carrier = thing.carrier
        assert carrier is not None  # it is carried
        here = carrier.follow(look)
        seen = thing.seen == look.now
        if seen:
            hands = [person for person in look.people if grip(person, thing.box)]
            thing.alone = look.now if hands else thing.alone
            if hands and not here:
                other = hands[0]
                thing.carrier = carrier = Carrier(other.id, other.id, other.box, look.now)
            why = self._lies_again(thing, look)
            if why:
                return self._put_back(thing, carrier, why, look)
        if look.now - thing.seen < self._settings.grace:
            return []
        gone = carrier.gone(look, self._settings.grace)
        if not gone:
            return []
        if self._turned_up(thing, look):
            why = "lies still with nobody at it, in another place, where it turned up meanwhile"
            return self._put_back(thing, carrier, why, look)
        self._things.remove(thing)
        reason = f"somebody carried the {thing.label} off: {gone}"
        return self._tell_end(EventKind.TAKEN_AWAY, thing, carrier, look, reason)

    def _turned_up(self, thing: _Thing, look: Look) -> bool:
        """Whether it was put down elsewhere too quickly to be followed: then one of its kind is new there.

        It turned up at the hands of who took it, or at nobody's and not far off.
        """
        carrier = thing.carrier
        takers = frozenset((carrier.id, carrier.first)) if carrier is not None else frozenset()
        for other in self._things:
            if (
                (other.by & takers or (not other.by and moved(thing.home, other.box) <= SLID))
                and other.state is _State.BROUGHT
                and other.label == thing.label
                and other.born >= thing.touched
                and look.now - other.seen <= max(self._settings.grace, thing.gap)
                and reached(look.now - other.rest, REST)
                and not any(grip(person, other.box) for person in look.people)
            ):
                thing.box, thing.track, thing.seen = other.box, other.track, other.seen
                self._things.remove(other)
                return True
        return False

    def _lies_again(self, thing: _Thing, look: Look) -> str:
        """Why it counts as put back: it lies still, at home or alone. "" when it does not."""
        still, alone = look.now - thing.rest, look.now - thing.alone
        if not reached(still, REST):
            return ""
        if moved(thing.home, thing.box) <= HOME:
            return f"lies in its old place for {still:.1f} s"
        if reached(alone, max(REST, self._settings.inertia)):
            return f"lies still for {still:.1f} s with nobody at it, in another place"
        return ""

    def _put_back(self, thing: _Thing, carrier: Carrier, why: str, look: Look) -> list[Event]:
        events = self._tell_end(EventKind.PUT_BACK, thing, carrier, look, f"the {thing.label} {why}")
        thing.lie(look.now)
        return events

    # ------------------------------------------------------------------------------ telling

    def _tell_end(
        self, kind: EventKind, thing: _Thing, carrier: Carrier, look: Look, reason: str
    ) -> list[Event]:
        if thing.told is None or not self._may_tell(kind, thing.told, thing, look):
            return []
        return [self._event(kind, thing.told, thing, carrier, look, 0.0, reason)]

    def _may_tell(self, kind: EventKind, zone: str, thing: _Thing, look: Look) -> bool:
        return self._cooldowns.may_tell(kind, zone, thing.label, look.now)

    def _event(
        self,
        kind: EventKind,
        zone: str,
        thing: _Thing,
        carrier: Carrier,
        look: Look,
        dwell: float,
        reason: str,
    ) -> Event:
        return Event(
            kind,
            zone,
            PERSON,
            carrier.first,
            look.time,
            dwell=dwell,
            near=thing.label,
            stature=self._stature(carrier.id),
            reason=reason,
        )

    def _forget(self, look: Look) -> None:
        """What has not been seen for long, unless somebody hides it or has it."""
        self._things = [
            thing
            for thing in self._things
            if thing.state is _State.CARRIED
            or thing.contacts
            or look.now - thing.seen <= FORGET
            or any(thing.hidden_by(person.box) for person in look.people)
        ]
