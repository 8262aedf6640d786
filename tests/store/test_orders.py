"""Orders: over the first migration, a kill -9 while they are placed, a full disk, an unwritable folder."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from mortal import START, make_clip, make_job
from test_kill import Child, reopened
from test_store_faults import disk as disk  # the fixture of a small disk
from test_store_faults import fill, open_at, wish_until_full

from reverie import config
from reverie.clock import ManualClock
from reverie.errors import ClipError, StoreError, StoreFull
from reverie.store import Store
from reverie.store.database import open_database
from reverie.store.sqlite import Database, migrate, migrations
from reverie.values import Job, JobStatus, Order, Request


def open_store(folder: Path) -> Store:
    return open_database(config.Store(folder=folder, runtime=folder / "run"), ManualClock(START), "boot-1")


def make_order(id: str, key: str) -> Order:
    return Order(id, key, "board", "a cat", 640, 480, 3.0, START, START + 1000)


def rows_of_version_one(folder: Path) -> None:
    """A data folder as version 1 left it: a job that waits, one that runs, one that is done with its clip."""
    (folder / "clips" / "k3").mkdir(parents=True)
    (folder / "clips" / "k3" / "k3-2.mp4").write_bytes(b"film")
    brief = (
        '{"topic":"toy-car","shots":[{"subject":"child","action":"drives","object":"toy car",'
        '"setting":"street","mood":"happy","caption":"Vroom!","seconds":3.0}],'
        '"tone":"playful","language":"en"}'
    )
    spec = '{"generator":"board","version":"v1","width":640,"height":480,"frames":72,"fps":24}'
    with closing(Database(folder / "reverie.db")) as database:
        migrate(database, migrations()[:1])
        with database.transaction() as transaction:
            for key, status, take in (("k1", "waiting", 0), ("k2", "running", 1), ("k3", "done", 2)):
                transaction.execute(
                    "insert into jobs (key, generator, brief, spec, deadline, priority, created, status, "
                    "take, attempts, worker, lease, boot) "
                    "values (?, 'board', ?, ?, ?, 20, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        key,
                        brief,
                        spec,
                        START + 1000,
                        START,
                        status,
                        take,
                        take,
                        *(("child", START + 10, "boot-1") if status == "running" else ("", 0, "")),
                    ),
                )
            transaction.execute(
                "insert into clips values ('k3', 2, 'toy-car', 'board', 'hash', 3.0, 4, '{}', ?, ?)",
                (START, START),
            )


def test_a_folder_of_version_one_goes_on(tmp_path: Path) -> None:
    rows_of_version_one(tmp_path)
    with closing(open_store(tmp_path)) as store:
        with closing(sqlite3.connect(tmp_path / "reverie.db")) as connection:
            assert connection.execute("pragma user_version").fetchone() == (len(migrations()),)
        found = {job.key: job for job in store.jobs.recent(9)}
        assert found["k1"] == make_job("k1"), "and it has no request"
        assert found["k2"] == replace(make_job("k2"), status=JobStatus.RUNNING, attempts=1, take=1)
        clip = store.clips.by_topic("toy-car")
        assert clip is not None
        assert clip.key == "k3"
        # its worker goes on, and what is new can be asked of what was there
        assert store.jobs.renew("k2", "child", 10, 0.5)
        assert store.orders.reached("k2") == 0.5
        store.orders.place(make_order("o1", "k1"), make_job("k1"))
        store.orders.place(make_order("o2", "k3"), make_job("k3"))
        assert store.orders.unmade() == 1
        assert store.clips.evict(0, ()) == []


@pytest.mark.parametrize("lines", [1, 20, 60])
def test_killed_while_placing_orders(tmp_path: Path, lines: int) -> None:
    """What was acknowledged is there, and no order is there without its job, nor a job without its order."""
    child = Child(tmp_path)
    assert child.hear() == "open"
    child.tell("orders")
    heard = [child.hear() for _ in range(lines)]
    heard += child.kill()
    acknowledged = {line.split()[1] for line in heard if line.startswith("order ")}
    assert len(acknowledged) >= lines
    with reopened(tmp_path) as (store, _):
        placed = store.orders.recent(10_000)
        assert {f"order-{key}" for key in acknowledged} <= {order.id for order in placed}
        waiting = store.jobs.waiting("board")
        assert {order.key for order in placed} == {job.key for job in waiting}
        for job in waiting:
            assert job.request is not None
            assert job.request.picture is not None
            assert job.request.picture.read_bytes() == job.key.encode()


def requested(store: Store, key: str) -> Job:
    picture = store.orders.keep_picture(key.encode(), ".png")
    return replace(make_job(key), request=Request("a cat", picture=picture))


def test_a_full_disk_takes_no_order_and_goes_on_when_there_is_room(disk: Path) -> None:
    store = open_at(disk)
    store.orders.place(make_order("o1", "k1"), requested(store, "k1"))
    claimed = store.jobs.claim("k1", "a", 10, None)
    assert claimed is not None
    draft, file = store.clips.open_draft("k1", 1, "toy-car")
    with file:
        file.write(bytes(300_000))
    assert store.jobs.finish("k1", "a", store.clips.keep(draft, replace(make_clip(draft), size=300_000)))
    filler = fill(disk)
    with pytest.raises(StoreFull, match=r"pictures/.*: the disk is full"):
        store.orders.keep_picture(bytes(100_000), ".png")
    assert len(list((disk / "data" / "pictures").iterdir())) == 1, "nothing half written is left"
    wish_until_full(store)
    with pytest.raises(StoreFull):
        store.orders.place(make_order("o2", "k2"), make_job("k2"))
    assert [order.id for order in store.orders.recent(9)] == ["o1"]
    # what is deleted makes room for writing that down
    assert store.orders.delete("o1")
    assert store.clips.get("k1") is None
    filler.unlink()
    store.orders.place(make_order("o2", "k2"), requested(store, "k2"))
    store.close()


def test_a_folder_that_cannot_hold_pictures(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as store:
        (tmp_path / "pictures").write_text("a file")
        with pytest.raises(StoreError, match="pictures"):
            store.orders.keep_picture(b"a picture", ".png")
        with pytest.raises(StoreError, match="pictures"):
            store.orders.keep_picture(b"a picture", ".png")
        store.orders.place(make_order("o1", "k1"), make_job("k1"))


def test_a_folder_among_the_pictures_is_left_alone(tmp_path: Path) -> None:
    clock = ManualClock(START)
    settings = config.Store(folder=tmp_path, runtime=tmp_path / "run")
    with closing(open_database(settings, clock, "boot-1")) as store:
        path = store.orders.keep_picture(b"a picture", ".png")
        (path.parent / "lost+found").mkdir()
        clock.advance(1e10)  # the folder is as old as this test
        store.prune(30)
        assert [left.name for left in path.parent.iterdir()] == ["lost+found"]


def test_a_film_that_goes_while_it_is_kept_is_no_fault_of_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its order was deleted and another program tidied, between two steps of `keep`."""
    with closing(open_store(tmp_path)) as store:
        store.orders.place(make_order("o1", "k1"), make_job("k1"))
        claimed = store.jobs.claim("k1", "a", 10, None)
        assert claimed is not None
        draft, file = store.clips.open_draft("k1", claimed.take, "toy-car")
        with file:
            file.write(b"film")
        clip = replace(make_clip(draft), size=4)
        monkeypatch.setattr("os.fsync", lambda _: draft.path.unlink(missing_ok=True))
        with pytest.raises(ClipError, match="is not there"):
            store.clips.keep(draft, clip)
