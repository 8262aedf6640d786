"""SVG drawings made pixels, in a process of their own: one costs at most seconds and a gigabyte.

    pixels = draw(blob, "pictures/toy car.svg", 640)

A drawing is read twice. First here, by a parser that expands nothing, which refuses what no picture of a
thing needs: entities, files and addresses, nested drawings, more shapes than can be drawn soon. Then by
resvg, which is Rust and may still end its process on an odd file: that is why it has one.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from xml.parsers import expat

from PIL import Image as Pillow

from reverie.errors import GeneratorError

MAX_BYTES = 4_000_000
"""A drawing with embedded photographs can be this large; more belongs into a PNG."""

MAX_SHAPES = 20_000
"""Elements that are drawn, `use`d ones counted as often as they are."""

MAX_DEPTH = 100
"""Groups in groups: resvg walks them by recursion."""

MAX_RATIO = 20.0
"""Longer side over shorter one."""

SECONDS = 8
"""Of processor time for a drawing; the wall clock allows three times as much, since others work too."""

MEMORY = 1_000_000_000
"""Bytes of address space for a drawing."""

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-z%]*)\s*")
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
"""CSS pixels in a unit of length (CSS Values and Units 3, section 6.2)."""

_EMBEDDED = re.compile(r"data:image/(png|jpe?g|webp);base64,", re.IGNORECASE)
_FOREIGN = re.compile(r"url\(\s*['\"]?\s*(?!#|data:|['\"\s])[^)]|@import", re.IGNORECASE)
_LOADED = {"image", "use", "feImage", "linearGradient", "radialGradient", "pattern", "textPath", "filter"}
_FAMILIES = ("font_family", "serif_family", "sans_serif_family", "monospace_family")
_FAMILY = "Noto Sans CJK SC"
_FONT = "NotoSansSC-Bold-subset.otf"

Refusal = Callable[[str], GeneratorError]
"""Makes the error that tells what is wrong at the place that is being read."""


def is_drawing(head: bytes) -> bool:
    """Whether the first bytes of a file look like an SVG."""
    return b"<svg" in head or b":svg" in head


@dataclass(slots=True)
class _Sheet:
    """What the first reading notes down."""

    width: float = 0.0
    height: float = 0.0
    shapes: int = 0
    depth: int = 0
    open: list[str] = field(default_factory=list)
    """The ids of the elements that are open, "" for those without."""
    costs: dict[str, int] = field(default_factory=dict)
    """Shapes under each id, uses not counted."""
    uses: dict[str, list[str]] = field(default_factory=dict)
    """What each id's content refers to; "" stands for the whole drawing."""


def measure(blob: bytes, where: str) -> tuple[float, float]:
    """Width and height of a drawing in its own units. Raises GeneratorError for what is not to be drawn."""
    if len(blob) > MAX_BYTES:
        raise GeneratorError(
            f"{where}: an SVG of {len(blob) / 1e6:.1f} MB; {MAX_BYTES / 1e6:.0f} are allowed: simplify it or "
            "save it as PNG"
        )
    sheet = _Sheet()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = MAX_BYTES

    def refuse(what: str) -> GeneratorError:
        return GeneratorError(f"{where}:{parser.CurrentLineNumber}: {what}")

    def entity(name: str, *_: object) -> None:
        raise refuse(f"the entity {name!r}: none are read; save it as a plain SVG")

    def start(tag: str, attributes: dict[str, str]) -> None:
        _open(sheet, tag.rpartition(" ")[2], attributes, refuse)

    def text(content: str) -> None:
        if _FOREIGN.search(content):
            raise refuse("a style that refers to a file or an address; nothing is fetched: embed it")

    parser.EntityDeclHandler = entity
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: sheet.open.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(blob, True)
    except expat.ExpatError as error:
        raise GeneratorError(f"{where}:{error.lineno}: no SVG: {expat.ErrorString(error.code)}") from None
    try:
        blob.decode("utf-8")
    except UnicodeDecodeError:
        raise GeneratorError(f"{where}: is not written in UTF-8; save it so") from None
    drawn = _drawn(sheet)
    if drawn > MAX_SHAPES:
        raise GeneratorError(f"{where}: {drawn} shapes or more; {MAX_SHAPES} are allowed: save it as PNG")
    width, height = sheet.width, sheet.height
    if not (0 < width < 1e7 and 0 < height < 1e7 and max(width, height) <= MAX_RATIO * min(width, height)):
        raise GeneratorError(
            f"{where}: {width:g}x{height:g} is no size of a picture: a `viewBox` with two sides is needed, "
            f"one at most {MAX_RATIO:.0f} times the other"
        )
    return width, height


