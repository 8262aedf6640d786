"""Known by its look: what is learnt of a product from a few photos, and how it is found again in a picture.

    photo ─ corners (ORB), as seen from the front and from the sides ─→ View
    picture ─ corners → views with most alike ones → a plane that maps one onto the other (RANSAC)
            → the picture laid over the photo, compared part by part → Sighting

Corners alone find a shared logo as soon as the product; so they only propose where it may be, and the
likeness of the whole face decides. SIFT corners take ten times as long for as many finds, and the embedded
detector's inner features hardly tell products apart (docs/products.md).

What cannot be known this way: plain, shiny or see-through things, and things with no flat printed face. Two
faces that differ by a word or less are one.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from reverie.errors import ConfigError
from reverie.photos import UNREADABLE, orientation_of, turned
from reverie.values import Box, Image

MAX_PIXELS, MAX_UNSHRUNK = 60_000_000, 25_000_000
"""A photo larger than this is left aside before it is unpacked; JPEG shrinks as it is read, others do not."""

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
"""What a photo may be inside, whatever its name ends in: Pillow knows formats that start other programs."""

TINY = 16
"""Pixels of a side below which nothing is searched: the marks of a corner alone are larger."""

PHOTO_SIDE = 400
"""Pixels of a photo's longer side when it is learnt: as large as it will be held up, or a little more."""
PICTURE_SIDE = 640
"""Most pixels of a picture's longer side when it is searched."""

FACING = ((1.0, 1.0), (0.5, 1.0), (1.0, 0.5))
"""How a photo is squeezed, across and down, to be known from the sides too: corners survive about 30° of
turn, and half the width is a turn of 60°."""

PHOTO_CORNERS, PICTURE_CORNERS = 250, 500
"""Corners kept of a photo as seen from one side, and of a picture."""
FEWEST = 40
"""A photo with fewer corners is too plain to be known by."""
SMALL = 0.08
"""A face that takes less than this share of its photo is too small in it."""
MOST_CORNERS = 60_000
"""Corners of all views: with more, each view keeps fewer."""

TRIED, TRIED_EACH = 6, 2
"""Views that are tried, in all and of each product, most votes first."""
NEAR_BITS = 64
"""Bits (of 256) in which a corner may differ from a view's to vote for it."""
VOTERS = 300
"""The strongest corners of a picture choose which views are tried."""
FEWEST_VOTES = 3
"""Corners that must look like a view's for it to be tried."""
FAR_BITS = 80
"""The same for a corner that is matched within one view."""
DISTINCT = 0.85
"""How much nearer the best match must be than the second within a view (Lowe's ratio)."""
COMMON = 12
"""Most marks that are looked up by one word: words of plain stretches are shared by very many."""
BITS = np.array([bin(word).count("1") for word in range(1 << 16)], np.uint8)
"""Bits set in each 16-bit word."""
AGREEING = 8
"""Matches that must agree on one plane."""
PIXELS = 4.0
"""How far off, in pixels, a match may lie and agree."""

SMALLEST_FACE = 30 * 30
"""Pixels of a face in the searched picture: less is not compared."""
SLIMMEST = 8.0
"""Longest side of a face by its shortest: beyond that the plane is a mistake."""

GRID = (36, 48)
"""Width and height at which a photo and a picture are compared."""
PARTS = 6
"""Across and down: so many parts are compared, each of which may be hidden."""
UNLIKE = 0.6
"""Root mean square difference, in standard deviations of the face, from which a part is another."""
PRINTED = 0.25
"""Deviation within a part, in standard deviations of the face, from which something is printed on it."""
LIKE_PRINT, LIKE_PARTS, LIKE_FACE = 0.55, 0.4, 0.5
"""Share of the printed parts and of all parts that must be alike, and correlation of the whole. Chosen on
drawn packages (`bench/shown.py`): plain parts of one colour make strangers alike, and lower shares name
packages that only have words in common."""
CLEARLY = 0.04
"""How much more alike than any other product's it must be, where both are found in one place."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A product found in a picture: `alike` is how much of what is printed on it is as in the photo, 0..1."""

    label: str
    alike: float
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A photo as seen from one side.

    `points`: corners in the photo's pixels, float32 (N, 2); `marks`: what they look like, uint8 (N, 32), the
    strongest first. `face`: the four outer corners of what is printed, float32 (4, 2). `small`: the face at
    GRID size, float32 (h, w, 3).
    """

    points: NDArray[np.float32]
    marks: NDArray[np.uint8]
    face: NDArray[np.float32]
    small: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What one photo taught.

    `views` is empty where it taught nothing; `corners` counts those of its front; `complaint` says what is
    poor about it, "" for nothing.
    """

    photo: Path
    views: tuple[View, ...]
    corners: int
    complaint: str


