"""Why whales spout: a whale comes up, breathes out, breathes in and dives.

    up → the spout → lungs and blowhole, cut open → down

A whale with one blow, drawn like a humpback. Simplified: one lung is seen from the side (it has two), its
blowholes are one, and the airway is shown wider than it is. The spout is breath that turns to mist, with a
little of the water that lay on the blowhole; it is no fountain of sea water.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

import numpy as np

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import STILL, Canvas, Pixels, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, gradient, sky
from reverie.video.storyboard.art.easing import clamp, ease, keys, lerp, wave
from reverie.video.storyboard.art.light import bubbles, glow, ray, soft
from reverie.video.storyboard.art.sprites import sprite, tinted
from reverie.video.storyboard.diagram import Explainer, Play, aim, along, speck

SKIN, BELLY, DEEP = "#4f74b8", "#dfeaf6", "#2f4f8f"
AIR = "#dff6ff"
SURFACE = 196.0
"""Height of the water on the screen, virtual units."""

BLOWHOLE: Point = (-92, -58)
"""On the whale, whose middle is (0, 0); it looks to the left and is about 420 long."""

LUNG: Point = (10, -6)


def rise(play: Play) -> None:
    """From the deep it swims up to the light."""
    canvas, t, k = play.canvas, play.t, play.share
    size = 0.56 if play.portrait else 0.92 * _roomy(play)
    _sea(play, SURFACE - 60)
    up = ease("io", k / 0.95)
    x, y = play.x(lerp(0.72, 0.5, up)), lerp(360, 172, up)
    canvas.camera = STILL
    bubbles(canvas, t, x - 60 * size, y - 30, play.seed, width=120, height=150, count=8)
    aim(canvas, (0, 0), (x, y), size)
    _whale(canvas, t, 26 * (1 - up) + 3 * wave(t, 0.4))
    _front_water(play, SURFACE - 60)
    aim(canvas, (0, 0), (x, y), size)
    if k > 0.2:
        place = (-120, 150) if play.portrait else (-190, 110)
        play.label("Whale: a mammal", "鲸鱼是哺乳动物", place, at=(-60, 22), since=0.2 * play.seconds)
    play.label("Air", "空气", (120, -150), since=1.4, tint=AIR)


def blow(play: Play) -> None:
    """At the surface it breathes out: the spout."""
    canvas, t = play.canvas, play.t
    size = 0.58 if play.portrait else 0.95 * _roomy(play)
    line = SURFACE + 64
    _sea(play, line)
    x, y = play.x(0.52 if play.portrait else 0.5), line + 30 * size + 4 * wave(t, 0.5)
    aim(canvas, (0, 0), (x, y), size)
    _spout(play, t - 0.25, 250)
    _whale(canvas, t, 2 * wave(t, 0.4), puff=1 - 0.1 * clamp(t - 0.25))
    _front_water(play, line)
    aim(canvas, (0, 0), (x, y), size)
    place = (10, 128) if play.portrait else (100, -112)
    play.label("Blowhole: its nostril", "喷气孔就是鼻孔", place, at=BLOWHOLE, since=0.5)
    place = (10, -322) if play.portrait else (-300, -170)
    play.label("Warm breath, not sea water", "是热气，不是海水", place, at=(-100, -180), since=1.1, tint=AIR)


def breathe(play: Play) -> None:
    """Cut open: air rushes through the blowhole into the lung; then the flap shuts."""
    canvas, t, k = play.canvas, play.t, play.share
    size = 0.64 if play.portrait else 1.16
    line = SURFACE - 8
    _sea(play, line)
    x, y = play.x(0.55), line + 40 * size + 4 * wave(t, 0.5)
    full = ease("io", (k - 0.12) / 0.5)
    aim(canvas, (0, 0), (x, y), size)
    _whale(canvas, t, 0, puff=1 + 0.05 * full)
    _airway(canvas, full, 1 - ease("io", (k - 0.62) / 0.1))
    if k < 0.64:
        way = [(-150.0, -150.0), (-112.0, -96.0), BLOWHOLE, (-70.0, -28.0), (-30.0, -10.0), (30.0, -8.0)]
        play.flow(way, speck("#ffffff"), 17, count=14, rate=1.1, stray=4)
        play.arrow([(-170, -170), (-128, -118), (-100, -74)], "#8fe3ff", 11, grown=t / 0.5)
    _front_water(play, line)
    aim(canvas, (0, 0), (x, y), size)
    lung = (80, 150) if play.portrait else (120, 122)
    play.label("Lung", "肺", lung, at=(LUNG[0] + 30, LUNG[1] + 6), since=0.5, tint="#ffd0d4")
    if k < 0.6:
        play.label(
            "Fresh air in",
            "吸进新鲜空气",
            (-20, -150),
            at=(-108, -100),
            since=0.9,
            until=0.6 * play.seconds,
            tint=AIR,
        )
    else:
        place = (-20, -150)
        play.label(
            "Shut: no water gets in",
            "关紧，水进不来",
            place,
            at=BLOWHOLE,
            since=0.66 * play.seconds,
            tint="#ffd34d",
        )


def dive(play: Play) -> None:
    """The tail comes up, and down it goes, into the dark."""
    canvas, t, k = play.canvas, play.t, play.share
    size = 0.5 if play.portrait else 0.8 * _roomy(play)
    down = ease("in", k)
    line = lerp(SURFACE - 40, -60, ease("io", k))
    _sea(play, line)
    x, y = play.x(lerp(0.6, 0.44, k)), lerp(SURFACE + 10, 262, ease("io", k))
    bubbles(canvas, t, x + 40, y + 10, play.seed, width=90, height=160, count=5)
    for i in range(9):
        rng = random.Random(play.seed + i)
        fx = (rng.uniform(0, play.wide) + (20 + 10 * (i % 3)) * t) % (play.wide + 60) - 30
        fy = rng.uniform(240, 400) - 40 * k
        canvas.draw(
            tinted("tropical-fish" if i % 3 else "fish", "#2f6fae", 0.35),
            fx,
            fy,
            rng.uniform(14, 26),
            flip=True,
        )
    aim(canvas, (0, 0), (x, y), size)
    turn = -30 * math.sin(math.pi * min(1.0, 0.15 + 0.6 * k)) - 4
    _whale(canvas, t, turn, puff=1.05)
    _airway(canvas, 1 - 0.3 * k, 0.0, turn)
    _front_water(play, line)
    canvas.camera = STILL
    dark = soft("#041437", 0.5)
    canvas.draw(dark, play.x(0.5), 620, 620, wide=play.wide / 330, alpha=0.55 * down)
    minutes = (play.x(0.5), 84.0) if play.portrait else (play.x(0.24), 96.0)
    play.label("Some can for over an hour", "有的能憋一个多小时", minutes, since=0.8, tint="#ffd34d")


def _roomy(play: Play) -> float:
    """How much larger the whale may be where the picture is wide."""
    return clamp(play.wide / 700, 1.0, 1.18)


# ---------------------------------------------------------------------------------- the whale


def _whale(canvas: Canvas, t: float, turn: float, puff: float = 1.0) -> None:
    """The whale about (0, 0), turned by degrees; its tail and flipper beat."""
    beat = 5 * wave(t, 0.55)
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))

    def at(x: float, y: float) -> Point:
        return x * c - y * s, x * s + y * c

    stock = [at(110, -4), at(170, -12 + beat), at(226, -36 + 2.6 * beat)]
    Shape(canvas).tube(along(stock, 16), 92, 24).put(SKIN, 16)
    root = stock[-1]
    for spread, tint in ((-34, DEEP), (24, SKIN)):
        angle = math.radians(turn + spread - 26 + 3 * beat)
        tip = (root[0] + 76 * math.cos(angle), root[1] + 76 * math.sin(angle))
        bow = (root[0] + 44 * math.cos(angle - 0.35), root[1] + 44 * math.sin(angle - 0.35))
        Shape(canvas).tube(along([root, bow, tip], 12), 30, 7).put(tint, 8)
    canvas.draw(_trunk(), *at(-20, 0), 210, turn=turn, tall=puff)
    foot = at(-62, 40)
    angle = math.radians(turn + 62 + 12 * wave(t, 0.55, 0.3))
    tip = (foot[0] + 96 * math.cos(angle), foot[1] + 96 * math.sin(angle))
    bow = (foot[0] + 54 * math.cos(angle + 0.3), foot[1] + 54 * math.sin(angle + 0.3))
    Shape(canvas).tube(along([foot, bow, tip], 14), 36, 12).put("#456aae", 9)
    ex, ey = at(-136, 12)
    shut = (t * 0.4) % 1 < 0.06
    Shape(canvas).ellipse(ex, ey, 7.5, 1.6 if shut else 8.5).fill("#ffffff" if not shut else "#16233f")
    if not shut:
        Shape(canvas).ellipse(ex - 1.5, ey + 0.5, 5, 6).fill("#16233f")
        Shape(canvas).ellipse(ex - 3, ey - 2, 1.8, 2).fill("#ffffff")


@lru_cache(1)
def _trunk() -> Sprite:
    """Head and body without what moves, looking left; 2.1 pixels a unit, (0, 0) in the board's middle."""
    board = Canvas(882, 441, opaque=False)
    aim(board, (0, 0), (480, 240), 240 / 105)
    back = [
        (-202, 22),
        (-196, -8),
        (-160, -36),
        (-110, -56),
        (-92, -60),
        (-60, -58),
        (20, -62),
        (90, -48),
        (150, -24),
    ]
    under = [(160, 10), (110, 36), (30, 60), (-60, 68), (-140, 58), (-190, 38), (-202, 22)]
    ring_ = along([*back, *under], 90)
    Shape(board).polygon(ring_, 2).put(SKIN, 24, high=0.6)
    throat = [
        (-202, 26),
        (-150, 34),
        (-90, 34),
        (-20, 44),
        (50, 44),
        (110, 34),
        (40, 60),
        (-60, 68),
        (-140, 58),
        (-190, 42),
        (-202, 26),
    ]
    Shape(board).polygon(along(throat, 70), 1).put(BELLY, 10, high=0.4)
    folds = Shape(board)
    for i in range(5):
        y = 40 + i * 5.5
        folds.tube(along([(-186 + i * 9, y), (-110, y + 3), (-10 - i * 14, y + 5)], 14), 2.2, 1.4)
    folds.fill("#a9bdd6", 0.9)
    smile = along([(-203, 24), (-170, 30), (-140, 28), (-122, 20)], 14)
    Shape(board).tube(smile, 3.4, 2.6).fill("#1f3566")
    Shape(board).ellipse(-118, 34, 11, 6.5).fill("#ff9fb4", 0.5)
    fin = along([(14, -58), (44, -74), (70, -84), (66, -66), (78, -50), (14, -58)], 30)
    Shape(board).polygon(fin, 2).put(SKIN, 7)
    Shape(board).ellipse(BLOWHOLE[0], BLOWHOLE[1] - 1, 15, 6).put(DEEP, 3)
    for x, y in ((-176, -10), (-162, -20), (-150, -6), (-144, -26)):
        Shape(board).ellipse(x, y, 3.4, 2.8).put("#6f92cf", 1)
    return Sprite(board.pixels)


