"""Wan behind the generator seam: jobs in, exactly the pictures that were asked for out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image as Pillow
from tiny import save_checkpoint

from reverie import config
from reverie.errors import Cancelled, GeneratorError, Refused
from reverie.story.prompts import prompts_of
from reverie.values import Brief, ClipSpec, Image, Job, Request, Shot, seed_of
from reverie.video.generator import SCARCE, load_generator
from reverie.video.wan.generator import WanGenerator
from reverie.video.wan.text import Text

WIDTH, HEIGHT = 64, 32
CAT = Shot("cat", "sleep", None, "room", "calm", "A cat sleeps", 0.5)
CAR = Shot("toy car", "drive", None, "park", "cheerful", "", 0.5)


def settings(path: Path, pictures: Path | None = None, **wan: Any) -> config.Generator:
    asked = {"model": str(path), "device": "cpu", "segment": 17, "steps": 1, **wan}
    return config.Generator.model_validate(
        {"kind": "wan", "name": "wan", "pictures": pictures, "wan": asked, "width": 160, "height": 128}
    )


def a_job(*shots: Shot, frames: int = 9, fps: int = 24, **changes: Any) -> Job:
    spec = ClipSpec("wan", "test", WIDTH, HEIGHT, frames, fps)
    return Job(
        "k" * 64, Brief("cats", shots or (CAT,), "playful", "zh"), spec, 1e9, 0, 0.0, take=1, **changes
    )


class Watched(WanGenerator):
    """Remembers what it asked of the pipeline."""

    def __init__(self, settings: config.Generator) -> None:
        made = load_generator(settings, prompts_of)
        assert isinstance(made, WanGenerator)
        super().__init__(settings, prompts_of, made._wan)
        self.asked: list[dict[str, Any]] = []
        film = self._wan.film

        def watched(prompt: str, **asked: Any) -> Any:
            self.asked.append({"prompt": prompt, **asked})
            return film(prompt, **asked)

        self._wan.film = watched  # type: ignore[method-assign]

    def make(self, job: Job) -> list[Image]:
        self.asked.clear()
        return list(self.generate(job, lambda share: None))


@pytest.fixture(scope="module")
def generator(checkpoint: Path) -> Watched:
    """The 5B's kind, at most 17 pictures at once."""
    return Watched(settings(checkpoint))


