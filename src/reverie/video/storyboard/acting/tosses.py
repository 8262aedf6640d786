"""Throwing, catching, kicking: things that fly, and come down where they should."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from reverie.video.storyboard.acting.moves import appear
from reverie.video.storyboard.acting.stage import (
    Stage,
    Tableau,
    alive,
    arriving,
    feels,
    grasped,
    hands_of,
    inside,
)
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.clay import Point
from reverie.video.storyboard.art.easing import arc, clamp, ease, keys, lerp, wave
from reverie.video.storyboard.figures.casting import BALLS
from reverie.video.storyboard.figures.puppet import Pose

TOP = 74.0
"""Nothing flies higher than this, virtual units from the picture's top: the label is up there."""


@dataclass(frozen=True, slots=True)
class Flight:
    """A thing's way through the air: a parabola from (`x`, `y`) to the ground at `land`, two bounces, a roll.

    Places are of the thing's foot. `ground`: its y when it lies; `high`: how far the first parabola rises
    above the straight line; `air`: seconds of it; `ways`: +1 to the right; `run`: how far it still goes after
    landing.
    """

    x: float
    y: float
    land: float
    ground: float
    high: float
    air: float
    run: float = 0.0

    def at(self, age: float) -> tuple[float, float]:
        """(x, y) of the foot, `age` seconds after it was let go; the end of the way for ever after."""
        if age <= self.air:
            k = clamp(age / self.air)
            return lerp(self.x, self.land, k), lerp(self.y, self.ground, k) - self.high * arc(k)
        past, reached = age - self.air, 0.0
        for bounce, share in ((0.26, 0.5), (0.08, 0.28)):
            # The time in the air goes with the root of the height.
            span = self.air * math.sqrt(bounce)
            if past <= span:
                k = past / span
                x = self.land + self.run * (reached + share * k)
                return x, self.ground - max(self.high, 40.0) * bounce * arc(k)
            past -= span
            reached += share
        return self.land + self.run * (reached + (1 - reached) * ease("out", past / 0.6)), self.ground


def throw(s: Stage, t: float) -> Tableau:
    """Winds up, steps into it, lets go, and looks after it."""
    thing = s.object
    if thing is None:
        return appear(s, t)
    d, T = s.side, s.span
    back, go = T * 0.20, T * 0.32
    x = inside(s, s.wide * (0.24 if d > 0 else 0.76), s.subject.width)

    def pose_at(when: float) -> Pose:
        h = s.height
        # Underarm: the arm hangs, swings back past the hip, and comes through.
        angle = keys(
            when,
            (0.0, -48.0),
            (back, -142.0),
            (back + (go - back) * 0.3, -146.0),
            (go, 24.0, "in"),
            # Out in front, not across the face.
            (go + T * 0.10, 34.0, "out"),
            (T * 0.62, -60.0),
        )
        pose = replace(
            alive(s, when, pop=False),
            x=x + d * h * keys(when, (0.0, 0.0), (back, -0.05), (go, 0.09, "in"), (T * 0.6, 0.04)),
            lean=keys(
                when, (0.0, 0.0), (back, -15.0), (go, 22.0, "in"), (go + T * 0.12, 15.0), (T * 0.66, 2.0)
            ),
            crouch=keys(when, (0.0, 0.0), (back, 0.22), (go, 0.0), (go + T * 0.1, 0.16), (T * 0.6, 0.0)),
            walk=keys(when, (0.0, 0.0), (back, 0.05), (go + T * 0.05, 0.5, "io"))
            if when < T * 0.44
            else None,
            stride=0.9,
            gaze=d * 0.8,
            tilt=-6 * clamp((when - go) * 4),
        )
        shoulder = (pose.x + d * h * 0.04, pose.y - pose.hop - h * 0.50)
        arm = math.radians(angle)
        hand = (shoulder[0] + d * math.cos(arm) * h * 0.36, shoulder[1] - math.sin(arm) * h * 0.36)
        rest = (pose.x - d * h * 0.20, pose.y - h * 0.40)
        return replace(pose, near=hand, far=rest, elbow_near=d, elbow_far=-d)

    pose = pose_at(t)
    cheer = clamp((t - T * 0.72) * 4)
    if cheer:
        lift = s.height * (0.66 + 0.05 * wave(t, 1.2))
        joy = (pose.x + d * s.height * 0.24, pose.y - pose.hop - lift)
        pose = replace(
            pose,
            hop=pose.hop + 8 * abs(wave(t, 0.9)) * cheer,
            near=_from_to(pose.near, joy, cheer),
            far=_from_to(pose.far, (2 * pose.x - joy[0], joy[1]), cheer),
        )
    pose = replace(
        pose,
        face=feels(t, "curious", (go, "surprised"), (T * 0.6, "happy")),
        mouth=0.5 * cheer,
    )
    if t <= go:
        other = grasped(s, pose, 0.2, turn=-d * 40 * clamp(t / back))
    else:
        start = grasped(s, pose_at(go), 0.2)
        other = _landing(s, t - go, start, x + d * s.wide * 0.40, 150.0, clamp(T * 0.24, 0.22, 0.8), d)
    return Tableau(
        pose,
        other,
        front=t > back,
        held=t <= back,
        other_grounded=t > go,
        before=(
            lambda c: light.sparkle(c, t - go, other.x, other.y - thing.height / 2, 60, s.seed, 8),
            lambda c: light.dust(c, t - go, x, s.y, s.seed, 5, 26),
        ),
    )


