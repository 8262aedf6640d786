"""Why ships float: the question, the water that is pushed aside, and a lump of clay that becomes a boat.

Simplified: waves, trim and stability are left out. A floating body pushes aside its own weight of water.
"""

from __future__ import annotations

import math
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Canvas, Pixels, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, gradient
from reverie.video.storyboard.art.easing import clamp, ease, keys, lerp, wave
from reverie.video.storyboard.art.light import bubbles, glow, sparkle, water
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, speck

CLAY = "#e8845a"


def _sea(play: Play) -> None:
    """The air: sun and clouds."""
    height, width = play.canvas.pixels.shape[:2]
    play.canvas.pixels[:] = _air(width, height)
    glow(play.canvas, play.x(0.2), 60, 120, "#fff6d0", 0.8)
    for i, y in enumerate((70.0, 112.0)):
        x = (play.x(0.75 - 0.5 * i) + 7 * play.clock) % (play.wide + 200) - 100
        play.canvas.draw(sprite("cloud"), x, y, 50 - 8 * i, alpha=0.85)


@lru_cache(2)
def _air(width: int, height: int) -> Pixels:
    return gradient(width, height, ((0, "#7fc6f7"), (0.55, "#dff3ff"), (1, "#dff3ff")))


def _over(play: Play, level: float, alpha: float = 0.62) -> None:
    """The water, over whatever stands in it, with light that plays in it."""
    water(play.canvas, play.t, level, "#3fb4ea", "#0d3f86", alpha)
    for i in range(5):
        x = play.x((i + 0.5) / 5) + 16 * wave(play.clock, 0.2, i / 5)
        play.canvas.draw(
            speck("#bfeaff"),
            x,
            level + 90,
            170,
            wide=0.16,
            turn=14 + 4 * wave(play.clock, 0.15, i),
            alpha=0.20,
        )


def _wonder(play: Play) -> None:
    """The ship rides the waves; a pebble drops beside it and sinks."""
    canvas, t, level = play.canvas, play.t, 262.0
    _sea(play)
    x = play.x(0.40 if not play.portrait else 0.46)
    high = 216.0 if not play.portrait else 170.0
    canvas.draw(
        sprite("ship"),
        x,
        level + 34 + 5 * wave(t, 0.45),
        high,
        anchor=(0.5, 1.0),
        turn=2.2 * wave(t, 0.38),
        flip=True,
    )
    drop = t - 0.5
    px = play.x(0.80 if not play.portrait else 0.84)
    if drop < 0.42:
        py = lerp(play.high + 30, level, ease("in", drop / 0.42))
    else:
        py = min(level + (drop - 0.42) * 96, 392.0)
    sway = 7 * wave(drop, 0.9) * clamp(drop - 0.42) * (py < 391)
    canvas.draw(_pebble(), px + sway, py, 34, turn=60 * drop if py < 391 else 60)
    _over(play, level)
    sparkle(canvas, drop - 0.42, px, level, 54, play.seed, 9, ("#ffffff", "#d8f4ff", "#bfeaff"))
    if drop > 0.5:
        bubbles(canvas, drop - 0.5, px, py - 10, play.seed, width=26, height=max(30.0, py - level))
    play.label("steel ship", "钢铁大船", (x, level - high * 0.86), since=0.3)
    play.label("pebble", "小石子", (px - 6, 330), at=(px, max(level + 16, py - 14)), since=1.3)


@lru_cache(1)
def _pebble() -> Sprite:
    """A small grey stone."""
    board = Canvas(160, 120, opaque=False)
    Shape(board).ellipse(320, 250, 220, 150, -12).put("#8d93a8", 90, high=0.6)
    return board.sprite()


def _push(play: Play) -> None:
    """A cut through the hull: weight down, buoyancy up, and the water that had to make room."""
    canvas, t, level = play.canvas, play.t, 214.0
    _sea(play)
    x, wide = play.x(0.5), min(290.0, play.wide * 0.7)
    sunk = keys(t, (0.0, -96.0), (0.9, 74.0, "back"))
    bob = 3 * wave(t, 0.5)
    y = level + sunk + bob
    _over(play, level, 0.55)
    moved = clamp(sunk / 74)
    for side in (-1, 1):
        for i in range(5):
            k = (t * 0.42 + i / 5) % 1
            px = x + side * (wide * 0.30 + k * wide * 0.34)
            py = level + 64 - 44 * math.sin(k * math.pi * 0.5)
            canvas.draw(speck("#d8f4ff"), px, py, 26, alpha=0.8 * moved * math.sin(k * math.pi))
    canvas.draw(_hull(), x, y + 6, 250 * wide / 320, anchor=(0.5, 1.0), turn=0.8 * wave(t, 0.4))
    ready = clamp((t - 0.9) * 3)
    up = 8 * wave(t, 0.8)
    for off in (-0.22, 0.0, 0.22):
        px = x + wide * off
        play.arrow([(px, min(388, y + 92) + up), (px, y + 20 + up)], "#8ff0d0", 12, ready)
    play.arrow([(x, y - 96 - up), (x, y - 40 - up)], "#ffb35c", 14, ready)
    left = x - wide * 0.62
    play.label("weight", "重力", (x + wide * 0.42, y - 96), at=(x + 8, y - 70), since=1.1)
    play.label("buoyancy", "浮力", (x + wide * 0.56, y + 62), at=(x + wide * 0.24, y + 54), since=1.4)
    play.label(
        "water makes room", "水被排开", (left, level - 50), at=(x - wide * 0.46, level + 14), since=1.7
    )


