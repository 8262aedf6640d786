"""Whatever plays a role: a puppet with limbs, a sprite with parts that move, or a plain sprite.

    actor = make_actor(role("dog"), height=120, seed=7)
    actor.draw(canvas, Pose(x=300, y=372, walk=t * 2, facing=1), t)

`height` and `width` are virtual units at size 1. A pose means the same for each: a dog's `lean` slants it, a
car's `crouch` presses it down on its wheels.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

import cv2

from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import TAU, arc, clamp, lerp, wave
from reverie.video.storyboard.art.light import shadow
from reverie.video.storyboard.art.own import is_own
from reverie.video.storyboard.art.props import OUR
from reverie.video.storyboard.art.sprites import (
    Piece,
    cut_part,
    part,
    parts_of,
    pivots_of,
    ripple,
    sprite,
    stride,
    wiggle,
)
from reverie.video.storyboard.art.text import card
from reverie.video.storyboard.figures.casting import Kind, Role
from reverie.video.storyboard.figures.gaits import (
    ANIMALS,
    FEATURES,
    FEET,
    Animal,
    body,
    draw_leg,
    footfall,
    footfall_duty,
    fur_beside_eye,
    gait_of,
    hanging_tail,
    loose,
)
from reverie.video.storyboard.figures.puppet import Look, Pose, draw_puppet, head_of, step_of

SHIRTS = ("#ff5a3c", "#2fb6a8", "#ff7fab", "#4f8dff", "#ff9f2e", "#8b6cf0", "#4fae5f")
TROUSERS = ("#5b6bd6", "#3d4a8a", "#7a5ab8", "#3f7f8f", "#8a5a4a")
SHOES = ("#3b3a63", "#6a3d4a", "#2f4f6a", "#f4f1ff")


class Actor(Protocol):
    """Plays `role`, `height` x `width` virtual units."""

    role: Role
    height: float
    width: float

    def draw(
        self,
        canvas: Canvas,
        pose: Pose,
        t: float,
        held: Callable[[], None] | None = None,
        grounded: bool = True,
    ) -> None:
        """Draw it in `pose` at `t` seconds; `held` draws what it holds, `grounded` gives it a shadow."""
        ...

    def mouth(self, pose: Pose) -> Point:
        """Where food and drink go."""
        ...

    def hand(self, pose: Pose) -> Point:
        """Where its hand, paw or bumper comfortably is, in front of it."""
        ...


def make_actor(role: Role, height: float, seed: int = 0) -> Actor:
    """What plays `role`, `height` virtual units tall; `seed` picks clothes."""
    if role.kind is Kind.PERSON:
        return Puppet(role, height, seed)
    if role.sprite in ANIMALS:
        return Walker(role, height)
    if parts_of(role.sprite):
        return Rig(role, height)
    return Plain(role, height)


def paces(actor: Actor, distance: float, stride: float = 1.0, run: float = 0.0) -> float:
    """Cycles of `Pose.walk` for `distance` virtual units, so that no foot slides on the ground.

    `stride` and `run` are those of the pose. Of things without feet it is one cycle for their own height.
    """
    if isinstance(actor, Puppet):
        step, duty = step_of(actor.look, actor.height, stride, run)
        return distance * duty / (2 * step)
    if isinstance(actor, Walker):
        step = _animal_step(actor.animal, stride, run) * actor.square(Pose(0, 0))
        duty = footfall_duty(actor.animal.biped, run)
        return distance * duty / (2 * step)
    return distance / max(actor.height, 1e-6)


def rolled(actor: Actor, distance: float) -> float:
    """Degrees of `Pose.roll` for `distance` virtual units: wheels do not slip, balls roll on their own round.

    The largest wheel's; smaller ones turn faster by themselves. Negative backwards (`distance` < 0).
    """
    radius = actor.wheel if isinstance(actor, Rig) and actor.wheel else actor.height / 2
    return math.degrees(distance / max(radius, 1e-6))


def look_of(role: Role, seed: int) -> Look:
    """Clothes for a person, fur for a mascot."""
    if role.fur is not None:
        coat, belly, paws = role.fur
        coat_or_limb = coat if role.word != "panda" else "#f3eefc"
        return Look(role.sprite, coat_or_limb, coat, paws, coat, belly, 2.25, role.word == "robot")
    rng = random.Random(f"{role.word} {seed}")  # two people in a picture are not dressed alike
    build = 2.5 if role.metres < 1.4 else 2.95
    return Look(role.sprite, rng.choice(SHIRTS), rng.choice(TROUSERS), rng.choice(SHOES), build=build)


class Puppet:
    """A person or a mascot."""

    def __init__(self, role: Role, height: float, seed: int = 0, look: Look | None = None) -> None:
        self.role = role
        self.height = height
        self.look = look or look_of(role, seed)
        self.width = height * 0.44
        self._start = random.Random(seed).uniform(0, 3)

    def draw(
        self,
        canvas: Canvas,
        pose: Pose,
        t: float,
        held: Callable[[], None] | None = None,
        grounded: bool = True,
    ) -> None:
        if self.role.word == "frog" and pose.walk is not None and pose.climb is None:
            pose = _leaping(pose, self.height)
        # Nobody opens a film with eyes shut.
        blink = max(pose.blink, 1.0 if t > 0.5 and (t + self._start) % 2.7 < 0.13 else 0.0)
        draw_puppet(canvas, self.look, self.height, replace(pose, blink=blink), held, grounded)

    def mouth(self, pose: Pose) -> Point:
        return head_of(self.look, self.height, pose)

    def hand(self, pose: Pose) -> Point:
        h = self.height * pose.size
        return pose.x + pose.facing * h * 0.27, pose.y - pose.hop - h * 0.36


def _leaping(pose: Pose, height: float) -> Pose:
    """A frog does not walk: it crouches, leaps and lands, once a cycle."""
    k = (pose.walk or 0.0) % 1
    flown = (k - 0.3) / 0.7
    if k < 0.3:
        return replace(pose, walk=None, crouch=max(pose.crouch, 0.85 * math.sin(math.pi * k / 0.3)))
    return replace(
        pose,
        walk=None,
        hop=pose.hop + arc(flown) * height * 0.30 * min(1.4, pose.stride),
        crouch=max(pose.crouch, 0.45 * arc(flown)),
        lean=pose.lean + 12 * math.cos(math.pi * flown),
    )


def _before(actor: Actor, pose: Pose) -> Point:
    """Where whoever has no hands would hold something: just before them, a third up."""
    return (
        pose.x + pose.facing * actor.width * pose.size * 0.55,
        pose.y - pose.hop - actor.height * pose.size * 0.35,
    )


@lru_cache(2)
def _footless(name: str) -> Sprite:
    """A standing bird's sprite without its feet (the lowest sixth of it), as large as before."""
    pixels = sprite(name).pixels.copy()
    pixels[round(pixels.shape[0] * 0.835) :] = 0
    return Sprite(pixels)


