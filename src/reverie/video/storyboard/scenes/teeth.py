"""How teeth decay, and why we brush: a back tooth, cut open.

    what is in a tooth → sugar becomes acid → a hole → brushing

Simplified: the germs (bacteria, in truth far too small to see) have eyes, months of acid pass in seconds, and
the fluoride of the toothpaste, which helps the enamel to mend early damage, is a shine.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, box
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import bubble, glints, glow, soft, sparkle
from reverie.video.storyboard.diagram import Explainer, Play, aim, along, backdrop, draw_germ, lay

ENAMEL, DENTINE, PULP, GUM = "#fbfdff", "#f6dca0", "#f27f86", "#f79aa6"

# Places on the tooth's board, 480 x 480: the crown stands on y 268, where the gum begins.
_TOP = (
    (132, 252),
    (112, 190),
    (118, 120),
    (160, 84),
    (206, 100),
    (240, 116),
    (274, 100),
    (320, 84),
    (362, 120),
)
_CROWN = (*_TOP, (368, 190), (348, 252), (240, 276), (132, 252))
_SURFACE = ((134, 108), (170, 86), (206, 100), (240, 116), (274, 100), (310, 86), (346, 108))
HOLE: Point = (292, 100)
"""Where the acid digs."""


def inside(play: Play) -> None:
    """The tooth is cut open: enamel, dentine, and the pulp with its nerve."""
    canvas, t, k = play.canvas, play.t, play.share
    _tooth(play, 1.0, 0.0)
    beat = 0.5 + 0.5 * wave(t, 1.1)
    glow(canvas, 240, 200, 44 + 6 * beat, "#ff9aa0", 0.5)
    _sparks(canvas, t)
    shine = (k * 1.6) % 1.0
    canvas.draw(
        soft("#ffffff", 1.0),
        lerp(110, 360, shine),
        120,
        30,
        tall=3,
        turn=20,
        alpha=0.8 * math.sin(math.pi * shine),
    )
    if play.portrait:
        play.label("Enamel: the hardest", "牙釉质：最坚硬", (220, 20), at=(180, 98), since=0.3)
        play.label("Dentine", "牙本质", (430, 440), at=(306, 176), since=0.8, tint="#ffeab8")
        play.label("Nerve", "神经", (80, 480), at=(236, 212), since=1.3, tint="#ffc4c8")
        return
    play.label("Enamel: the hardest", "牙釉质：最坚硬", (-30, 96), at=(122, 160), since=0.3)
    play.label("Dentine", "牙本质", (500, 150), at=(318, 180), since=0.8, tint="#ffeab8")
    play.label("Nerve", "神经", (500, 250), at=(246, 214), since=1.3, tint="#ffc4c8")


def sugar(play: Play) -> None:
    """Sugar falls on the tooth; the germs on it eat and drip acid."""
    canvas, t = play.canvas, play.t
    _tooth(play, 0.0, 0.0)
    fed = ease("io", (play.share - 0.2) / 0.4)
    rng = random.Random(play.seed)
    for i in range(9):
        u, start = rng.random(), rng.random()
        q = (t * 0.55 + start) % 1
        x, y = _on(u)
        turn = 90 * q + 40 * i
        canvas.draw(_cube(), x, lerp(-40, y - 16, min(1.0, q * 1.7)), 20 * clamp((1 - q) * 5), turn=turn)
    _acid(canvas, t, fed, play.seed)
    for i, (u, size) in enumerate(_GERMS):
        x, y = _on(u)
        draw_germ(
            canvas,
            x,
            y - size * 0.28,
            size * (0.86 + 0.24 * fed),
            i,
            t,
            0.4 + 0.6 * abs(wave(t, 1.4, i * 0.3)),
        )
    if play.portrait:
        play.label("Sugar", "糖", (110, -42), at=(150, 40), since=0.3, tint="#fff0f4")
        play.label("Germs", "细菌", (400, 0), at=(336, 88), since=0.9, tint="#d3f5b4")
        play.label("Acid", "酸", (90, 360), at=(190, 134), since=1.5, tint="#e6f77a")
        return
    play.label("Sugar", "糖", (0, 20), at=(146, 46), since=0.3, tint="#fff0f4")
    play.label("Germs", "细菌", (490, 110), at=(354, 96), since=0.9, tint="#d3f5b4")
    play.label("Acid", "酸", (-10, 200), at=(176, 128), since=1.5, tint="#e6f77a")


def decay(play: Play) -> None:
    """The acid digs through the enamel into the dentine, towards the nerve."""
    canvas, t, k = play.canvas, play.t, play.share
    dug = ease("io", k / 0.85)
    _tooth(play, 1.0, dug)
    _acid(canvas, t, 1.0, play.seed)
    for i, (u, size) in enumerate(_GERMS):
        x, y = _on(lerp(u, 0.76, 0.3))
        if abs(x - HOLE[0]) < 24:
            continue
        deep = 46 * dug * max(0.0, 1 - abs(x - HOLE[0]) / 52)
        draw_germ(canvas, x, y - size * 0.2 + deep, size, i, t, 0.8)
    if dug > 0.55:
        _ouch(canvas, t, (dug - 0.55) / 0.45)
    place = (420, 10) if play.portrait else (500, 130)
    play.label("Cavity", "蛀洞", place, at=(HOLE[0] + 8, HOLE[1] + 26), since=0.9, tint="#ffd0a8")
    place = (90, 480) if play.portrait else (-20, 250)
    play.label("Nerve: ouch!", "神经：疼！", place, at=(228, 216), since=0.6 * play.seconds, tint="#ffc4c8")


def brush(play: Play) -> None:
    """The brush goes to and fro; germs and sugar leave with the foam, the enamel shines."""
    canvas, t, k = play.canvas, play.t, play.share
    _tooth(play, 0.0, 0.0)
    clean = ease("io", (k - 0.12) / 0.55)
    for i, (u, size) in enumerate(_GERMS):
        gone = clamp((clean - 0.7 * u) * 3.4)
        if gone < 1:
            x, y = _on(u)
            away = ease("in", gone) * 220
            draw_germ(
                canvas,
                x + away * (1 if u > 0.4 else -0.6),
                y - size * 0.28 - away * 0.7,
                size,
                i,
                t,
                0.2 + 0.8 * gone,
            )
    x = 240 + 86 * wave(t, 1.15, 0.75) * (1 if clean < 1 else 0.9)
    away = ease("in", (k - 0.72) / 0.2)
    y = _on(clamp((x - 120) / 240))[1] - 6 - 190 * away
    _foam(canvas, t, x, y, 1 - away, play.seed)
    _toothbrush(canvas, x, y, t)
    if k > 0.6:
        glints(canvas, t, 240, 160, 240, 150, play.seed, 8)
        sparkle(canvas, t - 0.72 * play.seconds, 240, 150, 190, play.seed, 16)
    place = (70, 330) if play.portrait else (10, 60)
    play.label(
        "Toothpaste", "牙膏", place, at=(x - 40, y - 6), since=0.5, until=0.68 * play.seconds, tint="#c9f3ff"
    )
    if k > 0.74:
        place = (240, 500) if play.portrait else (500, 200)
        play.label(
            "Clean and strong", "干净又结实", place, at=(330, 176), since=0.74 * play.seconds, tint="#d6f7e4"
        )


_GERMS = ((0.02, 44.0), (0.2, 36.0), (0.38, 48.0), (0.56, 38.0), (0.74, 46.0), (0.96, 40.0))
"""Where along the top of the tooth a germ sits, and how large it is."""


# ---------------------------------------------------------------------------------- the tooth


def _tooth(play: Play, cut: float, dug: float) -> None:
    """The tooth in its gum; `cut` 1 shows what is inside, `dug` 0..1 how far the hole goes."""
    canvas, tall = play.canvas, play.portrait
    backdrop(play, "#bfe8f5", "#7fb8d8", "#ffffff")
    zoom = (0.56 if tall else 0.8) if cut else (0.74 if tall else 1.06)
    place = (play.x(0.5), (216.0 if tall else 222.0) if cut else (266.0 if tall else 290.0))
    below = (place[0], place[1] + 240 * zoom)
    if not cut:
        lay(canvas, _closed, 480, place, zoom)
        lay(canvas, _lip, 1120, below, zoom)
        aim(canvas, (240, 240), place, zoom)
        return
    lay(canvas, _jaw, 1120, below, zoom)
    lay(canvas, _open, 480, place, zoom)
    if dug > 0:
        x, y = HOLE
        hole = Shape(canvas).ellipse(x - 4 * dug, y + 12 + 34 * dug, 7 + 19 * dug, 6 + 24 * dug)
        hole.tube([(x + 2, y + 4), (x, y + 14 + 16 * dug)], 8 + 14 * dug, 10 + 16 * dug)
        hole.put("#7a4a28", 7, high=0.2, low=0.7)
        Shape(canvas).ellipse(x - 6 * dug, y + 14 + 36 * dug, 14 * dug, 18 * dug).fill("#2e170f", 0.6)


def _ridge(y: float) -> list[Point]:
    """The edge of the gum on a board 1120 wide that begins in the tooth's middle: y 0 is its y 240."""
    bends = (
        (-10, 56),
        (250, 40),
        (410, 22),
        (460, 10),
        (560, 30),
        (660, 10),
        (710, 22),
        (870, 40),
        (1130, 56),
    )
    return along([(x, y + rise) for x, rise in bends], 60)


