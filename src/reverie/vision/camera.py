"""The camera seam: the newest picture, from whatever `config.Camera.source` names.

A thread owns the source and puts each picture into one slot, over the one before: whoever reads always
gets the newest and never falls behind. The reader's calls mind the thread: a source that is lost is opened
again every second for ever (ever more slowly only where it refuses the password); one that hangs is abandoned
with its thread and a new one takes its place.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from reverie import config
from reverie.clock import Clock
from reverie.errors import CameraError, CameraRefused
from reverie.values import Frame, Image
from reverie.vision.sources import Source, make_source

Status = Literal["opening", "running", "stalled", "lost", "ended"]

CATCH_UP_SECONDS = 1.0
"""A film that is later than this goes on from where it is, instead of rushing after the clock."""

JOIN_SECONDS = 1.5
"""How long `close` waits for the capture thread before it leaves it behind."""

STEP_SECONDS = 0.04
"""Time between two pictures where the film does not tell: 25 a second."""

MAX_HUNG = 8
"""Abandoned threads that may still hang; while there are as many, nothing new is opened."""


@dataclass(frozen=True, slots=True)
class CameraState:
    """How a camera is. Safe to show: credentials in `detail` are masked.

    `frames` counts what the source delivered, `skipped` what a newer one overwrote unread, `corrupt` what
    could not be decoded. `fps` is the delivered rate of the last pictures, 0 while there are none.

        opening   no picture yet            running   pictures come
        stalled   silent for too long,      lost      failed; `detail` says why,
                  being opened again                  being opened again
        ended     a file played to its end and does not loop
    """

    status: Status
    detail: str = ""
    frames: int = 0
    skipped: int = 0
    corrupt: int = 0
    fps: float = 0.0


class Camera(Protocol):
    """What sees. One reader at a time; `state` and `close` from any thread."""

    def newest(self, timeout: float) -> Frame | None:
        """The newest frame not returned yet, waiting up to `timeout` seconds for it; None if none came.

        Returns early, with None, when the camera has just ended or was closed. Call it (or `state`) every
        few seconds at least: this is also what notices a stall and opens a lost camera again.
        """
        ...

    def state(self) -> CameraState:
        """How it is now."""
        ...

    def close(self) -> None:
        """Stop. Returns within about two seconds even when the source hangs."""
        ...


def open_camera(settings: config.Camera, clock: Clock, wake: Callable[[], None] | None = None) -> Camera:
    """The camera that `settings` describe, already opening.

    `wake` is called, on another thread, whenever there is news: a frame landed, the film ended, the camera
    was lost. It must be quick. Raises CameraError only for a source that can never work (an address of an
    unknown kind); one that is missing or damaged is `lost` and tried for ever.
    """
    # Twice as long as a stall: the watchdog comes first, and a thread that it abandoned ends some day.
    make = partial(make_source, settings.source, settings.fps, 2 * settings.stall)
    make()
    return CapturedCamera(
        make,
        config.mask(settings.source),
        clock,
        pace=settings.pace,
        loop=settings.loop,
        stall=settings.stall,
        wake=wake,
    )


def read_frames(source: str) -> Iterator[Frame]:
    """Every frame of a video file or a folder of pictures, in order; `Frame.time` is seconds from its start.

    Damaged pictures are skipped. Raises CameraError, at once, when it is missing, empty or not a video, and
    while iterating when there is nothing in it that can be decoded.
    """
    if source.isdecimal() or "://" in source:
        raise CameraError(f"{config.mask(source)}: not a film; a video file or a folder of pictures is")
    opened = make_source(source)
    opened.open()
    return _frames(opened)


def _frames(source: Source) -> Iterator[Frame]:
    try:
        index = 0
        while (picture := source.read()) is not None:
            yield Frame(picture.image, index, picture.media or 0.0)
            index += 1
    finally:
        source.close()


def backoff(refusals: int) -> float:
    """Seconds to wait after so many refusals in a row (0: another failure): 1, 1, 1, 1, 2, 4, … 30.

    A try costs next to nothing, and a camera that returns must be seen within two seconds. Only one that
    refuses the password is asked ever more slowly: some lock a user out who asks too often.
    """
    return float(min(30, 2 ** min(max(0, refusals - 3), 5)))


class CapturedCamera:
    """See `Camera`: a source, the thread that reads it, and the slot between.

    `make` gives a fresh source for each try. `pace` real plays a film by its own time stamps; fast hands
    over every frame as soon as the one before was taken, stamped with the start plus its media time, so that
    a replay is the same every time. `stall` is seconds.
    """

    def __init__(
        self,
        make: Callable[[], Source],
        name: str,
        clock: Clock,
        *,
        pace: Literal["real", "fast"] = "real",
        loop: bool = True,
        stall: float = 20.0,
        wake: Callable[[], None] | None = None,
    ) -> None:
        self._make = make
        self._name = name
        self._clock = clock
        self._fast = pace == "fast"
        self._loop = loop
        self._stall = stall
        self._wake = wake
        self._start = clock.now()
        self._changed = threading.Condition()  # guards all below
        self._news = threading.Event()
        self._slot: Frame | None = None
        self._status: Status = "opening"
        self._detail = ""
        self._frames = self._skipped = self._corrupt = 0
        self._arrivals: deque[float] = deque(maxlen=50)
        self._refusals = 0
        self._retry_at = clock.monotonic()
        self._alive = clock.monotonic()
        self._media = 0.0
        self._capture: _Capture | None = None
        self._hung: list[_Capture] = []
        self._just_ended = False
        self._closed = False
        with self._changed:
            self._mind()

    # -- the reader's side

    def newest(self, timeout: float) -> Frame | None:
        deadline = self._clock.monotonic() + timeout
        while True:
            self._news.clear()
            with self._changed:
                self._mind()
                frame = self._take()
                if frame is not None or self._closed or self._just_ended:
                    self._just_ended = self._just_ended and frame is not None
                    return frame
                duty = self._next_duty()
            now = self._clock.monotonic()
            if now >= deadline:
                return None
            self._clock.wait(self._news, min(deadline - now, duty))

    def state(self) -> CameraState:
        with self._changed:
            self._mind()
            corrupt = self._corrupt + (self._capture.corrupt if self._capture else 0)
            return CameraState(
                self._status, self._detail, self._frames, self._skipped, corrupt, round(self._fps(), 2)
            )

    def close(self) -> None:
        with self._changed:
            capture, self._capture = self._capture, None
            self._closed = True
            self._slot = None
            self._status, self._detail = "ended", "it was closed"
            if capture is not None:
                capture.stop.set()
            self._changed.notify_all()
        self._news.set()
        if capture is not None and capture.thread is not threading.current_thread():
            capture.thread.join(JOIN_SECONDS)

    def _take(self) -> Frame | None:
        frame, self._slot = self._slot, None
        if frame is not None and self._fast:
            self._alive = self._clock.monotonic()
            self._changed.notify_all()
        return frame

    def _fps(self) -> float:
        if self._status != "running" or len(self._arrivals) < 2:
            return 0.0
        span = self._clock.monotonic() - self._arrivals[0]
        return (len(self._arrivals) - 1) / span if span > 0 else 0.0

    # -- minding the capture thread

    def _mind(self) -> None:
        now = self._clock.monotonic()
        if self._closed or self._status == "ended":
            return
        capture = self._capture
        if capture is None:
            self._hung = [hung for hung in self._hung if hung.thread.is_alive()]
            if now >= self._retry_at and len(self._hung) < MAX_HUNG:
                self._alive = now
                self._capture = _Capture(self, self._make, self._name)
                self._capture.thread.start()
        elif now - self._alive > self._stall and not (self._fast and self._slot is not None):
            self._hung.append(capture)
            self._retire("stalled", f"{self._name}: no picture for {self._stall:g} s; it is opened again")

    def _next_duty(self) -> float:
        """Seconds until `_mind` has something to do."""
        now = self._clock.monotonic()
        if self._capture is not None:
            return max(0.001, self._alive + self._stall - now + 0.001)
        return max(0.001, self._retry_at - now) if len(self._hung) < MAX_HUNG else 1.0

    def _retire(self, status: Status, detail: str, refused: bool = False) -> None:
        """Leave the current capture behind and try again later."""
        if self._capture is not None:
            self._capture.stop.set()
            self._corrupt += self._capture.corrupt
        self._capture = None
        self._refusals = self._refusals + 1 if refused else 0
        self._retry_at = self._clock.monotonic() + backoff(self._refusals)
        self._status, self._detail = status, detail
        self._arrivals.clear()
        self._changed.notify_all()

    # -- the capture thread's side: each call is ignored when it comes from an abandoned one

    def _landed(self, capture: _Capture, image: Image, media: float | None) -> None:
        with self._changed:
            while self._fast and self._slot is not None and capture is self._capture:
                self._changed.wait()
            if capture is not self._capture:
                return
            now = self._clock.monotonic()
            if self._slot is not None:
                self._skipped += 1
            replayed = self._fast and media is not None
            time = self._start + media if replayed and media is not None else self._clock.now()
            self._slot = Frame(image, self._frames, time)
            self._frames += 1
            self._media = self._media if media is None else media
            self._alive = now
            self._arrivals.append(now)
            self._refusals = 0
            self._status, self._detail = "running", f"{image.shape[1]}x{image.shape[0]}"
        self._tell()

    def _expected(self, capture: _Capture, time: float) -> None:
        """The next picture is not due before `time` (monotonic): until then, silence is no stall."""
        with self._changed:
            if capture is self._capture:
                self._alive = max(self._alive, time)

    def _lost(self, capture: _Capture, detail: str, refused: bool = False) -> None:
        with self._changed:
            if capture is not self._capture:
                return
            self._retire("lost", detail, refused)
        self._tell()

    def _ended(self, capture: _Capture) -> None:
        with self._changed:
            if capture is not self._capture:
                return
            self._corrupt += capture.corrupt
            self._capture = None
            self._just_ended = True
            self._status, self._detail = "ended", "it played to its end"
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        if self._wake is not None:
            self._wake()


class _Capture:
    """One try: a source and the thread that opens it and reads it until it ends, fails or is told to stop."""

    def __init__(self, camera: CapturedCamera, make: Callable[[], Source], name: str) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"camera {name}", daemon=True)
        self._camera = camera
        self._make = make
        self._name = name
        self._source: Source | None = None
        self._origin: float | None = None

    @property
    def corrupt(self) -> int:
        """Damaged pictures that this try skipped."""
        return self._source.corrupt if self._source is not None else 0

    def _run(self) -> None:
        try:
            # Made here and not by the reader: even to look at a path may hang on a network disk.
            self._source = source = self._make()
            try:
                self._repeat(source)
            finally:
                source.close()
        except CameraError as error:
            self._camera._lost(self, str(error), isinstance(error, CameraRefused))
        finally:
            # Ignored after the line above and after an end: only a bug leads here without either.
            self._camera._lost(self, f"{self._name}: the capture stopped unexpectedly")

    def _repeat(self, source: Source) -> None:
        """Play the source once, or for ever where the camera loops."""
        camera = self._camera
        offset = camera._media + STEP_SECONDS if camera._frames else 0.0
        while not self.stop.is_set():
            source.open()
            last = self._play(source, offset)
            source.close()
            if last is None:
                return
            if not camera._loop:
                camera._ended(self)
                return
            offset = sum(last)

    def _play(self, source: Source, offset: float) -> tuple[float, float] | None:
        """Play the source once; the media time of the last picture and its distance to the one before."""
        media, step, count = offset, STEP_SECONDS, 0
        while not self.stop.is_set():
            picture = source.read()
            if picture is None:
                if not count:
                    raise CameraError(f"{self._name}: there is no picture in it")
                return media, step
            now = None
            if picture.media is not None:
                now = offset + picture.media
                step = now - media if now > media else step
                media = now
                if not self._camera._fast and not self._wait(media):
                    return None
            self._camera._landed(self, picture.image, now)
            count += 1
        return None

    def _wait(self, media: float) -> bool:
        """Wait until the picture at `media` seconds is due; False when told to stop meanwhile."""
        clock = self._camera._clock
        now = clock.monotonic()
        if self._origin is None or now - (self._origin + media) > CATCH_UP_SECONDS:
            self._origin = now - media
        due = self._origin + media
        if due > now:
            self._camera._expected(self, due)
            return not clock.wait(self.stop, due - now)
        return not self.stop.is_set()
