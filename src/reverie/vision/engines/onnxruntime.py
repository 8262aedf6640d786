"""ONNX files on ONNX Runtime: the CPU everywhere, CUDA and TensorRT where its build and the box have them.

The wheel `onnxruntime` has the CPU alone; `onnxruntime-gpu`, installed in its stead, has CUDA and TensorRT.
TensorRT (`detector.engine: tensorrt`) builds an engine for the very card at the first start, which takes
minutes, and keeps it in the user's cache.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from reverie import config
from reverie.errors import DetectorError
from reverie.vision.cadence import thread_count
from reverie.vision.model import MAX_BATCH, Model, Offer, Settle, Shape, has_nvidia

CPU, CUDA, TENSORRT = "CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"

_ERRORS = (
    ort_state.EngineError,
    ort_state.EPFail,
    ort_state.Fail,
    ort_state.InvalidArgument,
    ort_state.InvalidGraph,
    ort_state.InvalidProtobuf,
    ort_state.NoModel,
    ort_state.NoSuchFile,
    ort_state.NotImplemented,
    ort_state.RuntimeException,
    RuntimeError,
    ValueError,
)
"""The last two are what its Python part raises of a provider."""

_DTYPES: Mapping[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
}

_EASY = (("auto", "auto"), ("auto", "onnxruntime"))
"""Device and engine as asked, where the CPU will do."""

Provider = tuple[str, dict[str, str]]


def reaches_cuda() -> bool:
    """Whether this build of ONNX Runtime has CUDA and an NVIDIA GPU is there."""
    return has_nvidia() and CUDA in onnxruntime.get_available_providers()


def offers() -> list[Offer]:
    """What ONNX Runtime runs on here. On CUDA the precision is the file's."""
    found = [Offer("onnxruntime", "cpu", ("f32",), "CPU")]
    if reaches_cuda():
        found.append(Offer("onnxruntime", "cuda", ("auto",), "NVIDIA GPU"))
        if TENSORRT in onnxruntime.get_available_providers():
            found.append(Offer("tensorrt", "cuda", ("f16", "bf16", "f32"), "NVIDIA GPU"))
    return found


def open_onnxruntime(settings: config.Detector, path: Path, settle: Settle) -> Model:
    """The ONNX file at `path`. See `open_model`."""
    providers = _providers(settings, path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = thread_count(settings.threads)
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    wanted = providers[0][0]
    if wanted != CPU:
        _load_card_libraries()
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=providers, enable_fallback=0)
        # Damaged names show up here: what is read is no UTF-8.
        inputs, metadata = session.get_inputs(), dict(session.get_modelmeta().custom_metadata_map)
        takes = ", ".join(f"{i.name} {i.type} {i.shape}" for i in inputs) or "nothing"
    except _ERRORS as error:
        if wanted != CPU:
            raise DetectorError(
                f"{path}: cannot be opened with {_plain([wanted])}: {_short(error)}"
            ) from error
        raise DetectorError(
            f"{path}: not an ONNX model, or a damaged one ({path.stat().st_size} bytes): {_short(error)}"
        ) from error
    # CUDA without its libraries is left out without an error: who asked for it must know.
    if wanted not in session.get_providers() and (settings.device, settings.engine) not in _EASY:
        raise DetectorError(
            f"{path}: ONNX Runtime cannot use {_plain([wanted])} here: CUDA, cuDNN or TensorRT of the "
            "version it was built for is missing; `pip install 'onnxruntime-gpu[cuda,cudnn]'` brings the "
            "first two, detector.device: cpu needs none"
        )
    device = "cpu" if session.get_providers()[0] == CPU else f"cuda:{_number(settings)}"
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type not in _DTYPES:
        raise DetectorError(f"{path}: not a picture detector: it takes {takes}; one picture is expected")
    shape = tuple(side if isinstance(side, int) and side > 0 else None for side in inputs[0].shape)
    settled = settle(_one_at_a_time(shape) if device == "cpu" else shape, metadata)
    name = inputs[0].name

    def run(array: NDArray[Any]) -> list[NDArray[Any]]:
        try:
            outputs = session.run(None, {name: array})
        except _ERRORS as error:
            raise DetectorError(
                f"{path}: the model failed on an input of shape {array.shape}: {_short(error)}"
            ) from error
        return [np.asarray(output) for output in outputs]

    engine = "tensorrt" if session.get_providers()[0] == TENSORRT else "onnxruntime"
    precision = "f32" if device == "cpu" else "file"
    if engine == "tensorrt":
        precision = "f16" if settings.precision == "auto" else settings.precision
    batch = settled[0] or MAX_BATCH
    return Model(path, settled, _DTYPES[inputs[0].type], metadata, engine, device, precision, batch, run)


