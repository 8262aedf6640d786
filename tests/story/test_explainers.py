"""The explainers that come along: each a film of several shots, in both languages, with a source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reverie.errors import StoryError
from reverie.story.library import Story, explainers, load_library
from reverie.video.storyboard.scenes import TOPICS

DOCUMENT = Path(__file__).parents[2] / "docs" / "storyboard.md"

EVERY = {story.topic: story for story in explainers()}

OWN = """
stories:
  - topic: volcano
    shots: [{subject: volcano, action: erupt, setting: prehistoric}]
"""


def test_there_are_some_thirty() -> None:
    assert len(EVERY) >= 28


@pytest.mark.parametrize("story", EVERY.values(), ids=lambda story: story.topic)
def test_each_is_a_film_with_a_source(story: Story) -> None:
    assert story.topic in TOPICS, "it has a scene of its own"
    assert len(story.shots) >= 3
    assert 6 <= sum(shot.seconds for shot in story.shots) <= 20
    assert len(story.source) >= 15
    assert "\n" not in story.source
    for language in ("en", "zh"):
        assert len(story.questions.of(language)) >= 5
        assert all(shot.caption.of(language) for shot in story.shots)
    assert all(re.search(r"[\u4e00-\u9fff]", line) for shot in story.shots for line in shot.caption.zh)


def test_the_document_names_each_with_its_source() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [
        topic for topic, story in EVERY.items() if f"| {topic} |" not in text or story.source not in text
    ] == []


def test_an_operators_library_keeps_them_but_its_own_wins(tmp_path: Path) -> None:
    file = tmp_path / "stories.yaml"
    file.write_text(OWN, encoding="utf-8")
    library = load_library(file)
    assert {story.topic for story in library.stories} == set(EVERY) | {"volcano"}
    own = library.story("volcano")
    assert own is not None
    assert len(own.shots) == 1
    file.write_text("explainers: false\n" + OWN, encoding="utf-8")
    assert [story.topic for story in load_library(file).stories] == ["volcano"]


def test_a_broken_library_names_its_file(tmp_path: Path) -> None:
    file = tmp_path / "stories.yaml"
    file.write_text("explainers: perhaps\n" + OWN, encoding="utf-8")
    with pytest.raises(StoryError, match=r"stories\.yaml"):
        load_library(file)
