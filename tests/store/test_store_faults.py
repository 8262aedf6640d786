"""A full disk, a disk that cannot be written, a second program, a stranger in the runtime folder.

A small disk is a tmpfs, which only root may mount: elsewhere those tests are skipped.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from mortal import LEASE, START, film, make_clip, make_job

from reverie import config
from reverie.clock import ManualClock
from reverie.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly
from reverie.store import Store
from reverie.store.database import lock, open_database
from reverie.store.folder import Damaged, store_fault
from reverie.store.store import lock_folder, open_store
from reverie.values import Command, Moment

NOBODY = 65534

LOCKER = """
import sys
from pathlib import Path
from reverie import config
from reverie.store.database import lock
held = lock(config.Store(folder=Path(sys.argv[1])))
print("locked", flush=True)
sys.stdin.read()
"""


def settings_of(folder: Path) -> config.Store:
    return config.Store(folder=folder / "data", runtime=folder.parent / "run")


def open_at(folder: Path) -> Store:
    return open_database(settings_of(folder), ManualClock(START), "boot-1")


# ---------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EACCES, StoreReadOnly),
        (errno.EPERM, StoreReadOnly),
        (errno.EROFS, StoreReadOnly),
        (errno.EIO, StoreError),
    ],
)
def test_system_errors_in_our_words(tmp_path: Path, number: int, kind: type[StoreError]) -> None:
    found = store_fault(OSError(number, os.strerror(number), str(tmp_path / "clip")), tmp_path)
    assert type(found) is kind
    assert str(tmp_path / "clip") in str(found)


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        (sqlite3.SQLITE_FULL, StoreFull, "disk is full"),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreReadOnly, "cannot be written"),
        (sqlite3.SQLITE_CORRUPT, Damaged, "Move it away"),
        (sqlite3.SQLITE_BUSY, StoreError, "locked for too long"),
        # an input-output error where the disk is neither full nor read-only
        (sqlite3.SQLITE_IOERR_READ, StoreError, "cannot be used"),
        (None, StoreError, "cannot be used"),
    ],
)
def test_sqlite_errors_in_our_words(
    tmp_path: Path, code: int | None, kind: type[StoreError], says: str
) -> None:
    error = sqlite3.OperationalError("said sqlite")
    if code is not None:
        error.sqlite_errorcode = code
    found = store_fault(error, tmp_path / "reverie.db")
    assert type(found) is kind
    assert says in str(found)
    assert "reverie.db" in str(found)


# ---------------------------------------------------------------------------------- a small disk


def mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Write until nothing more fits."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    assert os.statvfs(disk).f_bavail == 0
    return path


def wish_until_full(store: Store) -> list[str]:
    """Wish until the disk is full (the log has some room of its own); the keys that were acknowledged."""
    wished: list[str] = []
    for n in range(100_000):
        try:
            store.jobs.wish(make_job(f"full{n}"))
        except StoreFull:
            return wished
        wished.append(f"full{n}")
    raise AssertionError("the disk is never full")


def make(store: Store, key: str) -> None:
    store.jobs.wish(make_job(key))
    job = store.jobs.claim(key, "a", LEASE, None)
    assert job is not None
    draft, file = store.clips.open_draft(key, job.take, "toy-car")
    with file:
        file.write(film(key, job.take))
    assert store.jobs.finish(key, "a", store.clips.keep(draft, make_clip(draft)))


def test_a_full_disk_is_told_and_recovered_from_without_reopening(disk: Path) -> None:
    store = open_at(disk)
    make(store, "k1")
    store.jobs.wish(make_job("k2"))
    job = store.jobs.claim("k2", "a", LEASE, None)
    assert job is not None
    draft, file = store.clips.open_draft("k2", job.take, "toy-car")
    with file:
        file.write(bytes(300_000))
    filler = fill(disk)
    wished = wish_until_full(store)
    moment = Moment("m1", Command(START, "t"), make_job("k1").brief, (), START, START + 100)
    with pytest.raises(StoreFull, match=r"reverie\.db: the disk is full"):
        store.moments.open(moment, [make_job("k8")])
    with pytest.raises(StoreFull):
        store.clips.open_draft("k9", 1, "toy-car")
    assert not (draft.path.parent / "k9-1.mp4").exists()
    # what is there can be looked at and shown
    assert store.clips.get("k1") is not None
    assert store.moments.live() == []
    assert {job.key for job in store.jobs.waiting("board")} == set(wished)
    # the failed attempt's own draft makes the room to write its failure down
    store.jobs.fail("k2", "a", "the disk is full", retry=True)
    assert not draft.path.exists()
    filler.unlink()
    # the same calls, the same store
    store.moments.open(moment, [make_job("k8")])
    make(store, "k9")
    assert {job.key for job in store.jobs.waiting("board")} == {*wished, "k2", "k8"}
    store.close()
    store = open_at(disk)
    assert {job.key for job in store.jobs.waiting("board")} == {*wished, "k2", "k8"}
    store.close()


def test_a_draft_is_written_whole_or_it_says_so(disk: Path) -> None:
    """A plain unbuffered file writes what fits and returns how much, which encoders do not look at."""
    store = open_at(disk)
    _, file = store.clips.open_draft("k1", 1, "toy-car")
    with file:
        assert file.write(memoryview(film("k1", 1))) == 96
        filler = fill(disk)
        with pytest.raises(StoreFull, match=r"k1-1\.mp4: the disk is full"):
            file.write(bytes(10_000))
        filler.unlink()
        assert file.write(bytes(10_000)) == 10_000
    store.close()


def test_eviction_works_on_a_full_disk(disk: Path) -> None:
    """Or a disk that clips have filled would stay full for ever."""
    store = open_at(disk)
    store.jobs.wish(make_job("k1"))
    job = store.jobs.claim("k1", "a", LEASE, None)
    assert job is not None
    draft, file = store.clips.open_draft("k1", job.take, "toy-car")
    with file:
        file.write(bytes(300_000))
    clip = replace(make_clip(draft), size=300_000)
    assert store.jobs.finish("k1", "a", store.clips.keep(draft, clip))
    fill(disk)
    wish_until_full(store)
    assert [gone.key for gone in store.clips.evict(0, ())] == ["k1"]
    assert store.clips.total() == (0, 0)
    make(store, "k2")
    store.close()


def test_a_new_folder_on_a_full_disk(disk: Path) -> None:
    filler = fill(disk)
    with pytest.raises(StoreFull, match="the disk is full"):
        open_at(disk)
    filler.unlink()
    store = open_at(disk)
    make(store, "k1")
    store.close()


def test_a_disk_that_turns_read_only_and_back(disk: Path) -> None:
    store = open_at(disk)
    make(store, "k1")
    store.close()
    mount("-o", "remount,ro", str(disk))
    with pytest.raises(StoreReadOnly, match=r"data.*cannot be written"):
        open_at(disk)
    with pytest.raises(StoreReadOnly, match=r"data.*cannot be written"):
        lock(settings_of(disk))
    mount("-o", "remount,rw", str(disk))
    store = open_at(disk)
    assert store.clips.get("k1") is not None
    store.close()


def test_a_folder_that_cannot_be_made(disk: Path) -> None:
    mount("-o", "remount,ro", str(disk))
    with pytest.raises(StoreReadOnly, match="cannot be written"):
        open_at(disk)


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[Path]:
    """A folder of an ordinary user, who the test is until its end (root may write everywhere)."""
    root = os.geteuid() == 0
    open_at(tmp_path).close()  # while everything that Python loads when it is first used can be read
    with tempfile.TemporaryDirectory(prefix="reverie-test-") as name:
        if root:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)


def test_a_folder_without_the_right_to_write(nobody: Path) -> None:
    settings = config.Store(folder=nobody / "data", runtime=nobody / "run")
    open_database(settings, ManualClock(START), "boot-1").close()
    data, database = nobody / "data", nobody / "data" / "reverie.db"
    # the file may be read only; then the folder as well, where SQLite needs to put its log
    for path, mode in ((database, 0o400), (data, 0o500), (database, 0o600)):
        path.chmod(mode)
        with pytest.raises(StoreReadOnly, match=r"reverie\.db: cannot be written"):
            open_database(settings, ManualClock(START), "boot-1")
    data.chmod(0o700)
    open_database(settings, ManualClock(START), "boot-1").close()
    shutil.rmtree(data)
    nobody.chmod(0o500)
    with pytest.raises(StoreReadOnly, match="data: cannot be written"):
        open_database(settings, ManualClock(START), "boot-1")
    nobody.chmod(0o700)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    for use in (open_at, lambda folder: lock(settings_of(folder))):
        with pytest.raises(StoreError, match="data"):
            use(tmp_path)


# ---------------------------------------------------------------------------------- a second program


def test_a_folder_is_locked_once(tmp_path: Path) -> None:
    settings = config.Store(folder=tmp_path / "data")
    held = lock_folder(settings)
    with pytest.raises(StoreBusy, match=rf"{tmp_path}/data: another reverie runs .*pid {os.getpid()}\)"):
        lock_folder(settings)
    held.close()
    lock_folder(settings).close()


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    settings = config.Store(folder=tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", LOCKER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(StoreBusy, match=f"pid {other.pid}"):
            lock(settings)
        other.kill()
    lock(settings).close()


# ---------------------------------------------------------------------------------- the runtime folder


def test_the_runtime_folder_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tmp_path / "shm" / "reverie-run"
    monkeypatch.setattr(config, "runtime_folder", lambda store: run)
    store = open_store(config.Store(folder=tmp_path / "data"), ManualClock())
    assert run.stat().st_mode & 0o777 == 0o700
    store.close()
    run.chmod(0o755)  # as somebody's umask may have left it
    open_store(config.Store(folder=tmp_path / "data"), ManualClock()).close()
    assert run.stat().st_mode & 0o777 == 0o700


def strange_link(run: Path) -> None:
    run.symlink_to(run.parent)


def strange_file(run: Path) -> None:
    run.write_text("?")


def strange_owner(run: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may give a folder away")
    run.mkdir()
    os.chown(run, 12345, 12345)


@pytest.mark.parametrize("strange", [strange_link, strange_file, strange_owner])
def test_a_strangers_runtime_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, strange: Callable[[Path], None]
) -> None:
    run = tmp_path / "reverie-run"
    strange(run)
    monkeypatch.setattr(config, "runtime_folder", lambda store: run)
    with pytest.raises(StoreError, match=r"reverie-run.*store\.runtime"):
        open_store(config.Store(folder=tmp_path / "data"), ManualClock())


def test_an_operators_runtime_folder_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o750)
    open_at(tmp_path / "x").close()
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o750


def damage_removed(run: Path) -> None:
    for path in run.glob("health.db*"):
        path.unlink()
    run.rmdir()


def damage_overwritten(run: Path) -> None:
    for path in run.glob("health.db*"):
        path.unlink()
    (run / "health.db").write_bytes(b"no database" * 1000)


@pytest.mark.parametrize("damage", [damage_removed, damage_overwritten])
def test_heartbeats_go_on_when_their_file_is_lost(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    store = open_at(tmp_path / "x")
    store.health.beat("watch", "running", "", {})
    damage(tmp_path / "run")
    store.health.beat("serve", "running", "", {})
    assert [health.program for health in store.health.all()] == ["serve"]
    store.close()
