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
from reverie.values import Language, Light, View

TokenKind = Literal[
    "noun",
    "action",
    "setting",
    "light",
    "view",
    "pronoun",
    "question",
    "quality",
    "small",
    "not",
    "idiom",
    "other",
]


@dataclass(frozen=True, slots=True)
class Sense:
    """What a piece of text can mean: `name` is of the vocabulary for nouns, actions and settings, and a
    value of `Light` and `View` for these."""

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
        "everybody anyone teacher student dancer swimmer runner reader brother sister cousin neighbour "
        "neighbor colleague doctor nurse chef farmer policeman policewoman firefighter pilot singer painter "
        "artist gardener waiter waitress tourist shopper cashier salesperson"
    ),
    "child": "kid boy girl toddler kids children schoolchild baby son daughter",
    "woman": "women lady mother mom mum mommy mummy grandmother grandma granny aunt auntie wife",
    "man": "men guy father dad daddy grandfather grandpa uncle husband",
    "bicycle": "bike cycle",
    "car": "automobile taxi cab police-car race-car racing-car",
    "motorcycle": "motorbike scooter",
    "airplane": "aeroplane plane jet aircraft",
    "truck": "lorry van fire-truck fire-engine pickup-truck",
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
    "book": "storybook novel story fairy-tale magazine comic picture-book",
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
    "snowflake": "snow-flake",
    "earth": "planet-earth",
    "caterpillar": "silkworm",
    "cocoon": "chrysalis",
    "paper": "sheet-of-paper paper-sheet",
    "recycling bin": "recycle-bin recycling-container",
    "lightning": "lightning-bolt thunderbolt bolt-of-lightning",
    "chocolate": "chocolate-bar bar-of-chocolate",
    "mountain": "mount mountaintop",
    "river": "stream brook",
    "leaf": "leaves",
    "wind": "breeze",
    "ice": "ice-cube ice-cubes",
    "brush": "paintbrush hairbrush",
}

VERBS_EN: Mapping[str, str] = {
    "hold": "hold",
    "pick_up": "pick_up pick lift grab take_down",
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
    "open": "open unwrap",
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
    "put_down": "put_down put_back set_down lay_down",
    "carry": "carry bring transport haul",
    "unbox": "unbox unpack",
    "try_on": "try_on",
    "sit": "sit sit_down perch",
    "stand": "stand stand_up",
    "climb": "climb climb_up scramble",
    "throw": "throw toss fling",
    "catch": "catch",
    "kick": "kick",
    "melt": "melt thaw",
    "boil": "boil",
    "snow": "snow",
    "orbit": "orbit circle revolve go_around move_around travel_around go_round",
    "point": "point",
    "hug": "hug cuddle embrace",
}

PAST = {
    "hold": "held", "run": "ran", "leap": "leapt", "spin": "spun", "fall": "fell fallen", "fly": "flew flown",
    "swim": "swam swum", "drive": "drove driven", "ride": "rode ridden", "drink": "drank drunk",
    "eat": "ate eaten", "bite": "bit bitten", "grow": "grew grown", "sleep": "slept", "build": "built",
    "take": "took taken", "shine": "shone", "go": "went gone", "put": "put", "set": "set", "lay": "laid",
    "bring": "brought", "sit": "sat", "stand": "stood", "throw": "threw thrown", "fling": "flung",
    "catch": "caught",
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
    "night": "night-sky starry-sky",
    "sea": "sea ocean lake river pool water beach waves",
    "sky": "sky air clouds",
    "forest": "forest woods jungle",
    "space": "space outer-space",
    "studio": "studio",
    "prehistoric": "prehistoric-times jurassic",
}
"""Places count after a preposition only ("in the park"), so that "park the car" is none."""

LIGHTS_EN: Mapping[Light, str] = {
    "dawn": "dawn sunrise daybreak early-morning",
    "dusk": "dusk sunset twilight evening nightfall",
    "night": "night midnight nighttime moonlight dark",
}
"""Times of the day that show; by day it is anyway."""

