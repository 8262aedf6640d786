"""YOLOv8 detectors of any size and class list, as ultralytics exports them to ONNX.

n, s, m, l and x differ by their file alone: names, input size and task are read from it. Both kinds of
output are understood, with N boxes and C classes:

    raw         (1, 4 + C [+ extra], N)   middle x, middle y, width, height in input pixels, C scores 0..1
    end to end  (1, N, 6 [+ extra])       left, top, right, bottom in input pixels, score, class number

A pose model is read as the detector it also is (its keypoints are the `extra` and are dropped).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reverie import config
from reverie.errors import DetectorError
from reverie.values import Detection, Frame, Image
from reverie.vision.coco import COCO
from reverie.vision.detector import Detector
from reverie.vision.letterbox import make_letterbox
from reverie.vision.model import Model, open_model
from reverie.vision.selection import MAX_DETECTIONS, Selection, make_selection, suppress

CONF = 0.5
"""Default threshold. ultralytics predicts from .25: fine for measuring recall, too eager for a trigger."""

SIDE = 640
"""Input side in pixels of a model with a free input that does not say what it was trained at."""

_READABLE = ("detect", "pose")


class Yolo:
    """See `Detector`."""

    def __init__(
        self, model: Model, outer: tuple[int, int], end_to_end: bool, selection: Selection, iou: float
    ) -> None:
        self.labels = selection.reported
        self._model = model
        self._outer = outer
        self._end_to_end = end_to_end
        self._selection = selection
        self._iou = iou

    def detect(self, frames: Sequence[Frame]) -> list[list[Detection]]:
        return [self._detect(frame) for frame in frames]

    def _detect(self, frame: Frame) -> list[Detection]:
        height, width = frame.image.shape[:2]
        letterbox = make_letterbox((width, height), self._outer)
        output = self._model.run(_tensor(letterbox.apply(frame.image), self._model.dtype))[0]
        found = output[0].astype(np.float32, copy=False)
        if self._end_to_end:
            boxes, scores, classes = self._chosen(found)
        else:
            boxes, scores, classes = self._suppressed(found)
        return self._selection.detections(letterbox.back(boxes), scores, classes)

    def _chosen(
        self, rows: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
        """What passes of end-to-end output (N, 6+): overlap is settled in the graph."""
        boxes, scores, classes = rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int64)
        kept = np.flatnonzero(self._selection.passing(scores, classes) & np.isfinite(boxes).all(1))
        kept = kept[:MAX_DETECTIONS]
        return boxes[kept], scores[kept], classes[kept]

    def _suppressed(
        self, columns: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
        """What passes of raw output (4 + C + extra, N), without the boxes that overlap a better one."""
        table = columns[4 : 4 + len(self._selection.labels)]
        classes = table.argmax(0).astype(np.int64)
        scores = np.take_along_axis(table, classes[None], 0)[0]
        kept = np.flatnonzero(self._selection.passing(scores, classes) & np.isfinite(columns[:4]).all(0))
        scores, classes = scores[kept], classes[kept]
        middle, half = columns[:2, kept].T, columns[2:4, kept].T / 2
        boxes = np.concatenate([middle - half, middle + half], 1)
        best = suppress(boxes, scores, classes, self._iou)
        return boxes[best], scores[best], classes[best]


def load_yolo(settings: config.Detector) -> Detector:
    """The YOLOv8 model in the ONNX file `settings.model`.

    Raises DetectorError when the file is missing, damaged, or not a detector, when `settings.imgsz` does
    not fit it, or when `settings.classes` names a class it does not have.
    """
    model = open_model(Path(settings.model), settings.threads)
    task = model.metadata.get("task", "detect")
    if task not in _READABLE:
        raise DetectorError(
            f"{model.path}: its task is {task!r}; only a model for {' or '.join(_READABLE)} gives boxes here"
        )
    if model.shape[0] not in (1, None) or model.shape[1] not in (3, None) or model.dtype is np.uint8:
        raise DetectorError(
            f"{model.path}: takes {np.dtype(model.dtype)} {model.shape}; "
            "expected float (1, 3, height, width): export with batch=1"
        )
    outer = _input_size(model, settings.imgsz)
    # One gray picture tells how the output is laid out, and whether the model runs at all.
    blank = np.full((outer[1], outer[0], 3), 114, np.uint8)
    outputs = model.run(_tensor(blank, model.dtype))
    names = _names(model)
    end_to_end, count = _layout(model, outputs, len(names) if names else None)
    if names is None:
        names = COCO if count in (None, len(COCO)) else tuple(f"class{i}" for i in range(count))
    selection = make_selection(settings, names, lambda _: CONF)
    return Yolo(model, outer, end_to_end, selection, settings.iou)


def _tensor(image: Image, dtype: Any) -> NDArray[Any]:
    """uint8 (H, W, 3) as the network wants it: (1, 3, H, W), 0..1."""
    planes = np.ascontiguousarray(image.transpose(2, 0, 1)[None])
    scaled = planes.astype(np.float32) / np.float32(255)
    return scaled.astype(dtype, copy=False)


def _input_size(model: Model, imgsz: int | None) -> tuple[int, int]:
    """(width, height) of the input in pixels: as exported, else as asked for, else as trained."""
    height, width = model.shape[2:]
    if height is not None and width is not None:
        if imgsz is not None and (height, width) != (imgsz, imgsz):
            raise DetectorError(
                f"{model.path}: detector.imgsz is {imgsz}, but its input is fixed at {width}x{height}; "
                "leave imgsz empty, or export with dynamic=True"
            )
        return width, height
    trained = _literal(model, "imgsz")
    if imgsz is None and isinstance(trained, (list, tuple)) and len(trained) == 2:
        return int(trained[1]), int(trained[0])
    side = imgsz or (trained if isinstance(trained, int) else SIDE)
    return side, side


def _literal(model: Model, name: str) -> Any:
    """A metadata entry that the exporter wrote as a Python literal; None when there is none."""
    text = model.metadata.get(name)
    if text is None:
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise DetectorError(f"{model.path}: its metadata {name!r} is damaged: {text[:80]!r}") from error


def _names(model: Model) -> tuple[str, ...] | None:
    """Class names by number, as the file has them; None when it has none."""
    found = _literal(model, "names")
    if found is None:
        return None
    pairs = dict(enumerate(found)) if isinstance(found, (list, tuple)) else found
    try:
        names = {int(number): str(name) for number, name in pairs.items()}
    except (ValueError, AttributeError) as error:
        raise DetectorError(f"{model.path}: its class names are damaged: {str(found)[:80]!r}") from error
    return tuple(names.get(number, f"class{number}") for number in range(max(names, default=-1) + 1))


def _layout(model: Model, outputs: list[NDArray[Any]], count: int | None) -> tuple[bool, int | None]:
    """Whether the output is end to end, and how many classes it has (None: it does not tell)."""
    shape = outputs[0].shape
    keypoints = _literal(model, "kpt_shape") if model.metadata.get("task") == "pose" else None
    extra = int(np.prod(keypoints)) if keypoints else 0
    if len(outputs) == 1 and len(shape) == 3 and shape[0] == 1:
        rows, columns = shape[1:]
        if columns == 6 + extra and (
            model.metadata.get("end2end") == "True" or rows != 4 + (count or 0) + extra
        ):
            return True, count
        if rows == 4 + count + extra if count is not None else 4 + extra < rows < columns:
            return False, rows - 4 - extra
    expected = f"(1, {4 + count + extra if count else '4 + classes'}, boxes) or (1, boxes, {6 + extra})"
    raise DetectorError(
        f"{model.path}: not a YOLOv8 detector: it puts out {', '.join(str(o.shape) for o in outputs)}; "
        f"expected {expected}"
    )
