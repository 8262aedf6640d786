"""Films with sound: real MP4 with both tracks, decoded again; drafts that play at every fragment."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie import config
from reverie.errors import ClipError, GeneratorError
from reverie.values import ClipSpec, Image
from reverie.video import decode, encode
from reverie.video.encode import AAC_FRAME
from reverie.video.sound.tones import SAMPLE_RATE, Samples, edged

SPEC = ClipSpec("storyboard", "1", 96, 64, 24, 8)
SETTINGS = config.Generator(preset="ultrafast")
METADATA = {"AIGC": '{"Label": "1"}'}
SECONDS = SPEC.frames / SPEC.fps


def picture(index: int) -> Image:
    return np.full((SPEC.height, SPEC.width, 3), 20 + 5 * index, np.uint8)


def chirp(seconds: float) -> Samples:
    """From 300 Hz to 3 kHz: every moment of it sounds unlike every other."""
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    turns = 300 * t + 2700 * t * t / (2 * seconds)
    return edged(np.asarray(0.3 * np.sin(2 * np.pi * turns), np.float32), 0.05, 0.05)


SOUND = chirp(SECONDS)


class Recorder(io.BytesIO):
    """A file that remembers what each write brought."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: object) -> int:
        self.writes.append(bytes(data))  # type: ignore[call-overload]
        return super().write(data)  # type: ignore[arg-type]


def make_draft(pieces: list[Samples] | None, frames: int = SPEC.frames, spec: ClipSpec = SPEC) -> Recorder:
    file = Recorder()
    writer = encode.DraftWriter(file, spec, SETTINGS, METADATA, pieces)
    for index in range(frames):
        writer.write(picture(index % 40))
    writer.close()
    return file


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "draft.mp4"
    path.write_bytes(make_draft([SOUND]).getvalue())
    return path


@pytest.fixture(scope="module")
def film(draft: Path) -> Path:
    path = draft.with_name("film.mp4")
    encode.finish(draft, path, METADATA)
    return path


def heard(film: Path | io.BytesIO) -> Samples:
    with av.open(film, "r") as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def seen(film: Path | io.BytesIO) -> list[float]:
    """The times of its pictures."""
    with av.open(film, "r") as container:
        return [frame.time for frame in container.decode(video=0)]


def test_both_tracks_are_as_long_to_the_sample(draft: Path, film: Path) -> None:
    for path in (draft, film):
        with av.open(path) as container:
            video, audio = container.streams
            assert isinstance(audio, av.AudioStream)
            assert (video.type, audio.type) == ("video", "audio")
            assert (audio.codec_context.name, audio.sample_rate, audio.channels) == ("aac", SAMPLE_RATE, 1)
            for stream in (video, audio):
                assert stream.time_base is not None
                assert stream.start_time == 0
                length = sum(packet.duration or 0 for packet in container.demux(stream)) * stream.time_base
                assert length == Fraction(SPEC.frames, SPEC.fps)
                container.seek(0)
            assert container.duration == SECONDS * av.time_base


def test_it_sounds_when_and_as_it_should(draft: Path, film: Path) -> None:
    for path in (draft, film):
        found = heard(path)
        assert 0 <= len(found) - len(SOUND) < AAC_FRAME
        found = found[: len(SOUND)]
        # Shifted by one sample it would fit worse: sound and pictures begin together.
        errors = [float(np.mean((np.roll(found, shift) - SOUND) ** 2)) for shift in (-1, 0, 1)]
        assert errors[1] < min(errors[0], errors[2]) / 4
        assert errors[1] < 1e-3 * float(np.mean(SOUND**2)), "30 dB below itself"
        assert seen(path) == [index / SPEC.fps for index in range(SPEC.frames)]


def test_the_film_has_the_very_packets_of_its_draft(draft: Path, film: Path) -> None:
    def packets(path: Path) -> list[bytes]:
        with av.open(path) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    assert packets(draft) == packets(film)
    clip = encode.probe(film)
    assert (clip.frames, clip.seconds) == (SPEC.frames, SECONDS)


def test_without_sound_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    encode.save(map(picture, range(SPEC.frames)), path, SPEC, SETTINGS, METADATA)
    with av.open(path) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    assert encode.codec_string(make_draft(None).writes[0]) == "avc1.42C00A"


def test_silence_is_silent_and_not_absent(tmp_path: Path) -> None:
    path = tmp_path / "quiet.mp4"
    encode.save(map(picture, range(SPEC.frames)), path, SPEC, SETTINGS, METADATA, [])
    assert np.abs(heard(path)).max() == 0
    assert len(heard(path)) >= len(SOUND)


def test_the_same_pictures_and_sound_are_the_same_bytes() -> None:
    """However the sound is cut into arrays."""
    whole = make_draft([SOUND]).getvalue()
    assert make_draft([SOUND]).getvalue() == whole
    assert make_draft([SOUND[:1], SOUND[1:700], SOUND[700:700], SOUND[700:]]).getvalue() == whole


@pytest.mark.parametrize(
    ("pieces", "same"),
    [
        ([SOUND[:30_000]], 28_000),  # what is missing is silence
        ([np.concatenate((SOUND, SOUND))], 140_000),  # what is over is left out
    ],
)
def test_a_sound_of_another_length_is_made_to_fit(pieces: list[Samples], same: int) -> None:
    found = heard(io.BytesIO(make_draft(pieces).getvalue()))
    assert 0 <= len(found) - len(SOUND) < AAC_FRAME
    np.testing.assert_allclose(found[:same], SOUND[:same], atol=0.05)
    if same < 100_000:
        assert np.abs(found[40_000:]).max() < 1e-3


