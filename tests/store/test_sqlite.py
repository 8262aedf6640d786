"""The database file itself: migrations, damage, newer programs, and that no hot query reads a whole table."""

from __future__ import annotations

import re
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from reverie import config
from reverie.clock import ManualClock
from reverie.errors import StoreError
from reverie.store import database as database_module
from reverie.store.clips import ClipShelf
from reverie.store.database import SqliteStore, open_database
from reverie.store.folder import Folder
from reverie.store.health import HealthTable
from reverie.store.sqlite import Database, migrate, migrations, statements
from reverie.values import (
    Brief,
    Clip,
    ClipSpec,
    Command,
    Dials,
    Job,
    Moment,
    Order,
    Play,
    Request,
    Rung,
    Shot,
    Wish,
)

START = 1_000_000.0
ONE = (1, "create table things (name text primary key) strict;")
TWO = (
    2,
    "-- things get a size; what there was has none\n"
    "alter table things add column size integer not null default 0;\n"
    "create index things_size on things (size);\n",
)


def make_job(key: str, deadline: float = START + 100) -> Job:
    brief = Brief("toy-car", (Shot("child", "drives", None, "street", "happy", "", 3.0),), "playful", "en")
    return Job(key, brief, ClipSpec("board", "v1", 640, 480, 72, 24), deadline, 20, START)


def settings_of(folder: Path) -> config.Store:
    return config.Store(folder=folder, runtime=folder / "run")


# ---------------------------------------------------------------------------------- migrations


def make_version_one(path: Path) -> None:
    """A file as the first version left it, with something in it."""
    with closing(Database(path)) as database:
        migrate(database, [ONE])
        with database.transaction() as transaction:
            transaction.execute("insert into things values ('kept')")


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("pragma user_version").fetchone()[0])


def test_a_file_of_version_one_is_migrated_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make_version_one(path)
    with closing(Database(path)) as database:
        for _ in range(2):  # the second time there is nothing to do
            migrate(database, [ONE, TWO])
        assert [tuple(row) for row in database.rows("select name, size from things")] == [("kept", 0)]
    assert version_of(path) == 2


def test_a_migration_that_fails_is_undone_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make_version_one(path)
    broken = (2, "alter table things add column size integer;\ninsert into nowhere values (1);\n")
    with closing(Database(path)) as database:
        with pytest.raises(StoreError, match="no such table: nowhere"):
            migrate(database, [ONE, broken])
        assert [tuple(row) for row in database.rows("select * from things")] == [("kept",)]
        migrate(database, [ONE, TWO])
    assert version_of(path) == 2


def test_a_file_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    open_database(settings_of(tmp_path), ManualClock()).close()
    path = tmp_path / "reverie.db"
    newer = len(migrations()) + 1
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"pragma user_version = {newer}")
    with pytest.raises(StoreError, match=rf"reverie\.db: made by a newer reverie \(schema {newer}.*update"):
        open_database(settings_of(tmp_path), ManualClock())
    assert version_of(path) == newer


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [number for number, _ in migrations()] == list(range(1, len(migrations()) + 1))


def test_statements_of_a_script() -> None:
    script = "-- a; comment\ncreate table a (b text\n);\ncreate index c on a (b);\n"
    assert len(list(statements(script))) == 2
    with pytest.raises(StoreError, match="middle of a statement"):
        list(statements("create table a (b text"))


# ---------------------------------------------------------------------------------- damage


def damage_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"not a database at all, but something else")


def damage_pages(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def damage_end(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def damage_all(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [damage_header, damage_pages, damage_end, damage_all])
def test_a_damaged_file_is_told_and_never_replaced(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    store = open_database(settings_of(tmp_path), ManualClock(START))
    for n in range(50):
        store.jobs.wish(make_job(f"k{n}"))
    store.close()
    path = tmp_path / "reverie.db"
    damage(path)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"reverie\.db: the database is damaged .* Move it away"):
        open_database(settings_of(tmp_path), ManualClock(START))
    assert path.read_bytes() == before
    # what the message says to do works
    path.rename(tmp_path / "damaged.db")
    fresh = open_database(settings_of(tmp_path), ManualClock(START))
    assert fresh.jobs.recent(9) == []
    fresh.close()


def test_a_row_that_was_tampered_with_is_told(tmp_path: Path) -> None:
    store = open_database(settings_of(tmp_path), ManualClock(START))
    store.turn(Dials(paused=True))
    with closing(sqlite3.connect(tmp_path / "reverie.db")) as connection:
        connection.execute("update dials set value = '{\"paused\": 1}'")
        connection.commit()
    with pytest.raises(StoreError, match="dials"):
        store.dials()
    store.close()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = open_database(settings_of(tmp_path), ManualClock(START))
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.jobs.recent(1)


# ---------------------------------------------------------------------------------- threads


def test_a_store_is_used_from_many_threads(tmp_path: Path) -> None:
    store = open_database(settings_of(tmp_path), ManualClock(START))

    def work(name: str) -> int:
        for n in range(20):
            store.jobs.wish(make_job(f"{name}{n}"))
            assert store.jobs.get(f"{name}{n}") is not None
            store.wait_change(0)
            store.health.beat(name, "running", "", {"n": n})
        return 20

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, [f"t{n}-" for n in range(6)])) == [20] * 6
    assert store.jobs.counts()["waiting"] == 120
    assert len(store.health.all()) == 6
    store.close()


