"""Where a rainbow comes from, in three acts: the Sun behind us and rain before us, one drop that takes light
apart, and the bow of all the drops.

The way of the light through the drop is reckoned (Snell's law: bent going in, thrown back once, bent going
out). Simplified: one ray stands for the many that strike a drop, seven colours for all there are, and the
fan between red and violet is drawn some five times as wide as it is (2 degrees).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glints, glow, rain, ray, sparkle
from reverie.video.storyboard.art.sprites import sprite, tinted
from reverie.video.storyboard.diagram import Explainer, Play, backdrop, speck
from reverie.video.storyboard.figures.actor import make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose

COLOURS = ("#ff4d4d", "#ff9838", "#ffe04a", "#57d96b", "#3fb4ff", "#5a6bff", "#b064f5")
"""Red outside to violet inside."""

_STRIKE = 0.86
"""How far from the drop's middle the ray strikes, in radii: where most light leaves in one direction."""


def way_through(index: float) -> tuple[Point, Point, Point, Point]:
    """Where a ray from the left enters a drop of radius 1 and refractive `index`, is thrown back, leaves, and
    one radius further; y points down."""
    outside, inside = math.asin(_STRIKE), math.asin(_STRIKE / index)
    x, y = -math.cos(outside), -_STRIKE
    points = [(x, y)]
    turned = outside - inside
    for _ in range(2):
        x, y = x + 2 * math.cos(inside) * math.cos(turned), y + 2 * math.cos(inside) * math.sin(turned)
        points.append((x, y))
        turned += math.pi - 2 * inside
    turned += outside - math.pi + inside
    points.append((x + math.cos(turned), y + math.sin(turned)))
    return points[0], points[1], points[2], points[3]


@lru_cache(1)
def _arch() -> Sprite:
    """The whole bow, soft at its edges: 1000 x 500 of its own units, its foot at the bottom."""
    board = Canvas(720, 360, opaque=False)
    middle = board.wide / 2
    for i, tint in enumerate(COLOURS):
        radius = middle - 18 - i * 17
        line = [
            (middle + radius * math.cos(math.radians(a)), 478 - radius * math.sin(math.radians(a)))
            for a in range(0, 181, 4)
        ]
        Shape(board).tube(line, 19, 19).fill(tint, 0.9)
    pixels = board.sprite(blur=4).pixels
    fade = np.clip((pixels.shape[0] - np.arange(pixels.shape[0])) / (0.16 * pixels.shape[0]), 0, 1)
    return Sprite((pixels * fade[:, None, None]).astype(np.uint8))


def _bow(canvas: Canvas, x: float, y: float, high: float, shown: float, alpha: float) -> None:
    """The bow standing at (x, y), `high`; the share `shown` of it from the left."""
    arch = _arch()
    if shown <= 0.02:
        return
    width = max(2, round(arch.width * clamp(shown)))
    part = arch if shown >= 1 else Sprite(arch.pixels[:, :width], smooth=False)
    canvas.draw(part, x - high * arch.aspect / 2, y, high, anchor=(0, 1), alpha=alpha, depth=0.4)


def behind(play: Play) -> None:
    """The Sun behind us, rain before us."""
    canvas, t = play.canvas, play.t
    setting = play.scenery("park", lerp(-8, 8, play.share))
    far = play.x(0.76)
    sun = (play.x(0.15), 118.0 if not play.portrait else 104.0)
    glow(canvas, *sun, 130, "#ffe48f", 0.8)
    high = 0.86 if play.portrait else 1.0
    x = play.x(0.40)
    for i in range(4):
        canvas.draw(
            ray(),
            *sun,
            46,
            wide=1.5,
            turn=12 + i * 9 + 2 * wave(t, 0.3),
            anchor=(0, 0.5),
            alpha=0.5 + 0.14 * wave(t, 0.5, i * 0.3),
        )
    canvas.draw(sprite("sun"), *sun, 84, turn=t * 9)
    _bow(canvas, far + 0.12 * play.wide, 350, 210 * high, ease("io", (t - 0.7) / 1.4), 0.62)
    for i, (dx, dy, big) in enumerate(((-0.12, 12, 76), (0.13, 16, 82), (0.0, 0, 96))):
        canvas.draw(
            tinted("cloud", "#7f8fb4", 0.55),
            far + dx * play.wide + 5 * wave(t, 0.2, i * 0.3),
            play.high + 46 + dy,
            big * high,
            depth=0.9,
        )
    rain(canvas, t, far + 10, play.high + 74, 372, 0.36 * play.wide, play.seed, 34)
    child = make_actor(role("child"), 150 * high, play.seed)
    child.draw(
        canvas,
        Pose(x, play.floor, facing=1, tilt=-8, gaze=0.8, face="curious", wag=0.4, hop=2 + 2 * wave(t, 0.8)),
        t,
    )
    setting.draw_front(canvas)
    size = _size(play)
    play.label(
        "Sun behind you",
        "太阳在背后",
        (play.x(0.2), 190 if not play.portrait else 176),
        at=(sun[0], sun[1] + 24),
        since=0.3,
        height=size,
    )
    play.label("Rain in front", "前方在下雨", (play.x(0.72), 268), since=1.0, at=(far, 214), height=size)


