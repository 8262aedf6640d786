"""Where rain comes from, in three acts: the sun lifts water out of the sea, it becomes a cloud, it rains.

    evaporate → condense → rain, each with its step pill, its share of a bar and its shot's caption

Water is one cast of droplets: they rise, huddle into the cloud and fall again.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, STILL, Camera, Canvas, Layer, Sprite, colour
from reverie.video.storyboard.art.clay import Point, Shape, land, sky
from reverie.video.storyboard.art.easing import TAU, clamp, ease, keys, lerp, wave
from reverie.video.storyboard.art.light import glow, rain, ray, ring, soft
from reverie.video.storyboard.art.sprites import sprite, tinted
from reverie.video.storyboard.art.text import chip
from reverie.video.storyboard.score import Captions, Strip, bounds, draw_lens, label_room

SEA = 336.0
"""Height of the water's surface, virtual units."""

STEPS = {"en": ("Evaporation", "Condensation", "Rain"), "zh": ("蒸发", "凝结", "降雨")}
ACCENTS = ("#ffd34d", "#bfe9ff", "#7fd0ff")

_LOBES = (
    (-88, 18, 44, 34, 0.00),
    (86, 20, 46, 34, 0.10),
    (-46, -14, 52, 46, 0.22),
    (44, -18, 56, 50, 0.34),
    (0, -34, 58, 52, 0.46),
    (0, 20, 92, 36, 0.05),
)
"""The cloud's puffs: place and radii in virtual units, and when (share of its growth) they come."""


