"""A detector's file made smaller and faster: its convolutions in 8-bit numbers, measured on real footage.

    frames ─ letterbox → what the network is fed ─ run in float → ranges of convolutions' inputs → INT8 file
    other frames ─ both files look → how far they agree

The ranges come from the pictures, so they must be of the place where the file will work: a file calibrated on
eight pictures of somewhere else has lost half of what it could see.

Needs `onnx` (extra `[fast]`). The tools that there are, ONNX Runtime's and NNCF's, were measured first: both
lose more of what the exact file sees (docs/models.md has the figures). NNCF's ONNX files OpenVINO does
not speed up at all, and ONNX Runtime's finer ways to find ranges need 15 GB at 60 pictures.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from reverie import config
from reverie.assets import asset
from reverie.errors import DetectorError
from reverie.values import Detection, Frame, Image
from reverie.vision.centernet import is_centernet
from reverie.vision.detector import Detector
from reverie.vision.export import exported
from reverie.vision.geometry import iou
from reverie.vision.letterbox import make_letterbox
from reverie.vision.model import Model, open_model
from reverie.vision.yolo import fill, settle

FEW = 300
"""Pictures below which the ranges are not to be trusted (what NVIDIA and Intel advise for calibration)."""

USUAL = 0.75
"""Share of the pictures whose numbers fit into the bytes; what exceeds them is cut off. Bytes spread over all
that ever occurred are wasted on a few extremes (docs/models.md)."""

OPSET = 13
"""Of ONNX, from which on each channel of the weights can have a scale of its own."""

SAME = 0.5
"""Overlap from which a box of one file and a box of the other are the same thing."""

LOST = 0.9
"""Recall or precision against the exact file below which a file has lost too much to be used unseen."""

_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    ort_state.Fail,
    ort_state.InvalidArgument,
    ort_state.InvalidGraph,
    ort_state.NotImplemented,
    ort_state.RuntimeException,
)
"""What a tool written for other people's graphs may stumble over."""

Tell = Callable[[int], None]
"""Told how many pictures were looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """What the bytes of one tensor stand for: `low` (0 or less) to `high` (0 or more).

    `means`: the average of each channel, (C,).
    """

    low: float
    high: float
    means: NDArray[np.float64]

    @property
    def scale(self) -> float:
        """What one step stands for; 1 for a tensor that is nothing but 0."""
        return (self.high - self.low) / 255 or 1.0

    @property
    def zero(self) -> int:
        """The byte that stands for 0, which is exact."""
        return min(255, max(0, round(-self.low / self.scale)))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far what one detector finds is what another finds, on the same `pictures`.

    `expected` boxes were found by the exact one, `found` by the other, and `same` are in both: of one label,
    overlapping by SAME or more, each counted once.
    """

    pictures: int
    expected: int
    found: int
    same: int

    @property
    def recall(self) -> float:
        """Share of the exact one's boxes that the other found, 0..1; 1 when there were none."""
        return self.same / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        """Share of the other's boxes that the exact one found too, 0..1; 1 when there were none."""
        return self.same / self.found if self.found else 1.0

    @property
    def fault(self) -> str:
        """Why the other's file should not be used; empty when it can."""
        if not self.expected:
            return "the exact file found nothing in the pictures, so nothing can be said about the other"
        if min(self.recall, self.precision) < LOST:
            return f"it lost too much: recall {self.recall:.2f}, precision {self.precision:.2f}, below {LOST}"
        return ""


def quantize(settings: config.Detector, frames: Iterable[Frame], out: Path, tell: Tell | None = None) -> int:
    """Write the INT8 form of the model that `settings` name to `out`; returns how many pictures it saw.

    Of `settings` only `model` and `imgsz` count. `frames` are taken one by one: any number, each as the
    camera gives it. The file takes and gives what the exact one does, with its metadata, and `quantized`
    there says from how many pictures. It replaces what is at `out`, whole or not at all.
    Raises DetectorError: what, where, what is allowed.
    """
    try:
        import onnx
    except ImportError as error:
        raise DetectorError("onnx is needed and not installed: pip install 'reverie[fast]'") from error
    path = asset("centernet_384x512.onnx") if settings.model == "embedded" else exported(settings.model)
    if path.suffix.lower() != ".onnx":
        raise DetectorError(f"{path}: only an .onnx file can be quantised (or a .pt, which becomes one)")
    exact = settings.model_copy(update={"engine": "onnxruntime", "device": "cpu", "precision": "auto"})
    model = open_model(exact, path, settle(exact, path))
    if np.dtype(model.dtype) == np.float16:
        raise DetectorError(f"{path}: is in float16; export it in float32 (half=False) to quantise it")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".quantize-") as place:
            whole = _folded(path, Path(place) / "folded.onnx")
            chosen = _quantisable(whole.graph)
            if not chosen:
                raise DetectorError(f"{path}: has no convolution that could be quantised")
            names = list(dict.fromkeys(node.input[0] for node in chosen))
            ranges, seen = _collect(whole, names, model, frames, tell)
            _rewrite(whole.graph, chosen, ranges)
            said = {**model.metadata, "quantized": f"int8, from {seen} pictures"}
            onnx.helper.set_model_props(whole, said)
            made = Path(place) / "int8.onnx"
            onnx.save(whole, str(made))
            with made.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(made, out)
    except _ERRORS as error:
        raise DetectorError(f"{path}: cannot be quantised into {out}: {_short(error)}") from error
    return seen


