"""What runs a file: which engine `auto` is, what each is told, what is refused, and with which words."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import made
import numpy as np
import onnxruntime
import pytest
import standin_gpu

from reverie import config
from reverie.errors import DetectorError
from reverie.values import Frame
from reverie.vision import model as seam
from reverie.vision.engines import onnxruntime as ort_engine
from reverie.vision.engines import tensorrt as trt_engine
from reverie.vision.engines.openvino import load_openvino
from reverie.vision.model import Model, offers, open_model
from reverie.vision.yolo import load_yolo

openvino = load_openvino()


def opened(path: Path, **settings: Any) -> Model:
    return open_model(config.Detector.model_validate({"model": str(path), **settings}), path)


@pytest.fixture
def onnx_file(tmp_path: Path) -> Path:
    return made.colours(tmp_path / "model.onnx", "batch")


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever box the tests run on: none is seen."""
    monkeypatch.setattr(seam, "has_nvidia", lambda: False)
    monkeypatch.setattr(ort_engine, "has_nvidia", lambda: False)


class Session:
    """ONNX Runtime's session on the CPU, that says it runs on whatever was asked for first."""

    asked: list[Any]

    def __init__(self, path: str, options: Any, providers: list[Any], enable_fallback: int) -> None:
        Session.asked = providers
        self._names = [name for name, _ in providers]
        self._session = REAL_SESSION(path, options, providers=["CPUExecutionProvider"])

    def get_providers(self) -> list[str]:
        return self._names

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


REAL_SESSION = onnxruntime.InferenceSession


@pytest.fixture
def nvidia(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box with an NVIDIA GPU and ONNX Runtime's build for it."""
    here = [ort_engine.TENSORRT, ort_engine.CUDA, ort_engine.CPU]
    monkeypatch.setattr(seam, "has_nvidia", lambda: True)
    monkeypatch.setattr(ort_engine, "has_nvidia", lambda: True)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: here)
    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)


# ---------------------------------------------------------------------------------- which engine


@pytest.mark.parametrize(
    ("machine", "without", "settings", "engine"),
    [
        # measured faster on x86; elsewhere nobody measured
        ("x86_64", (), {}, "openvino"),
        ("aarch64", (), {}, "onnxruntime"),
        # not installed
        ("x86_64", ("openvino",), {}, "onnxruntime"),
        # only OpenVINO can
        ("aarch64", (), {"precision": "bf16"}, "openvino"),
        # as asked
        ("x86_64", (), {"engine": "onnxruntime"}, "onnxruntime"),
        ("aarch64", (), {"engine": "openvino"}, "openvino"),
        ("x86_64", (), {"device": "cpu"}, "openvino"),
    ],
)
@pytest.mark.usefixtures("no_gpu")
def test_auto_without_a_gpu(
    monkeypatch: pytest.MonkeyPatch,
    onnx_file: Path,
    machine: str,
    without: tuple[str, ...],
    settings: dict[str, str],
    engine: str,
) -> None:
    if settings.get("precision") == "bf16" and "BF16" not in capabilities():
        pytest.skip("this CPU does not know bf16")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(seam, "installed", lambda name: name not in without)
    model = opened(onnx_file, **settings)
    assert (model.engine, model.device) == (engine, "cpu")
    assert model.precision == settings.get("precision", "f32")


def capabilities() -> list[str]:
    return list(openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))


