"""Values to columns and back. Decoding is strict: what does not fit exactly is a StoreError, never a guess.

A cause is JSON with a tag: `{"type": "scene", ...}`, `question`, `command`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NoReturn, cast, get_args

from reverie.errors import StoreError
from reverie.store.sqlite import Row
from reverie.values import (
    Brief,
    Cause,
    Clip,
    ClipSpec,
    Command,
    Dials,
    Draft,
    EventKind,
    Health,
    Job,
    JobStatus,
    Language,
    Light,
    Moment,
    Order,
    Play,
    Question,
    Request,
    Rung,
    Scene,
    Shot,
    Stature,
    View,
    Wish,
)

# ---------------------------------------------------------------------------------- whole rows


def job_of(row: Row, pictures: Path) -> Job:
    """A row of `jobs`; `pictures` is the folder that a request's picture lies in."""
    return Job(
        key=row["key"],
        brief=brief_of(row["brief"]),
        spec=spec_of(row["spec"]),
        deadline=row["deadline"],
        priority=row["priority"],
        created=row["created"],
        status=JobStatus(row["status"]),
        attempts=row["attempts"],
        take=row["take"],
        progress=row["progress"],
        error=row["error"],
        request=None if row["request"] is None else request_of(row["request"], pictures),
    )


def order_of(row: Row) -> Order:
    """A row of `orders`."""
    return Order(
        id=row["id"],
        key=row["key"],
        model=row["model"],
        prompt=row["prompt"],
        width=row["width"],
        height=row["height"],
        seconds=row["seconds"],
        created=row["created"],
        expires=row["expires"],
    )


def clip_of(row: Row, path: Path) -> Clip:
    """A row of `clips`, whose file is at `path`."""
    return Clip(
        key=row["key"],
        take=row["take"],
        path=path,
        sha256=row["sha256"],
        seconds=row["seconds"],
        size=row["size"],
        topic=row["topic"],
        generator=row["generator"],
        scores=scores_of(row["scores"]),
        made=row["made"],
    )


def draft_of(row: Row, path: Path) -> Draft:
    """A row of `drafts`, whose file is at `path`."""
    return Draft(row["key"], row["take"], path, row["topic"], row["opened"], row["state"])


def moment_of(row: Row) -> Moment:
    """A row of `moments`."""
    return Moment(
        id=row["id"],
        cause=cause_of(row["cause"]),
        brief=brief_of(row["brief"]),
        wishes=wishes_of(row["wishes"]),
        seen=row["seen"],
        expires=row["expires"],
        opened=row["opened"],
    )


def play_of(row: Row) -> Play:
    """A row of `plays`. One that another play replaced ended there, as far as anyone knows."""
    return Play(
        id=row["id"],
        screen=row["screen"],
        key=row["key"],
        take=row["take"],
        rung=_rung(row["rung"]),
        moment=row["moment"],
        cause=row["cause"],
        seen=row["seen"],
        started=row["started"],
        ended=row["ended"] or row["replaced"],
    )


def _rung(text: str) -> Rung:
    try:
        return Rung(text)
    except ValueError:
        raise StoreError(f"a play stands on the rung {text!r}; known are {', '.join(Rung)}") from None


def health_of(row: Row) -> Health:
    """A row of `health`."""
    return Health(
        row["program"], row["state"], row["detail"], row["pid"], row["time"], stats_of(row["stats"])
    )


# ---------------------------------------------------------------------------------- to JSON


def brief_text(brief: Brief) -> str:
    return _dump(
        {
            "topic": brief.topic,
            "shots": [
                {
                    "subject": shot.subject,
                    "action": shot.action,
                    "object": shot.object,
                    "setting": shot.setting,
                    "mood": shot.mood,
                    "caption": shot.caption,
                    "seconds": shot.seconds,
                    "light": shot.light,
                    "view": shot.view,
                    **({"labels": list(shot.labels)} if any(shot.labels) else {}),
                }
                for shot in brief.shots
            ],
            "tone": brief.tone,
            "language": brief.language,
        },
        "a brief",
    )


def spec_text(spec: ClipSpec) -> str:
    return _dump(
        {
            "generator": spec.generator,
            "version": spec.version,
            "width": spec.width,
            "height": spec.height,
            "frames": spec.frames,
            "fps": spec.fps,
            **({"sound": spec.sound} if spec.sound else {}),
            **({"loop": True} if spec.loop else {}),
        },
        "a clip spec",
    )


def request_text(request: Request, pictures: Path) -> str:
    """A picture in the folder `pictures` is kept by its name, so that the data folder can be moved."""
    picture = request.picture
    if picture is not None and picture.parent == pictures:
        picture = Path(picture.name)
    return _dump(
        {
            "prompt": request.prompt,
            "negative": request.negative,
            "seed": request.seed,
            "steps": request.steps,
            "guidance": request.guidance,
            "frames": request.frames,
            "picture": None if picture is None else str(picture),
        },
        "a request",
    )


