"""The store seam: what each program may ask of the place where they meet.

Rules that hold for every implementation (`tests/contracts/test_store.py`):

- What a call returned from is durable: kill -9 or a power cut loses nothing that was acknowledged.
- A wish for a key that failed, expired or was evicted revives its job; a wish for a live one coalesces
  with it (the later deadline, the higher priority, the newer creation time win; a program's request keeps
  its creation time, and so its turn).
- A job is claimed by one worker at a time. A lease ends when its worker stops renewing it, or when the
  machine has booted since; a finished job never runs again while its clip is here.
- A clip is written to a draft, synced, renamed, then entered: a crash between any two is harmless.
- What is on a screen, or ordered, is never evicted.

Calls raise StoreFull (the disk is full: the same call works later), StoreReadOnly, StoreError. A Store
belongs to one program and may be used from its threads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from reverie import config
from reverie.clock import Clock
from reverie.values import Clip, Dials, Draft, Health, Job, JobStatus, Moment, Order, Play


class Jobs(Protocol):
    """What is to be made. Can be shared by a fleet."""

    def wish(self, job: Job) -> JobStatus:
        """Ask for a clip: a new job, or more urgency for the one there is. Returns its status now."""
        ...

    def waiting(self, generator: str) -> list[Job]:
        """Jobs that nobody works at and whose deadline has not passed, for `economy` to choose from.

        Jobs whose deadline passed become EXPIRED here; leases that ended make their job wait again (its
        draft is aborted). A job claimed `MAX_ATTEMPTS` (4) times without success is FAILED instead.
        """
        ...

    def claim(self, key: str, worker: str, lease: float, per_minute: int | None) -> Job | None:
        """Take the job `key` for `lease` seconds: it is RUNNING, with one more attempt and a fresh take.

        `worker` names one running program and no other (its pid is in it). None when another worker was
        faster, it is wanted no more, or its generator has started `per_minute` jobs within the last 60 s.
        """
        ...

    def renew(self, key: str, worker: str, lease: float, progress: float) -> bool:
        """The heartbeat of a claimed job. False when it is no longer this worker's.

        A lease that ran out is still its worker's until `waiting` or a wish has taken the job back. A job
        whose deadline has passed may be finished: its clip goes to the cache.
        """
        ...

    def finish(self, key: str, worker: str, clip: Clip) -> bool:
        """The clip is in its place: enter it and mark the job DONE, in one transaction.

        False (and nothing is entered) when the job is no longer this worker's, or the clip is of another
        take than the one it claimed. Raises ClipError when `Clips.keep` has not put the file there.
        """
        ...

    def fail(self, key: str, worker: str, error: str, retry: bool) -> None:
        """The attempt failed; `retry` lets it wait for another. Its draft is aborted."""
        ...

    def give_back(self, key: str, worker: str, reason: str) -> None:
        """The job was not finished and nothing went wrong: it waits again, and the attempt does not count.

        Past its deadline it becomes EXPIRED like any other that waits. Its draft is aborted.
        """
        ...

    def get(self, key: str) -> Job | None: ...

    def recent(self, count: int) -> list[Job]:
        """The newest jobs, newest first."""
        ...

    def counts(self) -> Mapping[str, int]:
        """How many jobs have each status."""
        ...

    def next_deadline(self) -> float | None:
        """When the next lease or deadline runs out, or None."""
        ...


class Clips(Protocol):
    """What has been made: a folder and its index. Can be shared by a fleet."""

    def open_draft(self, key: str, take: int, topic: str) -> tuple[Draft, BinaryIO]:
        """An empty draft file, open for writing (unbuffered), entered so that `serve` can follow it.

        Each `write` writes all it was given, or raises StoreFull. More files may be made beside it, if their
        names begin with the draft's `<key>-<take>.`.
        """
        ...

    def keep(self, draft: Draft, clip: Clip) -> Clip:
        """Sync the finished file at `clip.path` (in the drafts folder), rename it to its place.

        Returns the clip with its final path. It counts only once `Jobs.finish` has entered it. Raises
        ClipError when the file is not there or has another size than `clip.size`.
        """
        ...

    def draft(self, key: str) -> Draft | None:
        """The newest draft of the key in state "open", whose job is still claimed; else None."""
        ...

    def draft_state(self, key: str, take: int) -> str:
        """ "open", "done" or "aborted" ("aborted" also for one that is unknown)."""
        ...

    def get(self, key: str) -> Clip | None:
        """The newest take of the key whose file is there with its right size; None when there is none.

        A file that is missing or has another size is dropped from the index, so that a wish revives it.
        """
        ...

    def by_topic(self, topic: str) -> Clip | None:
        """The newest clip of the topic that was made of a brief alone, or None.

        What a program asked for in its own words (`Job.request`) is nothing to show to others.
        """
        ...

    def drop(self, key: str, reason: str) -> None:
        """Forget every take of a clip that proved damaged; a later wish makes it anew."""
        ...

    def touch(self, key: str) -> None:
        """It was played or wished now: evict it later."""
        ...

    def evict(self, budget: int, keep: Collection[str]) -> list[Clip]:
        """Remove the least recently used clips until at most `budget` bytes remain; never a key in `keep`,
        on a screen, wished by a live moment, or of an order. Returns what went."""
        ...

    def tidy(self) -> int:
        """Remove files that no index row knows and drafts nobody writes. Returns how many.

        Files of a job that is claimed, kept or not, stay. Clips whose files are gone are forgotten.
        """
        ...

    def recent(self, count: int) -> list[Clip]:
        """The newest clips, newest first."""
        ...

    def total(self) -> tuple[int, int]:
        """(number of clips, their bytes)."""
        ...


class Moments(Protocol):
    """Why something should be on the screen now. The box's own."""

    def open(self, moment: Moment, jobs: Sequence[Job]) -> Moment:
        """Commit the moment and wish its jobs in one transaction; returns it with `opened` set."""
        ...

    def renew(self, moment: str, expires: float) -> bool:
        """They are still here: the moment and its jobs live until `expires`. False when it is over.

        An `expires` before the one promised changes nothing (`end` does that).
        """
        ...

    def end(self, moment: str, expires: float) -> None:
        """They went: it expires at `expires` (which may be now).

        Jobs that wait for this moment alone expire with it; one that is being made keeps its deadline.
        """
        ...

    def live(self) -> list[Moment]:
        """Moments of this boot that have not expired, newest first."""
        ...

    def recent(self, count: int) -> list[Moment]: ...

    def wants(self, since: float) -> Mapping[str, int]:
        """How many moments since then wished each key: what idle budget should warm."""
        ...


