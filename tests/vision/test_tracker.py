"""The tracker: the same ids at any frame rate, through gaps, noise and mistakes of the detector."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.values import Box, Detection, Track
from reverie.vision.tracker import FORGET, ROUNDING, Tracker

START = 1_000_000.0


def box(x: float, y: float = 0.5, width: float = 0.1, height: float = 0.3) -> Box:
    """A box around (x, y), cut off at the picture's edges."""
    return Box(
        min(1.0, max(0.0, x - width / 2)),
        min(1.0, max(0.0, y - height / 2)),
        min(1.0, max(0.0, x + width / 2)),
        min(1.0, max(0.0, y + height / 2)),
    )


def person(
    x: float, y: float = 0.5, score: float = 0.8, width: float = 0.1, height: float = 0.3
) -> Detection:
    return Detection("person", score, box(x, y, width, height))


def play(
    tracker: Tracker,
    seen: Callable[[float], Sequence[Detection]],
    seconds: float,
    fps: float,
    start: float = 0.0,
) -> list[list[Track]]:
    """What the tracker returns at each look while `seen(t)` is detected, t in seconds from `start`."""
    looks = round(seconds * fps)
    return [tracker.update(seen(start + i / fps), START + start + i / fps) for i in range(looks)]


def ids(looks: list[list[Track]]) -> set[int]:
    return {track.id for tracks in looks for track in tracks}


# ---------------------------------------------------------------------------------- birth


@pytest.mark.parametrize(
    ("fps", "sights", "confirmed"),
    [
        (10, 1, False),  # a false alarm of one frame
        (10, 2, True),  # two looks, 0.1 s apart
        (25, 2, False),  # two looks, but only 0.04 s: the same false alarm twice
        (25, 3, True),  # 0.08 s
        (2.5, 1, False),
        (2.5, 2, True),  # slow cameras too need just two
        (0.5, 1, False),
        (0.5, 2, True),
    ],
)
def test_birth(fps: float, sights: int, confirmed: bool) -> None:
    looks = play(
        Tracker(), lambda t: [person(0.5)] if t < (sights - 0.5) / fps else [], sights / fps + 3, fps
    )
    assert bool(ids(looks)) is confirmed
    if confirmed:
        first = next(tracks[0] for tracks in looks if tracks)
        assert first.born == START  # its birth is its first sight, not its confirmation


def test_a_false_alarm_now_and_then_is_never_a_track() -> None:
    # Every 0.6 s something is seen at the same place, for one frame.
    looks = play(Tracker(), lambda t: [person(0.5)] if round(t * 10) % 6 == 0 else [], 30, 10)
    assert ids(looks) == set()


def test_a_detection_missed_in_between_does_not_prevent_a_birth() -> None:
    looks = play(Tracker(), lambda t: [person(0.5)] if round(t * 10) in (0, 3) else [], 0.4, 10)
    assert ids(looks) == {1}


def test_weak_detections_keep_a_track_but_start_none() -> None:
    tracker = Tracker(birth=0.35)
    assert ids(play(tracker, lambda t: [person(0.5, score=0.3)], 3, 10)) == set()
    assert ids(play(tracker, lambda t: [person(0.5)], 1, 10, start=3)) == {1}
    looks = play(tracker, lambda t: [person(0.5, score=0.3)], 5, 10, start=4)
    assert [t.seen for t in looks[-1]] == [START + 4 + 49 / 10]


def test_a_weak_neighbour_does_not_steal_from_a_sure_detection() -> None:
    tracker = Tracker()
    play(tracker, lambda t: [person(0.5)], 1, 10)
    # The weak box overlaps the predicted one better, the sure one is still the person.
    (track,) = tracker.update([person(0.5, score=0.4), person(0.52, score=0.9)], START + 1)
    assert track.score == 0.9


def test_a_weak_detection_of_its_own_kind_comes_before_another_name() -> None:
    tracker = Tracker()
    play(tracker, lambda t: [Detection("cup", 0.8, box(0.5))], 1, 10)
    others = [Detection("bowl", 0.9, box(0.5)), Detection("cup", 0.4, box(0.52))]
    (track,) = tracker.update(others, START + 1)
    assert (track.label, track.score) == ("cup", 0.4)


# ---------------------------------------------------------------------------------- keeping ids


