"""How a picture of any shape is fitted into a model's input, and how boxes find their way back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.values import Image

PAD = 114
"""Gray of the bars, as YOLO models are trained with (ultralytics `LetterBox`)."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A picture of `size` scaled into `inner` and set at (`left`, `top`) of a canvas of `outer`.

    Sizes are (width, height) in pixels. Exactly as ultralytics does it: one ratio for both sides,
    r = min(W / w, H / h), inner = round(w * r), the rest split evenly, the odd pixel right and below. On the
    way back each side has its own ratio, for rounding made them differ.
    """

    size: tuple[int, int]
    outer: tuple[int, int]
    inner: tuple[int, int]
    left: int
    top: int

    def apply(self, image: Image) -> Image:
        """`image`, uint8 (h, w, 3) of `size`, on its canvas: uint8 (H, W, 3), bilinear, bars of 114."""
        if self.inner != self.size:
            image = cv2.resize(image, self.inner, interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
        if self.inner == self.outer:
            return np.ascontiguousarray(image)
        canvas = np.full((self.outer[1], self.outer[0], 3), PAD, np.uint8)
        canvas[self.top : self.top + self.inner[1], self.left : self.left + self.inner[0]] = image
        return canvas

    def back(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Canvas pixels (N, 4) left, top, right, bottom as fractions of the picture, clipped to 0..1."""
        return self.back_points(boxes.reshape(-1, 2, 2)).reshape(-1, 4)

    def back_points(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Canvas pixels (..., 2) x, y as fractions of the picture, clipped to 0..1."""
        offset, scale = np.array([self.left, self.top], np.float32), np.array(self.inner, np.float32)
        fractions: NDArray[np.float32] = np.clip((points - offset) / scale, 0.0, 1.0)
        return fractions


def make_letterbox(size: tuple[int, int], outer: tuple[int, int]) -> Letterbox:
    """The letterbox of a picture of `size` in an input of `outer`, both (width, height) in pixels."""
    (w, h), (width, height) = size, outer
    ratio = min(width / w, height / h)
    inner = max(1, round(w * ratio)), max(1, round(h * ratio))
    # The -0.1 is ultralytics': where the bars cannot be equal, the left and upper one is the thinner.
    left, top = round((width - inner[0]) / 2 - 0.1), round((height - inner[1]) / 2 - 0.1)
    return Letterbox(size, outer, inner, max(0, left), max(0, top))
