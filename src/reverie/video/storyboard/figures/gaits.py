"""How animals go: which foot is on the ground when, and legs of clay under bodies without legs.

The sprites of four-legged animals stand in all sorts of poses. Their legs are cut off once, and legs that
walk, trot and gallop are drawn in their place, each foot planted where it treads.

    ANIMALS["horse"].cut                   what of the sprite is the body
    footfall(0.3, "rear near", run=0.0)    -> Tread(ahead, lift)

Footfalls are those that Eadweard Muybridge photographed (Animal Locomotion, 1887): a walk is four beats in
lateral sequence, a trot two diagonal pairs, a gallop hind pair and fore pair with a moment in the air.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from reverie.video.storyboard.art.canvas import Canvas, Pixels
from reverie.video.storyboard.art.clay import Point, Shape, bend, reach
from reverie.video.storyboard.art.easing import lerp
from reverie.video.storyboard.art.sprites import Piece, cut, cut_part, part, parts_of

FEET = ("rear far", "front far", "rear near", "front near")
"""The legs of a four-legged animal, in the order they are drawn; a biped has the rear ones."""

_WALK = {"rear near": 0.0, "front near": 0.75, "rear far": 0.5, "front far": 0.25}
_TROT = {"rear near": 0.0, "front far": 0.0, "rear far": 0.5, "front near": 0.5}
_GALLOP = {"rear far": 0.0, "rear near": 0.9, "front far": 0.55, "front near": 0.45}
_DUTY = {"walk": 0.66, "trot": 0.44, "gallop": 0.30}


class Tread(NamedTuple):
    """Where a foot is: `ahead` -1..1 of its step, `lift` 0..1 of how high it is raised."""

    ahead: float
    lift: float


def gait_of(run: float) -> str:
    """`walk`, `trot` or `gallop` for `Pose.run`."""
    return "walk" if run < 0.3 else "trot" if run < 0.75 else "gallop"


def footfall_duty(biped: bool, run: float = 0.0) -> float:
    """The share of its cycle that each foot is on the ground."""
    gait = gait_of(run)
    return (0.60 if gait == "walk" else 0.40) if biped else _DUTY[gait]


def footfall(cycles: float, foot: str, run: float = 0.0, biped: bool = False) -> Tread:
    """Where a foot is after `cycles`; on the ground it goes backwards at one speed."""
    gait = gait_of(run)
    starts = _TROT if biped else {"walk": _WALK, "trot": _TROT, "gallop": _GALLOP}[gait]
    duty = footfall_duty(biped, run)
    k = (cycles + starts[foot]) % 1
    if k < duty:
        return Tread(1 - 2 * k / duty, 0.0)
    swing = (k - duty) / (1 - duty)
    soft = swing * swing * (3 - 2 * swing)
    return Tread(-1 + 2 * soft, math.sin(math.pi * swing))


@dataclass(frozen=True, slots=True)
class Animal:
    """Legs for a sprite that looks to the left; places are shares of its square (read off the sprites).

    `cut`: outline of what is body, () where the sprite comes in parts; `front`, `rear`: hips; `ground`: the
    height of the soles; `thick`: of a leg at its top and at its foot; `near`, `far`, `hoof`: colours; `paw`:
    a foot that points ahead instead of a hoof; `behind`: the body hides the top of all legs; `bands`: colour
    of rings around the legs; `biped`: only rear legs; `tail`: outline of a
    tail that hangs, `dock`: where it begins.
    """

    front: Point
    rear: Point
    ground: float
    thick: tuple[float, float]
    near: str
    far: str
    hoof: str
    cut: tuple[Point, ...] = ()
    paw: bool = False
    behind: bool = False
    bands: str = ""
    biped: bool = False
    tail: tuple[Point, ...] = ()
    dock: Point = (0.0, 0.0)

    @property
    def leg(self) -> float:
        """From the hips to the ground, as a share of the square."""
        return self.ground - (self.front[1] + self.rear[1]) / 2

    @property
    def step(self) -> float:
        """How far before and behind its hip a foot treads at stride 1, as a share of the square."""
        return self.leg * 0.34

    def hip(self, foot: str) -> Point:
        """Where a leg begins; far legs are a little off the near ones."""
        x, y = self.front if foot.startswith("front") else self.rear
        return (x + (0.035 if foot.startswith("front") else -0.035), y) if foot.endswith("far") else (x, y)


ANIMALS: dict[str, Animal] = {
    "horse": Animal(
        (0.310, 0.590),
        (0.785, 0.560),
        0.935,
        (0.115, 0.060),
        "#7f4c44",
        "#5d3634",
        "#33222a",
        ((0, 0), (1, 0), (1, 0.60), (0.86, 0.66), (0.28, 0.66), (0.25, 0.62), (0.215, 0.49), (0, 0.49)),
    ),
    "cow": Animal(
        (0.345, 0.640),
        (0.795, 0.620),
        0.905,
        (0.125, 0.068),
        "#e0d6f3",
        "#a99cc6",
        "#7d7296",
        (
            (0, 0),
            (1, 0),
            (1, 0.83),
            (0.865, 0.83),
            (0.865, 0.63),
            (0.655, 0.66),
            (0.650, 0.748),
            (0.575, 0.735),
            (0.555, 0.685),
            (0.30, 0.68),
            (0.26, 0.62),
            (0, 0.62),
        ),
        tail=((0.870, 0.60), (1, 0.60), (1, 0.84), (0.85, 0.84), (0.85, 0.68), (0.870, 0.66)),
        dock=(0.905, 0.60),
    ),
    "ewe": Animal(
        (0.370, 0.680),
        (0.850, 0.680),
        0.935,
        (0.085, 0.070),
        "#d9894b",
        "#9a5a3e",
        "#6d3f33",
        ((0, 0), (1, 0), (1, 0.762), (0, 0.762)),
        behind=True,
    ),
    "elephant": Animal(
        (0.360, 0.570),
        (0.805, 0.570),
        0.880,
        (0.175, 0.150),
        "#a9a8b7",
        "#807e95",
        "#c9c6d6",
        ((0, 0), (1, 0), (1, 0.62), (0.86, 0.655), (0.29, 0.655), (0.235, 0.66), (0.18, 0.79), (0, 0.79)),
    ),
    "zebra": Animal(
        (0.375, 0.600),
        (0.815, 0.570),
        0.950,
        (0.115, 0.055),
        "#d8d2e6",
        "#a59dbd",
        "#4a4452",
        ((0, 0), (1, 0), (1, 0.60), (0.88, 0.655), (0.32, 0.665), (0.22, 0.62), (0, 0.62)),
        bands="#4c4a50",
    ),
    "giraffe": Animal(
        (0.355, 0.610),
        (0.700, 0.600),
        0.935,
        (0.100, 0.052),
        "#e2973c",
        "#b9683a",
        "#6f4a36",
        (
            (0, 0),
            (1, 0),
            (1, 0.83),
            (0.868, 0.83),
            (0.862, 0.70),
            (0.82, 0.60),
            (0.79, 0.56),
            (0.73, 0.65),
            (0.66, 0.675),
            (0.30, 0.672),
            (0, 0.672),
        ),
        tail=((0.805, 0.53), (1, 0.53), (1, 0.83), (0.868, 0.83), (0.862, 0.70), (0.82, 0.60)),
        dock=(0.805, 0.555),
    ),
    "tiger": Animal(
        (0.275, 0.640),
        (0.690, 0.620),
        0.935,
        (0.135, 0.090),
        "#f6602f",
        "#c73a38",
        "#ffb27c",
        (
            (0, 0),
            (1, 0),
            (1, 0.87),
            (0.810, 0.87),
            (0.800, 0.66),
            (0.72, 0.66),
            (0.60, 0.745),
            (0.25, 0.745),
            (0, 0.72),
        ),
        paw=True,
        bands="#4a3a5e",
        tail=((0.800, 0.44), (1, 0.44), (1, 0.9), (0.800, 0.9)),
        dock=(0.800, 0.510),
    ),
    "dog": Animal(
        (0.285, 0.575), (0.785, 0.545), 0.895, (0.110, 0.078), "#fba674", "#cf6f4d", "#ffb694", paw=True
    ),
    "cat": Animal(
        (0.355, 0.600), (0.770, 0.570), 0.930, (0.115, 0.074), "#ee9654", "#c9643f", "#ffb388", paw=True
    ),
    "sauropod": Animal(
        (0.320, 0.640), (0.715, 0.640), 0.930, (0.150, 0.120), "#50d09a", "#2f7a7c", "#8fe8c0", paw=True
    ),
    "t-rex": Animal(
        (0.56, 0.62),
        (0.555, 0.620),
        0.930,
        (0.185, 0.085),
        "#40d488",
        "#3a6f92",
        "#6fe6a8",
        paw=True,
        biped=True,
    ),
    "turtle": Animal(
        (0.220, 0.790),
        (0.790, 0.790),
        0.935,
        (0.140, 0.130),
        "#b4dc48",
        "#7fa83c",
        "#d9ef8f",
        ((0, 0), (1, 0), (1, 0.842), (0, 0.842)),
        paw=True,
        behind=True,
    ),
}
"""Every animal that walks on legs of clay, by the name of its sprite."""


FEATURES: dict[str, tuple[Point, Point]] = {
    "horse": ((0.186, 0.186), (0.075, 0.285)),
    "cow": ((0.222, 0.290), (0.085, 0.340)),
    "ewe": ((0.173, 0.274), (0.080, 0.335)),
    "elephant": ((0.203, 0.378), (0.150, 0.740)),
    "zebra": ((0.155, 0.215), (0.070, 0.285)),
    "giraffe": ((0.210, 0.170), (0.115, 0.235)),
    "tiger": ((0.205, 0.410), (0.085, 0.510)),
    "dog": ((0.228, 0.300), (0.095, 0.420)),
    "cat": ((0.200, 0.365), (0.080, 0.460)),
    "sauropod": ((0.203, 0.105), (0.080, 0.160)),
    "t-rex": ((0.280, 0.185), (0.085, 0.300)),
    "turtle": ((0.140, 0.700), (0.080, 0.775)),
}
"""(eye, mouth) of every animal, shares of its square; an elephant takes things with its trunk."""


@lru_cache(16)
def fur_beside_eye(name: str) -> str:
    """The colour of an animal's eyelid."""
    pixels, (u, v) = part(name).pixels, FEATURES[name][0]
    size = pixels.shape[0]
    red, green, blue = (int(c) for c in pixels[round(v * size), round((u + 0.042) * size), :3])
    return f"#{red:02x}{green:02x}{blue:02x}"


