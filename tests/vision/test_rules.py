"""Approach, facing, stature, rests and reasons: what the rules of one file each say."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from acts import START, Act, person, play, story
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie import config
from reverie.errors import ConfigError
from reverie.values import Box, Event, Joints, Track
from reverie.vision.events import Rules
from reverie.vision.rules.facing import faces, heading

SHELF = config.Zone(name="shelf", polygon=((0.6, 0.5), (0.9, 0.5), (0.9, 1.0), (0.6, 1.0)))
FEET = 0.95
"""Where feet are when somebody's middle is at 0.6."""


def rules(*zones: config.Zone, **changed: object) -> Rules:
    made = config.Events.model_validate({"cooldown": 0, "dwell": 99} | changed)
    return Rules(zones, [], made)


# ---------------------------------------------------------------------------------- approach


@pytest.mark.parametrize(
    ("name", "keys", "approach", "expected"),
    [
        # Where they are across, at which time; the shelf begins at 0.6. 0.1 a second is a slow walk.
        ("walks to it: told when it is 2 s away", [(0, 0.1), (5, 0.6), (9, 0.6)], 2, "approached@3.3"),
        ("told earlier when asked for", [(0, 0.1), (5, 0.6), (9, 0.6)], 4, "approached@1.3"),
        ("not asked for", [(0, 0.1), (5, 0.6), (9, 0.6)], 0, ""),
        ("walks away from it", [(0, 0.5), (5, 0.1)], 4, ""),
        ("stands in front of it", [(0, 0.5), (9, 0.5)], 4, ""),
        ("turns round on the way", [(0, 0.1), (2, 0.3), (4, 0.1)], 2, ""),
        ("is there from the beginning", [(0, 0.7), (9, 0.7)], 4, ""),
        ("goes through it and on: once", [(0, 0.2), (8, 1.0)], 3, "approached@1.3"),
        ("comes, goes, and comes again", [(0, 0.2), (3, 0.5), (7, 0.1), (8, 0.1), (12, 0.5), (14, 0.5)], 2,
         "approached@2.4 approached@11.3"),
    ],
)  # fmt: skip
def test_approach(name: str, keys: list[tuple[float, float]], approach: float, expected: str) -> None:
    events = play(rules(SHELF, approach=approach), [person(*keys)], keys[-1][0] + 2)
    assert story(events, "approached") == expected, name
    assert all((e.zone, e.label) == ("shelf", "person") for e in events if e.kind == "approached")


def test_who_walks_past_a_zone_does_not_approach_it() -> None:
    """Their way is parallel to it, however near."""
    above = config.Zone(name="above", polygon=((0.3, 0.5), (0.7, 0.5), (0.7, 0.85), (0.3, 0.85)))
    events = play(rules(above, approach=5), [person((0, 0.1), (8, 0.9))], 9)
    assert story(events, "approached") == ""


@pytest.mark.parametrize("fps", [10, 5, 2.5])
def test_approaching_the_camera(fps: float) -> None:
    """Without zones: the box grows as at 1 m/s from 8 m on; the camera is reached after 8 s."""
    tracker_rules, told = rules(approach=4), []
    for i in range(round(7 * fps)):
        t = i / fps
        height = 0.6 / (8 - t)
        box = Box(0.45, 0.3, 0.55, 0.3 + height)
        told += tracker_rules.update([Track(1, "person", box, 0.9, START, START + t)], START + t)
    approached = [event for event in told if event.kind == "approached"]
    assert len(approached) == 1
    # Time to contact is 4 s at 4 s; growth is taken over a second before, so it is up to a second late.
    assert 4.0 <= approached[0].time - START <= 5.6
    assert "the camera" in approached[0].reason


def test_who_stands_still_does_not_approach_the_camera() -> None:
    events = play(rules(approach=30), [person((0, 0.5), (10, 0.5))], 10, jitter=0.01)
    assert story(events, "approached") == ""


# ---------------------------------------------------------------------------------- facing


BODY = Box(0.4, 0.2, 0.6, 0.9)


