"""Figures: faces that feel, heads that turn, eyes that look, feet that tread, wheels that roll."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from typing import get_args

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.video.storyboard.art.canvas import Canvas, Pixels
from reverie.video.storyboard.art.sprites import part
from reverie.video.storyboard.figures import heads
from reverie.video.storyboard.figures.actor import Actor, Puppet, Rig, Walker, make_actor, paces, rolled
from reverie.video.storyboard.figures.casting import CAST, Kind, role
from reverie.video.storyboard.figures.gaits import ANIMALS, FEET, footfall
from reverie.video.storyboard.figures.heads import HEADS, MIENS, Expression, face
from reverie.video.storyboard.figures.puppet import Pose, frame_of, step_of

PEOPLE = sorted(word for word, who in CAST.items() if who.kind is Kind.PERSON)
WALKERS = sorted(word for word, who in CAST.items() if who.sprite in ANIMALS)
FLOOR = 400.0


def drawn(actor: Actor, pose: Pose, t: float = 1.0) -> Pixels:
    """Premultiplied RGBA of a figure alone, without its shadow, 480 x 480."""
    canvas = Canvas(480, 480, opaque=False)
    actor.draw(canvas, pose, t, grounded=False)
    return canvas.pixels


def box_of(pixels: Pixels) -> tuple[int, int, int, int]:
    """(left, top, width, height) of what is there."""
    x, y, w, h = cv2.boundingRect((pixels[..., 3] > 60).astype(np.uint8))
    return x, y, w, h


# ---------------------------------------------------------------------------------- faces


def small(name: str, expression: Expression) -> Pixels:
    """A face as it is on a figure 120 pixels high, over grey."""
    pixels = cv2.resize(face(name, expression=expression).pixels, (48, 48), interpolation=cv2.INTER_AREA)
    return pixels[..., :3].astype(np.uint8)


def test_every_expression_is_drawn_and_every_mascot_has_a_face() -> None:
    assert set(MIENS) == set(get_args(Expression))
    assert {role(word).sprite for word in PEOPLE} <= set(HEADS)


@pytest.mark.parametrize("name", sorted(HEADS))
def test_expressions_can_be_told_apart_at_120_pixels(name: str) -> None:
    faces = {mien: small(name, mien).astype(int) for mien in MIENS}
    for one, other in combinations(MIENS, 2):
        plain = (np.abs(faces[one] - faces[other]).max(axis=-1) > 48).sum()
        assert plain >= 10, f"{one} and {other} look alike: {plain} pixels differ plainly"


@pytest.mark.parametrize("name", sorted(HEADS))
def test_faces_blink_and_talk_whatever_they_feel(name: str) -> None:
    for mien in MIENS:
        plain = face(name, expression=mien).pixels.astype(int)
        if not MIENS[mien].arch:
            assert np.abs(plain - face(name, blink=1.0, expression=mien).pixels).max() > 80, mien
        if MIENS[mien].gape < 0.8:
            assert np.abs(plain - face(name, mouth=1.0, expression=mien).pixels).max() > 80, mien


def dark_middle(pixels: Pixels) -> float:
    """Where the dark of the eyes is, on average: share of the width."""
    rows = pixels[100:165]
    dark = (rows[..., :3].max(axis=-1) < 60) & (rows[..., 3] > 200)
    return float(np.flatnonzero(dark.any(axis=0)).mean() / pixels.shape[1])


@pytest.mark.parametrize("name", ["child", "girl", "boy", "woman", "man", "person"])
def test_heads_turn_to_the_right_side_and_further_for_more(name: str) -> None:
    middles = [dark_middle(face(name, turn=turn).pixels) for turn in (-2, -1, 0, 1, 2)]
    assert middles == sorted(middles)
    assert middles[3] - middles[2] > 0.06
    assert middles[2] - middles[1] > 0.06
    assert middles[4] - middles[3] > 0.02


@pytest.mark.parametrize("name", sorted(HEADS))
def test_a_turned_head_keeps_its_outline_whole(name: str) -> None:
    for turn in (-2.0, 1.0, 2.0):
        mask = (face(name, turn=turn).pixels[..., 3] > 60).astype(np.uint8)
        assert (
            cv2.connectedComponents(mask)[0]
            == cv2.connectedComponents((part(name).pixels[..., 3] > 60).astype(np.uint8))[0]
        )
        assert 0.8 < mask.sum() / (part(name).pixels[..., 3] > 60).sum() < 1.1


@pytest.mark.parametrize("name", ["child", "woman", "man", "panda"])
def test_eyes_look_without_the_head(name: str) -> None:
    left, ahead, right = (face(name, look=(x, 0)).pixels for x in (-1, 0, 1))
    np.testing.assert_array_equal(left[..., 3], right[..., 3])
    if name != "panda":
        assert dark_middle(left) < dark_middle(ahead) < dark_middle(right)
    assert np.abs(face(name, look=(0, -1)).pixels.astype(int) - face(name, look=(0, 1)).pixels).max() > 80


def test_a_blank_head_has_no_eyes() -> None:
    """The sprites' own features are gone: else there were four eyes once a head turns."""
    blank = heads._blank("child")
    eyes = blank[round(0.42 * 256) : round(0.60 * 256), round(0.24 * 256) : round(0.76 * 256)]
    assert eyes[..., 0].min() > 190  # skin everywhere: neither brows nor pupils
    assert eyes[..., 2].max() < 150  # and no white


