"""watch: frame → detections → tracks → events → scene → brief → moment, with a job for each wish.

One detector, any number of cameras: a capture thread a camera, one loop that takes the newest frame of
each. Nothing here waits for imagination: a moment is one short transaction, and when even that cannot be
done (a full disk) it is kept in memory and tried again while the loop goes on looking.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reverie import config as settings
from reverie.clock import Clock
from reverie.config import Config
from reverie.errors import ReverieError, StoreError
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
from reverie.vision.camera import Camera, open_camera
from reverie.vision.detector import Detector, load_detector
from reverie.vision.liveview import LiveView
from reverie.vision.lookout import Lookout, Sight
from reverie.wishes import make_moment

log = logging.getLogger("reverie.watch")

BEAT = 1.0
"""Seconds between heartbeats."""

UNSENT = 64
"""Moments that could not be stored and wait in memory; older ones are given up first."""


@dataclass(slots=True)
class Post:
    """One camera, its lookout, and the moments of those it sees."""

    camera: Camera
    lookout: Lookout
    looked: int = 0
    held: dict[int, str] = field(default_factory=dict)
    """Track id → the moment it keeps alive. Never leaves this process."""


@dataclass(slots=True)
class Tally:
    """What this run of the program counted, for the report, the console and /metrics."""

    detections: int = 0
    gated: int = 0
    events: Counter[str] = field(default_factory=Counter)
    moments: int = 0
    errors: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    delays: deque[float] = field(default_factory=lambda: deque(maxlen=5000))
    """Seconds from the capture of the deciding frame to the committed moment."""


def run(config: Config, clock: Clock, stop: threading.Event) -> None:
    """Watch until `stop` is set. Raises ReverieError when it cannot begin."""
    store = open_store(config.store, clock)
    cameras: list[Camera] = []
    live: LiveView | None = None
    try:
        store.health.beat("watch", "starting", "loading the detector", {})
        detector = load_detector(config.detector)
        director = Director(load_library(config.story.library), config.story)
        if offers_live_view(config):
            live = LiveView(live_socket(config))
        wake = threading.Event()
        posts = [_post(config, camera, clock, wake) for camera in config.cameras]
        cameras = [post.camera for post in posts]
        _loop(config, clock, stop, wake, store, detector, director, posts, live)
    finally:
        for camera in cameras:
            camera.close()
        if live is not None:
            live.close()
        store.close()


def offers_live_view(config: Config) -> bool:
    """Whether the console may show the camera: by default only where only this machine can look."""
    asked = config.serve.live_view
    return config.serve.loopback if asked is None else asked


def live_socket(config: Config) -> Path:
    """Where `watch` offers the live view to `serve`: a 0600 Unix socket in the runtime folder."""
    return settings.runtime_folder(config.store) / "live.sock"


def _post(config: Config, camera: settings.Camera, clock: Clock, wake: threading.Event) -> Post:
    return Post(open_camera(camera, clock, wake.set), Lookout(camera, config.detector, config.events))


def _loop(
    config: Config,
    clock: Clock,
    stop: threading.Event,
    wake: threading.Event,
    store: Store,
    detector: Detector,
    director: Director,
    posts: Sequence[Post],
    live: LiveView | None,
) -> None:
    tally = Tally()
    unsent: deque[tuple[Moment, list[Job]]] = deque(maxlen=UNSENT)
    beat = clock.monotonic()
    dials = Dials()
    while not stop.is_set():
        clock.wait(wake, 0.1)
        wake.clear()
        for post in posts:
            lookout, frame = post.lookout, post.camera.newest(0)
            if frame is None or not lookout.wants(frame):
                continue
            sight = _look(detector, post, frame, tally)
            if live is not None:
                live.offer(lookout.name, frame, sight.tracks, lookout.zones, lookout.lines)
            for event in sight.events:
                tally.events[event.kind] += 1
                scene = make_scene(event, sight.tracks, lookout.name, frame.time)
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
            _beat(store, posts, tally, unsent)


def _look(detector: Detector, post: Post, frame: Frame, tally: Tally) -> Sight:
    post.looked += 1
    if post.lookout.needs_detection(frame):
        tally.detections += 1
        return post.lookout.take(frame, detector.detect([frame])[0])
    tally.gated += 1
    return post.lookout.take(frame, None)


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


def _beat(store: Store, posts: Sequence[Post], tally: Tally, unsent: Sequence[object]) -> None:
    states = {post.lookout.name: post.camera.state() for post in posts}
    bad = [f"{name}: {state.detail}" for name, state in states.items() if state.status in ("stalled", "lost")]
    detail = "; ".join(bad) or ", ".join(f"{name} {state.fps:.0f} fps" for name, state in states.items())
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
                name: {"status": s.status, "detail": s.detail, "frames": s.frames, "fps": round(s.fps, 2)}
                for name, s in states.items()
            },
            "frames": frames,
            "skipped": frames - sum(post.looked for post in posts),
            "detections": tally.detections,
            "gated": tally.gated,
            "events": dict(tally.events),
            "moments": tally.moments,
            "errors": list(tally.errors),
            "camera_to_event": percentiles(tally.delays),
        },
    )
