"""Where models lie and what names mean: files of every kind in a folder, read without opening one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import write_model

from reverie.assets import asset
from reverie.errors import DetectorError
from reverie.models import DETECTORS, NOTES, detector_files, find_detector, read_sheet


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder, with what may lie in one."""
    place = tmp_path / "models"
    monkeypatch.setenv("REVERIE_MODELS", str(place))
    for name in (
        "mine.onnx",
        "mine.pt",
        "yolov8s/yolov8s.pt",
        "yolov8s/yolov8s-int8.onnx",
        "yolov8s/LICENSE",
        "both/yolov8m.pt",
        "yolov8m.onnx",
        "Shouting.ONNX",
        "notes.txt",
        ".hidden.onnx",
        ".yolov8l.partial/yolov8l.pt",
        "Wan-AI--Wan2.2/model_index.json",
        "Wan-AI--Wan2.2/transformer.pt",
        "a/b/deep.onnx",
    ):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(b"")
    return place


def test_what_may_be_a_detector(folder: Path) -> None:
    found = [str(path.relative_to(folder)) for path in detector_files(folder)]
    assert found == [
        "Shouting.ONNX",
        "mine.onnx",  # before mine.pt, which would have to be exported
        "mine.pt",
        "yolov8m.onnx",
        "both/yolov8m.pt",
        "yolov8s/yolov8s.pt",
        "yolov8s/yolov8s-int8.onnx",
    ]


def test_without_a_folder_there_is_nothing(tmp_path: Path) -> None:
    assert list(detector_files(tmp_path / "none")) == []


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("mine", "mine.onnx"),
        ("yolov8m", "yolov8m.onnx"),  # not the .pt in another folder
        ("yolov8s", "yolov8s/yolov8s.pt"),
        ("yolov8s-int8", "yolov8s/yolov8s-int8.onnx"),
        ("Shouting", "Shouting.ONNX"),
    ],
)
def test_a_name_is_a_file_of_the_folder(folder: Path, model: str, found: str) -> None:
    assert find_detector(model) == folder / found


def test_a_path_is_a_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert find_detector("mine.pt") == Path("mine.pt")
    assert find_detector("./yolov8s/LICENSE") == Path("yolov8s/LICENSE")  # whoever opens it refuses it
    monkeypatch.setenv("HOME", str(folder))
    assert find_detector("~/mine.onnx") == folder / "mine.onnx"


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("yolov8n", r"not on this box; fetch it with `reverie models pull yolov8n`, or copy yolov8n\.onnx"),
        ("yolov8l", "reverie models pull yolov8l"),  # half pulled: not here
        ("yolo8s", "did you mean 'yolov8s'"),
        ("embeded", "did you mean 'embedded'"),
        ("notes", "not on this box"),
        ("deep", "not on this box"),  # one folder down, no deeper
        ("here.onnx", "here.onnx: no such file; a detector is `embedded`"),
        ("./yolov8s", "is a folder, not a file"),
    ],
)
def test_what_is_not_here_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, model: str, told: str
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(DetectorError, match=told):
        find_detector(model)


# ---------------------------------------------------------------------------------- what a file says


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    path = write_model(
        tmp_path / "mine.onnx",
        np.zeros((1, 6, 84), np.float32),
        names="{0: 'toy', 1: 'doll'}",
        task="detect",
        imgsz="[480, 640]",
        license="AGPL-3.0",
        quantized="int8, from 300 pictures",
    )
    sheet = read_sheet(path)
    assert (sheet.name, sheet.task, sheet.things, sheet.side) == ("mine", "detect", 2, "640x480")
    assert (sheet.licence, sheet.quantized, sheet.fault) == ("AGPL-3.0", "int8, from 300 pictures", "")
    assert sheet.size == path.stat().st_size


def test_what_a_file_says_is_words(tmp_path: Path) -> None:
    path = write_model(tmp_path / "rude.onnx", np.zeros((1, 6, 84)), license="\x1b[2Jmit\n" + "!" * 500)
    assert read_sheet(path).licence.startswith(" [2Jmit !!")
    assert len(read_sheet(path).licence) == 200


def test_the_embedded_detector_says_what_it_is() -> None:
    sheet = read_sheet(asset("centernet_384x512.onnx"))
    assert (sheet.task, sheet.things, sheet.fault) == ("detect", 80, "")
    assert "MIT" in sheet.licence


def test_a_pulled_files_licence_is_in_the_notes(tmp_path: Path) -> None:
    (tmp_path / "yolov8n-pose.pt").write_bytes(b"pickle")
    assert read_sheet(tmp_path / "yolov8n-pose.pt").licence == DETECTORS["yolov8n-pose"].licence
    (tmp_path / NOTES).write_text(json.dumps({"licence": "told by the hub"}))
    sheet = read_sheet(tmp_path / "yolov8n-pose.pt")
    assert (sheet.licence, sheet.task) == ("told by the hub", "pose")
    (tmp_path / "other.pt").write_bytes(b"pickle")
    (tmp_path / NOTES).write_text("[damaged")
    assert read_sheet(tmp_path / "other.pt").licence == "not stated"


# The model itself is stepped over, so what lies behind it is what shows that a file is whole.
@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_says_so(tmp_path: Path, share: float) -> None:
    path = write_model(tmp_path / "cut.onnx", np.zeros((1, 6, 84), np.float32), task="detect")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert read_sheet(path).fault.startswith("damaged or cut off")


@settings(deadline=None, max_examples=200)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_survived(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "any.onnx"
    path.write_bytes(content)
    assert read_sheet(path).size == len(content)


def test_a_file_that_is_gone_meanwhile(tmp_path: Path) -> None:
    assert "damaged or cut off" in read_sheet(tmp_path / "gone.onnx").fault
