"""Why we wash our hands with soap: what sits on them, what soap does to it, and how long to rub.

    germs under a lens → soap lifts them off → rub → rinse

Simplified: germs have faces and are drawn far too large, as is soap, whose molecules (a head that likes
water, a tail that likes grease) are single file in truth; some germs are also broken by it.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import STILL, Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import TAU, clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import bubble, bubbles, glints, glow, soft, sparkle
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, aim, along, backdrop, draw_germ

SKIN, SHADE, SLEEVE = "#ffc07a", "#e39a5b", "#4f8dff"
GREASE, HEAD, TAIL = "#d9c04a", "#3f8dff", "#ffb52e"


def look(play: Play) -> None:
    """A lens goes over a hand; under it are germs."""
    canvas, t, k = play.canvas, play.t, play.share
    backdrop(play, "#d5f0ff", "#8fc9ea", "#ffffff")
    size = 0.66 if play.portrait else 0.74
    middle = (play.x(0.5), 226.0)
    aim(canvas, (240, 250), middle, size)
    canvas.draw(_hand(), 240, 250, 480)
    turn = TAU * (0.62 * k + 0.56)
    lens = (236 + 88 * math.cos(turn), 236 + 92 * math.sin(turn) + 20)
    shine = Shape(canvas).ellipse(*lens, 96, 96)
    shine.fill("#ffd8a8")
    for i, (x, y) in enumerate(_SPOTS):
        far = math.hypot(x - lens[0], y - lens[1])
        if far < 92:
            near = clamp((92 - far) / 26)
            out = 1.28
            px, py = lens[0] + (x - lens[0]) * out, lens[1] + (y - lens[1]) * out
            if math.hypot(px - lens[0], py - lens[1]) < 80:
                draw_germ(canvas, px, py, 44 * near, i, t, 0.4)
    _lens(canvas, lens)
    place = (100, -22) if play.portrait else (-70, 60)
    play.label("Looks clean?", "看起来干净？", place, at=(214, 350), since=0.3, until=0.36 * play.seconds)
    if k > 0.34:
        place = (240, -22) if play.portrait else (530, 120)
        at = (lens[0] + 30, lens[1] - 20)
        play.label("Germs!", "细菌！", place, at=at, since=0.36 * play.seconds, tint="#d3f5b4", height=36)


def lift(play: Play) -> None:
    """Soap: its tails go into the grease, its heads stay in the water, and all floats off."""
    canvas, t, k = play.canvas, play.t, play.share
    backdrop(play, "#bfeaff", "#4fb0e6", "#ffffff")
    bubbles(canvas, t, play.x(0.5), 340, play.seed, width=play.wide, height=330, count=10)
    _skin(play)
    places = (0.24, 0.76) if play.portrait else (0.3, 0.54, 0.79)
    rng = random.Random(play.seed + 1)
    for i, share in enumerate(places):
        joined = ease("io", (k - 0.08 - 0.07 * i) / 0.34)
        off = ease("io", (k - 0.5 - 0.07 * i) / 0.5)
        x, y = (
            play.x(share) + 16 * math.sin(off * 3 + i),
            318 - (170 - 26 * i) * off + 4 * wave(t, 0.7, i * 0.3) * off,
        )
        _blob(canvas, x, y, i, t, off)
        for j in range(13):
            angle = TAU * j / 13 + 0.5 * off + 0.1 * wave(t, 0.6, j * 0.1)
            start = (play.x(rng.random()), rng.uniform(90, 230))
            wander = rng.uniform(0, 360)
            if math.sin(angle) > 0.25 and off < 0.3:
                angle = -angle  # below lies the skin: these wait above
            end = (x + 58 * math.cos(angle), y + 54 * math.sin(angle))
            px = lerp(start[0] + 10 * wave(t, 0.4, j * 0.2), end[0], joined)
            py = lerp(start[1] + 10 * wave(t, 0.5, j * 0.3), end[1], joined)
            turn = lerp(wander, math.degrees(angle) + 90 + 360 * (j % 2), joined)
            canvas.draw(_soap(), px, py, 46, turn=turn)
    head = (play.x(0.2), 92.0) if play.portrait else (play.x(0.1), 128.0)
    if k < 0.62:
        grown = ease("back", t / 0.4) * ease("io", (0.62 - k) / 0.06)
        canvas.draw(_soap(), head[0], head[1] + 40, 120 * grown, turn=6 * wave(t, 0.6))
        if k < 0.57:
            aside = 92 if play.portrait else 108
            play.label(
                "likes water", "喜欢水", (head[0] + aside, head[1] - 6), at=head, since=0.4, tint="#cfe4ff"
            )
            low = (head[0], head[1] + 76)
            play.label("likes grease", "喜欢油", (low[0] + aside, low[1]), at=low, since=0.9, tint="#ffe2a8")
    else:
        at = (play.x(places[0]), 170.0)
        away = (play.x(0.5), 74.0) if play.portrait else (play.x(0.24), 96.0)
        play.label(
            "Germs let go of the skin", "细菌离开皮肤", away, at=at, since=0.64 * play.seconds, tint="#d3f5b4"
        )


def rub(play: Play) -> None:
    """Two hands rub each other in a lot of foam, twenty seconds long."""
    canvas, t, k = play.canvas, play.t, play.share
    backdrop(play, "#e2f7ff", "#9fd8f0", "#ffffff")
    size = 0.58 if play.portrait else 0.74
    middle = play.x(0.5 if play.portrait else 0.56)
    aim(canvas, (0, 0), (middle, 236), size)
    slide = 34 * wave(t, 1.3)
    canvas.draw(_hand(), 104 - slide, 70 + 8 * wave(t, 1.3, 0.25), 400, turn=-64, flip=True)
    _foam(canvas, t, play.seed, 14, 150)
    canvas.draw(_hand(), -104 + slide, 80 - 8 * wave(t, 1.3, 0.25), 400, turn=62)
    _foam(canvas, t + 7, play.seed + 5, 22, 170)
    bubbles(canvas, t, 0, 40, play.seed, width=420, height=260, count=12)
    canvas.camera = STILL
    x, y, radius = (play.x(0.5), 88.0, 40.0) if play.portrait else (play.x(0.15), 170.0, 58.0)
    Shape(canvas).ellipse(x, y, radius, radius).fill("#ffffff", 0.9)
    pie = [(x, y)]
    for i in range(25):
        angle = -math.pi / 2 + TAU * k * i / 24
        pie.append((x + radius * 0.88 * math.cos(angle), y + radius * 0.88 * math.sin(angle)))
    Shape(canvas).polygon(pie).fill("#4fb8f0", 0.85)
    Shape(canvas).ellipse(x, y, radius * 0.62, radius * 0.62).fill("#ffffff")
    second = min(20, int(20 * k * 1.05) + 1)
    play.label(f"{second} s", f"{second} 秒", (x, y), since=-1, height=radius * 0.62)
    hint = (play.x(0.5), 366.0) if play.portrait else (play.x(0.16), 300.0)
    steps = (("Palms", "手心"), ("Backs", "手背"), ("Between fingers", "指缝"))
    en, zh = steps[min(2, int(k * 3))]
    play.label(en, zh, hint, since=int(k * 3) / 3 * play.seconds, tint="#ffe27a", height=34)


def rinse(play: Play) -> None:
    """Water runs over the hands and takes foam and germs along; clean."""
    canvas, t, k = play.canvas, play.t, play.share
    backdrop(play, "#d9f4ff", "#8ccdf0", "#ffffff")
    size = 0.62 if play.portrait else 0.78
    aim(canvas, (0, 0), (play.x(0.5), 250), size)
    clean = ease("io", (k - 0.1) / 0.55)
    shut = ease("io", (k - 0.74) / 0.1)
    _stream(canvas, t, 1 - shut, -150, -20)
    canvas.draw(_hand(), 92, 66 + 3 * wave(t, 0.8), 360, turn=-38, flip=True)
    canvas.draw(_hand(), -92, 66 - 3 * wave(t, 0.8), 360, turn=38)
    _stream(canvas, t, (1 - shut) * 0.8, 10, 260)
    _foam(canvas, t, play.seed, 20, 150, 1 - clean)
    rng = random.Random(play.seed)
    for i in range(7):
        start = 0.1 + 0.07 * i
        gone = clamp((k - start) / 0.22)
        x, y = rng.uniform(-120, 120), rng.uniform(-20, 60)
        if gone < 1:
            drop = 210 * gone * gone
            draw_germ(canvas, lerp(x, x * 0.4, gone), y + drop, 34 * (1 - 0.4 * gone), i, t, 0.3 + 0.7 * gone)
    canvas.camera = STILL
    _tap(play, size)
    aim(canvas, (0, 0), (play.x(0.5), 250), size)
    if k > 0.62:
        glints(canvas, t, 0, 20, 330, 200, play.seed, 9)
        sparkle(canvas, t - 0.7 * play.seconds, 0, 10, 200, play.seed, 16)
    place = (-150, 150) if play.portrait else (-300, 60)
    play.label("Rinse", "冲洗", place, at=(-18, 60), since=0.4, until=0.7 * play.seconds, tint="#cfe9ff")
    if k > 0.74:
        place = (0, -128) if play.portrait else (300, 10)
        play.label("Clean!", "干净啦！", place, since=0.74 * play.seconds, tint="#d6f7e4", height=40)


_SPOTS = tuple(
    (x + 16 * math.sin(x * 0.7 + y), y + 14 * math.cos(x + y * 0.6))
    for y in range(110, 400, 48)
    for x in range(128 + y % 3 * 12, 350, 52)
)
"""Where germs sit on the hand's board."""


