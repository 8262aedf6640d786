"""Shelf slots that no detector knows: drawn shelves, drawn light, real comparison of pictures.

People are drawn into the picture as well as detected, so that a slot behind them is really hidden.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
import pytest
from acts import START, Act, person, play, story, thing

from reverie import config
from reverie.values import Box, Event, Image
from reverie.vision.events import Rules
from reverie.vision.rules.picture import alike, changed, take_patch

KINDS = "picked_up", "put_back", "taken_away"
HEIGHT, WIDTH = 240, 320

TEA = config.Zone(
    name="tea", kind="slot", holds="tea", polygon=((0.4, 0.34), (0.52, 0.34), (0.52, 0.58), (0.4, 0.58))
)
JAM = config.Zone(name="jam", kind="slot", polygon=((0.65, 0.34), (0.77, 0.34), (0.77, 0.58), (0.65, 0.58)))
AT = {"tea": 0.46, "jam": 0.71}
"""Where the middle of each slot is, across."""
RED, GREEN, BLUE = (200, 50, 60), (50, 150, 70), (40, 80, 190)


@dataclass(frozen=True)
class Light:
    """How bright (a factor), of what colour (factors), and how much darker at the right than at the left."""

    level: float = 1.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    shade: float = 0.0


@dataclass(frozen=True)
class Pack:
    """A package on the shelf: its middle across, its colour, how much lower than it stood."""

    x: float
    colour: tuple[int, int, int] = RED
    lower: float = 0.0


@cache
def _bare() -> np.ndarray:
    """A shelf with wood grain and boards; float32 (H, W, 3)."""
    grain = cv2.GaussianBlur(np.random.default_rng(7).normal(0, 60, (HEIGHT, WIDTH)), (0, 0), 2)
    picture = np.repeat((150 + grain)[..., None], 3, axis=2).astype(np.float32)
    for y in (0.3, 0.6, 0.9):
        picture[int(y * HEIGHT) : int(y * HEIGHT) + 5] = 90
    return picture


@cache
def _noise(seed: int) -> np.ndarray:
    """Camera noise of 3 gray levels; float32 (H, W, 3)."""
    return np.random.default_rng(seed).normal(0, 3, (HEIGHT, WIDTH, 3)).astype(np.float32)


def shelf(packs: list[Pack], bodies: list[Box], light: Light, seed: int) -> Image:
    """The shelf with `packs` on it and people before it, under `light`, with camera noise."""
    picture = _bare().copy()
    for pack in packs:
        _draw(picture, pack)
    for body in bodies:
        left, right = int(body.left * WIDTH), int(body.right * WIDTH)
        picture[int(body.top * HEIGHT) : int(body.bottom * HEIGHT), left:right] = (60, 60, 80)
    ramp = 1 - light.shade * np.linspace(0, 1, WIDTH, dtype=np.float32)[None, :, None]
    picture *= ramp * np.array(light.cast, np.float32) * np.float32(light.level)
    picture += _noise(seed % 5)
    image: Image = np.clip(picture, 0, 255).astype(np.uint8)
    return image


def _draw(picture: np.ndarray, pack: Pack) -> None:
    left, right = int((pack.x - 0.04) * WIDTH), int((pack.x + 0.04) * WIDTH)
    top, bottom = int((0.38 + pack.lower) * HEIGHT), int((0.58 + pack.lower) * HEIGHT)
    picture[top:bottom, left:right] = pack.colour
    label = (bottom - top) // 3
    picture[top + label : bottom - label, left + 4 : right - 4] = (235, 235, 225)
    picture[top + label + 4 : top + label + 7, left + 7 : right - 7] = 20


Shown = Callable[[float], list[Pack]]
FULL = [Pack(AT["tea"]), Pack(AT["jam"], BLUE)]
NO_TEA = [Pack(AT["jam"], BLUE)]
VISITOR = person((6, -0.1), (8, 0.46), (11, 0.46), (14, -0.15))
SECOND = person((20, -0.1), (22, 0.46), (25, 0.46), (28, -0.15))


def events_of(
    packs: Shown,
    acts: list[Act],
    seconds: float = 20,
    light: Callable[[float], Light] = lambda t: Light(),
    zones: tuple[config.Zone, ...] = (TEA, JAM),
    fps: float = 5,
) -> list[Event]:
    def image(t: float) -> Image:
        bodies = [box for act in acts if act.label == "person" and (box := act.at(t)) is not None]
        return shelf(packs(t), bodies, light(t), round(t * fps))

    rules = Rules(zones, [], config.Events(cooldown=0, dwell=99))
    return [e for e in play(rules, acts, seconds, fps, image=image) if e.kind in KINDS]


def from_(t: float, before: list[Pack], after: list[Pack]) -> Shown:
    return lambda now: before if now < t else after


@pytest.mark.parametrize(
    ("name", "packs", "acts", "light", "expected"),
    [
        ("nobody there, all as it was", from_(99, FULL, FULL), [], None, ""),
        ("somebody passes and takes nothing", from_(99, FULL, FULL), [VISITOR], None, ""),
        ("taken away", from_(9, FULL, NO_TEA), [VISITOR], None, "picked_up@12.4 taken_away@15.0"),
        # A lamp, the evening, clouds: the light changes with nobody there, or while somebody is.
        ("brighter by half, at once", from_(99, FULL, FULL), [], lambda t: Light(1.0 if t < 9 else 1.5), ""),
        ("brighter meanwhile", from_(99, FULL, FULL), [VISITOR], lambda t: Light(1 + (t > 9) / 2), ""),
        ("a third of the light", from_(99, FULL, FULL), [VISITOR], lambda t: Light(1 - (t > 9) / 1.5), ""),
        ("warm light meanwhile", from_(99, FULL, FULL), [VISITOR],
         lambda t: Light(cast=(1.15, 1.0, 0.75) if t > 9 else (1, 1, 1)), ""),
        ("a shadow falls", from_(99, FULL, FULL), [VISITOR], lambda t: Light(shade=0.6 * (t > 9)), ""),
        ("the lamp goes out", from_(99, FULL, FULL), [VISITOR], lambda t: Light(0.03 if t > 9 else 1), ""),
        # ... and what was taken is noticed all the same.
        ("taken, and dimmed to half", from_(9, FULL, NO_TEA), [VISITOR], lambda t: Light(1 - (t > 9) / 2),
         "picked_up@12.4 taken_away@15.0"),
        # Nobody was there: fallen over, restocked at night, or nobody was detected. Not told.
        ("gone with nobody at it", from_(9, FULL, NO_TEA), [], None, ""),
        ("nudged", from_(9, FULL, [Pack(AT["tea"] + 0.015), FULL[1]]), [VISITOR], None, ""),
    ],
)  # fmt: skip
def test_one_visitor(
    name: str, packs: Shown, acts: list[Act], light: Callable[[float], Light] | None, expected: str
) -> None:
    events = events_of(packs, acts, light=light or (lambda t: Light()))
    assert story(events, *KINDS) == expected, name


def test_what_a_slot_tells() -> None:
    picked, away = events_of(from_(9, FULL, NO_TEA), [VISITOR])
    assert (picked.zone, picked.label, picked.near, picked.track_id) == ("tea", "person", "tea", 1)
    assert 3 <= picked.dwell <= 6
    assert picked.reason.startswith("somebody was at it for")
    assert "of the slot looks different" in picked.reason
    assert (away.zone, away.near, away.track_id) == ("tea", "tea", 1)


def test_put_back_by_who_stays() -> None:
    """Takes it, steps aside with it, comes back and puts it where it was, a little lower."""
    visitor = person(
        (6, -0.1), (8, 0.46), (10, 0.46), (11, 0.15), (15, 0.15), (16, 0.46), (18, 0.46), (21, -0.15)
    )

    def packs(t: float) -> list[Pack]:
        return FULL if t < 9 else NO_TEA if t < 17 else [replace(FULL[0], lower=0.01), FULL[1]]

    events = events_of(packs, [visitor], 26)
    assert [(e.kind, e.zone) for e in events] == [("picked_up", "tea"), ("put_back", "tea")]


def test_put_into_another_slot() -> None:
    """Out of the tea's slot, into an empty one: put back, not a second thing picked up."""
    visitor = person(
        (6, -0.1), (8, 0.46), (10, 0.46), (11, 0.2), (14, 0.2), (15, 0.71), (17, 0.71), (20, 1.15)
    )

    def packs(t: float) -> list[Pack]:
        return [FULL[0]] if t < 9 else [] if t < 16 else [replace(FULL[0], x=AT["jam"])]

    events = events_of(packs, [visitor], 26)
    assert [(e.kind, e.zone) for e in events] == [("picked_up", "tea"), ("put_back", "tea")]
    assert "slot jam looks as slot tea did" in events[1].reason


