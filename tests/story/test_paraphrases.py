"""Curated questions in other words: each finds its topic, and what is near but not meant does not."""

from __future__ import annotations

import pytest

from reverie.story.library import Library, load_library
from reverie.story.questions import normal, understand
from reverie.values import Language

# Topic: how else people ask for it. None of these is a pattern of the library (a test sees to that).
PARAPHRASES: dict[str, tuple[str, ...]] = {
    "airplane": (
        "Why can planes fly?", "how do airplanes stay up", "tell me how an aeroplane flies",
        "飞机怎么会飞呢", "请问飞机为什么可以飞", "飞机是怎么飞的",
    ),
    "battery": (
        "How do batteries work?", "what's inside batteries", "please explain how a battery works",
        "电池怎么工作", "电池的电是从哪里来的", "电池里有什么",
    ),
    "bee-and-honey": (
        "How do bees create honey?", "how does the bee make its honey", "why do the bees make honey",
        "蜜蜂怎么酿蜜", "蜂蜜是怎么做的", "蜜蜂如何做蜂蜜呢",
    ),
    "bicycle": (
        "How do bicycles work?", "how does a bike work", "why doesn't a bike fall over",
        "自行车为什么不倒", "自行车是怎么工作的", "骑自行车为什么不会倒",
    ),
    "bread": (
        "How is a loaf of bread made?", "how do we make bread", "how do people make bread", "面包怎么做",
        "面包是怎么做出来的呢",
    ),
    "caterpillar-to-butterfly": (
        "How do caterpillars become butterflies?", "how does a caterpillar change into a butterfly",
        "why does the caterpillar become a butterfly", "毛毛虫怎么变成蝴蝶", "毛毛虫如何变成蝴蝶",
        "蝴蝶是从哪里来的",
    ),
    "dinosaur-walk": (
        "How does a dinosaur walk?", "please show me how dinosaurs walked", "恐龙怎么走路",
        "恐龙是如何走路的呢",
    ),
    "heart": (
        "How do hearts work?", "how does a heart beat", "what does my heart do", "心脏怎么工作",
        "心脏为什么跳", "心脏是怎么跳动的",
    ),
    "magnet": (
        "How does the magnet work?", "why do magnets attract iron", "why does a magnet stick",
        "磁铁怎么工作", "磁铁为什么可以吸铁", "磁铁是如何工作的",
    ),
    "paper": (
        "How do they make paper?", "how is a sheet of paper made", "how do people make paper", "纸怎么做",
        "纸是怎么做出来的",
    ),
    "recycling": ("what happens to the old bottles", "旧瓶子去哪里了"),
    "rocket": (
        "How do rockets fly?", "how does a rocket take off", "how do rockets go into space",
        "火箭怎么飞", "火箭为什么会飞", "火箭是怎么飞的",
    ),
    "seed-to-plant": (
        "How do seeds become plants?", "how does the seed grow", "how does a plant grow",
        "种子是怎么发芽的", "种子怎么长成植物", "植物是怎么生长的",
    ),
    "ship": (
        "Why do ships not sink?", "why does a ship float", "how do boats float",
        "船为什么能浮在水上", "轮船为什么不会沉", "大船为什么不沉",
    ),
    "teeth": (
        "Why should I brush my teeth?", "why do you brush your teeth", "为什么要刷牙呢", "我们为什么刷牙",
    ),
    "traffic-lights": ("How does a traffic light work?", "what do traffic lights mean", "红绿灯表示什么意思"),
    "volcano": (
        "Why does a volcano explode?", "how does the volcano erupt", "what makes a volcano erupt",
        "火山怎么会爆发", "火山怎么喷发", "火山是如何喷发的",
    ),
    "washing-hands": (
        "Why should we wash our hands?", "why do I wash my hands", "为什么要洗手呢", "我们为什么要洗手",
    ),
    "water-cycle": (
        "How does water become a cloud?", "how is a cloud formed", "where do the clouds come from",
        "水怎么变成云", "水是如何变成白云的？", "云是如何形成的",
    ),
    "whale-breathing": (
        "How does a whale breathe?", "how can whales breathe", "why does a whale spout water",
        "鲸鱼怎么呼吸", "鲸鱼是怎么呼吸的呢", "鲸鱼为什么喷水",
    ),
    "fish-breathing": (
        "How does a fish breathe?", "how do fish breathe in the water", "鱼怎么呼吸",
        "鱼在水里是怎么呼吸的",
    ),
    "rain": (
        "Why is it raining?", "where does the rain come from", "how does the rain form",
        "how do raindrops form",
        "为什么会下雨呢", "雨是从哪里来的", "为什么下雨", "雨怎么形成的",
    ),
    "rainbow": (
        "How does a rainbow form?", "why are there rainbows", "where do rainbows come from",
        "how do you make a rainbow",
        "彩虹怎么来的", "彩虹是如何形成的", "为什么会出现彩虹", "彩虹是从哪里来的",
    ),
    "day-and-night": (
        "Why do we have day and night?", "why is it dark in the night", "where does the sun go in the night",
        "为什么会有白天和黑夜", "为什么晚上天会黑", "太阳为什么下山", "白天和黑夜怎么来的",
    ),
    "seasons": (
        "Why do we have four seasons?", "what makes the seasons", "why is it hot in summer",
        "why is winter cold",
        "为什么会有四季", "四季怎么来的", "为什么夏天热", "为什么冬天冷",
    ),
    "moon-phases": (
        "Why does the moon change its shape?", "what are moon phases", "why is there a crescent moon",
        "why is the moon a crescent",
        "月亮为什么变形状", "月亮为什么不圆", "月亮为什么有圆有缺", "为什么月亮会变",
    ),
    "blue-sky": (
        "Why is the sky so blue?", "why is our sky so blue", "what makes our sky blue",
        "为什么天空是蓝色的", "天空是蓝色的为什么", "为什么天是蓝的",
    ),
    "lightning": (
        "How is lightning made?", "where does the lightning come from", "what makes lightning",
        "为什么打雷", "闪电怎么来的", "闪电是怎么形成的",
    ),
    "snowflake": (
        "How does a snowflake form?", "why is it snowing", "where does the snow come from",
        "雪花怎么形成的", "为什么下雪", "雪是从哪里来的",
    ),
    "building-blocks": ("how do I build with building blocks", "积木怎么搭"),
    "balloon": ("Why does a balloon float?", "why do balloons fly", "气球怎么会飞", "气球为什么飘"),
    "headphones": (
        "What's inside the headphones?", "how does a headphone work", "耳机里有什么", "耳机怎么工作",
    ),
}  # fmt: skip

