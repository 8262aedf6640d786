"""How thunder and lightning come about, in four acts: ice and hail rub in a storm cloud and part the charges,
a spark leaps to the ground, the hot air bursts outward as thunder, and counting tells how far away it is.

Simplified: two flashes stand for the many quick strokes of one, the charges are plus and minus signs, and the
most usual kind is shown: from the cloud's lower, negative part to the ground. The flashes are soft and
seldom, so that nobody is hurt by flicker.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Camera, Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, hills, land, sky
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glow, rain, ring
from reverie.video.storyboard.art.sprites import tinted
from reverie.video.storyboard.art.text import chip
from reverie.video.storyboard.diagram import Explainer, Play, along, spread
from reverie.video.storyboard.figures.actor import make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose


def _storm(board: Canvas) -> None:
    sky(board, ((0, "#1d2146"), (0.45, "#3a4270"), (0.78, "#7a7fa6"), (1, "#7a7fa6")))
    wide = board.wide
    land(board, hills(wide, 322, 16, 7), "#3c4f6a", "#283650", 8)
    land(board, hills(wide, 352, 7, 3), "#3f6a5c", "#1e3a3c", 10)
    for share, name, high in (
        (0.12, "evergreen-tree", 74),
        (0.2, "evergreen-tree", 56),
        (0.9, "evergreen-tree", 66),
    ):
        board.draw(tinted(name, "#1e3a4c", 0.45), wide * share, 364, high, anchor=(0.5, 0.97))


def _inside(board: Canvas) -> None:
    sky(board, ((0, "#2a2f5c"), (1, "#565f92")))


@lru_cache(2)
def _thundercloud(open_: bool) -> Sprite:
    """A tall cloud; `open_`: cut open, lighter inside."""
    board = Canvas(420, 340, opaque=False)
    k, middle = 480 / 340, board.wide / 2
    lobes = (
        (-90, 236, 74, 58),
        (92, 236, 76, 58),
        (0, 244, 110, 60),
        (-66, 172, 70, 60),
        (70, 170, 72, 62),
        (0, 130, 84, 66),
        (-58, 92, 60, 46),
        (62, 94, 62, 46),
        (0, 72, 84, 46),
    )
    for tint, shrink in (("#5d668f", 1.0), ("#8f9cc8", 0.84)) if open_ else (("#5d668f", 1.0),):
        body = Shape(board)
        for x, y, rx, ry in lobes:
            body.ellipse(
                middle + x * shrink * k, (170 + (y - 170) * shrink) * k, rx * shrink * k, ry * shrink * k
            )
        body.put(tint, 30 * k, high=0.5, low=0.5)
    return board.sprite()


@lru_cache(2)
def _charge(plus: bool) -> Sprite:
    """A plus or minus sign on a disc."""
    board = Canvas(96, 96, opaque=False)
    Shape(board).ellipse(240, 240, 200, 200).put("#ff6f61" if plus else "#4fa8f5", 60, high=0.7)
    sign = Shape(board).tube([(140, 240), (340, 240)], 54, 54)
    if plus:
        sign.tube([(240, 140), (240, 340)], 54, 54)
    sign.fill("#ffffff")
    return board.sprite()


def _sign(canvas: Canvas, x: float, y: float, size: float, plus: bool, alpha: float) -> None:
    canvas.draw(_charge(plus), x, y, size, alpha=alpha)


def rubbing(play: Play) -> None:
    """Light ice goes up, heavy hail sinks; where they meet they part the charges."""
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(lerp(-4, 4, play.share), 0, lerp(1.02, 1.07, play.share))
    spread(canvas, _inside, depth=0.2)
    x, y = play.x(0.5), 216.0
    high = 324.0 if not play.portrait else 262.0
    image = _thundercloud(True)
    canvas.draw(image, x, y, high, wide=1 if not play.portrait else 0.84, tall=1 + 0.01 * wave(t, 0.5))
    half = high * image.aspect * (0.30 if not play.portrait else 0.25)
    rng = random.Random(play.seed)
    for i in range(26):
        side, start, rate = rng.uniform(-1, 1), rng.random(), rng.uniform(0.3, 0.5)
        k = (t * rate + start) % 1
        ice = i % 2 == 0
        px = x + side * half + 8 * math.sin(t * 3 + i)
        py = lerp(y + high * 0.34, y - high * 0.32, k) if ice else lerp(y - high * 0.26, y + high * 0.36, k)
        edge = clamp(k * 6) * clamp((1 - k) * 6)
        if ice:
            canvas.draw(tinted("snowflake", "#ffffff", 0.72), px, py, 22, turn=t * 120 + i * 30, alpha=edge)
        else:
            canvas.draw(_hail(), px, py, 18 + 6 * (i % 3), alpha=edge)
    for i in range(5):  # sparks where they rub
        k = (t * 1.6 + i / 5) % 1
        glow(
            canvas,
            x + half * math.sin(i * 2.2 + int(t * 1.6 + i / 5)),
            y + 20 * math.cos(i * 3.0),
            12 + 10 * k,
            "#fff2a0",
            0.9 * math.sin(k * math.pi),
        )
    count = 5 if not play.portrait else 4
    for i in range(count):
        shown = ease("back", (t - 0.7 - 0.12 * i) / 0.4)
        px = x + (i - (count - 1) / 2) * half * 2 / count
        bob = 4 * wave(t, 0.6, i * 0.2)
        _sign(canvas, px, y - high * 0.34 + bob, 30 * shown, True, clamp(shown))
        _sign(canvas, px, y + high * 0.33 + bob, 30 * shown, False, clamp(shown))
    size = _size(play)
    left, right = (0.14, 0.84) if not play.portrait else (0.24, 0.76)
    play.label(
        "Light ice: plus",
        "轻的冰晶：正电",
        (play.x(left), 116 if not play.portrait else 56),
        at=(x - half * 0.8, y - high * 0.3),
        since=1.1,
        tint="#ffd2ca",
        height=size,
    )
    play.label(
        "Heavy hail: minus",
        "重的冰粒：负电",
        (play.x(right), 320 if not play.portrait else 358),
        at=(x + half * 0.8, y + high * 0.3),
        since=1.4,
        tint="#cfe9ff",
        height=size,
    )


@lru_cache(1)
def _hail() -> Sprite:
    board = Canvas(96, 96, opaque=False)
    Shape(board).ellipse(240, 240, 210, 196).put("#dfe8f6", 80, high=0.8, low=0.5)
    Shape(board).ellipse(180, 170, 50, 30, -30).fill("#ffffff", 0.8)
    return board.sprite()


def _bolt(x: float, top: float, end: Point, seed: int) -> tuple[list[Point], list[list[Point]]]:
    """A zigzag from (x, top) to `end`, and its branches."""
    rng = random.Random(seed)
    count, wild = 12, math.hypot(x - end[0], top - end[1]) / 260
    line = [(x, top)]
    for i in range(1, count):
        k = i / count
        line.append(
            (
                lerp(x, end[0], k) + rng.uniform(-24, 24) * wild,
                lerp(top, end[1], k) + rng.uniform(-6, 6) * wild,
            )
        )
    line.append(end)
    branches = []
    for i in (3, 5, 8):
        px, py = line[i]
        side = rng.choice((-1, 1))
        branch = [(px, py)]
        for _ in range(4):
            px, py = px + side * rng.uniform(8, 24) * wild, py + rng.uniform(10, 24) * wild
            branch.append((px, py))
        branches.append(branch)
    return line, branches


def _draw_bolt(
    canvas: Canvas, bolt: tuple[list[Point], list[list[Point]]], grown: float, bright: float
) -> None:
    """The share `grown` of a bolt; `bright` 0: a faint feeler, 1: the stroke."""
    line, branches = bolt
    shown = line[: max(2, round(len(line) * grown))]
    width = 4.0 + 9.0 * bright
    paths = [(shown, width)] + [
        (branch[: max(2, round(5 * clamp(grown * 2 - 0.4)))], width * 0.45)
        for i, branch in enumerate(branches)
        if grown > (0.3, 0.48, 0.72)[i]
    ]
    for tint, more, alpha in (("#9fb8ff", 2.6, 0.35 + 0.35 * bright), ("#ffffff", 1.0, 0.75 + 0.25 * bright)):
        body = Shape(canvas)
        for path, thick in paths:
            body.tube(path, thick * more, thick * more)
        body.fill(tint, alpha)


def _flash(t: float, at: float) -> float:
    """How bright the stroke of second `at` still is: there at once, gone in half a second."""
    return 0.0 if t < at else math.exp(-(t - at) * 4.5)


def strike(play: Play) -> None:
    """A feeler comes down step by step; when it meets the ground the stroke lights up."""
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(lerp(-5, 5, play.share), 0, 1.04)
    spread(canvas, _storm, depth=0.5)
    x, high = play.x(0.5), 190.0 if not play.portrait else 170.0
    first = play.seconds * 0.36
    bright = max(_flash(t, first), 0.75 * _flash(t, first + 0.95))
    canvas.fade((226, 230, 255), 0.42 * bright)
    rain(canvas, t, x, 180, 386, play.wide * 1.05, play.seed, 26, 0.45)
    end = (x + play.wide * 0.06, min(346.0, play.low - 22))
    bolt = _bolt(x - 10, 186, end, play.seed)
    grown = clamp((t / first) ** 1.2)
    _draw_bolt(canvas, bolt, max(0.08, grown), 0.12 if t < first else max(0.45, bright))
    if t >= first:
        glow(canvas, *end, 60 + 60 * bright, "#ffffff", 0.35 + 0.6 * bright)
        glow(canvas, x, 276, 190, "#b8c8ff", 0.55 * bright)
    for side, size, lift in ((-0.26, 0.7, -6), (0.27, 0.74, -2), (0.0, 1.0, 0)):
        canvas.draw(
            _thundercloud(False),
            x + side * play.wide + 4 * wave(t, 0.3, side),
            122 + lift,
            high * size,
            wide=1.25,
        )
    for i in range(6):
        _sign(
            canvas,
            x + (i - 2.5) * min(44.0, play.wide * 0.1),
            184 + 3 * wave(t, 0.7, i * 0.2),
            26,
            False,
            clamp(t * 3) * (1 - 0.8 * bright),
        )
        _sign(
            canvas,
            end[0] + (i - 2.5) * 30,
            min(362.0, play.low - 8) + 2 * wave(t, 0.9, i * 0.2),
            22,
            True,
            0.9 * clamp(t * 3 - 1),
        )
    size_ = _size(play)
    play.label(
        "Charges meet",
        "正负电碰面",
        (play.x(0.2), 300),
        at=(end[0] - 8, 330),
        since=0.4,
        until=first + 0.15,
        height=size_,
    )
    play.label(
        "Lightning!",
        "闪电！",
        (play.x(0.8), 250),
        at=(x + 8, 272),
        since=first + 0.2,
        tint="#fff2b8",
        height=size_,
    )


def thunder(play: Play) -> None:
    """The air in the bolt's way gets hot and bursts outward."""
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(1.6 * wave(t, 7) * math.exp(-t), 0, lerp(1.03, 1.08, play.share))
    spread(canvas, _storm, depth=0.5)
    x = play.x(0.5)
    for i in range(3):
        k = (t * 0.55 + i / 3) % 1
        for y in (150.0, 270.0):
            canvas.draw(
                ring("#dfe8ff", 0.05), x, y, 60 + 330 * k, alpha=0.5 * (1 - k) * clamp(t * 2 - i * 0.2)
            )
    glow(canvas, x, 220, 150, "#ffb05a", 0.55 + 0.15 * wave(t, 1.4))
    glow(canvas, x, 120, 110, "#ffb05a", 0.5)
    _draw_bolt(canvas, _bolt(x, -20, (x + 6, play.low), play.seed), 1.0, 0.65 + 0.2 * wave(t, 1.1))
    push = 14 * abs(wave(t, 0.9))
    near = min(84.0, play.wide * 0.16)
    for side in (-1, 1):
        for y in (160, 250):
            play.arrow(
                [(x + side * (near * 0.5 + push), y), (x + side * (near * 1.25 + push), y)],
                "#ffd34d",
                10,
                ease("out", (t - 0.3) / 0.4),
            )
    size = _size(play)
    place = (play.x(0.2), 100) if not play.portrait else (play.x(0.34), 78)
    play.label(
        "Air: some 30,000 °C",
        "空气：约3万摄氏度",
        place,
        at=(x - 6, 130),
        since=0.3,
        tint="#ffd9b0",
        height=size,
    )
    play.label("It bursts outward: thunder", "空气猛地胀开：打雷", (play.x(0.5), 336), since=1.0, height=size)


