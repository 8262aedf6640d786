"""The Earth and the Moon as balls that turn in the light of a Sun: for explainers about the sky.

    draw_earth(canvas, 320, 210, 120, facing=-40.0, tilt=23, light=(-1.0, 0.0, 0.2))
    draw_moon(canvas, 500, 120, 60, phase=0.25)

Directions are (right, up, towards us). The continents are our own coarse outlines: right enough to be known
again, no map. The Moon always shows the same face, as the real one does.
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.video.storyboard.art.canvas import Canvas, Pixels, Sprite
from reverie.video.storyboard.art.clay import sky
from reverie.video.storyboard.art.easing import clamp
from reverie.video.storyboard.art.light import soft, twinkle

Direction = tuple[float, float, float]
"""Right, up, towards us; of any length."""

TILT = 23.4
"""Degrees that the Earth's axis leans (NASA, Facts About Earth)."""

_OUTLINES: tuple[tuple[tuple[int, int], ...], ...] = (
    (  # North and Central America
        *((-168, 66), (-156, 71), (-128, 70), (-95, 72), (-82, 68), (-94, 60), (-82, 55), (-79, 51)),
        *((-77, 56), (-78, 62), (-66, 59), (-56, 52), (-66, 49), (-61, 46), (-70, 43), (-75, 38)),
        *((-81, 31), (-80, 25), (-84, 30), (-97, 27), (-97, 20), (-90, 21), (-88, 16), (-83, 14)),
        *((-79, 9), (-84, 9), (-95, 16), (-105, 20), (-112, 29), (-114, 24), (-117, 33), (-124, 40)),
        *((-124, 48), (-134, 58), (-150, 60), (-162, 56), (-158, 60), (-166, 62)),
    ),
    (  # South America
        *((-79, 8), (-72, 12), (-61, 10), (-50, 1), (-36, -6), (-39, -16), (-48, -26), (-57, -36)),
        *((-65, -42), (-68, -52), (-73, -52), (-73, -38), (-71, -19), (-81, -6), (-78, 2)),
    ),
    (  # Africa
        *((-6, 36), (10, 37), (20, 32), (32, 31), (43, 12), (51, 12), (40, -4), (40, -16), (35, -24)),
        *((27, -34), (18, -34), (12, -17), (9, 3), (-8, 4), (-17, 14), (-13, 27)),
    ),
    (  # Europe and Asia
        *((-10, 44), (-1, 44), (2, 50), (8, 54), (8, 57), (18, 55), (22, 60), (18, 62), (21, 65)),
        *((14, 56), (5, 60), (14, 67), (28, 71), (42, 67), (60, 69), (74, 73), (104, 77), (130, 72)),
        *((160, 70), (180, 69), (178, 63), (163, 60), (157, 51), (155, 60), (136, 54), (140, 48)),
        *((129, 41), (126, 34), (121, 39), (122, 31), (114, 22), (108, 20), (109, 12), (104, 9)),
        *((100, 14), (104, 2), (98, 9), (94, 17), (89, 22), (80, 14), (77, 8), (72, 20), (57, 26)),
        *((59, 22), (45, 13), (35, 28), (36, 37), (27, 37), (23, 38), (19, 42), (13, 46), (18, 40)),
        *((12, 42), (3, 43), (-2, 37), (-9, 37)),
    ),
    ((-45, 60), (-22, 70), (-20, 80), (-60, 82), (-68, 76), (-54, 68)),  # Greenland
    (  # Australia
        *((114, -22), (123, -17), (131, -12), (136, -12), (140, -17), (142, -11), (146, -19)),
        *((153, -27), (150, -37), (140, -38), (131, -32), (116, -35)),
    ),
    ((-180, -74), (-100, -73), (-60, -64), (-50, -78), (0, -70), (60, -67), (150, -67), (180, -72)),
    ((-5, 50), (1, 52), (-3, 58), (-6, 57)),  # Britain
    ((-10, 52), (-6, 52), (-6, 55), (-10, 54)),  # Ireland
    ((131, 32), (140, 36), (142, 44), (139, 40), (134, 35)),  # Japan
    ((44, -16), (50, -15), (47, -25), (43, -23)),  # Madagascar
    ((95, 5), (105, -4), (103, -5)),  # Sumatra
    ((109, 2), (117, 6), (117, -3), (111, -3)),  # Borneo
    ((131, -1), (141, -3), (150, -9), (138, -8)),  # New Guinea
    ((167, -46), (174, -41), (178, -38), (174, -36), (173, -41)),  # New Zealand
)
"""Coasts as (longitude, latitude), degrees."""

