"""Films over HTTP: whole boxes of a growing draft, its end, its abort; finished films and their caching."""

from __future__ import annotations

import asyncio
import io
import struct
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screening import WORKER, Box, encode, encoding, key_of, make_box

from reverie.errors import ClipError, StoreError
from reverie.web.films import tail, whole

CLIPS = "reverie.store.clips.ClipShelf"


def atom(kind: bytes, size: int) -> bytes:
    return struct.pack(">I4s", size, kind) + bytes(size - 8)


def long_atom(kind: bytes, size: int) -> bytes:
    """With its size in 64 bits."""
    return struct.pack(">I4sQ", 1, kind, size) + bytes(size - 16)


FTYP, MOOV, MOOF, MDAT = atom(b"ftyp", 24), atom(b"moov", 40), atom(b"moof", 16), atom(b"mdat", 30)

WHOLE = [
    # What has come, how many bytes of it are given out.
    (b"", 0),
    (FTYP, 0),  # no picture can follow yet
    (FTYP + MOOV, 64),
    (FTYP + MOOV[:-1], 0),
    (FTYP + MOOV + MOOF, 64),  # a moof waits for its mdat
    (FTYP + MOOV + MOOF + MDAT, 110),
    (FTYP + MOOV + MOOF + MDAT + MOOF[:5], 110),
    (FTYP + MOOV + long_atom(b"mdat", 50), 114),
    (FTYP + MOOV + long_atom(b"mdat", 50)[:12], 64),  # its long size is not here yet
    (MDAT + atom(b"mfra", 20), 30),
]


@pytest.mark.parametrize(("held", "given_out"), WHOLE)
def test_whole_boxes(held: bytes, given_out: int) -> None:
    buffer = bytearray(held)
    assert whole(buffer) == held[:given_out]
    assert buffer == held[given_out:]


def test_what_is_no_mp4_is_an_error() -> None:
    with pytest.raises(ClipError, match="box of 3 bytes"):
        whole(bytearray(struct.pack(">I4s", 3, b"oops")))


def follow(steps: list[bytes], end: str) -> list[bytes]:
    """What `tail` gives out of a file that grows by `steps`, one for each look at the state; then `end`."""

    class Growing(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            return waiting.pop(0) if waiting and allowed else b""

    waiting = list(steps)
    allowed = [True]

    def state() -> str:
        return "open" if waiting else end

    async def collect() -> list[bytes]:
        return [piece async for piece in tail(Growing(), state, lambda: False)]

    return asyncio.run(collect())


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 109), max_size=6).map(sorted))
def test_however_the_bytes_arrive_whole_pieces_leave(cuts: list[int]) -> None:
    stream = FTYP + MOOV + MOOF + MDAT
    steps = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) if b > a]
    pieces = follow(steps, "done")
    assert b"".join(pieces) == stream
    ends = {64, 110}
    total = 0
    for piece in pieces:
        total += len(piece)
        assert total in ends


def test_a_draft_that_is_given_up_is_an_error() -> None:
    with pytest.raises(ClipError):
        follow([FTYP + MOOV], "aborted")


# ---------------------------------------------------------------------------------- over the wire


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("films")
    ambient = folder / "calm.mp4"
    ambient.write_bytes(encode(200, 12))
    box = make_box(folder, screen={"ambient": str(ambient)})
    box.start()
    yield box
    box.stop()
    box.store.close()


@pytest.fixture
def client(box: Box) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=box.url, trust_env=False) as client:
        yield client


def test_a_finished_film_is_sent_verbatim_and_kept_for_ever(box: Box, client: httpx.Client) -> None:
    clip = box.studio.film(1)
    answer = client.get(f"/api/clips/{clip.key}/{clip.take}.mp4")
    assert answer.content == clip.path.read_bytes()
    assert answer.headers["content-type"] == "video/mp4"
    assert "immutable" in answer.headers["cache-control"]


def test_a_part_of_a_film(box: Box, client: httpx.Client) -> None:
    clip = box.studio.film(2)
    answer = client.get(f"/api/clips/{clip.key}/{clip.take}.mp4", headers={"range": "bytes=10-19"})
    assert answer.status_code == 206
    assert answer.content == clip.path.read_bytes()[10:20]


