"""The closed vocabulary: every word that a shot may be made of, and how it reads in a sentence.

Names are what crosses stage boundaries ("t-rex", "pick_up"); a generator can draw each of them. English and
Chinese forms are for sentences only. Nothing here tells people apart beyond person, child, woman and man,
and those come from the story library, never from the camera.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["noun", "action", "setting", "mood"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word: `name` as values carry it, `en` and `zh` as people read it, `kind` its table.

    A setting's `en` is a phrase that follows a sentence ("in a park"), its `zh` one that opens it ("公园里").
    """

    name: str
    en: str
    zh: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Noun(Word):
    """A thing or a living being.

    `article`: "a", "an", "the", or "" (mass nouns, and plurals such as "scissors"). `plural`: whether an
    English verb after it is plural. `measure`: the Chinese measure word with its numeral ("一只"), or ""
    where none belongs ("太阳"). `alive`: whether it can do what people and animals do.
    """

    article: Literal["a", "an", "the", ""]
    measure: str
    plural: bool = False
    alive: bool = False

    @property
    def phrase_en(self) -> str:
        """With its article: "an umbrella", "scissors", "the sun"."""
        return f"{self.article} {self.en}".lstrip()

    @property
    def phrase_zh(self) -> str:
        """With its measure word: "一把雨伞", "太阳"."""
        return self.measure + self.zh


@dataclass(frozen=True, slots=True)
class Verb(Word):
    """An action. `en` is the infinitive, `third` its third person, `ing` its participle.

    `zh_ing` is the Chinese for what is under way ("正在追"); `ing_alone` and `zh_alone` say it without an
    object ("a car is driving", 正在行驶). `link` is what joins an object to `ing`: "" for
    none ("chasing a ball"), a preposition ("looking at"), or None for actions that have no object. `zh_end`
    is what Chinese says after the object (坐在一把椅子上).
    """

    third: str
    ing: str
    zh_ing: str
    ing_alone: str
    zh_alone: str
    link: str | None = None
    zh_end: str = ""


def _noun(
    name: str, phrase: str, measure: str, zh: str, *, alive: bool = False, plural: bool = False
) -> Noun:
    """A noun from its English phrase with article and its Chinese measure word without numeral."""
    article, _, rest = phrase.partition(" ")
    counted = f"一{measure}" if measure else ""
    match article:
        case "a" | "an" | "the":
            return Noun(name, rest, zh, "noun", article, counted, plural, alive)
        case _:
            return Noun(name, phrase, zh, "noun", "", counted, plural, alive)


