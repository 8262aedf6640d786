"""generate: what is made, what gives way, what fails, on a real store with a generator of one colour."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reverie import config, generate
from reverie.clock import ManualClock
from reverie.errors import GeneratorError
from reverie.generate import Studio, Tally
from reverie.store import Store, open_store
from reverie.values import Brief, Command, Dials, Image, Job, JobStatus, Priority, Shot
from reverie.video import encode
from reverie.video.generator import Progress, make_moment

SETTINGS = config.Generator(width=160, height=120, fps=10)


class Painter:
    """Pictures of a growing square; what happens while it paints can be set."""

    streams = True
    per_minute: int | None = None

    def __init__(self, clock: ManualClock, during: Callable[[int], None] = lambda index: None) -> None:
        self._clock = clock
        self._during = during

    def generate(self, job: Job, progress: Progress) -> Iterator[Image]:
        for index in range(job.spec.frames):
            image = np.full((job.spec.height, job.spec.width, 3), 90, np.uint8)
            image[20 : 30 + index * 3, 20 : 30 + index * 3] = (250, 200, 40)
            yield image
            self._during(index)
            self._clock.advance(0.3)
            progress((index + 1) / job.spec.frames)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def box(tmp_path: Path) -> config.Config:
    return config.Config(
        generators=(SETTINGS,), store=config.Store(folder=tmp_path / "data", runtime=tmp_path / "run")
    )


@pytest.fixture
def store(box: config.Config, clock: ManualClock) -> Iterator[Store]:
    opened = open_store(box.store, clock)
    yield opened
    opened.close()


def brief(topic: str) -> Brief:
    return Brief(topic, (Shot("cat", "appear", None, "room", "calm", "", 1.0),), "plain", "en")


def wish(box: config.Config, store: Store, clock: ManualClock, topic: str, priority: Priority) -> Job:
    now = clock.now()
    moment, jobs = make_moment(box, Command(now, topic), brief(topic), now, priority)
    if priority >= Priority.LIVE:
        store.moments.open(moment, jobs)
    else:
        store.jobs.wish(replace(jobs[0], deadline=now + 600))
    return jobs[0]


def studio(
    box: config.Config,
    store: Store,
    painter: Painter,
    clock: ManualClock,
    settings: config.Generator = SETTINGS,
) -> Studio:
    return Studio(box, settings, painter, store, clock, "generate/storyboard/1")


def work(
    box: config.Config, store: Store, painter: Painter, clock: ManualClock, tally: Tally | None = None
) -> Job | None:
    """Claim one job and make it, as the loop does."""
    at = studio(box, store, painter, clock)
    job = generate.claim(at)
    if job is not None:
        generate.make(at, job, threading.Event(), tally or Tally())
    return job


def status(store: Store, job: Job) -> JobStatus:
    found = store.jobs.get(job.key)
    assert found is not None
    return found.status


def test_a_wish_becomes_a_labelled_clip(box: config.Config, store: Store, clock: ManualClock) -> None:
    job = wish(box, store, clock, "a", Priority.LIVE)
    work(box, store, Painter(clock), clock)
    clip = store.clips.get(job.key)
    assert clip is not None
    assert status(store, job) is JobStatus.DONE
    assert encode.probe(clip.path).frames == 10
    assert b"AIGC" in clip.path.read_bytes()
    assert clip.scores["frames"] == 10


def test_what_is_only_warmed_gives_way_to_a_visitor(
    box: config.Config, store: Store, clock: ManualClock
) -> None:
    warm = wish(box, store, clock, "warm", Priority.WARM)
    live: list[Job] = []

    def arrives(index: int) -> None:
        if index == 4:
            live.append(wish(box, store, clock, "live", Priority.LIVE))

    tally = Tally()
    work(box, store, Painter(clock, arrives), clock, tally)
    assert status(store, warm) is JobStatus.WAITING  # given back, not failed
    assert (tally.made, tally.failed, tally.cancelled) == (0, 0, 1)
    work(box, store, Painter(clock), clock)
    assert status(store, live[0]) is JobStatus.DONE
    work(box, store, Painter(clock), clock)
    assert status(store, warm) is JobStatus.DONE


def test_a_visitors_film_is_not_cut_for_the_next_visitor(
    box: config.Config, store: Store, clock: ManualClock
) -> None:
    first = wish(box, store, clock, "first", Priority.LIVE)

    def another_comes(index: int) -> None:
        if index == 4:
            wish(box, store, clock, "next", Priority.LIVE)

    work(box, store, Painter(clock, another_comes), clock)
    assert status(store, first) is JobStatus.DONE


def test_a_guess_that_came_true_is_not_cut(box: config.Config, store: Store, clock: ManualClock) -> None:
    guess = wish(box, store, clock, "guess", Priority.SPECULATIVE)

    def comes_true(index: int) -> None:
        if index == 2:
            wish(box, store, clock, "guess", Priority.LIVE)
        if index == 4:
            wish(box, store, clock, "other", Priority.LIVE)

    work(box, store, Painter(clock, comes_true), clock)
    assert status(store, guess) is JobStatus.DONE


def test_a_slow_box_finishes_what_nobody_else_waits_for(
    box: config.Config, store: Store, clock: ManualClock
) -> None:
    job = wish(box, store, clock, "slow", Priority.LIVE)

    def takes_three_seconds(index: int) -> None:
        clock.advance(3)

    work(box, store, Painter(clock, takes_three_seconds), clock)  # 33 s in all; they went long ago
    assert status(store, job) is JobStatus.DONE
    assert store.clips.get(job.key) is not None


def test_a_late_film_gives_way_to_who_is_here(box: config.Config, store: Store, clock: ManualClock) -> None:
    late = wish(box, store, clock, "late", Priority.LIVE)

    def another_comes(index: int) -> None:
        clock.advance(3)
        if index == 3:
            wish(box, store, clock, "now", Priority.LIVE)

    work(box, store, Painter(clock, another_comes), clock)
    assert store.jobs.waiting("storyboard")[0].brief.topic == "now"
    assert status(store, late) is JobStatus.EXPIRED  # given up, not failed


def test_what_is_half_done_is_finished(box: config.Config, store: Store, clock: ManualClock) -> None:
    late = wish(box, store, clock, "late", Priority.LIVE)

    def another_comes(index: int) -> None:
        clock.advance(3)
        if index == 5:
            wish(box, store, clock, "now", Priority.LIVE)

    work(box, store, Painter(clock, another_comes), clock)
    assert status(store, late) is JobStatus.DONE


def test_the_dial_pauses_it(box: config.Config, store: Store, clock: ManualClock) -> None:
    job = wish(box, store, clock, "a", Priority.LIVE)
    store.turn(Dials(paused=True))
    assert work(box, store, Painter(clock), clock) is None
    store.turn(Dials())
    assert work(box, store, Painter(clock), clock) is not None
    assert status(store, job) is JobStatus.DONE


@pytest.mark.parametrize(
    ("asked", "set_to", "starts"), [(None, None, 5), (3, None, 3), (3, 2, 2), (None, 4, 4)]
)
def test_the_limit_a_minute_is_the_generators_unless_the_operator_sets_one(
    asked: int | None, set_to: int | None, starts: int, box: config.Config, store: Store, clock: ManualClock
) -> None:
    for number in range(5):
        wish(box, store, clock, f"t{number}", Priority.LIVE)
    settings = SETTINGS.model_copy(update={"per_minute": set_to})
    painter = Painter(clock)
    painter.per_minute = asked
    at = studio(box, store, painter, clock, settings)
    claimed = [generate.claim(at) for _ in range(5)]
    assert sum(job is not None for job in claimed) == starts
    clock.advance(60.5)
    wish(box, store, clock, "later", Priority.LIVE)
    assert generate.claim(at) is not None


def test_a_generator_that_fails_is_tried_four_times_then_given_up(
    box: config.Config, store: Store, clock: ManualClock
) -> None:
    job = wish(box, store, clock, "a", Priority.ASKED)

    def fails(index: int) -> None:
        raise GeneratorError("the paint is gone")

    tally = Tally()
    while work(box, store, Painter(clock, fails), clock, tally) is not None:
        pass
    assert tally.failed == 4
    assert status(store, job) is JobStatus.FAILED
    found = store.jobs.get(job.key)
    assert found is not None
    assert "the paint is gone" in found.error
    wish(box, store, clock, "a", Priority.ASKED)  # and a new wish revives it
    assert status(store, job) is JobStatus.WAITING


def test_a_clip_that_fails_the_check_is_not_entered(
    box: config.Config, store: Store, clock: ManualClock
) -> None:
    class Black(Painter):
        def generate(self, job: Job, progress: Progress) -> Iterator[Image]:
            for _ in range(job.spec.frames):
                yield np.zeros((job.spec.height, job.spec.width, 3), np.uint8)

    job = wish(box, store, clock, "a", Priority.LIVE)
    work(box, store, Black(clock), clock)
    assert store.clips.get(job.key) is None
    found = store.jobs.get(job.key)
    assert found is not None
    assert "check" in found.error


def test_a_generator_that_does_not_stream_shows_nothing_before_the_check(
    box: config.Config, store: Store, clock: ManualClock
) -> None:
    drafts: list[object] = []

    class Whole(Painter):
        streams = False

    job = wish(box, store, clock, "a", Priority.LIVE)
    work(box, store, Whole(clock, lambda index: drafts.append(store.clips.draft(job.key))), clock)
    assert drafts
    assert not any(drafts)
    assert status(store, job) is JobStatus.DONE


def test_idle_time_warms_what_was_often_wished(box: config.Config, store: Store, clock: ManualClock) -> None:
    job = wish(box, store, clock, "a", Priority.LIVE)
    work(box, store, Painter(clock), clock)
    clock.advance(3600)
    assert [clip.key for clip in store.clips.evict(0, ())] == [job.key]
    generate.tidy(studio(box, store, Painter(clock), clock))
    assert status(store, job) is JobStatus.WAITING
    assert work(box, store, Painter(clock), clock) is not None
    assert store.clips.get(job.key) is not None
