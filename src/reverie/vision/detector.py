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
    batch: int
    """How many frames it takes in one run; whoever has more calls it again. 1: each by itself."""

    joints: bool
    """Whether detections of people come with their joints: it is a pose model."""

    def detect(self, frames: Sequence[Frame]) -> list[list[Detection]]:
        """Detections of each frame, best score first, in the order of `frames`. Raises DetectorError."""
        ...


def load_detector(settings: config.Detector) -> Detector:
    """The detector that `settings.model` names. Raises DetectorError: what, where, what is allowed."""
    if settings.model.startswith("scripted:"):
        from reverie.vision.scripted import load_scripted_detector

        return load_scripted_detector(settings)
    from reverie.vision.centernet import is_centernet, load_centernet, make_centernet
    from reverie.vision.export import exported
    from reverie.vision.model import open_model
    from reverie.vision.yolo import make_yolo, settle

    if settings.model == "embedded":
        return load_centernet(settings)
    path = exported(settings.model)
    model = open_model(settings, path, settle(settings, path))
    return make_centernet(settings, model) if is_centernet(model) else make_yolo(settings, model)
