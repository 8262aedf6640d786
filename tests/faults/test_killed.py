"""kill -9 of each program at work, at named points: nothing acknowledged is lost, and the work goes on."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from box import small, start, until

from reverie import config
from reverie.clock import SystemClock
from reverie.store import Store, open_store
from reverie.supervise import free_port
from reverie.values import Brief, Command, Job, JobStatus, Moment, Priority, Shot
from reverie.video import encode
from reverie.web.headless import HeadlessScreen
from reverie.wishes import make_moment

BRIEF = Brief(
    "show/banana",
    (Shot("banana", "appear", None, "kitchen", "cheerful", "A banana", 1.0),),
    "playful",
    "en",
)


def wished(settings: config.Config, store: Store) -> tuple[Moment, Job]:
    now = SystemClock().now()
    moment, jobs = make_moment(settings, Command(now, BRIEF.topic), BRIEF, now, Priority.LIVE)
    store.moments.open(moment, jobs)
    store.moments.renew(moment.id, now + 600)
    return moment, jobs[0]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("verb", ["jobs.claim", "clips.open_draft", "clips.keep", "jobs.finish"])
def test_a_generator_killed_anywhere_leaves_a_job_that_is_done_by_the_next(
    when: str, verb: str, tmp_path: Path
) -> None:
    settings = small(tmp_path)
    store = open_store(settings.store, SystemClock())
    _, job = wished(settings, store)
    child = start("generate/storyboard", settings, tmp_path, f"{when} {verb}")
    told, _ = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL, told.decode()

    again = start("generate/storyboard", settings, tmp_path)
    try:
        assert until(lambda: store.clips.get(job.key) is not None, 60)
    finally:
        again.terminate()
        out, _ = again.communicate(timeout=10)
    assert b"Traceback" not in out

    clip, done = store.clips.get(job.key), store.jobs.get(job.key)
    assert clip is not None
    assert done is not None
    assert done.status is JobStatus.DONE
    assert encode.probe(clip.path).frames == job.spec.frames
    # After `finish` the job was acknowledged as done: it must not have been made twice.
    assert done.attempts == (1 if (when, verb) in (("after", "jobs.finish"), ("before", "jobs.claim")) else 2)
    store.clips.tidy()
    files = list(settings.store.folder.rglob("*.mp4"))
    assert files == [clip.path]
    store.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_watch_killed_at_a_moment_has_told_it_whole_or_not_at_all(when: str, tmp_path: Path) -> None:
    settings = small(tmp_path)
    store = open_store(settings.store, SystemClock())
    child = start("watch", settings, tmp_path, f"{when} moments.open")
    told, _ = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL, told.decode()
    moments = store.moments.recent(10)
    assert len(moments) == (0 if when == "before" else 1)
    for moment in moments:
        assert [store.jobs.get(w.key) is not None for w in moment.wishes] == [True]

    again = start("watch", settings, tmp_path)
    try:
        assert until(lambda: len(store.moments.recent(10)) > len(moments), 60)
    finally:
        again.terminate()
        out, _ = again.communicate(timeout=10)
    assert b"Traceback" not in out
    store.close()


@pytest.mark.parametrize(
    "point",
    [
        "after moments.live",  # it knows what is wanted; no screen was told
        "before plays.start",  # the screen plays; the proof is on its way
        "after plays.start",  # the proof is in; the screen was not answered
    ],
)
def test_a_serve_killed_at_a_cue_or_a_play_goes_on_with_the_screen(point: str, tmp_path: Path) -> None:
    settings = small(tmp_path)
    settings = settings.model_copy(update={"serve": config.Serve(port=free_port(settings.serve))})
    store = open_store(settings.store, SystemClock())
    moment, job = wished(settings, store)
    generate = start("generate/storyboard", settings, tmp_path)
    try:
        assert until(lambda: store.clips.get(job.key) is not None, 60)
    finally:
        generate.terminate()
        generate.communicate(timeout=10)

    screen = HeadlessScreen(f"http://127.0.0.1:{settings.serve.port}", None, SystemClock())
    child = start("serve", settings, tmp_path, point)
    screen.start()
    try:
        told, _ = child.communicate(timeout=60)
        assert child.returncode == -signal.SIGKILL, told.decode()
        again = start("serve", settings, tmp_path)
        try:
            assert until(lambda: any(p.ended for p in store.plays.recent(10) if p.moment == moment.id), 60)
        finally:
            again.terminate()
            out, _ = again.communicate(timeout=10)
    finally:
        screen.stop()
    assert b"Traceback" not in out
    played = [p for p in store.plays.recent(100) if p.moment == moment.id]
    assert len({p.id for p in played}) == len(played)  # told twice, entered once
    assert {p.key for p in played} == {job.key}
    store.close()
