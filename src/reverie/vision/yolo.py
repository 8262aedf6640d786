"""YOLOv8 of any size and class list, detection and pose, as ultralytics exports it.

n, s, m, l and x differ by their file alone: names, input size, stride, task and the form of the output are
read from it. Both forms are understood, with B pictures, N boxes and C classes:

    raw         (B, 4 + C [+ J], N)   middle x, middle y, width, height in input pixels, C scores 0..1
    end to end  (B, N, 6 [+ J])       left, top, right, bottom in input pixels, score, class number

J, of a pose model: 17 joints with x, y in input pixels and how sure, 0..1 (51 numbers).
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie import config
from reverie.errors import DetectorError
from reverie.values import Detection, Frame, Image
from reverie.vision.coco import COCO, JOINTS
from reverie.vision.detector import Detector
from reverie.vision.export import exported
from reverie.vision.letterbox import Letterbox, make_letterbox
from reverie.vision.model import Model, Settle, Shape, open_model
from reverie.vision.selection import (
    MAX_DETECTIONS,
    Selection,
    class_numbers,
    make_selection,
    names_by_number,
    suppress,
)

CONF = 0.5
"""Default threshold. ultralytics predicts from .25: fine for measuring recall, too eager for a trigger."""

SIDE = 640
"""Input side in pixels of a model with a free input that does not say what it was trained at."""

MOST_SAID = 200
"""Characters of a metadata entry, but for the class names: sides, a stride, a pair."""

LONGEST = 4096
"""Longest side of an input in pixels: as in `config.Detector.imgsz`."""

_READABLE = ("detect", "pose")

_Array = NDArray[np.float32]
_Found = tuple[_Array, _Array, NDArray[np.int64], _Array]
"""Boxes (N, 4), scores (N,), class numbers (N,) and joints (N, J); boxes and joints in input pixels."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a model's output is read. `classes`: how many, None where the file does not tell.

    `joints` are the numbers of one box's joints: (how many joints, numbers of each), (0, 0) without.
    """

    end_to_end: bool
    classes: int | None
    joints: tuple[int, int]

    @property
    def has_joints(self) -> bool:
        """Whether they are COCO's 17 joints, which `values.Joints` holds; others are dropped."""
        return self.joints[0] == JOINTS and self.joints[1] in (2, 3)


