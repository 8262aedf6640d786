"""How dinosaurs walked: prints in stone, a giant on four legs, and one on two beside it.

    a trackway → left hind, left fore, right hind, right fore → two legs and four

Feet are planted: while one is down it moves with the ground, and leaves a print. Simplified: the four feet
land a quarter of a cycle apart; trackways say that a sauropod's diagonal feet came closer in time. The prints
in stone are those of one animal, and none is missing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, STILL, Camera, Canvas, Layer, Pixels, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, bend, hills, land, reach, sky
from reverie.video.storyboard.art.easing import TAU, clamp, ease, lerp, swing, wave
from reverie.video.storyboard.art.light import dust, glow, soft, steam
from reverie.video.storyboard.art.sprites import tinted
from reverie.video.storyboard.art.text import chip
from reverie.video.storyboard.diagram import Explainer, Play, aim, along
from reverie.video.storyboard.figures.actor import make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose
from reverie.video.storyboard.score import Strip, bounds, label_room

GROUND = 356.0
"""Height of the near feet, virtual units."""

DOWN = 0.70
"""Share of a cycle that a foot is on the ground: above 0.5 it is a walk, at 0.75 one foot is up at a time."""

STEP = 44.0
"""How far before and behind its joint a foot is put, at size 1."""

THIGH, SHIN = 58.0, 56.0

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
    _Leg(0.00, -46, -114, -1, near=False),
    _Leg(0.25, 82, -112, 1, near=False),
    _Leg(0.50, -74, -112, -1, near=True),
    _Leg(0.75, 52, -108, 1, near=True),
)
"""Left hind, left fore, right hind, right fore; it walks to the right, so its right side is near."""

_HIDES = (
    ("#3fc58c", "#2b8f80", "#1f6f6a"),
    ("#6fb7e8", "#3f86c4", "#31639b"),
    ("#a991f2", "#7259c8", "#54429a"),
)


class DinosaurWalk:
    """The walking animal and its land, for one brief on canvases like the one given."""

    def __init__(self, brief: Brief, canvas: Canvas, seed: int, size: float = 1.0) -> None:
        """`size`: of the animal; 1 fills the picture."""
        times = bounds(brief, 3)
        self._words = WORDS[brief.language]
        self._seed = seed
        self._size = clamp(canvas.wide / 560, 0.56, 0.97) * size
        self._cycle = clamp((times[2] - times[1]) / 2, 1.7, 2.4) * math.sqrt(size)
        self._speed = 2 * STEP * self._size / (DOWN * self._cycle)
        self._hide = _HIDES[seed % len(_HIDES)]

    def walk(self, play: Play) -> None:
        """The gait: each foot is named as it lands."""
        canvas, t = play.canvas, play.t
        phase, middle = self._phase(t), play.wide * 0.5 - 14 * self._size + 16 * self._size * wave(t, 0.11)
        self._land(canvas, t, phase)
        self._prints(canvas, t, phase, middle)
        self._walker(canvas, t, phase, middle)
        self._near(canvas, t)
        self._name_feet(canvas, t, phase, middle, play.low)
        self._steps(canvas, t, phase)

    def compare(self, play: Play) -> None:
        """Two legs beside four: T. rex with its narrow track, the sauropod with its wide one. Upright, one
        comes after the other."""
        canvas, t = play.canvas, play.t
        phase = self._phase(t)
        self._land(canvas, t, phase)
        cut = clamp((play.share - 0.47) / 0.06) if play.portrait else 0.5
        apart = play.wide * 1.4
        four = play.x(0.5) + apart * (1 - ease("io", cut)) if play.portrait else play.x(0.68)
        two = play.x(0.5) - apart * ease("io", cut) if play.portrait else play.x(0.17)
        high = 178.0 if play.portrait else 150.0
        if two > -play.wide * 0.5:
            self._biped(canvas, t, two, high)
        if four < play.wide * 1.5:
            self._prints(canvas, t, phase, four)
            self._walker(canvas, t, phase, four)
        self._near(canvas, t)
        half = play.seconds * 0.47 if play.portrait else 1e9
        late = 0.53 * play.seconds if play.portrait else 0.9
        up = GROUND - high - 26
        play.label("T. rex: two legs", "霸王龙：两条腿", (two, up), since=0.3, until=half, tint="#ffe27a")
        track = (two - high * 0.2, GROUND + 26)
        play.label("narrow track", "脚印窄", track, since=1.0, until=half)
        if play.portrait and cut < 1:
            return
        up = GROUND - 300 * self._size - 4
        place = (four if play.portrait else play.x(0.56), up)
        play.label("Sauropod: four legs", "蜥脚龙：四条腿", place, since=late, tint="#8ff5bd")
        play.label("wide track", "脚印宽", (four, GROUND + 28), since=late + 0.6)

    def _phase(self, t: float) -> float:
        return t / self._cycle + 0.93

    def _land(self, canvas: Canvas, t: float, phase: float) -> None:
        """Sky, volcano, trees and ground, as far as it has walked; they shake a little with each landing."""
        height, width = canvas.pixels.shape[:2]
        layers, trees, ground, _ = _scenery(width, height)
        gone = t * self._speed
        thump = sum(abs(swing((phase - leg.late) % 1 * self._cycle, 0.0, 7, 14)) for leg in LEGS)
        canvas.camera = Camera(min(gone * 0.4 - 20, 1100), -2.2 * thump, 1.0)
        canvas.draw_layers(layers)
        self._volcano_breath(canvas, t)
        canvas.camera = STILL
        trees.draw(canvas, gone * 0.45, 1.2 * thump)
        ground.draw(canvas, gone)

    def _near(self, canvas: Canvas, t: float) -> None:
        """Ferns before the lens."""
        height, width = canvas.pixels.shape[:2]
        _scenery(width, height)[3].draw(canvas, t * self._speed * 1.8)

    def _biped(self, canvas: Canvas, t: float, x: float, high: float) -> None:
        """T. rex on its two legs, the ground going by as fast as it walks; its prints behind it."""
        stride = high * 0.62
        gone = t * self._speed
        for i in range(9):
            px = x + 18 - (gone % (stride / 2)) - i * stride / 2
            if px > -30:
                step = int(gone / (stride / 2)) - i
                _three_toes(canvas, px, GROUND + (3 if step % 2 else -3), high * 0.05)
        actor = make_actor(role("t-rex"), high)
        actor.draw(canvas, Pose(x, GROUND, facing=1, walk=gone / stride, stride=1.0), t)

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

    def _name_feet(self, canvas: Canvas, t: float, phase: float, middle: float, low: float) -> None:
        """The name of the foot that has just landed, under it and going with it."""
        for i, leg in enumerate(LEGS):
            age = self._landed(leg, phase, 0)
            if age > t + 0.02 or age > 0.25 * self._cycle:
                continue
            image = chip(f"{i + 1}  {self._words[i]}", "#10332a", "#8ff5bd", 40, 240)
            high = 24.0 if canvas.wide > 400 else 17.0
            grown = ease("back", age / 0.22)
            gone = clamp((0.25 * self._cycle - age) / 0.1)
            half = high * image.aspect / 2
            x = middle + (leg.x + STEP) * self._size - age * self._speed
            x = clamp(x, half + 8, canvas.wide - half - 8)
            y = min(GROUND + high * 0.98, low - high * 0.5)
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


# ---------------------------------------------------------------------------------- prints in stone


def trackway(play: Play) -> None:
    """A slab from above: prints light up in the order they were made, under the shadow of their maker."""
    canvas, t, k = play.canvas, play.t, play.share
    tall = play.portrait
    height, width = canvas.pixels.shape[:2]
    canvas.pixels[:] = _slab(width, height)
    size = 0.62 if tall else 1.0
    gone = ease("io", k / 0.92)
    steps = 7
    pace = 112.0
    start = play.wide / size * 0.5 - (steps - 1) * pace * 0.5 if not tall else 0.0
    aim(canvas, (0, 0), (0.0, 214.0) if not tall else (play.x(0.5), 350.0), size)

    def at(along_: float, across: float) -> Point:
        return (across, -along_) if tall else (start + along_, across)

    turn = 0.0 if tall else 90.0
    shown = gone * (steps + 0.6)
    for i in range(steps if not tall else 4):
        lit = clamp((shown * (4 / 7 if tall else 1) - i) * 2)
        side = -1 if i % 2 else 1
        hind, fore = at(i * pace - 20, side * 62), at(i * pace + 44, side * 66)
        age = max(0.0, shown * (4 / 7 if tall else 1) - i)
        for image, place, high in ((_hind_print(), hind, 74.0), (_fore_print(), fore, 42.0)):
            canvas.draw(image, *place, high, turn=turn + side * 10, alpha=0.35 + 0.65 * lit)
            if 0 < age < 1.6:
                glow(canvas, *place, high * 0.85, "#ffd34d", 0.55 * clamp(age * 4) * clamp((1.6 - age) * 1.2))
    reach = (4 if tall else steps) * pace
    x, y = at(lerp(-150, reach + 60, gone), 10 * wave(t, 0.6))
    canvas.draw(_from_above(), x, y, 470, turn=turn, alpha=0.34)
    if tall:
        play.label("Hind foot", "后脚", (96, -330), at=at(2 * pace - 20, 62), since=0.5, tint="#ffe27a")
        play.label("Fore foot", "前脚", (-96, -140), at=at(pace + 44, -66), since=1.0)
        return
    play.label(
        "Hind foot", "后脚", (start + 2 * pace - 60, 142), at=at(2 * pace - 20, 62), since=0.5, tint="#ffe27a"
    )
    play.label("Fore foot", "前脚", (start + pace - 60, -126), at=at(pace + 44, -66), since=1.0)
    far = at(4 * pace + 30, 0)
    play.label(
        "No tail mark: it was held up", "没有尾巴的拖痕", (far[0], 128), at=far, since=1.7, tint="#8ff5bd"
    )


@lru_cache(1)
def _hind_print() -> Sprite:
    """A large oval with claws, toes up."""
    board = Canvas(200, 200, opaque=False)
    claws = Shape(board).ellipse(240, 290, 150, 165)
    for x, y, turn in ((160, 120, -16), (236, 92, 0), (310, 122, 18)):
        claws.ellipse(x, y, 30, 62, turn)
    return _pressed(board, claws)


@lru_cache(1)
def _fore_print() -> Sprite:
    """A half moon, open behind."""
    board = Canvas(200, 200, opaque=False)
    arch = [(70, 330), (90, 190), (170, 100), (240, 84), (310, 100), (390, 190), (410, 330)]
    return _pressed(board, Shape(board).tube(along(arch, 30), 120, 120))


def _pressed(board: Canvas, shape: Shape) -> Sprite:
    """The shape as a hollow in the stone: light from the top left falls on its lower right wall."""
    shape.put("#86603f", 26, high=-0.75, low=-0.35)
    return board.sprite(2)


@lru_cache(1)
def _from_above() -> Sprite:
    """A sauropod's shadow, head up."""
    board = Canvas(240, 480, opaque=False)
    body = Shape(board).ellipse(120, 250, 46, 78).ellipse(120, 300, 40, 50).ellipse(120, 202, 38, 46)
    body.tube(along([(120, 200), (128, 120), (116, 40)], 16), 40, 17).ellipse(115, 30, 13, 20)
    body.tube(along([(120, 300), (114, 390), (134, 474)], 16), 50, 5)
    for x, y in ((70, 196), (170, 206), (66, 306), (174, 300)):
        body.ellipse(x, y, 22, 26)
    body.fill("#20102e")
    return board.sprite(3)


