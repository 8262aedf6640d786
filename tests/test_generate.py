"""generate: what is made, what gives way, what fails, on a real store with a generator of one colour."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reverie import config, generate
from reverie.assets import asset
from reverie.clock import ManualClock
from reverie.errors import ClipError, DetectorError, GeneratorError, OutOfMemory, Refused
from reverie.generate import Studio, Tally
from reverie.store import Store, open_store
from reverie.values import Brief, Command, Dials, Image, Job, JobStatus, Priority, Request, Shot
from reverie.video import encode
from reverie.video.generator import Progress
from reverie.wishes import make_moment, make_wish

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


def test_a_step_that_takes_longer_than_the_lease(
    box: config.Config, store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the generator says nothing, signs of life are given for it: nobody takes its job."""
    monkeypatch.setattr(generate, "PULSE", 0.01)
    signs: list[float] = []
    given = threading.Event()
    renew = store.jobs.renew

    def renewed(key: str, worker: str, lease: float, share: float) -> bool:
        signs.append(share)
        given.set()
        return renew(key, worker, lease, share)

    monkeypatch.setattr(store.jobs, "renew", renewed)

    def slow(index: int) -> None:
        if index == 5:
            for _ in range(4):  # 40 s in one step, with a lease of 15
                clock.advance(10)
                given.clear()
                assert given.wait(10)
                assert store.jobs.waiting("storyboard") == []

    job = wish(box, store, clock, "slow", Priority.LIVE)
    work(box, store, Painter(clock, slow), clock)
    assert status(store, job) is JobStatus.DONE
    assert len(signs) >= 4


def test_a_generator_that_hangs_is_given_up(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "PULSE", 0.01)
    told: list[float] = []
    with generate.Pulse(clock, told.append) as pulse:
        clock.advance(generate.PATIENCE + 1)
        pulse._thread.join(10)
        assert not pulse._thread.is_alive()
    assert told == []


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


class Black(Painter):
    """A storyboard gone dark."""

    def generate(self, job: Job, progress: Progress) -> Iterator[Image]:
        for _ in range(job.spec.frames):
            yield np.zeros((job.spec.height, job.spec.width, 3), np.uint8)


def test_a_clip_that_fails_the_check_is_not_entered(
    box: config.Config, store: Store, clock: ManualClock
) -> None:
    job = wish(box, store, clock, "a", Priority.LIVE)
    work(box, store, Black(clock), clock)
    assert store.clips.get(job.key) is None
    found = store.jobs.get(job.key)
    assert found is not None
    assert "check" in found.error


class Whole(Painter):
    """Imagines: is held whole. Of each job the takes in `bad` are black."""

    streams = False

    def __init__(self, clock: ManualClock, bad: Collection[int] = ()) -> None:
        super().__init__(clock)
        self.bad = bad
        self.takes: list[int] = []

    def generate(self, job: Job, progress: Progress) -> Iterator[Image]:
        self.takes.append(job.take)
        for image in super().generate(job, progress):
            yield image * (job.take not in self.bad)


# takes that are black, asked seed → takes made, how the job ends
TAKES: list[tuple[Collection[int], int | None, list[int], JobStatus]] = [
    ((), None, [1], JobStatus.DONE),
    ((1,), None, [1, 2], JobStatus.DONE),  # the second take is good
    ((1, 2), None, [1, 2], JobStatus.FAILED),  # and there is no third
    ((1,), 7, [1], JobStatus.FAILED),  # a fixed seed would make the same again
]


@pytest.mark.parametrize(("bad", "seed", "made", "ends"), TAKES)
def test_what_fails_the_gate_is_made_once_more(
    bad: Collection[int],
    seed: int | None,
    made: list[int],
    ends: JobStatus,
    box: config.Config,
    store: Store,
    clock: ManualClock,
) -> None:
    job = wish(box, store, clock, "a", Priority.ASKED)
    if seed is not None:
        store.jobs.wish(replace(job, key="seeded", request=Request("a cat", seed=seed), deadline=1e9))
        store.jobs.claim(job.key, "another", 1e6, None)
        job = replace(job, key="seeded")
    painter, tally = Whole(clock, bad), Tally()
    while work(box, store, painter, clock, tally) is not None:
        pass
    assert painter.takes == made
    assert status(store, job) is ends
    assert tally.failed == len(made) - (ends is JobStatus.DONE)
    clip, found = store.clips.get(job.key), store.jobs.get(job.key)
    assert found is not None
    if ends is JobStatus.DONE:
        assert clip is not None
        assert clip.take == made[-1]
        assert clip.scores["noise"] < 0.5
    else:
        assert clip is None
        assert (
            found.error
            == "the clip did not pass the check: every picture is black (mean luma below 16 of 255)"
        )


DARK = "a: the clip did not pass the check: every picture is black (mean luma below 16 of 255)"

# what is made, what the log says
LOGGED: list[tuple[Callable[[ManualClock], Painter], list[str]]] = [
    (
        lambda clock: Whole(clock, (1, 2)),
        [f"{DARK}; it is made once more with another seed", f"{DARK}; it is given up"],
    ),
    (Black, [f"{DARK}; it will be tried again"] * 3 + [f"{DARK}; it is given up"]),
]


