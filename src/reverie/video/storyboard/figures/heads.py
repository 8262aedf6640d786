"""Heads that turn, look, blink, talk and feel: blank heads from the sprites, and features drawn upon them.

    face("child", turn=0.5, blink=0.0, mouth=0.3, expression="curious", look=(0.8, -0.2))

The sprites' own eyes, brows and mouths are painted over once (a smooth surface fitted to the skin around
them); what a face does is then drawn as vectors, through the same map that turns the blank head. All amounts
are rounded to steps before anything is drawn: the picture depends on its arguments only, and can be cached.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.video.storyboard.art.canvas import Pixels, Sprite, colour, resampled
from reverie.video.storyboard.art.easing import clamp, lerp
from reverie.video.storyboard.art.sprites import part

Expression = Literal[
    "content", "happy", "laughing", "surprised", "curious", "thinking", "worried", "sad", "sleepy", "proud"
]
"""What a face says; "content" is how it looks by itself."""

TURN_STEPS, EYE_STEPS, BLINK_STEPS, MOUTH_STEPS = 12, 4, 4, 5
"""A face is drawn in this many steps a unit."""

_LARGEST_TURN = 2
_SHIFT = (0.115, 0.165)
"""How far the middle of a head moves, as a share of its square, turned by 1 and by 2; 0.23 would fold."""
_HALF, _MIDDLE = 0.47, 0.56  # the part of the square that turns: half its width, and the height of its middle
_DEEP = 0.44  # half its height

Box = tuple[float, float, float, float]
Ring = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """Where the features of a front-facing head are, in shares of its square (read off the sprites).

    `eyes` = (distance from the middle line, height), `size` = half width and half height of an eye, `brow`
    and `mouth` = heights, `smile` = half width of the mouth, `blank` = boxes whose features are painted over.
    `drawn`: a box whose dark lines are painted over instead, where the ground is not smooth. `style`:
    people's eyes, dark beads, beads in white, a frog's, lights.
    """

    eyes: tuple[float, float]
    size: tuple[float, float]
    brow: float
    mouth: float
    smile: float
    blank: tuple[Box, ...] = ()
    style: Literal["human", "bead", "ringed", "frog", "lamp"] = "human"
    brow_tint: str = "#a84f2c"
    brow_thick: float = 0.030
    lash: float = 0.013
    drawn: Box | None = None


_PAIR: tuple[Box, Box] = (0.22, 0.40, 0.465, 0.62), (0.535, 0.40, 0.775, 0.62)
_LIPS: Box = (0.36, 0.685, 0.64, 0.81)

HEADS: dict[str, Head] = {
    "child": Head((0.150, 0.533), (0.088, 0.070), 0.425, 0.730, 0.115, (*_PAIR, _LIPS)),
    "girl": Head((0.146, 0.552), (0.090, 0.073), 0.437, 0.738, 0.110, (*_PAIR, _LIPS), lash=0.019),
    "boy": Head((0.146, 0.545), (0.088, 0.070), 0.435, 0.735, 0.115, (*_PAIR, _LIPS)),
    "woman": Head(
        (0.146, 0.528),
        (0.084, 0.066),
        0.418,
        0.735,
        0.105,
        ((0.24, 0.39, 0.465, 0.615), (0.535, 0.39, 0.76, 0.615), _LIPS),
        lash=0.020,
    ),
    "man": Head(
        (0.146, 0.525),
        (0.082, 0.062),
        0.405,
        0.750,
        0.105,
        ((0.25, 0.345, 0.465, 0.59), (0.535, 0.345, 0.75, 0.59), (0.37, 0.70, 0.63, 0.82)),
        brow_thick=0.050,
    ),
    "person": Head(
        (0.146, 0.525),
        (0.082, 0.064),
        0.398,
        0.748,
        0.105,
        ((0.27, 0.355, 0.465, 0.59), (0.535, 0.355, 0.74, 0.59), (0.37, 0.70, 0.63, 0.82)),
    ),
    "bear": Head(
        (0.128, 0.500),
        (0.036, 0.052),
        0.405,
        0.722,
        0.085,
        ((0.32, 0.43, 0.42, 0.57), (0.58, 0.43, 0.68, 0.57)),
        "bead",
        "#4a2430",
        0.026,
        drawn=(0.36, 0.672, 0.64, 0.80),
    ),
    "panda": Head(
        (0.128, 0.510),
        (0.048, 0.058),
        0.385,
        0.735,
        0.095,
        ((0.325, 0.44, 0.42, 0.58), (0.58, 0.44, 0.675, 0.58), (0.35, 0.68, 0.65, 0.80)),
        "ringed",
        "#3a3462",
        0.024,
    ),
    "lion": Head(
        (0.130, 0.450),
        (0.038, 0.054),
        0.355,
        0.735,
        0.085,
        ((0.32, 0.38, 0.425, 0.52), (0.575, 0.38, 0.68, 0.52)),
        "bead",
        "#6a3420",
        0.028,
    ),
    "frog": Head((0.204, 0.265), (0.088, 0.088), 0.155, 0.665, 0.200, (), "frog", "#14774f", 0.026),
    "robot": Head(
        (0.180, 0.450),
        (0.046, 0.072),
        0.345,
        0.765,
        0.135,
        ((0.26, 0.36, 0.38, 0.54), (0.62, 0.36, 0.74, 0.54)),
        "lamp",
        "#4fc8ff",
        0.022,
    ),
}
"""Every head whose face can act, by the name of its sprite."""


@dataclass(frozen=True, slots=True)
class Mien:
    """How an expression is drawn; sides are the picture's left and right.

    `brows` = how far each is raised (shares of the room above the eyes), `slant` = inner ends up (> 0) or
    down, `open` = how wide the eyes are, `lid` = 0..1 how far the upper lid is down, `arch` = eyes shut in
    joy, `glance` = where the eyes look by themselves, `curl` = corners of the mouth up (1) or down (-1),
    `gape` = 0..1 how open it is, `wide` = its width, `slide` = how far it is to the side, `round` = an O,
    `skew` = one corner higher, `blush` = 0..1.
    """

    brows: tuple[float, float] = (0.0, 0.0)
    slant: float = 0.0
    open: float = 1.0
    lid: float = 0.06
    arch: bool = False
    glance: tuple[float, float] = (0.0, 0.0)
    curl: float = 0.8
    gape: float = 0.12
    wide: float = 1.0
    slide: float = 0.0
    round: bool = False
    skew: float = 0.0
    blush: float = 0.0


MIENS: dict[Expression, Mien] = {
    "content": Mien(),
    "happy": Mien((0.35, 0.35), 0.1, 1.05, 0.0, curl=1.0, gape=0.55, wide=1.15, blush=0.5),
    "laughing": Mien((0.6, 0.6), 0.2, arch=True, curl=1.0, gape=1.0, wide=1.25, blush=0.8),
    "surprised": Mien((1.0, 1.0), 0.15, 1.28, 0.0, curl=0.0, gape=0.8, wide=0.6, round=True),
    "curious": Mien((1.0, -0.1), -0.1, 1.12, 0.0, curl=0.7, gape=0.0, wide=0.7, slide=0.25, skew=0.3),
    "thinking": Mien(
        (0.6, -0.5),
        -0.35,
        0.95,
        0.15,
        glance=(0.55, -0.9),
        curl=-0.25,
        gape=0.0,
        wide=0.6,
        slide=-0.35,
        skew=-0.5,
    ),
    "worried": Mien((0.5, 0.5), 1.0, 1.1, 0.0, curl=-0.55, gape=0.22, wide=0.75),
    "sad": Mien((0.1, 0.1), 1.0, 0.95, 0.34, glance=(0.0, 0.7), curl=-1.0, gape=0.0, wide=0.9),
    "sleepy": Mien(
        (-0.2, -0.2), 0.25, 0.95, 0.66, glance=(0.0, 0.4), curl=0.1, gape=0.3, wide=0.4, round=True
    ),
    "proud": Mien((0.8, 0.8), -0.1, arch=True, curl=1.0, gape=0.0, wide=1.35, blush=0.8),
}
"""What each expression looks like."""


def face(
    name: str,
    turn: float = 0.0,
    blink: float = 0.0,
    mouth: float = 0.0,
    expression: Expression = "content",
    look: tuple[float, float] = (0.0, 0.0),
) -> Sprite:
    """A head, uncut, 256 px square.

    `turn`: -2..2, towards the picture's left or right; 1 is three-quarter, 2 nearly a profile. `blink`: 0..1
    shuts the eyes, `mouth`: 0..1 opens the mouth, `look`: where the eyes point, (right, down), -1..1 each.
    A sprite that is no known head is given back as it is; GeneratorError for a name that is not in the zip.
    """
    return _face(
        name,
        round(clamp(turn, -_LARGEST_TURN, _LARGEST_TURN) * TURN_STEPS),
        round(clamp(blink) * BLINK_STEPS),
        round(clamp(mouth) * MOUTH_STEPS),
        expression,
        round(clamp(look[0], -1, 1) * EYE_STEPS),
        round(clamp(look[1], -1, 1) * EYE_STEPS),
    )


@lru_cache(72)
def _face(
    name: str, turn: int, blink: int, mouth: int, expression: Expression, look_x: int, look_y: int
) -> Sprite:
    head = HEADS.get(name)
    if head is None:
        return part(name)
    mien = MIENS[expression]
    mien = replace(
        mien,
        lid=max(mien.lid, blink / BLINK_STEPS),
        gape=max(mien.gape, 0.85 * mouth / MOUTH_STEPS),
        glance=(
            clamp(mien.glance[0] + look_x / EYE_STEPS, -1, 1),
            clamp(mien.glance[1] + look_y / EYE_STEPS, -1, 1),
        ),
    )
    pixels = _turned(name, turn).copy()
    _draw_features(_Brush(pixels, _shift(turn / TURN_STEPS), -0.012 + 0.016 * look_y / EYE_STEPS), head, mien)
    return Sprite(pixels)


# ---------------------------------------------------------------------------------- turning


def _shift(turn: float) -> float:
    """How far the middle of a head moves, as a share of its square."""
    size = abs(turn)
    amount = lerp(0, _SHIFT[0], size) if size <= 1 else lerp(_SHIFT[0], _SHIFT[1], size - 1)
    return math.copysign(amount, turn)


@lru_cache(40)
def _turned(name: str, turn: int) -> Pixels:
    """The blank head with its hair and nose moved; the side it turns to is foreshortened."""
    blank = _blank(name)
    if not turn:
        return blank
    size = blank.shape[0]
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    side, amount = (1 if turn > 0 else -1), abs(turn) / TURN_STEPS
    ahead = (x - 0.5) * side
    narrowed = np.where(ahead > 0, ahead / (1 - 0.045 * amount), ahead / (1 - 0.04 * amount))
    across = 0.5 + narrowed * side
    inside = np.clip(1 - ((across - 0.5) / _HALF) ** 2, 0, 1) * np.clip(
        1 - ((y - _MIDDLE) / _DEEP) ** 2, 0, 1
    )
    from_x = across - _shift(turn / TURN_STEPS) * inside
    return resampled(blank, (from_x * size).astype(np.float32), y * size)


@lru_cache(12)
def _blank(name: str) -> Pixels:
    """A head without eyes, brows and mouth."""
    pixels = part(name).pixels.copy()
    size = pixels.shape[0]
    for box in HEADS[name].blank:
        left, top, right, bottom = (round(v * size) for v in box)
        pixels[top:bottom, left:right] = _smoothed(pixels[top:bottom, left:right])
    drawn = HEADS[name].drawn
    if drawn is not None:
        left, top, right, bottom = (round(v * size) for v in drawn)
        pixels[top:bottom, left:right, :3] = _without_lines(pixels[top:bottom, left:right, :3])
    return pixels


def _without_lines(patch: Pixels) -> Pixels:
    """Dark lines filled in from what is beside them."""
    dark = cv2.dilate((patch.max(axis=-1) < 100).astype(np.uint8), np.ones((7, 7), np.uint8))
    filled = cv2.inpaint(np.ascontiguousarray(patch), dark, 3, cv2.INPAINT_TELEA)
    soft = cv2.blur(filled, (9, 9))
    out: Pixels = np.where(dark[..., None] > 0, soft, patch)
    return out


def _smoothed(patch: Pixels) -> Pixels:
    """The patch with whatever stands out from a smooth surface through its border painted over."""
    h, w = patch.shape[:2]
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1)
    edge = np.maximum(abs(x), abs(y)) > 0.86
    surface = np.empty((h, w, 3))
    for lane in range(3):
        found, *_ = np.linalg.lstsq(terms[edge], patch[..., lane][edge].astype(np.float64), rcond=None)
        surface[..., lane] = terms @ found
    away = np.abs(patch[..., :3] - surface).max(axis=-1)
    mark = cv2.dilate((away > 16).astype(np.uint8) * 255, np.ones((7, 7), np.uint8))
    rim = np.clip((1 - np.maximum(abs(x), abs(y))) * 8, 0, 1)
    share = (cv2.blur(mark, (5, 5)) / 255 * rim)[..., None]
    out = patch.copy()
    out[..., :3] = np.clip(patch[..., :3] * (1 - share) + surface * share, 0, patch[..., 3:])
    return out


# ---------------------------------------------------------------------------------- drawing


class _Brush:
    """Draws on a head in shares of its square, through the map that turned it."""

    def __init__(self, pixels: Pixels, shift: float, drop: float) -> None:
        self._pixels = pixels
        self._shift = shift
        self._drop = drop
        self._size = pixels.shape[0]

    def _placed(self, ring: Ring) -> Ring:
        x, y = ring[:, 0] - 0.5, ring[:, 1] + self._drop
        if self._shift:
            # The inverse of the map of `_turned`, row by row: x - s (1 - (x / half)²) = where it was.
            s = self._shift * np.clip(1 - ((y - _MIDDLE) / _DEEP) ** 2, 0.05, 1)
            k = s / _HALF**2
            x = (np.sqrt(np.maximum(1 + 4 * k * (s + x), 0.0)) - 1) / (2 * k)
        out = np.empty_like(ring)
        out[:, 0], out[:, 1] = x + 0.5, y
        return out

    def _fixed(self, ring: Ring) -> NDArray[np.int32]:
        fixed: NDArray[np.int32] = np.rint(self._placed(ring) * (self._size * 16)).astype(np.int32)
        return fixed

    def fill(self, ring: Ring, tint: str) -> None:
        cv2.fillPoly(self._pixels, [self._fixed(ring)], (*colour(tint), 255), cv2.LINE_AA, 4)

    def line(self, points: Ring, thick: float, tint: str) -> None:
        """A line with round ends, `thick` wide."""
        wide = max(1, round(thick * self._size))
        cv2.polylines(self._pixels, [self._fixed(points)], False, (*colour(tint), 255), wide, cv2.LINE_AA, 4)

    def blush(self, x: float, y: float, r: float, share: float) -> None:
        """A soft round patch of pink that follows what is under it."""
        (cx, cy), reach = self._placed(np.array([[x, y]]))[0] * self._size, round(r * self._size)
        left, top = max(0, round(cx) - reach), max(0, round(cy) - reach)
        patch = self._pixels[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
        soft = _blot(reach, share)[: patch.shape[0], : patch.shape[1]]
        pink = (patch[..., 3:] * _PINK) >> 8
        patch[..., :3] = (patch[..., :3] * (256 - soft) + pink * soft) >> 8


_PINK = np.array(colour("#ff6f7d"), np.int32)


@lru_cache(8)
def _blot(reach: int, share: float) -> NDArray[np.int32]:
    """A round patch of weights up to 256 x `share`, shape (2 reach + 1, 2 reach + 1, 1)."""
    v, u = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    weights: NDArray[np.int32] = (np.clip(1 - np.hypot(u, v) / reach, 0, 1) * share * 256).astype(np.int32)
    return weights[..., None]


@lru_cache(8)
def _circle(count: int) -> Ring:
    """`count` points around the unit circle, shape (count, 2)."""
    a = np.linspace(0, 2 * math.pi, count, endpoint=False)
    return np.stack([np.cos(a), np.sin(a)], 1)


@lru_cache(8)
def _span(count: int) -> Ring:
    """`count` numbers from -1 to 1."""
    return np.linspace(-1, 1, count)


def _oval(x: float, y: float, rx: float, ry: float, count: int = 24) -> Ring:
    return _circle(count) * (rx, ry) + (x, y)


def _bow(x: float, y: float, half: float, rise: float, tilt: float = 0.0, count: int = 13) -> Ring:
    """A curve, `half` to each side of (x, y); its ends are `rise` higher, `tilt` lifts the right one more."""
    u = _span(count)
    out = np.empty((count, 2))
    out[:, 0], out[:, 1] = x + u * half, y - rise * (u * u) - tilt * u
    return out


def _draw_features(brush: _Brush, head: Head, mien: Mien) -> None:
    if mien.blush and head.style != "lamp":
        for side in (-1, 1):
            wide = 0.085 if head.style == "human" else 0.07
            low = head.mouth - 0.10 if head.style == "frog" else head.eyes[1] + 0.135
            brush.blush(0.5 + side * (head.eyes[0] + 0.075), low, wide, 0.75 * mien.blush)
    for side in (-1, 1):
        _EYES[head.style](brush, head, mien, side)
        _brow(brush, head, mien, side)
    _MOUTHS[head.style](brush, head, mien)


def _brow(brush: _Brush, head: Head, mien: Mien, side: int) -> None:
    rx = 0.062 if head.style == "human" else 0.05
    raised = mien.brows[0 if side < 0 else 1]
    if head.style != "human" and abs(raised) + abs(mien.slant) < 0.05:
        return  # mascots have no brows of their own: they show when they say something
    y = head.brow - 0.040 * raised
    line = _bow(0.5 + side * (head.eyes[0] + 0.004), y, rx, -0.016, -side * 0.034 * mien.slant)
    brush.line(line, head.brow_thick, head.brow_tint)


def _opening(rx: float, ry: float, lid: float, count: int = 15) -> tuple[Ring, Ring, Ring]:
    """(x, upper edge, lower edge) of an eye about its middle, its upper lid `lid` down."""
    u = _span(count)
    bow = np.sqrt(np.maximum(1 - u * u, 0))
    low = 0.82 * ry * bow
    top = -ry * bow
    return u * rx, top + (low - top) * lid, low


def _eye(
    brush: _Brush, head: Head, mien: Mien, side: int, white: str, iris: str, lash: str, share: float
) -> None:
    """An eyeball between its lids; `share`: radius of the iris as a share of the eye's height."""
    cx, cy = 0.5 + side * head.eyes[0], head.eyes[1]
    rx, ry = head.size
    if mien.arch:
        brush.line(_bow(cx, cy - 0.2 * ry, rx * 0.9, -ry * 0.85), 0.028, lash)
        return
    if mien.lid > 0.9:
        brush.line(_bow(cx, cy + 0.55 * ry, rx * 0.9, ry * 0.42), 0.022, lash)
        return
    rx, ry = rx * (0.5 + 0.5 * mien.open), ry * mien.open
    x, top, low = _opening(rx, ry, mien.lid)
    brush.fill(
        np.concatenate([np.stack([cx + x, cy + top], 1), np.stack([cx + x, cy + low], 1)[::-1]]), white
    )
    px, py = cx + mien.glance[0] * rx * 0.44, cy + mien.glance[1] * ry * 0.30 + 0.004
    for radius, tint in ((ry * share, iris), (ry * share * 0.62, "#1c1018")):
        disc = _oval(px, py, radius / (0.6 + 0.4 * mien.open), radius / (0.6 + 0.4 * mien.open))
        disc[:, 0] = np.clip(disc[:, 0], cx - rx * 0.97, cx + rx * 0.97)
        edges = np.interp(disc[:, 0] - cx, x, top), np.interp(disc[:, 0] - cx, x, low)
        disc[:, 1] = np.clip(disc[:, 1], cy + edges[0], cy + edges[1])
        brush.fill(disc, tint)
    if mien.lid < 0.5:
        brush.fill(_oval(px - 0.016, py - ry * 0.30, ry * 0.17, ry * 0.17, 12), "#ffffff")
    line = np.stack([cx + x * 1.04, cy + top], 1)
    brush.line(line, head.lash + 0.012 * mien.lid, lash)


