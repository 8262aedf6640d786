"""The track: bed, effects and voice of a whole brief, shot by shot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from standin_voice import Voices, piper_model

from reverie import config
from reverie.errors import Refused
from reverie.story import vocabulary
from reverie.values import Brief, Request, Shot
from reverie.video.sound import track
from reverie.video.sound.heard import films_of, heard, spoken_of
from reverie.video.sound.narrator import Narrator
from reverie.video.sound.tones import SAMPLE_RATE, Samples
from reverie.video.sound.track import bent, make_track, spans_of

BED, NARRATED = config.Sound(films="bed"), config.Sound(films="narrated")
BRIEF = Brief(
    "toy-car",
    (
        Shot("child", "pick_up", "toy car", "toy_shelf", "cheerful", "A toy car waits", 2.0),
        Shot("toy car", "drive", None, "park", "curious", "It drives", 1.5),
        Shot("cloud", "rain", None, "sea", "calm", "It drives", 1.5),  # the same words stay on the screen
    ),
    "playful",
    "en",
)


def whole(brief: Brief, seconds: float, narrator: Narrator | None = None, beats: bool = True) -> Samples:
    return np.concatenate(list(make_track(brief, seconds, narrator, beats)))


def loudness(samples: Samples) -> float:
    """Integrated loudness after EBU R128 (ITU-R BS.1770-4), in LUFS, mono: weighted, in blocks, gated."""
    count = len(samples)
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(count))

    def filtered(b: tuple[float, ...], a: tuple[float, ...]) -> NDArray[np.complex128]:
        return np.asarray((b[0] + b[1] * z + b[2] * z**2) / (1 + a[0] * z + a[1] * z**2))

    head = filtered(
        (1.53512485958697, -2.69169618940638, 1.19839281085285), (-1.69065929318241, 0.73248077421585)
    )
    low = filtered((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621))
    weighted = np.fft.irfft(np.fft.rfft(samples) * head * low, count)
    block = round(0.4 * SAMPLE_RATE)
    power = np.array([np.mean(weighted[i : i + block] ** 2) for i in range(0, count - block + 1, block // 4)])
    loud = power[-0.691 + 10 * np.log10(power + 1e-12) > -70]
    loud = loud[loud > loud.mean() / 10]
    return float(-0.691 + 10 * np.log10(loud.mean()))


@pytest.fixture
def speaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Narrator, Voices]:
    voices = Voices(tmp_path, monkeypatch)
    voices.install("espeak-ng")
    return Narrator(NARRATED), voices


words = st.sampled_from([verb.name for verb in vocabulary.ACTIONS] + ["unheard of"])
nouns = st.sampled_from([*vocabulary.NOUN, "unheard of"])
moods = st.sampled_from([word.name for word in vocabulary.MOODS])
shots = st.builds(
    Shot, nouns, words, st.none() | nouns, st.just("park"), moods, st.text(max_size=30), st.floats(0.05, 4)
)
briefs = st.builds(
    Brief,
    st.text(max_size=9),
    st.lists(shots, min_size=1, max_size=4).map(tuple),
    st.just("plain"),
    st.just("en"),
)


@settings(deadline=None, max_examples=25)
@given(brief=briefs, frames=st.integers(1, 200), fps=st.sampled_from([5, 7, 24, 30]), beats=st.booleans())
def test_any_brief_sounds_quiet_whole_and_without_a_click(
    brief: Brief, frames: int, fps: int, beats: bool
) -> None:
    pieces = list(make_track(brief, frames / fps, None, beats))
    samples = np.concatenate(pieces)
    assert len(samples) == round(frames / fps * SAMPLE_RATE)
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() < track.CEILING
    assert np.abs(np.diff(samples, prepend=0, append=0)).max() < 0.12, "no click, not at a border either"
    if len(samples) > 4 * SAMPLE_RATE * track.BEGIN:
        assert np.abs(samples[:1024]).max() < 0.06, "what an encoder has no past for is all but silent"


def test_the_same_brief_sounds_the_same() -> None:
    first = whole(BRIEF, 5.0)
    whole(replace(BRIEF, topic="balloon"), 5.0)
    np.testing.assert_array_equal(whole(BRIEF, 5.0), first)
    assert not np.array_equal(whole(replace(BRIEF, topic="balloon"), 5.0), first), "a topic has its own tune"


def test_shots_have_their_share_of_the_film() -> None:
    spans = spans_of(BRIEF, 10.0)
    assert [(span.start / SAMPLE_RATE, span.end / SAMPLE_RATE) for span in spans] == [(0, 4), (4, 7), (7, 10)]
    assert [len(piece) / SAMPLE_RATE for piece in make_track(BRIEF, 10.0, None, True)] == [4, 3, 3]


def test_a_film_that_plays_round_and_round_goes_on_at_its_end() -> None:
    def end(loop: bool) -> float:
        samples = np.concatenate(list(make_track(BRIEF, 5.0, None, True, loop)))
        assert abs(samples[-1]) < 1e-3
        return float(np.abs(samples[-SAMPLE_RATE // 5 : -SAMPLE_RATE // 10]).max())

    assert end(loop=True) > 1.5 * end(loop=False)


def test_nothing_to_tell_is_nothing_to_hear() -> None:
    assert list(make_track(replace(BRIEF, shots=()), 2.0, None, True)) == []


def test_loudness_is_that_of_a_quiet_shop(speaker: tuple[Narrator, Voices]) -> None:
    """Broadcast is at -23 LUFS: a film with a voice comes near it, music alone stays well below."""
    assert -34 < loudness(whole(BRIEF, 5.0)) < -26
    assert -26 < loudness(whole(BRIEF, 5.0, speaker[0])) < -17


def test_every_caption_is_said_in_its_time_and_once(speaker: tuple[Narrator, Voices]) -> None:
    narrator, voices = speaker
    spoken = whole(BRIEF, 5.0, narrator)
    assert [said for _, said in voices.told] == ["A toy car waits\n", "It drives\n"]
    assert np.sqrt(np.mean(whole(BRIEF, 5.0).reshape(50, -1) ** 2, axis=1)).max() < 0.085, "not without it"
    tenths = np.sqrt(np.mean(spoken.reshape(50, -1) ** 2, axis=1))
    heard = [index / 10 for index in np.flatnonzero(tenths > 0.085)]
    assert heard == [t for t in heard if 0.1 <= t <= 1.2 or 2.1 <= t <= 2.8], heard  # 0.06 s a character
    assert {0.5, 1.0, 2.4} <= set(heard)


def test_music_gives_way_to_a_voice_and_comes_back(speaker: tuple[Narrator, Voices]) -> None:
    """Away from the voice's own tone all is 8 dB quieter while it speaks, and as it was after it."""
    brief = Brief(
        "t", (Shot("sun", "sleep", None, "sky", "cheerful", "twenty characters ok", 4.0),), "plain", "en"
    )
    silent, spoken = whole(brief, 4.0), whole(brief, 4.0, speaker[0])

    def without_voice(samples: Samples, start: float, end: float) -> float:
        piece = samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
        power = np.abs(np.fft.rfft(piece * np.hanning(len(piece)))) ** 2
        hertz = np.fft.rfftfreq(len(piece), 1 / SAMPLE_RATE)
        return float(power[(hertz > 50) & (hertz < 280)].sum())

    during = without_voice(spoken, 0.3, 1.2) / without_voice(silent, 0.3, 1.2)
    assert 10 * np.log10(during) == pytest.approx(-8, abs=0.5)
    after = round(2.0 * SAMPLE_RATE)
    np.testing.assert_allclose(spoken[after:], silent[after:], atol=1e-6)


