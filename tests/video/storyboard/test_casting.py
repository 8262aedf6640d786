"""Who plays which word: each has a picture of the right size beside the others, the operator's own too."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn import MAGENTA, photo, put, share_of, svg, thing
from PIL import Image as Pillow

from reverie.assets import asset
from reverie.errors import GeneratorError
from reverie.pictures import Gallery, read_gallery
from reverie.story.vocabulary import LABELS, NOUN
from reverie.values import Brief, Shot
from reverie.video.storyboard.art import own
from reverie.video.storyboard.art.canvas import Canvas, Pixels
from reverie.video.storyboard.art.own import complaints
from reverie.video.storyboard.art.sprites import catalogue, parts_of, pivots_of
from reverie.video.storyboard.composer import ShotScene
from reverie.video.storyboard.figures.actor import make_actor, picture_of
from reverie.video.storyboard.figures.casting import (
    BALLS,
    BOARDS,
    CAST,
    INSTRUMENTS,
    PRODUCT_METRES,
    SEATS,
    Guests,
    Kind,
    role,
)
from reverie.video.storyboard.figures.puppet import Pose


def seen(pixels: Pixels) -> Pixels:
    """Colours of what is opaque."""
    return pixels[pixels[..., 3] > 250][None]


@pytest.mark.parametrize("word", [*NOUN, *LABELS])
def test_every_word_has_a_picture(word: str) -> None:
    cast = role(word)
    assert cast.word == word
    assert cast.sprite, f"{word} would be a card with its name"
    pixels = picture_of(cast).pixels
    assert float((pixels[..., 3] > 128).mean()) > 0.05
    assert min(pixels.shape[:2]) >= 24


def test_the_groups_name_words_that_are_cast() -> None:
    for group in (BALLS, INSTRUMENTS, BOARDS, SEATS):
        assert set(group) <= set(CAST)


def test_what_lives_is_cast_as_alive() -> None:
    """Whoever the stories call alive must not be played as furniture, nor the other way round."""
    living = {Kind.PERSON, Kind.ANIMAL, Kind.BIRD, Kind.INSECT, Kind.SWIMMER}
    assert {w for w in NOUN if NOUN[w].alive} == {w for w in NOUN if role(w).kind in living}


SCALE = (
    # smaller ... larger, as in nature: each row goes up
    (
        "seed",
        "bee",
        "butterfly",
        "bird",
        "rabbit",
        "cat",
        "dog",
        "sheep",
        "cow",
        "horse",
        "elephant",
        "giraffe",
    ),
    ("spider", "frog", "turtle", "penguin", "monkey", "child", "woman", "man", "tractor", "bus", "house"),
    ("caterpillar", "leaf", "flower", "potted plant", "child", "tree", "volcano", "mountain"),
    ("fish", "turtle", "child", "whale"),
    ("lion", "horse", "t-rex", "dinosaur"),
    ("toy car", "skateboard", "bicycle", "car", "tractor", "truck", "bus", "train", "rocket"),
    ("boat", "ship"),
    ("car", "helicopter", "airplane"),
    ("egg", "apple", "banana", "cake", "gift", "child"),
    ("candy", "chocolate", "bread", "cake"),
    ("cup", "bottle", "vase", "backpack", "suitcase", "chair", "refrigerator", "house"),
    ("tea", "milk", "bottle"),
    ("key", "cell phone", "book", "laptop", "tv", "piano", "refrigerator"),
    ("mouse", "keyboard", "laptop", "tv"),
    ("battery", "toaster", "microwave", "oven", "refrigerator"),
    ("tooth", "heart", "child"),
    ("watch", "shoe", "handbag", "dress", "woman"),
    ("sponge", "brush", "recycling bin"),
    ("snowflake", "snowman", "child", "house"),
    ("wheel", "bicycle"),
    ("nest", "tree"),
    ("moon", "earth", "sun"),
    ("fire hydrant", "parking meter", "stop sign", "bus"),
    ("skis", "snowboard", "surfboard"),
    ("drum", "guitar", "piano"),
)


@pytest.mark.parametrize("row", SCALE, ids=lambda row: row[0])
def test_sizes_go_as_in_nature(row: tuple[str, ...]) -> None:
    metres = [role(word).metres for word in row]
    assert all(a < b for a, b in itertools.pairwise(metres)), list(zip(row, metres, strict=True))


def test_no_size_is_absurd() -> None:
    assert all(0.04 <= cast.metres <= 15 for cast in CAST.values())


def test_an_unknown_word_is_a_card_and_never_a_wrong_picture() -> None:
    assert role("zzyzx").sprite == ""
    assert role("  Cat ").sprite == role("cat").sprite


# ---------------------------------------------------------------------------------- the operator's own


def a_brief(subject: str, thing_: str | None = None, labels: tuple[str, str] = ("", "")) -> Brief:
    return Brief(
        "show", (Shot(subject, "appear", thing_, "shop", "warm", "", 2.0, labels=labels),), "plain", "en"
    )


def test_a_picture_plays_its_word_and_nobody_elses(tmp_path: Path) -> None:
    put(tmp_path / "teddy bear.png", thing())
    cast = Guests(read_gallery(tmp_path), a_brief("teddy bear", "cat"))
    bear = cast("teddy bear", "")
    assert (bear.word, bear.kind, bear.metres) == ("teddy bear", Kind.THING, role("teddy bear").metres)
    assert share_of(seen(picture_of(bear).pixels)) > 0.95
    assert cast("cat", "") == role("cat")


def test_only_what_the_brief_names_is_played(tmp_path: Path) -> None:
    """What an action needs beside is not in the clip's key, so it stays as the vocabulary draws it."""
    put(tmp_path / "ball.png", thing())
    assert Guests(read_gallery(tmp_path), a_brief("child"))("ball", "") == role("ball")


