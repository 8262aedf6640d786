"""watch: moments that cannot be stored wait, those who stay keep theirs alive, arrivals are guessed at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from reverie import config, watch, zones
from reverie.clock import ManualClock
from reverie.errors import StoreFull
from reverie.store import Store, open_store
from reverie.story.director import Director
from reverie.story.library import load_library
from reverie.values import Detection, Dials, EventKind, Frame, Job, Moment, Priority, Scene
from reverie.vision.cadence import Cadence
from reverie.vision.camera import CameraState
from reverie.vision.lookout import Lookout
from reverie.vision.recogniser import load_memory
from reverie.watch import Eyes, Post, Tally


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


# ---------------------------------------------------------------- one detector for several cameras


NOTHING = Path("no products here")
"""A folder that there is not: nothing was taught."""


class Steady:
    """A camera that delivers `fps` pictures a second of the clock, none of them like the one before."""

    def __init__(self, clock: ManualClock, fps: float, status: str = "running") -> None:
        self.fps, self._clock, self._start, self._taken, self.status = fps, clock, clock.now(), -1, status

    def newest(self, timeout: float) -> Frame | None:
        index = int((self._clock.now() - self._start) * self.fps + 1e-6)
        if index == self._taken or self.status != "running":
            return None
        self._taken = index
        shade = np.full((24, 32, 3), 250 * (index % 2), np.uint8)
        return Frame(shade, index, self._start + index / self.fps)

    def state(self) -> CameraState:
        return CameraState(self.status, fps=self.fps)  # type: ignore[arg-type]

    def close(self) -> None:
        pass


class Slow:
    """A detector that takes `seconds` of the clock for each picture and finds nothing."""

    labels: tuple[str, ...] = ("person",)

    def __init__(self, clock: ManualClock, seconds: float, batch: int = 1) -> None:
        self.batch, self.joints, self._clock, self._seconds = batch, False, clock, seconds
        self.calls: list[int] = []

    def detect(self, frames: Sequence[Frame]) -> list[list[Detection]]:
        self.calls.append(len(frames))
        self._clock.advance(self._seconds * len(frames))
        return [[] for _ in frames]


def posts(
    clock: ManualClock, cadence: Cadence, rates: Sequence[float], detector: config.Detector
) -> list[Post]:
    return [
        Post(Steady(clock, fps), Lookout(config.Camera(name=str(i)), detector, config.Events(), cadence))
        for i, fps in enumerate(rates)
    ]


def served(clock: ManualClock, detector: Slow, rates: Sequence[float], rate: float = 10) -> dict[str, int]:
    """Detections that each camera got in twenty seconds of the loop's looking, every look a detection."""
    settings = config.Detector(rate=rate, cadence=1, motion=0)
    cadence, tally = Cadence(settings), Tally()
    looking, eyes = posts(clock, cadence, rates, settings), Eyes(detector, cadence, load_memory(NOTHING))
    counts = {post.lookout.name: 0 for post in looking}
    end = clock.now() + 20
    while clock.now() < end:
        seen = watch._look(eyes, looking, clock, tally)
        for post, _, sight in seen:
            counts[post.lookout.name] += sight.detected
        if not seen:
            clock.advance(0.01)
    assert tally.detections == sum(counts.values()) == sum(detector.calls)
    return counts


@pytest.mark.parametrize("batch", [1, 3, 8])
@pytest.mark.parametrize(
    ("seconds", "rates", "expected"),
    [
        (0.01, (10, 10), (200, 200)),  # enough for all
        (0.1, (30, 30, 30, 30), (50, 50, 50, 50)),  # far too little: all get the same
        (0.1, (60, 5, 5, 60), (50, 50, 50, 50)),  # slow cameras are not starved by fast ones
        (0.08, (30, 1), (190, 20)),  # a slow one gets all it can use, and the rest is the other's
    ],
)
def test_every_camera_gets_its_share_of_the_detector(
    clock: ManualClock, batch: int, seconds: float, rates: Sequence[float], expected: Sequence[int]
) -> None:
    counts = served(clock, Slow(clock, seconds, batch), rates)
    for got, wanted in zip(counts.values(), expected, strict=True):
        assert got == pytest.approx(wanted, rel=0.15)


def test_those_whose_turn_it_is_share_one_call(clock: ManualClock) -> None:
    together = Slow(clock, 0.001, 3)
    served(clock, together, (10, 10, 10, 10))
    assert set(together.calls) == {3, 1}
    alone = Slow(clock, 0.001, 1)
    served(clock, alone, (10, 10, 10, 10))
    assert set(alone.calls) == {1}


def test_a_frame_is_taken_only_in_its_turn(clock: ManualClock) -> None:
    """Whoever waits meanwhile may be overtaken by a newer picture: nothing old is ever looked at."""
    settings = config.Detector(rate=25, cadence=1, motion=0)
    cadence, detector = Cadence(settings), Slow(clock, 0.2)
    looking, eyes = (
        posts(clock, cadence, (25, 25, 25), settings),
        Eyes(detector, cadence, load_memory(NOTHING)),
    )
    ages = []
    for _ in range(60):
        began = clock.now()
        ages += [began - frame.time for _, frame, _ in watch._look(eyes, looking, clock, Tally())]
    assert max(ages) <= 1 / 25


def test_looks_that_the_cameras_give_cause_for(clock: ManualClock) -> None:
    settings = config.Detector(rate=10)
    looking = posts(clock, Cadence(settings), (30, 5, 0), settings)
    assert watch._looks(looking, 10) == 10 + 5 + 10  # the last is new: nobody knows yet
    looking[0].camera.status = "lost"  # type: ignore[attr-defined]
    assert watch._looks(looking, 10) == 5 + 10


def test_a_detector_that_is_too_slow_looks_less_often_and_all_is_still_followed(clock: ManualClock) -> None:
    settings = config.Detector(rate=10, motion=0)
    cadence, detector, tally = Cadence(settings), Slow(clock, 0.06), Tally()
    looking, eyes = posts(clock, cadence, (10, 10), settings), Eyes(detector, cadence, load_memory(NOTHING))
    looks, beat = 0, clock.now()
    while clock.now() < beat + 20:
        seen = watch._look(eyes, looking, clock, tally)
        looks += len(seen)
        cadence.choose(watch._looks(looking, settings.rate), clock.now())
        if not seen:
            clock.advance(0.01)
    assert cadence.every == 2
    assert looks / 20 == pytest.approx(20, rel=0.15)
    assert tally.detections / 20 == pytest.approx(10, rel=0.15)


def test_zones_that_the_operator_draws_count_without_a_restart(box: config.Config) -> None:
    place = Lookout(box.cameras[0], box.detector, box.events)
    looking = [Post(Steady(ManualClock(), 10), place)]
    sheet = zones.Sheet(box)
    watch._place(sheet, looking)
    assert not place.zones
    drawn = {"zones": [{"name": "shelf", "polygon": [[0, 0], [1, 0], [1, 1]]}], "lines": []}
    plan = zones.draw(box.cameras[0], drawn)
    zones.save(box.store.folder, box.cameras[0], plan, zones.configured(box.cameras[0]).version)
    watch._place(sheet, looking)
    assert [zone.name for zone in place.zones] == ["shelf"]
