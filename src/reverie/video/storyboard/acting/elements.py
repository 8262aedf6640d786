"""Warmth, cold and gravity: melting, boiling, snowing, circling."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from functools import lru_cache

from reverie.video.storyboard.acting.moves import appear
from reverie.video.storyboard.acting.stage import (
    Effect,
    Stage,
    Tableau,
    alive,
    at_rest,
    feels,
    inside,
    toward,
    waist,
)
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Shape
from reverie.video.storyboard.art.easing import TAU, clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.art.sprites import sprite, tinted
from reverie.video.storyboard.figures.casting import Kind
from reverie.video.storyboard.figures.puppet import Pose

ORBIT_SECONDS = 2.8
"""Once round."""

_MELTS = {"chocolate": "#7c4a2b", "ice cream": "#fff0d6"}
_ICE = "#c4ecfb"

# ---------------------------------------------------------------------------------- melting


def melt(s: Stage, t: float) -> Tableau:
    """The sun warms it, drops run down, it sinks into a puddle, and a little is left over."""
    from_sun = s.subject.role.word == "sun"
    thing = s.object or s.subject
    x, y = (s.other_x, s.other_y) if s.object is not None else (s.x, s.y)
    T = s.span
    warm = clamp(t / (T * 0.2))
    gone = keys(t, (T * 0.16, 0.0), (T * 0.92, 1.0))
    # It gets smaller more than flatter: a snowman stays a snowman to the last.
    tall, wide, size = lerp(1.0, 0.78, gone), lerp(1.0, 1.16, gone), lerp(1.0, 0.46, gone)
    shiver = 0.012 * wave(t, 3.1) * warm
    melting = Pose(
        x,
        y,
        facing=-s.side,
        size=size,
        tall=tall + shiver + 0.01 * wave(t, 0.8),
        wide=wide - shiver,
        turn=1.5 * wave(t, 0.6),
        face=feels(t, "content", (T * 0.2, "surprised"), (T * 0.5, "content")),
    )
    tint = _MELTS.get(thing.role.word, _ICE)
    sun_x, sun_y = s.wide * (0.15 if s.wide > 400 else 0.2), 86.0
    pool = thing.width * (0.34 + 0.62 * gone)
    behind: tuple[Effect, ...] = (
        lambda c: _puddle(c, t, x, y + 3, pool, tint, clamp(gone * 4)),
        *(
            ()
            if from_sun
            else (
                lambda c: light.glow(c, sun_x, sun_y, 170, "#ffe08a", 0.6 * warm, 0.3),
                lambda c: light.rays(c, sun_x, sun_y, 430, t, alpha=0.36 * warm, depth=0.3),
                lambda c: c.draw(
                    sprite("sun"),
                    sun_x,
                    sun_y,
                    88 * ease("back", warm) * (1 + 0.04 * wave(t, 0.7)),
                    turn=t * 16,
                    depth=0.3,
                ),
            )
        ),
    )
    before: tuple[Effect, ...] = (
        lambda c: _drips(
            c, t, x, y, thing.width * wide * size * 0.5, thing.height * tall * size, s.seed, tint, warm
        ),
        lambda c: light.glints(c, t, x, y - 6, pool, 20, s.seed, 3),
    )
    if s.object is None:
        return Tableau(replace(melting, facing=s.side), behind=behind, before=before)
    if from_sun:
        sun = replace(
            alive(s, t),
            x=s.x,
            size=1 + 0.04 * wave(t, 0.9),
            turn=t * 16,
            pivot=0.5,
        )
        mid = waist(s, sun)
        beams: Effect = lambda c: light.rays(c, s.x, mid, 330, t, count=12, alpha=0.5 * warm)  # noqa: E731
        return Tableau(sun, melting, behind=(beams, *behind), before=before, grounded=False)
    pose = toward(
        s,
        replace(
            alive(s, t),
            lean=7 * warm,
            tilt=5 + 3 * wave(t, 0.5),
            wag=0.6,
            mouth=0.4 * clamp((t - T * 0.2) * 4),
            face=feels(t, "content", (T * 0.2, "surprised"), (T * 0.42, "worried"), (T * 0.8, "curious")),
        ),
    )
    if s.limbs:
        h = s.height
        up = keys(t, (T * 0.2, 0.0), (T * 0.34, 1.0, "back"))
        chin = (pose.x + s.side * h * 0.15, pose.y - h * (0.50 + 0.01 * wave(t, 1.1)))
        rest = (pose.x + s.side * h * 0.14, pose.y - h * 0.28)
        pose = replace(pose, near=(lerp(rest[0], chin[0], up), lerp(rest[1], chin[1], up)), elbow_near=s.side)
    return Tableau(pose, melting, behind=behind, before=before)


def _puddle(canvas: Canvas, t: float, x: float, y: float, radius: float, tint: str, alpha: float) -> None:
    if alpha <= 0:
        return
    r = max(4.0, radius)
    shape = Shape(canvas).ellipse(x, y, r, 8 + r * 0.10)
    for i in range(4):
        shape.ellipse(
            x + r * (0.75, -0.8, 0.35, -0.3)[i],
            y + (3, 2, 8, 7)[i] + wave(t, 0.4, i / 4),
            r * 0.34,
            5 + r * 0.06,
        )
    shape.put(tint, 5, high=0.75, low=0.2, alpha=0.92 * alpha)


def _drips(
    canvas: Canvas, t: float, x: float, y: float, half: float, high: float, seed: int, tint: str, alpha: float
) -> None:
    """Drops that run down the sides and splash into the puddle."""
    rng = random.Random(seed)
    blot = light.soft(tint, 0.35)
    for _ in range(9):
        px, start, rate = rng.uniform(-0.85, 0.85), rng.random(), rng.uniform(0.5, 0.8)
        k = (t * rate + start) % 1
        top = y - high * (0.75 - 0.5 * px * px)
        canvas.draw(
            blot,
            x + px * half,
            lerp(top, y, k * k),
            10 + 4 * k,
            tall=1.0 + 0.7 * k,
            alpha=alpha * min(1, k * 6),
        )


# ---------------------------------------------------------------------------------- boiling


_LIQUID = {"water": "#8fd6f5", "tea": "#d98a3a", "coffee": "#7a4a30", "milk": "#fff6ea"}
"""What is poured into the pot, by its colour; anything else is dropped into water."""


@lru_cache(6)
def _pot(inside_only: bool, tint: str = "#8fd6f5") -> Sprite:
    """A cooking pot with two handles; with `inside_only` its rim and what one sees in it, a liquid `tint`."""
    board = Canvas(360, 300, opaque=False)
    if inside_only:
        Shape(board).ellipse(288, 120, 214, 58).put("#e8453c", 14, high=0.6)
        Shape(board).ellipse(288, 122, 196, 46).fill("#7c2430")
        Shape(board).ellipse(288, 134, 186, 36).put(tint, 10, high=0.6, low=0.3)
        return board.sprite()
    for side in (-1, 1):
        handle = [
            (288 + side * 196, 214),
            (288 + side * 262, 206),
            (288 + side * 256, 258),
            (288 + side * 196, 262),
        ]
        Shape(board).tube(handle, 30, 30).put("#4a3f5c", 12)
    body = [(74 + i * 21.4, 122 + 56 * math.sin(math.pi * i / 20)) for i in range(21)]
    floor = [(480, 390), (440, 430), (136, 430), (96, 390)]
    Shape(board).polygon([*body, *floor], 4).put("#f2594b", 40, high=0.7)
    rim = [(78 + i * 21.0, 122 + 55 * math.sin(math.pi * i / 20)) for i in range(21)]
    Shape(board).tube(rim, 18, 18).put("#ff8a78", 7, high=0.8)
    return board.sprite()


def boil(s: Stage, t: float) -> Tableau:
    """Into the pot; flames, bubbles, more bubbles, steam."""
    thing = s.object or s.subject
    alone = s.object is None
    T, d = s.span, s.side
    wide = clamp(thing.width * 1.9, 130.0, min(190.0, s.wide * 0.5))
    high = wide * 0.66
    x = inside(s, s.middle if alone else s.other_x, wide)
    y = s.y - 20
    size = min(1.0, wide * 0.42 / thing.width, high * 0.9 / thing.height)
    into = T * 0.26
    heat = keys(t, (T * 0.20, 0.0), (T * 0.7, 1.0))
    k = clamp(t / into)
    brim = high * 0.62
    start = min(150.0, y - thing.height * size - 90)
    hop = 20 + (lerp(start, brim * 0.62, k * k) if k < 1 else brim * 0.58 + 6 * wave(t, 1.5) * (0.4 + heat))
    plop = swing(t, into, 2.0, 3.5)
    cooking = Pose(
        x + (2.5 * wave(t, 0.9) if k >= 1 else 0.0),
        s.y,
        hop=hop - 7 * max(0.0, plop),
        facing=-d,
        size=size,
        turn=(1 - k) * 20 * d + (9 * wave(t, 0.8) if k >= 1 else 0.0),
        pivot=0.5,
        tall=1 - 0.08 * plop,
        face=feels(t, "surprised", (into, "happy")),
    )
    shake = 0.8 * wave(t, 8.0) * heat
    liquid = _LIQUID.get(thing.role.word)
    depth = _pot(True, liquid or "#8fd6f5")
    pouring: tuple[Effect, ...] = ()
    if liquid is not None:
        cooking, jet = _poured(s, t, cooking, (x, y - high * 0.80), (into * 1.25, high), liquid, size)
        pouring = (jet,)
    behind: tuple[Effect, ...] = (
        lambda c: light.shadow(c, x, s.y + 4, wide * 1.1),
        lambda c: _hob(c, t, x, s.y, wide, clamp(t * 4)),
        lambda c: c.draw(
            depth,
            x + shake,
            y - high * 0.775,
            high * depth.height / _pot(False).height * 1.0,
            anchor=(0.5, 0.5),
        ),
        *pouring,
    )
    before: tuple[Effect, ...] = (
        lambda c: c.draw(
            _pot(False), x + shake, y + 6, high, wide=wide / (high * _pot(False).aspect), anchor=(0.5, 1.0)
        ),
        lambda c: _boiling(c, t, x, y - high * 0.80, wide * 0.34, s.seed, heat, liquid or "#8fd6f5"),
        lambda c: light.steam(
            c,
            t + 1,
            x,
            y - high * 0.9,
            s.seed,
            width=wide * 0.6,
            height=min(190.0, y - high - 40),
            count=10,
            alpha=0.15 + 0.6 * heat,
        ),
    )
    if alone:
        return Tableau(cooking, behind=behind, before=before, grounded=False)
    h = s.height
    pose = toward(
        s,
        replace(
            alive(s, t, pop=False),
            x=inside(s, x - d * (wide * 0.5 + h * 0.22), s.subject.width * 0.8),
            lean=7,
            tilt=5 + 3 * wave(t, 0.5),
            mouth=0.4 * heat,
            face=feels(t, "content", (into, "curious"), (T * 0.6, "happy")),
        ),
    )
    stir = (x - d * wide * 0.28 + 12 * wave(t, 0.9), y - high * 0.98 - 16 + 5 * wave(t, 0.9, 0.25))
    pose = replace(pose, near=stir, elbow_near=d)
    spoon: Effect = lambda c: _spoon(c, stir, (stir[0] + d * 8, y - high * 0.72))  # noqa: E731
    return Tableau(pose, cooking, front=True, other_grounded=False, behind=behind, before=(spoon, *before))


def _spoon(canvas: Canvas, hand: tuple[float, float], dip: tuple[float, float]) -> None:
    Shape(canvas).tube([(hand[0], hand[1] - 16), dip], 6, 7).put("#b9814f", 3)


def _hob(canvas: Canvas, t: float, x: float, y: float, wide: float, alpha: float) -> None:
    """A round stove plate with small blue flames."""
    Shape(canvas).ellipse(x, y + 2, wide * 0.44, 10).put("#3b3850", 6)
    for i in range(9):
        place = (i - 4) / 4
        canvas.draw(
            light.soft("#63b6ff", 0.8),
            x + place * wide * 0.34,
            y - 6 - 3 * wave(t, 4 + i % 3, i / 9),
            26,
            wide=0.55,
            alpha=0.9 * alpha,
        )
        canvas.draw(
            light.soft("#ffffff", 0.9), x + place * wide * 0.34, y - 3, 12, wide=0.6, alpha=0.7 * alpha
        )


def _poured(
    s: Stage,
    t: float,
    cooking: Pose,
    brim: tuple[float, float],
    until: tuple[float, float],
    tint: str,
    size: float,
) -> tuple[Pose, Effect]:
    """(what is poured out, the jet): a cup tips over the pot's `brim`, water falls in drops.

    `until`: seconds that it takes, and the pot's height.
    """
    thing = s.object or s.subject
    (x, y), (end, high), d = brim, until, s.side
    flow = keys(t, (end * 0.10, 0.0), (end * 0.30, 1.0), (end * 0.80, 1.0), (end, 0.0))
    drops = thing.role.word == "water"
    lip = (x, y - high * (0.75 if drops else 0.62))
    gone = clamp((t - end) * 4)
    tipped = keys(t, (0.0, 10.0), (end * 0.30, 104.0), (end * 0.85, 112.0), (end * 1.1, 10.0))
    cup = replace(
        cooking,
        x=x - d * thing.width * size * 0.2,
        # In the end it is in the pot, as far as the camera is concerned.
        hop=cooking.hop if drops or gone == 1 else s.y - lip[1] - thing.height * size * 0.12 + 40 * gone,
        turn=d * tipped,
        size=size,
        pivot=0.5,
        alpha=0.0 if drops else 1 - gone,
        tall=1.0,
    )

    def jet(canvas: Canvas) -> None:
        for i in range(9 if drops else 0):
            k = (t * 1.7 + i / 9) % 1
            canvas.draw(
                sprite("droplet"), x + 20 * math.sin(i * 2.4), lerp(lip[1] - 40, y, k * k), 36, alpha=flow
            )
        if flow > 0.02 and not drops:
            Shape(canvas).tube(
                [lip, (lip[0] + 2 * wave(t, 3), (lip[1] + y) / 2), (x, y + 4)], 13 * flow, 9 * flow
            ).put(tint, 4, high=0.7)
        for i in range(5):
            k = (t * 2.2 + i / 5) % 1
            canvas.draw(
                light.soft(tint, 0.8), x + (i - 2) * 16 * k, y - 26 * k * (1 - k) * 4, 9, alpha=flow * (1 - k)
            )

    return cup, jet


def _boiling(
    canvas: Canvas, t: float, x: float, y: float, half: float, seed: int, heat: float, tint: str
) -> None:
    """Bubbles that swell on the surface and burst; the hotter, the more, until drops leap."""
    rng = random.Random(seed)
    for i in range(18):
        px, start, rate = rng.uniform(-1, 1), rng.random(), rng.uniform(0.9, 1.6)
        k = (t * rate + start) % 1
        size = 12 + 15 * rng.random()
        if i > 2 + 16 * heat:
            continue
        rise = 4 + 20 * heat * (i % 3 == 0)
        canvas.draw(light.bubble(), x + px * half, y + 6 - rise * k, size * math.sin(k * math.pi))
        if i % 4 == 0:
            leap = k * (1 - k) * 4
            canvas.draw(
                light.soft(tint, 0.9),
                x + px * half * (0.8 + 0.3 * k),
                y - 34 * leap * heat,
                8,
                alpha=heat * leap,
            )


# ---------------------------------------------------------------------------------- snowing


def snow(s: Stage, t: float) -> Tableau:
    """A pale cloud comes, it snows, the ground turns white; whoever can looks up and tries to catch some."""
    cold = clamp((t - 0.15) * 2.5)
    depth = keys(t, (0.3, 0.0), (s.span, 1.0))
    ground: Effect = lambda c: _white_ground(c, s, depth)  # noqa: E731
    if s.subject.role.word == "cloud":
        pose = replace(alive(s, t), x=s.x + 20 * wave(t, 0.2))
        cx, cy = pose.x, waist(s, pose)
        wide = s.subject.width * 1.15
        return Tableau(
            pose,
            at_rest(s, t),
            grounded=False,
            behind=(ground,),
            before=(lambda c: _flakes(c, t, cx, cy + s.height * 0.30, s.y + 6, wide, s.seed, 80, cold),),
            dim=0.10 * cold,
        )
    h, d = s.height, s.side
    joy = keys(t, (s.span * 0.2, 0.0), (s.span * 0.36, 1.0, "back"))
    pose = replace(
        alive(s, t),
        gaze=0.5 * wave(t, 0.3),
        tilt=-8 * joy + 4 * wave(t, 0.4),
        mouth=0.7 * joy,
        hop=s.lift + 5 * abs(wave(t, 0.7)) * joy * (s.subject.role.kind in (Kind.PERSON, Kind.ANIMAL)),
        wag=0.9,
        face=feels(t, "surprised", (s.span * 0.24, "happy"), (s.span * 0.6, "laughing")),
    )
    if s.limbs:
        lift = h * lerp(0.32, 0.60, joy)
        pose = replace(
            pose,
            near=(s.x + d * h * 0.30 + 4 * wave(t, 0.5), s.y - pose.hop - lift + 5 * wave(t, 0.8)),
            far=(s.x - d * h * 0.30, s.y - pose.hop - lift + 5 * wave(t, 0.8, 0.4)),
            elbow_near=d,
            elbow_far=-d,
        )
    x, y = s.middle, 92.0
    slide = keys(t, (0.0, 0.55), (0.5, 1.0, "out"))
    return Tableau(
        pose,
        at_rest(s, t),
        dim=0.12 * cold,
        behind=(
            ground,
            lambda c: _flakes(c, t + 3, x, y, s.y - 16, s.wide * 1.0, s.seed + 3, 50, 0.7 * cold),
            lambda c: c.draw(tinted("cloud", "#c9d4ee", 0.5), x - 70 * slide, y, 104),
            lambda c: c.draw(tinted("cloud", "#c9d4ee", 0.35), x + 62 * slide, y - 14, 118),
        ),
        before=(lambda c: _flakes(c, t, x, y + 26, s.y + 16, s.wide * 1.0, s.seed, 50, cold),),
    )


def _flakes(
    canvas: Canvas,
    t: float,
    x: float,
    top: float,
    bottom: float,
    width: float,
    seed: int,
    count: int,
    alpha: float,
) -> None:
    """Snow that sways down between two heights, large flakes and small."""
    rng = random.Random(seed)
    for i in range(count):
        px, start, rate = rng.uniform(-0.5, 0.5), rng.random(), rng.uniform(0.22, 0.36)
        sway, size = rng.uniform(0, TAU), rng.uniform(9, 20)
        k = (t * rate + start) % 1
        at = x + px * width + 16 * math.sin(t * 1.5 + sway)
        shade = alpha * min(1.0, k * 7) * min(1.0, (1 - k) * 8)
        if size > 13:
            canvas.draw(
                _flake(),
                at,
                lerp(top, bottom, k),
                size * 1.4,
                turn=t * 40 * (1 if i % 2 else -1),
                alpha=shade,
            )
        else:
            canvas.draw(light.soft("#ffffff", 0.6), at, lerp(top, bottom, k), size, alpha=shade)


@lru_cache(1)
def _flake() -> Sprite:
    """One six-armed flake."""
    board = Canvas(96, 96, opaque=False)
    shape = Shape(board)
    for i in range(6):
        a = math.radians(60 * i)
        tip = (240 + 200 * math.sin(a), 240 - 200 * math.cos(a))
        shape.tube([(240, 240), tip], 34, 26)
        for side in (-1, 1):
            b = a + side * 0.9
            root = (240 + 115 * math.sin(a), 240 - 115 * math.cos(a))
            shape.tube([root, (root[0] + 74 * math.sin(b), root[1] - 74 * math.cos(b))], 26, 20)
    shape.fill("#ffffff", 0.95)
    return board.sprite()


def _white_ground(canvas: Canvas, s: Stage, depth: float) -> None:
    """Patches of snow that grow together on the ground around the feet."""
    if depth <= 0:
        return
    rng = random.Random(s.seed)
    for row in range(2):
        for i in range(7):
            x = s.wide * ((i + 0.5 * row + 0.25) / 7) + rng.uniform(-14, 14)
            wide, high = rng.uniform(0.24, 0.34) * s.wide, rng.uniform(26, 36) * (0.4 + 0.6 * depth)
            canvas.draw(
                light.soft("#f7faff", 0.45),
                x,
                s.y + 4 + 22 * row + rng.uniform(-5, 5),
                high,
                wide=wide * (0.4 + 0.6 * depth) / high,
                alpha=0.9 * depth,
            )


# ---------------------------------------------------------------------------------- circling


def orbit(s: Stage, t: float) -> Tableau:
    """Round and round something, in front of it and behind it."""
    thing = s.object
    if thing is None:
        return appear(s, t)
    d = s.side
    rooted = s.other_lift == 0 and thing.role.word not in ("globe", "earth")
    cx = s.middle
    cy = s.other_y - thing.height * 0.6 if rooted else max(TOP_MIDDLE, thing.height * 0.5 + 70)
    small = min(1.0, thing.height * 0.62 / s.height, s.wide * 0.24 / s.subject.width)
    rx = min(
        thing.width * 0.5 + s.subject.width * small * 0.9 + 24, s.wide / 2 - s.subject.width * small * 0.62
    )
    ry = min(rx * 0.34, 62.0)
    angle = TAU * t / ORBIT_SECONDS + (0 if d > 0 else math.pi)
    x, near = cx + d * rx * math.cos(angle), math.sin(angle)
    y = cy + ry * near
    size = small * (1 + 0.16 * near)
    other = replace(
        at_rest(s, t) or Pose(cx, s.y),
        x=cx,
        y=s.other_y,
        hop=0.0 if rooted else s.other_y - cy - thing.height / 2 + 4 * wave(t, 0.4),
        turn=2 * wave(t, 0.4),
        face=feels(t, "curious", (ORBIT_SECONDS / 2, "happy")),
        gaze=0.8 * math.cos(angle) * d,
    )
    pose = Pose(
        x,
        s.y,
        hop=s.y - y - s.height * size / 2,
        facing=-d if near > 0 else d,
        size=size,
        turn=-8 * math.cos(angle) * d if s.subject.role.facing else 6 * wave(t, 0.5),
        pivot=0.5,
        wag=1.0,
        walk=None,
        face="happy",
    )
    path: Effect = lambda c: _path(c, cx, cy, rx, ry, angle, d, False)  # noqa: E731
    front: Effect = lambda c: _path(c, cx, cy, rx, ry, angle, d, True)  # noqa: E731
    return Tableau(
        pose,
        other,
        # The figure that is nearer is drawn later.
        front=near < 0,
        grounded=False,
        other_grounded=rooted,
        behind=(lambda c: light.glow(c, cx, cy, thing.height * 0.9, "#dfe9ff", 0.4), path),
        before=(front, lambda c: light.glints(c, t, cx, cy, rx * 2, 150, s.seed, 5)),
    )


TOP_MIDDLE = 205.0
"""How high the middle of what is circled hangs, virtual units from the top."""


def _path(
    canvas: Canvas, cx: float, cy: float, rx: float, ry: float, angle: float, d: float, front: bool
) -> None:
    """The way round as dots that fade behind whoever flies it; the nearer half, or the farther."""
    for i in range(36):
        back = i / 36
        a = angle - TAU * back
        near = math.sin(a)
        if (near > 0) == front and back > 0.03:
            canvas.draw(
                light.soft("#ffffff", 0.7),
                cx + d * rx * math.cos(a),
                cy + ry * near,
                7 + 3 * near,
                alpha=0.85 * (1 - back) ** 1.5 + 0.12,
            )
