"""The gate: a whole film is judged before anybody sees it, when its generator may make what nobody foresees.

    film → check, measures, sighting of what was asked for → scores → limits → verdict

A storyboard streams and is tested instead: only the check sees it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reverie.values import Image, Job
from reverie.video import measures
from reverie.video.check import Check
from reverie.video.sight import Eyes, asked_of, cuts_of, look


@dataclass(frozen=True, slots=True)
class Limit:
    """What a score must be: `bound` or more ("least"), or less ("most"). `says`: what is wrong beyond it;
    `called`: the score in words, where its name in `Clip.scores` would read the wrong way round."""

    score: str
    side: Literal["least", "most"]
    bound: float
    says: str
    called: str = ""

    def wrong(self, value: float) -> str | None:
        """What is wrong with a score of `value`; None when nothing is."""
        if value >= self.bound if self.side == "least" else value <= self.bound:
            return None
        return f"{self.says} ({self.called or self.score} {value:.3g}, at {self.side} {self.bound:g})"


LIMITS: tuple[Limit, ...] = (
    Limit("black", "most", 0.2, "many pictures are black"),
    Limit("dark", "most", 0.3, "a part of the picture stays black"),
    Limit("contrast", "least", 0.02, "there is nothing in the picture"),
    Limit("noise", "most", 0.72, "it looks like noise"),
    Limit("flicker", "least", 0.93, "it flickers", called="steadiness"),
    Limit("disorder", "most", 0.8, "the pictures do not follow from each other"),
    Limit("pumping", "most", 0.01, "its brightness goes up and down"),
    Limit("dynamic", "least", 0.01, "hardly anything moves"),
    Limit("warp", "most", 0.03, "it changes in ways that are no movement"),
    Limit("lost", "most", 0.06, "much of it comes and goes from picture to picture"),
    Limit("drift", "most", 15.0, "its colour drifts"),
    Limit("jump", "most", 9.0, "its colour jumps"),
)
"""See `judge` for what the scores are. `bench/check.py` prints how often these limits err, and on what."""

STEADY_FPS = 15
"""Frames a second from which neighbouring pictures of a film must resemble each other (`disorder`)."""

FEW = 8
"""Fewer pictures have no order to speak of (`disorder`, `pumping`)."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`scores`: see `judge`. `wrong`: what is wrong with the film, in words; None when it may be shown."""

    scores: Mapping[str, float]
    wrong: str | None


def judge(
    film: Sequence[Image], job: Job, eyes: Eyes | None, tick: measures.Tick = lambda: None
) -> Judgement:
    """Measure the whole `film` of `job` and judge it. Pictures are uint8 RGB of the spec's size; only read.

    `eyes` look for what was asked for; None: nobody looks. `tick` is called between pieces of work of some
    milliseconds and may raise, to end it. Raises ClipError when a picture has another shape or type.

    Scores, beside those of `Check.scores` (frames, luma, black, frozen_s, moving, flicker); one that a film
    is too short or too small for is left out:

    - `dark`: share of the picture that is black from first to last, 0..1.
    - `contrast`: standard deviation of luma, of full scale, 0..0.5.
    - `noise`: how much it looks like noise at its worst scale, 0..1 (`measures.noise`).
    - `disorder`: change to the next picture over change to the one after, 0..2; 0.5 is steady movement, 1
      pictures in any order.
    - `pumping`: unsteadiness of mean brightness, of full scale, 0..2 (`measures.pumping`).
    - `dynamic`: how fast the fastest 5 % move, picture widths a second.
    - `warp`: mean change that movement does not explain, of full scale, 0..1.
    - `lost`: share of the picture whose movement cannot be followed there and back, 0..1; it is more in a
      quarter of the steps.
    - `drift`: how far nearly all colour went one way within a shot, Lab units, 0..360.
    - `jump`: the largest sudden change of colour and light in one shot, Lab units, 0..442.
    - `asked`: how many asked words the eyes can know.
    - `sees`: score of the one they saw worst, 0..1; only when something was asked.
    """
    check = Check(job.spec)
    for image in film:
        check.update(image)
        tick()
    scores = check.scores()
    verdict = check.verdict()
    wrong = [] if verdict is None else [verdict]
    if film:
        scores |= _measured(film, job, tick)
        if verdict is None:
            wrong += [text for limit in LIMITS if (text := _beyond(limit, scores)) is not None]
        if eyes is not None:
            seen = look(film, asked_of(job), eyes, tick)
            scores["asked"] = float(len(seen))
            if seen:
                scores["sees"] = min(one.score for one in seen)
            wrong += [one.wrong for one in seen if one.wrong is not None]
    rounded = {name: round(float(value), 4) for name, value in scores.items()}
    return Judgement(rounded, "; ".join(wrong) or None)


def _measured(film: Sequence[Image], job: Job, tick: measures.Tick) -> dict[str, float]:
    reduced = measures.reduce(film, tick)
    cuts = measures.cut_steps(len(film), job.spec.fps, cuts_of(job))
    scores = {
        "dark": reduced.dark,
        "contrast": measures.contrast(reduced),
        "noise": measures.noise(film, tick),
        "drift": measures.drift(reduced, cuts),
        "jump": measures.jump(reduced, cuts),
    }
    if len(film) >= FEW:
        scores["pumping"] = measures.pumping(reduced, cuts)
        disorder = measures.disorder(reduced, cuts)
        if disorder is not None and job.spec.fps >= STEADY_FPS:
            scores["disorder"] = disorder
    movement = measures.movement(reduced, cuts, job.spec.fps, tick)
    if movement is not None:
        scores |= {"dynamic": movement.dynamic, "warp": movement.warp, "lost": movement.lost}
    return scores


def _beyond(limit: Limit, scores: Mapping[str, float]) -> str | None:
    value = scores.get(limit.score)
    return None if value is None else limit.wrong(value)
