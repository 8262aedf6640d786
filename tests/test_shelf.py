"""The folder of products: what may lie in it, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from reverie import config
from reverie.shelf import LABEL, MAX_PHOTOS, read_shelf, stamps
from reverie.story import scene


def put(folder: Path, *names: str, card: str | None = None) -> None:
    """A product's folder with empty files: nobody opens a picture here."""
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()
    if card is not None:
        (folder / "product.yaml").write_text(card, encoding="utf-8")


def test_labels_are_what_scenes_let_through() -> None:
    assert LABEL.pattern == scene.LABEL.pattern


def test_no_folder_is_no_product(tmp_path: Path) -> None:
    assert read_shelf(tmp_path / "none").labels == ()


def test_a_product_is_its_folder(tmp_path: Path) -> None:
    card = "name: {en: Choco Crunch, zh: 巧克力脆}\nword: donut\ntopic: toy-car\ncodes: ['https://e.com/1']\n"
    put(tmp_path / "Choco Crunch", "b.JPG", "a.png", "notes.txt", card=card)
    put(tmp_path / "tea", "a.webp")
    shelf = read_shelf(tmp_path)
    assert shelf.labels == ("choco crunch", "tea")
    assert shelf.faults == ()
    choco, tea = shelf.products
    assert [photo.name for photo in choco.photos] == ["a.png", "b.JPG"]
    assert (choco.called("en"), choco.called("zh"), choco.word) == ("Choco Crunch", "巧克力脆", "donut")
    assert (tea.called("en"), tea.called("zh"), tea.word) == ("tea", "tea", "tea")
    assert shelf.codes == {"https://e.com/1": "choco crunch"}


@pytest.mark.parametrize(
    ("name", "card", "told"),
    [
        ("巧克力", None, "name: {zh: …}"),  # a name that is no label goes into the card
        ("7up", None, "a letter first"),
        ("a" * 33, None, "32"),
        ("Person", None, "means something else"),  # people are nobody's product
        ("thing", None, "means something else"),
        ("tea", "nam: x\n", "did you mean 'name'"),
        ("tea", "name: {en: ''}\n", "name.en"),
        ("tea", "codes: ['']\n", "codes"),
        ("tea", "a: [\n", "not YAML"),
    ],
)
def test_a_bad_product_is_told_and_left_aside(tmp_path: Path, name: str, card: str | None, told: str) -> None:
    put(tmp_path / name, "a.jpg", card=card)
    put(tmp_path / "good", "a.jpg")
    shelf = read_shelf(tmp_path)
    assert shelf.labels == ("good",)
    (fault,) = shelf.faults
    assert fault.where == tmp_path / name
    assert told in fault.told


def test_a_card_that_is_no_text_is_told(tmp_path: Path) -> None:
    put(tmp_path / "tea", "a.jpg")
    (tmp_path / "tea" / "product.yaml").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in read_shelf(tmp_path).faults[0].told


def test_nothing_to_know_it_by(tmp_path: Path) -> None:
    put(tmp_path / "empty")
    put(tmp_path / "phone", "IMG_1.HEIC")
    put(tmp_path / "coded", card="codes: [abc]\n")
    shelf = read_shelf(tmp_path)
    assert shelf.labels == ("coded",)
    assert {fault.where.name: "no photo" in fault.told for fault in shelf.faults} == {
        "empty": True,
        "phone": True,
    }


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    put(tmp_path / "tea", "a.jpg", "b.heic", ".hidden.jpg")
    (tmp_path / "loose.jpg").touch()
    shelf = read_shelf(tmp_path)
    assert [len(product.photos) for product in shelf.products] == [1]
    assert sorted(fault.where.name for fault in shelf.faults) == ["b.heic", "loose.jpg"]


def test_names_and_codes_belong_to_one_product(tmp_path: Path) -> None:
    put(tmp_path / "Tea", "a.jpg", card="codes: [abc]\n")
    put(tmp_path / "other", "a.jpg", card="codes: [abc]\n")
    put(tmp_path / "tea", "a.jpg")
    shelf = read_shelf(tmp_path)
    assert shelf.labels == ("tea",)
    assert ["QR code" in fault.told or "same name" in fault.told for fault in shelf.faults] == [True, True]


def test_too_many_photos(tmp_path: Path) -> None:
    put(tmp_path / "tea", *(f"{i:03}.jpg" for i in range(MAX_PHOTOS + 3)))
    shelf = read_shelf(tmp_path)
    assert len(shelf.products[0].photos) == MAX_PHOTOS
    assert "15 photos" in shelf.faults[0].told


def test_a_change_of_any_file_changes_the_stamps(tmp_path: Path) -> None:
    put(tmp_path / "tea", "a.jpg")
    before = stamps(tmp_path)
    assert stamps(tmp_path) == before
    (tmp_path / "tea" / "a.jpg").write_bytes(b"more")
    assert stamps(tmp_path) != before
    assert stamps(tmp_path / "none") == frozenset()


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("", "box/products"),
        ("products: ../wares\n", "box/../wares"),
        ("products: /srv/wares\n", "/srv/wares"),
    ],
)
def test_the_folder_lies_beside_the_configuration(written: str, found: str) -> None:
    assert config.parse(written, "f", Path("box")).products == Path(found)