def test_a_product_plays_where_its_label_stands(tmp_path: Path) -> None:
    put(tmp_path / "choco crunch.png", thing())
    cast = Guests(read_gallery(tmp_path), a_brief("child", "donut", ("", "choco crunch")))
    assert cast("donut", "choco crunch").sprite.startswith("own:")
    assert cast("donut", "") == role("donut")


CARDS = [
    # (what the card says, what the role is)
    ("metres: 2.5", {"metres": 2.5, "kind": Kind.THING, "facing": 0}),
    ("kind: food", {"kind": Kind.FOOD}),
    ("kind: vehicle\nfaces: left", {"kind": Kind.VEHICLE, "facing": -1}),
    ("faces: right", {"facing": 1}),
    ("name: {en: Bruno}", {"word": "teddy bear"}),
    ("", {"facing": 0, "metres": role("teddy bear").metres}),
]


@pytest.mark.parametrize(("card", "told"), CARDS)
def test_a_card_says_how_it_is_played(card: str, told: dict[str, object], tmp_path: Path) -> None:
    put(tmp_path / "teddy bear.png", thing())
    (tmp_path / "teddy bear.yaml").write_text(card)
    cast = Guests(read_gallery(tmp_path), a_brief("teddy bear"))("teddy bear", "")
    assert {name: getattr(cast, name) for name in told} == told


def test_captions_set_off_a_products_own_name(tmp_path: Path) -> None:
    put(tmp_path / "tea" / "picture.png", thing())
    (tmp_path / "tea" / "product.yaml").write_text("name: {en: Green, zh: 绿茶}", encoding="utf-8")
    cast = Guests(read_gallery(None, tmp_path), a_brief("tea", labels=("tea", "")))("tea", "tea")
    assert cast.names == ("Green", "绿茶")


def test_a_person_in_a_photo_gets_no_limbs(tmp_path: Path) -> None:
    put(tmp_path / "robot.png", thing())
    assert Guests(read_gallery(tmp_path), a_brief("robot"))("robot", "").kind is Kind.THING


