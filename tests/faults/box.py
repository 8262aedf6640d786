"""What the fault tests share: small configurations, a program in its own process, waiting for a condition."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from reverie import config

CHILD = Path(__file__).parent / "child.py"

BANANA = {
    "labels": ["banana", "person"],
    "period": 125,
    "paths": [
        {
            "label": "banana",
            "score": 0.9,
            "keys": [[0, [0.3, 0.3, 0.7, 0.7]], [50, [0.3, 0.3, 0.7, 0.7]]],
        }
    ],
}
"""A thing held to the camera for two seconds of every five: large, central, steady."""


def small(folder: Path, **serve: object) -> config.Config:
    """A box that needs no hardware: scripted camera and detector, a storyboard of 160x120 at 10 fps."""
    script = folder / "seen.json"
    script.parent.mkdir(parents=True, exist_ok=True)
    if not script.exists():
        script.write_text(json.dumps(BANANA))
    return config.Config(
        cameras=(config.Camera(name="test", source="scripted:160x120@25"),),
        detector=config.Detector(model=f"scripted:{script}", motion=0),
        events=config.Events(cooldown=1),
        generators=(config.Generator(width=160, height=120, fps=10),),
        store=config.Store(folder=folder / "data", runtime=folder / "run"),
        serve=config.Serve(port=0, **serve),  # type: ignore[arg-type]
    )


def start(program: str, settings: config.Config, folder: Path, kill: str = "") -> subprocess.Popen[bytes]:
    """A program in its own process; `kill` is where it ends itself by SIGKILL ("after jobs.claim")."""
    snapshot = folder / "snapshot.json"
    snapshot.write_bytes(config.snapshot(settings)[1])
    return subprocess.Popen(
        [sys.executable, str(CHILD), program, str(snapshot), kill],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def until(true: Callable[[], bool], timeout: float = 30.0) -> bool:
    """Ask every 20 ms until `true` says so; False when it did not within `timeout` seconds."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if true():
            return True
        threading.Event().wait(0.02)
    return true()
