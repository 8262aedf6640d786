"""INT8 files: made from a small network that does look, compared with it, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lamps import CELL, CELLS, looking
from numpy.typing import NDArray
from onnx import TensorProto, helper

from reverie import config
from reverie.errors import DetectorError
from reverie.values import Box, Detection, Frame
from reverie.vision.detector import load_detector
from reverie.vision.quantize import Agreement, Range, compare, quantize, spread


def pictures(seed: int, count: int, brightest: int = 256) -> Iterator[Frame]:
    """Frames of 64 x 64 with cells of any brightness."""
    rng = np.random.default_rng(seed)
    for index in range(count):
        cells = rng.integers(0, brightest, (CELLS, CELLS, 3))
        image: NDArray[np.uint8] = cells.repeat(CELL, 0).repeat(CELL, 1).astype(np.uint8)
        yield Frame(image, index, index / 10)


def of(path: Path, engine: str = "onnxruntime") -> config.Detector:
    return config.Detector(model=str(path), engine=engine)  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_the_small_file_sees_what_the_exact_one_sees(tmp_path: Path, engine: str) -> None:
    exact, small = looking(tmp_path / "exact.onnx"), tmp_path / "int8" / "small.onnx"
    told: list[int] = []
    assert quantize(of(exact), pictures(1, 20), small, told.append) == 20
    assert told == list(range(1, 21))
    agreement = compare(load_detector(of(exact, engine)), load_detector(of(small, engine)), pictures(2, 40))
    assert agreement.expected > 100
    assert min(agreement.recall, agreement.precision) > 0.97
    assert [path.name for path in small.parent.iterdir()] == ["small.onnx"]


def test_a_free_batch_stays_free(tmp_path: Path) -> None:
    exact, small = looking(tmp_path / "exact.onnx", batch="pictures"), tmp_path / "small.onnx"
    quantize(of(exact), pictures(1, 20), small)
    assert onnx.load(str(small)).graph.input[0].type.tensor_type.shape.dim[0].dim_param == "pictures"
    for engine in ("onnxruntime", "openvino"):
        both = load_detector(of(exact, engine)), load_detector(of(small, engine))
        assert compare(*both, pictures(2, 20)).fault == ""


def test_what_becomes_bytes_and_what_stays_exact(tmp_path: Path) -> None:
    exact, small = looking(tmp_path / "exact.onnx"), tmp_path / "small.onnx"
    quantize(of(exact), pictures(1, 10), small)
    model = onnx.load(str(small))
    onnx.checker.check_model(model)
    stored = {one.name: one.data_type for one in model.graph.initializer}
    bytes_of = [node.input[0] for node in model.graph.node if node.op_type == "QuantizeLinear"]
    assert sorted(bytes_of) == ["c", "images"]  # what goes into the first two; never what comes out of them
    assert stored["first:bytes"] == stored["second:bytes"] == TensorProto.INT8
    assert stored["third"] == TensorProto.FLOAT  # scores are read off the last one
    assert "first" not in stored
    said = {one.key: one.value for one in model.metadata_props}
    assert said == {
        "names": "{0: 'lamp'}",
        "task": "detect",
        "license": "mine",
        "quantized": "int8, from 10 pictures",
    }


def test_the_mean_of_what_a_convolution_puts_out_is_the_exact_ones(tmp_path: Path) -> None:
    """Rounded weights are off by up to half a step each; their sum is taken out of the bias."""
    import onnxruntime

    exact, small = looking(tmp_path / "exact.onnx"), tmp_path / "small.onnx"
    quantize(of(exact), pictures(1, 200), small)
    sessions = []
    for path in (exact, small):
        model = onnx.load(str(path))
        model.graph.output.append(helper.make_tensor_value_info("d", TensorProto.FLOAT, None))
        sessions.append(onnxruntime.InferenceSession(model.SerializeToString()))
    sums = [np.zeros(8), np.zeros(8)]
    for frame in pictures(1, 200):
        planes = frame.image.transpose(2, 0, 1)[None].astype(np.float32) / 255
        for total, session in zip(sums, sessions, strict=True):
            total += session.run(["d"], {"images": planes})[0].mean((0, 2, 3))
    np.testing.assert_allclose(sums[1] / 200, sums[0] / 200, rtol=0.004)


def test_the_embedded_detector_becomes_bytes_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    image = rng.integers(0, 256, (96, 128, 3)).astype(np.uint8)
    out = tmp_path / "embedded-int8.onnx"
    assert quantize(config.Detector(), [Frame(image, 0, 0.0)], out) == 1
    assert out.stat().st_size < 5_000_000
    assert load_detector(of(out)).labels == load_detector(config.Detector(model="embedded")).labels


def test_a_network_that_only_saw_the_dark_is_found_out(tmp_path: Path) -> None:
    exact, small = looking(tmp_path / "exact.onnx"), tmp_path / "small.onnx"
    quantize(of(exact), pictures(1, 20, brightest=60), small)
    agreement = compare(load_detector(of(exact)), load_detector(of(small)), pictures(2, 40))
    assert agreement.recall < 0.5
    assert "lost too much" in agreement.fault


@pytest.mark.parametrize(
    ("low", "high", "scale", "zero"),
    [
        (0.0, 51.0, 0.2, 0),  # after a ReLU
        (-0.28, 50.72, 0.2, 1),  # after a SiLU
        (-25.5, 25.5, 0.2, 128),
        (-51.0, 0.0, 0.2, 255),
        (0.0, 0.0, 1.0, 0),  # nothing but 0
    ],
)
def test_range(low: float, high: float, scale: float, zero: int) -> None:
    found = Range(low, high, np.zeros(1))
    assert found.scale == pytest.approx(scale)
    assert found.zero == zero


# ---------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: looking(path, half=True), "float16; export it in float32"),
        (lambda path: looking(path, opset=12), "opset 12; export it with opset=13"),
        (lambda path: path.write_bytes(b"no model"), "not an ONNX model"),
        (lambda path: None, "no such file"),
    ],
    ids=["half", "old", "damaged", "missing"],
)
def test_what_cannot_be_quantised(tmp_path: Path, make: object, told: str) -> None:
    path = tmp_path / "exact.onnx"
    make(path)  # type: ignore[operator]
    with pytest.raises(DetectorError, match=told):
        quantize(of(path), pictures(1, 1), tmp_path / "small.onnx")
    assert not list(tmp_path.glob("small*"))
    assert not list(tmp_path.glob(".quantize*"))


def test_one_that_is_quantised_already(tmp_path: Path) -> None:
    quantize(of(looking(tmp_path / "exact.onnx")), pictures(1, 3), tmp_path / "small.onnx")
    with pytest.raises(DetectorError, match="quantised already"):
        quantize(of(tmp_path / "small.onnx"), pictures(1, 3), tmp_path / "smaller.onnx")


def test_no_picture(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="no picture to calibrate on"):
        quantize(of(looking(tmp_path / "exact.onnx")), iter(()), tmp_path / "small.onnx")


def test_nowhere_to_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DetectorError, match="cannot be quantised into"):
        quantize(of(looking(tmp_path / "exact.onnx")), pictures(1, 1), tmp_path / "file" / "small.onnx")


# ---------------------------------------------------------------------------------- compared


class Says:
    """A detector that says the same of every frame."""

    labels: tuple[str, ...] = ("cup", "toy")
    batch = 1
    joints = False

    def __init__(self, *found: Detection) -> None:
        self._found = list(found)

    def detect(self, frames: object) -> list[list[Detection]]:
        return [self._found]


def at(left: float, label: str = "cup", score: float = 0.9) -> Detection:
    return Detection(label, score, Box(left, 0.0, left + 0.2, 0.2))


@pytest.mark.parametrize(
    ("ours", "theirs", "same", "fault"),
    [
        ([at(0.0)], [at(0.02)], 1, ""),  # moved by a tenth of its width: overlap .82
        ([at(0.0)], [at(0.1)], 0, "lost too much"),  # by half: overlap 1/3
        ([at(0.0)], [at(0.0, "toy")], 0, "lost too much"),  # the same place, another thing
        ([at(0.0), at(0.01)], [at(0.0)], 1, "lost too much"),  # one answers for one only
        ([at(0.0), at(0.5)], [at(0.5), at(0.0)], 2, ""),  # in any order
        ([at(0.03), at(0.0)], [at(0.0), at(0.04)], 2, ""),  # each takes the one that fits best
        ([], [], 0, "nothing can be said"),
        ([], [at(0.0)], 0, "nothing can be said"),
        ([at(0.0)], [], 0, "lost too much"),
    ],
)
def test_agreement(ours: list[Detection], theirs: list[Detection], same: int, fault: str) -> None:
    found = compare(Says(*ours), Says(*theirs), pictures(1, 2))
    assert found == Agreement(2, 2 * len(ours), 2 * len(theirs), 2 * same)
    assert fault in found.fault
    assert bool(fault) == bool(found.fault)


# ---------------------------------------------------------------------------------- which pictures


@pytest.mark.parametrize(
    ("count", "wanted", "first", "last"),
    [
        (10, 5, [0, 2, 4, 6], [8]),  # evenly, the last fifth to compare with
        (3, 100, [0, 1, 2], []),  # too few to compare with any
        (5, 100, [0, 1, 2, 3], [4]),
        (0, 100, [], []),
    ],
)
def test_spread(count: int, wanted: int, first: list[int], last: list[int]) -> None:
    assert spread(count, wanted) == (first, last)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 5000), st.integers(1, 600))
def test_no_picture_both_calibrates_and_compares(count: int, wanted: int) -> None:
    first, last = spread(count, wanted)
    assert len(first) + len(last) == min(count, wanted)
    assert all(0 <= index < count for index in first + last)
    assert first + last == sorted(set(first + last))
