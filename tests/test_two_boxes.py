"""Two boxes: what one wishes, the other makes behind its /v1/videos. And a queue whose other box is ill."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from elsewhere import Elsewhere, Reply
from pydantic import SecretStr
from screening import Box, make_box, wait_for

from reverie import config, generate
from reverie.clock import ManualClock, SystemClock
from reverie.errors import Cancelled, Refused
from reverie.story.prompts import prompts_of
from reverie.values import Brief, Job, JobStatus, Priority, Request, Shot
from reverie.video.generator import Generator
from reverie.video.remote import load_remote
from reverie.wishes import load, make_wish

TOKEN = "0123456789abcdef"
BRIEF = Brief(
    "cat",
    (
        Shot("cat", "play", "ball", "room", "cheerful", "A cat plays", 0.75),
        Shot("dog", "run", None, "park", "cheerful", "A dog runs", 0.5),
    ),
    "plain",
    "en",
)


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """The other box: serve, and the program that draws its storyboards."""
    box = make_box(tmp_path_factory.mktemp("far"), serve={"port": 0, "token": TOKEN})
    stop = threading.Event()
    drawing = threading.Thread(
        target=generate.run, args=(box.config, SystemClock(), stop, "storyboard"), daemon=True
    )
    drawing.start()
    box.start()
    yield box
    stop.set()
    drawing.join(20)
    assert not drawing.is_alive()
    box.stop()
    box.store.close()


@pytest.fixture
def settings(far: Box, monkeypatch: pytest.MonkeyPatch) -> config.Generator:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    remote = config.Remote(url=f"{far.url}/v1", token=SecretStr(TOKEN))
    return config.Generator(kind="remote", name="far", width=320, height=240, fps=12, remote=remote)


@pytest.fixture
def generator(settings: config.Generator) -> Generator:
    return load(settings)


def job_of(settings: config.Generator, request: Request | None = None) -> Job:
    wish, spec = make_wish(settings, BRIEF, request)
    return Job(wish.key, BRIEF, spec, 0.0, Priority.LIVE, 0.0, take=1, request=request)


def test_the_other_box_draws_each_shot(far: Box, settings: config.Generator, generator: Generator) -> None:
    told: list[float] = []
    images = list(generator.generate(job_of(settings), told.append))
    assert len(images) == 15
    assert {image.shape for image in images} == {(240, 320, 3)}
    drawn = [job.brief for job in reversed(far.store.jobs.recent(9))]
    assert [brief.topic.split("/")[1] for brief in drawn] == ["cat", "dog"]
    assert {shot.caption for brief in drawn for shot in brief.shots} == {""}, "the screen here lays them over"
    step = [np.abs(a.astype(int) - b.astype(int)).mean() for a, b in pairwise(images)]
    assert int(np.argmax(step)) == 8, "the cut is where the first shot ends"
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert far.store.orders.recent(9) == [], "nothing is left there"


def test_a_film_that_nobody_wants_any_more_is_stopped_there(
    far: Box, settings: config.Generator, generator: Generator
) -> None:
    def progress(share: float) -> None:
        if far.store.orders.recent(9):
            raise Cancelled("nobody waits")

    request = Request("a dinosaur walks through the snow", seed=7, frames=600)
    with pytest.raises(Cancelled):
        list(generator.generate(job_of(settings, request), progress))
    assert far.store.orders.recent(9) == []
    wait_for(lambda: all(job.status is not JobStatus.RUNNING for job in far.store.jobs.recent(9)), "its end")
    assert len(list(generator.generate(job_of(settings), lambda share: None))) == 15


def test_what_it_cannot_do_it_says_and_we_tell(settings: config.Generator, generator: Generator) -> None:
    with pytest.raises(Refused, match=r"generator 'far' .*\(400\): num_inference_steps.*storyboard"):
        list(generator.generate(job_of(settings, Request("a cat", steps=4)), lambda share: None))


def test_a_wrong_token_is_told_without_telling_it(settings: config.Generator) -> None:
    wrong = settings.remote.model_copy(update={"token": SecretStr("fedcba9876543210")})
    generator = load(settings.model_copy(update={"remote": wrong}))
    with pytest.raises(Refused, match=r"refuses the film \(401\)") as refused:
        list(generator.generate(job_of(settings), lambda share: None))
    assert "fedcba" not in str(refused.value)


@dataclass
class Queue:
    """A box that makes its films elsewhere, and its queue."""

    studio: generate.Studio
    far: Elsewhere

    def make(self, topic: str) -> Job:
        """Wish a film and try once to make it. Returns its job as it stands then."""
        store, settings = self.studio.store, self.studio.settings
        brief = replace(
            BRIEF, topic=topic, shots=(replace(BRIEF.shots[0], action=ACTIONS[topic], seconds=2.0),)
        )
        wish, spec = make_wish(settings, brief)
        now = self.studio.clock.now()
        store.jobs.wish(Job(wish.key, brief, spec, now + 600, Priority.LIVE, now))
        job = store.jobs.claim(wish.key, self.studio.worker, 60, None)
        assert job is not None
        generate.make(self.studio, job, threading.Event(), generate.Tally())
        after = store.jobs.get(wish.key)
        assert after is not None
        return after


ACTIONS = {"unwell": "sleep", "refused": "jump", "well": "play"}


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    far = Elsewhere()
    remote = {
        "kind": "remote",
        "name": "far",
        "width": 320,
        "height": 240,
        "fps": 12,
        "remote": {"url": far.url},
    }
    box = make_box(tmp_path, generators=[remote])
    settings = box.config.generators[0]
    generator = load_remote(settings, prompts_of, ManualClock())
    yield Queue(generate.Studio(box.config, settings, generator, box.store, SystemClock(), "w"), far)
    far.close()
    box.store.close()


def test_the_queue_lives_on_whatever_the_other_box_does(queue: Queue) -> None:
    queue.far.always("create", Reply(500, b"CUDA error"))
    unwell = queue.make("unwell")
    assert unwell.status is JobStatus.WAITING, "another time it may be well"
    assert "answered 500 4 times: CUDA error" in unwell.error
    queue.far.always("create", Reply(400, b"such films are not made"))
    refused = queue.make("refused")
    assert refused.status is JobStatus.FAILED
    assert "such films are not made" in refused.error
    queue.far.heal()
    well = queue.make("well")
    assert (well.status, well.error) == (JobStatus.DONE, "")
    assert queue.studio.store.clips.get(well.key) is not None