def test_whoever_looks_at_a_place_turns_to_it() -> None:
    actor = make_actor(role("child"), 300, 3)
    right = drawn(actor, Pose(240, FLOOR, look=(460, 200)))
    left = drawn(actor, Pose(240, FLOOR, look=(20, 200)))
    frame = frame_of(actor.look, 300, Pose(240, FLOOR)) if isinstance(actor, Puppet) else None
    assert frame is not None
    top, low = round(frame.head[1] - frame.head_size * 0.6), round(frame.head[1] - frame.head_size * 0.35)

    def dark(pixels: Pixels) -> float:
        rows = pixels[top:low]
        return float(
            np.flatnonzero(((rows[..., :3].max(axis=-1) < 70) & (rows[..., 3] > 200)).any(axis=0)).mean()
        )

    assert dark(right) - dark(left) > 0.15 * frame.head_size


# ---------------------------------------------------------------------------------- bodies

POSES = {
    "stands": Pose(240, FLOOR),
    "walks": Pose(240, FLOOR, walk=0.1),
    "steps": Pose(240, FLOOR, walk=0.35),
    "passes": Pose(240, FLOOR, walk=0.75),
    "runs": Pose(240, FLOOR, walk=0.2, run=1, stride=1.5, lean=12),
    "flies along": Pose(240, FLOOR, walk=0.45, run=1, stride=1.5, lean=12),
    "crouches": Pose(240, FLOOR, crouch=1),
    "sits on the floor": Pose(240, FLOOR, sit=1),
    "sits on a chair": Pose(240, FLOOR, sit=1, seat=50),
    "lies": Pose(240, FLOOR, lie=1),
    "gets up": Pose(240, FLOOR, lie=0.5),
    "climbs": Pose(240, FLOOR, climb=0.3),
    "reaches up": Pose(240, FLOOR, near=(280, 150), far=(200, 140)),
    "kicks": Pose(240, FLOOR, foot_near=(300, 360)),
}


@pytest.mark.parametrize("word", PEOPLE)
def test_nobody_comes_apart(word: str) -> None:
    """One silhouette, in every pose and both ways round: no hand, foot or head hangs in the air."""
    actor = make_actor(role(word), 200, 5)
    for name, pose in POSES.items():
        for facing in (1.0, -1.0):
            mask = (drawn(actor, replace(pose, facing=facing))[..., 3] > 60).astype(np.uint8)
            assert cv2.connectedComponents(mask)[0] == 2, f"{word} {name}, facing {facing}"


@pytest.mark.parametrize("word", WALKERS)
def test_no_animal_comes_apart(word: str) -> None:
    actor = make_actor(role(word), 200, 5)
    assert isinstance(actor, Walker)
    for pose in (
        POSES["stands"],
        POSES["walks"],
        POSES["runs"],
        Pose(240, FLOOR, sit=1),
        Pose(240, FLOOR, lie=1),
    ):
        for facing in (1.0, -1.0):
            mask = (drawn(actor, replace(pose, facing=facing))[..., 3] > 60).astype(np.uint8)
            _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
            assert len(stats) == 2, f"{word}: pieces of {sorted(stats[1:, 4])} pixels"


