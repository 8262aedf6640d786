"""The detector seam: pictures in, detections out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from reverie import config
from reverie.values import Detection, Frame


class Detector(Protocol):
    """What looks at pictures. Not thread-safe; one caller at a time."""

    labels: tuple[str, ...]
    """Every class name it can report."""

    def detect(self, frames: Sequence[Frame]) -> list[list[Detection]]:
        """Detections of each frame, best score first, in the order of `frames`. Raises DetectorError."""
        ...


def load_detector(settings: config.Detector) -> Detector:
    """The detector that `settings.model` names. Raises DetectorError: what, where, what is allowed."""
    if settings.model == "embedded":
        from reverie.vision.centernet import load_centernet

        return load_centernet(settings)
    if settings.model.startswith("scripted:"):
        from reverie.vision.scripted import load_scripted_detector

        return load_scripted_detector(settings)
    from reverie.vision.yolo import load_yolo

    return load_yolo(settings)
