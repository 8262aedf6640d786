"""Whatever plays a role: a puppet with limbs, a sprite with parts that move, or a plain sprite.

    actor = make_actor(role("dog"), height=120, seed=7)
    actor.draw(canvas, Pose(x=300, y=372, walk=t * 2, facing=1), t)

`height` and `width` are virtual units at size 1. A pose means the same for each: a dog's `lean` slants it, a
car's `crouch` presses it down on its wheels.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol

import cv2

from reverie.video.storyboard.canvas import Canvas, Sprite
from reverie.video.storyboard.casting import Kind, Role
from reverie.video.storyboard.clay import Point
from reverie.video.storyboard.easing import TAU, clamp, wave
from reverie.video.storyboard.light import shadow
from reverie.video.storyboard.props import OUR
from reverie.video.storyboard.puppet import Look, Pose, draw_puppet, head_of
from reverie.video.storyboard.sprites import catalogue, part, parts_of, ripple, sprite, stride, wiggle
from reverie.video.storyboard.text import card

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
    if parts_of(role.sprite):
        return Rig(role, height)
    return Plain(role, height)


def look_of(role: Role, seed: int) -> Look:
    """Clothes for a person, fur for a mascot."""
    if role.fur is not None:
        coat, belly, paws = role.fur
        coat_or_limb = coat if role.word != "panda" else "#f3eefc"
        return Look(role.sprite, coat_or_limb, coat, paws, coat, belly, 2.25)
    rng = random.Random(seed)
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
        blink = max(pose.blink, 1.0 if (t + self._start) % 2.7 < 0.13 else 0.0)
        draw_puppet(canvas, self.look, self.height, replace(pose, blink=blink), held, grounded)

    def mouth(self, pose: Pose) -> Point:
        return head_of(self.look, self.height, pose)

    def hand(self, pose: Pose) -> Point:
        h = self.height * pose.size
        return pose.x + pose.facing * h * 0.27, pose.y - pose.hop - h * 0.36


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
        pose = _softened(pose, self.role)
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
        if held is not None:
            held()

    def _bent(self, pose: Pose, t: float) -> Sprite:
        kind = self.role.kind
        if kind is Kind.ANIMAL and pose.walk is not None:
            return stride(self.sprite, pose.walk, 0.07 * min(1.4, pose.stride))
        if kind is Kind.SWIMMER:
            return wiggle(self.sprite, t * 1.3, 0.035)
        if self.role.word in ("balloon", "kite"):
            return ripple(self.sprite, t * 0.7, 0.09, 0.58, 1.0)
        if self.role.word in ("tree", "flower", "seedling", "potted plant"):
            return ripple(self.sprite, t * 0.45, 0.022, 0.8, 0.0, waves=0.2)
        return self.sprite

    def mouth(self, pose: Pose) -> Point:
        ahead = 0.36 if self.role.facing else 0.0
        return (
            pose.x + pose.facing * self.width * ahead * pose.size,
            pose.y - pose.hop - self.height * pose.size * 0.62,
        )

    def hand(self, pose: Pose) -> Point:
        return (
            pose.x + pose.facing * self.width * pose.size * 0.55,
            pose.y - pose.hop - self.height * pose.size * 0.35,
        )


class Rig:
    """A sprite in parts that turn about their pivots: wheels, legs, tails, wings."""

    def __init__(self, role: Role, height: float) -> None:
        self.role = role
        self.height = height
        self._parts = parts_of(role.sprite)
        listed: dict[str, Any] = catalogue()["sprites"][role.sprite]
        self._pivots: dict[str, list[float]] = listed.get("pivots", {})
        self._left, self._top, self._right, self._bottom = content(role.sprite)
        hips = [self._pivots[name][1] for name in self._parts if ".leg" in name and name in self._pivots]
        self._legged = bool(hips)
        self._leg_share = (self._bottom - max(hips)) / (self._bottom - self._top) if hips else 0.0
        self.width = height * (self._right - self._left) / (self._bottom - self._top)

    def draw(
        self,
        canvas: Canvas,
        pose: Pose,
        t: float,
        held: Callable[[], None] | None = None,
        grounded: bool = True,
    ) -> None:
        pose = _softened(pose, self.role)
        if grounded:
            shadow(canvas, pose.x, pose.y + 2, self.width * pose.size * 0.95, pose.hop)
        square = self.height * pose.size / (self._bottom - self._top)
        mirrored = bool(self.role.facing) and pose.facing * self.role.facing < 0
        sx, sy = square * pose.wide * (-1 if mirrored else 1), square * pose.tall
        shear = pose.facing * pose.lean / 70
        c, s = math.cos(math.radians(pose.turn)), math.sin(math.radians(pose.turn))
        at_u, at_v = (self._left + self._right) / 2, self._top + (self._bottom - self._top) * pose.pivot
        base_y = pose.y - pose.hop - (1 - pose.pivot) * self.height * pose.size * pose.tall
        if self._legged:
            base_y += pose.sit * 0.6 * self._leg_share * self.height * pose.size * pose.tall
        for name in self._parts:
            u, v = self._pivots.get(name, (0.5, 0.5))
            dy = (v - at_v) * sy
            dx = (u - at_u) * sx - shear * dy
            own, wide, lift = self._motion(name.rpartition(".")[2], pose, t)
            canvas.draw(
                part(name),
                pose.x + dx * c - dy * s,
                base_y + dx * s + dy * c,
                square,
                wide=pose.wide * wide,
                tall=pose.tall * (1 - lift),
                turn=pose.turn + own * (-1 if mirrored else 1),
                shear=shear,
                alpha=pose.alpha,
                anchor=(u, v),
                flip=mirrored,
            )
        if held is not None:
            held()

    def _motion(self, piece: str, pose: Pose, t: float) -> tuple[float, float, float]:
        """(turn towards where it looks, width, shortening) of a part; the sprite looks to the left."""
        if piece.startswith("wheel"):
            return -pose.roll, 1.0, 0.0
        if piece.startswith("leg"):
            if pose.walk is None:
                return 0.0, 1.0, 0.6 * pose.sit
            start = 0.0 if "near" in piece else 0.5
            start += 0.25 if piece.endswith("front") else 0.0
            angle = TAU * (pose.walk + start)
            return 20 * min(1.6, pose.stride) * math.sin(angle), 1.0, 0.13 * max(0.0, math.cos(angle))
        if piece.startswith("tail"):
            return (7 + 16 * pose.wag) * math.sin(TAU * t * (0.6 + 2.2 * pose.wag)), 1.0, 0.0
        if piece.startswith("wing"):
            return 0.0, 0.35 + 0.65 * abs(math.sin(t * 9)), 0.0
        if piece.startswith("arm"):
            return 9 * wave(t, 0.9) * (1 + pose.wag), 1.0, 0.0
        return 0.0, 1.0, 0.0

    def mouth(self, pose: Pose) -> Point:
        return (
            pose.x + pose.facing * self.width * pose.size * 0.40,
            pose.y - pose.hop - self.height * pose.size * 0.66,
        )

    def hand(self, pose: Pose) -> Point:
        return (
            pose.x + pose.facing * self.width * pose.size * 0.55,
            pose.y - pose.hop - self.height * pose.size * 0.35,
        )


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


def _softened(pose: Pose, role: Role) -> Pose:
    """The parts of a pose that need limbs, told with squash instead."""
    press = clamp(pose.crouch) * 0.24 + clamp(pose.sit) * 0.12
    extra_hop = extra_turn = 0.0
    if pose.walk is not None and role.kind not in (
        Kind.VEHICLE,
        Kind.ANIMAL,
        Kind.SKY,
        Kind.AIRCRAFT,
        Kind.SHIP,
    ):
        extra_hop = abs(math.sin(TAU * pose.walk)) * 12 * pose.stride
        extra_turn = 5 * math.sin(TAU * pose.walk)
    elif pose.walk is not None and role.kind is Kind.ANIMAL:
        extra_hop = abs(math.sin(TAU * pose.walk)) * 4 * pose.stride
    return replace(
        pose,
        hop=pose.hop + extra_hop,
        turn=pose.turn + extra_turn + pose.facing * pose.tilt * 0.5,
        tall=pose.tall * (1 - press),
        wide=pose.wide * (1 + press * 0.7),
    )
