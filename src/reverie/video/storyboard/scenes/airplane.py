"""How airplanes fly: heavy and yet aloft, a wing cut across that turns air downwards, four forces in balance.

Simplified: the flow is drawn in one plane and steady. Lift comes from turning the flow: air that passes above
and below leaves the wing downwards, faster above. It is not true that both must arrive at the same time.
"""

from __future__ import annotations

import math
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Canvas, Pixels, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, gradient
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glow
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, speck


@lru_cache(1)
def jet() -> Sprite:
    """An airliner from the side, nose to the right."""
    board = Canvas(640, 256, opaque=False)  # 1200 x 480
    Shape(board).polygon([(150, 190), (70, 60), (150, 52), (270, 180)], 8).put("#3f86f0", 26)
    Shape(board).polygon([(120, 250), (20, 214), (60, 204), (220, 244)], 5).put("#c9d4ea", 14)
    body: list[Point] = [
        (60, 236),
        (200, 178),
        (860, 172),
        (1040, 196),
        (1150, 244),
        (1140, 276),
        (1020, 308),
        (300, 312),
        (150, 284),
    ]
    Shape(board).polygon(body, 14).put("#f6f8ff", 74, high=0.5)
    Shape(board).polygon([(80, 254), (1146, 262), (1140, 276), (150, 284)], 2).fill("#f04a52")
    for i in range(14):
        Shape(board).ellipse(290 + i * 46, 222, 12, 15).fill("#3a5f9e")
    Shape(board).polygon([(1040, 206), (1090, 220), (1108, 238), (1036, 236)], 4).fill("#3a5f9e")
    Shape(board).polygon([(520, 300), (700, 296), (470, 430), (380, 430)], 8).put("#d5ddf0", 26)
    Shape(board).tube([(566, 372), (672, 368)], 64, 70).put("#8e9ab8", 34, high=0.7)
    Shape(board).ellipse(706, 367, 8, 30).fill("#3b4260")
    return board.sprite()


@lru_cache(2)
def _air(width: int, height: int) -> Pixels:
    return gradient(width, height, ((0, "#4f9fea"), (0.6, "#bfe4ff"), (1, "#eaf7ff")))


def _clouds(play: Play, speed: float) -> None:
    """The sky, whose clouds pass to the left, `speed` virtual units a second."""
    canvas = play.canvas
    height, width = canvas.pixels.shape[:2]
    canvas.pixels[:] = _air(width, height)
    glow(canvas, play.x(0.14), 70, 130, "#fff6d0", 0.9)
    for i, (y, size, near) in enumerate(
        ((96, 54, 0.5), (170, 84, 0.8), (300, 120, 1.2), (386, 170, 1.6), (250, 66, 0.6))
    ):
        room = play.wide + 2 * size
        x = (play.wide * (0.15 + 0.43 * i) - speed * near * play.clock) % room - size
        canvas.draw(sprite("cloud"), x, y, size, alpha=0.9 if near < 1.1 else 0.55)


def _aloft(play: Play) -> None:
    """It takes off past the clouds; a pair of scales says how heavy."""
    _clouds(play, 210)
    canvas, t = play.canvas, play.t
    size = 150.0 if not play.portrait else 84.0
    rise = ease("io", play.share)
    x = play.x(lerp(0.38, 0.54, rise) if not play.portrait else 0.5)
    y = lerp(290.0, 210.0, rise) + 4 * wave(t, 0.6)
    for i in range(6):
        k = (t * 1.4 + i / 6) % 1
        canvas.draw(
            speck("#ffffff"),
            x - size * (0.9 + 1.2 * k),
            y + 10 + size * 0.3 * k * (1 - rise),
            18 + 20 * k,
            alpha=0.6 * (1 - k),
        )
    canvas.draw(
        jet(), x, y, size, turn=-11 * math.sin(math.pi * clamp(play.share * 1.1)) - 2 + 1.2 * wave(t, 0.7)
    )
    play.label("300 tonnes", "三百吨重", (play.x(0.3), 112), at=(x - size * 0.4, y - size * 0.16), since=0.7)


_UNITS = 640.0
"""Virtual units across, in which the wing is drawn."""


def stream(rank: float) -> list[Point]:
    """A line of air past the wing, in units around its middle: `rank` -1 (far below) .. 1 (far above).

    Drawn by hand after smoke pictures of a wing at a small angle: it comes level, rises before the wing, and
    leaves it downwards; the nearer, the more.
    """
    near = math.exp(-1.6 * abs(rank))
    high = -rank * 120
    side = -1 if rank >= 0 else 1
    found = []
    for i in range(41):
        x = -330 + 660 * i / 40
        over = math.exp(-(((x + 40) / 120) ** 2)) * side * 30 * near
        wash = near * 104 / (1 + math.exp(-(x - 60) / 42))
        lift = -near * 16 * math.exp(-(((x + 190) / 80) ** 2))
        found.append((x, high + over + wash + lift))
    return found


