"""Direction: where the camera stands, what it keeps clear, how shots are joined, the light of the hour."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from reverie import config
from reverie.store.rows import spec_of, spec_text
from reverie.values import Brief, ClipSpec, Image, Job, Light, Shot, View, clip_key
from reverie.video.generator import make_spec
from reverie.video.label import Label
from reverie.video.storyboard import film as film_module
from reverie.video.storyboard.acting.actions import ACTIONS
from reverie.video.storyboard.art.canvas import Canvas
from reverie.video.storyboard.art.text import _NO_END, _NO_START, broken, width_of
from reverie.video.storyboard.caption import Caption
from reverie.video.storyboard.composer import ShotScene
from reverie.video.storyboard.figures.casting import CAST
from reverie.video.storyboard.film import Storyboard, open_film, views_of
from reverie.video.storyboard.places.grading import INDOORS, OUTDOORS
from reverie.video.storyboard.places.sets import MOODS, SETTINGS, load_set

SIZES = [(320, 240), (416, 240), (428, 240), (180, 320)]
"""Of the shapes that are made: 4:3, 832x480, 16:9, and a screen on its side."""

LIGHTS: tuple[Light, ...] = ("dawn", "day", "dusk", "night")
VIEWS: tuple[View, ...] = ("wide", "medium", "close")


def a_shot(
    subject: str = "child",
    action: str = "appear",
    thing: str | None = None,
    setting: str = "park",
    *,
    caption: str = "The quick brown fox jumps over it",
    seconds: float = 2.0,
    light: Light = "day",
    view: View = "",
    mood: str = "calm",
) -> Shot:
    return Shot(subject, action, thing, setting, mood, caption, seconds, light, view)


def filmed(
    *shots: Shot, size: tuple[int, int] = (160, 120), fps: int = 10, loop: bool = False
) -> list[Image]:
    brief = Brief("show/x", shots, "plain", "en")
    spec = ClipSpec("storyboard", "test", *size, max(1, round(brief.seconds * fps)), fps, loop=loop)
    job = Job("ab" * 32, brief, spec, deadline=0, priority=0, created=0, take=1)
    return list(studio().generate(job, lambda share: None))


@lru_cache(1)
def studio() -> Storyboard:
    return Storyboard(None)


def difference(a: Image, b: Image) -> float:
    return float(np.abs(a.astype(np.int16) - b).mean())


# ---------------------------------------------------------------------------------- staging


def figures_alone(
    shot: Shot, size: tuple[int, int], seed: int, share: float
) -> tuple[NDArray[np.bool_], ShotScene, Canvas]:
    """Where there is a figure in the picture, seen by the shot's camera; effects and shadows left out."""
    canvas = Canvas(*size)
    scene = ShotScene(shot, canvas, shot.seconds, seed)
    t = share * shot.seconds
    tableau = scene._act(scene._stage, t)
    follow = 0.0 if tableau.follow is None else tableau.follow - scene._stage.middle
    canvas.camera = scene._framing.at(share, follow, tableau.zoom)
    canvas.pixels[:] = (0, 0, 0, 255)
    scene._draw_figures(canvas, scene._stage, tableau, t)
    return canvas.pixels[..., :3].max(axis=2) > 48, scene, canvas


@given(
    subject=st.sampled_from(sorted(CAST)),
    action=st.sampled_from(sorted(ACTIONS)),
    thing=st.none() | st.sampled_from(sorted(CAST)),
    size=st.sampled_from(SIZES),
    view=st.sampled_from(VIEWS),
    seed=st.integers(0, 99),
    share=st.floats(0.15, 0.9),
    caption=st.sampled_from(
        ["", "Hello", "A caption that takes two lines of the picture, it is so long", "恐龙走路" * 5]
    ),
)
@settings(deadline=None, max_examples=70, derandomize=True)
def test_nobody_stands_behind_the_caption_or_the_label(
    subject: str,
    action: str,
    thing: str | None,
    size: tuple[int, int],
    view: View,
    seed: int,
    share: float,
    caption: str,
) -> None:
    """Measured on the figures' own pixels. A hair's breadth is forgiven: a reach is made of boxes."""
    shot = a_shot(subject, action, thing, view=view, caption=caption)
    seen, scene, canvas = figures_alone(shot, size, seed, share)
    left, top, right, bottom = Label(*size).box
    caption_top = round(scene._caption.top * canvas.unit)
    whole = max(1, int(seen.sum()))
    assert seen[caption_top:].sum() / whole < 0.05, "behind the caption"
    assert seen[top:bottom, left:right].sum() / whole < 0.05, "behind the label"
    canvas.pixels[:] = (0, 0, 0, 255)
    t = share * shot.seconds
    scene._draw_players(canvas, scene._act(scene._stage, t), t)
    assert (canvas.pixels[..., :3].max(axis=2) > 48).sum() > 0.004 * seen.size, "an empty stage"


@pytest.mark.parametrize("size", SIZES)
def test_a_close_view_shows_the_subject_larger_and_a_wide_one_smaller(size: tuple[int, int]) -> None:
    for subject in ("cat", "cup", "woman"):
        wide, medium, close = (
            figures_alone(a_shot(subject, setting="room", view=view), size, 3, 0.9)[0].sum() for view in VIEWS
        )
        assert wide * 1.15 < medium < close / 1.05


