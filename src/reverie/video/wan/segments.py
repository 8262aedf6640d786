"""A film as segments: what the model imagines at once, and how its pictures become the film's. No torch.

    shots → how many film pictures each → imagined pictures at the model's rate → segments of 4k+1

The model makes 4k+1 pictures at a time: 16 that are wanted are made as 17, and the last is cut. A shot
that is longer than a segment is a chain: each further segment begins with the last picture of the one
before, which is not shown twice, so that 17 and 17 are 33.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reverie.errors import Refused

LONGEST = 3_600
"""Pictures of a film: a minute at 60 a second, two and a half at 24."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What is imagined at once. `frames` are the pictures wanted of it, the repeated first one included.

    `continues`: it begins with the last picture of the segment before.
    """

    frames: int
    continues: bool

    @property
    def made(self) -> int:
        """Pictures that the model makes for it: 4k+1."""
        return made(self.frames)

    @property
    def fresh(self) -> int:
        """Pictures that it adds to the film's."""
        return self.frames - self.continues


@dataclass(frozen=True, slots=True)
class Take:
    """One shot: `frames` pictures of the film, from the imagined ones of `segments`.

    The film's picture n shows the imagined ones at n * `pace` (counted from 0): 1 where each is shown once,
    1/3 where two are interpolated between each pair.
    """

    frames: int
    segments: tuple[Segment, ...]
    pace: Fraction

    @property
    def imagined(self) -> int:
        """Pictures that the segments have together, none counted twice."""
        return sum(segment.fresh for segment in self.segments)

    def positions(self) -> list[Fraction]:
        """Where in the imagined pictures each of the film's lies; they never go back."""
        return [self.pace * index for index in range(self.frames)]


def made(frames: int) -> int:
    """The next 4k+1 that is no less than `frames` (>= 1): 16 and 17 are 17."""
    return (frames + 2) // 4 * 4 + 1


def split(frames: int, seconds: Sequence[float]) -> tuple[int, ...]:
    """`frames` pictures of a film shared out among shots as their lengths ask; each has at least one.

    Raises Refused for more shots than pictures, and for frames outside 1..LONGEST.
    """
    if not 1 <= frames <= LONGEST:
        raise Refused(f"{frames} frames; allowed are 1 to {LONGEST}")
    if len(seconds) > frames:
        raise Refused(f"{len(seconds)} shots in {frames} frames; allowed is at least a frame a shot")
    ends: list[int] = []
    total, past = sum(seconds), 0.0
    for index, length in enumerate(seconds):
        past += length
        first, last = (ends[-1] if ends else 0) + 1, frames - (len(seconds) - 1 - index)
        ends.append(min(last, max(first, round(frames * past / total))))
    ends[-1] = frames
    return tuple(end - start for start, end in zip([0, *ends], ends, strict=False))


def plan(frames: int, fps: int, rate: float, longest: int, chains: bool) -> Take:
    """How a shot of `frames` film pictures at `fps` is imagined, at `rate` pictures for a second of film.

    `longest` is the most that is imagined at once (4k+1); a longer shot is a chain of segments about as long
    as each other. Raises Refused where it would be one and `chains` is False.
    """
    pace = min(Fraction(1), Fraction(rate).limit_denominator(1000) / fps)
    wanted = math.ceil((frames - 1) * pace) + 1
    if wanted <= longest:
        return Take(frames, (Segment(wanted, continues=False),), pace)
    if not chains:
        most = math.floor((longest - 1) / pace) + 1
        raise Refused(
            f"a shot of {frames} frames ({frames / fps:.3g} s) needs {wanted} imagined pictures; this model "
            f"makes {longest} at once and cannot be continued: allowed are {most} frames, or a lower "
            "wan.rate"
        )
    steps = wanted - 1
    count = math.ceil(steps / (longest - 1))
    # All but the last in whole fours, so that nothing of them is cut.
    each = math.ceil(steps / count / 4) * 4
    sizes = [each] * (steps // each) + ([steps % each] if steps % each else [])
    return Take(frames, tuple(Segment(size + 1, continues=bool(n)) for n, size in enumerate(sizes)), pace)
