"""One SQLite file: rows, transactions, changes, migrations.

A Database holds three connections. All writing goes through one, guarded by a lock, because SQLite lets one
writer in at a time anyway; reading through another, so that a page of the console never waits behind a
commit's fsync; and a third does nothing but look for changes. So a program needs three descriptors however
many threads it has, and a thread that ends leaves nothing behind.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from reverie.errors import StoreError
from reverie.store.folder import alone, faults

BUSY_S = 5.0
"""How long to wait for another program's transaction; they take milliseconds."""

WAL_LIMIT = 4 * 1024 * 1024
"""Bytes the write-ahead log is cut back to after a checkpoint."""

Row = sqlite3.Row
Transaction = sqlite3.Connection
"""A connection inside `begin immediate`, as handed out by `Database.transaction`."""


class Database:
    """An open database file. May be used from any thread."""

    def __init__(self, path: Path, durable: bool = True) -> None:
        """Open or make the file at `path`.

        `durable`: what was committed survives a power cut (synchronous=FULL); otherwise only a crash of the
        program (synchronous=OFF). Raises StoreError.
        """
        self.path = path
        self._durable = durable
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._watching = threading.Lock()
        # SQLite does not wait for another program that is just making the same file: so take turns.
        with faults(path), alone(path.parent), ExitStack() as opened:
            self._writer = opened.enter_context(closing(self._connect()))
            self._reader = opened.enter_context(closing(self._connect()))
            self._watcher = opened.enter_context(closing(self._connect()))
            for connection in (self._reader, self._watcher):
                connection.execute("pragma query_only = on")
            opened.pop_all()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("pragma journal_mode = wal")
            connection.execute(f"pragma synchronous = {'full' if self._durable else 'off'}")
            connection.execute(f"pragma journal_size_limit = {WAL_LIMIT}")
            connection.execute("pragma foreign_keys = on")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """All rows of one query, as of now."""
        with self._reading, faults(self.path):
            return self._reader.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Row | None:
        """The first row of a query, or None."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All or nothing: what ran inside is durable when the block is left, and undone when it raised.

        Does not nest. No other program writes meanwhile, so keep it short.
        """
        with self._writing, faults(self.path):
            self._writer.execute("begin immediate")
            try:
                yield self._writer
                self._writer.execute("commit")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("rollback")
                raise

    def version(self) -> int:
        """A number that is another one after each commit, by any program and any thread of this one."""
        with self._watching, faults(self.path):
            return int(self._watcher.execute("pragma data_version").fetchone()[0])

    def check(self) -> None:
        """Look at every page. Raises StoreError for a damaged file."""
        found = str(self.rows("pragma quick_check(1)")[0][0])
        if found != "ok":
            with faults(self.path):
                damaged = sqlite3.DatabaseError(found)
                damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise damaged

    def close(self) -> None:
        """Close it. Closing twice is fine; any other use afterwards raises StoreError."""
        with self._writing, self._reading, self._watching, faults(self.path):
            for connection in (self._watcher, self._reader, self._writer):
                connection.close()


Migration = tuple[int, str]
"""A number from 1 and the SQL that leads there from the number before."""


def migrations() -> list[Migration]:
    """The migrations that come along, in order: `migrations/0001_initial.sql` and those after it."""
    folder = resources.files("reverie.store") / "migrations"
    found = [
        (int(entry.name[:4]), entry) for entry in folder.iterdir() if re.match(r"\d{4}_.*\.sql$", entry.name)
    ]
    return [
        (number, entry.read_text(encoding="utf-8")) for number, entry in sorted(found, key=lambda f: f[0])
    ]


def migrate(database: Database, steps: Sequence[Migration]) -> None:
    """Bring the file to the last of `steps`, each in a transaction of its own.

    A step that fails is undone, so that the program before can go on with the file. Raises StoreError, also
    for a file that a newer program made.
    """
    latest = steps[-1][0]
    for number, sql in steps:
        with database.transaction() as transaction:
            # Asked inside: another program may have migrated while this one waited.
            current = int(transaction.execute("pragma user_version").fetchone()[0])
            if current > latest:
                raise StoreError(
                    f"{database.path}: made by a newer reverie (schema {current}, this one knows {latest}); "
                    "update reverie, or move the file away to start afresh"
                )
            if current >= number:
                continue
            for statement in statements(sql):
                transaction.execute(statement)
            transaction.execute(f"pragma user_version = {number}")


def statements(sql: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would end the transaction they run in."""
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        raise StoreError(f"a migration ends in the middle of a statement: {pending.strip()[:80]!r}")
