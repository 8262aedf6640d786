"""What a scarce generator spends itself on: pure decisions, taken when a worker is free.

- Equal wishes are one job (the store coalesces them by key), so nothing is chosen twice here.
- What nobody waits for any more costs nothing: a job past its deadline is never chosen.
- The more urgent goes first; of equally urgent ones the newest, because the newest visitor is the one who is
  still there; of those the one that failed least, so that a broken clip cannot starve the others. What a
  program asked for comes after what visitors may want, the oldest first: a program waits for its turn.
- A generator may have a limit a minute: the store counts the starts of the last 60 s where a job is claimed.
- Where starts are limited, what no visitor waits for leaves the last one of each minute to them.
- Budget that nobody asks for warms what past moments wanted and no clip answers yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from reverie.values import Job, Priority


def next_job(waiting: Sequence[Job], now: float) -> Job | None:
    """The job to make at `now` (UTC seconds), or None when none is worth it.

    Highest priority first, then the newest `created` (of a program's requests, which come after the others,
    the oldest), then the fewest attempts; by key where all are equal, so that the choice does not depend on
    the order of `waiting`. A job whose deadline is `now` is past it.
    """

    def turn(job: Job) -> tuple[int, bool, float, int, str]:
        requested = job.request is not None
        return -job.priority, requested, job.created if requested else -job.created, job.attempts, job.key

    return min((job for job in waiting if job.deadline > now), key=turn, default=None)


def starts(per_minute: int | None, priority: int) -> int | None:
    """How many jobs a generator may have started within a minute for one of `priority` to start too.

    Below `Priority.LIVE` one less than `per_minute`, so that a visitor who comes finds a start left; where
    there is only one a minute, it is everybody's. None: no limit.
    """
    if per_minute is None or priority >= Priority.LIVE:
        return per_minute
    return max(1, per_minute - 1)


def warm(wants: Mapping[str, int], known: Collection[str]) -> list[str]:
    """Keys to make while idle, most wanted first (then by key).

    `wants`: how many past moments wished each key; `known`: keys that have a clip now.
    """
    have = frozenset(known)
    missing = [key for key, count in wants.items() if count > 0 and key not in have]
    return sorted(missing, key=lambda key: (-wants[key], key))
