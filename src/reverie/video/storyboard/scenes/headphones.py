"""What is inside headphones: a customer looks at a pair, then it comes apart in a dark studio.

    seen in the shop → turned into the light → apart, each part named → together again, and they play

The headphones are our own clay model, in the parts that a real pair has: headband, shell, driver, cushion.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

import cv2

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import CENTRE, FOOT, STILL, Camera, Canvas, Layer, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, sky
from reverie.video.storyboard.art.easing import clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.art.light import glow, ray, ring, shadow, soft, sparkle
from reverie.video.storyboard.art.props import podium
from reverie.video.storyboard.art.sprites import tinted
from reverie.video.storyboard.art.text import chip
from reverie.video.storyboard.figures.puppet import Look, Pose, draw_puppet
from reverie.video.storyboard.places.sets import load_set
from reverie.video.storyboard.score import Act, Acts, Captions, draw_lens, label_room

WORDS = {
    "en": ("headband", "shell", "driver", "cushion"),
    "zh": ("头梁", "耳壳", "发声单元", "耳垫"),
}
ACCENTS = ("#8fe3ff", "#ff9de2", "#ffd34d")

_ACTS = (Act(1.5, 0.5), Act(0.6), Act(0.7), Act(1.3, 1.0), Act(0.5), Act(0.6, 0.4))
SHOP, TURN, APART, NAMED, CLOSE, PLAY = range(6)

_FADE = 0.28

_PAINTS = (("#4a4f7d", "#ff7a8a"), ("#e9e6f5", "#ff9d5c"), ("#2f8f8f", "#ffd34d"), ("#ff6f6f", "#ffe9d6"))
"""Shell and band colour, accent colour; which one is the seed's choice."""

HEADS = ("woman", "man", "person")


