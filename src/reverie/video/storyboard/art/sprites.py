"""The sprites that come with reverie: read lazily from one zip, cached, and bent into what a shot needs.

    sprite("cat")                         cut to its content, so that heights and feet mean something
    part("automobile.wheel-front")        uncut: the parts of one thing lie over each other
    tinted("evergreen-tree", "#a8dcc0", 0.4)
    stride(sprite, phase, swing=0.06)                 legs of a side view walk

Everything returned is shared: never write into it.
"""

from __future__ import annotations

import json
import math
import zipfile
from functools import lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.assets import asset
from reverie.errors import GeneratorError
from reverie.video.storyboard.art.canvas import (
    Pixels,
    Sprite,
    blurred,
    colour,
    padded,
    premultiplied,
    resampled,
    trimmed,
)
from reverie.video.storyboard.art.own import is_own, own_part, own_parts, own_pivots, own_sprite


@lru_cache(1)
def _archive() -> zipfile.ZipFile:
    path = asset("sprites.zip")
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise GeneratorError(f"{path}: the storyboard's sprites cannot be read: {error}") from error


@lru_cache(1)
def catalogue() -> dict[str, Any]:
    """`sprites.json`: {"classes": {detector label: sprite}, "sprites": {name: {"parts", "pivots"}}}."""
    path = asset("sprites.json")
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GeneratorError(f"{path}: the storyboard's list of sprites cannot be read: {error}") from error
    return found


@lru_cache(1)
def names() -> frozenset[str]:
    """Every sprite and part there is."""
    return frozenset(name.removesuffix(".webp") for name in _archive().namelist())


def parts_of(name: str) -> tuple[str, ...]:
    """Full names of the parts of a sprite, back to front, such as `automobile.body`; () when it has none."""
    if is_own(name):
        return own_parts(name)
    listed = catalogue()["sprites"].get(name, {}).get("parts", ())
    full = (p if "." in p else f"{name}.{p}" for p in listed)
    return tuple(p for p in full if p in names())


def pivots_of(name: str) -> dict[str, list[float]]:
    """What the parts of a sprite turn about, by their full names: fractions of its square."""
    if is_own(name):
        return own_pivots(name)
    found: dict[str, list[float]] = catalogue()["sprites"].get(name, {}).get("pivots", {})
    return found


@lru_cache(96)
def part(name: str) -> Sprite:
    """The whole square of a sprite, 256 px; raises GeneratorError for a name that is not in the zip."""
    return own_part(name) if is_own(name) else Sprite(_square(name))


class Piece(NamedTuple):
    """What is in a square, cut out of it: quick to draw. Places are shares of the square."""

    sprite: Sprite
    left: float
    top: float
    wide: float
    high: float

    def anchor(self, u: float, v: float) -> tuple[float, float]:
        """The point (u, v) of the square as an anchor of the piece; it may lie outside of it."""
        return (u - self.left) / self.wide, (v - self.top) / self.high


def cut(pixels: Pixels) -> Piece:
    """The content of a square, premultiplied RGBA, with one pixel around it."""
    high, wide = pixels.shape[:2]
    x, y, w, h = cv2.boundingRect((pixels[..., 3] > 0).astype(np.uint8))
    left, top, right, bottom = max(0, x - 1), max(0, y - 1), min(wide, x + w + 1), min(high, y + h + 1)
    inside = pixels[top:bottom, left:right]
    return Piece(Sprite(inside), left / wide, top / high, (right - left) / wide, (bottom - top) / high)


@lru_cache(96)
def cut_part(name: str) -> Piece:
    """A part, cut out of its square; raises GeneratorError for a name that is not in the zip."""
    return cut(part(name).pixels)


def _square(name: str) -> Pixels:
    try:
        blob = _archive().read(f"{name}.webp")
    except KeyError:
        raise GeneratorError(f"there is no sprite {name!r} in sprites.zip") from None
    image = cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise GeneratorError(f"sprite {name!r} in sprites.zip is damaged")
    straight: Any = cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA if image.shape[2] == 4 else cv2.COLOR_BGR2RGBA)
    return premultiplied(straight)


def sprite(name: str) -> Sprite:
    """A sprite cut to its content."""
    return own_sprite(name) if is_own(name) else _sprite(name)


@lru_cache(512)
def _sprite(name: str) -> Sprite:
    return Sprite(trimmed(_square(name)))  # not by `part`, which would keep the square too


@lru_cache(256)
def tinted(name: str, tint: str, share: float, blur: float = 0.0) -> Sprite:
    """A sprite mixed with a colour (`share` 0..1) and blurred by `blur` of its own pixels."""
    pixels = mixed(sprite(name).pixels, tint, share)
    if blur:
        pixels = blurred(padded(pixels, int(blur * 3)), blur)
    return Sprite(pixels)


def mixed(pixels: Pixels, tint: str, share: float) -> Pixels:
    """Premultiplied `pixels` mixed with a colour, alpha kept."""
    rgb = np.array(colour(tint), np.float32)
    matrix = np.zeros((4, 4), np.float32)
    for lane in range(3):
        matrix[lane, lane] = 1 - share
        matrix[lane, 3] = share * rgb[lane] / 255
    matrix[3, 3] = 1
    out: Pixels = cv2.transform(pixels, matrix)  # type: ignore[assignment]
    return out


