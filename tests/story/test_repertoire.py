"""The repertoire: whatever is seen, commanded or asked of the library, its prompts are in it."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie import config
from reverie.story.director import TONES, Director
from reverie.story.library import Library, load_library, parse_library
from reverie.story.prompts import prompts_of
from reverie.story.questions import understand
from reverie.story.repertoire import labels_of, make_repertoire, repertoire
from reverie.story.scene import make_scene
from reverie.story.vocabulary import LABELS, NOUN
from reverie.values import Box, Cause, Command, Dials, Event, EventKind, Language, Question, Scene, Track

PLACES = ["shop", "showcase", "sign", "classroom", "home", "museum"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

STARS = """
stories:
  - topic: meet/*
    when: [{kind: entered, object: "*"}]
    shots: [{subject: "*", action: look_at, object: "*"}]
  - topic: chase
    when: [{kind: left, subject: [cat, dog, zorb], object: [bird, cat]}, {kind: shown, object: tooth}]
    shots: [{subject: cat, action: chase, object: "*"}, {subject: "*", action: sleep}]
  - {topic: rest, when: [{hours: 9-18}], shots: [{subject: moon}, {subject: sun, mood: calm}]}
  - topic: asked only
    shots: [{subject: whale, action: swim, setting: sea}]
    questions: {en: [who swims in the sea], zh: [谁在海里游泳]}
"""
LIBRARIES = (load_library(None), parse_library(STARS, "stars"))
WHOLE = {
    (index, language): frozenset(repertoire(library, language))
    for index, library in enumerate(LIBRARIES)
    for language in LANGUAGES
}
"""All prompts of each library, whatever the detector knows."""

LIMITED = ("person", "cat", "bird", "banana", "zorb")
"""What a detector with few classes reports."""

FEW = {
    (index, language): frozenset(repertoire(library, language, LIMITED))
    for index, library in enumerate(LIBRARIES)
    for language in LANGUAGES
}

anything = st.sampled_from(sorted(NOUN)) | st.sampled_from(["zorb", "thing", "Cat"]) | st.text(max_size=9)
dials = st.builds(
    Dials,
    language=st.sampled_from([None, *LANGUAGES]),
    tone=st.sampled_from([None, "shouting", *TONES]),
)
stories = st.builds(
    config.Story,
    place=st.sampled_from(PLACES),
    tone=st.sampled_from([None, *TONES]),
    language=st.sampled_from(LANGUAGES),
)


@st.composite
def scenes(draw: st.DrawFn, labels: st.SearchStrategy[str] = anything) -> Scene:
    """What `watch` can make of anything that its detector reports."""
    event = Event(
        kind=draw(st.sampled_from(list(EventKind))),
        zone=draw(st.sampled_from(["", "toys", "Electronics", "door"])),
        label=draw(labels),
        track_id=1,
        time=0.0,
        dwell=draw(st.floats(0, 100)),
        count=draw(st.integers(0, 9)),
        direction=draw(st.sampled_from(["", "in", "out"])),
        near=draw(st.none() | labels),
    )
    box = Box(0.1, 0.1, 0.2, 0.2)
    there = [Track(1, label, box, 0.9, 0.0, 0.0) for label in draw(st.lists(labels, max_size=4))]
    return make_scene(event, there, "camera", draw(st.floats(0, 2e9)))


def _told(
    library: Library, story: config.Story, cause: Cause, dials: Dials, variant: int, language: Language
) -> set[str]:
    brief = Director(library, story, UTC).direct(cause, dials, variant)
    return set() if brief is None else set(prompts_of(brief, language))


@settings(deadline=None, max_examples=400)
@given(st.integers(0, 1), stories, scenes(), dials, st.integers(0, 3), st.sampled_from(LANGUAGES))
def test_whatever_is_seen(
    index: int, story: config.Story, scene: Scene, dials: Dials, variant: int, language: Language
) -> None:
    assert _told(LIBRARIES[index], story, scene, dials, variant, language) <= WHOLE[index, language]


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 1), stories, scenes(st.sampled_from(LIMITED)), dials, st.sampled_from(LANGUAGES))
def test_whatever_a_detector_with_few_classes_sees(
    index: int, story: config.Story, scene: Scene, dials: Dials, language: Language
) -> None:
    assert _told(LIBRARIES[index], story, scene, dials, 0, language) <= FEW[index, language]
    assert FEW[index, language] < WHOLE[index, language]


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 1), stories, st.data(), dials, st.integers(0, 3), st.sampled_from(LANGUAGES))
def test_whatever_is_commanded(
    index: int, story: config.Story, data: st.DataObject, dials: Dials, variant: int, language: Language
) -> None:
    topics = [told.topic for told in LIBRARIES[index].stories]
    command = Command(0.0, data.draw(st.sampled_from(topics) | st.just("show/zorb")))
    assert _told(LIBRARIES[index], story, command, dials, variant, language) <= WHOLE[index, language]


PATTERNS = [
    [
        (pattern, language)
        for told in library.stories
        for language in LANGUAGES
        for pattern in told.questions.of(language)
    ]
    for library in LIBRARIES
]


@settings(deadline=None, max_examples=150)
@given(
    st.integers(0, 1),
    stories,
    st.data(),
    dials,
    st.sampled_from(["", "please ", "show me "]),
    st.sampled_from(LANGUAGES),
)
def test_whatever_the_library_answers(
    index: int, story: config.Story, data: st.DataObject, dials: Dials, before: str, language: Language
) -> None:
    pattern, spoken = data.draw(st.sampled_from(PATTERNS[index]))
    question = Question(0.0, (before if spoken == "en" else "") + pattern, spoken)
    assert understand(question.text, spoken, LIBRARIES[index]).confidence == "curated"
    assert _told(LIBRARIES[index], story, question, dials, 0, language) <= WHOLE[index, language]


@settings(deadline=None, max_examples=150)
@given(stories, st.text(max_size=20), st.sampled_from(LANGUAGES), dials, st.sampled_from(LANGUAGES))
def test_whatever_nobody_can_draw(
    story: config.Story, text: str, spoken: Language, dials: Dials, language: Language
) -> None:
    if understand(text, spoken, LIBRARIES[0]).confidence != "lexicon":
        told = _told(LIBRARIES[0], story, Question(0.0, text, spoken), dials, 0, language)
        assert told
        assert told <= WHOLE[0, language]


def test_a_free_question_is_not_in_it() -> None:
    """The honest end of the promise: what is composed word by word needs an encoder."""
    read = understand("a robot builds a house", "en", LIBRARIES[0], "plain")
    assert read.confidence == "lexicon"
    assert not set(prompts_of(read.brief, "en")) & WHOLE[0, "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_once_and_always_in_the_same_order(language: Language) -> None:
    told = repertoire(LIBRARIES[0], language)
    assert len(told) == len(set(told)) > 1000
    assert told == repertoire(load_library(None), language)


def test_the_shots_of_a_story_follow_each_other() -> None:
    told = repertoire(LIBRARIES[0], "en", (), ("plain",))
    water = [index for index, prompt in enumerate(told) if "evaporating" in prompt or "condensing" in prompt]
    assert "evaporating" in told[water[0]]
    assert water[1] == water[0] + 1


def test_two_seen_things_in_one_shot_are_told_in_pairs() -> None:
    told = set(repertoire(LIBRARIES[1], "en", ("cat", "dog"), ("plain",)))
    pairs = [prompt for prompt in told if "looking at" in prompt]
    assert len(pairs) == 9  # a cat, a dog, or a parcel for anything else, looks at one of the three


# A detector's settings; what it can report.
REPORTED = [
    ({}, LABELS),
    ({"classes": ("cat", "person")}, ("cat", "person")),
    ({"model": "toys.onnx"}, None),
    ({"model": "toys.onnx", "classes": ("toy car",)}, ("toy car",)),
]


@pytest.mark.parametrize(("settings", "labels"), REPORTED)
def test_labels_by_the_configuration_alone(settings: dict[str, object], labels: object) -> None:
    assert labels_of(config.Detector.model_validate(settings)) == labels


def test_a_box_has_every_tone_its_own_first() -> None:
    asked = config.Config.model_validate({"story": {"place": "museum"}})
    whole = make_repertoire(asked, "en")
    museum = repertoire(LIBRARIES[0], "en", LABELS, ("popular-science",))
    assert whole[: len(museum)] == museum
    assert set(whole) == set(repertoire(LIBRARIES[0], "en", LABELS))
    assert make_repertoire(asked, "en", ("popular-science",)) == museum
