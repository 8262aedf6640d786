"""The actions: what makes sense, and that bodies and things keep to what they are."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.story.vocabulary import ACTION
from reverie.values import Shot
from reverie.video.storyboard.acting.actions import ACTIONS, IN_HAND, SHOWN, WATCHED, action_of
from reverie.video.storyboard.acting.elements import ORBIT_SECONDS
from reverie.video.storyboard.acting.sense import RULES, sensible
from reverie.video.storyboard.acting.stage import Stage, Tableau, feels, grasped, hands_of, reached
from reverie.video.storyboard.acting.tosses import TOP, Flight
from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.composer import ShotScene, pair_heights, solo_height
from reverie.video.storyboard.figures.actor import Puppet, make_actor, paces
from reverie.video.storyboard.figures.casting import ALIVE, CAST, SEATS, Kind, role
from reverie.video.storyboard.figures.puppet import Pose, frame_of
from reverie.video.storyboard.places.sets import GROUND, SETTINGS


def a_shot(subject: str, action: str, thing: str | None = None, setting: str = "park") -> Shot:
    return Shot(subject, action, thing, setting, "calm", "", 3.0)


def a_stage(
    subject: str, action: str, thing: str | None = None, seconds: float = 3.0, wide: float = 640.0,
    side: float = 1.0,
) -> Stage:  # fmt: skip
    """The stage of a shot that makes sense, laid out as simply as can be."""
    shot = sensible(a_shot(subject, action, thing))
    first, second = role(shot.subject), role(shot.object) if shot.object else None
    high, other = (solo_height(first), 0.0) if second is None else pair_heights(first, second, shot.action)
    actor, prop = make_actor(first, high, 3), make_actor(second, other, 4) if second else None
    span = wide * 0.8 / max(1.0, actor.width + (prop.width + 30 if prop else 0.0))
    if span < 1:
        actor, prop = (
            make_actor(first, high * span, 3),
            make_actor(second, other * span, 4) if second else None,
        )
    apart = (actor.width + prop.width) / 2 + 30 if prop else 0.0
    return Stage(
        wide, seconds, actor, prop, side, 5, "park", wide / 2 - side * apart / 2, GROUND,
        wide / 2 + side * apart / 2, GROUND,
    )  # fmt: skip


def play(stage: Stage, action: str, share: float) -> Tableau:
    return ACTIONS[action](stage, share * stage.seconds)


def other_of(tableau: Tableau) -> Pose:
    assert tableau.other is not None, "no object on stage"
    return tableau.other


def height_of(pose: Pose) -> float:
    """How high its foot is, upwards from the ground."""
    return GROUND - pose.y + pose.hop


def gap(stage: Stage, tableau: Tableau) -> float:
    """From the nearer hand (or the mouth) to the object's nearest edge, virtual units; 0 where they touch."""
    thing, pose = stage.object, other_of(tableau)
    assert thing is not None
    hands = [*hands_of(stage.subject, tableau.subject), stage.subject.mouth(tableau.subject)]
    half, top = thing.width * pose.size / 2, thing.height * pose.size
    foot = pose.y - pose.hop
    return min(
        math.hypot(max(0.0, abs(x - pose.x) - half), max(0.0, foot - top - y, y - foot)) for x, y in hands
    )


# ---------------------------------------------------------------------------------- what makes sense


