"""What a wish is called: equal readings are one clip, and what shows in the picture is in the name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reverie.config import Config, Generator, Remote, Wan
from reverie.values import Brief, Command, Priority, Request, Shot
from reverie.wishes import make_moment, make_wish

SHOT = Shot("cat", "play", "ball", "room", "cheerful", "A cat and its ball", 3.0)
BRIEF = Brief("cat", (SHOT,), "plain", "en")
CHINESE = Brief("cat", (replace(SHOT, caption="小猫玩球"),), "plain", "zh")

STORYBOARD = Generator()
WAN = Generator(kind="wan", wan=Wan(model="/nowhere/wan"))
REMOTE = Generator(kind="remote", remote=Remote(url="http://127.0.0.1:9/v1"))
ALL = pytest.mark.parametrize("settings", [STORYBOARD, WAN, REMOTE], ids=lambda s: s.kind)


def key(settings: Generator, brief: Brief = BRIEF, request: Request | None = None) -> str:
    return make_wish(settings, brief, request)[0].key


@ALL
def test_equal_briefs_are_one_clip(settings: Generator) -> None:
    assert key(settings) == key(settings, replace(BRIEF, shots=(replace(SHOT),)))


@ALL
@pytest.mark.parametrize(
    "other",
    [
        replace(BRIEF, shots=(replace(SHOT, subject="dog"),)),  # another subject
        replace(BRIEF, shots=(replace(SHOT, seconds=4.0),)),  # another length
        replace(BRIEF, shots=(SHOT, SHOT)),  # told twice
        replace(BRIEF, tone="playful"),  # another look
    ],
)
def test_another_brief_is_another_clip(settings: Generator, other: Brief) -> None:
    assert key(settings, other) != key(settings)


def test_captions_are_in_the_picture_of_a_storyboard_only() -> None:
    """One diffusion clip serves every language: the screen lays the words over it."""
    assert key(STORYBOARD, CHINESE) != key(STORYBOARD)
    assert key(WAN, CHINESE) == key(WAN)
    assert key(REMOTE, CHINESE) == key(REMOTE)
    assert [s.overlays for s in (STORYBOARD, WAN, REMOTE)] == [False, True, True]


def test_the_language_of_prompts_is_the_generators() -> None:
    chinese = Generator(kind="wan", wan=Wan(model="/nowhere/wan", language="zh"))
    assert key(chinese) != key(WAN)


@pytest.mark.parametrize(
    "wan",
    [
        Wan(model="/nowhere/wan", preset="fast"),
        Wan(model="/nowhere/wan", steps=4),
        Wan(model="/nowhere/wan", rate=8),
        Wan(model="/nowhere/other"),
    ],
    ids=["preset", "steps", "rate", "model"],
)
def test_what_shows_in_the_picture_is_in_the_name(wan: Wan) -> None:
    assert key(Generator(kind="wan", wan=wan)) != key(WAN)


def test_what_does_not_show_is_not() -> None:
    here = Wan(model="/nowhere/wan", device="cpu", retry_smaller=True)
    assert key(Generator(kind="wan", wan=here)) == key(WAN)


def test_a_product_picture_is_in_the_name_by_its_content(tmp_path: Path) -> None:
    settings = WAN.model_copy(update={"pictures": tmp_path})
    without = key(settings)
    assert without == key(WAN)
    picture = tmp_path / "ball.png"
    picture.write_bytes(b"red ball")
    red = key(settings)
    picture.write_bytes(b"blue ball")
    assert len({without, red, key(settings)}) == 3


@ALL
@pytest.mark.parametrize(
    "request_",
    [
        Request("a cat"),
        Request("a cat", negative="rain"),
        Request("a cat", seed=7),
        Request("a cat", steps=7),
        Request("a cat", guidance=2.0),
        Request("a cat", frames=9),
    ],
    ids=["prompt", "negative", "seed", "steps", "guidance", "frames"],
)
def test_a_request_is_in_the_name(settings: Generator, request_: Request) -> None:
    assert key(settings, request=request_) == key(settings, request=replace(request_))
    assert key(settings, request=request_) not in (key(settings), key(settings, request=Request("a dog")))


def test_a_request_says_how_many_pictures() -> None:
    assert make_wish(WAN, BRIEF, Request("a cat", frames=9))[1].frames == 9
    assert make_wish(WAN, BRIEF, Request("a cat"))[1].frames == 72


def test_a_moment_wishes_a_clip_of_each_generator_best_first() -> None:
    moment, jobs = make_moment(
        Config(generators=(WAN, STORYBOARD)), Command(0, "cat"), BRIEF, 5.0, Priority.LIVE
    )
    assert [wish.generator for wish in moment.wishes] == ["wan", "storyboard"]
    assert [job.key for job in jobs] == [wish.key for wish in moment.wishes]
    assert {job.deadline for job in jobs} == {moment.expires}
