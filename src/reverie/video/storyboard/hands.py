"""With something in hand: holding, picking up, reading, eating, drinking."""

from __future__ import annotations

from dataclasses import replace

from reverie.video.storyboard import light
from reverie.video.storyboard.actor import picture_of
from reverie.video.storyboard.easing import arc, clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.moves import appear
from reverie.video.storyboard.puppet import Pose
from reverie.video.storyboard.sprites import bitten, sprite
from reverie.video.storyboard.stage import (
    Stage,
    Tableau,
    alive,
    at_rest,
    head_top,
)


def hold(s: Stage, t: float) -> Tableau:
    """Holds something, then shows it to us proudly; the handless balance it."""
    if s.object is None:
        return appear(s, t)
    up = keys(
        t,
        (s.seconds * 0.28, 0.0),
        (s.seconds * 0.44, 1.0, "back"),
        (s.seconds * 0.74, 1.0),
        (s.seconds * 0.9, 0.0),
    )
    pose = replace(alive(s, t), gaze=s.side * 0.5 * (1 - up), tilt=4 * wave(t, 0.5), mouth=0.6 * up)
    if not s.limbs:
        return balanced(s, t, pose, 1.0)
    return carried(s, t, pose, lerp(0.30, 0.50, up), up)


def carried(s: Stage, t: float, pose: Pose, level: float, up: float) -> Tableau:
    """An object in both hands, its foot at the share `level` of the holder's height."""
    thing = s.object
    assert thing is not None
    d = s.side
    x = pose.x + d * (s.height * (0.15 + 0.06 * up) + thing.width * (0.30 + 0.16 * up))
    y = pose.y - pose.hop - s.height * level
    hand_y = y - thing.height * 0.16
    if thing.role.word == "umbrella":
        # It is held by its handle, and over the head.
        x, y = pose.x + d * s.height * 0.27, pose.y - pose.hop - s.height * (0.62 + 0.06 * up)
        hand_y = y - thing.height * 0.08
    apart = min(thing.width * 0.46, s.height * 0.22)
    pose = replace(
        pose, near=(x + d * apart * 0.8, hand_y + 5), far=(x - d * apart, hand_y), elbow_near=d, elbow_far=d
    )
    other = Pose(x, y, facing=d, turn=4 * wave(t, 0.7), tall=1 + 0.015 * wave(t, 1.1), wag=0.6)
    mid = y - thing.height / 2
    return Tableau(
        pose,
        other,
        held=True,
        other_grounded=False,
        behind=(lambda c: light.rays(c, x, mid, 200, t, alpha=0.22 * up),),
        before=(
            lambda c: light.glints(c, t, x, mid, thing.width, thing.height, s.seed, 4),
            lambda c: light.sparkle(c, t - s.seconds * 0.40, x, mid, 90, s.seed, 12),
        ),
    )


def balanced(s: Stage, t: float, pose: Pose, share: float) -> Tableau:
    """An object tossed (share 0..1 of the toss) on top of somebody without hands."""
    thing = s.object
    assert thing is not None
    sway = 4 * wave(t, 0.6)
    top = pose.hop + s.height * pose.size * pose.tall * 0.93
    over = arc(share) * 80
    x = lerp(s.other_x, pose.x + sway * 0.8, share)
    hop = lerp(s.other_lift, top, ease("out", share)) + over
    other = Pose(
        x,
        s.y,
        hop=hop,
        facing=s.side,
        turn=sway * 1.6 + (1 - share) * share * 300 * s.side,
        tall=1 - 0.12 * swing(t, s.seconds * 0.4, 2.4, 4),
        wag=0.5,
    )
    pose = replace(pose, turn=sway * 0.4, wag=0.8)
    y = s.y - hop - thing.height / 2
    return Tableau(
        pose,
        other,
        front=True,
        other_grounded=share <= 0.02,
        before=(lambda c: light.glints(c, t, x, y, thing.width, thing.height, s.seed, 4),),
    )


