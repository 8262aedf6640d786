"""Who does what: the words of a sentence, read in order.

No grammar beyond order, prepositions and a few Chinese particles; what is uncertain is left out rather than
guessed. A verb that the lexicon does not know, between the subject and a known one, means that the known one
belongs to somebody else: then there is no action.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from reverie.story.lexicon import HEADS_ZH, IMPLIED, Sense, Token, TokenKind, forms_of, table, tokens, words
from reverie.story.vocabulary import ACTION, NOUN
from reverie.values import Language, Light, View


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says. `things`: what the action is done to, the likeliest first. `matched`: known words.

    `stranger`: somebody or something does it that the reader does not know. `vague`: it is done to something
    that the reader does not know. `asked`: a pronoun stands for somebody. `beside`: a thing that only says
    where.
    """

    subject: str | None
    action: str | None
    things: tuple[str, ...]
    setting: str | None
    matched: tuple[str, ...]
    stranger: bool = False
    vague: bool = False
    asked: bool = False
    light: Light = "day"
    view: View = ""
    beside: str | None = None


class Reader(Protocol):
    """Whoever else understands a text where the lexicon here is not sure: a language model (`llm.py`)."""

    def read(self, text: str, language: Language) -> Reading | None:
        """Who does what in `text`, in words of the vocabulary; None for nothing of it, or no answer."""
        ...


REQUEST_EN = re.compile(
    r"\s*(?:(?:please|can you|could you|would you|will you|i want to|i want you to|i would like to|"
    r"i d like to|i would like|i want|let me|let us|let s|now|we want to|may i|can i|can we)\s+)*"
    r"(?:(?:show|draw|see|imagine|create|generate|make|paint|tell)\b\s*(?:me\b|us\b)?\s*)"
    r"(?:(?:a|the|some)\s+)?(?:(?:short|little|funny|nice)\s+)?"
    r"(?:(?:video|picture|film|movie|clip|story|animation)\b\s*)?(?:(?:of|about|with)\b)?\s*"
)
REQUEST_ZH = re.compile(
    r"\s*(?:请|麻烦|帮我|给我|给我们|我想要|我想|我要|我们想|能不能|可以|可不可以|你能|让我|让我们|想)+"
    r"(?:看看|看一看|看一下|看到|看|画一画|画|展示|演示|播放|讲讲|来)?(?:一下)?"
    r"|\s*(?:画|展示|演示|播放|想象)(?:一下)?"
)
"""How people ask for a picture: what follows is what they want to see."""


def read_text(text: str, language: Language) -> list[Token]:
    """The pieces of a normalised text, without the words that only ask for a picture."""
    request = REQUEST_ZH if language == "zh" else REQUEST_EN
    found = request.match(text)
    rest = text[found.end() :] if found else text
    return tokens(rest if rest.strip() else text, language)


def read_sentence(read: Sequence[Token], language: Language) -> Reading | None:
    """Who does what, or None when nothing in the text can be drawn."""
    reading = _read_zh(read) if language == "zh" else _read_en(read)
    told = (reading.subject, reading.action, reading.setting)
    return None if not any(told) and reading.light == "day" else reading


HOMONYMS = frozenset({"mouse", "mice"})
"""Words that are something else in company: a mouse that eats, is chased or on a table is no computer's."""


