"""YOLOv8 files: letterbox and overlap as tables, every kind of export, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import made
import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reverie import config
from reverie.errors import DetectorError
from reverie.values import Box, Detection, Frame
from reverie.vision.letterbox import make_letterbox
from reverie.vision.selection import suppress
from reverie.vision.yolo import load_yolo

# ---------------------------------------------------------------------------------- letterbox


@pytest.mark.parametrize(
    ("size", "outer", "inner", "left", "top"),
    [
        ((640, 480), (640, 640), (640, 480), 0, 80),  # bars above and below
        ((480, 640), (640, 640), (480, 640), 80, 0),  # left and right
        ((1280, 720), (640, 640), (640, 360), 0, 140),  # shrunk
        ((320, 240), (640, 640), (640, 480), 0, 80),  # grown
        ((810, 1080), (640, 640), (480, 640), 80, 0),  # bus.jpg
        ((641, 479), (640, 640), (640, 478), 0, 81),  # odd sizes
        ((640, 479), (640, 640), (640, 479), 0, 80),  # an odd bar: the thinner one is above
        ((640, 640), (640, 640), (640, 640), 0, 0),  # nothing to do
        ((768, 576), (512, 384), (512, 384), 0, 0),  # the embedded detector's input
        ((5000, 2), (640, 640), (640, 1), 0, 319),  # never less than one pixel
    ],
)
def test_letterbox(
    size: tuple[int, int], outer: tuple[int, int], inner: tuple[int, int], left: int, top: int
) -> None:
    letterbox = make_letterbox(size, outer)
    assert (letterbox.inner, letterbox.left, letterbox.top) == (inner, left, top)


def test_letterbox_draws_gray_bars() -> None:
    image = np.full((2, 4, 3), 200, np.uint8)
    drawn = make_letterbox((4, 2), (4, 4)).apply(image)
    assert drawn[:, 0, 0].tolist() == [114, 200, 200, 114]


@settings(deadline=None, max_examples=60)
@given(
    width=st.integers(16, 2000),
    height=st.integers(16, 2000),
    corner=st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)),
    span=st.tuples(st.floats(0.1, 0.5), st.floats(0.1, 0.5)),
)
def test_boxes_find_their_way_back(
    width: int, height: int, corner: tuple[float, float], span: tuple[float, float]
) -> None:
    """To the canvas and back is the same place, whatever the sides were rounded to."""
    letterbox = make_letterbox((width, height), (640, 640))
    sides = np.array([*corner, corner[0] + span[0], corner[1] + span[1]], np.float32)
    there = sides * [*letterbox.inner, *letterbox.inner]
    there += [letterbox.left, letterbox.top, letterbox.left, letterbox.top]
    back = letterbox.back(there[None].astype(np.float32))[0]
    np.testing.assert_allclose(back, sides, atol=1e-5 * max(1, 640 / min(letterbox.inner)))


# ---------------------------------------------------------------------------------- overlap


@pytest.mark.parametrize(
    ("boxes", "scores", "classes", "iou", "kept"),
    [
        # overlap 1: the better one stays
        ([(0, 0, 10, 10), (0, 0, 10, 10)], [0.6, 0.9], [0, 0], 0.7, [1]),
        # of two classes: both stay
        ([(0, 0, 10, 10), (0, 0, 10, 10)], [0.6, 0.9], [0, 1], 0.7, [1, 0]),
        # overlap 1/3
        ([(0, 0, 10, 10), (5, 0, 15, 10)], [0.9, 0.6], [0, 0], 0.7, [0, 1]),
        ([(0, 0, 10, 10), (5, 0, 15, 10)], [0.9, 0.6], [0, 0], 0.3, [0]),
        # exactly the limit stays: overlap 1/2
        ([(0, 0, 10, 10), (0, 0, 5, 10)], [0.9, 0.6], [0, 0], 0.5, [0, 1]),
        # one that was dropped drops nobody: 1 goes for 0, so 2 stays
        ([(0, 0, 10, 10), (2, 0, 12, 10), (4, 0, 14, 10)], [0.9, 0.8, 0.7], [0, 0, 0], 0.6, [0, 2]),
        # equal scores: the first
        ([(0, 0, 10, 10), (0, 0, 10, 10)], [0.5, 0.5], [0, 0], 0.7, [0]),
        # a box without area hurts nobody
        ([(5, 5, 5, 5), (0, 0, 10, 10)], [0.9, 0.8], [0, 0], 0.1, [0, 1]),
        ([], [], [], 0.7, []),
    ],
)
def test_suppress(
    boxes: list[tuple[float, ...]], scores: list[float], classes: list[int], iou: float, kept: list[int]
) -> None:
    found = suppress(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(scores, np.float32),
        np.array(classes, np.int64),
        iou,
    )
    assert found.tolist() == kept


def test_suppress_keeps_the_best_three_hundred() -> None:
    boxes = np.array([(i * 20, 0, i * 20 + 10, 10) for i in range(400)], np.float32)
    scores = np.linspace(0.1, 0.9, 400, dtype=np.float32)
    assert suppress(boxes, scores, np.zeros(400, np.int64), 0.7).tolist() == list(range(399, 99, -1))


# ---------------------------------------------------------------------------------- files

Thing = tuple[float, float, float, float, float, int]
"""Left, top, right, bottom in input pixels, score, class."""

THINGS: list[Thing] = [
    (8, 16, 24, 32, 0.9, 1),
    (9, 16, 25, 32, 0.8, 1),  # nearly the one before
    (40, 16, 56, 48, 0.7, 0),
    (0, 0, 4, 4, 0.3, 0),  # too faint
]

NAMES = {0: "toy", 1: "doll"}


def raw(things: list[Thing], classes: int = 2, extra: int = 0, anchors: int = 84) -> NDArray[np.float32]:
    """Output (1, 4 + classes + extra, anchors) that says so."""
    table = np.zeros((1, 4 + classes + extra, anchors), np.float32)
    for i, (left, top, right, bottom, score, label) in enumerate(things):
        table[0, :4, i] = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
        table[0, 4 + label, i] = score
    return table


def end_to_end(things: list[Thing], extra: int = 0) -> NDArray[np.float32]:
    """Output (1, 300, 6 + extra) that says so."""
    table = np.zeros((1, 300, 6 + extra), np.float32)
    table[0, : len(things), :6] = things
    return table


def write_model(path: Path, output: NDArray[Any], **options: Any) -> Path:
    """A graph that puts out `output` whatever it sees; its classes are NAMES unless told otherwise."""
    return made.write_model(path, output, **{"task": "detect", "names": str(NAMES), **options})


def square(side: int = 64) -> Frame:
    return Frame(np.zeros((side, side, 3), np.uint8), 0, 0.0)


def detect(path: Path, shown: Frame | None = None, **options: Any) -> list[Detection]:
    return load_yolo(config.Detector(model=str(path), **options)).detect([shown or square()])[0]


@pytest.fixture(params=["onnxruntime", "openvino"])
def engine(request: pytest.FixtureRequest) -> str:
    """What every kind of file must read the same with."""
    return str(request.param)


DOLL, TOY = Box(0.125, 0.25, 0.375, 0.5), Box(0.625, 0.25, 0.875, 0.75)


@pytest.mark.parametrize(
    ("output", "options"),
    [
        (raw(THINGS), {}),
        (raw(THINGS), {"half": True}),
        (raw(THINGS), {"shape": (1, 3, "height", "width"), "imgsz": "[64, 64]"}),
        (raw(THINGS), {"shape": ("batch", 3, "height", "width"), "imgsz": "64"}),
        (raw(THINGS, extra=51), {"task": "pose", "kpt_shape": "[17, 3]"}),
        # end to end the overlap is settled in the graph
        (end_to_end([THINGS[0], *THINGS[2:]]), {}),
        (end_to_end([THINGS[0], *THINGS[2:]]), {"half": True, "end2end": "True"}),
        (end_to_end([THINGS[0], *THINGS[2:]], extra=51), {"task": "pose", "kpt_shape": "[17, 3]"}),
    ],
)
def test_every_export_gives_the_same(
    tmp_path: Path, engine: str, output: NDArray[np.float32], options: Any
) -> None:
    found = detect(write_model(tmp_path / "model.onnx", output, **options), engine=engine)
    assert [(d.label, round(d.score, 2)) for d in found] == [("doll", 0.9), ("toy", 0.7)]
    for detection, box in zip(found, (DOLL, TOY), strict=True):
        sides = (detection.box.left, detection.box.top, detection.box.right, detection.box.bottom)
        assert sides == pytest.approx((box.left, box.top, box.right, box.bottom), abs=1e-3)


def test_what_is_no_number_is_no_thing(tmp_path: Path, engine: str) -> None:
    """A network that overflowed gives no boxes, and no warning."""
    for name, output, place in (
        ("raw", raw(THINGS[:1]), (0, slice(None), 1)),
        ("boxes", end_to_end(THINGS[:1]), (0, 1, slice(0, 4))),
        ("scores", end_to_end(THINGS[:1]), (0, 1, 4)),
        ("classes", end_to_end([THINGS[0], THINGS[2]]), (0, 1, 5)),
    ):
        for wrong in (np.nan, np.inf, -np.inf):
            output[place] = wrong
            path = write_model(tmp_path / f"{name}.onnx", output)
            assert [d.label for d in detect(path, engine=engine)] == ["doll"], (name, wrong)


def test_two_classes_are_not_taken_for_end_to_end(tmp_path: Path) -> None:
    """(1, 6, 6) is 2 classes at 6 places when the names say so."""
    found = detect(write_model(tmp_path / "model.onnx", raw(THINGS[:1], anchors=7)))
    assert [d.label for d in found] == ["doll"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["doll", "toy"]),
        ({"conf": 0.25, "min_size": 0.0}, ["doll", "toy", "toy"]),
        ({"conf": 0.75}, ["doll"]),
        ({"iou": 0.95}, ["doll", "doll", "toy"]),
        ({"classes": ("toy",)}, ["toy"]),
        ({"min_size": 0.1}, ["toy"]),
    ],
)
def test_settings_count(tmp_path: Path, options: Any, expected: list[str]) -> None:
    found = detect(write_model(tmp_path / "model.onnx", raw(THINGS)), **options)
    assert [d.label for d in found] == expected


def test_only_reported_classes_are_named(tmp_path: Path) -> None:
    path = write_model(tmp_path / "model.onnx", raw(THINGS))
    assert load_yolo(config.Detector(model=str(path))).labels == ("toy", "doll")
    assert load_yolo(config.Detector(model=str(path), classes=("doll",))).labels == ("doll",)


@pytest.mark.parametrize(("classes", "first"), [(80, "person"), (3, "class0")])
def test_file_without_names(tmp_path: Path, classes: int, first: str) -> None:
    path = write_model(tmp_path / "model.onnx", raw(THINGS, classes, anchors=120), names="")
    labels = load_yolo(config.Detector(model=str(path))).labels
    assert (len(labels), labels[0]) == (classes, first)


@pytest.mark.parametrize("half", [False, True])
def test_picture_reaches_the_model_letterboxed_in_rgb_from_0_to_1(
    tmp_path: Path, engine: str, half: bool
) -> None:
    path = made.colours(tmp_path / "model.onnx", 1, half)
    image = np.zeros((128, 128, 3), np.uint8)
    image[...] = 204, 255, 51  # red .8, green 1, blue .2
    (found,) = detect(path, Frame(image, 0, 0.0), conf=0.5, engine=engine)
    assert found.score == pytest.approx(0.8, abs=1e-3 if half else 1e-5)
    assert found.box.right - found.box.left == pytest.approx(0.2, abs=1e-3 if half else 1e-5)


def reds(*shares: float) -> list[Frame]:
    """Frames that are red to these shares, and green and blue enough to have a box."""
    return [
        Frame(np.full((64, 64, 3), (round(255 * share), 255, 255), np.uint8), i, float(i))
        for i, share in enumerate(shares)
    ]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 9])
@pytest.mark.parametrize(("batch", "once"), [(1, 1), (4, 4), ("batch", 1)])
def test_many_frames_at_once(tmp_path: Path, engine: str, batch: int | str, once: int, count: int) -> None:
    """Each frame gets its own answer, whatever the file's batch is; a CPU takes a free batch one by one."""
    path = made.colours(tmp_path / "model.onnx", batch)
    detector = load_yolo(config.Detector.model_validate({"model": str(path), "engine": engine}))
    assert detector.batch == once
    shares = [0.6, 1.0, 0.8, 0.1, 0.7, 0.9, 0.2, 0.55, 0.75][:count]
    found = detector.detect(reds(*shares))
    assert len(found) == count
    for share, detections in zip(shares, found, strict=True):
        assert [d.score for d in detections] == [pytest.approx(share, abs=2e-3)] * (share > 0.5)


