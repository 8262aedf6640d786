"""Clips in a folder, and their index in SQLite.

A clip's path follows from its key and take, so that the data folder can be moved. `newest`, `enter` and
`present` work inside somebody's transaction.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from reverie.clock import Clock
from reverie.errors import ClipError, StoreFull, StoreReadOnly
from reverie.store import rows
from reverie.store.folder import Folder, faults, make_folder, sync_folder
from reverie.store.sqlite import Database, Row, Transaction
from reverie.values import Clip, Draft

if TYPE_CHECKING:
    from typing_extensions import Buffer

CLAIMED = "status = 'running' and lease > ? and boot = ?"


class DraftFile(io.FileIO):
    """A draft being written: unbuffered, and each `write` writes all of it or says why not."""

    def write(self, data: Buffer, /) -> int:
        """Raises StoreFull where a plain file would write a part and say how much."""
        left = memoryview(data).cast("B")
        size = len(left)
        with faults(Path(os.fsdecode(self.name))):
            while left:
                left = left[super().write(left) or 0 :]
        return size


class ClipShelf:
    """`store.Clips` in clips/ and drafts/ of the data folder."""

    def __init__(self, database: Database, folder: Folder, clock: Clock, boot: str) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock
        self._boot = boot

    def open_draft(self, key: str, take: int, topic: str) -> tuple[Draft, BinaryIO]:
        path = self._folder.draft(key, take)
        with faults(path):
            make_folder(path.parent)
            path.unlink(missing_ok=True)
            file = DraftFile(path, "x")
        draft = Draft(key, take, path, topic, self._clock.now())
        try:
            with self._database.transaction() as transaction:
                transaction.execute(
                    "insert into drafts (key, take, topic, opened, state) values (?, ?, ?, ?, 'open') "
                    "on conflict (key, take) do update set topic = excluded.topic, opened = excluded.opened, "
                    "state = 'open'",
                    (key, take, topic, draft.opened),
                )
        except BaseException:
            file.close()
            path.unlink(missing_ok=True)
            raise
        return draft, file

    def keep(self, draft: Draft, clip: Clip) -> Clip:
        path = self._folder.clip(draft.key, draft.take)
        if (clip.key, clip.take) != (draft.key, draft.take):
            raise ClipError(f"{clip.path}: take {clip.take} of {clip.key} is not of the draft {draft.path}")
        with faults(clip.path):
            try:
                file = clip.path.open("rb")
            except FileNotFoundError:
                raise _gone(clip) from None
            with file:
                size = os.fstat(file.fileno()).st_size
                if size != clip.size:
                    raise ClipError(f"{clip.path}: has {size} bytes, said to have {clip.size}")
                os.fsync(file.fileno())
            make_folder(path.parent)
            try:
                clip.path.rename(path)
            except FileNotFoundError:
                raise _gone(clip) from None
            sync_folder(path.parent)
        return replace(clip, path=path)

    def draft(self, key: str) -> Draft | None:
        row = self._database.row(
            "select * from drafts where key = ? and state = 'open' and take = "
            f"(select take from jobs where key = drafts.key and {CLAIMED})",
            key,
            self._clock.now(),
            self._boot,
        )
        return None if row is None else rows.draft_of(row, self._folder.draft(key, row["take"]))

    def draft_state(self, key: str, take: int) -> str:
        row = self._database.row(
            "select state, exists (select 1 from jobs where key = drafts.key and take = drafts.take "
            f"and {CLAIMED}) as claimed from drafts where key = ? and take = ?",
            self._clock.now(),
            self._boot,
            key,
            take,
        )
        if row is None or (row["state"] == "open" and not row["claimed"]):
            return "aborted"
        return str(row["state"])

    def get(self, key: str) -> Clip | None:
        found = self._database.rows("select * from clips where key = ? order by take desc", key)
        return self._first(found)

    def by_topic(self, topic: str) -> Clip | None:
        newest_first = "select * from clips where topic = ? and requested = 0 order by made desc"
        few = self._first(self._database.rows(f"{newest_first} limit 4", topic))
        return few or self._first(self._database.rows(newest_first, topic))

    def _first(self, found: list[Row]) -> Clip | None:
        """The first whose file is whole; those before it are dropped from the index."""
        for row in found:
            if present(self._folder, row["key"], row["take"], row["size"]):
                return rows.clip_of(row, self._folder.clip(row["key"], row["take"]))
            self._lose(row)
        return None

    def _lose(self, row: Row) -> None:
        try:
            with self._database.transaction() as transaction:
                if not present(self._folder, row["key"], row["take"], row["size"]):
                    remove(transaction, self._folder, row["key"], row["take"])
        except (StoreFull, StoreReadOnly):
            pass  # Looking at clips must go on; the row goes when something can be written again.

    def drop(self, key: str, reason: str) -> None:
        with self._database.transaction() as transaction:
            takes = transaction.execute("select take from clips where key = ?", (key,)).fetchall()
            for row in takes:
                remove(transaction, self._folder, key, row["take"])
            transaction.execute(
                "update jobs set status = 'failed', error = ?, settled = ? where key = ? and status = 'done'",
                (f"dropped: {reason}", self._clock.now(), key),
            )

    def touch(self, key: str) -> None:
        with self._database.transaction() as transaction:
            transaction.execute("update clips set used = ? where key = ?", (self._clock.now(), key))

    def evict(self, budget: int, keep: Collection[str]) -> list[Clip]:
        if self.total()[1] <= budget:
            return []
        gone: list[Clip] = []
        with self._database.transaction() as transaction:
            wanted = set(keep) | self._wanted(transaction)
            left = _total(transaction)[1]
            for row in transaction.execute("select * from clips order by used, key, take"):
                if left <= budget:
                    break
                if row["key"] not in wanted:
                    gone.append(rows.clip_of(row, self._folder.clip(row["key"], row["take"])))
                    left -= row["size"]
            for clip in gone:
                remove(transaction, self._folder, clip.key, clip.take)
        return gone

    def _wanted(self, transaction: Transaction) -> set[str]:
        """Keys on a screen, wished by a live moment, or ordered."""
        now = self._clock.now()
        found = transaction.execute(
            "select key from plays where ended = 0 and replaced = 0 and boot = ? union "
            "select key from moments indexed by moments_live "
            "cross join moment_keys on moment = id where boot = ? and expires > ? union "
            "select key from orders where expires > ?",
            (self._boot, self._boot, now, now),
        )
        return {row["key"] for row in found.fetchall()}

    def tidy(self) -> int:
        # The files are listed before the index is read: whoever makes one has claimed its job already.
        with faults(self._folder.root):
            files = self._folder.files()
        working = self._pairs("select key, take from jobs where status = 'running' and boot = ?", self._boot)
        entered = self._pairs("select key, take from clips")
        removed = 0
        for path, name in files:
            kept = working if path.parent == self._folder.drafts else working | entered
            if name is None or name not in kept:
                with faults(path):
                    path.unlink(missing_ok=True)
                removed += 1
        there = {name for path, name in files if path.parent != self._folder.drafts}
        for key, take in entered - there:
            for row in self._database.rows("select * from clips where key = ? and take = ?", key, take):
                self._first([row])
        return removed

    def _pairs(self, sql: str, *values: str) -> set[tuple[str, int]]:
        return {(row["key"], row["take"]) for row in self._database.rows(sql, *values)}

    def recent(self, count: int) -> list[Clip]:
        found = self._database.rows("select * from clips order by made desc, rowid desc limit ?", count)
        return [rows.clip_of(row, self._folder.clip(row["key"], row["take"])) for row in found]

    def total(self) -> tuple[int, int]:
        row = self._database.rows("select count(*) as count, coalesce(sum(size), 0) as size from clips")[0]
        return row["count"], row["size"]


def _gone(clip: Clip) -> ClipError:
    return ClipError(f"{clip.path}: the finished clip is not there (was its job aborted?)")


def present(folder: Folder, key: str, take: int, size: int) -> bool:
    """Whether the clip's file is there and whole, as far as its size tells.

    Raises StoreError when that cannot be found out, which is no reason to forget a clip.
    """
    path = folder.clip(key, take)
    with faults(path):
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
    return stat.S_ISREG(found.st_mode) and found.st_size == size


def newest(transaction: Transaction, folder: Folder, key: str) -> Clip | None:
    """The newest take of the key whose file is whole; the others before it are forgotten."""
    found = transaction.execute("select * from clips where key = ? order by take desc", (key,))
    for row in found.fetchall():
        if present(folder, key, row["take"], row["size"]):
            return rows.clip_of(row, folder.clip(key, row["take"]))
        remove(transaction, folder, key, row["take"])
    return None


def enter(transaction: Transaction, clip: Clip, now: float, requested: bool) -> None:
    """Put the clip into the index, as used now. `requested`: a program asked for it in its own words."""
    transaction.execute(
        "insert or replace into clips "
        "(key, take, topic, generator, sha256, seconds, size, scores, made, used, requested) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            clip.key,
            clip.take,
            clip.topic,
            clip.generator,
            clip.sha256,
            float(clip.seconds),
            clip.size,
            rows.scores_text(clip.scores),
            float(clip.made),
            now,
            int(requested),
        ),
    )


def _total(transaction: Transaction) -> tuple[int, int]:
    row = transaction.execute("select count(*), coalesce(sum(size), 0) from clips").fetchone()
    return row[0], row[1]


def remove(transaction: Transaction, folder: Folder, key: str, take: int) -> None:
    """Remove the file, then the row: on a full disk the commit needs the room that the file gives back.

    A crash between the two leaves a row without a file, which counts as not there.
    """
    path: Path = folder.clip(key, take)
    with faults(path):
        path.unlink(missing_ok=True)
    transaction.execute("delete from clips where key = ? and take = ?", (key, take))
