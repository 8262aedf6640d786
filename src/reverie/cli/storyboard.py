"""`reverie storyboard sheet`: all that the storyboard can draw, on contact sheets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from reverie.cli.terminal import out, progress
from reverie.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reverie.story.library import Library
    from reverie.values import Brief, Language, Light
    from reverie.video.storyboard.sheet import Panel

commands = typer.Typer(no_args_is_help=True, help="The animation studio that runs on any machine.")

Section = Literal["actions", "settings", "topics", "stories", "classes", "words"]
SECTIONS: tuple[Section, ...] = ("actions", "settings", "topics", "stories", "classes", "words")
COLUMNS: dict[Section, tuple[int, int, int]] = {
    "actions": (2, 12, 240),
    "settings": (4, 8, 320),
    "topics": (1, 8, 320),
    "stories": (2, 16, 240),
    "classes": (5, 8, 280),
    "words": (5, 8, 280),
}
"""Of each section's pages: columns, rows, and how wide a picture is, pixels."""

DOERS = {
    "erupt": "volcano",
    "grow": "flower",
    "evaporate": "water",
    "condense": "cloud",
    "rain": "cloud",
    "snow": "cloud",
    "shine": "sun",
    "melt": "ice cream",
    "boil": "water",
    "orbit": "moon",
    "fly": "bird",
    "float": "balloon",
    "fall": "leaf",
}
"""Who does it on the sheet; a child does the rest."""

PLACES = {
    "shine": "sky",
    "condense": "sky",
    "fall": "forest",
    "erupt": "prehistoric",
    "orbit": "space",
    "swim": "sea",
    "boil": "kitchen",
    "evaporate": "sea",
}
"""Where it is done on the sheet; the park else."""


