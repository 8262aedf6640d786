"""The encoder: drafts that can be read while they grow, finished films, and every way they can be wrong."""

from __future__ import annotations

import errno
import io
import json
import resource
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie import config
from reverie.errors import ClipError, GeneratorError, ReverieError, StoreError, StoreFull, StoreReadOnly
from reverie.values import ClipSpec, Image
from reverie.video import encode

SPEC = ClipSpec("storyboard", "1", 96, 64, 12, 8)
SETTINGS = config.Generator(preset="ultrafast")
METADATA = {
    "AIGC": json.dumps({"Label": "1", "ContentProducer": "测试"}, ensure_ascii=False),
    "comment": "made",
}


def picture(index: int) -> Image:
    """Gray that tells its index, with a square that moves."""
    image = np.full((SPEC.height, SPEC.width, 3), 20 + 15 * index, np.uint8)
    image[8:16, 4 * index : 4 * index + 8] = (200, 40, 40)
    return image


def index_of(image: Image) -> int:
    """Which `picture` this was before it was encoded."""
    return round((float(np.median(image)) - 20) / 15)


def boxes(data: bytes) -> list[tuple[str, bytes]]:
    """The boxes in a row of them: (kind, inside)."""
    found, at = [], 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        assert size >= 8
        assert at + size <= len(data), "a box is cut off"
        found.append((kind.decode("latin-1"), data[at + 8 : at + size]))
        at += size
    return found


def inside(data: bytes, *path: str) -> bytes:
    for kind in path:
        data = dict(boxes(data))[kind]
    return data


def tags(film: bytes) -> dict[str, str]:
    """What `moov/udta/meta` says, by its `keys` and `ilst` (QuickTime's metadata, as GB 45438 asks)."""
    meta = inside(film, "moov", "udta", "meta")[4:]
    keys, at = [], 8
    table = inside(meta, "keys")
    for _ in range(struct.unpack_from(">I", table, 4)[0]):
        size = struct.unpack_from(">I", table, at)[0]
        keys.append(table[at + 8 : at + size].decode())
        at += size
    values, at, listed = {}, 0, inside(meta, "ilst")
    while at < len(listed):
        size, number = struct.unpack_from(">II", listed, at)
        values[keys[number - 1]] = inside(listed[at + 8 : at + size], "data")[8:].decode()
        at += size
    return values


