"""`reverie check` of the part that looks: cameras, zones, rules, privacy and the own screen."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from reverie import checkup, config, zones
from reverie.assets import asset
from reverie.checkup import eyes
from reverie.checkup.finding import Finding
from reverie.errors import DetectorError

MAT = {"name": "mat", "polygon": [[0.3, 0.6], [0.7, 0.6], [0.7, 1.0], [0.3, 1.0]]}
SCREEN = {"name": "tv", "kind": "screen", "polygon": [[0.5, 0.1], [0.9, 0.1], [0.9, 0.5], [0.5, 0.5]]}
SLOT = {"name": "left", "kind": "slot", "polygon": MAT["polygon"]}
DOOR = {"name": "door", "start": [0.8, 0.2], "end": [0.8, 1.0]}
GROUND = {"near": [0.9, 0.8], "far": [0.5, 0.4]}
LIVE = "rtsp://127.0.0.1:9/1"
"""A camera that is not there (port 9 discards): it is not opened by a check."""


@pytest.fixture
def script(tmp_path: Path) -> str:
    """A detector that sees somebody where SCREEN is, whatever the picture."""
    path = tmp_path / "script.json"
    somebody = {"label": "person", "keys": [[0, [0.6, 0.2, 0.75, 0.45]], [999, [0.6, 0.2, 0.75, 0.45]]]}
    path.write_text(json.dumps({"labels": ["person", "cup"], "paths": [somebody]}))
    return f"scripted:{path}"


def box(folder: Path, model: str, camera: dict[str, Any] | None = None, **sections: Any) -> config.Config:
    detector = {"model": model, **sections.pop("detector", {})}
    return config.Config.model_validate(
        {
            "cameras": [{"name": "front", **(camera or {})}],
            "detector": detector,
            "store": {"folder": folder / "kept"},
            **sections,
        }
    )


def told(settings: config.Config, what: str) -> list[Finding]:
    return [finding for finding in eyes.findings(settings) if finding.what == what]


# ---------------------------------------------------------------------------------- cameras


def test_footage_is_looked_into(tmp_path: Path, script: str) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    cv2.imwrite(str(pictures / "a.png"), np.full((48, 64, 3), 90, np.uint8))
    (tmp_path / "song.mp4").write_bytes(b"no film" * 100)
    cases = [
        ("demo", "ok", "the demo footage"),
        (str(pictures), "ok", f"folder {pictures}, 64x48"),
        (str(tmp_path / "song.mp4"), "wrong", "song.mp4: not a video, or a damaged one (700 bytes)"),
        (str(tmp_path / "none.mp4"), "wrong", "none.mp4: no such file or folder"),
        (str(tmp_path / "kept"), "wrong", "no such file or folder"),
    ]
    for source, verdict, message in cases:
        (finding,) = told(box(tmp_path, script, {"source": source}), "camera front")
        assert (finding.verdict, message in finding.message) == (verdict, True), finding


# ---------------------------------------------------------------------------------- zones


def test_zones_are_named_with_their_kinds(tmp_path: Path, script: str) -> None:
    settings = box(tmp_path, script, {"zones": [MAT, SCREEN], "lines": [DOOR]})
    assert told(settings, "zones of front") == [
        Finding("zones of front", "ok", "mat (area), tv (screen), door (line)")
    ]
    (finding,) = told(box(tmp_path, script), "zones of front")
    assert (finding.verdict, finding.message) == ("note", "none: the whole picture is one zone")


def test_drawn_zones_are_those_that_count(tmp_path: Path, script: str) -> None:
    settings = box(tmp_path, script, {"zones": [MAT]})
    camera = settings.cameras[0]
    plan = zones.draw(camera, {"zones": [SCREEN], "lines": []})
    zones.save(settings.store.folder, camera, plan, zones.configured(camera).version)
    (finding,) = told(settings, "zones of front")
    assert (finding.verdict, finding.message) == ("ok", "drawn in the console: tv (screen)")
    zones.file_of(settings.store.folder).write_text("{")
    wrong, configured = told(settings, "zones of front")
    assert (wrong.verdict, "zones.json" in wrong.message) == ("wrong", True)
    assert (configured.verdict, configured.message) == ("ok", "mat (area)")


def test_a_slot_without_handling_tells_nothing(tmp_path: Path, script: str) -> None:
    for handling, notes in ((True, 0), (False, 1)):
        settings = box(tmp_path, script, {"zones": [SLOT]}, events={"handling": handling})
        found = told(settings, "zones of front")
        assert [f.verdict for f in found].count("note") == notes
        assert all("'left'" in f.message for f in found if f.verdict == "note")


def test_what_a_slot_holds_is_a_word_that_stories_know(tmp_path: Path, script: str) -> None:
    for holds, notes in (("headphones", 0), ("", 0), ("headfones", 1), ("xyzzy", 1)):
        found = told(box(tmp_path, script, {"zones": [{**SLOT, "holds": holds}]}), "zones of front")
        assert [f.verdict for f in found].count("note") == notes
        assert all("such as headphones" in f.message for f in found if "headfones" in f.message)


def test_more_threads_than_cores_are_noted(tmp_path: Path, script: str) -> None:
    for threads, verdicts in ((None, ["ok"]), (1, ["ok"]), (64, ["ok", "note"])):
        found = told(box(tmp_path, script, detector={"threads": threads}), "detector")
        assert [f.verdict for f in found] == verdicts[: 2 if len(os.sched_getaffinity(0)) < 64 else 1]


@pytest.mark.parametrize(
    ("camera", "events", "message"),
    [
        ({"zones": [{**MAT, "labels": ["persn"]}]}, {}, "zone 'mat' waits for persn"),
        ({"lines": [{**DOOR, "labels": ["cat", "cup"]}]}, {}, "line 'door' waits for cat, unknown"),
        ({}, {"handled": ["cup", "vase"]}, "events.handled waits for vase"),
    ],
)
def test_what_no_detector_reports_is_not_waited_for(
    tmp_path: Path, script: str, camera: dict[str, Any], events: dict[str, Any], message: str
) -> None:
    (finding,) = told(box(tmp_path, script, camera, events=events), "detector")
    assert finding.verdict == "wrong"
    assert message in finding.message
    assert "it knows cup, person" in finding.message


def test_products_may_be_waited_for(tmp_path: Path, script: str) -> None:
    shelf = tmp_path / "products"
    (shelf / "Choco Crunch").mkdir(parents=True)
    (shelf / "Choco Crunch" / "product.yaml").write_text("codes: [abc]")
    (shelf / "Nothing").mkdir()
    zone = {**MAT, "labels": ["choco crunch"]}
    settings = box(tmp_path, script, {"zones": [zone]}, products=shelf)
    assert [f.verdict for f in told(settings, "detector")] == ["ok"]
    note, ok = told(settings, "products")
    assert (note.verdict, "has no photo" in note.message) == ("note", True)
    assert (ok.verdict, ok.message) == ("ok", f"{shelf}: choco crunch")
    assert config.Config().products == eyes.USUAL  # out of the box it need not be there
    assert told(box(tmp_path, script, products=tmp_path / "kept" / eyes.USUAL), "products") == []
    unknown = box(tmp_path, script, {"zones": [zone]}, products=tmp_path / "none")
    assert [f.verdict for f in told(unknown, "detector")] == ["wrong"]
    assert told(unknown, "products") == [Finding("products", "wrong", f"{tmp_path}/none: no such folder")]


def test_labels_of_a_screen_do_not_matter(tmp_path: Path, script: str) -> None:
    settings = box(tmp_path, script, {"zones": [{**SCREEN, "labels": ["clip"]}]})
    assert [f.verdict for f in told(settings, "detector")] == ["ok"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"classes": ["persn"]},
        {"model": "scripted:none.json"},
        {"engine": "tensorrt"},  # which runs no ONNX file
    ],
)
def test_a_detector_that_can_never_look_is_refused_before_the_box_starts(wrong: dict[str, Any]) -> None:
    checkup.refuse(config.Config())
    with pytest.raises(DetectorError):
        checkup.refuse(config.Config.model_validate({"detector": wrong}))


# ---------------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("detector", "events", "messages"),
    [
        ({}, {}, []),  # as it comes
        ({"rate": 5, "cadence": 2}, {}, []),  # every 0.4 s
        ({"rate": 1.5}, {}, ["looks every 0.7 s"]),
        ({"rate": 10, "cadence": 8}, {}, ["looks every 0.8 s", "`events.grace` is 1.5 s"]),
        ({"rate": 2}, {"grace": 0.9}, ["`events.grace` is 0.9 s and the detector looks every 0.5 s"]),
        ({}, {"faced": 2}, ["`events.faced` is never told: this detector is no pose model"]),
        ({}, {"faced": 0}, []),
    ],
)
def test_rules_that_cannot_work_are_noted(
    tmp_path: Path, script: str, detector: dict[str, Any], events: dict[str, Any], messages: list[str]
) -> None:
    found = told(box(tmp_path, script, detector=detector, events=events), "events")
    assert [f.verdict for f in found] == ["note"] * len(messages)
    for finding, message in zip(found, messages, strict=True):
        assert message in finding.message


# ---------------------------------------------------------------------------------- privacy


@pytest.mark.parametrize(
    ("camera", "events", "verdict", "measured", "not_measured"),
    [
        ({}, {"handling": False}, "ok", "presence", "hands"),
        ({}, {}, "ok", "what hands take and put back", "lines"),
        ({"zones": [SLOT]}, {}, "ok", "what hands take and put back", "tall"),
        ({"lines": [DOOR]}, {}, "ok", "crossing of lines", "joints"),
        ({"ground": GROUND}, {}, "note", "tall or short; it needs a notice at the entrance", "joints"),
    ],
)
def test_what_is_measured_of_people_is_told_in_a_line(
    tmp_path: Path,
    script: str,
    camera: dict[str, Any],
    events: dict[str, Any],
    verdict: str,
    measured: str,
    not_measured: str,
) -> None:
    (finding,) = told(box(tmp_path, script, camera, events=events), "privacy")
    assert finding.verdict == verdict
    assert measured in finding.message
    assert not_measured not in finding.message
    assert "docs/privacy.md" in finding.message


def test_privacy_is_told_without_a_detector_too(tmp_path: Path) -> None:
    settings = box(tmp_path, "scripted:none.json")
    assert [f.verdict for f in told(settings, "detector")] == ["wrong"]
    assert len(told(settings, "privacy")) == 1


# ---------------------------------------------------------------------------------- the own screen


def test_a_film_that_the_camera_would_answer_is_noted(tmp_path: Path, script: str) -> None:
    (finding,) = told(box(tmp_path, script, {"source": LIVE}), "screen before front")
    assert finding.verdict == "note"
    assert "the ambient film (entered person, lingered person)" in finding.message
    assert "mark that with a zone of `kind: screen`" in finding.message


def test_a_screen_that_is_marked_is_not_answered(tmp_path: Path, script: str) -> None:
    (finding,) = told(box(tmp_path, script, {"source": LIVE, "zones": [SCREEN]}), "screen before front")
    assert finding == Finding("screen before front", "ok", "no film makes an event on its screen (1 tried)")


def test_a_zone_that_is_not_where_the_screen_is(tmp_path: Path, script: str) -> None:
    elsewhere = {**SCREEN, "polygon": [[0.1, 0.1], [0.4, 0.1], [0.4, 0.5], [0.1, 0.5]]}
    (finding,) = told(box(tmp_path, script, {"source": LIVE, "zones": [elsewhere]}), "screen before front")
    assert finding.verdict == "note"
    assert "as large as the screen itself" in finding.message


def test_footage_cannot_see_the_screen(tmp_path: Path, script: str) -> None:
    for source in ("demo", "scripted:64x48@25"):
        assert told(box(tmp_path, script, {"source": source}), "screen before front") == []


def test_the_newest_clips_are_tried_by_the_real_detector(tmp_path: Path) -> None:
    """The demo footage as a clip: photographs of a person and of things."""
    clips = tmp_path / "kept" / "clips" / "ab"
    clips.mkdir(parents=True)
    shutil.copy(asset("demo.mp4"), clips / "abcdefghijklmnop-1.mp4")
    (clips / "abdamaged-1.mp4").write_bytes(b"no film")
    unmarked = box(tmp_path, "embedded", {"source": LIVE})
    (finding,) = told(unmarked, "screen before front")
    assert "clip abcdefghijkl… (entered person" in finding.message
    marked = box(tmp_path, "embedded", {"source": LIVE, "zones": [SCREEN]})
    (finding,) = told(marked, "screen before front")
    assert (finding.verdict, "on its screen (2 tried)" in finding.message) == ("ok", True)
