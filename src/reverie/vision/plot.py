"""Draws what was seen onto a copy of the picture, for `reverie detect --plot` and the console's live view."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from reverie import config
from reverie.assets import asset
from reverie.values import Box, Detection, Image, Joints, Track

PALETTE = (
    (76, 201, 240), (255, 183, 3), (124, 222, 132), (255, 112, 150), (181, 148, 255), (255, 145, 77),
    (64, 224, 208), (240, 230, 100), (255, 130, 220), (130, 170, 255), (190, 230, 80), (255, 160, 160),
)  # fmt: skip
"""Colours of classes, RGB: light enough for dark text on them, apart from each other and from most scenes."""

ZONE = (120, 220, 255)
LINE = (255, 214, 102)
DARK = (16, 20, 28)

LIMBS = (
    *((5, 7), (7, 9), (6, 8), (8, 10)),  # arms
    *((5, 6), (5, 11), (6, 12), (11, 12)),  # trunk
    *((11, 13), (13, 15), (12, 14), (14, 16)),  # legs
)
"""Which joints are one limb, by their places in COCO's order (`values.Joints`). The face is left out."""

SURE = 0.5
"""How sure a pose model must be of a joint for it to be drawn."""

_Area = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


def plot(
    image: Image,
    things: Sequence[Detection | Track],
    zones: Sequence[config.Zone] = (),
    lines: Sequence[config.Line] = (),
) -> Image:
    """A copy of `image`, uint8 RGB (H, W, 3), with zones, lines, and a labelled box for each of `things`.

    A class always has the same colour. Sizes follow the picture's; text is legible from 320x240 on. On a
    line, the arrow points to "in". Where a pose model saw people, their limbs are drawn too.
    """
    drawn = np.ascontiguousarray(image).copy()
    unit = max(1.0, min(drawn.shape[:2]) / 480)
    taken: list[_Area] = []
    taken.extend(_zone(drawn, zone, unit) for zone in zones)
    taken.extend(_line(drawn, line, unit) for line in lines)
    for thing in sorted(things, key=lambda t: t.box.area, reverse=True):
        _box(drawn, thing.box, colour_of(thing.label), unit)
        _pose(drawn, thing.joints, colour_of(thing.label), unit)
    for thing in sorted(things, key=lambda t: t.score, reverse=True):
        _tag(drawn, thing, unit, taken)
    return drawn


def colour_of(label: str) -> tuple[int, int, int]:
    """The RGB colour of a class, 0..255: the same in every run and on every machine."""
    return PALETTE[hashlib.sha256(label.encode()).digest()[0] % len(PALETTE)]


def _pixels(image: Image, point: tuple[float, float]) -> tuple[int, int]:
    height, width = image.shape[:2]
    return round(point[0] * (width - 1)), round(point[1] * (height - 1))


def _box(image: Image, box: Box, colour: tuple[int, int, int], unit: float) -> None:
    """A thin frame on a dark edge; with strong corners where it is large enough for them."""
    left, top = _pixels(image, (box.left, box.top))
    right, bottom = _pixels(image, (box.right, box.bottom))
    thin = max(1, round(unit))
    short = min(right - left, bottom - top)
    edge = 2 if short >= 48 * unit else 1
    cv2.rectangle(image, (left, top), (right, bottom), DARK, thin + edge)
    cv2.rectangle(image, (left, top), (right, bottom), colour, thin)
    if short < 48 * unit:
        return
    arm = round(short * 0.2)
    for x, y, dx, dy in (
        (left, top, arm, arm),
        (right, top, -arm, arm),
        (left, bottom, arm, -arm),
        (right, bottom, -arm, -arm),
    ):
        corner: Any = np.array([[x + dx, y], [x, y], [x, y + dy]], np.int32)
        cv2.polylines(image, [corner], False, colour, thin + round(2 * unit))


def _pose(image: Image, joints: Joints, colour: tuple[int, int, int], unit: float) -> None:
    """Limbs and joints that are sure."""
    places = {i: _pixels(image, (x, y)) for i, (x, y, sure) in enumerate(joints) if sure >= SURE}
    for one, other in LIMBS:
        if one in places and other in places:
            cv2.line(image, places[one], places[other], DARK, round(4 * unit), cv2.LINE_AA)
            cv2.line(image, places[one], places[other], colour, max(1, round(2 * unit)), cv2.LINE_AA)
    for i, place in places.items():
        if i >= 5:
            cv2.circle(image, place, round(3 * unit), DARK, -1, cv2.LINE_AA)
            cv2.circle(image, place, max(1, round(2 * unit)), colour, -1, cv2.LINE_AA)