@lru_cache(1)
def _hull() -> Sprite:
    """A ship cut across: a red hull with air inside, decks and a white house."""
    board = Canvas(320, 320, opaque=False)  # 480 x 480
    Shape(board).polygon([(170, 96), (310, 96), (310, 190), (170, 190)], 10).put("#f4f6ff", 18, high=0.6)
    for x in (200, 240, 280):
        Shape(board).ellipse(x, 130, 12, 12).fill("#5aa8e8")
    Shape(board).polygon([(216, 40), (264, 40), (264, 96), (216, 96)], 6).put("#f04a52", 16)
    outer: list[Point] = [(70, 190), (410, 190), (384, 380), (330, 436), (150, 436), (96, 380)]
    Shape(board).polygon(outer, 10).put("#d8404c", 26, high=0.5)
    inner: list[Point] = [(96, 206), (384, 206), (362, 372), (318, 414), (162, 414), (118, 372)]
    Shape(board).polygon(inner, 4).fill("#fff4e0")
    for y in (262, 318, 370):
        inset = 100 + (y - 206) * 0.11
        Shape(board).tube([(inset, y), (480 - inset, y)], 7, 7).fill("#d9b98c")
    for x, y, tint in (
        (150, 262, "#5fce6f"),
        (206, 262, "#3fa7ff"),
        (300, 262, "#ffc93c"),
        (180, 318, "#ff924a"),
        (270, 318, "#b07cff"),
        (330, 318, "#5fce6f"),
    ):
        Shape(board).polygon([(x - 18, y - 34), (x + 18, y - 34), (x + 18, y - 6), (x - 18, y - 6)], 3).put(
            tint, 8
        )
    return board.sprite()


def _clay(play: Play) -> None:
    """A lump sinks; it is pressed into a bowl; the bowl floats, and carries somebody."""
    canvas, t, level = play.canvas, play.t, 222.0
    _sea(play)
    first, second = play.x(0.27), play.x(0.72)
    size = 96.0 if not play.portrait else 74.0
    fall = keys(t, (0.15, play.high + 40), (0.55, level, "in"), (1.35, 372.0, "out"))
    canvas.draw(_lump(), first + 4 * wave(t, 0.8) * (fall < 370), fall, size, turn=30 * clamp(t))
    shape = ease("io", (t - 1.0) / 0.6)
    high = keys(t, (0.6, 140.0), (1.5, 140.0), (1.9, level + 12, "in"))
    bob = 5 * wave(t, 0.7) * clamp(t - 1.9)
    grown = ease("back", (t - 0.5) / 0.3)
    if shape < 1:
        canvas.draw(
            _lump(), second, high, size * grown, wide=1 + 0.5 * shape, tall=1 - 0.35 * shape, alpha=1 - shape
        )
    if shape > 0:
        rider = clamp((t - 2.2) * 3)
        if rider:
            canvas.draw(
                sprite("duck"),
                second,
                high + bob - 10 - 40 * (1 - ease("bounce", rider)),
                54,
                anchor=(0.5, 1.0),
            )
        canvas.draw(
            _bowl(), second, high + bob, size * 0.8, alpha=shape, turn=3 * wave(t, 0.6) * clamp(t - 1.8)
        )
    _over(play, level, 0.5)
    sparkle(canvas, t - 0.55, first, level, 50, play.seed, 8, ("#ffffff", "#d8f4ff"))
    sparkle(canvas, t - 1.9, second, level, 60, play.seed + 1, 10, ("#ffffff", "#d8f4ff"))
    play.label("lump: sinks", "泥团：沉", (first, 312), at=(first, max(level + 20, fall - 20)), since=1.0)
    play.label("hollow: floats", "空心：浮", (second, 326), at=(second, level + 40), since=2.0)


@lru_cache(1)
def _lump() -> Sprite:
    """A ball of modelling clay."""
    board = Canvas(160, 160, opaque=False)
    Shape(board).ellipse(240, 240, 190, 178, 8).put(CLAY, 120, high=0.5)
    return board.sprite()


@lru_cache(1)
def _bowl() -> Sprite:
    """The same clay as a bowl."""
    board = Canvas(320, 200, opaque=False)
    rim: list[Point] = [
        (384 + 330 * math.cos(math.radians(a)), 120 + 300 * math.sin(math.radians(a)))
        for a in range(0, 181, 12)
    ]
    Shape(board).polygon(rim, 20).put(CLAY, 90, high=0.5)
    Shape(board).ellipse(384, 124, 320, 52).put("#b85f3c", 30, low=0.6)
    return board.sprite()


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(brief, canvas, seed, (_wonder, _push, _clay), highlights=("ship", "water", "船", "水"))
