"""cli: one subcommand a program or tool.

Everything heavy is imported inside the command that needs it, so that `reverie --help` is quick.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
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
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from reverie import __version__, config
from reverie.clock import SystemClock
from reverie.errors import CameraError, Cancelled, ConfigError, ReverieError
from reverie.values import Detection, Frame

if TYPE_CHECKING:
    from reverie import supervise
    from reverie.commission import Commission
    from reverie.video.wan.embeddings import Embeddings

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


WHO, WHAT, LIST = "Who makes it", "What is made", "A list of films"
"""Panels of the help of `generate`."""


@app.command()
def generate(
    text: Annotated[
        str | None,
        typer.Argument(help="What to show: a sentence or a question. A model reads it as it is written."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The MP4 to write.")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="`storyboard` (the default: drawn, in seconds, on any machine), a model that `reverie "
            "models pull` fetched (`wan`), a folder with a checkpoint, or http://…/v1 of another machine.",
            rich_help_panel=WHO,
        ),
    ] = None,
    preset: Annotated[
        Literal["quality", "fast", "edge"] | None,
        typer.Option(
            help="wan: `quality`: 30 steps; `fast`: 3, for distilled weights; `edge`: fast in little memory. "
            "Else what the weights were made for.",
            rich_help_panel=WHO,
        ),
    ] = None,
    generator: Annotated[
        str | None,
        typer.Option(
            help="Instead of --model: a generator of the configuration, by name.", rich_help_panel=WHO
        ),
    ] = None,
    config_path: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", help="Where --generator is; else reverie.yaml here.", rich_help_panel=WHO
        ),
    ] = None,
    no_gate: Annotated[
        bool,
        typer.Option(
            "--no-gate", help="Keep the film even if it fails the quality check.", rich_help_panel=WHO
        ),
    ] = False,
    size: Annotated[
        str | None,
        typer.Option(
            help="WIDTHxHEIGHT in pixels: 640x480 if nothing is said, 832x480 of a model.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    fps: Annotated[int | None, typer.Option(help="Frames a second, 5 to 60.", rich_help_panel=WHAT)] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            help="Length, up to 60. Else as long as the story is; 3 of a model.", rich_help_panel=WHAT
        ),
    ] = None,
    frames: Annotated[
        int | None,
        typer.Option(
            help="Length in frames, instead of --seconds. Wan imagines 4k+1 (16 are made as 17 and cut).",
            rich_help_panel=WHAT,
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Models: denoising steps, 1 to 100.", rich_help_panel=WHAT)
    ] = None,
    guidance: Annotated[
        float | None,
        typer.Option(help="Models: how strictly the text is followed, 1 to 20.", rich_help_panel=WHAT),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Models: the same seed makes the same film again.", rich_help_panel=WHAT),
    ] = None,
    negative: Annotated[
        str | None, typer.Option(help="Models: what to lead away from.", rich_help_panel=WHAT)
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Models: a picture that the film begins with.", rich_help_panel=WHAT)
    ] = None,
    take: Annotated[int, typer.Option(help="Another take is another variation.", rich_help_panel=WHAT)] = 1,
    language: Annotated[
        Literal["en", "zh"] | None,
        typer.Option(help="Storyboard: language of the text.", rich_help_panel=WHAT),
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="A CSV file, one film a row. Columns: prompt, and if you like name, model, preset, size, "
            "fps, seconds, frames, steps, guidance, seed, negative, picture, language. Options beside it are "
            "for rows that say nothing else.",
            rich_help_panel=LIST,
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--to",
            help="The folder for its films. Those that are there are not made again.",
            rich_help_panel=LIST,
        ),
    ] = None,
) -> None:
    """Make a short film of a text, labelled as AI-generated, into a file; or a folder of films from a list.

    [bold]reverie generate "a cat chases a butterfly" -o cat.mp4[/bold]

    [bold]reverie generate "A red toy car drives through rain" -o car.mp4 --model wan --preset quality[/bold]

    [bold]reverie generate --from prompts.csv --to films[/bold]
    """
    from reverie.commission import Commission, configured

    _demand_plain(text, output, rows, folder, model, generator, config_path)
    chosen = None
    if generator is not None:
        there = config_path or Path("reverie.yaml")
        chosen = configured(
            _load(config_path), generator, str(there) if there.exists() else "the default configuration"
        )
    asked = Commission(
        text=text or "",
        model=model,
        preset=preset,
        size=size,
        fps=fps,
        seconds=seconds,
        frames=frames,
        steps=steps,
        guidance=guidance,
        seed=seed,
        negative=negative,
        picture=picture,
        language=language,
        take=take,
    )
    if rows is not None and folder is not None:
        _make_films(rows, folder, asked, chosen, gate=not no_gate)
    elif output is not None:
        _make_film(output, asked, chosen, gate=not no_gate)


def _demand_plain(
    text: str | None,
    output: Path | None,
    rows: Path | None,
    folder: Path | None,
    model: str | None,
    generator: str | None,
    config_path: Path | None,
) -> None:
    """What `generate` is told must make sense together. Raises ConfigError."""
    if text is None and rows is None:
        raise ConfigError(
            'say what to show: reverie generate "a cat chases a butterfly" -o cat.mp4; or give a list: '
            "--from prompts.csv --to films"
        )
    if rows is not None:
        if text is not None:
            raise ConfigError(f"either a text or --from, not both; the text is {text!r}")
        if output is not None:
            raise ConfigError("--output is for one film; those of a list go into a folder: --to FOLDER")
        if folder is None:
            raise ConfigError("--from makes many films: name a folder for them with --to")
    elif folder is not None:
        raise ConfigError("--to is the folder for the films of a list (--from); one film goes to -o FILE.mp4")
    elif output is None:
        raise ConfigError("name the file to write: -o film.mp4")
    elif output.suffix.lower() != ".mp4":
        raise ConfigError(f"--output {output}: films are MP4; call it {output.with_suffix('.mp4').name}")
    elif output.is_dir() or not output.parent.is_dir():
        there = "is a folder" if output.is_dir() else f"the folder {output.parent} does not exist"
        raise ConfigError(f"--output {output}: {there}")
    if model is not None and generator is not None:
        raise ConfigError("either --model or --generator, not both")
    if config_path is not None and generator is None:
        raise ConfigError(f"--config {config_path}: say which of its generators: --generator NAME")


def _make_film(output: Path, asked: Commission, configured: config.Generator | None, *, gate: bool) -> None:
    from reverie import generate as making
    from reverie import wishes
    from reverie.commission import job_of, settings_of
    from reverie.story.library import load_library

    settings = settings_of(asked, configured)
    job = job_of(asked, settings, load_library(None))
    with _bars() as bar:
        task = bar.add_task(f"loading {settings.name}", total=None)
        generator = wishes.load(settings, warm=False)
        stop = _stop_on_signals()
        bar.update(task, description=f"making {escape(output.name)}", total=1.0, completed=0.0)

        def progress(share: float) -> None:
            if stop.is_set():
                raise Cancelled("stopped; nothing was written")
            bar.update(task, completed=share)

        made = making.make_file(generator, settings, job, output, "reverie", progress, gate)
    if made.wrong is not None:
        err.print(f"[yellow]kept, though[/yellow] {escape(made.wrong)}", soft_wrap=True)
    out.print(f"{escape(str(output))}: {made.frames} frames, {made.seconds:.1f} s, {made.size / 1000:.0f} kB")


def _make_films(
    rows: Path, folder: Path, asked: Commission, configured: config.Generator | None, *, gate: bool
) -> None:
    from reverie import batch
    from reverie.story.library import load_library

    films = batch.read(rows, asked, load_library(None), configured)
    stop = _stop_on_signals()
    with _bars() as bar:
        whole, one = bar.add_task("films", total=len(films)), bar.add_task("", total=1.0)

        class Bars:
            def row(self, done: int, total: int, name: str) -> None:
                bar.update(whole, completed=done, description=f"films {done}/{total}")
                bar.update(one, completed=0.0, description=escape(name))

            def share(self, share: float) -> None:
                if stop.is_set():
                    raise Cancelled("stopped")
                bar.update(one, completed=share)

        report = batch.run(films, folder, Bars(), gate)
    told = [f"{report.made} made", f"{report.kept} were there already"]
    told += [f"{len(report.failed)} failed"] if report.failed else []
    told += [f"{report.left} left: the same command goes on"] if report.left else []
    out.print(f"{escape(str(folder))}: {', '.join(told)}", soft_wrap=True)
    for row, why in report.failed:
        err.print(f"[red]{escape(str(rows))}:{row.line}:[/red] {escape(config.mask(why))}", soft_wrap=True)
    if report.left:
        raise typer.Exit(130)
    if report.failed:
        raise typer.Exit(1)


# ---------------------------------------------------------------------------------- models

models = typer.Typer(no_args_is_help=True, help="Models that imagine: fetch them, see which are here.")
app.add_typer(models, name="models")


@models.command("pull")
def models_pull(
    model: Annotated[
        str,
        typer.Argument(
            help="`wan` (Wan2.2-TI2V-5B), fastwan2.2-ti2v-5b, wan2.1-t2v-1.3b, wan2.2-t2v-a14b, or a "
            "repository of the Hugging Face hub as OWNER/NAME."
        ),
    ],
    to: Annotated[
        Path | None,
        typer.Option("--to", help="Put it there, instead of among the others (`reverie models list`)."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Fetch a model: says first what it is, its licence, its size and where it goes. Broken off, it goes on.

    HF_TOKEN is used where a model asks for one; HF_ENDPOINT is for a hub at another address.
    """
    import importlib.util

    from reverie import hub
    from reverie.video.wan import checkpoint

    target = checkpoint.place_of(model) if to is None else to.expanduser()
    if to is not None and target.is_dir() and not (target / "model_index.json").exists():
        target /= checkpoint.place_of(model).name
    if (target / "model_index.json").exists():
        out.print(f"{escape(model)} is here already: {escape(str(target))}", soft_wrap=True)
        return
    offer = hub.look_up(model)
    hub.demand_room(offer, target)
    missing = hub.missing(offer, target)
    here = f", {hub.gigabytes(offer.size - missing)} of it are here" if missing < offer.size else ""
    for what, told in (
        ("model", f"{offer.repo}: {offer.what}"),
        ("licence", offer.licence),
        ("size", f"{hub.gigabytes(offer.size)} in {len(offer.files)} files{here}"),
        ("goes to", str(target.absolute())),
    ):
        out.print(f"{what:8} {escape(told)}", soft_wrap=True)
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError("nobody is here to ask (the input is no terminal): add --yes to fetch it")
        if not typer.confirm("Fetch it?"):
            out.print("nothing was fetched")
            raise typer.Exit(1)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    try:
        with Progress(
            *columns, TimeRemainingColumn(), console=err, transient=True, disable=not err.is_terminal
        ) as bar:
            task = bar.add_task("", total=offer.size, completed=offer.size - missing)
            hub.pull(
                offer,
                target,
                SystemClock(),
                lambda what, done: bar.update(task, description=escape(what), completed=done),
            )
    except KeyboardInterrupt:
        err.print("stopped; what is here is kept, and the same command goes on from there")
        raise
    out.print(f"{escape(model)} is here: {escape(str(target))}", soft_wrap=True)
    if importlib.util.find_spec("torch") is None:
        out.print(escape("to run it, install what it needs: pip install 'reverie[wan]'"), soft_wrap=True)


