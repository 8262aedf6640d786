"""`reverie models`: models that see and models that imagine; which are here, how fast, under what licence."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from reverie import config
from reverie.cli.terminal import err, out, progress, validated
from reverie.clock import SystemClock
from reverie.errors import Cancelled, ConfigError, DetectorError, GeneratorError, StoreError

if TYPE_CHECKING:
    from reverie.models import Sheet
    from reverie.values import Frame
    from reverie.vision.model import Offer
    from reverie.vision.quantize import Agreement
    from reverie.vision.trial import Result

commands = typer.Typer(
    no_args_is_help=True,
    help="Models that see and models that imagine: fetch them, see which are here, how fast they are.",
)

_FETCH = "fetch one with `reverie models pull"
_PIPX = "pipx install ultralytics (AGPL-3.0)"

Footage = Annotated[list[str], typer.Argument(help="Video files or folders of pictures, of the very place.")]


@commands.command("pull")
def pull_command(
    model: Annotated[
        str,
        typer.Argument(
            help="To see: yolov8n, s, m, l or x, each also with -pose. To imagine: `wan` (Wan2.2-TI2V-5B), "
            "fastwan2.2-ti2v-5b, wan2.1-t2v-1.3b, wan2.2-t2v-a14b, or a repository of the Hugging Face "
            "hub as OWNER/NAME."
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
    from reverie import hub
    from reverie.models import DETECTORS

    place = hub.place_of(model)
    whole = DETECTORS[place.name].file if place.name in DETECTORS else "model_index.json"
    target = place if to is None else config.home(to)
    if to is not None and os.path.isdir(target) and not (target / whole).exists():
        target /= place.name
    if any((target / name).exists() for name in (whole, str(Path(whole).with_suffix(".onnx")))):
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
        *([("mind", offer.warning)] if offer.warning else []),
    ):
        out.print(f"{what:8} {escape(told)}", soft_wrap=True)
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError("nobody is here to ask (the input is no terminal): add --yes to fetch it")
        try:
            agreed = typer.confirm("Fetch it?")
        except typer.Abort:
            raise Cancelled("nothing was fetched") from None
        if not agreed:
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
    if offer.is_detector:
        called = place.name if to is None else str(target / offer.files[0].path)
        out.print(f"to look with it: `detector.model: {escape(called)}`", soft_wrap=True)
        if offer.warning and shutil.which("yolo") is None:
            advice = f"before that it is exported once, by `yolo` of ultralytics: {_PIPX}"
            out.print(escape(advice), soft_wrap=True)
    elif importlib.util.find_spec("torch") is None:
        out.print(escape("to run it, install what it needs: pip install 'reverie[wan]'"), soft_wrap=True)


@commands.command("list")
def list_command() -> None:
    """The models that are here: what they see or imagine, whether they run here, licence, size, and place."""
    from reverie import hub, models
    from reverie.assets import asset
    from reverie.vision import model as seam

    folder = models.models_folder()
    offers = seam.offers()
    out.print("[bold]see[/bold]  (the names are what `detector.model` takes)")
    embedded = models.read_sheet(asset("centernet_384x512.onnx"))
    _list_detector(embedded, offers, "embedded", "comes along")
    sheets = [models.read_sheet(path) for path in models.detector_files(folder)]
    for sheet in sheets:
        _list_detector(sheet, offers, models.words(sheet.name), models.words(str(sheet.path.absolute())))
    if not sheets:
        out.print(f"{'':11}none in {escape(str(folder))}; {_FETCH} yolov8n`", soft_wrap=True)
    out.print("[bold]imagine[/bold]")
    found = hub.models(folder)
    for model in found:
        state = f"[green]{model.kind}[/green]" if not model.fault else "[red]not whole[/red]"
        why = f"  {escape(model.fault)}" if model.fault else ""
        path = model.path.absolute()
        name = _name(path)
        called = f"{escape(name)}  " if name is not None else ""
        licence = f"  {escape(model.licence)}" if model.licence else ""
        out.print(
            f"{hub.gigabytes(model.size):>9}  {state}  {called}{escape(str(path))}{why}{licence}",
            soft_wrap=True,
        )
    if not found:
        out.print(f"{'':11}none in {escape(str(folder))}; {_FETCH} wan`", soft_wrap=True)
    elif importlib.util.find_spec("torch") is None:
        out.print(escape(f"{'':11}none of them runs here yet: pip install 'reverie[wan]'"), soft_wrap=True)
    out.print(f"[bold]run here[/bold]  {escape(_engines(offers))}", soft_wrap=True)


def _list_detector(sheet: Sheet, offers: Sequence[Offer], name: str, place: str) -> None:
    from reverie import hub

    what = [sheet.task or "task not stated", f"{sheet.things} things" if sheet.things else "", sheet.side]
    told = ", ".join(word for word in [*what, sheet.quantized and "INT8"] if word)
    state = f"[red]{escape(sheet.fault)}[/red]" if sheet.fault else escape(told)
    out.print(
        f"{hub.gigabytes(sheet.size):>9}  {escape(name)}  {state}  {escape(_runs(sheet, offers))}  "
        f"{escape(sheet.licence)}  {escape(place)}",
        soft_wrap=True,
    )


def _runs(sheet: Sheet, offers: Sequence[Offer]) -> str:
    """Whether a file runs on this box, in words."""
    from reverie.vision.export import PICKLES
    from reverie.vision.model import READERS

    suffix = sheet.path.suffix.lower()
    if suffix in PICKLES:
        return "runs once exported" if shutil.which("yolo") else f"to be exported first: {_PIPX}"
    engines = dict.fromkeys(offer.engine for offer in offers if offer.engine in READERS.get(suffix, ()))
    return f"runs on {', '.join(engines)}" if engines else f"nothing here runs {suffix} files"


def _engines(offers: Sequence[Offer]) -> str:
    return ";  ".join(f"{o.engine} on {o.device} ({o.name}): {', '.join(o.precisions)}" for o in offers)


def _name(path: Path) -> str | None:
    """The short name of a model's folder, else its hub id; None: only the folder itself says which it is."""
    from reverie import hub
    from reverie.models import DETECTORS
    from reverie.video.wan import checkpoint

    for name in (*DETECTORS, *sorted(checkpoint.NAMES, key=len), path.name.replace("--", "/", 1)):
        try:
            if hub.place_of(name).absolute() == path:
                return name
        except GeneratorError:
            return None
    return None


