"""What traffic lights say: stop, go, get ready, and how to cross on foot.

Simplified: red, green and amber alone; some countries show red and amber together before green.
"""

from __future__ import annotations

import math
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, box
from reverie.video.storyboard.art.easing import clamp, ease, keys, lerp, wave
from reverie.video.storyboard.art.light import glow, trail
from reverie.video.storyboard.diagram import Explainer, Play
from reverie.video.storyboard.figures.actor import make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose

LAMPS = (("red", "#ff3f4f"), ("amber", "#ffb52e"), ("green", "#35d66b"))
ROAD = 370.0
"""Where wheels stand on the near lane, virtual units."""


@lru_cache(4)
def head(lit: str) -> Sprite:
    """A traffic light with three lamps; `lit`: the one that shines, "" for none."""
    board = Canvas(200, 400, opaque=False)  # 240 x 480
    box(board, 50, 20, 140, 440, 34, "#3a3f58", "#1e2136", 8)
    for i, (name, tint) in enumerate(LAMPS):
        y = 94 + i * 146
        on = name == lit
        Shape(board).ellipse(120, y, 60, 60).fill("#11131f")
        Shape(board).ellipse(120, y, 51, 51).put(tint if on else "#3c4056", 30, high=0.9 if on else 0.25)
        if on:
            Shape(board).ellipse(104, y - 18, 16, 11, -30).fill("#ffffff", 0.75)
        Shape(board).tube(
            [(64, y - 26), (80, y - 52), (120, y - 63), (160, y - 52), (176, y - 26)], 11, 11
        ).put("#2b2f47", 5)
    return board.sprite()


def _light(play: Play, x: float, y: float, high: float, lit: str, since: float = 1.0) -> None:
    """A light on its pole, its foot at (x, y), `high` tall with the pole; the lit lamp glows."""
    canvas = play.canvas
    size = high * 0.62
    Shape(canvas).tube([(x, y), (x, y - high * 0.42)], 12, 10).put("#7d86a6", 5, high=0.7)
    canvas.draw(head(lit), x, y - high, size, anchor=(0.5, 0.0))
    row = [name for name, _ in LAMPS].index(lit)
    tint = dict(LAMPS)[lit]
    beat = (0.85 + 0.15 * wave(play.t, 1.2)) * ease("out", since / 0.25)
    glow(canvas, x, y - high + size * (0.168 + 0.332 * row), size * 0.62, tint, 0.6 * beat)


def _places(play: Play) -> tuple[float, float, float]:
    """Where the light stands, how high it is, how high a car is."""
    return (play.x(0.72), 300.0, 104.0) if not play.portrait else (play.x(0.66), 236.0, 66.0)


def _car(play: Play, x: float, high: float, gone: float, name: str = "car") -> None:
    """A car at x that has driven `gone` virtual units."""
    actor = make_actor(role(name), high, play.seed)
    rolled = math.degrees(gone / (high * 0.19))
    hum = 0.8 * abs(wave(play.t, 3.1))
    actor.draw(play.canvas, Pose(x, ROAD, hop=hum, facing=1, roll=rolled), play.t)


def _stop(play: Play) -> None:
    """Red: a car comes and halts before the line."""
    play.scenery("street", 0, 6, 1.04)
    x, high, size = _places(play)
    _light(play, x + 40, 356, high, "red")
    _line(play, x - 26)
    half = size * 0.9
    stop = x - 34 - half
    at = keys(play.t, (0.0, -half), (1.5, stop, "out"))
    _car(play, at, size, at + half)
    play.label(
        "stop",
        "停",
        (x - 62, 356 - high * 0.82),
        at=(x + 26, 356 - high * 0.88),
        since=0.7,
        tint="#ffd9dd",
        height=38,
    )


def _line(play: Play, x: float) -> None:
    """The stop line on the road."""
    Shape(play.canvas).polygon([(x, 362), (x + 13, 362), (x + 1, 394), (x - 15, 394)]).fill("#ffffff", 0.85)


def _go(play: Play) -> None:
    """Green: off it goes, another follows."""
    play.scenery("street", 0, 6, 1.04)
    x, high, size = _places(play)
    _light(play, x + 40, 356, high, "green", play.t)
    _line(play, x - 26)
    half = size * 0.9
    start = x - 34 - half
    gone = (play.wide + 2 * half - start) * ease("in", clamp((play.t - 0.5) / 1.9))
    _car(play, start + gone, size, gone)
    next_gone = (start + half * 1.5 + 30) * ease("io", clamp((play.t - 1.3) / 2.0))
    after = -half * 1.5 - 30 + next_gone
    _car(play, after, size * 1.45, next_gone, "bus" if play.seed % 2 else "truck")
    for at, speed in ((start + gone, clamp(play.t - 0.7)), (after, clamp(play.t - 1.4))):
        trail(play.canvas, play.t, at - half, ROAD - 6, play.seed, size=15 * speed, count=5, rise=0.2)
    play.label(
        "go",
        "行",
        (x - 62, 356 - high * 0.82),
        at=(x + 26, 356 - high * 0.5),
        since=0.4,
        tint="#d5ffe0",
        height=38,
    )


