"""How the programs of this box fare, judged from their heartbeats."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from reverie.clock import Clock
from reverie.config import Config
from reverie.store.store import Store
from reverie.values import Health

FRESH = 10.0
"""Seconds after which a heartbeat is stale: programs beat every second, and the supervisor waits longer."""

STARTING = 60.0
"""Seconds that a program may take until it works; one that starts over and over takes longer."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How one program fares. `health` is its last heartbeat, None when it has not reported.

    `age` is seconds since that heartbeat, or since this was first asked; `problem` is "" when all is well.
    """

    program: str
    health: Health | None
    age: float
    fresh: bool
    problem: str


class Wellness:
    """Looks at every program that the config names: one that never reported is a patient too.

    It remembers since when each has not been at work, so that a crash loop, whose every heartbeat is a fresh
    "starting", is told from a start. The more often somebody looks, the more exact that is. Thread-safe.
    """

    def __init__(self, config: Config, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._programs = config.programs
        self._lock = threading.Lock()
        self._idle = dict.fromkeys(self._programs, clock.monotonic())
        """Program → since when it has not been at work (monotonic seconds)."""

    def look(self) -> list[Condition]:
        """The condition of each of `config.programs`, in that order; programs of other names are left out."""
        told = {health.program: health for health in self._store.health.all()}
        with self._lock:
            return [self._condition(program, told.get(program)) for program in self._programs]

    def _condition(self, program: str, health: Health | None) -> Condition:
        age = 0.0 if health is None else max(0.0, self._clock.now() - health.time)
        fresh = health is not None and age <= FRESH
        if health is not None and fresh and health.state != "starting":
            self._idle.pop(program, None)
            return Condition(program, health, age, fresh, _complaint(health))
        idle = self._clock.monotonic() - self._idle.setdefault(program, self._clock.monotonic())
        if health is None:
            return Condition(program, None, idle, False, "has not reported")
        if not fresh:
            return Condition(program, health, age, fresh, f"no heartbeat for {age:.0f} s")
        problem = f"has been starting for {idle:.0f} s" if idle > STARTING else ""
        return Condition(program, health, age, fresh, problem)


def _complaint(health: Health) -> str:
    return (health.detail or "failing") if health.state == "failing" else ""
