"""The narrator: what its program is told, what it may give, and every way it can fail."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standin_voice import RATE, Voices, piper_model

from reverie import config
from reverie.errors import GeneratorError
from reverie.values import Language
from reverie.video.sound import narrator
from reverie.video.sound.narrator import (
    TIMEOUT,
    Hung,
    Narrator,
    Voice,
    find_voice,
    plain,
    resampled,
    sounding,
    spoken,
)
from reverie.video.sound.tones import SAMPLE_RATE, Samples

NARRATED = config.Sound(films="narrated")
REAL = shutil.which("espeak-ng")


@pytest.fixture
def voices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Voices:
    return Voices(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("caption", "said"),
    [
        ("Where will it drive?", "Where will it drive?"),
        ("Ice 🧊 melts 🌞!", "Ice melts !"),  # emoji: espeak-ng would say their names
        ("一辆玩具车，在等你。", "一辆玩具车，在等你。"),
        ("[[h@'loU]] <say>", "h 'loU say"),  # phonemes and markup of speech programs are only letters
        ("-v evil\n--stdout", "-v evil --stdout"),  # it comes on standard input, on one line
        ("a_b\x00\x1bc", "a b c"),
        ("«مرحبا»", "مرحبا"),
        ("😀✨", ""),
        ("x" * 900, "x" * 500),
    ],
)
def test_what_is_said_is_words(caption: str, said: str) -> None:
    assert plain(caption) == said


@settings(deadline=None)
@given(st.text(max_size=700))
def test_whatever_a_caption_is_it_is_one_short_line(caption: str) -> None:
    said = plain(caption)
    assert len(said) <= 500
    assert len(said.splitlines()) <= 1
    assert all(c.isprintable() for c in said)
    assert plain(said) == said


def test_espeak_is_told_the_language_and_the_pace_and_the_words_apart(voices: Voices) -> None:
    voices.install("espeak-ng")
    line = Narrator(NARRATED).say("Hello, you", "en", 3.0)
    assert line is not None
    ((arguments, words),) = voices.told
    assert arguments == ["-v", "en", "-s", "165", "-b", "1", "-z", "--stdin", "--stdout"]
    assert words == "Hello, you\n"
    # 10 characters of 0.06 s; of the silence around them two hundredths are kept at each end.
    assert len(line) / SAMPLE_RATE == pytest.approx(0.64, abs=0.01)
    assert (Narrator(NARRATED).say("你好，世界", "zh", 3.0) is None) is False
    assert voices.told[1][0][:4] == ["-v", "cmn", "-s", "290"]


def test_piper_is_told_its_model_and_the_pace(voices: Voices, tmp_path: Path) -> None:
    voices.install("piper")
    model = piper_model(tmp_path)
    sound = config.Sound(films="narrated", voices={"en": str(model)})
    assert Narrator(sound).say("Hello, you", "en", 0.5) is not None
    assert [arguments for arguments, _ in voices.told] == [
        ["--model", str(model), "--length_scale", "1.000", "--output-raw"],
        ["--model", str(model), "--length_scale", f"{1 / 1.32:.3f}", "--output-raw"],
    ]
    assert Narrator(sound).say("你好", "zh", 3.0) is None, "nobody here speaks Chinese"


def test_a_voice_is_level_and_has_its_tone(voices: Voices) -> None:
    voices.install("espeak-ng")
    line = Narrator(NARRATED).say("a tone of 351 Hz", "en", 3.0)
    assert line is not None
    middle = line[len(line) // 4 : -len(line) // 4]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(narrator.LEVEL, rel=0.05)
    assert np.abs(line).max() <= narrator.LOUDEST
    peak = np.argmax(np.abs(np.fft.rfft(middle))) * SAMPLE_RATE / len(middle)
    assert peak == pytest.approx(0.1 * RATE / (2 * np.pi), abs=2), "no lower and no higher than it was"
    assert max(abs(float(line[0])), abs(float(line[-1]))) < 1e-3


@pytest.mark.parametrize(
    ("room", "starts", "fits"),
    [
        (2.0, 1, True),  # 20 characters take 1.2 s and the breath around them
        (1.1, 2, True),  # a little faster
        (0.86, 2, True),  # as fast as can be followed
        (0.7, 1, False),  # nobody could follow: the caption stands there anyway
        (0.1, 0, False),  # not even tried
    ],
)
def test_a_line_is_fitted_into_its_room(voices: Voices, room: float, starts: int, fits: bool) -> None:
    voices.install("espeak-ng")
    line = Narrator(NARRATED).say("twenty characters ok", "en", room)
    assert len(voices.told) == starts
    assert (line is not None) == fits
    if line is not None:
        assert len(line) <= room * SAMPLE_RATE


def test_what_was_said_is_not_said_anew_and_not_kept_for_ever(
    voices: Voices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrator, "KEPT", 3)
    voices.install("espeak-ng")
    speaker = Narrator(NARRATED)
    first, again = (speaker.say("Hello", "en", 3.0) for _ in range(2))
    assert first is again
    assert len(voices.told) == 1
    assert speaker.say("Hello", "en", 3.0 + 1 / SAMPLE_RATE) is first, "the same room, but for a sample"
    for number in range(3):
        speaker.say(f"line {number}", "en", 3.0)
    speaker.say("Hello", "en", 3.0)
    assert len(voices.told) == 3 + 2


def test_what_has_no_time_is_not_tried_anew_and_takes_no_room(voices: Voices) -> None:
    voices.install("espeak-ng")
    speaker = Narrator(NARRATED)
    assert [speaker.say("x" * 500, "en", 2.0) for _ in range(3)] == [None] * 3
    assert len(voices.told) == 1
    assert list(speaker._said.values()) == [None]


@pytest.mark.parametrize("caption", ["", " … ", "✨🎈"])
def test_without_a_word_nobody_is_asked(voices: Voices, caption: str) -> None:
    voices.install("espeak-ng")
    assert Narrator(NARRATED).say(caption, "en", 3.0) is None
    assert voices.told == []


# ---------------------------------------------------------------------------------- what goes wrong


def test_a_missing_program_is_complained_of_once(voices: Voices, caplog: pytest.LogCaptureFixture) -> None:
    speaker = Narrator(NARRATED)
    with caplog.at_level(logging.WARNING):
        assert speaker.say("Hello", "en", 3.0) is None
        assert speaker.say("Hello again", "en", 3.0) is None
    assert [record.getMessage() for record in caplog.records] == [
        "films are not narrated: `espeak-ng` is not installed (nowhere on this program's PATH), and "
        "sound.films: narrated needs it for 'en'"
    ]
    program = voices.install("espeak-ng")
    assert speaker.say("Hello", "en", 3.0) is not None, "installed meanwhile: it is asked again"
    program.unlink()
    assert speaker.say("Hello", "en", 3.0) is None
    assert len(caplog.records) == 2, "what was well and goes wrong again is told again"


def test_a_missing_voice_is_complained_of_once_though_another_speaks(
    voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    """In a shop of two languages films of both take turns, all year."""
    voices.install("espeak-ng", "if 'cmn' in sys.argv: sys.exit(1)")
    speaker = Narrator(NARRATED)
    for english, chinese in (("Hello", "你好"), ("Bye", "再见")):
        assert speaker.say(english, "en", 3.0) is not None
        assert speaker.say(chinese, "zh", 3.0) is None
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "films are not narrated: `espeak-ng` failed with exit code 1, told to speak as 'cmn'"
    ]


@pytest.mark.parametrize(
    ("deed", "message"),
    [
        ("sys.exit(3)", "`espeak-ng` failed with exit code 3"),
        ("sys.stdout.write('usage: …'); sys.exit(0)", "gave no WAV with 16-bit mono samples"),
        ("sys.exit(0)", "gave no WAV"),  # not a byte
        ("sys.stdout.buffer.write(b'RIFF' + bytes(40) + b'data'); sys.exit(0)", "gave no WAV"),
        ("while True: sys.stdout.buffer.write(bytes(1 << 20))", "more than 8000000"),
    ],
)
def test_a_program_that_does_not_speak(voices: Voices, deed: str, message: str) -> None:
    program = voices.install("espeak-ng", deed)
    with pytest.raises(GeneratorError, match=message):
        spoken(Voice("espeak-ng", str(program), "en", "en"), "Hello", 1.0, TIMEOUT)


SLEEP = f"import subprocess; told = [{shutil.which('sleep')!r}, '5']; "


@pytest.mark.parametrize(
    "deed",
    [
        "time.sleep(600)",
        "while True: sys.stdout.buffer.write(b'x'); sys.stdout.flush(); time.sleep(0.01)",
        "os.close(1); time.sleep(600)",  # it has said all, and stays
        SLEEP + "subprocess.Popen(told); time.sleep(600)",
        SLEEP + "subprocess.Popen(told); sys.exit(0)",  # what it leaves behind holds the pipe open
        SLEEP + "subprocess.Popen(told, start_new_session=True); sys.exit(0)",  # and is beyond our reach
    ],
    ids=["sleeps", "dribbles", "stays", "forks", "leaves", "escapes"],
)
def test_a_program_that_hangs_is_given_up(voices: Voices, deed: str) -> None:
    program = voices.install("espeak-ng", f"import os; {deed}" if "while" not in deed else deed)
    with pytest.raises(Hung, match=r"took longer than 0\.3 s; it is asked again after 100 captions"):
        spoken(Voice("espeak-ng", str(program), "en", "en"), "Hello", 1.0, timeout=0.3)


def test_what_a_program_started_is_stopped_with_it(voices: Voices, tmp_path: Path) -> None:
    noted = tmp_path / "child.txt"
    started = (
        f"told[1] = '600'; print(subprocess.Popen(told).pid, file=open({str(noted)!r}, 'w'), flush=True)"
    )
    endless = "while True: sys.stdout.buffer.write(bytes(1 << 20))"
    program = voices.install("espeak-ng", f"{SLEEP}{started}\n{endless}")
    with pytest.raises(GeneratorError, match="more than"):
        spoken(Voice("espeak-ng", str(program), "en", "en"), "Hello", 1.0, TIMEOUT)
    with contextlib.suppress(ProcessLookupError):  # it is gone already
        child = os.pidfd_open(int(noted.read_text()))
        ended, _, _ = select.select([child], [], [], 60)
        os.close(child)
        assert ended


def test_who_hangs_is_asked_again_much_later(
    voices: Voices, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A box that was busy for ten seconds once is not mute for a year."""
    voices.install("espeak-ng", "time.sleep(600)")
    monkeypatch.setattr(narrator, "TIMEOUT", 0.3)
    monkeypatch.setattr(narrator, "SPARED", 2)
    speaker = Narrator(NARRATED)
    assert speaker.say("Hello", "en", 3.0) is None
    voices.install("espeak-ng")
    monkeypatch.setattr(narrator, "TIMEOUT", TIMEOUT)
    assert [speaker.say("Hello", "en", 3.0) is None for _ in range(3)] == [True, True, False]
    assert len(caplog.records) == 1