def learn(photo: Path) -> Lesson:
    """What the file `photo` teaches; one that is no picture teaches nothing, and the complaint says why."""
    try:
        image = read_photo(photo)
    except ConfigError as error:
        return Lesson(photo, (), 0, str(error))
    return learn_image(photo, image)


def learn_image(photo: Path, image: Image) -> Lesson:
    """What the picture `image`, uint8 RGB of any size, teaches; `photo` names it."""
    if min(image.shape[:2]) < TINY:
        size = f"{image.shape[1]}x{image.shape[0]} pixels"
        return Lesson(photo, (), 0, f"too small: {size}, and {TINY} a side are needed at least")
    ratio = min(1.0, PHOTO_SIDE / max(image.shape[:2]))
    image = _resized(image, ratio, ratio)
    if min(image.shape[:2]) < TINY:
        return Lesson(photo, (), 0, "too narrow: no face of a package is so long; cut it")
    views: list[View] = []
    face: NDArray[np.float32] | None = None
    for across, down in FACING:
        points, marks = _corners(_resized(image, across, down), PHOTO_CORNERS)
        if face is None and len(points) < FEWEST:
            told = f"too plain: {len(points)} corners in it, {FEWEST} are needed"
            return Lesson(photo, (), len(points), f"{told}; come nearer, hold it still, in even light")
        points = np.asarray(points / np.array([across, down], np.float32), np.float32)
        if face is None:
            face = _outline(points)
            small = _laid(image, face)
        if len(points) >= AGREEING:
            views.append(View(points, marks, face, small))
    assert face is not None  # FACING begins with the front
    share = float(cv2.contourArea(face)) / (image.shape[0] * image.shape[1])
    complaint = f"small in the photo ({share:.0%} of it): come nearer" if share < SMALL else ""
    return Lesson(photo, tuple(views), len(views[0].points), complaint)


