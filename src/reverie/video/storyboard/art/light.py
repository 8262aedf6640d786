"""Light, shadow and small flying things: glows, rays, sparkles, dust, drops. Pure functions of time.

Particles take `t`, the seconds since they started, and draw nothing before 0; where they fly is decided by
`seed` alone, so that the same seed gives the same pictures.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from reverie.video.storyboard.art.canvas import FOOT, Canvas, Pixels, Sprite, blurred, colour
from reverie.video.storyboard.art.easing import TAU, clamp, ease
from reverie.video.storyboard.art.sprites import sprite

SHADOW = "#1a1030"
PARTY = ("#ff5a6e", "#ffd34d", "#4fc3ff", "#7ee08a", "#c98bff", "#ff9d3c")
GOLD = ("#fff3b0", "#ffffff", "#ffd34d")

# ---------------------------------------------------------------------------------- shapes of light


def _from_alpha(alpha: NDArray[np.float64] | NDArray[np.float32], tint: str, soft: bool = False) -> Sprite:
    """A flat colour with an alpha of 0..1; `soft`: without edges."""
    out = np.empty((*alpha.shape, 4), np.float32)
    out[..., :3] = np.array(colour(tint), np.float32) * alpha[..., None]
    out[..., 3] = alpha * 255
    return Sprite((out + 0.5).astype(np.uint8), soft=soft)


@lru_cache(96)
def soft(tint: str = "#ffffff", power: float = 1.6, size: int = 96) -> Sprite:
    """A round blot of light; a higher `power` falls off faster, below 0.5 it is nearly a disc."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    return _from_alpha(np.clip(1 - np.hypot(x, y), 0, 1) ** power, tint, soft=power >= 0.9)


@lru_cache(8)
def ray(tint: str = "#fff4cc") -> Sprite:
    """A beam that starts at its left middle and widens to the right."""
    y, x = np.mgrid[-1:1:48j, 0:1:280j]
    return _from_alpha(
        np.clip(1 - np.abs(y) / (x * 0.9 + 0.03), 0, 1) ** 0.8 * np.clip(1 - x, 0, 1), tint, True
    )


@lru_cache(16)
def twinkle(tint: str) -> Sprite:
    """A four-pointed star with a small halo."""
    y, x = np.mgrid[-1:1:72j, -1:1:72j]
    star = np.clip((0.92 - (np.abs(x) ** 0.52 + np.abs(y) ** 0.52)) * 9, 0, 1)
    halo = np.clip(1 - np.hypot(x, y) * 1.6, 0, 1) ** 2 * 0.5
    return _from_alpha(np.maximum(star, halo), tint)


@lru_cache(16)
def ring(tint: str = "#ffffff", thick: float = 0.09) -> Sprite:
    """A circle line."""
    y, x = np.mgrid[-1:1:96j, -1:1:96j]
    return _from_alpha(
        np.clip((thick / 2 - np.abs(np.hypot(x, y) - 0.92 + thick / 2)) * 40 + 0.5, 0, 1), tint
    )


@lru_cache(8)
def streak(tint: str = "#5fb4ff") -> Sprite:
    """A falling drop's trail, thick at the bottom."""
    y, x = np.mgrid[0:1:64j, -1:1:14j]
    return _from_alpha(np.clip((0.35 + 0.6 * y - np.abs(x)) * 4, 0, 1) * y**0.6, tint)


@lru_cache(4)
def bubble() -> Sprite:
    """A soap bubble: a thin bright rim, hardly anything inside, one highlight."""
    y, x = np.mgrid[-1:1:192j, -1:1:192j]
    r = np.hypot(x, y)
    rim = np.clip(1 - np.abs(r - 0.93) / 0.05, 0, 1) * 0.75
    inside = np.where(r < 0.95, 0.10 + 0.22 * r**4, 0)
    shine = np.clip(1 - np.hypot((x + 0.42) / 0.26, (y + 0.5) / 0.16), 0, 1) * 0.8
    return _from_alpha(np.clip(rim + inside + shine, 0, 1), "#e6f8ff")


