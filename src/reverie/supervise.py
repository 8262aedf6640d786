"""supervise: runs watch, generate and serve as children on one box, restarts what dies, shows one line.

Each child gets the same snapshot of the config as the first line of its standard input, so that they can
never disagree and no file with a secret lies about. When the supervisor dies, even by kill -9, the pipe
closes and they leave by themselves.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from reverie import config as settings
from reverie.clock import Clock
from reverie.config import Config
from reverie.errors import ServeError, StoreError
from reverie.store import Store, open_store
from reverie.store.store import lock_folder
from reverie.values import Health, Play, percentiles

SILENT = 30.0
"""Seconds without a heartbeat after which a child counts as hung and is restarted."""

STARTING = 60.0
"""The same, for a child that has not said anything yet (it loads models)."""

STEADY = 60.0
"""A child that ran this long starts again at once, without the back-off of a crash loop."""

PAUSED = 5.0
"""Seconds between two looks of the supervisor from which the whole box counts as having been paused."""

LEAVING = 2.0
"""Seconds that children have to end cleanly before they are killed."""


def backoff(failures: int) -> float:
    """Seconds before the next start after so many failures in a row: 0.5, 1, 2, … 30."""
    return min(30.0, 0.5 * 2.0 ** min(failures - 1, 10)) if failures > 0 else 0.0


Say = Callable[[str], None]


@dataclass(slots=True)
class Child:
    """One program: its process, and how it has fared."""

    program: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    restarts: int = 0
    again: float = 0.0
    """Monotonic time of the next start, when it is not running."""
    beat: float = 0.0
    beaten: float = 0.0
    """Its last heartbeat as it told it, and when that was noticed here (monotonic: clocks get set)."""


@dataclass(slots=True)
class Box:
    """The running whole, as `run` tells it to `on_tick`."""

    config: Config
    store: Store
    children: Sequence[Child]
    first_frame: float | None = None
    errors: deque[str] = field(default_factory=lambda: deque(maxlen=200))
    ticked: float | None = None
    """When the supervisor last looked, by its monotonic clock."""
    troubles: dict[str, str] = field(default_factory=dict)
    """Program → what it last complained of, so that each complaint is told once."""

    def health(self) -> Mapping[str, Health]:
        """Each program's last heartbeat."""
        return {h.program: h for h in self.store.health.all()}

    def restarts(self) -> dict[str, int]:
        return {child.program: child.restarts for child in self.children}


def run(
    config: Config,
    clock: Clock,
    stop: threading.Event,
    say: Say,
    on_tick: Callable[[Box], None] = lambda box: None,
) -> Box:
    """Run the box until `stop` is set; `on_tick` is called about five times a second.

    Raises StoreBusy when another reverie has the data folder, ServeError when the port is taken, StoreError
    when the folder cannot be used: what would only fail again and again is told at once. Returns the box,
    its store still open for a report; the caller closes it.
    """
    lock = lock_folder(config.store)
    # A free port is chosen once: a serve that is restarted must be where the screens look for it.
    port = free_port(config.serve)
    config = config.model_copy(update={"serve": config.serve.model_copy(update={"port": port})})
    store = open_store(config.store, clock)
    box = Box(config, store, [Child(program) for program in config.programs])
    _, snapshot = settings.snapshot(config)
    try:
        while not stop.is_set():
            _forgive_pause(box, clock)
            for child in box.children:
                _tend(box, child, snapshot, clock, say)
            _note_first_frame(box, clock)
            _tell_troubles(box, say)
            on_tick(box)
            clock.wait(stop, 0.2)
    finally:
        leave(box.children, clock, stop)
        lock.close()
    return box


def free_port(serve: settings.Serve) -> int:
    """The port that can be had (a free one for 0). Raises ServeError before anything is started."""
    import socket

    family = socket.AF_INET6 if ":" in serve.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((serve.host, serve.port))
            return int(probe.getsockname()[1])
        except OSError as error:
            raise ServeError(
                f"{serve.host}:{serve.port} cannot be served: {error.strerror or error}. Is another reverie "
                "running? Choose another port with `--port N` or `serve.port` (0 takes a free one)."
            ) from error


def _tend(box: Box, child: Child, snapshot: bytes, clock: Clock, say: Say) -> None:
    """Start, restart, or see that it is alive."""
    now = clock.monotonic()
    if child.process is None:
        if now >= child.again:
            child.process = _start(child.program, snapshot, say)
            child.started = now
        return
    code = child.process.poll()
    if code is None:
        if _hung(box, child, clock):
            say(f"{child.program} has said nothing for {SILENT:.0f} s: restarting it")
            child.process.kill()
        return
    child.failures = 1 if now - child.started > STEADY else child.failures + 1
    child.restarts += 1
    child.again = now + backoff(child.failures)
    child.process = None
    how = f"signal {-code}" if code < 0 else f"exit {code}"
    box.errors.append(f"{child.program} ended ({how})")
    say(f"{child.program} ended ({how}); again in {backoff(child.failures):.1f} s")


def _hung(box: Box, child: Child, clock: Clock) -> bool:
    """Whether it has said nothing new for too long."""
    now = clock.monotonic()
    health = box.health().get(child.program)
    if health is not None and child.process is not None and health.pid == child.process.pid:
        if health.time != child.beat:
            child.beat, child.beaten = health.time, now
        return now - max(child.beaten, child.started) > SILENT
    return now - child.started > STARTING