class _Clause:
    """What has been read so far, word by word, in either language."""

    def __init__(self) -> None:
        self.subject: str | None = None
        self.action: str | None = None
        self.things: list[str] = []
        self.setting: str | None = None
        self.matched: list[str] = []
        self.oblique = False  # the next noun only says where, or with what
        self.joined = False  # after "and": the next noun is one more doer
        self.asked = False  # a pronoun stands for somebody
        self.waiting = False  # the doer comes after the verb
        self.doubt = False  # a word we do not know stands between doer and verb
        self.stranger = False  # a word we do not know is the doer
        self.vague = False  # a word we do not know is what it is done to
        self.denied = False  # the next verb is not done
        self.beside: str | None = None  # what only said where
        self.light: Light = "day"
        self.view: View = ""

    def noun(self, name: str, text: str, *, thing: bool = False) -> None:
        """The next thing that is named. `thing`: it is surely what something is done to."""
        self.matched.append(text)
        if thing:
            self.things.append(name)
        elif self.waiting or (self.action is None and self.subject is None):
            self.subject, self.waiting = name, False
        elif self.action is None:
            self.doubt = self.doubt or not self.joined
        else:
            self.things.append(name)

    def verb(self, name: str, text: str) -> bool:
        """The next action; False when it is not what this is about: there is one, or it may be another's."""
        if self.action == "look_at" and self.subject is None and not self.asked and self.things:
            # "watch the panda dance": shown is what would be watched
            self.subject, self.action, self.things = self.things[-1], name, []
            return False
        if self.denied:
            self.denied, self.doubt = False, True
            return False
        if self.action is not None or self.doubt:
            return False
        self.action, self.oblique = name, False
        self.matched.append(text)
        return True

    def place(self, name: str) -> None:
        self.setting = self.setting or name

    def seen(self, token: _Item | Token) -> bool:
        """Whether it only says when it is, or how near we look."""
        light, view = (_named(token, kind) for kind in ("light", "view"))
        self.light = cast(Light, light) if light else self.light
        self.view = cast(View, view) if view else self.view
        return light is not None or view is not None

    def suffer(self) -> None:
        """A passive: the subject so far is what it is done to."""
        if self.subject is not None:
            self.things.insert(0, self.subject)
        self.subject = None

    def described(self) -> None:
        """What we did not know was only an adjective or an adverb."""
        self.doubt = self.stranger = False

    def reading(self) -> Reading:
        return Reading(
            self.subject,
            self.action,
            tuple(self.things),
            None if self.doubt and self.subject is None and self.action is None else self.setting,
            tuple(self.matched),
            self.stranger,
            self.vague and not self.things,
            self.asked,
            self.light,
            self.view,
            self.beside,
        )


def _named(item: _Item | Token, kind: TokenKind) -> str | None:
    if isinstance(item, Token):
        return item.name(kind)
    return item.name if item.kind == kind else None


# ---------------------------------------------------------------------------------- English

DETERMINERS = frozenset(
    words(
        """
        a an the my your his her its our their this that these those some any one two three four
        five six many few no
        """
    )
)
PLACING = frozenset(
    words(
        """
        in at on to into onto under over across through near down from by around along towards
        toward behind above below beside against before after with for about out off up against
        """
    )
)
INSIDE = frozenset({"in", "on", "into", "through", "inside"})
"""Prepositions after which a word that is both a thing and a place ("water", "house") is the place."""

BEFORE_VERB = frozenset(
    words("to can will would could should must may might do does did let lets please not and who which that")
)
BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "gets", "get"})

GOVERNED = {
    "look_at": {"at"}, "play": {"with", "on"}, "ride": {"on", "in"}, "drive": {"in"}, "eat": {"from"},
    "sit": {"on", "in"}, "stand": {"on"}, "point": {"at", "to"}, "orbit": {"around"},
    "climb": {"up", "on", "onto"},
}  # fmt: skip
"""Prepositions that lead to an action's object rather than to a place."""

CAUSING = frozenset(words("make makes making made help helps helped have has"))
"""Verbs that say nothing of what is done: make a dog dance."""

VERBAL = frozenset(
    words(
        "brush water paint book park bridge lock ship wheel hand wind paper nest bus train sink plant dress "
        "drum"
    )
)
"""Nouns that are verbs too: before a determiner they are the verb, which nobody can draw."""

CONTAINERS = frozenset({"cup", "bottle", "bowl", "wine glass"})
"""Of what is in them, that is meant: a cup of coffee."""

SHAPED = frozenset(words("shaped flavoured flavored coloured colored sized themed"))
AGENT = re.compile(r"[a-z]{3,}(?:er|or|ist)")
"""Who does something with the noun before: a bus driver is no bus."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A token with the one sense it has here. `fresh`: inside a noun phrase that a determiner opened."""

    kind: TokenKind
    name: str
    text: str
    fresh: bool = False


