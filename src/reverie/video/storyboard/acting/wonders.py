"""What nature does: growing, erupting, the way of water, light."""

from __future__ import annotations

from dataclasses import replace

from reverie.video.storyboard.acting.stage import Effect, Stage, Tableau, alive, at_rest, feels, waist
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.art.easing import clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.art.sprites import sprite, tinted
from reverie.video.storyboard.figures.casting import Kind


def grow(s: Stage, t: float) -> Tableau:
    """From very small to full size in three springy steps, in sun and water."""
    T = s.seconds
    size = 0.22
    for i, to in enumerate((0.48, 0.76, 1.06)):
        start = T * (0.06 + 0.26 * i)
        size += (to - (0.22, 0.48, 0.76)[i]) * ease("back", (t - start) / (T * 0.22))
    stretch = swing(t, T * 0.06, 1.6, 1.5) * 0.06
    pose = replace(
        alive(s, t, pop=False),
        size=size,
        tall=1 + stretch,
        wide=1 - stretch,
        turn=3 * wave(t, 0.5),
        face=feels(t, "surprised", (T * 0.4, "happy"), (T * 0.8, "proud")),
    )
    sun_x, sun_y = (s.wide * 0.13, 84.0)
    top = s.y - s.height * size
    return Tableau(
        pose,
        at_rest(s, t),
        behind=(
            lambda c: light.rays(c, sun_x, sun_y, 330, t, alpha=0.34, depth=0.3),
            lambda c: c.draw(
                sprite("sun"), sun_x, sun_y, 78 * (1 + 0.04 * wave(t, 0.6)), turn=t * 16, depth=0.3
            ),
        ),
        before=(
            lambda c: light.rain(
                c,
                t,
                s.x,
                max(60.0, top - 120),
                s.y,
                s.height * 0.9,
                s.seed,
                9,
                alpha=0.7 * clamp((T * 0.5 - t) * 3),
            ),
            lambda c: light.sparkle(c, t - T * 0.62, s.x, top + s.height * 0.3, s.height * 0.8, s.seed, 16),
        ),
    )


def erupt(s: Stage, t: float) -> Tableau:
    """Trembles, then throws up what is inside: a volcano lava, anything else confetti."""
    start = min(0.7, s.seconds * 0.22)
    power = clamp((t - start) * 3)
    hot = s.subject.role.word == "volcano"
    shake = (0.4 + 0.6 * power) * wave(t, 9)
    pose = replace(
        alive(s, t, pop=False),
        x=s.x + 1.6 * shake,
        turn=0.7 * shake,
        tall=1 + 0.02 * wave(t, 4) - 0.05 * clamp(1 - abs(t - start) * 6),
        crouch=0.0,
        mouth=power,
        face="surprised",
    )
    if s.limbs:
        y = pose.y - s.height * lerp(0.4, 0.82, power)
        pose = replace(
            pose,
            near=(s.x + s.side * s.height * 0.3, y),
            far=(s.x - s.side * s.height * 0.3, y),
            elbow_near=s.side,
            elbow_far=-s.side,
            turn=0.0,
        )
    x, y = s.x, s.y - s.lift - s.height * 0.93
    tints = ("#ffdf6b", "#ff8a2e", "#ff4a2e") if hot else light.PARTY
    reach = 0.62 if y < 170 else 1.0
    return Tableau(
        pose,
        at_rest(s, t),
        behind=(
            lambda c: light.glow(c, x, y, 130 + 12 * wave(t, 3), tints[1], 0.75 * power),
            lambda c: _smoke(c, t - start, x, y, hot),
        ),
        before=(lambda c: light.lava(c, t - start, x, y + 6, s.seed, count=40, power=reach, tints=tints),),
        zoom=0.02 * power + 0.006 * wave(t, 7) * power,
    )


