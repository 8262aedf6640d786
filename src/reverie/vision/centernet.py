"""The detector that comes along: CenterNet on MobileNetV3, 80 everyday things, made for small CPUs.

The file decodes its own output (`tools/` makes it): uint8 RGB (1, H, W, 3), letterboxed, 0..255 in; out
(1, K, 6): left, top, right, bottom in input pixels, score 0..1, class number.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from reverie import config
from reverie.assets import asset
from reverie.errors import DetectorError
from reverie.values import Detection, Frame
from reverie.vision.coco import COCO
from reverie.vision.detector import Detector
from reverie.vision.letterbox import make_letterbox
from reverie.vision.model import Model, open_model
from reverie.vision.selection import Selection, class_numbers, make_selection, names_by_number, suppress

PERSON_CONF, OTHER_CONF = 0.35, 0.45
"""Default thresholds. Measured on footage of pedestrians: people at .35 give recall .94 at precision .91;
other things are imagined up to about .6 and want a higher one."""

LONGEST = 4096
"""Pixels of an input's longer side, at most."""

SAME = 0.6
"""Overlap from which two boxes of one class are one thing: the network marks a peak twice now and then."""


class CenterNet:
    """See `Detector`."""

    def __init__(self, model: Model, outer: tuple[int, int], selection: Selection) -> None:
        self.labels = selection.reported
        self.batch = 1
        self.joints = False
        self._model = model
        self._outer = outer
        self._selection = selection

    def detect(self, frames: Sequence[Frame]) -> list[list[Detection]]:
        return [self._detect(frame) for frame in frames]

    def _detect(self, frame: Frame) -> list[Detection]:
        height, width = frame.image.shape[:2]
        letterbox = make_letterbox((width, height), self._outer)
        output = self._model.run(letterbox.apply(frame.image)[None])[0]
        found = output[0].astype(np.float32)
        boxes, scores, classes = found[:, :4], found[:, 4], class_numbers(found[:, 5])
        kept = np.flatnonzero(self._selection.passing(scores, classes) & np.isfinite(boxes).all(1))
        kept = kept[suppress(boxes[kept], scores[kept], classes[kept], SAME)]
        return self._selection.detections(letterbox.back(boxes[kept]), scores[kept], classes[kept])


def load_centernet(settings: config.Detector, model: Path | None = None) -> Detector:
    """The embedded detector, or the file at `model` made the same way.

    Raises DetectorError when the file is missing, damaged or no such detector, or when
    `settings.classes` names a class it does not have.
    """
    return make_centernet(settings, open_model(settings, model or asset("centernet_384x512.onnx")))


def is_centernet(model: Model) -> bool:
    """Whether `model` was made like the embedded one: it takes bytes, colours last."""
    return model.dtype is np.uint8 and len(model.shape) == 4 and model.shape[3] == 3


def make_centernet(settings: config.Detector, model: Model) -> CenterNet:
    """The detector that `model` is. Raises DetectorError: see `load_centernet`."""
    outer = _input_size(model)
    labels = _labels(model)
    selection = make_selection(settings, labels, lambda n: PERSON_CONF if n == "person" else OTHER_CONF)
    return CenterNet(model, outer, selection)


def _input_size(model: Model) -> tuple[int, int]:
    """(width, height) of the input in pixels, of a file that is this kind of detector."""
    batch, height, width, channels = model.shape
    height, width = height or 0, width or 0
    if (
        batch != 1
        or not 32 <= min(height, width) <= max(height, width) <= LONGEST
        or channels != 3
        or model.dtype is not np.uint8
    ):
        raise DetectorError(
            f"{model.path}: not this detector: input {model.shape} {np.dtype(model.dtype)}; "
            f"expected uint8 (1, H, W, 3), sides up to {LONGEST}"
        )
    shape = model.run(np.zeros((1, height, width, 3), np.uint8))[0].shape
    if len(shape) != 3 or shape[0] != 1 or shape[2] != 6:
        raise DetectorError(f"{model.path}: not this detector: output {shape}; expected (1, K, 6)")
    return width, height


def _labels(model: Model) -> tuple[str, ...]:
    """Class names by number; a file that names none has COCO's."""
    text = model.metadata.get("names")
    if text is None:
        return COCO
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DetectorError(f"{model.path}: its class names are damaged: {text[:80]!r}") from error
    return names_by_number(model.path, found)
