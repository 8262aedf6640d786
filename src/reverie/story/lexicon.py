"""Which words of everyday English and Chinese mean which word of the vocabulary.

Only what reads safely is here: a word that would often draw the wrong thing ("bat", "glasses", 表) is left
out, and words that merely contain another (马上 holds a 马 but no horse, "piece of cake") are listed as
idioms, so that they are read whole and mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from reverie.story.vocabulary import ACTIONS, COCO, EXTRAS, SETTINGS
from reverie.values import Language

TokenKind = Literal["noun", "action", "setting", "pronoun", "question", "small", "idiom", "other"]


@dataclass(frozen=True, slots=True)
class Sense:
    """What a piece of text can mean: `name` is of the vocabulary for nouns, actions and settings."""

    kind: TokenKind
    name: str


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text in order, as written, and all it can mean (at least one sense)."""

    text: str
    senses: tuple[Sense, ...]

    def name(self, kind: TokenKind) -> str | None:
        """The word of `kind` that it can be, or None."""
        return next((sense.name for sense in self.senses if sense.kind == kind), None)


def words(text: str) -> tuple[str, ...]:
    """The words of `text`, which stand between blanks."""
    return tuple(text.split())


# ---------------------------------------------------------------------------------- synonyms

NOUNS_EN: Mapping[str, str] = {
    "person": (
        "person people human humans somebody someone customer visitor friend adult crowd everyone "
        "everybody anyone teacher student dancer swimmer runner reader"
    ),
    "child": "kid boy girl toddler kids children schoolchild",
    "woman": "women lady mother mom mum grandmother grandma",
    "man": "men guy father dad grandfather grandpa",
    "bicycle": "bike cycle",
    "car": "automobile taxi cab",
    "motorcycle": "motorbike scooter",
    "airplane": "aeroplane plane jet aircraft",
    "truck": "lorry van",
    "boat": "canoe sailboat rowboat",
    "ship": "ferry steamship cruise-ship",
    "traffic light": "traffic-lights stoplight",
    "bird": "sparrow birdie",
    "cat": "kitten kitty",
    "dog": "puppy doggy",
    "horse": "pony",
    "sheep": "lamb",
    "cow": "cattle",
    "bear": "polar-bear brown-bear",
    "backpack": "rucksack schoolbag",
    "handbag": "purse",
    "tie": "necktie",
    "suitcase": "luggage",
    "sports ball": "football basketball volleyball soccer-ball tennis-ball",
    "skis": "ski",
    "cup": "mug teacup",
    "wine glass": "glass-of-wine",
    "donut": "doughnut",
    "couch": "sofa",
    "potted plant": "houseplant house-plant plant",
    "dining table": "table",
    "tv": "telly",
    "laptop": "computer notebook-computer",
    "mouse": "computer-mouse",
    "remote": "remote-control",
    "cell phone": "cellphone mobile-phone phone smartphone telephone",
    "refrigerator": "fridge",
    "microwave": "microwave-oven",
    "book": "storybook novel",
    "clock": "alarm-clock",
    "teddy bear": "teddy plush-bear",
    "hair drier": "hair-dryer hairdryer hairdrier blow-dryer",
    "robot": "android",
    "dinosaur": "dino brontosaurus brachiosaurus",
    "t-rex": "tyrannosaurus tyrannosaurus-rex trex",
    "toy car": "model-car",
    "headphones": "headphone earphones headset",
    "building blocks": "blocks bricks toy-bricks lego building-block",
    "gift": "present",
    "rocket": "spaceship spacecraft",
    "tree": "oak pine",
    "flower": "rose tulip daisy sunflower blossom",
    "seedling": "sprout sapling",
    "bee": "bumblebee honeybee",
    "fish": "goldfish fishes",
    "rabbit": "bunny hare",
    "monkey": "ape chimpanzee",
    "turtle": "tortoise",
    "watch": "wrist-watch wristwatch",
    "shoe": "sneaker boot",
    "dress": "skirt gown",
    "hat": "cap",
    "bread": "loaf toast",
    "ice cream": "icecream ice-cream-cone",
    "candy": "candies sweets lollipop",
    "pencil": "crayon",
    "light bulb": "lightbulb bulb lamp",
    "lock": "padlock",
    "house": "cottage",
    "puzzle": "jigsaw",
    "tooth": "teeth",
    "sun": "sunshine",
    "knife": "knives",
}

