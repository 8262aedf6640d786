"""The kiosk plays films with sound in a real Chromium: muted as it comes, aloud where it is allowed to."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page
from screening import FPS, HEIGHT, WIDTH, Box, Until, barcode, job_of, make_box, wait_for

from reverie import config
from reverie.values import Rung
from reverie.video import encode
from reverie.video.sound.tones import SAMPLE_RATE, edged

PLAYING = """() => {
  const cue = window.__reverie?.cue;
  const v = cue && [...document.querySelectorAll('#stage video')].find(v => v.film?.cue === cue);
  return v && v.currentTime > 0.3 && {
    kind: cue.kind, muted: v.muted, volume: v.volume, paused: v.paused, time: v.currentTime,
    heard: v.webkitAudioDecodedByteCount, seen: v.webkitVideoDecodedByteCount,
  };
}"""
FORBIDDEN = """() => {
  // As Chromium does it without its flag: no sound before somebody has touched the page.
  const play = HTMLMediaElement.prototype.play;
  addEventListener('pointerup', () => (window.touched = true), true);
  HTMLMediaElement.prototype.play = function () {
    if (!this.muted && !window.touched) return Promise.reject(new DOMException('no', 'NotAllowedError'));
    return play.call(this);
  };
}"""
HINT = "() => getComputedStyle(document.getElementById('silent')).visibility"


@pytest.fixture
def box(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Box]:
    """A served box; the parameter is its section `sound`."""
    box = make_box(tmp_path, sound=getattr(request, "param", {}), screen={"fade": 0.1})
    box.start()
    yield box
    box.stop()
    box.store.close()


@pytest.fixture
def kiosk(box: Box, page: Page, until: Until) -> Page:
    page.goto(f"{box.url}/?screen=window")
    until("() => window.__reverie?.marks.some(m => m.kind == 'ambient' && m.displayed)")
    return page


class Pieces(io.BytesIO):
    """A draft's file, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []

    def write(self, data: object) -> int:
        self.pieces.append(bytes(data))  # type: ignore[call-overload]
        return len(self.pieces[-1])


@lru_cache(4)
def pieces_of(film: int, frames: int) -> tuple[bytes, ...]:
    """A draft with a tone, as it grows."""
    file, spec = Pieces(), replace(job_of(film, frames / FPS, 0.0).spec, width=WIDTH, height=HEIGHT)
    t = np.arange(frames * SAMPLE_RATE // FPS) / SAMPLE_RATE
    tone = edged(np.asarray(0.2 * np.sin(2 * np.pi * 440 * t), np.float32), 0.05, 0.05)
    writer = encode.DraftWriter(file, spec, config.Generator(preset="ultrafast"), {}, [tone])
    for index in range(frames):
        writer.write(barcode(film, index))
    writer.close()
    return tuple(file.pieces)


def film_of(folder: Path, film: int, frames: int) -> bytes:
    """The same finished."""
    draft, final = folder / "sound-draft.mp4", folder / "sound-final.mp4"
    draft.write_bytes(b"".join(pieces_of(film, frames)))
    encode.finish(draft, final, {})
    return final.read_bytes()


def keep(box: Box, folder: Path, film: int, frames: int) -> None:
    box.studio.film(film, frames, data=film_of(folder, film, frames))


ALOUD = {"films": "bed", "aloud": True, "volume": 0.5}


@pytest.mark.parametrize(
    ("box", "muted", "volume"),
    [({"films": "bed"}, True, 1.0), (ALOUD, False, 0.5)],
    indirect=["box"],
    ids=["muted", "aloud"],
)
def test_a_film_with_sound_plays(
    box: Box, kiosk: Page, until: Until, tmp_path: Path, muted: bool, volume: float
) -> None:
    keep(box, tmp_path, 1, 72)
    box.studio.moment(1)
    found = until(PLAYING)
    assert (found["kind"], found["muted"], found["volume"]) == ("clip", muted, volume)
    assert not found["paused"]
    assert found["seen"] > 0
    if not muted:
        assert found["heard"] > 0
    assert kiosk.evaluate(HINT) == "hidden"
    assert kiosk.evaluate("() => document.querySelector('#stage video.ambient').muted")


@pytest.mark.parametrize("box", [ALOUD], indirect=True)
def test_a_draft_with_sound_plays_while_it_grows(box: Box, kiosk: Page, until: Until, tmp_path: Path) -> None:
    draft, file = box.studio.begin(2, 48)
    pieces = pieces_of(2, 48)
    box.studio.moment(2)
    half = len(pieces) // 2
    for piece in pieces[:half]:
        file.write(piece)
    found = until(PLAYING)
    assert (found["kind"], found["muted"]) == ("draft", False)
    assert found["heard"] > 0
    assert box.store.clips.draft_state(draft.key, draft.take) == "open", (
        "pictures and sound before it is complete"
    )
    for piece in pieces[half:]:
        file.write(piece)
    file.close()
    box.studio.finish(draft, 2, 48, film_of(tmp_path, 2, 48))
    until(f"() => __reverie.cue?.kind == 'draft' && ({PLAYING})()?.time > 1.5")
    until("() => __reverie.cue?.kind == 'clip'")
    wait_for(lambda: len(box.store.plays.recent(9)) == 2, "the finished film's play")
    assert [play.rung for play in box.store.plays.recent(9)] == [Rung.CLIP, Rung.DRAFT]


@pytest.mark.parametrize("box", [ALOUD], indirect=True)
def test_where_sound_is_forbidden_it_plays_on_and_says_so(
    box: Box, page: Page, until: Until, tmp_path: Path
) -> None:
    page.add_init_script(f"({FORBIDDEN})()")
    page.goto(f"{box.url}/?screen=window")
    until("() => window.__reverie?.marks.some(m => m.kind == 'ambient' && m.displayed)")
    keep(box, tmp_path, 1, 96)
    box.studio.moment(1)
    found = until(PLAYING)
    assert (found["muted"], found["paused"]) == (True, False)
    until(f"() => ({HINT})() == 'visible'")
    page.mouse.click(20, 100)
    assert page.evaluate(HINT) == "hidden"
    found = until(PLAYING)
    assert not found["muted"], "one touch is enough, for this film too"


@pytest.mark.parametrize("box", [ALOUD], indirect=True)
def test_a_film_that_gives_way_falls_silent(box: Box, kiosk: Page, until: Until, tmp_path: Path) -> None:
    """Two films at once would be noise; the elements are muted again when they are free."""
    for film in (1, 2):
        keep(box, tmp_path, film, 96)
    box.studio.moment(1)
    until(PLAYING)
    until("() => performance.timeOrigin + performance.now() - __reverie.marks.at(-1).displayed > 1600")
    box.studio.moment(2)
    until("() => __reverie.marks.some(m => m.moment == 'moment-2' && m.displayed)")
    until("() => [...document.querySelectorAll('#stage video')].filter(v => !v.muted).length == 1")
    assert until(PLAYING)["volume"] == 0.5


def test_the_console_plays_a_film_with_its_sound(box: Box, page: Page, until: Until, tmp_path: Path) -> None:
    keep(box, tmp_path, 1, 72)
    page.goto(f"{box.url}/console")
    until("() => document.querySelector('#film-list .thumb:not(:disabled)')")
    page.click("#film-list .thumb")
    found = until("""() => {
      const v = document.querySelector('#film video');
      return v.currentTime > 0.2 && { muted: v.muted, heard: v.webkitAudioDecodedByteCount };
    }""")
    assert not found["muted"]
    assert found["heard"] > 0
