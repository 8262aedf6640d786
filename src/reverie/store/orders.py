"""Orders in SQLite: films that programs asked for by the API, and the pictures that they begin with."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import uuid
from contextlib import suppress
from pathlib import Path

from reverie.clock import Clock
from reverie.errors import StoreError
from reverie.store import rows
from reverie.store.clips import remove
from reverie.store.folder import Folder, faults, make_folder, sync_folder
from reverie.store.jobs import release, wish
from reverie.store.sqlite import Database, Row, Transaction
from reverie.values import Job, JobStatus, Order

GRACE = 3600.0
"""Seconds that a picture stays after it was last kept: its order may not be placed yet."""

SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")

NEEDED = (
    "select 1 from jobs where request is not null and json_extract(request, '$.picture') = ? "
    "and (status in ('waiting', 'running') "
    "or exists (select 1 from orders where orders.key = jobs.key and expires > ?)) limit 1"
)


class OrderTable:
    """`store.Orders` in the table `orders` and the folder pictures/."""

    def __init__(self, database: Database, folder: Folder, clock: Clock, boot: str) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock
        self._boot = boot

    def place(self, order: Order, job: Job) -> Order:
        if order.key != job.key:
            raise StoreError(f"the order {order.id} is for the clip {order.key}, its job for {job.key}")
        with self._database.transaction() as transaction:
            transaction.execute(
                "insert into orders (id, key, model, prompt, width, height, seconds, created, expires) "
                "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    order.id,
                    order.key,
                    order.model,
                    order.prompt,
                    order.width,
                    order.height,
                    float(order.seconds),
                    float(order.created),
                    float(order.expires),
                ),
            )
            wish(transaction, self._folder, job, self._clock.now(), self._boot)
        return order

    def get(self, id: str) -> Order | None:
        row = self._database.row("select * from orders where id = ? and expires > ?", id, self._clock.now())
        return None if row is None else rows.order_of(row)

    def recent(self, count: int, after: str | None = None, oldest_first: bool = False) -> list[Order]:
        sign, direction = (">", "asc") if oldest_first else ("<", "desc")
        found = self._database.rows(
            "select * from orders where expires > ? "
            f"and (? is null or number {sign} (select number from orders where id = ?)) "
            f"order by number {direction} limit ?",
            self._clock.now(),
            after,
            after,
            count,
        )
        return [rows.order_of(row) for row in found]

    def unmade(self) -> int:
        found = self._database.rows(
            "select count(*) as count from jobs indexed by jobs_status "
            "cross join orders on orders.key = jobs.key "
            "where status in ('waiting', 'running') and expires > ?",
            self._clock.now(),
        )
        return int(found[0]["count"])

    def kept(self) -> tuple[int, int]:
        now = self._clock.now()
        row = self._database.rows(
            "select (select count(*) from orders where expires > ?) as count, "
            "(select coalesce(sum(size), 0) from clips "
            "where key in (select key from orders where expires > ?)) as size",
            now,
            now,
        )[0]
        return row["count"], row["size"]

    def reached(self, key: str) -> float:
        row = self._database.row("select reached from jobs where key = ?", key)
        return 0.0 if row is None else float(row["reached"])

    def delete(self, id: str) -> bool:
        with self._database.transaction() as transaction:
            now = self._clock.now()
            order = transaction.execute(
                "select * from orders where id = ? and expires > ?", (id, now)
            ).fetchone()
            if order is None:
                return False
            transaction.execute("delete from orders where number = ?", (order["number"],))
            until = self._wanted_until(transaction, order["key"], now)
            self._let_go_of_job(transaction, order, until, now)
            if until == 0:
                self._let_go_of_clips(transaction, order["key"])
        return True

    def _wanted_until(self, transaction: Transaction, key: str, now: float) -> float:
        """When the last other order or live moment that wants `key` expires; 0 when none does."""
        row = transaction.execute(
            "select max(coalesce((select max(expires) from orders where key = ? and expires > ?), 0), "
            "coalesce((select max(expires) from moments join moment_keys on moment = id "
            "where moment_keys.key = ? and boot = ? and expires > ?), 0)) as until",
            (key, now, key, self._boot, now),
        ).fetchone()
        return float(row["until"])

    def _let_go_of_job(self, transaction: Transaction, order: Row, until: float, now: float) -> None:
        """End the job that was wanted for this order alone: then its deadline is the order's own."""
        job = transaction.execute(
            "select * from jobs where key = ? and status in ('waiting', 'running') and deadline = ?",
            (order["key"], order["expires"]),
        ).fetchone()
        if job is None:
            return
        if until:
            transaction.execute("update jobs set deadline = ? where key = ?", (until, job["key"]))
        else:
            release(transaction, job, JobStatus.EXPIRED, "nobody wants it any more", now)

    def _let_go_of_clips(self, transaction: Transaction, key: str) -> None:
        found = transaction.execute(
            "select take from clips where key = ? and requested = 1 and not exists (select 1 from plays "
            "where plays.key = clips.key and ended = 0 and replaced = 0 and boot = ?)",
            (key, self._boot),
        )
        for row in found.fetchall():
            remove(transaction, self._folder, key, row["take"])

    def keep_picture(self, data: bytes, suffix: str) -> Path:
        if not SUFFIX.fullmatch(suffix):
            raise StoreError(
                f"{suffix!r} cannot end a picture's name: a dot and 1 to 8 letters or digits can"
            )
        path = self._folder.pictures / f"{hashlib.sha256(data).hexdigest()}{suffix}"
        now = self._clock.now()
        with faults(path):
            make_folder(path.parent)
        # Nothing is written to the database here: while a transaction is open, nobody removes a picture.
        with self._database.transaction(), faults(path):
            if path.is_file() and path.stat().st_size == len(data):
                os.utime(path, (now, now))
                return path
        part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
        try:
            with faults(path):
                _write(part, data)
            with self._database.transaction(), faults(path):
                os.utime(part, (now, now))
                part.rename(path)
                sync_folder(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return path

    def tidy_pictures(self) -> None:
        """Remove the pictures that nothing needs any more."""
        now = self._clock.now()

        def aged(path: Path) -> bool:
            with suppress(FileNotFoundError):  # another program tidies as well
                found = path.lstat()
                return not stat.S_ISDIR(found.st_mode) and found.st_mtime <= now - GRACE
            return False

        with faults(self._folder.pictures):
            found = [path for path in self._folder.pictures.glob("*") if aged(path)]
        for path in found:
            with self._database.transaction() as transaction, faults(path):
                needed = transaction.execute(NEEDED, (path.name, now)).fetchone() is not None
                if not needed and aged(path):
                    path.unlink()


def _write(path: Path, data: bytes) -> None:
    """A new file, durable but for its name."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
