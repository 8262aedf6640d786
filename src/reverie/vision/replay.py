"""A film looked at again: frames → detections → tracks → events, in the film's own time and no other.

    film ─ Frame → lookout ─ wants? needs_detection? → detector → lookout ─ Event → whoever tunes the rules

No clock is read and no frame is dropped for being late, so the same film, model and rules give the same
events on a fast machine and on a slow one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reverie.values import Event, Frame
from reverie.vision.detector import Detector
from reverie.vision.lookout import Lookout


@dataclass(slots=True)
class Tally:
    """What a replay counted so far. `seconds` is the place in the film, from its first frame."""

    frames: int = 0
    looked: int = 0
    detections: int = 0
    seconds: float = 0.0
    events: Counter[str] = field(default_factory=Counter)


def replay(film: Iterable[Frame], detector: Detector, lookout: Lookout, tally: Tally) -> Iterator[Event]:
    """Every event that `lookout` tells of `film`, as it comes to it; `tally` is kept along the way.

    `Event.time` is the frame's own: seconds from the film's start, as `read_frames` gives it. `lookout` must
    be a new one. Raises what reading and detecting raise: CameraError, DetectorError.
    """
    for frame in film:
        tally.frames += 1
        tally.seconds = frame.time
        if not lookout.wants(frame):
            continue
        tally.looked += 1
        detections = None
        if lookout.needs_detection(frame):
            tally.detections += 1
            detections = detector.detect([frame])[0]
        for event in lookout.take(frame, detections).events:
            tally.events[event.kind] += 1
            yield event
