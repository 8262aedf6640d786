"""What a text asks to see: "how do dinosaurs walk?", 猫追蝴蝶, "a robot builds a house".

In steps, each surer than the next one is needed: the questions that the story library answers; the lexicon,
reading who does what; a language model where there is one and the lexicon is not sure; a card that says it
cannot draw that yet, and what may be asked instead. Where a verb is unknown or the reading is weak, the
subject is shown calmly with the text below: never a wrong object.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from reverie.story.lexicon import TRADITIONAL, UNSEEMLY_EN, UNSEEMLY_ZH, Token, tokens
from reverie.story.library import Library, Story, make_brief
from reverie.story.reading import Reader, Reading, read_sentence, read_text
from reverie.story.vocabulary import ACTION, INSTRUMENTS, LABELS, NOUN
from reverie.values import Brief, Language, Light, Shot

Confidence = Literal["curated", "lexicon", "model", "card"]

LONGEST = 120
"""Characters of a caption that is the asker's own text."""

ALIKE = 0.8
"""A curated question is recognised from this Dice overlap of weighted words. At 0.8 a two-concept question
survives one stray word, but not another subject or another verb."""

RICH = 4
"""Weight of what a curated question is about from which it survives a stray word: two things, or a thing and
two words more."""

ANYHOW = "?how"
"""How, why and what ask for the same explanation."""

AKIN = {
    "mad": "make", "mak": "make", "form": "make", "creat": "make", "produc": "make", "com": "make",
    "born": "make", "becom": "make", "turn": "make", "chang": "make", "function": "work",
    "operat": "work", "boat": "ship", "hot": "warm",
    "形成": "做", "产生": "做", "做成": "做", "变": "做", "变成": "做", "造": "做",
}  # fmt: skip
"""Words that ask for the same, by their stem."""

SECONDS = 3.0
"""Length of a shot made from a text."""

NOT_YET: dict[Language, str] = {
    "en": "I can't draw that yet. But ask me:",
    "zh": "这个我还不会画，不妨问我：",
}
"""What the card says first."""

INSTEAD: dict[Language, str] = {"en": "A cat chases a butterfly", "zh": "猫追蝴蝶"}
"""What it proposes where the library answers no question."""

PROPOSED = 3
"""Questions that a card proposes, at most."""

CARD_SECONDS = 1.6
"""Length of each shot of a card: one for what it says, one for each question."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was understood from a text.

    `confidence`: "curated" (a question that the library answers), "lexicon" (read word by word), "model"
    (read by a language model) or "card" (nothing that can be drawn). `matched`: the words of the vocabulary
    or, for a curated story, the pattern it was recognised by.
    """

    text: str
    language: Language
    brief: Brief
    confidence: Confidence
    matched: tuple[str, ...]


def understand(
    text: str,
    language: Language | None,
    library: Library,
    tone: str = "plain",
    variant: int = 0,
    second: Reader | None = None,
) -> Understanding:
    """The brief that answers `text`. `language` None: Chinese when it holds a Chinese character. `second` is
    asked where the lexicon is not sure: where it reads nothing, or cannot draw what a word it does not know
    may mean.

    What nobody wants to read on a screen (`lexicon.UNSEEMLY_EN`) is answered with the card, and not repeated.

    `tone` and `variant` choose the wording of a curated story; other captions are the text itself, without
    control characters and emoji, at most 120 characters.
    """
    spoken = language or detect_language(text)
    caption = clean(text)
    plain = normal(text)
    read = read_text(plain, spoken)
    readings = (read, tokens(plain, spoken))
    told = _curated(readings, spoken, library)
    if told is not None:
        story, pattern = told
        brief = make_brief(library, story, tone, spoken, variant=variant)
        return Understanding(caption, spoken, brief, "curated", (pattern,))
    if _is_unseemly(plain):
        return _card("", readings, tone, spoken, library)
    curious = "question" in _kinds(read)
    reading = _known_doer(read_sentence(read, spoken))
    shot = None if reading is None else _shot(reading, caption, curious=curious)
    by: Confidence = "lexicon"
    if second is not None and plain.strip() and _is_doubtful(shot, read):
        other = second.read(caption, spoken)
        better = None if other is None else _shot(other, caption, curious=curious)
        if other is not None and better is not None:
            reading, shot, by = other, better, "model"
    if reading is None or shot is None:
        return _card(caption, readings, tone, spoken, library)
    words = tuple(word for word in (shot.subject, shot.action, shot.object) if word is not None)
    brief = Brief("ask/" + "/".join(words), (shot,), tone, spoken)
    return Understanding(caption, spoken, brief, by, reading.matched)


