"""Why volcanoes erupt, in four acts: melted rock gathers below, gas bubbles push it up, it breaks
out as lava and ash, and what it leaves builds the mountain higher.

Simplified: one round chamber and one straight pipe stand for a web of both; a steep mountain of lava and ash
in layers (a stratovolcano) stands for all kinds; thousands of years pass in seconds.
"""

from __future__ import annotations

import math
import random

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, Camera, Canvas
from reverie.video.storyboard.art.clay import Point, Shape, hills, land, sky
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import bubble, glow, lava, soft
from reverie.video.storyboard.art.sprites import sprite, tinted
from reverie.video.storyboard.diagram import Explainer, Play, along, spread

CRATER, GROUND, CHAMBER = 124.0, 256.0, 330.0
"""Heights of the crater, of the ground around the mountain and of the chamber's middle, virtual units."""

HOT = ("#ffe27a", "#ff9a2e", "#ff5a26")


def _half(wide: float) -> float:
    """Half the mountain's foot."""
    return min(210.0, wide * 0.43)


def _flank(x: float, wide: float, grown: float = 1.0) -> list[Point]:
    """The mountain's outline from foot to foot around x, with a notch for the crater."""
    foot, top = _half(wide) * (0.55 + 0.45 * grown), lerp(GROUND - 30, CRATER, grown)
    rim = 24 + 6 * grown
    left = along([(x - foot, GROUND), (x - foot * 0.42, lerp(GROUND, top, 0.42)), (x - rim, top)], 10)
    right = [(2 * x - px, py) for px, py in reversed(left)]
    return [*left, (x - rim * 0.5, top + 11), (x + rim * 0.5, top + 11), *right]


# ---------------------------------------------------------------------------------- the set


def _far(board: Canvas) -> None:
    sky(board, ((0, "#4a9bee"), (0.34, "#a8dcfb"), (0.55, "#fff0d0"), (1, "#fff0d0")))
    wide = board.wide
    for x, y, size in ((0.12, 110, 34), (0.9, 170, 30), (0.3, 66, 24), (0.74, 118, 22)):
        board.draw(sprite("cloud"), wide * x, y, size, alpha=0.8)
    land(board, hills(wide, 238, 12, 5), "#a9cfa8", "#7fb58c", 8)


def _dusk(board: Canvas) -> None:
    sky(board, ((0, "#2a1c4e"), (0.3, "#6d3468"), (0.55, "#f0845a"), (0.8, "#ffc178"), (1, "#ffc178")))
    land(board, hills(board.wide, 318, 14, 5), "#5a3a66", "#3a2a52", 6)


def _earth(board: Canvas) -> None:
    """The ground cut open: soil, bands of rock, and the hot depth."""
    wide = board.wide
    land(board, [(-80, GROUND), (wide + 80, GROUND), (wide + 80, 560), (-80, 560)], "#8a5a44", "#5a2e3a", 0)
    for y, tint in ((GROUND + 34, "#7b4b40"), (GROUND + 78, "#6b3d3c"), (GROUND + 128, "#5c3038")):
        land(board, hills(wide, y, 7, round(y)), tint, tint, 5)
    board.draw(soft("#ff7a2e", 1.0), wide / 2, 500, 230, wide=max(3.0, wide / 110), alpha=0.75)
    rng = random.Random(3)
    for _ in range(int(wide / 15)):
        x, y, r = rng.uniform(0, wide), rng.uniform(GROUND + 16, 450), rng.uniform(3, 8)
        Shape(board).ellipse(x, y, r * 1.5, r, rng.uniform(-25, 25)).put("#a57a62", r * 0.6, alpha=0.7)
    land(
        board,
        [(-80, GROUND - 4), (wide + 80, GROUND - 4), (wide + 80, GROUND + 9), (-80, GROUND + 9)],
        "#8fd35e",
        "#4f9e48",
        3,
    )
    for i in range(int(wide / 52) + 1):
        x = i * 52 + rng.uniform(-14, 14)
        if abs(x - wide / 2) > _half(wide) * 0.96:
            name = rng.choice(("evergreen-tree", "deciduous-tree", "evergreen-tree"))
            board.draw(sprite(name), x, GROUND + 4, rng.uniform(34, 52), anchor=FOOT)


