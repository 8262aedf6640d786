"""The bespoke scenes: any brief of their topic, any size, any shots, any length; and the ambient loop."""

from __future__ import annotations

import itertools
from dataclasses import replace

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.assets import asset
from reverie.values import Brief, ClipSpec, Image, Job, JobStatus, Language, Shot
from reverie.video import encode
from reverie.video.check import Check
from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.art.text import legible
from reverie.video.storyboard.film import Storyboard
from reverie.video.storyboard.scenes import (
    TOPICS,
    building_blocks,
    dinosaur_walk,
    headphones,
    make_scene,
    water_cycle,
)
from reverie.video.storyboard.score import Act, Acts, Captions, Strip, bounds

EVERY = sorted(TOPICS)

SIZES = [
    (640, 480),  # the default
    (832, 480),  # what video models like
    (1280, 720),  # a television
    (1080, 1920),  # a sign on its side
]

SAYINGS = {"en": "Brick by brick, a toy car goes up like a balloon", "zh": "恐龙四只脚轮流落地，稳稳地走"}


def _brief(
    topic: str, language: Language = "en", shots: int = 1, seconds: float = 4.0, mood: str = "cheerful"
) -> Brief:
    """A brief of `shots` equal shots, `seconds` in all."""
    shot = Shot("child", "look", None, "studio", mood, SAYINGS[language], seconds / shots)
    return Brief(
        topic, tuple(replace(shot, caption=f"{shot.caption} {i}") for i in range(shots)), "playful", language
    )


def _picture(topic: str, size: tuple[int, int], t: float, seed: int = 7, brief: Brief | None = None) -> Image:
    canvas = Canvas(*size)
    scene = make_scene(brief or _brief(topic), canvas, seed)
    assert scene is not None
    scene.draw(canvas, t)
    return canvas.picture()


# ---------------------------------------------------------------------------------- every scene


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("topic", EVERY)
def test_every_size(topic: str, size: tuple[int, int]) -> None:
    canvas = Canvas(*size)
    scene = make_scene(_brief(topic), canvas, 7)
    assert scene is not None
    for t in (0.0, 1.9, 3.95):
        scene.draw(canvas, t)
        image = canvas.picture()
        assert image.shape == (size[1], size[0], 3)
        assert image.dtype == np.uint8
        assert image.mean() > 30, "a picture is not black"
        assert image.std() > 20, "a picture has something in it"


@pytest.mark.parametrize("topic", EVERY)
def test_frame_count_and_life(topic: str) -> None:
    """A whole film: as many pictures as its spec asks for, none black, none standing still for long."""
    spec = ClipSpec("storyboard", "1", 320, 240, 96, 24)
    job = Job("ab" * 32, _brief(topic), spec, 0.0, 20, 0.0, JobStatus.RUNNING, 1, 1)
    check = Check(spec)
    for image in _storyboard().generate(job, lambda share: None):
        check.update(image)
    assert check.verdict() is None
    scores = check.scores()
    assert scores["frames"] == 96
    assert scores["black"] == 0
    assert scores["frozen_s"] <= 0.4


def _storyboard() -> Storyboard:
    """The generator without the painting of settings that its start does."""
    return Storyboard(None)


@pytest.mark.parametrize("topic", EVERY)
def test_same_seed_same_pictures(topic: str) -> None:
    """Pictures depend on brief, size, seed and time alone, not on what was drawn before."""
    canvas = Canvas(320, 240)
    scene = make_scene(_brief(topic), canvas, 5)
    assert scene is not None
    for t in (3.0, 0.5, 2.2):
        scene.draw(canvas, t)
        assert np.array_equal(canvas.picture(), _picture(topic, (320, 240), t, 5))


@pytest.mark.parametrize("topic", EVERY)
def test_seed_shows(topic: str) -> None:
    pictures = [_picture(topic, (320, 240), 1.2, seed) for seed in range(4)]
    assert any(not np.array_equal(pictures[0], other) for other in pictures[1:])


@pytest.mark.parametrize("topic", [topic for topic in EVERY if topic != "card"])  # all of it is words
def test_caption_of_the_shot(topic: str) -> None:
    """Two shots: the second caption stands where the first stood, and it is another one."""
    long = _brief(topic, shots=2)
    silent = Brief(topic, tuple(replace(shot, caption="") for shot in long.shots), "playful", "en")
    for t in (1.4, 3.6):
        said, nothing = (_picture(topic, (320, 240), t, brief=brief) for brief in (long, silent))
        changed = np.flatnonzero(np.abs(said.astype(int) - nothing).max(axis=(1, 2)) > 40)
        assert len(changed), "the caption shows"
        assert changed.min() > 240 * 0.6, "the caption stays at the bottom"


@settings(max_examples=40, deadline=None)
@given(
    topic=st.sampled_from(EVERY),
    language=st.sampled_from(["en", "zh"]),
    shots=st.sampled_from([1, 2, 3, 4, 5, 7]),
    seconds=st.floats(0.2, 90),
    mood=st.sampled_from(["calm", "cheerful", "curious", "dramatic", "warm", "unheard of"]),
    size=st.sampled_from([(160, 120), (90, 160), (208, 120), (64, 64)]),
    seed=st.integers(0, 2**32 - 1),
    share=st.floats(0, 1),
)
def test_any_brief(
    topic: str,
    language: Language,
    shots: int,
    seconds: float,
    mood: str,
    size: tuple[int, int],
    seed: int,
    share: float,
) -> None:
    canvas = Canvas(*size)
    scene = make_scene(_brief(topic, language, shots, seconds, mood), canvas, seed)
    assert scene is not None
    for t in (0.0, share * seconds, seconds * 0.999, seconds):
        scene.draw(canvas, t)
    assert canvas.picture().mean() > 12