def test_two_slots_one_after_the_other() -> None:
    visitor = person(
        (6, -0.1), (8, 0.46), (10, 0.46), (11, 0.2), (14, 0.2), (15, 0.71), (17, 0.71), (20, 1.15)
    )

    def packs(t: float) -> list[Pack]:
        return FULL if t < 9 else NO_TEA if t < 16 else []

    told = [(e.kind, e.zone) for e in events_of(packs, [visitor], 26)]
    assert told[:2] == [("picked_up", "tea"), ("picked_up", "jam")]
    assert sorted(told[2:]) == [("taken_away", "jam"), ("taken_away", "tea")]


def test_filled_up_again_is_no_event() -> None:
    """Taken away by one; somebody of the shop fills it up; the next one's is told again."""
    third = person((34, -0.1), (36, 0.46), (38, 0.46), (41, -0.15))

    def packs(t: float) -> list[Pack]:
        return FULL if t < 9 or 23 < t < 37 else NO_TEA

    events = events_of(packs, [VISITOR, SECOND, third], 46)
    assert [e.kind for e in events] == ["picked_up", "taken_away", "picked_up", "taken_away"]


def test_the_camera_is_moved_while_somebody_is_there() -> None:
    """Everything looks different, so nothing of the slot is known."""
    rules = Rules((TEA,), [], config.Events(cooldown=0))

    def image(t: float) -> Image:
        body = VISITOR.at(t)
        picture = shelf(FULL, [body] if body else [], Light(), round(t * 5))
        return picture if t < 9 else np.ascontiguousarray(np.roll(picture, 60, axis=1))

    events = play(rules, [VISITOR], 20, 5, image=image)
    assert story(events, *KINDS) == ""


