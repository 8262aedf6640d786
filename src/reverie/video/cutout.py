"""A thing out of its photograph: the background taken away where it is plain, else the photo as a card.

    cut = cut_out(artwork.pixels)          # cut.how: "own" alpha, "plain" background removed, "card"

A plain background is one colour, or a slow change from one to another, along the border. What is joined to
the border and looks like it goes; the edge that stays is soft, and its colours come from inside the thing, so
that no halo of the old background is left. Where that would tear the thing (a white box before a white wall)
or the background is a room, the whole photo is shown on a rounded card instead of a bad cut-out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

Straight = NDArray[np.uint8]
Mask = NDArray[np.uint8]
Plane = NDArray[np.float32]

How = Literal["own", "plain", "card"]

NEAR = 9.0
"""Distance in CIE L*a*b* (1976) up to which a pixel is background: four times what the eye just sees."""

PLAIN = 0.80
"""Share of the border that must be near the background: a thing may touch an edge, or stand on one."""

SMALLEST, LARGEST = 0.03, 0.97
"""Shares of the picture that a thing may fill: beyond them, the cut has failed."""

TORN = 0.72
"""Share of the thing, its bays closed, that must be left; less, and the cut has eaten into it."""

LOST, SCATTERED = 0.03, 0.5
"""How much beside the thing may be neither ground nor thing, as a share of the thing; how much of the room
around its pieces they must fill. A wine glass lost its rim (0.05), a white carton its front (0.28, and filled
0.44 of its room); none of 108 sprites before walls lost a thousandth, and a pair of shoes filled 0.7."""

FAINT, UNSURE = 1.6, 0.085
"""An outline is faint where nothing within 4 pixels is more than FAINT times NEAR from the ground; UNSURE is
the share of it that may be. Of 36 sprites before 4 walls each, these let no torn one through, and made a card
of 5 that were sound."""

COLOURED = 15.0
"""Chroma (of L*a*b*) from which a background is a colour that no label of a thing has by chance."""

DIM = 30.0
"""Lightness (of L*a*b*, 0..100) below which nothing is seen of a shadow."""

SHADOW_TINT, SHADOW_STEEP = 6.5, 1.8
"""How far a shadow's colour may be from the ground's, and its lightness change from a pixel to the next."""

SHADOW_BELOW, SHADOW_LARGEST = 0.45, 0.45
"""Where a shadow begins (share of the thing's height, from the top), and how much of the find it may be."""

CARD_FRAME = 0.045
"""White around a photo card, as a share of its longer side."""

CARD_CORNER = 0.075
"""Radius of a card's corners, the same way."""


SOUGHT = 640
"""Longer side at which the thing is looked for, pixels: the lengths in here are of pictures of that size."""


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A thing alone: straight RGBA, trimmed to what is seen of it; `how` it came about."""

    pixels: Straight
    how: How


def cut_out(pixels: Straight, cut: bool = True, longest: int = SOUGHT) -> Cutout | None:
    """The thing in a picture (RGBA, uint8); None where nothing is to be seen. `cut` False: always a card.

    Its longer side has at most `longest` pixels (a card's frame not counted): of a picture that is larger,
    more of the thing is left than of one that was made that small before.
    """
    alpha = pixels[..., 3]
    if int(alpha.max()) < 16:
        return None
    if float((alpha < 200).mean()) > 0.004:
        return Cutout(_shrunk(trim(_clean(pixels)), longest), "own")
    if cut:
        mask = _thing(_shrunk(pixels, SOUGHT))
        if mask is not None:
            return Cutout(_shrunk(_alone(pixels, mask), longest), "plain")
    return Cutout(photo_card(_shrunk(pixels, longest)), "card")


def _shrunk(pixels: Straight, longest: int) -> Straight:
    """At most `longest` pixels long. Colours weigh as much as they cover."""
    high, wide = pixels.shape[:2]
    scale = longest / max(high, wide)
    if scale >= 1:
        return pixels
    covered = Pillow.fromarray(pixels).convert("RGBa")
    size = max(1, round(wide * scale)), max(1, round(high * scale))
    return np.asarray(covered.resize(size, Pillow.Resampling.BOX).convert("RGBA"))


def trim(pixels: Straight) -> Straight:
    """Without the empty border."""
    x, y, w, h = cv2.boundingRect((pixels[..., 3] > 8).astype(np.uint8))
    return np.ascontiguousarray(pixels[y : y + h, x : x + w]) if w and h else pixels


def _clean(pixels: Straight) -> Straight:
    """Without the dust that drawing programs leave: next to invisible, it would still count as content."""
    out = pixels.copy()
    out[out[..., 3] < 6] = 0
    return out


# ---------------------------------------------------------------------------------- finding the thing


def _thing(pixels: Straight) -> Mask | None:
    """Where the thing is, 255 or 0; None where its background is not plain or the thing would be torn."""
    lab = cv2.cvtColor(pixels[..., :3].astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    soft = np.asarray(cv2.GaussianBlur(lab, (0, 0), 0.8), np.float32)
    ground, share = _ground(soft)
    if share < PLAIN:
        return None
    away = np.sqrt(((soft - ground) ** 2).sum(axis=2))
    like = (away < NEAR).astype(np.uint8)
    gone = _joined_to_border(like)
    gone = np.maximum(gone, _shadow(soft, ground, gone))
    if float(np.hypot(ground[..., 1], ground[..., 2]).mean()) > COLOURED:
        gone = np.maximum(gone, like)  # seen through a handle; before white it could be a white label
    size = max(3, round(max(gone.shape) / 160) | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    mask: Any = cv2.morphologyEx((1 - gone) * 255, cv2.MORPH_OPEN, disc)
    mask = _largest(mask)
    filled = float((mask > 0).mean())
    if not SMALLEST < filled < LARGEST or _torn(mask) or _faint(mask, away):
        return None
    if _lost(1 - gone, np.asarray(cv2.dilate(mask, disc))) > LOST * filled or _scattered(mask):
        return None
    if _rimmed(mask, soft, ground) > LOST * filled:
        return None
    return np.asarray(mask, np.uint8)


def _ground(lab: Plane) -> tuple[Plane, float]:
    """The background everywhere, as a slow change fitted to the border, and the border's share near it."""
    high, wide = lab.shape[:2]
    rim = max(2, round(min(high, wide) * 0.02))
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    terms = np.stack(
        [np.ones_like(x), x / wide - 0.5, y / high - 0.5, (x / wide - 0.5) ** 2, (y / high - 0.5) ** 2], 2
    )
    border = np.zeros((high, wide), bool)
    border[:rim], border[-rim:], border[:, :rim], border[:, -rim:] = True, True, True, True
    rows, seen = terms[border], lab[border]
    near = np.sqrt(((seen - np.median(seen, axis=0)) ** 2).sum(axis=1)) < NEAR * 2.5
    for _ in range(4):  # the thing may stand on the border: what does not fit counts no more
        if near.sum() < len(rows) * 0.4:
            break
        fitted, *_ = np.linalg.lstsq(rows[near], seen[near], rcond=None)
        near = np.sqrt(((seen - rows @ fitted) ** 2).sum(axis=1)) < NEAR
    else:
        return np.asarray(terms @ fitted, np.float32), float(near.mean())
    return lab, 0.0


def _shadow(lab: Plane, ground: Plane, gone: Mask) -> Mask:
    """The thing's shadow on its ground: the ground's own colour, only darker, softly joined to it, below."""
    nothing = np.zeros_like(gone)
    rows = np.flatnonzero((gone == 0).any(axis=1))
    if not len(rows) or float(ground[..., 0].mean()) < DIM:
        return nothing
    light = lab[..., 0]
    share, tint = _dimmed(lab, ground)
    steep = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)) / 8
    dark = (share > 0.3) & (share < 1.03) & (tint < SHADOW_TINT) & (steep < SHADOW_STEEP)
    dark[: rows[0] + round((rows[-1] - rows[0]) * SHADOW_BELOW)] = False
    joined = _joined_to_border(np.maximum(gone, dark.astype(np.uint8)))
    found = joined * (1 - gone)
    if float(found.sum()) > SHADOW_LARGEST * float((gone == 0).sum()):
        return nothing  # that is a grey thing, not a shadow
    # A shadow is darkest where it touches the thing: that thin line is neither.
    size = max(3, round(max(gone.shape) / 120) | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.morphologyEx(found, cv2.MORPH_CLOSE, disc), np.uint8)


