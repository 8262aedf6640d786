"""With something in hand: holding, picking up, reading, eating, drinking."""

from __future__ import annotations

from dataclasses import replace

from reverie.video.storyboard.acting.moves import appear, walk
from reverie.video.storyboard.acting.stage import (
    Stage,
    Tableau,
    alive,
    arriving,
    at_rest,
    feels,
    grasped,
    head_top,
    inside,
)
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.easing import arc, clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.art.sprites import bitten, sprite
from reverie.video.storyboard.figures.actor import paces, picture_of, rolled
from reverie.video.storyboard.figures.casting import Kind
from reverie.video.storyboard.figures.puppet import Pose

FETCHERS = frozenset({"dog", "cat", "tiger", "t-rex"})
"""Animals that carry in the mouth; the others balance what they have on the head."""


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
    pose = replace(pose, face=feels(t, "curious", (s.seconds * 0.3, "happy"), (s.seconds * 0.44, "proud")))
    if s.subject.role.word in FETCHERS:
        return fetched(s, t, replace(pose, hop=pose.hop + 8 * abs(wave(t, 0.9)) * up, wag=1.0))
    if not s.limbs:
        return balanced(s, t, pose, 1.0)
    return carried(s, t, pose, lerp(0.30, 0.50, up), up)


def fetched(s: Stage, t: float, pose: Pose) -> Tableau:
    """An object in the mouth of somebody without hands."""
    thing = s.object
    assert thing is not None
    pose = replace(pose, turn=0.0)
    other = grasped(s, pose, 0.3, 4 * wave(t, 0.9))
    x, y = other.x, other.y - thing.height / 2
    return Tableau(
        pose,
        other,
        front=True,
        other_grounded=False,
        before=(lambda c: light.glints(c, t, x, y, thing.width, thing.height, s.seed, 4),),
    )


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
        x, y = pose.x + d * s.height * 0.21, pose.y - pose.hop - s.height * (0.62 + 0.06 * up)
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
        if s.subject.role.word in FETCHERS:
            return _snatched(s, t, other, T * 0.34)
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
        walk=arriving(s, x, target) if t < a else None,
        gaze=gaze,
        tilt=5 * wave(t, 0.7) * up,
        mouth=0.7 * up,
        wag=0,
        face=feels(t, "curious", (c_, "surprised"), (e, "proud")),
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


def _snatched(s: Stage, t: float, rest: Pose, got: float) -> Tableau:
    """Picked up with the mouth: trots over, bends down, lifts it."""
    thing = s.object
    assert thing is not None
    come = got * 0.62
    goal = inside(s, s.other_x - s.side * (s.subject.width * 0.42 + thing.width * 0.3), s.subject.width)
    nod = keys(t, (come, 0.0), (got, 1.0), (got * 1.5, 0.0, "back"))
    joy = clamp((t - got * 1.5) * 4)
    x = keys(t, (0.0, inside(s, goal - s.side * 60, s.subject.width)), (come, goal, "out"))
    pose = replace(
        alive(s, t, pop=False),
        x=x,
        walk=arriving(s, x, goal) if t < come else None,
        lean=8 * nod,
        tilt=38 * nod,
        crouch=0.4 * nod,
        wag=1.0,
        turn=0.0,
        hop=s.lift + 8 * abs(wave(t, 1.2)) * joy,
        face=feels(t, "curious", (got, "happy"), (got * 1.6, "proud")),
    )
    up = keys(t, (got * 0.86, 0.0), (got * 1.12, 1.0))
    mouthful = fetched(s, t, pose)
    held = mouthful.other
    assert held is not None
    other = replace(held, x=lerp(rest.x, held.x, up), y=lerp(s.y - rest.hop, held.y, up), turn=held.turn * up)
    return replace(mouthful, other=other, front=True, other_grounded=up < 0.1)


