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
from functools import lru_cache

from reverie.video.storyboard.art.canvas import Canvas, Sprite, colour
from reverie.video.storyboard.art.clay import Point, Shape, bend, reach
from reverie.video.storyboard.art.easing import TAU, clamp, lerp
from reverie.video.storyboard.art.light import shadow
from reverie.video.storyboard.figures.heads import Expression as Expression
from reverie.video.storyboard.figures.heads import face


@dataclass(frozen=True, slots=True)
class Look:
    """What a puppet is made of: sprite of its head, colours of its clay, `build` = heights of head in it.

    `belly`: the patch on a mascot's front, "" for people. `metal`: a robot, with joints and a lit chest.
    """

    head: str = "child"
    shirt: str = "#ff5a3c"
    trousers: str = "#5b6bd6"
    shoes: str = "#3b3a63"
    skin: str = "#ffc53a"
    belly: str = ""
    build: float = 2.5
    metal: bool = False


@dataclass(frozen=True, slots=True)
class Pose:
    """What somebody or something is doing at one instant. Places are virtual units, turns are degrees.

    `x`, `y`: where it stands (its foot's middle); `hop`: height above that. `facing`: +1 right, -1 left.
    `wide`, `tall`: squash and stretch; `turn`: clockwise, about the foot (`pivot` 1) up to the middle
    (`pivot` 0.5). `lean`: forward. `walk`: cycles walked, None when it stands; `stride`: length of a step.
    `run`: 0 walks .. 1 runs or gallops. `crouch`: 0..1. `sit`: 0..1, thighs forward; on the floor, or on
    something `seat` units above `y`. `lie`: 0..1, on the ground, the head away from where it faces. `climb`:
    cycles climbed, None on the ground. `tilt`: of the head. `gaze`: the head looks to the picture's left or
    right, 1 three-quarter, 2 nearly in profile. `look`: a place the eyes look at (None: where the head does).
    `blink`, `mouth`: 0..1. `far`, `near`: where the hands are (None: they hang). `elbow_far`, `elbow_near`:
    +1 or -1, which way an elbow points. `foot_far`, `foot_near`: where the ankles are (None: as it stands or
    walks). `roll`: degrees that wheels have turned. `flap`: wing beats (None: as it likes). `lid`: how
    far a lid is open, 0..1. `face`: the expression of whoever has a face.
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
    look: Point | None = None
    run: float = 0.0
    seat: float | None = None
    lie: float = 0.0
    climb: float | None = None
    foot_far: Point | None = None
    foot_near: Point | None = None
    flap: float | None = None
    lid: float = 0.0


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
    leg, torso, w = rest * 0.47, rest * 0.53 * pose.tall, h * WAIST
    f = pose.facing
    # Half seated is on a saddle, fully seated is on the floor.
    low = max(0.58 * pose.crouch, 0.66 * pose.sit + 0.6 * max(0.0, pose.sit - 0.7))
    high = leg * (1 - low) - _dip(leg, h, pose)
    if pose.seat is not None:
        high = lerp(high, pose.seat + w * 0.55, pose.sit)
    high = lerp(high, w * 1.12, pose.lie)
    pelvis = (pose.x - f * pose.crouch * h * 0.06, pose.y - high - pose.hop)
    angle = math.radians(lerp(pose.lean, _LAID, pose.lie)) * f
    s, c = math.sin(angle), math.cos(angle)

    def up(p: Point, along: float, across: float = 0.0) -> Point:
        return p[0] + along * s + across * c, p[1] - along * c + across * s

    neck = up(pelvis, torso)
    shoulders = (up(neck, -torso * 0.17, -w * 0.95), up(neck, -torso * 0.17, w * 0.95))
    return Frame(up(neck, -head * 0.02), head, neck, pelvis, shoulders, rest * 0.30, w)


_LAID = -74.0
"""Degrees that the back of somebody who lies is turned: the head, which is larger, stays on the ground."""

WAIST = 0.105
"""Half the width of a puppet's body, more or less, as a share of its height."""


