"""Is anything moving? Asked of every frame, so that the detector can rest while nothing is."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.values import Image

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
        self._background: NDArray[np.float32] | None = None
        self._updated = -math.inf
        self._moved = -math.inf
        self._opened = -math.inf

    def update(self, image: Image, now: float) -> bool:
        """Whether to look at `image`, uint8 (H, W, 3), captured at `now` (seconds, not going back)."""
        if self._threshold <= 0:
            return True
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
        changed = cv2.countNonZero(cv2.threshold(difference, DIFFERENCE, 1, cv2.THRESH_BINARY)[1])
        cv2.accumulateWeighted(thumbnail, background, 1 - math.exp(-elapsed / ADAPT_SECONDS))
        return changed / thumbnail.size


def _thumbnail(image: Image) -> Image:
    """Small, gray and blurred: uint8 (h, w)."""
    height, width = image.shape[:2]
    size = (WIDTH, max(1, round(height * WIDTH / width))) if width > WIDTH else (width, height)
    small = cv2.resize(image, size, interpolation=cv2.INTER_NEAREST)
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    blurred: Image = cv2.GaussianBlur(gray, (5, 5), 0)  # type: ignore[assignment]
    return blurred
