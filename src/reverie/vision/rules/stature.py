"""Stature: tall or short, from the height of a box against the camera's ground line. Off without one.

Seen by a level camera, how tall somebody looks grows in a straight line with how low in the picture their
feet are. Where somebody of known height stood at two places, the height of anybody else follows. It is a
length in metres by a few centimetres, and nothing else: no age, no gender, no face. A notice must tell of it.
"""

from __future__ import annotations

from collections import deque
from statistics import median

from reverie import config
from reverie.values import Box, Stature, Track
from reverie.vision.rules.look import PERSON, Look

LOOKS = 9
"""Looks of which the median counts, …"""
FEWEST = 3
"""… and how few will do."""
INSIDE = 0.01, 0.99
"""Highest top and lowest bottom of a box that is wholly in the picture."""
UPRIGHT = 2.0
"""Least height over width, in pixels, of somebody who stands: who sits or bends is wider."""
SHAPE = 4 / 3
"""Width over height of a picture that nobody handed over."""
RANGE = 0.15
"""How far beyond the two places feet may be, in fractions: further out the line is a guess."""


class Statures:
    """How tall the people of one camera stand."""

    def __init__(self, ground: config.Ground | None) -> None:
        self._ground = ground
        self._metres: dict[int, deque[float]] = {}

    def update(self, look: Look) -> None:
        """Measure who stands wholly in the picture."""
        if self._ground is None:
            return
        shape = SHAPE if look.image is None else look.image.shape[1] / look.image.shape[0]
        self._metres = {id: metres for id, metres in self._metres.items() if id in look.known}
        for track in look.fresh:
            heir = look.heirs.get(track.id)
            if heir in self._metres:
                self._metres[track.id] = self._metres.pop(heir)
            metres = _measure(track, self._ground, shape)
            if metres is not None:
                self._metres.setdefault(track.id, deque(maxlen=LOOKS)).append(metres)

    def of(self, id: int) -> Stature:
        """Of the person of a track; "" for who is neither tall nor short, or was not measured."""
        metres = self._metres.get(id, ())
        if self._ground is None or len(metres) < FEWEST:
            return ""
        height = median(metres)
        return "tall" if height >= self._ground.tall else "short" if height <= self._ground.short else ""

    def __len__(self) -> int:
        return len(self._metres)


def _measure(track: Track, ground: config.Ground, shape: float) -> float | None:
    """Their height in metres; None when the box does not say. `shape`: width over height of the picture."""
    box = track.box
    height = box.bottom - box.top
    if track.label != PERSON or not _stands(box, shape):
        return None
    (near, tall_there), (far, small_there) = ground.near, ground.far
    if not far - RANGE <= box.bottom <= near + RANGE:
        return None
    expected = small_there + (tall_there - small_there) * (box.bottom - far) / (near - far)
    return ground.person * height / expected if expected > 0 else None


def _stands(box: Box, shape: float) -> bool:
    """Whether the box is wholly in the picture and as high as that of somebody upright."""
    whole = box.top >= INSIDE[0] and box.bottom <= INSIDE[1] and box.left > 0 and box.right < 1
    return whole and box.bottom - box.top >= UPRIGHT * shape * (box.right - box.left)
