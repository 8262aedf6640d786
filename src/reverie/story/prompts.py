"""The text prompt of a brief, for a diffusion model: behaviour, place, mood, look, in the brief's language.

Made of the vocabulary and the phrases below and of nothing else: no caption (it may be what somebody typed),
no identity, age, gender or emotion beyond the vocabulary's own words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from reverie.story.sentences import sentence
from reverie.story.vocabulary import MOOD
from reverie.values import Brief, Language, Light, Shot, View

SENTENCES: Mapping[Language, tuple[str, ...]] = {
    "en": (
        "{subject} {is} {action} {object} {setting}.",
        "Wide shot: {subject} {is} {action} {object} {setting}.",
        "{setting}, {subject} {is} {action} {object}.",
    ),
    "zh": (
        "{setting}，{subject}{action}{object}。",
        "全景：{setting}，{subject}{action}{object}。",
        "画面中，{setting}，{subject}{action}{object}。",
    ),
}
"""How one shot is told; which one is a hash of its words, so that a brief always has the same prompt."""

LIGHTS: Mapping[Language, Mapping[Light, str]] = {
    "en": {"dawn": "{setting} at dawn", "dusk": "{setting} at dusk", "night": "{setting} at night"},
    "zh": {"dawn": "清晨的{setting}", "dusk": "傍晚的{setting}", "night": "夜晚的{setting}"},
}
"""Where and when; by day only where."""

VIEWS: Mapping[Language, Mapping[View, str]] = {
    "en": {"wide": "Wide shot: ", "medium": "Medium shot: ", "close": "Close-up: "},
    "zh": {"wide": "全景：", "medium": "中景：", "close": "特写："},
}
"""What opens a shot whose view is asked for."""

ORDER: Mapping[Language, tuple[str, str, str]] = {
    "en": ("First: ", "Then: ", "Finally: "),
    "zh": ("首先：", "然后：", "最后："),
}
"""What opens the first, the middle ones and the last of several shots."""

LOOKS: Mapping[str, Mapping[Language, str]] = {
    "plain": {
        "en": "Clean 3D animation, soft light, steady camera, smooth motion.",
        "zh": "干净的三维动画，光线柔和，镜头平稳，动作流畅。",
    },
    "promotional": {
        "en": "Bright 3D commercial look, vivid colours, sparkling light, slow push-in, smooth motion.",
        "zh": "明亮的三维广告质感，色彩鲜艳，光芒闪亮，镜头缓缓推近，动作流畅。",
    },
    "playful": {
        "en": "Rounded 3D cartoon look, bouncy motion, bright colours, steady camera.",
        "zh": "圆润的三维卡通风格，动作有弹性，色彩明亮，镜头平稳。",
    },
    "popular-science": {
        "en": "Clear educational 3D animation, simple shapes, every step visible, steady camera, slowly.",
        "zh": "清晰的三维科普动画，形状简洁，每一步都看得清，镜头平稳，动作缓慢。",
    },
}
"""What a tone looks like; an unknown tone looks plain."""

MOODS: Mapping[Language, str] = {"en": "Mood: {mood}.", "zh": "氛围：{mood}。"}

CLOSING: Mapping[Language, str] = {"en": "No text, no logos.", "zh": "画面无文字，无商标。"}


def prompt_of(brief: Brief, shot: int | None = None) -> str:
    """The prompt of `brief`, or of its shot number `shot` (from 0; IndexError when there is none).

    Equal words, light, view, tone and language give an equal prompt, whatever the captions say. By day, and
    with the view left open, neither is spoken of.
    """
    language = brief.language
    shots = brief.shots if shot is None else (brief.shots[shot],)
    told = [_told(one, language) for one in shots]
    if len(told) > 1:
        first, middle, last = ORDER[language]
        openings = [first, *[middle] * (len(told) - 2), last]
        told = [opening + text for opening, text in zip(openings, told, strict=True)]
    moods = list(dict.fromkeys(_mood(one.mood, language) for one in shots))
    mood = MOODS[language].format(mood=("、" if language == "zh" else ", ").join(moods))
    look = LOOKS.get(brief.tone, LOOKS["plain"])[language]
    return ("" if language == "zh" else " ").join([*told, mood, look, CLOSING[language]])


def prompts_of(brief: Brief, language: Language) -> tuple[str, ...]:
    """The prompt of each shot of `brief`, in `language`, whatever the brief's own: for a film of segments."""
    told = replace(brief, language=language)
    return tuple(prompt_of(told, index) for index in range(len(brief.shots)))


def _told(shot: Shot, language: Language) -> str:
    words = "\0".join((shot.subject, shot.action, shot.object or "", shot.setting, shot.mood))
    digest = hashlib.sha256(words.encode()).digest()
    templates = SENTENCES[language]
    template = templates[digest[0] % len(templates)]
    if shot.view:
        template = VIEWS[language][shot.view] + templates[0]
    if shot.setting != "night":
        template = template.replace("{setting}", LIGHTS[language].get(shot.light, "{setting}"))
    return sentence(template, shot, language)


def _mood(name: str, language: Language) -> str:
    return MOOD[name].zh if language == "zh" else MOOD[name].en