def test_every_action_has_its_rule_and_its_word() -> None:
    assert set(RULES) == set(ACTIONS) == set(ACTION)
    assert len(ACTIONS) >= 40


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        # what makes sense stays
        (("child", "hug", "teddy bear"), ("hug", "teddy bear")),
        (("dog", "chase", "cat"), ("chase", "cat")),
        (("dog", "chase", "dog"), ("chase", "dog")),  # another one
        (("moon", "orbit", "earth"), ("orbit", "earth")),
        (("truck", "carry", "gift"), ("carry", "gift")),
        (("sun", "melt", "ice cream"), ("melt", "ice cream")),
        (("car", "take_apart", None), ("take_apart", None)),
        (("child", "walk", "dog"), ("walk", "dog")),  # somebody beside
        # what an action cannot do without is given
        (("child", "throw", None), ("throw", "ball")),
        (("child", "sit", None), ("sit", None)),
        (("dog", "take_apart", None), ("appear", None)),
        # the verb follows the body
        (("car", "walk", None), ("drive", None)),
        (("fish", "run", None), ("swim", None)),
        (("butterfly", "walk", None), ("fly", None)),
        (("tree", "run", None), ("appear", None)),
        (("car", "fly", None), ("float", None)),
        # only what has a lid, a door or pages is opened
        (("child", "open", "refrigerator"), ("open", "refrigerator")),
        (("child", "open", "car"), ("look_at", "car")),
        # the verb follows the object
        (("child", "eat", "milk"), ("drink", "milk")),
        (("child", "drink", "pizza"), ("eat", "pizza")),
        (("child", "drive", "horse"), ("ride", "horse")),
        # nothing absurd
        (("banana", "hug", "bus"), ("appear", None)),
        (("cloud", "try_on", "hat"), ("appear", None)),
        (("child", "eat", "car"), ("look_at", "car")),
        (("child", "hold", "house"), ("look_at", "house")),
        (("house", "jump", None), ("appear", None)),
        (("car", "look_at", "child"), ("appear", None)),
        (("elephant", "ride", "bicycle"), ("look_at", "bicycle")),
        (("dog", "climb", "tree"), ("look_at", "tree")),
        (("child", "climb", "house"), ("look_at", "house")),
        (("child", "orbit", "earth"), ("look_at", "earth")),
        (("car", "swim", None), ("appear", None)),
        (("chair", "walk", None), ("appear", None)),
        (("bee", "orbit", "earth"), ("look_at", "earth")),
        (("bee", "orbit", "flower"), ("orbit", "flower")),
        (("dog", "ride", None), ("appear", None)),
        (("fish", "float", None), ("swim", None)),  # it does not leave its water
        # nothing cruel or dangerous
        (("child", "take_apart", "dog"), ("look_at", "dog")),
        (("dog", "take_apart", "teddy bear"), ("look_at", "teddy bear")),
        (("child", "take_apart", "teddy bear"), ("look_at", "teddy bear")),
        (("child", "take_apart", "airplane"), ("look_at", "airplane")),
        (("child", "throw", "cat"), ("look_at", "cat")),
        (("child", "kick", "dog"), ("look_at", "dog")),
        (("child", "throw", "knife"), ("look_at", "knife")),
        (("child", "throw", "vase"), ("look_at", "vase")),
        (("child", "boil", "fish"), ("look_at", "fish")),
        (("fish", "boil", None), ("appear", None)),
        (("child", "melt", None), ("melt", "ice cream")),  # it is not the child that melts
        (("child", "evaporate", None), ("appear", None)),
        (("child", "erupt", None), ("appear", None)),
        (("child", "throw", "hand"), ("look_at", "hand")),
        (("child", "hug", "spider"), ("look_at", "spider")),
        (("t-rex", "chase", "child"), ("look_at", "child")),
        (("child", "push", "woman"), ("look_at", "woman")),
        (("child", "drink", "wine glass"), ("look_at", "wine glass")),
        # unknown words are small things, unknown verbs the calm scene
        (("who knows", "hug", "child"), ("appear", None)),
        (("child", "juggle", "ball"), ("appear", None)),
        (("", "walk", ""), ("walk", None)),
    ],
)
def test_what_makes_sense(said: tuple[str, str, str | None], meant: tuple[str, str | None]) -> None:
    shot = sensible(a_shot(*said))
    assert (shot.action, shot.object) == meant
    assert shot.subject == said[0]


@pytest.mark.parametrize(
    ("said", "setting", "meant"),
    [
        (("cloud", "rain", None), "kitchen", ("appear", None)),  # not under a roof
        (("cloud", "rain", None), "studio", ("rain", None)),  # a studio shows anything
        (("child", "swim", None), "shop", ("appear", None)),
        (("fish", "swim", None), "shop", ("swim", None)),  # in its bubble
        (("child", "climb", None), "room", ("climb", "couch")),  # no trees there
        (("child", "climb", None), "park", ("climb", "tree")),
    ],
)
def test_what_makes_sense_where(
    said: tuple[str, str, str | None], setting: str, meant: tuple[str, str | None]
) -> None:
    shot = sensible(a_shot(*said, setting=setting))
    assert (shot.action, shot.object) == meant


