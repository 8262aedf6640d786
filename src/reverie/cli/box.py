"""`reverie demo` and `run`: the box; `reverie program`: one of the programs it is made of."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from reverie import config
from reverie.cli.terminal import ConfigPath, altered, err, load, log_masked, stop_on_signals, write
from reverie.clock import SystemClock
from reverie.errors import CameraError, ConfigError

if TYPE_CHECKING:
    from reverie import supervise

BLIND = 60.0
"""Seconds that a run of limited time waits for its first frame."""

CameraSource = Annotated[
    str | None,
    typer.Option(
        "--camera", help="A number (USB camera), rtsp:// or http:// address, video file, or folder."
    ),
]
Folder = Annotated[Path | None, typer.Option("--data", help="Data folder for clips and the database.")]
Port = Annotated[
    int | None, typer.Option("--port", help="Port of the kiosk and console; 0 takes a free one.")
]
SecondsLimit = Annotated[
    float | None, typer.Option("--seconds", min=0.1, help="Stop so many seconds after the first frame.")
]
Headless = Annotated[
    bool,
    typer.Option(
        "--headless", help="Play through a screen without pixels that follows the kiosk's protocol."
    ),
]
ReportPath = Annotated[Path | None, typer.Option("--report", help="Write what this run measured, as JSON.")]


def demo(
    camera: CameraSource = None,
    seconds: SecondsLimit = None,
    headless: Headless = False,
    report: ReportPath = None,
    port: Port = None,
    data: Folder = None,
    language: Annotated[Literal["en", "zh"] | None, typer.Option(help="Language of the captions.")] = None,
) -> None:
    """Show it something: footage of things held up, or your own camera with --camera 0. No configuration."""
    settings = config.Config(
        store=config.Store(folder=Path("reverie-data") / "demo"),
        story=config.Story(place="home", language=language or "en"),
    )
    _box(altered(settings, camera, port, data), seconds, headless, report)


def run(
    config_path: ConfigPath = None,
    camera: CameraSource = None,
    seconds: SecondsLimit = None,
    headless: Headless = False,
    report: ReportPath = None,
    port: Port = None,
    data: Folder = None,
) -> None:
    """Run the box: watch the camera, imagine, and serve the screen, until Ctrl-C."""
    _box(altered(load(config_path), camera, port, data), seconds, headless, report)


def program(
    name: Annotated[str, typer.Argument(help="watch, serve, or generate/NAME.")],
    snapshot: Annotated[
        Path | None, typer.Argument(help="A snapshot of the configuration; else the first line of the input.")
    ] = None,
) -> None:
    """One of the programs, as the supervisor starts it. It leaves when its standard input closes."""
    import resource

    # A core dump of `watch` would hold camera pictures.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    log_masked()
    settings = config.from_snapshot(_first_line() if snapshot is None else snapshot.read_bytes())
    stop = stop_on_signals()

    def orphaned() -> None:
        # The bare descriptor: a thread that holds the buffered reader's lock would abort the exit.
        with contextlib.suppress(OSError):
            while os.read(0, 1):
                pass
        stop.set()

    threading.Thread(target=orphaned, daemon=True).start()
    clock = SystemClock()
    match name.partition("/"):
        case ("watch", _, _):
            from reverie import watch

            watch.run(settings, clock, stop)
        case ("serve", _, _):
            from reverie import serve

            serve.run(settings, clock, stop)
        case ("generate", _, generator):
            from reverie import generate

            generate.run(settings, clock, stop, generator)
        case _:
            raise ConfigError(f"no such program: {name}; there are watch, serve and generate/NAME")


def _first_line() -> bytes:
    """The first line of the standard input, read from the bare descriptor: the rest is left unread."""
    line = bytearray()
    while not line.endswith(b"\n"):
        more = os.read(0, 1)
        if not more:
            raise ConfigError("no configuration came on the standard input")
        line += more
    return bytes(line)


def _box(settings: config.Config, seconds: float | None, headless: bool, report: Path | None) -> None:
    from rich.live import Live
    from rich.text import Text

    from reverie import checkup, supervise
    from reverie.web.headless import HeadlessScreen

    checkup.refuse(settings)
    if report is not None and not report.parent.is_dir():
        raise ConfigError(f"--report {report}: the folder {report.parent} does not exist")
    clock, stop = SystemClock(), stop_on_signals()
    began = clock.now()
    screen: HeadlessScreen | None = None
    announced = False

    def say(line: str) -> None:
        err.print(escape(line), soft_wrap=True)

    with Live(console=err, refresh_per_second=4, transient=True, auto_refresh=err.is_terminal) as live:

        def tick(box: supervise.Box) -> None:
            nonlocal screen, announced
            serve = box.health().get("serve")
            url = serve.stats.get("url") if serve is not None and serve.time >= began else None
            if url and not announced:
                announced = True
                say(f"kiosk    {url}/\nconsole  {url}/console\n(Ctrl-C ends it)")
            if headless and url and screen is None:
                token = settings.serve.token
                screen = HeadlessScreen(str(url), token.get_secret_value() if token else None, clock)
                screen.start()
            if err.is_terminal:
                live.update(Text(supervise.status_line(box), overflow="ellipsis", no_wrap=True))
            if seconds is not None and _is_over(box, began, seconds, clock.now()):
                stop.set()

        try:
            box = supervise.run(settings, clock, stop, say, tick)
        finally:
            if screen is not None:
                screen.stop()
    try:
        if report is not None:
            first = box.first_frame if box.first_frame is not None else clock.now()
            measured = supervise.report(box, min(clock.now() - first, seconds or float("inf")), began)
            write(report, json.dumps(measured, ensure_ascii=False, indent=1) + "\n")
    finally:
        box.store.close()


def _is_over(box: supervise.Box, began: float, seconds: float, now: float) -> bool:
    """Whether the asked time after the first frame has passed. Raises CameraError when none ever comes."""
    if box.first_frame is not None:
        return now >= box.first_frame + seconds
    if now < began + BLIND:
        return False
    watch = box.health().get("watch")
    why = watch.detail if watch is not None else "watch has not started"
    raise CameraError(f"no camera has sent a picture within {BLIND:.0f} s: {why}")
