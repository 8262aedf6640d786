"""Who plays a word: its picture, its natural size, and how it behaves.

`role(word)` knows the whole vocabulary: the detector's 80 labels and the words of the stories. Any other
word gets a neat card with the word on it, never a wrong picture.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from reverie.errors import GeneratorError
from reverie.pictures import Gallery, Picture
from reverie.values import Brief
from reverie.video.storyboard.art.own import own_is_card, own_name, own_sprite
from reverie.video.storyboard.art.sprites import names

log = logging.getLogger("reverie.storyboard")


class Kind(enum.Enum):
    """How a thing stands and moves.

    PERSON has limbs (people, and mascots with an animal's head); ANIMAL walks on the sprite's own legs; BIRD
    and INSECT fly; SWIMMER belongs in water; SHIP on it; VEHICLE rolls; AIRCRAFT and SKY are up in the air;
    PLANT is rooted; FOOD and DRINK can be had; THING is everything else.
    """

    PERSON = "person"
    ANIMAL = "animal"
    BIRD = "bird"
    INSECT = "insect"
    SWIMMER = "swimmer"
    SHIP = "ship"
    VEHICLE = "vehicle"
    AIRCRAFT = "aircraft"
    SKY = "sky"
    PLANT = "plant"
    FOOD = "food"
    DRINK = "drink"
    THING = "thing"


ALIVE = frozenset({Kind.PERSON, Kind.ANIMAL, Kind.BIRD, Kind.INSECT, Kind.SWIMMER})
"""Who may drive and ride."""


@dataclass(frozen=True, slots=True)
class Role:
    """`word` played by `sprite` ("" = a card, "our:…" = drawn by `props.py`).

    `metres`: height in nature, softened where a toy is meant. `facing`: which way the sprite looks, -1 left,
    +1 right, 0 to us. `fur`: colours (coat, belly, paws) of a mascot, whose sprite is only a head. `names`:
    what captions call it where that is not its word.
    """

    word: str
    sprite: str
    metres: float
    kind: Kind
    facing: int = 0
    fur: tuple[str, str, str] | None = None
    names: tuple[str, ...] = ()


_P, _A, _B, _I, _W = Kind.PERSON, Kind.ANIMAL, Kind.BIRD, Kind.INSECT, Kind.SWIMMER
_V, _C, _S, _G, _T = Kind.VEHICLE, Kind.AIRCRAFT, Kind.SKY, Kind.PLANT, Kind.THING
_F, _D, _O = Kind.FOOD, Kind.DRINK, Kind.SHIP

_CAST: tuple[Role, ...] = (
    # people and mascots
    Role("person", "person", 1.65, _P),
    Role("child", "child", 1.20, _P),
    Role("woman", "woman", 1.62, _P),
    Role("man", "man", 1.70, _P),
    Role("robot", "robot", 1.25, _P, fur=("#d9cfee", "#4b3f86", "#8d7fb8")),
    Role("bear", "bear", 1.60, _P, fur=("#9a6152", "#c98f72", "#6d3d4a")),
    Role("panda", "panda", 1.45, _P, fur=("#4a4478", "#efe9fb", "#3a3462")),
    Role("lion", "lion", 1.40, _P, fur=("#f0a73a", "#ffd391", "#a8663a")),
    Role("frog", "frog", 0.26, _P, fur=("#46d390", "#ffd97a", "#2faf78")),
    # animals
    Role("cat", "cat", 0.40, _A, -1),
    Role("dog", "dog", 0.60, _A, -1),
    Role("horse", "horse", 1.75, _A, -1),
    Role("sheep", "ewe", 0.95, _A, -1),
    Role("cow", "cow", 1.45, _A, -1),
    Role("elephant", "elephant", 3.00, _A, -1),
    Role("zebra", "zebra", 1.50, _A, -1),
    Role("giraffe", "giraffe", 4.60, _A, -1),
    Role("tiger", "tiger", 1.10, _A, -1),
    Role("rabbit", "rabbit", 0.32, _A, -1),
    Role("monkey", "monkey", 0.70, _A, -1),
    Role("penguin", "penguin", 0.65, _A),
    Role("turtle", "turtle", 0.30, _A, -1),
    Role("dinosaur", "sauropod", 5.00, _A, -1),
    Role("t-rex", "t-rex", 4.00, _A, -1),
    Role("caterpillar", "bug", 0.07, _A, -1),
    Role("spider", "spider", 0.07, _A),
    Role("bird", "bird", 0.20, _B, -1),
    Role("butterfly", "butterfly", 0.10, _I),
    Role("bee", "honeybee", 0.06, _I, -1),
    Role("fish", "tropical-fish", 0.22, _W, -1),
    Role("whale", "spouting-whale", 4.20, _W, -1),
    # vehicles
    Role("bicycle", "bicycle", 1.05, _V, -1),
    Role("car", "automobile", 1.50, _V, -1),
    Role("motorcycle", "motorcycle", 1.15, _V, -1),
    Role("bus", "bus", 3.00, _V, -1),
    Role("train", "locomotive", 3.40, _V, -1),
    Role("truck", "delivery-truck", 2.80, _V, -1),
    Role("tractor", "tractor", 2.40, _V, -1),
    Role("toy car", "automobile", 0.16, _V, -1),
    Role("airplane", "airplane", 5.50, _C, 1),
    Role("helicopter", "helicopter", 3.00, _C, -1),
    Role("rocket", "rocket", 6.00, _C, 1),
    Role("boat", "sailboat", 4.00, _O, -1),
    Role("ship", "ship", 7.00, _O, -1),
    # the sky and what grows
    Role("cloud", "cloud", 2.00, _S),
    Role("sun", "sun", 2.20, _S),
    Role("moon", "crescent-moon", 1.60, _S),
    Role("star", "star", 0.80, _S),
    Role("balloon", "balloon", 0.60, _S),
    Role("kite", "kite", 0.80, _S),
    Role("rainbow", "rainbow-arch", 2.60, _S),
    Role("lightning", "high-voltage", 1.80, _S),
    Role("snowflake", "snowflake", 0.20, _S),
    Role("wind", "wind", 1.20, _S),
    Role("earth", "globe-showing-europe-africa", 2.00, _S),
    Role("tree", "deciduous-tree", 4.50, _G),
    Role("flower", "tulip", 0.40, _G),
    Role("seedling", "seedling", 0.20, _G),
    Role("potted plant", "potted-plant", 0.55, _G),
    Role("volcano", "volcano", 9.00, _G),
    Role("mountain", "mountain-peak", 12.00, _G),
    Role("river", "river", 2.60, _G),
    # food and drink
    Role("banana", "banana", 0.20, _F),
    Role("apple", "red-apple", 0.10, _F),
    Role("sandwich", "sandwich", 0.12, _F),
    Role("orange", "tangerine", 0.10, _F),
    Role("broccoli", "broccoli", 0.18, _F),
    Role("carrot", "carrot", 0.20, _F),
    Role("hot dog", "hot-dog", 0.13, _F),
    Role("pizza", "pizza", 0.22, _F),
    Role("donut", "doughnut", 0.12, _F),
    Role("cake", "birthday-cake", 0.26, _F),
    Role("bread", "bread", 0.18, _F),
    Role("egg", "egg", 0.08, _F),
    Role("ice cream", "soft-ice-cream", 0.20, _F),
    Role("candy", "candy", 0.08, _F),
    Role("chocolate", "chocolate-bar", 0.17, _F),
    Role("honey", "honey-pot", 0.16, _F),
    Role("bottle", "bottle", 0.27, _D),
    Role("wine glass", "wine-glass", 0.20, _D),
    Role("cup", "hot-beverage", 0.13, _D),
    Role("milk", "glass-of-milk", 0.16, _D),
    Role("tea", "teacup-without-handle", 0.11, _D),
    Role("coffee", "hot-beverage", 0.13, _D),
    Role("water", "droplet", 0.30, _D),
    # things
    Role("traffic light", "traffic-light", 1.40, _T),
    Role("fire hydrant", "fire-hydrant", 0.75, _T),
    Role("stop sign", "our:stop-sign", 2.10, _T),
    Role("parking meter", "parking-meter", 1.40, _T),
    Role("bench", "bench", 0.85, _T),
    Role("backpack", "backpack", 0.48, _T),
    Role("umbrella", "umbrella", 0.90, _T),
    Role("handbag", "handbag", 0.32, _T),
    Role("tie", "tie", 0.48, _T),
    Role("suitcase", "luggage", 0.65, _T),
    Role("frisbee", "flying-disc", 0.20, _T),
    Role("skis", "skis", 1.20, _T),
    Role("snowboard", "snowboard", 1.30, _T),
    Role("sports ball", "soccer-ball", 0.24, _T),
    Role("ball", "soccer-ball", 0.24, _T),
    Role("baseball bat", "baseball-bat", 0.80, _T),
    Role("baseball glove", "baseball-glove", 0.26, _T),
    Role("skateboard", "skateboard", 0.38, _T),
    Role("surfboard", "surfboard", 1.80, _T),
    Role("tennis racket", "tennis", 0.60, _T),
    Role("fork", "fork", 0.24, _T),
    Role("knife", "kitchen-knife", 0.26, _T),
    Role("spoon", "spoon", 0.24, _T),
    Role("bowl", "bowl-with-spoon", 0.16, _T),
    Role("chair", "chair", 0.95, _T),
    Role("couch", "couch", 0.90, _T),
    Role("bed", "bed", 0.95, _T),
    Role("dining table", "dining-table", 0.85, _T),
    Role("toilet", "toilet", 0.80, _T),
    Role("tv", "television", 0.75, _T),
    Role("television", "television", 0.75, _T),
    Role("laptop", "laptop", 0.34, _T),
    Role("mouse", "computer-mouse", 0.10, _T),
    Role("remote", "remote-control", 0.18, _T),
    Role("keyboard", "keyboard", 0.18, _T),
    Role("cell phone", "mobile-phone", 0.16, _T),
    Role("microwave", "microwave", 0.36, _T),
    Role("oven", "oven", 0.90, _T),
    Role("toaster", "toaster", 0.25, _T),
    Role("sink", "sink", 0.90, _T),
    Role("refrigerator", "refrigerator", 1.80, _T),
    Role("book", "closed-book", 0.28, _T),
    Role("clock", "mantelpiece-clock", 0.34, _T),
    Role("vase", "vase", 0.40, _T),
    Role("scissors", "scissors", 0.19, _T),
    Role("teddy bear", "teddy-bear", 0.42, _T),
    Role("hair drier", "hair-drier", 0.28, _T),
    Role("toothbrush", "toothbrush", 0.22, _T),
    Role("headphones", "headphone", 0.22, _T),
    Role("building blocks", "our:blocks", 0.34, _T),
    Role("gift", "wrapped-gift", 0.36, _T),
    Role("guitar", "guitar", 1.00, _T),
    Role("piano", "our:piano", 1.20, _T),
    Role("drum", "drum", 0.45, _T),
    Role("camera", "camera", 0.16, _T),
    Role("watch", "watch", 0.14, _T),
    Role("shoe", "running-shoe", 0.18, _T),
    Role("dress", "dress", 1.00, _T),
    Role("hat", "top-hat", 0.24, _T),
    Role("pencil", "pencil", 0.18, _T),
    Role("globe", "our:globe", 0.40, _T),
    Role("magnet", "magnet", 0.15, _T),
    Role("battery", "battery", 0.12, _T),
    Role("light bulb", "light-bulb", 0.14, _T),
    Role("key", "key", 0.09, _T),
    Role("lock", "our:lock", 0.13, _T),
    Role("house", "house", 5.50, _G),
    Role("bridge", "our:bridge", 4.00, _G),
    Role("paint", "artist-palette", 0.30, _T),
    Role("puzzle", "puzzle-piece", 0.20, _T),
    Role("heart", "red-heart", 0.40, _T),
    Role("tooth", "our:tooth", 0.20, _T),
    Role("soap", "soap", 0.09, _T),
    Role("sponge", "sponge", 0.12, _T),
    Role("brush", "brush", 0.24, _T),
    Role("paper", "page-facing-up", 0.28, _T),
    Role("recycling bin", "recycling-bin", 0.95, _T),
    Role("wheel", "wheel", 0.60, _T),
    Role("ice", "ice", 0.22, _T),
    Role("snowman", "snowman-without-snow", 1.15, _T),
    Role("hand", "raised-hand", 0.20, _T),
    Role("leaf", "leaf", 0.14, _T),
    Role("seed", "seed", 0.05, _T),
    Role("cocoon", "cocoon", 0.12, _T),
    Role("nest", "nest", 0.11, _T),
)

CAST: Mapping[str, Role] = {role.word: role for role in _CAST}
"""Every word that has a picture."""

INSTRUMENTS = frozenset({"guitar", "piano", "drum"})
"""Played by making music."""

BALLS = frozenset({"ball", "sports ball", "frisbee", "balloon", "globe", "orange", "wheel"})
"""What rolls and spins."""

BOARDS = {"skateboard": 47.0, "surfboard": 58.0, "snowboard": 50.0, "skis": 28.0}
"""Ridden standing, and by how many degrees their slanted sprites are turned to lie flat."""

SEATS = {"bed": 0.40, "couch": 0.40, "chair": 0.46, "bench": 0.44}
"""What one sleeps on, and how high its seat is as a share of its height."""

_KNOWN_ABSENT = Role("", "", 0.40, Kind.THING)


Cast = Callable[[str, str], Role]
"""Who plays a word, or the operator's product of a label ("" for none) that it stands for."""


def role(word: str, label: str = "") -> Role:
    """Who plays `word`; a card with the word for one that nobody drew, or whose sprite is not shipped.

    Whoever has no pictures of the operator's draws a product (`label`) as its word.
    """
    return _role(word)


@lru_cache(512)
def _role(word: str) -> Role:
    found = CAST.get(word.strip().lower())
    if found is not None and (found.sprite.startswith("our:") or found.sprite in names()):
        return found
    return Role(word, "", _KNOWN_ABSENT.metres, Kind.THING)


# ---------------------------------------------------------------------------------- the operator's own

PARCEL = "gift"
"""What stories draw for a product that the vocabulary has no word for (`story/library.STAND_IN`)."""

CARD_METRES = 0.45
"""Height of a photo shown whole, whatever is on it: small enough to hold, large enough to see."""

PRODUCT_METRES = 0.34
"""Height of a product at least, where its card tells none: a package is larger than what is in it, and the
film is about it."""

_FACING = {"left": -1, "right": 1, "front": 0}


class Guests:
    """A cast in which the operator's own pictures play what they are of; the usual one plays all else.

    Only for the words and labels of `brief`, which its clip's key knows. A picture that cannot be shown is
    complained of, and the vocabulary's plays: the screen is never empty for it.
    """

    def __init__(self, gallery: Gallery, brief: Brief) -> None:
        """Reads the pictures that `brief` asks for."""
        self._roles: dict[tuple[str, str], Role] = {}
        for shot in brief.shots:
            for word, label in zip((shot.subject, shot.object), shot.labels, strict=True):
                picture = gallery.of(word, label) if word else None
                if word and picture is not None:
                    self._invite(word, label, picture)

    def __bool__(self) -> bool:
        """Whether any plays."""
        return bool(self._roles)

    def __call__(self, word: str, label: str) -> Role:
        return self._roles.get((word, label)) or role(word)

    def _invite(self, word: str, label: str, picture: Picture) -> None:
        name = own_name(picture)
        try:
            own_sprite(name)
        except GeneratorError as error:
            log.warning("%s; %s is drawn instead", error, word)
            return
        self._roles[word, label] = _played(role(word), label, name, picture)


def _played(usual: Role, label: str, name: str, picture: Picture) -> Role:
    """The role of a picture: as its card says, else as what it stands for."""
    card = picture.card
    parcel = usual.word == PARCEL and label != ""
    kind, metres = usual.kind, usual.metres
    if label:
        metres = max(metres, PRODUCT_METRES)
    if own_is_card(name):
        kind, metres = Kind.THING, min(max(metres, CARD_METRES), 2 * CARD_METRES)
    elif kind is Kind.PERSON:
        kind = Kind.THING
    return Role(
        # What is done with parcels (opening them) is not done with what only has no word of its own.
        word=label if parcel else usual.word,
        sprite=name,
        metres=card.metres or metres,
        kind=Kind(card.kind) if card.kind else kind,
        facing=_FACING[card.faces],
        names=picture.names,
    )
