"""The verbs: every action by its word.

An action is written once for whoever plays it: people use their limbs, everything else tells the same story
with squash, stretch, hops and balance. A word that is no action is "appear": the calm scene.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reverie.video.storyboard.acting import (
    assembly,
    boxes,
    company,
    deeds,
    elements,
    hands,
    moves,
    rides,
    seats,
    tosses,
    wonders,
)
from reverie.video.storyboard.acting.stage import Action, Stage, Tableau
from reverie.video.storyboard.art.easing import clamp, lerp
from reverie.video.storyboard.figures.casting import ALIVE

_BY_WORD: Mapping[str, Action] = {
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
    "build": assembly.build,
    "take_apart": assembly.take_apart,
    "evaporate": wonders.evaporate,
    "condense": wonders.condense,
    "rain": wonders.rain,
    "shine": wonders.shine,
    "put_down": hands.put_down,
    "carry": hands.carry,
    "unbox": boxes.unbox,
    "try_on": boxes.try_on,
    "sit": seats.sit,
    "stand": seats.stand,
    "climb": seats.climb,
    "throw": tosses.throw,
    "catch": tosses.catch,
    "kick": tosses.kick,
    "melt": elements.melt,
    "boil": elements.boil,
    "snow": elements.snow,
    "orbit": elements.orbit,
    "point": company.point,
    "hug": company.hug,
}

WATCHED = frozenset(
    {
        "look_at",
        "pick_up",
        "put_down",
        "throw",
        "catch",
        "kick",
        "melt",
        "boil",
        "unbox",
        "open",
        "play",
        "push",
        "chase",
        "build",
        "take_apart",
        "point",
        "orbit",
    }
)
"""Actions in which the eyes are on the object; to the end, or (`SHOWN`) until it is shown to us."""

SHOWN = frozenset({"pick_up", "put_down", "catch", "unbox", "open", "build", "take_apart"})


def _watching(action: Action, shown: bool) -> Action:
    """`action` with the eyes on the object, and the object's, where it has some, on who looks."""

    def play(stage: Stage, t: float) -> Tableau:
        tableau = action(stage, t)
        thing, other, pose = stage.object, tableau.other, tableau.subject
        if thing is None or other is None or stage.subject.role.kind not in ALIVE:
            return tableau
        face = (pose.x, pose.y - pose.hop - stage.height * 0.75)
        goal = (other.x, other.y - other.hop - thing.height * other.size * other.tall * 0.5)
        share = clamp(t / 0.3) * (1 - clamp((t - stage.span * 0.8) / 0.3) if shown else 1.0)
        look = (lerp(face[0], goal[0], share), lerp(face[1], goal[1], share))
        if thing.role.kind in ALIVE and other.look is None:
            other = replace(other, look=face)
        return replace(tableau, subject=replace(pose, look=look), other=other)

    return play


ACTIONS: Mapping[str, Action] = {
    word: _watching(action, word in SHOWN) if word in WATCHED else action for word, action in _BY_WORD.items()
}
"""Action by word."""

IN_HAND = frozenset(
    {"hold", "pick_up", "eat", "drink", "read", "put_down", "carry", "throw", "catch", "try_on"}
)
"""Actions whose object is lifted: it must not be bigger than what a hand can carry."""

TOY = frozenset({"unbox", "kick", "melt", "boil"})
"""Actions whose object is as big as a toy: smaller than the subject, bigger than what lies in a hand."""

ALOFT = frozenset({"orbit"})
"""Actions that both do in the air."""

TALL = frozenset({"climb"})
"""Actions whose object is higher than the subject, if it is by nature."""

SEATED = frozenset({"sit"})
"""Actions whose object is a seat."""

CARRYING = frozenset({"drive", "ride"})
"""Actions whose object carries the subject: it must not be smaller than a seat."""


def action_of(word: str) -> Action:
    """The action called `word`, else `appear`."""
    return ACTIONS.get(word, moves.appear)
