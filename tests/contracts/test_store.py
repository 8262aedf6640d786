"""What every store must keep to (`reverie/store/store.py`), run over each implementation.

An implementation is added to `IMPLEMENTATIONS`; jobs and clips that a fleet shares join the tests of those
two seams alone.
"""

from __future__ import annotations

import hashlib
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from reverie import config
from reverie.clock import Clock, ManualClock
from reverie.errors import ClipError, StoreError
from reverie.store import Store
from reverie.store.database import open_database
from reverie.values import (
    Brief,
    Clip,
    ClipSpec,
    Command,
    Dials,
    Draft,
    EventKind,
    Job,
    JobStatus,
    Moment,
    Order,
    Play,
    Question,
    Request,
    Rung,
    Scene,
    Shot,
    Wish,
)

Opener = Callable[[Path, Clock, str], Store]
"""(data folder, clock, boot id) -> a store on it; several may be open on one folder, as programs are."""


def open_sqlite(folder: Path, clock: Clock, boot: str) -> Store:
    return open_database(config.Store(folder=folder, runtime=folder / "run"), clock, boot)


IMPLEMENTATIONS: dict[str, Opener] = {"sqlite": open_sqlite}

START = 1_000_000.0
LEASE = 10.0


def make_job(key: str, deadline: float = START + 100, generator: str = "board", **changes: object) -> Job:
    shot = Shot("child", "drives", "toy car", "street", "happy", "Vroom!", 3.0)
    brief = Brief("toy-car", (shot,), "playful", "en")
    spec = ClipSpec(generator, "v1", 640, 480, 72, 24)
    return replace(Job(key, brief, spec, deadline, 20, START), **changes)  # type: ignore[arg-type]


def make_moment(id: str, *keys: str, expires: float = START + 100) -> Moment:
    wishes = tuple(Wish("board", key) for key in keys)
    return Moment(id, Command(START, "toy-car"), make_job("k0").brief, wishes, START, expires)


def make_order(id: str, key: str = "k1", expires: float = START + 100) -> Order:
    return Order(id, key, "board", "a child drives a toy car", 640, 480, 3.0, START, expires)


def place(store: Store, id: str, key: str = "k1", expires: float = START + 100, **changes: object) -> Order:
    """An order with its job."""
    return store.orders.place(make_order(id, key, expires), make_job(key, expires, **changes))  # type: ignore[arg-type]


def make_play(
    id: str, key: str = "k1", screen: str = "main", started: float = START, **changes: object
) -> Play:
    play = Play(id, screen, key, 1, Rung.CLIP, "m1", "because", START, started)
    return replace(play, **changes)  # type: ignore[arg-type]


def film(key: str, take: int) -> bytes:
    """100 bytes that differ with key and take."""
    return (hashlib.sha256(f"{key}/{take}".encode()).digest() * 4)[:100]


def make_draft(store: Store, job: Job) -> tuple[Draft, Clip]:
    """A draft written to its end, and the clip it is to become."""
    data = film(job.key, job.take)
    draft, file = store.clips.open_draft(job.key, job.take, job.brief.topic)
    with file:
        file.write(data)
    digest = hashlib.sha256(data).hexdigest()
    scores = {"flicker": 0.5}
    generator = job.spec.generator
    return draft, Clip(
        job.key, job.take, draft.path, digest, 3.0, len(data), job.brief.topic, generator, scores, job.created
    )


def make(store: Store, key: str, topic: str = "toy-car", created: float = START) -> Clip:
    """Wish, claim, draft, keep, finish: a clip of 100 bytes that is there."""
    job = make_job(key, START + 1e6, created=created)
    store.jobs.wish(replace(job, brief=replace(job.brief, topic=topic)))
    claimed = store.jobs.claim(key, "worker", LEASE, None)
    assert claimed is not None
    draft, clip = make_draft(store, claimed)
    kept = store.clips.keep(draft, clip)
    assert store.jobs.finish(key, "worker", kept)
    return kept


@dataclass
class Box:
    """A data folder, a clock, and the programs that have it open."""

    opener: Opener
    folder: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    stores: list[Store] = field(default_factory=list)

    def open(self, boot: str = "boot-1") -> Store:
        store = self.opener(self.folder, self.clock, boot)
        self.stores.append(store)
        return store

    def close(self) -> None:
        for store in self.stores:
            store.close()
        self.stores.clear()


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    box = Box(IMPLEMENTATIONS[request.param], tmp_path / "data")
    yield box
    box.close()


@pytest.fixture
def store(box: Box) -> Store:
    return box.open()


# ---------------------------------------------------------------------------------- jobs: wishes


def test_a_wish_is_read_back_as_it_was(store: Store) -> None:
    job = make_job("k1")
    assert store.jobs.wish(job) is JobStatus.WAITING
    assert store.jobs.get("k1") == job
    assert store.jobs.waiting("board") == [job]
    assert store.jobs.recent(9) == [job]
    assert store.jobs.get("k2") is None


@pytest.mark.parametrize(
    ("second", "deadline", "priority", "created"),
    [
        # the later deadline wins
        ({"deadline": START + 200}, START + 200, 20, START),
        # an earlier one changes nothing
        ({"deadline": START + 50}, START + 100, 20, START),
        # the higher priority wins
        ({"priority": 30}, START + 100, 30, START),
        # a lower one changes nothing
        ({"priority": 0}, START + 100, 20, START),
        # the newer creation time wins
        ({"created": START + 5}, START + 100, 20, START + 5),
        # each for itself
        ({"deadline": START + 50, "priority": 30, "created": START - 5}, START + 100, 30, START),
    ],
)
@pytest.mark.parametrize("running", [False, True])
def test_a_second_wish_coalesces(
    store: Store, running: bool, second: dict[str, object], deadline: float, priority: int, created: float
) -> None:
    store.jobs.wish(make_job("k1"))
    if running:
        assert store.jobs.claim("k1", "a", LEASE, None)
    status = store.jobs.wish(make_job("k1", **{"deadline": START + 100, **second}))  # type: ignore[arg-type]
    assert status is (JobStatus.RUNNING if running else JobStatus.WAITING)
    found = store.jobs.get("k1")
    assert found is not None
    assert (found.deadline, found.priority, found.created) == (deadline, priority, created)
    assert len(store.jobs.recent(9)) == 1


def end_failed(box: Box, store: Store) -> None:
    store.jobs.claim("k1", "a", LEASE, None)
    store.jobs.fail("k1", "a", "no", retry=False)


def end_expired(box: Box, store: Store) -> None:
    box.clock.advance(101)
    assert store.jobs.waiting("board") == []


def end_evicted(box: Box, store: Store) -> None:
    make(store, "k1")
    store.clips.evict(0, ())


def end_dropped(box: Box, store: Store) -> None:
    make(store, "k1")
    store.clips.drop("k1", "truncated")


def end_file_lost(box: Box, store: Store) -> None:
    make(store, "k1").path.unlink()


def end_file_truncated(box: Box, store: Store) -> None:
    make(store, "k1").path.write_bytes(b"short")