_MAP = 768
"""Pixels around the equator."""

_DESERTS = ((10, 23, 26, 8), (47, 23, 11, 8), (128, -25, 11, 7), (95, 42, 18, 5), (21, -25, 6, 5))
"""Dry land: longitude, latitude and radii, degrees."""


@lru_cache(1)
def _map() -> Pixels:
    """The Earth unrolled, RGBA, twice side by side: longitude -180..540, latitude 90..-90."""
    high, across = _MAP // 2, _MAP
    rows = np.abs(np.linspace(1, -1, high, dtype=np.float32))[:, None, None]
    out = np.empty((high, across, 4), np.float32)
    out[...] = np.array((38, 132, 224, 255), np.float32) * (1 - rows * 0.28)
    out[..., 3] = 255

    def place(lon: float, lat: float) -> tuple[float, float]:
        return (lon + 180) / 360 * across, (90 - lat) / 180 * high

    land = np.zeros((high, across), np.uint8)
    for outline in _OUTLINES:
        points = [place(*p) for p in outline]
        if outline[0] == (-180, -74):
            points += [place(180, -90), place(-180, -90)]
        cv2.fillPoly(land, [np.rint(np.array(points) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    dry = np.zeros_like(land)
    for lon, lat, wide, tall in _DESERTS:
        centre = tuple(round(v) for v in place(lon, lat))
        cv2.ellipse(dry, centre, (round(wide * across / 360), round(tall * high / 180)), 0, 0, 360, 255, -1)
    sandy = cv2.blur(cv2.blur(dry, (19, 13)), (19, 13))[..., None] / np.float32(255)
    frost = np.clip((rows - 0.70) * 7, 0, 1)
    shelf = cv2.blur(cv2.blur(land, (15, 15)), (15, 15))[..., None] / np.float32(255)
    out[..., :3] += shelf * np.array((34, 66, 26), np.float32)
    soil = np.array((92, 190, 92), np.float32) + np.array((140, 14, 38), np.float32) * sandy
    soil += (np.array((244, 250, 255), np.float32) - soil) * frost
    edge = cv2.blur(land, (3, 3))[..., None] / np.float32(255)
    out[..., :3] = out[..., :3] * (1 - edge) + soil * edge
    north = np.linspace(1, -1, high, dtype=np.float32)[:, None, None]
    cap = np.clip((north - 0.75) * 7, 0, 1)  # ice on the northern sea
    out[..., :3] = out[..., :3] * (1 - cap) + 248 * cap
    whole: Pixels = np.clip(out, 0, 255).astype(np.uint8)
    return np.concatenate([whole, whole], axis=1)


@lru_cache(8)
def _ball(size: int) -> tuple[NDArray[np.float32], ...]:
    """Right, up and towards of each point of a ball seen from afar, and its cover 0..1; each (size, size)."""
    y, x = np.mgrid[-1.01 : 1.01 : size * 1j, -1.01 : 1.01 : size * 1j].astype(np.float32)
    z = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
    cover = np.clip((1 - np.hypot(x, y)) * size / 2.1 + 0.5, 0, 1)
    return x, -y, z, cover


@lru_cache(12)
def _gaze(size: int, tilt: float, lean: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each point of the ball lies on the map when longitude 0 faces us."""
    x, y, z, _ = _ball(size)
    right, up, near = _to_body(x, y, z, tilt, lean)
    lon = np.degrees(np.arctan2(right, near))
    lat = np.degrees(np.arcsin(np.clip(up, -1, 1)))
    return ((lon + 180) / 360 * _MAP).astype(np.float32), ((90 - lat) / 180 * (_MAP // 2 - 1)).astype(
        np.float32
    )


def _to_body(
    x: NDArray[np.float32], y: NDArray[np.float32], z: NDArray[np.float32], tilt: float, lean: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """From the picture's right, up, towards to those of a ball that stands upright."""
    c, s = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    right, up = x * c - y * s, x * s + y * c
    c, s = math.cos(math.radians(lean)), math.sin(math.radians(lean))
    return right, (up * c + z * s).astype(np.float32), (z * c - up * s).astype(np.float32)


def spot(
    lat: float, lon: float, facing: float, tilt: float = 0.0, lean: float = 0.0, height: float = 1.0
) -> Direction:
    """Where a place on the Earth is seen, in radii from its middle: (right, up, towards us).

    Degrees. `facing`, `tilt`, `lean`: as for `draw_earth`; `height`: radii from the middle (1: the ground).
    Towards us below 0 means that it is on the far side.
    """
    a, b = math.radians(lat), math.radians(lon - facing)
    right, up, near = math.cos(a) * math.sin(b), math.sin(a), math.cos(a) * math.cos(b)
    c, s = math.cos(math.radians(lean)), math.sin(math.radians(lean))
    up, near = up * c - near * s, near * c + up * s
    c, s = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    return (right * c + up * s) * height, (up * c - right * s) * height, near * height


def _shone_on(pixels: Pixels, light: Direction, dark: float, sharp: float) -> Pixels:
    """A ball's pixels in the light: bright towards it, `dark` 0..1 on the other side, its edge smooth."""
    x, y, z, cover = _ball(pixels.shape[0])
    length = math.hypot(*light) or 1.0
    a, b, c = (part / length for part in light)
    toward = x * a + y * b + z * c
    level = np.clip(toward * sharp + 0.5, 0, 1)
    level = (dark + (1 - dark) * level * (0.82 + 0.18 * np.clip(toward, 0, 1))) * cover
    mask = cv2.convertScaleAbs(level, alpha=255)
    round_mask = cv2.convertScaleAbs(cover, alpha=255)
    out: Pixels = cv2.multiply(pixels, cv2.merge([mask, mask, mask, round_mask]), scale=1 / 255)  # type: ignore[assignment]
    return out


def _size_for(canvas: Canvas, radius: float) -> int:
    """Pixels across that a ball of `radius` needs, in steps, so that few are kept."""
    return int(clamp(math.ceil(2 * radius * canvas.scale() / 32) * 32, 32, 640))


def draw_earth(
    canvas: Canvas,
    x: float,
    y: float,
    radius: float,
    facing: float,
    *,
    tilt: float = 0.0,
    lean: float = 0.0,
    light: Direction = (-0.6, 0.5, 0.7),
    dark: float = 0.14,
) -> None:
    """The Earth around (x, y), with a thin shine of air.

    `facing`: the longitude towards us; it falls as the Earth turns (towards the east). `tilt`: degrees that
    the north pole leans to the right; `lean`: towards us. `light`: where the Sun is; `dark`: brightness of
    the night, 0..1.
    """
    size = _size_for(canvas, radius)
    map_x, map_y = _gaze(size, round(tilt, 1), round(lean, 1))
    turned = cv2.remap(_map(), map_x + (facing % 360) / 360 * _MAP, map_y, cv2.INTER_LINEAR)
    canvas.draw(soft("#7fc8ff", 0.5), x, y, radius * 2.16, alpha=0.34)
    ball = Sprite(_shone_on(turned, light, dark, 3.2), smooth=False)  # type: ignore[arg-type]
    canvas.draw(ball, x, y, radius * 2.02)


@lru_cache(6)
def _moon_face(size: int) -> Pixels:
    """The Moon fully lit: grey, with dark plains and craters."""
    x, y, _, _ = _ball(size)
    level = np.full((size, size), 222, np.float32)
    for px, py, r, deep in (
        *((-0.30, 0.42, 0.30, 46), (0.22, 0.40, 0.20, 44), (0.40, 0.16, 0.22, 48), (0.60, 0.28, 0.11, 44)),
        *((-0.55, 0.05, 0.30, 40), (-0.28, -0.20, 0.22, 34), (0.50, -0.12, 0.16, 36), (0.05, 0.55, 0.12, 26)),
    ):
        level -= deep * np.clip((r - np.hypot(x - px, y - py)) / (r * 0.45), 0, 1)
    rng = np.random.default_rng(12)
    for _ in range(26):
        angle, out, r = rng.uniform(0, 2 * math.pi), rng.uniform(0.1, 0.92) ** 0.6, rng.uniform(0.025, 0.075)
        px, py = math.cos(angle) * out * 0.95, math.sin(angle) * out * 0.95
        away = np.hypot(x - px, y - py) / r
        level += 22 * np.clip(1.35 - away, 0, 1) - 34 * np.clip(1.0 - away, 0, 1)
    level += 26 * np.clip(1 - np.hypot(x + 0.12, y + 0.68) * 2.6, 0, 1)  # a young crater's bright rays
    grey = np.clip(level, 60, 255)[..., None] * np.array((1.0, 0.985, 0.94), np.float32)
    out_pixels = np.full((size, size, 4), 255, np.uint8)
    out_pixels[..., :3] = np.clip(grey, 0, 255)
    return out_pixels


def phase_light(phase: float) -> Direction:
    """Where the Sun stands at `phase` 0..1 for who looks at the Moon from the northern half of the Earth:
    0 new, 0.25 first quarter (its right half lit), 0.5 full, 0.75 last quarter."""
    angle = 2 * math.pi * phase
    return math.sin(angle), 0.0, -math.cos(angle)


def draw_moon(
    canvas: Canvas,
    x: float,
    y: float,
    radius: float,
    *,
    phase: float = 0.5,
    light: Direction | None = None,
    dark: float = 0.13,
) -> None:
    """The Moon around (x, y) as it is seen at `phase` (`phase_light`), or lit from `light`."""
    face = _moon_face(_size_for(canvas, radius))
    shown = _shone_on(face, light or phase_light(phase), dark, 6.0)
    canvas.draw(Sprite(shown, smooth=False), x, y, radius * 2.02)


def paint_stars(board: Canvas, seed: int = 4) -> None:
    """Fill a board (opaque) with dark space, faint mists and stars: a set for `diagram.spread`."""
    rng = np.random.default_rng(seed)
    sky(board, ((0, "#0b1034"), (0.55, "#171a52"), (1, "#2a2168")))
    wide = board.wide
    for at, y, size, tint in ((0.2, 120.0, 420.0, "#3a4fd0"), (0.8, 320.0, 460.0, "#7a3fc0")):
        board.draw(soft(tint, 1.5), wide * at, y, size, alpha=0.32)
    for _ in range(int(wide * 0.22)):
        x, y, size = rng.uniform(-50, wide + 50), rng.uniform(-50, 530), rng.uniform(1.4, 4.2)
        board.draw(soft("#ffffff", 0.7), x, y, size, alpha=rng.uniform(0.3, 0.95))
    for _ in range(max(4, int(wide / 60))):
        x, y = rng.uniform(0, wide), rng.uniform(0, 420)
        board.draw(twinkle("#ffffff"), x, y, rng.uniform(8, 16), alpha=0.8)
