"""The data files that come along are what NOTICE.md says, and hold what the programs expect of them."""

import hashlib
import json
import re
import zipfile
from io import BytesIO

import av
import numpy as np
import onnxruntime
import pytest
from PIL import Image, ImageDraw, ImageFont

from reverie.assets import asset

NOTICE = asset("NOTICE.md").read_text("utf-8")
FOLDER = asset("NOTICE.md").parent
WRITTEN_HERE = {"stories.yaml"}  # text that people edit: named, but its checksum would only be in the way
SHIPPED = sorted({path.name for path in FOLDER.iterdir() if path.is_file()} - {"NOTICE.md", "__init__.py"})


@pytest.mark.parametrize("name", SHIPPED)
def test_notice_names_every_file_with_its_checksum(name: str) -> None:
    section = re.search(rf"^## {re.escape(name)}\n(.*?)(?=^## |^---)", NOTICE, re.MULTILINE | re.DOTALL)
    assert section, f"NOTICE.md has no section for {name}"
    for field in ("What", "Origin", "Licence"):
        assert f"- {field}: " in section[1]
    if name not in WRITTEN_HERE:
        assert f"`{hashlib.sha256(asset(name).read_bytes()).hexdigest()}`" in section[1]


def test_notice_names_no_file_that_is_gone() -> None:
    named = set(re.findall(r"^## (\S+\.\w+)$", NOTICE, re.MULTILINE))
    assert named == set(SHIPPED)


def test_a_missing_asset_is_told_by_its_path() -> None:
    with pytest.raises(FileNotFoundError, match=r"assets/nothing\.bin is missing"):
        asset("nothing.bin")


def test_every_class_of_the_detector_has_a_sprite() -> None:
    index = json.loads(asset("sprites.json").read_text("utf-8"))
    assert set(index["classes"]) == set(detector_names())
    with zipfile.ZipFile(asset("sprites.zip")) as sprites:
        for name in index["classes"].values():
            picture = sprite(sprites, name)
            assert (picture.size, picture.mode) == ((256, 256), "RGBA"), name
            opacity = np.asarray(picture)[..., 3]
            assert (opacity.min(), opacity.max()) == (0, 255), name  # drawn, and not to the corners


def test_the_archive_holds_what_its_index_says() -> None:
    index = json.loads(asset("sprites.json").read_text("utf-8"))["sprites"]
    parts = [part for entry in index.values() for part in entry["parts"]]
    with zipfile.ZipFile(asset("sprites.zip")) as sprites:
        assert sorted(sprites.namelist()) == sorted(f"{name}.webp" for name in [*index, *parts])
        assert {entry.compress_type for entry in sprites.infolist()} == {zipfile.ZIP_STORED}
    for name, entry in index.items():
        assert all(part.startswith(f"{name}.") for part in entry["parts"])
        assert set(entry.get("pivots", {})) == set(entry["parts"])


@pytest.mark.parametrize(
    "name",
    [
        "automobile",  # wheels before the body
        "motorcycle",  # wheels behind the body
        "headphone",  # shells, band, pads
        "sauropod",  # legs cut from the body, far legs continued behind it
        "cat",  # and a tail
        "honeybee",  # a wing before the body
        "helicopter",  # a rotor behind it
        "recycling-bin",  # our own drawing: wheel, body, lid
    ],
)
def test_the_parts_of_a_figure_make_up_the_figure(name: str) -> None:
    entry = json.loads(asset("sprites.json").read_text("utf-8"))["sprites"][name]
    with zipfile.ZipFile(asset("sprites.zip")) as sprites:
        whole = sprite(sprites, name)
        together = Image.new("RGBA", whole.size)
        for part in entry["parts"]:
            together.alpha_composite(sprite(sprites, part))
    opaque = np.asarray(whole)[..., 3] > 128
    rebuilt = np.asarray(together)[..., 3] > 128
    assert np.mean(opaque != rebuilt) < 0.004  # a clip's edge may cost a pixel


@pytest.mark.parametrize(
    "text",
    [
        "恐龙是怎么走路的？四只脚轮流落地",  # GB2312
        "AI 生成·合成",  # the label
        "A café, “good” — ¥20",  # Latin-1 and its quotes
        "℃→★",  # signs
    ],
)
def test_the_font_has_the_letters_of_captions(text: str) -> None:
    font = ImageFont.truetype(asset("NotoSansSC-Bold-subset.otf"), 32)
    missing = drawn(font, "\uffff")
    assert [letter for letter in text if letter.strip() and drawn(font, letter) == missing] == []


def test_the_detector_carries_its_own_names_and_licence() -> None:
    names = detector_names()
    assert len(names) == 80
    assert (names[0], names[41], names[79]) == ("person", "cup", "toothbrush")
    assert "MIT" in metadata()["licence"]
    assert "no licence file" in metadata()["licence"]


def test_the_demo_shows_what_its_index_says() -> None:
    index = json.loads(asset("demo.json").read_text("utf-8"))
    with av.open(str(asset("demo.mp4"))) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 640, 480)
        assert stream.frames == pytest.approx(index["seconds"] * index["fps"], abs=1)
    assert {card["label"] for card in index["cards"]} <= set(detector_names())
    for card in index["cards"]:
        assert 0 < card["from"] < card["held"][0] < card["held"][1] < card["until"] <= index["seconds"]
        assert card["measured"]["share_on_top"] >= 0.8
    assert index["empty_highest_score"] < 0.35


def detector_names() -> list[str]:
    names = json.loads(metadata()["names"])
    return [names[str(number)] for number in range(len(names))]


def metadata() -> dict[str, str]:
    model = str(asset("centernet_384x512.onnx"))
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return dict(session.get_modelmeta().custom_metadata_map)


def sprite(sprites: zipfile.ZipFile, name: str) -> Image.Image:
    picture = Image.open(BytesIO(sprites.read(f"{name}.webp")))
    picture.load()
    return picture


def drawn(font: ImageFont.FreeTypeFont, letter: str) -> bytes:
    paper = Image.new("L", (48, 48))
    ImageDraw.Draw(paper).text((4, 0), letter, font=font, fill=255)
    return paper.tobytes()
