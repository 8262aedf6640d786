"""Why something is shown, in words that an operator reads."""

from __future__ import annotations

from reverie.values import Cause, Command, EventKind, Question, Scene


def why(cause: Cause) -> str:
    """One English clause: "a banana was held up to the camera"."""
    match cause:
        case Scene():
            return _seen(cause)
        case Question():
            return f"somebody asked “{cause.text}”"
        case Command():
            return f"the operator asked for {cause.topic}"


def kind_of(cause: Cause) -> str:
    """The kind of cause as one word: an event's kind, "question" or "command"."""
    match cause:
        case Scene():
            return str(cause.kind)
        case Question():
            return "question"
        case Command():
            return "command"


def _seen(scene: Scene) -> str:
    thing, place = _a(scene.subject), scene.zone or "the view"
    at = f"at {scene.zone}" if scene.zone else "in view"
    match scene.kind:
        case EventKind.ENTERED:
            text = f"{thing} came into {scene.zone or 'view'}"
        case EventKind.LEFT:
            text = f"{thing} left {place}"
        case EventKind.LINGERED:
            text = f"{thing} stayed {at} for {scene.dwell:.0f} s"
        case EventKind.CROSSED:
            text = f"{thing} crossed {place}{f' ({scene.direction})' if scene.direction else ''}"
        case EventKind.CROWDED:
            count = dict(scene.counts).get(scene.subject, 0)
            text = f"{count or 'many'} × {scene.subject} at once {at}"
        case EventKind.SHOWN:
            text = f"{thing} was held up to the camera"
        case EventKind.PICKED_UP:
            text = f"{thing} was picked up {at}"
        case EventKind.PUT_BACK:
            text = f"{thing} was put back {at}"
    if scene.object and scene.object != scene.subject:
        text += f", near {_a(scene.object)}"
    return text


def _a(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in tuple('aeiou') else 'a'} {noun}"