def test_a_program_is_told_nothing_of_this_ones_environment(
    voices: Voices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "a secret")
    known = "{'PATH', 'HOME', 'LD_LIBRARY_PATH', 'ESPEAK_DATA_PATH', 'LC_ALL', 'LC_CTYPE'}"
    program = voices.install("espeak-ng", f"import os; assert set(os.environ) <= {known}")
    assert spoken(Voice("espeak-ng", str(program), "en", "en"), "Hello", 1.0, TIMEOUT)[0].size


@pytest.mark.parametrize(
    ("caption", "language", "said"),
    [
        ("Café Zoë", "en", True),
        ("AI 做的 café", "zh", True),
        ("Hello 你好", "en", False),  # "Chinese letter, Chinese letter"
        ("مرحبا", "en", False),
        ("привет", "zh", False),
        ("-v evil --stdout", "en", True),
    ],
)
def test_only_what_a_voice_has_letters_for_is_said(
    voices: Voices, caption: str, language: Language, said: bool
) -> None:
    voices.install("espeak-ng")
    assert (Narrator(NARRATED).say(caption, language, 9.0) is not None) == said
    assert [words for _, words in voices.told] == [f"{caption}\n"] * said


def test_a_program_that_does_not_read_its_words_is_heard_all_the_same(voices: Voices) -> None:
    program = voices.install("espeak-ng")
    source = program.read_text().replace("sys.stdin.buffer.read().decode()", "'unheard'")
    program.write_text(source)
    samples, rate = spoken(Voice("espeak-ng", str(program), "en", "en"), "Hello", 1.0, TIMEOUT)
    assert rate == RATE
    assert samples.size


