"""Who is on footage that nobody annotated, and how well boxes and ids agree: for the vision benches.

The reference is built from two detectors that were trained apart, each at full precision on every frame, with
time as the judge. Boxes of either are linked from frame to frame. Chains are people that last a second or
more, get ahead by a width of their box at least (these are pedestrians), are seen in at least half of their
frames, and by each of the two in at least a quarter of those; their gaps are filled in. So a person counts in
frames in which only one detector saw them, or none did; a stone that both take for somebody does not. Whom
one of the two hardly sees is not in it: recall is too high for every row alike. It says how rows compare, and
not how good a detector is.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reverie import config
from reverie.values import Box
from reverie.vision.camera import read_frames
from reverie.vision.detector import Detector, load_detector
from reverie.vision.geometry import distance, iou

NAIVE_CONF = 0.25
"""Score from which a box counts with ultralytics, and here for all rows with its weights."""

LINK, SAME, GAP_FRAMES = 0.3, 0.5, 5
"""Overlap of two boxes of one chain, of two boxes of one person, and frames that a chain may be unseen."""

LASTS, SEEN, WITNESS, WALKS = 1.0, 0.5, 0.25, 1.0
"""Seconds that a chain must last, share of its frames in which it must be seen, and by each detector, and how
far it must get from where it began, in widths of its box."""

NEAR = 1 / 8
"""Height, as a share of the picture, from which somebody is near enough for a shop to care."""

Boxes = list[Box]
People = dict[int, Box]
"""Of one frame: the box of each person in it, by the person's number."""


def persons(detector: Detector) -> frozenset[str]:
    """The labels that mean a person: all of a model that knows no such word (Normal and Fall, say)."""
    return frozenset({"person"} if "person" in detector.labels else detector.labels)


def rate_of(film: str) -> float:
    """Frames a second of the film."""
    times = [frame.time for frame in itertools.islice(read_frames(film), 50)]
    return (len(times) - 1) / (times[-1] - times[0])


def views_of(film: str, frames: int, model: str | None) -> list[list[Boxes]]:
    """What the file `model` (first, where there is one) and the embedded detector see in each frame."""
    settings = [config.Detector(threads=2, engine="onnxruntime")]
    if model:
        sharp = config.Detector(threads=2, engine="onnxruntime", model=model, conf=NAIVE_CONF)
        settings.insert(0, sharp)  # where both see somebody, its box counts
    return [detections(film, each, frames) for each in settings]


def detections(film: str, settings: config.Detector, frames: int) -> list[Boxes]:
    """People that a detector sees in each frame by itself, without tracks."""
    detector = load_detector(settings)
    wanted = persons(detector)
    return [
        [d.box for d in detector.detect([frame])[0] if d.label in wanted]
        for frame in itertools.islice(read_frames(film), frames)
    ]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A box in one frame, and which detectors (by number) had it."""

    box: Box
    by: frozenset[int]


@dataclass(slots=True)
class Chain:
    """One person perhaps: what was seen, by frame."""

    seen: dict[int, Sighting]

    @property
    def last(self) -> int:
        return next(reversed(self.seen))

    def counts(self, fps: float, detectors: int) -> bool:
        """Whether it is a person of the reference."""
        span = self.last - next(iter(self.seen)) + 1
        witnessed = [sum(d in s.by for s in self.seen.values()) for d in range(detectors)]
        first = next(iter(self.seen.values())).box
        way = max(distance(first.centre, s.box.centre) for s in self.seen.values())
        return (
            span >= LASTS * fps
            and len(self.seen) >= SEEN * span
            and min(witnessed) >= WITNESS * len(self.seen)
            and way >= WALKS * (first.right - first.left)
        )

    def filled(self) -> People:
        """Boxes of all frames from the first to the last, those between filled in linearly."""
        known = sorted(self.seen)
        columns = np.array([sides(self.seen[i].box) for i in known])
        every = range(known[0], known[-1] + 1)
        return {i: Box(*(float(np.interp(i, known, column)) for column in columns.T)) for i in every}


def sides(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


def reference(seen: Sequence[list[Boxes]], fps: float) -> list[People]:
    """The people of each frame. `seen`: what each detector saw, by frame; of two boxes the first's counts."""
    chains: list[Chain] = []
    for index, views in enumerate(zip(*seen, strict=True)):
        sightings = _sightings(views)
        live = [chain for chain in chains if index - chain.last <= GAP_FRAMES]
        before = {i: chain.seen[chain.last].box for i, chain in enumerate(live)}
        linked = matched(before, [sighting.box for sighting in sightings], LINK)
        for i, j in linked.items():
            live[i].seen[index] = sightings[j]
        chains += [Chain({index: s}) for j, s in enumerate(sightings) if j not in linked.values()]
    tracks = [chain.filled() for chain in chains if chain.counts(fps, len(seen))]
    frames = range(len(seen[0]))
    return [{i: track[frame] for i, track in enumerate(tracks) if frame in track} for frame in frames]