class Plain:
    """One sprite, squashed, slanted and waved as its kind asks for."""

    def __init__(self, role: Role, height: float) -> None:
        self.role = role
        self.height = height
        self.sprite = picture_of(role)
        self.width = height * self.sprite.aspect

    def draw(
        self,
        canvas: Canvas,
        pose: Pose,
        t: float,
        held: Callable[[], None] | None = None,
        grounded: bool = True,
    ) -> None:
        pose = _softened(pose, self.role, self.height)
        if grounded:
            shadow(canvas, pose.x, pose.y + 2, self.width * pose.size * 0.92, pose.hop)
        height = self.height * pose.size
        flip = bool(self.role.facing) and pose.facing * self.role.facing < 0
        image = self._bent(pose, t)
        border = 1.0 if image is self.sprite else _grown(image, self.sprite)
        y = pose.y - pose.hop - (1 - pose.pivot) * height * pose.tall
        canvas.draw(
            image,
            pose.x,
            y,
            height * border,
            wide=pose.wide,
            tall=pose.tall,
            turn=pose.turn,
            shear=pose.facing * pose.lean / 70,
            alpha=pose.alpha,
            anchor=(0.5, 0.5 + (pose.pivot - 0.5) / border),
            flip=flip,
        )
        if self._flies(pose):
            self._wing(canvas, pose, TAU * (pose.flap if pose.flap is not None else t * 3.2))
        if held is not None:
            held()

    def _flies(self, pose: Pose) -> bool:
        """Whether this is a bird in the air: it beats a wing, and its feet are tucked in."""
        return self.role.sprite == "bird" and (pose.flap is not None or pose.hop > self.height * 0.25)

    def _wing(self, canvas: Canvas, pose: Pose, beat: float) -> None:
        """A bird's near wing: swept up, then down with its tip trailing."""
        h, ahead = self.height * pose.size, 1.0 if pose.facing > 0 else -1.0
        up, lag = math.sin(beat), math.sin(beat - 0.9)
        angle = math.radians(pose.turn)

        def at(back: float, high: float) -> Point:
            x, y = -ahead * back * h, -high * h * pose.tall
            foot = -(1 - pose.pivot) * h * pose.tall
            return (
                pose.x + x * math.cos(angle) - y * math.sin(angle),
                pose.y - pose.hop + foot + x * math.sin(angle) + (y - foot) * math.cos(angle),
            )

        wing = [at(-0.04, 0.50), at(0.18, 0.54 + 0.34 * up), at(0.44 - 0.08 * abs(up), 0.47 + 0.56 * lag)]
        wing += [at(0.30, 0.36 + 0.30 * lag), at(0.14, 0.32 + 0.12 * up), at(0.0, 0.36)]
        Shape(canvas).polygon(wing, h * 0.045).put("#ff4f8b", h * 0.09, high=0.5)

    def _bent(self, pose: Pose, t: float) -> Sprite:
        kind = self.role.kind
        if kind is Kind.ANIMAL and pose.walk is not None and self.role.word not in _HOPPERS | _WADDLERS:
            return stride(self.sprite, pose.walk, 0.07 * min(1.4, pose.stride))
        if kind is Kind.SWIMMER:
            return wiggle(self.sprite, t * 1.3, 0.045)
        if self.role.word in ("balloon", "kite"):
            return ripple(self.sprite, t * 0.7, 0.09, 0.58, 1.0)
        if self.role.word in ("tree", "flower", "seedling", "potted plant"):
            return ripple(self.sprite, t * 0.45, 0.022, 0.8, 0.0, waves=0.2)
        return _footless(self.role.sprite) if self._flies(pose) else self.sprite

    def mouth(self, pose: Pose) -> Point:
        swims = self.role.kind is Kind.SWIMMER
        ahead = (0.46 if swims else 0.36) if self.role.facing else 0.0
        return (
            pose.x + pose.facing * self.width * ahead * pose.size,
            pose.y - pose.hop - self.height * pose.size * (0.46 if swims else 0.62),
        )

    def hand(self, pose: Pose) -> Point:
        return _before(self, pose)