def _human_eye(brush: _Brush, head: Head, mien: Mien, side: int) -> None:
    _eye(brush, head, mien, side, "#ffffff", "#7d4a38", "#5e2f1d", 0.80)
    if head.lash > 0.016 and mien.lid < 0.9 and not mien.arch:
        x, y = (
            0.5 + side * (head.eyes[0] + head.size[0] * 0.92),
            head.eyes[1] - head.size[1] * (0.35 - mien.lid),
        )
        brush.line(
            np.array([[x, y], [x + side * 0.014, y - 0.010], [x + side * 0.026, y - 0.026]]), 0.016, "#5e2f1d"
        )


def _ringed_eye(brush: _Brush, head: Head, mien: Mien, side: int) -> None:
    light = "#f4efff" if mien.arch or mien.lid > 0.9 else "#2b2550"
    _eye(brush, head, mien, side, "#ffffff", "#3b2a3e", light, 0.74)


def _bead_eye(brush: _Brush, head: Head, mien: Mien, side: int) -> None:
    rx, ry = head.size
    cx, cy = 0.5 + side * head.eyes[0] + mien.glance[0] * 0.022, head.eyes[1] + mien.glance[1] * 0.020
    dark = "#2a1a2c"
    if mien.arch:
        brush.line(_bow(cx, cy - 0.01, rx * 1.45, -ry * 0.75), 0.030, dark)
    elif mien.lid > 0.9:
        brush.line(_bow(cx, cy + 0.02, rx * 1.45, ry * 0.4), 0.026, dark)
    else:
        if mien.open > 1.2:
            brush.fill(_oval(cx, cy, rx * 1.75, ry * 1.45), "#fff6ec")
        x, top, low = _opening(rx * (0.4 + 0.6 * mien.open), ry * mien.open, mien.lid)
        brush.fill(
            np.concatenate([np.stack([cx + x, cy + top], 1), np.stack([cx + x, cy + low], 1)[::-1]]), dark
        )
        if mien.lid > 0.3:
            brush.line(np.stack([cx + x * 1.5, cy + top], 1), 0.020, dark)
        at = cx - 0.010 + mien.glance[0] * 0.010, cy + lerp(-0.40, 0.15, mien.lid) * ry
        brush.fill(_oval(*at, rx * 0.36, rx * 0.36, 12), "#ffffff")


