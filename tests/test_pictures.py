"""The operator's own pictures, from the folder to the film: found, named, in the clip's key, and seen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawn import MAGENTA, blob, photo, put, share_of, svg, thing
from PIL import Image as Pillow
from typer.testing import CliRunner, Result

from reverie import cli, config, wishes
from reverie.checkup import eyes, findings
from reverie.config import Generator, Remote, Wan
from reverie.pictures import digest_of, read_gallery
from reverie.shelf import read_shelf
from reverie.store import rows
from reverie.story.director import Director
from reverie.story.library import load_library
from reverie.values import Brief, Dials, EventKind, Image, Job, Question, Scene, Shot
from reverie.video.generator import picture_of
from reverie.video.storyboard import load_storyboard
from reverie.wishes import make_wish

BEAR = Brief("show/bear", (Shot("teddy bear", "appear", None, "studio", "warm", "", 2.0),), "plain", "en")


# ---------------------------------------------------------------------------------- what lies there


def told(folder: Path, *files: str, cards: dict[str, str] | None = None) -> tuple[list[str], list[str]]:
    """What is found in a folder with these empty files, and what is said of the rest."""
    folder.mkdir(exist_ok=True)
    for name in files:
        (folder / name).touch()
    for name, text in (cards or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    gallery = read_gallery(folder)
    return list(gallery.pictures), [f"{fault.where.name}: {fault.told}" for fault in gallery.faults]


FOLDERS = [
    # (files, what is found, what is said)
    (("cat.png", "teddy bear.SVG", "t-rex.webp", "Car.JPG"), ["car", "cat", "t-rex", "teddy bear"], []),
    (("notes.txt", ".hidden.png"), [], []),
    (("cat.yaml",), [], ["cat.yaml: is the card of no picture"]),
    (("cat.png", "Cat.yaml"), ["cat"], ["Cat.yaml: is the card of no picture"]),
    (("cat.png", "cat.yml"), ["cat"], ["cat.yml: is not read; name it `cat.yaml`"]),
    (("Cat.png", "cat.png"), ["cat"], ["cat.png: 'Cat.png' is shown: upper and lower case are one name"]),
    (("cat.jpg", "cat.png", "cat.svg"), ["cat"], []),
    (("cat.lid.png",), [], ["cat.lid.png: is not shown: a name with a dot is a part's"]),
    (("cat.png", "cat.lid.png"), ["cat"], ["no `cat.yaml` names it"]),
    (("cafe\u0301.png", "caf\u00e9.png"), [], ["its name is no word", "its name is no word"]),
    (("cat.gif",), [], ["cat.gif: is not read; save it as one of .png, .webp"]),
    (("猫.png",), [], ["猫.png: its name is no word"]),
    (("7up.png",), [], ["7up.png: its name is no word"]),
    (("a" * 33 + ".png",), [], ["its name is no word"]),
]


@pytest.mark.parametrize(("files", "found", "said"), FOLDERS)
def test_pictures_are_found_by_name(
    files: tuple[str, ...], found: list[str], said: list[str], tmp_path: Path
) -> None:
    labels, faults = told(tmp_path, *files)
    assert sorted(labels) == found
    assert len(faults) == len(said)
    assert all(part in fault for part, fault in zip(said, faults, strict=True))


CARDS = [
    # (the card, what is said of it)
    ("metre: 1", "did you mean 'metres'"),
    ("metres: 900", "metres"),
    ("kind: person", "kind"),
    ("faces: up", "faces"),
    ("parts: {lid: {}}", "there is no picture cat.lid.png beside it"),
    ("parts: {../lid: {}}", "parts"),
    ("parts: {lid: {pivot: [2, 0]}}", "pivot"),
    ("name: {en: ''}", "name.en"),
    ("a: [", "not YAML"),
    ("x" * 30_000, "more than 20000 bytes"),
]


@pytest.mark.parametrize(("card", "said"), CARDS)
def test_a_wrong_card_is_told_and_the_picture_stays(card: str, said: str, tmp_path: Path) -> None:
    labels, faults = told(tmp_path, "cat.png", cards={"cat.yaml": card})
    assert labels == ["cat"]
    assert said in faults[0]
    assert len(faults) == 1


def test_no_folder_is_no_picture(tmp_path: Path) -> None:
    assert dict(read_gallery(None).pictures) == {}
    assert "cannot be read" in read_gallery(tmp_path / "none").faults[0].told


def test_what_is_no_file_is_not_read_for_ever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cat.png")
    labels, faults = told(tmp_path)
    assert labels == []
    assert "is no file" in faults[0]
    assert digest_of(tmp_path / "cat.png") == "unreadable"
    assert digest_of(tmp_path / "none.png") == "unreadable"


def test_the_kind_of_file_that_comes_first_counts(tmp_path: Path) -> None:
    told(tmp_path, "cat.jpg", "cat.webp", "cat.svg")
    assert read_gallery(tmp_path).pictures["cat"].path.suffix == ".webp"


def test_a_products_own_picture_teaches_nothing_and_the_folder_counts_more(tmp_path: Path) -> None:
    for name in ("tea/front.jpg", "tea/picture.png", "jam/picture.webp"):
        put(tmp_path / "products" / name, thing())
    jam, tea = read_shelf(tmp_path / "products").products
    assert [path.name for path in tea.photos] == ["front.jpg"]
    assert [path.name for path in jam.photos] == ["picture.webp"]  # there is nothing else to know it by
    put(tmp_path / "pictures" / "tea.png", thing())
    found = read_gallery(tmp_path / "pictures", tmp_path / "products").pictures
    assert {label: picture.path.parent.name for label, picture in found.items()} == {
        "tea": "pictures",
        "jam": "jam",
    }


def test_a_file_that_may_be_read_now_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be read is tried again, though neither its size nor its date changed."""
    path = put(tmp_path / "cat.png", thing())

    def refuse(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as denied:
        denied.setattr(Path, "open", refuse)
        assert digest_of(path) == "unreadable"
    assert len(digest_of(path)) == 64


def test_a_file_with_the_size_and_date_of_the_one_before_is_another(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    found = set()
    for content in (b"one", b"two"):
        path.with_suffix(".new").write_bytes(content)
        os.utime(path.with_suffix(".new"), ns=(1, 1))  # as `cp -p` of two files of one date
        path.with_suffix(".new").replace(path)
        found.add(digest_of(path))
    assert len(found) == 2


def test_an_empty_folder_is_not_taken_for_one_that_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    assert read_gallery(folder).faults
    folder.mkdir()
    assert not read_gallery(folder).faults
    folder.rmdir()
    assert read_gallery(folder).faults


def test_a_folder_whose_files_may_not_be_looked_at_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its names may be listed and no more (`chmod 744`); root, who runs tests too, would not be refused."""
    (tmp_path / "cat.png").touch()
    look = os.stat

    def refuse(path: os.PathLike[str] | str, **options: bool) -> os.stat_result:
        if os.fspath(path).endswith("cat.png"):
            raise PermissionError(13, "Permission denied")
        return look(path, **options)

    monkeypatch.setattr(os, "stat", refuse)
    assert "is no file that can be read" in read_gallery(tmp_path, tmp_path).faults[0].told


# ---------------------------------------------------------------------------------- into the film


@pytest.fixture
def shop(tmp_path: Path) -> config.Config:
    """A box whose shop sells a magenta snack that the vocabulary calls a donut."""
    put(tmp_path / "products" / "choco crunch" / "picture.png", thing())
    put(tmp_path / "products" / "choco crunch" / "front.jpg", photo((250, 250, 250)), "JPEG")
    card = "name: {en: Choco Crunch, zh: 巧克力脆}\nword: donut\n"
    (tmp_path / "products" / "choco crunch" / "product.yaml").write_text(card, encoding="utf-8")
    (tmp_path / "reverie.yaml").write_text("products: products\n")
    return config.load(tmp_path / "reverie.yaml")


def shown(settings: config.Config, kind: EventKind = EventKind.LINGERED) -> Brief:
    """What is told when the snack lies there for a while."""
    director = Director(load_library(None), settings.story)
    assert settings.products is not None
    director.learn(read_shelf(settings.products).products)
    brief = director.direct(Scene(0.0, "c", "", kind, "choco crunch"), Dials())
    assert brief is not None
    return brief


def film(settings: Generator, brief: Brief, size: tuple[int, int] = (320, 240)) -> Iterator[Image]:
    """Pictures of the clip that is made for `brief`."""
    small = settings.model_copy(update={"width": size[0], "height": size[1], "fps": 5})
    wish, spec = make_wish(small, brief)
    job = Job(wish.key, brief, spec, 0.0, 0, 0.0)
    yield from wishes.load(small, warm=False).generate(job, lambda share: None)


def test_a_story_shows_the_real_product_and_calls_it_by_its_name(shop: config.Config) -> None:
    brief = shown(shop)
    assert any("choco crunch" in shot.labels for shot in brief.shots)
    assert any("Choco Crunch" in shot.caption for shot in brief.shots)
    pictures = list(film(shop.generators[0], brief))
    assert max(share_of(picture) for picture in pictures) > 0.02
    # Where a product is on stage, it is there for most of the shot.
    assert np.mean([share_of(picture) > 0.002 for picture in pictures]) > 0.3


def test_a_story_of_its_word_shows_the_product_as_well(shop: config.Config) -> None:
    """What is told of any donut that is held up is told of this one."""
    brief = shown(shop, EventKind.SHOWN)
    assert brief.topic == "show/donut"
    assert brief.shots[0].labels == ("choco crunch", "")


def test_without_its_picture_the_vocabularys_is_shown(shop: config.Config) -> None:
    brief = shown(shop)
    assert shop.products is not None
    (shop.products / "choco crunch" / "picture.png").write_bytes(b"broken")
    pictures = list(film(shop.generators[0], brief))
    assert max(share_of(picture) for picture in pictures) < 0.002
    assert min(float(picture.mean()) for picture in pictures) > 20  # and never black


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (270, 480)])
def test_a_word_with_a_picture_is_shown_at_every_size(size: tuple[int, int], tmp_path: Path) -> None:
    put(tmp_path / "teddy bear.png", photo((250, 250, 250)), "PNG")
    picture = list(film(Generator(pictures=tmp_path), BEAR, size))[-1]
    assert share_of(picture) > 0.01
    assert share_of(picture, (250, 250, 250), 3) < 0.2  # its wall is gone


def test_a_picture_takes_the_place_of_a_scene_of_ours(tmp_path: Path) -> None:
    """The story of toy cars has figures of its own; a shop with a picture of its toy car shows that."""
    put(tmp_path / "toy car.png", thing())
    library = load_library(None)
    brief = next(b for b in Director(library, config.Story()).briefs() if b.topic == "toy-car")
    pictures = list(film(Generator(pictures=tmp_path), brief))
    assert max(share_of(picture) for picture in pictures) > 0.01


def test_the_same_brief_and_picture_give_the_same_film(tmp_path: Path) -> None:
    put(tmp_path / "teddy bear.png", photo((250, 250, 250)))
    settings = Generator(pictures=tmp_path)
    first, second = (list(film(settings, BEAR, (160, 120))) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


# ---------------------------------------------------------------------------------- the clip's name


STORYBOARD, WAN = Generator(), Generator(kind="wan", wan=Wan(model="/nowhere/wan"))
REMOTE = Generator(kind="remote", remote=Remote(url="http://127.0.0.1:9/v1"))


@pytest.mark.parametrize("kind", [STORYBOARD, WAN, REMOTE], ids=lambda s: s.kind)
def test_another_picture_is_another_clip(kind: Generator, tmp_path: Path) -> None:
    settings = kind.model_copy(update={"pictures": tmp_path})

    def key() -> str:
        return make_wish(settings, BEAR)[0].key

    without = key()
    assert without == make_wish(kind, BEAR)[0].key
    path = put(tmp_path / "teddy bear.png", thing())
    with_it = key()
    put(tmp_path / "cat.png", thing())  # not in this film
    assert key() == with_it
    path.write_bytes(blob(thing(colour=(0, 0, 0))))
    os.utime(path, ns=(1, 1))  # as another second would
    assert len({without, with_it, key()}) == 3
    path.unlink()
    assert key() == without


def test_what_a_card_says_of_size_is_in_the_name_of_a_storyboards_clip(tmp_path: Path) -> None:
    put(tmp_path / "teddy bear.png", thing())
    settings = Generator(pictures=tmp_path)
    keys = []
    for card in ("", "metres: 0.3", "metres: 0.6", "kind: animal"):
        (tmp_path / "teddy bear.yaml").write_text(card)
        keys.append(make_wish(settings, BEAR)[0].key)
    assert len(set(keys)) == 4


def test_two_products_of_one_word_are_two_clips(shop: config.Config) -> None:
    shot = Shot("donut", "appear", None, "studio", "warm", "", 2.0)
    keys = {
        make_wish(shop.generators[0], Brief("a", (replace(shot, labels=(label, "")),), "plain", "en"))[0].key
        for label in ("", "choco crunch", "tea")
    }
    assert len(keys) == 3


def test_a_shots_products_survive_the_store() -> None:
    brief = replace(BEAR, shots=(replace(BEAR.shots[0], labels=("tea", "")), BEAR.shots[0]))
    assert rows.brief_of(rows.brief_text(brief)) == brief
    assert "labels" not in rows.brief_text(BEAR)  # as before there were products


def test_diffusion_begins_with_the_products_picture_too(shop: config.Config, tmp_path: Path) -> None:
    settings = shop.generators[0].model_copy(update={"kind": "wan"})
    shot = Shot("child", "hold", "donut", "shop", "warm", "", 2.0, labels=("", "choco crunch"))
    assert picture_of(settings, shot) == tmp_path / "products" / "choco crunch" / "picture.png"
    assert picture_of(settings, replace(shot, labels=("", ""))) is None


def test_an_svg_begins_a_diffusion_film_on_light_grey(tmp_path: Path) -> None:
    from reverie.video.wan.picture import PAPER, read

    (tmp_path / "a.svg").write_bytes(svg('<circle cx="20" cy="15" r="9" fill="#f0f"/>'))
    picture = read(tmp_path / "a.svg")
    assert picture[0, 0].tolist() == [PAPER] * 3
    assert share_of(picture) > 0.1


def test_questions_show_them_as_well(tmp_path: Path) -> None:
    put(tmp_path / "teddy bear.png", thing())
    director = Director(load_library(None), config.Story())
    brief = director.direct(Question(0.0, "a teddy bear", "en"), Dials())
    assert brief is not None
    assert max(share_of(p) for p in film(Generator(pictures=tmp_path), brief)) > 0.01


def test_a_picture_with_a_name_is_called_by_it(tmp_path: Path) -> None:
    put(tmp_path / "teddy bear.png", thing())
    (tmp_path / "teddy bear.yaml").write_text("name: {en: Bruno, zh: 布鲁诺}", encoding="utf-8")
    director = Director(load_library(None), config.Story())
    scene = Scene(0.0, "c", "", EventKind.LINGERED, "teddy bear")
    before = director.direct(scene, Dials())
    director.learn(read_gallery(tmp_path).products)
    brief = director.direct(scene, Dials(language="zh"))
    assert brief is not None
    assert before is not None
    assert brief.topic == before.topic
    assert any("布鲁诺" in shot.caption for shot in brief.shots)


# ---------------------------------------------------------------------------------- what is told


def pictures(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["pictures", "check", *arguments], env={"COLUMNS": "300"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reverie.yaml").write_text("generators:\n  - pictures: own\n")
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


def test_check_says_of_each_what_it_is(folder: Path) -> None:
    put(folder / "teddy bear.png", thing((400, 300)))
    put(folder / "cup.jpg", photo((250, 250, 250)), "JPEG")
    result = pictures()
    assert result.exit_code == 0, result.stdout
    assert "teddy bear  shown for teddy bear; PNG 400x300, transparent as it came: 201x181" in result.stdout
    assert "cup  shown for cup; JPEG 320x240, its plain background was taken away" in result.stdout


def test_check_notes_a_thing_that_is_small_in_its_picture(folder: Path) -> None:
    speck = Pillow.new("RGBA", (900, 900))
    speck.paste((*MAGENTA, 255), (440, 440, 460, 470))
    put(folder / "cup.png", speck)
    assert "only 20x30 pixels of it are the thing" in pictures().stdout


WRONG = [
    # (file, content, what is said)
    ("cat.png", b"", "is empty"),
    ("cat.png", b"hello", "allowed are PNG, WebP, JPEG and SVG"),
    ("cat.svg", svg('<image href="file:///etc/passwd"/>'), "nothing is fetched"),
    ("wibble.png", blob(thing()), "no word of the vocabulary, and no product"),
    ("cat.gif", blob(thing(), "GIF"), "save it as one of"),
]


@pytest.mark.parametrize(("name", "content", "said"), WRONG)
def test_check_ends_with_1_where_something_is_wrong(
    name: str, content: bytes, said: str, folder: Path
) -> None:
    (folder / name).write_bytes(content)
    result = pictures()
    assert result.exit_code == 1
    assert said in result.stdout
    assert name.partition(".")[0] in result.stdout


def test_the_sheet_shows_each_on_a_board_and_in_scenes(folder: Path, tmp_path: Path) -> None:
    put(folder / "teddy bear.png", thing((400, 300)))
    (folder / "cat.png").write_bytes(b"broken")
    result = pictures("--sheet", "sheet.png")
    assert "the sheet: sheet.png" in result.stdout
    with Pillow.open(tmp_path / "sheet.png") as opened:
        sheet = np.asarray(opened.convert("RGB"))
    assert sheet.shape == (240 + 24 + 24, 960, 3)  # the broken one has a line of words only
    for cell in range(3):
        assert share_of(sheet[:288, cell * 320 : (cell + 1) * 320]) > 0.005, cell


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--sheet", "sheet.pdf"), "allowed are .png"),
        (("--folder", "nowhere"), "no such folder"),
        (("--sheet", "nowhere/sheet.png"), "cannot be written"),
    ],
)
def test_what_is_asked_wrongly_is_told(arguments: tuple[str, ...], said: str, folder: Path) -> None:
    put(folder / "cat.png", thing())
    result = pictures(*arguments)
    assert result.exit_code == 1
    assert said in str(result.exception)


def test_no_picture_is_no_mistake(folder: Path) -> None:
    result = pictures()
    assert result.exit_code == 0
    assert "no pictures in" in result.stdout


def test_the_checkup_opens_them_and_the_start_complains(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eyes, "findings", lambda settings: ())  # cameras and models are no matter of this
    (tmp_path / "cat.png").write_bytes(b"")
    put(tmp_path / "dog.png", thing())
    settings = Generator(pictures=tmp_path)
    said = [
        f"{found.verdict} {found.message}"
        for found in findings(config.Config(generators=(settings,)))
        if found.what == "pictures of storyboard"
    ]
    assert len(said) == 2
    assert said[0].startswith("note")
    assert "cat.png: is empty" in said[0]
    assert said[1] == "ok cat, dog"
    load_storyboard((64, 48), tmp_path)  # small: scenery is painted ahead as well
    assert "cat.png: is empty" in caplog.text


def test_magenta_is_in_no_film_of_ours() -> None:
    assert MAGENTA == (255, 0, 255)
    assert max(share_of(picture) for picture in film(STORYBOARD, BEAR)) < 0.002
