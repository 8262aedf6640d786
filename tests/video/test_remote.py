"""The remote generator against a server that keeps to the book, and against every kind that does not."""

from __future__ import annotations

import gzip
import io
import logging
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from elsewhere import Elsewhere, Reply, endless, film, says, state
from PIL import Image as Pillow
from pydantic import SecretStr

from reverie import config
from reverie.clock import ManualClock
from reverie.errors import Cancelled, GeneratorError, Refused
from reverie.story.prompts import prompts_of
from reverie.values import Brief, Image, Job, Priority, Request, Shot
from reverie.video import visit
from reverie.video.remote import Remote, load_remote
from reverie.wishes import make_wish

TOKEN = "sesame-0123456789"
WIDTH, HEIGHT, FPS = 160, 120, 6
BRIEF = Brief(
    "cat",
    (
        Shot("cat", "chase", "butterfly", "park", "cheerful", "A cat chases a butterfly", 1.0),
        Shot("cat", "sleep", None, "room", "calm", "It sleeps", 0.5),
    ),
    "plain",
    "en",
)
SHORT = Brief("cat", BRIEF.shots[1:], "plain", "en")
"""One shot of three pictures."""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def far() -> Iterator[Elsewhere]:
    server = Elsewhere()
    yield server
    server.close()


def settings_for(url: str, **remote: Any) -> config.Generator:
    asked = {"url": url, "token": SecretStr(TOKEN), "silence": 5.0, **remote}
    return config.Generator(
        kind="remote", name="far", width=WIDTH, height=HEIGHT, fps=FPS, remote=config.Remote(**asked)
    )


@dataclass
class Ours:
    """Our side: a generator, and the jobs it gets."""

    settings: config.Generator
    clock: ManualClock
    generator: Remote

    def job(self, brief: Brief = BRIEF, take: int = 1, request: Request | None = None) -> Job:
        wish, spec = make_wish(self.settings, brief, request)
        return Job(wish.key, brief, spec, 0.0, Priority.LIVE, 0.0, take=take, request=request)

    def make(
        self, brief: Brief = BRIEF, progress: Callable[[float], None] = lambda share: None, **job: Any
    ) -> list[Image]:
        return list(self.generator.generate(self.job(brief, **job), progress))


def ours_for(far: Elsewhere, **remote: Any) -> Ours:
    settings = settings_for(far.url, **remote)
    clock = ManualClock()
    return Ours(settings, clock, load_remote(settings, prompts_of, clock))


@pytest.fixture
def ours(far: Elsewhere) -> Ours:
    return ours_for(far)