def pose(yaw: float, box: Box = BODY) -> Joints:
    """Joints of a head turned by `yaw` degrees: 0 to the camera, 90 to the right of the picture, 180 away.

    A head of radius 1 with ears at its sides and a nose 1.7 before its middle; what is behind it is not seen.
    """
    turn = math.radians(yaw)
    (x, _), y, unit = box.centre, box.top + 0.05, 0.02

    def at(side: float, ahead: float) -> tuple[float, float, float]:
        """A point `side` to their left and `ahead` of the middle: x and whether it is seen."""
        across = side * math.cos(turn) + ahead * math.sin(turn)
        depth = ahead * math.cos(turn) - side * math.sin(turn)
        return x + across * unit, y, 0.9 if depth > -0.5 else 0.1

    nose, eyes, ears = at(0, 1.7), [at(s, 1.2) for s in (0.5, -0.5)], [at(s, 0) for s in (1.0, -1.0)]
    shoulders = [(x + s * math.cos(turn) * 0.06, y + 0.08, 0.9) for s in (1, -1)]
    rest = [(0.0, 0.0, 0.0)] * 10
    return (nose, *eyes, *ears, *shoulders, *rest)


@pytest.mark.parametrize("yaw", [0, 20, -20, 45, -45])
def test_heading_of_a_head_that_shows_its_face(yaw: int) -> None:
    found = heading(pose(yaw))
    assert found is not None
    assert abs(math.degrees(found) - yaw) <= 40
    assert (found > 0) == (yaw > 0) or yaw == 0


@pytest.mark.parametrize(
    ("name", "joints", "expected"),
    [
        ("no pose model", (), None),
        ("too few joints", ((0.5, 0.5, 0.9),) * 3, None),
        ("nothing is sure", ((0.5, 0.5, 0.1),) * 17, None),
        ("the back of a head", pose(180), math.pi),
    ],
)
def test_heading_at_its_limits(name: str, joints: Joints, expected: float | None) -> None:
    assert heading(joints) == expected, name


AREA_RIGHT = config.Zone(name="right", polygon=((0.7, 0.85), (0.9, 0.85), (0.9, 0.95), (0.7, 0.95)))
SLOT_RIGHT = config.Zone(
    name="slot", kind="slot", polygon=((0.75, 0.4), (0.85, 0.4), (0.85, 0.5), (0.75, 0.5))
)
SLOT_BEHIND = config.Zone(
    name="wall", kind="slot", polygon=((0.45, 0.4), (0.55, 0.4), (0.55, 0.5), (0.45, 0.5))
)
UNDERFOOT = config.Zone(name="floor", polygon=((0.3, 0.8), (0.7, 0.8), (0.7, 1.0), (0.3, 1.0)))
FAR_OFF = config.Zone(name="far", kind="slot", polygon=((0.0, 0.0), (0.05, 0.0), (0.05, 0.05), (0.0, 0.05)))


@pytest.mark.parametrize(
    ("name", "yaw", "zone", "expected"),
    [
        ("the camera, seen from the front", 0, None, True),
        ("the camera, from the side", 90, None, False),
        ("the camera, from behind", 180, None, False),
        ("an area to the right, looking right", 90, AREA_RIGHT, True),
        ("an area to the right, looking left", -90, AREA_RIGHT, False),
        ("an area to the right, looking at the camera", 0, AREA_RIGHT, False),
        ("a slot to the right, looking right", 90, SLOT_RIGHT, True),
        ("a slot to the right, turned away", 180, SLOT_RIGHT, False),
        ("a slot behind them, turned to it", 180, SLOT_BEHIND, True),
        ("a slot behind them, looking at the camera", 0, SLOT_BEHIND, False),
        ("the area they stand in", 0, UNDERFOOT, None),
        ("too far off", 180, FAR_OFF, None),
    ],
)
def test_faces(name: str, yaw: float, zone: config.Zone | None, expected: bool | None) -> None:
    assert faces(Track(1, "person", BODY, 0.9, 0, 0, joints=pose(yaw)), zone) is expected, name


