"""Why there are seasons, in four acts: the Earth's axis leans, it leans the same way all round the Sun, so
each half of the Earth is turned to the Sun for half a year, and one tree goes through the year.

Simplified: sizes and distances are not to scale, the nearly round orbit is seen from the side. The distance
to the Sun is not what makes the seasons.
"""

from __future__ import annotations

import math
import random

import cv2

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, Camera, Canvas
from reverie.video.storyboard.art.clay import Point, Shape, hills, land, sky
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glow, ring, soft
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, spread
from reverie.video.storyboard.figures.actor import make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose
from reverie.video.storyboard.globe import TILT, draw_earth, paint_stars


def _axis(canvas: Canvas, x: float, y: float, radius: float, grown: float = 1.0) -> tuple[Point, Point]:
    """The ends of the axis, drawn behind the ball."""
    reach = radius * (1 + 0.34 * grown)
    dx, dy = math.sin(math.radians(TILT)) * reach, math.cos(math.radians(TILT)) * reach
    ends = (x + dx, y - dy), (x - dx, y + dy)
    Shape(canvas).tube([*ends], radius * 0.07 + 1.5, radius * 0.07 + 1.5).put("#ff6b5a", 3)
    return ends


def leaning(play: Play) -> None:
    """The Earth spins about an axis that leans."""
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(lerp(-6, 6, play.share), 0, 1.04)
    spread(canvas, paint_stars, depth=0.3)
    x, y, radius = play.x(0.5), 212.0, 108.0
    if play.portrait:
        y, radius = 214.0, 84.0
    upright = Shape(canvas)
    for i in range(-8, 9):
        upright.tube([(x, y + i * radius * 0.165), (x, y + (i + 0.5) * radius * 0.165)], 2.4, 2.4)
    upright.fill("#ffffff", 0.75)
    north, _ = _axis(canvas, x, y, radius, ease("out", t / 0.6))
    draw_earth(canvas, x, y, radius, 60 - t * 55, tilt=TILT, light=(-0.8, 0.3, 0.7))
    turn = [
        (x + radius * 1.3 * (math.sin(a) * 0.42 + 0.386), y - radius * (1.18 - 0.16 * math.cos(a)))
        for a in (-1.3, -0.7, 0.0, 0.7, 1.3)
    ]
    play.arrow([(px, py + radius * 0.02) for px, py in turn], "#ffffff", 6, ease("out", (t - 0.7) / 0.7))
    size = _size(play)
    place = (x, y - radius - 62) if play.portrait else (x - radius * 1.5, y - radius * 0.86)
    play.label("Axis: leans 23.4°", "地轴倾斜23.4度", place, at=north, since=0.5, height=size)
    play.label("It spins once a day", "每天自转一圈", (x, y + radius + 30), since=1.3, height=size)


def _year(play: Play) -> tuple[Point, float, float, float]:
    """The Sun's middle, the orbit's radii, the Earth's radius."""
    if play.portrait:
        return (play.x(0.5), 214.0), play.wide * 0.36, 96.0, 30.0
    return (play.x(0.5), 210.0), min(250.0, play.wide * 0.38), 84.0, 46.0


def _sun(canvas: Canvas, x: float, y: float, high: float, t: float) -> None:
    glow(canvas, x, y, high * 1.9, "#ffd866", 0.75 + 0.05 * wave(t, 0.7))
    canvas.draw(sprite("sun-with-face"), x, y, high, turn=4 * wave(t, 0.3))


def orbit(play: Play) -> None:
    """Round the Sun in a year, leaning the same way all the time."""
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(0, lerp(5, -5, play.share), 1.04)
    spread(canvas, paint_stars, depth=0.3)
    (x, y), rx, ry, radius = _year(play)
    canvas.draw(ring("#ffffff", 0.03), x, y, 2.16 * ry, wide=rx / ry, alpha=0.55)
    angle = math.pi + 2 * math.pi * (0.02 + 0.96 * ease("io", play.share))  # June (left), then anticlockwise
    at = (x + rx * math.cos(angle), y - ry * math.sin(angle))
    near = 1 - 0.16 * math.sin(angle)
    behind = math.sin(angle) > 0
    high = 96.0 if not play.portrait else 76.0
    if not behind:
        _sun(canvas, x, y, high, t)
    size = radius * near
    way = (x - at[0], (y - at[1]) * 0.6, 0.42 * ry * -math.sin(angle) * -2.2)
    north, _ = _axis(canvas, *at, size)
    draw_earth(canvas, *at, size, 60 - t * 160, tilt=TILT, light=(way[0], -way[1], way[2]), dark=0.18)
    if behind:
        _sun(canvas, x, y, high, t)
    month = ("June", "六月"), ("September", "九月"), ("December", "十二月"), ("March", "三月")
    index = round((angle / math.pi - 1) * 2) % 4
    play.label(*month[index], (at[0], at[1] + size + 24), since=0.3, tint="#fff2b8", height=_size(play))
    play.label(
        "Leans the same way",
        "总朝同一边倾斜",
        (x, play.high + 18 if not play.portrait else 70),
        at=north,
        since=0.9,
        height=_size(play),
    )