class Rig:
    """A sprite in parts that turn about their pivots: wheels, tails, wings, arms, legs, lids."""

    def __init__(self, role: Role, height: float) -> None:
        self.role = role
        self.height = height
        self._parts = parts_of(role.sprite)
        self._pivots = pivots_of(role.sprite)
        self._left, self._top, self._right, self._bottom = content(role.sprite)
        self.square = height / (self._bottom - self._top)
        # Every wheel stands on the ground, so what is below its hub is its radius.
        self._wheels = {
            piece: (self._bottom - self._pivots[piece][1]) * self.square
            for piece in self._parts
            if ".wheel" in piece and piece in self._pivots
        }
        self.wheel = max(self._wheels.values(), default=0.0)
        self.width = height * (self._right - self._left) / (self._bottom - self._top)

    def draw(
        self,
        canvas: Canvas,
        pose: Pose,
        t: float,
        held: Callable[[], None] | None = None,
        grounded: bool = True,
    ) -> None:
        pose = _softened(pose, self.role, self.height)
        if grounded:
            shadow(canvas, pose.x, pose.y + 2, self.width * pose.size * 0.95, pose.hop)
        square = self.height * pose.size / (self._bottom - self._top)
        mirrored = bool(self.role.facing) and pose.facing * self.role.facing < 0
        sx, sy = square * pose.wide * (-1 if mirrored else 1), square * pose.tall
        shear = pose.facing * pose.lean / 70
        c, s = math.cos(math.radians(pose.turn)), math.sin(math.radians(pose.turn))
        at_u, at_v = (self._left + self._right) / 2, self._top + (self._bottom - self._top) * pose.pivot
        base_y = pose.y - pose.hop - (1 - pose.pivot) * self.height * pose.size * pose.tall
        for name in self._parts:
            u, v = self._pivots.get(name, (0.5, 0.5))
            dy = (v - at_v) * sy
            dx = (u - at_u) * sx - shear * dy
            own, wide = self._motion(name, pose, t)
            piece = cut_part(name)
            canvas.draw(
                piece.sprite,
                pose.x + dx * c - dy * s,
                base_y + dx * s + dy * c,
                square * piece.high,
                wide=pose.wide * wide,
                tall=pose.tall,
                turn=pose.turn + own * (-1 if mirrored else 1),
                shear=shear,
                alpha=pose.alpha,
                anchor=piece.anchor(u, v),
                flip=mirrored,
            )
        if held is not None:
            held()

    def spot(self, pose: Pose, u: float, v: float) -> Point:
        """Where a place of the sprite's square (shares) is in `pose`, without its turn, virtual units."""
        square = self.square * pose.size
        ahead = -1.0 if bool(self.role.facing) and pose.facing * self.role.facing < 0 else 1.0
        return (
            pose.x + (u - (self._left + self._right) / 2) * square * ahead,
            pose.y - pose.hop - (self._bottom - v) * square,
        )

    def _motion(self, name: str, pose: Pose, t: float) -> tuple[float, float]:
        """(turn towards where it looks, width) of a part; the sprite looks to the left."""
        if name in self._wheels:
            return -pose.roll * self.wheel / max(self._wheels[name], 1e-6), 1.0
        piece = name.rpartition(".")[2]
        if piece.startswith("tail"):
            return (7 + 16 * pose.wag) * math.sin(TAU * t * (0.6 + 2.2 * pose.wag)), 1.0
        if piece.startswith("wing"):
            beat = TAU * pose.flap if pose.flap is not None else t * 9 * 2
            return 0.0, 0.675 + 0.325 * math.sin(beat)
        if piece.startswith("arm"):
            return 9 * wave(t, 0.9) * (1 + pose.wag), 1.0
        if piece.startswith("leg") and pose.walk is not None:
            start = (0.0 if "near" in piece else 0.5) + (0.25 if piece.endswith("front") else 0.0)
            return 20 * min(1.6, pose.stride) * math.sin(TAU * (pose.walk + start)), 1.0
        if piece.startswith("lid"):
            hinged_left = self._pivots[f"{self.role.sprite}.{piece}"][0] < (self._left + self._right) / 2
            return 80 * pose.lid * (-1 if hinged_left else 1), 1.0
        return 0.0, 1.0

    def mouth(self, pose: Pose) -> Point:
        return (
            pose.x + pose.facing * self.width * pose.size * 0.40,
            pose.y - pose.hop - self.height * pose.size * 0.66,
        )

    def hand(self, pose: Pose) -> Point:
        return _before(self, pose)


