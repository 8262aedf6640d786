"""A red balloon: a child holds it, lets go, and it rises past clouds and birds into a sunny sky."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import STILL, Camera, Canvas, Layer, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, sky
from reverie.video.storyboard.art.easing import TAU, clamp, ease, keys, lerp, wave
from reverie.video.storyboard.art.light import glow, motes, rays, sparkle
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.figures.actor import SHIRTS
from reverie.video.storyboard.figures.puppet import Look, Pose, draw_puppet
from reverie.video.storyboard.places.sets import load_set
from reverie.video.storyboard.score import Act, Acts, Captions, draw_lens

GROUND = 384.0
"""Where feet stand, virtual units."""

CLIMB = 520.0
"""How far the camera follows upwards, virtual units."""

HELD, RISE, SKY = range(3)
_ACTS = (Act(0.95, 0.25), Act(1.9, 1.0), Act(1.15, 0.8))

HIGHLIGHTS = ("balloon", "balloons", "helium", "气球", "氦气")


class BalloonRise:
    """The scene for one brief on canvases like the one given."""

    def __init__(self, brief: Brief, canvas: Canvas, seed: int) -> None:
        height, width = canvas.pixels.shape[:2]
        rng = random.Random(seed)
        self._tall = canvas.wide < 400
        self._mood = brief.shots[0].mood
        self._acts = Acts(brief.seconds, _ACTS)
        self._captions = Captions(brief, canvas, ("#ff7b7b", "#ffd34d", "#8fe3ff"), HIGHLIGHTS)
        self._seed = seed
        self._park = load_set("park", self._mood, width, height)
        self._heaven = _heaven(width, height)
        self._look = Look(rng.choice(("child", "girl", "boy")), rng.choice(SHIRTS[1:4]), "#5b6bd6", "#3b3a63")
        self._high = 150.0 if self._tall else 172.0
        self._size = 108.0 if self._tall else 128.0
        self._clouds = [
            (
                rng.uniform(0.32, 1.05),
                -30 - CLIMB * (i + rng.random()) / 9,
                rng.uniform(0.55, 1.0),
                rng.uniform(44, 84) * clamp(canvas.wide / 560, 0.6, 1.0),
            )
            for i in range(9)
        ]

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at second `t` >= 0 of the film over whatever was on the canvas."""
        up = self._climbed(t)
        canvas.camera = Camera(6 * wave(t, 0.09), -CLIMB * up, 1.0)
        canvas.draw_layers(self._heaven[:1])
        self._sun(canvas, t, up)
        self._cloud_bank(canvas, t, near=False)
        canvas.draw_layers(self._park.back[1:])
        child = self._child(canvas, t)
        at, turn, size = self._balloon(canvas, t, child)
        if up < 0.75:
            self._draw_child(canvas, t, child, at, turn, size)
        self._birds(canvas, t)
        self._draw_balloon(canvas, t, at, turn, size, child)
        self._cloud_bank(canvas, t, near=True)
        self._park.draw_front(canvas)
        canvas.camera = STILL
        motes(canvas, t, self._seed, "#fff6d0", count=10, speed=14, size=9, alpha=0.5)
        draw_lens(canvas, self._mood)
        self._captions.draw(canvas, t)

    def _climbed(self, t: float) -> float:
        """How far up we are, 0..1."""
        share = self._acts.share(RISE, t)
        return 0.93 * ease("io", share) + 0.07 * self._acts.share(SKY, t)

    # ------------------------------------------------------------------ the sky

    def _sun(self, canvas: Canvas, t: float, up: float) -> None:
        before, canvas.camera = canvas.camera, STILL
        x, y = canvas.wide * (0.2 if self._tall else 0.17), lerp(92, 118, up)
        glow(canvas, x, y, 210, "#ffe9a0", 0.5 + 0.3 * up)
        rays(canvas, x, y, 300, t, count=8, alpha=0.16 + 0.2 * up)
        canvas.draw(sprite("sun-with-face"), x, y, 82 * (1 + 0.03 * wave(t, 0.5)), turn=5 * wave(t, 0.25))
        canvas.camera = before

    def _cloud_bank(self, canvas: Canvas, t: float, near: bool) -> None:
        image = sprite("cloud")
        for i, (x, y, depth, high) in enumerate(self._clouds):
            if (i % 4 == 3) != near:
                continue
            shown = depth * (1.25 if near else 0.8)
            rise = y * (shown if not near else 1.15)
            drift = 30 * depth * wave(t, 0.045, i * 0.37)
            place = x if not near else (-0.03 if i % 8 < 4 else 1.0)
            canvas.draw(
                image,
                canvas.wide * place + drift,
                rise,
                high * (1.5 if near else 1),
                flip=bool(i % 2),
                depth=shown,
                alpha=0.93,
            )

    def _birds(self, canvas: Canvas, t: float) -> None:
        """Two doves that come along and look."""
        late = self._acts.since(SKY, t) + 0.9
        if late <= 0:
            return
        before, canvas.camera = canvas.camera, STILL
        for i in range(2):
            k = late * 0.30 + 0.16 * i - 0.12
            x = canvas.wide * (1.12 - 1.05 * k)
            y = 226 + 46 * i - 40 * k + 9 * math.sin(t * 3 + i * 2)
            flap = math.sin(t * 11 + i)
            canvas.draw(
                sprite("dove"),
                x,
                y,
                (58 - 10 * i) * (0.7 if self._tall else 1),
                wide=1 + 0.05 * flap,
                tall=1 - 0.13 * flap,
                turn=4 * flap,
            )
        canvas.camera = before

    # ------------------------------------------------------------------ the child

    def _child(self, canvas: Canvas, t: float) -> Pose:
        held, rise = self._acts.since(HELD, t), self._acts.since(RISE, t)
        x = canvas.wide * (0.34 if self._tall else 0.40)
        go = ease("back", rise / 0.3)
        tug = max(0.0, wave(held, 1.1)) * (1 - clamp(rise * 5))
        pose = Pose(
            x,
            GROUND,
            hop=4 * tug + 16 * abs(math.sin(rise * 6.2)) * clamp(rise * 3) * clamp((1.6 - rise) * 3),
            gaze=0.5 - 0.2 * go,
            tilt=-6 - 4 * go + 2 * wave(t, 0.6),
            lean=-2 - 3 * go,
            mouth=lerp(0.2, 0.9, clamp(go)),
            blink=1.0 if (t + 1.4) % 2.3 < 0.12 else 0.0,
        )
        h = self._high
        near = (x + h * 0.34, GROUND - pose.hop - h * 0.60 - 5 * tug)
        if rise > 0:
            wag = 0.10 * h * math.sin(rise * 12)
            near = (x + h * 0.30 + wag, GROUND - pose.hop - h * lerp(0.60, 0.80, clamp(go)))
            pose = replace(
                pose,
                far=(x - h * 0.30 + wag, GROUND - pose.hop - h * lerp(0.3, 0.78, clamp(go))),
                elbow_far=-1,
            )
        return replace(pose, near=near, elbow_near=1)

    def _draw_child(self, canvas: Canvas, t: float, child: Pose, at: Point, turn: float, size: float) -> None:
        draw_puppet(canvas, self._look, self._high, child)
        sparkle(
            canvas,
            self._acts.since(RISE, t),
            child.x + self._high * 0.3,
            GROUND - self._high * 0.75,
            60,
            self._seed,
            9,
        )

    # ------------------------------------------------------------------ the balloon

    def _balloon(self, canvas: Canvas, t: float, child: Pose) -> tuple[Point, float, float]:
        """Where its middle is on the stage, how it is turned (degrees), how high it is."""
        rise, high = self._acts.since(RISE, t), self._acts.since(SKY, t)
        sway = wave(t, 0.27)
        held_y = GROUND - self._high * 0.60
        tied_x, tied_y = (
            child.x + self._high * 0.34 + 18 + 7 * sway,
            held_y - self._size * 1.12 + 4 * wave(t, 0.55),
        )
        free = ease("io", self._acts.share(RISE, t))
        goal_x = canvas.wide * (0.52 if self._tall else 0.53) + (20 if self._tall else 34) * sway
        goal_y = 196 + 10 * wave(t, 0.21) - keys(high, (0, 0), (2.5, 26))
        x, y = lerp(tied_x, goal_x, free), lerp(tied_y, goal_y, ease("io", free))
        y -= 9 * ease("back", rise / 0.25) * (1 - free)
        camera = canvas.camera
        return (
            (x, y + camera.y),
            8 * wave(t, 0.27, 0.18) * (1 - 0.3 * free),
            self._size * (1.0 - 0.10 * clamp(high / 2)),
        )

    def _draw_balloon(
        self, canvas: Canvas, t: float, at: Point, turn: float, size: float, child: Pose
    ) -> None:
        (x, y), since = at, self._acts.since(RISE, t)
        angle = math.radians(turn)
        foot = (x - size * 0.56 * math.sin(angle), y + size * 0.56 * math.cos(angle))
        canvas_string = Shape(canvas)
        if since <= 0 and child.near is not None:
            hand = child.near
            belly = 6 * wave(t, 0.5)
            line: list[Point] = [
                (
                    lerp(foot[0], hand[0], k / 8) + belly * math.sin(math.pi * k / 8),
                    lerp(foot[1], hand[1], k / 8),
                )
                for k in range(9)
            ]
            line.append((hand[0] - 3, hand[1] + 16))
        else:
            line = []
            for k in range(13):
                q = k / 12
                swing = 13 * q**1.2 * math.sin(TAU * (t * 0.8 - 1.1 * q)) - 0.35 * size * q * math.sin(angle)
                line.append((foot[0] + swing, foot[1] + q * size * 0.72))
        canvas_string.tube(line, 2.6, 2.0).fill("#fff4e6", 0.95)
        stretch = (
            0.05 * math.sin(t * 5) * math.exp(-max(0.0, since) * 1.6)
            if since > 0
            else 0.015 * math.sin(t * 4)
        )
        canvas.draw(_red_balloon(), x, y, size * 1.12, wide=1 - stretch, tall=1 + stretch, turn=turn)