class WaterCycle:
    """The scene for one brief on canvases like the one given."""

    def __init__(self, brief: Brief, canvas: Canvas, seed: int) -> None:
        self._mood = brief.shots[0].mood
        self._times = bounds(brief, 3)
        self._captions = Captions(brief, canvas, ACCENTS)
        self._words = STEPS[brief.language]
        self._seed = seed
        height, width = canvas.pixels.shape[:2]
        self._back, self._land, self._waves = _scenery(width, height)
        rng = random.Random(seed)
        self._drops = [
            (rng.uniform(0.03, 0.52), rng.random(), rng.uniform(0.75, 1.25), rng.uniform(0, TAU), i % 3 == 0)
            for i in range(22 if canvas.wide > 400 else 15)
        ]

    def _act(self, t: float) -> tuple[int, float]:
        """Which act it is, and how much of it is over."""
        i = 0 if t < self._times[1] else 1 if t < self._times[2] else 2
        start, end = self._times[i], self._times[i + 1]
        return i, clamp((t - start) / max(1e-6, end - start))

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at second `t` >= 0 of the film over whatever was on the canvas."""
        act, k = self._act(t)
        story = act + k
        drift = 10 if canvas.wide < 400 else 16
        canvas.camera = Camera(
            keys(story, (0, -drift), (1, -drift * 0.4), (2, drift * 0.4), (3, drift)),
            keys(story, (0, 10), (1, -2), (1.5, -10), (2.2, -4), (3, 8)),
            keys(story, (0, 1.06), (1, 1.03), (1.6, 1.07), (3, 1.02)),
        )
        canvas.draw_layers(self._back[:1])
        self._sun(canvas, t, story)
        self._rainbow(canvas, story)
        canvas.draw_layers(self._back[1:])
        for i, (waves, speed) in enumerate(zip(self._waves, (11.0, -15.0, 22.0), strict=True)):
            waves.draw(
                canvas,
                canvas.camera.x * 0.8 + t * speed,
                -canvas.camera.y * 0.7 + 2.4 * wave(t, 0.35, i * 0.3),
            )
        canvas.draw_layer(self._land)
        self._river(canvas, t, story)
        cloud = self._cloud_at(canvas, t, story)
        if story > 1.9:
            self._rain(canvas, t, story, cloud)
        self._vapour(canvas, t, story, cloud)
        self._cloud(canvas, t, story, cloud)
        self._meadow(canvas, t, story)
        draw_lens(canvas, self._mood)
        self._captions.draw(canvas, t)
        canvas.camera = STILL
        self._pills(canvas, t, act, k)

    # ------------------------------------------------------------------ the sky

    def _sun(self, canvas: Canvas, t: float, story: float) -> None:
        x, y = _sun_at(canvas.wide)
        # A rainbow is seen with the sun behind us: it leaves the picture before the bow comes.
        y -= keys(story, (1.85, 0), (2.4, 340))
        heat = keys(story, (0, 0.5), (0.2, 1), (1.0, 0.9), (1.5, 0.35), (2.1, 0.15), (3, 0.3))
        pulse = 1 + 0.045 * wave(t, 0.55)
        glow(canvas, x, y, 190 * pulse, "#ffe48f", 0.25 + 0.55 * heat, 0.2)
        for i in range(5):
            strength = heat * (0.40 + 0.16 * wave(t, 0.5, i * 0.31))
            canvas.draw(
                ray(),
                x,
                y,
                60,
                wide=1.05,
                turn=24 + i * 17 + 4 * wave(t, 0.17),
                alpha=strength,
                anchor=(0, 0.5),
                depth=0.2,
            )
        canvas.draw(sprite("sun-with-face"), x, y, 92 * pulse, turn=5 * wave(t, 0.3), depth=0.2)

    def _rainbow(self, canvas: Canvas, story: float) -> None:
        shown = keys(story, (2.4, 0), (2.8, 0.66))
        if shown > 0:
            high = 236 if canvas.wide > 400 else 120
            canvas.draw(_arch(), canvas.wide * 0.5, SEA + 8, high, alpha=shown, anchor=FOOT, depth=0.3)

    # ------------------------------------------------------------------ up

    def _vapour(self, canvas: Canvas, t: float, story: float, cloud: Point) -> None:
        """Droplets that leave the sea, and the mist they turn into on their way to the cloud."""
        strength = keys(story, (0.0, 0.25), (0.18, 1), (1.45, 1), (1.8, 0))
        if strength <= 0:
            return
        mist = soft("#ffffff", 1.2)
        top = cloud[1] if story > 1 else 150.0
        for x, start, rate, sway, bold in self._drops:
            k = (t * 0.30 * rate + start) % 1
            from_x = x * canvas.wide
            pull = ease("io", k) * (0.35 if story < 0.8 else 0.85)
            px = lerp(from_x, cloud[0] + (x - 0.28) * 150, pull) + 9 * math.sin(t * 2.1 + sway)
            py = lerp(SEA + 14 + 26 * (x * 7 % 1), top, ease("out", k * 0.9) if bold else k)
            seen = strength * min(1.0, k * 7) * clamp((1 - k) * 4)
            if k > 0.22:
                canvas.draw(mist, px, py, 20 + 44 * k, wide=1.2, alpha=seen * 0.62)
            if bold or k < 0.3:
                size = (36 if bold else 18) * (1 - 0.62 * k)
                stretch = 1 + 0.14 * math.sin(t * 7 + sway)
                canvas.draw(
                    _droplet(bold),
                    px,
                    py,
                    size,
                    wide=1 / stretch,
                    tall=stretch,
                    turn=9 * math.sin(t * 2.6 + sway),
                    alpha=seen,
                )
            if k < 0.09:
                canvas.draw(
                    ring("#e9fbff"),
                    from_x,
                    SEA + 18 + 26 * (x * 7 % 1),
                    12 + 160 * k,
                    wide=3.2,
                    tall=0.6,
                    alpha=strength * (0.09 - k) * 9,
                )

    def _cloud_at(self, canvas: Canvas, t: float, story: float) -> Point:
        tall = canvas.wide < 400
        x = (
            keys(
                story,
                (0, 0.46),
                (1.5, 0.46),
                (2.25, 0.64 if not tall else 0.60),
                (3, 0.67 if not tall else 0.62),
            )
            * canvas.wide
        )
        return x + 5 * wave(t, 0.23), (170 if tall else 176) + 4 * wave(t, 0.31)

    def _cloud(self, canvas: Canvas, t: float, story: float, at: Point) -> None:
        grown = keys(story, (0.92, 0), (1.75, 1, "lin"))
        if grown <= 0:
            return
        size = _cloud_size(canvas.wide)
        heavy = keys(story, (1.85, 0), (2.25, 1), (2.8, 1), (3, 0.75))
        x, y = at
        body = Shape(canvas)
        for lobe, (dx, dy, rx, ry, late) in enumerate(_LOBES):
            k = ease("back", (grown - late) / 0.5)
            if k > 0.02:
                puff = k * size * (1 + 0.025 * wave(t, 0.45, lobe * 0.21) + 0.05 * heavy)
                body.ellipse(x + dx * size, y + dy * size, rx * puff, ry * puff)
        if grown < 0.02:
            return
        tint = _mixed("#ffffff", "#8291b8", round(heavy * 10) / 10)
        body.put(tint, 17 * size, high=0.75, low=0.34)
        if grown > 0.75:
            self._cloud_face(
                canvas, t, story, x, y + 4 * size, size * ease("back", (grown - 0.75) / 0.25), heavy
            )

    def _cloud_face(
        self, canvas: Canvas, t: float, story: float, x: float, y: float, size: float, heavy: float
    ) -> None:
        if size <= 0.1:
            return
        shut = (t * 0.37) % 1 < 0.05
        ink = "#3a4468"
        eyes = Shape(canvas)
        for side in (-1, 1):
            eyes.ellipse(x + side * 22 * size, y, 5.0 * size, (1.2 if shut else 6.4) * size)
        eyes.fill(ink)
        if not shut:
            lights = Shape(canvas)
            for side in (-1, 1):
                lights.ellipse(x + (side * 22 + 1.6) * size, y - 2.2 * size, 1.7 * size, 2.0 * size)
            lights.fill("#ffffff")
        cheeks = Shape(canvas)
        for side in (-1, 1):
            cheeks.ellipse(x + side * 36 * size, y + 10 * size, 8 * size, 5 * size)
        cheeks.fill("#ff9fb4", 0.55)
        if heavy > 0.5 and story < 2.3:  # about to burst: a small round mouth
            Shape(canvas).ellipse(x, y + 14 * size, 4.2 * size, 4.8 * size).fill(ink)
            return
        smile: list[Point] = [
            (x + (i - 4) * 2.4 * size, y + (10 + 5 * math.sin(math.pi * i / 8)) * size) for i in range(9)
        ]
        Shape(canvas).tube(smile, 3.0 * size, 3.0 * size).fill(ink)

    # ------------------------------------------------------------------ down

    def _rain(self, canvas: Canvas, t: float, story: float, cloud: Point) -> None:
        strength = keys(story, (2.0, 0), (2.2, 1))
        if strength <= 0:
            return
        size = _cloud_size(canvas.wide)
        rain(canvas, t, cloud[0] + 6, cloud[1] + 40 * size, 388, 210 * size, self._seed, 40, 0.85 * strength)
        rng = random.Random(self._seed + 5)
        for _ in range(6):
            x, start, rate = rng.uniform(-0.45, 0.45), rng.random(), rng.uniform(0.62, 0.85)
            k = (t * rate + start) % 1
            y = lerp(cloud[1] + 40, 384 + 20 * x, k * k)
            canvas.draw(
                _droplet(True),
                cloud[0] + x * 190 * size,
                y,
                25,
                tall=1.08,
                alpha=strength * min(1, k * 6) * clamp((1 - k) * 9),
            )

    def _river(self, canvas: Canvas, t: float, story: float) -> None:
        """Light that runs down the river, faster when it rains."""
        path = _river_path(canvas.wide)
        speed = keys(story, (2.0, 0.16), (2.5, 0.42))
        for i in range(9):
            k = (t * speed + i / 9) % 1
            at = k * (len(path) - 1)
            j = min(len(path) - 2, int(at))
            x, y = lerp(path[j][0], path[j + 1][0], at - j), lerp(path[j][1], path[j + 1][1], at - j)
            canvas.draw(
                soft("#ffffff", 0.9), x, y, 3 + 5 * k, wide=2.4, alpha=0.75 * math.sin(math.pi * k), depth=0.9
            )

    def _meadow(self, canvas: Canvas, t: float, story: float) -> None:
        """Flowers on the shore that lift their heads when it rains."""
        glad = keys(story, (2.2, 0), (2.7, 1, "back"))
        rng = random.Random(self._seed + 9)
        count = 7 if canvas.wide > 400 else 4
        for i in range(count):
            x = canvas.wide * lerp(0.76, 1.0, (i + rng.uniform(0.2, 0.8)) / count)
            name = rng.choice(("tulip", "blossom", "tulip"))
            size = rng.uniform(20, 28) * (0.8 + 0.45 * glad)
            canvas.draw(
                sprite(name),
                x,
                rng.uniform(384, 402),
                size,
                anchor=FOOT,
                depth=0.9,
                turn=lerp(15, 0, glad) * (1 if i % 2 else -1) + 5 * wave(t, 0.6, i * 0.2),
                tall=1 + 0.05 * glad * wave(t, 1.3, i * 0.3),
            )

    # ------------------------------------------------------------------ what step it is

    def _pills(self, canvas: Canvas, t: float, act: int, k: float) -> None:
        tall = canvas.wide < 400
        _, below = label_room(canvas)
        x, high = (10.0, 22.0) if tall else (14.0, 28.0)
        y = below + 18 if tall else 28.0
        grown = ease("back", (t - self._times[act]) / 0.3)
        name = f"{act + 1}  {self._words[act]}"
        canvas.draw(
            chip(name, ACCENTS[act], "#17305a", 44, 250),
            x,
            y,
            high * (0.6 + 0.4 * grown),
            alpha=clamp(0.3 + grown),
            anchor=(0, 0.5),
        )
        long, thick, y = (30.0 if tall else 40.0), 5.0, y + high * 0.5 + 10
        for i in range(3):
            left = x + 4 + i * (long + 9)
            Shape(canvas).tube([(left, y), (left + long, y)], thick, thick).fill("#ffffff", 0.45)
            done = 1.0 if i < act else k if i == act else 0.0
            if done > 0:
                Shape(canvas).tube([(left, y), (left + long * done, y)], thick, thick).fill(
                    "#ff9d3c" if i == act else "#ffffff"
                )


# ---------------------------------------------------------------------------------- the cast


@lru_cache(2)
def _droplet(smiling: bool) -> Sprite:
    """A drop of water; the bold ones have a face."""
    board = Canvas(160, 160, opaque=False)
    board.draw(sprite("droplet"), 240, 240, 420)
    if smiling:
        for side in (-1, 1):
            Shape(board).ellipse(240 + side * 62, 300, 24, 32).fill("#20346e")
            Shape(board).ellipse(240 + side * 62 + 8, 289, 9, 11).fill("#ffffff")
            Shape(board).ellipse(240 + side * 104, 340, 24, 15).fill("#ff9fc4", 0.75)
        smile: list[Point] = [(206 + i * 8.5, 346 + 22 * math.sin(math.pi * i / 8)) for i in range(9)]
        Shape(board).tube(smile, 13, 13).fill("#20346e")
    return board.sprite()


def _mixed(first: str, second: str, share: float) -> str:
    a, b = colour(first), colour(second)
    return "#" + "".join(f"{round(lerp(p, q, share)):02x}" for p, q in zip(a, b, strict=True))


# ---------------------------------------------------------------------------------- the set


def _sun_at(wide: float) -> Point:
    return (wide * 0.15, 128.0) if wide > 400 else (wide * 0.22, 136.0)


def _river_path(wide: float) -> list[Point]:
    """From the mountain's foot to the sea."""
    bends: tuple[Point, ...] = (
        *((0.93, 341), (0.885, 345), (0.88, 353), (0.825, 361)),
        *((0.785, 372), (0.77, 387), (0.71, 400), (0.60, 410)),
    )
    path: list[Point] = []
    for i in range(len(bends) - 1):
        p, a, b, q = bends[max(0, i - 1)], bends[i], bends[i + 1], bends[min(len(bends) - 1, i + 2)]
        for j in range(5):
            x, y = (_spline(p[n], a[n], b[n], q[n], j / 5) for n in (0, 1))
            path.append((wide * x, y))
    return path