words = st.sampled_from([*sorted(CAST), "", "什么都不是"])
actions = st.sampled_from([*ACTIONS, "juggle"])

HARMING = frozenset(
    {"take_apart", "build", "open", "unbox", "boil", "melt", "throw", "catch", "kick", "eat", "drink"}
)
"""What is never done to a living being."""


@given(words, actions, st.none() | words)
@settings(deadline=None, max_examples=400)
def test_sense_is_final_and_kind(subject: str, action: str, thing: str | None) -> None:
    shot = sensible(a_shot(subject, action, thing))
    assert shot.action in ACTIONS
    assert sensible(shot) == shot
    if shot.action in HARMING:
        victim = role(shot.object or shot.subject)
        assert victim.kind not in ALIVE, f"{subject} {action} {thing}: {victim.word}"
    if shot.action in ("evaporate", "erupt"):
        assert role(shot.subject).kind not in ALIVE
    if shot.action in IN_HAND:
        assert shot.object is not None


def test_an_unknown_action_is_the_calm_one() -> None:
    assert action_of("juggle") is ACTIONS["appear"]


# ---------------------------------------------------------------------------------- any shot

EVERY_KIND = (
    *("child", "robot", "dog", "bird", "bee", "fish", "car", "airplane"),
    *("ship", "moon", "tree", "apple", "milk", "chair", "no such word"),
)


@given(
    subject=st.sampled_from(EVERY_KIND),
    action=st.sampled_from(sorted(ACTIONS)),
    thing=st.none() | st.sampled_from(EVERY_KIND),
    setting=st.sampled_from(sorted(SETTINGS)),
    wide=st.sampled_from([640.0, 853.0, 270.0]),
    side=st.sampled_from([1.0, -1.0]),
    seconds=st.floats(0.5, 8.0),
    share=st.floats(0.0, 1.0),
)
@settings(deadline=None, max_examples=300)
def test_the_subject_stays_in_the_picture(
    subject: str, action: str, thing: str | None, setting: str, wide: float, side: float, seconds: float,
    share: float,
) -> None:  # fmt: skip
    shot = sensible(a_shot(subject, action, thing, setting))
    stage = a_stage(subject, action, thing, seconds, wide, side)
    tableau = play(stage, shot.action, share)
    pose = tableau.subject
    assert 0 <= pose.x <= wide, "left the picture"
    assert pose.y - pose.hop - stage.height * pose.size * 0.5 > 0, "flew over the top"
    assert all(math.isfinite(n) for n in (pose.x, pose.y, pose.hop, pose.turn, pose.lean, pose.size))
    if shot.action in IN_HAND:
        assert tableau.other is not None, "the object is not there"
    if tableau.other is not None and shot.action != "catch":
        assert -20 <= tableau.other.x <= wide + 20


@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize("seconds", [0.5, 2.0, 8.0])
def test_something_always_moves(action: str, seconds: float) -> None:
    """From the first picture to the last, none is like the one 0.35 s before."""
    canvas = Canvas(128, 96)
    for subject in ("child", "dog", "car", "snowman", "moon"):
        shot = replace(a_shot(subject, action), seconds=seconds)
        if sensible(shot).action != action:
            continue
        scene = ShotScene(shot, canvas, seconds, 7)
        frames = []
        for i in range(min(8, int(seconds / 0.35) + 1)):
            scene.draw(canvas, max(0.0, seconds - 0.35 * i))
            frames.append(canvas.picture().astype(int))
        for a, b in pairwise(frames):
            assert np.abs(a - b).max() > 12, f"{subject} {action} stands still"


@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize("subject", ["child", "dog", "ball", "snowman", "moon", "water"])
def test_nobody_jerks(action: str, subject: str) -> None:
    """Nothing is somewhere else all of a sudden: in 1/60 s nothing moves by a fifth of a child."""
    stage = a_stage(subject, action)
    if sensible(a_shot(subject, action)).action != action:
        return
    before: tuple[float, ...] = ()
    turned = 0.0
    for i in range(181):
        tableau = ACTIONS[action](stage, i / 60)
        pose, other = tableau.subject, tableau.other
        near, far = hands_of(stage.subject, pose)
        rest = (other.x, other.y - other.hop) if other else (0.0, 0.0)
        now = (pose.x, pose.y - pose.hop, *near, *far, *rest)
        if before and pose.facing == turned:
            assert max(abs(a - b) for a, b in zip(before, now, strict=True)) < 42, f"at {i / 60:.2f} s"
        before, turned = now, pose.facing


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_people_feel_what_they_do(action: str) -> None:
    """Whoever acts has more than a blank face, at least for a while."""
    shot = sensible(a_shot("child", action))
    if shot.action != action:
        return
    stage = a_stage("child", action)
    assert {play(stage, action, i / 10).subject.face for i in range(11)} - {"content"}


