"""Chains: segments of a film, imagined one after the other, joined into one.

    last picture ─→ imagined on from ─→ a segment: its first picture repeats that one and is dropped,
                                        the rest is shown in that one's colours

A model that imagines on from a picture comes back with slightly other colours: a jump at the seam, and a
drift that grows with every segment. The repeated picture shows how the colours changed, pixel by pixel; what
takes it back to the one it repeats takes the whole segment back. It stays to the segment's end: if it faded
out, the drift would be back there, and the next segment would begin from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.errors import GeneratorError
from reverie.values import Image

SMALL = 60
"""Colours are compared in pictures reduced until their shorter side is about this long (pixels).

Averages are free of the noise and of the fine detail that a decoder loses and that is no change of colour.
"""

ROUNDS = 3
"""Fits of the change: each but the first leaves out the pixels that the one before explained badly."""

ODD = 3.0
"""Such pixels: off by more than this many times the median (and than this many of 255)."""

CALM = 1e-4
"""Weight of a smaller change against a better fit (ridge), a share of the pixels' own: keeps colours that
hardly appear from being guessed wildly."""

FAINT = 0.5
"""A change that moves no colour by this much (of 255) is none."""

STRANGE = 12.0
"""When half of the pixels stay further off than this (of 255), the picture is no repetition of the other.

Repeated pictures with changed colours and a decoder's noise stay far below it, pictures of different scenes
lie far above.
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment's pictures as they come.

    continues: whether its first picture repeats the last one of the film so far (it was imagined on from it);
    else it is a cut, and all its pictures are shown as they are.
    """

    images: Iterable[Image]
    continues: bool


def chain(pieces: Iterable[Piece]) -> Iterator[Image]:
    """One film of all pieces, picture by picture; asks for a piece only when the one before is through.

    So whoever makes the pieces may look at the last picture given out (its colours are the film's) and
    imagine on from that one. Pieces of n and m pictures, the second of which continues, are n + m - 1; a
    first piece that continues has nothing to repeat and is shown whole. Raises GeneratorError as `continued`
    does.
    """
    last: Image | None = None
    for piece in pieces:
        images: Iterable[Image] = piece.images
        if piece.continues and last is not None:
            images = continued(last, piece.images)
        for image in images:
            last = image
            yield image


def continued(before: Image, images: Iterable[Image]) -> Iterator[Image]:
    """The pictures of a segment imagined on from `before`: without the first, which repeats it, and with
    `before`'s colours.

    Where the first has them already, the others are passed on as they are; so they are where it does not
    resemble `before` at all. Raises GeneratorError when it has another shape.
    """
    source = iter(images)
    first = next(source, None)
    if first is None:
        return
    if first.shape != before.shape:
        raise GeneratorError(
            f"a segment's first picture is {first.shape}; it continues one that is {before.shape}"
        )
    change = fit(first, before)
    for image in source:
        yield image if change is None else change.applied(image)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A change of colours: every channel moves by a sum of all three and of their squares.

    linear: float32 (3, 4), levels of 255 by full channels (0..1), and a constant.
    square: float32 (3, 3), levels of 255 by squared channels.
    least, most: float32 (3,), bounds of the change, the ones seen where it was measured: what is new in later
        pictures is not moved further.
    """

    linear: NDArray[np.float32]
    square: NDArray[np.float32]
    least: NDArray[np.float32]
    most: NDArray[np.float32]

    def applied(self, image: Image) -> Image:
        """`image` (uint8 RGB, any size) with the change."""
        share = np.multiply(image, np.float32(1 / 255), dtype=np.float32)
        by = np.asarray(cv2.transform(share, self.linear), np.float32)
        by += np.asarray(cv2.transform(share * share, self.square), np.float32)
        np.clip(by, self.least, self.most, out=by)
        return np.asarray(cv2.add(by, image, dtype=cv2.CV_8U), np.uint8)


def fit(found: Image, wanted: Image) -> Change | None:
    """The change that takes the colours of `found` to those of `wanted`, a picture of the same thing.

    Both uint8 RGB of one shape. None where there is none to make: `found` has the colours already, or the two
    do not show the same.

    Least squares over the pixels of both, reduced. Of what was tried on films with shifted, gamma-bent,
    contrasted, saturated and tinted colours and a decoder's noise, this one was nearest to the true film
    (`bench/joins.py`, mean error of 255 over its first ten changes: 0.60; a colour matrix 0.86; a cubic curve
    by channel 1.3; mean and deviation by channel 1.7; unmended 9.3): a change of saturation is no curve of
    one channel.
    """
    have, want = _reduced(found), _reduced(wanted)
    share = have / 255
    terms = np.concatenate((share, np.ones((len(share), 1)), share * share), 1)
    missing = want - have
    factors = np.zeros((7, 3))
    off = np.abs(missing).max(1)
    used = np.ones(len(terms))
    for _ in range(ROUNDS):
        factors = _least_squares(terms, missing, used)
        off = np.abs(missing - terms @ factors).max(1)
        used = (off <= ODD * max(1.0, float(np.median(off)))).astype(np.float64)
    moved = terms @ factors
    if np.median(off) > STRANGE or np.abs(moved).max() < FAINT:
        return None
    return Change(
        factors[:4].T.astype(np.float32),
        factors[4:].T.astype(np.float32),
        moved.min(0).astype(np.float32),
        moved.max(0).astype(np.float32),
    )


def _least_squares(
    terms: NDArray[np.float64], values: NDArray[np.float64], used: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Factors (7, 3) of `terms` (n, 7) that come nearest to `values` (n, 3) where `used` is 1."""
    weighted = terms * used[:, None]
    calm = np.full(7, CALM * used.sum())
    calm[3] *= 1e-6  # a constant is no guess, but a picture of one colour must be solvable
    return np.asarray(np.linalg.solve(weighted.T @ terms + np.diag(calm), weighted.T @ values), np.float64)


def _reduced(image: Image) -> NDArray[np.float64]:
    """Its colours, (n, 3), 0..255, each the average of a block."""
    height, width = image.shape[:2]
    by = max(1, min(height, width) // SMALL)
    small = cv2.resize(image, (width // by, height // by), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float64).reshape(-1, 3)