@pytest.mark.parametrize(
    ("name", "yaw", "faced", "expected"),
    [
        ("faces the camera", lambda t: 0, 1.5, "faced@1.6"),
        ("glances at it", lambda t: 0 if t < 1 else 90, 1.5, ""),
        ("looks at it later", lambda t: 90 if t < 2 else 0, 1.5, "faced@3.5"),
        ("looks away for a moment", lambda t: 90 if 2 < t < 2.5 else 0, 1.5, "faced@1.6"),
        ("never", lambda t: 180, 1.5, ""),
        ("not asked for", lambda t: 0, 0.0, ""),
        ("looks away and back again", lambda t: 90 if 2.5 < t < 5 else 0, 1.5, "faced@1.6 faced@6.5"),
    ],
)
def test_facing(name: str, yaw: Callable[[float], float], faced: float, expected: str) -> None:
    act = person((0, 0.5), (8, 0.5), joints=lambda t, box: pose(yaw(t), box))
    events = play(rules(faced=faced), [act], 8)
    assert story(events, "faced") == expected, name


def test_without_a_pose_nobody_faces_anything() -> None:
    assert story(play(rules(), [person((0, 0.5), (8, 0.5))], 8), "faced") == ""


# ---------------------------------------------------------------------------------- stature

# Somebody of 1.7 m was 0.8 of the picture high with feet at 0.95, and 0.4 with feet at 0.55.
GROUND = config.Ground(near=(0.95, 0.8), far=(0.55, 0.4))


@pytest.mark.parametrize(
    ("name", "foot", "height", "width", "expected"),
    [
        ("as high as who calibrated it", 0.95, 0.8, 0.2, ""),
        ("taller, near", 0.95, 0.9, 0.2, "tall"),
        ("taller, far", 0.55, 0.45, 0.1, "tall"),
        ("shorter, near", 0.95, 0.6, 0.2, "short"),
        ("shorter, between", 0.75, 0.45, 0.12, "short"),
        # The same box further off is somebody taller: perspective, not pixels, counts.
        ("the same box at another place", 0.75, 0.6, 0.15, ""),
        ("cut off below", 1.0, 0.6, 0.2, ""),
        ("cut off above", 0.7, 0.7, 0.2, ""),
        ("sits or bends down", 0.95, 0.4, 0.35, ""),
        ("far beyond what was calibrated", 0.3, 0.1, 0.03, ""),
    ],
)
def test_stature(name: str, foot: float, height: float, width: float, expected: str) -> None:
    box = Box(0.5 - width / 2, foot - height, 0.5 + width / 2, foot)
    made = Rules([], [], config.Events(cooldown=0), ground=GROUND)
    events: list[Event] = []
    for i in range(10):
        events += made.update([Track(1, "person", box, 0.9, START, START + i / 10)], START + i / 10)
    (entered,) = [event for event in events if event.kind == "entered"]
    assert entered.stature == expected, name


def test_stature_is_off_without_a_ground_line() -> None:
    events = play(rules(), [Act("person", ((0, 0.5, 0.5), (5, 0.5, 0.5)), (0.2, 0.95))], 5)
    assert {event.stature for event in events} == {""}


@pytest.mark.parametrize(
    "wrong",
    [
        {"near": (0.5, 0.8), "far": (0.9, 0.4)},  # far is lower in the picture
        {"near": (0.9, 0.3), "far": (0.5, 0.4)},  # near is smaller
        {"near": (0.9, 0.8), "far": (0.5, 0.4), "tall": 1.4},  # tall is less than short
    ],
)
def test_a_ground_line_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"near|short"):
        config.Ground.model_validate(wrong)


# ---------------------------------------------------------------------------------- rests

STAYS = [person((0, 0.75), (3, 0.75)), person((6, 0.75), (9, 0.75)), person((12, 0.75), (15, 0.75))]


@pytest.mark.parametrize(
    ("name", "events", "zone", "place", "expected"),
    [
        ("none", {"cooldown": 0}, {}, 0, 3),
        ("the general one", {"cooldown": 10}, {}, 0, 2),
        ("that of the kind", {"cooldown": 0, "cooldowns": {"entered": 30}}, {}, 0, 1),
        ("that of another kind", {"cooldown": 0, "cooldowns": {"lingered": 30}}, {}, 0, 3),
        ("the zone's own, shorter", {"cooldown": 30}, {"cooldown": 0}, 0, 3),
        ("the zone's own, before that of the kind", {"cooldowns": {"entered": 30}}, {"cooldown": 10}, 0, 2),
        ("that of the whole place", {"cooldown": 0}, {}, 10, 2),
    ],
)
def test_rests(
    name: str, events: dict[str, object], zone: dict[str, object], place: float, expected: int
) -> None:
    area = config.Zone.model_validate(SHELF.model_dump() | zone)
    made = Rules([area], [], config.Events.model_validate({"dwell": 99} | events), cooldown=place)
    told = play(made, STAYS, 20)
    entered = [event for event in told if event.kind == "entered"]
    assert len(entered) == expected, name
    assert len([event for event in told if event.kind == "left"]) == expected


