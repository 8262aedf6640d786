"""Being there and moving about: what needs nobody else."""

from __future__ import annotations

import math
from dataclasses import replace

from reverie.video.storyboard.acting.stage import (
    Effect,
    Stage,
    Tableau,
    alive,
    at_rest,
    feels,
    head_top,
    pelvis_of,
    reached,
    toward,
    travel,
    two_hands,
    waist,
)
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import TAU, arc, clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.art.sprites import sprite, tinted
from reverie.video.storyboard.figures.actor import Walker, paces, rolled
from reverie.video.storyboard.figures.casting import ALIVE, SEATS, Kind
from reverie.video.storyboard.figures.puppet import Pose

# ---------------------------------------------------------------------------------- being there


def appear(s: Stage, t: float) -> Tableau:
    """Pops up and is simply there, pleased."""
    pose = replace(alive(s, t), face=feels(t, "content", (0.45, "happy")))
    squash = swing(t, 0.30, 2.4, 4.5) * 0.07
    pose = replace(pose, tall=pose.tall * (1 + squash), wide=pose.wide * (1 - squash))
    if s.limbs:
        up = keys(t, (0.45, 0.0), (0.8, 1.0, "back"), (1.9, 1.0), (2.3, 0.0))
        shoulder = s.height * 0.52
        x, y = pose.x + s.side * s.height * 0.20, pose.y - shoulder
        hand = (x + s.side * (10 + 9 * wave(t, 2.2)), lerp(y + s.height * 0.30, y - s.height * 0.14, up))
        pose = replace(pose, elbow_near=s.side, mouth=0.4 * up)
        pose = reached(s, pose, clamp(up * 2.5), hand)
    x, y = s.x, waist(s, pose)
    behind: tuple[Effect, ...] = ()
    if not s.limbs:
        behind = (lambda c: light.rays(c, x, y, 250, t, alpha=0.20 * clamp(t * 2)),)
    return Tableau(
        pose,
        behind=behind,
        before=(
            lambda c: light.sparkle(c, t - 0.12, x, y, s.height * 0.75, s.seed, 14),
            lambda c: light.glints(c, t, x, y, s.subject.width, s.height, s.seed + 5, 3),
        ),
    )


def wave_hello(s: Stage, t: float) -> Tableau:
    """Waves to us."""
    pose = replace(alive(s, t), gaze=0.0, face=feels(t, "content", (0.3, "happy"), (1.6, "laughing")))
    up = keys(t, (0.1, 0.0), (0.45, 1.0, "back"))
    if s.limbs:
        x = pose.x + s.side * s.height * (0.33 + 0.07 * wave(t, 2.1))
        y = pose.y - s.height * (lerp(0.36, 0.73, up) - 0.02 * wave(t, 2.1))
        pose = replace(
            reached(s, pose, up, (x, y)),
            elbow_near=s.side,
            tilt=5 * wave(t, 1.05),
            mouth=0.6 * up,
            lean=2 * wave(t, 1.05),
        )
        return Tableau(pose, before=(lambda c: light.sparkle(c, t - 0.5, x, y, 60, s.seed, 8),))
    if isinstance(s.subject, Walker) and not s.subject.animal.biped:
        return _paw(s, t, pose, up)
    # Whoever has no hand nods and rocks with all it has.
    rock = wave(t, 1.3) * up
    pose = replace(
        pose,
        turn=(9 if s.subject.role.kind is not Kind.PLANT else 3) * rock,
        hop=pose.hop + (12 * abs(rock) if s.subject.role.kind is not Kind.PLANT else 0.0),
        lean=6 * max(0.0, wave(t, 0.65)) * up,
        tall=pose.tall * (1 + 0.05 * wave(t, 2.6) * up),
        wag=1.0,
    )
    x, y = s.x + s.side * s.subject.width * 0.42, max(86.0, head_top(s, pose) + 20)
    return Tableau(
        pose,
        before=(
            lambda c: _hello(c, t, x, y, s.side, up),
            lambda c: light.sparkle(c, t - 0.4, x, y, 60, s.seed, 9),
        ),
    )


def _paw(s: Stage, t: float, pose: Pose, up: float) -> Tableau:
    """An animal sits down and waves with a paw."""
    sat = keys(t, (0.1, 0.0), (0.5, 1.0, "back"))
    raised = keys(t, (0.4, 0.0), (0.8, 1.0, "back"))
    pose = replace(pose, sit=sat, turn=0.0, tilt=3 * wave(t, 1.0), wag=1.0, lean=0.0)
    x = pose.x + s.side * s.subject.width * (0.40 + 0.03 * wave(t, 1.9))
    y = pose.y - pose.hop - s.height * raised * (0.40 + 0.11 * wave(t, 1.9))
    if raised > 0:
        pose = replace(pose, foot_near=(x, y))
    return Tableau(
        pose,
        before=(
            lambda c: _hello(c, t, x + s.side * 14, y - 8, s.side, up),
            lambda c: light.sparkle(c, t - 0.4, x, y, 60, s.seed, 9),
        ),
    )


