"""The one way for a camera's pictures out of `watch`: to the operator's console, only while one looks.

A Unix socket, mode 0600, in the runtime folder. Nothing is encoded while nobody is connected, and nothing
is kept. On the wire, from watch: the length of a JPEG as four bytes, most significant first, then the
JPEG, again and again. To watch: a line with a camera's name chooses it (UTF-8, ended by a newline); until
then it is the first camera there is. A line `?name` asks for one picture of that camera with nothing drawn on
it, for drawing zones on, and for nothing after it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import selectors
import socket
import stat
import struct
import threading
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reverie import config
from reverie.clock import Clock, SystemClock
from reverie.errors import ServeError
from reverie.values import Frame, Track

PER_SECOND = 10.0
"""JPEGs a second and camera, at most."""

MAX_WIDTH = 960
"""Pixels across; a wider picture is shrunk."""

QUALITY = 80
"""JPEG quality, 0..100."""

MAX_BYTES = 16_000_000
"""A longer JPEG than any of ours: whatever says so is not a live view."""

LOOK = 1.0
"""Seconds between two looks whether the socket's path is still there."""

STILL = "?"
"""Begins a line that asks for one plain picture: no camera's name can begin with it."""

CROWDED = 0.1
"""Seconds before somebody is let in again when this process has no file descriptor left."""

_LENGTH = struct.Struct(">I")


@dataclass(slots=True)
class _Viewer:
    """One connection. While `unsent` (what its socket has not taken yet) is not empty, frames are dropped.

    `plain`: it wants one picture without marks; `camera` is None when it wants nothing more.
    """

    connection: socket.socket
    camera: str | None = ""
    plain: bool = False
    request: bytes = b""
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))


@dataclass(frozen=True, slots=True, eq=False)
class _Offer:
    frame: Frame
    tracks: tuple[Track, ...]
    zones: tuple[config.Zone, ...]
    lines: tuple[config.Line, ...]


