"""Rows of prompts for other nodes: `POST /prompts`, what `reverie prompts serve` runs.

    request → guard (host, token, size) → prompts → whoever encodes → safetensors

The body is `{"prompts": ["…"]}`, at most 8 of them; the answer is a safetensors file with the tensors "0",
"1", … (one a prompt, its real rows) and the metadata `encoder`, `dim` and `weights`. An error is
`{"error": text}`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reverie import __version__, config
from reverie.errors import GeneratorError, Refused
from reverie.web.guard import Guard, refusal

MOST = 8
"""Prompts in one request."""

LONGEST = 10_000
"""Characters of a prompt: 512 tokens are read, and a token of umT5 has 16 characters at most."""


class Wanted(BaseModel):
    """The body of a request."""

    model_config = ConfigDict(extra="forbid")

    prompts: list[Annotated[str, StringConstraints(max_length=LONGEST)]] = Field(max_length=MOST)


def make_prompts_app(settings: config.Serve, lend: Callable[[Sequence[str]], bytes]) -> FastAPI:
    """The app that answers with `lend`, one request at a time: an encoder has one set of weights.

    `settings` say at which address it is served and with which token; the caller serves it.
    """
    app = FastAPI(
        title="reverie prompts", version=__version__, docs_url=None, redoc_url=None, openapi_url=None
    )
    turn = threading.Lock()

    @app.post("/prompts")
    def prompts(wanted: Wanted) -> Response:
        with turn:
            blob = lend(wanted.prompts)
        return Response(blob, media_type="application/octet-stream", headers={"cache-control": "no-store"})

    @app.get("/healthz")
    def healthz() -> dict[str, bool]:
        return {"ok": True}

    app.add_exception_handler(GeneratorError, _failed)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(HTTPException, _refused)
    app.add_middleware(Guard, settings=settings)
    return app


def _failed(request: Request, error: Exception) -> Response:
    return refusal(422 if isinstance(error, Refused) else 503, config.mask(str(error)))


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal(error.status_code, str(error.detail))


def _misunderstood(request: Request, error: Exception) -> Response:
    return refusal(
        422, f'send {{"prompts": ["…"]}} with at most {MOST} prompts of at most {LONGEST} characters'
    )