class Walker:
    """An animal on legs of its own: the sprite's body, its tail, and legs of clay that tread."""

    def __init__(self, role: Role, height: float) -> None:
        self.role = role
        self.height = height
        self.animal = ANIMALS[role.sprite]
        self._left, self._top, self._right, self._bottom = content(role.sprite)
        self.width = height * (self._right - self._left) / (self._bottom - self._top)

    def square(self, pose: Pose) -> float:
        """Height of the sprite's square in virtual units."""
        return self.height * pose.size / (self._bottom - self._top)

    def treads(self, pose: Pose) -> dict[str, tuple[float, float]]:
        """{foot: (how far before its hip, how high)} in virtual units; all 0 when it stands."""
        animal, square = self.animal, self.square(pose)
        feet = [foot for foot in FEET if not (animal.biped and foot.startswith("front"))]
        if pose.walk is None:
            return dict.fromkeys(feet, (0.0, 0.0))
        step, high = _animal_step(animal, pose.stride, pose.run) * square, animal.leg * square
        found = {}
        for foot in feet:
            tread = footfall(pose.walk, foot, pose.run, animal.biped)
            found[foot] = tread.ahead * step, tread.lift * high * lerp(0.16, 0.34, clamp(pose.run))
        return found

    def draw(
        self,
        canvas: Canvas,
        pose: Pose,
        t: float,
        held: Callable[[], None] | None = None,
        grounded: bool = True,
    ) -> None:
        if grounded:
            shadow(canvas, pose.x, pose.y + 2, self.width * pose.size * 0.95, pose.hop)
        animal, square, facing = self.animal, self.square(pose), 1.0 if pose.facing > 0 else -1.0
        rise, pitch = self._carriage(pose)
        place = _Placing(self, pose, square)
        sits = pose.sit * (1 - pose.lie) if self._rears else 0.0
        legs = {}
        for foot, (ahead, lift) in self.treads(pose).items():
            hip, front = animal.hip(foot), foot.startswith("front")
            tuck = lerp(0.0, 0.06, pose.lie) * (1 if front else -1)
            x, y = place.at((hip[0], animal.ground), 0.0, 0.0)
            at = place.at(hip, rise, pitch)
            # Who sits has the fore feet under the shoulders, the hind feet ahead of the hips.
            x = lerp(x, at[0] + facing * square * (0.01 if front else 0.12), sits)
            sole = (x + facing * (ahead * (1 - pose.lie) + tuck * square), y - lift * (1 - pose.lie))
            if foot == "front near" and pose.foot_near is not None:
                sole = pose.foot_near
            legs[foot] = at, sole
        over = [foot for foot in legs if foot.endswith("near") and not animal.behind]
        for foot, (hip_at, sole) in legs.items():
            if foot not in over:
                draw_leg(canvas, animal, foot, hip_at, sole, square, facing)
        self._loose(canvas, place, t, True, rise, pitch)
        self._lay(canvas, place, body(self.role.sprite), (0.5, 0.5), 0.0, rise, pitch)
        for foot in over:
            draw_leg(canvas, animal, foot, *legs[foot], square, facing)
        if sits > 0.3 and over:
            self._haunch(canvas, legs["rear near"][0], square, facing, clamp((sits - 0.3) * 2))
        if pose.lie > 0.6 or pose.blink > 0.5 or (t > 0.5 and (t + len(self.role.word)) % 3.1 < 0.13):
            self._lid(canvas, place, rise, pitch)
        self._loose(canvas, place, t, False, rise, pitch)
        if held is not None:
            held()

    @property
    def _rears(self) -> bool:
        """Whether it sits down behind only, as those with four long legs do."""
        return not self.animal.biped and self.animal.leg >= 0.2

    def _lid(self, canvas: Canvas, place: _Placing, rise: float, pitch: float) -> None:
        """The eye, shut."""
        (u, v), size = FEATURES[self.role.sprite][0], place.square
        x, y = place.at((u, v), rise, pitch)
        turn = place.pose.turn + pitch
        Shape(canvas).ellipse(x, y, size * 0.034, size * 0.046, turn).fill(fur_beside_eye(self.role.sprite))
        line = [place.at((u + du, v + dv), rise, pitch) for du, dv in _LASHES]
        Shape(canvas).tube(line, size * 0.014, size * 0.014).fill("#3a2638")

    def _haunch(self, canvas: Canvas, hip: Point, square: float, facing: float, share: float) -> None:
        """The thigh of a sitting animal, folded beside its belly."""
        size = self.animal.thick[0] * square * share
        x, y = hip[0] + facing * size * 0.30, hip[1]
        Shape(canvas).ellipse(x, y, size * 0.98, size * 0.74, -18 * facing).put(
            self.animal.near, size * 0.4, high=0.35, low=0.35
        )

    def _loose(
        self, canvas: Canvas, place: _Placing, t: float, behind: bool, rise: float, pitch: float
    ) -> None:
        wag = place.pose.wag
        hangs = hanging_tail(self.role.sprite)
        if behind and hangs is not None:
            # It is laid out behind on the ground when the animal is down.
            own = (4 + 9 * wag) * math.sin(TAU * t * (0.5 + 1.2 * wag)) - 6
            own -= 78 * max(0.8 * place.pose.sit, place.pose.lie)
            self._lay(canvas, place, hangs, self.animal.dock, own, rise, pitch)
        for piece in loose(self.role.sprite, behind):
            if piece.endswith(".tail"):
                own = (7 + 16 * wag) * math.sin(TAU * t * (0.6 + 2.2 * wag))
            else:
                own = 9 * wave(t, 0.9) * (1 + wag)
            self._lay(canvas, place, cut_part(piece), pivots_of(self.role.sprite)[piece], own, rise, pitch)

    def _lay(
        self,
        canvas: Canvas,
        place: _Placing,
        piece: Piece,
        pivot: Sequence[float],
        own: float,
        rise: float,
        pitch: float,
    ) -> None:
        x, y = place.at((pivot[0], pivot[1]), rise, pitch)
        canvas.draw(
            piece.sprite,
            x,
            y,
            place.square * piece.high,
            wide=place.pose.wide,
            tall=place.pose.tall,
            turn=place.pose.turn + pitch + own * (-1 if place.mirrored else 1),
            shear=place.shear,
            alpha=place.pose.alpha,
            anchor=piece.anchor(pivot[0], pivot[1]),
            flip=place.mirrored,
        )

    def _carriage(self, pose: Pose) -> tuple[float, float]:
        """(how far the body is up, virtual units; degrees it is pitched, clockwise)."""
        leg, facing = self.animal.leg * self.square(pose), 1.0 if pose.facing > 0 else -1.0
        biped = self.animal.biped
        sat = 0.0 if self._rears else 0.35 * pose.sit
        # Lying, it rests on its folded legs.
        down = 0.5 if biped else min(0.80, 1 - 0.65 * self.animal.thick[0] / self.animal.leg)
        low = max(0.38 * pose.crouch, sat, down * pose.lie) * leg
        reared = 0.0
        if self._rears:
            # The shoulders stay where they are, the hips sink until the thighs touch the ground.
            ahead = (self._left + self._right) / 2 - self.animal.front[0]
            apart = self.animal.rear[0] - self.animal.front[0]
            drop = self.animal.ground - self.animal.rear[1] - 1.25 * self.animal.thick[0]
            steep = clamp(drop / apart, 0.0, 0.56) * pose.sit * (1 - pose.lie)
            reared = math.degrees(math.asin(steep))
            low = max(low, ahead * self.square(pose) * steep)
        # A head that goes down to the ground takes the shoulders along, not the hips up.
        bowed = math.sin(math.radians(clamp(pose.tilt * 0.5, 0.0, 40.0))) * self.square(pose)
        low += (self.animal.rear[0] - (self._left + self._right) / 2) * bowed * (0.0 if biped else 1.0)
        nod = facing * (pose.tilt * 0.5 - reared)
        if pose.walk is None or pose.lie > 0.5:
            return -low, nod
        angle = TAU * pose.walk
        gait = gait_of(pose.run)
        if gait == "gallop":
            # Up in front as the hind feet push, down in front as the fore feet land.
            return leg * (0.10 + 0.10 * math.sin(angle - 0.6)) - low, nod - facing * 4.5 * math.cos(
                angle - 0.4
            )
        swing = math.cos(2 * angle)
        if gait == "trot":
            return leg * (0.05 - 0.06 * swing) - low, nod + facing * 1.0 * math.sin(2 * angle)
        return -leg * (0.045 + 0.025 * swing) - low, nod + facing * 1.4 * math.sin(2 * angle + 0.8)

    def mouth(self, pose: Pose) -> Point:
        rise, pitch = self._carriage(pose)
        return _Placing(self, pose, self.square(pose)).at(FEATURES[self.role.sprite][1], rise, pitch)

    def hand(self, pose: Pose) -> Point:
        return _before(self, pose)