def _load_card_libraries() -> None:
    """Load CUDA and cuDNN from their wheels, where they came with pip; else the system's are found anyhow.

    Both this and ONNX Runtime's own log talk about what is missing; here an error says it once.
    """
    onnxruntime.set_default_logger_severity(4)
    preload = getattr(onnxruntime, "preload_dlls", None)  # from 1.21 on
    if preload is not None:
        with contextlib.redirect_stdout(io.StringIO()):
            preload(directory="")


def _one_at_a_time(shape: Shape) -> Shape:
    """A CPU is no faster with four pictures than with one four times, and each would come later."""
    return (shape[0] or 1, *shape[1:])


def _number(settings: config.Detector) -> int:
    return int(settings.device.partition(":")[2] or 0)


def _providers(settings: config.Detector, path: Path) -> list[Provider]:
    """What to run on, the wanted first; the CPU takes what the others cannot."""
    device, number = settings.device.partition(":")[0], str(_number(settings))
    here = onnxruntime.get_available_providers()
    if settings.engine == "tensorrt":
        if TENSORRT not in here or device == "cpu":
            raise DetectorError(
                f"{path}: detector.engine is tensorrt, which needs an NVIDIA GPU and the wheel "
                f"onnxruntime-gpu in place of onnxruntime; ONNX Runtime here has {_plain(here)}, and "
                f"detector.device is {settings.device}"
            )
        return [(TENSORRT, _tensorrt(settings, number)), (CUDA, {"device_id": number}), (CPU, {})]
    if device in ("cuda", "gpu") and CUDA not in here:
        raise DetectorError(
            f"{path}: detector.device is {settings.device}, but ONNX Runtime here has {_plain(here)}: "
            "install the wheel onnxruntime-gpu in place of onnxruntime; allowed here: auto, cpu"
        )
    if device in ("cuda", "gpu") or (device == "auto" and reaches_cuda()):
        if settings.precision in ("bf16", "f16"):
            raise DetectorError(
                f"{path}: detector.precision is {settings.precision}, but CUDA runs a file as it is: export "
                "it with half=True for f16, or set detector.engine: tensorrt"
            )
        exact = "0" if settings.precision == "f32" else "1"
        return [(CUDA, {"device_id": number, "use_tf32": exact}), (CPU, {})]
    if settings.precision in ("bf16", "f16"):
        raise DetectorError(
            f"{path}: detector.precision is {settings.precision}, but ONNX Runtime calculates on a CPU in "
            "f32 only; allowed: auto, f32, or detector.engine: openvino"
        )
    return [(CPU, {})]


def _tensorrt(settings: config.Detector, number: str) -> dict[str, str]:
    """Options of the TensorRT provider: its precision, and where what it built is kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reverie" / "tensorrt"
    return {
        "device_id": number,
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": str(cache),
        "trt_timing_cache_enable": "1",
        "trt_fp16_enable": "1" if settings.precision in ("auto", "f16") else "0",
        "trt_bf16_enable": "1" if settings.precision == "bf16" else "0",
    }


def _plain(providers: list[str]) -> str:
    return ", ".join(name.removesuffix("ExecutionProvider") for name in providers)


def _short(error: Exception) -> str:
    """The library's message without its prefix, place and stack, at most 200 characters."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    text = text.rpartition("[ONNXRuntimeError] : ")[2]
    return re.sub(r"^/onnxruntime_src/\S+ .*?\) ", "", text)[:200]
