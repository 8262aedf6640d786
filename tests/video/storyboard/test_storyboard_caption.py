"""Captions: what can be read, where lines break, and that all of it is in the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.art.text import broken, fitted, legible, tokens, width_of, word
from reverie.video.storyboard.caption import BOTTOM, READABLE, Caption

LONG_EN = "The quick brown fox jumps over the lazy dog and goes on and on. " * 8
LONG_ZH = "恐龙是怎么走路的？四只脚轮流落地，尾巴帮它保持平衡。" * 20
SIZES = [(640, 480), (832, 480), (1280, 720), (1080, 1920), (160, 120)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A child picks up a toy car", "A child picks up a toy car"),
        ("恐龙是怎么走路的？", "恐龙是怎么走路的？"),
        ("Hello 👋🏽 world 🌍!", "Hello world !"),  # emoji go, with their skin tones
        ("family 👨‍👩‍👧 day", "family day"),  # and their joiners
        ("Crème brûlée", "Crème brûlée"),  # the font has Latin-1
        ("Dvořák in Łódź", "Dvorák in …ódz"),  # ř and ź become their letters; nothing is under Ł
        ("مرحبا بالعالم", ""),  # nothing of it can be drawn
        ("say مرحبا to him", "say … to him"),
        ("مرحبا say بالعالم", ""),  # three letters of a dozen say nothing
        ("two\nlines\tand   gaps", "two lines and gaps"),
        ("​‮", ""),  # invisible characters only
        ("", ""),
    ],
)
def test_only_what_the_font_can_show(text: str, shown: str) -> None:
    assert legible(text) == shown


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a toy car", ["a ", "toy ", "car"]),
        ("你好！朋友", ["你", "好！", "朋", "友"]),  # no line starts with a full stop
        ("他说（是）", ["他", "说", "（是）"]),  # nor ends with an opening bracket
        ("看 iPhone 吧", ["看 ", "iPhone ", "吧"]),
        ("用AI生成", ["用", "AI", "生", "成"]),
        ("", []),
    ],
)
def test_where_a_line_may_break(text: str, pieces: list[str]) -> None:
    assert tokens(text) == pieces


def test_two_lines_break_after_punctuation_and_fit() -> None:
    lines = broken("我们一起去森林，看看小动物在做什么", 400, 28)
    assert lines is not None
    assert "".join(lines[0]) == "我们一起去森林，"
    assert all(width_of("".join(line), 28) <= 400 for line in lines)


@pytest.mark.parametrize("text", [LONG_EN, LONG_ZH, "x" * 500])
def test_what_is_too_long_is_cut_with_an_ellipsis(text: str) -> None:
    _, lines = fitted(legible(text[:500]), 560, (29, 24))
    assert len(lines) <= 2
    assert "".join(lines[-1]).rstrip().endswith("…")
    assert all(width_of("".join(line).rstrip(), 24) <= 560 for line in lines)


def drawn(text: str, size: tuple[int, int], t: float) -> NDArray[np.uint8]:
    """The share of light that the caption alone puts on a dark picture, per pixel."""
    canvas = Canvas(*size)
    Caption(text, canvas).draw(canvas, t)
    return np.asarray(canvas.picture().max(axis=2), np.uint8)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ["Hello", LONG_EN[:500], LONG_ZH[:500], "A word " * 9])
def test_the_whole_caption_is_in_the_picture(text: str, size: tuple[int, int]) -> None:
    bright = drawn(text, size, 2.0) > 200
    rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    height, width = bright.shape
    assert rows[0] > height * 0.74, "it reaches into the figures"
    assert rows[-1] <= height * 0.99
    assert columns[0] > width * 0.02
    assert columns[-1] < width * 0.98


@pytest.mark.parametrize(
    "text", ["A child picks up a toy car, and off it goes", "太阳把水晒热，水变成水蒸气，升到天上去"]
)
def test_readable_within_its_time(text: str) -> None:
    """At READABLE seconds as much is lit as ever will be; at the start, less."""
    early, late = (drawn(text, (640, 480), t) > 200 for t in (0.15, READABLE))
    end = drawn(text, (640, 480), 3.0) > 200
    assert late.sum() > 0.95 * end.sum() - 500
    assert early.sum() < 0.7 * end.sum()
    assert READABLE <= 0.6


def test_words_of_the_object_are_set_off() -> None:
    canvas = Canvas(640, 480)
    Caption("A child picks up a toy car", canvas, accent="#ff0000", highlights=("toy car",)).draw(canvas, 2.0)
    picture = canvas.picture().astype(int)
    red = (picture[..., 0] > 200) & (picture[..., 1] < 60)
    columns = np.flatnonzero(red[:440].any(axis=0))
    assert columns[0] > 320, "only the end of the line is red"


def test_no_caption_draws_nothing_not_even_the_scrim() -> None:
    canvas = Canvas(320, 240)
    canvas.pixels[..., :3] = 255
    Caption("", canvas).draw(canvas, 1.0)
    assert (canvas.picture() == 255).all()
    assert Caption("", canvas).top == BOTTOM


def test_a_word_is_white_on_a_dark_edge() -> None:
    pixels = word("Hi", 40).sprite.pixels
    assert pixels[..., :3].max() == 255
    edge = (pixels[..., 3] > 150) & (pixels[..., :3].max(axis=2) < 60)
    assert edge.sum() > 50


@given(text=st.text(max_size=200), size=st.sampled_from(SIZES[:2] + SIZES[4:]), t=st.floats(-1, 5))
@settings(deadline=None, max_examples=60)
def test_any_text_draws(text: str, size: tuple[int, int], t: float) -> None:
    canvas = Canvas(*size)
    Caption(text, canvas, highlights=(text[:3],)).draw(canvas, t, left=0.1)


@given(text=st.text(alphabet="ab 你好，。（）!", max_size=60))
def test_tokens_lose_nothing(text: str) -> None:
    assert "".join(tokens(text)) == text
