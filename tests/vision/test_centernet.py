"""The embedded detector: thresholds, overlap, the way back to fractions, and what is no such file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from reverie import config
from reverie.errors import DetectorError
from reverie.values import Frame
from reverie.vision.centernet import load_centernet
from reverie.vision.coco import COCO

Row = tuple[float, float, float, float, float, float]


def write_model(
    path: Path, rows: list[Row], names: dict[int, str] | None = None, shape: tuple[int, ...] = (1, 64, 128, 3)
) -> Path:
    """A detector of the embedded kind that sees the same rows in every picture."""
    output = numpy_helper.from_array(np.array([rows], np.float32).reshape(1, -1, 6), "rows")
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, shape)
    found = helper.make_tensor_value_info("found", TensorProto.FLOAT, [1, None, 6])
    graph = helper.make_graph(
        [helper.make_node("Constant", [], ["found"], value=output)], "fake", [image], [found]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if names is not None:
        model.metadata_props.add(key="names", value=json.dumps(names))
    onnx.save(model, str(path))
    return path


def frame(width: int = 128, height: int = 64) -> Frame:
    return Frame(np.zeros((height, width, 3), np.uint8), 0, 0.0)


def seen(path: Path, settings: config.Detector, shown: Frame | None = None) -> list[tuple[str, float]]:
    found = load_centernet(settings, path).detect([shown or frame()])[0]
    return [(d.label, round(d.score, 2)) for d in found]


PERSON, CUP = 0.0, 41.0


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        # its own thresholds: people from .35, other things from .45
        (config.Detector(), [("person", 0.36), ("cup", 0.46)]),
        # the operator's, for all
        (config.Detector(conf=0.4), [("cup", 0.44), ("cup", 0.46)]),
        (config.Detector(conf=0.0), [("person", 0.34), ("person", 0.36), ("cup", 0.44), ("cup", 0.46)]),
        # only some classes
        (config.Detector(classes=("cup",)), [("cup", 0.46)]),
        # a box of 16 x 16 of 128 x 64 pixels is 3.1 % of the picture
        (config.Detector(min_size=0.03), [("person", 0.36), ("cup", 0.46)]),
        (config.Detector(min_size=0.04), []),
    ],
)
def test_what_counts(tmp_path: Path, settings: config.Detector, expected: list[tuple[str, float]]) -> None:
    rows: list[Row] = [
        (0, 0, 16, 16, 0.34, PERSON),
        (30, 0, 46, 16, 0.36, PERSON),
        (60, 0, 76, 16, 0.44, CUP),
        (90, 0, 106, 16, 0.46, CUP),
    ]
    model = write_model(tmp_path / "model.onnx", rows)
    assert sorted(seen(model, settings)) == sorted(expected)


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        ((10, 10, 30, 30, 0.8, PERSON), 1),  # the same box again
        ((11, 11, 31, 31, 0.8, PERSON), 1),  # nearly the same (overlap .82)
        ((16, 10, 36, 30, 0.8, PERSON), 2),  # two who stand close (overlap .54)
        ((10, 10, 30, 30, 0.8, CUP), 2),  # another class
    ],
)
def test_marked_twice_is_one(tmp_path: Path, second: Row, kept: int) -> None:
    model = write_model(tmp_path / "model.onnx", [(10, 10, 30, 30, 0.9, PERSON), second])
    assert len(seen(model, config.Detector())) == kept


def test_boxes_come_back_from_the_letterbox_and_are_clipped(tmp_path: Path) -> None:
    # A 64 x 64 picture in a 128 x 64 input lies in the middle, from 32 to 96.
    rows: list[Row] = [(48, 16, 64, 48, 0.9, PERSON), (0, -20, 64, 32, 0.8, CUP), (0, 0, 31, 64, 0.7, CUP)]
    model = write_model(tmp_path / "model.onnx", rows)
    first, second = load_centernet(config.Detector(), model).detect([frame(64, 64)])[0]
    assert (first.box.left, first.box.top, first.box.right, first.box.bottom) == (0.25, 0.25, 0.5, 0.75)
    assert (second.box.left, second.box.top, second.box.right, second.box.bottom) == (0, 0, 0.5, 0.5)
    # the third lies in the bar alone and is nothing


def test_damaged_numbers_are_dropped(tmp_path: Path) -> None:
    nan = float("nan")
    rows: list[Row] = [
        (0, 0, 9, 9, nan, 0),
        (nan, 0, 9, 9, 0.9, 0),
        (0, 0, 9, 9, 0.9, 200),
        (20, 0, 9, 9, 0.9, 0),
    ]
    assert seen(write_model(tmp_path / "model.onnx", rows), config.Detector()) == []


def test_names_come_from_the_file(tmp_path: Path) -> None:
    named = write_model(tmp_path / "named.onnx", [(0, 0, 16, 16, 0.9, 1)], {0: "toy car", 1: "doll"})
    assert load_centernet(config.Detector(), named).labels == ("toy car", "doll")
    assert seen(named, config.Detector()) == [("doll", 0.9)]
    plain = write_model(tmp_path / "plain.onnx", [(0, 0, 16, 16, 0.9, 1)])
    assert load_centernet(config.Detector(), plain).labels == COCO


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (("persn",), "no class 'persn'; did you mean 'person'"),
        (("Person",), "no class 'Person'; did you mean 'person'"),
        (("person", "zzzz"), "no class 'zzzz'; it knows person, bicycle, car"),
    ],
)
def test_unknown_class_names_the_nearest(classes: tuple[str, ...], message: str) -> None:
    with pytest.raises(DetectorError, match=message):
        load_centernet(config.Detector(classes=classes))


def test_what_is_no_such_file(tmp_path: Path) -> None:
    other = write_model(tmp_path / "other.onnx", [], shape=(1, 3, 64, 64))
    with pytest.raises(DetectorError, match=r"not this detector.*expected uint8 \(1, H, W, 3\)"):
        load_centernet(config.Detector(), other)
    with pytest.raises(DetectorError, match="no such file"):
        load_centernet(config.Detector(), tmp_path / "none.onnx")
    names = write_model(tmp_path / "names.onnx", [(0, 0, 16, 16, 0.9, 1)], names=None)
    model = onnx.load(str(names))
    model.metadata_props.add(key="names", value="{broken")
    onnx.save(model, str(names))
    with pytest.raises(DetectorError, match="class names are damaged"):
        load_centernet(config.Detector(), names)


def test_the_embedded_one_is_quiet_on_gray_and_knows_eighty_things() -> None:
    detector = load_centernet(config.Detector())
    assert detector.labels == COCO
    assert detector.detect([Frame(np.full((480, 640, 3), 114, np.uint8), 0, 0.0)]) == [[]]
