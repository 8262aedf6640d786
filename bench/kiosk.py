"""Event to first picture in a real Chromium, with the box at work: clips from the cache and new storyboards.

python bench/kiosk.py [--rounds 30] [--json FILE]

All three programs run: `watch` looks at the demo footage at 25 frames a second and detects ten times a
second, the kiosk plays. A moment is told through the API, as a button would; the time runs from its commit to
the first picture that Chromium has presented (`requestVideoFrameCallback`). For clips from the cache another
storyboard is being rendered all the while.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from loop import Busy, footage, program
from playwright.sync_api import Page, sync_playwright
from table import Row, percentile, show, write

from reverie import config
from reverie.clock import SystemClock
from reverie.store import open_store
from reverie.story.director import Director
from reverie.story.library import load_library
from reverie.supervise import free_port

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
import ensure

SHOWN = (
    "moment => { const m = __reverie.marks.find(m => m.moment == moment && m.displayed); return m ?? null; }"
)


def shown(page: Page, client: httpx.Client, topic: str) -> dict[str, Any]:
    """Ask for a topic; what the kiosk noted of its first picture."""
    told = client.post("/api/show", json={"topic": topic})
    told.raise_for_status()
    return until(page, SHOWN, told.json()["moment"])


def until(page: Page, script: str, argument: str = "") -> dict[str, Any]:
    """Ask the page until it answers; the page allows no `eval`, so it cannot be asked to wait."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        answer: dict[str, Any] | None = page.evaluate(script, argument)
        if answer:
            return answer
        time.sleep(0.05)
    raise SystemExit(f"the kiosk did not show it within 20 s: {script}")


def row(what: str, marks: list[dict[str, Any]]) -> Row:
    """Times of one kind of play, in seconds."""
    waits = [(m["displayed"] - m["opened"]) / 1000 for m in marks]
    cues = [(m["sent"] - m["opened"]) / 1000 for m in marks]
    return {
        "what": what,
        "plays": len(marks),
        "p50 s": percentile(waits, 50),
        "p95 s": percentile(waits, 95),
        "max s": max(waits),
        "of that until the cue, p50 s": percentile(cues, 50),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=30)
    asked.add_argument("--json", type=Path)
    options = asked.parse_args()
    chromium = ensure.find()
    if chromium is None:
        raise SystemExit("no Chromium that plays H.264: apt-get install chromium")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = config.Config(
            cameras=(config.Camera(source=str(footage(folder))),),
            # It looks, but tells nothing: the only moments are those that are timed.
            detector=config.Detector(rate=10, motion=0),
            events=config.Events(dwell=86_400, inertia=86_400, shown_seconds=86_400),
            story=config.Story(hold=6),
            store=config.Store(folder=folder / "data"),
            serve=config.Serve(port=free_port(config.Serve(port=0))),
        )
        snapshot = folder / "config.json"
        snapshot.write_bytes(config.snapshot(settings)[1])
        store = open_store(settings.store, SystemClock())
        topics = [
            topic
            for topic in Director(load_library(None), settings.story).topics()
            if topic.startswith("show/") and not topic.endswith("*")
        ][: options.rounds]
        url = f"http://127.0.0.1:{settings.serve.port}"
        drafts: list[dict[str, Any]] = []
        clips: list[dict[str, Any]] = []
        with (
            program("serve", snapshot),
            program("watch", snapshot),
            program("generate/storyboard", snapshot),
            sync_playwright() as playwright,
            httpx.Client(base_url=url) as client,
        ):
            time.sleep(8)
            browser = playwright.chromium.launch(
                executable_path=chromium,
                args=[*ensure.FLAGS, "--autoplay-policy=no-user-gesture-required"],
            )
            page = browser.new_page(viewport={"width": 640, "height": 480})
            page.goto(url)
            until(page, "() => window.__reverie?.marks.find(m => m.displayed)")
            for topic in topics:
                drafts.append(shown(page, client, topic))
                time.sleep(4)  # its film ends, its clip is entered
            with Busy(settings, store):
                for topic in topics:
                    clips.append(shown(page, client, topic))
                    time.sleep(2.5)
            browser.close()
        store.close()
    rows = [
        row("clip from the cache, another storyboard rendering", [m for m in clips if m["rung"] == "clip"]),
        row("new storyboard, played while it is drawn", [m for m in drafts if m["rung"] == "draft"]),
    ]
    others = [m["rung"] for m in clips if m["rung"] != "clip"] + [
        m["rung"] for m in drafts if m["rung"] != "draft"
    ]
    show(
        "Moment to first picture in Chromium (2 cores)",
        rows,
        note=f"played on another rung: {others or 'none'}",
    )
    if options.json:
        write(options.json, "kiosk", rows)


if __name__ == "__main__":
    main()
