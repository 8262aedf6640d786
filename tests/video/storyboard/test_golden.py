"""Pictures look as they did when somebody last looked at them."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

import pytest
from golden import FILE, TOLERANCE, apart, briefs, fingerprint, pictures

from reverie.values import Brief
from reverie.video.storyboard import composer
from reverie.video.storyboard.art.canvas import Canvas

FILMS = dict(briefs())


@lru_cache(1)
def kept() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(FILE.read_text())
    return found


def prints(brief: Brief) -> list[str]:
    return [fingerprint(picture) for picture in pictures(brief)]


def test_every_film_is_written_down() -> None:
    assert FILMS.keys() == kept().keys(), "run tools/make_golden.py"
    assert len(FILMS) >= 55


@pytest.mark.parametrize("name", sorted(FILMS))
def test_it_looks_as_it_did(name: str) -> None:
    """If it was meant to change: look at it, then run tools/make_golden.py."""
    differ = [apart(a, b) for a, b in zip(kept()[name], prints(FILMS[name]), strict=True)]
    assert max(differ) <= TOLERANCE


# ---------------------------------------------------------------------------------- that the test can fail

PROBES = ["park/day", "kitchen/night", "street/dusk", "shop/day", "space/day"]


@pytest.mark.parametrize("name", PROBES)
def test_a_missing_caption_is_seen(name: str) -> None:
    brief = FILMS[name]
    mute = replace(brief, shots=tuple(replace(shot, caption="") for shot in brief.shots))
    assert min(apart(a, b) for a, b in zip(kept()[name], prints(mute), strict=True)) > TOLERANCE


@pytest.mark.parametrize("name", PROBES)
def test_a_moved_subject_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the width to the right, everything else where it was."""
    draw = composer.ShotScene._draw_players

    def moved(self: composer.ShotScene, canvas: Canvas, *rest: object) -> None:
        camera = canvas.camera
        canvas.camera = camera._replace(x=camera.x - canvas.wide / 10 / camera.zoom)
        draw(self, canvas, *rest)  # type: ignore[arg-type]
        canvas.camera = camera

    monkeypatch.setattr(composer.ShotScene, "_draw_players", moved)
    assert max(apart(a, b) for a, b in zip(kept()[name], prints(FILMS[name]), strict=True)) > TOLERANCE


def test_an_empty_stage_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object) -> None: ...

    monkeypatch.setattr(composer.ShotScene, "_draw_players", nobody)
    for name in PROBES:
        assert max(apart(a, b) for a, b in zip(kept()[name], prints(FILMS[name]), strict=True)) > TOLERANCE
