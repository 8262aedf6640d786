"""How programs fare: a table of heartbeats over a clock that moves when told to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from screening import make_box

from reverie.clock import ManualClock
from reverie.store.store import Store, open_store
from reverie.web.wellness import FRESH, STARTING, Wellness


class Ward:
    """A box of serve, generate/storyboard and watch, of which the first two are always well."""

    def __init__(self, folder: Path) -> None:
        box = make_box(folder)
        box.store.close()
        self.clock = ManualClock()
        self.store: Store = open_store(box.config.store, self.clock)
        self.wellness = Wellness(box.config, self.store, self.clock)

    def problem(self) -> str:
        """What is said of watch; nothing is said of the others."""
        for program in ("serve", "generate/storyboard", "a program of another name"):
            self.store.health.beat(program, "running", "", {})
        serve, generate, watch = self.wellness.look()
        assert (serve.problem, generate.problem, watch.program) == ("", "", "watch")
        return watch.problem


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    ward = Ward(tmp_path)
    yield ward
    ward.store.close()


# (state, detail), seconds since that beat → what is wrong
BEATS = [
    (("running", "25 fps"), 0, ""),
    (("running", "25 fps"), FRESH, ""),
    (("running", "25 fps"), FRESH + 1, "no heartbeat for 11 s"),
    (("waiting", "the camera is away"), 0, ""),  # it works as well as it can, and tries again
    (("starting", "loading"), FRESH, ""),
    (("starting", "loading"), FRESH + 1, "no heartbeat for 11 s"),
    (("failing", "no encoder"), 0, "no encoder"),
    (("failing", ""), 0, "failing"),
]


@pytest.mark.parametrize(("beat", "age", "problem"), BEATS)
def test_one_heartbeat(ward: Ward, beat: tuple[str, str], age: float, problem: str) -> None:
    ward.store.health.beat("watch", *beat, {})
    ward.clock.advance(age)
    assert ward.problem() == problem


def test_one_that_never_reported_is_a_problem(ward: Ward) -> None:
    assert ward.problem() == "has not reported"


def test_a_start_may_take_its_time_and_no_longer(ward: Ward) -> None:
    for _ in range(int(STARTING)):
        ward.store.health.beat("watch", "starting", "loading", {})
        assert ward.problem() == ""
        ward.clock.advance(1)
    ward.clock.advance(1)
    ward.store.health.beat("watch", "starting", "loading", {})
    assert ward.problem() == "has been starting for 61 s"
    ward.store.health.beat("watch", "running", "", {})
    assert ward.problem() == ""


def test_a_crash_loop_is_no_start(ward: Ward) -> None:
    """It worked for long; then each of its lives says "starting", is silent for a while, and begins anew."""
    ward.clock.advance(1000)
    ward.store.health.beat("watch", "running", "", {})
    assert ward.problem() == ""
    for _ in range(3):
        ward.store.health.beat("watch", "starting", "loading", {})
        assert ward.problem() == ""
        ward.clock.advance(30)
        assert ward.problem() == "no heartbeat for 30 s"
    ward.store.health.beat("watch", "starting", "loading", {})
    assert ward.problem() == "has been starting for 90 s"
