"""Recorded detections of vtest.avi, played to a lookout: for tests, benches and tools.

The recording holds what the embedded detector saw in each of the 795 frames, ten a second: boxes and scores,
no pixels. `tools/make_recording.py` makes it.
"""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from reverie import config
from reverie.cli.replay import event_line
from reverie.values import Box, Detection, Event, Frame
from reverie.vision.lookout import Lookout

HERE = Path(__file__).parent
RULES, GOLDEN = HERE / "golden" / "vtest.yaml", HERE / "golden" / "vtest.jsonl"
FPS = 10.0
NOTHING = np.zeros((2, 2, 3), np.uint8)
"""A picture for lookouts that are told what is in it."""


@functools.cache
def recording() -> tuple[tuple[Detection, ...], ...]:
    """What was detected in each frame of the film."""
    frames = json.loads(gzip.decompress((HERE / "recorded" / "vtest.json.gz").read_bytes()))["frames"]
    return tuple(
        tuple(Detection(label, score, Box(*box)) for label, score, box in frames[str(index)])
        for index in range(len(frames))
    )


def look(every: int = 1, phase: int = 0, **detector: object) -> list[Event]:
    """Events of the film as a lookout tells them that gets one frame in `every`, from frame `phase` on."""
    rules = config.load_rules(RULES)
    asked = rules.detector.model_copy(update=detector)
    lookout, events = Lookout(rules.cameras[0], asked, rules.events), []
    for index in range(phase, len(recording()), every):
        frame = Frame(NOTHING, index, index / FPS)
        detections = recording()[index] if lookout.needs_detection(frame) else None
        events += lookout.take(frame, detections).events
    return events


def golden_lines() -> list[str]:
    """The events at every frame, as `reverie replay` prints them."""
    return [json.dumps(event_line(event), ensure_ascii=False) for event in look()]


def agreement(some: Sequence[Event], others: Sequence[Event], late: float) -> float:
    """Share 0..1 of events of either that the other has too, of the same kind, no more than `late` s apart.

    Each counts for one at most, the nearest in time first.
    """

    def what(event: Event) -> tuple[object, ...]:
        return event.kind, event.zone, event.label, event.direction

    pairs = sorted(
        (abs(a.time - b.time), i, j)
        for i, a in enumerate(some)
        for j, b in enumerate(others)
        if what(a) == what(b) and abs(a.time - b.time) <= late + 1e-6
    )
    left, right = set[int](), set[int]()
    for _, i, j in pairs:
        if i not in left and j not in right:
            left.add(i)
            right.add(j)
    return 2 * len(left) / (len(some) + len(others))