def _tag(image: Image, thing: Detection | Track, unit: float, taken: list[_Area]) -> None:
    """The label at the box: above or below it, short if need be, where it hides the least of others."""
    left, top = _pixels(image, (thing.box.left, thing.box.top))
    right, bottom = _pixels(image, (thing.box.right, thing.box.bottom))
    size = round((15 if right - left >= 60 * unit else 12) * unit)
    places: list[tuple[Image, _Area]] = []
    for text in (f"{thing.label} {thing.score:.0%}", thing.label, f"{thing.score:.0%}"):
        tag = _pill(text, size, DARK, colour_of(thing.label))
        height, width = tag.shape[:2]
        for x, y in (
            (left - 1, top - height - 1),
            (right + 1 - width, top - height - 1),
            (left - 1, bottom + 2),
        ):
            x = max(0, min(x, image.shape[1] - width))
            if width <= image.shape[1] and height <= image.shape[0]:
                y = max(0, min(y, image.shape[0] - height))
                places.append((tag, (x, y, x + width, y + height)))
    if not places:
        return  # a picture smaller than a tag
    tag, area = min(places, key=lambda place: sum(_overlap(place[1], other) for other in taken))
    taken.append(area)
    _blend(image, tag, area[0], area[1])


def _overlap(one: _Area, other: _Area) -> int:
    """Square pixels that both cover."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, width) * max(0, height)


def _zone(image: Image, zone: config.Zone, unit: float) -> _Area:
    """Draw it; where its name stands."""
    corners: Any = np.array([_pixels(image, point) for point in zone.polygon], np.int32)
    left, top, width, height = cv2.boundingRect(corners)
    part = image[top : top + height, left : left + width]
    tinted = part.copy()
    cv2.fillPoly(tinted, [corners - (left, top)], ZONE, cv2.LINE_AA)
    part[:] = cv2.addWeighted(tinted, 0.16, part, 0.84, 0)
    cv2.polylines(image, [corners], True, ZONE, max(1, round(1.5 * unit)), cv2.LINE_AA)
    x, y = min(corners.tolist(), key=sum)
    return _blend(
        image, _pill(zone.name, round(13 * unit), ZONE, DARK), x + round(6 * unit), y + round(6 * unit)
    )


def _line(image: Image, line: config.Line, unit: float) -> _Area:
    """Draw it; where its name stands."""
    start, end = _pixels(image, line.start), _pixels(image, line.end)
    thick = max(2, round(2 * unit))
    cv2.line(image, start, end, DARK, thick + 2, cv2.LINE_AA)
    cv2.line(image, start, end, LINE, thick, cv2.LINE_AA)
    along = np.subtract(end, start).astype(float)
    along /= max(1.0, float(np.hypot(*along)))
    middle = np.add(start, end) / 2
    # "In" is to the right of start → end; with y down, right of (dx, dy) is (-dy, dx).
    tip = middle + np.array([-along[1], along[0]]) * 26 * unit
    ends = [(round(float(x)), round(float(y))) for x, y in (middle, tip)]
    cv2.arrowedLine(image, ends[0], ends[1], DARK, thick + 2, cv2.LINE_AA, tipLength=0.35)
    cv2.arrowedLine(image, ends[0], ends[1], LINE, thick, cv2.LINE_AA, tipLength=0.35)
    name = _pill(line.name, round(13 * unit), LINE, DARK)
    return _blend(image, name, start[0] + round(4 * unit), start[1] + round(4 * unit))


def _blend(image: Image, sticker: Image, left: int, top: int) -> _Area:
    """Lay an RGBA sticker (h, w, 4) onto the picture, inside it where it would stick out; where it lies."""
    height, width = sticker.shape[:2]
    left = max(0, min(left, image.shape[1] - width))
    top = max(0, min(top, image.shape[0] - height))
    part = image[top : top + height, left : left + width]
    sticker = sticker[: part.shape[0], : part.shape[1]]
    alpha = sticker[..., 3:].astype(np.uint16)
    part[:] = ((sticker[..., :3] * alpha + part * (255 - alpha)) // 255).astype(np.uint8)
    return left, top, left + width, top + height


@functools.lru_cache(maxsize=512)
def _pill(text: str, size: int, ink: tuple[int, int, int], ground: tuple[int, int, int]) -> Image:
    """`text` on a rounded ground, RGBA uint8 (h, w, 4); `size` is the font's in pixels."""
    font = _font(size)
    left, _, right, _ = font.getbbox(text)
    pad, height = max(3, round(size * 0.35)), round(size * 1.45)
    width = round(right - left) + 2 * pad
    # Drawn four times as large and shrunk: smooth corners.
    ground_image = Pillow.new("L", (width * 4, height * 4), 0)
    ImageDraw.Draw(ground_image).rounded_rectangle(
        (0, 0, width * 4 - 1, height * 4 - 1), radius=round(size * 1.2), fill=255
    )
    pill = Pillow.new("RGBA", (width, height), (*ground, 0))
    pill.putalpha(ground_image.resize((width, height), Pillow.Resampling.LANCZOS))
    ImageDraw.Draw(pill).text((pad - left, height / 2), text, font=font, fill=(*ink, 255), anchor="lm")
    return np.asarray(pill, np.uint8)


@functools.lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(asset("NotoSansSC-Bold-subset.otf")), max(6, size))
