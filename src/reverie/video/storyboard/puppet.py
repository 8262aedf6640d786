"""People and mascots: a clay body with jointed limbs under a front-facing head that can look around.

A `Look` says what a puppet is made of, a `Pose` what it does; `draw_puppet` draws one picture of it. The
same `Pose` also moves things without limbs (`actor.py`), so that an action is written once for both.

    pose = Pose(x=240, y=372, walk=t * 1.6, facing=1)
    draw_puppet(canvas, Look("child"), 200, pose)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from reverie.video.storyboard.canvas import Canvas
from reverie.video.storyboard.clay import Point, Shape, bend, reach
from reverie.video.storyboard.easing import TAU, clamp, lerp
from reverie.video.storyboard.light import shadow
from reverie.video.storyboard.sprites import face

Expression = Literal[
    "content", "happy", "laughing", "surprised", "curious", "thinking", "worried", "sad", "sleepy", "proud"
]
"""What a face says; "content" is how it looks by itself."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a puppet is made of: sprite of its head, colours of its clay, `build` = heights of head in it."""

    head: str = "child"
    shirt: str = "#ff5a3c"
    trousers: str = "#5b6bd6"
    shoes: str = "#3b3a63"
    skin: str = "#ffc53a"
    belly: str = ""
    build: float = 2.5


@dataclass(frozen=True, slots=True)
class Pose:
    """What somebody or something is doing at one instant. Places are virtual units, turns are degrees.

    `x`, `y`: where it stands (its foot's middle); `hop`: height above that. `facing`: +1 right, -1 left.
    `wide`, `tall`: squash and stretch; `turn`: clockwise, about the foot (`pivot` 1) up to the middle
    (`pivot` 0.5). `lean`: forward. `walk`: cycles walked, None when it stands; `stride`: length of a step.
    `crouch`: 0..1. `sit`: 0..1, thighs forward. `tilt`: of the head. `gaze`: -1..1, the head looks to the
    picture's left or right. `blink`, `mouth`: 0..1. `far`, `near`: where the hands are (None: they hang).
    `elbow_far`, `elbow_near`: +1 or -1, which way an elbow points. `roll`: degrees that wheels have turned.
    `face`: the expression of whoever has a face.
    """

    x: float
    y: float
    hop: float = 0.0
    facing: float = 1.0
    wide: float = 1.0
    tall: float = 1.0
    turn: float = 0.0
    pivot: float = 1.0
    lean: float = 0.0
    alpha: float = 1.0
    size: float = 1.0
    walk: float | None = None
    stride: float = 1.0
    crouch: float = 0.0
    sit: float = 0.0
    tilt: float = 0.0
    gaze: float = 0.0
    blink: float = 0.0
    mouth: float = 0.0
    far: Point | None = None
    near: Point | None = None
    elbow_far: float = 0.0
    elbow_near: float = 0.0
    roll: float = 0.0
    wag: float = 0.0
    face: Expression = "content"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the joints of a puppet are, in virtual units: for what it holds, wears or sits on."""

    head: Point
    head_size: float
    neck: Point
    pelvis: Point
    shoulders: tuple[Point, Point]
    arm: float
    width: float


def frame_of(look: Look, height: float, pose: Pose) -> Frame:
    """The joints of a puppet `height` virtual units tall in `pose`."""
    h = height * pose.size
    head = h / look.build
    rest = h - head * 0.86
    leg, torso, w = rest * 0.47, rest * 0.53 * pose.tall, h * 0.105
    f = pose.facing
    # Half seated is on a saddle, fully seated is on the floor.
    low = max(0.58 * pose.crouch, 0.66 * pose.sit + 0.6 * max(0.0, pose.sit - 0.7))
    pelvis = (pose.x - f * pose.crouch * h * 0.06, pose.y - leg * (1 - low) - pose.hop)
    angle = math.radians(pose.lean) * f
    s, c = math.sin(angle), math.cos(angle)

    def up(p: Point, along: float, across: float = 0.0) -> Point:
        return p[0] + along * s + across * c, p[1] - along * c + across * s

    neck = up(pelvis, torso)
    shoulders = (up(neck, -torso * 0.17, -w * 0.95), up(neck, -torso * 0.17, w * 0.95))
    return Frame(up(neck, -head * 0.02), head, neck, pelvis, shoulders, rest * 0.30, w)


def head_of(look: Look, height: float, pose: Pose) -> Point:
    """The middle of a puppet's mouth, more or less: where food goes."""
    joints = frame_of(look, height, pose)
    return joints.head[0] + pose.gaze * joints.head_size * 0.14, joints.head[1] - joints.head_size * 0.16


