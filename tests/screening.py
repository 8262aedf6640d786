"""Films, moments and a served box for tests of the screen: each picture says in a barcode what it is."""

from __future__ import annotations

import contextlib
import hashlib
import io
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
from av.container import OutputContainer

from reverie.clock import Clock, SystemClock
from reverie.config import Config
from reverie.errors import ReverieError
from reverie.store.store import Store, open_store
from reverie.values import (
    Brief,
    Clip,
    ClipSpec,
    Draft,
    EventKind,
    Image,
    Job,
    Moment,
    Priority,
    Scene,
    Shot,
    Wish,
)

WIDTH, HEIGHT, FPS = 320, 240, 24
CELL = 20
"""Pixels of a barcode cell: 16 across the picture, black and white swapped in the row below."""

DRAFT_FLAGS = "frag_every_frame+empty_moov+default_base_moof"
WORKER = "test"

Until = Callable[..., Any]
"""Asks a page a script until it answers something true, and gives that (`conftest.until`)."""


def barcode(film: int, frame: int) -> Image:
    """A picture that says which film and which frame (each 0..255) it is, on a colour of the film's own."""
    hue = np.array([(film * 67) % 160 + 60, (film * 131) % 160 + 60, (film * 29) % 60 + 40], np.uint8)
    image = np.broadcast_to(hue, (HEIGHT, WIDTH, 3)).copy()
    for cell in range(16):
        bit = (film >> (7 - cell)) & 1 if cell < 8 else (frame >> (15 - cell)) & 1
        left = slice(cell * CELL, cell * CELL + CELL)
        image[0:CELL, left] = 255 * bit
        image[CELL : 2 * CELL, left] = 255 - 255 * bit
    return image


def read_barcode(image: Image) -> tuple[int, int] | None:
    """(film, frame) of a picture of any size with the barcode at its top; None where there is none."""
    cell = image.shape[1] / 16
    value = 0
    for i in range(16):
        x = int((i + 0.5) * cell)
        top, low = (int(image[int((r + 0.5) * cell), x].mean()) for r in (0, 1))
        if abs(top - low) < 60:
            return None
        value = value << 1 | (top > low)
    return value >> 8, value & 255


