"""What is held up gets its name: when is looked, what a name replaces, and what is learnt anew."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from packages import ground, held_up, package, photos, with_code
from PIL import Image as Pillow

from reverie import config
from reverie.values import Box, Detection, Frame, Image
from reverie.vision.lookout import Lookout
from reverie.vision.products import Sighting
from reverie.vision.recogniser import AT_ONCE, PERIOD, RELEARN, Memory, Recogniser, load_memory

BEHIND = ground(1)
FRONT = package(1)
CODE = "https://example.com/jam"
MIDDLE = Box(0.3, 0.2, 0.7, 0.8)


def shown(front: Image = FRONT, **how: float) -> Image:
    how = {"height": 0.6, **how}
    return held_up(front, BEHIND, np.random.default_rng(5), **how)  # type: ignore[arg-type]


HELD = shown()


def save(folder: Path, front: Image, seed: int = 1, count: int = 2) -> None:
    folder.mkdir(parents=True)
    for index, photo in enumerate(photos(front, seed, count, side=600)):
        Pillow.fromarray(photo).save(folder / f"{index}.jpg", quality=92)


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("products")
    save(folder / "Tea", FRONT)
    (folder / "jam").mkdir()
    (folder / "jam" / "product.yaml").write_text(f"codes: [{CODE!r}]\n")
    return folder


@pytest.fixture(scope="module")
def memory(products: Path) -> Memory:
    return load_memory(products)


@pytest.fixture
def recogniser(memory: Memory) -> Recogniser:
    """One that has seen the empty scene."""
    recogniser = Recogniser(memory, config.Events())
    assert recogniser.update(frame(BEHIND, 0.0), []) == []
    return recogniser


def frame(image: Image, time: float) -> Frame:
    return Frame(image, 0, time)


def labels(detections: Sequence[Detection]) -> list[str]:
    return [detection.label for detection in detections]


def test_what_is_held_up_gets_its_name(recogniser: Recogniser) -> None:
    (named,) = recogniser.update(frame(HELD, 1.0), [])
    assert named.label == "tea"
    assert 0.5 <= named.score <= 1
    assert named.box.centre == pytest.approx((0.5, 0.5), abs=0.06)


def test_a_code_is_a_name_by_itself(recogniser: Recogniser) -> None:
    found = recogniser.update(frame(shown(with_code(package(3), CODE), height=0.8, hidden=0), 1.0), [])
    assert labels(found) == ["jam"]
    assert found[0].score == 1.0


def test_nobody_taught_anything() -> None:
    found = [Detection("cup", 0.5, MIDDLE)]
    assert Recogniser(load_memory(None), config.Events()).update(frame(HELD, 0.0), found) == found


@pytest.mark.parametrize(
    ("label", "box", "stays"),
    [
        ("book", MIDDLE, False),  # the detector's own name for it
        ("person", Box(0.4, 0.4, 0.6, 0.6), False),  # a face printed on it is nobody
        ("person", Box(0.1, 0.05, 0.9, 1.0), True),  # who holds it
        ("cup", Box(0.0, 0.0, 0.2, 0.3), True),  # something else
    ],
)
def test_its_name_replaces_others(recogniser: Recogniser, label: str, box: Box, stays: bool) -> None:
    found = recogniser.update(frame(HELD, 1.0), [Detection(label, 0.6, box)])
    assert sorted(labels(found)) == sorted(["tea", label] if stays else ["tea"])


def test_the_name_stays_with_it_between_looks(recogniser: Recogniser) -> None:
    recogniser.update(frame(HELD, 1.0), [])
    moved = Box(0.33, 0.22, 0.73, 0.82)
    between = frame(HELD, 1.0 + PERIOD / 2)
    found = recogniser.update(
        between, [Detection("book", 0.5, moved), Detection("cup", 0.4, Box(0, 0, 0.1, 0.1))]
    )
    assert [(d.label, d.box) for d in found] == [("tea", moved), ("cup", Box(0, 0, 0.1, 0.1))]
    assert recogniser.update(between, []) == [], "no evidence, no detection"


def looks_of(
    monkeypatch: pytest.MonkeyPatch, recogniser: Recogniser, images: Sequence[tuple[float, Image]]
) -> list[float]:
    """When it really looked."""
    looked: list[float] = []
    now = 0.0

    def count(image: Image, part: Box) -> list[Sighting]:
        looked.append(now)
        return []

    monkeypatch.setattr(recogniser, "_look", count)
    for now, image in images:
        recogniser.update(frame(image, now), [])
    return looked


def test_looks_are_few(monkeypatch: pytest.MonkeyPatch, recogniser: Recogniser) -> None:
    looked = looks_of(
        monkeypatch, recogniser, [(1 + i / 25, HELD) for i in range(51)]
    )  # two seconds at 25 fps
    assert 6 <= len(looked) <= 2 / PERIOD + 1
    assert min(np.diff(looked)) >= PERIOD - 1e-6


def test_an_empty_scene_is_not_looked_at(monkeypatch: pytest.MonkeyPatch, recogniser: Recogniser) -> None:
    noise = np.random.default_rng(2)
    noisy = [np.clip(BEHIND + noise.normal(0, 4, BEHIND.shape), 0, 255).astype(np.uint8) for _ in range(5)]
    assert looks_of(monkeypatch, recogniser, [(1.0 + i, image) for i, image in enumerate(noisy)]) == []


def test_a_small_change_is_nothing_held_up(monkeypatch: pytest.MonkeyPatch, recogniser: Recogniser) -> None:
    assert looks_of(monkeypatch, recogniser, [(1.0, shown(height=0.15))]) == []


def test_what_stands_about_belongs_to_the_scene(
    monkeypatch: pytest.MonkeyPatch, recogniser: Recogniser
) -> None:
    looked = looks_of(monkeypatch, recogniser, [(1.0 + i, HELD) for i in range(120)])
    assert 10 <= max(looked) <= 90


def test_a_clock_set_back_does_not_stop_it(recogniser: Recogniser) -> None:
    recogniser.update(frame(HELD, 1000.0), [])
    assert labels(recogniser.update(frame(HELD, 5.0), [])) == ["tea"]


def test_another_size_of_picture_is_another_scene(recogniser: Recogniser) -> None:
    recogniser.update(frame(np.ascontiguousarray(HELD[::2, ::2][:, :200]), 1.0), [])
    assert labels(recogniser.update(frame(HELD, 2.0), [])) == ["tea"]


# ---------------------------------------------------------------------------------- the folder


def taught(memory: Memory) -> list[str]:
    return [product.label for product in memory.products]


def test_the_folder_is_learnt_anew(tmp_path: Path) -> None:
    memory = load_memory(tmp_path / "products")
    assert taught(memory) == []
    save(tmp_path / "products" / "tea", FRONT, count=1)
    assert not memory.refresh(RELEARN / 2), "not so soon"
    assert memory.refresh(RELEARN)
    assert taught(memory) == ["tea"]
    assert len(memory.album) > 0
    assert not memory.refresh(2 * RELEARN), "nothing changed"
    kept = memory.lessons()[0][1]
    save(tmp_path / "products" / "jam", package(2), count=1)
    assert memory.refresh(3 * RELEARN)
    assert [product.label for product, _ in memory.lessons()] == ["jam", "tea"]
    assert memory.lessons()[1][1] is kept, "only what is new is learnt"
    shutil.rmtree(tmp_path / "products")
    assert memory.refresh(4 * RELEARN)
    assert taught(memory) == []
    assert len(memory.album) == 0


def test_many_photos_are_learnt_a_few_at_a_time(tmp_path: Path) -> None:
    """The watching loop is never held up for long; each call goes on where the last one stopped."""
    save(tmp_path / "tea", FRONT, count=1)
    photo = (tmp_path / "tea" / "0.jpg").read_bytes()
    for index in range(1, AT_ONCE + 2):
        (tmp_path / "tea" / f"{index}.jpg").write_bytes(photo)
    memory = Memory(tmp_path)
    assert memory.refresh(0.0)
    assert (memory.learning, len(memory.lessons())) == (True, AT_ONCE)
    assert memory.refresh(0.1), "at once, not after RELEARN"
    assert (memory.learning, len(memory.lessons())) == (False, AT_ONCE + 2)
    assert not memory.refresh(0.2)


def test_bad_photos_are_told_once_and_stand_in_nobodys_way(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save(tmp_path / "tea", FRONT, count=1)
    (tmp_path / "tea" / "broken.jpg").write_bytes(b"broken")
    memory = load_memory(tmp_path)
    assert len(memory.album) > 0
    assert "broken.jpg: no picture" in caplog.text
    caplog.clear()
    (tmp_path / "notes.txt").touch()
    assert memory.refresh(RELEARN)
    assert "broken.jpg" not in caplog.text


# ---------------------------------------------------------------------------------- through the lookout


def test_a_product_held_up_for_a_second_is_shown(memory: Memory) -> None:
    """Detector, tracker and rules know nothing of it: the name comes in, the event comes out, once."""
    lookout = Lookout(config.Camera(), config.Detector(), config.Events(), memory=memory)
    told = []
    for index in range(30):
        image = BEHIND if index < 5 else shown(roll=float(index % 3), shift=(float(index % 4), 0.0))  # type: ignore[arg-type]
        picture = frame(image, index / 10)
        found = [] if index < 5 else [Detection("book", 0.5, Box(0.33, 0.2, 0.67, 0.8))]
        told += [(e.kind, e.label) for e in lookout.take(picture, found).events if e.kind == "shown"]
    assert told == [("shown", "tea")]
