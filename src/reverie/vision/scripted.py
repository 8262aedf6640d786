"""Eyes without a camera and without a model: for demos, tests and benches on any machine.

A scripted camera is `scripted:WIDTHxHEIGHT@FPS`, with `xSECONDS` behind it when it should end, as in
`scripted:640x480@25x10`: a disc that goes round on a shaded ground.

A scripted detector is `scripted:FILE` with a JSON file that says what is to be seen in which frame, by its
index. Boxes are [left, top, right, bottom] in fractions of the picture, 0..1:

    {"labels": ["person", "cup"],                                   every class name it can report
     "period": 500,                                                 optional: start again every 500 frames
     "frames": {"12": [["cup", 0.8, [0.4, 0.4, 0.6, 0.7]]]},        what is in single frames
     "paths": [{"label": "person", "score": 0.9,                    what moves: seen from its first to its
                "keys": [[0, [0.0, 0.3, 0.2, 0.9]],                 last key frame, straight in between
                         [100, [0.8, 0.3, 1.0, 0.9]]]}]}
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reverie import config
from reverie.errors import CameraError, DetectorError
from reverie.values import Box, Detection, Frame, Image
from reverie.vision.detector import Detector
from reverie.vision.selection import Selection, make_selection
from reverie.vision.sources import Picture, Source

# ---------------------------------------------------------------------------------- detector

Script = Callable[[Frame], Sequence[Detection]]
"""What is to be seen in a frame."""

_Fraction = Annotated[float, Field(ge=0, le=1)]
_Sides = tuple[_Fraction, _Fraction, _Fraction, _Fraction]


class ScriptedDetector:
    """See `Detector`. Sees what `script` says; with a `selection`, only what that lets through."""

    def __init__(
        self, script: Script, labels: Sequence[str] = ("person",), selection: Selection | None = None
    ) -> None:
        self.labels = tuple(labels) if selection is None else selection.reported
        self.batch = 1
        self.joints = False
        self._script = script
        self._selection = selection

    def detect(self, frames: Sequence[Frame]) -> list[list[Detection]]:
        return [self._chosen(self._script(frame)) for frame in frames]

    def _chosen(self, found: Sequence[Detection]) -> list[Detection]:
        selection = self._selection
        if selection is None:
            return sorted(found, key=lambda detection: -detection.score)
        boxes = np.array([_sides(d.box) for d in found], np.float32).reshape(-1, 4)
        scores = np.array([d.score for d in found], np.float32)
        classes = np.array([selection.labels.index(d.label) for d in found], np.int64)
        kept = selection.passing(scores, classes)
        return selection.detections(boxes[kept], scores[kept], classes[kept])


def _sides(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


class _Path(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    score: _Fraction = 0.9
    keys: tuple[tuple[Annotated[int, Field(ge=0)], _Sides], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> _Path:
        frames = [frame for frame, _ in self.keys]
        if frames != sorted(set(frames)):
            raise ValueError("the frames of its keys must grow")
        return self

    def at(self, index: int) -> Detection | None:
        """Where it is in frame `index`; None before its first and after its last key."""
        frames = [frame for frame, _ in self.keys]
        if not frames[0] <= index <= frames[-1]:
            return None
        sides = [float(np.interp(index, frames, [box[side] for _, box in self.keys])) for side in range(4)]
        return Detection(self.label, self.score, Box(*sides))


class _Script(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: tuple[str, ...] = Field(min_length=1)
    period: int | None = Field(default=None, ge=1)
    frames: dict[Annotated[int, Field(ge=0)], tuple[tuple[str, _Fraction, _Sides], ...]] = {}
    paths: tuple[_Path, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> _Script:
        used = {row[0] for rows in self.frames.values() for row in rows} | {p.label for p in self.paths}
        unknown = sorted(used - set(self.labels))
        if unknown:
            raise ValueError(f"not among its labels: {', '.join(unknown)}")
        return self

    def at(self, frame: Frame) -> list[Detection]:
        index = frame.index if self.period is None else frame.index % self.period
        single = [Detection(label, score, Box(*box)) for label, score, box in self.frames.get(index, ())]
        moving = [found for path in self.paths if (found := path.at(index)) is not None]
        return single + moving


def load_scripted_detector(settings: config.Detector) -> Detector:
    """The detector that plays the script at the path in `settings.model` ("scripted:PATH").

    `conf`, `classes` and `min_size` count as for any other (no `conf`: 0.5). Raises DetectorError when
    the file is missing or is not such a script.
    """
    path = Path(settings.model.removeprefix("scripted:"))
    try:
        script = _Script.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DetectorError(f"{path}: the script cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DetectorError(f"{path}: {where}: {first['msg'].removeprefix('Value error, ')}") from None
    selection = make_selection(settings, script.labels, lambda _: 0.5)
    return ScriptedDetector(script.at, selection=selection)


# ---------------------------------------------------------------------------------- camera

_CAMERA = re.compile(
    r"scripted:(?P<width>\d{1,4})x(?P<height>\d{1,4})@(?P<fps>\d+(\.\d+)?)(x(?P<seconds>\d+(\.\d+)?))?"
)


class ScriptedSource:
    """A synthetic picture that moves: no hardware, no one in it. `seconds` None: without end."""

    def __init__(self, width: int, height: int, fps: float, seconds: float | None = None) -> None:
        self.corrupt = 0
        self._fps = fps
        self._count = math.inf if seconds is None else max(1, round(seconds * fps))
        self._next = 0
        across = np.linspace(40, 110, width, dtype=np.float32)[None]
        down = np.linspace(0, 70, height, dtype=np.float32)[:, None]
        shade = (across + down).astype(np.uint8)
        self._ground: Image = np.ascontiguousarray(np.stack([shade, shade, shade + 40], -1))

    def open(self) -> None:
        self._next = 0

    def read(self) -> Picture | None:
        if self._next >= self._count:
            return None
        media = self._next / self._fps
        self._next += 1
        return Picture(self._drawn(media), media)

    def _drawn(self, media: float) -> Image:
        """The disc goes round once in eight seconds."""
        image = self._ground.copy()
        height, width = image.shape[:2]
        angle = math.tau * media / 8
        middle = round(width * (0.5 + 0.3 * math.cos(angle))), round(height * (0.5 + 0.3 * math.sin(angle)))
        drawn: Any = cv2.circle(image, middle, max(1, min(width, height) // 8), (240, 190, 90), -1)
        return np.asarray(drawn, np.uint8)

    def close(self) -> None:
        pass


def make_scripted_source(source: str) -> Source:
    """The source `scripted:WIDTHxHEIGHT@FPS[xSECONDS]`. Raises CameraError when it is written otherwise."""
    match = _CAMERA.fullmatch(source)
    width, height, fps = (float(match[n]) for n in ("width", "height", "fps")) if match else (0.0, 0.0, 0.0)
    if match is None or not (width and height and fps):
        raise CameraError(f"{source}: not a scripted camera; one is written scripted:640x480@25 or …@25x10")
    seconds = float(match["seconds"]) if match["seconds"] else None
    return ScriptedSource(int(width), int(height), fps, seconds)