_LASHES = ((-0.030, 0.004), (-0.016, 0.015), (0.0, 0.019), (0.016, 0.015), (0.030, 0.004))
"""A shut eye, from its middle."""


class _Placing:
    """From shares of a sprite's square to virtual units, for one pose."""

    def __init__(self, walker: Walker, pose: Pose, square: float) -> None:
        self.pose, self.square = pose, square
        self.mirrored = bool(walker.role.facing) and pose.facing * walker.role.facing < 0
        self.shear = pose.facing * pose.lean / 70
        left, top, right, bottom = walker._left, walker._top, walker._right, walker._bottom
        self._u, self._v = (left + right) / 2, top + (bottom - top) * pose.pivot
        self._y = pose.y - pose.hop - (1 - pose.pivot) * walker.height * pose.size * pose.tall
        self._hub = ((left + right) / 2, walker.animal.front[1])

    def at(self, point: Point, rise: float, pitch: float) -> Point:
        """Where a point of the square is, the body `rise` up and pitched about its middle."""
        sx, sy = self.square * self.pose.wide * (-1 if self.mirrored else 1), self.square * self.pose.tall
        x, y = (point[0] - self._hub[0]) * sx, (point[1] - self._hub[1]) * sy
        x -= self.shear * y
        x, y = _spun(x, y, pitch)
        x += (self._hub[0] - self._u) * sx - self.shear * (self._hub[1] - self._v) * sy
        y += (self._hub[1] - self._v) * sy - rise
        x, y = _spun(x, y, self.pose.turn)
        return self.pose.x + x, self._y + y


