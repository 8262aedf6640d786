"""Network cameras that fail for as long as you like: how soon they are back, and whether memory stays flat.

python bench/rtsp.py [--minutes 30] [--json FILE]

Two real RTSP servers on loopback (GStreamer's; `tests/rtsp/ready.py` installs it). One is switched off and
on, slowed, silenced, frozen and made to send garbage, in turn; the other is left alone. The embedded
detector, the tracker and the rules look at both, as `watch` does, in this process.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import threading
from collections import defaultdict
from pathlib import Path

import numpy as np
import psutil
from table import Row, percentile, show, write

from reverie import config
from reverie.clock import SystemClock
from reverie.vision.camera import Camera, open_camera
from reverie.vision.detector import Detector, load_detector
from reverie.vision.lookout import Lookout

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "rtsp"))
from eye import Eye

HEALTHY, FAULTY = 4.0, 4.0
"""Seconds between two faults, and of each."""

WARM = 60.0
"""Seconds at the start that do not count for memory: libraries fill their pools."""

FAULTS = ("off", "slow", "garbage", "silent", "frozen")


class Watching(threading.Thread):
    """Looks at the cameras as `watch` does, until told to stop."""

    def __init__(self, cameras: list[Camera], detector: Detector) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self._cameras = cameras
        self._detector = detector

    def run(self) -> None:
        settings = config.Detector(rate=5)
        posts = [
            (camera, Lookout(config.Camera(name=str(i)), settings, config.Events()))
            for i, camera in enumerate(self._cameras)
        ]
        while not self.stop.wait(0.01):
            for camera, lookout in posts:
                frame = camera.newest(0)
                if frame is not None and lookout.wants(frame):
                    looks = lookout.needs_detection(frame)
                    lookout.take(frame, self._detector.detect([frame])[0] if looks else None)


def break_(eye: Eye, fault: str) -> None:
    match fault:
        case "off":
            eye.kill()
        case "frozen":
            eye.freeze()
        case _:
            eye.become(fault)


def mend(eye: Eye, fault: str) -> None:
    match fault:
        case "off":
            eye.start()
        case "frozen":
            eye.thaw()
        case _:
            eye.become("good")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    clock, me, idle = SystemClock(), psutil.Process(os.getpid()), threading.Event()
    eyes = [Eye(), Eye()]
    cameras = [
        open_camera(config.Camera(source=eye.url, stall=stall), clock)
        for eye, stall in zip(eyes, (3.0, 20.0), strict=True)
    ]
    watching = Watching(cameras, load_detector(config.Detector()))
    watching.start()
    back: dict[str, list[float]] = defaultdict(list)
    memory: list[tuple[float, float]] = []
    gaps: list[float] = []
    began = clock.monotonic()
    try:
        idle.wait(5)
        for fault in itertools.cycle(FAULTS):
            if clock.monotonic() - began >= arguments.minutes * 60:
                break
            whole = cameras[1].state().frames
            faulty_since = clock.monotonic()
            break_(eyes[0], fault)
            idle.wait(FAULTY)
            mend(eyes[0], fault)
            mended, before = clock.monotonic(), cameras[0].state()
            while True:
                now = cameras[0].state()
                if now.status == "running" and now.frames >= before.frames + 2:
                    break
                if clock.monotonic() - mended > 60:
                    raise SystemExit(f"not back within a minute of {fault}: {now}")
                idle.wait(0.01)
            back[fault].append(clock.monotonic() - mended)
            idle.wait(HEALTHY)
            seconds = clock.monotonic() - faulty_since
            gaps.append(1 - (cameras[1].state().frames - whole) / (10 * seconds))
            if clock.monotonic() - began > WARM:
                memory.append((clock.monotonic() - began, me.memory_info().rss / 2**20))
    finally:
        watching.stop.set()
        watching.join()
        for camera in cameras:
            camera.close()
        for eye in eyes:
            eye.kill()
    rows: list[Row] = [
        {
            "fault": fault,
            "times": len(times),
            "back p50 s": round(percentile(times, 50), 2),
            "back max s": round(max(times), 2),
            "target s": 2.0,
        }
        for fault, times in back.items()
    ]
    show("Seconds from the camera's return to its second picture", rows)
    soak: Row = {
        "minutes": round((clock.monotonic() - began) / 60, 1),
        "faults": sum(len(times) for times in back.values()),
        "other camera's pictures missed": f"{max(0.0, float(np.mean(gaps))):.1%}",
        "RSS MiB first": round(memory[0][1], 1) if memory else None,
        "RSS MiB last": round(memory[-1][1], 1) if memory else None,
        "slope MiB/h": _slope(memory),
    }
    show("Memory of the process that watches", [soak])
    if arguments.json is not None:
        write(arguments.json, "rtsp", [*rows, soak])


def _slope(memory: list[tuple[float, float]]) -> float | None:
    """Least squares over the second half, MiB an hour."""
    late = memory[len(memory) // 2 :]
    if len(late) < 3:
        return None
    times, sizes = np.array(late).T
    return round(float(np.polyfit(times / 3600, sizes, 1)[0]), 2)


if __name__ == "__main__":
    main()
