"""Network cameras that fail as real ones do, each by a real RTSP server on loopback.

Nothing here measures time: how soon a camera is back is printed by `bench/rtsp.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from eye import Eye

from reverie import config
from reverie.clock import SystemClock
from reverie.vision.camera import Camera, open_camera

PATIENCE = 60.0
"""Seconds after which a test gives up: far above what anything takes."""


@pytest.fixture
def eye() -> Iterator[Callable[[], Eye]]:
    eyes: list[Eye] = []

    def make() -> Eye:
        eyes.append(Eye())
        return eyes[-1]

    yield make
    for made in eyes:
        made.kill()


@pytest.fixture
def watched() -> Iterator[Callable[..., Camera]]:
    """Opens a camera on an eye."""
    cameras: list[Camera] = []

    def make(eye: Eye, stall: float = 20.0) -> Camera:
        cameras.append(open_camera(config.Camera(source=eye.url, stall=stall), SystemClock()))
        return cameras[-1]

    yield make
    for camera in cameras:
        camera.close()


def until(camera: Camera, what: str, true: Callable[[], bool]) -> None:
    """Read the camera, as watch does, until it is true."""
    clock = SystemClock()
    ends = clock.monotonic() + PATIENCE
    while not true():
        assert clock.monotonic() < ends, f"{what}: {camera.state()}"
        camera.newest(0.1)


def is_(camera: Camera, status: str) -> Callable[[], bool]:
    return lambda: camera.state().status == status


def more(camera: Camera, count: int = 10) -> Callable[[], bool]:
    """Whether so many pictures have come since now."""
    wanted = camera.state().frames + count
    return lambda: camera.state().status == "running" and camera.state().frames >= wanted


def test_camera_that_is_switched_off_and_on_and_another_that_is_not(
    eye: Callable[[], Eye], watched: Callable[..., Camera]
) -> None:
    broken, whole = eye(), eye()
    camera, other = watched(broken), watched(whole)
    until(camera, "it shows pictures", more(camera))
    until(other, "the other, too", more(other))
    for _ in range(2):
        broken.kill()
        until(camera, "it is lost", is_(camera, "lost"))
        assert "127.0.0.1" in camera.state().detail
        until(other, "the other goes on", more(other))
        assert other.state().status == "running"
        broken.start()
        until(camera, "it is back", more(camera))


def test_slow_camera_is_no_lost_camera(eye: Callable[[], Eye], watched: Callable[..., Camera]) -> None:
    slow = eye()
    camera = watched(slow, stall=8.0)
    until(camera, "it shows pictures", more(camera))
    slow.become("slow")
    until(camera, "it still does", more(camera, 3))
    slow.become("good")
    until(camera, "and again", more(camera))
    assert camera.state().detail == "320x240"


def test_garbage_is_survived(eye: Callable[[], Eye], watched: Callable[..., Camera]) -> None:
    mad = eye()
    camera = watched(mad)
    until(camera, "it shows pictures", more(camera))
    mad.become("garbage")
    corrupt = camera.state().corrupt
    until(camera, "damage is noticed", lambda: camera.state().corrupt > corrupt + 3)
    mad.become("good")
    until(camera, "it is back", more(camera))
    calm = camera.state().corrupt
    until(camera, "and whole", more(camera))
    assert camera.state().corrupt == calm


@pytest.mark.parametrize("fault", ["silent", "frozen"])
def test_camera_that_hangs_is_opened_anew(
    fault: str, eye: Callable[[], Eye], watched: Callable[..., Camera]
) -> None:
    hung = eye()
    camera = watched(hung, stall=1.5)
    until(camera, "it shows pictures", more(camera))
    if fault == "silent":
        hung.become("silent")
    else:
        hung.freeze()
    until(camera, "it is noticed", lambda: camera.state().status in ("stalled", "lost"))
    if fault == "silent":
        hung.become("good")
    else:
        hung.thaw()
    until(camera, "it is back", more(camera))


def test_camera_that_is_off_at_first_is_waited_for(
    eye: Callable[[], Eye], watched: Callable[..., Camera]
) -> None:
    late = eye()
    late.kill()
    camera = watched(late)
    until(camera, "nobody is there", is_(camera, "lost"))
    assert "nobody answers there: Connection refused" in camera.state().detail
    late.start()
    until(camera, "it is there", more(camera))


def test_threads_do_not_pile_up(eye: Callable[[], Eye], watched: Callable[..., Camera]) -> None:
    restless = eye()
    camera = watched(restless)
    until(camera, "it shows pictures", more(camera, 3))
    before = threading.active_count()
    for _ in range(3):
        restless.kill()
        until(camera, "it is lost", is_(camera, "lost"))
        restless.start()
        until(camera, "it is back", more(camera, 3))
    assert threading.active_count() == before
