"""Something new: out of its carton, and on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from reverie.video.storyboard.acting.hands import hold
from reverie.video.storyboard.acting.moves import appear
from reverie.video.storyboard.acting.stage import (
    Effect,
    Stage,
    Tableau,
    alive,
    feels,
    hands_of,
    inside,
    toward,
)
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Shape
from reverie.video.storyboard.art.easing import arc, clamp, keys, lerp, wave
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.figures.actor import Actor, Puppet
from reverie.video.storyboard.figures.puppet import Pose, frame_of

CARTON = "#d9a066"
TAPE = "#f6e3bf"


@lru_cache(2)
def _front(dark: bool) -> Sprite:
    """A carton's front with tape and a small heart (the back, darker and plain, with `dark`)."""
    board = Canvas(320, 320, opaque=False)
    tint = "#9c6b3e" if dark else CARTON
    Shape(board).polygon([(26, 66), (454, 66), (440, 444), (40, 444)], 18).put(tint, 30, high=0.4)
    if not dark:
        Shape(board).polygon([(214, 50), (266, 50), (264, 190), (216, 190)], 2).fill(TAPE, 0.75)
        board.draw(sprite("red-heart"), 240, 306, 120, alpha=0.85)
    return board.sprite()


@lru_cache(1)
def _flap() -> Sprite:
    """One flap of the lid, hinged at its left end."""
    board = Canvas(320, 120, opaque=False)
    Shape(board).polygon([(30, 190), (1230, 190), (1200, 290), (30, 290)], 26).put("#e8b67f", 24, high=0.6)
    return board.sprite()


@dataclass(frozen=True, slots=True)
class _Carton:
    """A carton at (`x`, `y`), `width` x `height`, its lid `open` 0..1, tipped by `turn` degrees."""

    x: float
    y: float
    width: float
    height: float
    open: float
    turn: float
    squash: float

    def back(self, canvas: Canvas) -> None:
        light.shadow(canvas, self.x, self.y + 3, self.width * 1.1)
        self._wall(canvas, True)
        light.glow(canvas, self.x, self.y - self.height, self.width * 0.7, "#fff0b0", 0.8 * self.open)

    def front(self, canvas: Canvas) -> None:
        self._wall(canvas, False)
        flap = _flap()
        high = self.height * 0.17
        for side in (-1, 1):
            # Shut, both meet in the middle; open, they hang outwards.
            angle = lerp(0.0, 214.0, self.open)
            canvas.draw(
                flap,
                self.x + side * self.width * 0.47,
                self.y - self.height * 0.95 * (1 - self.squash),
                high,
                wide=self.width * 0.50 / (high * flap.aspect),
                turn=180 + side * angle if side > 0 else -angle,
                anchor=(0.03, 0.5),
                flip=False,
            )

    def _wall(self, canvas: Canvas, dark: bool) -> None:
        image = _front(dark)
        canvas.draw(
            image,
            self.x,
            self.y,
            self.height,
            wide=self.width / (self.height * image.aspect) * (1 + self.squash),
            tall=1 - self.squash,
            turn=self.turn,
            anchor=(0.5, 1.0),
        )


