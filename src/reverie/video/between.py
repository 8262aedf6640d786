"""Pictures in between: as many as the film shows, made of as many as were imagined.

    two pictures ─→ motion forward and back ─→ each moved part of its way ─→ mixed by nearness

A diffusion model imagines 8 or 12 pictures a second for a third or half of the work; the screen shows 24. The
motion between two of them is OpenCV's DIS optical flow, the share of the way is exact, and a picture that
was imagined is passed on as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.errors import GeneratorError
from reverie.values import Image

Flow = NDArray[np.floating[Any]]
"""Where each pixel goes, float32 (H, W, 2): pixels to the right, pixels down."""

NARROW = 200
"""Motion is looked for in pictures halved while their shorter side stays at least this long (pixels).

Half the size is about a quarter of the time, and motion is smooth enough for it.
"""

LEAST = 16
"""Pictures with a shorter side (pixels) are cross-faded: there is nothing in them to find motion by."""

ASTRAY = 2.0
"""Pixels that a way there and back may miss its start by (and a twentieth of its length); more is lost."""

CUT = 0.5
"""With more of the pixels lost, the two pictures are a cut.

On storyboards fast motion stays below it and most cuts do not. A cut within one scenery, where only the
figure is another, is not found and is faded.
"""

LEAP = 64.0
"""So they are when motion leaves them further apart than this (mean luma, of 255): black and white, say."""

OFF = 16
"""A lost pixel whose luma is off by more than this (of 255) where its way ends is wrong."""

DOUBT = (0.05, 0.2)
"""Motion is believed where a smaller share of the pixels around is wrong, faded where a larger one is.

Both ways must be: what is hidden in one of the two pictures is wrong one way only, and no failure.
"""

AROUND = 6
"""Pixels around: a square as wide as the picture's shorter side divided by this."""


def between(images: Iterable[Image], made: int, count: int) -> Iterator[Image]:
    """`count` pictures, evenly spaced over the `made` pictures of `images`: first on first, last on last.

    As many as were made: the same ones. Fewer: the nearest are kept, none is mixed. One is held. Raises
    GeneratorError where `images` ends early, ValueError for counts below 1.
    """
    if made < 1 or count < 1:
        raise ValueError(f"{count} pictures of {made}: both must be at least 1")
    steps = max(1, count - 1)
    positions = (Fraction(index * (made - 1), steps) for index in range(count))
    if count < made:
        positions = (Fraction(math.floor(position + Fraction(1, 2))) for position in positions)
    return pictures_at(_all(images, made), positions)


def _all(images: Iterable[Image], made: int) -> Iterator[Image]:
    came = 0
    for image in images:
        came += 1
        yield image
    if came < made:
        raise GeneratorError(f"{came} pictures came, {made} were announced")


def pictures_at(images: Iterable[Image], positions: Iterable[Fraction]) -> Iterator[Image]:
    """A picture for each of `positions`, as soon as there are pictures on both sides of it.

    images: uint8 RGB (H, W, 3), all of one shape; no more are taken than are needed, and two are kept.
    positions: never going back, from 0 on: 0 is the first picture, 3/2 half-way from the second to the
        third. At a whole number it is that picture itself, past the last one the last is held. Across a cut
        the nearer picture is shown: better give each shot by itself, not every cut is seen.

    Raises GeneratorError where there is no picture at all, or one has another shape than the one before;
    ValueError for positions that go back.
    """
    source = iter(images)
    first = next(source, None)
    if first is None:
        raise GeneratorError("there is no picture to show others between")
    pair = _Pair(first, None)
    index = 0
    last = Fraction(0)
    for position in positions:
        if position < last:
            raise ValueError(f"position {position} comes after {last}")
        last = position
        while index < math.floor(position):
            pair = _Pair(pair.after if pair.after is not None else next(source, pair.before), None)
            index += 1
        if position > index and pair.after is None:
            pair = _Pair(pair.before, next(source, pair.before))
        yield pair.at(position - index)


class _Pair:
    """Two pictures, and the motion between them once it is asked for."""

    def __init__(self, before: Image, after: Image | None) -> None:
        if after is not None and after.shape != before.shape:
            raise GeneratorError(f"a picture is {after.shape}; the one before it is {before.shape}")
        self.before = before
        self.after = after
        self._motion: _Motion | None = None

    def at(self, share: Fraction) -> Image:
        """The picture at `share` (0..1) of the way."""
        if share == 0 or self.after is None or self.after is self.before:
            return self.before
        if self._motion is None:
            self._motion = _Motion(self.before, self.after)
        return self._motion.at(float(share))


