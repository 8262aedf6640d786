"""Our pipeline against ultralytics' on the same files: every box, its score, its class and its joints.

The reference was recorded once (`tools/make_parity.py`); whatever engine is installed has to give the same.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from borrowed import MISSING
from numpy.typing import NDArray
from parity_cases import CASES, CONF, IOU, Case

from reverie import config
from reverie.values import Detection, Frame
from reverie.vision.yolo import load_yolo

ENGINES = ("onnxruntime", "openvino")

NAMES = {"Normal": 0, "Fall": 1, "person": 0, "cat": 0, "dog": 1, "cup": 2}


def rows(found: list[Detection], width: int, height: int) -> NDArray[np.float64]:
    """As ultralytics tells it: corners in pixels, score, class, then x, y, how sure of each joint."""
    return np.array(
        [
            [
                d.box.left * width,
                d.box.top * height,
                d.box.right * width,
                d.box.bottom * height,
                d.score,
                NAMES[d.label],
                *[number for x, y, sure in d.joints for number in (x * width, y * height, sure)],
            ]
            for d in found
        ]
    )


def overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of each of N boxes with its partner, (N,)."""
    corner, end = np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, 2:4], b[:, 2:4])
    shared = np.clip(end - corner, 0, None).prod(1)
    union = (a[:, 2:4] - a[:, :2]).prod(1) + (b[:, 2:4] - b[:, :2]).prod(1) - shared
    return np.asarray(shared / union)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_boxes_as_ultralytics(case: Case, engine: str, tmp_path: Path) -> None:
    model, picture = case.model(tmp_path), case.picture()
    if model is None or picture is None:
        pytest.skip(MISSING)
    settings = config.Detector.model_validate(
        {"model": str(model), "engine": engine, "conf": CONF, "iou": IOU, "min_size": 0.0, "threads": 2}
    )
    told = json.loads(case.reference.read_text())
    width, height = told["size"]
    ours = rows(load_yolo(settings).detect([Frame(picture, 0, 0.0)])[0], width, height)
    theirs = np.array(told["rows"])
    assert (picture.shape[1], picture.shape[0]) == (width, height)
    assert ours.shape == theirs.shape
    # Both are sorted by score; equal scores may change places by the engine's last digit.
    nearest = [int(np.argmin(np.abs(theirs[:, :6] - row[:6]).sum(1))) for row in ours]
    assert sorted(nearest) == list(range(len(theirs)))
    theirs = theirs[nearest]
    assert overlap(ours, theirs).min() >= 0.99
    assert np.abs(ours[:, 4] - theirs[:, 4]).max() <= 0.01
    np.testing.assert_array_equal(ours[:, 5], theirs[:, 5])
    np.testing.assert_allclose(ours[:, 6:], theirs[:, 6:], atol=0.02)
    # What is really reached; the issue asks for less.
    assert overlap(ours, theirs).min() >= 0.999
    assert np.abs(ours[:, 4] - theirs[:, 4]).max() <= 1e-3
