"""The kiosk in a real Chromium: every picture is read by its barcode, every gap would be magenta."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page
from screening import Box, Until, encode, encoding, key_of, make_box, read_barcode, wait_for

from reverie.errors import StoreFull
from reverie.values import Image as Pixels
from reverie.values import Rung

AMBIENT = 200
SHOWN = "moment => __reverie.marks.find(m => m.moment == moment && m.displayed)"
FRONT = """() => {
  const cue = window.__reverie?.cue;
  const v = cue && [...document.querySelectorAll('#stage video')].find(v => v.film?.cue === cue);
  return v && { time: v.currentTime, ended: v.ended, frames: v.getVideoPlaybackQuality().totalVideoFrames };
}"""
STEADY = "() => performance.timeOrigin + performance.now() - __reverie.marks.at(-1).displayed > 1600"
EXPOSE = """() => {
  document.body.style.background = '#f0f';
  document.getElementById('calm').style.display = 'none';
  document.querySelector('#stage video.ambient').style.visibility = 'hidden';
}"""


@pytest.fixture
def box(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Box]:
    """A served box whose ambient film has a barcode too. Parameters: settings of the screen, `token`."""
    ambient = tmp_path / "calm.mp4"
    ambient.write_bytes(encode(AMBIENT, 48))
    asked = dict(getattr(request, "param", {}))
    serve = {"port": 0, "token": asked.pop("token", None)}
    box = make_box(tmp_path, screen={"ambient": str(ambient), **asked}, serve=serve)
    box.start()
    yield box
    box.stop()
    box.store.close()


@pytest.fixture
def kiosk(box: Box, page: Page, until: Until) -> Page:
    """The page, with its ambient film on."""
    page.goto(f"{box.url}/?screen=window")
    until("() => window.__reverie?.marks.some(m => m.kind == 'ambient' && m.displayed)")
    return page


def pixels(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def seen(page: Page) -> tuple[int, int] | None:
    """(film, frame) of what is on the screen now."""
    return read_barcode(pixels(page.screenshot()))


def sees(page: Page, film: int) -> bool:
    now = seen(page)
    return now is not None and now[0] == film


def rungs(box: Box) -> list[Rung]:
    return [play.rung for play in reversed(box.store.plays.recent(20))]


class Watch:
    """Every composited frame of a page, from now on."""

    def __init__(self, page: Page) -> None:
        self.frames: list[Pixels] = []
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._session.on("Page.screencastFrame", self._take)
        self._session.send("Page.startScreencast", {"format": "jpeg", "quality": 90, "everyNthFrame": 1})

    def _take(self, event: dict[str, Any]) -> None:
        self._session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})
        self.frames.append(pixels(base64.b64decode(event["data"])))

    def wait(self, true: Callable[[], bool], what: str) -> None:
        """Wait for frames; they come while the page is talked to."""
        wait_for(lambda: self._page.evaluate("true") and true(), what)

    def stop(self) -> None:
        self._session.send("Page.stopScreencast")
        self._session.detach()

    @property
    def gaps(self) -> int:
        """How many frames let the magenta background through, in whole or mixed into a fade."""
        return sum(1 for frame in self.frames if magenta(frame))

    @property
    def films(self) -> list[int]:
        """The films in the order in which they came on."""
        found: list[int] = []
        for frame in self.frames:
            code = read_barcode(frame)
            if code is not None and (not found or found[-1] != code[0]):
                found.append(code[0])
        return found


def magenta(frame: Pixels) -> bool:
    """Films are green, yellow or brown below their barcode: blue stays low in each."""
    patch = frame[frame.shape[0] // 2 :, :, 2]
    return float(patch.mean()) > 125


def test_the_ambient_film_plays_when_nobody_is_there(kiosk: Page) -> None:
    wait_for(lambda: sees(kiosk, AMBIENT), "the ambient film")


def test_a_kept_film_plays_and_is_proved(box: Box, kiosk: Page, until: Until) -> None:
    box.studio.film(1, 48)
    moment = box.studio.moment(1)
    mark = until(SHOWN, moment.id)
    wait_for(lambda: sees(kiosk, 1), "film 1")
    wait_for(lambda: box.store.plays.recent(1), "proof of play")
    play = box.store.plays.recent(1)[0]
    assert (play.rung, play.key, play.moment, play.screen) == (Rung.CLIP, key_of(1), moment.id, "window")
    assert mark["opened"] <= mark["displayed"]
    wait_for(lambda: sees(kiosk, AMBIENT), "the ambient film after both plays")
    assert rungs(box) == [Rung.CLIP] * box.config.screen.repeat


def test_a_draft_plays_while_it_grows(box: Box, kiosk: Page, until: Until) -> None:
    draft, file = box.studio.begin(2, 72)
    pieces = [piece for piece in encoding(2, 72) if piece]
    moment = box.studio.moment(2)
    for piece in pieces[:16]:
        file.write(piece)
    until(SHOWN, moment.id)
    wait_for(lambda: sees(kiosk, 2), "the draft's pictures")
    assert box.store.clips.draft_state(draft.key, draft.take) == "open", "pictures before it is complete"
    assert until(FRONT)["frames"] >= 1
    for piece in pieces[16:]:
        file.write(piece)
    file.close()
    box.studio.finish(draft, 2, 72)
    until(f"() => __reverie.cue?.kind == 'draft' && ({FRONT})()?.time > 2.5")
    until("() => __reverie.cue?.kind == 'clip'")
    wait_for(lambda: len(rungs(box)) == 2, "the finished film's play")
    assert rungs(box) == [Rung.DRAFT, Rung.CLIP]


@pytest.mark.parametrize("box", [{"fade": 0}, {"fade": 0.25}], indirect=True, ids=["cut", "fade"])
def test_films_follow_each_other_without_a_gap(box: Box, kiosk: Page, until: Until) -> None:
    """A newer moment takes over, a draft does, a film repeats: no frame shows what is behind."""
    for film in (1, 2, 3):
        box.studio.film(film, 60)
    until(SHOWN, box.studio.moment(1).id)
    wait_for(lambda: sees(kiosk, 1), "film 1")
    kiosk.evaluate(EXPOSE)
    watch = Watch(kiosk)
    for film in (2, 3):
        until(STEADY)
        until(SHOWN, box.studio.moment(film).id)
    until("() => __reverie.marks.filter(m => m.moment == 'moment-3' && m.displayed).length == 2")
    _, file = box.studio.begin(4, 48)
    with file:
        file.write(b"".join(encoding(4, 48)))
    until(STEADY)
    until(SHOWN, box.studio.moment(4).id)
    watch.wait(lambda: watch.films[-1:] == [4], "the draft's pictures")
    watch.stop()
    assert len(watch.frames) > 60
    assert watch.gaps == 0
    assert [film for film in watch.films if film in (1, 2, 3, 4)] == watch.films
    assert watch.films[0] == 1
    assert set(watch.films) == {1, 2, 3, 4}


def test_a_gap_would_be_seen(box: Box, kiosk: Page, until: Until) -> None:
    """The test above can fail: let go of the old film before the new one is there, and magenta shows."""
    box.studio.film(1, 96)
    until(SHOWN, box.studio.moment(1).id)
    wait_for(lambda: sees(kiosk, 1), "film 1")
    kiosk.evaluate(EXPOSE)
    watch = Watch(kiosk)
    watch.wait(lambda: len(watch.frames) > 2, "frames")
    assert watch.gaps == 0
    kiosk.evaluate("""() => {
      const stage = document.getElementById('stage');
      stage.style.visibility = 'hidden';
      requestAnimationFrame(() => requestAnimationFrame(() => { stage.style.visibility = ''; }));
    }""")
    watch.wait(lambda: watch.gaps > 0, "the gap to be seen")
    watch.stop()


def test_a_reload_in_the_middle_goes_on(box: Box, kiosk: Page, until: Until) -> None:
    box.studio.film(1, 144)
    until(SHOWN, box.studio.moment(1).id)
    until(f"() => ({FRONT})()?.time > 1")
    kiosk.reload()
    mark = until("() => window.__reverie?.marks.find(m => m.kind == 'clip' && m.displayed)")
    assert until(FRONT)["time"] > 1
    (play,) = box.store.plays.recent(9)
    assert play.id == mark["id"], "it is the same play"
    assert play.ended == 0


def test_without_its_server_it_goes_on_and_boots_from_its_cache(box: Box, kiosk: Page, until: Until) -> None:
    until("""async () => (await navigator.serviceWorker.ready) && (await caches.keys()).length == 2
        && (await (await caches.open('reverie-films-1')).keys()).length == 1""")
    box.studio.film(1, 48)
    until(SHOWN, box.studio.moment(1).id)
    port = int(box.url.rpartition(":")[2])
    box.stop()
    until("() => !__reverie.online")
    wait_for(lambda: sees(kiosk, AMBIENT), "the ambient film after the film's end, without a server")
    assert kiosk.evaluate("() => __reverie.unsent") == 1, "the end of its play waits to be told"
    kiosk.reload()
    until("() => window.__reverie")
    wait_for(lambda: sees(kiosk, AMBIENT), "the ambient film from the cache")
    box.config = box.config.model_copy(update={"serve": box.config.serve.model_copy(update={"port": port})})
    returned = box.studio.clock.now()
    box.start()
    until("() => __reverie.online")
    # The oldest one: its moment lives, and so the film is soon on again.
    wait_for(lambda: box.store.plays.recent(9)[-1].ended, "the end of the play to be told")
    play = box.store.plays.recent(9)[-1]
    assert play.started < play.ended < returned, "with the time at which it was"
    moment = box.studio.moment(1, name="later")
    until(SHOWN, moment.id)
    wait_for(lambda: sees(kiosk, 1), "a film after the server's return")


def garbage(data: bytes) -> bytes:
    return b"\x00\x00\x00\x20junk" + bytes(len(data) - 8)


def hollow(data: bytes) -> bytes:
    """Its index is whole, its pictures are zeros."""
    start = data.index(b"mdat") + 4
    return data[:start] + bytes(len(data) - start)


@pytest.mark.parametrize("damage", [garbage, hollow])
def test_a_damaged_film_gives_way_to_the_next_rung(box: Box, kiosk: Page, until: Until, damage: Any) -> None:
    box.studio.film(2, 48, topic="topic-1")
    clip = box.studio.film(1, 48)
    clip.path.write_bytes(damage(clip.path.read_bytes()))
    box.studio.moment(1)
    until("() => __reverie.cue?.rung == 'topic'")
    wait_for(lambda: sees(kiosk, 2), "another film of the topic")
    assert box.store.clips.get(clip.key) is None, "it was dropped, so that a wish makes it anew"


def test_a_draft_that_is_given_up_gives_way(box: Box, kiosk: Page, until: Until) -> None:
    box.studio.film(2, 48, topic="topic-1")
    draft, file = box.studio.begin(1, 72, topic="topic-1")
    pieces = [piece for piece in encoding(1, 72) if piece]
    for piece in pieces[:12]:
        file.write(piece)
    moment = box.studio.moment(1)
    until(SHOWN, moment.id)
    box.store.jobs.fail(draft.key, "test", "no more", retry=False)
    file.close()
    until("() => __reverie.cue?.rung == 'topic'")
    wait_for(lambda: sees(kiosk, 2), "another film of the topic")


def test_a_full_disk_does_not_stop_the_screen(
    box: Box, kiosk: Page, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proof of play waits in the page, in order and with its times, until there is room."""
    box.studio.film(1, 36)

    def full(*_: object) -> None:
        raise StoreFull("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("reverie.store.plays.PlayTable.start", full)
        patch.setattr("reverie.store.plays.PlayTable.end", full)
        box.studio.moment(1, hold=2.5)
        until("() => __reverie.marks.filter(m => m.kind == 'clip' && m.displayed).length == 2")
        until("() => __reverie.marks.at(-1).kind == 'ambient' && __reverie.marks.at(-1).displayed")
        assert kiosk.evaluate("() => __reverie.unsent") >= 4
        assert rungs(box) == []
    until("() => __reverie.unsent == 0")
    plays = box.store.plays.recent(9)
    assert [play.rung for play in plays] == [Rung.CLIP] * 2
    for play in plays:
        assert play.ended - play.started == pytest.approx(1.5, abs=0.5)


@pytest.mark.parametrize("box", [{"token": "0123456789abcdef"}], indirect=True)
def test_with_a_token_it_is_opened_once_and_works_on(box: Box, page: Page, until: Until) -> None:
    page.goto(f"{box.url}/?screen=window&token=0123456789abcdef")
    assert page.url == f"{box.url}/?screen=window", "the token does not stay in the address"
    until("() => window.__reverie?.online")
    box.studio.film(1, 48)
    until(SHOWN, box.studio.moment(1).id)
    wait_for(lambda: sees(page, 1), "film 1")
    page.goto(f"{box.url}/console")
    until("() => document.querySelector('#moment-list li')")


def test_the_cursor_is_hidden_and_the_note_is_for_operators(kiosk: Page, until: Until) -> None:
    assert kiosk.evaluate("() => getComputedStyle(document.body).cursor") == "none"
    assert kiosk.evaluate("() => getComputedStyle(document.getElementById('note')).opacity") == "0"
    kiosk.mouse.move(50, 50)
    until("() => getComputedStyle(document.getElementById('note')).opacity == '1'")