def unbox(s: Stage, t: float) -> Tableau:
    """The carton rattles, the lid opens, and out it comes."""
    T, d = s.span, s.side
    thing: Actor = s.object or s.subject
    alone = s.object is None
    wide = max(70.0, thing.width * 0.92 + 12)
    size = min(1.0, s.wide * (0.62 if alone else 0.46) / wide)
    wide *= size
    high = clamp(thing.height * 0.56, 48.0, 120.0) * (0.5 + 0.5 * size)
    x = inside(s, s.x if alone else s.other_x, wide * 1.3)
    y = s.y if alone else s.other_y
    opened = T * 0.36
    eager = clamp(t / opened)
    rattle = (1 - clamp((t - opened) * 6)) * eager * wave(t, 6.5)
    lid = keys(t, (opened - T * 0.04, 0.0), (opened + T * 0.12, 1.0, "back"))
    rise = keys(t, (opened + T * 0.02, 0.0), (opened + T * 0.30, 1.0, "back"))
    press = 0.10 * arc(clamp((t - opened + T * 0.10) / (T * 0.16)))
    carton = _Carton(x, y, wide, high, lid, 3.0 * rattle, press)
    room = y - thing.height * size - 66
    top = min(high * 0.82, max(high * 0.3, room))
    sink = min(thing.height * size, high) * 0.9
    # Before the lid opens it is in there, small; nothing looks out.
    grown = keys(t, (opened, 0.3), (opened + T * 0.26, 1.0, "back")) * size
    toy = Pose(
        x,
        y,
        hop=lerp(-sink * 0.1, top, rise) + 7 * wave(t, 0.6) * clamp(rise),
        facing=-d,
        size=grown,
        turn=5 * wave(t, 0.5) * clamp(rise),
        tall=1 + 0.06 * (rise - clamp(rise)) * 4,
        alpha=1.0 if t > opened else 0.0,
        wag=1.0,
        roll=t * 120 * clamp(rise),
        face=feels(t, "surprised", (opened + T * 0.2, "happy")),
    )
    middle = y - toy.hop - thing.height * grown / 2
    shown = clamp((t - opened) * 4)
    behind: tuple[Effect, ...] = (
        lambda c: light.rays(c, x, y - high, 260, t, alpha=0.5 * shown, tint="#fff0b0"),
        carton.back,
    )
    before: tuple[Effect, ...] = (
        carton.front,
        lambda c: light.confetti(c, t - opened, x, y - high, s.seed, 26),
        lambda c: light.sparkle(c, t - opened, x, y - high, 110, s.seed, 12),
        lambda c: light.glints(c, t, x, middle, thing.width, thing.height, s.seed, 4 if shown else 0),
    )
    if alone:
        return Tableau(toy, behind=behind, before=before, grounded=False)
    h = s.height
    left = x - d * (wide * 0.5 + h * 0.16)
    pose = toward(
        s,
        replace(
            alive(s, t, pop=False),
            x=inside(
                s, left if s.limbs else x - d * (wide * 0.56 + s.subject.width * 0.5), s.subject.width * 0.8
            ),
            lean=12 * (1 - shown) - 4 * shown,
            crouch=0.14 * eager * (1 - shown),
            hop=s.lift + 9 * abs(wave(t, 1.1)) * shown,
            mouth=0.7 * shown,
            wag=1.0,
            turn=0.0,
            face=feels(t, "curious", (opened, "surprised"), (opened + T * 0.22, "laughing")),
        ),
    )
    if s.limbs:
        grip = (x - d * wide * 0.46, y - high * 0.9 + 3 * rattle)
        joy = pose.y - pose.hop - h * (0.72 + 0.04 * wave(t, 1.1))
        pose = replace(
            pose,
            near=(lerp(grip[0] + d * 10, pose.x + d * h * 0.26, shown), lerp(grip[1], joy, shown)),
            far=(lerp(grip[0], pose.x - d * h * 0.26, shown), lerp(grip[1] + 8, joy, shown)),
            elbow_near=d,
            elbow_far=-d if shown > 0.5 else d,
        )
    return Tableau(pose, toy, front=True, other_grounded=False, behind=behind, before=before)


# ---------------------------------------------------------------------------------- wearing


@dataclass(frozen=True, slots=True)
class _Fit:
    """Where something is worn: at `place` ("head", "neck", "body", "back", "wrist", "hand", "foot", "over").

    `width`: its width as a share of the head's; `rise`: how far its foot lies above the place, as a share of
    its own height.
    """

    place: str
    width: float
    rise: float


_FITS = {
    "hat": _Fit("head", 0.92, 0.0),
    "headphones": _Fit("head", 1.16, 0.93),
    "tie": _Fit("neck", 0.40, 0.98),
    "dress": _Fit("body", 1.45, 0.98),
    "backpack": _Fit("back", 0.62, 0.80),
    "handbag": _Fit("hand", 0.8, 0.90),
    "umbrella": _Fit("over", 2.3, 0.10),
    "watch": _Fit("wrist", 0.46, 0.60),
    "baseball glove": _Fit("wrist", 0.62, 0.45),
    "shoe": _Fit("foot", 0.72, 0.05),
}


def _worn(s: Stage, pose: Pose, fit: _Fit) -> Pose:
    """The object where it is worn, for the pose of whoever wears it."""
    thing, wearer, d = s.object, s.subject, s.side
    assert thing is not None
    assert isinstance(wearer, Puppet)
    joints = frame_of(wearer.look, wearer.height, pose)
    hs, h = joints.head_size, s.height
    size = hs * fit.width / thing.width
    tilt = (pose.lean * 0.35 + pose.tilt) * pose.facing
    near, _ = hands_of(wearer, pose)
    neck, pelvis = joints.neck, joints.pelvis
    match fit.place:
        case "head":
            x, y = (
                joints.head[0] + tilt / 57.3 * hs * 0.8 + pose.gaze * hs * 0.03,
                joints.head[1] - hs * (0.62 if fit.rise < 0.5 else 0.80),
            )
        case "neck":
            x, y = neck[0] + pose.facing * hs * 0.03, neck[1] + hs * 0.10
            tilt = pose.lean * pose.facing
        case "body":
            x, y = lerp(neck[0], pelvis[0], 0.4), neck[1] + hs * 0.05
            tilt = pose.lean * pose.facing * 0.6
        case "back":
            x, y = neck[0] - pose.facing * h * 0.13, neck[1] + hs * 0.08
            tilt = pose.lean * pose.facing
        case "foot":
            x, y = pose.x + d * h * 0.12, pose.y - pose.hop
            tilt = 0.0
        case "over":
            x, y = near[0] - pose.facing * h * 0.06, near[1]
            tilt = -6 * pose.facing
        case _:
            x, y = near
            tilt = 0.0
    if fit.place == "wrist":
        y -= 2
    return Pose(
        x,
        y + thing.height * size * (fit.rise),
        facing=pose.facing,
        size=size,
        turn=tilt,
        pivot=0.5 if fit.place != "head" else 1.0,
    )