def _jaw(board: Canvas) -> None:
    """Gum and bone, cut."""
    Shape(board).polygon([*_ridge(0), (1130, 520), (-10, 520)], 1).put(GUM, 20, high=0.6)
    Shape(board).polygon([*_ridge(58), (1130, 520), (-10, 520)], 1).put("#ecd2b4", 10)
    rng = random.Random(3)
    pores = Shape(board)
    for _ in range(110):
        pores.ellipse(rng.uniform(0, 1120), rng.uniform(118, 470), rng.uniform(4, 11), rng.uniform(3, 7))
    pores.fill("#c9a583", 0.6)


def _lip(board: Canvas) -> None:
    """The gum in front of a whole tooth."""
    ridge = [(x, y + 12 * math.exp(-(((x - 560) / 70) ** 2))) for x, y in _ridge(-26)]
    Shape(board).polygon([*ridge, (1130, 520), (-10, 520)], 1).put(GUM, 26, high=0.65)
    for x in (400, 720):
        Shape(board).ellipse(x, 60, 52, 16, -8).fill("#ffffff", 0.25)


def _roots(board: Canvas, tint: str, grow: float) -> None:
    for side in (-1, 1):
        line = along([(240 + side * 62, 236), (240 + side * 76, 340), (240 + side * 58, 450)], 20)
        Shape(board).tube(line, 92 + grow, 26 + grow).put(tint, 16)


