"""The light of a setting: its mood, and the time of day.

    back = [graded(layer, mood_of("warm"), hour_of("park", "dusk"), (640, 480), sky=i == 0) for i, layer in …]

One linear map of colours a layer, one vignette, and a new sky where there is one: some milliseconds for a
setting, once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from reverie.video.storyboard.art.canvas import Layer, colour
from reverie.video.storyboard.art.clay import gradient

OUTDOORS = frozenset({"park", "forest", "street", "sea", "sky", "prehistoric"})
"""Settings with a sky that knows the time of day."""

INDOORS = frozenset(
    {"room", "kitchen", "classroom", "shop", "toy_shelf", "electronics", "supermarket", "studio"}
)
"""Settings under a roof; what is in neither (night, space, under water) looks the same all day."""


@dataclass(frozen=True, slots=True)
class Mood:
    """How a setting is lit: saturation, brightness, a tint mixed in by `share`, how dark the corners are.

    `motes`: colour of what drifts in the air. `accent`: colour of the caption's line.
    """

    saturation: float
    brightness: float
    tint: str
    share: float
    corners: float
    motes: str
    accent: str


MOODS = {
    "calm": Mood(0.92, 1.0, "#bfe0ff", 0.08, 0.40, "#ffffff", "#9fe0ff"),
    "cheerful": Mood(1.12, 1.04, "#fff0a8", 0.04, 0.32, "#fff3b0", "#ffd34d"),
    "curious": Mood(1.0, 1.0, "#c8b8ff", 0.10, 0.46, "#d8f4ff", "#8ff0d0"),
    "dramatic": Mood(1.08, 0.86, "#5a2f7a", 0.17, 0.80, "#ffb060", "#ff9d6b"),
    "warm": Mood(1.10, 1.02, "#ffb45a", 0.11, 0.48, "#ffe09a", "#ffc66b"),
}
"""Mood by name; a word that is none gives "calm"."""


def mood_of(word: str) -> Mood:
    """The mood called `word`, else calm."""
    return MOODS.get(word, MOODS["calm"])


@dataclass(frozen=True, slots=True)
class Hour:
    """What a time of day does to a setting, on top of its mood.

    `saturation`, `brightness`, `tint`, `share`: as of a mood. `sky`: colours from the top of the picture to
    where the sky ends, mixed into the sky by `veil`. `over`, `cover`: a colour laid over the finished picture
    below the caption by that share, so that figures stand in the same light. `dark`: lamps are on; `stars`:
    it is night.
    """

    saturation: float = 1.0
    brightness: float = 1.0
    tint: str = "#ffffff"
    share: float = 0.0
    sky: tuple[tuple[float, str], ...] = ()
    veil: float = 0.0
    over: str = "#ffffff"
    cover: float = 0.0
    dark: bool = False
    stars: bool = False


DAY = Hour()
_ABOVE = ("sky", "dusk")
_OUT = {
    "dawn": Hour(
        0.92,
        0.92,
        "#ff9fb0",
        0.15,
        ((0, "#6f86d8"), (0.45, "#c9a0dc"), (0.77, "#ffb6a6"), (1, "#ffe0a6")),
        0.70,
        "#ff9fa8",
        0.05,
    ),
    "dusk": Hour(
        1.02,
        0.74,
        "#c0507a",
        0.22,
        (
            (0, "#35306f"),
            (0.38, "#7d3f8f"),
            (0.68, "#e0607a"),
            (0.88, "#ff9a52"),
            (1, "#ffc65e"),
        ),
        0.80,
        "#ff7a3a",
        0.10,
        True,
    ),
    "night": Hour(
        0.66,
        0.56,
        "#2440a8",
        0.26,
        ((0, "#0c1238"), (0.52, "#1e2a6a"), (0.92, "#3a4f9c"), (1, "#4f69b4")),
        0.82,
        "#14245f",
        0.15,
        True,
        True,
    ),
}
_IN = {
    "dawn": Hour(0.95, 0.95, "#ffb0a0", 0.12, over="#ffa890", cover=0.05),
    "dusk": Hour(1.0, 0.80, "#e06a3a", 0.18, over="#ff8a4a", cover=0.07, dark=True),
    "night": Hour(0.84, 0.62, "#2f2f86", 0.18, over="#241f5a", cover=0.09, dark=True),
}


def hour_of(setting: str, light: str) -> Hour:
    """What the time of day called `light` does to a setting; a word that is none, or "day": nothing."""
    if setting in OUTDOORS:
        hour = _OUT.get(light, DAY)
        # Above the clouds the last light lies on everything.
        return (
            replace(hour, brightness=0.9, tint="#ff8f94", share=0.30) if (setting, light) == _ABOVE else hour
        )
    return _IN.get(light, DAY) if setting in INDOORS else DAY


def graded(layer: Layer, mood: Mood, hour: Hour, size: tuple[int, int], sky: float = 0.0) -> Layer:
    """The layer in the light of a mood and an hour, its corners darkened where they stand when the camera is
    still. `size`: of the screen in pixels; `sky`: how far down the picture (0..1) it shows the sky."""
    pixels: Any = cv2.transform(layer.pixels, _matrix(mood) if hour is DAY else _matrix(mood, hour))
    high, across = layer.pixels.shape[:2]
    if sky and hour.sky:
        first, whole = layer.top / size[1], high * layer.scale / size[1]
        rows = round((sky - first) / whole * high)
        stops = [((at * sky - first) / (sky - first), tint) for at, tint in hour.sky]
        heaven = pixels[:rows]
        cv2.addWeighted(heaven, 1 - hour.veil, _wash(across, len(heaven), stops), hour.veil, 0, dst=heaven)
    return replace(layer, pixels=cv2.multiply(pixels, _vignette(layer, mood.corners, size), scale=1 / 255))


def _wash(width: int, height: int, stops: list[tuple[float, str]]) -> Any:
    """A vertical gradient; its dither repeats, for it is ten times quicker than drawing all of it."""
    tile = gradient(_TILE, height, stops)
    return cv2.repeat(tile, 1, -(-width // _TILE))[:, :width]


_TILE = 64


def _matrix(*lights: Mood | Hour) -> Any:
    """Saturation, then brightness, then the tint, as one linear map of premultiplied pixels."""
    whole = np.eye(4, dtype=np.float32)
    luma = np.array([0.299, 0.587, 0.114], np.float32)
    for light in lights:
        keep = light.saturation * np.eye(3, dtype=np.float32)
        keep += (1 - light.saturation) * np.tile(luma, (3, 1))
        step = np.zeros((4, 4), np.float32)
        step[:3, :3] = keep * light.brightness * (1 - light.share)
        step[:3, 3] = np.array(colour(light.tint), np.float32) / 255 * light.share * light.brightness
        step[3, 3] = 1
        whole = step @ whole
    return whole


_COARSE = 8
"""The vignette is worked out every so many pixels: it is smooth."""


def _vignette(layer: Layer, corners: float, size: tuple[int, int]) -> Any:
    """Factors of 255 for a layer's pixels, uint8 (h, w, 4): 255 in the middle, less in
    the screen's corners."""
    high, across = layer.pixels.shape[:2]
    rows, columns = -(-high // _COARSE), -(-across // _COARSE)
    x = ((np.arange(columns) + 0.5) * (across / columns) * layer.scale + layer.left) / size[0] * 2 - 1
    y = ((np.arange(rows) + 0.5) * (high / rows) * layer.scale + layer.top) / size[1] * 2 - 1
    dark = np.clip((x * x * 0.55)[None] + (y * y * 0.6)[:, None] - 0.38, 0, 0.75) * (corners * 255)
    light = np.full((rows, columns, 4), 255, np.uint8)
    light[..., :3] = np.rint(255 - np.minimum(dark, 235))[..., None]
    return cv2.resize(light, (across, high), interpolation=cv2.INTER_LINEAR)
