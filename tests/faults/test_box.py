"""The whole box as `reverie run` starts it: killed children, a full or read-only disk, a second run."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from box import BANANA, until

from reverie import config
from reverie.clock import SystemClock
from reverie.store import Store, open_store

YAML = """\
cameras: [{{name: test, source: "scripted:160x120@25"}}]
detector: {{model: "scripted:{script}", motion: 0}}
events: {{cooldown: 1}}
story: {{hold: 3}}
generators: [{{width: 160, height: 120, fps: 10}}]
store: {{folder: {data}, runtime: {folder}/run}}
serve: {{port: 0}}
"""


class Running:
    """A `reverie run --headless` in its own process."""

    def __init__(self, folder: Path, *more: str, data: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "seen.json").write_text(json.dumps(BANANA))
        self.data = data or folder / "data"
        self.file = folder / "reverie.yaml"
        self.file.write_text(YAML.format(script=folder / "seen.json", folder=folder, data=self.data))
        self.settings = config.load(self.file)
        self.out = folder / "out.txt"
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "reverie", "run", "-c", str(self.file), "--headless", *more],
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def told(self) -> str:
        return self.out.read_text()

    def child(self, program: str) -> psutil.Process | None:
        """The running process of a program."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children():
                if program in child.cmdline():
                    return child
        return None

    def end(self) -> float:
        """Ctrl-C; how many seconds it took to end everything."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)
        took = time.monotonic() - began
        assert not [c for c in children if c.is_running() and c.status() != psutil.STATUS_ZOMBIE]
        return took


@contextlib.contextmanager
def running(folder: Path, *more: str, data: Path | None = None) -> Iterator[tuple[Running, Store]]:
    box = Running(folder, *more, data=data)
    store = None
    try:
        assert until(lambda: (box.data / "reverie.db").exists(), 30), box.told()
        store = open_store(box.settings.store, SystemClock())
        yield box, store
    finally:
        if store is not None:
            store.close()
        if box.process.poll() is None:
            box.process.kill()
            box.process.wait()


def plays(store: Store) -> int:
    return len([p for p in store.plays.recent(1000) if p.moment])


def test_each_program_killed_comes_back_and_the_screen_goes_on(tmp_path: Path) -> None:
    with running(tmp_path) as (box, store):
        assert until(lambda: plays(store) > 0, 60), box.told()
        for program in ("watch", "generate/storyboard", "serve"):
            victim = box.child(program)
            assert victim is not None
            before = plays(store)
            victim.kill()
            assert until(lambda p=program, v=victim: (c := box.child(p)) is not None and c.pid != v.pid), (  # type: ignore[misc]
                box.told()
            )
            assert until(lambda n=before: plays(store) > n, 60), box.told()  # type: ignore[misc]
        assert box.end() < 3.0
    told = box.told()
    assert told.count("ended (signal 9)") == 3
    assert "Traceback" not in told


def test_children_leave_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with running(tmp_path) as (box, store):
        assert until(lambda: plays(store) > 0, 60), box.told()
        children = psutil.Process(box.process.pid).children()
        assert len(children) == 3
        box.process.kill()
        box.process.wait()
        assert until(lambda: not any(c.is_running() for c in children), 15)


def test_a_second_run_on_the_same_folder_says_so_and_leaves(tmp_path: Path) -> None:
    with running(tmp_path) as (box, store):
        assert until(lambda: box.child("serve") is not None, 30)
        second = subprocess.run(
            [sys.executable, "-m", "reverie", "run", "-c", str(box.file)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert second.returncode == 1
        assert str(box.process.pid) in second.stderr
        assert "Traceback" not in second.stderr
        assert box.process.poll() is None
        assert store.jobs.counts() is not None


def test_the_report_is_measured_in_the_run(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with running(tmp_path, "--seconds", "8", "--report", str(report)) as (box, _):
        assert box.process.wait(60) == 0, box.told()
    told = json.loads(report.read_text())
    assert set(told) == {
        "frames", "seconds", "fps", "events", "moments", "jobs", "clips", "plays", "latency_s",
        "skipped_frames", "restarts", "errors",
    }  # fmt: skip
    assert told["seconds"] == pytest.approx(8, abs=1)
    assert told["fps"] == pytest.approx(25, rel=0.3)
    assert told["events"]["shown"] >= 1
    assert told["moments"] >= 1
    assert told["clips"] >= 1
    assert told["errors"] == []
    assert set(told["restarts"].values()) == {0}
    shown = [p for p in told["plays"] if p["rung"] in ("draft", "clip")]
    assert shown
    assert all(p["seen_to_play_s"] >= 0 for p in shown)
    assert told["latency_s"]["camera_to_event"]["p95"] > 0


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own in memory; needs root."""
    folder.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        ).returncode
    ):
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_is_told_and_recovers_without_a_restart(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk", "6m") as disk,
        running(tmp_path / "box", data=disk / "data") as (box, store),
    ):
        assert until(lambda: plays(store) > 0, 60), box.told()
        pids = {c.pid for c in psutil.Process(box.process.pid).children()}
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16))

        def waits() -> bool:
            return any(h.state == "waiting" and "full" in h.detail for h in store.health.all())

        assert until(waits, 60), box.told()
        before = plays(store)
        ballast.unlink()
        assert until(lambda: plays(store) > before, 60), box.told()
        assert until(lambda: not waits(), 30)
        assert {c.pid for c in psutil.Process(box.process.pid).children()} == pids
        assert "Traceback" not in box.told()


def test_a_read_only_folder_is_a_clear_message(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        file = tmp_path / "r.yaml"
        file.write_text(f"cameras: [{{source: 'scripted:160x120@25'}}]\nstore: {{folder: {disk}/data}}\n")
        done = subprocess.run(
            [sys.executable, "-m", "reverie", "run", "-c", str(file), "--port", "0"],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert "cannot be written" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
