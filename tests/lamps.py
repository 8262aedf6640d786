"""A detector for tests that is made of convolutions and does look: it sees bright cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CELLS, CELL = 4, 16
"""The network's picture is 4 x 4 cells of 16 pixels; a bright cell is a thing."""


def looking(path: Path, *, opset: int = 17, half: bool = False, batch: int | str = 1) -> Path:
    """A YOLOv8-shaped file that sees bright cells: three layers of convolutions and a decoding.

    The first means a cell's colours, in eight channels of very different size; the second mixes them; the
    third (which is to stay in float) puts out a cell's score.
    """
    kind, dtype = (TensorProto.FLOAT16, np.float16) if half else (TensorProto.FLOAT, np.float32)
    sizes = np.array([1, 2, 4, 8, 1, 2, 4, 8], np.float64)
    first = np.ones((8, 3, CELL, CELL)) / (3 * CELL * CELL) * sizes[:, None, None, None]
    second = np.diag(1 / sizes).reshape(8, 8, 1, 1) + 0.003
    third = np.full((1, 8, 1, 1), 2.0)
    corners = np.mgrid[0:CELLS, 0:CELLS].reshape(2, -1)[::-1] * CELL + CELL / 2
    boxes = np.concatenate([corners, np.full((2, CELLS * CELLS), CELL - 2)])[None]
    constants = {
        "first": first,
        "second": second,
        "third": third,
        "bias": np.zeros(8),
        "off": np.array([-8.0]),
        "boxes": boxes,
    }
    nodes = [
        helper.make_node("Conv", ["images", "first", "bias"], ["a"], "one", strides=[CELL, CELL]),
        helper.make_node("Sigmoid", ["a"], ["b"]),
        helper.make_node("Mul", ["a", "b"], ["c"]),
        helper.make_node("Conv", ["c", "second"], ["d"], "two"),
        helper.make_node("Relu", ["d"], ["e"]),
        helper.make_node("Conv", ["e", "third", "off"], ["f"], "three"),
        helper.make_node("Sigmoid", ["f"], ["g"]),
        helper.make_node("Reshape", ["g", "line"], ["scores"]),
        helper.make_node("Concat", ["boxes", "scores"], ["output0"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "looking",
        [helper.make_tensor_value_info("images", kind, (batch, 3, 64, 64))],
        [helper.make_tensor_value_info("output0", kind, (batch, 5, 16))],
        [
            *(numpy_helper.from_array(value.astype(dtype), name) for name, value in constants.items()),
            numpy_helper.from_array(np.array([1, 1, -1], np.int64), "line"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    helper.set_model_props(model, {"names": "{0: 'lamp'}", "task": "detect", "license": "mine"})
    onnx.save(model, str(path))
    return path