@lru_cache(4)
def _slab(width: int, height: int) -> Pixels:
    """Dry stone from above, with cracks and pebbles."""
    less = 2 if height > 1000 else 1
    board = Canvas(width // less, height // less)
    sky(board, ((0, "#e2bd86"), (0.6, "#d2a76e"), (1, "#b98a58")))
    rng = random.Random(11)
    wide = board.wide
    for _ in range(int(wide / 9)):
        x, y = rng.uniform(0, wide), rng.uniform(0, 480)
        tint = rng.choice(("#f3d6a4", "#b5834f", "#c99a63"))
        board.draw(
            soft(tint, 1.1), x, y, rng.uniform(20, 90), wide=rng.uniform(1, 2.4), alpha=rng.uniform(0.12, 0.3)
        )
    for _ in range(int(wide / 60)):
        x, y, angle = rng.uniform(0, wide), rng.uniform(0, 480), rng.uniform(0, TAU)
        line = [(x, y)]
        for _ in range(6):
            angle += rng.uniform(-0.7, 0.7)
            line.append((line[-1][0] + 22 * math.cos(angle), line[-1][1] + 22 * math.sin(angle)))
        Shape(board).tube([(px + 1.5, py + 1.5) for px, py in line], 2.6, 1).fill("#ffe6b8", 0.5)
        Shape(board).tube(line, 2.6, 1).fill("#7d5634", 0.7)
    for _ in range(int(wide / 14)):
        x, y, r = rng.uniform(0, wide), rng.uniform(0, 480), rng.uniform(2, 7)
        Shape(board).ellipse(x + 1.5, y + 2, r * 1.3, r).fill("#6b4426", 0.4)
        Shape(board).ellipse(x, y, r * 1.3, r).put(rng.choice(("#c79a6b", "#a87b50")), r * 0.6)
    out: Pixels = cv2.resize(board.pixels, (width, height))  # type: ignore[assignment]
    return out


def _three_toes(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A print with three toes, seen flat along the ground."""
    toes = Shape(canvas)
    for side in (-1, 0, 1):
        toes.tube([(x, y), (x + size * (3.2 - abs(side)), y + side * size * 0.7)], size * 0.9, size * 0.3)
    toes.fill("#5a2f1c", 0.55)


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


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    giant = DinosaurWalk(brief, canvas, seed)
    beside = 1.0 if canvas.wide < 400 else 0.70 if canvas.wide < 700 else 0.8
    other = DinosaurWalk(brief, canvas, seed, beside)
    accents = ("#ffd34d", "#7ef0b0", "#8fe3ff")
    return Explainer(brief, canvas, seed, (trackway, giant.walk, other.compare), accents=accents)