def _hello(canvas: Canvas, t: float, x: float, y: float, side: float, alpha: float) -> None:
    """Three short lines that beat beside a head: a call."""
    for i in range(3):
        angle = math.radians(-78 + 34 * i)
        near = 12 + 5 * max(0.0, wave(t, 1.3, -i / 9))
        a = (x + side * math.cos(angle) * near, y + math.sin(angle) * near)
        b = (x + side * math.cos(angle) * (near + 15), y + math.sin(angle) * (near + 15))
        Shape(canvas).tube([a, b], 5, 5).fill("#fff8e6", 0.9 * clamp(alpha))


def look_at(s: Stage, t: float) -> Tableau:
    """Goes up to something and looks at it closely."""
    other = at_rest(s, t)
    pose = alive(s, t)
    near = keys(t, (0.35, 0.0), (1.0, 1.0))
    if other is None:
        pose = replace(
            pose,
            gaze=s.side * 0.95 * wave(t, 0.35),
            tilt=7 * wave(t, 0.35, 0.1),
            lean=3 * wave(t, 0.35),
            turn=0.0 if s.limbs else 4 * wave(t, 0.35),
            face=feels(t, "curious", (s.seconds * 0.42, "happy")),
        )
        return Tableau(
            pose,
            before=(question(s, t, s.x + s.side * s.subject.width * 0.7, head_top(s, pose) + 14),),
            zoom=0.04,
        )
    pose = replace(pose, face=feels(t, "curious", (0.9, "thinking"), (s.seconds * 0.42 + 0.9, "happy")))
    step = near * min(36.0, abs(s.other_x - s.x) * 0.12)
    walking = 0.35 < t < 1.0
    pose = toward(
        s,
        replace(pose, x=s.x + s.side * step, lean=9 * near, walk=t * 1.5 if walking else None, stride=0.6),
        0.4 + 0.6 * near,
    )
    if s.limbs:
        chin = (pose.x + s.side * s.height * 0.17, pose.y - s.height * 0.50)
        think = keys(t, (1.0, 0.0), (1.35, 1.0))
        rest = (pose.x + s.side * s.height * 0.14, pose.y - s.height * 0.26)
        pose = replace(
            pose,
            near=(lerp(rest[0], chin[0], think), lerp(rest[1], chin[1], think)) if think > 0 else None,
            elbow_near=s.side,
            tilt=6 * wave(t, 0.4),
            crouch=0.10 * near,
        )
    show = max(0.0, wave(t, 0.75)) * clamp((t - 0.6) * 2)
    # What is small hops and rocks to be seen; what is heavy breathes, and what is rooted stays.
    light_feet = 0.0 if s.object is None else clamp((2.4 - s.object.role.metres) / 1.4)
    if s.object is not None and s.object.role.kind in ALIVE:
        light_feet *= 0.25
    other = replace(
        other,
        hop=other.hop + 14 * show * light_feet,
        turn=5 * wave(t, 0.75, 0.2) * light_feet,
        tall=other.tall * (1 + 0.035 * show),
    )
    ox, oy = s.other_x, s.other_y - other.hop - (s.object.height if s.object else 0) * 0.5
    reach = s.object.height * 0.8 if s.object else 60
    return Tableau(
        pose,
        other,
        behind=(
            lambda c: light.glow(c, ox, oy, reach * 1.1, "#fff3c4", 0.45 * clamp(t) + 0.10 * wave(t, 0.8)),
        ),
        before=(
            lambda c: light.glints(c, t, ox, oy, reach, reach, s.seed, 5),
            question(s, t - 0.9, pose.x - s.side * s.subject.width * 0.30, head_top(s, pose) + 8),
        ),
        zoom=0.03 * near,
    )


def question(s: Stage, t: float, x: float, y: float) -> Effect:
    """A question mark that turns into an idea."""
    idea = t > s.seconds * 0.42
    name = "light-bulb" if idea else "red-question-mark"
    start = s.seconds * 0.42 if idea else 0.0
    size = 34 * ease("back", (t - start) / 0.3) if t > start else 0.0
    y = max(52.0, y)
    return lambda c: c.draw(sprite(name), x, y + 3 * wave(t, 1.1), size, turn=8 * wave(t, 0.9))


