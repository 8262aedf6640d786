"""The capture thread with sources that stall, vanish and return; then real files and folders."""

from __future__ import annotations

import os
import queue
import re
import struct
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from reverie import config
from reverie.clock import ManualClock, SystemClock
from reverie.errors import CameraError, CameraRefused
from reverie.values import Frame, Image
from reverie.vision import camera as camera_module
from reverie.vision.camera import Camera, CapturedCamera, backoff, open_camera, read_frames
from reverie.vision.sources import Picture, Source, VideoSource, make_source

PATIENCE = 20.0
"""Real seconds after which a hand-over between threads is called broken."""


def picture(value: int = 0, media: float | None = None) -> Picture:
    return Picture(np.full((4, 6, 3), value, np.uint8), media)


class Fake:
    """A source that reads what the test hands it, and hangs until it does."""

    def __init__(self) -> None:
        self.corrupt = 0
        self.thread = threading.current_thread()  # a source is made by the thread that reads it
        self._items: queue.Queue[Picture | CameraError | RuntimeError | None] = queue.Queue()

    def give(self, item: Picture | CameraError | RuntimeError | None) -> None:
        self._items.put(item)

    def open(self) -> None:
        pass

    def read(self) -> Picture | None:
        item = self._items.get(timeout=60)
        if isinstance(item, Exception):
            raise item
        return item

    def close(self) -> None:
        pass

    def gone(self) -> None:
        """Wait until the thread that reads it has ended."""
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


class Rig:
    """A camera on fakes, with the clock in the test's hand."""

    def __init__(self, **options: Any) -> None:
        self.clock = ManualClock()
        self._made: queue.Queue[Fake] = queue.Queue()
        self._all: list[Fake] = []
        self._news = threading.Semaphore(0)
        self.camera = CapturedCamera(self._make, "cam", self.clock, wake=self._news.release, **options)

    def _make(self) -> Source:
        fake = Fake()
        self._all.append(fake)
        self._made.put(fake)
        return fake

    def opened(self) -> Fake:
        """The source of the next try."""
        return self._made.get(timeout=PATIENCE)

    def nothing_opened(self) -> bool:
        return self._made.empty()

    def heard(self) -> None:
        """Wait until the camera has told the reader of one piece of news."""
        assert self._news.acquire(timeout=PATIENCE)

    def tick(self, seconds: float) -> Frame | None:
        self.clock.advance(seconds)
        return self.camera.newest(0)

    def end(self) -> None:
        for fake in self._all:
            fake.give(CameraError("the test is over"))
        self.camera.close()


@pytest.fixture
def rig() -> Iterator[Callable[..., Rig]]:
    rigs: list[Rig] = []

    def make(**options: Any) -> Rig:
        rigs.append(Rig(**options))
        return rigs[-1]

    yield make
    for made in rigs:
        made.end()


# ---------------------------------------------------------------------------------- the slot


def test_newest_frame_wins_and_is_given_once(rig: Callable[..., Rig]) -> None:
    r = rig()
    source = r.opened()
    for value in (10, 20, 30):
        source.give(picture(value))
        r.heard()
    frame = r.camera.newest(0)
    assert frame is not None
    assert (frame.index, frame.image[0, 0, 0], frame.time) == (2, 30, r.clock.now())
    assert r.camera.newest(0) is None
    state = r.camera.state()
    assert (state.status, state.frames, state.skipped, state.detail) == ("running", 3, 2, "6x4")


def test_waiting_without_a_frame_takes_the_timeout_and_no_longer(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.opened()
    start = r.clock.monotonic()
    assert r.camera.newest(5.0) is None
    assert r.clock.monotonic() == pytest.approx(start + 5)
    assert r.camera.state().status == "opening"


def test_rate_is_measured(rig: Callable[..., Rig]) -> None:
    r = rig()
    source = r.opened()
    for _ in range(11):
        r.clock.advance(0.1)
        source.give(picture())
        r.heard()
    assert r.camera.state().fps == pytest.approx(10)
    r.clock.advance(9)  # silence: the rate sinks
    assert r.camera.state().fps == pytest.approx(1)


# ---------------------------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("refusals", "seconds"),
    [(0, 1), (1, 1), (2, 1), (3, 1), (4, 2), (5, 4), (6, 8), (7, 16), (8, 30), (9, 30), (100_000, 30)],
)
def test_backoff(refusals: int, seconds: float) -> None:
    assert backoff(refusals) == seconds


