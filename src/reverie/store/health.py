"""Heartbeats, in a database of their own in the runtime folder: gone with a reboot, never synced.

Apart from the main database for two reasons: a commit there wakes every program, and a heartbeat a second
wears out an SD card.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from reverie.clock import Clock
from reverie.errors import StoreError
from reverie.store import rows
from reverie.store.folder import Damaged, make_private
from reverie.store.sqlite import Database
from reverie.values import Health

SCHEMA = (
    "create table if not exists health (program text primary key, state text not null, detail text not null, "
    "pid integer not null, time real not null, stats text not null) strict"
)


class HealthTable:
    """`store.Volatile` in `health.db`.

    The file may vanish or break at any time (somebody emptied the runtime folder): it is made anew, and the
    beats in between are lost.
    """

    def __init__(self, folder: Path, ours: bool, clock: Clock) -> None:
        """`folder` is made when it is not there; `ours`: reverie chose its name (see `make_private`)."""
        self._folder = folder
        self._ours = ours
        self._clock = clock
        self._lock = threading.Lock()
        self._database: Database | None = None
        self._file: tuple[int, int] | None = None

    @property
    def path(self) -> Path:
        return self._folder / "health.db"

    def beat(self, program: str, state: str, detail: str, stats: Mapping[str, Any]) -> None:
        # ValueError: a text that is no UTF-8.
        with suppress(StoreError, OSError, ValueError), self._lock:
            text = rows.stats_text(stats)
            with self._open().transaction() as transaction:
                transaction.execute(
                    "insert or replace into health (program, state, detail, pid, time, stats) "
                    "values (?, ?, ?, ?, ?, ?)",
                    (program, state, detail, os.getpid(), self._clock.now(), text),
                )

    def all(self) -> list[Health]:
        try:
            with self._lock:
                found = self._open().rows("select * from health order by program")
                return [rows.health_of(row) for row in found]
        except (StoreError, OSError):
            return []

    def _open(self) -> Database:
        """The database, opened again when the file is another one than it was, made anew when damaged."""
        if self._database is not None and self._file == _identity(self.path):
            return self._database
        self._forget()
        make_private(self._folder, self._ours)
        try:
            self._database = self._made()
        except Damaged:
            for path in self._folder.glob("health.db*"):
                path.unlink(missing_ok=True)
            self._database = self._made()
        self._file = _identity(self.path)
        return self._database

    def _made(self) -> Database:
        database = Database(self.path, durable=False)
        try:
            with database.transaction() as transaction:
                transaction.execute(SCHEMA)
        except StoreError:
            database.close()
            raise
        return database

    def close(self) -> None:
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
