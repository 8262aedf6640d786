"""Perception: what a frame costs from the file to its drawn tracks, beside the naive ultralytics loop.

python bench/vision.py [--camera FILM] [--model YOLOV8.onnx] [--naive FOLDER] [--frames N]
                       [--only speed|cameras] [--json FILE]

The film is `vtest.avi` where `make film` has put it, the model the borrowed YOLOv8s of `make model`. All rows
run in turns, a block of frames each, in this one process; each decodes the film itself, tracks, and draws
what it found, as the naive loop does. INT8 files are made of the first half of the film (minutes, kept in
build/) and calculate in bf16 what is not INT8; people are judged by the second half alone, against a
reference that bench/truth.py makes.

The naive loop needs `ultralytics`, and torch with it, on which reverie does not depend. Put it beside:

    pip install --target build/naive --no-deps ultralytics torchvision lap matplotlib polars \\
        polars-runtime-32 contourpy cycler kiwisolver pyparsing python-dateutil six requests
    pip install --target build/naive --no-deps trackers supervision scipy defusedxml pydeprecate
    python bench/vision.py                             (torch is the extra [wan]'s, or install it there too)
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import os
import sys
import tempfile
import time
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import psutil
from loop import WARM, Busy, program
from table import Row, percentile, show, write
from truth import (
    NAIVE_CONF,
    Boxes,
    People,
    judged,
    persons,
    rate_of,
    recall_of_near,
    reference,
    views_of,
)

from reverie import config
from reverie.clock import SystemClock
from reverie.errors import DetectorError
from reverie.store import Store, open_store
from reverie.values import Box
from reverie.vision.camera import read_frames
from reverie.vision.detector import load_detector
from reverie.vision.laps import run_laps
from reverie.vision.lookout import Lookout
from reverie.vision.model import installed
from reverie.vision.plot import plot
from reverie.vision.quantize import quantize

BLOCK = 25
"""Frames of one row before it is the next one's turn."""


NAIVE = "naive: ultralytics, ONNX, track + plot"

BUILD = Path(__file__).parents[1] / "build"

PICTURES = 300
"""Pictures that an INT8 file is calibrated on, at most."""


@dataclass(slots=True)
class Loop:
    """One row: `steps` decodes, detects, tracks and draws, and yields what it found in each frame."""

    name: str
    steps: Iterator[tuple[Boxes, float]]
    seconds: float = 0.0
    cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)
    found: list[Boxes] = field(default_factory=list)

    def run(self, count: int) -> None:
        """Its next `count` frames. A latency is from the decoded frame to the drawn one."""
        began, spent = time.perf_counter(), time.process_time()
        for boxes, latency in itertools.islice(self.steps, count):
            self.found.append(boxes)
            self.latencies.append(latency)
        self.seconds += time.perf_counter() - began
        self.cpu += time.process_time() - spent


# ------------------------------------------------------------------------------------------- the rows


def ours(film: str, settings: config.Detector) -> Iterator[tuple[Boxes, float]]:
    """reverie's own loop, as `watch` and `replay` run it, with every frame drawn."""
    detector = load_detector(settings)
    wanted = persons(detector)
    lookout = Lookout(config.Camera(), settings, config.Events())
    for lap in run_laps(read_frames(film), detector, lookout, time.perf_counter):
        began = time.perf_counter()
        plot(lap.frame.image, lap.sight.tracks)
        boxes = [track.box for track in lap.sight.tracks if track.label in wanted]
        yield boxes, lap.latency + time.perf_counter() - began


def naive(film: str, model: str, folder: Path | None) -> Iterator[tuple[Boxes, float]]:
    """The loop of the common examples: read, `track`, `plot`."""
    yolo = _ultralytics(folder)(model, task="detect")
    capture = cv2.VideoCapture(film)
    while True:
        there, image = capture.read()
        if not there:
            return
        began = time.perf_counter()
        result = yolo.track(image, persist=True, verbose=False)[0]
        result.plot()
        latency = time.perf_counter() - began
        yield [Box(*map(float, row)) for row in result.boxes.xyxyn.tolist()], latency


def _ultralytics(folder: Path | None) -> Any:
    """ultralytics' YOLO class. Raises ImportError when it cannot be had."""
    os.environ |= {
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "YOLO_CONFIG_DIR": tempfile.gettempdir(),
    }
    if folder is not None and folder.is_dir():
        sys.path.append(str(folder))
    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError):
        # torchvision's usual build wants CUDA's libraries. ultralytics uses nothing of it here but `nms`, and
        # has the same in torch, which it takes where torchvision is not imported (0.2 ms of its 160).
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        stand_in = types.ModuleType("torchvision")
        sys.modules["torchvision"] = stand_in
        ultralytics = importlib.import_module("ultralytics")
        nms = importlib.import_module("ultralytics.utils.nms").TorchNMS.nms
        stand_in.ops = types.SimpleNamespace(nms=nms)  # type: ignore[attr-defined]
        return ultralytics.YOLO
    return importlib.import_module("ultralytics").YOLO