@pytest.mark.parametrize("fps", [25, 10, 5, 2.5])
@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("stands", lambda t: 0.5),
        ("walks across in 5 s", lambda t: 0.1 + 0.16 * t),
        ("walks, turns round, walks back", lambda t: 0.3 + 0.15 * (t if t < 2.5 else 5 - t)),
        ("hurries, stops; boxes do not overlap at 2.5 fps", lambda t: min(0.9, 0.1 + 0.3 * t)),
        ("starts after standing", lambda t: 0.2 + max(0.0, t - 2) * 0.2),
    ],
)
def test_one_person_keeps_one_id(fps: float, name: str, where: Callable[[float], float]) -> None:
    looks = play(Tracker(), lambda t: [person(where(t))], 5, fps)
    assert ids(looks) == {1}, name
    assert all(len(tracks) == 1 for tracks in looks[4:])


def test_a_missed_neighbour_does_not_take_what_a_newcomer_was_first_seen_by() -> None:
    tracker = Tracker()
    play(tracker, lambda t: [person(0.4)], 1, 10)
    tracker.update([person(0.4), person(0.49)], START + 1)
    tracks = tracker.update([person(0.49)], START + 1.1)
    assert [(track.id, track.seen) for track in tracks] == [(1, START + 1), (2, START + 1.1)]


@pytest.mark.parametrize("fps", [25, 10, 5, 2.5])
def test_two_people_who_pass_each_other_keep_theirs(fps: float) -> None:
    def seen(t: float) -> list[Detection]:
        # They meet at t = 2; the one further from the camera stands higher in the picture.
        return [person(0.2 + 0.15 * t, 0.55, height=0.4), person(0.8 - 0.15 * t, 0.5)]

    looks = play(Tracker(), seen, 4, fps)
    assert ids(looks) == {1, 2}
    by_id = {track.id: track for track in looks[-1]}
    assert by_id[1].box.centre[0] > 0.7
    assert by_id[2].box.centre[0] < 0.3


@pytest.mark.parametrize(
    ("gap", "fps", "expected"),
    [
        (0.3, 10, {1}),
        (1.0, 10, {1}),
        (2.9, 10, {1}),  # just within `lost`
        (1.0, 5, {1}),
        (0.7, 2.5, {1}),  # two looks
        (3.5, 10, {1, 2}),  # gone for good
        (3.5, 2.5, {1, 2}),
    ],
)
@pytest.mark.parametrize("speed", [0.0, 0.12])
def test_gaps(gap: float, fps: float, expected: set[int], speed: float) -> None:
    looks = play(Tracker(), lambda t: [] if 1.99 < t < 1.99 + gap else [person(0.1 + speed * t)], 7, fps)
    assert ids(looks) == expected


@pytest.mark.parametrize("fps", [25, 10, 5, 2.5])
@pytest.mark.parametrize(
    ("name", "where", "ids_after"),
    [
        # A pillar hides x from .45 to .6, and whoever is behind it.
        ("walks past it", lambda t: 0.2 + 0.1 * t, {1}),
        ("stops behind it", lambda t: min(0.5, 0.2 + 0.1 * t) + 0.1 * max(0.0, t - 4), {1}),
        ("turns round behind it", lambda t: 0.5 - abs(0.3 - 0.1 * t), {1}),
        ("waits there too long", lambda t: min(0.5, 0.2 + 0.1 * t) + 0.1 * max(0.0, t - 6), {1, 2}),
    ],
)
def test_an_id_survives_an_occlusion(
    fps: float, name: str, where: Callable[[float], float], ids_after: set[int]
) -> None:
    def seen(t: float) -> list[Detection]:
        return [] if 0.45 < where(t) < 0.6 else [person(where(t))]

    assert ids(play(Tracker(), seen, 9, fps)) == ids_after, name


