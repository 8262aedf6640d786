"""`reverie pictures`: the operator's own pictures, what films make of them, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from reverie import config
from reverie.cli.terminal import ConfigPath, load, out
from reverie.errors import ConfigError

if TYPE_CHECKING:
    from reverie.pictures import Gallery

commands = typer.Typer(no_args_is_help=True, help="Your own pictures of things, as films show them.")

ENDINGS = (".png", ".webp", ".jpg")
"""Kinds of sheets that are written."""


@commands.callback()
def pictures() -> None:
    """Your own pictures of things, as films show them."""


@commands.command()
def check(
    config_path: ConfigPath = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", "-f", help="The pictures' folder; else the configured ones.")
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", help="Draw all of them into this file: on a checkerboard and in two scenes."),
    ] = None,
) -> None:
    """What each picture is, what it stands for, and what is wrong with it. Exit 1 if anything is."""
    from reverie.video.storyboard.exhibit import review

    if sheet is not None and sheet.suffix.lower() not in ENDINGS:
        raise ConfigError(f"--sheet {sheet}: allowed are {', '.join(ENDINGS)}")
    settings = load(config_path)
    gallery = _gallery(settings, folder)
    words = _words(settings, gallery)
    wrong = False
    for fault in gallery.faults:
        wrong = True
        _tell("wrong", str(fault.where), fault.told)
    for label, picture in gallery.pictures.items():
        found = review(picture)
        stands = f"shown for {words[label]}" if label in words else ""
        if found.complaint:
            wrong = True
            _tell("wrong", label, f"{found.complaint}; films draw {words.get(label, 'it')} instead")
            continue
        if not stands:
            wrong = True
            _tell("wrong", label, f"{picture.path}: no word of the vocabulary, and no product: never shown")
        _tell("ok", label, "; ".join(filter(None, (stands, found.told))))
        for remark in found.remarks:
            _tell("note", label, remark)
    if not gallery.pictures:
        out.print(escape(f"no pictures in {_where(settings, folder)}"), soft_wrap=True)
    elif sheet is not None:
        _write(gallery, words, sheet)
    if wrong:
        raise typer.Exit(1)


def _folders(settings: config.Config, folder: Path | None) -> list[tuple[Path | None, Path | None]]:
    if folder is not None:
        return [(config.home(folder), settings.products)]
    return list(dict.fromkeys((g.pictures, g.products or settings.products) for g in settings.generators))


def _where(settings: config.Config, folder: Path | None) -> str:
    named = [str(place) for pair in _folders(settings, folder) for place in pair if place is not None]
    return ", ".join(dict.fromkeys(named)) or "any folder: set generators[].pictures, or products"


def _gallery(settings: config.Config, folder: Path | None) -> Gallery:
    """All pictures of all generators; of two with one name the first generator's. Raises ConfigError."""
    from reverie.pictures import Gallery, Picture, read_gallery

    pictures: dict[str, Picture] = {}
    faults = []
    for own, products in _folders(settings, folder):
        if own is not None and not own.is_dir():
            raise ConfigError(f"{own}: no such folder; make it, with a picture in it for each thing")
        found = read_gallery(own, products)
        pictures = {**found.pictures, **pictures}
        faults += [fault for fault in found.faults if fault not in faults]
    return Gallery(pictures, tuple(faults))


def _words(settings: config.Config, gallery: Gallery) -> Mapping[str, str]:
    """What stories draw for each label that they can show; a product without a word is a parcel."""
    from reverie.shelf import read_shelf
    from reverie.story.library import STAND_IN
    from reverie.story.vocabulary import NOUN

    folders = {g.products or settings.products for g in settings.generators} - {None}
    taught = {p.label: p.word for folder in folders if folder for p in read_shelf(folder).products}
    return {
        label: taught[label] if taught.get(label) in NOUN else label if label in NOUN else STAND_IN
        for label in gallery.pictures
        if label in NOUN or label in taught
    }


def _write(gallery: Gallery, words: Mapping[str, str], file: Path) -> None:
    from PIL import Image as Pillow

    from reverie.video.storyboard.exhibit import exhibit

    try:
        Pillow.fromarray(exhibit(gallery, words)).save(file)
    except OSError as error:
        raise ConfigError(f"--sheet {file}: cannot be written: {error.strerror or error}") from None
    out.print(escape(f"the sheet: {file}"), soft_wrap=True)


def _tell(verdict: str, what: str, told: str) -> None:
    colour = {"ok": "green", "note": "yellow", "wrong": "red"}[verdict]
    out.print(
        f"[{colour}]{verdict:>5}[/{colour}]  [bold]{escape(what)}[/bold]  {escape(told)}", soft_wrap=True
    )