def test_a_file_that_is_no_program(voices: Voices) -> None:
    program = voices.install("espeak-ng")
    program.write_text("no program")
    with pytest.raises(GeneratorError, match="cannot be started: Exec format error"):
        spoken(Voice("espeak-ng", str(program), "en", "en"), "Hello", 1.0, TIMEOUT)


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ('{"audio": {}}', r"amy\.onnx\.json: does not say the voice's `audio.sample_rate`"),
        ("no JSON", "does not say"),
        ('{"audio": {"sample_rate": 1}}', "1 samples a second; 8000 to 96000"),
    ],
)
def test_a_piper_model_without_its_description(
    voices: Voices, tmp_path: Path, described: str, message: str
) -> None:
    voices.install("piper")
    model = piper_model(tmp_path, described)
    with pytest.raises(GeneratorError, match=message):
        find_voice(config.Sound(voices={"en": str(model)}), "en")
    model.unlink()
    with pytest.raises(GeneratorError, match=r"sound\.voices\.en: .*no such file; a Piper model is expected"):
        find_voice(config.Sound(voices={"en": str(model)}), "en")


def test_silence_is_no_voice() -> None:
    assert sounding(np.zeros(5000, np.float32), RATE) is None


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_resampling_keeps_tone_time_and_loudness(rate: int) -> None:
    def tone(at: int) -> Samples:
        t = np.arange(at // 2) / at
        return np.asarray(np.sin(2 * np.pi * 1000 * t) * np.hanning(len(t)), np.float32)

    out = resampled(tone(rate), rate)
    assert len(out) == SAMPLE_RATE // 2
    np.testing.assert_allclose(out, tone(SAMPLE_RATE), atol=2e-3)


@pytest.mark.skipif(REAL is None, reason="espeak-ng is not installed here")
@pytest.mark.parametrize(
    ("caption", "language"), [("Where will it drive today?", "en"), ("今天它要开去哪里？", "zh")]
)
def test_the_real_espeak_speaks(caption: str, language: Language) -> None:
    speaker = Narrator(NARRATED)
    line = speaker.say(caption, language, 3.0)
    assert line is not None
    assert 0.8 < len(line) / SAMPLE_RATE < 3.0
    assert np.abs(line).max() > 0.15
    shorter = speaker.say(caption, language, 0.8 * len(line) / SAMPLE_RATE)
    assert shorter is not None
    assert len(shorter) <= 0.8 * len(line) + 1
