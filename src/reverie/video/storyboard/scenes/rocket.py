"""How rockets fly: gas down and rocket up, a balloon that does the same, stages, and an orbit.

Simplified: two stages, no side boosters; the orbit is a circle and much too high for the Earth's size. A low
orbit takes about 7.8 km/s (28,000 km/h).
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import CENTRE, STILL, Canvas, Pixels, Sprite
from reverie.video.storyboard.art.clay import Shape, gradient
from reverie.video.storyboard.art.easing import TAU, clamp, ease, keys, lerp, wave
from reverie.video.storyboard.art.light import glow, shadow, trail
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.diagram import Explainer, Play, circle, speck
from reverie.video.storyboard.globe import draw_earth, paint_stars

SPEED = 150.0
"""Virtual units a second that the sky falls behind a climbing rocket."""


@lru_cache(1)
def lower() -> Sprite:
    """The first stage: a tank with engines."""
    board = Canvas(200, 320, opaque=False)  # 300 x 480
    for x in (90, 150, 210):
        Shape(board).polygon([(x - 14, 400), (x + 14, 400), (x + 26, 450), (x - 26, 450)], 3).put(
            "#5a5f78", 14
        )
    Shape(board).polygon([(76, 40), (224, 40), (224, 400), (76, 400)], 8).put("#f2f4fb", 66, high=0.6)
    Shape(board).polygon([(70, 90), (230, 90), (230, 128), (70, 128)], 2).put("#f04a52", 40)
    for side in (-1, 1):
        Shape(board).polygon(
            [(150 + side * 74, 300), (150 + side * 128, 402), (150 + side * 74, 402)], 5
        ).put("#e23b48", 16)
    return board.sprite()


@lru_cache(1)
def upper() -> Sprite:
    """The second stage with its nose and a window."""
    board = Canvas(160, 320, opaque=False)  # 240 x 480
    Shape(board).polygon([(98, 420), (142, 420), (156, 460), (84, 460)], 3).put("#5a5f78", 14)
    body = [(54, 420), (54, 220), (70, 130), (120, 30), (170, 130), (186, 220), (186, 420)]
    Shape(board).polygon(body, 6).put("#f2f4fb", 66, high=0.6)
    Shape(board).polygon([(74, 126), (120, 28), (166, 126)], 6).put("#f04a52", 44)
    Shape(board).ellipse(120, 214, 42, 42).put("#9aa3c4", 14)
    Shape(board).ellipse(120, 214, 30, 30).put("#4fb4f2", 20, high=0.8)
    return board.sprite()


LOWER_SHARE, UPPER_SHARE = 0.52, 0.48
"""Of the whole rocket's height."""


def _flame(canvas: Canvas, t: float, x: float, y: float, size: float, turn: float = 0.0) -> None:
    """Fire from an engine at (x, y), `size` long, away from where the rocket heads (`turn`: degrees)."""
    beat = 1 + 0.10 * math.sin(t * 31) + 0.06 * math.sin(t * 47)
    glow(canvas, x, y + size * 0.25, size * 0.8, "#ffb24a", 0.55)
    for tint, wide, long in (("#ff6a2e", 0.5, 1.0), ("#ffb63a", 0.36, 0.78), ("#fff3c4", 0.2, 0.5)):
        canvas.draw(_tongue(tint), x, y, size * long * beat, wide=wide / 0.5, turn=turn, anchor=(0.5, 0.06))


@lru_cache(3)
def _tongue(tint: str) -> Sprite:
    """A drop of fire, its blunt end up."""
    board = Canvas(120, 240, opaque=False)  # 240 x 480
    Shape(board).polygon([(66, 70), (174, 70), (160, 230), (120, 440), (80, 230)], 34).fill(tint)
    return board.sprite(blur=4.0)


def _whole(canvas: Canvas, x: float, y: float, high: float, turn: float = 0.0) -> None:
    """Both stages, standing with their engines at (x, y)."""
    up = high * LOWER_SHARE * 0.95
    a = math.radians(turn)
    canvas.draw(lower(), x, y, high * LOWER_SHARE, turn=turn, anchor=(0.5, 1.0))
    canvas.draw(
        upper(), x + up * math.sin(a), y - up * math.cos(a), high * UPPER_SHARE, turn=turn, anchor=(0.5, 0.93)
    )


