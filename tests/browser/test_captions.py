"""The words that the kiosk lays over films without any, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from screening import FPS, HEIGHT, WIDTH, Box, Until, encode, make_box, moment_of

from reverie.values import Brief, Moment, Shot
from reverie.video.label import Label

OVERLAID = {"kind": "remote", "name": "storyboard", "remote": {"url": "http://127.0.0.1:9/v1"}}
"""A generator whose films have no words, called as the films of `Studio` say."""

WORDS = """() => {
  const cue = window.__reverie?.cue;
  const video = cue && [...document.querySelectorAll('#stage video')].find(v => v.film?.cue === cue);
  const layers = document.querySelectorAll('#captions .film');
  const words = [...layers].at(-1)?.querySelector('p:last-of-type span');
  const said = words?.textContent ?? '';
  return video && { time: video.currentTime, said, layers: layers.length };
}"""
NONE = "() => document.querySelectorAll('#captions .film').length == 0"


@pytest.fixture
def box(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Box]:
    """A served box. Parameter: its generator, an overlaid one by default."""
    ambient = tmp_path / "calm.mp4"
    ambient.write_bytes(encode(200, 48))
    generator = getattr(request, "param", OVERLAID)
    box = make_box(tmp_path, screen={"ambient": str(ambient)}, generators=[generator])
    box.start()
    yield box
    box.stop()
    box.store.close()


@pytest.fixture
def kiosk(box: Box, page: Page, until: Until) -> Page:
    page.goto(f"{box.url}/?screen=window")
    until("() => window.__reverie?.marks.some(m => m.kind == 'ambient' && m.displayed)")
    return page


def tell(box: Box, *captions: str, film: int = 1, seconds: float = 1.0, frames: int = 0) -> Moment:
    """A moment that the kept film of `film` answers, one shot a caption."""
    shots = tuple(Shot("cat", "play", None, "room", "calm", text, seconds) for text in captions)
    if frames == 0:
        frames = round(len(shots) * seconds * FPS)
    box.studio.film(film, frames, topic="topic-1")
    moment = moment_of(film, box.studio.clock.now(), "topic-1")
    return box.store.moments.open(replace(moment, brief=Brief("topic-1", shots, "plain", "en")), [])


def said_at(until: Until, start: float, end: float) -> Any:
    """What is said at some time between two of the film's seconds."""
    between = f"([a, b]) => {{ const now = ({WORDS})(); return now && now.time > a && now.time < b && now; }}"
    found = until(between, [start, end])
    return found["said"]


def test_each_shot_says_its_own_in_its_time(box: Box, kiosk: Page, until: Until) -> None:
    tell(box, "the first", "", "the third")
    assert said_at(until, 0.05, 0.85) == "the first"
    assert said_at(until, 1.35, 1.85) == "", "a shot without words has none"
    assert said_at(until, 2.2, 2.9) == "the third"


def test_the_last_words_stay_with_the_last_picture(box: Box, kiosk: Page, until: Until) -> None:
    tell(box, "it ends", frames=20)
    until("() => [...document.querySelectorAll('#stage video')].some(v => v.film?.cue && v.ended)")
    assert until(WORDS)["said"] == "it ends"


def test_words_are_words_whatever_somebody_typed(box: Box, kiosk: Page, until: Until) -> None:
    text = "<img src=x onerror=\"document.title='caught'\"><b>bold</b>"
    tell(box, text, seconds=2.0)
    assert said_at(until, 0.1, 1.9) == text
    assert kiosk.evaluate("() => document.querySelectorAll('#captions img, #captions b').length") == 0
    assert kiosk.title() != "caught"


def test_words_go_with_their_film(box: Box, kiosk: Page, until: Until) -> None:
    tell(box, "of the first film", seconds=4.0)
    assert said_at(until, 1.7, 3.9) == "of the first film"
    tell(box, "of the second", film=2, seconds=1.0)
    until(f"() => {{ const now = ({WORDS})(); return now?.said == 'of the second' && now.layers == 1; }}")
    until("() => window.__reverie.marks.at(-1).kind == 'ambient'")
    until(NONE)