class Yolo:
    """See `Detector`."""

    def __init__(
        self, model: Model, sides: tuple[int, int], layout: Layout, selection: Selection, iou: float
    ) -> None:
        self.labels = selection.reported
        self.batch = model.batch
        self.joints = layout.has_joints
        self._model = model
        self._layout = layout
        self._selection = selection
        self._iou = iou
        self._outer = sides[1], sides[0]
        self._input = np.zeros((self.batch, 3, *sides), model.dtype)

    def detect(self, frames: Sequence[Frame]) -> list[list[Detection]]:
        starts = range(0, len(frames), self.batch)
        return [found for start in starts for found in self._look(frames[start : start + self.batch])]

    def _look(self, frames: Sequence[Frame]) -> list[list[Detection]]:
        """One run of the model; what a fixed batch has over is looked at in vain."""
        letterboxes = [make_letterbox(frame.image.shape[1::-1], self._outer) for frame in frames]
        for planes, letterbox, frame in zip(self._input, letterboxes, frames, strict=False):
            fill(planes, letterbox.apply(frame.image))
        tensor = self._input if self._model.shape[0] else self._input[: len(frames)]
        output = self._model.run(tensor)[0]
        return [
            self._read(found.astype(np.float32, copy=False), letterbox)
            for found, letterbox in zip(output, letterboxes, strict=False)
        ]

    def _read(self, output: _Array, letterbox: Letterbox) -> list[Detection]:
        chosen = self._chosen(output) if self._layout.end_to_end else self._suppressed(output)
        boxes, scores, classes, joints = chosen
        return self._selection.detections(
            letterbox.back(boxes), scores, classes, self._joints(joints, letterbox)
        )

    def _chosen(self, rows: _Array) -> _Found:
        """What passes of end-to-end output (N, 6 + J): overlap is settled in the graph."""
        boxes, scores, classes = rows[:, :4], rows[:, 4], class_numbers(rows[:, 5])
        kept = np.flatnonzero(self._selection.passing(scores, classes) & np.isfinite(boxes).all(1))
        kept = kept[:MAX_DETECTIONS]
        return boxes[kept], scores[kept], classes[kept], rows[kept, 6:]

    def _suppressed(self, columns: _Array) -> _Found:
        """What passes of raw output (4 + C + J, N), without the boxes that overlap a better one."""
        end = 4 + len(self._selection.labels)
        table = columns[4:end]
        classes = table.argmax(0).astype(np.int64)
        scores = np.take_along_axis(table, classes[None], 0)[0]
        kept = np.flatnonzero(self._selection.passing(scores, classes) & np.isfinite(columns[:4]).all(0))
        scores, classes = scores[kept], classes[kept]
        middle, half = columns[:2, kept].T, columns[2:4, kept].T / 2
        boxes = np.concatenate([middle - half, middle + half], 1)
        best = suppress(boxes, scores, classes, self._iou)
        return boxes[best], scores[best], classes[best], columns[end:, kept[best]].T

    def _joints(self, numbers: _Array, letterbox: Letterbox) -> _Array | None:
        """Joints (N, 17, 3) as fractions of the picture and how sure; None without COCO's 17."""
        if not self._layout.has_joints:
            return None
        count, each = self._layout.joints
        told = np.nan_to_num(numbers.reshape(-1, count, each))
        sure = np.clip(told[..., 2:], 0, 1) if each == 3 else np.ones_like(told[..., :1])
        return np.concatenate([letterbox.back_points(told[..., :2]), sure], 2)


def load_yolo(settings: config.Detector) -> Detector:
    """The YOLOv8 model that `settings.model` names.

    Raises DetectorError when the file is missing, damaged, or not a detector, when `settings.imgsz` does
    not fit it, or when `settings.classes` names a class it does not have.
    """
    path = exported(settings.model)
    return make_yolo(settings, open_model(settings, path, settle(settings, path)))


def settle(settings: config.Detector, path: Path) -> Settle:
    """Fixes the input's sides: as exported, else as asked for, else as trained. A free batch stays free.

    A file whose last side is the colours is no YOLOv8 and is left as it is.
    """

    def settled(shape: Shape, metadata: Mapping[str, str]) -> Shape:
        if shape[3] == 3 and shape[1] != 3:
            return shape
        return (shape[0], shape[1] or 3, *_sides(settings, path, shape, metadata))

    return settled


def make_yolo(settings: config.Detector, model: Model) -> Yolo:
    """The detector that `model` is, with its sides settled. Raises DetectorError: see `load_yolo`."""
    task = model.metadata.get("task", "detect")
    if task not in _READABLE:
        raise DetectorError(
            f"{model.path}: its task is {task!r}; only a model for {' or '.join(_READABLE)} gives boxes here"
        )
    batch, colours, height, width = model.shape
    if colours != 3 or not height or not width or max(height, width) > LONGEST or model.dtype is np.uint8:
        raise DetectorError(
            f"{model.path}: takes {np.dtype(model.dtype)} {model.shape}; expected float (pictures, 3, "
            f"height, width), sides up to {LONGEST}"
        )
    # One gray picture tells how the output is laid out, and whether the model runs at all.
    blank = np.full((batch or 1, 3, height, width), 114 / 255, model.dtype)
    outputs = model.run(blank)
    names = _names(model.path, model.metadata)
    layout = _layout(model, outputs, len(blank), len(names) if names else None)
    if names is None:
        count = layout.classes
        names = COCO if count in (None, len(COCO)) else tuple(f"class{i}" for i in range(count))
    selection = make_selection(settings, names, lambda _: CONF)
    return Yolo(model, (height, width), layout, selection, settings.iou)