def _closed(board: Canvas) -> None:
    """The whole tooth from outside."""
    _roots(board, "#f3e3bd", 0)
    Shape(board).polygon(along(_CROWN, 70), 3).put(ENAMEL, 34, high=0.9, low=0.3)
    Shape(board).ellipse(168, 150, 16, 38, 12).fill("#ffffff", 0.9)
    groove = along([(206, 106), (228, 138), (240, 150), (252, 138), (274, 106)], 16)
    Shape(board).tube(groove, 4, 4).fill("#bcd0e4", 0.8)


def _open(board: Canvas) -> None:
    """The tooth cut through: enamel, dentine, pulp with nerve and vessels."""
    _roots(board, "#e9cf93", 6)
    _roots(board, DENTINE, -8)
    crown = along(_CROWN, 70)
    Shape(board).polygon(crown, 3).put(ENAMEL, 12, high=0.9, low=0.35)
    dentine = [(lerp(x, 240, 0.17), lerp(y, 240, 0.23)) for x, y in crown]
    Shape(board).polygon(dentine, 4).put(DENTINE, 10)
    Shape(board).polygon([(150, 236), (330, 236), (330, 270), (150, 270)], 4).fill(DENTINE)
    lines = Shape(board)
    for i in range(11):
        angle = math.radians(196 + i * 15)
        c, s = math.cos(angle), math.sin(angle)
        lines.tube([(240 + 62 * c, 226 + 50 * s), (240 + 92 * c, 232 + 84 * s)], 2.4, 2.4)
    lines.fill("#dfbd78", 0.8)
    pulp = Shape(board).ellipse(240, 212, 56, 36).ellipse(204, 186, 18, 26, -20).ellipse(276, 186, 18, 26, 20)
    for side in (-1, 1):
        pulp.tube(along([(240 + side * 40, 220), (240 + side * 70, 330), (240 + side * 58, 440)], 20), 34, 9)
    pulp.put(PULP, 11, high=0.6)
    nerve = Shape(board)
    for side in (-1, 1):
        nerve.tube(
            along(
                [
                    (240 + side * 24, 196),
                    (240 + side * 50, 250),
                    (240 + side * 70, 335),
                    (240 + side * 58, 446),
                ],
                24,
            ),
            6,
            4,
        )
    nerve.put("#ffe27a", 2)


def _on(u: float) -> Point:
    """A point on the chewing surface, `u` 0..1 from the left."""
    line = along(_SURFACE, 41)
    at = clamp(u) * 40
    a, b = line[int(at)], line[min(40, int(at) + 1)]
    return lerp(a[0], b[0], at % 1), lerp(a[1], b[1], at % 1)


# ---------------------------------------------------------------------------------- who acts


