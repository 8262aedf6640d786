"""The operator's own pictures on one sheet: each on a checkerboard and in two scenes, as a film shows it.

found = review(picture)                # what it is, and what is wrong with it
sheet = exhibit(gallery, words)        # uint8 RGB (H, W, 3)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from reverie.errors import GeneratorError
from reverie.pictures import Gallery, Picture
from reverie.values import Brief, Image, Shot
from reverie.video.artwork import SOFT, read_artwork
from reverie.video.cutout import How, cut_out
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.own import own_name, own_parts, own_sprite
from reverie.video.storyboard.art.text import font
from reverie.video.storyboard.figures.casting import Guests
from reverie.video.storyboard.film import open_film

CELL = (320, 240)
"""Width and height of one picture on the sheet, pixels."""

SQUARE = 12
"""Pixels of a square of the checkerboard."""

LINE = 24
PAPER, INK, RED = (250, 248, 244), (43, 35, 80), (200, 40, 60)

TOLD: dict[How, str] = {
    "own": "transparent as it came",
    "plain": "its plain background was taken away",
    "card": "shown whole, as a photo card",
}
"""How a picture came to be alone, in words."""


@dataclass(frozen=True, slots=True)
class Review:
    """What came of one picture. `told`: what it is, in words; `complaint`: why it cannot be shown, "" when it
    can; `remarks`: what might be better."""

    picture: Picture
    told: str
    complaint: str = ""
    remarks: tuple[str, ...] = ()


def review(picture: Picture) -> Review:
    """Opens a picture and its parts, and says what came of them."""
    try:
        art = read_artwork(picture.path)
        cut = cut_out(art.pixels, picture.card.cut == "auto")
        name = own_name(picture)
        shown, parts = own_sprite(name), own_parts(name)
    except GeneratorError as error:
        return Review(picture, "", str(error))
    remarks = list(art.remarks)
    if cut is not None and cut.how == "card" and picture.card.cut == "auto":
        remarks.append(
            "its background is not plain, or too like the thing: a transparent PNG, or a photo before a "
            "plain wall of another colour, is cut out"
        )
    if max(shown.width, shown.height) < SOFT <= max(art.size):
        remarks.append(f"only {shown.width}x{shown.height} pixels of it are the thing: it will look soft")
    how = TOLD[cut.how] if cut is not None else ""
    moving = f", {len(parts)} parts" if parts else ""
    told = f"{art.form} {art.size[0]}x{art.size[1]}, {how}: {shown.width}x{shown.height}{moving}"
    return Review(picture, told, "", tuple(remarks))


def exhibit(gallery: Gallery, words: Mapping[str, str]) -> Image:
    """All pictures on one sheet, a line each. `words`: what stories draw for a label that is no word."""
    lines = list(_lines(gallery, words))
    if not lines:
        raise GeneratorError("there are no pictures to draw a sheet of")
    return np.ascontiguousarray(np.concatenate(lines))


def _lines(gallery: Gallery, words: Mapping[str, str]) -> Iterator[Image]:
    for label, picture in gallery.pictures.items():
        found = review(picture)
        cells = [] if found.complaint else [_checkered(own_sprite(own_name(picture)))]
        if not found.complaint:
            word = words.get(label, label)
            cells += [_scene(gallery, shot) for shot in _shots(word, label if word != label else "")]
        yield _lettered(
            cells, f"{picture.path.name}   {found.complaint or found.told}", bool(found.complaint)
        )


def _shots(word: str, label: str) -> tuple[Shot, Shot]:
    """Alone in the light, and in somebody's hands."""
    return (
        Shot(word, "appear", None, "studio", "warm", "", 3.0, labels=(label, "")),
        Shot("child", "look_at", word, "shop", "cheerful", "", 3.0, labels=("", label)),
    )


def _scene(gallery: Gallery, shot: Shot) -> Image:
    canvas = Canvas(640, 480)
    brief = Brief("pictures", (shot,), "plain", "en")
    open_film(brief, canvas, shot.seconds, 1, Guests(gallery, brief)).draw(canvas, 1.6)
    return np.asarray(cv2.resize(canvas.picture(), CELL, interpolation=cv2.INTER_AREA), np.uint8)


def _checkered(sprite: Sprite) -> Image:
    """A sprite on a checkerboard, where a halo shows."""
    wide, high = CELL
    y, x = np.mgrid[0:high, 0:wide] // SQUARE
    board = np.where(((x + y) % 2)[..., None], 196, 96).repeat(3, 2).astype(np.float32)
    scale = min((wide - 16) / sprite.width, (high - 16) / sprite.height)
    size = max(1, round(sprite.width * scale)), max(1, round(sprite.height * scale))
    small = cv2.resize(sprite.pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    left, top = (wide - size[0]) // 2, (high - size[1]) // 2
    under = board[top : top + size[1], left : left + size[0]]
    under[:] = under * (1 - small[..., 3:] / 255) + small[..., :3]
    return np.asarray(board.clip(0, 255), np.uint8)


def _lettered(cells: list[Image], text: str, wrong: bool) -> Image:
    """One line of the sheet: its pictures side by side, and what is said of them below."""
    wide, high = CELL[0] * 3, CELL[1] if cells else 0
    line = np.full((high + LINE, wide, 3), PAPER, np.uint8)
    for i, cell in enumerate(cells):
        line[:high, i * CELL[0] : (i + 1) * CELL[0]] = cell
    paper = Pillow.fromarray(line)
    ImageDraw.Draw(paper).text((6, high + 3), text, RED if wrong else INK, font(14))
    return np.asarray(paper)