def test_a_close_view_fills_the_room_between_label_and_caption() -> None:
    shot = a_shot("woman", setting="shop", view="close")
    seen, scene, canvas = figures_alone(shot, (320, 240), 3, 0.5)
    rows = np.flatnonzero(seen.any(axis=1))
    assert rows[-1] - rows[0] > 0.75 * (scene._caption.top - 60) * canvas.unit


# ---------------------------------------------------------------------------------- rhythm and joints


@pytest.mark.parametrize(
    ("shots", "views"),
    [
        ([a_shot()], ["medium"]),  # alone, it is neither near nor far
        ([a_shot("dog"), a_shot("cat")], ["wide", "close"]),  # the place first, then near
        ([a_shot(), a_shot(action="run"), a_shot()], ["wide", "medium", "close"]),
        ([a_shot(), a_shot(view="wide"), a_shot()], ["wide", "wide", "close"]),  # who says so decides
        ([a_shot(view="close"), a_shot(), a_shot(action="run")], ["close", "medium", "close"]),  # never twice
    ],
)
def test_the_rhythm_of_views(shots: list[Shot], views: list[str]) -> None:
    assert views_of(shots) == views


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (a_shot(), a_shot(light="night"), {"fade"}),  # time passes
        (a_shot(), a_shot(action="run"), {"push"}),  # nearer
        (a_shot(), a_shot("dog"), {"slide"}),  # over to somebody else
        (a_shot(), a_shot(setting="sea"), {"iris", "wipe", "slide"}),  # somewhere else
    ],
)
def test_transitions_are_chosen_by_what_they_join(before: Shot, after: Shot, kinds: set[str]) -> None:
    assert {film_module._cut_of(before, after, Random(i)) for i in range(40)} == kinds


@pytest.mark.parametrize("kind", ["iris", "wipe", "slide", "fade", "push"])
def test_a_transition_leads_from_one_picture_to_the_other(kind: str) -> None:
    last = np.full((60, 80, 4), (200, 20, 20, 255), np.uint8)
    shares = []
    for share in (0.02, 0.3, 0.6, 0.98):
        canvas = Canvas(80, 60)
        canvas.pixels[:] = (20, 20, 200, 255)
        film_module._cut(canvas, last, kind, share)
        assert canvas.pixels[..., 3].min() > 240  # rounding, no hole
        shares.append(float(canvas.picture()[..., 2].mean()))
    assert shares == sorted(shares)
    assert shares[0] < 45
    assert shares[-1] > 170


# ---------------------------------------------------------------------------------- loop


