"""How a caterpillar becomes a butterfly: a monarch, from the egg to the first flight.

    egg → caterpillar → chrysalis → butterfly

Simplified: about five weeks pass in seconds, of the four moults one is shown, and what is built in the
chrysalis is only seen through its skin, as in its last day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import clamp, ease, lerp, swing, wave
from reverie.video.storyboard.art.light import glints, glow, sparkle
from reverie.video.storyboard.diagram import Explainer, Play, aim, along, backdrop, draw_leaf

BITES = 8
"""That the caterpillar takes out of its leaf."""

CREAM, BLACK, ORANGE, JADE = "#fff3c4", "#2a2230", "#ff8a1f", "#7fd9a4"


def egg(play: Play) -> None:
    """An egg on a leaf; the butterfly that laid it flies off; something stirs, and looks out."""
    canvas, t, k = play.canvas, play.t, play.share
    backdrop(play, "#bfe9ff", "#9ad57c", "#fffbd0")
    size = 0.78 if play.portrait else 1.0
    _leaf_ahead(play, 300.0, size)
    aim(canvas, (0, 0), (play.x(0.52), 282), size * (1.45 + 0.12 * k))
    hatch = ease("io", (k - 0.62) / 0.3)
    shake = 2.4 * wave(t, 5) * clamp((k - 0.45) * 5) * (1 - hatch)
    Shape(canvas).ellipse(2, 22, 36, 10).fill("#1d3b1a", 0.35)
    if hatch > 0:
        out = 46 * hatch
        body = [(4.0, 14.0), (10 + out * 0.3, -18 - out * 0.3), (16 + out * 0.8, -26 - out * 0.35)]
        _caterpillar(canvas, body, 15, t, small=True)
    canvas.draw(_egg(hatch > 0.05), shake * 0.4, 24, 76, turn=shake, anchor=(0.5, 1))
    if k < 0.5:
        away = ease("in", (k - 0.08) / 0.42)
        _butterfly(canvas, (-40 - 200 * away, -64 - 70 * away), 86, t * 3.2, -24 - 14 * away)
    side = 0.4 if play.portrait else 1.0
    play.label("Egg", "卵", (120 * side + 10, -70), at=(16, -12), since=0.9, until=play.seconds * 0.72)
    if k > 0.74:
        play.label("Caterpillar", "毛毛虫", (104 * side, 44), at=(40, -40), since=play.seconds * 0.74)


def eat(play: Play) -> None:
    """It gnaws at the leaf, bite after bite, and grows; its old skin stays behind."""
    canvas, t, k = play.canvas, play.t, play.share
    backdrop(play, "#d9f3c0", "#84c96a", "#fffbd0")
    size = 0.62 if play.portrait else 1.0
    reach = _leaf_ahead(play, 286.0, size, min(BITES, int(k * (BITES + 1))))
    aim(canvas, (0, 0), (play.x(0.5), 262), size)
    big = 0.72 + 0.40 * ease("io", k * 1.1)
    thick = reach * 0.078 * big
    head = reach * (0.27 - 0.13 * k) + 5 * wave(t, 2.2)
    hump = 12 * abs(wave(t, 0.9))
    tail = head - reach * 0.41 * big
    body = [(tail, 6.0), (lerp(tail, head, 0.35), -14 - hump), (lerp(tail, head, 0.7), -14.0), (head, -20.0)]
    _caterpillar(canvas, body, thick, t)
    shed = ease("out", (k - 0.45) / 0.25)
    if shed > 0:
        skin = along(
            [(reach * (-0.34 + u), 34 + 18 * shed - 40 * u * (1 - shed)) for u in (0.0, 0.08, 0.2)], 12
        )
        Shape(canvas).tube(skin, 16, 9).put("#e6dcae", 5, alpha=clamp(shed * 2))
        rings = Shape(canvas)
        for x, y in skin[1:11:2]:
            rings.tube([(x, y - 6), (x + 2, y + 6)], 2.6, 2.6)
        rings.fill("#8a7d5a", clamp(shed * 2) * 0.8)
    crumbs = Shape(canvas)
    for i in range(5):
        q = (t * 1.5 + i / 5) % 1
        crumbs.ellipse(head + 24 + 26 * q * math.cos(i * 2.4), -6 + 60 * q * q, 4 * (1 - q), 3 * (1 - q))
    crumbs.fill("#4f9f3a")
    at = (lerp(tail, head, 0.5), -30)
    play.label("Caterpillar", "毛毛虫", (-60, -140), at=at, since=0.4, until=play.seconds * 0.62)
    if k > 0.62:
        aside = (-reach * 0.3, 150 if play.portrait else 122)
        place = (-reach * 0.24, 54)
        play.label("Old skin", "旧皮", aside, at=place, since=play.seconds * 0.62, tint="#fff0c4")


def hang(play: Play) -> None:
    """Head down it hangs, its last skin splits, and underneath is the chrysalis."""
    canvas, t, k = play.canvas, play.t, play.share
    backdrop(play, "#cfeedd", "#5fa97a", "#fffbd0")
    size = 0.86 if play.portrait else 1.06
    aim(canvas, (0, 0), (play.x(0.5), 92), size)
    _twig(canvas)
    sway = 5 * wave(t, 0.6) + 14 * swing(k, 0.3, 2.2, 5)
    change = ease("io", (k - 0.3) / 0.24)
    if change < 1:
        # The skin is pushed up towards the twig; the chrysalis shows from below.
        low = lerp(206, 40, change)
        body = [(0.0, 14.0), (sway * 0.4, low * 0.45), (sway, low), (26 + sway, low + 12 * (1 - change))]
        if change > 0:
            _chrysalis(canvas, sway, 0.0, t)
        _caterpillar(canvas, body, lerp(48, 30, change), t)
    else:
        _chrysalis(canvas, sway, ease("io", (k - 0.62) / 0.34), t)
        sparkle(canvas, t - 0.56 * play.seconds, 0, 120, 120, play.seed, 12)
    side = 0.62 if play.portrait else 1.0
    play.label("Silk", "丝垫", (-112 * side, 44), at=(0, 14), since=0.4, until=play.seconds * 0.5)
    if k > 0.56:
        play.label("Chrysalis", "蛹", (-150 * side, 60), at=(-36, 96), since=play.seconds * 0.56)
    if k > 0.72:
        place = (60, 282) if play.portrait else (166, 190)
        play.label(
            "Wings inside", "里面长出了翅膀", place, at=(20, 160), since=play.seconds * 0.72, tint="#ffe0b0"
        )


def fly(play: Play) -> None:
    """It climbs out with small wet wings, pumps them full, and flies."""
    canvas, t, k = play.canvas, play.t, play.share
    backdrop(play, "#8fd0ff", "#b5e38f", "#fff6cf")
    size = 0.8 if play.portrait else 1.0
    aim(canvas, (0, 0), (play.x(0.5), 84), size)
    glow(canvas, 0, 150, 260, "#fff3b0", 0.5)
    _twig(canvas)
    _shell(canvas, 4 * wave(t, 0.6))
    full = ease("io", (k - 0.06) / 0.44)
    gone = ease("in", (k - 0.66) / 0.34)
    x = 8 + (30 if play.portrait else 110) * math.sin(gone * 2.6) * gone**0.5
    y = 168 - gone * 90 + 4 * wave(t, 0.6)
    beat = 0.16 * wave(t, 0.9) * full if gone <= 0 else 0.0
    size_now = lerp(84, 214, full) * (1 - 0.2 * gone)
    flap = t * 2.6 if gone > 0 else None
    _butterfly(canvas, (x, y), size_now, flap, 10 * math.sin(gone * 6), 0.34 + 0.62 * full + beat, 1 - full)
    if gone > 0:
        glints(canvas, t, x, y, 220, 160, play.seed, 6)
    side = 0.56 if play.portrait else 1.0
    play.label("Empty case", "空蛹壳", (-140 * side, 34), at=(-14, 62), since=0.4, until=play.seconds * 0.6)
    if k > 0.3:
        place = (64, 286) if play.portrait else (186, 236)
        play.label(
            "Wings fill and dry",
            "翅膀充满、晾干",
            place,
            at=(50, 172),
            since=play.seconds * 0.3,
            until=play.seconds * 0.68,
            tint="#ffe0b0",
        )


# ---------------------------------------------------------------------------------- the cast


def _caterpillar(
    canvas: Canvas, points: Sequence[Point], thick: float, t: float, small: bool = False
) -> None:
    """A monarch caterpillar along `points`, its head at the last one, `thick` virtual units through."""
    line = along(points, 25)
    feet = Shape(canvas)
    ways = []
    for i, (x, y) in enumerate(line):
        ax, ay = line[max(0, i - 1)]
        bx, by = line[min(24, i + 1)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        ways.append((-(by - ay) / length, (bx - ax) / length))
        if i % 3 == 1 and not small:
            step, (nx, ny) = 3 * wave(t, 1.8, i * 0.06), ways[i]
            feet.ellipse(x + nx * thick * 0.5 + step, y + ny * thick * 0.5, thick * 0.13, thick * 0.15)
    if not small:
        feet.fill(BLACK)
    half = [thick * 0.5 * (0.62 + 0.38 * math.sin(math.pi * (0.12 + 0.8 * i / 24))) for i in range(25)]
    body = Shape(canvas)
    for i in range(0, 25, 2):
        body.ellipse(*line[i], half[i] * 1.08, half[i] * 1.08)
    body.tube(line, thick * 0.8, thick * 0.8).put(CREAM, thick * 0.26)
    for tint, shift, wide in (("#ffc21a", 1, 0.13), (BLACK, 0, 0.11)):
        bands = Shape(canvas)
        for i in range(1 + shift, 23, 2):
            (x, y), (nx, ny), h = line[i], ways[i], half[i] * 0.99
            bands.tube([(x - nx * h, y - ny * h), (x + nx * h, y + ny * h)], thick * wide, thick * wide)
        bands.put(tint, thick * 0.05)
    (hx, hy), (tx, ty) = line[-1], line[0]
    nx, ny = ways[-1]
    fx, fy = ny, -nx
    feel = Shape(canvas)
    for lag in (-0.18, 0.18):
        sway = 0.2 * wave(t, 0.9, lag)
        feel.tube(
            [
                (hx, hy),
                (
                    hx + (fx * (0.2 + lag) - nx * 0.9) * thick,
                    hy + (fy * (0.2 + lag) - ny * 0.9 + sway) * thick,
                ),
            ],
            thick * 0.1,
            thick * 0.03,
        )
        feel.tube(
            [(tx, ty), (tx - fx * thick * (0.5 + lag), ty - fy * thick * 0.3 - thick * (0.6 + sway))],
            thick * 0.07,
            thick * 0.03,
        )
    feel.fill(BLACK)
    Shape(canvas).ellipse(hx + fx * thick * 0.16, hy + fy * thick * 0.16, thick * 0.46, thick * 0.48).put(
        "#ffd75e", thick * 0.2, high=0.7
    )
    ex, ey = hx + fx * thick * 0.26 - nx * thick * 0.1, hy + fy * thick * 0.26 - ny * thick * 0.1
    shut = (t * 0.45) % 1 < 0.05
    Shape(canvas).ellipse(ex, ey, thick * 0.12, thick * (0.03 if shut else 0.15)).fill(BLACK)
    if not shut:
        Shape(canvas).ellipse(ex + thick * 0.04, ey - thick * 0.05, thick * 0.045, thick * 0.05).fill(
            "#ffffff"
        )
    mouth = 0.05 + 0.04 * abs(wave(t, 2.2))
    Shape(canvas).ellipse(
        ex + (fx * 0.12 + nx * 0.26) * thick,
        ey + (fy * 0.12 + ny * 0.26) * thick,
        thick * 0.09,
        thick * mouth,
    ).fill("#8a3a2a")


def _butterfly(
    canvas: Canvas,
    place: Point,
    size: float,
    flap: float | None,
    turn: float,
    spread: float = 1.0,
    limp: float = 0.0,
) -> None:
    """A monarch from its back, head up; `flap`: beats so far (None: wings stand at `spread`); `limp`: wet."""
    wide = spread if flap is None else 0.28 + 0.72 * abs(math.cos(math.pi * flap))
    x, y = place
    for side in (1, -1):
        canvas.draw(
            _wing(),
            x + side * size * 0.02,
            y,
            size,
            wide=wide,
            tall=1 - 0.25 * limp,
            turn=turn + side * 34 * limp,
            anchor=(0.0, 0.42),
            flip=side < 0,
        )
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))

    def at(u: float, v: float) -> Point:
        return x + (u * c - v * s) * size, y + (u * s + v * c) * size

    Shape(canvas).tube([at(0, -0.2), at(0, 0.1), at(0, 0.36)], size * 0.085, size * 0.04).ellipse(
        *at(0, -0.24), size * 0.055, size * 0.055
    ).put(BLACK, size * 0.03, high=0.7)
    feel = Shape(canvas)
    for side in (-1, 1):
        feel.tube([at(0, -0.26), at(side * 0.07, -0.4), at(side * 0.13, -0.46)], size * 0.016, size * 0.014)
        feel.ellipse(*at(side * 0.13, -0.46), size * 0.018, size * 0.018)
    feel.fill(BLACK)


@lru_cache(1)
def _wing() -> Sprite:
    """The right wings of a monarch, the body at their left edge."""
    board = Canvas(480, 480, opaque=False)
    fore = along(
        [
            (20, 200),
            (120, 90),
            (300, 24),
            (420, 22),
            (440, 70),
            (380, 170),
            (300, 226),
            (120, 236),
            (20, 200),
        ],
        60,
    )
    hind = along(
        [(20, 210), (150, 220), (310, 250), (350, 330), (290, 420), (190, 446), (90, 380), (20, 210)], 60
    )
    for ring, root in ((hind, (20.0, 214.0)), (fore, (20.0, 200.0))):
        Shape(board).polygon(ring, 3).put(BLACK, 14)
        mx = sum(x for x, _ in ring) / len(ring)
        my = sum(y for _, y in ring) / len(ring)
        inner = [(lerp(x, mx - 10, 0.2), lerp(y, my, 0.2)) for x, y in ring]
        Shape(board).polygon(inner, 2).put(ORANGE, 20, high=0.7)
        veins = Shape(board)
        for i in range(8, 54, 7):
            x, y = ring[i]
            bow = (lerp(root[0], x, 0.5) + (y - root[1]) * 0.06, lerp(root[1], y, 0.5))
            veins.tube(along([root, bow, (x, y)], 12), 9, 7)
        veins.fill(BLACK)
        dots = Shape(board)
        for i in range(16, 50, 2):
            x, y = ring[i]
            dots.ellipse(lerp(x, mx, 0.075), lerp(y, my, 0.075), 5.5, 5.5)
        dots.fill("#ffffff")
    return Sprite(board.pixels[:, 20:460])


@lru_cache(2)
def _egg(cracked: bool) -> Sprite:
    """A ridged egg, cream; open at its top once `cracked`."""
    board = Canvas(240, 240, opaque=False)
    Shape(board).ellipse(240, 280, 130, 175).ellipse(240, 150, 74, 70).put("#fff6d8", 60)
    ridges = Shape(board)
    for i in range(-3, 4):
        line = [(240 + i * 36 * math.sin(math.pi * (0.14 + 0.74 * j / 9)), 110 + j * 36) for j in range(10)]
        ridges.tube(line, 7, 7)
    ridges.fill("#d9c58e", 0.7)
    if cracked:
        Shape(board).ellipse(262, 170, 62, 66, 20).fill("#5a4a30", 0.85)
    return board.sprite()


def _leaf_ahead(play: Play, y: float, size: float, bites: int = 0) -> float:
    """The large leaf that all stands on, from the left edge to the right; its length in the act's units."""
    canvas = play.canvas
    reach = play.wide * (1.1 if play.portrait else 0.96) / size
    aim(canvas, (0, 0), (play.x(0.5), y), size)
    for x, turn in ((-reach * 0.3, 62), (reach * 0.26, 118)):
        draw_leaf(canvas, (x, 30), reach * 0.4, turn, "#57a944")
    image = _big_leaf(bites)
    tilt = 1.2 * wave(play.clock, 0.25)
    high = reach * 0.36
    canvas.draw(image, -reach * 0.5, 10, high, wide=reach / high / image.aspect, turn=tilt, anchor=(0, 0.5))
    return reach


