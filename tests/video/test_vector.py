"""SVG from an operator: drawn right, or refused in words; nothing is fetched, nothing takes long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from drawn import MAGENTA, blob, share_of, svg, thing

from reverie.errors import GeneratorError
from reverie.video import vector
from reverie.video.vector import draw, is_drawing, measure

RED = '<rect width="40" height="30" fill="#ff0000"/>'


def test_a_drawing_fills_its_longer_side() -> None:
    picture = draw(svg(RED), "a.svg", 80)
    assert picture.size == (80, 60)
    assert np.asarray(picture)[30, 40].tolist() == [255, 0, 0, 255]


def test_text_is_written_in_our_font_whatever_it_asks_for() -> None:
    picture = draw(svg('<text y="20" font-size="16" font-family="Arial">Aé 词</text>'), "a.svg", 160)
    assert share_of(np.asarray(picture)[..., [3, 3, 3]], (255, 255, 255)) > 0.05


def test_what_is_embedded_is_drawn() -> None:
    import base64

    inner = base64.b64encode(blob(thing())).decode()
    image = f'<image width="40" height="30" xlink:href="data:image/png;base64,{inner}"/>'
    assert share_of(np.asarray(draw(svg(image), "a.svg", 80))) > 0.1


@pytest.mark.parametrize(
    ("head", "size"),
    [
        ('viewBox="0 0 40 30"', (40, 30)),
        ('viewBox="-5,-5, 20 , 10" width="60" height="90"', (60, 90)),  # the view box is fitted into it
        ('viewBox="0 0 20 10" width="60"', (60, 30)),
        ('viewBox="0 0 20 10" height="60"', (120, 60)),
        ('viewBox="0 0 20 10" width="100%" height="100%"', (20, 10)),
        ('width="2in" height="96"', (192, 96)),
        ('width="10mm" height="5mm"', (37.8, 18.9)),
    ],
)
def test_the_size_is_told_before_anything_is_drawn(head: str, size: tuple[float, float]) -> None:
    assert measure(svg("", head), "a.svg") == pytest.approx(size, rel=0.01)


NESTED = "".join(
    f'<g id="a{i}">' + f'<use href="#a{i - 1}"/>' * 10 + "</g>" if i else f'<g id="a0">{RED}</g>'
    for i in range(12)
)
CHAINED = "".join(f'<g id="a{i}"><use href="#a{i + 1}"/></g>' for i in range(3000))

REFUSED = [
    # (what is odd, the file, what is said of it)
    ("entities", b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("<text>&a;</text>"), "the entity 'a'"),
    (
        "entities of files",
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + svg("&a;"),
        "the entity",
    ),
    ("parameter entities", b'<!DOCTYPE svg [<!ENTITY % a "b"> %a;]>' + svg(""), "the entity"),
    ("a file", svg('<image xlink:href="/etc/hostname" width="9" height="9"/>'), "nothing is fetched"),
    ("an address", svg('<image href="http://example.com/a.png"/>'), "nothing is fetched"),
    ("a used file", svg('<use href="other.svg#a"/>'), "nothing is fetched"),
    ("a style", svg("<style>@import url(http://example.com/a.css);</style>"), "nothing is fetched"),
    ("a fill", svg("<rect style=\"fill:url( 'http://example.com/a')\"/>"), "nothing is fetched"),
    ("a drawing in it", svg('<image href="data:image/svg+xml;base64,AAAA"/>'), "embed it as PNG"),
    ("uses of uses", svg(NESTED), "shapes or more"),
    ("a long chain", svg(CHAINED), "shapes or more"),
    ("a circle", svg('<g id="a"><use href="#a"/></g>'), "shapes or more"),
    ("depth", svg("<g>" * 5000 + "</g>" * 5000), "groups in each other"),
    ("many shapes", svg("<rect/>" * 30_000), "more than 20000 shapes"),
    ("huge sides", svg(RED, 'width="1e9" height="1e9"'), "no size of a picture"),
    ("a thread", svg(RED, 'viewBox="0 0 1000 1"'), "no size of a picture"),
    ("a frame unlike it", svg(RED, 'viewBox="0 0 20 10" width="1" height="900"'), "no size of a picture"),
    (
        "another alphabet",
        b'<?xml version="1.0" encoding="latin-1"?><svg viewBox="0 0 9 9">\xe9</svg>',
        "UTF-8",
    ),
    ("no size", svg(RED, ""), "no size of a picture"),
    ("not a number", svg(RED, 'viewBox="0 0 nan inf"'), "no size of a picture"),
    ("bytes", svg(" " * vector.MAX_BYTES), "4 are allowed"),
    ("nothing", b"", "no SVG"),
    ("half", svg(RED)[:-9], "no SVG"),
    ("a page", b"<html/>", "begins with <html>"),
]


@pytest.mark.parametrize(("content", "said"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_no_picture_needs_is_refused_in_words(
    content: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object, **options: object) -> None:
        raise AssertionError("a process was started for it")

    monkeypatch.setattr(subprocess, "run", never)
    with pytest.raises(GeneratorError, match=said) as caught:
        draw(content, "shop/a.svg", 80)
    assert str(caught.value).startswith("shop/a.svg")


def test_what_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns of patterns: a few hundred bytes that would take for ever."""
    patterns = "".join(
        f'<pattern id="p{i}" width="1" height="1" patternUnits="userSpaceOnUse">'
        f'<rect width="900" height="900" fill="url(#p{i + 1})"/>'
        f'<rect width="9" height="9" fill="url(#p{i + 1})"/>'
        "</pattern>"
        for i in range(40)
    )
    monkeypatch.setattr(vector, "SECONDS", 0.4)  # of the wall clock, three times as much
    with pytest.raises(GeneratorError, match="takes too long"):
        draw(svg(patterns + '<rect width="900" height="900" fill="url(#p0)"/>'), "a.svg", 80)


def test_a_process_that_ends_by_itself_is_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = tmp_path / "python"
    stub.write_text("#!/bin/sh\nkill -SEGV $$\n")
    stub.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(stub))
    with pytest.raises(GeneratorError, match=r"a\.svg: cannot be drawn: it ended its process \(-11\)"):
        draw(svg(RED), "a.svg", 80)


@pytest.mark.parametrize(
    ("head", "drawing"), [(svg(RED)[:99], True), (b"<?xml?>\n<!-- --><svg:svg", True), (b"\x89PNG", False)]
)
def test_a_drawing_is_known_by_its_beginning(head: bytes, drawing: bool) -> None:
    assert is_drawing(head) is drawing


def test_colours_come_back_as_they_were() -> None:
    picture = np.asarray(draw(svg('<circle cx="20" cy="15" r="10" fill="#ff00ff"/>'), "a.svg", 80))
    assert share_of(picture[picture[..., 3] == 255][None], MAGENTA, 2) > 0.99