def _mountain(board: Canvas) -> None:
    """The mountain cut through, layer over layer, with its empty pipe and chamber."""
    wide, x = board.wide, board.wide / 2
    tints = ("#c08a6a", "#8f5f56", "#b57d62", "#85574f", "#aa7259", "#7a4f4a")
    for i, tint in enumerate(tints):
        k = 1 - i * 0.15
        outline = [(x + (px - x) * k, GROUND + 4 - (GROUND - py) * k) for px, py in _flank(x, wide)]
        Shape(board).polygon(outline).put(tint, 7, high=0.5)


def _outside(board: Canvas) -> None:
    """The whole mountain, from outside."""
    wide, x = board.wide, board.wide / 2
    body = [(px, 336 + (py - GROUND) * 1.35) for px, py in _flank(x, wide * 1.12)]
    Shape(board).polygon([*body, (x + wide, 352), (x - wide, 352)]).put("#7d4f58", 20, high=0.5, low=0.6)
    for side in (-1, 1):
        for share in (0.22, 0.5, 0.78):
            line = [(x + side * _half(wide) * share * k * 1.1, lerp(176, 336, k**0.8)) for k in _RIBS]
            Shape(board).tube(line, 3, 15).fill("#4e2f47", 0.42)
    land(
        board,
        [
            (-80, 340),
            *[(wide * i / 8, 336 + 7 * math.sin(i * 2.1)) for i in range(-1, 10)],
            (wide + 80, 560),
            (-80, 560),
        ],
        "#4a5a4c",
        "#22303c",
        8,
    )


_RIBS = (0.12, 0.35, 0.6, 0.85, 1.0)

# ---------------------------------------------------------------------------------- what glows


def _melt(canvas: Canvas, x: float, t: float, full: float, up: float) -> None:
    """The chamber's melted rock, `full` 0..1, risen `up` 0..1 of the pipe."""
    wide = min(130.0, canvas.wide * 0.34)
    Shape(canvas).ellipse(x, CHAMBER, wide + 9, 53).put("#4c2430", 8, high=0.2)
    Shape(canvas).tube([(x, CHAMBER), (x, CRATER + 27)], 36, 28).fill("#4c2430")
    glow(canvas, x, CHAMBER, wide * 1.5, "#ff7a2e", 0.35 + 0.1 * wave(t, 0.7))
    if full <= 0.02:
        return
    body = Shape(canvas).ellipse(x, CHAMBER + 44 * (1 - full), wide * (0.5 + 0.5 * full), 44 * full)
    top = lerp(CHAMBER, CRATER + 28, up)
    if up > 0.02:
        line = [(x + 2.5 * math.sin(t * 5 + k * 3), lerp(CHAMBER, top, k / 4)) for k in range(5)]
        body.tube(line, 34, 24)
    body.put("#ff6a24", 10, high=0.75, low=0.35)
    for i in range(7):  # warm rock turns over and over
        angle = t * 0.9 + i * 2 * math.pi / 7
        px = x + math.cos(angle) * wide * 0.66 * full
        py = CHAMBER + 44 * (1 - full) + math.sin(angle) * 24 * full
        canvas.draw(soft(HOT[i % 2], 0.8), px, py, 34 * full, wide=1.7, alpha=0.75)


def _soda(canvas: Canvas, x: float, y: float, t: float, k: float) -> None:
    """A bottle that was shaken: bubbles rise, at `k` 1 it foams over."""
    shake = 3.2 * wave(t, 7) * clamp(1.4 - k)
    neck = [(x + shake, y - 52), (x + shake, y - 24)]
    glass = Shape(canvas).tube([(x + shake, y - 12), (x + shake, y + 40)], 50, 54).tube(neck, 19, 26)
    glass.put("#bdeaf2", 8, alpha=0.85)
    Shape(canvas).tube([(x + shake, y - 6), (x + shake, y + 38)], 40, 44).put("#c2602c", 7)
    Shape(canvas).tube([(x + shake - 15, y - 6), (x + shake - 15, y + 30)], 4, 4).fill("#ffffff", 0.5)
    for i in range(7):
        rise = (t * 0.9 + i / 7) % 1
        canvas.draw(bubble(), x + shake + 13 * math.sin(i * 2.4), y + 36 - 56 * rise, 6 + 5 * rise)
    for i in range(9):
        up = (t * 1.5 + i / 9) % 1
        side = math.sin(i * 1.9)
        canvas.draw(
            soft("#fff2dc", 0.4),
            x + shake + side * 34 * up,
            y - 54 - 74 * up + 62 * up * up,
            9 + 15 * k * (1 - up),
            alpha=ease("io", k * 1.6 - 0.3) * clamp(3 - 3 * up),
        )


