"""What explainers are made of: acts over the shots of a brief, labels with a line to what they name, arrows,
flows of particles, lit balls.

    def chamber(play: Play) -> None:
        play.scenery("prehistoric")
        ...
        play.label("Magma", "岩浆", (420, 200), at=(330, 300), since=0.6)

    def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
        return Explainer(brief, canvas, seed, (chamber, pressure, eruption))

An act draws one instant of itself, whatever was drawn before. Captions, the light of the mood and the cuts
between acts are not its business. Everything of an act stands between `play.high` (below the AI label, on the
right) and `play.low` (above the caption).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from reverie.values import Brief, Language
from reverie.video.storyboard.art.canvas import STILL, Camera, Canvas, Layer, Pixels, Sprite, colour
from reverie.video.storyboard.art.clay import Point, Shape, gradient
from reverie.video.storyboard.art.easing import TAU, clamp, ease, wave
from reverie.video.storyboard.art.light import iris, motes, soft
from reverie.video.storyboard.art.text import chip
from reverie.video.storyboard.places.sets import Setting, load_set, mood_of
from reverie.video.storyboard.score import Captions, bounds, draw_lens, label_room

CUT = 0.4
"""Seconds in which an act comes in over the last picture of the one before."""

LABEL_HEIGHT = 30.0
"""Virtual units; 6 % of the picture's height."""