class Headphones:
    """The scene for one brief on canvases like the one given."""

    def __init__(self, brief: Brief, canvas: Canvas, seed: int) -> None:
        height, width = canvas.pixels.shape[:2]
        rng = random.Random(seed)
        self._mood = brief.shots[0].mood
        self._acts = Acts(brief.seconds, _ACTS)
        self._captions = Captions(brief, canvas, ACCENTS)
        self._words = WORDS[brief.language]
        self._seed = seed
        self._paint = _PAINTS[rng.randrange(len(_PAINTS))]
        shirt = rng.choice(("#ff7aa8", "#3fb6a8", "#ff9f45", "#6f8df5"))
        self._look = Look(rng.choice(HEADS), shirt, "#3d4a8a", "#2a2550", build=2.9)
        self._shop = load_set("electronics", self._mood, width, height)
        self._studio = _studio(width, height)

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at second `t` >= 0 of the film over whatever was on the canvas."""
        cut = self._acts.starts[TURN]
        fade = min(_FADE, self._acts.length(TURN) * 0.6)
        if t < cut + fade:
            self._in_shop(canvas, t)
        if t >= cut:
            before = canvas.pixels.copy() if t < cut + fade else None
            self._in_studio(canvas, t)
            if before is not None:
                share = ease("io", (t - cut) / fade)
                cv2.addWeighted(canvas.pixels, share, before, 1 - share, 0, dst=canvas.pixels)
        draw_lens(canvas, self._mood)
        self._captions.draw(canvas, t)
        canvas.camera = STILL

    # ------------------------------------------------------------------ in the shop

    def _in_shop(self, canvas: Canvas, t: float) -> None:
        tall = canvas.wide < 400
        share = self._acts.share(SHOP, t)
        since = self._acts.since(SHOP, t)
        leave = self._acts.since(TURN, t)
        canvas.camera = Camera(
            lerp(-8, 12, share) + keys(leave, (-0.25, 0), (0.3, 30, "in")),
            lerp(4, -8, share),
            1.02 + 0.07 * share + keys(leave, (-0.25, 0), (0.3, 0.55, "in")),
        )
        canvas.draw_layers(self._shop.back)
        stand, size = canvas.wide * (0.68 if tall else 0.64), (0.62 if tall else 0.92)
        top = 284.0
        shadow(canvas, stand, 384, 150 * size, alpha=0.6)
        canvas.draw(podium(), stand, 390, 110, wide=0.62 * size, anchor=FOOT)
        glow(canvas, stand, top - 46, 118 * size, "#fff0c0", 0.55 + 0.12 * wave(t, 0.6))
        canvas.draw(ray("#fff6d8"), stand, -40, 150 * size, wide=0.9, turn=90, alpha=0.5, anchor=(0, 0.5))
        _draw_phones(
            canvas,
            stand,
            top - 62 * size + 4 * wave(t, 0.4),
            0.62 * size,
            self._paint,
            turn=3 * wave(t, 0.27),
        )
        self._customer(canvas, t, since, stand, size)
        sparkle(canvas, since - 0.75, stand, top - 56, 96 * size, self._seed, 13)
        self._shop.draw_front(canvas)

    def _customer(self, canvas: Canvas, t: float, since: float, stand: float, size: float) -> None:
        tall = canvas.wide < 400
        x = keys(
            since,
            (0, canvas.wide * (0.10 if tall else 0.16)),
            (0.65, canvas.wide * (0.25 if tall else 0.31), "out"),
        )
        seen = ease("io", (since - 0.55) / 0.45)
        high = 208.0 if tall else 236.0
        rest = (x + high * 0.16, 384 - high * 0.34)
        point = (stand - 66 * size, 268 + 5 * wave(t, 0.8))
        pose = Pose(
            x,
            384,
            walk=x / 58 if since < 0.62 else None,
            lean=keys(since, (0.5, 2), (0.95, 9), (1.5, 6)),
            tilt=keys(since, (0.4, -2), (0.95, 6), (1.6, 2)) + 1.5 * wave(t, 0.5),
            gaze=0.2 + 0.8 * seen,
            mouth=keys(since, (0.7, 0), (0.95, 0.75), (1.5, 0.3)),
            blink=1.0 if (t + 0.8) % 2.3 < 0.12 else 0.0,
            near=(lerp(rest[0], point[0], seen), lerp(rest[1], point[1], seen)) if since > 0.55 else None,
            elbow_near=lerp(-1, 1, round(seen)),
        )
        draw_puppet(canvas, self._look, high, pose)

    # ------------------------------------------------------------------ in the studio

    def _in_studio(self, canvas: Canvas, t: float) -> None:
        tall = canvas.wide < 400
        turn, apart, close, play = (self._acts.since(i, t) for i in (TURN, APART, CLOSE, PLAY))
        canvas.camera = Camera(
            4 * wave(t, 0.13),
            keys(turn, (0, -8), (1.3, 0, "out")),
            keys(turn, (0, 1.26), (1.4, 1.0, "out"), (4, 1.04)),
        )
        canvas.draw_layers(self._studio)
        x, y = canvas.wide * 0.5, 228.0
        open_ = keys(apart, (0, 0), (0.62, 1, "back")) - keys(close, (0, 0), (0.42, 1, "in"))
        open_ = max(0.0, open_)
        size = canvas.wide / lerp(310, 500, min(1.0, open_)) if tall else 1.1
        beat = swing(close, 0.42, 3.2, 6) * 0.05
        for i in range(3):
            k = (t * 0.5 + i / 3) % 1
            canvas.draw(
                ring("#a79bff", 0.03),
                x,
                y + 6,
                (90 + 330 * k) * size,
                alpha=0.34 * (1 - k) * clamp(turn * 2),
                depth=0.6,
            )
        canvas.draw(soft("#05030f", 1.1), x, 384, 30, wide=(11 + 3 * open_) * size, alpha=0.75)
        if play > 0:
            self._sound(canvas, t, play, x, y, size)
        spin = keys(turn, (0, 0.3), (0.55, 1, "back"))
        hover = 4 * wave(t, 0.34)
        _draw_phones(
            canvas,
            x,
            y + hover,
            size * (1 + beat),
            self._paint,
            open_=open_,
            turn=1.6 * wave(t, 0.22) * (1 - 0.6 * open_),
            wide=spin,
            thrum=0.05 * wave(t, 3.0) * clamp(play * 3),
        )
        if apart > 0.3 and close < 0.2:
            self._names(canvas, t, x, y + hover, size, clamp(1 - close / 0.16))
        sparkle(
            canvas, close - 0.40, x, y - 10, 150 * size, self._seed + 3, 18, ("#ffffff", "#ffd9f4", "#9fe6ff")
        )

    def _sound(self, canvas: Canvas, t: float, play: float, x: float, y: float, size: float) -> None:
        """They play: rings from both shells, and notes."""
        for side in (-1, 1):
            for i in range(3):
                k = (play * 1.1 + i / 3) % 1
                canvas.draw(
                    ring("#ffb3ec" if side < 0 else "#8fe3ff", 0.10),
                    x + side * 84 * size,
                    y + 52 * size,
                    (40 + 130 * k) * size,
                    wide=0.7,
                    alpha=0.75 * (1 - k) * clamp(play * 4),
                )
            for i in range(3):
                k = (play * 0.62 + i / 3 + 0.16 * side) % 1
                if play * 0.62 < i / 3 - 0.05:
                    continue
                sway = 12 * math.sin(k * 6 + i)
                canvas.draw(
                    _note(i % 2 == 0),
                    x + side * (112 + 26 * k) * size + sway,
                    y + (20 - 130 * k) * size,
                    38 * size * (0.5 + 0.5 * ease("back", k * 4)),
                    turn=sway,
                    alpha=clamp((1 - k) * 3),
                )

    def _names(self, canvas: Canvas, t: float, x: float, y: float, size: float, alpha: float) -> None:
        """A dotted line from each part to its name."""
        tall = canvas.wide < 400
        named = self._acts.since(NAMED, t) + 0.32
        edge = label_room(canvas)[1]
        spots = _tall_places() if tall else _wide_places()
        for i, (part, label) in enumerate(spots):
            since = named - 0.20 * i
            if since <= 0:
                continue
            px, py = x + part[0] * size, y + part[1] * size
            high = 21.0 if tall else 27.0
            image = chip(self._words[i], "#ffffff", "#2a1d5e", 44, 242)
            half = high * image.aspect / 2
            lx = clamp(x + label[0] * size, half + 6, canvas.wide - half - 6)
            ly = clamp(y + label[1] * size, edge + high, self._captions.top - high)
            drawn = ease("out", since / 0.35)
            count = max(2, int(math.hypot(lx - px, ly - py) / 7))
            for j in range(1, count):
                k = j / count
                if k < drawn:
                    canvas.draw(
                        soft("#ffffff", 0.25), lerp(px, lx, k), lerp(py, ly, k), 3.6, alpha=0.9 * alpha
                    )
            canvas.draw(soft("#ffffff", 0.2), px, py, 8 * ease("back", since / 0.25), alpha=alpha)
            pulse = 1 + 0.14 * wave(t, 1.1, i * 0.25)
            canvas.draw(
                ring("#ffffff", 0.16), px, py, 20 * pulse * ease("back", since / 0.3), alpha=0.9 * alpha
            )
            canvas.draw(image, lx, ly, high * ease("back", (since - 0.16) / 0.3), alpha=alpha)


def _wide_places() -> tuple[tuple[Point, Point], ...]:
    """(part, its name) for headband, shell, driver, cushion, relative to the middle, at size 1."""
    return (
        ((-66, -122), (-176, -128)),
        ((-190, 50), (-222, -36)),
        ((138, 52), (172, -62)),
        ((64, 74), (64, 138)),
    )


def _tall_places() -> tuple[tuple[Point, Point], ...]:
    return (
        ((-66, -122), (-120, -212)),
        ((-190, 50), (-160, 176)),
        ((138, 52), (150, -84)),
        ((64, 74), (90, 196)),
    )


# ---------------------------------------------------------------------------------- the model


def _draw_phones(
    canvas: Canvas,
    x: float,
    y: float,
    size: float,
    paint: tuple[str, str],
    *,
    open_: float = 0.0,
    turn: float = 0.0,
    wide: float = 1.0,
    thrum: float = 0.0,
) -> None:
    """Headphones around (x, y), 240 units high at size 1. `open_`: 0 whole, 1 apart; `wide`: seen from the
    side near 0; `thrum`: how much the shells swell."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))

    def put(
        image: Sprite, dx: float, dy: float, high: float, own: float, flip: bool = False, swell: float = 0.0
    ) -> None:
        px, py = dx * size * wide, dy * size
        canvas.draw(
            image,
            x + px * c - py * s,
            y + px * s + py * c,
            high * size * (1 + swell),
            wide=wide,
            turn=turn + own,
            flip=flip,
            anchor=CENTRE,
        )

    body, accent = paint
    put(_band(body, accent), 0, -44 - 34 * open_, 150, 0)
    for side in (-1, 1):
        flip = side > 0
        put(
            _shell(body, accent),
            side * lerp(95, 196, open_),
            lerp(48, 54, open_),
            116,
            side * lerp(-7, 3, open_),
            flip,
            thrum,
        )
        if open_ > 0.03:
            put(
                _driver(),
                side * lerp(86, 132, open_),
                lerp(50, 54, open_),
                lerp(60, 88, clamp(open_)),
                side * lerp(-7, 2, open_),
                flip,
            )
        put(
            _cushion(accent),
            side * lerp(74, 68, open_),
            lerp(52, 58, open_),
            112,
            side * lerp(-7, 0, open_),
            flip,
        )


