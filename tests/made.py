"""YOLOv8 files made in a moment: graphs that put out one table whatever they see.

Whoever wants one gives the table; `busy` ones are full of boxes that overlap, as a network's are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper


def write_model(
    path: Path,
    output: NDArray[Any],
    *,
    shape: tuple[int | str, ...] = (1, 3, 64, 64),
    half: bool = False,
    outputs: int = 1,
    **metadata: str,
) -> Path:
    """An ONNX file at `path` that takes `shape` and puts out `output` (B, …), `outputs` times."""
    kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    value = numpy_helper.from_array(output.astype(np.float16 if half else np.float32), "value")
    nodes = [helper.make_node("Constant", [], [f"output{i}"], value=value) for i in range(outputs)]
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("images", kind, shape)],
        [helper.make_tensor_value_info(f"output{i}", kind, output.shape) for i in range(outputs)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for key, text in metadata.items():
        if text:
            model.metadata_props.add(key=key, value=text)
    onnx.save(model, str(path))
    return path


def busy(seed: int, side: int, classes: int, joints: int = 0, boxes: int = 160) -> NDArray[np.float32]:
    """Raw output (1, 4 + classes + 3 * joints, boxes) of a network with a square input of `side` pixels.

    A dozen things, around each of which many boxes lie, most of them of its class; scores 0..0.95.
    """
    rng = np.random.default_rng(seed)
    things = rng.uniform([0.2, 0.2, 0.1, 0.1], [0.8, 0.8, 0.3, 0.3], (12, 4)) * side
    kinds = rng.integers(0, classes, 12)
    chosen = rng.integers(0, 12, boxes)
    table = np.zeros((4 + classes + 3 * joints, boxes), np.float32)
    table[:4] = (things[chosen] * rng.normal(1, 0.06, (boxes, 4))).T
    labels = np.where(rng.random(boxes) < 0.9, kinds[chosen], rng.integers(0, classes, boxes))
    table[4 + labels, np.arange(boxes)] = rng.uniform(0, 0.95, boxes)
    for joint in range(joints):
        row = 4 + classes + 3 * joint
        table[row : row + 2] = table[:2] + rng.uniform(-0.5, 0.5, (2, boxes)) * table[2:4]
        table[row + 2] = rng.random(boxes)
    return table[None]


def chosen(raw: NDArray[np.float32], classes: int) -> NDArray[np.float32]:
    """What an end-to-end export puts out of `raw`: (1, 60, 6 + joints), best first, overlap not looked at."""
    rows = raw[0].T
    middle, half = rows[:, :2], rows[:, 2:4] / 2
    scores = rows[:, 4 : 4 + classes]
    order = np.argsort(-scores.max(1), kind="stable")[:60]
    best = scores.max(1, keepdims=True)
    labels = scores.argmax(1)[:, None].astype(np.float32)
    table = np.concatenate([middle - half, middle + half, best, labels, rows[:, 4 + classes :]], 1)[order]
    return table[None].astype(np.float32)


def colours(path: Path, batch: int | str, half: bool = False) -> Path:
    """A detector for 64 x 64 that does look: its one box, a toy, has the mean red for its score.

    The box is in the middle, as wide as the mean blue and half as high as the mean green (of the picture).
    """
    kind, dtype = (TensorProto.FLOAT16, np.float16) if half else (TensorProto.FLOAT, np.float32)
    weights = np.array([[0, 0, 0, 0, 1, 0], [0, 0, 0, 32, 0, 0], [0, 0, 64, 0, 0, 0]], dtype)
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["images"], ["means"], axes=[2, 3], keepdims=0),
            helper.make_node("MatMul", ["means", "weights"], ["scaled"]),
            helper.make_node("Add", ["scaled", "ground"], ["row"]),
            helper.make_node("Unsqueeze", ["row", "last"], ["box"]),
            helper.make_node("Pad", ["box", "pads"], ["output0"]),
        ],
        "colours",
        [helper.make_tensor_value_info("images", kind, [batch, 3, 64, 64])],
        [helper.make_tensor_value_info("output0", kind, [batch, 6, 8])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([32, 32, 0, 0, 0, 0], dtype), "ground"),
            numpy_helper.from_array(np.array([2], np.int64), "last"),
            numpy_helper.from_array(np.array([0, 0, 0, 0, 0, 7], np.int64), "pads"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for key, text in {"task": "detect", "names": "{0: 'toy', 1: 'doll'}", "stride": "32"}.items():
        model.metadata_props.add(key=key, value=text)
    onnx.save(model, str(path))
    return path
