"""Why the sky is blue, in three acts: sunlight holds all colours, long waves and short ones; the air throws
the short, blue ones about in all directions; at sunset so much blue is lost on the way that red is left.

Simplified: waves and molecules are drawn a billion times too large, seven colours stand for all, and violet,
of which sunlight has less and our eyes see less, is scattered with the blue but not told apart.
"""

from __future__ import annotations

import math
import random

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Camera, Canvas
from reverie.video.storyboard.art.clay import Point, Shape, hills, land, sky
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glow, soft
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, ball, spread
from reverie.video.storyboard.figures.actor import make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose
from reverie.video.storyboard.globe import paint_stars

COLOURS = ("#ff4d4d", "#ff9838", "#ffe04a", "#57d96b", "#3fc4ff", "#4f7bff", "#a86bff")
"""Red, with the longest waves, to violet, with the shortest."""


def colours(play: Play) -> None:
    """White sunlight is many colours: waves of many lengths."""
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(lerp(-6, 6, play.share), 0, 1.04)
    spread(canvas, paint_stars, depth=0.3)
    tall = play.portrait
    sun = (play.x(0.06), 206.0)
    glow(canvas, *sun, 210, "#ffd866", 0.75)
    start, end = sun[0] + (70 if not tall else 50), play.wide + 10
    gap = 33.0 if not tall else 30.0
    split = clamp((t - 0.35) / 0.8)
    shown = lerp(start, end, ease("out", t / 0.8))
    for i, tint in enumerate(COLOURS):
        y = sun[1] + (i - 3) * gap * ease("io", split)
        length = 104.0 - 11.5 * i  # 700 nm to 400 nm, nearly in proportion
        line: list[Point] = []
        for j in range(round((shown - start) / 5) + 1):
            x = start + 5 * j
            near = ease("io", (x - start) / (120 if not tall else 76))
            line.append(
                (x, lerp(sun[1], y, near) + 10 * near * math.sin((x / length - t * 1.1) * 2 * math.pi))
            )
        if len(line) > 1:
            Shape(canvas).tube(line, 6, 6).fill(tint, 0.95)
    Shape(canvas).tube([(sun[0], sun[1]), (start + 26, sun[1])], 30, 16).fill("#ffffff", 0.95)
    canvas.draw(sprite("sun-with-face"), *sun, 128 if not tall else 100, turn=4 * wave(t, 0.3))
    size = _size(play)
    play.label(
        "Red: long waves",
        "红光：长波",
        (play.x(0.66), sun[1] - 3 * gap - 34),
        since=0.9,
        tint="#ffc9c2",
        at=(play.x(0.8), sun[1] - 3 * gap),
        height=size,
    )
    play.label(
        "Blue: short waves",
        "蓝光：短波",
        (play.x(0.66), sun[1] + 3 * gap + 38),
        since=1.3,
        tint="#c4dcff",
        at=(play.x(0.8), sun[1] + 2 * gap),
        height=size,
    )


def _air(board: Canvas) -> None:
    sky(board, ((0, "#2a78e0"), (0.45, "#6fbaf8"), (0.78, "#cdeafd"), (1, "#cdeafd")))
    wide = board.wide
    land(board, hills(wide, 334, 12, 7), "#7fcb8a", "#4fa468", 8)
    land(board, hills(wide, 358, 6, 3), "#93de66", "#2f8446", 10)


