"""How often is a pick-up told that is none, and how often is one told rightly, and how late?

python bench/handling.py [--scenes 40] [--json FILE]

Scripted scenes through the real tracker and rules (tests/vision/acts.py), at 10, 5 and 2.5 looks a second,
with 0, 10 and 30 % of the detections of things missed (half as many of people) and boxes that tremble by a
tenth of their size; without pictures, so that what the detector misses cannot be looked up. There is no
footage of real shoppers behind these figures: read them as what the logic can do, not as what a shop sees.

`bystanders`: four things on a shelf; people pass, stand about, and hold things of their own, some of the same
kind, before it. Any event of handling is false. `shoppers`: one takes the one in the middle, in the hand or
into a bag, and walks off with it, puts it back, or puts it elsewhere on the shelf.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from table import Row, percentile, show, write

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "vision"))
from acts import START, Act, person, play, thing

from reverie import config
from reverie.values import Detection, Event
from reverie.vision.events import Rules

KINDS = "picked_up", "put_back", "taken_away"
RATES = 10.0, 5.0, 2.5
MISSED = 0.0, 0.1, 0.3
JITTER = 0.1
SHELF = (("bottle", 0.3), ("bottle", 0.5), ("cup", 0.65), ("bottle", 0.85))


def bystanders(rng: random.Random) -> list[Act]:
    """People who touch nothing, from 14 to 70 s."""
    acts, t = [thing(label, (0, x, 0.5), (100, x, 0.5)) for label, x in SHELF], 14.0
    while t < 70:
        x, speed, stay = rng.uniform(0.1, 0.9), rng.uniform(1.5, 5), rng.choice([0.0, 1.0, 4.0, 10.0])
        begin, end = rng.choice([-0.15, 1.15]), rng.choice([-0.2, 1.2])
        keys = (t, begin), (t + speed, x), (t + speed + stay, x), (t + 2 * speed + stay, end)
        acts.append(person(*keys))
        if rng.random() < 0.6:
            beside, y = rng.uniform(-0.06, 0.06), rng.uniform(0.45, 0.7)
            held = [(at, where + beside, y) for at, where in keys]
            acts.append(thing(rng.choice(["bottle", "cup", "book"]), *held, front=rng.random() < 0.7))
        t += rng.uniform(1, 9)
    return acts


def shopper(rng: random.Random) -> tuple[list[Act], list[str], float]:
    """What somebody does with the thing in the middle, what is to be told, and when it was lifted."""
    deed = rng.choice(["hand", "bag", "back", "elsewhere"])
    acts = [thing(label, (0, x, 0.5), (60, x, 0.5)) for label, x in SHELF if x != 0.5]
    side, come, lift, hold = (
        rng.choice([-1, 1]),
        rng.uniform(1.5, 4),
        rng.uniform(0.5, 2),
        rng.uniform(1.5, 5),
    )
    stand, out = 0.5 + 0.11 * side, 0.5 + 0.75 * side
    lifted = 14 + come + lift
    leave = lifted + 1 + hold + 1
    acts.append(person((14, out), (14 + come, stand), (leave, stand), (leave + 4, out)))
    chest, still = (stand + 0.01 * side, 0.45), (0, 0.5, 0.5)
    if deed == "bag":
        return [*acts, thing("bottle", still, (lifted, 0.5, 0.5))], ["picked_up", "taken_away"], lifted
    way = [still, (lifted, 0.5, 0.5), (lifted + 1, *chest), (lifted + 1 + hold, *chest)]
    match deed:
        case "hand":
            way += [(leave, *chest), (leave + 4, out + 0.01 * side, 0.45)]
        case "back":
            way += [(leave, 0.5, 0.5), (60, 0.5, 0.5)]
        case "elsewhere":
            way += [(leave, 0.5 + 0.25 * side, 0.5), (60, 0.5 + 0.25 * side, 0.5)]
    ends = ["taken_away"] if deed == "hand" else ["put_back"]
    return [*acts, thing("bottle", *way, front=True)], ["picked_up", *ends], lifted


def told(acts: Sequence[Act], seconds: float, fps: float, missed: float, seed: int) -> list[Event]:
    """The events of handling in one scene."""
    rng = random.Random(seed)

    def is_missed(look: int, detection: Detection) -> bool:
        return rng.random() < (missed / 2 if detection.label == "person" else missed)

    rules = Rules([], [], config.Events(cooldown=0, dwell=99))
    events = play(rules, acts, seconds, fps, jitter=JITTER, missed=is_missed, seed=seed)
    return [event for event in events if event.kind in KINDS]


def row(fps: float, missed: float, scenes: int) -> Row:
    """All scenes at one rate and with one share of missed detections."""
    false, right, delays, began = 0, 0, list[float](), time.process_time()
    for seed in range(scenes):
        false += bool(told(bystanders(random.Random(seed)), 90, fps, missed, seed))
        acts, expected, lifted = shopper(random.Random(1000 + seed))
        events = told(acts, 60, fps, missed, seed)
        if [event.kind for event in events] == expected:
            right += 1
            delays.append(events[0].time - START - lifted)
    spent = time.process_time() - began
    return {
        "looks a second": fps,
        "missed": missed,
        "scenes of each": scenes,
        "bystanders: scenes with a false event": false,
        "shoppers: told rightly": right / scenes,
        "picked_up late by s, median": percentile(delays, 50) if delays else None,
        "p95": percentile(delays, 95) if delays else None,
        "CPU ms a look": 1000 * spent / (scenes * 150 * fps),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scenes", type=int, default=40)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = [row(fps, missed, asked.scenes) for fps in RATES for missed in MISSED]
    show("Handling: scripted scenes", rows, note="Hard on purpose; no footage of real shoppers.")
    if asked.json:
        write(asked.json, "handling", rows)


if __name__ == "__main__":
    main()