def test_a_still_of_a_film(box: Box, client: httpx.Client) -> None:
    clip = box.studio.film(3)
    answer = client.get(f"/api/clips/{clip.key}/{clip.take}.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8")


def test_the_ambient_film(client: httpx.Client) -> None:
    assert client.get("/api/ambient.mp4").content == encode(200, 12)


MISSING = [
    f"/api/clips/{key_of(250)}/1.mp4",
    f"/api/clips/{key_of(250)}/1.jpg",
    f"/api/drafts/{key_of(250)}/1.mp4",
]


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert set(answer.json()) == {"error"}


def test_another_take_is_another_film(box: Box, client: httpx.Client) -> None:
    clip = box.studio.film(4)
    assert client.get(f"/api/clips/{clip.key}/{clip.take + 1}.mp4").status_code == 404


@pytest.mark.parametrize("path", ["/api/clips/../../etc/1.mp4", "/api/clips/XYZ/1.mp4", "/static/../app.py"])
def test_odd_paths(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code in (404, 422)


def test_a_draft_is_sent_while_it_grows_and_over_its_end(box: Box, client: httpx.Client) -> None:
    """Each fragment arrives before the next is made; the rename and unlink at the end lose nothing."""
    draft, file = box.studio.begin(5, 24)
    made = [piece for piece in encoding(5, 24) if piece]
    file.write(made[0])
    with client.stream("GET", f"/api/drafts/{draft.key}/{draft.take}.mp4") as answer:
        assert answer.headers["cache-control"] == "no-store"
        came = answer.iter_raw()
        got = next(came)
        for piece in made[1:-1]:
            before = len(got)
            file.write(piece)
            while len(got) == before:
                got += next(came)
        file.write(made[-1])
        box.studio.finish(draft, 5, 24)
        draft.path.unlink(missing_ok=True)
        file.close()
        got += b"".join(came)
    sent = bytearray(b"".join(made))
    assert got == whole(sent), "all but the index at the end, byte for byte"


def test_a_finished_draft_names_its_film(box: Box, client: httpx.Client) -> None:
    clip = box.studio.film(6)
    answer = client.get(f"/api/drafts/{clip.key}/{clip.take}.mp4")
    assert answer.status_code == 404
    assert answer.links["alternate"]["url"] == f"/api/clips/{clip.key}/{clip.take}.mp4"


def test_a_draft_that_is_given_up_is_cut_off(box: Box, client: httpx.Client) -> None:
    draft, file = box.studio.begin(7, 24)
    file.write(next(encoding(7, 24)) or b"".join(encoding(7, 2)))
    with client.stream("GET", f"/api/drafts/{draft.key}/{draft.take}.mp4") as answer:
        came = answer.iter_raw()
        next(came)
        box.store.jobs.fail(draft.key, WORKER, "no more", retry=False)
        with pytest.raises(httpx.RemoteProtocolError):
            list(came)
    file.close()


def test_a_draft_whose_store_fails_is_cut_off(
    box: Box, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    draft, file = box.studio.begin(8, 24)
    file.write(b"".join(encoding(8, 2)))
    with client.stream("GET", f"/api/drafts/{draft.key}/{draft.take}.mp4") as answer:
        came = answer.iter_raw()
        next(came)

        def fail(*_: object) -> str:
            raise StoreError("the disk is gone")

        monkeypatch.setattr(f"{CLIPS}.draft_state", fail)
        with pytest.raises(httpx.RemoteProtocolError):
            list(came)
    file.close()
    assert "Traceback" not in caplog.text


def test_a_film_evicted_as_it_is_asked_for(
    box: Box, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = box.studio.film(9)
    clip.path.unlink()
    monkeypatch.setattr(f"{CLIPS}.get", lambda *_: clip)
    answer = client.get(f"/api/clips/{clip.key}/{clip.take}.mp4")
    assert answer.status_code == 404
    assert set(answer.json()) == {"error"}


def test_a_film_evicted_after_its_headers_is_cut_off(
    box: Box, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clip = box.studio.film(10)

    def evict(*_: object) -> None:
        raise FileNotFoundError(clip.path)

    monkeypatch.setattr("starlette.responses.FileResponse._open_file", evict)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(f"/api/clips/{clip.key}/{clip.take}.mp4")
    assert "Traceback" not in caplog.text