@lru_cache(BITES + 1)
def _big_leaf(bites: int) -> Sprite:
    """The leaf with so many bites out of its upper edge, from the right to the left."""
    if not bites:
        board = Canvas(704, 480, opaque=False)
        draw_leaf(board, (4, 240), 690, 0, "#74c957")
        return board.sprite()
    pixels = _big_leaf(0).pixels.copy()
    high, across = pixels.shape[:2]
    left = np.full((high, across), 255, np.uint8)
    for i in range(bites):
        u = 0.83 - 0.026 * i
        v = 0.5 - 0.5 * math.sin(math.pi * u**0.72)
        centre = (round(u * across), round(v * high) + 8 + 10 * (i % 2))
        cv2.circle(left, centre, 25 + 4 * (i % 3), 0, -1, cv2.LINE_AA)
    bitten: Any = cv2.multiply(pixels, cv2.merge([left] * 4), scale=1 / 255)
    return Sprite(bitten)


def _twig(canvas: Canvas) -> None:
    Shape(canvas).tube(along([(-420, -16), (-160, 2), (0, 4), (170, -6), (420, -30)], 24), 20, 15).put(
        "#8a5a3c", 6
    )
    draw_leaf(canvas, (-120, 4), 104, 136, "#74c957")
    draw_leaf(canvas, (130, -4), 96, 52, "#86d563")
    Shape(canvas).ellipse(0, 13, 13, 6).put("#ffffff", 3)


