"""The gate: a good film passes, a spoiled one is told what is wrong with it, and no film makes it stumble."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie import config, wishes
from reverie.errors import Cancelled, ClipError
from reverie.values import Brief, ClipSpec, Image, Job, Request, Shot
from reverie.video.gate import LIMITS, judge
from reverie.video.sight import Asked, asked_of, cuts_of, look

Film = list[Image]

SETTINGS = config.Generator(width=320, height=240, fps=16)


def shot(subject: str, object: str | None = None, seconds: float = 2.0) -> Shot:
    action = "appear" if object is None else "look_at"
    return Shot(subject, action, object, "park", "calm", "", seconds)


def job_of(*shots: Shot, request: Request | None = None) -> Job:
    brief = Brief("test", shots, "plain", "en")
    wish, spec = wishes.make_wish(SETTINGS, brief)
    return Job(wish.key, brief, spec, deadline=0.0, priority=0, created=0.0, take=1, request=request)


JOB = job_of(shot("cat"), shot("robot", "clock", 1.0))


@pytest.fixture(scope="module")
def good() -> Film:
    """Two shots of a storyboard: 48 pictures."""
    return list(wishes.load(SETTINGS, warm=False).generate(JOB, lambda share: None))


def clipped(picture: np.ndarray) -> Image:
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def brighter(film: Film, gains: np.ndarray) -> Film:
    return [clipped(image * gain) for image, gain in zip(film, gains, strict=True)]


def noisy(film: Film, sigma: float, blur: float = 0) -> Film:
    rng = np.random.default_rng(0)
    spoiled = []
    for image in film:
        noise = rng.standard_normal(image.shape, np.float32)
        if blur:
            noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), blur), np.float32)
        spoiled.append(clipped(image + noise * (sigma / noise.std())))
    return spoiled


def tinted(film: Film, shares: np.ndarray) -> Film:
    """Up to 45 levels more red and less blue."""
    return [
        clipped(image + share * np.array([45.0, 0, -45])) for image, share in zip(film, shares, strict=True)
    ]


def half_black(film: Film) -> Film:
    return [np.hstack([image[:, :160], np.zeros_like(image[:, 160:])]) for image in film]


def torn(film: Film) -> Film:
    """Eight blocks of each picture come from elsewhere in it."""
    rng = np.random.default_rng(0)
    spoiled = [image.copy() for image in film]
    for image in spoiled:
        for _ in range(8):
            (y, x), (top, left) = rng.integers(0, (210, 290), (2, 2))
            image[y : y + 30, x : x + 30] = image[top : top + 30, left : left + 30].copy()
    return spoiled


def shuffled(film: Film) -> Film:
    return [film[index] for index in np.random.default_rng(0).permutation(len(film))]


N = 48
UP = np.linspace(0, 1, N)
ALTERNATING = np.resize([1.0, -1.0], N)

# what is done to a good film                                            what is wrong with it
VERDICTS: list[tuple[Callable[[Film], Film], str | None]] = [
    (lambda film: film, None),
    (lambda film: film[::-1], None),  # nobody asked for a direction
    (lambda film: [film[index // 2] for index in range(N)], None),  # half as fast: held pictures
    (lambda film: brighter(film, np.full(N, 0.6)), None),  # an evening
    (lambda film: noisy(film, 3), None),  # faint grain
    (lambda film: [np.asarray(cv2.GaussianBlur(i, (0, 0), 1.2), np.uint8) for i in film], None),
    (lambda film: [np.zeros_like(image) for image in film], "every picture is black"),
    (lambda film: brighter(film, (UP < 0.5) * 1.0), "many pictures are black"),
    (half_black, "a part of the picture stays black"),
    (lambda film: [film[0]] * N, r"nothing moves for 2\.9 s"),
    (lambda film: noisy([np.full_like(film[0], 128)] * N, 3), "there is nothing in the picture"),
    (lambda film: noisy([film[0]] * N, 1), "hardly anything moves"),  # a still that shimmers
    (shuffled, "the pictures do not follow from each other"),
    (lambda film: [film[index ^ 1] for index in range(N)], "the pictures do not follow from each other"),
    (lambda film: brighter(film, 1 + 0.04 * ALTERNATING), "its brightness goes up and down"),
    (lambda film: brighter(film, 1 + 0.1 * np.sin(np.arange(N))), "its brightness goes up and down"),
    (lambda film: brighter(film, 1 + 0.4 * ALTERNATING), "it flickers"),
    (lambda film: noisy(film, 40), "it looks like noise"),
    (lambda film: noisy(film, 40, blur=4), "it looks like noise"),  # in blobs
    (lambda film: noisy([np.full_like(film[0], 128)] * N, 40), "it looks like noise"),
    (lambda film: tinted(film, (UP > 0.4) * 0.5), "its colour jumps"),
    (torn, "much of it comes and goes"),
    (lambda film: noisy(film, 90), "it changes in ways that are no movement"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "wrong"), VERDICTS)
def test_verdict(spoil: Callable[[Film], Film], wrong: str | None, good: Film) -> None:
    found = judge(spoil(good), JOB, None)
    if wrong is None:
        assert found.wrong is None
    else:
        assert re.search(wrong, found.wrong or "")


def test_flicker_is_told_as_too_little_steadiness(good: Film) -> None:
    """Its score grows with calm: under its own name the sentence would read the wrong way round."""
    found = judge(brighter(good, 1 + 0.4 * ALTERNATING), JOB, None)
    assert re.search(r"it flickers \(steadiness 0\.\d+, at least 0\.93\)", found.wrong or "")
    assert "flicker" in found.scores


def test_colour_that_drifts_within_one_shot() -> None:
    job = job_of(shot("cat", seconds=3.0))
    film = list(wishes.load(SETTINGS, warm=False).generate(job, lambda share: None))
    assert judge(film, job, None).wrong is None
    assert "its colour drifts" in (judge(tinted(film, UP), job, None).wrong or "")


def test_a_cut_between_shots_is_no_fault(good: Film) -> None:
    """Another place in other colours: where it was asked for, and nowhere else."""
    dusk = [clipped(image[:, ::-1] * np.array([0.5, 0.6, 1.0])) for image in good]
    film = good[:32] + dusk[32:]
    assert cuts_of(JOB) == (2 / 3,)
    assert judge(film, JOB, None).wrong is None
    assert judge(film, JOB, None).scores["jump"] < 2


def test_what_it_says_has_the_number_and_the_limit(good: Film) -> None:
    found = judge(noisy(good, 40), JOB, None)
    assert re.search(r"it looks like noise \(noise 0\.\d+, at most 0\.72\)", found.wrong or "")


def test_every_fault_is_told(good: Film) -> None:
    wrong = judge(half_black(brighter(good, 1 + 0.1 * np.sin(np.arange(N)))), JOB, None).wrong or ""
    assert "a part of the picture stays black" in wrong.split("; ")[0]
    assert "its brightness goes up and down" in wrong


def test_scores_are_named_finite_and_in_range(good: Film) -> None:
    scores = judge(good, JOB, None).scores
    assert set(scores) >= {limit.score for limit in LIMITS} | {"frames", "luma", "frozen_s", "moving"}
    assert "asked" not in scores  # nobody looked
    assert 0.3 < scores["disorder"] < 0.7  # steady movement
    assert scores["frames"] == N


def test_a_picture_of_another_shape_is_an_error(good: Film) -> None:
    with pytest.raises(ClipError, match="picture 1 of 48 is uint8"):
        judge([good[0], good[1][:100], *good[2:]], JOB, None)


def test_too_few_pictures_are_a_fault_not_an_error(good: Film) -> None:
    assert judge(good[:40], JOB, None).wrong == "40 pictures came, its spec asks for 48"
    assert judge([], JOB, None).wrong == "0 pictures came, its spec asks for 48"


def test_it_can_be_stopped_at_any_point(good: Film) -> None:
    ticks = 0

    def count() -> None:
        nonlocal ticks
        ticks += 1

    judge(good, JOB, lambda image: {}, count)
    assert ticks > 2 * N
    for last in (0, N // 2, N + 1, ticks - 1):
        left = last

        def stop() -> None:
            nonlocal left
            if left == 0:
                raise Cancelled("stop")
            left -= 1

        with pytest.raises(Cancelled):
            judge(good, JOB, lambda image: {}, stop)


def test_pictures_are_only_read(good: Film) -> None:
    film = [image.copy() for image in good]
    for image in film:
        image.flags.writeable = False
    judge(film, JOB, lambda image: {})
    assert all((ours == theirs).all() for ours, theirs in zip(film, good, strict=True))


@settings(deadline=None, max_examples=40)
@given(
    width=st.integers(2, 400),
    height=st.integers(2, 400),
    frames=st.integers(1, 12),
    fps=st.integers(1, 60),
    kind=st.sampled_from(["flat", "noise", "moving", "blink"]),
)
def test_any_film_is_judged(width: int, height: int, frames: int, fps: int, kind: str) -> None:
    rng = np.random.default_rng(width)
    film = []
    for index in range(frames):
        image = np.full((height, width, 3), 90, np.uint8)
        if kind == "noise":
            image = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
        elif kind == "moving":
            image[:, index % width :] = 200
        elif kind == "blink":
            image[:] = 255 * (index % 2)
        film.append(image)
    spec = ClipSpec("wan", "1", width, height, frames, fps)
    found = judge(film, replace(JOB, spec=spec), lambda image: {"cat": 0.9, "clock": 0.5})
    for name, value in found.scores.items():
        assert np.isfinite(value), name
        assert value >= 0, name
    for name in ("luma", "black", "moving", "flicker", "dark", "contrast", "noise", "warp", "lost", "sees"):
        assert found.scores.get(name, 0) <= 1
    assert found.scores.get("disorder", 0) <= 2
    assert found.wrong is None or found.wrong.strip()


# ---------------------------------------------------------------------------------- what is seen

Seen = Mapping[str, float]


def eyes_of(*shots: Seen) -> Callable[[Image], Seen]:
    """Eyes for films whose pictures are all of the level of their shot's number."""
    return lambda image: shots[int(image[0, 0, 0])]


