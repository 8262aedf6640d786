"""generate: job → images → screened images → labelled clip. One program a generator.

A storyboard is written to its draft while it is made, so that it plays at once, and checked picture by
picture. What a generator imagines that does not stream is held whole in memory (a film of 121 pictures at
1280x704: 327 MB) and passes the gate before anybody sees it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from reverie import config, economy, wishes
from reverie.clock import Clock
from reverie.config import Config
from reverie.config import Generator as Settings
from reverie.errors import (
    Cancelled,
    ClipError,
    DetectorError,
    OutOfMemory,
    Refused,
    ReverieError,
    StoreError,
    StoreFull,
)
from reverie.store import Store, open_store
from reverie.store.jobs import MAX_ATTEMPTS
from reverie.values import Clip, Frame, Image, Job, JobStatus, Priority
from reverie.video import encode, label
from reverie.video.generator import Generator, Progress, make_spec
from reverie.video.screening import Screening
from reverie.video.sight import Eyes
from reverie.video.sound.heard import films_of, spoken_of
from reverie.video.sound.narrator import Narrator
from reverie.video.sound.tones import Samples
from reverie.video.sound.track import make_track
from reverie.vision.detector import load_detector

log = logging.getLogger("reverie.generate")

LEASE = 15.0
"""Seconds after which a job of a worker that fell silent is given to another."""

PULSE = 1.0
"""Seconds between two signs of life that are given for a generator which says nothing itself."""

PATIENCE = 900.0
"""Seconds that a generator may say nothing before it counts as hung and no more signs are given for it.

A large model loads from a slow disk for minutes, and so long may one step of it take on a CPU.
"""

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

TAKES = 2
"""How often a film is made that does not pass the gate: each take has another seed."""

HOPELESS = (Refused, OutOfMemory)
"""What trying again does not mend. A generator that may try at a smaller size has done so by itself."""

GLIMPSE = 0.05
"""Score from which the eyes tell of a thing: the gate has its own thresholds, for imagined things."""


@dataclass(frozen=True, slots=True)
class Studio:
    """One generator at work: everything its jobs need."""

    config: Config
    settings: Settings
    generator: Generator
    store: Store
    clock: Clock
    worker: str
    eyes: Eyes | None = None
    """Who looks at whole films for what was asked for; None: nobody."""
    narrator: Narrator | None = None
    """Who says captions aloud; None: nobody."""

    @property
    def program(self) -> str:
        """What it is called in heartbeats."""
        return f"generate/{self.settings.name}"

    @property
    def per_minute(self) -> int | None:
        """Starts a minute: the operator's word, else what the generator asks for."""
        asked = self.settings.per_minute
        return asked if asked is not None else self.generator.per_minute