def _launch(play: Play) -> None:
    """From the pad: smoke, fire, and off."""
    rise = keys(play.share, (0.22, 0.0), (1.0, 210.0, "in"))
    shake = 1.6 * wave(play.t, 17) * clamp(1 - rise / 60)
    play.scenery("night", 0, -rise * 0.35, 1.05)
    canvas, t = play.canvas, play.t
    x, ground = play.x(0.44 if not play.portrait else 0.42), 372.0
    high = 250.0 if not play.portrait else 220.0
    y = ground - 14 - rise
    Shape(canvas).polygon(
        [(x - 92, ground - 12), (x + 92, ground - 12), (x + 110, ground + 6), (x - 110, ground + 6)], 3
    ).put("#6c7492", 12)
    Shape(canvas).tube([(x - 84, ground - 16), (x - 84, ground - 190)], 16, 12).put("#8b5a68", 6)
    burn = clamp(t * 2.2)
    if burn > 0.05:
        _flame(canvas, t, x + shake, y - 4, 110 * burn)
    _whole(canvas, x + shake, y, high)
    rng = random.Random(play.seed)
    for _ in range(16):
        way, rate, late, size = rng.uniform(-1, 1), rng.uniform(0.4, 0.8), rng.random(), rng.uniform(46, 96)
        k = (t * rate + late) % 1
        if t * rate + late < 0.25:
            continue
        canvas.draw(
            speck("#e9e4f2"),
            x + way * (26 + 150 * k),
            ground - 6 - 20 * k * abs(way),
            size * (0.5 + k),
            alpha=0.75 * (1 - k) * burn * clamp(1.4 - rise / 200),
        )
    canvas.camera = STILL
    side = play.x(0.76)
    play.arrow([(side, 250), (side, 190)], "#8ff0d0", 15, clamp((t - 0.8) * 3))
    play.arrow([(side, 286), (side, 346)], "#ffb35c", 15, clamp((t - 1.1) * 3))
    play.label("rocket up", "火箭向上", (side, 158), since=0.9)
    play.label("gas down", "气体向下", (side, 382), since=1.2)


def _balloon(play: Play) -> None:
    """A balloon let go: it flies its loops while air streams out behind."""
    play.scenery("room", 0, 0, 1.03)
    canvas, t = play.canvas, play.t
    share = clamp((play.share - 0.14) / 0.86)
    held = play.share < 0.14
    angle = TAU * 0.9 * share
    x = lerp(play.x(0.26), play.x(0.76), ease("io", share)) + play.wide * 0.12 * math.sin(angle * 1.2)
    y = 258 - 84 * math.sin(angle) - 20 * share
    ahead = math.degrees(
        math.atan2(-84 * math.cos(angle), play.wide * 0.09 + play.wide * 0.14 * math.cos(angle * 1.2))
    )
    if held:
        ahead = -90.0
    size = lerp(150, 92, share) if not play.portrait else lerp(124, 80, share)
    a = math.radians(ahead)
    tail = (x - math.cos(a) * size * 0.42, y - math.sin(a) * size * 0.42)
    shadow(canvas, x, 380, size * 0.6, 380 - y, 0.5)
    if not held:
        rng = random.Random(play.seed)
        for i in range(14):
            k = (t * 1.7 + i / 14) % 1
            off = rng.uniform(-0.3, 0.3)
            reach = 20 + 95 * k
            canvas.draw(
                speck("#ffffff"),
                tail[0] - math.cos(a + off) * reach,
                tail[1] - math.sin(a + off) * reach,
                10 + 26 * k,
                alpha=0.8 * (1 - k),
            )
    jolt = 1 + 0.05 * wave(t, 8 if not held else 1)
    canvas.draw(_skin(), x, y, size, turn=ahead + 90, wide=jolt, tall=2 - jolt, anchor=CENTRE)
    if not held:
        head = (x + math.cos(a) * size * 0.6, y + math.sin(a) * size * 0.6)
        play.label(
            "balloon",
            "气球",
            (head[0] + 20, head[1] - 34),
            since=play.seconds * 0.3,
            until=play.seconds * 0.9,
        )
        play.label(
            "air",
            "空气",
            (tail[0] - 50, tail[1] + 58),
            at=tail,
            since=play.seconds * 0.45,
            until=play.seconds * 0.9,
        )


@lru_cache(1)
def _skin() -> Sprite:
    """A balloon, its mouth down."""
    board = Canvas(240, 320, opaque=False)  # 360 x 480
    Shape(board).ellipse(180, 190, 140, 166).put("#ff5d73", 110, high=0.6)
    Shape(board).polygon([(150, 346), (210, 346), (226, 400), (134, 400)], 6).put("#e23b55", 16)
    Shape(board).ellipse(126, 120, 26, 46, 24).fill("#ffffff", 0.6)
    return board.sprite()


@lru_cache(2)
def _dusk(width: int, height: int) -> Pixels:
    """The sky high up: nearly black above, blue below."""
    return gradient(width, height, ((0, "#120f36"), (0.55, "#27408c"), (1, "#7fb4ec")))


