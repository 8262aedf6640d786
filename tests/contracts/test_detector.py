"""What every detector promises, asked of each: embedded, YOLOv8, scripted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from reverie import config
from reverie.errors import DetectorError
from reverie.values import Frame, Image
from reverie.vision.detector import Detector, load_detector

Load = Callable[..., Detector]


def yolo_file(folder: Path) -> str:
    """A YOLOv8 export (64 x 64, two classes) that always sees three boxes, one of them over the edge."""
    table = np.zeros((1, 6, 84), np.float32)
    table[0, :, 0] = 16, 24, 16, 16, 0.1, 0.9
    table[0, :, 1] = 48, 32, 16, 32, 0.7, 0.1
    table[0, :, 2] = 60, 60, 32, 32, 0.6, 0.1
    value = numpy_helper.from_array(table, "value")
    graph = helper.make_graph(
        [helper.make_node("Constant", [], ["output0"], value=value)],
        "fake",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, table.shape)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for key, text in {"names": "{0: 'toy', 1: 'doll'}", "task": "detect"}.items():
        model.metadata_props.add(key=key, value=text)
    onnx.save(model, str(folder / "yolo.onnx"))
    return str(folder / "yolo.onnx")


def script_file(folder: Path) -> str:
    rows = [["doll", 0.9, [0.1, 0.2, 0.4, 0.5]], ["toy", 0.7, [0.6, 0.2, 0.9, 1.0]]]
    frames = {str(i): rows for i in range(8)}
    (folder / "script.json").write_text(json.dumps({"labels": ["toy", "doll"], "frames": frames}))
    return f"scripted:{folder / 'script.json'}"


MODELS: dict[str, Callable[[Path], str]] = {
    "embedded": lambda _: "embedded",
    "yolo": yolo_file,
    "scripted": script_file,
}


@pytest.fixture(params=MODELS)
def load(request: pytest.FixtureRequest, tmp_path: Path) -> Load:
    """Loads the detector under test with any other settings."""
    model = MODELS[request.param](tmp_path)

    def make(**settings: object) -> Detector:
        return load_detector(config.Detector.model_validate({"model": model, **settings}))

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