@pytest.mark.parametrize("fps", [25, 10, 5, 2.5])
@pytest.mark.parametrize(
    ("name", "first", "then", "expected"),
    [
        # One goes out at the right, and 2 s later (`lost` is 3) somebody comes in there.
        ("walks out", lambda t: 0.7 + 0.15 * t, lambda t: 1.0 - 0.1 * t, {1, 2}),
        # One stands there, cut off by the edge and unseen for as long: still the same.
        ("stands at the edge", lambda t: 0.97, lambda t: 0.97, {1}),
        ("turns back in the picture", lambda t: 0.5 + 0.1 * t, lambda t: 0.75 - 0.1 * t, {1}),
    ],
)
def test_who_walked_out_is_not_who_comes_in_next(
    fps: float,
    name: str,
    first: Callable[[float], float],
    then: Callable[[float], float],
    expected: set[int],
) -> None:
    def seen(t: float) -> list[Detection]:
        x = first(t) if t < 2 else then(t - 4)
        return [] if 2 <= t < 4 or x > 1.02 else [person(x)]

    assert ids(play(Tracker(), seen, 7, fps)) == expected, name


def test_how_long_an_id_is_kept_is_a_setting() -> None:
    def seen(t: float) -> list[Detection]:
        return [] if 2 <= t < 4 else [person(0.5)]

    assert ids(play(Tracker(lost=3), seen, 6, 10)) == {1}
    assert ids(play(Tracker(lost=1), seen, 6, 10)) == {1, 2}


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("elsewhere", person(0.9)),
        ("of another size", person(0.5, width=0.3, height=0.8)),
        ("another kind of thing", Detection("chair", 0.8, box(0.58))),
    ],
)
def test_what_reappears_otherwise_is_someone_else(name: str, other: Detection) -> None:
    looks = play(Tracker(), lambda t: [person(0.5)] if t < 1 else [] if t < 1.5 else [other], 3, 10)
    assert ids(looks) == {1, 2}, name


def test_a_slow_camera() -> None:
    """One picture in 2 s is slower than `lost`: an id needs looks that missed it to go."""
    tracker = Tracker(lost=1.5)
    assert ids(play(tracker, lambda t: [person(0.5)], 20, 0.5)) == {1}
    assert ids(play(tracker, lambda t: [person(0.5)], 4, 0.5, start=22)) == {1}  # one look missed it
    assert play(tracker, lambda t: [], 4, 0.5, start=26) == [[], []]
    assert ids(play(tracker, lambda t: [person(0.5)], 4, 0.5, start=30)) == {2}  # two did


def test_a_stalled_camera_forgets() -> None:
    tracker = Tracker()
    play(tracker, lambda t: [person(0.5)], 2, 10)
    after = play(tracker, lambda t: [person(0.5)], 1, 10, start=2 + FORGET)
    assert ids(after) == {2}


def test_a_clock_that_is_set_back_costs_no_id() -> None:
    tracker = Tracker()
    play(tracker, lambda t: [person(0.5)], 2, 10)
    looks = play(tracker, lambda t: [person(0.5)], 2, 10, start=-3600)
    assert ids(looks) == {1}
    assert looks[-1][0].seen == START - 3600 + 19 / 10
    assert looks[-1][0].seen - looks[-1][0].born == pytest.approx(3.8, abs=0.11)
    gone = play(tracker, lambda t: [], 4, 10, start=-3598)
    assert gone[-1] == []
    assert tracker.remembered == 0


# ---------------------------------------------------------------------------------- twins and labels


def test_a_second_box_on_the_same_thing_is_no_second_track() -> None:
    def seen(t: float) -> list[Detection]:
        return [Detection("cup", 0.7, box(0.5)), Detection("bowl", 0.5, box(0.505))]

    looks = play(Tracker(), seen, 2, 10)
    assert [[track.label for track in tracks] for tracks in looks[2:]] == [["cup"]] * 18


def test_a_person_and_the_large_thing_before_them_are_two() -> None:
    looks = play(Tracker(), lambda t: [person(0.5), Detection("teddy bear", 0.7, box(0.5))], 2, 10)
    assert sorted(track.label for track in looks[-1]) == ["person", "teddy bear"]


