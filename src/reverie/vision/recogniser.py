"""Show it something: what is held up is looked at closer, and what was taught gets its name.

    frame, detections ─ what changed? ─ its part of the picture ─ album, codes → sightings → detections

Names come as detections like any others, so the tracker and the rule of showing do the rest. It is bounded:
there are at most four looks a second for a camera, and none while nothing new is in its picture.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie import config
from reverie.shelf import Product, Shelf, Stamp, read_shelf, stamps
from reverie.values import Box, Detection, Frame, Image
from reverie.vision.codes import CodeReader
from reverie.vision.geometry import iou
from reverie.vision.products import Album, Lesson, Sighting, learn

log = logging.getLogger("reverie.products")

PERSON = "person"

PERIOD = 0.25
"""Seconds between two looks at one camera's pictures, at least."""

RELEARN = 5.0
"""Seconds between two looks at the folder."""
AT_ONCE = 8
"""New photos that are learnt in one go, so that nobody waits long for the next picture."""

WIDTH = 96
"""Pixels across the thumbnail that is compared with the empty scene."""
DIFFERENCE = 18
"""Gray levels (0..255) from which a thumbnail pixel has changed."""
EMPTY_SECONDS = 20.0
"""Time constant with which the empty scene follows: what stands about for half a minute belongs to it."""
MARGIN = 0.06
"""How much wider, in fractions of the picture, is looked than changed."""

SAME = 0.5
"""Overlap (intersection over union) from which a detection and a named product are one thing."""
INSIDE = 0.8
"""Share of a detection within a named product from which it is printed on it: that face is nobody."""


class Memory:
    """What was learnt from `folder`: shared by all cameras, learnt anew when the folder changes.

    `tell` hears, in a line each, of what was left aside and of photos that are poor, when they are new.
    """

    def __init__(self, folder: Path | None, tell: Callable[[str], None] = log.warning) -> None:
        self._folder = folder
        self._tell = tell
        self._stamps: frozenset[Stamp] = frozenset()
        self._lessons: dict[Stamp, Lesson] = {}
        self._looked = -math.inf
        self._told: frozenset[str] = frozenset()
        self.learning = False
        """Whether photos are still to be learnt: the next `refresh` goes on at once."""
        self.shelf = Shelf()
        self.album = Album(())
        self.codes = CodeReader({})

    @property
    def products(self) -> tuple[Product, ...]:
        """The products it knows."""
        return self.shelf.products

    def refresh(self, now: float) -> bool:
        """Learn what changed in the folder since the last call; whether anything did.

        `now` in seconds, of any steady clock: more often than every `RELEARN` it does not look. Only new
        photos are learnt, `AT_ONCE` at most; for what is left, ask again (see `learning`).
        """
        if self._folder is None or (not self.learning and 0 <= now - self._looked < RELEARN):
            return False
        self._looked = now
        found = stamps(self._folder)
        if found == self._stamps and not self.learning:
            return False
        self._stamps = found
        self.shelf = read_shelf(self._folder)
        faults = [f"{fault.where}: {fault.told}" for fault in self.shelf.faults]
        for fault in faults:
            if fault not in self._told:
                self._tell(fault)
        self._told = frozenset(faults)
        self._learn({stamp[0]: stamp for stamp in found})
        return True

    def lessons(self) -> list[tuple[Product, Lesson]]:
        """What each photo of each product taught."""
        by_photo = {lesson.photo: lesson for lesson in self._lessons.values()}
        return [(p, by_photo[photo]) for p in self.shelf.products for photo in p.photos if photo in by_photo]

    def _learn(self, stamped: dict[str, Stamp]) -> None:
        lessons = {}
        new = 0
        self.learning = False
        for photo in (photo for product in self.shelf.products for photo in product.photos):
            stamp = stamped.get(str(photo))
            if stamp is None:
                continue  # it went while the folder was read
            lesson = self._lessons.get(stamp)
            if lesson is None:
                if new == AT_ONCE:
                    self.learning = True
                    continue
                new += 1
                lesson = learn(photo)
                if lesson.complaint:
                    self._tell(f"{photo}: {lesson.complaint}")
            lessons[stamp] = lesson
        self._lessons = lessons
        self.album = Album([(product.label, lesson) for product, lesson in self.lessons()])
        self.codes = CodeReader(self.shelf.codes)


def load_memory(folder: Path | None, tell: Callable[[str], None] = log.warning) -> Memory:
    """The memory of all products in `folder`, see `Memory`; a folder that is not there (or None) has none."""
    memory = Memory(folder, tell)
    memory.refresh(0.0)
    while memory.learning:
        memory.refresh(0.0)
    return memory


