"""How a snowflake grows, in three acts: a droplet freezes on a grain of dust, vapour freezes onto the corners
of the six-sided crystal, and flakes float down, each of its own shape.

Simplified: a crystal some millimetres small fills the picture; what takes half an hour in a cloud passes in
seconds; shown are star-shaped flakes, which grow at about 15 degrees below zero, not the needles, plates and
columns of other cold, nor the rare flakes with three or twelve sides.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, Camera, Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, hills, land, sky
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glints, glow, soft
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, backdrop, ball, spread
from reverie.video.storyboard.figures.actor import make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose


def _arm(kind: int) -> list[tuple[float, float]]:
    """Where along an arm its side branches stand and how long they are, 0..1, for flake `kind`."""
    rng = random.Random(kind * 7 + 1)
    count = 2 + kind % 3
    return [
        ((i + 1.0 + rng.uniform(-0.15, 0.15)) / (count + 0.9), rng.uniform(0.2, 0.42)) for i in range(count)
    ]


def _paths(kind: int, grown: float) -> list[tuple[list[Point], float]]:
    """Lines and widths of flake `kind`, radius 1, `grown` 0..1: each arm and its branches, all six alike."""
    lines: list[tuple[list[Point], float]] = []
    for i in range(6):
        angle = math.radians(60 * i - 90)
        ux, uy = math.cos(angle), math.sin(angle)
        lines.append(([(ux * 0.1, uy * 0.1), (ux * grown, uy * grown)], 0.085))
        for at, long in _arm(kind):
            out = clamp((grown - at) * 2.2) * long
            if out < 0.02:
                continue
            for side in (-1, 1):
                turn = angle + side * math.radians(60)
                end = (ux * at + math.cos(turn) * out, uy * at + math.sin(turn) * out)
                lines.append(([(ux * at, uy * at), end], 0.06))
    return lines


def _draw_flake(
    canvas: Canvas, x: float, y: float, radius: float, kind: int, grown: float, turn: float
) -> None:
    """Flake `kind` around (x, y), turned by degrees."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))

    def put(point: Point) -> Point:
        return x + (point[0] * c - point[1] * s) * radius, y + (point[0] * s + point[1] * c) * radius

    body = Shape(canvas)
    for line, width in _paths(kind, grown):
        body.tube([put(point) for point in line], width * radius, width * radius * 0.8)
    plate = 0.16 + 0.1 * (kind % 2)
    body.polygon([put((plate * math.cos(a), plate * math.sin(a))) for a in _corners()])
    body.put("#d6efff", 0.05 * radius + 1, high=0.9, low=0.45)


def _corners() -> list[float]:
    """The directions of a hexagon's corners."""
    return [math.radians(60 * i - 90) for i in range(6)]


@lru_cache(12)
def _flake(kind: int) -> Sprite:
    """A full-grown flake of one of twelve kinds."""
    board = Canvas(200, 200, opaque=False)
    _draw_flake(board, 240, 240, 214, kind, 1.0, 0)
    return board.sprite()