VIEWS_EN: Mapping[View, str] = {
    "close": "close-up closeup close-up-of closeup-of close-shot close-shot-of",
    "medium": "medium-shot medium-shot-of",
    "wide": "wide-shot wide-shot-of wide-view wide-view-of wide-angle panorama panorama-of",
}

IDIOMS_EN = words(
    """
    train-of-thought piece-of-cake bear-in-mind cloud-computing light-year light-years watch-out
    look-after look-for look-forward look-like fall-in-love run-out run-a play-a-role play-a-part
    in-the-long-run key-point heart-attack couch-potato cats-and-dogs early-bird book-a book-an
    take-a-picture hold-on pick-a fish-and-chips under-the-weather tea-time bus-stop no-time on-fire
    orange-juice mouse-trap full-moon-party bear-market bull-market egg-on star-wars time-flies
    good-night good-morning good-evening break-the-ice kick-the-bucket kicked-the-bucket hit-the-road
    spill-the-beans catch-a-cold catch-up catches-up sea-horse sea-lion star-fish
    jelly-fish guinea-pig water-melon hand-in-hand on-the-other-hand
    second-hand by-hand first-hand point-of-view paper-work paper-plane paper-clip
    sun-glasses sun-screen sun-cream tea-pot tea-spoon coffee-table car-park dog-tired cat-walk
    flower-power star-sign stand-for stand-out can-t-stand cannot-stand stand-a-chance
    sit-tight throw-up throw-a-party kick-off kick-out climb-down carry-on carry-out black-ice ice-age
    ice-hockey ice-skate ice-skating ice-skates ice-rink wind-up wind-turbine wind-instrument
    hand-over hand-out hands-on mountain-bike mountain-bikes wheel-chair spring-roll
    break-a-leg hot-potato dog-days train-for apple-of
    tie-the-knot book-club watch-your fall-apart drop-out drive-me run-for grow-up open-source
    open-minded open-question
    """
)

SMALL_EN = frozenset(
    words(
        """
    a an the this that these those some any my your his her its our their is are was were be been being
    am do does did has have had of in on at to by with from into onto over under near through across
    down up out off for and or then than so very just please s t too also there here again as while
    about around around it one two three four five six many few big little small can could will
    would should may might must let lets me us get go goes going gets along beside behind above below
    after before against toward towards who which like likes love loves want wants try tries trying
    start starts starting begin begins learn learns learning keep keeps need needs
    again away together outside aloud fast well today tomorrow tonight every day morning afternoon
    something anything everything food lunch dinner breakfast game games really always often sometimes still
    only own because if another more most know wonder tell show thing things stuff
    """
    )
)

NOT_EN = words("not never no cannot without")
"""What comes after them is not done."""

QUESTIONS_EN: Mapping[str, str] = {
    "how": "how why what whats hows which what-happens how-come what-makes explain",
    "where": "where",
    "when": "when",
    "who": "who",
    "much": "how-much how-many how-old how-long how-far how-tall how-heavy how-big how-expensive how-fast",
}
"""Questions by what is wanted: another kind of question is another question."""

PRONOUNS_EN = frozenset(words("i you he she we they me him them us"))