COCO: tuple[Noun, ...] = (
    _noun("person", "a person", "个", "人", alive=True),
    _noun("bicycle", "a bicycle", "辆", "自行车"),
    _noun("car", "a car", "辆", "汽车"),
    _noun("motorcycle", "a motorcycle", "辆", "摩托车"),
    _noun("airplane", "an airplane", "架", "飞机"),
    _noun("bus", "a bus", "辆", "公交车"),
    _noun("train", "a train", "列", "火车"),
    _noun("truck", "a truck", "辆", "卡车"),
    _noun("boat", "a boat", "条", "小船"),
    _noun("traffic light", "a traffic light", "个", "红绿灯"),
    _noun("fire hydrant", "a fire hydrant", "个", "消防栓"),
    _noun("stop sign", "a stop sign", "块", "停车标志"),
    _noun("parking meter", "a parking meter", "个", "停车计时器"),
    _noun("bench", "a bench", "张", "长椅"),
    _noun("bird", "a bird", "只", "小鸟", alive=True),
    _noun("cat", "a cat", "只", "猫", alive=True),
    _noun("dog", "a dog", "只", "狗", alive=True),
    _noun("horse", "a horse", "匹", "马", alive=True),
    _noun("sheep", "a sheep", "只", "绵羊", alive=True),
    _noun("cow", "a cow", "头", "奶牛", alive=True),
    _noun("elephant", "an elephant", "头", "大象", alive=True),
    _noun("bear", "a bear", "头", "熊", alive=True),
    _noun("zebra", "a zebra", "匹", "斑马", alive=True),
    _noun("giraffe", "a giraffe", "只", "长颈鹿", alive=True),
    _noun("backpack", "a backpack", "个", "背包"),
    _noun("umbrella", "an umbrella", "把", "雨伞"),
    _noun("handbag", "a handbag", "个", "手提包"),
    _noun("tie", "a tie", "条", "领带"),
    _noun("suitcase", "a suitcase", "个", "行李箱"),
    _noun("frisbee", "a frisbee", "个", "飞盘"),
    _noun("skis", "skis", "副", "滑雪板", plural=True),
    _noun("snowboard", "a snowboard", "块", "单板滑雪板"),
    _noun("sports ball", "a ball", "个", "球"),
    _noun("kite", "a kite", "只", "风筝"),
    _noun("baseball bat", "a baseball bat", "根", "棒球棒"),
    _noun("baseball glove", "a baseball glove", "只", "棒球手套"),
    _noun("skateboard", "a skateboard", "块", "滑板"),
    _noun("surfboard", "a surfboard", "块", "冲浪板"),
    _noun("tennis racket", "a tennis racket", "支", "网球拍"),
    _noun("bottle", "a bottle", "个", "瓶子"),
    _noun("wine glass", "a wine glass", "只", "高脚杯"),
    _noun("cup", "a cup", "个", "杯子"),
    _noun("fork", "a fork", "把", "叉子"),
    _noun("knife", "a knife", "把", "餐刀"),
    _noun("spoon", "a spoon", "把", "勺子"),
    _noun("bowl", "a bowl", "个", "碗"),
    _noun("banana", "a banana", "根", "香蕉"),
    _noun("apple", "an apple", "个", "苹果"),
    _noun("sandwich", "a sandwich", "个", "三明治"),
    _noun("orange", "an orange", "个", "橙子"),
    _noun("broccoli", "broccoli", "棵", "西兰花"),
    _noun("carrot", "a carrot", "根", "胡萝卜"),
    _noun("hot dog", "a hot dog", "个", "热狗"),
    _noun("pizza", "a pizza", "个", "披萨"),
    _noun("donut", "a donut", "个", "甜甜圈"),
    _noun("cake", "a cake", "个", "蛋糕"),
    _noun("chair", "a chair", "把", "椅子"),
    _noun("couch", "a couch", "张", "沙发"),
    _noun("potted plant", "a potted plant", "盆", "盆栽"),
    _noun("bed", "a bed", "张", "床"),
    _noun("dining table", "a dining table", "张", "餐桌"),
    _noun("toilet", "a toilet", "个", "马桶"),
    _noun("tv", "a TV", "台", "电视机"),
    _noun("laptop", "a laptop", "台", "笔记本电脑"),
    _noun("mouse", "a computer mouse", "个", "鼠标"),
    _noun("remote", "a remote control", "个", "遥控器"),
    _noun("keyboard", "a keyboard", "个", "键盘"),
    _noun("cell phone", "a mobile phone", "部", "手机"),
    _noun("microwave", "a microwave oven", "台", "微波炉"),
    _noun("oven", "an oven", "台", "烤箱"),
    _noun("toaster", "a toaster", "台", "烤面包机"),
    _noun("sink", "a sink", "个", "水槽"),
    _noun("refrigerator", "a refrigerator", "台", "冰箱"),
    _noun("book", "a book", "本", "书"),
    _noun("clock", "a clock", "个", "时钟"),
    _noun("vase", "a vase", "个", "花瓶"),
    _noun("scissors", "scissors", "把", "剪刀", plural=True),
    _noun("teddy bear", "a teddy bear", "只", "泰迪熊"),
    _noun("hair drier", "a hair dryer", "个", "吹风机"),
    _noun("toothbrush", "a toothbrush", "支", "牙刷"),
)
"""The 80 classes of COCO, in the order that detectors number them."""

