"""The whole web side of one box: kiosk, console, API, films, health, behind one guard."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from reverie import __version__
from reverie.clock import Clock
from reverie.config import Config
from reverie.errors import StoreError, StoreFull, StoreReadOnly
from reverie.store.store import Store
from reverie.web.api import api_routes, health_routes
from reverie.web.console import console_routes
from reverie.web.films import film_routes
from reverie.web.guard import VIDEO_API, Complaint, Guard, refusal
from reverie.web.kiosk import FRESH, STATIC, kiosk_routes
from reverie.web.metrics import Meters, metrics_routes
from reverie.web.screens import Screens
from reverie.web.site import Site
from reverie.web.videos import video_routes
from reverie.web.wellness import Wellness
from reverie.web.zones import zones_routes

ABOUT = (
    "A device that sees, and imagines. Screens listen to `/api/cues` and prove what they play; "
    "operators read the state and ask. Times are UTC seconds, durations seconds. "
    'Every error is `{"error": text}`. Programs order films below `/v1`, as OpenAI\'s clients do: '
    'there it is `{"error": {"message", "type", "param", "code"}}`.'
)


def make_app(config: Config, store: Store, clock: Clock) -> FastAPI:
    """The app over an open store. Its lifespan runs the cue loop.

    `app.state.site.screens.close()` ends all streams. The caller closes the store, after the app.
    """
    meters = Meters(store, clock)
    screens, wellness = Screens(config, store, clock, meters), Wellness(config, store, clock)
    site = Site(config, store, clock, screens, meters, wellness)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loop = threading.Thread(target=site.screens.run, name="cues", daemon=True)
        loop.start()
        app.state.cues = loop
        try:
            yield
        finally:
            site.screens.close()
            loop.join(2)

    # The ready-made docs pages load scripts from elsewhere; this box may have no network, and allows none.
    app = FastAPI(
        title="reverie",
        version=__version__,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.site = site
    for routes in (
        kiosk_routes(site),
        film_routes(site),
        api_routes(site),
        console_routes(site),
        zones_routes(site),
        health_routes(site),
        metrics_routes(site),
        video_routes(site),
    ):
        app.include_router(routes)
    app.mount("/static", _Static(directory=STATIC))
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(StoreError, _unkept)
    app.add_middleware(Guard, settings=config.serve)
    return app


class _Static(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(FRESH)
        return response


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    about = (error.param, error.code) if isinstance(error, Complaint) else (None, None)
    answer = refusal(error.status_code, str(error.detail), request.url.path, *about)
    answer.headers.update(error.headers or {})
    return answer


def _misunderstood(request: Request, error: Exception) -> JSONResponse:
    """Which field is wrong and why, without echoing what was sent."""
    assert isinstance(error, RequestValidationError)
    rows = [
        f"{'.'.join(str(part) for part in problem['loc'][1:]) or 'body'}: {problem['msg']}"
        for problem in error.errors()
    ]
    path = request.url.path
    if not path.startswith(VIDEO_API):
        return refusal(422, "; ".join(rows))
    where = error.errors()[0]["loc"][1:]
    return refusal(400, "; ".join(rows), path, str(where[0]) if where else None, "invalid_value")


def _unkept(request: Request, error: Exception) -> JSONResponse:
    status = 507 if isinstance(error, StoreFull) else 503
    answer = refusal(status, str(error), request.url.path)
    if not isinstance(error, StoreReadOnly):
        answer.headers["retry-after"] = "1"
    return answer