@pytest.mark.parametrize("action", sorted(WATCHED))
def test_eyes_are_on_what_is_done(action: str) -> None:
    """In the middle of it; what is shown in the end is shown to us."""
    stage = a_stage("butterfly" if action == "orbit" else "child", action, _watched_thing(action))
    thing = stage.object
    assert thing is not None
    for share in (0.3, 0.55):
        tableau = play(stage, action, share)
        pose, other = tableau.subject, other_of(tableau)
        assert pose.look == pytest.approx(
            (other.x, other.y - other.hop - thing.height * other.size * other.tall / 2), abs=1.0
        )
    last = play(stage, action, 1.0).subject
    assert last.look is not None
    assert (last.look[0] == pytest.approx(last.x)) == (action in SHOWN)


def _watched_thing(action: str) -> str | None:
    return {"orbit": "flower", "look_at": "dog", "point": "dog"}.get(action)


@given(
    subject=words, action=actions, thing=st.none() | words, setting=st.sampled_from(sorted(SETTINGS)),
    size=st.sampled_from([(96, 72), (54, 96), (128, 72)]), seconds=st.floats(0.5, 8.0), share=st.floats(0, 1),
)  # fmt: skip
@settings(deadline=None, max_examples=60)
def test_any_words_make_a_picture(
    subject: str, action: str, thing: str | None, setting: str, size: tuple[int, int], seconds: float,
    share: float,
) -> None:  # fmt: skip
    canvas = Canvas(*size)
    shot = replace(a_shot(subject, action, thing, setting), seconds=seconds)
    ShotScene(shot, canvas, seconds, 11).draw(canvas, share * seconds)
    assert canvas.picture().std() > 5


def test_walking_feet_do_not_slide() -> None:
    """While a foot is on the ground, the body moves on by what the leg swings back."""
    for subject in ("child", "man", "dog"):
        stage = a_stage(subject, "walk", seconds=4.0)
        a, b = ACTIONS["walk"](stage, 1.0).subject, ACTIONS["walk"](stage, 1.1).subject
        assert a.walk is not None
        assert b.walk is not None
        assert b.walk - a.walk == pytest.approx(paces(stage.subject, abs(b.x - a.x), a.stride))


# ---------------------------------------------------------------------------------- hands

HELD = {
    # action: (from, to), the shares of the shot in which it is in the hand or the mouth
    "hold": (0.15, 1.0),
    "pick_up": (0.45, 1.0),
    "put_down": (0.1, 0.45),
    "carry": (0.05, 1.0),
    "throw": (0.05, 0.3),
    "catch": (0.42, 1.0),
    "hug": (0.45, 1.0),
}


@pytest.mark.parametrize("action", HELD)
@pytest.mark.parametrize("subject", ["child", "woman", "panda", "dog"])
@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("wide", [640.0, 270.0])
def test_what_is_held_is_at_the_hand(action: str, subject: str, side: float, wide: float) -> None:
    if sensible(a_shot(subject, action)).action != action:
        return
    stage = a_stage(subject, action, wide=wide, side=side)
    start, end = HELD[action]
    for i in range(12):
        tableau = play(stage, action, start + (end - start) * i / 11)
        assert gap(stage, tableau) < stage.height * 0.10, f"share {start + (end - start) * i / 11:.2f}"


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0, 8.0])
def test_put_down_ends_on_the_ground(side: float, seconds: float) -> None:
    for subject in ("child", "cat"):
        stage = a_stage(subject, "put_down", seconds=seconds, side=side)
        assert height_of(other_of(play(stage, "put_down", 0.0))) > 20
        last = play(stage, "put_down", 1.0)
        assert height_of(other_of(last)) == pytest.approx(0, abs=0.5)
        assert not last.held