def _board() -> Canvas:
    return Canvas(400, 400, opaque=False)  # 480 virtual units across and high


def _arc(
    cx: float, cy: float, rx: float, ry: float, start: float, end: float, count: int = 25
) -> list[Point]:
    """Points of an ellipse between two angles in degrees, 0 to the right, growing upwards."""
    angles = [math.radians(lerp(start, end, i / (count - 1))) for i in range(count)]
    return [(cx + rx * math.cos(a), cy - ry * math.sin(a)) for a in angles]


@lru_cache(2)
def _note(two: bool) -> Sprite:
    """A bright musical note: one, or two under a beam."""
    return tinted("musical-notes" if two else "musical-note", "#ffe9a8" if two else "#9fe6ff", 0.92)


@lru_cache(8)
def _band(body: str, accent: str) -> Sprite:
    """The bow over the head, with its padding and the two sliders."""
    board = _board()
    for side in (-1, 1):
        Shape(board).tube([(240 + side * 184, 250), (240 + side * 190, 330)], 20, 18).put(
            "#c9cede", 8, high=0.9
        )
    Shape(board).tube(_arc(240, 268, 186, 208, 4, 176), 40, 40).put(body, 15, high=0.8, low=0.6)
    Shape(board).tube(_arc(240, 274, 166, 188, 38, 142), 24, 24).put(accent, 10, high=0.7)
    Shape(board).tube(_arc(240, 264, 192, 214, 60, 84, 9), 5, 5).fill("#ffffff", 0.45)
    return board.sprite()