@settings(deadline=None, max_examples=8)
@given(frames=st.integers(1, 40), fps=st.sampled_from([5, 7, 24, 25, 30]))
def test_any_length_ends_together(frames: int, fps: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.mp4"
    spec = replace(SPEC, frames=frames, fps=fps)
    encode.save(
        (picture(index % 40) for index in range(frames)),
        path,
        spec,
        SETTINGS,
        METADATA,
        [chirp(frames / fps)],
    )
    with av.open(path) as container:
        ends = [float(stream.duration * stream.time_base) for stream in container.streams]  # type: ignore[operator]
    assert ends[0] == pytest.approx(frames / fps, abs=1e-4)
    assert ends[1] == pytest.approx(ends[0], abs=1 / SAMPLE_RATE)


# ------------------------------------------------------------------------------------------ drafts


def boxes(data: bytes) -> list[str]:
    found, at = [], 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        assert size >= 8
        assert at + size <= len(data), "a box is cut off"
        found.append(kind.decode("latin-1"))
        at += size
    return found


def test_the_init_segment_promises_both() -> None:
    init = make_draft([SOUND]).writes[0]
    assert boxes(init) == ["ftyp", "moov"]
    assert encode.codec_string(init) == "avc1.42C00A,mp4a.40.2"
    assert b"AIGC" in init


def test_each_write_is_one_whole_fragment_and_each_prefix_plays() -> None:
    writes = make_draft([SOUND]).writes
    grown, numbers = writes[0], []
    pictures = sounds = 0
    for fragment in writes[1:]:
        assert boxes(fragment) == ["moof", "mdat"]
        numbers.append(struct.unpack_from(">I", fragment, 20)[0])
        track = struct.unpack_from(">I", fragment, 44)[0]
        pictures, sounds = pictures + (track == 1), sounds + (track == 2)
        grown += fragment
        if pictures and sounds and len(numbers) % 7 in (0, 1):  # a decoder each: not all of them
            assert seen(io.BytesIO(grown)) == [index / SPEC.fps for index in range(pictures)]
            found = heard(io.BytesIO(grown))
            assert len(found) == sounds * AAC_FRAME
    assert numbers == list(range(1, len(writes)))
    assert (pictures, sounds) == (SPEC.frames, -(-len(SOUND) // AAC_FRAME))


def test_sound_is_never_behind_the_pictures() -> None:
    """A player stops where either is missing: with each picture comes all that sounds while it is on."""
    file = Recorder()
    writer = encode.DraftWriter(file, SPEC, SETTINGS, METADATA, [SOUND])
    for index in range(SPEC.frames):
        writer.write(picture(index))
        tracks = [struct.unpack_from(">I", fragment, 44)[0] for fragment in file.writes[1:]]
        assert tracks.count(1) == index, "the muxer gives out a picture when the next one comes"
        if index > 1:
            assert tracks.count(2) * AAC_FRAME / SAMPLE_RATE >= index / SPEC.fps
    writer.close()


def test_a_sound_is_asked_for_when_it_is_due() -> None:
    """So that a slow voice keeps the first picture waiting by its first line alone."""
    asked: list[int] = []

    def pieces() -> object:
        for index in range(3):
            asked.append(index)
            yield SOUND[SAMPLE_RATE * index : SAMPLE_RATE * (index + 1)]

    writer = encode.DraftWriter(Recorder(), SPEC, SETTINGS, METADATA, pieces())  # type: ignore[arg-type]
    assert asked == []
    found = []
    for index in range(SPEC.frames):
        writer.write(picture(index))
        found.append(len(asked))
    assert found == [1] * 7 + [2] * 8 + [3] * 9  # a second is eight pictures; a little ahead
    writer.close()


def test_a_draft_with_sound_may_be_given_up() -> None:
    file = Recorder()
    writer = encode.DraftWriter(file, SPEC, SETTINGS, METADATA, [SOUND])
    writer.write(picture(0))
    before = file.getvalue()
    writer.abort()
    writer.abort()
    assert file.getvalue() == before
    empty = encode.DraftWriter(Recorder(), SPEC, SETTINGS, METADATA, [SOUND])
    with pytest.raises(GeneratorError, match="no picture"):
        empty.close()


def test_what_making_the_sound_raises_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> object:
        yield SOUND[:5000]
        raise GeneratorError("out of breath")

    path = tmp_path / "film.mp4"
    with pytest.raises(GeneratorError, match="out of breath"):
        encode.save(map(picture, range(24)), path, SPEC, SETTINGS, METADATA, broken())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------ other readers


def test_stills_checks_and_other_boxes_see_the_pictures_alone(film: Path) -> None:
    assert encode.still(film, 1.0).shape == (64, 96, 3)
    assert encode.thumbnail(film)[:2] == b"\xff\xd8"
    with film.open("rb") as file:
        pictures = list(decode.pictures(file, "film", SPEC, SPEC.frames))
    assert len(pictures) == SPEC.frames


def test_a_film_whose_sound_is_cut_is_damaged(draft: Path, film: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(film.read_bytes()[:-50])
    with pytest.raises(ClipError, match="cut off"):
        encode.probe(cut)
    shorter = tmp_path / "shorter.mp4"
    shorter.write_bytes(make_draft([SOUND], frames=20).getvalue())
    assert encode.finish(shorter, tmp_path / "final.mp4", METADATA).seconds == 2.5