# ---------------------------------------------------------------------------------- joints


def with_joints(each: int = 3, count: int = 17) -> NDArray[np.float32]:
    """THINGS with joints: of each thing, joint j is j / 17 of the way along its diagonal, and j / 20 sure."""
    table = raw(THINGS, 1 + 1, count * each)
    for i, (left, top, right, bottom, _, _) in enumerate(THINGS):
        for j in range(count):
            way = j / count
            numbers = left + way * (right - left), top + way * (bottom - top), j / 20
            table[0, 6 + each * j : 6 + each * (j + 1), i] = numbers[:each]
    return table


@pytest.mark.parametrize("each", [2, 3])
def test_joints_come_with_their_box(tmp_path: Path, engine: str, each: int) -> None:
    path = write_model(tmp_path / "model.onnx", with_joints(each), task="pose", kpt_shape=f"[17, {each}]")
    detector = load_yolo(config.Detector.model_validate({"model": str(path), "engine": engine}))
    doll, toy = detector.detect([square()])[0]
    assert detector.joints
    for thing, box in ((doll, DOLL), (toy, TOY)):
        assert len(thing.joints) == 17
        for j, (x, y, sure) in enumerate(thing.joints):
            assert x == pytest.approx(box.left + j / 17 * (box.right - box.left), abs=1e-5)
            assert y == pytest.approx(box.top + j / 17 * (box.bottom - box.top), abs=1e-5)
            assert sure == pytest.approx(j / 20 if each == 3 else 1.0)