@lru_cache(maxsize=64)
def encode(film: int, frames: int) -> bytes:
    """H.264 in MP4 of `frames` barcode pictures, its index first."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        for _ in _encoding(av.open(file.name, "w", options={"movflags": "faststart"}), film, frames):
            pass
        return Path(file.name).read_bytes()


def encoding(film: int, frames: int) -> Iterator[bytes]:
    """The same as a draft, as it is made: bytes after each picture, ending at a whole fragment."""
    out = _Sink()
    container = av.open(out, "w", format="mp4", options={"movflags": DRAFT_FLAGS, "flush_packets": "1"})
    for _ in _encoding(container, film, frames):
        yield out.take()


def _encoding(container: OutputContainer, film: int, frames: int) -> Iterator[None]:
    stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "tune": "zerolatency"})
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    stream.thread_count = 1
    for index in range(frames):
        picture = av.VideoFrame.from_ndarray(barcode(film, index), "rgb24")
        picture.pts, picture.time_base = index, Fraction(1, FPS)
        for packet in stream.encode(picture):
            packet.duration = 1
            container.mux_one(packet)
        yield
    container.mux(stream.encode(None))
    container.close()
    yield


class _Sink:
    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._held)
        self._held.clear()
        return data


def key_of(film: int) -> str:
    return hashlib.sha256(f"film {film}".encode()).hexdigest()


def brief_of(film: int, seconds: float, topic: str | None = None) -> Brief:
    shot = Shot("car", "drives", None, "room", "calm", f"film {film}", seconds)
    return Brief(topic or f"topic-{film}", (shot,), "plain", "en")


def job_of(film: int, seconds: float, now: float, topic: str | None = None, hold: float = 60) -> Job:
    spec = ClipSpec("storyboard", "1", WIDTH, HEIGHT, round(seconds * FPS), FPS)
    return Job(key_of(film), brief_of(film, seconds, topic), spec, now + hold, Priority.LIVE, now)


def moment_of(film: int, now: float, topic: str | None = None, hold: float = 30) -> Moment:
    scene = Scene(now, "camera", "", EventKind.SHOWN, "banana")
    wishes = (Wish("storyboard", key_of(film)),)
    return Moment(f"moment-{film}", scene, brief_of(film, 2, topic), wishes, now, now + hold)


@dataclass
class Studio:
    """Puts films into a store the way `generate` does: claim, draft, keep, finish."""

    store: Store
    clock: Clock

    def film(self, film: int, frames: int = 36, topic: str | None = None, data: bytes | None = None) -> Clip:
        """A finished film in the cache."""
        draft, file = self.begin(film, frames, topic)
        file.close()
        return self.finish(draft, film, frames, data)

    def begin(self, film: int, frames: int = 36, topic: str | None = None) -> tuple[Draft, io.RawIOBase]:
        """A claimed job with an open, empty draft."""
        job = job_of(film, frames / FPS, self.clock.now(), topic)
        self.store.jobs.wish(job)
        claimed = self.store.jobs.claim(job.key, WORKER, 60, None)
        assert claimed is not None
        draft, file = self.store.clips.open_draft(job.key, claimed.take, job.brief.topic)
        assert isinstance(file, io.RawIOBase)
        return draft, file

    def finish(self, draft: Draft, film: int, frames: int, data: bytes | None = None) -> Clip:
        """The film of a draft, entered."""
        made = encode(film, frames) if data is None else data
        path = draft.path.with_suffix(".final.mp4")
        path.write_bytes(made)
        clip = Clip(
            draft.key,
            draft.take,
            path,
            hashlib.sha256(made).hexdigest(),
            frames / FPS,
            len(made),
            draft.topic,
            "storyboard",
            {},
            self.clock.now(),
        )
        kept = self.store.clips.keep(draft, clip)
        assert self.store.jobs.finish(draft.key, WORKER, kept)
        return kept

    def moment(self, film: int, topic: str | None = None, hold: float = 30, name: str = "") -> Moment:
        """Somebody holds up the thing of `film`: a committed moment that wishes its film."""
        now = self.clock.now()
        moment = moment_of(film, now, topic, hold)
        return self.store.moments.open(replace(moment, id=name or moment.id), [])


@dataclass
class Box:
    """A served box: its config, its store as another program has it open, and its address while it runs."""

    config: Config
    store: Store
    studio: Studio
    url: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    faults: list[ReverieError] = field(default_factory=list)

    def start(self) -> None:
        from reverie import serve

        self._stop = threading.Event()
        stop = self._stop

        def work() -> None:
            try:
                serve.run(self.config, SystemClock(), stop)
            except ReverieError as error:
                self.faults.append(error)

        self._thread = threading.Thread(target=work, name="serve", daemon=True)
        self._thread.start()
        wait_for(lambda: self.faults or self._answers(), "the server to answer")
        assert not self.faults, self.faults

    def _answers(self) -> bool:
        for health in self.store.health.all():
            if health.program == "serve" and "url" in health.stats:
                self.url = str(health.stats["url"])
                with contextlib.suppress(httpx.HTTPError):
                    return httpx.get(f"{self.url}/healthz", trust_env=False).status_code == 200
        return False

    def stop(self) -> None:
        if self._thread is not None:
            self._stop.set()
            self._thread.join(10)
            assert not self._thread.is_alive(), "serve did not stop"
            self._thread = None


def make_box(folder: Path, **settings: object) -> Box:
    """A box on a data folder of its own; `settings` are sections of the config."""
    (folder / "run").mkdir(parents=True, exist_ok=True)
    (folder / "run").chmod(0o700)
    config = Config.model_validate(
        {
            "store": {"folder": str(folder / "data"), "runtime": str(folder / "run")},
            "serve": {"port": 0},
            **settings,
        }
    )
    clock = SystemClock()
    store = open_store(config.store, clock)
    return Box(config, store, Studio(store, clock))


def wait_for(true: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Ask until it is true; AssertionError naming `what` when it does not come."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, f"waited {seconds} s for {what}"
        time.sleep(0.01)