@models.command("list")
def models_list() -> None:
    """The models that are here: folder, kind, size, and whether they are whole."""
    from reverie import hub
    from reverie.video.wan import checkpoint

    folder = checkpoint.models_folder()
    found = hub.models(folder)
    for model in found:
        state = f"[green]{model.kind}[/green]" if not model.fault else "[red]not whole[/red]"
        why = f"  {escape(model.fault)}" if model.fault else ""
        out.print(f"{hub.gigabytes(model.size):>9}  {state}  {escape(str(model.path))}{why}", soft_wrap=True)
    if not found:
        out.print(f"none in {escape(str(folder))}; `reverie models pull wan` fetches one", soft_wrap=True)


# ---------------------------------------------------------------------------------- prompts

prompts = typer.Typer(
    no_args_is_help=True,
    help="Prompts of the diffusion model, encoded ahead of time: a box that has them needs no text encoder.",
)
app.add_typer(prompts, name="prompts")

WanModel = Annotated[
    str | None, typer.Option("--model", help="A checkpoint's folder or name, instead of the configured one.")
]
Tones = Annotated[
    list[str] | None,
    typer.Option("--tone", help="Only this tone (repeat it for more). All four: a dial may choose any."),
]
Also = Annotated[
    Path | None, typer.Option("--also", help="A text file with more prompts of your own, one a line.")
]