def _dimmed(lab: Plane, ground: Plane) -> tuple[Plane, Plane]:
    """How light each pixel is as a share of the ground, and how far its colour is from the ground's then."""
    share = np.asarray(lab[..., 0] / np.maximum(ground[..., 0], 1), np.float32)
    tint = np.hypot(lab[..., 1] - ground[..., 1] * share, lab[..., 2] - ground[..., 2] * share)
    return share, np.asarray(tint, np.float32)


def _rimmed(mask: Mask, lab: Plane, ground: Plane) -> float:
    """Share of the picture that is thin, of the ground's colour, darker, and low: a hard shadow's rim."""
    rows = np.flatnonzero(mask.any(axis=1))
    size = max(5, round(max(mask.shape) / 40) | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    share, tint = _dimmed(lab, ground)
    rim = (cv2.morphologyEx(mask, cv2.MORPH_TOPHAT, disc) > 0) & (tint < SHADOW_TINT)
    rim &= (share > 0.3) & (share < 0.97)
    rim[: rows[0] + round((rows[-1] - rows[0]) * SHADOW_BELOW)] = False
    return float(rim.mean())


def _joined_to_border(like: Mask) -> Mask:
    """Of the pixels that look like background (1), those that hang together with the border."""
    framed = cv2.copyMakeBorder(like, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    _, labels = cv2.connectedComponents(framed, connectivity=4)
    return np.asarray(labels[1:-1, 1:-1] == labels[0, 0], np.uint8)


def _largest(mask: Mask) -> Mask:
    """The thing and what is not much smaller (a pair of shoes), without specks."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return mask
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept = [number + 1 for number, area in enumerate(areas) if area >= areas.max() * 0.06]
    return np.asarray(np.isin(labels, kept) * 255, np.uint8)


def _torn(mask: Mask) -> bool:
    """Whether the cut has eaten into the thing: bites leave more edge than a whole thing of that size has."""
    size = max(5, round(max(mask.shape) / 12) | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    padded = cv2.copyMakeBorder(mask, size, size, size, size, cv2.BORDER_CONSTANT, value=0)
    whole = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc)
    return float((padded > 0).sum()) < TORN * float((whole > 0).sum())


def _lost(found: Mask, mask: Mask) -> float:
    """Share of the picture that is no ground and yet not in `mask`, dust left aside: rims and handles."""
    solid = cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return float(((solid > 0) & (mask == 0)).mean())


def _scattered(mask: Mask) -> bool:
    """Whether it is in pieces that lie far apart, as what is printed on a white box does."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if len(outlines) < 2:
        return False
    around = cv2.contourArea(cv2.convexHull(np.concatenate(outlines)))
    return sum(cv2.contourArea(outline) for outline in outlines) < SCATTERED * around


def _faint(mask: Mask, away: Plane) -> bool:
    """Whether much of the outline is no edge: just inside it, the thing is hardly other than its ground."""
    cross = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3))
    outline = (mask > 0) & (cv2.erode(mask, cross) == 0)
    strongest = np.asarray(cv2.dilate(away, np.ones((9, 9), np.uint8)))
    return float((strongest[outline] < FAINT * NEAR).mean()) > UNSURE