class Orders(Protocol):
    """Films that programs asked for by the API. The box's own; they outlive a reboot.

    An order is there until it expires or is deleted, and its clip is never evicted meanwhile.
    """

    def place(self, order: Order, job: Job) -> Order:
        """Commit the order and wish its job in one transaction. Raises StoreError for an id that is taken."""
        ...

    def get(self, id: str) -> Order | None: ...

    def recent(self, count: int, after: str | None = None, oldest_first: bool = False) -> list[Order]:
        """Orders in the sequence they were placed, newest first; those that follow the order `after`.

        After an order that is forgotten comes nothing.
        """
        ...

    def unmade(self) -> int:
        """How many orders have a film that waits or is being made."""
        ...

    def kept(self) -> tuple[int, int]:
        """(number of orders, bytes of their films, each counted once)."""
        ...

    def reached(self, key: str) -> float:
        """The furthest that any attempt at the job `key` came, 0..1; it does not fall with the next one."""
        ...

    def delete(self, id: str) -> bool:
        """Forget the order; False when there is none. What nobody else wants goes with it.

        Its job expires, unless another order, a live moment or a later wish wants it: one that waits is not
        made, one that is being made is taken from its worker (whose next `renew` is False). A clip that a
        program asked for in its own words is removed, unless another order has it or it is on a screen.
        """
        ...

    def keep_picture(self, data: bytes, suffix: str) -> Path:
        """Keep an encoded picture for a `Request`: named after its content, with `suffix` (".png").

        The same picture is kept once. `prune` removes it when no order has it any more and no job that is
        still to be made needs it, an hour after it was last kept at the earliest.
        """
        ...


class Plays(Protocol):
    """Proof of play. The box's own."""

    def start(self, play: Play) -> None:
        """A picture of it is on the screen. Starting the same id twice changes nothing.

        It replaces what its screen had started before and has not ended (it may have reloaded): that is no
        longer on the screen, and not counted by `count` unless its end is still told.
        """
        ...

    def end(self, play: str, ended: float) -> None:
        """It is off the screen (ending an unknown or ended play changes nothing)."""
        ...

    def on_screen(self) -> list[Play]:
        """Plays of this boot that have not ended, newest first; at most one a screen."""
        ...

    def recent(self, count: int) -> list[Play]: ...

    def count(self, moment: str) -> Mapping[tuple[str, int], int]:
        """How often each (key, take) has been played to its end for a moment."""
        ...


class Volatile(Protocol):
    """Heartbeats and counters, in memory where the machine has such a folder: gone with a reboot."""

    def beat(self, program: str, state: str, detail: str, stats: Mapping[str, Any]) -> None:
        """What a program says of itself, every second or so. Never raises: a heartbeat is no work."""
        ...

    def all(self) -> list[Health]: ...


class Store(Protocol):
    """Everything, opened once by each program."""

    jobs: Jobs
    clips: Clips
    moments: Moments
    orders: Orders
    plays: Plays
    health: Volatile

    def dials(self) -> Dials:
        """The operator's live settings."""
        ...

    def turn(self, dials: Dials) -> None:
        """Keep them."""
        ...

    def wait_change(self, timeout: float) -> bool:
        """Wait until another program has committed something, or `timeout` seconds; True for a change.

        Asked every 5 ms with `PRAGMA data_version` (3 µs a look); heartbeats do not wake anyone. What this
        program commits itself counts too, once: look, act when there is something to do, wait again. A
        change between two calls is not missed, and every thread that waits is told of it. `close` ends the
        wait.
        """
        ...

    def prune(self, keep_days: int) -> None:
        """Forget moments, plays, jobs and drafts that ended more than `keep_days` ago, and expired orders."""
        ...

    def close(self) -> None: ...


def open_store(settings: config.Store, clock: Clock) -> Store:
    """The store in `settings.folder`, made or migrated as needed. Raises StoreError."""
    from reverie.store.database import open_database

    return open_database(settings, clock)


def lock_folder(settings: config.Store) -> BinaryIO:
    """Claim the data folder for one `reverie run`, until the returned file is closed or the process dies.

    Raises StoreBusy naming the folder and the pid that has it, StoreReadOnly, StoreError.
    """
    from reverie.store.database import lock

    return lock(settings)
