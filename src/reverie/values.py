"""Every value that crosses a stage boundary, in the order it comes into being.

Frozen and small. Boxes and points are fractions of the frame (0..1, x to the right, y down), so that zones
survive a change of camera. A bare time is UTC seconds from `Clock.now()`; a duration is seconds. Images are
uint8 RGB, shape (H, W, 3), C-contiguous. Pixels never leave `vision` (people) or `video` (imagination).

    Frame → Detection → Track → Event → Scene → Brief → Moment (wishes) → Job → Clip → Cue → Play
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""uint8 RGB picture, shape (H, W, 3)."""

Language = Literal["en", "zh"]


# ---------------------------------------------------------------------------------- what is seen


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a camera. Never stored, logged or sent.

    `index` counts the frames that the source delivered (skipped ones included), from 0. `time` is when it
    was captured.
    """

    image: Image
    index: int
    time: float


@dataclass(frozen=True, slots=True)
class Box:
    """Fractions of the frame, 0 <= left <= right <= 1 and 0 <= top <= bottom <= 1."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def foot(self) -> tuple[float, float]:
        """Bottom centre: where a standing thing touches the floor; what zone membership is judged by."""
        return (self.left + self.right) / 2, self.bottom

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def area(self) -> float:
        """Share of the frame, 0..1."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)


Joints = tuple[tuple[float, float, float], ...]
"""A person's 17 joints in COCO's order (nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; the
left one first): x, y in fractions of the frame and how sure, 0..1. () where no pose model looks."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A thing in one frame: `label` is the detector's class name, `score` 0..1."""

    label: str
    score: float
    box: Box
    joints: Joints = ()


@dataclass(frozen=True, slots=True)
class Track:
    """A thing followed over time. `id` lives in `watch`'s memory only and means nothing after a restart.

    `born` is the capture time of its first frame, `seen` of the last one it was detected in (between two
    detections `box` is predicted). `velocity` is of the box's centre, in frame fractions a second. `joints`
    are those of the last detection, where a pose model looks.
    """

    id: int
    label: str
    box: Box
    score: float
    born: float
    seen: float
    velocity: tuple[float, float] = (0.0, 0.0)
    joints: Joints = ()


class EventKind(enum.StrEnum):
    ENTERED = "entered"
    LEFT = "left"
    LINGERED = "lingered"
    CROSSED = "crossed"
    CROWDED = "crowded"
    SHOWN = "shown"
    PICKED_UP = "picked_up"
    PUT_BACK = "put_back"
    TAKEN_AWAY = "taken_away"
    APPROACHED = "approached"
    FACED = "faced"


Stature = Literal["", "tall", "short"]
"""How high a person stands against the camera's ground line; "" unless the operator asked for it."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened. `zone` names a zone or a line ("" = the whole picture).

    `dwell`: seconds the track has been in the zone. `count`: how many are there (crowded). `direction`: of a
    crossing, "in" or "out". `near`: label of the nearest other thing, None when there is none. `track_id`: 0
    where no single track is meant (crowded). `reason`: why the rule fired, in words and numbers, for whoever
    tunes it; it never becomes part of a scene.
    """

    kind: EventKind
    zone: str
    label: str
    track_id: int
    time: float
    dwell: float = 0.0
    count: int = 0
    direction: Literal["", "in", "out"] = ""
    near: str | None = None
    stature: Stature = ""
    reason: str = ""


# ---------------------------------------------------------------------------------- why we imagine


