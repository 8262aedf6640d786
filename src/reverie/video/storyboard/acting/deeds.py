"""Opening and playing: what one does with a thing, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from reverie.video.storyboard.acting.stage import (
    Effect,
    Stage,
    Tableau,
    alive,
    feels,
    toward,
)
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Shape
from reverie.video.storyboard.art.easing import arc, clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.art.sprites import parts_of, sprite
from reverie.video.storyboard.figures.actor import Actor
from reverie.video.storyboard.figures.casting import BALLS, INSTRUMENTS, Kind
from reverie.video.storyboard.figures.puppet import Pose


def open_up(s: Stage, t: float) -> Tableau:
    """Something trembles, bursts open, and light and paper come out."""
    thing = s.object or s.subject
    d, burst = s.side, s.seconds * 0.36
    x, y = (s.other_x, s.other_y - s.other_lift) if s.object is not None else (s.x, s.y - s.lift)
    eager = clamp(t / burst)
    shake = (1 - clamp((t - burst) * 5)) * eager * wave(t, 7)
    # What has a door stands firm.
    soft = 0.2 if thing.role.word in _DOORS else 1.0
    puff = swing(t, burst, 2.2, 3.2) * 0.20 * soft
    swell = keys(t, (0.0, 1.0), (burst * 0.9, 0.93), (burst + 0.12, 1.16, "out"), (burst + 0.5, 1.05))
    swell = lerp(1.0, swell, soft)
    bob = 5 * abs(wave(t, 0.8)) * clamp((t - burst) * 2) * soft
    box = Pose(
        x,
        y,
        hop=bob,
        facing=-d,
        size=swell,
        turn=6 * shake * soft,
        tall=1 + puff,
        wide=1 - puff * 0.7,
        wag=1.0,
    )
    top = y - thing.height * 0.85
    show = clamp((t - burst) * 4)
    behind: tuple[Effect, ...] = (
        lambda c: light.rays(c, x, top, 300, t, alpha=0.55 * show, tint="#fff0b0"),
        lambda c: light.glow(c, x, top, 150, "#fff3b0", 0.7 * show),
    )
    inside: Effect = lambda c: _treasure(c, t - burst, x, top, s.seed)  # noqa: E731
    lid = keys(t, (burst, 0.0), (burst + 0.3, 1.0, "back")) + 0.04 * wave(t, 0.8)
    if any(".lid" in part for part in parts_of(thing.role.sprite)):
        box = replace(box, lid=max(0.0, lid) * clamp((t - burst) * 9))
    elif thing.role.word in LIDDED and thing.role.sprite and t > burst:
        behind = (*behind, lambda c: _lidded(c, thing, box, lid, d))
        box = replace(box, alpha=0.0)
    before: tuple[Effect, ...] = (
        lambda c: light.confetti(c, t - burst, x, top, s.seed, 30),
        lambda c: light.sparkle(c, t - burst, x, top - 20, 120, s.seed, 16),
    )
    if thing.role.word in _DOORS and t > burst:
        ajar = box
        before = (lambda c: _opened_door(c, thing, ajar, clamp(lid, 0.0, 1.0)), *before)
    if thing.role.word == "book" and t > burst:
        opened = box
        high = thing.height * (1.0 + 0.25 * clamp((t - burst) * 5))
        before = (lambda c: _spread_out(c, opened, high), *before)
        box = replace(box, alpha=0.0)
    if s.object is None:
        return Tableau(replace(box, hop=bob + s.lift), behind=(*behind, inside), before=before)
    pose = toward(
        s,
        replace(
            alive(s, t),
            lean=6 * (1 - show) - 4 * show,
            mouth=show,
            hop=s.lift + 10 * abs(wave(t, 1.1)) * show,
            face=feels(t, "curious", (burst, "surprised"), (burst + 0.5, "laughing")),
        ),
    )
    if s.limbs:
        grip = (x - d * thing.width * 0.40, y - thing.height * 0.66)
        joy = s.height * (0.40 + 0.36 * show)
        near = (
            lerp(grip[0], pose.x + d * s.height * 0.27, show),
            lerp(grip[1] + 5 * shake, pose.y - pose.hop - joy, show),
        )
        far = (
            lerp(grip[0] - d * 12, pose.x - d * s.height * 0.27, show),
            lerp(grip[1] + 14, pose.y - pose.hop - joy, show),
        )
        pose = replace(pose, near=near, far=far, elbow_near=d, elbow_far=d * (1 - 2 * show) or d)
    return Tableau(pose, box, behind=(*behind, inside), before=before)


@dataclass(frozen=True, slots=True)
class _Door:
    """A door in a sprite: its outline in shares of it (left, top, right, bottom), the side of its hinges
    (-1 left, 1 right, 0 below), and what stands behind it."""

    left: float
    top: float
    right: float
    bottom: float
    hinge: int
    inside: tuple[str, ...] = ()


_DOORS = {
    "refrigerator": _Door(0.05, 0.38, 0.95, 0.95, 1, ("glass-of-milk", "red-apple", "cheese-wedge")),
    "oven": _Door(0.08, 0.345, 0.895, 0.89, 0, ("bread",)),
    "microwave": _Door(0.07, 0.10, 0.69, 0.83, -1, ("shortcake",)),
    "house": _Door(0.23, 0.485, 0.50, 0.92, -1),
}


@lru_cache(4)
def _panel(name: str, word: str) -> Sprite:
    """A door by itself."""
    pixels, door = sprite(name).pixels, _DOORS[word]
    high, wide = pixels.shape[:2]
    return Sprite(
        pixels[
            round(door.top * high) : round(door.bottom * high),
            round(door.left * wide) : round(door.right * wide),
        ]
    )


def _opened_door(canvas: Canvas, thing: Actor, pose: Pose, ajar: float) -> None:
    """A door that stands open by the share `ajar`, with the light and the goods behind it."""
    door, high = _DOORS[thing.role.word], thing.height * pose.size * pose.tall
    wide = thing.width * pose.size * pose.wide
    left, top = pose.x + (door.left - 0.5) * wide, pose.y - pose.hop - (1 - door.top) * high
    right, bottom = pose.x + (door.right - 0.5) * wide, pose.y - pose.hop - (1 - door.bottom) * high
    across, down = right - left, bottom - top
    inset = min(across, down) * 0.10
    corners = [(left + inset, top + inset), (right - inset, top + inset)]
    corners += [(right - inset, bottom - inset), (left + inset, bottom - inset)]
    Shape(canvas).polygon(corners, inset * 0.6).put("#fff3cf", inset * 0.8, high=0.2, low=0.35)
    count = len(door.inside)
    size = min(down * (0.42 if count > 1 else 0.62), across * 0.9 / max(count, 1))
    if count > 1:
        shelf = top + down * 0.50
        Shape(canvas).tube([(left + inset, shelf), (right - inset, shelf)], 3, 3).fill("#b9d6ee")
    for i, name in enumerate(door.inside):
        row = (0.50 if i < 2 else 0.94) if count > 1 else 0.90
        place = ((i % 2 + 0.5) / 2 if count > 1 and i < 2 else 0.5) * across
        canvas.draw(sprite(name), left + place, top + down * row, size, anchor=(0.5, 1.0))
    image = _panel(thing.role.sprite, thing.role.word)
    shut = 1 - 0.80 * ajar
    if door.hinge:
        edge = right if door.hinge > 0 else left
        canvas.draw(
            image,
            edge + door.hinge * across * 0.20 * ajar,
            (top + bottom) / 2,
            down * (1 + 0.06 * ajar),
            wide=across / (down * image.aspect) * shut,
            anchor=(1.0 if door.hinge > 0 else 0.0, 0.5),
        )
    else:
        canvas.draw(
            image,
            (left + right) / 2,
            bottom + down * 0.16 * ajar,
            down,
            wide=across / (down * image.aspect) * (1 + 0.06 * ajar),
            tall=shut,
            anchor=(0.5, 1.0),
        )


def _spread_out(canvas: Canvas, pose: Pose, high: float) -> None:
    """A book lying open."""
    canvas.draw(
        sprite("open-book"),
        pose.x,
        pose.y - pose.hop,
        high,
        wide=pose.wide,
        tall=pose.tall,
        turn=pose.turn,
        anchor=(0.5, 0.92),
    )


LIDDED = frozenset({"gift", "egg", "cocoon", "suitcase", "recycling bin", "honey", "backpack"})
"""What opens at the top: its upper third is lifted."""


def _lidded(canvas: Canvas, thing: Actor, pose: Pose, lid: float, side: float) -> None:
    """A thing in `pose` with its lid lifted and tipped by the share `lid`."""
    high = thing.height * pose.size * pose.tall
    light.shadow(canvas, pose.x, pose.y + 2, thing.width * 0.92, pose.hop)
    for image, share, middle in zip(
        _cut(thing.role.sprite), (LID, 1 - LID), (LID / 2, (1 + LID) / 2), strict=True
    ):
        off = lid if middle < LID else 0.0
        canvas.draw(
            image,
            pose.x + 0.34 * off * side * high,
            pose.y - pose.hop - (1 - middle + 0.16 * off) * high,
            high * share,
            wide=pose.wide / pose.tall,
            turn=pose.turn + 30 * off * side,
        )


LID = 0.34
"""How much of a thing's height its lid takes."""


