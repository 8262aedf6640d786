"""The operator's live settings in SQLite: one row."""

from __future__ import annotations

from reverie.store import rows
from reverie.store.sqlite import Database
from reverie.values import Dials


class DialTable:
    """What `store.Store.dials` reads and `turn` keeps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> Dials:
        row = self._database.row("select value from dials where id = 1")
        return Dials() if row is None else rows.dials_of(row["value"])

    def turn(self, dials: Dials) -> None:
        with self._database.transaction() as transaction:
            transaction.execute(
                "insert into dials (id, value) values (1, ?) "
                "on conflict (id) do update set value = excluded.value",
                (rows.dials_text(dials),),
            )