def sleep(s: Stage, t: float) -> Tableau:
    """Nods off; breathes slowly."""
    off = keys(t, (0.1, 0.2), (0.9, 1.0))
    breath = wave(t, 0.33)
    pose = replace(alive(s, t, pop=False), gaze=0.0, wag=0.0, turn=0.0, face="sleepy")
    if s.limbs:
        lap = (pose.x + s.side * s.height * 0.17, pose.y - s.height * 0.20)
        pose = replace(
            pose, sit=off, tilt=15 * off + 2.5 * breath, blink=off, tall=1 + 0.03 * breath, lean=4 * off
        )
        laid = two_hands(s, pose, lap[0], lap[1], 12)
        pose = reached(s, pose, off, laid.near, laid.far)
        top = pose.y - s.height * 0.80
        aside = 0.62
    else:
        pose = replace(
            pose,
            crouch=0.6 * off,
            sit=off,
            tall=1 + 0.035 * breath,
            wide=1 - 0.02 * breath,
            tilt=8 * off,
            hop=s.lift,
            lie=off,
        )
        top = pose.y - pose.hop - s.height * 0.72
        aside = 0.34
    other = at_rest(s, t)
    if other is not None and s.object is not None and s.object.role.word in SEATS:
        other = replace(other, x=s.middle)
        seat = s.object.height * SEATS[s.object.role.word]
        pose = replace(pose, x=s.middle, hop=pose.hop + (0.0 if s.limbs else seat))
        if s.limbs and (s.object.role.word == "bed" or s.object.width > s.height * 0.95):
            # Long enough to lie down on; a bed's pillow is at its left.
            way = 1.0 if s.object.role.word == "bed" else s.side
            pose = replace(
                pose,
                x=s.middle + way * s.height * 0.13,
                facing=way,
                hop=seat,
                sit=0.0,
                lie=off,
                tilt=0.0,
                lean=0.0,
                near=None,
                far=None,
            )
            aside, top = -0.9 * way * s.side, pose.y - s.height * 0.30
        elif s.limbs:
            laid = two_hands(
                s, pose, s.middle + s.side * s.height * 0.16, pose.y - seat - s.height * 0.10, 12
            )
            pose = replace(reached(s, pose, off, laid.near, laid.far), seat=seat)
        top -= seat
    x = pose.x + s.side * s.subject.width * aside
    return Tableau(
        pose,
        other,
        grounded=pose.x == s.x,
        dim=0.34 * off,
        before=(
            lambda c: light.rising(
                c, t, x, max(130.0, top), "zzz", s.seed, count=3, width=20, height=84, size=42, rate=0.4
            ),
        ),
    )


# ---------------------------------------------------------------------------------- moving


def walk(s: Stage, t: float) -> Tableau:
    """Walks across, and the world moves with it."""
    pace = 1.15 if s.limbs else 1.35
    x, _ = travel(s, t, pace, 0.20, 0.76)
    # Steps as long as the way asks for: fast walkers take long ones.
    stride = clamp(s.wide * 0.56 / s.seconds / (pace * 0.67 * s.height), 0.4, 1.2) if s.limbs else 1.0
    gone = abs(x - (0.20 if s.side > 0 else 0.80) * s.wide)
    cycles = paces(s.subject, gone, stride)
    pose = replace(
        alive(s, t, pop=False),
        x=x,
        stride=stride,
        walk=cycles,
        facing=s.side,
        lean=3,
        gaze=s.side * 0.6,
        tilt=3 * wave(t, 1.35),
        wag=0.8,
        roll=rolled(s.subject, gone),
        turn=0.0,
        face="happy",
    )
    other = at_rest(s, t)
    if other is not None:
        other = replace(other, x=clamp(s.other_x + (x - s.x) * 0.25, 40, s.wide - 40))
    feet = s.y
    return Tableau(
        pose,
        other,
        follow=x,
        before=(
            lambda c: light.dust(
                c, (t * 2.7) % 1 * 0.7, x - s.side * s.subject.width * 0.3, feet, s.seed, 3, 18
            ),
        )
        if not s.lift
        else (),
    )


RUN_CYCLES = 1.6
"""Of a runner's legs a second: 190 steps a minute."""