def _spline(p: float, a: float, b: float, q: float, k: float) -> float:
    """A smooth way (Catmull-Rom) from a (k 0) to b (k 1) between neighbours p and q."""
    return 0.5 * (2 * a + (b - p) * k + (2 * p - 5 * a + 4 * b - q) * k * k + (3 * a - p - 3 * b + q) * k**3)


def _cloud_size(wide: float) -> float:
    return 0.66 if wide < 400 else 1.0


@lru_cache(1)
def _arch() -> Sprite:
    """A whole rainbow, soft at its edges."""
    board = Canvas(420, 220, opaque=False)
    k = 480 / 220
    for i, tint in enumerate(("#ff6b6b", "#ff9f45", "#ffe066", "#6fd98a", "#5ab6ff", "#a58bff")):
        radius = (200 - i * 11) * k
        ring: list[Point] = [
            (210 * k + radius * math.cos(math.radians(a)), 215 * k - radius * math.sin(math.radians(a)))
            for a in range(0, 181, 6)
        ]
        Shape(board).tube(ring, 12 * k, 12 * k).fill(tint, 0.85)
    return board.sprite(blur=3)


def _peak(name: str, tint: str, share: float) -> Sprite:
    """A mountain without the meadow at its foot."""
    whole = tinted(name, tint, share)
    return Sprite(whole.pixels[: int(whole.height * 0.70)])


