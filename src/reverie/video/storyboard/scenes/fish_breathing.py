"""How fish breathe: water in at the mouth, over the gills, out behind their cover.

    mouth and gill cover in turn → the gills → oxygen into the blood

Simplified: one gill arch of four is drawn in the close view, blood that is low in oxygen is blue (it is dark
red), and a molecule of oxygen is one ball with an "O₂" colour of its own.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Canvas, Sprite, colour
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import bubbles, glow
from reverie.video.storyboard.diagram import Explainer, Play, aim, along, backdrop, ball, lay, speck

GOLD, FIN, PALE = "#ff9a3c", "#ff7a2e", "#ffe3b0"
GILL, OXYGEN, WASTE = "#e0344a", "#4fe0ff", "#9aa3b5"
BREATH = 1.5
"""Seconds from gulp to gulp."""

# On the fish, whose middle is (0, 0); it looks to the left and is about 400 long.
MOUTH: Point = (-192, 12)
COVER: Point = (-76, 8)
OUTLET: Point = (-40, 16)


def gulp(play: Play) -> None:
    """The mouth opens, the cover is shut; the mouth shuts, the cover opens."""
    canvas, t = play.canvas, play.t
    play.scenery("underwater", x=8 * wave(play.clock, 0.1), zoom=1.05)
    size = 0.62 if play.portrait else 1.06
    aim(canvas, (0, 0), (play.x(0.53), 222 + 4 * wave(t, 0.5)), size)
    take, give = _breath(t)
    _stream(play, [(-300.0, 20.0), (-240.0, 14.0), MOUTH, (-160.0, 12.0)], 0.5 + take, 9)
    _fish(canvas, t, take, give, 0.0)
    _stream(play, [COVER, OUTLET, (10.0, 52.0), (80.0, 86.0), (170.0, 96.0)], 0.35 + give, 9)
    play.arrow(
        [(-330.0, 40.0), (-270.0, 20.0), (-212.0, 14.0)], "#d9f3ff", 11, grown=take if take > 0.3 else 0
    )
    play.arrow([(-20.0, 44.0), (40.0, 84.0), (130.0, 104.0)], "#d9f3ff", 11, grown=give if give > 0.3 else 0)
    low = 150 if play.portrait else 128
    place = (-170, -140) if play.portrait else (-230, -96)
    play.label("Water in", "水进来", place, at=(-222, 14), since=0.3, tint="#cfeaff")
    play.label("and out", "水出去", (170, low + 26), at=(150, 100), since=1.1, tint="#cfeaff")
    play.label("Gill cover", "鳃盖", (60, -140), at=(COVER[0], -20), since=1.7, tint="#ffe3b0")


def gills(play: Play) -> None:
    """The cover turns to glass: behind it are the gills, row behind row."""
    canvas, t, k = play.canvas, play.t, play.share
    play.scenery("underwater", x=20, zoom=1.25)
    near = ease("io", k / 0.6)
    size = lerp(0.62, 0.94, near) if play.portrait else lerp(1.06, 1.6, near)
    middle = (lerp(0, -84, near), lerp(0, 4, near))
    aim(canvas, middle, (play.x(0.53), 220), size)
    take, give = _breath(t)
    _fish(canvas, t, take, give, ease("io", (k - 0.08) / 0.3))
    way = [(-260.0, 18.0), MOUTH, (-150.0, 10.0), (-104.0, 8.0), COVER, OUTLET, (0.0, 46.0), (70.0, 84.0)]
    _stream(play, way, 1.0, 22)
    if k > 0.3:
        place = (-84, -150) if play.portrait else (40, -96)
        play.label("Gills", "鳃", place, at=(-84, -18), since=0.3 * play.seconds, tint="#ffd0d4", height=36)
    place = (-84, 150) if play.portrait else (-170, 92)
    play.label("Water", "水", place, at=(-120, 14), since=0.9, tint="#cfeaff")


def trade(play: Play) -> None:
    """Very near: oxygen passes from the water through the thin skin of the gill into the blood."""
    canvas, t = play.canvas, play.t
    backdrop(play, "#8fe0f5", "#1f84c4", "#d9fbff")
    size = 0.62 if play.portrait else 0.8
    place = (play.x(0.5), 218.0)
    lay(canvas, _filament, 1120, place, size)
    aim(canvas, (450, 240), place, size)
    bubbles(canvas, t, 450, 480, play.seed, width=700, height=420, count=5)
    rng = random.Random(play.seed)
    for lane, side in ((70.0, 1), (410.0, -1)):
        for i in range(9):
            q = (t * 0.16 + i / 9 + rng.random() * 0.04) % 1
            x = -20 + 940 * q
            entering = clamp((x - 240 - 40 * (i % 4)) / 260) if i % 3 else 0.0
            py = lane + 18 * math.sin(i * 2.2) + 6 * wave(t, 0.7, i * 0.3)
            inside = ease("io", entering)
            py = lerp(py, 240 - side * 34, inside)
            shown = clamp(q * 12) * clamp((1 - q) * 12) * (1 - clamp((entering - 0.9) * 10))
            canvas.draw(ball(OXYGEN, -135, 0.75), x, py, 31, alpha=shown)
    for i in range(11):
        q = (1 - (t * 0.22 + i / 11)) % 1
        x = 60 + 780 * q
        fresh = clamp((760 - x) / 520)
        y = 240 + 17 * math.sin(i * 2.1) + 3 * wave(t, 0.9, i * 0.2)
        canvas.draw(
            _cell(round(fresh * 8)), x, y, 46, turn=90 * q + 30 * i, alpha=clamp(q * 14) * clamp((1 - q) * 14)
        )
        if fresh > 0.3:
            canvas.draw(ball(OXYGEN, -135, 0.75), x + 4, y - 3, 17, alpha=clamp((fresh - 0.3) * 3))
    for i in range(6):
        q = (t * 0.3 + i / 6) % 1
        x = 700 - 90 * (i % 3) + 60 * q
        side = 1 if i % 2 else -1
        canvas.draw(
            ball(WASTE, -135, 0.75),
            x,
            240 + side * (20 + 170 * q),
            20,
            alpha=0.9 * clamp(q * 6) * clamp((1 - q) * 4),
        )
    glow(canvas, 200, 240, 110, "#ff8a8a", 0.25 + 0.1 * wave(t, 1.2))
    if play.portrait:
        play.label("Oxygen", "氧气", (330, -30), at=(400, 62), since=0.3, tint="#c5f6ff")
        play.label("Blood", "血液", (330, 500), at=(420, 246), since=0.9, tint="#ffd0d4")
        play.label("Used gas", "废气", (570, 500), at=(640, 372), since=1.5)
        return
    play.label("Oxygen in the water", "水里的氧气", (250, 20), at=(330, 84), since=0.3, tint="#c5f6ff")
    play.label("Blood", "血液", (120, 352), at=(230, 244), since=0.9, tint="#ffd0d4")
    play.label("Used gas goes out", "废气排出去", (690, 458), at=(680, 372), since=1.5)


# ---------------------------------------------------------------------------------- the fish


def _breath(t: float) -> tuple[float, float]:
    """How far the mouth is open, and how far the gill cover: in turn."""
    turn = math.sin(math.tau * t / BREATH)
    return clamp(0.5 + 0.8 * turn), clamp(0.5 - 0.8 * turn)


def _fish(canvas: Canvas, t: float, take: float, give: float, clear: float) -> None:
    """The fish about (0, 0); `clear` 0..1: its gill cover can be looked through."""
    sway = 10 * wave(t, 0.7)
    tail = Shape(canvas)
    root = (128.0, 0.0)
    for side in (-1, 1):
        tip = (206 + sway * 0.3, side * 74 + sway)
        tail.polygon([root, (160, side * 26 + sway * 0.4), tip, (182 + sway * 0.3, side * 12 + sway)], 6)
    tail.put(FIN, 12)
    canvas.draw(_trunk(), -20, 0, 280)
    fin = [
        (-24, 34),
        (20, 38 + sway * 0.4),
        (66, 58 + sway),
        (56, 76 + sway),
        (20, 76 + sway * 0.8),
        (-14, 56),
    ]
    Shape(canvas).polygon(along([*fin, fin[0]], 30), 3).put(FIN, 8)
    jaw = Shape(canvas).ellipse(-176, 20 + 9 * take, 26, 15 + 2 * take, 14)
    jaw.put(GOLD, 8)
    lips = Shape(canvas).ellipse(-190, 8, 13, 8 - take).ellipse(-188, 22 + 14 * take, 12, 7)
    if take > 0.12:
        Shape(canvas).ellipse(-188, 15 + 7 * take, 9, 13 * take).fill("#6b2330")
    lips.put("#ff7f66", 4)
    cx, cy = COVER
    if clear > 0 or give > 0.1:
        Shape(canvas).ellipse(cx + 8, cy, 46, 62).fill("#7a1f34", max(clear, 0.9 * give))
        _gills(canvas, t, max(clear, give))
    swing = 26 * give
    cover = Shape(canvas).ellipse(cx - 4 - swing * 0.25, cy, 52 - swing * 0.5, 66, -3)
    cover.put("#ffae58", 10, high=0.7, alpha=1 - 0.86 * clear)
    if clear > 0:
        rim = [(cx + 44 * math.cos(a / 10) - swing * 0.5, cy + 64 * math.sin(a / 10)) for a in range(-13, 14)]
        Shape(canvas).tube(rim, 5, 5).fill("#fff0d0", 0.8 * clear)
    shut = (t * 0.4) % 1 < 0.05
    Shape(canvas).ellipse(-134, -24, 17, 3 if shut else 19).fill("#ffffff" if not shut else "#5a2a1a")
    if not shut:
        Shape(canvas).ellipse(-138, -23, 10, 12).fill("#1d1838")
        Shape(canvas).ellipse(-142, -28, 3.6, 4).fill("#ffffff")


def _gills(canvas: Canvas, t: float, alpha: float) -> None:
    """Four arches with their filaments, waving in the stream."""
    cx, cy = COVER
    for row in range(4):
        droop = 0.05 * wave(t, 1.1, row * 0.2)
        canvas.draw(_arch(row % 2), cx - 42 + row * 16, cy, 102, shear=droop, alpha=alpha, anchor=(0, 0.5))


@lru_cache(2)
def _arch(kind: int) -> Sprite:
    """One arch with its filaments to the right."""
    board = Canvas(280, 480, opaque=False)
    bow = along([(70, 40), (30, 240), (70, 440)], 31)
    comb = Shape(board)
    for ax, ay in bow[2:29:2]:
        comb.tube([(ax, ay), (ax + 100, ay + 16), (ax + 138, ay + 26)], 19, 10)
    comb.put("#c9243c" if kind else GILL, 5)
    Shape(board).tube(bow, 22, 22).put("#ffc2bd", 6)
    return board.sprite()


@lru_cache(1)
def _trunk() -> Sprite:
    """The body without what moves, looking left; its middle lies 20 units left of the fish's."""
    board = Canvas(900, 560, opaque=False)
    k = 480 / 280
    aim(board, (-20, 0), (board.wide / 2, 240), k)
    back = along([(-40, -78), (0, -122), (54, -118), (100, -66)], 20)
    Shape(board).polygon([*back, (60, -50), (-40, -60)], 3).put(FIN, 12)
    under = along([(40, 70), (70, 108), (104, 52)], 14)
    Shape(board).polygon([*under, (60, 50)], 3).put(FIN, 8)
    outline = along(
        [
            *((-196, 14), (-170, -30), (-110, -72), (-30, -88), (60, -66), (138, -22)),
            *((146, 14), (70, 62), (-20, 88), (-110, 74), (-172, 44), (-196, 14)),
        ],
        90,
    )
    Shape(board).polygon(outline, 2).put(GOLD, 30, high=0.65)
    belly = along(
        [(-182, 36), (-100, 54), (0, 62), (96, 38), (20, 80), (-90, 78), (-160, 54), (-182, 36)], 50
    )
    Shape(board).polygon(belly, 1).put(PALE, 9, high=0.4)
    scales = Shape(board)
    for row in range(5):
        for col in range(7):
            x, y = -16 + col * 24 + 12 * (row % 2), -46 + row * 21
            if (x / 160) ** 2 + (y / 80) ** 2 < 0.72:
                arc = [(x + 9 * math.cos(a / 4), y + 9 * math.sin(a / 4)) for a in range(-5, 6)]
                scales.tube(arc, 2.2, 2.2)
    scales.fill("#e0702a", 0.55)
    Shape(board).ellipse(-128, 12, 13, 8).fill("#ff7f7f", 0.55)
    return Sprite(board.pixels)