@pytest.mark.parametrize(
    "end", [end_failed, end_expired, end_evicted, end_dropped, end_file_lost, end_file_truncated]
)
def test_a_wish_revives_a_job_that_ended(box: Box, store: Store, end: Callable[[Box, Store], None]) -> None:
    store.jobs.wish(make_job("k1"))
    end(box, store)
    before = store.jobs.get("k1")
    assert before is not None
    deadline = box.clock.now() + 50
    assert store.jobs.wish(make_job("k1", deadline, priority=7)) is JobStatus.WAITING
    again = store.jobs.claim("k1", "b", LEASE, None)
    assert again is not None
    # the new wish's own urgency, all attempts again, a take that never was before
    assert (again.deadline, again.priority, again.attempts, again.error) == (deadline, 7, 1, "")
    assert again.take == before.take + 1


def test_a_finished_job_never_runs_again_while_its_clip_is_here(box: Box, store: Store) -> None:
    make(store, "k1")
    box.clock.advance(1e5)
    assert store.jobs.wish(make_job("k1", START + 2e6)) is JobStatus.DONE
    assert store.jobs.waiting("board") == []
    assert store.jobs.claim("k1", "b", LEASE, None) is None


def test_a_forgotten_job_whose_clip_is_here_is_done_at_once(box: Box, store: Store) -> None:
    make(store, "k1")
    box.clock.advance(40 * 86_400)
    store.prune(30)
    assert store.jobs.get("k1") is None
    assert store.jobs.wish(make_job("k1", box.clock.now() + 10)) is JobStatus.DONE


def test_a_request_stays_with_its_job(box: Box, store: Store) -> None:
    picture = store.orders.keep_picture(b"a picture", ".png")
    requests = {
        "k1": Request('猫 chases \n"a" butterfly', "blur", 7, 3, 1.5, 16, picture),
        "k2": Request("a cat", picture=Path("/elsewhere/teddy bear.png")),
        "k3": Request("", "", 0, 1, 0.0, 1),
        "k4": None,
    }
    for key, request in requests.items():
        store.jobs.wish(make_job(key, request=request))
    other = box.open("boot-2")
    assert {job.key: job.request for job in other.jobs.recent(9)} == requests
    # the job that is revived has the newer wish's own
    store.jobs.claim("k1", "a", LEASE, None)
    store.jobs.fail("k1", "a", "no", retry=False)
    store.jobs.wish(make_job("k1", request=requests["k3"]))
    claimed = other.jobs.claim("k1", "b", LEASE, None)
    assert claimed is not None
    assert claimed.request == requests["k3"]


# ---------------------------------------------------------------------------------- jobs: who makes it


def test_waiting_puts_the_most_wanted_then_the_newest_first(store: Store) -> None:
    for key, priority, created in (("k1", 0, 5), ("k2", 20, 1), ("k3", 20, 3), ("k4", 30, 0)):
        store.jobs.wish(make_job(key, priority=priority, created=START + created))
    store.jobs.wish(make_job("k5", generator="wan"))
    assert [job.key for job in store.jobs.waiting("board")] == ["k4", "k3", "k2", "k1"]
    assert [job.key for job in store.jobs.waiting("wan")] == ["k5"]


def test_one_worker_at_a_time(box: Box, store: Store) -> None:
    other = box.open()
    store.jobs.wish(make_job("k1"))
    mine = store.jobs.claim("k1", "a", LEASE, None)
    assert mine is not None
    assert (mine.status, mine.attempts, mine.take) == (JobStatus.RUNNING, 1, 1)
    assert other.jobs.claim("k1", "b", LEASE, None) is None
    assert other.jobs.waiting("board") == []
    assert not other.jobs.renew("k1", "b", LEASE, 0.5)
    assert store.jobs.renew("k1", "a", LEASE, 0.5)
    found = other.jobs.get("k1")
    assert found is not None
    assert found.progress == 0.5


def test_a_lease_ends_when_its_worker_stops_renewing(box: Box, store: Store) -> None:
    store.jobs.wish(make_job("k1"))
    store.jobs.claim("k1", "a", LEASE, None)
    box.clock.advance(LEASE - 1)
    assert store.jobs.waiting("board") == []
    assert store.jobs.renew("k1", "a", LEASE, 0.1)
    box.clock.advance(LEASE - 1)
    assert store.jobs.waiting("board") == []
    box.clock.advance(1)
    assert [job.key for job in store.jobs.waiting("board")] == ["k1"]
    assert not store.jobs.renew("k1", "a", LEASE, 0.2)
    again = store.jobs.claim("k1", "b", LEASE, None)
    assert again is not None
    assert (again.attempts, again.take) == (2, 2)


def test_a_lease_of_another_boot_is_over(box: Box, store: Store) -> None:
    store.jobs.wish(make_job("k1"))
    store.jobs.claim("k1", "a", LEASE, None)
    rebooted = box.open("boot-2")
    assert rebooted.jobs.next_deadline() == 0.0
    assert not rebooted.jobs.renew("k1", "a", LEASE, 0.2)
    assert [job.key for job in rebooted.jobs.waiting("board")] == ["k1"]


def test_a_late_worker_enters_nothing(box: Box, store: Store) -> None:
    store.jobs.wish(make_job("k1"))
    first = store.jobs.claim("k1", "a", LEASE, None)
    assert first is not None
    draft, clip = make_draft(store, first)
    kept = store.clips.keep(draft, clip)
    box.clock.advance(LEASE)
    store.jobs.waiting("board")
    assert store.jobs.claim("k1", "b", LEASE, None)
    assert not store.jobs.finish("k1", "a", kept)
    assert store.clips.get("k1") is None
    # the same name claiming again does not make the old take its own
    box.clock.advance(LEASE)
    store.jobs.waiting("board")
    assert store.jobs.claim("k1", "a", LEASE, None)
    assert not store.jobs.finish("k1", "a", kept)
    assert store.clips.get("k1") is None


def test_four_attempts_are_enough(box: Box, store: Store) -> None:
    store.jobs.wish(make_job("k1", START + 1000))
    store.jobs.wish(make_job("k2", START + 1000))
    for attempt in range(1, 5):
        for key in ("k1", "k2"):
            claimed = store.jobs.claim(key, "a", LEASE, None)
            assert claimed is not None
            assert claimed.attempts == attempt
        store.jobs.fail("k1", "a", "broken", retry=True)
        box.clock.advance(LEASE)  # k2's worker is never heard of again
        left = store.jobs.waiting("board")
        assert len(left) == (2 if attempt < 4 else 0)
    one, two = store.jobs.get("k1"), store.jobs.get("k2")
    assert one is not None
    assert two is not None
    assert (one.status, one.error) == (JobStatus.FAILED, "broken")
    assert two.status is JobStatus.FAILED
    assert "4 attempts" in two.error


def test_what_is_given_back_waits_again_and_is_no_attempt(box: Box, store: Store) -> None:
    store.jobs.wish(make_job("k1", START + 1000))
    for _ in range(6):  # more often than a job may fail
        assert store.jobs.claim("k1", "a", LEASE, None) is not None
        store.jobs.give_back("k1", "b", "not mine")  # changes nothing
        store.jobs.give_back("k1", "a", "somebody waits")
    found = store.jobs.get("k1")
    assert found is not None
    assert (found.status, found.attempts) == (JobStatus.WAITING, 0)
    box.clock.advance(1000)
    assert store.jobs.waiting("board") == []
    found = store.jobs.get("k1")
    assert found is not None
    assert found.status is JobStatus.EXPIRED


