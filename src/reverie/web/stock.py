"""What there is to show: live moments with the films that are ready for each, read from the store."""

from __future__ import annotations

import math
from collections.abc import Collection

from reverie.clock import Clock
from reverie.playback import Answer, Live
from reverie.store.store import Store
from reverie.values import Brief, Caption, Clip, Moment, Rung

MOMENTS = 8
"""How many of the newest live moments are looked at."""

PAST = 200
"""How many past moments a late proof of play may be of."""

WANTED_SINCE = 86_400.0
"""Seconds of the past that say which film will be wanted next, while nobody is there."""

WANTED_EVERY = 10.0
"""Seconds between two such looks."""

UNKNOWN = 15.0
"""Seconds that a film of unknown length is taken to last."""


class Stock:
    """Reads only. Every method raises StoreError."""

    def __init__(self, store: Store, clock: Clock, overlaid: Collection[str] = ()) -> None:
        """`overlaid`: names of the generators whose films have no words in the picture."""
        self._store = store
        self._clock = clock
        self._overlaid = overlaid
        self._wanted: Clip | None = None
        self._wanted_at = -math.inf

    def live(self) -> tuple[Live, ...]:
        """The newest live moments, newest first, each with its films."""
        return tuple(
            Live(moment, tuple(self._answers(moment))) for moment in self._store.moments.live()[:MOMENTS]
        )

    def _answers(self, moment: Moment) -> list[Answer]:
        """Every film that is ready for the moment, with how often it was played for it."""
        plays: dict[str, int] = {}
        for (key, _), count in self._store.plays.count(moment.id).items():
            plays[key] = plays.get(key, 0) + count
        found = []
        for rank, wish in enumerate(moment.wishes):
            words = self.captions(moment, wish.key)
            clip = self._store.clips.get(wish.key)
            if clip is not None:
                found.append(Answer(Rung.CLIP, clip.key, clip.take, rank, plays.get(clip.key, 0), words))
                continue
            draft = self._store.clips.draft(wish.key)
            if draft is not None:
                found.append(Answer(Rung.DRAFT, draft.key, draft.take, rank, plays.get(draft.key, 0), words))
        other = self._store.clips.by_topic(moment.brief.topic)
        if other is not None and other.key not in {wish.key for wish in moment.wishes}:
            rank = len(moment.wishes)
            found.append(Answer(Rung.TOPIC, other.key, other.take, rank, plays.get(other.key, 0)))
        return found

    def captions(self, moment: Moment, key: str) -> tuple[Caption, ...]:
        """What the screen lays over the film of the key when it answers the moment, in the moment's language.

        None where the words are in the picture, and none over a film of another brief.
        """
        mine = any(wish.key == key and wish.generator in self._overlaid for wish in moment.wishes)
        return captions_of(moment.brief) if mine else ()

    def is_overlaid(self, key: str) -> bool:
        """Whether the kept film of the key is of a generator over whose films captions are laid."""
        clip = self._store.clips.get(key)
        return clip is not None and clip.generator in self._overlaid

    def likely(self) -> Clip | None:
        """The kept film that past moments wanted most: what the next visitor will probably see."""
        now = self._clock.now()
        if now - self._wanted_at >= WANTED_EVERY:
            self._wanted_at = now
            wants = self._store.moments.wants(now - WANTED_SINCE)
            clips = (self._store.clips.get(key) for key in sorted(wants, key=lambda k: (-wants[k], k))[:16])
            self._wanted = next((clip for clip in clips if clip is not None), None)
        return self._wanted

    def seconds(self, key: str) -> float:
        """How long the film of the key is, as far as anyone knows."""
        clip = self._store.clips.get(key)
        if clip is not None:
            return clip.seconds
        job = self._store.jobs.get(key)
        return job.spec.frames / job.spec.fps if job is not None else UNKNOWN

    def moment(self, name: str) -> Moment | None:
        """The moment of that id, if it lives or is not long past; None for "" too."""
        if not name:
            return None
        for moments in (self._store.moments.live(), self._store.moments.recent(PAST)):
            for moment in moments:
                if moment.id == name:
                    return moment
        return None


def captions_of(brief: Brief) -> tuple[Caption, ...]:
    """What each shot says, while it is on: the captions that are laid over a film of `brief`."""
    found = []
    start = 0.0
    for shot in brief.shots:
        end = start + shot.seconds
        if shot.caption.strip():
            found.append(Caption(round(start, 3), round(end, 3), shot.caption.strip()))
        start = end
    return tuple(found)
