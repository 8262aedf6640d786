"""Driving, riding, pushing and chasing: two who move together."""

from __future__ import annotations

from dataclasses import replace

from reverie.video.storyboard import light
from reverie.video.storyboard.casting import BALLS, BOARDS, Kind
from reverie.video.storyboard.easing import clamp, ease, keys, lerp, wave
from reverie.video.storyboard.moves import run, walk
from reverie.video.storyboard.puppet import Pose
from reverie.video.storyboard.stage import (
    Effect,
    Stage,
    Tableau,
    alive,
    at_rest,
    toward,
    travel,
    two_hands,
)


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
    rolled = (x - s.wide * a) * d * 2.9
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
    car = s.object if s.object is not None else s.subject
    moving = Pose(
        x,
        s.y,
        hop=shake,
        facing=d,
        lean=-pitch,
        roll=rolled,
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
    # Head and chest look out of the roof, whatever the height of either.
    deck = max(8.0, s.object.height * 0.93 - s.height * (0.44 if s.limbs else 0.30))
    rider = replace(
        alive(s, t, pop=False),
        x=x - d * 4,
        hop=shake * 1.4 + deck,
        gaze=d * 0.6,
        lean=pitch * 0.6,
        tilt=3 * wave(t, 1.2),
        wag=0.6,
        walk=None,
        turn=0.0,
    )
    if s.limbs:
        wheel = (x + d * s.height * 0.26, s.y - deck - s.height * 0.42)
        rider = two_hands(s, replace(rider, mouth=0.4), wheel[0], wheel[1], 10)
    return Tableau(rider, moving, front=True, grounded=False, follow=x, behind=(lines,), before=(puffs,))


def ride(s: Stage, t: float) -> Tableau:
    """Sits on something that carries it across."""
    if s.object is None:
        return walk(s, t)
    d, mount = s.side, s.object
    x, cycles = travel(s, t, 1.5, 0.24, 0.70)
    kind = mount.role.kind
    bob = abs(wave(t, 1.5)) * (9 if kind is Kind.ANIMAL else 2.5)
    under = Pose(
        x,
        s.y,
        hop=bob + s.other_lift,
        facing=d,
        walk=cycles if kind is Kind.ANIMAL else None,
        stride=1.1,
        roll=t * 420,
        wag=0.8,
        turn=-d * 1.5 * wave(t, 1.5),
    )
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
        roll=gone * 2.6,
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
            walk=gone / 46 if s.limbs else t,
            stride=0.8,
            crouch=0.12 + 0.1 * effort,
            turn=0.0,
            mouth=0.3 * effort,
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
        lean=12,
        roll=t * 560,
        wag=1.0,
        gaze=d * 0.6,
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