def _spun(x: float, y: float, degrees: float) -> Point:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return x * c - y * s, x * s + y * c


def _animal_step(animal: Animal, stride: float, run: float) -> float:
    """How far before and behind its hip a foot treads, as a share of the sprite's square."""
    return min(animal.step * stride * (1 + 0.25 * clamp(run)), animal.leg * 0.72)


def picture_of(role: Role) -> Sprite:
    """The still picture of a role: its sprite, our own drawing, or a card with its word."""
    if role.sprite in OUR:
        return OUR[role.sprite]()
    return sprite(role.sprite) if role.sprite else card(role.word)


@lru_cache(64)
def content(name: str) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of a sprite's content in its square, 0..1."""
    pixels = part(name).pixels
    x, y, w, h = cv2.boundingRect((pixels[..., 3] > 8).astype("uint8"))
    size = pixels.shape[0]
    return x / size, y / size, (x + w) / size, (y + h) / size


def _grown(image: Sprite, source: Sprite) -> float:
    """How much higher a bent sprite's picture is than its source's, borders included."""
    level = min(
        source.levels,
        key=lambda pixels: abs(pixels.shape[0] - image.height) if pixels.shape[0] <= image.height else 1e9,
    )
    return float(image.height / level.shape[0])


_GLIDES = frozenset({Kind.VEHICLE, Kind.SKY, Kind.AIRCRAFT, Kind.SHIP})
_HOPPERS = frozenset({"rabbit", "frog", "monkey"})
_WADDLERS = frozenset({"penguin"})


