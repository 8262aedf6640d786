"""A program that ends itself by SIGKILL at a named point: child.py PROGRAM SNAPSHOT "WHEN NOUN.VERB".

The product knows no kill points: this script puts a stand-in before the store that the program opens.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from reverie import config, generate, serve, watch
from reverie.clock import Clock, SystemClock
from reverie.store import open_store


class Deadly:
    """Passes everything on, and dies before or after one call."""

    def __init__(self, inner: object, when: str, verb: str) -> None:
        self._inner, self._when, self._verb = inner, when, verb

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        head, _, rest = self._verb.partition(".")
        if name != head:
            return value
        if rest:
            return Deadly(value, self._when, rest)

        def call(*args: Any, **named: Any) -> Any:
            if self._when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = value(*args, **named)
            if result is not None or name in ("start", "end"):  # a claim that found nothing is no claim
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call


def main(program: str, snapshot: Path, point: str) -> None:
    settings = config.from_snapshot(snapshot.read_bytes())
    when, _, verb = point.partition(" ")

    def deadly(store: config.Store, clock: Clock) -> Any:
        opened = open_store(store, clock)
        return Deadly(opened, when, verb) if point else opened

    for module in (generate, serve, watch):
        module.open_store = deadly  # type: ignore[attr-defined]
    generate.LEASE = 1.0
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    clock = SystemClock()
    if program == "watch":
        watch.run(settings, clock, stop)
    elif program == "serve":
        serve.run(settings, clock, stop)
    else:
        generate.run(settings, clock, stop, program.partition("/")[2])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