@pytest.mark.parametrize(
    "shots", [(a_shot("dog", "run"), a_shot("cat", setting="sea")), (a_shot(seconds=3.0),)]
)
def test_a_loop_has_no_seam(shots: tuple[Shot, ...]) -> None:
    """From the last picture to the first is no larger a step than between neighbours."""
    looped, plain = filmed(*shots, loop=True), filmed(*shots)
    steps = sorted(difference(a, b) for a, b in pairwise(looped))
    assert difference(looped[-1], looped[0]) <= steps[int(len(steps) * 0.9)]
    assert difference(plain[-1], plain[0]) > 2 * difference(looped[-1], looped[0])
    for a, b in zip(looped[: len(looped) // 2], plain, strict=False):
        np.testing.assert_array_equal(a, b)


def test_a_loop_is_another_clip_and_other_keys_stay() -> None:
    brief = Brief("show/x", (a_shot(),), "plain", "en")
    plain, looped = (make_spec(config.Generator(loop=loop), brief) for loop in (False, True))
    assert (plain.loop, looped.loop) == (False, True)
    assert clip_key("x", plain) != clip_key("x", looped)
    assert [spec_of(spec_text(spec)) for spec in (plain, looped)] == [plain, looped]  # kept with the job
    with pytest.raises(ValidationError, match="loop"):
        config.Generator(kind="remote", loop=True)
    old = "ffa4"
    assert clip_key("x", ClipSpec("s", "v", 640, 480, 96, 24))[:4] == old  # as before films could loop


# ---------------------------------------------------------------------------------- light


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_hour_looks_its_own_where_there_are_hours(setting: str) -> None:
    """Outdoors and indoors, night is darker than day; where there is none, nothing changes."""
    seen = {}
    for light in LIGHTS:
        canvas = Canvas(160, 120)
        canvas.draw_layers(load_set(setting, "calm", 160, 120, light).back)
        seen[light] = canvas.picture()
        assert seen[light].mean() > 16, "black"
    if setting in OUTDOORS | INDOORS:
        assert seen["night"].mean() < 0.8 * seen["day"].mean()
        assert all(difference(seen[a], seen[b]) > 4 for a, b in pairwise(LIGHTS))
    else:
        assert all((seen[light] == seen["day"]).all() for light in LIGHTS)


@pytest.mark.parametrize("mood", sorted(MOODS))
def test_moods_and_hours_mix(mood: str) -> None:
    pictures = [filmed(a_shot(mood=mood, light=light, seconds=0.2), fps=5)[0] for light in LIGHTS]
    assert len({picture.tobytes() for picture in pictures}) == 4


# ---------------------------------------------------------------------------------- every film


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_no_picture_is_black_or_the_same_for_long(action: str) -> None:
    """No 0.4 s without a change, whatever is done, in the calmest shot."""
    frames = filmed(a_shot("child", action, "ball", "room", caption="", seconds=2.4), fps=10)
    assert all(frame.mean() > 16 for frame in frames)
    for a, b in zip(frames, frames[4:], strict=False):
        assert np.abs(a.astype(np.int16) - b).max() > 8


@pytest.mark.parametrize("fps", [5, 12, 30])
def test_a_moment_looks_the_same_at_any_rate(fps: int) -> None:
    shot = a_shot("dog", "run", seconds=2.0)
    frames, most = filmed(shot, fps=fps), filmed(shot, fps=60)
    for i, frame in enumerate(frames):
        np.testing.assert_array_equal(frame, most[i * 60 // fps])


@given(
    subject=st.sampled_from(["child", "whale", "cloud", "t-rex", "car", "butterfly", ""]),
    action=st.sampled_from(sorted(ACTIONS)),
    thing=st.none() | st.sampled_from(["ball", "house", "apple"]),
    setting=st.sampled_from(SETTINGS),
    light=st.sampled_from(LIGHTS),
    view=st.sampled_from(VIEWS),
    size=st.sampled_from([(64, 64), (160, 120), (96, 170), (240, 66)]),
    t=st.floats(0, 1.9),
)
@settings(deadline=None, max_examples=40, derandomize=True)
def test_nothing_is_drawn_outside(
    subject: str,
    action: str,
    thing: str | None,
    setting: str,
    light: Light,
    view: View,
    size: tuple[int, int],
    t: float,
) -> None:
    """The picture lies in the middle of a larger one, whose border stays as it was."""
    brief = Brief("x", (a_shot(subject, action, thing, setting, light=light, view=view),), "plain", "en")
    canvas = Canvas(*size)
    around = np.full((size[1] + 16, size[0] + 16, 4), 77, np.uint8)
    canvas.pixels = around[8:-8, 8:-8]
    open_film(brief, canvas, 2.0, 5).draw(canvas, t)
    border = np.ones(around.shape[:2], bool)
    border[8:-8, 8:-8] = False
    assert (around[border] == 77).all()
    assert canvas.pixels[..., :3].std() > 4
    assert canvas.pixels[..., 3].min() > 240  # rounding, no hole


# ---------------------------------------------------------------------------------- words

CHINESE = st.text(alphabet="我们一起去公园看小动物的了三只，。！？、“”《》（）…—AB12 ", max_size=40)


@given(text=CHINESE, room=st.integers(120, 420), lines=st.integers(2, 3))
@settings(deadline=None, derandomize=True)
def test_lines_begin_and_end_as_they_should(text: str, room: int, lines: int) -> None:
    found = broken(text, room, 28, lines)
    if found is None:
        return
    assert "".join("".join(line) for line in found) == text
    assert len(found) <= lines
    for before, after in pairwise("".join(line) for line in found):
        opens = after.lstrip()[:1]
        assert opens not in _NO_START or before[-1:] == " " or width_of(before, 28) > room - 60
        assert before.rstrip()[-1:] not in _NO_END


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("恐龙是怎么走路的呢", 8 * 28 + 4),  # eight fit, the ninth would stand alone
        ("我们一起去看大海吧！", 9 * 28 + 4),
        ("太阳晒热了水，水变成看不见的水蒸气", 9 * 28),
        ("我们去看《恐龙世界》吧", 9 * 28),
    ],
)
def test_no_character_stands_alone(text: str, room: int) -> None:
    found = broken(text, room, 28)
    assert found is not None
    assert len(found) == 2
    for line in found:
        assert sum(c.isalnum() for piece in line for c in piece) >= 2
        assert "".join(line).count("《") == "".join(line).count("》")


def test_a_name_stays_on_one_line() -> None:
    torn, kept = (broken("小熊陪着巧克力脆待一会儿", 8 * 28, 28, keep=keep) for keep in ((), ("巧克力脆",)))
    assert torn is not None
    assert kept is not None
    assert not any("巧克力脆" in "".join(line) for line in torn)
    assert any("巧克力脆" in "".join(line) for line in kept)


@pytest.mark.parametrize(
    ("size", "share"),
    [((640, 480), 0.06), ((832, 480), 0.06), ((1280, 720), 0.06), ((1080, 1920), 0.05)],
)
@pytest.mark.parametrize("text", ["A child picks up a toy car", "小朋友拿起一辆玩具车，笑了"])
def test_letters_are_large_enough_for_three_metres(text: str, size: tuple[int, int], share: float) -> None:
    canvas = Canvas(*size)
    sizes = {item.sprite.height for item, *_ in Caption(text, canvas)._words}
    em = min(sizes) / 2.6  # a word's picture: the em, its border, its shadow
    assert em >= share * size[1] * 0.93
