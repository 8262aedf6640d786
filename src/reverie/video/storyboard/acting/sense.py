"""What makes sense: who can do what with what, as a table.

    shot = sensible(shot)      # the same shot, or the calm picture that stands in for it

A brief may be made of any words; a picture may not. A child that eats a car looks at the car instead, a
banana that hugs a bus is simply there, a car that walks drives. Living beings are never opened, cooked, cut
or thrown, nothing sharp or fragile flies about, and nobody does what it has no body for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reverie.values import Shot
from reverie.video.storyboard.figures.casting import (
    ALIVE,
    BALLS,
    BOARDS,
    INSTRUMENTS,
    SEATS,
    Kind,
    Role,
    role,
)

_P, _A, _B, _I, _W = Kind.PERSON, Kind.ANIMAL, Kind.BIRD, Kind.INSECT, Kind.SWIMMER
_V, _C, _S, _G, _T = Kind.VEHICLE, Kind.AIRCRAFT, Kind.SKY, Kind.PLANT, Kind.THING
_F, _D, _O = Kind.FOOD, Kind.DRINK, Kind.SHIP


def _words(listed: str) -> frozenset[str]:
    """The words of a list with commas."""
    return frozenset(listed.split(", "))


SHARP = frozenset({"knife", "scissors", "fork", "lightning"})
"""What is looked at and used, but never thrown, kicked, chased or hugged."""

FRAGILE = _words(
    "vase, wine glass, egg, bottle, cup, bowl, tv, television, laptop, cell phone, camera, "
    "light bulb, clock, watch, tooth, milk, tea, coffee, water, cake, ice cream, potted plant, "
    "keyboard, globe, heart"
)
"""What breaks or spills: it is carried, never thrown."""

FURNITURE = frozenset(SEATS) | _words(
    "dining table, toilet, sink, refrigerator, oven, stop sign, parking meter, traffic light, "
    "fire hydrant, piano, recycling bin, bridge"
)
"""What stands where it stands: it neither walks nor hops, even in a story."""

WEARABLE = _words("hat, headphones, dress, tie, backpack, handbag, watch, shoe, umbrella, baseball glove")
"""What is tried on (`boxes.py` knows where it sits)."""

MELTING = frozenset({"ice cream", "ice", "snowman", "snowflake", "chocolate"})
"""What warmth makes run."""

BOILING = frozenset({"water", "egg", "tea", "coffee", "milk", "carrot", "broccoli"})
"""What goes into a pot."""

EVAPORATING = frozenset({"water", "river", "cloud", "ice", "snowflake"})
"""What the sun turns into vapour, beside every drink."""

SCALABLE = frozenset(SEATS) | _words("tree, volcano, mountain, dining table")
"""What is climbed: its side if it is higher than whoever climbs, else its top."""

SOFT = _words(
    "teddy bear, heart, gift, tree, backpack, ball, balloon, star, moon, globe, earth, snowman, "
    "toy car, book, dress, hat, flower, potted plant"
)
"""What may be hugged beside the living."""

MOUNTS = frozenset({"horse", "elephant", "zebra", "cow", "giraffe", "dinosaur", "turtle", "whale", "sheep"})
"""Animals that are ridden."""

BODY = frozenset({"hand", "tooth"})
"""Parts of somebody: looked at and shown, never handled."""

CLIMBERS = frozenset({"cat", "monkey", "tiger", "rabbit", "spider", "caterpillar"})
"""Animals that get up a tree; the others get on a couch."""

HUNTERS = frozenset({"t-rex", "tiger", "lion", "bear", "spider"})
"""Who never chases a person."""

INDOORS = frozenset({"shop", "toy_shelf", "electronics", "supermarket", "room", "kitchen", "classroom"})
"""Where it neither rains nor snows, nobody swims, and no tree grows."""

WEATHER = frozenset({"rain", "snow", "condense"})
"""What needs a sky."""

READING = frozenset({"book", "paper"})

_CENTRES = frozenset({"globe", "earth", "ball", "light bulb", "magnet", "honey", "nest"})
"""What something may circle beside what stands in the sky or grows."""

_OPENED = _words(
    "gift, egg, cocoon, suitcase, recycling bin, honey, backpack, handbag, book, bottle, "
    "refrigerator, oven, microwave, house, umbrella, laptop, candy, lock, milk"
)
"""What has a lid, a door, or an inside that one wants to see."""
_WHOLE = frozenset({"teddy bear", "heart", "tooth", "hand", "snowman", "water", "milk", "tea", "coffee"})
"""Never taken apart: they have a face, or nothing to take apart."""


@dataclass(frozen=True, slots=True)
class Who:
    """A set of roles: by `kinds` or `words`, without `but`, none higher than `largest` metres."""

    kinds: frozenset[Kind] = frozenset()
    words: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()
    largest: float = 99.0

    def __contains__(self, cast: Role) -> bool:
        known = cast.kind in self.kinds or cast.word in self.words
        return known and cast.word not in self.but and cast.metres <= self.largest


def _who(
    *kinds: Kind,
    words: frozenset[str] = frozenset(),
    but: frozenset[str] = frozenset(),
    largest: float = 99.0,
) -> Who:
    return Who(frozenset(kinds), words, but, largest)


EVERYONE = Who(frozenset(Kind))
NOBODY = Who()
LIVING = Who(ALIVE)
_LIVELY = _who(_P, _A, _B, _I, _V, _T, _F, but=FURNITURE | BODY)
_GROUND = _who(_P, _A)
_RIDERS = Who(frozenset({_P, _A, _B}), frozenset(), frozenset({"t-rex", "tiger"}), 1.75)
_CARRIED = _who(
    _T,
    _F,
    _D,
    words=_words(
        "flower, seedling, potted plant, balloon, kite, toy car, cat, rabbit, turtle, star, snowflake"
    ),
    largest=0.95,
)
_TOSSED = _who(_T, _F, words=frozenset({"balloon"}), but=SHARP | FRAGILE | SEATS.keys(), largest=0.5)
_MADE = _who(_T, _V, _C, _O, words=frozenset({"house", "bridge"}), but=_WHOLE | SHARP)

_UNDONE = _who(_T, _V, but=_WHOLE | SHARP | {"train", "bus", "bridge", "toilet", "stop sign", "fire hydrant"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One verb. `who`: who can do it; `what`: with what (None: with or without anybody beside).

    `needs`: what they get when the shot names nothing. `alone`: who does it, or has it done, without an
    object. Whoever is in neither is simply there.
    """

    who: Who
    what: Who | None = None
    needs: str = ""
    alone: Who = NOBODY