def _start(program: str, snapshot: bytes, say: Say) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        # -P: a module of the folder it was started in must not take the place of an installed one.
        [sys.executable, "-P", "-m", "reverie", "program", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # Its own group: Ctrl-C reaches the supervisor alone, which ends the children in order.
        process_group=0,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):  # it died at once; the next look will tell
        process.stdin.write(snapshot + b"\n")
        process.stdin.flush()
    threading.Thread(target=_relay, args=(program, process.stdout, say), daemon=True).start()
    return process


def _relay(program: str, stream: IO[bytes], say: Say) -> None:
    with stream:
        for line in stream:
            say(settings.mask(f"{program}: {line.decode(errors='replace').rstrip()}"))


def leave(children: Sequence[Child], clock: Clock, stop: threading.Event) -> None:
    """End every child: asked first, killed after LEAVING seconds. Returns within about 2.5 s."""
    running = [child.process for child in children if child.process is not None]
    for process in running:
        process.terminate()
    until = clock.monotonic() + LEAVING
    for process in running:
        try:
            process.wait(max(0.05, until - clock.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(1)
        finally:
            if process.stdin is not None:
                process.stdin.close()


def _forgive_pause(box: Box, clock: Clock) -> None:
    """Where the supervisor itself was held (a paused machine), its children were too: they get time."""
    now = clock.monotonic()
    if box.ticked is not None and now - box.ticked > PAUSED:
        for child in box.children:
            child.beaten = now
    box.ticked = now


def _tell_troubles(box: Box, say: Say) -> None:
    """Say what a program complains of when it begins, and when it is over."""
    for child in box.children:
        health = box.health().get(child.program)
        if health is None or child.process is None or health.pid != child.process.pid:
            continue
        trouble = health.detail if health.state in ("failing", "waiting") else ""
        if trouble != box.troubles.get(child.program, ""):
            say(f"{child.program}: {trouble}" if trouble else f"{child.program}: all well again")
            box.troubles[child.program] = trouble


def _note_first_frame(box: Box, clock: Clock) -> None:
    if box.first_frame is not None:
        return
    watch = box.health().get("watch")
    child = next(c for c in box.children if c.program == "watch")
    fresh = watch is not None and child.process is not None and watch.pid == child.process.pid
    if watch is not None and fresh and watch.stats.get("frames", 0) > 0:
        box.first_frame = clock.now()


def status_line(box: Box) -> str:
    """All of the box in one line: each program in a word, what is on the screen, what waits."""
    health = box.health()
    words = []
    for child in box.children:
        said = health.get(child.program)
        mine = said is not None and child.process is not None and said.pid == child.process.pid
        word = "starting" if not mine or said is None else said.state
        if child.process is None:
            word = "restarting"
        detail = f" ({said.detail})" if mine and said is not None and said.detail else ""
        words.append(f"{child.program} {word}{detail}")
    try:
        plays = box.store.plays.on_screen()
        jobs = box.store.jobs.counts()
    except StoreError as error:
        return f"{' · '.join(words)} · {error}"
    shown = plays[0].cause or str(plays[0].rung) if plays else "nothing"
    return f"{' · '.join(words)} · on screen: {shown} · waiting: {jobs.get('waiting', 0)}"


def report(box: Box, seconds: float, began: float) -> dict[str, Any]:
    """What this run measured, as `--report` writes it. All of it comes from the run's own records."""
    watch = box.health().get("watch")
    stats: Mapping[str, Any] = watch.stats if watch is not None else {}
    plays = sorted((p for p in box.store.plays.recent(10_000) if p.started >= began), key=lambda p: p.started)
    opened = {m.id: m.opened for m in box.store.moments.recent(10_000) if m.opened >= began}
    outcomes: dict[str, int] = {}
    for job in box.store.jobs.recent(10_000):
        if job.created >= began:
            outcomes[job.status] = outcomes.get(job.status, 0) + 1
    frames = int(stats.get("frames", 0))
    return {
        "frames": frames,
        "seconds": round(seconds, 2),
        "fps": round(frames / seconds, 2) if seconds > 0 else 0.0,
        "events": dict(stats.get("events", {})),
        "moments": len(opened),
        "jobs": outcomes,
        "clips": sum(1 for clip in box.store.clips.recent(10_000) if clip.made >= began),
        "plays": [_play(p) for p in plays],
        "latency_s": {
            "camera_to_event": stats.get("camera_to_event", {"p50": None, "p95": None}),
            "event_to_play": _by_rung(plays, opened),
        },
        "skipped_frames": int(stats.get("skipped", 0)),
        "restarts": box.restarts(),
        "errors": [*box.errors, *stats.get("errors", [])],
    }


def _play(play: Play) -> dict[str, Any]:
    waited = round(play.started - play.seen, 4) if play.moment else None
    return {"key": play.key, "rung": play.rung, "cause": play.cause, "seen_to_play_s": waited}


def _by_rung(plays: Sequence[Play], opened: Mapping[str, float]) -> dict[str, dict[str, float | None]]:
    """From the committed moment to its first play, by the rung of that play; `plays` oldest first."""
    answered: set[str] = set()
    rungs: dict[str, list[float]] = {}
    for play in plays:
        if play.moment in opened and play.moment not in answered:
            answered.add(play.moment)
            rungs.setdefault(play.rung, []).append(play.started - opened[play.moment])
    return {rung: percentiles(waits) for rung, waits in rungs.items()}
