"""The connected screens: what each shows, and the loop that cues them.

    store change | timer | a screen's report → moments, clips, drafts, plays → playback.next_cue → screen

Thread-safe: requests report from their threads, `run` loops in its own, messages leave through the
callable that each listener gave. What a screen shows is in memory; what it has shown is in the store, so
that a restart of this program or a reload of the page loses nothing.
"""

from __future__ import annotations

import json
import logging
import math
import threading
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from reverie.clock import Clock
from reverie.config import Config
from reverie.errors import ClipError, ReverieError, StoreError
from reverie.playback import Answer, Live, Showing, Situation, calm, likely_next, look_again, next_cue
from reverie.store.store import Store
from reverie.values import Clip, Cue, Moment, Play, Rung
from reverie.web.films import ambient_url, clip_url, draft_url
from reverie.web.metrics import Meters
from reverie.web.stock import Stock
from reverie.web.words import why

log = logging.getLogger(__name__)

LOOK = 0.25
"""Seconds at most between two looks: timers that a request has moved are seen this much late at worst."""

UNSEEN = 15.0
"""Seconds for a screen to show the first picture of a cue; then the cue counts as over."""

OVERDUE = 2.0
"""Seconds after its length that a film counts as over though the screen has not said so."""

DRAFT_OVERDUE = 20.0
"""The same for a draft, whose making may be slower than its playing."""

AWAY = 60.0
"""Seconds that a screen may be gone (a reload, a network that blinks) before its play is ended for it."""

REFUSED = 64
"""How many films that it could not play are remembered for each screen."""

