"""Pointing something out, and holding somebody close."""

from __future__ import annotations

import math
from dataclasses import replace

from reverie.video.storyboard.acting.moves import appear
from reverie.video.storyboard.acting.stage import (
    Effect,
    Stage,
    Tableau,
    alive,
    arriving,
    at_rest,
    feels,
    hands_of,
    head_top,
    inside,
    reached,
    toward,
)
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.art.clay import Shape
from reverie.video.storyboard.art.easing import clamp, keys, lerp, swing, wave
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.figures.actor import Actor, Puppet, Walker
from reverie.video.storyboard.figures.casting import Kind
from reverie.video.storyboard.figures.puppet import Pose, frame_of


def point(s: Stage, t: float) -> Tableau:
    """Looks at us, stretches the arm out, and there it is; without an object, a star."""
    T, d, h = s.span, s.side, s.height
    out = keys(t, (T * 0.12, 0.0), (T * 0.20, -0.25), (T * 0.34, 1.0, "back"))
    nod = clamp((t - T * 0.36) * 4)
    other = at_rest(s, t)
    thing = s.object
    if thing is not None and other is not None:
        px, py = s.other_x, s.other_y - s.other_lift - thing.height * 0.55
        size = max(thing.height, thing.width)
    else:
        px, py, size = inside(s, s.x + d * min(h * 0.9, s.wide * 0.34), 60), max(118.0, s.y - h * 0.84), 54.0
    pose = replace(
        alive(s, t, pop=False),
        gaze=d * keys(t, (0.0, -0.2), (T * 0.16, -0.2), (T * 0.32, 0.9)) * (0.75 + 0.25 * wave(t, 0.3)),
        lean=-4 * clamp(-out * 4) + 9 * max(0.0, out),
        tilt=(-7 if py < s.y - h * 0.7 else 4) * max(0.0, out) + 2 * wave(t, 0.5),
        mouth=0.6 * max(0.0, out) * (0.6 + 0.4 * wave(t, 1.1)),
        wag=1.0,
        hop=s.lift + 5 * abs(wave(t, 0.8)) * nod,
        turn=0.0,
        face=feels(t, "content", (T * 0.14, "curious"), (T * 0.30, "surprised"), (T * 0.55, "happy")),
    )
    if s.limbs:
        if thing is not None:
            # A step back, so that the finger ends before it.
            past = (pose.x + d * h * 0.46 - (px - d * (thing.width / 2 + 8))) * d
            pose = replace(
                pose, x=inside(s, pose.x - d * clamp(past, 0.0, h * 0.3) * clamp(out), s.subject.width)
            )
        shoulder = (pose.x + d * h * 0.08, pose.y - pose.hop - h * 0.50)
        run, rise = px - shoulder[0], py - shoulder[1]
        # Never across one's own face: what is steeply above is pointed at aslant.
        rise = max(rise, -0.55 * abs(run))
        far = max(1.0, (run * run + rise * rise) ** 0.5)
        arm = h * 0.36
        aim = (shoulder[0] + run / far * arm, shoulder[1] + rise / far * arm + 3 * wave(t, 1.4) * nod)
        rest = (pose.x + d * h * 0.16, pose.y - h * 0.30)
        share = max(0.0, out)
        near = (lerp(rest[0], aim[0], share), lerp(rest[1], aim[1], share) + 12 * clamp(-out * 4))
        hip = (pose.x - d * h * 0.17, pose.y - pose.hop - h * 0.30)
        pose = replace(pose, near=near, far=hip, elbow_near=d, elbow_far=-d, facing=d)
    else:
        # Whoever has no arm points with all it has, as a hound does, a fore paw raised.
        pose = replace(pose, lean=14 * max(0.0, out), turn=-d * 5 * max(0.0, out) * (py < s.y - h))
        if isinstance(s.subject, Walker) and not s.subject.animal.biped and out > 0:
            paw = (pose.x + d * s.subject.width * 0.36, pose.y - pose.hop - h * 0.26 * out)
            pose = replace(pose, foot_near=paw)
    seen = clamp((t - T * 0.34) * 5)
    finger: Effect = lambda c: _finger(c, s.subject, pose, clamp(out * 3))  # noqa: E731
    jolly = abs(wave(t, 0.8)) * seen
    if other is not None:
        other = replace(
            other,
            hop=other.hop + 9 * jolly,
            tall=other.tall * (1 + 0.03 * wave(t, 1.6) * seen),
            wag=1.0,
            face=feels(t, "content", (T * 0.34, "surprised"), (T * 0.6, "happy")),
            mouth=0.4 * seen,
        )
    star: Effect = lambda c: c.draw(  # noqa: E731
        sprite("star"),
        px,
        py + 4 * wave(t, 0.7),
        54 * seen * (1 + 0.06 * wave(t, 1.0)),
        turn=14 * wave(t, 0.4),
    )
    return Tableau(
        pose,
        other,
        behind=(
            lambda c: light.glow(c, px, py, size * 1.0, "#fff3c4", (0.5 + 0.1 * wave(t, 0.8)) * seen),
            lambda c: c.draw(
                light.ring("#fff6d8", 0.05),
                px,
                py,
                size * (1.0 + 0.45 * ((t * 0.8) % 1)),
                alpha=0.7 * (1 - (t * 0.8) % 1) * seen,
            ),
            *((star,) if other is None else ()),
        ),
        before=(
            finger,
            lambda c: light.sparkle(c, t - T * 0.34, px, py, size * 0.8, s.seed, 10),
            lambda c: light.glints(c, t, px, py, size, size, s.seed, 4 if seen else 0),
        ),
        zoom=0.03 * seen,
    )