@dataclass(frozen=True, slots=True)
class Scene:
    """What was seen, as facts in a closed vocabulary: no identity, no track id, no pixels, no free text.

    The last value that knows about people, and it knows no one. `counts` is sorted by label.
    """

    time: float
    camera: str
    zone: str
    kind: EventKind
    subject: str
    object: str | None = None
    counts: tuple[tuple[str, int], ...] = ()
    dwell: float = 0.0
    direction: Literal["", "in", "out"] = ""
    stature: Stature = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Somebody asked: `text` as typed or heard, at `time`."""

    time: float
    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class Command:
    """The operator asked for the story of a topic by hand."""

    time: float
    topic: str


Cause = Scene | Question | Command
"""Why anything is imagined. A camera is one reason among several."""


# ---------------------------------------------------------------------------------- what is imagined


Light = Literal["dawn", "day", "dusk", "night"]
View = Literal["", "wide", "medium", "close"]


@dataclass(frozen=True, slots=True)
class Shot:
    """One continuous piece of a clip. Words are of the vocabulary (`story/vocabulary.py`); `seconds` > 0.

    `caption` is in the brief's language and may be empty. `light`: the time of day, where the setting has
    one. `view`: how near the camera is; "" leaves it to whoever draws. `labels`: the operator's products that
    subject and object stand for, "" where they stand for none.
    """

    subject: str
    action: str
    object: str | None
    setting: str
    mood: str
    caption: str
    seconds: float
    light: Light = "day"
    view: View = ""
    labels: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Brief:
    """What to show. Not what was seen: a person lingering at a shelf may call for a child driving a toy car.

    `topic` names the story ("toy-car", "water-cycle", "show/banana"): clips of one topic can stand in for
    each other. A text prompt and an animation are two readings of it.
    """

    topic: str
    shots: tuple[Shot, ...]
    tone: str
    language: Language

    @property
    def seconds(self) -> float:
        return sum(shot.seconds for shot in self.shots)


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """All that shows in the picture beside the brief. `version` is the generator's own or its weights'
    digest.

    `frames` is the count, `fps` frames a second, `width` and `height` pixels (even numbers). `sound`: what is
    heard, in a word and a digest of all that it is made from (`video/sound/heard.py`); "" for a silent film.
    `loop`: whether its last picture runs into its first.
    """

    generator: str
    version: str
    width: int
    height: int
    frames: int
    fps: int
    sound: str = ""
    loop: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A clip that would answer: `key` as made by `clip_key`, `generator` its generator's name."""

    generator: str
    key: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Somebody is here now, and these clips would answer, best first.

    `id` is random. `seen` is the capture time of the deciding frame, `opened` when the moment was committed
    (set by the store), `expires` when nobody is there any more: a lease, renewed while they stay.
    """

    id: str
    cause: Cause
    brief: Brief
    wishes: tuple[Wish, ...]
    seen: float
    expires: float
    opened: float = 0.0


# ---------------------------------------------------------------------------------- how it is made


class JobStatus(enum.StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


class Priority(enum.IntEnum):
    """Higher goes first; the newest first within one."""

    WARM = 0
    SPECULATIVE = 10
    LIVE = 20
    ASKED = 30


@dataclass(frozen=True, slots=True)
class Request:
    """What a program asked of a generator in its own words and numbers, instead of a brief's reading.

    None: as the generator is set. `frames` are how many pictures the film has; `picture` is a file that it
    begins with, whose content is part of the clip's key.
    """

    prompt: str
    negative: str | None = None
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    frames: int | None = None
    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One clip to make: one per key. A second moment with the same wish raises `deadline` and `priority`.

    `take` counts the tries that reached a draft, from 1; `attempts` all claims. A job past its deadline
    expires unmade. `request` stands in for what the generator would read of `brief`.
    """

    key: str
    brief: Brief
    spec: ClipSpec
    deadline: float
    priority: int
    created: float
    status: JobStatus = JobStatus.WAITING
    attempts: int = 0
    take: int = 0
    progress: float = 0.0
    error: str = ""
    request: Request | None = None

    @property
    def seed(self) -> int:
        """What its chance comes from: the request's own, the same for every take; else the take's."""
        if self.request is not None and self.request.seed is not None:
            return self.request.seed
        return seed_of(self.key, self.take)


