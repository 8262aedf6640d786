"""One conversation with a `/v1/videos` server: ask for a film, follow it, fetch it, delete it there.

    with Visit(settings, clock, progress) as visit:
        answer = visit.create(fields, form=False, picture=None)
        visit.fetch(visit.wait_made(answer), file)

Nothing the other machine says is believed: every answer has a largest size and comes unpacked, every request
and every film has a longest time, progress is made to grow, and a redirect to another host is not followed.
While it is silent the job's own progress is told again and again, so that its lease is kept and it can be
cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import io
import itertools
import json
import logging
import math
import re
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import IO, Any, TypeVar

import httpx

from reverie import __version__, config
from reverie.clock import Clock
from reverie.config import mask
from reverie.errors import GeneratorError
from reverie.video.generator import Progress

log = logging.getLogger(__name__)

T = TypeVar("T")

TROUBLE = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)
"""What a request may meet: httpx looks at a redirect that it does not follow, and at one that is none."""

TICK = 0.1
"""Seconds at most between two looks whether the film is still wanted, whatever the server does."""

FIRST_GAP, LAST_GAP, GROWTH = 0.1, 2.0, 1.25
"""Seconds between two questions how far a film is: short at first, for films that take no time."""

RETRIES = 3
"""How often a request that met trouble is sent again."""

BACK_OFF = 0.5
"""Seconds before the first of them; twice as long before each further one."""

FAREWELL = 0.75
"""Seconds that taking leave of films which nobody wants may take: a box that is being stopped has no more."""

LARGEST_ANSWER = 1 << 20
"""Bytes of an answer that is no film."""

LARGEST_FILM = 512 << 20
"""Bytes of a film."""

HOPS = 3
"""Redirects followed, on the same host."""

ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:~-]{0,255}")
"""What a film may be called: it becomes part of an address."""

SAID = 300
"""Characters of what a server says that are passed on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. `body` is at most LARGEST_ANSWER bytes, and empty for a film."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Trouble(Exception):
    """A request met no answer. `unsent`: the server cannot have acted on it."""

    def __init__(self, what: str, unsent: bool) -> None:
        super().__init__(what)
        self.unsent = unsent