def read_photo(photo: Path) -> Image:
    """The picture in a file, upright, uint8 RGB, at most a few times PHOTO_SIDE. Raises ConfigError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd notes in the file: they do not matter
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            with Pillow.open(photo, formats=FORMATS) as opened:
                return _upright(opened)
    except (Pillow.DecompressionBombWarning, Pillow.DecompressionBombError):
        raise ConfigError(f"too large: {MAX_PIXELS // 10**6} megapixels at most") from None
    except UnidentifiedImageError:
        raise ConfigError("no picture, or a damaged one") from None
    except UNREADABLE as error:
        raise ConfigError(f"cannot be read: {error}") from None


def _upright(picture: Pillow.Image) -> Image:
    most = MAX_PIXELS if picture.format == "JPEG" else MAX_UNSHRUNK
    if picture.width * picture.height > most:
        raise ConfigError(
            f"too large: {picture.width} x {picture.height}; {most // 10**6} megapixels at most for a "
            f"{picture.format}"
        )
    picture.draft("RGB", (3 * PHOTO_SIDE, 3 * PHOTO_SIDE))
    upright = turned(picture, orientation_of(picture)).convert("RGB")
    upright.thumbnail((3 * PHOTO_SIDE, 3 * PHOTO_SIDE))
    return np.asarray(upright, np.uint8)


class Album:
    """All views of all products, ready to be searched. One caller at a time.

    `lessons` are by label. The same pictures give the same answers, always.
    """

    def __init__(self, lessons: Sequence[tuple[str, Lesson]]) -> None:
        every = [(label, view) for label, lesson in lessons for view in lesson.views]
        count = sum(len(view.points) for _, view in every)
        share = min(1.0, MOST_CORNERS / max(1, count))
        self._views = [(label, _thinned(view, share)) for label, view in every]
        self._index = _Index([view.marks for _, view in self._views])
        self._matcher = cv2.BFMatcher(cv2.NORM_HAMMING)

    def __len__(self) -> int:
        return len(self._views)

    def find(self, image: Image) -> list[Sighting]:
        """The products in `image`, uint8 RGB, the most alike first; boxes are fractions of `image`.

        Where two that were taught are found in one place, and neither is clearly more alike, none is named.
        """
        named: list[Sighting] = []
        taken: list[Sighting] = []
        for sighting in self.candidates(image):
            rivals = [other for other in taken if _shared(other.box, sighting.box)]
            if sighting.alike >= LIKE_PRINT and not rivals:
                named.append(sighting)
            named = [
                known
                for known in named
                if not (
                    known in rivals
                    and known.label != sighting.label
                    and known.alike - sighting.alike < CLEARLY
                )
            ]
            taken.append(sighting)
        return named

    def candidates(self, image: Image) -> list[Sighting]:
        """All that might be there, the most alike first: what `find` chooses from."""
        if min(image.shape[:2]) < TINY:
            return []
        ratio = min(1.0, PICTURE_SIDE / max(image.shape[:2]))
        small = _resized(image, ratio, ratio)
        if min(small.shape[:2]) < TINY:
            return []
        points, marks = _corners(small, PICTURE_CORNERS)
        if len(points) < AGREEING or not self._views:
            return []
        found = []
        for label, view in self._promising(marks):
            plane = self._plane(view, points, marks)
            if plane is None:
                continue
            quad = _moved(view.face, plane)
            alike = _likeness(view, small, quad) if _is_face(quad) else 0.0
            if alike > 0:
                box = _bounds(_moved(view.points, plane), small.shape[1], small.shape[0])
                found.append(Sighting(label, alike, box))
        return sorted(found, key=lambda sighting: (-sighting.alike, sighting.label))

    def _promising(self, marks: NDArray[np.uint8]) -> Iterator[tuple[str, View]]:
        """The views that most corners look like, few of each product: its rival must have its turn too."""
        votes = self._index.votes(marks[:VOTERS])
        tried: Counter[str] = Counter()
        for index in np.argsort(-votes, kind="stable"):
            label, view = self._views[index]
            if votes[index] < FEWEST_VOTES or tried.total() == TRIED:
                return
            if tried[label] < TRIED_EACH:
                tried[label] += 1
                yield label, view

    def _plane(
        self, view: View, points: NDArray[np.float32], marks: NDArray[np.uint8]
    ) -> NDArray[np.float64] | None:
        """What maps `view` onto the picture, (3, 3); None where no plane fits."""
        pairs = [
            best
            for best, second in (
                pair for pair in self._matcher.knnMatch(marks, view.marks, 2) if len(pair) == 2
            )
            if best.distance < DISTINCT * second.distance and best.distance <= FAR_BITS
        ]
        if len(pairs) < AGREEING:
            return None
        source = view.points[[pair.trainIdx for pair in pairs]]
        target = points[[pair.queryIdx for pair in pairs]]
        plane, agreeing = cv2.findHomography(
            source, target, cv2.USAC_MAGSAC, PIXELS, maxIters=1000, confidence=0.995
        )
        if plane is None or int(np.count_nonzero(agreeing)) < AGREEING:
            return None
        return np.asarray(plane, np.float64)


class _Index:
    """Which of many views have marks like those of a picture, without comparing all with all.

    A mark is 16 words of 16 bits. Two that differ in few bits most often have a word in common: only those
    that do are compared whole. `every` are the marks of each view, uint8 (N, 32).
    """

    def __init__(self, every: Sequence[NDArray[np.uint8]]) -> None:
        self._count = len(every)
        self._owners = np.repeat(np.arange(len(every)), [len(marks) for marks in every])
        self._words = np.concatenate([np.empty((0, 32), np.uint8), *every]).view(np.uint16)
        self._order = np.argsort(self._words, axis=0, kind="stable").astype(np.uint32)
        self._sorted = np.take_along_axis(self._words, self._order, axis=0)

    def votes(self, marks: NDArray[np.uint8]) -> NDArray[np.int64]:
        """How many of `marks`, uint8 (M, 32), are most like one of each view: (views,)."""
        words = np.ascontiguousarray(marks).view(np.uint16)
        rows: list[NDArray[np.int64]] = []
        known: list[NDArray[np.int64]] = []
        for place in range(words.shape[1]):
            column = self._sorted[:, place]
            first = np.searchsorted(column, words[:, place], "left")
            count = np.minimum(np.searchsorted(column, words[:, place], "right") - first, COMMON)
            rows.append(np.repeat(np.arange(len(words)), count))
            within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            known.append(self._order[np.repeat(first, count) + within, place])
        row, mark = np.concatenate(rows), np.concatenate(known)
        differing = BITS[words[row] ^ self._words[mark]].sum(axis=1, dtype=np.uint16)
        fewest = np.full(len(words), NEAR_BITS, np.uint16)
        np.minimum.at(fewest, row, differing)
        nearest = differing <= fewest[row]  # more than one where they are equal
        pairs = np.unique(row[nearest] * self._count + self._owners[mark[nearest]])
        return np.bincount(pairs % max(1, self._count), minlength=self._count)


def look_alikes(
    lessons: Sequence[tuple[str, Lesson]], tell: Callable[[int], None] = lambda done: None
) -> list[tuple[str, str]]:
    """Pairs of labels of which a photo of the one may be taken for the other: sorted, each once.

    `tell` is told how many photos were compared.
    """
    pairs: set[tuple[str, str]] = set()
    done = 0
    for label in sorted({label for label, _ in lessons}):
        others = Album([(other, lesson) for other, lesson in lessons if other != label])
        for lesson in (lesson for owner, lesson in lessons if owner == label):
            done += 1
            tell(done)
            if lesson.views:
                alike = [s for s in others.candidates(read_photo(lesson.photo)) if s.alike >= LIKE_PRINT]
                pairs |= {(min(label, s.label), max(label, s.label)) for s in alike}
    return sorted(pairs)


def _corners(image: Image, count: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Points (N, 2) and marks (N, 32) of an RGB picture, the strongest first."""
    orb = cv2.ORB.create(count, fastThreshold=10)
    found, marks = orb.detectAndCompute(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), None)
    if not found:
        return np.empty((0, 2), np.float32), np.empty((0, 32), np.uint8)
    order = np.argsort([-corner.response for corner in found], kind="stable")
    return np.array([found[i].pt for i in order], np.float32), np.asarray(marks[order], np.uint8)


