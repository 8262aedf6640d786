"""What the kiosk page speaks with: its files, its cues (server-sent events) and its proof of play."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse, Response, StreamingResponse

from reverie.assets import asset
from reverie.values import Play, Rung
from reverie.web.screens import Message
from reverie.web.site import Site

STATIC = Path(__file__).parent / "static"

FONT = "/static/NotoSansSC-Bold-subset.otf"
"""Where the pages find the font of the captions, which lies with the other assets."""

HEARTBEAT = 15.0
"""Seconds between named heartbeats: proxies keep the stream open, and a page knows that it lives."""

FRESH = {"cache-control": "no-cache"}
"""Pages and scripts are asked for anew each time (an ETag makes that cheap)."""

PlayId = Annotated[str, Field(pattern="^[0-9a-zA-Z-]{1,64}$", description="The cue's `id`.")]
Screen = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", description="The screen's name.")]
Ago = Annotated[
    float,
    Field(
        ge=0,
        le=2_592_000,
        description="Seconds between what is told and the telling; a screen may be offline.",
    ),
]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Started(Body):
    """Proof of play: the first picture is on the screen."""

    id: PlayId
    screen: Screen
    key: str = Field(pattern="^[0-9a-f]{64}$")
    take: int = Field(ge=0, le=1_000_000)
    rung: Rung
    moment: str = Field(max_length=64)
    ago: Ago = 0.0


class Ended(Body):
    """It is off the screen, or at its end."""

    ago: Ago = 0.0


class Failed(Body):
    """It could not be played: what the browser said."""

    key: str = Field(pattern="^[0-9a-f]{64}$")
    take: int = Field(ge=0, le=1_000_000)
    kind: Literal["decode", "timeout", "network"] = Field(
        description="`decode`: the file is at fault (checked before it is dropped); else this screen's luck."
    )
    detail: str = Field(default="", max_length=500)


def kiosk_routes(site: Site) -> APIRouter:
    router = APIRouter(tags=["screen"])

    @router.get("/", include_in_schema=False)
    def page() -> Response:
        return FileResponse(STATIC / "kiosk.html", headers=FRESH)

    @router.get("/sw.js", include_in_schema=False)
    def worker() -> Response:
        # At the root, so that it may answer for the whole origin.
        return FileResponse(STATIC / "sw.js", media_type="text/javascript", headers=FRESH)

    @router.get(FONT, include_in_schema=False)
    def font() -> Response:
        # Debian and Raspberry Pi OS come without a font for Chinese.
        return FileResponse(asset("NotoSansSC-Bold-subset.otf"), media_type="font/otf", headers=FRESH)

    @router.get("/api/cues", response_class=StreamingResponse, summary="What a screen shows next")
    async def cues(
        screen: Annotated[str, Query(pattern="^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")],
        last: Annotated[str, Query(max_length=64)] = "",
        last_event_id: Annotated[str, Header(max_length=64)] = "",
    ) -> Response:
        """Server-sent events. `cue`: switch to this now. `next`: prepare this. `heartbeat`: every 15 s.

        `last` (or the header Last-Event-ID) is the id of the cue that the screen shows: it is not told
        again, and one that expired meanwhile is never told.
        """
        return StreamingResponse(
            _stream(site, screen, last_event_id or last),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    @router.post("/api/plays", status_code=201, summary="A first picture is on a screen")
    def started(body: Started) -> dict[str, Any]:
        """Proof of play. Telling the same id again changes nothing."""
        now = site.clock.now()
        play = site.screens.started(
            Play(body.id, body.screen, body.key, body.take, body.rung, body.moment, "", 0.0, now - body.ago)
        )
        return {"id": play.id, "cause": play.cause}

    @router.post("/api/plays/{play}/end", summary="A film is off a screen")
    def ended(play: PlayId, body: Ended) -> dict[str, Any]:
        """Ending an unknown or ended play changes nothing."""
        site.screens.ended(play, site.clock.now() - body.ago)
        return {"id": play}

    @router.post("/api/plays/{play}/error", summary="A film could not be played")
    def failed(play: PlayId, body: Failed) -> dict[str, Any]:
        """The screen gets its next cue; a film that proves damaged is forgotten and made anew when wished."""
        return {"dropped": site.screens.failed(play, body.key, body.take, body.kind, body.detail)}

    return router


async def _stream(site: Site, screen: str, last: str) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Message | None] = asyncio.Queue()

    def listener(message: Message | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody listens any more
            loop.call_soon_threadsafe(queue.put_nowait, message)

    yield b"retry: 500\n\n"
    connecting = asyncio.ensure_future(asyncio.to_thread(site.screens.connect, screen, last, listener))
    try:
        await asyncio.shield(connecting)
        while not site.screens.closed:
            try:
                message = await asyncio.wait_for(queue.get(), HEARTBEAT)
            except TimeoutError:
                yield event("heartbeat", "", json.dumps({"now": site.clock.now()}))
                continue
            if message is None:
                return
            yield event(message.event, message.id, message.data)
    finally:
        # Not here: it waits for the cue loop, which may wait for the disk, and this loop serves everyone.
        # And after the connecting, whenever that ends: a listener that comes later would stay for ever.
        connecting.add_done_callback(
            lambda done: loop.run_in_executor(None, site.screens.disconnect, screen, listener)
        )


def event(name: str, id_: str, data: str) -> bytes:
    """One server-sent event. `data` has no line breaks (it is JSON)."""
    return (f"id: {id_}\n" if id_ else "").encode() + f"event: {name}\ndata: {data}\n\n".encode()
