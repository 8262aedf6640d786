"""The program: its port, its heartbeats, its end; screens without pixels; the live view."""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from screening import Box, encode, encoding, key_of, make_box, wait_for
from websockets.sync.client import connect

from reverie import config, serve
from reverie.clock import SystemClock
from reverie.errors import ClipError, ServeError
from reverie.values import Frame
from reverie.vision.liveview import LiveView
from reverie.web.headless import Boxes, HeadlessScreen, events


def test_a_busy_port_says_which_and_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        box = make_box(tmp_path, serve={"port": port})
        box.store.close()
        with pytest.raises(ServeError, match=rf"port {port} is taken.*serve\.port or --port"):
            serve.run(box.config, SystemClock(), threading.Event())


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    settings = config.Serve.model_validate({"host": "192.0.2.1", "token": "0123456789abcdef"})
    with (
        pytest.raises(ServeError, match=r"192\.0\.2\.1 is no address of this machine"),
        serve.listen(settings),
    ):
        pass


ADDRESSES = [
    ("127.0.0.1", "http://127.0.0.1:"),
    ("0.0.0.0", "http://127.0.0.1:"),  # a browser on this box cannot open 0.0.0.0
    ("::1", "http://[::1]:"),
]


@pytest.mark.parametrize(("host", "url"), ADDRESSES)
def test_the_address_that_a_browser_can_open(host: str, url: str) -> None:
    settings = config.Serve.model_validate({"host": host, "port": 0, "token": "0123456789abcdef"})
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with serve.listen(settings) as listener:
        assert serve.url_of(settings, listener) == f"{url}{listener.getsockname()[1]}"


def test_it_beats_and_says_where_it_is(served: Box) -> None:
    wait_for(lambda: served.store.health.all()[0].state == "running", "the heartbeat to say running")
    (health,) = served.store.health.all()
    assert health.program == "serve"
    assert health.stats["url"] == served.url