def test_camera_that_refuses_the_password_is_asked_ever_more_slowly(rig: Callable[..., Rig]) -> None:
    r = rig()
    for refusals in range(1, 12):
        r.opened().give(CameraRefused("cam: no"))
        r.heard()
        assert r.camera.state().detail == "cam: no"
        assert r.tick(backoff(refusals) - 0.01) is None
        assert r.nothing_opened()
        r.tick(0.02)
    r.opened().give(CameraError("cam: gone"))  # another failure: the count begins anew
    r.heard()
    r.tick(1.01)
    r.opened().give(CameraRefused("cam: no"))
    r.heard()
    r.tick(1.01)
    r.opened()


def test_lost_camera_is_tried_every_second_for_ever(rig: Callable[..., Rig]) -> None:
    r = rig()
    for _ in range(40):
        r.opened().give(CameraError("cam: gone"))
        r.heard()
        state = r.camera.state()
        assert (state.status, state.detail) == ("lost", "cam: gone")
        assert r.tick(0.99) is None
        assert r.nothing_opened()
        r.tick(0.02)
    source = r.opened()
    source.give(picture())  # it returns
    r.heard()
    assert r.camera.state().status == "running"
    source.give(CameraError("gone again"))
    r.heard()
    r.tick(1.01)
    r.opened()


def test_waiting_opens_a_lost_camera_again(rig: Callable[..., Rig]) -> None:
    r = rig()
    r.opened().give(CameraError("gone"))
    r.heard()
    assert r.camera.newest(5.0) is None
    r.opened()


def test_stalled_capture_is_abandoned_and_cannot_speak_any_more(rig: Callable[..., Rig]) -> None:
    r = rig(stall=20.0)
    hung = r.opened()
    hung.give(picture(1))
    r.heard()
    assert r.camera.newest(0) is not None
    assert r.tick(19.9) is None
    assert r.camera.state().status == "running"
    assert r.tick(0.2) is None
    state = r.camera.state()
    assert state.status == "stalled"
    assert "no picture for 20 s" in state.detail
    assert r.nothing_opened()
    assert r.tick(1.0) is None
    fresh = r.opened()

    hung.give(picture(99))  # the old one wakes up after all
    hung.gone()
    assert r.camera.newest(0) is None

    fresh.give(picture(2))
    r.heard()
    frame = r.camera.newest(0)
    assert frame is not None
    assert (frame.image[0, 0, 0], frame.index) == (2, 1)
    assert r.camera.state().status == "running"


def test_source_that_never_opens_is_a_stall_too(rig: Callable[..., Rig]) -> None:
    r = rig(stall=20.0)
    r.opened()
    assert r.camera.newest(30.0) is None  # while somebody waits
    assert r.camera.state().status == "stalled"
    r.opened()


def test_hung_threads_do_not_pile_up(rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_module, "MAX_HUNG", 2)
    r = rig(stall=20.0)
    hung = [r.opened()]
    r.tick(21)
    r.tick(1.1)
    hung.append(r.opened())
    r.tick(21)
    r.tick(100)
    assert r.nothing_opened()
    assert r.camera.newest(3) is None
    hung[0].give(picture())  # one comes back: there is room for another try
    hung[0].gone()
    r.tick(1.0)
    r.opened()


def test_close_does_not_wait_for_a_read_that_hangs(
    rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_module, "JOIN_SECONDS", 0.01)
    r = rig()
    hung = r.opened()
    r.camera.close()
    assert hung.thread.is_alive()
    assert r.camera.newest(10.0) is None
    hung.give(picture())
    hung.gone()
    assert (r.camera.newest(0), r.camera.state().frames) == (None, 0)
    r.camera.close()  # twice is harmless


def test_close_wakes_who_waits() -> None:
    fake = Fake()
    camera = CapturedCamera(lambda: fake, "cam", SystemClock())
    waiting = threading.Thread(target=lambda: camera.newest(3600))
    waiting.start()
    fake.give(CameraError("over"))  # or the thread that reads it would outlive the test
    camera.close()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()


