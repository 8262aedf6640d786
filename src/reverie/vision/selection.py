"""From what a model puts out to detections: threshold, class choice, overlap, smallest size."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reverie import config
from reverie.errors import DetectorError
from reverie.values import Box, Detection

MAX_DETECTIONS = 300
"""Most boxes of one picture (ultralytics `max_det`)."""

MAX_CANDIDATES = 30_000
"""Most boxes that are compared with each other (ultralytics `max_nms`)."""


MAX_CLASSES = 10_000
"""Most class names in a file: the largest published list has 601 (Open Images)."""


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Which boxes count. `thresholds`: lowest score of each class, (C,); infinite for one not asked for."""

    labels: tuple[str, ...]
    thresholds: NDArray[np.float32]
    min_size: float

    @property
    def reported(self) -> tuple[str, ...]:
        """The class names that can come out, in the model's order."""
        return tuple(
            dict.fromkeys(n for n, t in zip(self.labels, self.thresholds, strict=True) if np.isfinite(t))
        )

    def passing(self, scores: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of N boxes, by score (N,) and class number (N,), reach the threshold of their class."""
        known = (classes >= 0) & (classes < len(self.labels))
        limits = self.thresholds[np.where(known, classes, 0)]
        return known & np.isfinite(scores) & (scores >= limits)

    def detections(
        self,
        boxes: NDArray[np.float32],
        scores: NDArray[np.float32],
        classes: NDArray[np.int64],
        joints: NDArray[np.float32] | None = None,
    ) -> list[Detection]:
        """Detections of boxes (N, 4) in fractions 0..1, best score first; the too small ones dropped.

        `joints` (N, 17, 3): x and y in fractions and how sure, where a pose model looks.
        """
        area = np.clip(boxes[:, 2] - boxes[:, 0], 0, None) * np.clip(boxes[:, 3] - boxes[:, 1], 0, None)
        kept = np.flatnonzero((area > 0) & (area >= self.min_size))
        kept = kept[np.argsort(-scores[kept], kind="stable")]
        return [
            Detection(
                self.labels[int(classes[i])],
                min(1.0, float(scores[i])),
                Box(*map(float, boxes[i])),
                () if joints is None else tuple((x, y, sure) for x, y, sure in joints[i].tolist()),
            )
            for i in kept
        ]


def make_selection(
    settings: config.Detector, labels: Sequence[str], conf: Callable[[str], float]
) -> Selection:
    """The selection that `settings` ask for of a model with class names `labels`.

    `conf` is the model's own threshold for a class, used where `settings.conf` is empty. Raises
    DetectorError when `settings.classes` names a class that the model does not have.
    """
    unknown = [name for name in settings.classes if name not in labels]
    if unknown:
        raise DetectorError("; ".join(_no_class(name, labels) for name in unknown))
    wanted = set(settings.classes or labels)
    thresholds = [
        (conf(name) if settings.conf is None else settings.conf) if name in wanted else np.inf
        for name in labels
    ]
    return Selection(tuple(labels), np.array(thresholds, np.float32), settings.min_size)


def class_numbers(told: NDArray[np.float32]) -> NDArray[np.int64]:
    """Class numbers (N,) that a model put out as floats; -1, which is no class, for what is no number."""
    return np.nan_to_num(told, nan=-1, posinf=-1, neginf=-1).astype(np.int64)


def _no_class(name: str, labels: Sequence[str]) -> str:
    folded = {label.casefold(): label for label in labels}
    near = difflib.get_close_matches(name.casefold(), folded, 3, 0.5)
    hint = (
        f"did you mean {' or '.join(repr(folded[n]) for n in near)}?"
        if near
        else f"it knows {', '.join(labels[:12])}{', …' if len(labels) > 12 else ''}"
    )
    return f"detector.classes: the model has no class {name!r}; {hint}"


def suppress(
    boxes: NDArray[np.float32],
    scores: NDArray[np.float32],
    classes: NDArray[np.int64],
    iou: float,
    limit: int = MAX_DETECTIONS,
) -> NDArray[np.intp]:
    """Indices of the boxes that stay, best score first, at most `limit`.

    Of two boxes (N, 4; left, top, right, bottom, any unit) of one class that overlap by more than `iou`
    (intersection over union, 0..1), the one with the lower score goes. Boxes of different classes never
    touch each other.
    """
    order = np.argsort(-scores, kind="stable")[:MAX_CANDIDATES]
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    area = sides[:, 0] * sides[:, 1]
    kept: list[np.intp] = []
    while order.size and len(kept) < limit:
        best, rest = order[0], order[1:]
        kept.append(best)
        corner = np.maximum(boxes[best, :2], boxes[rest, :2])
        span = np.clip(np.minimum(boxes[best, 2:], boxes[rest, 2:]) - corner, 0, None)
        shared = span[:, 0] * span[:, 1]
        union = area[best] + area[rest] - shared
        same = classes[rest] == classes[best]
        order = rest[~(same & (shared > iou * union))]
    return np.array(kept, np.intp)


def names_by_number(path: Path, found: Any) -> tuple[str, ...]:
    """Class names in order, from what a model file at `path` says: a mapping of numbers to names.

    Numbers without a name are called class3 and so on. Raises DetectorError for anything else.
    """
    try:
        names = {int(number): str(name) for number, name in found.items()}
    except (ValueError, TypeError, OverflowError, AttributeError) as error:
        raise DetectorError(f"{path}: its class names are damaged: numbers and names are expected") from error
    if not names:
        raise DetectorError(f"{path}: its list of class names is empty: it would never see anything")
    if any(not 0 <= number < MAX_CLASSES for number in names):
        raise DetectorError(f"{path}: its class names are damaged: numbers 0..{MAX_CLASSES - 1} are expected")
    # A name that cannot be printed could not be written into an event either.
    printable = {number: name for number, name in names.items() if name.isprintable() and name.strip()}
    return tuple(printable.get(number, f"class{number}") for number in range(max(names) + 1))