# ---------------------------------------------------------------------------------- acts


def chamber(play: Play) -> None:
    """Melted rock rises out of the depth and gathers."""
    canvas, t, x = play.canvas, play.t, play.wide / 2
    canvas.camera = Camera(0, lerp(-4, 5, play.share) + 376 - play.floor, lerp(1.02, 1.07, play.share))
    spread(canvas, _far, depth=0.2)
    spread(canvas, _earth, depth=1.0, opaque=False)
    spread(canvas, _mountain, depth=1.0, opaque=False)
    full = ease("io", (t - 0.2) / (play.seconds * 0.7))
    for i, side in enumerate((-0.24, 0.02, 0.26)):
        way = [(x + side * play.wide, 476), (x + side * play.wide * 0.8, 420), (x + side * 120, CHAMBER + 26)]
        play.flow(way, soft(HOT[1], 0.7), 19, count=5, rate=0.55, stray=7, since=-1.2 - 0.3 * i)
    _melt(canvas, x, t, max(0.12, full), 0.75 * ease("io", play.share * 1.6 - 0.6))
    _wisps(play, x, CRATER, 0.35)
    side = 0.24 if play.portrait else 0.17
    play.label(
        "Magma: hot melted rock",
        "岩浆：熔化的岩石",
        (play.x(0.5), GROUND + 22),
        since=0.5,
        at=(x, CHAMBER - 16),
        height=_size(play),
    )
    play.label("Pipe", "火山通道", (play.x(side), 168), at=(x - 10, 190), since=1.3, height=_size(play))


def pressure(play: Play) -> None:
    """Gas comes out of the melt as bubbles, as in a shaken bottle, and pushes."""
    canvas, t, x = play.canvas, play.t, play.wide / 2
    tremble = 1.6 * wave(t, 9) * play.share
    canvas.camera = Camera(tremble, 380 - play.floor + tremble * 0.6, lerp(1.07, 1.13, play.share))
    spread(canvas, _far, depth=0.2)
    spread(canvas, _earth, depth=1.0, opaque=False)
    spread(canvas, _mountain, depth=1.0, opaque=False)
    _melt(canvas, x, t * 1.4, 1.0, 0.75 + 0.25 * play.share)
    rng, wide = random.Random(play.seed), min(115.0, play.wide * 0.3)
    for i in range(26):  # they grow on their way up, as the weight above them falls
        start, side, rate = rng.random(), rng.uniform(-1, 1), rng.uniform(0.35, 0.6)
        k = (t * rate + start) % 1
        squeeze = lerp(wide, 9, ease("io", k * 3.2))
        px = x + side * squeeze + 2 * math.sin(k * 20 + i)
        py = lerp(CHAMBER + 26, CRATER + 26, k)
        canvas.draw(bubble(), px, py, 7 + 15 * k, alpha=clamp(k * 8) * clamp((1 - k) * 8))
    push = ease("back", (t - 0.3) / 0.5) * (0.92 + 0.08 * wave(t, 1.6))
    play.arrow([(x, CHAMBER + 8), (x, CHAMBER - 52 * push)], "#ffffff", 9)
    for side in (-1, 1):
        play.arrow([(x + side * 42, CHAMBER), (x + side * (42 + 46 * push), CHAMBER - 10)], "#ffffff", 7)
    _wisps(play, x, CRATER, 0.5 + 0.5 * play.share)
    size = _size(play)
    play.label(
        "Gas bubbles push",
        "气泡往上顶",
        (play.x(0.8), 128.0 if play.portrait else 150.0),
        at=(x + 8, 212),
        since=0.4,
        height=size,
    )
    place = (play.x(0.14), 150.0) if not play.portrait else (50.0, 134.0)
    _soda(canvas, *place, t, play.share)
    play.label("Like shaken soda", "就像摇过的汽水", (place[0] + 20, place[1] + 92), since=1.0, height=size)