def _sightings(views: Sequence[Boxes]) -> list[Sighting]:
    """What there is in one frame, each thing once, and which of the detectors had it."""
    kept: Boxes = []
    for view in views:
        kept += [box for box in view if all(iou(box, other) < SAME for other in kept)]
    return [
        Sighting(box, frozenset(d for d, view in enumerate(views) if any(iou(box, o) >= LINK for o in view)))
        for box in kept
    ]


def matched(truth: People, boxes: Sequence[Box], least: float) -> dict[int, int]:
    """Which box is which person: greedily by overlap, each once. Person → index of the box."""
    pairs = sorted(((iou(t, b), i, j) for i, t in truth.items() for j, b in enumerate(boxes)), reverse=True)
    held: dict[int, int] = {}
    for overlap, i, j in pairs:
        if overlap >= least and i not in held and j not in held.values():
            held[i] = j
    return held


def judged(truth: list[People], found: list[Boxes], first: int, least: float) -> tuple[float, float]:
    """Recall and precision over the frames from `first` on, at an overlap of `least`."""
    frames = range(first, min(len(truth), len(found)))
    hits = sum(len(matched(truth[f], found[f], least)) for f in frames)
    return hits / max(1, sum(len(truth[f]) for f in frames)), hits / max(
        1, sum(len(found[f]) for f in frames)
    )


def recall_of_near(truth: list[People], found: list[Boxes], first: int, least: float) -> float:
    """The recall of people who are at least NEAR high."""
    hits = people = 0
    for f in range(first, min(len(truth), len(found))):
        held = matched(truth[f], found[f], least)
        near = [person for person, box in truth[f].items() if box.bottom - box.top >= NEAR]
        people += len(near)
        hits += sum(person in held for person in near)
    return hits / max(1, people)


Ids = list[tuple[int, Box]]
"""Of one frame: what a tracker gave, by its own ids."""


def identity(truth: Sequence[People], ids: Sequence[Ids]) -> dict[str, float]:
    """How well ids stay with people, at an overlap of .5.

    `held`: of the reference's boxes, how many carry their person's most used id. `switches`: times that a
    person had another id than before. An id that outlives the reference's person, for one who came back,
    costs nothing; nor does one that went to somebody else meanwhile.
    """
    together: dict[int, Counter[int]] = {}
    last: dict[int, int] = {}
    switches = 0
    for people, given in zip(truth, ids, strict=True):
        for person, j in matched(people, [box for _, box in given], 0.5).items():
            own = given[j][0]
            switches += last.get(person, own) != own
            last[person] = own
            together.setdefault(person, Counter())[own] += 1
    held = sum(max(counts.values()) for counts in together.values())
    return {
        "ids": len({own for given in ids for own, _ in given}),
        "held": held / max(1, sum(map(len, truth))),
        "switches": switches,
    }
