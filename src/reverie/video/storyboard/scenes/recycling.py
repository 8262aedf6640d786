"""How recycling works: sorting, flakes and melt, and what comes back.

Simplified: three bins (colours differ from town to town, so each shows what it takes); one plastic (PET),
whose flakes become bottles again or threads for cloth.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, box
from reverie.video.storyboard.art.easing import arc, clamp, ease, keys, lerp, wave
from reverie.video.storyboard.art.light import bubbles, glow, shadow, sparkle, steam
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, along, backdrop

GROUND = 368.0
PLASTIC = "#7fd3ee"
BINS = (
    ("paper", "纸", "#3f86f0", "#275cb4", "memo"),
    ("plastic", "塑料", "#ffb52e", "#cf8714", "bottle"),
    ("metal", "金属", "#46c46c", "#23894a", "can"),
)
"""What each takes in English and Chinese, its colours, and what flies into it."""


@lru_cache(1)
def can() -> Sprite:
    """A drink can."""
    board = Canvas(160, 240, opaque=False)  # 320 x 480
    Shape(board).polygon(
        [(70, 70), (250, 70), (268, 120), (268, 380), (250, 430), (70, 430), (52, 380), (52, 120)], 4
    ).put("#c9d2e6", 90, high=0.9)
    Shape(board).polygon([(54, 150), (266, 150), (266, 350), (54, 350)], 2).put("#e2475a", 90, high=0.6)
    Shape(board).ellipse(160, 72, 88, 20).put("#aab4cc", 8)
    Shape(board).ellipse(160, 250, 50, 50).fill("#ffffff", 0.85)
    return board.sprite()


@lru_cache(1)
def bottle() -> Sprite:
    """A clear plastic bottle with a blue cap."""
    board = Canvas(160, 320, opaque=False)  # 240 x 480
    Shape(board).polygon(
        [(92, 84), (148, 84), (152, 128), (196, 200), (196, 440), (44, 440), (44, 200), (88, 128)], 12
    ).put(PLASTIC, 70, high=0.7)
    Shape(board).polygon([(44, 250), (196, 250), (196, 340), (44, 340)], 2).put("#ffffff", 60, low=0.2)
    Shape(board).polygon([(88, 40), (152, 40), (152, 84), (88, 84)], 6).put("#3f74d8", 14)
    Shape(board).polygon([(66, 210), (80, 210), (80, 420), (66, 420)], 4).fill("#ffffff", 0.5)
    return board.sprite()


def _thing(name: str) -> Sprite:
    return can() if name == "can" else bottle() if name == "bottle" else sprite(name)


@lru_cache(3)
def bin_(index: int) -> Sprite:
    """A bin with the picture of what it takes."""
    _, _, tint, low, name = BINS[index]
    board = Canvas(240, 320, opaque=False)  # 360 x 480
    box(board, 50, 110, 260, 350, 30, tint, low, 8)
    box(board, 30, 76, 300, 56, 22, tint, low, 8)
    Shape(board).ellipse(180, 300, 96, 96).fill("#ffffff", 0.92)
    board.draw(_thing(name), 180, 300, 124)
    return board.sprite()


def _sort(play: Play) -> None:
    """Things fly in an arc, each into its own bin."""
    play.scenery("park", 0, 4, 1.05)
    canvas, t = play.canvas, play.t
    high = 168.0 if not play.portrait else 112.0
    spots = [play.x(0.2 + 0.3 * i) for i in range(3)]
    rng = random.Random(play.seed)
    order = [0, 1, 2, 1, 0, 2, 1, 0, 2]
    for i, x in enumerate(spots):
        shadow(canvas, x, GROUND + 2, high * 0.7, 0, 0.5)
        late = max(
            (t - 0.55 - 0.36 * n for n, into in enumerate(order) if into == i and t > 0.55 + 0.36 * n),
            default=9,
        )
        squash = 0.05 * math.exp(-7 * late) * math.sin(late * 26)
        canvas.draw(bin_(i), x, GROUND + 6, high, wide=1 + squash, tall=1 - squash, anchor=FOOT)
    for n, into in enumerate(order):
        start = 0.36 * n - 0.1
        k = (t - start) / 0.65
        begin = rng.uniform(0.1, 0.9)
        if not 0 < k < 1:
            continue
        x = lerp(play.x(begin), spots[into], k)
        y = lerp(play.high + 20, GROUND - high * 0.86, k * k) - 30 * arc(k)
        canvas.draw(
            _thing(BINS[into][4]),
            x,
            y,
            high * 0.36 * (1 - 0.35 * clamp(k * 4 - 3)),
            turn=260 * k * (1 if n % 2 else -1),
        )
    for i, (en, zh, *_rest) in enumerate(BINS):
        play.label(en, zh, (spots[i], GROUND - high - 30), since=0.3 + 0.2 * i)


def _melt(play: Play) -> None:
    """Washed, shredded, melted: three stations, and the bottle runs through them."""
    backdrop(play, "#27496f", "#7fa9d4", "#eaf4ff")
    t = play.t
    third = play.seconds / 3
    stage = min(2, int(t / third))
    into = t - stage * third
    x, y = play.x(0.5), 236.0
    if stage == 0:
        _wash(play, x, y, into)
    elif stage == 1:
        _shred(play, x, y, into)
    else:
        _pot(play, x, y, into, third)
    play.steps(3, stage)
    for i, (en, zh) in enumerate((("1 wash", "1 清洗"), ("2 shred", "2 打碎"), ("3 melt", "3 熔化"))):
        if stage == i:
            play.label(en, zh, (play.x(0.22), 118), since=i * third + 0.05, height=40, tint="#fff0b8")


def _wash(play: Play, x: float, y: float, t: float) -> None:
    canvas = play.canvas
    box(canvas, x - 116, y + 30, 232, 116, 36, "#e6ecf8", "#b9c6de", 8)
    box(canvas, x - 100, y + 42, 200, 40, 18, "#7fd0f2", "#4fb0e6", 0)
    canvas.draw(bottle(), x + 12 * wave(t, 1.2), y + 4 + 5 * wave(t, 1.7), 170, turn=14 * wave(t, 1.2))
    box(canvas, x - 116, y + 70, 232, 80, 30, "#dbe4f4", "#aebdd8", 6)
    bubbles(canvas, t + 2, x, y + 74, play.seed, width=190, height=170, count=16)


def _shred(play: Play, x: float, y: float, t: float) -> None:
    canvas = play.canvas
    fall = keys(t, (0.0, y - 130), (0.7, y + 10, "lin"))
    gone = clamp((t - 0.25) / 0.5)
    if gone < 1:
        canvas.draw(bottle(), x + 2 * wave(t, 13), fall, 150, tall=1 - 0.7 * gone, turn=4 * wave(t, 9))
    for side in (-1, 1):
        canvas.draw(_teeth(), x + side * 62, y + 66, 128, turn=-side * 300 * t, flip=side < 0)
    rng = random.Random(play.seed)
    for _ in range(26):
        off, rate, late, turn = rng.uniform(-1, 1), rng.uniform(1.0, 1.5), rng.random(), rng.uniform(0, 360)
        k = (t * rate + late) % 1
        if t * rate + late > 0.55:
            canvas.draw(
                flake(),
                x + off * (24 + 60 * k),
                lerp(y + 96, 380, k * k),
                19,
                turn=turn + 400 * k,
                alpha=clamp(5 * (1 - k)),
            )
    for i in range(22):
        off, turn = rng.uniform(-1, 1), rng.uniform(0, 360)
        if i / 22 < t * 1.1:
            canvas.draw(flake(), x + off * 100, 382 - 26 * (1 - abs(off)) * rng.random(), 19, turn=turn)


@lru_cache(1)
def flake() -> Sprite:
    """A flake of plastic."""
    board = Canvas(96, 96, opaque=False)
    Shape(board).polygon([(110, 150), (340, 90), (400, 290), (210, 390)], 12).put(PLASTIC, 40, high=0.8)
    return board.sprite()


@lru_cache(1)
def _teeth() -> Sprite:
    """A shredder's wheel."""
    board = Canvas(240, 240, opaque=False)
    ring: list[Point] = []
    for i in range(12):
        a = math.tau * i / 12
        ring += [
            (240 + 214 * math.cos(a), 240 + 214 * math.sin(a)),
            (240 + 160 * math.cos(a + 0.34), 240 + 160 * math.sin(a + 0.34)),
        ]
    Shape(board).polygon(ring, 6).put("#8d97b4", 40, high=0.8)
    Shape(board).ellipse(240, 240, 70, 70).put("#4a4f6b", 24)
    return board.sprite()


