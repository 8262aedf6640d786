"""The storyboard generator: a brief in, pictures out as they are drawn.

Shots follow each other with short transitions; a topic with a bespoke scene (`scenes/`) is that scene. The
same key and take give the same pictures, byte for byte.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from reverie.errors import GeneratorError
from reverie.pictures import read_gallery
from reverie.values import Brief, Image, Job, Shot, View
from reverie.video.storyboard.art.canvas import Canvas, Pixels
from reverie.video.storyboard.art.easing import clamp, ease
from reverie.video.storyboard.art.light import iris, sweep
from reverie.video.storyboard.art.own import READY, complaints
from reverie.video.storyboard.art.sprites import catalogue, sprite
from reverie.video.storyboard.caption import Caption
from reverie.video.storyboard.composer import ShotScene
from reverie.video.storyboard.figures.casting import Cast, Guests, role
from reverie.video.storyboard.places.sets import SETTINGS, keeps_all, painted
from reverie.video.storyboard.scenes import make_scene

log = logging.getLogger("reverie.storyboard")

TRANSITION = 0.34
"""Seconds in which a shot comes in over the last picture of the one before."""


HOMECOMING = 0.7
"""Seconds in which a film that loops comes back to its first picture."""


class _Scene(Protocol):
    def draw(self, canvas: Canvas, t: float) -> None: ...


class Storyboard:
    """Draws briefs as animated picture stories, on one core, without a model."""

    streams = True
    per_minute: int | None = None

    def __init__(
        self, warm: tuple[int, int] | None, pictures: Path | None = None, products: Path | None = None
    ) -> None:
        """Opens the sprites, paints scenery for `warm` pixels; GeneratorError when art is damaged.

        `pictures`, `products`: where the operator's own pictures are; what is wrong with them is told.
        """
        cv2.setNumThreads(1)
        self._folders = pictures, products
        catalogue()
        for told in complaints(read_gallery(pictures, products), 0 if warm is None else READY):
            log.warning("%s", told)
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
        seconds = spec.frames / spec.fps
        guests = Guests(read_gallery(*self._folders), brief)
        film = open_film(brief, canvas, seconds, job.seed, guests or role)
        if spec.loop:
            film = Loop(film, seconds)
        for index in range(spec.frames):
            film.draw(canvas, index / spec.fps)
            yield canvas.picture()
            progress((index + 1) / spec.frames)


def open_film(brief: Brief, canvas: Canvas, seconds: float, seed: int, cast: Cast = role) -> _Scene:
    """What draws `brief` in `seconds`: its topic's bespoke scene, else its shots one after the other.

    `cast`: who plays it; the operator's own pictures play in shots only: bespoke scenes have figures of their
    own.
    """
    scene = make_scene(brief, canvas, seed) if cast is role else None
    if scene is not None:
        return _Stretched(scene, brief.seconds / seconds)
    return Film(brief, seconds, seed, cast)


class _Stretched:
    """A scene at another pace."""

    def __init__(self, scene: _Scene, pace: float) -> None:
        self._scene = scene
        self._pace = pace

    def draw(self, canvas: Canvas, t: float) -> None:
        self._scene.draw(canvas, t * self._pace)


class Loop:
    """A film whose end runs into its beginning, so that it may be played round and round.

    Its last `HOMECOMING` seconds dissolve into its first picture: the step from the last picture to the first
    is as small as those between neighbours there.
    """

    def __init__(self, scene: _Scene, seconds: float) -> None:
        """`scene` lasts `seconds`."""
        self._scene = scene
        self._seconds = seconds
        self._length = min(HOMECOMING, seconds * 0.3)
        self._first: Pixels | None = None

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at `t` seconds. Draw it in the order of time, from 0."""
        self._scene.draw(canvas, t)
        if self._first is None:
            self._first = canvas.pixels.copy()
        share = (t - self._seconds) / self._length + 1
        if share > 0:
            _cut(canvas, self._first, "fade", 1 - share)


