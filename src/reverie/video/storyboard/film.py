"""The storyboard generator: a brief in, pictures out as they are drawn.

Shots follow each other with short transitions; a topic with a bespoke scene (`scenes/`) is that scene. The
same key and take give the same pictures, byte for byte.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import cv2

from reverie.errors import GeneratorError
from reverie.values import Brief, Image, Job
from reverie.video.storyboard.canvas import Canvas, Pixels
from reverie.video.storyboard.caption import Caption
from reverie.video.storyboard.composer import ShotScene
from reverie.video.storyboard.easing import clamp, ease
from reverie.video.storyboard.light import iris
from reverie.video.storyboard.scenes import make_scene
from reverie.video.storyboard.sets import SETTINGS, keeps_all, painted
from reverie.video.storyboard.sprites import catalogue, sprite

TRANSITION = 0.34
"""Seconds in which a shot comes in over the last picture of the one before."""


class _Scene(Protocol):
    def draw(self, canvas: Canvas, t: float) -> None: ...


class Storyboard:
    """Draws briefs as animated picture stories, on one core, without a model."""

    streams = True
    per_minute: int | None = None

    def __init__(self, warm: tuple[int, int] | None) -> None:
        """Opens the sprites, paints scenery for `warm` pixels; GeneratorError when art is damaged."""
        cv2.setNumThreads(1)
        catalogue()
        if warm is None or not keeps_all(*warm):
            return
        for name in ("child", "woman", "man", "person", "sun", "star", "red-heart", "sparkles"):
            sprite(name)
        for name in SETTINGS:
            painted(name, *warm)
        canvas = Canvas(*warm)
        Caption("A word 词", canvas).draw(canvas, 0.3)

    def generate(self, job: Job, progress: Callable[[float], None]) -> Iterator[Image]:
        """`job.spec.frames` RGB pictures, uint8 (height, width, 3), C-contiguous, each its own array.

        Calls `progress` after each with the share done. Shots are stretched so that they fill the frames.
        Raises GeneratorError for a size or a brief that cannot be drawn.
        """
        spec, brief = job.spec, job.brief
        if spec.width < 64 or spec.height < 64 or spec.frames < 1 or spec.fps < 1:
            raise GeneratorError(
                f"a storyboard needs 64x64 pixels, 1 frame and 1 frame a second at least; "
                f"asked: {spec.width}x{spec.height}, {spec.frames} frames, {spec.fps} a second"
            )
        if not brief.shots or brief.seconds <= 0:
            raise GeneratorError(
                f"the brief {brief.topic!r} has nothing to show: shots of more than 0 s are needed"
            )
        canvas = Canvas(spec.width, spec.height)
        film = open_film(brief, canvas, spec.frames / spec.fps, job.seed)
        for index in range(spec.frames):
            film.draw(canvas, index / spec.fps)
            yield canvas.picture()
            progress((index + 1) / spec.frames)


def open_film(brief: Brief, canvas: Canvas, seconds: float, seed: int) -> _Scene:
    """What draws `brief` in `seconds`: its topic's bespoke scene, else its shots one after the other."""
    scene = make_scene(brief, canvas, seed)
    if scene is not None:
        return _Stretched(scene, brief.seconds / seconds)
    return Film(brief, seconds, seed)


class _Stretched:
    """A scene at another pace."""

    def __init__(self, scene: _Scene, pace: float) -> None:
        self._scene = scene
        self._pace = pace

    def draw(self, canvas: Canvas, t: float) -> None:
        self._scene.draw(canvas, t * self._pace)


class Film:
    """The shots of a brief, one after the other. Draw it in the order of time."""

    def __init__(self, brief: Brief, seconds: float, seed: int) -> None:
        """`seconds`: how long it lasts; each shot gets its share."""
        stretch = seconds / brief.seconds
        self._shots = brief.shots
        self._seconds = [shot.seconds * stretch for shot in brief.shots]
        self._rng = random.Random(seed)
        self._seeds = [self._rng.randrange(2**31) for _ in brief.shots]
        self._cuts = [self._rng.choice(("iris", "slide", "fade")) for _ in brief.shots]
        self._playing = -1
        self._scene: ShotScene | None = None
        self._last: Pixels | None = None

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at `t` seconds."""
        index, start = 0, 0.0
        while index < len(self._seconds) - 1 and t >= start + self._seconds[index]:
            start += self._seconds[index]
            index += 1
        if index != self._playing:
            self._last = canvas.pixels.copy() if self._playing >= 0 else None
            shot = self._shots[index]
            self._scene = ShotScene(shot, canvas, self._seconds[index], self._seeds[index])
            self._playing = index
        assert self._scene is not None
        into = t - start
        self._scene.draw(canvas, into)
        # Two short shots must not be nothing but transition.
        length = min(TRANSITION, self._seconds[index] * 0.4)
        if self._last is not None and into < length:
            _cut(canvas, self._last, self._cuts[index], into / length)


def _cut(canvas: Canvas, last: Pixels, kind: str, share: float) -> None:
    """Show `share` 0..1 of the way from the picture `last` to what is on the canvas."""
    height, width = last.shape[:2]
    out: Any = last.copy()
    if kind == "iris":
        mask = iris(width, height, width / 2, height * 0.55, clamp(ease("in", 0.08 + 0.92 * share)))
        cv2.copyTo(canvas.pixels, mask, out)
    elif kind == "slide":
        gone = round(ease("io", share) * width)
        if gone:
            out[:, : width - gone] = last[:, gone:]
            out[:, width - gone :] = canvas.pixels[:, :gone]
    else:
        cv2.addWeighted(canvas.pixels, ease("io", share), last, 1 - ease("io", share), 0, dst=out)
    canvas.pixels[:] = out
