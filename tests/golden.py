"""What the storyboard's pictures look like, as fingerprints: which films, and how two pictures compare.

`tools/make_golden.py` writes them down, `tests/video/storyboard/test_golden.py` compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from reverie.values import Brief, Image, Light, Shot
from reverie.video.storyboard.acting.actions import ACTIONS
from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.film import open_film
from reverie.video.storyboard.places.grading import INDOORS, OUTDOORS
from reverie.video.storyboard.places.sets import SETTINGS

FILE = Path(__file__).parent / "video" / "storyboard" / "golden.json"

SIZE = (160, 120)
TIMES = (0.25, 0.5, 0.85)
"""Shares of a film at which it is looked at."""

COLUMNS, ROWS = 16, 12
"""A fingerprint's grid: cells are 10 pixels square, a letter of the caption is 8."""

STEP = 5.0
"""Two neighbouring cells differ where their mean luma does by more than this (of 255): what rounding on
another machine changes is far below."""

TOLERANCE = 7
"""Signs of a fingerprint's 356 that may differ. A missing caption changes eight at the least and about
twenty as a rule, a subject moved by a tenth of the width more (test_golden.py)."""

_TOPICS = ("headphones", "magnet", "rocket", "seed-to-plant", "volcano", "water-cycle")
_CAST = ("dog", "child", "robot", "cat", "woman", "teddy bear", "bird", "car", "elephant")


def briefs() -> Iterator[tuple[str, Brief]]:
    """The films that are looked at, by name: every setting in its lights, each third action, some topics."""
    lights: tuple[Light, ...] = ("day", "dawn", "dusk", "night")
    for i, setting in enumerate(sorted(SETTINGS)):
        chosen = lights if setting in OUTDOORS else ("day", "night") if setting in INDOORS else ("day",)
        for light in chosen:
            subject = _CAST[i % len(_CAST)]
            caption = f"A {subject}: {setting}, {light}" if i % 2 else "看，它就在这里！"
            yield (
                f"{setting}/{light}",
                _brief("show/x", (_shot(subject, "appear", None, setting, caption, light),)),
            )
    for i, action in enumerate(sorted(ACTIONS)[::3]):
        subject = _CAST[i % 5]
        shot = _shot(subject, action, "ball" if i % 2 else None, "park", f"It can {action}", "day")
        yield f"action/{action}", _brief("show/x", (shot,))

    for topic in _TOPICS:
        shots = tuple(_shot("child", "appear", None, "park", f"Part {i}", "day") for i in (1, 2, 3))
        yield f"topic/{topic}", _brief(topic, shots)


def _shot(subject: str, action: str, thing: str | None, setting: str, caption: str, light: Light) -> Shot:
    return Shot(subject, action, thing, setting, "calm", caption, 2.4, light)


def _brief(topic: str, shots: tuple[Shot, ...]) -> Brief:
    return Brief(topic, shots, "plain", "en")


def pictures(brief: Brief) -> list[Image]:
    """The film at `TIMES`."""
    canvas = Canvas(*SIZE)
    film = open_film(brief, canvas, brief.seconds, 7)
    found = []
    for share in TIMES:
        film.draw(canvas, share * brief.seconds)
        found.append(canvas.picture())
    return found


def fingerprint(picture: Image) -> str:
    """For each cell of a coarse grid whether its right and its lower neighbour is darker (-), alike (0) or
    brighter (+)."""
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    cells = cv2.resize(gray.astype(np.float32), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    steps = np.concatenate([np.diff(cells, axis=1).ravel(), np.diff(cells, axis=0).ravel()])
    return "".join("+" if step > STEP else "-" if step < -STEP else "0" for step in steps)


def apart(one: str, other: str) -> float:
    """How many signs of two fingerprints differ: from alike to not, half; from darker to brighter, one."""
    return sum(0.5 if "0" in (a, b) else 1.0 for a, b in zip(one, other, strict=True) if a != b)
