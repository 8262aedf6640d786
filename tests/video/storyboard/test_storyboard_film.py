"""The generator as a whole: what every clip must be, whatever the brief."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.errors import Cancelled, GeneratorError
from reverie.values import Brief, ClipSpec, Image, Job, Shot
from reverie.video.storyboard import load_storyboard
from reverie.video.storyboard.acting.actions import ACTIONS
from reverie.video.storyboard.figures.casting import CAST
from reverie.video.storyboard.film import Storyboard
from reverie.video.storyboard.places.sets import MOODS, SETTINGS
from reverie.video.storyboard.scenes import TOPICS

SMALL = (160, 120)


@lru_cache(1)
def load_once() -> Storyboard:
    return load_storyboard(None)


@pytest.fixture
def storyboard() -> Storyboard:
    return load_once()


def a_shot(
    subject: str = "child",
    action: str = "appear",
    thing: str | None = None,
    setting: str = "park",
    mood: str = "calm",
    caption: str = "",
    seconds: float = 1.0,
) -> Shot:
    return Shot(subject, action, thing, setting, mood, caption, seconds)


def a_job(
    *shots: Shot, size: tuple[int, int] = SMALL, fps: int = 8, topic: str = "show/test", take: int = 1
) -> Job:
    brief = Brief(topic, shots, "warm", "en")
    frames = max(1, round(brief.seconds * fps))
    spec = ClipSpec("storyboard", "test", *size, frames, fps)
    return Job("ab" * 32, brief, spec, deadline=0, priority=0, created=0, take=take)


def pictures(storyboard: Storyboard, job: Job) -> list[Image]:
    return list(storyboard.generate(job, lambda share: None))


def assert_real(frames: list[Image], size: tuple[int, int] = SMALL) -> None:
    """Right shape, own memory, nothing black, nothing that is one colour."""
    for frame in frames:
        assert frame.shape == (size[1], size[0], 3)
        assert frame.dtype == np.uint8
        assert frame.flags.c_contiguous
        assert frame.max() > 60, "a black picture"
        assert frame.std() > 6, "an empty picture"


# ---------------------------------------------------------------------------------- the vocabulary


@pytest.mark.parametrize("word", sorted(CAST))
def test_every_word_appears(storyboard: Storyboard, word: str) -> None:
    frames = pictures(storyboard, a_job(a_shot(word, setting="studio"), fps=2))
    assert_real(frames)
    assert np.abs(frames[1].astype(int) - bare_stage()).mean() > 0.5, f"{word} cannot be seen"


@lru_cache(1)
def bare_stage() -> Image:
    """The studio with a card that says nothing."""
    return pictures(load_once(), a_job(a_shot("", setting="studio"), fps=2))[1]


@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize(
    ("subject", "thing"),
    [
        ("child", "ball"),  # hands, and something for them
        ("cat", "butterfly"),  # a rig, and something in the air
        ("elephant", None),  # a plain animal, with nothing
        ("car", "house"),  # wheels, and something far bigger
        ("whale", "rocket"),  # a swimmer and an aircraft
        ("cloud", None),  # hovering
        ("nobody drew this", "nor this"),  # cards
    ],
)
def test_every_action_is_real_motion(
    storyboard: Storyboard, action: str, subject: str, thing: str | None
) -> None:
    frames = pictures(storyboard, a_job(a_shot(subject, action, thing, seconds=2.0), fps=3))
    assert_real(frames)
    moved = [np.abs(a.astype(int) - b).max() for a, b in pairwise(frames)]
    assert min(moved) > 8, f"{action} stands still"


@pytest.mark.parametrize("setting", [*SETTINGS, "no such place"])
def test_every_setting_in_every_mood(storyboard: Storyboard, setting: str) -> None:
    for mood in [*MOODS, "no such mood"]:
        assert_real(pictures(storyboard, a_job(a_shot("dog", setting=setting, mood=mood), fps=1)))


def test_settings_are_really_distinct(storyboard: Storyboard) -> None:
    seen = {s: pictures(storyboard, a_job(a_shot("", setting=s), fps=1))[0].astype(int) for s in SETTINGS}
    for a in SETTINGS:
        for b in SETTINGS:
            if a < b:
                assert np.abs(seen[a] - seen[b]).mean() > 8, f"{a} looks like {b}"


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_bespoke_topics_are_films_too(storyboard: Storyboard, topic: str) -> None:
    job = a_job(
        a_shot("child", "pick_up", "toy car", "toy_shelf", caption="Look", seconds=3.0), topic=topic, fps=4
    )
    assert_real(pictures(storyboard, job))


# ---------------------------------------------------------------------------------- what a clip is


@pytest.mark.parametrize(
    "size",
    [
        (640, 480),  # the default
        (832, 480),  # what the diffusion model makes
        (1280, 720),  # a screen
        (1080, 1920),  # a screen on its side
    ],
)
def test_exactly_the_pictures_asked_for(storyboard: Storyboard, size: tuple[int, int]) -> None:
    job = a_job(a_shot("woman", "hold", "gift", caption="For you", seconds=0.5), size=size, fps=4)
    frames = pictures(storyboard, replace(job, spec=replace(job.spec, frames=3)))
    assert len(frames) == 3
    assert_real(frames, size)


def test_frames_are_spread_over_all_shots(storyboard: Storyboard) -> None:
    """A spec that is shorter than the brief still shows the last shot."""
    job = a_job(a_shot("cat", setting="night", seconds=4.0), a_shot("dog", setting="sea", seconds=4.0), fps=8)
    short = pictures(storyboard, replace(job, spec=replace(job.spec, frames=16)))
    assert np.abs(short[0].astype(int) - short[-1]).mean() > 25


def test_same_key_and_take_same_pictures(storyboard: Storyboard) -> None:
    job = a_job(
        a_shot("child", "chase", "dog", caption="Run!", seconds=1.0),
        a_shot("volcano", "erupt", setting="prehistoric", mood="dramatic", seconds=1.0),
    )
    once, again = pictures(storyboard, job), pictures(storyboard, job)
    for a, b in zip(once, again, strict=True):
        np.testing.assert_array_equal(a, b)
    other = pictures(storyboard, replace(job, take=2))
    assert any((a != b).any() for a, b in zip(once, other, strict=True))


def test_what_was_drawn_before_does_not_matter(storyboard: Storyboard) -> None:
    job = a_job(a_shot("robot", "dance", setting="studio", caption="一起跳舞吧"))
    fresh = pictures(storyboard, job)
    pictures(storyboard, a_job(a_shot("robot", "sleep", setting="studio", mood="warm")))
    for a, b in zip(fresh, pictures(storyboard, job), strict=True):
        np.testing.assert_array_equal(a, b)


def test_pictures_are_not_written_to_afterwards(storyboard: Storyboard) -> None:
    stream = storyboard.generate(a_job(a_shot("dog", "run"), fps=4), lambda share: None)
    first = next(stream)
    kept = first.copy()
    next(stream)
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("action", ["appear", "look_at", "sleep", "read", "hold", "shine"])
def test_never_still_for_long(storyboard: Storyboard, action: str) -> None:
    """No picture stays the same for 0.4 s, even in the calmest shot."""
    frames = pictures(storyboard, a_job(a_shot("man", action, "book", "room", seconds=4.0), fps=10))
    for a, b in zip(frames, frames[4:], strict=False):
        assert (a != b).any()


def test_progress_grows_to_one_and_may_stop_it(storyboard: Storyboard) -> None:
    shares: list[float] = []
    list(storyboard.generate(a_job(a_shot(), fps=5), shares.append))
    assert shares == sorted(shares)
    assert len(shares) == 5
    assert shares[-1] == 1.0

    def enough(share: float) -> None:
        raise Cancelled("nobody is there any more")

    stream: Iterator[Image] = storyboard.generate(a_job(a_shot()), enough)
    next(stream)
    with pytest.raises(Cancelled):
        next(stream)


@pytest.mark.parametrize(
    ("job", "word"),
    [
        (replace(a_job(a_shot()), brief=Brief("t", (), "warm", "en")), "shots"),  # nothing to show
        (a_job(a_shot(), size=(32, 32)), "64x64"),  # too small to draw anything
    ],
)
def test_what_cannot_be_drawn_is_said(storyboard: Storyboard, job: Job, word: str) -> None:
    with pytest.raises(GeneratorError, match=word):
        pictures(storyboard, job)


def test_streams_and_imports_lightly() -> None:
    assert Storyboard.streams is True
    code = (
        "import sys, reverie.video.storyboard, reverie.video.storyboard.version as v; assert v.VERSION;"
        "assert not {'cv2', 'numpy', 'PIL'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ---------------------------------------------------------------------------------- anything goes

words = st.sampled_from([*sorted(CAST), "", "什么都不是", "a thing that has no picture at all, really none"])
shots = st.builds(
    Shot,
    subject=words,
    action=st.sampled_from([*ACTIONS, "juggle"]),
    object=st.none() | words,
    setting=st.sampled_from([*SETTINGS, "nowhere"]),
    mood=st.sampled_from([*MOODS, "odd"]),
    caption=st.text(max_size=90),
    seconds=st.floats(0.05, 6),
)


@given(
    story=st.lists(shots, min_size=1, max_size=3),
    size=st.sampled_from([(64, 64), (160, 120), (96, 170), (240, 66)]),
    topic=st.sampled_from(["show/x", *sorted(TOPICS)]),
    take=st.integers(1, 5),
)
@settings(deadline=None, max_examples=40)
def test_no_brief_is_too_strange(story: list[Shot], size: tuple[int, int], topic: str, take: int) -> None:
    job = a_job(*story, size=size, topic=topic, take=take)
    job = replace(job, spec=replace(job.spec, frames=6, fps=max(1, round(6 / max(0.2, job.brief.seconds)))))
    frames = pictures(load_once(), job)
    assert len(frames) == 6
    for frame in frames:
        assert frame.shape == (size[1], size[0], 3)