@pytest.mark.parametrize("word", [*PEOPLE, *WALKERS])
def test_whoever_stands_or_walks_has_the_feet_on_the_ground(word: str) -> None:
    actor = make_actor(role(word), 200, 5)
    for pose in (POSES["stands"], *(Pose(240, FLOOR, walk=k / 8) for k in range(8))):
        if role(word).word == "frog" and pose.walk is not None:
            continue  # it leaps
        _, top, _, high = box_of(drawn(actor, pose))
        assert abs(top + high - FLOOR) < 7, (word, pose.walk)


def test_a_hand_is_before_the_body_on_the_near_side_only() -> None:
    actor = make_actor(role("child"), 300, 3)
    assert isinstance(actor, Puppet)
    for facing in (1.0, -1.0):
        pose = Pose(240, FLOOR, facing=facing)
        frame = frame_of(actor.look, 300, pose)
        belly = (frame.pelvis[0], (frame.pelvis[1] + frame.neck[1]) / 2)
        near, far = drawn(actor, replace(pose, near=belly)), drawn(actor, replace(pose, far=belly))
        at = round(belly[1]), round(belly[0])
        skin = np.array([255, 197, 58])
        assert np.abs(near[at][:3].astype(int) - skin).max() < 70
        assert np.abs(far[at][:3].astype(int) - skin).max() > 70


def test_lying_is_long_and_low_and_a_seat_carries() -> None:
    actor = make_actor(role("woman"), 200, 5)
    assert isinstance(actor, Puppet)
    _, top, wide, high = box_of(drawn(actor, POSES["lies"]))
    assert wide > 1.6 * high
    assert abs(top + high - FLOOR) < 12
    lower, higher = (frame_of(actor.look, 200, Pose(240, FLOOR, sit=1, seat=seat)) for seat in (30, 70))
    assert lower.pelvis[1] - higher.pelvis[1] == pytest.approx(40)


def test_a_climber_moves_hands_in_turn() -> None:
    actor = make_actor(role("boy" if "boy" in CAST else "child"), 240, 5)
    one, other = (drawn(actor, Pose(240, FLOOR, climb=c)) for c in (0.25, 0.75))
    assert np.abs(one.astype(int) - other).mean() > 1


@settings(max_examples=40, deadline=None)
@given(
    word=st.sampled_from([*PEOPLE, *WALKERS, "car", "bird", "rabbit", "fish", "butterfly"]),
    walk=st.none() | st.floats(-3, 30),
    run=st.floats(0, 1),
    stride=st.floats(0.1, 2),
    sit=st.floats(0, 1),
    lie=st.floats(0, 1),
    gaze=st.floats(-3, 3),
    look=st.none() | st.tuples(st.floats(-100, 700), st.floats(-100, 600)),
    mood=st.sampled_from(sorted(MIENS)),
    facing=st.sampled_from([1.0, -1.0]),
)
def test_any_pose_is_drawn_where_it_belongs(
    word: str,
    walk: float | None,
    run: float,
    stride: float,
    sit: float,
    lie: float,
    gaze: float,
    look: tuple[float, float] | None,
    mood: Expression,
    facing: float,
) -> None:
    pose = Pose(
        240,
        FLOOR,
        facing=facing,
        walk=walk,
        run=run,
        stride=stride,
        sit=sit,
        lie=lie,
        gaze=gaze,
        look=look,
        face=mood,
    )
    pixels = drawn(make_actor(role(word), 120, 1), pose)
    x, y, w, h = box_of(pixels)
    assert w * h > 900
    assert 60 < x < x + w < 420
    assert 180 < y < y + h < FLOOR + 16


def test_a_picture_does_not_depend_on_what_was_drawn_before() -> None:
    pose = Pose(240, FLOOR, walk=0.3, gaze=0.4, face="curious", look=(300, 100))
    fresh = {}
    for word in ("child", "robot", "dog", "car"):
        for cache in (heads._face, heads._turned, heads._blank):
            cache.cache_clear()
        fresh[word] = drawn(make_actor(role(word), 200, 5), pose)
    for k in range(90):
        face("child", turn=k / 45 - 1, blink=k % 5 / 4)
    for word, before in fresh.items():
        np.testing.assert_array_equal(before, drawn(make_actor(role(word), 200, 5), pose))


# ---------------------------------------------------------------------------------- gaits


def down(cycles: float, run: float) -> frozenset[str]:
    """The feet on the ground."""
    return frozenset(foot for foot in FEET if footfall(cycles, foot, run).lift == 0.0)


