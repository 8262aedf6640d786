"""The bed and the effects: quiet, seamless, different by mood, the same for the same film."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.story import vocabulary
from reverie.values import Shot
from reverie.video.sound import bed, effects
from reverie.video.sound.tones import SAMPLE_RATE, Samples, edged, hiss, lay, pluck, swell, tap

MOODS = [word.name for word in vocabulary.MOODS]


def level(samples: Samples) -> float:
    """Root mean square in dB of full scale."""
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-20))


def loudest_step(samples: Samples) -> float:
    """The largest jump from a sample to the next, the first after the last one too."""
    return float(np.abs(np.diff(samples, append=samples[:1])).max())


def bands(samples: Samples) -> Samples:
    """Energy by time and tone: 8 pieces of 24 bands of equal width in octaves from 60 Hz to 8 kHz, as one
    vector of length 1."""
    edges = np.geomspace(60, 8000, 25)
    found = []
    for piece in np.array_split(samples, 8):
        power = np.abs(np.fft.rfft(piece)) ** 2
        hertz = np.fft.rfftfreq(len(piece), 1 / SAMPLE_RATE)
        found += [np.sqrt(power[(hertz >= a) & (hertz < b)].sum()) for a, b in pairwise(edges)]
    vector = np.array(found, np.float32)
    return vector / np.linalg.norm(vector)


def test_every_mood_of_the_vocabulary_has_its_style() -> None:
    assert set(MOODS) == set(bed.STYLES)


@settings(deadline=None, max_examples=25)
@given(
    moods=st.lists(
        st.tuples(st.sampled_from([*MOODS, "unheard of"]), st.floats(0.3, 4)), min_size=1, max_size=4
    ),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_bed_is_quiet_even_and_as_long_as_its_film(moods: list[tuple[str, float]], seed: int) -> None:
    samples = bed.compose(moods, seed)
    assert samples.dtype == np.float32
    assert len(samples) == round(sum(seconds for _, seconds in moods) * SAMPLE_RATE)
    assert np.abs(samples).max() <= bed.LOUDEST + 1e-6
    # Where it is not held down by its loudest sample, it is as loud as every other bed.
    assert -36 < level(samples) < -28.9
    assert abs(float(samples.mean())) < 1e-6, "no direct current"
    assert loudest_step(samples) < 0.05, "no click, and none where it begins again"


def test_the_same_is_the_same_and_another_seed_another_tune() -> None:
    moods = [("cheerful", 3.0), ("calm", 2.0)]
    first = bed.compose(moods, 5)
    bed.compose([("warm", 2.5)], 9)  # what was composed before changes nothing
    pluck.cache_clear()
    np.testing.assert_array_equal(bed.compose(moods, 5), first)
    assert not np.array_equal(bed.compose(moods, 6), first)


def test_moods_sound_different() -> None:
    """By their bands they are further apart than two tunes of one mood are on average."""
    heard = {mood: [bands(bed.compose([(mood, 6.0)], seed)) for seed in range(3)] for mood in MOODS}
    own = [1 - float(a @ b) for tunes in heard.values() for a, b in combinations(tunes, 2)]
    other = {
        (a, b): min(1 - float(x @ y) for x in heard[a] for y in heard[b]) for a, b in combinations(MOODS, 2)
    }
    assert min(other.values()) > np.mean(own), (other, own)


def test_a_mood_that_goes_on_is_one_piece() -> None:
    split = bed.compose([("calm", 2.0), ("calm", 2.0)], 3)
    np.testing.assert_array_equal(split, bed.compose([("calm", 4.0)], 3))


@pytest.mark.parametrize(
    "samples",
    [pluck("harp", 60), pluck("bass", 41), pluck("marimba", 84), swell((48, 55, 62), 3.2), tap(3200)],
    ids=["harp", "bass", "marimba", "swell", "tap"],
)
def test_every_sound_comes_from_silence_and_goes_there(samples: Samples) -> None:
    assert abs(float(samples[0])) < 1e-3
    assert abs(float(samples[-1])) < 1e-3
    with pytest.raises(ValueError, match="read-only"):
        samples[0] = 1  # shared by all films


def test_what_rings_beyond_the_end_rings_on_at_the_beginning() -> None:
    target = np.zeros(10, np.float32)
    lay(target, np.arange(1, 5, dtype=np.float32), 8 / SAMPLE_RATE, 2.0)
    np.testing.assert_array_equal(target, [6, 8, 0, 0, 0, 0, 0, 0, 2, 4])
    lay(target, np.ones(25, np.float32), -1 / SAMPLE_RATE, 1.0)  # longer than the film: twice around
    assert target.sum() == 20 + 25


def test_noise_has_its_tone_around_its_pitch() -> None:
    for pitch in (200, 800, 3200):
        power = np.abs(np.fft.rfft(hiss(1.0, pitch, 1))) ** 2
        hertz = np.fft.rfftfreq(SAMPLE_RATE, 1 / SAMPLE_RATE)
        near = power[(hertz > pitch / 4) & (hertz < pitch * 4)].sum() / power.sum()
        assert near > 0.9, pitch


# ---------------------------------------------------------------------------------- effects


@pytest.mark.parametrize("name", effects.ACCENT_MAKERS)
def test_an_accent_is_soft_at_both_ends(name: str) -> None:
    samples = effects.make_accent(name)
    assert 0.3 * effects.LOUDEST <= np.abs(samples).max() <= effects.LOUDEST + 1e-6
    assert max(abs(float(samples[0])), abs(float(samples[-1]))) < 1e-3
    assert np.abs(samples[: SAMPLE_RATE // 4]).max() > 0.2 * np.abs(samples).max(), "it is there at once"
    assert abs(float(samples.mean())) < 2e-3


@pytest.mark.parametrize("name", effects.TEXTURE_MAKERS)
@pytest.mark.parametrize("seconds", [0.8, 3.0])
def test_a_texture_lasts_as_long_as_its_shot(name: str, seconds: float) -> None:
    samples = effects.make_texture(name, seconds)
    assert len(samples) == round(seconds * SAMPLE_RATE)
    assert np.abs(samples).max() <= 0.36 * effects.LOUDEST
    assert max(abs(float(samples[0])), abs(float(samples[-1]))) < 1e-3
    assert level(samples) > -60


def test_effects_are_of_actions_that_there_are() -> None:
    actions = {verb.name for verb in vocabulary.ACTIONS}
    assert set(effects.ACCENTS) | set(effects.TEXTURES) <= actions
    assert {name for beats in effects.ACCENTS.values() for name, _ in beats} <= set(effects.ACCENT_MAKERS)
    assert set(effects.TEXTURES.values()) <= set(effects.TEXTURE_MAKERS)


def laid(action: str, start: float = 0.0, beats: bool = True) -> list[float]:
    """At which tenths of an eight-second film something sounds; the shot has four seconds from `start`."""
    target = np.zeros(8 * SAMPLE_RATE, np.float32)
    shot = Shot("child", action, None, "park", "calm", "", 4.0)
    effects.lay_effects(target, shot, start, 4.0, beats)
    tenths = np.abs(target).reshape(80, -1).max(axis=1)
    return [index / 10 for index in np.flatnonzero(tenths > 0.01)]


@pytest.mark.parametrize(
    ("action", "start", "beats", "first"),
    [
        ("pick_up", 0.0, True, 1.8),  # 46 % of four seconds
        ("pick_up", 4.0, False, None),  # a model and a bespoke scene move when they like
        ("walk", 0.0, True, None),  # feet step by the way they go, which is known in the picture alone
        ("sleep", 0.0, True, None),  # most actions are silent
        ("sleep", 4.0, True, 4.0),  # a breath of air where a shot comes in
        ("rain", 0.0, False, 0.0),  # weather is there in every film
    ],
)
def test_accents_sound_at_their_beat(action: str, start: float, beats: bool, first: float | None) -> None:
    heard = laid(action, start, beats)
    if first is None:
        assert heard == []
    else:
        assert heard[0] == pytest.approx(first, abs=0.15)


@pytest.mark.parametrize("action", effects.TEXTURES)
def test_the_shortest_shot_has_no_texture_and_no_fault(action: str) -> None:
    """A film of one picture has shots of a few samples."""
    for seconds in (1 / SAMPLE_RATE, 0.99 * effects.BRIEFEST, effects.BRIEFEST):
        target = np.zeros(SAMPLE_RATE, np.float32)
        effects.lay_effects(target, Shot("cloud", action, None, "sky", "calm", "", 1.0), 0.0, seconds, True)
        assert np.isfinite(target).all()
        assert target.any() == (seconds >= effects.BRIEFEST)


def test_an_effect_does_not_ring_into_the_next_film() -> None:
    target = np.zeros(SAMPLE_RATE, np.float32)
    effects.lay_effects(target, Shot("child", "hug", None, "park", "calm", "", 1.0), 0.0, 1.0, True)
    assert np.abs(target[: SAMPLE_RATE // 3]).max() == 0, "what rings beyond the end is lost"
    assert np.abs(target[-100:]).max() > 0


def test_edges_of_less_than_there_is() -> None:
    short = np.ones(10, np.float32)
    assert edged(short, 1.0, 1.0)[0] == 0
    assert len(edged(np.zeros(0, np.float32), 1.0, 1.0)) == 0