# ---------------------------------------------------------------------------------- what is seen


@lru_cache(1)
def _hand() -> Sprite:
    """An open hand, a right one from its palm, with its sleeve; a board of 480 x 480."""
    board = Canvas(640, 640, opaque=False)
    Shape(board).tube([(242, 400), (244, 470)], 124, 140).put(SLEEVE, 18)
    fingers: tuple[tuple[Point, Point, float], ...] = (
        ((188, 262), (160, 126), 46),
        ((222, 252), (212, 88), 48),
        ((260, 252), (268, 100), 47),
        ((294, 268), (320, 154), 40),
    )
    hand = Shape(board).tube([(242, 380), (242, 430)], 96, 90)
    hand.polygon([(172, 258), (310, 258), (318, 330), (290, 388), (192, 388), (168, 330)], 14)
    for foot, tip, wide in fingers:
        hand.tube([foot, (lerp(foot[0], tip[0], 0.5), lerp(foot[1], tip[1], 0.5)), tip], wide + 4, wide - 4)
    hand.tube(along([(196, 356), (140, 318), (98, 254)], 14), 62, 42).put(SKIN, 17, high=0.5, low=0.55)
    folds = Shape(board)
    for (fx, fy), (tx, ty), wide in fingers:
        for share in (0.42, 0.7):
            x, y = lerp(fx, tx, share), lerp(fy, ty, share)
            folds.tube([(x - wide * 0.26, y + 2), (x + wide * 0.26, y)], 3, 3)
    folds.tube(along([(186, 300), (230, 322), (296, 296)], 12), 4, 3)
    folds.tube(along([(178, 322), (214, 346), (226, 382)], 12), 4, 3)
    folds.fill(SHADE, 0.75)
    cheeks = Shape(board)
    for _, (x, y), _ in fingers:
        cheeks.ellipse(x, y - 2, 12, 14)
    cheeks.fill("#ff9f8a", 0.35)
    return Sprite(board.pixels)


