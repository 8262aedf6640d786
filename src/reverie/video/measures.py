"""What can be measured of a whole film's pictures without a model: light, noise, order, movement, colour.

    film → reduced pictures → light, colour, order, flow
         → a few pictures at full size → noise

Every measure is one number; what it means is decided in `gate.py`. All of it is arithmetic on reduced
pictures, so that a film of three seconds costs a few tenths of one. A step leads from a picture to the next;
one from shot to shot (a cut) is left out, because everything may change there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.values import Image

LINES = 120
"""Shorter side of the reduced pictures, pixels: movement and colour still show, and optical flow takes less
than a millisecond a step."""

FLOW_SIDE = 32
"""Optical flow is not asked of pictures with a shorter side, pixels: they have nothing it could match."""

SHIMMER = 2
"""Levels (of 255) by which a blurred pixel may change without anything having moved."""

VISIBLE = 3.0
"""Median gradient (levels of 255 a pixel) from which texture is seen at all."""

GAUSSIAN = 0.6745
"""Median over root mean square of absolute values that are normally distributed."""

SCALES, COARSE = 4, 24
"""Noise is looked for at full size and three times halved, while the shorter side has so many pixels."""

SAMPLES = 6
"""Pictures whose noise is looked at, spread over the film."""

EARLY, LATE = 2, 0.4
"""How far around its place a cut may be: pictures before, seconds after (a storyboard's wipe takes 0.34)."""

DARK = 10
"""A pixel none of whose colours is brighter (of 255) is black."""

ALIKE = 0.8
"""Correlation of luma from which two pictures show the same thing: a change of colour there is no cut."""

BUSIEST = 20
"""One in so many pixels counts for the dynamic degree: the fastest 5 % (VBench)."""

Tick = Callable[[], None]
"""Called between two pieces of work; may raise to end it."""


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A film with its shorter side reduced to LINES: `gray` luma 0..255 (T, h, w), `lab` CIE Lab as OpenCV
    scales it to 0..255 (T, h, w, 3), `dark` share 0..1 of the picture that is black from first to last."""

    gray: NDArray[np.uint8]
    lab: NDArray[np.uint8]
    dark: float


def reduce(film: Sequence[Image], tick: Tick) -> Reduced:
    """The reduced pictures of `film`, at least one, all uint8 RGB of one size."""
    gray, lab = [], []
    brightest: NDArray[np.uint8] | None = None
    for image in film:
        small = _small(image)
        gray.append(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
        lab.append(cv2.cvtColor(small, cv2.COLOR_RGB2LAB))
        brightest = small if brightest is None else np.maximum(brightest, small)
        tick()
    assert brightest is not None
    dark = float((brightest.max(axis=2) <= DARK).mean())
    return Reduced(np.asarray(gray, np.uint8), np.asarray(lab, np.uint8), dark)


def _small(image: Image) -> Image:
    height, width = image.shape[:2]
    scale = LINES / min(height, width)
    if scale >= 1:
        return image
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def contrast(reduced: Reduced) -> float:
    """How much there is in the picture: standard deviation of luma / 255, 0..0.5; the median picture's."""
    return float(np.median([gray.std() for gray in reduced.gray])) / 255


# ---------------------------------------------------------------------------------- noise


def noise(film: Sequence[Image], tick: Tick) -> float:
    """How much the pictures look like noise at the scale where they do most, 0..1; the median picture's.

    Two things tell noise from a picture of something, whatever its grain. Its gradients are normally
    distributed, where pictures of things have mostly weak and a few strong ones (edges): the median gradient
    over the root mean square is GAUSSIAN for noise and far below for things. And it is everywhere the same,
    where things leave plain areas: of 8 x 8 parts of the picture, the 15th percentile of their strength over
    the 85th. The measure is the geometric mean of the two, each 0..1, at the worst of four scales from full
    size down; texture too faint to be seen counts as none.
    """
    chosen = np.unique(np.linspace(0, len(film) - 1, min(len(film), SAMPLES)).round().astype(int))
    found = []
    for index in chosen:
        found.append(max(_noise_by_scale(film[index]), default=0.0))
        tick()
    return float(np.median(found))


def _noise_by_scale(image: Image) -> Iterator[float]:
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32)
    for _ in range(SCALES):
        if min(gray.shape) < COARSE:
            return
        yield _noisy(gray)
        half = (gray.shape[1] // 2, gray.shape[0] // 2)
        gray = np.asarray(cv2.resize(gray, half, interpolation=cv2.INTER_AREA), np.float32)


def _noisy(gray: NDArray[np.float32]) -> float:
    across, down = np.diff(gray, axis=1)[:-1], np.diff(gray, axis=0)[:, :-1]
    gradient = np.abs(np.stack([across, down]))
    middle = float(np.median(gradient))
    if middle < VISIBLE:
        return 0.0
    energy = (across * across + down * down) / 2
    gaussian = middle / float(np.sqrt(energy.mean())) / GAUSSIAN
    local = np.sqrt(cv2.resize(energy, (8, 8), interpolation=cv2.INTER_AREA))
    weak, strong = np.percentile(local, [15, 85])
    return float(np.sqrt(min(1.0, gaussian) * weak / max(strong, 1e-6)))


# ---------------------------------------------------------------------------------- order and light


def cut_steps(frames: int, fps: float, expected: Collection[float]) -> frozenset[int]:
    """Steps of a film of `frames` pictures that may lead from shot to shot; step t leads from t to t + 1.

    `expected`: where shots follow each other, as shares 0..1 of the film. A generator may cut EARLY pictures
    before, and take LATE seconds for it.
    """
    found: set[int] = set()
    for share in expected:
        step = round(share * frames) - 1
        found.update(range(max(0, step - EARLY), min(frames - 1, step + math.ceil(LATE * fps) + 1)))
    return frozenset(found)


def disorder(reduced: Reduced, cuts: Collection[int]) -> float | None:
    """Change from a picture to the next over change to the one after that; None where nothing moves.

    What moves on is twice as far away after two steps: 0.5. Where the pictures are shuffled, or flicker, or
    each is made anew, the next is as far as any other: 1. Swings back and forth are above; capped at 2.
    """
    blurred = [_soft(gray) for gray in reduced.gray]
    once, twice = 0.0, 0.0
    for t in range(len(blurred) - 2):
        if t in cuts or t + 1 in cuts:
            continue
        once += (_moved(blurred[t], blurred[t + 1]) + _moved(blurred[t + 1], blurred[t + 2])) / 2
        twice += _moved(blurred[t], blurred[t + 2])
    if once == 0:
        return None
    return min(2.0, once / max(twice, once / 2))


def _soft(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), 1.5), np.uint8)