def test_failing_someone_elses_job_changes_nothing(store: Store) -> None:
    store.jobs.wish(make_job("k1"))
    store.jobs.claim("k1", "a", LEASE, None)
    store.jobs.fail("k1", "b", "no", retry=False)
    assert store.jobs.renew("k1", "a", LEASE, 0.5)


def test_a_job_past_its_deadline_expires_unmade(box: Box, store: Store) -> None:
    store.jobs.wish(make_job("k1", START + 5))
    assert store.jobs.next_deadline() == START + 5
    box.clock.advance(5)
    assert store.jobs.claim("k1", "a", LEASE, None) is None
    assert store.jobs.waiting("board") == []
    found = store.jobs.get("k1")
    assert found is not None
    assert found.status is JobStatus.EXPIRED
    assert store.jobs.next_deadline() is None


def test_a_running_job_past_its_deadline_may_still_finish(box: Box, store: Store) -> None:
    store.jobs.wish(make_job("k1", START + 5))
    job = store.jobs.claim("k1", "a", LEASE, None)
    assert job is not None
    box.clock.advance(5)
    assert store.jobs.renew("k1", "a", LEASE, 0.9)
    draft, clip = make_draft(store, job)
    assert store.jobs.finish("k1", "a", store.clips.keep(draft, clip))
    assert store.clips.get("k1") is not None


@pytest.mark.parametrize(
    ("seconds", "limit", "allowed"),
    [
        # three within the minute are the limit
        (59, 3, False),
        # the window slides: the first start is a minute old
        (60, 3, True),
        # a larger limit lets a fourth begin
        (59, 4, True),
        # no limit
        (0, None, True),
    ],
)
def test_starts_a_minute_are_limited(
    box: Box, store: Store, seconds: float, limit: int | None, allowed: bool
) -> None:
    for key in ("k1", "k2", "k3", "k4"):
        store.jobs.wish(make_job(key, START + 1000))
    store.jobs.wish(make_job("k5", START + 1000, generator="other"))
    for key in ("k1", "k2", "k3"):
        assert store.jobs.claim(key, "a", LEASE, 3)
    assert store.jobs.claim("k4", "a", LEASE, 3) is None
    assert store.jobs.claim("k5", "a", LEASE, 3), "each generator has a budget of its own"
    box.clock.advance(seconds)
    assert (store.jobs.claim("k4", "a", LEASE, limit) is not None) is allowed


def test_counts_and_next_deadline(box: Box, store: Store) -> None:
    assert store.jobs.next_deadline() is None
    assert store.jobs.counts() == {"waiting": 0, "running": 0, "done": 0, "failed": 0, "expired": 0}
    store.jobs.wish(make_job("k1", START + 50))
    store.jobs.wish(make_job("k2", START + 40))
    store.jobs.claim("k1", "a", LEASE, None)
    assert store.jobs.next_deadline() == START + LEASE
    make(store, "k3")
    assert store.jobs.counts() == {"waiting": 1, "running": 1, "done": 1, "failed": 0, "expired": 0}
    store.jobs.renew("k1", "a", 100, 0.5)
    assert store.jobs.next_deadline() == START + 40


# ---------------------------------------------------------------------------------- clips


def test_a_draft_is_seen_while_its_job_is_claimed(box: Box, store: Store) -> None:
    other = box.open()
    store.jobs.wish(make_job("k1", START + 1000))
    job = store.jobs.claim("k1", "a", LEASE, None)
    assert job is not None
    assert other.clips.draft("k1") is None
    assert other.clips.draft_state("k1", 1) == "aborted"
    draft, file = store.clips.open_draft("k1", 1, "toy-car")
    seen = other.clips.draft("k1")
    assert seen == draft
    assert draft.path.is_absolute()
    with draft.path.open("rb") as tail, file:
        file.write(b"fragment")
        assert tail.read() == b"fragment"  # unbuffered: a fragment is there when `write` returned
    assert other.clips.draft_state("k1", 1) == "open"
    box.clock.advance(LEASE)  # its worker died
    assert other.clips.draft("k1") is None
    assert other.clips.draft_state("k1", 1) == "aborted"


@pytest.mark.parametrize("retry", [True, False])
def test_a_failed_attempt_aborts_its_draft(store: Store, retry: bool) -> None:
    store.jobs.wish(make_job("k1"))
    job = store.jobs.claim("k1", "a", LEASE, None)
    assert job is not None
    draft, _ = make_draft(store, job)
    store.jobs.fail("k1", "a", "no", retry)
    assert store.clips.draft("k1") is None
    assert store.clips.draft_state("k1", 1) == "aborted"
    assert not draft.path.exists()


def test_a_kept_clip_counts_when_it_is_finished(box: Box, store: Store) -> None:
    other = box.open()
    store.jobs.wish(make_job("k1"))
    job = store.jobs.claim("k1", "a", LEASE, None)
    assert job is not None
    draft, clip = make_draft(store, job)
    kept = store.clips.keep(draft, clip)
    assert kept == replace(clip, path=kept.path)
    assert kept.path.read_bytes() == film("k1", 1)
    assert other.clips.get("k1") is None
    assert other.clips.draft_state("k1", 1) == "open"
    assert store.jobs.finish("k1", "a", kept)
    assert other.clips.get("k1") == kept
    assert other.clips.draft_state("k1", 1) == "done"
    assert other.clips.draft("k1") is None
    assert other.clips.total() == (1, 100)
    assert other.clips.recent(5) == [kept]


def test_the_finished_file_may_be_another_one_beside_the_draft(store: Store) -> None:
    store.jobs.wish(make_job("k1"))
    job = store.jobs.claim("k1", "a", LEASE, None)
    assert job is not None
    draft, clip = make_draft(store, job)
    final = draft.path.with_suffix(".final.mp4")
    final.write_bytes(b"smaller")
    assert store.clips.tidy() == 0
    kept = store.clips.keep(draft, replace(clip, path=final, size=7))
    assert kept.path.read_bytes() == b"smaller"
    assert draft.path.exists(), "who follows the draft may read it to its end"
    assert store.jobs.finish("k1", "a", kept)
    assert not draft.path.exists()


@pytest.mark.parametrize(
    ("what", "size"),
    [
        # the file is shorter than it says
        ("short", 101),
        # there is none
        ("gone", 100),
    ],
)
def test_a_clip_that_is_not_what_it_says_is_not_kept(store: Store, what: str, size: int) -> None:
    store.jobs.wish(make_job("k1"))
    job = store.jobs.claim("k1", "a", LEASE, None)
    assert job is not None
    draft, clip = make_draft(store, job)
    if what == "gone":
        draft.path.unlink()
    with pytest.raises(ClipError, match="k1-1"):
        store.clips.keep(draft, replace(clip, size=size))
    with pytest.raises(ClipError, match="k1-1"):
        store.jobs.finish("k1", "a", clip)
    assert store.clips.get("k1") is None


@pytest.mark.parametrize("key", ["../../etc", "a/b", "", "k.1", "k" * 200])
def test_a_key_that_is_no_file_name_is_refused(store: Store, key: str) -> None:
    with pytest.raises(StoreError, match="cannot name a clip"):
        store.clips.open_draft(key, 1, "toy-car")