EXTRAS: tuple[Noun, ...] = (
    _noun("child", "a child", "个", "孩子", alive=True),
    _noun("woman", "a woman", "位", "女士", alive=True),
    _noun("man", "a man", "位", "男士", alive=True),
    _noun("robot", "a robot", "个", "机器人", alive=True),
    _noun("dinosaur", "a dinosaur", "只", "恐龙", alive=True),
    _noun("t-rex", "a T. rex", "只", "霸王龙", alive=True),
    _noun("toy car", "a toy car", "辆", "玩具车"),
    _noun("balloon", "a balloon", "个", "气球"),
    _noun("headphones", "headphones", "副", "耳机", plural=True),
    _noun("building blocks", "building blocks", "堆", "积木", plural=True),
    _noun("ball", "a ball", "个", "皮球"),
    _noun("gift", "a gift", "份", "礼物"),
    _noun("rocket", "a rocket", "枚", "火箭"),
    _noun("volcano", "a volcano", "座", "火山"),
    _noun("cloud", "a cloud", "朵", "云"),
    _noun("water", "water", "", "水"),
    _noun("sun", "the sun", "", "太阳"),
    _noun("moon", "the moon", "", "月亮"),
    _noun("star", "a star", "颗", "星星"),
    _noun("tree", "a tree", "棵", "树"),
    _noun("flower", "a flower", "朵", "花"),
    _noun("seedling", "a seedling", "棵", "幼苗"),
    _noun("butterfly", "a butterfly", "只", "蝴蝶", alive=True),
    _noun("bee", "a bee", "只", "蜜蜂", alive=True),
    _noun("fish", "a fish", "条", "鱼", alive=True),
    _noun("whale", "a whale", "头", "鲸鱼", alive=True),
    _noun("rabbit", "a rabbit", "只", "兔子", alive=True),
    _noun("panda", "a panda", "只", "熊猫", alive=True),
    _noun("tiger", "a tiger", "只", "老虎", alive=True),
    _noun("lion", "a lion", "头", "狮子", alive=True),
    _noun("monkey", "a monkey", "只", "猴子", alive=True),
    _noun("penguin", "a penguin", "只", "企鹅", alive=True),
    _noun("frog", "a frog", "只", "青蛙", alive=True),
    _noun("turtle", "a turtle", "只", "乌龟", alive=True),
    _noun("guitar", "a guitar", "把", "吉他"),
    _noun("piano", "a piano", "架", "钢琴"),
    _noun("drum", "a drum", "面", "鼓"),
    _noun("camera", "a camera", "台", "相机"),
    _noun("television", "a television", "台", "电视"),
    _noun("watch", "a wristwatch", "块", "手表"),
    _noun("shoe", "a shoe", "只", "鞋子"),
    _noun("dress", "a dress", "条", "连衣裙"),
    _noun("hat", "a hat", "顶", "帽子"),
    _noun("bread", "bread", "个", "面包"),
    _noun("egg", "an egg", "个", "鸡蛋"),
    _noun("milk", "milk", "杯", "牛奶"),
    _noun("tea", "tea", "杯", "茶"),
    _noun("coffee", "coffee", "杯", "咖啡"),
    _noun("ice cream", "an ice cream", "支", "冰淇淋"),
    _noun("candy", "candy", "颗", "糖果"),
    _noun("pencil", "a pencil", "支", "铅笔"),
    _noun("globe", "a globe", "个", "地球仪"),
    _noun("magnet", "a magnet", "块", "磁铁"),
    _noun("battery", "a battery", "节", "电池"),
    _noun("light bulb", "a light bulb", "个", "灯泡"),
    _noun("key", "a key", "把", "钥匙"),
    _noun("lock", "a lock", "把", "锁"),
    _noun("house", "a house", "座", "房子"),
    _noun("bridge", "a bridge", "座", "桥"),
    _noun("ship", "a ship", "艘", "轮船"),
    _noun("helicopter", "a helicopter", "架", "直升机"),
    _noun("tractor", "a tractor", "辆", "拖拉机"),
    _noun("paint", "paint", "桶", "颜料"),
    _noun("puzzle", "a puzzle", "副", "拼图"),
    _noun("heart", "a heart", "颗", "爱心"),
    _noun("tooth", "a tooth", "颗", "牙齿"),
    _noun("soap", "soap", "块", "肥皂"),
    _noun("rainbow", "a rainbow", "道", "彩虹"),
    _noun("snowflake", "a snowflake", "片", "雪花"),
    _noun("earth", "the Earth", "", "地球"),
    _noun("seed", "a seed", "粒", "种子"),
    _noun("honey", "honey", "罐", "蜂蜜"),
    _noun("caterpillar", "a caterpillar", "条", "毛毛虫", alive=True),
    _noun("cocoon", "a cocoon", "个", "茧"),
    _noun("paper", "paper", "张", "纸"),
    _noun("recycling bin", "a recycling bin", "个", "回收箱"),
    _noun("sponge", "a sponge", "块", "海绵"),
    _noun("wheel", "a wheel", "个", "轮子"),
    _noun("lightning", "lightning", "道", "闪电"),
    _noun("chocolate", "chocolate", "块", "巧克力"),
    _noun("spider", "a spider", "只", "蜘蛛", alive=True),
    _noun("nest", "a nest", "个", "鸟窝"),
    _noun("mountain", "a mountain", "座", "大山"),
    _noun("river", "a river", "条", "小河"),
    _noun("leaf", "a leaf", "片", "树叶"),
    _noun("wind", "the wind", "阵", "风"),
    _noun("snowman", "a snowman", "个", "雪人"),
    _noun("ice", "ice", "块", "冰"),
    _noun("brush", "a brush", "把", "刷子"),
    _noun("hand", "a hand", "只", "手"),
)
"""What stories need beside what a detector can see."""


