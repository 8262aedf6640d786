"""ONNX files and OpenVINO's own (`.xml`) on OpenVINO, the extra `[fast]`: on the CPU, and on Intel GPUs.

By itself OpenVINO calculates in bf16 where the CPU can, and then the same file gives other boxes on another
box. Here it calculates in f32 unless `detector.precision` says otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from reverie import config
from reverie.errors import DetectorError
from reverie.vision.cadence import thread_count
from reverie.vision.model import MAX_BATCH, Model, Offer, Settle, Shape, installed

_DTYPES: Mapping[str, Any] = {"f32": np.float32, "f16": np.float16, "u8": np.uint8}

MOST_SAID = 1_000_000
"""Bytes of a metadata.yaml; 600 class names take 20,000."""

_CAPABILITIES = {"FP32": "f32", "BF16": "bf16", "FP16": "f16"}
"""What a device says it can, in the configuration's words."""


def load_openvino() -> Any:
    """The library `openvino`. Raises ImportError without it. Import it here and nowhere else.

    By itself its import reports to its makers: it writes an id into the user's folder and sends an event to
    Google Analytics, unless `openvino_telemetry` cannot be imported. So it cannot, in this process.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


def offers() -> list[Offer]:
    """What OpenVINO runs on here: the CPU and Intel GPUs, the default precision first. [] without it."""
    if not installed("openvino"):
        return []
    core = load_openvino().Core()
    found = []
    for device in core.available_devices:
        kind, _, number = device.partition(".")
        if kind in ("CPU", "GPU"):
            precisions = sorted(_precisions(core, device), key=lambda p: p != _default(kind))
            name = str(core.get_property(device, "FULL_DEVICE_NAME"))
            place = f"gpu:{number or 0}" if kind == "GPU" else "cpu"
            found.append(Offer("openvino", place, tuple(precisions), name))
    return found


def open_openvino(settings: config.Detector, path: Path, settle: Settle) -> Model:
    """The file at `path`. See `open_model`."""
    try:
        openvino = load_openvino()
    except ImportError as error:
        raise DetectorError(
            f"{path}: OpenVINO is needed and not installed: pip install 'reverie[fast]', or set "
            "detector.engine: onnxruntime"
        ) from error
    core = openvino.Core()
    device = _device(settings, path, core)
    precision = _precision(settings, path, core, device)
    graph, metadata, takes = _read(path)
    inputs = graph.inputs
    if len(inputs) != 1 or inputs[0].partial_shape.rank != 4 or _kind(inputs[0]) not in _DTYPES:
        raise DetectorError(f"{path}: not a picture detector: it takes {takes}; one picture is expected")
    dtype = _DTYPES[_kind(inputs[0])]
    shape = tuple(side.get_length() if side.is_static else None for side in inputs[0].partial_shape)
    settled = settle(_one_at_a_time(shape) if device == "CPU" else shape, metadata)
    options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
    if device == "CPU":
        options |= {
            "INFERENCE_NUM_THREADS": thread_count(settings.threads),
            "NUM_STREAMS": 1,
            # Its threads must not hold a core that another program of this box is using.
            "ENABLE_CPU_PINNING": False,
        }
    try:
        if settled != shape:
            graph.reshape(openvino.PartialShape([-1 if side is None else side for side in settled]))
        request = core.compile_model(graph, device, options).create_infer_request()
    except RuntimeError as error:
        raise DetectorError(f"{path}: OpenVINO cannot run it on {device}: {_short(error)}") from error

    def run(array: NDArray[Any]) -> list[NDArray[Any]]:
        try:
            outputs = request.infer({0: array}, share_inputs=True, share_outputs=True)
        except RuntimeError as error:
            raise DetectorError(
                f"{path}: the model failed on an input of shape {array.shape}: {_short(error)}"
            ) from error
        return [np.asarray(outputs[i]) for i in range(len(outputs))]

    batch = settled[0] or MAX_BATCH
    place = "cpu" if device == "CPU" else f"gpu:{device.partition('.')[2] or 0}"
    return Model(path, settled, dtype, metadata, "openvino", place, precision, batch, run)


def _read(path: Path) -> tuple[Any, dict[str, str], str]:
    """The graph in the file, what the exporter wrote into it, and its input in words."""
    weights = path.with_suffix(".bin")
    if path.suffix.lower() == ".xml" and not weights.is_file():
        raise DetectorError(f"{path}: its weights are missing: {weights.name} belongs beside it")
    # By name: asked for any model, OpenVINO tries every reader it has, and some complain on stderr.
    from openvino import frontend

    kind, reader = ("OpenVINO", "ir") if path.suffix.lower() == ".xml" else ("ONNX", "onnx")
    errors = (
        frontend.GeneralFailure,
        frontend.InitializationFailure,
        frontend.NotImplementedFailure,
        frontend.OpConversionFailure,
        frontend.OpValidationFailure,
        RuntimeError,
        UnicodeDecodeError,
    )
    try:
        opened = frontend.FrontEndManager().load_by_framework(reader)
        graph = opened.convert(opened.load(str(path)))
        if not graph.outputs:
            raise RuntimeError("there is nothing in it")
        takes = ", ".join(f"{' '.join(i.names)} {_kind(i)} {i.partial_shape}" for i in graph.inputs)
        return graph, _metadata(graph, path), takes or "nothing"
    except errors as error:
        raise DetectorError(
            f"{path}: not an {kind} model, or a damaged one ({path.stat().st_size} bytes): {_short(error)}"
        ) from error


def _kind(port: Any) -> str:
    """The type of a port's numbers: "f32", "u8"."""
    return str(port.get_element_type().to_string())