def _frog_eye(brush: _Brush, head: Head, mien: Mien, side: int) -> None:
    cx, cy = 0.5 + side * head.eyes[0], head.eyes[1]
    skin, rim = "#35c888", "#0f6b46"
    brush.fill(_oval(cx, cy, 0.088, 0.088, 32), "#ffd426")
    if mien.arch or mien.lid > 0.9:
        brush.fill(_oval(cx, cy, 0.116, 0.116, 32), skin)
        brush.line(_bow(cx, cy, 0.075, -0.045 if mien.arch else 0.045), 0.028, rim)
        return
    r = 0.070 * (0.45 + 0.55 * mien.open) if mien.open <= 1.2 else 0.052
    px, py = cx + mien.glance[0] * 0.026, cy + mien.glance[1] * 0.022
    brush.fill(_oval(px, py, r, r, 28), "#38244a")
    brush.fill(_oval(px - 0.022, py - 0.024, 0.020, 0.020, 12), "#ffffff")
    if mien.lid > 0.1:
        u = _span(17)
        bow = 0.118 * np.sqrt(np.maximum(1 - u * u, 0))
        edge = np.stack([cx + u * 0.118, cy + np.minimum(-bow + 2 * bow * mien.lid, bow)], 1)
        brush.fill(np.concatenate([np.stack([cx + u * 0.118, cy - bow], 1), edge[::-1]]), skin)
        brush.line(edge[1:-1], 0.016, rim)