def _lens(canvas: Canvas, at: Point) -> None:
    """A magnifying glass around `at`."""
    x, y = at
    Shape(canvas).tube([(x + 76, y + 76), (x + 150, y + 150)], 26, 32).put("#8a5a3c", 9)
    rim = along([(x + 98 * math.cos(a * TAU / 24), y + 98 * math.sin(a * TAU / 24)) for a in range(25)], 60)
    Shape(canvas).tube(rim, 14, 14).put("#f2f5fb", 5, high=0.8)
    glare = [(x + 76 * math.cos(a), y + 76 * math.sin(a)) for a in (3.5, 3.75, 4.0, 4.25)]
    Shape(canvas).tube(glare, 7, 4).fill("#ffffff", 0.75)


@lru_cache(1)
def _soap() -> Sprite:
    """One soap molecule: its head above, its tail below."""
    board = Canvas(120, 240, opaque=False)
    tail = [(120 + 16 * math.sin(i * 1.05), 120 + i * 21) for i in range(16)]
    Shape(board).tube(tail, 34, 28).put(TAIL, 10, high=0.8)
    Shape(board).ellipse(120, 88, 72, 72).put(HEAD, 34, high=0.85)
    return board.sprite()


def _blob(canvas: Canvas, x: float, y: float, kind: int, t: float, off: float) -> None:
    """Grease with a germ in it; on the skin it lies flat, afloat it is round."""
    wide, tall = lerp(62, 40, off), lerp(24, 38, off)
    Shape(canvas).ellipse(x, y + lerp(14, 0, off), wide, tall).put(GREASE, 14, high=0.7, alpha=0.92)
    draw_germ(canvas, x, y, 44, kind, t, 0.3 + 0.6 * off)


