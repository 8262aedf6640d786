"""Drawn zones: one file, replaced whole, that rules over the configuration and never harms it."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from reverie import config, zones
from reverie.errors import ConfigError, StoreError, StoreFull

SQUARE = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.4]]
BOW = [[0.1, 0.1], [0.4, 0.4], [0.4, 0.1], [0.1, 0.4]]
SHELF = {"name": "shelf", "polygon": SQUARE}
DOOR = {"name": "door", "start": [0.5, 0.0], "end": [0.5, 1.0]}


@pytest.fixture
def settings(tmp_path: Path) -> config.Config:
    """Two cameras, the first with a configured zone."""
    return config.Config.model_validate(
        {
            "cameras": [
                {"name": "front", "source": "demo", "zones": [{"name": "desk", "polygon": SQUARE}]},
                {"name": "back", "source": "demo"},
            ],
            "store": {"folder": str(tmp_path / "data")},
        }
    )


@pytest.fixture
def front(settings: config.Config) -> config.Camera:
    return settings.cameras[0]


@pytest.fixture
def folder(settings: config.Config) -> Path:
    return settings.store.folder


def drawn(camera: config.Camera, *zone: Any, lines: Any = ()) -> zones.Plan:
    return zones.draw(camera, {"zones": list(zone), "lines": list(lines)})


def saved(folder: Path, camera: config.Camera, *zone: Any, lines: Any = ()) -> zones.Plan:
    """Draw and save over whatever holds now."""
    base = zones.load(folder, [camera])[camera.name].version
    return zones.save(folder, camera, drawn(camera, *zone, lines=lines), base)


def test_what_is_saved_rules_over_the_configuration_for_that_camera_alone(
    settings: config.Config, front: config.Camera, folder: Path
) -> None:
    assert [z.name for z in zones.load(folder, [front])["front"].zones] == ["desk"]
    plan = saved(folder, front, SHELF, lines=[DOOR])
    read = zones.load(folder, settings.cameras)
    assert read["front"] == plan
    assert read["front"].drawn
    assert [z.name for z in read["front"].zones] == ["shelf"]
    assert [line.name for line in read["front"].lines] == ["door"]
    assert read["back"] == zones.configured(settings.cameras[1])


def test_nothing_drawn_is_a_plan_too(front: config.Camera, folder: Path) -> None:
    """Who erases the last zone wants none, not the configuration's."""
    assert saved(folder, front).drawn
    assert zones.load(folder, [front])["front"].zones == ()


def test_back_to_the_configuration(settings: config.Config, front: config.Camera, folder: Path) -> None:
    saved(folder, settings.cameras[1], SHELF)
    base = saved(folder, front, SHELF).version
    assert zones.save(folder, front, None, base) == zones.configured(front)
    read = zones.load(folder, settings.cameras)
    assert read["front"] == zones.configured(front)
    assert [z.name for z in read["back"].zones] == ["shelf"]


def test_two_who_edit_do_not_overwrite_each_other(front: config.Camera, folder: Path) -> None:
    base = zones.load(folder, [front])["front"].version
    first = zones.save(folder, front, drawn(front, SHELF), base)
    with pytest.raises(zones.Outdated, match="camera 'front' were changed by somebody else"):
        zones.save(folder, front, drawn(front), base)
    with pytest.raises(zones.Outdated):
        zones.save(folder, front, None, base)
    assert zones.load(folder, [front])["front"] == first
    assert zones.save(folder, front, drawn(front), first.version).zones == ()


def test_saving_the_same_twice_is_no_conflict(front: config.Camera, folder: Path) -> None:
    """The answer to the first may have been lost."""
    base = zones.load(folder, [front])["front"].version
    first = zones.save(folder, front, drawn(front, SHELF), base)
    assert zones.save(folder, front, drawn(front, SHELF), base) == first
    zones.save(folder, front, None, first.version)
    assert zones.save(folder, front, None, first.version) == zones.configured(front)


