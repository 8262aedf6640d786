"""Who may ask: tables of requests that pass and that do not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from screening import Box, make_box
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from reverie.assets import asset
from reverie.web.guard import COOKIE, MAX_BODY, MAX_UPLOAD
from reverie.web.kiosk import FONT

TOKEN = "0123456789abcdef"
HERE = "here"
"""Stands for the box's own address in a table."""

DIALS = {"paused": False, "language": None, "tone": None}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A served box on loopback."""
    yield from _served(make_box(tmp_path_factory.mktemp("open")))


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A served box that others can reach, with a token."""
    yield from _served(
        make_box(tmp_path_factory.mktemp("guarded"), serve={"host": "0.0.0.0", "port": 0, "token": TOKEN})
    )


@pytest.fixture
def guarded(others: httpx.Client) -> httpx.Client:
    """The same, with no cookie yet."""
    others.cookies.clear()
    return others


def _served(box: Box) -> Iterator[httpx.Client]:
    box.start()
    with httpx.Client(base_url=box.url, trust_env=False) as client:
        yield client
    box.stop()
    box.store.close()


def knock(client: httpx.Client, headers: dict[str, str]) -> int:
    """The status of a request to open the live view; 101 when it opens."""
    url = str(client.base_url).replace("http://", "ws://").rstrip("/")
    try:
        with connect(f"{url}/api/live", additional_headers=headers, proxy=None):
            return 101
    except InvalidStatus as error:
        return error.response.status_code


HOSTS = [
    ("127.0.0.1:8750", 200),
    ("localhost:8750", 200),
    ("[::1]:8750", 200),
    ("127.0.0.9", 200),  # all of 127/8 is this machine
    ("evil.example", 421),  # a rebound name
    ("127.0.0.1.evil.example", 421),
    ("localhost.evil.example:8750", 421),
    ("10.0.0.7:8750", 421),
    ("", 421),
    ("[", 421),  # no address at all
    ("[::1", 421),
    ("[localhost]", 421),
]


@pytest.mark.parametrize(("host", "status"), HOSTS)
def test_a_rebound_name_gets_nothing(client: httpx.Client, host: str, status: int) -> None:
    answer = client.get("/api/state", headers={"host": host})
    assert answer.status_code == status
    assert status == 200 or set(answer.json()) == {"error"}


ORIGINS: list[tuple[dict[str, str], int]] = [
    ({}, 200),  # curl
    ({"origin": HERE}, 200),
    ({"origin": HERE, "sec-fetch-site": "same-origin"}, 200),
    ({"origin": "https://evil.example"}, 403),
    ({"origin": "null"}, 403),
    ({"origin": "http://["}, 403),  # no address at all
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:9999"}, 403),  # another port is another site
]


@pytest.mark.parametrize(("headers", "status"), ORIGINS)
def test_another_site_cannot_turn_the_dials(
    client: httpx.Client, headers: dict[str, str], status: int
) -> None:
    here = str(client.base_url).rstrip("/")
    sent = {name: value.replace(HERE, here) for name, value in headers.items()}
    assert client.put("/api/dials", json=DIALS, headers=sent).status_code == status


BODIES: list[tuple[dict[str, Any], int]] = [
    ({"json": DIALS}, 200),
    ({"content": b"{}", "headers": {"content-type": "application/json; charset=utf-8"}}, 200),
    # What a form or a simple cross-site fetch could send.
    ({"data": {"paused": "true"}}, 415),
    ({"content": b"{}", "headers": {"content-type": "text/plain"}}, 415),
    ({"content": b"{}"}, 415),
    ({"content": b" " * (MAX_BODY + 1), "headers": {"content-type": "application/json"}}, 413),
    ({"content": iter([b"{}"]), "headers": {"content-type": "application/json"}}, 411),
    ({"json": {"paused": "perhaps"}}, 422),
    ({"json": {"volume": 11}}, 422),
]


@pytest.mark.parametrize(("sent", "status"), BODIES)
def test_bodies_are_small_json(client: httpx.Client, sent: dict[str, Any], status: int) -> None:
    answer = client.put("/api/dials", **sent)
    assert answer.status_code == status
    assert status == 200 or set(answer.json()) == {"error"}


KEYS: list[tuple[dict[str, str], int]] = [
    ({}, 401),
    ({"authorization": f"Bearer {TOKEN}"}, 200),
    ({"authorization": f"bearer {TOKEN}"}, 200),
    ({"authorization": "Bearer 0123456789abcdeX"}, 401),
    ({"authorization": "Bearer"}, 401),
    ({"authorization": TOKEN}, 401),
    ({"cookie": f"{COOKIE}={TOKEN}"}, 401),  # the cookie is not the token itself
    ({"cookie": "=;;="}, 401),
]


@pytest.mark.parametrize(("headers", "status"), KEYS)
def test_the_token_is_asked_for(guarded: httpx.Client, headers: dict[str, str], status: int) -> None:
    for path in ("/", "/console", "/api/state", "/static/kiosk.js", "/metrics", "/openapi.json"):
        assert guarded.get(path, headers=headers).status_code == status, path
    # No other program runs here: that it is not ready is told to those who may know.
    assert guarded.get("/readyz", headers=headers).status_code == (503 if status == 200 else status)
    assert guarded.get("/healthz", headers=headers).status_code == 200


def test_the_token_in_the_address_becomes_a_cookie(guarded: httpx.Client) -> None:
    answer = guarded.get(f"/?screen=a&token={TOKEN}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?screen=a")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie
    assert guarded.get("/api/state").status_code == 200  # the client keeps the cookie