def cause_text(cause: Cause) -> str:
    match cause:
        case Scene():
            data: dict[str, object] = {
                "type": "scene",
                "time": cause.time,
                "camera": cause.camera,
                "zone": cause.zone,
                "kind": cause.kind.value,
                "subject": cause.subject,
                "object": cause.object,
                "counts": [[label, count] for label, count in cause.counts],
                "dwell": cause.dwell,
                "direction": cause.direction,
                "stature": cause.stature,
            }
        case Question():
            data = {"type": "question", "time": cause.time, "text": cause.text, "language": cause.language}
        case Command():
            data = {"type": "command", "time": cause.time, "topic": cause.topic}
    return _dump(data, "a cause")


def wishes_text(wishes: tuple[Wish, ...]) -> str:
    return _dump([{"generator": wish.generator, "key": wish.key} for wish in wishes], "wishes")


def dials_text(dials: Dials) -> str:
    return _dump({"paused": dials.paused, "language": dials.language, "tone": dials.tone}, "dials")


def scores_text(scores: Mapping[str, float]) -> str:
    return _dump({name: float(value) for name, value in scores.items()}, "scores")


def stats_text(stats: Mapping[str, Any]) -> str:
    """Raises StoreError for what JSON cannot say."""
    return _dump(dict(stats), "stats")


def _dump(value: object, what: str) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise StoreError(f"{what} cannot be kept as JSON: {error}") from None


# ---------------------------------------------------------------------------------- from JSON


def brief_of(text: str) -> Brief:
    fields = _Fields.read(text, "a brief")
    brief = Brief(
        topic=fields.text("topic"),
        shots=tuple(_shot(item) for item in fields.items("shots")),
        tone=fields.text("tone"),
        language=_language(fields.text("language")),
    )
    fields.done()
    return brief


def _shot(item: object) -> Shot:
    fields = _Fields("a shot", item)
    shot = Shot(
        subject=fields.text("subject"),
        action=fields.text("action"),
        object=fields.text_or_none("object"),
        setting=fields.text("setting"),
        mood=fields.text("mood"),
        caption=fields.text("caption"),
        seconds=fields.number("seconds"),
        light=_light(fields.text("light")) if fields.has("light") else "day",
        view=_view(fields.text("view")) if fields.has("view") else "",
        labels=_labels(fields.items("labels")) if fields.has("labels") else ("", ""),
    )
    fields.done()
    return shot


def spec_of(text: str) -> ClipSpec:
    fields = _Fields.read(text, "a clip spec")
    spec = ClipSpec(
        generator=fields.text("generator"),
        version=fields.text("version"),
        width=fields.whole("width"),
        height=fields.whole("height"),
        frames=fields.whole("frames"),
        fps=fields.whole("fps"),
        sound=fields.text("sound") if fields.has("sound") else "",
        loop=fields.flag("loop") if fields.has("loop") else False,
    )
    fields.done()
    return spec


def request_of(text: str, pictures: Path) -> Request:
    fields = _Fields.read(text, "a request")
    picture = fields.text_or_none("picture")
    request = Request(
        prompt=fields.text("prompt"),
        negative=fields.text_or_none("negative"),
        seed=fields.whole_or_none("seed"),
        steps=fields.whole_or_none("steps"),
        guidance=fields.number_or_none("guidance"),
        frames=fields.whole_or_none("frames"),
        picture=None if picture is None else pictures / picture,
    )
    fields.done()
    return request


def cause_of(text: str) -> Cause:
    fields = _Fields.read(text, "a cause")
    cause: Cause
    match fields.text("type"):
        case "scene":
            cause = Scene(
                time=fields.number("time"),
                camera=fields.text("camera"),
                zone=fields.text("zone"),
                kind=_kind(fields.text("kind")),
                subject=fields.text("subject"),
                object=fields.text_or_none("object"),
                counts=tuple(_count(item) for item in fields.items("counts")),
                dwell=fields.number("dwell"),
                direction=_direction(fields.text("direction")),
                stature=_stature(fields.text("stature")) if fields.has("stature") else "",
            )
        case "question":
            cause = Question(
                time=fields.number("time"),
                text=fields.text("text"),
                language=_language(fields.text("language")),
            )
        case "command":
            cause = Command(time=fields.number("time"), topic=fields.text("topic"))
        case other:
            raise StoreError(f"a cause has the type {other!r}; known are scene, question and command")
    fields.done()
    return cause


def wishes_of(text: str) -> tuple[Wish, ...]:
    found = []
    items = _parse(text, "wishes")
    if not isinstance(items, list):
        raise StoreError(f"wishes are not a list: {text[:80]!r}")
    for item in items:
        fields = _Fields("a wish", item)
        found.append(Wish(fields.text("generator"), fields.text("key")))
        fields.done()
    return tuple(found)


