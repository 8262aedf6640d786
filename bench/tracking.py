"""Our tracker beside `trackers.ByteTrackTracker`: the same detections, at a film's rate, 1/2 and 1/4 of it.

python bench/tracking.py [--camera FILM] [--model YOLOV8.onnx] [--naive FOLDER] [--frames N] [--json FILE]

Film and model are those of bench/vision.py. The model only makes the reference (bench/truth.py): what is
tracked is of the embedded detector. `trackers` is installed as the head of bench/vision.py says.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from table import Row, show, write
from truth import Ids, identity, rate_of, reference, sides, views_of

from reverie import config
from reverie.values import Box, Detection
from reverie.vision.camera import read_frames
from reverie.vision.detector import load_detector
from reverie.vision.tracker import Tracker

BUILD = Path(__file__).parents[1] / "build"


def trackers(options: argparse.Namespace) -> list[Row]:
    """Our tracker beside `trackers.ByteTrackTracker`, on the same detections at three rates."""
    film, frames = options.camera, options.frames
    fps = rate_of(film)
    detector = load_detector(config.Detector(threads=2, engine="onnxruntime", classes=("person",)))
    seen = [detector.detect([frame])[0] for frame in itertools.islice(read_frames(film), frames)]
    truth = reference(views_of(film, len(seen), options.model), fps)
    told: list[Row] = []
    for step in (1, 2, 4):
        kept = range(0, len(seen), step)
        views = [seen[i] for i in kept]
        for name, follow in _followers(fps / step, options.naive):
            began = time.process_time()
            ids = list(follow(views, fps / step))
            spent = time.process_time() - began
            told.append(
                {
                    "what": name,
                    "looks a second": fps / step,
                    **identity([truth[i] for i in kept], ids),
                    "CPU ms a look": 1000 * spent / len(views),
                }
            )
    show(
        "Trackers on the same detections (embedded, people)",
        told,
        note="held: of the reference's boxes, those that carry their person's most used id; switches: times "
        "that a person had another id than before. ByteTrackTracker at .35 / .3: its defaults are too high "
        "for this detector.",
    )
    return told


def _followers(
    rate: float, folder: Path | None
) -> Iterator[tuple[str, Callable[[list[list[Detection]], float], Iterator[Ids]]]]:
    yield "reverie", _own
    if folder is not None and str(folder) not in sys.path:
        sys.path.append(str(folder))
    try:
        module = importlib.import_module("trackers")
    except ImportError as error:
        print(f"not run: trackers.ByteTrackTracker: {error}; see the head of bench/vision.py")
        return
    supervision = importlib.import_module("supervision")

    def byte_track(views: list[list[Detection]], rate: float) -> Iterator[Ids]:
        tracker = module.ByteTrackTracker(
            frame_rate=rate, track_activation_threshold=0.35, high_conf_det_threshold=0.3
        )
        for view in views:
            boxes = np.array([sides(d.box) for d in view], np.float32).reshape(-1, 4) * 1000
            given = supervision.Detections(
                xyxy=boxes,
                confidence=np.array([d.score for d in view], np.float32),
                class_id=np.zeros(len(view), int),
            )
            tracked = tracker.update(given)
            ids = tracked.tracker_id if tracked.tracker_id is not None else []
            yield [
                (int(i), Box(*(float(v) / 1000 for v in row)))
                for i, row in zip(ids, tracked.xyxy, strict=True)
                if i >= 0
            ]

    yield "trackers.ByteTrackTracker", byte_track


def _own(views: list[list[Detection]], rate: float) -> Iterator[Ids]:
    tracker = Tracker()
    for index, view in enumerate(views):
        yield [(track.id, track.box) for track in tracker.update(view, index / rate)]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    film, model, beside = (BUILD / name for name in ("vtest.avi", "borrowed/fall.onnx", "naive"))
    asked.add_argument("--camera", default=str(film) if film.exists() else "demo")
    asked.add_argument("--model", default=str(model) if model.exists() else None)
    asked.add_argument("--naive", type=Path, default=beside)
    asked.add_argument("--frames", type=int, default=100_000)
    asked.add_argument("--json", type=Path)
    options = asked.parse_args()
    rows = trackers(options)
    if options.json:
        write(options.json, "tracking", rows)


if __name__ == "__main__":
    main()