class Recogniser:
    """Names what one camera is shown. One caller at a time; all times are the frames' own."""

    def __init__(self, memory: Memory, events: config.Events) -> None:
        self._memory = memory
        self._least = events.shown_area / 2
        self._empty: NDArray[np.float32] | None = None
        self._updated = -math.inf
        self._looked = -math.inf
        self._known: list[Sighting] = []

    def update(self, frame: Frame, detections: Sequence[Detection]) -> list[Detection]:
        """`detections` of `frame`, with products that were recognised among them under their own names.

        Between two looks a name stays with the thing that has it: a detection there takes it on.
        """
        memory = self._memory
        if not memory.products:
            return list(detections)
        changed = self._changed(frame)
        if 0 <= frame.time - self._looked < PERIOD:
            return self._carried(detections)
        part = _around([*changed, *(known.box for known in self._known)])
        if part is None:
            self._known = []
            return list(detections)
        self._looked = frame.time
        self._known = self._look(frame.image, part)
        named = [Detection(known.label, known.alike, known.box) for known in self._known]
        others = [d for d in detections if not any(_is_same(d, n) for n in self._known)]
        return sorted([*named, *others], key=lambda detection: -detection.score)

    def _look(self, image: Image, part: Box) -> list[Sighting]:
        """The products in `part` of `image`; a code is surer than a look."""
        height, width = image.shape[:2]
        left, top = int(part.left * width), int(part.top * height)
        right, bottom = math.ceil(part.right * width), math.ceil(part.bottom * height)
        cut = np.ascontiguousarray(image[top:bottom, left:right])
        coded, seen = self._memory.codes.read(cut), self._memory.album.find(cut)
        found: list[Sighting] = []
        for code in coded:
            # The look of the same product says how large it is; another's is overruled.
            own = [s for s in seen if s.label == code.label and _inside(code.box, s.box) > 0]
            found.append(replace(code, box=own[0].box) if own else code)
        found += [s for s in seen if all(_inside(code.box, s.box) == 0 for code in found)]
        return [replace(s, box=_placed(s.box, left, top, right, bottom, width, height)) for s in found]

    def _carried(self, detections: Sequence[Detection]) -> list[Detection]:
        """Detections between two looks: the likest one takes the name, what is printed on it goes."""
        carried = list(detections)
        for known in self._known:
            own = [d for d in carried if _is_same(d, known)]
            carried = [d for d in carried if d not in own]
            if own:
                best = max(own, key=lambda d: iou(d.box, known.box))
                if iou(best.box, known.box) >= SAME:
                    carried.append(Detection(known.label, known.alike, best.box))
        return sorted(carried, key=lambda detection: -detection.score)

    def _changed(self, frame: Frame) -> list[Box]:
        """Where the picture is not as when it was empty: one box, or none when too little has changed."""
        height, width = frame.image.shape[:2]
        size = (WIDTH, max(1, round(height * WIDTH / width)))
        small = cv2.cvtColor(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        elapsed, self._updated = max(0.0, frame.time - self._updated), frame.time
        if self._empty is None or self._empty.shape != small.shape:
            self._empty = small.astype(np.float32)
            return [Box(0.0, 0.0, 1.0, 1.0)]  # nobody knows yet what is always there
        mask = cv2.absdiff(small, cv2.convertScaleAbs(self._empty)) > DIFFERENCE
        solid = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        cv2.accumulateWeighted(small, self._empty, 1 - math.exp(-elapsed / EMPTY_SECONDS))
        if cv2.countNonZero(solid) < self._least * solid.size:
            return []
        x, y, across, down = cv2.boundingRect(solid)
        high = size[1]
        return [Box(x / WIDTH, y / high, (x + across) / WIDTH, (y + down) / high)]


def _around(boxes: Iterable[Box]) -> Box | None:
    """The part of the picture to look at: around all of `boxes`; None for none."""
    every = list(boxes)
    if not every:
        return None
    return Box(
        max(0.0, min(box.left for box in every) - MARGIN),
        max(0.0, min(box.top for box in every) - MARGIN),
        min(1.0, max(box.right for box in every) + MARGIN),
        min(1.0, max(box.bottom for box in every) + MARGIN),
    )


def _placed(box: Box, left: int, top: int, right: int, bottom: int, width: int, height: int) -> Box:
    """A box of the part from (`left`, `top`) to (`right`, `bottom`), in pixels, as one of the picture."""
    across, down = right - left, bottom - top
    return Box(
        (left + box.left * across) / width,
        (top + box.top * down) / height,
        (left + box.right * across) / width,
        (top + box.bottom * down) / height,
    )


def _is_same(detection: Detection, known: Sighting) -> bool:
    """Whether a detection is the product itself under another name, or something printed on it.

    A person who holds it is larger than it: they stay.
    """
    if _inside(detection.box, known.box) >= INSIDE:
        return True
    return detection.label != PERSON and iou(detection.box, known.box) >= SAME


def _inside(inner: Box, outer: Box) -> float:
    """Share of `inner` that lies within `outer`, 0..1."""
    across = min(inner.right, outer.right) - max(inner.left, outer.left)
    down = min(inner.bottom, outer.bottom) - max(inner.top, outer.top)
    return across * down / inner.area if across > 0 and down > 0 and inner.area else 0.0