def _skin(play: Play) -> None:
    """The skin from very near, with its furrows."""
    canvas = play.canvas
    canvas.camera = STILL
    edge = [(-20 + i * 16.0, 342 + 7 * math.sin(i * 0.55)) for i in range(int(play.wide / 16) + 4)]
    Shape(canvas).polygon([*edge, (play.wide + 40, 500), (-20, 500)]).fill(SKIN)
    Shape(canvas).tube(edge, 9, 9).fill("#ffdcae")
    furrows = Shape(canvas)
    for i in range(int(play.wide / 62) + 1):
        x = 20 + i * 62
        furrows.tube(along([(x, 372), (x + 16, 386), (x + 40, 380)], 8), 3, 2)
    furrows.fill(SHADE, 0.7)


def _foam(canvas: Canvas, t: float, seed: int, count: int, wide: float, strength: float = 1.0) -> None:
    """Lather that swells and shifts."""
    if strength <= 0.02:
        return
    rng = random.Random(seed + 6)
    for _ in range(count):
        angle, reach, size, start = (
            rng.uniform(0, TAU),
            rng.random() ** 0.6,
            rng.uniform(34, 78),
            rng.random(),
        )
        x = wide * reach * math.cos(angle) + 8 * wave(t, 0.9, start)
        y = 10 + wide * 0.55 * reach * math.sin(angle) + 6 * wave(t, 0.7, start)
        puff = size * (0.85 + 0.15 * wave(t, 0.8, start))
        canvas.draw(soft("#ffffff", 0.4), x, y, puff, alpha=0.85 * strength)
        canvas.draw(bubble(), x + size * 0.2, y - size * 0.2, size * 0.55, alpha=0.9 * strength)


def _stream(canvas: Canvas, t: float, strength: float, top: float, bottom: float) -> None:
    """Running water from `top` to `bottom`."""
    if strength <= 0.02:
        return
    wide = 46 * strength
    line = [(3 * wave(t, 2.2, i * 0.2), lerp(top, bottom, i / 9)) for i in range(10)]
    Shape(canvas).tube(line, wide, wide * (1.25 if top >= 0 else 1.0)).put("#7fd0f7", 8, high=0.9, alpha=0.72)
    for i in range(9):
        k = (t * 1.7 + i / 9) % 1
        x = wide * 0.3 * math.sin(i * 2.4)
        canvas.draw(soft("#ffffff", 0.8), x, lerp(top, bottom, k), 26, wide=0.24, alpha=0.75 * strength)
    if top >= 0:
        for i in range(10):
            k = (t * 1.3 + i / 10) % 1
            side = math.sin(i * 3.7)
            canvas.draw(
                sprite("droplet"),
                side * (20 + 110 * k),
                10 - 44 * math.sin(math.pi * k) + 70 * k,
                17,
                alpha=strength * (1 - k),
            )
    else:
        glow(canvas, 0, bottom, 60, "#e9fbff", 0.6 * strength)


def _tap(play: Play, size: float) -> None:
    """A tap that comes in from above."""
    aim(play.canvas, (0, 0), (play.x(0.5), 250), size)
    pipe = along([(-150, -260), (-140, -190), (-70, -182), (-10, -182), (0, -150)], 30)
    Shape(play.canvas).tube(pipe, 40, 44).put("#c7d3e2", 13, high=0.9, low=0.65)
    Shape(play.canvas).ellipse(0, -146, 27, 9).put("#8fa0b8", 4)


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(brief, canvas, seed, (look, lift, rub, rinse), accents=("#d3f5b4", "#8fe3ff", "#ffe27a"))
