"""What a scarce generator spends itself on: pure decisions, taken when a worker is free.

- Equal wishes are one job (the store coalesces them by key), so nothing is chosen twice here.
- What nobody waits for any more costs nothing: a job past its deadline is never chosen.
- The more urgent goes first; of equally urgent ones the newest, because the newest visitor is the one who is
  still there; of those the one that failed least, so that a broken clip cannot starve the others.
- A generator may have a limit a minute: the store counts the starts of the last 60 s where a job is claimed.
- Budget that nobody asks for warms what past moments wanted and no clip answers yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from reverie.values import Job


def next_job(waiting: Sequence[Job], now: float) -> Job | None:
    """The job to make at `now` (UTC seconds), or None when none is worth it.

    Highest priority first, then the newest `created`, then the fewest attempts; by key where all are equal,
    so that the choice does not depend on the order of `waiting`. A job whose deadline is `now` is past it.
    """
    wanted = [job for job in waiting if job.deadline > now]
    return min(wanted, key=lambda job: (-job.priority, -job.created, job.attempts, job.key), default=None)


def warm(wants: Mapping[str, int], known: Collection[str]) -> list[str]:
    """Keys to make while idle, most wanted first (then by key).

    `wants`: how many past moments wished each key; `known`: keys that have a clip now.
    """
    have = frozenset(known)
    missing = [key for key, count in wants.items() if count > 0 and key not in have]
    return sorted(missing, key=lambda key: (-wants[key], key))