def test_by_topic_gives_the_newest_that_is_there(box: Box, store: Store) -> None:
    assert store.clips.by_topic("cat") is None
    made = [make(store, f"k{n}", topic="cat", created=START + n) for n in range(7)]
    assert store.clips.by_topic("cat") == made[6]
    for clip in made[1:]:
        clip.path.unlink()
    assert store.clips.by_topic("cat") == made[0]
    assert store.clips.total() == (1, 100)
    assert store.clips.by_topic("dog") is None


def test_eviction_takes_the_least_recently_used(box: Box, store: Store) -> None:
    for key in ("k1", "k2", "k3", "k4"):
        make(store, key)
        box.clock.advance(1)
    store.clips.touch("k1")
    box.clock.advance(1)
    store.jobs.wish(make_job("k2", START + 1000))  # a wish is a use
    assert store.clips.evict(400, ()) == []
    gone = store.clips.evict(250, ())
    assert [clip.key for clip in gone] == ["k3", "k4"]
    assert not gone[0].path.exists()
    assert store.clips.total() == (2, 200)


def test_eviction_spares_the_screen_the_wished_and_the_kept(box: Box, store: Store) -> None:
    for key in ("k1", "k2", "k3", "k4", "k5"):
        make(store, key)
    store.plays.start(make_play("p1", "k1"))
    store.moments.open(make_moment("m1", "k2"), ())
    store.moments.open(make_moment("m2", "k5", expires=START + 5), ())
    box.clock.advance(5)
    gone = store.clips.evict(0, ["k3"])
    assert {clip.key for clip in gone} == {"k4", "k5"}
    store.plays.end("p1", START + 6)
    assert [clip.key for clip in store.clips.evict(0, ["k3"])] == ["k1"]


def test_tidy_removes_what_nobody_knows_and_nothing_else(box: Box, store: Store) -> None:
    done = make(store, "k1")
    for key in ("k2", "k3", "k4"):
        store.jobs.wish(make_job(key, START + 1000))
    running = store.jobs.claim("k2", "a", 1000, None)
    renamed = store.jobs.claim("k3", "a", 1000, None)
    dead = store.jobs.claim("k4", "a", LEASE, None)
    assert running is not None
    assert renamed is not None
    assert dead is not None
    draft, _ = make_draft(store, running)
    kept = store.clips.keep(*make_draft(store, renamed))
    litter, _ = make_draft(store, dead)
    stray = done.path.with_name("k1-9.mp4")
    stray.write_bytes(b"?")
    odd = done.path.with_name("notes.txt")
    odd.write_bytes(b"?")
    box.clock.advance(LEASE)
    store.jobs.waiting("board")
    assert store.clips.tidy() == 3
    assert [path.exists() for path in (done.path, draft.path, kept.path)] == [True] * 3
    assert [path.exists() for path in (litter.path, stray, odd)] == [False] * 3
    assert store.clips.tidy() == 0


def test_tidy_forgets_clips_whose_files_are_gone(store: Store) -> None:
    make(store, "k1").path.unlink()
    assert store.clips.total() == (1, 100)
    assert store.clips.tidy() == 0
    assert store.clips.total() == (0, 0)


# ---------------------------------------------------------------------------------- moments

CAUSES = [
    Scene(
        START, "cam", "shelf", EventKind.LINGERED, "person", "toy car", (("cat", 1), ("person", 2)), 3.5, "in"
    ),
    Scene(START, "cam", "", EventKind.SHOWN, "banana"),
    Question(START, "为什么会下雨?", "zh"),
    Command(START, "water-cycle"),
]


@pytest.mark.parametrize("cause", CAUSES)
def test_a_moment_is_read_back_as_it_was(box: Box, store: Store, cause: Scene | Question | Command) -> None:
    box.clock.advance(2)
    opened = store.moments.open(replace(make_moment("m1", "k2", "k1"), cause=cause), ())
    assert opened.opened == START + 2
    assert box.open().moments.live() == [opened]
    assert store.moments.recent(3) == [opened]


def test_a_moment_opens_with_its_jobs_or_not_at_all(store: Store) -> None:
    store.moments.open(make_moment("m1", "k1"), [make_job("k1")])
    assert [job.key for job in store.jobs.waiting("board")] == ["k1"]
    with pytest.raises(StoreError):
        store.moments.open(make_moment("m1", "k2"), [make_job("k2")])  # the id is taken
    assert store.jobs.get("k2") is None


def test_a_moment_lives_as_long_as_it_is_renewed(box: Box, store: Store) -> None:
    store.moments.open(make_moment("m1", "k1", expires=START + 10), [make_job("k1", START + 10)])
    box.clock.advance(9)
    assert store.moments.renew("m1", START + 19)
    assert not store.moments.renew("m2", START + 19)
    job = store.jobs.get("k1")
    assert job is not None
    assert job.deadline == START + 19
    assert store.moments.renew("m1", START + 12), "an earlier end than the one promised changes nothing"
    box.clock.advance(9)
    assert [moment.expires for moment in store.moments.live()] == [START + 19]
    box.clock.advance(1)
    assert store.moments.live() == []
    assert not store.moments.renew("m1", START + 30)
    assert len(store.moments.recent(5)) == 1


def test_a_moment_of_another_boot_is_over(box: Box, store: Store) -> None:
    store.moments.open(make_moment("m1", "k1"), [make_job("k1")])
    rebooted = box.open("boot-2")
    assert rebooted.moments.live() == []
    assert not rebooted.moments.renew("m1", START + 1000)
    assert len(store.moments.live()) == 1


@pytest.mark.parametrize(
    ("wished", "claimed", "deadline"),
    [
        # only this moment wants it: it ends with it
        (START + 100, False, START + 5),
        # somebody asked for longer
        (START + 200, False, START + 200),
        # it is being made: let it be finished
        (START + 100, True, START + 100),
    ],
)
def test_a_job_that_only_an_ended_moment_wants_ends_with_it(
    store: Store, wished: float, claimed: bool, deadline: float
) -> None:
    store.moments.open(make_moment("m1", "k1"), [make_job("k1", START + 100)])
    store.jobs.wish(make_job("k1", wished))
    if claimed:
        store.jobs.claim("k1", "a", 1000, None)
    store.moments.end("m1", START + 5)
    job = store.jobs.get("k1")
    assert job is not None
    assert job.deadline == deadline


def test_a_job_lives_for_the_other_moment_that_wants_it(box: Box, store: Store) -> None:
    store.moments.open(make_moment("m1", "k1"), [make_job("k1", START + 100)])
    store.moments.open(make_moment("m2", "k1", expires=START + 60), [make_job("k1", START + 60)])
    assert [moment.id for moment in store.moments.live()] == ["m2", "m1"]
    store.moments.end("m1", box.clock.now())
    job = store.jobs.get("k1")
    assert job is not None
    assert job.deadline == START + 60
    assert [moment.id for moment in store.moments.live()] == ["m2"]


def test_wants_counts_moments(box: Box, store: Store) -> None:
    store.moments.open(make_moment("m1", "k1"), ())
    box.clock.advance(10)
    store.moments.open(make_moment("m2", "k1", "k2"), [make_job("k1"), make_job("k2")])
    assert store.moments.wants(START) == {"k1": 2, "k2": 1}
    assert store.moments.wants(START + 5) == {"k1": 1, "k2": 1}
    assert store.moments.wants(START + 50) == {}


