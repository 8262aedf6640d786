"""How bees make honey: from the flower to the sealed cell.

    sip nectar → pass it on → fan it dry → close the cell with wax

Simplified: one flower stands for the many of a flight, one house bee for the several that pass the nectar on
and add their enzymes to it; the drying, in truth days, takes seconds.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import lru_cache

import cv2

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import STILL, Canvas, Pixels, Sprite
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import TAU, clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glints, glow, motes, soft, steam
from reverie.video.storyboard.diagram import Explainer, Play, aim, along, speck

YELLOW, BROWN, WING = "#ffc233", "#4a2c1a", "#eaf6ff"
NECTAR, HONEY, WAX = "#ffe98a", "#f29a13", "#f6dfa8"

_Place = Callable[[float, float], Point]


def sip(play: Play) -> None:
    """A bee comes to a flower and fills its honey stomach."""
    canvas, t = play.canvas, play.t
    play.scenery("park", x=6 * wave(play.clock, 0.1), zoom=1.08)
    size = 0.74 if play.portrait else 1.2
    aim(canvas, (0, 0), (play.x(0.67 if play.portrait else 0.6), 262), size)
    _flower(canvas, play.clock)
    came = ease("out", t / (0.3 * play.seconds))
    x, y = lerp(-260, -86, came), lerp(-150, -52, came) + 3 * wave(t, 1.6) * (1.2 - came)
    full = clamp((play.share - 0.34) / 0.55)
    tongue = ease("io", (came - 0.9) / 0.1)
    if tongue > 0:
        _tongue(canvas, x, y, tongue)
    _bee(canvas, x, y, t, 1 - 0.55 * tongue, full)
    if tongue >= 1:
        way = [(0.0, 2.0), (x + 62, y + 34), (x + 44, y + 8), (x - 40, y + 10)]
        play.flow(way, speck(HONEY), 13, count=7, rate=0.9, stray=1.5, since=0.32 * play.seconds)
        play.label(
            "Nectar", "花蜜", (30, 74) if play.portrait else (110, 40), at=(4, 6), since=1.1, tint=NECTAR
        )
        place = (-84, -150) if play.portrait else (-180, -118)
        play.label("Honey stomach", "蜜胃", place, at=(x - 44, y + 6), since=1.6, tint="#ffd98a")


def share(play: Play) -> None:
    """Two bees, head to head: a drop goes from mouth to mouth."""
    canvas, t = play.canvas, play.t
    _hive(play, 1.0)
    size = 0.85 if play.portrait else 1.5
    aim(canvas, (0, 0), (play.x(0.5), 216), size)
    passed = clamp((play.share - 0.15) / 0.75)
    near = 4 * ease("out", t / 0.5)
    tilt = 3 * wave(t, 0.5)
    if play.portrait:
        _bee_above(canvas, (0, -96 + near), 1.32, 90 + tilt, t, 0.0, 1 - passed)
        _bee_above(canvas, (0, 96 - near), 1.32, -90 - tilt, t, 0.0, passed)
        way = [(0.0, -112.0), (0.0, -40.0), (0.0, 0.0), (0.0, 40.0), (0.0, 120.0)]
    else:
        _bee_above(canvas, (-96 + near, 0), 1.32, tilt, t, 0.0, 1 - passed)
        _bee_above(canvas, (96 - near, 0), 1.32, 180 - tilt, t, 0.0, passed)
        way = [(-112.0, 0.0), (-40.0, 0.0), (0.0, 0.0), (40.0, 0.0), (120.0, 0.0)]
    glow(canvas, 0, 0, 34 + 5 * wave(t, 1.5), "#ffd34d", 0.7)
    play.flow(way, speck("#ffb52e"), 16, count=8, rate=0.7, stray=2, since=-1)
    Shape(canvas).ellipse(0, 0, 8 + wave(t, 1.5), 8 + wave(t, 1.5)).put("#ffb52e", 4, high=0.9)
    if play.portrait:
        play.label("Forager", "采蜜蜂", (96, -150), at=(26, -140), since=0.5)
        play.label("House bee", "内勤蜂", (-96, 196), at=(-26, 146), since=1.0)
    else:
        play.label("Forager", "采蜜蜂", (-118, -94), at=(-112, -26), since=0.5)
        play.label("House bee", "内勤蜂", (112, 94), at=(112, 26), since=1.0)


def fan(play: Play) -> None:
    """Bees fan over filled cells: water rises as vapour, what stays grows thick and golden."""
    canvas, t, k = play.canvas, play.t, play.share
    _hive(play, 0.0)
    for i, (x, y) in enumerate(_middle(play)):
        dry = clamp(k * 1.5 - 0.05 * (i % 5))
        _cell(canvas, x, y, dry, t + 0.3 * i)
    middle = play.x(0.5)
    for i in range(3):
        x = middle + (i - 1) * (62 if play.portrait else 110)
        steam(canvas, play.clock + i, x, 236, play.seed + i, width=60, height=150, count=6, alpha=0.6)
    places = _fanners(play)
    for i, (x, y, turn) in enumerate(places):
        size = 0.82 if play.portrait else 1.05
        _bee_above(canvas, (x, y), size, turn + 3 * wave(t, 0.7, i * 0.3), t + i, 1.0, 0.0)
        _breeze(canvas, (x, y), turn, t + 0.3 * i)
    side = 0.24 if play.portrait else 0.16
    play.label("Water leaves as vapour", "水分变成水汽跑掉", (play.x(0.5), 92), since=0.5, tint="#d9f1ff")
    x, y = _middle(play)[0]
    play.label("Honey", "蜂蜜", (play.x(side), 236), at=(x, y), since=play.seconds * 0.5, tint="#ffd98a")


def seal(play: Play) -> None:
    """Wax lids close over the honey, cell after cell."""
    canvas, t = play.canvas, play.t
    _hive(play, 0.0)
    cells = _middle(play)
    done = play.share * (len(cells) + 1.5)
    at = cells[min(len(cells) - 1, int(done))]
    for i, (x, y) in enumerate(cells):
        _cell(canvas, x, y, 1.0, t)
        _lid(canvas, x, y, ease("io", done - i))
    before = cells[max(0, min(len(cells) - 1, int(done) - 1))]
    step = ease("io", (done % 1) * 2.5) if done < len(cells) else 1.0
    x, y = lerp(before[0], at[0], step), lerp(before[1], at[1], step)
    turn = 24 * wave(t, 0.4) - 90
    x = clamp(x, play.wide / 2 - 74, play.wide / 2 + 74) if play.portrait else x
    _bee_above(canvas, (x + 4, y + 52), 1.05 if play.portrait else 1.3, turn, t, 0.1, 0.0)
    glints(canvas, t, cells[0][0], cells[0][1], 190, 130, play.seed, 6)
    side = 0.2 if play.portrait else 0.15
    play.label("Wax lid", "蜡盖", (play.x(side), 104), at=cells[1], since=play.seconds * 0.42, tint=WAX)
    if not play.portrait:
        place, last = (play.x(1 - side), 236), play.seconds * 0.8
        play.label("Honey", "蜂蜜", place, at=cells[-1], since=0.4, until=last, tint="#ffd98a")


# ---------------------------------------------------------------------------------- the flower


def _flower(canvas: Canvas, t: float) -> None:
    """A flower seen from the side, its cup cut open on nectar at (0, 0)."""
    canvas.draw(_blossom(), 0, 160, 320, anchor=(0.5, 400 / 480), turn=1.2 * wave(t, 0.3))


@lru_cache(1)
def _blossom() -> Sprite:
    """The flower, 1.5 times as large, (0, 160) of it at (240, 400) of the board."""
    canvas = Canvas(960, 960, opaque=False)
    aim(canvas, (0, 160), (240, 400), 1.5)
    stem = along([(0, 160), (-10, 110), (0, 48)], 14)
    Shape(canvas).tube(stem, 12, 9).put("#58ad3f", 4)
    for side in (-1, 1):
        blade = along([(-6, 130), (side * 40, 96), (side * 74, 104)], 12)
        Shape(canvas).tube(blade[:7], 5, 26).tube(blade[6:], 26, 3).put("#6cc24c", 6)
    petals = ((-78, "#ff6fa5"), (78, "#ff6fa5"), (-46, "#ff86b5"), (46, "#ff86b5"), (0, "#ff9cc4"))
    for turn, tint in petals:
        angle = math.radians(turn)
        x, y = 62 * math.sin(angle), 14 - 62 * math.cos(angle) * 0.72
        Shape(canvas).ellipse(x, y, 30, 54, turn).put(tint, 13, high=0.6)
    cup = [(-40.0, 4.0), (-30.0, 34.0), (-10.0, 52.0), (10.0, 52.0), (30.0, 34.0), (40.0, 4.0), (0.0, -6.0)]
    Shape(canvas).polygon(cup, 3).put("#e0457f", 12)
    Shape(canvas).ellipse(0, 8, 26, 13).put("#ffd34d", 6, high=0.8)
    Shape(canvas).ellipse(-5, 5, 9, 4).fill("#fff6cf", 0.9)
    for x, y in ((-20, -34), (-2, -44), (18, -36)):
        Shape(canvas).tube([(x * 0.4, 2), (x, y)], 3, 2.4).put("#ffe9a8", 1)
        Shape(canvas).ellipse(x, y, 6, 4.4, x).put("#ffb52e", 2)
    return Sprite(canvas.pixels)


def _tongue(canvas: Canvas, x: float, y: float, out: float) -> None:
    """The bee's tongue, from its mouth to the nectar."""
    start, bow = (x + 64, y + 18), (x + 76, y + 44)
    end = (lerp(start[0], 2, out), lerp(start[1], 4, out))
    Shape(canvas).tube(along([start, bow, end], 12), 5, 3).put("#b4562e", 1.5)