def _lamp_eye(brush: _Brush, head: Head, mien: Mien, side: int) -> None:
    rx, ry = head.size
    cx, cy = 0.5 + side * head.eyes[0] + mien.glance[0] * 0.045, head.eyes[1] + mien.glance[1] * 0.028
    for grown, tint in ((1.35, "#2b6fb0"), (1.0, "#5ad2ff")):
        if mien.arch:
            brush.line(_bow(cx, cy, rx * 1.25, -ry * 0.75), 0.040 * grown, tint)
        elif mien.lid > 0.9:
            brush.line(_bow(cx, cy + 0.02, rx * 1.2, 0.0), 0.028 * grown, tint)
        else:
            x, top, low = _opening(rx * (0.3 + 0.7 * mien.open), ry * mien.open, mien.lid)
            ring = np.concatenate([np.stack([x, top], 1), np.stack([x, low], 1)[::-1]])
            brush.fill(ring * (1 + (grown - 1) * 0.8) + (cx, cy), tint)
    if not mien.arch and mien.lid < 0.5:
        brush.fill(_oval(cx - 0.014, cy - 0.026, 0.013, 0.018, 12), "#eafaff")


def _mouth_ring(head: Head, mien: Mien) -> tuple[Ring, Ring]:
    """Upper and lower edge of an open mouth."""
    half = head.smile * mien.wide
    cx, cy = 0.5 + mien.slide * head.smile, head.mouth
    deep = 0.030 + 0.115 * mien.gape
    upper = _bow(cx, cy - 0.012 - 0.010 * mien.curl, half, 0.034 * mien.curl, mien.skew * 0.02, 15)
    lower = upper.copy()
    u = _span(15)
    lower[:, 1] += deep * np.sqrt(np.maximum(1 - u**2, 0)) * (1 if mien.curl >= 0 else 0.8)
    return upper, lower


