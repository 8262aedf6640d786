"""cli: one subcommand a program or tool.

Everything heavy is imported inside the command that needs it, so that `reverie --help` is quick.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from reverie import __version__, config
from reverie.clock import SystemClock
from reverie.errors import CameraError, Cancelled, ConfigError, ReverieError
from reverie.values import Detection, Frame

if TYPE_CHECKING:
    from reverie import supervise

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="A device that sees, and imagines: a camera watches, a story answers, a short film plays. "
    "All of it on this machine.\n\nStart with [bold]reverie demo[/bold].",
)
err = Console(stderr=True, highlight=False)
out = Console(highlight=False)

BLIND = 60.0
"""Seconds that a run of limited time waits for its first frame."""

ConfigPath = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration, as `reverie init` writes it.")
]
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


def main() -> None:
    """The `reverie` command: errors of ours are one line and exit 1, Ctrl-C is exit 130."""
    try:
        app()
    except ReverieError as error:
        err.print(f"[red]reverie:[/red] {escape(config.mask(str(error)))}", soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)


@app.callback(invoke_without_command=True)
def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        out.print(f"reverie {__version__}")
        raise typer.Exit


# ---------------------------------------------------------------------------------- the box


@app.command()
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
    _box(_altered(settings, camera, port, data), seconds, headless, report)


@app.command()
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
    _box(_altered(_load(config_path), camera, port, data), seconds, headless, report)


@app.command(hidden=True)
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
    _log_masked()
    settings = config.from_snapshot(_first_line() if snapshot is None else snapshot.read_bytes())
    stop = _stop_on_signals()

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
    clock, stop = SystemClock(), _stop_on_signals()
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
            _write(report, json.dumps(measured, ensure_ascii=False, indent=1) + "\n")
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


# ---------------------------------------------------------------------------------- tools


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("reverie.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a commented configuration to begin with."""
    from reverie import manual

    if path.exists() and not force:
        raise ConfigError(f"{path} is there already; --force overwrites it")
    _write(path, manual.yaml())
    out.print(f"wrote {path}. Next: [bold]reverie check --config {escape(str(path))}[/bold]")


@app.command()
def check(config_path: ConfigPath = None) -> None:
    """What is wrong with this configuration on this box, before it runs. Exit 1 if anything is."""
    from reverie import checkup

    settings = _load(config_path)
    failed = False
    for finding in checkup.findings(settings):
        colour = {"ok": "green", "note": "yellow", "wrong": "red"}[finding.verdict]
        failed |= finding.verdict == "wrong"
        message = escape(config.mask(finding.message))
        out.print(
            f"[{colour}]{finding.verdict:>5}[/{colour}]  [bold]{finding.what}[/bold]  {message}",
            soft_wrap=True,
        )
    if failed:
        raise typer.Exit(1)


@app.command("config")
def config_command(
    config_path: ConfigPath = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of the settings.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print every setting as a page.")] = False,
) -> None:
    """Print the configuration as it would run (secrets masked), or what may be set."""
    from reverie import manual

    if schema:
        sys.stdout.write(json.dumps(config.Config.model_json_schema(), indent=1) + "\n")
    elif markdown:
        sys.stdout.write(manual.markdown())
    else:
        shown = _load(config_path).model_dump(mode="json")
        sys.stdout.write(config.mask(json.dumps(shown, indent=1, ensure_ascii=False)) + "\n")


@app.command()
def detect(
    file: Annotated[str, typer.Argument(help="A video file, a picture, or a folder of pictures.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a frame.")] = False,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw the boxes into this MP4.")] = None,
    model: Annotated[str, typer.Option(help="`embedded`, or a YOLOv8 .onnx file.")] = "embedded",
    conf: Annotated[float | None, typer.Option(min=0, max=1, help="Score from which a thing counts.")] = None,
    classes: Annotated[list[str] | None, typer.Option("--class", help="Only these classes.")] = None,
) -> None:
    """What the detector sees in a file, frame by frame."""
    from reverie.vision.camera import read_frames
    from reverie.vision.detector import load_detector

    settings = config.Detector(model=model, conf=conf, classes=tuple(classes or ()), threads=2)
    detector = load_detector(settings)
    found: Counter[str] = Counter()
    with _progress("frames", None, quiet=as_json and plot is None) as tick:

        def seen() -> Iterator[tuple[Frame, list[Detection]]]:
            for frame in read_frames(file):
                detections = detector.detect([frame])[0]
                tick(frame.index + 1)
                found.update(["frames", *(d.label for d in detections)])
                if as_json:
                    sys.stdout.write(json.dumps(_seen_line(frame, detections), ensure_ascii=False) + "\n")
                yield frame, detections

        if plot is None:
            for _ in seen():
                pass
        else:
            _plot(seen(), plot)
    if not as_json:
        frames = found.pop("frames", 0)
        things = ", ".join(f"{label} {n}" for label, n in found.most_common())
        out.print(f"{frames} frames: {escape(things) or 'nothing seen'}")


def _seen_line(frame: Frame, detections: list[Detection]) -> dict[str, Any]:
    return {
        "index": frame.index,
        "time": round(frame.time, 4),
        "detections": [
            {
                "label": d.label,
                "score": round(d.score, 4),
                "box": [round(v, 5) for v in (d.box.left, d.box.top, d.box.right, d.box.bottom)],
            }
            for d in detections
        ],
    }


