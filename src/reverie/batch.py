"""batch: a list of films in a CSV file → films in a folder.

    read → films, each a row's commission and job → by generator: load it once → film by film → notes → report

A film that is there and was made from the same row is not made again, so a list that was broken off goes on
where it was. A row that fails is told at the end and does not stop the others.
"""

from __future__ import annotations

import contextlib
import csv
import difflib
import fcntl
import hashlib
import io
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from reverie import commission, config, generate, wishes
from reverie.commission import Commission, Wrong
from reverie.errors import Cancelled, ConfigError, ReverieError, StoreError
from reverie.story.library import Library
from reverie.values import Job
from reverie.video.generator import Generator
from reverie.video.sound.narrator import Narrator

COLUMNS = {
    "prompt": "what to show",
    "name": "the film's file name, without .mp4",
    "model": "storyboard, a name that `reverie models pull` knows, a folder, or an http address",
    "preset": "quality, fast or edge",
    "size": "WIDTHxHEIGHT",
    "fps": "frames a second",
    "seconds": "length",
    "frames": "length in frames, instead of seconds",
    "steps": "denoising steps",
    "guidance": "how strictly the text is followed",
    "seed": "a whole number",
    "negative": "what to lead away from",
    "picture": "a picture that the film begins with; its path is taken from the list's folder",
    "language": "en or zh",
}
"""The columns that a list may have. `prompt` is needed; an empty cell is as if its column were not there."""

NOTES = "reverie-films.json"
"""In the folder: from what each film of it was made."""

SEPARATORS = (",", ";", "\t")
"""What may be between columns; Excel writes semicolons where a comma is the decimal point."""

MISTAKES = 20
"""Mistakes of a list that are told at once."""

NAME_BYTES = 200
"""Bytes of a name that a row gives itself: a file's may have 255, and is longer while it is made."""

NAME_LENGTH = 48
"""Characters of a name made from a prompt."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list: `line` where it begins, counted from 1; `name` of the film's file."""

    line: int
    name: str
    commission: Commission


@dataclass(frozen=True, slots=True)
class Film:
    """A row that was found to be makeable: who makes it, and the job."""

    row: Row
    settings: config.Generator
    job: Job


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a list. `failed` are rows with the reason; `left` are rows that were not begun."""

    made: int
    kept: int
    failed: tuple[tuple[Row, str], ...]
    left: int


class Watcher(Protocol):
    """Who is told how it goes. `share` raises Cancelled when somebody wants it to end."""

    def row(self, done: int, total: int, name: str) -> None: ...

    def share(self, share: float) -> None: ...


# ---------------------------------------------------------------------------------- reading


def read(
    path: Path,
    defaults: Commission,
    library: Library,
    configured: config.Generator | None = None,
    sound: config.Sound = config.SILENT,
) -> tuple[Film, ...]:
    """Who makes each row of the list at `path`, and its job. Loads no model.

    What a row leaves open is as in `defaults`; `configured` makes those that name no model. `library` has the
    stories that storyboards tell; all films sound of `sound`. Raises ConfigError: file, line, column, what
    was found, what is allowed; one line a mistake.
    """
    films: list[Film] = []
    mistakes: dict[int, str] = {}
    lines: dict[str, int] = {}
    times: Counter[str] = Counter()
    for line, cells in _table(path):
        try:
            asked = _commission(cells, defaults, path.parent)
            name = _given_name(cells, lines, line)
            settings = commission.settings_of(asked, None if asked.model is not None else configured)
            job = commission.job_of(asked, settings, library, sound)
            if asked.seed is None:  # the same row once more is another variation
                job = replace(job, take=job.take + times[job.key])
                times[job.key] += 1
            films.append(Film(Row(line, name, asked), settings, job))
        except Wrong as wrong:
            column = wrong.name in cells or wrong.name == "prompt"
            mistakes[line] = f"column {wrong.name!r}: {wrong.why}" if column else str(wrong)
        except ReverieError as error:
            mistakes[line] = str(error)
    _tell([f"{path}:{line}: {mistake}" for line, mistake in mistakes.items()])
    if not films:
        raise ConfigError(f"{path}: has a header and no rows")
    rows = [replace(film.row, name=film.row.name or _own_name(film.row, lines)) for film in films]
    return tuple(replace(film, row=row) for film, row in zip(films, rows, strict=True))


def _tell(mistakes: list[str]) -> None:
    if mistakes:
        more = len(mistakes) - MISTAKES
        raise ConfigError("\n".join(mistakes[:MISTAKES] + ([f"and {more} more"] if more > 0 else [])))


def _table(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and cells that are not empty, by column, of each row that is not. Raises ConfigError."""
    text = _text(path)
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: list[str] | None = None
    began = 1
    try:
        for cells in lines:
            line, began = began, lines.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _columns(path, line, cells)
                continue
            if len(cells) != len(columns):
                raise ConfigError(
                    f"{path}:{line}: has {len(cells)} columns, the header has {len(columns)}; a text with "
                    f"{_called(separator)} in it stands in double quotes"
                )
            filled = zip(columns, cells, strict=True)
            yield line, {name: cell.strip() for name, cell in filled if cell.strip()}
    except csv.Error as error:
        raise ConfigError(f"{path}:{began}: is not CSV: {error}") from None
    if columns is None:
        raise ConfigError(f"{path}: is empty; its first line names the columns, for example: prompt,seconds")


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    as_utf8 = "save it as UTF-8 (in Excel: the type `CSV UTF-8`)"
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ConfigError(f"{path}: is a spreadsheet, not CSV; {as_utf8}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError(f"{path}: is UTF-16; {as_utf8}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: is not UTF-8; {as_utf8}") from None
    if "\0" in text:
        raise ConfigError(f"{path}:{text.count(chr(10), 0, text.index(chr(0))) + 1}: has a zero byte in it")
    return text


def _columns(path: Path, line: int, cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    for name in names:
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(COLUMNS)}"
            raise ConfigError(f"{path}:{line}: the header names {name!r}, which is no column; {hint}")
        if names.count(name) > 1:
            raise ConfigError(f"{path}:{line}: the header names {name!r} twice")
    if "prompt" not in names:
        raise ConfigError(f"{path}:{line}: the header has no column 'prompt'; it has: {', '.join(names)}")
    return names


def _called(separator: str) -> str:
    return {",": "a comma", ";": "a semicolon", "\t": "a tab"}[separator]


def _commission(cells: dict[str, str], defaults: Commission, folder: Path) -> Commission:
    model = cells.get("model")
    if model is not None:
        defaults = commission.applying(defaults, commission.kind_of(model))
    wanted: dict[str, Any] = {
        "text": cells.get("prompt", ""),
        **{name: cells[name] for name in ("model", "preset", "size", "negative") if name in cells},
        **{name: _whole(name, cells[name]) for name in ("fps", "frames", "steps", "seed") if name in cells},
        **{name: _number(name, cells[name]) for name in ("seconds", "guidance") if name in cells},
    }
    if "picture" in cells:
        try:
            wanted["picture"] = folder / Path(cells["picture"]).expanduser()
        except RuntimeError:
            raise Wrong("picture", f"{cells['picture']}: there is no such user here") from None
    if "language" in cells:
        if cells["language"] not in ("en", "zh"):
            raise Wrong("language", f"{cells['language']}: allowed are en and zh")
        wanted["language"] = cells["language"]
    # A row that says its length in one way is not held to the other.
    if "seconds" in cells and "frames" not in cells:
        wanted["frames"] = None
    if "frames" in cells and "seconds" not in cells:
        wanted["seconds"] = None
    return replace(defaults, **wanted)


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"-?\d{1,12}", text, re.ASCII):
        raise Wrong(name, f"{text}: a whole number is expected")
    return int(text)