def test_it_stops_with_streams_open(served: Box) -> None:
    """Cues, a draft that never ends and the live view are all told to end."""
    draft, file = served.studio.begin(1)
    file.write(b"".join(encoding(1, 2)))
    ended: list[str] = []

    def listen(path: str) -> None:
        try:
            with httpx.stream("GET", served.url + path, timeout=30, trust_env=False) as answer:
                for _ in answer.iter_raw():
                    opened[path].set()
        except httpx.RemoteProtocolError:
            pass  # the draft is cut off
        ended.append(path)

    paths = ["/api/cues?screen=a", f"/api/drafts/{draft.key}/{draft.take}.mp4"]
    opened = {path: threading.Event() for path in paths}
    threads = [threading.Thread(target=listen, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    with connect(served.url.replace("http", "ws") + "/api/live", proxy=None) as live:
        live.recv()
        assert all(event.wait(20) for event in opened.values())
        served.stop()
    for thread in threads:
        thread.join(10)
    assert sorted(ended) == sorted(paths)
    file.close()


def test_a_quiet_stream_is_kept_alive(served: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reverie.web.kiosk.HEARTBEAT", 0.02)
    with httpx.stream("GET", f"{served.url}/api/cues?screen=a", trust_env=False) as answer:
        told = events(answer.iter_lines())
        assert [next(told)[0] for _ in range(3)] == ["cue", "heartbeat", "heartbeat"]


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 65])
def test_odd_screen_names_are_refused(served: Box, name: str) -> None:
    answer = httpx.get(f"{served.url}/api/cues", params={"screen": name}, trust_env=False)
    assert answer.status_code == 422
    assert "screen" in answer.json()["error"]


# ---------------------------------------------------------------------------------- screens without pixels


@pytest.fixture
def screen(served: Box) -> Iterator[HeadlessScreen]:
    screen = HeadlessScreen(served.url, None, SystemClock())
    screen.start()
    wait_for(lambda: screens_of(served), "the screen to be connected")
    yield screen
    screen.stop()


def screens_of(box: Box) -> list[object]:
    state = httpx.get(f"{box.url}/api/state", trust_env=False).json()
    return [s for s in state["screens"] if s["connected"]]


def plays_of(box: Box, ended: bool = True) -> list[tuple[str, str]]:
    plays = [p for p in box.store.plays.recent(50) if p.ended or not ended]
    return [(str(p.rung), p.key) for p in reversed(plays)]


def test_a_kept_film_is_played_to_its_end_as_often_as_configured(served: Box, screen: HeadlessScreen) -> None:
    served.studio.film(1, 24)
    moment = served.studio.moment(1)
    wait_for(lambda: len(plays_of(served)) == 2, "two plays")
    assert plays_of(served) == [("clip", key_of(1))] * 2
    for play in served.store.plays.recent(2):
        assert play.moment == moment.id
        assert play.ended - play.started >= 0.5  # of the film's second; a start may be told late
    assert screen.errors == []


def test_a_draft_is_on_before_it_is_complete(served: Box, screen: HeadlessScreen) -> None:
    draft, file = served.studio.begin(1, 12)
    served.studio.moment(1)
    pieces = [piece for piece in encoding(1, 12) if piece]
    for piece in pieces[:4]:
        file.write(piece)
    wait_for(lambda: plays_of(served, ended=False), "the draft to be on")
    assert plays_of(served, ended=False) == [("draft", key_of(1))]
    for piece in pieces[4:]:
        file.write(piece)
    served.studio.finish(draft, 1, 12)
    file.close()
    wait_for(lambda: len(plays_of(served)) == 2, "the draft and its film")
    assert plays_of(served) == [("draft", key_of(1)), ("clip", key_of(1))]
    assert screen.errors == []


def test_a_cut_film_is_an_error_and_the_next_rung_is_shown(served: Box, screen: HeadlessScreen) -> None:
    good = served.studio.film(2, 6, topic="topic-1")
    bad = served.studio.film(1, 6)
    data = bytearray(bad.path.read_bytes())
    data[4:8] = b"junk"
    data[36:] = bytes(len(data) - 36)
    bad.path.write_bytes(bytes(data))
    served.studio.moment(1)
    wait_for(lambda: plays_of(served), "another film of the topic")
    assert plays_of(served)[0] == ("topic", good.key)
    assert served.store.clips.get(bad.key) is None
    assert len(screen.errors) == 1


def test_it_finds_its_box_again(served: Box, screen: HeadlessScreen) -> None:
    port = int(served.url.rpartition(":")[2])
    served.stop()
    served.config = served.config.model_copy(
        update={"serve": served.config.serve.model_copy(update={"port": port})}
    )
    served.studio.film(1, 6)
    served.start()
    served.studio.moment(1)
    wait_for(lambda: plays_of(served), "a play after the restart")


BROKEN = [
    b"",
    encode(1, 6)[:-1],
    encode(1, 6)[:100],
    b"<html>not a film at all</html>",
    bytes(64),
]


@pytest.mark.parametrize("data", BROKEN, ids=["empty", "cut by one byte", "head only", "html", "zeros"])
def test_what_is_no_film(data: bytes) -> None:
    boxes = Boxes()

    def read() -> None:
        for i in range(0, len(data), 7):
            boxes.push(data[i : i + 7])
        boxes.close()

    with pytest.raises(ClipError):
        read()


def test_a_film_in_any_pieces() -> None:
    film = encode(1, 6)
    for size in (1, 5, 4096, len(film)):
        boxes = Boxes()
        shown = [boxes.push(film[i : i + size]) for i in range(0, len(film), size)]
        boxes.close()
        assert shown[-1]
        assert size > 5 or not shown[0]


def test_server_sent_events() -> None:
    text = "retry: 500\n\nid: 1\nevent: cue\ndata: {}\n\n: a comment\nevent: heartbeat\ndata:{}\n\n"
    assert list(events(text.split("\n"))) == [("cue", "{}"), ("heartbeat", "{}")]


# ---------------------------------------------------------------------------------- the live view


def test_the_live_view_is_relayed_while_somebody_looks(served: Box) -> None:
    view = LiveView(config.runtime_folder(served.config.store) / "live.sock")
    frame = Frame(np.full((48, 64, 3), 90, np.uint8), 0, 0.0)
    try:
        with connect(served.url.replace("http", "ws") + "/api/live", proxy=None) as live:
            picture: bytes | str = ""
            while isinstance(picture, str):  # "waiting" until somebody offers
                view.offer("camera", frame, [])
                try:
                    picture = live.recv(timeout=0.05)
                except TimeoutError:
                    continue
                if isinstance(picture, str):
                    assert "waiting" in json.loads(picture)
        assert Image.open(io.BytesIO(picture)).size == (64, 48)
    finally:
        view.close()
