"""Another machine behind `/v1/videos`, on loopback: makes films by the book, or what a test tells it to."""

from __future__ import annotations

import email
import email.policy
import hashlib
import io
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import av
import numpy as np

Kind = Literal["create", "state", "content", "delete"]


@dataclass(frozen=True)
class Reply:
    """What is sent back. `length`: what Content-Length says, where it lies. `hang`: nothing, for ever."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    hang: bool = False


def says(body: object, status: int = 200, **headers: str) -> Reply:
    """An answer in JSON."""
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})


def state(status: object = "in_progress", progress: object = 0, **more: object) -> Reply:
    """What is told of the film `film-1`."""
    return says({"id": "film-1", "object": "video", "status": status, "progress": progress, **more})


@dataclass(frozen=True)
class Asked:
    """A request as it came. `form`: its fields by name, when it was one; files are bytes."""

    kind: Kind
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def form(self) -> dict[str, Any]:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + self.body, policy=email.policy.HTTP)
        found = {}
        for part in message.iter_parts():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            name = part.get_param("name", header="content-disposition")
            found[str(name)] = content if part.get_filename() else content.decode()
        return found

    @property
    def fields(self) -> dict[str, Any]:
        return self.json if self.headers.get("content-type") == "application/json" else self.form


def film(width: int, height: int, frames: int, fps: int, seed: int = 0, muxer: str = "mp4") -> bytes:
    """H.264 of a square that moves on a colour of the seed's own.

    Picture i has the grey 40 + i * 5 in its middle.
    """
    colour = np.frombuffer(hashlib.sha256(str(seed).encode()).digest()[:3], np.uint8) // 2
    out = io.BytesIO()
    container = av.open(out, "w", format=muxer)
    stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "10"})
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.thread_count = 1
    for index in range(frames):
        image = np.broadcast_to(colour, (height, width, 3)).copy()
        image[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = 40 + index * 5
        image[: height // 8, index * 2 : index * 2 + width // 8] = 255
        picture = av.VideoFrame.from_ndarray(image, "rgb24")
        picture.pts, picture.time_base = index, Fraction(1, fps)
        container.mux(stream.encode(picture))
    container.mux(stream.encode(None))
    container.close()
    return out.getvalue()


class Elsewhere:
    """The server. What is not told otherwise goes by the book: a film is made after two questions."""

    def __init__(self, prefix: str = "/v1") -> None:
        self.asked: list[Asked] = []
        self.progress: list[object] = [10, 60]
        self._prefix = prefix
        self._once: dict[Kind, list[Reply]] = {}
        self._always: dict[Kind, Reply] = {}
        self._orders: dict[str, tuple[dict[str, Any], list[object]]] = {}
        self._closing = threading.Event()
        here = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                here._answer(self)

            do_GET = do_POST = do_DELETE = _answer

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{self._prefix}"

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    # ------------------------------------------------------------------ what a test tells it

    def say(self, kind: Kind, *replies: Reply) -> None:
        """Answer the next requests of this kind with these."""
        self._once.setdefault(kind, []).extend(replies)

    def always(self, kind: Kind, reply: Reply) -> None:
        self._always[kind] = reply

    def heal(self) -> None:
        """By the book again."""
        self._once.clear()
        self._always.clear()

    def kinds(self) -> list[Kind]:
        return [asked.kind for asked in self.asked]

    def created(self) -> list[dict[str, Any]]:
        """The fields of every order."""
        return [asked.fields for asked in self.asked if asked.kind == "create"]

    # ------------------------------------------------------------------ by the book

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        path = handler.path
        kind: Kind = "state"
        if handler.command == "POST":
            kind = "create"
        elif handler.command == "DELETE":
            kind = "delete"
        elif path.partition("?")[0].endswith("/content"):
            kind = "content"
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(kind, path, headers, body)
        self.asked.append(asked)
        told = self._once.get(kind)
        reply = told.pop(0) if told else self._always.get(kind) or self._by_the_book(asked)
        self._send(handler, reply)

    def _by_the_book(self, asked: Asked) -> Reply:
        if not asked.path.startswith(f"{self._prefix}/videos"):
            return says({"error": {"message": "not found"}}, 404)
        if asked.kind == "create":
            name = f"film-{len(self._orders) + 1}"
            self._orders[name] = (asked.fields, list(self.progress))
            return says(self._state(name))
        found = re.search(r"/videos/([^/?]+)", asked.path)
        name = found.group(1) if found else ""
        if name not in self._orders:
            return says({"error": {"message": f"no film {name}"}}, 404)
        fields, rest = self._orders[name]
        if asked.kind == "delete":
            del self._orders[name]
            return says({"id": name, "deleted": True})
        if asked.kind == "content":
            return Reply(200, self._film(fields), {"Content-Type": "video/mp4"})
        rest[:1] = []
        return says(self._state(name))

    def _state(self, name: str) -> dict[str, Any]:
        fields, rest = self._orders[name]
        status = "queued" if len(rest) == len(self.progress) else "in_progress" if rest else "completed"
        return {
            "id": name,
            "object": "video",
            "status": status if rest else "completed",
            "progress": rest[0] if rest else 100,
            "seconds": str(fields.get("seconds", "4")),
            "size": fields.get("size"),
        }

    def _film(self, fields: Mapping[str, Any]) -> bytes:
        width, height = (int(side) for side in fields["size"].split("x"))
        fps = int(fields.get("fps", 24))
        frames = int(fields.get("num_frames") or int(fields["seconds"]) * fps)
        return film(width, height, frames, fps, int(fields.get("seed", 0)))

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.hang:
            self._closing.wait(30)
            return
        pieces = [reply.body] if isinstance(reply.body, bytes) else reply.body
        try:
            handler.send_response(reply.status)
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            if isinstance(reply.body, bytes):
                handler.send_header(
                    "Content-Length", str(len(reply.body) if reply.length is None else reply.length)
                )
            handler.end_headers()
            for piece in pieces:
                handler.wfile.write(piece)
        except OSError:
            pass  # the other side has heard enough


def endless(piece: bytes = bytes(65_536)) -> Iterator[bytes]:
    """A body that never ends."""
    while True:
        yield piece
