"""`reverie storyboard sheet`: what it draws, and what it says of a wrong order."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from reverie.cli import storyboard
from reverie.errors import ConfigError
from reverie.values import Brief, Shot
from reverie.video.storyboard.sheet import GAP, LINE, Panel, pages


def test_one_topic_on_one_page(tmp_path: Path) -> None:
    storyboard.sheet(tmp_path / "new", "topics/toy-car", "zh", "320x240")
    assert [path.name for path in tmp_path.rglob("*.jpg")] == ["topics.jpg"]
    page = cv2.imread(str(tmp_path / "new" / "topics.jpg"))
    assert page is not None
    assert page.shape == (240 + LINE + 2 * GAP, 3 * 320 + 2 * 3 + 2 * GAP, 3)
    assert page.std() > 40, "something is drawn"


# The order, and what is said of it.
WRONG = [
    ("toys", "640x480", "no section 'toys'; allowed: actions, settings"),
    ("topics/toys", "640x480", "topics have no 'toys'"),
    ("actions", "640", "WIDTHxHEIGHT is expected"),
    ("actions", "640x481", "even numbers"),
    ("actions", "64x48", "from 160"),
]


@pytest.mark.parametrize(("only", "size", "told"), WRONG)
def test_a_wrong_order_is_told(only: str, size: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=told):
        storyboard.sheet(tmp_path, only, "en", size)


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "inside"):
        with pytest.raises(ConfigError, match="no folder can be made there"):
            storyboard.sheet(folder, "topics/toy-car", "en", "320x240")


def test_pages_hold_what_fits_and_show_films_in_time() -> None:
    shot = Shot("balloon", "float", None, "park", "cheerful", "Up", 4.0)
    panel = Panel("balloon", Brief("x", (shot,), "plain", "en"), (0.8, 0.2))
    made = list(pages([panel] * 5, size=(160, 120), cell=80, columns=2, rows=2))
    assert [page.shape[0] for page in made] == [2 * (60 + LINE + GAP) + GAP, 60 + LINE + 2 * GAP]
    first, second = made[0][GAP : GAP + 60, GAP : GAP + 80], made[0][GAP : GAP + 60, GAP + 83 : GAP + 163]
    assert np.abs(first.astype(int) - second).mean() > 1, "two moments differ"
