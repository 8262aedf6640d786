"""`reverie generate`: a short film of a text, or a folder of films from a list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from reverie import config
from reverie.cli.terminal import bars, err, load, out, stop_on_signals
from reverie.errors import Cancelled, ConfigError

if TYPE_CHECKING:
    from reverie.commission import Commission

WHO, WHAT, LIST = "Who makes it", "What is made", "A list of films"
"""Panels of the help of `generate`."""


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
            "models pull` fetched (`wan`), a folder with a checkpoint, or http://…/v1 of another machine "
            "(http://TOKEN@…/v1 where it wants one).",
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
    sound: Annotated[
        Literal["off", "bed", "narrated"] | None,
        typer.Option(
            help="`bed`: quiet music and effects; `narrated`: captions said too, by espeak-ng or Piper. Else "
            "as the configuration of --generator has it, and silent.",
            rich_help_panel=WHAT,
        ),
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
    chosen, heard = None, config.SILENT
    if generator is not None:
        there = config_path or Path("reverie.yaml")
        box = load(config_path)
        chosen = configured(box, generator, str(there) if there.exists() else "the default configuration")
        heard = box.sound
    if sound is not None:
        heard = heard.model_copy(update={"films": sound})
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
        _make_films(rows, folder, asked, chosen, heard, gate=not no_gate)
    elif output is not None:
        _make_film(output, asked, chosen, heard, gate=not no_gate)


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


def _make_film(
    output: Path, asked: Commission, configured: config.Generator | None, sound: config.Sound, *, gate: bool
) -> None:
    from reverie import generate as making
    from reverie import wishes
    from reverie.commission import job_of, settings_of
    from reverie.story.library import load_library

    settings = settings_of(asked, configured)
    job = job_of(asked, settings, load_library(None), sound)
    with bars() as bar:
        task = bar.add_task(f"loading {settings.name}", total=None)
        generator = wishes.load(settings, warm=False)
        stop = stop_on_signals()
        bar.update(task, description=f"making {escape(output.name)}", total=1.0, completed=0.0)

        def progress(share: float) -> None:
            if stop.is_set():
                raise Cancelled("stopped; nothing was written")
            bar.update(task, completed=share)

        narrator = making.make_narrator(sound)
        made = making.make_file(generator, settings, job, output, "reverie", progress, gate, narrator)
    if made.wrong is not None:
        err.print(f"[yellow]kept, though[/yellow] {escape(made.wrong)}", soft_wrap=True)
    out.print(f"{escape(str(output))}: {made.frames} frames, {made.seconds:.1f} s, {made.size / 1000:.0f} kB")


def _make_films(
    rows: Path,
    folder: Path,
    asked: Commission,
    configured: config.Generator | None,
    sound: config.Sound,
    *,
    gate: bool,
) -> None:
    from reverie import batch
    from reverie.generate import make_narrator
    from reverie.story.library import load_library

    films = batch.read(rows, asked, load_library(None), configured, sound)
    stop = stop_on_signals()
    with bars() as bar:
        whole, one = bar.add_task("films", total=len(films)), bar.add_task("", total=1.0)

        class Bars:
            def row(self, done: int, total: int, name: str) -> None:
                bar.update(whole, completed=done, description=f"films {done}/{total}")
                bar.update(one, completed=0.0, description=escape(name))

            def share(self, share: float) -> None:
                if stop.is_set():
                    raise Cancelled("stopped")
                bar.update(one, completed=share)

        report = batch.run(films, folder, Bars(), gate, make_narrator(sound))
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