def eruption(play: Play) -> None:
    """Lava and ash break out."""
    canvas, t, x = play.canvas, play.t, play.wide / 2
    shock = 5 * wave(t, 8) * math.exp(-t * 2.2)
    canvas.camera = Camera(shock, shock * 0.7 - 4 * play.share, 1.04 + 0.04 * play.share)
    spread(canvas, _dusk, depth=0.2)
    out = ease("out", t / 0.5)
    _plume(play, x, 178)
    glow(canvas, x, 170, 210, "#ff8a2e", 0.6 * out + 0.1 * wave(t, 1.3))
    lava(canvas, t + 0.9, x, 182, play.seed, count=26, power=0.95)
    spread(canvas, _outside, depth=1.0, opaque=False)
    glow(canvas, x, 178, 46, "#ffe27a", 0.9 * out)
    for i, (side, bend, late) in enumerate(((-1, 0.30, 0.3), (1, 0.24, 0.5), (-1, 0.54, 0.7), (1, 0.5, 0.2))):
        _stream(play, x, side, bend, late, i)
    rng = random.Random(play.seed + 4)
    for _ in range(22):
        px, k = rng.random(), (t * rng.uniform(0.2, 0.4) + rng.random()) % 1
        canvas.draw(
            soft("#d9c8c8", 0.8),
            play.wide * px + 20 * k,
            60 + 300 * k,
            rng.uniform(3, 6),
            alpha=0.6 * clamp(t * 2) * clamp((1 - k) * 5),
        )
    size = _size(play)
    play.label(
        "Ash cloud",
        "火山灰",
        (play.x(0.2), 92 if not play.portrait else 118),
        at=(x - 40, 96),
        since=0.7,
        height=size,
    )
    play.label(
        "Lava", "熔岩", (play.x(0.86), 190), at=(x + _half(play.wide) * 0.26, 226), since=1.2, height=size
    )


def layers(play: Play) -> None:
    """Each eruption leaves a layer: so the mountain grows."""
    canvas, t, x = play.canvas, play.t, play.wide / 2
    canvas.camera = Camera(0, lerp(6, -4, play.share), lerp(1.08, 1.02, play.share))
    spread(canvas, _far, depth=0.2)
    count = 5
    place = clamp(t / (play.seconds * 0.82)) * count
    done = min(count - 1, int(place))
    top = lerp(GROUND - 30, CRATER, clamp(place / count))
    active = clamp(math.sin(clamp(place - done) * math.pi) * 1.8) if place < count else 0.0
    if active > 0:
        lava(canvas, t + 1, x, top + 8, play.seed, count=12, power=0.42 * active)
    spread(canvas, _earth, depth=1.0, opaque=False)
    tints = ("#7a4f4a", "#b57d62", "#85574f", "#c08a6a", "#8f5f56")
    for i in reversed(range(count)):
        k = ease("io", clamp(place - i) * 1.6)
        if k <= 0.02:
            continue
        level = (i + k) / count
        shape = [(px, py + 4) for px, py in _flank(x, play.wide, level)]
        cold = ease("io", (place - i - 0.55) / 0.6)
        Shape(canvas).polygon(shape).put(_blend("#ff7a2e", tints[i], cold), 7)
    Shape(canvas).tube([(x, 520), (x, top + 24)], 22, 16).put("#ff6a24", 6, high=0.7)
    glow(canvas, x, top, 80, "#ff9a2e", 0.9 * active)
    _wisps(play, x, top, 0.6)
    for i, side in enumerate((-0.93, -0.78, 0.8, 0.95)):  # its soil is good for plants
        k = ease("back", (play.share - 0.62 - i * 0.06) / 0.2)
        canvas.draw(
            sprite(("tulip", "seedling")[i % 2]),
            x + side * _half(play.wide),
            GROUND + 6,
            36 * k,
            anchor=FOOT,
            turn=5 * wave(t, 0.6, i * 0.2),
        )
    size = _size(play)
    play.label(
        "Layers of lava and ash",
        "一层层熔岩和火山灰",
        (play.x(0.5), GROUND + 44),
        at=(x + _half(play.wide) * 0.36, GROUND - 18),
        since=play.seconds * 0.62,
        height=size,
    )


