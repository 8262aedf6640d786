"""kill -9 between any two steps, and in the middle of them: nothing that was acknowledged is lost.

SIGKILL leaves the page cache alone, so these tests say nothing about a power cut; for that the store asks
for synchronous=FULL and syncs files and folders, which only a machine whose power is cut could prove.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mortal import LEASE, START, STEPS, film, make_clip

from reverie import config
from reverie.clock import ManualClock
from reverie.store import Store
from reverie.store.database import open_database
from reverie.values import JobStatus

SCRIPT = Path(__file__).with_name("mortal.py")


class Child:
    """A running `mortal.py`."""

    def __init__(self, folder: Path, worker: str = "child") -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(folder), worker],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def tell(self, command: str) -> None:
        self.stdin.write(command + "\n")
        self.stdin.flush()

    def hear(self) -> str:
        return self.stdout.readline().strip()

    def kill(self) -> list[str]:
        """SIGKILL; what it had acknowledged and nobody had heard yet."""
        self.process.kill()
        self.process.wait()
        rest = [line.strip() for line in self.stdout]
        self.stdin.close()
        self.stdout.close()
        return rest

    def finish(self) -> list[str]:
        """Let it come to its end; what it had acknowledged and nobody had heard yet."""
        out, _ = self.process.communicate()
        assert self.process.returncode == 0
        return out.split("\n")


@contextmanager
def reopened(folder: Path, boot: str = "boot-1") -> Iterator[tuple[Store, ManualClock]]:
    """The folder as the next program finds it, when the dead one's lease has run out."""
    clock = ManualClock(START + LEASE)
    store = open_database(config.Store(folder=folder, runtime=folder / "run"), clock, boot)
    try:
        yield store, clock
    finally:
        store.close()


def resume(store: Store, key: str) -> None:
    """Make what the dead program did not: its job waits again, with a take of its own."""
    job = store.jobs.claim(key, "heir", LEASE, None)
    assert job is not None
    draft, file = store.clips.open_draft(key, job.take, "toy-car")
    with file:
        file.write(film(key, job.take))
    assert store.jobs.finish(key, "heir", store.clips.keep(draft, make_clip(draft)))


@pytest.mark.parametrize(
    ("killed_after", "litter"),
    [
        ("moment", 0),
        ("wish", 0),
        ("claim", 0),
        # a draft that nobody writes any more
        ("draft", 1),
        ("write", 1),
        # in its place, and not entered
        ("keep", 1),
        ("finish", 0),
        ("play", 0),
        ("end", 0),
    ],
)
@pytest.mark.parametrize("boot", ["boot-1", "boot-2"])
def test_killed_between_two_steps(tmp_path: Path, killed_after: str, litter: int, boot: str) -> None:
    done = STEPS[: STEPS.index(killed_after) + 1]
    child = Child(tmp_path)
    assert child.hear() == "open"
    for step in done:
        child.tell(f"{step} k1")
        assert child.hear() == f"{step} k1"
    assert child.kill() == []

    with reopened(tmp_path, boot) as (store, _):
        same_boot = boot == "boot-1"
        assert [moment.id for moment in store.moments.recent(9)] == ["moment-k1"]
        assert len(store.moments.live()) == (1 if same_boot else 0)
        waiting = [job.key for job in store.jobs.waiting("board")]
        finished = "finish" in done
        assert waiting == ([] if finished else ["k1"])
        assert store.clips.draft("k1") is None
        assert store.clips.tidy() == litter
        if not finished:
            assert store.clips.get("k1") is None
            resume(store, "k1")
        job, clip = store.jobs.get("k1"), store.clips.get("k1")
        assert job is not None
        assert clip is not None
        assert job.status is JobStatus.DONE
        assert clip.path.read_bytes() == film("k1", clip.take)
        assert clip.take == (2 if "claim" in done and not finished else 1)
        on_screen = ["play-k1"] if done[-1] == "play" and same_boot else []
        assert [play.id for play in store.plays.on_screen()] == on_screen
        assert len(store.plays.recent(9)) == ("play" in done)
        assert store.plays.count("m") == ({("k1", 1): 1} if "end" in done else {})
        assert store.clips.tidy() == 0


@pytest.mark.parametrize("lines", [1, 17, 64, 150])
def test_killed_in_the_middle_of_its_work(tmp_path: Path, lines: int) -> None:
    child = Child(tmp_path)
    assert child.hear() == "open"
    child.tell("loop")
    heard = [child.hear() for _ in range(lines)]
    heard += child.kill()
    acknowledged = {(step, key) for step, key in (line.split() for line in heard if " " in line)}

    with reopened(tmp_path) as (store, _):
        waiting = {job.key for job in store.jobs.waiting("board")}
        opened = {moment.id for moment in store.moments.live()}
        played = {play.id: play.ended for play in store.plays.recent(10_000)}
        assert {f"moment-{key}" for step, key in acknowledged if step == "moment"} <= opened
        assert {f"play-{key}" for step, key in acknowledged if step == "play"} <= set(played)
        assert all(played[f"play-{key}"] for step, key in acknowledged if step == "end")
        for step, key in acknowledged:
            clip = store.clips.get(key)
            if step == "finish":
                assert clip is not None
                assert clip.path.read_bytes() == film(key, clip.take)
            elif step == "wish":
                assert clip is not None or key in waiting
        assert store.clips.tidy() <= 1
        files = sorted(path.name for path in tmp_path.glob("[cd]*/**/*.mp4"))
        assert files == sorted(clip.path.name for clip in store.clips.recent(10_000))
        for key in waiting:
            resume(store, key)
        assert store.jobs.counts()["done"] == len(files) + len(waiting)


def test_programs_that_start_at_once_on_a_new_folder_share_the_work(tmp_path: Path) -> None:
    children = [Child(tmp_path, f"worker-{n}") for n in range(3)]
    keys = [f"k{n}" for n in range(30)]
    assert [child.hear() for child in children] == ["open"] * 3
    for key in keys:
        children[0].tell(f"wish {key}")
        assert children[0].hear() == f"wish {key}"
    for child in children:
        child.tell(f"work {len(keys)}")
    finished = Counter(line.split()[1] for child in children for line in child.finish() if "finish" in line)
    assert finished == Counter(keys), "each job was finished once"
    with reopened(tmp_path) as (store, _):
        assert all(clip.take == 1 for clip in store.clips.recent(99))
        assert store.clips.total() == (30, 30 * 96)
