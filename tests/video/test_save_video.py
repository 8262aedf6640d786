"""save_video: what may be a video, that it is labelled, and how what is none is told. No torch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image as Pillow

import reverie
from reverie import save_video
from reverie.errors import StoreError
from reverie.video.encode import probe, still
from reverie.video.label import Label

GREY = np.full((6, 64, 96, 3), 120, np.uint8)


def test_the_public_names_are_these() -> None:
    assert reverie.__all__ == ["AutoTokenizer", "Wan2VGenerator", "__version__", "save_video"]
    assert set(reverie.__all__) <= set(dir(reverie))
    with pytest.raises(AttributeError, match="no attribute 'Wan3VGenerator'"):
        _ = reverie.Wan3VGenerator


def test_saving_needs_no_torch(tmp_path: Path) -> None:
    script = (
        "import sys, numpy; from reverie import save_video; "
        "save_video(numpy.zeros((1, 64, 64, 3), 'uint8'), 'a.mp4'); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


# The same six grey pictures, as they may come.
@pytest.mark.parametrize(
    "given",
    [
        lambda: GREY,
        lambda: GREY[None],
        lambda: GREY.astype(np.float32) / 255,
        lambda: GREY.astype(np.float64)[None] / 255,
        lambda: list(GREY),
        lambda: tuple(GREY),
        lambda: iter(GREY),
        lambda: [Pillow.fromarray(picture) for picture in GREY],
        lambda: [Pillow.fromarray(picture).convert("RGBA") for picture in GREY],
        lambda: np.asfortranarray(GREY),
    ],
)
def test_a_video_may_come_in_many_ways(given: Callable[[], Any], tmp_path: Path) -> None:
    path = save_video(given(), tmp_path / "out.mp4", fps=5)
    film = probe(path)
    assert (film.frames, film.width, film.height) == (6, 96, 64)
    assert film.seconds == pytest.approx(1.2)
    bottom = Label(96, 64).box[3]
    shown = still(path, 0.5)
    assert np.abs(shown[bottom + 4 :].astype(int) - 120).max() <= 3


def test_every_film_is_marked_as_made_by_ai(tmp_path: Path) -> None:
    path = save_video(GREY, str(tmp_path / "out.mp4"), fps=5)
    with av.open(str(path)) as film:
        assert json.loads(film.metadata["AIGC"])["Label"] == "1"
        shown = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    left, top, right, bottom = Label(96, 64).box
    for picture in shown:
        assert picture[top:bottom, left:right].max() > 200  # its white letters
        assert picture[bottom + 4 :].max() < 130


def test_the_same_video_is_the_same_film(tmp_path: Path) -> None:
    films = [save_video(GREY, tmp_path / name).read_bytes() for name in ("a.mp4", "b.mp4")]
    assert films[0] == films[1]
    assert save_video(GREY + 1, tmp_path / "a.mp4").read_bytes() != films[0]


def nan() -> Any:
    video = np.zeros((2, 64, 64, 3))
    video[1, 3, 3] = np.nan
    return video


# What is given, and what is told of it.
WRONG: list[tuple[Any, dict[str, Any], str]] = [
    (np.zeros((0, 32, 32, 3), np.uint8), {}, "has no picture"),
    ([], {}, "has no picture"),
    (GREY[0], {}, r"is \(N, H, W, 3\) or \(1, N, H, W, 3\); found uint8 \(64, 96, 3\)"),
    (np.stack([GREY, GREY]), {}, r"found uint8 \(2, 6, 64, 96, 3\)"),
    (GREY.transpose(0, 3, 1, 2), {}, r"colours come last, as `permute\(0, 2, 3, 1\)`"),
    (GREY[..., :1], {}, r"picture 0 is uint8 \(64, 96, 1\); expected \(H, W, 3\)"),
    (GREY.astype(np.int32), {}, "picture 0 is int32; expected uint8, or floats in 0..1"),
    (GREY.astype(np.float32), {}, r"has floats in 120\.\.120; expected 0\.\.1"),
    (GREY / 127.5 - 1, {}, "expected 0..1"),
    (nan(), {}, r"picture 1 has floats in nan\.\.nan"),
    ([GREY[0], GREY[0, :32]], {}, "have one size; found"),
    (GREY[:, :63], {}, r"pictures are 96x63; allowed are even sides \(H\.264\) from 64"),
    (GREY[:, :8, :8], {}, "pictures are 8x8"),
    ("video", {}, "expected"),
    (None, {}, "found object"),
    (GREY, {"fps": 0}, "fps is 0; allowed are 1 to 120"),
    (GREY, {"fps": 23.976}, r"fps is 23\.976; a whole number"),
    (GREY, {"fps": True}, "fps is True; a whole number"),
    (GREY, {"path": "out.avi"}, r"films are MP4; call it out\.mp4"),
]


@pytest.mark.parametrize(("video", "other", "told"), WRONG)
def test_what_is_no_video_is_a_value_error(
    video: Any, other: dict[str, Any], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=told):
        save_video(video, **{"path": "out.mp4", **other})
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        save_video(GREY, tmp_path / "none" / "out.mp4")
