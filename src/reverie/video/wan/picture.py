"""A picture that a film begins with: read, and laid into the film's frame without distortion. No torch."""

from __future__ import annotations

import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow

from reverie.errors import GeneratorError, Refused
from reverie.photos import UNREADABLE, orientation_of, turned
from reverie.values import Image
from reverie.video.artwork import read_artwork

PLAIN = 12.0
"""Standard deviation (of 255) of a border up to which it is one colour: a product on a plain ground."""

PAPER = 244
"""Grey (of 255) behind what is transparent."""


FORMATS = ("PNG", "JPEG", "WEBP")
"""What is read, beside SVG."""

DRAWN = 1536
"""Longer side of an SVG drawn to begin a film with, pixels."""


def read(path: Path) -> Image:
    """The picture in a file, upright, RGB; what is transparent lies on light grey. Raises Refused."""
    ground = Pillow.new("RGBA", (1, 1), (PAPER, PAPER, PAPER, 255))
    if path.suffix.lower() == ".svg":
        return _on(ground, _drawn(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            with Pillow.open(path, formats=FORMATS) as opened:
                upright = turned(opened.convert("RGBA"), orientation_of(opened))
    except (*UNREADABLE, Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise Refused(f"picture {path}: cannot be read: {error}; allowed are PNG, JPEG and WebP") from error
    return _on(ground, upright)


def _drawn(path: Path) -> Pillow.Image:
    try:
        return Pillow.fromarray(read_artwork(path, DRAWN).pixels)
    except GeneratorError as error:
        raise Refused(f"picture {error}") from error


def _on(ground: Pillow.Image, upright: Pillow.Image) -> Image:
    below = ground.resize(upright.size)
    return np.array(Pillow.alpha_composite(below, upright).convert("RGB"), dtype=np.uint8)


def fit(image: Image, width: int, height: int) -> Image:
    """The whole of `image` in the middle of a frame of `width` x `height`, undistorted.

    What is left at two sides continues the picture's border where that is plain, as behind most products;
    else it is the picture itself, enlarged and out of focus.
    """
    high, wide = image.shape[:2]
    if (wide, high) == (width, height):
        return np.ascontiguousarray(image)
    scale = min(width / wide, height / high)
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    whole = np.asarray(cv2.resize(image, size, interpolation=kind), dtype=np.uint8)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    sides = size[0] < width
    if _plain(whole, sides):
        # Its noise would go on as stripes.
        calm = cv2.GaussianBlur(
            whole, (0, 0), sigmaX=max(1.0, max(size) / 40), borderType=cv2.BORDER_REPLICATE
        )
        right, bottom = width - size[0] - left, height - size[1] - top
        frame = cv2.copyMakeBorder(calm, top, bottom, left, right, cv2.BORDER_REPLICATE)
    else:
        frame = _blurred(image, width, height)
    frame[top : top + size[1], left : left + size[0]] = whole
    return np.ascontiguousarray(frame, dtype=np.uint8)


def _plain(image: Image, sides: bool) -> bool:
    """Whether the two edges that will be continued are of one colour each."""
    edges = (image[:, 0], image[:, -1]) if sides else (image[0], image[-1])
    return all(float(edge.std(axis=0).max()) <= PLAIN for edge in edges)


def _blurred(image: Image, width: int, height: int) -> Image:
    """The middle of `image`, filling the frame, out of focus and a little darker, so that it stands back."""
    high, wide = image.shape[:2]
    scale = max(width / wide, height / high)
    cut_wide = max(1, min(wide, round(width / scale)))
    cut_high = max(1, min(high, round(height / scale)))
    left, top = (wide - cut_wide) // 2, (high - cut_high) // 2
    middle = cv2.resize(
        image[top : top + cut_high, left : left + cut_wide], (width, height), interpolation=cv2.INTER_AREA
    )
    soft = cv2.GaussianBlur(middle, (0, 0), sigmaX=max(width, height) / 28)
    return np.ascontiguousarray(soft * 0.85, dtype=np.uint8)