class LiveView:
    """Offers annotated pictures at the socket `path`; its own thread draws, encodes and sends.

    A socket left behind there is replaced. One whose path is taken away (a runtime folder that was emptied)
    is made anew while pictures are offered. Raises ServeError when there can be no socket at `path`.
    """

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self._path = path
        self._clock = clock or SystemClock()
        self._looked = self._clock.monotonic()
        self._lock = threading.Lock()  # guards the next six
        self._watched: frozenset[str] = frozenset()
        self._first = ""
        self._offers: dict[str, _Offer] = {}
        self._taken: dict[str, float] = {}
        self._unfindable = False
        self._closing = False
        self._viewers: dict[socket.socket, _Viewer] = {}
        self._listener = _listen(path)
        self._wake_in, self._wake_out = socket.socketpair()
        for end in (self._wake_in, self._wake_out):
            end.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="live view", daemon=True)
        self._thread.start()

    def offer(
        self,
        camera: str,
        frame: Frame,
        tracks: Sequence[Track],
        zones: Sequence[config.Zone] = (),
        lines: Sequence[config.Line] = (),
    ) -> None:
        """Show `frame` of `camera` to whoever looks at it. Never blocks; as good as free while nobody does.

        Call it from one thread.
        """
        self._look()
        self._first = self._first or camera
        if camera not in self._watched and not (camera == self._first and "" in self._watched):
            return
        now = self._clock.monotonic()
        with self._lock:
            if self._closing or now - self._taken.get(camera, float("-inf")) < 1 / PER_SECOND:
                return
            self._taken[camera] = now
            self._offers[camera] = _Offer(frame, tuple(tracks), tuple(zones), tuple(lines))
        self._wake()

    def _look(self) -> None:
        """Once a second: have the thread listen anew when nobody can find the socket any more."""
        now = self._clock.monotonic()
        if now - self._looked < LOOK:
            return
        self._looked = now
        if not os.path.exists(self._path):  # unlike Path.exists, never an error
            with self._lock:
                self._unfindable = True
            self._wake()

    def close(self) -> None:
        """Send everyone away and remove the socket."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
        self._wake()
        self._thread.join(2.0)
        self._path.unlink(missing_ok=True)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it is awake already; closed: it has gone
            self._wake_in.send(b"!")

    # -- the thread

    def _run(self) -> None:
        try:
            while not self._closing:
                for key, events in self._selector.select():
                    self._serve(key.fileobj, events)
                self._listen_anew()
                self._show()
        finally:
            for end in (*self._viewers, self._listener, self._wake_in, self._wake_out):
                end.close()
            self._selector.close()

    def _serve(self, end: object, events: int) -> None:
        if end is self._wake_out:
            with contextlib.suppress(BlockingIOError):
                self._wake_out.recv(4096)
        elif end is self._listener:
            self._welcome()
        elif isinstance(end, socket.socket) and end in self._viewers:
            viewer = self._viewers[end]
            if events & selectors.EVENT_READ:
                self._listen_to(viewer)
            if events & selectors.EVENT_WRITE and end in self._viewers:
                self._send(viewer)

    def _listen_anew(self) -> None:
        """Where the path is gone: another socket there. Who is connected stays so; a failure is tried again
        with the next look."""
        with self._lock:
            wanted, self._unfindable = self._unfindable and not self._closing, False
        if not wanted:
            return
        try:
            fresh = _listen(self._path)
        except ServeError:
            return
        self._selector.unregister(self._listener)
        self._listener.close()
        self._listener = fresh
        self._selector.register(fresh, selectors.EVENT_READ)

    def _welcome(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                threading.Event().wait(CROWDED)  # it still waits, and would be asked for at once, for ever
            return  # else it left before it was let in
        connection.setblocking(False)
        self._viewers[connection] = _Viewer(connection)
        self._selector.register(connection, selectors.EVENT_READ)
        self._count()

    def _listen_to(self, viewer: _Viewer) -> None:
        try:
            said = viewer.connection.recv(1024)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            self._drop(viewer)
            return
        *lines, viewer.request = (viewer.request + said).split(b"\n")
        viewer.request = viewer.request[-1024:]
        if lines:
            asked = lines[-1].decode("utf-8", "replace").strip()
            viewer.plain = asked.startswith(STILL)
            viewer.camera = asked.removeprefix(STILL)
            self._count()

    def _count(self) -> None:
        """Tell `offer` which cameras are looked at."""
        watched = frozenset(v.camera for v in self._viewers.values() if v.camera is not None)
        with self._lock:
            self._watched = watched

    def _show(self) -> None:
        with self._lock:
            offers, self._offers = self._offers, {}
            first = self._first
        for camera, offer in offers.items():
            waiting = [
                viewer
                for viewer in self._viewers.values()
                if not viewer.unsent and viewer.camera is not None and (viewer.camera or first) == camera
            ]
            for plain in (True, False):
                viewers = [viewer for viewer in waiting if viewer.plain is plain]
                if viewers:
                    self._give(viewers, _drawn(offer, plain))

    def _give(self, viewers: Sequence[_Viewer], jpeg: bytes) -> None:
        for viewer in viewers:
            viewer.unsent = memoryview(_LENGTH.pack(len(jpeg)) + jpeg)
            if viewer.plain:
                viewer.camera = None
                self._count()
            self._send(viewer)

    def _send(self, viewer: _Viewer) -> None:
        try:
            sent = viewer.connection.send(viewer.unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(viewer)
            return
        viewer.unsent = viewer.unsent[sent:]
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if viewer.unsent else 0)
        self._selector.modify(viewer.connection, events)

    def _drop(self, viewer: _Viewer) -> None:
        del self._viewers[viewer.connection]
        self._selector.unregister(viewer.connection)
        viewer.connection.close()
        self._count()


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()
        listener.bind(str(path))
        path.chmod(0o600)  # before `listen`: until then nobody can connect
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ServeError(
            f"{path}: no live view can be offered there: {error.strerror or error}; "
            "`store.runtime` names another folder (a socket's path may have 107 bytes)"
        ) from None
    listener.setblocking(False)
    return listener


def _drawn(offer: _Offer, plain: bool) -> bytes:
    if plain:
        return encode(offer.frame, (), (), ())
    return encode(offer.frame, offer.tracks, offer.zones, offer.lines)


def encode(
    frame: Frame, tracks: Sequence[Track], zones: Sequence[config.Zone], lines: Sequence[config.Line]
) -> bytes:
    """The annotated frame as a JPEG at most 960 pixels wide."""
    import cv2  # here, so that a reader need not load it

    from reverie.vision.plot import plot

    image = frame.image
    height, width = image.shape[:2]
    if width > MAX_WIDTH:
        size = (MAX_WIDTH, max(1, round(height * MAX_WIDTH / width)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    drawn = cv2.cvtColor(plot(image, tracks, zones, lines), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


async def read_live(path: Path, camera: str = "") -> AsyncGenerator[bytes, None]:
    """JPEGs of `camera` ("": the first) as they come from the `LiveView` at `path`.

    Ends when watch goes away, and at once when there is none. Whoever stops reading stops the encoding.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(str(path))
    except OSError:
        return
    try:
        writer.write(f"{camera}\n".encode())
        while True:
            (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
            if length > MAX_BYTES:
                return
            yield await reader.readexactly(length)
    except (asyncio.IncompleteReadError, OSError):
        return  # ended, or never begun: a queue that is full looks connected until the first word
    finally:
        writer.close()


async def read_still(path: Path, camera: str = "") -> bytes | None:
    """The next picture of `camera` ("": the first) as a JPEG without marks; None when nobody offers one.

    Waits until the camera has one: put it under a timeout.
    """
    async with contextlib.aclosing(read_live(path, STILL + camera)) as pictures:
        return await anext(pictures, None)
