"""Things that the detector knows: what people do with them, and above all what is no pick-up.

Scenes run through the real tracker. The shelf is at y = 0.5; a body before it hides it unless a thing is
marked as in front.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from acts import START, Act, person, play, story, thing
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie import config
from reverie.values import Box, Event, Joints, Track
from reverie.vision.events import Rules
from reverie.vision.tracker import FORGET

KINDS = "picked_up", "put_back", "taken_away"


def rules(**changed: object) -> Rules:
    return Rules([], [], config.Events.model_validate({"cooldown": 0, "dwell": 99} | changed))


def at_rest(begin: float, end: float, x: float = 0.5, label: str = "bottle") -> Act:
    return thing(label, (begin, x, 0.5), (end, x, 0.5))


# Comes from the left to the shelf at 17 s; is gone again.
COMES = (14, -0.05), (17, 0.38)
TAKES = person(*COMES, (20, 0.36), (24, -0.2))
PASSES = person((14, -0.1), (19, 1.1))

SCENES: list[tuple[str, list[Act], str]] = [
    # ---------------------------------------------------------------- what is told
    (
        "takes it and walks off with it in the hand",
        [
            TAKES,
            thing(
                "bottle",
                (0, 0.5, 0.5),
                (19, 0.5, 0.5),
                (20, 0.45, 0.5),
                (21, 0.3, 0.5),
                (24, -0.1, 0.5),
                front=True,
            ),
        ],
        "picked_up taken_away",
    ),
    (
        "looks at it and puts it back where it was",
        [
            person(*COMES, (25, 0.36), (29, -0.2)),
            thing(
                "bottle",
                (0, 0.5, 0.5),
                (19, 0.5, 0.5),
                (20, 0.35, 0.45),
                (23, 0.35, 0.45),
                (24, 0.5, 0.5),
                (40, 0.5, 0.5),
                front=True,
            ),
        ],
        "picked_up put_back",
    ),
    (
        "puts it back elsewhere on the shelf",
        [
            person(*COMES, (20, 0.38), (24, 0.63), (25, 0.63), (29, 1.2)),
            thing(
                "bottle",
                (0, 0.5, 0.5),
                (19, 0.5, 0.5),
                (20, 0.4, 0.45),
                (23, 0.6, 0.45),
                (24, 0.75, 0.5),
                (40, 0.75, 0.5),
                front=True,
            ),
        ],
        "picked_up put_back",
    ),
    (
        "hides it at once and leaves",  # only the empty place tells
        [at_rest(0, 18), person((14, -0.1), (17, 0.5), (20, 0.5), (24, 1.1))],
        "picked_up taken_away",
    ),
    (
        "hides it, comes back and puts it back behind their body",
        [
            at_rest(0, 18),
            at_rest(26, 50),
            person((14, -0.1), (17, 0.5), (19, 0.5), (20, 0.8), (24, 0.8), (25, 0.5), (27, 0.5), (30, 1.1)),
        ],
        "picked_up put_back",
    ),
    (
        "a table between camera and people: lifts it and puts it down",
        [
            person((14, -0.1), (17, 0.5), (30, 0.5), (34, 1.1)),
            thing(
                "bottle",
                (0, 0.5, 0.55),
                (19.5, 0.5, 0.55),
                (20.5, 0.5, 0.4),
                (24, 0.5, 0.4),
                (25, 0.5, 0.55),
                (40, 0.5, 0.55),
                front=True,
            ),
        ],
        "picked_up put_back",
    ),
    (
        "a table: puts it into a bag and stays",
        [
            person((14, -0.1), (17, 0.5), (30, 0.5), (34, 1.1)),
            thing("bottle", (0, 0.5, 0.55), (19.5, 0.5, 0.55), (20, 0.5, 0.5), front=True),
        ],
        "picked_up taken_away",
    ),
    (
        "the tracker loses who carries it and finds them under a new id",
        [
            person(*COMES, (20, 0.36), (21, 0.36)),
            person((21.6, 0.4), (23, 0.4), (27, -0.2)),
            thing(
                "bottle",
                (0, 0.5, 0.5),
                (19, 0.5, 0.5),
                (20, 0.4, 0.45),
                (23, 0.4, 0.45),
                (26, -0.2, 0.45),
                front=True,
            ),
        ],
        "picked_up taken_away",
    ),
    (
        "what the shop puts there belongs there, and is then taken",
        [
            person((2, -0.1), (4, 0.4), (6, 0.4), (9, -0.1)),
            person((25, -0.1), (28, 0.4), (31, 0.38), (35, -0.3)),
            thing(
                "cup",
                (2, -0.1, 0.6),
                (4, 0.45, 0.6),
                (5, 0.5, 0.5),
                (30, 0.5, 0.5),
                (31, 0.4, 0.5),
                (34, -0.2, 0.5),
                front=True,
            ),
        ],
        "picked_up taken_away",
    ),
    (
        "one of three of a kind",
        [
            at_rest(0, 50, 0.35),
            at_rest(0, 18),
            at_rest(0, 50, 0.65),
            person((14, -0.1), (17, 0.5), (20, 0.5), (24, 1.1)),
        ],
        "picked_up taken_away",
    ),
    # ---------------------------------------------------------------- what is not
    ("somebody passes in front", [at_rest(0, 40), PASSES], ""),
    (
        "somebody stands in front for long",
        [at_rest(0, 60), person((14, -0.1), (17, 0.5), (40, 0.5), (44, 1.1))],
        "",
    ),
    (
        "they carry a bottle of their own past the shelf's",
        [
            at_rest(0, 40),
            person((14, -0.1), (17, 0.45), (20, 0.45), (24, 1.1)),
            thing("bottle", (14, -0.05, 0.6), (17, 0.5, 0.6), (20, 0.5, 0.6), (24, 1.15, 0.6), front=True),
        ],
        "",
    ),
    (
        "the same, held just over it",
        [
            at_rest(0, 40),
            person((14, -0.1), (17, 0.45), (20, 0.45), (24, 1.1)),
            thing("bottle", (14, -0.05, 0.5), (17, 0.5, 0.5), (20, 0.5, 0.5), (24, 1.15, 0.5), front=True),
        ],
        "",
    ),
    (
        "they put down a cup of their own and take it along again",
        [
            person((14, -0.1), (17, 0.3), (45, 0.3), (48, -0.1)),
            thing(
                "cup",
                (14, -0.1, 0.6),
                (17, 0.3, 0.6),
                (18, 0.25, 0.7),
                (40, 0.25, 0.7),
                (41, 0.3, 0.6),
                (45, 0.3, 0.6),
                (48, -0.1, 0.6),
                front=True,
            ),
        ],
        "",
    ),
    ("it falls down with nobody at it", [at_rest(0, 20), person((14, -0.1), (40, -0.05))], ""),
    (
        "it is touched and moved a little",
        [
            thing("bottle", (0, 0.5, 0.5), (18, 0.5, 0.5), (19, 0.515, 0.5), (40, 0.515, 0.5), front=True),
            person((14, -0.1), (17, 0.4), (20, 0.4), (24, -0.1)),
        ],
        "",
    ),
    ("a piece of furniture is hidden and never seen again", [at_rest(0, 15, label="chair"), PASSES], ""),
    ("so is a bag", [at_rest(0, 15, label="handbag"), PASSES], ""),
    (
        "its name changes",
        [at_rest(0, 15.5), at_rest(17.5, 40, label="vase"), PASSES],
        "",
    ),
]


@pytest.mark.parametrize("fps", [10, 2.5])
@pytest.mark.parametrize(("name", "acts", "expected"), SCENES, ids=[scene[0] for scene in SCENES])
def test_scenes(name: str, acts: list[Act], expected: str, fps: float) -> None:
    events = play(rules(), acts, 52, fps, jitter=0.05)
    assert " ".join(e.kind for e in events if e.kind in KINDS) == expected, name


def scene(name: str) -> list[Act]:
    return next(acts for known, acts, _ in SCENES if known == name)


def told(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event.kind in KINDS]


# When, and with which reason: the golden pick-up scenes.
REASONS: list[tuple[str, str, tuple[str, ...]]] = [
    (
        "takes it and walks off with it in the hand",
        "picked_up@20.3 taken_away@24.8",
        (
            "the bottle lay there for 20.3 s; somebody was at it for 3.4 s (by their box); "
            "it is 1.8 of its own sizes off its place for 0.3 s, at a hand",
            "somebody carried the bottle off: they left at the edge of the picture 2.1 s ago",
        ),
    ),
    (
        "puts it back elsewhere on the shelf",
        "picked_up@19.9 put_back@27.8",
        (
            "the bottle lay there for 19.9 s; somebody was at it for 3.1 s (by their box); "
            "it is 1.9 of its own sizes off its place for 0.3 s, at a hand",
            "the bottle lies still for 3.7 s with nobody at it, in another place",
        ),
    ),
    (
        "hides it at once and leaves",
        "picked_up@21.7 taken_away@25.0",
        (
            "the bottle lay there for 21.7 s; somebody was at it for 4.7 s (by their box); "
            "its place is in view and empty for 1.0 s (needs 1.0 s)",
            "somebody carried the bottle off: they left at the edge of the picture 1.5 s ago",
        ),
    ),
]


@pytest.mark.parametrize(("name", "times", "reasons"), REASONS)
def test_reasons(name: str, times: str, reasons: tuple[str, ...]) -> None:
    events = told(play(rules(), scene(name), 52))
    assert story(events, *KINDS) == times
    assert tuple(event.reason for event in events) == reasons


def test_what_a_pick_up_tells() -> None:
    picked, away = told(play(rules(), scene("takes it and walks off with it in the hand"), 52))
    assert (picked.label, picked.near, picked.zone) == ("person", "bottle", "")
    assert picked.track_id == away.track_id > 0
    assert 3 <= picked.dwell <= 4


@pytest.mark.parametrize(
    ("name", "zones", "expected"),
    [
        ("the area they stand in", [("floor", "area", 0.0, 0.8)], "floor"),
        ("not the area of its place", [("shelf", "area", 0.0, 0.0)], ""),
        (
            "the slot it lies in, before the area",
            [("floor", "area", 0.0, 0.8), ("slot", "slot", 0.4, 0.4)],
            "slot",
        ),
    ],
)
def test_the_zone_of_a_pick_up(name: str, zones: list[tuple[str, str, float, float]], expected: str) -> None:
    """Zones from x (and to the right), from y (and down); there is no picture, so slots are blind."""
    made = [
        config.Zone.model_validate(
            {
                "name": zone,
                "kind": kind,
                "polygon": ((x, y), (1, y), (1, 1 if y > 0.5 else 0.6), (x, 1 if y > 0.5 else 0.6)),
            }
        )
        for zone, kind, x, y in zones
    ]
    chosen = Rules(made, [], config.Events(cooldown=0, dwell=99))
    events = told(play(chosen, scene("takes it and walks off with it in the hand"), 52))
    assert {event.zone for event in events} == {expected}, name


@pytest.mark.parametrize(
    ("name", "changed", "label", "expected"),
    [
        ("not asked for", {"handling": False}, "bottle", 0),
        ("named", {"handled": ("handbag",)}, "handbag", 2),
        ("not named", {"handled": ("handbag",)}, "bottle", 0),
        ("a product of the shop's own", {}, "green tea 250 g", 2),
        ("settles later than they come", {"settled": 30}, "bottle", 0),
        ("within the cooldown nothing twice", {"cooldown": 60}, "bottle", 2),
    ],
)
def test_settings(name: str, changed: dict[str, object], label: str, expected: int) -> None:
    acts = [at_rest(0, 18, label=label), person((14, -0.1), (17, 0.5), (20, 0.5), (24, 1.1))]
    assert len(told(play(rules(**changed), acts, 40))) == expected, name


def test_the_hand_decides_between_two() -> None:
    """Two stand before it, and one of them has a hand at it: a pose model tells which."""

    def hands(at: tuple[float, float]) -> Joints:
        joints = [(0.0, 0.0, 0.0)] * 17
        joints[9] = joints[10] = (*at, 0.9)
        return tuple(joints)

    def resting(t: float, box: Box) -> Joints:
        return hands((box.centre[0], 0.75))

    def reaching(t: float, box: Box) -> Joints:
        return hands((0.5, 0.5)) if 17 < t < 18.5 else resting(t, box)

    acts = [
        at_rest(0, 18),
        person((14, -0.1), (16, 0.44), (22, 0.44), (26, -0.2), joints=resting),
        person((14, 1.1), (17, 0.6), (20, 0.6), (23, 1.2), joints=reaching),
    ]
    events = play(rules(), acts, 40)
    picked = next(event for event in events if event.kind == "picked_up")
    assert "by a wrist" in picked.reason
    right = [e.track_id for e in events if e.kind == "left"]
    assert picked.track_id == right[0]  # who came from the right leaves first


def test_who_left_before_it_was_seen_again_did_not_take_it() -> None:
    """One stands there for long and goes; the next one, for a moment, takes it."""
    acts = [
        at_rest(0, 40.5),
        person((14, -0.1), (17, 0.4), (35, 0.4), (37, -0.2)),
        person((38, 1.1), (40, 0.6), (41, 0.6), (43, 1.2)),
    ]
    picked = next(event for event in play(rules(), acts, 55) if event.kind == "picked_up")
    assert picked.track_id == 3
    assert picked.dwell < 4


def test_people_at_a_thing_in_a_busy_place_are_forgotten() -> None:
    """All day somebody stands at it, each time another; it is always seen."""
    chosen = rules(settled=1)
    bottle = Box(0.47, 0.45, 0.53, 0.55)
    for i in range(4000):
        now = START + i / 2
        tracks = [_track(1, "bottle", bottle, now)]
        if i > 10:
            tracks.append(_track(2 + i // 10, "person", Box(0.34, 0.25, 0.5, 0.95), now))
        chosen.update(tracks, now)
    assert len(chosen._handling._things[0].contacts.touches) <= 2
    assert chosen.remembered < 60


def test_who_carries_something_is_present() -> None:
    zone = config.Zone(name="far", polygon=((0.9, 0.0), (1.0, 0.0), (1.0, 0.1)))
    chosen = Rules([zone], [], config.Events(cooldown=0))
    play(chosen, scene("takes it and walks off with it in the hand"), 22)
    assert len(chosen.present()) == 1


# ---------------------------------------------------------------------------------- whatever happens

bystanders = st.builds(
    lambda start, x, stay, speed, turns, own: (start, x, stay, speed, turns, own),
    st.floats(14, 40),
    st.floats(0.1, 0.9),
    st.sampled_from([0.0, 1.0, 4.0, 10.0]),
    st.floats(1.5, 5.0),
    st.booleans(),
    st.sampled_from(["", "bottle", "cup", "book"]),
)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(
    st.lists(bystanders, min_size=1, max_size=5),
    st.sampled_from([10.0, 5.0]),
    st.sampled_from([0.0, 0.1]),
    st.integers(0, 10**6),
)
def test_nobody_touches_anything(
    people: list[tuple[float, float, float, float, bool, str]], fps: float, missing: float, seed: int
) -> None:
    """They pass, stand about, and carry their own things to and fro; a tenth of detections is missed."""
    acts = [at_rest(0, 70, 0.3), at_rest(0, 70, 0.5), at_rest(0, 70, 0.8, "cup")]
    for start, x, stay, speed, turns, own in people:
        ways = (start, -0.15), (start + speed, x), (start + speed + stay, x)
        end = start + 2 * speed + stay, -0.2 if turns else 1.2
        acts.append(person(*ways, end))
        if own:
            acts.append(thing(own, *((t, at + 0.03, 0.65) for t, at in (*ways, end)), front=True))
    rng = random.Random(seed)
    events = play(
        rules(), acts, 65, fps, jitter=0.05, missed=lambda look, detection: rng.random() < missing, seed=seed
    )
    assert told(events) == []


pickers = st.lists(
    st.tuples(st.floats(3.0, 6.0), st.floats(1.5, 4.0), st.sampled_from(["back", "away", "look"])),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, derandomize=True, max_examples=20)
@given(pickers, st.sampled_from([10.0, 5.0, 2.5]), st.integers(0, 10**6))
def test_every_visit_to_the_shelf_is_told_rightly(
    visits: list[tuple[float, float, str]], fps: float, seed: int
) -> None:
    """One after the other comes and takes it for a while, or away (it is filled up), or only looks."""
    acts, expected, lies_since, t = [], [], 0.0, 14.0
    for stay, hold, deed in visits:
        leave = t + 2 + stay + hold + 2
        acts.append(person((t, -0.1), (t + 2, 0.5), (leave, 0.5), (leave + 3, 1.2)))
        if deed != "look":
            # In the hand beside the body it is seen; behind the body it is not.
            acts.append(at_rest(lies_since, t + 2 + stay / 2))
            lies_since = leave - 1.0 if deed == "back" else leave + 6.0
            expected += ["picked_up", "taken_away"] if deed == "away" else []
        # Who puts it back before the place was ever seen empty has, for the camera, only looked at it.
        t = leave + 25.0
    acts.append(at_rest(lies_since, t))
    events = play(rules(), acts, t, fps, jitter=0.05, seed=seed)
    assert [event.kind for event in told(events)] == expected


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 10**6))
def test_ends_follow_beginnings_and_nothing_stays_in_memory(seed: int) -> None:
    """Chaos: boxes anywhere. Each "put_back" or "taken_away" ends one "picked_up", and memory empties."""
    rng = random.Random(seed)
    chosen = rules(settled=1)
    acts: list[Act] = []
    for _ in range(12):
        label, start = rng.choice(["person", "bottle", "cup"]), rng.uniform(0, 30)
        keys = [(start + i * rng.uniform(0.5, 4), rng.random(), rng.choice([0.5, 0.6])) for i in range(4)]
        size = (0.16, 0.7) if label == "person" else (0.05, 0.1)
        acts.append(Act(label, tuple(sorted(keys)), size, front=rng.random() < 0.5))
    open_: int = 0
    for event in play(chosen, acts, 45 + FORGET + 20, 5):
        open_ += (event.kind == "picked_up") - (event.kind in ("put_back", "taken_away"))
        assert open_ >= 0
        assert event.reason
        assert event.time >= START
    assert chosen.remembered == 0
    assert chosen.present() == frozenset()


def test_memory_of_a_long_day() -> None:
    """Three hundred visitors with a thing of their own each."""
    chosen, most = rules(), 0
    for visitor in range(300):
        start = 20.0 * visitor
        acts = [person((0, -0.1), (4, 1.1)), thing("cup", (0, -0.1, 0.6), (4, 1.1, 0.6), front=True)]
        for i in range(10):
            seen = [(act.label, box) for act in acts if (box := act.at(i / 2)) is not None]
            tracks = [
                _track(2 * visitor + number, label, box, START + start + i / 2)
                for number, (label, box) in enumerate(seen, start=1)
            ]
            chosen.update(tracks, START + start + i / 2)
        most = max(most, chosen.remembered)
    assert most < 25


def _track(id: int, label: str, box: Box, now: float) -> Track:
    return Track(id, label, box, 0.8, now, now)


def test_a_look_that_the_detector_skipped_is_no_evidence() -> None:
    """Between two detections nothing is missed: an empty place says nothing then."""
    chosen = rules(settled=2)
    bottle, body = Box(0.47, 0.45, 0.53, 0.55), Box(0.3, 0.25, 0.46, 0.95)

    def at(now: float, *seen: tuple[int, str, Box], detected: bool = True) -> list[Event]:
        tracks = [Track(id, label, box, 0.8, START, START + now) for id, label, box in seen]
        return told(chosen.update(tracks, START + now, detected=detected))

    for i in range(50):
        at(i / 10, (1, "bottle", bottle))
    for i in range(50, 60):
        at(i / 10, (1, "bottle", bottle), (2, "person", body))
    skipped = [event for i in range(60, 100) for event in at(i / 10, (2, "person", body), detected=False)]
    assert skipped == []
    looked = [event for i in range(100, 130) for event in at(i / 10, (2, "person", body))]
    assert [event.kind for event in looked] == ["picked_up"]


@pytest.mark.parametrize("fps", [2.5, 5, 10])
@pytest.mark.parametrize("moved", [0.03, 0.06, 0.1, 0.2, -0.1])
@pytest.mark.parametrize("quick", [0.2, 0.5])
def test_what_is_only_moved_along_is_not_taken_away(fps: float, moved: float, quick: float) -> None:
    """Slid along the shelf and left there in full view, too quickly or too far to be followed at times."""
    bottle = thing(
        "bottle", (0, 0.5, 0.5), (18, 0.5, 0.5), (18 + quick, 0.5 + moved, 0.5), (100, 0.5 + moved, 0.5)
    )
    visitor = person((14, -0.1), (16, 0.4), (20, 0.4), (23, -0.15))
    kinds = [event.kind.value for event in told(play(rules(), [bottle, visitor], 40, fps))]
    assert kinds in ([], ["picked_up", "put_back"])


def test_what_somebody_else_brings_meanwhile_is_not_the_stolen_one() -> None:
    bottle = thing("bottle", (0, 0.5, 0.5), (18, 0.5, 0.5))
    thief = person((14, -0.1), (16, 0.4), (20, 0.4), (23, -0.15))
    staff = person((15, 1.1), (17, 0.9), (19, 0.9), (22, 1.2))
    new = thing("bottle", (18, 0.8, 0.5), (100, 0.8, 0.5))
    kinds = [e.kind.value for e in told(play(rules(), [bottle, thief, staff, new], 45, 5))]
    assert kinds == ["picked_up", "taken_away"]


@pytest.mark.parametrize("label", ["suitcase", "backpack", "dog", "chair"])
def test_a_thing_parked_before_another_hides_it(label: str) -> None:
    bottle = thing("bottle", (0, 0.5, 0.5), (18, 0.5, 0.5))  # not seen any more: it is behind
    visitor = person((14, -0.1), (16, 0.4), (20, 0.4), (23, -0.15))
    parked = Act(label, ((17, 0.3, 0.5), (18, 0.5, 0.5), (100, 0.5, 0.5)), (0.2, 0.3), front=True)
    assert told(play(rules(), [bottle, visitor, parked], 45, 5)) == []


@pytest.mark.parametrize("label", ["dining table", "refrigerator", "chair", "suitcase", "vase"])
def test_furniture_that_was_always_there_hides_nothing(label: str) -> None:
    furniture = Act(label, ((0, 0.5, 0.6), (100, 0.5, 0.6)), (0.5, 0.3), front=True)
    bottle = thing(
        "bottle",
        (0, 0.5, 0.5),
        (18, 0.5, 0.5),
        (19, 0.42, 0.45),
        (21, 0.4, 0.45),
        (24, -0.2, 0.45),
        front=True,
    )
    visitor = person((14, -0.1), (16, 0.4), (21, 0.4), (24, -0.15))
    kinds = [e.kind.value for e in told(play(rules(), [bottle, visitor, furniture], 40, 5))]
    assert kinds == ["picked_up", "taken_away"]


@pytest.mark.parametrize("fps", [2.5, 5, 10])
@pytest.mark.parametrize("later", [4, 8, 15])
def test_who_comes_after_it_went_has_not_taken_it(fps: float, later: float) -> None:
    bottle = thing("bottle", (0, 0.5, 0.5), (20, 0.5, 0.5))
    passer = person((19 + later, -0.1), (21 + later, 0.4), (24 + later, 0.6), (27 + later, 1.1))
    assert told(play(rules(), [bottle, passer], 60, fps)) == []
