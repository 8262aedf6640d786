"""What the explainers of living things promise: valves and gills in turn, and words that can be shown."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverie.video.storyboard import scenes
from reverie.video.storyboard.art.text import legible
from reverie.video.storyboard.scenes import caterpillar_to_butterfly, fish_breathing, heart

FILES = sorted(Path(scenes.__file__).parent.glob("*.py"))

seconds = st.floats(0, 60)


def _labels(file: Path) -> list[str]:
    """Every word that a scene writes into its picture as a plain string, in both languages."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "label":
            found += [
                a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_font_has_every_label(file: Path) -> None:
    assert [word for word in _labels(file) if legible(word) != word] == []


@given(seconds)
def test_blood_has_one_way(t: float) -> None:
    """The valves into the ventricles and those out of them are never open together, and no ventricle squeezes
    against the valve that it fills through."""
    _, ventricles, inlet, outlet = heart._beat(t)
    assert min(inlet, outlet) < 0.05
    if ventricles > 0.5:
        assert inlet < 0.05


@given(seconds)
def test_atria_come_first(t: float) -> None:
    atria, ventricles, inlet, _ = heart._beat(t)
    assert min(atria, ventricles) < 0.05
    if atria > 0.5:
        assert inlet > 0.95


def test_every_beat_opens_and_shuts() -> None:
    beats = [heart._beat(heart.BEAT * i / 100) for i in range(100)]
    for lane in range(4):
        values = [beat[lane] for beat in beats]
        assert min(values) < 0.01
        assert max(values) > 0.99


@given(seconds)
def test_mouth_and_gill_cover_in_turn(t: float) -> None:
    take, give = fish_breathing._breath(t)
    assert min(take, give) <= 0.5
    assert take + give > 0.5


def test_bites_take_leaf_away() -> None:
    whole, once, all_of_them = (
        caterpillar_to_butterfly._big_leaf(i).pixels[..., 3].sum(dtype=int) for i in (0, 1, 8)
    )
    assert whole > once > all_of_them > 0.8 * whole
