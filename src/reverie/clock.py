"""Time, always injected: nothing else in reverie asks the operating system what time it is."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Two sides: `now` is UTC seconds (stored, compared between programs), `monotonic` is for durations."""

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back."""
        ...

    def wait(self, event: threading.Event, timeout: float) -> bool:
        """Wait until `event` is set or `timeout` seconds passed; True when it is set."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, event: threading.Event, timeout: float) -> bool:
        return event.wait(timeout)


class ManualClock:
    """A clock that moves only when told to; `wait` moves it by the whole timeout. For tests and replay."""

    def __init__(self, start: float = 1_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    def wait(self, event: threading.Event, timeout: float) -> bool:
        if not event.is_set():
            self._now += timeout
        return event.is_set()

    def advance(self, seconds: float) -> float:
        """Move forward by `seconds` (>= 0) and return the new now."""
        self._now += seconds
        return self._now


def boot_id() -> str:
    """What this boot of the machine is called: leases and moments of another boot are over.

    Source: `/proc/sys/kernel/random/boot_id` (Linux); elsewhere the boot cannot be told and is "unknown".
    """
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"