@lru_cache(2)
def _scenery(width: int, height: int) -> tuple[list[Layer], Layer, tuple[Strip, ...]]:
    screen = Canvas(width, height)
    wide = screen.wide
    tall = wide < 400
    board = Canvas(width, height, margin=30)
    sky(board, ((0, "#2b83ea"), (0.4, "#7fcbfa"), (0.66, "#dff5ff"), (1, "#e8f8ff")))
    rng = random.Random(4)
    for i in range(4):
        board.draw(
            sprite("cloud"), wide * (0.2 + 0.28 * i), rng.uniform(200, 250), rng.uniform(16, 30), alpha=0.6
        )
    back = [board.layer(0.05)]
    board = Canvas(width, height, margin=60, opaque=False)
    k = 0.62 if tall else 1.0
    board.draw(_peak("mountain", "#9cc4e6", 0.62), wide * 0.62, 332, 74 * k, anchor=FOOT, wide=1.5)
    board.draw(_peak("mountain", "#86aedb", 0.45), wide * 1.03, 338, 150 * k, anchor=FOOT, wide=1.25)
    board.draw(
        _peak("snow-capped-mountain", "#7fa0d8", 0.22), wide * 0.84, 340, 182 * k + 10, anchor=FOOT, wide=1.2
    )
    land(
        board,
        [
            (wide * 0.5, 345),
            *[(wide * (0.52 + 0.05 * i), 330 - 10 * math.sin(i * 0.7)) for i in range(14)],
            (wide * 1.3, 420),
            (wide * 0.5, 420),
        ],
        "#a9dcc8",
        "#7cc9a4",
        8,
    )
    for x, high in ((0.70, 40), (0.735, 54), (0.93, 50), (0.97, 62)):
        board.draw(
            tinted("evergreen-tree", "#7fc0a0", 0.22),
            wide * x,
            338,
            high * (0.75 if tall else 1),
            anchor=FOOT,
        )
    back.append(board.layer(0.4, 0.5))
    return back, _shore(width, height), tuple(_wave(screen, i) for i in range(3))


