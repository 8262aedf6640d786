"""The operator's own pictures of things, and what is told of them: found by name, not opened.

    pictures/                         generators[].pictures
      teddy bear.png                  shown wherever a story shows a teddy bear
      teddy bear.yaml                 its card: all of it may be left out
      toy car.svg
      toy car.wheel-front.svg         a part that its card names
    products/choco crunch/            the products that are taught
      picture.webp  picture.yaml      shown where a story tells of this product

A card stands beside each picture, in a file of its own: a thing is added, moved and taken away with its
files, and a mistake in one card leaves the others alone. It may say:

    name: {en: Bruno, zh: 布鲁诺}      what captions call it
    metres: 0.4                       how high it is
    kind: thing                       how it moves
    faces: left                       left, right or front
    cut: auto                         auto, or never: show the whole photo
    parts:                            painted in this order; together they are the whole
      body: {}
      wheel-front: {pivot: [0.25, 0.8]}

Light: nothing here opens a picture (`video/artwork.py` does).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from reverie.config import Section, parse_section
from reverie.errors import ConfigError
from reverie.shelf import LABEL, PICTURE, Called, Card, Fault, Product, Stamp, read_shelf, stamps

SUFFIXES = (".png", ".webp", ".jpg", ".jpeg", ".svg")
"""Kinds of files that are read; of two with one name the first kind counts."""

FOREIGN = (".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".svgz", ".psd", ".ai", ".eps", ".pdf")
"""What somebody may take for a picture that is read."""

MAX_PICTURES = 200
"""More than these are not looked for."""

MAX_BYTES = 100_000_000
"""Of a file that is digested: no picture is larger."""

MAX_CARD = 20_000
"""Bytes of a card."""

Kind = Literal[
    "animal",
    "bird",
    "insect",
    "swimmer",
    "ship",
    "vehicle",
    "aircraft",
    "sky",
    "plant",
    "food",
    "drink",
    "thing",
]
"""How a pictured thing stands and moves: `video/storyboard/casting.Kind`, but for people, who have limbs."""

Fraction = Annotated[float, Field(ge=0, le=1)]
PartName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class Part(Section):
    """What a card says of a part."""

    pivot: tuple[Fraction, Fraction] | None = Field(
        default=None,
        description="The point it turns about: fractions of the picture from the left and from the top. "
        "Empty: the middle of what is drawn in it.",
    )


class PictureCard(Section):
    """What the file beside a picture may say."""

    name: Called = Field(default=Called(), description="What captions call it, in `en` and `zh`.")
    metres: float | None = Field(
        default=None,
        ge=0.01,
        le=50,
        description="Its real height. Empty: the usual one of what it stands for.",
    )
    kind: Kind | None = Field(
        default=None,
        description="How it stands and moves: animal, bird, insect, swimmer, ship, vehicle, aircraft, sky, "
        "plant, food, drink, thing. Empty: like what it stands for.",
    )
    faces: Literal["left", "right", "front"] = Field(
        default="front", description="Which way it looks: it is mirrored when it goes the other way."
    )
    cut: Literal["auto", "never"] = Field(
        default="auto",
        description="`auto`: a plain background is taken away, a photo with another one becomes a card. "
        "`never`: always the whole photo, as a card.",
    )
    parts: Mapping[PartName, Part] = Field(
        default={},
        max_length=12,
        description="Its parts in the order they are painted, each in a picture of the same size beside it "
        "(`NAME.PART.png`). Those whose names begin with wheel, leg, arm, wing, tail or lid move.",
    )


@dataclass(frozen=True, slots=True)
class Picture:
    """One thing's picture. `label`: the word or product it is of; `parts`: its card's, with their files;
    `names`: what captions may call it."""

    label: str
    path: Path
    card: PictureCard
    parts: tuple[tuple[str, Path], ...] = ()
    names: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 (64 hex digits) of all that shows: the files and the card. Reads them."""
        whole = hashlib.sha256(self.card.model_dump_json(exclude={"name"}).encode())
        whole.update("\0".join(self.names).encode())
        for name, path in (("", self.path), *self.parts):
            whole.update(f"{name}\0{path.suffix.lower()}\0{digest_of(path)}\0".encode())
        return whole.hexdigest()

    def named(self) -> Product | None:
        """As a product, where its card gives it a name of its own: that is how captions come by it."""
        if self.card.name == Called():
            return None
        return Product(self.label, Path(self.label), (), Card(name=self.card.name, word=self.label))


@dataclass(frozen=True, slots=True)
class Gallery:
    """All pictures by what they are of, and what was left aside."""

    pictures: Mapping[str, Picture] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def of(self, word: str, label: str = "") -> Picture | None:
        """The picture of what a shot shows: of the product `label`, else of the `word`; None without one."""
        return self.pictures.get(label) or self.pictures.get(word)

    @property
    def products(self) -> tuple[Product, ...]:
        """Those to which a card gives a name of their own."""
        return tuple(named for picture in self.pictures.values() if (named := picture.named()) is not None)


def read_gallery(pictures: Path | None, products: Path | None = None) -> Gallery:
    """The pictures in the folder `pictures` and in the products' folders, where the first counts more.

    Quick to ask again: nothing is read anew while no file's size and times of change changed.
    """
    lies = frozenset[Stamp]() if pictures is None else stamps(pictures, 1)
    return _gallery(pictures, products, lies if products is None else lies | stamps(products))


