"""How a seed becomes a plant: a bean below and above the ground, cut open to look at.

    water in → root, then shoot → leaves in the sun → flower, pod, new seeds

A bean whose seed leaves come up above the soil (the common bean). Simplified: weeks pass in seconds, it has
one main root with a few side roots, and the sugar that leaves make is golden sparks.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, STILL, Canvas, Pixels
from reverie.video.storyboard.art.clay import Point, Shape, hills, land, sky
from reverie.video.storyboard.art.easing import TAU, clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glints, glow, rain, rays, soft, twinkle
from reverie.video.storyboard.art.sprites import sprite, tinted
from reverie.video.storyboard.diagram import Explainer, Play, aim, along, draw_leaf, speck

GREEN, DARK = "#5cbf45", "#3f9a3c"
ROOT = "#f6e7c6"
BEAN = "#b5533c"

# Everything about the plant is in its own units: its stem leaves the ground at (0, 0), y points down.


def drink(play: Play) -> None:
    """Rain seeps down to the seed, which swells until its coat splits."""
    canvas, k = play.canvas, play.share
    _garden(play, 150.0, 1.0)
    rain(canvas, play.clock, play.x(0.5), 20, 150, play.wide * 0.9, play.seed, 30, 0.7 * (1 - k * 0.5))
    zoom = (2.0 if play.portrait else 2.5) + 0.12 * k
    aim(canvas, (0, 40), (play.x(0.5), 272), zoom)
    _seep(play, 26, 62, 40)
    swell = 0.84 + 0.22 * ease("io", k / 0.85)
    crack = ease("io", (k - 0.6) / 0.35)
    glow(canvas, 0, 40, 46, "#8fd8ff", 0.18 + 0.3 * k)
    if crack > 0:
        tip = along([(9, 48), (14, 54 + 5 * crack), (13, 52 + 16 * crack)], 8)
        Shape(canvas).tube(tip, 6, 3).put(ROOT, 2)
    _bean(canvas, 0, 40, 25 * swell * (1 + 0.012 * wave(play.t, 1.2)), crack)
    side = -1 if play.portrait else 1
    play.label("Seed", "种子", (-60 if side > 0 else -22, 66), at=(-20, 44), since=0.4)
    play.label("Water", "水", (58 if side > 0 else 26, 10), at=(26, 27), since=1.0, tint="#bfeaff")


def sprout(play: Play) -> None:
    """The root goes down; the shoot pushes up, bent like a hook."""
    k = play.share
    ground = 190.0 if play.portrait else 162.0
    _garden(play, ground, 1.0)
    zoom = 1.36 if play.portrait else 1.48
    aim(play.canvas, (0, 0), (play.x(0.5), ground), zoom)
    _seep(play, 14, 90, 120)
    root, shoot = ease("io", k / 0.6), ease("io", (k - 0.34) / 0.6)
    _roots(play.canvas, root * 0.95)
    _hook(play, shoot)
    side = play.wide * 0.16 / zoom
    play.label("Root", "根", (-side * 1.5, 96), at=(-1, 80 * root + 10), since=0.7, tint="#ffeec4")
    play.label("Shoot", "芽", (side * 1.9, -34), at=(5, 12 - 58 * shoot), since=1.9, tint="#c9f5ae")


def feed(play: Play) -> None:
    """Light falls on the leaves, water comes up from the roots: the leaves make food."""
    canvas, k = play.canvas, play.share
    sun = (play.x(0.14), 96.0)
    ground = 296.0 if play.portrait else 268.0
    _garden(play, ground, 0.8)
    rays(canvas, *sun, 210, play.clock, alpha=0.45)
    glow(canvas, *sun, 120, "#ffe48f", 0.8)
    canvas.draw(sprite("sun-with-face"), *sun, 78 if play.portrait else 92, turn=5 * wave(play.t, 0.3))
    zoom = 1.12 if play.portrait else 1.22
    foot = (play.x(0.56), ground)
    aim(canvas, (0, 0), foot, zoom)
    _roots(canvas, 0.72)
    leaf = _plant(play, 0.45 + 0.4 * ease("io", k / 0.8), 0.0)
    light = ((sun[0] - foot[0]) / zoom + 20, (sun[1] - foot[1]) / zoom + 20)
    play.flow([light, leaf], speck("#ffe25c"), 24, count=16, rate=0.6, stray=18, since=-2)
    up = [(0.0, 52.0), (0.0, 20.0), (1.0, -30.0), (leaf[0] * 0.5, leaf[1] + 12)]
    play.flow(up, sprite("droplet"), 9, count=6, rate=0.55, stray=1.5, since=-2)
    if k > 0.25:
        food = [leaf, (2.0, leaf[1] + 34), (1.0, -24.0), (0.0, 44.0), (-1.0, 84.0)]
        play.flow(food, twinkle("#ffd34d"), 15, count=6, rate=0.4, stray=2, since=0.9)
        glints(canvas, play.t, leaf[0] + 6, leaf[1], 62, 40, play.seed, 6)
    left, right = -play.wide * 0.3 / zoom, play.wide * 0.3 / zoom
    play.label("Sunlight", "阳光", (light[0] + 34, light[1] + 62), since=0.4, tint="#fff0a0")
    play.label("Leaf", "叶子", (right * 1.1, leaf[1] + 26), at=(34, leaf[1] + 2), since=1.0, tint="#c9f5ae")
    play.label("Water", "水", (left, 24), at=(-2, 26), since=1.6, tint="#bfeaff")


def bear(play: Play) -> None:
    """Flowers, a bee, and pods that fill with beans."""
    canvas, k = play.canvas, play.share
    _garden(play, 330.0, 0.8)
    zoom = 1.36 if play.portrait else 1.5
    foot = (play.x(0.5), 330.0)
    aim(canvas, (0, 0), foot, zoom)
    _roots(canvas, 0.5)
    ripe = ease("io", (k - 0.38) / 0.45)
    _plant(play, 1.0, 1.0)
    for i, (x, y, turn) in enumerate(_BUDS):
        _bloom(canvas, x, y, turn, clamp(k * 5 - 0.3 * i), ripe, play.t)
    if k < 0.6:
        x, y, _ = _BUDS[0]
        away = ease("in", (k - 0.42) / 0.18)
        at = (
            x - 14 + 60 * (1 - ease("out", k / 0.2)) - 90 * away + 4 * wave(play.t, 1.1),
            y - 13 - 50 * away,
        )
        canvas.draw(sprite("honeybee"), *at, 24, turn=8 * wave(play.t, 2), tall=1 + 0.06 * wave(play.t, 9))
    side = play.wide * 0.34 / zoom
    play.label(
        "Flower", "花", (-side, -186), at=(_BUDS[0][0] - 6, _BUDS[0][1]), since=0.4, until=play.seconds * 0.5
    )
    play.label(
        "Pod with new seeds",
        "豆荚里的新种子",
        (-side, -24 if play.portrait else -70),
        at=(_BUDS[2][0] + 3, _BUDS[2][1] + 26),
        since=play.seconds * 0.55,
        tint="#c9f5ae",
    )


_BUDS = ((-27.0, -142.0, -24.0), (30.0, -116.0, 20.0), (-24.0, -104.0, -14.0))
"""Where it flowers, and how the pod hangs, degrees."""


# ---------------------------------------------------------------------------------- the plant


def _bean(canvas: Canvas, x: float, y: float, size: float, crack: float) -> None:
    """A kidney bean, `size` half as long; its coat opens below as `crack` goes to 1."""
    body = Shape(canvas).ellipse(x - size * 0.38, y, size * 0.62, size * 0.60, -12)
    body.ellipse(x + size * 0.42, y + size * 0.05, size * 0.58, size * 0.56, 14)
    body.ellipse(x, y + size * 0.14, size * 0.6, size * 0.46)
    body.put(BEAN, size * 0.34, high=0.75)
    Shape(canvas).ellipse(x + size * 0.02, y - size * 0.30, size * 0.17, size * 0.07).fill("#f3d6b8")
    Shape(canvas).ellipse(x - size * 0.45, y - size * 0.28, size * 0.2, size * 0.08, -24).fill(
        "#ffd9c4", 0.55
    )
    if crack > 0.02:
        gap = [(x + size * (0.05 + 0.11 * i), y + size * (0.52 + 0.02 * i - 0.02 * i * i)) for i in range(6)]
        Shape(canvas).tube(gap, size * 0.04, size * 0.2 * crack).fill("#ffe9c9")


def _roots(canvas: Canvas, grown: float) -> None:
    """The main root and its side roots, the share `grown` of them."""
    if grown <= 0.02:
        return
    main = [(1.5 * math.sin(i * 0.8), 38 + (i / 15) * 108 * grown) for i in range(16)]
    for i in range(7):
        k = ease("io", (grown - 0.25 - 0.09 * i) / 0.4)
        if k > 0.02:
            x, y = main[3 + i]
            side = -1 if i % 2 else 1
            reach = (46 - 4 * i) * k
            line = along(
                [(x, y), (x + side * reach * 0.55, y + reach * 0.22), (x + side * reach, y + reach * 0.6)], 8
            )
            Shape(canvas).tube(line, 3.6, 1.4).put("#ecd9b2", 1.2)
    Shape(canvas).tube(main, 8.5, 2.4).put(ROOT, 2.6)


def _hook(play: Play, shoot: float) -> None:
    """The seed and its stem, which lifts it out of the ground in a bend and straightens."""
    canvas = play.canvas
    top = 34 - 92 * shoot
    bent = 1 - ease("io", (shoot - 0.72) / 0.28)
    high = top - 26 * bent * shoot
    line: list[Point] = [(0, 46), (0, lerp(46, high, 0.55))]
    if shoot > 0.06:
        line += [(4 * bent, high), (19 * bent, high + 4), (22 * bent, top + 15 * bent)]
    if shoot > 0.04:
        Shape(canvas).tube(along(line, 22), 9, 7.5).put("#b9dd8e", 3)
    x, y = (22 * bent, top + 18 * bent) if shoot > 0.06 else (0.0, 40.0)
    x, y = lerp(0, x, ease("io", shoot * 4)), lerp(40, y, ease("io", shoot * 4))
    freed = ease("io", (shoot - 0.7) / 0.3)
    if freed <= 0:
        _bean(canvas, x, y, lerp(24, 20, shoot), 1 - 0.6 * shoot)
        return
    for side in (-1, 1):  # out of its coat: two halves, the first leaves between them
        draw_leaf(canvas, (x, y - 2), 30 * freed, -90 + side * 24, GREEN)
        Shape(canvas).ellipse(x + side * (7 + 9 * freed), y + 1, 15, 10, side * (40 - 28 * freed)).put(
            "#c3cc74", 4
        )


def _plant(play: Play, grown: float, bush: float) -> Point:
    """The plant above the ground; where its brightest leaf is."""
    canvas, t = play.canvas, play.clock
    high = 96 + 78 * (grown - 0.45)
    if bush:
        high = 168
    sway = 2.2 * wave(t, 0.35)
    stem = along([(0, 44), (0, 0), (2, -high * 0.5), (sway, -high)], 20)
    leaf_at: Point = (0, 0)
    for i, (share, side, size, late) in enumerate(_LEAVES):
        k = ease("back", (grown - late) / 0.3)
        if k <= 0.03:
            continue
        x, y = stem[round(share * 19)]
        turn = -90 + side * (58 + 5 * wave(t, 0.4, i * 0.23))
        reach = size * k * (1.0 + 0.12 * bush)
        tip = (x + side * reach * 0.45, y - reach * 0.2)
        Shape(canvas).tube([(x, y), tip], 3.4, 2.6).put(DARK, 1.2)
        draw_leaf(canvas, tip, reach, turn, GREEN if i % 2 else "#6fcf4f")
        if i == 4:
            angle = math.radians(turn)
            leaf_at = (tip[0] + reach * 0.5 * math.cos(angle), tip[1] + reach * 0.5 * math.sin(angle))
    Shape(canvas).tube(stem, 9, 5).put("#7cc757", 3)
    for side in (-1, 1):  # what is left of the seed: its two halves
        if not bush:
            x, y = stem[10]
            Shape(canvas).ellipse(x + side * 9, y + 1, 11, 6, side * 24).put("#b9c46a", 3)
    for side in (-1, 1):
        draw_leaf(canvas, stem[-1], 20 + 14 * grown, -90 + side * (26 + 4 * wave(t, 0.5)), "#8be06a")
    return leaf_at


_LEAVES = (
    (0.42, 1, 40.0, 0.55),
    (0.48, -1, 42.0, 0.6),
    (0.60, -1, 52.0, 0.1),
    (0.72, 1, 46.0, 0.62),
    (0.66, 1, 56.0, 0.1),
    (0.80, -1, 44.0, 0.66),
    (0.90, 1, 36.0, 0.7),
)
"""Where on the stem (0..1), which side, how long, and at which growth a leaf unfolds."""


def _bloom(canvas: Canvas, x: float, y: float, turn: float, open_: float, ripe: float, t: float) -> None:
    """A flower that opens, then a pod that hangs there and fills with beans."""
    Shape(canvas).tube([(0, y + 8), (x, y)], 3, 2.4).put(DARK, 1)
    if ripe < 0.6 and open_ > 0:
        k = ease("back", open_) * (1 - ease("in", ripe / 0.6))
        canvas.draw(sprite("cherry-blossom"), x, y, 32 * k, turn=turn + 5 * wave(t, 0.6))
    if ripe > 0.15:
        k = ease("out", (ripe - 0.15) / 0.85)
        c, s = math.cos(math.radians(90 + turn)), math.sin(math.radians(90 + turn))
        line = [
            (x + c * i * 6.6 * k - s * 4 * math.sin(i / 7 * math.pi), y + s * i * 6.6 * k) for i in range(9)
        ]
        Shape(canvas).tube(line, 13 * k, 9 * k).put("#86c94e", 4)
        beans = Shape(canvas)
        for i in (1, 3, 5, 7):
            beans.ellipse(*line[i], 4.6 * k, 5.6 * k, turn)
        beans.put("#d9efa0", 2.4)


# ---------------------------------------------------------------------------------- the garden


def _seep(play: Play, count: int, wide: float, deep: float) -> None:
    """Water that trickles down through the soil towards the seed."""
    rng = random.Random(play.seed + 3)
    for _ in range(count):
        x, start, rate = rng.uniform(-wide, wide), rng.random(), rng.uniform(0.3, 0.5)
        k = (play.clock * rate + start) % 1
        px = lerp(x, x * 0.42, k) + 2.4 * math.sin(TAU * k * 2 + x)
        py = 2 + (deep - 4) * k
        seen = math.sin(math.pi * k)
        play.canvas.draw(sprite("droplet"), px, py, 8.5, alpha=0.95 * seen)


def _garden(play: Play, ground: float, zoom: float) -> None:
    """Sky and soil, cut open; the ground lies at screen height `ground`."""
    canvas = play.canvas
    canvas.camera = STILL
    height, width = canvas.pixels.shape[:2]
    canvas.pixels[:] = _scenery(width, height, round(ground), round(zoom * 10))


@lru_cache(6)
def _scenery(width: int, height: int, ground: int, size: int) -> Pixels:
    k = size / 10
    board = Canvas(width, height)
    wide = board.wide
    sky(board, ((0, "#58b4f5"), (ground / 480 * 0.9, "#d9f3ff"), (1, "#d9f3ff")))
    rng = random.Random(5)
    for i in range(4):
        x = wide * (0.1 + 0.27 * i)
        board.draw(
            sprite("cloud"), x, ground * rng.uniform(0.2, 0.55), rng.uniform(26, 48) * k, alpha=0.8, wide=1.4
        )
    land(board, hills(wide, ground - 24 * k, 14 * k, 4), "#b6e49a", "#8fd47c", 6)
    for i in range(int(wide / 70)):
        x, high = (i + rng.uniform(0.1, 0.9)) * 70, rng.uniform(30, 62) * k
        board.draw(
            tinted(rng.choice(("deciduous-tree", "evergreen-tree")), "#c6ecd0", 0.45),
            x,
            ground - 6,
            high,
            anchor=FOOT,
        )
    _soil(board, float(ground), k)
    return board.pixels


def _soil(board: Canvas, ground: float, k: float) -> None:
    """Grass, dark earth, pebbles, a worm."""
    wide, rng = board.wide, random.Random(9)
    edge = [(-20 + (wide + 40) * i / 60, ground + 2.5 * math.sin(i * 0.9)) for i in range(61)]
    land(board, [*edge, (wide + 20, 520), (-20, 520)], "#9a6642", "#4d2d22", 0)
    for _ in range(int(wide / 5)):
        x, y = rng.uniform(0, wide), ground + rng.uniform(16, 480 - ground)
        r = rng.uniform(2, 6)
        tint, alpha = rng.choice((("#3b2118", 0.35), ("#c08a5c", 0.30), ("#6f4630", 0.5)))
        Shape(board).ellipse(x, y, r * 1.4, r, rng.uniform(0, 180)).fill(tint, alpha)
    for _ in range(int(wide / 48)):
        x, y, r = rng.uniform(0, wide), ground + rng.uniform(40, 300), rng.uniform(5, 12)
        if abs(x - wide / 2) > 90:
            Shape(board).ellipse(x, y, r * 1.4, r, rng.uniform(-20, 20)).put(
                rng.choice(("#a99a92", "#8f8079")), r * 0.6
            )
    board.draw(sprite("worm"), wide * 0.86, ground + 64, 38)
    Shape(board).tube([(x, y + 1) for x, y in edge], 13, 13).put("#6fbf4a", 5)
    for i in range(int(wide / 9)):
        x = i * 9 + rng.uniform(-4, 4)
        tip = (x + rng.uniform(-4, 4), ground - rng.uniform(7, 17) * k)
        Shape(board).tube([(x, ground + 2), tip], 4, 1).fill(rng.choice(("#7fd055", "#5fb344", "#95dd68")))
    board.draw(soft("#fff3c0", 1.2), wide / 2, ground, 120, wide=wide / 130, alpha=0.18)


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(
        brief, canvas, seed, (drink, sprout, feed, bear), accents=("#8fe3ff", "#ffd34d", "#b8f08a")
    )
