"""How batteries work: a lamp in the dark, a cell cut open, electrons that run round, and the battery box.

Simplified: a zinc and carbon cell (a zinc can around a core of manganese dioxide), its carbon rod and the
chemistry left out. Electrons are drawn as balls; they run from minus to plus.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache
from itertools import pairwise

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, box
from reverie.video.storyboard.art.easing import arc, clamp, ease, keys, lerp, wave
from reverie.video.storyboard.art.light import glow, rays, sparkle
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.art.text import word
from reverie.video.storyboard.diagram import Explainer, Play, along, backdrop, ball
from reverie.video.storyboard.figures.actor import make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose

ZINC, CORE, BRASS = "#aebbd6", "#4a4258", "#f2b53a"


@lru_cache(2)
def cell(opened: bool = False) -> Sprite:
    """A battery standing on its minus end; `opened`: cut down the middle."""
    board = Canvas(200, 320, opaque=False)  # 300 x 480
    Shape(board).polygon([(122, 34), (178, 34), (178, 70), (122, 70)], 6).put("#d7dcea", 20, high=0.8)
    if opened:
        box(board, 56, 66, 188, 388, 22, "#f2b53a", "#c98a1e", 8)
        box(board, 72, 82, 156, 356, 12, ZINC, "#8796b8", 4)
        box(board, 100, 96, 100, 320, 10, "#f4ead2", "#e2d3ae", 2)
        box(board, 112, 74, 76, 330, 8, CORE, "#332c42", 4)
    else:
        box(board, 56, 66, 188, 388, 22, "#3a3f5c", "#23263d", 8)
        box(board, 56, 66, 188, 128, 22, BRASS, "#d08f1f", 8)
        Shape(board).polygon([(84, 80), (96, 80), (96, 440), (84, 440)], 5).fill("#ffffff", 0.28)
    board.draw(word("+", 70, "#ffffff").sprite, 150, 128, 92)
    board.draw(word("–", 70, "#ffffff").sprite, 150, 410, 92)
    return board.sprite()


@lru_cache(1)
def electron() -> Sprite:
    """A blue ball with a minus on it."""
    board = Canvas(64, 64, opaque=False)
    board.draw(ball("#58b6ff", -120, 0.35, 128), 240, 240, 440)
    Shape(board).tube([(160, 240), (320, 240)], 56, 56).fill("#ffffff")
    return board.sprite()


def _lamp(canvas: Canvas, t: float, x: float, y: float, size: float, lit: float) -> None:
    """The bulb, its screw at (x, y), shining by the share `lit`."""
    if lit > 0.02:
        glow(canvas, x, y - size * 0.62, size * 1.5, "#ffe38a", 0.75 * lit)
        rays(canvas, x, y - size * 0.62, size * 1.3, t, count=10, alpha=0.4 * lit)
    canvas.draw(sprite("light-bulb"), x, y, size, anchor=FOOT)


def _light(play: Play) -> None:
    """A dark room; the torch's battery slides in, and there is light."""
    play.scenery("night", 0, 8, 1.05)
    canvas, t = play.canvas, play.t
    x = play.x(0.5)
    size = 150.0 if not play.portrait else 128.0
    into = keys(t, (0.0, -play.wide * 0.3), (0.9, 0.0, "back"))
    lit = clamp((t - 0.95) * 5) * (0.92 + 0.08 * wave(t, 2.2))
    base = 368.0
    box(canvas, x - 128, base - 34, 256, 38, 12, "#7b5a46", "#583d30", 5)
    left, right = x - 74, x + 62
    way = along([(left, base - 40), (left - 34, base - 96), (x - 10, base - 60), (right, base - 40)], 24)
    Shape(canvas).tube(way, 7, 7).put("#e2574c", 3)
    canvas.draw(cell(), left + into, base - 34, size, anchor=FOOT, turn=into * 0.06)
    _lamp(canvas, t, right, base - 34, size, lit)
    sparkle(canvas, t - 0.95, right, base - size * 0.7, 90, play.seed, 12)
    play.label("battery", "电池", (play.x(0.16), 232), at=(left + into - 16, base - size * 0.6), since=0.5)
    play.label("lamp", "小灯泡", (play.x(0.85), 300), at=(right + 24, base - size * 0.6), since=1.2)


