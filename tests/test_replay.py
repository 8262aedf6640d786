"""`reverie replay`: the same film and rules give the same lines, byte for byte."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from reverie import config, zones
from reverie.cli.replay import event_line, replay
from reverie.errors import CameraError, ConfigError, ReverieError
from reverie.values import Event, EventKind
from reverie.vision.camera import read_frames
from reverie.vision.detector import load_detector
from reverie.vision.lookout import Lookout
from reverie.vision.replay import Tally
from reverie.vision.replay import replay as events_of

GOLDEN = Path(__file__).parent / "vision" / "golden" / "demo.jsonl"
"""What `reverie replay demo --rate 5` prints."""

FILM = "scripted:64x48@25x16"

SCRIPT = {
    "labels": ["person", "cup"],
    "paths": [
        # Walks in from the left, stands on the mat from the 2nd to the 8th second, and goes out to the right.
        {
            "label": "person",
            "keys": [
                [0, [0.0, 0.3, 0.1, 0.8]],
                [50, [0.4, 0.3, 0.5, 0.8]],
                [200, [0.4, 0.3, 0.5, 0.8]],
                [275, [0.9, 0.3, 1.0, 0.8]],
            ],
        },
        # Somebody holds a cup to the camera.
        {"label": "cup", "keys": [[300, [0.3, 0.3, 0.7, 0.7]], [330, [0.3, 0.3, 0.7, 0.7]]]},
    ],
}

RULES = """\
zones:
- {name: mat, polygon: [[0.3, 0.6], [0.7, 0.6], [0.7, 1.0], [0.3, 1.0]]}
lines:
- {name: door, start: [0.8, 0.2], end: [0.8, 1.0]}
events: {dwell: 4}
detector: {model: "scripted:script.json"}
"""


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.json").write_text(json.dumps(SCRIPT))
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path / "rules.yaml"


def lines(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


# ---------------------------------------------------------------------------------- what is printed


def test_each_event_is_a_line_with_its_time_and_reason(
    rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replay(FILM, rules)
    printed = capsys.readouterr()
    told = [(line["time"], line["kind"], line["zone"], line["label"]) for line in lines(printed.out)]
    expected = [
        # On the mat from 1.25 s on (the foot goes from .05 to .45 in two seconds), told after `inertia`.
        (1.55, "entered", "mat", "person"),
        (5.25, "lingered", "mat", "person"),
        (10.1, "crossed", "door", "person"),
        # Off the mat at 9.5 s, told after `grace`.
        (11.0, "left", "mat", "person"),
        # Held up from 12 s on, told after `shown_seconds`.
        (12.6, "shown", "", "cup"),
    ]
    assert [row[1:] for row in sorted(told)] == [row[1:] for row in expected]
    for (at, *_), (due, *_) in zip(sorted(told), expected, strict=True):
        assert due - 0.01 <= at <= due + 0.2  # ten looks a second
    assert all(line["reason"] for line in lines(printed.out))
    assert "400 frames, 16.0 s of film" in printed.err
    assert "entered 1, lingered 1, crossed 1, left 1, shown 1" in printed.err


def test_a_line_has_every_field_in_one_order() -> None:
    event = Event(EventKind.LINGERED, "regał", "person", 3, 12.34567, dwell=4.00049, near="cup", reason="4 s")
    assert json.dumps(event_line(event), ensure_ascii=False) == (
        '{"time": 12.346, "kind": "lingered", "zone": "regał", "label": "person", "track": 3, '
        '"dwell": 4.0, "count": 0, "direction": "", "near": "cup", "stature": "", "reason": "4 s"}'
    )


def test_it_ends_with_0_and_prints_the_same_bytes_whatever_the_machine(rules: Path) -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-m", "reverie", "replay", FILM, "--rules", "rules.yaml", *options],
            cwd=rules.parent,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            check=True,
            timeout=100,
        )
        for seed, options in (("1", ["--threads", "1"]), ("2", ["--threads", "7"]))
    ]
    assert runs[0].stdout == runs[1].stdout
    assert len(lines(runs[0].stdout.decode())) == 5


def test_no_clock_is_read(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what is told cannot depend on how fast the machine is, `cadence: auto` included."""
    settings = config.load_rules(rules)
    assert settings.detector.cadence == "auto"
    detector, place = load_detector(settings.detector), settings.cameras[0]
    lookout, tally = Lookout(place, settings.detector, settings.events), Tally()

    def ticking() -> float:
        raise AssertionError("a clock was read")

    with monkeypatch.context() as patched:
        for name in ("time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "perf_counter_ns"):
            patched.setattr(time, name, ticking)
        events = list(events_of(read_frames(FILM), detector, lookout, tally))
    assert (len(events), tally.frames, tally.looked) == (5, 400, 160)


@pytest.mark.parametrize(("options", "looked"), [({"rate": 5}, 81), ({"rate": 25}, 400), ({}, 160)])
def test_options_say_otherwise_than_the_rules(
    rules: Path, capsys: pytest.CaptureFixture[str], options: dict[str, Any], looked: int
) -> None:
    replay(FILM, rules, **options)
    assert f"looked at {looked}" in capsys.readouterr().err


def test_cadence_detects_in_every_so_many_looks(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    detected = []
    for cadence in (None, 1, 2):
        replay(FILM, rules, cadence=cadence)
        told = capsys.readouterr().err
        detected.append(int(told.partition("detected in ")[2].split(":")[0]))
    assert detected[0] == detected[1]  # `auto` is 1
    assert detected[2] <= detected[1] / 2 + 1


def test_another_model(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = rules.parent / "nobody.json"
    nobody.write_text('{"labels": ["person"]}')
    replay(FILM, rules, model=f"scripted:{nobody}")
    printed = capsys.readouterr()
    assert (printed.out, "nothing happened" in printed.err) == ("", True)


def test_products_beside_the_rules_are_known(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crunch = rules.parent / "products" / "crunch"
    crunch.mkdir(parents=True)
    (crunch / "product.yaml").write_text("codes: [crunch-1]")
    empty = np.full((240, 320, 3), 120, np.uint8)
    card = empty.copy()
    card[40:200, 80:240] = 255
    code = cv2.QRCodeEncoder.create().encode("crunch-1")
    card[60:180, 100:220] = cv2.resize(code, (120, 120), interpolation=cv2.INTER_NEAREST)[..., None]
    pictures = rules.parent / "pictures"
    pictures.mkdir()
    for index in range(8):  # one a second
        cv2.imwrite(str(pictures / f"{index}.png"), empty if index < 3 else card)
    nobody = rules.parent / "nobody.json"
    nobody.write_text('{"labels": ["person"]}')
    replay(str(pictures), rules, model=f"scripted:{nobody}")
    (line,) = lines(capsys.readouterr().out)
    assert (line["kind"], line["label"]) == ("shown", "crunch")


# ---------------------------------------------------------------------------------- whose rules


WHOLE = """\
cameras:
- {name: front, zones: [{name: mat, polygon: [[0.3, 0.6], [0.7, 0.6], [0.7, 1.0], [0.3, 1.0]]}]}
- {name: back, zones: [{name: rug, polygon: [[0.3, 0.6], [0.7, 0.6], [0.7, 1.0], [0.3, 1.0]]}]}
detector: {model: "scripted:script.json"}
store: {folder: kept}
"""


def test_a_whole_configuration_has_rules_for_each_camera(
    rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules.write_text(WHOLE)
    for name, zone in (("front", "mat"), ("back", "rug")):
        replay(FILM, rules, camera=name)
        assert {line["zone"] for line in lines(capsys.readouterr().out)} == {zone, ""}


def test_drawn_zones(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules.write_text(WHOLE)
    with pytest.raises(ConfigError, match=r"zones\.json: nothing is drawn for camera 'back'"):
        replay(FILM, rules, camera="back", drawn=True)
    settings = config.load(rules)
    back = settings.cameras[1]
    polygon = [[0.3, 0.6], [0.7, 0.6], [0.7, 1.0], [0.3, 1.0]]
    plan = zones.draw(back, {"zones": [{"name": "drawn", "polygon": polygon}], "lines": []})
    zones.save(settings.store.folder, back, plan, zones.configured(back).version)
    capsys.readouterr()
    replay(FILM, rules, camera="back", drawn=True)
    assert {line["zone"] for line in lines(capsys.readouterr().out)} == {"drawn", ""}


def test_without_rules_those_of_the_folder_count(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rules.parent / "reverie.yaml").write_text(WHOLE)
    replay(FILM, camera="front")
    assert {line["zone"] for line in lines(capsys.readouterr().out)} == {"mat", ""}


def test_rules_by_themselves_are_a_configuration_with_one_camera(rules: Path) -> None:
    settings = config.load_rules(rules)
    (camera,) = settings.cameras
    assert ([z.name for z in camera.zones], [line.name for line in camera.lines]) == (["mat"], ["door"])
    assert (settings.events.dwell, settings.detector.model) == (4, f"scripted:{'script.json'}")


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        (WHOLE, {}, "--camera: whose rules? These have front, back"),
        (WHOLE, {"camera": "side"}, "--camera side: no such camera in these rules; they have front, back"),
        (RULES, {"rate": 0}, "--rate: "),
        (RULES, {"cadence": 0}, "--cadence: "),
        (RULES, {"model": "none.onnx"}, "none.onnx"),
        (RULES + "cameras: []\n", {}, "rules.yaml:7: cameras: no such setting"),
        ("zones: [\n", {}, "rules.yaml:2: not YAML"),
        ("zones:\n- {name: mat, polygon: [[0, 0], [1, 0]]}\n", {}, "rules.yaml:2: zones[0].polygon"),
        (
            "zones:\n- {name: mat, polygon: [[0, 0], [1, 1], [1, 0], [0, 1]]}\n",
            {},
            "rules.yaml:2: zones[0]: the sides of zone 'mat' cross each other",
        ),
        (
            "zones:\n- {name: mat, polygon: [[0, 0], [1.5, 1], [1, 0]]}\n",
            {},
            "rules.yaml:2: zones[0].polygon[1][0]",
        ),
        ("evnts: {}\n", {}, "did you mean 'events'"),
    ],
)
def test_wrong_rules_are_told(rules: Path, text: str, options: dict[str, Any], told: str) -> None:
    rules.write_text(text)
    with pytest.raises(ReverieError) as caught:
        replay(FILM, rules, **options)
    assert told in str(caught.value)


@pytest.mark.parametrize("film", ["none.mp4", "rtsp://joe:secret@host/1", "0"])
def test_what_is_no_film_is_told(rules: Path, film: str) -> None:
    with pytest.raises(CameraError) as caught:
        replay(film, rules)
    assert "secret" not in str(caught.value)
    # As it is printed: what is allowed is not taken for somebody's password.
    assert ("scripted:WIDTHxHEIGHT@FPS" in config.mask(str(caught.value))) is (film == "none.mp4")


# ---------------------------------------------------------------------------------- real footage


@pytest.mark.slow  # 290 pictures through the real detector: only they show that the whole way is steady
def test_the_demo_footage_is_told_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    """Times within one look (0.2 s): another CPU's rounding may move a score over its threshold later."""
    replay("demo", rate=5)
    now, golden = lines(capsys.readouterr().out), lines(GOLDEN.read_text())
    assert [_but_numbers(line) for line in now] == [_but_numbers(line) for line in golden]
    for line, before in zip(now, golden, strict=True):
        assert line["time"] == pytest.approx(before["time"], abs=0.2 + 1e-3)
        assert line["dwell"] == pytest.approx(before["dwell"], abs=0.4 + 1e-3)


def _but_numbers(line: dict[str, Any]) -> dict[str, Any]:
    """Without what may differ by a look: times, and the numbers in a reason."""
    reason = "".join("#" if letter.isdigit() or letter == "." else letter for letter in line["reason"])
    return {**line, "time": 0, "dwell": 0, "reason": "#".join(part for part in reason.split("#") if part)}


def test_rules_in_the_documents_load(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "docs" / "replay.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(zones:.*?)```", text, re.S)
    assert len(blocks) == 2
    for block in blocks:
        (tmp_path / "rules.yaml").write_text(block)
        assert config.load_rules(tmp_path / "rules.yaml").cameras[0].zones