def _moved(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(cv2.mean(cv2.subtract(cv2.absdiff(one, other), np.full_like(one, SHIMMER)))[0])


def pumping(reduced: Reduced, cuts: Collection[int]) -> float:
    """How unsteady the brightness is: |second difference of mean luma| / 255, its 80th percentile, 0..2.

    A fade is steady and a flash is short; brightness that goes up and down is neither.
    """
    luma = reduced.gray.mean(axis=(1, 2))
    bends = np.abs(luma[2:] - 2 * luma[1:-1] + luma[:-2])
    kept = [bend for t, bend in enumerate(bends) if t not in cuts and t + 1 not in cuts]
    return float(np.percentile(kept, 80)) / 255 if kept else 0.0


# ---------------------------------------------------------------------------------- colour


def drift(reduced: Reduced, cuts: Collection[int]) -> float:
    """How far the colour (Lab a and b) of nearly all of the picture went one way in a shot, Lab units; the
    worst shot's.

    From the first eighth of a shot to its last, along the direction of the median pixel, the shift that
    four pixels of five make at least. What moves through the picture changes fewer.
    """
    edges = [0, *(t + 1 for t in sorted(cuts)), len(reduced.lab)]
    worst = 0.0
    for start, end in itertools.pairwise(edges):
        span = max(1, (end - start) // 8)
        early = reduced.lab[start : start + span, ..., 1:].mean(axis=0)
        late = reduced.lab[end - span : end, ..., 1:].mean(axis=0)
        shift = (late - early).reshape(-1, 2)
        middle = np.median(shift, axis=0)
        length = float(np.hypot(*middle))
        if length > 0:
            worst = max(worst, float(np.percentile(shift @ (middle / length), 20)))
    return worst


def jump(reduced: Reduced, cuts: Collection[int]) -> float:
    """The largest sudden change of colour and light (Lab) while the film goes on showing the same thing: how
    much the median pixel's step differs from the steps before and after it, Lab units. Where a segment is
    joined badly, it jumps; in a fade all steps are alike.
    """
    lab = reduced.lab.astype(np.int16)
    steps = np.array([np.median((lab[t + 1] - lab[t]).reshape(-1, 3), axis=0) for t in range(len(lab) - 1)])
    largest = 0.0
    for t, step in enumerate(steps):
        beside = [near for near in (t - 1, t + 1) if 0 <= near < len(steps) and near not in cuts]
        if t in cuts or not beside:
            continue
        size = min(float(np.linalg.norm(step - steps[near])) for near in beside)
        if size > largest and _correlation(reduced.gray[t], reduced.gray[t + 1]) > ALIKE:
            largest = size
    return largest


def _correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(cv2.matchTemplate(one, other, cv2.TM_CCOEFF_NORMED)[0, 0])


# ---------------------------------------------------------------------------------- movement


@dataclass(frozen=True, slots=True)
class Movement:
    """What optical flow tells of a film.

    - `dynamic`: how fast its fastest 5 % move, picture widths a second (the mean over steps).
    - `warp`: what is left of the change when movement is taken out, mean |error| / 255, 0..1.
    - `lost`: share of the picture that changes, and whose flow there and back does not lead to where it
      began, 0..1; it is more in a quarter of the steps.
    """

    dynamic: float
    warp: float
    lost: float


def movement(reduced: Reduced, cuts: Collection[int], fps: float, tick: Tick) -> Movement | None:
    """By dense inverse search (OpenCV's DIS, its fastest preset) on every step; None for a film without a
    step, or too small a picture."""
    steps = [t for t in range(len(reduced.gray) - 1) if t not in cuts]
    height, width = reduced.gray.shape[1:]
    if not steps or min(height, width) < FLOW_SIDE:
        return None
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    speeds, errors, losses = [], [], []
    for t in steps:
        here, there = reduced.gray[t], reduced.gray[t + 1]
        # Begins from no movement: the array that it is given is filled.
        onward = flow.calc(here, there, np.zeros((height, width, 2), np.float32))
        back = flow.calc(there, here, np.zeros((height, width, 2), np.float32))
        x, y = columns + onward[..., 0], rows + onward[..., 1]
        returned = onward + cv2.remap(back, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        warped = cv2.remap(there, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        speed = np.hypot(onward[..., 0], onward[..., 1])
        fastest = max(1, speed.size // BUSIEST)
        changed = cv2.absdiff(_soft(here), _soft(there)) > SHIMMER
        # What only shimmers has flow, too; and on a plain area flow may point anywhere.
        moves = bool(changed.any())
        speeds.append(float(np.partition(speed, -fastest, axis=None)[-fastest:].mean()) / width * fps * moves)
        errors.append(cv2.mean(cv2.absdiff(here, warped))[0] / 255)
        astray = np.hypot(returned[..., 0], returned[..., 1]) > 1 + speed / 10
        losses.append(float((astray & changed).mean()))
        tick()
    return Movement(float(np.mean(speeds)), float(np.mean(errors)), float(np.percentile(losses, 75)))