VERBS_EN: Mapping[str, str] = {
    "hold": "hold carry hug",
    "pick_up": "pick_up pick lift grab",
    "look_at": "look watch stare gaze",
    "wave": "wave greet",
    "walk": "walk stroll wander waddle march",
    "run": "run jog race gallop sprint",
    "jump": "jump hop leap bounce",
    "dance": "dance",
    "spin": "spin rotate twirl whirl turn_around",
    "fall": "fall drop tumble fall_down",
    "float": "float drift hover",
    "fly": "fly soar launch take_off lift_off",
    "swim": "swim dive",
    "drive": "drive steer",
    "ride": "ride",
    "open": "open unwrap unpack",
    "read": "read",
    "drink": "drink sip",
    "eat": "eat munch nibble chew devour bite",
    "play": "play",
    "push": "push shove",
    "chase": "chase pursue run_after chase_after hunt",
    "grow": "grow bloom sprout blossom",
    "erupt": "erupt explode",
    "sleep": "sleep nap snooze doze fall_asleep",
    "build": "build construct stack",
    "take_apart": "take_apart dismantle disassemble",
    "evaporate": "evaporate",
    "condense": "condense",
    "rain": "rain drizzle",
    "shine": "shine glow sparkle twinkle",
}

PAST = {
    "hold": "held", "run": "ran", "leap": "leapt", "spin": "spun", "fall": "fell fallen", "fly": "flew flown",
    "swim": "swam swum", "drive": "drove driven", "ride": "rode ridden", "drink": "drank drunk",
    "eat": "ate eaten", "bite": "bit bitten", "grow": "grew grown", "sleep": "slept", "build": "built",
    "take": "took taken", "shine": "shone",
}  # fmt: skip

SETTINGS_EN: Mapping[str, str] = {
    "shop": "shop store mall showroom",
    "toy_shelf": "toy-shelf toy-shop toy-store shelf",
    "electronics": "electronics-shop electronics-store",
    "supermarket": "supermarket grocery",
    "street": "street road city town highway",
    "park": "park garden meadow playground field grass",
    "room": "room bedroom living-room home house",
    "kitchen": "kitchen",
    "classroom": "classroom school",
    "night": "night midnight dark",
    "sea": "sea ocean lake river pool water beach waves",
    "sky": "sky air clouds",
    "forest": "forest woods jungle",
    "space": "space outer-space",
    "studio": "studio",
    "prehistoric": "prehistoric-times jurassic",
}
"""Places count after a preposition only ("in the park"), so that "park the car" is none."""

IDIOMS_EN = words(
    """
    train-of-thought piece-of-cake bear-in-mind cloud-computing light-year light-years watch-out
    look-after look-for look-forward look-like fall-in-love run-out run-a play-a-role play-a-part
    in-the-long-run key-point heart-attack couch-potato cats-and-dogs early-bird book-a book-an
    take-a-picture hold-on pick-a fish-and-chips under-the-weather tea-time bus-stop no-time on-fire
    orange-juice mouse-trap full-moon-party bear-market bull-market egg-on star-wars time-flies
    break-a-leg hot-potato dog-days train-for apple-of tie-the-knot book-club watch-your fall-apart
    drop-out drive-me run-for grow-up open-source open-minded open-question
    """
)

SMALL_EN = frozenset(
    words(
        """
    a an the this that these those some any my your his her its our their is are was were be been being
    am do does did has have had of in on at to by with from into onto over under near through across
    down up out off for and or then than so very just please s t too also there here again as while
    about around around it one two three four five six many few big little small not no can could will
    would should may might must let lets me us get go goes going gets along beside behind above below
    after before against toward towards who which like likes love loves want wants try tries trying
    start starts starting begin begins learn learns learning keep keeps need needs
    """
    )
)

QUESTIONS_EN = frozenset(words("how why what where when whats hows"))
PRONOUNS_EN = frozenset(words("i you he she we they me him them us"))

