"""The quality gate: how often it errs, on what, and what it costs.

    good films (storyboards, photographs)   must pass  → false alarms
    the same, spoiled in many ways          must fail  → misses
    random-weight output                    must fail  → misses

Limits were chosen on the first half: stories of the library. The second half is other films made after that:
random words of the vocabulary, spoiled with other random numbers. (Three such sets, looked at while the
measures were made, were thrown away; this one was not looked at.) Everything is seeded: two runs print the
same rates. Without the extra [wan], or with --no-wan, the random-weight rows are left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
from numpy.typing import NDArray
from table import Row, median, show, write

from reverie import config
from reverie.assets import asset
from reverie.generate import open_eyes
from reverie.story.director import Director
from reverie.story.library import Tone, load_library
from reverie.story.vocabulary import ACTION, LABELS, MOOD, NOUN, SETTING
from reverie.values import Brief, Image, Job, Shot
from reverie.video.gate import LIMITS, Judgement, judge
from reverie.video.generator import Generator
from reverie.video.sight import KINDS, Eyes, asked_of
from reverie.wishes import load, make_wish

Film = list[Image]
Half = str

CHOSEN, HELD = "chosen on", "held out"
SIZES = ((640, 480, 16), (416, 240, 16), (320, 240, 24), (512, 288, 24), (240, 416, 24))
"""Width, height, frames a second of good films, in turn."""

CONFIDENCE = 1.96
"""Standard deviations of a 95 % interval."""

TINY = Path(__file__).parents[1] / "tests" / "wan"


@dataclass(frozen=True, slots=True)
class Case:
    """One film that was judged: `spoilt` how ("" for a good one), and what the gate said."""

    half: Half
    spoilt: str
    judgement: Judgement


def main() -> None:
    arguments = parse()
    cv2.setNumThreads(1)
    eyes = open_eyes()
    if eyes is None:
        raise SystemExit("the embedded detector cannot be loaded")
    cases: list[Case] = []
    for half in (CHOSEN, HELD):
        cases += storyboards(half, arguments.films, eyes)
        cases += photographs(half, eyes)
        cases += blobs(half)
        if arguments.wan and importlib.util.find_spec("torch") is not None:
            cases += random_weights(half)
    rates, scores, costs = rate_rows(cases), score_rows(cases), cost_rows(eyes)
    if arguments.json:
        write(arguments.json, "check", [*rates, *scores, *costs])
    note = "95 % intervals by Wilson. Limits were chosen on the first half, before the second was made."
    show("The gate: films judged wrongly", rates, note=note)
    show("Limits, and what scores good films have (all of both halves)", scores)
    show("Cost of judging 73 pictures of 832x480, seconds, median of 5", costs)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    parser.add_argument("--films", type=int, default=10, help="storyboards in each half (default: 10)")
    parser.add_argument("--no-wan", dest="wan", action="store_false", help="leave random weights out")
    return parser.parse_args()


# ---------------------------------------------------------------------------------- good films, and spoiled


def storyboards(half: Half, count: int, eyes: Eyes) -> Iterator[Case]:
    """Storyboards as they are, in harmless variations, spoiled, and asked for something else."""
    for number, brief in enumerate(briefs(half, count)):
        width, height, fps = SIZES[number % len(SIZES)]
        rng = np.random.default_rng([number, half == HELD])
        job, film = storyboard(brief, width, height, fps, take=number + 1)
        yield Case(half, "", judge(film, job, eyes))
        for name, alter in HARMLESS.items():
            yield Case(half, f"harmless: {name}", judge(alter(film, rng), job, None))
        for name, spoil in SPOILED.items():
            yield Case(half, name, judge(spoil(film, rng), job, None))
        for word in ("clock", "teddy bear"):
            other = asked_for(job, word)
            if not {word} & {one.word for one in asked_of(job)}:
                yield Case(half, f"a {word} was asked for", judge(film, other, eyes))


def briefs(half: Half, count: int) -> list[Brief]:
    """Of the library, spread over it; or random words of the vocabulary, a third of them in two shots."""
    if half == CHOSEN:
        known = list(Director(load_library(None), config.Story()).briefs(labels=LABELS))
        return [known[index] for index in np.linspace(0, len(known) - 1, count).astype(int)]
    rng = random.Random("held out, fourth")
    composed = []
    for number in range(count):
        shots = tuple(_shot(rng) for _ in range(2 if number % 3 == 0 else 1))
        composed.append(Brief(f"composed/{number}", shots, rng.choice(get_args(Tone)), "zh"))
    return composed


def _shot(rng: random.Random) -> Shot:
    action = rng.choice(["appear", "hold", "look_at", "walk", "wave", "spin", "float", "play", "push"])
    takes = ACTION[action].link is not None
    words = sorted(NOUN)
    thing = rng.choice(words) if takes else None
    setting, mood = rng.choice(sorted(SETTING)), rng.choice(sorted(MOOD))
    return Shot(rng.choice(words), action, thing, setting, mood, "", rng.choice([2.0, 3.0]))


def storyboard(brief: Brief, width: int, height: int, fps: int, take: int) -> tuple[Job, Film]:
    settings = config.Generator(width=width, height=height, fps=fps)
    wish, spec = make_wish(settings, brief)
    job = Job(wish.key, brief, spec, deadline=0.0, priority=0, created=0.0, take=take)
    return job, list(generator(settings).generate(job, lambda share: None))


def generator(settings: config.Generator) -> Generator:
    return load(settings, warm=False)


def asked_for(job: Job, word: str) -> Job:
    """The job as if `word`, and nothing else, had been asked for."""
    shots = tuple(replace(shot, subject=word, object=None) for shot in job.brief.shots)
    return replace(job, brief=replace(job.brief, shots=shots))


def photographs(half: Half, eyes: Eyes) -> Iterator[Case]:
    """The demo camera's cards, held up for six seconds each: photographs and prints.

    Asked for what is on them, and for every other thing of its kind. The first two seconds are one half, the
    last two the other.
    """
    cards = json.loads(asset("demo.json").read_text(encoding="utf-8"))["cards"]
    for card in cards:
        start, end = card["held"]
        job, film = footage(start + 0.2 if half == CHOSEN else end - 2.2, 2.0)
        label = card["label"]
        yield Case(half, "", judge(film, asked_for(job, label), eyes))
        for kind in KINDS:
            for other in kind if label in kind else ():
                if other != label:
                    verdict = judge(film, asked_for(job, other), eyes)
                    yield Case(half, "photographs: another thing of its kind was asked for", verdict)


def footage(start: float, seconds: float) -> tuple[Job, Film]:
    """A piece of the demo camera's footage, 640x480 at 15 frames a second."""
    capture = cv2.VideoCapture(str(asset("demo.mp4")))
    fps = round(capture.get(cv2.CAP_PROP_FPS))
    capture.set(cv2.CAP_PROP_POS_FRAMES, round(start * fps))
    film = []
    for _ in range(round(seconds * fps)):
        there, picture = capture.read()
        assert there
        film.append(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8))
    capture.release()
    return job_for(film, fps), film


