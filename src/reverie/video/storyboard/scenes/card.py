"""The card: a robot that cannot draw what was asked says so, and what it may be asked instead.

The first shot's caption is what it says, in a bubble; every further shot is a question that it knows, on a
panel with a picture of what it is about. Panels come in one after the other and light up in turn. There is no
caption below: all words are in the picture.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import STILL, Camera, Canvas, Sprite, premultiplied
from reverie.video.storyboard.art.clay import Shape
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import glow, motes, shadow
from reverie.video.storyboard.art.text import broken, fitted, font, is_wide, legible
from reverie.video.storyboard.figures.actor import Actor, make_actor, picture_of
from reverie.video.storyboard.figures.casting import role
from reverie.video.storyboard.figures.puppet import Pose
from reverie.video.storyboard.places.sets import load_set
from reverie.video.storyboard.score import draw_lens, label_room

PANELS = 3
"""Questions that have room."""

FIRST, NEXT, ENTRY = 0.45, 0.28, 0.5
"""Seconds until the first panel comes in, between two, and that one takes."""

PAPERS = ("#fff6df", "#e6f6ff", "#f1ecff")
"""Of the panels, from the top."""

ACCENTS = ("#ffb83d", "#39b3f2", "#9b7bf5")
INK = "#2b2350"

MARGIN = 0.16
"""Room for the shadow around a panel, as a share of its height."""


class Card:
    """The scene for one brief on canvases like the one given."""

    def __init__(self, brief: Brief, canvas: Canvas, seed: int) -> None:
        self._tall = canvas.wide < 400
        self._mood = brief.shots[0].mood
        self._seed = seed
        self._said = legible(brief.shots[0].caption)
        self._asked = [(legible(shot.caption), role(shot.subject)) for shot in brief.shots[1 : 1 + PANELS]]
        ends = [0.0]
        for shot in brief.shots:
            ends.append(ends[-1] + shot.seconds)
        self._ends = ends
        self._seconds = brief.seconds
        height = 104.0 if self._tall else min(232.0, 0.36 * canvas.wide)
        self._robot: Actor = make_actor(role("robot"), height, seed)
        self._robot_high = height

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at second `t` >= 0 of the film over whatever was on the canvas."""
        height, width = canvas.pixels.shape[:2]
        canvas.camera = Camera(5 * wave(t, 0.08), 3 * wave(t, 0.11), 1.05)
        room = load_set("studio", self._mood, width, height)
        canvas.draw_layers(room.back)
        canvas.camera = STILL
        motes(canvas, t, self._seed, "#fff6d0", count=12, speed=14, size=9, alpha=0.5)
        self._draw_robot(canvas, t)
        draw_lens(canvas, self._mood)
        self._draw_words(canvas, t)

    # ------------------------------------------------------------------ who says it

    def _draw_robot(self, canvas: Canvas, t: float) -> None:
        told = t >= FIRST
        nod = max(0.0, wave(t, 0.9)) if told else 0.0
        x = canvas.wide * (0.5 if self._tall else 0.185)
        y = 470.0 if self._tall else 436.0
        high = self._robot_high
        pose = Pose(
            x,
            y,
            hop=4 * nod,
            gaze=0.2 + 0.5 * clamp((t - FIRST) * 3),
            tilt=(5 if told else -9) + 3 * wave(t, 0.5),
            mouth=0.35 * max(0.0, wave(t, 2.2)) if t < 1.6 else 0.1,
            near=(
                x + high * (0.34 + 0.02 * wave(t, 1.4)),
                y - high * lerp(0.30, 0.62 + 0.03 * wave(t, 1.4), ease("io", (t - 0.3) / 0.4)),
            ),
            elbow_near=1,
            face="happy" if told else "thinking",
        )
        shadow(canvas, x, y, high * 0.6)
        self._robot.draw(canvas, pose, t)
        if not self._tall:
            self._draw_idea(canvas, t, x, y - high * 1.13)

    def _draw_idea(self, canvas: Canvas, t: float, x: float, y: float) -> None:
        """The bulb above its head: dark at first, lit when it has thought of something."""
        lit = ease("io", (t - FIRST) / 0.4)
        y += 4 * wave(t, 0.6)
        glow(canvas, x, y, 84, "#ffe48a", 0.75 * lit * (0.9 + 0.1 * wave(t, 1.1)))
        size = 58 * (0.8 + 0.2 * ease("back", (t + 0.2) / 0.4)) * (1 + 0.05 * wave(t, 1.1) * lit)
        canvas.draw(
            picture_of(role("light bulb")), x, y, size, turn=5 * wave(t, 0.45), alpha=0.45 + 0.55 * lit
        )

    # ------------------------------------------------------------------ what it says

    def _draw_words(self, canvas: Canvas, t: float) -> None:
        left = 12.0 if self._tall else canvas.wide * 0.355
        right = canvas.wide - 14.0
        top = label_room(canvas)[1] + (12.0 if self._tall else 14.0)
        bubble = 62.0 if self._tall else 74.0
        self._draw_bubble(canvas, t, (left, top, right, top + bubble))
        high, gap = (74.0, 10.0) if self._tall else (86.0, 14.0)
        y = top + bubble + gap + 6
        for i, (text, _) in enumerate(self._asked):
            self._draw_panel(canvas, t, i, text, (left, y + i * (high + gap), right, high))

    def _draw_bubble(self, canvas: Canvas, t: float, box: tuple[float, float, float, float]) -> None:
        left, top, right, bottom = box
        grown = ease("back", (t + 0.3) / 0.4)
        x, y = (left + right) / 2, (top + bottom) / 2 + 2 * wave(t, 0.4)
        if not self._tall:
            tail = [(left + 6, y - 4), (left - 26, y + 34), (left + 10, y + 18)]
            Shape(canvas).polygon(tail, 2).fill("#ffffff", clamp(grown))
        image = _panel(self._said, right - left, bottom - top, 0.0, canvas.unit, "#ffffff", "")
        canvas.draw(image, x, y, (bottom - top) * (1 + 2 * MARGIN) * grown, alpha=clamp(grown))

    def _draw_panel(
        self, canvas: Canvas, t: float, index: int, text: str, box: tuple[float, float, float, float]
    ) -> None:
        left, top, right, high = box
        into = (t - FIRST - NEXT * index) / ENTRY
        if into <= 0:
            return
        shown = ease("back", into)
        lit = self._lit(index, t)
        x = (left + right) / 2 + (1 - ease("out", into)) * canvas.wide * 0.5
        y = top + high / 2 + 1.5 * wave(t, 0.37, 0.3 * index)
        size = 1 + 0.035 * lit
        paper, accent = PAPERS[index % len(PAPERS)], ACCENTS[index % len(ACCENTS)]
        image = _panel(text, right - left, high, high * 0.98, canvas.unit, paper, accent)
        glow(canvas, x, y, (right - left) * 0.42, accent, 0.35 * lit)
        canvas.draw(image, x, y, high * (1 + 2 * MARGIN) * size, alpha=clamp(into * 2))
        icon = picture_of(self._asked[index][1])
        fit = min(0.74 * high, 0.74 * high / max(0.6, icon.aspect))
        canvas.draw(
            icon,
            x - (right - left) * size / 2 + high * 0.52,
            y - 3 * lit * abs(wave(t, 1.1)),
            fit * shown * (1 + 0.10 * lit),
            turn=6 * wave(t, 0.5, 0.2 * index) * (0.4 + 0.6 * lit),
        )

    def _lit(self, index: int, t: float) -> float:
        """How much a panel stands out, 0..1: while its own shot lasts."""
        start, end = self._ends[1 + index], self._ends[2 + index]
        return ease("io", (t - start) / 0.25) * ease(
            "io", (end - t) / 0.25 + (1 if end >= self._seconds else 0)
        )


