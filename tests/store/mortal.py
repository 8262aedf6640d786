"""A program on a data folder, made to be killed: it takes one command a line and acknowledges each.

    python mortal.py FOLDER WORKER      then on stdin:
        moment K, wish K, claim K, draft K, write K, keep K, finish K, play K, end K: one step each
        loop: all of them for k0, k1, … for ever
        work N: claims and makes what waits, until N jobs are done
        orders: places an order with its picture for k0, k1, … for ever

Prints a line when a step returned. Its clock stands still at START and its boot is "boot-1".
"""

from __future__ import annotations

import hashlib
import itertools
import sys
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from reverie import config
from reverie.clock import ManualClock
from reverie.store.database import open_database
from reverie.values import (
    Brief,
    Clip,
    ClipSpec,
    Command,
    Draft,
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
LEASE = 10.0
STEPS = ("moment", "wish", "claim", "draft", "write", "keep", "finish", "play", "end")


def film(key: str, take: int) -> bytes:
    """What the clip is made of: 96 bytes."""
    return hashlib.sha256(f"{key}/{take}".encode()).digest() * 3


def make_job(key: str) -> Job:
    shot = Shot("child", "drives", "toy car", "street", "happy", "Vroom!", 3.0)
    spec = ClipSpec("board", "v1", 640, 480, 72, 24)
    return Job(key, Brief("toy-car", (shot,), "playful", "en"), spec, START + 1000, 20, START)


def make_clip(draft: Draft) -> Clip:
    data = film(draft.key, draft.take)
    digest = hashlib.sha256(data).hexdigest()
    return Clip(draft.key, draft.take, draft.path, digest, 3.0, len(data), "toy-car", "board", {}, START)


class Mortal:
    """One method a step; what a step made is kept for the next."""

    def __init__(self, folder: Path, worker: str) -> None:
        settings = config.Store(folder=folder, runtime=folder / "run")
        self.store = open_database(settings, ManualClock(START), "boot-1")
        self.worker = worker
        self.jobs: dict[str, Job] = {}
        self.drafts: dict[str, tuple[Draft, BinaryIO]] = {}
        self.clips: dict[str, Clip] = {}

    def moment(self, key: str) -> None:
        moment = Moment(
            f"moment-{key}",
            Command(START, "t"),
            make_job(key).brief,
            (Wish("board", key),),
            START,
            START + 1000,
        )
        self.store.moments.open(moment, [make_job(key)])

    def wish(self, key: str) -> None:
        self.store.jobs.wish(make_job(key))

    def claim(self, key: str) -> None:
        job = self.store.jobs.claim(key, self.worker, LEASE, None)
        assert job is not None
        self.jobs[key] = job

    def draft(self, key: str) -> None:
        self.drafts[key] = self.store.clips.open_draft(key, self.jobs[key].take, "toy-car")
        self.drafts[key][1].write(film(key, self.jobs[key].take)[:50])

    def write(self, key: str) -> None:
        with self.drafts[key][1] as file:
            file.write(film(key, self.jobs[key].take)[50:])

    def keep(self, key: str) -> None:
        draft, _ = self.drafts[key]
        self.clips[key] = self.store.clips.keep(draft, make_clip(draft))

    def finish(self, key: str) -> None:
        assert self.store.jobs.finish(key, self.worker, self.clips[key])

    def play(self, key: str) -> None:
        take = self.jobs[key].take
        self.store.plays.start(Play(f"play-{key}", "main", key, take, Rung.CLIP, "m", "", START, START))

    def end(self, key: str) -> None:
        self.store.plays.end(f"play-{key}", START + 3)

    def order(self, key: str) -> None:
        picture = self.store.orders.keep_picture(key.encode(), ".png")
        job = replace(make_job(key), request=Request("a cat", picture=picture))
        order = Order(f"order-{key}", key, "board", "a cat", 640, 480, 3.0, START, job.deadline)
        self.store.orders.place(order, job)

    def do(self, step: str, key: str) -> None:
        getattr(self, step)(key)
        print(step, key, flush=True)

    def make(self, key: str) -> None:
        for step in STEPS:
            self.do(step, key)

    def work(self, count: int) -> None:
        """Claim and make what waits, beside others who do the same, until `count` jobs are done."""
        while self.store.jobs.counts()["done"] < count:
            for waiting in self.store.jobs.waiting("board"):
                job = self.store.jobs.claim(waiting.key, self.worker, LEASE, None)
                if job is not None:
                    self.jobs[job.key] = job
                    for step in ("draft", "write", "keep", "finish"):
                        self.do(step, job.key)


def main() -> None:
    mortal = Mortal(Path(sys.argv[1]), sys.argv[2])
    print("open", flush=True)
    for line in sys.stdin:
        match line.split():
            case ["loop"]:
                for n in itertools.count():
                    mortal.make(f"k{n}")
            case ["orders"]:
                for n in itertools.count():
                    mortal.do("order", f"k{n}")
            case ["work", count]:
                mortal.work(int(count))
            case [step, key] if step in STEPS:
                mortal.do(step, key)
            case _:
                raise SystemExit(f"no such command: {line!r}")


if __name__ == "__main__":
    main()