NOUNS_ZH: Mapping[str, str] = {
    "person": "人们 大家 有人 某人 顾客 客人 朋友 行人 老人 老师 学生 大人 路人 人类 人群",
    "child": "小孩 小孩子 小朋友 男孩 女孩 小男孩 小女孩 儿童 宝宝 孩子们 小朋友们",
    "woman": "女人 妈妈 阿姨 奶奶 姐姐 女生 母亲",
    "man": "男人 爸爸 叔叔 爷爷 哥哥 男生 父亲 先生",
    "bicycle": "单车 脚踏车",
    "car": "小汽车 轿车 车 车子 出租车 小车",
    "motorcycle": "摩托",
    "airplane": "客机",
    "bus": "公共汽车 巴士 公交 大巴",
    "train": "高铁 列车 小火车 动车",
    "truck": "货车 大卡车",
    "boat": "船 帆船 小舟 小木船",
    "traffic light": "交通灯 信号灯",
    "fire hydrant": "消火栓",
    "bench": "长凳",
    "bird": "鸟 鸟儿 麻雀",
    "cat": "小猫 猫咪 猫儿",
    "dog": "小狗 狗狗",
    "horse": "小马 马儿 骏马",
    "sheep": "羊 小羊 山羊 羊群",
    "cow": "牛 小牛 母牛",
    "elephant": "小象 象",
    "bear": "小熊 狗熊 棕熊 北极熊 大熊",
    "backpack": "书包 双肩包",
    "umbrella": "伞",
    "handbag": "手袋 包包 女包",
    "suitcase": "旅行箱 箱子 皮箱",
    "sports ball": "足球 篮球 排球 网球",
    "ball": "小球",
    "bottle": "水瓶",
    "wine glass": "酒杯 红酒杯",
    "cup": "茶杯 水杯 马克杯",
    "knife": "刀 刀子 小刀",
    "fork": "叉",
    "spoon": "调羹 汤匙",
    "orange": "橘子 桔子",
    "broccoli": "西蓝花",
    "carrot": "萝卜",
    "pizza": "比萨 披萨饼",
    "donut": "面包圈",
    "cake": "生日蛋糕",
    "potted plant": "盆栽植物 绿植",
    "dining table": "桌子 饭桌",
    "television": "电视",
    "laptop": "电脑 笔记本 计算机",
    "cell phone": "电话 智能手机",
    "refrigerator": "电冰箱",
    "book": "书本 故事书 图书 绘本",
    "clock": "钟 闹钟 钟表 挂钟",
    "teddy bear": "玩具熊 小熊玩具 毛绒熊 布熊",
    "hair drier": "电吹风",
    "robot": "小机器人",
    "dinosaur": "小恐龙 大恐龙",
    "t-rex": "暴龙",
    "toy car": "玩具汽车 玩具小车",
    "headphones": "耳麦",
    "building blocks": "乐高",
    "gift": "礼品 礼盒",
    "rocket": "飞船 宇宙飞船",
    "cloud": "白云 云朵 乌云 云彩",
    "water": "水滴 河水 海水 水珠",
    "sun": "阳光",
    "moon": "月球 月光",
    "star": "星 小星星",
    "tree": "大树 小树 树木",
    "flower": "花朵 鲜花 小花 玫瑰 向日葵 花儿",
    "seedling": "小苗 种子 嫩芽 小草",
    "bee": "小蜜蜂",
    "fish": "小鱼 金鱼 大鱼 鱼儿",
    "whale": "鲸 蓝鲸",
    "rabbit": "小兔子 兔 小兔 白兔 小白兔",
    "panda": "大熊猫 小熊猫",
    "tiger": "虎 小老虎",
    "lion": "小狮子",
    "monkey": "猴 小猴 小猴子",
    "frog": "小青蛙",
    "turtle": "海龟 小乌龟",
    "drum": "大鼓 小鼓",
    "camera": "照相机",
    "shoe": "鞋 球鞋 皮鞋",
    "dress": "裙子",
    "hat": "帽",
    "bread": "吐司",
    "egg": "蛋",
    "ice cream": "冰激凌 雪糕 冰棍",
    "candy": "糖 棒棒糖",
    "pencil": "笔",
    "magnet": "吸铁石",
    "light bulb": "电灯 台灯 灯",
    "lock": "门锁",
    "house": "小屋 屋子 小房子",
    "bridge": "大桥 小桥",
    "ship": "大船 船只",
    "paint": "油漆",
    "heart": "心形",
    "tooth": "牙",
    "soap": "香皂",
}

