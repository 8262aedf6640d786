"""Footage as it comes: interlaced, turned, with oblong pixels, of any size and pace, or no footage at all."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.stream import Disposition
from hypothesis import given
from hypothesis import strategies as st

from reverie.errors import CameraError
from reverie.values import Image
from reverie.vision.camera import read_frames
from reverie.vision.pictures import LONGEST, Weaver, shown_size

INTERLACED = (1 << 18) | (1 << 29)
"""AV_CODEC_FLAG_INTERLACED_DCT and _ME: encode two half-pictures."""

RED, GREEN, GRAY = (200, 30, 30), (30, 180, 30), (120, 120, 120)


def write(
    path: Path,
    pictures: Sequence[Image],
    codec: str = "mpeg4",
    *,
    pixels: str = "yuv420p",
    times: Sequence[int] | None = None,
    aspect: Fraction | None = None,
    flags: int = 0,
) -> Path:
    """A film of RGB pictures at 25 a second, or at `times` in hundredths of a second."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=Fraction(25 if times is None else 100))
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pixels
        stream.codec_context.flags |= flags
        if codec.startswith("mpeg"):
            stream.bit_rate, stream.gop_size = 4_000_000, 1
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        for index, image in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=pixels)
            frame.pts = index if times is None else times[index]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def plain(colour: tuple[int, int, int], width: int = 64, height: int = 48) -> Image:
    return np.full((height, width, 3), colour, np.uint8)


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Image:
    """64x48, split in the middle."""
    picture = plain(left)
    picture[:, 32:] = right
    return picture


# ---------------------------------------------------------------------------------- interlaced


def combed(count: int) -> list[Image]:
    """A bright bar that goes right: the odd lines of each picture are from a 50th of a second later."""

    def bar(x: int) -> Image:
        image = plain((40, 40, 40), 128, 96)
        image[:, x : x + 16] = 220
        return image

    pictures = []
    for index in range(count):
        picture = bar(4 + 8 * index)
        picture[1::2] = bar(8 + 8 * index)[1::2]
        pictures.append(picture)
    return pictures


def teeth(image: Image) -> float:
    """How much neighbouring lines differ, in gray levels."""
    return float(np.abs(np.diff(image[..., 1].astype(int), axis=0)).mean())


@pytest.mark.parametrize(("codec", "name"), [("mpeg2video", "film.mpg"), ("mpeg4", "film.avi")])
def test_interlaced_film_is_made_whole(tmp_path: Path, codec: str, name: str) -> None:
    pictures = combed(10)
    film = write(tmp_path / name, pictures, codec, flags=INTERLACED)
    frames = list(read_frames(str(film)))
    assert teeth(pictures[5]) > 10
    assert [frame.time for frame in frames] == pytest.approx([index * 0.04 for index in range(10)], abs=1e-3)
    for index, frame in enumerate(frames):
        assert teeth(frame.image) < 1
        bright = np.flatnonzero(frame.image[48, :, 1] > 130)
        assert 4 + 8 * index - 3 <= bright[0] <= 8 + 8 * index + 3  # and it is where it was then


def test_progressive_film_is_not_held_back() -> None:
    weaver = Weaver()
    frame = av.VideoFrame.from_ndarray(plain(RED), format="rgb24")
    assert weaver.update(frame) == [frame]
    assert weaver.flush() == []


def test_film_that_changes_its_size(tmp_path: Path) -> None:
    sizes = [(64, 48), (64, 48), (80, 60), (48, 64)]
    blob = b"".join(cv2.imencode(".jpg", plain(GREEN, *size))[1].tobytes() for size in sizes)
    (tmp_path / "film.mjpeg").write_bytes(blob)
    found = [frame.image.shape[1::-1] for frame in read_frames(str(tmp_path / "film.mjpeg"))]
    assert found == sizes


def test_interlaced_film_that_changes_its_size(tmp_path: Path) -> None:
    weaver, found = Weaver(), []
    for name, count in (("one.mpg", 3), ("two.mpg", 2)):
        pictures = [picture[: 96 if count == 3 else 64] for picture in combed(count)]
        film = write(tmp_path / name, pictures, "mpeg2video", flags=INTERLACED)
        with av.open(str(film)) as container:
            for frame in container.decode(video=0):
                found += weaver.update(frame)
    found += weaver.flush()
    assert [frame.height for frame in found] == [96, 96, 96, 64, 64]
    assert all(teeth(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)) < 1 for frame in found)