def _stages(play: Play) -> None:
    """The first stage is empty, lets go and tumbles; the second lights its engine."""
    canvas, t, share = play.canvas, play.t, play.share
    height, width = canvas.pixels.shape[:2]
    canvas.pixels[:] = _dusk(width, height)
    rng = random.Random(5)
    for _ in range(26):
        x, y, rate = rng.uniform(0, play.wide), rng.uniform(0, 520), rng.uniform(0.5, 1.1)
        y = (y + rate * SPEED * 0.5 * t) % 520 - 20
        canvas.draw(speck("#ffffff"), x, y, 5 + 4 * rate, alpha=0.8 * clamp(1.1 - y / 420))
    for i in range(3):
        y = (i * 210 + SPEED * t) % 640 - 80
        canvas.draw(sprite("cloud"), play.x((0.12, 0.88, 0.7)[i]), y, 66, alpha=0.5 * clamp(y / 200))
    x, y, high = play.x(0.42), 366.0, 262.0 if not play.portrait else 240.0
    loose = clamp((share - 0.34) / 0.66)
    sway = 2 * wave(t, 0.9)
    joint = y - high * LOWER_SHARE * 0.95
    fall = 260 * loose * loose
    if loose < 1:
        canvas.draw(
            lower(),
            x - 36 * loose + sway * (loose == 0),
            y + fall,
            high * LOWER_SHARE,
            turn=-34 * loose,
            anchor=(0.5, 1.0),
        )
    if loose == 0:
        _flame(canvas, t, x + sway, y - 2, 96)
    lit = clamp((loose - 0.18) * 6)
    up = 56 * ease("io", clamp((loose - 0.2) / 0.8))
    if lit > 0:
        _flame(canvas, t, x + sway, joint - up + 4, 92 * lit)
    canvas.draw(upper(), x + sway, joint - up, high * UPPER_SHARE, anchor=(0.5, 0.93))
    if loose > 0:
        trail(canvas, loose * 2, x, joint + 8, play.seed, size=34, count=7, tint="#ffffff")
    side = play.x(0.74)
    play.label(
        "stage 2: lights up",
        "第二级：点火",
        (side, joint - 60),
        at=(x + 30, joint - up - 30),
        since=play.seconds * 0.5,
    )
    play.label(
        "stage 1: empty",
        "第一级：用完",
        (side, 300),
        at=(x + 26 - 36 * loose, min(380, y - 60 + fall)),
        since=play.seconds * 0.2,
    )


def _orbit(play: Play) -> None:
    """Around the Earth and around: always falling, never hitting."""
    canvas, t = play.canvas, play.t
    height, width = canvas.pixels.shape[:2]
    canvas.pixels[:] = _stars(width, height)
    x, y = play.x(0.5), 222.0
    radius = min(104.0, play.wide * 0.26)
    reach = radius * 1.62
    angle = 170 - 360 * t / 4.2  # eastwards, as the Earth turns
    a = math.radians(angle)
    px, py = x + reach * math.cos(a), y + reach * 0.62 * math.sin(a)
    behind = math.sin(a) < 0
    Shape(canvas).tube(circle(x, y, reach, reach * 0.62, 180, 360), 2.4, 2.4).fill("#8fe3ff", 0.45)

    def ship() -> None:
        heading = math.degrees(math.atan2(-0.62 * math.cos(a), math.sin(a)))
        canvas.draw(upper(), px, py, 76 + 16 * math.sin(a), turn=heading + 90, anchor=CENTRE)

    if behind:
        ship()
    draw_earth(canvas, x, y, radius, facing=t * 16, tilt=23, light=(-0.8, 0.3, 0.6))
    Shape(canvas).tube(circle(x, y, reach, reach * 0.62, 0, 180), 2.4, 2.4).fill("#8fe3ff", 0.6)
    if not behind:
        ship()
    on = (math.sin(a), -0.62 * math.cos(a))
    speed = (px + on[0] * 92, py + on[1] * 92)
    near, pull = ((lerp(px, x, share), lerp(py, y, share)) for share in (0.16, 0.4))
    play.arrow([(px + on[0] * 42, py + on[1] * 42), speed], "#ffd34d", 8, clamp((t - 0.4) * 3))
    play.arrow([near, pull], "#ff9d7a", 8, clamp((t - 0.8) * 3))
    play.label("speed", "速度", (play.x(0.17), 96), tint="#ffe9a8", since=0.5)
    play.label("gravity pulls", "引力", (play.x(0.17), 132), tint="#ffd2bf", since=0.9)


@lru_cache(2)
def _stars(width: int, height: int) -> Pixels:
    board = Canvas(width, height)
    paint_stars(board)
    return board.pixels


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(
        brief,
        canvas,
        seed,
        (_launch, _balloon, _stages, _orbit),
        highlights=("rocket", "balloon", "orbit", "火箭", "气球"),
    )
