"""Joins: what segments in other colours, and pictures in between, cost against the true film, and in time.

    storyboard film → its second half in changed colours, with a decoder's noise → joined   → the true half
    storyboard film at 24 a second → every third picture                         → between  → those left out

The films are made in the same run, and so are the usual ways to do it, which stand beside ours. Everything is
seeded: two runs print the same errors. Times are CPU time of this process (time.process_time) with OpenCV on
one thread, so that a busy machine changes them little; films are made, and errors counted, outside of them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from table import Row, median, show, write

from reverie import config
from reverie.story.director import Director
from reverie.story.library import load_library
from reverie.story.vocabulary import LABELS
from reverie.values import Brief, Image, Job
from reverie.video import chain
from reverie.video.between import pictures_at
from reverie.video.generator import Generator
from reverie.video.wan.segments import split
from reverie.wishes import load, make_wish

Film = list[Image]
Colours = NDArray[np.float32]
"""RGB, (H, W, 3), 0..255."""

FPS = 24
PACE = 3
"""Film pictures for one that was imagined: 24 a second of 8."""

LOST = 0.7
"""A decoder's loss of detail: deviation of the blur, pixels."""

NOISE = 2.5
"""A decoder's noise: its deviation, of 255. Neighbouring pixels have some of it in common (GRAIN, pixels)."""

GRAIN = 0.8

BLOCK = 16
"""Colours are compared in averages of blocks this wide (pixels): free of noise and of lost detail."""

EVERY = 8
"""Of a continued segment the first picture and every eighth are compared."""

CLOCK = "ms: CPU time of this process (time.process_time), OpenCV on one thread"


def main() -> None:
    arguments = parse()
    cv2.setNumThreads(1)
    width, height = (416, 240) if arguments.quick else (832, 480)
    settings = config.Generator(width=width, height=height, fps=FPS)
    generator = load(settings, warm=False)
    size = f"{width}x{height}"
    seams, films = (1, 1) if arguments.quick else (arguments.seams, arguments.films)
    changes, ways = colours(generator, settings, briefs(seams))
    rows = in_between(generator, settings, briefs(films))
    join = f"Colour join, {len(CHANGES)} changes in each of {seams} films, {size}"
    seen = f"films: {', '.join(brief.topic for brief in briefs(seams))}"
    show(f"{join}: mean error of 255 in averages of {BLOCK}x{BLOCK} pixels", changes, note=seen)
    show(f"{join}: all changes, by way", ways, note=CLOCK)
    show(f"In-betweens, 8 to {FPS} pictures a second, {size}: PSNR of those not imagined", rows, note=CLOCK)
    if arguments.json:
        write(arguments.json, "joins", [*changes, *ways, *rows])


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    parser.add_argument("--quick", action="store_true", help="one film of each, 416x240: to see that it runs")
    parser.add_argument("--seams", type=int, default=4, help="films for the colours (default: 4)")
    parser.add_argument("--films", type=int, default=8, help="films to fill in (default: 8)")
    return parser.parse_args()


# ---------------------------------------------------------------------------------- films


def briefs(count: int) -> list[Brief]:
    """Of the demo library, spread over it."""
    known = list(Director(load_library(None), config.Story()).briefs(labels=LABELS))
    return [known[index] for index in np.linspace(0, len(known) - 1, count).astype(int)]


def shots(generator: Generator, settings: config.Generator, brief: Brief) -> list[Film]:
    """The storyboard of `brief`, shot by shot, as a diffusion model's film is joined and filled in."""
    wish, spec = make_wish(settings, brief)
    job = Job(wish.key, brief, spec, deadline=0.0, priority=0, created=0.0, take=1)
    pictures = generator.generate(job, lambda share: None)
    lengths = split(spec.frames, [shot.seconds for shot in brief.shots])
    return [[next(pictures) for _ in range(length)] for length in lengths]


# ---------------------------------------------------------------------------------- colours

Change = Callable[[Colours, float], Colours]
"""What a model does to colours at a share (0..1) of its segment."""


def saturated(colours: Colours, by: float) -> Colours:
    luma = colours @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return np.asarray(luma[..., None] + (colours - luma[..., None]) * by, np.float32)


def bent(colours: Colours, by: float) -> Colours:
    """A gamma."""
    return np.asarray(255 * np.power(np.clip(colours, 0, 255) / 255, by), np.float32)


def each(*by: float) -> Colours:
    return np.array(by, np.float32)


