"""What a text is understood as: curated questions, the lexicon's reading of who does what, and the card."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.story.library import Library, load_library
from reverie.story.questions import (
    LONGEST,
    NOT_YET,
    PROPOSED,
    Understanding,
    brief_json,
    clean,
    detect_language,
    understand,
)
from reverie.story.vocabulary import ACTION, MOOD, NOUN, SETTING

Row = tuple[str, str | None, str | None, str | None]

# Text, then subject, action, object of what is shown first; all None: the card, "I cannot draw that yet".
ENGLISH: list[Row] = [
    ("a cat chases a butterfly", "cat", "chase", "butterfly"),
    ("The dog is running in the park", "dog", "run", None),
    ("a child is picking up a toy car", "child", "pick_up", "toy car"),
    ("two pandas dancing at night", "panda", "dance", None),
    ("watch a film", "person", "look_at", None),
    ("my new watch", "watch", "appear", None),
    ("a monkey eating bananas", "monkey", "eat", "banana"),
    ("Robots build a house", "robot", "build", "house"),
    ("a woman reads a book in a room", "woman", "read", "book"),
    ("the volcano is erupting", "volcano", "erupt", None),
    ("A man drives a red truck down the street", "man", "drive", "truck"),
    ("a penguin swims in the sea", "penguin", "swim", None),
    ("fish", "fish", "appear", None),
    ("a flying whale", "whale", "fly", None),
    ("a girl plays the guitar", "child", "play", "guitar"),
    ("the rabbit sleeps under a tree", "rabbit", "sleep", None),
    ("a lion knits a scarf", "lion", "appear", None),
    ("a bear is drinking coffee", "bear", "drink", "coffee"),
    ("rocket launching into space", "rocket", "fly", None),
    ("the apple falls from the tree", "apple", "fall", None),
    ("an orange cat sleeping on the couch", "cat", "sleep", None),
    ("a boy rides his bicycle to school", "child", "ride", "bicycle"),
    ("a flower grows", "flower", "grow", None),
    ("pick up the phone", "person", "pick_up", "cell phone"),
    ("the book is read by a robot", "robot", "read", "book"),
    ("somebody opens a gift", "person", "open", "gift"),
    ("a frog jumps over the tractor", "frog", "jump", None),
    ("an elephant pushes a car", "elephant", "push", "car"),
    ("the sun is shining", "sun", "shine", None),
    ("quantum chromodynamics", None, None, None),
    ("a train of thought about democracy", None, None, None),
    ("can you show me a helicopter?", "helicopter", "appear", None),
    ("a turtle holding an umbrella", "turtle", "hold", "umbrella"),
    ("people waving", "person", "wave", None),
    ("The kid looks at the moon", "child", "look_at", "moon"),
    ("a tiger with a balloon", "tiger", "appear", None),
    ("An old turtle slowly walks through the forest", "turtle", "walk", None),
    ("grandma drinks a cup of tea", "woman", "drink", "tea"),
    ("Draw a lion playing the drum", "lion", "play", "drum"),
    ("the teacher teaches a child to swim", "person", "appear", None),
    ("a bee flies around a flower", "bee", "fly", None),
    ("bees", "bee", "appear", None),
    ("The robot that can dance", "robot", "dance", None),
    ("kids open their presents", "child", "open", "gift"),
    ("A rabbit and a fox run in the field", "rabbit", "run", None),
    ("please show me how a seedling grows", "seedling", "grow", None),
    ("I want to ride a horse on the beach", "person", "ride", "horse"),
    ("the horse jumps over a house", "horse", "jump", None),
    ("dog", "dog", "appear", None),
    ("penguins love to eat fish", "penguin", "eat", "fish"),
    ("my phone fell into the water", "cell phone", "fall", None),
    ("the moon is shining over the sea", "moon", "shine", None),
    ("a monkey takes apart a clock", "monkey", "take_apart", "clock"),
    ("sleeping bear", "bear", "sleep", None),
    ("we park the car", "car", "appear", None),
    ("a mouse eats cheese", None, None, None),
    ("a giraffe wearing a hat", "giraffe", "appear", None),
    ("a frog is chased by a cat", "cat", "chase", "frog"),
    ("blockchain synergy", None, None, None),
    ("what time is it", None, None, None),
    ("how do airplanes fly", "airplane", "fly", None),
    ("a pizza spinning in space", "pizza", "spin", None),
    ("the cat's toy car", "toy car", "appear", None),
    ("watch the panda dance", "panda", "dance", None),
    ("a woman with long hair is reading", "woman", "read", None),
    ("tie a knot", None, None, None),
    ("a train arrives at the station", "train", "appear", None),
    ("children build a bridge with blocks", "child", "build", "bridge"),
    ("A panda is driving a tractor", "panda", "drive", "tractor"),
    ("An astronaut floats in space", None, None, None),
    ("my dog loves swimming in the lake", "dog", "swim", None),
    ("butterflies", "butterfly", "appear", None),
    ("make a short video of a rabbit eating a carrot", "rabbit", "eat", "carrot"),
    ("the tiger and the monkey dance in the kitchen", "tiger", "dance", None),
    ("a puppy is pushing a ball", "dog", "push", "ball"),
    ("He opened the fridge", "person", "open", "refrigerator"),
    ("three frogs jumping on a bed", "frog", "jump", None),
    ("a snake eats a mouse", None, None, None),
    ("stars twinkle at night", "star", "shine", None),
    ("a dad carrying his kid", "man", "carry", "child"),
    ("the ship sails across the ocean", "ship", "appear", None),
    ("the key opens the lock", "key", "appear", None),
    ("a clock", "clock", "appear", None),
    ("let's build a rocket", "person", "build", "rocket"),
    ("the weather forecast", None, None, None),
    ("look at that elephant", "person", "look_at", "elephant"),
    ("the blue bird watches a fish in the water", "bird", "look_at", "fish"),
    ("a lion roars", "lion", "appear", None),
    ("toast with the family", "bread", "appear", None),
    ("a zebra looks at a clock", "zebra", "look_at", "clock"),
    ("cows sleeping on the grass", "cow", "sleep", None),
    ("the robot picked up the key from the table", "robot", "pick_up", "key"),
    ("a hippo eats an apple", "apple", "appear", None),
    ("could you draw a horse riding a bicycle", "horse", "ride", "bicycle"),
    ("a kite in the sky", "kite", "appear", None),
    ("a man is opening an umbrella", "man", "open", "umbrella"),
    ("the fish swims behind the boat", "fish", "swim", None),
    ("grandpa and grandma dance", "man", "dance", None),
    ("does the moon shine", "moon", "shine", None),
    ("democracy", None, None, None),
    ("a puzzle is built by two children", "child", "build", "puzzle"),
    ("leaves fall from the tree", "leaf", "fall", None),
    ("a spider climbs the tree", "spider", "climb", "tree"),
    ("rainy street", "car", "appear", None),
    ("penguin with headphones", "penguin", "appear", None),
    ("a cup of hot chocolate", "chocolate", "appear", None),
    ("a bowl of milk", "milk", "appear", None),
    ("she put the vase down", "person", "put_down", "vase"),
    ("he took the radio apart", None, None, None),
    ("he took the clock apart", "person", "take_apart", "clock"),
    ("a panda tries the hat on", "panda", "try_on", "hat"),
    ("the tiger never swims", "tiger", "appear", None),
    ("cows don't fly", "cow", "appear", None),
    ("a lion eats spaghetti", "lion", "appear", None),
    ("the frog eats", "frog", "eat", None),
    ("the elephant trainer waves", "person", "wave", None),
    ("a banana-shaped phone", "cell phone", "appear", None),
    ("the robot locks the door", "robot", "appear", None),
    ("spin the globe", "globe", "spin", None),
    ("the girl melts chocolate", "chocolate", "melt", None),
    ("unlock the gate", None, None, None),
    ("the chair eats a pizza", "chair", "appear", None),
    ("the star revolves around the sun", "star", "orbit", "sun"),
]

CHINESE: list[Row] = [
    ("猫追蝴蝶", "cat", "chase", "butterfly"),
    ("一只狗在公园里跑", "dog", "run", None),
    ("孩子拿起玩具车", "child", "pick_up", "toy car"),
    ("熊猫在跳舞", "panda", "dance", None),
    ("慢慢来", None, None, None),
    ("猴子正在吃香蕉", "monkey", "eat", "banana"),
    ("机器人搭积木", "robot", "build", "building blocks"),
    ("一位女士在读书", "woman", "read", "book"),
    ("火山喷发", "volcano", "erupt", None),
    ("爸爸开着卡车", "man", "drive", "truck"),
    ("企鹅在海里游泳", "penguin", "swim", None),
    ("小鱼", "fish", "appear", None),
    ("鲸鱼在天上飞", "whale", "fly", None),
    ("小女孩弹钢琴", "child", "play", "piano"),
    ("兔子在树下睡觉", "rabbit", "sleep", None),
    ("狮子在织围巾", "lion", "appear", None),
    ("老虎喝茶", "tiger", "drink", "tea"),
    ("苹果从树上掉下来", "apple", "fall", None),
    ("马上开始", None, None, None),
    ("我想看恐龙", "dinosaur", "appear", None),
    ("男孩骑自行车去上学", "child", "ride", "bicycle"),
    ("花开了", "flower", "grow", None),
    ("大象推汽车", "elephant", "push", "car"),
    ("太阳发光", "sun", "shine", None),
    ("有人打开礼物", "person", "open", "gift"),
    ("青蛙跳过石头", "frog", "jump", None),
    ("请给我看一架直升机", "helicopter", "appear", None),
    ("乌龟拿着雨伞", "turtle", "hold", "umbrella"),
    ("今天天气真好", None, None, None),
    ("孩子看着月亮", "child", "look_at", "moon"),
    ("五分钟以后", None, None, None),
    ("这个很好看", None, None, None),
    ("气球飘上天空", "balloon", "float", None),
    ("妈妈买了新手表", "woman", "appear", None),
    ("小鸟唱歌", "bird", "appear", None),
    ("下雨了", "cloud", "rain", None),
    ("一只老乌龟慢慢地走过森林", "turtle", "walk", None),
    ("奶奶在喝一杯茶", "woman", "drink", "tea"),
    ("画一只打鼓的狮子", "lion", "play", "drum"),
    ("老师教孩子游泳", "person", "appear", None),
    ("蜜蜂围着花飞", "bee", "fly", None),
    ("会跳舞的机器人", "robot", "dance", None),
    ("孩子们打开礼物", "child", "open", "gift"),
    ("请演示向日葵是怎么长大的", "flower", "grow", None),
    ("我想骑马", "person", "ride", "horse"),
    ("马儿跳过房子", "horse", "jump", None),
    ("企鹅爱吃鱼", "penguin", "eat", "fish"),
    ("手机掉进水里", "cell phone", "fall", None),
    ("月亮照耀着大海", "moon", "shine", None),
    ("猴子把闹钟拆开了", "monkey", "take_apart", "clock"),
    ("一只戴帽子的长颈鹿", "giraffe", "appear", None),
    ("青蛙被猫追", "cat", "chase", "frog"),
    ("区块链赋能", None, None, None),
    ("现在几点", None, None, None),
    ("飞机为什么会飞", "airplane", "fly", None),
    ("披萨在太空旋转", "pizza", "spin", None),
    ("妈妈的手表", "watch", "appear", None),
    ("看熊猫跳舞", "panda", "dance", None),
    ("火车到站了", "train", "appear", None),
    ("河马在睡觉", None, None, None),
    ("吃香蕉的猴子", "monkey", "eat", "banana"),
    ("爸爸开车去超市", "man", "drive", "car"),
    ("老鼠吃奶酪", None, None, None),
    ("放风筝", "kite", "appear", None),
    ("小狗和小猫玩皮球", "dog", "play", "ball"),
    ("开会讨论预算", None, None, None),
    ("蝴蝶飞", "butterfly", "fly", None),
    ("熊猫开拖拉机", "panda", "drive", "tractor"),
    ("宇航员在太空飘", None, None, None),
    ("我家的狗喜欢在湖里游泳", "dog", "swim", None),
    ("蝴蝶", "butterfly", "appear", None),
    ("帮我画一只吃胡萝卜的兔子", "rabbit", "eat", "carrot"),
    ("老虎和猴子在厨房跳舞", "tiger", "dance", None),
    ("小狗推着皮球", "dog", "push", "ball"),
    ("他打开了冰箱", "person", "open", "refrigerator"),
    ("三只青蛙在床上跳", "frog", "jump", None),
    ("星星在夜里闪烁", "star", "shine", None),
    ("爸爸抱着孩子", "man", "hug", "child"),
    ("轮船横渡大海", "ship", "appear", None),
    ("一个时钟", "clock", "appear", None),
    ("我们来搭一座桥吧", "person", "build", "bridge"),
    ("股票又跌了", None, None, None),
    ("看那头大象", "person", "look_at", "elephant"),
    ("蓝色的小鸟看着水里的鱼", "bird", "look_at", "fish"),
    ("狮子大吼一声", "lion", "appear", None),
    ("妈妈在厨房做蛋糕", "woman", "appear", None),
    ("机器人弹吉他", "robot", "play", "guitar"),
    ("小明在看书", "book", "appear", None),
    ("斑马看着时钟", "zebra", "look_at", "clock"),
    ("奶牛在草地上睡觉", "cow", "sleep", None),
    ("机器人从桌子上拿起钥匙", "robot", "pick_up", "key"),
    ("河马吃苹果", "apple", "appear", None),
    ("请画一匹骑自行车的马", "horse", "ride", "bicycle"),
    ("天上的风筝", "kite", "appear", None),
    ("男人打开雨伞", "man", "open", "umbrella"),
    ("鱼在船后面游", "fish", "swim", None),
    ("爷爷和奶奶跳舞", "man", "dance", None),
    ("月亮会发光吗", "moon", "shine", None),
    ("民主", None, None, None),
    ("孩子把拼图拆开", "child", "take_apart", "puzzle"),
    ("树叶落下", "leaf", "fall", None),
    ("蜘蛛爬树", "spider", "climb", "tree"),
    ("下雨的街道", "cloud", "rain", None),
    ("戴耳机的企鹅", "penguin", "appear", None),
    ("星星绕着太阳转", "star", "orbit", "sun"),
    ("老虎不会游泳", "tiger", "appear", None),
    ("狮子吃面条", "lion", "appear", None),
    ("电视剧真好看", None, None, None),
    ("老鹰抓小鸡", None, None, None),
    ("奶奶放下花瓶", "woman", "put_down", "vase"),
    ("姐姐试穿鞋子", "woman", "try_on", "shoe"),
    ("孩子坐在长椅上", "child", "sit", None),
    ("水沸腾了", "water", "boil", None),
]

FLOOR = 0.95
"""Share of the sentences above that must be read right in full. Measured: all of them.
On first sight, before any rule was changed for them, English was 36 of 36, 27 of 32, 22 of 22, 16 of 16,
Chinese 35 of 36, 25 of 32, 20 of 22, 15 of 16: four sets, in the order above, by the author of the rules, who
could not forget them. Expect less of strangers."""

# Words that hold another word: none of them may be drawn as that.
TRAPS: list[tuple[str, str]] = [
    ("慢", "sheep"),  # the sloth (and whatever else) that a lexicon of emoji finds
    ("马上就来", "horse"),
    ("今天真开心", "open"),
    ("我在书店", "book"),
    ("分钟", "clock"),
    ("星期五", "star"),
    ("水果", "water"),
    ("手表演员", "horse"),
    ("推荐一下", "push"),
    ("watch a film", "watch"),
    ("I book a hotel", "book"),
    ("to train a team", "train"),
    ("a piece of cake", "cake"),
    ("bear in mind", "bear"),
    ("it is raining cats and dogs", "cat"),
    ("a mouse eats cheese", "mouse"),
    ("a cat chases a mouse", "mouse"),
    ("a hippo sleeps", "person"),
    ("河马在睡觉", "horse"),
    ("orange cats", "orange"),
]

# Question, topic: the library's own and small variations of them.
CURATED: list[tuple[str, str]] = [
    ("how do dinosaurs walk", "dinosaur-walk"),
    ("How do dinosaurs walk?", "dinosaur-walk"),
    ("how does a dinosaur walk", "dinosaur-walk"),
    ("please show me how dinosaurs walked", "dinosaur-walk"),
    ("dinosaurs, how do they walk?!", "dinosaur-walk"),
    ("恐龙是怎么走路的", "dinosaur-walk"),
    ("恐龙是怎么走路的？", "dinosaur-walk"),
    ("恐龙怎么走路", "dinosaur-walk"),
    ("恐龙是如何走路的呢", "dinosaur-walk"),
    ("请问恐龙怎样走路啊", "dinosaur-walk"),
    ("how does water become clouds", "water-cycle"),
    ("How does water become a cloud?", "water-cycle"),
    ("how is a cloud formed", "water-cycle"),
    ("where does the rain come from", "rain"),
    ("水是怎么变成云的", "water-cycle"),
    ("水怎么变成云", "water-cycle"),
    ("水是如何变成白云的？", "water-cycle"),
    ("为什么会下雨？", "rain"),
    ("why do balloons float?", "balloon"),
    ("气球为什么会飞", "balloon"),
    ("what's inside headphones", "headphones"),
    ("耳机里面有什么？", "headphones"),
    ("搭积木", "building-blocks"),
    ("Why does a volcano erupt?", "volcano"),
    ("火山为什么会爆发？", "volcano"),
    ("Hello!", "hello"),
]

# Near a curated question, and another one: these must not be answered with its story.
NOT_CURATED: list[str] = [
    "how do penguins walk",
    "how do dinosaurs sleep",
    "what do dinosaurs eat",
    "how does water become ice",
    "恐龙怎么睡觉",
    "企鹅怎么走路",
    "水怎么变成冰",
    "it rains",
    "下雨了",
    "a balloon",
]


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(None)


def _first(understood: Understanding) -> tuple[str | None, str | None, str | None]:
    shot = understood.brief.shots[0]
    return (None, None, None) if understood.confidence == "card" else (shot.subject, shot.action, shot.object)


@pytest.mark.parametrize("rows", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_sentences_are_read_right(library: Library, rows: list[Row]) -> None:
    wrong = [
        (text, want, got)
        for text, *want in rows
        if (got := [*_first(understand(text, None, library))]) != want
    ]
    assert len(rows) >= 60
    assert 1 - len(wrong) / len(rows) >= FLOOR, wrong


@pytest.mark.parametrize(("text", "never"), TRAPS)
def test_no_absurd_match(library: Library, text: str, never: str) -> None:
    assert never not in _first(understand(text, None, library))


@pytest.mark.parametrize(("text", "topic"), CURATED)
def test_curated_questions(library: Library, text: str, topic: str) -> None:
    understood = understand(text, None, library)
    assert (understood.confidence, understood.brief.topic) == ("curated", topic)


@pytest.mark.parametrize("text", NOT_CURATED)
def test_another_question_is_not_the_curated_one(library: Library, text: str) -> None:
    assert understand(text, None, library).confidence != "curated"


def test_the_caption_of_a_read_text_is_the_text(library: Library) -> None:
    understood = understand("  A cat\nchases a 🦋 butterfly!\x07 ", None, library)
    assert understood.brief.shots[0].caption == "A cat chases a butterfly!"
    assert understood.brief.topic == "ask/cat/chase/butterfly"
    assert understood.matched == ("cat", "chases", "butterfly")


def test_what_cannot_be_drawn_is_said(library: Library) -> None:
    for text, language in (
        ("quantum chromodynamics", "en"),
        ("区块链赋能", "zh"),
        ("🦖🦖", "en"),
        ("", "en"),
    ):
        understood = understand(text, None, library)
        shot = understood.brief.shots[0]
        assert (understood.confidence, understood.brief.topic) == ("card", "card")
        assert len(understood.brief.shots) == 1 + PROPOSED
        for proposal in understood.brief.shots[1:]:
            assert understand(proposal.caption, None, library).confidence == "curated"
            assert proposal.caption[-1] in "?？"
        assert (shot.subject, shot.action, shot.setting) == ("light bulb", "appear", "studio")
        assert shot.caption == NOT_YET["zh" if language == "zh" else "en"]


def test_a_card_proposes_what_is_nearest(library: Library) -> None:
    """What shares a word with the text comes first; else it changes with the text, and only with it."""
    asked = understand("why can't volcanoes or magnets be elected", None, library)
    if asked.confidence == "card":
        assert {"volcano", "magnet"} & {shot.subject for shot in asked.brief.shots}
    near = understand("honey moon honey moon honey", "en", library)
    cards = {understand(word, "en", library).brief for word in ("blah", "blub", "zonk", "flerp", "quux")}
    assert len(cards) > 1
    assert understand("blah", "en", library).brief in cards
    assert near.confidence != "curated"


# Text, then setting, light and view of what is shown.
SEEN: list[tuple[str, str, str, str]] = [
    ("a cat runs in the park at sunset", "park", "dusk", ""),
    ("a cat runs in the park at night", "park", "night", ""),
    ("a whale swims at dawn", "sea", "dawn", ""),
    ("two pandas dancing at night", "forest", "night", ""),
    ("a robot dances at night", "night", "day", ""),
    ("a rocket at night", "night", "day", ""),
    ("a rocket in space at night", "space", "day", ""),
    ("sunset", "sky", "dusk", ""),
    ("a cat sits on a chair at night", "room", "night", ""),
    ("the moon orbits the earth", "space", "day", ""),
    ("a child looks at the moon", "night", "day", ""),
    ("a man points at a rainbow", "park", "day", ""),
    ("close-up of a butterfly", "park", "day", "close"),
    ("wide shot of an elephant in a forest", "forest", "day", "wide"),
    ("a cat runs", "park", "day", ""),
    ("傍晚小狗在公园里跑", "park", "dusk", ""),
    ("清晨鲸鱼在海里游泳", "sea", "dawn", ""),
    ("晚上小狗在街上跑", "street", "night", ""),
    ("日落", "sky", "dusk", ""),
    ("蝴蝶特写", "park", "day", "close"),
    ("大象全景", "park", "day", "wide"),
]


@pytest.mark.parametrize(("text", "setting", "light", "view"), SEEN)
def test_time_of_day_and_view(library: Library, text: str, setting: str, light: str, view: str) -> None:
    shot = understand(text, None, library).brief.shots[0]
    assert (shot.setting, shot.light, shot.view) == (setting, light, view)


def test_an_unknown_verb_shows_the_subject_calmly(library: Library) -> None:
    shot = understand("a lion knits a hat", None, library).brief.shots[0]
    assert (shot.subject, shot.action, shot.object, shot.mood) == ("lion", "appear", None, "calm")


def test_the_language_given_wins(library: Library) -> None:
    assert understand("pizza", "zh", library).language == "zh"
    assert detect_language("a 猫") == "zh"
    assert detect_language("a cat") == "en"


# A text; whether it is answered with the card, which does not repeat it, whatever else it speaks of.
UNSEEMLY = [
    ("a fucking cat dances", True),
    ("KILL the dog", True),
    ("杀死小狗", True),
    ("他妈的猫", True),
    ("妈妈的手表", False),  # 妈的 is of 妈妈的
    ("a bass guitar", False),
    ("why do flowers die", False),
]


@pytest.mark.parametrize(("text", "refused"), UNSEEMLY)
def test_what_nobody_wants_to_read(library: Library, text: str, refused: bool) -> None:
    understood = understand(text, None, library)
    assert (understood.confidence == "card") is refused
    assert (text in {shot.caption for shot in understood.brief.shots}) is not refused
    assert (understood.text == "") is refused


# Traditional characters; the same in simplified ones.
TRADITIONAL = [
    ("飛機為什麼會飛", "飞机为什么会飞"),
    ("貓追蝴蝶", "猫追蝴蝶"),
    ("長頸鹿吃樹葉", "长颈鹿吃树叶"),
]


@pytest.mark.parametrize(("traditional", "simplified"), TRADITIONAL)
def test_traditional_characters_are_read_alike(library: Library, traditional: str, simplified: str) -> None:
    one, other = (understand(text, None, library) for text in (traditional, simplified))
    assert one.confidence != "card"
    assert (one.confidence, one.brief.topic) == (other.confidence, other.brief.topic)


# A pronoun does what cannot be drawn, or something unknown does it: nobody to show.
NOBODY = ["when do you open on Sunday", "I want a picure of a hors jumping"]


@pytest.mark.parametrize("text", NOBODY)
def test_a_pronoun_alone_is_nobody_to_show(library: Library, text: str) -> None:
    assert understand(text, None, library).confidence == "card"


def test_json_is_plain(library: Library) -> None:
    shown = brief_json(understand("how does water become clouds", None, library))
    assert json.loads(json.dumps(shown)) == shown
    assert shown["confidence"] == "curated"
    assert [shot["action"] for shot in shown["shots"]] == ["evaporate", "condense", "rain"]


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300))
def test_captions_are_clean_and_short(text: str) -> None:
    line = clean(text)
    assert len(line) <= LONGEST
    assert line == line.strip()
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "So") for char in line)


@settings(deadline=None, max_examples=150)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [row[0] for row in ENGLISH + CHINESE] + ["by", "被", "of", "的", "and", "把", "is", "在"]
            ),
            max_size=3,
        ).map(" ".join),
    )
)
def test_whatever_is_asked_the_brief_is_of_the_vocabulary(library: Library, text: str) -> None:
    understood = understand(text, None, library)
    assert understood == understand(text, None, library)
    for shot in understood.brief.shots:
        assert shot.subject in NOUN
        assert shot.action in ACTION
        assert shot.object is None or shot.object in NOUN
        assert shot.setting in SETTING
        assert shot.mood in MOOD
        assert not (shot.action == "appear" and shot.object)


# What somebody is beside says that it happens outdoors; what a thing is in or on at home does not.
BESIDE = [
    ("a girl reads a book under a tree at night", "park", "night"),
    ("孩子在树下看书", "park", "day"),
    ("a dog sleeps by the river", "park", "day"),
    ("a cat sleeps on the couch", "room", "day"),
    ("a child reads a book in the kitchen under a tree", "kitchen", "day"),
]


@pytest.mark.parametrize(("text", "setting", "light"), BESIDE)
def test_what_is_beside_says_where(text: str, setting: str, light: str) -> None:
    shot = understand(text, None, load_library(None)).brief.shots[0]
    assert (shot.setting, shot.light) == (setting, light)
