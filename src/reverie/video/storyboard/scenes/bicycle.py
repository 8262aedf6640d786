"""How bicycles work: pedals, the chain with its two sprockets, and how steering keeps one upright.

Simplified: one gear, 36 teeth to 12, so that the rear wheel turns three times as fast. Steering towards the
fall is what keeps a ridden bicycle up; the wheels' own gyroscopic help is left out.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

from reverie.values import Brief, Shot
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import clamp, wave
from reverie.video.storyboard.art.light import shadow
from reverie.video.storyboard.composer import ShotScene
from reverie.video.storyboard.diagram import Explainer, Play, backdrop, circle
from reverie.video.storyboard.figures.heads import face

LARGE, SMALL = 36, 12
"""Teeth of the chainring and of the rear sprocket."""

TURNS = 0.42
"""Of the pedals, a second."""


@lru_cache(2)
def gear(teeth: int, tint: str) -> Sprite:
    """A sprocket with that many teeth, five holes in it."""
    board = Canvas(320, 320, opaque=False)  # 480 x 480
    ring: list[Point] = []
    for i in range(teeth * 4):
        radius = 222 if i % 4 < 2 else 222 - 2100 / (teeth * 4 + 40)
        angle = math.tau * (i + 0.5) / (teeth * 4)
        ring.append((240 + radius * math.cos(angle), 240 + radius * math.sin(angle)))
    Shape(board).polygon(ring, 3).put(tint, 22, high=0.7)
    for i in range(5):
        angle = math.tau * i / 5
        Shape(board).ellipse(240 + 118 * math.cos(angle), 240 + 118 * math.sin(angle), 46, 46).fill(
            "#2b2f4a", 0.55
        )
    Shape(board).ellipse(240, 240, 42, 42).put("#5a6080", 16, high=0.8)
    return board.sprite()


@lru_cache(1)
def tyre() -> Sprite:
    """A wheel with spokes, one of them marked."""
    board = Canvas(320, 320, opaque=False)
    Shape(board).tube(circle(240, 240, 214, 214), 34, 34).put("#35394f", 14)
    Shape(board).tube(circle(240, 240, 192, 192), 9, 9).fill("#dfe5f3")
    for i in range(18):
        angle = math.tau * i / 18
        end = (240 + 190 * math.cos(angle), 240 + 190 * math.sin(angle))
        Shape(board).tube([(240, 240), end], 4 if i else 13, 4 if i else 13).fill(
            "#eef2fb" if i else "#ffd34d"
        )
    return board.sprite()


def _chain(play: Play) -> None:
    """Chainring and sprocket of a bicycle that rides to the right; the wheel goes three times as fast."""
    backdrop(play, "#1f7a6d", "#7fdcc0", "#eafff6")
    canvas, t = play.canvas, play.t
    narrow = play.portrait
    ax, ay, large = (play.x(0.70), 232.0, 74.0) if not narrow else (play.x(0.5), 300.0, 66.0)
    bx, by, small = (
        (play.x(0.30), 232.0, 74.0 * SMALL / LARGE)
        if not narrow
        else (play.x(0.5), 150.0, 66.0 * SMALL / LARGE)
    )
    turned = 360 * TURNS * t
    canvas.draw(tyre(), bx, by, 232 if not narrow else 168, turn=turned * LARGE / SMALL)
    # The straight runs touch both sprockets: their angle follows from the two radii and the distance.
    gap = math.hypot(bx - ax, by - ay)
    lean, way = math.acos((large - small) / gap), math.atan2(by - ay, bx - ax)
    runs = []
    for side in (-1, 1):
        angle = way + side * lean
        c, s = math.cos(angle), math.sin(angle)
        runs.append(((ax + large * c, ay + large * s), (bx + small * c, by + small * s)))
    first, last = math.degrees(way + lean), math.degrees(way - lean) + 360
    loop = [*circle(ax, ay, large, large, first, last), runs[0][1]]
    loop += circle(bx, by, small, small, last - 360, first)[1:-1]
    loop.append(runs[1][1])
    loop.append(loop[0])
    canvas.draw(gear(LARGE, "#c9d2e8"), ax, ay, 2 * large - 4, turn=turned)
    canvas.draw(gear(SMALL, "#ffb84a"), bx, by, 2 * small + 4, turn=turned * LARGE / SMALL)
    _links(canvas, loop, math.radians(turned) * large)
    a = math.radians(turned)
    for turn in (0.0, math.pi):
        end = (
            (ax + 112 * math.cos(a + turn), ay + 112 * math.sin(a + turn))
            if not narrow
            else (ax + 88 * math.cos(a + turn), ay + 88 * math.sin(a + turn))
        )
        Shape(canvas).tube([(ax, ay), end], 13, 11).put("#5a6080", 6, high=0.8)
        Shape(canvas).polygon(
            [
                (end[0] - 24, end[1] - 6),
                (end[0] + 24, end[1] - 6),
                (end[0] + 24, end[1] + 6),
                (end[0] - 24, end[1] + 6),
            ],
            3,
        ).put("#e2574c", 6)
    middle = ((ax + bx) / 2, (ay + by) / 2)
    if narrow:
        play.label("pedals ×1", "脚踏 ×1", (play.x(0.24), 372), at=(ax - 40, ay + 30), since=0.5)
        play.label("chain", "链条", (play.x(0.82), 250), at=(middle[0] + 34, middle[1]), since=0.9)
        play.label("wheel ×3", "车轮 ×3", (play.x(0.22), 92), at=(bx - 56, by - 40), since=1.3)
    else:
        play.label("pedals ×1", "脚踏 ×1", (ax + 30, 100), at=(ax + 20, ay - 60), since=0.5)
        play.label("chain", "链条", (middle[0], 344), at=(middle[0], ay + 54), since=0.9)
        play.label("wheel ×3", "车轮 ×3", (bx - 60, 362), at=(bx - 44, by + 96), since=1.3)


def _links(canvas: Canvas, loop: list[Point], moved: float) -> None:
    """The chain: a dark band, and a rivet every 13 units that runs with it."""
    Shape(canvas).tube(loop, 11, 11).fill("#3b4060")
    lengths = [0.0]
    for a, b in pairwise(loop):
        lengths.append(lengths[-1] + math.hypot(b[0] - a[0], b[1] - a[1]))
    count, i = int(lengths[-1] / 13), 0
    step = lengths[-1] / count
    for n in range(count):
        at = (n * step + moved) % step + n * step
        while i < len(loop) - 2 and lengths[i + 1] < at:
            i += 1
        k = clamp((at - lengths[i]) / max(1e-6, lengths[i + 1] - lengths[i]))
        x, y = loop[i][0] + (loop[i + 1][0] - loop[i][0]) * k, loop[i][1] + (loop[i + 1][1] - loop[i][1]) * k
        canvas.draw(_rivet(), x, y, 8)


@lru_cache(1)
def _rivet() -> Sprite:
    board = Canvas(32, 32, opaque=False)
    Shape(board).ellipse(240, 240, 170, 170).put("#dfe5f3", 60)
    return board.sprite()


def _balance(play: Play) -> None:
    """From the front: it tips to one side, the wheel turns there, and it comes up again."""
    play.scenery("street", 14 * wave(play.clock, 0.2), 4, 1.05)
    canvas, t = play.canvas, play.t
    x, ground = play.x(0.5), 378.0
    high = 250.0 if not play.portrait else 220.0
    lean = 15 * wave(t, 0.42)
    steer = 34 * wave(t, 0.42, -0.07)
    a = math.radians(lean)

    def at(up: float, across: float = 0.0) -> Point:
        return x + up * high * math.sin(a) + across * math.cos(a), ground - up * high * math.cos(
            a
        ) + across * math.sin(a)

    shadow(canvas, x + 20 * math.sin(a), ground, 110, 0, 0.6)
    s = math.sin(math.radians(steer))
    centre = at(0.17)
    Shape(canvas).ellipse(*centre, 9 + 26 * abs(s), high * 0.17, lean).put("#35394f", 9)
    Shape(canvas).ellipse(*centre, 3 + 19 * abs(s), high * 0.125, lean).fill("#cfd8ec", 0.8)
    Shape(canvas).tube([at(0.17, -9), at(0.40, -6)], 7, 7).put("#e2574c", 3)
    Shape(canvas).tube([at(0.17, 9), at(0.40, 6)], 7, 7).put("#e2574c", 3)
    Shape(canvas).tube([at(0.36), at(0.52)], 11, 11).put("#e2574c", 5)
    for side in (-1, 1):
        foot, knee, hip = (
            at(0.20 + 0.07 * side * wave(t, 0.8), side * 30),
            at(0.36, side * 34),
            at(0.50, side * 16),
        )
        Shape(canvas).tube([hip, knee], 24, 21).put("#5b6bd6", 8)
        Shape(canvas).tube([knee, foot], 20, 17).put("#5b6bd6", 8)
        Shape(canvas).ellipse(foot[0], foot[1] + 4, 15, 9, lean).put("#3b3a63", 5)
    body = [at(0.48, -26), at(0.48, 26), at(0.74, 24), at(0.74, -24)]
    Shape(canvas).polygon(body, 9).put("#ff9f2e", 15, high=0.6)
    grips = [at(0.53 + 0.05 * side * s, side * 52) for side in (-1, 1)]
    Shape(canvas).tube(grips, 9, 9).put("#4a4f6b", 4)
    for side, grip in zip((-1, 1), grips, strict=True):
        Shape(canvas).tube([at(0.71, side * 24), at(0.60, side * 46), grip], 17, 15).put("#ff9f2e", 7)
        Shape(canvas).ellipse(*grip, 10, 10).put("#ffc53a", 5)
    head = at(0.74)
    canvas.draw(
        face("child", clamp(s, -1, 1), 1.0 if t % 2.3 < 0.12 else 0.0, 0.5),
        *head,
        high * 0.36,
        turn=lean * 0.4,
        anchor=(0.5, 0.93),
    )
    side = 1 if lean > 0 else -1
    strong = clamp(abs(lean) / 9 - 0.25)
    if strong > 0:
        top = at(0.9, side * 62)
        play.arrow(
            [top, (top[0] + side * 30, top[1] + 16), (top[0] + side * 44, top[1] + 48)], "#ffb35c", 11, strong
        )
        low = (x + side * 62, ground - 34)
        play.arrow([low, (low[0] + side * 44, low[1])], "#8ff0d0", 11, clamp(abs(steer) / 20 - 0.3))
    play.label("it tips", "车身歪", (play.x(0.18), 150), since=0.4, tint="#ffe3c4")
    play.label("steer there", "向那边转把", (play.x(0.80), 330), since=0.9, tint="#d5fff0")


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    seconds = max(0.5, brief.seconds / 3)
    ride = ShotScene(
        Shot("child", "ride", "bicycle", "park", brief.shots[0].mood, "", seconds), canvas, seconds, seed
    )
    return Explainer(
        brief,
        canvas,
        seed,
        (lambda play: ride.draw(play.canvas, play.t), _chain, _balance),
        highlights=("pedals", "chain", "脚踏", "链条"),
    )
