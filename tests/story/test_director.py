"""The director: the story that a scene, a question or a command calls for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reverie import config
from reverie.story.director import Director
from reverie.story.library import Library, load_library, parse_library
from reverie.story.vocabulary import ACTION, LABELS, MOOD, NOUN, SETTING
from reverie.values import Command, Dials, EventKind, Question, Scene


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(None)


def _scene(kind: str, subject: str, **facts: object) -> Scene:
    facts.setdefault("counts", ((subject, 1),))
    return replace(Scene(0.0, "camera", "", EventKind(kind), subject), **facts)  # type: ignore[arg-type]


TWO = (("person", 2),)

# Where the box stands, what is seen, the topic told (None: nothing).
SCENES: list[tuple[str, Scene, str | None]] = [
    ("shop", _scene("shown", "banana"), "show/banana"),
    ("shop", _scene("shown", "person"), "show/person"),
    ("shop", _scene("shown", "zorb"), "surprise/zorb"),  # a class of somebody's own detector
    ("shop", _scene("entered", "person"), "hello"),
    ("shop", _scene("left", "person"), "goodbye"),
    ("shop", _scene("crossed", "person"), "just-passing"),
    ("shop", _scene("crossed", "person", direction="in"), "welcome-in"),
    ("shop", _scene("crossed", "person", direction="out"), "so-long"),
    ("shop", _scene("crowded", "person", counts=(("person", 6),)), "party"),
    ("shop", _scene("crowded", "dog", counts=(("dog", 4),)), "many/dog"),
    ("shop", _scene("picked_up", "person"), "unwrap"),
    ("shop", _scene("put_back", "person"), "until-next-time"),
    # What is picked up decides, else that something is.
    ("shop", _scene("picked_up", "person", object="bottle"), "pick/drink"),
    ("shop", _scene("picked_up", "person", object="apple"), "pick/fruit"),
    ("shop", _scene("picked_up", "person", object="donut"), "pick/sweet"),
    ("shop", _scene("picked_up", "person", object="book"), "pick/book"),
    ("shop", _scene("picked_up", "person", object="frisbee"), "pick/play"),
    ("shop", _scene("picked_up", "person", object="remote"), "pick/gadget"),
    ("shop", _scene("picked_up", "person", object="hat"), "pick/wear"),
    ("shop", _scene("picked_up", "person", object="teddy bear"), "toy-car"),
    ("shop", _scene("picked_up", "person", object="headphones", zone="slot 3"), "headphones"),
    ("shop", _scene("picked_up", "person", object="vase"), "unwrap"),
    ("shop", _scene("put_back", "person", object="bottle"), "until-next-time"),
    ("classroom", _scene("put_back", "person", object="book"), "put-back/tidy"),
    ("shop", _scene("taken_away", "person", object="bottle"), "enjoy-it"),
    ("home", _scene("taken_away", "person", object="book"), "enjoy-it/class"),
    ("shop", _scene("approached", "person"), "come-closer"),
    ("home", _scene("approached", "dog"), "come-closer"),
    ("museum", _scene("approached", "person"), "dinosaur-wakes"),
    ("shop", _scene("faced", "person"), "eye-to-eye"),
    ("classroom", _scene("faced", "person"), "eye-to-eye/class"),
    ("shop", _scene("faced", "person", object="headphones", zone="slot 3"), "headphones"),
    # Stature only where somebody measured it, and only as a greeting.
    ("shop", _scene("entered", "person", stature="tall"), "high-five/tall"),
    ("shop", _scene("faced", "person", stature="short"), "high-five/short"),
    ("shop", _scene("left", "person", stature="tall"), "goodbye"),
    ("shop", _scene("lingered", "person", stature="short"), "headphones"),
    ("shop", _scene("lingered", "person"), "headphones"),  # an adult alone: the teardown
    ("shop", _scene("lingered", "person", counts=TWO), "building-blocks"),  # two together: build something
    ("shop", _scene("lingered", "person", object="teddy bear"), "toy-car"),  # near a toy
    ("shop", _scene("lingered", "person", object="kite", counts=TWO), "building-blocks"),
    ("shop", _scene("lingered", "person", zone="Toys"), "toy-car"),
    ("shop", _scene("lingered", "person", zone="toys", counts=TWO), "building-blocks"),
    ("shop", _scene("lingered", "person", zone="electronics", counts=TWO), "headphones"),
    ("home", _scene("lingered", "person"), "balloon"),
    ("museum", _scene("lingered", "person"), "dinosaur-walk"),
    ("classroom", _scene("lingered", "person"), "water-cycle"),
    ("home", _scene("entered", "cat"), "cat-visit"),
    ("home", _scene("entered", "truck"), "here-comes/truck"),
    ("home", _scene("left", "truck"), "off-goes/truck"),
    ("home", _scene("lingered", "suitcase"), "still-here/suitcase"),
]


@pytest.mark.parametrize(("place", "scene", "topic"), SCENES)
def test_scenes(library: Library, place: str, scene: Scene, topic: str | None) -> None:
    director = Director(library, config.Story.model_validate({"place": place}))
    brief = director.direct(scene, Dials())
    assert (brief.topic if brief else None) == topic


def test_no_story_fits() -> None:
    library = parse_library("stories: [{topic: a, when: [{kind: left}], shots: [{subject: cat}]}]", "f")
    assert Director(library, config.Story()).direct(_scene("entered", "cat"), Dials()) is None


def test_specific_first_then_priority_then_order() -> None:
    library = parse_library(
        """