def loops(options: argparse.Namespace) -> tuple[list[Loop], list[str]]:
    """Every row that can be run here, and why the others cannot."""
    found: list[Loop] = []
    missing: list[str] = []

    def row(name: str, **asked: Any) -> None:
        settings = config.Detector(**{"threads": 2, "engine": "onnxruntime", **asked})
        if settings.engine == "openvino" and not installed("openvino"):
            missing.append(f"{name}: needs the extra [fast]")
        else:
            found.append(Loop(name, ours(options.camera, settings)))

    def eights(name: str, model: str, most: int, **asked: Any) -> None:
        path = int8(options, model, missing)
        for every in range(1, most + 1 if path else 0):
            here = {"engine": "openvino", "precision": "bf16", "model": path, "cadence": every}
            row(f"{name}, OpenVINO INT8{_nth(every)}", **here, **asked)

    if options.model:
        found.append(Loop(NAIVE, naive(options.camera, options.model, options.naive)))
        weights = {"model": options.model, "conf": NAIVE_CONF}
        row("same file, ONNX Runtime f32", **weights)
        row("same file, OpenVINO f32", engine="openvino", precision="f32", **weights)
        for every in (1, 2, 3):
            name = f"same file, OpenVINO bf16{_nth(every)}"
            row(name, engine="openvino", precision="bf16", cadence=every, **weights)
        eights("same weights", options.model, 3, conf=NAIVE_CONF)
    else:
        missing.append("the naive loop and all YOLOv8 rows: need --model FILE.onnx, or `make model`")
    row("embedded, ONNX Runtime, 1 thread", threads=1)
    row("embedded, ONNX Runtime")
    row("embedded, OpenVINO f32", engine="openvino", precision="f32")
    for every in (1, 2, 3):
        name = f"embedded, OpenVINO bf16{_nth(every)}"
        row(name, engine="openvino", precision="bf16", cadence=every)
    eights("embedded", "embedded", 2)
    return found, missing