def towards(play: Play) -> None:
    """June and December: the northern half turned to the Sun, and turned away."""
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(0, 0, lerp(1.02, 1.06, play.share))
    spread(canvas, paint_stars, depth=0.3)
    size = _size(play)
    if play.portrait:
        sun, spots, radius = (play.x(0.5), 214.0), ((play.x(0.5), 104.0), (play.x(0.5), 280.0)), 44.0
    else:
        sun, radius = (play.x(0.5), 206.0), 78.0
        spots = ((play.x(0.19), 200.0), (play.x(0.81), 200.0))
    for i, at in enumerate(spots):
        if t < 0.25 + i * 0.7:
            continue
        grown = ease("back", (t - 0.25 - i * 0.7) / 0.4)
        side = 1 if i == 0 else -1
        light = (float(side), 0.0, 0.16)
        _axis(canvas, *at, radius * grown)
        draw_earth(canvas, *at, radius * grown, 40 - t * 40, tilt=TILT, light=light, dark=0.16)
        for k in range(4):
            run = (t * 0.5 + k / 4) % 1
            for lane in (-0.75, -0.25, 0.25, 0.75):
                edge = math.sqrt(1 - lane * lane) * radius
                far = sun[0] - side * 46 if not play.portrait else at[0] + side * play.wide * 0.44
                px = lerp(far, at[0] + side * (edge + 8), run)
                canvas.draw(
                    soft("#ffe79a", 0.8),
                    px,
                    at[1] + lane * radius,
                    5,
                    wide=4.5,
                    alpha=0.8 * math.sin(run * math.pi),
                )
    if not play.portrait:
        _sun(canvas, *sun, 92, t)
    else:
        _sun(canvas, play.wide - 4, spots[0][1], 70, t)
        _sun(canvas, 4, spots[1][1], 70, t)
    words = (
        ("June: summer in the north", "六月：北半球是夏天"),
        ("December: winter there", "十二月：北半球是冬天"),
    )
    for i, (en, zh) in enumerate(words):
        place = (spots[i][0], spots[i][1] + radius + (42 if not play.portrait else 26))
        play.label(en, zh, place, since=0.6 + i * 0.7, tint=("#ffe3a0", "#cfeaff")[i], height=size)
    north = spots[0][0] + math.sin(math.radians(TILT)) * radius * 0.7, spots[0][1] - radius * 0.62
    if not play.portrait:
        play.label(
            "North leans to the Sun", "北半球朝着太阳", (play.x(0.3), 84), at=north, since=1.6, height=size
        )


# ---------------------------------------------------------------------------------- the year of a tree

_LEAVES = ("#f7b6d2", "#57b84a", "#f0913a", "#f4f8ff")
"""Blossom, leaves, autumn, snow."""


def _ground(board: Canvas, skies: tuple[str, str], near: str, far: str) -> None:
    sky(board, ((0, skies[0]), (0.7, skies[1]), (1, skies[1])))
    land(board, hills(board.wide, 312, 14, 7), far, far, 8)
    land(board, hills(board.wide, 342, 7, 3), near, far, 10)


def _spring(board: Canvas) -> None:
    _ground(board, ("#6db7f2", "#e6f6ff"), "#a9e070", "#7cc06a")


def _summer(board: Canvas) -> None:
    _ground(board, ("#2f86ec", "#c9ecff"), "#7fd04e", "#3f9a4a")


def _autumn(board: Canvas) -> None:
    _ground(board, ("#8fa6c8", "#ffe6c2"), "#d8b45a", "#b0803e")


def _winter(board: Canvas) -> None:
    _ground(board, ("#8ea8cc", "#eef5ff"), "#ffffff", "#c2d3ea")


_SETS = (_spring, _summer, _autumn, _winter)


