"""Moments in SQLite: leases on somebody's presence, which keep their jobs wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reverie.clock import Clock
from reverie.store import rows
from reverie.store.folder import Folder
from reverie.store.jobs import wish
from reverie.store.sqlite import Database, Transaction
from reverie.values import Job, Moment

JOBS_OF = "key in (select key from moment_keys where moment = ?)"


class MomentTable:
    """`store.Moments` in the tables `moments` and `moment_keys`."""

    def __init__(self, database: Database, folder: Folder, clock: Clock, boot: str) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock
        self._boot = boot

    def open(self, moment: Moment, jobs: Sequence[Job]) -> Moment:
        with self._database.transaction() as transaction:
            opened = self._clock.now()
            transaction.execute(
                "insert into moments (id, boot, cause, brief, wishes, seen, opened, expires) "
                "values (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    moment.id,
                    self._boot,
                    rows.cause_text(moment.cause),
                    rows.brief_text(moment.brief),
                    rows.wishes_text(moment.wishes),
                    float(moment.seen),
                    opened,
                    float(moment.expires),
                ),
            )
            keys = {wished.key for wished in moment.wishes} | {job.key for job in jobs}
            transaction.executemany(
                "insert into moment_keys (moment, key) values (?, ?)",
                [(moment.id, key) for key in sorted(keys)],
            )
            for job in jobs:
                wish(transaction, self._folder, job, opened, self._boot)
        return replace(moment, opened=opened)

    def renew(self, moment: str, expires: float) -> bool:
        with self._database.transaction() as transaction:
            if self._expires(transaction, moment) is None:
                return False
            transaction.execute(
                "update moments set expires = max(expires, ?) where id = ?", (float(expires), moment)
            )
            transaction.execute(
                "update jobs set deadline = max(deadline, ?) "
                f"where status in ('waiting', 'running') and {JOBS_OF}",
                (float(expires), moment),
            )
            return True

    def end(self, moment: str, expires: float) -> None:
        with self._database.transaction() as transaction:
            before = self._expires(transaction, moment)
            if before is None:
                return
            transaction.execute("update moments set expires = ? where id = ?", (float(expires), moment))
            # Jobs that wait because of this moment alone (the deadline is its own) end with it. One that is
            # being made goes on: its start is spent, and its clip goes to the cache.
            transaction.execute(
                "update jobs set deadline = max(?, coalesce((select max(expires) from moments "
                "join moment_keys on moment = id where moment_keys.key = jobs.key and boot = ?), 0), "
                "coalesce((select max(expires) from orders where orders.key = jobs.key), 0)) "
                f"where status = 'waiting' and deadline = ? and {JOBS_OF}",
                (float(expires), self._boot, before, moment),
            )

    def _expires(self, transaction: Transaction, moment: str) -> float | None:
        """When the moment expires; None when it is over or unknown."""
        row = transaction.execute(
            "select expires from moments where id = ? and boot = ? and expires > ?",
            (moment, self._boot, self._clock.now()),
        ).fetchone()
        return None if row is None else row["expires"]

    def live(self) -> list[Moment]:
        found = self._database.rows(
            "select * from moments indexed by moments_live where boot = ? and expires > ? "
            "order by number desc",
            self._boot,
            self._clock.now(),
        )
        return [rows.moment_of(row) for row in found]

    def recent(self, count: int) -> list[Moment]:
        found = self._database.rows("select * from moments order by number desc limit ?", count)
        return [rows.moment_of(row) for row in found]

    def wants(self, since: float) -> Mapping[str, int]:
        found = self._database.rows(
            "select key, count(*) as count from moments indexed by moments_opened "
            "cross join moment_keys on moment = id where opened >= ? group by key",
            since,
        )
        return {row["key"]: row["count"] for row in found}
