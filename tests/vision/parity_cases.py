"""What our pipeline and ultralytics' are both asked, for `test_parity.py` and `tools/make_parity.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from borrowed import find
from made import busy, chosen, write_model

from reverie.values import Image

CONF, IOU = 0.01, 0.7
"""Asked of both: a low threshold compares many boxes."""

FOLDER = Path(__file__).parent / "parity"

PEOPLE = "{0: 'person'}"
THREE = "{0: 'cat', 1: 'dog', 2: 'cup'}"


@dataclass(frozen=True, slots=True)
class Case:
    """A model and a picture. `model(folder)` writes or finds the model; None where it was not fetched."""

    name: str
    model: Callable[[Path], Path | None]
    task: str
    picture: Callable[[], Image | None]

    @property
    def reference(self) -> Path:
        """Where ultralytics' answer is recorded."""
        return FOLDER / f"{self.name}.json"


def _photograph(
    name: str, crop: tuple[slice, slice] = (slice(None), slice(None))
) -> Callable[[], Image | None]:
    def read() -> Image | None:
        path = find(name)
        if path is None:
            return None
        import cv2

        pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB)
        assert pixels is not None
        return np.ascontiguousarray(pixels[crop], np.uint8)

    return read


def _gray(width: int, height: int) -> Callable[[], Image]:
    return lambda: np.full((height, width, 3), 90, np.uint8)


def _fall(folder: Path) -> Path | None:
    return find("fall.onnx")


def _raw(folder: Path) -> Path:
    return write_model(
        folder / "raw.onnx", busy(1, 320, 3), shape=(1, 3, 320, 320), task="detect", names=THREE,
        stride="32", imgsz="[320, 320]", batch="1",
    )  # fmt: skip


def _wide(folder: Path) -> Path:
    return write_model(
        folder / "wide.onnx", busy(2, 192, 3), shape=(1, 3, 192, 320), task="detect", names=THREE,
        stride="32", imgsz="[192, 320]", batch="1",
    )  # fmt: skip


def _pose(folder: Path) -> Path:
    return write_model(
        folder / "pose.onnx", busy(3, 320, 1, 17), shape=(1, 3, 320, 320), task="pose", names=PEOPLE,
        kpt_shape="[17, 3]", stride="32", imgsz="[320, 320]", batch="1",
    )  # fmt: skip


def _end_to_end(folder: Path) -> Path:
    return write_model(
        folder / "end.onnx", chosen(busy(4, 320, 3), 3), shape=(1, 3, 320, 320), task="detect", names=THREE,
        end2end="True", stride="32", imgsz="[320, 320]", batch="1",
    )  # fmt: skip


def _end_to_end_pose(folder: Path) -> Path:
    return write_model(
        folder / "endpose.onnx", chosen(busy(5, 320, 1, 17), 1), shape=(1, 3, 320, 320), task="pose",
        names=PEOPLE, kpt_shape="[17, 3]", end2end="True", stride="32", imgsz="[320, 320]", batch="1",
    )  # fmt: skip


CASES = (
    # a real network on photographs: upright, lying, and cut to odd sizes
    Case("fall-bus", _fall, "detect", _photograph("bus.jpg")),
    Case("fall-zidane", _fall, "detect", _photograph("zidane.jpg")),
    Case("fall-bus-cut", _fall, "detect", _photograph("bus.jpg", (slice(301, 900), slice(0, 533)))),
    # what no weights at hand give: pose, end to end, an oblong input; bars above, bars beside, enlarged, odd
    Case("raw-vga", _raw, "detect", _gray(640, 480)),
    Case("raw-odd", _raw, "detect", _gray(333, 517)),
    Case("wide-hd", _wide, "detect", _gray(1280, 720)),
    Case("pose-vga", _pose, "pose", _gray(640, 480)),
    Case("pose-small", _pose, "pose", _gray(121, 200)),
    Case("end-vga", _end_to_end, "detect", _gray(640, 480)),
    Case("end-pose-upright", _end_to_end_pose, "pose", _gray(480, 640)),
)