NOUNS_ZH: Mapping[str, str] = {
    "person": (
        "人们 大家 有人 某人 顾客 客人 朋友 行人 老人 老师 学生 大人 路人 人类 人群 医生 护士 厨师 农民 "
        "警察 司机 消防员 店员 售货员 邻居 同学 同事"
    ),
    "child": (
        "小孩 小孩子 小朋友 男孩 女孩 小男孩 小女孩 儿童 宝宝 孩子们 小朋友们 男孩子 女孩子 弟弟 妹妹 "
        "宝贝 儿子 女儿 婴儿"
    ),
    "woman": "女人 妈妈 阿姨 奶奶 姐姐 女生 母亲 妻子 姑姑 外婆 姥姥",
    "man": "男人 爸爸 叔叔 爷爷 哥哥 男生 父亲 先生 丈夫 舅舅 伯伯 外公 姥爷",
    "bicycle": "单车 脚踏车",
    "car": "小汽车 轿车 车 车子 出租车 小车 警车 跑车 赛车",
    "motorcycle": "摩托",
    "airplane": "客机",
    "bus": "公共汽车 巴士 公交 大巴",
    "train": "高铁 列车 小火车 动车",
    "truck": "货车 大卡车 消防车",
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
    "bear": "小熊 狗熊 棕熊 北极熊 大熊 黑熊",
    "backpack": "书包 双肩包",
    "umbrella": "伞",
    "handbag": "手袋 包包 女包",
    "suitcase": "旅行箱 箱子 皮箱",
    "sports ball": "足球 篮球 排球 网球 棒球",
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
    "book": "书本 故事书 图书 绘本 漫画书 童话书",
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
    "water": "水滴 河水 海水 水珠 热水 冷水 开水 冰水 温水 自来水 雨水",
    "sun": "阳光",
    "moon": "月球 月光",
    "star": "星 小星星",
    "tree": "大树 小树 树木",
    "flower": "花朵 鲜花 小花 玫瑰 向日葵 花儿",
    "seedling": "小苗 嫩芽 小草",
    "bee": "小蜜蜂",
    "fish": "小鱼 金鱼 大鱼 鱼儿 鱼群",
    "whale": "鲸 蓝鲸",
    "rabbit": "小兔子 兔 小兔 白兔 小白兔",
    "panda": "大熊猫 小熊猫",
    "tiger": "虎 小老虎",
    "lion": "小狮子",
    "monkey": "猴 小猴 小猴子 猩猩",
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
    "tooth": "牙 小牙齿",
    "soap": "香皂",
    "rainbow": "大彩虹",
    "snowflake": "雪片 小雪花",
    "seed": "小种子",
    "honey": "蜜糖",
    "caterpillar": "小毛毛虫 蚕 蚕宝宝",
    "cocoon": "蚕茧 虫茧 蛹",
    "paper": "白纸 纸张 画纸",
    "recycling bin": "回收桶 可回收垃圾桶",
    "wheel": "车轮 车轮子",
    "lightning": "雷电",
    "spider": "小蜘蛛",
    "nest": "鸟巢 巢",
    "mountain": "山 高山 雪山 小山 山峰",
    "river": "河 河流 大河 小溪",
    "leaf": "叶子 落叶 叶 树叶子",
    "wind": "大风 微风",
    "snowman": "小雪人",
    "ice": "冰块",
    "brush": "画笔 毛刷",
    "hand": "小手 双手",
}

VERBS_ZH: Mapping[str, str] = {
    "hold": "拿着 举着 捧着 握着 打着 撑着 拿",
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
    "open": "打开 开启 开",
    "read": "读 阅读 看书 读书 念书",
    "drink": "喝 喝着 饮",
    "eat": "吃 吃着 啃 吃掉 吃饭",
    "play": "玩 玩耍 弹 弹奏 演奏 敲 打球 玩着 敲打 打鼓 弹琴",
    "push": "推 推着 推动",
    "chase": "追 追赶 追着 追逐 追捕",
    "grow": "生长 长大 成长 发芽 开花 长高 盛开 长出 长成",
    "erupt": "喷发 爆发",
    "sleep": "睡觉 睡着 睡着了 睡 打盹 午睡",
    "build": "搭建 搭 建造 盖 修建 堆 拼装",
    "take_apart": "拆开 拆解 拆 拆掉",
    "evaporate": "蒸发",
    "condense": "凝结 凝聚",
    "rain": "下雨 下起雨 降雨",
    "shine": "发光 闪烁 闪耀 照耀 发亮 闪闪发光",
    "put_down": "放下 放回 放好",
    "carry": "搬 搬着 搬运 扛 扛着 提着 背着 搬走",
    "unbox": "开箱 拆箱 拆快递 拆包裹 拆开包装 拆礼物",
    "try_on": "试穿 试戴 试一试",
    "sit": "坐 坐着 坐下 坐在",
    "stand": "站 站着 站立 站在 站起来",
    "climb": "爬 爬上 爬着 攀登 攀爬 爬山 爬树 登山",
    "throw": "扔 扔出 投 抛 丢 扔掉 投掷",
    "catch": "接住 接到 接球 抓住",
    "kick": "踢 踢着 踢球",
    "melt": "融化 溶化 熔化 化了",
    "boil": "沸腾 烧开 煮沸 煮开",
    "snow": "下雪 下起雪 降雪 飘雪",
    "orbit": "环绕 公转",
    "point": "指 指着 指向",
    "hug": "拥抱 抱着 抱 抱抱 抱住 搂着",
}