def _is_unseemly(plain: str) -> bool:
    """Whether a normalised text may not stand below a picture; nobody else is asked about it either."""
    return not UNSEEMLY_EN.isdisjoint(plain.split()) or any(word in plain for word in UNSEEMLY_ZH)


def _is_doubtful(shot: Shot | None, read: Sequence[Token]) -> bool:
    """Whether the lexicon's reading may miss what is meant: no shot, or a calm one and words unknown."""
    return shot is None or (shot.action == "appear" and bool(_kinds(read) & {"other", "idiom"}))


def brief_json(understanding: Understanding) -> dict[str, Any]:
    """Plain JSON values: text, language, confidence, matched, topic, tone, seconds, shots."""
    brief = understanding.brief
    return {
        "text": understanding.text,
        "language": understanding.language,
        "confidence": understanding.confidence,
        "matched": list(understanding.matched),
        "topic": brief.topic,
        "tone": brief.tone,
        "seconds": brief.seconds,
        "shots": [{**asdict(shot), "labels": list(shot.labels)} for shot in brief.shots],
    }


# ---------------------------------------------------------------------------------- the text


def detect_language(text: str) -> Language:
    """ "zh" when `text` holds a CJK ideograph, else "en"."""
    return "zh" if re.search(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]", text) else "en"


