"""`.engine` files on TensorRT itself. An engine runs only on the card and the version it was built for.

ultralytics writes before the plan four bytes (a length, little-endian) and so many bytes of JSON: the
metadata. A plan without it is read too; then nobody says what its classes are called.

Not run by its makers: no GPU was at hand. The calls are those of TensorRT 10 and 11; tests run them against
stand-ins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reverie import config
from reverie.errors import DetectorError
from reverie.vision.model import MAX_BATCH, Model, Offer, Settle, has_nvidia, installed

LONGEST_HEADER = 1 << 20
"""Bytes of JSON before the plan, at most: class names take a few kilobytes."""

_DTYPES: Mapping[str, Any] = {
    "FLOAT": np.float32,
    "HALF": np.float16,
    "UINT8": np.uint8,
    "INT32": np.int32,
    "INT64": np.int64,
}


def offers() -> list[Offer]:
    """Whether `.engine` files can run here. Their precision is the file's."""
    if not (has_nvidia() and installed("tensorrt") and installed("cuda")):
        return []
    return [Offer("tensorrt", "cuda", ("auto",), "NVIDIA GPU")]


def split(path: Path) -> tuple[dict[str, str], bytes]:
    """The metadata and the plan of the engine file at `path`. Raises DetectorError when it cannot be one."""
    content = path.read_bytes()
    length = int.from_bytes(content[:4], "little")
    if not 2 <= length <= LONGEST_HEADER or content[4:5] != b"{":
        if len(content) < LONGEST_HEADER // 1024:
            raise DetectorError(f"{path}: not a TensorRT engine, or a damaged one ({len(content)} bytes)")
        return {}, content
    if len(content) <= 4 + length:
        raise DetectorError(
            f"{path}: cut off: {len(content)} bytes, of which {4 + length} are its description; copy it again"
        )
    try:
        told = json.loads(content[4 : 4 + length])
    except (ValueError, RecursionError) as error:
        raise DetectorError(f"{path}: its description before the plan is damaged: {error}") from error
    if not isinstance(told, dict):
        raise DetectorError(f"{path}: its description before the plan is damaged: settings are expected")
    return {str(key): str(value) for key, value in told.items() if value is not None}, content[4 + length :]


def open_tensorrt(settings: config.Detector, path: Path, settle: Settle) -> Model:
    """The engine file at `path`. See `open_model`."""
    metadata, plan = split(path)
    if settings.device == "cpu":
        raise DetectorError(f"{path}: detector.device is cpu, but an .engine runs on an NVIDIA GPU only")
    if settings.precision != "auto":
        raise DetectorError(
            f"{path}: detector.precision is {settings.precision}, but an .engine has the precision that it "
            "was built with; allowed: auto"
        )
    try:
        import tensorrt
        from cuda.bindings import runtime as cudart
    except ImportError as error:
        raise DetectorError(
            f"{path}: an .engine needs TensorRT and its CUDA calls, and {error.name or 'one'} is not "
            "installed: pip install tensorrt cuda-python (Jetson: TensorRT comes with JetPack)"
        ) from error
    number = int(settings.device.partition(":")[2] or 0)
    gpu = _Gpu(cudart, number, path)
    gpu.select()
    runtime = tensorrt.Runtime(tensorrt.Logger(tensorrt.Logger.ERROR))
    if metadata.get("dla", "").isdigit():
        runtime.DLA_core = int(metadata["dla"])
    engine = runtime.deserialize_cuda_engine(plan)
    if engine is None:
        raise DetectorError(
            f"{path}: TensorRT {tensorrt.__version__} cannot read it: an engine runs only on the kind of "
            "card and the TensorRT version that it was built for; build it again on this box: "
            "`yolo export format=engine`"
        )
    session = _Session(gpu, runtime, engine, tensorrt.TensorIOMode.INPUT)
    settled = settle(session.shape, metadata)
    batch = settled[0] or min(MAX_BATCH, session.most)
    dtype, device = session.dtypes[session.image], f"cuda:{number}"
    return Model(path, settled, dtype, metadata, "tensorrt", device, "file", batch, session.run)