class Recorder(io.BytesIO):
    """A file that remembers what each write brought."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: object) -> int:
        self.writes.append(bytes(data))  # type: ignore[call-overload]
        return super().write(data)  # type: ignore[arg-type]


def decoded(film: bytes) -> list[Image]:
    with av.open(io.BytesIO(film), "r") as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def write_draft(path: Path, frames: int = SPEC.frames) -> Path:
    with path.open("wb", buffering=0) as file:
        writer = encode.DraftWriter(file, SPEC, SETTINGS, METADATA)
        for index in range(frames):
            writer.write(picture(index))
        writer.close()
    return path


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_draft(tmp_path_factory.mktemp("draft") / "draft.mp4")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, draft: Path) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    encode.finish(draft, path, METADATA)
    return path


# ------------------------------------------------------------------------------------------ drafts


def test_the_init_segment_comes_before_the_first_picture() -> None:
    file = Recorder()
    writer = encode.DraftWriter(file, SPEC, SETTINGS, METADATA)
    (init,) = file.writes
    assert [kind for kind, _ in boxes(init)] == ["ftyp", "moov"]
    assert encode.codec_string(init).startswith("avc1.")
    writer.abort()


def test_each_write_is_one_whole_fragment_and_each_prefix_plays() -> None:
    file = Recorder()
    writer = encode.DraftWriter(file, SPEC, SETTINGS, METADATA)
    for index in range(SPEC.frames):
        writer.write(picture(index))
        # The muxer gives out a fragment when the next frame comes.
        assert len(file.writes) == 1 + index
    writer.close()
    assert len(file.writes) == 1 + SPEC.frames
    grown = file.writes[0]
    for count, fragment in enumerate(file.writes[1:], start=1):
        assert [kind for kind, _ in boxes(fragment)] == ["moof", "mdat"]
        grown += fragment
        assert [index_of(image) for image in decoded(grown)] == list(range(count))
    assert grown == file.getvalue()


def test_a_key_frame_every_second(draft: Path) -> None:
    with av.open(draft) as container:
        keys = [packet.pts for packet in container.demux(video=0) if packet.is_keyframe and packet.size]
        assert container.streams.video[0].time_base is not None
        times = [float(pts * container.streams.video[0].time_base) for pts in keys if pts is not None]
    assert times == [0.0, 1.0]


def test_the_mark_is_in_the_first_bytes_of_a_draft_and_in_the_film(draft: Path, film: Path) -> None:
    for path in (draft, film):
        found = tags(path.read_bytes())
        assert {name: found[name] for name in METADATA} == METADATA


def test_same_pictures_same_bytes(draft: Path, film: Path, tmp_path: Path) -> None:
    again = write_draft(tmp_path / "again.mp4")
    assert again.read_bytes() == draft.read_bytes()
    assert encode.finish(again, tmp_path / "film.mp4", METADATA) == encode.probe(film)


def test_a_file_that_takes_little_at_a_time_gets_all() -> None:
    class Slow(Recorder):
        def write(self, data: object) -> int:
            return super().write(bytes(data)[:7])  # type: ignore[call-overload]

    slow, quick = Slow(), Recorder()
    for file in (slow, quick):
        writer = encode.DraftWriter(file, SPEC, SETTINGS, METADATA)
        writer.write(picture(0))
        writer.close()
    assert slow.getvalue() == quick.getvalue()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.ENOSPC, StoreFull),  # the disk is full
        (errno.EDQUOT, StoreFull),  # the user's share of it is
        (errno.EROFS, StoreReadOnly),  # the disk was remounted read-only after a fault
        (errno.EACCES, StoreReadOnly),
        (errno.EIO, StoreError),  # the disk is broken
    ],
)
def test_a_disk_that_fails(code: int, expected: type[ReverieError]) -> None:
    class Failing(Recorder):
        def write(self, data: object) -> int:
            if self.tell() > 2000:
                raise OSError(code, "no")
            return super().write(data)

    file = Failing()
    writer = encode.DraftWriter(file, SPEC, SETTINGS, METADATA)
    noise = [np.random.default_rng(n).integers(0, 255, (64, 96, 3), np.uint8) for n in range(SPEC.frames)]

    def write_all() -> None:
        for image in noise:
            writer.write(image)

    with pytest.raises(expected) as caught:
        write_all()
    assert type(caught.value) is expected
    writer.abort()


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((96, 64, 3), np.uint8),  # turned
        np.zeros((64, 96), np.uint8),  # gray
        np.zeros((64, 96, 4), np.uint8),  # with alpha
        np.zeros((64, 96, 3), np.float32),
    ],
)
def test_a_picture_of_another_shape_is_refused(image: Image) -> None:
    writer = encode.DraftWriter(Recorder(), SPEC, SETTINGS, METADATA)
    with pytest.raises(GeneratorError, match=r"picture 0 is .*takes uint8 RGB \(64, 96, 3\)"):
        writer.write(image)
    writer.abort()


def test_pictures_that_are_views_or_read_only_are_taken() -> None:
    file = Recorder()
    writer = encode.DraftWriter(file, SPEC, SETTINGS, METADATA)
    frozen = picture(3)
    frozen.flags.writeable = False
    writer.write(frozen)
    writer.write(np.repeat(picture(5), 2, axis=1)[:, ::2])
    writer.close()
    assert [index_of(image) for image in decoded(file.getvalue())] == [3, 5]


def test_after_abort_nothing_is_written() -> None:
    file = Recorder()
    writer = encode.DraftWriter(file, SPEC, SETTINGS, METADATA)
    for index in range(3):
        writer.write(picture(index))
    before = file.getvalue()
    writer.abort()
    writer.abort()
    assert file.getvalue() == before
    with pytest.raises(ValueError, match="closed"):
        writer.write(picture(3))
    with pytest.raises(ValueError, match="closed"):
        writer.close()


def test_a_draft_without_pictures_is_no_clip() -> None:
    writer = encode.DraftWriter(Recorder(), SPEC, SETTINGS, METADATA)
    with pytest.raises(GeneratorError, match="no picture"):
        writer.close()


# ------------------------------------------------------------------------------------------ encoders


def test_libx264_comes_with_pyav() -> None:
    assert encode.encoders()[0] == "libx264"
    encode.check_encoder(SETTINGS)


@pytest.mark.parametrize(
    "name",
    [
        "h264_of_my_dreams",
        "mpeg4",  # an encoder, but not of H.264
        "h264",  # a format: FFmpeg would pick an encoder nobody named
        "libx264rgb",  # H.264 that no browser plays
        "",
    ],
)
def test_an_encoder_that_is_none(name: str) -> None:
    with pytest.raises(GeneratorError, match=f"encoder '{name}' is no H.264 encoder.*allowed here: libx264"):
        encode.check_encoder(SETTINGS.model_copy(update={"encoder": name}))


def test_an_encoder_whose_hardware_is_missing() -> None:
    name = "h264_v4l2m2m"
    if name not in av.codecs_available or name in encode.encoders():
        pytest.skip(f"this machine has {name}, or its PyAV does not know it")
    with pytest.raises(GeneratorError, match=f"encoder '{name}' does not open.*that open here: libx264"):
        encode.check_encoder(SETTINGS.model_copy(update={"encoder": name}))


def test_options_go_only_where_they_are_known() -> None:
    assert encode.encoder_options(SETTINGS) == {"preset": "ultrafast", "tune": "zerolatency", "crf": "21"}
    assert encode.encoder_options(SETTINGS.model_copy(update={"encoder": "h264_nvenc"})) == {}


def test_bit_rate_of_other_encoders() -> None:
    spec = ClipSpec("storyboard", "1", 640, 480, 72, 24)
    rates = [encode.bit_rate(SETTINGS.model_copy(update={"quality": q}), spec) for q in (15, 21, 27)]
    assert rates[1] == 884_736  # 0.12 bits a pixel
    assert rates[0] == 2 * rates[1] == 4 * rates[2]  # six steps of the quantiser


def test_an_encoder_without_a_constant_quality_mode_works_too(monkeypatch: pytest.MonkeyPatch) -> None:
    # MPEG-4 stands in for H.264 encoders that this machine does not have: same path, generic settings.
    monkeypatch.setattr(encode, "_is_h264_encoder", lambda name: True)
    file = Recorder()
    writer = encode.DraftWriter(file, SPEC, SETTINGS.model_copy(update={"encoder": "mpeg4"}), METADATA)
    for index in range(4):
        writer.write(picture(index))
    writer.close()
    assert [index_of(image) for image in decoded(file.getvalue())] == [0, 1, 2, 3]


# ------------------------------------------------------------------------------------------ finished films


def test_a_finished_film_has_the_same_pictures_and_its_index_first(draft: Path, film: Path) -> None:
    kinds = [kind for kind, _ in boxes(film.read_bytes())]
    assert kinds.index("moov") < kinds.index("mdat")
    assert "moof" not in kinds
    for ours, theirs in zip(decoded(film.read_bytes()), decoded(draft.read_bytes()), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_what_finish_says_is_what_there_is(draft: Path, tmp_path: Path) -> None:
    clip = encode.finish(draft, tmp_path / "film.mp4", METADATA)
    assert clip == encode.probe(tmp_path / "film.mp4")
    assert (clip.frames, clip.width, clip.height) == (12, 96, 64)
    assert clip.seconds == 1.5
    assert clip.size == (tmp_path / "film.mp4").stat().st_size


def test_a_single_picture_lasts_its_time(tmp_path: Path) -> None:
    clip = encode.finish(write_draft(tmp_path / "draft.mp4", frames=1), tmp_path / "film.mp4", {})
    assert (clip.frames, clip.seconds) == (1, 0.125)


def test_colours_survive_and_are_named(tmp_path: Path) -> None:
    spec = ClipSpec("storyboard", "1", 96, 64, 2, 8)
    colours = ((235, 30, 30), (30, 200, 60), (30, 60, 220), (255, 255, 255), (0, 0, 0), (250, 210, 60))
    image = np.zeros((64, 96, 3), np.uint8)
    for number, colour in enumerate(colours):
        image[:, 16 * number : 16 * number + 16] = colour
    path = tmp_path / "colours.mp4"
    encode.save([image, image], path, spec, SETTINGS, {})
    shown = encode.still(path, 0)
    for number, colour in enumerate(colours):
        patch = shown[8:-8, 16 * number + 4 : 16 * number + 12].reshape(-1, 3).mean(axis=0)
        np.testing.assert_allclose(patch, colour, atol=6)
    with av.open(path) as container:
        frame = next(container.decode(video=0))
        # BT.709 matrix, primaries and curve, limited range (ITU-T H.273: 1, 1, 1); what players assume.
        assert (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range) == (1, 1, 1, 1)


def cut(path: Path, target: Path, size: int) -> Path:
    target.write_bytes(path.read_bytes()[:size])
    return target


@pytest.mark.parametrize(
    ("frames", "size", "message"),
    [
        (12, 0, "is empty"),
        (12, 20, "cut off or damaged at byte 0 of 20"),  # inside `ftyp`
        (12, 500, "cut off or damaged at byte 28 of 500"),  # inside `moov`
        (12, -1, "cut off or damaged at byte"),  # inside the last fragment
    ],
)
def test_a_damaged_draft_is_not_finished(
    draft: Path, tmp_path: Path, frames: int, size: int, message: str
) -> None:
    damaged = cut(draft, tmp_path / "draft.mp4", size)
    with pytest.raises(ClipError, match=message) as caught:
        encode.finish(damaged, tmp_path / "film.mp4", METADATA)
    assert str(damaged) in str(caught.value)
    assert not (tmp_path / "film.mp4").exists()


def test_a_draft_with_only_its_init_segment_is_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "draft.mp4"
    with path.open("wb") as file:
        encode.DraftWriter(file, SPEC, SETTINGS, METADATA).abort()
    with pytest.raises(ClipError, match=r"draft\.mp4: has 0 pictures"):
        encode.finish(path, tmp_path / "film.mp4", METADATA)


def test_a_film_that_has_no_room_leaves_nothing(draft: Path, tmp_path: Path) -> None:
    with (
        file_size_limit(2048),
        pytest.raises(StoreFull, match=r"film\.mp4: cannot be written: File too large"),
    ):
        encode.finish(draft, tmp_path / "film.mp4", METADATA)
    assert not (tmp_path / "film.mp4").exists()
    encode.finish(draft, tmp_path / "film.mp4", METADATA)  # and works when there is room again


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file grows beyond `size` bytes: what a full disk looks like, without one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_folder_that_is_not_there(draft: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"gone/film\.mp4: cannot be written: No such file"):
        encode.finish(draft, tmp_path / "gone" / "film.mp4", METADATA)
    with pytest.raises(StoreError, match=r"gone/film\.mp4: cannot be written: No such file"):
        encode.save([picture(0)], tmp_path / "gone" / "film.mp4", SPEC, SETTINGS, METADATA)


# ------------------------------------------------------------------------------------------ probe


def test_probe_refuses_what_is_no_film(tmp_path: Path) -> None:
    def file(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    cases = [
        (tmp_path / "missing.mp4", "cannot be read: No such file"),
        (tmp_path, "cannot be read: Is a directory"),
        (file("empty.mp4", b""), "is empty; expected an MP4"),
        (file("short.mp4", b"\0\0"), "is not an MP4"),
        (file("text.mp4", b"<html>not found</html>"), "is not an MP4: it starts with b'<html>no'"),
        (file("boxes.mp4", box(b"ftyp", b"isom") + box(b"free", b"")), "has no index"),
        (file("hollow.mp4", box(b"ftyp", b"isom") + box(b"moov", b"")), "is damaged|has no video"),
        (file("zero.mp4", box(b"ftyp", b"isom") + bytes(64)), "cut off or damaged at byte 12 of 76"),
        (other_codec(tmp_path / "mpeg4.mp4"), "has mpeg4 video; expected H.264"),
        (sound(tmp_path / "sound.mp4"), "has no video"),
    ]
    for path, message in cases:
        with pytest.raises(ClipError, match=message) as caught:
            encode.probe(path)
        assert str(path) in str(caught.value)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def other_codec(path: Path) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=8)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for packet in [*stream.encode(av.VideoFrame(96, 64, "yuv420p")), *stream.encode(None)]:
            container.mux_one(packet)
    return path


def sound(path: Path) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 8000, 0, Fraction(1, 8000)
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux_one(packet)
    return path


@settings(deadline=None, max_examples=40)
@given(share=st.floats(0, 1, exclude_max=True))
def test_no_beginning_of_a_film_passes_for_it(
    film: Path, tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "beginning.mp4"
    with pytest.raises(ClipError):
        encode.probe(cut(film, path, int(share * film.stat().st_size)))


def test_an_index_that_promises_more_than_there_is(film: Path, tmp_path: Path) -> None:
    data = bytearray(film.read_bytes())
    # The last box is the pictures; shorten it, length and all, as a tool that "repairs" a file would.
    start = data.index(b"mdat") - 4
    kept = (len(data) - start) // 2
    struct.pack_into(">I", data, start, kept)
    (tmp_path / "film.mp4").write_bytes(data[: start + kept])
    with pytest.raises(ClipError):
        encode.probe(tmp_path / "film.mp4")


# ------------------------------------------------------------------------------------------ codec string


def test_the_codec_string_is_of_the_stream(draft: Path) -> None:
    data = draft.read_bytes()
    at = data.index(b"avcC") + 4
    profile, constraints, level = data[at + 1 : at + 4]
    assert encode.codec_string(data) == f"avc1.{profile:02X}{constraints:02X}{level:02X}"


def test_the_codec_string_of_a_usual_clip() -> None:
    file = Recorder()
    encode.DraftWriter(
        file, ClipSpec("storyboard", "1", 640, 480, 72, 24), config.Generator(), METADATA
    ).abort()
    assert encode.codec_string(file.getvalue()) == "avc1.64001E"  # High profile, level 3.0


@settings(deadline=None, max_examples=60)
@given(size=st.integers(0, 700), noise=st.binary(max_size=80))
def test_a_broken_init_segment_has_no_codec_string(draft: Path, size: int, noise: bytes) -> None:
    data = draft.read_bytes()
    if size >= data.index(b"avcC") + 8:
        return
    with pytest.raises(ClipError, match="avcC"):
        encode.codec_string(data[:size])
    with pytest.raises(ClipError, match="avcC"):
        encode.codec_string(noise)


# ------------------------------------------------------------------------------------------ save, still


def test_save_replaces_whole_and_leaves_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"older")
    clip = encode.save(map(picture, range(12)), path, SPEC, SETTINGS, METADATA)
    assert clip == encode.probe(path)
    assert list(tmp_path.iterdir()) == [path]


def test_save_keeps_what_was_there_when_making_fails(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"older")

    def images() -> Iterator[Image]:
        yield picture(0)
        raise GeneratorError("out of ideas")

    with pytest.raises(GeneratorError, match="out of ideas"):
        encode.save(images(), path, SPEC, SETTINGS, METADATA)
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("second", "index"),
    [
        (0.0, 0),
        (0.124, 0),  # still on screen
        (0.125, 1),  # exactly the next one
        (0.99, 7),
        (1.0, 8),  # a key frame
        (1.3, 10),
        (99.0, 11),  # after the end: the last one
    ],
)
def test_still(film: Path, draft: Path, second: float, index: int) -> None:
    for path in (film, draft):
        image = encode.still(path, second)
        assert image.shape == (64, 96, 3)
        assert image.dtype == np.uint8
        assert index_of(image) == index


def test_still_before_the_beginning(film: Path) -> None:
    with pytest.raises(ValueError, match="allowed: 0 or more"):
        encode.still(film, -1)


def test_thumbnail(film: Path) -> None:
    image = cv2.imdecode(np.frombuffer(encode.thumbnail(film), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert image is not None
    assert image.shape == (213, 320, 3)
    assert index_of(np.asarray(image, np.uint8)) == 6


def test_pictures_of_a_damaged_film(film: Path, tmp_path: Path) -> None:
    damaged = cut(film, tmp_path / "film.mp4", -100)
    for read in (encode.thumbnail, lambda path: encode.still(path, 0)):
        with pytest.raises(ClipError, match="cut off"):
            read(damaged)
