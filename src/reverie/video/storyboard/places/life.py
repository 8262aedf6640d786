"""What stirs in a setting by itself: clouds and birds that pass, stars that twinkle, steam, bubbles, leaves.

    canvas.draw_layers(setting.back, lambda i: draw_life(canvas, setting, t, seed, i))

A handful of small sprites, pure functions of time; the seed decides where they are.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from reverie.video.storyboard.art.canvas import Canvas, Pixels, Sprite
from reverie.video.storyboard.art.clay import Shape
from reverie.video.storyboard.art.easing import TAU, wave
from reverie.video.storyboard.art.light import bubbles, ray, soft, steam, twinkle
from reverie.video.storyboard.art.sprites import sprite, tinted
from reverie.video.storyboard.places.sets import Setting

_Stir = Callable[[Canvas, Setting, float, random.Random], None]


def draw_life(canvas: Canvas, setting: Setting, t: float, seed: int, drawn: int) -> None:
    """Draw what moves in front of layer number `drawn` of a setting's back, `t` seconds into the shot."""
    for layer, stir in _LIFE.get(setting.name, ()):
        if layer == drawn:
            stir(canvas, setting, t, random.Random(seed))
    if drawn == 0 and setting.hour.stars and setting.name != "forest":
        _stars(canvas, setting, t, random.Random(seed))


def _clouds(canvas: Canvas, setting: Setting, t: float, rng: random.Random) -> None:
    dark = setting.hour.dark
    tint = "#39457f" if setting.hour.stars else "#e08a8f"
    image = tinted("cloud", tint, 0.7) if dark else sprite("cloud")
    for _ in range(3):
        start, y, size, speed = rng.random(), rng.uniform(58, 150), rng.uniform(30, 62), rng.uniform(5, 11)
        x = (start * (canvas.wide + 260) + speed * t) % (canvas.wide + 260) - 130
        canvas.draw(image, x, y, size, depth=0.12, alpha=0.6 if dark else 0.85)


def _birds(canvas: Canvas, setting: Setting, t: float, rng: random.Random) -> None:
    if setting.hour.stars:
        return  # they sleep
    tint = "#5a3f52" if setting.name == "prehistoric" else "#3f4a66"
    size, ways = (26.0, 1) if setting.name == "prehistoric" else (15.0, rng.choice((-1, 1)))
    lead, high = rng.random(), rng.uniform(104, 170)
    for i in range(3):
        behind = i * 0.055 + rng.uniform(0, 0.02)
        k = (lead + t * 0.035 - behind) % 1
        x = canvas.wide * (1.3 * k - 0.15)
        y = high + 12 * i * (1 if i % 2 else -1) + 6 * math.sin(TAU * (t * 0.3 + i / 3))
        beat = round(9 * (0.5 + 0.5 * math.sin(TAU * (t * 1.5 + i * 0.31))))
        canvas.draw(
            _gull(beat, tint), x if ways > 0 else canvas.wide - x, y, size * (1 - 0.12 * i), depth=0.2
        )


@lru_cache(32)
def _gull(beat: int, tint: str) -> Sprite:
    """A far bird, its wings at one of ten heights."""
    board = Canvas(96, 64, opaque=False)
    board.unit = 1.0
    up = 26 * (beat / 9) - 8
    for side in (-1, 1):
        wing = [(48.0, 36.0), (48 + side * 18, 30 - up * 0.7), (48 + side * 38, 36 - up)]
        Shape(board).tube(wing, 8, 3).fill(tint)
    Shape(board).ellipse(48, 37, 7, 5).fill(tint)
    return Sprite(board.pixels)


def _stars(canvas: Canvas, setting: Setting, t: float, rng: random.Random) -> None:
    for _ in range(7):
        x, y, rate, start = rng.random(), rng.uniform(14, 190), rng.uniform(0.3, 0.7), rng.random()
        shine = 0.5 + 0.5 * wave(t, rate, start)
        canvas.draw(
            twinkle("#fff6d8"), x * canvas.wide, y, 8 + 10 * shine, depth=0.06, alpha=0.25 + 0.75 * shine
        )
    k = (t * 0.22 + rng.random()) % 1
    if k < 0.12:  # a shooting star
        x = canvas.wide * (0.15 + 0.5 * rng.random()) + 190 * k / 0.12
        canvas.draw(
            soft("#ffffff", 0.9),
            x,
            44 + 70 * k / 0.12,
            4,
            wide=22,
            turn=20,
            depth=0.06,
            alpha=math.sin(k / 0.12 * math.pi),
        )


def _beams(canvas: Canvas, setting: Setting, t: float, rng: random.Random) -> None:
    """Light that falls in between the trees, or through a window."""
    if setting.hour.dark:
        return
    height, width = canvas.pixels.shape[:2]
    for i in range(2):
        patch, x = _beam(width, height, i)
        canvas.blend(patch, x, 0, 0.20 + 0.09 * wave(t, 0.27, i * 0.5), glow=True)


