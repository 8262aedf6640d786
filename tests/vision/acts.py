"""Little scenes: people and things that move by key times, seen as by a detector, with the real tracker.

A scene is a list of `Act`s. Somebody in front of a thing hides it, as on a real shelf.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from reverie.values import Box, Detection, Event, Image, Joints
from reverie.vision.events import Rules
from reverie.vision.rules.hands import overlap
from reverie.vision.tracker import Tracker

START = 1_000_000.0

BODY = 0.16, 0.7
"""Width and height of a person, in fractions."""
SMALL = 0.05, 0.1
"""The same of a thing in a hand."""


@dataclass(frozen=True)
class Act:
    """Something that is in the picture from its first to its last key: (time, x, y) of its middle.

    `front`: nobody hides it. `joints` are those of somebody at a time and in a box, where a pose model looks.
    """

    label: str
    keys: tuple[tuple[float, float, float], ...]
    size: tuple[float, float] = SMALL
    front: bool = False
    joints: Callable[[float, Box], Joints] = lambda t, box: ()

    def at(self, t: float) -> Box | None:
        times = [key[0] for key in self.keys]
        if not times[0] <= t <= times[-1]:
            return None
        x = float(np.interp(t, times, [key[1] for key in self.keys]))
        y = float(np.interp(t, times, [key[2] for key in self.keys]))
        (w, h) = self.size
        box = Box(max(0.0, x - w / 2), max(0.0, y - h / 2), min(1.0, x + w / 2), min(1.0, y + h / 2))
        return box if box.area > 0.3 * w * h else None


def person(
    *keys: tuple[float, float], y: float = 0.6, joints: Callable[[float, Box], Joints] = lambda t, box: ()
) -> Act:
    """Somebody whose middle is at x at each time."""
    return Act("person", tuple((t, x, y) for t, x in keys), BODY, joints=joints)


def thing(label: str, *keys: tuple[float, float, float], front: bool = False) -> Act:
    """A thing on its way; `front`: held so that no body hides it."""
    return Act(label, keys, SMALL, front)


def seen(acts: Sequence[Act], t: float) -> list[Detection]:
    """What is to be detected at `t`: all but what somebody stands before."""
    boxes = [(act, box) for act in acts if (box := act.at(t)) is not None]
    bodies = [box for act, box in boxes if act.label == "person"]
    return [
        Detection(act.label, 0.8, box, act.joints(t, box))
        for act, box in boxes
        if act.label == "person" or act.front or all(overlap(box, body) < 0.4 for body in bodies)
    ]


def play(
    rules: Rules,
    acts: Sequence[Act],
    seconds: float,
    fps: float = 10,
    *,
    jitter: float = 0.0,
    missed: Callable[[int, Detection], bool] = lambda look, detection: False,
    image: Callable[[float], Image | None] = lambda t: None,
    seed: int = 0,
) -> list[Event]:
    """The events of a scene. `missed`: what the detector does not see in a look, by its number."""
    tracker, rng, events = Tracker(), random.Random(seed), []
    for i in range(round(seconds * fps)):
        t = i / fps
        detections = [_shaken(d, jitter, rng) for d in seen(acts, t) if not missed(i, d)]
        events += rules.update(tracker.update(detections, START + t), START + t, image(t))
    return events


def _shaken(detection: Detection, jitter: float, rng: random.Random) -> Detection:
    """Its box off by up to `jitter` of its own size."""
    box = detection.box
    dx, dy = (jitter * rng.uniform(-1, 1) * side for side in (box.right - box.left, box.bottom - box.top))
    shaken = Box(
        max(0.0, box.left + dx), max(0.0, box.top + dy), min(1.0, box.right + dx), min(1.0, box.bottom + dy)
    )
    return Detection(detection.label, detection.score, shaken, detection.joints)


def story(events: Sequence[Event], *kinds: str) -> str:
    """Kinds and whole seconds of events of these kinds: "picked_up@19 put_back@24"."""
    return " ".join(f"{e.kind}@{e.time - START:.1f}" for e in events if e.kind in kinds)
