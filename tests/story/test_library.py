"""The story library: what may be written, how mistakes are told, and that the demo library is whole."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from reverie.errors import StoryError
from reverie.story.library import (
    CAPTION_EN,
    CAPTION_ZH,
    Library,
    When,
    load_library,
    make_brief,
    parse_library,
)
from reverie.story.vocabulary import LABELS
from reverie.values import EventKind, Language, Scene

GOOD = """
stories:
  - topic: hi
    when: [{kind: entered, subject: person}]
    shots:
      - {subject: cat, action: wave, setting: park}
"""

# What is wrong, the file, what the message must hold (its line first).
MISTAKES: list[tuple[str, str, tuple[str, ...]]] = [
    ("no YAML", "stories: [", ("f.yaml:1", "not YAML")),
    ("no story", "stories: []", ("f.yaml:1", "stories", "at least 1")),
    ("an unknown setting", GOOD.replace("when:", "wenn:"), ("f.yaml:4", "did you mean 'when'")),
    ("an unknown thing", GOOD.replace("subject: cat", "subject: catt"), ("f.yaml:6", "'catt'", "'cat'")),
    (
        "an unknown action",
        GOOD.replace("wave", "teleport"),
        ("f.yaml:6", "'teleport'", "allowed: appear, boil"),
    ),
    ("an unknown place", GOOD.replace("park", "mars"), ("f.yaml:6", "'mars'", "forest")),
    ("an unknown event", GOOD.replace("entered", "entred"), ("f.yaml:4", "'entered'", "picked_up")),
    ("no detector label", GOOD.replace("person", "Bob!"), ("f.yaml:4", "'Bob!'", "lower-case")),
    ("a bad topic", GOOD.replace("topic: hi", "topic: Hi!"), ("f.yaml:3", "topic", "lower case")),
    ("two of one topic", GOOD + GOOD.removeprefix("\nstories:\n"), ("two stories", "'hi'")),
    (
        "a bad count",
        GOOD.replace("kind: entered,", "counts: {person: many},"),
        ("f.yaml:4", "'many'", "'>=2'"),
    ),
    ("bad hours", GOOD.replace("kind: entered,", "hours: 25-26,"), ("f.yaml:4", "'25-26'", "9-18")),
    (
        "a caption too long",
        GOOD.replace("setting: park", "caption: {en: ['" + "x" * 61 + "']}"),
        ("f.yaml:6", "61 characters", "1 to 60"),
    ),
    (
        "an unknown slot in a caption",
        GOOD.replace("setting: park", "caption: {en: ['{who}']}"),
        ("f.yaml:6", "'who'", "{subject}"),
    ),
    (
        "an object that appear has no room for",
        GOOD.replace("action: wave", "action: appear, object: dog"),
        ("f.yaml:6", "'dog'", "alone"),
    ),
    (
        "a question for whatever was seen",
        GOOD.replace("subject: cat", "subject: '*'") + "    questions: {en: [what is this]}\n",
        ("f.yaml:3", "'hi'", "no question"),
    ),
    (
        "an unknown slot in a template",
        GOOD + "templates:\n  plain: {en: ['{who}'], zh: ['{subject}']}\n",
        ("f.yaml:8", "'who'", "{action}"),
    ),
    (
        "no plain templates",
        GOOD + "templates:\n  playful: {en: ['{subject}'], zh: ['{subject}']}\n",
        ("'plain'",),
    ),
    ("no seconds", GOOD.replace("setting: park", "seconds: 0"), ("f.yaml:6", "0.5 to 8")),
]


@pytest.mark.parametrize(("what", "text", "told"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_mistake_names_its_line_and_what_is_allowed(what: str, text: str, told: tuple[str, ...]) -> None:
    with pytest.raises(StoryError) as caught:
        parse_library(text, "f.yaml")
    for part in told:
        assert part in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match="no such story library"):
        load_library(tmp_path / "none.yaml")


def test_a_folder_is_no_library(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match="cannot be read"):
        load_library(tmp_path)


NOON = 12 * 3600.0  # 1970-01-01 12:00 UTC
SCENE = Scene(
    time=NOON,
    camera="door",
    zone="Toys",
    kind=EventKind.LINGERED,
    subject="person",
    object="kite",
    counts=(("kite", 1), ("person", 2)),
    dwell=4.0,
)

# A condition, whether the scene above fulfils it in a shop, how specific it is.
CONDITIONS: list[tuple[dict[str, object], bool, int]] = [
    ({}, True, 0),
    ({"kind": "lingered"}, True, 1),
    ({"kind": ["entered", "lingered"]}, True, 1),
    ({"kind": "entered"}, False, 1),
    ({"zone": "toys"}, True, 1),  # upper and lower case are one
    ({"zone": "shoes"}, False, 1),
    ({"subject": "*"}, True, 0),  # anything is no condition
    ({"subject": "cat"}, False, 1),
    ({"object": ["teddy bear", "kite"]}, True, 1),
    ({"object": "*"}, True, 0),
    ({"counts": {"person": 2}}, True, 1),
    ({"counts": {"person": ">=2"}}, True, 1),
    ({"counts": {"person": ">2"}}, False, 1),
    ({"counts": {"person": "<2"}}, False, 1),
    ({"counts": {"person": "<=2", "cat": 0}}, True, 2),
    ({"counts": {"cat": ">=1"}}, False, 1),
    ({"dwell": 4}, True, 1),
    ({"dwell": 4.1}, False, 1),
    ({"direction": "in"}, False, 1),
    ({"place": ["home", "shop"]}, True, 1),
    ({"place": "museum"}, False, 1),
    ({"hours": "9-18"}, True, 1),
    ({"hours": "12:00-12:30"}, True, 1),  # the first minute counts
    ({"hours": "8-12"}, False, 1),  # the last does not
    ({"hours": "22-6"}, False, 1),
    ({"hours": "22:00-12:01"}, True, 1),  # over midnight
]


@pytest.mark.parametrize(("condition", "holds", "specificity"), CONDITIONS)
def test_conditions(condition: dict[str, object], holds: bool, specificity: int) -> None:
    when = When.model_validate(condition)
    assert when.holds(SCENE, "shop", UTC) is holds
    assert when.specificity == specificity


def test_any_object_means_some_object() -> None:
    alone = Scene(0.0, "door", "", EventKind.LINGERED, "person")
    assert not When(object=("*",)).holds(alone, "shop", UTC)


# ---------------------------------------------------------------------------------- the demo library


@pytest.fixture(scope="module")
def demo() -> Library:
    return load_library(None)


def test_every_coco_class_has_a_story_when_shown(demo: Library) -> None:
    for label in LABELS:
        story = demo.story(f"show/{label}")
        assert story is not None, label
        scene = Scene(0.0, "camera", "", EventKind.SHOWN, label, counts=((label, 1),))
        assert any(when.holds(scene, "shop", UTC) for when in story.when), label


def test_every_shot_has_captions_that_fit(demo: Library) -> None:
    """With the longest name that the vocabulary has in a slot's place; in characters that the font has."""
    for story in demo.stories:
        for shot in story.shots:
            lines = [shot.caption, *shot.toned.values()]
            assert len(shot.caption.en) >= 2, story.topic
            assert len(shot.caption.zh) >= 2, story.topic
            for captions in lines:
                for text in captions.en:
                    assert len(text.replace("{subject}", "x" * len("microwave oven"))) <= CAPTION_EN, text
                    assert text.isascii() or set(text) - set(map(chr, range(128))) <= {"…"}, text
                for text in captions.zh:
                    assert len(text.replace("{subject}", "笔记本电脑")) <= CAPTION_ZH, text
                    text.encode("gb2312")


