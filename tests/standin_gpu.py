"""What TensorRT's and CUDA's Python libraries look like to the program, without a GPU.

The stand-in of CUDA hands out real memory and really copies, so a wrong address or size shows. That of
TensorRT takes an ONNX file for a plan and runs it on ONNX Runtime.
"""

from __future__ import annotations

import ctypes
import enum
import sys
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import pytest


class Code(enum.IntEnum):
    cudaSuccess = 0
    cudaErrorInvalidValue = 1
    cudaErrorNoDevice = 100


class Kind(enum.IntEnum):
    cudaMemcpyHostToDevice = 1
    cudaMemcpyDeviceToHost = 2


class Cuda(ModuleType):
    """`cuda.bindings.runtime` of a box with `devices` GPUs."""

    cudaError_t = Code
    cudaMemcpyKind = Kind

    def __init__(self, devices: int) -> None:
        super().__init__("cuda.bindings.runtime")
        self.devices = devices
        self.memory: dict[int, Any] = {}

    def cudaSetDevice(self, number: int) -> tuple[Code]:
        return (Code.cudaSuccess if number < self.devices else Code.cudaErrorNoDevice,)

    def cudaStreamCreate(self) -> tuple[Code, int]:
        return Code.cudaSuccess, 7

    def cudaStreamSynchronize(self, stream: int) -> tuple[Code]:
        return (Code.cudaSuccess if stream == 7 else Code.cudaErrorInvalidValue,)

    def cudaMalloc(self, size: int) -> tuple[Code, int]:
        held = ctypes.create_string_buffer(size)
        self.memory[ctypes.addressof(held)] = held
        return Code.cudaSuccess, ctypes.addressof(held)

    def cudaFree(self, address: int) -> tuple[Code]:
        del self.memory[address]
        return (Code.cudaSuccess,)

    def cudaMemcpyAsync(self, to: int, start: int, size: int, kind: Kind, stream: int) -> tuple[Code]:
        card = to if kind is Kind.cudaMemcpyHostToDevice else start
        if stream != 7 or card not in self.memory or size > len(self.memory[card]):
            return (Code.cudaErrorInvalidValue,)
        ctypes.memmove(to, start, size)
        return (Code.cudaSuccess,)


class Mode(enum.Enum):
    INPUT = 1
    OUTPUT = 2


class Kinds(enum.Enum):
    FLOAT = np.float32
    HALF = np.float16
    UINT8 = np.uint8
    INT32 = np.int32
    BOOL = np.bool_


_KINDS = {"float": Kinds.FLOAT, "float16": Kinds.HALF, "uint8": Kinds.UINT8, "bool": Kinds.BOOL}


class Engine:
    def __init__(self, plan: bytes) -> None:
        self.session = onnxruntime.InferenceSession(plan, providers=["CPUExecutionProvider"])
        self.tensors = {t.name: t for t in [*self.session.get_inputs(), *self.session.get_outputs()]}
        self.inputs = [t.name for t in self.session.get_inputs()]

    @property
    def num_io_tensors(self) -> int:
        return len(self.tensors)

    def get_tensor_name(self, number: int) -> str:
        return str(list(self.tensors)[number])

    def get_tensor_mode(self, name: str) -> Mode:
        return Mode.INPUT if name in self.inputs else Mode.OUTPUT

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return tuple(side if isinstance(side, int) else -1 for side in self.tensors[name].shape)

    def get_tensor_dtype(self, name: str) -> Kinds:
        return _KINDS[self.tensors[name].type.removeprefix("tensor(").removesuffix(")")]

    def get_tensor_profile_shape(self, name: str, profile: int) -> list[tuple[int, ...]]:
        least = tuple(side if side > 0 else 1 for side in self.get_tensor_shape(name))
        return [least, least, tuple(side if side > 0 else 4 for side in self.get_tensor_shape(name))]

    def create_execution_context(self) -> Context:
        return Context(self)


class Context:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places: dict[str, int] = {}
        self.shape: tuple[int, ...] = ()

    def set_tensor_address(self, name: str, address: int) -> bool:
        self.places[name] = address
        return True

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        allowed = self.engine.get_tensor_shape(name)
        if len(allowed) != len(shape) or any(a not in (-1, s) for a, s in zip(allowed, shape, strict=True)):
            return False
        self.shape = tuple(shape)
        return True

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        if name in self.engine.inputs:
            return self.shape
        return tuple(side if side > 0 else self.shape[0] for side in self.engine.get_tensor_shape(name))

    def execute_async_v3(self, stream: int) -> bool:
        (name,) = self.engine.inputs
        kind = self.engine.get_tensor_dtype(name).value
        size = int(np.prod(self.shape)) * np.dtype(kind).itemsize
        array = np.frombuffer(ctypes.string_at(self.places[name], size), kind).reshape(self.shape)
        for output, found in zip(
            self.engine.session.get_outputs(), self.engine.session.run(None, {name: array}), strict=True
        ):
            ctypes.memmove(self.places[output.name], np.ascontiguousarray(found).ctypes.data, found.nbytes)
        return True


class Logger:
    ERROR = 1

    def __init__(self, level: int) -> None:
        self.level = level


class Runtime:
    DLA_core = -1

    def __init__(self, logger: Logger) -> None:
        self.logger = logger

    def deserialize_cuda_engine(self, plan: bytes) -> Engine | None:
        """None, as TensorRT gives it, for a plan of another version."""
        return None if plan.startswith(b"other version") else Engine(plan)


def install(monkeypatch: pytest.MonkeyPatch, devices: int = 1) -> Cuda:
    """Make `import tensorrt` and `from cuda.bindings import runtime` find the stand-ins."""
    tensorrt = ModuleType("tensorrt")
    for name, value in {
        "__version__": "10.0.0",
        "Logger": Logger,
        "Runtime": Runtime,
        "TensorIOMode": Mode,
    }.items():
        setattr(tensorrt, name, value)
    cuda, bindings, runtime = ModuleType("cuda"), ModuleType("cuda.bindings"), Cuda(devices)
    vars(cuda)["bindings"], vars(bindings)["runtime"] = bindings, runtime
    for module in (tensorrt, cuda, bindings, runtime):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return runtime