def _number(name: str, text: str) -> float:
    if not re.fullmatch(r"-?\d{1,9}([.,]\d{1,9})?", text, re.ASCII):
        raise Wrong(name, f"{text}: a number is expected")
    return float(text.replace(",", "."))


def _given_name(cells: dict[str, str], lines: dict[str, int], line: int) -> str:
    """The file name that a row gives itself, entered into `lines`; "" when it gives none. Raises Wrong."""
    if "name" not in cells:
        return ""
    name = cells["name"].removesuffix(".mp4")
    if not re.fullmatch(r"\w[\w .()-]{0,99}", name):
        raise Wrong(
            "name",
            f"{cells['name']}: allowed are 100 letters, digits, spaces and `._-()`, a letter or digit first",
        )
    if len(name.encode()) > NAME_BYTES:
        told = f"has {len(name.encode())} bytes; allowed are at most {NAME_BYTES}"
        raise Wrong("name", f"{cells['name']}: {told}")
    if name in lines:
        raise Wrong("name", f"{name}: is the film of line {lines[name]} already")
    lines[name] = line
    return f"{name}.mp4"


def _own_name(row: Row, lines: dict[str, int]) -> str:
    """A file name of the row's prompt that no other row has, entered into `lines`."""
    plain = re.sub(r"[\W_]+", "-", row.commission.text.lower()).strip("-")[:NAME_LENGTH].strip("-") or "film"
    name, count = plain, 1
    while name in lines:
        count += 1
        name = f"{plain}-{count}"
    lines[name] = row.line
    return f"{name}.mp4"


# ---------------------------------------------------------------------------------- making