@lru_cache(16)
def confetto(tint: str) -> Sprite:
    """One piece of confetti."""
    pixels = np.zeros((24, 16, 4), np.uint8)
    pixels[2:22, 2:14] = (*colour(tint), 255)
    return Sprite(blurred(pixels, 0.6))


# ---------------------------------------------------------------------------------- standing light


def glow(
    canvas: Canvas, x: float, y: float, radius: float, tint: str, alpha: float = 0.8, depth: float = 1.0
) -> None:
    """A soft light around (x, y)."""
    canvas.draw(soft(tint, 2.0), x, y, 2 * radius, alpha=alpha, depth=depth)


def shadow(canvas: Canvas, x: float, y: float, width: float, lift: float = 0.0, alpha: float = 0.5) -> None:
    """What a thing `width` wide throws on the ground at (x, y) while it hovers `lift` above it."""
    far = clamp(lift / 220)
    canvas.draw(
        soft(SHADOW, 1.2),
        x,
        y,
        24 + width * 0.07,
        wide=width * (1.28 - 0.45 * far) / (24 + width * 0.07),
        alpha=alpha * (1 - 0.75 * far),
    )


@lru_cache(16)
def _wheel(count: int, tint: str) -> Sprite:
    y, x = np.mgrid[-1:1:240j, -1:1:240j]
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    beam = np.clip(0.5 + 0.75 * np.cos(angle * count), 0, 1) * np.clip(r * 9, 0, 1)
    return _from_alpha(beam * np.clip(1 - r, 0, 1) ** 1.2, tint, soft=True)


def rays(
    canvas: Canvas,
    x: float,
    y: float,
    length: float,
    t: float,
    *,
    count: int = 9,
    alpha: float = 0.4,
    tint: str = "#fff4cc",
    depth: float = 1.0,
) -> None:
    """A slowly turning wheel of `count` light beams around (x, y), `length` long."""
    strength = alpha * (0.88 + 0.12 * math.sin(t * 2.3))
    canvas.draw(_wheel(count, tint), x, y, 2 * length, turn=t * 14, alpha=strength, depth=depth)


# ---------------------------------------------------------------------------------- particles


def sparkle(
    canvas: Canvas,
    t: float,
    x: float,
    y: float,
    radius: float,
    seed: int,
    count: int = 12,
    tints: tuple[str, ...] = GOLD,
) -> None:
    """A burst of twinkling stars from (x, y), over about one second."""
    rng = random.Random(seed)
    for i in range(count):
        angle, reach, late, life = (
            rng.uniform(0, TAU),
            rng.uniform(0.45, 1.0),
            rng.uniform(0, 0.25),
            rng.uniform(0.6, 1.0),
        )
        k = (t - late) / life
        if 0 < k < 1:
            out = ease("out", k) * reach * radius
            size = rng.uniform(12, 26) * math.sin(k * math.pi)
            canvas.draw(
                twinkle(tints[i % len(tints)]),
                x + math.cos(angle) * out,
                y + math.sin(angle) * out + 26 * k * k,
                size,
                turn=k * 90 * (1 if i % 2 else -1),
            )
        else:
            rng.random()


def glints(
    canvas: Canvas, t: float, x: float, y: float, width: float, height: float, seed: int, count: int = 5
) -> None:
    """Stars that twinkle on and around a thing for as long as it is there."""
    rng = random.Random(seed)
    for i in range(count):
        px, py, rate, start = (
            rng.uniform(-0.55, 0.55),
            rng.uniform(-0.55, 0.5),
            rng.uniform(0.5, 0.9),
            rng.random(),
        )
        k = (t * rate + start) % 1
        canvas.draw(
            twinkle(GOLD[i % 3]),
            x + px * width,
            y + py * height,
            20 * math.sin(k * math.pi),
            turn=k * 60,
            alpha=0.9,
        )