# ---------------------------------------------------------------------------------- detectors


@commands.command("export")
def export_command(
    model: Annotated[str, typer.Argument(help="A YOLOv8 .pt file of yours, or the name of a pulled one.")],
    to: Annotated[Path | None, typer.Option("--to", help="Put the .onnx there too.")] = None,
) -> None:
    """Make the .onnx of a .pt, once: `watch` does it by itself at its first start, which then takes longer.

    A .pt can run code: only one that you name is opened, by ultralytics' own `yolo`, in a process of its own.
    """
    from reverie.vision.export import exported

    path = exported(model)
    if to is None:
        out.print(f"{escape(model)} is here as {escape(str(path))}", soft_wrap=True)
        return
    target = to / f"{Path(model).stem}.onnx" if os.path.isdir(to) else to
    try:
        shutil.copyfile(path, target)
    except (OSError, shutil.SameFileError) as error:
        raise StoreError(f"{target}: cannot be written: {error}") from error
    out.print(f"{escape(model)} is here as {escape(str(target))}", soft_wrap=True)


@commands.command("check")
def check_command(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[MODEL]...", help="Which; without any: all that are here.")
    ] = None,
    footage: Annotated[str, typer.Option("--footage", help="What they look at: a film or folder.")] = "demo",
    seconds: Annotated[float, typer.Option(min=1, help="How long to measure, in all.")] = 30.0,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads of a detector.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Which detectors run on this box, and how fast: on every engine and in every precision it has.

    They take turns at each picture, so that what slows this box meanwhile slows all of them alike.
    """
    from reverie import models
    from reverie.assets import asset
    from reverie.vision import model as seam
    from reverie.vision.camera import read_frames
    from reverie.vision.export import PICKLES
    from reverie.vision.trial import measure, ways

    asked = bool(names)
    if not names:
        here = list(models.detector_files(models.models_folder()))
        names = ["embedded", *dict.fromkeys(path.stem for path in here if path.suffix.lower() not in PICKLES)]
    offers = seam.offers()
    chosen = []
    for name in names:
        path = asset("centernet_384x512.onnx") if name == "embedded" else models.find_detector(name)
        settings = validated(config.Detector, {"model": "MODEL"}, model=name, threads=threads)
        found = ways(settings, path.suffix.lower(), offers)
        if not found:
            told = f"{path}: nothing on this box runs {path.suffix} files; {_engines(offers)}"
            if asked:
                raise DetectorError(told)
            err.print(f"[yellow]left aside: {escape(models.words(told))}[/yellow]", soft_wrap=True)
        chosen += found
    film = str(asset("demo.mp4")) if footage == "demo" else footage
    with progress("pictures", None, quiet=as_json) as tick:
        looked = _ticking(_again(film, read_frames), tick)
        started = time.perf_counter()
        results = list(measure(chosen, looked, time.perf_counter, time.process_time, started + seconds))
    if as_json:
        sys.stdout.write(json.dumps([_result_json(r) for r in results], indent=1) + "\n")
    else:
        _print_results(results)
    if not any(result.looks for result in results):
        raise typer.Exit(1)


def _again(film: str, read: Any) -> Iterator[Frame]:
    """The frames of a film, and from its beginning again, without end."""
    return itertools.chain.from_iterable(read(film) for _ in itertools.count())


def _ticking(frames: Iterator[Frame], tick: Any) -> Iterator[Frame]:
    for number, frame in enumerate(frames):
        yield frame
        tick(number + 1)


def _result_json(result: Result) -> dict[str, Any]:
    model, engine, device, precision = result.way.words
    return {
        "model": model,
        "engine": engine,
        "device": device,
        "precision": precision,
        "pictures": result.looks,
        "ms": round(result.median, 2),
        "ms_p95": round(result.p95, 2),
        "cpu_ms": round(result.cpu, 2),
        "fps": round(result.fps, 1),
        "found": round(result.found, 2),
        "fault": result.fault,
    }


def _print_results(results: Sequence[Result]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("model", "engine", "device", "precision"):
        table.add_column(heading, overflow="fold")
    for heading in ("ms", "p95", "CPU ms", "fps", "found"):
        table.add_column(heading, justify="right")
    for result in results:
        if result.looks:
            figures = [f"{v:.1f}" for v in (result.median, result.p95, result.cpu, result.fps, result.found)]
            table.add_row(*map(escape, result.way.words), *figures)
    out.print(table)
    for result in results:
        if not result.looks:
            told = f"{' '.join(result.way.words)}: does not run here: {result.fault}"
            out.print(escape(told), style="yellow", soft_wrap=True)
    looks = max((result.looks for result in results), default=0)
    out.print(
        f"{looks} pictures, each seen by all in turn; ms: median; found: things in a picture", style="dim"
    )


@commands.command("quantize")
def quantize_command(
    model: Annotated[str, typer.Argument(help="`embedded`, a name or a file: the exact model.")],
    footage: Footage,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; else NAME-int8 here.")] = None,
    pictures: Annotated[int, typer.Option(min=10, max=5000, help="Pictures to look at, at most.")] = 500,
    anyway: Annotated[bool, typer.Option("--anyway", help="Keep it even if it lost too much.")] = False,
) -> None:
    """Make a detector's 8-bit file, for Intel CPUs above all, from footage of your own cameras.

    Four fifths of the pictures tell it which numbers to expect; with the last fifth of each film it is
    compared with the exact file. One that lost too much is not put in place.
    """
    from reverie import models
    from reverie.vision.detector import load_detector
    from reverie.vision.export import exported
    from reverie.vision.model import installed
    from reverie.vision.quantize import FEW, compare, quantize

    source = None if model == "embedded" else exported(model)
    name = f"{'embedded' if model == 'embedded' else Path(model).stem}-int8"
    target = models.models_folder() / f"{name}.onnx" if to is None else config.home(to)
    if os.path.isdir(target):
        target /= f"{name}.onnx"
    if target.suffix != ".onnx":
        raise ConfigError(f"--to {target}: must be a folder, or end in .onnx")
    if source is not None and os.path.exists(target) and os.path.samefile(target, source):
        raise ConfigError(f"--to {target}: is the exact model itself; choose another file")
    if not installed("openvino"):
        err.print(
            "[yellow]OpenVINO is not installed, and only with it is an 8-bit file faster: "
            + escape("pip install 'reverie[fast]'")
            + "[/yellow]",
            soft_wrap=True,
        )
    calibrating, comparing = _split(footage, pictures)
    amount = sum(map(len, calibrating.values()))
    if amount < FEW:
        err.print(
            f"[yellow]only {amount} pictures to calibrate on; {FEW} or more, of different times of day, are "
            "advised: with few of them a file may lose much of what it could see[/yellow]",
            soft_wrap=True,
        )
    settings = config.Detector(model=model)
    draft = target.with_name(f".{target.stem}.draft.onnx")
    try:
        with progress("calibrating", amount) as tick:
            quantize(settings, _chosen(calibrating), draft, tick)
        with progress("comparing", sum(map(len, comparing.values()))) as tick:
            other = load_detector(settings.model_copy(update={"model": str(draft.absolute())}))
            agreement = compare(load_detector(settings), other, _chosen(comparing), tick)
        _judge(agreement, target, anyway)
        draft.replace(target)
    except OSError as error:
        raise StoreError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    called = target.stem if to is None else str(target)
    out.print(
        f"{escape(str(target))} is here; `reverie models check {escape(model)} {escape(called)}` measures it",
        soft_wrap=True,
    )


def _judge(agreement: Agreement, target: Path, anyway: bool) -> None:
    """Tell how far the new file agrees with the exact one. Raises DetectorError when that is not enough."""
    out.print(
        f"on {agreement.pictures} other pictures the exact file found {agreement.expected} things, this one "
        f"{agreement.found}, {agreement.same} of them the same: recall {agreement.recall:.3f}, precision "
        f"{agreement.precision:.3f}",
        soft_wrap=True,
    )
    if agreement.fault and not anyway:
        advice = (
            "use more footage, of the place itself and with people in it; --anyway writes it all the same"
        )
        raise DetectorError(f"{target}: not written: {agreement.fault}; {advice}")
    if agreement.fault:
        err.print(f"[yellow]{escape(agreement.fault)}; written all the same[/yellow]", soft_wrap=True)


def _split(footage: Sequence[str], pictures: int) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
    """Which frames of each film to calibrate on and which to compare on; `pictures` at most in all."""
    from reverie.vision.camera import read_frames
    from reverie.vision.quantize import spread

    calibrating, comparing = {}, {}
    with progress("counting frames", None) as tick:
        for film in dict.fromkeys(footage):
            count = 0
            for count, _ in enumerate(read_frames(film), 1):
                tick(count)
            first, last = spread(count, max(1, pictures // len(set(footage))))
            calibrating[film], comparing[film] = set(first), set(last)
    return calibrating, comparing


def _chosen(wanted: dict[str, set[int]]) -> Iterator[Frame]:
    """The wanted frames of each film, one by one."""
    from reverie.vision.camera import read_frames

    for film, indices in wanted.items():
        if indices:
            last = max(indices) + 1
            yield from (f for f in itertools.islice(read_frames(film), last) if f.index in indices)
