"""The live view: free while nobody looks, never in the way, gone when closed."""

from __future__ import annotations

import asyncio
import shutil
import socket
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import cv2
import numpy as np
import pytest

from reverie import config
from reverie.clock import ManualClock
from reverie.errors import ServeError
from reverie.values import Box, Frame, Image, Track
from reverie.vision import liveview
from reverie.vision.liveview import LiveView, encode, read_live, read_still

PATIENCE = 20.0


def frame(value: int = 0, width: int = 64, height: int = 48) -> Frame:
    return Frame(np.full((height, width, 3), value, np.uint8), 0, 0.0)


def decoded(jpeg: bytes) -> Image:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image, np.uint8)


class Client:
    """A console, as raw bytes."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))

    def ask(self, camera: str) -> None:
        self.socket.sendall(f"{camera}\n".encode())

    def jpeg(self) -> bytes:
        (length,) = struct.unpack(">I", self._exactly(4))
        return self._exactly(length)

    def jpeg_or_none(self) -> bytes | None:
        """The next whole JPEG; None when there is none any more."""
        try:
            return self.jpeg()
        except EOFError:
            return None

    def _exactly(self, count: int) -> bytes:
        blob = b""
        while len(blob) < count:
            part = self.socket.recv(count - len(blob))
            if not part:
                raise EOFError
            blob += part
        return blob

    def close(self) -> None:
        self.socket.close()


class Rig:
    def __init__(self, path: Path) -> None:
        self.clock = ManualClock()
        self.path = path
        self.view = LiveView(path, self.clock)

    def offer(self, camera: str, value: int, seconds: float = 1.0) -> None:
        self.clock.advance(seconds)
        self.view.offer(camera, frame(value), [])

    def watched(self, *cameras: str) -> None:
        """Wait until the view knows exactly who looks at what."""
        pause = threading.Event()
        for _ in range(2000):
            if self.view._watched == frozenset(cameras):
                return
            pause.wait(0.01)
        raise AssertionError(f"{self.view._watched} is not {cameras}")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "run" / "live.sock")
    yield made
    made.view.close()


def test_socket_is_the_operators_alone(rig: Rig) -> None:
    assert stat.S_IMODE(rig.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(rig.path.parent.stat().st_mode) == 0o700
    assert stat.S_ISSOCK(rig.path.stat().st_mode)
    rig.view.close()
    assert not rig.path.exists()
    rig.view.close()  # twice is harmless


def test_nobody_looks_nothing_is_encoded(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[Frame] = []

    def spy(offered: Frame, *_: object) -> bytes:
        encoded.append(offered)
        return b"x"

    monkeypatch.setattr(liveview, "encode", spy)
    rig.offer("a", 1)
    client = Client(rig.path)
    rig.watched("")
    rig.offer("a", 2)
    assert client.jpeg() == b"x"
    client.close()
    rig.watched()
    rig.offer("a", 3)
    rig.view.close()
    assert len(encoded) == 1
    assert not rig.view._offers


def test_viewers_choose_a_camera(rig: Rig) -> None:
    first, second = Client(rig.path), Client(rig.path)
    second.ask("b")
    rig.watched("", "b")
    rig.offer("a", 50)
    rig.offer("b", 200)
    assert decoded(first.jpeg())[20, 20, 0] == pytest.approx(50, abs=2)
    assert decoded(second.jpeg())[20, 20, 0] == pytest.approx(200, abs=2)
    second.ask("a")
    rig.watched("", "a")
    rig.offer("a", 90)
    for client in (first, second):
        assert decoded(client.jpeg())[20, 20, 0] == pytest.approx(90, abs=2)
        client.close()


def test_at_most_ten_a_second(rig: Rig) -> None:
    client = Client(rig.path)
    rig.watched("")
    rig.offer("a", 10)
    assert decoded(client.jpeg())[20, 20, 0] == pytest.approx(10, abs=2)
    for value in (20, 30, 40):
        rig.offer("a", value, 0.03)  # too soon
    rig.offer("a", 250, 0.03)  # 0.12 s after the first
    assert decoded(client.jpeg())[20, 20, 0] == pytest.approx(250, abs=2)
    client.close()


def test_slow_viewer_drops_frames_and_hinders_nobody(rig: Rig) -> None:
    slow, quick = Client(rig.path), Client(rig.path)
    slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.ask("a")
    quick.ask("a")
    rig.watched("a")
    noise = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    for _ in range(8):
        rig.clock.advance(1.0)
        rig.view.offer("a", Frame(noise, 0, 0.0), [])
        quick.jpeg()
    # What waits for the slow one is what its socket holds and one frame at most, whole frames each.
    rig.view.close()
    assert sum(1 for _ in iter(slow.jpeg_or_none, None)) < 8
    slow.close()
    quick.close()


def test_viewer_that_vanishes_or_talks_nonsense_is_harmless(rig: Rig) -> None:
    gone, mad, good = (Client(rig.path) for _ in range(3))
    gone.close()
    mad.socket.sendall(b"\xff\xfe\n" + b"x" * 5000)
    good.ask("a")
    rig.watched("a", "\N{REPLACEMENT CHARACTER}" * 2)
    rig.offer("a", 77)
    assert decoded(good.jpeg())[20, 20, 0] == pytest.approx(77, abs=2)
    mad.close()
    good.close()


def test_stale_socket_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "live.sock"
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(path))
    left.close()  # the file stays, as after kill -9
    view = LiveView(path, ManualClock())
    Client(path).close()
    view.close()


def found(path: Path) -> bool:
    """Wait until there is a socket at `path` again."""
    pause = threading.Event()
    return any(path.is_socket() or pause.wait(0.01) for _ in range(2000))


def test_socket_whose_path_is_gone_is_made_anew(rig: Rig) -> None:
    early = Client(rig.path)
    rig.watched("")
    shutil.rmtree(rig.path.parent)  # as when the runtime folder is emptied
    rig.view.offer("a", frame(30), [])  # no second has passed: nobody looks yet
    assert decoded(early.jpeg())[20, 20, 0] == pytest.approx(30, abs=2)
    assert not rig.path.exists()
    rig.offer("a", 60, liveview.LOOK)
    assert found(rig.path)
    assert stat.S_IMODE(rig.path.stat().st_mode) == 0o600
    assert decoded(early.jpeg())[20, 20, 0] == pytest.approx(60, abs=2)
    late = Client(rig.path)
    late.ask("b")
    rig.watched("", "b")
    rig.offer("b", 90)
    assert decoded(late.jpeg())[20, 20, 0] == pytest.approx(90, abs=2)
    early.close()
    late.close()
    rig.view.close()
    assert not rig.path.exists()


def test_socket_is_made_anew_while_nobody_looks_and_tried_again_when_it_cannot_be(rig: Rig) -> None:
    shutil.rmtree(rig.path.parent)
    rig.path.parent.write_text("in the way")
    rig.offer("a", 1)
    rig.path.parent.unlink()
    rig.offer("a", 2)
    assert found(rig.path)
    Client(rig.path).close()


@pytest.mark.parametrize("name", ["file", "x" * 120, "file/live.sock"])
def test_no_socket_there_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("precious")
    with pytest.raises(ServeError, match=r"no live view can be offered there: .*store\.runtime"):
        LiveView(tmp_path / name, ManualClock())
    assert (tmp_path / "file").read_text() == "precious"


def test_picture_is_shrunk_and_annotated() -> None:
    wide = frame(60, 1920, 1080)
    track = Track(1, "cup", Box(0.2, 0.2, 0.6, 0.8), 0.9, 0.0, 0.0)
    plain, drawn = decoded(encode(wide, [], (), ())), decoded(encode(wide, [track], (), ()))
    assert plain.shape == drawn.shape == (540, 960, 3)
    assert np.abs(plain.astype(int) - drawn).max() > 100
    assert decoded(encode(frame(0, 641, 479), [], (), ())).shape == (479, 641, 3)


def test_reader_gets_jpegs_until_watch_goes_away(rig: Rig) -> None:
    async def look() -> list[int]:
        found = []
        async with aclosing(read_live(rig.path, "b")) as pictures:
            following = asyncio.ensure_future(anext(pictures))
            await asyncio.to_thread(rig.watched, "b")
            for value in (40, 80, 120):
                rig.offer("b", value)
                found.append(int(decoded(await following)[20, 20, 0]))
                following = asyncio.ensure_future(anext(pictures))
                await asyncio.sleep(0)
            rig.view.close()
            with pytest.raises(StopAsyncIteration):
                await following
        return found

    assert asyncio.run(look()) == pytest.approx([40, 80, 120], abs=2)


def test_reader_that_leaves_stops_the_encoding(rig: Rig) -> None:
    async def look() -> None:
        async with aclosing(read_live(rig.path)) as pictures:
            following = asyncio.ensure_future(anext(pictures))
            await asyncio.to_thread(rig.watched, "")
            rig.offer("a", 1)
            await following
        await asyncio.to_thread(rig.watched)

    asyncio.run(look())


def test_reader_without_a_view_ends_at_once(tmp_path: Path) -> None:
    async def look() -> list[bytes]:
        return [jpeg async for jpeg in read_live(tmp_path / "none.sock")]

    assert asyncio.run(look()) == []


def test_reading_loads_no_opencv() -> None:
    code = "import sys, reverie.vision.liveview; sys.exit('cv2' in sys.modules or 'av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---------------------------------------------------------------------------------- a plain still

MARKS = [config.Zone(name="shelf", polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))]


def offer_marked(rig: Rig, value: int) -> None:
    """A frame of camera "a" that is wholly under a zone, and so tinted where marks are drawn."""
    rig.clock.advance(1.0)
    rig.view.offer("a", frame(value), [Track(1, "cup", Box(0.2, 0.2, 0.6, 0.8), 0.9, 0.0, 0.0)], MARKS)


def test_a_still_is_one_picture_without_marks(rig: Rig) -> None:
    live, still = Client(rig.path), Client(rig.path)
    live.ask("a")
    still.ask("?a")
    rig.watched("a")
    offer_marked(rig, 100)
    assert np.ptp(decoded(still.jpeg()).astype(int)) <= 4
    assert np.ptp(decoded(live.jpeg()).astype(int)) > 60
    offer_marked(rig, 50)
    live.jpeg()
    still.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        still.socket.recv(1)
    still.socket.setblocking(True)
    still.ask("?a")  # asked again, it comes again
    again: list[bytes] = []
    reader = threading.Thread(target=lambda: again.append(still.jpeg()), daemon=True)
    reader.start()
    for _ in range(200):
        offer_marked(rig, 50)
        live.jpeg()
        reader.join(0.01)
        if again:
            break
    assert decoded(again[0])[20, 20, 0] == pytest.approx(50, abs=2)
    live.close()
    still.close()


def test_who_has_its_still_keeps_nothing_encoding(rig: Rig) -> None:
    client = Client(rig.path)
    client.ask("?a")
    rig.watched("a")
    offer_marked(rig, 100)
    client.jpeg()
    rig.watched()  # connected still, and nobody looks
    client.close()


def test_reader_of_a_still_gets_the_next_one_and_leaves(rig: Rig) -> None:
    async def look() -> bytes | None:
        asked = asyncio.ensure_future(read_still(rig.path, "a"))
        await asyncio.to_thread(rig.watched, "a")
        offer_marked(rig, 80)
        jpeg = await asked
        await asyncio.to_thread(rig.watched)
        return jpeg

    jpeg = asyncio.run(look())
    assert jpeg is not None
    assert np.abs(decoded(jpeg).astype(int) - 80).max() <= 2


def test_no_still_without_a_view(tmp_path: Path) -> None:
    assert asyncio.run(read_still(tmp_path / "none.sock", "a")) is None