def put_down(s: Stage, t: float) -> Tableau:
    """Brings it along, bends down, sets it on the ground, and steps back to look at it."""
    thing = s.object
    if thing is None:
        return appear(s, t)
    d, T, h = s.side, s.span, s.height
    come, low, free, up = T * 0.22, T * 0.44, T * 0.52, T * 0.70
    bend = keys(t, (come, 0.0), (low, 1.0), (free, 1.0), (up, 0.0, "back"))
    away = keys(t, (free + T * 0.04, 0.0), (up, 1.0))
    place = inside(s, s.other_x, thing.width)
    stop = inside(
        s,
        place
        - d * (thing.width * 0.36 + h * 0.15 if s.limbs else thing.width * 0.3 + s.subject.width * 0.46),
        s.subject.width,
    )
    x = keys(t, (0.0, inside(s, stop - d * min(80.0, s.wide * 0.16), s.subject.width)), (come, stop, "out"))
    pose = replace(
        alive(s, t, pop=False),
        x=inside(s, x - d * h * 0.05 * away, s.subject.width),
        crouch=bend * (0.85 if s.limbs else 0.55),
        lean=keys(t, (come, -4.0), (low, 33.0), (free, 30.0), (up, 0.0)) if s.limbs else 16 * bend,
        walk=arriving(s, x, stop, 0.8) if t < come else None,
        stride=0.8,
        gaze=d * (0.75 - 0.2 * away),
        tilt=(6 if s.limbs else 36) * bend + 4 * wave(t, 0.6) * away,
        hop=s.lift + 6 * abs(wave(t, 0.9)) * clamp((t - up) * 3),
        wag=0.4 + 0.6 * away,
        turn=0.0,
        mouth=0.4 * away,
        face=feels(t, "content", (come, "curious"), (free, "happy"), (up + T * 0.1, "proud")),
    )
    settle = swing(t, free, 2.6, 4.5) * 0.06
    laid = Pose(place, s.y, facing=-d, tall=1 - settle + 0.008 * wave(t, 0.8), wide=1 + settle, wag=0.4)
    if not s.limbs:
        before = replace(pose, crouch=0.0, lean=0.0) if t < come else pose
        mouthful = grasped(s, before, 0.3, 3 * wave(t, 1.2))
        down = keys(t, (come, 0.0), (low, 1.0))
        other = replace(
            laid,
            x=lerp(mouthful.x, laid.x, down),
            hop=(s.y - mouthful.y) * (1 - down),
            turn=mouthful.turn * (1 - down),
        )
        front = True
    else:
        down = keys(t, (come, 0.0), (low, 1.0))
        carry_x = pose.x + d * (h * 0.15 + thing.width * 0.24)
        carry_hop = h * 0.30 + 2 * wave(t, 3.2) * (t < come)
        other = replace(laid, x=lerp(carry_x, laid.x, down), hop=carry_hop * (1 - down))
        front = False
        grip = other.y - other.hop - thing.height * 0.22
        apart = min(thing.width * 0.42, h * 0.2)
        hip = (pose.x + d * h * 0.19, pose.y - h * 0.31)
        back = (pose.x - d * h * 0.19, pose.y - h * 0.31)
        near, far = (other.x + d * apart * 0.6, grip + 6), (other.x - d * apart, grip)
        pose = replace(
            pose,
            near=(lerp(near[0], hip[0], away), lerp(near[1], hip[1], away)),
            far=(lerp(far[0], back[0], away), lerp(far[1], back[1], away)),
            elbow_near=d,
            elbow_far=d if away < 0.5 else -d,
        )
    mid = s.y - thing.height / 2
    return Tableau(
        pose,
        other,
        held=s.limbs and t < free,
        front=front,
        other_grounded=down > 0.6,
        before=(
            lambda c: light.dust(c, t - low + 0.03, place, s.y, s.seed, 6, thing.width * 0.5),
            lambda c: light.sparkle(c, t - up, place, mid, 70, s.seed, 9),
            lambda c: light.glints(c, t, place, mid, thing.width, thing.height, s.seed, 3 if t > free else 0),
        ),
    )