@pytest.mark.parametrize(
    ("name", "reports", "expected"),
    [
        ("one voice", [("cup", 0.6)] * 6, "cup"),
        ("a slip", [("cup", 0.6)] * 3 + [("bowl", 0.9)] + [("cup", 0.6)] * 2, "cup"),
        ("a surer minority", [("cup", 0.4)] * 8 + [("bowl", 0.9)] * 2, "cup"),
        ("a narrow majority changes nothing", [("cup", 0.5)] * 5 + [("bowl", 0.5)] * 6, "cup"),
        ("the first look was wrong", [("bowl", 0.5)] + [("cup", 0.5)] * 4, "cup"),
        ("a surer majority", [("cup", 0.4)] * 4 + [("bowl", 0.9)] * 4, "bowl"),
    ],
)
def test_label_voting(name: str, reports: list[tuple[str, float]], expected: str) -> None:
    looks = play(
        Tracker(),
        lambda t: [Detection(*reports[round(t * 10)], box(0.5))],
        len(reports) / 10,
        10,
    )
    assert ids(looks) == {1}, name
    assert looks[-1][0].label == expected, name


def test_a_label_does_not_flicker() -> None:
    rng = random.Random(1)
    labels = ["cup" if rng.random() < 0.6 else "bowl" for _ in range(600)]
    looks = play(Tracker(), lambda t: [Detection(labels[round(t * 10)], 0.5, box(0.5))], 60, 10)
    told = [tracks[0].label for tracks in looks if tracks]
    assert sum(a != b for a, b in pairwise(told)) <= 1


# ---------------------------------------------------------------------------------- prediction


def test_predicts_between_looks() -> None:
    tracker = Tracker()
    play(tracker, lambda t: [person(0.2 + 0.2 * t)], 2, 10)
    (track,) = tracker.predict(START + 2.2)
    assert track.box.centre[0] == pytest.approx(0.2 + 0.2 * 2.2, abs=0.01)
    assert track.velocity[0] == pytest.approx(0.2, abs=0.02)
    assert track.seen == START + 1.9
    assert tracker.predict(START + 2.2) == [track]  # asking changes nothing


def test_a_missed_track_is_returned_for_a_while() -> None:
    tracker = Tracker()
    play(tracker, lambda t: [person(0.5)], 1, 10)
    looks = play(tracker, lambda t: [], 2, 10, start=1)
    assert [len(tracks) for tracks in looks] == [1] * 5 + [0] * 15


def test_between_two_looks_nobody_comes_or_goes() -> None:
    """A cadence asks for boxes between detections: they move on, and who is there was decided by the look."""
    tracker = Tracker()
    play(tracker, lambda t: [person(0.3 + 0.1 * t), person(0.8, 0.8)], 2, 2.5)
    looked = tracker.update([person(0.5)], START + 2)  # the second one is missed
    assert [track.id for track in looked] == [1, 2]
    for ahead in (0.1, 0.2, 0.3, 0.4):
        predicted = tracker.predict(START + 2 + ahead)
        assert [track.id for track in predicted] == [1, 2]
        assert [track.seen for track in predicted] == [track.seen for track in looked]
        assert predicted[0].box.centre[0] == pytest.approx(0.5 + 0.1 * ahead, abs=0.02)
    assert [track.id for track in tracker.predict(START + 3)] == [
        1
    ]  # too long ago to hope for who was missed


def test_who_walks_out_of_the_picture_is_not_predicted_outside() -> None:
    tracker = Tracker()
    play(tracker, lambda t: [person(0.5 + 0.5 * t)], 0.9, 10)
    assert play(tracker, lambda t: [], 0.3, 10, start=1.1)[-1] == []


def test_nothing_is_lost_while_the_picture_stands_still() -> None:
    """The motion gate is closed for a minute: who was there still is, and has not moved."""
    tracker = Tracker()
    before = play(tracker, lambda t: [person(0.2 + 0.1 * t)], 2, 10)[-1][0]
    for second in range(60):
        (track,) = tracker.predict(START + 2 + second, still=True)
        assert track.seen == START + 2 + second
        assert track.velocity == (0.0, 0.0)
    assert track.box == before.box
    assert [t.id for t in tracker.update([person(0.4)], START + 62)] == [1]


def test_standing_still_confirms_nothing_and_revives_nothing() -> None:
    tracker = Tracker()
    tracker.update([person(0.5)], START)
    assert tracker.predict(START + 1, still=True) == []
    tracker = Tracker()
    play(tracker, lambda t: [person(0.5)], 1, 10)
    tracker.update([], START + 1)
    assert tracker.predict(START + 3, still=True) == []


# ---------------------------------------------------------------------------------- bounds