@lru_cache(8)
def _shell(body: str, accent: str) -> Sprite:
    """The left shell, seen at a slant, its outer side to the left."""
    board = _board()
    Shape(board).ellipse(262, 240, 118, 196).put(body, 26, high=0.4, low=0.9)
    Shape(board).ellipse(214, 240, 112, 190).put(body, 44, high=0.9, low=0.6)
    Shape(board).ellipse(196, 240, 70, 122).put(accent, 20, high=0.75, low=0.5)
    Shape(board).ellipse(190, 240, 40, 72).put(body, 14, high=0.8)
    Shape(board).tube(_arc(214, 240, 92, 164, 118, 160, 9), 11, 7).fill("#ffffff", 0.55)
    return board.sprite()


@lru_cache(1)
def _driver() -> Sprite:
    """The driver: magnet, copper coil and the membrane that moves the air, its front to the right."""
    board = _board()
    Shape(board).ellipse(196, 240, 84, 150).put("#8c93ab", 26, high=0.9, low=0.8)
    Shape(board).ellipse(226, 240, 104, 186).put("#d6dbea", 26, high=0.9, low=0.7)
    Shape(board).ellipse(244, 240, 92, 166).put("#e08a3f", 14, high=0.8, low=0.6)
    for i in range(4):
        Shape(board).tube(_arc(244, 240, 90 - 5 * i, 163 - 9 * i, 0, 360, 33), 3, 3).fill(
            "#8a4a1c" if i % 2 else "#ffc98a", 0.7
        )
    Shape(board).ellipse(254, 240, 70, 128).put("#4b4f78", 30, high=0.5, low=0.9)
    Shape(board).ellipse(258, 240, 32, 58).put("#9aa0cc", 22, high=0.9)
    return board.sprite()


