"""generate: job → images → checked images → labelled clip. One program a generator.

A storyboard is written to its draft while it is made, so that it plays at once; a generator that does not
stream is checked whole before anybody sees it.
"""

from __future__ import annotations

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
from reverie.video.generator import Generator, load_generator

log = logging.getLogger("reverie.generate")

LEASE = 15.0
"""Seconds after which a job of a worker that fell silent is given to another."""

MONTH = 30 * 86_400.0
YIELD = 0.1
"""Seconds between two looks whether somebody waits for another clip."""

TIDY = 60.0
"""Seconds between two looks for clips to evict and to warm."""

WARM_AT_ONCE = 20


@dataclass(slots=True)
class Tally:
    made: int = 0
    failed: int = 0
    cancelled: int = 0
    fault: str = ""


def run(config: Config, clock: Clock, stop: threading.Event, name: str) -> None:
    """Make clips with the generator called `name` until `stop` is set. Raises ReverieError at the start."""
    settings = next(g for g in config.generators if g.name == name)
    program = f"generate/{name}"
    store = open_store(config.store, clock)
    try:
        store.health.beat(program, "starting", "loading", {})
        generator = load_generator(settings)
        worker = f"{program}/{os.getpid()}"
        tally, tidied = Tally(), -TIDY
        while not stop.is_set():
            try:
                job = _claim(store, settings, generator.per_minute, worker, clock)
                if job is not None:
                    _make(config, store, settings, generator, job, worker, clock, stop, tally)
                elif clock.monotonic() - tidied >= TIDY:
                    tidied = clock.monotonic()
                    _tidy(config, store, settings, clock)
                else:
                    store.wait_change(0.5)
                tally.fault = ""
            except StoreError as error:
                # A full disk gets better when the oldest clips go; anything else only with time.
                if str(error) != tally.fault:
                    log.error("waiting: %s", error)
                tally.fault = str(error)
                if isinstance(error, StoreFull):
                    _make_room(config, store)
                clock.wait(stop, 1.0)
            _beat(store, program, tally)
    finally:
        store.close()


def _claim(store: Store, settings: Settings, asked: int | None, worker: str, clock: Clock) -> Job | None:
    """The next job by `economy`, within the limit a minute; a dial may have paused all of it."""
    if store.dials().paused:
        return None
    job = economy.next_job(store.jobs.waiting(settings.name), clock.now())
    if job is None:
        return None
    limit = settings.per_minute if settings.per_minute is not None else asked
    return store.jobs.claim(job.key, worker, LEASE, limit)


def _make(
    config: Config,
    store: Store,
    settings: Settings,
    generator: Generator,
    job: Job,
    worker: str,
    clock: Clock,
    stop: threading.Event,
    tally: Tally,
) -> None:
    """One claimed job, from first picture to entered clip; whatever fails is written into the job."""
    program = f"generate/{settings.name}"
    renewed = asked = clock.monotonic()
    yielded = False

    def progress(share: float) -> None:
        nonlocal renewed, asked, yielded
        if stop.is_set():
            raise Cancelled("the box is being stopped")
        if clock.monotonic() - asked >= YIELD:
            asked = clock.monotonic()
            yielded = _more_urgent(store, settings, job.key, clock)
            if yielded:
                raise Cancelled("somebody waits for another one")
        if clock.monotonic() - renewed < 1.0:
            return
        renewed = clock.monotonic()
        if not store.jobs.renew(job.key, worker, LEASE, share):
            raise Cancelled("nobody waits for it any more")
        _beat(store, program, tally, f"{job.brief.topic} {share:.0%}")

    try:
        _draw(config, store, settings, generator, job, worker, clock, progress)
        tally.made += 1
    except Cancelled as reason:
        tally.cancelled += 1
        store.jobs.fail(job.key, worker, str(reason), retry=stop.is_set() or yielded)
    except StoreError as error:
        tally.failed += 1
        store.jobs.fail(job.key, worker, str(error), retry=True)
        raise
    except ReverieError as error:
        tally.failed += 1
        log.error("%s: %s", job.brief.topic, error)
        store.jobs.fail(job.key, worker, str(error), retry=True)


def _more_urgent(store: Store, settings: Settings, key: str, clock: Clock) -> bool:
    """Whether a visitor waits while this clip is made for none: what is only warmed gives way."""
    first = economy.next_job(store.jobs.waiting(settings.name), clock.now())
    mine = store.jobs.get(key)  # a moment may have raised its priority since it was claimed
    return first is not None and mine is not None and mine.priority < Priority.LIVE <= first.priority


def _draw(
    config: Config,
    store: Store,
    settings: Settings,
    generator: Generator,
    job: Job,
    worker: str,
    clock: Clock,
    progress: Callable[[float], None],
) -> None:
    check, mark = Check(job.spec), label.Label(job.spec.width, job.spec.height)
    marks = label.metadata(job.key, job.take, config.name)
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
            writer.abort()
            raise
    wrong = check.verdict()
    if wrong is not None:
        raise ClipError(f"the clip did not pass the check: {wrong}")
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
        made=clock.now(),
    )
    if not store.jobs.finish(job.key, worker, store.clips.keep(draft, clip)):
        raise Cancelled("another worker has taken the job over")


def _gated(check: Check, images: list[Image]) -> Iterator[Image]:
    """Pictures that were all checked before the first of them is let through."""
    for image in images:
        check.update(image)
    wrong = check.verdict()
    if wrong is not None:
        raise ClipError(f"the clip did not pass the check: {wrong}")
    yield from images


def _tidy(config: Config, store: Store, settings: Settings, clock: Clock) -> None:
    """Idle: keep the cache in its budget, forget what is old, and make again what was often wished."""
    store.clips.evict(config.store.clips_mb * 1_000_000, ())
    store.clips.tidy()
    store.prune(config.store.keep_days)
    wants = store.moments.wants(clock.now() - MONTH)
    known = [key for key in wants if store.clips.get(key) is not None]
    for key in economy.warm(wants, known)[:WARM_AT_ONCE]:
        job = store.jobs.get(key)
        if job is None or job.spec.generator != settings.name or job.status is JobStatus.FAILED:
            continue
        if job.spec.version == _version(settings, job):
            store.jobs.wish(replace(job, deadline=clock.now() + TIDY, priority=Priority.WARM))


def _version(settings: Settings, job: Job) -> str:
    from reverie.video.generator import make_spec

    return make_spec(settings, job.brief).version


def _make_room(config: Config, store: Store) -> None:
    """The disk is full: give back a fifth of the clips, least recently used first."""
    try:
        store.clips.tidy()
        _, size = store.clips.total()
        gone = store.clips.evict(int(size * 0.8), ())
        log.warning("the disk is full: %d clips removed", len(gone))
    except StoreError as error:
        log.warning("no room could be made: %s", error)


def _beat(store: Store, program: str, tally: Tally, detail: str = "") -> None:
    state = "waiting" if tally.fault else "running"
    store.health.beat(
        program,
        state,
        tally.fault or detail or "ready",
        {"made": tally.made, "failed": tally.failed, "cancelled": tally.cancelled},
    )


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
        wrong = check.verdict()
        if wrong is not None:
            raise ClipError(f"the clip did not pass the check: {wrong}")

    return encode.save(images(), out, job.spec, settings, label.metadata(job.key, job.take, producer))