@dataclass(frozen=True, slots=True)
class _Gpu:
    """CUDA's calls on GPU `number`; each answers with an error code first."""

    cudart: Any
    number: int
    path: Path

    def select(self) -> None:
        """Choose this GPU: CUDA remembers one a thread."""
        self.call(self.cudart.cudaSetDevice, self.number)

    def call(self, function: Any, *arguments: Any) -> Any:
        """What `function` gives. Raises DetectorError with CUDA's name of what went wrong."""
        code, *values = function(*arguments)
        if code != self.cudart.cudaError_t.cudaSuccess:
            raise DetectorError(f"{self.path}: the GPU cannot be used: {function.__name__}: {code.name}")
        return values[0] if values else None

    def copy_in(self, address: Any, array: NDArray[Any], stream: Any) -> None:
        kind = self.cudart.cudaMemcpyKind.cudaMemcpyHostToDevice
        self.call(self.cudart.cudaMemcpyAsync, address, array.ctypes.data, array.nbytes, kind, stream)

    def copy_out(self, array: NDArray[Any], address: Any, stream: Any) -> None:
        kind = self.cudart.cudaMemcpyKind.cudaMemcpyDeviceToHost
        self.call(self.cudart.cudaMemcpyAsync, array.ctypes.data, address, array.nbytes, kind, stream)


class _Session:
    """An engine with its memory on the card. Raises DetectorError where it takes no pictures.

    `image` is the name of its input, `shape` that input's, None where it is free; `most` the largest batch
    that it was built for.
    """

    def __init__(self, gpu: _Gpu, runtime: Any, engine: Any, input_mode: Any) -> None:
        self._gpu = gpu
        self._owners = runtime, engine  # these must outlive the context
        names = [engine.get_tensor_name(i) for i in range(engine.num_io_tensors)]
        inputs = [name for name in names if engine.get_tensor_mode(name) == input_mode]
        self._outputs = [name for name in names if name not in inputs]
        self.dtypes = {name: _DTYPES.get(engine.get_tensor_dtype(name).name) for name in names}
        if len(inputs) != 1 or len(engine.get_tensor_shape(inputs[0])) != 4 or None in self.dtypes.values():
            takes = (
                ", ".join(f"{name} {tuple(engine.get_tensor_shape(name))}" for name in inputs) or "nothing"
            )
            raise DetectorError(
                f"{gpu.path}: not a picture detector: it takes {takes}; one picture is expected"
            )
        (self.image,) = inputs
        self.shape = tuple(side if side > 0 else None for side in engine.get_tensor_shape(self.image))
        # A profile is a least, a usual and a largest shape.
        self.most = self.shape[0] or int(engine.get_tensor_profile_shape(self.image, 0)[2][0])
        self._context = engine.create_execution_context()
        self._stream = gpu.call(gpu.cudart.cudaStreamCreate)
        self._places: dict[str, tuple[int, Any]] = {}

    def run(self, array: NDArray[Any]) -> list[NDArray[Any]]:
        """See `Model.run`."""
        gpu, context = self._gpu, self._context
        gpu.select()
        array = np.ascontiguousarray(array, self.dtypes[self.image])
        if not context.set_input_shape(self.image, array.shape):
            raise DetectorError(f"{gpu.path}: the model failed on an input of shape {array.shape}")
        gpu.copy_in(self._place(self.image, array.nbytes), array, self._stream)
        shapes = [tuple(context.get_tensor_shape(name)) for name in self._outputs]
        found = [np.empty(shape, self.dtypes[n]) for shape, n in zip(shapes, self._outputs, strict=True)]
        places = [self._place(name, out.nbytes) for name, out in zip(self._outputs, found, strict=True)]
        if not context.execute_async_v3(int(self._stream)):
            raise DetectorError(f"{gpu.path}: the model failed on an input of shape {array.shape}")
        for out, address in zip(found, places, strict=True):
            gpu.copy_out(out, address, self._stream)
        gpu.call(gpu.cudart.cudaStreamSynchronize, self._stream)
        return found

    def _place(self, name: str, size: int) -> Any:
        """Memory of the card for `size` bytes of the tensor `name`, made anew only when it must grow."""
        here, address = self._places.get(name, (0, None))
        if here < size:
            if address is not None:
                self._gpu.call(self._gpu.cudart.cudaFree, address)
            address = self._gpu.call(self._gpu.cudart.cudaMalloc, size)
            self._places[name] = size, address
        self._context.set_tensor_address(name, int(address))
        return address