@dataclass(frozen=True, slots=True, eq=False)
class Play:
    """One instant of an act. `t`: seconds since it began; `seconds`: its length; `share`: t / seconds.

    `clock`: seconds since the film began. `wide`: width in virtual units (the height is 480). `high`, `low`:
    the y between which figures and labels stand.
    """

    canvas: Canvas
    t: float
    seconds: float
    clock: float
    seed: int
    language: Language
    mood: str
    wide: float
    high: float
    low: float

    @property
    def share(self) -> float:
        return clamp(self.t / self.seconds)

    @property
    def portrait(self) -> bool:
        """Whether the picture is higher than wide: things stand above each other then."""
        return self.wide < 400

    @property
    def floor(self) -> float:
        """The y where feet stand on open ground: higher where the caption is tall."""
        return min(374.0, self.low + 4)

    def x(self, share: float) -> float:
        """The place at this share of the width."""
        return self.wide * share

    def scenery(self, name: str, x: float = 0.0, y: float = 0.0, zoom: float = 1.03) -> Setting:
        """Draw a setting (`sets`) with the camera there; it stays there. Its front is drawn by
        `draw_front(canvas)` when the figures stand."""
        height, width = self.canvas.pixels.shape[:2]
        self.canvas.camera = Camera(x, y, zoom)
        found = load_set(name, self.mood, width, height)
        self.canvas.draw_layers(found.back)
        return found

    def say(self, en: str, zh: str) -> str:
        """The one of the film's language."""
        return zh if self.language == "zh" else en

    def label(
        self,
        en: str,
        zh: str,
        place: Point,
        *,
        at: Point | None = None,
        since: float = 0.0,
        until: float = math.inf,
        tint: str = "#ffffff",
        height: float = LABEL_HEIGHT,
    ) -> None:
        """A chip with a word around `place`, with a line to `at`: from second `since` of the act to `until`.

        It is moved inside the picture where it would reach out of it, or into the AI label's corner.
        """
        k = self.t - since
        if k <= 0 or self.t >= until:
            return
        canvas, camera = self.canvas, self.canvas.camera
        grown = ease("back", k / 0.35) * ease("io", (until - self.t) / 0.2)
        image = chip(self.say(en, zh), tint, "#1d1b38")
        half = height * image.aspect / 2
        fit = min(1.0, (self.wide - 16) / (2 * half))
        height, half = height * fit, half * fit
        x, y = self._seen(place)
        x = clamp(x, half + 8, self.wide - half - 8)
        left, bottom = label_room(canvas)
        lowest = bottom + height / 2 + 4 if x + half > left - 4 else height / 2 + 8
        y = clamp(y, lowest, max(lowest, self.low - height / 2))
        ax, ay = self._seen(at) if at is not None else (x, y)
        canvas.camera = STILL
        if at is not None and k > 0.12:
            reach = ease("out", (k - 0.12) / 0.25)
            end = (x + (ax - x) * reach, y + (ay - y) * reach)
            Shape(canvas).tube([(x, y), end], 3.4, 3.4).fill("#1d1b38", 0.55)
            Shape(canvas).tube([(x, y), end], 2.2, 2.2).fill("#ffffff")
            Shape(canvas).ellipse(*end, 4.6, 4.6).fill("#ffffff")
        canvas.draw(image, x, y, height * grown, alpha=clamp(grown))
        canvas.camera = camera

    def _seen(self, place: Point) -> Point:
        """Where a point of the scene lies on the screen, virtual units."""
        x, y = self.canvas.screen(*place)
        return x / self.canvas.unit, y / self.canvas.unit

    def arrow(
        self, points: Sequence[Point], tint: str = "#ffffff", width: float = 9.0, grown: float = 1.0
    ) -> None:
        """An arrow along `points` (two or more, smooth), the share `grown` of it."""
        line = along(points, 24)
        shown = line[: max(2, round(len(line) * clamp(grown)))]
        if grown <= 0.02:
            return
        (ax, ay), (bx, by) = shown[-2], shown[-1]
        length = math.hypot(bx - ax, by - ay) or 1.0
        ux, uy = (bx - ax) / length, (by - ay) / length
        head = [
            (bx + ux * width * 1.5, by + uy * width * 1.5),
            (bx - uy * width * 1.25, by + ux * width * 1.25),
            (bx + uy * width * 1.25, by - ux * width * 1.25),
        ]
        Shape(self.canvas).tube(shown, width * 0.7, width).polygon(head, 1.5).put(tint, width * 0.5, high=0.5)

    def flow(
        self,
        points: Sequence[Point],
        sprite: Sprite,
        size: float,
        *,
        count: int = 8,
        rate: float = 0.35,
        stray: float = 6.0,
        since: float = 0.0,
    ) -> None:
        """`count` sprites, `size` high, that travel along `points` without end, `rate` of the way a second;
        `stray`: how far they keep off the line. From second `since` on the first one sets out."""
        line, rng = along(points, 40), random.Random(self.seed)
        for i in range(count):
            off, turn = rng.uniform(-stray, stray), rng.uniform(0, 360)
            k = (self.t - since) * rate - i / count
            if k < 0:
                continue
            k %= 1
            place = k * (len(line) - 1)
            a, b = line[int(place)], line[min(len(line) - 1, int(place) + 1)]
            share = place % 1
            edge = clamp(k * 8) * clamp((1 - k) * 8)
            x, y = a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
            self.canvas.draw(sprite, x + off, y + off * 0.6, size, turn=turn, alpha=edge)

    def steps(self, count: int, done: int) -> None:
        """Dots in the top left corner: which of `count` steps this is, from 0."""
        canvas, camera = self.canvas, self.canvas.camera
        canvas.camera = STILL
        for i in range(count):
            x, here = 22.0 + i * 20, i == done
            Shape(canvas).ellipse(x, 22, 8 if here else 5.5, 8 if here else 5.5).fill("#1d1b38", 0.45)
            Shape(canvas).ellipse(x, 22, 6 if here else 3.8, 6 if here else 3.8).fill(
                "#ffd34d" if here else "#ffffff", 1.0 if i <= done else 0.55
            )
        canvas.camera = camera


Act = Callable[[Play], None]


