"""What every camera promises, asked of each that needs no hardware: file, folder, HTTP, RTSP, scripted."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from reverie import config
from reverie.clock import ManualClock, SystemClock
from reverie.values import Frame
from reverie.vision.camera import Camera, open_camera

PATIENCE = 30.0
"""Real seconds after which a camera is called broken."""

WIDTH, HEIGHT, COUNT = 64, 48, 8


def film_file(path: Path) -> Path:
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream: Any = container.add_stream("mpeg4", rate=Fraction(20))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(COUNT):
            image = np.full((HEIGHT, WIDTH, 3), 20 + 25 * index, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def picture_folder(folder: Path) -> Path:
    for index in range(COUNT):
        cv2.imwrite(str(folder / f"{index}.png"), np.full((HEIGHT, WIDTH, 3), 20 + 25 * index, np.uint8))
    return folder


class Handler(BaseHTTPRequestHandler):
    """/film.mp4 as a file, /page as no video, anything else as the MJPEG of an IP camera.

    /short is a camera that ends the stream after three pictures.
    """

    film: bytes

    def do_GET(self) -> None:
        if self.path.startswith(("/film.mp4", "/page")):
            body, kind = (
                (self.film, "video/mp4") if self.path == "/film.mp4" else (b"hello" * 500, "text/html")
            )
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self._write(body)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        index = 0
        while not self.server.over.wait(0.02):  # type: ignore[attr-defined]
            image = np.full((HEIGHT, WIDTH, 3), 20 + index % COUNT, np.uint8)
            jpeg = cv2.imencode(".jpg", image)[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            if not self._write(head.encode() + jpeg + b"\r\n"):
                return
            index += 1
            if self.path == "/short" and index == 3:
                return

    def _write(self, blob: bytes) -> bool:
        try:
            self.wfile.write(blob)
        except OSError:
            return False  # the camera was closed
        return True

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    film = film_file(tmp_path_factory.mktemp("served") / "film.mp4")
    handler = type("FilmHandler", (Handler,), {"film": film.read_bytes()})
    served = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    served.over = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.over.set()  # type: ignore[attr-defined]
    served.shutdown()
    served.server_close()
    thread.join()


class RtspHandler(socketserver.StreamRequestHandler):
    """An IP camera with a password: MPEG-4 in RTP (RFC 3016), interleaved in the RTSP connection."""

    def handle(self) -> None:
        while head := self._request():
            verb, sequence = head.split(" ", 1)[0], head.lower().partition("cseq:")[2].split()[0]
            if verb != "OPTIONS" and "authorization: basic am9lonnly3jlda==" not in head.lower():
                self._answer("401 Unauthorized", sequence, 'WWW-Authenticate: Basic realm="camera"')
            elif verb == "DESCRIBE":
                self._answer("200 OK", sequence, "Content-Type: application/sdp", self._description())
            elif verb == "SETUP":
                if "RTP/AVP/TCP" not in head:
                    self._answer("461 Unsupported Transport", sequence)
                    continue
                self._answer("200 OK", sequence, "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1")
            elif verb == "PLAY":
                self._answer("200 OK", sequence, "Session: 1")
                self._play()
                return
            else:
                self._answer("200 OK", sequence, "Public: DESCRIBE, SETUP, PLAY, TEARDOWN")

    def _request(self) -> str:
        """Head of the next request; empty when the client left."""
        head = b""
        while line := self.rfile.readline():
            if line == b"\r\n":
                return head.decode()
            head += line
        return ""

    def _answer(self, status: str, sequence: str, headers: str = "", body: str = "") -> None:
        length = f"Content-Length: {len(body)}\r\n"
        extra = f"{headers}\r\n" if headers else ""
        self.wfile.write(f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{extra}{length}\r\n{body}".encode())

    def _encoder(self) -> Any:
        encoder: Any = av.CodecContext.create("mpeg4", "w")
        encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        encoder.framerate, encoder.time_base, encoder.gop_size = Fraction(50), Fraction(1, 50), 1
        encoder.flags |= 1 << 22  # AV_CODEC_FLAG_GLOBAL_HEADER: the configuration goes into the SDP
        encoder.open()
        return encoder

    def _description(self) -> str:
        return (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
            "a=rtpmap:96 MP4V-ES/90000\r\n"
            f"a=fmtp:96 profile-level-id=1; config={bytes(self._encoder().extradata).hex()}\r\n"
            "a=control:track\r\n"
        )

    def _play(self) -> None:
        encoder, number = self._encoder(), 0
        while not self.server.over.wait(0.02):  # type: ignore[attr-defined]
            image = np.full((HEIGHT, WIDTH, 3), 20 + number % COUNT, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
            frame.pts = number
            for packet in encoder.encode(frame):
                stamp = struct.pack(">BBHII", 0x80, 0x80 | 96, number & 0xFFFF, number * 1800, 7)
                rtp = stamp + bytes(packet)  # small enough for one packet: the marker ends each picture
                try:
                    self.wfile.write(struct.pack(">cBH", b"$", 0, len(rtp)) + rtp)
                except OSError:
                    return  # the camera was closed
            number += 1


@pytest.fixture(scope="module")
def rtsp_server() -> Iterator[str]:
    served = socketserver.ThreadingTCPServer(("127.0.0.1", 0), RtspHandler)
    served.daemon_threads = True
    served.over = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{served.server_address[1]}"
    served.over.set()  # type: ignore[attr-defined]
    served.shutdown()
    served.server_close()
    thread.join()


Open = Callable[..., Camera]

FINITE = ["file", "folder", "http-film", "scripted"]


@pytest.fixture
def opened(request: pytest.FixtureRequest, tmp_path: Path, server: str, rtsp_server: str) -> Iterator[Open]:
    """Opens the camera under test with any other settings; closes it afterwards."""
    source = {
        "file": lambda: str(film_file(tmp_path / "film.mp4")),
        "folder": lambda: str(picture_folder(tmp_path)),
        "http-film": lambda: f"{server}/film.mp4",
        "http-live": lambda: f"{server}/live?password=secret",
        "rtsp": lambda: f"rtsp://joe:secret@{rtsp_server}/1",
        "scripted": lambda: f"scripted:{WIDTH}x{HEIGHT}@20x0.4",
    }[request.param]()
    cameras: list[Camera] = []

    def make(wake: Callable[[], None] | None = None, **settings: object) -> Camera:
        described = config.Camera.model_validate({"source": source, "fps": 20, **settings})
        cameras.append(open_camera(described, SystemClock(), wake))
        return cameras[-1]

    yield make
    for camera in cameras:
        camera.close()


every = pytest.mark.parametrize("opened", [*FINITE, "http-live", "rtsp"], indirect=True)
finite = pytest.mark.parametrize("opened", FINITE, indirect=True)


def take(camera: Camera, count: int) -> list[Frame]:
    frames = [camera.newest(PATIENCE) for _ in range(count)]
    return [frame for frame in frames if frame is not None]


def drain(camera: Camera) -> list[Frame]:
    frames = []
    while True:
        frame = camera.newest(PATIENCE)
        if frame is not None:
            frames.append(frame)
        elif camera.state().status == "ended":
            return frames


@every
def test_frames_are_rgb_and_only_newer_ones_come(opened: Open) -> None:
    camera = opened()
    frames = take(camera, 12)  # more than one round of a film
    assert len(frames) == 12
    for frame in frames:
        assert frame.image.shape == (HEIGHT, WIDTH, 3)
        assert frame.image.dtype == np.uint8
        assert frame.image.flags.c_contiguous
    assert all(a.index < b.index for a, b in pairwise(frames))
    assert all(a.time < b.time for a, b in pairwise(frames))
    state = camera.state()
    assert (state.status, state.detail) == ("running", f"{WIDTH}x{HEIGHT}")
    assert state.frames >= frames[-1].index + 1
    assert state.fps > 0


@every
def test_wake_is_called_when_a_frame_lands(opened: Open) -> None:
    news = threading.Semaphore(0)
    camera = opened(news.release)
    for _ in range(3):
        assert news.acquire(timeout=PATIENCE)
    assert camera.newest(0) is not None


@every
def test_closed_camera_gives_nothing(opened: Open) -> None:
    camera = opened()
    assert camera.newest(PATIENCE) is not None
    camera.close()
    assert camera.newest(PATIENCE) is None
    assert camera.state().status == "ended"
    camera.close()


@finite
def test_replay_is_complete_and_the_same_each_time(opened: Open) -> None:
    runs = [drain(opened(pace="fast", loop=False)) for _ in range(2)]
    for frames in runs:
        assert [frame.index for frame in frames] == list(range(COUNT))
        media = [frame.time - frames[0].time for frame in frames]
        assert media == pytest.approx([index / 20 for index in range(COUNT)], abs=0.002)
    for one, other in zip(*runs, strict=True):
        assert np.array_equal(one.image, other.image)


@finite
def test_without_loop_it_ends_and_says_so(opened: Open) -> None:
    camera = opened(pace="real", loop=False)
    frames = drain(camera)
    state = camera.state()
    assert (state.status, state.frames) == ("ended", COUNT)
    assert len(frames) + state.skipped == COUNT
    assert camera.newest(0) is None


def lost(source: str) -> str:
    """What a camera says of a source that cannot be opened."""
    news = threading.Semaphore(0)
    camera = open_camera(config.Camera(source=source), SystemClock(), news.release)
    assert news.acquire(timeout=PATIENCE)
    state = camera.state()
    camera.close()
    assert state.status == "lost"
    return state.detail


def test_refusals_say_why_and_hide_the_password(server: str, rtsp_server: str) -> None:
    assert lost(f"rtsp://joe:wrong@{rtsp_server}/1") == (
        f"rtsp://***@{rtsp_server}/1: it refuses the user name and password"
    )
    assert lost(f"{server}/page?key=wrong") == f"{server}/page?key=***: what it sends is no video"


def test_live_stream_that_ends_is_opened_again(server: str) -> None:
    clock, news = ManualClock(), threading.Semaphore(0)
    camera = open_camera(config.Camera(source=f"{server}/short"), clock, news.release)
    for expected in (3, 6):
        for _ in range(3 + 1):  # the pictures and the loss
            assert news.acquire(timeout=PATIENCE)
        state = camera.state()
        assert (state.status, state.frames) == ("lost", expected)
        assert state.detail == f"{server}/short: the stream broke off: Input/output error"
        clock.advance(1.01)
        camera.newest(0)
    camera.close()
