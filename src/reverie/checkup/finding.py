"""What is told of one thing that was looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from reverie.errors import ReverieError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    verdict: Literal["ok", "note", "wrong"]
    message: str


def tried(what: str, look: Callable[[], str]) -> Finding:
    """What `look` says is well with `what`, or its ReverieError."""
    try:
        return Finding(what, "ok", look())
    except ReverieError as error:
        return Finding(what, "wrong", str(error))