def job_for(film: Film, fps: int) -> Job:
    """A job that asks for nothing but these pictures."""
    height, width = film[0].shape[:2]
    shot = Shot("gift", "appear", None, "studio", "calm", "", len(film) / fps)
    brief = Brief("bench", (shot,), "plain", "en")
    _, spec = make_wish(config.Generator(fps=fps), brief)
    spec = replace(spec, width=width, height=height, frames=len(film))
    return Job("bench", brief, spec, deadline=0.0, priority=0, created=0.0)


Alter = Callable[[Film, np.random.Generator], Film]


def clipped(picture: NDArray[np.floating]) -> Image:
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def each(change: Callable[[NDArray[np.float32], float], NDArray[np.floating]]) -> Alter:
    """A change of each picture (float32 RGB 0..255) that depends on how far the film is, 0..1."""

    def alter(film: Film, rng: np.random.Generator) -> Film:
        last = max(1, len(film) - 1)
        return [clipped(change(image.astype(np.float32), t / last)) for t, image in enumerate(film)]

    return alter


def grain(film: Film, rng: np.random.Generator, sigma: float, still: bool = False, blur: float = 0) -> Film:
    """Noise of standard deviation `sigma` levels on every picture; `still`: the same on all; `blur`: its
    grain, pixels."""
    noise = rng.standard_normal(film[0].shape, np.float32)
    if blur:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), blur), np.float32)
    noise *= np.float32(sigma / noise.std())
    spoiled = []
    for image in film:
        if not still:  # another piece of it, which is as good as new and a tenth of the time
            noise = np.roll(noise, tuple(rng.integers(0, image.shape[:2])), (0, 1))
        spoiled.append(clipped(image + noise))
    return spoiled


