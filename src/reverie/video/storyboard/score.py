"""What every bespoke scene shares: its acts in time, its captions, the light of its mood, endless scenery.

A scene writes its play as acts of a natural length; `Acts` fits them into the seconds a brief gives,
whatever the number of shots. `Captions` says each shot's words while that shot lasts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Canvas, Pixels, colour
from reverie.video.storyboard.art.easing import clamp
from reverie.video.storyboard.caption import Caption
from reverie.video.storyboard.places.sets import mood_of

LABEL_WIDE, LABEL_HIGH = 0.69, 0.105
"""What the AI label takes of the top right corner, its margin included, as shares of the shorter side."""


@dataclass(frozen=True, slots=True)
class Act:
    """`natural` seconds long; of time to spare it takes `stretch` parts."""

    natural: float
    stretch: float = 0.0


class Acts:
    """Acts fitted into `total` seconds: all squeezed alike when time is short, stretched by weight when not.

    `starts[i]` is when act i begins; the last entry is `total`. `pace` is how much faster than natural the
    play runs, 1 when there is time enough.
    """

    def __init__(self, total: float, acts: Sequence[Act]) -> None:
        """`total` > 0 seconds; at least one act."""
        natural = sum(act.natural for act in acts)
        spare = max(0.0, total - natural)
        weights = sum(act.stretch for act in acts) or 1.0
        self.pace = max(1.0, natural / total)
        self.starts = [0.0]
        for act in acts:
            length = act.natural / self.pace + spare * act.stretch / weights
            self.starts.append(self.starts[-1] + length)
        self.starts[-1] = max(total, self.starts[-1])

    def since(self, index: int, t: float) -> float:
        """Natural seconds since act `index` began (negative before it): what a squeezed play counts in."""
        return (t - self.starts[index]) * self.pace

    def share(self, index: int, t: float) -> float:
        """How much of act `index` is over, 0..1."""
        start, end = self.starts[index], self.starts[index + 1]
        return clamp((t - start) / max(1e-6, end - start))

    def length(self, index: int) -> float:
        """Seconds of act `index`."""
        return self.starts[index + 1] - self.starts[index]


class Captions:
    """The captions of a brief, each shown while its shot lasts; equal neighbours stay without a new entry."""

    def __init__(
        self, brief: Brief, canvas: Canvas, accents: Sequence[str], highlights: Sequence[str] = ()
    ) -> None:
        """`accents`: underline colours, one after the other; `highlights`: words to set in them."""
        self._spans: list[tuple[float, float, Caption]] = []
        start, said = 0.0, None
        for i, shot in enumerate(brief.shots):
            end = start + shot.seconds
            if shot.caption == said:
                before = self._spans.pop()
                self._spans.append((before[0], end, before[2]))
            else:
                accent = accents[i % len(accents)]
                self._spans.append((start, end, Caption(shot.caption, canvas, accent, highlights)))
            start, said = end, shot.caption

    @property
    def top(self) -> float:
        """Where figures must end, virtual units: the top of the highest caption."""
        return min(caption.top for _, _, caption in self._spans)

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw what is said at second `t`; before the next caption the current one fades."""
        for i, (start, end, caption) in enumerate(self._spans):
            last = i == len(self._spans) - 1
            if start <= t < end or (last and t >= end):
                caption.draw(canvas, t - start, 1e9 if last else end - t)
                return


def bounds(brief: Brief, parts: int) -> list[float]:
    """`parts` + 1 growing times from 0 to the brief's length: at shot boundaries where there are enough
    shots, else even."""
    count = len(brief.shots)
    if count < parts:
        return [brief.seconds * i / parts for i in range(parts + 1)]
    ends = [0.0]
    for shot in brief.shots:
        ends.append(ends[-1] + shot.seconds)
    return [ends[round(count * i / parts)] for i in range(parts + 1)]


# ---------------------------------------------------------------------------------- light


