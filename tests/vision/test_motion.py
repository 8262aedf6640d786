"""The gate: what opens it, what does not, and for how long."""

from __future__ import annotations

import numpy as np
import pytest

from reverie.values import Image
from reverie.vision.motion import MotionGate
from reverie.vision.scripted import ScriptedSource

GROUND: Image = np.random.default_rng(5).integers(60, 180, (12, 16, 3), np.uint8).repeat(40, 0).repeat(40, 1)
"""A still scene, 640x480."""


def with_square(side: int, value: int = 255) -> Image:
    image = GROUND.copy()
    image[100 : 100 + side, 100 : 100 + side] = value
    return image


def settled(threshold: float = 0.002) -> MotionGate:
    """A gate that has seen the still scene from 0 to 1.5 s and has closed."""
    gate = MotionGate(threshold)
    states = [gate.update(GROUND, i / 10) for i in range(16)]
    assert states == [True] * 11 + [False] * 5  # the first picture is news for one second
    return gate


@pytest.mark.parametrize(
    ("image", "opens"),
    [
        (GROUND, False),  # nothing
        (with_square(12), False),  # 0.05 % of the picture
        (with_square(60), True),  # 1.2 % of it
        (np.zeros_like(GROUND), True),  # the light went out
        (np.clip(GROUND + 5.0, 0, 255).astype(np.uint8), False),  # the exposure moved a little
        (np.zeros((240, 320, 3), np.uint8), True),  # another camera
    ],
)
def test_what_opens_it(image: Image, opens: bool) -> None:
    assert settled().update(image, 1.6) is opens


@pytest.mark.parametrize("sigma", [2, 4, 6])
def test_camera_noise_does_not(sigma: float) -> None:
    rng = np.random.default_rng(0)
    gate = settled()
    for i in range(5):
        noisy = np.clip(GROUND + rng.normal(0, sigma, GROUND.shape), 0, 255).astype(np.uint8)
        assert not gate.update(noisy, 1.5 + i / 25)


def test_stays_open_for_a_second_after_motion() -> None:
    gate = settled()
    assert gate.update(with_square(60), 1.6)
    states = {i: gate.update(GROUND, i / 10) for i in range(17, 32)}
    assert [i for i, is_open in states.items() if is_open] == list(range(17, 27))


@pytest.mark.parametrize("fps", [1, 5, 25])
def test_looks_every_two_seconds_whatever_the_rate(fps: int) -> None:
    gate = MotionGate(0.002)
    opened = [i / fps for i in range(20 * fps) if gate.update(GROUND, i / fps)]
    assert opened[-1] >= 18
    assert max(np.diff(opened)) == pytest.approx(2.0)


def test_a_clock_that_is_set_back_leaves_it_as_it_was() -> None:
    gate = settled()
    states = [gate.update(GROUND, -3600 + i / 10) for i in range(100)]
    assert sum(states) == 5  # every two seconds, as ever


def test_thing_that_stays_becomes_background() -> None:
    gate = settled()
    states = [gate.update(with_square(60), 2 + i / 10) for i in range(150)]
    assert all(states[:30])
    assert sum(states[-50:]) <= 3  # only the look every two seconds
    assert gate.update(GROUND, 17.0)  # and its going is motion


def test_threshold_zero_never_closes() -> None:
    gate = MotionGate(0.0)
    assert all(gate.update(GROUND, i / 25) for i in range(100))


def test_sees_the_scripted_camera_move() -> None:
    source, gate = ScriptedSource(320, 240, 10), MotionGate(0.002)
    source.open()
    for _ in range(40):
        picture = source.read()
        assert picture is not None
        assert picture.media is not None
        assert gate.update(picture.image, picture.media)


def test_tiny_pictures_work() -> None:
    gate = MotionGate(0.002)
    assert gate.update(np.zeros((1, 1, 3), np.uint8), 0.0)
    assert gate.update(np.full((1, 1, 3), 255, np.uint8), 0.1)


SCREEN = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.6), (0.1, 0.6))
"""Part of the picture: 64..320 x 48..288 pixels."""


def test_what_plays_in_an_ignored_area_does_not_open_it() -> None:
    gate = MotionGate(0.002)
    gate.ignore([SCREEN])
    playing = GROUND.copy()
    for i in range(40):
        playing[48:288, 64:320] = 255 * (i % 2)
        assert gate.update(playing, i / 10) is (i <= 10 or i == 30)  # its first second, and every two seconds


def test_what_moves_beside_an_ignored_area_opens_it() -> None:
    gate = MotionGate(0.002)
    gate.ignore([SCREEN])
    for i in range(16):
        gate.update(GROUND, i / 10)
    beside = GROUND.copy()
    beside[330:400, 400:470] = 255
    assert gate.update(beside, 1.6)


def test_another_size_of_picture_is_ignored_in_the_same_place() -> None:
    gate = MotionGate(0.002)
    gate.ignore([SCREEN])
    for size in (4, 1):
        ground = GROUND[::size, ::size]
        for i in range(16):
            gate.update(ground, i / 10 + 10 / size)
        playing = ground.copy()
        playing[48 // size : 288 // size, 64 // size : 320 // size] = 255
        assert not gate.update(playing, 1.6 + 10 / size)
        gate = MotionGate(0.002)
        gate.ignore([SCREEN])


def test_what_is_ignored_may_change() -> None:
    gate = settled()
    gate.ignore([SCREEN])
    assert not gate.update(with_square(60), 1.6)
    gate.ignore([])
    assert gate.update(with_square(60), 1.7)