def test_pick_up_is_the_other_way_round() -> None:
    stage = a_stage("child", "pick_up")
    heights = [height_of(other_of(play(stage, "pick_up", i / 20))) for i in range(21)]
    assert heights[0] < 6 < 30 < heights[-1]


@pytest.mark.parametrize("wide", [640.0, 853.0, 270.0])
@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("action", ["throw", "kick"])
def test_what_flies_flies_a_parabola_and_stays(wide: float, side: float, action: str) -> None:
    stage = a_stage("child", action, seconds=4.0, wide=wide, side=side)
    thing = stage.object
    assert thing is not None
    poses = [other_of(ACTIONS[action](stage, i / 100)) for i in range(401)]
    free = [i for i in range(400) if abs(poses[i].x - poses[i + 1].x) > 0.5 and height_of(poses[i + 1]) > 8]
    start = next(i for i in free if i > 0.34 * 400)
    flight = [height_of(pose) for pose in poses[start + 2 : start + 30]]
    falls = np.diff(flight, 2)
    assert falls.max() < 0, "gravity pulls down"
    np.testing.assert_allclose(falls, falls.mean(), atol=1e-6)
    across = np.diff([pose.x for pose in poses[start + 2 : start + 30]])
    np.testing.assert_allclose(across, across.mean(), atol=1e-6)
    assert min(pose.y - pose.hop - thing.height for pose in poses) > TOP - 14
    last = poses[-1]
    assert height_of(last) == pytest.approx(0, abs=0.5)
    assert thing.width / 3 < last.x < wide - thing.width / 3
    assert (last.x - poses[0].x) * side > 20, "it did not get far"


@given(
    x=st.floats(0, 600), land=st.floats(0, 600), high=st.floats(5, 200), air=st.floats(0.2, 1.0),
    run=st.floats(-90, 90), age=st.floats(0, 9),
)  # fmt: skip
def test_a_flight_never_goes_under_the_ground_and_ends(
    x: float, land: float, high: float, air: float, run: float, age: float
) -> None:
    flight = Flight(x, 300.0, land, 372.0, high, air, run)
    assert flight.at(age)[1] <= 372.0 + 1e-6
    assert flight.at(60.0) == pytest.approx((land + run, 372.0))
    assert flight.at(0.0) == pytest.approx((x, 300.0))


@pytest.mark.parametrize("subject", ["child", "man", "dog"])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_foot_is_at_the_ball_before_it_moves(subject: str, side: float) -> None:
    stage = a_stage(subject, "kick", side=side)
    thing = stage.object
    assert thing is not None
    times = [i / 100 for i in range(300)]
    balls = [other_of(ACTIONS["kick"](stage, t)) for t in times]
    moved = next(i for i in range(300) if abs(balls[i].x - balls[0].x) > 0.5)
    assert moved > 40, "nobody has kicked yet"
    pose = ACTIONS["kick"](stage, times[moved - 1]).subject
    # A leg reaches a quarter of the height ahead; a sprite is as wide as it is.
    front = pose.x + side * (stage.height * 0.26 if stage.limbs else stage.subject.width * 0.5)
    edge = balls[0].x - side * thing.width / 2
    assert abs(front - edge) < stage.height * 0.06


def test_caught_means_in_the_hands() -> None:
    stage = a_stage("child", "catch")
    gaps = [gap(stage, play(stage, "catch", i / 20)) for i in range(21)]
    assert gaps[1] > 100
    assert max(gaps[9:]) < 12


def test_a_pointing_hand_points_at_it() -> None:
    for side in (1.0, -1.0):
        stage = a_stage("child", "point", "tree", side=side)
        pose = play(stage, "point", 0.8).subject
        near, _ = hands_of(stage.subject, pose)
        assert (near[0] - pose.x) * side > stage.height * 0.15
        assert pose.gaze * side > 0.3


def test_hugging_brings_them_together() -> None:
    for thing in ("child", "dog", "teddy bear"):
        stage = a_stage("woman", "hug", thing)
        first, last = play(stage, "hug", 0.0), play(stage, "hug", 0.8)
        assert abs(other_of(last).x - last.subject.x) < 0.7 * abs(other_of(first).x - first.subject.x)
        assert last.subject.blink > 0.5


