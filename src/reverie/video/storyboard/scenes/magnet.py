"""How magnets work: what they pull, their poles and field, attraction and repulsion, and the Earth.

Simplified: one bar magnet's field in a plane; the Earth's field is drawn as that of a bar magnet whose south
pole lies near the geographic north, and its axis a little tilted (about 10 degrees), as it is.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, box
from reverie.video.storyboard.art.easing import clamp, ease, keys, lerp, wave
from reverie.video.storyboard.art.light import shadow, sparkle
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.art.text import word
from reverie.video.storyboard.diagram import Explainer, Play, backdrop, circle

RED, BLUE, STEEL = "#f04a52", "#3f86f0", "#b9c2d8"
FLOOR = 372.0
"""Where things lie, virtual units."""


@lru_cache(2)
def bar(turned: bool = False) -> Sprite:
    """A bar magnet: red north on the left, blue south on the right, with letters; or `turned` about."""
    board = Canvas(480, 160, opaque=False)  # 1440 x 480 virtual units
    poles = [(RED, "#c22f3d", "N"), (BLUE, "#2a62c4", "S")]
    for x, (tint, low, letter) in zip((60, 720), reversed(poles) if turned else poles, strict=True):
        box(board, x, 120, 660, 240, 30, tint, low, 14)
        board.draw(word(letter, 64, "#ffffff").sprite, x + 330, 236, 250)
    Shape(board).polygon([(110, 146), (1330, 146), (1330, 158), (110, 158)], 10).fill("#ffffff", 0.35)
    return board.sprite()


@lru_cache(1)
def _clip() -> Sprite:
    """A paper clip of bent steel wire."""
    board = Canvas(160, 240, opaque=False)  # 320 x 480
    way: list[Point] = [(110, 150), (110, 360)]
    way += [
        (165 + 55 * math.cos(math.radians(a)), 360 + 55 * math.sin(math.radians(a)))
        for a in range(180, -1, -20)
    ]
    way += [(220, 130)]
    way += [
        (150 + 70 * math.cos(math.radians(a)), 120 + 70 * math.sin(math.radians(a)))
        for a in range(0, -181, -20)
    ]
    way += [(80, 380)]
    way += [
        (165 + 85 * math.cos(math.radians(a)), 380 + 70 * math.sin(math.radians(a)))
        for a in range(180, 29, -20)
    ]
    Shape(board).tube(way, 20, 20).put(STEEL, 8, high=0.9)
    return board.sprite()


@lru_cache(2)
def _brick(tint: str) -> Sprite:
    """Something that no magnet pulls: a wooden or a plastic block."""
    board = Canvas(200, 160, opaque=False)
    Shape(board).polygon([(90, 130), (510, 130), (510, 400), (90, 400)], 40).put(tint, 60, high=0.5)
    return board.sprite()


@lru_cache(1)
def _face() -> Sprite:
    """A compass without its needle."""
    board = Canvas(240, 240, opaque=False)
    Shape(board).ellipse(240, 240, 214, 214).put("#d8a04a", 40, high=0.7)
    Shape(board).ellipse(240, 240, 178, 178).fill("#fffaf0")
    for angle in range(0, 360, 30):
        c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        Shape(board).tube([(240 + 150 * c, 240 + 150 * s), (240 + 166 * c, 240 + 166 * s)], 8, 8).fill(
            "#b9a98a"
        )
    return board.sprite()


def field(wide: float, high: float, rank: int, up: bool) -> list[Point]:
    """The `rank`-th line of a bar magnet's field, from its north end (left) to its south end (right), around
    (0, 0). `wide`: the magnet's length; `high`: how far the line rises."""
    reach = wide * (0.5 + 0.09 * rank)
    found = []
    for i in range(33):
        angle = math.pi * (1 - i / 32)
        x = reach * math.cos(angle) * (0.94 + 0.06 * math.sin(angle))
        y = high * math.sin(angle) ** 0.8
        found.append((x, -y if up else y))
    return found