def _shore(width: int, height: int) -> Layer:
    board = Canvas(width, height, margin=60, opaque=False)
    wide = board.wide
    edge: list[Point] = [
        (0.50, 520),
        (0.515, 470),
        (0.545, 430),
        (0.60, 396),
        (0.66, 366),
        (0.72, 348),
        (0.80, 336),
        (0.90, 330),
        (1.02, 326),
        (1.3, 322),
    ]
    foam = [(wide * x - 7, y - 3) for x, y in edge]
    land(board, [*foam, (wide * 1.3, 640), (wide * 0.48, 640)], "#f4fdff", "#d9f6ff", 0)
    sand = [(wide * x, y) for x, y in edge]
    land(board, [*sand, (wide * 1.3, 640), (wide * 0.5, 640)], "#ffe9b8", "#e8c384", 0)
    grass = [(wide * x + 12 * (1 if y > 345 else 0.4), y + 5) for x, y in edge]
    land(board, [*grass, (wide * 1.3, 640), (wide * 0.52, 640)], "#93de66", "#379446", 10)
    path = _river_path(wide)
    Shape(board).tube(path[:-4], 5, 25).fill("#dff7ff", 0.9)
    Shape(board).tube(path, 2.6, 22).fill("#3aa8ec")
    rng = random.Random(8)
    for _ in range(int(wide / 34)):
        x, y = rng.uniform(wide * 0.74, wide * 1.12), rng.uniform(372, 470)
        board.draw(
            sprite(rng.choice(("herb", "seedling", "herb"))),
            x,
            y,
            rng.uniform(13, 22),
            anchor=FOOT,
            turn=rng.uniform(-10, 10),
        )
    return board.layer(0.9)


def _wave(screen: Canvas, i: int) -> Strip:
    """One of three rows of waves, far to near."""
    y, swell, top, bottom = (
        (SEA, 2.5, "#63d0f6", "#2f9fe6"),
        (SEA + 26, 4.5, "#38aeec", "#1b80d2"),
        (SEA + 58, 7.0, "#2190dc", "#1259a8"),
    )[i]
    period = math.ceil(max(640.0, screen.wide + 60) / 80) * 80.0

    def paint(canvas: Canvas, x0: float) -> None:
        count = int(period / 80)
        crest: list[Point] = [
            (
                x0 + period * j / 160,
                y
                - swell
                * (math.sin(TAU * count * j / 160) + 0.5 * math.sin(TAU * (count * 2 + 1) * j / 160 + i)),
            )
            for j in range(161)
        ]
        land(canvas, [*crest, (x0 + period, 560), (x0, 560)], top, bottom, 0)
        Shape(canvas).tube([(x, h + 1.5) for x, h in crest], 3.2, 3.2).fill("#ffffff", 0.45)
        rng = random.Random(i)
        for _ in range(12):
            canvas.draw(
                soft("#ffffff", 1.0),
                x0 + rng.uniform(0, period),
                y + rng.uniform(10, 22),
                3,
                wide=rng.uniform(5, 13),
                alpha=0.4,
            )

    return Strip(screen, period, paint, until=SEA + (30, 62, 300)[i] + 14)


open_scene = WaterCycle