# ---------------------------------------------------------------------------------- bending


@lru_cache(64)
def _leg_fields(height: int, width: int, legs: float) -> tuple[NDArray[np.float32], ...]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    down = np.clip((y / height - 0.60) / 0.40, 0, 1) ** 1.15
    angle = 2 * math.pi * legs * x / width
    return x, y, down * np.cos(angle), down * np.sin(angle)


def stride(sprite: Sprite, phase: float, swing: float = 0.06, legs: float = 1.6) -> Sprite:
    """A side view in mid-step: its lower part swings sideways, in turn from front to back.

    `phase`: cycles; `swing`: greatest sideways shift as a share of the width; `legs`: waves along the body
    (1.6 suits four legs, 0 moves all as one).
    """
    source = next((level for level in sprite.levels if level.shape[0] <= 160), sprite.levels[-1])
    border = max(2, int(source.shape[1] * swing) + 1)
    image = padded(source, border)
    x, y, even, odd = _leg_fields(*image.shape[:2], legs)
    angle = 2 * math.pi * phase
    width = source.shape[1]
    c, s = math.cos(angle), math.sin(angle)
    sideways = (even * s + odd * c) * (swing * width)
    lift = (even * c - odd * s) * (swing * 0.55 * width)
    return Sprite(resampled(image, x - sideways, y + np.maximum(lift, 0)), smooth=False)


@lru_cache(64)
def _grid(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x, y


def ripple(sprite: Sprite, phase: float, sway: float, start: float, end: float, waves: float = 0.7) -> Sprite:
    """A soft thing in motion: rows from `start` to `end` (0 top, 1 bottom) wave sideways, ever more.

    `sway`: shift at `end` as a share of the width; `start` > `end` waves the top part. For balloon strings,
    leaves, tails and fins.
    """
    source = next((level for level in sprite.levels if level.shape[0] <= 200), sprite.levels[-1])
    border = max(2, int(source.shape[1] * abs(sway)) + 1)
    image = padded(source, border)
    x, y = _grid(*image.shape[:2])
    rows = (y[:, 0] - border) / source.shape[0]
    grown = np.clip((rows - start) / (end - start), 0, 1)
    shift = grown**1.3 * sway * source.shape[1] * np.sin(2 * math.pi * (phase - grown * waves))
    return Sprite(resampled(image, x - shift[:, None].astype(np.float32), y), smooth=False)


def wiggle(sprite: Sprite, phase: float, sway: float = 0.05) -> Sprite:
    """A swimmer: columns wave up and down, the tail (away from the head, to the right) most."""
    source = next((level for level in sprite.levels if level.shape[0] <= 160), sprite.levels[-1])
    border = max(2, int(source.shape[0] * sway) + 1)
    image = padded(source, border)
    x, y = _grid(*image.shape[:2])
    columns = x[0] / image.shape[1]
    shift = (0.2 + columns) * sway * source.shape[0] * np.sin(2 * math.pi * (phase - columns * 0.8))
    return Sprite(resampled(image, x, y - shift[None].astype(np.float32)), smooth=False)


@lru_cache(24)
def bitten(name: str, bites: int) -> Sprite:
    """A sprite with 0..5 bites taken out of it, from the top right; 6 leaves nothing."""
    source = sprite(name)
    if bites <= 0:
        return source
    h, w = source.height, source.width
    keep = np.full((h, w), 255, np.uint8)
    for x, y, r in (
        (0.92, 0.12, 0.30),
        (0.62, 0.06, 0.26),
        (0.88, 0.46, 0.27),
        (0.36, 0.16, 0.30),
        (0.56, 0.44, 0.30),
    )[:bites]:
        centre, radius = (int(x * w), int(y * h)), r * min(w, h)
        for turn in range(0, 360, 45):
            dx, dy = (
                math.cos(math.radians(turn)) * radius * 0.55,
                math.sin(math.radians(turn)) * radius * 0.55,
            )
            cv2.circle(
                keep, (int(centre[0] + dx), int(centre[1] + dy)), int(radius * 0.55), 0, -1, cv2.LINE_AA
            )
        cv2.circle(keep, centre, int(radius * 0.7), 0, -1, cv2.LINE_AA)
    out: Any = cv2.multiply(source.pixels, cv2.merge([keep] * 4), scale=1 / 255)
    if bites > 5:
        out = np.zeros_like(source.pixels)
    return Sprite(out)


@lru_cache(16)
def pieces(name: str, columns: int, rows: int) -> tuple[tuple[Sprite, float, float], ...]:
    """A sprite cut into a grid: (piece, x, y) with x, y the piece's centre as fractions of the whole.

    Pieces with nothing in them are left out; order is bottom to top, left to right.
    """
    whole = sprite(name)
    found = []
    for row in reversed(range(rows)):
        for column in range(columns):
            x0, x1 = column * whole.width // columns, (column + 1) * whole.width // columns
            y0, y1 = row * whole.height // rows, (row + 1) * whole.height // rows
            cut = whole.pixels[y0:y1, x0:x1]
            if cut[..., 3].mean() > 6:
                at = ((x0 + x1) / 2 / whole.width, (y0 + y1) / 2 / whole.height)
                found.append((Sprite(cut), *at))
    return tuple(found)