def torn(film: Film, rng: np.random.Generator, share: float) -> Film:
    """In `share` of the pictures eight blocks, an eighth of the height each, come from elsewhere."""
    height, width = film[0].shape[:2]
    side = height // 8

    def place() -> tuple[slice, slice]:
        top, left = int(rng.integers(0, height - side)), int(rng.integers(0, width - side))
        return slice(top, top + side), slice(left, left + side)

    spoiled = []
    for image in film:
        if rng.random() < share:
            image = image.copy()
            for _ in range(8):
                image[place()] = film[int(rng.integers(len(film)))][place()]
        spoiled.append(image)
    return spoiled


def neighbours(film: Film, rng: np.random.Generator) -> Film:
    """Every two pictures change places."""
    last = len(film) - len(film) % 2
    return [film[t ^ 1] if t < last else image for t, image in enumerate(film)]


def half_black(film: Film, rng: np.random.Generator) -> Film:
    spoiled = [image.copy() for image in film]
    for image in spoiled:
        image[:, : image.shape[1] // 2] = 0
    return spoiled


def squeezed(film: Film, rng: np.random.Generator) -> Film:
    """Through JPEG at a low quality: the blocks of strong compression."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, 40]
    coded = (cv2.imencode(".jpg", image, settings)[1] for image in film)
    return [np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8) for jpeg in coded]


def gains(film: Film, factors: Iterable[float]) -> Film:
    """Brighter and darker, picture by picture."""
    return [clipped(image * np.float32(factor)) for image, factor in zip(film, factors, strict=True)]


def waves(film: Film, rng: np.random.Generator) -> Film:
    """Ten per cent up and down, every eighth picture."""
    return gains(film, [1 + 0.1 * math.sin(t * math.tau / 8) for t in range(len(film))])


def alternating(film: Film, rng: np.random.Generator) -> Film:
    return gains(film, [1 + 0.04 * (-1) ** t for t in range(len(film))])


TINT = np.array([45.0, 0.0, -45.0], np.float32)
"""A change of colour, RGB levels: about 28 Lab units."""


HARMLESS: Mapping[str, Alter] = {
    "backwards": lambda film, rng: film[::-1],
    "every picture held for two": lambda film, rng: [film[t // 2] for t in range(len(film))],
    "a little soft": lambda film, rng: [cv2.GaussianBlur(i, (0, 0), 1.2).astype(np.uint8) for i in film],
    "faint grain (σ 3)": lambda film, rng: grain(film, rng, 3),
    "compressed (JPEG 40)": squeezed,
    "darker": each(lambda image, share: image * 0.6),
    "fades in over a third": each(lambda image, share: image * min(1.0, 0.15 + share * 3)),
}
"""What a good film may be like, too."""

SPOILED: Mapping[str, Alter] = {
    "black": lambda film, rng: [np.zeros_like(image) for image in film],
    "black from the middle on": each(lambda image, share: image * (share < 0.5)),
    "left half black": half_black,
    "grey": lambda film, rng: [np.full_like(image, 128) for image in film],
    "frozen": lambda film, rng: [film[0]] * len(film),
    "frozen, shimmering": lambda film, rng: grain([film[0]] * len(film), rng, 1),
    "brightness ±4 %, alternating": alternating,
    "brightness ±10 % in waves": waves,
    "brightness at random ±10 %": lambda film, rng: gains(film, rng.uniform(0.9, 1.1, len(film))),
    "shuffled": lambda film, rng: [film[t] for t in rng.permutation(len(film))],
    "neighbours swapped": neighbours,
    "noise (σ 20)": lambda film, rng: grain(film, rng, 20),
    "noise (σ 40)": lambda film, rng: grain(film, rng, 40),
    "still noise (σ 40)": lambda film, rng: grain(film, rng, 40, still=True),
    "blobs (σ 40, 4 px)": lambda film, rng: grain(film, rng, 40, blur=4),
    "still blobs (σ 40, 4 px)": lambda film, rng: grain(film, rng, 40, still=True, blur=4),
    "colour drifts far": each(lambda image, share: image + np.float32(share) * TINT),
    "colour drifts half as far": each(lambda image, share: image + np.float32(share / 2) * TINT),
    "colour jumps": each(lambda image, share: image + np.float32(share > 0.5) * TINT / 2),
    "torn blocks": lambda film, rng: torn(film, rng, 1),
    "torn blocks, every fourth picture": lambda film, rng: torn(film, rng, 0.25),
}  # fmt: skip
"""What must not be shown."""


# ---------------------------------------------------------------------------------- noise


def random_weights(half: Half) -> Iterator[Case]:
    """What pipelines of Wan's real classes make of random weights, as it is and smoothed."""
    sys.path.insert(0, str(TINY))
    import torch
    from tiny import make_pipeline  # type: ignore[import-not-found, unused-ignore]

    torch.set_num_threads(1)
    seeds = range(2) if half == CHOSEN else range(2, 4)
    sizes = ((128, 192, 9), (240, 320, 9)) if half == CHOSEN else ((160, 256, 13), (256, 256, 9))
    for seed in seeds:
        for kind in ("ti2v", "t2v", "a14b"):
            pipeline = make_pipeline(kind, seed)
            pipeline.set_progress_bar_config(disable=True)
            for height, width, frames in sizes:
                made = pipeline(
                    prompt="a cat",
                    height=height // 32 * 32,
                    width=width,
                    num_frames=frames,
                    num_inference_steps=3,
                    guidance_scale=1.0,
                    generator=torch.Generator().manual_seed(seed),
                    output_type="np",
                ).frames[0]
                film = [clipped(picture * 255) for picture in made]
                yield Case(half, "random weights", judge(film, job_for(film, 16), None))
                for sigma in (2, 6):
                    soft = smooth(film, sigma)
                    yield Case(
                        half, f"random weights, smoothed {sigma} px", judge(soft, job_for(soft, 16), None)
                    )


def smooth(film: Film, sigma: float) -> Film:
    """Blurred in space and over neighbouring pictures, then stretched to its old contrast."""
    stack = np.stack(film).astype(np.float32)
    soft = np.stack([cv2.GaussianBlur(picture, (0, 0), sigma) for picture in stack])
    soft = (np.roll(soft, 1, 0) + 2 * soft + np.roll(soft, -1, 0)) / 4
    gain = stack.std() / max(1e-6, float(soft.std()))
    return [clipped((picture - soft.mean()) * gain + stack.mean()) for picture in soft]


def blobs(half: Half) -> Iterator[Case]:
    """Coloured noise of one grain, that moves on slowly or is new in every picture."""
    rng = np.random.default_rng([7, half == HELD])
    for sigma in (0, 1, 2, 4, 8, 16, 32):
        for slow in (False, True):
            for height, width in ((240, 416), (480, 640)):
                film = blob_film(rng, height, width, sigma, slow)
                name = "blobs of noise up to 8 px" if sigma <= 8 else "blobs of noise, 16 and 32 px"
                yield Case(half, name, judge(film, job_for(film, 16), None))


def blob_film(rng: np.random.Generator, height: int, width: int, sigma: float, slow: bool) -> Film:
    def one() -> NDArray[np.float32]:
        noise = rng.normal(0, 1, (height, width, 3)).astype(np.float32)
        if sigma:
            noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma), np.float32)
        return np.asarray(noise / noise.std(), np.float32)

    film, now = [], one()
    for _ in range(17):
        now = (now * np.float32(0.95) + one() * np.float32(0.31)) if slow else one()
        film.append(clipped(128 + 45 * now))
    return film


