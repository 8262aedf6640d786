"""The store on one box: SQLite through the standard library, and a folder of clips."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from pathlib import Path
from typing import BinaryIO

from reverie import config
from reverie.clock import Clock, boot_id
from reverie.errors import StoreBusy, StoreError
from reverie.store.clips import ClipShelf
from reverie.store.dials import DialTable
from reverie.store.folder import Folder, faults, make_folder, make_private
from reverie.store.health import HealthTable
from reverie.store.jobs import JobTable
from reverie.store.moments import MomentTable
from reverie.store.orders import OrderTable
from reverie.store.plays import PlayTable
from reverie.store.sqlite import Database, migrate, migrations
from reverie.store.store import Clips, Jobs, Moments, Orders, Plays, Store, Volatile
from reverie.values import Dials

LOOK_S = 0.005
"""Seconds between two looks for a change."""

DAY = 86_400.0

BATCH = 500
"""Rows forgotten in one transaction: some milliseconds, so that nobody waits to open a moment."""

PRUNE = (
    "delete from orders where number in (select number from orders where expires <= :now limit :batch)",
    "delete from moments where number in (select number from moments where expires < :before limit :batch)",
    "delete from plays where number in (select number from plays where started < :before "
    "and (ended > 0 or replaced > 0 or boot <> :boot) limit :batch)",
    "delete from jobs where rowid in (select rowid from jobs "
    "where status in ('done', 'failed', 'expired') and settled < :before limit :batch)",
    "delete from drafts where rowid in (select rowid from drafts where opened < :before "
    "and not exists (select 1 from jobs where jobs.key = drafts.key and jobs.take = drafts.take "
    "and status = 'running') limit :batch)",
)


class SqliteStore:
    """`store.Store` in one database, one folder of clips, and a volatile database for heartbeats."""

    def __init__(
        self, database: Database, folder: Folder, health: HealthTable, clock: Clock, boot: str
    ) -> None:
        self.jobs: Jobs = JobTable(database, folder, clock, boot)
        self.clips: Clips = ClipShelf(database, folder, clock, boot)
        self.moments: Moments = MomentTable(database, folder, clock, boot)
        self.plays: Plays = PlayTable(database, boot)
        orders = OrderTable(database, folder, clock, boot)
        self.orders: Orders = orders
        self._orders = orders
        self.health: Volatile = health
        self._health = health
        self._dials = DialTable(database)
        self._database = database
        self._clock = clock
        self._boot = boot
        self._closed = threading.Event()
        self._opened_at = database.version()
        # Each thread that waits has seen its own last change: one never takes another's away.
        self._seen = threading.local()

    def dials(self) -> Dials:
        return self._dials.read()

    def turn(self, dials: Dials) -> None:
        self._dials.turn(dials)

    def wait_change(self, timeout: float) -> bool:
        ends = self._clock.monotonic() + timeout
        while True:
            version = self._database.version()
            if version != getattr(self._seen, "version", self._opened_at):
                self._seen.version = version
                return True
            left = ends - self._clock.monotonic()
            if left <= 0 or self._clock.wait(self._closed, min(LOOK_S, left)):
                return False

    def prune(self, keep_days: int) -> None:
        now = self._clock.now()
        for sql in PRUNE:
            while self._delete(sql, now, keep_days) == BATCH and not self._clock.wait(self._closed, LOOK_S):
                pass
        self._orders.tidy_pictures()

    def _delete(self, sql: str, now: float, keep_days: int) -> int:
        with self._database.transaction() as transaction:
            values = {"now": now, "before": now - keep_days * DAY, "boot": self._boot, "batch": BATCH}
            return transaction.execute(sql, values).rowcount

    def close(self) -> None:
        self._closed.set()
        self._health.close()
        self._database.close()


def open_database(settings: config.Store, clock: Clock, boot: str | None = None) -> Store:
    """The store in `settings.folder`, made or migrated as needed.

    `boot` names this boot of the machine; None asks the machine. Raises StoreReadOnly, StoreFull, and
    StoreError for a damaged file or one that a newer reverie made.
    """
    folder = Folder(settings.folder.absolute())
    runtime = config.runtime_folder(settings).absolute()
    with faults(folder.root):
        make_folder(folder.root)
    database = _opened(folder)
    try:
        with faults(folder.root):
            make_folder(folder.drafts)
            make_folder(folder.clips)
        with faults(runtime):
            make_private(runtime, ours=settings.runtime is None)
        health = HealthTable(runtime, settings.runtime is None, clock)
        return SqliteStore(database, folder, health, clock, boot_id() if boot is None else boot)
    except BaseException:
        database.close()
        raise


def _opened(folder: Folder) -> Database:
    path = folder.database
    with faults(path):
        # SQLite takes an empty file for a new database. The clips folder is made after the first migration,
        # so with one there an empty file is a loss that must be told.
        if path.exists() and path.stat().st_size == 0 and folder.clips.exists():
            raise StoreError(
                f"{path}: the database is damaged (it is empty). Move it away (with its -wal and -shm files) "
                "to start afresh"
            )
        # And it opens a file that it may not write for reading only, without a word.
        if path.exists() and not os.access(path, os.W_OK, effective_ids=True):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    database = Database(path)
    try:
        migrate(database, migrations())
        database.check()
    except BaseException:
        database.close()
        raise
    return database


def lock(settings: config.Store) -> BinaryIO:
    """Claim the data folder until the returned file is closed or this process dies.

    Raises StoreBusy naming the folder and the pid that has it, StoreReadOnly, StoreError.
    """
    folder = Folder(settings.folder.absolute())
    with faults(folder.root):
        make_folder(folder.root)
    with faults(folder.lock):
        file = open(folder.lock, "a+b", buffering=0)  # noqa: SIM115 - the caller holds it
        try:
            _claim(file, folder.root)
        except BaseException:
            file.close()
            raise
    return file


def _claim(file: BinaryIO, root: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        pid = file.read(32).decode("ascii", "replace").strip() or "unknown"
        raise StoreBusy(
            f"{root}: another reverie runs on this data folder (pid {pid}); stop it, "
            "or set `store.folder` to another place"
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n".encode("ascii"))