def test_a_bug_in_the_capture_does_not_end_the_camera(
    rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    r = rig()
    source = r.opened()
    source.give(RuntimeError("a bug"))
    source.gone()
    r.heard()
    assert r.camera.state().detail == "cam: the capture stopped unexpectedly"
    r.tick(1.01)
    r.opened().give(picture())
    r.heard()
    assert r.camera.newest(0) is not None


def test_damaged_pictures_are_counted_over_reopening(rig: Callable[..., Rig]) -> None:
    r = rig()
    source = r.opened()
    source.corrupt = 3
    source.give(CameraError("gone"))
    r.heard()
    r.tick(1.01)
    r.opened().corrupt = 2
    assert r.camera.state().corrupt == 5


# ---------------------------------------------------------------------------------- films


def drain(camera: Camera) -> list[Frame]:
    """Every frame until the camera ends."""
    frames = []
    while True:
        frame = camera.newest(PATIENCE)
        if frame is not None:
            frames.append(frame)
        elif camera.state().status == "ended":
            return frames


def film_of(*media: float) -> Callable[[], Source]:
    def make() -> Source:
        fake = Fake()
        for at in media:
            fake.give(picture(1, at))
        fake.give(None)
        return fake

    return make


def test_fast_replay_gives_every_frame_stamped_with_media_time() -> None:
    clock = SystemClock()
    camera = CapturedCamera(film_of(0.0, 0.5, 2.0, 90.0), "film", clock, pace="fast", loop=False)
    frames = drain(camera)
    start = frames[0].time
    assert [frame.time - start for frame in frames] == pytest.approx([0, 0.5, 2, 90], abs=1e-6)
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    state = camera.state()
    assert (state.status, state.skipped, state.fps) == ("ended", 0, 0.0)
    camera.close()


def test_slow_reader_of_a_fast_film_is_no_stall(rig: Callable[..., Rig]) -> None:
    r = rig(pace="fast", stall=20.0)
    source = r.opened()
    source.give(picture(1, 0.0))
    r.heard()
    source.give(picture(2, 0.1))
    r.clock.advance(3600)
    assert r.camera.newest(0) is not None
    r.heard()
    assert r.camera.newest(0) is not None
    assert r.camera.state().status == "running"
    assert r.nothing_opened()


def test_real_pace_waits_by_the_clock_and_long_gaps_are_no_stall(rig: Callable[..., Rig]) -> None:
    r = rig(pace="real", loop=False, stall=20.0)
    start = r.clock.monotonic()
    source = r.opened()
    # A manual clock jumps to the end of each wait, so the last frame lands 45 s after the first.
    for media in (0.0, 5.0, 45.0):
        source.give(picture(1, media))
        r.heard()
    assert r.clock.monotonic() == pytest.approx(start + 45)
    frame = r.camera.newest(0)
    assert frame is not None
    assert frame.time == pytest.approx(start + 45)
    source.give(None)
    r.heard()
    assert r.camera.state().status == "ended"
    assert r.camera.newest(0) is None


def test_film_that_is_late_goes_on_from_where_it_is(rig: Callable[..., Rig]) -> None:
    r = rig(pace="real", stall=1000)
    source = r.opened()
    source.give(picture(1, 0.0))
    r.heard()
    r.clock.advance(100)  # the machine slept
    for media in (0.1, 0.2):
        source.give(picture(1, media))
        r.heard()
    assert r.clock.monotonic() == pytest.approx(1_000_000.0 + 100 + 0.1)


# ---------------------------------------------------------------------------------- real files


def write_film(
    path: Path,
    pictures: list[Image],
    codec: str = "mpeg4",
    pixels: str = "yuv420p",
    rate: int = 10,
) -> Path:
    """A video of RGB pictures; codecs that come with every FFmpeg."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=Fraction(rate))
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pixels
        if codec == "mpeg4":
            stream.bit_rate = 2_000_000
            stream.gop_size = 1
        for image in pictures:
            for packet in stream.encode(
                av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=pixels)
            ):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def plain(colour: tuple[int, int, int], width: int = 64, height: int = 48) -> Image:
    return np.full((height, width, 3), colour, np.uint8)


RED, GREEN, GRAY = (200, 30, 30), (30, 180, 30), (120, 120, 120)


@pytest.mark.parametrize(
    ("codec", "pixels", "size", "colour"),
    [
        ("mpeg4", "yuv420p", (64, 48), RED),  # what everyone has
        ("ffv1", "yuv420p", (63, 47), GREEN),  # odd sizes
        ("ffv1", "yuv420p10le", (64, 48), RED),  # ten bits
        ("ffv1", "gray", (64, 48), GRAY),  # no colour
        ("ffv1", "gray16le", (63, 47), GRAY),  # sixteen bits of gray
        ("ffv1", "bgra", (64, 48), GREEN),  # with alpha
    ],
)
def test_every_pixel_format_becomes_rgb(
    tmp_path: Path, codec: str, pixels: str, size: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    film = write_film(tmp_path / "film.mkv", [plain(colour, *size)] * 3, codec, pixels)
    frames = list(read_frames(str(film)))
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.1, 0.2], abs=0.002)
    for frame in frames:
        assert frame.image.shape == (size[1], size[0], 3)
        assert frame.image.dtype == np.uint8
        assert frame.image.flags.c_contiguous
        np.testing.assert_allclose(frame.image[20, 20].astype(int), colour, atol=12)


def test_film_that_was_cut_off_gives_what_is_there(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)
    film = write_film(tmp_path / "film.avi", [noise] * 20)
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    assert 5 <= len(list(read_frames(str(film)))) < 20


def test_damaged_pictures_in_a_film_are_skipped_and_counted(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)
    film = write_film(tmp_path / "film.avi", [noise] * 10, "mjpeg", "yuvj420p")
    blob = bytearray(film.read_bytes())
    packets = [found.start() for found in re.finditer(b"00dc", blob)]
    for start, end in ((packets[3], packets[4]), (packets[4], packets[5])):
        blob[start + 8 : end] = b"\xaa" * (end - start - 8)
    film.write_bytes(blob)
    camera = open_camera(config.Camera(source=str(film), pace="fast", loop=False), SystemClock())
    assert len(drain(camera)) == 8
    assert camera.state().corrupt == 2
    camera.close()
    assert [frame.index for frame in read_frames(str(film))] == list(range(8))


def test_names_are_never_taken_for_protocols(tmp_path: Path) -> None:
    film = write_film(tmp_path / "noon.mkv", [plain(RED)] * 2)
    odd = film.rename(tmp_path / "concat:12:00 100%.mkv")
    assert len(list(read_frames(str(odd)))) == 2


def test_single_picture_is_a_short_film(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "photo.png"), plain(RED)[..., ::-1])
    (frame,) = read_frames(str(tmp_path / "photo.png"))
    np.testing.assert_allclose(frame.image[4, 4].astype(int), RED, atol=2)


def no_such_file(folder: Path) -> Path:
    return folder / "film.mp4"


def empty_file(folder: Path) -> Path:
    (folder / "film.mp4").touch()
    return folder / "film.mp4"


def noise_file(folder: Path) -> Path:
    (folder / "film.mp4").write_bytes(np.random.default_rng(0).bytes(20_000))
    return folder / "film.mp4"


def film_without_pictures(folder: Path) -> Path:
    """A container whose every packet is damaged."""
    noise = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)
    film = write_film(folder / "film.avi", [noise] * 5)
    blob = bytearray(film.read_bytes())
    start = blob.index(b"movi") + 12  # behind the header of the first packet
    end = blob.index(b"idx1")
    blob[start:end] = b"\xaa" * (end - start)
    film.write_bytes(blob)
    return film


def sound_only(folder: Path) -> Path:
    with av.open(str(folder / "film.wav"), "w") as container:
        stream: Any = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        for packet in (*stream.encode(frame), *stream.encode()):
            container.mux(packet)
    return folder / "film.wav"


def empty_folder(folder: Path) -> Path:
    (folder / "notes.txt").write_text("not a picture")
    return folder


def folder_of_garbage(folder: Path) -> Path:
    (folder / "a.png").write_bytes(b"not a picture")
    (folder / "b.jpg").touch()
    return folder


WRONG = [
    (no_such_file, "no such file or folder; a camera is `demo`, a number"),
    (empty_file, r"not a video, or a damaged one \(0 bytes\)"),
    (noise_file, r"not a video, or a damaged one \(20000 bytes\)"),
    (film_without_pictures, "no picture in it that can be decoded"),
    (sound_only, "no picture in it, only sound"),
    (empty_folder, "no picture in this folder; it may hold .bmp"),
    (folder_of_garbage, "none of its 2 pictures can be decoded"),
]


@pytest.mark.parametrize(("make", "message"), WRONG)
def test_reading_what_is_no_film_says_so(tmp_path: Path, make: Callable[[Path], Path], message: str) -> None:
    path = make(tmp_path)
    with pytest.raises(CameraError, match=message) as caught:
        list(read_frames(str(path)))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(("make", "message"), WRONG)
def test_watching_what_is_no_film_says_so_until_it_is_replaced(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    path = make(tmp_path)
    clock, news = ManualClock(), threading.Semaphore(0)
    settings = config.Camera(source=str(path), pace="fast")
    camera = open_camera(settings, clock, news.release)
    assert news.acquire(timeout=PATIENCE)
    assert camera.newest(0) is None
    state = camera.state()
    assert state.status == "lost"
    with pytest.raises(CameraError, match=message):
        raise CameraError(state.detail)

    target = path / "c.mkv" if path.is_dir() else path.with_name("new.mkv")
    write_film(target, [plain(RED)] * 2)
    if path.is_dir():
        cv2.imwrite(str(path / "good.png"), plain(RED))
    else:
        target.replace(path)
    clock.advance(1.01)
    assert camera.newest(0) is None or camera.state().frames
    assert news.acquire(timeout=PATIENCE)
    assert camera.state().status == "running"
    camera.close()


def test_file_that_vanishes_and_returns(tmp_path: Path) -> None:
    film, away = write_film(tmp_path / "film.mkv", [plain(RED)] * 2), tmp_path / "away.mkv"
    clock, news = ManualClock(), threading.Semaphore(0)
    camera = open_camera(config.Camera(source=str(film), pace="fast"), clock, news.release)
    assert news.acquire(timeout=PATIENCE)
    film.rename(away)
    assert camera.newest(0) is not None
    for _ in range(2):  # the second and last frame, then the loss
        assert news.acquire(timeout=PATIENCE)
    assert camera.state().status == "lost"
    away.rename(film)
    clock.advance(1.01)
    assert camera.newest(0) is not None  # the second frame; and the camera is opened again
    assert news.acquire(timeout=PATIENCE)
    assert camera.state().status == "running"
    camera.close()


def test_looping_film_goes_on_in_time(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mkv", [plain(RED), plain(GREEN), plain(RED)])
    camera = open_camera(config.Camera(source=str(film), pace="fast"), SystemClock())
    frames = [camera.newest(PATIENCE) for _ in range(8)]
    times = [frame.time for frame in frames if frame is not None]
    assert np.diff(times) == pytest.approx([0.1] * 7, abs=0.005)
    camera.close()


def test_folder_shows_its_pictures_in_order_whatever_their_kind(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1-colour.png"), plain(RED)[..., ::-1])
    cv2.imwrite(str(tmp_path / "2-gray.PNG"), plain(GRAY)[..., 0])
    cv2.imwrite(str(tmp_path / "3-alpha.png"), np.full((9, 7, 4), 90, np.uint8))
    cv2.imwrite(str(tmp_path / "4-deep.png"), np.full((8, 8, 3), 30_000, np.uint16))
    (tmp_path / "5-broken.jpg").write_bytes(b"\xff\xd8\xff")
    cv2.imwrite(str(tmp_path / "6-photo.jpg"), plain(GREEN)[..., ::-1])
    (tmp_path / "readme.txt").write_text("not a picture")
    frames = list(read_frames(str(tmp_path)))
    assert [frame.time for frame in frames] == [0, 1, 2, 3, 4]
    found = [tuple(int(v) for v in frame.image[4, 4]) for frame in frames]
    for got, expected in zip(found, [RED, GRAY, (90,) * 3, (117,) * 3, GREEN], strict=True):
        assert got == pytest.approx(expected, abs=3)
    camera = open_camera(config.Camera(source=str(tmp_path), pace="fast", loop=False, fps=4), SystemClock())
    shown = drain(camera)
    assert np.diff([frame.time for frame in shown]) == pytest.approx([0.25] * 4)
    assert camera.state().corrupt == 1
    camera.close()


def test_phone_film_is_turned_upright(tmp_path: Path) -> None:
    picture = plain(RED)
    picture[:, 32:] = GREEN
    film = write_film(tmp_path / "film.mp4", [picture] * 2)
    blob = bytearray(film.read_bytes())
    matrix = blob.index(b"tkhd") + 44  # of the track's header (ISO 14496-12, 8.3.2)
    blob[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)
    film.write_bytes(blob)
    turned = next(read_frames(str(film))).image  # by a quarter, clockwise: left is up
    assert turned.shape == (64, 48, 3)
    np.testing.assert_allclose(turned[[5, -5], 20].astype(int), [RED, GREEN], atol=12)


def test_the_demo_has_pictures() -> None:
    frames = read_frames("demo")
    assert next(frames).image.shape == (480, 640, 3)


# ---------------------------------------------------------------------------------- what may be asked for


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("ftp://joe:secret@host/film.mp4", r"ftp://\*\*\*@host/film.mp4: cannot be read; a camera is"),
        ("scripted:640x480", "one is written scripted:640x480@25"),
        ("scripted:0x480@25", "one is written scripted:640x480@25"),
        ("scripted:640x480@0", "one is written scripted:640x480@25"),
    ],
)
def test_source_that_can_never_work_is_refused(source: str, message: str) -> None:
    with pytest.raises(CameraError, match=message):
        open_camera(config.Camera(source=source), ManualClock())


@pytest.mark.parametrize("source", ["0", "rtsp://joe:secret@host/1"])
def test_live_cameras_are_no_films(source: str) -> None:
    with pytest.raises(CameraError, match="not a film") as caught:
        read_frames(source)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        # Port 9 (discard) of this machine: nobody answers there.
        ("rtsp://joe:secret@127.0.0.1:9/1", "Connection refused"),
        ("http://127.0.0.1:9/film.mp4?token=secret", "Connection refused"),
        ("987", "camera 987: no /dev/video987"),
    ],
)
def test_camera_that_is_not_there_is_lost_and_says_why(source: str, message: str) -> None:
    news = threading.Semaphore(0)
    camera = open_camera(config.Camera(source=source), ManualClock(), news.release)
    assert news.acquire(timeout=PATIENCE)
    state = camera.state()
    assert state.status == "lost"
    assert message in state.detail
    assert "secret" not in state.detail
    camera.close()


@pytest.mark.parametrize(
    ("source", "hinted"),
    [
        # For FFmpeg the host ends at the first # / or ?. The user is called like this machine, so that no
        # name is looked up; nobody answers at its port 9 (discard).
        ("rtsp://127.0.0.1:9sec#ret@127.0.0.1:9/1", True),
        ("rtsp://127.0.0.1:9sec/ret@127.0.0.1:9/1", True),
        ("http://127.0.0.1:9sec?ret@127.0.0.1:9/1", True),
        ("rtsp://127.0.0.1:9#ret@127.0.0.1:9/1", True),
        # Nothing to encode: it is another reason.
        ("rtsp://joe:sec%23ret@127.0.0.1:9/1", False),
        ("rtsp://joe:ret@127.0.0.1:9/live/main?channel=1#top", False),
        ("rtsp://127.0.0.1/film?to=joe@example.org", False),
        ("http://127.0.0.1:9/film.mp4", False),
    ],
)
def test_password_that_cuts_the_address_off_is_explained(source: str, hinted: bool) -> None:
    camera = VideoSource(source)
    with pytest.raises(CameraError) as caught:
        camera.open()
    told = str(caught.value)
    assert ("percent-encode it: # is written %23, / is %2F, ? is %3F" in told) is hinted
    assert "sec" not in told
    assert "ret" not in told


@pytest.mark.parametrize("source", ["x" * 300, "a\0b"])
def test_path_that_cannot_even_be_looked_at_is_a_lost_camera(source: str) -> None:
    camera = make_source(source)  # decided without an error: it may be a disk that comes back
    with pytest.raises(CameraError):
        camera.open()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "film.mp4")
    with pytest.raises(CameraError, match="neither a file nor a folder"):
        VideoSource(str(tmp_path / "film.mp4")).open()


@pytest.mark.parametrize(
    ("stamps", "last"),
    [
        ([i * 0.04 for i in range(100)], 3.96),
        ([i // 3 * 0.05 for i in range(300)], 4.952),  # 60 fps on a 50 ms grid: the same stamp three times
        ([i * 0.04 + (0.06 if i % 10 == 3 else 0) for i in range(100)], 3.96),  # one in ten too late
        ([i * 0.04 for i in range(50)] + [i * 0.04 for i in range(50)], 3.96),  # the clock begins anew
        ([5.0] * 100, 3.0),  # it stands still: 25 hairs, then a period
    ],
)
def test_time_of_a_film_is_what_its_stamps_say_on_the_whole(stamps: list[float], last: float) -> None:
    source = VideoSource("film.mp4")
    media = [source._media(stamp) for stamp in stamps]
    assert all(a < b for a, b in pairwise(media))
    assert media[-1] == pytest.approx(last, abs=0.15)
