"""Make the ambient loop: what the screen shows while nothing happens.

    dusk over a lake → 240 labelled pictures → H.264 with the AIGC mark → assets/ambient.mp4

Drawn with the storyboard's own canvas. Every motion is a whole number of turns in the loop's length: the
picture after the last one is the first one; `main` measures that on the decoded file.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import random
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np

from reverie import config
from reverie.values import ClipSpec, Image
from reverie.video import encode, label
from reverie.video.storyboard.art.canvas import FOOT, Camera, Canvas, Layer, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, hills, land, sky
from reverie.video.storyboard.art.easing import TAU, clamp
from reverie.video.storyboard.art.light import glow, soft, streak, twinkle
from reverie.video.storyboard.art.sprites import tinted

OUT = Path(__file__).resolve().parent.parent / "src" / "reverie" / "assets" / "ambient.mp4"
SECONDS, FPS, WIDTH, HEIGHT = 10, 24, 1280, 720
SETTINGS = config.Generator(width=WIDTH, height=HEIGHT, fps=FPS, preset="medium", quality=25)
LARGEST = 1_500_000
"""Bytes that the file may have: it travels in the wheel."""

WATER = 318.0
"""Height of the far shore, virtual units."""

_BALLOONS = (
    (0.245, 176.0, 148.0, ("#ff6f61", "#ffe3c2"), 0.0),
    (0.600, 226.0, 82.0, ("#5aa9ff", "#fff1d6"), 0.35),
    (0.870, 202.0, 108.0, ("#a77bff", "#ffd978"), 0.7),
)
"""Where a balloon floats (share of the width, height of its middle), how high it is, colours, phase."""


def main() -> None:
    spec = ClipSpec("ambient", "1", WIDTH, HEIGHT, SECONDS * FPS, FPS)
    clip = encode.save(pictures(), OUT, spec, SETTINGS, label.metadata("ambient", 1, "reverie"))
    seam, usual = seam_of(OUT)
    size = OUT.stat().st_size
    digest = hashlib.sha256(OUT.read_bytes()).hexdigest()
    print(f"{OUT.name}: {clip.seconds:.2f} s, {size:,} bytes, sha256 {digest}")
    print(f"last to first picture: mean difference {seam:.3f} of 255; largest between neighbours {usual:.3f}")
    if seam > usual * 1.25:
        raise SystemExit("the loop is not seamless")
    if size > LARGEST:
        raise SystemExit(f"{size} bytes are too many; {LARGEST} are allowed")


def seam_of(path: Path) -> tuple[float, float]:
    """Mean absolute difference (of 255) between the last picture and the first, and the largest between
    neighbours within the film."""
    with av.open(str(path)) as film:
        grays = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    steps = [float(np.mean(cv2.absdiff(a, b))) for a, b in itertools.pairwise(grays)]
    return float(np.mean(cv2.absdiff(grays[-1], grays[0]))), max(steps)


def pictures() -> Iterator[Image]:
    """The loop's labelled pictures."""
    canvas = Canvas(WIDTH, HEIGHT)
    mark = label.Label(WIDTH, HEIGHT)
    back, shore, front = scenery()
    for index in range(SECONDS * FPS):
        draw(canvas, index / (SECONDS * FPS), back, shore, front)
        yield mark.burn(canvas.picture())


def draw(canvas: Canvas, k: float, back: list[Layer], shore: list[Layer], front: list[Layer]) -> None:
    """The picture at share `k` of the loop, 0..1; k 1 is k 0."""
    canvas.camera = Camera(9 * turn(k), 3 * turn(k, 1, 0.25), 1.02)
    canvas.draw_layers(back)
    stars(canvas, k)
    sun(canvas, k)
    clouds(canvas, k)
    canvas.draw_layers(shore)
    lake(canvas, k)
    for x, y, high, tints, phase in _BALLOONS:
        balloon(canvas, k, x * canvas.wide, y, high, tints, phase)
    canvas.draw_layers(front)
    reeds(canvas, k)
    fireflies(canvas, k)


def turn(k: float, turns: int = 1, phase: float = 0.0) -> float:
    """A sine with a whole number of turns in the loop."""
    return math.sin(TAU * (k * turns + phase))


# ---------------------------------------------------------------------------------- what moves


def stars(canvas: Canvas, k: float) -> None:
    """Stars that twinkle, and one that falls."""
    rng = random.Random(2)
    for _ in range(46):
        x, y, size, turns, phase = (
            rng.uniform(0, canvas.wide),
            rng.uniform(-10, 150) * rng.random(),
            rng.uniform(2, 5),
            rng.choice((1, 2, 3)),
            rng.random(),
        )
        canvas.draw(soft("#fff6e6", 0.8), x, y, size, alpha=0.35 + 0.35 * turn(k, turns, phase), depth=0.05)
    for x, y, phase in ((0.08, 44, 0.1), (0.33, 22, 0.5), (0.47, 70, 0.8)):
        size = 10 + 4 * turn(k, 2, phase)
        canvas.draw(twinkle("#fff3d0"), canvas.wide * x, y, size, alpha=0.9, depth=0.05)
    fall = (k - 0.58) / 0.07
    if 0 < fall < 1:
        x, y = canvas.wide * (0.42 - 0.16 * fall), 34 + 60 * fall
        canvas.draw(
            streak("#fff6e0"),
            x,
            y,
            60,
            wide=0.22,
            turn=62,
            alpha=math.sin(math.pi * fall),
            anchor=FOOT,
            depth=0.05,
        )