def _softened(pose: Pose, role: Role, high: float) -> Pose:
    """The parts of a pose that need limbs, told with squash instead; `high`: virtual units."""
    if is_own(role.sprite):  # its lettering is never seen from behind
        pose = replace(pose, wide=abs(pose.wide))
    press = clamp(pose.crouch) * 0.24 + clamp(pose.sit) * 0.12
    extra_hop = extra_turn = stretch = 0.0
    if pose.walk is not None and role.kind not in _GLIDES:
        if role.word in _HOPPERS or role.kind is Kind.BIRD:
            # A hop a cycle: a short crouch, then an arc.
            k = pose.walk % 1
            flown = (k - 0.22) / 0.78
            extra_hop = arc(flown) * high * 0.30 * min(1.5, pose.stride) if k > 0.22 else 0.0
            stretch = 0.10 * math.cos(math.pi * flown) if k > 0.22 else -0.14 * math.sin(math.pi * k / 0.22)
            extra_turn = -pose.facing * 16 * math.cos(math.pi * flown) * arc(flown) if k > 0.22 else 0.0
        elif role.word in _WADDLERS:
            extra_turn = 7 * math.sin(TAU * pose.walk)
            extra_hop = abs(math.sin(TAU * pose.walk)) * high * 0.03
        elif role.kind is Kind.ANIMAL:
            extra_hop = abs(math.sin(TAU * pose.walk)) * 4 * pose.stride
        else:
            extra_hop = abs(math.sin(TAU * pose.walk)) * 12 * pose.stride
            extra_turn = 5 * math.sin(TAU * pose.walk)
    return replace(
        pose,
        hop=pose.hop + extra_hop,
        turn=pose.turn + extra_turn + pose.facing * pose.tilt * 0.5,
        tall=pose.tall * (1 - press + stretch),
        wide=pose.wide * (1 + press * 0.7 - stretch * 0.5),
    )