def freezing(play: Play) -> None:
    """High up in the cold a droplet freezes on a grain of dust."""
    canvas, t = play.canvas, play.t
    backdrop(play, "#2c4f8f", "#8fb6e0", "#dff1ff")
    x, y = play.x(0.5), 206.0
    radius = 84.0 if not play.portrait else 68.0
    rng = random.Random(play.seed)
    for _ in range(22):  # other droplets around, and specks of dust
        px, py, size, phase = rng.uniform(0, 1), rng.uniform(60, 380), rng.uniform(7, 15), rng.random()
        canvas.draw(
            ball("#8fd0ff", dark=0.6),
            play.x(px) + 10 * wave(t, 0.3, phase),
            py + 8 * wave(t, 0.4, phase),
            size,
            alpha=0.6,
        )
    cold = ease("io", (play.share - 0.38) / 0.34)
    glow(canvas, x, y, radius * 2, "#ffffff", 0.4)
    wobble = 0.04 * wave(t, 1.4) * (1 - cold)
    round_, six = [], []
    for i in range(48):
        angle = 2 * math.pi * i / 48 - math.pi / 2
        step = math.radians(60)
        edge = math.cos(step / 2) / math.cos((angle + math.pi / 2) % step - step / 2)
        reach = lerp(1.0, edge * 1.08, cold) * radius
        round_.append(
            (x + reach * math.cos(angle) * (1 + wobble), y + reach * math.sin(angle) * (1 - wobble))
        )
        six.append((x + reach * 0.66 * math.cos(angle), y + reach * 0.66 * math.sin(angle)))
    Shape(canvas).polygon(round_).put("#6fbcf5" if cold < 0.5 else "#bfe6ff", 16, high=0.8, alpha=0.92)
    if cold > 0.05:
        Shape(canvas).polygon(six).put("#e6f7ff", 9, high=0.9, alpha=0.85 * cold)
        for angle in _corners():
            reach = radius * cold
            Shape(canvas).tube(
                [(x, y), (x + reach * math.cos(angle), y + reach * math.sin(angle))], 3, 3
            ).fill("#ffffff", 0.6 * cold)
    fall = ease("out", t / 0.7)
    gx, gy = lerp(x - 150, x, fall), lerp(y - 120, y, fall)
    Shape(canvas).polygon(
        [
            (gx + 9 * math.cos(a) * (1 + 0.3 * math.sin(3 * a)), gy + 8 * math.sin(a))
            for a in (i * 0.63 for i in range(10))
        ]
    ).put("#8a6a4e", 4)
    if cold >= 0.6:
        glints(canvas, t, x, y, radius * 1.9, radius * 1.7, play.seed, 5)
    size = _size(play)
    play.label("A grain of dust", "一粒灰尘", (play.x(0.2), 118), at=(x - 6, y - 4), since=0.7, height=size)
    play.label(
        "Water",
        "水滴",
        (play.x(0.82), 150),
        at=(x + radius * 0.6, y - 20),
        since=0.5,
        until=play.seconds * 0.5,
        height=size,
    )
    play.label(
        "Ice: six corners",
        "结成冰：六个角",
        (play.x(0.5), y + radius + 44),
        since=play.seconds * 0.58,
        tint="#dff3ff",
        height=size,
    )


def growing(play: Play) -> None:
    """Vapour freezes onto the corners: six arms grow, and branches on them."""
    canvas, t = play.canvas, play.t
    backdrop(play, "#1f3f80", "#6f9ed6", "#bfe0ff")
    x, y = play.x(0.5), 208.0
    radius = 142.0 if not play.portrait else 116.0
    grown = lerp(0.24, 1.0, ease("io", play.share * 1.15))
    turn = 4 * wave(t, 0.16)
    glow(canvas, x, y, radius * 1.3, "#dff1ff", 0.4)
    rng = random.Random(play.seed)
    for i in range(30):  # vapour that comes in and settles on the tips
        angle = math.radians(60 * (i % 6) - 90 + turn) + rng.uniform(-0.34, 0.34)
        start = (t * rng.uniform(0.4, 0.6) + rng.random()) % 1
        reach = lerp(radius * 1.75, radius * grown, start)
        canvas.draw(
            soft("#ffffff", 0.9),
            x + reach * math.cos(angle) * 1.12,
            y + reach * math.sin(angle),
            13,
            alpha=0.85 * math.sin(start * math.pi),
        )
    _draw_flake(canvas, x, y, radius, 1, grown, turn)
    glints(canvas, t, x, y, radius * 1.6, radius * 1.6, play.seed, 5)
    size = _size(play)
    side = 0.15 if not play.portrait else 0.26
    play.label(
        "Water vapour",
        "水汽",
        (play.x(side), 92),
        at=(x - radius * 0.86, y - radius * 0.62),
        since=0.4,
        height=size,
    )
    play.label(
        "Six arms grow alike",
        "六根冰枝，一起长",
        (play.x(0.8 if not play.portrait else 0.5), 344),
        at=(x + radius * 0.66, y + radius * 0.38),
        since=1.1,
        tint="#dff3ff",
        height=size,
    )