def _pot(play: Play, x: float, y: float, t: float, seconds: float) -> None:
    canvas = play.canvas
    glow(canvas, x, y + 120, 150, "#ff8a2e", 0.7 + 0.1 * wave(t, 1.5))
    for i in range(5):
        canvas.draw(sprite("fire"), x + (i - 2) * 44, 388, 40 + 6 * wave(t, 1.7, i / 5), anchor=FOOT)
    box(canvas, x - 120, y - 10, 240, 136, 44, "#6c7492", "#3f4560", 8)
    soft = ease("io", t / (seconds * 0.8))
    surface = y + 8 + 3 * wave(t, 1.4)
    box(canvas, x - 102, surface, 204, 96, 34, "#8fe0f7", "#4fb6de", 6)
    rng = random.Random(play.seed)
    for i in range(26):
        off, up, turn = rng.uniform(-1, 1), rng.uniform(0.05, 0.85), rng.uniform(0, 360)
        left = clamp(1 - soft * 1.7 + 0.7 * (i / 26))
        if left > 0:
            canvas.draw(flake(), x + off * 84, surface + 10 + up * 66, 19 * left, turn=turn + 40 * t)
    bubbles(canvas, t + 1, x, surface + 60, play.seed, width=150, height=60, count=9)
    steam(canvas, t + 1, x, surface - 6, play.seed, width=150, height=80, count=7)


