"""Contact sheets: many films at a glance, for whoever wants to see what the storyboard can draw.

    for page in pages(panels, size=(640, 480), columns=2):
        ...                                             # RGB uint8 (H, W, 3)

Pictures are drawn at the size of a film, AI label and caption included, and made smaller afterwards: what the
sheet shows is what a screen shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from reverie.values import Brief, Image
from reverie.video.label import Label
from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.art.text import font, legible
from reverie.video.storyboard.film import open_film

PAPER, INK = (250, 248, 244), (43, 35, 80)
"""Colours of a sheet, RGB."""

GAP, SEAM, LINE = 10, 3, 26
"""Pixels between panels, between pictures of one, and of the line that names one."""

ACROSS = 4
"""Pictures of one film side by side; more of them go on below."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One film on a sheet: its name, and at which shares of its length (0..1) it is looked at."""

    name: str
    brief: Brief
    shares: tuple[float, ...]


def pages(
    panels: Sequence[Panel],
    *,
    size: tuple[int, int] = (640, 480),
    cell: int = 320,
    columns: int = 1,
    rows: int = 12,
    seed: int = 1,
) -> Iterator[Image]:
    """Sheets of `panels`, `columns` x `rows` on each, uint8 RGB (H, W, 3). Raises GeneratorError.

    `size`: pixels of the films; `cell`: how wide each of their pictures is on the sheet, pixels.
    """
    per_page = columns * rows
    for start in range(0, len(panels), per_page):
        strips = [_strip(panel, size, cell, seed) for panel in panels[start : start + per_page]]
        yield _laid_out(strips, columns)


def _strip(panel: Panel, size: tuple[int, int], cell: int, seed: int) -> Image:
    """The pictures of one film, its name below."""
    canvas, label = Canvas(*size), Label(*size)
    film = open_film(panel.brief, canvas, panel.brief.seconds, seed)
    high = round(cell * size[1] / size[0])
    found = []
    for share in sorted(panel.shares):
        film.draw(canvas, share * panel.brief.seconds)
        picture = label.burn(canvas.picture())
        found.append(cv2.resize(picture, (cell, high), interpolation=cv2.INTER_AREA))
    lines = [found[i : i + ACROSS] for i in range(0, len(found), ACROSS)]
    wide = len(lines[0]) * (cell + SEAM) - SEAM
    row = np.full((len(lines) * (high + SEAM) - SEAM, wide, 3), PAPER, np.uint8)
    for y, line in enumerate(lines):
        for x, shown in enumerate(line):
            row[y * (high + SEAM) :, x * (cell + SEAM) :][:high, :cell] = shown
    name = Pillow.new("RGB", (row.shape[1], LINE), PAPER)
    ImageDraw.Draw(name).text((2, 2), legible(panel.name), font=font(16), fill=INK)
    return np.vstack([row, np.asarray(name)])


def _laid_out(strips: Sequence[Image], columns: int) -> Image:
    """Strips in columns of equal width; each line as high as its highest."""
    lines = [strips[i : i + columns] for i in range(0, len(strips), columns)]
    wide = max(strip.shape[1] for strip in strips)
    high = [max(strip.shape[0] for strip in line) for line in lines]
    width = len(lines[0]) * (wide + GAP) + GAP
    page = np.full((sum(high) + GAP * (len(lines) + 1), width, 3), PAPER, np.uint8)
    y = GAP
    for line, height in zip(lines, high, strict=True):
        for i, strip in enumerate(line):
            x = GAP + i * (wide + GAP)
            page[y : y + strip.shape[0], x : x + strip.shape[1]] = strip
        y += height + GAP
    return page
