"""No camera pixel is written to disk, log, store or network, but for the console's live view.

The camera is filled with a mark that nothing else shows: broad stripes of two colours that no story uses.
After a run of the real `watch` and `generate`, every file of the box and every line they printed is searched
for the mark: as raw bytes, and in whatever can be decoded as a picture or film. The same search finds the
mark in the live view, so it can fail.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import av
import av.error
import cv2
import numpy as np
import pytest
from box import small, start, until

from reverie import config
from reverie.clock import SystemClock
from reverie.store import open_store
from reverie.values import Image
from reverie.vision.liveview import read_live

MARK = ((255, 0, 255), (0, 255, 64))
"""The stripes of the marked camera, RGB."""


def marked_folder(folder: Path) -> Path:
    """A folder camera: one picture of 32 px stripes in the two colours of the mark."""
    image = np.zeros((240, 320, 3), np.uint8)
    for stripe in range(10):
        image[:, stripe * 32 : stripe * 32 + 32] = MARK[stripe % 2]
    camera = folder / "camera"
    camera.mkdir()
    for index in range(2):
        cv2.imwrite(str(camera / f"{index}.png"), np.roll(image, index * 8, 1)[..., ::-1])
    return camera


def shows_mark(image: Image) -> bool:
    """Whether a share of the picture has both colours of the mark, as far as lossy coding keeps them."""
    shares = [
        float(np.mean(np.max(np.abs(image.astype(int) - np.array(colour)), axis=2) < 60)) for colour in MARK
    ]
    return min(shares) > 0.02


def holds_mark(blob: bytes) -> bool:
    """Whether bytes hold the mark raw, in RGB or BGR order."""
    raw = [bytes(colour) * 8 for colour in MARK] + [bytes(reversed(colour)) * 8 for colour in MARK]
    return any(r in blob for r in raw)


def pictures(path: Path) -> list[Image]:
    """Every picture that can be decoded from a file."""
    try:
        with av.open(str(path)) as container:
            return [np.asarray(f.to_ndarray(format="rgb24"), np.uint8) for f in container.decode(video=0)]
    except (av.error.FFmpegError, IndexError):
        return []


def test_the_search_finds_the_mark(tmp_path: Path) -> None:
    camera = marked_folder(tmp_path)
    assert all(shows_mark(image) for path in camera.iterdir() for image in pictures(path))
    assert holds_mark(bytes(MARK[0]) * 20)


@pytest.mark.parametrize("live_view", [False, True])
def test_no_pixel_leaves_the_part_that_looks(live_view: bool, tmp_path: Path) -> None:
    box = tmp_path / "box"
    settings = small(box, live_view=live_view)
    settings = settings.model_copy(
        update={"cameras": (config.Camera(source=str(marked_folder(tmp_path)), fps=20),)}
    )
    store = open_store(settings.store, SystemClock())
    watch = start("watch", settings, box)
    generate = start("generate/storyboard", settings, box)
    try:
        # The box has seen the marked camera, told a moment of it, and made its clip.
        assert until(lambda: bool(store.moments.recent(1)), 60)
        wish = store.moments.recent(1)[0].wishes[0]
        assert until(lambda: store.clips.get(wish.key) is not None, 60)
        live = settings.store.runtime / "live.sock" if settings.store.runtime else Path()
        assert live.exists() == live_view
        if live_view:
            assert asyncio.run(_first(live))
    finally:
        watch.terminate()
        generate.terminate()
        told = watch.communicate(timeout=10)[0] + generate.communicate(timeout=10)[0]
    store.close()

    assert not holds_mark(told)
    files = [path for path in box.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    assert any(path.suffix == ".mp4" for path in files)
    for path in files:
        assert not holds_mark(path.read_bytes()), path
        assert not any(shows_mark(image) for image in pictures(path)), path


async def _first(live: Path) -> bool:
    """Whether the first picture of the live view shows the mark: the operator sees what the camera sees."""
    async for jpeg in read_live(live):
        decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        return shows_mark(decoded[..., ::-1].astype(np.uint8))
    return False