def year(play: Play) -> None:
    """One tree in spring, summer, autumn and winter."""
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(0, 0, lerp(1.02, 1.07, play.share))
    place = clamp(play.share * 4.0, 0, 3.999)
    index, turn = int(place), ease("io", (place % 1 - 0.72) / 0.28)
    spread(canvas, _SETS[index], depth=0.3)
    if index < 3 and turn > 0.01:
        before = canvas.pixels.copy()
        spread(canvas, _SETS[index + 1], depth=0.3)
        cv2.addWeighted(canvas.pixels, turn, before, 1 - turn, 0, dst=canvas.pixels)
    x, foot, k = play.x(0.5), play.floor - 8, 0.8 if play.portrait else 1.0
    trunk = [(x, foot), (x + 3, foot - 70 * k), (x, foot - 130 * k)]
    Shape(canvas).tube(trunk, 34 * k, 20 * k).put("#8a5a44", 8)
    for side, high, out in ((-1, 84, 70), (1, 100, 78), (-1, 128, 44), (1, 140, 40)):
        Shape(canvas).tube(
            [(x, foot - high * k), (x + side * out * k, foot - (high + 54) * k)], 15 * k, 6 * k
        ).put("#8a5a44", 5)
    season = index + turn
    _crown(play, x, foot, k, season)
    rng = random.Random(play.seed)
    for i in range(24):  # petals, leaves and snow come down
        start, aside, rate = rng.random(), rng.uniform(-1, 1), rng.uniform(0.25, 0.45)
        fall = (t * rate + start) % 1
        px = x + aside * (play.wide * 0.5 if season > 2.6 else 140 * k) + 16 * math.sin(t * 2 + i)
        py = lerp(20 if season > 2.6 else foot - 190 * k, foot + 8, fall)
        edge = clamp(fall * 6) * clamp((1 - fall) * 6)
        if season > 2.4:
            canvas.draw(soft("#ffffff", 0.6), px, py, 9, alpha=edge * clamp((season - 2.4) * 2))
        elif season > 1.5:
            canvas.draw(
                sprite("maple-leaf" if i % 2 else "fallen-leaf"),
                px,
                py,
                20,
                turn=t * 160 + i * 40,
                alpha=edge * clamp((season - 1.5) * 3),
            )
        elif season < 0.9 and i < 10:
            canvas.draw(soft("#ff9fc8", 0.4), px, py, 8, alpha=edge)
    child = make_actor(role("child"), 104 * k, play.seed)
    child.draw(
        canvas,
        Pose(
            play.x(0.5) - 150 * k if not play.portrait else play.x(0.2),
            play.floor,
            facing=1,
            gaze=0.6,
            tilt=-8,
            hop=3 + 3 * wave(t, 1.0),
            face="happy",
        ),
        t,
    )
    if season > 2.5:
        canvas.draw(
            sprite("snowman"),
            x + (150 if not play.portrait else 92) * k,
            play.floor + 2,
            92 * k * ease("back", (season - 2.5) * 3),
            anchor=FOOT,
        )
    elif season < 1.6:
        for i, dx in enumerate((118, 150, 184)):
            canvas.draw(
                sprite("tulip"),
                x + dx * k * (0.62 if play.portrait else 1),
                play.floor - 4 * (i % 2),
                36 * ease("back", (season + 0.1) * 3 - i * 0.3) * clamp((1.6 - season) * 4),
                anchor=FOOT,
                turn=6 * wave(t, 0.6, i * 0.2),
            )
    names = ("Spring", "春"), ("Summer", "夏"), ("Autumn", "秋"), ("Winter", "冬")
    tints = ("#ffd3e6", "#c9f2a8", "#ffd9a0", "#dbeaff")
    now = round(season)
    play.label(
        *names[min(3, now)],
        (play.x(0.18), 112),
        since=0.15,
        tint=tints[min(3, now)],
        height=_size(play) * 1.2,
    )


def _crown(play: Play, x: float, foot: float, k: float, season: float) -> None:
    """What is on the branches: blossom, leaves, coloured leaves, a little snow."""
    canvas = play.canvas
    full = 1.0 if season < 2.1 else clamp(1 - (season - 2.1) * 1.6)
    low = int(min(2, season))
    tint = _mixed(_LEAVES[low], _LEAVES[min(2, low + 1)], clamp(season - low))
    puffs = ((-74, 150, 44), (76, 158, 46), (-40, 186, 48), (44, 196, 50), (0, 160, 56), (2, 222, 44))
    if full > 0.05:
        body, spots = Shape(canvas), Shape(canvas)
        for i, (dx, dy, r) in enumerate(puffs):
            sway = 3 * wave(play.t, 0.4, i * 0.2)
            body.ellipse(x + dx * k + sway, foot - dy * k, r * k * full, r * k * 0.9 * full)
            spots.ellipse(x + dx * k + sway - 10 * k, foot - (dy + 10) * k, 6 * k * full, 5 * k * full)
        body.put(tint, 16 * k, high=0.6, alpha=clamp(full * 2))
        spots.fill("#ffffff", 0.3 * full)
    snow = clamp((season - 2.5) * 2)
    if snow > 0.05:
        line = Shape(canvas)
        for side, high, out in ((-1, 84, 70), (1, 100, 78), (-1, 128, 44), (1, 140, 40)):
            for step in (0.5, 0.75, 1.0):
                line.ellipse(
                    x + side * out * k * step, foot - (high + 54 * step + 7) * k, 13 * k * snow, 6 * k * snow
                )
        line.put("#ffffff", 4)


def _mixed(first: str, second: str, share: float) -> str:
    """A colour on the way, in eighths so that few are kept."""
    part = round(share * 8) / 8
    return "#" + "".join(
        f"{round(lerp(int(first[i : i + 2], 16), int(second[i : i + 2], 16), part)):02x}" for i in (1, 3, 5)
    )


def _size(play: Play) -> float:
    """Height of labels: a little less where the picture is narrow."""
    return 24.0 if play.portrait else 30.0


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """Four acts: the leaning axis, the year round the Sun, June and December, the tree."""
    return Explainer(brief, canvas, seed, (leaning, orbit, towards, year))
