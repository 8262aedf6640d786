"""Clay: soft, lit shapes drawn as vectors, for limbs, hills, walls and our own props.

A shape is an 8-bit mask; `lit` gives it a body: the slope of the blurred mask, light from the top left,
looked up in a ramp of the shape's colour. All in uint8, about 0.1 ms for a limb.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.video.storyboard.art.canvas import Canvas, Pixels, blurred, colour

Point = tuple[float, float]

SHIFT = 4
_ONE = 1 << SHIFT
_LIGHT = (255.0, 243.0, 226.0)
_SHADE = (34.0, 20.0, 72.0)


@lru_cache(128)
def ramp(base: str, high: float = 0.55, low: float = 0.5) -> Pixels:
    """Colours of a clay of colour `base` by slope, shape (256, 1, 4): 128 is flat, more is lit."""
    rgb = np.array(colour(base), np.float32)
    k = ((np.arange(256, dtype=np.float32) - 128) / 127)[:, None]
    lighter = np.clip(k, 0, 1) * high * (np.array(_LIGHT, np.float32) - rgb)
    darker = np.clip(k, -1, 0) * low * np.maximum(rgb - np.array(_SHADE, np.float32), 0)
    out = np.full((256, 1, 4), 255, np.uint8)
    out[:, 0, :3] = np.clip(rgb + lighter + darker, 0, 255)
    return out


def lit(mask: Pixels, depth: float, colours: Pixels) -> Pixels:
    """The mask as a lit body, premultiplied RGBA. `depth`: roundness in pixels; `colours`: from `ramp`."""
    d = max(1, round(depth * 0.7))
    size = max(3, 2 * round(depth * 0.8) + 1)
    soft = cv2.blur(cv2.blur(mask, (size, size)), (size, size))
    h, w = mask.shape
    inner = cv2.copyMakeBorder(soft[min(d, h - 1) :, min(d, w - 1) :], 0, d, 0, d, cv2.BORDER_REPLICATE)
    outer = cv2.copyMakeBorder(soft[: max(1, h - d), : max(1, w - d)], d, 0, d, 0, cv2.BORDER_REPLICATE)
    slope = cv2.addWeighted(inner[:h, :w], 0.5, outer[:h, :w], -0.5, 128)
    body = cv2.LUT(cv2.cvtColor(slope, cv2.COLOR_GRAY2BGRA), colours)
    out: Any = cv2.multiply(body, cv2.merge([mask] * 4), scale=1 / 255)
    return out  # type: ignore[no-any-return]


def bend(a: Point, joint: Point, b: Point, count: int = 9, tight: float = 0.82) -> list[Point]:
    """`count` points from `a` to `b` on a smooth curve that passes near the joint."""
    middle_x, middle_y = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    through = (joint[0] * tight + middle_x * (1 - tight), joint[1] * tight + middle_y * (1 - tight))
    cx, cy = 2 * through[0] - middle_x, 2 * through[1] - middle_y
    points = []
    for i in range(count):
        t = i / (count - 1)
        u = 1 - t
        points.append(
            (u * u * a[0] + 2 * u * t * cx + t * t * b[0], u * u * a[1] + 2 * u * t * cy + t * t * b[1])
        )
    return points


def reach(a: Point, b: Point, upper: float, lower: float, side: float) -> tuple[Point, Point]:
    """Two-bone reach from shoulder `a` towards `b`: (joint, hand). `side` +1 or -1 is which way it bends.

    The hand stops where the arm ends.
    """
    dx, dy = b[0] - a[0], b[1] - a[1]
    distance = math.hypot(dx, dy) or 1e-6
    longest = (upper + lower) * 0.999
    if distance > longest:
        dx, dy = dx * longest / distance, dy * longest / distance
        b, distance = (a[0] + dx, a[1] + dy), longest
    distance = max(distance, abs(upper - lower) + 1e-3)
    cosine = (upper * upper + distance * distance - lower * lower) / (2 * upper * distance)
    angle = math.atan2(dy, dx) + side * math.acos(max(-1.0, min(1.0, cosine)))
    return (a[0] + upper * math.cos(angle), a[1] + upper * math.sin(angle)), b


class Shape:
    """A mask in the making, in virtual units seen through the canvas' camera; several calls unite.

    shape = Shape(canvas).tube(points, 20, 16).ellipse(x, y, 10, 8)
    shape.put("#ff5a3c", depth=6)
    """

    def __init__(self, canvas: Canvas, depth: float = 1.0) -> None:
        self._canvas = canvas
        self._rings: list[NDArray[np.float64]] = []
        self._discs: list[tuple[float, float, float]] = []
        self._k = canvas.scale(depth)
        self._origin = canvas.screen(0, 0, depth)

    def tube(self, points: Sequence[Point], start: float, end: float) -> Shape:
        """A limb along `points`, `start` to `end` wide, with round ends."""
        count = len(points)
        step = (end / 2 - start / 2) / (count - 1)
        half = [i * step + start / 2 for i in range(count - 1)] + [end / 2]
        # In plain floats: a limb has nine points, and arrays that small cost more than they save.
        ring: list[Point] = []
        back: list[Point] = []
        for i, (x, y) in enumerate(points):
            ahead, behind = points[min(i + 1, count - 1)], points[max(i - 1, 0)]
            dx, dy = ahead[0] - behind[0], ahead[1] - behind[1]
            share = half[i] / max(math.sqrt(dx * dx + dy * dy), 1e-9)
            ax, ay = -dy * share, dx * share
            ring.append((x + ax, y + ay))
            back.append((x - ax, y - ay))
        ring.extend(reversed(back))
        self._rings.append(np.array(ring))
        last = count - 1
        # A sharp bend folds the outline over itself; discs along the way fill what that leaves open.
        for i in {0, last // 3, last // 2, 2 * last // 3, last}:
            self._discs.append((*points[i], half[i]))
        return self

    def polygon(self, points: Sequence[Point], round_by: float = 0.0) -> Shape:
        """A simple polygon, grown by `round_by` with round corners."""
        self._rings.append(np.array(points, np.float64))
        if round_by:
            for a, b in zip(points, [*points[1:], points[0]], strict=True):
                self.tube([a, b], 2 * round_by, 2 * round_by)
        return self

    def ellipse(self, x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Shape:
        """An ellipse with radii rx, ry, turned by degrees."""
        c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        bent = np.array([[rx * c, rx * s], [-ry * s, ry * c]])
        self._rings.append(_circle(64 if max(rx, ry) * self._k > 40 else 20) @ bent + (x, y))
        return self

    def put(
        self, base: str, depth: float, *, high: float = 0.55, low: float = 0.5, alpha: float = 1.0
    ) -> None:
        """Light the shape as clay of colour `base`, `depth` virtual units round, and lay it on the canvas."""
        made = self._mask(depth)
        if made is not None:
            mask, x, y = made
            self._canvas.blend(lit(mask, depth * self._k, ramp(base, high, low)), x, y, alpha)

    def fill(self, base: str, alpha: float = 1.0) -> None:
        """Lay the shape on the canvas in one flat colour."""
        made = self._mask(1)
        if made is not None:
            mask, x, y = made
            table: Any = _covers(base)
            if alpha < 0.996:
                table = cv2.convertScaleAbs(table, alpha=alpha)
            flat: Any = cv2.LUT(cv2.merge([mask] * 4), table)
            self._canvas.blend(flat, x, y)

    def _mask(self, depth: float) -> tuple[Pixels, int, int] | None:
        # All outlines at once, and plain floats for the rest: arrays this small cost by the call.
        every = np.concatenate(self._rings) if len(self._rings) > 1 else self._rings[0]
        every = every * self._k + self._origin
        (least_x, least_y), (most_x, most_y) = every.min(axis=0).tolist(), every.max(axis=0).tolist()
        k, (zero_x, zero_y) = self._k, self._origin
        discs = [(x * k + zero_x, y * k + zero_y, r * k) for x, y, r in self._discs]
        for x, y, r in discs:
            least_x, least_y = min(least_x, x - r), min(least_y, y - r)
            most_x, most_y = max(most_x, x + r), max(most_y, y + r)
        border = 2 + round(depth * k * 0.4)
        limit = self._canvas.pixels.shape
        left, top = math.floor(max(-60.0, least_x - border)), math.floor(max(-60.0, least_y - border))
        right = math.ceil(min(limit[1] + 60.0, most_x + border))
        bottom = math.ceil(min(limit[0] + 60.0, most_y + border))
        if right - left <= 2 or bottom - top <= 2:
            return None
        mask = np.zeros((bottom - top, right - left), np.uint8)
        fixed = np.rint((every - (left, top)) * _ONE).astype(np.int32)
        start = 0
        for ring in self._rings:
            end = start + len(ring)
            cv2.fillPoly(mask, [fixed[start:end]], 255, cv2.LINE_AA, SHIFT)
            start = end
        for x, y, r in discs:
            centre = (round((x - left) * _ONE), round((y - top) * _ONE))
            cv2.circle(mask, centre, round(r * _ONE), 255, -1, cv2.LINE_AA, SHIFT)
        return mask, left, top


@lru_cache(128)
def _covers(base: str) -> Pixels:
    """`base`, premultiplied, by how much of a pixel it covers, shape (256, 1, 4): a table for `cv2.LUT`."""
    flat = np.full((256, 1, 4), (*colour(base), 255), np.uint8)
    cover = np.repeat(np.arange(256, dtype=np.uint8), 4).reshape(256, 1, 4)
    table: Any = cv2.multiply(flat, cover, scale=1 / 255)
    return table  # type: ignore[no-any-return]


@lru_cache(4)
def _circle(count: int) -> NDArray[np.float64]:
    """`count` points around the unit circle, shape (count, 2)."""
    angle = np.linspace(0, 2 * math.pi, count, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], 1)


# ---------------------------------------------------------------------------------- backgrounds


def gradient(width: int, height: int, stops: Sequence[tuple[float, str]]) -> Pixels:
    """A vertical gradient, opaque RGBA; `stops` are (0..1 from the top, colour). Dithered: no bands."""
    rows = np.linspace(0, 1, height)
    at = [stop for stop, _ in stops]
    lanes = [np.interp(rows, at, [colour(tint)[lane] for _, tint in stops]) for lane in range(3)]
    column = np.stack([*lanes, np.full(height, 255.0)], -1).astype(np.float32)
    noise = _noise(width)
    lines = np.clip(
        column[:, None, :] + noise[None, :, None] * (np.arange(height) % 2 * 2 - 1)[:, None, None], 0, 255
    )
    return lines.astype(np.uint8)


@lru_cache(4)
def _noise(width: int) -> NDArray[np.float32]:
    return np.random.default_rng(1).uniform(0, 1, width).astype(np.float32)


def sky(canvas: Canvas, stops: Sequence[tuple[float, str]]) -> None:
    """Fill an opaque canvas with a gradient; stops are shares of the screen's height, margins go on."""
    height, width = canvas.pixels.shape[:2]
    screen = height - 2 * canvas.margin
    moved = [((stop * screen + canvas.margin) / height, tint) for stop, tint in stops]
    canvas.pixels[:] = gradient(width, height, moved)


