"""One camera's lookout: when the detector looks, what is predicted between, zones that change meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from reverie import config
from reverie.values import Box, Detection, EventKind, Frame, Image
from reverie.vision.cadence import Cadence
from reverie.vision.lookout import Lookout, Sight

STILL: Image = np.full((48, 64, 3), 90, np.uint8)
START = 1_000_000.0

LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RIGHT_HALF = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))


def frames(fps: float, seconds: float, moving: bool = True, start: float = START) -> Iterator[Frame]:
    """Pictures in which everything changes from one to the next, or nothing does."""
    for i in range(round(seconds * fps)):
        image = np.full_like(STILL, 60 * (i % 4)) if moving else STILL
        yield Frame(image, i, start + i / fps)


def person(x: float, width: float = 0.1) -> Detection:
    return Detection("person", 0.9, Box(x - width / 2, 0.3, x + width / 2, 0.8))


def watch(place: Lookout, seen: Sequence[Frame], speed: float = 0.1, x: float = 0.2) -> list[Sight]:
    """Somebody walks to the right from `x` at `speed` (widths a second), detected whenever looked for."""
    sights = []
    for frame in seen:
        if not place.wants(frame):
            continue
        found = [person(x + speed * (frame.time - seen[0].time))] if place.needs_detection(frame) else None
        sights.append(place.take(frame, found))
    return sights


def zone(name: str, polygon: tuple[tuple[float, float], ...]) -> config.Zone:
    return config.Zone(name=name, polygon=polygon)


@pytest.mark.parametrize("every", [1, 2, 3])
def test_one_look_in_so_many_is_a_detection(every: int) -> None:
    place = Lookout(config.Camera(), config.Detector(cadence=every), config.Events())
    detected = [sight.detected for sight in watch(place, list(frames(10, 3)))]
    assert detected == [i % every == 0 for i in range(30)]


def test_boxes_between_two_detections_are_predicted_where_they_will_be() -> None:
    place = Lookout(config.Camera(), config.Detector(cadence=3), config.Events())
    for i, sight in enumerate(watch(place, list(frames(10, 4)))[20:], 20):
        (track,) = sight.tracks
        assert track.box.centre[0] == pytest.approx(0.2 + 0.1 * i / 10, abs=0.005)
        assert (track.seen == START + i / 10) == sight.detected


def test_whoever_comes_into_a_still_picture_is_looked_at_at_once() -> None:
    place = Lookout(config.Camera(), config.Detector(cadence=3), config.Events())
    watch(place, list(frames(10, 5, moving=False)))
    (first,) = watch(place, [Frame(STILL + 100, 50, START + 5)])
    assert first.detected


def test_nothing_is_predicted_onwards_while_nothing_moves() -> None:
    place = Lookout(config.Camera(), config.Detector(cadence=1), config.Events())
    watch(place, list(frames(10, 2)))
    sights = watch(place, list(frames(10, 6, moving=False, start=START + 2)), speed=0, x=0.4)
    resting = [sight for sight in sights[20:] if not sight.detected]
    assert len(resting) > 30
    assert {round(t.box.centre[0], 2) for sight in resting for t in sight.tracks} == {0.4}


@pytest.mark.parametrize("every", [2, 3])
def test_a_cadence_tells_the_very_events_of_the_lower_rate(every: int) -> None:
    """And none between: a predicted box is no evidence that somebody came, went or crossed anything."""
    place = config.Camera(
        zones=(zone("left", LEFT_HALF), zone("right", RIGHT_HALF)),
        lines=(config.Line(name="door", start=(0.7, 0.0), end=(0.7, 1.0)),),
    )
    film = list(frames(10, 9))
    spaced = Lookout(place, config.Detector(cadence=every), config.Events(dwell=2))
    slow = Lookout(place, config.Detector(cadence=1), config.Events(dwell=2))
    told = [event for sight in watch(spaced, film) for event in sight.events]
    assert told == [event for sight in watch(slow, film[::every]) for event in sight.events]
    assert {event.kind for event in told} >= {EventKind.ENTERED, EventKind.LINGERED, EventKind.CROSSED}


def test_auto_without_measurements_is_every_look() -> None:
    """What replay and the tests use: nothing there depends on how fast the machine is."""
    place = Lookout(config.Camera(), config.Detector(), config.Events())
    assert all(sight.detected for sight in watch(place, list(frames(10, 2))))


def test_lookouts_of_one_detector_share_its_cadence() -> None:
    detector = config.Detector()
    cadence = Cadence(detector)
    places = [Lookout(config.Camera(name=n), detector, config.Events(), cadence) for n in ("a", "b")]
    cadence.measure(0.1)
    cadence.choose(2 * detector.rate, 0.0)
    for place in places:
        assert sum(s.detected for s in watch(place, list(frames(10, 3)))) == 10


def busy() -> Cadence:
    """A cadence of every third look at ten a second: detections take long."""
    cadence = Cadence(config.Detector())
    cadence.measure(1.0)
    assert cadence.choose(10, 0.0) == 3
    return cadence


@pytest.mark.parametrize(("fps", "apart"), [(10, 3), (5, 2), (4, 2), (2, 1)])
def test_a_slow_camera_has_a_detection_every_third_of_a_second_too(fps: float, apart: int) -> None:
    """The cadence counts looks; a camera with few of them would wait for seconds."""
    place = Lookout(config.Camera(), config.Detector(), config.Events(), busy())
    detected = [sight.detected for sight in watch(place, list(frames(fps, 12 / fps * 2)))]
    assert [i for i, looked in enumerate(detected) if looked] == list(range(0, len(detected), apart))


def test_a_number_that_was_asked_for_counts_looks_alone() -> None:
    place = Lookout(config.Camera(), config.Detector(cadence=3), config.Events())
    detected = [sight.detected for sight in watch(place, list(frames(2, 6)))]
    assert detected == [i % 3 == 0 for i in range(12)]


def test_a_zone_placed_meanwhile_counts_and_tracks_live_on() -> None:
    place = Lookout(config.Camera(), config.Detector(), config.Events(inertia=0.3))
    before = watch(place, list(frames(10, 2)), speed=0, x=0.2)
    place.place([zone("shelf", LEFT_HALF)], [])
    assert [z.name for z in place.zones] == ["shelf"]
    after = watch(place, list(frames(10, 2, start=START + 2)), speed=0, x=0.2)
    assert {t.id for sight in before + after for t in sight.tracks} == {1}
    entered = [e for sight in after for e in sight.events if e.kind is EventKind.ENTERED]
    assert [event.zone for event in entered] == ["shelf"]


def test_zones_that_are_the_same_change_nothing() -> None:
    shelf = zone("shelf", LEFT_HALF)
    place = Lookout(config.Camera(zones=(shelf,)), config.Detector(), config.Events())
    first = watch(place, list(frames(10, 2)), speed=0)
    place.place([zone("shelf", LEFT_HALF)], [])
    again = watch(place, list(frames(10, 2, start=START + 2)), speed=0)
    assert [e.kind for s in first for e in s.events] == [EventKind.ENTERED]
    assert EventKind.ENTERED not in [e.kind for s in again for e in s.events]


def test_what_a_screen_shows_is_neither_followed_nor_a_reason_to_look() -> None:
    own = config.Zone(name="our screen", polygon=RIGHT_HALF, kind="screen")
    place = Lookout(config.Camera(zones=(own,)), config.Detector(), config.Events())
    picture, sights = STILL.copy(), []
    for i in range(40):
        picture[:, 40:] = 255 * (i % 2)  # a clip plays
        frame = Frame(picture.copy(), i, START + i / 10)
        found = [person(0.8), person(0.2)] if place.needs_detection(frame) else None
        sights.append(place.take(frame, found))
    assert {round(t.box.centre[0], 2) for sight in sights for t in sight.tracks} == {0.2}
    assert sum(sight.detected for sight in sights) <= 12