@pytest.mark.parametrize("thing", ["hat", "headphones"])
def test_a_hat_is_worn_on_the_head(thing: str) -> None:
    stage = a_stage("woman", "try_on", thing)
    actor, hat = stage.subject, stage.object
    assert isinstance(actor, Puppet)
    assert hat is not None
    for share in (0.6, 0.8, 1.0):
        tableau = play(stage, "try_on", share)
        pose = other_of(tableau)
        joints = frame_of(actor.look, actor.height, tableau.subject)
        middle = pose.y - pose.hop - hat.height * pose.size / 2
        assert abs(pose.x - joints.head[0]) < joints.head_size * 0.35
        assert joints.head[1] - joints.head_size * 1.4 < middle < joints.head[1] - joints.head_size * 0.2


# ---------------------------------------------------------------------------------- seats and heights


@pytest.mark.parametrize("seat", sorted(SEATS))
def test_one_sits_on_the_seat(seat: str) -> None:
    stage = a_stage("child", "sit", seat)
    thing, actor = stage.object, stage.subject
    assert thing is not None
    assert isinstance(actor, Puppet)
    last = play(stage, "sit", 1.0)
    pelvis = GROUND - frame_of(actor.look, actor.height, last.subject).pelvis[1]
    assert pelvis == pytest.approx(thing.height * SEATS[seat], abs=stage.height * 0.12)
    assert abs(last.subject.x - other_of(last).x) < thing.width / 3


def test_standing_up_ends_upright() -> None:
    stage = a_stage("child", "stand")
    assert play(stage, "stand", 0.0).subject.sit == 1.0
    assert play(stage, "stand", 1.0).subject.sit == 0.0


@pytest.mark.parametrize(("who", "what"), [("child", "tree"), ("child", "couch"), ("cat", "tree")])
def test_climbing_goes_up_and_never_back(who: str, what: str) -> None:
    stage = a_stage(who, "climb", what)
    heights = [play(stage, "climb", i / 40).subject.hop for i in range(29)]
    assert heights[0] < 10
    assert heights[-1] > 25
    assert all(b > a - 4 for a, b in pairwise(heights))


# ---------------------------------------------------------------------------------- what changes


def test_what_melts_sinks_and_leaves_a_little() -> None:
    for subject, thing in (("ice cream", None), ("child", "ice cream"), ("sun", "ice")):
        stage = a_stage(subject, "melt", thing)
        first, last = play(stage, "melt", 0.0), play(stage, "melt", 1.0)
        before, after = (first.subject, last.subject) if thing is None else (other_of(first), other_of(last))
        assert 0.2 < after.tall * after.size < 0.5 < before.tall * before.size
    assert role("child").kind is Kind.PERSON
    assert play(a_stage("child", "melt", "ice cream"), "melt", 1.0).subject.tall > 0.8


def test_what_boils_ends_in_the_pot() -> None:
    stage = a_stage("water", "boil")
    heights = [height_of(play(stage, "boil", share).subject) for share in (0.0, 0.4, 1.0)]
    assert heights[0] > heights[1]
    assert 15 < heights[2] < 110


def test_it_comes_out_of_the_carton() -> None:
    for subject, thing in (("child", "teddy bear"), ("car", None)):
        stage = a_stage(subject, "unbox", thing)
        first, last = play(stage, "unbox", 0.2), play(stage, "unbox", 1.0)
        before, after = (first.subject, last.subject) if thing is None else (other_of(first), other_of(last))
        assert before.alpha == 0.0
        assert after.alpha == 1.0
        assert height_of(after) > 15


@given(st.floats(0, 5))
@settings(deadline=None, max_examples=30)
def test_an_orbit_closes(t: float) -> None:
    stage = a_stage("moon", "orbit", "earth", seconds=12.0)
    once, again = ACTIONS["orbit"](stage, t), ACTIONS["orbit"](stage, t + ORBIT_SECONDS)
    assert (once.subject.x, once.subject.hop) == pytest.approx((again.subject.x, again.subject.hop))


def test_an_orbit_goes_in_front_and_behind() -> None:
    stage = a_stage("moon", "orbit", "earth", seconds=ORBIT_SECONDS)
    seen = [play(stage, "orbit", i / 16) for i in range(16)]
    assert {tableau.front for tableau in seen} == {True, False}
    for tableau in seen:
        # Nearer is lower, bigger, and drawn later: then the object is not over it.
        nearer = tableau.subject.size > seen[0].subject.size
        assert tableau.front != nearer or abs(tableau.subject.size - seen[0].subject.size) < 1e-6


