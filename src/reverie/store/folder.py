"""The data folder: what lies where in it, and what its faults are called.

reverie.db               the database (beside it reverie.db-wal and -shm)
clips/<2>/<key>-<take>.mp4     finished clips, below the first two characters of their key
drafts/<key>-<take>.mp4        clips that are being made
pictures/<sha256>.png          what films that programs asked for begin with
lock                     held by the one `reverie run` of this folder
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reverie.errors import StoreError, StoreFull, StoreReadOnly

KEY = re.compile(r"[0-9A-Za-z_-]{2,128}")
NAME = re.compile(r"(?P<key>[0-9A-Za-z_-]{2,128})-(?P<take>[0-9]+)(\.[^/]*)?")
FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT)
READ_ONLY_ERRNOS = (errno.EACCES, errno.EPERM, errno.EROFS)
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@dataclass(frozen=True, slots=True)
class Folder:
    """Paths below `root`, which is absolute."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "reverie.db"

    @property
    def clips(self) -> Path:
        return self.root / "clips"

    @property
    def drafts(self) -> Path:
        return self.root / "drafts"

    @property
    def pictures(self) -> Path:
        return self.root / "pictures"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    def clip(self, key: str, take: int) -> Path:
        """Where a finished clip lies. `key` must be one that can be a file name."""
        return self.clips / _named(key)[:2] / f"{key}-{take}.mp4"

    def draft(self, key: str, take: int) -> Path:
        """Where a clip is made. Files beside it that begin with the same `<key>-<take>.` belong to it."""
        return self.drafts / f"{_named(key)}-{take}.mp4"

    def files(self) -> list[tuple[Path, tuple[str, int] | None]]:
        """Every file below clips/ and drafts/, with the (key, take) its name tells, or None."""
        paths = [*self.clips.glob("*/*"), *self.drafts.glob("*")]
        return [(path, _parsed(path.name)) for path in paths if not path.is_dir()]


def _named(key: str) -> str:
    if not KEY.fullmatch(key):
        raise StoreError(
            f"{key!r} cannot name a clip: a key is 2 to 128 letters, digits, '-' or '_', "
            "as `clip_key` makes them"
        )
    return key


def _parsed(name: str) -> tuple[str, int] | None:
    match = NAME.fullmatch(name)
    return (match["key"], int(match["take"])) if match else None


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable: a renamed file is only safe when its folder was synced."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make `path` durable, with its parents."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def make_private(path: Path, ours: bool) -> None:
    """Make `path` for this user only (mode 0700).

    `ours` says that the name was chosen by reverie, in a folder that everyone may write (/dev/shm): then
    one that is there already must be a real folder of this user, or the call is refused. A folder that the
    operator chose keeps its owner and mode.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=0o700)
        return
    except FileExistsError:
        found = path.lstat() if ours else path.stat()
    if not stat.S_ISDIR(found.st_mode):
        raise StoreError(f"{path}: not a folder; remove it, or set `store.runtime` to another place")
    if not ours:
        return
    if found.st_uid != os.geteuid():
        raise StoreError(
            f"{path}: belongs to another user (uid {found.st_uid}); "
            "set `store.runtime` to a folder of your own"
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Only one program at a time is inside, for each folder; the others wait. Leaves nothing behind."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Damaged(StoreError):
    """The database file is no longer one."""


@contextmanager
def faults(where: Path) -> Iterator[None]:
    """Tell in reverie's words what SQLite and the system say. `where` is the file or folder used."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise store_fault(error, where) from error


def store_fault(error: OSError | sqlite3.Error, where: Path) -> StoreError:
    """The StoreError that says what is wrong at `where` and what to do."""
    if isinstance(error, OSError):
        return _system_fault(error, where)
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return _full(where)
    if primary == sqlite3.SQLITE_READONLY:
        return _read_only(where)
    if primary in DAMAGED:
        return Damaged(
            f"{where}: the database is damaged ({error}). Move it away (with its -wal and -shm files) to "
            "start afresh; keep it if you want to recover what it remembers"
        )
    if primary == sqlite3.SQLITE_BUSY:
        return StoreError(f"{where}: another program kept the database locked for too long; try again")
    if primary in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        # SQLite tells a full or read-only disk by these two as well, when it is the shared-memory file.
        folder = where if where.is_dir() else where.parent
        if folder.is_dir() and not os.access(folder, os.W_OK, effective_ids=True):
            return _read_only(where)
        if folder.is_dir() and os.statvfs(folder).f_bavail == 0:
            return _full(where)
    return StoreError(f"{where}: the database cannot be used: {error}")


def _system_fault(error: OSError, where: Path) -> StoreError:
    place = Path(error.filename) if isinstance(error.filename, str) else where
    if error.errno in FULL_ERRNOS:
        return _full(place)
    if error.errno in READ_ONLY_ERRNOS:
        return _read_only(place)
    return StoreError(f"{place}: cannot be used: {error.strerror or error}")


def _full(where: Path) -> StoreFull:
    return StoreFull(
        f"{where}: the disk is full. Free some space, or lower `store.clips_mb`; reverie goes on by itself"
    )


def _read_only(where: Path) -> StoreReadOnly:
    return StoreReadOnly(
        f"{where}: cannot be written. Give this user the right to write there, mount the disk writable, "
        "or set `store.folder` to another place"
    )