def _from_to(start: Point | None, end: Point, share: float) -> Point:
    """On the straight way from `start` to `end`."""
    a = start or end
    return lerp(a[0], end[0], share), lerp(a[1], end[1], share)


def _landing(s: Stage, age: float, start: Pose, land: float, high: float, air: float, d: float) -> Pose:
    """The object in flight since `age` seconds from where it was let go; it ends within the picture."""
    thing = s.object
    assert thing is not None
    ball = thing.role.word in BALLS
    edge = s.wide - thing.width * 0.6 if d > 0 else thing.width * 0.6
    land = lerp(start.x, edge, 0.66) if (land - edge) * d > 0 else land
    run = clamp(abs(edge - land), 0.0, 90.0) * d * (1.0 if ball else 0.5)
    high = max(12.0, min(high, start.y - thing.height - TOP))
    flight = Flight(start.x, start.y, land, s.y, high, air, run)
    x, y = flight.at(age)
    # A ball turns as far as it has rolled, anything else tumbles and comes to lie.
    whole = abs(land + run - start.x) / max(1.0, thing.width * math.pi) * 360
    done = abs(x - start.x) / max(1.0, abs(land + run - start.x))
    turn = d * (whole * done if ball else 360 * min(1.0, ease("out", done)))
    squash = 0.16 * clamp(1 - abs(age - air) * 14)
    return Pose(
        x,
        s.y,
        hop=s.y - y,
        facing=d,
        turn=turn,
        pivot=0.5,
        tall=1 - squash,
        wide=1 + squash,
        wag=0.4,
        roll=turn * d,
    )


def catch(s: Stage, t: float) -> Tableau:
    """Something comes flying: eyes on it, hands up, got it."""
    thing = s.object
    if thing is None:
        return appear(s, t)
    d, T = s.side, s.span
    got = T * 0.40
    x = inside(s, s.wide * (0.34 if d > 0 else 0.66), s.subject.width)
    ready = keys(t, (T * 0.04, 0.0), (T * 0.18, 1.0))
    after = clamp((t - got) / max(0.05, T * 0.10))
    give = keys(t, (got, 0.0), (got + T * 0.06, 1.0, "out"), (got + T * 0.22, 0.0, "back"))
    hug = keys(t, (got + T * 0.06, 0.0), (got + T * 0.24, 1.0))
    if not s.limbs:
        return _snapped(s, t, x, got)
    h = s.height

    def pose_at(when: float, ready: float, give: float, hug: float) -> Pose:
        reach = lerp(0.26, 0.33, ready) - 0.10 * give
        level = lerp(lerp(0.36, 0.62, ready) - 0.14 * give, 0.40, hug)
        pose = replace(
            alive(s, when, pop=False),
            x=x - d * 9 * give,
            lean=6 * ready * (1 - hug) - 10 * give,
            crouch=0.20 * ready * (1 - hug) + 0.22 * give,
            hop=hug * 10 * abs(wave(when, 1.1)),
            gaze=d * lerp(0.85, 0.2, hug),
            tilt=-9 * ready * (1 - after) + 5 * hug * wave(when, 0.8),
        )
        hand = (pose.x + d * h * reach, pose.y - pose.hop - h * level)
        apart = min(thing.width * 0.42, h * 0.14)
        return replace(
            pose,
            near=(hand[0] + d * apart * 0.5, hand[1] + apart * 0.4),
            far=(hand[0] - d * apart * 0.4, hand[1] - apart * 0.5),
            elbow_near=d,
            elbow_far=d,
        )

    pose = replace(
        pose_at(t, ready, give, hug),
        face=feels(t, "curious", (T * 0.16, "surprised"), (got, "laughing"), (got + T * 0.3, "proud")),
        mouth=0.6 * after,
    )
    if t < got:
        home = _between(s, pose_at(got, 1.0, 0.0, 0.0))
        other = _incoming(s, t, got, home)
    else:
        other = _between(s, pose)
    ox, oy = other.x, other.y - other.hop - thing.height / 2
    return Tableau(
        pose,
        other,
        held=t >= got,
        front=t < got,
        other_grounded=False,
        behind=(lambda c: light.rays(c, ox, oy, 170, t, alpha=0.22 * hug),),
        before=(
            lambda c: light.sparkle(c, t - got, ox, oy, 80, s.seed, 12),
            lambda c: light.glints(c, t, ox, oy, thing.width, thing.height, s.seed, 3),
        ),
    )


