"""Causes in words."""

from __future__ import annotations

import pytest

from reverie.values import Cause, Command, EventKind, Question, Scene
from reverie.web.words import kind_of, why


def seen(kind: EventKind, subject: str = "person", **more: object) -> Scene:
    return Scene(0.0, "camera", str(more.pop("zone", "toys")), kind, subject, **more)  # type: ignore[arg-type]


CASES: list[tuple[Cause, str, str]] = [
    (seen(EventKind.ENTERED), "entered", "a person came into toys"),
    (seen(EventKind.LEFT), "left", "a person left toys"),
    (seen(EventKind.LINGERED, dwell=3.4), "lingered", "a person stayed at toys for 3 s"),
    (seen(EventKind.CROSSED, direction="in"), "crossed", "a person crossed toys (in)"),
    (seen(EventKind.CROSSED), "crossed", "a person crossed toys"),
    (seen(EventKind.CROWDED, counts=(("person", 5),)), "crowded", "5 people at once at toys"),
    (seen(EventKind.CROWDED), "crowded", "many people at once at toys"),
    (seen(EventKind.CROWDED, "cup", counts=(("cup", 5),)), "crowded", "5 × cup at once at toys"),
    # What has no article, and is many though it is one thing; the name that people use.
    (seen(EventKind.SHOWN, "scissors"), "shown", "scissors were held up to the camera"),
    (seen(EventKind.PICKED_UP, "skis"), "picked_up", "skis were picked up at toys"),
    (
        seen(EventKind.PUT_BACK, "scissors", object="mouse"),
        "put_back",
        "scissors were put back at toys, near a computer mouse",
    ),
    # A label that no story knows.
    (seen(EventKind.SHOWN, "axolotl"), "shown", "an axolotl was held up to the camera"),
    # The whole picture has no name; "an" before a vowel.
    (seen(EventKind.SHOWN, "apple", zone=""), "shown", "an apple was held up to the camera"),
    (seen(EventKind.ENTERED, zone=""), "entered", "a person came into view"),
    (seen(EventKind.LEFT, zone=""), "left", "a person left the view"),
    (seen(EventKind.LINGERED, zone="", dwell=3.4), "lingered", "a person stayed in view for 3 s"),
    (
        seen(EventKind.PICKED_UP, "cup", object="person"),
        "picked_up",
        "a cup was picked up at toys, near a person",
    ),
    (seen(EventKind.PUT_BACK, "cup"), "put_back", "a cup was put back at toys"),
    (Question(0.0, "why is it raining?", "en"), "question", "somebody asked “why is it raining?”"),
    (Command(0.0, "toy-car"), "command", "the operator asked for toy-car"),
]


@pytest.mark.parametrize(("cause", "kind", "words"), CASES)
def test_words(cause: Cause, kind: str, words: str) -> None:
    assert why(cause) == words
    assert kind_of(cause) == kind


def test_every_kind_of_event_has_words() -> None:
    for kind in EventKind:
        assert "car" in why(seen(kind, "car"))