@lru_cache(24)
def _panel(
    text: str, wide: float, high: float, indent: float, unit: float, paper: str, accent: str
) -> Sprite:
    """A sheet with round corners and `text`, `wide` x `high` virtual units and a margin for its shadow; its
    text begins `indent` units from the left, where a picture stands on a pool of `accent` ("" for none)."""
    border = round(high * MARGIN * unit)
    w, h = round(wide * unit), round(high * unit)
    image = Image.new("RGBA", (w + 2 * border, h + 2 * border))
    box = (border, border, border + w - 1, border + h - 1)
    round_ = round(h * 0.28)
    fall = Image.new("L", image.size)
    drop = max(1, border // 4)
    ImageDraw.Draw(fall).rounded_rectangle((box[0], box[1] + drop, box[2], box[3] + drop), round_, fill=120)
    image.paste((38, 26, 78, 255), mask=fall.filter(ImageFilter.GaussianBlur(max(1, border / 3))))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle(box, round_, fill=paper)
    if accent:
        pool = h * 0.42
        middle = border + indent * unit * 0.53, border + h / 2
        pen.ellipse(
            (middle[0] - pool, middle[1] - pool, middle[0] + pool, middle[1] + pool),
            fill=_tinted(paper, accent),
        )
        pen.rounded_rectangle(box, round_, outline=accent, width=max(2, round(h * 0.03)))
    pad = high * 0.16
    room = (wide - indent - pad * (1.4 if indent else 2)) * unit
    sizes = [max(8, round(share * unit)) for share in (30, 28, 26, 24, 22, 20, 18.5, 17, 16, 14)]
    fits = [size for size in sizes if 2 * size * 1.22 <= h * 0.9] or sizes[-1:]
    # Chinese breaks anywhere, so that one line of smaller letters reads better than two
    whole = [size for size in fits if size >= 17 * unit] if text and is_wide(text[0]) else []
    one = next((size for size in whole if broken(text, room, size, 1) is not None), None)
    pixels, lines = fitted(text, room, fits if one is None else [one], 2 if one is None else 1)
    step = pixels * 1.22
    y = border + h / 2 - step * (len(lines) - 1) / 2
    for i, line in enumerate(lines):
        at = (border + indent * unit, y + i * step) if indent else (border + w / 2, y + i * step)
        pen.text(at, "".join(line).strip(), font=font(pixels), fill=INK, anchor="lm" if indent else "mm")
    return Sprite(premultiplied(np.array(image)))


def _tinted(paper: str, accent: str) -> tuple[int, int, int]:
    """A third of the way from the paper's colour to the accent's."""
    a, b = (tuple(int(tint[i : i + 2], 16) for i in (1, 3, 5)) for tint in (paper, accent))
    return (round(lerp(a[0], b[0], 0.35)), round(lerp(a[1], b[1], 0.35)), round(lerp(a[2], b[2], 0.35)))


open_scene = Card
