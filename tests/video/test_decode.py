"""Films from elsewhere: their pictures at our size and rate."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from elsewhere import film

from reverie.errors import ClipError
from reverie.values import ClipSpec, Image
from reverie.video import decode
from reverie.video.decode import fitted, pictures

FPS = 12


def spec(frames: int, width: int = 160, height: int = 120) -> ClipSpec:
    return ClipSpec("far", "", width, height, frames, FPS)


def decoded(data: bytes, frames: int, width: int = 160, height: int = 120) -> list[Image]:
    return list(pictures(io.BytesIO(data), "the film", spec(frames, width, height), frames))


def indices(images: list[Image]) -> list[int]:
    """Which of the film's pictures each is (`elsewhere.film`)."""
    return [round((float(i[i.shape[0] // 2, i.shape[1] // 2].mean()) - 40) / 5) for i in images]


@pytest.mark.parametrize(
    ("fps", "made", "shown"),
    [
        (12, 6, [0, 1, 2, 3, 4, 5]),  # our rate
        (24, 12, [0, 2, 4, 6, 8, 10]),  # twice ours: every other one
        (6, 3, [0, 0, 1, 1, 2, 2]),  # half of ours: each twice
        (8, 4, [0, 0, 1, 2, 2, 3]),  # two thirds: what is on at that time
        (12, 30, [0, 1, 2, 3, 4, 5]),  # longer than asked for: its beginning
    ],
)
def test_by_time(fps: int, made: int, shown: list[int]) -> None:
    assert indices(decoded(film(160, 120, made, fps), 6)) == shown


@pytest.mark.parametrize("muxer", ["mp4", "matroska"])
def test_stamps_in_rounded_milliseconds_lose_no_picture(muxer: str) -> None:
    assert indices(decoded(film(160, 120, 24, FPS, muxer=muxer), 24)) == list(range(24))


@pytest.mark.parametrize(("made", "fps"), [(5, 12), (10, 24), (1, 12)])
def test_one_picture_too_few_is_too_short(made: int, fps: int) -> None:
    with pytest.raises(
        ClipError, match=rf"{made / fps:.2f} s \({made} pictures\); 0.50 s \(6 pictures at 12"
    ):
        decoded(film(160, 120, made, fps), 6)


@pytest.mark.parametrize("size", [(160, 120), (320, 240), (128, 96), (192, 128), (120, 160), (320, 120)])
def test_pictures_are_ours_to_keep_and_of_our_size(size: tuple[int, int]) -> None:
    images = decoded(film(*size, 3, 6), 4)
    assert len({id(image) for image in images}) == 4
    for image in images:
        assert image.shape == (120, 160, 3)
        assert image.dtype == np.uint8
        assert image.flags.c_contiguous
        assert image.flags.writeable


def disc(width: int, height: int) -> Image:
    """A white disc in the middle, as wide as high, on grey."""
    y, x = np.mgrid[:height, :width]
    inside = np.hypot(x - width / 2 + 0.5, y - height / 2 + 0.5) < min(width, height) / 4
    return np.repeat(np.where(inside, 255, 128).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize(
    ("width", "height", "bars"),
    [
        (640, 480, False),  # the same shape
        (180, 120, False),  # a ninth wider: its sides are cut
        (160, 130, False),  # a little higher: top and foot are cut
        (320, 120, True),  # twice as wide: bars above and below
        (90, 160, True),  # upright: bars beside it
    ],
)
def test_nothing_is_distorted(width: int, height: int, bars: bool) -> None:
    out = fitted(disc(width, height), 160, 120)
    across, down = ((out[60] > 191).all(axis=-1).sum(), (out[:, 80] > 191).all(axis=-1).sum())
    assert abs(int(across) - int(down)) <= 1
    assert bool((out[0, 80] == 0).all() or (out[60, 0] == 0).all()) is bars


def test_the_size_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "LARGEST", 200)
    with pytest.raises(ClipError, match="320x240; allowed: sides of up to 200"):
        decoded(film(320, 240, 2, FPS), 2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>sorry</html>" * 50,
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n",  # would open a file of ours
        b"ffconcat version 1.0\nfile /etc/hostname\n",  # so would this
        film(160, 120, 6, FPS)[:1500],  # without its end, where the index is
        film(160, 120, 6, FPS, muxer="avi"),  # a film, but of a kind that nobody needs
    ],
    ids=["empty", "page", "playlist", "list of files", "cut off", "avi"],
)
def test_what_is_no_film(data: bytes) -> None:
    with pytest.raises(ClipError, match="the film: is no film"):
        decoded(data, 6)


def test_a_codec_that_nobody_knows() -> None:
    data = film(160, 120, 6, FPS).replace(b"avc1", b"xxxx")
    with pytest.raises(ClipError, match="the film: is in a codec that is not known here"):
        decoded(data, 6)


def test_the_size_has_a_limit_in_the_middle_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """VP8 says in every key frame how large it is."""
    import av

    def vp8(container: av.container.OutputContainer, width: int, height: int) -> list[Any]:
        stream = container.add_stream("libvpx", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), "rgb24")
        return [*stream.encode(frame), *stream.encode(None)]

    out = io.BytesIO()
    with av.open(io.BytesIO(), "w", format="webm") as other, av.open(out, "w", format="webm") as container:
        packets = vp8(container, 160, 120) + vp8(other, 320, 240)
        for index, packet in enumerate(packets):
            packet.stream, packet.pts, packet.dts = container.streams[0], index, index
            container.mux(packet)
    assert len(decoded(out.getvalue(), 2)) == 2
    monkeypatch.setattr(decode, "LARGEST", 200)
    with pytest.raises(ClipError):
        decoded(out.getvalue(), 2)


def test_pictures_without_end_and_without_time_are_not_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decode, "DENSEST", 20)
    assert len(decoded(film(160, 120, 14, 20), 6)) == 6
    with pytest.raises(ClipError, match="more than 20 pictures a second"):
        decoded(film(160, 120, 24, 60), 6)


def test_a_film_without_pictures_has_no_video() -> None:
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.rate = 8000
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    with pytest.raises(ClipError, match="has no video"):
        decoded(out.getvalue(), 6)
