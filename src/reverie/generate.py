"""generate: job → images → checked images → labelled clip. One program a generator.

A storyboard is written to its draft while it is made, so that it plays at once; a generator that does not
stream is checked whole before anybody sees it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from reverie import economy
from reverie.clock import Clock
from reverie.config import Config
from reverie.config import Generator as Settings
from reverie.errors import Cancelled, ClipError, ReverieError, StoreError, StoreFull
from reverie.store import Store, open_store
from reverie.values import Clip, Image, Job, JobStatus, Priority
from reverie.video import encode, label
from reverie.video.check import Check
from reverie.video.generator import Generator, load_generator, make_spec

log = logging.getLogger("reverie.generate")

LEASE = 15.0
"""Seconds after which a job of a worker that fell silent is given to another."""

MONTH = 30 * 86_400.0
YIELD = 0.1
"""Seconds between two looks whether somebody waits for another clip."""

HALF = 0.5
"""Share of a late clip from which it is finished, whoever waits."""

TIDY = 60.0
"""Seconds between two looks for clips to evict and to warm."""

WARM_AT_ONCE = 20

BROKEN = 4
"""Failed clips in a row after which the generator says that it is failing."""


@dataclass(frozen=True, slots=True)
class Studio:
    """One generator at work: everything its jobs need."""

    config: Config
    settings: Settings
    generator: Generator
    store: Store
    clock: Clock
    worker: str

    @property
    def program(self) -> str:
        """What it is called in heartbeats."""
        return f"generate/{self.settings.name}"

    @property
    def per_minute(self) -> int | None:
        """Starts a minute: the operator's word, else what the generator asks for."""
        asked = self.settings.per_minute
        return asked if asked is not None else self.generator.per_minute


@dataclass(slots=True)
class Tally:
    """What this run of the program counted; `fault` is what it waits for."""

    made: int = 0
    failed: int = 0
    cancelled: int = 0
    fault: str = ""
    broken: int = 0
    """Clips that failed in a row: a generator that makes none is not well."""


def run(config: Config, clock: Clock, stop: threading.Event, name: str) -> None:
    """Make clips with the generator called `name` until `stop` is set. Raises ReverieError at the start."""
    settings = next(g for g in config.generators if g.name == name)
    store = open_store(config.store, clock)
    try:
        store.health.beat(f"generate/{name}", "starting", "loading", {})
        encode.check_encoder(settings)
        worker = f"generate/{name}/{os.getpid()}"
        studio = Studio(config, settings, load_generator(settings), store, clock, worker)
        _loop(studio, stop)
    finally:
        store.close()


def _loop(studio: Studio, stop: threading.Event) -> None:
    tally, tidied = Tally(), -TIDY
    while not stop.is_set():
        try:
            job = claim(studio)
            if job is not None:
                make(studio, job, stop, tally)
            elif studio.clock.monotonic() - tidied >= TIDY:
                tidied = studio.clock.monotonic()
                tidy(studio)
            else:
                studio.store.wait_change(0.5)
            tally.fault = ""
        except StoreError as error:
            if not tally.fault:
                log.error("waiting: %s", error)
                # Once: where others fill the disk, giving up clip after clip would not help.
                if isinstance(error, StoreFull):
                    _make_room(studio.store)
            tally.fault = str(error)
            studio.clock.wait(stop, 1.0)
        _beat(studio, tally)


def claim(studio: Studio) -> Job | None:
    """The next job by `economy`, within the limit a minute; a dial may have paused all of it."""
    if studio.store.dials().paused:
        return None
    job = economy.next_job(studio.store.jobs.waiting(studio.settings.name), studio.clock.now())
    if job is None:
        return None
    return studio.store.jobs.claim(job.key, studio.worker, LEASE, studio.per_minute)


def make(studio: Studio, job: Job, stop: threading.Event, tally: Tally) -> None:
    """One claimed job, from first picture to entered clip; what fails is written into the job.

    Raises StoreError when the store is what failed.
    """
    store, clock = studio.store, studio.clock
    renewed = asked = clock.monotonic()

    def progress(share: float) -> None:
        nonlocal renewed, asked
        if stop.is_set():
            raise Cancelled("the box is being stopped")
        if clock.monotonic() - asked >= YIELD:
            asked = clock.monotonic()
            if _more_urgent(studio, job.key, share):
                raise Cancelled("somebody waits for another one")
        if clock.monotonic() - renewed < 1.0:
            return
        renewed = clock.monotonic()
        if not store.jobs.renew(job.key, studio.worker, LEASE, share):
            raise Cancelled("another worker has taken the job over")
        _beat(studio, tally, f"{job.brief.topic} {share:.0%}")

    try:
        _draw(studio, job, progress)
        tally.made += 1
        tally.broken = 0
    except Cancelled as reason:
        tally.cancelled += 1
        store.jobs.give_back(job.key, studio.worker, str(reason))
    except StoreError as error:
        tally.failed += 1
        store.jobs.fail(job.key, studio.worker, str(error), retry=True)
        raise
    except ReverieError as error:
        tally.failed += 1
        tally.broken += 1
        log.error("%s: %s", job.brief.topic, error)
        store.jobs.fail(job.key, studio.worker, str(error), retry=True)