def _pull(play: Play) -> None:
    """The magnet goes over five things; what is of iron jumps to it."""
    play.scenery("classroom", 0, 14, 1.06)
    canvas, t = play.canvas, play.t
    high = min(46.0, play.wide * 0.4 / bar().aspect)
    half = high * bar().aspect / 2
    hover = keys(play.share, (0.0, half + 30), (0.45, play.wide / 2), (0.85, play.wide - half - 30))
    x, y = hover, 200 + 7 * wave(t, 0.5)
    things = ("clip", "wood", "clip", "plastic", "clip") if not play.portrait else ("clip", "wood", "clip")
    caught = 0
    for i, thing in enumerate(things):
        at = play.x((i + 0.7) / (len(things) + 0.4))
        if thing == "clip":
            jump = clamp((hover - at + half * 0.55) / (play.wide * 0.06))
            slot = (1 - caught) * half * 0.62
            caught += 1
            up = ease("in", jump)
            cx, cy = lerp(at, x + slot, up), lerp(FLOOR - 20, y + high * 0.9, up)
            if up < 1:
                shadow(canvas, cx, FLOOR, 34, FLOOR - 20 - cy, 0.5)
            canvas.draw(_clip(), cx, cy, 58, turn=lerp(70, 6 * wave(t, 1.1, slot), up))
        else:
            tint = "#c98a4f" if thing == "wood" else "#58c9a8"
            shadow(canvas, at, FLOOR, 70, 0, 0.5)
            canvas.draw(_brick(tint), at, FLOOR + 4, 50, anchor=FOOT, turn=1.5 * wave(t, 0.9, i))
            play.label(
                *(("wood", "木头") if thing == "wood" else ("plastic", "塑料")),
                (at, FLOOR - 92),
                at=(at, FLOOR - 40),
                since=0.5 + 0.15 * i,
                until=play.seconds * (2 if thing == "wood" else 0.56),  # then the clips' label is there
                height=26,
            )
    canvas.draw(bar(), x, y, high, turn=2.5 * wave(t, 0.45))
    play.label("iron paper clips", "铁回形针", (x, y + 112), at=(x, y + high), since=play.seconds * 0.55)


def _poles(play: Play) -> None:
    """The field: lines that run outside from north to south, filings that lie along them."""
    play.scenery("studio", 0, 0, 1.02 + 0.05 * play.share)
    canvas, t = play.canvas, play.t
    x, y = play.x(0.5), 236.0
    long = min(250.0, play.wide * 0.52)
    grown = ease("io", t / 0.9)
    rng = random.Random(play.seed)
    for rank in range(3):
        for up in (True, False):
            line = [(x + a, y + b) for a, b in field(long, 52.0 + 44 * rank, rank, up)]
            Shape(canvas).tube(line[: max(2, round(33 * grown))], 3.0, 3.0).fill("#ffffff", 0.55)
            for _ in range(7):
                k = (rng.random() + 0.14 * t) % 1
                place = k * 31
                a, b = line[int(place)], line[int(place) + 1]
                turn = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))
                if k < grown:
                    canvas.draw(_filing(), a[0], a[1], 7, turn=turn, alpha=clamp(min(k, 1 - k) * 12))
    canvas.draw(bar(), x, y, long / bar().aspect, turn=1.2 * wave(t, 0.4))
    tip = long / 2
    side, rise = (0.16, 6) if not play.portrait else (0.2, -44)
    play.label("north pole", "北极（N）", (play.x(side), y - rise), at=(x - tip * 0.7, y), since=0.5)
    play.label("south pole", "南极（S）", (play.x(1 - side), y - rise), at=(x + tip * 0.7, y), since=0.8)
    play.label("magnetic field", "磁场", (x, y + 142), at=(x, y + 96), since=1.2)


@lru_cache(1)
def _filing() -> Sprite:
    """A splinter of iron."""
    board = Canvas(120, 48, opaque=False)
    Shape(board).tube([(160, 240), (1040, 240)], 190, 190).put("#4b4768", 60, high=0.7)
    return board.sprite()