RULES: Mapping[str, Rule] = {
    # being there
    "appear": Rule(EVERYONE, NOBODY, alone=EVERYONE),
    "wave": Rule(EVERYONE),
    "look_at": Rule(LIVING, EVERYONE, alone=LIVING),
    "point": Rule(LIVING, EVERYONE, alone=LIVING),
    "sleep": Rule(_who(*ALIVE, _V, _S, _T, _F)),
    "sit": Rule(_GROUND, Who(ALIVE, frozenset(SEATS)), alone=_GROUND),
    "stand": Rule(_GROUND),
    "hug": Rule(_who(_P, _A), _who(_P, _A, words=SOFT, but=frozenset({"spider"})), "teddy bear"),
    # moving
    "walk": Rule(_LIVELY),
    "run": Rule(_LIVELY),
    "jump": Rule(_LIVELY),
    "dance": Rule(Who(_LIVELY.kinds | {_W, _D, _S, _G}, but=FURNITURE)),
    "spin": Rule(_who(_P, _A, _B, _I, _W, _V, _C, _S, _T, _F, _D)),
    "fall": Rule(_who(_P, _A, _V, _T, _F, _D, words=frozenset({"star", "balloon", "kite", "leaf", "seed"}))),
    "float": Rule(_who(_P, _A, _B, _I, _W, _O, _V, _C, _S, _T, _F, _D)),
    "fly": Rule(_who(_P, _A, _B, _I, _C, _S, _V, _T)),
    "swim": Rule(_who(_P, _A, _W, _O, words=BALLS)),
    "climb": Rule(_who(_P, _A, largest=2.0), Who(words=SCALABLE), "tree"),
    "orbit": Rule(
        _who(_S, _C, _I, _B, words=frozenset({"globe", "earth"})), _who(_S, _G, words=_CENTRES), "earth"
    ),
    "drive": Rule(_RIDERS, _who(_V, _C, _O), "car", _who(_V)),
    "ride": Rule(_RIDERS, Who(frozenset({_V, _O, _C}), MOUNTS | BOARDS.keys()), "bicycle"),
    "chase": Rule(LIVING, _who(*ALIVE, _V, words=BALLS | {"kite", "leaf", "toy car", "mouse"}), "butterfly"),
    "push": Rule(
        _who(_P, _A, words=frozenset({"tractor"})),
        _who(_T, _V, words=frozenset({"snowman"}), but=SHARP),
        "gift",
    ),
    # with something in hand
    "hold": Rule(_who(_P, _A), _CARRIED, "gift"),
    "pick_up": Rule(_who(_P, _A), _CARRIED, "gift"),
    "put_down": Rule(_who(_P, _A), _CARRIED, "gift"),
    "carry": Rule(_who(_P, _A, words=frozenset({"truck", "tractor", "boat", "ship"})), _CARRIED, "gift"),
    "try_on": Rule(_who(_P), Who(words=WEARABLE), "hat"),
    "throw": Rule(_who(_P), _TOSSED, "ball"),
    "catch": Rule(_who(_P, _A), _TOSSED, "ball"),
    "kick": Rule(_who(_P, _A), Who(words=BALLS - {"globe", "orange"}), "ball"),
    "read": Rule(_who(_P, _A), Who(words=READING), "book"),
    "eat": Rule(LIVING, _who(_F), "apple"),
    "drink": Rule(_who(_P, _A), _who(_D, but=frozenset({"wine glass"})), "milk"),
    "play": Rule(
        LIVING,
        _who(_T, _A, _P, _I, _V, words=BALLS | INSTRUMENTS | {"kite"}, but=SHARP, largest=1.8),
        "ball",
        _who(_B, _I, _W),
    ),
    # what changes the thing
    "open": Rule(
        _who(_P, _A),
        Who(words=_OPENED),
        "gift",
        Who(words=_OPENED),
    ),
    "unbox": Rule(
        _who(_P, _A), _who(_T, _F, _D, _V, but=SHARP), "teddy bear", _who(_T, _F, _D, _V, but=SHARP)
    ),
    "build": Rule(_who(_P, _A), _MADE, "building blocks", _MADE),
    "take_apart": Rule(_who(_P), _UNDONE, "clock", _UNDONE),
    # nature
    "grow": Rule(_who(*ALIVE, _G, _F, _S, words=frozenset({"heart", "seed"}))),
    "erupt": Rule(NOBODY, NOBODY, alone=Who(words=frozenset({"volcano", "gift", "bottle", "cake"}))),
    "melt": Rule(_who(_P, _A, words=MELTING | {"sun"}), Who(words=MELTING), "ice cream", Who(words=MELTING)),
    "boil": Rule(_who(_P, words=BOILING), Who(words=BOILING), "water", Who(words=BOILING)),
    "evaporate": Rule(_who(_D, words=EVAPORATING)),
    "condense": Rule(EVERYONE),
    "rain": Rule(EVERYONE),
    "snow": Rule(EVERYONE),
    "shine": Rule(EVERYONE, NOBODY, alone=EVERYONE),
}
"""Every action: who does it, with what. Tested row by row against `actions.ACTIONS`."""

