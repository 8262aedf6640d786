"""The check: what can be told of a film's pictures while they pass, cheaply, without a model."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.errors import ClipError
from reverie.values import ClipSpec, Image

SMALL = 120
"""Pictures are halved, by averages, while their shorter side stays at least this long (pixels).

Small enough to be cheap, large enough that a small thing's movement still shows.
"""

BLACK = 16.0
"""A picture of lower mean luma (of 255) is black."""

STILL = 2
"""Where no halved pixel's luma changes by more than this (of 255), nothing moved."""

FROZEN = 2.0
"""Seconds that a picture may stand still; longer looks like a fault."""


class Check:
    """Looks at one clip's pictures in order. One clip a Check."""

    def __init__(self, spec: ClipSpec) -> None:
        self._spec = spec
        self._last: NDArray[np.uint8] | None = None
        self._frames = 0
        self._black = 0
        self._luma = 0.0
        self._still = 0
        self._longest_still = 0
        self._moves = 0
        self._change = 0.0

    def update(self, image: Image) -> None:
        """Look at the next picture, uint8 RGB (spec.height, spec.width, 3); it is only read.

        Raises ClipError when it has another shape or type: what follows could not be encoded.
        """
        wanted = (self._spec.height, self._spec.width, 3)
        if image.shape != wanted or image.dtype != np.uint8:
            raise ClipError(
                f"picture {self._frames} of {self._spec.frames} is {image.dtype} {image.shape}; "
                f"its spec asks for uint8 RGB {wanted}"
            )
        gray = _small_gray(image)
        luma = cv2.mean(gray)[0]
        self._frames += 1
        self._luma += luma
        self._black += luma < BLACK
        if self._last is not None:
            self._compare(np.asarray(cv2.absdiff(gray, self._last), np.uint8))
        self._last = gray

    def _compare(self, change: NDArray[np.uint8]) -> None:
        if cv2.minMaxLoc(change)[1] <= STILL:
            self._still += 1
            self._longest_still = max(self._longest_still, self._still)
            return
        self._still = 0
        self._moves += 1
        self._change += cv2.mean(change)[0]

    def scores(self) -> dict[str, float]:
        """What was measured so far.

        - `frames`: how many pictures came.
        - `luma`: their mean brightness, 0..1.
        - `black`: share of black pictures, 0..1.
        - `frozen_s`: the longest time without any change, seconds.
        - `moving`: share of steps in which something moved, 0..1.
        - `flicker`: (255 - mean |f_t - f_t+1|) / 255 over the steps in which something moved, 1 is calm
          (VBench's temporal flickering). A frozen film would be perfect, so one that never moves has none.
        """
        steps = max(1, self._frames - 1)
        scores = {
            "frames": float(self._frames),
            "luma": self._luma / max(1, self._frames) / 255,
            "black": self._black / max(1, self._frames),
            "frozen_s": self._longest_still / self._spec.fps,
            "moving": self._moves / steps,
        }
        if self._moves:
            scores["flicker"] = (255 - self._change / self._moves) / 255
        return {name: round(value, 4) for name, value in scores.items()}

    def verdict(self) -> str | None:
        """None when the film is fine, else what is wrong with it. Ask after the last picture."""
        if self._frames != self._spec.frames:
            return f"{self._frames} pictures came, its spec asks for {self._spec.frames}"
        if self._black == self._frames:
            return f"every picture is black (mean luma below {BLACK:g} of 255)"
        if self._longest_still / self._spec.fps > FROZEN:
            return f"nothing moves for {self._longest_still / self._spec.fps:.1f} s (allowed: {FROZEN:g} s)"
        return None


def _small_gray(image: Image) -> NDArray[np.uint8]:
    """Luma 0..255 of the halved picture, uint8 (h, w)."""
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    while min(gray.shape) >= 2 * SMALL:
        height, width = gray.shape[0] // 2, gray.shape[1] // 2
        # An exact half is the one ratio that OpenCV has a fast path for.
        gray = cv2.resize(gray[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(gray, np.uint8)
