"""The narrator: captions said aloud by a program that the operator installed, `espeak-ng` or `piper`.

    caption → plain words → the program's stdin → its stdout → 48 kHz, as loud as the others, in its room

The program is a process of its own: a list of arguments, no shell, the words on its standard input and
nothing else of what this box knows (not its environment either), a time limit for it and a bound for what it
gives. What fails is a film without a voice and one line in the log.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import selectors
import shutil
import signal
import subprocess
import time
import unicodedata
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reverie import config
from reverie.errors import GeneratorError
from reverie.values import Language
from reverie.video.sound.tones import SAMPLE_RATE, Samples, edged

log = logging.getLogger(__name__)

TIMEOUT = 6.0
"""Seconds for one caption, faster tries included. espeak-ng takes 0.02, Piper half a second and what loading
its model takes. A screen gives up a draft that has no picture for eight."""

LARGEST = 8_000_000
"""Bytes that a caption may become: a minute at 48 kHz is 5.8 million."""

LONGEST = 500
"""Characters of a caption that are said; a longer one has no time anyway."""

SPARED = 100
"""Captions, some thirty films, that are not tried after one took too long: each time a visitor waits."""

SHORTEST = 0.2
"""Seconds in which nothing can be said."""

VOICES: Mapping[Language, str] = {"en": "en", "zh": "cmn"}
"""What espeak-ng calls the voices of our languages."""

CALM, HASTE = 1.0, 1.5
"""How fast is said: as the voice has it, and as fast as can be followed. What needs more is not said."""

WORDS: Mapping[Language, int] = {"en": 165, "zh": 290}
"""Words a minute of espeak-ng at CALM. Its own 175 is a little hasty for a shop in English; in Chinese, where
it counts characters, that is drawled (two and a half a second): 290 is four, and HASTE five and a half, as
quick speakers are."""

LEVEL = 10 ** (-20 / 20)
"""Root mean square of a voice while it speaks."""

LOUDEST = 0.85
"""Its largest sample."""

SILENCE = 0.012
"""Samples below this share of the loudest, at both ends of what was said, are cut off."""

KEPT = 32
"""Lines that are kept: a library's captions come again and again."""

ENVIRONMENT = ("PATH", "HOME", "LD_LIBRARY_PATH", "ESPEAK_DATA_PATH")
"""All that a program is told of this one's environment, where there may be keys and passwords."""

PLAIN = re.compile(r"[^\w\s.,;:!?'’%°+&/()$€£¥\-–—。，、；：！？“”‘’《》（）…·]+")
"""What is not said: emoji, whose names nobody wrote, and brackets, which espeak-ng takes for phonemes."""

FOREIGN: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"[^\W\d_A-Za-zªºÀ-ɏ]"),
    "zh": re.compile(r"[^\W\d_A-Za-zªºÀ-ɏ㐀-鿿]"),
}
"""Letters that a voice of the language has no sound for: espeak-ng would say "Chinese letter" for each."""


def plain(text: str) -> str:
    """`text` as it is said: words and their punctuation on one line, at most LONGEST characters."""
    kept = PLAIN.sub(" ", unicodedata.normalize("NFC", text).replace("_", " "))
    return " ".join(kept.split())[:LONGEST].strip()


@dataclass(frozen=True, slots=True)
class Voice:
    """A program that speaks `language`: its `name`, its file, and the voice or model that it is told.

    `rate`: samples a second that it gives (0: it says so itself).
    """

    name: str
    program: str
    model: str
    language: Language
    rate: int = 0

    def command(self, pace: float) -> list[str]:
        """Its arguments at a pace (1: as it is); the words come on standard input."""
        if self.name == "piper":
            return [self.program, "--model", self.model, "--length_scale", f"{1 / pace:.3f}", "--output-raw"]
        speed = str(round(WORDS[self.language] * pace))
        return [self.program, "-v", self.model, "-s", speed, "-b", "1", "-z", "--stdin", "--stdout"]


