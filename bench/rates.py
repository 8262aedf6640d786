"""The same events at any rate? Recorded detections of real people, played at 10, 5 and 2.5 looks a second.

python bench/rates.py [--json FILE]

The recording (tests/vision/recorded) is what the embedded detector saw in every frame of vtest.avi; the rules
are tests/vision/golden/vtest.yaml. An event is the same when one of its kind, zone and direction is told no
more than one interval of both rates apart (or two of the slower one). Rows are means over all ways to leave
frames out.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from table import Row, show, write

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "vision"))
from played import FPS, RULES, agreement, recording

from reverie import config
from reverie.values import Event
from reverie.vision.events import Rules
from reverie.vision.tracker import Tracker

VARIANTS: dict[str, dict[str, float]] = {
    "as it is": {},
    "births from .35": {"birth": 0.35},
    "ids kept for 1.5 s": {"lost": 1.5},
    "confirmed after .3 s": {"confirm": 0.3},
}
"""The tracker with one setting changed."""


def events_of(every: int, phase: int, changed: dict[str, float]) -> tuple[list[Event], int, float]:
    """Events, ids given to people, and CPU seconds a look, of one frame in `every` from frame `phase` on."""
    rules = config.load_rules(RULES)
    camera, tracker = rules.cameras[0], Tracker(**changed)
    judge, events, ids = Rules(camera.zones, camera.lines, rules.events), list[Event](), set[int]()
    looks = range(phase, len(recording()), every)
    began = time.process_time()
    for index in looks:
        tracks = tracker.update(recording()[index], index / FPS)
        ids |= {track.id for track in tracks if track.label == "person"}
        events += judge.update(tracks, index / FPS)
    return events, len(ids), (time.process_time() - began) / len(looks)


def rows() -> list[Row]:
    """One for each variant and rate."""
    told: list[Row] = []
    for name, changed in VARIANTS.items():
        full = events_of(1, 0, changed)[0]
        told += [{"tracker": name, **_row(full, every, changed)} for every in (1, 2, 4)]
    return told


def _row(full: Sequence[Event], every: int, changed: dict[str, float]) -> Row:
    played = [events_of(every, phase, changed) for phase in range(every)]
    interval = every / FPS
    one = [agreement(full, events, interval + 1 / FPS) for events, _, _ in played]
    two = [agreement(full, events, 2 * interval + 1 / FPS) for events, _, _ in played]
    return {
        "looks a second": FPS / every,
        "events": mean(len(events) for events, _, _ in played),
        "ids": mean(ids for _, ids, _ in played),
        "same within one interval": mean(one),
        "in the worst phase": min(one),
        "within two": mean(two),
        "CPU ms a look": 1000 * mean(cpu for _, _, cpu in played),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    told = rows()
    show(
        "Events at any rate (vtest.avi, recorded detections of the embedded detector)",
        told,
        note="Compared with ten looks a second by the same tracker. CPU: tracker and rules together.",
    )
    if options.json:
        write(options.json, "rates", told)


if __name__ == "__main__":
    main()
