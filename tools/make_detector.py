"""Make the embedded detector: TensorFlow.js graph -> ONNX, with numpy and onnx alone.

    npm package -> TFJS nodes and weights -> ONNX nodes (NCHW) -> decode tail -> centernet_384x512.onnx

The network (MobileNetV3 + CenterNet head) is fully convolutional, so it is re-targeted from its
512x512 to any multiple of 32. TensorFlow's graph is NHWC and ONNX's operators are NCHW; every value
on the way from the picture to the two heads is four-dimensional, so one transpose at the input is
enough and all that follows is NCHW. Only the operators that this one graph uses are translated.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper, parser
from sources import npm_file, npm_package, write_asset

PACKAGE = "@vladmandic/human"
VERSION = "3.3.6"
INTEGRITY = "sha512-Nr5mPfq1gQ+uKeXY5uM3Fj8UxvF5CEh2s6txM5wRThqaW0mF9huooOuZSrT8hhGho0hGaXLFdAwfD/2+teCv6A=="
HEIGHT, WIDTH = 384, 512
DETECTIONS = 100
STRIDE = 4  # input pixels a cell of the heat map
OPSET = 17
HEAT = "tower_0/Sigmoid"  # (1, 80, H/4, W/4), a score a class
SIDES = "tower_0/wh"  # (1, 4, H/4, W/4), distances to left, top, right, bottom in input pixels

COCO = (
    "person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant "
    "stop_sign parking_meter bench bird cat dog horse sheep cow elephant bear zebra giraffe "
    "backpack umbrella handbag tie suitcase frisbee skis snowboard sports_ball kite baseball_bat "
    "baseball_glove skateboard surfboard tennis_racket bottle wine_glass cup fork knife spoon bowl "
    "banana apple sandwich orange broccoli carrot hot_dog pizza donut cake chair couch potted_plant "
    "bed dining_table toilet tv laptop mouse remote keyboard cell_phone microwave oven toaster sink "
    "refrigerator book clock vase scissors teddy_bear hair_drier toothbrush"
)
LABELS = [name.replace("_", " ") for name in COCO.split()]

METADATA = {
    "names": json.dumps({str(index): label for index, label in enumerate(LABELS)}),
    "task": "detect",
    "input": f"uint8 RGB 0..255, NHWC (1, {HEIGHT}, {WIDTH}, 3), letterboxed",
    "output": f"(1, {DETECTIONS}, 6): left, top, right, bottom in input pixels, score, class",
    "source": f"npm {PACKAGE}@{VERSION}, models/centernet.json and centernet.bin; "
    "upstream network: 610265158/mobilenetv3_centernet",
    "licence": "The npm package declares MIT; the upstream repository shows no licence file.",
}

Array = npt.NDArray[Any]
Node = dict[str, Any]


@dataclass(frozen=True)
class Value:
    """A tensor on its way through the graph: its ONNX name and its (height, width)."""

    name: str
    size: tuple[int, int]


@dataclass
class Graph:
    """The ONNX graph as it grows."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> None:
        node = helper.make_node(operator, inputs, [output], name=output, **attributes)
        self.nodes.append(node)

    def constant(self, name: str, array: Array) -> str:
        """A weight, once a name; stored at half precision where that loses nothing."""
        if name in self.weights:
            return name
        array = np.ascontiguousarray(array, np.float32)
        half = array.astype(np.float16)
        if array.size >= 64 and np.array_equal(half.astype(np.float32), array):
            # The source was quantised to float16 already. Runtimes fold this cast when they load.
            self.weights[name] = numpy_helper.from_array(half, name + "/half")
            self.add("Cast", [name + "/half"], name, to=TensorProto.FLOAT)
        else:
            self.weights[name] = numpy_helper.from_array(array, name)
        return name


def main() -> None:
    package = npm_package(PACKAGE, VERSION, INTEGRITY)
    spec = json.loads(npm_file(package, "package/models/centernet.json"))
    weights = read_weights(spec["weightsManifest"], npm_file(package, "package/models/centernet.bin"))
    model = convert(spec["modelTopology"]["node"], weights)
    write_asset("centernet_384x512.onnx", model.SerializeToString(deterministic=True))


def read_weights(manifest: list[Node], content: bytes) -> dict[str, Array]:
    """Every constant by name, in TensorFlow's own layout; float16 on disk becomes float32."""
    weights: dict[str, Array] = {}
    offset = 0
    for entry in (weight for group in manifest for weight in group["weights"]):
        stored = np.dtype(entry.get("quantization", entry)["dtype"])
        count = int(np.prod(entry["shape"], dtype=np.int64))
        array = np.frombuffer(content, stored, count, offset)
        weights[entry["name"]] = array.astype(entry["dtype"]).reshape(entry["shape"])
        offset += array.nbytes
    if offset != len(content):
        raise SystemExit(f"the manifest describes {offset} bytes, the file has {len(content)}")
    return weights