def _verb(
    name: str,
    third: str,
    ing: str,
    zh: str,
    zh_ing: str,
    link: str | None = None,
    alone: tuple[str, str] | None = None,
    *,
    zh_end: str = "",
) -> Verb:
    ing_alone, zh_alone = alone or (ing, zh_ing)
    en = name.replace("_", " ")
    return Verb(name, en, zh, "action", third, ing, zh_ing, ing_alone, zh_alone, link, zh_end)


ACTIONS: tuple[Verb, ...] = (
    _verb("appear", "comes into view", "coming into view", "亮相", "正在亮相"),
    _verb("hold", "holds", "holding", "拿着", "拿着", ""),
    _verb("pick_up", "picks up", "picking up", "拿起", "正拿起", ""),
    _verb("look_at", "looks at", "looking", "看", "正看着", "at", ("looking around", "正在张望")),
    _verb("wave", "waves", "waving", "挥手", "正在挥手"),
    _verb("walk", "walks", "walking", "走路", "正在散步"),
    _verb("run", "runs", "running", "跑", "正在奔跑"),
    _verb("jump", "jumps", "jumping", "跳", "正在跳跃"),
    _verb("dance", "dances", "dancing", "跳舞", "正在跳舞"),
    _verb("spin", "spins", "spinning", "旋转", "正在旋转"),
    _verb("fall", "falls", "falling", "落下", "正在落下"),
    _verb("float", "floats", "floating", "飘", "正在飘浮"),
    _verb("fly", "flies", "flying", "飞", "正在飞"),
    _verb("swim", "swims", "swimming", "游泳", "正在游泳"),
    _verb("drive", "drives", "driving", "驾驶", "正开着", "", ("driving", "正在行驶")),
    _verb("ride", "rides", "riding", "骑", "正骑着", "", ("riding along", "正在飞驰")),
    _verb("open", "opens", "opening", "打开", "正打开", "", ("opening", "正在打开")),
    _verb("read", "reads", "reading", "阅读", "正在读", "", ("reading", "正在读书")),
    _verb("drink", "drinks", "drinking", "喝", "正在喝", "", ("drinking", "正在喝东西")),
    _verb("eat", "eats", "eating", "吃", "正在吃", "", ("eating", "正在吃东西")),
    _verb("play", "plays", "playing", "玩", "正在玩", "with", ("playing", "正在玩耍")),
    _verb("push", "pushes", "pushing", "推", "正推着", "", ("pushing", "正在用力推")),
    _verb("chase", "chases", "chasing", "追", "正追着", "", ("chasing about", "正在追赶")),
    _verb("grow", "grows", "growing", "生长", "正在生长"),
    _verb("erupt", "erupts", "erupting", "喷发", "正在喷发"),
    _verb("sleep", "sleeps", "sleeping", "睡觉", "正在睡觉"),
    _verb("build", "builds", "building", "搭建", "正在搭", "", ("building", "正在搭建")),
    _verb(
        "take_apart", "takes apart", "taking apart", "拆开", "正在拆", "", ("coming apart", "正在一层层拆开")
    ),
    _verb("evaporate", "evaporates", "evaporating", "蒸发", "正在蒸发"),
    _verb("condense", "condenses", "condensing", "凝结", "正在凝结"),
    _verb("rain", "rains", "raining", "下雨", "正在下雨"),
    _verb("shine", "shines", "shining", "发光", "正在发光"),
    _verb(
        "put_down", "puts down", "putting down", "放下", "正放下", "", ("putting things down", "正在放东西")
    ),
    _verb("carry", "carries", "carrying", "搬", "正搬着", "", ("carrying things", "正在搬东西")),
    _verb("unbox", "unboxes", "unboxing", "开箱", "正在开箱", "", ("unboxing a parcel", "正在开箱")),
    _verb("try_on", "tries on", "trying on", "试穿", "正在试", "", ("trying things on", "正在试穿")),
    _verb("sit", "sits", "sitting", "坐", "正坐在", "on", ("sitting", "正坐着"), zh_end="上"),
    _verb("stand", "stands", "standing", "站", "正站在", "on", ("standing", "正站着"), zh_end="上"),
    _verb("climb", "climbs", "climbing", "爬", "正在爬", "", ("climbing up", "正在往上爬")),
    _verb("throw", "throws", "throwing", "扔", "正扔出", "", ("throwing", "正在投掷")),
    _verb("catch", "catches", "catching", "接住", "正接住", "", ("catching", "正在接")),
    _verb("kick", "kicks", "kicking", "踢", "正在踢", "", ("kicking", "正在踢腿")),
    _verb("melt", "melts", "melting", "融化", "正在融化"),
    _verb("boil", "boils", "boiling", "沸腾", "正在沸腾"),
    _verb("snow", "snows", "snowing", "下雪", "正在下雪"),
    _verb("orbit", "orbits", "orbiting", "环绕", "正绕着", "", ("circling", "正在绕圈"), zh_end="转"),
    _verb("point", "points", "pointing", "指", "正指着", "at", ("pointing", "正指着前方")),
    _verb("hug", "hugs", "hugging", "拥抱", "正抱着", "", ("hugging", "正在拥抱")),
)