@lru_cache(16)
def body(name: str) -> Piece:
    """An animal without its legs and without a tail that hangs."""
    animal = ANIMALS[name]
    if not animal.cut:
        return cut_part(f"{name}.body")
    pixels = _cut_out(part(name).pixels, animal.cut)
    if animal.tail:
        pixels = cv2.subtract(pixels, _cut_out(pixels, animal.tail))  # type: ignore[assignment]
    return cut(pixels)


@lru_cache(8)
def hanging_tail(name: str) -> Piece | None:
    """The tail of an animal that hangs; None where it has none."""
    animal = ANIMALS[name]
    return cut(_cut_out(_cut_out(part(name).pixels, animal.cut), animal.tail)) if animal.tail else None


def _cut_out(pixels: Pixels, outline: tuple[Point, ...]) -> Pixels:
    size = pixels.shape[0]
    keep = np.zeros((size, size), np.uint8)
    cv2.fillPoly(keep, [np.rint(np.array(outline) * size * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    out: Pixels = cv2.multiply(pixels, cv2.merge([keep] * 4), scale=1 / 255)  # type: ignore[assignment]
    return out


def loose(name: str, behind: bool) -> tuple[str, ...]:
    """The parts of an animal that move by themselves: tails and far arms behind the body, or near arms."""
    kinds = (".tail", ".arm-far") if behind else (".arm-near",)
    return tuple(piece for piece in parts_of(name) if piece.endswith(kinds))


def draw_leg(
    canvas: Canvas, animal: Animal, foot: str, hip: Point, sole: Point, square: float, facing: float
) -> None:
    """A leg from `hip` to `sole` in virtual units; `square`: the height of the sprite's square in them."""
    far = foot.endswith("far")
    tint = animal.far if far else animal.near
    top, end = animal.thick[0] * square, animal.thick[1] * square
    ankle = (sole[0], sole[1] - end * 0.45)
    upper = (animal.ground - animal.hip(foot)[1]) * square * 0.508 - end * 0.22
    # Knees of fore legs bend forwards, hocks of hind legs backwards; a biped's knee goes forwards.
    ahead = foot.startswith("front") or animal.biped
    joint, ankle = reach(hip, ankle, upper, upper, -facing if ahead else facing)
    # A folded knee rests on the ground, it does not sink in.
    joint = (joint[0], min(joint[1], max(sole[1] - top * 0.42, hip[1])))
    points = bend(hip, joint, ankle, 9, 0.95)
    # In two halves: the outline of a leg that is folded up would cross itself.
    middle = (top + end) / 2
    shape = Shape(canvas).tube(points[:5], top, middle).tube(points[4:], middle, end)
    if animal.paw:
        shape.ellipse(ankle[0] + facing * end * 0.30, ankle[1] + end * 0.10, end * 0.72, end * 0.40)
    shape.put(tint, end * 0.42, high=0.5, low=0.45)
    for share in (0.52, 0.70) if animal.bands else ():
        x, y = points[round(share * 8)]
        half = lerp(top, end, share) * 0.46
        Shape(canvas).tube(
            [(x - half, y - half * 0.15), (x + half, y + half * 0.15)], end * 0.30, end * 0.30
        ).fill(animal.bands)
    if not animal.paw:
        low = ankle[1] + end * 0.20
        heel, toe = ankle[0] - facing * end * 0.20, ankle[0] + facing * end * 0.28
        Shape(canvas).tube([(heel, low), (toe, low)], end * 0.52, end * 0.50).put(animal.hoof, end * 0.2)
