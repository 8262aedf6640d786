"""From an event to a scene: the last step that knows about people, and it knows no one.

A scene holds labels, counts, a dwell and names that the operator wrote in the configuration: no identity,
no track id, no box, no pixel, no free text.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from reverie import config
from reverie.values import Event, EventKind, Scene, Track

LABEL = re.compile(r"[a-z][a-z0-9 _-]{0,31}")
"""What a label may look like: a detector with its own class list may bring others than the vocabulary's."""

LONGEST_DWELL = 86_400.0
"""Seconds; the same cap as `config.Seconds`."""


def make_scene(event: Event, tracks: Sequence[Track], camera: str, now: float) -> Scene:
    """The facts of `event`, with how many of each label are among `tracks` (those followed right now).

    `now` is the scene's time, UTC seconds: pass the capture time of the deciding frame. A label that is no
    plain lower-case word becomes "thing", a camera or zone that is no configured name becomes "". Dwell is
    rounded to tenths of a second: finer would say nothing to a story.
    """
    counts = Counter(clean_label(track.label) for track in tracks)
    if event.count:  # a crowd was counted over its zone by the rule that saw it
        counts[clean_label(event.label)] = max(event.count, counts[clean_label(event.label)])
    return Scene(
        time=now,
        camera=_name(camera),
        zone=_name(event.zone),
        kind=EventKind(event.kind),
        subject=clean_label(event.label),
        object=None if event.near is None else clean_label(event.near),
        counts=tuple(sorted(counts.items())),
        dwell=_dwell(event.dwell),
        direction=event.direction if event.direction in ("in", "out") else "",
        stature=event.stature if event.stature in ("tall", "short") else "",
    )


def clean_label(label: str) -> str:
    """`label` in lower case when it looks like one, else "thing"."""
    lower = label.lower()
    return lower if LABEL.fullmatch(lower) else "thing"


def _name(name: str) -> str:
    return name if re.fullmatch(config.NAME, name) else ""


def _dwell(seconds: float) -> float:
    return round(min(max(seconds, 0.0), LONGEST_DWELL), 1) if math.isfinite(seconds) else 0.0