def int8(options: argparse.Namespace, model: str, missing: list[str]) -> str:
    """The INT8 file of a model, made of the first part of the film unless it is here; "": cannot be."""
    count = round(options.judge * min(options.frames, sum(1 for _ in read_frames(options.camera))))
    step = max(1, count // PICTURES)
    path = BUILD / f"{Path(model).stem}-int8-{count // step}.onnx"
    if not path.exists():
        frames = itertools.islice(read_frames(options.camera), 0, count, step)
        print(f"making {path} of {count // step} pictures; this takes minutes", flush=True)
        try:
            quantize(config.Detector(model=model, threads=2), frames, path)
        except DetectorError as error:
            missing.append(f"INT8 rows of {Path(model).name}: {error}")
            return ""
    return str(path)


def _nth(every: int) -> str:
    return (
        "" if every == 1 else f", every {every}{'nd' if every == 2 else 'rd' if every == 3 else 'th'} frame"
    )


# ------------------------------------------------------------------------------------ speed and recall


def speed(options: argparse.Namespace) -> list[Row]:
    """All rows in turns, with their recall."""
    fps = rate_of(options.camera)
    rows, missing = loops(options)
    for loop in [*rows]:
        try:
            loop.run(1)  # load; the first frame is not timed
        except ImportError as error:
            rows.remove(loop)
            missing.append(f"{loop.name}: {error}; see the head of bench/vision.py")
            continue
        except DetectorError as error:
            rows.remove(loop)
            missing.append(f"{loop.name}: {error}")
            continue
        loop.seconds = loop.cpu = 0.0
        loop.latencies.clear()
    done = 1
    while done < options.frames and any(len(loop.found) == done for loop in rows):
        count = min(BLOCK, options.frames - done)
        for loop in rows:
            loop.run(count)
        done += count
    frames = min(len(loop.found) for loop in rows)
    views = views_of(options.camera, frames, options.model)
    truth = reference(views, fps)
    first = round(options.judge * frames)
    base = next((loop for loop in rows if loop.name == NAIVE), None)
    bare = "bare detections, no tracker: "
    told: list[Row] = [{"what": bare + "embedded", **_judged(views[-1], truth, first)}]
    if options.model:
        told.insert(0, {"what": bare + "the YOLOv8 file at .25", **_judged(views[0], truth, first)})
    told += [_row(loop, base, truth, first, fps) for loop in rows]
    show(
        f"Perception: {frames} frames of {Path(options.camera).name}, in turns, in one process",
        told,
        note="\n".join(
            [
                f"People in the reference: {sum(map(len, truth[first:]))} boxes from frame {first} on. "
                "x naive: frames a second. near: recall .3 of people an eighth of the picture high or more. "
                "CPU ms: for a second of film.",
                *(f"not run: {line}" for line in missing),
            ]
        ),
    )
    return told


def _row(loop: Loop, base: Loop | None, truth: list[People], first: int, fps: float) -> Row:
    count = len(loop.latencies)
    return {
        "what": loop.name,
        "ms a frame": 1000 * loop.seconds / count,
        "fps": count / loop.seconds,
        "x naive": base.seconds / loop.seconds if base else None,
        "p95 ms": 1000 * percentile(loop.latencies, 95),
        "CPU ms": 1000 * loop.cpu / count * fps,
        **_judged(loop.found, truth, first),
    }


def _judged(found: list[Boxes], truth: list[People], first: int) -> dict[str, float]:
    recall, precision = judged(truth, found, first, 0.3)
    return {
        "recall .3": recall,
        "near": recall_of_near(truth, found, first, 0.3),
        "recall .5": judged(truth, found, first, 0.5)[0],
        "precision .3": precision,
    }


# ---------------------------------------------------------------------------- cameras beside a storyboard


def cameras(options: argparse.Namespace) -> list[Row]:
    """Four cameras at five detections a second each, embedded, while a storyboard renders without pause."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = config.Config(
            cameras=tuple(
                config.Camera(name=f"camera {i + 1}", source=str(Path(options.camera).resolve()))
                for i in range(4)
            ),
            detector=config.Detector(rate=5, motion=0, cadence=1, engine=options.engine),
            store=config.Store(folder=folder / "data"),
        )
        snapshot = folder / "config.json"
        snapshot.write_bytes(config.snapshot(settings)[1])
        store = open_store(settings.store, SystemClock())
        with (
            program("watch", snapshot) as watch,
            program("generate/storyboard", snapshot),
            Busy(settings, store),
        ):
            time.sleep(WARM + 4)
            before, spent = _health(store), _cpu(watch.pid)
            time.sleep(options.seconds)
            after, used = _health(store), _cpu(watch.pid)
        films = len(store.clips.recent(100_000))
        store.close()
    seconds = after[0] - before[0]
    told: list[Row] = []
    for name, now in after[1]["cameras"].items():
        then = before[1]["cameras"][name]
        told.append(
            {
                "what": name,
                "frames in / s": (now["frames"] - then["frames"]) / seconds,
                "detections / s": (now["detections"] - then["detections"]) / seconds,
            }
        )
    told.append(
        {
            "what": "all",
            "detections / s": (after[1]["detections"] - before[1]["detections"]) / seconds,
            "ms a detection": after[1]["detection_ms"],
            "look p95 s": after[1]["camera_to_tracks"]["p95"],
            "watch, cores": (used - spent) / seconds,
        }
    )
    show(
        f"Four cameras, embedded, {options.engine}, a storyboard rendering: {seconds:.0f} s",
        told,
        note=f"{films} storyboards were made meanwhile. look p95: from capture to tracks and events.",
    )
    return told


def _health(store: Store) -> tuple[float, dict[str, Any]]:
    """When `watch` last said how it is, and what it said."""
    return next((h.time, dict(h.stats)) for h in store.health.all() if h.program == "watch")


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    film, model, beside = (BUILD / name for name in ("vtest.avi", "borrowed/fall.onnx", "naive"))
    asked.add_argument("--camera", default=str(film) if film.exists() else "demo")
    asked.add_argument("--model", default=str(model) if model.exists() else None)
    asked.add_argument("--naive", type=Path, default=beside, help="where ultralytics is, if not here")
    asked.add_argument("--frames", type=int, default=100_000, help="at most")
    asked.add_argument("--judge", type=float, default=0.5, help="where recall begins to count, as a share")
    asked.add_argument("--only", choices=("speed", "cameras"))
    asked.add_argument("--engine", default="onnxruntime", help="of the four cameras")
    asked.add_argument("--seconds", type=float, default=60, help="of the four cameras")
    asked.add_argument("--json", type=Path)
    options = asked.parse_args()
    rows = [] if options.only == "cameras" else speed(options)
    if options.only != "speed":
        rows += cameras(options)
    if options.json:
        write(options.json, "vision", rows)


if __name__ == "__main__":
    main()