@lru_cache(8)
def _cushion(accent: str) -> Sprite:
    """The left cushion: a soft ring, its inner side to the right."""
    board = _board()
    Shape(board).ellipse(226, 240, 118, 196).put("#453f66", 34, high=0.55, low=0.7)
    Shape(board).ellipse(262, 240, 112, 190).put("#57507f", 42, high=0.75, low=0.7)
    Shape(board).ellipse(276, 240, 60, 112).put("#241f3d", 16, high=0.3)
    Shape(board).tube(_arc(276, 240, 62, 114, 0, 360, 33), 5, 5).fill(accent, 0.55)
    for i in range(3):
        Shape(board).tube([(250 + 4 * i, 170 + 44 * i), (306 - 2 * i, 184 + 44 * i)], 5, 5).fill(
            "#4a4470", 0.8
        )
    Shape(board).tube(_arc(258, 240, 90, 162, 110, 156, 9), 12, 7).fill("#ffffff", 0.22)
    return board.sprite()


@lru_cache(2)
def _studio(width: int, height: int) -> tuple[Layer, ...]:
    """A dark room with coloured light and a gleam on the floor."""
    board = Canvas(width, height, margin=40)
    wide = board.wide
    k = wide / 640 if wide > 400 else 0.62
    sky(board, ((0, "#171236"), (0.55, "#2c2068"), (0.78, "#221950"), (0.79, "#2a1f5e"), (1, "#0f0a26")))
    for x, y, tint, radius, alpha in (
        (0.5, 220, "#7a5cff", 640, 0.85),
        (0.86, 130, "#ff6bd0", 420, 0.42),
        (0.10, 310, "#3cc8ff", 460, 0.42),
    ):
        board.draw(soft(tint, 1.4), wide * x, y, radius * k, alpha=alpha, glow=True)
    for i in range(5):
        board.draw(
            ray("#bfa8ff"),
            wide * (0.1 + 0.2 * i),
            -60,
            120,
            wide=0.9,
            turn=78 + 6 * i,
            alpha=0.16,
            anchor=(0, 0.5),
        )
    board.draw(soft("#b79bff", 1.2), wide * 0.5, 392, 60, wide=9 * k, alpha=0.5)
    rng = random.Random(5)
    for _ in range(26):
        board.draw(
            soft("#ffffff", 0.8),
            rng.uniform(0, wide),
            rng.uniform(20, 370),
            rng.uniform(1.5, 4),
            alpha=rng.uniform(0.15, 0.5),
        )
    return (board.layer(0.3),)


open_scene = Headphones