LIGHTS_ZH: Mapping[Light, str] = {
    "dawn": "清晨 黎明 日出 拂晓 天亮 凌晨",
    "dusk": "傍晚 黄昏 日落 夕阳 夕阳下",
    "night": "夜里 晚上 夜晚 黑夜 深夜 半夜 夜间 夜 月光下",
}

VIEWS_ZH: Mapping[View, str] = {"close": "特写 近景 近距离", "medium": "中景", "wide": "全景 远景 大全景"}

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
    "night": "夜空 星空",
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
    爆米花 花样 花费 星球 全球 球迷 球队 分钟 秒钟 钟头 星期 明星 星座 歌星 云南 起床 床单 车站 停车 车票
    车厢 车祸 风车 堵车 开心 开会 公开 离开 分开 展开 开玩笑 开放 推荐 推销 推迟 追求 旅游 导游 游戏 游客
    上游 下游 书法 证书 秘书 书店 图书馆 玩具 小心 心情 关心 点心 中心 担心 放心 心里 心脏 好看 看起来
    难看 看法 看来 好吃 小吃 好玩 飞快 走廊 走私 跑题 转身 长城 长江 校长 章鱼 鳄鱼 鲨鱼 鱿鱼 海狮 海豹
    豹子 老鼠 小老鼠 大灰狼 人工 人生 人民 人才 人气 人工智能 机器 虎头蛇尾 熊市 牛市 狗年 手机壳 茶馆
    包子 红包 包括 钱包 包装 糖尿病 灯笼 圣诞树 日月 月份 月饼 一月 二月 岁月 蛋白 笨蛋 混蛋 完蛋 刀削面
    船长 桥梁 心跳 跳槽 读者 吃亏 吃惊 喝彩 拿手 海报 海拔 天气 天真 聊天 春天 夏天 秋天 冬天 天才 河南
    河北 湖南 湖北 上海 海南 热水袋 银河 街坊 掉头 打折 下雨天 慢慢来 打牙祭 睡衣 游行 拆迁 搭档 搭配
    推理 火车站 走神 气球糖 花心 草莓 鱼香肉丝 虎皮 大人物 老人家 主人公 别人 本人 个人 让人 机会 会议
    米老鼠 牙膏 奶茶 汽水 球场 球赛 笔画 糖葫芦 门锁店 手工 手指 手臂 手套 手术 手续 手段 手势 手电筒
    手绢 手帕 手风琴 歌手 选手 助手 新手 对手 高手 二手 分手 握手 举手 洗手 牵手 拍手 动手 放手 松手 左手
    右手 右手边 左手边 风景 风格 风险 风扇 风味 风度 风俗 风暴 台风 刮风 龙卷风 麦克风 电风扇 屏风 冰雪
    冰山 冰糖 冰冷 冰川 滑冰 溜冰 结冰 山洞 山水 山区 山楂 山东 山西 江山 黄山 泰山 上山 下山 纸巾 卫生纸
    剪纸 折纸 报纸 墙纸 剪刀石头布 茶叶 百叶窗 站台 网站 站长 站点 坐标 指甲 指南 指导 指数 手指头 指挥
    投资 投票 投诉 丢脸 丢人 丢失 扔垃圾 接人 接送 直接 接着 爬行 爬虫 抛弃 跑步机 煮饭 踢毽子 化妆 变化
    文化 化学 抱歉 抱怨 下雪天 冰淇淋店 雪糕店 巧克力色 海绵宝宝 接力 蜘蛛侠 购物车 手推车 婴儿车 三轮车
    缆车 马车 车轮战 火车头 小鸡 小鸭 小猪 毛线球 雪球 火球 水晶球 乒乓球 羽毛球 高尔夫球 保龄球 球拍
    球棒 球衣 球员 球门 花盆 花纹 浪花 火花 菜花 眼花 钓鱼 捕鱼 鱼缸 鱼竿 美人鱼 猫头鹰 猫粮 狗粮 狗窝
    牛排 牛油果 犀牛 牛魔王 羚羊 喜羊羊 美羊羊 慢羊羊 木马 旋转木马 马戏团 马拉松 黑马 马尾 壁虎 老虎机
    现象 印象 想象 气象 形象 对象 象棋 象征 抽象 太阳镜 太阳能 月亮湾 手工课 书桌 书架 书签 冰山一角
    冰激凌机 牙医 牙签 星空图 灯光 灯泡泡 点灯 山寨 靠山 大海捞针 海鲜 海盗 海鸥 海军 海星 海豚 雪山飞狐
    手里剑 手推 手提 手电 手提电脑 心花怒放 牛气冲天 热锅上的蚂蚁 狗尾巴草 熊孩子 开心果 打酱油 吃醋 加油
    对牛弹琴 画蛇添足 守株待兔 亡羊补牢 井底之蛙 狐假虎威 鸡飞狗跳 马到成功 龙马精神 虎虎生威 如鱼得水
    水到渠成 走马观花 一帆风顺 千山万水 山清水秀 风和日丽 风吹草动 火车票 飞机票 飞机场 机场 电视剧
    电视台 电影 电话号码 足球场 篮球场 牛奶糖 果汁 苹果汁 你好 您好 大家好 早上好 晚上好 下午好 谢谢
    谢谢你 再见 拜拜 下次见 生日快乐 新年快乐 新年好 晚安
    """
)

SMALL_ZH = words(
    """
    的 了 着 在 把 被 给 是 会 要 想 我 你 他 她 它 我们 你们 他们 她们 它们 一 一个 一只 一条 一头 一匹
    一辆 一架 一位 一本 一把 一朵 一棵 一台 一艘 一副 一块 一颗 一张 一件 一杯 一支 两个 两只 三只 几只
    这 那 这个 那个 这只 那只 这些 那些 和 与 跟 及 从 到 向 往 朝 对 于 离 上 下 里 中 旁 前 后 边 里面
    上面 下面 旁边 外面 后面 前面 底下 中间 正 正在 吗 呢 吧 啊 呀 哦 嘛 请 请问 也 都 很 又 再 就 去 来
    过 起来 出来 下来 大 小 开始 喜欢 爱 学 学习 练习 准备 努力 可以 能 能不能 可不可以 告诉 知道 让 用
    为 围着 绕着 绕 围绕 转 沿着 随着 跟着 今天 明天 昨天 每天 现在 快 快点 慢慢 一起 以后 最 起 自己 多
    少 些 点 有点 好 得 地 过来 过去 那么 这么 时候 东西 已经 还 还有 有 着呢 真的 真 小小 大大 高高 长长
    圆圆 胖胖 老老 一群 两个人 一双 两双 几个 许多 很多 好多 一些 一点 一下 一直 出现 忽然 突然 终于 正要
    快要 会不会 是不是 要不要 有没有 好不好 能否 是否 早上 上午 中午 下午 刚刚 刚才 经常 常常 总是 有时
    有时候 然后 因为 所以 但是 如果 虽然 还是 或者 的话 一样 这样 那样 地面 名 位 只 条 头 匹 辆 架 本 朵
    棵 台 艘 副 块 颗 张 件 杯 支 群 双 根 片 道 座 间 粒 罐 两 三 四 五 六 七 八 九 十 第一 知道吗
    """
)

QUALITIES_ZH = words(
    """
    新 红 红色 蓝 蓝色 绿色 黄色 白色 黑色 漂亮 可爱 胖 瘦 高 矮 长 短 老 坏 美 冷 热 甜 香 脆 软 硬 干
    湿 旧 亮 暗 圆 方 黑 白 黄 绿 紫 粉 灰 金 银 肥 懒 饿 困 笨 傻 凶 乖 破 脏 满 空 深 浅 轻 重 厚 薄 宽
    窄 远 近 早 贵 彩色 五颜六色 紫色 粉色 粉红色 橙色 灰色 棕色 金色 巨大 年轻 勇敢 聪明 开开心心 高兴
    快乐 幸福 生气 伤心 美丽 好看的 帅气 有趣 搞笑
    """
)
"""What something is like: it says nothing of who does what, and tells one question from another."""

NOT_ZH = words("不 没 没有 别 不要 不会 不能 不想 不可以 不许 禁止 从不 从来不 无法 不敢 不爱 不喜欢")
"""What comes after them is not done."""

PLAIN_ZH = words(
    """
    买 卖 做 叫 唱 写 画 说 讲 听 问 找 送 借 换 穿 戴 脱 洗 擦 扫 煮 炒 烤 切 剪 折 种 养 喂 捉 钓 采 摘
    洒 倒 装 放 挂 贴 关 修 带 住 等 哭 笑 喊 怕 恨 吵 打 咬 舔 闻 摸 亲 拉 拍 按 摔 撞 躲 藏 偷 抢 变 成
    像 死 活 病 疼 痛 染 缝 编 织 吹 晒 救 教 管 帮 派 选 付 赢 输 比 量 称 数 算 猜 试 停 到 进 出 回 离
    赶 排 坏了 丢了 唱歌 唱起歌 画画 写字 做饭 做菜 做梦 做操 做蛋糕 做作业 洗碗 洗澡 洗脸 洗头 洗衣服
    刷牙 穿衣服 上学 放学 上班 下班 上课 下课 回家 出门 购物 逛街 买菜 付款 结账 排队 打电话 打针 打架
    打篮球 打扫 打招呼 说话 讲故事 听音乐 唱戏 弹唱 比赛 赛跑 游玩 旅行 照相 拍照 录像 睡懒觉 起来了 生病
    吃药 长得 哭泣 大笑 微笑 生气 害怕 帮助 保护 参加 表演 演员 演出 工作 休息 等待 寻找 发现 思考 讨论
    学校门口 消失 经过 到达 出发 回来 离开 停下 停在 变成 变得 采蜜 采花 下蛋 孵蛋 喂养 喂食 吸引 吸
    吸住 击中 打中 砸 撞到 撞上 吓 吓到 咆哮 大叫 大吼 吼 叫喊 汪汪 喵喵 咩咩 降落 着陆 横渡 穿过 爬过
    越过 绕过 挥动 举办 举行 表示 觉得 认为 希望 打算 决定 需要 打不开 看不见 价格 打折 便宜
    """
)
"""Words of daily life that cannot be drawn: they tell where other words end."""

QUESTIONS_ZH: Mapping[str, str] = {
    "how": (
        "怎么 怎样 如何 怎么样 为什么 什么 为何 什么样 样子 咋 为啥 是啥 啥 解释 原理 从哪里 从哪儿 从哪"
    ),
    "where": "哪里 哪儿 在哪里 在哪儿 在哪",
    "when": "什么时候 何时",
    "who": "谁",
    "much": "几 多少 多少钱 多大 多高 多重 多远 几点 几岁 多久",
}
PRONOUNS_ZH = frozenset({"我", "你", "他", "她", "我们", "你们", "他们", "她们"})


HEADS_ZH = frozenset(
    "镜票站场店厂馆员家师能剧片节机器具皮肉汤汁酱粉丝鹰蛇虫油味色鼠岛湾城村线网币股卡费价权论史病症药奶油柜架套带盒"
    "盆圈架笼衣裤裙袜堡拼棚炉"
)
"""Characters that make another thing of what stands before them: 太阳镜 is no sun."""

IMPLIED = {
    "读书": "book", "看书": "book", "念书": "book", "骑车": "bicycle", "开车": "car", "打球": "ball",
    "踢球": "ball", "接球": "ball", "爬山": "mountain", "登山": "mountain", "爬树": "tree",
    "拆礼物": "gift", "打鼓": "drum", "弹琴": "piano",
}  # fmt: skip
"""Chinese verbs that carry their object with them."""


# ---------------------------------------------------------------------------------- tables

TRADITIONAL = str.maketrans(
    "飛機為麼會貓騎腳車鳥魚龍馬獅蟲樹葉風雲電話腦視書畫紙鐵橋門開關燈鐘錶錢買賣長頸豬雞鯨兒媽爺"
    "們個隻條輛張裡裏誰嗎這樣覺說讀寫聽見觀從來時間過還進運動轉遠邊後園廚廳場學師麵餅湯飯蘋麥熱"
    "氣種發寶圓紅藍綠黃顏頭髮臉齒員筆輪鎖鑰鏡傘裝帶蓋積鬆壞飄遊歡樂愛夢謝讓給請問題點禮蠶繭絲線"
    "織網繞灣爐環現離難雙飲館駕駛驚鮮鷹麗龜聲臺蘭螞衛試認課調變貝費貼貨資賞賽贏趕躍軟輕選釣鈴鉛"
    "鋼鍋鍵閃隊陽隨對導尋巖幾彈戲戰拋掛採掃揮撿擁擔數曬曉東極檯殼決沖淺淚濕煙燒牆盤碼稱節籃籠糧"
    "細縫總聖膠蘿號蝸補許誕講護貴辦農醫錄順類養餵騰鬍鯊鴨鵝傷價兩劍區參叢單團圍圖塊帥幫彎懶",
    "飞机为么会猫骑脚车鸟鱼龙马狮虫树叶风云电话脑视书画纸铁桥门开关灯钟表钱买卖长颈猪鸡鲸儿妈爷"
    "们个只条辆张里里谁吗这样觉说读写听见观从来时间过还进运动转远边后园厨厅场学师面饼汤饭苹麦热"
    "气种发宝圆红蓝绿黄颜头发脸齿员笔轮锁钥镜伞装带盖积松坏飘游欢乐爱梦谢让给请问题点礼蚕茧丝线"
    "织网绕湾炉环现离难双饮馆驾驶惊鲜鹰丽龟声台兰蚂卫试认课调变贝费贴货资赏赛赢赶跃软轻选钓铃铅"
    "钢锅键闪队阳随对导寻岩几弹戏战抛挂采扫挥捡拥担数晒晓东极台壳决冲浅泪湿烟烧墙盘码称节篮笼粮"
    "细缝总圣胶萝号蜗补许诞讲护贵办农医录顺类养喂腾胡鲨鸭鹅伤价两剑区参丛单团围图块帅帮弯懒",
)
"""Traditional characters of the words below and of the library's questions, as they are written there."""

