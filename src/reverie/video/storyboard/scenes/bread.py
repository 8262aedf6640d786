"""How bread is made: wheat to flour, flour to dough, yeast that makes it rise, and the oven.

Simplified: hours become seconds; one wooden spoon kneads. Yeast cells are drawn as balls, a thousand times
too large; the gas that they give off is carbon dioxide.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, box
from reverie.video.storyboard.art.easing import arc, clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glow, shadow, sparkle, steam
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, backdrop, ball, circle, speck

TABLE = 372.0
DOUGH, FLOUR, CRUST = "#f3deb6", "#fdf6e6", "#c97f35"


@lru_cache(1)
def grain() -> Sprite:
    """A grain of wheat with its crease."""
    board = Canvas(96, 160, opaque=False)  # 288 x 480
    Shape(board).ellipse(144, 240, 92, 200).put("#e0aa4e", 80, high=0.6)
    Shape(board).tube([(144, 90), (150, 240), (144, 390)], 16, 16).fill("#a8742c", 0.7)
    return board.sprite()


@lru_cache(1)
def ear() -> Sprite:
    """An ear of wheat on its stalk."""
    board = Canvas(200, 320, opaque=False)  # 300 x 480
    Shape(board).tube([(150, 476), (146, 300), (150, 120)], 12, 8).put("#cfa54a", 5)
    for i in range(6):
        for side in (-1, 1):
            x, y = 150 + side * 28, 300 - i * 40
            Shape(board).tube([(x, y - 10), (x + side * 34, y - 92)], 4, 2).fill("#d8b45e")
            Shape(board).ellipse(x, y, 16, 33, side * 26).put("#e6b454", 13, high=0.6)
    Shape(board).ellipse(150, 66, 15, 34).put("#e6b454", 13, high=0.6)
    return board.sprite()


@lru_cache(1)
def millstone() -> Sprite:
    """A round stone seen from the side, with grooves."""
    board = Canvas(400, 160, opaque=False)  # 1200 x 480
    Shape(board).polygon([(90, 150), (1110, 150), (1110, 350), (90, 350)], 60).put("#a9adc0", 110, high=0.5)
    return board.sprite()


def _mill(play: Play) -> None:
    """Grains fall between two stones; flour comes out and piles up."""
    play.scenery("kitchen", 0, 8, 1.05)
    canvas, t = play.canvas, play.t
    x, wide = play.x(0.5), min(230.0, play.wide * 0.62)
    rng = random.Random(play.seed)
    for i, share in enumerate((0.11, 0.19, 0.27) if not play.portrait else (0.10, 0.24)):
        canvas.draw(ear(), play.x(share), TABLE + 8, 190 - 16 * i, anchor=FOOT, turn=3 * wave(t, 0.45, i / 4))
    pile = ease("out", t / play.seconds)
    Shape(canvas).polygon(_heap(x, TABLE + 6, wide * (0.55 + 0.5 * pile), 22 + 46 * pile), 3).put(
        FLOUR, 26, high=0.4, low=0.2
    )
    for _ in range(16):
        rate, late, off = rng.uniform(0.9, 1.4), rng.random(), rng.uniform(-0.46, 0.46)
        k = (t * rate + late) % 1
        canvas.draw(speck(FLOUR), x + off * wide, lerp(282, TABLE - 26, k * k), 15, alpha=0.9 * clamp(t * 2))
    groove = (t * 0.9) % 1
    for y, way in ((262.0, 0), (206.0, 1)):
        high = wide / millstone().aspect
        canvas.draw(millstone(), x, y, high)
        for i in range(6):
            k = (i + groove * way) / 6 * 2 - 1
            px = x + math.sin(k * math.pi / 2) * wide * 0.42
            Shape(canvas).tube([(px, y - high * 0.24), (px + 3 * way, y + high * 0.24)], 3.5, 3.5).fill(
                "#7b8098", 0.8
            )
    crank = math.radians(360 * 0.45 * t)
    hand = (x + wide * 0.30 * math.cos(crank), 176 - 7 * math.sin(crank))
    Shape(canvas).tube([hand, (hand[0], hand[1] - 42)], 12, 15).put("#8d5a3a", 6)
    for _ in range(9):
        rate, late, off = rng.uniform(0.7, 1.0), rng.random(), rng.uniform(-18, 18)
        k = (t * rate + late) % 1
        canvas.draw(grain(), x + off, lerp(play.high - 20, 184, k * k), 25, turn=200 * k + 90 * late)
    play.label("wheat", "小麦", (play.x(0.17), 150), at=(play.x(0.19), 226), since=0.4)
    play.label("millstones", "磨盘", (play.x(0.84), 216), at=(x + wide * 0.44, 236), since=0.8)
    play.label("flour", "面粉", (play.x(0.82), 330), at=(x + wide * 0.36, TABLE - 12), since=1.3)


def _heap(x: float, y: float, wide: float, high: float) -> list[Point]:
    """The outline of a pile."""
    return [(x - wide / 2 + wide * i / 20, y - high * math.sin(math.pi * i / 20) ** 1.4) for i in range(21)]


@lru_cache(2)
def _bowl(front: bool) -> Sprite:
    """A wide bowl: its inside with the rim, or its front alone."""
    board = Canvas(400, 240, opaque=False)  # 800 x 480
    if not front:
        Shape(board).ellipse(400, 130, 350, 92).put("#4f8fe0", 20)
        Shape(board).ellipse(400, 134, 318, 74).fill("#2f63ad")
        return Sprite(board.pixels)
    side = [
        (400 + 350 * math.cos(math.radians(a)), 130 + 310 * math.sin(math.radians(a)))
        for a in range(180, -1, -12)
    ]
    low = circle(400, 130, 350, 92, 0, 180)
    Shape(board).polygon([*reversed(low), *reversed(side)], 2).put("#5ea2f2", 80, high=0.6)
    Shape(board).polygon([(250, 420), (550, 420), (570, 452), (230, 452)], 8).put("#4f8fe0", 20)
    return Sprite(board.pixels)


def _knead(play: Play) -> None:
    """Flour, water, salt and yeast fall into the bowl; a spoon makes dough of them."""
    play.scenery("kitchen", 0, 8, 1.05)
    canvas, t = play.canvas, play.t
    x, high = play.x(0.5), 176.0 if not play.portrait else 140.0
    wide = high * 800 / 480
    y = TABLE + 12
    rim = y - high * 0.73
    shadow(canvas, x, TABLE + 8, wide * 0.6, 0, 0.5)
    canvas.draw(_bowl(False), x, y, high, anchor=(0.5, 1.0))
    round_ = ease("io", (t - 1.1) / 0.7)
    turn = 2 * math.pi * 0.9 * t
    squash = 5 * wave(t, 1.8) * round_
    Shape(canvas).ellipse(
        x + 6 * math.cos(turn),
        rim + 6 - 12 * round_ - squash,
        wide * (0.30 + 0.02 * wave(t, 1.8)),
        16 + 26 * round_ + squash,
    ).put(DOUGH if round_ > 0.4 else FLOUR, 24, high=0.5, low=0.25)
    tip = (x + wide * 0.2 * math.cos(turn), rim + 10 * math.sin(turn) - 12 * round_)
    Shape(canvas).tube([tip, (tip[0] + 52, tip[1] - 124)], 17, 13).put("#a86f42", 7)
    canvas.draw(_bowl(True), x, y, high, anchor=(0.5, 1.0))
    names = (
        ("flour", "面粉", FLOUR),
        ("water", "水", "#6cc4f7"),
        ("salt", "盐", "#ffffff"),
        ("yeast", "酵母", "#d9a566"),
    )
    for i, (en, zh, tint) in enumerate(names):
        since = 0.15 + 0.28 * i
        place = play.x(0.14 + 0.24 * i)
        for n in range(7):
            k = clamp((t - since - 0.05 * n) / 0.6)
            if 0 < k < 1:
                px = lerp(place, x + (i - 1.5) * 24, k) + 4 * (n % 3 - 1)
                py = lerp(play.high + 66, rim, k) - 56 * arc(k)
                canvas.draw(
                    speck(tint) if en != "water" else sprite("droplet"), px, py, 24 if en != "salt" else 12
                )
        play.label(en, zh, (place, play.high + 34), since=since, until=since + 1.6, height=28)
    if round_ >= 1:
        play.label("dough", "面团", (x + wide * 0.52, rim - 62), at=(x + wide * 0.14, rim - 22), since=1.9)


def _rise(play: Play) -> None:
    """A close view into the dough: yeast cells, sugar that they eat, bubbles that grow and lift it."""
    backdrop(play, "#8a5a3c", "#d9a56c", "#ffe9c4")
    canvas, t = play.canvas, play.t
    x, base = play.x(0.5), 384.0
    grown = ease("io", t / (play.seconds * 0.9))
    wide = min(470.0, play.wide * 0.86) * (0.84 + 0.16 * grown)
    high = lerp(176, 284, grown) if not play.portrait else lerp(150, 262, grown)
    dome = [
        (x - wide / 2 + wide * i / 32, base - high * math.sin(math.pi * i / 32) ** 0.42) for i in range(33)
    ]
    Shape(canvas).polygon(dome, 5).put(DOUGH, 40, high=0.5, low=0.25)
    rng = random.Random(play.seed)
    for i in range(15):
        along, up, size, late = (
            rng.uniform(-0.40, 0.40),
            rng.uniform(0.14, 0.80),
            rng.uniform(26, 62),
            rng.uniform(0, 0.45),
        )
        k = clamp((t / play.seconds - late) / 0.5)
        if k > 0:
            px, py = x + along * wide, base - up * high * math.cos(along * 1.9)
            r = size * ease("out", k) * 0.5 + 1.2 * wave(t, 0.9, i / 15)
            Shape(canvas).ellipse(px, py, r, r * 0.92).fill("#c9a06a", 0.75)
            Shape(canvas).ellipse(px + r * 0.08, py + r * 0.10, r * 0.82, r * 0.74).fill("#fff6e2")
    spots = []
    for i in range(7):
        along, up = -0.36 + 0.12 * i, 0.22 + 0.42 * ((i * 37) % 10) / 10
        px, py = (
            x + along * wide + 3 * wave(t, 0.8, i / 7),
            base - up * high * math.cos(along * 1.9) + 3 * wave(t, 0.6, i / 5),
        )
        spots.append((px, py))
        canvas.draw(ball("#e59a4a", -120, 0.4, 96), px, py, 30 + 2 * wave(t, 1.3, i / 7))
        for side in (-1, 1):
            Shape(canvas).ellipse(px + side * 5, py - 2, 2.2, 3).fill("#3a2440")
        Shape(canvas).ellipse(px, py + 6, 4.4, 2.2 + 1.6 * abs(wave(t, 1.6, i / 7))).fill("#7a3d2a")
        k = (t * 0.55 + i / 7) % 1
        canvas.draw(
            _sugar(), px + lerp(46, 8, k), py - lerp(22, 0, k), 12, turn=120 * k, alpha=clamp(6 * (1 - k))
        )
    play.label("yeast", "酵母", (play.x(0.17), 120), at=spots[1], since=0.5)
    play.label("gas bubble", "气泡", (play.x(0.78), 146), at=(x + 0.2 * wide, base - 0.55 * high), since=1.0)
    play.arrow([(x, base - high - 14), (x, base - high - 54)], "#8ff0d0", 12, clamp((t - 0.7) * 3))


@lru_cache(1)
def _sugar() -> Sprite:
    """A white cube."""
    board = Canvas(48, 48, opaque=False)
    Shape(board).polygon([(110, 110), (370, 110), (370, 370), (110, 370)], 40).put("#ffffff", 80, low=0.3)
    return board.sprite()


@lru_cache(8)
def loaf(brown: int) -> Sprite:
    """A loaf with three cuts; `brown`: 0 (dough) to 6 (baked)."""
    board = Canvas(320, 200, opaque=False)  # 768 x 480
    share = brown / 6
    mix = tuple(round(lerp(int(DOUGH[i : i + 2], 16), int(CRUST[i : i + 2], 16), share)) for i in (1, 3, 5))
    tint = "#{:02x}{:02x}{:02x}".format(*mix)
    Shape(board).ellipse(384, 290, 310, 170).polygon(
        [(100, 290), (668, 290), (640, 410), (128, 410)], 26
    ).put(tint, 120, high=0.6)
    for i in range(3):
        x = 230 + 150 * i
        Shape(board).tube([(x - 46, 196), (x, 166), (x + 46, 214)], 30, 22).put(
            FLOUR if brown < 3 else "#f0cd92", 9, high=0.4
        )
    return board.sprite()


def _bake(play: Play) -> None:
    """Behind the oven's window the loaf rises a last time and turns brown."""
    play.scenery("kitchen", 0, 8, 1.04 + 0.03 * play.share)
    canvas, t = play.canvas, play.t
    x, wide = play.x(0.5), min(380.0, play.wide * 0.88)
    top, bottom = 112.0, 384.0
    box(canvas, x - wide / 2, top, wide, bottom - top, 22, "#eef1fa", "#c5cde2", 8)
    for i in range(4):
        Shape(canvas).ellipse(x - wide * 0.30 + i * wide * 0.2, top + 26, 12, 12).put("#8d97b4", 6)
    box(canvas, x - wide * 0.42, top + 58, wide * 0.84, bottom - top - 84, 16, "#3b1d18", "#7a2f1a", 0)
    beat = 0.8 + 0.12 * wave(t, 0.8)
    glow(canvas, x, bottom - 50, wide * 0.44, "#ff8a2e", 0.75 * beat)
    glow(canvas, x, top + 82, wide * 0.34, "#ff6a2e", 0.45 * beat)
    for y in (bottom - 48, bottom - 40):
        Shape(canvas).tube([(x - wide * 0.40, y), (x + wide * 0.40, y)], 4, 4).fill("#b9c2d8", 0.8)
    done = clamp(play.share * 1.15)
    brown = min(6, int(done * 7))
    size = wide * 0.34 * (0.82 + 0.18 * ease("out", done)) + 1.5 * wave(t, 0.7)
    canvas.draw(loaf(brown), x, bottom - 44, size, anchor=FOOT)
    if brown < 6:  # one shade runs into the next
        canvas.draw(loaf(brown + 1), x, bottom - 44, size, anchor=FOOT, alpha=done * 7 - brown)
    steam(canvas, t, x, bottom - 60 - size, play.seed, width=wide * 0.4, height=90, count=7, alpha=0.45)
    Shape(canvas).polygon(
        [
            (x - wide * 0.36, top + 64),
            (x - wide * 0.22, top + 64),
            (x - wide * 0.34, bottom - 40),
            (x - wide * 0.40, bottom - 40),
        ]
    ).fill("#ffffff", 0.10)
    play.label("220 °C", "220 °C", (x - wide * 0.30, top + 88), since=0.3, tint="#ffd9b8")
    sparkle(
        canvas, t - play.seconds * 0.8, x, bottom - 100, 110, play.seed, 14, ("#ffe9a8", "#ffd34d", "#ffffff")
    )


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(
        brief,
        canvas,
        seed,
        (_mill, _knead, _rise, _bake),
        highlights=("flour", "dough", "bread", "面粉", "面团", "面包", "酵母"),
    )