def run(
    films: tuple[Film, ...],
    folder: Path,
    watcher: Watcher,
    gate: bool = True,
    narrator: Narrator | None = None,
) -> Report:
    """Make what is not there yet. Films of one generator follow each other: it is loaded once.

    `narrator` says the captions of films that were read with such a sound.

    Raises StoreError when the folder cannot be written or its disk is full: then no film could be kept. All
    that was made stays, and the next run goes on.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            return _made(films, folder, watcher, gate, narrator)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be used: {error.strerror}") from error


def _made(
    films: tuple[Film, ...], folder: Path, watcher: Watcher, gate: bool, narrator: Narrator | None
) -> Report:
    notes = _Notes(folder)
    made = kept = 0
    failed: list[tuple[Row, str]] = []
    todo: list[Film] = []
    for film in films:
        match notes.state(film):
            case "same":
                kept += 1
            case "changed":
                there = folder / film.row.name
                failed.append((film.row, f"{there}: was changed since it was made; not touched"))
            case "foreign":
                there = folder / film.row.name
                failed.append((film.row, f"{there}: is there, and was not made by this list; not touched"))
            case _:
                todo.append(film)
    loaded: tuple[config.Generator, Generator | ReverieError] | None = None
    for film in sorted(todo, key=_by_generator(todo)):
        done = made + kept + len(failed)
        watcher.row(done, len(films), film.row.name)
        try:
            watcher.share(0.0)
            if loaded is None or loaded[0] != _loadable(film.settings):
                loaded = None  # let go of the one before: two may not fit
                loaded = _loadable(film.settings), _load(film.settings)
            if isinstance(loaded[1], ReverieError):
                raise loaded[1]
            with notes.making(film) as out:
                clip = generate.make_file(
                    loaded[1], film.settings, film.job, out, "reverie", watcher.share, gate, narrator
                )
        except Cancelled:
            return Report(made, kept, tuple(failed), len(films) - done)
        except StoreError:
            raise
        except ReverieError as error:
            failed.append((film.row, str(error)))
            continue
        notes.add(film, clip.sha256)
        made += 1
    return Report(made, kept, tuple(failed), 0)


def _load(settings: config.Generator) -> Generator | ReverieError:
    """The generator, or why it cannot be loaded: the reason is every row's that it was to make."""
    try:
        return wishes.load(settings, warm=False)
    except ReverieError as error:
        return error


def _by_generator(films: list[Film]) -> Callable[[Film], int]:
    """A key that keeps films of one generator together, generators and films in the list's order."""
    first: dict[config.Generator, int] = {}
    for film in films:
        first.setdefault(_loadable(film.settings), film.row.line)
    return lambda film: first[_loadable(film.settings)]


def _loadable(settings: config.Generator) -> config.Generator:
    """What decides whether a loaded generator serves: it makes films of every size and rate."""
    return settings.model_copy(update={"width": 640, "height": 480, "fps": 24})


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One run at a time in a folder: a lock that goes with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise StoreError(f"{folder}: another `reverie generate --from` makes films here") from None
    finally:
        os.close(descriptor)


class _Notes:
    """From what each film of a folder was made: `NOTES`, replaced whole after every film."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._films: dict[str, dict[str, Any]] = {}
        path = folder / NOTES
        try:
            films = json.loads(path.read_text(encoding="utf-8"))["films"]
            self._films = {str(name): dict(noted) for name, noted in films.items()}
        except FileNotFoundError:
            pass
        except (ValueError, KeyError, TypeError, AttributeError):
            raise StoreError(
                f"{path}: is damaged; remove it, and move the films of {folder} elsewhere: they would not be "
                "recognised"
            ) from None

    def state(self, film: Film) -> str:
        """What is there in the film's place, if anything is.

        same: made from this very row; ours: made from an older one; changed: was ours; foreign: never was.
        """
        path = self._folder / film.row.name
        if not path.exists():
            return ""
        noted = self._films.get(film.row.name, {})
        if noted.get("sha256") == _sha256(path):
            return "same" if noted.get("film") == _film(film) else "ours"
        # Ended between the film's last byte and its note: films appear whole or not at all.
        if "begun" in noted:
            return "same" if noted["begun"] == _film(film) else "ours"
        return "changed" if noted else "foreign"

    @contextlib.contextmanager
    def making(self, film: Film) -> Iterator[Path]:
        """Where to make it; that it is being made is noted until it is noted as made, or has failed."""
        before = self._films.get(film.row.name, {})
        self._films[film.row.name] = {**before, "begun": _film(film)}
        self._write()
        try:
            yield self._folder / film.row.name
        except ReverieError:
            self._films[film.row.name] = before
            with contextlib.suppress(StoreError):  # what went wrong before is what is told
                self._write()
            raise

    def add(self, film: Film, sha256: str) -> None:
        """Note what was made."""
        prompt = film.row.commission.text
        self._films[film.row.name] = {"film": _film(film), "sha256": sha256, "prompt": prompt}
        self._write()

    def _write(self) -> None:
        draft = self._folder / f".{NOTES}.part"
        text = json.dumps({"films": self._films}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())  # half of it would be none: no film would be recognised
            draft.replace(self._folder / NOTES)
        except OSError as error:
            raise StoreError(f"{draft}: cannot be written: {error.strerror}") from error


def _film(film: Film) -> str:
    """What a film is made from, by name."""
    return f"{film.job.key}-{film.job.take}"


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
