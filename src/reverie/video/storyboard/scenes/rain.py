"""Why it rains, in three acts: the air bears the tiny droplets of a cloud, they run into each other and grow,
and what is too heavy falls, round above and flat below.

Simplified: a droplet is drawn a thousand times too large and a handful stand for millions. Shown is rain that
grows drop by drop, as in warm clouds; in cold ones many drops begin as ice that melts on its way down.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glow, rain, ring, soft
from reverie.video.storyboard.art.sprites import sprite, tinted
from reverie.video.storyboard.diagram import Explainer, Play, backdrop
from reverie.video.storyboard.figures.actor import make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose

INK = "#20346e"


@lru_cache(4)
def _drop(flat: float, smiling: bool) -> Sprite:
    """A drop of water: a ball, or (`flat` 1) round above and flat below, as big ones fall."""
    board = Canvas(200, 200, opaque=False)
    outline: list[Point] = []
    for a in range(0, 360, 6):
        x, y = math.cos(math.radians(a)), math.sin(math.radians(a))
        outline.append((240 + 190 * x, 240 + 180 * y * (1 - 0.45 * flat * (y > 0)) + 24 * flat))
    Shape(board).polygon(outline).put("#4fb0f2", 46, high=0.75, low=0.4)
    Shape(board).ellipse(168, 158, 44, 24, -35).fill("#ffffff", 0.8)
    if smiling:
        for side in (-1, 1):
            Shape(board).ellipse(240 + side * 62, 250, 20, 27).fill(INK)
            Shape(board).ellipse(240 + side * 62 + 7, 241, 8, 9).fill("#ffffff")
            Shape(board).ellipse(240 + side * 108, 286, 22, 14).fill("#ff9fc4", 0.75)
        smile: list[Point] = [(208 + i * 8, 290 + 20 * math.sin(math.pi * i / 8)) for i in range(9)]
        Shape(board).tube(smile, 12, 12).fill(INK)
    return board.sprite()


def _murk(play: Play, rise: float) -> None:
    """Inside a cloud: soft grey-white, wisps that go up by `rise` units a second."""
    backdrop(play, "#8fb4dc", "#dcebf8", "#ffffff")
    rng = random.Random(3)
    for _ in range(9):
        x, y, size = rng.uniform(-0.1, 1.1), rng.uniform(0, 560), rng.uniform(90, 170)
        py = (y - rise * play.clock) % 640 - 80
        play.canvas.draw(soft("#ffffff", 0.8), play.x(x), py, size, wide=1.9, alpha=0.36)


def borne(play: Play) -> None:
    """Droplets so small that rising air bears them."""
    canvas, t = play.canvas, play.t
    _murk(play, 26)
    for i in range(3):
        x = play.x(0.2 + 0.3 * i)
        bob = 10 * wave(t, 0.5, i * 0.3)
        play.arrow(
            [(x, 356 + bob), (x + 10, 312 + bob), (x, 264 + bob)], "#ffc37a", 10, ease("out", (t - 0.3) / 0.6)
        )
    rng = random.Random(play.seed)
    for i in range(34 if not play.portrait else 20):
        px, py, near, phase = (
            rng.uniform(0.03, 0.97),
            rng.uniform(90, 350),
            rng.uniform(0.6, 1.3),
            rng.random(),
        )
        bold = i % 6 == 0
        x = play.x(px) + 12 * wave(t, 0.3 * near, phase)
        y = py + 12 * wave(t, 0.45 * near, phase + 0.2) - 6 * t
        canvas.draw(
            _drop(0.0, bold), x, y, (30 if bold else 15) * near, turn=8 * wave(t, 0.5, phase), alpha=0.95
        )
    size = _size(play)
    play.label(
        "Inside a cloud: tiny droplets",
        "云里：无数小小的云滴",
        (play.x(0.5), 84 if not play.portrait else 60),
        since=0.3,
        height=size,
    )
    play.label("Rising air holds them up", "上升的空气托住它们", (play.x(0.5), 324), since=1.2, height=size)


def joining(play: Play) -> None:
    """A drop falls through the cloud, gathers the droplets it meets, and grows."""
    canvas, t = play.canvas, play.t
    _murk(play, 90)
    x, y = play.x(0.5) + 4 * wave(t, 0.7), 214.0
    radius = lerp(24, 78 if not play.portrait else 62, ease("io", play.share))
    rng, hits = random.Random(play.seed), 0.0
    for i in range(26 if not play.portrait else 18):  # it falls, so the others come up to it
        side, start, rate = rng.uniform(-1, 1), rng.random(), rng.uniform(0.42, 0.62)
        k = (t * rate + start) % 1
        lane = side * (play.wide * 0.48 if i % 2 else radius * 1.1)
        px, py = x + lane, lerp(430, -30, k)
        gap = math.hypot(px - x, py - y) - radius
        if i % 2 == 0:
            if py < y:
                continue  # it was taken in
            if gap < 10:
                hits = max(hits, 1 - abs(gap) / 10)
                px, py = lerp(px, x, clamp((10 - gap) / 16)), lerp(py, y, clamp((10 - gap) / 16))
        canvas.draw(_drop(0.0, i % 5 == 0), px, py, 19 + 8 * (i % 3), tall=1.06, alpha=clamp(k * 8))
    glow(canvas, x, y, radius * 1.7, "#ffffff", 0.5)
    squash = 0.04 * wave(t, 1.6) + 0.05 * hits
    canvas.draw(_drop(0.0, True), x, y, radius * 2, wide=1 + squash, tall=1 - squash)
    for i in range(3):
        k = (t * 0.9 + i / 3) % 1
        canvas.draw(
            soft("#ffffff", 0.9),
            x + (i - 1) * radius * 0.7,
            y - radius - 20 - 60 * k,
            4,
            tall=9,
            wide=1.2,
            alpha=0.7 * math.sin(math.pi * k),
        )
    size = _size(play)
    play.label(
        "They bump and join",
        "碰在一起就合成一滴",
        (play.x(0.5), 84 if not play.portrait else 62),
        since=0.3,
        height=size,
    )
    play.label(
        "Millions make one raindrop",
        "几百万个合成一颗雨滴",
        (play.x(0.5), 344),
        since=1.3,
        tint="#fff2b8",
        height=size,
    )


def falling(play: Play) -> None:
    """Too heavy for the air: it rains."""
    canvas, t = play.canvas, play.t
    setting = play.scenery("park", lerp(-6, 6, play.share))
    canvas.fade((70, 90, 140), 0.22)
    k = 0.8 if play.portrait else 1.0
    for i, (share, high, size) in enumerate(
        ((0.1, 74, 120), (0.9, 92, 120), (0.62, 70, 132), (0.34, 66, 132))
    ):
        canvas.draw(
            tinted("cloud", "#6f7f9f", 0.62),
            play.x(share) + 8 * wave(t, 0.15, i * 0.3),
            high,
            size * k,
            depth=0.8,
        )
    rain(canvas, t, play.x(0.5), 96, 384, play.wide * 1.06, play.seed, 56 if not play.portrait else 34)
    x = play.x(0.26)
    child = make_actor(role("child"), 128 * k, play.seed)
    hop = 7 * abs(wave(t, 0.8))
    hand = (x + 24 * k, play.floor - 2 - 74 * k - hop)
    canvas.draw(
        sprite("umbrella"),
        hand[0] - 2,
        hand[1] + 14 * k,
        (150 if not play.portrait else 128) * k,
        anchor=(0.5, 0.97),
        turn=4 * wave(t, 0.6),
    )
    child.draw(canvas, Pose(x, play.floor, facing=1, hop=hop, face="happy", near=hand, gaze=0.5, wag=0.3), t)
    for i in range(3):
        share = (t * 0.8 + i / 3) % 1
        canvas.draw(ring("#d7efff"), x + 40 * (i - 1), 382, 9 + 16 * share, wide=2.6, alpha=0.8 * (1 - share))
    setting.draw_front(canvas)
    bx, by, big = play.x(0.74), 244.0, 62.0
    if play.portrait:
        bx, by, big = play.x(0.74), 178.0, 46.0
    grown = ease("back", (t - 0.5) / 0.5)
    if grown > 0.03:  # a close look at one
        Shape(canvas).ellipse(bx, by, (big + 22) * grown, (big + 22) * grown).fill("#ffffff", 0.95)
        Shape(canvas).ellipse(bx, by, (big + 17) * grown, (big + 17) * grown).fill("#9cc6ee")
        wobble = 0.035 * wave(t, 1.8)
        canvas.draw(_drop(1.0, True), bx, by, big * 1.5 * grown, wide=1 + wobble, tall=1 - wobble)
        for i in range(4):
            run = (t * 1.4 + i / 4) % 1
            canvas.draw(
                soft("#ffffff", 0.9),
                bx + (i - 1.5) * big * 0.5,
                by + big * (0.95 - 1.9 * run),
                3,
                tall=6,
                alpha=0.8 * math.sin(math.pi * run) * clamp(grown),
            )
    play.label(
        "Like a bun, not a tear",
        "像小馒头，不像眼泪",
        (bx, by + big + 40),
        since=1.0,
        tint="#fff2b8",
        height=_size(play),
    )


def _size(play: Play) -> float:
    """Height of labels: a little less where the picture is narrow."""
    return 24.0 if play.portrait else 30.0


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """Three acts: borne by the air, growing, falling."""
    return Explainer(
        brief, canvas, seed, (borne, joining, falling), accents=("#ffffff", "#8fe3ff", "#ffd34d")
    )
