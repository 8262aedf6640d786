"""What each frame costs, stage by stage: for `reverie bench vision` and the benches.

decode ─ gate ─ detect ─ follow (tracks and rules)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reverie.values import Frame
from reverie.vision.detector import Detector
from reverie.vision.lookout import Lookout, Sight


@dataclass(frozen=True, slots=True, eq=False)
class Lap:
    """One frame, what was seen in it, and the seconds of each stage; `detect` is 0 where none was needed."""

    frame: Frame
    sight: Sight
    decode: float
    gate: float
    detect: float
    follow: float

    @property
    def latency(self) -> float:
        """Seconds from the frame in memory to its tracks and events."""
        return self.gate + self.detect + self.follow


def run_laps(
    film: Iterable[Frame], detector: Detector, lookout: Lookout, now: Callable[[], float]
) -> Iterator[Lap]:
    """A lap for every frame of `film`, one after the other and none left out. `now`: monotonic seconds."""
    began = now()
    for frame in film:
        decoded = now()
        wanted = lookout.needs_detection(frame)
        gated = now()
        found = detector.detect([frame])[0] if wanted else None
        detected = now() if wanted else gated
        sight = lookout.take(frame, found)
        followed = now()
        yield Lap(frame, sight, decoded - began, gated - decoded, detected - gated, followed - detected)
        began = now()