def test_a_job_lives_for_the_order_that_wants_it_too(store: Store) -> None:
    store.moments.open(make_moment("m1", "k1"), [make_job("k1", START + 100)])
    place(store, "o1", expires=START + 60)
    store.moments.end("m1", START + 5)
    job = store.jobs.get("k1")
    assert job is not None
    assert job.deadline == START + 60


# ---------------------------------------------------------------------------------- orders


def test_an_order_is_read_back_as_it_was_and_outlives_a_reboot(box: Box, store: Store) -> None:
    order = make_order("o1")
    job = make_job("k1", request=Request("a child drives a toy car"))
    assert store.orders.place(order, job) == order
    rebooted = box.open("boot-2")
    assert rebooted.orders.get("o1") == order
    assert rebooted.orders.recent(9) == [order]
    assert rebooted.jobs.waiting("board") == [job]
    assert rebooted.orders.get("o2") is None


def test_an_order_is_placed_with_its_job_or_not_at_all(store: Store) -> None:
    place(store, "o1", "k1")
    with pytest.raises(StoreError):
        place(store, "o1", "k2")  # an id that is taken
    with pytest.raises(StoreError, match="o2 is for the clip k2, its job for k3"):
        store.orders.place(make_order("o2", "k2"), make_job("k3"))
    unwritable = Request("a cat", guidance=float("nan"))
    with pytest.raises(StoreError, match="a request cannot be kept"):
        place(store, "o4", "k4", request=unwritable)
    assert [order.id for order in store.orders.recent(9)] == ["o1"]
    assert [job.key for job in store.jobs.recent(9)] == ["k1"]


def test_two_orders_of_one_film_are_one_job(box: Box, store: Store) -> None:
    place(store, "o1", expires=START + 100)
    place(store, "o2", expires=START + 200)
    (job,) = store.jobs.waiting("board")
    assert job.deadline == START + 200
    assert store.orders.unmade() == 2
    make(store, "k1", created=START)
    place(store, "o3")
    assert store.jobs.waiting("board") == []
    assert store.orders.unmade() == 0
    assert len(store.orders.recent(9)) == 3
    assert store.orders.kept() == (3, store.clips.total()[1]), "the film of three orders counts once"
    store.orders.delete("o1")
    place(store, "o4", "k4")
    assert store.orders.kept() == (3, store.clips.total()[1])


RECENT: list[tuple[int, str | None, bool, list[str]]] = [
    # how many, after which, oldest first, which
    (9, None, False, ["o4", "o3", "o2", "o1"]),
    (2, None, False, ["o4", "o3"]),
    (2, "o3", False, ["o2", "o1"]),
    (9, None, True, ["o1", "o2", "o3", "o4"]),
    (2, "o1", True, ["o2", "o3"]),
    (9, "o4", True, []),
    # nobody knows where that was
    (9, "o9", False, []),
    (9, "o9", True, []),
]


@pytest.mark.parametrize(("count", "after", "oldest_first", "ids"), RECENT)
def test_orders_in_the_sequence_they_were_placed(
    store: Store, count: int, after: str | None, oldest_first: bool, ids: list[str]
) -> None:
    for number in (1, 2, 3, 4):
        place(store, f"o{number}", f"k{number}")
    assert [order.id for order in store.orders.recent(count, after, oldest_first)] == ids


def test_an_expired_order_is_gone_and_pruned(box: Box, store: Store) -> None:
    place(store, "o1", "k1", START + 10)
    place(store, "o2", "k2", START + 20)
    box.clock.advance(10)
    assert store.orders.get("o1") is None
    assert [order.id for order in store.orders.recent(9)] == ["o2"]
    assert not store.orders.delete("o1")
    assert store.orders.unmade() == 1
    assert [job.key for job in store.jobs.waiting("board")] == ["k2"]
    store.prune(30)
    assert [order.id for order in store.orders.recent(9)] == ["o2"]
    place(store, "o1", "k1", START + 30)  # forgotten: its name is free


def test_what_was_reached_does_not_fall_with_the_next_attempt(box: Box, store: Store) -> None:
    assert store.orders.reached("k1") == 0
    place(store, "o1")
    store.jobs.claim("k1", "a", LEASE, None)
    seen = []
    for share in (0.2, 0.6):
        store.jobs.renew("k1", "a", LEASE, share)
        seen.append(store.orders.reached("k1"))
    store.jobs.give_back("k1", "a", "somebody waits for another one")
    seen.append(store.orders.reached("k1"))
    store.jobs.claim("k1", "a", LEASE, None)
    store.jobs.renew("k1", "a", LEASE, 0.1)
    seen.append(store.orders.reached("k1"))
    assert seen == [0.2, 0.6, 0.6, 0.6]
    store.jobs.fail("k1", "a", "no", retry=False)
    place(store, "o2")  # wished anew: from the beginning
    assert store.orders.reached("k1") == 0


def wanted_by_nobody(box: Box, store: Store) -> None:
    pass


def wanted_by_an_order(box: Box, store: Store) -> None:
    place(store, "o2", expires=START + 50)


def wanted_by_an_order_no_more(box: Box, store: Store) -> None:
    place(store, "o2", expires=START + 1)
    box.clock.advance(1)


def wanted_by_a_moment(box: Box, store: Store) -> None:
    store.moments.open(make_moment("m1", "k1", expires=START + 60), [make_job("k1", START + 60)])


def wanted_by_a_moment_no_more(box: Box, store: Store) -> None:
    store.moments.open(make_moment("m1", "k1", expires=START + 1), [make_job("k1", START + 1)])
    box.clock.advance(1)


def wanted_by_a_later_wish(box: Box, store: Store) -> None:
    store.jobs.wish(make_job("k1", START + 200))


@pytest.mark.parametrize(
    ("also", "deadline"),
    [
        (wanted_by_nobody, None),
        (wanted_by_an_order, START + 50),
        (wanted_by_an_order_no_more, None),
        (wanted_by_a_moment, START + 60),
        (wanted_by_a_moment_no_more, None),
        (wanted_by_a_later_wish, START + 200),
    ],
)
@pytest.mark.parametrize("running", [False, True])
def test_what_nobody_else_wants_ends_with_its_order(
    box: Box, store: Store, also: Callable[[Box, Store], None], deadline: float | None, running: bool
) -> None:
    place(store, "o1")
    also(box, store)
    if running:
        claimed = store.jobs.claim("k1", "a", LEASE, None)
        assert claimed is not None
        draft, clip = make_draft(store, claimed)
    assert box.open().orders.delete("o1")
    assert store.orders.get("o1") is None
    assert not store.orders.delete("o1")
    job = store.jobs.get("k1")
    assert job is not None
    if deadline is not None:
        assert (job.status, job.deadline) == (JobStatus.RUNNING if running else JobStatus.WAITING, deadline)
        return
    assert job.status is JobStatus.EXPIRED
    assert store.jobs.waiting("board") == []
    if running:  # its worker learns it, whatever it does next
        assert claimed is not None
        assert not store.jobs.renew("k1", "a", LEASE, 0.5)
        assert store.clips.draft_state("k1", claimed.take) == "aborted"
        assert not store.jobs.finish("k1", "a", store.clips.keep(draft, clip))
        assert store.clips.get("k1") is None
    # and who orders it again gets it
    place(store, "o3", expires=START + 300)
    assert [job.key for job in store.jobs.waiting("board")] == ["k1"]