def test_a_walk_has_four_beats_and_never_fewer_than_two_feet_down() -> None:
    stands = [down(k / 200, 0.0) for k in range(200)]
    assert min(map(len, stands)) >= 2
    assert np.mean([len(feet) for feet in stands]) > 2.5
    landings = {
        foot: next(k for k in range(200) if foot in stands[k] and foot not in stands[k - 1]) for foot in FEET
    }
    order = sorted(landings, key=lambda foot: landings[foot])
    assert order == ["rear near", "front near", "rear far", "front far"]  # lateral sequence
    assert sorted(landings.values()) == pytest.approx([0, 50, 100, 150], abs=1)


def test_a_trot_is_diagonal_and_a_gallop_leaves_the_ground() -> None:
    for k in range(100):
        feet = down(k / 100, 0.5)
        assert ("rear near" in feet) == ("front far" in feet)
        assert ("rear far" in feet) == ("front near" in feet)
    gallop = [len(down(k / 100, 1.0)) for k in range(100)]
    assert min(gallop) == 0
    assert max(gallop) == 2


@pytest.mark.parametrize("word", WALKERS)
@pytest.mark.parametrize(("run", "stride"), [(0.0, 1.0), (0.0, 0.7), (1.0, 1.5)])
def test_a_foot_on_the_ground_does_not_slide(word: str, run: float, stride: float) -> None:
    """The way the body goes is the way the foot stays behind."""
    actor = make_actor(role(word), 120)
    assert isinstance(actor, Walker)
    last: dict[str, float | None] = {}
    way, held = 0.0, 0
    while way < 200:
        pose = Pose(way, FLOOR, walk=paces(actor, way, stride, run), stride=stride, run=run)
        for foot, (ahead, lift) in actor.treads(pose).items():
            if lift == 0.0 and last.get(foot) is not None:
                assert way + ahead == pytest.approx(last[foot], abs=1e-6), foot
                held += 1
            last[foot] = way + ahead if lift == 0.0 else None
        way += 1.0
    assert held > 100


def test_people_tread_as_far_as_they_go() -> None:
    actor = make_actor(role("child"), 150)
    assert isinstance(actor, Puppet)
    for stride, run in ((1.0, 0.0), (0.6, 0.0), (1.4, 1.0)):
        step, duty = step_of(actor.look, 150, stride, run)
        assert paces(actor, 2 * step, stride, run) == pytest.approx(duty)
        _, _, small_wide, _ = box_of(drawn(actor, Pose(240, FLOOR, walk=0.0, stride=0.5)))
        _, _, wide, _ = box_of(drawn(actor, Pose(240, FLOOR, walk=0.0, stride=1.0)))
        assert wide > small_wide


def test_rabbits_and_frogs_hop_and_birds_beat_their_wings() -> None:
    for word in ("rabbit", "frog"):
        actor = make_actor(role(word), 100)
        lows = [sum(box_of(drawn(actor, Pose(240, FLOOR, walk=k / 10)))[1::2]) for k in range(10)]
        assert max(lows) - min(lows) > 15, word
    bird = make_actor(role("bird"), 100)
    beats = [drawn(bird, Pose(240, FLOOR, hop=120, flap=k / 4)) for k in range(4)]
    for one, other in combinations(beats, 2):
        assert np.abs(one.astype(int) - other).max() > 80
    np.testing.assert_array_equal(beats[0], drawn(bird, Pose(240, FLOOR, hop=120, flap=0), t=1.7))


# ---------------------------------------------------------------------------------- wheels


@pytest.mark.parametrize("word", [word for word, who in CAST.items() if who.kind is Kind.VEHICLE])
def test_wheels_roll_by_the_way_travelled(word: str) -> None:
    actor = make_actor(role(word), 100)
    assert rolled(actor, 0.0) == 0.0
    if isinstance(actor, Rig):
        wheel = part(f"{role(word).sprite}.wheel-rear").pixels
        _, _, _, high = cv2.boundingRect((wheel[..., 3] > 40).astype(np.uint8))
        around = math.pi * high / 256 * actor.square
        assert rolled(actor, around) == pytest.approx(360, rel=0.12)
    assert rolled(actor, 200.0) == pytest.approx(2 * rolled(actor, 100.0))
    assert rolled(actor, -50.0) < 0


def test_a_turned_wheel_is_drawn_turned() -> None:
    car = make_actor(role("bicycle"), 160)
    still, turned = drawn(car, Pose(240, FLOOR)), drawn(car, Pose(240, FLOOR, roll=17))
    assert np.abs(still.astype(int) - turned).max() > 60