def film_of(*lengths: int) -> Film:
    return [
        np.full((4, 4, 3), number, np.uint8) for number, count in enumerate(lengths) for _ in range(count)
    ]


# asked, shot by shot                          seen, shot by shot                    what is wrong
SIGHTS: list[tuple[list[Shot], list[Seen], str | None]] = [
    ([shot("clock")], [{"clock": 0.5}], None),
    ([shot("clock")], [{"clock": 0.1}], r"no clock is seen \(score 0\.10, needed 0\.18\)"),
    ([shot("clock")], [{}], "no clock is seen"),
    ([shot("clock"), shot("cat")], [{}, {"clock": 0.9}], "no clock is seen"),  # not in its time
    ([shot("cat", "clock")], [{"clock": 0.4}], None),  # an object counts like a subject
    ([shot("cat", "teddy bear")], [{"cat": 0.9}], "no teddy bear is seen"),
    ([shot("cat")], [{}], None),  # the eyes miss cats that are drawn: says nothing
    ([shot("cat")], [{"dog": 0.8}], r"instead of a cat \(0\.00\) a dog is seen \(0\.80\)"),
    ([shot("cat")], [{"dog": 0.8, "cat": 0.3}], None),  # a cat all the same
    ([shot("cat")], [{"dog": 0.5}], None),  # not plainly
    ([shot("cat", "dog")], [{"dog": 0.8}], None),  # the dog was asked for too
    ([shot("cat"), shot("dog")], [{"dog": 0.8}, {"dog": 0.8}], None),  # if in another shot
    ([shot("cat")], [{"chair": 0.9}], None),  # of another kind: it may stand there
    ([shot("child")], [{"person": 0.9}], None),  # by the detector's name
    ([shot("woman")], [{"cat": 0.9}], "instead of a woman"),
    ([shot("television")], [{"laptop": 0.7}], "instead of a television"),
    ([shot("volcano", "gift")], [{"dog": 0.9}], None),  # words that it does not know
]