UNSEEMLY_EN = frozenset(
    words(
        """
        arse arsehole ass asshole bastard bitch bitches boobs bullshit cock cunt dick dickhead
        fuck fucked fucker fucking kill killed killing kills murder murdered murdering murders
        naked nigger nude penis piss porn pussy rape raped sex sexy shit shitty slut stab stabbed
        stabbing stabs suicide tits vagina wanker whore
        """
    )
)
"""What nobody wants to read on a shop's screen, whatever else the text says. Words with another meaning that
children use (die, shoot, poo) are not among them."""

UNSEEMLY_ZH = words(
    "傻逼 傻屄 煞笔 操你 草你 肏 他妈的 滚蛋 去死 打死 杀死 杀了 杀人 自杀 强奸 裸体 色情 婊子 贱人 王八蛋 "
    "狗娘养 混蛋"
)
"""Found anywhere in a text, so that none may be a part of harmless ones (妈的 is of 妈妈的)."""

LONGEST_ZH = 7
"""Characters of the longest Chinese word here."""

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
            for form in forms_of(base):
                add(form, "action", verb.name)
    for setting in SETTINGS:
        for form in SETTINGS_EN[setting.name].split():
            add(form, "setting", setting.name)
    for light, forms in LIGHTS_EN.items():
        for form in forms.split():
            add(form, "light", light)
    for view, forms in VIEWS_EN.items():
        for form in forms.split():
            add(form, "view", view)
    for idiom in IDIOMS_EN:
        found[idiom.replace("-", " ")] = (Sense("idiom", ""),)
    for word in PRONOUNS_EN:
        add(word, "pronoun", word)
    for wanted, forms in QUESTIONS_EN.items():
        for form in forms.split():
            add(form, "question", wanted)
    for word in NOT_EN:
        add(word, "not", word)
    for word in SMALL_EN:
        add(word, "small", word)
    return found


