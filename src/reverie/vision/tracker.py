"""Detections in, tracks out: who is who from one look to the next.

Two-stage association after ByteTrack (Zhang et al., 2022): sure detections are matched first, weak ones
then keep alive what is half hidden. Everything is in seconds, never in frames, because a dwell must not
change with the frame rate: boxes move by a constant-velocity Kalman filter with the real time between looks.

The life of a track:

    unmatched detection → tentative ── seen again, `confirm` s later or more → confirmed, with an id
                              └─ missed, and unseen for more than `TENTATIVE` s → forgotten
    confirmed ── seen at the last look, or missed for ≤ `RETURNED` s → returned, with its predicted box
              ── unseen ≤ `lost` s: not returned, takes its id up again when it reappears where motion and
                 size expect it
              ── walked out at an edge of the picture: the same, for `GONE` s only, so that who comes in there
                 next is somebody else
              ── unseen longer, and missed in two looks (cameras slower than that exist) → forgotten

Only a look decides who is there: between two looks boxes move on, and nobody comes or goes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from reverie.values import Box, Detection, Joints, Track
from reverie.vision.geometry import distance, iou

TENTATIVE = 0.5
"""Seconds that a first sight waits for its second; at rates below two a second it has just the next look."""
RETURNED = 0.5
"""Seconds that a confirmed track is still returned, with a predicted box, after looks that missed it, and
after the last of those looks."""
GONE = 0.8
"""Seconds unseen after which who was last seen walking out of the picture is not taken up again."""
FORGET = 20.0
"""Seconds unseen after which nothing is taken up again, however few looks there were: a stalled camera."""
ROUNDING = 1e-6
"""Times are sums of fractions, and near 2e9: shorter than this is no time."""

SURE_IOU = 0.2
"""Least overlap of a sure detection with the predicted box (ByteTrack's first stage)."""
WEAK_IOU = 0.4
"""The same for weak detections, which are more often something else."""
RELABEL_IOU = 0.5
"""The same when the label differs: a detector that wavers between two names, on one thing."""
TWIN_IOU = 0.7
"""An unmatched detection that overlaps something present this much is its second box or name."""

EDGE = 0.01
"""How near to the edge of the picture, in fractions, a box is cut off by it."""
LEAVING = 0.1
"""Speed towards that edge, in box sizes a second, from which somebody walks out: who stands there stays."""

REACH = 0.5
"""How far from its predicted place a box may reappear without overlap, in box sizes (√ of its area), …"""
REACH_SPEED = 1.0
"""… and how much further for each second unseen, in box sizes."""
RESIZE = 0.9
"""Largest change of size for that: |ln width ratio| + |ln height ratio|."""

NOISE = 0.05**2
"""Variance of a detected centre, in box sizes squared."""
UNREST = 0.25
"""Density of random acceleration, box sizes² per s³: people start, stop and turn within a second or two."""
FIRST_SPEED = 1.0
"""Variance of the unknown velocity of something just seen, in (box sizes per second)²."""

VOTES_HALVE = 10.0
"""Seconds in which a vote for a label halves, so that a long track can still change its mind."""
VOTES_MARGIN = 1.5
"""How many times the present label's votes another needs to take over."""


@dataclass(slots=True, eq=False)
class _Followed:
    """A track in the making. `id` is 0 until it is confirmed; covariances are in box sizes."""

    x: float
    y: float
    width: float
    height: float
    label: str
    score: float
    born: float
    seen: float
    id: int = 0
    hits: int = 1
    misses: int = 0
    dx: float = 0.0
    dy: float = 0.0
    var: float = NOISE
    cov: float = 0.0
    var_speed: float = FIRST_SPEED
    joints: Joints = ()
    votes: dict[str, float] = field(default_factory=dict)

    @property
    def size(self) -> float:
        return max(0.01, math.sqrt(self.width * self.height))

    def at(self, now: float) -> tuple[float, float]:
        """Where the centre is expected."""
        dt = now - self.seen
        return self.x + self.dx * dt, self.y + self.dy * dt

    def box(self, now: float) -> Box:
        """The expected box, whole: it may reach beyond the picture."""
        x, y = self.at(now)
        return Box(x - self.width / 2, y - self.height / 2, x + self.width / 2, y + self.height / 2)

    @property
    def leaves(self) -> bool:
        """Whether it was last seen on its way out: cut off by an edge of the picture, and moving there."""
        out, box = LEAVING * self.size, self.box(self.seen)
        return (
            (box.left <= EDGE and self.dx < -out)
            or (box.right >= 1 - EDGE and self.dx > out)
            or (box.top <= EDGE and self.dy < -out)
            or (box.bottom >= 1 - EDGE and self.dy > out)
        )

    def see(self, detection: Detection, now: float) -> None:
        """Take the detection in: position and velocity by a Kalman filter, one gain for all coordinates."""
        dt = now - self.seen
        var = self.var + dt * (2 * self.cov + dt * (self.var_speed + UNREST * dt / 3))
        cov = self.cov + dt * (self.var_speed + UNREST * dt / 2)
        var_speed = self.var_speed + UNREST * dt
        gain, gain_speed = var / (var + NOISE), cov / (var + NOISE)
        self.var, self.cov = (1 - gain) * var, (1 - gain) * cov
        self.var_speed = var_speed - gain_speed * cov

        expected, box = self.at(now), detection.box
        off_x, off_y = box.centre[0] - expected[0], box.centre[1] - expected[1]
        self.x, self.y = expected[0] + gain * off_x, expected[1] + gain * off_y
        self.dx, self.dy = self.dx + gain_speed * off_x, self.dy + gain_speed * off_y
        self.width += gain * (box.right - box.left - self.width)
        self.height += gain * (box.bottom - box.top - self.height)

        self.vote(detection, dt)
        self.score, self.seen, self.hits, self.misses = detection.score, now, self.hits + 1, 0
        self.joints = detection.joints

    def vote(self, detection: Detection, dt: float) -> None:
        """The label is the score-weighted majority of late; it changes only by a clear one."""
        fade = 0.5 ** (dt / VOTES_HALVE)
        self.votes = {label: votes * fade for label, votes in self.votes.items() if votes * fade > 1e-3}
        self.votes[detection.label] = self.votes.get(detection.label, 0.0) + detection.score
        best = max(self.votes, key=lambda label: (self.votes[label], label))
        if self.votes[best] > VOTES_MARGIN * self.votes.get(self.label, 0.0):
            self.label = best

    def hold(self, now: float) -> None:
        """Nothing in the picture moved: it is where it was."""
        self.seen, self.dx, self.dy = now, 0.0, 0.0

    def shift(self, seconds: float) -> None:
        self.born += seconds
        self.seen += seconds


Cost = Callable[[_Followed, Detection], float | None]
"""What it costs to call them the same; None when they cannot be."""


class Tracker:
    """Gives detections of one camera their ids. One caller at a time; memory is bounded by `lost` seconds.

    `sure`: detections from this score are matched first, weaker ones after them. `birth`: only detections
    from this score start a track (weaker ones may keep one alive). Both 0..1. `confirm`: seconds between a
    first and a later sight before there is a track; two sights are needed at any rate, so a false alarm of
    a single frame never becomes one. `lost`: seconds unseen after which an id is not taken up again.

    Measured with the embedded detector on footage of pedestrians (recorded at ten frames a second, played at
    10, 5 and 2.5): births from .40 instead of .35 halve the tracks of things that are nobody, and with them
    most of what made events differ between rates; weaker detections than .35, or an exact assignment instead
    of the greedy one, changed nothing.
    """

    def __init__(
        self, *, sure: float = 0.5, birth: float = 0.4, confirm: float = 0.08, lost: float = 3.0
    ) -> None:
        self._sure = sure
        self._birth = birth
        self._confirm = confirm
        self._lost = lost
        self._followed: list[_Followed] = []
        self._last_id = 0
        self._now = -math.inf
        self._looked = -math.inf

    def update(self, detections: Sequence[Detection], now: float) -> list[Track]:
        """What is there at `now` (capture time of the frame, seconds), given what was detected in it.

        Returns confirmed tracks, by id: those seen in this frame, and those missed for at most `RETURNED`
        seconds, with a predicted box. A detection belongs to one track at most. Labels may differ from the
        detection's: they are voted. Should the clock be set back, ages are kept.
        """
        self._settle(now)
        self._looked = now
        self._followed = [f for f in self._followed if not self._is_gone(f, now)]
        left = self._associate(detections, now)
        for followed in self._followed:
            if followed.seen < now:
                followed.misses += 1
            elif not followed.id and followed.hits >= 2 and now - followed.born >= self._confirm - ROUNDING:
                self._last_id += 1
                followed.id = self._last_id
        present = [f for f in self._followed if f.misses == 0]
        for detection in sorted(left, key=lambda d: -d.score):
            if detection.score >= self._birth and not _is_twin(detection, present):
                present.append(_begin(detection, now))
                self._followed.append(present[-1])
        return self._tracks(now)

    def predict(self, now: float, still: bool = False) -> list[Track]:
        """What is there at `now` when nobody looked: between two detections, or with the motion gate closed.

        `still`: the picture has not changed since the last look, so all that was in it still is, and counts
        as seen now. Otherwise boxes move on with their velocity and `seen` stays. Either way these are the
        tracks of the last look, or fewer when it is long ago: after `RETURNED` s without those it missed.
        """
        self._settle(now)
        if still:
            for followed in self._followed:
                if followed.misses == 0:
                    followed.hold(now)
        return self._tracks(now)

    @property
    def remembered(self) -> int:
        """How many tracks are in memory, tentative and lost ones included."""
        return len(self._followed)

    def _settle(self, now: float) -> None:
        if now < self._now:
            self._looked += now - self._now
            for followed in self._followed:
                followed.shift(now - self._now)
        self._now = now

    def _is_gone(self, followed: _Followed, now: float) -> bool:
        unseen = now - followed.seen - ROUNDING
        if not followed.id:
            return (unseen > TENTATIVE and followed.misses > 0) or unseen > FORGET
        lost = min(GONE, self._lost) if followed.leaves else self._lost
        return (unseen > lost and followed.misses > 1) or unseen > FORGET

    def _associate(self, detections: Sequence[Detection], now: float) -> list[Detection]:
        """Give each detection to at most one track, surest first; returns those that none took."""
        boxes = {id(f): f.box(now) for f in self._followed}
        # Judged before anything is taken in, so that a match does not move the goal for the next stage.
        known = {id(f): frozenset((f.label, *f.votes)) for f in self._followed}
        taken: set[int] = set()
        matched: list[tuple[_Followed, Detection]] = []

        def overlap(least: float, relabel: bool = False) -> Cost:
            def cost(followed: _Followed, detection: Detection) -> float | None:
                if not relabel and detection.label not in known[id(followed)]:
                    return None
                shared = iou(boxes[id(followed)], detection.box)
                return 1 - shared if shared >= least else None

            return cost

        def reach(followed: _Followed, detection: Detection) -> float | None:
            return _reach(followed, detection, now) if detection.label in known[id(followed)] else None

        def stage(who: Iterable[_Followed], what: Iterable[Detection], cost: Cost) -> None:
            free = [f for f in who if id(f) not in taken]
            loose = [d for d in what if id(d) not in taken]
            for followed, detection in _greedy(free, loose, cost):
                taken.update((id(followed), id(detection)))
                matched.append((followed, detection))

        confirmed = [f for f in self._followed if f.id]
        tentative = [f for f in self._followed if not f.id]
        stage(confirmed, (d for d in detections if d.score >= self._sure), overlap(SURE_IOU))
        stage(confirmed, detections, overlap(WEAK_IOU))
        stage(confirmed, detections, overlap(RELABEL_IOU, relabel=True))
        stage(tentative, detections, overlap(SURE_IOU))
        stage(confirmed, detections, reach)
        stage(tentative, detections, reach)
        for followed, detection in matched:
            followed.see(detection, now)
        return [d for d in detections if id(d) not in taken]

    def _tracks(self, now: float) -> list[Track]:
        return [
            Track(
                id=f.id,
                label=f.label,
                box=_clip(f.box(now)),
                score=f.score,
                born=f.born,
                seen=f.seen,
                velocity=(f.dx, f.dy),
                joints=f.joints,
            )
            for f in sorted(self._followed, key=lambda f: f.id)
            if f.id and self._is_returned(f, now)
        ]

    def _is_returned(self, followed: _Followed, now: float) -> bool:
        if not followed.misses:
            return now - followed.seen <= FORGET + ROUNDING
        x, y = followed.at(self._looked)
        if not (0 <= x <= 1 and 0 <= y <= 1):
            return False  # it is expected to have walked out of the picture
        return max(self._looked - followed.seen, now - self._looked) <= RETURNED + ROUNDING


def _begin(detection: Detection, now: float) -> _Followed:
    box = detection.box
    followed = _Followed(
        x=box.centre[0],
        y=box.centre[1],
        width=box.right - box.left,
        height=box.bottom - box.top,
        label=detection.label,
        score=detection.score,
        born=now,
        seen=now,
        joints=detection.joints,
    )
    followed.votes[detection.label] = detection.score
    return followed


def _is_twin(detection: Detection, present: Sequence[_Followed]) -> bool:
    """Whether it is a second box or name of something present (a person and what they hold are two)."""
    return any(
        (followed.label == "person") == (detection.label == "person")
        and iou(followed.box(followed.seen), detection.box) >= TWIN_IOU
        for followed in present
    )


def _reach(followed: _Followed, detection: Detection, now: float) -> float | None:
    """The cost of a reappearance without overlap: how far off, in what could have been, and how resized."""
    box = detection.box
    width, height = box.right - box.left, box.bottom - box.top
    if min(width, height, followed.width, followed.height) <= 0:
        return None
    resize = abs(math.log(width / followed.width)) + abs(math.log(height / followed.height))
    unseen = now - followed.seen
    far = distance(box.centre, followed.at(now)) / (followed.size * (REACH + REACH_SPEED * unseen))
    return far + resize if far <= 1 and resize <= RESIZE else None


def _greedy(
    followed: Sequence[_Followed], detections: Sequence[Detection], cost: Cost
) -> list[tuple[_Followed, Detection]]:
    """Pairs by growing cost, each side at most once; ties go to the older track, then the first detection."""
    costs = [
        (price, i, j)
        for i, f in enumerate(followed)
        for j, d in enumerate(detections)
        if (price := cost(f, d)) is not None
    ]
    rows: set[int] = set()
    columns: set[int] = set()
    pairs = []
    for _, i, j in sorted(costs):
        if i not in rows and j not in columns:
            rows.add(i)
            columns.add(j)
            pairs.append((followed[i], detections[j]))
    return pairs


def _clip(box: Box) -> Box:
    """The part of the box that is in the picture."""
    left, top = min(1.0, max(0.0, box.left)), min(1.0, max(0.0, box.top))
    return Box(left, top, max(left, min(1.0, box.right)), max(top, min(1.0, box.bottom)))
