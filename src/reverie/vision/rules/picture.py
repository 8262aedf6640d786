"""Has a place in the picture changed? Compared by structure and colour, not by brightness.

A patch is taken in logarithms, so that a lamp's factor becomes an offset, and without its local mean, so that
offset, shade and colour cast go. Two patches differ where their local structure does (after SSIM, Wang et al.
2004, without its luminance), and by the share of the place in which it does; a small shift of the camera or
of a thing that was nudged is tried out first. Nothing here is kept of people: patches are only taken, and
only kept, of places that nobody stands before.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.values import Box, Image
from reverie.vision.geometry import Point

SIDE = 48
"""Longest side of a patch in pixels."""
AROUND = 0.12
"""How much of its surroundings a patch takes in, in its own sizes to each side: edges say most."""
SHIFTS = range(-6, 7, 2)
"""Shifts that are tried, in patch pixels each way: a trembling camera, a thing that was nudged."""
SAME = 0.02
"""Share of a place that may look different without a shift being tried."""
FLOOR = 12.0
"""Gray levels added before the logarithm: in the dark, noise is no structure."""
NOISE = 0.05**2
"""Variance of structure (logarithms) that is noise: a contrast of 5 %."""
ALIKE = 0.5
"""Local likeness (1 the same, 0 unrelated, -1 inverted) under which a point has changed."""
DARK = 12.0
"""Mean gray level under which a place cannot be read."""

Planes = NDArray[np.float32]
"""float32 (3, h, w): structure of brightness, red against green, blue against green."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A place as it looked once. `inside` is bool (h, w): what belongs to it. `gray`: its mean, 0..255."""

    planes: Planes
    inside: NDArray[np.bool_]
    gray: float

    @property
    def readable(self) -> bool:
        """Whether there is light enough to compare it."""
        return self.gray >= DARK


def take_patch(image: Image, polygon: Sequence[Point]) -> Patch | None:
    """The place in `polygon` (fractions) of `image`, uint8 RGB (H, W, 3); None under 4 pixels wide."""
    height, width = image.shape[:2]
    box = surround(bounds(polygon))
    left, right = _span(box.left, box.right, width)
    top, bottom = _span(box.top, box.bottom, height)
    if min(right - left, bottom - top) < 4:
        return None
    scale = min(1.0, SIDE / max(right - left, bottom - top))
    size = max(4, round((right - left) * scale)), max(4, round((bottom - top) * scale))
    small = cv2.resize(image[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
    corners = [
        ((x * width - left) * size[0] / (right - left), (y * height - top) * size[1] / (bottom - top))
        for x, y in polygon
    ]
    inside = np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(inside, [np.round(np.array(corners)).astype(np.int32)], 1)
    everything = np.ones(size[::-1], bool)
    return Patch(_planes(small, everything), inside.astype(bool), float(small.mean()))


def take_surroundings(image: Image, hidden: Sequence[Box]) -> Patch:
    """The whole of `image` in small, without what lies in the boxes `hidden`."""
    height, width = image.shape[:2]
    size = SIDE, max(4, round(SIDE * height / width))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    inside = np.ones(size[::-1], bool)
    for box in hidden:
        left, right = _span(box.left, box.right, size[0])
        top, bottom = _span(box.top, box.bottom, size[1])
        inside[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = False
    return Patch(_planes(small, inside), inside, float(small.mean()))


def changed(before: Patch, after: Patch, *, shifts: bool = True) -> float:
    """Share of the place that looks different, 0..1; the least under all `SHIFTS` if asked for."""
    if before.planes.shape != after.planes.shape:
        return 1.0
    inside = before.inside & after.inside
    if not inside.any():
        return 0.0
    least = 1.0
    for dx, dy in sorted(itertools.product(SHIFTS, SHIFTS), key=lambda shift: abs(shift[0]) + abs(shift[1])):
        least = min(least, float(_unlike(before.planes, _shifted(after.planes, dx, dy))[inside].mean()))
        if least <= SAME or not shifts:
            break
    return least


def alike(patch: Patch, other: Patch) -> float:
    """Share, 0..1, in which two places of any sizes look alike when one is stretched over the other."""
    height, width = patch.inside.shape
    planes = np.stack([cv2.resize(plane, (width, height)) for plane in other.planes]).astype(np.float32)
    inside = cv2.resize(other.inside.astype(np.uint8), (width, height)).astype(bool)
    return 1 - changed(patch, Patch(planes, inside, other.gray))


def bounds(polygon: Sequence[Point]) -> Box:
    """The smallest box around a polygon."""
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    return Box(min(xs), min(ys), max(xs), max(ys))


def corners(box: Box) -> tuple[Point, ...]:
    """The polygon of a box."""
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    return (left, top), (right, top), (right, bottom), (left, bottom)


def surround(box: Box) -> Box:
    """The box with the surroundings that a patch of it takes in; it may reach out of the picture."""
    x, y = AROUND * (box.right - box.left), AROUND * (box.bottom - box.top)
    return Box(box.left - x, box.top - y, box.right + x, box.bottom + y)


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    return max(0, int(np.floor(low * size))), min(size, int(np.ceil(high * size)))


def _planes(small: NDArray[Any], seen: NDArray[np.bool_]) -> Planes:
    """Logarithms without their local mean (brightness) or their median (colour); float32 (3, h, w).

    Only what is `seen`, bool (h, w), counts for either; the rest is 0.
    """
    logs = np.log(small.astype(np.float32) + FLOOR)
    light, sigma = logs.mean(axis=-1), max(small.shape[:2]) / 5
    weight = seen.astype(np.float32)
    mean = cv2.GaussianBlur(light * weight, (0, 0), sigma) / np.maximum(
        cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3
    )
    colours = [logs[..., 0] - logs[..., 1], logs[..., 2] - logs[..., 1]]
    if seen.any():
        colours = [colour - np.median(colour[seen]) for colour in colours]
    planes: Planes = (np.stack([light - mean, *colours]) * weight).astype(np.float32)
    return planes


def _unlike(before: Planes, after: Planes) -> NDArray[np.bool_]:
    """Where local structure differs, bool (h, w)."""

    def local(plane: NDArray[np.float32]) -> NDArray[np.float32]:
        blurred: NDArray[np.float32] = cv2.GaussianBlur(plane, (0, 0), 2.0)  # type: ignore[assignment]
        return blurred

    shared = local((before * after).sum(axis=0))
    energy = local((before * before + after * after).sum(axis=0))
    likeness = (2 * shared + NOISE) / (energy + NOISE)
    unlike: NDArray[np.bool_] = likeness < ALIKE
    return unlike


def _shifted(planes: Planes, dx: int, dy: int) -> Planes:
    return np.roll(planes, (dy, dx), axis=(1, 2))