def _bee(canvas: Canvas, x: float, y: float, t: float, flight: float, full: float) -> None:
    """A bee from its side, looking right; `full` 0..1 of its honey stomach, seen through its skin."""
    up = 18 + 34 * math.sin(t * 58) * flight
    for lag, tint in ((0, "#cfe6f5"), (14, WING)):
        angle = math.radians(-118 + lag - up * 0.6)
        wx, wy = x - 4 + 56 * math.cos(angle), y - 22 + 56 * math.sin(angle)
        Shape(canvas).ellipse(wx, wy, 56, 20, math.degrees(angle)).put(tint, 5, high=0.9, alpha=0.72)
    for i in range(3):
        foot = (x + 6 + i * 20 + 3 * wave(t, 1.2, i * 0.3), y + 50 + (4 if i == 1 else 0))
        Shape(canvas).tube([(x + 2 + i * 13, y + 18), (x + i * 18, y + 38), foot], 5.5, 3).put(BROWN, 1.5)
    Shape(canvas).tube([(x - 92, y + 24), (x - 110, y + 33)], 8, 1.5).put(BROWN, 2)
    Shape(canvas).ellipse(x - 50, y + 6, 52, 33, 18).put(YELLOW, 16)
    bands = Shape(canvas)
    for u, half in ((-76, 21), (-52, 31)):
        bands.tube(
            along(
                [
                    (x + u - 3 + half * 0.3, y + 4 - half),
                    (x + u - 9, y + 8),
                    (x + u - 12, y + 12 + half * 0.72),
                ],
                8,
            ),
            10,
            10,
        )
    bands.put(BROWN, 3)
    if full > 0.02:
        glow(canvas, x - 38, y + 8, 34, "#fff1b0", 0.5 * full)
        Shape(canvas).ellipse(x - 36, y + 8, 8 + 14 * full, 6 + 12 * full).put(
            "#ffab1e", 6, high=0.95, alpha=0.95
        )
    Shape(canvas).ellipse(x + 12, y - 4, 32, 29).put("#d98a2b", 9, high=0.6)
    rng = random.Random(2)
    fuzz = Shape(canvas)
    for _ in range(16):
        angle, r = rng.uniform(0, TAU), rng.uniform(8, 26)
        fuzz.ellipse(x + 12 + r * math.cos(angle), y - 4 + r * math.sin(angle), 3.4, 2.2, math.degrees(angle))
    fuzz.fill("#ffd98a", 0.55)
    Shape(canvas).ellipse(x + 50, y + 4, 23, 23).put(BROWN, 8, high=0.5)
    Shape(canvas).ellipse(x + 56, y + 1, 9, 11).fill("#ffffff")
    Shape(canvas).ellipse(x + 58, y + 2, 6, 8).fill("#1d1838")
    Shape(canvas).ellipse(x + 60, y - 1, 2.2, 2.6).fill("#ffffff")
    for lag in (0, 9):
        feel = along(
            [(x + 52, y - 16), (x + 62 + lag, y - 34), (x + 78 + lag, y - 34 + 3 * wave(t, 1.4, lag))], 8
        )
        Shape(canvas).tube(feel, 3.4, 3).fill(BROWN)