def _airway(canvas: Canvas, full: float, open_: float, turn: float = 0.0) -> None:
    """Windpipe and lung seen through the skin; `full` 0..1 of air, `open_` of the blowhole's flap."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))

    def at(x: float, y: float) -> Point:
        return x * c - y * s, x * s + y * c

    x, y = LUNG
    line = (BLOWHOLE, (-86, -36), (-62, -22), (-26, -14), (x - 30, y - 4))
    pipe = along([at(*point) for point in line], 24)
    Shape(canvas).tube(pipe, 17, 17).fill("#22407e", 0.75)
    Shape(canvas).tube(pipe, 10, 10).fill("#cfeefc")
    rx, ry = 46 + 26 * full, 15 + 15 * full
    lung = Shape(canvas).ellipse(*at(x + 26, y), rx, ry, turn - 4)
    lung.ellipse(*at(x - 16 + 6 * full, y + 1), rx * 0.55, ry * 0.8, turn).put("#f58f9c", 9, high=0.7)
    twigs = Shape(canvas)
    for reach, lift in ((0.7, -0.45), (0.95, 0.0), (0.7, 0.45)):
        twig = (at(x - 30, y - 4), at(x, y + lift * ry * 0.5), at(x + rx * reach, y + lift * ry))
        twigs.tube(along(twig, 10), 6, 3)
    twigs.fill("#fff0f2", 0.95)
    bx, by = BLOWHOLE
    Shape(canvas).ellipse(*at(bx, by - 1), 13, 5.5, turn).fill("#0f1f45")
    flap = 13 * (1 - open_)
    if flap > 1:
        Shape(canvas).ellipse(*at(bx - 13 + flap, by - 2), flap, 6, turn).put("#7f9fdc", 2.5)


def _spout(play: Play, t: float, high: float) -> None:
    """Breath that shoots up, widens, drifts off as mist; drops fall back."""
    if t <= 0:
        return
    rng = random.Random(play.seed + 4)
    x, y = BLOWHOLE
    push = keys(t, (0, 0), (0.12, 1), (1.9, 1), (2.6, 0.4))
    mist, drop = soft("#ffffff", 0.8), sprite("droplet")
    for i in range(46):
        start, lean, tall = rng.random(), rng.uniform(-1, 1), rng.uniform(0.7, 1.0)
        age = t * 0.95 - start
        if age < 0:
            continue
        k = age % 1
        out = ease("out", k) * tall
        px = x - 6 + lean * (7 + 74 * k * k) + 30 * k * k
        py = y - high * (0.55 + 0.45 * push) * out + 46 * k**3
        seen = (0.35 + 0.65 * push) * math.sin(math.pi * min(1.0, 0.2 + k * 0.82))
        play.canvas.draw(mist, px, py, 26 + 74 * k, alpha=seen)
        if i % 4 == 0 and k > 0.3:
            fall = (k - 0.3) / 0.7
            play.canvas.draw(drop, px + lean * 90 * fall, py + 110 * fall * fall, 12, alpha=0.9 * (1 - fall))


# ---------------------------------------------------------------------------------- the sea


def _sea(play: Play, line: float) -> None:
    """Sky above, water behind everything below height `line`."""
    canvas = play.canvas
    canvas.camera = STILL
    height, width = canvas.pixels.shape[:2]
    sky_, water_ = _pictures(width, height)
    row = max(0, min(height, round(line * canvas.unit)))
    canvas.pixels[:row] = sky_[height - row :]
    canvas.pixels[row:] = water_[: height - row]
    if line > 60:
        glow(canvas, play.x(0.14), line - 92, 110, "#fff3b0", 0.8)
        for i in range(3):
            x = (play.x(0.2 + 0.36 * i) + 7 * play.clock) % (play.wide + 120) - 60
            canvas.draw(sprite("cloud"), x, line - 96 - 22 * (i % 2), 40, wide=1.4, alpha=0.85)
    for i in range(5):
        canvas.draw(
            ray("#dff8ff"),
            play.x(0.1 + 0.2 * i),
            line - 10,
            70,
            wide=1.4,
            turn=100 - 6 * i + 3 * wave(play.clock, 0.13, i * 0.3),
            alpha=0.20 + 0.07 * wave(play.clock, 0.4, i * 0.2),
            anchor=(0, 0.5),
        )


def _front_water(play: Play, line: float) -> None:
    """A veil of water before whoever swims in it, with its moving edge."""
    canvas = play.canvas
    canvas.camera = STILL
    if line < -20:
        return
    edge = []
    for i in range(25):
        x = -10 + (play.wide + 20) * i / 24
        edge.append((x, line + 3.4 * wave(play.clock, 0.45, x / 150) + 2 * wave(play.clock, 0.7, x / 64)))
    height, width = canvas.pixels.shape[:2]
    row = max(0, min(height, round(line * canvas.unit)))
    canvas.blend(_veil(width, height)[: height - row], 0, row)
    Shape(canvas).tube(edge, 5, 5).fill("#ffffff", 0.75)
    Shape(canvas).tube([(x, y + 5) for x, y in edge], 5, 5).fill("#bfeaff", 0.4)


@lru_cache(4)
def _veil(width: int, height: int) -> Pixels:
    """A thin blue over everything."""
    veil = np.empty((height, width, 4), np.uint8)
    veil[:] = (12, 41, 58, 66)
    return veil


@lru_cache(4)
def _pictures(width: int, height: int) -> tuple[Pixels, Pixels]:
    """The sky, whose lower edge is the horizon; the water, whose upper edge is the surface."""
    board = Canvas(width, height)
    sky(board, ((0, "#1f7fe0"), (0.6, "#63b8f5"), (1, "#b9e4fb")))
    water_ = gradient(width, height, ((0, "#4fc6ee"), (0.35, "#1f8fd6"), (1, "#0b3f8f")))
    return board.pixels, water_


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(
        brief, canvas, seed, (rise, blow, breathe, dive), accents=("#8fe3ff", "#ffffff", "#ffd34d")
    )
