"""Templates into sentences: "{subject} {is} {action} {object}" → "a child is picking up a toy car".

Slots: {subject} and {object} with article or measure word, {is} ("is" or "are"; nothing in Chinese), {action}
(what is under way), {setting} (where). A slot that has nothing to say leaves no gap.
"""

from __future__ import annotations

import re
import string

from reverie.story.vocabulary import ACTION, INSTRUMENTS, NOUN, SETTING, Noun, Verb
from reverie.values import Language, Shot

SLOTS = frozenset({"subject", "is", "action", "object", "setting"})
"""What a template may ask for."""


def slots_of(template: str) -> set[str]:
    """Names of the slots in `template`. Raises ValueError when its braces do not match."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def sentence(template: str, shot: Shot, language: Language) -> str:
    """`template` filled with the words of `shot`, which must be of the vocabulary (KeyError otherwise)."""
    subject, verb = NOUN[shot.subject], ACTION[shot.action]
    thing = None if shot.object is None else NOUN[shot.object]
    place = SETTING[shot.setting]
    if language == "zh":
        words = {
            "subject": subject.phrase_zh,
            "is": "",
            "action": _doing_zh(verb, thing),
            "object": _object_zh(verb, thing),
            "setting": place.zh,
        }
        return template.format(**words)
    words = {
        "subject": subject.phrase_en,
        "is": "are" if subject.plural else "is",
        "action": _doing_en(verb, thing),
        "object": _object_en(verb, thing),
        "setting": place.en,
    }
    return _tidy(template.format(**words))


def _doing_en(verb: Verb, thing: Noun | None) -> str:
    if thing is None:
        return verb.ing_alone
    if not verb.link:
        return verb.ing
    if verb.name == "play" and thing.name in INSTRUMENTS:
        return verb.ing
    return f"{verb.ing} {verb.link}"


def _object_en(verb: Verb, thing: Noun | None) -> str:
    if thing is None:
        return ""
    return thing.phrase_en if verb.link is not None else f"near {thing.phrase_en}"


def _doing_zh(verb: Verb, thing: Noun | None) -> str:
    if thing is None:
        return verb.zh_alone
    if verb.name == "play" and thing.name in INSTRUMENTS:
        return "正在敲" if thing.name == "drum" else "正在弹"
    return verb.zh_ing


def _object_zh(verb: Verb, thing: Noun | None) -> str:
    if thing is None:
        return ""
    return thing.phrase_zh + verb.zh_end if verb.link is not None else f"，身边有{thing.phrase_zh}"


def _tidy(text: str) -> str:
    """No double spaces, none before punctuation, a capital at each sentence's start."""
    text = re.sub(r"\s+([,.!?;:])", r"\1", re.sub(r"\s+", " ", text)).strip()
    return re.sub(r"(^|[.!?]\s+)([a-z])", lambda found: found[1] + found[2].upper(), text)