class Explainer:
    """Acts over a brief: each gets its share of the shots, and comes in over the end of the one before."""

    def __init__(
        self,
        brief: Brief,
        canvas: Canvas,
        seed: int,
        acts: Sequence[Act],
        *,
        accents: Sequence[str] = ("#ffd34d", "#8fe3ff", "#ff9d7a"),
        highlights: Sequence[str] = (),
    ) -> None:
        """`acts`: one or more. `accents`, `highlights`: of the captions (`score.Captions`)."""
        self._acts = tuple(acts)
        self._times = bounds(brief, len(acts))
        self._captions = Captions(brief, canvas, accents, highlights)
        self._moods = [
            _mood_at(brief, (a + b) / 2) for a, b in zip(self._times, self._times[1:], strict=False)
        ]
        self._language, self._seed = brief.language, seed
        self._before: tuple[int, Pixels] | None = None

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at second `t` over whatever was on the canvas."""
        index = len(self._acts) - 1
        while index > 0 and t < self._times[index]:
            index -= 1
        into = t - self._times[index]
        length = min(CUT, (self._times[index + 1] - self._times[index]) * 0.4)
        if index > 0 and into < length:
            last = self._end_of(canvas, index - 1)
            self._act(canvas, index, t)
            _come_in(canvas, last, into / length)
        else:
            self._act(canvas, index, t)
        self._captions.draw(canvas, t)

    def _act(self, canvas: Canvas, index: int, t: float) -> None:
        start, end = self._times[index], self._times[index + 1]
        canvas.camera = STILL
        canvas.clear()
        self._acts[index](
            Play(
                canvas=canvas,
                t=t - start,
                seconds=max(1e-3, end - start),
                clock=t,
                seed=self._seed,
                language=self._language,
                mood=self._moods[index],
                wide=canvas.wide,
                high=label_room(canvas)[1] + 6,
                low=min(self._captions.top, 392.0) - 6,
            )
        )
        canvas.camera = STILL
        motes(canvas, t, self._seed, mood_of(self._moods[index]).motes, count=7, alpha=0.35)
        draw_lens(canvas, self._moods[index])

    def _end_of(self, canvas: Canvas, index: int) -> Pixels:
        """The last picture of an act, drawn once."""
        if self._before is None or self._before[0] != index:
            self._act(canvas, index, self._times[index + 1] - 1e-3)
            self._before = index, canvas.pixels.copy()
        return self._before[1]


def _mood_at(brief: Brief, t: float) -> str:
    """The mood of the shot at second `t`."""
    end = 0.0
    for shot in brief.shots:
        end += shot.seconds
        if t < end:
            return shot.mood
    return brief.shots[-1].mood


def _come_in(canvas: Canvas, last: Pixels, share: float) -> None:
    """Open the picture on the canvas as a growing circle over `last`, `share` 0..1 of the way."""
    height, width = last.shape[:2]
    out = last.copy()
    mask = iris(width, height, width / 2, height * 0.5, clamp(ease("io", 0.04 + 0.96 * share)))
    cv2.copyTo(canvas.pixels, mask, out)
    canvas.pixels[:] = out


# ---------------------------------------------------------------------------------- shapes


def along(points: Sequence[Point], count: int) -> list[Point]:
    """`count` points on a smooth curve through `points` (Catmull-Rom), ends included; two points: a line."""
    if len(points) == 2:
        (ax, ay), (bx, by) = points
        return [(ax + (bx - ax) * i / (count - 1), ay + (by - ay) * i / (count - 1)) for i in range(count)]
    path = [points[0], *points, points[-1]]
    found = []
    for i in range(count):
        place = i / (count - 1) * (len(points) - 1)
        at = min(int(place), len(points) - 2)
        k = place - at
        p, a, b, q = path[at : at + 4]
        found.append(
            (
                0.5
                * (
                    2 * a[0]
                    + (b[0] - p[0]) * k
                    + (2 * p[0] - 5 * a[0] + 4 * b[0] - q[0]) * k * k
                    + (3 * a[0] - p[0] - 3 * b[0] + q[0]) * k**3
                ),
                0.5
                * (
                    2 * a[1]
                    + (b[1] - p[1]) * k
                    + (2 * p[1] - 5 * a[1] + 4 * b[1] - q[1]) * k * k
                    + (3 * a[1] - p[1] - 3 * b[1] + q[1]) * k**3
                ),
            )
        )
    return found


def circle(x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 360.0) -> list[Point]:
    """Points on an ellipse from `start` to `end` degrees, clockwise from the right: an orbit."""
    count = max(3, round(abs(end - start) / 8))
    angles = [math.radians(start + (end - start) * i / (count - 1)) for i in range(count)]
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


@lru_cache(64)
def ball(tint: str, light: int = -135, dark: float = 0.15, size: int = 160) -> Sprite:
    """A lit ball. `light`: degrees clockwise from the right where its light comes from; `dark`: brightness
    0..1 of its far side (a planet in space: 0.06; a toy: 0.5)."""
    y, x = np.mgrid[-1.02 : 1.02 : size * 1j, -1.02 : 1.02 : size * 1j].astype(np.float32)
    inside = np.clip((1 - np.hypot(x, y)) * size / 2.4, 0, 1)
    z = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
    angle = math.radians(light)
    shine = np.clip(0.86 * (x * math.cos(angle) + y * math.sin(angle)) + 0.5 * z, 0, 1)
    level = dark + (1 - dark) * shine
    red_green_blue = np.array(colour(tint), np.float32)
    gloss = np.clip(shine - 0.86, 0, 1)[..., None] * 2.4
    painted = np.clip(red_green_blue * level[..., None] + 255 * gloss * 0.5, 0, 255)
    out = np.empty((size, size, 4), np.float32)
    out[..., :3] = painted * inside[..., None]
    out[..., 3] = 255 * inside
    return Sprite((out + 0.5).astype(np.uint8))


def speck(tint: str) -> Sprite:
    """A soft dot for flows: warmth, scent, light, charge."""
    return soft(tint, 1.2)


# ---------------------------------------------------------------------------------- boards and backdrops


def aim(canvas: Canvas, point: Point, place: Point, zoom: float) -> None:
    """Turn the camera so that `point` of a drawing appears at `place` on the screen, `zoom` times as large.

    From then on everything (shapes, sprites, labels, flows) is given in the drawing's own units.
    """
    middle = canvas.wide / 2
    canvas.camera = Camera(
        point[0] - middle - (place[0] - middle) / zoom, point[1] - 240 - (place[1] - 240) / zoom, zoom
    )


def lay(canvas: Canvas, paint: Callable[[Canvas], None], wide: int, place: Point, zoom: float) -> None:
    """Lay a drawing on the picture and aim at it: what `paint` draws on a board `wide` x 480 units, its
    middle at `place`, `zoom` times as large. Painted once: `paint` is a plain function of the module."""
    fine = 1 if canvas.unit * zoom < 1.25 else 2
    canvas.camera = STILL
    canvas.draw(_board(paint, wide, fine), *place, 480 * zoom)
    aim(canvas, (wide / 2, 240.0), place, zoom)


@lru_cache(12)
def _board(paint: Callable[[Canvas], None], wide: int, fine: int) -> Sprite:
    """What `paint` draws, uncut, `fine` pixels a unit."""
    board = Canvas(wide * fine, 480 * fine, opaque=False)
    paint(board)
    return Sprite(board.pixels)


def backdrop(play: Play, top: str, bottom: str, light: str = "#ffffff") -> None:
    """A soft backdrop for close views: a gradient, a pool of light behind the subject, discs adrift."""
    canvas = play.canvas
    height, width = canvas.pixels.shape[:2]
    canvas.pixels[:] = _backdrop(width, height, top, bottom, light)
    rng = random.Random(7)
    for i in range(9):
        x, y, size = rng.uniform(-0.05, 1.05), rng.uniform(30, 450), rng.uniform(26, 90)
        canvas.draw(
            soft(light, 0.35),
            x * play.wide + 14 * math.sin(play.clock * 0.5 + i),
            y + 10 * math.cos(play.clock * 0.4 + 2 * i),
            size,
            alpha=0.10,
        )


@lru_cache(8)
def _backdrop(width: int, height: int, top: str, bottom: str, light: str) -> Pixels:
    board = Canvas(width, height)
    board.pixels[:] = gradient(width, height, ((0, top), (1, bottom)))
    board.draw(soft(light, 1.3), board.wide / 2, 210, 620, alpha=0.55)
    return board.pixels


@lru_cache(6)
def _spread(
    paint: Callable[[Canvas], None], width: int, height: int, depth: float, opaque: bool, blur: float
) -> Layer:
    coarse = 2 if opaque and width * height > 1_000_000 else 1
    board = Canvas(width // coarse, height // coarse, margin=48, opaque=opaque)
    paint(board)
    made = board.layer(depth, blur)
    if coarse == 1:
        return made
    pixels: Pixels = cv2.resize(made.pixels, None, fx=coarse, fy=coarse)  # type: ignore[assignment]
    return Layer(pixels, made.left * coarse, made.top * coarse, depth, made.solid)


def spread(
    canvas: Canvas,
    paint: Callable[[Canvas], None],
    *,
    depth: float = 0.5,
    opaque: bool = True,
    blur: float = 0.0,
) -> None:
    """Draw a whole set that `paint` (a plain function of a module) paints once on a board of the picture's
    size with 48 units around it, seen by the camera at `depth`. `opaque`: it fills the board; `blur` in
    units."""
    height, width = canvas.pixels.shape[:2]
    canvas.draw_layer(_spread(paint, width, height, depth, opaque, blur))


def draw_leaf(canvas: Canvas, foot: Point, length: float, turn: float, tint: str) -> None:
    """A pointed leaf with its veins, from `foot` towards `turn` degrees (clockwise, 0: to the right)."""
    canvas.draw(_leaf(tint), *foot, length * 0.7, turn=turn, anchor=(0, 0.5))


@lru_cache(12)
def _leaf(tint: str) -> Sprite:
    """A leaf from the left edge to the right one, 0.7 as high as long."""
    board = Canvas(640, 448, opaque=False)
    long, half = board.wide, [0.34 * math.sin(math.pi * (i / 40) ** 0.72) for i in range(41)]

    def at(u: float, v: float) -> Point:
        return u * long, 240 + v * long

    ring = [at(i / 40, half[i]) for i in range(41)] + [at(i / 40, -half[i]) for i in range(39, 0, -1)]
    Shape(board).polygon(ring).put(tint, long * 0.11, high=0.5)
    Shape(board).tube([at(0.02, 0), at(0.86, 0)], long * 0.05, long * 0.02).fill("#e3f7c0", 0.75)
    veins = Shape(board)
    for u in (0.24, 0.44, 0.62):
        for side in (-1, 1):
            veins.tube([at(u, 0), at(u + 0.13, side * 0.17)], long * 0.022, long * 0.012)
    veins.fill("#e3f7c0", 0.5)
    return Sprite(board.pixels)


GERMS = ("#7ccf4a", "#b06be0", "#4fb8c9")


def draw_germ(canvas: Canvas, x: float, y: float, size: float, kind: int, t: float, mouth: float) -> None:
    """A germ as children draw it, `size` across without its feelers: `kind` picks its colour, `mouth` 0..1
    opens."""
    hop = 3 * abs(wave(t, 1.1, kind * 0.21))
    canvas.draw(
        _germ_body(GERMS[kind % 3]),
        x,
        y - hop,
        size * 1.5,
        turn=7 * wave(t, 0.8, kind * 0.37),
        tall=1 + 0.05 * wave(t, 2.2, kind * 0.4),
    )
    Shape(canvas).ellipse(x, y - hop + size * 0.17, size * 0.16, size * (0.03 + 0.12 * mouth)).fill("#33204a")


@lru_cache(3)
def _germ_body(tint: str) -> Sprite:
    board = Canvas(160, 160, opaque=False)
    legs = Shape(board)
    for i in range(11):
        angle = i * TAU / 11
        tip = (240 + 222 * math.cos(angle + 0.1), 240 + 222 * math.sin(angle + 0.1))
        legs.tube([(240, 240), tip], 34, 20)
        legs.ellipse(*tip, 17, 17)
    legs.put(tint, 12)
    Shape(board).ellipse(240, 240, 156, 148).put(tint, 60, high=0.75)
    for side in (-1, 1):
        Shape(board).ellipse(240 + side * 56, 206, 44, 50).fill("#ffffff")
        Shape(board).ellipse(240 + side * 46, 214, 22, 27).fill("#2a1a40")
        Shape(board).tube([(240 + side * 100, 136), (240 + side * 26, 164)], 17, 17).fill("#2a1a40")
    return board.sprite()