def _pairs(play: Play) -> None:
    """Above, unlike poles rush together; below, like poles push each other away."""
    play.scenery("studio", 0, 0, 1.03)
    canvas, t, share = play.canvas, play.t, play.share
    long = min(180.0, play.wide * (0.33 if not play.portrait else 0.4))
    high, middle = long / bar().aspect, play.x(0.5)
    upper, lower = (150.0, 290.0) if not play.portrait else (170.0, 310.0)
    near = keys(share, (0.08, 1.0), (0.34, 0.0, "in"))
    gap = lerp(2.0, play.wide * (0.13 if not play.portrait else 0.08), near)
    shake = 3 * math.exp(-6 * max(0.0, share - 0.34)) * wave(t, 9) if share > 0.34 else 0.0
    for side in (-1, 1):
        canvas.draw(
            bar(), middle + side * (long / 2 + gap) + shake, upper, high, turn=1.0 * wave(t, 0.5) * near
        )
    if share > 0.34:
        sparkle(canvas, (share - 0.34) * play.seconds, middle, upper, 70, play.seed, 12)
    pushed = keys(share, (0.42, 0.0), (0.6, 0.35, "in"), (0.86, 1.0, "out"))
    hold = 14 + 5 * wave(t, 2.4) * (1 - pushed)
    away = lerp(hold, play.wide * (0.12 if not play.portrait else 0.07), pushed)
    canvas.draw(bar(True), middle - long / 2 - away, lower, high)
    canvas.draw(bar(), middle + long / 2 + away, lower, high)
    for side in (-1, 1):
        if pushed > 0.15:
            start = middle + side * (away + long * 0.5)
            play.arrow(
                [(start, lower + high), (start + side * 30, lower + high)], "#ffd34d", 9, clamp(pushed * 1.4)
            )
        if 0.1 < share < 0.36:
            start = middle + side * (gap + long + 10)
            play.arrow(
                [(start, upper - high), (start - side * 46, upper - high)],
                "#8ff0d0",
                9,
                clamp((share - 0.1) * 8),
            )
    play.label("N + S: they attract", "N 和 S：相吸", (middle, upper + 52), since=play.seconds * 0.36)
    play.label("N + N: they repel", "N 和 N：相斥", (middle, lower - 52), since=play.seconds * 0.6)


def _earth(play: Play) -> None:
    """The Earth with its field, and a compass that settles along it."""
    backdrop(play, "#15123a", "#3a2a78", "#7f9cff")
    canvas, t = play.canvas, play.t
    x = play.x(0.36 if not play.portrait else 0.5)
    y = 214.0 if not play.portrait else 156.0
    size = 150.0 if not play.portrait else 118.0
    grown = ease("io", t / 0.8)
    tilt = math.radians(10)
    for rank in range(3):
        for side in (1, -1):
            line = []
            for a, b in field(size * 1.02, size * (0.62 + 0.2 * rank), rank, side > 0):
                line.append(
                    (x - b * math.cos(tilt) - a * math.sin(tilt), y - b * math.sin(tilt) + a * math.cos(tilt))
                )
            Shape(canvas).tube(line[: max(2, round(33 * grown))], 2.6, 2.6).fill("#8fe3ff", 0.6)
            for i in range(3):
                # Outside, a field runs to the magnetic south pole: that is the one near the geographic north.
                k = 1 - (0.16 * t + i / 3 + 0.1 * rank) % 1
                px, py = line[min(32, int(k * 32))]
                canvas.draw(_dot(), px, py, 9, alpha=grown * clamp(min(k, 1 - k) * 10))
    canvas.draw(sprite("globe-showing-asia-australia"), x, y, size, turn=10)
    cx, cy = (play.x(0.76), 238.0) if not play.portrait else (play.x(0.5), 312.0)
    turn = 10 + 130 * math.exp(-1.5 * t) * math.cos(5.2 * t) + 1.5 * wave(t, 0.8)
    canvas.draw(_face(), cx, cy, 116 if not play.portrait else 92)
    canvas.draw(_pointer(), cx, cy, 92 if not play.portrait else 74, turn=turn)
    play.label(
        "Earth's field",
        "地球磁场",
        (x - size * 0.3, y + size * (0.95 if not play.portrait else -0.86)),
        at=(x - size * 0.62, y + size * (0.3 if not play.portrait else -0.2)),
        since=0.6,
    )
    play.label("compass", "指南针", (cx, cy + 84 if not play.portrait else cy + 66), since=0.9)
    ring = circle(cx, cy, 70, 70, -100, -100 + 200 * clamp(t / 1.2))
    Shape(canvas).tube(ring, 2.4, 2.4).fill("#ffd34d", 0.5 * math.exp(-0.9 * t))


@lru_cache(1)
def _pointer() -> Sprite:
    """A compass needle, red end up."""
    board = Canvas(160, 160, opaque=False)
    Shape(board).polygon([(240, 20), (290, 240), (190, 240)]).put(RED, 16)
    Shape(board).polygon([(240, 460), (290, 240), (190, 240)]).put("#8d97b4", 16)
    Shape(board).ellipse(240, 240, 26, 26).put("#4a4668", 10)
    return board.sprite()


@lru_cache(1)
def _dot() -> Sprite:
    """A bead on a line of the field."""
    board = Canvas(48, 48, opaque=False)
    Shape(board).ellipse(240, 240, 190, 190).put("#d8f4ff", 60)
    return board.sprite()


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(brief, canvas, seed, (_pull, _poles, _pairs, _earth), highlights=("magnet", "磁铁"))
