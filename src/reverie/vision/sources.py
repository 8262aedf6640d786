"""Where pictures come from: USB, network streams, files, folders. The only place that knows how to decode.

A source is read by one thread and knows nothing of time, threads or retries: those are `camera.py`'s.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import av
import av.error
import cv2
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reverie import config
from reverie.assets import asset
from reverie.errors import CameraError, CameraRefused
from reverie.values import Image
from reverie.vision.pictures import Weaver, make_plain, reduce

PICTURES = (".bmp", ".jpeg", ".jpg", ".png", ".webp")
"""What a folder of pictures may hold, by the end of the name; other files are passed over."""

OPEN_SECONDS = 10.0
"""How long a network camera may take to answer."""

KNOCK_SECONDS = 1.5
"""How long its address may take to accept a connection. Short, and tried again at once: a network that drops
packets answers a new try sooner than one that waits, since TCP repeats its calls ever more slowly."""

PROBE = {"fpsprobesize": "0", "analyzeduration": "500000"}
"""FFmpeg reads half a second at most of a live stream before it hands over the first picture, and does not
measure a rate that nobody asks for (as it is set out of the box: three to six seconds at 2 to 10 pictures a
second)."""

READ_SECONDS = 60.0
"""How long a network camera may be silent before a read gives up by itself, unless told otherwise."""

PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
"""Where a scheme is answered when the address does not say."""

GARBAGE = 300
"""Damaged packets or pictures in a row after which a source is called garbage: 12 s at 25 a second."""

SWAPPED_SECONDS, SWAPPED = 1.0, 25
"""How far back time stamps may step, and for how many pictures, before it is another clock."""

HAIR_SECONDS = 1e-3
"""How much later than the one before a picture is called whose stamp does not say so: times grow."""

GAP_SECONDS = 60.0
"""A jump of a file's time stamps by more than this is a broken clock, not a pause."""

ALLOWED = (
    "a camera is `demo`, a number (USB), an rtsp:// or http(s):// address, a video file, a folder of "
    "pictures, or scripted:WIDTHxHEIGHT@FPS"
)