def _outline(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """The upright frame around all corners but the outermost hundredth: what of a photo is the product."""
    (left, top), (right, bottom) = np.percentile(points, 1, axis=0), np.percentile(points, 99, axis=0)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _is_face(quad: NDArray[np.float32]) -> bool:
    """Whether four points in pixels can be a printed face: convex, not mirrored, not a sliver."""
    sides = np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1)
    return bool(
        np.isfinite(quad).all()
        and np.abs(quad).max() < 10 * PICTURE_SIDE
        and cv2.isContourConvex(quad)
        and cv2.contourArea(quad, oriented=True) >= SMALLEST_FACE
        and sides.max() <= SLIMMEST * sides.min()
    )


def _laid(image: Image, quad: NDArray[np.float32]) -> NDArray[np.float32]:
    """What lies within `quad` (pixels of `image`), flat, at GRID size: float32 (h, w, 3)."""
    width, height = GRID
    grid = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    cells = math.sqrt(max(1.0, float(cv2.contourArea(quad))) / (width * height))
    shrink = min(1.0, 1 / cells)
    turned = cv2.getPerspectiveTransform(grid, quad * np.float32(shrink))
    laid = cv2.warpPerspective(
        _resized(image, shrink, shrink),
        turned,
        GRID,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.GaussianBlur(laid.astype(np.float32), (0, 0), 1.0), np.float32)


def _likeness(view: View, image: Image, quad: NDArray[np.float32]) -> float:
    """Share of printed parts that look as in the photo, 0..1; 0 where the whole does not.

    Brightness and contrast are evened out for all colours together, so that light does not matter and colour
    does: flavours differ by it.
    """
    photo, seen = _evened(view.small), _evened(_laid(image, quad))
    alike = np.sqrt(_by_part((photo - seen) ** 2)) < UNLIKE
    printed = np.maximum(_deviation(photo), _deviation(seen)) > PRINTED
    if float((photo * seen).mean()) < LIKE_FACE or alike.mean() < LIKE_PARTS or not printed.any():
        return 0.0
    return float(alike[printed].mean())


def _by_part(face: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of each part of a face at GRID size: (PARTS, PARTS)."""
    width, height = GRID
    return np.asarray(face.reshape(PARTS, height // PARTS, PARTS, width // PARTS, 3).mean(axis=(1, 3, 4)))


def _deviation(face: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much is printed on each part, (PARTS, PARTS): its deviation from its own colour."""
    width, height = GRID
    parts = face.reshape(PARTS, height // PARTS, PARTS, width // PARTS, 3)
    return np.asarray(np.sqrt(((parts - parts.mean(axis=(1, 3), keepdims=True)) ** 2).mean(axis=(1, 3, 4))))


def _evened(face: NDArray[np.float32]) -> NDArray[np.float32]:
    face = face - face.mean()
    return np.asarray(face / (face.std() + 1e-3), np.float32)


def _thinned(view: View, share: float) -> View:
    kept = max(AGREEING, math.ceil(len(view.points) * share))
    return View(view.points[:kept], view.marks[:kept], view.face, view.small)


def _resized(image: Image, across: float, down: float) -> Image:
    if across >= 1 and down >= 1:
        return image
    size = max(1, round(image.shape[1] * across)), max(1, round(image.shape[0] * down))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _moved(points: NDArray[np.float32], plane: NDArray[np.float64]) -> NDArray[np.float32]:
    """Points (N, 2) under a homography."""
    return np.asarray(cv2.perspectiveTransform(points[None], plane)[0], np.float32)


def _bounds(points: NDArray[np.float32], width: int, height: int) -> Box:
    """The box around all points, in pixels, but the outermost hundredth."""
    (left, top), _, (right, bottom), _ = _outline(points)
    sides = np.clip([left / width, top / height, right / width, bottom / height], 0, 1)
    return Box(*map(float, sides))


def _shared(one: Box, other: Box) -> bool:
    """Whether two boxes are in one place: a third of the smaller one is shared."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > 0 and down > 0 and across * down > min(one.area, other.area) / 3