@pytest.fixture(scope="module")
def text_only(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A checkpoint that takes no picture; but there is one of a cat."""
    folder = tmp_path_factory.mktemp("t2v")
    Pillow.fromarray(np.zeros((9, 9, 3), np.uint8)).save(folder / "cat.png")
    return Watched(settings(save_checkpoint(folder / "wan", "t2v"), pictures=folder))


def test_it_is_scarce_and_is_not_shown_before_it_is_checked(generator: Watched) -> None:
    assert not generator.streams
    assert generator.per_minute == SCARCE


@pytest.mark.parametrize("frames", [1, 2, 9, 16, 17, 18, 33])
def test_exactly_as_many_pictures_as_asked(generator: Watched, frames: int) -> None:
    images = generator.make(a_job(frames=frames))
    assert len(images) == frames
    for image in images:
        assert image.shape == (HEIGHT, WIDTH, 3)
        assert image.dtype == np.uint8
        assert image.flags.c_contiguous


def test_a_take_is_always_the_same_and_another_is_another(generator: Watched) -> None:
    first, again, other = (generator.make(replace(a_job(), take=take)) for take in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert generator.asked[0]["seed"] == seed_of("k" * 64, 2)


def test_a_long_shot_is_a_chain_conditioned_on_its_last_picture(generator: Watched) -> None:
    images = generator.make(a_job(frames=33))
    first, second = generator.asked
    assert (first["frames"], second["frames"]) == (17, 17)  # 17 and 16 new ones
    assert first["picture"] is None
    assert np.array_equal(second["picture"], images[16])
    assert first["seed"] != second["seed"]
    assert first["prompt"] == second["prompt"]
    # The repeated picture is not shown twice.
    assert not np.array_equal(images[16], images[17])


def test_all_shots_are_encoded_at_once_before_the_first_is_imagined(
    generator: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An encoder on the GPU is loaded anew each time; and what the last shot lacks is no surprise."""
    asked: list[list[str]] = []

    class Absent:
        def encode(self, prompts: Sequence[str]) -> list[Any]:
            asked.append(list(prompts))
            raise GeneratorError("nobody is there")

    monkeypatch.setattr(generator._wan, "text", Text(None, cast(Any, Absent()), ""))
    with pytest.raises(GeneratorError, match="nobody is there"):
        generator.make(a_job(CAT, CAR, frames=10))
    assert [len(prompts) for prompts in asked] == [2]
    assert not generator.asked


def test_shots_are_cuts(generator: Watched) -> None:
    images = generator.make(a_job(CAT, CAR, frames=10))
    assert len(images) == 10
    assert [asked["frames"] for asked in generator.asked] == [5, 5]
    assert [asked["picture"] for asked in generator.asked] == [None, None]
    # In the model's language, not in the brief's.
    brief = a_job(CAT, CAR).brief
    assert tuple(asked["prompt"] for asked in generator.asked) == prompts_of(brief, "en")
    assert generator.asked[0]["seed"] != generator.asked[1]["seed"]


def test_at_a_lower_rate_the_pictures_between_are_interpolated(checkpoint: Path) -> None:
    generator = Watched(settings(checkpoint, rate=8))
    images = generator.make(a_job(frames=25))
    assert [asked["frames"] for asked in generator.asked] == [9]
    assert len(images) == 25
    # Those that were imagined are shown as they are.
    alone = Watched(settings(checkpoint))
    imagined = alone.make(a_job(frames=9))
    assert np.array_equal(images[::3], imagined)
    assert not np.array_equal(images[1], images[0])


def test_a_film_of_a_product_begins_with_its_picture(checkpoint: Path, tmp_path: Path) -> None:
    grey = np.full((20, 20, 3), 77, np.uint8)
    Pillow.fromarray(grey).save(tmp_path / "toy car.png")
    generator = Watched(settings(checkpoint, pictures=tmp_path))
    generator.make(a_job(CAT, CAR, frames=10))
    assert generator.asked[0]["picture"] is None
    assert np.array_equal(generator.asked[1]["picture"], grey)


def test_a_checkpoint_of_text_alone_leaves_product_pictures_out(text_only: Watched) -> None:
    assert len(text_only.make(a_job(CAT))) == 9
    assert text_only.asked[0]["picture"] is None


def test_a_request_is_taken_by_its_words_and_numbers(generator: Watched, tmp_path: Path) -> None:
    picture = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    Pillow.fromarray(picture).save(tmp_path / "a.png")
    request = Request("a dog", "rain", seed=5, steps=2, guidance=3.0, frames=9, picture=tmp_path / "a.png")
    images = generator.make(a_job(CAT, CAR, request=request))
    (asked,) = generator.asked
    assert asked.pop("progress")
    assert np.array_equal(asked.pop("picture"), picture)
    assert asked == {
        "prompt": "a dog",
        "negative": "rain",
        "seed": 5,
        "steps": 2,
        "guidance": 3.0,
        "frames": 9,
        "width": WIDTH,
        "height": HEIGHT,
    }
    # With a seed of its own, another take is the same.
    assert np.array_equal(images, generator.make(replace(a_job(request=request), take=2)))


def test_progress_grows_over_all_segments_and_ends_with_the_last_picture(generator: Watched) -> None:
    told: list[float] = []
    for count, _ in enumerate(generator.generate(a_job(CAT, CAR, frames=40), told.append), 1):
        assert (told[-1] == 1.0) == (count == 40)
    assert told == sorted(told)
    assert told[0] == 0.0
    # Two shots of 20, each a chain of 13 and 8 made as 9: a share for each picture that is made.
    assert [share for share in told if share < 0.29][-1] > 0.25


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.95])
def test_cancelled_anywhere_the_next_job_is_as_ever(generator: Watched, share: float) -> None:
    def stop(done: float) -> None:
        if done >= share:
            raise Cancelled("nobody waits")

    with pytest.raises(Cancelled):
        list(generator.generate(a_job(CAT, CAR, frames=36), stop))
    assert len(generator.make(a_job())) == 9
    left = generator.generate(a_job(), lambda done: None)
    next(left)
    left.close()  # type: ignore[attr-defined]
    assert np.array_equal(generator.make(a_job()), generator.make(a_job()))


@pytest.mark.parametrize(
    ("job", "says"),
    [
        (a_job(frames=0), "0 frames; allowed are 1 to"),
        (a_job(frames=10_000), "10000 frames; allowed are 1 to"),
        (a_job(CAT, CAR, frames=1), "2 shots in 1 frames"),
        (a_job(request=Request("")), "the prompt is empty"),
        (a_job(request=Request("a" * 5000)), "the prompt has 5000 characters; allowed are 1 to 2000"),
        (a_job(request=Request("a", seed=-1)), "seed -1; allowed are 0 to"),
        (a_job(request=Request("a", steps=0)), "0 steps; allowed are 1 to 100"),
        (a_job(request=Request("a", picture=Path("/nowhere/a.png"))), "a.png: cannot be read"),
        (replace(a_job(), spec=ClipSpec("wan", "", 72, 32, 9, 24)), "must divide by 32"),
    ],
)
def test_what_can_never_be_made_is_refused(generator: Watched, job: Job, says: str) -> None:
    with pytest.raises(Refused, match=says):
        generator.make(job)


def test_a_shot_longer_than_a_checkpoint_of_text_alone_can_make_is_refused(text_only: Watched) -> None:
    # Its own motion is 16 pictures a second: 17 of them are 25 of a film at 24.
    assert len(text_only.make(a_job(frames=25))) == 25
    assert text_only.asked[0]["frames"] == 17
    with pytest.raises(Refused, match=r"a shot of 26 frames \(1.08 s\).* allowed are 25 frames"):
        text_only.make(a_job(frames=26))


def test_a_picture_that_a_checkpoint_of_text_alone_was_given_is_refused(
    text_only: Watched, tmp_path: Path
) -> None:
    Pillow.fromarray(np.zeros((9, 9, 3), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(Refused, match="makes films from text alone"):
        text_only.make(a_job(request=Request("a dog", picture=tmp_path / "a.png")))
