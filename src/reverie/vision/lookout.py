"""One camera's lookout: its pictures and what was detected in them go in, what happened comes out.

All that remembers what a camera saw is here: the motion gate, the tracker, the rules. The detector is not: it
may be shared by several lookouts. `watch`, `replay` and the benches run the same one:

    frame ─ wants? ─ needs_detection? ─ (detect) ─ take → Sight(tracks, events)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reverie import config
from reverie.values import Detection, Event, Frame, Track
from reverie.vision.events import Rules
from reverie.vision.motion import MotionGate
from reverie.vision.tracker import Tracker


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is in one frame, and what happened with it. `detected`: whether the detector looked."""

    tracks: list[Track]
    events: list[Event]
    detected: bool


class Lookout:
    """The lookout of `camera`. One caller at a time; all times are the frames' own."""

    def __init__(self, camera: config.Camera, detector: config.Detector, events: config.Events) -> None:
        self.name = camera.name
        self.zones: Sequence[config.Zone] = camera.zones
        self.lines: Sequence[config.Line] = camera.lines
        self._gate = MotionGate(detector.motion)
        self._tracker = Tracker(birth=min(0.35, detector.conf or 0.35))
        self._rules = Rules(camera.zones, camera.lines, events)
        self._period = 1 / detector.rate
        self._due = 0.0

    def wants(self, frame: Frame) -> bool:
        """Whether it is time to look again; keeps the asked rate on average, whatever the camera's own."""
        if frame.time < self._due - 10 * self._period:  # the clock was set back
            self._due = frame.time
        if frame.time < self._due - 0.2 * self._period:
            return False
        self._due = max(self._due, frame.time - self._period) + self._period
        return True

    def needs_detection(self, frame: Frame) -> bool:
        """Whether the detector has to look at `frame`: not while nothing in the picture changes."""
        return self._gate.update(frame.image, frame.time)

    def take(self, frame: Frame, detections: Sequence[Detection] | None) -> Sight:
        """What there is in `frame`, given what was detected in it; None when it needed no detection."""
        if detections is None:
            tracks = self._tracker.predict(frame.time, still=True)
        else:
            tracks = self._tracker.update(detections, frame.time)
        return Sight(tracks, self._rules.update(tracks, frame.time), detections is not None)

    def present(self) -> frozenset[int]:
        """Ids of tracks whose moments go on: see `Rules.present`."""
        return self._rules.present()