def test_the_rest_of_a_place_is_for_all_its_zones() -> None:
    other = config.Zone(name="other", polygon=SHELF.polygon)
    made = Rules([SHELF, other], [], config.Events(cooldown=0), cooldown=10)
    assert [e.zone for e in play(made, STAYS[:1], 5) if e.kind == "entered"] == ["shelf"]


# ---------------------------------------------------------------------------------- crowds, edges, zones


@pytest.mark.parametrize(
    ("name", "ends", "left_over", "expected"),
    [
        ("one fewer ends it", None, 2, 2),
        ("it ends with one at most", 1, 2, 1),
        ("... and does", 1, 1, 2),
    ],
)
def test_a_crowd_ends_with_fewer_than_it_took(
    name: str, ends: int | None, left_over: int, expected: int
) -> None:
    """Three, then `left_over` for four seconds, then three again."""
    made = rules(crowd=3, crowd_ends=ends)

    def one(i: int) -> list[Act]:
        if i < left_over:
            return [person((0, 0.15 + 0.3 * i), (15, 0.15 + 0.3 * i))]
        x = 0.15 + 0.3 * i
        return [person((0, x), (4, x)), person((8, x), (15, x))]

    told = play(made, [act for i in range(3) for act in one(i)], 15)
    assert len([event for event in told if event.kind == "crowded"]) == expected, name


def test_a_zone_with_its_own_crowd() -> None:
    area = SHELF.model_copy(update={"crowd": 2})
    acts = [person((0, 0.65), (5, 0.65)), person((0, 0.85), (5, 0.85))]
    (event,) = [event for event in play(rules(area), acts, 5) if event.kind == "crowded"]
    assert event.reason == "2 in zone shelf for 0.3 s (a crowd is 2)"


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.floats(0.05, 0.3), st.sampled_from([10.0, 5.0, 2.5]))
def test_a_visit_begins_and_ends_where_the_way_crosses_the_edge(speed: float, fps: float) -> None:
    """At any rate, an event is late by one look at most, and a dwell is the time truly spent there."""
    begin, end = 0.5, 0.75
    zone = config.Zone(name="z", polygon=((begin, 0.5), (end, 0.5), (end, 1.0), (begin, 1.0)))
    keys = (0.0, 0.3), (0.9 / speed, 1.2)
    made, events = rules(zone, inertia=0.3, grace=1.0), []
    act = person(*keys)
    for i in range(round((0.9 / speed + 3) * fps)):
        t = i / fps
        box = act.at(t)
        tracks = [Track(1, "person", box, 0.9, START, START + t)] if box else []
        events += made.update(tracks, START + t)
    entered, left = [event for event in events if event.kind in ("entered", "left")]
    into, out = (begin - 0.3) / speed, (end - 0.3) / speed
    assert -1e-3 <= entered.time - START - (into + 0.3) <= 1 / fps + 0.01
    assert -1e-3 <= left.time - START - (out + 1.0) <= 1 / fps + 0.01
    assert left.dwell == pytest.approx(out - into, abs=0.02)


def test_zones_change_while_somebody_stays() -> None:
    """Another zone is drawn: the visit to the one that stayed as it was goes on."""
    made = rules(SHELF, dwell=3)
    other = config.Zone(name="other", polygon=((0, 0), (0.1, 0), (0.1, 0.1)))
    events: list[Event] = []
    for i in range(50):
        if i == 15:
            made.place([SHELF, other], [])
        track = Track(1, "person", Box(0.7, 0.3, 0.8, 0.8), 0.9, START, START + i / 10)
        events += made.update([track], START + i / 10)
    assert story(events, "entered", "lingered", "left") == "entered@0.3 lingered@3.0"


CORNER = ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1))