@lru_cache(1)
def _cube() -> Sprite:
    """A lump of sugar."""
    board = Canvas(120, 120, opaque=False)
    box(board, 70, 70, 340, 340, 50, "#ffffff", "#f3d7e4", 30)
    rng = random.Random(6)
    for _ in range(14):
        Shape(board).ellipse(rng.uniform(110, 370), rng.uniform(110, 370), 13, 13).fill("#dfb7cb", 0.5)
    return board.sprite()


def _acid(canvas: Canvas, t: float, strength: float, seed: int) -> None:
    """Green drops that run down over the tooth and smoulder on it."""
    if strength <= 0:
        return
    rng = random.Random(seed + 2)
    for _ in range(12):
        u, start, rate = rng.uniform(0.05, 0.95), rng.random(), rng.uniform(0.4, 0.7)
        k = (t * rate + start) % 1
        x, y = _on(u)
        y += 8 + 62 * k
        seen = strength * math.sin(math.pi * k)
        canvas.draw(soft("#d5f03c", 0.6), x, y, 15 - 5 * k, tall=1.4, alpha=0.95 * seen)
        canvas.draw(bubble(), x + 5 * math.sin(9 * k), y - 16 - 30 * k, 9, alpha=0.7 * seen)


def _sparks(canvas: Canvas, t: float) -> None:
    """What runs along the nerve."""
    for side in (-1, 1):
        line = along(
            [(240 + side * 58, 446), (240 + side * 70, 335), (240 + side * 50, 250), (240 + side * 24, 196)],
            30,
        )
        for i in range(3):
            k = (t * 0.7 + i / 3) % 1
            canvas.draw(soft("#fffbd0", 1.0), *line[int(k * 29)], 17, alpha=math.sin(math.pi * k))


def _ouch(canvas: Canvas, t: float, strength: float) -> None:
    """The nerve flares up."""
    flash = (0.5 + 0.5 * wave(t, 2.4)) * strength
    glow(canvas, 240, 210, 96, "#ff4a3c", 0.75 * flash)
    for i in range(6):
        angle = math.radians(-160 + i * 28)
        reach = 62 + 12 * flash
        c, s = math.cos(angle), math.sin(angle)
        Shape(canvas).tube(
            [
                (240 + reach * c, 206 + reach * 0.7 * s),
                (240 + (reach + 20) * c, 206 + (reach + 20) * 0.7 * s),
            ],
            6,
            2,
        ).fill("#ff5a3c", 0.85 * flash)


def _toothbrush(canvas: Canvas, x: float, y: float, t: float) -> None:
    """The brush lies on the tooth, bristles down, its handle to the right."""
    canvas.draw(_tool(), x - 62, y + 4, 96, anchor=(0, 1), turn=-5 + 2 * wave(t, 1.15))


@lru_cache(1)
def _tool() -> Sprite:
    board = Canvas(960, 240, opaque=False)
    tufts = Shape(board)
    for i in range(9):
        x = 60 + i * 46
        tufts.tube([(x, 250), (x - 4 + (i % 3) * 4, 440)], 40, 34)
    tufts.put("#f4fbff", 12, high=0.9)
    tips = Shape(board)
    for i in range(9):
        tips.tube([(57 + i * 46, 380), (56 + i * 46 + (i % 3) * 4, 446)], 36, 32)
    tips.put("#5fc4f2", 10)
    Shape(board).tube(along([(60, 200), (460, 200), (760, 130), (1200, 130), (1860, 100)], 30), 96, 110).put(
        "#ff7a59", 30, high=0.7
    )
    Shape(board).tube(along([(1000, 122), (1500, 108), (1780, 98)], 12), 40, 40).put("#ffd2bd", 12)
    return board.sprite()


def _foam(canvas: Canvas, t: float, x: float, y: float, strength: float, seed: int) -> None:
    """Toothpaste that froths where the brush goes."""
    rng = random.Random(seed + 8)
    for i in range(22):
        px, start, size = rng.uniform(-74, 74), rng.random(), rng.uniform(20, 44)
        k = (t * 0.9 + start) % 1
        canvas.draw(
            soft("#ffffff", 0.5),
            x + px,
            y + 6 + 30 * k * (0.4 + rng.random()),
            size * (0.5 + 0.6 * k),
            alpha=0.9 * strength * math.sin(math.pi * k),
        )
        if i % 3 == 0:
            canvas.draw(bubble(), x + px * 1.2, y - 30 - 60 * k, size * 0.8, alpha=strength * (1 - k))


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(
        brief, canvas, seed, (inside, sugar, decay, brush), accents=("#8fe3ff", "#d5f03c", "#ffb46b")
    )
