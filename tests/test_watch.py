"""watch: moments that cannot be stored wait, those who stay keep theirs alive, arrivals are guessed at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from reverie import config, watch
from reverie.clock import ManualClock
from reverie.errors import StoreFull
from reverie.store import Store, open_store
from reverie.story.director import Director
from reverie.story.library import load_library
from reverie.values import Dials, EventKind, Job, Moment, Priority, Scene
from reverie.watch import Tally


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def box(tmp_path: Path) -> config.Config:
    return config.Config(store=config.Store(folder=tmp_path / "data", runtime=tmp_path / "run"))


@pytest.fixture
def store(box: config.Config, clock: ManualClock) -> Iterator[Store]:
    opened = open_store(box.store, clock)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def director() -> Director:
    return Director(load_library(None), config.Story())


def scene(clock: ManualClock, kind: EventKind = EventKind.SHOWN, subject: str = "banana") -> Scene:
    return Scene(clock.now(), "camera", "", kind, subject)


def imagined(
    box: config.Config, director: Director, clock: ManualClock, subject: str = "banana"
) -> tuple[Moment, list[Job]]:
    seen = scene(clock, subject=subject)
    made = watch._imagine(box, director, seen, Dials(), seen.time)
    assert made is not None
    return made


class FullDisk:
    """A store whose disk is full until room is made."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.full = True
        self.moments = self

    def open(self, moment: Moment, jobs: list[Job]) -> Moment:
        if self.full:
            raise StoreFull("the disk is full")
        return self._store.moments.open(moment, jobs)


def test_a_moment_waits_for_room_and_is_then_told(
    box: config.Config, store: Store, director: Director, clock: ManualClock
) -> None:
    disk = FullDisk(store)
    unsent = deque([imagined(box, director, clock), imagined(box, director, clock, "cup")])
    tally = Tally()
    for _ in range(3):
        watch._send(disk, unsent, clock, tally)  # type: ignore[arg-type]
    assert len(unsent) == 2
    assert list(tally.errors) == ["the disk is full"]  # told once, not at every try
    disk.full = False
    clock.advance(2)
    watch._send(disk, unsent, clock, tally)  # type: ignore[arg-type]
    assert not unsent
    assert [m.brief.topic for m in store.moments.live()] == ["show/cup", "show/banana"]
    assert list(tally.delays) == [2, 2]  # measured from what the camera saw


def test_a_moment_that_is_over_when_there_is_room_is_not_told(
    box: config.Config, store: Store, director: Director, clock: ManualClock
) -> None:
    unsent = deque([imagined(box, director, clock)])
    clock.advance(box.story.hold + 1)
    watch._send(store, unsent, clock, Tally())
    assert not unsent
    assert store.moments.recent(5) == []


def test_an_arrival_starts_what_lingering_would_call_for(
    box: config.Config, store: Store, director: Director, clock: ManualClock
) -> None:
    watch._speculate(box, store, director, scene(clock, EventKind.ENTERED, "person"), Dials())
    guesses = store.jobs.waiting("storyboard")
    assert [job.priority for job in guesses] == [Priority.SPECULATIVE]
    clock.advance(box.events.dwell)
    lingers = watch._imagine(box, director, scene(clock, EventKind.LINGERED, "person"), Dials(), clock.now())
    assert lingers is not None
    assert lingers[0].wishes[0].key == guesses[0].key  # the guess was the very clip
    assert store.moments.live() == []  # and a guess is no moment: nothing was shown


def test_live_view_is_offered_on_loopback_only_unless_asked_for() -> None:
    def offers(**serve: object) -> bool:
        return watch.offers_live_view(config.Config(serve=config.Serve(**serve)))  # type: ignore[arg-type]

    token = "sixteen characters"
    assert offers()
    assert not offers(live_view=False)
    assert not offers(host="0.0.0.0", token=token)
    assert offers(host="0.0.0.0", token=token, live_view=True)
