"""The camera of a shot: how near it stands, where it looks, how it moves.

    reach = reach_of(act, stage)                          # all that the action needs, measured by playing it
    framing = framed(reach, room, "close", canvas.wide, rng)
    canvas.camera = framing.at(share, follow, zoom)

The action is played through before it is drawn, and the camera is set so that everyone stays between the AI
label and the caption, at every size of picture.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from reverie.values import View
from reverie.video.storyboard.acting.stage import Action, Stage
from reverie.video.storyboard.art.canvas import HIGH, Camera
from reverie.video.storyboard.art.easing import clamp, ease, lerp
from reverie.video.storyboard.figures.actor import Actor
from reverie.video.storyboard.figures.puppet import Pose
from reverie.video.storyboard.places.sets import MARGIN

FARTHEST, NEAREST = 0.88, 1.9
"""Zooms: how far back scenery reaches, and how near its paint still looks well."""

FOLLOWED = 0.35
"""How much of the way that somebody travels the camera goes along."""

_SAMPLES = 14
_DEPTH = 0.9
"""Of the ground, the nearest layer that must never end inside the picture."""


class Area(NamedTuple):
    """A rectangle in virtual units."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def grown(self, by: float) -> Area:
        """With `by` more on each side."""
        return Area(self.left - by, self.top - by, self.right + by, self.bottom + by)

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Framing:
    """A camera move over a shot. `largest`: the zoom at which all of it still fits."""

    start: Camera
    end: Camera
    largest: float
    wide: float

    def at(self, share: float, follow: float = 0.0, zoom: float = 0.0) -> Camera:
        """The camera when `share` 0..1 of the shot is over, `follow` units aside and `zoom` nearer."""
        k = ease("io", share)
        base = lerp(self.start.zoom, self.end.zoom, k)
        nearer = clamp(base + zoom, FARTHEST, max(base, self.largest))
        x = lerp(self.start.x, self.end.x, k) + FOLLOWED * follow
        return _held(Camera(x, lerp(self.start.y, self.end.y, k), nearer), self.wide)


def reach_of(act: Action, stage: Stage) -> Area:
    """Where subject and object are while the action lasts, relative to a camera that follows.

    Who is on the way into the picture or out of it does not count.
    """
    found = [
        area
        for i in range(_SAMPLES)
        for area in _areas(act, stage, stage.seconds * (i + 0.5) / _SAMPLES)
        if area.right > 12 and area.left < stage.wide - 12 and area.bottom > 40
    ]
    if not found:
        return Area(stage.middle - 90, 180, stage.middle + 90, stage.y)
    return Area(
        max(0.0, min(area.left for area in found)),
        max(4.0, min(area.top for area in found)),
        min(stage.wide, max(area.right for area in found)),
        min(HIGH - 60, max(area.bottom for area in found)),
    )


def _areas(act: Action, stage: Stage, t: float) -> Iterator[Area]:
    tableau = act(stage, t)
    aside = 0.0 if tableau.follow is None else FOLLOWED * (tableau.follow - stage.middle)
    players = [(stage.subject, tableau.subject)]
    if stage.object is not None and tableau.other is not None:
        players.append((stage.object, tableau.other))
    for actor, pose in players:
        area = area_of(actor, pose)
        yield area._replace(left=area.left - aside, right=area.right - aside)


def area_of(actor: Actor, pose: Pose) -> Area:
    """What an actor takes in a pose: its turned outline, and its hands."""
    wide, tall = actor.width * pose.size * abs(pose.wide), actor.height * pose.size * pose.tall
    c, s = math.cos(math.radians(pose.turn)), math.sin(math.radians(pose.turn))
    arm = (pose.pivot - 0.5) * tall
    x = pose.x + arm * s
    y = pose.y - pose.hop - (1 - pose.pivot) * tall - arm * c
    half, high = (abs(wide * c) + abs(tall * s)) / 2, (abs(wide * s) + abs(tall * c)) / 2
    half, high, y = (
        lerp(half, 0.56 * tall, pose.lie),
        lerp(high, wide * 0.6, pose.lie),
        lerp(y, pose.y - pose.hop - wide * 0.6, pose.lie),
    )
    hands = [hand for hand in (pose.near, pose.far) if hand is not None]
    return Area(
        min([x - half, *(hx for hx, _ in hands)]),
        min([y - high, *(hy - 6 for _, hy in hands)]),
        max([x + half, *(hx for hx, _ in hands)]),
        y + high,
    )


def framed(reach: Area, room: Area, view: View, wide: float, rng: random.Random) -> Framing:
    """The camera move that shows `reach` inside `room` (of the screen); "" is a medium view."""
    fit = min(room.width / max(reach.width, 70.0), room.height / max(reach.height, 90.0))
    low, high, share = {"wide": (FARTHEST, 1.0, 0.72), "close": (1.0, NEAREST, 0.97)}.get(
        view, (0.96, 1.24, 0.82)
    )
    near = max(FARTHEST, min(fit, clamp(fit * share, low, high)))
    far = max(FARTHEST, near * (0.90 if view == "wide" else 0.93))
    kind = rng.choice(("push", "push", "pull", "pan") if view != "close" else ("push", "push", "pull"))
    if kind == "pan":
        start, end = _aimed(reach, room, near, wide), _aimed(reach, room, near, wide)
        spare = clamp((room.width - near * reach.width) / 2 - 4, 0, 16) * rng.choice((1, -1))
        return Framing(
            _held(start._replace(x=start.x - spare), wide),
            _held(end._replace(x=end.x + spare), wide),
            max(fit, near),
            wide,
        )
    a, b = _aimed(reach, room, far, wide), _aimed(reach, room, near, wide)
    return Framing(a, b, max(fit, near), wide) if kind == "push" else Framing(b, a, max(fit, near), wide)


def _aimed(reach: Area, room: Area, zoom: float, wide: float) -> Camera:
    """The camera at which `reach` stands in `room`: on its floor if it stands on the ground, else in its
    middle."""
    spare = max(0.0, room.height - zoom * reach.height)
    under = spare * (0.10 if reach.bottom > 350 else 0.5)
    foot = room.bottom - under
    y = reach.bottom - HIGH / 2 - (foot - HIGH / 2) / zoom
    x = reach.middle - wide / 2 - ((room.left + room.right) / 2 - wide / 2) / zoom
    return _held(Camera(x, y, zoom), wide)


def _held(camera: Camera, wide: float) -> Camera:
    """The camera kept where there is scenery on both sides and below."""
    zoom = 1 + (camera.zoom - 1) * _DEPTH
    across = max(0.0, (MARGIN - 6 + wide / 2 * (1 - 1 / zoom)) / _DEPTH)
    down = max(0.0, (MARGIN - 6 + HIGH / 2 * (1 - 1 / zoom)) / _DEPTH)
    return Camera(clamp(camera.x, -across, across), clamp(camera.y, -down, down), camera.zoom)