def land(canvas: Canvas, points: Sequence[Point], top: str, bottom: str, edge: float = 10.0) -> None:
    """A filled outline with a vertical gradient and a lit upper edge, `edge` virtual units thick."""
    high, across = canvas.pixels.shape[:2]
    ring = np.array([canvas.screen(x, y) for x, y in points])
    first, last = max(0, int(ring[:, 1].min()) - 1), min(high, math.ceil(ring[:, 1].max()) + 1)
    left, right = max(0, int(ring[:, 0].min()) - 1), min(across, math.ceil(ring[:, 0].max()) + 1)
    if last <= first or right <= left:
        return
    mask = np.zeros((last - first, right - left), np.uint8)
    cv2.fillPoly(mask, [np.rint((ring - (left, first)) * _ONE).astype(np.int32)], 255, cv2.LINE_AA, SHIFT)
    body = gradient(right - left, last - first, ((0, top), (1, bottom)))
    if edge:
        inside = blurred(mask, edge * canvas.unit * 0.5)
        rim = cv2.subtract(mask, inside)
        glow = cv2.convertScaleAbs(cv2.merge([rim, rim, rim, np.zeros_like(rim)]), alpha=0.22)
        body = cv2.add(body, glow)  # type: ignore[assignment]
    patch: Any = cv2.multiply(body, cv2.merge([mask] * 4), scale=1 / 255)
    canvas.blend(patch, left, first)