@lru_cache(8)
def _lens(width: int, height: int, mood: str) -> Pixels:
    light = mood_of(mood)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    corner = np.clip((x * x * 0.55 + y * y * 0.6 - 0.42), 0, 1) * light.corners
    out = np.empty((height, width, 4), np.float32)
    tint = np.array(colour(light.tint), np.float32) * light.share
    out[..., :3] = tint * (1 - corner[..., None]) + np.array((18, 11, 42), np.float32) * corner[..., None]
    out[..., 3] = 255 * (1 - (1 - corner) * (1 - light.share))
    return (out + 0.5).astype(np.uint8)


def draw_lens(canvas: Canvas, mood: str) -> None:
    """The light of a mood (`sets.MOODS`) and darker corners over the whole picture."""
    height, width = canvas.pixels.shape[:2]
    canvas.blend(_lens(width, height, mood), 0, 0)


# ---------------------------------------------------------------------------------- room


def label_room(canvas: Canvas) -> tuple[float, float]:
    """(left edge, bottom edge) in virtual units of the corner that the AI label takes."""
    short = min(canvas.wide, 480.0)
    return canvas.wide - LABEL_WIDE * short, LABEL_HIGH * short


class Strip:
    """Scenery without end: a tile that repeats every `period` units, drawn at any offset.

    strip = Strip(screen, 900, lambda canvas, x: canvas.draw(tree, x + 200, 350, 90, anchor=FOOT))
    strip.draw(screen, offset)       # the screen's left edge stands at `offset` of the tile
    """

    def __init__(
        self,
        screen: Canvas,
        period: float,
        paint: Callable[[Canvas, float], None],
        *,
        depth: float = 1.0,
        blur: float = 0.0,
        until: float = 600.0,
    ) -> None:
        """`paint(canvas, x)` draws one tile whose left edge is at x; it is called for the neighbours too.
        `depth`: how much of the camera's zoom and rise it takes; `blur`: virtual units. What lies below
        `until` is left out: something nearer hides it."""
        height, width = screen.pixels.shape[:2]
        across = round(period * screen.unit)
        canvas = Canvas(across, height, margin=60, opaque=False)
        step = across / screen.unit
        for x in (-step, 0.0, step):
            paint(canvas, x)
        made = canvas.layer(1.0, blur)
        rows = max(1, round(until * screen.unit) - made.top)
        tile = made.pixels[:rows, canvas.margin : canvas.margin + across]
        copies = -(-(width + 2) // across)
        self._pixels = np.concatenate([tile] * (copies + 1), axis=1)
        self._depth, self._top, self._across, self._solid = depth, made.top, across, made.solid

    def draw(self, canvas: Canvas, offset: float, drop: float = 0.0) -> None:
        """Lay it over the picture; `drop` moves it down (virtual units). The camera's x does not count."""
        height, width = canvas.pixels.shape[:2]
        zoom = 1 + (canvas.camera.zoom - 1) * self._depth
        shift = (offset * canvas.unit) % self._across
        whole = int(shift)
        move_x = (whole - shift - width / 2) * zoom + width / 2
        rise = (drop - canvas.camera.y * self._depth) * canvas.unit
        move_y = (self._top + rise - height / 2) * zoom + height / 2
        bottom = move_y + self._pixels.shape[0] * zoom
        first, last = max(0, math.floor(move_y)), min(height, math.ceil(bottom))
        solid = min(last, max(first, math.ceil(move_y + (self._solid + 1) * zoom)))
        source = self._pixels[:, whole : whole + width + 1]
        if solid > first:
            canvas.blend(_moved(source, zoom, move_x, move_y - first, width, solid - first), 0, first)
        if last > solid:
            patch = _moved(source, zoom, move_x, move_y - solid, width, last - solid, edge=True)
            canvas.pixels[solid:last] = patch


def _moved(
    pixels: Pixels, zoom: float, x: float, y: float, width: int, height: int, edge: bool = False
) -> Pixels:
    matrix = np.array([[zoom, 0.0, x], [0.0, zoom, y]])
    border = cv2.BORDER_REPLICATE if edge else cv2.BORDER_CONSTANT
    out: Pixels = cv2.warpAffine(  # type: ignore[assignment]
        pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=border
    )
    return out