def pick_up(s: Stage, t: float) -> Tableau:
    """Walks up, bends down, lifts it and shows it."""
    other = at_rest(s, t, pop=False)
    thing = s.object
    if other is None or thing is None:
        return appear(s, t)
    d, T = s.side, s.seconds
    a, b, c_, e = T * 0.24, T * 0.36, T * 0.44, T * 0.56
    if not s.limbs:
        nod = keys(t, (a * 0.4, 0.0), (a, 1.0), (b, 0.0, "back"))
        pose = replace(alive(s, t, pop=False), lean=13 * nod, crouch=0.4 * nod)
        return balanced(s, t, pose, keys(t, (a * 0.8, 0.0), (c_, 1.0, "lin")))
    target = s.other_x - d * (thing.width * 0.36 + s.height * 0.13)
    x = keys(t, (0.0, s.x - d * 46), (a, target, "out"))
    crouch = keys(t, (a * 0.9, 0.0), (b, 1.0), (c_, 1.0), (e, 0.0, "back"))
    lean = keys(t, (a * 0.9, 4.0), (b, 33.0), (c_, 30.0), (e, -4.0, "back"))
    up = keys(t, (c_, 0.0), (e, 1.0, "back"))
    gaze = d * lerp(0.8, 0.25, up)
    hop = max(0.0, wave(t - e, 1.2)) * 9 * clamp((t - e) * 4)
    pose = replace(
        alive(s, t, pop=False),
        x=x,
        crouch=crouch * 0.85,
        lean=lean,
        hop=hop,
        walk=t * 1.7 if t < a else None,
        gaze=gaze,
        tilt=5 * wave(t, 0.7) * up,
        mouth=0.7 * up,
        wag=0,
    )
    held_x = x + d * (s.height * 0.15 + thing.width * 0.24)
    ox = lerp(s.other_x, held_x, up)
    lift = up * s.height * 0.33 + hop
    other = replace(
        other,
        x=ox,
        hop=lift + other.hop * (1 - up),
        facing=-d if s.object and s.object.role.facing == 0 else d,
        turn=d * (-8 * up * (1 - up) * 4 + 4 * wave(t, 0.8) * up),
        roll=t * 300 * up,
    )
    reach = keys(t, (a * 0.9, 0.0), (b, 1.0))
    if reach > 0:
        grip = other.y - other.hop - thing.height * 0.22
        apart = min(thing.width * 0.42, s.height * 0.2)
        near0, far0 = (
            (x + d * s.height * 0.16, s.y - s.height * 0.34),
            (x - d * s.height * 0.10, s.y - s.height * 0.34),
        )
        pose = replace(
            pose,
            near=(lerp(near0[0], ox + d * apart * 0.6, reach), lerp(near0[1], grip + 6, reach)),
            far=(lerp(far0[0], ox - d * apart, reach), lerp(far0[1], grip, reach)),
            elbow_near=d,
            elbow_far=d,
        )
    mid = other.y - other.hop - thing.height / 2
    return Tableau(
        pose,
        other,
        held=up > 0.02,
        other_grounded=up < 0.4,
        follow=None,
        behind=(lambda c: light.rays(c, ox, mid, 200, t, alpha=0.22 * up),),
        before=(lambda c: light.sparkle(c, t - e, ox, mid, 100, s.seed, 16),),
    )


def read(s: Stage, t: float) -> Tableau:
    """Reads: the book is open, and things come out of it."""
    d = s.side
    book = sprite("open-book")
    page = s.height * 0.34
    pose = replace(
        alive(s, t),
        gaze=d * (0.35 + 0.25 * wave(t, 0.9)),
        tilt=7 + 2 * wave(t, 0.45),
        blink=0.25,
        mouth=0.25 + 0.25 * wave(t, 1.4),
    )
    if s.limbs:
        x, y = pose.x + d * s.height * 0.19, pose.y - s.height * 0.30
        pose = replace(
            pose,
            near=(x + d * page * 0.38, y + 2),
            far=(x - d * page * 0.42, y + 2),
            elbow_near=d,
            elbow_far=d,
            lean=2,
        )
    else:
        x, y = pose.x + d * s.subject.width * 0.62, s.y
        pose = replace(pose, lean=8, turn=0.0)
    at = Pose(x, y, turn=-4 * d + 2 * wave(t, 0.5), wide=1 + 0.03 * wave(t, 0.8))
    return Tableau(
        pose,
        at,
        held=s.limbs,
        front=not s.limbs,
        other_grounded=not s.limbs,
        picture=book,
        picture_height=page,
        before=(
            lambda c: light.rising(
                c, t, x + d * 26, y - page * 0.5, "sparkles", s.seed, count=3, width=60, height=100, size=24
            ),
            lambda c: light.rising(
                c,
                t - 0.4,
                x + d * 40,
                y - page * 0.5,
                "star",
                s.seed + 1,
                count=3,
                width=90,
                height=130,
                size=20,
            ),
        ),
    )


