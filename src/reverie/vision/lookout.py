"""One camera's lookout: its pictures and what was detected in them go in, what happened comes out.

All that remembers what a camera saw is here: the motion gate, the tracker, the rules. The detector is not: it
may be shared by several lookouts. `watch`, `replay` and the benches run the same one:

    frame ─ wants? ─ needs_detection? ─ (detect) ─ take → Sight(tracks, events)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reverie import config
from reverie.values import Detection, Event, Frame, Track
from reverie.vision.cadence import Cadence
from reverie.vision.events import Rules
from reverie.vision.geometry import Point
from reverie.vision.motion import MotionGate
from reverie.vision.recogniser import Memory, Recogniser
from reverie.vision.selfview import outside
from reverie.vision.tracker import Tracker

STEADY, PAUSE = 0.2, 10.0
"""Share of each new interval in what a camera's pace is taken for, and the longest that counts (seconds)."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is in one frame, and what happened with it. `detected`: whether the detector looked."""

    tracks: list[Track]
    events: list[Event]
    detected: bool


class Lookout:
    """The lookout of `camera`. One caller at a time; all times are the frames' own.

    `cadence` is shared with the other lookouts of the same detector; without one this lookout has its own,
    and `detector.cadence: auto` means every look. `memory` holds the products that are known when they are
    held up; None: none.
    """

    def __init__(
        self,
        camera: config.Camera,
        detector: config.Detector,
        events: config.Events,
        cadence: Cadence | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.name = camera.name
        self.zones: tuple[config.Zone, ...] = ()
        self.lines: tuple[config.Line, ...] = ()
        self._gate = MotionGate(detector.motion)
        birth = 0.4 if detector.conf is None else detector.conf
        self._tracker = Tracker(birth=birth, lost=events.stitch)
        self._cadence = cadence or Cadence(detector)
        self._recogniser = Recogniser(memory, events) if memory is not None else None
        self._period = 1 / detector.rate
        self._due = 0.0
        self._still = False
        self._looks = math.inf
        """Looks since the last detection."""
        self._pace: float | None = None
        """Seconds between two looks, as the camera delivers: see `_measure`."""
        self._before: tuple[int, float] | None = None
        """Index and time of the frame before."""
        self._rules = Rules((), (), events, ground=camera.ground, cooldown=camera.cooldown)
        self._screens: list[tuple[Point, ...]] = []
        self.place(camera.zones, camera.lines)

    def place(self, zones: Sequence[config.Zone], lines: Sequence[config.Line]) -> None:
        """Look at these zones and lines from now on. Tracks are kept; the same ones change nothing."""
        if (tuple(zones), tuple(lines)) == (self.zones, self.lines):
            return
        self.zones, self.lines = tuple(zones), tuple(lines)
        self._screens = [zone.polygon for zone in zones if zone.kind == "screen"]
        self._gate.ignore(self._screens)
        self._rules.place(zones, lines)

    def wants(self, frame: Frame) -> bool:
        """Whether it is time to look again; keeps the asked rate on average, whatever the camera's own."""
        if frame.time < self._due - 2 * self._period:  # the clock was set back
            self._due = frame.time
        if frame.time < self._due - 0.2 * self._period:
            return False
        self._due = max(self._due, frame.time - self._period) + self._period
        return True

    def needs_detection(self, frame: Frame) -> bool:
        """Whether the detector has to look at `frame`: not while nothing changes, and not out of turn.

        Ask once for each frame, and `take` it then: what stands between two detections is predicted.
        """
        self._still = not self._gate.update(frame.image, frame.time)
        self._looks += 1
        self._measure(frame)
        return not self._still and self._cadence.is_due(self._looks, self._pace or self._period)

    def _measure(self, frame: Frame) -> None:
        """How far apart looks could be: what the loop was too busy to take counts as delivered."""
        before, self._before = self._before, (frame.index, frame.time)
        if before is not None and frame.index > before[0] and frame.time > before[1]:
            apart = (frame.time - before[1]) / (frame.index - before[0])
            apart = max(self._period, min(apart, PAUSE))
            self._pace = apart if self._pace is None else self._pace + STEADY * (apart - self._pace)

    def take(self, frame: Frame, detections: Sequence[Detection] | None) -> Sight:
        """What there is in `frame`, given what was detected in it; None when it needed no detection.

        Where boxes are only predicted nothing has happened yet: rules are asked when the detector looked, and
        while nothing moves. So a cadence tells the very events of the lower rate.
        """
        if detections is not None:
            self._looks = 0
            if self._recogniser is not None:
                detections = self._recogniser.update(frame, detections)
            tracks = self._tracker.update(outside(detections, self._screens), frame.time)
        else:
            tracks = self._tracker.predict(frame.time, still=self._still)
            if not self._still:
                return Sight(tracks, [], False)
        detected = detections is not None
        events = self._rules.update(tracks, frame.time, frame.image, detected=detected)
        return Sight(tracks, events, detected)

    def present(self) -> frozenset[int]:
        """Ids of tracks whose moments go on: see `Rules.present`."""
        return self._rules.present()