def inside(play: Play) -> None:
    """One drop bends the light, throws it back and takes it apart."""
    canvas, t = play.canvas, play.t
    backdrop(play, "#16305e", "#3b6fb0", "#7fc4ff")
    radius = 88.0 if not play.portrait else 74.0
    x, y = play.x(0.6 if not play.portrait else 0.64), 172.0 if not play.portrait else 176.0
    x += 3 * wave(t, 0.4)
    y += 3 * wave(t, 0.55)
    glow(canvas, x, y, radius * 1.7, "#9fd8ff", 0.35)
    Shape(canvas).ellipse(x, y, radius, radius).put("#5fb2ee", radius * 0.26, high=0.6, alpha=0.72)
    Shape(canvas).ellipse(x, y, radius * 0.9, radius * 0.9).fill("#2b6cb4", 0.35)
    canvas.draw(sprite("sun"), -6, y - radius * _STRIKE - 2, 74, turn=t * 9)
    grown = t / (play.seconds * 0.55) * 4
    entry = (x - radius * math.cos(math.asin(_STRIKE)), y - radius * _STRIKE)
    beam = [(24.0, entry[1]), (lerp(24.0, entry[0], clamp(grown)), entry[1])]
    Shape(canvas).tube(beam, 9, 9).fill("#ffffff", 0.95)
    long = 1.8 if not play.portrait else 2.2
    ends: list[Point] = []
    for i, tint in enumerate(COLOURS):
        points = way_through(lerp(1.30, 1.37, i / 6))
        legs = [(x + px * radius, y + py * radius) for px, py in points[:3]]
        end = (points[3][0] - points[2][0], points[3][1] - points[2][1])
        legs.append((legs[2][0] + end[0] * radius * long, legs[2][1] + end[1] * radius * long))
        ends.append(legs[3])
        for leg in range(3):
            k = clamp(grown - 1 - leg)
            if k > 0:
                a, b = legs[leg], legs[leg + 1]
                tip = (lerp(a[0], b[0], k), lerp(a[1], b[1], k))
                Shape(canvas).tube([a, tip], 3.4, 3.4 if leg < 2 else 3.4 + 7 * k).fill(tint, 0.95)
        if grown > 3.6:
            run = (t * 0.8 + i * 0.13) % 1
            canvas.draw(
                speck("#ffffff"),
                lerp(legs[2][0], legs[3][0], run),
                lerp(legs[2][1], legs[3][1], run),
                13,
                alpha=0.9 * math.sin(run * math.pi),
            )
    for k in range(3):
        run = (t * 1.1 + k / 3) % 1
        canvas.draw(speck("#fff3b0"), lerp(24, entry[0], run), entry[1], 18, alpha=0.9 * clamp(grown))
    Shape(canvas).ellipse(x - radius * 0.36, y - radius * 0.5, radius * 0.14, radius * 0.07, -35).fill(
        "#ffffff", 0.7
    )
    size, step = _size(play), play.seconds * 0.14
    back = way_through(1.335)[1]
    play.label(
        "White sunlight",
        "白色的阳光",
        (play.x(0.26), entry[1] - 44 if not play.portrait else entry[1] - 34),
        at=(play.x(0.24), entry[1]),
        since=0.2,
        height=size,
    )
    play.label("Bends", "折射", (x + radius * 0.35, y - radius - 12), at=entry, since=step * 1.2, height=size)
    play.label(
        "Bounces",
        "反射",
        (x + radius * 1.25, y + radius * 0.95 if not play.portrait else y + radius + 26),
        at=(x + back[0] * radius, y + back[1] * radius),
        since=step * 2.2,
        height=size,
    )
    play.label(
        "Colours fan out",
        "分成七种颜色",
        (play.x(0.24), y + radius * (0.6 if not play.portrait else 0.8)),
        at=ends[6],
        since=step * 3.6,
        height=size,
    )


def bow(play: Play) -> None:
    """All the drops together paint the bow."""
    canvas, t = play.canvas, play.t
    setting = play.scenery("park", 0, lerp(6, -4, play.share), lerp(1.08, 1.02, play.share))
    x, foot = play.x(0.5), 352.0
    high = min(268.0, play.wide * 0.5)
    if play.portrait:
        foot, high = 344.0, play.wide * 0.56
    shown = ease("io", t / (play.seconds * 0.5))
    _bow(canvas, x, foot, high, shown, 0.88)
    rain(canvas, t, x, 20, 366, play.wide * 1.1, play.seed, 18, 0.35)
    if shown >= 1:
        glints(canvas, t, x, foot - high * 0.6, high * 1.7, high * 0.6, play.seed, 6)
    sparkle(canvas, t - play.seconds * 0.5, x + high * 0.9, foot - 40, 70, play.seed)
    glad, k = abs(wave(t, 0.9)), 0.76 if play.portrait else 1.0
    child = make_actor(role("child"), 104 * k, play.seed)
    up = (x + 30, play.floor - 124 * k - 8 * glad)
    child.draw(
        canvas,
        Pose(
            x,
            play.floor,
            facing=1,
            hop=12 * glad,
            tilt=-10,
            face="happy",
            near=up,
            far=(x - 34, play.floor - 116 * k - 8 * glad),
        ),
        t,
    )
    setting.draw_front(canvas)
    size = _size(play)
    wide = high * _arch().aspect / 2
    band = wide / 440
    at = math.radians(142)
    play.label(
        "Red outside",
        "红色在最外面",
        (play.x(0.14), foot - high * 0.98),
        since=0.7,
        height=size,
        at=(x + (wide - 16 * band) * math.cos(at), foot - (wide - 16 * band) * math.sin(at)),
    )
    play.label(
        "Violet inside",
        "紫色在最里面",
        (x, foot - high * 0.54),
        since=1.1,
        height=size,
        at=(
            x + (wide - 114 * band) * math.cos(math.radians(62)),
            foot - (wide - 114 * band) * math.sin(math.radians(62)),
        ),
    )


def _size(play: Play) -> float:
    """Height of labels: a little less where the picture is narrow."""
    return 24.0 if play.portrait else 30.0


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """Three acts: sun and rain, one drop, the bow."""
    return Explainer(brief, canvas, seed, (behind, inside, bow), accents=("#ffd34d", "#ffffff", "#ff8f8f"))