# ---------------------------------------------------------------------------------- tables


def rate_rows(cases: Sequence[Case]) -> list[Row]:
    rows: list[Row] = []
    for spoilt in dict.fromkeys(case.spoilt for case in cases):
        good = not spoilt or spoilt.startswith("harmless")
        row: dict[str, str] = {"film": spoilt or "as it is", "must": "pass" if good else "fail"}
        reasons: Counter[str] = Counter()
        for half in (CHOSEN, HELD):
            of_half = [case for case in cases if (case.half, case.spoilt) == (half, spoilt)]
            errors = sum((case.judgement.wrong is None) != good for case in of_half)
            low, high = wilson(errors, len(of_half))
            row[half] = f"{errors}/{len(of_half)}"
            row[f"interval, {half}"] = f"{low:.0%}–{high:.0%}"
            reasons.update(first_reason(case.judgement) for case in of_half if case.judgement.wrong)
        row["said most"] = ", ".join(f"{name} {count}" for name, count in reasons.most_common(2))
        rows.append(row)
    return rows


def first_reason(judgement: Judgement) -> str:
    """The first reproach without its numbers."""
    return (judgement.wrong or "").split("; ")[0].split(" (")[0]


def wilson(errors: int, count: int) -> tuple[float, float]:
    """The 95 % score interval of a rate (Wilson, 1927)."""
    if count == 0:
        return 0.0, 1.0
    z2, rate = CONFIDENCE**2, errors / count
    middle = (rate + z2 / (2 * count)) / (1 + z2 / count)
    reach = CONFIDENCE / (1 + z2 / count) * math.sqrt(rate * (1 - rate) / count + z2 / (4 * count**2))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def score_rows(cases: Sequence[Case]) -> list[Row]:
    """Each limit beside the range of its score on good films, and on what must fail."""
    rows: list[Row] = []
    for limit in LIMITS:
        good, bad = (
            [case.judgement.scores[limit.score] for case in cases
             if limit.score in case.judgement.scores and (case.spoilt == "") == is_good
             and not case.spoilt.startswith("harmless")]
            for is_good in (True, False)
        )  # fmt: skip
        beyond = sum(limit.wrong(value) is not None for value in bad)
        rows.append(
            {
                "score": limit.score,
                "limit": f"at {limit.side} {limit.bound:g}",
                "good, lowest": min(good),
                "good, median": median(good),
                "good, highest": max(good),
                "spoiled films beyond it": f"{beyond}/{len(bad)}",
            }
        )
    return rows


def cost_rows(eyes: Eyes) -> list[Row]:
    brief = briefs(CHOSEN, 1)[0]
    job, film = storyboard(brief, 832, 480, 24, take=1)
    film = (film * 2)[:73]
    job = replace(job, spec=replace(job.spec, frames=len(film)))
    rows: list[Row] = []
    for name, looking in (("pictures alone", None), ("and the eyes, 6 looks a shot", eyes)):
        spent = []
        for _ in range(5):
            start = time.perf_counter()
            judge(film, job, looking)
            spent.append(time.perf_counter() - start)
        rows.append({"what": name, "seconds": median(spent)})
    return rows


if __name__ == "__main__":
    main()