def _chinese() -> Table:
    found: dict[str, tuple[Sense, ...]] = {}

    def add(form: str, kind: TokenKind, name: str) -> None:
        if form and form not in found:
            found[form] = (Sense(kind, name),)

    def add_place(form: str, name: str) -> None:
        senses = found.get(form, ())
        if not any(sense.kind in ("setting", "idiom", "action") for sense in senses):
            found[form] = (*senses, Sense("setting", name))

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
            add_place(form, setting.name)
    for light, forms in LIGHTS_ZH.items():
        for form in forms.split():
            add(form, "light", light)
    for view, forms in VIEWS_ZH.items():
        for form in forms.split():
            add(form, "view", view)
    for wanted, forms in QUESTIONS_ZH.items():
        for form in forms.split():
            add(form, "question", wanted)
    for word in NOT_ZH:
        add(word, "not", word)
    for word in SMALL_ZH:
        add(word, "pronoun" if word in PRONOUNS_ZH else "small", word)
    for word in QUALITIES_ZH:
        add(word, "quality", word)
    for word in PLAIN_ZH:
        add(word, "other", word)
    return found


def _plural(noun: str) -> str:
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    return noun[:-1] + "ies" if re.search(r"[^aeiou]y$", noun) else noun + "s"


@cache
def forms_of(verb: str) -> frozenset[str]:
    """A verb in all its forms; "take_apart" keeps its particle."""
    base, _, particle = verb.partition("_")
    stem = base[:-1] if base.endswith("e") else base
    if re.fullmatch(r"[^aeiou]*[aeiou][bdgmnpt]", base):
        stem += base[-1]  # running, hugged
    past = re.sub(r"([^aeiou])yed$", r"\1ied", stem + "ed")
    forms = {base, _plural(base), stem + "ing", past, *PAST.get(base, "").split()}
    return frozenset(f"{form} {particle}".strip() for form in forms)


