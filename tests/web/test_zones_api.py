"""Zones over HTTP: read, drawn, refused by name, never overwritten unseen; and the still to draw them on."""

from __future__ import annotations

import errno
import io
import json
import math
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from screening import Box, make_box

from reverie import config, zones
from reverie.values import Frame
from reverie.vision.liveview import LiveView

SQUARE = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.4]]
BOW = [[0.1, 0.1], [0.4, 0.4], [0.4, 0.1], [0.1, 0.4]]
SHELF = {"name": "shelf", "polygon": SQUARE}
DOOR = {"name": "door", "start": [0.5, 0.0], "end": [0.5, 1.0]}
CAMERAS = [
    {"name": "front", "source": "demo", "zones": [{"name": "desk", "polygon": SQUARE, "labels": ["parcel"]}]},
    {"name": "back door", "source": "demo"},
]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A box of two cameras; `served` serves it."""
    box = make_box(tmp_path, cameras=CAMERAS, events={"dwell": 7})
    yield box
    box.stop()
    box.store.close()


@pytest.fixture
def client(served: Box) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Box, httpx.Client]]:
    """The same, served for all those tests that change nothing."""
    box = make_box(tmp_path_factory.mktemp("calm"), cameras=CAMERAS)
    box.start()
    with httpx.Client(base_url=box.url, trust_env=False, timeout=30) as client:
        yield box, client
    box.stop()
    box.store.close()


def put(
    client: httpx.Client, *zone: Any, lines: Any = (), camera: str = "front", **also: Any
) -> httpx.Response:
    """Save over what holds now, unless `version` says otherwise."""
    base = client.get(f"/api/zones/{camera}").json()["version"]
    body = {"version": base, "zones": list(zone), "lines": list(lines), **also}
    return client.put(f"/api/zones/{camera}", json=body)


def test_what_holds_is_told_for_every_camera(client: httpx.Client) -> None:
    told = client.get("/api/zones").json()
    front, back = told["cameras"]
    assert (front["camera"], front["drawn"], front["fault"]) == ("front", False, "")
    assert [zone["name"] for zone in front["zones"]] == ["desk"]
    assert (back["camera"], back["zones"], back["lines"]) == ("back door", [], [])
    assert told["usual"]["dwell"] == 7
    assert told["labels"][0] == "parcel"
    assert "person" in told["labels"]
    assert told["still"] is True
    assert client.get("/api/zones/front").json() == front


def test_what_is_drawn_holds_and_goes_back(served: Box, client: httpx.Client) -> None:
    answer = put(client, {**SHELF, "dwell": 2, "labels": ["cup"]}, lines=[DOOR])
    assert answer.status_code == 200
    assert answer.json() == client.get("/api/zones/front").json()
    told = answer.json()
    assert told["drawn"] is True
    assert told["zones"][0]["polygon"] == SQUARE
    assert (told["zones"][0]["dwell"], told["zones"][0]["labels"]) == (2, ["cup"])
    assert [zone["name"] for zone in told["configured"]["zones"]] == ["desk"]
    sheet = zones.Sheet(served.config)  # what `watch` reads
    assert [zone.name for zone in sheet.news()["front"].zones] == ["shelf"]
    back = client.delete("/api/zones/front", params={"version": told["version"]})
    assert back.status_code == 200
    assert (back.json()["drawn"], back.json()["zones"][0]["name"]) == (False, "desk")
    assert list(sheet.news()) == ["front"]


def test_a_camera_with_a_space_in_its_name(client: httpx.Client) -> None:
    assert put(client, SHELF, camera="back door").json()["camera"] == "back door"


def test_two_who_edit_do_not_overwrite_each_other(client: httpx.Client) -> None:
    before = client.get("/api/zones/front").json()["version"]
    kept = put(client, SHELF).json()
    late = put(client, DOOR, version=before)
    assert late.status_code == 422, "what is wrong anyway is said first"
    late = put(client, {**SHELF, "name": "other"}, version=before)
    assert late.status_code == 409
    assert "changed by somebody else" in late.json()["error"]
    assert client.delete("/api/zones/front", params={"version": before}).status_code == 409
    assert client.get("/api/zones/front").json() == kept


def test_of_many_who_save_at_once_one_wins(client: httpx.Client) -> None:
    base = client.get("/api/zones/front").json()["version"]
    ready = threading.Barrier(6)

    def save(index: int) -> int:
        ready.wait()
        body = {"version": base, "zones": [{**SHELF, "name": f"shelf {index}"}], "lines": []}
        return client.put("/api/zones/front", json=body).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(save, range(6))) == [200, 409, 409, 409, 409, 409]


# What is sent → the status, and what is said.
REFUSED = [
    ({"zones": [{**SHELF, "polygon": BOW}]}, 422, r"zone 'shelf': .* cross"),
    ({"zones": [SHELF, SHELF]}, 422, r"called 'shelf'"),
    ({"zones": [{**SHELF, "polygon": [[0, 0], [0.5, 0.5], [1, 1]]}]}, 422, r"zone 'shelf' has no area"),
    (
        {"zones": [{**SHELF, "polygon": [[0, 0], [2, 0], [1, 1]]}]},
        422,
        r"zone 'shelf': polygon\[1\]\[0\].*found 2",
    ),
    ({"zones": [{**SHELF, "name": "a/b"}]}, 422, r"zone 'a/b': name: a name is expected.*found \"a/b\""),
    ({"zones": [{**SHELF, "labels": ["\ud800"]}]}, 422, r"zone 'shelf': labels"),
    ({"zones": None}, 422, r"zones"),
    ({"extra": 1}, 422, r"is expected"),
    ({"version": None}, 422, r"version"),
    ({"version": "0" * 16}, 409, r"somebody else"),
]


@pytest.mark.parametrize(("wrong", "status", "told"), REFUSED)
def test_what_cannot_be_drawn_is_said_with_its_name(
    calm: tuple[Box, httpx.Client], wrong: dict[str, Any], status: int, told: str
) -> None:
    box, client = calm
    body = {"version": client.get("/api/zones/front").json()["version"], "zones": [], "lines": [], **wrong}
    answer = client.put(
        "/api/zones/front", content=json.dumps(body), headers={"content-type": "application/json"}
    )
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert re.search(told, answer.json()["error"])
    assert not zones.file_of(box.config.store.folder).exists()


@pytest.mark.parametrize("blob", [b"", b"[]", b"null", b"{", b'"x"', b"[" * 60_000])
def test_bodies_that_are_no_drawing(calm: tuple[Box, httpx.Client], blob: bytes) -> None:
    _, client = calm
    answer = client.put("/api/zones/front", content=blob, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("path", ["/api/zones/side", "/api/zones/side/still"])
def test_a_camera_that_is_none(calm: tuple[Box, httpx.Client], path: str) -> None:
    _, client = calm
    answer = client.get(path)
    assert answer.status_code == 404
    assert "there is 'front', 'back door'" in answer.json()["error"]


def test_other_sites_may_not_draw_or_look(calm: tuple[Box, httpx.Client]) -> None:
    _, client = calm
    version = client.get("/api/zones/front").json()["version"]
    body = {"version": version, "zones": [], "lines": []}
    foreign = {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}
    assert client.put("/api/zones/front", json=body, headers=foreign).status_code == 403
    undone = client.delete("/api/zones/front", params={"version": version}, headers=foreign)
    assert undone.status_code == 403
    assert client.get("/api/zones/front/still", headers=foreign).status_code == 403


def test_a_damaged_file_is_told_and_drawn_over(served: Box, client: httpx.Client) -> None:
    zones.file_of(served.config.store.folder).write_text("{")
    told = client.get("/api/zones/front").json()
    assert "damaged" in told["fault"]
    assert [zone["name"] for zone in told["zones"]] == ["desk"]
    assert put(client, SHELF).json()["fault"] == ""


def test_a_full_disk_is_said_so(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("reverie.zones.sync_folder", full)
    answer = put(client, SHELF)
    assert answer.status_code == 507
    assert "the disk is full" in answer.json()["error"]


def test_the_schema_says_what_may_be_put(calm: tuple[Box, httpx.Client]) -> None:
    _, client = calm
    schema = client.get("/openapi.json").json()
    body = schema["paths"]["/api/zones/{camera}"]["put"]["requestBody"]["content"]["application/json"]
    assert {"version", "zones", "lines"} <= set(body["schema"]["properties"])
    for name in re.findall(r'"#/components/schemas/([^"]+)"', client.get("/openapi.json").text):
        assert name in schema["components"]["schemas"]


# ---------------------------------------------------------------------------------- the still


@contextmanager
def watching(box: Box) -> Iterator[None]:
    """A camera program that offers grey pictures of `front` under a zone, as often as it can."""
    view = LiveView(config.runtime_folder(box.config.store) / "live.sock")
    frame = Frame(np.full((48, 64, 3), 90, np.uint8), 0, 0.0)
    done, pause = threading.Event(), threading.Event()

    def offer() -> None:
        while not done.is_set():
            view.offer("front", frame, [], box.config.cameras[0].zones)
            pause.wait(0.01)

    thread = threading.Thread(target=offer, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(10)
        view.close()


def files(box: Box) -> set[Path]:
    """What lies in the data folder."""
    return {path for path in box.config.store.folder.rglob("*") if path.is_file()}


def test_a_still_is_what_the_camera_sees_without_marks(served: Box, client: httpx.Client) -> None:
    before = files(served)
    with watching(served):
        answer = client.get("/api/zones/front/still")
        assert files(served) == before, "it is kept nowhere"
    assert answer.status_code == 200
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("image/jpeg", "no-store")
    picture = np.asarray(Image.open(io.BytesIO(answer.content)), int)
    assert picture.shape == (48, 64, 3)
    assert np.abs(picture - 90).max() <= 3


def test_no_still_while_nobody_watches(
    served: Box, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = client.get("/api/zones/front/still")
    assert answer.status_code == 503
    assert "no camera program" in answer.json()["error"]
    monkeypatch.setattr("reverie.web.zones.PATIENCE", 0.05)
    with watching(served):
        answer = client.get("/api/zones/back door/still")  # it shows nothing
    assert answer.status_code == 503
    assert "'back door' had no picture for 0.05 s" in answer.json()["error"]


def test_no_still_where_the_live_view_is_off(tmp_path: Path) -> None:
    box = make_box(tmp_path, cameras=CAMERAS, serve={"port": 0, "live_view": False})
    try:
        box.start()
        with watching(box):
            answer = httpx.get(f"{box.url}/api/zones/front/still", trust_env=False)
        assert answer.status_code == 403
        assert "serve.live_view" in answer.json()["error"]
        assert httpx.get(f"{box.url}/api/zones", trust_env=False).json()["still"] is False
    finally:
        box.stop()
        box.store.close()


def test_the_largest_drawing_fits(client: httpx.Client) -> None:
    """64 zones of 64 corners, with all the digits that a browser writes."""
    ring = [(math.tau * i / 64, 0.2) for i in range(64)]
    polygon = [[0.5 + r * math.cos(a), 0.5 + r * math.sin(a)] for a, r in ring]
    answer = put(client, *({"name": f"zone {i}", "polygon": polygon} for i in range(64)))
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["zones"]) == 64