def eat(s: Stage, t: float) -> Tableau:
    """Takes bites until little is left."""
    thing = s.object
    if thing is None:
        return appear(s, t)
    d = s.side
    period = s.seconds * 0.86 / 4
    bite, k = divmod(max(0.0, t - s.seconds * 0.06), period)
    k /= period
    to_mouth = keys(k, (0.05, 0.0), (0.35, 1.0), (0.55, 1.0), (0.85, 0.0))
    pose = replace(
        alive(s, t),
        gaze=d * 0.3,
        mouth=0.9 if 0.25 < k < 0.45 else 0.4 * abs(wave(t, 3.0)),
        tilt=4 * to_mouth,
        lean=3 * to_mouth if s.limbs else 9 * to_mouth,
    )
    bites = min(5, int(bite) + (1 if k > 0.45 else 0))
    mx, my = s.subject.mouth(pose)
    rest = (
        (pose.x + d * s.height * 0.24, pose.y - s.height * 0.24)
        if s.limbs
        else (s.subject.hand(pose)[0] + d * thing.width * 0.5, s.y)
    )
    edge = d * thing.width * 0.34
    x, y = (
        lerp(rest[0], mx + edge, to_mouth),
        lerp(rest[1], my + thing.height * 0.62, to_mouth if s.limbs else to_mouth * 0.5),
    )
    if s.limbs:
        pose = replace(
            pose, near=(x + d * thing.width * 0.25, y - thing.height * 0.2), elbow_near=d, far=None
        )
    name = thing.role.sprite
    whole = name.startswith("our:") or not name
    image = picture_of(thing.role) if whole else bitten(name, bites)
    size = thing.height * (1 - 0.14 * bites if whole else 1.0)
    other = Pose(x, y, facing=d)
    crumb = (k - 0.42) * period
    top = max(110.0, head_top(s, pose) + 20)
    return Tableau(
        pose,
        replace(other, turn=6 * wave(t, 0.6)),
        held=True,
        other_grounded=False,
        picture=image,
        picture_height=size,
        before=(
            lambda c: light.dust(
                c, crumb, x - edge, y - size * 0.5, s.seed + int(bite), 7, 12, tint="#ffe0a0"
            ),
            lambda c: light.rising(
                c,
                t - period * 2,
                s.x,
                top,
                "red-heart",
                s.seed,
                count=3,
                width=s.subject.width * 1.3,
                height=60,
                size=22,
            ),
        ),
    )


def drink(s: Stage, t: float) -> Tableau:
    """Lifts it, tips it, enjoys it."""
    thing = s.object
    if thing is None:
        return appear(s, t)
    d, T = s.side, s.seconds
    sip = keys(
        t,
        (T * 0.14, 0.0),
        (T * 0.28, 1.0),
        (T * 0.50, 1.0),
        (T * 0.60, 0.0),
        (T * 0.70, 0.0),
        (T * 0.80, 1.0),
        (T * 0.96, 1.0),
    )
    joy = clamp((t - T * 0.6) * 4) * clamp((T * 0.74 - t) * 6)
    pose = replace(
        alive(s, t),
        gaze=d * 0.35,
        tilt=-9 * sip,
        blink=0.8 * sip,
        mouth=0.3 * sip + 0.8 * joy,
        lean=-3 * sip if s.limbs else 8 * sip,
    )
    mx, my = s.subject.mouth(pose)
    rest = (
        (pose.x + d * s.height * 0.24, pose.y - s.height * 0.26)
        if s.limbs
        else (s.subject.hand(pose)[0] + d * thing.width * 0.5, s.y)
    )
    x = lerp(rest[0], mx + d * (thing.height * 0.67 + thing.width * 0.30), sip)
    y = lerp(rest[1], my + thing.height * 0.74, sip if s.limbs else sip * 0.55)
    if s.limbs:
        pose = replace(pose, near=(x + d * thing.width * 0.2, y - thing.height * 0.3), elbow_near=d)
    return Tableau(
        pose,
        Pose(x, y, facing=d, turn=-d * 42 * sip),
        held=True,
        other_grounded=False,
        before=(
            lambda c: light.sparkle(c, t - T * 0.6, mx, my - 20, 70, s.seed, 10),
            lambda c: light.steam(
                c, t, x, y - thing.height, s.seed, width=14, height=46, count=3, alpha=0.4 * (1 - sip)
            ),
        ),
    )