def _winter(board: Canvas) -> None:
    sky(board, ((0, "#5f86bd"), (0.5, "#a9c6e6"), (0.8, "#e4f0fb"), (1, "#e4f0fb")))
    wide = board.wide
    land(board, hills(wide, 316, 16, 7), "#e8f2fc", "#b9cfe8", 8)
    for share, high in ((0.08, 112), (0.2, 82), (0.84, 96), (0.95, 122)):
        x, foot = wide * share, 352.0
        board.draw(sprite("evergreen-tree"), x, foot, high if wide > 400 else high * 0.8, anchor=(0.5, 0.97))
        for dx, dy, r in ((0, 0.92, 9), (-8, 0.66, 8), (10, 0.6, 9), (-14, 0.4, 9), (14, 0.36, 9)):
            k = high / 110 * (1 if wide > 400 else 0.8)
            Shape(board).ellipse(
                x + dx * k, foot - high * (dy if wide > 400 else dy * 0.8), r * k, r * 0.5 * k
            ).put("#ffffff", 3)
    land(board, hills(wide, 352, 7, 3), "#ffffff", "#c8daf0", 10)


def falling(play: Play) -> None:
    """They float down, each one different, each with six sides."""
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(lerp(-6, 6, play.share), 0, 1.04)
    spread(canvas, _winter, depth=0.7)
    k = 0.84 if play.portrait else 1.0
    x = play.x(0.5)
    canvas.draw(
        sprite("snowman"),
        x + (130 if not play.portrait else 78),
        play.floor + 4,
        118 * k,
        anchor=FOOT,
        turn=2 * wave(t, 0.5),
    )
    child = make_actor(role("child"), 118 * k, play.seed)
    hop = 8 * abs(wave(t, 0.7))
    reach = (x - 20 * k, play.floor - 120 * k - hop)
    child.draw(canvas, Pose(x - 40 * k, play.floor, facing=1, hop=hop, tilt=-10, near=reach, face="happy"), t)
    rng = random.Random(play.seed)
    count = 22 if not play.portrait else 15
    for i in range(count):
        px, start, near = rng.random(), rng.random(), rng.uniform(0.5, 1.2)
        fall = (t * 0.16 * near + start) % 1
        size = 20 + 26 * near
        canvas.draw(
            _flake(i % 12),
            play.x(px) + 16 * math.sin(t * 0.9 + i),
            lerp(-30, 400, fall),
            size,
            turn=t * 30 * (1 if i % 2 else -1) + i * 40,
            alpha=0.95 * clamp((1 - fall) * 8),
        )
    size_ = _size(play)
    big = 46.0 if not play.portrait else 28.0
    for i in range(3):
        shown = ease("back", (t - 0.4 - 0.35 * i) / 0.4)
        cx = play.x((0.2, 0.5, 0.8)[i])
        if shown > 0.02:
            Shape(canvas).ellipse(cx, 158, (big + 10) * shown, (big + 10) * shown).fill("#ffffff", 0.95)
            Shape(canvas).ellipse(cx, 158, (big + 6) * shown, (big + 6) * shown).fill("#3f6fb4")
            canvas.draw(_flake((2, 4, 9)[i]), cx, 158, big * 1.8 * shown, turn=10 * wave(t, 0.2, i * 0.3))
    play.label(
        "All different, always six sides", "片片不同，都是六角", (play.x(0.5), 84.0), since=1.2, height=size_
    )


def _size(play: Play) -> float:
    """Height of labels: a little less where the picture is narrow."""
    return 24.0 if play.portrait else 30.0


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """Three acts: freezing, growing, falling."""
    return Explainer(
        brief, canvas, seed, (freezing, growing, falling), accents=("#bfe6ff", "#ffffff", "#8fd0ff")
    )
