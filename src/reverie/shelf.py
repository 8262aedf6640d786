"""The operator's products: a folder with a folder for each, photos in it, and what is told of it.

    products/
      choco crunch/
        front.jpg  left.jpg  back.jpg
        product.yaml
        picture.png                          what films show of it (`pictures.py`)

The folder's name is the product's label, as events and stories know it. All of product.yaml may be left out:

    name: {en: Choco Crunch, zh: 巧克力脆}   what captions call it
    word: donut                              what stories draw for it
    topic: snack-time                        the story told when it is shown
    codes: ["https://example.com/cc"]        texts of the QR codes that are on it

Light: nothing here opens a picture.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from reverie.config import Section, parse_section
from reverie.errors import ConfigError
from reverie.values import Language

LABEL = re.compile(r"[a-z][a-z0-9 _-]{0,31}")
"""What a label may look like: what scenes let through (`story/scene.py`)."""

CARD = "product.yaml"
"""The file beside the photos."""

PICTURE = ("picture.png", "picture.webp", "picture.jpg", "picture.jpeg", "picture.svg")
"""What a product's own picture for films may be called; the first that is there counts."""

PHOTOS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
"""Pictures that are read."""

FOREIGN = (".heic", ".heif", ".avif", ".gif", ".tif", ".tiff", ".cr2", ".nef", ".dng", ".mp4", ".mov")
"""What somebody may take for a photo that is read."""

MAX_PRODUCTS = 100
"""More than these make a look slower than it may be."""

MAX_PHOTOS = 12
"""Photos of one product; more say little new."""

TAKEN = ("person", "thing")
"""Labels that mean something else: people, and what has no name."""

MAX_CARD = 500_000
"""Bytes of a card: twice what a hundred of the longest codes take."""


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that cannot be printed; letters, digits and signs are allowed")
    return text


Text = Annotated[str, Field(min_length=1, max_length=32), AfterValidator(_printable)]


class Called(Section):
    """What captions call a product."""

    en: Text | None = Field(default=None, description="Its name in English captions. Empty: the folder's.")
    zh: Text | None = Field(default=None, description="Its name in Chinese captions. Empty: the English one.")


class Card(Section):
    """What `product.yaml` may say."""

    name: Called = Field(default=Called(), description="What captions call it, in `en` and `zh`.")
    word: str = Field(
        default="",
        max_length=32,
        description="The word of the vocabulary that stories draw for it. Empty: the folder's name where "
        "the vocabulary has it, else a gift.",
    )
    topic: str = Field(
        default="",
        max_length=64,
        description="The story that is told when it is shown. Empty: as stories ask.",
    )
    codes: tuple[Annotated[str, Field(min_length=1, max_length=2000)], ...] = Field(
        default=(), max_length=100, description="Texts of QR codes that are on this product and on no other."
    )


