"""A model file, opened and ready to run: the seam of engines.

`open_model` chooses the engine by the file, by what is installed and by what the operator asked for; what
comes back runs the same way whichever it is. The engines themselves are in `engines/`.

Why `auto` takes OpenVINO on an x86 CPU where it is installed: in f32 it needs three quarters of ONNX
Runtime's CPU time for the embedded detector and nine tenths for YOLOv8s, for the same detections (scores
within .0005), and of an INT8 file a fifth (docs/benchmarks.md). On other processors nobody measured it: there
it runs when `detector.engine` says so.
"""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from reverie import config
from reverie.errors import DetectorError

Shape = tuple[int | None, ...]
"""Of a model's input; None where a side is free."""

Settle = Callable[[Shape, Mapping[str, str]], Shape]
"""Given the input's shape and the metadata in the file: the shape that will be run (a fixed one is faster).

Called before anything is compiled. Raises DetectorError when no input of that shape can serve.
"""

READERS: Mapping[str, tuple[str, ...]] = {
    ".onnx": ("onnxruntime", "openvino", "tensorrt"),
    ".xml": ("openvino",),
    ".engine": ("tensorrt",),
}
"""Which engines read which kind of file."""

MAX_BATCH = 8
"""Most pictures in one run of a model whose batch is free, where a run of many is faster at all: on a GPU."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Pictures in, arrays out.

    `shape` is the input's, None where it is free; `dtype` its numpy type; `metadata` what the exporter wrote
    into the file. `engine`, `device` and `precision` say what runs it, in the words of the configuration;
    `precision` is "file" where the engine takes it as it stands in the file. `batch` is how many pictures one
    run takes: exactly so many where `shape` is fixed, else at most.
    """

    path: Path
    shape: Shape
    dtype: Any
    metadata: Mapping[str, str]
    engine: str
    device: str
    precision: str
    batch: int
    run: Callable[[NDArray[Any]], list[NDArray[Any]]]
    """All outputs for one input; they hold until the next run. Raises DetectorError."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An engine that runs here, on a device it reaches; `detector` settings of these words load on it."""

    engine: str
    device: str
    precisions: tuple[str, ...]
    name: str
    """The device as its maker calls it."""


def as_is(shape: Shape, metadata: Mapping[str, str]) -> Shape:
    """The `Settle` that leaves free what is free."""
    return shape


def open_model(settings: config.Detector, path: Path, settle: Settle = as_is) -> Model:
    """The model in the file at `path`, on the engine, device and precision that `settings` ask for.

    It stays quiet and uses `settings.threads` CPU threads (see `thread_count`), which sleep between pictures
    instead of spinning. Raises DetectorError when the file is missing, damaged, of another kind, or does not
    take pictures, and when the engine is not installed or has no such device or precision.
    """
    if not path.is_file():
        raise DetectorError(f"{path}: {'a folder' if path.is_dir() else 'no such file'}; {ALLOWED}")
    suffix = path.suffix.lower()
    readers = READERS.get(suffix)
    if readers is None:
        raise DetectorError(f"{path}: `{suffix}` is no kind of model file that is known here; {ALLOWED}")
    engine = _chosen(settings, suffix) if settings.engine == "auto" else settings.engine
    if engine not in readers:
        raise DetectorError(
            f"{path}: detector.engine is {engine}, which reads no {suffix} file; "
            f"allowed: auto, {', '.join(readers)}"
        )
    if engine == "openvino":
        from reverie.vision.engines.openvino import open_openvino

        return open_openvino(settings, path, settle)
    if suffix == ".engine":
        from reverie.vision.engines.tensorrt import open_tensorrt

        return open_tensorrt(settings, path, settle)
    from reverie.vision.engines.onnxruntime import open_onnxruntime

    model = open_onnxruntime(settings, path, settle)
    if settings.engine == "auto" and model.device == "cpu" and _on_a_cpu(settings) == "openvino":
        # There is a GPU, and what it needs is not: the same as without one.
        return open_model(settings.model_copy(update={"engine": "openvino"}), path, settle)
    return model


ALLOWED = (
    "`detector.model` is `embedded`, the path of a model file (.onnx, .xml, .engine, or .pt, which is "
    "exported first), or the name of a model that `reverie models list` shows"
)


def offers() -> list[Offer]:
    """What runs models on this box: every installed engine, on every device it reaches. Loads them all."""
    from reverie.vision.engines import onnxruntime, openvino, tensorrt

    return [*onnxruntime.offers(), *openvino.offers(), *tensorrt.offers()]


def installed(library: str) -> bool:
    """Whether `library` can be imported; imports nothing."""
    return importlib.util.find_spec(library) is not None


def has_nvidia() -> bool:
    """Whether an NVIDIA GPU is there, and its driver: as a card, in a Jetson, or under WSL."""
    return any(Path(p).exists() for p in ("/dev/nvidiactl", "/dev/nvgpu", "/dev/nvhost-gpu", "/dev/dxg"))


def _chosen(settings: config.Detector, suffix: str) -> str:
    """What `auto` means for a file of this kind."""
    readers = READERS[suffix]
    if len(readers) == 1:
        return readers[0]
    if settings.device.startswith("cuda"):
        return "onnxruntime"
    if settings.device != "cpu" and has_nvidia():
        from reverie.vision.engines.onnxruntime import reaches_cuda

        if reaches_cuda():
            return "onnxruntime"
    return _on_a_cpu(settings)


def _on_a_cpu(settings: config.Detector) -> str:
    """What `auto` means for an ONNX file where ONNX Runtime has no GPU."""
    asked = settings.device.startswith("gpu") or settings.precision in ("bf16", "f16")
    if asked or (installed("openvino") and platform.machine() in ("x86_64", "AMD64")):
        return "openvino"
    return "onnxruntime"
