"""A child and a toy car: found on the rug, picked up and admired, driven along the shelves, and joy."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Camera, Canvas
from reverie.video.storyboard.art.easing import TAU, clamp, ease, keys, lerp, wave
from reverie.video.storyboard.art.light import confetti, dust, rising, sparkle, speed_lines, trail
from reverie.video.storyboard.figures.actor import SHIRTS, make_actor
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Look, Pose, draw_puppet
from reverie.video.storyboard.places.toy_shop import rug, wall
from reverie.video.storyboard.score import Act, Acts, Captions, draw_lens

GROUND = 386.0
"""Where feet and wheels stand, virtual units."""

FIND, LIFT, DOWN, DRIVE, JOY = range(5)
_ACTS = (Act(0.75), Act(1.15, 0.5), Act(0.4), Act(1.35, 1.5), Act(0.85, 0.5))

HIGHLIGHTS = ("toy car", "small car", "wheels", "玩具车", "小小车", "小汽车", "轮子")


class ToyCar:
    """The scene for one brief on canvases like the one given."""

    def __init__(self, brief: Brief, canvas: Canvas, seed: int) -> None:
        rng = random.Random(seed)
        tall = canvas.wide < 400
        self._mood = brief.shots[0].mood
        self._acts = Acts(brief.seconds, _ACTS)
        self._captions = Captions(brief, canvas, ("#ffd34d", "#ff9d7a", "#8fe3ff"), HIGHLIGHTS)
        self._seed = seed
        self._high = 172.0 if tall else 222.0
        head = rng.choice(("child", "boy", "girl"))
        self._look = Look(
            head, rng.choice(SHIRTS[:6]), rng.choice(("#5b6bd6", "#3d4a8a", "#7a5ab8")), "#3b3a63"
        )
        self._car = make_actor(role("toy car"), 52.0 if tall else 70.0)
        self._wall, self._floor = wall(canvas, seed), rug(canvas, road=True)
        drive = self._acts.length(DRIVE) * self._acts.pace
        self._way = 150.0 * drive
        """Virtual units that the drive covers."""

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at second `t` >= 0 of the film over whatever was on the canvas."""
        acts = self._acts
        lift, down, drive, joy = (acts.since(i, t) for i in (LIFT, DOWN, DRIVE, JOY))
        gone = self._way * ease("io", acts.share(DRIVE, t) * 0.93 + 0.035) if drive > 0 else 0.0
        canvas.camera = Camera(
            0,
            keys(lift, (0.0, 4), (0.7, -8)) + keys(down, (0.0, 0), (0.5, 10)) - 5 * clamp(joy * 2),
            1.02 + keys(lift, (0.1, 0), (0.7, 0.10), (1.1, 0.10)) - keys(down, (0.0, 0), (0.5, 0.08)),
        )
        self._wall.draw(canvas, gone * 0.45 + 2 * t)
        self._floor.draw(canvas, gone)
        if 0.1 < acts.share(DRIVE, t) < 0.9:
            speed_lines(canvas, t, self._seed, -1, 0.4)
        child, car, held = self._poses(canvas, t, gone)
        self._draw_figures(canvas, t, child, car, held)
        self._effects(canvas, t, child, car)
        draw_lens(canvas, self._mood)
        self._captions.draw(canvas, t)

    # ------------------------------------------------------------------ who does what

    def _poses(self, canvas: Canvas, t: float, gone: float) -> tuple[Pose, Pose, bool]:
        """The child, the car, and whether the child holds it up."""
        acts, h = self._acts, self._high
        find, lift, down, drive, joy = (acts.since(i, t) for i in range(5))
        reach_x = h * 0.40
        stand = canvas.wide * (0.5 if canvas.wide > 400 else 0.46) - reach_x * 0.5
        x = keys(find, (0, stand - canvas.wide * 0.42), (0.72, stand, "out"))
        car_x = stand + reach_x
        bend = keys(lift, (0.0, 0.0), (0.30, 1), (0.42, 1), (0.80, 0, "back"))
        bend = max(bend, keys(down, (0.0, 0), (0.3, 0.8)) if down > 0 else 0.0)
        up = keys(lift, (0.34, 0), (0.80, 1, "back")) * (1 - keys(down, (0.0, 0), (0.34, 1)))
        if drive > 0:
            bend = 0.8 - 0.8 * ease("io", joy / 0.22)
        hop = self._jump(joy)
        child = Pose(
            x,
            GROUND,
            hop=hop,
            facing=1,
            crouch=clamp(bend, 0, 1) * 0.92,
            lean=4 + 29 * bend - 5 * clamp(up),
            tilt=keys(lift, (0, 0), (0.3, 8), (0.85, -5)) * (drive <= 0) + 3 * wave(t, 0.7),
            gaze=0.75 - 0.35 * clamp(joy * 3),
            mouth=clamp(
                keys(lift, (0.5, 0.1), (0.85, 0.9), (1.6, 0.45)) + (drive > 0) * 0.25 + clamp(joy * 4) * 0.4
            ),
            blink=1.0 if (t + 0.9) % 2.1 < 0.12 else 0.0,
        )
        if find < 0.74 and lift <= 0:
            child = replace(child, walk=x / 62, hop=2.5 * abs(math.sin(TAU * x / 62)))
        held_x, held_y = stand + h * 0.30, GROUND - h * 0.40
        admire = clamp((lift - 0.75) * 4) * clamp(up)
        car = Pose(
            lerp(car_x, held_x + 7 * wave(t, 0.9) * admire, clamp(up)),
            lerp(GROUND, held_y - 5 * wave(t, 1.8) * admire, up),
            facing=1,
            turn=-9 * clamp(up) * (1 - admire) + 9 * wave(t, 0.9, 0.2) * admire,
            pivot=0.6,
            roll=520 * max(0.0, lift - 0.7) * (down <= 0),
        )
        hands = keys(lift, (0.0, 0), (0.28, 1)) if lift > 0 else 0.0
        if drive > 0:
            child, car = self._driving(canvas, t, child, car, gone)
            hands = 1 - ease("io", joy / 0.16)
        child = self._with_hands(child, car, h, hands, joy)
        return child, car, up > 0.02 and drive <= 0

    def _driving(self, canvas: Canvas, t: float, child: Pose, car: Pose, gone: float) -> tuple[Pose, Pose]:
        """The child runs along bent over the car; in the end the car rolls on alone."""
        joy = self._acts.since(JOY, t)
        share = self._acts.share(DRIVE, t)
        away = keys(joy, (0.0, 0), (0.5, 1, "out")) * canvas.wide * 0.13
        weave = 9 * wave(share, 1.5) * canvas.wide / 640
        hum = 1.3 * abs(wave(gone, 1 / 26)) if joy <= 0 else 0.0
        radius = self._car.height * 0.2
        rolled = math.degrees((gone + away) / radius)
        car = replace(
            car,
            x=car.x + weave + away,
            y=GROUND,
            hop=hum,
            turn=-2.2 * clamp(share * 4) * clamp((1 - share) * 5),
            roll=rolled,
            pivot=1.0,
        )
        if joy <= 0.12:
            child = replace(
                child, x=child.x + weave, walk=gone / 74, stride=0.85, hop=2.0 * abs(wave(gone, 1 / 74))
            )
        return child, car

    def _with_hands(self, child: Pose, car: Pose, h: float, hands: float, joy: float) -> Pose:
        """Both hands on the car by the share `hands`; thrown up in joy."""
        if joy > 0.1:
            up = ease("back", (joy - 0.1) / 0.25)
            swing_ = 7 * math.sin(joy * 13)
            top = child.y - child.hop - h * lerp(0.30, 0.80, up)
            return replace(
                child,
                near=(child.x + h * 0.30 + swing_, top),
                far=(child.x - h * 0.30 - swing_, top),
                elbow_near=1,
                elbow_far=-1,
            )
        if hands <= 0:
            return child
        roof = car.y - car.hop - self._car.height * 0.52
        near = (child.x + h * 0.2, child.y - h * 0.36)
        far = (child.x - h * 0.1, child.y - h * 0.36)
        half = self._car.width * 0.30
        return replace(
            child,
            near=(lerp(near[0], car.x - half * 0.4, hands), lerp(near[1], roof + 10, hands)),
            far=(lerp(far[0], car.x - half * 1.3, hands), lerp(far[1], roof + 12, hands)),
            elbow_far=1,
            elbow_near=1 if hands > 0.5 else -1,
        )

    def _jump(self, joy: float) -> float:
        """Two jumps for joy, virtual units above the ground."""
        k = (joy - 0.14) / 0.42
        return 4 * (k % 1) * (1 - k % 1) * (30 if k < 1 else 20) if 0 < k < 2 else 0.0

    # ------------------------------------------------------------------ the picture

    def _draw_figures(self, canvas: Canvas, t: float, child: Pose, car: Pose, held: bool) -> None:
        def toy() -> None:
            self._car.draw(canvas, car, t, grounded=not held)

        between = held or (self._acts.since(LIFT, t) > 0 and self._acts.since(JOY, t) < 0.05)
        if not between:
            toy()
        draw_puppet(canvas, self._look, self._high, child, toy if between else None)

    def _effects(self, canvas: Canvas, t: float, child: Pose, car: Pose) -> None:
        lift, drive, joy = (self._acts.since(i, t) for i in (LIFT, DRIVE, JOY))
        sparkle(canvas, lift - 0.72, car.x, car.y - 26, 100, self._seed, 16)
        if drive > 0 and joy < 0.1:
            share = self._acts.share(DRIVE, t)
            speed = clamp(share * 5) * clamp((1 - share) * 5)
            if speed > 0.3:
                trail(
                    canvas,
                    t,
                    car.x - self._car.width * 0.5,
                    GROUND - 3,
                    self._seed,
                    size=16 * speed,
                    count=6,
                    rise=0.18,
                )
        for start in (0.56, 0.98):
            dust(canvas, joy - start, child.x, GROUND + 3, self._seed, 6, 36)
        if joy > 0.12:
            confetti(canvas, joy - 0.12, child.x + 24, GROUND - self._high * 1.02, self._seed, 26, 1.1)
            rising(
                canvas,
                joy - 0.15,
                child.x + 8,
                GROUND - self._high * 1.04,
                "red-heart",
                self._seed,
                count=3,
                width=90,
                height=70,
                size=22,
                rate=0.7,
            )


open_scene = ToyCar