@lru_cache(1)
def _wing() -> Sprite:
    """A wing cut across, its leading edge on the left, at a small angle."""
    board = Canvas(640, 240, opaque=False)  # 1280 x 480
    upper: list[Point] = []
    lower: list[Point] = []
    for i in range(25):
        c = (1 - math.cos(math.pi * i / 24)) / 2
        # NACA four-digit section 4412: camber line plus half thickness (NACA Report 460).
        thick = 0.6 * (0.2969 * math.sqrt(c) - 0.126 * c - 0.3516 * c**2 + 0.2843 * c**3 - 0.1036 * c**4)
        camber = 0.04 / 0.16 * (0.8 * c - c * c) if c < 0.4 else 0.04 / 0.36 * (0.2 + 0.8 * c - c * c)
        x = 90 + 1100 * c
        upper.append((x, 260 - 1100 * (camber + thick)))
        lower.append((x, 260 - 1100 * (camber - thick)))
    Shape(board).polygon([*upper, *reversed(lower)], 4).put("#eef2fb", 70, high=0.5)
    for x in (430, 700):
        Shape(board).ellipse(x, 208, 26, 26).fill("#8e9ab8", 0.7)
    return board.sprite()


def _lift(play: Play) -> None:
    """Lines of air bend down behind the wing; the arrow up grows."""
    _clouds(play, 60)
    canvas, t = play.canvas, play.t
    zoom = min(1.0, play.wide / _UNITS) * (1.35 if play.portrait else 1.0)
    x, y, stretch = play.x(0.5), 226.0, max(1.0, play.wide / _UNITS)
    for rank in (0.95, 0.6, 0.28, -0.28, -0.6, -0.95):
        line = [(x + a * zoom * stretch, y + b * zoom) for a, b in stream(rank)]
        Shape(canvas).tube(line, 3, 3).fill("#ffffff", 0.5)
        pace = 0.5 if rank > 0 else 0.38  # faster above
        for i in range(7):
            k = (t * pace + i / 7) % 1
            px, py = line[min(40, int(k * 40))]
            canvas.draw(
                speck("#ffffff" if rank > 0 else "#d8f0ff"),
                px,
                py,
                24 * zoom,
                alpha=0.9 * clamp(min(k, 1 - k) * 10),
            )
    canvas.draw(_wing(), x - 14 * zoom, y + 12, 350 * zoom / _wing().aspect, turn=7 + 0.6 * wave(t, 0.6))
    grown = ease("out", (t - 0.8) / 0.6)
    bob = 4 * wave(t, 0.7)
    play.arrow([(x - 24, y - 30 + bob), (x - 24, y - 118 + bob)], "#8ff0d0", 17, grown)
    right = play.x(0.86)
    play.arrow([(right, y + 30), (right, y + 104)], "#ffb35c", 13, ease("out", (t - 1.3) / 0.5))
    play.label("lift", "升力", (x - 92, y - 108), at=(x - 34, y - 84), since=1.0)
    play.label("air goes down", "空气向下", (right - 60, y + 148), since=1.5)
    play.label("wing", "机翼", (play.x(0.2), y + 110), at=(x - 90 * zoom, y + 22), since=0.4)


def _balance(play: Play) -> None:
    """Level flight with its four forces."""
    _clouds(play, 170)
    canvas, t = play.canvas, play.t
    size = 158.0 if not play.portrait else 64.0
    x, y = play.x(0.5), 226.0 + 4 * wave(t, 0.5)
    canvas.draw(jet(), x, y, size, turn=0.8 * wave(t, 0.4))
    half = size * jet().aspect / 2
    reach, pulse = 66.0 if not play.portrait else 44.0, 5 * wave(t, 0.8)
    for i, (dx, dy, tint) in enumerate(
        ((0, -1, "#8ff0d0"), (0, 1, "#ffb35c"), (1, 0, "#ffd34d"), (-1, 0, "#ff9db0"))
    ):
        sx, sy = x + dx * (half * 0.72 + 8), y + dy * size * 0.40
        end = (sx + dx * (reach * 0.7 + pulse), sy + dy * (reach + pulse))
        play.arrow([(sx, sy), end], tint, 13, ease("out", (t - 0.3 - 0.35 * i) / 0.4))
    play.label("lift", "升力", (x - 74, y - size * 0.4 - reach * 0.7), since=0.4, tint="#d5fff0")
    low = 0.6 if not play.portrait else 1.7
    play.label("weight", "重力", (x + 84, y + size * 0.4 + reach * low), since=0.75, tint="#ffe3c4")
    level = 0.5 if not play.portrait else 0.85
    play.label("thrust", "推力", (play.x(0.86), y + size * level), since=1.1, tint="#fff0b8")
    play.label("drag", "阻力", (play.x(0.14), y + size * level), since=1.45, tint="#ffd9e0")


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(
        brief,
        canvas,
        seed,
        (_aloft, _lift, _balance),
        highlights=("wing", "air", "lift", "机翼", "空气", "升力"),
    )
