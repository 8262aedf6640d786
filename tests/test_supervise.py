"""The supervisor: its rules as tables; the real box is in tests/faults."""

from __future__ import annotations

import socket

import pytest

from reverie import config, supervise
from reverie.clock import ManualClock
from reverie.errors import ServeError
from reverie.values import Play, Rung


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0.0), (1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 30.0), (1000, 30.0)],
)
def test_the_back_off_doubles_to_half_a_minute(failures: int, seconds: float) -> None:
    assert supervise.backoff(failures) == seconds


def test_there_is_one_program_a_generator() -> None:
    two = config.Config(generators=(config.Generator(), config.Generator(name="big", width=1280, height=720)))
    assert two.programs == ("serve", "generate/storyboard", "generate/big", "watch")


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServeError, match=rf"127\.0\.0\.1:{port} .*--port"):
            supervise.free_port(config.Serve(port=port))


def test_the_report_counts_the_first_play_of_a_moment() -> None:
    def play(moment: str, rung: Rung, started: float) -> Play:
        return Play(f"{moment}{rung}{started}", "s", "k", 1, rung, moment, "", 0.0, started)

    plays = [
        play("a", Rung.DRAFT, 10.2),  # 0.2 s after the moment was told
        play("a", Rung.CLIP, 14.0),  # a repeat is no answer
        play("b", Rung.DRAFT, 20.4),
        play("c", Rung.CLIP, 30.05),  # from the cache
        play("", Rung.AMBIENT, 39.0),  # nobody was there
    ]
    measured = supervise._by_rung(plays, {"a": 10.0, "b": 20.0, "c": 30.0})
    assert measured["draft"] == {"p50": 0.3, "p95": 0.39}
    assert measured["clip"] == {"p50": 0.05, "p95": 0.05}
    assert set(measured) == {"draft", "clip"}


def test_a_pause_of_the_whole_box_is_no_ones_silence() -> None:
    clock = ManualClock()
    child = supervise.Child("watch", beaten=clock.monotonic())
    box = supervise.Box(config.Config(), None, [child])  # type: ignore[arg-type]
    supervise._forgive_pause(box, clock)
    clock.advance(0.2)
    supervise._forgive_pause(box, clock)
    assert child.beaten == clock.monotonic() - 0.2  # an ordinary look forgives nothing
    clock.advance(3600)
    supervise._forgive_pause(box, clock)
    assert child.beaten == clock.monotonic()