def box(
    canvas: Canvas,
    x: float,
    y: float,
    width: float,
    height: float,
    radius: float,
    top: str,
    bottom: str = "",
    edge: float = 4.0,
) -> None:
    """A rounded rectangle, its top left at (x, y), with a gradient and a lit edge."""
    radius = min(radius, width / 2, height / 2)
    points = []
    corners = (
        (x + width - radius, y + radius, -90),
        (x + width - radius, y + height - radius, 0),
        (x + radius, y + height - radius, 90),
        (x + radius, y + radius, 180),
    )
    for cx, cy, start in corners:
        for step in range(0, 91, 15):
            angle = math.radians(start + step)
            points.append((cx + radius * math.cos(angle), cy + radius * math.sin(angle)))
    land(canvas, points, top, bottom or top, edge)


def hills(
    wide: float, y: float, height: float, seed: int, margin: float = 120.0, freq: float = 1.6
) -> list[Point]:
    """The outline of rolling ground around height `y`, `height` virtual units up and down."""
    rng = np.random.default_rng(seed)
    p, q, r = rng.uniform(0, 2 * math.pi, 3)
    count = 60
    points = []
    for i in range(count + 1):
        share = i / count
        x = -margin + (wide + 2 * margin) * share
        angle = freq * 2 * math.pi * (x / 640)
        rise = 0.6 * math.sin(angle + p) + 0.3 * math.sin(2.3 * angle + q) + 0.1 * math.sin(5 * angle + r)
        points.append((x, y - height * rise))
    return [*points, (wide + margin, 640), (-margin, 640)]