class Pulse:
    """Signs of life from a thread of its own while the generator is busy: `with Pulse(clock, tell): …`.

    `tell(silent)` is called about every second in which `heard` was not, with the seconds since it was: a
    step of a large model takes longer than a lease and a heartbeat may be silent.
    """

    def __init__(self, clock: Clock, tell: Callable[[float], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._heard = clock.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def heard(self) -> None:
        """The generator itself has said something."""
        self._heard = self._clock.monotonic()

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(PULSE):
            silent = self._clock.monotonic() - self._heard
            if silent > PATIENCE:
                return
            if silent >= PULSE:
                self._tell(silent)


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

        def loading(silent: float) -> None:
            store.health.beat(f"generate/{name}", "starting", f"loading for {silent:.0f} s", {})

        with Pulse(clock, loading):
            generator = wishes.load(settings)
            eyes = None if generator.streams else open_eyes()
        narrator = make_narrator(config.sound)
        _loop(Studio(config, settings, generator, store, clock, worker, eyes, narrator), stop)
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
    starts = economy.starts(studio.per_minute, job.priority)
    return studio.store.jobs.claim(job.key, studio.worker, LEASE, starts)


def make(studio: Studio, job: Job, stop: threading.Event, tally: Tally) -> None:
    """One claimed job, from first picture to entered clip; what fails is written into the job.

    Raises StoreError when the store is what failed.
    """
    store, clock = studio.store, studio.clock
    renewed = asked = clock.monotonic()
    reached = 0.0

    def alive(silent: float) -> None:
        with contextlib.suppress(StoreError):  # a store that fails is told of where the work goes on
            store.jobs.renew(job.key, studio.worker, LEASE, reached)
        _beat(studio, tally, f"{job.brief.topic} {reached:.0%}, one step for {silent:.0f} s")

    pulse = Pulse(clock, alive)

    def progress(share: float) -> None:
        nonlocal renewed, asked, reached
        pulse.heard()
        reached = share
        if stop.is_set():
            raise Cancelled("the box was stopped")
        if clock.monotonic() - asked >= YIELD:
            asked = clock.monotonic()
            if _more_urgent(studio, job.key, share):
                raise Cancelled("it gave way: somebody waits for another one")
        if clock.monotonic() - renewed < 1.0:
            return
        renewed = clock.monotonic()
        if not store.jobs.renew(job.key, studio.worker, LEASE, share):
            raise Cancelled("another worker has taken the job over")
        _beat(studio, tally, f"{job.brief.topic} {share:.0%}")

    try:
        with pulse:
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
        again = _again(studio, job, error)
        if again is None:
            log.error("%s: %s; it is given up", job.brief.topic, error)
        else:
            log.warning("%s: %s; %s", job.brief.topic, error, again)
        store.jobs.fail(job.key, studio.worker, str(error), retry=again is not None)


def _again(studio: Studio, job: Job, error: ReverieError) -> str | None:
    """What becomes of a try that ended with `error`, in words; None when no other may do better."""
    if isinstance(error, ClipError) and not studio.generator.streams:
        fixed = job.request is not None and job.request.seed is not None
        return None if fixed or job.attempts >= TAKES else "it is made once more with another seed"
    hopeless = isinstance(error, HOPELESS) or job.attempts >= MAX_ATTEMPTS
    return None if hopeless else "it will be tried again"


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


def _draw(studio: Studio, job: Job, progress: Progress) -> None:
    settings, store = studio.settings, studio.store
    film = Screening(studio.generator, job, progress, studio.eyes, strict=settings.gate)
    mark = label.Label(job.spec.width, job.spec.height)
    marks = label.metadata(job.key, job.take, studio.config.name)
    images = iter(film)  # what is held whole passes the gate here: until then there is no draft
    draft, file = store.clips.open_draft(job.key, job.take, job.brief.topic)
    with file:
        writer = encode.DraftWriter(file, job.spec, settings, marks, sound_of(job, settings, studio.narrator))
        try:
            for image in images:
                writer.write(mark.burn(image))
            writer.close()
        except BaseException:
            with contextlib.suppress(ReverieError):  # what went wrong before is what is told
                writer.abort()
            raise
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
        scores=film.judgement.scores,
        made=studio.clock.now(),
    )
    if not store.jobs.finish(job.key, studio.worker, store.clips.keep(draft, clip)):
        raise Cancelled("another worker has taken the job over")


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
        if job.spec == make_spec(studio.settings, job.brief, job.request, studio.config.sound):
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


def open_eyes() -> Eyes | None:
    """The detector that comes along, to look at whole films; None, with a note, where it cannot be loaded."""
    try:
        detector = load_detector(config.Detector(conf=GLIMPSE, threads=2))
    except DetectorError as error:
        log.warning("what is imagined is not looked at: %s", error)
        return None

    def eyes(image: Image) -> Mapping[str, float]:
        # Best first, so of each label the first is kept.
        found = detector.detect([Frame(image, 0, 0.0)])[0]
        return {thing.label: thing.score for thing in reversed(found)}

    return eyes


def make_narrator(settings: config.Sound) -> Narrator | None:
    """Who says captions, where films are narrated: one for all films, so that it remembers its lines."""
    if settings.films != "narrated":
        return None
    return Narrator(settings)


def sound_of(job: Job, settings: Settings, narrator: Narrator | None) -> Iterator[Samples] | None:
    """What the film of `job` sounds of, as its spec says, shot by shot; None of a silent one.

    The sound belongs to the brief: a model's film has it like a storyboard.
    """
    if not job.spec.sound:
        return None
    seconds = job.spec.frames / job.spec.fps
    speaks = narrator if films_of(job.spec.sound) == "narrated" else None
    brief = spoken_of(job.brief, job.request)
    beats = False
    if settings.kind == "storyboard":
        from reverie.video.storyboard.acting.sense import sensible
        from reverie.video.storyboard.scenes import TOPICS

        beats = brief.topic not in TOPICS  # a bespoke scene has its own
        if beats:  # what is heard is what the composer plays, not what was asked for
            brief = replace(brief, shots=tuple(map(sensible, brief.shots)))
    return make_track(brief, seconds, speaks, beats, job.spec.loop)


@dataclass(frozen=True, slots=True)
class FilmFile(encode.ClipFile):
    """A film made straight into a file: `scores` as in `Clip.scores`, `wrong` what the gate or the check
    says against it (None: nothing)."""

    scores: Mapping[str, float]
    wrong: str | None


def generate_file(
    settings: Settings,
    job: Job,
    out: Path,
    producer: str,
    progress: Progress,
    gate: bool = True,
    narrator: Narrator | None = None,
) -> FilmFile:
    """One clip straight into a file: what `reverie generate "…" -o out.mp4` does. Raises ReverieError.

    `gate`: a film that does not pass the gate (or a storyboard the check) is not written, and raises
    ClipError. Without it such a film is written all the same, and `FilmFile.wrong` says what is wrong.
    `narrator` says the captions of a film whose spec wants it.
    """
    return make_file(
        wishes.load(settings, warm=False), settings, job, out, producer, progress, gate, narrator
    )


def make_file(
    generator: Generator,
    settings: Settings,
    job: Job,
    out: Path,
    producer: str,
    progress: Progress,
    gate: bool = True,
    narrator: Narrator | None = None,
) -> FilmFile:
    """`generate_file` with a generator that is loaded already, for one film after another."""
    eyes = None if generator.streams else open_eyes()
    film = Screening(generator, job, progress, eyes, strict=gate)
    mark = label.Label(job.spec.width, job.spec.height)
    marks = label.metadata(job.key, job.take, producer)
    sound = sound_of(job, settings, narrator)
    made = encode.save(map(mark.burn, film), out, job.spec, settings, marks, sound)
    return FilmFile(**asdict(made), scores=film.judgement.scores, wrong=film.judgement.wrong)