def _between(s: Stage, pose: Pose) -> Pose:
    """The object between both hands."""
    thing = s.object
    assert thing is not None
    near, far = hands_of(s.subject, pose)
    x, y = (near[0] + far[0]) / 2, (near[1] + far[1]) / 2
    return Pose(x + s.side * thing.width * 0.12, y + thing.height * 0.5, facing=-s.side, pivot=0.5, wag=0.5)


def _incoming(s: Stage, t: float, got: float, home: Pose) -> Pose:
    """The object on its way from the far edge to `home`, where it arrives at `got`."""
    thing = s.object
    assert thing is not None
    d = s.side
    k = clamp(t / got)
    start_x = s.wide + thing.width * 0.1 if d > 0 else -thing.width * 0.1
    start_y = home.y - 10
    high = max(16.0, min(110.0, start_y - thing.height - TOP))
    foot = lerp(start_y, home.y, k) - high * arc(k)
    return Pose(
        lerp(start_x, home.x, k),
        s.y,
        hop=s.y - foot,
        facing=-d,
        turn=-d * 300 * (1 - k),
        pivot=0.5,
        roll=360 * k,
        wag=0.5,
    )


def _snapped(s: Stage, t: float, x: float, got: float) -> Tableau:
    """Caught in the mouth, in a leap."""
    thing = s.object
    assert thing is not None
    d, T = s.side, s.span
    leap = min(60.0, max(20.0, s.y - s.height - 110))

    def pose_at(when: float) -> Pose:
        k = (when - got + T * 0.14) / (T * 0.28)
        down = keys(when, (T * 0.05, 0.0), (got - T * 0.15, 1.0), (got - T * 0.12, 0.0, "out"))
        land = keys(when, (got + T * 0.13, 0.0), (got + T * 0.17, 1.0, "out"), (got + T * 0.3, 0.0))
        joy = clamp((when - got - T * 0.26) * 4)
        return replace(
            alive(s, when, pop=False),
            x=x,
            hop=s.lift + leap * arc(k) + 9 * abs(wave(when, 1.4)) * joy,
            crouch=0.7 * max(down, land),
            turn=-d * 12 * arc(k) + 3 * wave(when, 1.4) * joy,
            wag=1.0,
            gaze=d * 0.6,
            face=feels(when, "curious", (got, "happy"), (got + T * 0.2, "proud")),
        )

    pose = pose_at(t)
    other = grasped(s, pose, 0.3) if t >= got else _incoming(s, t, got, grasped(s, pose_at(got), 0.3))
    mx, my = other.x, other.y - other.hop - thing.height / 2
    return Tableau(
        pose,
        other,
        front=True,
        other_grounded=False,
        before=(
            lambda c: light.sparkle(c, t - got, mx, my, 70, s.seed, 10),
            lambda c: light.dust(c, t - got - T * 0.14, x, s.y, s.seed, 8, s.subject.width * 0.5),
        ),
    )