@lru_cache(2)
def _heaven(width: int, height: int) -> tuple[Layer, ...]:
    """A sky high enough for the whole climb: warm at the horizon, deep blue far up."""
    board = Canvas(width, height, margin=CLIMB * 0.44)
    sky(board, ((-0.46, "#1d63d8"), (-0.1, "#3a93ee"), (0.38, "#8fd0fb"), (0.70, "#fff0cf"), (1, "#ffe3b0")))
    return (board.layer(0.42),)


@lru_cache(1)
def _red_balloon() -> Sprite:
    """A glossy red balloon with its knot, no string."""
    board = Canvas(320, 320, opaque=False)  # 480 virtual units across
    knot: list[Point] = [(240, 420), (222, 450), (258, 450)]
    Shape(board).polygon(knot, 5).put("#c9183a", 8, high=0.5)
    outline: list[Point] = []
    for i in range(72):
        a = TAU * i / 72
        pinch = 1 - 0.10 * max(0.0, math.sin(a)) ** 3
        outline.append(
            (240 + 168 * pinch * math.cos(a), 222 + (204 if math.sin(a) > 0 else 190) * math.sin(a))
        )
    Shape(board).polygon(outline).put("#f0263f", 62, high=0.62, low=0.78)
    Shape(board).ellipse(168, 132, 30, 52, 32).fill("#ffffff", 0.62)
    Shape(board).ellipse(148, 206, 11, 16, 16).fill("#ffffff", 0.5)
    shine: list[Point] = [
        (240 + 136 * math.cos(math.radians(a)), 226 + 166 * math.sin(math.radians(a)))
        for a in range(12, 66, 6)
    ]
    Shape(board).tube(shine, 7, 13).fill("#ff9d9d", 0.40)
    return board.sprite()


open_scene = BalloonRise