def _new(play: Play) -> None:
    """On a belt: old bottles run in, new things run out."""
    play.scenery("shop", 0, 6, 1.05)
    canvas, t = play.canvas, play.t
    x, y = play.x(0.5), GROUND - 44
    high = 96.0 if not play.portrait else 74.0
    box(canvas, -20, y, play.wide + 40, 34, 10, "#565c7c", "#33384f", 4)
    for i in range(int(play.wide / 44) + 2):
        px = (i * 44 + 62 * t) % (play.wide + 44) - 22
        Shape(canvas).ellipse(px, y + 18, 9, 9).put("#aab4cc", 5)
    names = ("backpack", "t-shirt", "teddy-bear", "running-shoe")
    span = play.wide / 2 + 90
    for i in range(6):
        place = (62 * t * 1.35 + i * span / 3) % (2 * span) - 90
        hop = 3 * abs(wave(t, 1.8, i / 3))
        if place < x - 30:
            canvas.draw(bottle(), place, y - hop + 2, high, anchor=FOOT, turn=3 * wave(t, 0.9, i / 6))
        elif place > x + 30:
            which = bottle() if i % 3 == 0 else sprite(names[i % 4])
            pop = ease("back", (place - x - 30) / 60)
            canvas.draw(
                which, place, y - hop + 2, high * (0.9 + 0.1 * pop) * min(1.0, pop + 0.2), anchor=FOOT
            )
            if place < x + 130:
                sparkle(canvas, (place - x - 30) / 100, place, y - high * 0.6, 50, play.seed + i, 8)
    wide = 140.0 if not play.portrait else 104.0
    box(canvas, x - wide / 2, y - high * 1.75, wide, high * 1.75 + 36, 24, "#46c46c", "#23894a", 8)
    _loop(play, x, y - high * 0.95, wide * 0.30, t)
    play.label("old bottles", "旧瓶子", (play.x(0.16), y - high - 34), since=0.4)
    play.label("new things", "新东西", (play.x(0.84), y - high - 34), since=0.9)


def _loop(play: Play, x: float, y: float, radius: float, t: float) -> None:
    """Three arrows that chase each other: the sign of going round."""
    for i in range(3):
        start = 120 * i + 40 * t
        way = [
            (
                x + radius * math.cos(math.radians(start + k * 21)),
                y + radius * math.sin(math.radians(start + k * 21)),
            )
            for k in range(5)
        ]
        play.arrow(along(way, 10), "#ffffff", radius * 0.26)


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(
        brief,
        canvas,
        seed,
        (_sort, _melt, _new),
        highlights=("paper", "plastic", "metal", "new", "纸", "塑料", "金属", "新"),
    )