def run(s: Stage, t: float) -> Tableau:
    """Runs: leans in, dust behind."""
    x, _ = travel(s, t, 2.5, 0.18, 0.74)
    gone = abs(x - (0.18 if s.side > 0 else 0.82) * s.wide)
    # A picture is too short a track for full strides: the legs keep a runner's time all the same.
    cycles = max(paces(s.subject, gone, 1.2, 1.0), t * RUN_CYCLES)
    bounce = abs(wave(t, 2.5)) * 12
    pose = replace(
        alive(s, t, pop=False),
        x=x,
        walk=cycles,
        stride=1.2,
        lean=15,
        hop=s.lift + bounce,
        gaze=s.side * 0.8,
        wag=1.0,
        tall=1 + 0.04 * wave(t, 5.0),
        roll=rolled(s.subject, gone),
        mouth=0.5,
        turn=0.0,
        run=1.0,
        face=feels(t, "happy", (s.seconds * 0.5, "laughing")),
    )
    back, feet = x - s.side * s.subject.width * 0.45, s.y - s.lift
    return Tableau(
        pose,
        at_rest(s, t),
        follow=x,
        behind=(lambda c: light.speed_lines(c, t, s.seed, -s.side),),
        before=(lambda c: light.trail(c, t, back, feet, s.seed, ways=-s.side),),
    )


def jump(s: Stage, t: float) -> Tableau:
    """Crouches, leaps, lands, again."""
    period = 1.05
    k = (t / period) % 1
    up = arc((k - 0.22) / 0.56)
    crouch = keys(
        k, (0.0, 0.2), (0.14, 1.0), (0.24, 0.0, "out"), (0.76, 0.0), (0.84, 0.85, "out"), (1.0, 0.2)
    )
    stretch = 0.10 * up - 0.10 * crouch
    height = min(112.0, s.y - s.height - 58) if s.y - s.height - 58 > 40 else 40.0
    pose = replace(
        alive(s, t, pop=False),
        hop=s.lift + up * height,
        crouch=crouch * 0.55 if s.limbs else crouch * 0.6,
        tall=1 + stretch,
        wide=1 - stretch * 0.6,
        wag=1.0,
        turn=0.0 if s.limbs else 5 * wave(t, 0.95 / 2),
        face="laughing" if up > 0.3 else "happy",
    )
    if s.limbs:
        y = pose.y - pose.hop
        reach = s.height * (0.20 + 0.10 * up)
        rise = lerp(0.34, 0.82, up)
        pose = replace(
            pose,
            near=(pose.x + s.side * reach, y - s.height * rise),
            far=(pose.x - s.side * reach, y - s.height * rise),
            elbow_near=s.side,
            elbow_far=-s.side,
            mouth=up,
            gaze=0.0,
        )
    landed = (k - 0.78) * period
    return Tableau(
        pose,
        at_rest(s, t),
        before=(
            lambda c: light.dust(c, landed, s.x, s.y, s.seed, 8, s.subject.width * 0.6),
            lambda c: light.sparkle(
                c, (k - 0.45) * period, s.x, s.y - s.height - up * height, 70, s.seed + int(t / period), 7
            ),
        ),
    )


def dance(s: Stage, t: float) -> Tableau:
    """Sways, hops and throws its arms about; notes in the air."""
    beat = wave(t, 1.0)
    hop = abs(wave(t, 1.0)) * 17
    x = s.x + 24 * wave(t, 0.5)
    pose = replace(
        alive(s, t, pop=False),
        x=x,
        hop=s.lift + hop,
        tilt=10 * beat,
        lean=7 * beat * s.side,
        wag=1.0,
        turn=0.0 if s.limbs else 12 * beat,
        tall=1 + 0.06 * wave(t, 2.0),
        wide=1 - 0.05 * wave(t, 2.0),
        gaze=0.7 * wave(t, 0.5),
        roll=60 * beat,
        face="laughing",
    )
    if s.limbs:
        y = pose.y - hop
        high, low = s.height * (0.62 + 0.18 * beat), s.height * (0.62 - 0.18 * beat)
        reach = s.height * 0.30
        pose = replace(
            pose,
            near=(x + s.side * reach, y - high),
            far=(x - s.side * reach, y - low),
            elbow_near=s.side,
            elbow_far=-s.side,
            mouth=0.6,
            walk=t * 0.5,
            stride=0.5,
        )
    tint = light.PARTY[int(t * 2) % 6]
    return Tableau(
        pose,
        at_rest(s, t),
        behind=(
            lambda c: light.rays(c, s.middle, 60, 420, t, count=7, alpha=0.20, tint="#ffffff"),
            lambda c: light.glow(c, s.x, s.y, 190, tint, 0.28),
            lambda c: light.rising(
                c,
                t + 1,
                s.x,
                s.y - s.height * 0.55,
                "musical-notes",
                s.seed,
                count=4,
                width=s.subject.width + 170,
                height=140,
                size=34,
            ),
        ),
    )


