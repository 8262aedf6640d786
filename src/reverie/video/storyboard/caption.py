"""What a shot says, burnt in at the bottom: one or two lines that come in word by word.

    caption = Caption("A child picks up a toy car", canvas, accent="#ffd34d", highlights=("toy car",))
    caption.draw(canvas, t)          # t seconds since it may appear; all of it is readable from 0.6 s on

It stands on a scrim in the lowest quarter, in the font's largest size that fits, at most two lines (four in
a picture on its side), shortened with "…" where even the smallest does not. `caption.top` (virtual units) is
where figures must end.
"""

from __future__ import annotations

from collections.abc import Sequence

from reverie.video.storyboard.art.canvas import STILL, Canvas, Pixels
from reverie.video.storyboard.art.clay import Shape
from reverie.video.storyboard.art.easing import clamp, ease
from reverie.video.storyboard.art.light import scrim
from reverie.video.storyboard.art.text import INK, Word, broken, fitted, is_wide, legible, word

BOTTOM = 462.0
"""Where the last line's box ends, virtual units."""

READABLE = 0.6
"""Seconds after which every word stands."""

_ENTRY = 0.26


class Caption:
    """A caption for canvases like the one given. `text` may be empty: then it draws nothing."""

    def __init__(
        self, text: str, canvas: Canvas, accent: str = "#ffd34d", highlights: Sequence[str] = ()
    ) -> None:
        """`accent`: colour of the line below and of the words in `highlights` (case does not matter)."""
        self._words: list[tuple[Word, int, int, float]] = []
        self._accent = accent
        self._whole: tuple[Pixels, int, int] | None = None
        self.top = BOTTOM
        self._width = self._underline = 0.0
        shown = legible(text)
        if not shown:
            return
        unit, wide = canvas.unit, canvas.wide
        pixels, lines = _set(shown, (wide - max(22.0, wide * 0.08)) * unit, wide, unit, highlights)
        step = round(pixels * (1.24 if len(lines) < 3 else 1.2))
        first = round(BOTTOM * unit) - step * len(lines)
        self.top = first / unit
        self._underline = (first + step * len(lines)) / unit
        marked = _marked(shown, highlights)
        count = sum(len(line) for line in lines)
        index = position = 0
        for row, line in enumerate(lines):
            made = []
            for piece in line:
                position = max(0, shown.find(piece.strip("…") or piece, position))
                ink = accent if any(a <= position < b for a, b in marked) else INK
                made.append(word(piece, pixels, ink))
                position += len(piece.strip("…"))
            pen = (wide * unit - sum(item.advance for item in made)) / 2
            self._width = max(self._width, sum(item.advance for item in made) / unit)
            for item, piece in zip(made, line, strict=True):
                late = min(0.03 if is_wide(piece[0]) else 0.075, 0.26 / max(1, count - 1)) * index
                self._words.append((item, round(pen), first + row * step, late))
                pen += item.advance
                index += 1

    def draw(self, canvas: Canvas, t: float, left: float = 1e9) -> None:
        """Draw it `t` seconds after it may appear; it fades out in the last 0.2 of the `left` seconds."""
        if not self._words:
            return
        height, width = canvas.pixels.shape[:2]
        shade = scrim(width, height, 0.30)
        canvas.blend(shade, 0, height - shade.shape[0])
        camera, canvas.camera = canvas.camera, STILL
        fade = clamp(left / 0.2)
        if t >= READABLE:
            patch, x, y = self._merged(canvas)
            canvas.blend(patch, x, y, fade)
        else:
            for item, x, y, late in self._words:
                self._enter(canvas, item, x, y, (t - 0.06 - late) / _ENTRY, fade)
        self._draw_line(canvas, ease("out", (t - 0.15) / 0.5), fade)
        canvas.camera = camera

    def _enter(self, canvas: Canvas, item: Word, x: int, y: int, k: float, fade: float) -> None:
        if k <= 0:
            return
        k = min(1.0, k)
        image, unit = item.sprite, canvas.unit
        middle_x = (x - item.border + image.width / 2) / unit
        middle_y = (y - item.border * 1.15 + image.height / 2) / unit
        size = (0.55 + 0.45 * ease("back", k)) * image.height / unit
        canvas.draw(
            image,
            middle_x,
            middle_y + (1 - k) ** 2 * 16,
            size,
            turn=-7 * (1 - k) ** 2,
            alpha=min(1, k * 2.4) * fade,
        )

    def _merged(self, canvas: Canvas) -> tuple[Pixels, int, int]:
        if self._whole is None:
            left = min(x - item.border for item, x, _, _ in self._words)
            top = min(round(y - item.border * 1.15) for item, _, y, _ in self._words)
            right = max(x - item.border + item.sprite.width for item, x, _, _ in self._words)
            bottom = max(round(y - item.border * 1.15) + item.sprite.height for item, _, y, _ in self._words)
            board = Canvas(right - left, bottom - top, opaque=False)
            for item, x, y, _ in self._words:
                board.blend(item.sprite.pixels, x - item.border - left, round(y - item.border * 1.15) - top)
            self._whole = (board.pixels, left, top)
        return self._whole

    def _draw_line(self, canvas: Canvas, grown: float, fade: float) -> None:
        half = min(96.0, self._width) / 2 * grown
        if half > 3:
            middle, y = canvas.wide / 2, self._underline + 5
            Shape(canvas).tube([(middle - half, y), (middle + half, y)], 4.5, 4.5).fill(self._accent, fade)


def _set(
    text: str, room: float, wide: float, unit: float, keep: Sequence[str]
) -> tuple[int, list[list[str]]]:
    """(pixels of the letters, lines): the largest size in which `text` fits `room` pixels.

    Letters are 6.5 % of the height where it is wide enough, so that they can be read from three metres. A
    picture on its side has little width and much height: smaller letters there, in up to four lines.
    """
    largest = 31.0 if wide >= 560 else max(17.5, min(28.0, 31.0 * wide / 300))
    choices = [(share * largest, 2) for share in (1.0, 0.94, 0.87)]
    if wide < 400:
        choices += [(size, 3) for size in (25.0, 23.0, 21.0, 19.0)]
        choices += [(size, 4) for size in (18.5, 17.0)]
    else:
        choices += [(share * largest, 2) for share in (0.8, 0.72)]
    for size, count in choices:
        pixels = max(8, round(size * unit))
        lines = broken(text, room, pixels, count, split=False, keep=keep)
        if lines is not None:
            return pixels, lines
    return fitted(text, room, [pixels], count)


def _marked(text: str, highlights: Sequence[str]) -> list[tuple[int, int]]:
    found = []
    low = text.lower()
    for phrase in highlights:
        at = low.find(phrase.lower()) if phrase else -1
        if at >= 0:
            found.append((at, at + len(phrase)))
    return found