def _molecules(play: Play, count: int) -> list[Point]:
    """Where the air's molecules hover now, on a loose grid."""
    rng = random.Random(play.seed)
    places = []
    columns = 5 if not play.portrait else 3
    for i in range(count):
        x = play.x(0.30 + 0.66 * (i % columns + 0.5) / columns + rng.uniform(-0.04, 0.04))
        y = 116 + 56.0 * (i // columns) + rng.uniform(-14, 14)
        places.append((x + 4 * wave(play.clock, 0.6, i * 0.17), y + 4 * wave(play.clock, 0.5, i * 0.31)))
    return places


def scatter(play: Play) -> None:
    """Blue light bounces off the air in all directions, red goes straight on."""
    canvas, t, fine = play.canvas, play.t, 0.7 if play.portrait else 1.0
    canvas.camera = Camera(lerp(-5, 5, play.share), 0, 1.04)
    spread(canvas, _air, depth=0.6)
    canvas.fade((240, 247, 255), 0.62 * (1 - 0.8 * play.share))
    sun = (play.x(0.07), 118.0 if not play.portrait else 100.0)
    glow(canvas, *sun, 150, "#fff0b0", 0.85)
    for i in range(3):  # red and yellow go straight through
        for k in range(4):
            run = (t * 0.5 + k / 4 + i * 0.11) % 1
            y = 142 + i * 46.0
            canvas.draw(
                soft(("#ff4a3a", "#ff9a2e", "#ff4a3a")[i], 0.5),
                lerp(sun[0] + 30, play.wide + 20, run),
                lerp(sun[1], y, clamp(run * 3)),
                13 * fine,
                wide=3.4,
                alpha=0.95 * clamp(run * 8),
            )
    places = _molecules(play, 15 if not play.portrait else 9)
    air = ball("#f4f9ff", dark=0.55)
    x = play.x(0.52)
    eye = (x, 296.0)
    for i, (mx, my) in enumerate(places):
        rng = random.Random(play.seed * 31 + i)
        cycle = (t * 0.75 + rng.random()) % 1
        if cycle < 0.34:  # on its way from the Sun
            run = cycle / 0.34
            canvas.draw(
                soft("#2f5dff", 0.45),
                lerp(sun[0] + 30, mx, run),
                lerp(sun[1], my, run),
                20 * fine,
                alpha=clamp(run * 6),
            )
        else:
            run = (cycle - 0.34) / 0.66
            first = rng.uniform(0, 360)
            for j in range(4):
                angle = math.radians(first + 90 * j)
                canvas.draw(
                    soft("#2f5dff", 0.45),
                    mx + 78 * run * math.cos(angle),
                    my + 78 * run * math.sin(angle),
                    21 * fine,
                    alpha=0.95 * (1 - run) ** 0.7,
                )
            if i % 2 == 0:
                canvas.draw(
                    soft("#2450f0", 0.45),
                    lerp(mx, eye[0], run),
                    lerp(my, eye[1], run),
                    20 * fine,
                    alpha=math.sin(run * math.pi),
                )
            glow(canvas, mx, my, 24, "#8fb8ff", 0.8 * (1 - run))
        canvas.draw(air, mx, my, 24)
    canvas.draw(sprite("sun-with-face"), *sun, 92, turn=4 * wave(t, 0.3))
    child = make_actor(role("child"), 100 if not play.portrait else 92, play.seed)
    child.draw(
        canvas,
        Pose(
            x,
            play.floor,
            facing=1,
            tilt=-10,
            gaze=0.5 * wave(t, 0.25),
            face="happy",
            hop=2 + 2 * wave(t, 0.8),
        ),
        t,
    )
    size = _size(play)
    play.label(
        "Air scatters blue light",
        "空气把蓝光散向四方",
        (play.x(0.58), 66),
        at=places[1],
        since=0.5,
        tint="#cfe0ff",
        height=size,
    )
    play.label("Blue comes from everywhere", "蓝光从四面八方来", (play.x(0.52), 240), since=1.3, height=size)


def _evening(board: Canvas) -> None:
    sky(board, ((0, "#4a5fae"), (0.3, "#b07fb4"), (0.52, "#ff9a6a"), (0.70, "#ffcf7a"), (1, "#ffcf7a")))


def sunset(play: Play) -> None:
    """A long way through the air: the blue is gone, the red is left."""
    canvas, t, fine = play.canvas, play.t, 0.62 if play.portrait else 1.0
    canvas.camera = Camera(lerp(5, -5, play.share), 0, 1.04)
    spread(canvas, _evening, depth=0.6)
    sun = (play.x(0.12), 296.0 + 12 * play.share)
    glow(canvas, *sun, 220, "#ffb35a", 0.85)
    canvas.draw(sprite("sun-with-face"), *sun, 110 if not play.portrait else 88, turn=3 * wave(t, 0.3))
    spread(canvas, _evening_land, depth=0.6, opaque=False)
    eye = (play.x(0.80), 276.0)
    start = (sun[0] + 60 * (0.8 if play.portrait else 1.0), sun[1] - 40)
    rng = random.Random(play.seed)
    for i in range(40 if not play.portrait else 26):
        lane, begin = i % 3, rng.random()
        run = (t * 0.34 + begin) % 1
        x = lerp(start[0], eye[0] - 20, run)
        y = lerp(start[1], eye[1], run) + (lane - 1) * 18 + 4 * math.sin(run * 20 + i)
        edge = clamp(run * 8) * clamp((1 - run) * 10)
        if i % 2:
            canvas.draw(soft("#ff4a3a", 0.7), x, y, 14 * fine, wide=2.6, alpha=edge)
            continue
        off = rng.uniform(0.15, 0.75)  # where this blue one is thrown aside
        away = max(0.0, run - off) * play.wide * 0.8
        side = rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.0)
        px = x - away * 0.5 if run > off else x
        canvas.draw(
            soft("#4f8bff", 0.7),
            px,
            y - abs(side) * away,
            20 * fine,
            alpha=edge * clamp(1 - away / (play.wide * 0.26)),
        )
    child = make_actor(role("child"), 116 if not play.portrait else 98, play.seed)
    child.draw(
        canvas, Pose(eye[0] + 8, play.floor, facing=-1, gaze=-0.8, face="happy", hop=2 + 2 * wave(t, 0.6)), t
    )
    size = _size(play)
    play.label(
        "A long way through the air",
        "在空气里走了很远",
        (play.x(0.5), 320 if not play.portrait else 84),
        since=0.4,
        height=size,
    )
    play.label(
        "Blue is scattered away",
        "蓝光半路散掉了",
        (play.x(0.42), 130),
        since=0.9,
        tint="#cfe0ff",
        at=(play.x(0.45), 214),
        height=size,
    )
    play.label(
        "Red is left",
        "剩下红光",
        (play.x(0.78), 200),
        since=1.5,
        tint="#ffc9c2",
        at=(eye[0] - 46, 268),
        height=size,
    )


def _evening_land(board: Canvas) -> None:
    wide = board.wide
    land(board, hills(wide, 332, 12, 7), "#a0647a", "#6a4464", 8)
    land(board, hills(wide, 358, 6, 3), "#6f6a5c", "#3a3448", 10)


def _size(play: Play) -> float:
    """Height of labels: a little less where the picture is narrow."""
    return 24.0 if play.portrait else 30.0


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """Three acts: the colours, the scattering, the sunset."""
    return Explainer(
        brief, canvas, seed, (colours, scatter, sunset), accents=("#ffd34d", "#8fc8ff", "#ff9d6b")
    )