def confetti(
    canvas: Canvas, t: float, x: float, y: float, seed: int, count: int = 26, power: float = 1.0
) -> None:
    """Paper thrown up from (x, y), turning as it falls."""
    if not 0 <= t < 2.6:
        return
    rng = random.Random(seed)
    for i in range(count):
        vx, vy, spin = rng.uniform(-150, 150) * power, rng.uniform(-330, -150) * power, rng.uniform(-500, 500)
        px, py = x + vx * t * math.exp(-t * 0.6), y + vy * t + 190 * t * t
        flat = math.sin(t * rng.uniform(5, 9) + i)
        canvas.draw(
            confetto(PARTY[i % 6]),
            px,
            py,
            11,
            wide=0.25 + 0.75 * abs(flat),
            turn=spin * t,
            alpha=clamp((2.4 - t) * 2),
        )


def dust(
    canvas: Canvas,
    t: float,
    x: float,
    y: float,
    seed: int,
    count: int = 6,
    width: float = 40.0,
    tint: str = "#fff3dc",
) -> None:
    """A puff on the ground, over in half a second."""
    if not 0 < t < 0.55:
        return
    rng = random.Random(seed)
    k = t / 0.55
    for _ in range(count):
        side = rng.uniform(-1, 1)
        canvas.draw(
            soft(tint, 1.0),
            x + side * width * (0.4 + 0.8 * k),
            y - rng.uniform(2, 20) * k,
            10 + 24 * k,
            alpha=0.6 * (1 - k),
        )


def trail(
    canvas: Canvas,
    t: float,
    x: float,
    y: float,
    seed: int,
    *,
    ways: float = -1.0,
    tint: str = "#fff3dc",
    size: float = 26.0,
    count: int = 8,
    rise: float = 0.3,
) -> None:
    """Puffs left behind without end: dust of a runner, exhaust, a rocket's smoke. `ways`: -1 to the left."""
    rng = random.Random(seed)
    for i in range(count):
        k = (t * 1.7 + i / count) % 1
        px = x + ways * (8 + 80 * k)
        canvas.draw(
            soft(tint, 1.0),
            px,
            y - rise * 70 * k + rng.uniform(-5, 5),
            size * (0.35 + 0.9 * k),
            alpha=0.6 * (1 - k) * clamp(t * 3),
        )


def rising(
    canvas: Canvas,
    t: float,
    x: float,
    y: float,
    name: str,
    seed: int,
    *,
    count: int = 4,
    width: float = 60.0,
    height: float = 120.0,
    size: float = 26.0,
    rate: float = 0.45,
) -> None:
    """Sprites that drift up and fade: notes, hearts, sleep, letters."""
    if t <= 0:
        return
    rng = random.Random(seed)
    image = sprite(name)
    for i in range(count):
        start, px, sway = i / count, rng.uniform(-0.5, 0.5), rng.uniform(0, TAU)
        age = t * rate - start
        if age < 0:
            continue
        k = age % 1
        canvas.draw(
            image,
            x + px * width + 10 * math.sin(k * 5 + sway),
            y - height * k,
            size * (0.5 + 0.5 * ease("back", k * 4)),
            turn=12 * math.sin(k * 6 + sway),
            alpha=math.sin(math.pi * min(1, k * 1.08)) ** 0.6 if k < 0.92 else 0.0,
        )


def steam(
    canvas: Canvas,
    t: float,
    x: float,
    y: float,
    seed: int,
    *,
    width: float = 60.0,
    height: float = 140.0,
    count: int = 7,
    alpha: float = 0.55,
) -> None:
    """Warm vapour that rises, spreads and thins out."""
    rng = random.Random(seed)
    for i in range(count):
        px, rate = rng.uniform(-0.5, 0.5), rng.uniform(0.32, 0.5)
        k = (t * rate + i / count) % 1
        canvas.draw(
            soft("#ffffff", 1.1),
            x + px * width * (1 + k) + 9 * math.sin(k * 6 + i),
            y - height * k,
            22 + 46 * k,
            alpha=alpha * math.sin(k * math.pi),
        )