def test_a_voice_waits_for_its_shot(speaker: tuple[Narrator, Voices]) -> None:
    """The first piece is there after one line: a slow voice holds the first picture up by that alone."""
    narrator, voices = speaker
    pieces = make_track(BRIEF, 5.0, narrator, True)
    next(pieces)
    assert len(voices.told) == 1
    next(pieces)
    assert len(voices.told) == 2


def test_without_a_program_the_film_has_its_bed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Voices(tmp_path, monkeypatch)
    np.testing.assert_array_equal(whole(BRIEF, 5.0, Narrator(NARRATED)), whole(BRIEF, 5.0))


def test_loud_peaks_bend_and_quiet_samples_stay() -> None:
    samples = np.linspace(-3, 3, 601, dtype=np.float32)
    out = bent(samples)
    assert np.abs(out).max() < track.CEILING
    assert (np.diff(out) >= 0).all()
    quiet = np.abs(samples) <= track.KNEE
    np.testing.assert_array_equal(out[quiet], samples[quiet])
    assert bent(samples[quiet]) is not samples


# ---------------------------------------------------------------------------------- the key


def changed(**fields: object) -> Brief:
    return replace(BRIEF, shots=(replace(BRIEF.shots[0], **fields), *BRIEF.shots[1:]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("brief", "bed", "narrated"),
    [
        (BRIEF, False, False),
        (changed(setting="night"), False, False),  # nothing sounds of it
        (changed(caption="Other words"), False, True),
        (replace(BRIEF, language="zh"), False, True),
        (changed(action="wave"), True, True),
        (changed(mood="warm"), True, True),
        (changed(seconds=2.5), True, True),
        (replace(BRIEF, topic="balloon"), True, True),
    ],
)
def test_the_key_knows_what_is_heard(brief: Brief, bed: bool, narrated: bool) -> None:
    for sound, differs in ((BED, bed), (NARRATED, narrated)):
        assert (heard(sound, brief, True) != heard(sound, BRIEF, True)) == differs


def test_what_the_key_says() -> None:
    assert heard(config.SILENT, BRIEF, True) == ""
    word, digest = heard(NARRATED, BRIEF, True).split("/")
    assert (word, len(digest)) == ("narrated", 16)
    assert heard(BED, BRIEF, False) != heard(BED, BRIEF, True)
    assert [films_of(sound) for sound in ("", "bed/0", "narrated/0")] == ["off", "bed", "narrated"]
    with pytest.raises(Refused, match="to sound of 'noise'"):
        films_of("noise/0")


def test_the_key_knows_the_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(**fields: object) -> str:
        return heard(config.Sound(films="narrated", **fields), BRIEF, True)  # type: ignore[arg-type]

    voices = Voices(tmp_path, monkeypatch)
    before = told()
    voices.install("espeak-ng")
    usual = told()
    assert usual != before, "what was made without a voice is made anew once there is one"
    assert told(voices={"en": "en-gb"}) != usual
    assert told(voices={"zh": "cmn-latn-pinyin"}) == usual, "nobody speaks Chinese in this film"
    assert told(aloud=True, volume=0.1) == usual, "how it is played is the screen's business"
    voices.install("piper")
    folders = [tmp_path / name for name in ("here", "there")]
    for folder in folders:
        folder.mkdir()
    here, there = (told(voices={"en": str(piper_model(folder))}) for folder in folders)
    assert here == there != usual, "a box that moves keeps its films"


def test_of_what_was_asked_for_in_other_words_nothing_is_said() -> None:
    assert spoken_of(BRIEF, None) is BRIEF
    assert {shot.caption for shot in spoken_of(BRIEF, Request("a cat")).shots} == {""}