@commands.command()
def sheet(
    folder: Annotated[Path, typer.Option("--out", "-o", help="The folder that the sheets are written to.")],
    only: Annotated[
        str | None,
        typer.Option(help=f"One of {', '.join(SECTIONS)}, or such as actions/walk, topics/volcano."),
    ] = None,
    language: Annotated[Literal["en", "zh"], typer.Option(help="Of the captions.")] = "en",
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT of the films, in pixels.")] = "640x480",
) -> None:
    """Draw every action, setting, topic, story, class and word on contact sheets (JPEG)."""
    import cv2

    from reverie.video.storyboard.sheet import pages

    pixels = _pixels(size)
    section, _, name = (only or "").partition("/")
    if only and section not in SECTIONS:
        raise ConfigError(f"--only {only}: there is no section {section!r}; allowed: {', '.join(SECTIONS)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {folder}: no folder can be made there: {error.strerror}") from None
    cv2.setNumThreads(1)
    for each in SECTIONS:
        if section not in ("", each):
            continue
        panels = [panel for panel in _panels(each, language) if not name or panel.name == name]
        if not panels:
            raise ConfigError(f"--only {only}: {each} have no {name!r}")
        columns, rows, cell = COLUMNS[each]
        total = -(-len(panels) // (columns * rows))
        with progress(each, total) as done:
            for i, page in enumerate(pages(panels, size=pixels, columns=columns, rows=rows, cell=cell), 1):
                path = folder / (f"{each}.jpg" if total == 1 else f"{each}-{i}.jpg")
                if not cv2.imwrite(str(path), page[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 74]):
                    raise ConfigError(f"--out {folder}: {path.name} cannot be written there")
                done(i)
                out.print(escape(str(path)), soft_wrap=True)


@commands.command()
def topics(
    language: Annotated[Literal["en", "zh"], typer.Option(help="Of the questions.")] = "en",
) -> None:
    """List the questions that are answered by a film of their own, and where their facts may be looked up."""
    from rich.table import Table

    from reverie.story.library import explainers

    table = Table("topic", "a question that it answers", "source")
    for story in explainers():
        table.add_row(story.topic, next(iter(story.questions.of(language)), ""), escape(story.source))
    out.print(table)


def _pixels(size: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{2,4})x(\d{2,4})", size)
    pixels = (int(found[1]), int(found[2])) if found else (0, 0)
    if min(pixels) < 160 or max(pixels) > 3840 or pixels[0] % 2 or pixels[1] % 2:
        raise ConfigError(f"--size {size}: WIDTHxHEIGHT is expected, even numbers from 160 to 3840: 640x480")
    return pixels


# ---------------------------------------------------------------------------------- what is on them


def _panels(section: Section, language: Language) -> Sequence[Panel]:
    from reverie.story.library import load_library, make_brief
    from reverie.story.vocabulary import ACTION, EXTRAS, LABELS, SETTING
    from reverie.video.storyboard.scenes import TOPICS
    from reverie.video.storyboard.sheet import Panel

    library = load_library(None)
    told = {story.topic: story for story in library.stories if not story.wild}
    match section:
        case "actions":
            return [Panel(name, _action(name, language), (0.12, 0.4, 0.62, 0.85)) for name in ACTION]
        case "settings":
            lights: tuple[Light, ...] = ("dawn", "day", "dusk", "night")
            return [
                Panel(f"{name}, {light}", _setting(name, light, language), (0.5,))
                for name in SETTING
                for light in lights
            ]
        case "topics":
            names = [name for name in told if name in TOPICS]
        case "stories":
            names = [name for name in told if name not in TOPICS and not name.startswith("show/")]
        case "classes":
            return [_class(library, label, language) for label in LABELS]
        case "words":
            return [Panel(noun.name, _word(noun.name, language), (0.5,)) for noun in EXTRAS]
    briefs = [make_brief(library, told[name], "popular-science", language) for name in names]
    return [Panel(brief.topic, brief, _middles(brief)) for brief in briefs]


def _class(library: Library, label: str, language: Language) -> Panel:
    """What is told when `label` is held up, in the shot that shows it; where none does, the thing itself."""
    from reverie.story.library import make_brief
    from reverie.video.storyboard.sheet import Panel

    story = library.story(f"show/{label}")
    start = 0.0
    if story is not None:
        brief = make_brief(library, story, "popular-science", language)
        for shot in brief.shots:
            if label in (shot.subject, shot.object):
                return Panel(label, brief, ((start + 0.62 * shot.seconds) / brief.seconds,))
            start += shot.seconds
    return Panel(label, _word(label, language), (0.5,))


def _middles(brief: Brief) -> tuple[float, ...]:
    """Two moments of each shot, three where there is but one, as shares of the film."""
    within = (0.2, 0.5, 0.85) if len(brief.shots) == 1 else (0.42, 0.86)
    start, found = 0.0, []
    for shot in brief.shots:
        found += [(start + shot.seconds * share) / brief.seconds for share in within]
        start += shot.seconds
    return tuple(found)


def _action(name: str, language: Language) -> Brief:
    from reverie.story.vocabulary import ACTION

    verb = ACTION[name]
    caption = verb.zh if language == "zh" else _opened(verb.ing_alone)
    return _brief(DOERS.get(name, "child"), name, PLACES.get(name, "park"), caption, "day", language)


def _setting(name: str, light: Light, language: Language) -> Brief:
    from reverie.story.vocabulary import SETTING

    word = SETTING[name]
    caption = word.zh if language == "zh" else _opened(word.en)
    return _brief("dog", "walk", name, caption, light, language)


def _word(name: str, language: Language) -> Brief:
    from reverie.story.vocabulary import NOUN

    noun = NOUN[name]
    caption = noun.zh if language == "zh" else _opened(noun.phrase_en)
    return _brief(name, "appear", "studio", caption, "day", language)


def _opened(text: str) -> str:
    """`text` as a sentence begins."""
    return text[:1].upper() + text[1:]


def _brief(subject: str, action: str, setting: str, caption: str, light: Light, language: Language) -> Brief:
    from reverie.values import Brief, Shot

    shot = Shot(subject, action, None, setting, "cheerful", caption, 4.0, light)
    return Brief("sheet", (shot,), "plain", language)