def fill(planes: NDArray[Any], image: Image) -> None:
    """Write uint8 (H, W, 3) into `planes`, float (3, H, W), as the network wants it: 0..1."""
    for plane, channel in zip(planes, cv2.split(image), strict=True):
        np.divide(channel, np.float32(255), out=plane, casting="same_kind")


def _sides(
    settings: config.Detector, path: Path, shape: Shape, metadata: Mapping[str, str]
) -> tuple[int, int]:
    """(height, width) of the input in pixels: as exported, else as asked for, else as trained."""
    height, width = shape[2:]
    asked = settings.imgsz
    if height is not None and width is not None:
        if asked is not None and asked != (height, width):
            raise DetectorError(
                f"{path}: detector.imgsz is {list(asked)}, but its input is fixed at height "
                f"{height}, width {width}; leave imgsz empty, or export with dynamic=True"
            )
        return height, width
    sides = asked or _pair(_literal(path, metadata, "imgsz")) or (SIDE, SIDE)
    stride = _literal(path, metadata, "stride")
    if isinstance(stride, int) and stride > 0 and any(side % stride for side in sides):
        raise DetectorError(
            f"{path}: detector.imgsz is {list(sides)}, but this model takes multiples of {stride} only"
        )
    return sides


def _pair(imgsz: Any) -> tuple[int, int] | None:
    """(height, width) of a side or a pair of them; None of anything else."""
    sides = (imgsz, imgsz) if isinstance(imgsz, int) else imgsz
    match sides:
        case [int() as height, int() as width] if min(height, width) >= 32 and max(height, width) <= LONGEST:
            return height, width
    return None


def _literal(path: Path, metadata: Mapping[str, str], name: str) -> Any:
    """A metadata entry that the exporter wrote as a Python literal; None when there is none."""
    text = metadata.get(name)
    if text is None:
        return None
    if name != "names" and len(text) > MOST_SAID:
        raise DetectorError(f"{path}: its metadata {name!r} is damaged: {text[:80]!r}")
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise DetectorError(f"{path}: its metadata {name!r} is damaged: {text[:80]!r}") from error


def _names(path: Path, metadata: Mapping[str, str]) -> tuple[str, ...] | None:
    """Class names by number, as the file has them; None when it has none."""
    found = _literal(path, metadata, "names")
    if found is None:
        return None
    return names_by_number(path, dict(enumerate(found)) if isinstance(found, (list, tuple)) else found)


def _layout(model: Model, outputs: list[NDArray[Any]], batch: int, count: int | None) -> Layout:
    """How the output for `batch` pictures is read, of a model with `count` class names."""
    shape = outputs[0].shape
    joints = _joint_shape(model)
    extra = joints[0] * joints[1]
    if len(outputs) == 1 and len(shape) == 3 and shape[0] == batch:
        rows, columns = shape[1:]
        if columns == 6 + extra and (
            model.metadata.get("end2end") == "True" or rows != 4 + (count or 0) + extra
        ):
            return Layout(True, count, joints)
        if rows == 4 + count + extra if count is not None else 4 + extra < rows < columns:
            return Layout(False, rows - 4 - extra, joints)
    expected = (
        f"({batch}, {4 + count + extra if count else '4 + classes'}, boxes) or ({batch}, boxes, {6 + extra})"
    )
    raise DetectorError(
        f"{model.path}: not a YOLOv8 detector: it puts out {', '.join(str(o.shape) for o in outputs)}; "
        f"expected {expected}"
    )


def _joint_shape(model: Model) -> tuple[int, int]:
    """(How many joints, numbers of each) of a pose model; (0, 0) of a detector."""
    found = (
        _literal(model.path, model.metadata, "kpt_shape") if model.metadata.get("task") == "pose" else None
    )
    if found is None:
        return 0, 0
    match found:
        case [int() as count, int() as each] if count > 0 and each > 0:
            return count, each
    raise DetectorError(f"{model.path}: its metadata 'kpt_shape' is damaged: {str(found)[:80]!r}")