# ---------------------------------------------------------------------------------- common ground


def test_feelings_follow_their_times() -> None:
    assert [feels(t, "content", (1.0, "curious"), (2.0, "happy")) for t in (0.0, 1.0, 5.0)] == [
        "content",
        "curious",
        "happy",
    ]


def test_hands_reach_as_far_as_arms_do() -> None:
    stage = a_stage("child", "point")
    pose = Pose(300, GROUND, near=(600.0, 100.0), far=(310.0, GROUND - 60))
    near, far = hands_of(stage.subject, pose)
    assert math.hypot(near[0] - 300, near[1] - GROUND) < stage.height
    assert far == pytest.approx((310.0, GROUND - 60), abs=2.0)


def test_hands_set_out_from_where_they_hang() -> None:
    stage = a_stage("child", "point")
    pose = Pose(300, GROUND)
    assert reached(stage, pose, 0.0, (330.0, 250.0)) is pose
    goal = reached(stage, pose, 1.0, (330.0, 290.0))
    assert goal.near == pytest.approx((330.0, 290.0))
    assert goal.far is None
    dog = a_stage("dog", "point")
    assert reached(dog, pose, 1.0, (330.0, 290.0)) is pose


def test_what_is_grasped_is_where_the_hand_is() -> None:
    stage = a_stage("child", "throw", "ball")
    pose = Pose(300, GROUND, near=(330.0, 290.0))
    thing = stage.object
    assert thing is not None
    held = grasped(stage, pose, ahead=0.0)
    assert (held.x, held.y - thing.height / 2) == pytest.approx(hands_of(stage.subject, pose)[0])


# ---------------------------------------------------------------------------------- second looks


def test_feet_go_round_with_the_pedals() -> None:
    stage = a_stage("child", "ride", "bicycle", side=1.0)
    angles = []
    for i in range(12):
        pose = ACTIONS["ride"](stage, i / 12).subject
        assert pose.foot_near is not None
        assert pose.foot_far is not None
        assert pose.seat is not None
        (x, y), (fx, fy) = pose.foot_near, pose.foot_far
        assert math.hypot(x - fx, y - fy) == pytest.approx(2 * 0.105 * 0.98 * stage.height, rel=0.1)
        angles.append(math.degrees(math.atan2(y - fy, x - fx)))
    turns = [(b - a) % 360 for a, b in pairwise(angles)]
    assert all(0 < turn < 90 for turn in turns), "the pedals do not turn forwards"


def test_a_sitting_dog_looks_up_and_keeps_its_fore_feet_down() -> None:
    dog = make_actor(role("dog"), 120.0, 1)
    stands, sits = Pose(240, GROUND), Pose(240, GROUND, sit=1.0)
    assert dog.mouth(sits)[1] < dog.mouth(stands)[1] - 4
    assert dog.mouth(replace(stands, tilt=38.0))[1] > dog.mouth(stands)[1] + 12, "it bows its head to eat"


def test_liquids_are_poured_and_everything_else_drops_into_the_pot() -> None:
    """No drop or cup lies in the pot."""
    for word, since, until in (("water", 0.0, 0.0), ("tea", 1.0, 0.0), ("egg", 1.0, 1.0)):
        stage = a_stage("child", "boil", word)
        assert other_of(play(stage, "boil", 0.1)).alpha == since
        assert other_of(play(stage, "boil", 0.9)).alpha == until


def test_under_water_there_is_no_surface() -> None:
    for subject in ("child", "fish"):
        stage = replace(a_stage(subject, "swim"), setting="underwater")
        assert play(stage, "swim", 0.5).behind == ()
        assert play(replace(stage, setting="park"), "swim", 0.5).behind != ()


def test_what_is_heavy_does_not_hop_for_who_looks_at_it() -> None:
    for word, hops in (("ball", True), ("house", False), ("elephant", False)):
        stage = a_stage("child", "look_at", word)
        highest = max(other_of(play(stage, "look_at", i / 40)).hop for i in range(41))
        assert (highest > 8) == hops, word
