"""A network camera for tests: a real RTSP server in its own process, to be killed, frozen and misled."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path

from ready import PYTHON

SERVER = Path(__file__).parent / "rtsp_server.py"


class Eye:
    """An RTSP camera on loopback, 320x240; `url` stays the same when it is killed and started again."""

    def __init__(self, fps: int = 10) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port: int = taken.getsockname()[1]
        self.url = f"rtsp://127.0.0.1:{self.port}/eye"
        self._fps = fps
        self._server: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        """Returns when it listens."""
        self._server = subprocess.Popen(
            [PYTHON, str(SERVER), str(self.port), str(self._fps)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._answer() == "ready"

    def become(self, mode: str) -> None:
        """good, silent, slow or garbage; returns when it is."""
        assert self._server is not None
        assert self._server.stdin is not None
        print(mode, file=self._server.stdin, flush=True)
        assert self._answer() == mode

    def freeze(self) -> None:
        """It hangs: connections stay open, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Power off: no goodbye. Harmless when it is off."""
        server, self._server = self._server, None
        if server is None:
            return
        server.kill()
        server.wait()
        for pipe in (server.stdin, server.stdout):
            if pipe is not None:
                pipe.close()

    def _signal(self, number: signal.Signals) -> None:
        assert self._server is not None
        self._server.send_signal(number)

    def _answer(self) -> str:
        assert self._server is not None
        assert self._server.stdout is not None
        return self._server.stdout.readline().strip()