@dataclass(frozen=True, slots=True)
class Product:
    """One product: `label` is its folder's name in lower case; `photos` in the order of their names.

    `picture`: what films show of it, None where the vocabulary's word is drawn.
    """

    label: str
    folder: Path
    photos: tuple[Path, ...]
    card: Card
    picture: Path | None = None

    @property
    def word(self) -> str:
        """The noun that stories look for in the vocabulary."""
        return self.card.word or self.label

    def called(self, language: Language) -> str:
        """Its name in captions; in the folder's own spelling where no other is given."""
        english = self.card.name.en or self.folder.name
        return (self.card.name.zh or english) if language == "zh" else english


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that was left aside: where, and why."""

    where: Path
    told: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """All products, by their folders' names, and what was left aside."""

    products: tuple[Product, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that can be reported."""
        return tuple(product.label for product in self.products)

    @property
    def codes(self) -> Mapping[str, str]:
        """The label of each QR text that the operator listed."""
        return {text: product.label for product in self.products for text in product.card.codes}


def read_shelf(folder: Path) -> Shelf:
    """The products in `folder`. No such folder: none. One bad product never stands in the others' way."""
    products: list[Product] = []
    faults: list[Fault] = []
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        return Shelf()
    except OSError as error:
        return Shelf(faults=(Fault(folder, f"cannot be read: {error.strerror or error}"),))
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if not os.path.isdir(entry):
            faults.append(
                Fault(entry, "lies beside the products; put it into a folder with a product's name")
            )
            continue
        try:
            product, left = _read_product(entry)
            _demand_own(product, products)
        except ConfigError as error:
            faults.append(Fault(entry, str(error)))
            continue
        faults += left
        products.append(product)
    if len(products) > MAX_PRODUCTS:
        faults.append(Fault(folder, f"has {len(products)} products; the first {MAX_PRODUCTS} are known"))
    return Shelf(tuple(products[:MAX_PRODUCTS]), tuple(faults))


def _read_product(folder: Path) -> tuple[Product, list[Fault]]:
    """The product in `folder`, and files in it that were left aside. Raises ConfigError."""
    label = folder.name.lower()
    if not LABEL.fullmatch(label):
        raise ConfigError(
            "no name of a product: letters a-z, digits, spaces, `_` and `-` are allowed, a letter first, 32 "
            f"at most; other names, Chinese ones too, go into {CARD} as `name: {{zh: …}}`"
        )
    if label in TAKEN:
        raise ConfigError(f"{label!r} means something else here; give the product another name")
    card = Card()
    photos: list[Path] = []
    faults: list[Fault] = []
    try:
        files = sorted(file for file in folder.iterdir() if not file.name.startswith("."))
        if os.path.exists(folder / CARD):
            card = parse_section(_text(folder / CARD), str(folder / CARD), Card)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}") from None
    for file in files:
        if file.suffix.lower() in PHOTOS and not os.path.isfile(file):
            faults.append(Fault(file, "is no file: a photo is expected"))
        elif file.suffix.lower() in PHOTOS:
            photos.append(file)
        elif file.suffix.lower() in FOREIGN:
            faults.append(Fault(file, f"is not read; save it as one of {', '.join(PHOTOS)}"))
    picture = next((folder / name for name in PICTURE if folder / name in files), None)
    # What is drawn for films is no view of the thing: it teaches only where there is nothing else.
    photos = [photo for photo in photos if photo.name not in PICTURE] or photos
    if not photos and not card.codes:
        raise ConfigError(
            f"has no photo ({', '.join(PHOTOS)}) and no QR code in {CARD}: nothing to know it by"
        )
    if len(photos) > MAX_PHOTOS:
        faults.append(Fault(folder, f"has {len(photos)} photos; the first {MAX_PHOTOS} are used"))
    return Product(label, folder, tuple(photos[:MAX_PHOTOS]), card, picture), faults


def _text(card: Path) -> str:
    """What is written in a card. Raises ConfigError for what is no file, and for one that is no card."""
    if not card.is_file():  # a pipe or a device would be read for ever
        raise ConfigError(f"{CARD} is no file")
    with card.open("rb") as file:
        blob = file.read(MAX_CARD + 1)
    if len(blob) > MAX_CARD:
        raise ConfigError(f"{CARD} has more than {MAX_CARD} bytes")
    return blob.decode("utf-8")


def _demand_own(product: Product, others: list[Product]) -> None:
    """Raises ConfigError where another product has its label or one of its codes."""
    for other in others:
        if other.label == product.label:
            raise ConfigError(f"is the same name as {other.folder.name!r}: upper and lower case are one")
        shared = set(other.card.codes) & set(product.card.codes)
        if shared:
            raise ConfigError(f"shares a QR code with {other.folder.name!r}; a code names one product")


Stamp = tuple[str, int, int, int]
"""Path, size, and times of change of content and of all else (who may read it, what it is linked to)."""


def stamps(folder: Path, depth: int = 2) -> frozenset[Stamp]:
    """What lies in `folder`, `depth` folders deep: another answer means a change. What may not be looked at
    is not there."""
    return frozenset(_stamps(folder, depth))


def _stamps(path: Path, depth: int) -> Iterator[Stamp]:
    try:
        found = path.stat()
        yield str(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns
        names = os.listdir(path) if depth and stat.S_ISDIR(found.st_mode) else ()
    except OSError:
        return  # it went just now, or may not be looked at: then it is not learnt from either
    for name in names:
        yield from _stamps(path / name, depth - 1)
