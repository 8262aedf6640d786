"""Being there and moving about: what needs nobody else."""

from __future__ import annotations

import math
from dataclasses import replace

from reverie.video.storyboard import light
from reverie.video.storyboard.canvas import Canvas
from reverie.video.storyboard.casting import SEATS, Kind
from reverie.video.storyboard.clay import Point, Shape
from reverie.video.storyboard.easing import TAU, arc, clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.sprites import sprite
from reverie.video.storyboard.stage import (
    Effect,
    Stage,
    Tableau,
    alive,
    at_rest,
    head_top,
    toward,
    travel,
    two_hands,
    waist,
)

# ---------------------------------------------------------------------------------- being there


def appear(s: Stage, t: float) -> Tableau:
    """Pops up and is simply there, pleased."""
    pose = alive(s, t)
    squash = swing(t, 0.30, 2.4, 4.5) * 0.07
    pose = replace(pose, tall=pose.tall * (1 + squash), wide=pose.wide * (1 - squash))
    if s.limbs:
        up = keys(t, (0.45, 0.0), (0.8, 1.0, "back"), (1.9, 1.0), (2.3, 0.0))
        shoulder = s.height * 0.52
        x, y = pose.x + s.side * s.height * 0.20, pose.y - shoulder
        hand = (x + s.side * (10 + 9 * wave(t, 2.2)), lerp(y + s.height * 0.30, y - s.height * 0.14, up))
        pose = replace(pose, near=hand if up > 0.02 else None, elbow_near=s.side, mouth=0.4 * up)
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
    pose = replace(alive(s, t), gaze=0.0)
    up = keys(t, (0.1, 0.0), (0.45, 1.0, "back"))
    if s.limbs:
        x = pose.x + s.side * (s.height * 0.26 + 17 * wave(t, 2.1))
        y = pose.y - lerp(s.height * 0.36, s.height * 0.74, up) - 4 * wave(t, 4.2)
        pose = replace(
            pose,
            near=(x, y),
            elbow_near=s.side,
            tilt=5 * wave(t, 1.05),
            mouth=0.6 * up,
            lean=2 * wave(t, 1.05),
        )
        return Tableau(pose, before=(lambda c: light.sparkle(c, t - 0.5, x, y, 60, s.seed, 8),))
    pose = replace(pose, turn=11 * up * wave(t, 1.3), hop=pose.hop + 12 * abs(wave(t, 1.3)), wag=1.0)
    hand = sprite("waving-hand")
    hx, hy = s.x + s.side * (s.subject.width * 0.5 + 30), max(86.0, head_top(s, pose) + 26)
    return Tableau(
        pose,
        before=(
            lambda c: c.draw(
                hand, hx, hy, 52 * up, turn=16 * wave(t, 2.1), flip=s.side < 0, anchor=(0.5, 0.85)
            ),
            lambda c: light.sparkle(c, t - 0.4, hx, hy - 20, 50, s.seed, 8),
        ),
    )


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
        )
        return Tableau(
            pose,
            before=(question(s, t, s.x + s.side * s.subject.width * 0.7, head_top(s, pose) + 14),),
            zoom=0.04,
        )
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
    other = replace(
        other, hop=other.hop + 14 * show, turn=5 * wave(t, 0.75, 0.2), tall=other.tall * (1 + 0.04 * show)
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
    pose = replace(alive(s, t, pop=False), gaze=0.0, wag=0.0, turn=0.0)
    if s.limbs:
        lap = (pose.x + s.side * s.height * 0.17, pose.y - s.height * 0.20)
        pose = replace(
            pose, sit=off, tilt=15 * off + 2.5 * breath, blink=off, tall=1 + 0.03 * breath, lean=4 * off
        )
        pose = two_hands(s, pose, lap[0], lap[1], 12)
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
        )
        top = pose.y - pose.hop - s.height * 0.72
        aside = 0.34
    other = at_rest(s, t)
    if other is not None and s.object is not None and s.object.role.word in SEATS:
        other = replace(other, x=s.middle)
        seat = s.object.height * SEATS[s.object.role.word]
        pose = replace(pose, x=s.middle, hop=pose.hop + seat)
        if s.limbs:
            pose = two_hands(
                s, pose, s.middle + s.side * s.height * 0.17, pose.y - seat - s.height * 0.20, 12
            )
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
    x, cycles = travel(s, t, pace, 0.20, 0.76)
    # Steps as long as the way asks for, so that feet do not slide: a cycle covers 0.67 of the height.
    stride = clamp(s.wide * 0.56 / s.seconds / (pace * 0.67 * s.height), 0.4, 1.2) if s.limbs else 1.0
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
        roll=cycles * 210,
        turn=0.0,
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


