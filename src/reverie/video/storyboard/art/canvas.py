"""The compositor: premultiplied RGBA sprites on a picture, by OpenCV's affine warp, in uint8.

Everything is placed in *virtual units*: the picture is always 480 high and `canvas.wide` across (640 for
4:3, 853 for 16:9, 270 for portrait 9:16); y points down. `canvas.camera` pans and zooms; a thing at depth d
follows it by the share d (0 = as far as the sky, 1 = the stage, 1.5 = close to the lens).

    canvas = Canvas(640, 480)
    canvas.camera = Camera(x=10, y=0, zoom=1.05)
    canvas.draw_layers(layers)                                       # a cached setting, back to front
    canvas.draw(sprite, x=320, y=372, height=120, anchor=FOOT)       # feet on the floor
    picture = canvas.picture()                                       # RGB uint8 (H, W, 3)

A layer is drawn on a transparent canvas with a margin around the screen (so that the camera may move) and
turned into a `Layer` by `canvas.layer(depth)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Premultiplied RGBA, shape (h, w, 4); or a mask, shape (h, w)."""

Colour = tuple[int, int, int]
"""Red, green, blue, 0..255."""

Rectangle = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom excluded."""

HIGH = 480.0
"""Height of every picture in virtual units."""

_STRIP = 30_000
"""Pixels that are blended at once. Larger pieces leave the processor's cache, and their memory may have to be
fetched from the system each time: a quarter slower at best, five times at worst."""

_OPAQUE_BLACK = np.array((0, 0, 0, 255), np.uint8).view(np.uint32)[0]
"""One pixel as one number: ten times faster to fill with than lane by lane."""

_LARGE = 12_000
"""Pixels from which on light without edges is worked out coarsely."""

CENTRE = (0.5, 0.5)
FOOT = (0.5, 1.0)


class Camera(NamedTuple):
    """Where we look: pan in virtual units (x to the right, y down), zoom >= 1 about the picture's centre."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0


STILL = Camera()


def colour(text: str) -> Colour:
    """`#rrggbb` as red, green, blue."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


class Sprite:
    """A picture to place: premultiplied RGBA and a chain of halved copies, so that small ones stay smooth."""

    __slots__ = ("height", "levels", "soft", "width")

    def __init__(self, pixels: Pixels, smooth: bool = True, soft: bool = False) -> None:
        """`pixels`: premultiplied RGBA. `smooth`: make the halved copies (not worth it for one frame).
        `soft`: it has no edges (light), so that it may be drawn coarsely where it is large."""
        self.soft = soft
        self.height, self.width = pixels.shape[:2]
        self.levels = [np.ascontiguousarray(pixels)]
        while smooth and min(self.levels[-1].shape[:2]) > 24:
            last = self.levels[-1]
            size = ((last.shape[1] + 1) // 2, (last.shape[0] + 1) // 2)
            self.levels.append(_u8(cv2.resize(last, size, interpolation=cv2.INTER_AREA)))

    @property
    def pixels(self) -> Pixels:
        """The full-size copy."""
        return self.levels[0]

    @property
    def aspect(self) -> float:
        """Width over height."""
        return float(self.width / self.height)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A part of a setting, bigger than the screen.

    `pixels` starts at screen pixel (`left`, `top`) when the camera is still; one of its pixels is `scale`
    screen pixels wide (above 1 where the screen is finer than scenery is painted). Rows from `solid` to the
    end are opaque, so what lies behind them need not be drawn. `patches`: (left, top, right, bottom) in its
    own pixels of what there is to see above them; None: all of it.
    """

    pixels: Pixels
    left: int
    top: int
    depth: float
    solid: int
    scale: float = 1.0
    patches: tuple[Rectangle, ...] | None = None