def step_of(look: Look, height: float, stride: float = 1.0, run: float = 0.0) -> tuple[float, float]:
    """(how far before and behind the hip a foot treads, share of the cycle that it is on the ground).

    Virtual units. While a foot is on the ground it moves at one speed, so a body that moves by 2 x step in
    that share of a cycle does not slide.
    """
    leg = (height - height / look.build * 0.86) * 0.47
    longest = leg * (0.62 + 0.20 * run)
    return min(WAIST * height * 1.6 * stride * (1 + 0.12 * run), longest), lerp(0.5, 0.34, run)


def _dip(leg: float, h: float, pose: Pose) -> float:
    """How far the hip sinks while the legs are apart; runners fly then, and sink with a foot below them."""
    if pose.walk is None:
        return 0.0
    step = min(WAIST * h * 1.6 * pose.stride, leg * 0.7)
    apart = 0.5 + 0.5 * math.cos(2 * TAU * pose.walk)
    walked = 0.8 * (leg - math.sqrt(leg * leg - step * step)) * apart
    return lerp(walked, h * (0.045 - 0.035 * apart), pose.run)


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
    h = height * pose.size
    if grounded:
        shadow(canvas, pose.x, pose.y + 3, h * lerp(0.42, 0.95, pose.lie), pose.hop, 0.5)
    front = 1 if pose.facing > 0 else 0
    limbs = _Limbs(canvas, look, joints, pose, h)
    limbs.arm(1 - front, pose.far, pose.elbow_far, far=True)
    limbs.leg(1 - front, pose.foot_far, far=True)
    limbs.leg(front, pose.foot_near, far=False)
    _torso(canvas, look, joints, pose)
    _head(canvas, look, joints, pose)
    if held is not None:
        held()
    limbs.arm(front, pose.near, pose.elbow_near, far=False)


def _head(canvas: Canvas, look: Look, joints: Frame, pose: Pose) -> None:
    size, f = joints.head_size, pose.facing
    angle = math.atan2(joints.neck[0] - joints.pelvis[0], joints.pelvis[1] - joints.neck[1])
    lying = lerp(0.0, (_LAID - 8) * f, pose.lie)
    gaze, eyes = _sight(joints, pose)
    if look.build >= 2.4 or look.metal:
        top = (joints.neck[0] + math.sin(angle) * size * 0.12, joints.neck[1] - math.cos(angle) * size * 0.12)
        Shape(canvas).tube([joints.neck, top], joints.width * 0.74, joints.width * 0.74).put(
            "#6f6a92" if look.metal else look.skin, joints.width * 0.3
        )
    image = face(look.head, gaze, pose.blink, pose.mouth, pose.face, eyes)
    s, c = math.sin(math.radians(lying)), math.cos(math.radians(lying))
    drop, aside = size * 0.10, clamp(gaze, -2, 2) * size * 0.035
    canvas.draw(
        image,
        joints.head[0] + aside * c - drop * s,
        joints.head[1] + aside * s + drop * c,
        size * 1.12,
        wide=pose.wide / pose.tall**0.5,
        tall=pose.tall**0.5,
        turn=lying + pose.lean * f * 0.35 * (1 - pose.lie) + pose.tilt * f,
        anchor=(0.5, 0.93),
    )


def _sight(joints: Frame, pose: Pose) -> tuple[float, tuple[float, float]]:
    """(turn of the head, direction of the eyes): eyes lead, the head follows a little."""
    if pose.look is None:
        return pose.gaze, (clamp(pose.gaze * 0.7, -1, 1), 0.0)
    dx = pose.look[0] - joints.head[0]
    dy = pose.look[1] - (joints.head[1] - joints.head_size * 0.4)
    # A thing two heads in front of the face is what one looks at in the middle.
    far = math.hypot(dx, dy, joints.head_size * 1.2)
    turned = clamp(pose.gaze * 0.5 + 1.1 * dx / far, -2, 2)
    return turned, (clamp(1.25 * dx / far, -1, 1), clamp(1.25 * dy / far, -1, 1))


@lru_cache(128)
def _shaded(tint: str, share: float = 0.87) -> str:
    """A colour in the shade, as the far limbs are."""
    red, green, blue = colour(tint)
    return f"#{round(red * share):02x}{round(green * share):02x}{round(blue * (0.25 + 0.75 * share)):02x}"


