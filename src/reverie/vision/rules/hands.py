"""Hands: who is at a thing, and whether who carries it is still here.

With a pose model the wrists tell; without one, or where a body hides them, the box of a person does: hands
are beside it or in front of it, above the knees. All is measured in a person's own box, because fractions of
the picture's width and height are not the same length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from reverie.values import Box, Track
from reverie.vision.geometry import Point, distance
from reverie.vision.rules.look import HANDOVER, PERSON, Look, reached

Grip = Literal["", "wrist", "box"]
"""What says that somebody is at a thing: a wrist, their box, or nothing."""

WRISTS = 9, 10
"""Their places in COCO's order of joints."""
SURE = 0.4
"""How sure a joint must be to count, 0..1."""
WRIST_REACH = 0.12
"""How far a wrist may be from a thing that its hand is at, in heights of the person: a hand and a palm."""
BESIDE = 0.25
"""How far beside a person's box a thing may be within reach, in widths of the box: boxes cut hands off."""
KNEES = 0.8
"""How far down a person's box hands get, in its heights."""
MOST = 32
"""How many people at one thing are remembered while nobody can see it."""
AWAY = 5.0
"""Seconds after which who vanished in the middle of the picture has left: through a door there, perhaps."""
BORDER = 0.04
"""How near to the picture's edge a box must end for its person to have walked out there, in fractions."""


def grip(person: Track, box: Box) -> Grip:
    """Whether `person` is at the thing in `box`, and by what evidence."""
    wrists = [person.joints[i] for i in WRISTS] if len(person.joints) > max(WRISTS) else []
    seen = [(x, y) for x, y, sure in wrists if sure >= SURE]
    if len(seen) == len(WRISTS):
        return "wrist" if min(_gap(person.box, wrist, box) for wrist in seen) <= WRIST_REACH else ""
    if seen and _gap(person.box, seen[0], box) <= WRIST_REACH:
        return "wrist"
    return "box" if overlap(box, hands_of(person.box)) > 0 else ""


def hands_of(body: Box) -> Box:
    """Where the hands of somebody in this box can be."""
    beside = BESIDE * (body.right - body.left)
    knees = body.top + KNEES * (body.bottom - body.top)
    return Box(body.left - beside, body.top, body.right + beside, knees)


def overlap(box: Box, other: Box) -> float:
    """Share of `box` that `other` covers, 0..1."""
    width = min(box.right, other.right) - max(box.left, other.left)
    height = min(box.bottom, other.bottom) - max(box.top, other.top)
    if width <= 0 or height <= 0 or box.area <= 0:
        return 0.0
    return width * height / box.area


def around(box: Box, other: Box) -> Box:
    """The smallest box around two."""
    return Box(
        min(box.left, other.left),
        min(box.top, other.top),
        max(box.right, other.right),
        max(box.bottom, other.bottom),
    )


def between(box: Box, other: Box, share: float) -> Box:
    """The box that is `share` (0..1) of the way from one to the other."""
    return Box(
        box.left + share * (other.left - box.left),
        box.top + share * (other.top - box.top),
        box.right + share * (other.right - box.right),
        box.bottom + share * (other.bottom - box.bottom),
    )


def moved(before: Box, after: Box) -> float:
    """How far the middle moved, in the thing's own sizes (widths across, heights up and down)."""
    width, height = max(before.right - before.left, 1e-6), max(before.bottom - before.top, 1e-6)
    (x1, y1), (x2, y2) = before.centre, after.centre
    return math.hypot((x2 - x1) / width, (y2 - y1) / height)


def _gap(body: Box, wrist: Point, box: Box) -> float:
    """Distance of a wrist from a box, in heights of its person (in widths / 0.4 across)."""
    x, y = wrist
    dx = max(box.left - x, 0.0, x - box.right) / max((body.right - body.left) / 0.4, 1e-6)
    dy = max(box.top - y, 0.0, y - box.bottom) / max(body.bottom - body.top, 1e-6)
    return math.hypot(dx, dy)


@dataclass(slots=True)
class _Touch:
    """Somebody at a thing, from `first` to `last`, for `seconds` in between."""

    person: Track
    first: float
    last: float
    seconds: float = 0.0
    how: Grip = "box"