def test_other_joints_than_a_persons_are_dropped(tmp_path: Path) -> None:
    """A hand model's 21: still a detector, but not what rules mean by joints."""
    path = write_model(tmp_path / "model.onnx", with_joints(3, 21), task="pose", kpt_shape="[21, 3]")
    detector = load_yolo(config.Detector(model=str(path)))
    assert not detector.joints
    assert [d.joints for d in detector.detect([square()])[0]] == [(), ()]


def test_broken_joints_are_no_joints_of_nobody(tmp_path: Path) -> None:
    """What is no number becomes a joint nobody is sure of, not an error."""
    table = with_joints()
    table[0, 6:9] = np.nan
    path = write_model(tmp_path / "model.onnx", table, task="pose", kpt_shape="[17, 3]")
    assert detect(path)[0].joints[0] == (0.0, 0.0, 0.0)


# ---------------------------------------------------------------------------------- refusals


def missing(folder: Path) -> Path:
    return folder / "model.onnx"


def truncated(folder: Path) -> Path:
    path = write_model(folder / "model.onnx", raw(THINGS))
    path.write_bytes(path.read_bytes()[:200])
    return path


def empty(folder: Path) -> Path:
    (folder / "model.onnx").touch()
    return folder / "model.onnx"


def text(folder: Path) -> Path:
    (folder / "model.onnx").write_text("<html>404: not a model</html>")
    return folder / "model.onnx"


