"""/v1/videos: the official client against a served box that makes films; what is refused, and how."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from screening import WORKER, Box, Studio, encode, make_box, wait_for

from reverie import economy, generate
from reverie.clock import SystemClock
from reverie.config import Config, near_size
from reverie.errors import ReverieError, StoreError, StoreFull
from reverie.values import Clip, Draft, Job, JobStatus, Priority
from reverie.video.encode import probe
from reverie.web import desk, forms
from reverie.web.forms import FORMS
from reverie.web.guard import Complaint
from reverie.web.pictures import PIXELS, first_picture

# The client calls its own videos API deprecated, because OpenAI's service ends; the field's servers go on.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")

TOKEN = "0123456789abcdef"
BOARD = {"width": 160, "height": 120, "fps": 8}
REMOTE = {"kind": "remote", "name": "far", "remote": {"url": "http://127.0.0.1:9/v1"}}
WAN = {"kind": "wan", "name": "dreams", "width": 640, "height": 480}
CAT = "a cat chases a butterfly"


def client_of(url: str, key: str = TOKEN) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{url}/v1",
        api_key=key,
        max_retries=0,
        http_client=openai.DefaultHttpxClient(trust_env=False),
    )


# ---------------------------------------------------------------------------------- a box that makes films


@dataclass
class Works:
    """A served box with its generate program."""

    box: Box
    client: openai.OpenAI
    faults: list[ReverieError]

    def tally(self, name: str) -> int:
        return next(
            int(health.stats.get(name, 0))
            for health in self.box.store.health.all()
            if health.program == "generate/storyboard"
        )


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Works]:
    box = make_box(tmp_path_factory.mktemp("works"), generators=[BOARD], serve={"port": 0, "token": TOKEN})
    box.start()
    stop = threading.Event()
    faults: list[ReverieError] = []

    def work() -> None:
        try:
            generate.run(box.config, SystemClock(), stop, "storyboard")
        except ReverieError as error:
            faults.append(error)

    thread = threading.Thread(target=work, name="generate", daemon=True)
    thread.start()
    with client_of(box.url) as client:
        yield Works(box, client, faults)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
    assert faults == []
    box.stop()
    box.store.close()


def test_the_official_client_orders_fetches_and_deletes_a_film(works: Works, tmp_path: Path) -> None:
    videos = works.client.videos
    made = videos.create(prompt=CAT, seconds="4", size=cast_size("176x144"))
    assert made.id.startswith("video_")
    assert (made.object, made.model, made.error) == ("video", "storyboard", None)
    assert made.status in ("queued", "in_progress")
    assert (made.seconds, made.size, made.prompt) == ("4", "176x144", CAT)
    assert made.expires_at == made.created_at + 86_400
    done = videos.poll(made.id, poll_interval_ms=20)
    assert (done.status, done.progress, done.error) == ("completed", 100, None)
    assert done.completed_at is not None
    assert done.completed_at >= done.created_at
    assert done.id in [video.id for video in videos.list()]

    path = tmp_path / "film.mp4"
    videos.download_content(made.id).write_to_file(path)
    film = probe(path)
    assert (film.width, film.height, film.frames, film.seconds) == (176, 144, 32, 4.0)
    picture = videos.download_content(made.id, variant="thumbnail")
    assert picture.response.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(picture.read())) as image:
        assert image.format == "JPEG"

    gone = videos.delete(made.id)
    assert (gone.id, gone.deleted, gone.object) == (made.id, True, "video.deleted")
    for ask in (videos.retrieve, videos.delete, videos.download_content):
        with pytest.raises(openai.NotFoundError):
            ask(made.id)
    assert made.id not in [video.id for video in videos.list()]


FILMS: list[tuple[dict[str, Any], tuple[int, int, int, float]]] = [
    # what is asked, width, height, frames, seconds
    ({}, (160, 120, 24, 3.0)),  # as long as the story, as the generator is set
    ({"seconds": "2", "size": "176x320"}, (176, 320, 16, 2.0)),  # upright
    ({"extra_body": {"seconds": 1.5, "fps": 10}}, (160, 120, 15, 1.5)),
    ({"extra_body": {"num_frames": 16, "fps": 5}}, (160, 120, 16, 3.2)),  # the article's
    ({"seconds": "12", "extra_body": {"num_frames": "5"}}, (160, 120, 5, 0.625)),  # frames are counted
]


@pytest.mark.parametrize(("asked", "made"), FILMS)
def test_a_film_is_as_long_and_as_large_as_asked(
    works: Works, tmp_path: Path, asked: dict[str, Any], made: tuple[int, int, int, float]
) -> None:
    video = works.client.videos.create_and_poll(
        prompt="a dog runs", model="storyboard", poll_interval_ms=20, **asked
    )
    assert video.status == "completed", video.error
    path = tmp_path / "film.mp4"
    works.client.videos.download_content(video.id).write_to_file(path)
    film = probe(path)
    assert (film.width, film.height, film.frames, film.seconds) == made
    assert float(video.seconds) == pytest.approx(made[3], abs=1e-3)


# what is asked, words in its pictures
WORDS = [
    (CAT, False),
    ("how do dinosaurs walk?", False),  # a story's own captions, too
    ("colourless green ideas", True),  # a card is nothing but its words
]


@pytest.mark.parametrize(("prompt", "words"), WORDS)
def test_only_a_card_has_words_in_its_pictures(works: Works, prompt: str, words: bool) -> None:
    video = works.client.videos.create(prompt=prompt)
    job = job_of(works.box, video.id)
    assert (job.brief.topic == "card") is words
    assert [bool(shot.caption) for shot in job.brief.shots] == [words] * len(job.brief.shots)
    assert works.client.videos.delete(video.id).deleted


def test_a_story_keeps_its_shots_shares_when_it_is_longer(works: Works) -> None:
    """The dinosaur's own scene has several shots; the seconds asked for are spread over them."""
    video = works.client.videos.create(prompt="how do dinosaurs walk?", seconds="8")
    order = works.box.store.orders.get(video.id)
    assert order is not None
    job = works.box.store.jobs.get(order.key)
    assert job is not None
    assert job.brief.topic == "dinosaur-walk"
    assert job.brief.seconds == pytest.approx(8.0)
    assert job.spec.frames == 64
    assert works.client.videos.delete(video.id).deleted


