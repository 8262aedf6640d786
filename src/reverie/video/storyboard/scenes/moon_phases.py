"""Why the Moon changes its shape, in three acts: the Sun always lights half of it, as it goes round the Earth
we see more or less of that half, and so a month goes from new moon to full moon and back.

Seen from above the North Pole (the Moon goes round anticlockwise) and, from the ground, from the northern
half of the Earth. Simplified: sizes and distances are not to scale, the orbit is round and flat: its lean of
five degrees, for which most full moons miss the Earth's shadow, is left out.
"""

from __future__ import annotations

import math

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Camera, Canvas
from reverie.video.storyboard.art.clay import Point, hills, land
from reverie.video.storyboard.art.easing import ease, lerp, wave
from reverie.video.storyboard.art.light import glow, ring, soft, twinkle
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, spread
from reverie.video.storyboard.figures.actor import make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose
from reverie.video.storyboard.globe import draw_earth, draw_moon, paint_stars

NAMES = (
    ("New moon", "新月"),
    ("Waxing crescent", "蛾眉月"),
    ("First quarter", "上弦月"),
    ("Waxing gibbous", "盈凸月"),
    ("Full moon", "满月"),
    ("Waning gibbous", "亏凸月"),
    ("Last quarter", "下弦月"),
    ("Waning crescent", "残月"),
)
"""The eight phases (NASA), a new one each eighth of the month."""

SUNLIGHT = (-1.0, 0.0, 0.12)


def named(phase: float) -> tuple[str, str]:
    """What the Moon is called at `phase`, 0 new, 0.5 full."""
    return NAMES[round(phase * 8) % 8]


def on_orbit(x: float, y: float, rx: float, ry: float, phase: float) -> Point:
    """Where the Moon is seen from above at `phase`: between Earth and Sun (left) when new, then down and
    round, anticlockwise."""
    angle = math.pi + 2 * math.pi * phase
    return x + rx * math.cos(angle), y - ry * math.sin(angle)


def _sunlight(play: Play, sun: Point, high: float) -> None:
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(lerp(-6, 6, play.share), 0, 1.04)
    spread(canvas, paint_stars, depth=0.3)
    glow(canvas, *sun, 210, "#ffd866", 0.75)
    for i in range(5):
        for k in range(3):
            share = (t * 0.4 + k / 3 + i * 0.21) % 1
            at = (lerp(sun[0] + 60, play.wide, share), sun[1] + (i - 2) * high)
            canvas.draw(soft("#ffe79a", 0.8), *at, 5, wide=7, alpha=0.7 * math.sin(share * math.pi))
    canvas.draw(sprite("sun-with-face"), *sun, 116 if not play.portrait else 92, turn=4 * wave(t, 0.3))


def _orbit(play: Play, x: float, y: float, rx: float, ry: float, phase: float, radius: float) -> Point:
    """Orbit, Earth and Moon from above; returns where the Moon is."""
    canvas = play.canvas
    canvas.draw(ring("#ffffff", 0.03), x, y, 2.16 * ry, wide=rx / ry, alpha=0.6)
    draw_earth(canvas, x, y, radius, 40 - play.t * 60, lean=82, light=SUNLIGHT, dark=0.2)
    at = on_orbit(x, y, rx, ry, phase)
    draw_moon(canvas, *at, radius * 0.52, light=SUNLIGHT, dark=0.16)
    return at


def always_half(play: Play) -> None:
    """The Sun lights one half of the Moon, wherever it is."""
    sun = (play.x(0.05), 206.0) if not play.portrait else (-4.0, 214.0)
    _sunlight(play, sun, 62 if not play.portrait else 46)
    x, y, rx, ry, radius = play.x(0.60), 208.0, 176.0, 122.0, 50.0
    if play.portrait:
        x, y, rx, ry, radius = play.x(0.58), 216.0, 84.0, 118.0, 36.0
    phase = 0.12 + 0.48 * play.share
    at = _orbit(play, x, y, rx, ry, phase, radius)
    size = _size(play)
    play.label("Earth", "地球", (x, y - radius - 18), at=(x, y - radius * 0.6), since=0.3, height=size)
    play.label("Moon", "月球", (at[0], at[1] + radius * 0.52 + 22), since=0.6, height=size)
    play.label(
        "One half always lit",
        "总有一半被照亮",
        (x, y + ry * 0.62 if not play.portrait else y + ry * 0.52),
        since=1.1,
        tint="#fff2b8",
        height=size,
    )


