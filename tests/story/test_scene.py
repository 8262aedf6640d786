"""From events to scenes: facts in a closed schema, and nothing that knows anybody."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.config import NAME
from reverie.story.scene import LABEL, clean_label, make_scene
from reverie.values import Box, Event, EventKind, Scene, Track

BOX = Box(0.1, 0.2, 0.3, 0.4)

# A detector's label, what a scene calls it.
LABELS = [
    ("person", "person"),
    ("Person", "person"),
    ("hair drier", "hair drier"),
    ("t-rex", "t-rex"),
    ("class_7", "class_7"),
    ("", "thing"),
    ("7up", "thing"),  # starts with a digit
    ("a" * 33, "thing"),  # too long to be a class name
    ("alice@example.org", "thing"),
    ("person\n", "thing"),
    ("人", "thing"),
    ("id=12; name=Bob", "thing"),
]


def _track(number: int, label: str) -> Track:
    return Track(id=number, label=label, box=BOX, score=0.9, born=1.0, seen=2.0)


@pytest.mark.parametrize(("label", "cleaned"), LABELS)
def test_labels(label: str, cleaned: str) -> None:
    assert clean_label(label) == cleaned


def test_a_scene_holds_the_facts() -> None:
    event = Event(EventKind.LINGERED, "toys", "person", 7, 99.0, dwell=3.14159, near="teddy bear")
    tracks = [_track(7, "person"), _track(8, "person"), _track(9, "teddy bear")]
    assert make_scene(event, tracks, "door", 100.0) == Scene(
        time=100.0,
        camera="door",
        zone="toys",
        kind=EventKind.LINGERED,
        subject="person",
        object="teddy bear",
        counts=(("person", 2), ("teddy bear", 1)),
        dwell=3.1,
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [("货架", "货架"), ("Spielzeug Ä", "Spielzeug Ä"), ("a\nb", ""), ("<b>", ""), ("x" * 65, "")],
)
def test_a_zone_is_called_what_the_configuration_allows(name: str, told: str) -> None:
    assert make_scene(Event(EventKind.LEFT, name, "person", 1, 1.0), [], "door", 1.0).zone == told


def test_a_crowd_counts_at_least_what_its_rule_counted() -> None:
    event = Event(EventKind.CROWDED, "", "person", 0, 1.0, count=5)
    assert make_scene(event, [_track(1, "person")], "door", 1.0).counts == (("person", 5),)


@pytest.mark.parametrize("dwell", [float("nan"), float("inf"), -1.0])
def test_a_dwell_that_is_none_is_zero(dwell: float) -> None:
    assert make_scene(Event(EventKind.LEFT, "", "cat", 1, 1.0, dwell=dwell), [], "c", 1.0).dwell == 0.0


texts = st.one_of(st.text(max_size=40), st.sampled_from(["person", "cat", "toys", "front door", "Ann 🙂"]))


@settings(deadline=None, max_examples=200)
@given(
    kind=st.sampled_from(EventKind),
    zone=texts,
    label=texts,
    near=st.none() | texts,
    camera=texts,
    track_id=st.integers(10**9, 10**10),
    dwell=st.floats(),
    labels=st.lists(texts, max_size=5),
)
def test_a_scene_never_holds_anything_else(
    kind: EventKind,
    zone: str,
    label: str,
    near: str | None,
    camera: str,
    track_id: int,
    dwell: float,
    labels: list[str],
) -> None:
    event = Event(kind, zone, label, track_id, 5.0, dwell=dwell, near=near)
    scene = make_scene(event, [_track(track_id + i, name) for i, name in enumerate(labels)], camera, 5.0)
    told = json.loads(json.dumps(asdict(scene), allow_nan=False))

    assert set(told) == {field.name for field in fields(Scene)}
    assert all(not told[name] or re.fullmatch(NAME, told[name]) for name in ("camera", "zone"))
    assert told["kind"] in set(EventKind)
    assert all(LABEL.fullmatch(name) for name in (told["subject"], told["object"] or "thing"))
    assert all(LABEL.fullmatch(name) and 0 < count <= len(labels) for name, count in told["counts"])
    assert 0 <= told["dwell"] <= 86_400
    assert told["direction"] in ("", "in", "out")
    assert told["time"] == 5.0
    for number in range(track_id, track_id + len(labels) + 1):  # no track id, in no shape
        assert str(number) not in json.dumps(told)