def test_a_version_names_what_is_drawn(front: config.Camera) -> None:
    moved = {**SHELF, "polygon": [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.401]]}
    versions = {drawn(front, *what).version for what in ([], [SHELF], [moved], [{**SHELF, "dwell": 3}])}
    assert len(versions) == 4
    assert drawn(front, SHELF).version == drawn(front, {**SHELF, "labels": ["person"]}).version


# What is drawn → what is said of it.
WRONG = [
    ({"zones": [{**SHELF, "polygon": BOW}], "lines": []}, r"zone 'shelf': .*sides of zone 'shelf' cross"),
    ({"zones": [{**SHELF, "polygon": SQUARE[:2]}], "lines": []}, r"zone 'shelf': polygon: .*at least 3"),
    ({"zones": [{**SHELF, "polygon": [[0.1, 0.1]] * 3}], "lines": []}, r"zone 'shelf' has no area"),
    ({"zones": [SHELF, SHELF], "lines": []}, r"two zones or lines .* are called 'shelf'"),
    ({"zones": [SHELF], "lines": [{**DOOR, "name": "shelf"}]}, r"two zones or lines .* are called 'shelf'"),
    ({"zones": [{**SHELF, "name": ""}], "lines": []}, r"zone 1: name: a name is expected"),
    (
        {"zones": [{**SHELF, "polygon": [[0, 0], [1.2, 0], [1, 1]]}], "lines": []},
        r"polygon\[1\]\[0\]: .*1\.2",
    ),
    (
        {"zones": [{**SHELF, "polygon": [[0, 0], [float("nan"), 0], [1, 1]]}], "lines": []},
        r"polygon\[1\]\[0\]",
    ),
    ({"zones": [{**SHELF, "dwel": 3}], "lines": []}, r"zone 'shelf': dwel: .*did you mean 'dwell'"),
    ({"zones": [{**SHELF, "dwell": -1}], "lines": []}, r"zone 'shelf': dwell: "),
    ({"zones": [], "lines": [{**DOOR, "end": DOOR["start"]}]}, r"line 'door' starts where it ends"),
    ({"zones": [{**SHELF, "labels": ["\ud800"]}], "lines": []}, r"zone 'shelf': labels: names of things"),
    ({"zones": [], "lines": [{**DOOR, "labels": [" "]}]}, r"line 'door': labels: names of things"),
    ({"zones": ["shelf"], "lines": []}, r"zone 1: "),
    ({"zones": {}, "lines": []}, r"zones: "),
    ({"zones": [SHELF] * 65, "lines": []}, r"zones: 65 of them; a camera has at most 64"),
    (
        {"zones": [{**SHELF, "polygon": [[i / 80, (i / 80) ** 2] for i in range(65)]}], "lines": []},
        r"zone 'shelf': 65 corners; .* at most 64",
    ),
    ({"zones": []}, r"is expected"),
    ({"zones": [], "lines": [], "source": "rtsp://elsewhere"}, r"is expected"),
    ([], r"is expected"),
]


@pytest.mark.parametrize(("wanted", "told"), WRONG)
def test_what_cannot_be_drawn_is_said_with_its_name(front: config.Camera, wanted: object, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        zones.draw(front, wanted)


def test_every_mistake_is_told_at_once(front: config.Camera) -> None:
    with pytest.raises(ConfigError) as refused:
        drawn(front, {**SHELF, "polygon": BOW}, {**SHELF, "name": "desk", "dwell": -1})
    assert "'shelf'" in str(refused.value)
    assert "'desk'" in str(refused.value)


FRACTION = st.floats(0, 1, allow_nan=False)
POINT = st.tuples(FRACTION, FRACTION)
WORD = st.from_regex(r"\A[a-zA-Z0-9_é店][a-zA-Z0-9_é店 .-]{0,20}\Z")


@hypothesis(deadline=None, max_examples=60)
@given(
    zone=st.fixed_dictionaries(
        {"name": WORD, "polygon": st.lists(POINT, min_size=3, max_size=6)},
        optional={"labels": st.lists(WORD, max_size=3), "dwell": st.none() | st.floats(0, 86_400)},
    ),
    line=st.fixed_dictionaries({"name": WORD, "start": POINT, "end": POINT}),
)
def test_what_can_be_drawn_is_read_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, zone: Any, line: Any
) -> None:
    camera = config.Camera(name="front")
    try:
        plan = drawn(camera, zone, lines=[line])
    except ConfigError:
        return  # this one cannot be drawn
    folder = tmp_path_factory.mktemp("data")
    zones.save(folder, camera, plan, zones.configured(camera).version)
    assert zones.load(folder, [camera])["front"] == plan