def test_the_same_film_twice_is_made_once(works: Works) -> None:
    before = works.tally("made")
    ask = {"prompt": "a bird flies", "seconds": "1", "seed": 3}
    first, second = (works.client.videos.create(**sent(ask)) for _ in range(2))
    assert first.id != second.id
    done = [works.client.videos.poll(video.id, poll_interval_ms=20) for video in (first, second)]
    assert [video.status for video in done] == ["completed", "completed"]
    films = [works.client.videos.download_content(video.id).read() for video in done]
    assert films[0] == films[1]
    wait_for(lambda: works.tally("made") == before + 1, "the film to be counted")
    # another seed is another film
    other = works.client.videos.create_and_poll(poll_interval_ms=20, **sent({**ask, "seed": 4}))
    assert works.client.videos.download_content(other.id).read() != films[0]
    # who deletes one of two leaves the other its film
    works.client.videos.delete(first.id)
    assert works.client.videos.download_content(second.id).read() == films[0]


def test_deleting_a_film_stops_its_making(works: Works) -> None:
    cancelled = works.tally("cancelled")
    video = works.client.videos.create(
        prompt="a horse runs", extra_body={"seconds": 50, "size": "960x720", "fps": 10}
    )
    wait_for(lambda: works.client.videos.retrieve(video.id).status == "in_progress", "the film to be begun")
    works.client.videos.delete(video.id)
    wait_for(lambda: works.tally("cancelled") == cancelled + 1, "the worker to stop")
    # and the next one is made
    assert (
        works.client.videos.create_and_poll(prompt="a fish swims", poll_interval_ms=20).status == "completed"
    )


def cast_size(size: str) -> Any:
    """The client's types name OpenAI's own sizes only; it sends any."""
    return size


def sent(ask: dict[str, Any]) -> dict[str, Any]:
    """What the client knows by name stays so; the rest is sent beside it."""
    known: dict[str, Any] = {name: ask[name] for name in ("prompt", "model", "seconds") if name in ask}
    return known | {"extra_body": {name: value for name, value in ask.items() if name not in known}}


# ---------------------------------------------------------------------------------- a box that makes none


@pytest.fixture(scope="module")
def desk_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """Served, with three generators and no program that makes films."""
    box = make_box(tmp_path_factory.mktemp("desk"), generators=[BOARD, WAN, REMOTE])
    box.start()
    yield box
    box.stop()
    box.store.close()


@pytest.fixture
def web(desk_box: Box) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{desk_box.url}/v1", trust_env=False) as client:
        yield client
    for order in desk_box.store.orders.recent(1000):
        desk_box.store.orders.delete(order.id)


def job_of(box: Box, id: str) -> Job:
    order = box.store.orders.get(id)
    assert order is not None
    job = box.store.jobs.get(order.key)
    assert job is not None
    return job


def png(width: int = 64, height: int = 48, colour: str = "red", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, options.pop("format", "PNG"), **options)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 60000x60000 pixels."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def data_url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


