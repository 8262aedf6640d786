"""The ladder, pure: what is live, what is ready and what is on → what this screen shows next.

    Situation → next_cue → Cue, or None: keep what is on

Rungs, best first: the exact film of the moment (CLIP), the same film while it is being made (DRAFT), another
film of the same topic (TOPIC), the ambient loop (AMBIENT). The newest live moment goes first. Nothing here
knows a clock, a store or a browser.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from reverie.values import Caption, Cue, Moment, Rung

STEADY = 1.5
"""Seconds a film stays on before another may take its place: faster changes read as flicker."""

REASONS = {
    Rung.CLIP: "made for this moment",
    Rung.DRAFT: "being made for this moment, shown as it grows",
    Rung.TOPIC: "another film of the same topic, while the right one is made",
}
"""What `Cue.reason` says of a film; `calm` says it of the ambient loop."""

NOBODY = "nobody is here"
SHOWN = "their films have been shown"
MAKING = "no film is ready yet"


@dataclass(frozen=True, slots=True)
class Answer:
    """A film that could be shown for a moment right now.

    `rank` is the place of its wish in `Moment.wishes` (0 is the best generator); a TOPIC film has the rank
    after the last wish. `plays`: how often the key has been played for this moment. `captions` are what the
    screen lays over it (none where the words are in the picture).
    """

    rung: Rung
    key: str
    take: int
    rank: int
    plays: int = 0
    captions: tuple[Caption, ...] = ()


@dataclass(frozen=True, slots=True)
class Live:
    """A moment and the films that are ready for it, in any order."""

    moment: Moment
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Showing:
    """What a screen shows. `opened` is when its moment was (0 for ambient), `rank` its answer's.

    `since` is when the film came on (playing it once more is no change), `ends` when this play is over:
    `math.inf` for a loop or an unknown length.
    """

    cue: Cue
    opened: float
    rank: int
    since: float
    ends: float = math.inf


@dataclass(frozen=True, slots=True)
class Situation:
    """All that decides. `live` in any order; `repeat` >= 1 plays a moment, `fade` seconds; `now` UTC seconds.

    `showing` is None for a screen that shows nothing yet.
    """

    live: tuple[Live, ...]
    showing: Showing | None
    repeat: int
    fade: float
    now: float


def next_cue(situation: Situation) -> Cue | None:
    """What the screen should switch to now, or None to keep what is on. Never None for an empty screen."""
    showing = situation.showing
    chosen = choice(situation)
    if showing is None:
        return _cue(situation, chosen)
    ambient = showing.cue.rung is Rung.AMBIENT
    if chosen is None:
        return _cue(situation, None) if not ambient and _over(situation) else None
    if ambient or _over(situation) or _takes_over(situation, showing, chosen):
        return _cue(situation, chosen)
    return None


def choice(situation: Situation) -> tuple[Moment, Answer] | None:
    """The best film of the newest live moment that has not had its `repeat` plays; None: ambient.

    A moment whose best film was played enough is satisfied: it does not fall back to a lower rung.
    """
    for live in sorted(situation.live, key=lambda item: item.moment.opened, reverse=True):
        if live.moment.expires <= situation.now or not live.answers:
            continue
        best = min(live.answers, key=_step)
        if best.plays < situation.repeat:
            return live.moment, best
    return None


def calm(situation: Situation) -> str:
    """Why the ambient loop is on: nobody is here, or what was there has been shown, or is not ready."""
    here = [live for live in situation.live if live.moment.expires > situation.now]
    if not here:
        return NOBODY
    return SHOWN if any(live.answers for live in here) else MAKING


def likely_next(situation: Situation) -> Answer | None:
    """What would be shown if what is on ended now: for the screen to prepare. None: ambient."""
    showing = situation.showing
    if showing is None:
        chosen = choice(situation)
    else:
        chosen = choice(replace(situation, live=tuple(_played(live, showing) for live in situation.live)))
    return None if chosen is None else chosen[1]


def look_again(situation: Situation) -> float:
    """When the answer may change though nothing happens (UTC seconds, > now); `math.inf`: never."""
    times = [live.moment.expires for live in situation.live]
    if situation.showing is not None:
        times += [situation.showing.since + STEADY, situation.showing.ends]
    return min((time for time in times if time > situation.now), default=math.inf)


def _step(answer: Answer) -> tuple[int, int]:
    return list(Rung).index(answer.rung), answer.rank


def _over(situation: Situation) -> bool:
    return situation.showing is not None and situation.now >= situation.showing.ends


def _takes_over(situation: Situation, showing: Showing, chosen: tuple[Moment, Answer]) -> bool:
    """Whether `chosen` may interrupt a film that has not ended."""
    moment, answer = chosen
    if situation.now - showing.since < STEADY or answer.key == showing.cue.key:
        return False  # a film is never restarted, nor its draft interrupted by its own finished clip
    if moment.id != showing.cue.moment:
        return moment.opened > showing.opened
    if showing.cue.rung is Rung.TOPIC:
        return answer.rung in (Rung.CLIP, Rung.DRAFT)
    return answer.rung is Rung.CLIP and answer.rank < showing.rank


def _played(live: Live, showing: Showing) -> Live:
    """`live` as it will be when what is on has ended: one more play."""
    if live.moment.id != showing.cue.moment:
        return live
    key = showing.cue.key
    return replace(
        live, answers=tuple(replace(a, plays=a.plays + 1) if a.key == key else a for a in live.answers)
    )


def _cue(situation: Situation, chosen: tuple[Moment, Answer] | None) -> Cue:
    if chosen is None:
        return Cue("", 0, Rung.AMBIENT, (), situation.fade, calm(situation), "", loop=True, expires=math.inf)
    moment, answer = chosen
    return Cue(
        key=answer.key,
        take=answer.take,
        rung=answer.rung,
        captions=answer.captions,
        fade=situation.fade,
        reason=REASONS[answer.rung],
        moment=moment.id,
        loop=False,
        expires=moment.expires,
    )