def s_curve(colours: Colours) -> Colours:
    share = colours / 255
    return np.asarray(0.6 * colours + 0.4 * 255 * share * share * (3 - 2 * share), np.float32)


def turned(colours: Colours) -> Colours:
    """Hues turned by 10 degrees around grey."""
    turn, _ = cv2.Rodrigues(np.full(3, np.radians(10) / np.sqrt(3)))
    return np.asarray(colours @ turn.T.astype(np.float32), np.float32)


def shaded(colours: Colours) -> Colours:
    """Darker towards the edges, by a tenth in the corners."""
    height, width = colours.shape[:2]
    across, down = np.linspace(-1, 1, width) ** 2, np.linspace(-1, 1, height)[:, None] ** 2
    return np.asarray(colours * (1 - 0.05 * (across + down))[..., None], np.float32)


USUAL: Mapping[str, Change] = {
    "brighter": lambda c, _: c + 14,
    "tinted": lambda c, _: c + each(12, -8, 5),
    "warmer": lambda c, _: c * each(1.08, 1.0, 0.92),
    "darker mid-tones": lambda c, _: bent(c, 1.25),
    "lighter mid-tones": lambda c, _: bent(c, 0.8),
    "flatter": lambda c, _: 128 + (c - 128) * 0.85,
    "harder": lambda c, _: 128 + (c - 128) * 1.15,
    "more saturated": lambda c, _: saturated(c, 1.25),
    "paler": lambda c, _: saturated(c, 0.8),
    "all at once": lambda c, _: saturated(bent(c * 0.95 + 5, 1.1), 1.15),
}
"""Changes of the kinds that `chain.fit` was chosen on."""

OTHERS: Mapping[str, Change] = {
    "S-curve": lambda c, _: s_curve(c),
    "hues turned": lambda c, _: turned(c),
    "darker to the edges": lambda c, _: shaded(c),
    "growing brighter": lambda c, share: c + 7 * (1 + share),
}
"""Changes it was not chosen on; the last two are not the same everywhere and always, as it supposes."""

CHANGES = {**USUAL, **OTHERS}

Mend = Callable[[Image], Image]


def unmended(found: Image, wanted: Image) -> Mend:
    return lambda image: image


def deviations(found: Image, wanted: Image) -> Mend:
    """Mean and deviation of each channel."""
    table = np.arange(256.0)[:, None].repeat(3, 1)
    return _by_table(_matched(table, found.reshape(-1, 3), wanted.reshape(-1, 3)))


def linear_light(found: Image, wanted: Image) -> Mend:
    """The same in linear light (sRGB's curve)."""
    share = np.arange(256.0) / 255
    light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    table = _matched(light[:, None].repeat(3, 1), light[found].reshape(-1, 3), light[wanted].reshape(-1, 3))
    table = table.clip(0, 1)
    return _by_table(255 * np.where(table <= 0.0031308, 12.92 * table, 1.055 * table ** (1 / 2.4) - 0.055))


def curves(found: Image, wanted: Image) -> Mend:
    """A cubic curve for each channel, least squares."""
    have, want = _small(found), _small(wanted)
    table = np.empty((256, 3))
    for channel in range(3):
        factors, *_ = np.linalg.lstsq(np.vander(have[:, channel] / 255, 4), want[:, channel], rcond=None)
        table[:, channel] = np.vander(np.arange(256) / 255, 4) @ factors
    return _by_table(table)


def matrix(found: Image, wanted: Image) -> Mend:
    """A colour matrix with a constant, least squares."""
    have = _small(found)
    factors, *_ = np.linalg.lstsq(np.column_stack((have, np.ones(len(have)))), _small(wanted), rcond=None)
    whole = factors.T.astype(np.float32)
    return lambda image: np.asarray(cv2.transform(image, whole), np.uint8)


def ours(found: Image, wanted: Image) -> Mend:
    change = chain.fit(found, wanted)
    return unmended(found, wanted) if change is None else change.applied


def _matched(table: NDArray[np.float64], have: NDArray[np.generic], want: NDArray[np.generic]) -> Colours:
    by = want.std(0) / np.maximum(have.std(0), 1e-6)
    return np.asarray((table - have.mean(0)) * by + want.mean(0))


def _by_table(table: NDArray[np.floating]) -> Mend:
    whole = np.clip(np.rint(table), 0, 255).astype(np.uint8)[None]
    return lambda image: np.asarray(cv2.LUT(image, whole), np.uint8)


