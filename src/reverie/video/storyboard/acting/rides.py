"""Driving, riding, pushing and chasing: two who move together."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from reverie.video.storyboard.acting.moves import run, walk
from reverie.video.storyboard.acting.stage import (
    Effect,
    Stage,
    Tableau,
    alive,
    at_rest,
    feels,
    reached,
    toward,
    travel,
    two_hands,
)
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import clamp, ease, keys, lerp, wave
from reverie.video.storyboard.figures.actor import Rig, paces, rolled
from reverie.video.storyboard.figures.casting import BALLS, BOARDS, Kind
from reverie.video.storyboard.figures.puppet import Pose


def drive(s: Stage, t: float) -> Tableau:
    """Rolls in, brakes, goes on; whoever drives something sits in it."""
    d = s.side
    a, b = (0.06, 0.94) if d > 0 else (0.94, 0.06)
    end = s.seconds
    x = s.wide * keys(
        t,
        (0.0, lerp(a, b, 0.16)),
        (end * 0.34, lerp(a, b, 0.46), "out"),
        (end * 0.62, lerp(a, b, 0.54), "io"),
        (end, lerp(a, b, 0.80), "in"),
    )
    car = s.object if s.object is not None else s.subject
    shake = abs(wave(t, 5.5)) * 1.8
    pitch = keys(
        t,
        (0.0, 0.0),
        (end * 0.30, 2.5),
        (end * 0.42, -3.0, "out"),
        (end * 0.6, 0.0),
        (end * 0.7, 4.0),
        (end, 1.5),
    )
    moving = Pose(
        x,
        s.y,
        hop=shake,
        facing=d,
        lean=-pitch,
        roll=rolled(car, abs(x - s.wide * a)),
        walk=t * 2 if car.role.kind is Kind.ANIMAL else None,
        wag=0.5,
    )
    back = x - d * car.width * 0.5
    puffs: Effect = lambda c: light.trail(  # noqa: E731
        c, t, back, s.y - 12, s.seed, ways=-d, tint="#f4f0ff", size=18, count=6
    )
    lines: Effect = lambda c: light.speed_lines(c, t, s.seed, -d, 0.32)  # noqa: E731
    if s.object is None:
        lifted = replace(moving, hop=moving.hop + s.lift) if s.lift else moving
        if s.limbs:
            lifted = replace(
                moving,
                hop=4,
                sit=0.8,
                near=(x + d * s.height * 0.24, s.y - s.height * 0.34),
                far=(x + d * s.height * 0.28, s.y - s.height * 0.34),
                elbow_near=d,
                elbow_far=d,
            )
        return Tableau(lifted, follow=x, behind=(lines,), before=(puffs,))
    if s.object.role.kind is Kind.SHIP:
        return _aboard(s, t, replace(moving, turn=0.0, lean=0.0, roll=0.0))
    aloft = 0.0
    if s.object.role.kind is Kind.AIRCRAFT:
        # It takes off with whoever flies it.
        aloft = keys(t, (0.0, 20.0), (end, clamp(s.y - s.object.height - s.height * 0.5 - 90, 30.0, 90.0)))
        moving = replace(moving, hop=aloft + 5 * wave(t, 0.6), roll=t * 900, lean=0.0)
    # Head and chest look out of the roof, whatever the height of either.
    ahead, roof = _CABS.get(s.object.role.word, (0.0, 0.93))
    deck = max(8.0, s.object.height * roof - s.height * (0.44 if s.limbs else 0.42))
    seat = x + d * s.object.width * ahead
    rider = replace(
        alive(s, t, pop=False),
        x=seat - d * 4,
        hop=shake * 1.4 + deck + aloft,
        gaze=d * 0.6,
        lean=pitch * 0.6,
        tilt=3 * wave(t, 1.2),
        wag=0.6,
        walk=None,
        turn=0.0,
        face=feels(t, "happy", (s.seconds * 0.6, "laughing")),
    )
    if s.limbs:
        wheel = (seat + d * s.height * 0.26, s.y - deck - aloft - s.height * 0.42)
        rider = two_hands(s, replace(rider, mouth=0.4), wheel[0], wheel[1], 10)
    return Tableau(rider, moving, front=True, grounded=False, follow=x, behind=(lines,), before=(puffs,))


_CABS = {"train": (-0.27, 0.74), "truck": (0.28, 0.72)}
"""Where the driver looks out: ahead of a vehicle's middle (share of its width), the roof's height."""


def ride(s: Stage, t: float) -> Tableau:
    """Sits on something that carries it across."""
    if s.object is None:
        return walk(s, t)
    d, mount = s.side, s.object
    x, _ = travel(s, t, 1.5, 0.24, 0.70)
    gone = abs(x - (0.24 if d > 0 else 0.76) * s.wide)
    kind = mount.role.kind
    bob = abs(wave(t, 1.5)) * (9 if kind is Kind.ANIMAL else 2.5)
    under = Pose(
        x,
        s.y,
        hop=bob + s.other_lift,
        facing=d,
        walk=paces(mount, gone, 1.1, 0.7) if kind is Kind.ANIMAL else None,
        stride=1.1,
        run=0.7,
        roll=rolled(mount, gone),
        wag=0.8,
        turn=-d * 1.5 * wave(t, 1.5),
    )
    if s.limbs and mount.role.word in _SADDLES and isinstance(mount, Rig):
        return _cycle(s, t, mount, under)
    if kind is Kind.SHIP:
        return _aboard(s, t, under)
    standing = mount.role.word in BOARDS
    saddle = mount.height * (0.30 if standing else 0.66 if kind is Kind.VEHICLE else 0.62)
    if mount.role.word in ("giraffe", "dinosaur"):
        saddle = mount.height * 0.50
    if standing:
        swell = 26.0 if mount.role.word == "surfboard" else 0.0
        low = bob + swell - mount.height * 0.24
        under = replace(under, turn=BOARDS[mount.role.word], pivot=0.5, hop=low, facing=-1.0)
        saddle += swell
    rider = replace(
        alive(s, t, pop=False),
        x=x - d * mount.width * (0.0 if standing else 0.08),
        hop=bob * 1.2 + saddle + s.other_lift,
        gaze=d * 0.6,
        tilt=3 * wave(t, 1.5),
        lean=6,
        wag=1.0,
        turn=0.0,
        walk=None,
        face=feels(t, "happy", (s.seconds * 0.4, "laughing")),
    )
    if s.limbs:
        if standing:
            out = s.height * 0.32
            y = rider.y - rider.hop - s.height * 0.50
            rider = replace(
                rider,
                crouch=0.35 + 0.1 * wave(t, 0.8),
                near=(x + d * out, y + 8 * wave(t, 0.8)),
                far=(x - d * out, y - 8 * wave(t, 0.8)),
                elbow_near=d,
                elbow_far=-d,
                mouth=0.5,
            )
        else:
            rider = replace(rider, hop=rider.hop - s.height * 0.085, sit=0.62)
            rider = two_hands(
                s,
                replace(rider, mouth=0.4),
                rider.x + d * s.height * 0.27,
                rider.y - rider.hop - s.height * 0.36,
                10,
            )
    return Tableau(
        rider,
        under,
        grounded=False,
        follow=x,
        behind=(lambda c: light.speed_lines(c, t, s.seed, -d, 0.3),),
        before=(
            lambda c: light.trail(
                c, t, x - d * mount.width * 0.5, s.y - 4, s.seed, ways=-d, size=16, count=5
            ),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Saddle:
    """Where one sits on a two-wheeler: shares of its sprite's square. `crank`: half a pedal's way round."""

    seat: Point
    grip: Point
    pedals: Point
    crank: float


_SADDLES = {
    "bicycle": _Saddle((0.635, 0.415), (0.42, 0.295), (0.556, 0.746), 0.105),
    "motorcycle": _Saddle((0.60, 0.55), (0.31, 0.455), (0.49, 0.80), 0.0),
}
_GEAR = 0.42
"""Turns of the pedals for one of the wheels."""


def _cycle(s: Stage, t: float, mount: Rig, under: Pose) -> Tableau:
    """On the saddle, hands on the handlebars, feet on pedals that turn with the wheels."""
    d, h = s.side, s.height
    saddle = _SADDLES[mount.role.word]
    # The legs decide how large it is: a foot reaches the lower pedal.
    size = h * (0.98 if saddle.crank else 1.16) / mount.square
    under = replace(under, size=size, turn=0.0, hop=0.0, roll=under.roll / size)
    seat, grip = mount.spot(under, *saddle.seat), mount.spot(under, *saddle.grip)
    hub = mount.spot(under, *saddle.pedals)
    crank, angle = saddle.crank * mount.square * size, d * math.radians(under.roll * _GEAR)
    around = (crank * math.cos(angle), crank * math.sin(angle))
    near, far = (hub[0] + around[0], hub[1] + around[1]), (hub[0] - around[0], hub[1] - around[1])
    step = h * 0.055
    rider = replace(
        alive(s, t, pop=False),
        x=seat[0],
        sit=1.0,
        seat=s.y - seat[1] - h * 0.055,
        lean=20 + 2 * math.sin(angle),
        tilt=-8 + 2 * wave(t, 0.8),
        gaze=d * 0.6,
        turn=0.0,
        mouth=0.4,
        foot_near=(near[0] - d * 2, near[1] - step),
        foot_far=(far[0] - d * 2, far[1] - step),
        near=(grip[0], grip[1]),
        far=(grip[0] + d * 3, grip[1] - 2),
        elbow_near=d,
        elbow_far=d,
        face=feels(t, "happy", (s.seconds * 0.4, "laughing")),
    )
    pedals: Effect = lambda c: _pedal(c, hub, near, h)  # noqa: E731
    return Tableau(
        rider,
        under,
        grounded=False,
        follow=under.x,
        behind=(lambda c: light.speed_lines(c, t, s.seed, -d, 0.3),),
        before=(
            *((pedals,) if crank else ()),
            lambda c: light.trail(
                c, t, under.x - d * mount.width * size * 0.5, s.y - 4, s.seed, ways=-d, size=14, count=5
            ),
        ),
    )


def _pedal(canvas: Canvas, hub: Point, at: Point, h: float) -> None:
    """The near crank and its pedal."""
    Shape(canvas).tube([hub, at], h * 0.022, h * 0.020).put("#6a6f8c", 2, high=0.8)
    Shape(canvas).tube([(at[0] - h * 0.04, at[1]), (at[0] + h * 0.04, at[1])], h * 0.024, h * 0.024).put(
        "#3b3f58", 2
    )


def _aboard(s: Stage, t: float, under: Pose) -> Tableau:
    """Stands in the stern behind the rail, or on the foredeck of what is large; the vessel rocks."""
    d, vessel = s.side, s.object
    assert vessel is not None
    large = vessel.role.word == "ship"
    size = clamp(
        s.height * (2.0 if large else 1.7 if s.limbs else 2.6) / vessel.height,
        1.0,
        s.wide * 0.66 / vessel.width,
    )
    size = min(size, 250.0 / vessel.height)
    rock = wave(t, 0.45)
    under = replace(under, size=size, hop=s.other_lift + 5 * wave(t, 0.5), turn=2.5 * rock)
    high, wide = vessel.height * size, vessel.width * size
    scale = min(1.0, high * 0.62 / s.height, wide * 0.46 / s.subject.width)
    # A long body stands before the sail, everybody else behind the rail.
    before = not s.limbs and not large
    deck = high * (0.44 if large else 0.335) - s.height * scale * (
        0.0 if before else 0.30 if s.limbs else 0.16
    )
    rider = replace(
        alive(s, t, pop=False),
        x=under.x + d * wide * (0.26 if large else -0.02 if before else -0.27),
        size=scale,
        hop=under.hop + deck,
        gaze=d * 0.7,
        tilt=-3 * rock,
        wag=1.0,
        turn=0.0,
        mouth=0.4,
        face=feels(t, "happy", (s.seconds * 0.5, "laughing")),
    )
    if s.limbs:
        h = s.height * scale
        at = rider.y - rider.hop
        up = keys(t, (s.seconds * 0.25, 0.0), (s.seconds * 0.35, 1.0, "back"))
        waving = (rider.x + d * h * (0.30 + 0.06 * wave(t, 1.8)), at - h * 0.74)
        rider = reached(s, rider, up, waving)
    return Tableau(rider, under, front=not before, grounded=False, follow=under.x)


def push(s: Stage, t: float) -> Tableau:
    """Leans into something and moves it along, in three heaves."""
    other = at_rest(s, t, pop=False)
    if other is None or s.object is None:
        return walk(s, t)
    d = s.side
    share = sum(ease("io", (t - s.seconds * (0.12 + i * 0.28)) / (s.seconds * 0.22)) for i in range(3)) / 3
    edge = s.wide if d > 0 else 0.0
    free = abs(edge - s.other_x) - s.object.width / 2 + s.wide * 0.10 - 4
    gone = clamp(free, 30.0, min(s.wide * 0.24, 150.0)) * share
    effort = abs(wave(t, 1 / (s.seconds * 0.28) / 2))
    ox = s.other_x + d * (gone - s.wide * 0.10)
    other = replace(
        other,
        x=ox,
        roll=rolled(s.object, gone),
        lean=-3 * effort,
        turn=d * gone * 1.9 if s.object.role.word in BALLS else 0.0,
        pivot=0.5 if s.object.role.word in BALLS else 1.0,
    )
    x = ox - d * (s.object.width * 0.5 + s.subject.width * (0.62 if s.limbs else 0.5))
    pose = toward(
        s,
        replace(
            alive(s, t, pop=False),
            x=x,
            lean=14 + 10 * effort,
            walk=paces(s.subject, gone, 0.8),
            stride=0.8,
            crouch=0.12 + 0.1 * effort,
            turn=0.0,
            mouth=0.3 * effort,
            face=feels(t, "curious", (s.seconds * 0.12, "worried"), (s.seconds * 0.9, "proud")),
        ),
    )
    if s.limbs:
        y = s.y - min(s.object.height * 0.62, s.height * 0.48)
        pose = two_hands(s, pose, ox - d * s.object.width * 0.44, y, 14)
    return Tableau(
        pose,
        other,
        follow=(x + ox) / 2,
        before=(
            lambda c: light.trail(c, t, x - d * 20, s.y, s.seed, ways=-d, size=14, count=4),
            lambda c: light.rising(
                c,
                t,
                x,
                s.y - s.height * 0.96,
                "sweat-droplets",
                s.seed,
                count=2,
                width=40,
                height=30,
                size=20,
                rate=0.8,
            ),
        ),
    )


def chase(s: Stage, t: float) -> Tableau:
    """Runs after something that runs or hops away."""
    if s.object is None:
        return run(s, t)
    d = s.side
    pose = run(s, t).subject
    half = (s.subject.width + s.object.width) * 0.5
    gap = min(half + 52 + 16 * wave(t, 0.35), s.wide * 0.90 - half)
    centre = (
        s.wide * keys(t, (0.0, 0.42), (s.seconds, 0.56, "lin"))
        if d > 0
        else s.wide * keys(t, (0.0, 0.58), (s.seconds, 0.44, "lin"))
    )
    # Nobody leaves a narrow picture.
    room = (gap + max(s.subject.width, s.object.width)) / 2 + 6
    centre = clamp(centre, min(room, s.middle), max(s.wide - room, s.middle))
    x, ox = centre - d * gap / 2, centre + d * gap / 2
    pose = replace(pose, x=x)
    kind = s.object.role.kind
    ball = s.object.role.word in BALLS
    leap = 0.0 if kind in (Kind.ANIMAL, Kind.VEHICLE, Kind.PERSON) else abs(wave(t, 1.6)) * 44
    flee = Pose(
        ox,
        s.other_y,
        hop=s.other_lift + leap,
        facing=d,
        walk=t * 2.7,
        stride=1.4,
        lean=0.0 if ball else 12.0,
        roll=t * 560,
        wag=1.0,
        gaze=d * 0.6,
        face="laughing",
        run=1.0,
        turn=d * t * 420 if ball else 0.0,
        pivot=0.5 if ball else 1.0,
    )
    if s.limbs:
        pose = replace(pose, near=(x + d * s.height * 0.40, s.y - s.height * 0.46), elbow_near=d)
    return Tableau(
        pose,
        flee,
        follow=centre,
        behind=(lambda c: light.speed_lines(c, t, s.seed, -d),),
        before=(
            lambda c: light.trail(c, t, x - d * s.subject.width * 0.45, s.y, s.seed, ways=-d),
            lambda c: light.trail(c, t + 0.3, ox - d * 20, s.y, s.seed + 1, ways=-d, size=16, count=5),
        ),
    )