def find_voice(settings: config.Sound, language: Language) -> Voice:
    """Who speaks `language`. Starts nothing. Raises GeneratorError where program or model is missing."""
    named = settings.voices.get(language, "")
    if not named.endswith(".onnx"):
        program = _program("espeak-ng", f"sound.films: narrated needs it for {language!r}")
        return Voice("espeak-ng", program, named or VOICES[language], language)
    model = Path(named)
    if not model.is_file():
        raise GeneratorError(f"sound.voices.{language}: {model}: no such file; a Piper model is expected")
    described = Path(f"{named}.json")
    try:
        rate = int(json.loads(described.read_text(encoding="utf-8"))["audio"]["sample_rate"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GeneratorError(
            f"sound.voices.{language}: {described}: does not say the voice's `audio.sample_rate`; it comes "
            f"with the model ({type(error).__name__})"
        ) from error
    if not 8000 <= rate <= 96_000:
        raise GeneratorError(f"sound.voices.{language}: {described}: {rate} samples a second; 8000 to 96000")
    return Voice(
        "piper", _program("piper", f"sound.voices.{language} is a model of it"), named, language, rate
    )


def _program(name: str, why: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise GeneratorError(f"`{name}` is not installed (nowhere on this program's PATH), and {why}")
    return found


class Hung(GeneratorError):
    """A program did not come to its end in time."""


class Narrator:
    """Says captions; remembers what it said last, and complains when something new goes wrong.

    One narrator speaks for all films of a generator. What goes wrong in a language is a line in the log and
    no voice; a program that is missing or fails is asked again for the next caption, one that hangs after
    SPARED of them.
    """

    def __init__(self, settings: config.Sound) -> None:
        self._settings = settings
        self._said: OrderedDict[tuple[Voice, str, float], Samples | None] = OrderedDict()
        self._complaints: dict[Language, str] = {}
        self._spared: Counter[Language] = Counter()

    def say(self, caption: str, language: Language, room: float) -> Samples | None:
        """`caption` in at most `room` seconds, at 48 kHz, LEVEL loud; None where it cannot be said."""
        words = plain(caption)
        room = int(100 * room) / 100  # a sample more or less is the same room
        if room < SHORTEST or not any(c.isalnum() for c in words) or FOREIGN[language].search(words):
            return None
        if self._spared[language]:
            self._spared[language] -= 1
            return None
        try:
            line = self._line(find_voice(self._settings, language), words, room)
        except GeneratorError as error:
            if str(error) != self._complaints.get(language):
                log.warning("films are not narrated: %s", error)
            self._complaints[language] = str(error)
            if isinstance(error, Hung):
                self._spared[language] = SPARED
            return None
        self._complaints.pop(language, None)
        return line

    def _line(self, voice: Voice, words: str, room: float) -> Samples | None:
        key = (voice, words, room)
        if key in self._said:
            self._said.move_to_end(key)
            return self._said[key]
        line = self._said[key] = fitted(voice, words, room)
        if line is None:
            log.info("a caption of %d characters cannot be said in %.1f s", len(words), room)
        while len(self._said) > KEPT:
            self._said.popitem(last=False)
        return line


def fitted(voice: Voice, words: str, room: float) -> Samples | None:
    """`words` as they are said in at most `room` seconds, no faster than HASTE; None if that is not enough.

    None too where nothing is heard. Raises what `spoken` raises.
    """
    deadline = time.monotonic() + TIMEOUT

    def at(pace: float) -> Samples | None:
        return sounding(*spoken(voice, words, pace, max(0.0, deadline - time.monotonic())))

    line = at(CALM)
    if line is None or len(line) <= room * SAMPLE_RATE:
        return line
    # Programs do not keep exactly to a pace: if the fitting one is not enough, their fastest is.
    fitting = round(len(line) / SAMPLE_RATE / room * 1.03, 2)
    if fitting >= 1.15 * HASTE:
        return None
    for pace in sorted({min(fitting, HASTE), HASTE}):
        line = at(pace)
        if line is not None and len(line) <= room * SAMPLE_RATE:
            return line
    return None


def spoken(voice: Voice, words: str, pace: float, timeout: float) -> tuple[Samples, int]:
    """What the program gives for `words`: mono samples, and how many a second.

    Raises GeneratorError when it cannot be started, fails, gives more than LARGEST bytes or what is no sound,
    and Hung when it takes longer than `timeout` seconds.
    """
    surroundings = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    try:
        # A session of its own: where it has to be stopped, whatever it started stops too.
        process = subprocess.Popen(
            voice.command(pace),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**surroundings, "LC_ALL": "C.UTF-8"},
        )
    except OSError as error:
        raise GeneratorError(f"`{voice.name}` cannot be started: {error.strerror}") from error
    deadline = time.monotonic() + timeout
    with process:
        try:
            given = _given(process, words, deadline)
            if len(given) > LARGEST:
                raise GeneratorError(f"`{voice.name}` gave more than {LARGEST} bytes for one caption")
            code = process.wait(max(0.0, deadline - time.monotonic()))
        except (subprocess.TimeoutExpired, TimeoutError):
            raise Hung(
                f"`{voice.name}` took longer than {timeout:.1f} s; it is asked again after {SPARED} captions"
            ) from None
        finally:
            if process.returncode is None:  # nobody has waited for it yet: its number is still its own
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
    if code != 0:
        raise GeneratorError(f"`{voice.name}` failed with exit code {code}, told to speak as {voice.model!r}")
    return (_pcm(given, voice), voice.rate) if voice.name == "piper" else _wave(given, voice)


def _given(process: subprocess.Popen[bytes], words: str, deadline: float) -> bytes:
    """What it gives for `words` until `deadline` (monotonic seconds), LARGEST bytes and a few; TimeoutError.

    It is read as it comes: a child that keeps the pipe open would hold up any other way of waiting.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError), process.stdin:
        process.stdin.write(words.encode() + b"\n")  # less than a pipe takes at once
    given = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while len(given) <= LARGEST:
            left = deadline - time.monotonic()
            if left <= 0 or not ready.select(left):
                raise TimeoutError
            piece = os.read(process.stdout.fileno(), 1 << 16)
            if not piece:
                break
            given += piece
    return bytes(given)


def _pcm(data: bytes, voice: Voice) -> Samples:
    """Signed 16-bit samples, little endian."""
    if len(data) < 2:
        raise GeneratorError(f"`{voice.name}` gave no sound")
    return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)


def _wave(data: bytes, voice: Voice) -> tuple[Samples, int]:
    """A WAV as espeak-ng streams it: its sizes are unknown to it, so the samples go on to the end."""
    rate = int.from_bytes(data[24:28], "little")
    depth, channels = int.from_bytes(data[34:36], "little"), int.from_bytes(data[22:24], "little")
    start = data.find(b"data", 36) + 8
    plain_pcm = data[:4] == b"RIFF" and (depth, channels) == (16, 1) and 8000 <= rate <= 96_000
    if not plain_pcm or not 44 <= start < 512:
        raise GeneratorError(f"`{voice.name}` gave no WAV with 16-bit mono samples: {data[:16]!r}")
    return _pcm(data[start:], voice), rate


def sounding(samples: Samples, rate: int) -> Samples | None:
    """What was said, without the silence around it, at SAMPLE_RATE and LEVEL; None of silence. Read-only."""
    loud = float(np.abs(samples).max())
    if loud < 0.003:
        return None
    heard = np.flatnonzero(np.abs(samples) > SILENCE * loud)
    margin = rate // 50
    there = samples[max(0, int(heard[0]) - margin) : int(heard[-1]) + margin]
    out = resampled(there - there.mean(), rate)
    energy = np.square(out, dtype=np.float64)
    # Pauses between words are not part of how loud somebody speaks.
    level = float(np.sqrt(energy[energy > 0.001 * energy.max()].mean()))
    out *= np.float32(min(LEVEL / level, LOUDEST / float(np.abs(out).max())))
    edged(out, 0.01, 0.02)
    out.flags.writeable = False
    return out


def resampled(samples: Samples, rate: int) -> Samples:
    """`samples` at SAMPLE_RATE instead of `rate`, with the same tones (by Fourier's transform)."""
    common = int(np.gcd(rate, SAMPLE_RATE))
    up, down = SAMPLE_RATE // common, rate // common
    blocks = -(-len(samples) // down) + 1
    spectrum = np.fft.rfft(samples, blocks * down)
    wanted = np.zeros(blocks * up // 2 + 1, spectrum.dtype)
    count = min(len(spectrum), len(wanted))
    wanted[:count] = spectrum[:count]
    out = np.fft.irfft(wanted, blocks * up) * (up / down)
    return out[: round(len(samples) * up / down)].astype(np.float32)