VERBS_ZH: Mapping[str, str] = {
    "hold": "拿着 抱着 抱 举着 提着 捧着 握着 打着 撑着 拿",
    "pick_up": "拿起 捡起 拾起 举起 抓起 拿起来 捡起来",
    "look_at": "看着 看见 看到 望着 盯着 观看 欣赏 看",
    "wave": "挥手 招手 打招呼",
    "walk": "走路 散步 行走 走来走去 走",
    "run": "奔跑 跑步 跑 飞奔",
    "jump": "跳跃 跳起来 蹦 蹦跳 跳",
    "dance": "跳舞 起舞 跳起舞",
    "spin": "旋转 转圈 转动 打转",
    "fall": "落下 掉下来 掉下 落下来 掉落 下落 掉",
    "float": "飘 漂 飘浮 漂浮 飘上 飘起来 飘起 漂着",
    "fly": "飞 飞翔 飞行 起飞 飞起来 飞上 发射 升空",
    "swim": "游泳 游来游去 潜水 游",
    "drive": "驾驶 开车 开着 行驶",
    "ride": "骑 骑着 骑车 乘坐",
    "open": "打开 拆开包装 开启 开",
    "read": "读 阅读 看书 读书 念书",
    "drink": "喝 喝着 饮",
    "eat": "吃 吃着 啃 吃掉 吃饭",
    "play": "玩 玩耍 弹 弹奏 演奏 敲 踢 打球 踢球 玩着 敲打 打鼓 弹琴",
    "push": "推 推着 推动",
    "chase": "追 追赶 追着 追逐 追捕",
    "grow": "生长 长大 成长 发芽 开花 长高 盛开 长出",
    "erupt": "喷发 爆发",
    "sleep": "睡觉 睡着 睡着了 睡 打盹 午睡",
    "build": "搭建 搭 建造 盖 修建 堆 拼装",
    "take_apart": "拆开 拆解 拆 拆掉",
    "evaporate": "蒸发",
    "condense": "凝结 凝聚",
    "rain": "下雨 下起雨 降雨",
    "shine": "发光 闪烁 闪耀 照耀 发亮 闪闪发光",
}

SETTINGS_ZH: Mapping[str, str] = {
    "shop": "商店 店里 商场",
    "toy_shelf": "玩具店 货架 玩具架",
    "electronics": "数码店 电子商店 电器店",
    "supermarket": "超市",
    "street": "街 街上 马路 大街 街道 路上 公路 城市",
    "park": "公园 花园 草地 草坪 操场 草原",
    "room": "房间 屋里 家里 卧室 客厅",
    "kitchen": "厨房",
    "classroom": "教室 学校 课堂",
    "night": "夜里 晚上 夜晚 黑夜 夜空",
    "sea": "海里 大海 海上 海边 水里 河里 湖里 海洋 水中 海底 海 湖 河 游泳池",
    "sky": "天上 天空 空中 云里 云上",
    "forest": "森林 树林 丛林",
    "space": "太空 宇宙",
    "studio": "摄影棚 舞台",
    "prehistoric": "史前 远古 侏罗纪",
}

