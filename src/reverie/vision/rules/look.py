"""One look's evidence: which tracks were detected just now, which are new, which are only predicted.

Only what was *detected* counts: a predicted box (its `seen` has not moved) is no evidence, neither of being
somewhere nor of having left it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from reverie.values import Box, Event, Image, Track
from reverie.vision.geometry import Point, distance
from reverie.vision.tracker import FORGET

PERSON = "person"

NEAR = 0.35
"""How far the centre of another thing may be, in fractions of the picture, to be named as near."""
NEAR_SCORE = 0.4
"""How sure the detector must be of it."""
HANDOVER = 0.25
"""How far from where somebody vanished a new track may be born, in fractions, and still be them."""
WALK = 2.0
"""Picture widths a second: a foot that moved faster did not walk, so nothing is known of its way."""
ROUNDING = 1e-6
"""Times are sums of fractions: a threshold is reached when less than this is missing."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A track as it was detected once: when (steady seconds), and where."""

    label: str
    seen: float
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What there is at `now`, which never goes back; `time` is the same moment on the camera's clock.

    `fresh` were detected since the last look, `new` of them for the first time; `held` are only predicted.
    `born` gives when each fresh track's evidence begins: its birth if it is new, else now. `before` is the
    sighting before this one, of fresh tracks that are not new. `heirs` maps a new track to one of the same
    label that vanished near where it was born and not long before: most likely the same thing. `image` is
    the picture, uint8 RGB (H, W, 3), where the caller has one. `detected`: whether the detector looked at it,
    so that what it did not see is not there. `known`: the last sighting of each track that may come back.
    """

    now: float
    time: float
    tracks: Sequence[Track]
    fresh: Sequence[Track]
    new: frozenset[int]
    held: frozenset[int]
    born: dict[int, float]
    before: dict[int, Sighting]
    heirs: dict[int, int]
    image: Image | None = None
    detected: bool = True
    known: Mapping[int, Sighting] = field(default_factory=dict)

    @property
    def people(self) -> list[Track]:
        """All people there are, predicted ones included."""
        return [track for track in self.tracks if track.label == PERSON]


@dataclass(slots=True)
class Memory:
    """What was seen of each track last, on a time that never goes back."""

    grace: float
    last: dict[int, Sighting] = field(default_factory=dict)
    now: float = -math.inf
    set_back: float = 0.0

    def look(self, tracks: Sequence[Track], now: float, image: Image | None, detected: bool) -> Look:
        """Sort the tracks into detected and predicted ones. A clock that is set back changes no duration."""
        if now < self.now - self.set_back:
            self.set_back = self.now - now
        steady = self.now = now + self.set_back
        fresh, new, born, before = [], set(), {}, {}
        for track in tracks:
            seen = min(steady, track.seen + self.set_back)
            known = self.last.get(track.id)
            if known is None:
                new.add(track.id)
                born[track.id] = min(steady, track.born + self.set_back)
            elif seen > known.seen:
                born[track.id] = steady
                before[track.id] = known
            else:
                continue
            fresh.append(track)
        heirs = self._heirs([track for track in fresh if track.id in new], born)
        for track in fresh:
            self.last[track.id] = Sighting(track.label, min(steady, track.seen + self.set_back), track.box)
        self._forget({track.id for track in tracks})
        held = frozenset(track.id for track in tracks) - born.keys()
        return Look(
            steady, now, tracks, fresh, frozenset(new), held, born, before, heirs, image, detected, self.last
        )

    def _forget(self, ids: Collection[int]) -> None:
        """Drop what is not among `ids`, and which the tracker will not take up again."""
        self.last = {
            id: last for id, last in self.last.items() if id in ids or self.now - last.seen <= FORGET
        }

    def _heirs(self, newcomers: Sequence[Track], born: dict[int, float]) -> dict[int, int]:
        heirs: dict[int, int] = {}
        for track in newcomers:
            gone = [
                (far, id)
                for id, last in self.last.items()
                if id not in born
                and id not in heirs.values()
                and last.label == track.label
                and last.seen <= born[track.id]
                and self.now - last.seen < self.grace
                and (far := distance(last.box.foot, track.box.foot)) <= HANDOVER
            ]
            if gone:
                heirs[track.id] = min(gone)[1]
        return heirs


class Rule(Protocol):
    """One rule. `len` is how many things it has in memory."""

    def update(self, look: Look) -> list[Event]:
        """What happened since the last look."""
        ...

    def present(self) -> list[int]:
        """Ids of tracks whose moments it keeps alive."""
        ...

    def __len__(self) -> int: ...


def reached(seconds: float, threshold: float) -> bool:
    """Whether `threshold` has been reached, give or take rounding."""
    return seconds >= threshold - ROUNDING


def counts(labels: tuple[str, ...], label: str) -> bool:
    """Whether `label` is among `labels`; none named means all."""
    return not labels or label in labels


def near(id: int, tracks: Sequence[Track]) -> str | None:
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


def way(look: Look, track: Track, longest: float) -> tuple[float, Point] | None:
    """When and where the foot of `track` was detected before, if it came from there by a straight walk.

    None when it is new, was not seen for more than `longest` seconds, or moved faster than anybody walks.
    """
    last = look.before.get(track.id)
    if last is None or look.now - last.seen > longest:
        return None
    if distance(last.box.foot, track.box.foot) > WALK * (look.now - last.seen):
        return None
    return last.seen, last.box.foot
