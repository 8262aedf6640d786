"""Building and taking apart: a thing by its pieces. Never anybody alive (`sense.py`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from reverie.video.storyboard.acting.stage import (
    Effect,
    Stage,
    Tableau,
    alive,
    feels,
    reached,
    toward,
)
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.easing import arc, clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.art.props import BLOCKS, block
from reverie.video.storyboard.art.sprites import part, parts_of, pieces, pivots_of, sprite
from reverie.video.storyboard.figures.actor import Actor, content, picture_of
from reverie.video.storyboard.figures.casting import Kind
from reverie.video.storyboard.figures.puppet import Pose

MACHINES = frozenset(
    {
        "clock",
        "watch",
        "camera",
        "television",
        "tv",
        "laptop",
        "cell phone",
        "microwave",
        "toaster",
        "oven",
        "headphones",
        "hair drier",
        "remote",
        "keyboard",
        "mouse",
        "refrigerator",
        "traffic light",
        "lock",
    }
)
"""What has wheels that turn inside."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a whole that is 1 high: `image`, `high`, its `anchor` at (`x`, `y`) from the whole's middle.

    `body`: the piece that the others are fixed to.
    """

    image: Sprite
    x: float
    y: float
    high: float
    anchor: tuple[float, float]
    body: bool


@lru_cache(64)
def _pieces_of(name: str) -> tuple[_Piece, ...]:
    """The pieces of a sprite, back to front: its parts where it has some, else three layers, lowest first."""
    if not name or name.startswith("our:"):
        return ()
    found = []
    if parts_of(name):
        left, top, right, bottom = content(name)
        square, pivots = 1 / (bottom - top), pivots_of(name)
        for full in parts_of(name):
            u, v = pivots.get(full, (0.5, 0.5))
            dx, dy = (u - (left + right) / 2) * square, (v - (top + bottom) / 2) * square
            found.append(_Piece(part(full), dx, dy, square, (u, v), full not in pivots))
        return tuple(found)
    whole = sprite(name)
    for image, u, v in pieces(name, 1, 3):
        dx, high = (u - 0.5) * whole.aspect, image.height / whole.height
        found.append(_Piece(image, dx, v - 0.5, high, (0.5, 0.5), False))
    return tuple(found)


def build(s: Stage, t: float) -> Tableau:
    """Puts something together, piece by piece from above."""
    thing = s.object or s.subject
    d = s.side
    x, y = (s.other_x, s.other_y) if s.object is not None else (s.x, s.y)
    lift = s.other_lift if s.object is not None else s.lift
    span = s.seconds * 0.62
    draw: Effect = lambda c: _falling(c, t, thing, x, y - lift, span)  # noqa: E731
    done = clamp((t - span - 0.25) * 6)
    beat = (t / (span / 9)) % 1 if t < span else 1.0
    cheer: tuple[Effect, ...] = (
        lambda c: light.sparkle(c, t - span - 0.2, x, y - thing.height / 2, thing.height * 0.9, s.seed, 16),
        lambda c: light.confetti(c, t - span - 0.3, x, y - thing.height, s.seed, 20, 0.8),
    )
    if s.object is None:
        return Tableau(
            replace(alive(s, t, pop=False), alpha=0.0), behind=(draw,), before=cheer, grounded=True
        )
    pose = toward(
        s,
        replace(
            alive(s, t),
            mouth=0.7 * done,
            hop=s.lift + 12 * abs(wave(t, 1.0)) * done,
            lean=6 * (1 - done),
            face=feels(t, "thinking", (span + 0.2, "proud")),
        ),
    )
    if s.limbs:
        tap = arc(beat)
        work = (x - d * thing.width * 0.44, y - thing.height * (0.35 + 0.45 * clamp(t / span)) - 22 * tap)
        joy = (pose.x + d * s.height * 0.28, pose.y - pose.hop - s.height * 0.78)
        pose = replace(
            pose,
            near=(lerp(work[0], joy[0], done), lerp(work[1], joy[1], done)),
            elbow_near=d,
            elbow_far=-d,
        )
        high = (pose.x - d * s.height * 0.28, pose.y - pose.hop - s.height * 0.78)
        pose = replace(pose, far=reached(s, pose, done, None, high).far)
    else:
        pose = replace(pose, lean=10 * arc(beat) * (1 - done), wag=1.0)
    return Tableau(pose, _unseen(x, y, lift), behind=(draw,), before=cheer, other_grounded=False)


def _unseen(x: float, y: float, lift: float) -> Pose:
    """Where the whole stands: it is not drawn itself, but the camera keeps it in the picture."""
    return Pose(x, y, hop=lift, alpha=0.0)


def _falling(canvas: Canvas, t: float, thing: Actor, x: float, y: float, span: float) -> None:
    """The pieces drop into place within `span` seconds, what carries first."""
    light.shadow(canvas, x, y + 2, thing.width * 0.9, 0, 0.5 * clamp(t * 2))
    name, whole = thing.role.sprite, picture_of(thing.role)
    cut = _pieces_of(name)
    if not cut:
        if name == "our:blocks":
            _falling_blocks(canvas, t, thing, x, y, span)
            return
        rise = ease("back", t / span)
        canvas.draw(
            whole, x, y, thing.height, tall=max(0.05, rise), wide=1 + 0.2 * (1 - rise), anchor=(0.5, 1.0)
        )
        return
    settle = swing(t, span + 0.1, 2.4, 4) * 0.05
    if t > span and not parts_of(name):
        # Layers that lie on each other would show a seam.
        canvas.draw(whole, x, y, thing.height, tall=1 - settle, wide=1 + settle, anchor=(0.5, 1.0))
        return
    order = sorted(range(len(cut)), key=lambda i: cut[i].body)
    for i, piece in enumerate(cut):
        k = (t - span * order.index(i) / (len(cut) + 1)) / (span * 0.30)
        if k <= -0.35:
            continue
        drop = 1 - ease("bounce", k)
        canvas.draw(
            piece.image,
            x + piece.x * thing.height,
            y - (0.5 - piece.y) * thing.height * (1 - settle) - drop * 140,
            piece.high * thing.height,
            tall=1 - settle,
            turn=(16 if i % 2 else -16) * drop,
            anchor=piece.anchor,
            alpha=clamp((k + 0.35) * 4),
        )


def _falling_blocks(canvas: Canvas, t: float, thing: Actor, x: float, y: float, span: float) -> None:
    unit = thing.height / 3 * 1.06
    rows = ((-1.0, 0), (0.0, 0), (1.0, 0), (-0.5, 1), (0.5, 1), (0.0, 2))
    for i, (column, row) in enumerate(rows):
        k = (t - span * i / 7) / (span * 0.26)
        if k <= -0.3:
            continue
        drop = 1 - ease("bounce", k)
        image = block(BLOCKS[i])
        canvas.draw(
            image,
            x + column * unit * 1.22,
            y - row * unit * 0.80 - drop * 170,
            unit,
            turn=(20 if i % 2 else -20) * drop,
            anchor=(0.5, 1.0),
            alpha=clamp((k + 0.3) * 4),
        )


def take_apart(s: Stage, t: float) -> Tableau:
    """Comes apart in the air so that one can see what is inside, and closes again."""
    thing = s.object or s.subject
    d = s.side
    x, y = (s.other_x, s.other_y) if s.object is not None else (s.x, s.y)
    lift = max(26.0, s.other_lift if s.object is not None else s.lift)
    T = s.seconds
    apart = keys(t, (T * 0.14, 0.0), (T * 0.32, 1.0, "back"), (T * 0.76, 1.05), (T * 0.92, 0.0, "io"))
    rise = keys(t, (0.0, 0.0), (T * 0.14, 1.0))
    mid = y - thing.height / 2 - lift * rise - 22 * rise * (1 if s.object is None else 0.4) + 4 * wave(t, 0.6)
    room = clamp(s.wide * 0.94 / thing.width - 1, 0.0, 0.75)
    draw: Effect = lambda c: _exploded(c, t, thing, x, mid, apart, room)  # noqa: E731
    behind: tuple[Effect, ...] = (
        lambda c: light.glow(c, x, mid, thing.height * 1.1, "#ffffff", 0.5 * apart),
        lambda c: c.draw(
            light.ring("#ffffff", 0.03),
            x,
            mid,
            thing.height * (1.5 + 0.1 * wave(t, 0.5)) * clamp(apart),
            alpha=0.4 * clamp(apart),
        ),
        lambda c: light.shadow(c, x, y + 3, thing.width, lift * rise + 20),
        draw,
    )
    before: tuple[Effect, ...] = (
        lambda c: light.sparkle(c, t - T * 0.16, x, mid, thing.height, s.seed, 14),
        lambda c: light.glints(c, t, x, mid, thing.width * 1.5, thing.height * 1.3, s.seed, 4),
    )
    if s.object is None:
        return Tableau(
            replace(alive(s, t, pop=False), alpha=0.0), behind=behind, before=before, grounded=False
        )
    pose = toward(
        s,
        replace(
            alive(s, t),
            mouth=0.7 * clamp(apart),
            lean=5,
            tilt=5 * wave(t, 0.4),
            face=feels(t, "curious", (T * 0.3, "surprised"), (T * 0.5, "thinking"), (T * 0.9, "happy")),
        ),
    )
    if s.limbs:
        out = (
            pose.x + d * s.height * 0.32,
            pose.y - s.height * (0.42 + 0.10 * clamp(apart)) + 4 * wave(t, 1.2),
        )
        pose = replace(pose, near=out, elbow_near=d)
    return Tableau(pose, _unseen(x, y, lift), behind=behind, before=before, other_grounded=False)


def _exploded(canvas: Canvas, t: float, thing: Actor, x: float, y: float, apart: float, room: float) -> None:
    """The pieces, `apart` 0..1 away from each other (`room` sideways); a machine shows its wheels."""
    name = thing.role.sprite
    cut = _pieces_of(name)
    if not cut:
        _apart_by_hand(canvas, t, thing, x, y, apart)
        return
    layered = not parts_of(name)
    if thing.role.word in MACHINES or thing.role.kind is Kind.VEHICLE:
        for side, size in ((-1, 0.30), (1, 0.24)):
            canvas.draw(
                sprite("gear"),
                x + side * thing.width * (0.08 if layered else 0.16),
                y + (side * 0.34 * thing.height if layered else thing.height * 0.26) * clamp(apart),
                thing.height * size * clamp(apart),
                turn=side * t * 26 / size,
            )
    for i, piece in enumerate(cut):
        spread = 1.05 if layered else 0.9
        rise = 0.16 * apart if piece.body else 0.0
        canvas.draw(
            piece.image,
            x + piece.x * thing.height * (1 + (0.0 if layered else room) * apart),
            y + (piece.y * (1 + spread * apart) - rise) * thing.height + 3 * apart * wave(t, 0.7, i / 5),
            piece.high * thing.height,
            turn=0.0 if piece.body or layered else 50 * apart * piece.x,
            anchor=piece.anchor,
        )


def _apart_by_hand(canvas: Canvas, t: float, thing: Actor, x: float, y: float, apart: float) -> None:
    """What is drawn by us: blocks come apart, a card only breathes."""
    if thing.role.sprite != "our:blocks":
        canvas.draw(
            picture_of(thing.role),
            x,
            y,
            thing.height,
            wide=1 + 0.15 * apart,
            tall=1 + 0.15 * apart,
            turn=8 * apart * wave(t, 0.6),
        )
        return
    unit = thing.height / 3 * 1.06
    for i, (column, row) in enumerate(((-1.0, 0), (0.0, 0), (1.0, 0), (-0.5, 1), (0.5, 1), (0.0, 2))):
        canvas.draw(
            block(BLOCKS[i]),
            x + column * unit * 1.22 * (1 + 0.5 * apart),
            y + (0.8 - row * 0.8) * unit * (1 + 0.7 * apart),
            unit,
            turn=(16 if i % 2 else -16) * apart,
        )