def count(play: Play) -> None:
    """Light is here at once, sound takes its time: count."""
    canvas, t = play.canvas, play.t
    canvas.camera = Camera(lerp(4, -4, play.share), 0, 1.04)
    spread(canvas, _storm, depth=0.5)
    k = 0.62 if play.portrait else 1.0
    far, home = (play.x(0.18), 140.0), (play.x(0.76 if not play.portrait else 0.67), play.floor - 8)
    bright = _flash(t, 0.35)
    canvas.fade((226, 230, 255), 0.3 * bright)
    if t > 0.35:
        _draw_bolt(canvas, _bolt(far[0], 170, (far[0] + 14, 352), play.seed + 2), 1.0, max(0.15, bright))
    canvas.draw(_thundercloud(False), far[0], 118, 160 * k, wide=1.2)
    number = int(clamp((t - 0.35) / max(0.2, play.seconds - 0.7) * 3, 0, 2.99)) + 1
    reach = clamp((t - 0.35) / max(0.2, play.seconds - 0.7))
    gap = home[0] - 60 * k - far[0]
    for i in range(4):
        r = gap * (reach - i * 0.05)
        if r > 12:
            arc = [
                (far[0] + 10 + r * math.cos(a), 262 + min(r * 0.8, 120) * math.sin(a))
                for a in (-0.7, -0.35, 0, 0.35, 0.7)
            ]
            Shape(canvas).tube(along(arc, 12), 6, 6).fill("#ffffff", 0.75 - 0.16 * i)
    rain(canvas, t, play.x(0.5), 60, 386, play.wide * 1.05, play.seed, 22, 0.4)
    _home(play, home, k)
    size = _size(play)
    if t > 0.35:
        beat = math.exp(-(((t - 0.35) * 3 / max(0.2, play.seconds - 0.7)) % 1) * 5)
        place = (home[0], 96.0) if not play.portrait else (home[0] - 10, 150.0)
        canvas.draw(chip(str(number), "#ffd34d", "#1d1b38", 64), *place, 52 + 14 * beat)
    play.label(
        "Light: at once",
        "光：马上就到",
        (play.x(0.3), 210),
        at=(far[0] + 8, 244),
        since=0.5,
        until=play.seconds * 0.5,
        height=size,
    )
    play.label(
        "3 seconds = 1 kilometre",
        "每隔3秒，约远1公里",
        (play.x(0.46 if not play.portrait else 0.5), 330 if not play.portrait else 196),
        since=play.seconds * 0.5,
        tint="#fff2b8",
        height=size,
    )