@pytest.mark.parametrize(
    ("name", "zones", "expected"),
    [
        # Somebody is in the shelf's zone from 0 to 5 s; at 1.5 s the zones change.
        ("as they were", [SHELF], "entered@0.3 lingered@3.0"),
        ("another dwell", [SHELF.model_copy(update={"dwell": 2.0})], "entered@0.3 lingered@2.0"),
        ("another shape", [SHELF.model_copy(update={"polygon": ((0.5, 0.5), (1, 0.5), (1, 1), (0.5, 1))})],
         "entered@0.3 lingered@3.0"),
        ("moved away from them", [SHELF.model_copy(update={"polygon": CORNER})], "entered@0.3 left@2.9"),
        # Told as left at once; the other zone has its own visits.
        ("gone", [config.Zone(name="other", polygon=CORNER)], "entered@0.3 left@1.5"),
        ("gone, so the picture is the area", [], "entered@0.3 left@1.5 entered@1.8 lingered@4.5"),
        ("a slot now", [SHELF.model_copy(update={"kind": "slot"})],
         "entered@0.3 left@1.5 entered@1.8 lingered@4.5"),
    ],
)  # fmt: skip
def test_zones_that_change_under_a_visitor(name: str, zones: list[config.Zone], expected: str) -> None:
    made, events = rules(SHELF, dwell=3), list[Event]()
    for i in range(50):
        if i == 15:
            made.place(zones, [])
        track = Track(1, "person", Box(0.7, 0.3, 0.8, 0.8), 0.9, START, START + i / 10)
        events += made.update([track], START + i / 10)
    assert story(events, "entered", "lingered", "left") == expected, name
    assert len(made.present()) == (0 if expected.endswith(("left@2.9", "left@1.5")) else 1)


def test_a_new_id_keeps_its_side_of_a_line() -> None:
    line = config.Line(name="door", start=(0.5, 0.2), end=(0.5, 1.0))
    made = Rules([], [line], config.Events(cooldown=0))
    events: list[Event] = []
    for i in range(12):
        x = 0.3 + 0.04 * i
        track = Track(1 if i < 5 else 2, "person", Box(x - 0.05, 0.3, x + 0.05, 0.8), 0.9,
                      START + (0.0 if i < 5 else i / 10), START + i / 10)  # fmt: skip
        events += made.update([track], START + i / 10)
    assert [event.direction for event in events if event.kind == "crossed"] == ["out"]


@pytest.mark.parametrize("kind", ["slot", "screen"])
def test_what_is_no_area_is_visited_by_nobody(kind: str) -> None:
    zone = config.Zone.model_validate(SHELF.model_dump() | {"kind": kind})
    events = play(rules(zone), STAYS[:1], 5)
    assert {event.zone for event in events} == {""}  # the whole picture is the area


def test_every_event_has_a_reason() -> None:
    line = config.Line(name="door", start=(0.5, 0.2), end=(0.5, 1.0))
    made = Rules([SHELF], [line], config.Events(cooldown=0, dwell=1, crowd=2, approach=3))
    acts = [
        person((0, 0.1), (5, 0.75), (9, 0.75), joints=lambda t, box: pose(0, box)),
        person((1, 0.2), (6, 0.8), (9, 0.8)),
        Act("banana", ((2, 0.5, 0.5), (8, 0.5, 0.5)), (0.3, 0.3), front=True),
    ]
    events = play(made, acts, 14)
    assert {event.kind for event in events} == {
        "approached", "entered", "lingered", "left", "crossed", "crowded", "shown", "faced",
    }  # fmt: skip
    assert all(event.reason for event in events)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cameras: [{zones: [{name: a, kind: shelf, polygon: [[0,0],[1,0],[1,1]]}]}]", "zones[0].kind"),
        ("cameras: [{zones: [{name: a, holds: tea, polygon: [[0,0],[1,0],[1,1]]}]}]", "only a slot holds"),
        ("events: {crowd: 3, crowd_ends: 3}", "crowd_ends 3"),
        ("events: {cooldowns: {arrived: 3}}", "events.cooldowns"),
        ("cameras: [{ground: {near: [0.5, 0.5], far: [0.9, 0.4]}}]", "cameras[0].ground"),
    ],
)
def test_settings_that_cannot_be(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(text, "file")
    assert told in str(caught.value)