@dataclass(slots=True)
class Contacts:
    """Who was at one thing since it was last seen to be all right."""

    touches: dict[int, _Touch] = field(default_factory=dict)
    updated: float = -math.inf

    def __bool__(self) -> bool:
        return bool(self.touches)

    @property
    def since(self) -> float:
        """When the first of them came."""
        return min((touch.first for touch in self.touches.values()), default=math.inf)

    @property
    def people(self) -> list[Track]:
        """They, as they were seen at it last."""
        return [touch.person for touch in self.touches.values()]

    def update(self, box: Box, look: Look, longest: float) -> bool:
        """Take one look in: whether somebody is at the thing in `box`. A look counts `longest` s at most."""
        elapsed = min(max(look.now - self.updated, 0.0), longest)
        self.updated = look.now
        there = False
        for person in look.people:
            how = grip(person, box)
            if not how:
                continue
            there = True
            heir = look.heirs.get(person.id)
            known = self.touches.pop(heir, None) if heir is not None else None
            touch = self.touches.setdefault(person.id, known or _Touch(person, look.now, look.now))
            touch.person, touch.last, touch.seconds = person, look.now, touch.seconds + elapsed
            touch.how = how if touch.how == "box" else touch.how
        while len(self.touches) > MOST:
            del self.touches[min(self.touches, key=lambda id: self.touches[id].last)]
        return there

    def settle(self, before: float) -> None:
        """The thing is all right: who was last at it before that time has nothing to do with it."""
        self.touches = {id: touch for id, touch in self.touches.items() if touch.last >= before}

    def clear(self) -> None:
        """Begin anew."""
        self.touches.clear()

    def who(self, look: Look) -> Carrier | None:
        """Who was at it most: a hand that was seen counts before a body that stood in front."""
        if not self.touches:
            return None
        id = max(
            self.touches, key=lambda id: (self.touches[id].how == "wrist", self.touches[id].seconds, -id)
        )
        last = look.known.get(id)
        if last is None:
            return Carrier(id, id, self.touches[id].person.box, self.touches[id].last)
        return Carrier(id, id, last.box, last.seen)

    def seconds(self, id: int) -> float:
        """How long the person of a track was at it."""
        return self.touches[id].seconds

    def told(self, id: int) -> str:
        """For a reason: how long somebody was at it, and what says so."""
        how = "by a wrist" if self.touches[id].how == "wrist" else "by their box"
        return f"somebody was at it for {self.touches[id].seconds:.1f} s ({how})"


@dataclass(slots=True)
class Carrier:
    """Who has a thing. `id` is their track now, `first` the one that events name."""

    id: int
    first: int
    box: Box
    seen: float

    def follow(self, look: Look) -> bool:
        """Whether they are here, perhaps under a new id."""
        heir = next((new for new, old in look.heirs.items() if old == self.id), self.id)
        for track in look.tracks:
            if track.id == heir and track.label == PERSON:
                self.id, self.box = heir, track.box
                if heir not in look.held:
                    self.seen = look.now
                return True
        return False

    def gone(self, look: Look, grace: float) -> str:
        """Why they count as gone, in words; "" while they do not."""
        unseen = look.now - self.seen
        if any(track.id == self.id for track in look.tracks):
            return ""
        box = self.box
        out = min(box.left, box.top, 1 - box.right, 1 - box.bottom) <= BORDER
        if out and reached(unseen, grace):
            return f"they left at the edge of the picture {unseen:.1f} s ago"
        if reached(unseen, max(AWAY, grace)):
            return f"they have not been seen for {unseen:.1f} s"
        return ""

    def may_have(self, box: Box) -> bool:
        """Whether a thing in `box` may be theirs: within an arm's length of where they were seen last."""
        body = self.box
        height = body.bottom - body.top
        wide = Box(
            body.left - (body.right - body.left),
            body.top - 0.2 * height,
            body.right + (body.right - body.left),
            body.bottom,
        )
        return overlap(box, wide) > 0 and distance(box.centre, body.centre) <= max(HANDOVER, height)