@dataclass(frozen=True, slots=True)
class Order:
    """A film that a program asked for by the API: a name of its own for the clip `key`.

    How far it is, its job and its clip tell. `model` is the generator's name, as it was asked for; `seconds`
    and the size are what the film will have. It is forgotten at `expires`, and its clip kept until then.
    """

    id: str
    key: str
    model: str
    prompt: str
    width: int
    height: int
    seconds: float
    created: float
    expires: float


@dataclass(frozen=True, slots=True)
class Clip:
    """A finished, labelled film. Any accepted take of a key answers the wish.

    `path` is absolute; `seconds` its length; `size` bytes; `scores` what `video/check.py` measured.
    """

    key: str
    take: int
    path: Path
    sha256: str
    seconds: float
    size: int
    topic: str
    generator: str
    scores: Mapping[str, float]
    made: float


@dataclass(frozen=True, slots=True)
class Draft:
    """A clip that is being made: `path` grows by whole MP4 fragments until it is done or aborted."""

    key: str
    take: int
    path: Path
    topic: str
    opened: float
    state: Literal["open", "done", "aborted"] = "open"


class Rung(enum.StrEnum):
    """Which step of the ladder the screen stands on, best first."""

    CLIP = "clip"
    DRAFT = "draft"
    TOPIC = "topic"
    AMBIENT = "ambient"


@dataclass(frozen=True, slots=True)
class Caption:
    """Words that the screen lays over a film from its second `start` to its second `end`. Never empty."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Cue:
    """What the screen does next. `key` is "" for the ambient loop; `moment` is "" when no one is there.

    `captions` are what the kiosk lays over, in order (none where the words are in the picture); `fade` is
    seconds of cross-fade; `loop` whether it plays until the next cue. `expires` is when this cue is no longer
    worth starting.
    """

    key: str
    take: int
    rung: Rung
    captions: tuple[Caption, ...]
    fade: float
    reason: str
    moment: str
    loop: bool
    expires: float


@dataclass(frozen=True, slots=True)
class Play:
    """Proof of play: what was on a screen, when, and why. `ended` is 0.0 while it runs."""

    id: str
    screen: str
    key: str
    take: int
    rung: Rung
    moment: str
    cause: str
    seen: float
    started: float
    ended: float = 0.0


@dataclass(frozen=True, slots=True)
class Dials:
    """The operator's live settings; None means as configured."""

    paused: bool = False
    language: Language | None = None
    tone: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """What a program last said of itself. `state` is one word ("starting", "running", "waiting", "failing").

    `stats` are small numbers (counters, percentiles) for the report, the console and /metrics.
    """

    program: str
    state: str
    detail: str
    pid: int
    time: float
    stats: Mapping[str, Any]


def clip_key(reading: str, spec: ClipSpec) -> str:
    """The name of a clip: SHA-256 (64 hex digits) of what its generator reads of the brief, and the spec.

    `reading` is the generator's own canonical text of the brief (`video/generator.py`). The seed is not in
    it: a remade clip is another take of the same key. A silent film that does not loop has the key that it
    had before films had sound and could loop.
    """
    shown = asdict(spec)
    for late in ("sound", "loop"):
        if not shown[late]:
            del shown[late]
    blob = json.dumps([reading, shown], sort_keys=True, ensure_ascii=False).encode()
    return hashlib.sha256(blob).hexdigest()


def seed_of(key: str, take: int) -> int:
    """The seed of a take, 0..2**32-1: deterministic, different for each take."""
    digest = hashlib.sha256(f"{key}/{take}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def percentiles(seconds: Collection[float]) -> dict[str, float | None]:
    """Median and 95th percentile of measured durations, to 0.1 ms; None of none."""
    if not seconds:
        return {"p50": None, "p95": None}
    p50, p95 = np.percentile(list(seconds), [50, 95])
    return {"p50": round(float(p50), 4), "p95": round(float(p95), 4)}