def _torso(canvas: Canvas, look: Look, joints: Frame, pose: Pose) -> None:
    w = joints.width
    (px, py), (nx, ny) = joints.pelvis, joints.neck
    length = math.hypot(nx - px, ny - py) or 1.0
    ux, uy = (nx - px) / length, (ny - py) / length

    def at(along: float, across: float) -> Point:
        return px + ux * length * along - uy * across, py + uy * length * along + ux * across

    front, turn = pose.facing * w * 0.12, math.degrees(math.atan2(ux, -uy))
    if look.metal:
        corners = [at(0.02, -w * 0.86), at(0.02, w * 0.86), at(0.84, w * 0.98), at(0.84, -w * 0.98)]
        Shape(canvas).polygon(corners, w * 0.30).put(look.shirt, w * 0.42, high=0.7)
        x, y = at(0.49, front)
        canvas.draw(_chest(look.belly), x, y, w * 1.5, turn=turn)
        return
    corners = [at(0.05, -w * 0.64), at(0.05, w * 0.64), at(0.84, w * 0.52), at(0.84, -w * 0.52)]
    Shape(canvas).polygon(corners, w * 0.52).put(look.shirt, w * 0.55, high=0.6)
    if look.belly:
        x, y = at(0.38, front)
        Shape(canvas).ellipse(x, y, w * 0.72, length * 0.36, turn).put(look.belly, w * 0.3)


@lru_cache(4)
def _chest(tint: str) -> Sprite:
    """A robot's screen with its lamps."""
    board = Canvas(96, 96, opaque=False)
    Shape(board).polygon([(90, 90), (390, 90), (390, 390), (90, 390)], 40).put(tint, 50)
    for i, lamp in enumerate(("#5ad2ff", "#ffd34d", "#ff6f8a")):
        Shape(board).ellipse(240 + (i - 1) * 110, 180, 38, 38).fill(lamp)
    Shape(board).tube([(135, 320), (345, 320)], 40, 40).fill("#8d7fd0")
    return Sprite(board.pixels)


