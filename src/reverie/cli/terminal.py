"""What all commands share: two consoles, progress bars, signals, files, and the configuration."""

from __future__ import annotations

import _thread
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from reverie import config
from reverie.errors import ConfigError

SHOW_CURSOR = b"\x1b[?25h"
"""What a terminal is told (DECTCEM): a progress bar hides its cursor."""

err = Console(stderr=True, highlight=False)
out = Console(highlight=False)

ConfigPath = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration, as `reverie init` writes it.")
]


def load(path: Path | None) -> config.Config:
    """The configuration at a path; else reverie.yaml here, else the defaults. Raises ConfigError."""
    if path is not None:
        return config.load(path)
    default = Path("reverie.yaml")
    return config.load(default) if default.exists() else config.Config()


S = TypeVar("S", bound=config.Section)


def validated(section: type[S], options: Mapping[str, str], **values: Any) -> S:
    """A section of the configuration made of what the command line says. Raises ConfigError.

    `options`: the option that sets each setting; the first is named where it is no single one that is wrong.
    """
    import pydantic

    try:
        return section(**values)
    except pydantic.ValidationError as error:
        fault = config.faults(error, section)[0]
        usual = next(iter(options.values()))
        option = options.get(str(fault.path[0]), usual) if fault.path else usual
        raise ConfigError(f"{option}: {fault.told}") from None


def altered(
    settings: config.Config, camera: str | None, port: int | None, data: Path | None
) -> config.Config:
    """The configuration with what the command line says otherwise; a camera there replaces all others."""
    changed: dict[str, Any] = {}
    if camera is not None:
        first = settings.cameras[0]
        changed["cameras"] = (
            validated(config.Camera, {"source": "--camera"}, **{**first.model_dump(), "source": camera}),
        )
    if port is not None:
        if not 0 <= port <= 65535:
            raise ConfigError(f"--port {port}: allowed are 0 to 65535")
        changed["serve"] = settings.serve.model_copy(update={"port": port})
    if data is not None:
        changed["store"] = settings.store.model_copy(update={"folder": data})
    return settings.model_copy(update=changed)


def stop_on_signals() -> threading.Event:
    """Set by Ctrl-C and SIGTERM; a second Ctrl-C ends the process at once."""
    stop = threading.Event()
    asked = False

    def ask(number: int, frame: object) -> None:
        nonlocal asked
        if asked and number == signal.SIGINT:
            if err.is_terminal:
                os.write(2, SHOW_CURSOR)  # the bare descriptor: this may interrupt a write of the console
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        asked = True
        # Not here: `set` takes a lock that whatever this interrupts may hold, amid a `wait` or a `set`.
        _thread.start_new_thread(stop.set, ())

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return stop


def log_masked() -> None:
    """Warnings go to the standard error, with secrets masked."""

    class Masked(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return config.mask(super().format(record))

    handler = logging.StreamHandler()
    handler.setFormatter(Masked("%(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


@contextlib.contextmanager
def progress(what: str, total: int | None, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """A bar that counts, on a terminal and unless `quiet`; it is told how many of `total` are done.

    It shows from the first that it is told on: what is printed before stands above it.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = _bar(columns, quiet)
    task = bar.add_task(what, total=total)

    def tell(done: int) -> None:
        bar.start()
        bar.update(task, completed=done)

    try:
        yield tell
    finally:
        bar.stop()


def bars() -> Progress:
    """Bars that show shares, on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return _bar(columns)


def _bar(columns: tuple[ProgressColumn, ...], quiet: bool = False) -> Progress:
    return Progress(
        *columns,
        console=err,
        transient=True,
        disable=quiet or not err.is_terminal,
        # Lines for the terminal go above the bar; those for a file or a program go where they are sent.
        redirect_stdout=out.is_terminal,
    )


def write(path: Path, text: str) -> None:
    """Writes a text file in UTF-8. Raises ConfigError."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from error