class Canvas:
    """A picture in the making. `unit`: pixels in one virtual unit; `wide`: width in virtual units."""

    def __init__(self, width: int, height: int, *, margin: float = 0.0, opaque: bool = True) -> None:
        """`margin`: virtual units added on each side, outside the screen (for layers)."""
        self.unit = height / HIGH
        self.wide = width / self.unit
        self.margin = round(margin * self.unit)
        self.opaque = opaque
        self.camera = STILL
        self._screen = (width, height)
        self.pixels: Pixels = np.zeros((height + 2 * self.margin, width + 2 * self.margin, 4), np.uint8)
        if opaque:
            self.pixels[..., 3] = 255

    # ------------------------------------------------------------------ placing

    def screen(self, x: float, y: float, depth: float = 1.0) -> tuple[float, float]:
        """Pixel position of the virtual point (x, y) seen by the camera."""
        zoom = 1 + (self.camera.zoom - 1) * depth
        half = self.wide / 2
        px = ((x - half - self.camera.x * depth) * zoom + half) * self.unit + self.margin
        py = ((y - HIGH / 2 - self.camera.y * depth) * zoom + HIGH / 2) * self.unit + self.margin
        return px, py

    def scale(self, depth: float = 1.0) -> float:
        """Pixels of one virtual unit at `depth`, zoom included."""
        return self.unit * (1 + (self.camera.zoom - 1) * depth)

    def draw(
        self,
        sprite: Sprite,
        x: float,
        y: float,
        height: float,
        *,
        wide: float = 1.0,
        tall: float = 1.0,
        turn: float = 0.0,
        shear: float = 0.0,
        alpha: float = 1.0,
        anchor: tuple[float, float] = CENTRE,
        flip: bool = False,
        depth: float = 1.0,
        glow: bool = False,
    ) -> None:
        """Draw `sprite` so that its `anchor` (fractions of it) lies at (x, y).

        `height`: virtual units before squash; `wide`, `tall`: squash and stretch; `turn`: degrees clockwise;
        `shear`: sideways shift of the top by this share of the height, to the right; `flip`: mirrored;
        `alpha`: 0..1; `glow`: added as light instead of covering.
        """
        if alpha <= 0.004 or height <= 0 or wide == 0 or tall == 0:
            return
        px, py = self.screen(x, y, depth)
        k = height * self.scale(depth) / sprite.height
        sx, sy = k * wide * (-1 if flip else 1), k * tall
        level, size = 0, max(abs(sx), abs(sy))
        while level < len(sprite.levels) - 1 and size < 0.55:
            size *= 2
            level += 1
        image = sprite.levels[level]
        h, w = image.shape[:2]
        sx, sy = sx * sprite.width / w, sy * sprite.height / h
        if turn or shear:
            radians = math.radians(turn)
            c, s = math.cos(radians), math.sin(radians)
            a, b, d, e = c * sx, -c * shear * sy - s * sy, s * sx, -s * shear * sy + c * sy
        else:
            a, b, d, e = sx, 0.0, 0.0, sy
        ax, ay = anchor[0] * w, anchor[1] * h
        tx, ty = px - a * ax - b * ay, py - d * ax - e * ay
        # How far the picture's corners reach from its first one.
        least_x, most_x = min(0.0, a * w) + min(0.0, b * h), max(0.0, a * w) + max(0.0, b * h)
        least_y, most_y = min(0.0, d * w) + min(0.0, e * h), max(0.0, d * w) + max(0.0, e * h)
        high, across = self.pixels.shape[:2]
        x0, x1 = max(0, math.floor(tx + least_x) - 1), min(across, math.ceil(tx + most_x) + 1)
        y0, y1 = max(0, math.floor(ty + least_y) - 1), min(high, math.ceil(ty + most_y) + 1)
        if x1 <= x0 or y1 <= y0:
            return
        coarse = sprite.soft and (x1 - x0) * (y1 - y0) > _LARGE
        self._lay(image, (a, b, tx, d, e, ty), (x0, y0, x1, y1), alpha, glow, coarse)

    def blend(self, patch: Pixels, x: int, y: int, alpha: float = 1.0, glow: bool = False) -> None:
        """Lay premultiplied RGBA `patch` over the picture, its top left at pixel (x, y); clipped."""
        h, w = patch.shape[:2]
        high, across = self.pixels.shape[:2]
        x0, y0, x1, y1 = max(0, x), max(0, y), min(across, x + w), min(high, y + h)
        if x1 <= x0 or y1 <= y0:
            return
        if (x1 - x0, y1 - y0) != (w, h):
            patch = patch[y0 - y : y1 - y, x0 - x : x1 - x]
        rows = max(8, _STRIP // (x1 - x0))
        for top in range(0, y1 - y0, rows):
            self._over(patch[top : top + rows], x0, y0 + top, alpha, glow)

    def _lay(
        self,
        image: Pixels,
        affine: tuple[float, float, float, float, float, float],
        box: Rectangle,
        alpha: float = 1.0,
        glow: bool = False,
        coarse: bool = False,
    ) -> None:
        """Blend `image` as `affine` (two rows: x and y on the screen) places it, inside `box` of it.

        `coarse`: worked out for every second pixel each way: half the time.
        """
        a, b, tx, d, e, ty = affine
        x0, y0, x1, y1 = box
        rows = max(8, _STRIP // (x1 - x0))
        for top in range(y0, y1, rows):
            end = min(y1, top + rows)
            if coarse:
                patch = _coarse((a, b, tx - x0, d, e, ty - top), image, x1 - x0, end - top, alpha)
                self._over(patch, x0, top, 1.0, glow)
            else:
                matrix = np.array([[a, b, tx - x0], [d, e, ty - top]])
                self._over(_warp(image, matrix, x1 - x0, end - top), x0, top, alpha, glow)

    def _over(self, patch: Pixels, x: int, y: int, alpha: float, glow: bool) -> None:
        """Blend a patch that lies inside the picture."""
        if alpha < 0.996:
            patch = _u8(cv2.convertScaleAbs(patch, alpha=alpha))
        under = self.pixels[y : y + patch.shape[0], x : x + patch.shape[1]]
        if glow:
            cv2.add(under, patch, dst=under)
            return
        hole = cv2.bitwise_not(cv2.extractChannel(patch, 3))
        # On an opaque picture alpha stays 255 whatever is added, so its lane of the factor may be anything.
        factor = cv2.cvtColor(hole, cv2.COLOR_GRAY2BGRA) if self.opaque else cv2.merge([hole] * 4)
        cv2.multiply(under, factor, dst=under, scale=1 / 255)
        cv2.add(under, patch, dst=under)

    def clear(self) -> None:
        """Make the whole picture black and opaque."""
        self.pixels.view(np.uint32)[:] = _OPAQUE_BLACK

    def fade(self, tint: Colour, alpha: float) -> None:
        """Cover the whole picture with a colour, `alpha` 0..1."""
        if alpha > 0.004:
            high, across = self.pixels.shape[:2]
            rows = max(8, _STRIP // across)
            flat = _filled(tint, rows, across)
            for top in range(0, high, rows):
                under = self.pixels[top : top + rows]
                cv2.addWeighted(under, 1 - alpha, flat[: len(under)], alpha, 0, dst=under)

    # ------------------------------------------------------------------ layers

    def layer(self, depth: float, blur: float = 0.0) -> Layer:
        """What was drawn so far as a layer of a setting, cut to the rows that have something.

        `blur`: standard deviation in virtual units (depth of field).
        """
        pixels = _blurred(self.pixels, blur * self.unit)
        if self.opaque:
            return Layer(pixels, -self.margin, -self.margin, depth, 0)
        alpha = pixels[..., 3]
        rows = np.flatnonzero(alpha.max(axis=1))
        if not len(rows):
            return Layer(pixels[:1], -self.margin, -self.margin, depth, 1)
        top, end = max(0, int(rows[0]) - 1), int(rows[-1]) + 1
        # Blending over opaque pixels may round 255 down a little; that is still opaque.
        clear = np.flatnonzero(alpha[:end].min(axis=1) < 248)
        solid = int(clear[-1]) + 1 if len(clear) else 0
        return Layer(
            np.ascontiguousarray(pixels[top:end]),
            -self.margin,
            top - self.margin,
            depth,
            solid - top,
            patches=_patches(alpha[top:solid]),
        )

    def draw_layers(self, layers: Sequence[Layer], between: Callable[[int], None] | None = None) -> None:
        """Draw a setting, back to front; rows hidden behind opaque ones of nearer layers are left out.

        `between(i)` is called when layer i has been drawn: for what moves between two of them.
        """
        height = self._screen[1]
        cover = height
        ends = []
        for layer in reversed(layers):
            ends.append(cover)
            zoom, _, ty = self._placed(layer)
            if layer.solid < layer.pixels.shape[0] - 4:
                cover = min(cover, max(0, math.ceil(ty + (layer.solid + 1) * zoom)))
        for index, (layer, end) in enumerate(zip(layers, reversed(ends), strict=True)):
            self._draw_layer(layer, end)
            if between is not None:
                between(index)

    def draw_layer(self, layer: Layer, sway: float = 0.0) -> None:
        """Draw one layer, such as leaves in front of the figures, moved aside by `sway` virtual units."""
        self._draw_layer(layer, self._screen[1], sway)

    def _placed(self, layer: Layer, sway: float = 0.0) -> tuple[float, float, float]:
        """Screen pixels of one of the layer's, and where its top left is on the screen."""
        width, height = self._screen
        zoom = 1 + (self.camera.zoom - 1) * layer.depth
        pan_x, pan_y = self.camera.x * self.unit * layer.depth, self.camera.y * self.unit * layer.depth
        tx = (layer.left + sway * self.unit - width / 2 - pan_x) * zoom + width / 2
        ty = (layer.top - height / 2 - pan_y) * zoom + height / 2
        return zoom * layer.scale, tx, ty

    def _draw_layer(self, layer: Layer, end: int, sway: float = 0.0) -> None:
        width = self._screen[0]
        zoom, tx, ty = self._placed(layer, sway)
        top = max(0, math.floor(ty))
        bottom = min(end, math.ceil(ty + layer.pixels.shape[0] * zoom))
        solid = min(bottom, max(top, math.ceil(ty + (layer.solid + 1) * zoom)))
        if layer.solid <= 0:
            solid = top
        if solid > top:
            self._draw_patches(layer, zoom, tx, ty, top, solid)
        if layer.solid == 0 and layer.depth < 1:
            bottom = end  # a sky goes on below its own edge, whatever the camera does
        if bottom > solid:
            matrix = np.array([[zoom, 0, tx], [0, zoom, ty - solid]])
            cv2.warpAffine(
                layer.pixels,
                matrix,
                (width, bottom - solid),
                dst=self.pixels[solid:bottom],
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )

    def _draw_patches(self, layer: Layer, zoom: float, tx: float, ty: float, first: int, last: int) -> None:
        """Blend what a layer shows above its opaque rows, between screen rows `first` and `last`."""
        width = self._screen[0]
        high, across = layer.pixels.shape[:2]
        for left, top, right, bottom in layer.patches or ((0, 0, across, high),):
            # Neighbours share an edge, so that no row is blended twice; the last one goes down to the rest.
            y0 = max(first, math.ceil(ty + top * zoom)) if top else first
            y1 = min(last, math.ceil(ty + bottom * zoom)) if bottom < layer.solid else last
            x0, x1 = max(0, math.floor(tx + left * zoom)), min(width, math.ceil(tx + right * zoom))
            if x1 > x0 and y1 > y0:
                self._lay(layer.pixels, (zoom, 0.0, tx, 0.0, zoom, ty), (x0, y0, x1, y1))

    # ------------------------------------------------------------------ results

    def picture(self) -> Pixels:
        """The screen as a new RGB picture, uint8 (H, W, 3), C-contiguous."""
        return _u8(cv2.cvtColor(self.pixels, cv2.COLOR_RGBA2RGB))

    def sprite(self, blur: float = 0.0) -> Sprite:
        """What was drawn on a transparent canvas, cut to its content."""
        return Sprite(trimmed(_blurred(self.pixels, blur * self.unit)))


# ---------------------------------------------------------------------------------- pixels


def _filled(tint: Colour, height: int, width: int) -> Pixels:
    """One colour, opaque. Whole pixels at once: ten times faster than lane by lane."""
    pixel = np.array((*tint, 255), np.uint8).view(np.uint32)[0]
    return np.full((height, width), pixel).view(np.uint8).reshape(height, width, 4)


_BAND, _GAP = 48, 24


def _patches(alpha: Pixels) -> tuple[Rectangle, ...]:
    """What is not empty in `alpha`, as rectangles in bands of rows; gaps that hardly pay are kept."""
    found: list[Rectangle] = []
    for top in range(0, len(alpha), _BAND):
        bottom = min(top + _BAND, len(alpha))
        columns = np.flatnonzero(alpha[top:bottom].max(axis=0))
        if not len(columns):
            continue
        breaks = np.flatnonzero(np.diff(columns) > _GAP)
        lefts = [int(columns[0]), *(int(columns[i + 1]) for i in breaks)]
        rights = [*(int(columns[i]) for i in breaks), int(columns[-1])]
        # Two pixels more on each side: a warp reads the neighbours of what it draws.
        found += [
            (max(0, a - 2), top, min(alpha.shape[1], b + 3), bottom)
            for a, b in zip(lefts, rights, strict=True)
        ]
    return tuple(found)


def trimmed(pixels: Pixels, faint: int = 8) -> Pixels:
    """`pixels` cut to where alpha is above `faint` (never empty)."""
    x, y, w, h = cv2.boundingRect((pixels[..., 3] > faint).astype(np.uint8))
    return pixels[y : y + h, x : x + w] if w and h else pixels[:1, :1]


def premultiplied(rgba: Pixels) -> Pixels:
    """Straight RGBA to premultiplied."""
    alpha = rgba[..., 3]
    out = _u8(cv2.multiply(rgba, cv2.merge([alpha] * 4), scale=1 / 255))
    out[..., 3] = alpha
    return out


def padded(pixels: Pixels, border: int) -> Pixels:
    """`pixels` with `border` transparent pixels on each side."""
    sides = (border, border, border, border)
    return _u8(cv2.copyMakeBorder(pixels, *sides, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)))


def resampled(pixels: Pixels, map_x: NDArray[np.float32], map_y: NDArray[np.float32]) -> Pixels:
    """`pixels` read at (map_x, map_y), float32 maps of the output's shape; outside is transparent."""
    return _u8(cv2.remap(pixels, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT))


def _blurred(pixels: Pixels, sigma: float) -> Pixels:
    """Three box blurs: as good as a Gaussian to the eye, and the cost does not grow with `sigma`."""
    if sigma < 0.3:
        return pixels
    if sigma < 1.0:
        return _u8(cv2.GaussianBlur(pixels, (0, 0), sigma))
    size = max(3, 2 * round(sigma) + 1)
    for _ in range(3):
        pixels = _u8(cv2.blur(pixels, (size, size)))
    return pixels


def blurred(pixels: Pixels, sigma: float) -> Pixels:
    """`pixels` blurred by about `sigma` pixels."""
    return _blurred(pixels, sigma)


def _warp(image: Pixels, matrix: NDArray[np.float64], width: int, height: int) -> Pixels:
    return _u8(
        cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    )


def _coarse(
    affine: tuple[float, float, float, float, float, float],
    image: Pixels,
    width: int,
    height: int,
    alpha: float,
) -> Pixels:
    """As `_warp`, times `alpha`, through a picture of half the size."""
    a, b, tx, d, e, ty = affine
    # Pixels are places in the middle of squares: the first of the small ones lies between the first two.
    matrix = np.array([[a / 2, b / 2, tx / 2 - 0.25], [d / 2, e / 2, ty / 2 - 0.25]])
    small = _warp(image, matrix, (width + 1) // 2, (height + 1) // 2)
    if alpha < 0.996:
        small = _u8(cv2.convertScaleAbs(small, alpha=alpha))
    size = (2 * small.shape[1], 2 * small.shape[0])
    return _u8(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR))[:height, :width]


def _u8(array: Any) -> Pixels:
    """OpenCV's stubs cannot say it: these functions return what they were given, uint8."""
    return array  # type: ignore[no-any-return]