def test_a_redirect_stays_here(guarded: httpx.Client) -> None:
    answer = guarded.get(f"{guarded.base_url}/evil.example/?token={TOKEN}", follow_redirects=False)
    assert answer.headers["location"] == "/evil.example/"


def test_a_wrong_token_in_the_address_gives_no_cookie(guarded: httpx.Client) -> None:
    answer = guarded.get("/?token=0123456789abcdeX", follow_redirects=False)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_the_console_sees_the_camera(client: httpx.Client) -> None:
    assert knock(client, {}) == 101


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_another_site_does_not_see_the_camera(client: httpx.Client, headers: dict[str, str]) -> None:
    assert knock(client, headers) == 403


def test_the_camera_needs_the_token_and_is_off_beyond_loopback(guarded: httpx.Client) -> None:
    assert knock(guarded, {}) == 403
    assert knock(guarded, {"authorization": f"Bearer {TOKEN}"}) == 403


@pytest.mark.parametrize("path", ["/", "/console", "/api/state", "/api/nothing", "/static/kiosk.js"])
def test_every_answer_has_its_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "font-src 'self'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("page", ["kiosk.html", "console.html"])
def test_pages_have_nothing_inline_and_nothing_from_elsewhere(client: httpx.Client, page: str) -> None:
    text = client.get(f"/static/{page}").text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text
    assert "https://" not in text
    assert text.count("<script") == text.count('<script type="module" src="/static/')


def test_the_pages_find_the_font_for_chinese(client: httpx.Client) -> None:
    for sheet in ("kiosk.css", "console.css"):
        assert f'url("{FONT}")' in client.get(f"/static/{sheet}").text
    assert FONT in client.get("/sw.js").text, "the kiosk has it without its server"
    font = client.get(FONT)
    assert (font.status_code, font.headers["content-type"]) == (200, "font/otf")
    assert font.content == asset("NotoSansSC-Bold-subset.otf").read_bytes()


# ---------------------------------------------------------------------------------- programs that order films

FORM = {"files": {"input_reference": ("a.png", b"no picture")}, "data": {"prompt": "a cat", "seed": "-1"}}
"""A form that arrives (and is refused with 400 for its seed)."""

VIDEO_REQUESTS: list[tuple[str, str, dict[str, Any], int]] = [
    # a form may be sent where a film is ordered, and nowhere else
    ("POST", "/v1/videos", FORM, 400),
    ("PUT", "/v1/videos", FORM, 415),
    ("POST", "/v1/videos/", FORM, 415),
    ("POST", "/v1/videos/video_1", FORM, 415),
    ("POST", "/v1/models", FORM, 415),
    # and no other kind
    ("POST", "/v1/videos", {"data": {"prompt": "a cat"}}, 415),
    ("POST", "/v1/videos", {"content": b"{}", "headers": {"content-type": "text/plain"}}, 415),
    ("POST", "/v1/videos", {"content": iter([b"{}"]), "headers": {"content-type": "application/json"}}, 411),
    (
        "POST",
        "/v1/videos",
        {"content": b" " * (MAX_BODY + 1), "headers": {"content-type": "application/json"}},
        413,
    ),
    # another site's form or page
    ("POST", "/v1/videos", {**FORM, "headers": {"origin": "https://evil.example"}}, 403),
    ("POST", "/v1/videos", {**FORM, "headers": {"origin": "null"}}, 403),
    ("POST", "/v1/videos", {**FORM, "headers": {"sec-fetch-site": "cross-site"}}, 403),
    ("GET", "/v1/videos", {"headers": {"sec-fetch-site": "cross-site"}}, 403),
    ("GET", "/v1/videos/video_1/content", {"headers": {"sec-fetch-site": "same-site"}}, 403),
    ("DELETE", "/v1/videos/video_1", {"headers": {"sec-fetch-site": "cross-site"}}, 403),
    ("DELETE", "/v1/videos/video_1", {"headers": {"origin": "https://evil.example"}}, 403),
    ("GET", "/v1/videos", {"headers": {"host": "evil.example"}}, 421),
    # what is deleted needs no body, and another than JSON is none
    ("DELETE", "/v1/videos/video_1", {}, 404),
    ("DELETE", "/v1/videos/video_1", {"json": {}}, 404),
    ("DELETE", "/v1/videos/video_1", {"content": b"x", "headers": {"content-type": "text/plain"}}, 415),
]


@pytest.mark.parametrize(("method", "path", "sent", "status"), VIDEO_REQUESTS)
def test_who_may_order_films(
    client: httpx.Client, method: str, path: str, sent: dict[str, Any], status: int
) -> None:
    answer = client.request(method, path, **sent)
    assert answer.status_code == status, answer.text
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_a_form_with_a_picture_has_a_largest_size(client: httpx.Client) -> None:
    """Refused by what it says of itself, before any of it is sent."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), 20) as raw:
        raw.sendall(
            f"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Length: {MAX_UPLOAD + 1}\r\n"
            "Content-Type: multipart/form-data; boundary=a\r\n\r\n".encode()
        )
        assert b" 413 " in raw.recv(100).split(b"\r\n")[0]


@pytest.mark.parametrize(("headers", "status"), KEYS)
def test_an_api_key_is_the_token(guarded: httpx.Client, headers: dict[str, str], status: int) -> None:
    answer = guarded.get("/v1/videos", headers=headers)
    assert answer.status_code == status
    if status == 401:
        error = answer.json()["error"]
        assert (error["type"], error["code"]) == ("authentication_error", "invalid_api_key")
        assert "Authorization: Bearer" in error["message"]
    assert guarded.post("/v1/videos", json={}, headers=headers).status_code == (400 if status == 200 else 401)