def _plot(seen: Iterator[tuple[Frame, list[Detection]]], path: Path) -> None:
    """Boxes drawn into an MP4: real pixels, kept because the operator asked for this very file."""
    from reverie.values import ClipSpec
    from reverie.video import encode
    from reverie.vision.letterbox import make_letterbox
    from reverie.vision.plot import plot

    head = list(itertools.islice(seen, 2))
    if not head:
        raise ReverieError(f"--plot {path}: there was no frame to draw")
    step = head[1][0].time - head[0][0].time if len(head) > 1 else 1.0
    height, width = head[0][0].image.shape[:2]
    spec = ClipSpec(
        "plot", __version__, width // 2 * 2, height // 2 * 2, 0, max(1, round(1 / max(step, 1 / 120)))
    )
    # Pictures of a folder may each have a size of their own: all are fitted into the first one's.
    images = (
        make_letterbox((frame.image.shape[1], frame.image.shape[0]), (spec.width, spec.height)).apply(
            plot(frame.image, found)
        )
        for frame, found in itertools.chain(head, seen)
    )
    encode.save(images, path, spec, config.Generator(), {})


@app.command()
def brief(
    text: Annotated[str, typer.Argument(help="A sentence or a question, in English or Chinese.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    language: Annotated[Literal["en", "zh"] | None, typer.Option(help="Language of the text.")] = None,
    library: Annotated[Path | None, typer.Option(help="A story library in YAML.")] = None,
) -> None:
    """What would be shown for a text: the brief understood from it."""
    from reverie.story import questions
    from reverie.story.library import load_library
    from reverie.story.prompts import prompt_of

    understood = questions.understand(text, language, load_library(library))
    if as_json:
        shown = {**questions.brief_json(understood), "prompt": prompt_of(understood.brief)}
        sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1) + "\n")
        return
    out.print(f"[bold]{escape(understood.brief.topic)}[/bold] ({understood.confidence})")
    for shot in understood.brief.shots:
        words = " ".join(w for w in (shot.subject, shot.action, shot.object) if w)
        out.print(f"  {escape(words)}, {shot.setting}, {shot.seconds:g} s: {escape(shot.caption)}")


@app.command()
def generate(
    text: Annotated[str, typer.Argument(help="What to show: a sentence or a question.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The MP4 to write.")],
    size: Annotated[str, typer.Option(help="Width x height in pixels, even numbers.")] = "640x480",
    fps: Annotated[int, typer.Option(min=5, max=60, help="Frames a second.")] = 24,
    take: Annotated[int, typer.Option(min=1, help="Another take is another variation.")] = 1,
    language: Annotated[Literal["en", "zh"] | None, typer.Option(help="Language of the text.")] = None,
) -> None:
    """Make a short film of a text, labelled as AI-generated, into a file."""
    from reverie import generate as making
    from reverie.story import questions
    from reverie.story.library import load_library
    from reverie.values import Job, Priority
    from reverie.video.generator import make_wish

    width, _, height = size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise ConfigError(f"--size {size}: write it as WIDTHxHEIGHT, for example 640x480")
    settings = _validated(config.Generator, "--size", size, width=int(width), height=int(height), fps=fps)
    understood = questions.understand(text, language, load_library(None))
    wish, spec = make_wish(settings, understood.brief)
    job = Job(wish.key, understood.brief, spec, float("inf"), Priority.ASKED, 0.0, take=take)
    stop = _stop_on_signals()
    with _progress("frames", spec.frames) as tick:

        def progress(share: float) -> None:
            if stop.is_set():
                raise Cancelled("stopped; nothing was written")
            tick(round(share * spec.frames))

        made = making.generate_file(settings, job, output, "reverie", progress)
    out.print(f"{escape(str(output))}: {made.frames} frames, {made.seconds:.1f} s, {made.size / 1000:.0f} kB")


# ---------------------------------------------------------------------------------- helpers


def _load(path: Path | None) -> config.Config:
    if path is not None:
        return config.load(path)
    default = Path("reverie.yaml")
    return config.load(default) if default.exists() else config.Config()


S = TypeVar("S", bound=config.Section)


def _validated(section: type[S], option: str, given: object, **values: Any) -> S:
    """A section of the configuration made of what an option of the command line says."""
    import pydantic

    try:
        return section(**values)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = f" ({first['loc'][0]})" if first["loc"] else ""
        raise ConfigError(f"{option} {given!s}{where}: {first['msg']}; found {first['input']!r}") from None


def _altered(
    settings: config.Config, camera: str | None, port: int | None, data: Path | None
) -> config.Config:
    """The configuration with what the command line says otherwise; a camera there replaces all others."""
    changed: dict[str, Any] = {}
    if camera is not None:
        first = settings.cameras[0]
        changed["cameras"] = (
            _validated(config.Camera, "--camera", repr(camera), **{**first.model_dump(), "source": camera}),
        )
    if port is not None:
        if not 0 <= port <= 65535:
            raise ConfigError(f"--port {port}: allowed are 0 to 65535")
        changed["serve"] = settings.serve.model_copy(update={"port": port})
    if data is not None:
        changed["store"] = settings.store.model_copy(update={"folder": data})
    return settings.model_copy(update=changed)


def _stop_on_signals() -> threading.Event:
    """Set by Ctrl-C and SIGTERM; a second Ctrl-C ends the process at once."""
    stop = threading.Event()

    def ask(number: int, frame: object) -> None:
        if stop.is_set() and number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return stop


def _log_masked() -> None:
    class Masked(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return config.mask(super().format(record))

    handler = logging.StreamHandler()
    handler.setFormatter(Masked("%(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


@contextlib.contextmanager
def _progress(what: str, total: int | None, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from error
