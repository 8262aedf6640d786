"""Opening, playing, building, taking apart: what changes the thing itself."""

from __future__ import annotations

from dataclasses import replace

from reverie.video.storyboard import light
from reverie.video.storyboard.actor import Actor, content, picture_of
from reverie.video.storyboard.canvas import Canvas, Sprite
from reverie.video.storyboard.casting import BALLS, INSTRUMENTS, Kind
from reverie.video.storyboard.easing import arc, clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.props import BLOCKS, block
from reverie.video.storyboard.puppet import Pose
from reverie.video.storyboard.sprites import catalogue, part, parts_of, pieces, sprite
from reverie.video.storyboard.stage import (
    Effect,
    Stage,
    Tableau,
    alive,
    toward,
)


def open_up(s: Stage, t: float) -> Tableau:
    """Something trembles, bursts open, and light and paper come out."""
    thing = s.object or s.subject
    d, burst = s.side, s.seconds * 0.36
    x, y = (s.other_x, s.other_y - s.other_lift) if s.object is not None else (s.x, s.y - s.lift)
    eager = clamp(t / burst)
    shake = (1 - clamp((t - burst) * 5)) * eager * wave(t, 7)
    puff = swing(t, burst, 2.2, 3.2) * 0.20
    swell = keys(t, (0.0, 1.0), (burst * 0.9, 0.93), (burst + 0.12, 1.16, "out"), (burst + 0.5, 1.05))
    bob = 5 * abs(wave(t, 0.8)) * clamp((t - burst) * 2)
    box = Pose(
        x, y, hop=bob, facing=-d, size=swell, turn=6 * shake, tall=1 + puff, wide=1 - puff * 0.7, wag=1.0
    )
    top = y - thing.height * 0.85
    show = clamp((t - burst) * 4)
    behind: tuple[Effect, ...] = (
        lambda c: light.rays(c, x, top, 300, t, alpha=0.55 * show, tint="#fff0b0"),
        lambda c: light.glow(c, x, top, 150, "#fff3b0", 0.7 * show),
    )
    inside: Effect = lambda c: _treasure(c, t - burst, x, top, s.seed)  # noqa: E731
    before: tuple[Effect, ...] = (
        lambda c: light.confetti(c, t - burst, x, top, s.seed, 30),
        lambda c: light.sparkle(c, t - burst, x, top - 20, 120, s.seed, 16),
    )
    if s.object is None:
        return Tableau(replace(box, hop=bob + s.lift), behind=(*behind, inside), before=before)
    pose = toward(
        s,
        replace(
            alive(s, t),
            lean=6 * (1 - show) - 4 * show,
            mouth=show,
            hop=s.lift + 10 * abs(wave(t, 1.1)) * show,
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


def build(s: Stage, t: float) -> Tableau:
    """Puts something together, piece by piece from above."""
    thing = s.object or s.subject
    d = s.side
    name = thing.role.sprite
    cut = pieces(name, 3, 3) if name and not name.startswith("our:") else ()
    x, y = (s.other_x, s.other_y) if s.object is not None else (s.x, s.y)
    lift = s.other_lift if s.object is not None else s.lift
    span = s.seconds * 0.62
    draw: Effect = lambda c: _falling_pieces(c, t, thing, cut, x, y - lift, span)  # noqa: E731
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
            alive(s, t), mouth=0.7 * done, hop=s.lift + 12 * abs(wave(t, 1.0)) * done, lean=6 * (1 - done)
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
            far=(pose.x - d * s.height * 0.28, pose.y - pose.hop - s.height * 0.78) if done > 0.5 else None,
            elbow_far=-d,
        )
    else:
        pose = replace(pose, lean=10 * arc(beat) * (1 - done), wag=1.0)
    return Tableau(pose, None, behind=(draw,), before=cheer)


def _falling_pieces(
    canvas: Canvas,
    t: float,
    thing: Actor,
    cut: tuple[tuple[Sprite, float, float], ...],
    x: float,
    y: float,
    span: float,
) -> None:
    light.shadow(canvas, x, y + 2, thing.width * 0.9, 0, 0.5 * clamp(t * 2))
    if not cut:
        whole = picture_of(thing.role)
        if thing.role.sprite == "our:blocks":
            _falling_blocks(canvas, t, thing, x, y, span)
            return
        rise = ease("elastic", t / span)
        canvas.draw(
            whole, x, y, thing.height, tall=max(0.05, rise), wide=1 + 0.2 * (1 - rise), anchor=(0.5, 1.0)
        )
        return
    whole = picture_of(thing.role)
    if t > span + 0.2:
        settle = swing(t, span + 0.2, 2.4, 4) * 0.05
        canvas.draw(whole, x, y, thing.height, tall=1 - settle, wide=1 + settle, anchor=(0.5, 1.0))
        return
    for i, (piece, u, v) in enumerate(cut):
        start = span * i / (len(cut) + 1)
        k = (t - start) / (span * 0.28)
        if k <= -0.35:
            continue
        drop = 1 - ease("bounce", k)
        px = x + (u - 0.5) * thing.width
        py = y - (1 - v) * thing.height - drop * 150
        canvas.draw(
            piece,
            px,
            py,
            thing.height * piece.height / whole.height,
            turn=(26 if i % 2 else -26) * drop,
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
    draw: Effect = lambda c: _exploded(c, t, thing, x, mid, apart)  # noqa: E731
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
    pose = toward(s, replace(alive(s, t), mouth=0.7 * clamp(apart), lean=5, tilt=5 * wave(t, 0.4)))
    if s.limbs:
        out = (
            pose.x + d * s.height * 0.32,
            pose.y - s.height * (0.42 + 0.10 * clamp(apart)) + 4 * wave(t, 1.2),
        )
        pose = replace(pose, near=out, elbow_near=d)
    return Tableau(pose, None, behind=behind, before=before)


def _exploded(canvas: Canvas, t: float, thing: Actor, x: float, y: float, apart: float) -> None:
    name = thing.role.sprite
    listed = parts_of(name)
    if listed:
        box = content(name)
        square = thing.height / (box[3] - box[1])
        pivots = catalogue()["sprites"][name].get("pivots", {})
        for name_of_part in listed:
            u, v = pivots.get(name_of_part, (0.5, 0.5))
            dx, dy = u - (box[0] + box[2]) / 2, v - (box[1] + box[3]) / 2
            body = name_of_part.endswith("body")
            canvas.draw(
                part(name_of_part),
                x + dx * square * (1 + 0.75 * apart),
                y + (dy * (1 + 0.9 * apart) - (0.16 * apart if body else 0)) * square,
                square,
                turn=14 * apart * dx * 4 if not body else 0,
                anchor=(u, v),
            )
        return
    if not name or name.startswith("our:"):
        if name == "our:blocks":
            for i, (column, row) in enumerate(((-1.0, 0), (0.0, 0), (1.0, 0), (-0.5, 1), (0.5, 1), (0.0, 2))):
                unit = thing.height / 3 * 1.06
                canvas.draw(
                    block(BLOCKS[i]),
                    x + column * unit * 1.22 * (1 + 0.5 * apart),
                    y + (0.8 - row * 0.8) * unit * (1 + 0.7 * apart),
                    unit,
                    turn=(16 if i % 2 else -16) * apart,
                )
            return
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
    whole = sprite(name)
    for i, (piece, u, v) in enumerate(pieces(name, 3, 3)):
        px, py = (
            x + (u - 0.5) * thing.width * (1 + 0.62 * apart),
            y + (v - 0.5) * thing.height * (1 + 0.62 * apart),
        )
        canvas.draw(
            piece,
            px,
            py + 3 * apart * wave(t, 0.7, i / 9),
            thing.height * piece.height / whole.height,
            turn=(9 if i % 2 else -9) * apart,
        )
