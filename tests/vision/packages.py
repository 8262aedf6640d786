"""Packages drawn in code and photographed in code: footage for tests and benches of what is held up.

    package → photos (what an operator would drop into products/)
            → held_up (what the camera sees: perspective, light, blur, noise, fingers over an edge)

Nothing here is a real product. Words, sprites and shapes are drawn by a seed, so any two may share a word or
a sprite, as real packages of one brand do.
"""

from __future__ import annotations

import colorsys
import io
import json
import math
import zipfile
from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from reverie.assets import asset
from reverie.values import Image

WORDS = (
    "Choco", "Crunch", "Berry", "Loops", "Honey", "Oats", "Golden", "Puffs", "Lemon", "Tea", "Green",
    "Leaf", "Cocoa", "Dream", "Tomato", "Soup", "Noodle", "Rice", "Ginger", "Snap", "Mint", "Drops",
    "Apple", "Rings", "Almond", "Milk", "Corn", "Stars", "Sea", "Salt", "Oat", "Bites", "Plum",
    "Jam",
)  # fmt: skip

SKIN = ((224, 172, 140), (198, 140, 104), (120, 80, 60))

Colour = tuple[int, int, int]
Points = NDArray[np.float64]


@cache
def _sprites() -> tuple[zipfile.ZipFile, tuple[str, ...]]:
    packed = zipfile.ZipFile(asset("sprites.zip"))
    return packed, tuple(sorted(n for n in packed.namelist() if n.endswith(".webp") and "/" not in n))


def sprite(name: str, side: int) -> Pillow.Image:
    """A picture of `sprites.zip`, RGBA."""
    return Pillow.open(io.BytesIO(_sprites()[0].read(name))).convert("RGBA").resize((side, side))


def class_cards(names: Sequence[str], side: int = 420) -> dict[str, Image]:
    """A printed picture on white for each of the detector's classes `names` that there is a sprite of."""
    drawn = json.loads(asset("sprites.json").read_text(encoding="utf-8"))["classes"]
    cards = {}
    for name in names:
        if name in drawn:
            paper = Pillow.new("RGB", (side, side), "white")
            picture = sprite(f"{drawn[name]}.webp", side - 60)
            paper.paste(picture, (30, 30), picture)
            cards[name] = np.array(paper)
    return cards


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(asset("NotoSansSC-Bold-subset.otf")), size)


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = (
        int(255 * min(1.0, max(0.0, c))) for c in colorsys.hsv_to_rgb(hue % 1, saturation, value)
    )
    return red, green, blue