def dials_of(text: str) -> Dials:
    fields = _Fields.read(text, "dials")
    language = fields.text_or_none("language")
    dials = Dials(
        paused=fields.flag("paused"),
        language=None if language is None else _language(language),
        tone=fields.text_or_none("tone"),
    )
    fields.done()
    return dials


def scores_of(text: str) -> dict[str, float]:
    fields = _Fields.read(text, "scores")
    scores = {name: fields.number(name) for name in fields.names()}
    fields.done()
    return scores


def stats_of(text: str) -> dict[str, Any]:
    """Stats are small numbers by agreement; any JSON object is taken."""
    stats = _parse(text, "stats")
    if not isinstance(stats, dict):
        raise StoreError(f"stats are not an object: {text[:80]!r}")
    return stats


def _language(text: str) -> Language:
    if text not in get_args(Language):
        raise StoreError(f"the language {text!r} is none of {', '.join(get_args(Language))}")
    return cast(Language, text)


def _light(text: str) -> Light:
    if text not in get_args(Light):
        raise StoreError(f"the light {text!r} is none of {', '.join(get_args(Light))}")
    return cast(Light, text)


def _labels(items: list[object]) -> tuple[str, str]:
    match items:
        case [str(subject), str(thing)]:
            return subject, thing
    raise StoreError(f"the labels {items!r:.80} should be two texts")


def _view(text: str) -> View:
    if text not in get_args(View):
        raise StoreError(f"the view {text!r} is none of {', '.join(map(repr, get_args(View)))}")
    return cast(View, text)


def _kind(text: str) -> EventKind:
    try:
        return EventKind(text)
    except ValueError:
        raise StoreError(f"a scene has the kind {text!r}; known are {', '.join(EventKind)}") from None


def _direction(text: str) -> Literal["", "in", "out"]:
    match text:
        case "" | "in" | "out":
            return text
        case _:
            raise StoreError(f"a scene has the direction {text!r}; known are '', 'in' and 'out'")


def _stature(text: str) -> Stature:
    match text:
        case "" | "tall" | "short":
            return text
        case _:
            raise StoreError(f"a scene has the stature {text!r}; known are '', 'tall' and 'short'")


def _count(item: object) -> tuple[str, int]:
    match item:
        case [str(label), int(count)] if not isinstance(count, bool):
            return label, count
        case _:
            raise StoreError(f"a scene counts {item!r}; expected [label, number]")


def _parse(text: str, what: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise StoreError(f"{what} is not JSON ({error}): {text[:80]!r}") from None


class _Fields:
    """The fields of one JSON object: each is asked for once, by name and type; `done` finds what is over."""

    def __init__(self, what: str, data: object) -> None:
        if not isinstance(data, dict):
            raise StoreError(f"{what} is not an object: {data!r:.80}")
        self._what = what
        self._left: dict[str, object] = dict(data)

    @classmethod
    def read(cls, text: str, what: str) -> _Fields:
        return cls(what, _parse(text, what))

    def names(self) -> list[str]:
        return list(self._left)

    def has(self, name: str) -> bool:
        return name in self._left

    def text(self, name: str) -> str:
        value = self._take(name)
        return value if isinstance(value, str) else self._refuse(name, "a text", value)

    def text_or_none(self, name: str) -> str | None:
        value = self._take(name)
        return (
            value if value is None or isinstance(value, str) else self._refuse(name, "a text or null", value)
        )

    def flag(self, name: str) -> bool:
        value = self._take(name)
        return value if isinstance(value, bool) else self._refuse(name, "true or false", value)

    def whole(self, name: str) -> int:
        value = self._take(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return self._refuse(name, "a whole number", value)

    def whole_or_none(self, name: str) -> int | None:
        return None if self._is_null(name) else self.whole(name)

    def number_or_none(self, name: str) -> float | None:
        return None if self._is_null(name) else self.number(name)

    def number(self, name: str) -> float:
        value = self._take(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        return self._refuse(name, "a number", value)

    def items(self, name: str) -> list[object]:
        value = self._take(name)
        return value if isinstance(value, list) else self._refuse(name, "a list", value)

    def done(self) -> None:
        if self._left:
            raise StoreError(f"{self._what} has fields nobody knows: {', '.join(sorted(self._left))}")

    def _is_null(self, name: str) -> bool:
        """Whether the field is null, which takes it."""
        if self._left.get(name, "") is not None:
            return False
        del self._left[name]
        return True

    def _take(self, name: str) -> object:
        if name not in self._left:
            raise StoreError(f"{self._what} has no {name!r}")
        return self._left.pop(name)

    def _refuse(self, name: str, wanted: str, value: object) -> NoReturn:
        raise StoreError(f"{self._what}: {name!r} should be {wanted}, found {value!r:.80}")
