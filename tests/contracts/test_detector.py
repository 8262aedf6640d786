"""What every detector promises, asked of each kind on each engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import standin_gpu
from made import busy, write_model

from reverie import config
from reverie.errors import DetectorError
from reverie.values import Frame, Image
from reverie.vision.detector import Detector, load_detector
from reverie.vision.engines.openvino import load_openvino

Load = Callable[..., Detector]


def yolo_file(folder: Path, shape: tuple[int | str, ...] = (1, 3, 64, 64)) -> Path:
    """A YOLOv8 export (64 x 64, two classes) that always sees three boxes, one of them over the edge."""
    table = np.zeros((1, 6, 84), np.float32)
    table[0, :, 0] = 16, 24, 16, 16, 0.1, 0.9
    table[0, :, 1] = 48, 32, 16, 32, 0.7, 0.1
    table[0, :, 2] = 60, 60, 32, 32, 0.6, 0.1
    return write_model(folder / "yolo.onnx", table, shape=shape, names="{0: 'toy', 1: 'doll'}", task="detect")


def pose_file(folder: Path) -> Path:
    table = busy(7, 64, 1, 17)
    return write_model(folder / "pose.onnx", table, names="{0: 'person'}", task="pose", kpt_shape="[17, 3]")


def ir_file(folder: Path) -> Path:
    """The same as OpenVINO writes it, with its weights beside it."""
    openvino = load_openvino()
    openvino.save_model(openvino.Core().read_model(yolo_file(folder)), folder / "yolo.xml")
    return folder / "yolo.xml"


def engine_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same as ultralytics writes it for TensorRT, on a stand-in of the card."""
    standin_gpu.install(monkeypatch)
    header = json.dumps({"names": {"0": "toy", "1": "doll"}, "task": "detect", "stride": 32}).encode()
    plan = yolo_file(folder).read_bytes()
    (folder / "yolo.engine").write_bytes(len(header).to_bytes(4, "little") + header + plan)
    return folder / "yolo.engine"


def script_file(folder: Path) -> str:
    rows = [["doll", 0.9, [0.1, 0.2, 0.4, 0.5]], ["toy", 0.7, [0.6, 0.2, 0.9, 1.0]]]
    frames = {str(i): rows for i in range(8)}
    (folder / "script.json").write_text(json.dumps({"labels": ["toy", "doll"], "frames": frames}))
    return f"scripted:{folder / 'script.json'}"


Make = Callable[[Path, pytest.MonkeyPatch], dict[str, object]]

DETECTORS: dict[str, Make] = {
    "embedded": lambda folder, _: {"model": "embedded", "engine": "onnxruntime"},
    "embedded-openvino": lambda folder, _: {"model": "embedded", "engine": "openvino"},
    "yolo": lambda folder, _: {"model": str(yolo_file(folder)), "engine": "onnxruntime"},
    "yolo-openvino": lambda folder, _: {"model": str(yolo_file(folder)), "engine": "openvino"},
    "yolo-batch": lambda folder, _: {"model": str(yolo_file(folder, ("batch", 3, 64, 64)))},
    "yolo-ir": lambda folder, _: {"model": str(ir_file(folder))},
    "yolo-tensorrt": lambda folder, monkeypatch: {"model": str(engine_file(folder, monkeypatch))},
    "pose": lambda folder, _: {"model": str(pose_file(folder))},
    "scripted": lambda folder, _: {"model": script_file(folder)},
}


@pytest.fixture(params=DETECTORS)
def load(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads the detector under test with any other settings."""
    chosen = DETECTORS[request.param](tmp_path, monkeypatch)

    def make(**settings: object) -> Detector:
        return load_detector(config.Detector.model_validate({**chosen, **settings}))

    return make


def pictures() -> list[Image]:
    """Shapes of every kind, with something in them."""
    rng = np.random.default_rng(3)
    sizes = [(480, 640), (64, 64), (47, 63), (1080, 1920), (600, 30), (1, 1)]
    return [rng.integers(0, 255, (height, width, 3), np.uint8) for height, width in sizes]


def frames() -> list[Frame]:
    return [Frame(image, index, float(index)) for index, image in enumerate(pictures())]


def test_one_list_a_frame_in_order(load: Load) -> None:
    detector = load()
    together = detector.detect(frames())
    assert len(together) == len(frames())
    assert together == [detector.detect([frame])[0] for frame in frames()]
    assert detector.detect([]) == []


def test_detections_are_well_formed_best_first(load: Load) -> None:
    detector = load(conf=0.01, min_size=0.0)
    for found in detector.detect(frames()):
        scores = [detection.score for detection in found]
        assert scores == sorted(scores, reverse=True)
        for detection in found:
            box = detection.box
            assert detection.label in detector.labels
            assert 0.01 <= detection.score <= 1
            assert 0 <= box.left < box.right <= 1
            assert 0 <= box.top < box.bottom <= 1
            assert all(type(v) is float for v in (detection.score, box.left, box.top, box.right, box.bottom))
            assert len(detection.joints) == (17 if detector.joints else 0)
            for joint in detection.joints:
                assert all(type(v) is float and 0 <= v <= 1 for v in joint)


def test_it_says_how_many_frames_it_takes_at_once(load: Load) -> None:
    assert load().batch >= 1


def test_same_picture_same_answer(load: Load) -> None:
    assert load(conf=0.05).detect(frames()) == load(conf=0.05).detect(frames())


def test_frames_are_left_alone(load: Load) -> None:
    shown = frames()
    for frame in shown:
        frame.image.setflags(write=False)
    load().detect(shown)


def test_threshold_only_takes_away(load: Load) -> None:
    low, high = load(conf=0.1).detect(frames()), load(conf=0.65).detect(frames())
    for more, fewer in zip(low, high, strict=True):
        assert all(detection.score >= 0.65 for detection in fewer)
        assert len(fewer) <= len(more)


def test_only_the_classes_asked_for(load: Load) -> None:
    one = load().labels[0]
    detector = load(classes=[one], conf=0.01)
    assert detector.labels == (one,)
    assert {d.label for found in detector.detect(frames()) for d in found} <= {one}


def test_unknown_class_is_refused_with_what_there_is(load: Load) -> None:
    label = load().labels[0]
    with pytest.raises(DetectorError, match=f"no class '{label}s'; did you mean '{label}'"):
        load(classes=[f"{label}s"])


def test_everything_can_be_too_small(load: Load) -> None:
    assert load(conf=0.01, min_size=1.0).detect(frames()[:2]) == [[], []]
