"""What a scarce generator spends itself on."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.economy import WINDOW, next_job, spare, warm
from reverie.values import Brief, ClipSpec, Job, Priority

NOW = 1_000_000.0
BRIEF = Brief("toy-car", (), "plain", "en")
SPEC = ClipSpec("storyboard", "1", 640, 480, 72, 24)


def job(
    key: str, *, deadline: float = 9, priority: int = Priority.LIVE, created: float = 0, attempts: int = 0
) -> Job:
    """A job whose times are seconds from NOW."""
    return Job(key, BRIEF, SPEC, NOW + deadline, priority, NOW + created, attempts=attempts)


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        ([], None),  # nothing to do
        ([job("a")], "a"),
        ([job("late", deadline=-1)], None),  # nobody waits for it any more
        ([job("now", deadline=0)], None),  # a deadline of now has passed
        # The more urgent first, however old and however often it failed.
        ([job("warm", priority=Priority.WARM), job("live", created=-50, attempts=3)], "live"),
        ([job("live"), job("asked", priority=Priority.ASKED, created=-50)], "asked"),
        # Of equally urgent ones the newest: its visitor is still there.
        ([job("old", created=-5), job("new", created=-1)], "new"),
        # Of equally new ones the one that failed least.
        ([job("broken", attempts=2), job("fresh", attempts=0)], "fresh"),
        # The most urgent one has expired: the next one is made.
        ([job("late", priority=Priority.ASKED, deadline=-1), job("live")], "live"),
        # All equal: by key, whatever the order.
        ([job("b"), job("a")], "a"),
    ],
)
def test_next_job(waiting: list[Job], expected: str | None) -> None:
    chosen = next_job(waiting, NOW)
    assert (chosen.key if chosen else None) == expected


jobs = st.builds(
    job,
    st.sampled_from("abcdefgh"),
    deadline=st.integers(-3, 3),
    priority=st.sampled_from(Priority),
    created=st.integers(-3, 0),
    attempts=st.integers(0, 3),
)


@settings(deadline=None, derandomize=True)
@given(st.lists(jobs, unique_by=lambda j: j.key))
def test_the_choice_is_wanted_and_nothing_wanted_beats_it(waiting: list[Job]) -> None:
    chosen = next_job(waiting, NOW)
    wanted = [j for j in waiting if j.deadline > NOW]
    assert (chosen is None) == (not wanted)
    if chosen is None:
        return
    assert chosen in wanted
    assert all(j.priority <= chosen.priority for j in wanted)
    assert all(j.created <= chosen.created for j in wanted if j.priority == chosen.priority)
    assert next_job(waiting[::-1], NOW) == chosen


@pytest.mark.parametrize(
    ("wants", "known", "expected"),
    [
        ({}, (), []),
        ({"a": 1, "b": 3, "c": 2}, (), ["b", "c", "a"]),  # most wanted first
        ({"a": 1, "b": 3}, ("b",), ["a"]),  # what has a clip needs none
        ({"b": 2, "a": 2}, (), ["a", "b"]),  # equal: by key
        ({"a": 0}, (), []),  # never wanted
        ({"a": 1}, ("x", "y"), ["a"]),  # clips that nobody wanted change nothing
    ],
)
def test_warm(wants: Mapping[str, int], known: tuple[str, ...], expected: list[str]) -> None:
    assert warm(wants, known) == expected


@pytest.mark.parametrize(
    ("started", "per_minute", "expected"),
    [
        ([], None, None),  # no limit
        ([0.0] * 100, None, None),
        ([], 3, 3),
        ([-1, -30], 3, 1),
        ([-1, -30, -59.9], 3, 0),
        ([-1, -30, -60], 3, 1),  # after exactly 60 s a start counts no more
        ([-1, -2, -3, -4], 3, 0),  # the limit was lowered: never negative
        ([5, -1], 3, 1),  # the clock was set back a little: it still counts
        ([3600, -1], 3, 2),  # set back by an hour: the generator is not stopped for an hour
    ],
)
def test_spare(started: list[float], per_minute: int | None, expected: int | None) -> None:
    assert spare([NOW + start for start in started], per_minute, NOW) == expected


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(1, 5), st.lists(st.integers(0, 40), min_size=1, max_size=80))
def test_never_more_than_the_limit_in_any_minute(per_minute: int, waits: list[int]) -> None:
    """A worker that starts whenever it may; looks come at any intervals."""
    now = NOW
    started: list[float] = []
    for wait in waits:
        now += wait
        while (spare(started, per_minute, now) or 0) > 0:
            started.append(now)
    for start in started:
        assert sum(start <= other < start + WINDOW for other in started) <= per_minute


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(1, 4), st.lists(st.tuples(st.integers(0, 8), st.integers(1, 30)), max_size=30))
def test_a_busy_hour(per_minute: int, arrivals: list[tuple[int, int]]) -> None:
    """Visitors come and go while a limited generator works: it never makes what expired."""
    waiting: dict[str, Job] = {}
    started: list[float] = []
    now = NOW
    for number, (wait, patience) in enumerate(arrivals):
        now += wait
        key = f"{number % 7}"
        waiting[key] = Job(key, BRIEF, SPEC, now + patience, Priority.LIVE, now)
        if spare(started, per_minute, now):
            chosen = next_job(list(waiting.values()), now)
            assert chosen is not None
            assert chosen.created == now  # the newest one is always the one to make
            del waiting[chosen.key]
            started.append(now)
    assert all(sum(s <= other < s + WINDOW for other in started) <= per_minute for s in started)