WRONG: list[tuple[dict[str, Any], str | None, str | None, str]] = [
    # what is posted, the parameter that is named, the code, a piece of the message
    ({}, "prompt", "invalid_value", "prompt: Field required"),
    ({"prompt": ""}, "prompt", "invalid_value", "at least 1"),
    ({"prompt": " \n"}, "prompt", None, "say what the film shows"),
    ({"prompt": "x" * 5000}, "prompt", "invalid_value", "at most 4000"),
    ({"prompt": 7}, "prompt", "invalid_value", "valid string"),
    ({"prompt": "a\x00b"}, "prompt", "invalid_value", "U+0000"),
    ({"prompt": "half \ud83d"}, "prompt", "invalid_value", "prompt"),
    ({"prompt": CAT, "model": "sora-2"}, "model", "model_not_found", "this box has storyboard, dreams, far"),
    ({"prompt": CAT, "colour": "red"}, "colour", "unknown_parameter", "unknown parameter 'colour'"),
    ({"prompt": CAT, "seconds": 0}, "seconds", "invalid_value", "greater than 0"),
    ({"prompt": CAT, "seconds": "soon"}, "seconds", "invalid_value", "valid number"),
    ({"prompt": CAT, "seconds": 61}, "seconds", "invalid_value", "less than or equal to 60"),
    (
        {"prompt": CAT, "seconds": 60, "size": "1920x1080", "fps": 30},
        "seconds",
        "invalid_value",
        "at most 289",
    ),
    ({"prompt": CAT, "num_frames": 0}, "num_frames", "invalid_value", "greater than or equal to 1"),
    ({"prompt": CAT, "num_frames": 10_000}, "num_frames", "invalid_value", "at most 480 frames"),
    ({"prompt": CAT, "size": "large"}, "size", "invalid_value", "pattern"),
    ({"prompt": CAT, "size": "161x121"}, "size", None, "the nearest is 160x120"),
    ({"prompt": CAT, "size": "9000x50"}, "size", None, "the nearest is 3840x120"),
    ({"prompt": CAT, "size": "700x500", "model": "wan"}, "size", None, "the nearest is 704x512"),
    ({"prompt": CAT, "fps": 4}, "fps", "invalid_value", "greater than or equal to 5"),
    ({"prompt": CAT, "seed": -1}, "seed", "invalid_value", "greater than or equal to 0"),
    ({"prompt": CAT, "seed": 2**32}, "seed", "invalid_value", "less than 4294967296"),
    (
        {"prompt": CAT, "num_inference_steps": 0, "model": "wan"},
        "num_inference_steps",
        "invalid_value",
        "equal to 1",
    ),
    ({"prompt": CAT, "guidance_scale": 99, "model": "wan"}, "guidance_scale", "invalid_value", "equal to 20"),
    # what Wan cannot read
    ({"prompt": "x" * 2001, "model": "dreams"}, "prompt", "invalid_value", "reads at most 2000 characters"),
    # what a storyboard cannot take
    ({"prompt": CAT, "num_inference_steps": 4}, "num_inference_steps", "unsupported_parameter", "storyboard"),
    ({"prompt": CAT, "guidance_scale": 5}, "guidance_scale", "unsupported_parameter", "leave it out"),
    ({"prompt": CAT, "negative_prompt": "blur"}, "negative_prompt", "unsupported_parameter", "another model"),
    (
        {"prompt": CAT, "input_reference": data_url(png())},
        "input_reference",
        "unsupported_parameter",
        "storyboard",
    ),
    # pictures that are none
    (
        {"prompt": CAT, "model": "far", "input_reference": "http://example.org/a.png"},
        "input_reference",
        None,
        "data URL",
    ),
    (
        {"prompt": CAT, "model": "far", "input_reference": {"file_id": "file-1"}},
        "input_reference",
        None,
        "data URL",
    ),
    (
        {"prompt": CAT, "model": "far", "input_reference": data_url(b"GIF89a")},
        "input_reference",
        None,
        "not a PNG",
    ),
    (
        {"prompt": CAT, "model": "far", "input_reference": data_url(png()[:60])},
        "input_reference",
        None,
        "not a PNG",
    ),
    (
        {"prompt": CAT, "model": "far", "input_reference": data_url(bomb())},
        "input_reference",
        None,
        "megapixels",
    ),
    (
        {"prompt": CAT, "model": "far", "input_reference": data_url(png(6001, 4000, optimize=True))},
        "input_reference",
        None,
        "found 6001x4000",
    ),
]


@pytest.mark.parametrize(("body", "param", "code", "says"), WRONG)
def test_what_is_wrong_is_told_as_openai_does(
    desk_box: Box, web: httpx.Client, body: dict[str, Any], param: str | None, code: str | None, says: str
) -> None:
    data = json.dumps(body).encode()  # httpx itself would not send half a pair
    if len(data) > 60_000:  # a form may be larger
        assert body["input_reference"]
        picture = base64.b64decode(body.pop("input_reference").partition(",")[2])
        answer = web.post("/videos", data=body, files={"input_reference": ("a.png", picture)})
    else:
        answer = web.post("/videos", content=data, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)
    assert says in error["message"]
    assert desk_box.store.orders.recent(9) == []