def spin(s: Stage, t: float) -> Tableau:
    """Turns around itself: on its own axis, with a little hop."""
    angle = TAU * keys(t, (0.15, 0.0), (s.seconds, s.seconds * 0.55 + 0.25, "lin"))
    hop = 8 + 8 * wave(t, 0.9)
    wide = math.cos(angle)
    # A flat picture is never seen edge-on.
    flat = math.copysign(0.42 + 0.58 * abs(wide), wide)
    pose = replace(alive(s, t), hop=s.lift + hop, turn=0.0, face=feels(t, "happy", (0.6, "laughing")))
    if s.limbs:
        reach = s.height * 0.32 * wide
        y = pose.y - pose.hop - s.height * 0.50
        pose = replace(
            pose,
            facing=s.side if wide > 0 else -s.side,
            gaze=math.sin(angle),
            near=(s.x + s.side * abs(reach) + 4, y),
            far=(s.x - s.side * abs(reach) - 4, y),
            walk=t * 1.5,
            stride=0.3,
            mouth=0.5,
        )
    else:
        pose = replace(pose, wide=flat, wag=1.0)
    x, y0 = s.x, s.y - s.height * 0.5 - s.lift
    return Tableau(
        pose,
        behind=(lambda c: light.rays(c, x, y0, 240, t * 2, alpha=0.18),),
        before=(
            lambda c: _whirl(c, t, x, s.y - s.lift - 4, s.subject.width),
            lambda c: light.glints(c, t, x, y0, s.subject.width, s.height, s.seed, 5),
        ),
    )


def _whirl(canvas: Canvas, t: float, x: float, y: float, width: float) -> None:
    for i in range(10):
        angle = t * 5 + i * TAU / 10
        canvas.draw(
            light.soft("#ffffff", 0.8),
            x + math.cos(angle) * width * 0.75,
            y + math.sin(angle) * 13,
            4 + 5 * (i / 10),
            alpha=0.25 + 0.06 * i,
        )


def fall(s: Stage, t: float) -> Tableau:
    """Comes down from above and bounces."""
    top = max(90.0, s.y - s.height * 0.80 - s.lift - 14)
    down = ease("bounce", t / 1.5)
    hop = s.lift + (1 - down) * top
    hit = swing(t, 0.55, 2.2, 3.6) * 0.15
    pose = replace(
        alive(s, t, pop=False),
        hop=hop,
        tall=1 - hit,
        wide=1 + hit,
        turn=(1 - clamp(t / 1.5)) * -28 * s.side,
        face=feels(t, "surprised", (0.7, "worried"), (1.3, "happy")),
    )
    if s.limbs:
        up = clamp(hop / 140)
        y = pose.y - hop
        pose = replace(
            pose,
            near=(s.x + s.side * s.height * 0.28, y - s.height * lerp(0.38, 0.86, up)),
            far=(s.x - s.side * s.height * 0.28, y - s.height * lerp(0.38, 0.86, up)),
            elbow_near=s.side,
            elbow_far=-s.side,
            crouch=max(0.0, hit * 3),
            turn=0.0,
            mouth=up,
            gaze=0.0,
        )
        pose = _laughs_it_off(s, t, pose)
    return Tableau(
        pose,
        at_rest(s, t),
        before=(
            lambda c: light.dust(c, t - 0.55, s.x, s.y, s.seed, 10, s.subject.width * 0.7),
            lambda c: light.dust(c, t - 1.09, s.x, s.y, s.seed + 1, 6, s.subject.width * 0.5),
            lambda c: light.sparkle(c, t - 1.2, s.x, s.y - s.height * 0.6, s.height * 0.7, s.seed, 8),
        ),
    )


def _laughs_it_off(s: Stage, t: float, pose: Pose) -> Pose:
    """Sits on the ground where it came down, laughs, and gets up again."""
    T, d, h = s.span, s.side, s.height
    sat = keys(t, (0.5, 0.0), (0.75, 1.0), (T * 0.62, 1.0), (T * 0.8, 0.0))
    down = keys(t, (0.5, 0.0), (0.9, 1.0))
    if not down or pose.near is None or pose.far is None:
        return pose
    laugh = abs(wave(t, 2.4)) * sat
    fallen = replace(
        pose,
        sit=sat,
        hop=pose.hop * (1 - 0.85 * down),
        lean=-8 * sat + 3 * laugh,
        crouch=0.3 * keys(t, (T * 0.60, 0.0), (T * 0.7, 1.0), (T * 0.82, 0.0)),
        tilt=5 * wave(t, 0.8) * down,
        mouth=0.5 + 0.3 * laugh,
        face=feels(t, "surprised", (0.95, "laughing"), (T * 0.7, "happy")),
    )
    y = fallen.y - fallen.hop - h * lerp(0.30, 0.05, sat)
    side = h * lerp(0.22, 0.28, sat)
    return replace(
        fallen,
        near=(lerp(pose.near[0], s.x + d * side, down), lerp(pose.near[1], y, down)),
        far=(lerp(pose.far[0], s.x - d * side, down), lerp(pose.far[1], y, down)),
    )