@prompts.command("compile")
def compile_command(
    config_path: ConfigPath = None,
    model: WanModel = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="The folder to write; else beside the model.")
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(help="cpu, gpu, int8, or the http address of a node that encodes.")
    ] = None,
    also: Also = None,
    tone: Tones = None,
) -> None:
    """Encode every prompt that the stories can call for. Stop it at any time: it goes on where it was."""
    _need_wan()
    from reverie.video.wan.checkpoint import find
    from reverie.video.wan.embeddings import folder_of
    from reverie.video.wan.text import compile_prompts, load_compiler

    settings = _load(config_path)
    stop = _stop_on_signals()
    for generator in _wan_generators(settings, model, encoder):
        wanted = _prompts(settings, generator, also, tone)
        path = find(generator.wan.model)
        folder = to or folder_of(generator.wan, path)
        with _progress("prompts", len(wanted)) as tick:

            def tell(
                done: int,
                new: int,
                total: int = len(wanted),
                tick: Callable[[int], None] = tick,
                model: str = generator.wan.model,
            ) -> None:
                if done == 0:
                    out.print(f"{total} prompts for {escape(model)}, {new} of them new")
                tick(total - new + done)
                if stop.is_set() and done < new:
                    raise Cancelled(
                        f"stopped, {new - done} prompts to go; the same command goes on from there"
                    )

            compiled = compile_prompts(
                load_compiler(generator.wan, path), folder, wanted, SystemClock(), tell
            )
        files = list(folder.glob("*.safetensors"))
        size = sum(file.stat().st_size for file in files) / 1e6
        mended = f", {compiled.mended} of them mended" if compiled.mended else ""
        out.print(
            f"{escape(str(folder))}: {len(files)} prompts, {size:.1f} MB ({compiled.new} new{mended})",
            soft_wrap=True,
        )


