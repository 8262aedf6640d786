"""The operator's own pictures as sprites: "own:<digest>:<path>" names one wherever sprites have names.

    name = own_name(picture)              # the digest makes a changed picture another name
    own_sprite(name)                      # cut out, trimmed, premultiplied, with its halved copies
    own_parts(name), own_pivots(name)     # its parts, by names of that kind: "own:…:toy car.png.wheel-front"

Each name is read from its file when it is first asked for, and kept; raises GeneratorError for what cannot be
shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from reverie.errors import ConfigError, GeneratorError
from reverie.pictures import Gallery, Picture, PictureCard, picture_at
from reverie.video.artwork import LONGEST, Artwork, Straight, read_artwork
from reverie.video.cutout import cut_out
from reverie.video.storyboard.art.canvas import Sprite, premultiplied

OWN = "own:"
"""How the names of these sprites begin."""

KEPT = 40
"""Pictures that are kept ready: 2 MB each at most, those with parts 1 MB a part."""

READY = 12
"""Pictures that a box opens as it starts, about a quarter of a second each; others with their first film."""

JOINTED = 400
"""Longer side of a picture with parts, pixels: each part is kept in a square of that size."""

SAME = 0.03
"""How far the sides of a part's picture may be from the whole's, as a share."""


def own_name(picture: Picture) -> str:
    """The sprite's name of a picture. Reads its files, to digest them."""
    return f"{OWN}{picture.digest[:16]}:{picture.path}"


def is_own(name: str) -> bool:
    """Whether a sprite's name is of this kind."""
    return name.startswith(OWN)


def own_sprite(name: str) -> Sprite:
    """The thing, cut to its content."""
    return _drawn(name).whole


def own_parts(name: str) -> tuple[str, ...]:
    """Full names of its parts, back to front; () where its card names none."""
    return tuple(f"{name}.{part}" for part in _drawn(name).parts)


def own_part(name: str) -> Sprite:
    """The whole square of a part, or of a thing itself."""
    whole, part = _parted(name)
    art = _drawn(whole)
    if part:
        return art.parts[part]
    return art.square or Sprite(_squared(art.whole.pixels))


def own_pivots(name: str) -> dict[str, list[float]]:
    """What each part turns about, in fractions of the square, by the part's full name."""
    return {f"{name}.{part}": list(pivot) for part, pivot in _drawn(name).pivots.items()}


def own_is_card(name: str) -> bool:
    """Whether it is a photo shown whole, as a card."""
    return _drawn(name).card


@dataclass(frozen=True, slots=True, eq=False)
class _Art:
    """A thing, alone and in its square, its parts in theirs, and what those turn about."""

    card: bool
    whole: Sprite
    square: Sprite | None
    parts: Mapping[str, Sprite]
    pivots: Mapping[str, tuple[float, float]]


def _drawn(name: str) -> _Art:
    found = _tried(name)
    if isinstance(found, str):
        raise GeneratorError(found)
    return found


@lru_cache(KEPT)
def _tried(name: str) -> _Art | str:
    """A thing, or why it cannot be shown: what takes long to fail must not fail anew with every film."""
    try:
        return _opened(name)
    except GeneratorError as error:
        if isinstance(error.__cause__, OSError):  # another try may succeed
            raise
        return str(error)


def _opened(name: str) -> _Art:
    picture = own_picture(name)
    longest = JOINTED if picture.parts else LONGEST
    art = read_artwork(picture.path, longest)
    cut = cut_out(art.pixels, picture.card.cut == "auto")
    if cut is None:
        raise GeneratorError(f"{picture.path}: is empty: nothing in it is to be seen")
    whole = Sprite(premultiplied(cut.pixels))
    if not picture.parts:
        return _Art(cut.how == "card", whole, None, {}, {})
    if cut.how != "own":
        raise GeneratorError(f"{picture.path}: what has parts needs a transparent background, as they do")
    parts = {part: _same_frame(read_artwork(path, longest), art, path) for part, path in picture.parts}
    return _Art(
        False,
        whole,
        Sprite(_squared(premultiplied(art.pixels))),
        {part: Sprite(_squared(premultiplied(pixels))) for part, pixels in parts.items()},
        {part: _pivot(picture.card, part, pixels) for part, pixels in parts.items()},
    )


def complaints(gallery: Gallery, opened: int) -> Iterator[str]:
    """What is wrong with the pictures of a gallery; the first `opened` of them are opened, and kept ready."""
    for fault in gallery.faults:
        yield f"{fault.where}: {fault.told}"
    for picture in islice(gallery.pictures.values(), opened):
        try:
            own_sprite(own_name(picture))
        except GeneratorError as error:
            yield str(error)


def own_picture(name: str) -> Picture:
    """The picture that a sprite's name names; without its card where that is wrong."""
    path = Path(name.split(":", 2)[2])
    try:
        return picture_at(path)
    except ConfigError:
        return Picture(path.stem.lower(), path, PictureCard())


def _parted(name: str) -> tuple[str, str]:
    """("own:…:toy car.png", "wheel") of "own:…:toy car.png.wheel", with "" of the thing itself."""
    file = name.rpartition("/")[2]
    if file.count(".") < 2:
        return name, ""
    whole, _, part = name.rpartition(".")
    return whole, part


def _same_frame(part: Artwork, whole: Artwork, path: Path) -> Straight:
    """A part at the size of the whole. Raises GeneratorError for one that is of another shape."""
    high, wide = whole.pixels.shape[:2]
    ratio = (part.pixels.shape[1] / part.pixels.shape[0]) / (wide / high)
    if not 1 - SAME < ratio < 1 + SAME:
        raise GeneratorError(
            f"{path}: is {part.size[0]}x{part.size[1]}, the whole {whole.size[0]}x{whole.size[1]}: parts lie "
            "over each other, so all must have the same frame"
        )
    if not (part.pixels[..., 3] < 200).any():
        raise GeneratorError(f"{path}: a part needs a transparent background: it would hide the others")
    return np.asarray(cv2.resize(part.pixels, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)


def _pivot(card: PictureCard, part: str, pixels: Straight) -> tuple[float, float]:
    """In fractions of the square: the card's, else the middle of what is drawn."""
    high, wide = pixels.shape[:2]
    side = max(high, wide)
    told = card.parts[part].pivot
    if told is None:
        x, y, w, h = cv2.boundingRect((pixels[..., 3] > 40).astype(np.uint8))
        told = ((x + w / 2) / wide, (y + h / 2) / high)
    return (told[0] * wide + (side - wide) // 2) / side, (told[1] * high + (side - high) // 2) / side


def _squared(pixels: Straight) -> Straight:
    """In the middle of a square: what is in parts is put together by squares."""
    high, wide = pixels.shape[:2]
    side = max(high, wide)
    left, top = (side - wide) // 2, (side - high) // 2
    square = np.zeros((side, side, 4), np.uint8)
    square[top : top + high, left : left + wide] = pixels
    return square