class Visit:
    """About one job. Leaving it deletes there whatever it asked for.

    Every wait, for an answer or between two, tells the job's progress each TICK: that may raise Cancelled.
    Everything raises GeneratorError, naming the server, once `remote.patience` is over.
    """

    def __init__(self, settings: config.Generator, clock: Clock, progress: Progress) -> None:
        self._remote = settings.remote
        self._clock = clock
        self._progress = progress
        self._base = address(settings)
        self.where = f"generator {settings.name!r} ({mask(settings.remote.url)})"
        self._deadline = clock.monotonic() + settings.remote.patience
        self._opened: list[str] = []
        self._share = self._from = self._to = 0.0
        self._still = threading.Event()  # never set: what is waited on between two questions
        self._runner = asyncio.Runner()

    def __enter__(self) -> Visit:
        token = self._token()
        known = httpx.URL(self._remote.url)
        try:
            self._client = httpx.AsyncClient(
                headers={
                    "user-agent": f"reverie/{__version__}",
                    "accept-encoding": "identity",
                    **({"authorization": f"Bearer {token}"} if token else {}),
                },
                auth=(known.username, known.password) if known.userinfo and not token else None,
                timeout=httpx.Timeout(self._remote.silence),
                follow_redirects=False,
            )
        except (ValueError, ImportError) as error:
            raise GeneratorError(
                f"{self.where}: this environment's proxy cannot be used: {self._clean(str(error))}"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._runner.run(self._leave())
        finally:
            self._runner.close()

    def part(self, start: float, end: float) -> None:
        """What follows is this part of the job, shares 0..1."""
        self._from, self._to = start, end
        self._tell(0.0)

    # ------------------------------------------------------------------ the film

    def create(self, fields: Mapping[str, str | int | float], form: bool, picture: bytes | None) -> Answer:
        """Ask for a film: JSON, or a form, which it is with a picture (PNG). Returns the answer, whatever it
        says, but that the server is busy or broken.
        """
        parts: dict[str, Any] = {}
        if picture is not None:
            parts["input_reference"] = ("picture.png", picture, "image/png")
        if not form and not parts:
            return self._ask("POST", self._url(), json=dict(fields))
        # A field is a part without a file's name: httpx makes a form in parts only of `files`.
        parts |= {name: (None, str(value)) for name, value in fields.items()}
        return self._ask("POST", self._url(), files=parts)

    def wait_made(self, answer: Answer) -> str:
        """Follow a film from the answer to its POST until it is made. Returns its name."""
        state = self._state(answer)
        name = state.get("id")
        if not isinstance(name, str) or not ID.fullmatch(name):
            raise GeneratorError(f"{self.where}: gave the film no name (`id` is {self._show(name)})")
        gap = FIRST_GAP
        while not self._is_made(state):
            self._wait(gap)
            gap = min(LAST_GAP, gap * GROWTH)
            answer = self._ask("GET", self._url(name))
            if answer.status >= 400:
                gone = (
                    "no longer knows the film" if answer.status == 404 else "does not say how far the film is"
                )
                raise GeneratorError(f"{self.where}: {gone} ({answer.status}): {self.said(answer)}")
            state = self._state(answer)
        self._tell(1.0)
        return name

    def _is_made(self, state: Mapping[str, Any]) -> bool:
        match state.get("status"):
            case "completed":
                return True
            case "queued" | "in_progress":
                self._tell(share_of(state.get("progress")))
                return False
            case "failed":
                said = _message(state) or "it says nothing"
                raise GeneratorError(f"{self.where}: the film failed there: {self._clean(said)}")
            case other:
                raise GeneratorError(
                    f"{self.where}: the film's status is {self._show(other)}; known are queued, in_progress, "
                    "completed, failed"
                )

    def fetch(self, name: str, file: IO[bytes]) -> None:
        """Write the content of a film that is made to `file`, from its start."""
        answer = self._ask("GET", self._url(name, "content"), into=file)
        if answer.status >= 400:
            said = self.said(answer)
            raise GeneratorError(f"{self.where}: does not give the film ({answer.status}): {said}")

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(min(FAREWELL, self._remote.silence)):
                for name in self._opened:
                    async with self._client.stream("DELETE", self._url(name)):
                        pass  # whatever it answers: it was told
        except (*TROUBLE, TimeoutError) as error:
            log.info("%s: a film could not be deleted there: %s", self.where, self._clean(repr(error)))
        await self._client.aclose()

    # ------------------------------------------------------------------ one request

    def _ask(self, method: str, url: httpx.URL, into: IO[bytes] | None = None, **content: Any) -> Answer:
        """Send it, and again where that may help: the server is away, broken or busy."""
        for tried in itertools.count():
            pause = BACK_OFF * 2 ** min(tried, 5)
            try:
                answer = self._run(self._hop(method, url, into, content), finish=method == "POST")
            except _Trouble as trouble:
                # What was perhaps ordered is not ordered again: it would be made twice.
                if tried == RETRIES or (method == "POST" and not trouble.unsent):
                    raise GeneratorError(f"{self.where}: {trouble}") from trouble
            else:
                if answer.status < 500 and answer.status != 429:
                    return answer
                if answer.status != 429 and tried == RETRIES:
                    raise GeneratorError(
                        f"{self.where}: answered {answer.status} {tried + 1} times: {self.said(answer)}"
                    )
                later = _retry_after(answer, self._clock.now())
                if self._clock.monotonic() + later > self._deadline:
                    raise GeneratorError(
                        f"{self.where}: asks to come back in {later:.0f} s ({answer.status}), longer than "
                        f"remote.patience: {self.said(answer)}"
                    )
                pause = max(pause, later)
            self._wait(pause)
        raise AssertionError

    async def _hop(
        self, method: str, url: httpx.URL, into: IO[bytes] | None, content: dict[str, Any]
    ) -> Answer:
        """One request, and those that its redirects on the same host lead to."""
        for _ in range(HOPS + 1):
            answer = await self._once(method, url, into, content)
            if not 300 <= answer.status < 400:
                if method == "POST":
                    self._remember(answer)
                return answer
            try:
                to = url.join(answer.headers.get("location", ""))
            except httpx.InvalidURL:
                break
            if (to.scheme, to.host, to.port) != (url.scheme, url.host, url.port):
                raise GeneratorError(
                    f"{self.where}: points to {self._clean(str(to))} ({answer.status}); another host is not "
                    "followed"
                )
            if method != "GET" and answer.status not in (307, 308):
                break
            url = to
        raise GeneratorError(f"{self.where}: answers with redirects that lead nowhere ({answer.status})")

    async def _once(
        self, method: str, url: httpx.URL, into: IO[bytes] | None, content: dict[str, Any]
    ) -> Answer:
        silence = self._remote.silence
        try:
            # A film may take as long as it comes; any other answer is whole within the limit.
            async with (
                asyncio.timeout(None if into is not None else silence),
                self._client.stream(method, url, **content) as response,
            ):
                good = into is not None and response.status_code < 300
                body = await self._receive(response, into if good else None)
                return Answer(response.status_code, response.headers, body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            said = self._clean(str(error)) or "no answer"
            raise _Trouble(f"cannot be reached: {said}", unsent=True) from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise _Trouble(f"did not answer within {silence:g} s (remote.silence)", unsent=False) from error
        except TROUBLE as error:
            raise _Trouble(f"broke off: {self._clean(str(error))}", unsent=False) from error

    async def _receive(self, response: httpx.Response, into: IO[bytes] | None) -> bytes:
        packed = self._clean(response.headers.get("content-encoding", "identity"))
        if packed.lower() != "identity":  # a few thousand bytes of it may be gigabytes
            raise GeneratorError(f"{self.where}: sends an answer packed ({packed}), which was not asked for")
        largest = LARGEST_ANSWER if into is None else LARGEST_FILM
        body: IO[bytes] = io.BytesIO() if into is None else into
        body.seek(0)
        body.truncate()
        size = 0
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > largest:
                raise GeneratorError(f"{self.where}: sends more than {largest} bytes in one answer")
            try:
                body.write(chunk)
            except OSError as error:
                raise GeneratorError(f"{self.where}: the film cannot be kept: {error.strerror}") from error
        return body.getvalue() if isinstance(body, io.BytesIO) else b""

    def _remember(self, answer: Answer) -> None:
        """Note what was ordered as soon as it is known: nobody may be left who waits for it."""
        with contextlib.suppress(GeneratorError):
            name = self._state(answer).get("id")
            if answer.status < 400 and isinstance(name, str) and ID.fullmatch(name):
                self._opened.append(name)

    # ------------------------------------------------------------------ waiting

    def _run(self, work: Coroutine[Any, Any, T], finish: bool) -> T:
        return self._runner.run(self._watched(work, finish))

    async def _watched(self, work: Coroutine[Any, Any, T], finish: bool) -> T:
        """What `work` gives; meanwhile the job's progress is told each TICK.

        `finish`: it has a moment to end even when nobody waits any more. An order may be on its way, and only
        its answer says what there is to delete.
        """
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({task}, timeout=TICK))[0]:
                self._tick()
            return task.result()
        finally:
            if not task.done():
                await asyncio.wait({task}, timeout=min(FAREWELL, self._remote.silence) if finish else 0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def _wait(self, seconds: float) -> None:
        until = self._clock.monotonic() + seconds
        while (rest := until - self._clock.monotonic()) > 1e-6:
            self._clock.wait(self._still, min(TICK, rest))
            self._tick()

    def _tick(self) -> None:
        if self._clock.monotonic() > self._deadline:
            raise GeneratorError(
                f"{self.where}: the film was not there after {self._remote.patience:g} s (remote.patience)"
            )
        self._progress(self._share)

    def _tell(self, share: float | None) -> None:
        """`share` of this part is done; what falls or is unknown changes nothing."""
        if share is not None:
            self._share = max(self._share, self._from + share * (self._to - self._from))
        self._tick()

    # ------------------------------------------------------------------ words

    def said(self, answer: Answer) -> str:
        """What the server says went wrong, on one line and without our secrets."""
        text = answer.body.decode("utf-8", "replace")
        with contextlib.suppress(ValueError, RecursionError):
            text = _message(json.loads(text))
        return self._clean(text) or "it says nothing"

    def _token(self) -> str:
        return "" if self._remote.token is None else self._remote.token.get_secret_value()

    def _clean(self, text: str) -> str:
        for secret in (self._token(), httpx.URL(self._remote.url).password):
            text = text.replace(secret, "***") if secret else text
        text = mask(text[: 2 * SAID])  # cut first: masking a megabyte takes minutes
        # What is no letter may be an order to the operator's terminal.
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return text if len(text) <= SAID else text[: SAID - 1] + "…"

    def _show(self, value: object) -> str:
        return self._clean(json.dumps(value, ensure_ascii=False))

    def _state(self, answer: Answer) -> dict[str, Any]:
        try:
            state = json.loads(answer.body)
        except (ValueError, RecursionError):
            state = None
        if not isinstance(state, dict):
            raise GeneratorError(f"{self.where}: answered with no JSON object: {self.said(answer)}")
        return state

    def _url(self, *names: str) -> httpx.URL:
        return self._base.copy_with(path="/".join((self._base.path.rstrip("/"), "videos", *names)))


def address(settings: config.Generator) -> httpx.URL:
    """Where the API is, without the credentials in it: those go into a header, and never into a log line.

    Raises GeneratorError for an address that is none.
    """
    what = f"generator {settings.name!r}: remote.url {mask(settings.remote.url)!r}"
    try:
        url = httpx.URL(settings.remote.url)
        host = url.host
    except (httpx.InvalidURL, UnicodeError) as error:
        raise GeneratorError(f"{what} is no address: {error}") from None
    if not host or (url.port or 0) > 65_535:
        raise GeneratorError(f"{what} names no {'port that there is' if host else 'host'}")
    token = settings.remote.token
    if token is not None and not re.fullmatch(r"[!-~]*", token.get_secret_value()):
        raise GeneratorError(f"{what}: remote.token has characters that no request can carry")
    return url.copy_with(userinfo=b"")


def share_of(progress: object) -> float | None:
    """Progress 0..100 as a share 0..1; None for what is no such number."""
    if isinstance(progress, bool) or not isinstance(progress, int | float) or not progress >= 0:
        return None
    return min(100, progress) / 100


def _message(found: Any) -> str:
    """What an error answer says, in any of the shapes that servers give it: OpenAI's, FastAPI's, plain."""
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and found.get(name):
            found = found[name]
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _retry_after(answer: Answer, now: float) -> float:
    """Seconds that the server asks to wait, or until when (RFC 9110, 10.2.3); 0 where it does not say."""
    text = answer.headers.get("retry-after", "")
    with contextlib.suppress(ValueError):
        seconds = float(text)
        return seconds if math.isfinite(seconds) else 0.0
    with contextlib.suppress(ValueError):
        return email.utils.parsedate_to_datetime(text).timestamp() - now
    return 0.0