RETRY = 20.0
"""Seconds before a film that came too late, or not at all, is offered to the same screen again."""


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event: `data` is JSON; `id` is the play's ("" for one that is not replayed)."""

    event: str
    id: str
    data: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A film that a screen could not play: not offered to it again before `until`.

    A draft that broke off says nothing about the finished film of the same take.
    """

    key: str
    take: int
    draft: bool
    until: float

    def meets(self, answer: Answer, now: float) -> bool:
        named = (answer.key, answer.take, answer.rung is Rung.DRAFT)
        return now < self.until and named == (self.key, self.take, self.draft)


Listener = Callable[[Message | None], None]
"""Takes messages from any thread, without blocking; None: the server is closing."""


@dataclass
class Screen:
    """One kiosk. `play` is the id of the cue in `showing`; `began` when its first picture was on, or None."""

    name: str
    listeners: list[Listener] = field(default_factory=list)
    showing: Showing | None = None
    play: str = ""
    began: float | None = None
    away: float | None = None
    hint: tuple[str, int] | None = None
    refused: list[Refusal] = field(default_factory=list)


class Screens:
    """All screens of this box."""

    def __init__(self, config: Config, store: Store, clock: Clock, meters: Meters) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._meters = meters
        self._lock = threading.RLock()
        self._screens: dict[str, Screen] = {}
        self._closed = threading.Event()
        self._opened = clock.now()
        self._fault = ""
        self._logged = ""
        overlaid = (generator.name for generator in config.generators if generator.overlays)
        self._stock = Stock(store, clock, frozenset(overlaid))
        self._measured: deque[tuple[str, Rung]] = deque(maxlen=256)

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    @property
    def fault(self) -> str:
        """What keeps the loop from working now; "" when nothing does."""
        return self._fault

    def run(self) -> None:
        """Cue the screens until `close`. A store that fails is asked again: the screens keep what is on."""
        while not self._closed.is_set():
            again = self.update()
            try:
                self._store.wait_change(max(0.005, min(LOOK, again - self._clock.now())))
            except StoreError as error:
                self._note(error)
                self._clock.wait(self._closed, LOOK)

    def close(self) -> None:
        """End the loop and tell every listener."""
        self._closed.set()
        with self._lock:
            for screen in self._screens.values():
                for listener in screen.listeners:
                    listener(None)

    # ------------------------------------------------------------------ what screens say

    def connect(self, name: str, last: str, listener: Listener) -> None:
        """A screen listens. `last` is the id of the cue that it shows, "" for a page that has just loaded.

        A page that comes back with the cue it has is left in peace; one that has just loaded goes on where
        it was. Another page of the same name (a second tab) is not disturbed by it.
        """
        with self._lock:
            screen = self._screens.setdefault(name, Screen(name))
            screen.listeners.append(listener)
            screen.away = None
            screen.hint = None
            try:
                if not last or (last != screen.play and len(screen.listeners) > 1):
                    self._resume(screen, listener)
                elif last != screen.play:
                    self._recall(screen, last)
            except StoreError as error:
                self._note(error)
            self.update()

    def disconnect(self, name: str, listener: Listener) -> None:
        with self._lock:
            screen = self._screens.get(name)
            if screen is not None and listener in screen.listeners:
                screen.listeners.remove(listener)
                if not screen.listeners:
                    screen.away = self._clock.now()

    def started(self, play: Play) -> Play:
        """The first picture is on. Returns the play as kept, with its cause.

        Raises StoreError when it could not be kept (its page tells it again); the screen goes on anyway.
        """
        with self._lock:
            screen = self._screens.get(play.screen)
            showing = screen.showing if screen is not None and screen.play == play.id else None
            if screen is not None and showing is not None and screen.began is None:
                ends = play.started + self._stock.seconds(play.key) + _grace(play.rung)
                screen.began, screen.showing = play.started, replace(showing, ends=ends)
        moment = self._stock.moment(play.moment)
        if moment is not None:
            play = replace(play, cause=why(moment.cause), seen=moment.seen)
        self._store.plays.start(play)
        if moment is not None and (moment.id, play.rung) not in self._measured:
            self._measured.append((moment.id, play.rung))
            self._meters.played(play.rung, max(0.0, play.started - moment.opened))
        self._store.clips.touch(play.key)
        return play

    def ended(self, play: str, at: float) -> None:
        """It is off the screen, or at its end. Raises StoreError like `started`.

        Kept first, over then: a look in between must never find a film over that was not counted yet.
        """
        try:
            self._store.plays.end(play, at)
        finally:
            self._over(play)
            self.update()

    def failed(self, play: str, key: str, take: int, kind: str, detail: str) -> bool:
        """A screen could not play this take. True when the film proved damaged and was dropped.

        What the file says counts: a browser that cannot play H.264 must not empty the cache.
        """
        log.warning("a screen could not play %s… take %d (%s): %s", key[:12], take, kind, detail)
        self._meters.failed(kind)
        with self._lock:
            screen = self._over(play)
            if screen is not None and screen.showing is not None:
                draft = screen.showing.cue.rung is Rung.DRAFT
                until = math.inf if kind == "decode" else self._clock.now() + RETRY
                screen.refused = [*screen.refused, Refusal(key, take, draft, until)][-REFUSED:]
        try:
            clip = self._store.clips.get(key) if kind == "decode" else None
            wrong = _damage(clip) if clip is not None and clip.take == take else None
            if wrong is not None:
                self._store.clips.drop(key, wrong)
            self._store.plays.end(play, self._clock.now())
        finally:
            self.update()
        return wrong is not None

    def states(self) -> list[dict[str, Any]]:
        """For the console: each screen and what it shows."""
        with self._lock:
            return [
                {
                    "screen": s.name,
                    "connected": bool(s.listeners),
                    "play": s.play,
                    "key": s.showing.cue.key if s.showing else "",
                    "take": s.showing.cue.take if s.showing else 0,
                    "rung": s.showing.cue.rung if s.showing else None,
                    "moment": s.showing.cue.moment if s.showing else "",
                    "film": _address(s.showing.cue) if s.showing else None,
                    "reason": s.showing.cue.reason if s.showing else "nothing yet",
                    "since": s.showing.since if s.showing else None,
                }
                for s in self._screens.values()
            ]

    # ------------------------------------------------------------------ what screens are told

    def update(self) -> float:
        """Look once and cue the screens that should show something else. Returns when to look again."""
        with self._lock:
            self._fault = ""
            try:
                again = self._look()
            except StoreError as error:
                self._note(error)
                again = self._clock.now() + LOOK
            if not self._fault:
                self._logged = ""
            return again

    def _look(self) -> float:
        now = self._clock.now()
        self._sweep(now)
        connected = [screen for screen in self._screens.values() if screen.listeners]
        if not connected:
            return math.inf
        for screen in connected:
            self._conclude(screen, now)
        live = self._stock.live()
        again = math.inf
        for screen in connected:
            situation = Situation(
                tuple(_without(item, screen.refused, now) for item in live),
                screen.showing,
                self._config.screen.repeat,
                self._config.screen.fade,
                now,
            )
            before = screen.showing, screen.play, screen.began
            try:
                again = min(again, self._direct(screen, situation))
            except StoreError:
                screen.showing, screen.play, screen.began = before  # nothing was sent
                raise
        return again

    def _conclude(self, screen: Screen, now: float) -> None:
        """End a play that is overdue, its screen having said nothing, before plays are counted."""
        if screen.showing is None or screen.began is None or now < screen.showing.ends:
            return
        self._end(screen.play, now)
        screen.began = None

    def _direct(self, screen: Screen, situation: Situation) -> float:
        cue = next_cue(situation)
        if cue is not None:
            situation = replace(situation, showing=self._show(screen, cue, situation))
        elif screen.showing is not None and screen.showing.cue.rung is Rung.AMBIENT:
            # The loop goes on while people come and go: the console is told why as it is now.
            screen.showing = replace(screen.showing, cue=replace(screen.showing.cue, reason=calm(situation)))
        self._hint(screen, situation, cue)
        return look_again(situation)

    def _show(self, screen: Screen, cue: Cue, situation: Situation) -> Showing:
        before = screen.showing
        moment, rank = _origin(situation, cue)
        loops = cue.rung is Rung.AMBIENT
        again = before is not None and not loops and before.cue.key == cue.key
        screen.showing = Showing(
            cue,
            moment.opened if moment else 0.0,
            rank,
            before.since if before is not None and again else situation.now,
            math.inf if loops else situation.now + UNSEEN,
        )
        screen.play, screen.began = uuid.uuid4().hex, None
        return screen.showing

    def _hint(self, screen: Screen, situation: Situation, cue: Cue | None) -> None:
        """Send the cue, if there is one, and what to prepare, if that has changed."""
        answer = likely_next(situation)
        following = (
            (answer.key, answer.take) if answer is not None and answer.rung is not Rung.DRAFT else None
        )
        if answer is None and (wanted := self._stock.likely()) is not None:
            following = (wanted.key, wanted.take)
        if cue is not None:
            screen.hint = following
            self._send(screen, self._message(screen, cue, situation, 0.0))
        elif following != screen.hint:
            screen.hint = following
            self._send(screen, Message("next", "", json.dumps({"next": _film(following)})))

    def _message(self, screen: Screen, cue: Cue, situation: Situation, offset: float) -> Message:
        moment, _ = _origin(situation, cue)
        match cue.rung:
            case Rung.AMBIENT:
                kind, url, seconds = "ambient", ambient_url(self._config), 0.0
            case Rung.DRAFT:
                kind, url, seconds = "draft", draft_url(cue.key, cue.take), self._stock.seconds(cue.key)
            case Rung.CLIP | Rung.TOPIC:
                kind, url, seconds = "clip", clip_url(cue.key, cue.take), self._stock.seconds(cue.key)
        body = {
            "id": screen.play,
            "kind": kind,
            "url": url,
            "key": cue.key,
            "take": cue.take,
            "rung": cue.rung,
            "moment": cue.moment,
            "captions": [{"from": c.start, "to": c.end, "text": c.text} for c in cue.captions],
            "fade": cue.fade,
            "volume": self._volume(cue),
            "loop": cue.loop,
            "reason": cue.reason,
            "seconds": seconds,
            "offset": round(offset, 3),
            "expires": cue.expires if math.isfinite(cue.expires) else None,
            "opened": moment.opened if moment else None,
            "seen": moment.seen if moment else None,
            "now": self._clock.now(),
            "next": _film(screen.hint),
        }
        return Message("cue", screen.play, json.dumps(body))

    def _volume(self, cue: Cue) -> float:
        """How loud the screen plays the film of a cue, 0..1; 0: muted.

        A model's film of another moment has no captions here, so what is said in it stands nowhere: muted.
        """
        sound = self._config.sound
        if sound.films == "off" or not sound.aloud or cue.rung is Rung.AMBIENT:
            return 0.0
        if cue.rung is Rung.TOPIC and sound.films == "narrated" and self._stock.is_overlaid(cue.key):
            return 0.0
        return sound.volume

    @staticmethod
    def _send(screen: Screen, message: Message) -> None:
        for listener in screen.listeners:
            listener(message)

    # ------------------------------------------------------------------ coming and going

    def _resume(self, screen: Screen, listener: Listener) -> None:
        """A page that has just loaded: go on within the film that was on, if it is kept and has a rest.

        While another page shows the same, the new one joins it in whatever is on.
        """
        showing, now = screen.showing, self._clock.now()
        if showing is None:
            return
        cue, offset = showing.cue, 0.0
        rest = 0.0
        clip = self._store.clips.get(cue.key) if cue.key else None
        if clip is not None and clip.take == cue.take and screen.began is not None:
            cue = replace(cue, rung=cue.rung if cue.rung is Rung.TOPIC else Rung.CLIP)
            offset = now - screen.began
            rest = clip.seconds - offset
        if rest < 1.0 and len(screen.listeners) == 1:
            if screen.began is not None:
                self._end(screen.play, now)
            screen.showing = None
            return
        situation = Situation(self._stock.live(), showing, self._config.screen.repeat, cue.fade, now)
        listener(self._message(screen, cue, situation, offset))

    def _recall(self, screen: Screen, last: str) -> None:
        """A page shows a cue that this program does not remember giving: the store may know its play."""
        screen.showing, screen.play, screen.began = None, "", None
        play = next((p for p in self._store.plays.on_screen() if p.id == last), None)
        if play is None or play.screen != screen.name:
            return
        moment = self._stock.moment(play.moment)
        ranks = [wish.key for wish in moment.wishes] if moment else []
        cue = Cue(
            play.key,
            play.take,
            play.rung,
            self._stock.captions(moment, play.key) if moment else (),
            self._config.screen.fade,
            "still on since before the restart",
            play.moment,
            loop=False,
            expires=moment.expires if moment else play.started,
        )
        screen.play, screen.began = play.id, play.started
        screen.showing = Showing(
            cue,
            moment.opened if moment else 0.0,
            ranks.index(play.key) if play.key in ranks else len(ranks),
            play.started,
            play.started + self._stock.seconds(play.key) + _grace(play.rung),
        )

    def _over(self, play: str) -> Screen | None:
        with self._lock:
            for screen in self._screens.values():
                if screen.play == play and screen.showing is not None:
                    screen.showing = replace(screen.showing, ends=self._clock.now())
                    screen.began = None
                    return screen
        return None

    def _sweep(self, now: float) -> None:
        """End the plays of screens that went away and did not come back."""
        for name, screen in list(self._screens.items()):
            gone = screen.away is not None and now - screen.away > AWAY
            if gone and self._end(screen.play, screen.away or now):
                del self._screens[name]
        if now - self._opened > AWAY:
            left = [play for play in self._store.plays.on_screen() if play.screen not in self._screens]
            if all(
                self._end(play.id, min(now, play.started + self._stock.seconds(play.key))) for play in left
            ):
                self._opened = math.inf

    def _end(self, play: str, at: float) -> bool:
        """End a play for its screen. False when the store cannot keep that now: the screens go on without."""
        try:
            self._store.plays.end(play, at)
        except StoreError as error:
            self._note(error)
            return False
        return True

    def _note(self, error: ReverieError) -> None:
        self._fault = str(error)
        if self._logged != self._fault:
            log.warning("the screens go on with what they have: %s", error)
        self._logged = self._fault


def _grace(rung: Rung) -> float:
    return DRAFT_OVERDUE if rung is Rung.DRAFT else OVERDUE


def _damage(clip: Clip) -> str | None:
    """What is wrong with the file, or None when it is as it was made and decodes."""
    from reverie.video.encode import probe

    try:
        found = probe(clip.path)
    except ClipError as error:
        return str(error)
    return None if found.sha256 == clip.sha256 else f"{clip.path}: is not the file that was made"


def _without(live: Live, refused: list[Refusal], now: float) -> Live:
    """`live` without the films that this screen could not play."""
    if not refused:
        return live
    answers = (a for a in live.answers if not any(refusal.meets(a, now) for refusal in refused))
    return replace(live, answers=tuple(answers))


def _origin(situation: Situation, cue: Cue) -> tuple[Moment | None, int]:
    """The moment of a cue, and the rank of its answer."""
    for live in situation.live:
        if live.moment.id == cue.moment:
            ranks = [a.rank for a in live.answers if a.key == cue.key]
            return live.moment, min(ranks, default=len(live.moment.wishes))
    return None, 0


def _address(cue: Cue) -> str | None:
    """Where the finished film of a cue is; None for ambient and for a draft."""
    return clip_url(cue.key, cue.take) if cue.rung in (Rung.CLIP, Rung.TOPIC) else None


def _film(named: tuple[str, int] | None) -> dict[str, Any] | None:
    if named is None:
        return None
    return {"key": named[0], "take": named[1], "url": clip_url(*named)}
