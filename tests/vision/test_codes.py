"""QR codes: an exact name for those that were listed, nothing for all others."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from packages import ground, held_up, package, with_code

from reverie.values import Image
from reverie.vision.codes import CodeReader

LISTED = {"https://example.com/tea": "tea", "https://example.com/jam": "jam"}


def coded(text: str, **how: float) -> Image:
    front = with_code(package(3), text)
    how = {"height": 0.8, "hidden": 0, **how}
    return held_up(front, ground(0), np.random.default_rng(3), **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "label"), LISTED.items())
@pytest.mark.parametrize("roll", [0, 90])
def test_a_listed_code_is_a_name(text: str, label: str, roll: float) -> None:
    (sighting,) = CodeReader(LISTED).read(coded(text, roll=roll))
    assert (sighting.label, sighting.alike) == (label, 1.0)
    assert 0.05 < sighting.box.area < 0.5


def test_an_unlisted_code_is_nothing_and_is_told_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert CodeReader(LISTED).read(coded("https://example.com/secret")) == []
    assert "secret" not in caplog.text


def test_without_a_list_nothing_is_read() -> None:
    assert CodeReader({}).read(coded("https://example.com/tea")) == []


@pytest.mark.parametrize("seed", range(4))
def test_no_code_is_no_name(seed: int) -> None:
    assert CodeReader(LISTED).read(ground(seed)) == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 400, 3), (480, 640, 3)])
def test_odd_pictures_are_no_trouble(shape: tuple[int, int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    assert CodeReader(LISTED).read(noise) == []


def test_a_code_that_is_no_utf8_is_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kanji mode and other charsets: OpenCV's binding raises where it makes the text."""
    reader = CodeReader({"tea-4711": "tea"})

    class Broken:
        def detectAndDecodeMulti(self, gray: Image) -> None:
            raise UnicodeDecodeError("utf-8", b"\xed\xa0\x80", 0, 1, "invalid continuation byte")

    monkeypatch.setattr(reader, "_first", Broken())
    monkeypatch.setattr(reader, "_second", Broken())
    assert reader.read(np.zeros((200, 200, 3), np.uint8)) == []