def _chrysalis(canvas: Canvas, sway: float, clear: float, t: float) -> None:
    """Jade with a belt of gold; `clear` 0..1: the wings show through."""
    turn = -sway * 0.3
    canvas.draw(_case(0), 0, 12, 216, turn=turn, anchor=(0.5, 0))
    if clear > 0:
        canvas.draw(_case(1), 0, 12, 216, turn=turn, anchor=(0.5, 0), alpha=clear)
    glints(canvas, t, sway * 0.3, 92, 96, 50, 5, 3)


def _shell(canvas: Canvas, sway: float) -> None:
    canvas.draw(_case(2), 0, 12, 150, turn=sway, anchor=(0.5, 0))


@lru_cache(3)
def _case(stage: int) -> Sprite:
    """The chrysalis: 0 jade, 1 with the wings showing, 2 empty."""
    board = Canvas(360, 480, opaque=False)
    Shape(board).tube([(180, 4), (180, 60)], 16, 24).fill(BLACK)
    tint = (JADE, "#6f8f74", "#e9f2e4")[stage]
    body = Shape(board).ellipse(180, 180, 122, 128).ellipse(180, 300, 100, 130).ellipse(180, 400, 62, 70)
    body.put(tint, 48, high=0.8, alpha=(1.0, 1.0, 0.7)[stage])
    if stage == 1:
        for side in (-1, 1):
            ring = along(
                [
                    (180, 210),
                    (180 + side * 86, 240),
                    (180 + side * 78, 340),
                    (180 + side * 24, 430),
                    (180, 210),
                ],
                40,
            )
            Shape(board).polygon(ring, 2).put(ORANGE, 12)
            veins = Shape(board)
            for i in (12, 18, 24, 29):
                veins.tube([(180 + side * 6, 216), ring[i]], 8, 6)
            veins.fill(BLACK)
            dots = Shape(board)
            for i in range(11, 32, 3):
                dots.ellipse(lerp(ring[i][0], 180 + side * 40, 0.1), lerp(ring[i][1], 320, 0.1), 5, 5)
            dots.fill("#ffffff")
        Shape(board).ellipse(136, 210, 26, 60, 12).fill("#ffffff", 0.3)
    if stage == 2:
        Shape(board).polygon([(180, 250), (236, 330), (214, 450), (166, 450), (146, 340)], 3).fill(
            "#5d7a66", 0.5
        )
        return board.sprite()
    belt = Shape(board)
    for i in range(13):
        u = (i - 6) / 6
        belt.ellipse(180 + u * 112, 172 + 16 * (1 - u * u), 6.5, 6.5)
    for x, y in ((132, 318), (228, 318), (180, 356), (150, 420), (210, 420)):
        if stage == 0:
            belt.ellipse(x, y, 6, 6)
    belt.put("#ffcf3a", 4, high=0.9)
    return board.sprite()


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(brief, canvas, seed, (egg, eat, hang, fly), accents=("#ffb46b", "#b8f08a", "#8fe3ff"))
