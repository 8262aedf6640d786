"""What is told of a product: its own story, that of its word, or that of anything, under its own name."""

from __future__ import annotations

from pathlib import Path

import pytest

from reverie import config
from reverie.shelf import Called, Card, Product
from reverie.story.director import Director
from reverie.story.library import Library, load_library, parse_library
from reverie.story.repertoire import make_repertoire
from reverie.values import Dials, EventKind, Language, Scene

PLAIN = Product("zorb", Path("products/Zorb"), (), Card())
"""Nothing is said of it."""
NAMED = Product("zorb", Path("products/Zorb"), (), Card(name=Called(en="The Zorb", zh="左宝")))
FRUIT = Product("zorb", Path("products/Zorb"), (), Card(word="banana"))
TOLD = Product("zorb", Path("products/Zorb"), (), Card(topic="dinosaur-walk", word="banana"))
TOY = Product("zorb", Path("products/Zorb"), (), Card(word="teddy bear"))
UNKNOWN = Product("zorb", Path("products/Zorb"), (), Card(topic="no-such", word="flurb"))


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(None)


def scene(kind: str, subject: str = "zorb", object: str | None = None) -> Scene:
    return Scene(0.0, "camera", "", EventKind(kind), subject, object, ((subject, 1),))


# The product, the scene, the topic told and what its first shot shows.
TABLE: list[tuple[Product, Scene, str, str]] = [
    (PLAIN, scene("shown"), "surprise/zorb", "gift"),
    (FRUIT, scene("shown"), "show/banana", "monkey"),  # the story of its word
    (TOLD, scene("shown"), "dinosaur-walk", "dinosaur"),  # the story of its own comes first
    (TOLD, scene("entered"), "here-comes/zorb", "banana"),  # but only when it is shown
    (UNKNOWN, scene("shown"), "surprise/zorb", "gift"),  # what nobody knows does no harm
    (TOY, scene("lingered", "person", "zorb"), "toy-car", "child"),  # near it, somebody is near a toy
    (FRUIT, scene("shown", "cup"), "show/cup", "coffee"),  # and what is no product is as ever
]


@pytest.mark.parametrize(("product", "seen", "topic", "drawn"), TABLE)
def test_the_story_of_a_product(
    library: Library, product: Product, seen: Scene, topic: str, drawn: str
) -> None:
    director = Director(library, config.Story())
    director.learn((product,))
    brief = director.direct(seen, Dials())
    assert brief is not None
    assert brief.topic == topic
    assert brief.shots[0].subject == drawn


@pytest.mark.parametrize(
    ("product", "language", "name"),
    [(PLAIN, "en", "Zorb"), (PLAIN, "zh", "Zorb"), (NAMED, "en", "The Zorb"), (NAMED, "zh", "左宝")],
)
def test_captions_call_it_by_its_name(
    library: Library, product: Product, language: Language, name: str
) -> None:
    director = Director(library, config.Story(language=language))
    director.learn((product,))
    brief = director.direct(scene("shown"), Dials())
    assert brief is not None
    assert name in brief.shots[0].caption


def test_a_library_may_tell_of_a_product_by_its_label() -> None:
    library = parse_library(
        "stories:\n"
        "- {topic: any, when: [{kind: shown, subject: banana}], shots: [{subject: cat}]}\n"
        "- {topic: ours, when: [{kind: shown, subject: zorb}], shots: [{subject: dog}]}\n",
        "f",
    )
    director = Director(library, config.Story())
    director.learn((FRUIT,))
    brief = director.direct(scene("shown"), Dials())
    assert brief is not None
    assert brief.topic == "ours"


def test_what_is_learnt_replaces_what_was(library: Library) -> None:
    director = Director(library, config.Story())
    director.learn((TOLD,))
    director.learn(())
    brief = director.direct(scene("shown"), Dials())
    assert brief is not None
    assert brief.topic == "surprise/zorb"
    assert brief.shots[0].subject == "gift"


def test_prompts_of_a_products_word_are_compiled_too(tmp_path: Path) -> None:
    """A word that no detector knows: whatever is told of it can be shown without an encoder."""
    without = config.Config(products=None, detector=config.Detector(classes=("person",)))
    known = set(make_repertoire(without, "en", ("plain",)))
    (tmp_path / "zorb").mkdir()
    (tmp_path / "zorb" / "product.yaml").write_text("word: toy car\ncodes: [abc]\n")
    taught = without.model_copy(update={"products": tmp_path})
    new = set(make_repertoire(taught, "en", ("plain",))) - known
    assert new
    assert all("toy car" in prompt for prompt in new)
