"""watch: frame → detections → tracks → events → scene → brief → moment, with a job for each wish.

One detector, any number of cameras: a capture thread a camera, one loop that takes the newest frame of
each, first of whichever waited longest for the detector. Nothing here waits for imagination: a moment is one
short transaction, and when even that cannot be done (a full disk) it is kept in memory and tried again while
the loop goes on looking.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reverie import config as settings
from reverie import zones
from reverie.clock import Clock
from reverie.config import Config
from reverie.errors import ReverieError, StoreError
from reverie.pictures import read_gallery
from reverie.shelf import Product
from reverie.store import Store, open_store
from reverie.story.director import Director
from reverie.story.library import load_library
from reverie.story.scene import make_scene
from reverie.values import (
    Cause,
    Dials,
    EventKind,
    Frame,
    Job,
    Moment,
    Priority,
    Scene,
    percentiles,
)
from reverie.vision.cadence import Cadence
from reverie.vision.camera import Camera, open_camera
from reverie.vision.detector import Detector, load_detector
from reverie.vision.liveview import LiveView
from reverie.vision.lookout import Lookout, Sight
from reverie.vision.recogniser import Memory
from reverie.wishes import make_moment

log = logging.getLogger("reverie.watch")

BEAT = 1.0
"""Seconds between heartbeats."""

UNSENT = 64
"""Moments that could not be stored and wait in memory; older ones are given up first."""


@dataclass(frozen=True, slots=True, eq=False)
class Eyes:
    """What all cameras share: who looks, how often, and the products that it was taught."""

    detector: Detector
    cadence: Cadence
    memory: Memory


@dataclass(slots=True)
class Post:
    """One camera, its lookout, and the moments of those it sees."""

    camera: Camera
    lookout: Lookout
    looked: int = 0
    detections: int = 0
    served: int = 0
    """When its frame was last detected in, on a count that grows with every detection."""
    held: dict[int, str] = field(default_factory=dict)
    """Track id → the moment it keeps alive. Never leaves this process."""


@dataclass(slots=True)
class Tally:
    """What this run of the program counted, for the report, the console and /metrics."""

    detections: int = 0
    gated: int = 0
    """Looks that needed no detection: nothing moved, or the boxes were predicted."""
    events: Counter[str] = field(default_factory=Counter)
    moments: int = 0
    errors: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    looks: deque[float] = field(default_factory=lambda: deque(maxlen=5000))
    """Seconds from the capture of a frame that the detector saw to its tracks and events."""
    delays: deque[float] = field(default_factory=lambda: deque(maxlen=5000))
    """Seconds from the capture of the deciding frame to the committed moment."""


def run(config: Config, clock: Clock, stop: threading.Event) -> None:
    """Watch until `stop` is set. Raises ReverieError when it cannot begin."""
    store = open_store(config.store, clock)
    cameras: list[Camera] = []
    live: LiveView | None = None
    try:
        store.health.beat("watch", "starting", "loading the detector", {})
        memory = Memory(config.products)
        memory.refresh(clock.monotonic())
        eyes = Eyes(load_detector(config.detector), Cadence(config.detector), memory)
        director = Director(load_library(config.story.library), config.story)
        director.learn(_products(config, memory))
        if offers_live_view(config):
            live = LiveView(live_socket(config))
        wake = threading.Event()
        posts = []
        for asked in config.cameras:
            posts.append(_post(config, asked, eyes, clock, wake))
            cameras.append(posts[-1].camera)
        _loop(config, clock, stop, wake, store, eyes, director, posts, live)
    finally:
        _close(cameras)
        if live is not None:
            live.close()
        store.close()


def _close(cameras: Sequence[Camera]) -> None:
    """All at once: each may take its time, and together they must not take longer than one."""
    threads = [threading.Thread(target=camera.close, name="close") for camera in cameras]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def offers_live_view(config: Config) -> bool:
    """Whether the console may show the camera: by default only where only this machine can look."""
    asked = config.serve.live_view
    return config.serve.loopback if asked is None else asked


def live_socket(config: Config) -> Path:
    """Where `watch` offers the live view to `serve`: a 0600 Unix socket in the runtime folder."""
    return settings.runtime_folder(config.store) / "live.sock"


def _post(config: Config, camera: settings.Camera, eyes: Eyes, clock: Clock, wake: threading.Event) -> Post:
    lookout = Lookout(camera, config.detector, config.events, eyes.cadence, eyes.memory)
    return Post(open_camera(camera, clock, wake.set), lookout)


def _loop(
    config: Config,
    clock: Clock,
    stop: threading.Event,
    wake: threading.Event,
    store: Store,
    eyes: Eyes,
    director: Director,
    posts: Sequence[Post],
    live: LiveView | None,
) -> None:
    tally = Tally()
    sheet = zones.Sheet(config)
    _place(sheet, posts)
    unsent: deque[tuple[Moment, list[Job]]] = deque(maxlen=UNSENT)
    beat = clock.monotonic()
    dials = Dials()
    while not stop.is_set():
        seen = _look(eyes, posts, clock, tally)
        for post, frame, sight in seen:
            if live is not None:
                live.offer(post.lookout.name, frame, sight.tracks, post.lookout.zones, post.lookout.lines)
            for event in sight.events:
                tally.events[event.kind] += 1
                scene = make_scene(event, sight.tracks, post.lookout.name, frame.time)
                made = _imagine(config, director, scene, dials, frame.time)
                if made is not None:
                    unsent.append(made)
                    if event.track_id:
                        post.held[event.track_id] = made[0].id
                if event.kind is EventKind.ENTERED:
                    _speculate(config, store, director, scene, dials)
            _send(store, unsent, clock, tally)
        if clock.monotonic() - beat >= BEAT:
            beat = clock.monotonic()
            for post in posts:
                _still_there(config, store, post, clock.now())
            _send(store, unsent, clock, tally)
            dials = _dials(store, dials)
            _place(sheet, posts)
            if eyes.memory.refresh(beat):
                director.learn(_products(config, eyes.memory))
            eyes.cadence.choose(_looks(posts, config.detector.rate), beat)
            _beat(store, posts, tally, unsent, eyes.cadence, sheet)
        if not seen:
            clock.wait(wake, 0.1)
            wake.clear()


def _products(config: Config, memory: Memory) -> tuple[Product, ...]:
    """What is taught, and before it what pictures alone give a name to: of two, the last counts."""
    galleries = (read_gallery(generator.pictures) for generator in config.generators)
    return (*(product for gallery in galleries for product in gallery.products), *memory.products)


def _look(eyes: Eyes, posts: Sequence[Post], clock: Clock, tally: Tally) -> list[tuple[Post, Frame, Sight]]:
    """One look at each camera with news, until the detector has its hands full; [] when there is none.

    Who waited longest for the detector is asked first, so that a fast camera never starves a slow one. A
    frame is taken only when it is its turn: until then, a newer one may replace it.
    """
    seen: list[tuple[Post, Frame, Sight]] = []
    due: list[tuple[Post, Frame]] = []
    for post in sorted(posts, key=lambda post: post.served):
        frame = post.camera.newest(0)
        if frame is None or not post.lookout.wants(frame):
            continue
        post.looked += 1
        if not post.lookout.needs_detection(frame):
            tally.gated += 1
            seen.append((post, frame, post.lookout.take(frame, None)))
            continue
        due.append((post, frame))
        if len(due) == eyes.detector.batch:
            break
    if due:
        began = clock.monotonic()
        found = eyes.detector.detect([frame for _, frame in due])
        eyes.cadence.measure(clock.monotonic() - began, len(due))
        for (post, frame), detections in zip(due, found, strict=True):
            tally.detections += 1
            post.detections, post.served = post.detections + 1, tally.detections
            seen.append((post, frame, post.lookout.take(frame, detections)))
            tally.looks.append(clock.now() - frame.time)
    return seen


def _looks(posts: Sequence[Post], rate: float) -> float:
    """Looks a second that the cameras give cause for: no more than `rate` each, nor than they deliver."""
    states = [post.camera.state() for post in posts]
    return sum(min(rate, state.fps or rate) for state in states if state.status == "running")


def _place(sheet: zones.Sheet, posts: Sequence[Post]) -> None:
    """Look at what the operator drew, from now on."""
    for name, plan in sheet.news().items():
        for post in posts:
            if post.lookout.name == name:
                post.lookout.place(plan.zones, plan.lines)


def _imagine(
    config: Config, director: Director, cause: Cause, dials: Dials, seen: float
) -> tuple[Moment, list[Job]] | None:
    """The moment that `cause` makes, and the job of each of its wishes; None when no story fits."""
    brief = director.direct(cause, dials)
    if brief is None:
        return None
    return make_moment(config, cause, brief, seen, Priority.LIVE)


def _speculate(config: Config, store: Store, director: Director, scene: Scene, dials: Dials) -> None:
    """Somebody came: start on what lingering would call for, while they have not lingered yet."""
    brief = director.direct(replace(scene, kind=EventKind.LINGERED, dwell=config.events.dwell), dials)
    if brief is None:
        return
    _, jobs = make_moment(config, scene, brief, scene.time, Priority.SPECULATIVE)
    deadline = scene.time + config.events.dwell + config.story.hold
    try:
        for job in jobs:
            if store.clips.get(job.key) is None:
                store.jobs.wish(replace(job, deadline=deadline))
    except StoreError as error:
        log.warning("nothing made ahead: %s", error)


def _send(store: Store, unsent: deque[tuple[Moment, list[Job]]], clock: Clock, tally: Tally) -> None:
    """Commit what waits, oldest first; what cannot be stored now stays, until it is too old to matter."""
    while unsent:
        moment, jobs = unsent[0]
        if moment.expires < clock.now():
            unsent.popleft()
            continue
        try:
            store.moments.open(moment, jobs)
        except StoreError as error:
            if not tally.errors or tally.errors[-1] != str(error):
                log.error("a moment waits in memory: %s", error)
                tally.errors.append(str(error))
            return
        unsent.popleft()
        tally.moments += 1
        tally.delays.append(clock.now() - moment.seen)


def _still_there(config: Config, store: Store, post: Post, now: float) -> None:
    """Renew the moments of those who are still here, like a lease; forget those of who went."""
    if post.camera.state().status != "running":
        return  # nobody knows whether they are: their moments run out
    present = post.lookout.present()
    for track in [t for t in post.held if t not in present]:
        del post.held[track]
    try:
        for moment in set(post.held.values()):
            store.moments.renew(moment, now + config.story.hold)
    except StoreError as error:
        log.warning("moments not renewed: %s", error)


def _dials(store: Store, before: Dials) -> Dials:
    try:
        return store.dials()
    except ReverieError:
        return before


def _beat(
    store: Store,
    posts: Sequence[Post],
    tally: Tally,
    unsent: Sequence[object],
    cadence: Cadence,
    sheet: zones.Sheet,
) -> None:
    states = {post.lookout.name: post.camera.state() for post in posts}
    bad = [f"{name}: {state.detail}" for name, state in states.items() if state.status in ("stalled", "lost")]
    detail = "; ".join(bad) or ", ".join(f"{name} {state.fps:.0f} fps" for name, state in states.items())
    detail = "; ".join(filter(None, (detail, sheet.fault)))
    state = "failing" if len(bad) == len(states) else "running"
    if unsent:
        state, detail = "waiting", f"{len(unsent)} moments wait in memory: {tally.errors[-1]}"
    frames = sum(s.frames for s in states.values())
    store.health.beat(
        "watch",
        state,
        detail,
        {
            "cameras": {
                post.lookout.name: {
                    "status": s.status,
                    "detail": s.detail,
                    "frames": s.frames,
                    "fps": round(s.fps, 2),
                    "looks": post.looked,
                    "detections": post.detections,
                }
                for post, s in zip(posts, states.values(), strict=True)
            },
            "frames": frames,
            "skipped": frames - sum(post.looked for post in posts),
            "detections": tally.detections,
            "gated": tally.gated,
            "every": cadence.every,
            "detection_ms": round(1000 * cadence.cost, 2),
            "events": dict(tally.events),
            "moments": tally.moments,
            "errors": list(tally.errors),
            "camera_to_tracks": percentiles(tally.looks),
            "camera_to_event": percentiles(tally.delays),
        },
    )