def _settle(read: Sequence[Token]) -> list[_Item]:
    """One sense for each English token, by its neighbours: "watch a film" is no wristwatch."""
    items: list[_Item] = []
    fresh = False
    placed = ""
    for index, token in enumerate(read):
        before = items[-1] if items else None
        after = read[index + 1] if index + 1 < len(read) else None
        item = _sense(token, before, after, fresh, placed)
        items.append(item)
        if item.text in DETERMINERS:
            fresh = True
        elif item.kind != "other" and not (item.kind == "action" and item.fresh):
            fresh = False
        if item.text in PLACING:
            placed = item.text
        elif item.kind not in ("other", "small"):
            placed = ""
    if any(_is(item, "action", "noun", "setting") and item.text not in HOMONYMS for item in items):
        return [_Item("other", i.name, i.text, i.fresh) if i.text in HOMONYMS else i for i in items]
    return items


PARTICLES = {
    "put": ("down", "back"), "set": ("down",), "lay": ("down",), "pick": ("up",), "take": ("apart",),
    "try": ("on",), "turn": ("around",),
}  # fmt: skip
"""Verbs that may hold their object before their second word: "puts the bottle down"."""

APART = 6
"""Words between the two, at most."""


def _rejoined(read: Sequence[Token]) -> list[Token]:
    """The English tokens with the halves of such a verb side by side, as one token."""
    found, known = list(read), table("en")
    for start, token in enumerate(read):
        base = next((verb for verb in PARTICLES if token.text in forms_of(verb)), None)
        if base is None:
            continue
        for at in range(start + 2, min(start + 2 + APART, len(found))):
            whole = f"{token.text} {found[at].text}"
            named = any(between.name("noun") for between in found[start + 1 : at])
            if found[at].text in PARTICLES[base] and whole in known and named:
                return [*found[:start], Token(whole, known[whole]), *found[start + 1 : at], *found[at + 1 :]]
    return found


def _sense(token: Token, before: _Item | None, after: Token | None, fresh: bool, placed: str) -> _Item:
    text = token.text
    noun, action, setting = token.name("noun"), token.name("action"), token.name("setting")
    led = before is not None and (before.text in BEFORE_VERB or before.kind == "pronoun")
    object_next = after is not None and (
        after.text in DETERMINERS or (after.name("noun") is not None and before is not None and led)
    )
    if setting and noun:
        if placed in INSIDE:
            noun = None
        else:
            setting = None
    if noun and action:
        if fresh:
            action = None
        elif led or before is None or before.kind == "noun":
            noun = None
        elif not object_next:
            action = None
        else:
            noun = None
    verbal = text in VERBAL or (text.endswith("s") and text[:-1] in VERBAL)
    ordered = after is not None and after.text in DETERMINERS and (before is None or verbal)
    if verbal and text.endswith("s") and before is not None and before.kind == "noun" and noun and not action:
        return _Item("other", text, text)  # "the ship sinks"
    if (noun or setting) and not action and not fresh and (ordered or (led and object_next)):
        return _Item("other", text, text)  # "to book a hotel", "I park the car": a verb we do not know
    if noun:
        return _Item("noun", noun, text, fresh)
    if action:
        return _Item("action", action, text, fresh)
    if setting:
        return _Item("setting", setting, text, fresh)
    sense = token.senses[0]
    return _Item(sense.kind, sense.name, text, fresh)  # light and view among them


def _read_en(read: Sequence[Token]) -> Reading:
    items, clause = _settle(_rejoined(read)), _Clause()
    passive = False
    for index, item in enumerate(items):
        following = items[index + 1] if index + 1 < len(items) else None
        match item.kind:
            case "pronoun":
                clause.asked = True
            case "small" | "question":
                if item.text == "by" and passive:
                    clause.suffer()
                    clause.waiting = True
                elif item.text in PLACING and item.text not in GOVERNED.get(clause.action or "", ()):
                    clause.oblique = True
                elif item.text in ("and", "or"):
                    clause.joined = True
            case "light" | "view":
                clause.seen(item)
                clause.oblique = False
            case "not":
                clause.denied = True
            case "setting":
                if not (_is(following, "noun") and item.name == "classroom"):  # a school bus is at no school
                    clause.place(item.name)
                clause.oblique = clause.oblique and _is(following, "noun")
            case "noun":
                if _only_describes(items, index):
                    continue
                if clause.oblique:
                    clause.oblique, clause.beside = False, item.name
                else:
                    clause.noun(item.name, item.text)
            case "action":
                if clause.verb(item.name, item.text):
                    passive = _passive(items, index)
                    clause.waiting = clause.subject is None and _leads_subject(item, following)
            case _:
                _unknown_en(clause, items, index)
    return clause.reading()