def test_a_film_of_another_brief_has_none(box: Box, kiosk: Page, until: Until) -> None:
    """A film of the same topic stands in: what this moment says would be wrong over it."""
    box.studio.film(2, 72, topic="topic-1")
    shots = (Shot("cat", "play", None, "room", "calm", "of this moment", 3.0),)
    moment = moment_of(1, box.studio.clock.now(), "topic-1")
    box.store.moments.open(replace(moment, brief=Brief("topic-1", shots, "plain", "en")), [])
    assert said_at(until, 0.2, 2.8) == ""
    assert kiosk.evaluate("() => __reverie.cue.rung") == "topic"
    assert kiosk.evaluate(NONE)


@pytest.mark.parametrize("box", [{}], indirect=True, ids=["storyboard"])
def test_a_film_with_words_of_its_own_has_no_more(box: Box, kiosk: Page, until: Until) -> None:
    tell(box, "in the picture", seconds=2.0)
    assert said_at(until, 0.2, 1.8) == ""
    assert kiosk.evaluate(NONE)


PLACES = """() => {
  const video = [...document.querySelectorAll('#stage video')].find(v => v.film?.cue);
  const line = document.querySelector('#captions span');
  if (!video || !line || !video.currentTime) return null;
  if (document.querySelector('#captions').getAnimations({ subtree: true }).length) return null;
  const scale = Math.min(innerWidth / video.videoWidth, innerHeight / video.videoHeight);
  const left = (innerWidth - video.videoWidth * scale) / 2;
  const top = (innerHeight - video.videoHeight * scale) / 2;
  const box = line.getBoundingClientRect();
  const at = { left: (box.left - left) / scale, right: (box.right - left) / scale };
  const style = getComputedStyle(line);
  return { ...at, top: (box.top - top) / scale, bottom: (box.bottom - top) / scale,
           size: parseFloat(style.fontSize) / scale, hidden: line.scrollHeight - line.clientHeight,
           font: document.fonts.check(`${style.fontWeight} 20px Reverie`, line.textContent) };
}"""
LONG = "The water that you drank this morning was once a cloud that floated high above the sea"


@pytest.mark.parametrize(
    ("view", "text"),
    [
        ((960, 540), "A cat plays"),  # a television
        ((960, 540), LONG),  # in two lines
        ((540, 960), LONG),  # an upright screen
        ((960, 540), "小猫在公园里追着一只蝴蝶跑，后来它们都累了，就在大树下睡着了"),  # Chinese
        ((540, 960), "小猫在玩球"),
    ],
)
def test_words_are_large_in_the_picture_and_clear_of_the_label(
    box: Box, kiosk: Page, until: Until, view: tuple[int, int], text: str
) -> None:
    kiosk.set_viewport_size({"width": view[0], "height": view[1]})
    tell(box, text, seconds=3.0)
    place = until(PLACES)
    assert place["font"], "the storyboard's own letters"
    assert 0 <= place["left"] < place["right"] <= WIDTH, "within the film's picture"
    assert HEIGHT / 2 < place["top"] < place["bottom"] <= HEIGHT
    assert place["top"] > Label(WIDTH, HEIGHT).box[3], "clear of the label"
    assert place["size"] >= 0.04 * HEIGHT
    if len(text) < 20:
        assert place["size"] >= 0.06 * HEIGHT
    assert place["hidden"] <= 1, "all of it is there"


def test_words_that_are_too_many_are_cut_in_the_lower_half(box: Box, kiosk: Page, until: Until) -> None:
    tell(box, "word " * 80, seconds=3.0)
    place = until(PLACES)
    assert HEIGHT / 2 < place["top"] < place["bottom"] <= HEIGHT
    assert place["hidden"] > 1