def try_on(s: Stage, t: float) -> Tableau:
    """Looks at it, puts it on, turns this way and that, and likes it."""
    thing = s.object
    if thing is None:
        return appear(s, t)
    fit = _FITS.get(thing.role.word)
    if fit is None or not s.limbs:
        return hold(s, t)
    T, d, h = s.span, s.side, s.height
    take, on = T * 0.20, T * 0.42
    put = keys(t, (take, 0.0), (on, 1.0))
    # Worn, one looks in all directions: a turn every 1.3 s.
    facing = d if t < on + 0.35 or ((t - on - 0.35) / 1.3) % 2 >= 1 else -d
    turned = abs(wave(t - on - 0.35, 1 / 2.6)) if t > on + 0.35 else 1.0
    show = clamp((t - on) * 4)
    pose = replace(
        alive(s, t, pop=False),
        x=s.middle,
        facing=facing,
        gaze=d * 0.6 * (1 - put) + facing * 0.5 * show * min(1.0, turned * 2),
        tilt=6 * (1 - put) + 5 * wave(t, 0.55) * show,
        lean=2 * wave(t, 0.4),
        hop=7 * abs(wave(t, 0.77)) * show,
        mouth=0.5 * show,
        face=feels(t, "curious", (on, "happy"), (on + T * 0.22, "proud")),
    )
    y = pose.y - pose.hop
    chest = (pose.x + d * h * 0.19, y - h * 0.36)
    high = fit.place in ("head", "over")
    up = (pose.x + d * h * 0.16, y - h * (0.86 if high else 0.52))
    lift = put * (1 - show) if not high or fit.place == "head" else put
    near = (lerp(chest[0], up[0], put), lerp(chest[1], up[1], put))
    far = (lerp(chest[0] - d * 16, pose.x - d * h * 0.16, put), lerp(chest[1], up[1], put))
    hip = (pose.x + facing * h * 0.21, y - h * 0.30)
    away = (pose.x - facing * h * 0.21, y - h * 0.30)
    if fit.place in ("wrist", "hand", "over"):
        hip = (pose.x + facing * h * 0.26, y - h * (0.52 if fit.place != "hand" else 0.34) + 4 * wave(t, 0.8))
    pose = replace(
        pose,
        near=(lerp(near[0], hip[0], show), lerp(near[1], hip[1], show)),
        far=(lerp(far[0], away[0], show), lerp(far[1], away[1], show)),
        elbow_near=facing,
        elbow_far=-facing if show else d,
    )
    worn = _worn(s, pose, fit)
    carried = Pose(chest[0] + d * 2, chest[1] + thing.height * max(1.0, worn.size) * 0.6, facing=d)
    over = 1.0 if high else 0.2
    other = replace(
        worn,
        x=lerp(carried.x, worn.x, put) + over * d * h * 0.16 * arc(put),
        y=lerp(carried.y, worn.y, put) - over * 40 * arc(put),
        size=lerp(max(1.0, worn.size), worn.size, put),
        turn=lerp(8 * wave(t, 0.8) - 8 * d * lift, worn.turn, put),
    )
    mid = y - h * 0.6
    behind_back = fit.place == "back" and put > 0.5
    return Tableau(
        pose,
        other,
        front=fit.place in ("head", "foot", "wrist", "hand") and put > 0.0,
        held=not behind_back and (fit.place in ("neck", "body", "over", "back") or put <= 0.0),
        other_grounded=False,
        behind=(lambda c: light.rays(c, pose.x, mid, 230, t, alpha=0.24 * show),),
        before=(
            lambda c: light.sparkle(c, t - on, pose.x, mid, 110, s.seed, 14),
            lambda c: light.glints(c, t, other.x, other.y - 20, 60, 60, s.seed, 4),
        ),
        zoom=0.04 * show,
    )