def package(
    seed: int, flavour: int = 0, recoloured: bool = True, size: tuple[int, int] = (420, 560)
) -> Image:
    """The front of a package, RGB (H, W, 3). Of one seed, flavours differ in the second word and (unless not
    `recoloured`) in the colours; everything else is the same."""
    r = np.random.default_rng(seed)
    width, height = size
    hue = r.random() + (0.3 * flavour if recoloured else 0.0)
    paper = Pillow.new("RGB", size, _rgb(hue, 0.55 + 0.3 * r.random(), 0.55 + 0.4 * r.random()))
    draw = ImageDraw.Draw(paper)
    for _ in range(r.integers(2, 6)):
        shape, x, y = r.integers(3), int(r.integers(-50, width)), int(r.integers(-50, height))
        across, down = int(r.integers(80, 350)), int(r.integers(60, 260))
        colour = _rgb(hue + r.normal(0, 0.12), 0.3 + 0.6 * r.random(), 0.4 + 0.6 * r.random())
        if shape == 0:
            draw.ellipse((x, y, x + across, y + down), fill=colour)
        elif shape == 1:
            draw.rectangle((x, y, x + across, y + down), fill=colour)
        else:
            draw.polygon([(x, y), (x + across, y + down // 3), (x + across // 2, y + down)], fill=colour)
    first, second = (WORDS[i] for i in r.integers(0, len(WORDS), 2))
    if flavour:
        second = WORDS[int(np.random.default_rng(seed * 7 + flavour).integers(len(WORDS)))]
    top, large = int(r.integers(20, 90)), int(r.integers(52, 80))
    edge = int(r.integers(0, 4))
    draw.text(
        (24, top), first, font=_font(large), fill="white", stroke_width=edge, stroke_fill=_rgb(hue, 0.8, 0.3)
    )
    draw.text((24, top + large + 6), second, font=_font(large - 14), fill=_rgb(hue + 0.5, 0.2, 1))
    names = _sprites()[1]
    for _ in range(r.integers(1, 3)):
        side = int(r.integers(110, 220))
        drawn = sprite(names[r.integers(len(names))], side)
        place = int(r.integers(0, width - side)), int(r.integers(190, height - side - 20))
        paper.paste(drawn, place, drawn)
    for row in range(r.integers(2, 6)):
        line = " ".join(WORDS[i].lower() for i in r.integers(0, len(WORDS), 4))
        draw.text((26, height - 110 + row * 16), line, font=_font(13), fill="white")
    draw.rectangle((width - 130, height - 70, width - 16, height - 16), fill="white")
    x = width - 122
    while x < width - 26:  # bars
        bar = int(r.integers(1, 5))
        draw.rectangle((x, height - 66, x + bar - 1, height - 24), fill="black")
        x += bar + int(r.integers(1, 4))
    return np.array(paper)


def plain(seed: int, size: tuple[int, int] = (420, 560)) -> Image:
    """A package with nothing on it."""
    return np.full((size[1], size[0], 3), _rgb(np.random.default_rng(seed).random(), 0.6, 0.8), np.uint8)


def with_code(front: Image, text: str, side: int = 160) -> Image:
    """The same package with a QR code of `text`, `side` pixels, at its lower left."""
    code = cv2.QRCodeEncoder.create().encode(text)  # with its quiet border
    drawn = cv2.resize(code, (side, side), interpolation=cv2.INTER_NEAREST)
    marked = front.copy()
    low = front.shape[0] - 24
    marked[low - side : low, 24 : 24 + side] = drawn[..., None]
    return marked


def ground(seed: int, size: tuple[int, int] = (640, 480)) -> Image:
    """What is behind: by the seed a blurred room, a sharp shelf, brickwork or gravel; RGB."""
    r = np.random.default_rng(seed)
    width, height = size
    kind = seed % 4
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = (200, 190, 176)
    if kind in (0, 1):
        for shelf in (0.05, 0.3, 0.55):
            y = int(height * shelf) + 96
            for x in range(0, width, 26):
                tall = int(r.integers(20, 84))
                cv2.rectangle(picture, (x, y - tall), (x + 20, y), _rgb(r.random(), 0.5, 0.7), -1)
                cv2.putText(
                    picture, WORDS[r.integers(len(WORDS))][:3], (x, y - tall // 2), 0, 0.3, (250, 250, 250), 1
                )
            cv2.rectangle(picture, (0, y), (width, y + 8), (150, 118, 88), -1)
        return _soft(picture, 20.0 if kind == 0 else 0.8)
    if kind == 2:
        for row, y in enumerate(range(0, height, 30)):
            for x in range(-(row % 2) * 40, width, 80):
                tone = int(r.integers(90, 150))
                cv2.rectangle(picture, (x + 2, y + 2), (x + 77, y + 27), (tone + 40, tone, tone - 20), -1)
        return _soft(picture, 0.8)
    for _ in range(2500):
        middle = int(r.integers(width)), int(r.integers(height))
        tone = int(r.integers(60, 220))
        cv2.circle(picture, middle, int(r.integers(4, 12)), (tone, tone, tone), -1)
    return _soft(picture, 0.8)


def _soft(picture: Image, sigma: float) -> Image:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def corners_of(
    shape: Sequence[int], size: tuple[int, int], height: float, yaw: float, pitch: float, roll: float
) -> Points:
    """Where the corners of a card of `shape` come to lie before a pinhole camera: pixels (4, 2)."""
    width, high = size
    focal = 1.1 * width
    half = shape[1] / shape[0] / 2
    flat = np.array([[-half, -0.5, 0], [half, -0.5, 0], [half, 0.5, 0], [-half, 0.5, 0]]) * height * high
    y, p, r = (math.radians(v) for v in (yaw, pitch, roll))
    turned = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    tipped = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    rolled = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    there = flat @ (rolled @ tipped @ turned).T + np.array([0, 0, focal])
    return np.asarray(there[:, :2] / there[:, 2:] * focal + np.array([width / 2, high / 2]))


def held_up(
    front: Image,
    behind: Image,
    r: np.random.Generator,
    *,
    height: float = 0.5,
    yaw: float = 0.0,
    pitch: float = 0.0,
    roll: float = 0.0,
    blur: float = 0.0,
    hidden: float = 0.1,
    light: float = 1.0,
    noise: float = 4.0,
    shift: tuple[float, float] = (0.0, 0.0),
) -> Image:
    """What a camera sees when `front` is held up before `behind`: RGB of the size of `behind`.

    `height`: the package's as a share of the picture's. Angles in degrees. `blur`: pixels of motion.
    `hidden`: share of the package behind fingers. `light`: factor of brightness. `noise`: sigma, gray levels.
    `shift`: how far from the middle, in pixels.
    """
    size = behind.shape[1], behind.shape[0]
    quad = corners_of(front.shape, size, height, yaw, pitch, roll) + np.array(shift)
    shrink = front.shape[0] / (height * size[1])
    source = cv2.GaussianBlur(front, (0, 0), 0.4 * shrink) if shrink > 1.3 else front
    fine = 2  # drawn at twice the size, for smooth edges
    card = np.array(
        [[0, 0], [front.shape[1], 0], [front.shape[1], front.shape[0]], [0, front.shape[0]]], np.float32
    )
    plane = cv2.getPerspectiveTransform(card, (quad * fine).astype(np.float32))
    large = size[0] * fine, size[1] * fine
    opacity = cv2.warpPerspective(np.full(front.shape[:2], 255, np.uint8), plane, large)
    layer = cv2.resize(cv2.warpPerspective(source, plane, large), size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(opacity, size, interpolation=cv2.INTER_AREA)[..., None] / 255
    shade = 1 + 0.12 * np.cos(np.linspace(0, math.pi, size[0]) + r.uniform(0, 6))[None, :, None]
    picture = (behind * (1 - share) + layer * shade * share).astype(np.float32)
    if hidden > 0:
        _fingers(picture, quad, r, hidden)
    seen = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.5), np.float64)
    if blur >= 1.5:
        seen = np.asarray(cv2.filter2D(seen, -1, _streak(round(blur) | 1, r.uniform(0, math.pi))))
    seen = seen * light + r.normal(0, noise, seen.shape)
    return np.clip(seen, 0, 255).astype(np.uint8)


def _streak(side: int, angle: float) -> NDArray[np.float32]:
    kernel = np.zeros((side, side), np.uint8)
    middle = side // 2
    x, y = round(middle * math.cos(angle)), round(middle * math.sin(angle))
    cv2.line(kernel, (middle - x, middle - y), (middle + x, middle + y), 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _fingers(picture: NDArray[np.float32], quad: Points, r: np.random.Generator, hidden: float) -> None:
    """Four of them over one edge, drawn into `picture`."""
    side = int(r.integers(4))
    a, b = quad[side], quad[(side + 1) % 4]
    across = float(np.linalg.norm(b - a))
    inward = quad.mean(axis=0) - (a + b) / 2
    inward, along = inward / (np.linalg.norm(inward) + 1e-6), (b - a) / (across + 1e-6)
    deep = hidden * cv2.contourArea(quad.astype(np.float32)) / (0.45 * across + 1e-6)
    grip = a + (b - a) * r.uniform(0.3, 0.7)
    skin = np.array(SKIN[r.integers(len(SKIN))], float)
    for finger in range(4):
        root = grip + along * 0.45 * across * ((finger + 0.5) / 4 - 0.5)
        start, end = root - inward * 0.3 * across, root + inward * deep * r.uniform(0.8, 1.2)
        colour = [float(c) for c in skin * r.uniform(0.9, 1.05)]
        thick = max(3, int(0.45 * across / 4))
        cv2.line(picture, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), colour, thick)


def photos(front: Image, seed: int, count: int = 3, side: int = 1200) -> list[Image]:
    """What the operator's telephone makes of it, `side` pixels high: before a wall, from front and sides."""
    r = np.random.default_rng(seed)
    taken = []
    for index in range(count):
        wall = np.full((side, side * 3 // 4, 3), r.integers(120, 240), np.uint8)
        yaw = (0, -22, 22)[index % 3] + r.normal(0, 4)
        height = r.uniform(0.55, 0.68)
        taken.append(
            held_up(
                front,
                wall,
                r,
                height=height,
                yaw=yaw,
                pitch=r.normal(0, 5),
                roll=r.normal(0, 4),
                hidden=0,
                noise=2,
            )
        )
    return taken