def run(s: Stage, t: float) -> Tableau:
    """Runs: leans in, dust behind."""
    x, cycles = travel(s, t, 2.5, 0.18, 0.74)
    bounce = abs(wave(t, 2.5)) * 12
    pose = replace(
        alive(s, t, pop=False),
        x=x,
        walk=cycles,
        stride=1.55,
        lean=15,
        hop=s.lift + bounce,
        gaze=s.side * 0.8,
        wag=1.0,
        tall=1 + 0.04 * wave(t, 5.0),
        roll=cycles * 330,
        mouth=0.5,
        turn=0.0,
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
    flat = wide if abs(wide) > 0.13 else math.copysign(0.13, wide)
    pose = replace(alive(s, t), hop=s.lift + hop, turn=0.0)
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
        alive(s, t, pop=False), hop=hop, tall=1 - hit, wide=1 + hit, turn=(1 - clamp(t / 1.5)) * -28 * s.side
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
    return Tableau(
        pose,
        at_rest(s, t),
        before=(
            lambda c: light.dust(c, t - 0.55, s.x, s.y, s.seed, 10, s.subject.width * 0.7),
            lambda c: light.dust(c, t - 1.09, s.x, s.y, s.seed + 1, 6, s.subject.width * 0.5),
            lambda c: light.sparkle(c, t - 1.2, s.x, s.y - s.height * 0.6, s.height * 0.7, s.seed, 8),
        ),
    )


def float_up(s: Stage, t: float) -> Tableau:
    """Rises slowly and sways; people hold on to a balloon, things get a soap bubble."""
    top = max(40.0, s.y - s.height - (112 if s.limbs else 64))
    start = 0.0 if s.lift == 0 else min(s.lift, top * 0.5)
    hop = keys(t, (0.0, start), (0.3, max(0.0, start - 5)), (s.seconds, min(top, start + 170), "io"))
    x = s.x + 22 * wave(t, 0.26)
    pose = replace(alive(s, t, pop=False), x=x, hop=hop, turn=7 * wave(t, 0.26, 0.2))
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
    )
    kind = s.subject.role.kind
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
    if kind not in (Kind.BIRD, Kind.INSECT, Kind.AIRCRAFT, Kind.SKY):
        shoulder = (x - s.side * s.subject.width * 0.12, y - s.height * (0.55 if not s.limbs else 0.48))
        behind = (*behind, lambda c: _wings(c, t, shoulder, s.height, s.side))
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


def _wings(canvas: Canvas, t: float, at: Point, height: float, side: float) -> None:
    flap = wave(t, 2.4)
    for near in (-1, 1):
        turn = -34 - 30 * flap if near > 0 else -64 - 24 * flap
        rx, ry = height * 0.30, height * 0.115
        angle = math.radians(180 - turn) if side > 0 else math.radians(turn)
        cx, cy = at[0] + math.cos(angle) * rx * 0.9, at[1] - abs(math.sin(angle)) * rx * 0.9
        Shape(canvas).ellipse(cx, cy, rx, ry, turn * -side if side > 0 else -turn).put(
            "#ffffff" if near > 0 else "#dfe8fb", ry * 0.5, low=0.3
        )


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
    if s.subject.role.kind is Kind.SWIMMER:
        pose = replace(
            alive(s, t, pop=False), x=x, hop=s.lift + 2 * bob, wag=1.0, turn=s.side * 5 * wave(t, 0.7, 0.25)
        )
        return Tableau(
            pose,
            at_rest(s, t),
            follow=x,
            before=(
                lambda c: light.bubbles(
                    c,
                    t,
                    x + s.side * s.subject.width * 0.5,
                    pose.y - pose.hop - s.height * 0.5,
                    s.seed,
                    width=26,
                    height=130,
                ),
            ),
        )
    sink = s.height * (0.42 if s.subject.role.kind is not Kind.SHIP else 0.16)
    pose = replace(
        alive(s, t, pop=False),
        x=x,
        hop=bob - sink + 26,
        wag=1.0,
        turn=s.side * 4 * wave(t, 0.7, 0.2),
        gaze=s.side * 0.6,
    )
    if s.limbs:
        y = pose.y - pose.hop - s.height * 0.50
        stroke = TAU * cycles
        pose = replace(
            pose,
            lean=16,
            turn=0.0,
            near=(x + s.side * s.height * 0.34 * math.cos(stroke), y - s.height * 0.26 * math.sin(stroke)),
            far=(x - s.side * s.height * 0.34 * math.cos(stroke), y + s.height * 0.26 * math.sin(stroke)),
            mouth=0.4,
            elbow_near=s.side,
            elbow_far=s.side,
        )
    line = s.y - 26
    other = at_rest(s, t)
    if other is not None:
        other = replace(other, hop=other.hop - 8 + 5 * wave(t, 0.8, 0.3))
    return Tableau(
        pose,
        other,
        grounded=False,
        other_grounded=False,
        follow=x,
        behind=(lambda c: light.water(c, t, line - 16, "#7fd8f6", "#4fb8ec", 0.85),),
        before=(
            lambda c: light.water(c, t + 3, line, "#55c2f2", "#1f83d6", 0.80),
            lambda c: _splash(c, t, x + s.side * s.subject.width * 0.42, line),
        ),
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