def sun(canvas: Canvas, k: float) -> None:
    """A low sun that breathes."""
    x, y = canvas.wide * 0.46, 286.0
    glow(canvas, x, y, 330 + 10 * turn(k, 2), "#ffb35c", 0.55, 0.08)
    glow(canvas, x, y, 150 + 6 * turn(k, 2, 0.2), "#ffe3a0", 0.6, 0.08)
    canvas.draw(soft("#fff3cf", 0.16), x, y, 92, depth=0.08)


def clouds(canvas: Canvas, k: float) -> None:
    """Clouds that drift and dissolve; each is born again where it began, unseen."""
    rng = random.Random(9)
    for i in range(9):
        life = (k + i / 9) % 1
        x = canvas.wide * rng.uniform(-0.02, 1.02) + 90 * (life - 0.5)
        y, high = rng.uniform(66, 236), rng.uniform(22, 52)
        warm = clamp((y - 60) / 180)
        image = tinted("cloud", "#ffb08a" if warm > 0.5 else "#c79be0", 0.55)
        seen = math.sin(math.pi * life) ** 0.7
        canvas.draw(image, x, y, high, wide=1.7, alpha=0.62 * seen, depth=0.12)


def lake(canvas: Canvas, k: float) -> None:
    """The sun's path on the water, and glints that come and go."""
    rng = random.Random(4)
    middle = canvas.wide * 0.46
    for _ in range(90):
        depth = rng.random() ** 1.4
        y = WATER + 6 + 78 * depth
        spread = 22 + 70 * depth
        near = rng.gauss(0, 1)
        x = middle + near * spread if rng.random() < 0.7 else rng.uniform(0, canvas.wide)
        shine = max(0.0, turn(k, rng.choice((2, 3, 4)), rng.random()))
        tint = "#fff0c0" if abs(x - middle) < spread * 1.6 else "#ffc9b8"
        wide = rng.uniform(5, 13) * (0.6 + depth)
        canvas.draw(
            soft(tint, 1.0),
            x + 5 * turn(k, 1, rng.random()),
            y,
            3.2,
            wide=wide,
            alpha=0.75 * shine,
            depth=0.6,
        )


def balloon(
    canvas: Canvas, k: float, x: float, y: float, high: float, tints: tuple[str, str], phase: float
) -> None:
    """A hot-air balloon: it bobs, sways and now and then fires its burner. Its image lies on the lake."""
    x += 15 * turn(k, 1, phase)
    y += 9 * turn(k, 1, phase + 0.2) + 2 * turn(k, 2, phase)
    lean = 2.2 * turn(k, 1, phase + 0.25)
    depth = high / 150
    fire = max(0.0, turn(k, 2, phase)) ** 6
    mirror = WATER + 40 + high * 0.2
    canvas.draw(
        hot_air(*tints), x, mirror, high * 0.5, wide=1.1, turn=180 - lean, flip=True, alpha=0.16, depth=depth
    )
    glow(canvas, x, y + high * 0.05, high * (0.55 + 0.12 * fire), "#ffd08a", 0.22 + 0.5 * fire, depth)
    canvas.draw(hot_air(*tints), x, y, high, turn=lean, depth=depth)
    glow(canvas, x, y + high * 0.20, high * 0.16, "#fff0b0", 0.25 + 0.75 * fire, depth)


def reeds(canvas: Canvas, k: float) -> None:
    """Grass on the near shore, in the wind."""
    rng = random.Random(11)
    for i in range(40):
        x = canvas.wide * (i + rng.random()) / 40
        high, phase = rng.uniform(34, 92) * (0.55 + 0.75 * abs(x / canvas.wide - 0.5)), rng.random()
        bend = rng.uniform(-8, 8) + 6 * turn(k, 2, phase) + 2 * turn(k, 3, phase)
        root = 470 + rng.uniform(-6, 14)
        blade: list[Point] = [(x + bend * (j / 4) ** 2, root - high * j / 4) for j in range(5)]
        Shape(canvas, 1.2).tube(blade, 5.5, 1.2).fill("#1c1440" if i % 3 else "#2a1c55")


def fireflies(canvas: Canvas, k: float) -> None:
    """Small lights on slow loops over the shore."""
    rng = random.Random(21)
    for _ in range(26):
        x, y = rng.uniform(0, canvas.wide), rng.uniform(318, 456)
        turns, phase, size = rng.choice((1, 1, 2)), rng.random(), rng.uniform(0.6, 1.2)
        px = x + 26 * turn(k, turns, phase) + 8 * turn(k, turns + 1, phase)
        py = y + 15 * turn(k, turns + 1, phase + 0.3)
        seen = clamp(0.55 + 0.75 * turn(k, rng.choice((2, 3)), rng.random()))
        canvas.draw(soft("#ffe07a", 1.8), px, py, 26 * size, alpha=0.6 * seen)
        canvas.draw(soft("#fffbe0", 0.5), px, py, 5 * size, alpha=seen)