def _open(sheet: _Sheet, tag: str, attributes: dict[str, str], refuse: Refusal) -> None:
    """One element begins."""
    if not sheet.open:
        if tag != "svg":
            raise refuse(f"begins with <{tag}>, not with <svg>")
        sheet.width, sheet.height = _size(attributes)
    sheet.open.append(attributes.get("id", ""))
    if len(sheet.open) > MAX_DEPTH:
        raise refuse(f"more than {MAX_DEPTH} groups in each other: flatten it, or save it as PNG")
    sheet.shapes += 1
    if sheet.shapes > MAX_SHAPES:
        raise refuse(f"more than {MAX_SHAPES} shapes: save it as PNG")
    holders = {"", *sheet.open}
    for holder in holders:
        sheet.costs[holder] = sheet.costs.get(holder, 0) + 1
    for name, value in attributes.items():
        if name.rpartition(" ")[2] == "href" and tag in _LOADED:
            if value.startswith("#"):
                for holder in holders:
                    sheet.uses.setdefault(holder, []).append(value[1:])
            elif not _EMBEDDED.match(value):
                raise refuse(f"refers to {value[:60]!r}; nothing is fetched: embed it as PNG or JPEG")
        elif _FOREIGN.search(value) and tag != "a":
            raise refuse(f"refers to {value[:60]!r}; nothing is fetched: embed it")


def _drawn(sheet: _Sheet) -> int:
    """Shapes when every use is followed, at least; more than MAX_SHAPES where uses go round in a circle."""
    known: dict[str, int] = {}

    def cost(name: str, above: frozenset[str]) -> int:
        if name in above or len(above) > MAX_DEPTH:
            return MAX_SHAPES + 1
        if name not in known:
            total = sheet.costs.get(name, 0)
            for used in sheet.uses.get(name, ()):
                total += cost(used, above | {name})
                if total > MAX_SHAPES:
                    break
            known[name] = total
        return known[name]

    return cost("", frozenset())


def _size(attributes: dict[str, str]) -> tuple[float, float]:
    """Width and height of the whole: its attributes, else its view box; 0 where neither tells.

    As SVG 2, section 8.12 has it: with one attribute only, the view box tells the other by its sides' ratio.
    """
    box = re.split(r"[\s,]+", attributes.get("viewBox", "").strip())
    wide, high = _length(attributes.get("width", "")), _length(attributes.get("height", ""))
    if (wide and high) or len(box) != 4 or not all(_NUMBER.fullmatch(part) for part in box):
        return wide, high
    across, down = float(box[2]), float(box[3])
    if wide and across > 0:
        return wide, wide * down / across
    return (high * across / down, high) if high and down > 0 else (across, down)


def _length(text: str) -> float:
    found = _NUMBER.fullmatch(text)
    return float(found[1]) * _UNITS[found[2]] if found and found[2] in _UNITS else 0.0


def draw(blob: bytes, where: str, longest: int) -> Pillow.Image:
    """The drawing as RGBA, its longer side `longest` pixels; `where` names it in errors.

    Text is written in the font that comes along. Takes a tenth of a second at least: a process is started for
    it. Raises GeneratorError.
    """
    width, height = measure(blob, where)
    side = "width" if width >= height else "height"
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", __name__, side, str(longest)],
            input=blob,
            capture_output=True,
            timeout=SECONDS * 3,
            env={"LANG": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GeneratorError(f"{where}: takes too long to draw: simplify it, or save it as PNG") from None
    except OSError as error:
        raise GeneratorError(f"{where}: no process could be started to draw it: {error}") from error
    if done.returncode == 0:
        with Pillow.open(BytesIO(done.stdout), formats=("PNG",)) as opened:
            picture = opened.convert("RGBA")
            picture.thumbnail((longest, longest))  # where its size is not what was measured
            return picture
    if done.returncode in (-signal.SIGKILL, -signal.SIGXCPU):
        raise GeneratorError(f"{where}: takes too long to draw: simplify it, or save it as PNG")
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    why = said[-1][:200] if done.returncode == 1 and said else f"it ended its process ({done.returncode})"
    raise GeneratorError(f"{where}: cannot be drawn: {why}; simplify it, or save it as PNG")


def main(side: str, longest: str) -> None:
    """The process that draws: SVG on standard input, PNG on standard output."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import resvg_py

    from reverie.assets import asset

    os.chdir("/")
    options: dict[str, Any] = {
        side: int(longest),
        "skip_system_fonts": True,
        "font_files": [str(asset(_FONT))],
        **dict.fromkeys(_FAMILIES, _FAMILY),
    }
    try:
        picture = resvg_py.svg_to_bytes(svg_string=sys.stdin.buffer.read().decode("utf-8"), **options)
    except (ValueError, TypeError, OSError, MemoryError) as error:
        raise SystemExit(str(error) or "too little memory") from None
    sys.stdout.buffer.write(bytes(picture))


if __name__ == "__main__":
    main(*sys.argv[1:])