def as_we_see(play: Play) -> None:
    """Round it goes, and from the Earth we see more and more of its lit half, then less."""
    sun = (play.x(-0.01), 236.0) if not play.portrait else (-14.0, 282.0)
    _sunlight(play, sun, 54 if not play.portrait else 34)
    canvas, phase = play.canvas, (0.02 + 0.96 * play.share) % 1
    x, y, rx, ry, radius = play.x(0.34), 226.0, 124.0, 106.0, 38.0
    bx, by, big = play.x(0.78), 222.0, 92.0
    if play.portrait:
        x, y, rx, ry, radius = play.x(0.56), 292.0, 84.0, 66.0, 26.0
        bx, by, big = play.x(0.5), 130.0, 62.0
    at = _orbit(play, x, y, rx, ry, phase, radius)
    way = (at[0] - x, at[1] - y)
    far = math.hypot(*way)
    for k in range(6):  # our look at it
        share = (play.t * 0.9 + k / 6) % 1
        start, end = radius + 2, far - radius * 0.52
        d = lerp(start, end, share) / far
        glow(canvas, x + way[0] * d, y + way[1] * d, 6, "#8fe3ff", 0.9)
    glow(canvas, bx, by, big * 1.6, "#bcd0ff", 0.35)
    draw_moon(canvas, bx, by, big, phase=phase, dark=0.12)
    size = _size(play)
    play.label("Seen from Earth", "从地球上看", (bx, by - big - 20), since=0.25, tint="#cfeaff", height=size)
    play.label(*named(phase), (bx, by + big + 22), since=0.5, tint="#fff2b8", height=size)


def _hill(board: Canvas) -> None:
    wide = board.wide
    land(board, hills(wide, 338, 14, 7), "#32406e", "#1c2348", 8)
    land(board, hills(wide, 360, 6, 3), "#28325c", "#141a38", 8)
    board.draw(sprite("evergreen-tree"), wide * 0.05, 372, 84 if wide > 400 else 60, anchor=(0.5, 0.97))
    board.draw(sprite("house"), wide * 0.93, 372, 66 if wide > 400 else 48, anchor=(0.5, 0.97))
    board.pixels[..., :3] = board.pixels[..., :3] * (0.62, 0.66, 0.86)


def month(play: Play) -> None:
    """The eight faces of a month."""
    canvas, t, share = play.canvas, play.t, play.share
    canvas.camera = Camera(lerp(-6, 6, share), 0, 1.03)
    spread(canvas, paint_stars, depth=0.3)
    spread(canvas, _hill, depth=1.0, opaque=False)
    x, y = play.x(0.5), 304.0
    rx, ry, radius = play.wide * 0.40, 190.0, min(34.0, play.wide * 0.05)
    if play.portrait:
        rx, ry, radius = play.wide * 0.42, 210.0, 18.0
    place = share * 9.4
    now = min(7, max(0, int(place - 0.6)))
    for i in range(8):
        k = ease("back", place - i)
        if k <= 0.02:
            continue
        angle = math.radians(168 - i * (156 / 7))
        at = (x + rx * math.cos(angle), y - ry * math.sin(angle))
        here = i == now
        if here:
            glow(canvas, *at, radius * 2.6, "#ffe9a0", 0.75 + 0.1 * wave(t, 1.2))
        bob = 3 * wave(t, 0.5, i * 0.13)
        draw_moon(canvas, at[0], at[1] + bob, radius * k * (1.22 if here else 1.0), phase=i / 8, dark=0.2)
    child = make_actor(role("child"), 118 if not play.portrait else 96, play.seed)
    gaze = math.cos(math.radians(168 - now * 22))
    child.draw(
        canvas,
        Pose(
            x,
            play.floor,
            facing=1 if gaze >= 0 else -1,
            gaze=gaze,
            tilt=-9,
            face="curious",
            near=None,
            hop=2 + 2 * wave(t, 0.7),
        ),
        t,
    )
    for i in range(3):
        canvas.draw(
            twinkle("#ffffff"), play.x(0.2 + 0.3 * i), 60 + 30 * (i % 2), 14 * abs(wave(t, 0.6, i * 0.3))
        )
    size = _size(play)
    play.label(*NAMES[now], (x, 222 if not play.portrait else 236), since=0.3, tint="#fff2b8", height=size)
    play.label(
        "About 29.5 days",
        "一轮约29天半",
        (x, 184 if not play.portrait else 206),
        since=play.seconds * 0.66,
        tint="#cfeaff",
        height=size,
    )


def _size(play: Play) -> float:
    """Height of labels: a little less where the picture is narrow."""
    return 24.0 if play.portrait else 30.0


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """Three acts: half of it is lit, what we see of that, the month."""
    return Explainer(brief, canvas, seed, (always_half, as_we_see, month))