@lru_cache(16)
def _cut(name: str) -> tuple[Sprite, Sprite]:
    """(lid, the rest) of a sprite."""
    pixels = sprite(name).pixels
    edge = round(pixels.shape[0] * LID)
    return Sprite(pixels[:edge]), Sprite(pixels[edge:])


def _treasure(canvas: Canvas, t: float, x: float, y: float, seed: int) -> None:
    """A star and a heart that fly out and hover."""
    if t <= 0:
        return
    for name, side, size in (("star", -1, 34), ("red-heart", 1, 30), ("sparkles", 0, 38)):
        out = ease("back", t / 0.6)
        canvas.draw(
            sprite(name),
            x + side * 52 * out,
            y - (46 + 26 * (side == 0)) * out + 5 * wave(t, 0.8, side / 3),
            size * out,
            turn=10 * wave(t, 0.7, side / 4),
        )


def play(s: Stage, t: float) -> Tableau:
    """Makes music, kicks the ball about, or tosses the toy and catches it."""
    thing = s.object
    if thing is None:
        return jump_about(s, t)
    if thing.role.word in INSTRUMENTS:
        return _music(s, t)
    d, period = s.side, 1.0
    k = (t / period) % 1
    up = arc(k)
    spin = t * 200 * d if thing.role.word in BALLS else 10 * wave(t, 1.0)
    if s.limbs and thing.height < s.height * 0.62:
        x = s.x + d * (s.height * 0.24 + thing.width * 0.5)
        low = s.y - s.height * 0.34
        hop = s.y - low + up * min(130.0, low - thing.height - 60)
        catch = s.height * (0.34 + 0.10 * (1 - up))
        pose = replace(
            alive(s, t),
            gaze=d * 0.6,
            tilt=-7 * up,
            mouth=0.6,
            hop=8 * abs(wave(t, 0.5)),
            crouch=0.18 * (1 - up),
            lean=2,
            face="laughing" if up > 0.5 else "happy",
        )
        pose = replace(
            pose,
            near=(x + d * 16, s.y - catch + 8),
            far=(x - d * 20, s.y - catch + 6),
            elbow_near=d,
            elbow_far=d,
        )
        other = Pose(x, s.y, hop=hop, facing=d, turn=spin, pivot=0.5, roll=t * 300)
        return Tableau(
            pose,
            other,
            front=True,
            other_grounded=False,
            before=(
                lambda c: light.glints(
                    c, t, x, s.y - hop - thing.height / 2, thing.width, thing.height, s.seed, 3
                ),
            ),
        )
    tap = clamp(1 - k * 5) + clamp(k * 5 - 4)
    pose = toward(
        s,
        replace(
            alive(s, t, pop=False),
            x=s.x + d * 14 * tap,
            hop=s.lift + 16 * abs(wave(t, 0.5, 0.25)),
            lean=10 * tap,
            wag=1.0,
            turn=0.0,
            mouth=0.5,
            face=feels(t, "happy", (s.seconds * 0.3, "laughing")),
        ),
    )
    if s.limbs:
        reach = (s.other_x - d * thing.width * 0.45, s.other_y - thing.height * 0.7 - 14 * up)
        pose = replace(pose, near=reach, elbow_near=d)
    height = min(100.0, max(24.0, s.other_y - thing.height - 70)) * (1.0 if thing.height < 120 else 0.3)
    squash = 0.14 * clamp(1 - k * 7) + 0.14 * clamp(k * 7 - 6)
    other = Pose(
        s.other_x,
        s.other_y,
        hop=s.other_lift + up * height,
        facing=-d,
        turn=spin if thing.height < 140 else 4 * wave(t, 1.0),
        pivot=0.5 if thing.role.word in BALLS else 1.0,
        tall=1 - squash,
        wide=1 + squash,
        roll=t * 240,
        wag=1.0,
        walk=t * 1.5 if thing.role.kind is Kind.ANIMAL else None,
    )
    return Tableau(
        pose,
        other,
        before=(
            lambda c: light.dust(
                c,
                (k - 0.98 if k > 0.9 else k + 0.02) * period,
                s.other_x,
                s.other_y,
                s.seed + int(t),
                5,
                thing.width * 0.5,
            ),
            lambda c: light.rising(
                c,
                t,
                s.middle,
                s.y - s.height * 0.8,
                "sparkles",
                s.seed,
                count=3,
                width=220,
                height=90,
                size=26,
            ),
        ),
    )


