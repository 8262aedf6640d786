"""How a giant walks: a sauropod in a lateral-sequence walk, each foot named as it lands.

    left hind → left fore → right hind → right fore, a quarter of a cycle apart, three feet always down

Feet are planted: while one is down it moves with the ground, and leaves a print.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.canvas import FOOT, STILL, Camera, Canvas, Layer
from reverie.video.storyboard.clay import Point, Shape, bend, hills, land, reach, sky
from reverie.video.storyboard.easing import TAU, clamp, ease, lerp, swing, wave
from reverie.video.storyboard.light import dust, glow, motes, soft, steam
from reverie.video.storyboard.score import Captions, Strip, draw_lens, label_room
from reverie.video.storyboard.sprites import tinted
from reverie.video.storyboard.text import chip

GROUND = 356.0
"""Height of the near feet, virtual units."""

DOWN = 0.70
"""Share of a cycle that a foot is on the ground: above 0.5 it is a walk, at 0.75 one foot is up at a time."""

STEP = 44.0
"""How far before and behind its joint a foot is put, at size 1."""

THIGH, SHIN = 64.0, 62.0

WORDS = {
    "en": ("left hind", "left fore", "right hind", "right fore"),
    "zh": ("左后脚", "左前脚", "右后脚", "右前脚"),
}


@dataclass(frozen=True, slots=True)
class _Leg:
    """`late`: share of a cycle after the left hind foot; `x`, `y`: its joint; `knee`: which way it bends."""

    late: float
    x: float
    y: float
    knee: float
    near: bool


LEGS = (
    _Leg(0.00, -58, -112, -1, near=False),
    _Leg(0.25, 66, -108, 1, near=False),
    _Leg(0.50, -70, -112, -1, near=True),
    _Leg(0.75, 54, -108, 1, near=True),
)
"""Left hind, left fore, right hind, right fore; it walks to the right, so its right side is near."""

_HIDES = (
    ("#3fc58c", "#2b8f80", "#1f6f6a"),
    ("#6fb7e8", "#3f86c4", "#31639b"),
    ("#a991f2", "#7259c8", "#54429a"),
)


class DinosaurWalk:
    """The scene for one brief on canvases like the one given."""

    def __init__(self, brief: Brief, canvas: Canvas, seed: int) -> None:
        self._mood = brief.shots[0].mood
        self._captions = Captions(brief, canvas, ("#7ef0b0", "#ffd34d", "#8fe3ff"))
        self._words = WORDS[brief.language]
        self._seed = seed
        self._total = brief.seconds
        self._size = clamp(canvas.wide / 560, 0.56, 0.97)
        self._cycle = clamp(brief.seconds / 2, 1.7, 2.4)
        self._speed = 2 * STEP * self._size / (DOWN * self._cycle)
        self._hide = _HIDES[seed % len(_HIDES)]
        height, width = canvas.pixels.shape[:2]
        self._layers, self._trees, self._ground, self._ferns = _scenery(width, height)

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at second `t` >= 0 of the film over whatever was on the canvas."""
        gone = t * self._speed
        phase = t / self._cycle + 0.93
        thump = sum(abs(swing((phase - leg.late) % 1 * self._cycle, 0.0, 7, 14)) for leg in LEGS)
        canvas.camera = Camera(min(gone * 0.4 - 20, 1100), -2.2 * thump, 1.0)
        canvas.draw_layers(self._layers)
        self._volcano_breath(canvas, t)
        canvas.camera = STILL
        self._trees.draw(canvas, gone * 0.45, 1.2 * thump)
        self._ground.draw(canvas, gone)
        middle = canvas.wide * 0.5 - 14 * self._size + 16 * self._size * wave(t, 0.11)
        self._prints(canvas, t, phase, middle)
        self._walker(canvas, t, phase, middle)
        self._ferns.draw(canvas, gone * 1.8)
        motes(canvas, t, self._seed, "#fff2c0", count=9, speed=10, size=8, alpha=0.5)
        draw_lens(canvas, self._mood)
        self._captions.draw(canvas, t)
        self._name_feet(canvas, t, phase, middle)
        self._steps(canvas, t, phase)

    # ------------------------------------------------------------------ the animal

    def _foot(self, leg: _Leg, phase: float, middle: float) -> tuple[Point, float]:
        """Where a foot is, and how high in its swing (0 down, 1 highest)."""
        k = (phase - leg.late) % 1
        if k < DOWN:
            x, lift = lerp(STEP, -STEP, k / DOWN), 0.0
        else:
            q = (k - DOWN) / (1 - DOWN)
            x, lift = lerp(-STEP, STEP, q * q * (3 - 2 * q)), math.sin(math.pi * q) ** 0.8
        depth = 0.0 if leg.near else -13.0
        s = self._size
        return (middle + (leg.x + x) * s, GROUND + (depth - 26 * lift) * s), lift

    def _walker(self, canvas: Canvas, t: float, phase: float, middle: float) -> None:
        s = self._size
        canvas.draw(soft("#3a1b10", 1.1), middle, GROUND + 2, 44 * s, wide=9.2, alpha=0.6)
        bob = 4.5 * wave(phase, 2, 0.1)
        roll = 0.022 * wave(phase, 1, 0.2)

        def at(x: float, y: float) -> Point:
            return middle + (x - roll * y) * s, GROUND + (y + bob + roll * x) * s

        for leg in LEGS:
            if not leg.near:
                self._leg(canvas, leg, at(leg.x, leg.y), phase, middle)
        self._body(canvas, t, phase, at)
        for leg in LEGS:
            if leg.near:
                self._leg(canvas, leg, at(leg.x, leg.y), phase, middle)

    def _leg(self, canvas: Canvas, leg: _Leg, hip: Point, phase: float, middle: float) -> None:
        s = self._size
        skin = self._hide[0] if leg.near else self._hide[2]
        (x, y), lift = self._foot(leg, phase, middle)
        knee, ankle = reach(hip, (x, y - 13 * s), THIGH * s, SHIN * s, leg.knee)
        points = bend(hip, knee, ankle, 9, 0.9)
        shape = Shape(canvas).tube(points, 56 * s, 33 * s)
        shape.ellipse(ankle[0] + 3 * s, ankle[1] + 4 * s, 22 * s, 14 * s, 16 * lift)
        shape.put(skin, 11 * s, high=0.5, low=0.55)
        nails = Shape(canvas)
        for dx in (6, 14, 21):
            nails.ellipse(ankle[0] + dx * s, ankle[1] + (13 - dx * 0.18) * s, 3.6 * s, 4.2 * s)
        nails.fill("#fff1d6" if leg.near else "#b9cfc4")

    def _body(self, canvas: Canvas, t: float, phase: float, at: _Place) -> None:
        s = self._size
        skin, spot, _ = self._hide
        nod, sway = 7 * wave(phase, 2, 0.32), 9 * wave(phase, 1, 0.1)
        head = (172 + nod, -268 + 0.5 * nod + 2 * wave(t, 0.4))
        neck = _curve((70, -138), (136, -150), (128 + nod * 0.6, -222), head)
        tail = _curve((-84, -140), (-170, -138), (-196, -96 - sway), (-262 + 0.4 * sway, -150 - 1.7 * sway))
        shape = Shape(canvas).ellipse(*at(-2, -134), 108 * s, 54 * s).ellipse(*at(-58, -130), 56 * s, 52 * s)
        shape.ellipse(*at(62, -130), 50 * s, 48 * s)
        shape.tube([at(*p) for p in neck], 76 * s, 30 * s).tube([at(*p) for p in tail], 72 * s, 7 * s)
        shape.ellipse(*at(head[0] + 6, head[1] - 3), 25 * s, 20 * s, 6)
        shape.ellipse(*at(head[0] + 26, head[1] + 5), 19 * s, 13 * s, 8)
        shape.put(skin, 22 * s, high=0.62, low=0.62)
        rng = random.Random(self._seed)
        spots = Shape(canvas)
        for i in range(9):
            x = -96 + i * 23 + rng.uniform(-5, 5)
            y = -172 + 0.0034 * (x + 6) ** 2 + rng.uniform(0, 14)
            spots.ellipse(*at(x, y), rng.uniform(5, 10) * s, rng.uniform(4, 7) * s)
        for i in (2, 4, 6):
            x, y = neck[i]
            spots.ellipse(*at(x - 6, y + 2), 6.5 * s, 5 * s)
        spots.fill(spot, 0.55)
        self._face(canvas, t, head, at)

    def _face(self, canvas: Canvas, t: float, head: Point, at: _Place) -> None:
        s = self._size
        x, y = head
        shut = 1.0 if (t * 0.43 + 0.2) % 1 < 0.05 else 0.0
        Shape(canvas).ellipse(*at(x + 7, y - 8), 8.2 * s, (9.4 - 7.6 * shut) * s).fill(
            "#ffffff" if not shut else "#1c3d38"
        )
        if not shut:
            Shape(canvas).ellipse(*at(x + 9, y - 8), 5.4 * s, 6.8 * s).fill("#1d1838")
            Shape(canvas).ellipse(*at(x + 11, y - 11), 2.0 * s, 2.3 * s).fill("#ffffff")
        smile = [at(x + 12 + i * 4.6, y + 9 + 2.6 * math.sin(math.pi * i / 5)) for i in range(6)]
        Shape(canvas).tube(smile, 2.6 * s, 2.6 * s).fill("#1f5a52", 0.85)
        Shape(canvas).ellipse(*at(x + 39, y - 1), 2.0 * s, 1.5 * s).fill("#1f5a52", 0.8)
        Shape(canvas).ellipse(*at(x + 2, y + 6), 6 * s, 3.8 * s).fill("#ff9a8a", 0.55)

    # ------------------------------------------------------------------ the ground

    def _landed(self, leg: _Leg, phase: float, back: int) -> float:
        """Seconds since this leg's landing number `back` (0 the latest)."""
        return ((phase - leg.late) % 1 + back) * self._cycle

    def _prints(self, canvas: Canvas, t: float, phase: float, middle: float) -> None:
        s = self._size
        for leg in LEGS:
            for back in range(1 + int(canvas.wide / (self._speed * self._cycle))):
                age = self._landed(leg, phase, back)
                x = middle + (leg.x + STEP) * s - age * self._speed
                if x < -40:
                    break
                y = GROUND + (2 if leg.near else -11) * s
                canvas.draw(soft("#5a2f1c", 0.7), x, y, 11 * s, wide=4.4, alpha=0.5 * clamp(age * 6))
            age = self._landed(leg, phase, 0)
            if t >= age:
                x = middle + (leg.x + STEP) * s - age * self._speed
                dust(canvas, age, x, GROUND + 2, self._seed + int(leg.late * 4), 6, 44 * s, "#ffe9c4")

    def _name_feet(self, canvas: Canvas, t: float, phase: float, middle: float) -> None:
        """The name of the foot that has just landed, under it and going with it."""
        for i, leg in enumerate(LEGS):
            age = self._landed(leg, phase, 0)
            if age > t + 0.02 or age > 0.25 * self._cycle + 0.12:
                continue
            image = chip(f"{i + 1}  {self._words[i]}", "#10332a", "#8ff5bd", 40, 240)
            high = 24.0 if canvas.wide > 400 else 17.0
            grown = ease("back", age / 0.22)
            gone = clamp((0.25 * self._cycle + 0.12 - age) / 0.12)
            half = high * image.aspect / 2
            x = middle + (leg.x + STEP) * self._size - age * self._speed
            x = clamp(x, half + 8, canvas.wide - half - 8)
            y = min(GROUND + high * 0.98, self._captions.top - high * 0.55)
            canvas.draw(image, x, y, high * grown, alpha=gone)

    def _steps(self, canvas: Canvas, t: float, phase: float) -> None:
        """The four steps in their order; the foot that landed last is lit."""
        last = min(range(4), key=lambda i: (phase - LEGS[i].late) % 1)
        tall = canvas.wide < 400
        _, below = label_room(canvas)
        high = 19.0 if tall else 25.0
        for i, name in enumerate(self._words):
            grown = ease("back", (t - 0.15 - 0.09 * i) / 0.3)
            if grown <= 0:
                continue
            lit = i == last and t > 0.5
            image = chip(
                f"{i + 1}  {name}", "#8ff5bd" if lit else "#ffffff", "#10332a", 40, 255 if lit else 178
            )
            if tall:
                x, y = 8 + (i % 2) * (canvas.wide / 2 - 4), below + 8 + high * 0.6 + (i // 2) * (high + 5)
            else:
                x, y = 14.0, 16 + high * 0.5 + i * (high + 5)
            canvas.draw(image, x, y, high * grown * (1.05 if lit else 1), anchor=(0, 0.5))

    def _volcano_breath(self, canvas: Canvas, t: float) -> None:
        x, y, high = _volcano_at(canvas.wide)
        px = x - canvas.camera.x * 0.10
        glow(
            canvas, px + canvas.camera.x, y - high * 0.80, high * 0.30, "#ffb45a", 0.45 + 0.15 * wave(t, 0.7)
        )
        before, canvas.camera = canvas.camera, STILL
        steam(canvas, t, px, y - high * 0.90, self._seed, width=16, height=70, count=5, alpha=0.35)
        canvas.camera = before


_Place = Callable[[float, float], Point]


def _curve(a: Point, b: Point, c: Point, d: Point, count: int = 13) -> list[Point]:
    """Points of a cubic Bézier curve."""
    points = []
    for i in range(count):
        t = i / (count - 1)
        u = 1 - t
        w = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
        points.append(
            (
                w[0] * a[0] + w[1] * b[0] + w[2] * c[0] + w[3] * d[0],
                w[0] * a[1] + w[1] * b[1] + w[2] * c[1] + w[3] * d[1],
            )
        )
    return points


# ---------------------------------------------------------------------------------- the set


def _volcano_at(wide: float) -> tuple[float, float, float]:
    """x, foot and height of the volcano."""
    return (wide * 0.30, 306.0, 200.0) if wide > 400 else (wide * 0.30, 306.0, 150.0)


@lru_cache(2)
def _scenery(width: int, height: int) -> tuple[list[Layer], Strip, Strip, Strip]:
    """Sky and volcano, trees, ground, ferns before the lens; the same whatever the seed, so kept."""
    screen = Canvas(width, height)
    wide = screen.wide
    return (
        _sky(screen),
        Strip(
            screen, max(900.0, wide + 120), lambda c, x: _trees(c, x, clamp(wide / 500, 0.62, 1)), until=344
        ),
        Strip(screen, max(1100.0, wide + 120), _ground),
        Strip(screen, max(1300.0, wide + 160), _ferns, blur=4),
    )


def _sky(screen: Canvas) -> list[Layer]:
    height, width = screen.pixels.shape[:2]
    wide = screen.wide
    canvas = Canvas(width, height, margin=24)
    sky(canvas, ((0, "#ff7f6e"), (0.3, "#ffab74"), (0.55, "#ffdd9c"), (0.75, "#fff3cf")))
    x, y = wide * 0.74, 176.0
    for radius, alpha in ((300.0, 0.5), (130.0, 0.6)):
        canvas.draw(soft("#fff3c9", 1.4), x, y, radius * 1.4, alpha=alpha)
    canvas.draw(soft("#fffbe6", 0.18), x, y, 104, alpha=0.9)
    for cx, cy, size in ((0.10, 96, 40), (0.52, 72, 30), (0.92, 140, 44)):
        canvas.draw(tinted("cloud", "#ffd2b0", 0.55), wide * cx, cy, size, wide=1.5, alpha=0.75)
    layers = [canvas.layer(0.03)]
    far = Canvas(width, height, margin=120, opaque=False)
    vx, vy, high = _volcano_at(wide)
    far.draw(tinted("mountain", "#eda98c", 0.72), wide * 0.93, 322, 150, anchor=FOOT, wide=1.5)
    far.draw(tinted("mountain", "#f0b694", 0.78), wide * 0.60, 318, 96, anchor=FOOT, wide=1.7)
    far.draw(tinted("volcano", "#d9776e", 0.52), vx, vy + 4, high, anchor=FOOT)
    land(far, hills(wide, 292, 9, 12), "#e3a27c", "#e9b98c", 6)
    made = far.layer(0.10, 0.6)
    layers.append(replace(made, pixels=made.pixels[: round(340 * screen.unit) - made.top]))
    return layers


def _trees(canvas: Canvas, x0: float, size: float) -> None:
    rng = random.Random(1)
    period = canvas.wide
    outline: list[Point] = [
        (x0 + period * i / 60, 318 - 9 * math.sin(TAU * i / 60 * 2) - 4 * math.sin(TAU * i / 60 * 5))
        for i in range(61)
    ]
    land(canvas, [*outline, (x0 + period, 420), (x0, 420)], "#b9bd72", "#8f9d56", 7)
    count = int(period / (62 * size))
    for i in range(count):
        x = x0 + period * (i + rng.uniform(0.1, 0.9)) / count
        near = rng.random()
        name = rng.choice(("palm-tree", "palm-tree", "evergreen-tree", "palm-tree"))
        canvas.draw(
            tinted(name, "#e0b070", 0.42 - 0.24 * near),
            x,
            318 + 12 * near,
            (66 + 52 * near) * size,
            anchor=FOOT,
            turn=rng.uniform(-5, 5),
            flip=rng.random() < 0.5,
        )


def _ground(canvas: Canvas, x0: float) -> None:
    rng = random.Random(2)
    period = canvas.wide
    outline: list[Point] = [(x0 + period * i / 80, 332 + 2.2 * math.sin(TAU * i / 80 * 4)) for i in range(81)]
    land(canvas, [*outline, (x0 + period, 540), (x0, 540)], "#e6c07a", "#8d5836", 9)
    for _ in range(int(period / 26)):
        x, y, k = x0 + rng.uniform(0, period), rng.uniform(384, 470), rng.random()
        canvas.draw(tinted("rock", "#a06a40", 0.6), x, y, 7 + 10 * k, anchor=FOOT, wide=1.5)
    for _ in range(int(period / 40)):
        x = x0 + rng.uniform(0, period)
        canvas.draw(
            tinted(rng.choice(("herb", "seedling", "herb")), "#7f9a3c", 0.3),
            x,
            rng.uniform(332, 341),
            rng.uniform(20, 36),
            anchor=FOOT,
            turn=rng.uniform(-14, 14),
        )
    for _ in range(int(period / 70)):
        x = x0 + rng.uniform(0, period)
        canvas.draw(soft("#fff0c0", 1.2), x, rng.uniform(360, 440), 8, wide=rng.uniform(5, 12), alpha=0.25)


def _ferns(canvas: Canvas, x0: float) -> None:
    rng = random.Random(3)
    period = canvas.wide
    for i in range(4):
        x = x0 + period * (i + rng.uniform(0.2, 0.8)) / 4
        for turn in (-38, -8, 26):
            canvas.draw(
                tinted("herb", "#3d5f2a", 0.45), x, 500, 118, anchor=FOOT, turn=turn + rng.uniform(-6, 6)
            )


open_scene = DinosaurWalk
