"""No repeats: what was told is not told again too soon, for its rule, its zone and the whole place."""

from __future__ import annotations

import math
from collections.abc import Mapping

from reverie import config
from reverie.values import EventKind
from reverie.vision.rules.look import reached


class Cooldowns:
    """When what was told last. Bounded: what has cooled down is forgotten.

    Of one kind, zone and thing nothing is told twice within its rest: the zone's own `cooldown`, else that of
    the kind (`events.cooldowns`), else `events.cooldown`. After anything at all the whole camera rests for
    `place` seconds.
    """

    def __init__(self, settings: config.Events, own: Mapping[str, float], place: float) -> None:
        """`own`: rests of zones and lines that have one, by name."""
        self._settings = settings
        self._place = place
        self._told: dict[tuple[EventKind, str, str], float] = {}
        self._last = -math.inf
        self.own = own

    def rest(self, kind: EventKind, zone: str) -> float:
        """Seconds before another event of this kind and zone."""
        own = self.own.get(zone)
        return self._settings.cooldowns.get(kind, self._settings.cooldown) if own is None else own

    def may_tell(self, kind: EventKind, zone: str, label: str, now: float) -> bool:
        """Whether this may be told at `now`; if so its rest begins."""
        last = self._told.get((kind, zone, label))
        if last is not None and not reached(now - last, self.rest(kind, zone)):
            return False
        if not reached(now - self._last, self._place):
            return False
        self._told[kind, zone, label] = self._last = now
        return True

    def forget(self, now: float) -> None:
        """Drop what has cooled down."""
        self._told = {
            key: last for key, last in self._told.items() if not reached(now - last, self.rest(*key[:2]))
        }

    def __len__(self) -> int:
        return len(self._told)