INSTEAD: Mapping[tuple[str, Kind], str] = {
    # everybody gets along in their own way
    ("walk", _V): "drive",
    ("run", _V): "drive",
    ("walk", _W): "swim",
    ("run", _W): "swim",
    ("jump", _W): "swim",
    ("float", _W): "swim",
    ("fly", _W): "swim",
    ("walk", _I): "fly",
    ("run", _I): "fly",
    ("run", _B): "fly",
    ("walk", _O): "float",
    ("run", _O): "float",
    ("drive", _O): "float",
    ("walk", _C): "fly",
    ("run", _C): "fly",
    ("drive", _C): "fly",
    ("walk", _S): "float",
    ("run", _S): "float",
    ("jump", _S): "float",
    ("ride", _V): "drive",
    # without wings
    ("fly", _A): "float",
    ("fly", _V): "float",
    ("fly", _T): "float",
    ("fly", _F): "float",
    ("fly", _O): "float",
    # what is rooted stays
    ("walk", _G): "appear",
    ("run", _G): "appear",
    # drinks spill
    ("walk", _D): "appear",
    ("run", _D): "appear",
}
"""What a kind of subject does in place of an action that its body has no way to do."""


def sensible(shot: Shot) -> Shot:
    """`shot` where it makes sense, else the calm one that stands in for it.

    The object is what is to be staged: filled in where the action cannot do without one, None where there is
    to be none. Words without a picture count as small things. Never raises.
    """
    subject = role(shot.subject)
    thing = _beside(shot, subject)
    action = _turned(INSTEAD.get((shot.action, subject.kind), shot.action), thing)
    rule = RULES.get(action)
    if rule is None:
        return replace(shot, action="appear", object=None)
    if _out_of_place(shot.setting, action, subject):
        return replace(shot, action="appear", object=None)
    if thing is None or rule.what is NOBODY:
        if subject in rule.alone or (rule.what is None and subject in rule.who):
            return replace(shot, action=action, object=None)
        needed = "couch" if rule.needs == "tree" and shot.setting in INDOORS else rule.needs
        if _given(action, rule, subject, needed):
            return replace(shot, action=action, object=needed)
        return replace(shot, action="appear", object=None)
    if subject in rule.who and rule.what is None:
        return replace(shot, action=action)
    if (
        rule.what is not None
        and subject in rule.who
        and thing in rule.what
        and not _unfit(action, subject, thing)
    ):
        return replace(shot, action=action)
    if subject.kind in ALIVE and action != "appear":
        return replace(shot, action="look_at")
    return replace(shot, action="appear", object=None)