def _bee_above(
    canvas: Canvas, place: Point, size: float, turn: float, t: float, fan_: float, full: float
) -> None:
    """A bee from above, looking along `turn`; `fan_` 0..1: how hard it beats its wings; `full`: of nectar."""
    c, s = math.cos(math.radians(turn)) * size, math.sin(math.radians(turn)) * size

    def at(u: float, v: float) -> Point:
        return place[0] + u * c - v * s, place[1] + u * s + v * c

    legs = Shape(canvas)
    for u, reach in ((20, 14), (8, 2), (-4, -16)):
        for side in (-1, 1):
            sway = 2.4 * wave(t, 1.1, u * 0.07 + side)
            line = [at(u, side * 12), at(u + reach * 0.5, side * 28), at(u + reach + sway, side * 38)]
            legs.tube(line, 4 * size, 2.4 * size)
    for side in (-1, 1):
        feel = [at(46, side * 5), at(56, side * 13), at(66, side * (9 + 2 * wave(t, 1.6, side)))]
        legs.tube(feel, 2.6 * size, 2.2 * size)
    legs.fill("#3a2114")
    canvas.draw(_body(), *place, 480 / 2.4 * size, turn=turn)
    beat = (0.5 + 0.5 * math.sin(t * 61)) * fan_
    for side in (-1, 1):
        for spread, long in ((44 + 26 * beat, 54), (22 + 22 * beat, 42)):
            canvas.draw(
                _wing(),
                *at(8, side * 6),
                22 * size,
                wide=long / 54,
                turn=turn + 180 - side * spread,
                alpha=0.75 - 0.2 * fan_,
                anchor=(0, 0.5),
            )
    if full > 0.03:
        glow(canvas, *at(-24, 0), 30 * size, "#fff1b0", 0.6 * full)
        crop = Shape(canvas).ellipse(*at(-24, 0), (5 + 8 * full) * size, (4 + 7 * full) * size, turn)
        crop.put("#ffab1e", 5 * size, high=0.95)