# ---------------------------------------------------------------------------------- reading


def tokens(text: str, language: Language) -> list[Token]:
    """`text` in pieces; what is unknown is "other", word by word.

    `text` is normalised (`questions.normal`). English: the longest known piece first, from the left. Chinese:
    the cut with the fewest unknown characters, then the fewest pieces; an unknown piece is one character, and
    a word in Latin letters is looked up as English.
    """
    if language == "en":
        return _read_words(re.findall(r"[a-z0-9]+", text))
    found: list[Token] = []
    for run in re.findall(r"[a-z0-9]+|[^\sa-z0-9]+", text):
        found.extend(_read_words([run]) if run[0].isascii() else _cut(run))
    return found


def _cut(run: str) -> list[Token]:
    """A run of Chinese characters in words: the cheapest cut, longer words first among equals."""
    known = table("zh")
    best: list[tuple[int, int]] = [(0, 0)] * (len(run) + 1)  # cost from here to the end, length of the word
    for start in range(len(run) - 1, -1, -1):
        best[start] = min(
            (best[start + length][0] + (1 if run[start : start + length] in known else 3), -length)
            for length in range(1, min(LONGEST_ZH, len(run) - start) + 1)
            if length == 1 or run[start : start + length] in known
        )
    found, start = [], 0
    while start < len(run):
        piece = run[start : start - best[start][1]]
        found.append(Token(piece, known.get(piece, (Sense("other", piece),))))
        start += len(piece)
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