def _finger(canvas: Canvas, who: Actor, pose: Pose, out: float) -> None:
    """The forefinger of a person's pointing hand, stretched by the share `out`."""
    if not isinstance(who, Puppet) or who.look.metal or out <= 0 or pose.near is None:
        return
    joints = frame_of(who.look, who.height, pose)
    x, y = hands_of(who, pose)[0]
    from_x, from_y = joints.shoulders[1 if pose.facing > 0 else 0]
    far = math.hypot(x - from_x, y - from_y) or 1.0
    ahead, down, w = (x - from_x) / far, (y - from_y) / far, joints.width
    root, tip = (x + ahead * w * 0.2, y + down * w * 0.2), w * (0.35 + 0.75 * out)
    Shape(canvas).tube([root, (x + ahead * tip, y + down * tip)], w * 0.34, w * 0.28).put(
        who.look.skin, w * 0.2, high=0.45
    )


def hug(s: Stage, t: float) -> Tableau:
    """Goes over with open arms and holds it close; hearts."""
    thing = s.object
    other = at_rest(s, t, pop=False)
    if thing is None or other is None:
        return appear(s, t)
    T, d, h = s.span, s.side, s.height
    come, close = T * 0.24, T * 0.40
    body = s.subject.width * (0.37 if s.limbs else 0.46)
    rooted = thing.role.kind is Kind.PLANT and thing.height > h * 0.8
    theirs = thing.width * (0.37 if thing.role.kind is Kind.PERSON else 0.08 if rooted else 0.42)
    beast = thing.role.kind is Kind.ANIMAL and thing.role.metres > 0.45
    small = s.limbs and not beast and thing.height < h * 0.72
    stoop = 0.75 * clamp((0.95 - thing.height / h) * 3) if beast and s.limbs else 0.0
    apart = h * 0.12 + thing.width * 0.24 if small else body + theirs
    centre = s.middle
    ox = keys(
        t,
        (0.0, s.other_x),
        (come, lerp(s.other_x, centre + d * apart / 2, 0.35)),
        (close, centre + d * apart / 2),
    )
    goal = ox - d * apart
    x = inside(
        s,
        keys(t, (0.0, s.x - d * 20), (come, goal - d * h * 0.16, "lin"), (close, goal)),
        s.subject.width * 0.7,
    )
    held = keys(t, (come, 0.0), (close, 1.0, "back"))
    open_arms = keys(t, (T * 0.04, 0.0), (come * 0.8, 1.0))
    squeeze = swing(t, close, 1.1, 1.6) * 0.05
    rock = wave(t, 0.55) * held
    low = s.y - s.other_lift if small else s.other_y
    lift = keys(t, (come, 0.0), (close, 1.0)) * h * 0.17 if small else 0.0
    pose = toward(
        s,
        replace(
            alive(s, t, pop=False),
            x=x + 3 * rock,
            walk=arriving(s, x, goal) if t < come else None,
            crouch=0.5 * arc_between(t, come * 0.9, close) if small else stoop * held,
            lean=(4 if t < come else 9) * clamp(t * 3) + 2.5 * rock,
            tilt=(4 if thing.role.kind is Kind.PERSON else 9) * held + 3 * rock,
            tall=1 - squeeze,
            blink=0.75 * held * clamp((t - close) * 3),
            mouth=0.35 * (1 - held),
            wag=1.0,
            turn=0.0 if s.limbs else 2.5 * rock,
            face=feels(t, "happy", (close, "content"), (close + T * 0.12, "happy")),
        ),
    )
    other = replace(
        other,
        x=ox + 3 * rock,
        y=low,
        hop=other.hop * (1 - held) + s.other_lift * (1.0 if small else 0.0) * (1 - held) + lift,
        facing=-d,
        lean=0.0 if rooted else 7 * held,
        tilt=(3 if thing.role.kind is Kind.PERSON else 8) * held - 3 * rock,
        turn=2.5 * rock if thing.role.kind is not Kind.PERSON and not rooted else 0.0,
        tall=other.tall * (1 + squeeze),
        wide=1 - 0.05 * held,
        gaze=-d * 0.7,
        blink=0.75 * held * clamp((t - close - 0.1) * 3),
        wag=1.0,
        face="happy" if thing.role.kind is Kind.PERSON else feels(t, "surprised", (close, "happy")),
    )
    if s.limbs:
        y = pose.y - pose.hop
        wide_near = (x + d * h * 0.30, y - h * 0.62)
        wide_far = (x - d * h * 0.10, y - h * 0.60)
        middle = other.y - other.hop - min(thing.height * 0.55, h * 0.46)
        round_near = (other.x + d * thing.width * (0.30 if small else 0.16), middle + 4)
        round_far = (other.x + d * thing.width * 0.10, middle - h * 0.08)
        reach = [
            (lerp(a[0], b[0], held), lerp(a[1], b[1], held))
            for a, b in ((wide_near, round_near), (wide_far, round_far))
        ]
        pose = reached(s, replace(pose, elbow_near=d, elbow_far=d), open_arms, reach[0], reach[1])
    if thing.role.kind is Kind.PERSON and held > 0:
        mine = hands_of(s.subject, pose)[0]
        back = (pose.x - d * h * 0.04, mine[1] + h * 0.07)
        front = (other.x - d * thing.height * 0.22, other.y - thing.height * 0.56)
        other = replace(
            other,
            near=(lerp(front[0], back[0], held), lerp(front[1], back[1], held)),
            far=front,
            elbow_near=-d,
            elbow_far=-d,
        )
    crown = other.y - other.hop - thing.height * other.tall
    top = max(120.0, min(head_top(s, pose), crown if thing.height < 2 * h else s.y) + 14)
    mx = (pose.x + other.x) / 2
    return Tableau(
        pose,
        other,
        held=small,
        front=not s.limbs and thing.height < s.height,
        other_grounded=not small or held < 0.1,
        behind=(lambda c: light.glow(c, mx, s.y - h * 0.5, h * 0.9, "#ffd9e2", 0.5 * held),),
        before=(
            lambda c: light.rising(
                c, t - close, mx, top, "red-heart", s.seed, count=4, width=110, height=74, size=28, rate=0.5
            ),
            lambda c: light.sparkle(c, t - close, mx, s.y - h * 0.6, 90, s.seed, 10),
        ),
        zoom=0.05 * held,
    )


def arc_between(t: float, start: float, end: float) -> float:
    """0 up to `start`, up to 1 in the middle, 0 from `end` on."""
    k = clamp((t - start) / max(0.01, end - start))
    return 4 * k * (1 - k)