@prompts.command("list")
def list_command(
    config_path: ConfigPath = None,
    model: WanModel = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="The folder to look in; else beside the model.")
    ] = None,
    also: Also = None,
    tone: Tones = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a prompt.")] = False,
) -> None:
    """Every prompt that would be compiled, and whether it is."""
    settings = _load(config_path)
    for generator in _wan_generators(settings, model, None):
        wanted = _prompts(settings, generator, also, tone)
        there = _compiled(generator.wan, to)
        for prompt in wanted:
            compiled = there is not None and there.path_of(prompt).is_file()
            if as_json:
                line = {"generator": generator.name, "prompt": prompt, "compiled": compiled}
                sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
            else:
                sys.stdout.write(f"{'compiled' if compiled else 'missing '}  {prompt}\n")
        if not as_json:
            done = 0 if there is None else sum(there.path_of(prompt).is_file() for prompt in wanted)
            where = "" if there is None else f" in {there.folder}"
            err.print(f"{len(wanted)} prompts, {done} of them compiled{escape(where)}", soft_wrap=True)


@prompts.command("serve")
def serve_command(
    config_path: ConfigPath = None,
    model: WanModel = None,
    encoder: Annotated[str | None, typer.Option(help="cpu, gpu or int8.")] = None,
    host: Annotated[str, typer.Option(help="Address to serve at; one that others reach needs a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8760,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="REVERIE_PROMPTS_TOKEN", help="What nodes must send: wan.encoder http://TOKEN@host."
        ),
    ] = None,
) -> None:
    """Encode prompts for boxes that have no encoder (their wan.encoder: http://this-machine:8760)."""
    _need_wan()
    import uvicorn
    from pydantic import SecretStr

    from reverie.serve import listen, url_of
    from reverie.video.wan.checkpoint import find
    from reverie.video.wan.text import lend, load_node
    from reverie.web.prompts import make_prompts_app

    secret = None if token is None else SecretStr(token)
    address = _validated(config.Serve, "--host", host, host=host, port=port, token=secret)
    wan = _wan_generators(_load(config_path), model, encoder)[0].wan
    node = load_node(wan, find(wan.model))
    app = make_prompts_app(address, functools.partial(lend, node))
    with listen(address) as listener:
        err.print(
            f"prompts of {escape(wan.model)} at {url_of(address, listener)} (Ctrl-C ends it)", soft_wrap=True
        )
        uvicorn.Server(
            uvicorn.Config(app, http="h11", log_config=None, access_log=False, server_header=False)
        ).run(sockets=[listener])