def convert(nodes: list[Node], weights: dict[str, Array]) -> onnx.ModelProto:
    """The network from a uint8 picture to (1, 100, 6) detections."""
    graph = Graph()
    values: dict[str, Value] = {}
    for node in needed(nodes, [HEAT, SIDES]):
        if node["op"] != "Const":
            values[node["name"]] = translate(graph, node, values, weights)
    graph.nodes.extend(decode_tail(values[HEAT], values[SIDES]))
    return finished_model(graph)


def needed(nodes: list[Node], outputs: list[str]) -> list[Node]:
    """The nodes that `outputs` depend on, each after its inputs: upstream's own tail drops out."""
    by_name = {node["name"]: node for node in nodes}
    wanted: dict[str, list[str]] = {}
    open_names = list(outputs)
    while open_names:
        name = open_names.pop()
        if name not in wanted:
            wanted[name] = list(by_name[name].get("input", []))
            open_names.extend(wanted[name])
    return [by_name[name] for name in TopologicalSorter(wanted).static_order()]


def translate(graph: Graph, node: Node, values: dict[str, Value], weights: dict[str, Array]) -> Value:
    """Emit one TensorFlow node as ONNX, and say what came of it."""
    name, inputs = node["name"], node.get("input", [])
    match node["op"]:
        case "Placeholder":
            graph.add("Transpose", ["image"], name + "/bytes", perm=[0, 3, 1, 2])
            graph.add("Cast", [name + "/bytes"], name, to=TensorProto.FLOAT)
            return Value(name, (HEIGHT, WIDTH))
        case "_FusedConv2D" | "Conv2D":
            kernel = weights[inputs[1]].transpose(3, 2, 0, 1)
            return convolve(graph, node, values[inputs[0]], kernel, 1, weights)
        case "FusedDepthwiseConv2dNative" | "DepthwiseConv2dNative":
            kernel = weights[inputs[1]].transpose(2, 3, 0, 1)
            channels, multiplier, height, width = kernel.shape
            kernel = kernel.reshape(channels * multiplier, 1, height, width)
            return convolve(graph, node, values[inputs[0]], kernel, channels, weights)
        case "Add" | "Mul":
            # Constants here are scalars or one number a channel; both broadcast as (C, 1, 1).
            names = [
                values[key].name if key in values else graph.constant(key, weights[key].reshape(-1, 1, 1))
                for key in inputs
            ]
            graph.add(node["op"], names, name)
            sizes = [values[key].size for key in inputs if key in values]
            return Value(name, max(sizes))  # a pooled (1, 1) factor spreads over the picture
        case "Relu" | "Sigmoid" | "Identity":
            graph.add(node["op"], [values[inputs[0]].name], name)
            return Value(name, values[inputs[0]].size)
        case "Relu6":
            zero = graph.constant("zero", np.array(0.0))
            six = graph.constant("six", np.array(6.0))
            graph.add("Clip", [values[inputs[0]].name, zero, six], name)
            return Value(name, values[inputs[0]].size)
        case "Mean":
            if weights[inputs[1]].tolist() != [1, 2]:
                raise SystemExit(f"{name}: only the mean over the picture is known")
            graph.add("GlobalAveragePool", [values[inputs[0]].name], name)
            return Value(name, (1, 1))
        case "ConcatV2":
            parts = [values[key] for key in inputs[:-1]]
            graph.add("Concat", [part.name for part in parts], name, axis=1)
            return Value(name, parts[0].size)
        case "ResizeBilinear":
            # All three double the picture; scales, not sizes, keep that true at our own size.
            source = values[inputs[0]]
            scales = graph.constant("doubled", np.array([1, 1, 2, 2]))
            linear = {"mode": "linear", "coordinate_transformation_mode": "asymmetric"}
            graph.add("Resize", [source.name, "", scales], name, **linear)
            return Value(name, (source.size[0] * 2, source.size[1] * 2))
        case other:
            raise SystemExit(f"{name}: no translation for {other}")


def convolve(
    graph: Graph,
    node: Node,
    source: Value,
    kernel: Array,
    groups: int,
    weights: dict[str, Array],
) -> Value:
    """A convolution with its fused bias and activation; `kernel` is (out, in / groups, h, w)."""
    name, inputs = node["name"], node["input"]
    attributes = node["attr"]
    fused = [text(item) for item in attributes.get("fused_ops", {}).get("list", {}).get("s", [])]
    stride = int(attributes["strides"]["list"]["i"][1])
    window = kernel.shape[2:]
    same = text(attributes["padding"]["s"]) == "SAME"
    rows = span(source.size[0], window[0], stride, same)
    columns = span(source.size[1], window[1], stride, same)

    names = [source.name, graph.constant(inputs[1] + "/nchw", kernel)]
    if "BiasAdd" in fused:
        names.append(graph.constant(inputs[2], weights[inputs[2]].reshape(-1)))
    result = name + "/linear" if "Relu" in fused else name
    graph.add(
        "Conv",
        names,
        result,
        kernel_shape=list(window),
        strides=[stride, stride],
        pads=[rows.before, columns.before, rows.after, columns.after],
        group=groups,
    )
    if "Relu" in fused:
        graph.add("Relu", [result], name)
    return Value(name, (rows.size, columns.size))


