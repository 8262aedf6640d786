"""Facing: whether somebody's head points at the camera (zone "") or at a zone. From a pose model only.

Where a head points is read from where nose, eyes and ears are; nothing of a face is measured, and without a
pose model there are no joints and no such event. On the floor, seen from the camera, a head that points at
the camera points down in the picture, one that points to the right, right.

    other ── faces it for `faced` seconds → facing: "faced", once
    facing ── faces elsewhere or is gone for grace → other
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from reverie import config
from reverie.values import Event, EventKind, Joints, Stature, Track
from reverie.vision.geometry import contains, distance
from reverie.vision.rules.cooldowns import Cooldowns
from reverie.vision.rules.hands import SURE
from reverie.vision.rules.look import PERSON, Look, near, reached
from reverie.vision.rules.picture import bounds

NOSE, EYES, EARS, SHOULDERS = 0, (1, 2), (3, 4), (5, 6)
"""Places in COCO's order of joints; the left one first."""
FORESHORTENED = 2.0
"""How much longer a way towards the camera is than it looks: a camera at a height of two to three metres."""
TOWARDS = math.radians(40)
"""How far a head may point beside what it faces."""
NOSE_OUT = 1.7
"""How far a nose is before the line through the ears, in halves of their distance: about 12 cm to 7 cm."""
EDGE, HEAD = 0.01, 0.13
"""A head without ears is in the picture where the box begins so far below its top, and the shoulders so much
of the box further down: head and neck are a sixth of somebody's height."""
FARTHEST = 0.5
"""How far from somebody the middle of a zone may be, in fractions of the picture, for them to face it."""


@dataclass(slots=True)
class _Gaze:
    since: float | None = None
    last: float = -math.inf
    seen: float = -math.inf
    told: bool = False


def heading(joints: Joints) -> float | None:
    """Where a head points, in radians: 0 at the camera, π/2 to the right of the picture, π away from it.

    None when the joints do not say. From which of nose, eyes and ears are seen and where: both ears and a
    nose between them say how far it is turned; one ear and a nose, that it points aside; ears or shoulders
    without nose and eyes, that it points away.
    """
    if len(joints) <= max(SHOULDERS):
        return None
    left_ear, right_ear = joints[EARS[0]], joints[EARS[1]]
    nose = joints[NOSE]
    eyes = [joints[i] for i in EYES if joints[i][2] >= SURE]
    if nose[2] < SURE:
        backs = [joints[i] for i in (*EARS, *SHOULDERS) if joints[i][2] >= SURE]
        return math.pi if not eyes and len(backs) >= 2 else None
    if left_ear[2] >= SURE and right_ear[2] >= SURE:
        half = (left_ear[0] - right_ear[0]) / 2
        middle = (left_ear[0] + right_ear[0]) / 2
        return math.atan((nose[0] - middle) / max(abs(half), 1e-4) / NOSE_OUT)
    if left_ear[2] >= SURE or right_ear[2] >= SURE:
        ear = left_ear if left_ear[2] >= SURE else right_ear
        return math.copysign(math.radians(80), nose[0] - ear[0])
    return 0.0 if len(eyes) == len(EYES) else None


def faces(person: Track, zone: config.Zone | None) -> bool | None:
    """Whether `person` faces a zone, or the camera (None); None when nobody can say.

    An area lies on the floor, and who stands in it cannot face it. A slot or a screen hangs on a wall: beside
    somebody where it is as high as they are, behind them (seen from the camera) where they stand before it.
    """
    angle = heading(person.joints)
    if angle is None or (angle == math.pi and not _shows_head(person)):
        return None
    if zone is None:
        return abs(angle) <= TOWARDS
    wanted = _direction(person, zone)
    return None if wanted is None else abs(math.remainder(angle - wanted, math.tau)) <= TOWARDS


def _shows_head(person: Track) -> bool:
    """Whether a head without a face is a head seen from behind, and not one that the picture cuts off."""
    if any(person.joints[ear][2] >= SURE for ear in EARS):
        return True
    shoulders = min(person.joints[i][1] for i in SHOULDERS)
    return person.box.top > EDGE and shoulders - person.box.top >= HEAD * (person.box.bottom - person.box.top)


def _direction(person: Track, zone: config.Zone) -> float | None:
    """Where the zone is from `person`, as `heading` counts; None too far away, or when they stand in it."""
    body, goal = person.box, bounds(zone.polygon)
    if distance(body.centre, goal.centre) > FARTHEST:
        return None
    (x, y), (to_x, to_y) = body.foot, goal.centre
    if zone.kind == "area":
        if contains(zone.polygon, body.foot):
            return None
        return math.atan2(to_x - x, (to_y - y) * FORESHORTENED)
    if body.left <= to_x <= body.right:
        return math.pi
    if goal.top < body.bottom and goal.bottom > body.top:
        return math.copysign(math.pi / 2, to_x - x)
    return math.atan2(to_x - x, (to_y - body.centre[1]) * FORESHORTENED)


class Facing:
    """Who faces one zone, or the camera (`zone` None)."""

    def __init__(
        self,
        zone: config.Zone | None,
        settings: config.Events,
        cooldowns: Cooldowns,
        stature: Callable[[int], Stature] = lambda id: "",
    ) -> None:
        self.zone = zone
        self._settings = settings
        self._cooldowns = cooldowns
        self._stature = stature
        self._gazes: dict[int, _Gaze] = {}

    def update(self, look: Look) -> list[Event]:
        """Who has faced it for long enough since the last look."""
        events = []
        for track in look.fresh:
            if track.label != PERSON or not track.joints:
                continue
            heir = look.heirs.get(track.id)
            gaze = self._gazes.pop(heir, None) if heir is not None else None
            gaze = self._gazes.setdefault(track.id, gaze or _Gaze())
            events += self._advance(gaze, track, look)
        self._gazes = {
            id: gaze
            for id, gaze in self._gazes.items()
            if not reached(look.now - gaze.seen, max(self._settings.grace, self._settings.inertia))
        }
        return events

    def present(self) -> list[int]:
        """Ids of people who face it."""
        return [id for id, gaze in self._gazes.items() if gaze.told]

    def __len__(self) -> int:
        return len(self._gazes)

    def _advance(self, gaze: _Gaze, track: Track, look: Look) -> list[Event]:
        settings = self._settings
        gaze.seen = look.now
        towards = faces(track, self.zone)
        if towards:
            gaze.last = look.now
            gaze.since = look.now if gaze.since is None else gaze.since
        elif reached(look.now - gaze.last, settings.grace if gaze.told else settings.inertia):
            gaze.since, gaze.told = None, False
        if not towards or gaze.told or gaze.since is None:
            return []
        lasted = look.now - gaze.since
        name = self.zone.name if self.zone else ""
        if not reached(lasted, settings.faced) or not self._cooldowns.may_tell(
            EventKind.FACED, name, PERSON, look.now
        ):
            return []
        gaze.told = True
        goal = f"zone {name}" if name else "the camera"
        reason = f"the head points at {goal} for {lasted:.1f} s (faced {settings.faced:g} s)"
        held = self.zone.holds or None if self.zone else None
        return [
            Event(
                EventKind.FACED,
                name,
                PERSON,
                track.id,
                look.time,
                dwell=lasted,
                near=held or near(track.id, look.tracks),
                stature=self._stature(track.id),
                reason=reason,
            )
        ]
