"""What a scarce generator spends itself on."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.economy import next_job, starts, warm
from reverie.values import Brief, ClipSpec, Job, Priority, Request

NOW = 1_000_000.0
BRIEF = Brief("toy-car", (), "plain", "en")
SPEC = ClipSpec("storyboard", "1", 640, 480, 72, 24)


def job(
    key: str,
    *,
    deadline: float = 9,
    priority: int = Priority.LIVE,
    created: float = 0,
    attempts: int = 0,
    request: Request | None = None,
) -> Job:
    """A job whose times are seconds from NOW."""
    return Job(key, BRIEF, SPEC, NOW + deadline, priority, NOW + created, attempts=attempts, request=request)


def asked(key: str, created: float, priority: int = Priority.SPECULATIVE) -> Job:
    """A job that a program asked for."""
    return job(key, created=created, priority=priority, request=Request("a cat"))


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
        # Of a program's requests the oldest: each has its turn, but after what visitors may want.
        ([asked("second", -5), asked("first", -9), asked("third", -1)], "first"),
        ([asked("old", -9), job("guess", priority=Priority.SPECULATIVE, created=-5)], "guess"),
        # Urgency counts for them too.
        ([asked("asked", -5), job("warm", priority=Priority.WARM)], "asked"),
        # All equal: by key, whatever the order.
        ([job("b"), job("a")], "a"),
    ],
)
def test_next_job(waiting: list[Job], expected: str | None) -> None:
    chosen = next_job(waiting, NOW)
    assert (chosen.key if chosen else None) == expected


STARTS = [
    # The limit a minute, the job's priority, how many may have started.
    (None, Priority.WARM, None),
    (3, Priority.ASKED, 3),
    (3, Priority.LIVE, 3),
    (3, Priority.SPECULATIVE, 2),  # the last one is for who comes
    (3, Priority.WARM, 2),
    (1, Priority.SPECULATIVE, 1),  # or it would never be made
]


@pytest.mark.parametrize(("per_minute", "priority", "may"), STARTS)
def test_the_last_start_of_a_minute_is_for_visitors(
    per_minute: int | None, priority: Priority, may: int | None
) -> None:
    assert starts(per_minute, priority) == may


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