@lru_cache(8)
def _beam(width: int, height: int, which: int) -> tuple[Pixels, int]:
    """A beam of light from the upper left, and the column it begins at: it does not move, only breathes."""
    board = Canvas(width, height, opaque=False)
    x = board.wide * (0.16 + 0.3 * which)
    board.draw(ray("#fffbd0"), x, -40, 110, turn=62 + 8 * which, wide=1.5, anchor=(0, 0.5))
    columns = np.flatnonzero(board.pixels[..., 3].max(axis=0))
    rows = np.flatnonzero(board.pixels[..., 3].max(axis=1))
    if not len(columns):
        return board.pixels[:1, :1], 0
    cut = board.pixels[: int(rows[-1]) + 1, int(columns[0]) : int(columns[-1]) + 1]
    return np.ascontiguousarray(cut), int(columns[0])


def _leaves(canvas: Canvas, setting: Setting, t: float, rng: random.Random) -> None:
    for i in range(3):
        x, rate, start = rng.random(), rng.uniform(0.09, 0.14), rng.random()
        k = (t * rate + start + i / 3) % 1
        canvas.draw(
            tinted("fallen-leaf", "#7fbf4f", 0.4),
            x * canvas.wide + 34 * math.sin(TAU * (k * 2 + start)),
            -20 + 380 * k,
            15,
            turn=70 * math.sin(TAU * (k * 2 + start) + 1.2),
            wide=0.4 + 0.6 * abs(wave(t, 0.5, start)),
            depth=0.8,
        )


def _shoal(canvas: Canvas, setting: Setting, t: float, rng: random.Random) -> None:
    start, y = rng.random(), rng.uniform(120, 190)
    for i in range(4):
        k = (start - t * 0.045 + i * 0.035) % 1
        canvas.draw(
            tinted("tropical-fish", "#3fa0d8", 0.35),
            canvas.wide * (1.3 * k - 0.15),
            y + 15 * (i % 2) + 6 * i + 4 * wave(t, 0.8, i * 0.3),
            17,
            turn=5 * wave(t, 1.6, i * 0.4),
            depth=0.3,
        )
    for x in (0.10, 0.90):
        bubbles(canvas, t, canvas.wide * x, 350, rng.randrange(999), width=34, height=300, count=4)


def _smoke(canvas: Canvas, setting: Setting, t: float, rng: random.Random) -> None:
    for i in range(5):
        k = (t * 0.11 + i / 5) % 1
        canvas.draw(
            soft("#8a6a70", 0.9),
            canvas.wide * 0.24 + 46 * k + 5 * wave(t, 0.3, i / 5),
            112 - 78 * k,
            24 + 54 * k,
            alpha=0.42 * math.sin(math.pi * k),
            depth=0.14,
        )


def _glints(canvas: Canvas, setting: Setting, t: float, rng: random.Random) -> None:
    """Light that catches the goods on the shelves, one after the other."""
    tint = "#bfe9ff" if setting.name == "electronics" else "#fffbe0"
    for i in range(5):
        rate, start = rng.uniform(0.35, 0.55), rng.random()
        k = (t * rate + start) % 1
        turn = int(t * rate + start)
        x, row = (rng.random() + 0.37 * turn) % 1, (i + turn) % 3
        canvas.draw(
            twinkle(tint),
            x * canvas.wide,
            50 + row * 88,
            22 * math.sin(math.pi * k),
            turn=50 * k,
            depth=0.35,
            alpha=0.9,
        )


def _teapot(canvas: Canvas, setting: Setting, t: float, rng: random.Random) -> None:
    steam(canvas, t, canvas.wide * 0.2, 212, rng.randrange(999), width=14, height=70, count=4, alpha=0.4)


def _balls(canvas: Canvas, setting: Setting, t: float, rng: random.Random) -> None:
    for i, tint in enumerate(("#ffe08a", "#8fe3ff", "#ffb0d0", "#a8f0c8")):
        x, start = (0.1, 0.28, 0.74, 0.93)[i], rng.random()
        canvas.draw(
            soft(tint, 0.35),
            canvas.wide * x + 6 * wave(t, 0.11, start),
            90 + 60 * (i % 2) + 14 * wave(t, 0.19, start),
            15 + 5 * (i % 3),
            alpha=0.8,
            depth=0.4,
        )


_LIFE: dict[str, tuple[tuple[int, _Stir], ...]] = {
    "park": ((0, _clouds), (0, _birds)),
    "street": ((0, _clouds), (0, _birds)),
    "sea": ((0, _clouds), (0, _birds)),
    "sky": ((0, _clouds), (0, _birds)),
    "prehistoric": ((1, _smoke), (1, _birds)),
    "forest": ((1, _beams), (1, _leaves)),
    "night": ((0, _stars),),
    "space": ((0, _stars),),
    "underwater": ((1, _shoal),),
    "shop": ((0, _glints),),
    "toy_shelf": ((0, _glints),),
    "electronics": ((0, _glints),),
    "supermarket": ((0, _glints),),
    "room": ((0, _beams),),
    "classroom": ((0, _beams),),
    "kitchen": ((1, _teapot),),
    "studio": ((0, _balls),),
}
"""What stirs, by setting: after which layer, and how."""