def _draw_mouth(brush: _Brush, head: Head, mien: Mien, dark: str, line: float) -> None:
    half = head.smile * mien.wide
    cx = 0.5 + mien.slide * head.smile
    if mien.round:
        high = 0.022 + 0.055 * mien.gape
        brush.fill(_oval(cx, head.mouth + 0.012, half * 0.72, high * 1.12), dark)
        brush.fill(_oval(cx, head.mouth + 0.012 + high * 0.55, half * 0.40, high * 0.34), "#e8607c")
        return
    if mien.gape < 0.08:
        brush.line(
            _bow(cx, head.mouth + 0.012 * mien.curl, half, 0.046 * mien.curl, mien.skew * 0.03), line, dark
        )
        return
    upper, lower = _mouth_ring(head, mien)
    brush.fill(np.concatenate([upper, lower[::-1]]), dark)
    if mien.gape > 0.3:
        teeth = upper[2:-2].copy()
        teeth[:, 1] += (lower[2:-2, 1] - upper[2:-2, 1]) * 0.30
        brush.fill(np.concatenate([upper[2:-2], teeth[::-1]]), "#ffffff")
        tongue = lower[3:-3].copy()
        tongue[:, 1] -= (lower[3:-3, 1] - upper[3:-3, 1]) * (
            0.42 * np.sin(np.linspace(0, math.pi, len(tongue)))
        )
        brush.fill(np.concatenate([tongue, lower[3:-3][::-1]]), "#f2647f")