# ---------------------------------------------------------------------------------- the edge


def _alone(pixels: Straight, mask: Mask) -> Straight:
    """The thing where `mask` says, which may be smaller than the picture; trimmed."""
    high, wide = pixels.shape[:2]
    scale = max(high, wide) / max(mask.shape)
    if scale > 1:
        large = cv2.resize(mask, (wide, high), interpolation=cv2.INTER_CUBIC)
        mask = np.where(large > 127, 255, 0).astype(np.uint8)
    x, y, w, h = cv2.boundingRect(mask)
    box = slice(max(0, y - 4), y + h + 4), slice(max(0, x - 4), x + w + 4)
    return trim(_softened(pixels[box], mask[box], max(1, round(scale))))


def _softened(pixels: Straight, mask: Mask, scale: int) -> Straight:
    """The thing with a soft edge, whose colours are those just inside; `scale` times as wide as at SOUGHT."""
    step = 4 * scale + 1
    inside = cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (step, step)))
    inside = np.where(inside.any(), inside, mask)
    weight = (inside > 0).astype(np.float32)
    near = np.asarray(cv2.GaussianBlur(weight, (0, 0), 3 * scale), np.float32)
    colours = cv2.GaussianBlur(pixels[..., :3].astype(np.float32) * weight[..., None], (0, 0), 3 * scale)
    spread = np.asarray(colours, np.float32) / np.maximum(near, 1e-4)[..., None]
    edge = (weight == 0) & (near > 0.004)
    out = pixels.copy()
    out[..., :3] = np.where(edge[..., None], spread.clip(0, 255), pixels[..., :3])
    thin = cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)), iterations=scale)
    soft = np.asarray(cv2.GaussianBlur(thin, (0, 0), 1.1), np.float32)
    out[..., 3] = np.clip((soft - 20) * (255 / 225), 0, 255)
    out[out[..., 3] == 0] = 0
    return out


# ---------------------------------------------------------------------------------- the card


def photo_card(pixels: Straight) -> Straight:
    """The whole photo with rounded corners on a white card with a lit upper and a shaded lower edge."""
    high, wide = pixels.shape[:2]
    long = max(high, wide)
    frame, corner = max(2, round(long * CARD_FRAME)), max(3, round(long * CARD_CORNER))
    size = (wide + 2 * frame, high + 2 * frame)
    out = np.empty((size[1], size[0], 4), np.float32)
    light = np.linspace(255, 232, size[1], dtype=np.float32)[:, None, None]
    out[..., :3] = light * np.array([1.0, 0.985, 1.0], np.float32)
    rim = _rounded(*size, corner) - _rounded(*size, corner, inset=max(1, frame // 4))
    out[..., :3] -= rim[..., None] * np.linspace(-6, 46, size[1], dtype=np.float32)[:, None, None]
    photo = pixels[..., :3].astype(np.float32)
    share = _rounded(wide, high, max(2, corner - frame))[..., None]
    middle = out[frame : frame + high, frame : frame + wide, :3]
    middle[:] = middle * (1 - share) + photo * share
    out[..., 3] = _rounded(*size, corner) * 255
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def _rounded(wide: int, high: int, radius: int, inset: int = 0) -> Plane:
    """A rounded rectangle, 0..1, its edge a pixel soft."""
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32) + 0.5
    radius = min(radius, min(wide, high) // 2)
    dx = np.abs(x - wide / 2) - (wide / 2 - inset - radius)
    dy = np.abs(y - high / 2) - (high / 2 - inset - radius)
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0)
    return np.asarray(np.clip(radius - outside + 0.5, 0, 1), np.float32)