def compare(exact: Detector, other: Detector, frames: Iterable[Frame], tell: Tell | None = None) -> Agreement:
    """How far `other` finds what `exact` finds in `frames`, which neither was calibrated on."""
    pictures = expected = found = same = 0
    for frame in frames:
        ours, theirs = exact.detect([frame])[0], other.detect([frame])[0]
        pictures += 1
        expected += len(ours)
        found += len(theirs)
        same += _same(ours, theirs)
        if tell is not None:
            tell(pictures)
    return Agreement(pictures, expected, found, same)


def spread(count: int, wanted: int) -> tuple[list[int], list[int]]:
    """Which of a film's `count` frames to calibrate on and which to compare on: at most `wanted` in all.

    Evenly over the film, and in time apart: the first four fifths calibrate, the last compares, because
    neighbouring frames are nearly the same picture. A single frame only calibrates.
    """
    taken = [i * count // wanted for i in range(wanted)] if count > wanted else list(range(count))
    last = len(taken) - len(taken) // 5
    return taken[:last], taken[last:]


def _same(ours: Sequence[Detection], theirs: Sequence[Detection]) -> int:
    """How many boxes are in both, each taken once, the best scores first."""
    left = list(theirs)
    hits = 0
    for detection in ours:
        fitting = [
            (overlap, -number)
            for number, other in enumerate(left)
            if other.label == detection.label and (overlap := iou(detection.box, other.box)) >= SAME
        ]
        if fitting:
            del left[-max(fitting)[1]]
            hits += 1
    return hits


# ---------------------------------------------------------------------------------- pictures


def _fed(model: Model, image: Image) -> NDArray[Any]:
    """uint8 (h, w, 3) as `model` takes it: bytes (1, H, W, 3), or 0..1 in (pictures, 3, H, W)."""
    if is_centernet(model):
        height, width = model.shape[1] or 0, model.shape[2] or 0
        return make_letterbox(image.shape[1::-1], (width, height)).apply(image)[None]
    height, width = model.shape[2] or 0, model.shape[3] or 0  # settled: none is free
    planes = np.empty((model.shape[0] or 1, 3, height, width), model.dtype)
    for one in planes:
        fill(one, make_letterbox(image.shape[1::-1], (width, height)).apply(image))
    return planes


def _collect(
    graph: Any, names: Sequence[str], model: Model, frames: Iterable[Frame], tell: Tell | None
) -> tuple[dict[str, Range], int]:
    """The ranges of the tensors `names` while the network looks at `frames`, and how many those were."""
    from onnx import TensorProto, helper

    observed = type(graph)()
    observed.CopyFrom(graph)
    del observed.graph.output[:]
    inputs = {one.name for one in graph.graph.input}
    inside = [name for name in names if name not in inputs]
    observed.graph.output.extend(helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in inside)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        observed.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    extremes: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    sums: dict[str, NDArray[np.float64]] = dict.fromkeys(names, np.zeros(1))
    seen = 0
    for frame in frames:
        fed = _fed(model, frame.image)
        found = dict(zip(inside, session.run(inside, {graph.graph.input[0].name: fed}), strict=True))
        for name in names:
            values = found.get(name, fed)
            extremes[name].append((float(values.min()), float(values.max())))
            sums[name] = sums[name] + values.mean((0, 2, 3), dtype=np.float64)
        seen += 1
        if tell is not None:
            tell(seen)
    if not seen:
        raise DetectorError(f"{model.path}: there was no picture to calibrate on")
    return {name: _range(extremes[name], sums[name] / seen) for name in names}, seen


def _range(extremes: Sequence[tuple[float, float]], means: NDArray[np.float64]) -> Range:
    """The usual range of a tensor: what it reached in `USUAL` of the pictures."""
    lows, highs = np.array(extremes).T
    low, high = np.quantile(lows, 1 - USUAL), np.quantile(highs, USUAL)
    return Range(min(0.0, float(low)), max(0.0, float(high)), means)


# ---------------------------------------------------------------------------------- the graph


def _folded(path: Path, place: Path) -> Any:
    """The graph in the file with its constants folded, so that all weights are plain numbers."""
    import onnx

    exact = onnx.load(str(path))
    kinds = {node.op_type for node in exact.graph.node}
    if kinds & {"QuantizeLinear", "QLinearConv", "ConvInteger"}:
        raise DetectorError(f"{path}: is quantised already; name the exact file")
    opset = max((one.version for one in exact.opset_import if one.domain in ("", "ai.onnx")), default=0)
    if opset < OPSET:
        raise DetectorError(f"{path}: is of opset {opset}; export it with opset={OPSET} or later")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(place)
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    folded = onnx.load(str(place))
    used = {node.domain for node in folded.graph.node}
    domains = [one for one in folded.opset_import if one.domain in used | {""}]
    del folded.opset_import[:]
    folded.opset_import.extend(domains)
    return folded


def _quantisable(graph: Any) -> list[Any]:
    """The convolutions that become INT8: those with constant weights, but for the last ones."""
    constants = {one.name: one for one in graph.initializer}
    kept = _last_convolutions(graph)
    return [
        node
        for node in graph.node
        if node.op_type == "Conv"
        and node.output[0] not in kept
        and node.input[1] in constants
        and len(constants[node.input[1]].dims) == 4
    ]


def _last_convolutions(graph: Any) -> set[str]:
    """Outputs of the convolutions that stay in float: those that nothing but decoding follows.

    Boxes and scores are read off them directly, and they are a hundredth of the work. One after a softmax is
    part of the decoding (YOLOv8's expectation over distances), so what comes before it counts.
    """
    makers = {name: node for node in graph.node for name in node.output}
    waiting = [output.name for output in graph.output]
    seen: set[str] = set()
    last: set[str] = set()
    while waiting:
        name = waiting.pop()
        node = makers.get(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        if node.op_type == "Conv":
            last.add(name)
        before = makers.get(node.input[0]) if node.input else None
        if node.op_type != "Conv" or (before is not None and before.op_type == "Softmax"):
            waiting.extend(node.input)
    return last


def _rewrite(graph: Any, chosen: Sequence[Any], ranges: Mapping[str, Range]) -> None:
    """Put bytes before each of the `chosen` convolutions, and into its weights.

    What a convolution puts out goes through its activation in float: that costs nothing where both are one
    kernel, and rounding twice costs a fifth of the precision. How far the rounded weights shift each output
    on the average is known from the inputs' means, and taken out of the bias.
    """
    from onnx import helper, numpy_helper

    constants = {one.name: one for one in graph.initializer}
    names = {node.output[0] for node in chosen}
    nodes: list[Any] = []
    added: dict[str, Any] = {}

    def keep(name: str, value: NDArray[Any]) -> str:
        added[name] = numpy_helper.from_array(value, name)
        return name

    entries: dict[str, str] = {}
    for node in list(graph.node):
        if node.output[0] in names:
            tensor, weight = node.input[0], node.input[1]
            found = ranges[tensor]
            if tensor not in entries:
                scale = keep(f"{tensor}:scale", np.array(found.scale, np.float32))
                zero = keep(f"{tensor}:zero", np.array(found.zero, np.uint8))
                entries[tensor] = f"{tensor}:exact"
                nodes.append(helper.make_node("QuantizeLinear", [tensor, scale, zero], [f"{tensor}:bytes"]))
                nodes.append(
                    helper.make_node("DequantizeLinear", [f"{tensor}:bytes", scale, zero], [entries[tensor]])
                )
            exact = numpy_helper.to_array(constants[weight]).astype(np.float32)
            rounded, scales = _rounded(exact)
            parts = [
                keep(f"{weight}:bytes", rounded),
                keep(f"{weight}:scale", scales),
                keep(f"{weight}:zero", np.zeros(len(scales), np.int8)),
            ]
            nodes.append(helper.make_node("DequantizeLinear", parts, [f"{weight}:exact"], axis=0))
            bias = np.zeros(len(exact), np.float32)
            if len(node.input) > 2 and node.input[2] in constants:
                bias = numpy_helper.to_array(constants[node.input[2]]).astype(np.float32)
            shift = _shift(exact - rounded * scales[:, None, None, None], found.means)
            corrected = keep(f"{node.output[0]}:bias", (bias + shift).astype(np.float32))
            del node.input[:]
            node.input.extend([entries[tensor], f"{weight}:exact", corrected])
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    needed = {name for node in nodes for name in node.input}
    whole = {**constants, **added}
    del graph.initializer[:]
    graph.initializer.extend(one for name, one in whole.items() if name in needed)


def _rounded(exact: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights (O, I, H, W) as int8, -127..127, and what one step stands for in each output channel, (O,)."""
    scales = (np.abs(exact).max((1, 2, 3)) / 127).astype(np.float32)
    scales[scales == 0] = 1
    return np.round(exact / scales[:, None, None, None]).astype(np.int8), scales


def _shift(error: NDArray[np.float32], means: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far weights that are off by `error` (O, I, H, W) shift the outputs (O,) of inputs with `means`.

    With groups, I is a part of the channels, and each part of the outputs sees its own.
    """
    outputs, inputs = error.shape[:2]
    groups = len(means) // inputs
    parts = error.sum((2, 3)).reshape(groups, outputs // groups, inputs)
    shifted: NDArray[np.float64] = np.einsum("goi,gi->go", parts, means.reshape(groups, inputs)).reshape(-1)
    return shifted


def _short(error: Exception) -> str:
    """The library's message on one line, at most 200 characters."""
    return " ".join(str(error).split())[:200] or type(error).__name__