# What lies there instead of a file of ours.
DAMAGES = [
    b"",
    b'{"format": 1, "cameras": {"front": {"zones": [',
    b"\xff\xfe\x00",
    b"[]",
    b'{"format": 1, "cameras": []}',
    b'{"format": 2, "cameras": {}}',
    b'{"cameras": {}}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("blob", DAMAGES, ids=lambda blob: repr(blob[:20]))
def test_a_damaged_file_is_said_so_and_the_configuration_holds(
    settings: config.Config, front: config.Camera, folder: Path, blob: bytes
) -> None:
    folder.mkdir()
    zones.file_of(folder).write_bytes(blob)
    read = zones.load(folder, settings.cameras)
    for camera in settings.cameras:
        plan = read[camera.name]
        assert (plan.zones, plan.drawn) == (camera.zones, False)
        assert str(zones.file_of(folder)) in plan.fault
        assert "configured zones are used" in plan.fault
    # What is drawn next is kept, and what was there is set aside.
    assert saved(folder, front, SHELF).drawn
    assert zones.load(folder, [front])["front"].fault == ""
    assert (folder / zones.DAMAGED).read_bytes() == blob


def test_one_cameras_damage_is_not_anothers(settings: config.Config, folder: Path) -> None:
    for camera in settings.cameras:
        saved(folder, camera, SHELF)
    held = json.loads(zones.file_of(folder).read_text())
    held["cameras"]["front"]["zones"][0]["polygon"] = BOW
    zones.file_of(folder).write_text(json.dumps(held))
    read = zones.load(folder, settings.cameras)
    assert "camera 'front'" in read["front"].fault
    assert [z.name for z in read["front"].zones] == ["desk"]
    assert [z.name for z in read["back"].zones] == ["shelf"]
    assert read["back"].fault == ""
    saved(folder, settings.cameras[0], SHELF)
    assert not any(plan.fault for plan in zones.load(folder, settings.cameras).values())


def test_a_camera_that_is_away_keeps_what_was_drawn(settings: config.Config, folder: Path) -> None:
    front, back = settings.cameras
    saved(folder, back, SHELF)
    saved(folder, front, SHELF)  # by a box whose configuration may not have `back` any more
    assert zones.load(folder, [back])["back"].drawn


class Halt(Exception):
    """As if the power went."""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with monkeypatch.context() as patch:
        yield patch


def test_a_write_that_is_cut_leaves_the_old_file(
    front: config.Camera, folder: Path, broken: pytest.MonkeyPatch
) -> None:
    before = saved(folder, front, SHELF)

    def halt(descriptor: int) -> None:
        raise Halt

    broken.setattr(os, "fsync", halt)
    with pytest.raises(Halt):
        saved(folder, front)
    broken.undo()
    assert zones.load(folder, [front])["front"] == before
    assert saved(folder, front).zones == ()  # what the cut one left is in nobody's way
    assert sorted(path.name for path in folder.iterdir()) == ["zones.json"]


def test_a_full_disk_is_said_so_and_nothing_changes(
    front: config.Camera, folder: Path, broken: pytest.MonkeyPatch
) -> None:
    before = saved(folder, front, SHELF)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    broken.setattr(os, "fsync", full)
    with pytest.raises(StoreFull, match=r"zones\.json.*the disk is full"):
        saved(folder, front)
    broken.undo()
    assert zones.load(folder, [front])["front"] == before


# ---------------------------------------------------------------------------------- a program that runs on


def test_news_are_told_once(settings: config.Config, front: config.Camera, folder: Path) -> None:
    sheet = zones.Sheet(settings)
    assert sheet.news() == {}  # nothing was drawn: as configured
    plan = saved(folder, front, SHELF)
    assert sheet.news() == {"front": plan}
    assert sheet.news() == {}
    saved(folder, settings.cameras[1], SHELF)
    assert list(sheet.news()) == ["back"]
    zones.save(folder, front, None, plan.version)
    assert sheet.news() == {"front": zones.configured(front)}
    zones.file_of(folder).unlink()
    assert sheet.news() == {"back": zones.configured(settings.cameras[1])}


def test_what_was_drawn_before_the_start_is_news(settings: config.Config, folder: Path) -> None:
    saved(folder, settings.cameras[0], SHELF)
    assert [z.name for z in zones.Sheet(settings).news()["front"].zones] == ["shelf"]


def test_a_program_that_runs_on_says_what_is_wrong(
    settings: config.Config, front: config.Camera, folder: Path
) -> None:
    sheet = zones.Sheet(settings)
    saved(folder, front, SHELF)
    assert list(sheet.news()) == ["front"]
    zones.file_of(folder).write_text("{")
    assert sheet.news()["front"].zones == front.zones  # the configuration holds again
    assert sheet.fault.count("damaged") == 1  # one file, one fault, however many cameras
    assert sheet.news() == {}
    assert sheet.fault  # until it is well again
    saved(folder, front, SHELF)
    assert list(sheet.news()) == ["front"]
    assert sheet.fault == ""


def test_a_file_that_did_not_change_is_not_read(
    settings: config.Config, front: config.Camera, folder: Path, broken: pytest.MonkeyPatch
) -> None:
    sheet = zones.Sheet(settings)
    saved(folder, front, SHELF)
    sheet.news()
    read: list[object] = []
    broken.setattr(zones, "load", lambda *about: read.append(about))
    for _ in range(3):
        assert sheet.news() == {}
    assert read == []


def test_what_cannot_be_read_now_is_asked_again_and_never_set_aside(
    settings: config.Config, front: config.Camera, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(folder, front, SHELF)
    sheet = zones.Sheet(settings)
    sheet.news()
    saved(folder, front, {**SHELF, "name": "counter"})

    def fails(path: Path) -> bytes:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as broken_disk:
        broken_disk.setattr(Path, "read_bytes", fails)
        assert sheet.news() == {}
        assert "Too many open files; what was drawn before still holds" in sheet.fault
        with pytest.raises(StoreError, match="Too many open files"):
            zones.save(folder, settings.cameras[1], None, zones.configured(settings.cameras[1]).version)
    news = sheet.news()
    assert [zone.name for zone in news["front"].zones] == ["counter"]
    assert sheet.fault == ""
    assert not (folder / zones.DAMAGED).exists()


def test_too_many_corners_are_counted_before_they_are_compared(front: config.Camera) -> None:
    many = [[i / 9000, 0.5] for i in range(9000)]  # comparing every two of them takes a minute
    with pytest.raises(ConfigError, match="zone 'shelf': 9000 corners; a drawn zone has at most 64"):
        drawn(front, {**SHELF, "polygon": many})


def test_halves_of_characters_are_told_in_plain_letters(front: config.Camera) -> None:
    for zone in ({**SHELF, "name": "\ud800"}, {**SHELF, "\ud800": 1}):
        with pytest.raises(ConfigError, match="ud800") as caught:
            drawn(front, zone)
        assert str(caught.value).encode()