def draw_puppet(
    canvas: Canvas,
    look: Look,
    height: float,
    pose: Pose,
    held: Callable[[], None] | None = None,
    grounded: bool = True,
) -> None:
    """Draw a puppet `height` virtual units tall. `held` draws what it holds: behind its near arm and before
    its body. `grounded`: with a shadow at (pose.x, pose.y)."""
    joints = frame_of(look, height, pose)
    h, w, f = height * pose.size, joints.width, pose.facing
    if grounded:
        shadow(canvas, pose.x, pose.y + 3, h * 0.42, pose.hop, 0.5)
    front = 1 if f > 0 else 0
    back = 1 - front
    _arm(canvas, look, joints, pose, back, pose.far, pose.elbow_far or (1.0 if back == 0 else -1.0))
    _legs(canvas, look, joints, pose, h, (back, front))
    _torso(canvas, look, joints, pose)
    if look.build >= 2.4:
        neck = [joints.neck, (joints.neck[0], joints.neck[1] - joints.head_size * 0.12)]
        Shape(canvas).tube(neck, w * 0.74, w * 0.74).put(look.skin, w * 0.3)
    image = face(look.head, clamp(pose.gaze, -1, 1), pose.blink, pose.mouth)
    canvas.draw(
        image,
        joints.head[0] + pose.gaze * joints.head_size * 0.035,
        joints.head[1] + joints.head_size * 0.10,
        joints.head_size * 1.12,
        wide=pose.wide / pose.tall**0.5,
        tall=pose.tall**0.5,
        turn=pose.lean * f * 0.35 + pose.tilt * f,
        anchor=(0.5, 0.93),
    )
    if held is not None:
        held()
    _arm(canvas, look, joints, pose, front, pose.near, pose.elbow_near or (1.0 if front == 0 else -1.0))


def _torso(canvas: Canvas, look: Look, joints: Frame, pose: Pose) -> None:
    w = joints.width
    (px, py), (nx, ny) = joints.pelvis, joints.neck
    length = math.hypot(nx - px, ny - py) or 1.0
    ux, uy = (nx - px) / length, (ny - py) / length

    def at(along: float, across: float) -> Point:
        return px + ux * length * along - uy * across, py + uy * length * along + ux * across

    corners = [at(0.06, -w * 0.66), at(0.06, w * 0.66), at(0.84, w * 0.50), at(0.84, -w * 0.50)]
    Shape(canvas).polygon(corners, w * 0.52).put(look.shirt, w * 0.55, high=0.6)
    if look.belly:
        x, y = at(0.38, 0)
        turn = math.degrees(math.atan2(ux, -uy))
        Shape(canvas).ellipse(x + pose.facing * w * 0.12, y, w * 0.72, length * 0.36, turn).put(
            look.belly, w * 0.3
        )


def _legs(canvas: Canvas, look: Look, joints: Frame, pose: Pose, h: float, order: tuple[int, int]) -> None:
    w, f = joints.width, pose.facing
    length = (h - h / look.build * 0.86) * 0.47
    for i in order:
        side = -1 if i == 0 else 1
        foot_x, lift, turn = side * w * 0.62, 0.0, 0.0
        if pose.walk is not None:
            k = (pose.walk + i * 0.5) % 1
            step = w * 1.6 * pose.stride
            if k < 0.5:
                foot_x = f * lerp(step, -step, k * 2)
            else:
                swing = (k - 0.5) * 2
                foot_x = f * lerp(-step, step, swing)
                lift = math.sin(swing * math.pi) * h * 0.07
                turn = -24 * math.sin(swing * math.pi) * f
        x = joints.pelvis[0] + foot_x + f * (pose.crouch * w * 0.4 + pose.sit * length * 0.95)
        y = pose.y - lift - pose.hop - h * 0.018
        if pose.sit:
            y = min(y, lerp(y, joints.pelvis[1] + length * 0.62, pose.sit))
        hip = (joints.pelvis[0] + side * w * 0.46, joints.pelvis[1] - w * 0.2)
        knee, ankle = reach(hip, (x, y - w * 0.35), length * 0.505, length * 0.505, -f)
        Shape(canvas).tube(bend(hip, knee, ankle, 9, 0.95), w * 1.02, w * 0.86).put(
            look.trousers, w * 0.36, low=0.6
        )
        Shape(canvas).ellipse(ankle[0] + f * w * 0.30, ankle[1] + w * 0.23, w * 0.76, w * 0.44, turn).put(
            look.shoes, w * 0.22, high=0.7
        )


def _arm(
    canvas: Canvas, look: Look, joints: Frame, pose: Pose, i: int, target: Point | None, elbow: float
) -> None:
    w, side = joints.width, -1 if i == 0 else 1
    shoulder = joints.shoulders[i]
    if target is None:
        swing = 0.0 if pose.walk is None else math.sin(TAU * pose.walk + (0 if i == 0 else math.pi))
        target = (
            shoulder[0] + pose.facing * swing * joints.arm * 0.95 * pose.stride + side * w * 0.55,
            shoulder[1] + joints.arm * 1.86 - abs(swing) * 6 * pose.stride,
        )
    joint, hand = reach(shoulder, target, joints.arm, joints.arm, elbow)
    points = bend(shoulder, joint, hand, 11)
    Shape(canvas).tube(points[4:], w * 0.58, w * 0.52).ellipse(*hand, w * 0.42, w * 0.42).put(
        look.skin, w * 0.28, high=0.45
    )
    Shape(canvas).tube(points[:6], w * 0.82, w * 0.70).put(look.shirt, w * 0.34)
