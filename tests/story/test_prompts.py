"""Prompts: behaviour only, of the vocabulary and the module's own phrases, whatever the captions say."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie import config
from reverie.story import prompts
from reverie.story.director import Director
from reverie.story.library import load_library
from reverie.story.prompts import prompt_of
from reverie.story.vocabulary import ACTION, INSTRUMENTS, LABELS, MOOD, NOUN, SETTING
from reverie.values import Brief, Language, Light, Shot, View


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


# Words that tell people apart or read their minds; "woman", "man" and "child" are the vocabulary's own.
NEVER = _words(
    """
    girl boy young old elderly adult teenager baby male female lady gentleman mother father asian black
    white african european chinese skin hair face facial beard glasses beautiful handsome ugly fat slim happy
    sad angry afraid surprised disgusted smiling crying name named identity customer mr mrs he she him her his
    """
)
HAIR = "hair dryer"
"""The one name in the vocabulary that holds such a word."""


def _allowed_en() -> set[str]:
    phrases = [noun.phrase_en for noun in NOUN.values()]
    phrases += [f"{verb.ing} {verb.ing_alone} {verb.link or ''}" for verb in ACTION.values()]
    phrases += [word.en for word in (*SETTING.values(), *MOOD.values())]
    phrases += [
        *prompts.SENTENCES["en"],
        *prompts.ORDER["en"],
        *(look["en"] for look in prompts.LOOKS.values()),
        *prompts.LIGHTS["en"].values(),
        *prompts.VIEWS["en"].values(),
    ]
    return _words(" ".join([*phrases, prompts.MOODS["en"], prompts.CLOSING["en"], "is are near"]))


def _allowed_zh() -> set[str]:
    phrases = [noun.phrase_zh for noun in NOUN.values()]
    phrases += [verb.zh_ing + verb.zh_alone + verb.zh_end for verb in ACTION.values()]
    phrases += [word.zh for word in (*SETTING.values(), *MOOD.values())]
    phrases += [
        *prompts.SENTENCES["zh"],
        *prompts.ORDER["zh"],
        *(look["zh"] for look in prompts.LOOKS.values()),
        *prompts.LIGHTS["zh"].values(),
        *prompts.VIEWS["zh"].values(),
    ]
    return set("".join([*phrases, prompts.MOODS["zh"], prompts.CLOSING["zh"], "，身边有正在弹敲、"]))


ALLOWED_EN, ALLOWED_ZH = _allowed_en(), _allowed_zh()

shots = st.builds(
    Shot,
    subject=st.sampled_from(sorted(NOUN)),
    action=st.sampled_from(sorted(ACTION)),
    object=st.none() | st.sampled_from(sorted(NOUN)),
    setting=st.sampled_from(sorted(SETTING)),
    mood=st.sampled_from(sorted(MOOD)),
    caption=st.text(max_size=30),
    seconds=st.just(3.0),
    light=st.sampled_from(get_args(Light)),
    view=st.sampled_from(get_args(View)),
)
briefs = st.builds(
    Brief,
    topic=st.text(max_size=20),
    shots=st.lists(shots, min_size=1, max_size=3).map(tuple),
    tone=st.sampled_from([*prompts.LOOKS, "unknown"]),
    language=st.sampled_from(["en", "zh"]),
)


def test_our_own_phrases_tell_nobody_apart() -> None:
    assert {"hair"} == NEVER & ALLOWED_EN


@settings(deadline=None, max_examples=150)
@given(briefs)
def test_a_prompt_holds_only_the_vocabulary_and_our_phrases(brief: Brief) -> None:
    prompt = prompt_of(brief)
    if brief.language == "en":
        assert _words(prompt) <= ALLOWED_EN
    else:
        assert set(prompt) <= ALLOWED_ZH


@settings(deadline=None, max_examples=100)
@given(briefs, st.text(max_size=30))
def test_a_prompt_does_not_depend_on_captions_or_topic(brief: Brief, text: str) -> None:
    other = replace(brief, topic=text, shots=tuple(replace(shot, caption=text) for shot in brief.shots))
    assert prompt_of(brief) == prompt_of(other)


def test_every_brief_of_the_library_has_a_prompt() -> None:
    director = Director(load_library(None), config.Story())
    for brief in director.briefs(LABELS, ("en", "zh")):
        told = prompt_of(brief)
        assert 20 < len(told) < 900
        assert not _words(told.replace(HAIR, "")) & NEVER


def test_one_shot_of_several() -> None:
    library = load_library(None)
    brief = next(b for b in Director(library, config.Story()).briefs() if b.topic == "water-cycle")
    whole = prompt_of(brief)
    assert whole.index("evaporating") < whole.index("condensing") < whole.index("raining")
    assert whole.startswith("First: ")
    assert "condensing" in prompt_of(brief, 1)
    assert "evaporating" not in prompt_of(brief, 1)
    with pytest.raises(IndexError):
        prompt_of(brief, 3)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_tones_look_different(language: Language) -> None:
    shot = Shot("child", "pick_up", "toy car", "shop", "cheerful", "", 3.0)
    told = {prompt_of(Brief("t", (shot,), tone, language)) for tone in prompts.LOOKS}
    assert len(told) == len(prompts.LOOKS)


def test_instruments_are_things() -> None:
    assert set(NOUN) >= INSTRUMENTS


def _one(language: Language, light: Light, view: View, setting: str = "park") -> str:
    shot = Shot("cat", "sit", "bench", setting, "calm", "", 3.0, light, view)
    return prompt_of(Brief("x", (shot,), "plain", language)).split(". ")[0].split("。")[0]


# Language, light, view; what the prompt begins with.
TOLD: list[tuple[Language, Light, View, str]] = [
    ("en", "day", "", "In a park, a cat is sitting on a bench"),
    ("en", "dusk", "", "In a park at dusk, a cat is sitting on a bench"),
    ("en", "night", "close", "Close-up: a cat is sitting on a bench in a park at night"),
    ("en", "day", "wide", "Wide shot: a cat is sitting on a bench in a park"),
    ("zh", "day", "", "画面中，公园里，一只猫正坐在一张长椅上"),
    ("zh", "dusk", "", "画面中，傍晚的公园里，一只猫正坐在一张长椅上"),
    ("zh", "dawn", "close", "特写：清晨的公园里，一只猫正坐在一张长椅上"),
]


@pytest.mark.parametrize(("language", "light", "view", "told"), TOLD)
def test_light_and_view_are_told(language: Language, light: Light, view: View, told: str) -> None:
    assert _one(language, light, view) == told


def test_the_night_sky_is_not_told_twice() -> None:
    assert _one("en", "night", "", "night") == _one("en", "day", "", "night")