@pytest.mark.parametrize(("asked", "seen", "wrong"), SIGHTS)
def test_what_was_asked_for_is_looked_for(asked: list[Shot], seen: list[Seen], wrong: str | None) -> None:
    job = job_of(*asked)
    found = look(film_of(*[20] * len(asked)), asked_of(job), eyes_of(*seen), lambda: None)
    faults = "; ".join(one.wrong for one in found if one.wrong)
    if wrong is None:
        assert faults == ""
    else:
        assert re.search(wrong, faults)


def test_what_is_seen_is_in_scores_and_verdict(good: Film) -> None:
    found = judge(good, JOB, lambda image: {"cat": 0.62, "clock": 0.03})
    assert found.scores["asked"] == 2  # cat and clock; a robot it does not know
    assert found.scores["sees"] == 0.03
    assert found.wrong == "no clock is seen (score 0.03, needed 0.18)"


def test_one_look_that_errs_does_not_count() -> None:
    looks = iter([{"clock": 0.9}, {}, {}, {}, {}, {}])
    (found,) = look(film_of(60), [Asked("clock", 0.0, 1.0)], lambda image: next(looks), lambda: None)
    assert found.score == 0.0


def test_each_picture_is_looked_at_once() -> None:
    looked: list[int] = []

    def eyes(image: Image) -> Seen:
        looked.append(1)
        return {}

    look(film_of(60), [Asked("cat", 0.0, 1.0), Asked("clock", 0.0, 1.0)], eyes, lambda: None)
    assert len(looked) == 6
    looked.clear()
    look(film_of(2), [Asked("cat", 0.0, 1.0)], eyes, lambda: None)  # no more than there are
    assert len(looked) == 2


# prompt                                        words that count, of "cat" and "clock"
PROMPTS = [
    ("a cat and a clock", ["cat", "clock"]),
    ("A CAT.", ["cat"]),
    ("two cats", ["cat"]),
    ("a category of clockwork", []),  # no word of its own
    ("一只猫", []),  # understood from another language: not judged by an English word
    ("something else", []),
]


@pytest.mark.parametrize(("prompt", "words"), PROMPTS)
def test_free_words_count_where_they_were_said(prompt: str, words: list[str]) -> None:
    job = job_of(shot("cat"), shot("cat", "clock"), request=Request(prompt))
    assert asked_of(job) == tuple(Asked(word, 0.0, 1.0) for word in words)
    assert cuts_of(job) == ()