def float_up(s: Stage, t: float) -> Tableau:
    """Rises slowly and sways; people hold on to a balloon, things get a soap bubble."""
    top = max(40.0, s.y - s.height - (150 if s.limbs else 64))
    start = 0.0 if s.lift == 0 else min(s.lift, top * 0.5)
    hop = keys(t, (0.0, start), (0.3, max(0.0, start - 5)), (s.seconds, min(top, start + 170), "io"))
    x = s.x + 22 * wave(t, 0.26)
    face = feels(t, "surprised", (s.seconds * 0.25, "happy"), (s.seconds * 0.7, "laughing"))
    pose = replace(alive(s, t, pop=False), x=x, hop=hop, turn=7 * wave(t, 0.26, 0.2), face=face)
    kind = s.subject.role.kind
    if kind is Kind.SHIP:
        rocking = replace(pose, hop=s.lift + 7 * wave(t, 0.5), turn=4 * wave(t, 0.4, 0.2))
        return Tableau(rocking, at_rest(s, t))
    if s.limbs:
        hand = (x + s.side * s.height * 0.16, pose.y - hop - s.height * 0.86)
        pose = replace(
            pose,
            turn=0.0,
            near=hand,
            elbow_near=s.side,
            lean=5 * wave(t, 0.26),
            mouth=0.5,
            walk=t * 0.35,
            stride=0.4,
        )
        return Tableau(pose, at_rest(s, t), behind=(lambda c: _balloon(c, hand, t),), follow=None)
    if kind in (Kind.SKY, Kind.AIRCRAFT, Kind.INSECT, Kind.BIRD):
        return Tableau(
            pose,
            at_rest(s, t),
            grounded=s.lift == 0,
            before=(
                lambda c: light.glints(
                    c, t, x, pose.y - hop - s.height / 2, s.subject.width, s.height, s.seed, 4
                ),
            ),
        )
    radius = max(s.height, s.subject.width) * 1.28
    if radius > 190:
        return _hung(s, t, pose)
    return Tableau(
        pose,
        at_rest(s, t),
        before=(
            lambda c: c.draw(
                light.bubble(),
                x,
                pose.y - hop - s.height / 2,
                radius * (1 + 0.02 * wave(t, 0.9)),
                wide=1 + 0.025 * wave(t, 0.9, 0.25),
            ),
            lambda c: light.bubbles(c, t, x, s.y, s.seed, width=160, height=200, count=5),
        ),
    )


def _hung(s: Stage, t: float, pose: Pose) -> Tableau:
    """Something heavy under a bunch of balloons."""
    room = s.y - 84.0
    size = min(1.0, room * 0.52 / s.height, s.wide * 0.62 / s.subject.width)
    high = s.height * size
    hop = keys(
        t, (0.0, 0.0), (min(0.5, s.seconds * 0.2), 3.0), (s.seconds, max(20.0, room - high - 108), "io")
    )
    pose = replace(pose, hop=hop, size=size, turn=4 * wave(t, 0.3, 0.2), roll=t * 40)
    roof = (pose.x, pose.y - hop - high * 0.92)
    return Tableau(pose, at_rest(s, t), behind=(lambda c: _bunch(c, roof, t),))


def _bunch(canvas: Canvas, at: Point, t: float) -> None:
    """Five balloons on their strings."""
    places = ((-58, -74), (58, -74), (-30, -98), (30, -98), (0, -112))
    tops = [
        (at[0] + x + 5 * wave(t, 0.35, i / 5), at[1] + y + 3 * wave(t, 0.5, i / 5))
        for i, (x, y) in enumerate(places)
    ]
    for x, y in tops:
        Shape(canvas).tube([at, ((at[0] + x) / 2, (at[1] + y) / 2 + 8), (x, y + 26)], 2, 2).fill(
            "#fff6ee", 0.9
        )
    for i, (x, y) in enumerate(tops):
        image = tinted("balloon", light.PARTY[i], 0.62) if i else sprite("balloon")
        canvas.draw(image, x, y + 6, 82, turn=4 * wave(t, 0.3, i / 5) + (x - at[0]) * 0.16 - 12)


def _balloon(canvas: Canvas, hand: Point, t: float) -> None:
    x, y = hand[0] + 8 * wave(t, 0.3), hand[1] - 84
    Shape(canvas).tube([hand, ((hand[0] + x) / 2 + 3, (hand[1] + y) / 2 + 20), (x, y + 34)], 2.2, 2.2).fill(
        "#fff6ee", 0.95
    )
    canvas.draw(sprite("balloon"), x - 4, y + 12, 112, turn=4 * wave(t, 0.3) - 12, anchor=(0.5, 0.5))