def _small(image: Image) -> NDArray[np.float64]:
    """(n, 3), the same averages that ours compares."""
    by = max(1, min(image.shape[:2]) // chain.SMALL)
    size = image.shape[1] // by, image.shape[0] // by
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float64).reshape(-1, 3)


WAYS: Mapping[str, Callable[[Image, Image], Mend]] = {
    "uncorrected": unmended,
    "mean+deviation": deviations,
    "the same, linear light": linear_light,
    "curve a channel": curves,
    "colour matrix": matrix,
    "ours": ours,
}

FLOOR = "noise alone"
"""What a perfect correction would leave: the colours unchanged, noise and loss of detail as ever."""


@dataclass(slots=True)
class Tally:
    """What came of one way.

    errors: by change: mean error of averages against the true film, of 255, for each picture compared.
    pixels: the same of single pixels, with noise and lost detail.
    seams: how far the first picture shown is from the one before, in steps (the median one) of the film.
    fits, pictures: CPU seconds for a seam, and for a picture after it.
    """

    errors: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in CHANGES})
    pixels: list[float] = field(default_factory=list)
    seams: list[float] = field(default_factory=list)
    fits: list[float] = field(default_factory=list)
    pictures: list[float] = field(default_factory=list)

    def error(self, names: Iterable[str]) -> float:
        return float(np.mean([np.mean(self.errors[name]) for name in names]))

    def row(self, way: str) -> Row:
        timed = bool(self.fits)
        return {
            "way": way,
            "error": self.error(CHANGES),
            "with noise": float(np.mean(self.pixels)),
            "seam / step inside": median(self.seams),
            "worst seam": max(self.seams),
            "ms a seam": 1e3 * median(self.fits) if timed else None,
            "ms a picture": 1e3 * median(self.pictures) if timed else None,
        }


def colours(
    generator: Generator, settings: config.Generator, briefs: Sequence[Brief]
) -> tuple[list[Row], list[Row]]:
    """A row for each change, and one for each way."""
    tallies = {way: Tally() for way in (*WAYS, FLOOR)}
    for number, brief in enumerate(briefs):
        film = max(shots(generator, settings, brief), key=len)
        measure_seams(film, number, tallies)
    rows: list[Row] = [
        {"change": name, **{way: tally.error([name]) for way, tally in tallies.items()}} for name in CHANGES
    ]
    for name, group in (("mean of the first ten", USUAL), ("mean of the last four", OTHERS)):
        rows.append({"change": name, **{way: tally.error(group) for way, tally in tallies.items()}})
    return rows, [tally.row(way) for way, tally in tallies.items()]


def measure_seams(film: Film, number: int, tallies: Mapping[str, Tally]) -> None:
    """Half of `film`, then the rest of it as a segment that continues, in every change and way."""
    middle = len(film) // 2
    decoded = [noisy(image, number, index, 0) for index, image in enumerate(film[: middle + 1])]
    before = to_picture(decoded[middle])
    inside = median([apart(one, other) for one, other in pairwise(map(averages, decoded))])
    shown = [middle + 1, *range(middle + EVERY, len(film), EVERY)]
    # Its own noise for the repeated picture too: it is decoded anew.
    rest = {index: noise(film[index], number, index, 1) for index in (middle, *shown)}
    for name, change in CHANGES.items():
        found = {
            index: to_picture(soft(change(film[index].astype(np.float32), part(index, film))) + grain)
            for index, grain in rest.items()
        }
        for way, make in WAYS.items():
            started = time.process_time()
            mend = make(found[middle], before)
            fitted = time.process_time()
            mended = {index: mend(found[index]) for index in shown}
            done = time.process_time()
            tallies[way].fits.append(fitted - started)
            tallies[way].pictures.append((done - fitted) / len(shown))
            compare(mended, film, name, tallies[way])
            tallies[way].seams.append(apart(averages(mended[middle + 1]), averages(before)) / inside)
    plain = {index: to_picture(soft(film[index].astype(np.float32)) + rest[index]) for index in shown}
    for name in CHANGES:
        compare(plain, film, name, tallies[FLOOR])
    tallies[FLOOR].seams.append(apart(averages(plain[middle + 1]), averages(before)) / inside)


def part(index: int, film: Film) -> float:
    """The share of the second half at picture `index`."""
    middle = len(film) // 2
    return (index - middle) / (len(film) - 1 - middle)


def compare(mended: Mapping[int, Image], film: Film, name: str, tally: Tally) -> None:
    for index, image in mended.items():
        tally.errors[name].append(apart(averages(image), averages(film[index])))
        tally.pixels.append(float(cv2.absdiff(image, film[index]).mean()))