def _human_mouth(brush: _Brush, head: Head, mien: Mien) -> None:
    _draw_mouth(brush, head, mien, "#86113f", 0.026)


def _frog_mouth(brush: _Brush, head: Head, mien: Mien) -> None:
    _draw_mouth(brush, head, replace(mien, gape=mien.gape if mien.gape > 0.2 else 0.0), "#8a3a1e", 0.024)


def _muzzle_mouth(brush: _Brush, head: Head, mien: Mien) -> None:
    """Two small bows under a nose when closed, like the sprites'; an opening when it gapes."""
    if mien.gape > 0.2:
        _draw_mouth(brush, head, replace(mien, wide=mien.wide * 0.9), "#5c1730", 0.026)
        return
    dark = "#33202f"
    half = head.smile * 0.5 * (0.6 + 0.4 * mien.wide)
    if mien.curl < 0:
        brush.line(_bow(0.5, head.mouth + 0.03 * mien.curl, half * 1.7, 0.05 * mien.curl), 0.026, dark)
        return
    for side in (-1, 1):
        at = 0.5 + side * half + mien.slide * 0.02
        tilt = side * mien.skew * 0.02
        brush.line(_bow(at, head.mouth + 0.02, half, 0.022 + 0.020 * mien.curl, tilt), 0.026, dark)


