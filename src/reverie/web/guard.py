"""Who may ask: token, Host and Origin checks, body size, security headers. Around every request.

    request → host → token → same origin → size → app → headers

A page of another site cannot read or change anything here: a rebound DNS name fails the Host check, a foreign
form or fetch fails the origin check, and with a token the cookie is never sent along.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reverie import config

COOKIE = "reverie"
"""Name of the cookie that stands for the token."""

MAX_BODY = 524_288
"""Bytes of a request body; the largest real one is a drawing of 64 zones with 64 corners each."""

MAX_UPLOAD = 20_000_000
"""Bytes of a form with a picture that a film is to begin with."""

UPLOADS = frozenset({"/v1/videos"})
"""Where a form may be sent, because the field's clients send one."""

VIDEO_API = "/v1/"
"""What begins with this speaks as OpenAI's API does, errors too."""

TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}
"""What OpenAI's clients call an error by its status; others are "invalid_request_error", from 500 up
"server_error"."""

CODES = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded", 507: "storage_full"}
"""Codes of errors that have none of their own."""

OPEN_PATHS = frozenset({"/healthz"})
"""What may be asked without the token: whether the program lives, and nothing about it."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "font-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer. Nothing inline, nothing from elsewhere."""


class Guard:
    """ASGI middleware around the whole app; it never buffers, so streams stay streams."""

    def __init__(self, app: ASGIApp, settings: config.Serve) -> None:
        self._app = app
        self._settings = settings
        token = settings.token.get_secret_value() if settings.token is not None else None
        self._token = token.encode() if token is not None else None
        self._pass = None if token is None else hashlib.sha256(f"reverie cookie {token}".encode()).hexdigest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self._refuse(scope, headers)
        if answer is None and scope["type"] == "http":
            await self._app(scope, receive, _dressed(send))
        elif answer is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await answer(scope, receive, _dressed(send))
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _refuse(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to a request that may not pass; None for one that may."""
        path: str = scope["path"]
        if not self._host_allowed(headers.get("host", "")):
            told = f"this box answers to localhost or {self._settings.host}, not to the Host it was sent"
            return refusal(421, told, path)
        if self._pass is not None and path not in OPEN_PATHS and not self._known(headers):
            return self._introduce(scope)
        ours = path.startswith(("/api/", VIDEO_API))
        if ours and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return refusal(403, "asked from another site", path)
        unsafe = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if unsafe and not _same_origin(headers):
            return refusal(403, "asked from another site", path)
        if unsafe and scope["type"] == "http":
            return _body_refused(scope["method"], path, headers)
        return None

    def _host_allowed(self, host: str) -> bool:
        """On loopback the Host must name this machine: else a rebound DNS name could read everything."""
        if not self._settings.loopback:
            return True
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return name in ("localhost", self._settings.host) or ipaddress.ip_address(name).is_loopback
        except ValueError:  # another name, or "[" and other things that are no address at all
            return False

    def _known(self, headers: Headers) -> bool:
        assert self._token is not None
        assert self._pass is not None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token):
            return True
        return any(
            hmac.compare_digest(value.encode(), self._pass.encode())
            for value in _cookies(headers.getlist("cookie"))
        )

    def _introduce(self, scope: Scope) -> Response:
        """`?token=` in a browser's address: exchange it for a cookie and take it out of the address."""
        assert self._token is not None
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        given = next((value for name, value in query if name == "token"), None)
        if (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and given is not None
            and hmac.compare_digest(given.encode(), self._token)
        ):
            rest = urlencode([(name, value) for name, value in query if name != "token"])
            # One slash only: "//elsewhere" would be another site's address.
            path = "/" + scope["path"].lstrip("/\\")
            answer = RedirectResponse(path + (f"?{rest}" if rest else ""), status_code=303)
            answer.set_cookie(
                COOKIE, str(self._pass), max_age=31_536_000, path="/", httponly=True, samesite="strict"
            )
            answer.headers["cache-control"] = "no-store"
            return answer
        unknown = refusal(
            401,
            "this box needs its token: send `Authorization: Bearer …`, or open the page once with ?token=…",
            scope["path"],
        )
        unknown.headers["www-authenticate"] = "Bearer"
        return unknown


class Complaint(HTTPException):
    """What is wrong with a request to `/v1`, and with which of its parameters, for a program to read."""

    def __init__(
        self, status: int, text: str, param: str | None = None, code: str | None = None, **headers: str
    ) -> None:
        super().__init__(status, text, {name.replace("_", "-"): value for name, value in headers.items()})
        self.param = param
        self.code = code


def refusal(
    status: int, text: str, path: str = "", param: str | None = None, code: str | None = None
) -> JSONResponse:
    """Every error has this form: `{"error": text}`; below `/v1` the one that OpenAI's clients read.

    That is `{"error": {"message", "type", "param", "code"}}`: `type` follows from the status, `param` names
    what was sent wrongly.
    """
    error: object = text
    if path.startswith(VIDEO_API):
        kind = "server_error" if status >= 500 else TYPES.get(status, "invalid_request_error")
        error = {"message": text, "type": kind, "param": param, "code": code or CODES.get(status)}
    return JSONResponse({"error": error}, status_code=status, headers={"cache-control": "no-store"})


def _body_refused(method: str, path: str, headers: Headers) -> Response | None:
    """The answer to a body of another kind or size than is taken; None for one that is."""
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdigit():
        return refusal(411, "send the body's Content-Length", path)
    if method == "DELETE" and int(length) == 0:
        return None  # no form can send it, and no other site without asking first
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    form = method == "POST" and path in UPLOADS and kind == "multipart/form-data"
    if not form and kind != "application/json":
        also = " or multipart/form-data" if path in UPLOADS else ""
        return refusal(415, f"send the body as application/json{also}", path)
    limit = MAX_UPLOAD if form else MAX_BODY
    if int(length) > limit:
        return refusal(413, f"a body has at most {limit} bytes", path)
    return None


def _cookies(lines: Iterable[str]) -> list[str]:
    found = []
    for line in lines:
        try:
            jar = SimpleCookie(line)
        except CookieError:
            continue
        if COOKIE in jar:
            found.append(jar[COOKIE].value)
    return found


def _same_origin(headers: Headers) -> bool:
    """Browsers say where a request comes from; other programs (curl) say nothing and hold no cookie."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc == headers.get("host", "")
    except ValueError:  # "http://[" and the like
        return False


def _dressed(send: Send) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return dressed