def test_a_film_of_an_order_is_not_evicted(box: Box, store: Store) -> None:
    for number in (1, 2):
        make(store, f"k{number}")
        place(store, f"o{number}", f"k{number}", START + 10 * number)
    assert store.clips.evict(0, ()) == []
    box.clock.advance(10)
    assert [clip.key for clip in store.clips.evict(0, ())] == ["k1"]
    store.orders.delete("o2")
    assert [clip.key for clip in store.clips.evict(0, ())] == ["k2"]


def make_requested(store: Store, id: str, key: str) -> Clip:
    """The finished film of an order in a program's own words."""
    place(store, id, key, request=Request("a toy car"))
    return make(store, key)


def test_a_film_in_a_programs_words_stands_in_for_no_other(store: Store) -> None:
    make(store, "k1", created=START - 10)
    make_requested(store, "o2", "k2")
    found = store.clips.by_topic("toy-car")
    assert found is not None
    assert found.key == "k1"
    assert store.clips.get("k2") is not None


def test_a_film_in_a_programs_words_goes_with_its_last_order(store: Store) -> None:
    clip = make_requested(store, "o1", "k1")
    place(store, "o2", "k1")
    store.plays.start(make_play("p1", "k1"))
    assert store.orders.delete("o1")
    assert store.clips.get("k1") == clip, "o2 has it"
    assert store.orders.delete("o2")
    assert store.clips.get("k1") == clip, "it is on a screen"
    store.plays.end("p1", START + 1)
    place(store, "o3", "k1")
    assert store.orders.delete("o3")
    assert store.clips.get("k1") is None
    assert not clip.path.exists()
    # another film, made for visitors, is everybody's
    made = make(store, "k2")
    place(store, "o4", "k2")
    assert store.orders.delete("o4")
    assert store.clips.get("k2") == made


def test_who_orders_a_film_that_waits_does_not_put_it_behind_the_others(store: Store) -> None:
    """Programs are served in turn: one that asks again and again must not starve who asked first."""
    place(store, "o1", "k1", request=Request("a cat"), created=START)
    place(store, "o2", "k2", request=Request("a dog"), created=START + 1)
    place(store, "o3", "k1", request=Request("a cat"), created=START + 2)
    assert {job.key: job.created for job in store.jobs.waiting("board")} == {"k1": START, "k2": START + 1}


def test_a_picture_is_kept_once(box: Box, store: Store) -> None:
    path = store.orders.keep_picture(b"a picture", ".png")
    assert path.is_absolute()
    assert path.suffix == ".png"
    assert path.read_bytes() == b"a picture"
    assert store.orders.keep_picture(b"a picture", ".png") == path
    assert store.orders.keep_picture(b"another", ".png") != path
    path.write_bytes(b"cut")  # damaged since: made whole
    assert box.open().orders.keep_picture(b"a picture", ".png").read_bytes() == b"a picture"
    assert sorted(p.suffix for p in path.parent.iterdir()) == [".png", ".png"], "and nothing beside them"


@pytest.mark.parametrize("suffix", ["", "png", "./x", ".png/", ".."])
def test_a_suffix_that_is_none_is_refused(store: Store, suffix: str) -> None:
    with pytest.raises(StoreError, match="cannot end a picture's name"):
        store.orders.keep_picture(b"a picture", suffix)


def test_pictures_go_when_nobody_needs_them(box: Box, store: Store) -> None:
    pictures = {name: store.orders.keep_picture(name.encode(), ".png") for name in ("a", "b", "c", "d", "e")}
    ends = START + 20_000
    for number, name in enumerate("abc", 1):
        place(store, f"o{number}", f"k{number}", ends, request=Request("a cat", picture=pictures[name]))
    store.jobs.wish(make_job("k4", ends, request=Request("a cat", picture=pictures["d"])))
    make(store, "k1")
    make(store, "k2")
    store.orders.delete("o2")

    def left() -> list[str]:
        store.prune(30)
        return [name for name, path in pictures.items() if path.exists()]

    assert left() == ["a", "b", "c", "d", "e"], "an order may still be placed for any of them"
    box.clock.advance(3600)
    # a is of an order, c of one that is still to be made, d of a job that waits
    assert left() == ["a", "c", "d"]
    store.orders.delete("o3")
    assert left() == ["a", "d"]
    box.clock.advance(20_000)
    assert store.jobs.waiting("board") == []
    assert left() == []


# ---------------------------------------------------------------------------------- plays


def test_plays_tell_what_is_on_each_screen(box: Box, store: Store) -> None:
    first, second = make_play("p1"), make_play("p2", screen="side")
    for play in (first, second, replace(first, key="k9")):
        store.plays.start(play)  # starting an id twice changes nothing
    other = box.open()
    assert {play.id: play for play in other.plays.on_screen()} == {"p1": first, "p2": second}
    store.plays.end("p1", START + 3)
    store.plays.end("p1", START + 9)  # ended once
    store.plays.end("p7", START + 9)  # unknown
    assert other.plays.on_screen() == [second]
    assert other.plays.recent(5) == [second, replace(first, ended=START + 3)]
    assert box.open("boot-2").plays.on_screen() == []


def test_a_screen_shows_its_newest_play_only(store: Store) -> None:
    store.plays.start(make_play("p1", started=START))
    store.plays.start(make_play("p2", started=START + 4))
    store.plays.start(make_play("p0", started=START - 4))  # told late
    assert [play.id for play in store.plays.on_screen()] == ["p2"]
    ended = {play.id: play.ended for play in store.plays.recent(5)}
    assert ended == {"p2": 0.0, "p1": START + 4, "p0": START - 4}
    store.plays.end("p1", START + 5)  # cross-faded: its end is told after the next one's start
    assert {play.id: play.ended for play in store.plays.recent(5)}["p1"] == START + 5


def test_a_screen_that_had_a_play_when_the_box_went_down_starts_anew(box: Box, store: Store) -> None:
    store.plays.start(make_play("p1", started=START + 50))  # by a clock that was ahead
    rebooted = box.open("boot-2")
    rebooted.plays.start(make_play("p2", started=START))
    assert [play.id for play in rebooted.plays.on_screen()] == ["p2"]


def test_count_counts_plays_to_their_end(store: Store) -> None:
    for n, ends in enumerate([True, True, False]):
        store.plays.start(make_play(f"p{n}", started=START + n))
        if ends:
            store.plays.end(f"p{n}", START + n + 1)
    store.plays.start(make_play("p9", "k2", started=START + 9, take=2, moment="m2"))
    store.plays.end("p9", START + 10)
    assert store.plays.count("m1") == {("k1", 1): 2}
    assert store.plays.count("m2") == {("k2", 2): 1}
    assert store.plays.count("m3") == {}


# ---------------------------------------------------------------------------------- the rest


def test_dials(box: Box, store: Store) -> None:
    assert store.dials() == Dials()
    for dials in (Dials(True, "zh", "playful"), Dials(False, None, None)):
        store.turn(dials)
        assert box.open().dials() == dials


def test_heartbeats(box: Box, store: Store) -> None:
    assert store.health.all() == []
    store.health.beat("watch", "starting", "", {})
    box.clock.advance(1)
    store.health.beat("watch", "running", "camera 0", {"fps": 24.5, "frames": 7})
    store.health.beat("serve", "running", "", {})
    serve, watch = box.open().health.all()
    assert (serve.program, watch.program) == ("serve", "watch")
    assert (watch.state, watch.detail, watch.time) == ("running", "camera 0", START + 1)
    assert watch.stats == {"fps": 24.5, "frames": 7}
    assert watch.pid > 0