def _lamp_mouth(brush: _Brush, head: Head, mien: Mien) -> None:
    a = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    wide, high = 0.175, 0.070  # a superellipse: the screen the mouth is shown on
    pill = np.stack(
        [
            0.5 + wide * np.sign(np.cos(a)) * np.abs(np.cos(a)) ** 0.5,
            head.mouth + high * np.sign(np.sin(a)) * np.abs(np.sin(a)) ** 0.6,
        ],
        1,
    )
    brush.fill(pill, "#33285a")
    small = replace(head, smile=head.smile * 0.72, mouth=head.mouth - 0.004)
    if mien.round:
        brush.fill(_oval(0.5, head.mouth, 0.045, 0.020 + 0.030 * mien.gape), "#5ad2ff")
    elif mien.gape > 0.2:
        upper, lower = _mouth_ring(small, replace(mien, gape=mien.gape * 0.45, curl=mien.curl * 0.6))
        ring = np.concatenate([upper, lower[::-1]])
        brush.fill(ring - (0, 0.012), "#5ad2ff")
    else:
        y = head.mouth + 0.016 * mien.curl
        brush.line(
            _bow(0.5 + mien.slide * 0.05, y, small.smile * mien.wide, 0.040 * mien.curl, mien.skew * 0.02),
            0.024,
            "#5ad2ff",
        )


_EYES: dict[str, Callable[[_Brush, Head, Mien, int], None]] = {
    "human": _human_eye,
    "bead": _bead_eye,
    "ringed": _ringed_eye,
    "frog": _frog_eye,
    "lamp": _lamp_eye,
}
_MOUTHS: dict[str, Callable[[_Brush, Head, Mien], None]] = {
    "human": _human_mouth,
    "bead": _muzzle_mouth,
    "ringed": _muzzle_mouth,
    "frog": _frog_mouth,
    "lamp": _lamp_mouth,
}