@dataclass(frozen=True)
class Span:
    """One axis of a convolution's output: its size and the padding that gives it."""

    size: int
    before: int
    after: int


def span(size: int, window: int, stride: int, same: bool) -> Span:
    """TensorFlow's SAME pads the end more than the beginning where the sum is odd."""
    if not same:
        return Span((size - window) // stride + 1, 0, 0)
    out = -(-size // stride)
    padding = max((out - 1) * stride + window - size, 0)
    return Span(out, padding // 2, padding - padding // 2)


def text(encoded: str) -> str:
    return base64.b64decode(encoded).decode()


def decode_tail(heat: Value, sides: Value) -> list[onnx.NodeProto]:
    """Peaks of the heat map -> the best 100 as boxes, inside the graph.

    A cell counts where its score is the highest of its class in 3x3; its best class is its class.
    """
    rows, columns = heat.size
    cells = rows * columns
    source = f"""
    decode (float[1,{len(LABELS)},{rows},{columns}] heat, float[1,4,{rows},{columns}] sides)
        => (float[1,{DETECTIONS},6] detections)
    {{
        zero = Constant <value_float = 0.0> ()
        stride = Constant <value_float = {STRIDE:.1f}> ()
        count = Constant <value_ints = [{DETECTIONS}]> ()
        columns = Constant <value_int = {columns}> ()
        first = Constant <value_ints = [0]> ()
        middle = Constant <value_ints = [2]> ()
        last = Constant <value_ints = [4]> ()
        line = Constant <value_ints = [{cells}]> ()
        class_lines = Constant <value_ints = [{len(LABELS)}, {cells}]> ()
        side_lines = Constant <value_ints = [4, {cells}]> ()
        shape = Constant <value_ints = [1, {DETECTIONS}, 6]> ()

        neighbours = MaxPool <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (heat)
        is_peak = Equal (heat, neighbours)
        peaks = Where (is_peak, heat, zero)
        best_score = ReduceMax <axes = [1], keepdims = 0> (peaks)
        best_line = Reshape (best_score, line)
        score, cell = TopK <axis = 0> (best_line, count)

        class_scores = Reshape (peaks, class_lines)
        chosen_scores = Gather <axis = 1> (class_scores, cell)
        class_index = ArgMax <axis = 0, keepdims = 0> (chosen_scores)
        class = Cast <to = {TensorProto.FLOAT}> (class_index)

        row_index = Div (cell, columns)
        row_start = Mul (row_index, columns)
        column_index = Sub (cell, row_start)
        row = Cast <to = {TensorProto.FLOAT}> (row_index)
        column = Cast <to = {TensorProto.FLOAT}> (column_index)
        x = Mul (column, stride)
        y = Mul (row, stride)
        x_line = Unsqueeze (x, first)
        y_line = Unsqueeze (y, first)
        centre = Concat <axis = 0> (x_line, y_line)

        all_sides = Reshape (sides, side_lines)
        chosen_sides = Gather <axis = 1> (all_sides, cell)
        left_top = Slice (chosen_sides, first, middle, first)
        right_bottom = Slice (chosen_sides, middle, last, first)
        low = Sub (centre, left_top)
        high = Add (centre, right_bottom)
        score_line = Unsqueeze (score, first)
        class_line = Unsqueeze (class, first)
        table = Concat <axis = 0> (low, high, score_line, class_line)
        list = Transpose <perm = [1, 0]> (table)
        detections = Reshape (list, shape)
    }}
    """
    return renamed(list(parser.parse_graph(source).node), {"heat": heat.name, "sides": sides.name})


def renamed(nodes: list[onnx.NodeProto], names: dict[str, str]) -> list[onnx.NodeProto]:
    """`nodes` with its free inputs tied to the network, and a name each for profilers."""

    def final(name: str) -> str:
        return names.get(name, name if name == "detections" else f"decode/{name}")

    for node in nodes:
        node.input[:] = [final(name) for name in node.input]
        node.output[:] = [final(name) for name in node.output]
        node.name = node.output[0]
    return nodes


def finished_model(graph: Graph) -> onnx.ModelProto:
    tensor: Callable[..., onnx.ValueInfoProto] = helper.make_tensor_value_info
    whole = helper.make_graph(
        graph.nodes,
        "centernet",
        [tensor("image", TensorProto.UINT8, [1, HEIGHT, WIDTH, 3])],
        [tensor("detections", TensorProto.FLOAT, [1, DETECTIONS, 6])],
        list(graph.weights.values()),
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(whole, opset_imports=[opset], producer_name="reverie")
    model.ir_version = 8  # what opset 17 came with: older runtimes load it too
    helper.set_model_props(model, METADATA)
    onnx.checker.check_model(model, full_check=True)
    return model


if __name__ == "__main__":
    main()