def _given(action: str, rule: Rule, subject: Role, needed: str) -> bool:
    """Whether `subject` gets what the action needs."""
    wanted = bool(needed) and needed != subject.word and subject in rule.who
    return wanted and not _unfit(action, subject, role(needed))


def _out_of_place(setting: str, action: str, subject: Role) -> bool:
    """Weather and swimming under a roof; fish bring their own water."""
    wet = action in WEATHER or (action == "swim" and subject.kind is not Kind.SWIMMER)
    return wet and setting in INDOORS


def _beside(shot: Shot, subject: Role) -> Role | None:
    """The object, unless it is the subject once more: only the living meet their like."""
    if not shot.object or (shot.object == shot.subject and subject.kind not in ALIVE):
        return None
    return role(shot.object)


def _turned(action: str, thing: Role | None) -> str:
    """The verb that the object asks for: food is eaten, drinks are drunk, animals are ridden."""
    if thing is None:
        return action
    match action, thing.kind:
        case "eat", Kind.DRINK:
            return "drink"
        case "drink", Kind.FOOD:
            return "eat"
        case "drive", Kind.ANIMAL:
            return "ride"
        case "ride", Kind.VEHICLE if thing.word not in ("bicycle", "motorcycle"):
            return "drive"
        case _:
            return action


def _unfit(action: str, subject: Role, thing: Role) -> bool:
    """What its words allow and nobody wants to see: hunters after people, riders bigger than their mounts,
    dogs up trees."""
    if thing.word in BODY:
        return action not in ("look_at", "point")
    if action == "chase":
        return subject.word in HUNTERS and thing.kind is Kind.PERSON
    if action == "ride" and thing.kind is Kind.ANIMAL:
        return subject.metres > thing.metres
    if action == "orbit" and subject.kind in (Kind.INSECT, Kind.BIRD):
        return thing.kind is Kind.SKY or thing.word in ("globe", "earth")
    if action == "ride" and subject.kind is not Kind.PERSON and thing.word in ("bicycle", "motorcycle"):
        return True
    if action == "climb" and subject.kind is Kind.ANIMAL and subject.word not in CLIMBERS:
        return thing.metres > 1.2
    return False