@pytest.mark.parametrize(
    ("settings", "engine", "device", "providers"),
    [
        ({}, "onnxruntime", "cuda:0", ["CUDA", "CPU"]),
        ({"device": "gpu"}, "onnxruntime", "cuda:0", ["CUDA", "CPU"]),
        ({"device": "cuda:1"}, "onnxruntime", "cuda:1", ["CUDA", "CPU"]),
        ({"engine": "onnxruntime"}, "onnxruntime", "cuda:0", ["CUDA", "CPU"]),
        ({"engine": "onnxruntime", "device": "cpu"}, "onnxruntime", "cpu", ["CPU"]),
        ({"device": "cpu", "engine": "openvino"}, "openvino", "cpu", None),
        ({"engine": "tensorrt"}, "tensorrt", "cuda:0", ["Tensorrt", "CUDA", "CPU"]),
        ({"engine": "tensorrt", "device": "cuda:1"}, "tensorrt", "cuda:1", ["Tensorrt", "CUDA", "CPU"]),
    ],
)
@pytest.mark.usefixtures("nvidia")
def test_with_an_nvidia_gpu(
    onnx_file: Path, settings: dict[str, str], engine: str, device: str, providers: list[str] | None
) -> None:
    Session.asked = []
    model = opened(onnx_file, **settings)
    assert (model.engine, model.device) == (engine, device)
    assert model.precision == {"tensorrt": "f16", "openvino": "f32"}.get(
        engine, "f32" if device == "cpu" else "file"
    )
    if providers is not None:
        names = [name for name, _ in Session.asked]
        assert [name.removesuffix("ExecutionProvider") for name in names] == providers
    # one by one on a CPU, many at once on a card
    assert model.batch == (1 if device == "cpu" else seam.MAX_BATCH)


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({}, {"device_id": "0", "use_tf32": "1"}),
        ({"precision": "f32", "device": "cuda:2"}, {"device_id": "2", "use_tf32": "0"}),
        ({"engine": "tensorrt"}, {"trt_fp16_enable": "1", "trt_bf16_enable": "0"}),
        ({"engine": "tensorrt", "precision": "f32"}, {"trt_fp16_enable": "0", "trt_bf16_enable": "0"}),
        ({"engine": "tensorrt", "precision": "bf16"}, {"trt_fp16_enable": "0", "trt_bf16_enable": "1"}),
        ({"engine": "tensorrt"}, {"trt_engine_cache_enable": "1", "trt_engine_cache_path": "CACHE"}),
    ],
)
@pytest.mark.usefixtures("nvidia")
def test_what_a_card_is_told(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    onnx_file: Path,
    settings: dict[str, str],
    options: Mapping[str, str],
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    opened(onnx_file, **settings)
    told = Session.asked[0][1]
    for name, value in options.items():
        assert told[name] == value.replace("CACHE", str(tmp_path / "reverie" / "tensorrt"))


def test_a_card_whose_libraries_are_missing(
    monkeypatch: pytest.MonkeyPatch, nvidia: None, onnx_file: Path
) -> None:
    """ONNX Runtime leaves such a provider out: whoever asked for it is told, `auto` goes on without."""
    monkeypatch.setattr(Session, "get_providers", lambda _: ["CPUExecutionProvider"])
    with pytest.raises(DetectorError, match="ONNX Runtime cannot use CUDA here: CUDA, cuDNN"):
        opened(onnx_file, device="cuda")
    with pytest.raises(DetectorError, match="ONNX Runtime cannot use Tensorrt here"):
        opened(onnx_file, engine="tensorrt")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert (opened(onnx_file).engine, opened(onnx_file).device) == ("openvino", "cpu")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert (opened(onnx_file).engine, opened(onnx_file).device) == ("onnxruntime", "cpu")


def test_a_card_that_refuses(monkeypatch: pytest.MonkeyPatch, nvidia: None, onnx_file: Path) -> None:
    """TensorRT's provider raises where its libraries are missing: the file is not to blame for that."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise RuntimeError(
            "/onnxruntime_src/onnxruntime/python/state.cc:729 void onnxruntime::python::Register(const "
            "onnxruntime::ProviderOptions&) Please install TensorRT libraries"
        )

    monkeypatch.setattr(onnxruntime, "InferenceSession", refuse)
    with pytest.raises(DetectorError, match="cannot be opened with Tensorrt: Please install TensorRT lib"):
        opened(onnx_file, engine="tensorrt")


# ---------------------------------------------------------------------------------- what a CPU is told


@pytest.mark.parametrize(("threads", "expected"), [(1, 1), (3, 3)])
def test_onnxruntime_uses_so_many_threads_and_they_sleep(
    monkeypatch: pytest.MonkeyPatch, onnx_file: Path, threads: int, expected: int
) -> None:
    seen: list[onnxruntime.SessionOptions] = []

    def session(path: str, options: onnxruntime.SessionOptions, **rest: Any) -> Any:
        seen.append(options)
        return REAL_SESSION(path, options, **rest)

    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    opened(onnx_file, engine="onnxruntime", threads=threads)
    assert seen[0].intra_op_num_threads == expected
    assert seen[0].inter_op_num_threads == 1
    assert seen[0].get_session_config_entry("session.intra_op.allow_spinning") == "0"


@pytest.mark.parametrize("threads", [1, 2])
def test_openvino_uses_so_many_threads_in_f32_on_a_fixed_shape(
    monkeypatch: pytest.MonkeyPatch, onnx_file: Path, threads: int
) -> None:
    compiled: list[tuple[Any, ...]] = []

    class Core(openvino.Core):  # type: ignore[misc, name-defined]
        def compile_model(self, graph: Any, device: str, options: dict[str, Any]) -> Any:
            made = super().compile_model(graph, device, options)
            compiled.append((graph.inputs[0].get_partial_shape().to_string(), device, made))
            return made

    monkeypatch.setattr(openvino, "Core", Core)
    opened(onnx_file, engine="openvino", threads=threads)
    ((shape, device, model),) = compiled
    assert (shape, device) == ("[1,3,64,64]", "CPU")
    assert model.get_property("INFERENCE_NUM_THREADS") == threads
    assert model.get_property("NUM_STREAMS") == 1
    assert model.get_property("ENABLE_CPU_PINNING") is False
    assert model.get_property("INFERENCE_PRECISION_HINT").to_string() == "f32"


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_nothing_runs_between_two_pictures(onnx_file: Path, engine: str) -> None:
    """Threads that wait for work by turning would cost the generator its core: CPU time stands still."""
    import threading
    import time

    model = opened(onnx_file, engine=engine, threads=2)
    picture = np.zeros((1, 3, 64, 64), np.float32)
    model.run(picture)
    before = time.process_time()
    threading.Event().wait(0.3)
    assert time.process_time() - before < 0.1


# ---------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        (
            "model.onnx",
            {"precision": "bf16", "engine": "onnxruntime"},
            "on a CPU in f32 only; allowed: auto, f32",
        ),
        (
            "model.onnx",
            {"device": "cuda"},
            "but ONNX Runtime here has .*CPU: install the wheel onnxruntime-gpu",
        ),
        ("model.onnx", {"device": "gpu", "engine": "onnxruntime"}, "install the wheel onnxruntime-gpu"),
        ("model.onnx", {"engine": "tensorrt"}, "needs an NVIDIA GPU and the wheel onnxruntime-gpu"),
        ("model.onnx", {"device": "gpu:3"}, "device is gpu:3, which OpenVINO does not reach; it has cpu"),
        ("model.xml", {"engine": "onnxruntime"}, "reads no .xml file; allowed: auto, openvino"),
        ("model.engine", {"engine": "openvino"}, "reads no .engine file; allowed: auto, tensorrt"),
        ("model.xml", {}, "its weights are missing: model.bin belongs beside it"),
        ("model.tflite", {}, "`.tflite` is no kind of model file that is known here"),
        ("model", {}, "`` is no kind of model file that is known here"),
        ("missing.onnx", {}, "no such file; `detector.model` is"),
        (".", {}, "a folder; `detector.model` is"),
    ],
)
@pytest.mark.usefixtures("no_gpu")
def test_what_cannot_run_says_what_can(
    tmp_path: Path, onnx_file: Path, name: str, settings: dict[str, str], message: str
) -> None:
    for other in ("model.xml", "model.engine", "model.tflite", "model"):
        (tmp_path / other).touch()
    with pytest.raises(DetectorError, match=message) as caught:
        opened(tmp_path / name, **settings)
    assert str(tmp_path / name) in str(caught.value)


def test_a_precision_that_the_cpu_does_not_know(monkeypatch: pytest.MonkeyPatch, onnx_file: Path) -> None:
    class Core(openvino.Core):  # type: ignore[misc, name-defined]
        def get_property(self, device: str, name: str) -> Any:
            return (
                ["FP32", "INT8"]
                if name == "OPTIMIZATION_CAPABILITIES"
                else super().get_property(device, name)
            )

    monkeypatch.setattr(openvino, "Core", Core)
    with pytest.raises(DetectorError, match="precision is bf16, which this CPU cannot; allowed: auto, f32"):
        opened(onnx_file, engine="openvino", precision="bf16")


def test_openvino_tells_nobody(tmp_path: Path, onnx_file: Path) -> None:
    """By itself its import leaves an id in the user's folder and reports over the network from a thread."""
    script = (
        "import pathlib, sys, threading\n"
        "from reverie import config\n"
        "from reverie.vision.model import offers, open_model\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "offers()\n"
        "open_model(config.Detector(engine='openvino'), path)\n"
        "print([t.name for t in threading.enumerate()], [m for m in sys.modules if 'telemetry.' in m])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(onnx_file)],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['MainThread'] []"
    assert not (tmp_path / "intel").exists()


def test_without_openvino_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, onnx_file: Path) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(DetectorError, match=r"pip install 'reverie\[fast\]'"):
        opened(onnx_file, engine="openvino")


def test_damaged_files_of_openvino(tmp_path: Path, onnx_file: Path) -> None:
    good = tmp_path / "good.xml"
    openvino.save_model(openvino.Core().read_model(onnx_file), good)
    assert opened(good).metadata["names"] == "{0: 'toy', 1: 'doll'}"
    (tmp_path / "metadata.yaml").write_text("names: {0: cat, 1: dog}\nstride: 32\n")
    assert opened(good).metadata["names"] == "{0: 'cat', 1: 'dog'}"
    (tmp_path / "metadata.yaml").write_text("- a list")
    with pytest.raises(DetectorError, match=r"metadata\.yaml: settings of a model are expected"):
        opened(good)
    for odd in ("date: 2026-13-45", "a: " + "9" * 5000, "a: &x [1]\nb: *x", "a: " + "[" * 5000):
        (tmp_path / "metadata.yaml").write_text(odd)
        with pytest.raises(DetectorError, match=r"metadata\.yaml: (damaged|has references)"):
            opened(good)
    (tmp_path / "metadata.yaml").write_text("{")
    with pytest.raises(DetectorError, match=r"metadata\.yaml: damaged"):
        opened(good)
    (tmp_path / "metadata.yaml").unlink()
    good.write_text(good.read_text()[:200])
    with pytest.raises(DetectorError, match="not an OpenVINO model, or a damaged one"):
        opened(good)


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_a_file_damaged_anywhere_is_refused_or_read(tmp_path: Path, onnx_file: Path, engine: str) -> None:
    """Cut off, or with bytes changed (names too, which are no UTF-8 then): no other error, and no crash."""
    rng, whole = np.random.default_rng(5), onnx_file.read_bytes()
    path, refused = tmp_path / "damaged.onnx", 0
    for i in range(40):
        content = bytearray(whole[: rng.integers(len(whole))] if i % 4 == 0 else whole)
        for place in rng.integers(len(whole), size=3) if i % 4 else ():
            content[place] = rng.integers(256)
        if i == 1:
            content = bytearray(whole.replace(b"images", b"im\xff\xfees"))
        path.write_bytes(content)
        settings = config.Detector.model_validate({"model": str(path), "engine": engine})
        try:
            load_yolo(settings).detect([Frame(np.zeros((48, 64, 3), np.uint8), 0, 0.0)])
        except DetectorError:
            refused += 1
    assert refused >= 10


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_an_input_of_another_shape_is_an_error(onnx_file: Path, engine: str) -> None:
    model = opened(onnx_file, engine=engine)
    with pytest.raises(DetectorError, match=r"the model failed on an input of shape \(1, 3, 32, 32\)"):
        model.run(np.zeros((1, 3, 32, 32), np.float32))


def test_what_runs_here_does_run(onnx_file: Path) -> None:
    here = offers()
    assert ("onnxruntime", "cpu") in {(offer.engine, offer.device) for offer in here}
    assert ("openvino", "cpu") in {(offer.engine, offer.device) for offer in here}
    for offer in here:
        for precision in offer.precisions:
            model = opened(onnx_file, engine=offer.engine, device=offer.device, precision=precision)
            assert model.engine == offer.engine
            assert precision in ("auto", model.precision)


# ---------------------------------------------------------------------------------- TensorRT


HEADER = {"names": {"0": "toy", "1": "doll"}, "task": "detect", "stride": 32, "imgsz": [64, 64], "dla": None}


def engine_file(folder: Path, batch: int | str = 1, header: Any = HEADER, half: bool = False) -> Path:
    """An engine of which the plan is an ONNX file, as the stand-in takes it."""
    plan = made.colours(folder / "plan.onnx", batch, half).read_bytes()
    told = json.dumps(header).encode() if header is not None else b""
    path = folder / "model.engine"
    path.write_bytes((len(told).to_bytes(4, "little") + told if told else b"") + plan)
    return path


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize(("batch", "once"), [(1, 1), (2, 2), ("batch", 4)])
def test_an_engine_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, batch: int | str, once: int, half: bool
) -> None:
    """The stand-in's profile allows four at once."""
    cuda = standin_gpu.install(monkeypatch)
    path = engine_file(tmp_path, batch, half=half)
    detector = load_yolo(config.Detector(model=str(path)))
    assert detector.batch == once
    shares = [0.6, 1.0, 0.8, 0.1, 0.7]
    frames = [
        Frame(np.full((64, 64, 3), (round(255 * share), 255, 255), np.uint8), i, 0.0)
        for i, share in enumerate(shares)
    ]
    for count in (1, 5, 2):
        found = detector.detect(frames[:count])
        for share, detections in zip(shares, found, strict=False):
            assert [d.score for d in detections] == [pytest.approx(share, abs=3e-3)] * (share > 0.5)
    assert len(cuda.memory) == 2  # one place for the pictures, one for what was found: none is left behind