@pytest.mark.parametrize("stats", [{"x": object()}, {"x": float("nan")}, {"x": "\ud800"}])
def test_a_heartbeat_never_raises(store: Store, stats: dict[str, object]) -> None:
    store.health.beat("watch", "running", "\ud800", stats)
    assert store.health.all() == []


def test_a_change_wakes_the_others_and_a_heartbeat_does_not(box: Box, store: Store) -> None:
    other = box.open()
    assert not other.wait_change(0)
    store.jobs.wish(make_job("k1"))
    assert other.wait_change(0)
    assert not other.wait_change(0)
    store.health.beat("watch", "running", "", {})
    store.jobs.waiting("board")  # nothing has run out: nothing is written
    assert not other.wait_change(0.05)
    assert box.clock.now() == pytest.approx(START + 0.05)
    store.turn(Dials(paused=True))
    assert other.wait_change(3600)


def test_prune_forgets_what_ended_long_ago(box: Box, store: Store) -> None:
    make(store, "k1")
    store.jobs.wish(make_job("k2", START + 5e6))
    store.moments.open(make_moment("m1", "k1"), ())
    store.plays.start(make_play("p1"))
    store.plays.end("p1", START + 1)
    box.clock.advance(10 * 86_400)
    store.moments.open(make_moment("m2", "k1", expires=box.clock.now() + 9), ())
    store.plays.start(make_play("p2", started=box.clock.now()))
    store.prune(30)
    assert (len(store.moments.recent(9)), len(store.plays.recent(9)), len(store.jobs.recent(9))) == (2, 2, 2)
    store.prune(5)
    assert [moment.id for moment in store.moments.recent(9)] == ["m2"]
    assert [play.id for play in store.plays.recent(9)] == ["p2"]
    assert [job.key for job in store.jobs.recent(9)] == ["k2"]
    assert store.clips.get("k1") is not None, "clips go by their budget, not by their age"


# ---------------------------------------------------------------------------------- against a model

KEYS = ("k1", "k2", "k3")
WORKERS = ("a", "b")


@dataclass
class ModelJob:
    deadline: float
    priority: int
    created: float
    status: JobStatus = JobStatus.WAITING
    attempts: int = 0
    take: int = 0
    worker: str = ""
    lease: float = 0.0
    boot: str = ""


@dataclass
class ModelMoment:
    keys: tuple[str, ...]
    expires: float
    boot: str


@dataclass
class ModelOrder:
    key: str
    expires: float