def fly(s: Stage, t: float) -> Tableau:
    """Off through the air, nose up, wings or flames as they have."""
    x, _ = travel(s, t, 1, 0.20, 0.66)
    climb = keys(t, (0.0, 0.25), (s.seconds, 1.0))
    hop = min(max(30.0, s.y - s.height - 66), 150.0) * climb + 12 * wave(t, 0.6)
    pose = replace(
        alive(s, t, pop=False),
        x=x,
        hop=hop,
        wag=1.0,
        turn=s.side * (-7 + 5 * wave(t, 0.6, 0.25)),
        gaze=s.side * 0.7,
        face=feels(t, "surprised", (0.4, "happy"), (s.seconds * 0.5, "proud")),
    )
    kind = s.subject.role.kind
    if kind not in (Kind.PERSON, Kind.BIRD, Kind.INSECT, Kind.AIRCRAFT, Kind.SKY):
        return float_up(s, t)
    if kind is Kind.BIRD:  # it sits upright in its sprite: in the air it leans ahead
        pose = replace(pose, turn=s.side * (18 + 4 * wave(t, 0.6, 0.25)), pivot=0.5)
    tail = x - s.side * s.subject.width * 0.42
    y = pose.y - hop
    behind: tuple[Effect, ...] = (lambda c: light.speed_lines(c, t, s.seed, -s.side, 0.4),)
    if s.subject.role.word == "rocket":
        x = s.x
        hop = keys(t, (0.0, 10.0), (0.3, 4.0), (s.seconds, 330.0, "in"))
        y = s.y - hop
        pose = replace(
            pose, x=x, hop=hop, size=0.74, turn=-45 * s.side + 2 * wave(t, 9), tall=1 + 0.02 * wave(t, 8)
        )
        return Tableau(
            pose,
            at_rest(s, t),
            behind=(
                lambda c: _flame(c, t, x, y - 6),
                lambda c: light.steam(c, t, x, s.y + 6, s.seed, width=150, height=50, count=9, alpha=0.7),
            ),
        )
    if s.limbs:
        pose = replace(
            pose,
            lean=38,
            turn=0.0,
            walk=0.12 + 0.03 * wave(t, 0.8),
            near=(x + s.side * s.height * 0.62, y - s.height * 0.46),
            far=(x + s.side * s.height * 0.60, y - s.height * 0.54),
            elbow_near=s.side,
            elbow_far=s.side,
            mouth=0.5,
        )
        shoulder = (x + s.side * s.height * 0.13, y - s.height * 0.50)
        behind = (*behind, lambda c: _cape(c, t, shoulder, s.height, s.side))
    elif kind is Kind.BIRD:
        pose = replace(pose, tall=1 + 0.10 * wave(t, 3.2), wide=1 - 0.05 * wave(t, 3.2))
    return Tableau(
        pose,
        at_rest(s, t),
        follow=x,
        behind=behind,
        before=(
            lambda c: light.trail(
                c,
                t,
                tail,
                y - s.height * 0.45,
                s.seed,
                ways=-s.side,
                tint="#ffffff",
                size=14,
                count=5,
                rise=0.05,
            ),
        ),
    )


def _cape(canvas: Canvas, t: float, neck: Point, height: float, side: float) -> None:
    """A red cape that streams back from the shoulders."""
    upper, lower = [], []
    for i in range(9):
        k = i / 8
        drift = 9 * k * wave(t, 1.8, -k * 0.7)
        upper.append((neck[0] - side * height * 0.52 * k, neck[1] + height * 0.10 * k + drift))
        lower.append(
            (neck[0] - side * height * (0.06 + 0.44 * k), neck[1] + height * (0.14 + 0.22 * k) + drift)
        )
    Shape(canvas).polygon([*upper, *reversed(lower)], 4).put("#f2453d", 14, high=0.5)


def _flame(canvas: Canvas, t: float, x: float, y: float) -> None:
    for i in range(12):
        k = (t * 2.4 + i / 12) % 1
        tint = ("#ffffff", "#ffd34d", "#ff7a2e")[i % 3]
        canvas.draw(
            light.soft(tint, 0.9),
            x + 8 * math.sin(i * 9 + t * 20) * k,
            y + 74 * k,
            26 + 18 * k,
            alpha=0.9 * (1 - k),
        )