ENCODE = (
    "if its user name or password holds a #, / or ?, percent-encode it: # is written %23, / is %2F, ? is %3F"
)
_CUT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?=[^@]*:)[^/?#@]*[/?#].*@")
"""An address in which # / or ? comes before an @: there its host ends (RFC 3986, 3.2), in mid-password."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One decoded picture: uint8 RGB (H, W, 3).

    `media` is its place in seconds from the start of a file, growing; None when it is live.
    """

    image: Image
    media: float | None


class Source(Protocol):
    """What can be opened and read, again and again. `corrupt` counts the damaged pictures it skipped."""

    corrupt: int

    def open(self) -> None:
        """Start from the beginning. Raises CameraError: what, where, what is allowed, credentials masked."""
        ...

    def read(self) -> Picture | None:
        """The next picture, however long it takes; None at the end. Raises CameraError when it is lost."""
        ...

    def close(self) -> None:
        """Let go of it; harmless when it is not open."""
        ...


def make_source(source: str, fps: float = 0.0, silence: float = READ_SECONDS) -> Source:
    """The source that `source` names (see `config.Camera.source`); opens nothing.

    `fps`: frames a second to ask of a USB camera or to show a folder at, 0 for its own. `silence`: seconds
    after which a read from the network gives up. Raises CameraError for an address of an unknown kind.
    """
    if source == "demo":
        return VideoSource(str(asset("demo.mp4")))
    if source.startswith("scripted:"):
        from reverie.vision.scripted import make_scripted_source

        return make_scripted_source(source)
    number = source.removeprefix("/dev/video")
    if number.isdecimal():
        return UsbSource(int(number), fps)
    scheme, separator, _ = source.partition("://")
    if separator and scheme.lower() not in ("rtsp", "rtsps", "http", "https"):
        raise CameraError(f"{config.mask(source)}: cannot be read; {ALLOWED}")
    if not separator and os.path.isdir(source):  # never raises, unlike a Path, whatever the disk says
        return FolderSource(Path(source), fps)
    return VideoSource(source, silence)


class VideoSource:
    """A video file or a network stream, through FFmpeg (PyAV). RTSP goes over TCP."""

    def __init__(self, source: str, silence: float = READ_SECONDS) -> None:
        self.corrupt = 0
        self._source = source
        self._silence = silence
        self._name = config.mask(source)
        self._network = "://" in source
        self._container: InputContainer | None = None
        self._packets: Iterator[av.Packet[Any]] = iter(())
        self._waiting: deque[VideoFrame] = deque()
        self._live = False
        self._stream: VideoStream | None = None
        self._weaver = Weaver()
        self._first: float | None = None
        self._last = 0.0
        self._swapped = 0
        self._period = 0.04

    def open(self) -> None:
        if not self._network and not os.path.exists(self._source):
            raise CameraError(f"{self._name}: no such file or folder; {ALLOWED}")
        if not self._network and not os.path.isfile(self._source):  # a pipe would be waited for, for ever
            raise CameraError(f"{self._name}: neither a file nor a folder; {ALLOWED}")
        try:
            self._container = container = self._opened()
            stream = _moving(container)
            if stream is None:
                raise CameraError(f"{self._name}: no picture in it, only sound or data")
            stream.thread_type = "SLICE"  # frame threads would hold several frames back
            rate = stream.average_rate or stream.guessed_rate
            self._period = float(1 / rate) if rate else 0.04
            self._live = self._network and container.duration is None
            self._packets = container.demux(stream)
        except av.error.FFmpegError as error:
            refused = isinstance(error, (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError))
            kind = CameraRefused if refused else CameraError
            raise kind(f"{self._name}: {self._reason(error)}{self._hint}") from None
        self._stream = stream
        self._weaver = Weaver()
        self._waiting.clear()
        self._first, self._last, self._swapped = None, 0.0, 0

    def _opened(self) -> InputContainer:
        if not self._network:
            # "file:", or a colon in the name would look like a protocol.
            return av.open(f"file:{self._source}", metadata_errors="replace")
        self._knock()
        tcp = {"rtsp_transport": "tcp"} if self._source.lower().startswith("rtsp") else {}
        timeout = (OPEN_SECONDS, self._silence)
        return av.open(self._source, options=PROBE | tcp, timeout=timeout, metadata_errors="replace")

    @property
    def _hint(self) -> str:
        return f"; {ENCODE}" if _CUT.match(self._source) else ""

    def _knock(self) -> None:
        """Whether anybody is there; CameraError if not. An address that cannot be read is left to FFmpeg."""
        try:
            parts = urlsplit(self._source)
            host, port = parts.hostname, parts.port or PORTS[parts.scheme.lower()]
        except ValueError:
            return
        if host is None:
            return
        try:
            socket.create_connection((host, port), KNOCK_SECONDS).close()
        except TimeoutError:
            raise CameraError(f"{self._name}: no answer within {KNOCK_SECONDS:g} s{self._hint}") from None
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "no such host"
            raise CameraError(f"{self._name}: nobody answers there: {reason}{self._hint}") from None

    def read(self) -> Picture | None:
        damaged = 0
        while True:
            if self._waiting:
                return self._picture(self._waiting.popleft())
            if damaged >= GARBAGE:
                raise CameraError(f"{self._name}: {damaged} damaged pictures in a row; not a video any more")
            packet = self._packet()
            if packet is None:
                self._waiting.extend(self._weaver.flush())
                if self._waiting:
                    continue
                self._check_end()
                return None
            try:
                for frame in packet.decode():
                    if frame.is_corrupt:
                        self.corrupt, damaged = self.corrupt + 1, damaged + 1
                    else:
                        self._waiting.extend(self._weaver.update(frame))
            except av.error.FFmpegError:
                self.corrupt, damaged = self.corrupt + 1, damaged + 1

    def _packet(self) -> av.Packet[Any] | None:
        try:
            return next(self._packets, None)
        except av.error.InvalidDataError:
            return None  # a file that was cut off: what came before it counts
        except av.error.FFmpegError as error:
            what = "the stream broke off" if self._network else "it cannot be read further"
            raise CameraError(f"{self._name}: {what}: {self._reason(error)}") from None

    def _check_end(self) -> None:
        """An end is fine for a film that had pictures; CameraError otherwise."""
        if self._live:
            raise CameraError(f"{self._name}: the stream ended")
        if self._first is None:
            raise CameraError(
                f"{self._name}: no picture in it that can be decoded ({self.corrupt} damaged); "
                "an empty, cut-off or damaged video"
            )

    def _picture(self, frame: VideoFrame) -> Picture:
        media = None if self._live else self._media(frame.time)
        # Asked of each picture: a stream tells only when it is decoded, and it may change.
        aspect = self._stream.sample_aspect_ratio if self._stream is not None else None
        return Picture(make_plain(frame, float(aspect or 1)), media)

    def _media(self, time: float | None) -> float:
        """Seconds since the first picture: what the file says, or one period on where that is nonsense."""
        if self._first is None:
            self._first = time or 0.0
            return 0.0
        media = self._last + self._period if time is None else time - self._first
        step = media - self._last
        if -SWAPPED_SECONDS < step < HAIR_SECONDS and self._swapped < SWAPPED:
            # Stamps that repeat or change places: the file's clock is right on the whole, and is kept.
            media, self._swapped = self._last + HAIR_SECONDS, self._swapped + 1
        elif HAIR_SECONDS <= step < GAP_SECONDS:
            self._swapped = 0
        else:
            media = self._last + self._period
            if time is not None:
                self._first = time - media
        self._last = media
        return media

    def _reason(self, error: av.error.FFmpegError) -> str:
        """Why, in words, never with the address in it (FFmpeg's own text has the password)."""
        match error:
            case av.error.ExitError() | av.error.TimeoutError():
                return f"no answer within {self._silence if self._container else OPEN_SECONDS:g} s"
            case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
                return "it refuses the user name and password"
            case av.error.PatchWelcomeError():
                return "a kind of video that FFmpeg cannot decode"
            case av.error.EOFError():
                return "it ends before its first picture"
            case av.error.InvalidDataError() if self._network:
                return "what it sends is no video"
            case av.error.InvalidDataError():
                size = os.path.getsize(self._source) if os.path.isfile(self._source) else 0
                return f"not a video, or a damaged one ({size} bytes)"
            case _:
                return error.strerror or type(error).__name__

    def close(self) -> None:
        container, self._container = self._container, None
        self._stream = None
        self._weaver = Weaver()
        self._packets = iter(())
        self._waiting.clear()
        if container is not None:
            with contextlib.suppress(av.error.FFmpegError):
                container.close()


def _moving(container: InputContainer) -> VideoStream | None:
    """The first stream of moving pictures: the cover of a song is none."""
    streams = container.streams.video
    return next((s for s in streams if not s.disposition & Disposition.attached_pic), None)


class FolderSource:
    """The pictures of a folder in the order of their names, one after the other."""

    def __init__(self, folder: Path, fps: float = 0.0) -> None:
        self.corrupt = 0
        self._folder = folder
        self._fps = fps or 1.0
        self._paths: list[Path] = []
        self._next = 0
        self._shown = 0

    def open(self) -> None:
        try:
            names = sorted(p for p in self._folder.iterdir() if p.suffix.lower() in PICTURES)
        except OSError as error:
            raise CameraError(f"{self._folder}: {error.strerror}; {ALLOWED}") from None
        if not names:
            raise CameraError(f"{self._folder}: no picture in this folder; it may hold {', '.join(PICTURES)}")
        self._paths, self._next, self._shown = names, 0, 0

    def read(self) -> Picture | None:
        while self._next < len(self._paths):
            path = self._paths[self._next]
            self._next += 1
            image = _decoded(path)
            if image is not None:
                self._shown += 1
                return Picture(image, (self._shown - 1) / self._fps)
            self.corrupt += 1
        if self._paths and not self._shown:
            raise CameraError(f"{self._folder}: none of its {len(self._paths)} pictures can be decoded")
        return None

    def close(self) -> None:
        self._paths = []


def _decoded(path: Path) -> Image | None:
    """The picture at `path`, upright, as uint8 RGB whatever its depth or channels; None when damaged."""
    try:
        blob = np.frombuffer(path.read_bytes(), np.uint8)
        bgr = cv2.imdecode(blob, cv2.IMREAD_COLOR) if blob.size else None
    except (OSError, cv2.error):
        return None
    if bgr is None:
        return None
    image: Image = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)  # type: ignore[assignment]
    return reduce(image)