@lru_cache(1)
def _body() -> Sprite:
    """The bee from above without legs and wings, looking right, 2.4 times as large, in the board's middle."""
    board = Canvas(480, 480, opaque=False)
    aim(board, (0, 0), (240, 240), 2.4)
    Shape(board).ellipse(-14, 4, 58, 25).fill("#2a1406", 0.3)
    Shape(board).ellipse(-34, 0, 36, 22).put(YELLOW, 11)
    bands = Shape(board)
    for u, half in ((-20, 18), (-36, 20), (-52, 16)):
        bands.tube([(u, -half), (u - 5, 0), (u, half)], 7, 7)
    bands.put(BROWN, 2.4)
    Shape(board).ellipse(10, 0, 20, 18).put("#d98a2b", 6, high=0.65)
    rng = random.Random(2)
    fuzz = Shape(board)
    for _ in range(14):
        angle, r = rng.uniform(0, TAU), rng.uniform(4, 16)
        fuzz.ellipse(10 + r * math.cos(angle), r * math.sin(angle), 2.6, 1.5, math.degrees(angle))
    fuzz.fill("#ffd98a", 0.5)
    Shape(board).ellipse(36, 0, 14, 15).put(BROWN, 5)
    for side in (-1, 1):
        Shape(board).ellipse(39, side * 10, 7, 5, side * 24).put("#241a3a", 2, high=0.9)
    return Sprite(board.pixels)


@lru_cache(1)
def _wing() -> Sprite:
    """A wing that points to the right from its left edge."""
    board = Canvas(480, 480, opaque=False)
    Shape(board).ellipse(240, 240, 216, 88).put(WING, 24, high=0.9)
    veins = Shape(board).tube(along([(40, 240), (200, 210), (420, 220)], 12), 8, 3)
    veins.tube(along([(40, 240), (220, 262), (400, 270)], 12), 8, 3)
    veins.fill("#9fb9cc", 0.6)
    return board.sprite()