def kick(s: Stage, t: float) -> Tableau:
    """Runs up, swings the leg, and away it flies."""
    thing = s.object
    if thing is None:
        return appear(s, t)
    d, T, h = s.side, s.span, s.height
    hit, lift = T * 0.32, T * 0.22
    room = s.subject.width + thing.width
    ball_x = inside(s, s.wide * (0.42 if d > 0 else 0.58), thing.width)
    reach = thing.width * 0.5 + (h * 0.26 if s.limbs else s.subject.width * 0.5)
    strike = inside(s, ball_x - d * reach, s.subject.width)
    ball_x = strike + d * reach
    start = inside(s, strike - d * min(90.0, room * 0.6), s.subject.width)
    x = keys(
        t, (0.0, start), (lift, strike - d * 8, "lin"), (hit, strike, "out"), (hit + T * 0.1, strike + d * 6)
    )
    cheer = clamp((t - T * 0.66) * 4)
    pose = replace(
        alive(s, t, pop=False),
        x=x,
        gaze=d * 0.8,
        tilt=keys(t, (0.0, 6.0), (hit, 8.0), (hit + T * 0.14, -6.0)),
        lean=keys(t, (0.0, 9.0), (lift, 12.0), (hit, -12.0, "in"), (hit + T * 0.12, -15.0), (T * 0.62, 0.0)),
        wag=1.0,
        turn=0.0,
        face=feels(
            t,
            "curious",
            (hit, "surprised"),
            (hit + T * 0.16, "happy"),
            (T * 0.66, "laughing"),
        ),
        mouth=0.6 * cheer,
    )
    if s.limbs:
        swung = lift < t < T * 0.56
        # The leading leg swings back, through the ball and up; at the hit, its toe is at the ball.
        ahead = keys(
            t,
            (lift, 0.05),
            (lift + (hit - lift) * 0.55, -0.24),
            (hit, 0.17, "in"),
            (hit + T * 0.07, 0.30, "out"),
            (T * 0.56, 0.05),
        )
        high = keys(
            t,
            (lift, 0.055),
            (lift + (hit - lift) * 0.55, 0.16),
            (hit, 0.07, "in"),
            (hit + T * 0.07, 0.24, "out"),
            (T * 0.56, 0.055),
        )
        foot = (x + d * h * ahead, pose.y - pose.hop - h * high)
        swing = keys(t, (lift, 0.0), (hit, 1.0), (T * 0.56, 0.0))
        y = pose.y - pose.hop
        pose = replace(
            pose,
            walk=arriving(s, x, strike, 1.3) if t < lift else None,
            stride=1.3,
            foot_near=foot if swung else None,
            near=(x - d * h * (0.02 + 0.20 * swing), y - h * lerp(0.36, 0.56, max(swing, cheer))),
            far=(x - d * h * 0.30 + d * h * 0.5 * swing, y - h * lerp(0.36, 0.56, max(swing, cheer))),
            elbow_near=-d,
            elbow_far=d,
        )
        if cheer:
            up = h * (0.70 + 0.04 * wave(t, 1.3))
            joy = (x + d * h * 0.26, y - up)
            pose = replace(
                pose,
                hop=12 * abs(wave(t, 1.0)) * cheer,
                near=_from_to(pose.near, joy, cheer),
                far=_from_to(pose.far, (2 * x - joy[0], joy[1]), cheer),
                elbow_near=d if cheer > 0.5 else -d,
                elbow_far=-d if cheer > 0.5 else d,
            )
    else:
        nudge = keys(t, (lift, 0.0), (hit, 1.0, "in"), (hit + T * 0.12, 0.0))
        pose = replace(
            pose,
            walk=arriving(s, x, strike) if t < lift else None,
            lean=14 * nudge,
            crouch=0.3 * nudge,
            hop=pose.hop + 12 * abs(wave(t, 1.2)) * cheer,
        )
    rest = Pose(ball_x, s.y, facing=-d, pivot=0.5, tall=1 + 0.01 * wave(t, 0.8), wag=0.3)
    other = (
        rest
        if t <= hit
        else _landing(s, t - hit, rest, ball_x + d * s.wide * 0.26, 120.0, clamp(T * 0.24, 0.22, 0.8), d)
    )
    return Tableau(
        pose,
        other,
        before=(
            lambda c: light.dust(c, t - hit, ball_x, s.y, s.seed, 8, 34),
            lambda c: light.sparkle(c, t - hit, ball_x, s.y - thing.height / 2, 60, s.seed, 9),
            lambda c: light.trail(
                c, t, x - d * 16, s.y, s.seed, ways=-d, size=14, count=3 if t < lift else 0
            ),
        ),
    )