class _Motion:
    """The motion between two pictures of one shape.

    What is hidden in one of the two was tried with weights of its own, by ways that do not lead back and by
    pixels that differ at their ends: on storyboards at 8 pictures a second that came no nearer to the true
    pictures than the plain mix, and sometimes less near. Only where motion fails over a whole neighbourhood
    do the pictures fade instead.
    """

    def __init__(self, before: Image, after: Image) -> None:
        self._before = before
        self._after = after
        self._still = min(before.shape[:2]) < LEAST
        self._cut = False
        if not self._still:
            self._search()

    def _search(self) -> None:
        height, width = self._before.shape[:2]
        before, after = _small_gray(self._before), _small_gray(self._after)
        # A fresh one each time: it keeps buffers, and its results must not depend on the pair before.
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        forward = np.asarray(search.calc(before, after, None), np.float32)  # type: ignore[call-overload]
        back = np.asarray(search.calc(after, before, None), np.float32)  # type: ignore[call-overload]
        lost, off = _lost(forward, back), cv2.absdiff(_fetched(after, forward), before)
        self._cut = float(lost.mean()) > CUT or cv2.mean(off)[0] > LEAP
        if self._cut:
            return
        lost_back, off_back = _lost(back, forward), cv2.absdiff(_fetched(before, back), after)
        doubt = _doubt(lost & (off > OFF), lost_back & (off_back > OFF))
        self._doubt = _enlarged(doubt, width, height) if doubt.any() else None
        times = np.array([width / forward.shape[1], height / forward.shape[0]], np.float32)
        self._forward = _enlarged(forward, width, height) * times
        self._back = _enlarged(back, width, height) * times

    def at(self, share: float) -> Image:
        """The picture at `share` of the way, 0 < share < 1."""
        if self._cut:
            return self._before if share < 0.5 else self._after
        if self._still:
            return _mixed(self._before, self._after, share)
        # Motion as seen from the picture in between, from both that are known (Jiang et al., Super SloMo,
        # 2018, equation 4): exact where things move evenly.
        rest = 1 - share
        to_before = share * (share * self._back - rest * self._forward)
        to_after = rest * (rest * self._forward - share * self._back)
        moved = _mixed(_fetched(self._before, to_before), _fetched(self._after, to_after), share)
        if self._doubt is None:
            return moved
        faded = _mixed(self._before, self._after, share)
        return np.asarray(cv2.blendLinear(moved, faded, 1 - self._doubt, self._doubt), np.uint8)


def _lost(way: Flow, back: Flow) -> NDArray[np.bool_]:
    """Pixels (h, w) whose way there and back does not lead to where they were."""
    miss = way + _fetched(back, way)
    allowed = ASTRAY + 0.05 * np.hypot(way[..., 0], way[..., 1])
    return np.asarray(np.hypot(miss[..., 0], miss[..., 1]) > allowed)


def _doubt(wrong: NDArray[np.bool_], wrong_back: NDArray[np.bool_]) -> Flow:
    """How far not to believe the motion around each pixel, (h, w), 0..1."""
    side = max(1, min(wrong.shape) // AROUND) | 1
    share = np.minimum(*(cv2.blur(one.astype(np.float32), (side, side)) for one in (wrong, wrong_back)))
    ramp = np.clip((share - DOUBT[0]) / (DOUBT[1] - DOUBT[0]), 0, 1)
    return np.asarray(cv2.blur(ramp, (side, side)), np.float32)


def _mixed(before: Image, after: Image, share: float) -> Image:
    return np.asarray(cv2.addWeighted(before, 1 - share, after, share, 0), np.uint8)


def _fetched(image: NDArray[Any], way: Flow) -> NDArray[Any]:
    """What `image` has where each pixel's `way` leads; beyond its edge, the edge."""
    height, width = way.shape[:2]
    columns = way[..., 0] + np.arange(width, dtype=np.float32)
    rows = way[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    fetched = cv2.remap(image, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(fetched, image.dtype)


def _enlarged(values: Flow, width: int, height: int) -> Flow:
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _small_gray(image: Image) -> Image:
    """Luma, uint8 (h, w), halved while the shorter side stays long enough."""
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    while min(gray.shape) >= 2 * NARROW:
        size = gray.shape[1] // 2, gray.shape[0] // 2
        gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return np.asarray(gray, np.uint8)