stories:
  - {topic: any, priority: 100, when: [{}], shots: [{subject: cat}]}
  - {topic: first, when: [{kind: entered}], shots: [{subject: cat}]}
  - {topic: second, when: [{kind: entered}], shots: [{subject: cat}]}
  - {topic: higher, priority: 1, when: [{kind: left}], shots: [{subject: cat}]}
  - {topic: lower, when: [{kind: left}], shots: [{subject: cat}]}
  - {topic: exact, priority: -5, when: [{kind: left, subject: dog}], shots: [{subject: cat}]}
""",
        "f",
    )
    director = Director(library, config.Story())

    def topic(scene: Scene) -> str | None:
        brief = director.direct(scene, Dials())
        return brief.topic if brief else None

    assert topic(_scene("shown", "cat")) == "any"
    assert topic(_scene("entered", "cat")) == "first"
    assert topic(_scene("left", "cat")) == "higher"
    assert topic(_scene("left", "dog")) == "exact"


# Place, configured tone, dial; the tone of the brief.
TONES: list[tuple[str, str | None, str | None, str]] = [
    ("shop", None, None, "promotional"),
    ("showcase", None, None, "promotional"),
    ("sign", None, None, "promotional"),
    ("classroom", None, None, "popular-science"),
    ("museum", None, None, "popular-science"),
    ("home", None, None, "playful"),
    ("home", "plain", None, "plain"),
    ("home", "plain", "promotional", "promotional"),  # the dial wins
    ("home", None, "shouting", "playful"),  # a dial nobody knows changes nothing
]


@pytest.mark.parametrize(("place", "tone", "dial", "told"), TONES)
def test_tones(library: Library, place: str, tone: str | None, dial: str | None, told: str) -> None:
    director = Director(library, config.Story.model_validate({"place": place, "tone": tone}))
    brief = director.direct(_scene("shown", "cat"), Dials(tone=dial))
    assert brief is not None
    assert brief.tone == told


def test_languages(library: Library) -> None:
    director = Director(library, config.Story(language="zh"))
    for dials, language in ((Dials(), "zh"), (Dials(language="en"), "en")):
        brief = director.direct(_scene("shown", "cat"), dials)
        assert brief is not None
        assert brief.language == language


def test_a_question_is_answered_in_its_own_language(library: Library) -> None:
    director = Director(library, config.Story(language="en", place="classroom"))
    brief = director.direct(Question(0.0, "恐龙是怎么走路的？", "zh"), Dials())
    assert brief is not None
    assert (brief.topic, brief.language, brief.tone) == ("dinosaur-walk", "zh", "popular-science")


def test_commands(library: Library) -> None:
    director = Director(library, config.Story())
    for topic in director.topics():
        brief = director.direct(Command(0.0, topic), Dials())
        assert brief is not None, topic
    assert director.direct(Command(0.0, "no-such-topic"), Dials()) is None


def test_the_same_scene_gives_the_same_brief_until_asked_for_another(library: Library) -> None:
    director = Director(library, config.Story())
    scene = _scene("shown", "cat")
    later = replace(scene, time=99.0, dwell=5.0)  # the clip of another minute is found again
    assert director.direct(scene, Dials()) == director.direct(later, Dials())
    assert director.direct(scene, Dials(), 1) != director.direct(scene, Dials(), 0)


def test_briefs_are_all_that_scenes_call_for(library: Library) -> None:
    settings = config.Story(place="shop")
    director = Director(library, settings)
    briefs = set(director.briefs(labels=LABELS))
    for kind in EventKind:
        for label in LABELS:
            assert director.direct(_scene(kind, label), Dials()) in briefs, (kind, label)


def test_briefs_are_of_the_vocabulary(library: Library) -> None:
    director = Director(library, config.Story())
    briefs = list(director.briefs(LABELS, ("en", "zh"), ("plain", "playful"), 2))
    assert len(briefs) == len(set(briefs)) > 600
    for brief in briefs:
        for shot in brief.shots:
            assert shot.subject in NOUN
            assert shot.action in ACTION
            assert shot.object is None or shot.object in NOUN
            assert shot.setting in SETTING
            assert shot.mood in MOOD
            assert shot.caption
        assert 0 < brief.seconds <= 20


@pytest.mark.parametrize("kind", list(EventKind))
def test_what_is_seen_parses_no_text(
    library: Library, kind: EventKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither for scenes nor for commands is a word read: the event path stays quick and sure."""

    def refuse(*_: object) -> None:
        raise AssertionError("a text was parsed")

    for name in ("tokens", "read_text", "read_sentence"):
        monkeypatch.setattr(f"reverie.story.questions.{name}", refuse)
    director = Director(library, config.Story())
    assert director.direct(Scene(0.0, "camera", "", kind, "person", counts=(("person", 1),)), Dials())
    assert director.direct(Command(0.0, "hello"), Dials())
    with pytest.raises(AssertionError, match="a text was parsed"):
        director.direct(Question(0.0, "how do dinosaurs walk", "en"), Dials())
