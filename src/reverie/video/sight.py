"""Whether the eyes see what was asked for.

    job → asked words, each with its time → looks at the film → eyes → sighting of each word

The eyes are whatever detector the program gives; `video` knows only its labels, which are COCO's. A word that
is no such thing is not asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from reverie.values import Image, Job

Eyes = Callable[[Image], Mapping[str, float]]
"""One picture, uint8 RGB (H, W, 3) → labels of what is seen in it, each with its best score 0..1."""

KINDS: tuple[tuple[str, ...], ...] = (
    ("person", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"),
    ("bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"),
    ("traffic light", "fire hydrant", "stop sign", "parking meter", "bench"),
    ("backpack", "umbrella", "handbag", "tie", "suitcase"),
    ("frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard",
     "surfboard", "tennis racket"),
    ("bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl"),
    ("banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake"),
    ("chair", "couch", "potted plant", "bed", "dining table", "toilet"),
    ("tv", "laptop", "mouse", "remote", "keyboard", "cell phone"),
    ("microwave", "oven", "toaster", "sink", "refrigerator"),
    ("book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush"),
)  # fmt: skip
"""What can be taken for each other: COCO's supercategories, people among the animals."""

SAME: Mapping[str, str] = MappingProxyType(
    {
        "child": "person",
        "woman": "person",
        "man": "person",
        "ball": "sports ball",
        "television": "tv",
        "ship": "boat",
        "toy car": "car",
    }
)
"""Words of the vocabulary that a detector knows by another name."""

LOOKS = 6
"""Pictures that are looked at for one shot, spread over it."""

DRAWN: Mapping[str, float] = MappingProxyType({"clock": 0.18, "teddy bear": 0.25})
"""Labels that must be seen, each with the score from which it counts.

Measured with the embedded detector on 931 storyboards: it was made for photographs, and of the 80 things
that we draw it tells only these two reliably (all 21 seen; 93 and 97 % of the other films stay below). The
animals that we draw it does not know (0.30 at best, mostly nothing). What an imagined film looks like lies
somewhere between, so that not seeing any other thing says nothing, and only its score is kept.
"""

PLAIN = 0.6
"""Score from which a thing is seen plainly: enough to say that it stands where another was asked for. Of 867
words asked of storyboards none had a rival this plain (the highest was 0.57)."""

FAINT = 0.15
"""Score below which there is no sign of a thing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A word that was asked for, and when: `start` and `end` are shares 0..1 of the film."""

    word: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """How well an asked word was seen: `score` 0..1 of its `label`, and the best seen thing of its kind that
    nobody asked for (`rival`; "" when there was none)."""

    word: str
    label: str
    score: float
    rival: str
    rival_score: float

    @property
    def wrong(self) -> str | None:
        """What is wrong, in words; None when it was seen, or when nothing can be said.

        A label that is recognised in drawings too must be seen. Of any other, not being seen says little: the
        film is wrong when there is no sign of it and another thing of its kind is plainly there instead.
        """
        needed = DRAWN.get(self.label)
        if needed is not None and self.score < needed:
            return f"no {self.word} is seen (score {self.score:.2f}, needed {needed:.2f})"
        if self.score < FAINT and self.rival_score >= PLAIN:
            return (
                f"instead of a {self.word} ({self.score:.2f}) a {self.rival} is seen ({self.rival_score:.2f})"
            )
        return None


def asked_of(job: Job) -> tuple[Asked, ...]:
    """What the film of `job` was asked to show.

    Subject and object of every shot, in its time. A film asked for in free words (`job.request`) is one take
    without cuts, and its brief is only how those words were understood: of its subjects and objects those
    count, from first to last, that stand in the prompt.
    """
    if job.request is None:
        return tuple(_of_shots(job))
    words = dict.fromkeys(word for shot in job.brief.shots for word in (shot.subject, shot.object) if word)
    return tuple(Asked(word, 0.0, 1.0) for word in words if _stands_in(word, job.request.prompt))


def cuts_of(job: Job) -> tuple[float, ...]:
    """Where one shot follows another, as shares 0..1 of the film."""
    return () if job.request is not None else tuple(end for _, end in _times(job))[:-1]


def _of_shots(job: Job) -> Iterator[Asked]:
    for shot, (start, end) in zip(job.brief.shots, _times(job), strict=True):
        for word in dict.fromkeys((shot.subject, shot.object)):
            if word:
                yield Asked(word, start, end)


def _times(job: Job) -> list[tuple[float, float]]:
    whole, start, times = job.brief.seconds, 0.0, []
    for shot in job.brief.shots:
        times.append((start / whole, (start + shot.seconds) / whole))
        start += shot.seconds
    return times


def _stands_in(word: str, prompt: str) -> bool:
    """As a word of its own, in the singular or with a plural's s."""
    return re.search(rf"\b{re.escape(word)}(s|es)?\b", prompt, re.IGNORECASE) is not None


def look(
    film: Sequence[Image], asked: Sequence[Asked], eyes: Eyes, tick: Callable[[], None]
) -> list[Sighting]:
    """How well each asked word that the eyes can know was seen in its time, in the order of `asked`.

    A score is the second best of LOOKS looks, because a single one errs now and then. `tick` is called after
    each look.
    """
    wanted = {_label(one.word) for one in asked}
    seen: dict[int, Mapping[str, float]] = {}
    found = []
    for one in asked:
        label = _label(one.word)
        kind = next((kind for kind in KINDS if label in kind), None)
        if kind is None:
            continue
        looks = []
        for index in _looks(len(film), one):
            if index not in seen:
                seen[index] = eyes(film[index])
                tick()
            looks.append(seen[index])
        rivals = {other: _second(looks, other) for other in kind if other not in wanted}
        rival = max(rivals, key=lambda other: rivals[other], default="")
        score = rivals.get(rival, 0.0)
        found.append(Sighting(one.word, label, _second(looks, label), rival if score else "", score))
    return found


def _label(word: str) -> str:
    return SAME.get(word, word)


def _looks(frames: int, asked: Asked) -> list[int]:
    """Numbers of the pictures to look at: the middles of equal parts of its time."""
    span = asked.end - asked.start
    shares = (asked.start + span * (part + 0.5) / LOOKS for part in range(LOOKS))
    return sorted({min(frames - 1, int(share * frames)) for share in shares})


def _second(looks: Sequence[Mapping[str, float]], label: str) -> float:
    scores = sorted((seen.get(label, 0.0) for seen in looks), reverse=True)
    return scores[min(1, len(scores) - 1)] if scores else 0.0