def _only_describes(items: Sequence[_Item], index: int) -> bool:
    """Whether a noun only says what kind of thing follows: an apple tree, a cup of tea, a bus driver."""
    rest = items[index + 1 : index + 4]
    if not rest:
        return False
    if rest[0].text == "of" and items[index].name in CONTAINERS:
        return any(_is(item, "noun") for item in rest)
    agent = _is(rest[0], "other") and (rest[0].text in SHAPED or AGENT.fullmatch(rest[0].text) is not None)
    return _is(rest[0], "noun") or agent


def _is(item: _Item | None, *kinds: TokenKind) -> bool:
    return item is not None and item.kind in kinds


def _unknown_en(clause: _Clause, items: Sequence[_Item], index: int) -> None:
    """A word that nobody knows: an adverb, an adjective, a place, another verb, or the doer."""
    item, following = items[index], items[index + 1] if index + 1 < len(items) else None
    if item.text.endswith("ly") or (item.fresh and _noun_ahead(items, index)):
        return
    leads = following is not None and following.text in DETERMINERS and item.text not in CAUSING
    if leads and clause.action is None:
        clause.doubt = True  # "the wizard tickles the cat", "hit the road": whoever acts, it is another deed
    if clause.oblique:
        clause.oblique = _is(following, "noun", "other")
    elif clause.action is not None:
        before = items[index - 1]
        clause.vague = clause.vague or item.fresh or before.kind == "action" or before.text in DETERMINERS
    elif clause.action is None and (clause.subject is not None or clause.setting is not None):
        clause.doubt = clause.doubt or not clause.joined
    elif clause.waiting or (clause.action is None and (item.fresh or item.text.endswith("s"))):
        clause.stranger = True  # a hippo, hippos; a bare name is just somebody


def _leads_subject(item: _Item, following: _Item | None) -> bool:
    """Whether a verb without a subject describes the noun that follows: "a flying whale", "sleeping cat"."""
    if not item.text.endswith("ing"):
        return False
    direct = _is(following, "noun", "other")
    return item.fresh or (direct and ACTION[item.name].link is None)


def _passive(items: Sequence[_Item], index: int) -> bool:
    """ "is read by": a form of to be just before, and no -ing."""
    return index > 0 and items[index - 1].text in BE and not items[index].text.endswith("ing")


def _noun_ahead(items: Sequence[_Item], index: int) -> bool:
    """Whether only unknown words (adjectives) stand between here and a noun or a verb's -ing."""
    for item in items[index + 1 :]:
        if item.kind in ("noun", "action"):
            return item.kind == "noun" or item.text.endswith("ing")
        if item.kind != "other":
            return False
    return False


# ---------------------------------------------------------------------------------- Chinese

LEADING = frozenset(words("从 在 到 向 往 朝 于 离 对 用 围着 绕着 绕 围绕 沿着 随着"))
ROUND = frozenset(words("围着 绕着 绕 围绕"))
TURNING = frozenset(words("转 转动 旋转 转圈 转圈圈 运转 转来转去"))
DEGREES = frozenset(words("得 很 地 真 好 太 最 的"))
"""What leads to how something is done, not to what it is done to."""
LOCATIVE = frozenset(words("上 下 里 中 旁 前 后 边 里面 上面 下面 旁边 外面 后面 前面 底下 中间"))
JOINING = frozenset(words("和 与 跟 及"))
BLOOMING = frozenset({"flower", "tree", "seedling"})
DRIVEN = frozenset({"car", "bus", "truck", "train", "airplane", "ship", "boat", "tractor", "motorcycle"})


