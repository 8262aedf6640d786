"""Is anything moving? Asked of every frame, so that the detector can rest while nothing is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.values import Image
from reverie.vision.geometry import Point

WIDTH = 160
"""Pixels across the thumbnail that is compared."""

DIFFERENCE = 14
"""Gray levels (0..255) by which a thumbnail pixel must differ from the background to have changed. Camera
noise of sigma 4 stays below it after the blur."""

ADAPT_SECONDS = 2.0
"""Time constant with which the background follows: what stands still for a few of these belongs to it."""

HOLD_SECONDS = 1.0
"""How long the gate stays open after the last motion: a track needs frames to settle."""

LOOK_SECONDS = 2.0
"""The gate opens at least this often, so that a thing held still goes on being seen."""


class MotionGate:
    """Opens while the picture changes, for a second after, and every two seconds in any case.

    `threshold`: share of the picture, 0..1, of which more must change; 0 leaves the gate always open. While
    it is closed the picture is as it was, so the last detections still hold.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._ignored: tuple[tuple[Point, ...], ...] = ()
        self._mask: Image | None = None
        self._background: NDArray[np.float32] | None = None
        self._updated = -math.inf
        self._moved = -math.inf
        self._opened = -math.inf

    def ignore(self, areas: Sequence[Sequence[Point]]) -> None:
        """Take no notice of what moves in `areas` (polygons in fractions of the picture) from now on."""
        self._ignored = tuple(tuple(area) for area in areas)
        self._mask = None

    def update(self, image: Image, now: float) -> bool:
        """Whether to look at `image`, uint8 (H, W, 3), captured at `now` (seconds).

        Should the clock be set back, ages are kept.
        """
        if self._threshold <= 0:
            return True
        if now < self._updated:
            self._moved += now - self._updated
            self._opened += now - self._updated
        if self._changed(image, now) > self._threshold:
            self._moved = now
        is_open = now - self._moved <= HOLD_SECONDS or now - self._opened >= LOOK_SECONDS
        if is_open:
            self._opened = now
        return is_open

    def _changed(self, image: Image, now: float) -> float:
        """Share of the picture, 0..1, that differs from the background; 1 for the first picture."""
        thumbnail = _thumbnail(image)
        background = self._background
        elapsed, self._updated = max(0.0, now - self._updated), now
        if background is None or background.shape != thumbnail.shape:
            self._background = thumbnail.astype(np.float32)
            return 1.0
        difference = cv2.absdiff(thumbnail, cv2.convertScaleAbs(background))
        if self._ignored:
            difference = cv2.bitwise_and(difference, self._watched(thumbnail))
        changed = cv2.countNonZero(cv2.threshold(difference, DIFFERENCE, 1, cv2.THRESH_BINARY)[1])
        cv2.accumulateWeighted(thumbnail, background, 1 - math.exp(-elapsed / ADAPT_SECONDS))
        return changed / thumbnail.size

    def _watched(self, thumbnail: Image) -> Image:
        """255 where `thumbnail`, (h, w), is looked at, 0 where it is ignored: uint8 of its shape."""
        if self._mask is None or self._mask.shape != thumbnail.shape:
            mask = np.full(thumbnail.shape, 255, np.uint8)
            scale = np.array(thumbnail.shape[::-1], np.float32)
            for area in self._ignored:
                # One pixel wider all around: the thumbnail is blurred.
                corners = np.round(np.array(area, np.float32) * scale - 0.5).astype(np.int32)
                cv2.fillPoly(mask, [corners], 0)
                cv2.polylines(mask, [corners], True, 0, 3)
            self._mask = mask
        return self._mask


def _thumbnail(image: Image) -> Image:
    """Small, gray and blurred: uint8 (h, w)."""
    height, width = image.shape[:2]
    size = (WIDTH, max(1, round(height * WIDTH / width))) if width > WIDTH else (width, height)
    small = cv2.resize(image, size, interpolation=cv2.INTER_NEAREST)
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    blurred: Image = cv2.GaussianBlur(gray, (5, 5), 0)  # type: ignore[assignment]
    return blurred