# ---------------------------------------------------------------------------------- what stands


@lru_cache(4)
def hot_air(first: str, second: str) -> Sprite:
    """A striped hot-air balloon with its basket."""
    board = Canvas(360, 360, opaque=False)  # 480 virtual units across
    outline: list[Point] = []
    for i in range(60):
        a = TAU * i / 60
        narrow = 1 - 0.42 * max(0.0, math.sin(a)) ** 2.2
        outline.append(
            (240 + 150 * narrow * math.cos(a), 178 + (168 if math.sin(a) < 0 else 182) * math.sin(a))
        )
    Shape(board).polygon(outline).put(first, 56, high=0.6, low=0.75)
    for side in (-0.78, -0.26, 0.26, 0.78):
        stripe: list[Point] = []
        for j in range(17):
            a = math.pi * (j / 16 - 0.5)
            narrow = 1 - 0.42 * max(0.0, math.sin(a)) ** 2.2
            stripe.append(
                (240 + 150 * side * narrow * math.cos(a), 178 + (166 if a < 0 else 178) * math.sin(a))
            )
        Shape(board).tube(stripe, 26, 20).fill(second, 0.78)
    Shape(board).ellipse(190, 96, 34, 52, 28).fill("#ffffff", 0.20)
    for x in (-1, 1):
        Shape(board).tube([(240 + x * 34, 352), (240 + x * 26, 410)], 4, 4).fill("#3a2450")
    basket: list[Point] = [(212, 412), (268, 412), (262, 452), (218, 452)]
    Shape(board).polygon(basket, 7).put("#8a5436", 12, high=0.6)
    Shape(board).tube([(208, 412), (272, 412)], 11, 11).put("#b87a4c", 4)
    return board.sprite()


def scenery() -> tuple[list[Layer], list[Layer], list[Layer]]:
    """The sky, the far shore with the lake, and the near shore."""
    board = Canvas(WIDTH, HEIGHT, margin=40)
    wide = board.wide
    sky(
        board,
        (
            (0, "#241a5e"),
            (0.22, "#5a3a9a"),
            (0.42, "#c4609f"),
            (0.56, "#ff9a76"),
            (0.66, "#ffd08f"),
            (1, "#ffd9a0"),
        ),
    )
    back = [board.layer(0.04)]
    board = Canvas(WIDTH, HEIGHT, margin=60, opaque=False)
    peaks: tuple[tuple[float, float, str], ...] = (
        (0.10, 112, "#8c5aa8"),
        (0.32, 74, "#a868ac"),
        (0.74, 92, "#9a60aa"),
        (0.97, 132, "#7e529f"),
    )
    for x, high, tint in peaks:
        whole = tinted("mountain", tint, 0.86)
        cut = Sprite(whole.pixels[: int(whole.height * 0.7)])
        board.draw(cut, wide * x, WATER + 2, high, wide=1.9, anchor=FOOT)
    back.append(board.layer(0.10, 0.8))
    board = Canvas(WIDTH, HEIGHT, margin=60, opaque=False)
    land(board, hills(wide, 304, 13, 4), "#6a3f8c", "#4a2c78", 4)
    rng = random.Random(6)
    for i in range(34):
        x = wide * (i + rng.random()) / 34
        name = rng.choice(("evergreen-tree", "evergreen-tree", "deciduous-tree"))
        if abs(x / wide - 0.46) > 0.07:
            board.draw(tinted(name, "#3b2468", 0.82), x, 316, rng.uniform(22, 50), anchor=FOOT)
    lake_edge: list[Point] = [(-200, WATER), (wide + 200, WATER), (wide + 200, 640), (-200, 640)]
    land(board, lake_edge, "#f0a08a", "#3a2470", 0)
    board.draw(soft("#ffdf9e", 1.2), wide * 0.46, WATER + 8, 180, wide=1.3, alpha=0.55)
    shore = [board.layer(0.5)]
    board = Canvas(WIDTH, HEIGHT, margin=60, opaque=False)
    bank: list[Point] = [
        (
            wide * (i / 30) * 1.4 - wide * 0.2,
            438 - 52 * abs((i / 30) * 1.4 - 0.7) ** 1.3 - 5 * math.sin(i * 0.9),
        )
        for i in range(31)
    ]
    land(board, [*bank, (wide * 1.3, 640), (-wide * 0.3, 640)], "#33205e", "#150d33", 8)
    for x, high, flip in ((0.02, 210, False), (0.085, 138, True), (0.935, 176, False), (0.995, 250, True)):
        board.draw(tinted("evergreen-tree", "#1d1245", 0.86), wide * x, 430, high, anchor=FOOT, flip=flip)
    for x in (0.13, 0.19, 0.83, 0.885):
        board.draw(tinted("herb", "#24164f", 0.8), wide * x, 436, 46, anchor=FOOT)
    return back, shore, [board.layer(1.0)]


if __name__ == "__main__":
    main()