def _device(settings: config.Detector, path: Path, core: Any) -> str:
    """The device in OpenVINO's words: "CPU", "GPU", "GPU.1". `auto` is the CPU: a small GPU is not faster."""
    kind, _, number = settings.device.partition(":")
    if kind in ("auto", "cpu"):
        return "CPU"
    wanted = f"GPU.{number}" if number else "GPU"
    here = core.available_devices
    same = ("GPU", "GPU.0")
    if kind == "gpu" and (wanted in here or (wanted in same and any(name in here for name in same))):
        return wanted
    raise DetectorError(
        f"{path}: detector.device is {settings.device}, which OpenVINO does not reach; it has "
        f"{', '.join(name.lower().replace('.', ':') for name in here)}"
    )


def _precisions(core: Any, device: str) -> list[str]:
    able = core.get_property(device, "OPTIMIZATION_CAPABILITIES")
    return [word for capability, word in _CAPABILITIES.items() if capability in able]


def _default(device: str) -> str:
    return "f32" if device == "CPU" else "f16"


def _precision(settings: config.Detector, path: Path, core: Any, device: str) -> str:
    if settings.precision == "auto":
        return _default(device.partition(".")[0])
    able = _precisions(core, device)
    if settings.precision not in able:
        raise DetectorError(
            f"{path}: detector.precision is {settings.precision}, which this {device} cannot; allowed: auto, "
            f"{', '.join(able)}"
        )
    return settings.precision


def _one_at_a_time(shape: Shape) -> Shape:
    """A CPU is no faster with four pictures than with one four times, and each would come later."""
    return (shape[0] or 1, *shape[1:])


def _metadata(graph: Any, path: Path) -> dict[str, str]:
    """What the exporter wrote: into the file, or (ultralytics, with an .xml) into metadata.yaml beside it."""
    found: dict[str, str] = {}
    if graph.has_rt_info(["framework"]):
        found |= {key: str(value.value) for key, value in graph.rt_info["framework"].items()}
    beside = path.with_name("metadata.yaml")
    if path.suffix.lower() == ".xml" and beside.is_file():
        if beside.stat().st_size > MOST_SAID:
            raise DetectorError(f"{beside}: more than {MOST_SAID} bytes: not what an exporter writes")
        try:
            text = beside.read_text(encoding="utf-8")
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
                raise DetectorError(f"{beside}: has references, which an exporter does not write")
            told = yaml.safe_load(text)
        except (yaml.YAMLError, OSError, ValueError, RecursionError) as error:
            raise DetectorError(f"{beside}: damaged: {error}") from error
        if not isinstance(told, dict):
            raise DetectorError(f"{beside}: settings of a model are expected, each as `name: value`")
        found |= {str(key): str(value) for key, value in told.items()}
    return found


def _short(error: Exception) -> str:
    """The library's message on one line, at most 200 characters; the last of its lines says what is wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:200]