fractions = st.floats(0.01, 0.99)
detections = st.builds(
    lambda label, score, x, y, w, h: Detection(label, score, box(x, y, w, h)),
    st.sampled_from(["person", "cup", "bowl"]),
    st.floats(0, 1),
    fractions,
    fractions,
    st.floats(0, 0.9),
    st.floats(0, 0.9),
)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.04, 0.1, 0.4, 1.0, 3.0]), st.lists(detections, max_size=6)),
        max_size=25,
    )
)
def test_whatever_the_detector_says(looks: list[tuple[float, list[Detection]]]) -> None:
    tracker, now = Tracker(), START
    for wait, seen in looks:
        now += wait
        tracks = tracker.update(seen, now)
        assert sum(track.seen == now for track in tracks) <= len(seen) or wait == 0
        assert [track.id for track in tracks] == sorted({track.id for track in tracks})
        for track in tracks:
            assert 0 <= track.box.left <= track.box.right <= 1
            assert 0 <= track.box.top <= track.box.bottom <= 1
            assert track.born <= track.seen <= now
            assert now - track.born >= 0.08 - ROUNDING


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(detections, max_size=8))
def test_a_single_frame_is_never_a_track(seen: list[Detection]) -> None:
    tracker = Tracker()
    assert tracker.update(seen, START) == []
    for i in range(1, 30):
        assert tracker.update([], START + i / 10) == []
    assert tracker.remembered == 0


def test_memory_is_bounded() -> None:
    """A minute of noise, ten false alarms a look: memory holds the last seconds only."""
    rng, tracker, most = random.Random(2), Tracker(), 0
    for i in range(600):
        seen = [person(rng.random(), rng.random(), rng.random()) for _ in range(10)]
        tracker.update(seen, START + i * 0.1)
        most = max(most, tracker.remembered)
    assert most < 250  # ten a look, each for half a second, and the chance pairs among them
    for i in range(30):
        tracker.update([], START + 60 + i)
    assert tracker.remembered == 0


def test_memory_over_days() -> None:
    """Three days of a shop: visitors by day, a thing that always stands there, a false alarm now and then."""
    rng, tracker, most, last_id = random.Random(3), Tracker(), 0, 0
    for visit in range(3 * 24 * 4):
        start = START + 900.0 * visit
        speed, height = rng.uniform(0.1, 0.3), rng.uniform(0.2, 0.6)
        name = rng.choice(["person", "dog", "chair", "teddy bear"])
        for look in range(24):
            seen = [Detection(name, 0.8, box(0.9, 0.2))]
            if 8 <= visit // 4 % 24 < 20:
                seen.append(person(look * speed / 4, 0.8, height=height))
            if rng.random() < 0.3:
                seen.append(person(0.1, 0.2, score=0.6))
            tracks = tracker.update(seen, start + look / 4)
            most, last_id = max(most, tracker.remembered), max([last_id, *(t.id for t in tracks)])
        for second in range(6, 900, 60):  # then nothing moves, and the detector rests
            tracker.predict(start + second, still=True)
    assert last_id > 144  # they were followed
    assert most <= 6
    for second in range(10):
        tracker.update([], start + 900 + second)
    assert tracker.remembered == 0


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([10.0, 5.0, 2.5]))
def test_ids_survive_a_poor_detector(seed: int, fps: float) -> None:
    """Three people; boxes tremble by up to 4 % of their size, and after a second many looks miss someone."""
    rng, missed = random.Random(seed), set[int]()

    def tremble(t: float, who: int, x: float, y: float) -> list[Detection]:
        if t > 1 and who not in missed and rng.random() < 0.3:
            missed.add(who)
            return []
        missed.discard(who)
        x, y = x + rng.uniform(-0.004, 0.004), y + rng.uniform(-0.012, 0.012)
        return [person(x, y, rng.uniform(0.4, 0.9), rng.uniform(0.096, 0.104), rng.uniform(0.29, 0.31))]

    def seen(t: float) -> list[Detection]:
        return [
            *tremble(t, 1, 0.15, 0.3),
            *tremble(t, 2, 0.3 + 0.08 * t, 0.7),
            *tremble(t, 3, 0.9 - 0.08 * t, 0.25),
        ]

    looks = play(Tracker(), seen, 5, fps)
    assert len(ids(looks)) == 3