def test_other_topics_have_none() -> None:
    assert make_scene(_brief("show/banana"), Canvas(64, 64), 1) is None
    assert make_scene(Brief("toy-car", (), "playful", "en"), Canvas(64, 64), 1) is None


def test_words_can_be_shown() -> None:
    """Each scene's own words exist in both languages, and the font has them."""
    for words in (dinosaur_walk.WORDS, water_cycle.STEPS, headphones.WORDS):
        assert len(words["en"]) == len(words["zh"])
        for word in (*words["en"], *words["zh"]):
            assert legible(word) == word
    assert _picture("water-cycle", (320, 240), 1.0, brief=_brief("water-cycle", "en")).shape == (240, 320, 3)


# ---------------------------------------------------------------------------------- what each promises


def test_the_walk_is_lateral() -> None:
    """Feet land left hind, left fore, right hind, right fore; three of four are down most of the time, and a
    foot that is down goes with the ground."""
    scene = dinosaur_walk.DinosaurWalk(_brief("dinosaur-walk"), Canvas(320, 240), 1)
    landings = []
    for step in range(2000):
        before, after = step / 500, (step + 1) / 500
        down = 0
        for i, leg in enumerate(dinosaur_walk.LEGS):
            (x, _), lift = scene._foot(leg, before, 0.0)
            (later, _), lifted = scene._foot(leg, after, 0.0)
            down += lift == 0
            if lift == 0 and lifted == 0:
                ground = scene._speed * scene._cycle / 500
                assert later - x == pytest.approx(-ground, abs=1e-6)
            if lift > 0 and lifted == 0:
                landings.append(i)
        assert down >= 2
    start = landings.index(0)
    assert landings[start : start + 8] == [0, 1, 2, 3, 0, 1, 2, 3]


@pytest.mark.parametrize("seconds", [0.5, 4.0, 20.0])
def test_the_castle_stands_before_its_roof(seconds: float) -> None:
    scene = building_blocks.BuildingBlocks(_brief("building-blocks", seconds=seconds), Canvas(320, 240), 3)
    roof = scene._acts.starts[building_blocks.ROOF]
    assert all(scene._landed(i, roof + 1e-6) >= 0 for i in range(len(scene._starts)))


def test_acts_fit() -> None:
    acts = (Act(1.0), Act(2.0, 1.0), Act(1.0, 3.0))
    # no time to spare: as written
    assert Acts(4.0, acts).starts == pytest.approx([0, 1, 3, 4])
    # twice as much: the spare seconds go where they are wanted
    assert Acts(8.0, acts).starts == pytest.approx([0, 1, 4, 8])
    # half: all squeezed alike, and the play counts natural seconds
    half = Acts(2.0, acts)
    assert half.starts == pytest.approx([0, 0.5, 1.5, 2])
    assert half.pace == pytest.approx(2)
    assert half.since(1, 1.0) == pytest.approx(1.0)
    assert half.share(1, 1.0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("shots", "expected"),
    [
        (1, [0, 3, 6, 9]),  # one shot: even thirds
        (2, [0, 3, 6, 9]),  # too few: even thirds
        (3, [0, 3, 6, 9]),  # one each
        (5, [0, 3.6, 5.4, 9]),  # whole shots: two, one, two
        (6, [0, 3, 6, 9]),  # two each
    ],
)
def test_bounds(shots: int, expected: list[float]) -> None:
    assert bounds(_brief("water-cycle", shots=shots, seconds=9), 3) == pytest.approx(expected)


def test_equal_captions_do_not_enter_again() -> None:
    shot = Shot("child", "look", None, "studio", "warm", "the same words", 1.0)
    canvas = Canvas(320, 240)
    captions = Captions(Brief("toy-car", (shot, shot), "playful", "en"), canvas, ("#ffffff",))
    captions.draw(canvas, 0.9)
    first = canvas.picture()
    canvas = Canvas(320, 240)
    captions.draw(canvas, 1.05)
    assert np.array_equal(canvas.picture(), first)


def test_a_strip_repeats() -> None:
    """It looks the same one period on, and differs in between."""
    screen = Canvas(320, 240)

    def paint(canvas: Canvas, x: float) -> None:
        canvas.pixels[120:200, max(0, round(x * canvas.unit) + canvas.margin + 40) :][:, :30] = (
            200,
            90,
            40,
            255,
        )

    strip = Strip(screen, 800, paint)
    pictures = []
    for offset in (0.0, 800.0, 60.0):
        screen = Canvas(320, 240)
        strip.draw(screen, offset)
        pictures.append(screen.picture())
    assert np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[0], pictures[2])


# ---------------------------------------------------------------------------------- the ambient loop


def test_ambient_loop() -> None:
    """Small, marked, and its last picture leads to its first like any other to the next."""
    path = asset("ambient.mp4")
    assert path.stat().st_size < 1_500_000
    assert encode.probe(path).seconds == pytest.approx(10, abs=0.1)
    with av.open(str(path)) as film:
        assert "AIGC" in film.metadata
        grays = [frame.reformat(320, 180, "gray").to_ndarray() for frame in film.decode(video=0)]
    steps = [float(np.mean(cv2.absdiff(a, b))) for a, b in itertools.pairwise(grays)]
    assert float(np.mean(cv2.absdiff(grays[-1], grays[0]))) <= 1.25 * max(steps)