def _ready(play: Play) -> None:
    """Amber: the car slows down; red follows."""
    play.scenery("street", 0, 6, 1.04)
    x, high, size = _places(play)
    red = play.seconds * 0.66
    lit = "amber" if play.t < red else "red"
    _light(play, x + 40, 356, high, lit, play.t if lit == "amber" else play.t - red)
    _line(play, x - 26)
    half = size * 0.9
    at = keys(play.t, (0.0, -half * 0.4), (red, x - 34 - half, "out"))
    _car(play, at, size, at + half)
    play.label(
        "stop soon",
        "准备停",
        (x - 84, 356 - high * 0.82),
        at=(x + 26, 356 - high * 0.68),
        since=0.3,
        until=red,
        tint="#ffeecb",
        height=38,
    )


@lru_cache(1)
def _walker() -> Sprite:
    """The green man of a pedestrian light, on black."""
    board = Canvas(160, 200, opaque=False)  # 384 x 480
    box(board, 40, 20, 304, 440, 40, "#3a3f58", "#1e2136", 8)
    Shape(board).ellipse(192, 240, 132, 168).fill("#0c0e18")
    green = "#4df088"
    Shape(board).ellipse(196, 118, 34, 34).fill(green)
    body: list[Point] = [(190, 160), (180, 270)]
    Shape(board).tube(body, 62, 54).fill(green)
    for way in (
        [(186, 262), (226, 318), (238, 384)],
        [(178, 262), (158, 322), (120, 372)],
        [(196, 172), (238, 216), (262, 262)],
        [(182, 172), (146, 216), (118, 250)],
    ):
        Shape(board).tube(way, 34, 28).fill(green)
    return board.sprite()


def _cross(play: Play) -> None:
    """A child looks left and right, and walks over the stripes; the car waits."""
    play.scenery("street", 0, 6, 1.04)
    canvas, t = play.canvas, play.t
    for i in range(9):
        x = play.x(0.14 + 0.09 * i)
        Shape(canvas).polygon(
            [
                (x, 362),
                (x + play.wide * 0.045, 362),
                (x + play.wide * 0.035, 394),
                (x - play.wide * 0.012, 394),
            ]
        ).fill("#ffffff", 0.85)
    post, high = (play.x(0.86), 268.0) if not play.portrait else (play.x(0.78), 220.0)
    Shape(canvas).tube([(post, 356), (post, 356 - high * 0.5)], 11, 9).put("#7d86a6", 5, high=0.7)
    glow(canvas, post, 356 - high * 0.76, 92, "#4df088", 0.45 + 0.1 * wave(t, 1.2))
    canvas.draw(_walker(), post, 356 - high, high * 0.54, anchor=(0.5, 0.0))
    look = play.seconds * 0.40
    tall = 196.0 if not play.portrait else 164.0
    start, end = play.x(0.22), play.x(0.64)
    share = clamp((t - look) / (play.seconds - look))
    x = lerp(start, end, share)
    gaze = keys(t, (0.1, 0.0), (0.3, -1.0), (look * 0.48, -1.0), (look * 0.7, 1.0), (look, 0.4))
    walk = (x - start) / 66 if share > 0 else None
    pose = Pose(
        x,
        398,
        facing=1,
        gaze=gaze,
        walk=walk,
        tilt=3 * wave(t, 0.6),
        face="curious" if share <= 0 else "happy",
    )
    make_actor(role("child"), tall, play.seed).draw(canvas, pose, t)
    left, right = (
        clamp((t - 0.2) * 5) * clamp((look * 0.5 - t) * 6),
        clamp((t - look * 0.55) * 5) * clamp((look - t) * 6),
    )
    eye = 368 - tall * 0.84
    play.arrow([(x - 46, eye), (x - 84, eye)], "#ffd34d", 10, left)
    play.arrow([(x + 46, eye), (x + 84, eye)], "#ffd34d", 10, right)
    play.label("look left", "看左边", (x - 44, eye - 66), since=0.2, until=look * 0.55, tint="#fff0b8")
    play.label(
        "look right", "看右边", (x + 60, eye - 66), since=look * 0.55, until=look + 0.2, tint="#fff0b8"
    )
    play.label(
        "walk",
        "走",
        (post - 74, 356 - high * 0.72),
        at=(post - 20, 356 - high * 0.66),
        since=look,
        tint="#d5ffe0",
        height=38,
    )


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(
        brief,
        canvas,
        seed,
        (_stop, _go, _ready, _cross),
        accents=("#ff6a76", "#6fe89a", "#ffc95c", "#6fe89a"),
        highlights=("red", "green", "amber", "红灯", "绿灯", "黄灯", "小绿人"),
    )