def clean(text: str) -> str:
    """`text` as a caption: printable, without emoji, single spaces, at most 120 characters ("…" when cut)."""
    kept = "".join(_printable(char) for char in unicodedata.normalize("NFC", text))
    line = " ".join(kept.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def _printable(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] == "Z" or char in "\t\r\n":
        return " "
    # So and Sk hold emoji and skin tones; C* control characters, directions, private use, halves of pairs;
    # Me, Mn and the rest of M pile up on letters without end
    if category[0] in "CM" or category in ("So", "Sk"):
        return ""
    return char


def normal(text: str) -> str:
    """`text` to be looked up: one width, lower case, simplified characters, no possessive, no punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(TRADITIONAL)
    plain = re.sub(r"(?:\bcan|n)['’]t\b", " not", plain)  # cannot does without its n
    plain = re.sub(r"['’](s|re|m|ll|d|ve|t)\b", " ", plain)
    return "".join(char if char.isalnum() else " " for char in plain)


# ---------------------------------------------------------------------------------- curated questions


def _curated(
    readings: Sequence[Sequence[Token]], language: Language, library: Library
) -> tuple[Story, str] | None:
    """The story with the question most like the text, in any of its readings, and that question."""
    asked = [_features(read) for read in readings]
    best: tuple[float, Story, str] | None = None
    for story in library.stories:
        for pattern in story.questions.of(language):
            known = _known(pattern, language)
            score = max(_alike(features, known) for features in asked)
            if score >= ALIKE and (best is None or score > best[0]):
                best = score, story, pattern
    return None if best is None else (best[1], best[2])


@lru_cache(4096)
def _known(pattern: str, language: Language) -> Counter[str]:
    return _features(tokens(normal(pattern), language))


def _features(read: Sequence[Token]) -> Counter[str]:
    """What a text is recognised by: its words with their weight, in any order.

    A word of the vocabulary counts 2, any other 1, a kind of question 1 ("?how", "?where"), small words
    nothing.
    """
    found: Counter[str] = Counter()
    for token in read:
        sense = token.senses[0]
        match sense.kind:
            case "noun" if sense.name == "person":
                pass  # how people make bread is how bread is made
            case "noun" | "action" | "setting" | "light":
                found[AKIN.get(sense.name, sense.name)] = 2
            case "question":
                found["?" + sense.name] = 1
            case "other" | "quality":
                found[AKIN.get(sense.name, sense.name)] = 1
            case "idiom":
                found[token.text] = 1
            case _:
                pass
    return found


def _alike(asked: Counter[str], known: Counter[str]) -> float:
    """Dice overlap of a text and a question that is known, 0..1: 0 where they are about different things.

    What is asked of another thing, of another deed or in another way (where, how much) is another question;
    so is, of a question with one thing and hardly a word more, whatever is not that question to the word.
    """
    if any(weight > 1 and word not in known for word, weight in asked.items()):
        return 0.0
    foreign, missing = asked - known, known - asked
    if any(word[0] == "?" and word != ANYHOW for word in foreign):
        return 0.0
    if any(word[0] == "?" for word in missing):
        return 0.0  # "the plane takes off" is told, not asked
    content = sum(weight for word, weight in known.items() if word[0] != "?")
    if content < RICH and (missing or {*foreign} - {ANYHOW} or not content):
        return 0.0
    total = asked.total() + known.total()
    return 2 * (asked & known).total() / total if total else 0.0


# ---------------------------------------------------------------------------------- what can be drawn


FOOD = frozenset(
    {
        "banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake",
        "bread", "egg", "ice cream", "candy", "fish", "flower", "honey", "chocolate", "leaf", "seed",
    }
)  # fmt: skip
DRINKS = frozenset({"water", "milk", "tea", "coffee"})
VEHICLES = frozenset({"car", "motorcycle", "bus", "train", "truck", "boat", "ship", "tractor", "toy car"})
RIDDEN = VEHICLES | {
    "bicycle", "horse", "elephant", "cow", "zebra", "dinosaur", "t-rex", "turtle", "whale", "skis",
    "snowboard", "skateboard", "surfboard", "rocket", "sheep", "giraffe", "airplane", "helicopter",
}  # fmt: skip
TOYS = INSTRUMENTS | {
    "ball", "sports ball", "toy car", "building blocks", "puzzle", "teddy bear", "kite", "frisbee", "balloon",
    "robot", "tennis racket", "skateboard",
}  # fmt: skip
OPENED = frozenset(
    {
        "gift", "bottle", "book", "umbrella", "suitcase", "backpack", "handbag", "refrigerator", "oven",
        "microwave", "laptop", "lock", "car", "house",
    }
)  # fmt: skip
BUILT = frozenset(
    {"building blocks", "house", "bridge", "robot", "rocket", "ship", "boat", "puzzle", "toy car"}
)
ALIVE = frozenset(name for name, noun in NOUN.items() if noun.alive)
HUGE = frozenset(
    {
        "sun", "moon", "star", "earth", "volcano", "mountain", "river", "house", "bridge", "cloud", "wind",
        "rainbow", "lightning", "airplane", "ship", "train", "bus", "truck", "car", "boat", "rocket",
        "helicopter", "tractor", "tree", "whale", "elephant", "dinosaur", "t-rex", "giraffe",
    }
)  # fmt: skip
THROWN = frozenset(
    {
        "ball", "sports ball", "frisbee", "paper", "hat", "shoe", "teddy bear", "apple", "orange", "banana",
        "candy", "seed", "leaf", "sponge", "balloon", "snowflake", "gift", "heart", "star", "key", "egg",
        "bottle", "book",
    }
)  # fmt: skip
WORN = frozenset(
    {
        "hat",
        "shoe",
        "dress",
        "tie",
        "watch",
        "headphones",
        "backpack",
        "handbag",
        "umbrella",
        "baseball glove",
    }
)
SEATS = frozenset(
    {
        "chair", "couch", "bench", "bed", "toilet", "suitcase", "horse", "elephant", "nest", "gift",
        "skateboard",
        "mountain", "wheel", "ice", "tree",
    }
)  # fmt: skip
STOOD_ON = SEATS | {
    "dining table",
    "bridge",
    "house",
    "book",
    "snowboard",
    "surfboard",
    "ball",
    "building blocks",
}
CLIMBED = frozenset(
    {
        "tree", "mountain", "house", "bed", "chair", "couch", "bridge", "volcano", "dining table",
        "refrigerator", "building blocks", "nest",
    }
)  # fmt: skip
GOODS = frozenset(NOUN) - ALIVE - HUGE - {"water", "fire hydrant", "traffic light", "stop sign", "ice"}

FITTING: dict[str, Collection[str]] = {
    "eat": FOOD,
    "drink": DRINKS,
    "drive": VEHICLES,
    "ride": RIDDEN,
    "read": {"book"},
    "play": TOYS | ALIVE,
    "open": OPENED,
    "build": BUILT,
    "take_apart": frozenset(NOUN) - ALIVE,
    "put_down": frozenset(NOUN) - HUGE,
    "carry": frozenset(NOUN) - HUGE,
    "unbox": GOODS,
    "try_on": WORN,
    "sit": SEATS,
    "stand": STOOD_ON,
    "climb": CLIMBED,
    "throw": THROWN,
    "catch": THROWN | {"butterfly", "fish", "bee", "frog", "rabbit"},
    "kick": {"ball", "sports ball", "balloon", "bottle", "paper", "snowman"},
    "orbit": {"sun", "earth", "moon", "star"},
    "hug": ALIVE | {"teddy bear", "tree", "snowman", "heart", "gift", "globe"},
}
"""Objects that an action can be drawn with; any for the others that take one."""

NEEDS_OBJECT = frozenset(
    {
        "hold", "pick_up", "chase", "push", "open", "take_apart", "ride", "put_down", "carry", "try_on",
        "throw",
        "catch", "kick", "hug",
    }
)  # fmt: skip
"""Actions that show nothing without their object."""

CERTAIN = frozenset({"look_at", "sit", "stand", "climb", "point", "ride"})
"""Actions that read well alone where we do not know what they are done to: to eat something unknown would be
drawn as eating something else."""

NEEDS_LIFE = frozenset(
    {
        "hold", "pick_up", "look_at", "wave", "drink", "eat", "read", "play", "chase", "build", "take_apart",
        "sleep", "open", "put_down", "carry", "unbox", "try_on", "throw", "catch", "kick", "climb", "hug",
        "point", "sit", "stand",
    }
)  # fmt: skip
"""Actions whose subject must be alive: otherwise the text was read wrongly."""

DOERS: dict[str, Collection[str]] = {
    "rain": {"cloud"},
    "snow": {"cloud"},
    "erupt": {"volcano"},
    "evaporate": {"water", "river", "tea", "coffee"},
    "condense": {"water", "cloud"},
    "boil": {"water", "tea", "milk", "coffee", "egg"},
    "melt": {"ice", "snowman", "ice cream", "chocolate", "snowflake", "candy", "soap"},
    "orbit": {"earth", "moon", "star", "rocket", "airplane"},
    "grow": ALIVE
    | {"flower", "tree", "seedling", "seed", "leaf", "potted plant", "carrot", "broccoli", "tooth"},
}
"""Who can do what few can: otherwise the text was read wrongly."""

CAUSED = frozenset({"melt", "boil", "grow", "spin", "float", "fall", "fly", "evaporate"})
"""What somebody does to a thing is shown as what the thing does: who boils water, or flies a kite."""

ALONE = {
    "rain": "cloud", "snow": "cloud", "shine": "sun", "erupt": "volcano", "evaporate": "water",
    "condense": "cloud", "melt": "ice", "boil": "water", "orbit": "earth",
}  # fmt: skip
"""Who does it when nobody is named; a person does everything else."""

SCENERY = {
    "sea": "whale", "sky": "cloud", "forest": "tree", "night": "moon", "space": "star", "street": "car",
    "park": "tree", "kitchen": "oven", "classroom": "globe", "room": "couch", "prehistoric": "dinosaur",
    "studio": "camera", "shop": "gift", "supermarket": "apple", "toy_shelf": "teddy bear",
    "electronics": "headphones",
}  # fmt: skip
"""What is shown of a place that nothing else is said of."""

PLACE_OF_ACTION = {
    "swim": "sea", "drive": "street", "ride": "park", "sleep": "room", "read": "room", "rain": "sky",
    "condense": "sky", "evaporate": "sea", "shine": "sky", "erupt": "prehistoric", "fly": "sky",
    "eat": "kitchen",
    "drink": "kitchen", "grow": "park", "snow": "sky", "melt": "park", "boil": "kitchen", "orbit": "space",
    "climb": "park", "kick": "park", "throw": "park", "catch": "park", "sit": "room", "unbox": "room",
    "try_on": "shop", "hug": "room", "run": "park", "walk": "park", "chase": "park", "jump": "park",
    "carry": "street", "put_down": "room", "stand": "park", "point": "park", "wave": "park", "push": "park",
    "look_at": "park", "pick_up": "room", "open": "room", "play": "room", "build": "room", "hold": "room",
}  # fmt: skip
OUTDOORS = frozenset({"tree", "flower", "bench", "river", "mountain", "bridge", "house", "snowman"})
"""What somebody is under, at or by says that it happens outdoors."""

LEAVES_HOME = frozenset({"fly", "rain", "swim", "drive", "read", "orbit"})
"""Actions that take a subject away from where it lives."""

HOMES: dict[str, tuple[str, ...]] = {
    "sea": (
        "fish", "whale", "ship", "boat", "turtle", "surfboard",
    ),
    "prehistoric": (
        "dinosaur", "t-rex", "volcano",
    ),
    "night": (
        "moon", "star",
    ),
    "space": (
        "rocket", "earth",
    ),
    "sky": (
        "sun", "cloud", "airplane", "helicopter", "kite", "rainbow", "lightning", "snowflake",
    ),
    "park": (
        "house", "tree", "flower", "butterfly", "bee", "wind", "mountain", "river", "snowman", "leaf",
        "caterpillar", "seed", "elephant", "zebra", "giraffe", "cow", "horse", "sheep", "bird", "rabbit",
        "frog", "bench", "tractor", "frisbee", "sports ball", "ball", "skateboard", "tennis racket",
        "baseball bat", "baseball glove", "seedling", "bridge", "train",
    ),
    "forest": (
        "lion", "tiger", "monkey", "bear", "panda", "nest", "cocoon", "spider",
    ),
    "street": (
        "car", "bus", "truck", "motorcycle", "bicycle", "traffic light", "stop sign", "fire hydrant",
        "parking meter", "recycling bin",
    ),
    "kitchen": (
        "banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake",
        "bread", "egg", "milk", "tea", "coffee", "honey", "chocolate", "fork", "knife", "spoon", "bowl",
        "cup", "oven", "microwave", "toaster", "refrigerator", "sink", "dining table", "bottle", "sponge",
    ),
    "classroom": (
        "globe", "pencil", "paper", "magnet", "puzzle",
    ),
}  # fmt: skip
PLACE_OF_SUBJECT = {name: place for place, names in HOMES.items() for name in names}


def _known_doer(reading: Reading | None) -> Reading | None:
    """The reading without an action whose doer we cannot draw; what it is done to may still be shown."""
    if reading is None or not reading.stranger or reading.subject or reading.action in ALONE:
        return reading
    if not reading.things:
        return None
    return replace(reading, subject=reading.things[0], action=None, things=(), stranger=False)


def _shot(reading: Reading, caption: str, *, curious: bool) -> Shot | None:
    """The shot of a reading, with everything doubtful left out; None when nothing sure is left."""
    reading = _turned(reading)
    action, thing = reading.action, _fitting(reading)
    subject = reading.subject or _nobody(reading)
    weak = _is_weak(reading, subject, thing)
    if weak and reading.subject is None:
        # Nobody is named: rather the thing that is than somebody who is not
        told = reading.action is not None
        if told and not reading.things:
            return None
        subject = reading.things[0] if told else subject
    if weak or action is None:
        action, thing = "appear", None
    setting, light = _place_and_light(reading, subject, action)
    mood = "dramatic" if action == "erupt" else "curious" if curious else "calm" if weak else "cheerful"
    return Shot(subject, action, thing, setting, mood, caption, SECONDS, light, reading.view)


def _is_weak(reading: Reading, subject: str, thing: str | None) -> bool:
    """Whether the action cannot be drawn, or may not be what is meant."""
    action = reading.action
    return (
        action is None
        or (action in NEEDS_OBJECT and thing is None)
        or (action in NEEDS_LIFE and subject not in ALIVE)
        or subject not in DOERS.get(action, NOUN)
        or (reading.vague and thing is None and ACTION[action].link is not None and action not in CERTAIN)
    )


def _turned(reading: Reading) -> Reading:
    """What somebody makes a thing do is told of the thing: "boil water", "a boy flies a kite"."""
    if reading.action is None or not reading.things or ACTION[reading.action].link is not None:
        return reading
    thing = reading.things[0]
    alone = reading.subject is None and not reading.asked
    doer = reading.asked or reading.subject in ALIVE
    caused = reading.action in CAUSED and doer and thing not in ALIVE
    if (alone or caused) and thing in DOERS.get(reading.action, NOUN):
        return replace(reading, subject=thing, things=())
    return reading


def _nobody(reading: Reading) -> str:
    """Who it is about when no one is named."""
    if reading.action is not None:
        return ALONE.get(reading.action, "person")
    if reading.setting is None and reading.light != "day":
        return "moon" if reading.light == "night" else "sun"
    return SCENERY.get(reading.setting or "", "person")


def _fitting(reading: Reading) -> str | None:
    """The object that can be drawn with the action, or None."""
    if reading.action is None or ACTION[reading.action].link is None:
        return None
    allowed = FITTING.get(reading.action, NOUN)
    return next((thing for thing in reading.things if thing in allowed), None)


LIGHTLESS = frozenset({"night", "space", "studio"})
"""Settings with a light of their own, at any time of the day."""


def _place_and_light(reading: Reading, subject: str, action: str) -> tuple[str, Light]:
    """Where and at what time of the day. By night, where no place is meant, it is the night sky."""
    setting = reading.setting or ("park" if reading.beside in OUTDOORS else None)
    setting = setting or _place(subject, action, _fitting(reading))
    if reading.setting is None and (
        reading.light == "night" and (setting is None or setting in LIGHTLESS) and action != "orbit"
    ):
        setting = "night"
    if setting is None:
        setting = "room" if subject in LABELS else "studio"
    return setting, "day" if setting in LIGHTLESS else reading.light


def _place(subject: str, action: str, thing: str | None) -> str | None:
    """Where it happens when the text does not say: where the subject lives, else where one does that, or
    where that may be seen; None: nowhere in particular."""
    home = PLACE_OF_SUBJECT.get(subject)
    if home is not None and action not in LEAVES_HOME:
        return home
    if action in ("look_at", "point") and PLACE_OF_SUBJECT.get(thing or "") == "night":
        return "night"
    return PLACE_OF_ACTION.get(action)


def _card(
    text: str, readings: Sequence[Sequence[Token]], tone: str, language: Language, library: Library
) -> Understanding:
    """What cannot be drawn, told in so many words, and what may be asked instead: the questions nearest to
    the text, and where none is near, some that change with it."""
    asked = [_features(read) for read in readings]
    proposals = proposed(library, language)
    start = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % max(1, len(proposals))
    turned = proposals[start:] + proposals[:start]
    ranked = sorted(turned, key=lambda shot: -_nearness(asked, shot.caption, language))
    if ranked and not _nearness(asked, ranked[0].caption, language):
        ranked = ranked[:: max(1, len(ranked) // PROPOSED)]  # nothing is near: of everything a little
    said = _calm("light bulb", NOT_YET[language])
    brief = Brief("card", (said, *ranked[:PROPOSED]), tone, language)
    return Understanding(text, language, brief, "card", ())


def _nearness(asked: Sequence[Counter[str]], question: str, language: Language) -> int:
    """Weight of the words of the vocabulary, and of others, that a text shares with a question."""
    known = _known(question, language)
    return max(
        sum(weight for word, weight in (features & known).items() if word[0] != "?") for features in asked
    )


def proposed(library: Library, language: Language) -> tuple[Shot, ...]:
    """A shot for each question that a card may propose: what it is about, calmly, and the question below.

    One of each story, its first that is a question about a thing.
    """
    found = []
    for story in library.stories:
        shown = tuple(dict.fromkeys(plan.subject for plan in story.shots))
        shots = (_proposal(pattern, language, shown) for pattern in story.questions.of(language))
        found.extend([shot for shot in shots if shot is not None][:1])
    return tuple(found) or (_calm("cat", INSTEAD[language]),)


@lru_cache(4096)
def _proposal(pattern: str, language: Language, shown: tuple[str, ...]) -> Shot | None:
    """The shot of a question; its thing is one that the story shows, where the question speaks of one."""
    read = tokens(normal(pattern), language)
    named = [name for token in read if (name := token.name("noun")) is not None]
    if not named or not any(token.name("question") for token in read):
        return None
    subject = next((name for name in named if name in shown), named[0])
    return _calm(subject, _as_question(pattern, language))


def _calm(subject: str, caption: str) -> Shot:
    return Shot(subject, "appear", None, "studio", "calm", caption, CARD_SECONDS)


def _as_question(pattern: str, language: Language) -> str:
    """As people write it: "how do dinosaurs walk" becomes "How do dinosaurs walk?"."""
    bare = pattern.rstrip("?？ ")
    return f"{bare}？" if language == "zh" else f"{bare[:1].upper()}{bare[1:]}?"


def _kinds(read: Sequence[Token]) -> set[str]:
    return {sense.kind for token in read for sense in token.senses}