def swim(s: Stage, t: float) -> Tableau:
    """Through the water, which is there even in a shop; those at home in it go under."""
    x, cycles = travel(s, t, 0.9, 0.24, 0.70)
    bob = 6 * wave(t, 0.7)
    dived = s.setting == "underwater"
    if s.subject.role.kind is Kind.SWIMMER:
        return _in_its_element(s, t, x, bob, dived)
    line = s.y - 26
    if s.limbs:
        pose = _crawl(s, t, x, (line - 96 if dived else line + 10) + bob, cycles)
    else:
        sink = s.height * (0.16 if s.subject.role.kind is Kind.SHIP else 0.42)
        walks = isinstance(s.subject, Walker)
        pose = replace(
            alive(s, t, pop=False),
            x=x,
            hop=bob - sink + 26 + (70 if dived else 0),
            wag=1.0,
            walk=t * 1.1 if walks else None,
            turn=s.side * ((-6 if walks else 0) + 4 * wave(t, 0.7, 0.2)),
            gaze=s.side * 0.6,
            face="happy",
        )
    other = at_rest(s, t)
    if other is not None:
        other = replace(other, hop=other.hop - 8 + 5 * wave(t, 0.8, 0.3))
    ahead = x + s.side * s.subject.width * (0.8 if s.limbs else 0.42)
    behind: tuple[Effect, ...] = (lambda c: light.water(c, t, line - 16, "#7fd8f6", "#4fb8ec", 0.85),)
    before: tuple[Effect, ...] = (
        lambda c: light.water(c, t + 3, line, "#55c2f2", "#1f83d6", 0.80),
        lambda c: _splash(c, t, ahead, line),
    )
    if dived:
        behind = ()
        high = pose.y - pose.hop - s.height * 0.4
        before = (lambda c: light.bubbles(c, t, ahead, high, s.seed, width=26, height=130),)
    return Tableau(pose, other, grounded=False, other_grounded=False, follow=x, behind=behind, before=before)


def _in_its_element(s: Stage, t: float, x: float, bob: float, dived: bool) -> Tableau:
    """Who lives in water swims under its surface; the water is there even in a park."""
    pose = replace(
        alive(s, t, pop=False), x=x, hop=s.lift + 2 * bob, wag=1.0, turn=s.side * 5 * wave(t, 0.7, 0.25)
    )
    nose = x + s.side * s.subject.width * 0.5
    mid = pose.y - pose.hop - s.height * 0.5
    surface = max(96.0, s.y - s.lift - s.height - 44)
    behind: tuple[Effect, ...] = (
        lambda c: light.water(c, t, surface - 12, "#a5e6fa", "#3f9fe0", 0.72),
        lambda c: light.water(c, t + 3, surface, "#6fd0f5", "#1f76c8", 0.55),
    )
    return Tableau(
        pose,
        at_rest(s, t),
        grounded=dived,
        follow=x,
        behind=() if dived else behind,
        before=(lambda c: light.bubbles(c, t, nose, mid, s.seed, width=26, height=110),),
    )


def _crawl(s: Stage, t: float, x: float, line: float, cycles: float) -> Pose:
    """A person who swims the crawl: stretched out at height `line`, arms in turn, feet kicking."""
    h, d = s.height, s.side
    pose = replace(
        alive(s, t, pop=False),
        x=x - d * h * 0.1,
        lean=66 + 4 * wave(t, 0.7),
        tilt=-26 + 5 * wave(t, 0.9),
        turn=0.0,
        gaze=d * 0.9,
        mouth=0.3 + 0.3 * max(0.0, wave(t, 0.9)),
        face="happy",
        elbow_near=d,
        elbow_far=d,
    )
    pose = replace(pose, hop=s.y - pelvis_of(s.subject, pose) - line)
    hip = (pose.x, line)
    stroke = TAU * cycles * 1.1
    joints = (pose.x + d * h * 0.27, line - h * 0.13)
    arm = h * 0.37
    kick = h * 0.05 * wave(t, 2.6)
    return replace(
        pose,
        # The arm on our side comes forward low, so that it never hides the face.
        near=(joints[0] + d * arm * math.cos(stroke), joints[1] + arm * 0.8 * max(-0.1, math.sin(stroke))),
        far=(joints[0] - d * arm * math.cos(stroke), joints[1] - arm * 0.8 * math.sin(stroke)),
        foot_near=(hip[0] - d * h * 0.29, line + h * 0.03 + kick),
        foot_far=(hip[0] - d * h * 0.27, line + h * 0.03 - kick),
    )


def _splash(canvas: Canvas, t: float, x: float, y: float) -> None:
    for i in range(7):
        k = (t * 1.6 + i / 7) % 1
        canvas.draw(
            light.soft("#ffffff", 0.8),
            x + 34 * (i % 3 - 1) * k,
            y - 40 * arc(k),
            10 + 6 * (i % 3),
            alpha=0.85 * (1 - k),
        )