BODIES: list[tuple[str, str, dict[str, Any], int]] = [
    # no JSON at all, and JSON that is no object
    ("POST", "/videos", {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
    ("POST", "/videos", {"json": [1]}, 400),
    ("POST", "/videos", {"json": "a cat"}, 400),
    ("POST", "/videos", {"content": b"[" * 60_000, "headers": {"content-type": "application/json"}}, 400),
    # a form in another alphabet than the field's
    *(
        (
            "POST",
            "/videos",
            {
                "content": b'--a\r\nContent-Disposition: form-data; name="\\ud800"; filename="a"\r\n\r\n'
                b"x\r\n--a--\r\n",
                "headers": {"content-type": f"multipart/form-data; boundary=a; charset={charset}"},
            },
            400,
        )
        for charset in ("undefined", "raw_unicode_escape")
    ),
    # forms that are none
    ("POST", "/videos", {"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400),
    (
        "POST",
        "/videos",
        {"content": b"xyz", "headers": {"content-type": "multipart/form-data; boundary=a"}},
        400,
    ),
    ("POST", "/videos", {"files": [("prompt", (None, CAT)), ("prompt", (None, CAT))]}, 400),
    ("POST", "/videos", {"data": {"prompt": CAT}, "files": {"mask": ("a.png", b"x")}}, 400),
    ("POST", "/videos", {"data": {"prompt": "x" * 70_000}, "files": {"input_reference": ("a", b"x")}}, 400),
    # asked for wrongly
    ("GET", "/videos?limit=0", {}, 400),
    ("GET", "/videos?limit=many", {}, 400),
    ("GET", "/videos?order=up", {}, 400),
    ("GET", "/videos?after=video_none", {}, 400),
    ("GET", "/videos/video_none", {}, 404),
    ("GET", "/videos/video_none/content", {}, 404),
    ("DELETE", "/videos/video_none", {}, 404),
    ("GET", "/nothing", {}, 404),
    ("GET", "/models/none", {}, 404),
    ("PUT", "/videos", {"json": {}}, 405),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), BODIES)
def test_every_error_has_openais_form(
    web: httpx.Client, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    answer = web.request(method, path, **body)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_client_that_leaves_in_the_middle_is_no_fault(
    desk_box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    address = httpx.URL(desk_box.url)
    for kind in ("application/json", "multipart/form-data; boundary=a"):
        with socket.create_connection((address.host, address.port or 80), 20) as raw:
            raw.sendall(
                b"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
                b"Content-Type: " + kind.encode() + b"\r\n\r\n--a\r\n"
            )
    with client_of(desk_box.url) as client:
        assert client.videos.list().data == []
    assert caplog.records == []


def test_errors_are_the_clients_own_exceptions(desk_box: Box, works: Works) -> None:
    with client_of(works.box.url, "another-key-0123") as stranger:
        with pytest.raises(openai.AuthenticationError) as unknown:
            stranger.videos.list()
        assert unknown.value.code == "invalid_api_key"
        with pytest.raises(openai.AuthenticationError):
            stranger.videos.create(prompt=CAT)
    with client_of(desk_box.url) as client:
        with pytest.raises(openai.BadRequestError, match="the nearest is 160x120") as wrong:
            client.videos.create(prompt=CAT, size=cast_size("161x121"))
        assert (wrong.value.param, wrong.value.type) == ("size", "invalid_request_error")
        with pytest.raises(openai.NotFoundError, match="video_none"):
            client.videos.retrieve("video_none")


@pytest.mark.parametrize(
    ("fault", "status", "code"), [(StoreFull, 507, "storage_full"), (StoreError, 503, None)]
)
def test_a_box_that_cannot_keep_an_order_says_so(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch, fault: type[StoreError], status: int, code: str | None
) -> None:
    def fails(*_: object) -> None:
        raise fault("the disk has a fault")

    with monkeypatch.context() as patch:
        patch.setattr("reverie.store.orders.OrderTable.place", fails)
        answer = web.post("/videos", json={"prompt": CAT})
    assert answer.status_code == status
    error = answer.json()["error"]
    assert (error["type"], error["code"], error["message"]) == ("server_error", code, "the disk has a fault")
    assert answer.headers["retry-after"] == "1"


def test_what_is_asked_reaches_the_job(desk_box: Box, web: httpx.Client) -> None:
    answer = web.post(
        "/videos",
        json={
            "prompt": CAT,
            "model": "wan",
            "size": "832x480",
            "num_frames": 33,
            "fps": 24,
            "seed": 7,
            "num_inference_steps": 4,
            "guidance_scale": 1.5,
            "negative_prompt": "blur",
        },
    )
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["model"], told["size"], told["seconds"]) == ("dreams", "832x480", "1.375")
    assert (told["status"], told["progress"], told["topic"]) == ("queued", 0, "ask/cat/chase/butterfly")
    job = job_of(desk_box, told["id"])
    assert job.request is not None
    asked = job.request
    assert (asked.prompt, asked.negative, asked.picture) == (CAT, "blur", None)
    assert (asked.seed, asked.steps, asked.guidance, asked.frames) == (7, 4, 1.5, 33)
    assert (job.spec.generator, job.spec.width, job.spec.height) == ("dreams", 832, 480)
    assert (job.spec.frames, job.spec.fps) == (33, 24)
    assert job.brief.seconds == pytest.approx(33 / 24)
    assert job.deadline == pytest.approx(told["expires_at"], abs=1)


def test_what_a_storyboard_cannot_draw_is_told(web: httpx.Client) -> None:
    told = web.post("/videos", json={"prompt": "quantum chromodynamics"}).json()
    assert told["topic"] == "card"


def test_openais_own_sizes_are_taken(web: httpx.Client) -> None:
    for size in ("720x1280", "1280x720", "1024x1792", "1792x1024"):
        ask = {"prompt": CAT, "size": size, "seconds": "12", "fps": 24}
        told = web.post("/videos", json=ask).json()
        assert (told["size"], told["seconds"]) == (size, "12")


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(["storyboard", "wan", "remote"]),
    st.integers(10, 99_999),
    st.integers(10, 99_999),
)
def test_the_nearest_size_is_one_that_is_made(kind: str, width: int, height: int) -> None:
    config = Config.model_validate({"generators": [BOARD, WAN, REMOTE]})
    generator = next(g for g in config.generators if g.kind == kind)
    near = desk._nearest(kind, width, height)
    wide, high = (int(side) for side in near.split("x"))
    changed = desk._with(generator, width=wide, height=high)
    assert (changed.width, changed.height) == (wide, high)
    if kind == "wan":
        assert (wide % 32, high % 32) == (0, 0)
    assert desk._nearest(kind, wide, high) == near == near_size(wide, high, 2)


# ---------------------------------------------------------------------------------- pictures


def test_a_picture_comes_as_a_file_or_as_a_data_url(desk_box: Box, web: httpx.Client) -> None:
    picture = png(32, 32)
    kept = set()
    with client_of(desk_box.url) as client:
        with_file = client.videos.create(
            prompt=CAT, model="far", input_reference=("toy.png", picture, "image/png")
        )
        with_url = client.videos.create(
            prompt=CAT, model="far", extra_body={"input_reference": {"image_url": data_url(picture)}}
        )
    plain = web.post("/videos", json={"prompt": CAT, "model": "far", "input_reference": data_url(picture)})
    for id in (with_file.id, with_url.id, plain.json()["id"]):
        request = job_of(desk_box, id).request
        assert request is not None
        assert request.picture is not None
        kept.add(request.picture)
    (path,) = kept
    assert path.parent == desk_box.config.store.folder / "pictures"
    with Image.open(path) as image:
        assert (image.format, image.size, image.getpixel((9, 9))) == ("PNG", (32, 32), (255, 0, 0))
    # one film, three orders; without the picture it is another film
    assert len(desk_box.store.jobs.waiting("far")) == 1
    web.post("/videos", json={"prompt": CAT, "model": "far"})
    assert len(desk_box.store.jobs.waiting("far")) == 2


def rotated() -> bytes:
    """A JPEG that lies on its side, with a place and a camera in it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Secret Camera"
    return png(40, 20, format="JPEG", exif=exif)


def seen_through() -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(out, "WEBP", lossless=True)
    return out.getvalue()


PICTURES: list[tuple[Callable[[], bytes], tuple[int, int]]] = [
    # a picture, and how large it is kept for a film of 160x120
    (png, (64, 48)),  # a small one as it is
    (lambda: png(1600, 1200), (160, 120)),
    (lambda: png(1600, 300), (640, 120)),  # covers the film, whatever the generator cuts off
    (lambda: png(1, 4000), (1, 4000)),
    (rotated, (20, 40)),
    (seen_through, (8, 8)),
    (lambda: png(100, 100, format="JPEG"), (100, 100)),
]


@pytest.mark.parametrize(("make", "size"), PICTURES)
def test_a_picture_is_kept_upright_small_and_bare(make: Callable[[], bytes], size: tuple[int, int]) -> None:
    data = first_picture(make(), 160, 120)
    assert data == first_picture(make(), 160, 120)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", size)
        assert image.info == {}
        if make is seen_through:
            assert image.getpixel((4, 4)) == (255, 255, 255)
    assert b"Secret" not in data
    assert PIXELS >= 6000 * 4000


def odd_exif() -> bytes:
    """A photograph on its side whose EXIF has, beside the orientation, a text where a fraction is due."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x011A] = 2.5
    Image.new("RGB", (40, 20)).save(out, "JPEG", exif=exif)
    return out.getvalue().replace(b"\x01\x1a\x00\x05\x00\x00\x00\x01", b"\x01\x1a\x00\x02\x00\x00\x00\x08")


def test_a_photograph_with_odd_notes_is_a_photograph() -> None:
    with Image.open(io.BytesIO(first_picture(odd_exif(), 160, 120))) as image:
        assert image.size == (20, 40)


def test_a_jpeg_of_endless_passes_is_refused() -> None:
    """Each is a few bytes long, and costs a look at every pixel: hours, in an upload."""
    two = {"format": "MPO", "save_all": True, "append_images": [Image.new("RGB", (64, 64))]}
    for options in ({"format": "JPEG"}, two):
        data = png(64, 64, progressive=True, **options)
        first = data.index(b"\xff\xd9")
        last = data[data.rindex(b"\xff\xda", 0, first) : first]
        assert first_picture(data[:first] + last * 20 + data[first:], 160, 120)
        with pytest.raises(Complaint, match="passes"):
            first_picture(data[:first] + last * 600 + data[first:], 160, 120)


def test_a_large_photograph_is_never_held_many_times_over() -> None:
    """Pillow's own memory is what counts: a photograph decodes straight to about the film's size."""
    photograph = png(4000, 3000, format="JPEG")
    memory: Any = vars(Image)["core"]
    memory.reset_stats()
    first_picture(photograph, 160, 120)
    stats = memory.get_stats()
    assert stats["allocated_blocks"] + stats["reused_blocks"] < 6  # of 16 MB; whole, it takes three each time


# ---------------------------------------------------------------------------------- how it fares


def entered(box: Box, job: Job) -> Clip:
    """Finish a claimed job with a film."""
    store = box.store
    draft, file = store.clips.open_draft(job.key, job.take, job.brief.topic)
    file.close()
    assert isinstance(draft, Draft)
    return Studio(store, box.studio.clock).finish(draft, 7, 12)


def test_how_it_fares_from_the_queue_to_the_file(desk_box: Box, web: httpx.Client) -> None:
    id = web.post("/videos", json={"prompt": CAT, "seed": 1}).json()["id"]
    job, jobs = job_of(desk_box, id), desk_box.store.jobs
    seen: list[tuple[str, int]] = []

    def look() -> httpx.Response:
        answer = web.get(f"/videos/{id}")
        seen.append((answer.json()["status"], answer.json()["progress"]))
        return answer

    assert look().headers["openai-poll-after-ms"] == "500"
    claimed = jobs.claim(job.key, "test", 60, None)
    assert claimed is not None
    look()
    for share in (0.256, 0.256, 0.7):
        jobs.renew(job.key, "test", 60, share)
        look()
    early = web.get(f"/videos/{id}/content")
    assert (early.status_code, early.json()["error"]["code"]) == (400, "video_not_ready")
    jobs.give_back(job.key, "test", "somebody waits for another one")
    look()
    claimed = jobs.claim(job.key, "test", 60, None)
    assert claimed is not None
    jobs.renew(job.key, "test", 60, 0.1)
    look()
    jobs.renew(job.key, "test", 60, 1.0)
    look()
    clip = entered(desk_box, claimed)
    assert "openai-poll-after-ms" not in look().headers
    assert seen == [
        ("queued", 0),
        ("in_progress", 0),
        ("in_progress", 25),
        ("in_progress", 25),
        ("in_progress", 70),
        ("queued", 70),  # a visitor came
        ("in_progress", 70),  # begun again, and further than it was only later
        ("in_progress", 99),  # all pictures are made, and not yet a file
        ("completed", 100),
    ]
    whole = web.get(f"/videos/{id}/content")
    assert whole.content == encode(7, 12) == clip.path.read_bytes()
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["cache-control"] == "private, no-cache"
    part = web.get(f"/videos/{id}/content", headers={"range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, whole.content[4:12])
    sheet = web.get(f"/videos/{id}/content", params={"variant": "spritesheet"})
    assert (sheet.status_code, sheet.json()["error"]["param"]) == (400, "variant")
    # whoever orders it again has it at once
    again = web.post("/videos", json={"prompt": CAT, "seed": 1}).json()
    assert (again["status"], again["progress"]) == ("completed", 100)
    assert again["completed_at"] >= again["created_at"]


def fail(box: Box, job: Job) -> None:
    box.store.jobs.claim(job.key, "test", 60, None)
    box.store.jobs.fail(job.key, "test", "the paint is gone", retry=False)


def lose(box: Box, job: Job) -> None:
    claimed = box.store.jobs.claim(job.key, "test", 60, None)
    assert claimed is not None
    entered(box, claimed).path.unlink()


@pytest.mark.parametrize(
    ("end", "code", "says"),
    [(fail, "generation_failed", "the paint is gone"), (lose, "content_lost", "order it anew")],
)
def test_why_there_is_no_film(
    desk_box: Box, web: httpx.Client, end: Callable[[Box, Job], None], code: str, says: str
) -> None:
    ask = {"prompt": CAT, "fps": 9}
    id = web.post("/videos", json=ask).json()["id"]
    end(desk_box, job_of(desk_box, id))
    told = web.get(f"/videos/{id}").json()
    assert (told["status"], told["completed_at"], told["error"]["code"]) == ("failed", None, code)
    assert says in told["error"]["message"]
    answer = web.get(f"/videos/{id}/content")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "video_failed")
    # another order is another try
    assert web.post("/videos", json=ask).json()["status"] == "queued"


def test_pages_of_a_list(desk_box: Box, web: httpx.Client) -> None:
    ids = [web.post("/videos", json={"prompt": CAT, "seed": seed}).json()["id"] for seed in range(5)]
    page = web.get("/videos", params={"limit": 2}).json()
    assert [video["id"] for video in page["data"]] == ids[:2:-1]
    assert (page["object"], page["first_id"], page["last_id"], page["has_more"]) == (
        "list",
        ids[4],
        ids[3],
        True,
    )
    with client_of(desk_box.url) as client:
        assert [video.id for video in client.videos.list(limit=2)] == ids[::-1]
        assert [video.id for video in client.videos.list(limit=2, order="asc")] == ids
        assert client.videos.list(after=ids[0]).data == []
        assert client.videos.list(after=ids[0]).has_more is False


def test_models_are_the_generators(desk_box: Box) -> None:
    with client_of(desk_box.url) as client:
        assert [model.id for model in client.models.list()] == ["storyboard", "dreams", "far"]
        assert client.models.retrieve("dreams").owned_by == "reverie"
        for name, found in (("far", "far"), ("remote", "far"), ("wan", "dreams")):
            assert client.videos.create(prompt=CAT, model=name).model == found


# ---------------------------------------------------------------------------------- others, and restarts


def test_a_batch_cannot_starve_visitors(desk_box: Box, web: httpx.Client) -> None:
    """Whoever stands before the screen is served before any order, and orders in their sequence."""
    ids = [web.post("/videos", json={"prompt": CAT, "seed": seed}).json()["id"] for seed in range(3)]
    store, now = desk_box.store, desk_box.studio.clock.now()
    first = job_of(desk_box, ids[0])
    assert first.priority < Priority.LIVE, "so that the generator gives way, and keeps starts for visitors"
    store.jobs.wish(replace(first, key="visitor", request=None, priority=Priority.LIVE, deadline=now + 60))
    turns = []
    while (job := economy.next_job(store.jobs.waiting("storyboard"), now)) is not None:
        store.jobs.claim(job.key, "test", 60, None)
        turns.append(job.key)
    assert turns == ["visitor", *(job_of(desk_box, id).key for id in ids)]


def test_too_many_orders_are_asked_to_come_later(
    desk_box: Box, web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "WAITING", 3)
    for seed in range(3):
        assert web.post("/videos", json={"prompt": CAT, "seed": seed}).status_code == 200
    answer = web.post("/videos", json={"prompt": CAT, "seed": 9})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    assert answer.json()["error"]["type"] == "rate_limit_error"
    with client_of(desk_box.url) as client, pytest.raises(openai.RateLimitError):
        client.videos.create(prompt=CAT)
    web.delete(f"/videos/{desk_box.store.orders.recent(1)[0].id}")
    assert web.post("/videos", json={"prompt": CAT, "seed": 9}).status_code == 200


def test_a_restart_loses_nothing(tmp_path: Path) -> None:
    box = make_box(tmp_path, generators=[BOARD, REMOTE])
    with closing(box.store):
        box.start()
        with client_of(box.url) as client:
            first = client.videos.create(prompt=CAT, model="far", input_reference=("a.png", png()))
            second = client.videos.create(prompt=CAT)
            before = [video.to_dict() for video in client.videos.list()]
        box.stop()
        claimed = box.store.jobs.claim(job_of(box, second.id).key, "test", 60, None)
        assert claimed is not None
        clip = entered(box, claimed)
        box.start()
        with client_of(box.url) as client:
            assert client.videos.retrieve(first.id).to_dict() == before[1]
            assert client.videos.retrieve(second.id).status == "completed"
            assert client.videos.download_content(second.id).read() == clip.path.read_bytes()
        request = job_of(box, first.id).request
        assert request is not None
        assert request.picture is not None
        assert request.picture.is_file()
        box.stop()


def test_films_that_nobody_deletes_leave_room_for_the_visitors(
    desk_box: Box, web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = web.post("/videos", json={"prompt": CAT, "seed": 3}).json()["id"]
    claimed = desk_box.store.jobs.claim(job_of(desk_box, id).key, WORKER, 60, None)
    assert claimed is not None
    size = entered(desk_box, claimed).size
    with monkeypatch.context() as patch:
        patch.setattr(desk, "SHARE", size / 2 / (desk_box.config.store.clips_mb * 1e6))
        answer = web.post("/videos", json={"prompt": "a bear waves"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (507, "storage_full")
        assert "Delete those" in answer.json()["error"]["message"]
        assert web.delete(f"/videos/{id}").status_code == 200
        assert web.post("/videos", json={"prompt": "a bear waves"}).status_code == 200
    monkeypatch.setattr(desk, "MOST", 1)
    answer = web.post("/videos", json={"prompt": "a bear waves"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "storage_full")


def test_a_body_that_does_not_come_is_not_waited_for(desk_box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "ARRIVAL", 0.05)
    address = httpx.URL(desk_box.url)
    for kind in (b"application/json", b"multipart/form-data; boundary=a"):
        with socket.create_connection((address.host, address.port or 80), 20) as raw:
            raw.sendall(
                b"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
                b"Content-Type: " + kind + b"\r\n\r\n--a\r\n"
            )
            answer = b"".join(iter(lambda: raw.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_few_pictures_come_at_once(desk_box: Box, web: httpx.Client) -> None:
    """Each may be 20 MB: a hundred at once would be more than a box has."""
    address = httpx.URL(desk_box.url)
    began = (
        b"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        b"Content-Type: multipart/form-data; boundary=a\r\n\r\n--a\r\n"
    )
    form: dict[str, Any] = {
        "data": {"prompt": CAT, "model": "far"},
        "files": {"input_reference": ("a.png", png())},
    }
    with contextlib.ExitStack() as stack:
        for _ in range(FORMS):
            raw = stack.enter_context(socket.create_connection((address.host, address.port or 80), 20))
            raw.sendall(began)
        wait_for(lambda: web.post("/videos", **form).status_code == 429, "a full house")
        busy = web.post("/videos", **form)
        assert busy.json()["error"]["code"] == "rate_limit_exceeded"
        assert busy.headers["retry-after"]
        assert web.post("/videos", json={"prompt": CAT}).status_code == 200
    wait_for(lambda: web.post("/videos", **form).status_code == 200, "room again")


def test_orders_do_not_take_the_threads_of_the_screens(
    desk_box: Box, web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Growing films are followed in the loop's own few threads: orders that wait for each other have one."""
    names: set[str] = set()

    def unmade(_: object) -> int:
        names.add(threading.current_thread().name)
        return 0

    monkeypatch.setattr("reverie.store.orders.OrderTable.unmade", unmade)
    for number in range(3):
        assert web.post("/videos", json={"prompt": CAT, "seed": number}).status_code == 200
    assert len(names) == 1
    assert not any(name.startswith("asyncio") for name in names)


def test_orders_at_once_are_all_taken(desk_box: Box, web: httpx.Client) -> None:
    ids: list[str] = []

    def ask() -> None:
        ids.append(web.post("/videos", json={"prompt": "a bear waves"}).json()["id"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 8
    assert {job_of(desk_box, id).key for id in ids} == {job_of(desk_box, ids[0]).key}
    assert job_of(desk_box, ids[0]).status is JobStatus.WAITING


def test_the_page_of_the_api_shows_it(desk_box: Box) -> None:
    page = httpx.get(f"{desk_box.url}/openapi.json", trust_env=False).json()
    routes = {(path, method) for path, methods in page["paths"].items() for method in methods}
    assert {
        ("/v1/videos", "post"),
        ("/v1/videos", "get"),
        ("/v1/videos/{id}", "get"),
        ("/v1/videos/{id}", "delete"),
        ("/v1/videos/{id}/content", "get"),
        ("/v1/models", "get"),
    } <= routes
    body = page["paths"]["/v1/videos"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "multipart/form-data"}
    assert "num_inference_steps" in body["application/json"]["schema"]["properties"]
    assert body["multipart/form-data"]["schema"]["properties"]["input_reference"]["format"] == "binary"