def classifier(folder: Path) -> Path:
    return write_model(folder / "model.onnx", np.zeros((1, 1000), np.float32), task="")


def yolov5(folder: Path) -> Path:
    return write_model(folder / "model.onnx", np.zeros((1, 25200, 7), np.float32), task="")


def two_outputs(folder: Path) -> Path:
    return write_model(folder / "model.onnx", raw(THINGS), outputs=2, task="")


def other_count(folder: Path) -> Path:
    return write_model(folder / "model.onnx", raw(THINGS, classes=9))


def segmenter(folder: Path) -> Path:
    return write_model(folder / "model.onnx", raw(THINGS, extra=32), task="segment")


def batch_of_four(folder: Path) -> Path:
    return write_model(folder / "model.onnx", raw(THINGS), shape=(4, 3, 64, 64))


def four_colours(folder: Path) -> Path:
    return write_model(folder / "model.onnx", raw(THINGS), shape=(1, 4, 64, 64))


def endless_input(folder: Path) -> Path:
    return write_model(folder / "model.onnx", raw(THINGS), shape=(1, 3, 64, 1_000_000))


def endless_names(folder: Path) -> Path:
    return write_model(folder / "model.onnx", raw(THINGS), names="{999999999: 'toy'}")


def odd_joints(folder: Path) -> Path:
    return write_model(folder / "model.onnx", raw(THINGS, extra=51), task="pose", kpt_shape="[-17, 3]")


def flat_input(folder: Path) -> Path:
    return write_model(folder / "model.onnx", raw(THINGS), shape=(1, 3))


def no_shape(folder: Path) -> Path:
    """Its input may have any number of sides."""
    path = write_model(folder / "model.onnx", raw(THINGS))
    model = onnx.load(str(path))
    model.graph.input[0].type.tensor_type.ClearField("shape")
    onnx.save(model, str(path))
    return path


