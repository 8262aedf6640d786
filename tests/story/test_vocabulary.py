"""The closed vocabulary: complete, without doubles, and grammatical in both languages."""

from __future__ import annotations

import pytest

from reverie.story.sentences import sentence, slots_of
from reverie.story.vocabulary import (
    ACTION,
    ACTIONS,
    COCO,
    EXTRAS,
    LABELS,
    MOOD,
    MOODS,
    NOUN,
    SETTING,
    SETTINGS,
)
from reverie.values import Language, Shot

EN = "{subject} {is} {action} {object} {setting}"
ZH = "{setting}，{subject}{action}{object}"

# Subject, action, object, setting; how it reads.
SENTENCES: list[tuple[str, str, str | None, str, str, str]] = [
    ("child", "pick_up", "toy car", "toy_shelf",
     "A child is picking up a toy car in front of a toy shelf", "玩具货架前，一个孩子正拿起一辆玩具车"),
    ("elephant", "hold", "umbrella", "park",  # an, an
     "An elephant is holding an umbrella in a park", "公园里，一头大象拿着一把雨伞"),
    ("scissors", "dance", None, "classroom",  # plural, no object
     "Scissors are dancing in a classroom", "教室里，一把剪刀正在跳舞"),
    ("water", "evaporate", None, "sea",  # no article, no measure word
     "Water is evaporating at sea", "大海中，水正在蒸发"),
    ("sun", "shine", None, "sky", "The sun is shining in the sky", "天空中，太阳正在发光"),
    ("bear", "play", "guitar", "forest",  # an instrument is played
     "A bear is playing a guitar in a forest", "森林里，一头熊正在弹一把吉他"),
    ("child", "play", "ball", "park",  # a ball is played with
     "A child is playing with a ball in a park", "公园里，一个孩子正在玩一个皮球"),
    ("cat", "look_at", "tv", "room", "A cat is looking at a TV in a room", "房间里，一只猫正看着一台电视机"),
    ("rabbit", "sleep", "bench", "park",  # an action without an object: the other thing stands by
     "A rabbit is sleeping near a bench in a park", "公园里，一只兔子正在睡觉，身边有一张长椅"),
    ("car", "drive", None, "street",  # nobody drives it
     "A car is driving on a street", "街道上，一辆汽车正在行驶"),
    ("headphones", "take_apart", None, "studio",
     "Headphones are coming apart in a studio", "摄影棚里，一副耳机正在一层层拆开"),
    ("panda", "sit", "couch", "room",  # what it sits on
     "A panda is sitting on a couch in a room", "房间里，一只熊猫正坐在一张沙发上"),
    ("moon", "orbit", "earth", "space",
     "The moon is orbiting the Earth in space", "太空中，月亮正绕着地球转"),
    ("woman", "try_on", "hat", "shop",
     "A woman is trying on a hat in a shop", "商店里，一位女士正在试一顶帽子"),
    ("child", "unbox", "headphones", "room",
     "A child is unboxing headphones in a room", "房间里，一个孩子正在开箱一副耳机"),
    ("robot", "point", "rainbow", "park",
     "A robot is pointing at a rainbow in a park", "公园里，一个机器人正指着一道彩虹"),
    ("chocolate", "melt", None, "kitchen", "Chocolate is melting in a kitchen", "厨房里，一块巧克力正在融化"),
    ("wind", "appear", None, "park", "The wind is coming into view in a park", "公园里，一阵风正在亮相"),
]  # fmt: skip


def test_the_coco_classes_are_in_their_order() -> None:
    assert len(LABELS) == 80
    assert (LABELS[0], LABELS[39], LABELS[-1]) == ("person", "bottle", "toothbrush")


def test_no_word_stands_twice() -> None:
    nouns, actions = COCO + EXTRAS, ACTIONS
    assert len(NOUN) == len(nouns)
    assert (len(ACTION), len(SETTING), len(MOOD)) == (len(actions), len(SETTINGS), len(MOODS)) == (48, 16, 5)


def test_articles_suit_the_word() -> None:
    """A vowel takes "an"; no word of the vocabulary is an exception such as "unicorn"."""
    for noun in NOUN.values():
        if noun.article in ("a", "an"):
            assert (noun.article == "an") == (noun.en[0] in "aeiou"), noun
        assert not (noun.plural and noun.article), noun


def test_every_chinese_word_can_be_written_with_the_font() -> None:
    """The font that comes along holds GB2312."""
    for word in (*NOUN.values(), *ACTION.values(), *SETTING.values(), *MOOD.values()):
        word.zh.encode("gb2312")


@pytest.mark.parametrize(("subject", "action", "thing", "setting", "en", "zh"), SENTENCES)
def test_sentences(subject: str, action: str, thing: str | None, setting: str, en: str, zh: str) -> None:
    shot = Shot(subject, action, thing, setting, "calm", "", 1.0)
    assert sentence(EN, shot, "en") == en
    assert sentence(ZH, shot, "zh") == zh


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_pair_of_words_makes_a_tidy_sentence(language: Language) -> None:
    template = EN + "!" if language == "en" else ZH + "！"
    for subject in NOUN:
        for action in ACTION:
            for thing in (None, "umbrella"):
                told = sentence(template, Shot(subject, action, thing, "park", "calm", "", 1.0), language)
                assert "  " not in told
                assert " !" not in told
                assert told[0] == told[0].upper()


def test_slots() -> None:
    assert slots_of(EN) == {"subject", "is", "action", "object", "setting"}
    with pytest.raises(ValueError, match="expected '}'"):
        slots_of("{subject")