def _smoke(canvas: Canvas, t: float, x: float, y: float, hot: bool) -> None:
    if t <= 0:
        return
    tint = "#7a6070" if hot else "#ffffff"
    for i in range(10):
        k = (t * 0.36 + i / 10) % 1
        canvas.draw(
            light.soft(tint, 0.7),
            x + 46 * k * wave(k, 1.0, i / 10),
            y - 110 * k,
            34 + 80 * k,
            alpha=0.5 * (1 - k) * clamp(t * 2),
        )


def evaporate(s: Stage, t: float) -> Tableau:
    """The sun warms it; drops become vapour and rise."""
    gone = keys(t, (0.3, 0.0), (s.seconds, 1.0))
    bare = s.subject.role.word == "water"
    pose = replace(
        alive(s, t),
        size=1 - (0.60 if bare else 0.22) * gone,
        tall=1 + 0.03 * wave(t, 1.4),
        wide=1 - 0.03 * wave(t, 1.4),
        turn=2 * wave(t, 0.8),
    )
    x, y = s.x, s.y - s.lift
    sun_x, sun_y, top = s.wide * (0.15 if s.side > 0 else 0.13), 82.0, y - s.height * 0.5 * pose.size
    return Tableau(
        pose,
        at_rest(s, t),
        behind=(
            lambda c: light.glow(c, sun_x, sun_y, 190, "#ffe08a", 0.7, 0.3),
            lambda c: light.rays(c, sun_x, sun_y, 420, t, alpha=0.40 + 0.08 * wave(t, 0.8), depth=0.3),
            lambda c: c.draw(
                sprite("sun"), sun_x, sun_y, 92 * (1 + 0.05 * wave(t, 0.7)), turn=t * 18, depth=0.3
            ),
            lambda c: light.steam(
                c, t + 2, x, top, s.seed, width=s.subject.width * 1.3, height=190, count=12, alpha=0.7
            ),
        ),
        before=(
            lambda c: light.rising(
                c,
                t + 1.5,
                x,
                top,
                "droplet",
                s.seed,
                count=6,
                width=s.subject.width * 1.5,
                height=170,
                size=22,
                rate=0.5,
            ),
            lambda c: light.steam(
                c, t + 1, x, top - 30, s.seed + 1, width=s.subject.width * 1.1, height=170, count=6, alpha=0.5
            ),
        ),
    )


def condense(s: Stage, t: float) -> Tableau:
    """Vapour and drops gather, and a cloud grows out of them."""
    cloudy = s.subject.role.word == "cloud"
    grown = clamp((t + 0.3) / (s.seconds * 0.8)) ** 0.7
    x, y = s.middle + 8 * wave(t, 0.3), clamp(s.y - s.lift - s.height - 50, 78.0, 142.0)
    height = min(128.0, 2 * (y - 14)) * max(0.12, grown)
    pose = replace(alive(s, t), face=feels(t, "curious", (s.seconds * 0.6, "happy")), tilt=-5.0)
    if cloudy:
        pose = replace(pose, size=max(0.2, grown))
        x, y = s.x, waist(s, pose)
        height = 0.0
    gather: Effect = lambda c: _gathering(c, t, x, y, s)  # noqa: E731
    grow_cloud: Effect = lambda c: c.draw(sprite("cloud"), x, y, height, wide=1.08 + 0.02 * wave(t, 0.7))  # noqa: E731
    return Tableau(
        pose,
        at_rest(s, t),
        behind=(gather, grow_cloud),
        before=(lambda c: light.glints(c, t, x, y, 190, 90, s.seed, 5),),
    )


def _gathering(canvas: Canvas, t: float, x: float, y: float, s: Stage) -> None:
    for i in range(22):
        k = (t * 0.5 + i * 0.381) % 1
        from_x = s.wide * ((i * 0.618) % 1)
        px = lerp(from_x, x + (i % 5 - 2) * 26, k * k)
        py = lerp(s.y - 10, y + 14, ease("io", k)) + 6 * wave(t, 0.6, i / 7)
        alpha = min(1.0, k * 5) * clamp((1 - k) * 6)
        canvas.draw(light.soft("#ffffff", 1.1), px, py, 20 + 26 * k, alpha=0.75 * alpha)
        if i % 2:
            canvas.draw(sprite("droplet"), px, py, 19 - 6 * k, alpha=alpha)


