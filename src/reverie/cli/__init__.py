"""cli: one subcommand a program or tool, in files by what they are for.

Everything heavy is imported inside the command that needs it, so that `reverie --help` is quick.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.markup import escape

from reverie import __version__, config
from reverie.cli import bench, box, films, models, pictures, products, prompts, storyboard, tools
from reverie.cli.replay import replay
from reverie.cli.terminal import err, out
from reverie.errors import Cancelled, ReverieError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="A device that sees, and imagines: a camera watches, a story answers, a short film plays. "
    "All of it on this machine.\n\nStart with [bold]reverie demo[/bold].",
)


def main() -> None:
    """The `reverie` command: errors of ours are one line and exit 1; who stops it by Ctrl-C gets 130."""
    try:
        app()
    except ReverieError as error:
        err.print(f"[red]reverie:[/red] {escape(config.mask(str(error)))}", soft_wrap=True)
        sys.exit(130 if isinstance(error, Cancelled) else 1)
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


# In the order of `reverie --help`.
app.command()(box.demo)
app.command()(box.run)
app.command(hidden=True)(box.program)
app.command()(tools.init)
app.command()(tools.check)
app.command("config")(tools.config_command)
app.command()(tools.detect)
app.command()(replay)
app.add_typer(bench.commands, name="bench")
app.command()(tools.brief)
app.command()(films.generate)
app.add_typer(storyboard.commands, name="storyboard")
app.add_typer(models.commands, name="models")
app.add_typer(prompts.commands, name="prompts")
app.add_typer(products.commands, name="products")
app.add_typer(pictures.commands, name="pictures")