class Film:
    """The shots of a brief, one after the other. Draw it in the order of time."""

    def __init__(self, brief: Brief, seconds: float, seed: int, cast: Cast = role) -> None:
        """`seconds`: how long it lasts; each shot gets its share. `cast`: who plays a word."""
        self._cast = cast
        stretch = seconds / brief.seconds
        self._shots = brief.shots
        self._seconds = [shot.seconds * stretch for shot in brief.shots]
        rng = random.Random(seed)
        self._seeds = [rng.randrange(2**31) for _ in brief.shots]
        self._wardrobe = rng.randrange(10_000)
        self._cuts = ["", *(_cut_of(a, b, rng) for a, b in pairwise(brief.shots))]
        self._views = views_of(brief.shots)
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
            self._scene = ShotScene(
                shot,
                canvas,
                self._seconds[index],
                self._seeds[index],
                self._views[index],
                self._cast,
                last=index == len(self._shots) - 1,
                wardrobe=self._wardrobe,
            )
            self._playing = index
        assert self._scene is not None
        into = t - start
        self._scene.draw(canvas, into)
        # Two short shots must not be nothing but transition.
        length = min(TRANSITION, self._seconds[index] * 0.4)
        if self._last is not None and into < length:
            _cut(canvas, self._last, self._cuts[index], into / length)


_CALM = frozenset(
    {"appear", "look_at", "hold", "read", "eat", "drink", "sleep", "hug", "try_on", "unbox", "open"}
)
"""Actions small enough to look at closely."""


def views_of(shots: Sequence[Shot]) -> list[View]:
    """How near the camera is in each shot: what the shot says, else a film's rhythm.

    It begins with the whole place, ends near, and never shows the same subject in the same place twice from
    the same distance. A film of one shot is neither.
    """
    found: list[View] = []
    for i, shot in enumerate(shots):
        view = shot.view
        if not view and len(shots) > 1:
            last = i == len(shots) - 1
            view = "wide" if i == 0 else "close" if shot.action in _CALM and (last or i % 2) else "medium"
            before = shots[i - 1]
            same = i > 0 and (before.subject, before.setting) == (shot.subject, shot.setting)
            if same and found[-1] == view:
                view = "close" if view == "medium" else "medium"
        found.append(view or "medium")
    return found


def _cut_of(before: Shot, after: Shot, rng: random.Random) -> str:
    """The transition that joins two shots, chosen by what changes between them."""
    if before.light != after.light:
        return "fade"  # time passes
    if before.setting == after.setting:
        return "push" if before.subject == after.subject else "slide"  # nearer, or over to somebody else
    return rng.choice(("iris", "wipe", "slide"))  # somewhere else


def _cut(canvas: Canvas, last: Pixels, kind: str, share: float) -> None:
    """Show `share` 0..1 of the way from the picture `last` to what is on the canvas."""
    height, width = last.shape[:2]
    k = ease("io", share)
    if kind == "slide":
        gone = round(k * width)
        if gone < width:
            came = canvas.pixels[:, :gone].copy()
            canvas.pixels[:, : width - gone] = last[:, gone:]
            canvas.pixels[:, width - gone :] = came
    elif kind in ("iris", "wipe"):
        opening = clamp(0.06 + 0.94 * k)
        mask = (
            iris(width, height, width / 2, height * 0.55, opening)
            if kind == "iris"
            else sweep(width, height, opening)
        )
        _mix(canvas.pixels, last, mask)
    else:
        if kind == "push":
            zoom = 1 + 0.22 * k
            matrix = np.array([[zoom, 0, (1 - zoom) * width / 2], [0, zoom, (1 - zoom) * height * 0.55]])
            last = cv2.warpAffine(last, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)  # type: ignore[assignment]
        cv2.addWeighted(canvas.pixels, k, last, 1 - k, 0, dst=canvas.pixels)


def _mix(pixels: Pixels, last: Pixels, mask: Pixels) -> None:
    """Keep `pixels` where `mask` is 255 and show `last` where it is 0, softly between."""
    new = cv2.multiply(pixels, cv2.cvtColor(mask, cv2.COLOR_GRAY2BGRA), scale=1 / 255)
    old = cv2.multiply(last, cv2.cvtColor(cv2.bitwise_not(mask), cv2.COLOR_GRAY2BGRA), scale=1 / 255)
    cv2.add(new, old, dst=pixels)
    pixels[..., 3] = 255