IDIOMS_ZH = words(
    """
    马上 马虎 马路边 马马虎虎 河马 海马 罗马 马铃薯 马力 牛仔 牛肉 蜗牛 牛人 吹牛 羊肉 羊毛 水果 水平
    薪水 香水 水泥 汗水 风水 水手 口水 胶水 泪水 药水 墨水 水饺 水母 水獭 花钱 花时间 花生 烟花 棉花
    爆米花 雪花 花样 花费 地球 星球 全球 球迷 球队 分钟 秒钟 钟头 星期 明星 星座 歌星 云南 起床 床单
    车站 停车 车票 车厢 车祸 风车 堵车 开心 开会 公开 离开 分开 展开 开玩笑 开放 推荐 推销 推迟 追求
    旅游 导游 游戏 游客 上游 下游 书法 证书 秘书 书店 图书馆 玩具 小心 心情 关心 点心 中心 担心 放心
    心里 心脏 好看 看起来 难看 看法 看来 好吃 小吃 好玩 飞快 走廊 走私 跑题 转身 长城 长江 校长 章鱼
    鳄鱼 鲨鱼 鱿鱼 海狮 海豹 豹子 老鼠 小老鼠 大灰狼 人工 人生 人民 人才 人气 人工智能 机器 虎头蛇尾
    熊市 牛市 鸟巢 狗年 手机壳 茶馆 包子 红包 包括 钱包 包装 糖尿病 灯笼 树叶 圣诞树 日月 月份 月饼 一月
    二月 岁月 蛋白 笨蛋 混蛋 完蛋 刀削面 船长 桥梁 心跳 跳槽 读者 吃亏 吃惊 喝彩 拿手 海报 海拔 天气
    天真 聊天 春天 夏天 秋天 冬天 天才 河南 河北 湖南 湖北 上海 海南 热水袋 银河 街坊 掉头 打折 下雨天
    慢慢来 打牙祭 睡衣 游行 拆迁 搭档 搭配 推理 火车站 走神 气球糖 花心 草莓 鱼香肉丝 虎皮 大人物 老人家
    主人公 别人 本人 个人 让人 机会 会议 米老鼠 牙膏 奶茶 汽水 球场 球赛 笔画 糖葫芦 门锁店
    """
)

SMALL_ZH = words(
    """
    的 了 着 在 把 被 给 是 会 要 想 我 你 他 她 它 我们 你们 他们 她们 它们 一 一个 一只 一条 一头 一匹
    一辆 一架 一位 一本 一把 一朵 一棵 一台 一艘 一副 一块 一颗 一张 一件 一杯 一支 两个 两只 三只 几只
    这 那 这个 那个 这只 那只 这些 那些 和 与 跟 及 从 到 向 往 朝 对 于 离 上 下 里 中 旁 前 后 边 里面
    上面 下面 旁边 外面
    后面 前面 底下 中间 正 正在 吗 呢 吧 啊 呀 哦 嘛 请 请问 也 都 很 又 再 就 去 来 过 起来 出来 下来
    新 大 小 开始 喜欢 爱 学 学习 练习 准备 努力 红 红色 蓝 蓝色 绿色 黄色 白色 黑色 漂亮 可爱 可以 能
    能不能 可不可以 告诉 知道 让 用 为 围着 绕着 沿着 随着 跟着 今天 明天 昨天 每天 现在 快 快点 慢慢
    一起 以后 最 起 自己 不
    """
)

QUESTIONS_ZH = words("怎么 怎样 如何 怎么样 为什么 什么 哪里 哪儿 为何 什么样 样子 咋 几")
PRONOUNS_ZH = frozenset({"我", "你", "他", "她", "我们", "你们", "他们", "她们"})


IMPLIED = {
    "读书": "book", "看书": "book", "念书": "book", "骑车": "bicycle", "开车": "car", "打球": "ball",
    "踢球": "ball", "打鼓": "drum", "弹琴": "piano",
}  # fmt: skip
"""Chinese verbs that carry their object with them."""


# ---------------------------------------------------------------------------------- tables

Table = Mapping[str, tuple[Sense, ...]]
"""All senses by written form: words joined by single spaces in English, characters in Chinese."""


@cache
def table(language: Language) -> Table:
    """The whole lexicon of a language. Made once; immutable by convention."""
    return _chinese() if language == "zh" else _english()


