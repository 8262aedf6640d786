"""Jobs in SQLite: wished, claimed under a lease, finished once.

`wish` works inside somebody's transaction, because a moment opens together with its jobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from reverie.clock import Clock
from reverie.errors import ClipError
from reverie.store import rows
from reverie.store.clips import enter, newest, present
from reverie.store.folder import Folder, faults
from reverie.store.sqlite import Database, Row, Transaction
from reverie.values import Clip, Job, JobStatus

MAX_ATTEMPTS = 4
"""Claims of a job without success before it counts as failed (the seam's rule)."""

MINUTE = 60.0


class JobTable:
    """`store.Jobs` in the table `jobs`."""

    def __init__(self, database: Database, folder: Folder, clock: Clock, boot: str) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock
        self._boot = boot

    def wish(self, job: Job) -> JobStatus:
        with self._database.transaction() as transaction:
            return wish(transaction, self._folder, job, self._clock.now(), self._boot)

    def waiting(self, generator: str) -> list[Job]:
        now = self._clock.now()
        # Looked at first, because a write costs an fsync and wakes the other programs.
        if self._database.row(OVERDUE, now, self._boot, now) is not None:
            with self._database.transaction() as transaction:
                settle(transaction, now, self._boot)
        found = self._database.rows(
            "select * from jobs where status = 'waiting' and generator = ? and deadline > ? "
            "order by priority desc, created desc",
            generator,
            now,
        )
        return [self._job(row) for row in found]

    def claim(self, key: str, worker: str, lease: float, per_minute: int | None) -> Job | None:
        with self._database.transaction() as transaction:
            now = self._clock.now()
            row = _row(transaction, key)
            if row is None or row["status"] != JobStatus.WAITING or row["deadline"] <= now:
                return None
            if not _start(transaction, row["generator"], now, per_minute):
                return None
            transaction.execute(
                "update jobs set status = 'running', attempts = attempts + 1, take = take + 1, progress = 0, "
                "error = '', worker = ?, lease = ?, boot = ? where key = ?",
                (worker, now + lease, self._boot, key),
            )
            row = _row(transaction, key)
            return None if row is None else self._job(row)

    def renew(self, key: str, worker: str, lease: float, progress: float) -> bool:
        with self._database.transaction() as transaction:
            now = self._clock.now()
            row = _row(transaction, key)
            if row is None or not self._is_of(row, worker):
                return False
            transaction.execute(
                "update jobs set lease = ?, progress = ?, reached = max(reached, ?) where key = ?",
                (now + lease, float(progress), float(progress), key),
            )
            return True

    def finish(self, key: str, worker: str, clip: Clip) -> bool:
        with self._database.transaction() as transaction:
            row = _row(transaction, key)
            if row is None or not self._is_of(row, worker) or (clip.key, clip.take) != (key, row["take"]):
                return False
            if not present(self._folder, key, clip.take, clip.size):
                raise ClipError(
                    f"{self._folder.clip(key, clip.take)}: no file of {clip.size} bytes there; "
                    "`clips.keep` puts it there before `jobs.finish`"
                )
            now = self._clock.now()
            enter(transaction, clip, now, requested=row["request"] is not None)
            transaction.execute(
                "update jobs set status = 'done', progress = 1, error = '', worker = '', settled = ? "
                "where key = ?",
                (now, key),
            )
            transaction.execute(
                "update drafts set state = 'done' where key = ? and take = ?", (key, clip.take)
            )
        with suppress(OSError):  # The job is done, whatever becomes of its draft; `tidy` looks again.
            self._folder.draft(key, clip.take).unlink(missing_ok=True)
        return True

    def fail(self, key: str, worker: str, error: str, retry: bool) -> None:
        self._end(key, worker, error, retry, counts=True)

    def give_back(self, key: str, worker: str, reason: str) -> None:
        self._end(key, worker, reason, retry=True, counts=False)

    def _end(self, key: str, worker: str, error: str, retry: bool, counts: bool) -> None:
        row = self._database.row("select * from jobs where key = ?", key)
        if row is None or not self._is_of(row, worker):
            return
        # First the file: on a full disk that makes the room in which the failure can be written down.
        draft = self._folder.draft(key, row["take"])
        with faults(draft):
            draft.unlink(missing_ok=True)
        text = error.encode("utf-8", "replace").decode()  # a path in it may be no UTF-8
        with self._database.transaction() as transaction:
            row = _row(transaction, key)
            if row is not None and self._is_of(row, worker):
                now = self._clock.now()
                again = retry and (row["attempts"] < MAX_ATTEMPTS or not counts)
                if not counts:
                    transaction.execute("update jobs set attempts = attempts - 1 where key = ?", (key,))
                release(transaction, row, JobStatus.WAITING if again else JobStatus.FAILED, text, now)

    def get(self, key: str) -> Job | None:
        row = self._database.row("select * from jobs where key = ?", key)
        return None if row is None else self._job(row)

    def recent(self, count: int) -> list[Job]:
        found = self._database.rows("select * from jobs order by created desc, rowid desc limit ?", count)
        return [self._job(row) for row in found]

    def counts(self) -> Mapping[str, int]:
        found = self._database.rows("select status, count(*) as count from jobs group by status")
        counts = {row["status"]: row["count"] for row in found}
        return {status.value: counts.get(status.value, 0) for status in JobStatus}

    def next_deadline(self) -> float | None:
        row = self._database.row(
            "select min(time) as time from ("
            "select min(deadline) as time from jobs where status = 'waiting' union all "
            "select min(case boot when ? then lease else 0.0 end) from jobs where status = 'running')",
            self._boot,
        )
        return None if row is None else row["time"]

    def _job(self, row: Row) -> Job:
        return rows.job_of(row, self._folder.pictures)

    def _is_of(self, row: Row, worker: str) -> bool:
        return bool(
            row["status"] == JobStatus.RUNNING and row["worker"] == worker and row["boot"] == self._boot
        )


OVERDUE = (
    "select 1 from jobs where status = 'running' and (lease <= ? or boot <> ?) union all "
    "select 1 from jobs where status = 'waiting' and deadline <= ? limit 1"
)


def wish(transaction: Transaction, folder: Folder, job: Job, now: float, boot: str) -> JobStatus:
    """Ask for a clip: see `store.Jobs.wish`. `now` and `boot` tell which leases and deadlines are over."""
    settle(transaction, now, boot, job.key)
    row = _row(transaction, job.key)
    status = None if row is None else JobStatus(row["status"])
    if status in (JobStatus.WAITING, JobStatus.RUNNING):
        # Visitors: the newest is still there. Programs: who asked first is served first.
        transaction.execute(
            "update jobs set deadline = max(deadline, ?), priority = max(priority, ?), "
            "created = case when request is null then max(created, ?) else created end where key = ?",
            (float(job.deadline), int(job.priority), float(job.created), job.key),
        )
        return status
    clip = newest(transaction, folder, job.key)
    if clip is None:
        _revive(transaction, folder, job, JobStatus.WAITING, 0, 0.0)
        return JobStatus.WAITING
    if status is not JobStatus.DONE:
        _revive(transaction, folder, job, JobStatus.DONE, clip.take, now)
    transaction.execute("update clips set used = ? where key = ?", (now, job.key))
    return JobStatus.DONE


def _revive(
    transaction: Transaction, folder: Folder, job: Job, status: JobStatus, take: int, settled: float
) -> None:
    """Enter a job, or begin again with the one that ended; its takes go on counting."""
    transaction.execute(
        "insert into jobs "
        "(key, generator, brief, spec, request, deadline, priority, created, status, take, settled) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (key) do update set "
        "generator = excluded.generator, brief = excluded.brief, spec = excluded.spec, "
        "request = excluded.request, reached = 0, "
        "deadline = excluded.deadline, priority = excluded.priority, created = excluded.created, "
        "status = excluded.status, attempts = 0, take = max(take, excluded.take), progress = 0, error = '', "
        "worker = '', lease = 0, boot = '', settled = excluded.settled",
        (
            job.key,
            job.spec.generator,
            rows.brief_text(job.brief),
            rows.spec_text(job.spec),
            None if job.request is None else rows.request_text(job.request, folder.pictures),
            float(job.deadline),
            int(job.priority),
            float(job.created),
            status.value,
            take,
            settled,
        ),
    )


def settle(transaction: Transaction, now: float, boot: str, key: str | None = None) -> None:
    """End the leases and the deadlines that ran out, of one key or of all."""
    narrow, values = ("", ()) if key is None else (" and key = ?", (key,))
    lapsed = transaction.execute(
        f"select * from jobs where status = 'running' and (lease <= ? or boot <> ?){narrow}",
        (now, boot, *values),
    ).fetchall()
    for row in lapsed:
        if row["attempts"] < MAX_ATTEMPTS:
            release(transaction, row, JobStatus.WAITING, "its worker stopped", now)
        else:
            error = f"given up after {MAX_ATTEMPTS} attempts: its workers stopped"
            release(transaction, row, JobStatus.FAILED, error, now)
    transaction.execute(
        "update jobs set status = 'expired', settled = ? where status = 'waiting' and deadline <= ?" + narrow,
        (now, now, *values),
    )


def release(transaction: Transaction, row: Row, status: JobStatus, error: str, now: float) -> None:
    """Take a running job from its worker and abort its draft."""
    transaction.execute(
        "update jobs set status = ?, error = ?, worker = '', lease = 0, boot = '', progress = 0, settled = ? "
        "where key = ?",
        (status.value, error, 0.0 if status is JobStatus.WAITING else now, row["key"]),
    )
    transaction.execute(
        "update drafts set state = 'aborted' where key = ? and take = ? and state = 'open'",
        (row["key"], row["take"]),
    )


def _start(transaction: Transaction, generator: str, now: float, per_minute: int | None) -> bool:
    """Enter a start of the generator, if it may have one more within this minute.

    A start far in the future is of a clock that was set back since, and counts no more.
    """
    transaction.execute("delete from starts where time <= ? or time >= ?", (now - MINUTE, now + MINUTE))
    started = transaction.execute("select count(*) from starts where generator = ?", (generator,)).fetchone()[
        0
    ]
    if per_minute is not None and started >= per_minute:
        return False
    transaction.execute("insert into starts (generator, time) values (?, ?)", (generator, now))
    return True


def _row(transaction: Transaction, key: str) -> Row | None:
    found: Row | None = transaction.execute("select * from jobs where key = ?", (key,)).fetchone()
    return found