def rain(s: Stage, t: float) -> Tableau:
    """A cloud comes over and lets it rain; rings on the ground."""
    wet = clamp((t - 0.25) * 2.5)
    if s.subject.role.word == "cloud":
        pose = replace(alive(s, t), x=s.x + 26 * wave(t, 0.2))
        cx, cy = pose.x, waist(s, pose)
        width, behind = s.subject.width * 0.95, ()
        dark: tuple[Effect, ...] = (
            lambda c: c.draw(
                tinted("cloud", "#5a6e96", 0.6),
                pose.x,
                pose.y - pose.hop,
                s.height * pose.size,
                wide=pose.wide,
                tall=pose.tall,
                turn=pose.turn,
                alpha=wet,
                anchor=(0.5, 1.0),
            ),
        )
        return Tableau(
            pose,
            at_rest(s, t),
            grounded=False,
            behind=behind,
            before=(*dark, lambda c: light.rain(c, t, cx, cy + s.height * 0.3, s.y, width, s.seed, 64, wet)),
            dim=0.16 * wet,
        )
    pose = replace(
        alive(s, t),
        gaze=0.5 * wave(t, 0.3),
        tilt=-5 + 3 * wave(t, 0.4),
        mouth=0.5,
        face=feels(t, "surprised", (s.seconds * 0.3, "happy")),
    )
    if s.limbs:
        hand = (s.x + s.side * s.height * 0.34, s.y - s.height * 0.60 + 4 * wave(t, 0.8))
        pose = replace(pose, near=hand, elbow_near=s.side)
    else:
        pose = replace(pose, turn=3 * wave(t, 2.4))
    x, y = s.middle, 92.0
    top = min(y + 46, s.y - s.lift - s.height - 8)
    slide = keys(t, (0.0, 0.55), (0.5, 1.0, "out"))
    return Tableau(
        pose,
        at_rest(s, t),
        dim=0.20 * wet,
        behind=(
            lambda c: light.rain(c, t + 3, x, y, s.y - 22, s.wide * 0.95, s.seed + 3, 40, 0.55 * wet),
            lambda c: c.draw(tinted("cloud", "#5a6e96", 0.55), x - 70 * slide, y, 104),
            lambda c: c.draw(tinted("cloud", "#5a6e96", 0.45), x + 62 * slide, y - 14, 118),
        ),
        before=(
            lambda c: light.rain(c, t, x, max(y + 30, top), s.y + 6, s.wide * 0.95, s.seed, 46, 0.9 * wet),
        ),
    )


def shine(s: Stage, t: float) -> Tableau:
    """Glows from within, with turning beams."""
    pulse = 1 + 0.035 * wave(t, 0.9)
    turning = s.subject.role.word == "sun"
    pose = replace(
        alive(s, t),
        size=pulse * keys(t, (0.0, 0.75), (0.35, 1.0, "back")),
        turn=t * 18 if turning else 2 * wave(t, 0.5),
        pivot=0.5 if turning else 1.0,
        mouth=0.4,
        face=feels(t, "content", (0.4, "proud")),
    )
    x, y = s.x, waist(s, pose)
    tint = "#dfe6ff" if s.subject.role.word in ("moon", "star") else "#fff0b0"
    high = s.height if s.subject.role.kind is not Kind.PERSON else s.height * 0.9
    return Tableau(
        pose,
        at_rest(s, t),
        behind=(
            lambda c: light.glow(c, x, y, high * 1.5, tint, 0.75 + 0.1 * wave(t, 0.9)),
            lambda c: light.rays(c, x, y, high * 1.5 + 90, t, count=12, alpha=0.5, tint=tint),
            lambda c: c.draw(
                light.ring(tint, 0.03), x, y, high * (1.3 + (t * 0.5) % 1), alpha=0.4 * (1 - (t * 0.5) % 1)
            ),
        ),
        before=(lambda c: light.glints(c, t, x, y, s.subject.width * 1.2, s.height, s.seed, 7),),
    )