# ---------------------------------------------------------------------------------- turned, oblong, huge


@pytest.mark.parametrize(
    ("matrix", "shape", "at", "colours"),
    [
        # (a, b, c, d) of the display matrix; where the film's left and right halves are looked for
        ((0, 1, -1, 0), (64, 48), ((5, 20), (-5, 20)), (RED, GREEN)),  # a quarter clockwise: left is up
        ((-1, 0, 0, -1), (48, 64), ((20, 5), (20, -5)), (GREEN, RED)),  # upside down
        ((0, -1, 1, 0), (64, 48), ((5, 20), (-5, 20)), (GREEN, RED)),  # a quarter the other way
        ((1, 0, 0, 1), (48, 64), ((20, 5), (20, -5)), (RED, GREEN)),  # as it is
    ],
)
def test_turned_film_is_upright(
    tmp_path: Path,
    matrix: tuple[int, int, int, int],
    shape: tuple[int, int],
    at: tuple[tuple[int, int], tuple[int, int]],
    colours: tuple[tuple[int, int, int], tuple[int, int, int]],
) -> None:
    film = write(tmp_path / "film.mp4", [halves(RED, GREEN)] * 2)
    blob = bytearray(film.read_bytes())
    a, b, c, d = (value << 16 for value in matrix)
    place = blob.index(b"tkhd") + 44  # of the track's header (ISO 14496-12, 8.3.2)
    blob[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    film.write_bytes(blob)
    image = next(read_frames(str(film))).image
    assert image.shape[:2] == shape
    for (row, column), colour in zip(at, colours, strict=True):
        np.testing.assert_allclose(image[row, column].astype(int), colour, atol=12)


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        (Fraction(1), (64, 48)),
        (Fraction(16, 11), (93, 48)),  # widescreen on tape: as wide as it was meant
        (Fraction(1, 2), (64, 96)),  # one half-picture: as high
        (Fraction(100, 99), (64, 48)),  # rounding in the file
        (Fraction(90), (64, 48)),  # nonsense
    ],
)
def test_pixels_are_made_square(tmp_path: Path, aspect: Fraction, size: tuple[int, int]) -> None:
    film = write(tmp_path / "film.mkv", [halves(RED, GREEN)] * 2, aspect=aspect)
    image = next(read_frames(str(film))).image
    assert (image.shape[1], image.shape[0]) == size
    np.testing.assert_allclose(image[[5, 5], [5, -5]].astype(int), [RED, GREEN], atol=12)


def test_8k_film_is_made_smaller(tmp_path: Path) -> None:
    picture = plain(RED, 7680, 4320)
    picture[2160:] = GREEN
    film = write(tmp_path / "film.mkv", [picture], "mjpeg", pixels="yuvj420p")
    (frame,) = read_frames(str(film))
    assert frame.image.shape == (2304, 4096, 3)
    np.testing.assert_allclose(frame.image[[9, -9], 9].astype(int), [RED, GREEN], atol=12)


def test_huge_photo_in_a_folder_is_made_smaller(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "photo.png"), plain(RED, 5000, 100)[..., ::-1])
    (frame,) = read_frames(str(tmp_path))
    assert frame.image.shape == (82, 4096, 3)
    assert tuple(frame.image[40, 40]) == RED


@given(st.integers(1, 40_000), st.integers(1, 40_000), st.floats(0, 1e4))
def test_shown_size_is_bounded_and_keeps_what_is_there(width: int, height: int, aspect: float) -> None:
    wide, high = shown_size(width, height, aspect)
    assert 1 <= wide <= LONGEST
    assert 1 <= high <= LONGEST
    if max(wide, high) < LONGEST:
        assert (wide >= width, high >= height) == (True, True)


# ---------------------------------------------------------------------------------- pace


def test_variable_rate_keeps_the_times_of_the_film(tmp_path: Path) -> None:
    hundredths = [0, 4, 8, 50, 51, 300, 1000]
    film = write(tmp_path / "film.mkv", [plain(RED)] * 7, "ffv1", times=hundredths)
    assert [frame.time for frame in read_frames(str(film))] == pytest.approx(
        [hundredth / 100 for hundredth in hundredths], abs=2e-3
    )


