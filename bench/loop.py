"""Camera to event while a storyboard renders, beside the naive loop; and what rendering costs the watching.

python bench/loop.py [--minutes 10] [--yolo FILE.onnx] [--json FILE]

The camera is the demo footage, played at 25 frames a second. A generator works without pause: a new story is
always waiting. The naive loop puts each frame in a queue, detects in every one and draws every one, as the
common examples do; with `--yolo` it uses that YOLOv8 file (FACTS: the field's default is YOLOv8s at 640).
"""

from __future__ import annotations

import argparse
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import av
from table import Row, percentile, show, write

from reverie import config
from reverie.assets import asset
from reverie.clock import SystemClock
from reverie.store import Store, open_store
from reverie.values import Brief, Command, Frame, Priority, Shot
from reverie.vision.camera import read_frames
from reverie.vision.detector import load_detector
from reverie.vision.plot import plot
from reverie.wishes import make_moment

FPS = 25
WARM = 8.0
"""Seconds that are not counted: models load, the first story starts."""


def footage(folder: Path) -> Path:
    """The demo footage at 25 frames a second."""
    path = folder / "camera.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for frame in read_frames(str(asset("demo.mp4"))):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame.image, "rgb24")))
        out.mux(stream.encode())
    return path


@contextmanager
def program(name: str, snapshot: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One program of the box, as the supervisor starts it."""
    child = subprocess.Popen(
        [sys.executable, "-m", "reverie", "program", name, str(snapshot)], stdin=subprocess.PIPE
    )
    try:
        yield child
    finally:
        child.terminate()
        child.wait(60)


class Busy:
    """Keeps a generator at work: there is always one more story that nobody has made yet."""

    def __init__(self, settings: config.Config, store: Store) -> None:
        self._settings, self._store = settings, store
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._feed, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _feed(self) -> None:
        clock, told = SystemClock(), 0
        while not self._stop.wait(0.1):
            if self._store.jobs.counts().get("waiting", 0) >= 2:
                continue
            told += 1
            shot = Shot("child", "dance", None, "park", "cheerful", f"A child dances, {time.time_ns()}", 4.0)
            brief = Brief(f"bench/{told}", (shot,), "playful", "en")
            now = clock.now()
            _, jobs = make_moment(self._settings, Command(now, brief.topic), brief, now, Priority.LIVE)
            for job in jobs:
                self._store.jobs.wish(replace(job, deadline=now + 60))


def naive(path: Path, model: str, seconds: float) -> Row:
    """Queue, detect, draw, every frame: the latency of what it has just finished."""
    detector = load_detector(config.Detector(model=model, threads=2))
    frames: queue.SimpleQueue[tuple[float, Frame]] = queue.SimpleQueue()
    stop = threading.Event()

    def capture() -> None:
        due = time.monotonic()
        while not stop.is_set():
            for frame in read_frames(str(path)):
                due += 1 / FPS
                if stop.wait(max(0.0, due - time.monotonic())):
                    return
                frames.put((time.monotonic(), frame))

    thread = threading.Thread(target=capture, daemon=True)
    thread.start()
    latencies: list[tuple[float, float]] = []
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        captured, frame = frames.get()
        plot(frame.image, detector.detect([frame])[0])
        latencies.append((time.monotonic() - began, time.monotonic() - captured))
    stop.set()
    thread.join()
    late = [latency for at, latency in latencies if at > seconds * 0.75]
    name = "embedded" if model == "embedded" else Path(model).name
    return {
        "what": f"naive loop, {name}, 25 fps",
        "seconds": round(seconds),
        "frames a second": len(latencies) / seconds,
        "p50 s": percentile([latency for _, latency in latencies], 50),
        "p95 s": percentile([latency for _, latency in latencies], 95),
        "p95 s, last quarter": percentile(late, 95),
    }


def ours(settings: config.Config, store: Store, snapshot: Path, minutes: float) -> Row:
    """The real `watch`: from the capture of the deciding frame to the committed moment."""
    with program("watch", snapshot):
        time.sleep(WARM)
        began = time.time()
        first = _watch(store)["detections"]
        time.sleep(minutes * 60)
        detections = _watch(store)["detections"] - first
    seconds = time.time() - began
    moments = [m for m in store.moments.recent(100_000) if m.opened >= began]
    told = [(m.opened - began, m.opened - m.seen) for m in moments if not isinstance(m.cause, Command)]
    late = [latency for at, latency in told if at > seconds * 0.75]
    return {
        "what": "reverie, embedded, 25 fps in",
        "seconds": round(seconds),
        "frames a second": detections / seconds,
        "events": len(told),
        "p50 s": percentile([latency for _, latency in told], 50),
        "p95 s": percentile([latency for _, latency in told], 95),
        "p95 s, last quarter": percentile(late, 95),
    }


def rates(settings: config.Config, store: Store, snapshot: Path, rounds: int = 3) -> list[Row]:
    """Detections a second with an idle generator and with a busy one, in turns."""
    idle: list[float] = []
    busy: list[float] = []
    with program("watch", snapshot), program("generate/storyboard", snapshot):
        time.sleep(WARM)
        for _ in range(rounds):
            idle.append(_rate(store))
            with Busy(settings, store):
                time.sleep(3)
                busy.append(_rate(store))
            time.sleep(3)
    return [
        {"what": "detections a second, generator idle", "frames a second": sum(idle) / rounds},
        {"what": "detections a second, storyboard rendering", "frames a second": sum(busy) / rounds},
        {"what": "rendering / idle", "frames a second": sum(busy) / sum(idle)},
    ]


def _rate(store: Store, seconds: float = 12.0) -> float:
    before, began = _watch(store), _beat(store)
    time.sleep(seconds)
    after, ended = _watch(store), _beat(store)
    return float((after["detections"] - before["detections"]) / (ended - began))


def _watch(store: Store) -> dict[str, int]:
    return next(dict(h.stats) for h in store.health.all() if h.program == "watch")


def _beat(store: Store) -> float:
    return next(h.time for h in store.health.all() if h.program == "watch")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=10)
    asked.add_argument("--yolo", help="a YOLOv8 .onnx file for the naive loop")
    asked.add_argument("--json", type=Path)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = footage(folder)
        settings = config.Config(
            cameras=(config.Camera(source=str(path)),),
            detector=config.Detector(rate=10, motion=0),
            events=config.Events(cooldown=0.5, grace=0.5),
            store=config.Store(folder=folder / "data"),
        )
        snapshot = folder / "config.json"
        snapshot.write_bytes(config.snapshot(settings)[1])
        store = open_store(settings.store, SystemClock())
        rows = rates(settings, store, snapshot)
        with program("generate/storyboard", snapshot), Busy(settings, store):
            time.sleep(WARM)
            rows.append(naive(path, "embedded", 30))
            if options.yolo:
                rows.append(naive(path, options.yolo, 30))
            rows.append(ours(settings, store, snapshot, options.minutes))
        store.close()
    show("Watching while imagining (2 cores)", rows)
    if options.json:
        write(options.json, "loop", rows)


if __name__ == "__main__":
    main()
