"""A screen without pixels that follows the kiosk's protocol: for `--headless`, tests and benches.

cue → the film's bytes (a draft as it grows) → proof of play → its length by the clock → its end
"""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import socket
import struct
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from reverie.clock import Clock
from reverie.errors import ClipError

log = logging.getLogger(__name__)

AGAIN = 0.5
"""Seconds before the stream is opened anew."""

SLICE = 0.05
"""Seconds between two looks for a newer cue while a film plays."""

TIMEOUT = httpx.Timeout(5.0, read=20.0)
"""The server says something every 15 s."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A report that the server has yet to take: `at` is when it was true, by the clock's monotonic side."""

    play: str
    path: str
    body: dict[str, Any]
    at: float


class HeadlessScreen:
    """Plays what it is cued to at `url`, in threads of its own, between `start` and `stop`.

    `token` is `serve.token` where one is set. `plays` counts first pictures, `errors` says what failed.
    """

    def __init__(self, url: str, token: str | None, clock: Clock, name: str = "headless") -> None:
        self.plays = 0
        self.errors: list[str] = []
        self._name = name
        self._clock = clock
        headers = {"authorization": f"Bearer {token}"} if token is not None else {}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT, trust_env=False)
        self._cues: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._untold: deque[_Told] = deque(maxlen=500)
        self._stopped = threading.Event()
        self._last = ""
        self._stream: socket.socket | None = None
        self._threads = [
            threading.Thread(target=self._listen, name="headless cues", daemon=True),
            threading.Thread(target=self._play_all, name="headless screen", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End what plays, and both threads."""
        self._stopped.set()
        if self._stream is not None:  # or its thread would read on until the next heartbeat
            with contextlib.suppress(OSError):
                self._stream.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(2)
        self._client.close()

    # ------------------------------------------------------------------ listening

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                with self._client.stream(
                    "GET", "/api/cues", params={"screen": self._name, "last": self._last}
                ) as answer:
                    if answer.status_code == 200 and not self._stopped.is_set():
                        self._stream = answer.extensions["network_stream"].get_extra_info("socket")
                        self._follow(answer.iter_lines())
            except (httpx.HTTPError, httpx.StreamError) as error:
                log.debug("the cues broke off: %s", error)
            self._clock.wait(self._stopped, AGAIN)

    def _follow(self, lines: Iterable[str]) -> None:
        for name, data in events(lines):
            if self._stopped.is_set():
                return
            if name == "cue":
                cue = json.loads(data)
                self._last = cue["id"]
                self._cues.put(cue)

    # ------------------------------------------------------------------ playing

    def _play_all(self) -> None:
        while not self._stopped.is_set():
            try:
                cue = self._cues.get(timeout=SLICE)
            except queue.Empty:
                self._tell()
                continue
            self._play(cue)

    def _play(self, cue: dict[str, Any]) -> None:
        if cue["kind"] == "ambient":
            return
        play = cue["id"]
        try:
            began = self._show(cue)
        except (httpx.HTTPError, httpx.StreamError, ClipError) as error:
            if self._stopped.is_set():
                return
            self.errors.append(f"{cue['rung']} {cue['key'][:12]}: {error}")
            kind = "decode" if isinstance(error, ClipError) else "network"
            body = {"key": cue["key"], "take": cue["take"], "kind": kind, "detail": str(error)[:500]}
            self._say(play, f"/api/plays/{play}/error", body)
            return
        ends = began + cue["seconds"] - cue["offset"]
        while not self._interrupted() and (rest := ends - self._clock.monotonic()) > 0:
            self._clock.wait(self._stopped, min(SLICE, rest))
        self._say(play, f"/api/plays/{play}/end", {"ago": 0.0})

    def _show(self, cue: dict[str, Any]) -> float:
        """Read the film to its end, or until a newer cue; prove it at its first picture, and return when."""
        with contextlib.closing(self._pieces(cue["url"])) as pieces:
            next(pieces)
            began = self._clock.monotonic()
            self.plays += 1
            told = {name: cue[name] for name in ("id", "key", "take", "rung", "moment")}
            self._say(cue["id"], "/api/plays", {"screen": self._name, "ago": 0.0, **told})
            for _ in pieces:
                if self._interrupted():
                    break
        return began

    def _interrupted(self) -> bool:
        return self._stopped.is_set() or not self._cues.empty()

    def _pieces(self, url: str) -> Generator[bytes, None, None]:
        """First what holds a picture, then the rest as it comes. Raises ClipError for what is no film."""
        with self._client.stream("GET", url) as answer:
            if answer.status_code == 404 and "alternate" in answer.links:
                yield from self._pieces(answer.links["alternate"]["url"])
                return
            if answer.status_code != 200:
                raise httpx.HTTPError(f"{answer.status_code} for {url}")
            boxes = Boxes()
            for data in answer.iter_bytes():
                if boxes.push(data):
                    yield data
            boxes.close()

    def _say(self, play: str, path: str, body: dict[str, Any]) -> None:
        self._untold.append(_Told(play, path, body, self._clock.monotonic()))
        self._tell()

    def _tell(self) -> None:
        """Tell the server what it does not know yet, in order; what it cannot keep is told again later."""
        unkept: set[str] = set()
        for told in list(self._untold):
            body = dict(told.body)
            if "ago" in body:
                body["ago"] = max(0.0, self._clock.monotonic() - told.at)
            try:
                answer = self._client.post(told.path, json=body)
            except httpx.HTTPError:
                return
            if answer.status_code >= 500:
                unkept.add(told.play)
            if told.play not in unkept:
                self._untold.remove(told)


class Boxes:
    """Walks the top-level boxes of an MP4 as its bytes come, without keeping them."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._rest = 0
        self._seen: set[bytes] = set()

    def push(self, data: bytes) -> bool:
        """Take more bytes. True from when `moov` is there and an `mdat` has begun: there may be a picture."""
        self._head += data
        while True:
            step = min(self._rest, len(self._head))
            del self._head[:step]
            self._rest -= step
            if self._rest or len(self._head) < 16:
                break
            size, kind = struct.unpack_from(">I4s", self._head)
            if size == 1:
                (size,) = struct.unpack_from(">Q", self._head, 8)
            if size < 8:
                raise ClipError(f"a box of {size} bytes: not an MP4")
            self._seen.add(kind)
            self._rest = size
        return {b"moov", b"mdat"} <= self._seen

    def close(self) -> None:
        """No more bytes come. Raises ClipError when they end within a box or hold no picture."""
        if self._rest or len(self._head) >= 16 or not {b"moov", b"mdat"} <= self._seen:
            raise ClipError("the film is cut off")


def events(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(name, data) of each server-sent event in `lines`."""
    name, data = "", ""
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if name:
                yield name, data
            name, data = "", ""
        elif field == "event":
            name = value
        elif field == "data":
            data = value