def bubbles(
    canvas: Canvas,
    t: float,
    x: float,
    y: float,
    seed: int,
    *,
    width: float = 90.0,
    height: float = 160.0,
    count: int = 7,
) -> None:
    """Air bubbles on their way up."""
    rng = random.Random(seed)
    for i in range(count):
        px, rate, size = rng.uniform(-0.5, 0.5), rng.uniform(0.3, 0.6), rng.uniform(7, 17)
        k = (t * rate + i / count) % 1
        canvas.draw(
            bubble(),
            x + px * width + 7 * math.sin(k * 9 + i),
            y - height * k,
            size * (0.6 + 0.4 * k),
            alpha=clamp((1 - k) * 3),
        )


def rain(
    canvas: Canvas,
    t: float,
    x: float,
    top: float,
    bottom: float,
    width: float,
    seed: int,
    count: int = 34,
    alpha: float = 0.85,
) -> None:
    """Falling drops between two heights, with rings where they land."""
    rng = random.Random(seed)
    for _ in range(count):
        px, start, rate = rng.uniform(-0.5, 0.5), rng.random(), rng.uniform(1.1, 1.6)
        depth = rng.uniform(-8, 10)
        k = (t * rate + start) % 1
        at = x + px * width - 18 * k
        canvas.draw(
            streak(),
            at,
            top + (bottom + depth - top) * k,
            34,
            wide=1.2,
            turn=5,
            alpha=alpha * min(1, k * 5),
            anchor=FOOT,
        )
        if k > 0.86:
            grown = (k - 0.86) / 0.14
            canvas.draw(ring("#d7efff"), at, bottom + depth, 7 * grown, wide=3.0, alpha=alpha * (1 - grown))


def lava(
    canvas: Canvas,
    t: float,
    x: float,
    y: float,
    seed: int,
    *,
    count: int = 34,
    power: float = 1.0,
    tints: tuple[str, ...] = ("#ffdf6b", "#ff8a2e", "#ff4a2e"),
) -> None:
    """Glowing lumps thrown up without end."""
    rng = random.Random(seed)
    for i in range(count):
        start, vx, vy = rng.random(), rng.uniform(-95, 95) * power, rng.uniform(190, 330) * power
        k = (t * 0.8 + start) % 1
        age = k * 1.35
        canvas.draw(
            soft(tints[i % len(tints)], 0.5),
            x + vx * age,
            y - vy * age + 250 * age * age,
            9 + 11 * (1 - k),
            alpha=min(1.0, (1 - k) * 2) * clamp(t * 4),
        )


def motes(
    canvas: Canvas,
    t: float,
    seed: int,
    tint: str,
    *,
    count: int = 14,
    speed: float = 14.0,
    size: float = 12.0,
    alpha: float = 0.5,
) -> None:
    """Specks of light adrift in the whole picture."""
    rng = random.Random(seed)
    blot = soft(tint, 1.3)
    for _ in range(count):
        x, y, near, start = rng.random(), rng.uniform(20, 470), rng.uniform(0.35, 1.0), rng.uniform(0, TAU)
        px = (x * canvas.wide + t * speed * near + 10 * math.sin(t * 0.9 + start)) % (canvas.wide + 40) - 20
        py = (y - t * speed * 0.9 * near) % 470
        canvas.draw(
            blot, px, py, size * (0.4 + near), alpha=alpha * (0.35 + 0.65 * abs(math.sin(t * 1.4 + start)))
        )


def speed_lines(canvas: Canvas, t: float, seed: int, ways: float, alpha: float = 0.5) -> None:
    """Wind that rushes past; `ways` +1 to the right."""
    rng = random.Random(seed)
    for i in range(9):
        y, length, rate = rng.uniform(90, 360), rng.uniform(50, 120), rng.uniform(1.2, 2.2)
        k = (t * rate + i / 9) % 1
        x = canvas.wide * (k * 1.4 - 0.2) if ways > 0 else canvas.wide * (1.2 - k * 1.4)
        canvas.draw(soft("#ffffff", 0.9), x, y, 4, wide=length / 4, alpha=alpha * math.sin(k * math.pi))


