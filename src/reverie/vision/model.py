"""An ONNX file, opened and ready to run: the only place that knows ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from reverie.errors import DetectorError

_ERRORS = (
    ort_state.Fail,
    ort_state.InvalidArgument,
    ort_state.InvalidGraph,
    ort_state.InvalidProtobuf,
    ort_state.NoSuchFile,
    ort_state.NotImplemented,
    ort_state.RuntimeException,
    ort_state.EPFail,
)

_DTYPES: Mapping[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
}


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One picture in, arrays out.

    `shape` is the input's, None where it is free; `dtype` its numpy type; `metadata` what the exporter
    wrote into the file.
    """

    path: Path
    shape: tuple[int | None, ...]
    dtype: Any
    metadata: Mapping[str, str]
    session: Any

    def run(self, array: NDArray[Any]) -> list[NDArray[Any]]:
        """All outputs for the input `array`. Raises DetectorError when the model cannot take it."""
        try:
            outputs = self.session.run(None, {self.session.get_inputs()[0].name: array})
        except _ERRORS as error:
            raise DetectorError(
                f"{self.path}: the model failed on an input of shape {array.shape}: {_short(error)}"
            ) from error
        return [np.asarray(output) for output in outputs]


def open_model(path: Path, threads: int) -> Model:
    """The model in the ONNX file at `path`, on the CPU with `threads` threads.

    It stays quiet and its threads sleep between pictures instead of spinning. Raises DetectorError when
    the file is missing, damaged, of another kind, or does not take one picture.
    """
    if path.suffix.lower() in (".pt", ".pth"):
        raise DetectorError(
            f"{path}: a PyTorch file; export it first: `yolo export model={path.name} format=onnx`"
        )
    if not path.is_file():
        raise DetectorError(
            f"{path}: no such file; `detector.model` is `embedded` or the path of an .onnx file"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except _ERRORS as error:
        raise DetectorError(
            f"{path}: not an ONNX model, or a damaged one ({path.stat().st_size} bytes): {_short(error)}"
        ) from error
    inputs = session.get_inputs()
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type not in _DTYPES:
        found = ", ".join(f"{i.name} {i.type} {i.shape}" for i in inputs) or "nothing"
        raise DetectorError(f"{path}: not a picture detector: it takes {found}; one picture is expected")
    shape = tuple(side if isinstance(side, int) and side > 0 else None for side in inputs[0].shape)
    metadata = dict(session.get_modelmeta().custom_metadata_map)
    return Model(path, shape, _DTYPES[inputs[0].type], metadata, session)


def _short(error: Exception) -> str:
    """The library's message without its prefix and stack, at most 200 characters."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return text.rpartition("[ONNXRuntimeError] : ")[2][:200]
