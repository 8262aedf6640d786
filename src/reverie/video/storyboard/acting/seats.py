"""Sitting down, standing up, climbing: what a body does with a seat, the floor and what is high."""

from __future__ import annotations

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
    inside,
    pelvis_of,
    reached,
    toward,
    two_hands,
)
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.art.clay import Shape
from reverie.video.storyboard.art.easing import clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.figures.casting import SEATS


def sit(s: Stage, t: float) -> Tableau:
    """Goes to the seat, sits down, swings the legs; without a seat, on the floor."""
    T, d = s.span, s.side
    thing = s.object
    seat = thing is not None and thing.role.word in SEATS
    other = at_rest(s, t, pop=False)
    go, down, sat = T * 0.22, T * 0.30, T * 0.44
    goal = s.middle if seat else s.x
    x = keys(t, (0.0, goal - d * min(70.0, s.wide * 0.16)), (go, goal))
    ready = keys(t, (go, 0.0), (down, 1.0), (sat, 0.0))
    off = keys(t, (down, 0.0), (sat, 1.0, "back"))
    bump = swing(t, sat - T * 0.04, 2.4, 4.5)
    face = feels(t, "content", (go, "curious"), (sat, "happy"))
    pose = replace(
        alive(s, t, pop=False),
        x=inside(s, x, s.subject.width),
        walk=arriving(s, x, goal) if t < go else None,
        lean=12 * ready - 3 * off,
        crouch=0.25 * ready,
        tall=1 + 0.05 * bump + 0.014 * wave(t, 0.5),
        face=face,
        turn=0.0,
        wag=0.3 + 0.5 * off,
        gaze=0.6 * wave(t, 0.23) * off,
    )
    if not s.limbs:
        rise = thing.height * SEATS[thing.role.word] if seat and thing is not None else 0.0
        hop = s.lift + rise * keys(t, (go, 0.0), (down, 1.0, "out")) + 20 * clamp(1 - abs(t - down) * 8)
        pose = replace(pose, sit=off, hop=hop if seat else s.lift, crouch=0.4 * ready * (1 - off))
    elif seat and thing is not None and other is not None:
        pose = replace(pose, sit=off, seat=thing.height * SEATS[thing.role.word])
    else:
        pose = replace(pose, sit=off)
    if s.limbs and off > 0:
        knee = pelvis_of(s.subject, replace(pose, sit=1.0)) + s.height * 0.07
        laid = two_hands(s, pose, pose.x + d * s.height * 0.15, pose.y - knee + 2 * wave(t, 0.5), 14)
        pose = reached(s, pose, clamp(off), laid.near, laid.far)
    if other is not None and seat:
        other = replace(other, x=s.middle, tall=1 - 0.06 * max(0.0, bump), wide=1 + 0.03 * bump)
    puff = s.y - pose.hop
    return Tableau(
        pose,
        other,
        grounded=not seat,
        before=(
            lambda c: light.dust(c, t - sat + T * 0.03, pose.x, puff, s.seed, 6, s.subject.width * 0.5),
            lambda c: light.sparkle(c, t - sat - 0.2, pose.x, puff - s.height * 0.8, 60, s.seed, 6),
        ),
    )


def stand(s: Stage, t: float) -> Tableau:
    """Sits on the floor, gathers, gets up, stretches, stands there; on a seat it gets up first."""
    if s.object is not None and s.object.role.word in SEATS:
        return climb(s, t)
    T, d, h = s.span, s.side, s.height
    lean_in, up, top = T * 0.20, T * 0.40, T * 0.60
    sat = keys(t, (lean_in, 1.0), (up, 0.0))
    gather = keys(t, (T * 0.06, 0.0), (lean_in, 1.0), (up, 0.0))
    stretch = keys(t, (up - T * 0.06, 0.0), (T * 0.52, 1.0, "back"), (top, 1.0), (T * 0.74, 0.0))
    pose = replace(
        alive(s, t, pop=False),
        sit=sat,
        crouch=0.3 * keys(t, (lean_in, 0.0), (lean_in + T * 0.08, 1.0), (up, 0.0)),
        lean=24 * gather - 5 * stretch,
        hop=s.lift + 5 * stretch,
        tall=1 + 0.07 * stretch,
        wide=1 - 0.03 * stretch,
        blink=0.7 * stretch if s.limbs else 0.0,
        tilt=-6 * stretch + 3 * wave(t, 0.4) * (1 - stretch),
        mouth=0.7 * stretch,
        wag=1 - sat,
        turn=0.0,
        face=feels(t, "sleepy", (up, "content"), (top, "happy")),
    )
    if s.limbs:
        push = (pose.x + d * h * 0.16, pose.y - h * 0.14)
        hang = (pose.x + d * h * 0.20, pose.y - pose.hop - h * 0.30)
        above = (pose.x + d * h * 0.17, pose.y - pose.hop - h * 0.92)
        place = (lerp(hang[0], push[0], sat), lerp(hang[1], push[1], sat))
        near = (lerp(place[0], above[0], stretch), lerp(place[1], above[1], stretch))
        far = (lerp(2 * pose.x - near[0], near[0] - d * 10, sat), near[1])
        pose = replace(pose, elbow_near=d, elbow_far=-d if sat < 0.5 else d)
        pose = reached(s, pose, keys(t, (T * 0.58, 1.0), (T * 0.78, 0.0)), near, far)
    return Tableau(
        pose,
        at_rest(s, t),
        before=(
            lambda c: light.dust(c, t - lean_in, s.x, s.y, s.seed, 5, s.subject.width * 0.5),
            lambda c: light.sparkle(c, t - T * 0.5, s.x, s.y - h, 70, s.seed, 9),
        ),
    )


