"""Why something is shown, in words that an operator reads."""

from __future__ import annotations

from reverie.story.vocabulary import NOUN
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
    known = NOUN.get(scene.subject)
    was = "were" if known is not None and known.plural else "was"
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
            text = f"{_many(count, scene.subject)} at once {at}"
        case EventKind.SHOWN:
            text = f"{thing} {was} held up to the camera"
        case EventKind.PICKED_UP:
            text = f"{thing} {was} picked up {at}"
        case EventKind.PUT_BACK:
            text = f"{thing} {was} put back {at}"
        case EventKind.TAKEN_AWAY:
            text = f"{thing} {was} taken away"
        case EventKind.APPROACHED:
            text = f"{thing} came towards {scene.zone or 'the camera'}"
        case EventKind.FACED:
            text = f"{thing} looked at {scene.zone or 'the camera'}"
    if scene.object and scene.object != scene.subject:
        text += f", near {_a(scene.object)}"
    return text


def _many(count: int, label: str) -> str:
    """ "5 people", "5 × cup"; 0 is an unknown number."""
    if label == "person" and count != 1:
        return f"{count or 'many'} people"
    return f"{count or 'many'} × {label}"


def _a(label: str) -> str:
    """With its article. A detector may have labels that the stories' vocabulary lacks: those get a or an."""
    known = NOUN.get(label)
    if known is not None:
        return known.phrase_en
    return f"{'an' if label[:1].lower() in tuple('aeiou') else 'a'} {label}"
