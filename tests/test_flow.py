"""From the camera to the brief on real footage: golden events of the demo, and what each calls for."""

from __future__ import annotations

import json

import numpy as np
import pytest

from reverie import config
from reverie.assets import asset
from reverie.story.director import Director
from reverie.story.library import load_library
from reverie.story.scene import make_scene
from reverie.values import Dials, Event, EventKind, Frame
from reverie.vision.camera import read_frames
from reverie.vision.detector import load_detector
from reverie.vision.lookout import Lookout

DELAY = 1.6
"""Seconds from the moment a card rests until it must have been told: 0.6 s of holding still, the tracker's
confirmation, and the ease of its arrival."""


def lookout(events: config.Events) -> Lookout:
    """One place that looks ten times a second."""
    return Lookout(config.Camera(name="demo"), config.Detector(rate=10), events)


@pytest.fixture(scope="module")
def told() -> list[tuple[Event, str | None]]:
    """Every event of one pass of the demo footage at ten looks a second, and the topic it calls for."""
    settings = config.Config(story=config.Story(place="home"))
    detector = load_detector(config.Detector(threads=2))
    director = Director(load_library(None), settings.story)
    place = lookout(settings.events)
    found: list[tuple[Event, str | None]] = []
    for frame in read_frames(str(asset("demo.mp4"))):
        if not place.wants(frame):
            continue
        sight = place.take(frame, detector.detect([frame])[0] if place.needs_detection(frame) else None)
        for event in sight.events:
            brief = director.direct(make_scene(event, sight.tracks, "demo", frame.time), Dials())
            found.append((event, brief.topic if brief else None))
    return found


@pytest.mark.slow
def test_each_card_is_seen_once_and_nothing_else(told: list[tuple[Event, str | None]]) -> None:
    cards = json.loads(asset("demo.json").read_text())["cards"]
    things = [card for card in cards if card["label"] != "person"]
    shown = [event for event, _ in told if event.kind is EventKind.SHOWN]
    assert [event.label for event in shown] == [card["label"] for card in things]
    for event, card in zip(shown, things, strict=True):
        assert card["from"] <= event.time <= card["held"][0] + DELAY


@pytest.mark.slow
def test_the_person_enters_lingers_and_leaves(told: list[tuple[Event, str | None]]) -> None:
    person = [event for event, _ in told if event.label == "person"]
    assert [event.kind for event in person] == [EventKind.ENTERED, EventKind.LINGERED, EventKind.LEFT]
    entered, lingered, left = person
    assert lingered.time - entered.time == pytest.approx(
        3 - 0.3, abs=0.25
    )  # dwell counts from the first sight
    assert left.dwell > 6


@pytest.mark.slow
def test_each_event_calls_for_a_story(told: list[tuple[Event, str | None]]) -> None:
    assert all(topic is not None for _, topic in told)
    topics = {event.label: topic for event, topic in told if event.kind is EventKind.SHOWN}
    assert topics == {label: f"show/{label}" for label in topics}


def test_a_lookout_keeps_the_asked_rate_whatever_the_cameras() -> None:
    image = np.zeros((2, 2, 3), np.uint8)
    for fps, expected in ((30, 10), (25, 10), (15, 10), (10, 10), (5, 5)):
        place = lookout(config.Events())
        start = 1_000_000.0
        looked = sum(place.wants(Frame(image, i, start + i / fps)) for i in range(fps * 20))
        assert looked / 20 == pytest.approx(expected, rel=0.05), fps
