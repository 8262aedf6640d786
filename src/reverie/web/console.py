"""The operator's page, and the live view that it shows: relayed, newest picture only, kept nowhere."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.responses import FileResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from reverie.config import runtime_folder
from reverie.web.api import live_view
from reverie.web.kiosk import FRESH, STATIC
from reverie.web.site import Site

AGAIN = 1.0
"""Seconds before the live view is asked for anew when nobody offers it."""


def console_routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/console")
    def page() -> Response:
        return FileResponse(STATIC / "console.html", headers=FRESH)

    @router.websocket("/api/live")
    async def live(socket: WebSocket) -> None:
        """Annotated JPEGs of `?camera=` (else the first), one a message; `{"waiting": why}` without any."""
        if not live_view(site):
            await socket.close(1008, "the live view is off; see serve.live_view")
            return
        await socket.accept()
        asked = socket.query_params.get("camera", "")
        camera = asked if asked in {camera.name for camera in site.config.cameras} else ""
        relay = asyncio.ensure_future(_relay(site, socket, camera))
        try:
            while not site.screens.closed:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
        finally:
            relay.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await relay

    return router


async def _relay(site: Site, socket: WebSocket, camera: str) -> None:
    from reverie.vision.liveview import read_live

    path = runtime_folder(site.config.store) / "live.sock"
    while not site.screens.closed:
        slot = _Slot()
        reader = asyncio.ensure_future(slot.fill(read_live(path, camera)))
        try:
            while (picture := await slot.take()) is not None:
                await socket.send_bytes(picture)
        finally:
            reader.cancel()
        # Nobody offers it now: the camera program starts, restarts, or is not there.
        await socket.send_json({"waiting": "no camera program offers the live view"})
        await asyncio.sleep(AGAIN)


class _Slot:
    """One picture: a newer one takes the place of one that was not sent yet, so that no delay grows."""

    def __init__(self) -> None:
        self._picture: bytes | None = None
        self._ended = False
        self._news = asyncio.Event()

    async def fill(self, pictures: AsyncIterator[bytes]) -> None:
        try:
            async for picture in pictures:
                self._picture = picture
                self._news.set()
        finally:
            self._ended = True
            self._news.set()

    async def take(self) -> bytes | None:
        """The newest picture; None when there will be no more."""
        await self._news.wait()
        picture, self._picture = self._picture, None
        if picture is not None and not self._ended:
            self._news.clear()
        return picture