SETTINGS: tuple[Word, ...] = (
    Word("shop", "in a shop", "商店里", "setting"),
    Word("toy_shelf", "in front of a toy shelf", "玩具货架前", "setting"),
    Word("electronics", "in an electronics shop", "数码店里", "setting"),
    Word("supermarket", "in a supermarket", "超市里", "setting"),
    Word("street", "on a street", "街道上", "setting"),
    Word("park", "in a park", "公园里", "setting"),
    Word("room", "in a room", "房间里", "setting"),
    Word("kitchen", "in a kitchen", "厨房里", "setting"),
    Word("classroom", "in a classroom", "教室里", "setting"),
    Word("night", "at night", "夜空下", "setting"),
    Word("sea", "at sea", "大海中", "setting"),
    Word("sky", "in the sky", "天空中", "setting"),
    Word("forest", "in a forest", "森林里", "setting"),
    Word("space", "in space", "太空中", "setting"),
    Word("studio", "in a studio", "摄影棚里", "setting"),
    Word("prehistoric", "in a prehistoric landscape", "史前大地上", "setting"),
)

MOODS: tuple[Word, ...] = (
    Word("calm", "calm", "平静", "mood"),
    Word("cheerful", "cheerful", "欢快", "mood"),
    Word("curious", "curious", "好奇", "mood"),
    Word("dramatic", "dramatic", "震撼", "mood"),
    Word("warm", "warm", "温暖", "mood"),
)

INSTRUMENTS = frozenset({"guitar", "piano", "drum"})
"""Played, not played with."""

LABELS: tuple[str, ...] = tuple(noun.name for noun in COCO)
NOUN: Mapping[str, Noun] = MappingProxyType({noun.name: noun for noun in COCO + EXTRAS})
ACTION: Mapping[str, Verb] = MappingProxyType({verb.name: verb for verb in ACTIONS})
SETTING: Mapping[str, Word] = MappingProxyType({word.name: word for word in SETTINGS})
MOOD: Mapping[str, Word] = MappingProxyType({word.name: word for word in MOODS})
