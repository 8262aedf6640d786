"""`reverie prompts`: encode ahead of time what a diffusion model will be asked, list it, or serve it."""

from __future__ import annotations

import functools
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from reverie import config
from reverie.cli.terminal import ConfigPath, err, load, out, progress, stop_on_signals, validated
from reverie.clock import SystemClock
from reverie.errors import Cancelled, ConfigError

if TYPE_CHECKING:
    from reverie.video.wan.embeddings import Embeddings

commands = typer.Typer(
    no_args_is_help=True,
    help="Prompts of the diffusion model, encoded ahead of time: a box that has them needs no text encoder.",
)

WanModel = Annotated[
    str | None, typer.Option("--model", help="A checkpoint's folder or name, instead of the configured one.")
]
Tones = Annotated[
    list[str] | None,
    typer.Option("--tone", help="Only this tone (repeat it for more). Else all four: a dial may choose any."),
]
Also = Annotated[
    Path | None, typer.Option("--also", help="A text file with more prompts of your own, one a line.")
]


@commands.command("compile")
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

    settings = load(config_path)
    stop = stop_on_signals()
    for generator in _wan_generators(settings, model, encoder):
        wanted = _prompts(settings, generator, also, tone)
        path = find(generator.wan.model)
        folder = to or folder_of(generator.wan, path)
        with progress("prompts", len(wanted)) as tick:

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


@commands.command("list")
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
    settings = load(config_path)
    for generator in _wan_generators(settings, model, None):
        wanted = _prompts(settings, generator, also, tone)
        negative = _negative(generator)
        there = _compiled(generator.wan, to)
        for prompt in wanted:
            compiled = there is not None and there.path_of(prompt).is_file()
            if as_json:
                line = {"generator": generator.name, "prompt": prompt, "compiled": compiled}
                line["negative"] = prompt == negative
                sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
            else:
                label = "what guidance leads away from (wan.negative): " if prompt == negative else ""
                sys.stdout.write(f"{'compiled' if compiled else 'missing '}  {label}{prompt}\n")
        if not as_json:
            done = 0 if there is None else sum(there.path_of(prompt).is_file() for prompt in wanted)
            where = "" if there is None else f" in {there.folder}"
            err.print(f"{len(wanted)} prompts, {done} of them compiled{escape(where)}", soft_wrap=True)


@commands.command("serve")
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
    options = {"host": "--host", "port": "--port", "token": "--token"}
    address = validated(config.Serve, options, host=host, port=port, token=secret)
    wan = _wan_generators(load(config_path), model, encoder)[0].wan
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
                "wan": validated(
                    config.Wan,
                    {"model": "--model", "encoder": "--encoder"},
                    **{**generator.wan.model_dump(), **changed},
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

    own: list[str] = []
    if also is not None:
        try:
            own = [line.strip() for line in also.read_text(encoding="utf-8").splitlines() if line.strip()]
        except FileNotFoundError:
            raise ConfigError(f"--also {also}: no such file") from None
        except OSError as error:
            raise ConfigError(f"--also {also}: cannot be read: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"--also {also}: is not UTF-8 text: {error}") from error
    for tone in tones or ():
        if tone not in TONES:
            raise ConfigError(f"--tone {tone}: allowed are {', '.join(TONES)}")
    stories = make_repertoire(settings, generator.wan.language, tones or TONES)
    return list(dict.fromkeys([_negative(generator), *own, *stories]))


def _negative(generator: config.Generator) -> str:
    """What guidance leads away from, where nobody says otherwise."""
    from reverie.video.wan.recipe import make_recipe, resolved

    return make_recipe(resolved(generator.wan), min(generator.width, generator.height)).negative


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