def jump_about(s: Stage, t: float) -> Tableau:
    """Plays with nothing but itself."""
    pose = alive(s, t, pop=False)
    x = s.x + 40 * wave(t, 0.4)
    return Tableau(
        replace(
            pose,
            x=x,
            hop=s.lift + 30 * abs(wave(t, 0.8)),
            turn=0.0 if s.limbs else 14 * wave(t, 0.8),
            wag=1.0,
            mouth=0.6,
            face="laughing",
        ),
        before=(lambda c: light.sparkle(c, t % 1.25, x, s.y - s.height, 90, s.seed + int(t / 1.25), 8),),
    )


def _music(s: Stage, t: float) -> Tableau:
    thing = s.object
    assert thing is not None
    d = s.side
    beat = wave(t, 2.2)
    pose = replace(
        alive(s, t),
        tilt=7 * wave(t, 1.1),
        lean=4 * wave(t, 1.1),
        wag=1.0,
        mouth=0.4 + 0.3 * wave(t, 1.1),
        gaze=d * 0.4,
        hop=s.lift + 5 * abs(wave(t, 1.1)),
        face="happy",
    )
    notes: Effect = lambda c: light.rising(  # noqa: E731
        c,
        t + 0.5,
        s.middle,
        s.y - s.height * 0.6,
        "musical-notes",
        s.seed,
        count=5,
        width=260,
        height=150,
        size=36,
    )
    if thing.role.word == "guitar" and s.limbs:
        x, y = pose.x + d * s.height * 0.03, pose.y - pose.hop - s.height * 0.13
        at = Pose(x, y, turn=(14 if d > 0 else -2) + 2 * beat, facing=d, size=0.9)
        strum = (x - d * 6 + 4 * beat, y - s.height * 0.13 + 9 * beat)
        neck = (x + thing.height * 0.26, y - thing.height * 0.60)
        near, far = (neck, strum) if d > 0 else (strum, neck)
        pose = replace(pose, near=near, far=far, elbow_near=d, elbow_far=d)
        return Tableau(pose, at, held=True, other_grounded=False, behind=(notes,))
    shiver = 0.03 * abs(beat)
    other = Pose(s.other_x, s.other_y, facing=-d, tall=1 - shiver, wide=1 + shiver, turn=1.2 * beat)
    pose = toward(s, pose, 0.7)
    if s.limbs:
        x = s.other_x - d * (thing.width * 0.5 + s.height * 0.16)
        y = s.other_y - thing.height * (0.86 if thing.role.word == "drum" else 0.46)
        inside = d * thing.width * 0.20
        edge = s.other_x - d * thing.width * 0.42
        pose = replace(
            pose,
            x=x,
            near=(edge + inside, y - 12 * max(0.0, beat)),
            far=(edge + inside * 0.2, y - 12 * max(0.0, -beat)),
            elbow_near=d,
            elbow_far=d,
            lean=7,
        )
    else:
        pose = replace(pose, hop=s.lift + 16 * abs(beat))
    return Tableau(pose, other, behind=(notes,))