@pytest.mark.parametrize(("painter", "logged"), LOGGED)
def test_the_log_says_what_becomes_of_a_film(
    painter: Callable[[ManualClock], Painter],
    logged: list[str],
    box: config.Config,
    store: Store,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = wish(box, store, clock, "a", Priority.ASKED)
    made = painter(clock)
    while work(box, store, made, clock) is not None:
        pass
    assert [record.getMessage() for record in caplog.records] == logged
    assert status(store, job) is JobStatus.FAILED


def test_a_new_wish_gives_two_more_takes(box: config.Config, store: Store, clock: ManualClock) -> None:
    job = wish(box, store, clock, "a", Priority.ASKED)
    painter = Whole(clock, (1, 2, 3))
    while work(box, store, painter, clock) is not None:
        pass
    wish(box, store, clock, "a", Priority.ASKED)
    while work(box, store, painter, clock) is not None:
        pass
    assert painter.takes == [1, 2, 3, 4]
    assert status(store, job) is JobStatus.DONE


@pytest.mark.parametrize(
    ("error", "tries"),
    [(Refused("no such prompt"), 1), (OutOfMemory("needs 9 GiB, has 8"), 1), (GeneratorError("hm"), 4)],
)
def test_what_no_retry_mends_is_not_tried_again(
    error: GeneratorError, tries: int, box: config.Config, store: Store, clock: ManualClock
) -> None:
    job = wish(box, store, clock, "a", Priority.ASKED)

    def fails(index: int) -> None:
        raise error

    tally = Tally()
    while work(box, store, Painter(clock, fails), clock, tally) is not None:
        pass
    assert tally.failed == tries
    assert status(store, job) is JobStatus.FAILED
    found = store.jobs.get(job.key)
    assert found is not None
    assert found.error == str(error)


def test_the_eyes_look_at_what_was_imagined(box: config.Config, store: Store, clock: ManualClock) -> None:
    job = wish(box, store, clock, "a", Priority.LIVE)  # of a cat
    at = replace(studio(box, store, Whole(clock), clock), eyes=lambda image: {"dog": 0.9})
    claimed = generate.claim(at)
    assert claimed is not None
    generate.make(at, claimed, threading.Event(), Tally())
    found = store.jobs.get(job.key)
    assert found is not None
    assert "instead of a cat (0.00) a dog is seen (0.90)" in found.error
    streaming = replace(at, generator=Painter(clock))  # a storyboard is tested, not looked at
    claimed = generate.claim(streaming)
    assert claimed is not None
    generate.make(streaming, claimed, threading.Event(), Tally())
    clip = store.clips.get(job.key)
    assert clip is not None
    assert "asked" not in clip.scores


def test_the_gate_gives_way_and_keeps_the_lease(box: config.Config, store: Store, clock: ManualClock) -> None:
    job = wish(box, store, clock, "a", Priority.LIVE)
    stop = threading.Event()
    looks: list[float] = []

    def eyes(image: Image) -> dict[str, float]:
        clock.advance(9)  # a slow box: six looks are longer than a lease
        looks.append(clock.now())
        return {"cat": 0.8}

    at = replace(studio(box, store, Whole(clock), clock), eyes=eyes)
    claimed = generate.claim(at)
    assert claimed is not None
    generate.make(at, claimed, stop, Tally())
    assert looks[-1] - looks[0] > generate.LEASE
    assert status(store, job) is JobStatus.DONE
    clip = store.clips.get(job.key)
    assert clip is not None
    assert (clip.scores["asked"], clip.scores["sees"]) == (1, 0.8)

    other = wish(box, store, clock, "b", Priority.LIVE)
    stopping = replace(at, eyes=lambda image: stop.set() or {})  # type: ignore[func-returns-value]
    claimed = generate.claim(stopping)
    assert claimed is not None
    generate.make(stopping, claimed, stop, Tally())
    assert status(store, other) is JobStatus.WAITING  # given back, not failed


def file_job(box: config.Config) -> Job:
    wished, spec = make_wish(SETTINGS, brief("a"))
    return Job(wished.key, brief("a"), spec, deadline=0.0, priority=0, created=0.0, take=1)


def test_a_file_is_gated_and_tells_its_scores(box: config.Config, clock: ManualClock, tmp_path: Path) -> None:
    out, job = tmp_path / "out.mp4", file_job(box)

    def made(painter: Painter, gate: bool) -> generate.FilmFile:
        return generate.make_file(painter, SETTINGS, job, out, "test", lambda share: None, gate)

    good = made(Whole(clock), True)
    assert good.wrong is None
    assert good.scores["frames"] == 10
    assert good.scores["asked"] == 1  # by the eyes that come along
    out.unlink()
    for painter in (Whole(clock, (1,)), Black(clock)):
        with pytest.raises(ClipError, match="did not pass the check: every picture is black"):
            made(painter, True)
        assert not out.exists()
        kept = made(painter, False)
        assert kept.wrong is not None
        assert "every picture is black" in kept.wrong
        assert encode.probe(out).frames == kept.frames == 10
        out.unlink()


def test_eyes_that_cannot_be_loaded_are_a_note(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def damaged(settings: config.Detector) -> None:
        raise DetectorError("detector.onnx: damaged")

    monkeypatch.setattr(generate, "load_detector", damaged)
    assert generate.open_eyes() is None
    assert "is not looked at: detector.onnx: damaged" in caplog.text


def test_the_eyes_that_come_along_see_a_photograph() -> None:
    eyes = generate.open_eyes()
    assert eyes is not None
    seen = eyes(encode.still(asset("demo.mp4"), 25.0))  # a cat's portrait is held up
    assert seen["cat"] > 0.5
    assert max(seen, key=lambda label: seen[label]) == "cat"


def test_a_generator_that_does_not_stream_shows_nothing_before_the_gate(
    box: config.Config, store: Store, clock: ManualClock
) -> None:
    drafts: list[object] = []

    def eyes(image: Image) -> dict[str, float]:
        drafts.append(store.clips.draft(job.key))
        return {}

    job = wish(box, store, clock, "a", Priority.LIVE)
    at = replace(studio(box, store, Whole(clock), clock), eyes=eyes)
    claimed = generate.claim(at)
    assert claimed is not None
    generate.make(at, claimed, threading.Event(), Tally())
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