def _ladder(canvas: Canvas, x: float, foot: float, top: float, h: float) -> None:
    """A wooden ladder for somebody `h` high, from the ground up to `top`."""
    half, rungs = h * 0.15, max(2, round((foot - top) / (h * 0.15)))
    for i in range(rungs):
        y = lerp(foot, top, (i + 0.5) / rungs)
        Shape(canvas).tube([(x - half, y), (x + half, y)], h * 0.028, h * 0.028).put("#e0a860", 3)
    for side in (-1, 1):
        Shape(canvas).tube(
            [(x + side * half * 1.12, foot), (x + side * half, top)], h * 0.042, h * 0.038
        ).put("#c98d48", 4)


def climb(s: Stage, t: float) -> Tableau:
    """Up the side of what is high, or onto what is low; then a proud look around."""
    thing = s.object
    other = at_rest(s, t, pop=False)
    if thing is None or other is None:
        return appear(s, t)
    T, d, h = s.span, s.side, s.height
    go, end = T * 0.16, T * 0.72
    low = thing.role.word in SEATS or thing.height <= h * 1.05
    share = SEATS.get(thing.role.word, 0.92)
    room = s.y - 70 - h * (1.0 if s.limbs else 0.8)
    goal = min(thing.height * share, max(16.0, room)) if low else min(thing.height * 0.80 - h * 0.5, room)
    goal = max(goal, 14.0)
    pulls = 2 if low else 4
    part = (end - go) / pulls
    up = sum(ease("io", (t - go - i * part) / (part * 0.72)) for i in range(pulls)) / pulls
    pull = wave(t, 1 / part / 2, -go / part / 2)
    tree = thing.role.word == "tree"
    slope = not low and not tree
    # Up a trunk, or up a slope that comes to a point.
    aside = 0.46 if low else 0.04 if tree else lerp(0.48, 0.0, min(1.0, 1.3 * goal * up / thing.height))
    near_x = s.other_x - d * (thing.width * aside + h * 0.08 * (not slope))
    target = lerp(near_x, s.other_x, up) if low else near_x
    x = inside(s, keys(t, (0.0, target - d * 50), (go, target)), s.subject.width)
    climbing = go <= t < end
    proud = keys(t, (end, 0.0), (end + T * 0.1, 1.0, "back"))
    pose = replace(
        alive(s, t, pop=False),
        x=x,
        hop=s.lift + goal * up,
        walk=arriving(s, x, target) if t < go else t * 1.3 if climbing and slope else None,
        stride=1.0,
        lean=8 * (climbing) + 2 * pull * climbing,
        crouch=0.25 * abs(pull) * climbing,
        gaze=d * 0.7 * (1 - proud) + 0.5 * proud * wave(t, 0.3),
        tilt=-8 * climbing + 4 * proud * wave(t, 0.5),
        wag=1.0,
        mouth=0.6 * proud,
        turn=0.0,
        face=feels(t, "curious", (end, "proud"), (end + T * 0.14, "happy")),
    )
    y = pose.y - pose.hop
    if s.limbs:
        grip_x = x + d * h * 0.17
        hands = (
            (grip_x, y - h * (0.62 + 0.16 * pull)),
            (grip_x - d * h * 0.08, y - h * (0.62 - 0.16 * pull)),
        )
        wave_at = (x + d * h * 0.27 + 8 * wave(t, 1.8), y - h * 0.86)
        other_hand = (grip_x, y - h * 0.56) if not low else (x - d * h * 0.24, y - h * 0.40)
        near = (lerp(hands[0][0], wave_at[0], proud), lerp(hands[0][1], wave_at[1], proud))
        far = (lerp(hands[1][0], other_hand[0], proud), lerp(hands[1][1], other_hand[1], proud))
        pose = replace(pose, elbow_near=d, elbow_far=d if not low else -d)
        pose = reached(s, pose, keys(t, (go * 0.5, 0.0), (go * 1.2, 1.0)), near, far)
        if tree and t >= go:
            pose = replace(pose, walk=None, climb=min(t, end) / (2 * part) - go / (2 * part))
    else:
        steep = (
            0.0
            if low
            else (0.6 if slope else 1.0)
            * keys(t, (go * 0.7, 0.0), (go * 1.3, 1.0), (end, 1.0), (end + T * 0.12, 0.0))
        )
        pose = replace(
            pose,
            turn=-d * 68 * steep + 3 * pull * climbing,
            pivot=0.5,
            walk=t * 1.6 if t < end else None,
            hop=pose.hop + s.subject.width * 0.12 * steep + 6 * proud * abs(wave(t, 0.9)) * low,
        )
    sway = 1.2 * pull * climbing
    top = s.y - goal - h * 0.62
    ladder: Effect = lambda c: _ladder(c, near_x + d * h * 0.08, s.y, top, h)  # noqa: E731
    other = replace(other, turn=sway * 0.4)
    behind: tuple[Effect, ...] = ()
    if tree and s.limbs:
        # Between the tree and whoever climbs it.
        stands = other
        behind = (lambda c: thing.draw(c, stands, t, None, True), ladder)
        other = replace(other, alpha=0.0)
    return Tableau(
        toward(s, pose, 0.8) if t < end else pose,
        other,
        behind=behind,
        other_grounded=not behind,
        grounded=up < 0.05,
        before=(
            lambda c: light.dust(c, t - go, x, s.y, s.seed, 6, 26),
            lambda c: light.sparkle(c, t - end, x, y - h * 0.8, 80, s.seed, 12),
        ),
        zoom=0.03 * clamp(t / end),
    )
