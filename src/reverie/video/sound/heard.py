"""What a film sounds of, as its key says it: before anything is made, and without what makes it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Literal, cast

from reverie import config
from reverie.errors import GeneratorError, Refused
from reverie.values import Brief, Language, Request
from reverie.video.sound.narrator import find_voice

VERSION = "1"
"""Changes with what is heard: then films with sound are made anew, and silent ones are not."""


def heard(settings: config.Sound, brief: Brief, drawn: bool) -> str:
    """What `ClipSpec.sound` says: "" for silence, else the word and 16 hex digits of all that is heard.

    Of a narrated film the captions, their language and its voice are part of it, so that a model's film,
    whose pictures serve every language, has a take for each that is spoken.
    """
    if settings.films == "off":
        return ""
    shots = [[shot.subject, shot.action, shot.mood, shot.seconds] for shot in brief.shots]
    read: list[object] = [VERSION, brief.topic, shots, drawn]
    if settings.films == "narrated":
        captions = [shot.caption for shot in brief.shots]
        read += [captions, brief.language, _voice(settings, brief.language)]
    digest = hashlib.sha256(json.dumps(read, ensure_ascii=False).encode()).hexdigest()
    return f"{settings.films}/{digest[:16]}"


def _voice(settings: config.Sound, language: Language) -> str | None:
    """Who speaks; the same model in another folder is the same voice.

    None where nobody does: what is made without a voice is made anew once there is one.
    """
    try:
        return Path(find_voice(settings, language).model).name
    except GeneratorError:
        return None


def spoken_of(brief: Brief, request: Request | None) -> Brief:
    """`brief` as it may be said: of a film that was asked for in other words no caption is shown anywhere."""
    if request is None:
        return brief
    return replace(brief, shots=tuple(replace(shot, caption="") for shot in brief.shots))


def films_of(sound: str) -> Literal["off", "bed", "narrated"]:
    """The word of a `ClipSpec.sound`. Raises Refused for what this version never says."""
    word = sound.partition("/")[0] or "off"
    if word not in ("off", "bed", "narrated"):
        raise Refused(f"a clip is to sound of {word!r}; known are bed and narrated")
    return cast(Literal["off", "bed", "narrated"], word)
