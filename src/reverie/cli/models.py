"""`reverie models`: fetch models that imagine, and see which are here."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Annotated

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

from reverie.cli.terminal import err, out
from reverie.clock import SystemClock
from reverie.errors import Cancelled, ConfigError, GeneratorError

commands = typer.Typer(no_args_is_help=True, help="Models that imagine: fetch them, see which are here.")


@commands.command("pull")
def pull_command(
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
    if importlib.util.find_spec("torch") is None:
        out.print(escape("to run it, install what it needs: pip install 'reverie[wan]'"), soft_wrap=True)


@commands.command("list")
def list_command() -> None:
    """The models that are here: size, kind, what --model takes for it, folder, and whether they are whole."""
    from reverie import hub
    from reverie.video.wan import checkpoint

    folder = checkpoint.models_folder()
    found = hub.models(folder)
    for model in found:
        state = f"[green]{model.kind}[/green]" if not model.fault else "[red]not whole[/red]"
        why = f"  {escape(model.fault)}" if model.fault else ""
        path = model.path.absolute()
        name = _name(path)
        called = f"{escape(name)}  " if name is not None else ""
        out.print(
            f"{hub.gigabytes(model.size):>9}  {state}  {called}{escape(str(path))}{why}", soft_wrap=True
        )
    if not found:
        out.print(f"none in {escape(str(folder))}; `reverie models pull wan` fetches one", soft_wrap=True)


def _name(path: Path) -> str | None:
    """The short name of a model's folder, else its hub id; None: only the folder itself says which it is."""
    from reverie.video.wan import checkpoint

    for name in (*sorted(checkpoint.NAMES, key=len), path.name.replace("--", "/", 1)):
        try:
            if checkpoint.place_of(name).absolute() == path:
                return name
        except GeneratorError:
            return None
    return None