def test_a_change_reaches_each_thread_that_waits(tmp_path: Path) -> None:
    store = open_database(settings_of(tmp_path), ManualClock(START))
    store.jobs.wish(make_job("k1"))
    woken: list[bool] = []
    for _ in range(2):
        thread = threading.Thread(target=lambda: woken.append(store.wait_change(0)))
        thread.start()
        thread.join()
    assert woken == [True, True]
    store.close()


# ---------------------------------------------------------------------------------- a year of running


def test_no_hot_call_reads_a_whole_table(tmp_path: Path) -> None:
    """What programs ask every few milliseconds finds its rows by an index.

    A partial index may be read whole: it holds only what waits, runs, or plays now.
    """
    folder = Folder(tmp_path)
    clock = ManualClock(START)
    database = Database(folder.database)
    migrate(database, migrations())
    health = HealthTable(tmp_path / "run", False, clock)
    store = SqliteStore(database, folder, health, clock, "boot-1")
    asked: list[str] = []
    for connection in (database._reader, database._writer):
        connection.set_trace_callback(asked.append)

    job = make_job("k1")
    moment = Moment("m1", Command(START, "t"), job.brief, (Wish("board", "k1"),), START, START + 100)
    store.moments.open(moment, [job])
    store.jobs.waiting("board")
    claimed = store.jobs.claim("k1", "a", 10, 3)
    assert claimed is not None
    store.jobs.renew("k1", "a", 10, 0.5)
    draft, file = store.clips.open_draft("k1", 1, "toy-car")
    file.close()
    store.clips.draft("k1")
    store.clips.draft_state("k1", 1)
    clip = Clip("k1", 1, draft.path, "0" * 64, 3.0, 0, "toy-car", "board", {}, START)
    store.jobs.finish("k1", "a", store.clips.keep(draft, clip))
    store.jobs.wish(make_job("k2", START + 5))
    store.jobs.claim("k2", "a", 10, None)
    store.jobs.fail("k2", "a", "no", True)
    clock.advance(10)
    store.jobs.waiting("board")
    store.jobs.next_deadline()
    store.jobs.recent(10)
    store.clips.get("k1")
    store.clips.by_topic("toy-car")
    store.clips.touch("k1")
    store.clips.recent(10)
    store.moments.live()
    store.moments.recent(10)
    store.moments.wants(START)
    store.moments.renew("m1", START + 200)
    store.moments.end("m1", START + 20)
    store.plays.start(Play("p1", "main", "k1", 1, Rung.CLIP, "m1", "", START, START))
    store.plays.on_screen()
    store.plays.recent(10)
    store.plays.end("p1", START + 3)
    store.plays.count("m1")
    store.dials()
    store.clips.total()
    order = Order("o1", "k3", "board", "a cat", 640, 480, 3.0, START, START + 50)
    picture = store.orders.keep_picture(b"a picture", ".png")
    requested = replace(make_job("k3", START + 50), request=Request("a cat", picture=picture))
    store.orders.place(order, requested)
    store.orders.get("o1")
    store.orders.recent(10, "o1", oldest_first=True)
    store.orders.recent(10)
    store.orders.unmade()
    store.orders.reached("k3")
    store.clips.evict(-1, ())
    store.orders.delete("o1")
    clock.advance(4000)
    store.prune(30)
    assert not picture.exists()

    for connection in (database._reader, database._writer):
        connection.set_trace_callback(None)
    scans = []
    queries = [sql for sql in asked if re.match(r"(select|update|delete|insert)", sql)]
    assert len(queries) > 50
    # Tables that stay tiny (a minute of starts), reads in order that stop at a limit, and the sum of all
    # sizes, which an index answers alone.
    fine = re.compile(
        r"starts|USING (COVERING )?INDEX (jobs_running|jobs_waiting|jobs_deadline|plays_running|clips_used)"
    )
    for sql in queries:
        for step in database.rows(f"explain query plan {sql}"):
            detail = str(step["detail"])
            if re.match(r"SCAN (?!CONSTANT)", detail) and not fine.search(detail) and "limit" not in sql:
                scans.append((detail, sql))
    assert scans == []
    store.close()


def test_prune_goes_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BATCH", 2)
    clock = ManualClock(START)
    store = open_database(settings_of(tmp_path), clock)
    for n in range(5):
        store.plays.start(Play(f"p{n}", "main", "k1", 1, Rung.CLIP, "m1", "", START, START + n))
        store.plays.end(f"p{n}", START + n + 1)
        store.jobs.wish(make_job(f"k{n}"))
    clock.advance(100)
    assert store.jobs.waiting("board") == []
    clock.advance(2 * 86_400)
    store.prune(1)
    assert (store.plays.recent(9), store.jobs.recent(9)) == ([], [])
    store.close()


def test_clips_are_found_by_topic_past_any_number_of_lost_files(tmp_path: Path) -> None:
    """The index is asked a few rows at a time, which must not hide the one whose file is still there."""
    folder = Folder(tmp_path)
    store = open_database(settings_of(tmp_path), ManualClock(START))
    assert isinstance(store.clips, ClipShelf)
    for n in range(9):
        store.jobs.wish(make_job(f"k{n}"))
        store.jobs.claim(f"k{n}", "a", 10, None)
        draft, file = store.clips.open_draft(f"k{n}", 1, "cat")
        file.close()
        clip = Clip(f"k{n}", 1, draft.path, "0" * 64, 3.0, 0, "cat", "board", {}, START + n)
        store.jobs.finish(f"k{n}", "a", store.clips.keep(draft, clip))
        if n:
            folder.clip(f"k{n}", 1).unlink()
    found = store.clips.by_topic("cat")
    assert found is not None
    assert found.key == "k0"
    store.close()
