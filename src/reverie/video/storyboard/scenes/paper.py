"""How paper is made: wood to chips, chips to pulp, a sheet on the sieve, rollers that press and dry it.

Simplified: one batch, no bleaching and no sizing; in a mill the sieve is a belt that never ends.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, box
from reverie.video.storyboard.art.easing import arc, clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glow, rain, shadow, sparkle, steam
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, backdrop, speck

GROUND = 368.0
WOOD, PULP, SHEET = "#c98f52", "#f1e6cf", "#fffdf6"


@lru_cache(1)
def log() -> Sprite:
    """A log lying on its side, its rings towards the right."""
    board = Canvas(400, 160, opaque=False)  # 1200 x 480
    Shape(board).polygon([(150, 90), (1050, 90), (1050, 390), (150, 390)], 20).put("#8d5a38", 130, high=0.5)
    Shape(board).ellipse(1056, 240, 82, 168).put("#e2b377", 20, high=0.4)
    for share in (0.72, 0.46, 0.2):
        Shape(board).tube(
            [(1056 + 82 * share * math.cos(a), 240 + 168 * share * math.sin(a)) for a in _round()], 9, 9
        ).fill("#b9824a")
    return board.sprite()


def _round() -> list[float]:
    return [math.tau * i / 24 for i in range(25)]


@lru_cache(1)
def chip() -> Sprite:
    """A flat chip of wood."""
    board = Canvas(120, 96, opaque=False)
    Shape(board).polygon([(90, 190), (450, 130), (510, 300), (140, 360)], 14).put(WOOD, 30, high=0.5)
    return board.sprite()


def _chips(play: Play) -> None:
    """A log goes into the chipper; chips fly out onto a heap."""
    play.scenery("forest", 0, 6, 1.05)
    canvas, t = play.canvas, play.t
    narrow = play.portrait
    x = play.x(0.5)
    wide = min(150.0, play.wide * 0.40)
    feed = play.share * wide * 0.8
    high = 62.0 if not narrow else 42.0
    ly = GROUND - 108
    canvas.draw(log(), x - wide * 1.35 + feed, ly, high, turn=0.8 * wave(t, 6))
    shake = 1.4 * wave(t, 11)
    box(canvas, x - wide / 2 + shake, GROUND - 176, wide, 150, 18, "#f2b53a", "#d08a1e", 8)
    box(canvas, x - wide / 2 - 12 + shake, ly - high * 0.68, 26, high * 1.36, 8, "#4a4f6b", "#2f3350", 4)
    turn = 360 * 1.4 * t
    canvas.draw(_blade(), x + shake, GROUND - 104, min(104.0, wide * 0.7), turn=turn)
    for side in (-1, 1):
        Shape(canvas).ellipse(x + side * wide * 0.34, GROUND - 14, 20, 20).put("#35394f", 9)
    spout = (x + wide / 2 + 4, GROUND - 150)
    Shape(canvas).tube([(x + wide * 0.36, GROUND - 128), spout, (spout[0] + 26, spout[1] + 10)], 36, 28).put(
        "#d08a1e", 14
    )
    heap_x = x + wide * (1.28 if not narrow else 1.0)
    rng = random.Random(play.seed)
    grown = ease("out", play.share)
    for i in range(34):
        along, up, turned = rng.uniform(-1, 1), rng.random(), rng.uniform(0, 360)
        if i / 34 > grown:
            continue
        canvas.draw(
            chip(), heap_x + along * wide * 0.46 * (1 - up * 0.8), GROUND - 4 - up * 46, 21, turn=turned
        )
    for i in range(12):
        rate, late, off = rng.uniform(1.1, 1.5), rng.random(), rng.uniform(-16, 16)
        k = (t * rate + i / 12 + late * 0.1) % 1
        px = lerp(spout[0] + 26, heap_x + off, k)
        canvas.draw(chip(), px, lerp(spout[1] + 12, GROUND - 26, k) - 38 * arc(k), 19, turn=420 * k + 40 * i)
    play.label("log", "原木", (x - wide * 1.1, ly - 70), at=(x - wide * 0.9, ly - 6), since=0.4)
    play.label("wood chips", "小木片", (heap_x, GROUND - 128), at=(heap_x, GROUND - 36), since=1.0)


@lru_cache(1)
def _frame() -> Sprite:
    """The sieve from the side: wood, and wires."""
    board = Canvas(600, 60, opaque=False)  # 4800 x 480
    box(board, 20, 20, 4760, 440, 120, "#a86f42", "#7d4f2d", 60)
    for i in range(25):
        x = 180 + 4440 * i / 24
        Shape(board).tube([(x, 150), (x, 400)], 38, 38).fill("#e8c79a", 0.8)
    return board.sprite()


@lru_cache(2)
def _fibre(tint: str) -> Sprite:
    """A bent thread of wood."""
    board = Canvas(160, 64, opaque=False)  # 1200 x 480
    line: list[Point] = [(90, 360), (420, 250), (760, 230), (1110, 120)]
    Shape(board).tube(line, 110, 80).fill(tint)
    return board.sprite()


@lru_cache(1)
def _blade() -> Sprite:
    """A drum with knives."""
    board = Canvas(240, 240, opaque=False)
    Shape(board).ellipse(240, 240, 200, 200).put("#8d97b4", 50, high=0.7)
    for i in range(6):
        a = math.tau * i / 6
        c, s = math.cos(a), math.sin(a)
        tip = (240 + 226 * c, 240 + 226 * s)
        Shape(board).polygon(
            [
                tip,
                (240 + 120 * c - 40 * s, 240 + 120 * s + 40 * c),
                (240 + 120 * c + 20 * s, 240 + 120 * s - 20 * c),
            ],
            6,
        ).put("#e4e9f6", 14)
    Shape(board).ellipse(240, 240, 54, 54).put("#4a4f6b", 20)
    return board.sprite()


def _pulp(play: Play) -> None:
    """A kettle cut open: chips turn into fibres that swirl."""
    backdrop(play, "#3f6f8f", "#a8d4e6", "#f0fbff")
    canvas, t = play.canvas, play.t
    x, top, bottom = play.x(0.5), 112.0, 344.0
    wide = min(330.0, play.wide * 0.74)
    box(canvas, x - wide / 2 - 14, top - 10, wide + 28, bottom - top + 24, 46, "#b9c2d8", "#7f8aa8", 8)
    box(canvas, x - wide / 2, top + 4, wide, bottom - top - 4, 36, "#d9eef7", "#c3dfec", 0)
    soft = ease("io", t / (play.seconds * 0.75))
    level = top + 44 + 4 * wave(t, 1.1)
    tint = "#{:02x}{:02x}{:02x}".format(
        *(round(lerp(a, b, soft)) for a, b in ((0x8F, 0xEA), (0xCC, 0xDD), (0xE6, 0xC2)))
    )
    box(canvas, x - wide / 2 + 6, level, wide - 12, bottom - level - 6, 32, tint, tint, 3)
    rng = random.Random(play.seed)
    for i in range(30):
        rate, reach, up, turned = (
            rng.uniform(0.10, 0.20),
            rng.uniform(0.12, 0.42),
            rng.uniform(0.1, 0.9),
            rng.uniform(0, 360),
        )
        angle = math.tau * (t * rate + i / 30)
        px = x + math.cos(angle) * reach * wide
        py = lerp(level + 22, bottom - 26, up) + 12 * math.sin(angle * 2)
        melt = clamp(soft * 1.6 - 0.6 * (i / 30))
        if melt < 1:
            canvas.draw(chip(), px, py, 25 * (1 - 0.4 * melt), turn=turned + 80 * t, alpha=1 - melt)
        if melt > 0:
            for n in range(3):
                swirl = 24 * math.sin(t * 2 + i + n)
                place = px + (n - 1) * 17, py + 11 * math.sin(i * 1.7 + n * 2)
                canvas.draw(_fibre("#fffaf0"), *place, 13, turn=swirl, alpha=0.85 * melt)
    steam(canvas, t, x, level - 8, play.seed, width=wide * 0.7, height=90, count=9)
    for i in range(7):
        sway = 5 * wave(t, 1.6, i / 7)
        fx = x + (i - 3) * wide * 0.13
        canvas.draw(sprite("fire"), fx, bottom + 38, 34 + sway, anchor=FOOT)
    play.label(
        "wood", "木片", (play.x(0.15), 200), at=(x - wide * 0.26, 226), since=0.3, until=play.seconds * 0.45
    )
    play.label("fibres", "纤维", (play.x(0.85), 226), at=(x + wide * 0.24, 250), since=play.seconds * 0.5)


def _sieve(play: Play) -> None:
    """Pulp spreads on a sieve; water drips through, and the fibres stay as a sheet."""
    backdrop(play, "#5b3fa8", "#a98fe0", "#efe6ff")
    canvas, t = play.canvas, play.t
    x, y, wide = play.x(0.5), 236.0, min(380.0, play.wide * 0.80)
    dip = 10 * wave(t, 0.4)
    y += dip
    fill = ease("out", t / 1.0)
    rng = random.Random(play.seed)
    rain(canvas, t, x, y + 22, 376, wide * 0.86 * fill, play.seed)
    Shape(canvas).ellipse(x, 380, wide * 0.46, 13).fill("#8fd0f2", 0.7)
    for i in range(3):
        k = (t * 0.8 + i / 3) % 1
        Shape(canvas).ellipse(x + (i - 1) * wide * 0.2, 380, 12 + 44 * k, 3 + 8 * k).fill(
            "#ffffff", 0.45 * (1 - k)
        )
    canvas.draw(_frame(), x, y + 9, 30 * 1.02, wide=wide / (30 * _frame().aspect))
    thick = lerp(30, 13, ease("io", (play.share - 0.25) / 0.6))
    half = wide * 0.47 * fill
    if half > 4:
        bumpy = [
            (x - half + 2 * half * i / 24, y - 4 - thick - 2.4 * math.sin(i * 1.9 + t * 2) * (thick > 15))
            for i in range(25)
        ]
        Shape(canvas).polygon([*bumpy, (x + half, y - 3), (x - half, y - 3)], 2).put(
            PULP, 9, high=0.5, low=0.2
        )
        for _ in range(30):
            off, up, bend = rng.uniform(-1, 1), rng.uniform(0.2, 0.9), rng.uniform(-4, 4)
            if abs(off) < fill:
                px, py = x + off * (half - 20), y - 4 - thick * up
                canvas.draw(_fibre("#cdb98f"), px, py, 10, turn=5 * bend, alpha=0.6)
    pour = clamp(1.2 - t)
    if pour > 0:
        Shape(canvas).tube([(x, play.high), (x + 4 * wave(t, 3), y - thick)], 30 * pour, 22 * pour).put(
            "#eaddc2", 9, high=0.4
        )
    play.label("fibres stay", "纤维留下", (play.x(0.24), y - 82), at=(x - wide * 0.22, y - 14), since=0.9)
    play.label("water runs off", "水流走", (play.x(0.78), 318), at=(x + wide * 0.16, y + 52), since=1.2)


def _rollers(play: Play) -> None:
    """The wet sheet runs between warm rollers and comes out as paper."""
    play.scenery("classroom", 0, 8, 1.05)
    canvas, t = play.canvas, play.t
    narrow = play.portrait
    size = 104.0 if not narrow else 66.0
    y, count = 266.0, 3
    speed = 86.0
    head = play.wide * -0.05 + (play.wide * 1.10) * ease("lin", clamp(t / (play.seconds * 0.62)))
    spots = [play.x(0.26 + 0.24 * i) for i in range(count)]
    shadow(canvas, play.x(0.5), GROUND + 8, play.wide * 0.8, 0, 0.4)
    Shape(canvas).polygon(
        [
            (spots[0] - size * 0.7, GROUND - 16),
            (spots[-1] + size * 0.7, GROUND - 16),
            (spots[-1] + size * 0.8, GROUND + 6),
            (spots[0] - size * 0.8, GROUND + 6),
        ],
        6,
    ).put("#6c7492", 12)
    for px in spots:
        glow(canvas, px, y, size * 0.9, "#ffb35c", 0.28 + 0.08 * wave(t, 0.9))
        canvas.draw(_roller(), px, y + size * 0.52, size, turn=-math.degrees(speed * t / (size / 2)))
    line: list[Point] = []
    steps = max(2, int(head / 8))
    for i in range(steps + 1):
        px = i * head / steps
        line.append((px, y + 1.6 * math.sin(px * 0.05 - t * 6)))
    if len(line) > 1 and head > 8:
        Shape(canvas).tube(line, 15, 7).put(PULP, 3, low=0.2)
        dry = [p for p in line if p[0] > spots[1]]
        if len(dry) > 1:
            Shape(canvas).tube(dry, 8, 6).fill(SHEET)
    for px in spots:
        canvas.draw(_roller(), px, y - size * 0.52, size, turn=math.degrees(speed * t / (size / 2)))
    steam(canvas, t, play.x(0.42), y - size, play.seed, width=play.wide * 0.5, height=70, count=8, alpha=0.4)
    done = t - play.seconds * 0.62
    if done > 0:
        rise = ease("back", done / 0.5)
        px, py = play.x(0.80), 168 - 6 * wave(t, 0.8)
        tall = (110 if not narrow else 86) * rise
        canvas.draw(_page(), px, py, tall, turn=8 * wave(t, 0.5))
        sparkle(canvas, done, px, py, 90, play.seed, 12)
    play.label("wet sheet", "湿纸", (play.x(0.12), y - 84), at=(play.x(0.10), y), since=0.7)
    play.label("warm rollers", "热滚筒", (play.x(0.5), GROUND - 6), at=(spots[1], y + size * 0.7), since=1.0)


@lru_cache(1)
def _roller() -> Sprite:
    """A steel roller from the end, with a mark that shows its turning."""
    board = Canvas(240, 240, opaque=False)
    Shape(board).ellipse(240, 240, 220, 220).put("#c3cbe0", 60, high=0.8)
    Shape(board).ellipse(240, 240, 150, 150).put("#9aa4c2", 20)
    for i in range(3):
        a = math.tau * i / 3
        Shape(board).ellipse(240 + 96 * math.cos(a), 240 + 96 * math.sin(a), 30, 30).fill("#5a6080", 0.8)
    Shape(board).ellipse(240, 240, 34, 34).put("#4a4f6b", 12)
    return board.sprite()


@lru_cache(1)
def _page() -> Sprite:
    """A sheet with a child's drawing."""
    board = Canvas(240, 320, opaque=False)  # 360 x 480
    box(board, 30, 20, 300, 440, 10, SHEET, "#efe9d8", 3)
    board.draw(sprite("sun"), 110, 120, 120)
    board.draw(sprite("house"), 200, 290, 210)
    board.draw(speck("#7fd08a"), 180, 420, 90, wide=3.0)
    return board.sprite()


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(
        brief,
        canvas,
        seed,
        (_chips, _pulp, _sieve, _rollers),
        highlights=("paper", "pulp", "fibres", "纸", "纸浆", "纤维"),
    )