# ---------------------------------------------------------------------------------- the lens


@lru_cache(8)
def scrim(width: int, height: int, share: float) -> Pixels:
    """Darkness that grows towards the lower edge over `share` of the height: what captions stand on."""
    rows = round(height * share)
    alpha = (np.linspace(0, 1, rows) ** 1.4 * 0.62)[:, None].repeat(width, 1)
    return np.ascontiguousarray(_from_alpha(alpha.astype(np.float32), "#120b2a").pixels)


def iris(width: int, height: int, x: float, y: float, share: float) -> Pixels:
    """A mask, 255 inside a circle around pixel (x, y) that covers the whole picture at share 1."""
    mask = np.zeros((height, width), np.uint8)
    radius = math.hypot(max(x, width - x), max(y, height - y)) * share
    cv2.circle(mask, (int(x), int(y)), int(radius), 255, -1, cv2.LINE_AA)
    return mask


def sweep(width: int, height: int, share: float) -> Pixels:
    """A mask, 255 on what a slanting soft edge has passed on its way from the left, 0 on the rest."""
    levels = np.arange(256, dtype=np.float32)
    passed = np.clip((share * (255 + _SOFT) - levels) * (255 / _SOFT), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(_slope(width, height), passed), np.uint8)


_SOFT = 26.0
"""Width of the edge of a sweep, in 255ths of the way."""


@lru_cache(4)
def _slope(width: int, height: int) -> Pixels:
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return np.asarray((x * 0.8 + y * 0.2) * 255, np.uint8)


# ---------------------------------------------------------------------------------- water


def water(canvas: Canvas, t: float, y: float, top: str, bottom: str, alpha: float = 0.85) -> None:
    """Water from wavy height `y` (virtual units) to the bottom of the picture, seen by the camera."""
    high, across = canvas.pixels.shape[:2]
    zoom = canvas.scale() / canvas.unit
    amplitude = 5.0
    first = max(0, int(canvas.screen(0, y - amplitude * 1.5)[1]))
    if first >= high:
        return
    step = max(6, round(8 * canvas.unit))
    xs = np.arange(0, across + step, step)
    at = xs / canvas.unit / zoom + canvas.camera.x
    crest = np.sin(at * 0.024 + t * 2.1) * amplitude + np.sin(at * 0.053 - t * 2.9) * amplitude * 0.45
    line = canvas.screen(0, y)[1] + crest * canvas.unit - first
    ring = np.stack([xs, line], 1)
    outline = np.vstack([ring, [[across + step, high], [0, high]]])
    mask = np.zeros((high - first, across), np.uint8)
    cv2.fillPoly(mask, [np.rint(outline * 16).astype(np.int32)], round(255 * alpha), cv2.LINE_AA, 4)
    body = _depth(across, high - first, top, bottom)
    rim = np.zeros_like(mask)
    cv2.polylines(
        rim, [np.rint(ring * 16).astype(np.int32)], False, 200, max(2, round(3 * canvas.unit)), cv2.LINE_AA, 4
    )
    lit = cv2.add(body, cv2.merge([rim, rim, rim, rim]))
    canvas.blend(cv2.multiply(lit, cv2.merge([mask] * 4), scale=1 / 255), 0, first)  # type: ignore[arg-type]


@lru_cache(4)
def _depth(width: int, height: int, top: str, bottom: str) -> Pixels:
    rows = np.linspace(0, 1, height)[:, None]
    lanes = np.array(colour(top)) * (1 - rows) + np.array(colour(bottom)) * rows
    out = np.full((height, width, 4), 255, np.uint8)
    out[..., :3] = lanes[:, None, :]
    return out