def _english() -> Table:
    found: dict[str, tuple[Sense, ...]] = {}

    def add(form: str, kind: TokenKind, name: str) -> None:
        key = re.sub(r"[^a-z0-9]+", " ", form.lower()).strip()
        sense = Sense(kind, name)
        if key and sense not in found.get(key, ()):
            found[key] = (*found.get(key, ()), sense)

    for noun in COCO + EXTRAS:
        # "ball" is how COCO's "sports ball" reads, but the word alone is the toy
        own = (noun.name,) if noun.name == "sports ball" else (noun.name, noun.en)
        for form in (*own, *NOUNS_EN.get(noun.name, "").split()):
            for number in (form, _plural(form)):
                add(number, "noun", noun.name)
    for verb in ACTIONS:
        for base in VERBS_EN.get(verb.name, "").split():
            for form in _forms(base):
                add(form, "action", verb.name)
    for setting in SETTINGS:
        for form in SETTINGS_EN[setting.name].split():
            add(form, "setting", setting.name)
    for idiom in IDIOMS_EN:
        found[idiom.replace("-", " ")] = (Sense("idiom", ""),)
    for word in PRONOUNS_EN:
        add(word, "pronoun", word)
    for word in QUESTIONS_EN:
        add(word, "question", word)
    for word in SMALL_EN:
        add(word, "small", word)
    return found


def _chinese() -> Table:
    found: dict[str, tuple[Sense, ...]] = {}

    def add(form: str, kind: TokenKind, name: str) -> None:
        if form and form not in found:
            found[form] = (Sense(kind, name),)

    for idiom in IDIOMS_ZH:
        add(idiom, "idiom", "")
    for noun in COCO + EXTRAS:
        for form in (noun.zh, *NOUNS_ZH.get(noun.name, "").split()):
            add(form, "noun", noun.name)
    for verb in ACTIONS:
        for form in VERBS_ZH.get(verb.name, "").split():
            add(form, "action", verb.name)
    for setting in SETTINGS:
        for form in SETTINGS_ZH[setting.name].split():
            add(form, "setting", setting.name)
    for word in QUESTIONS_ZH:
        add(word, "question", word)
    for word in SMALL_ZH:
        add(word, "pronoun" if word in PRONOUNS_ZH else "small", word)
    return found


def _plural(noun: str) -> str:
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    return noun[:-1] + "ies" if re.search(r"[^aeiou]y$", noun) else noun + "s"


def _forms(verb: str) -> set[str]:
    """A verb in all its forms; "take_apart" keeps its particle."""
    base, _, particle = verb.partition("_")
    stem = base[:-1] if base.endswith("e") else base
    if re.fullmatch(r"[^aeiou]*[aeiou][bdgmnpt]", base):
        stem += base[-1]  # running, hugged
    past = re.sub(r"([^aeiou])yed$", r"\1ied", stem + "ed")
    forms = {base, _plural(base), stem + "ing", past, *PAST.get(base, "").split()}
    return {f"{form} {particle}".strip() for form in forms}


# ---------------------------------------------------------------------------------- reading


def tokens(text: str, language: Language) -> list[Token]:
    """`text` in pieces, longest known piece first from the left; what is unknown is "other", word by word.

    `text` is normalised (`questions.normal`). In Chinese an unknown piece is one character, and a word in
    Latin letters is looked up as English.
    """
    if language == "en":
        return _read_words(re.findall(r"[a-z0-9]+", text))
    found: list[Token] = []
    known = table("zh")
    index = 0
    while index < len(text):
        latin = re.match(r"[a-z0-9]+", text[index:])
        if latin:
            found.extend(_read_words([latin[0]]))
            index += len(latin[0])
            continue
        for length in range(min(6, len(text) - index), 0, -1):
            piece = text[index : index + length]
            if piece in known or length == 1:
                if not piece.isspace():
                    found.append(Token(piece, known.get(piece, (Sense("other", piece),))))
                index += length
                break
    return found


def _read_words(words: list[str]) -> list[Token]:
    found: list[Token] = []
    known = table("en")
    index = 0
    while index < len(words):
        for length in range(min(4, len(words) - index), 0, -1):
            piece = " ".join(words[index : index + length])
            if piece in known or length == 1:
                found.append(Token(piece, known.get(piece, (Sense("other", _stem(piece)),))))
                index += length
                break
    return found


def _stem(word: str) -> str:
    """Enough to see that "becomes" and "becoming" are one."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