# Near a curated question, and another one: another thing, another deed, a place, a price, a statement.
MISSES: tuple[str, ...] = (
    "how does a volcano taste", "where is the volcano", "how much is a battery", "where can I buy a battery",
    "where is the honey", "how much honey is there", "do bees sleep", "how do bees sleep", "what do bees eat",
    "how do penguins fly", "how do planes swim", "the plane takes off", "a bicycle", "I want a bicycle",
    "how much is this bicycle", "how old is the heart", "a heart-shaped balloon", "how do magnets sing",
    "how do robots work", "how does a rocket smell", "the rocket flies to the moon", "where are the rockets",
    "how do whales sing", "how do whales sleep", "how does a cat breathe", "a fish swims",
    "why do cats float",
    "how do dinosaurs sleep", "what do dinosaurs eat", "how does water become ice", "a seed",
    "bread and butter",
    "is there bread", "how much is the bread", "where is the paper", "how do teeth fall out of a chair",
    "she washes the dishes", "why do bears eat honey", "a traffic light", "the ship is late",
    "why is the sea blue", "why is the sky dark", "snow white", "where is the snow",
    "lightning strikes the tree", "snowflakes fall", "a blue sky", "大海为什么是蓝色的", "蓝色的天空",
    "雪花在哪里", "雪花飘落", "闪电击中大树",
    "where is the rainbow", "a rainbow over the sea", "it is raining", "it rains at night", "good night moon",
    "how far is the moon", "the moon is round", "fly me to the moon", "where is the moon",
    "how old is the earth",
    "how much is a balloon", "do you sell headphones", "how do I clean headphones", "a winter coat",
    "why is the sky full of birds",
    "why is the cat blue", "why is the banana yellow", "why do dogs bark", "why do I have to sleep",
    "彩虹在哪里", "海上的彩虹", "正在下雨", "月亮离我们多远", "月亮在哪里", "气球多少钱", "耳机多少钱",
    "冬天的衣服",
    "小猫为什么是蓝色的", "香蕉为什么是黄色的", "小狗为什么叫", "我为什么要睡觉", "太阳几岁了",
    "火山是什么味道", "火山在哪里", "电池多少钱", "电池在哪里买", "蜂蜜在哪里", "蜂蜜多少钱",
    "蜜蜂怎么睡觉", "蜜蜂吃什么",
    "企鹅怎么飞", "飞机多少钱", "一辆自行车", "自行车在哪里", "自行车多少钱", "心形气球", "机器人怎么工作",
    "火箭在哪里",
    "火箭飞向月亮", "鲸鱼怎么睡觉", "鲸鱼怎么唱歌", "猫怎么呼吸", "恐龙怎么睡觉", "恐龙吃什么",
    "水怎么变成冰", "面包多少钱",
    "面包在哪里", "牙刷多少钱", "纸在哪里", "熊为什么吃蜂蜜", "红绿灯", "轮船晚点了",
)  # fmt: skip


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(None)


@pytest.mark.parametrize(
    ("topic", "text"), [(topic, text) for topic, texts in PARAPHRASES.items() for text in texts]
)
def test_other_words_find_the_topic(library: Library, topic: str, text: str) -> None:
    understood = understand(text, None, library)
    assert (understood.confidence, understood.brief.topic) == ("curated", topic)


@pytest.mark.parametrize("text", MISSES)
def test_a_near_miss_is_another_question(library: Library, text: str) -> None:
    assert understand(text, None, library).confidence != "curated"


def test_every_pattern_finds_its_own_story(library: Library) -> None:
    """Also where another story's pattern is much like it."""
    languages: tuple[Language, ...] = ("en", "zh")
    lost = [
        (pattern, story.topic, found)
        for story in library.stories
        for language in languages
        for pattern in story.questions.of(language)
        if (found := understand(pattern, None, library).brief.topic) != story.topic
    ]
    assert lost == []


def test_paraphrases_are_no_patterns(library: Library) -> None:
    patterns = {
        " ".join(normal(pattern).split())
        for story in library.stories
        for pattern in (*story.questions.en, *story.questions.zh)
    }
    asked = {" ".join(normal(text).split()) for texts in PARAPHRASES.values() for text in texts}
    assert asked & patterns == set()