def noise(image: Image, *seed: int) -> Colours:
    """A decoder's noise for `image`: of the given deviation, alike in neighbours."""
    grain = np.random.default_rng(seed).standard_normal(image.shape, np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), GRAIN), np.float32)
    return np.asarray(grain * (NOISE / grain.std()), np.float32)


def noisy(image: Image, *seed: int) -> Colours:
    """`image` as a decoder gives it, in its own colours."""
    return soft(image.astype(np.float32)) + noise(image, *seed)


def soft(colours: Colours) -> Colours:
    return np.asarray(cv2.GaussianBlur(colours.clip(0, 255), (0, 0), LOST), np.float32)


def to_picture(colours: Colours) -> Image:
    return np.clip(np.rint(colours), 0, 255).astype(np.uint8)


def averages(image: Image | Colours) -> Colours:
    size = image.shape[1] // BLOCK, image.shape[0] // BLOCK
    return np.asarray(cv2.resize(image.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)


def apart(one: Colours, other: Colours) -> float:
    return float(np.abs(one - other).mean())


# ---------------------------------------------------------------------------------- in-betweens


def nearest(images: Film, positions: Sequence[Fraction]) -> Film:
    return [images[round(position)] for position in positions]


def faded(images: Film, positions: Sequence[Fraction]) -> Film:
    film = []
    for position in positions:
        index, share = int(position), float(position % 1)
        if share == 0:
            film.append(images[index])
        else:
            mixed = cv2.addWeighted(images[index], 1 - share, images[index + 1], share, 0)
            film.append(np.asarray(mixed, np.uint8))
    return film


def moved(images: Film, positions: Sequence[Fraction]) -> Film:
    return list(pictures_at(images, positions))


FILLINGS: Mapping[str, Callable[[Film, Sequence[Fraction]], Film]] = {
    "nearest held": nearest,
    "cross-fade": faded,
    "ours": moved,
}


def in_between(generator: Generator, settings: config.Generator, briefs: Sequence[Brief]) -> list[Row]:
    """A row for each film, and their mean."""
    films = [fill_in(brief.topic, shots(generator, settings, brief)) for brief in briefs]
    figures = [film.figures() for film in films]
    rows: list[Row] = [
        {"topic": film.topic, "frames": film.frames, **figure}
        for film, figure in zip(films, figures, strict=True)
    ]
    mean = {name: float(np.mean([figure[name] for figure in figures])) for name in figures[0]}
    return [*rows, {"topic": "mean of the films", "frames": sum(film.frames for film in films), **mean}]


@dataclass(frozen=True, slots=True)
class Filled:
    """One film: mean squares of every picture in between, and CPU seconds of the whole, by way."""

    topic: str
    frames: int
    squares: Mapping[str, Sequence[float]]
    seconds: Mapping[str, float]

    def figures(self) -> dict[str, float]:
        worse = np.mean(np.array(self.squares["ours"]) > np.array(self.squares["cross-fade"]))
        return {
            **{f"{name} dB": likeness(squares) for name, squares in self.squares.items()},
            "% worse than cross-fade": 100 * float(worse),
            **{
                f"{name} ms": 1e3 * spent / self.frames
                for name, spent in self.seconds.items()
                if name != "nearest held"
            },
        }


def fill_in(topic: str, takes: Sequence[Film]) -> Filled:
    squares: dict[str, list[float]] = {name: [] for name in FILLINGS}
    seconds = dict.fromkeys(FILLINGS, 0.0)
    frames = 0
    for film in takes:
        kept = film[::PACE]
        true = film[: PACE * (len(kept) - 1) + 1]  # after the last one imagined, every way holds it
        positions = [Fraction(index, PACE) for index in range(len(true))]
        frames += len(true)
        for name, fill in FILLINGS.items():
            started = time.process_time()
            filled = fill(kept, positions)
            seconds[name] += time.process_time() - started
            squares[name] += [
                float(np.square(np.subtract(image, wanted, dtype=np.float32)).mean())
                for index, (image, wanted) in enumerate(zip(filled, true, strict=True))
                if index % PACE
            ]
    return Filled(topic, frames, squares, seconds)


def likeness(squares: Sequence[float]) -> float:
    """Peak signal to noise, dB, of the mean square over a film."""
    return 10 * float(np.log10(255**2 / max(1e-9, float(np.mean(squares)))))


if __name__ == "__main__":
    main()
