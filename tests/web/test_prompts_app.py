"""The app that lends rows of prompts: every error has the one form that it promises."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from reverie import config
from reverie.errors import GeneratorError, Refused
from reverie.web.prompts import make_prompts_app

TOKEN = "0123456789abcdef"
JSON = {"content-type": "application/json"}


def lend(prompts: object) -> bytes:
    """Rows for all but two prompts."""
    match prompts:
        case ["never"]:
            raise Refused("not this one")
        case ["later"]:
            raise GeneratorError("not now: http://user:secret@far/")
    return b"rows"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/prompts", {"json": {"prompts": ["never"]}}, 422),
        ("POST", "/prompts", {"json": {"prompts": ["later"]}}, 503),
        ("POST", "/prompts", {"json": {"prompts": ["a"] * 9}}, 422),
        ("POST", "/prompts", {"content": b'{"prompts": ["\\ud800"]}', "headers": JSON}, 422),
        ("POST", "/prompts", {"content": b"{", "headers": JSON}, 422),
        ("POST", "/prompts", {"content": b"[" * 60_000, "headers": JSON}, 400),
        ("POST", "/prompts", {"content": b"\xff", "headers": JSON}, 400),
        ("POST", "/prompts", {"data": {"prompts": "a"}}, 415),
        ("POST", "/prompts", {"json": {"prompts": ["a"]}, "headers": {"authorization": "Bearer no"}}, 401),
        ("GET", "/prompts", {}, 405),
        ("GET", "/docs", {}, 404),
    ],
)
def test_errors(method: str, path: str, body: dict[str, Any], status: int) -> None:
    app = make_prompts_app(config.Serve(token=SecretStr(TOKEN)), lend)
    with TestClient(app, base_url="http://127.0.0.1", headers={"authorization": f"Bearer {TOKEN}"}) as client:
        answer = client.request(method, path, **body)
        assert answer.status_code == status
        assert list(answer.json()) == ["error"]
        assert "secret" not in answer.text
        assert client.post("/prompts", json={"prompts": ["a cat"]}).content == b"rows"
