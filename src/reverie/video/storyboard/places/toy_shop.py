"""The toy shop of the toy car and the building blocks: endless shelves, and a rug with a road on it."""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.video.storyboard.art.canvas import FOOT, Canvas
from reverie.video.storyboard.art.clay import Point, Shape, box, land
from reverie.video.storyboard.art.easing import TAU
from reverie.video.storyboard.art.light import SHADOW, soft
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.score import Strip

FLOOR = 322.0
"""Where the wall ends, virtual units."""

GOODS = (
    *("teddy-bear", "robot", "soccer-ball", "kite", "rocket", "puzzle-piece", "yo-yo", "video-game"),
    *("wrapped-gift", "basketball", "nesting-dolls", "drum", "unicorn", "panda", "locomotive", "guitar"),
    "sailboat",
)

_WALLS = (
    ("#ffdcae", "#ffbf91", "#b3683f"),
    ("#d9ecff", "#a9cdf5", "#5b7fc0"),
    ("#ffe0ec", "#f8b6cf", "#b8608a"),
)
"""Wall above, wall below, shelf back."""


def wall(canvas: Canvas, style: int) -> Strip:
    """Shelves full of toys, a little out of focus; `style` picks their colours."""
    height, width = canvas.pixels.shape[:2]
    return _wall(width, height, style % len(_WALLS))


def rug(canvas: Canvas, road: bool) -> Strip:
    """The floor with a round-edged rug on it: with a road to drive on, or plain and soft."""
    height, width = canvas.pixels.shape[:2]
    return _rug(width, height, road)


@lru_cache(3)
def _wall(width: int, height: int, style: int) -> Strip:
    screen = Canvas(width, height)
    period = max(840.0, screen.wide + 40)
    return Strip(
        screen, period, lambda c, x: _shelves(c, x, period, style), depth=0.45, blur=1.5, until=FLOOR + 26
    )


def _shelves(canvas: Canvas, x0: float, period: float, style: int) -> None:
    top, low, back = _WALLS[style]
    rng = random.Random(style)
    land(canvas, [(x0, -60), (x0 + period, -60), (x0 + period, 420), (x0, 420)], top, low, 0)
    for row in range(4):
        y = 10 + row * 84
        box(canvas, x0 - 4, y - 66, period + 8, 68, 2, back, _lighter(back), 0)
        count = int(period / 66)
        for i in range(count):
            x = x0 + period * (i + 0.5 + rng.uniform(-0.14, 0.14)) / count
            name, high = rng.choice(GOODS), rng.uniform(46, 58)
            canvas.draw(soft(SHADOW, 1.2), x + 3, y - 1, 9, wide=6.5, alpha=0.5)
            canvas.draw(sprite(name), x, y, high, anchor=FOOT, turn=rng.uniform(-3, 3))
        box(canvas, x0 - 4, y, period + 8, 13, 2, "#fff1dd", "#e9b487", 0)
        land(
            canvas,
            [(x0, y + 13), (x0 + period, y + 13), (x0 + period, y + 19), (x0, y + 19)],
            "#8a4a2e",
            _lighter(back),
            0,
        )
    box(canvas, x0 - 4, 282, period + 8, 60, 0.5, low, low, 0)
    box(canvas, x0 - 4, 304, period + 8, 20, 1, "#fff4e6", "#e3b48d", 0)
    lamps = round(period / 140)
    for i in range(lamps):
        canvas.draw(soft("#fff3c8", 1.8), x0 + period * (i + 0.5) / lamps, 20, 230, alpha=0.42, glow=True)


def _lighter(tint: str) -> str:
    return "#" + "".join(f"{min(255, int(int(tint[i : i + 2], 16) * 1.16) + 8):02x}" for i in (1, 3, 5))


@lru_cache(4)
def _rug(width: int, height: int, road: bool) -> Strip:
    screen = Canvas(width, height)
    period = math.ceil(max(720.0, screen.wide + 40) / 120) * 120.0
    return Strip(screen, period, lambda c, x: _floor(c, x, period, road))


def _floor(canvas: Canvas, x0: float, period: float, road: bool) -> None:
    x1 = x0 + period
    land(canvas, [(x0, FLOOR), (x1, FLOOR), (x1, 560), (x0, 560)], "#f6c08a", "#c67f4e", 0)
    for i in range(int(period / 60)):  # boards
        x = x0 + i * 60
        Shape(canvas).tube([(x, FLOOR), (x - 8, 500)], 1.4, 1.8).fill("#a8683c", 0.35)
    land(canvas, [(x0, FLOOR), (x1, FLOOR), (x1, FLOOR + 14), (x0, FLOOR + 14)], "#8a5433", "#f0b983", 0)
    if road:
        _band(canvas, x0, x1, 342, 478, "#7fd07a", "#55b065", 5)
        _band(canvas, x0, x1, 362, 424, "#8d93b8", "#6f759c", 0)
        for i in range(int(period / 60)):
            x = x0 + i * 60
            land(canvas, [(x + 8, 391), (x + 40, 391), (x + 38, 396), (x + 6, 396)], "#fff6d8", "#ffe9b0", 0)
        _band(canvas, x0, x1, 359, 363, "#fdf7ea", "#e9e2d4", 0)
        _band(canvas, x0, x1, 424, 428, "#fdf7ea", "#e9e2d4", 0)
        rng = random.Random(3)
        for i in range(int(period / 40)):
            x = x0 + 40 * i + rng.uniform(4, 30)
            tint = rng.choice(("#ff8fb1", "#ffd34d", "#ffffff", "#8fe0a0"))
            y = rng.choice((351.0, 440.0))
            Shape(canvas).ellipse(x, y, 4.5, 2.6).fill(tint, 0.85)
        return
    wavy: list[Point] = [(x0 + period * i / 80, 338 + 1.2 * math.sin(TAU * i / 80 * 20)) for i in range(81)]
    land(canvas, [*wavy, (x1, 560), (x0, 560)], "#8fa8f2", "#5f76cf", 4)
    for y, tint in ((350.0, "#ffffff"), (357.0, "#ffd98a")):
        _band(canvas, x0, x1, y, y + 3.2, tint, tint, 0)
    rng = random.Random(6)
    for i in range(int(period / 60)):
        x, y = x0 + 60 * i + rng.uniform(5, 50), rng.uniform(372, 450)
        Shape(canvas).ellipse(x, y, 13, 4.6).fill(
            rng.choice(("#ffffff", "#ffd98a", "#ffb3cf", "#b9f0d8")), 0.30
        )


def _band(
    canvas: Canvas, x0: float, x1: float, top: float, bottom: float, first: str, last: str, edge: float
) -> None:
    land(canvas, [(x0, top), (x1, top), (x1, bottom), (x0, bottom)], first, last, edge)
