"""The JSON API over a real store and a served box."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from screening import Box, job_of, key_of

from reverie.errors import StoreFull, StoreReadOnly
from reverie.values import Play, Priority, Rung


@pytest.fixture
def client(served: Box) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, trust_env=False) as client:
        yield client


def test_state_tells_why_with_what_and_when(served: Box, client: httpx.Client) -> None:
    clip = served.studio.film(1)
    moment = served.studio.moment(1)
    served.store.plays.start(
        Play("p", "window", clip.key, 1, Rung.CLIP, moment.id, "c", moment.seen, moment.seen + 0.25)
    )
    served.store.plays.end("p", moment.seen + 2)
    served.store.health.beat("watch", "running", "camera 25 fps", {"frames": 7})
    state = client.get("/api/state").json()
    (told,) = state["moments"]
    assert told["why"] == "a banana was held up to the camera"
    assert (told["kind"], told["live"]) == ("shown", True)
    assert told["wishes"][0]["clip"]["url"] == f"/api/clips/{clip.key}/1.mp4"
    assert told["plays"][0]["waited"] == pytest.approx(0.25)
    assert state["clips"]["count"] == 1
    fresh = {"serve": True, "generate/storyboard": False, "watch": True}
    assert {p["program"]: p["fresh"] for p in state["programs"]} == fresh
    assert "path" not in client.get("/api/state").text, "where files lie is nobody's business"


@pytest.mark.parametrize("what", ["moments", "jobs", "clips", "plays"])
def test_lists_are_newest_first_and_bounded(served: Box, client: httpx.Client, what: str) -> None:
    for film in (1, 2, 3):
        served.studio.film(film)
        moment = served.studio.moment(film)
        served.store.plays.start(
            Play(f"p{film}", f"s{film}", key_of(film), 1, Rung.CLIP, moment.id, "c", 1.0, 2.0)
        )
    rows = client.get(f"/api/{what}", params={"count": 2}).json()
    assert len(rows) == 2
    assert "film 3" in str(rows[0]) or key_of(3) in str(rows[0]) or "moment-3" in str(rows[0])
    assert client.get(f"/api/{what}", params={"count": 0}).status_code == 422


def test_dials_are_turned_and_kept(served: Box, client: httpx.Client) -> None:
    turned = {"paused": True, "language": "zh", "tone": "playful"}
    assert client.put("/api/dials", json=turned).json() == turned
    assert client.get("/api/dials").json() == turned
    assert served.store.dials().paused


def test_a_question_becomes_a_moment_with_an_urgent_job(served: Box, client: httpx.Client) -> None:
    answer = client.post("/api/ask", json={"text": "a dinosaur  walks through the snow"})
    assert answer.status_code == 202
    (moment,) = served.store.moments.live()
    assert moment.id == answer.json()["moment"]
    assert moment.brief.topic == answer.json()["brief"]["topic"]
    job = served.store.jobs.get(moment.wishes[0].key)
    assert job is not None
    assert job.priority == Priority.ASKED
    assert job.deadline == moment.expires


def test_a_question_in_chinese(served: Box, client: httpx.Client) -> None:
    answer = client.post("/api/ask", json={"text": "一只小猫在玩球", "language": "zh"})
    assert answer.status_code == 202
    assert answer.json()["brief"]["language"] == "zh"


def test_a_question_whose_film_is_kept_asks_for_no_job(served: Box, client: httpx.Client) -> None:
    asked = {"text": "a dinosaur walks"}
    client.post("/api/ask", json=asked)
    (moment,) = served.store.moments.live()
    job = served.store.jobs.get(moment.wishes[0].key)
    assert job is not None
    for other in served.store.jobs.waiting("storyboard"):
        claimed = served.store.jobs.claim(other.key, "test", 60, None)
        assert claimed is not None
        draft, file = served.store.clips.open_draft(other.key, claimed.take, other.brief.topic)
        file.close()
        served.studio.finish(draft, 1, 24)
    client.post("/api/ask", json=asked)
    assert served.store.jobs.waiting("storyboard") == []


ASKED = [
    ({"text": ""}, 422),
    ({"text": "   "}, 422),
    ({"text": "x" * 301}, 422),
    ({}, 422),
    ({"text": "a cat", "language": "xx"}, 422),
    ({"text": "a cat", "extra": 1}, 422),
]


@pytest.mark.parametrize(("body", "status"), ASKED)
def test_questions_that_are_none(client: httpx.Client, body: dict[str, object], status: int) -> None:
    answer = client.post("/api/ask", json=body)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


def test_a_topic_is_shown_by_name(served: Box, client: httpx.Client) -> None:
    topic = client.post("/api/ask", json={"text": "a dinosaur walks"}).json()["brief"]["topic"]
    answer = client.post("/api/show", json={"topic": topic})
    assert answer.status_code == 202
    assert answer.json()["brief"]["topic"] == topic
    unknown = client.post("/api/show", json={"topic": "no-such-topic"})
    assert unknown.status_code == 422
    assert "no-such-topic" in unknown.json()["error"]


def test_ready_when_every_program_is_well(served: Box, client: httpx.Client) -> None:
    served.store.health.beat("watch", "running", "", {})
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["generate/storyboard: has not reported"]
    missing = next(p for p in client.get("/api/health").json() if p["program"] == "generate/storyboard")
    assert (missing["state"], missing["problem"]) == ("missing", "has not reported")
    served.store.health.beat("generate/storyboard", "running", "ready", {})
    assert client.get("/readyz").json() == {"ready": True, "problems": []}
    served.store.health.beat("watch", "failing", "camera: nobody answers", {})
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["watch: camera: nobody answers"]


FAULTS = [
    (StoreFull("the disk is full"), 507),
    (StoreReadOnly("the data folder cannot be written"), 503),
]


@pytest.mark.parametrize(("fault", "status"), FAULTS)
def test_a_store_that_fails_is_said(
    served: Box,
    client: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    status: int,
) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr("reverie.store.database.SqliteStore.turn", fail)
    answer = client.put("/api/dials", json={"paused": True})
    assert answer.status_code == status
    assert answer.json() == {"error": str(fault)}
    assert client.get("/api/dials").status_code == 200


def test_metrics_can_be_read(served: Box, client: httpx.Client) -> None:
    served.studio.film(1)
    served.store.jobs.wish(job_of(2, 1, served.studio.clock.now()))
    served.store.health.beat("watch", "running", "", {"frames": 7, "events": {"shown": 1}, "ok": True})
    metrics = {m.name: m for m in text_string_to_metric_families(client.get("/metrics").text)}
    assert {s.labels["status"]: s.value for s in metrics["reverie_jobs"].samples}["waiting"] == 1
    assert metrics["reverie_clips"].samples[0].value == 1
    stats = {(s.labels["program"], s.labels["stat"]) for s in metrics["reverie_program_stat"].samples}
    assert ("watch", "frames") in stats
    assert ("watch", "events") not in stats
    assert "reverie_event_to_play_seconds" in metrics
    labels = {name for m in metrics.values() for s in m.samples for name in s.labels}
    assert labels <= {"rung", "outcome", "status", "program", "stat", "le"}


def test_a_play_is_proved_measured_and_ended(served: Box, client: httpx.Client) -> None:
    served.studio.film(1)
    moment = served.studio.moment(1)
    body = {"id": "a1", "screen": "window", "key": key_of(1), "take": 1, "rung": "clip", "moment": moment.id}
    for _ in range(2):  # told twice, counted once
        assert client.post("/api/plays", json={**body, "ago": 0.5}).status_code == 201
    (play,) = served.store.plays.recent(9)
    assert play.cause == "a banana was held up to the camera"
    assert client.post("/api/plays/a1/end", json={"ago": 0}).status_code == 200
    assert served.store.plays.recent(1)[0].ended > play.started
    metrics = {m.name: m for m in text_string_to_metric_families(client.get("/metrics").text)}
    waits = metrics["reverie_event_to_play_seconds"].samples
    assert [s.value for s in waits if s.name.endswith("_count") and s.labels["rung"] == "clip"] == [1]


PLAYS: list[dict[str, object]] = [
    {"rung": "cellar"},
    {"key": "short"},
    {"screen": "../../etc"},
    {"id": "a b"},
    {"ago": -1},
    {"take": -1},
]


@pytest.mark.parametrize("wrong", PLAYS, ids=str)
def test_odd_proofs_are_refused(client: httpx.Client, wrong: dict[str, object]) -> None:
    body = {"id": "a", "screen": "s", "key": key_of(1), "take": 1, "rung": "clip", "moment": "", **wrong}
    answer = client.post("/api/plays", json=body)
    assert answer.status_code == 422
    assert next(iter(wrong)) in answer.json()["error"]


def test_the_api_describes_itself_and_needs_no_network_for_it(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    for path, verbs in described["paths"].items():
        for verb, operation in verbs.items():
            assert operation["summary"], (path, verb)
    assert {"/api/cues", "/api/ask", "/api/plays", "/api/dials", "/healthz"} <= set(described["paths"])
    assert client.get("/docs").status_code == 404


def test_unknown_paths_and_verbs_are_errors_as_json(client: httpx.Client) -> None:
    assert client.get("/api/nothing").json() == {"error": "Not Found"}
    assert client.delete("/api/dials", headers={"content-type": "application/json"}).json() == {
        "error": "Method Not Allowed"
    }
