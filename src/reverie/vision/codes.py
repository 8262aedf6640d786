"""QR codes on packages: an exact name, for those that the operator listed.

A text that is not on the list is dropped where it was read: it is in no log, no event and no error.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.values import Box, Image
from reverie.vision.products import Sighting

LARGE = 1280
"""Pixels of the longer side to which a picture is enlarged for the second try, at most double: measured, one
decoder reads large codes and turned ones, the other the small ones of an enlarged picture."""

PACKAGE = 2.0
"""How many times as wide and high as its code a package is taken to be."""


class CodeReader:
    """Reads the codes of `listed`: text → label. One caller at a time."""

    def __init__(self, listed: Mapping[str, str]) -> None:
        self._listed = dict(listed)
        self._first, self._second = cv2.QRCodeDetectorAruco(), cv2.QRCodeDetector()

    def read(self, image: Image) -> list[Sighting]:
        """The products whose codes are in `image`, uint8 RGB; boxes are fractions of it, about the code."""
        if not self._listed:
            return []
        gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
        found = self._named(self._first, gray)
        ratio = min(2.0, LARGE / max(gray.shape))
        if found or ratio <= 1:
            return found
        larger = cv2.resize(gray, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_CUBIC)
        return self._named(self._second, np.asarray(larger, np.uint8))

    def _named(self, decoder: cv2.GraphicalCodeDetector, gray: NDArray[np.uint8]) -> list[Sighting]:
        try:
            _, texts, corners, _ = decoder.detectAndDecodeMulti(gray)
        except (cv2.error, UnicodeDecodeError):
            return []  # damaged ones make the decoders trip, and some are no UTF-8; neither names anything
        height, width = gray.shape
        return [
            Sighting(self._listed[text], 1.0, _around(np.asarray(quad, np.float64), width, height))
            for text, quad in zip(texts, corners if corners is not None else (), strict=False)
            if text in self._listed
        ]


def _around(quad: NDArray[np.float64], width: int, height: int) -> Box:
    """The box of a package with a code at `quad`, pixels (4, 2)."""
    low, high = quad.min(axis=0), quad.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2 * PACKAGE
    (left, top), (right, bottom) = middle - half, middle + half
    sides = np.clip([left / width, top / height, right / width, bottom / height], 0, 1)
    return Box(*map(float, sides))