@dataclass(frozen=True, slots=True)
class _Limbs:
    """Arms and legs of one picture of a puppet, `h` virtual units tall."""

    canvas: Canvas
    look: Look
    joints: Frame
    pose: Pose
    h: float

    def leg(self, i: int, target: Point | None, far: bool) -> None:
        """Draw leg `i` (0 the picture's left), its ankle at `target` or where standing and walking put it."""
        w, f, look, pelvis = self.joints.width, self.pose.facing, self.look, self.joints.pelvis
        length = (self.h - self.h / look.build * 0.86) * 0.47
        side = -1 if i == 0 else 1
        axis = math.radians(lerp(0.0, _LAID - 10, self.pose.lie)) * f
        s, c = math.sin(axis), math.cos(axis)
        across, up = side * w * 0.46, -w * 0.2
        hip = (pelvis[0] + across * c - up * s, pelvis[1] + across * s + up * c)
        ankle, turn = self._ankle(i, length, hip) if target is None else (target, 0.0)
        # A standing leg is all but straight.
        bone = (length - w * 0.30) * 0.503
        knee, ankle = reach(hip, ankle, bone, bone, -f)
        shade = 0.87 if far else 1.0
        thick = (0.72, 0.60) if look.metal else (1.04, 0.84)
        tint = _shaded(look.trousers, shade) if far else look.trousers
        Shape(self.canvas).tube(bend(hip, knee, ankle, 9, 0.95), w * thick[0], w * thick[1]).put(
            tint, w * 0.36, low=0.6
        )
        if look.metal:
            Shape(self.canvas).ellipse(*knee, w * 0.36, w * 0.36).put("#6f6a92", w * 0.2)
        self._shoe(ankle, turn, _shaded(look.shoes, shade) if far else look.shoes)

    def _shoe(self, ankle: Point, turn: float, tint: str) -> None:
        """A heel, an instep and a round toe that points ahead, flat below."""
        w, f = self.joints.width, self.pose.facing
        s, c = math.sin(math.radians(turn)), math.cos(math.radians(turn))

        def at(ahead: float, down: float) -> Point:
            x, y = f * ahead * w, down * w
            return ankle[0] + x * c - y * s, ankle[1] + x * s + y * c

        heel, toe = at(-0.16, 0.22), at(0.62, 0.27)
        sole = [
            at(-0.40, 0.34),
            at(-0.36, 0.58),
            at(0.86, 0.58),
            at(0.92, 0.40),
            at(0.5, 0.0),
            at(-0.1, -0.12),
        ]
        Shape(self.canvas).polygon(sole).ellipse(*heel, w * 0.36, w * 0.36).ellipse(
            *toe, w * 0.40, w * 0.31, turn
        ).put(tint, w * 0.22, high=0.7)

    def _ankle(self, i: int, length: float, hip: Point) -> tuple[Point, float]:
        """(where the ankle is, degrees the foot is turned)."""
        w, f, h, pose, pelvis = self.joints.width, self.pose.facing, self.h, self.pose, self.joints.pelvis
        side = -1 if i == 0 else 1
        if pose.climb is not None:
            up = 0.5 + 0.5 * math.sin(TAU * (pose.climb + 0.5 * i))
            return (
                pelvis[0] + f * w * (0.35 + 0.9 * up) + side * w * 0.3,
                pelvis[1] + length * (0.92 - 0.5 * up),
            ), 0.0
        foot_x, lift, turn = side * w * 0.62, 0.0, 0.0
        if pose.walk is not None:
            foot_x, lift, turn = self._tread((pose.walk + i * 0.5) % 1)
        x = pelvis[0] + foot_x + f * (pose.crouch * w * 0.4 + pose.sit * length * 0.95)
        y = pose.y - lift - pose.hop - h * 0.018
        if pose.sit and pose.seat is not None:
            bone = (length - w * 0.30) * 0.503
            x = lerp(x, hip[0] + f * bone + side * w * 0.14, pose.sit)
            y = lerp(y, min(y, hip[1] + bone + w * 0.35), pose.sit)
        elif pose.sit:
            y = min(y, lerp(y, pelvis[1] + length * 0.62, pose.sit))
        stands = (x, y - w * 0.35)
        if not pose.lie:
            return stands, turn
        angle = math.radians(_LAID - 13) * f
        s, c = math.sin(angle), math.cos(angle)
        along, across = length * (0.94 - 0.10 * (side > 0)), side * w * 0.18
        lies = (hip[0] + across * c - along * s, hip[1] + across * s + along * c)
        return (lerp(stands[0], lies[0], pose.lie), lerp(stands[1], lies[1], pose.lie)), (
            _LAID - 13
        ) * f * pose.lie

    def _tread(self, k: float) -> tuple[float, float, float]:
        """(place before the hip, height, turn) of a foot at share `k` of its cycle; the ground first."""
        f, pose, h = self.pose.facing, self.pose, self.h
        step, duty = step_of(self.look, h, pose.stride, pose.run)
        if k < duty:
            return f * lerp(step, -step, k / duty), 0.0, 0.0
        swing = (k - duty) / (1 - duty)
        soft = swing * swing * (3 - 2 * swing)
        lift = math.sin(swing * math.pi) * h * 0.07
        # A runner's heel is kicked up behind, its knee is high in front.
        lift = lerp(lift, h * 0.17 * math.sin(math.pi * swing**0.8), pose.run)
        heel = 26 * math.sin(min(1.0, swing * 1.5) * math.pi) + 44 * pose.run * (1 - swing) * math.sin(
            swing * math.pi
        )
        return (
            f * lerp(-step, step, soft),
            lift,
            f * (heel if swing < 0.67 else -16 * math.sin((swing - 0.67) * 9.5)),
        )

    def arm(self, i: int, target: Point | None, elbow: float, far: bool) -> None:
        """Draw arm `i` (0 the picture's left), its hand at `target` or where it hangs."""
        w, look, shoulder, arm = self.joints.width, self.look, self.joints.shoulders[i], self.joints.arm
        target = self._hanging(i) if target is None else target
        joint, hand = reach(shoulder, target, arm, arm, elbow or self._elbow(i, target))
        points = bend(shoulder, joint, hand, 11)
        skin = _shaded(look.skin) if far else look.skin
        shirt = _shaded(look.shirt) if far else look.shirt
        lower = Shape(self.canvas).tube(points[4:], w * 0.56, w * 0.46)
        self._hand(lower, joint, hand)
        if look.metal:
            lower.put("#8d86b4", w * 0.24, high=0.6)
            Shape(self.canvas).tube(points[:6], w * 0.66, w * 0.58).ellipse(
                *shoulder, w * 0.46, w * 0.46
            ).put(shirt, w * 0.3)
            Shape(self.canvas).ellipse(*points[5], w * 0.32, w * 0.32).put("#6f6a92", w * 0.18)
            return
        lower.put(skin, w * 0.26, high=0.45)
        Shape(self.canvas).tube(points[:6], w * 0.84, w * 0.70).put(shirt, w * 0.34)

    def _elbow(self, i: int, target: Point) -> float:
        """Which way an elbow points by itself: outwards, back in a walk, down where the hand is high."""
        x, y = self.joints.shoulders[i]
        arm, f, out = self.joints.arm, self.pose.facing, -1 if i == 0 else 1
        if target[1] > y + arm * 0.55:
            outwards = f if (out < 0) == (f > 0) else -f
            return outwards if self.pose.walk is None else f
        joints = {sign: reach((x, y), target, arm, arm, sign)[0] for sign in (1.0, -1.0)}
        return max(joints, key=lambda sign: joints[sign][1] + 0.6 * out * joints[sign][0])

    def _hand(self, shape: Shape, joint: Point, hand: Point) -> None:
        """A mitten with a thumb, along the forearm; a robot has a gripper."""
        w, f = self.joints.width, self.pose.facing
        dx, dy = hand[0] - joint[0], hand[1] - joint[1]
        length = math.hypot(dx, dy) or 1.0
        dx, dy = dx / length, dy / length
        # The thumb is on the side that looks ahead, or up where the arm is level.
        nx, ny = -dy, dx
        if nx * f * 0.7 - ny * 0.6 < 0:
            nx, ny = dy, -dx

        def at(along: float, across: float) -> Point:
            return hand[0] + (dx * along + nx * across) * w, hand[1] + (dy * along + ny * across) * w

        if self.look.metal:
            shape.ellipse(*hand, w * 0.34, w * 0.34)
            for across in (-1, 1):
                shape.tube(
                    [at(0.1, 0.22 * across), at(0.42, 0.40 * across), at(0.72, 0.20 * across)],
                    w * 0.22,
                    w * 0.18,
                )
            return
        turn = math.degrees(math.atan2(dy, dx))
        shape.ellipse(*at(0.12, 0.0), w * 0.50, w * 0.42, turn)
        shape.tube([at(-0.10, 0.22), at(0.06, 0.40), at(0.24, 0.46)], w * 0.28, w * 0.24)

    def _hanging(self, i: int) -> Point:
        """Where a hand is that has nothing to do."""
        w, f, pose, arm = self.joints.width, self.pose.facing, self.pose, self.joints.arm
        x, y = self.joints.shoulders[i]
        side = -1 if i == 0 else 1
        if pose.climb is not None:
            up = 0.5 + 0.5 * math.sin(TAU * (pose.climb + 0.5 * i))
            return self.joints.neck[0] + f * w * 2.5 + side * w * 0.15, y - arm * (0.35 + 0.95 * up)
        swing = (
            0.0 if pose.walk is None else math.cos(TAU * pose.walk + (math.pi if i == 0 else 0)) * pose.stride
        )
        hangs = (
            x + f * swing * arm * 0.72 + side * w * 0.50,
            y + arm * 1.86 - abs(swing) * 6,
        )
        if pose.walk is not None and pose.run:
            pump = clamp(swing, -1, 1)
            ran = (x + f * arm * (0.42 + 0.62 * pump), y + arm * (1.15 - 0.42 * pump))
            hangs = (lerp(hangs[0], ran[0], pose.run), lerp(hangs[1], ran[1], pose.run))
        if pose.lie:
            lies = (
                x + f * arm * (1.2 if side > 0 else 1.5),
                self.pose.y - self.pose.hop - w * (1.3 if side < 0 else 0.5),
            )
            hangs = (lerp(hangs[0], lies[0], pose.lie), lerp(hangs[1], lies[1], pose.lie))
        return hangs[0], min(hangs[1], pose.y - pose.hop - w * 0.35)