class UsbSource:
    """A USB (or built-in) camera by its number, through Video4Linux. `fps` 0 leaves the rate to it."""

    def __init__(self, number: int, fps: float = 0.0) -> None:
        self.corrupt = 0
        self._number = number
        self._fps = fps
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        device = Path(f"/dev/video{self._number}")
        if not device.exists():
            here = sorted(p.name.removeprefix("video") for p in Path("/dev").glob("video[0-9]*"))
            found = f"cameras here: {', '.join(here)}" if here else "there is no camera at all"
            raise CameraError(f"camera {self._number}: no {device}; {found}")
        if not os.access(device, os.R_OK | os.W_OK):
            raise CameraError(
                f"camera {self._number}: {device} may not be used; add yourself to group `video`"
            )
        capture = cv2.VideoCapture(self._number, cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise CameraError(
                f"camera {self._number}: {device} cannot be opened; does another program use it?"
            )
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if self._fps:
            capture.set(cv2.CAP_PROP_FPS, self._fps)
        self._capture = capture

    def read(self) -> Picture | None:
        if self._capture is None:
            raise CameraError(f"camera {self._number}: not open")
        for _ in range(5):
            try:
                good, bgr = self._capture.read()
            except cv2.error:
                good, bgr = False, None
            if good and bgr is not None:
                return Picture(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), None)  # type: ignore[arg-type]
            self.corrupt += 1
        raise CameraError(f"camera {self._number}: it gives no picture any more; was it unplugged?")

    def close(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()
