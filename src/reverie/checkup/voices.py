"""What is said of sound: whether there is something to hear where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reverie import config
from reverie.checkup.finding import Finding, tried
from reverie.errors import GeneratorError
from reverie.values import Language

WORD: dict[Language, str] = {"en": "hello", "zh": "你好"}
"""What a voice is tried with."""


def findings(sound: config.Sound, language: Language) -> Iterator[Finding]:
    """Tries the voice of the box's own `language`, and those that `sound` names. Nothing of a silent box."""
    if sound.films == "off":
        if sound.aloud:
            yield Finding("sound", "note", "`aloud` is set and `films` is off: there is nothing to hear")
        return
    yield tried("sound", lambda: _encoder(sound))
    if sound.films != "narrated":
        return
    from reverie.video.sound.narrator import TIMEOUT, find_voice, sounding, spoken

    for spoken_here in sorted({language, *sound.voices}):
        what = f"sound, {spoken_here}"
        try:
            voice = find_voice(sound, spoken_here)
            if sounding(*spoken(voice, WORD[spoken_here], 1.0, TIMEOUT)) is None:
                raise GeneratorError(f"`{voice.name}` gave silence, told to speak as {voice.model!r}")
        except GeneratorError as error:
            yield Finding(what, "note", f"{error}; films are made without a voice")
        else:
            yield Finding(what, "ok", f"captions are said by {voice.name}, {Path(voice.model).name}")


def _encoder(sound: config.Sound) -> str:
    from reverie.video.encode import check_sound

    check_sound()
    return f"films sound of {'music and their captions' if sound.films == 'narrated' else 'music'}"