def _size(play: Play) -> float:
    """Height of labels: a little less where the picture is narrow."""
    return 24.0 if play.portrait else 30.0


def _blend(first: str, second: str, share: float) -> str:
    """A colour on the way, in eighths so that few are kept."""
    k = round(share * 8) / 8
    return "#" + "".join(
        f"{round(lerp(int(first[i : i + 2], 16), int(second[i : i + 2], 16), k)):02x}" for i in (1, 3, 5)
    )


def _wisps(play: Play, x: float, y: float, alpha: float) -> None:
    """Thin smoke over the crater."""
    for i in range(6):
        k = (play.clock * 0.4 + i / 6) % 1
        play.canvas.draw(
            soft("#ffffff", 1.0),
            x + 12 * math.sin(k * 5 + i) + 16 * k,
            y - 66 * k,
            16 + 42 * k,
            alpha=alpha * math.sin(k * math.pi),
        )


def _plume(play: Play, x: float, y: float) -> None:
    """The ash cloud: puffs that shoot up and spread at the top."""
    rng, t = random.Random(play.seed + 1), play.t + 0.6
    broad = min(210.0, play.wide * 0.42)
    puffs = [(rng.uniform(-1, 1), rng.random(), rng.uniform(0.8, 1.2)) for _ in range(17)]
    for i, side in enumerate((-0.72, 0.74, -0.26, 0.28)):  # what hangs there longer
        size = 128 * ease("out", t / 1.6 - 0.08 * i)
        image = tinted("cloud", ("#5b4a5e", "#6a5566")[i % 2], 0.82)
        play.canvas.draw(
            image,
            x + side * broad + 6 * wave(t, 0.2, i * 0.3),
            y - 140 + 14 * (i % 2),
            size,
            alpha=0.9,
            turn=176 + 8 * wave(t, 0.2, i * 0.2),
        )
    for i, (side, start, big) in enumerate(puffs):
        k = (t * 0.32 + start) % 1
        if t < start * 1.6:
            continue
        up = ease("out", k * 1.05)
        px = x + side * (12 + broad * k**2.0) + 10 * math.sin(t + i)
        size = (36 + 92 * k) * big
        image = tinted("cloud", ("#5b4a5e", "#77606c", "#453850")[i % 3], 0.82)
        play.canvas.draw(
            image,
            px,
            y - 152 * up,
            size,
            turn=14 * math.sin(t * 0.7 + i),
            alpha=clamp(k * 9) * clamp((1 - k) * 5),
        )


def _stream(play: Play, x: float, side: int, bend: float, late: float, index: int) -> None:
    """Lava that runs down the flank."""
    canvas, half = play.canvas, _half(play.wide)
    way = along(
        [
            (x + side * 12, 184),
            (x + side * half * bend * 0.5, 222),
            (x + side * half * bend * 0.85, 268 + 10 * (index % 2)),
            (x + side * half * bend * 1.35, 340),
        ],
        18,
    )
    k = ease("out", (play.t - late) / (play.seconds * 0.8)) * (0.9 if index < 2 else 0.62)
    shown = way[: max(2, round(len(way) * k))]
    if k <= 0.05:
        return
    Shape(canvas).tube(shown, 9, 17).put("#e8431f", 5, high=0.7)
    Shape(canvas).tube(shown, 4, 8).fill("#ffb13e", 0.9)
    for j in range(3):
        run = (play.t * 0.7 + j / 3 + index * 0.2) % 1
        at = shown[int(run * (len(shown) - 1))]
        canvas.draw(soft("#fff2a8", 0.9), *at, 15, alpha=0.9 * math.sin(run * math.pi))
    glow(canvas, *shown[-1], 30, "#ff8a2e", 0.6)


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """Four acts: the melt gathers, gas pushes, it breaks out, the mountain grows."""
    return Explainer(
        brief,
        canvas,
        seed,
        (chamber, pressure, eruption, layers),
        accents=("#ff9d3c", "#ffd34d", "#ff6b4a", "#b6e07a"),
    )