def _more_urgent(studio: Studio, key: str, share: float) -> bool:
    """Whether a visitor waits while this clip is made for none: it is only warmed, or they have gone.

    A visitor's clip that is more than half done is finished all the same: on a slow and busy box none would
    ever be, and the cache never answer.
    """
    first = economy.next_job(studio.store.jobs.waiting(studio.settings.name), studio.clock.now())
    mine = studio.store.jobs.get(key)  # a moment may have raised its priority since it was claimed
    if first is None or mine is None or first.priority < Priority.LIVE:
        return False
    return mine.priority < Priority.LIVE or (share < HALF and mine.deadline <= studio.clock.now())


def _draw(studio: Studio, job: Job, progress: Callable[[float], None]) -> None:
    settings, generator, store = studio.settings, studio.generator, studio.store
    check, mark = Check(job.spec), label.Label(job.spec.width, job.spec.height)
    marks = label.metadata(job.key, job.take, studio.config.name)
    images = generator.generate(job, progress)
    if not generator.streams:
        images = iter(_gated(check, list(images)))
    draft, file = store.clips.open_draft(job.key, job.take, job.brief.topic)
    with file:
        writer = encode.DraftWriter(file, job.spec, settings, marks)
        try:
            for image in images:
                if generator.streams:
                    check.update(image)
                writer.write(mark.burn(image))
            writer.close()
        except BaseException:
            with contextlib.suppress(ReverieError):  # what went wrong before is what is told
                writer.abort()
            raise
    _passed(check)
    final = draft.path.with_suffix(".final.mp4")
    made = encode.finish(draft.path, final, marks)
    clip = Clip(
        key=job.key,
        take=job.take,
        path=final,
        sha256=made.sha256,
        seconds=made.seconds,
        size=made.size,
        topic=job.brief.topic,
        generator=settings.name,
        scores=check.scores(),
        made=studio.clock.now(),
    )
    if not store.jobs.finish(job.key, studio.worker, store.clips.keep(draft, clip)):
        raise Cancelled("another worker has taken the job over")


def _passed(check: Check) -> None:
    wrong = check.verdict()
    if wrong is not None:
        raise ClipError(f"the clip did not pass the check: {wrong}")


def _gated(check: Check, images: list[Image]) -> Iterator[Image]:
    """Pictures that were all checked before the first of them is let through."""
    for image in images:
        check.update(image)
    _passed(check)
    yield from images


def tidy(studio: Studio) -> None:
    """Idle: keep the cache in its budget, forget what is old, and make again what was often wished."""
    config, store, clock = studio.config.store, studio.store, studio.clock
    store.clips.evict(config.clips_mb * 1_000_000, ())
    store.clips.tidy()
    store.prune(config.keep_days)
    wants = store.moments.wants(clock.now() - MONTH)
    known = [key for key in wants if store.clips.get(key) is not None]
    for key in economy.warm(wants, known)[:WARM_AT_ONCE]:
        job = store.jobs.get(key)
        if job is None or job.spec.generator != studio.settings.name or job.status is JobStatus.FAILED:
            continue
        # What an older version of the generator or another size would have made, nobody wishes again.
        if job.spec == make_spec(studio.settings, job.brief):
            store.jobs.wish(replace(job, deadline=clock.now() + TIDY, priority=Priority.WARM))


def _make_room(store: Store) -> None:
    """The disk is full: give back a fifth of the clips, least recently used first."""
    try:
        store.clips.tidy()
        _, size = store.clips.total()
        gone = store.clips.evict(int(size * 0.8), ())
        log.warning("the disk is full: %d clips removed", len(gone))
    except StoreError as error:
        log.warning("no room could be made: %s", error)


def _beat(studio: Studio, tally: Tally, detail: str = "") -> None:
    state = "waiting" if tally.fault else "failing" if tally.broken >= BROKEN else "running"
    counts = {"made": tally.made, "failed": tally.failed, "cancelled": tally.cancelled}
    if state == "failing":
        detail = f"the last {tally.broken} clips could not be made; see the queue"
    studio.store.health.beat(studio.program, state, tally.fault or detail or "ready", counts)


def generate_file(
    settings: Settings, job: Job, out: Path, producer: str, progress: Callable[[float], None]
) -> encode.ClipFile:
    """One clip straight into a file: what `reverie generate "…" -o out.mp4` does. Raises ReverieError."""
    generator = load_generator(settings, warm=False)
    check, mark = Check(job.spec), label.Label(job.spec.width, job.spec.height)

    def images() -> Iterator[Image]:
        for image in generator.generate(job, progress):
            check.update(image)
            yield mark.burn(image)
        _passed(check)

    return encode.save(images(), out, job.spec, settings, label.metadata(job.key, job.take, producer))