def _wan_generators(
    settings: config.Config, model: str | None, encoder: str | None
) -> list[config.Generator]:
    """The configured diffusion models, or one as it comes, with what the command line says otherwise."""
    found = [generator for generator in settings.generators if generator.kind == "wan"]
    changed = {key: value for key, value in (("model", model), ("encoder", encoder)) if value is not None}
    return [
        generator.model_copy(
            update={
                "wan": _validated(
                    config.Wan, "--model or --encoder", changed, **{**generator.wan.model_dump(), **changed}
                )
            }
        )
        for generator in found or [config.Generator(kind="wan", name="wan", width=832, height=480)]
    ]


def _prompts(
    settings: config.Config, generator: config.Generator, also: Path | None, tones: list[str] | None
) -> list[str]:
    """What a diffusion model can be asked to show: the negative prompt, the operator's own, the stories'."""
    from reverie.story.director import TONES
    from reverie.story.repertoire import make_repertoire
    from reverie.video.wan.recipe import make_recipe

    own: list[str] = []
    if also is not None:
        try:
            own = [line.strip() for line in also.read_text(encoding="utf-8").splitlines() if line.strip()]
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--also {also}: cannot be read as UTF-8 text: {error}") from error
    for tone in tones or ():
        if tone not in TONES:
            raise ConfigError(f"--tone {tone}: allowed are {', '.join(TONES)}")
    stories = make_repertoire(settings, generator.wan.language, tones or TONES)
    lines = min(generator.width, generator.height)
    return list(dict.fromkeys([make_recipe(generator.wan, lines).negative, *own, *stories]))


def _compiled(wan: config.Wan, to: Path | None) -> Embeddings | None:
    """The compiled prompts of a model; None where there are none, or no such model."""
    from reverie.errors import GeneratorError
    from reverie.video.wan.checkpoint import find
    from reverie.video.wan.embeddings import folder_of, open_embeddings

    if to is not None or wan.embeddings is not None:
        return open_embeddings(to or wan.embeddings or Path())
    try:
        path = find(wan.model)
    except GeneratorError:
        return None
    return open_embeddings(folder_of(wan, path))


def _need_wan() -> None:
    """Raises ConfigError where the diffusion model's libraries are not installed."""
    for name in ("torch", "transformers"):
        if importlib.util.find_spec(name) is None:
            raise ConfigError(f"encoding prompts needs {name}: pip install 'reverie[wan]'")


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


def _bars() -> Progress:
    """Bars that show shares, on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from error