def test_a_photo_card_is_large_enough_to_see_and_small_enough_to_hold(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    noise = Pillow.fromarray(rng.integers(0, 255, (60, 80, 3), dtype=np.uint8))
    for word in ("candy", "elephant"):
        put(tmp_path / f"{word}.png", noise)
        cast = Guests(read_gallery(tmp_path), a_brief(word))(word, "")
        assert 0.4 <= cast.metres <= 1.0
        assert cast.kind is Kind.THING  # an elephant's photo does not walk


def test_a_parcel_for_want_of_a_word_is_not_opened_as_one(tmp_path: Path) -> None:
    put(tmp_path / "gizmo.png", thing())
    cast = Guests(read_gallery(tmp_path), a_brief("gift", labels=("gizmo", "")))
    assert cast("gift", "gizmo").word == "gizmo"


def test_parts_are_put_together_in_one_square(tmp_path: Path) -> None:
    """The wheel's pivot is the middle of what is drawn, however the picture is cropped."""
    whole = thing((300, 100))
    put(tmp_path / "toy car.png", whole)
    put(tmp_path / "toy car.body.png", whole)
    (tmp_path / "toy car.wheel-front.svg").write_bytes(
        svg('<circle cx="60" cy="80" r="15"/>', 'viewBox="0 0 300 100"')
    )
    (tmp_path / "toy car.yaml").write_text("parts: {body: {pivot: [0.5, 0.5]}, wheel-front: {}}")
    name = Guests(read_gallery(tmp_path), a_brief("toy car"))("toy car", "").sprite
    assert [part.rpartition(".")[2] for part in parts_of(name)] == ["body", "wheel-front"]
    pivots = {part.rpartition(".")[2]: pivot for part, pivot in pivots_of(name).items()}
    assert pivots["body"] == pytest.approx([0.5, 0.5], abs=0.01)
    assert pivots["wheel-front"] == pytest.approx([60 / 300, (100 + 80) / 300], abs=0.01)


WRONG_PARTS = [
    # (the part's picture, what is said)
    (thing((100, 300)), "all must have the same frame"),
    (photo((250, 250, 250), size=(300, 100)), "a part needs a transparent background"),
]


@pytest.mark.parametrize(("part", "said"), WRONG_PARTS)
def test_a_wrong_part_is_told_and_the_vocabulary_plays(part: object, said: str, tmp_path: Path) -> None:
    put(tmp_path / "toy car.png", thing((300, 100)))
    put(tmp_path / "toy car.lid.png", part)  # type: ignore[arg-type]
    (tmp_path / "toy car.yaml").write_text("parts: {lid: {}}")
    gallery = read_gallery(tmp_path)
    assert [said in told for told in complaints(gallery, 9)] == [True]
    assert Guests(gallery, a_brief("toy car"))("toy car", "") == role("toy car")


@pytest.mark.parametrize("content", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_a_broken_picture_leaves_the_part_to_the_vocabulary(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cat.png").write_bytes(content)
    cast = Guests(read_gallery(tmp_path), a_brief("cat"))
    assert not cast
    assert cast("cat", "") == role("cat")
    assert "cat.png" in caplog.text
    assert "cat is drawn instead" in caplog.text


LEGIBLE = [
    # (subject, what it does, object)
    ("toy car", "appear", None),
    ("toy car", "spin", None),
    ("toy car", "drive", None),
    ("child", "look_at", "toy car"),
    ("child", "pick_up", "toy car"),
]


@pytest.mark.parametrize("faces", ["left", "right", "front"])
@pytest.mark.parametrize(("subject", "action", "thing_word"), LEGIBLE)
def test_lettering_is_never_mirrored(
    subject: str, action: str, thing_word: str | None, faces: str, tmp_path: Path
) -> None:
    """What is magenta on the left and yellow on the right stays so, whichever side it happens to stand on."""
    sign = thing((300, 200))
    sign.paste((255, 255, 0, 255), (150, 0, 300, 200), mask=sign.getchannel("A").crop((150, 0, 300, 200)))
    put(tmp_path / "toy car.png", sign)
    (tmp_path / "toy car.yaml").write_text(f"faces: {faces}")
    shot = Shot(subject, action, thing_word, "studio", "warm", "", 2.0)
    brief = Brief("a", (shot,), "plain", "en")
    cast = Guests(read_gallery(tmp_path), brief)
    for seed in range(4):
        for t in (0.7, 1.1, 1.5):
            canvas = Canvas(320, 240)
            ShotScene(shot, canvas, 2.0, seed, cast=cast).draw(canvas, t)
            picture = canvas.picture().astype(int)
            middles = [
                float(np.flatnonzero(np.abs(picture - colour).max(axis=2).T.ravel() < 50).mean())
                for colour in (MAGENTA, (255, 255, 0))
            ]
            assert middles[0] < middles[1]


def test_a_product_is_shown_larger_than_what_is_in_it(tmp_path: Path) -> None:
    put(tmp_path / "tea" / "picture.png", thing())
    (tmp_path / "tea" / "product.yaml").write_text("word: candy")
    cast = Guests(read_gallery(None, tmp_path), a_brief("candy", labels=("tea", "")))
    assert cast("candy", "tea").metres == PRODUCT_METRES > role("candy").metres
    (tmp_path / "tea" / "picture.yaml").write_text("metres: 0.1")  # but as high as its card says
    cast = Guests(read_gallery(None, tmp_path), a_brief("candy", labels=("tea", "")))
    assert cast("candy", "tea").metres == 0.1


def test_what_takes_long_to_fail_fails_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawing that is stopped after seconds must not hold up every film."""
    (tmp_path / "cat.svg").write_bytes(b"<svg/>")
    tries = []

    def slow(path: Path, longest: int) -> None:
        tries.append(path)
        raise GeneratorError(f"{path}: takes too long to draw")

    monkeypatch.setattr(own, "read_artwork", slow)
    for _ in range(3):
        assert not Guests(read_gallery(tmp_path), a_brief("cat"))
    assert len(tries) == 1


def test_without_pictures_the_cast_is_the_usual_one() -> None:
    assert not Guests(Gallery(), a_brief("cat", "ball"))


def test_no_sprite_of_ours_has_the_colour_of_the_tests() -> None:
    assert MAGENTA == (255, 0, 255)
    worst = max(share_of(picture_of(role(word)).pixels, near=20) for word in CAST)
    assert worst < 0.01


def test_the_archive_stays_small_and_names_what_it_has() -> None:
    assert asset("sprites.zip").stat().st_size <= 5_000_000
    shipped = set(catalogue()["sprites"])
    assert {cast.sprite for cast in CAST.values() if not cast.sprite.startswith("our:")} <= shipped


MOVES = [
    # (a part's name, what it does, whether it moves then)
    ("wheel-front", {"roll": 90.0}, True),
    ("leg-near", {"walk": 0.25}, True),
    ("lid", {"lid": 1.0}, True),
    ("body", {"roll": 90.0, "walk": 0.25, "lid": 1.0}, False),
]


@pytest.mark.parametrize(("part", "pose", "moves"), MOVES)
def test_parts_move_by_their_names(part: str, pose: dict[str, Any], moves: bool, tmp_path: Path) -> None:
    """A bar of magenta on a transparent box, drawn at rest and in motion."""
    box = thing((120, 120), (10, 120, 30))
    bar = Pillow.new("RGBA", (120, 120))
    bar.paste((*MAGENTA, 255), (30, 55, 90, 65))
    put(tmp_path / "toy car.png", Pillow.alpha_composite(box, bar))
    put(tmp_path / "toy car.base.png", box)
    put(tmp_path / f"toy car.{part}.png", bar)
    (tmp_path / "toy car.yaml").write_text(f"parts: {{base: {{}}, {part}: {{pivot: [0.4, 0.5]}}}}")
    actor = make_actor(Guests(read_gallery(tmp_path), a_brief("toy car"))("toy car", ""), 200)
    drawn = []
    still: dict[str, Any] = {}
    for asked in (still, pose):
        canvas = Canvas(320, 240)
        actor.draw(canvas, Pose(x=320, y=400, facing=-1, **asked), 0.0, grounded=False)
        drawn.append(np.abs(canvas.picture().astype(int) - MAGENTA).max(axis=2) < 80)
    assert drawn[0].sum() > 200
    assert bool(np.mean(drawn[0] != drawn[1]) > 0.002) is moves