def _stream(play: Play, points: list[Point], strength: float, count: int) -> None:
    """Water on its way, as bright specks with oxygen among them."""
    play.flow(points, speck("#ffffff"), 17 * min(1.3, strength), count=count, rate=0.62, stray=9, since=-3)
    play.flow(
        points,
        ball(OXYGEN, -135, 0.75),
        9 * min(1.3, strength),
        count=max(3, count // 3),
        rate=0.5,
        stray=6,
        since=-3,
    )


@lru_cache(9)
def _cell(fresh: int) -> Sprite:
    """A blood cell from blue, without oxygen (0), to red (8)."""
    a, b = colour("#4a62d8"), colour("#ef2b42")
    tint = "#" + "".join(f"{round(lerp(p, q, fresh / 8)):02x}" for p, q in zip(a, b, strict=True))
    board = Canvas(120, 120, opaque=False)
    Shape(board).ellipse(240, 240, 220, 170).put(tint, 80, high=0.6)
    Shape(board).ellipse(240, 244, 100, 66).fill("#1a1030", 0.22)
    return board.sprite()


def _filament(board: Canvas) -> None:
    """A piece of a gill: a blood vessel between two thin folded skins, on a board 1120 wide."""
    top = [(x, 168 + 15 * math.sin(x / 22.0)) for x in range(-20, 1141, 6)]
    low = [(x, 312 - 15 * math.sin(x / 22.0)) for x in range(1140, -21, -6)]
    Shape(board).polygon([*top, *low], 3).put("#f58a94", 14, high=0.6)
    inner = [(x, 186 + 9 * math.sin(x / 22.0)) for x in range(-20, 1141, 6)]
    floor = [(x, 294 - 9 * math.sin(x / 22.0)) for x in range(1140, -21, -6)]
    Shape(board).polygon([*inner, *floor], 0).fill("#ffd9d4")
    for line in (top, low):
        Shape(board).tube(line, 7, 7).fill("#c9344a", 0.7)
    nuclei = Shape(board)
    for i in range(21):
        x = 20 + i * 54
        nuclei.ellipse(x, 176 + 12 * math.sin(x / 22.0), 8, 4.6).ellipse(
            x + 26, 304 - 12 * math.sin(x / 22.0), 8, 4.6
        )
    nuclei.fill("#8f2440", 0.6)


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(brief, canvas, seed, (gulp, gills, trade), accents=("#8fe3ff", "#ff8f9c", "#4fe0ff"))
