"""Films over HTTP: finished clips (Range, cached for ever), growing drafts, the ambient loop, stills."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, BinaryIO

from fastapi import APIRouter
from fastapi import Path as InPath
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from reverie.assets import asset
from reverie.config import Config
from reverie.errors import ClipError, StoreError
from reverie.web.guard import refusal
from reverie.web.site import Site

FOR_EVER = "public, max-age=31536000, immutable"
"""A take never changes: a film made again is another take."""

POLL = 0.005
"""Seconds between two looks at a growing draft: a fifth of a frame at 24 fps."""

Key = Annotated[str, InPath(pattern="^[0-9a-f]{64}$", description="The clip's key: 64 hex digits.")]
Take = Annotated[int, InPath(ge=0, le=1_000_000, description="Which take of the key.")]


def clip_url(key: str, take: int) -> str:
    return f"/api/clips/{key}/{take}.mp4"


def draft_url(key: str, take: int) -> str:
    return f"/api/drafts/{key}/{take}.mp4"


def still_url(key: str, take: int) -> str:
    return f"/api/clips/{key}/{take}.jpg"


def ambient_file(config: Config) -> Path | None:
    """The operator's ambient loop, else the one that comes along, else None (the page draws its own calm)."""
    asked = config.screen.ambient
    if asked is not None and asked.is_file():
        return asked
    try:
        return asset("ambient.mp4")
    except FileNotFoundError:
        return None


def ambient_url(config: Config) -> str | None:
    """Its address; another file has another address, so that it may be cached for ever."""
    path = ambient_file(config)
    if path is None:
        return None
    stat = path.stat()
    return f"/api/ambient.mp4?v={stat.st_mtime_ns:x}-{stat.st_size:x}"


def film_routes(site: Site) -> APIRouter:
    router = APIRouter(tags=["films"])

    @router.get("/api/clips/{key}/{take}.mp4", response_class=FileResponse, summary="A finished film")
    def clip(key: Key, take: Take) -> Response:
        """The film itself, verbatim, with Range; 404 when this take is not kept (any more)."""
        found = site.store.clips.get(key)
        if found is None or found.take != take:
            return refusal(404, f"no clip {key[:12]}…, take {take}")
        try:
            return FilmResponse(found.path)
        except FileNotFoundError:
            return refusal(404, f"no clip {key[:12]}…, take {take}")

    @lru_cache(maxsize=256)
    def jpeg(key: str, take: int, path: Path) -> bytes:
        from reverie.video.encode import thumbnail

        return thumbnail(path)

    @router.get("/api/clips/{key}/{take}.jpg", response_class=Response, summary="A still of a film")
    def still(key: Key, take: Take) -> Response:
        """A JPEG of the film's middle, 320 pixels wide."""
        found = site.store.clips.get(key)
        if found is None or found.take != take:
            return refusal(404, f"no clip {key[:12]}…, take {take}")
        try:
            picture = jpeg(key, take, found.path)
        except ClipError as error:
            return refusal(404, str(error))
        return Response(picture, media_type="image/jpeg", headers={"cache-control": FOR_EVER})

    @router.get("/api/drafts/{key}/{take}.mp4", response_class=Response, summary="A film while it is made")
    def draft(key: Key, take: Take) -> Response:
        """Fragmented MP4, sent as it grows: whole boxes, each piece ends with `moov` or `mdat`.

        The connection is cut when the film is given up. 404 with `clip` when it is finished already.
        """
        found = site.store.clips.draft(key)
        if found is not None and found.take == take:
            try:
                file = found.path.open("rb")
            except FileNotFoundError:
                pass  # finished or given up since
            else:
                return DraftResponse(
                    file, lambda: site.store.clips.draft_state(key, take), lambda: site.screens.closed
                )
        answer = refusal(404, f"no open draft {key[:12]}…, take {take}")
        clip = site.store.clips.get(key)
        if clip is not None:
            answer.headers["link"] = f'<{clip_url(clip.key, clip.take)}>; rel="alternate"'
        return answer

    @router.get("/api/ambient.mp4", response_class=FileResponse, summary="The ambient loop")
    def ambient() -> Response:
        """What plays when nobody is there; 404 when there is none and the page draws its own."""
        path = ambient_file(site.config)
        if path is None:
            return refusal(404, "no ambient film; set screen.ambient to an H.264 MP4")
        return FileResponse(path, media_type="video/mp4", headers={"cache-control": FOR_EVER})

    return router


class FilmResponse(FileResponse):
    """A finished film. Raises FileNotFoundError when it was evicted since it was looked up."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path, media_type="video/mp4", headers={"cache-control": FOR_EVER}, stat_result=path.stat()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Evicted after the headers: the server cuts the connection, and the screen knows.
        with contextlib.suppress(FileNotFoundError):
            await super().__call__(scope, receive, send)


class DraftResponse(Response):
    """Follows the open file of a draft to its end. The descriptor survives a rename and an unlink."""

    def __init__(self, file: BinaryIO, state: Callable[[], str], closed: Callable[[], bool]) -> None:
        super().__init__(media_type="video/mp4", headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self._file = file
        self._state = state
        self._closed = closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_left(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for piece in tail(self._file, self._state, lambda: self._closed() or gone.done()):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (ClipError, StoreError):
            return  # incomplete on purpose: the server cuts the connection, and the screen knows
        finally:
            gone.cancel()
            self._file.close()


async def tail(file: BinaryIO, state: Callable[[], str], closed: Callable[[], bool]) -> AsyncIterator[bytes]:
    """Whole pieces of a growing MP4, as soon as they are there, until `state` says "done".

    Raises ClipError when it says "aborted" or when `closed`.
    """
    held = bytearray()
    said = "open"
    while True:
        held += file.read()
        piece = whole(held)
        if piece:
            yield piece
        elif said == "done":
            return  # what is left is an index (`mfra`), no picture
        elif said == "aborted" or closed():
            raise ClipError("the draft was given up")
        else:
            await asyncio.sleep(POLL)
            said = await asyncio.to_thread(state)


def whole(held: bytearray) -> bytes:
    """Take from `held` all complete top-level boxes up to the last `moov` or `mdat`; b"" if there is none."""
    end = taken = 0
    while len(held) >= end + 8:
        size, kind = struct.unpack_from(">I4s", held, end)
        if size == 1 and len(held) >= end + 16:
            (size,) = struct.unpack_from(">Q", held, end + 8)
        if size < 8:
            if size == 1:
                break  # the long size is not here yet
            raise ClipError(f"box of {size} bytes at {end}: not an MP4 stream")
        if len(held) < end + size:
            break
        end += size
        if kind in (b"moov", b"mdat"):
            taken = end
    piece = bytes(held[:taken])
    del held[:taken]
    return piece


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