def test_bespoke_stories_are_there(demo: Library) -> None:
    for topic in ("toy-car", "balloon", "dinosaur-walk", "water-cycle", "headphones", "building-blocks"):
        story = demo.story(topic)
        assert story is not None
        assert story.questions.en
        assert story.questions.zh
    water = demo.story("water-cycle")
    assert water is not None
    assert [shot.action for shot in water.shots] == ["evaporate", "condense", "rain"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_variants_are_stable_and_all_told(demo: Library, language: Language) -> None:
    story = demo.story("toy-car")
    assert story is not None
    told = [make_brief(demo, story, "plain", language, variant=n).shots[0].caption for n in range(3)]
    again = [make_brief(demo, story, "plain", language, variant=n).shots[0].caption for n in range(3)]
    assert told == again
    assert set(told) == set(story.shots[0].caption.of(language))


def test_tones_have_their_own_captions_where_there_are_some(demo: Library) -> None:
    story = demo.story("headphones")
    assert story is not None
    shot = make_brief(demo, story, "popular-science", "en").shots[0]
    assert shot.caption in story.shots[0].toned["popular-science"].en
    assert make_brief(demo, story, "playful", "en").shots[0].caption in story.shots[0].caption.en


def test_a_shot_without_caption_gets_a_sentence_in_the_tone() -> None:
    library = parse_library(GOOD, "f.yaml")
    story = library.stories[0]
    assert make_brief(library, story, "plain", "en").shots[0].caption == "A cat is waving in a park."
    assert make_brief(library, story, "playful", "zh").shots[0].caption == "公园里，一只猫正在挥手。"


def test_templates_sound_like_their_tone(demo: Library) -> None:
    bare = parse_library(GOOD, "f.yaml").stories[0]
    captions = {
        tone: {make_brief(demo, bare, tone, "en", variant=n).shots[0].caption for n in range(3)}
        for tone in ("plain", "promotional", "playful", "popular-science")
    }
    assert all(len(lines) == 3 for lines in captions.values())
    assert len(set.union(*captions.values())) == 12


def test_what_was_seen_is_shown_and_named() -> None:
    text = GOOD.replace("topic: hi", "topic: see/*").replace(
        "subject: cat, action: wave,", "subject: '*', caption: {en: ['Oh, {subject}!'], zh: ['{subject}！']},"
    )
    library = parse_library(text, "f.yaml")
    story = library.stories[0]
    seen = make_brief(library, story, "plain", "zh", subject="tv")
    assert (seen.topic, seen.shots[0].subject, seen.shots[0].caption) == ("see/tv", "tv", "电视机！")
    # a detector's own class that the vocabulary does not have: a parcel, and its name where there is one
    unknown = make_brief(library, story, "plain", "en", subject="zorb")
    assert (unknown.topic, unknown.shots[0].subject, unknown.shots[0].caption) == (
        "see/zorb",
        "gift",
        "Oh, zorb!",
    )
    assert make_brief(library, story, "plain", "zh", subject="zorb").shots[0].caption == "小惊喜！"
