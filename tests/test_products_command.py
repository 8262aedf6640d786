"""`reverie products`: what an operator is told of the folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner, Result

from reverie import cli


def products(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["products", *arguments], env={"COLUMNS": "200"})


def draw(path: Path, seed: int) -> None:
    """A front with much on it, by the seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    r = np.random.default_rng(seed)
    front = Image.new("RGB", (300, 400), "white")
    pen = ImageDraw.Draw(front)
    for _ in range(60):
        x, y, side = int(r.integers(20, 250)), int(r.integers(20, 350)), int(r.integers(8, 40))
        pen.rectangle((x, y, x + side, y + side), fill=tuple(int(c) for c in r.integers(0, 255, 3)))
    front.save(path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    draw(tmp_path / "products" / "Tea" / "front.png", 1)
    return tmp_path / "products"


def test_without_a_folder_it_says_what_to_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("list", "check"):
        done = products(command)
        assert done.exit_code == 1
        assert "products: no such folder; make it" in str(done.exception)
    (tmp_path / "products").mkdir()
    assert "none in products: make a folder" in products("list").stdout


def test_list_says_how_each_is_known_and_told(folder: Path) -> None:
    (folder / "Tea" / "product.yaml").write_text(
        "name: {zh: 绿茶}\nword: cup\ntopic: toy-car\ncodes: [abc]\n", encoding="utf-8"
    )
    (folder / "茶").mkdir()
    told = products("list").stdout
    assert "tea " in told
    assert "1 photos, 1 QR codes; called Tea / 绿茶, drawn as cup, story toy-car" in told
    assert "no name of a product" in told


def test_check_says_what_was_learnt(folder: Path) -> None:
    done = products("check")
    assert done.exit_code == 0, done.stdout
    assert "ok  tea/front.png" in done.stdout
    assert "corners" in done.stdout


def test_check_says_what_is_wrong(folder: Path) -> None:
    Image.new("RGB", (300, 400), "navy").save(folder / "Tea" / "plain.png")
    (folder / "Tea" / "broken.jpg").write_bytes(b"x")
    draw(folder / "twin" / "a.png", 1)
    draw(folder / "other" / "a.png", 2)
    (folder / "other" / "product.yaml").write_text("word: flurb\ntopic: nosuch\n")
    (folder / "blank").mkdir()
    Image.new("RGB", (300, 400), "navy").save(folder / "blank" / "a.png")
    done = products("check", "--folder", str(folder))
    assert done.exit_code == 1
    for told in (
        "tea/plain.png  too plain",
        "tea/broken.jpg  no picture",
        "tea, twin  look alike",
        "other  word: the vocabulary has no 'flurb'",
        "other  topic: no such story: 'nosuch'",
        "blank  no photo taught anything",
    ):
        assert told in done.stdout, done.stdout
    assert "other, tea" not in done.stdout
    assert done.stderr == "", "told once"