def test_a_known_thing_in_a_slot_is_told_once() -> None:
    """The detector knows what lies there: the slot tells of it, and by its name."""
    held = thing("bottle", (0, 0.71, 0.46), (9, 0.71, 0.46), (10, 0.9, 0.5), (13, 1.2, 0.5), front=True)
    visitor = person((6, 1.1), (8, 0.71), (9, 0.71), (13, 1.2))
    events = events_of(from_(9, FULL, [FULL[0]]), [visitor, held], 20, zones=(JAM,))
    assert [(e.kind, e.zone, e.near) for e in events] == [
        ("picked_up", "jam", "bottle"),
        ("taken_away", "jam", "bottle"),
    ]


@pytest.mark.parametrize(
    ("name", "packs", "pictures", "expected"),
    [
        # The detector sees the tea until somebody has passed, and then no more.
        ("it is still there to see", FULL, True, []),
        ("it is gone", NO_TEA, True, ["picked_up", "taken_away"]),
        ("nobody can look", FULL, False, ["picked_up", "taken_away"]),
    ],
)
def test_what_the_detector_loses_is_looked_for_in_the_picture(
    name: str, packs: list[Pack], pictures: bool, expected: list[str]
) -> None:
    passer = person((14, -0.1), (18, 1.1))
    acts = [passer, thing("bottle", (0, 0.46, 0.48), (15.8, 0.46, 0.48))]

    def image(t: float) -> Image | None:
        body = passer.at(t)
        shown = FULL if t < 16 else packs
        return shelf(shown, [body] if body else [], Light(), round(t * 5)) if pictures else None

    events = play(Rules([], [], config.Events(cooldown=0)), acts, 30, 5, image=image)
    assert [event.kind for event in events if event.kind in KINDS] == expected, name


def test_without_pictures_slots_are_blind() -> None:
    rules = Rules((TEA,), [], config.Events(cooldown=0))
    assert story(play(rules, [VISITOR], 20, 5), *KINDS) == ""


def test_only_slots_leave_the_whole_picture_as_one_area() -> None:
    events = play(Rules((TEA,), [], config.Events(cooldown=0)), [VISITOR], 20, 5)
    assert story(events, "entered") != ""
    assert {event.zone for event in events} == {""}


@pytest.mark.parametrize(
    ("name", "packs", "light", "low", "high"),
    [
        ("the same", FULL, Light(), 0.0, 0.02),
        ("dimmed to half", FULL, Light(0.5), 0.0, 0.02),
        ("dimmed to a fifth", FULL, Light(0.2), 0.0, 0.05),
        ("half as bright again", FULL, Light(1.5), 0.0, 0.02),
        ("warm light", FULL, Light(cast=(1.15, 1.0, 0.75)), 0.0, 0.02),
        ("a strong shadow from one side", FULL, Light(shade=0.6), 0.0, 0.02),
        ("gone", NO_TEA, Light(), 0.5, 1.0),
        ("gone, and dimmed", NO_TEA, Light(0.5), 0.5, 1.0),
        ("another colour in its place", [Pack(AT["tea"], GREEN), FULL[1]], Light(), 0.3, 1.0),
    ],
)
def test_how_different_a_slot_looks(
    name: str, packs: list[Pack], light: Light, low: float, high: float
) -> None:
    before = take_patch(shelf(FULL, [], Light(), 1), TEA.polygon)
    after = take_patch(shelf(packs, [], light, 2), TEA.polygon)
    assert before is not None
    assert after is not None
    assert low <= changed(before, after) <= high, name


def test_two_empty_places_look_alike() -> None:
    one, other = (take_patch(np.full((240, 320, 3), gray, np.uint8), TEA.polygon) for gray in (90, 180))
    assert one is not None
    assert other is not None
    assert changed(one, other) == 0.0
    assert alike(one, other) == 1.0


def test_a_slot_of_three_pixels_is_no_slot() -> None:
    tiny = ((0.5, 0.5), (0.505, 0.5), (0.505, 0.505))
    assert take_patch(np.zeros((240, 320, 3), np.uint8), tiny) is None


def test_slots_keep_their_picture_when_other_zones_change() -> None:
    """Zones are drawn while somebody is at the slot: what was full before is still known."""
    rules = Rules((TEA,), [], config.Events(cooldown=0, dwell=99))
    acts = [VISITOR]

    def image(t: float) -> Image:
        if abs(t - 8.4) < 1e-6:
            rules.place((TEA, JAM), [])
        body = VISITOR.at(t)
        return shelf(FULL if t < 9 else NO_TEA, [body] if body else [], Light(), round(t * 5))

    events = play(rules, acts, 20, 5, image=image)
    assert [e.zone for e in events if e.kind == "picked_up"] == ["tea"]
    assert all(e.time > START for e in events)