class Lives(RuleBasedStateMachine):
    """Two programs on one folder, a clock, reboots, lost files; beside a model that fits a page."""

    opener: Opener

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="reverie-test-"))
        self.clock = ManualClock(START)
        self.boot = "boot-0"
        self.boots = itertools.count(1)
        self.ids = itertools.count(1)
        self.stores: list[Store] = []
        self.open()
        self.jobs: dict[str, ModelJob] = {}
        self.clips: dict[str, int] = {}
        self.paths: dict[str, Path] = {}
        self.starts: list[float] = []
        self.moments: dict[str, ModelMoment] = {}
        self.orders: dict[str, ModelOrder] = {}

    def open(self) -> None:
        for store in self.stores:
            store.close()
        opener = type(self).opener
        self.stores = [opener(self.folder, self.clock, self.boot) for _ in range(2)]

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            for store in self.stores:
                store.close()
            shutil.rmtree(self.folder)

    # the model's own rules

    def settle(self, key: str) -> None:
        job = self.jobs.get(key)
        now = self.clock.now()
        if job is None:
            return
        if job.status is JobStatus.RUNNING and (job.lease <= now or job.boot != self.boot):
            job.status = JobStatus.WAITING if job.attempts < 4 else JobStatus.FAILED
            job.worker = ""
        if job.status is JobStatus.WAITING and job.deadline <= now:
            job.status = JobStatus.EXPIRED

    def model_wish(self, key: str, deadline: float, priority: int) -> JobStatus:
        self.settle(key)
        now = self.clock.now()
        job = self.jobs.get(key)
        if job is not None and job.status in (JobStatus.WAITING, JobStatus.RUNNING):
            job.deadline = max(job.deadline, deadline)
            job.priority = max(job.priority, priority)
            job.created = max(job.created, now)
        elif key in self.clips:
            if job is None or job.status is not JobStatus.DONE:
                raise AssertionError("a clip is here only while its job is done")
        else:
            take = job.take if job is not None else 0
            self.jobs[key] = ModelJob(deadline, priority, now, take=take)
        return self.jobs[key].status

    def owns(self, key: str, worker: str) -> bool:
        job = self.jobs.get(key)
        return (
            job is not None
            and job.status is JobStatus.RUNNING
            and job.worker == worker
            and job.boot == self.boot
        )

    def live(self, moment: ModelMoment) -> bool:
        return moment.boot == self.boot and moment.expires > self.clock.now()

    def standing(self) -> dict[str, ModelOrder]:
        """Orders that have not expired, in the sequence they were placed."""
        now = self.clock.now()
        return {id: order for id, order in self.orders.items() if order.expires > now}

    # what may happen

    keys = st.sampled_from(KEYS)
    workers = st.sampled_from(WORKERS)
    programs = st.integers(0, 1)
    spans = st.integers(1, 40)

    @rule(program=programs, key=keys, span=spans, priority=st.sampled_from([0, 20, 30]))
    def wish(self, program: int, key: str, span: int, priority: int) -> None:
        job = make_job(key, self.clock.now() + span, priority=priority, created=self.clock.now())
        expected = self.model_wish(key, job.deadline, priority)
        assert self.stores[program].jobs.wish(job) is expected

    @rule(program=programs)
    def waiting(self, program: int) -> None:
        for key in self.jobs:
            self.settle(key)
        found = self.stores[program].jobs.waiting("board")
        expected = {key for key, job in self.jobs.items() if job.status is JobStatus.WAITING}
        assert {job.key for job in found} == expected
        order = [(-job.priority, -job.created) for job in found]
        assert order == sorted(order)

    @rule(program=programs, key=keys, worker=workers, limit=st.sampled_from([None, None, 2]), lease=spans)
    def claim(self, program: int, key: str, worker: str, limit: int | None, lease: int) -> None:
        now = self.clock.now()
        job = self.jobs.get(key)
        recent = [start for start in self.starts if start > now - 60]
        may = job is not None and job.status is JobStatus.WAITING and job.deadline > now
        may = may and (limit is None or len(recent) < limit)
        claimed = self.stores[program].jobs.claim(key, worker, lease, limit)
        assert (claimed is not None) is may
        if claimed is not None and job is not None:
            assert claimed.take > job.take, "every claim has a take of its own"
            assert key not in self.clips, "a finished job never runs again while its clip is here"
            job.status, job.worker, job.boot = JobStatus.RUNNING, worker, self.boot
            job.lease, job.attempts, job.take = now + lease, job.attempts + 1, claimed.take
            self.starts.append(now)

    @rule(program=programs, key=keys, worker=workers, lease=spans)
    def renew(self, program: int, key: str, worker: str, lease: int) -> None:
        may = self.owns(key, worker)
        assert self.stores[program].jobs.renew(key, worker, lease, 0.5) is may
        if may:
            self.jobs[key].lease = self.clock.now() + lease

    @rule(program=programs, key=keys, worker=workers)
    def finish(self, program: int, key: str, worker: str) -> None:
        store = self.stores[program]
        if self.owns(key, worker):
            job = make_job(key, take=self.jobs[key].take)
            kept = store.clips.keep(*make_draft(store, job))
            assert store.jobs.finish(key, worker, kept)
            self.jobs[key].status = JobStatus.DONE
            self.clips[key], self.paths[key] = kept.take, kept.path
        else:
            clip = Clip(key, 1, self.folder / "none", "", 1.0, 1, "t", "board", {}, START)
            assert not store.jobs.finish(key, worker, clip)

    @rule(program=programs, key=keys, worker=workers, retry=st.booleans())
    def fail(self, program: int, key: str, worker: str, retry: bool) -> None:
        self.stores[program].jobs.fail(key, worker, "no", retry)
        if self.owns(key, worker):
            job = self.jobs[key]
            job.status = JobStatus.WAITING if retry and job.attempts < 4 else JobStatus.FAILED

    @rule(program=programs, key=keys, worker=workers)
    def give_back(self, program: int, key: str, worker: str) -> None:
        self.stores[program].jobs.give_back(key, worker, "later")
        if self.owns(key, worker):
            job = self.jobs[key]
            job.status, job.attempts = JobStatus.WAITING, job.attempts - 1

    @rule(program=programs, keys=st.sets(keys, min_size=1), span=spans)
    def open_moment(self, program: int, keys: set[str], span: int) -> None:
        id = f"m{next(self.ids)}"
        expires = self.clock.now() + span
        names = tuple(sorted(keys))
        jobs = [make_job(key, expires, created=self.clock.now()) for key in names]
        for key in names:
            self.model_wish(key, expires, 20)
        self.stores[program].moments.open(make_moment(id, *names, expires=expires), jobs)
        self.moments[id] = ModelMoment(names, expires, self.boot)

    @precondition(lambda self: self.moments)
    @rule(program=programs, data=st.data(), span=spans)
    def renew_moment(self, program: int, data: st.DataObject, span: int) -> None:
        id = data.draw(st.sampled_from(sorted(self.moments)))
        moment = self.moments[id]
        expires = self.clock.now() + span
        assert self.stores[program].moments.renew(id, expires) is self.live(moment)
        if self.live(moment):
            moment.expires = max(moment.expires, expires)
            for key in moment.keys:
                if self.jobs[key].status in (JobStatus.WAITING, JobStatus.RUNNING):
                    self.jobs[key].deadline = max(self.jobs[key].deadline, expires)

    @precondition(lambda self: self.moments)
    @rule(program=programs, data=st.data(), span=st.integers(0, 5))
    def end_moment(self, program: int, data: st.DataObject, span: int) -> None:
        id = data.draw(st.sampled_from(sorted(self.moments)))
        moment = self.moments[id]
        expires = self.clock.now() + span
        self.stores[program].moments.end(id, expires)
        if not self.live(moment):
            return
        before, moment.expires = moment.expires, expires
        for key in moment.keys:
            others = [m.expires for m in self.moments.values() if key in m.keys and m.boot == self.boot]
            others += [order.expires for order in self.orders.values() if order.key == key]
            if self.jobs[key].status is JobStatus.WAITING and self.jobs[key].deadline == before:
                self.jobs[key].deadline = max(expires, *others)

    @rule(program=programs, key=keys, span=spans)
    def place_order(self, program: int, key: str, span: int) -> None:
        id = f"o{next(self.ids)}"
        expires = self.clock.now() + span
        self.model_wish(key, expires, 20)
        place(self.stores[program], id, key, expires, created=self.clock.now())
        self.orders[id] = ModelOrder(key, expires)

    @precondition(lambda self: self.orders)
    @rule(program=programs, data=st.data())
    def delete_order(self, program: int, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.orders)))
        stands = id in self.standing()
        assert self.stores[program].orders.delete(id) is stands
        if not stands:
            return
        order = self.orders.pop(id)
        others = [o.expires for o in self.standing().values() if o.key == order.key]
        others += [m.expires for m in self.moments.values() if order.key in m.keys and self.live(m)]
        job = self.jobs[order.key]
        if job.status in (JobStatus.WAITING, JobStatus.RUNNING) and job.deadline == order.expires:
            job.deadline = max(others, default=job.deadline)
            job.status = job.status if others else JobStatus.EXPIRED

    @rule(program=programs)
    def prune(self, program: int) -> None:
        self.stores[program].prune(3650)
        self.orders = self.standing()

    @rule(span=spans)
    def time_passes(self, span: int) -> None:
        self.clock.advance(span)

    @rule(reboot=st.booleans())
    def restart(self, reboot: bool) -> None:
        if reboot:
            self.boot = f"boot-{next(self.boots)}"
        self.open()

    @rule(program=programs, kept=st.sets(keys))
    def evict(self, program: int, kept: set[str]) -> None:
        gone = {clip.key for clip in self.stores[program].clips.evict(0, kept)}
        wished = {key for moment in self.moments.values() if self.live(moment) for key in moment.keys}
        ordered = {order.key for order in self.standing().values()}
        assert gone == set(self.clips) - wished - ordered - kept
        for key in gone:
            del self.clips[key]

    @precondition(lambda self: self.clips)
    @rule(data=st.data(), program=programs)
    def lose_a_file(self, data: st.DataObject, program: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.clips)))
        self.paths[key].unlink()
        del self.clips[key]
        assert self.stores[program].clips.get(key) is None

    @rule(program=programs)
    def tidy(self, program: int) -> None:
        self.stores[program].clips.tidy()

    # what must be so at any time, for either program

    @invariant()
    def the_jobs_are_those_of_the_model(self) -> None:
        for store in getattr(self, "stores", []):
            for key in KEYS:
                found = store.jobs.get(key)
                job = self.jobs.get(key)
                if job is None or found is None:
                    assert job is found is None
                else:
                    assert (
                        found.status,
                        found.deadline,
                        found.priority,
                        found.created,
                        found.attempts,
                        found.take,
                    ) == (job.status, job.deadline, job.priority, job.created, job.attempts, job.take)

    @invariant()
    def the_clips_are_those_of_the_model(self) -> None:
        for store in getattr(self, "stores", []):
            for key in KEYS:
                clip = store.clips.get(key)
                assert (clip.take if clip else None) == self.clips.get(key)
                if clip is not None:
                    assert clip.path.read_bytes() == film(key, clip.take)

    @invariant()
    def the_live_moments_are_those_of_the_model(self) -> None:
        for store in getattr(self, "stores", []):
            live = {moment.id: moment.expires for moment in store.moments.live()}
            expected = {id: m.expires for id, m in self.moments.items() if self.live(m)}
            assert live == expected

    @invariant()
    def the_orders_are_those_of_the_model(self) -> None:
        for store in getattr(self, "stores", []):
            assert [order.id for order in store.orders.recent(1000, oldest_first=True)] == list(
                self.standing()
            )


class SqliteLives(Lives):
    opener = staticmethod(open_sqlite)


TestSqliteLives = SqliteLives.TestCase
TestSqliteLives.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