def carry(s: Stage, t: float) -> Tableau:
    """Walks across with it: in both arms, in the mouth, or on the roof."""
    thing = s.object
    if thing is None:
        return walk(s, t)
    d, h = s.side, s.height
    width = s.subject.width + (thing.width * 0.8 if s.limbs else 0.0)
    a, b = (0.22, 0.66) if d > 0 else (0.78, 0.34)
    share = clamp(t / s.seconds)
    x = inside(s, s.wide * lerp(a, b, share) - d * thing.width * 0.2, width)
    gone = abs(x - s.wide * a)
    step = paces(s.subject, gone, 0.75)
    heave = abs(wave(step, 1.0)) if s.limbs else 0.0
    pose = replace(
        alive(s, t, pop=False),
        x=x,
        walk=step if s.subject.role.kind not in (Kind.VEHICLE, Kind.SHIP) else None,
        stride=0.75,
        lean=-6.0 if s.limbs else 2.0,
        crouch=0.10 + 0.05 * heave if s.limbs else 0.0,
        gaze=d * (0.5 + 0.3 * wave(t, 0.35)),
        tilt=4 * wave(t, 1.05),
        roll=rolled(s.subject, gone),
        wag=0.8,
        turn=0.0 if s.limbs else 0.8 * wave(t, 2.0),
        mouth=0.2 + 0.2 * heave,
        face=feels(t, "content", (s.span * 0.3, "happy"), (s.span * 0.75, "proud")),
    )
    if s.limbs:
        hop = h * 0.27 - 3 * heave
        ox = pose.x + d * (h * 0.16 + thing.width * 0.26)
        other = Pose(ox, s.y, hop=hop, facing=d, turn=d * 3 * wave(step, 1.0), wag=0.6)
        grip = s.y - hop - thing.height * 0.14
        apart = min(thing.width * 0.44, h * 0.2)
        pose = replace(
            pose, near=(ox + d * apart * 0.7, grip + 5), far=(ox - d * apart, grip), elbow_near=d, elbow_far=d
        )
    elif s.subject.role.kind in (Kind.VEHICLE, Kind.SHIP):
        jolt = abs(wave(t, 2.4)) * 3
        pose = replace(pose, hop=pose.hop + jolt * 0.4)
        other = Pose(
            x - d * s.subject.width * 0.12,
            s.y,
            hop=pose.hop + h * 0.95 + jolt,
            facing=d,
            turn=1.5 * wave(t, 1.2),
        )
    else:
        other = grasped(s, pose, 0.3, 8 * wave(step, 1.0))
    feet = pose.x - d * s.subject.width * 0.3
    oy = other.y - other.hop - thing.height / 2
    return Tableau(
        pose,
        other,
        held=s.limbs,
        front=not s.limbs,
        other_grounded=False,
        follow=x,
        before=(
            lambda c: light.dust(c, (t * 2.1) % 1 * 0.7, feet, s.y, s.seed, 3, 16),
            lambda c: light.glints(c, t, other.x, oy, thing.width, thing.height, s.seed, 3),
        ),
    )


def read(s: Stage, t: float) -> Tableau:
    """Reads: the book is open, and things come out of it."""
    d = s.side
    paper = s.object is not None and s.object.role.word == "paper"
    book = sprite("page-facing-up" if paper else "open-book")
    page = s.height * 0.34
    pose = replace(
        alive(s, t),
        gaze=d * (0.35 + 0.25 * wave(t, 0.9)),
        tilt=7 + 2 * wave(t, 0.45),
        blink=0.25,
        mouth=0.25 + 0.25 * wave(t, 1.4),
        face=feels(t, "curious", (s.seconds * 0.35, "surprised"), (s.seconds * 0.5, "happy")),
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


def _shelf(s: Stage, pose: Pose) -> float:
    """How high food hangs for those who hover; it lies on the ground for those who stand."""
    thing = s.object
    assert thing is not None
    return pose.y - s.subject.mouth(pose)[1] - thing.height * 0.8 if s.lift else 0.0


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
        tilt=(4 if s.limbs else 12 if s.subject.role.word == "elephant" else 38) * to_mouth,
        lean=3 * to_mouth if s.limbs else 6 * to_mouth,
        face=feels(t, "content", (period, "happy")),
    )
    bites = min(5, int(bite) + (1 if k > 0.45 else 0))
    mx, my = s.subject.mouth(pose)
    rest = (
        (pose.x + d * s.height * 0.24, pose.y - s.height * 0.24)
        if s.limbs
        else (s.subject.hand(pose)[0] + d * thing.width * 0.5, s.y - _shelf(s, pose))
    )
    edge = d * thing.width * 0.34
    x, y = (
        lerp(rest[0], mx + edge, to_mouth),
        lerp(rest[1], my + thing.height * (0.62 if s.limbs else 0.5), to_mouth),
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
        tilt=(-9 if s.limbs else 12 if s.subject.role.word == "elephant" else 34) * sip,
        blink=0.8 * sip,
        mouth=0.3 * sip + 0.8 * joy,
        lean=-3 * sip if s.limbs else 8 * sip,
        face=feels(t, "content", (T * 0.58, "happy")),
    )
    mx, my = s.subject.mouth(pose)
    rest = (
        (pose.x + d * s.height * 0.24, pose.y - s.height * 0.26)
        if s.limbs
        else (s.subject.hand(pose)[0] + d * thing.width * 0.5, s.y - _shelf(s, pose))
    )
    x = lerp(rest[0], mx + d * (thing.height * 0.67 + thing.width * 0.30), sip)
    y = lerp(rest[1], my + thing.height * 0.74, sip)
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
