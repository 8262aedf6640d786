"""Plays in SQLite: what is on which screen, and the proof of what was."""

from __future__ import annotations

from collections.abc import Mapping

from reverie.store import rows
from reverie.store.sqlite import Database
from reverie.values import Play


class PlayTable:
    """`store.Plays` in the table `plays`."""

    def __init__(self, database: Database, boot: str) -> None:
        self._database = database
        self._boot = boot

    def start(self, play: Play) -> None:
        with self._database.transaction() as transaction:
            transaction.execute(
                "insert into plays (id, screen, key, take, rung, moment, cause, boot, seen, started, ended) "
                "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing",
                (
                    play.id,
                    play.screen,
                    play.key,
                    play.take,
                    play.rung.value,
                    play.moment,
                    play.cause,
                    self._boot,
                    float(play.seen),
                    float(play.started),
                    float(play.ended),
                ),
            )
            # A screen shows one thing: what it had started before (it may have reloaded) is replaced.
            transaction.execute(
                "update plays set replaced = max(?, started) where screen = ? and ended = 0 and replaced = 0 "
                "and number <> (select number from plays where screen = ? and ended = 0 and replaced = 0 "
                "order by boot = ? desc, started desc, number desc limit 1)",
                (float(play.started), play.screen, play.screen, self._boot),
            )

    def end(self, play: str, ended: float) -> None:
        with self._database.transaction() as transaction:
            transaction.execute("update plays set ended = ? where id = ? and ended = 0", (float(ended), play))

    def on_screen(self) -> list[Play]:
        found = self._database.rows(
            "select * from plays indexed by plays_running "
            "where ended = 0 and replaced = 0 and boot = ? order by started desc, number desc",
            self._boot,
        )
        return [rows.play_of(row) for row in found]

    def recent(self, count: int) -> list[Play]:
        found = self._database.rows("select * from plays order by number desc limit ?", count)
        return [rows.play_of(row) for row in found]

    def count(self, moment: str) -> Mapping[tuple[str, int], int]:
        found = self._database.rows(
            "select key, take, count(*) as count from plays where moment = ? and ended > 0 "
            "group by key, take",
            moment,
        )
        return {(row["key"], row["take"]): row["count"] for row in found}