def test_what_ultralytics_writes_before_the_plan(tmp_path: Path) -> None:
    metadata, plan = trt_engine.split(engine_file(tmp_path))
    assert metadata == {
        "names": "{'0': 'toy', '1': 'doll'}",
        "task": "detect",
        "stride": "32",
        "imgsz": "[64, 64]",
    }
    assert plan == (tmp_path / "plan.onnx").read_bytes()
    bare = tmp_path / "bare.engine"
    bare.write_bytes(bytes(range(256)) * 8)
    assert trt_engine.split(bare) == ({}, bare.read_bytes())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"not a TensorRT engine, or a damaged one \(0 bytes\)"),
        (b"<html>404</html>", r"not a TensorRT engine, or a damaged one \(16 bytes\)"),
        ((100).to_bytes(4, "little") + b'{"names":', "cut off: 13 bytes, of which 104 are its description"),
        ((9).to_bytes(4, "little") + b'{"names":' + b"p" * 50, "its description before the plan is damaged"),
        (
            (12).to_bytes(4, "little") + b'{"stride":1}' + b"other version",
            "built for; build it again on this box",
        ),
    ],
)
def test_engines_that_are_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, message: str
) -> None:
    standin_gpu.install(monkeypatch)
    (tmp_path / "model.engine").write_bytes(content)
    with pytest.raises(DetectorError, match=message) as caught:
        opened(tmp_path / "model.engine")
    assert "model.engine" in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"device": "cpu"}, "an .engine runs on an NVIDIA GPU only"),
        ({"precision": "f16"}, "has the precision that it was built with; allowed: auto"),
        ({"device": "cuda:1"}, "the GPU cannot be used: cudaSetDevice: cudaErrorNoDevice"),
    ],
)
def test_an_engine_is_told_nothing_it_cannot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    standin_gpu.install(monkeypatch)
    with pytest.raises(DetectorError, match=message):
        opened(engine_file(tmp_path), **settings)


def test_without_tensorrt_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    with pytest.raises(DetectorError, match="pip install tensorrt cuda-python"):
        opened(engine_file(tmp_path))


def test_an_engine_that_takes_no_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    standin_gpu.install(monkeypatch)
    flat = made.write_model(tmp_path / "flat.onnx", np.zeros((1, 6, 84), np.float32), shape=(1, 3))
    path = tmp_path / "model.engine"
    path.write_bytes((2).to_bytes(4, "little") + b"{}" + flat.read_bytes())
    with pytest.raises(DetectorError, match="not a picture detector: it takes images"):
        opened(path)