def test_film_that_begins_late_begins_at_0(tmp_path: Path) -> None:
    film = write(tmp_path / "film.mkv", [plain(RED)] * 3, "ffv1", times=[500, 504, 512])
    assert [frame.time for frame in read_frames(str(film))] == pytest.approx([0, 0.04, 0.12], abs=2e-3)


# ---------------------------------------------------------------------------------- no footage at all


def renamed(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        return write(folder / "film.mkv", [plain(GREEN)] * 3, "ffv1").rename(folder / name)

    return make


@pytest.mark.parametrize("name", ["film.txt", "film.jpg", "film.mp3", "film", "film.yaml"])
def test_wrong_name_does_not_matter(tmp_path: Path, name: str) -> None:
    assert len(list(read_frames(str(renamed(name)(tmp_path))))) == 3


def song_with_a_cover(folder: Path) -> Path:
    path = folder / "song.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        sound: Any = container.add_stream("aac", rate=44100)
        cover: Any = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 44100
        container.mux([*sound.encode(silence), *sound.encode()])
        picture = av.VideoFrame.from_ndarray(plain(RED), format="rgb24").reformat(format="yuvj420p")
        container.mux([*cover.encode(picture), *cover.encode()])
    return path


def film_of_no_length(folder: Path) -> Path:
    with av.open(str(folder / "film.mkv"), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    return folder / "film.mkv"


def head_of_a_film(folder: Path) -> Path:
    film = write(folder / "film.mp4", [plain(RED)] * 5)
    film.write_bytes(film.read_bytes()[:100])
    return film


def page(folder: Path) -> Path:
    (folder / "film.mp4").write_text("<!doctype html><title>404</title>" * 50)
    return folder / "film.mp4"


def settings(folder: Path) -> Path:
    (folder / "reverie.yaml").write_text("cameras:\n- source: film.mp4\n")
    return folder / "reverie.yaml"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (song_with_a_cover, "no picture in it, only sound or data"),
        (film_of_no_length, "it ends before its first picture"),
        (head_of_a_film, r"not a video, or a damaged one \(100 bytes\)"),
        (page, "not a video, or a damaged one"),
        (settings, "not a video, or a damaged one"),
    ],
)
def test_what_is_no_footage_says_so(tmp_path: Path, make: Callable[[Path], Path], message: str) -> None:
    path = make(tmp_path)
    with pytest.raises(CameraError, match=message) as caught:
        list(read_frames(str(path)))
    assert str(path) in str(caught.value)


def test_notes_in_another_alphabet_do_not_matter(tmp_path: Path) -> None:
    """Text in a film is UTF-8 by the book; that of old recorders is not."""
    film = write(tmp_path / "film.mkv", [plain(GREEN)] * 2, "ffv1")
    blob = film.read_bytes()
    assert blob.count(b"Lavf") >= 1
    film.write_bytes(blob.replace(b"Lavf", b"La\xda\xff"))
    assert len(list(read_frames(str(film)))) == 2


@pytest.mark.parametrize(
    ("name", "codec", "flags"),
    [
        ("film.mpg", "mpeg2video", INTERLACED),
        ("film.avi", "mpeg4", INTERLACED),
        ("film.mp4", "mpeg4", 0),
        ("film.mkv", "ffv1", 0),
    ],
)
def test_damage_anywhere_gives_pictures_or_a_clear_error(
    tmp_path: Path, name: str, codec: str, flags: int
) -> None:
    chance = np.random.default_rng(4)
    whole = write(tmp_path / name, combed(6), codec, flags=flags).read_bytes()
    outcomes = set()
    for _ in range(60):
        blob = np.frombuffer(whole, np.uint8).copy()
        reach = int(chance.choice([400, len(blob)]))  # the head of a file is small and matters most
        blob[chance.integers(0, min(reach, len(blob)), chance.choice([1, 3, 20, 200]))] = chance.integers(256)
        (tmp_path / name).write_bytes(blob.tobytes())
        try:
            frames = list(itertools.islice(read_frames(str(tmp_path / name)), 50))
        except CameraError:
            outcomes.add("error")
            continue
        assert all(max(frame.image.shape) <= LONGEST for frame in frames)
        outcomes.add("pictures" if frames else "nothing")
    assert outcomes == {"pictures", "error"}  # and never nothing at all
