"""Why there is day and night, in three acts: the Sun shines on one half of the Earth, the Earth turns and
carries a child from day into night, and from the ground it is the Sun that seems to wander.

Simplified: sizes and distances are not to scale, the axis stands upright (its lean belongs to the seasons),
a day passes in seconds, and one turn is called 24 hours: so long it is from noon to noon; the turn itself
takes some four minutes less.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Camera, Canvas
from reverie.video.storyboard.art.clay import Point, hills, land, sky
from reverie.video.storyboard.art.easing import clamp, ease, keys, lerp, wave
from reverie.video.storyboard.art.light import glow, rising
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, circle, spread
from reverie.video.storyboard.figures.actor import make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose
from reverie.video.storyboard.globe import draw_earth, draw_moon, paint_stars, spot

LIGHT = (-1.0, 0.06, 0.16)
"""The Sun stands to the left."""


def _place(play: Play) -> tuple[Point, float, Point]:
    """The Earth's middle and radius, and the Sun's middle."""
    if play.portrait:
        return (play.x(0.58), 226.0), 74.0, (-12.0, 226.0)
    return (play.x(0.60), 214.0), 122.0, (play.x(0.06), 190.0)


def _space(play: Play) -> None:
    """Stars, the Sun and its light."""
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(lerp(-8, 8, play.share), 0, 1.04)
    spread(canvas, paint_stars, depth=0.3)
    (ex, ey), radius, (sx, sy) = _place(play)
    glow(canvas, sx, sy, 230, "#ffd866", 0.75 + 0.06 * wave(t, 0.6))
    for i in range(5):
        y = ey + (i - 2) * radius * 0.42
        start = (sx + (44 if play.portrait else 62), lerp(sy, y, 0.55))
        end = (ex - math.sqrt(max(0.0, 1 - (0.42 * (i - 2)) ** 2)) * radius - 12, y)
        for k in range(4):
            share = (t * 0.55 + k / 4 + i * 0.13) % 1
            at = (lerp(start[0], end[0], share), lerp(start[1], end[1], share))
            glow(canvas, *at, 9, "#fff2b0", 0.95 * math.sin(share * math.pi))
    canvas.draw(sprite("sun-with-face"), sx, sy, 124 if not play.portrait else 96, turn=4 * wave(t, 0.3))


def halves(play: Play) -> None:
    """One half of the Earth has day, the other night."""
    canvas, t = play.canvas, play.t
    _space(play)
    (x, y), radius, _ = _place(play)
    draw_earth(canvas, x, y, radius, 20 - t * 14, light=LIGHT, dark=0.16)
    size = _size(play)
    play.label(
        "Day",
        "白天",
        (x - radius * 0.55, y - radius - 14),
        at=(x - radius * 0.55, y - radius * 0.35),
        since=0.6,
        tint="#fff2b8",
        height=size,
    )
    play.label(
        "Night",
        "黑夜",
        (x + radius * 0.62, y + radius + 14),
        at=(x + radius * 0.62, y + radius * 0.2),
        since=1.1,
        tint="#c3c8ff",
        height=size,
    )


def turning(play: Play) -> None:
    """The Earth turns, and a child on it comes from day into night and back."""
    canvas, t = play.canvas, play.t
    _space(play)
    (x, y), radius, _ = _place(play)
    turned = 158 * ease("io", play.share * 1.06)
    facing = 82 - turned  # the child, at longitude 0, goes from midday on the left to midnight on the right
    draw_earth(canvas, x, y, radius, facing, light=LIGHT, dark=0.16)
    grown = ease("out", (t - 0.2) / 0.8)
    play.arrow(circle(x, y + radius * 0.10, radius * 1.16, radius * 0.34, 160, 20), "#ffffff", 8, grown)
    right, up, near = spot(18, 0, facing)
    px, py = x + right * radius, y - up * radius
    lit = clamp((right * LIGHT[0] + near * LIGHT[2]) * 3 + 0.5)
    if near > -0.15:
        seen = clamp((near + 0.15) * 6)
        glow(canvas, px, py - 16, 36, "#ffe9a0" if lit > 0.5 else "#9fb0ff", 0.5 * seen)
        child = make_actor(role("child"), 88 if not play.portrait else 62, play.seed)
        child.draw(
            canvas,
            Pose(
                px,
                py + 6,
                turn=42 * right,
                alpha=seen,
                blink=0.0 if lit > 0.35 else 1.0,
                face="happy" if lit > 0.35 else "sleepy",
                near=None,
                tilt=14 * (1 - lit),
            ),
            t,
            grounded=False,
        )
        if lit < 0.35:
            rising(canvas, t, px + 18, py - 74, "zzz", play.seed, count=2, width=14, height=30, size=20)
    size = _size(play)
    texts = ("Midday", "中午"), ("Afternoon", "下午"), ("Evening", "傍晚"), ("Night", "夜里")
    part = 0 if turned < 30 else 1 if turned < 66 else 2 if turned < 100 else 3
    place = (play.x(0.84), y - radius - 8) if not play.portrait else (play.x(0.5), y - radius - 34)
    play.label(*texts[part], place, since=0.15, height=size, tint="#fff2b8" if part < 2 else "#d6d9ff")
    play.label("The Earth turns", "地球在自转", (x, y + radius + 22), since=0.7, height=size)


# ---------------------------------------------------------------------------------- from the ground


def _dawn(board: Canvas) -> None:
    sky(board, ((0, "#5b6fd0"), (0.4, "#ffb08a"), (0.7, "#ffe2a8"), (1, "#ffe2a8")))


def _noon(board: Canvas) -> None:
    sky(board, ((0, "#2f86ec"), (0.5, "#86ccfb"), (0.8, "#e2f6ff"), (1, "#e2f6ff")))


def _dark(board: Canvas) -> None:
    paint_stars(board, 9)


def _meadow(board: Canvas) -> None:
    wide = board.wide
    land(board, hills(wide, 318, 12, 7), "#7cc98a", "#3f9a62", 8)
    land(board, hills(wide, 350, 6, 3), "#93de66", "#2f8446", 10)
    for share, name, high in (
        (0.08, "deciduous-tree", 110),
        (0.9, "evergreen-tree", 124),
        (0.78, "house", 92),
    ):
        board.draw(sprite(name), wide * share, 366, high if wide > 400 else high * 0.7, anchor=(0.5, 0.97))


def _night_meadow(board: Canvas) -> None:
    _meadow(board)
    board.pixels[..., :3] = board.pixels[..., :3] * (0.30, 0.34, 0.52)


def ground(play: Play) -> None:
    """From the ground it is the Sun that wanders: up in the east, down in the west, then stars."""
    canvas, share, x = play.canvas, play.share, play.x(0.5)
    canvas.camera = Camera(lerp(-6, 6, share), 0, 1.03)
    day = keys(share, (0.0, 0.25), (0.16, 1), (0.5, 1), (0.66, 0.0))
    dark = keys(share, (0.58, 0), (0.76, 1))
    if day < 0.99 and dark < 0.99:
        spread(canvas, _dawn, depth=0.2)
    _veil(canvas, _noon, day)
    _veil(canvas, _dark, dark)
    wide = min(play.wide * 0.42, 300.0)
    way = [
        (x + wide * math.cos(math.radians(a)), 316 - 216 * math.sin(math.radians(a)))
        for a in range(0, 181, 6)
    ]
    for i in range(0, len(way), 2):
        glow(canvas, *way[i], 5, "#ffffff", 0.5)
    angle = math.radians(lerp(4, 196, share / 0.68))
    sx, sy = x - wide * math.cos(angle), 316 - 216 * math.sin(angle)
    glow(canvas, sx, sy, 150, "#ffdf80", 0.8 * (1 - dark))
    if sy < 400:
        canvas.draw(sprite("sun-with-face"), sx, sy, 84, turn=4 * wave(play.t, 0.3))
    if dark > 0:
        rise = ease("out", (share - 0.66) / 0.3)
        draw_moon(canvas, x - wide * lerp(0.75, 0.42, rise), lerp(360, 124, rise), 34, phase=0.42)
    if dark < 0.99:
        spread(canvas, _meadow, depth=1.0, opaque=False)
    _veil(canvas, _night_meadow, dark, opaque=False)
    child = make_actor(role("child"), 112 if not play.portrait else 100, play.seed)
    gaze = clamp((sx - x) / wide, -1, 1) * (1 - dark)
    child.draw(
        canvas,
        Pose(
            x,
            play.floor,
            facing=1,
            gaze=gaze,
            tilt=-6,
            wag=0.2,
            face="happy" if dark < 0.6 else "sleepy",
            hop=2 + 2 * wave(play.t, 0.7),
        ),
        play.t,
    )
    size, third = _size(play), play.seconds
    play.label(
        "Sunrise: east",
        "东边日出",
        (play.x(0.2), 200),
        at=(x - wide, 300),
        until=0.36 * third,
        since=0.05,
        height=size,
    )
    play.label(
        "Sunset: west",
        "西边日落",
        (play.x(0.8), 200),
        at=(x + wide, 300),
        since=0.44 * third,
        until=0.76 * third,
        height=size,
    )
    play.label(
        "24 hours: one turn",
        "24小时转一圈",
        (play.x(0.5), 216),
        since=0.78 * third,
        tint="#fff2b8",
        height=size,
    )


def _veil(canvas: Canvas, paint: Callable[[Canvas], None], share: float, opaque: bool = True) -> None:
    """Lay a whole set over the picture, `share` 0..1 of it to be seen."""
    if share <= 0.01:
        return
    if share >= 0.99:
        spread(canvas, paint, depth=0.2 if opaque else 1.0, opaque=opaque)
        return
    before = canvas.pixels.copy()
    spread(canvas, paint, depth=0.2 if opaque else 1.0, opaque=opaque)
    cv2.addWeighted(canvas.pixels, share, before, 1 - share, 0, dst=canvas.pixels)


def _size(play: Play) -> float:
    """Height of labels: a little less where the picture is narrow."""
    return 24.0 if play.portrait else 30.0


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """Three acts: two halves, the turn, the sky seen from the ground."""
    return Explainer(brief, canvas, seed, (halves, turning, ground))
