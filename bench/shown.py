"""What is held up to the camera: taught products by distance, angle and blur; false names; the 80 classes.

python bench/shown.py [--film FILE] [--quick] [--json FILE]

Packages are drawn and photographed in code (tests/vision/packages.py): no shop's shelf, so read the rows
against each other. `--film`: footage in which nothing is shown (`make film` puts one where it is found):
every name in it is a false one, as is every one in the demo footage.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image as Pillow
from table import Row, median, percentile, show, write

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "vision"))
import packages

from reverie import config
from reverie.assets import asset
from reverie.values import Detection, Frame, Image
from reverie.vision.camera import read_frames
from reverie.vision.coco import COCO
from reverie.vision.detector import Detector, load_detector
from reverie.vision.lookout import Lookout
from reverie.vision.recogniser import Memory, Recogniser, load_memory

CONDITIONS: Mapping[str, Mapping[str, float]] = {
    "a fifth of the picture high": {"height": 0.2},
    "a quarter": {"height": 0.25},
    "a third": {"height": 0.35},
    "half (all below too)": {"height": 0.5},
    "four fifths": {"height": 0.8},
    "turned 30°": {"yaw": 30},
    "turned 45°": {"yaw": 45},
    "turned 60°": {"yaw": 60},
    "tipped 40°": {"pitch": 40},
    "on its side": {"roll": 90},
    "smeared over 4 px": {"blur": 4},
    "smeared over 8 px": {"blur": 8},
    "smeared over 12 px": {"blur": 12},
    "a fifth behind fingers": {"hidden": 0.2},
    "a third behind fingers": {"hidden": 0.33},
    "dim, noisy": {"light": 0.4, "noise": 7},
    "0.4 high, turned 30°, tilted, smeared": {
        "height": 0.4,
        "yaw": 30,
        "roll": 15,
        "blur": 4,
        "hidden": 0.15,
    },
}

FILM = Path(__file__).parents[1] / "build" / "vtest.avi"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--film", type=Path, default=FILM if FILM.exists() else None)
    parser.add_argument("--quick", action="store_true", help="a quarter of everything")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    count = 6 if asked.quick else 24
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        fronts = {f"product {i}": packages.package(i) for i in range(count)}
        memory = taught(Path(folder) / "taught", fronts)
        rows += [shown_row(name, memory, fronts, how) for name, how in CONDITIONS.items()]
        rows += [coded_row(Path(folder) / "coded", count)]
        show(f"{count} taught products, 3 photos each, held up at 640x480, one look", rows)
        alike = [
            alike_row("another colour and word", Path(folder) / "colours", count, recoloured=True),
            alike_row("another word only", Path(folder) / "words", count, recoloured=False),
            plain_row(Path(folder) / "plain", count),
        ]
        show("what looks alike, both taught", alike)
        false = list(false_rows(memory, count, asked.film))
        show("false names", false)
        classes = list(class_rows(count_of=4 if asked.quick else 8))
        show("the 80 classes as printed pictures, held up for 2 s, embedded detector", classes)
    if asked.json:
        write(asked.json, "shown", [*rows, *alike, *false, *classes])


def taught(folder: Path, fronts: Mapping[str, Image], photos: int = 3) -> Memory:
    """The memory of an operator who took photos of these packages."""
    for index, (label, front) in enumerate(fronts.items()):
        (folder / label).mkdir(parents=True)
        for number, photo in enumerate(packages.photos(front, 50 + index, photos, side=800)):
            Pillow.fromarray(photo).save(folder / label / f"{number}.jpg", quality=92)
    return load_memory(folder, tell=lambda told: None)


def looks(
    memory: Memory, fronts: Sequence[Image], how: Mapping[str, float], seed: int
) -> list[tuple[list[str], float]]:
    """What is named in one look at each package, and how many milliseconds that took."""
    r = np.random.default_rng(seed)
    found = []
    for index, front in enumerate(fronts):
        recogniser = Recogniser(memory, config.Events())
        behind = packages.ground(1000 * seed + index)
        recogniser.update(Frame(behind, 0, 0.0), [])
        image = packages.held_up(front, behind, r, **how)  # type: ignore[arg-type]
        began = time.process_time()
        named = recogniser.update(Frame(image, 1, 1.0), [])
        found.append(([d.label for d in named], 1000 * (time.process_time() - began)))
    return found


def shown_row(name: str, memory: Memory, fronts: Mapping[str, Image], how: Mapping[str, float]) -> Row:
    found = looks(memory, list(fronts.values()), how, seed=1)
    return verdict(name, list(fronts), found)


def verdict(name: str, labels: Sequence[str], found: Sequence[tuple[list[str], float]]) -> Row:
    right = sum(label in named for label, (named, _) in zip(labels, found, strict=True))
    wrong = sum(any(n != label for n in named) for label, (named, _) in zip(labels, found, strict=True))
    ms = [took for _, took in found]
    return {
        "held up": name,
        "right": right,
        "of": len(labels),
        "wrong": wrong,
        "CPU ms p50": median(ms),
        "CPU ms p95": percentile(ms, 95),
    }


def coded_row(folder: Path, count: int) -> Row:
    """Products known by their QR code alone, the code 0.2 of the picture high."""
    fronts = {}
    for i in range(count):
        (folder / f"coded {i}").mkdir(parents=True)
        (folder / f"coded {i}" / "product.yaml").write_text(f"codes: ['https://example.com/{i}']\n")
        fronts[f"coded {i}"] = packages.with_code(packages.package(i), f"https://example.com/{i}")
    memory = load_memory(folder)
    return verdict(
        "QR code, a fifth of the picture",
        list(fronts),
        looks(memory, list(fronts.values()), {"height": 0.7, "hidden": 0}, 2),
    )


def alike_row(name: str, folder: Path, count: int, recoloured: bool) -> Row:
    half = count // 2
    fronts = {
        f"product {i} {'ab'[flavour]}": packages.package(i, flavour, recoloured)
        for i in range(half)
        for flavour in (0, 1)
    }
    memory = taught(folder, fronts)
    return verdict(name, list(fronts), looks(memory, list(fronts.values()), {}, 3))


def plain_row(folder: Path, count: int) -> Row:
    fronts = {f"plain {i}": packages.plain(i) for i in range(count)}
    return verdict(
        "nothing printed on it", list(fronts), looks(taught(folder, fronts), list(fronts.values()), {}, 4)
    )


def false_rows(memory: Memory, count: int, film: Path | None) -> Iterator[Row]:
    """Names where there is nothing that was taught."""
    untaught = [packages.package(10_000 + i) for i in range(2 * count)]
    yield falsity("untaught packages, a word in common", [bool(n) for n, _ in looks(memory, untaught, {}, 5)])
    flavours = [packages.package(i, 1) for i in range(count)]
    yield falsity("untaught flavours, another colour", [bool(n) for n, _ in looks(memory, flavours, {}, 6)])
    words = [packages.package(i, 1, recoloured=False) for i in range(count)]
    yield falsity("untaught flavours, another word only", [bool(n) for n, _ in looks(memory, words, {}, 7)])
    album = memory.album
    grounds = [packages.ground(50_000 + i) for i in range(2 * count)]
    yield falsity("empty rooms, shelves, brickwork, gravel", [bool(album.find(g)) for g in grounds])
    for name, path in (("the demo footage", asset("demo.mp4")), ("the film", film)):
        if path is not None:
            yield falsity(
                name, [bool(album.find(f.image)) for f in read_frames(str(path)) if f.index % 5 == 0]
            )


def falsity(name: str, named: Sequence[bool]) -> Row:
    return {"no taught product in": name, "looks": len(named), "named": sum(named)}


def class_rows(count_of: int) -> Iterator[Row]:
    """What the detector and the rules make of each class, printed on a card and held up."""
    detector = load_detector(config.Detector(threads=1))
    drawn = packages.class_cards(COCO)
    for label in COCO:
        if label in drawn and label != "person":
            yield class_row(detector, label, drawn[label], count_of)


def class_row(detector: Detector, label: str, front: Image, count_of: int) -> Row:
    r = np.random.default_rng(COCO.index(label))
    tops: Counter[str] = Counter()
    stories: Counter[str] = Counter()
    for behind in (packages.ground(0), packages.ground(1)):
        lookout = Lookout(config.Camera(), config.Detector(cadence=1, motion=0), config.Events())
        for index in range(count_of):
            image = packages.held_up(
                front, behind, r, height=0.62, yaw=r.normal(0, 6), roll=r.normal(0, 4), hidden=0.06
            )
            frame = Frame(image, index, index * 2.0 / count_of)
            found = detector.detect([frame])[0]
            tops[best_of(found)] += 1
            stories.update(e.label for e in lookout.take(frame, found).events if e.kind == "shown")
    wrong = {name: n for name, n in stories.items() if name != label}
    return {
        "class": label,
        "named right": tops[label] / sum(tops.values()),
        "else": ", ".join(f"{n} {c}" for n, c in tops.most_common(3) if n != label),
        "story": stories[label],
        "false stories": ", ".join(wrong) or "",
    }


def best_of(found: Sequence[Detection]) -> str:
    things: list[Any] = [d for d in found if d.label != "person"]
    return things[0].label if things else "nothing"


if __name__ == "__main__":
    main()