def _inside(play: Play) -> None:
    """Cut open: zinc outside lets electrons go; they gather at the minus end."""
    backdrop(play, "#4a3aa8", "#8f7ae0", "#d9ccff")
    canvas, t = play.canvas, play.t
    high = 286.0
    x, top = play.x(0.5), 66.0
    wide = high * cell(True).aspect
    open_up = ease("io", t / 0.5)
    canvas.draw(cell(), x, top, high, anchor=(0.5, 0.0), alpha=1 - open_up)
    canvas.draw(cell(True), x, top, high, anchor=(0.5, 0.0), alpha=open_up, turn=0.5 * wave(t, 0.5))
    rng = random.Random(play.seed)
    for i in range(16):
        side, start, late = (-1 if i % 2 else 1), rng.uniform(0.22, 0.8), rng.random()
        k = (t * 0.42 + late) % 1
        if t < 0.5 + 0.4 * late:
            continue
        px = x + side * wide * 0.37 + 3 * wave(t, 1.4, late)
        py = top + high * lerp(start, 0.97, ease("in", k))
        canvas.draw(electron(), px, py, 21, alpha=clamp(k * 6) * clamp((1 - k) * 7))
    for i in range(5):
        canvas.draw(
            electron(),
            x + (i - 2) * wide * 0.17,
            top + high + 10 + 4 * wave(t, 1.1, i / 5),
            21,
            alpha=clamp(t - 0.9 - 0.2 * i),
        )
    off = wide / 2 + (76 if not play.portrait else 40)
    play.label("plus", "正极", (x + off, 92), at=(x + 10, top + 16), since=0.6)
    play.label("zinc", "锌", (x - off, 180), at=(x - wide * 0.36, 210), since=0.9)
    play.label("manganese dioxide", "二氧化锰", (x + off, 262), at=(x + wide * 0.1, 236), since=1.2)
    play.label("electrons", "电子", (x - off, 318), at=(x - wide * 0.34, top + high + 4), since=1.5)


def _circuit(play: Play) -> None:
    """The whole way round: out at minus, through the lamp, in at plus."""
    backdrop(play, "#2c6fb4", "#7ec7ee", "#e6f8ff")
    canvas, t = play.canvas, play.t
    x, half = play.x(0.5), min(190.0, play.wide * 0.36)
    up, down = 118.0, 356.0
    left, right = x - half, x + half
    high = 178.0 if not play.portrait else 150.0
    middle = (up + down) / 2 + 6
    low: list[Point] = [
        (left, middle + high / 2),
        (left, down),
        (x, down),
        (right, down),
        (right, middle + 66),
    ]
    back: list[Point] = [(right, middle - 64), (right, up), (x, up), (left, up), (left, middle - high / 2)]
    for way in (low, back):
        Shape(canvas).tube(way, 9, 9).put("#e2574c", 4)
    running = clamp((t - 0.5) * 2)
    beat = 0.9 + 0.1 * wave(t, 2.0)
    for way, first in ((low, 0.0), (back, 0.5)):
        line = [p for a, b in pairwise(way) for p in along([a, b], 12)]
        for i in range(7):
            k = (t * 0.34 + i / 7 + first) % 1
            px, py = line[min(len(line) - 1, int(k * len(line)))]
            nxt = line[min(len(line) - 1, int(k * len(line)) + 1)]
            part = (k * len(line)) % 1
            canvas.draw(electron(), lerp(px, nxt[0], part), lerp(py, nxt[1], part), 24, alpha=running)
    canvas.draw(cell(), left, middle, high, turn=0.6 * wave(t, 0.6))
    _lamp(canvas, t, right, middle + 70, 150 if not play.portrait else 128, running * beat)
    play.label("plus", "正极", (left + (72 if not play.portrait else 58), middle - high * 0.42), since=0.4)
    play.label("minus", "负极", (left + (76 if not play.portrait else 60), middle + high * 0.40), since=0.7)
    play.label(
        "electrons",
        "电子",
        (x + (0 if not play.portrait else 18), down + (-36 if not play.portrait else -72)),
        at=(x, down),
        since=1.0,
    )


def _back(play: Play) -> None:
    """A child drops the empty battery into the box for batteries."""
    play.scenery("park", 0, 4, 1.05)
    canvas, t = play.canvas, play.t
    x, ground = play.x(0.5), 372.0
    bx = x + (104 if not play.portrait else 62)
    thrown = clamp((t - 0.7) / 0.7)
    child = make_actor(role("child"), 206.0 if not play.portrait else 168.0, play.seed)
    cx = x - (92 if not play.portrait else 56)
    tall = child.height
    reach = keys(t, (0.0, 0.42), (0.6, 0.34), (0.8, 0.74, "out"), (1.5, 0.42))
    hand = (cx + tall * 0.26, ground - tall * reach)
    pose = Pose(
        cx,
        ground,
        facing=1,
        gaze=0.8,
        near=hand,
        tilt=3 * wave(t, 0.5),
        mouth=0.6 * clamp((t - 1.4) * 3),
        face="happy",
    )
    child.draw(canvas, pose, t)
    box(canvas, bx - 52, ground - 118, 104, 122, 12, "#46c46c", "#23894a", 6)
    box(canvas, bx - 60, ground - 132, 120, 22, 9, "#2b9d55", "#1d7a40", 4)
    box(canvas, bx - 30, ground - 127, 60, 9, 4, "#123d24", "#123d24", 0)
    canvas.draw(cell(), bx, ground - 56, 62)
    if thrown < 1:
        px = lerp(hand[0], bx, thrown)
        py = lerp(hand[1], ground - 128, thrown) - 84 * arc(thrown)
        canvas.draw(cell(), px, py, 46, turn=360 * thrown + 20)
    else:
        sparkle(canvas, t - 1.4, bx, ground - 128, 70, play.seed, 12)
        hop = 6 * math.exp(-4 * (t - 1.4)) * abs(wave(t, 3))
        play.label("battery box", "电池回收箱", (bx, ground - 176 - hop), at=(bx, ground - 132), since=1.4)


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(
        brief,
        canvas,
        seed,
        (_light, _inside, _circuit, _back),
        highlights=("battery", "electrons", "电池", "电子"),
    )