def _breeze(canvas: Canvas, place: Point, turn: float, t: float) -> None:
    """Air that the wings drive backwards."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    for i in range(4):
        k = (t * 1.6 + i / 4) % 1
        u, v = -52 - 46 * k, (i - 1.5) * 17
        canvas.draw(
            soft("#ffffff", 0.9),
            place[0] + u * c - v * s,
            place[1] + u * s + v * c,
            4,
            wide=7,
            turn=turn,
            alpha=0.6 * math.sin(math.pi * k),
        )


# ---------------------------------------------------------------------------------- the comb

RADIUS = 34.0
"""Of a cell, virtual units."""


def _hive(play: Play, far: float) -> None:
    """The comb fills the picture; `far` 1: behind, out of focus."""
    canvas = play.canvas
    canvas.camera = STILL
    height, width = canvas.pixels.shape[:2]
    canvas.pixels[:] = _comb(width, height, round(far))
    motes(canvas, play.clock, play.seed, "#ffe9a8", count=8, size=8)


def _grid(wide: float) -> list[Point]:
    """Where the cells are: corners up and down, every other row half a cell on."""
    dx, dy = RADIUS * math.sqrt(3), RADIUS * 1.5
    rows, found = range(-1, 11), []
    for row in rows:
        count = int(wide / dx) + 3
        for i in range(-1, count):
            x = wide / 2 + (i - count // 2) * dx + (dx / 2 if row % 2 else 0)
            found.append((x, 220 + (row - 4) * dy))
    return found


def _middle(play: Play) -> list[Point]:
    """The cells that the play is about, from the middle outwards."""
    near = [
        (abs(x - play.x(0.5)) * (1.5 if play.portrait else 0.75) + abs(y - 220), x, y)
        for x, y in _grid(play.wide)
    ]
    return [(x, y) for _, x, y in sorted(near)[: 10 if play.portrait else 14]]


def _fanners(play: Play) -> list[tuple[float, float, float]]:
    middle = play.x(0.5)
    if play.portrait:
        return [(middle - 66, 306, -70), (middle + 66, 306, -110)]
    return [(middle - 156, 296, -58), (middle, 322, -90), (middle + 156, 296, -122)]


def _hexagon(x: float, y: float, radius: float) -> list[Point]:
    return [(x + radius * math.sin(i * TAU / 6), y + radius * math.cos(i * TAU / 6)) for i in range(6)]


def _cell(canvas: Canvas, x: float, y: float, dry: float, t: float) -> None:
    """What is in a cell: thin pale nectar, less of it and golden as `dry` goes to 1."""
    shine = 1 + 0.015 * wave(t, 0.6)
    canvas.draw(_filling(round(clamp(dry) * 8)), x, y, RADIUS * (1.72 - 0.16 * dry) * shine)


@lru_cache(12)
def _filling(dry: int) -> Sprite:
    """Nectar (0) to honey (8) with the shape of a cell."""
    a, b = (255, 240, 176), (240, 150, 18)
    tint = "#" + "".join(f"{round(lerp(p, q, dry / 8)):02x}" for p, q in zip(a, b, strict=True))
    board = Canvas(192, 192, opaque=False)
    Shape(board).polygon(_hexagon(240, 240, 210), 20).put(tint, 60, high=0.85)
    Shape(board).ellipse(180, 160, 62, 34, -24).fill("#fffbe0", 0.75)
    return board.sprite()


@lru_cache(1)
def _wax() -> Sprite:
    """A closed lid."""
    board = Canvas(192, 192, opaque=False)
    Shape(board).polygon(_hexagon(240, 240, 210), 14).put(WAX, 44, high=0.6)
    rng = random.Random(1)
    for _ in range(16):
        x, y = rng.uniform(110, 370), rng.uniform(110, 370)
        Shape(board).ellipse(x, y, rng.uniform(10, 26), 8, rng.uniform(0, 180)).fill("#dcb877", 0.35)
    return board.sprite()


def _lid(canvas: Canvas, x: float, y: float, closed: float) -> None:
    """A lid of wax that closes from its rim to the middle."""
    if closed <= 0:
        return
    canvas.draw(_wax(), x, y, RADIUS * 1.7, alpha=ease("out", closed * 1.4))
    if closed < 0.98:
        hole = RADIUS * 0.7 * (1 - closed)
        Shape(canvas).ellipse(x, y, hole, hole).put(HONEY, 5, high=0.8)


@lru_cache(4)
def _comb(width: int, height: int, far: int) -> Pixels:
    less = 2 if height > 1000 else 1
    board = Canvas(width // less, height // less)
    board.pixels[:] = (236, 172, 66, 255)
    ring = _grid(board.wide)
    for x, y in ring:
        Shape(board).polygon(_hexagon(x, y, RADIUS * 0.96), 0).fill("#ffd27a")
        Shape(board).polygon(_hexagon(x + 0.8, y + 1.4, RADIUS * 0.86), 0).fill("#b06f1f")
        Shape(board).polygon(_hexagon(x + 1.2, y + 2.6, RADIUS * 0.76), 0).fill("#7f4a14")
        Shape(board).polygon(_hexagon(x + 1.6, y + 4.4, RADIUS * 0.58), 0).fill("#91591c")
    rng = random.Random(4)
    for x, y in ring:
        if rng.random() < (0.5 if far else 0.2):
            Shape(board).polygon(_hexagon(x, y, RADIUS * 0.8), 2).put("#e8c07a", 8)
    glow(board, board.wide / 2, 210, 310, "#ffcf6b", 0.35)
    pixels = board.layer(0.0, 2.4).pixels if far else board.pixels
    out: Pixels = cv2.resize(pixels, (width, height))  # type: ignore[assignment]
    return out


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(brief, canvas, seed, (sip, share, fan, seal), accents=("#ffd34d", "#ffb46b", "#bfe9ff"))