def grey(image: Image) -> float:
    """The middle of a picture, which says which of its film it is (`elsewhere.film`)."""
    return float(image[HEIGHT // 2, WIDTH // 2].mean())


# ---------------------------------------------------------------------------------- by the book


def test_each_shot_is_a_film_of_its_own_length_and_they_follow_each_other(far: Elsewhere, ours: Ours) -> None:
    images = ours.make()
    assert len(images) == 9
    assert [round((grey(image) - 40) / 5) for image in images] == [0, 1, 2, 3, 4, 5, 0, 1, 2]
    first, second = far.created()
    assert (first["prompt"], second["prompt"]) == prompts_of(BRIEF, "en")
    assert (first["num_frames"], second["num_frames"]) == (9, 5), "4k+1, and never fewer than are shown"
    assert (first["seconds"], second["seconds"]) == ("1", "1")
    assert first["seed"] != second["seed"]
    for order in (first, second):
        assert (order["size"], order["fps"]) == ("160x120", FPS)
        assert "model" not in order, "its own"


def test_what_was_asked_for_is_deleted_there(far: Elsewhere, ours: Ours) -> None:
    ours.make()
    deleted = [asked.path for asked in far.asked if asked.kind == "delete"]
    assert deleted == ["/v1/videos/film-1", "/v1/videos/film-2"]


def test_prompts_are_in_the_language_that_it_understands(far: Elsewhere) -> None:
    ours_for(far, language="zh").make(SHORT)
    assert far.created()[0]["prompt"] == prompts_of(SHORT, "zh")[0]


def test_a_program_s_own_words_and_numbers_are_passed_on(far: Elsewhere) -> None:
    ours = ours_for(far, model="wan2.2")
    request = Request("a red kite", "blurry", 41, 3, 1.0, frames=5)
    assert len(ours.make(SHORT, request=request)) == 5
    asked = far.created()[0]
    assert asked == {
        "prompt": "a red kite",
        "model": "wan2.2",
        "size": "160x120",
        "seconds": "1",
        "fps": FPS,
        "num_frames": 5,
        "seed": 41,
        "num_inference_steps": 3,
        "guidance_scale": 1.0,
        "negative_prompt": "blurry",
    }
    ours.make(SHORT, request=request, take=2)
    assert far.created()[1]["seed"] == 41, "a seed that was asked for stays, whoever came between"


def test_a_thing_with_a_picture_begins_with_it_whole(far: Elsewhere, tmp_path: Path) -> None:
    Pillow.new("RGB", (60, 240), "red").save(tmp_path / "cat.png")
    settings = settings_for(far.url).model_copy(update={"pictures": tmp_path})
    ours = Ours(settings, ManualClock(), load_remote(settings, prompts_of, ManualClock()))
    assert len(ours.make(SHORT)) == 3
    form = far.created()[0]
    assert form["prompt"] == prompts_of(SHORT, "en")[0]
    picture = np.asarray(Pillow.open(io.BytesIO(form["input_reference"])))
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert tuple(picture[1, WIDTH // 2]) == (255, 0, 0), "its top is there"
    assert tuple(picture[-2, WIDTH // 2]) == (255, 0, 0), "and its foot"


def test_a_picture_that_is_none_is_refused_by_name(far: Elsewhere, ours: Ours, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"no picture")
    with pytest.raises(Refused, match=r"cat\.png: cannot be read"):
        ours.make(SHORT, request=Request("a cat", picture=path))
    assert far.asked == []


def test_the_token_is_sent_and_nowhere_said(
    far: Elsewhere, ours: Ours, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ours.make(SHORT)
    assert {asked.headers["authorization"] for asked in far.asked} == {f"Bearer {TOKEN}"}
    far.always("create", says({"error": {"message": f"bad token {TOKEN}"}}, 401))
    with pytest.raises(Refused) as refused:
        ours.make(SHORT)
    told = "(--model takes it as http://TOKEN@host/v1). It says: bad token ***"
    assert told in config.mask(str(refused.value))
    assert TOKEN not in caplog.text


def test_where_a_token_goes_is_told_before_what_the_server_says(far: Elsewhere) -> None:
    ours = ours_for(far, token=None)
    far.always("create", says({"error": "open the page once with ?token=…"}, 401))
    with pytest.raises(Refused, match=r"\(401\): set `remote\.token` .*It says: open the page"):
        ours.make(SHORT)


def test_credentials_in_the_address_are_sent_and_nowhere_said(
    far: Elsewhere, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = settings_for(far.url.replace("http://", "http://me:s3cret@"), token=None)
    ours = Ours(settings, ManualClock(), load_remote(settings, prompts_of, ManualClock()))
    ours.make(SHORT)
    assert far.asked[0].headers["authorization"].startswith("Basic ")
    far.always("create", says({}, 400))
    with pytest.raises(Refused) as refused:
        ours.make(SHORT)
    assert "***@127.0.0.1" in str(refused.value)
    assert "s3cret" not in caplog.text + str(refused.value)


# ---------------------------------------------------------------------------------- other ways to ask


def test_a_server_that_takes_forms_only_gets_a_form_from_then_on(far: Elsewhere, ours: Ours) -> None:
    far.say("create", says({"detail": [{"loc": ["body", "prompt"], "msg": "Field required"}]}, 422))
    ours.make(BRIEF)
    types = [a.headers["content-type"].partition(";")[0] for a in far.asked if a.kind == "create"]
    assert types == ["application/json", "multipart/form-data", "multipart/form-data"]
    assert far.asked[1].form["num_frames"] == "9"


def test_a_server_that_knows_openai_s_words_only_gets_those(far: Elsewhere, ours: Ours) -> None:
    far.say("create", says({"error": {"message": "Unknown parameter: 'fps'."}}, 400))
    far.always("content", Reply(200, film(WIDTH, HEIGHT, 24, FPS)))
    assert len(ours.make(SHORT)) == 3, "the first of its four seconds"
    assert set(far.created()[1]) == {"prompt", "size", "seconds"}
    assert far.created()[1]["seconds"] == "4", "the least that it makes"


# ---------------------------------------------------------------------------------- progress, cancelling


LIES: list[tuple[str, list[object], list[int]]] = [
    ("falls", [10, 60, 20, 80], [0, 10, 60, 80, 100]),
    ("more than all", [10, 170, 90], [0, 10, 100]),
    ("less than nothing", [-5, 40], [0, 40, 100]),
    ("not a number", [10, float("nan"), 50], [0, 10, 50, 100]),
    ("beyond all numbers", [10, 10**400], [0, 10, 100]),
    ("words", ["half", 40, "90"], [0, 40, 100]),
    ("yes", [True, None, 40], [0, 40, 100]),
    ("nothing, and then done", [0, 0], [0, 100]),
]
"""What is told of a film, and the percents that are shown of it."""


@pytest.mark.parametrize(("progress", "shown"), [lie[1:] for lie in LIES], ids=[lie[0] for lie in LIES])
def test_progress_is_made_to_grow(
    far: Elsewhere, ours: Ours, progress: list[object], shown: list[int]
) -> None:
    far.progress = progress
    told: list[float] = []
    ours.make(SHORT, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert sorted({round(share / 0.9 * 100) for share in told if share < 0.9} | {100}) == shown


def test_a_film_that_is_done_is_done_whatever_its_progress_says(far: Elsewhere, ours: Ours) -> None:
    far.say("state", state("completed", 3))
    assert len(ours.make(SHORT)) == 3


def cancel_at(far: Elsewhere, kind: str) -> Callable[[float], None]:
    """Progress that nobody waits for any more once a request of this kind was made."""

    def progress(share: float) -> None:
        if kind in far.kinds():
            raise Cancelled("nobody waits")

    return progress


@pytest.mark.parametrize("moment", ["create", "state", "content"])
def test_cancelled_it_is_deleted_there_and_the_next_one_is_made(
    far: Elsewhere, ours: Ours, moment: str
) -> None:
    with pytest.raises(Cancelled):
        ours.make(SHORT, cancel_at(far, moment))
    assert far.kinds()[-1] == "delete"
    assert len(ours.make(SHORT)) == 3


def test_cancelled_while_the_server_is_silent(far: Elsewhere, ours: Ours) -> None:
    """A request that hangs does not keep the job from being cancelled, nor its lease from being renewed."""
    far.say("state", Reply(hang=True))
    told = 0

    def progress(share: float) -> None:
        nonlocal told
        told += "state" in far.kinds()
        if told == 4:
            raise Cancelled("nobody waits")

    with pytest.raises(Cancelled):
        ours.make(SHORT, progress)
    assert far.kinds() == ["create", "state", "delete"]


# ---------------------------------------------------------------------------------- bad servers

GOOD = film(WIDTH, HEIGHT, 5, FPS)
HTML = b"<!doctype html><title>Sign in</title>"


def broken(kind: Any, *replies: Reply, always: bool = False) -> Callable[[Elsewhere], None]:
    def apply(far: Elsewhere) -> None:
        if always:
            far.always(kind, replies[0])
        else:
            far.say(kind, *replies)

    return apply


ALWAYS_500 = says({"error": {"message": "CUDA error"}}, 500)
BAD: list[tuple[str, Callable[[Elsewhere], None], type[GeneratorError], str]] = [
    # creating
    ("500 for ever", broken("create", ALWAYS_500, always=True), GeneratorError, "answered 500 4 times: CUDA"),
    (
        "says no",
        broken("create", says({"error": {"message": "too long"}}, 400)),
        Refused,
        r"\(400\): too long",
    ),
    ("no such page", broken("create", Reply(404, b"nope")), Refused, r"\(404\): nope; is remote.url right"),
    ("hangs", broken("create", Reply(hang=True)), GeneratorError, r"within 0\.3 s \(remote\.silence\)"),
    ("broken JSON", broken("create", Reply(200, b'{"id": ')), GeneratorError, "no JSON object"),
    ("a list", broken("create", says([])), GeneratorError, "no JSON object"),
    ("deep JSON", broken("create", Reply(200, b"[" * 90_000)), GeneratorError, "no JSON object"),
    ("a page", broken("create", Reply(200, HTML)), GeneratorError, "no JSON object: <!doctype"),
    ("no name", broken("create", says({"status": "queued"})), GeneratorError, "no name .*null"),
    (
        "a path",
        broken("create", says({"id": "../x", "status": "queued"})),
        GeneratorError,
        r"no name .*\.\./x",
    ),
    ("a number", broken("create", says({"id": 7})), GeneratorError, "no name .*7"),
    ("no end", broken("create", Reply(200, endless())), GeneratorError, "sends more than"),
    # following
    ("forgets", broken("state", says({"detail": "gone"}, 404)), GeneratorError, "no longer knows .*gone"),
    ("500 when asked", broken("state", ALWAYS_500, always=True), GeneratorError, "answered 500 4 times"),
    (
        "unheard of",
        broken("state", state("melting")),
        GeneratorError,
        'status is "melting"; known are queued',
    ),
    ("no status", broken("state", state(None)), GeneratorError, "status is null"),
    (
        "fails",
        broken("state", state("failed", error={"message": "NaN"})),
        GeneratorError,
        "failed there: NaN",
    ),
    ("fails in a word", broken("state", state("failed", error="oom")), GeneratorError, "failed there: oom"),
    # fetching
    ("a page as film", broken("content", Reply(200, HTML)), GeneratorError, "is no film"),
    ("nothing", broken("content", Reply(200, b"")), GeneratorError, "is no film"),
    (
        "cut, and honest",
        broken("content", Reply(200, GOOD[: len(GOOD) // 2])),
        GeneratorError,
        "no film|lasts",
    ),
    (
        "cut, and lying",
        broken("content", Reply(200, GOOD[:900], length=len(GOOD)), always=True),
        GeneratorError,
        "broke off",
    ),
    ("no end of film", broken("content", Reply(200, endless())), GeneratorError, "more than 1000000 bytes"),
    ("too short", broken("content", Reply(200, film(WIDTH, HEIGHT, 2, FPS))), GeneratorError, "lasts 0.33 s"),
    ("not there", broken("content", Reply(404, b"")), GeneratorError, r"not give the film \(404\)"),
    (
        "a playlist",
        broken("content", Reply(200, b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nfile:///etc/passwd\n")),
        GeneratorError,
        "is no film",
    ),
    # elsewhere
    (
        "sends away",
        broken("create", Reply(307, headers={"Location": "http://169.254.169.254/v1/videos"})),
        GeneratorError,
        r"points to http://169\.254\.169\.254/v1/videos \(307\); another host is not followed",
    ),
    *(
        (
            f"sends to {where}",
            broken("create", Reply(307, headers={"Location": where})),
            GeneratorError,
            "broke off",
        )
        for where in ("http://xn--a/", "http://xn--0000h/", "http:x")  # no addresses that there can be
    ),
    # packed, though that was not asked for: a few thousand bytes may be any number
    (
        "packed film",
        broken("content", Reply(200, gzip.compress(gzip.compress(GOOD)), {"Content-Encoding": "gzip, gzip"})),
        GeneratorError,
        "packed .gzip, gzip.",
    ),
    (
        "packed words",
        broken("state", Reply(200, gzip.compress(b"{}"), {"Content-Encoding": "gzip"})),
        GeneratorError,
        "packed .gzip.",
    ),
    (
        "writes over the terminal",
        broken("create", says({"error": {"message": "\x1b[2J\u202etoo\ud800 long\x07"}}, 400)),
        Refused,
        r"\(400\): \[2J too long",
    ),
    (
        "sends in a ring",
        broken("state", Reply(302, headers={"Location": "/v1/videos/film-1"}), always=True),
        GeneratorError,
        "lead nowhere",
    ),
]


@pytest.mark.parametrize(("breaks", "kind", "said"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_a_bad_server_is_a_clear_error_and_the_next_film_is_made(
    far: Elsewhere,
    monkeypatch: pytest.MonkeyPatch,
    breaks: Callable[[Elsewhere], None],
    kind: type[GeneratorError],
    said: str,
) -> None:
    monkeypatch.setattr(visit, "LARGEST_FILM", 1_000_000)
    ours = ours_for(far, silence=0.3)
    breaks(far)
    with pytest.raises(GeneratorError, match=said) as error:
        ours.make(SHORT)
    assert type(error.value) is kind
    assert f"generator 'far' ({far.url})" in str(error.value)
    assert TOKEN not in str(error.value)
    far.heal()
    assert len(ours.make(SHORT)) == 3


def test_nobody_there(far: Elsewhere) -> None:
    ours = ours_for(far)
    far.close()
    with pytest.raises(GeneratorError, match="cannot be reached"):
        ours.make(SHORT)
    assert ours.clock.monotonic() == pytest.approx(1_000_000 + 0.5 + 1 + 2), "it knocked four times"


def test_trouble_that_passes_is_waited_for(far: Elsewhere, ours: Ours) -> None:
    for kind in ("create", "state", "content"):
        far.say(kind, Reply(503), Reply(502))
    assert len(ours.make(SHORT)) == 3


def test_what_was_perhaps_ordered_is_not_ordered_twice(far: Elsewhere) -> None:
    ours = ours_for(far, silence=0.2)
    far.say("create", Reply(hang=True))
    with pytest.raises(GeneratorError, match="did not answer"):
        ours.make(SHORT)
    assert far.kinds() == ["create"]


def test_a_question_that_met_no_answer_is_asked_again(far: Elsewhere) -> None:
    ours = ours_for(far, silence=0.2)
    far.say("state", Reply(hang=True))
    assert len(ours.make(SHORT)) == 3


def test_a_busy_server_is_given_the_time_it_asks_for(far: Elsewhere, ours: Ours) -> None:
    far.say("create", Reply(429, headers={"Retry-After": "40"}))
    ours.make(SHORT)
    assert 40 <= ours.clock.monotonic() - 1_000_000 < 42


def test_a_server_busy_for_longer_than_we_wait_says_so_at_once(far: Elsewhere, ours: Ours) -> None:
    far.say("create", Reply(429, b"quota", headers={"Retry-After": "86400"}))
    with pytest.raises(GeneratorError, match=r"come back in 86400 s \(429\).*remote\.patience: quota"):
        ours.make(SHORT)
    assert ours.clock.monotonic() == 1_000_000


def test_a_film_that_never_comes_is_given_up_after_our_patience(far: Elsewhere) -> None:
    ours = ours_for(far, patience=60.0)
    far.always("state", state("in_progress", 5))
    with pytest.raises(GeneratorError, match=r"not there after 60 s \(remote\.patience\)"):
        ours.make(SHORT)
    assert far.kinds()[-1] == "delete"
    assert far.kinds().count("state") < 40, "it is asked less and less often"


def test_a_server_that_says_when_it_will_be_well_is_asked_then(far: Elsewhere, ours: Ours) -> None:
    far.say("create", Reply(503, headers={"Retry-After": "20"}))
    ours.make(SHORT)
    assert 20 <= ours.clock.monotonic() - 1_000_000 < 22


@pytest.mark.parametrize(
    "reply",
    [Reply(hang=True), Reply(500), Reply(404), Reply(307, headers={"Location": "http://xn--a/"})],
    ids=["hangs", "500", "404", "points to no host"],
)
def test_a_server_that_does_not_delete_still_gave_the_film(far: Elsewhere, reply: Reply) -> None:
    ours = ours_for(far, silence=0.2)
    far.always("delete", reply)
    assert len(ours.make(SHORT)) == 3
    assert far.kinds()[-1] == "delete"


def test_a_redirect_on_the_same_host_is_followed(far: Elsewhere, ours: Ours) -> None:
    far.say("create", Reply(307, headers={"Location": f"{far.url}/videos"}))
    far.say("content", Reply(302, headers={"Location": "/v1/videos/film-1/content?part=all"}))
    assert len(ours.make(SHORT)) == 3


def test_a_socket_that_talks_no_http(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = settings_for(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", silence=0.2)
        ours = Ours(settings, ManualClock(), load_remote(settings, prompts_of, ManualClock()))
        with pytest.raises(GeneratorError, match="did not answer"):
            ours.make(SHORT)


@pytest.mark.parametrize("url", ["http://far:99999/v1", "http:///v1"])
def test_an_address_that_is_none_is_told_when_it_is_loaded(url: str) -> None:
    with pytest.raises(GeneratorError, match=re.escape(url)):
        load_remote(settings_for(url), prompts_of)


@pytest.mark.parametrize("token", ["schlüssel-0123456789", "two\nlines-0123456789"])
def test_a_token_that_no_request_can_carry_is_told_without_telling_it(token: str) -> None:
    with pytest.raises(GeneratorError, match=r"remote\.token has characters") as error:
        load_remote(settings_for("http://127.0.0.1:9/v1", token=SecretStr(token)), prompts_of)
    assert "0123456789" not in str(error.value)


def test_a_proxy_that_is_none_is_told(far: Elsewhere, ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "gopher://127.0.0.1:70")
    monkeypatch.delenv("NO_PROXY")
    with pytest.raises(GeneratorError, match="this environment's proxy cannot be used"):
        ours.make(SHORT)


def test_a_brief_without_a_shot_is_refused(ours: Ours) -> None:
    with pytest.raises(Refused, match="no shot"):
        ours.make(Brief("empty", (), "plain", "en"))