def _home(play: Play, at: Point, k: float) -> None:
    """A house with a child safe inside, at the window."""
    canvas, (x, foot) = play.canvas, at
    Shape(canvas).polygon(
        [(x - 96 * k, foot), (x - 96 * k, foot - 142 * k), (x + 96 * k, foot - 142 * k), (x + 96 * k, foot)],
        4,
    ).put("#e9c3a2", 8)
    glow(canvas, x, foot - 74 * k, 120 * k, "#ffd98a", 0.5)
    Shape(canvas).polygon(
        [
            (x - 66 * k, foot - 30 * k),
            (x - 66 * k, foot - 128 * k),
            (x + 66 * k, foot - 128 * k),
            (x + 66 * k, foot - 30 * k),
        ],
        6,
    ).fill("#fff0c4")
    child = make_actor(role("child"), 120 * k, play.seed)
    child.draw(
        canvas,
        Pose(
            x,
            foot - 6,
            facing=-1,
            gaze=-0.9,
            tilt=6 * wave(play.t, 0.5),
            face="curious",
            mouth=0.4 * abs(wave(play.t, 1.0)),
        ),
        play.t,
        grounded=False,
    )
    Shape(canvas).polygon(
        [(x - 92 * k, foot), (x - 92 * k, foot - 30 * k), (x + 92 * k, foot - 30 * k), (x + 92 * k, foot)], 3
    ).put("#e2b896", 6)
    Shape(canvas).tube([(x - 72 * k, foot - 32 * k), (x + 72 * k, foot - 32 * k)], 9 * k, 9 * k).put(
        "#fff7ea", 3
    )
    roof = Shape(canvas).polygon(
        [(x - 122 * k, foot - 138 * k), (x, foot - 206 * k), (x + 122 * k, foot - 138 * k)], 7
    )
    roof.put("#d9584a", 9)


def _size(play: Play) -> float:
    """Height of labels: a little less where the picture is narrow."""
    return 24.0 if play.portrait else 30.0


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """Four acts: the charges part, the stroke, the thunder, the counting."""
    return Explainer(
        brief, canvas, seed, (rubbing, strike, thunder, count), accents=("#8fd0ff", "#ffffff", "#ffd34d")
    )