def _read_zh(read: Sequence[Token]) -> Reading:
    clause = _Clause()
    taken = False  # after 把: the next noun is what it is done to
    centre: str | None = None  # after 绕着: what something may turn round
    for index, token in enumerate(read):
        noun, verb, place = token.name("noun"), token.name("action"), token.name("setting")
        before = read[index - 1].text if index else ""
        if noun is not None and not _trusted(read, index):
            _small_zh(clause, Token(token.text, OTHER), before)
        elif token.text in TURNING and centre is not None and clause.verb("orbit", token.text):
            clause.things.append(centre)
        elif noun is not None and not (place is not None and (clause.oblique or _located(read, index))):
            if before in ROUND:
                centre = noun
            if clause.oblique or _located(read, index):
                clause.oblique, clause.beside = False, noun
            elif _asks_for_object(clause) or not _modifies(read, index):
                clause.noun(noun, token.text, thing=taken)
                taken = False
        elif verb is not None:
            done = _opened(read, index, clause.subject) if token.text == "开" else verb
            if clause.verb(done, token.text) and token.text in IMPLIED:
                clause.things.append(IMPLIED[token.text])
        elif place is not None:
            clause.place(place)
            clause.oblique = False
        elif not clause.seen(token):
            taken = taken or token.text == "把"
            _small_zh(clause, token, before)
    return clause.reading()


OTHER = (Sense("other", ""),)


def _trusted(read: Sequence[Token], index: int) -> bool:
    """Whether a noun stands for itself: a single character beside one that nobody knows is part of another
    word (毛线球), and so is what stands before a head (太阳镜)."""
    token, around = read[index], (*read[max(0, index - 1) : index], *read[index + 1 : index + 2])
    if len(token.text) == 1 and any(_strange(beside) for beside in around):
        return False
    after = read[index + 1] if index + 1 < len(read) else None
    return after is None or not (_strange(after) and after.text in HEADS_ZH)


def _strange(token: Token) -> bool:
    """Whether it is a Chinese character that belongs to no word we know."""
    return not token.text.isascii() and token.text not in table("zh")


def _small_zh(clause: _Clause, token: Token, before: str) -> None:
    """A particle, a preposition, a pronoun, or a word that nobody knows."""
    match token.text:
        case "被":
            clause.suffer()
        case "的":
            clause.described()
            clause.waiting = clause.action is not None and clause.subject is None
        case "地":
            clause.described()
        case text if text in LEADING:
            clause.oblique = True
        case text if text in JOINING:
            clause.joined = True
        case _ if token.name("pronoun") is not None:
            clause.asked = True
        case _ if token.name("not") is not None:
            clause.denied = True
        case _ if token.senses[0].kind in ("other", "idiom"):
            if clause.action is not None:
                clause.vague = clause.vague or not (clause.oblique or before in DEGREES)
            if clause.action is None and not clause.oblique:
                if clause.subject is None:
                    clause.stranger = True
                else:
                    clause.doubt = clause.doubt or not clause.joined
            clause.oblique = False
        case _:
            pass


def _located(read: Sequence[Token], index: int) -> bool:
    """Whether a noun only says where: 树下, 床上."""
    return index + 1 < len(read) and read[index + 1].text in LOCATIVE


def _asks_for_object(clause: _Clause) -> bool:
    """Whether the verb before it waits for its object: the banana of 吃香蕉的猴子 describes no monkey."""
    return clause.action is not None and clause.subject is None and ACTION[clause.action].link is not None


def _modifies(read: Sequence[Token], index: int) -> bool:
    """Whether a noun only describes the next one: 苹果树, 妈妈的手表."""
    rest = read[index + 1 : index + 3]
    if rest and rest[0].text == "的":
        rest = rest[1:]
    return bool(rest) and rest[0].name("noun") is not None


def _opened(read: Sequence[Token], index: int, subject: str | None) -> str:
    """What 开 means: flowers bloom, vehicles are driven, the rest is opened."""
    if subject in BLOOMING:
        return "grow"
    after = next((token.name("noun") for token in read[index + 1 :] if token.name("noun") in NOUN), None)
    return "drive" if after in DRIVEN or subject in DRIVEN else "open"
