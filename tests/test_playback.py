"""The ladder: tables of cases, and what must hold whatever happens."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.playback import (
    STEADY,
    Answer,
    Live,
    Showing,
    Situation,
    likely_next,
    look_again,
    next_cue,
)
from reverie.values import Brief, Command, Cue, Moment, Rung, Wish

NOW = 1000.0
BEST, SECOND = 0, 1
"""Ranks of the two wishes that the moments below have."""


def moment(name: str, opened: float = NOW - 1, expires: float = NOW + 10) -> Moment:
    wishes = (Wish("wan", f"wan-{name}"), Wish("storyboard", f"story-{name}"))
    return Moment(
        name, Command(opened, "t"), Brief("t", (), "plain", "en"), wishes, opened, expires, opened=opened
    )


def live(name: str, *answers: Answer, opened: float = NOW - 1, expires: float = NOW + 10) -> Live:
    return Live(moment(name, opened, expires), answers)


def wan(name: str, plays: int = 0) -> Answer:
    return Answer(Rung.CLIP, f"wan-{name}", 1, BEST, plays)


def story(name: str, plays: int = 0) -> Answer:
    return Answer(Rung.CLIP, f"story-{name}", 1, SECOND, plays)


def draft(name: str, plays: int = 0) -> Answer:
    return Answer(Rung.DRAFT, f"story-{name}", 1, SECOND, plays)


def topic(plays: int = 0) -> Answer:
    return Answer(Rung.TOPIC, "other", 3, 2, plays)


def showing(
    name: str, answer: Answer | None, since: float = NOW - 3, ends: float = NOW + 3, opened: float = NOW - 4
) -> Showing:
    """`answer` is on since `since`, for the moment `name`; None: the ambient loop."""
    if answer is None:
        cue = Cue("", 0, Rung.AMBIENT, (), 0.25, "", "", loop=True, expires=math.inf)
        return Showing(cue, 0.0, 0, since)
    cue = Cue(answer.key, answer.take, answer.rung, (), 0.25, "", name, loop=False, expires=NOW + 10)
    return Showing(cue, opened, answer.rank, since, ends)


AMBIENT = showing("", None)


def situation(on: Showing | None, *lives: Live, now: float = NOW, repeat: int = 2) -> Situation:
    return Situation(lives, on, repeat, 0.25, now)


KEEP = None
LOOP = ("", Rung.AMBIENT)

CASES = [
    # An empty screen always gets something.
    ("nobody is here", None, [], LOOP),
    ("somebody is here, nothing is ready", None, [live("a")], LOOP),
    ("somebody is here, their film is ready", None, [live("a", wan("a"))], ("wan-a", Rung.CLIP)),
    # The best ready rung, whatever the order of the answers.
    ("the best wish's film first", AMBIENT, [live("a", story("a"), wan("a"))], ("wan-a", Rung.CLIP)),
    ("an exact film before a draft", AMBIENT, [live("a", draft("b"), wan("a"))], ("wan-a", Rung.CLIP)),
    ("a draft before the topic", AMBIENT, [live("a", topic(), draft("a"))], ("story-a", Rung.DRAFT)),
    ("the topic before nothing", AMBIENT, [live("a", topic())], ("other", Rung.TOPIC)),
    ("ambient goes on", AMBIENT, [live("a")], KEEP),
    # The newest live moment goes first; one with nothing ready leaves the screen to the one before it.
    (
        "the newer of two",
        AMBIENT,
        [live("old", wan("old"), opened=NOW - 5), live("new", wan("new"), opened=NOW - 1)],
        ("wan-new", Rung.CLIP),
    ),
    (
        "the newest has nothing yet",
        AMBIENT,
        [live("new", opened=NOW - 1), live("old", wan("old"), opened=NOW - 5)],
        ("wan-old", Rung.CLIP),
    ),
    # A moment that expired is never started; its film plays on to its end.
    ("expired a second ago", AMBIENT, [live("a", wan("a"), expires=NOW - 1)], KEEP),
    ("expires right now", AMBIENT, [live("a", wan("a"), expires=NOW)], KEEP),
    ("expired while it plays", showing("a", wan("a")), [live("a", wan("a"), expires=NOW - 1)], KEEP),
    ("gone while it plays", showing("a", wan("a")), [], KEEP),
    ("an older moment does not cut in", showing("b", wan("b")), [live("a", wan("a"), opened=NOW - 60)], KEEP),
    # A newer moment takes over at once, but for the steady time; ambient gives way at once.
    (
        "newer, after the steady time",
        showing("a", wan("a"), since=NOW - STEADY),
        [live("b", wan("b"), opened=NOW)],
        ("wan-b", Rung.CLIP),
    ),
    (
        "newer, within the steady time",
        showing("a", wan("a"), since=NOW - STEADY + 0.1),
        [live("b", wan("b"), opened=NOW)],
        KEEP,
    ),
    (
        "newer, ambient has just begun",
        showing("", None, since=NOW - 0.01),
        [live("b", wan("b"), opened=NOW)],
        ("wan-b", Rung.CLIP),
    ),
    ("newer, with the film that is on", showing("a", topic()), [live("b", topic(), opened=NOW)], KEEP),
    # A higher rung takes over while the moment lives…
    ("topic, then a draft", showing("a", topic()), [live("a", topic(), draft("a"))], ("story-a", Rung.DRAFT)),
    ("topic, then the film", showing("a", topic()), [live("a", topic(), wan("a"))], ("wan-a", Rung.CLIP)),
    ("draft, then a better film", showing("a", draft("a")), [live("a", wan("a"))], ("wan-a", Rung.CLIP)),
    ("film, then a better film", showing("a", story("a")), [live("a", wan("a"))], ("wan-a", Rung.CLIP)),
    # … but a draft is not interrupted by its own film, nor a good film by a lesser one.
    ("draft, then its own film", showing("a", draft("a")), [live("a", story("a"))], KEEP),
    ("the best film, then the second best", showing("a", wan("a")), [live("a", story("a"))], KEEP),
    # At its end a film plays again until `repeat` is reached, then older moments, then ambient.
    (
        "once more",
        showing("a", wan("a"), ends=NOW),
        [live("a", wan("a", plays=1))],
        ("wan-a", Rung.CLIP),
    ),
    ("a draft ended, its film is there", showing("a", draft("a"), ends=NOW), [live("a", story("a", 1))],
     ("story-a", Rung.CLIP)),
    ("enough", showing("a", wan("a"), ends=NOW), [live("a", wan("a", plays=2))], LOOP),
    (
        "enough, and no lower rung instead",
        showing("a", wan("a"), ends=NOW),
        [live("a", wan("a", plays=2), topic())],
        LOOP,
    ),
    (
        "enough, an older moment still waits",
        showing("b", wan("b"), ends=NOW),
        [live("b", wan("b", plays=2)), live("a", wan("a"), opened=NOW - 9)],
        ("wan-a", Rung.CLIP),
    ),
    (
        "the draft was enough, the better film is new",
        AMBIENT,
        [live("a", draft("a", plays=2), wan("a"))],
        ("wan-a", Rung.CLIP),
    ),
    ("ended, and they went", showing("a", wan("a"), ends=NOW), [], LOOP),
]  # fmt: skip


@pytest.mark.parametrize(("on", "lives", "wanted"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_ladder(on: Showing | None, lives: list[Live], wanted: tuple[str, Rung] | None) -> None:
    cue = next_cue(situation(on, *lives))
    assert (None if cue is None else (cue.key, cue.rung)) == wanted


def test_a_cue_says_what_it_is_for() -> None:
    cue = next_cue(situation(None, live("a", wan("a"), expires=NOW + 7)))
    assert cue is not None
    assert (cue.moment, cue.take, cue.fade, cue.loop, cue.expires) == ("a", 1, 0.25, False, NOW + 7)
    assert cue.reason


LIKELY = [
    # What is on has plays left: it comes again.
    ("again", showing("a", wan("a")), [live("a", wan("a", plays=0))], "wan-a"),
    # This is its last play: the older moment's film comes, or nothing.
    (
        "then the older one",
        showing("b", wan("b")),
        [live("b", wan("b", plays=1)), live("a", wan("a"), opened=NOW - 9)],
        "wan-a",
    ),
    ("then ambient", showing("a", wan("a")), [live("a", wan("a", plays=1))], None),
    ("an empty screen", None, [live("a", wan("a"))], "wan-a"),
]


@pytest.mark.parametrize(("on", "lives", "key"), [c[1:] for c in LIKELY], ids=[c[0] for c in LIKELY])
def test_likely_next(on: Showing | None, lives: list[Live], key: str | None) -> None:
    answer = likely_next(situation(on, *lives))
    assert (None if answer is None else answer.key) == key


def test_looks_again_when_something_may_change_by_itself() -> None:
    on = showing("a", wan("a"), since=NOW - 1, ends=NOW + 3)
    assert look_again(situation(on, live("b", wan("b"), expires=NOW + 2))) == NOW - 1 + STEADY
    assert look_again(situation(on, live("b", expires=NOW + 2), now=NOW + 1)) == NOW + 2
    assert look_again(situation(AMBIENT)) == math.inf


# ---------------------------------------------------------------------------------- whatever happens

names = st.sampled_from("abc")
answers = st.builds(
    Answer,
    st.sampled_from([Rung.CLIP, Rung.DRAFT, Rung.TOPIC]),
    st.sampled_from(["k1", "k2", "k3", "k4"]),
    st.just(1),
    st.integers(0, 2),
    st.integers(0, 3),
)
lives = st.builds(
    lambda name, found, opened, expires: Live(moment(name, NOW + opened, NOW + expires), tuple(found)),
    names,
    st.lists(answers, max_size=3),
    st.floats(-20, 20),
    st.floats(-20, 20),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(lives, max_size=4), st.floats(0, 30), st.integers(1, 3))
def test_an_empty_screen_always_gets_a_cue_and_never_an_expired_one(
    found: list[Live], later: float, repeat: int
) -> None:
    cue = next_cue(situation(None, *found, now=NOW + later, repeat=repeat))
    assert cue is not None
    assert cue.rung is Rung.AMBIENT or cue.expires > NOW + later


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.lists(lives, max_size=4), st.floats(0.01, 2), st.booleans()), max_size=30))
def test_a_screen_never_flickers(steps: list[tuple[list[Live], float, bool]]) -> None:
    """Whatever comes and goes: a film that has not ended stays for STEADY, and nothing expired is started."""
    now, on = NOW, None
    for found, passed, ended in steps:
        now += passed
        if ended and on is not None and on.cue.rung is not Rung.AMBIENT:
            on = replace(on, ends=now)
        cue = next_cue(situation(on, *found, now=now))
        if cue is None:
            assert on is not None
            continue
        if on is not None and on.cue.rung is not Rung.AMBIENT and now < on.ends:
            assert now - on.since >= STEADY
            assert cue.key != on.cue.key
        assert cue.rung is Rung.AMBIENT or cue.expires > now
        opened = max((item.moment.opened for item in found if item.moment.id == cue.moment), default=0.0)
        ends = math.inf if cue.rung is Rung.AMBIENT else now + 4
        on = Showing(cue, opened, 0, now, ends)


@settings(deadline=None, max_examples=100)
@given(st.lists(lives, max_size=4), st.floats(-3, 3))
def test_nothing_changes_between_two_looks(found: list[Live], on_for: float) -> None:
    """`look_again` names every time at which the answer may change: just before it, it is still the same."""
    on = showing("z", Answer(Rung.CLIP, "k9", 1, 0), since=NOW - abs(on_for), ends=NOW + 2)
    here = situation(on, *found)
    again = min(look_again(here), NOW + 100)
    assert next_cue(replace(here, now=math.nextafter(again, 0))) == next_cue(here)


REASONS = [
    ("nobody", [], "nobody is here"),
    ("they have gone", [live("a", wan("a", plays=2), expires=NOW)], "nobody is here"),
    ("somebody, and no film", [live("a")], "no film is ready yet"),
    ("somebody who has seen it", [live("a", wan("a", plays=2))], "their films have been shown"),
    ("one who has, one who cannot", [live("a", wan("a", plays=2)), live("b")], "their films have been shown"),
]


@pytest.mark.parametrize(("found", "reason"), [row[1:] for row in REASONS], ids=[row[0] for row in REASONS])
def test_why_the_loop_is_on(found: list[Live], reason: str) -> None:
    cue = next_cue(situation(None, *found))
    assert cue is not None
    assert (cue.rung, cue.reason) == (Rung.AMBIENT, reason)