@lru_cache(8)
def _gallery(pictures: Path | None, products: Path | None, lies: frozenset[Stamp]) -> Gallery:
    found: dict[str, Picture] = {}
    faults: list[Fault] = []
    for product in () if products is None else read_shelf(products).products:
        if product.picture is not None:
            _add(found, faults, product.label, product.picture, product)
    if pictures is not None:
        files = _files(pictures, faults)
        for label, path in _named(pictures, files, faults):
            _add(found, faults, label, path)
        faults += _forlorn(files, found.values())
    return Gallery(MappingProxyType(found), tuple(faults))


def _files(folder: Path, faults: list[Fault]) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        faults.append(Fault(folder, f"cannot be read: {error.strerror or error}"))
        return []


def _named(folder: Path, files: list[Path], faults: list[Fault]) -> Iterator[tuple[str, Path]]:
    """Each picture among `files` with what it is named after; files of parts are named by cards."""
    best: dict[str, Path] = {}
    for path in files:
        suffix, label = path.suffix.lower(), path.stem.lower()
        if suffix in FOREIGN:
            faults.append(Fault(path, f"is not read; save it as one of {', '.join(SUFFIXES)}"))
        if suffix not in SUFFIXES or "." in label:
            continue
        if not os.path.isfile(path):
            faults.append(Fault(path, "is no file that can be read: a picture is expected"))
        elif not LABEL.fullmatch(label):
            faults.append(
                Fault(
                    path,
                    "its name is no word that a picture can be of: letters a-z, digits, spaces, `_` and `-` "
                    "are allowed, a letter first, 32 at most; others go into its card as `name: {zh: …}`",
                )
            )
        elif label in best and suffix == best[label].suffix.lower():
            faults.append(Fault(path, f"{best[label].name!r} is shown: upper and lower case are one name"))
        elif label not in best or SUFFIXES.index(suffix) < SUFFIXES.index(best[label].suffix.lower()):
            best[label] = path
    if len(best) > MAX_PICTURES:
        faults.append(Fault(folder, f"has {len(best)} pictures; the first {MAX_PICTURES} are shown"))
    yield from list(best.items())[:MAX_PICTURES]


def _forlorn(files: list[Path], pictures: Iterable[Picture]) -> Iterator[Fault]:
    """Cards and parts that belong to no picture."""
    stems, parts = set[str](), set[Path]()
    for picture in pictures:
        stems.add(picture.path.stem)
        parts.update(path for _, path in picture.parts)
    for path in files:
        suffix = path.suffix.lower()
        if suffix == ".yml" or path.suffix == ".YAML":
            yield Fault(path, f"is not read; name it `{path.stem}.yaml`")
        elif suffix == ".yaml" and path.stem not in stems:
            yield Fault(path, f"is the card of no picture: none is named `{path.stem}`, spelt like this")
        elif suffix in SUFFIXES and "." in path.stem and path not in parts:
            whole = path.stem.partition(".")[0]
            yield Fault(path, f"is not shown: a name with a dot is a part's, and no `{whole}.yaml` names it")


def _add(
    found: dict[str, Picture], faults: list[Fault], label: str, path: Path, product: Product | None = None
) -> None:
    try:
        picture = picture_at(path, label)
    except ConfigError as error:
        faults.append(Fault(path, str(error)))
        picture = Picture(label, path, PictureCard())
    called = product or picture.named()
    names = () if called is None else (called.called("en"), called.called("zh"))
    found[label] = replace(picture, names=tuple(dict.fromkeys(names)))


def picture_at(path: Path, label: str = "") -> Picture:
    """The picture in the file `path`, with its card and parts. Raises ConfigError for a wrong card."""
    card = _card(path.with_name(f"{path.stem}.yaml"))
    return Picture(label or path.stem.lower(), path, card, tuple(_parts(path, card)))


def _card(path: Path) -> PictureCard:
    try:
        if not os.path.lexists(path):
            return PictureCard()
        if not os.path.isfile(path):  # a pipe would be read for ever
            raise ConfigError(f"{path}: is no file; the picture is shown without it")
        with path.open("rb") as file:
            blob = file.read(MAX_CARD + 1)
        text = blob.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}; the picture is shown without it") from None
    if len(blob) > MAX_CARD:
        raise ConfigError(f"{path}: has more than {MAX_CARD} bytes; the picture is shown without it")
    return parse_section(text, str(path), PictureCard)


def _parts(path: Path, card: PictureCard) -> Iterator[tuple[str, Path]]:
    for name in card.parts:
        for suffix in (path.suffix, *SUFFIXES):
            part = path.with_name(f"{path.stem}.{name}{suffix}")
            if os.path.isfile(part):
                yield name, part
                break
        else:
            raise ConfigError(
                f"part {name!r}: there is no picture {path.stem}.{name}{path.suffix} beside it; the picture "
                "is shown in one piece"
            )


def digest_of(path: Path) -> str:
    """SHA-256 (64 hex digits) of a file's content; "unreadable" for what is none."""
    try:
        found = path.stat()
    except OSError:
        return "unreadable"
    if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:  # a pipe would be read for ever
        return "unreadable"
    try:
        return _digest(path, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    except OSError:  # not kept: another try may succeed
        return "unreadable"


@lru_cache(512)
def _digest(path: Path, size: int, changed: int, touched: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


__all__ = ["PICTURE", "Gallery", "Picture", "PictureCard", "digest_of", "picture_at", "read_gallery"]
