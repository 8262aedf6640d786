"""The card: what it says and proposes is in the picture, inside it, clear of the AI label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reverie.story.library import load_library
from reverie.story.questions import understand
from reverie.values import Brief, Image, Language
from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.scenes import make_scene
from reverie.video.storyboard.score import label_room

SIZES = [(640, 480), (832, 480), (1280, 720), (1080, 1920)]
ASKED: dict[Language, str] = {"en": "quantum chromodynamics", "zh": "区块链赋能"}


def _card(language: Language) -> Brief:
    brief = understand(ASKED[language], language, load_library(None)).brief
    assert brief.topic == "card"
    return brief


def _picture(brief: Brief, size: tuple[int, int], t: float) -> Image:
    canvas = Canvas(*size)
    scene = make_scene(brief, canvas, 3)
    assert scene is not None
    scene.draw(canvas, t)
    return canvas.picture()


def _changed(one: Image, other: Image) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what differs between two pictures, pixels."""
    rows, columns = np.nonzero(np.abs(one.astype(int) - other).max(axis=2) > 60)
    assert rows.size, "nothing differs"
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_text_shows_inside_and_below_the_label(size: tuple[int, int], language: Language) -> None:
    brief = _card(language)
    whole = _picture(brief, size, brief.seconds * 0.9)
    left, bottom = (edge * size[1] / 480 for edge in label_room(Canvas(*size)))
    before = 0
    for index, shot in enumerate(brief.shots):
        shots = (*brief.shots[:index], replace(shot, caption=""), *brief.shots[index + 1 :])
        without = _picture(replace(brief, shots=shots), size, brief.seconds * 0.9)
        box = _changed(whole, without)
        assert box[0] > 0
        assert box[2] < size[0] - 1
        assert box[3] < size[1] - 1
        assert box[1] > bottom or box[2] < left
        assert box[1] > before, "they stand below each other"
        before = box[1]


def test_panels_come_in_one_after_the_other() -> None:
    brief = _card("en")
    alone = replace(brief, shots=(replace(brief.shots[0], seconds=brief.seconds),))
    canvas = Canvas(320, 240)
    counts = []
    for t in (0.2, 0.8, 1.1, 2.0):
        rows = np.abs(_picture(brief, (320, 240), t).astype(int) - _picture(alone, (320, 240), t)).max(axis=2)
        counts.append(int((rows[:, 115:] > 40).sum()))
    assert canvas.wide > 400
    assert counts[0] < counts[1] < counts[2] < counts[3]


@pytest.mark.parametrize("shots", [1, 2, 6])
def test_any_number_of_proposals(shots: int) -> None:
    brief = _card("en")
    many = (brief.shots * 2)[:shots]
    assert _picture(replace(brief, shots=many), (320, 240), 1.0).std() > 20
