"""serve: moments and clips → cues → screens; beside it the console, the API, health and metrics.

store → Screens (the cue loop) → kiosk;   requests → store
"""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import threading
from collections.abc import Iterator

import uvicorn

from reverie import config as settings
from reverie.clock import Clock
from reverie.config import Config
from reverie.errors import ServeError
from reverie.store.store import open_store
from reverie.web.app import make_app

BEAT = 1.0
"""Seconds between heartbeats."""

GOODBYE = 1
"""Seconds that open requests get to end; streams are told to end at once."""


def run(config: Config, clock: Clock, stop: threading.Event) -> None:
    """Serve until `stop`. Raises ServeError (port, address), StoreError.

    A store that fails later (a full disk) does not end it: the screens keep what they show.
    """
    with listen(config.serve) as listener, contextlib.closing(open_store(config.store, clock)) as store:
        app = make_app(config, store, clock)
        server = _Server(
            uvicorn.Config(
                app,
                http="h11",
                ws="websockets-sansio",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GOODBYE,
            )
        )
        _quiet_cut_streams()
        site = app.state.site
        screens = site.screens
        stats = {"url": url_of(config.serve, listener), "port": listener.getsockname()[1]}
        thread = threading.Thread(target=server.run, args=([listener],), name="uvicorn", daemon=True)
        store.health.beat("serve", "starting", "opening the port", {})
        thread.start()
        try:
            while not stop.is_set():
                if not thread.is_alive():
                    raise ServeError(f"the server at {stats['url']} ended by itself; see the log above")
                if server.started and not app.state.cues.is_alive():
                    raise ServeError("the cue loop ended by itself; see the log above")
                if server.started:
                    shown = sum(1 for s in screens.states() if s["connected"])
                    state, detail = ("waiting", screens.fault) if screens.fault else ("running", "")
                    store.health.beat("serve", state, detail or _count(shown), {**stats, "screens": shown})
                    site.wellness.look()  # it remembers since when a program has not been at work
                clock.wait(stop, BEAT if server.started else 0.02)
        finally:
            screens.close()
            server.should_exit = True
            thread.join(GOODBYE + 1)


@contextlib.contextmanager
def listen(serve: settings.Serve) -> Iterator[socket.socket]:
    """The bound socket, before anything else starts. Raises ServeError: what is wrong, what to do."""
    family = socket.AF_INET6 if ":" in serve.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((serve.host, serve.port))
            listener.listen(128)
        except OSError as error:
            raise ServeError(_refusal(serve, error)) from error
        yield listener


def url_of(serve: settings.Serve, listener: socket.socket) -> str:
    """Where a browser on this box finds it: `http://127.0.0.1:8750`."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(serve.host, serve.host)
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _refusal(serve: settings.Serve, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"port {serve.port} is taken by another program; choose another with serve.port or --port "
                "(0 takes a free one)"
            )
        case errno.EACCES:
            return f"port {serve.port} needs root; choose one from 1024 up with serve.port or --port"
        case errno.EADDRNOTAVAIL:
            return f"{serve.host} is no address of this machine; set serve.host to one, or to 127.0.0.1"
        case _:
            return f"{serve.host}:{serve.port} cannot be served: {error.strerror or error}"


def _count(screens: int) -> str:
    return "1 screen" if screens == 1 else f"{screens} screens"


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the command line's: `stop` is the only way out."""
        yield


def _quiet_cut_streams() -> None:
    """A given-up draft is cut on purpose; uvicorn would call that an error in its log."""

    def expected(record: logging.LogRecord) -> bool:
        return "returned without completing response" not in record.getMessage()

    logger = logging.getLogger("uvicorn.error")
    logger.setLevel(logging.WARNING)
    logger.addFilter(expected)
