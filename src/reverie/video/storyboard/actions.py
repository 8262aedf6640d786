"""The verbs: every action by its word.

An action is written once for whoever plays it: people use their limbs, everything else tells the same story
with squash, stretch, hops and balance. A word that is no action is "appear": the calm scene.
"""

from __future__ import annotations

from collections.abc import Mapping

from reverie.video.storyboard import deeds, hands, moves, rides, wonders
from reverie.video.storyboard.stage import Action

ACTIONS: Mapping[str, Action] = {
    "appear": moves.appear,
    "hold": hands.hold,
    "pick_up": hands.pick_up,
    "look_at": moves.look_at,
    "wave": moves.wave_hello,
    "walk": moves.walk,
    "run": moves.run,
    "jump": moves.jump,
    "dance": moves.dance,
    "spin": moves.spin,
    "fall": moves.fall,
    "float": moves.float_up,
    "fly": moves.fly,
    "swim": moves.swim,
    "drive": rides.drive,
    "ride": rides.ride,
    "open": deeds.open_up,
    "read": hands.read,
    "drink": hands.drink,
    "eat": hands.eat,
    "play": deeds.play,
    "push": rides.push,
    "chase": rides.chase,
    "grow": wonders.grow,
    "erupt": wonders.erupt,
    "sleep": moves.sleep,
    "build": deeds.build,
    "take_apart": deeds.take_apart,
    "evaporate": wonders.evaporate,
    "condense": wonders.condense,
    "rain": wonders.rain,
    "shine": wonders.shine,
}
"""Action by word."""

IN_HAND = frozenset({"hold", "pick_up", "eat", "drink", "read"})
"""Actions whose object is lifted: it must not be bigger than what a hand can carry."""

CARRYING = frozenset({"drive", "ride"})
"""Actions whose object carries the subject: it must not be smaller than a seat."""

NEEDS = {
    "eat": "apple",
    "drink": "milk",
    "hold": "gift",
    "pick_up": "gift",
    "push": "gift",
    "chase": "butterfly",
    "build": "building blocks",
    "ride": "bicycle",
    "drive": "car",
}
"""What a subject that can act gets when the shot names no object."""


def action_of(word: str) -> Action:
    """The action called `word`, else `appear`."""
    return ACTIONS.get(word, moves.appear)
