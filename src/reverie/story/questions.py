"""What a text asks to see: "how do dinosaurs walk?", 猫追蝴蝶, "a robot builds a house".

Three steps, each surer than the next one is needed: the questions that the story library answers; then the
lexicon, reading who does what; then a card that says it cannot draw that yet. Where a verb is unknown or the
reading is weak, the subject is shown calmly with the text below: never a wrong object.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from reverie.story.lexicon import Token, tokens
from reverie.story.library import Library, Story, make_brief
from reverie.story.reading import Reading, read_sentence, read_text
from reverie.story.vocabulary import ACTION, INSTRUMENTS, LABELS, NOUN
from reverie.values import Brief, Language, Shot

Confidence = Literal["curated", "lexicon", "card"]

LONGEST = 120
"""Characters of a caption that is the asker's own text."""

ALIKE = 0.8
"""A curated question is recognised above this Dice overlap of weighted words. At 0.8 a two-concept question
survives one stray word or a missing question word, but not another subject or another verb."""

SECONDS = 3.0
"""Length of a shot made from a text."""

NOT_YET: dict[Language, str] = {
    "en": "I can't draw that yet. Try: a cat chases a butterfly",
    "zh": "这个我还不会画，试试：猫追蝴蝶",
}
"""What the card says."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was understood from a text.

    `confidence`: "curated" (a question that the library answers), "lexicon" (read word by word) or "card"
    (nothing that can be drawn). `matched`: the words of the vocabulary or, for a curated story, the pattern
    it was recognised by.
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
) -> Understanding:
    """The brief that answers `text`. `language` None: Chinese when it holds a Chinese character.

    `tone` and `variant` choose the wording of a curated story; other captions are the text itself, without
    control characters and emoji, at most 120 characters.
    """
    spoken = language or detect_language(text)
    caption = clean(text)
    plain = normal(text)
    read = read_text(plain, spoken)
    told = _curated((read, tokens(plain, spoken)), spoken, library)
    if told is not None:
        story, pattern = told
        brief = make_brief(library, story, tone, spoken, variant=variant)
        return Understanding(caption, spoken, brief, "curated", (pattern,))
    reading = _known_doer(read_sentence(read, spoken))
    if reading is None:
        return Understanding(caption, spoken, _card(tone, spoken), "card", ())
    shot = _shot(reading, caption, curious="question" in _kinds(read))
    words = tuple(word for word in (shot.subject, shot.action, shot.object) if word is not None)
    brief = Brief("ask/" + "/".join(words), (shot,), tone, spoken)
    return Understanding(caption, spoken, brief, "lexicon", reading.matched)


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
        "shots": [asdict(shot) for shot in brief.shots],
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
    """`text` to be looked up: one width, lower case, no possessive, no punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
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
            known = _features(tokens(normal(pattern), language))
            score = max(_alike(features, known) for features in asked)
            if score > ALIKE and (best is None or score > best[0]):
                best = score, story, pattern
    return None if best is None else (best[1], best[2])


def _features(read: Sequence[Token]) -> Counter[str]:
    """What a text is recognised by: its words with their weight, in any order.

    A word of the vocabulary counts 2, any other 1, all question words together 1, small words nothing.
    """
    found: Counter[str] = Counter()
    for token in read:
        sense = token.senses[0]
        match sense.kind:
            case "noun" | "action" | "setting":
                found[sense.name] = 2
            case "question":
                found["?"] = 1
            case "other":
                found[sense.name] = 1
            case "idiom":
                found[token.text] = 1
    return found


def _alike(one: Counter[str], other: Counter[str]) -> float:
    """Dice overlap, 0..1."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


# ---------------------------------------------------------------------------------- what can be drawn


FOOD = frozenset(
    {
        "banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake",
        "bread", "egg", "ice cream", "candy", "fish", "flower",
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
}
"""Objects that an action can be drawn with; any for the others that take one."""

NEEDS_OBJECT = frozenset({"hold", "pick_up", "chase", "push", "open", "take_apart", "ride"})
"""Actions that show nothing without their object."""

NEEDS_LIFE = frozenset(
    {
        "hold", "pick_up", "look_at", "wave", "drink", "eat", "read", "play", "chase", "build", "take_apart",
        "sleep", "open",
    }
)  # fmt: skip
"""Actions whose subject must be alive: otherwise the text was read wrongly."""

ALONE = {"rain": "cloud", "shine": "sun", "erupt": "volcano", "evaporate": "water", "condense": "cloud"}
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
    "drink": "kitchen", "grow": "park", "run": "park", "walk": "park", "chase": "park", "jump": "park",
}  # fmt: skip
LEAVES_HOME = frozenset({"fly", "rain", "swim", "drive", "read"})
"""Actions that take a subject away from where it lives."""

PLACE_OF_SUBJECT = {
    "fish": "sea", "whale": "sea", "ship": "sea", "boat": "sea", "turtle": "sea", "dinosaur": "prehistoric",
    "t-rex": "prehistoric", "volcano": "prehistoric", "moon": "night", "star": "night", "rocket": "space",
    "sun": "sky", "cloud": "sky", "airplane": "sky", "helicopter": "sky", "kite": "sky", "house": "park",
    "tree": "park", "flower": "park", "butterfly": "park", "bee": "park", "lion": "forest", "tiger": "forest",
    "monkey": "forest", "bear": "forest", "panda": "forest",
}  # fmt: skip


def _known_doer(reading: Reading | None) -> Reading | None:
    """The reading without an action whose doer we cannot draw; what it is done to may still be shown."""
    if reading is None or not reading.stranger or reading.subject or reading.action in ALONE:
        return reading
    if reading.action is None:
        return reading if reading.setting else None
    if not reading.things:
        return None
    return Reading(reading.things[0], None, (), reading.setting, reading.matched)


def _shot(reading: Reading, caption: str, *, curious: bool) -> Shot:
    """The shot of a reading, with everything doubtful left out."""
    action, thing = reading.action, _fitting(reading)
    subject = reading.subject or _nobody(reading)
    weak = (
        action is None
        or (action in NEEDS_OBJECT and thing is None)
        or (action in NEEDS_LIFE and subject not in ALIVE)
    )
    if weak or action is None:
        action, thing = "appear", None
    setting = reading.setting or _place(subject, action)
    mood = "dramatic" if action == "erupt" else "curious" if curious else "calm" if weak else "cheerful"
    return Shot(subject, action, thing, setting, mood, caption, SECONDS)


def _nobody(reading: Reading) -> str:
    """Who it is about when no one is named."""
    if reading.action is not None:
        return ALONE.get(reading.action, "person")
    return SCENERY.get(reading.setting or "", "person")


def _fitting(reading: Reading) -> str | None:
    """The object that can be drawn with the action, or None."""
    if reading.action is None or ACTION[reading.action].link is None:
        return None
    allowed = FITTING.get(reading.action, NOUN)
    return next((thing for thing in reading.things if thing in allowed), None)


def _place(subject: str, action: str) -> str:
    """Where it happens when the text does not say: where the subject lives, else where one does that."""
    home = PLACE_OF_SUBJECT.get(subject)
    if home is None or action in LEAVES_HOME:
        return PLACE_OF_ACTION.get(action, "room" if subject in LABELS else "studio")
    return home


def _card(tone: str, language: Language) -> Brief:
    shot = Shot("light bulb", "appear", None, "studio", "calm", NOT_YET[language], SECONDS)
    return Brief("card", (shot,), tone, language)


def _kinds(read: Sequence[Token]) -> set[str]:
    return {sense.kind for token in read for sense in token.senses}
