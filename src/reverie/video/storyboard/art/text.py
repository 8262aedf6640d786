"""Words as sprites: what the font can show, where lines may break, and the ink itself.

`legible` makes any text showable: emoji go, accents the font does not have are dropped from their letter,
and a run of anything else it cannot draw becomes one "…": never a box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from reverie.assets import asset
from reverie.errors import GeneratorError
from reverie.video.storyboard.art.canvas import Pixels, Sprite, premultiplied

INK = "#ffffff"
EDGE = (24, 14, 44)

_NO_START = set("，。！？、：；）】》〉」』〕〗｝”’…—·,.!?:;)]}%～％℃°")
_NO_END = set("（【《〈「『〔〖｛“‘([{$¥￥")
_STICKS = set("一二两三四五六七八九十几这那每很不最")
_CLINGS = set("的了着过吗呢吧啊们个只辆把条块台本头匹张朵")


@lru_cache(32)
def font(pixels: int) -> ImageFont.FreeTypeFont:
    """The caption font at a size in pixels."""
    path = asset("NotoSansSC-Bold-subset.otf")
    try:
        return ImageFont.truetype(str(path), pixels, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise GeneratorError(f"{path}: the caption font cannot be read: {error}") from error


@lru_cache(4096)
def _known(character: str) -> bool:
    probe = font(24)
    return bytes(probe.getmask(character)) != bytes(probe.getmask("\U0010fffe"))


def _plain(character: str) -> str:
    """The character if the font has it, its bare letter, "" for emoji and controls, else U+FFFD."""
    if character.isspace():
        return " "
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "So", "Sk"}:
        return character if unicodedata.category(character) == "So" and _known(character) else ""
    if _known(character):
        return character
    bare = unicodedata.normalize("NFKD", character)
    kept = "".join(c for c in bare if unicodedata.category(c) != "Mn" and _known(c))
    return kept or "\ufffd"


def legible(text: str) -> str:
    """`text` as the font can show it: one line, single spaces, no emoji; unknown runs become "…".

    "" when nothing is left to read, or less than half of the letters.
    """
    out: list[str] = []
    missing = 0
    for character in unicodedata.normalize("NFC", text):
        plain = _plain(character)
        missing += plain == "\ufffd"
        if plain == "\ufffd" and "".join(out).rstrip().endswith("\ufffd"):
            continue
        out.append(plain)
    line = " ".join("".join(out).replace("\ufffd", "…").split())
    letters = sum(c.isalnum() for c in line)
    return line if letters and letters >= missing else ""


def is_wide(character: str) -> bool:
    """Whether lines may break on both sides of it: Chinese characters and full-width signs."""
    return unicodedata.east_asian_width(character) in {"W", "F"}


def tokens(text: str) -> list[str]:
    """Pieces between which a line may break; a Latin word keeps its trailing space.

    Closing punctuation stays with what it closes, opening punctuation with what it opens.
    """
    pieces: list[str] = []
    glue = False
    for character in text:
        after_wide = bool(pieces) and is_wide(pieces[-1][-1])
        joins = bool(pieces) and (
            glue
            or character in _NO_START
            or character == " "
            or (not is_wide(character) and not after_wide and not pieces[-1].endswith(" "))
        )
        if joins:
            pieces[-1] += character
        else:
            pieces.append(character)
        glue = character in _NO_END
    return pieces


def width_of(text: str, pixels: int) -> float:
    """How far the pen moves for `text`, in pixels."""
    return font(pixels).getlength(text)


def broken(
    text: str, room: float, pixels: int, lines: int = 2, split: bool = True, keep: Sequence[str] = ()
) -> list[list[str]] | None:
    """`text` as at most `lines` lines of tokens, each at most `room` pixels wide; None when it does not fit.

    As few lines as will do, about equally long, broken after punctuation where there is some, rather not
    between a Chinese numeral and its measure word or before a particle, and never with one character left
    alone where it can be helped. `split`: a word that is longer than a line may be cut.
    `keep`: phrases that rather stay on one line.
    """
    pieces = _split_long(tokens(text), room, pixels) if split else tokens(text)
    widths = [width_of(piece, pixels) for piece in pieces]
    if sum(widths) <= room:
        return [pieces]
    for count in range(2, lines + 1):
        cuts = _cuts(pieces, widths, room, count, keep)
        if cuts is not None:
            ends = [0, *cuts, len(pieces)]
            return [pieces[a:b] for a, b in pairwise(ends)]
    return None


def _cuts(
    pieces: Sequence[str], widths: Sequence[float], room: float, count: int, keep: Sequence[str]
) -> list[int] | None:
    """Where `count` lines begin, the first left out: the cheapest way, None when there is none."""
    mean = sum(widths) / count
    ends = [0.0, *accumulate(widths)]
    # best[i]: (cost, cuts) of the first i pieces in as many lines as rounds have passed.
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for line in range(count):
        following: dict[int, tuple[float, list[int]]] = {}
        for start, (cost, cuts) in best.items():
            for end in range(start + 1, len(pieces) + 1):
                width = ends[end] - ends[start]
                if width > room:
                    break
                if (line == count - 1) != (end == len(pieces)):
                    continue
                total = cost + abs(width - mean) / room + _joint_cost(pieces, start, end, keep)
                if end not in following or total < following[end][0]:
                    following[end] = total, [*cuts, end] if end < len(pieces) else cuts
        best = following
    return best[len(pieces)][1] if len(pieces) in best else None


def _joint_cost(pieces: Sequence[str], start: int, end: int, keep: Sequence[str]) -> float:
    """What a line of pieces start..end costs for where it ends, and for being one character alone."""
    alone = sum(c.isalnum() for piece in pieces[start:end] for c in piece) <= 1
    cost = 5.0 if alone else 0.0
    if end < len(pieces):
        last, following = pieces[end - 1].rstrip()[-1:], pieces[end][:1]
        cost -= 0.35 if last in _PAUSES else 0.0
        cost += 0.3 if last in _STICKS or following in _CLINGS else 0.0
        before, after = "".join(pieces[:end]), "".join(pieces[end:])
        cost += 0.6 * any(_straddles(before.lower(), after.lower(), phrase.lower()) for phrase in keep)
        cost += 0.6 * any(before.count(pair[0]) > before.count(pair[1]) for pair in _PAIRS)
    return cost


def _straddles(before: str, after: str, phrase: str) -> bool:
    """Whether `phrase` begins in `before` and ends in `after`."""
    return any(before.endswith(phrase[:i]) and after.startswith(phrase[i:]) for i in range(1, len(phrase)))


_PAIRS = ("《》", "（）", "【】", "〈〉", "「」", "『』", "()")
"""What is better not torn apart between two lines."""

_PAUSES = frozenset("，。！？、：；,.!?:;")


def _split_long(pieces: Sequence[str], room: float, pixels: int) -> list[str]:
    out: list[str] = []
    for piece in pieces:
        while width_of(piece, pixels) > room and len(piece) > 1:
            cut = max(1, int(len(piece) * room / width_of(piece, pixels)) - 1)
            out.append(piece[:cut])
            piece = piece[cut:]
        out.append(piece)
    return out


def fitted(text: str, room: float, sizes: Sequence[int], count: int = 2) -> tuple[int, list[list[str]]]:
    """(size, lines of tokens): the first of `sizes` in which `text` fits `count` lines, else cut with "…"."""
    for pixels in sizes:
        lines = broken(text, room, pixels, count, split=pixels == sizes[-1])
        if lines is not None:
            return pixels, lines
    pixels = sizes[-1]
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if broken(_shortened(text, middle), room, pixels, count) is None:
            high = middle - 1
        else:
            low = middle
    return pixels, broken(_shortened(text, low), room, pixels, count) or [["…"]]


def _shortened(text: str, length: int) -> str:
    kept = text[:length]
    if length < len(text) and " " in kept and text[length].isascii() and text[length - 1].isalnum():
        kept = kept[: kept.rindex(" ")]
    return kept.rstrip(" ，。！？、：；,.!?:;…") + "…"


# ---------------------------------------------------------------------------------- ink


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """A piece of text as pixels. The pen starts `border` pixels from the left and moves `advance`."""

    sprite: Sprite
    advance: float
    border: int


@lru_cache(128)
def word(text: str, pixels: int, ink: str = INK) -> Word:
    """`text` in `ink` with a dark edge and a soft shadow: readable on anything."""
    face = font(pixels)
    border = max(4, round(pixels * 0.42))
    edge = max(1, round(pixels * 0.085))
    up, down = face.getmetrics()
    size = (int(face.getlength(text)) + 2 * border + 1, up + down + 2 * border)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).text((border, border), text, font=face, fill=255, stroke_width=edge, stroke_fill=255)
    outline = np.asarray(mask)
    wide = max(3, 2 * round(pixels * 0.12) + 1)
    fall = np.roll(cv2.blur(cv2.blur(outline, (wide, wide)), (wide, wide)), max(1, round(pixels * 0.07)), 0)
    around = np.maximum(cv2.convertScaleAbs(outline, alpha=0.85), cv2.convertScaleAbs(fall, alpha=0.6))
    back = np.empty((*outline.shape, 4), np.uint8)
    back[..., :3] = EDGE
    back[..., 3] = around
    front = Image.new("L", size)
    ImageDraw.Draw(front).text((border, border), text, font=face, fill=255)
    return Word(
        Sprite(_inked(premultiplied(back), np.asarray(front), ink), smooth=False),
        face.getlength(text),
        border,
    )


def _inked(under: Pixels, mask: Pixels, ink: str) -> Pixels:
    red, green, blue = (int(ink[i : i + 2], 16) for i in (1, 3, 5))
    flat = np.full((*mask.shape, 4), (red, green, blue, 255), np.uint8)
    over = cv2.multiply(flat, cv2.merge([mask] * 4), scale=1 / 255)
    hole = cv2.merge([cv2.bitwise_not(mask)] * 4)
    out: Any = cv2.add(cv2.multiply(under, hole, scale=1 / 255), over)
    return out  # type: ignore[no-any-return]


@lru_cache(128)
def chip(
    text: str, paper: str = "#ffffff", ink: str = "#1d1b38", pixels: int = 44, alpha: int = 255
) -> Sprite:
    """A label with round ends; `alpha` of its paper. Draw it at the height you want."""
    face = font(pixels)
    shown = legible(text) or " "
    width, height = int(face.getlength(shown)) + round(pixels * 1.4), round(pixels * 1.7)
    image = Image.new("RGBA", (width, height))
    pen = ImageDraw.Draw(image)
    red, green, blue = (int(paper[i : i + 2], 16) for i in (1, 3, 5))
    pen.rounded_rectangle((0, 0, width - 1, height - 1), height // 2, fill=(red, green, blue, alpha))
    pen.text((width / 2, height / 2), shown, font=face, fill=ink, anchor="mm")
    return Sprite(premultiplied(np.array(image)))


@lru_cache(64)
def card(text: str, paper: str = "#fffaf0", ink: str = "#2b2350", accent: str = "#ff8a5c") -> Sprite:
    """A picture card that says the word: what stands for a thing nobody drew."""
    shown = legible(text) or "?"
    size, lines = fitted(shown, 300, (64, 52, 42, 34))
    image = Image.new("RGBA", (400, 300))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((6, 10, 393, 299), 44, fill=(60, 40, 90, 90))
    pen.rounded_rectangle((4, 2, 395, 291), 44, fill=paper)
    pen.rounded_rectangle((18, 16, 381, 277), 34, outline=accent, width=7)
    step = round(size * 1.25)
    top = 146 - step * (len(lines) - 1) / 2
    for i, line in enumerate(lines):
        pen.text((200, top + i * step), "".join(line).strip(), font=font(size), fill=ink, anchor="mm")
    return Sprite(premultiplied(np.array(image)))
