"""`reverie products`: what was taught, how well, and what cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from reverie import config
from reverie.cli.terminal import ConfigPath, load, out, progress
from reverie.errors import ConfigError

commands = typer.Typer(
    no_args_is_help=True, help="Products that are known when they are held up: what was taught, how well."
)

FolderPath = Annotated[
    Path | None, typer.Option("--folder", "-f", help="The products' folder; else the configured one.")
]


@commands.command("list")
def list_command(config_path: ConfigPath = None, folder: FolderPath = None) -> None:
    """The products in the folder: photos, QR codes, what captions call them, what stories draw for them."""
    from reverie.shelf import read_shelf
    from reverie.story.vocabulary import NOUN

    place = _place(load(config_path), folder)
    shelf = read_shelf(place)
    for product in shelf.products:
        drawn = product.word if product.word in NOUN else "a gift"
        if product.picture is not None:
            drawn = f"{product.picture.name}, else {drawn}"
        story = f", story {product.card.topic}" if product.card.topic else ""
        codes = f", {len(product.card.codes)} QR codes" if product.card.codes else ""
        out.print(
            escape(
                f"{product.label:24}  {len(product.photos)} photos{codes}; called {product.called('en')} / "
                f"{product.called('zh')}, drawn as {drawn}{story}"
            ),
            soft_wrap=True,
        )
    for fault in shelf.faults:
        _tell("note", str(fault.where), fault.told)
    if not shelf.products:
        out.print(
            escape(f"none in {place}: make a folder there for each product, with a few photos in it"),
            soft_wrap=True,
        )


@commands.command("check")
def check_command(config_path: ConfigPath = None, folder: FolderPath = None) -> None:
    """What each photo taught, which are too poor, which products look alike. Exit 1 if anything is wrong."""
    settings = load(config_path)
    wrong = False
    for verdict, what, told in _findings(settings, _place(settings, folder)):
        wrong |= verdict == "wrong"
        _tell(verdict, what, told)
    if wrong:
        raise typer.Exit(1)


def _place(settings: config.Config, folder: Path | None) -> Path:
    place = settings.products if folder is None else config.home(folder)
    if place is None:
        raise ConfigError("products: no folder is configured; --folder names one")
    if not place.is_dir():
        raise ConfigError(f"{place}: no such folder; make it, with a folder in it for each product")
    return place


def _findings(settings: config.Config, place: Path) -> Iterator[tuple[str, str, str]]:
    """(verdict, what, message) for all there is to say."""
    from reverie.story.library import load_library
    from reverie.story.vocabulary import NOUN
    from reverie.vision.products import look_alikes
    from reverie.vision.recogniser import load_memory

    memory = load_memory(place, tell=lambda told: None)  # it is told below
    for fault in memory.shelf.faults:
        yield "wrong", str(fault.where), fault.told
    library = load_library(settings.story.library)
    taught = memory.lessons()
    for product in memory.products:
        word, topic = product.card.word, product.card.topic
        if word and word not in NOUN:
            yield "wrong", product.label, f"word: the vocabulary has no {word!r}: a gift is drawn"
        if topic and library.story(topic) is None:
            yield (
                "wrong",
                product.label,
                f"topic: no such story: {topic!r}; it is told as any product",
            )
        lessons = [lesson for owner, lesson in taught if owner is product]
        if not any(lesson.views for lesson in lessons) and not product.card.codes:
            yield "wrong", product.label, "no photo taught anything: it will not be known"
        for lesson in lessons:
            name = f"{product.label}/{lesson.photo.name}"
            if lesson.complaint:
                yield "note", name, lesson.complaint
            else:
                yield "ok", name, f"{lesson.corners} corners"
    with progress("comparing", len(taught)) as tick:
        for one, other in look_alikes([(product.label, lesson) for product, lesson in taught], tick):
            yield (
                "note",
                f"{one}, {other}",
                "look alike: often neither of the two is named; a QR code or photos of other sides help",
            )


def _tell(verdict: str, what: str, told: str) -> None:
    colour = {"ok": "green", "note": "yellow", "wrong": "red"}[verdict]
    out.print(
        f"[{colour}]{verdict:>5}[/{colour}]  [bold]{escape(what)}[/bold]  {escape(told)}", soft_wrap=True
    )