def damaged_names(folder: Path) -> Path:
    return write_model(folder / "model.onnx", raw(THINGS), names="{0: 'toy'")


def endless_joints(folder: Path) -> Path:
    """A number of 6,000 digits, which Python does not print."""
    shape = f"[0x{'f' * 5000}, 3]"
    return write_model(folder / "model.onnx", raw(THINGS, extra=51), task="pose", kpt_shape=shape)


def names(text: str) -> Callable[[Path], Path]:
    return lambda folder: write_model(folder / "model.onnx", raw(THINGS), names=text)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (names("{[]: 1}"), "metadata 'names' is damaged"),
        (names("{1e999: 'toy'}"), "class names are damaged"),
        (endless_joints, "metadata 'kpt_shape' is damaged"),
        (names("{}"), "its list of class names is empty"),
        (names("[]"), "its list of class names is empty"),
        (missing, "no such file; a detector is `embedded`"),
        (truncated, "not an ONNX model, or a damaged one \\(200 bytes\\)"),
        (empty, "not an ONNX model, or a damaged one \\(0 bytes\\)"),
        (text, "not an ONNX model, or a damaged one"),
        (classifier, r"not a YOLOv8 detector: it puts out \(1, 1000\)"),
        (yolov5, r"not a YOLOv8 detector: it puts out \(1, 25200, 7\); expected \(1, 6, boxes\)"),
        (two_outputs, "not a YOLOv8 detector: it puts out"),
        (other_count, r"it puts out \(1, 13, 84\); expected \(1, 6, boxes\)"),
        (segmenter, "its task is 'segment'; only a model for detect or pose"),
        (batch_of_four, r"it puts out \(1, 6, 84\); expected \(4, 6, boxes\)"),
        (
            four_colours,
            r"takes float32 \(1, 4, 64, 64\); expected float \(pictures, 3, height",
        ),
        (endless_input, r"expected float .*sides up to 4096"),
        (endless_names, "class names are damaged: numbers 0..9999 are expected"),
        (odd_joints, "metadata 'kpt_shape' is damaged"),
        (flat_input, "not a picture detector: it takes images"),
        (no_shape, "not a picture detector: it takes images"),
        (damaged_names, "metadata 'names' is damaged"),
    ],
)
def test_what_is_no_detector_is_refused(tmp_path: Path, engine: str, make: Any, message: str) -> None:
    path = make(tmp_path)
    with pytest.raises(DetectorError, match=message) as caught:
        load_yolo(config.Detector.model_validate({"model": str(path), "engine": engine}))
    assert str(path) in str(caught.value)


def test_imgsz_must_fit(tmp_path: Path) -> None:
    fixed = write_model(tmp_path / "fixed.onnx", raw(THINGS))
    load_yolo(config.Detector(model=str(fixed), imgsz=(64, 64)))
    with pytest.raises(
        DetectorError, match=r"imgsz is \[96, 96\], but its input is fixed at height 64, width 64"
    ):
        load_yolo(config.Detector(model=str(fixed), imgsz=(96, 96)))
    free = write_model(tmp_path / "free.onnx", raw(THINGS), shape=(1, 3, "h", "w"), imgsz="[64, 64]")
    found = detect(free, imgsz=128)  # the same boxes on a canvas twice as large
    assert found[0].box.left == pytest.approx(DOLL.left / 2)
    coarse = write_model(tmp_path / "coarse.onnx", raw(THINGS), shape=(1, 3, "h", "w"), stride="64")
    with pytest.raises(
        DetectorError, match=r"imgsz is \[64, 96\], but this model takes multiples of 64 only"
    ):
        load_yolo(config.Detector(model=str(coarse), imgsz=(64, 96)))


def test_an_oblong_input(tmp_path: Path, engine: str) -> None:
    """Sides as asked, height first: a picture of that shape fills it without bars."""
    free = write_model(tmp_path / "free.onnx", raw(THINGS), shape=(1, 3, "h", "w"), imgsz="[640, 640]")
    frame = Frame(np.zeros((96, 128, 3), np.uint8), 0, 0.0)
    found = detect(free, frame, imgsz=[96, 128], engine=engine)
    box = found[0].box
    assert (box.left, box.top) == pytest.approx((8 / 128, 16 / 96))
    assert (box.right, box.bottom) == pytest.approx((24 / 128, 32 / 96))
