"""The story library: when this is seen, show that.

A YAML file of stories, sentence templates and the questions each story answers; the one that comes along is
`assets/stories.yaml`. Everything is checked when it is loaded: a mistake names file, line, what was found and
what is allowed.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from reverie.config import Section, SectionT, parse_section
from reverie.errors import ConfigError, StoryError
from reverie.shelf import Product
from reverie.story.scene import LABEL
from reverie.story.sentences import SLOTS, sentence, slots_of
from reverie.story.vocabulary import ACTION, MOOD, NOUN, SETTING
from reverie.values import Brief, EventKind, Language, Light, Scene, Shot, Stature, View

Tone = Literal["plain", "promotional", "playful", "popular-science"]
Place = Literal["shop", "showcase", "sign", "classroom", "home", "museum"]

ANY = "*"
"""In a condition: whatever is there. In a shot or a topic: what was seen."""

NO_PRODUCTS: Mapping[str, Product] = MappingProxyType({})
"""Where nothing was taught."""

STAND_IN = "gift"
"""Drawn for a label that the vocabulary does not know: a parcel, since nobody can say what is in it."""

CAPTION_EN, CAPTION_ZH = 60, 20
"""Longest captions, in characters: two lines at 640 x 480, read in three seconds."""

COUNT = re.compile(r"(>=|<=|>|<|=)?\s*(\d{1,3})")
HOURS = re.compile(r"(\d{1,2})(?::(\d\d))?\s*-\s*(\d{1,2})(?::(\d\d))?")


# ---------------------------------------------------------------------------------- what may be written


def _many(value: object) -> object:
    """One thing where a list is meant is a list of one."""
    return (value,) if isinstance(value, str) else value


def _known(what: str, names: Collection[str], value: str) -> str:
    if value in names:
        return value
    near = difflib.get_close_matches(value, names, 3)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"allowed: {', '.join(sorted(names))}"
    raise ValueError(f"the vocabulary has no {what} {value!r}; {hint}")


def _noun(value: str) -> str:
    return value if value == ANY else _known("thing", NOUN, value)


def _action(value: str) -> str:
    return _known("action", ACTION, value)


def _setting(value: str) -> str:
    return _known("setting", SETTING, value)


def _mood(value: str) -> str:
    return _known("mood", MOOD, value)


def _label(value: str) -> str:
    if value != ANY and not LABEL.fullmatch(value):
        raise ValueError(
            f"{value!r} is no detector label: lower-case letters, digits, spaces, or '*' for any"
        )
    return value


def _count(value: str) -> str:
    if not COUNT.fullmatch(value):
        raise ValueError(f"{value!r} is no count; write 2, '>=2', '>2', '<=2' or '<2'")
    return value


def _hours(value: str) -> str:
    found = HOURS.fullmatch(value)
    if found and all(_minute(found, i) <= 24 * 60 and int(found[i + 1] or 0) < 60 for i in (1, 3)):
        return value
    raise ValueError(f"{value!r} are no hours; write 9-18 or 22:00-06:30")


def _minute(found: re.Match[str], group: int) -> int:
    return int(found[group]) * 60 + int(found[group + 1] or 0)


def _template(value: str) -> str:
    try:
        unknown = slots_of(value) - SLOTS
    except ValueError as error:
        raise ValueError(f"{value!r}: {error}") from None
    if unknown:
        slots = ", ".join(f"{{{name}}}" for name in sorted(SLOTS))
        raise ValueError(f"{value!r} has a slot {sorted(unknown)[0]!r}; allowed: {slots}")
    return value


def _caption(value: str, longest: int) -> str:
    try:
        unknown = slots_of(value) - {"subject", "object"}
    except ValueError as error:
        raise ValueError(f"{value!r}: {error}") from None
    if unknown:
        raise ValueError(f"{value!r} has a slot {sorted(unknown)[0]!r}; allowed: {{subject}}, {{object}}")
    if not 0 < len(value) <= longest:
        raise ValueError(f"{value!r} has {len(value)} characters; a caption has 1 to {longest}")
    return value


def _caption_en(value: str) -> str:
    return _caption(value, CAPTION_EN)


def _caption_zh(value: str) -> str:
    return _caption(value, CAPTION_ZH)


Labels = Annotated[tuple[Annotated[str, AfterValidator(_label)], ...], BeforeValidator(_many)]
Names = Annotated[tuple[str, ...], BeforeValidator(_many)]


class When(Section):
    """A condition on a scene. What is left out does not matter; the more is said, the more specific it is."""

    kind: Annotated[tuple[EventKind, ...], BeforeValidator(_many)] = Field(
        default=(),
        description=f"Which events: {', '.join(EventKind)}.",
    )
    zone: Names = Field(
        default=(), description="Which zones or lines, by name; upper and lower case are one."
    )
    subject: Labels = Field(default=(), description="Detector labels of what it happened to; '*' for any.")
    object: Labels = Field(
        default=(), description="Detector labels of the nearest other thing; '*' for any, but something."
    )
    counts: Mapping[
        Annotated[str, AfterValidator(_label)], Annotated[str, BeforeValidator(str), AfterValidator(_count)]
    ] = Field(default={}, description="How many of a label are in the picture: 2, '>=2', '>2', '<=2', '<2'.")
    dwell: float = Field(default=0, ge=0, le=86_400, description="Seconds they have been there, at least.")
    direction: Literal["", "in", "out"] = Field(default="", description="Of a crossing: in or out.")
    stature: Stature = Field(
        default="", description="tall or short; only known where the operator had it measured."
    )
    place: Annotated[tuple[Place, ...], BeforeValidator(_many)] = Field(
        default=(), description="Where the box stands: shop, showcase, sign, classroom, home, museum."
    )
    hours: Annotated[str, AfterValidator(_hours)] | None = Field(
        default=None, description="Local time, such as 9-18 or 22:00-06:30."
    )

    @property
    def specificity(self) -> int:
        """How much is asked for: one for each condition, each count, nothing for '*'."""
        named = (self.kind, self.zone, self.place, self.hours, self.direction, self.stature, self.dwell)
        labels = sum(1 for labels in (self.subject, self.object) if labels and ANY not in labels)
        return sum(map(bool, named)) + labels + len(self.counts)

    def holds(self, scene: Scene, place: str, timezone: tzinfo | None) -> bool:
        """Whether `scene` is like this, on a box standing at `place`. `timezone` None: the machine's own."""
        counted = dict(scene.counts)
        return (
            (not self.kind or scene.kind in self.kind)
            and (not self.zone or scene.zone.lower() in {zone.lower() for zone in self.zone})
            and _among(scene.subject, self.subject)
            and _among(scene.object, self.object)
            and all(_enough(counted.get(label, 0), count) for label, count in self.counts.items())
            and scene.dwell >= self.dwell
            and self.direction in ("", scene.direction)
            and self.stature in ("", scene.stature)
            and (not self.place or place in self.place)
            and (self.hours is None or _within(scene.time, self.hours, timezone))
        )


def _among(label: str | None, labels: Sequence[str]) -> bool:
    return not labels or (label is not None and (ANY in labels or label in labels))


def _enough(number: int, condition: str) -> bool:
    found = COUNT.fullmatch(condition)
    assert found is not None  # validated
    bound = int(found[2])
    match found[1]:
        case ">=":
            return number >= bound
        case "<=":
            return number <= bound
        case ">":
            return number > bound
        case "<":
            return number < bound
        case _:
            return number == bound


def _within(time: float, hours: str, timezone: tzinfo | None) -> bool:
    found = HOURS.fullmatch(hours)
    assert found is not None  # validated
    start, end = _minute(found, 1), _minute(found, 3)
    local = datetime.fromtimestamp(time, timezone)
    minute = local.hour * 60 + local.minute
    return start <= minute < end if start <= end else minute >= start or minute < end


class Captions(Section):
    """Variants of one caption. {subject} and {object} are the bare names of what is shown."""

    en: tuple[Annotated[str, AfterValidator(_caption_en)], ...] = Field(
        default=(), description=f"Variants in English, each at most {CAPTION_EN} characters."
    )
    zh: tuple[Annotated[str, AfterValidator(_caption_zh)], ...] = Field(
        default=(), description=f"Variants in Chinese, each at most {CAPTION_ZH} characters."
    )

    def of(self, language: Language) -> tuple[str, ...]:
        return self.zh if language == "zh" else self.en


class Templates(Section):
    """Sentences for shots that have no caption of their own, in one tone."""

    en: tuple[Annotated[str, AfterValidator(_template)], ...] = Field(
        min_length=1, description="English templates with {subject} {is} {action} {object} {setting}."
    )
    zh: tuple[Annotated[str, AfterValidator(_template)], ...] = Field(
        min_length=1, description="Chinese templates with {subject} {action} {object} {setting}."
    )

    def of(self, language: Language) -> tuple[str, ...]:
        return self.zh if language == "zh" else self.en


class Questions(Section):
    """What somebody may ask to be told this story. Small words, order and inflection do not matter."""

    en: tuple[str, ...] = Field(default=(), description="Patterns in English: how do dinosaurs walk")
    zh: tuple[str, ...] = Field(default=(), description="Patterns in Chinese: 恐龙是怎么走路的")

    def of(self, language: Language) -> tuple[str, ...]:
        return self.zh if language == "zh" else self.en


class Plan(Section):
    """One shot of a story. '*' as subject or object is what was seen."""

    subject: Annotated[str, AfterValidator(_noun)] = Field(description="Who or what is seen.")
    action: Annotated[str, AfterValidator(_action)] = Field(default="appear", description="What it does.")
    object: Annotated[str, AfterValidator(_noun)] | None = Field(
        default=None, description="What it does it with; empty for nothing."
    )
    setting: Annotated[str, AfterValidator(_setting)] = Field(default="studio", description="Where.")
    mood: Annotated[str, AfterValidator(_mood)] = Field(default="cheerful", description="How it feels.")
    light: Light = Field(default="day", description="Time of day: dawn, day, dusk, night.")
    view: View = Field(
        default="", description="How near: wide, medium, close. Empty: as whoever draws it sees fit."
    )
    seconds: float = Field(default=3, ge=0.5, le=8, description="How long, 0.5 to 8.")
    caption: Captions = Field(
        default=Captions(), description="What is written below: `en` and `zh`, each a list of variants."
    )
    toned: Mapping[Tone, Captions] = Field(
        default={}, description="Captions for one tone: plain, promotional, playful, popular-science."
    )

    @model_validator(mode="after")
    def _alone(self) -> Plan:
        if self.action == "appear" and self.object is not None:
            raise ValueError(f"'appear' shows its subject alone; leave out the object {self.object!r}")
        return self

    def lines(self, tone: str, language: Language) -> tuple[str, ...]:
        """Its caption variants in `tone`, else in any tone; none: a template makes the sentence."""
        for name, captions in self.toned.items():
            if name == tone and captions.of(language):
                return captions.of(language)
        return self.caption.of(language)


class Story(Section):
    """One answer: a topic, when it is told, and its shots."""

    topic: str = Field(
        pattern=r"^[a-z0-9*][a-z0-9 /_*-]{0,63}$",
        description="Its name, in lower case; '*' in it is what was seen.",
    )
    when: tuple[When, ...] = Field(
        default=(), description="Conditions, any of which calls for it. None: only when asked for."
    )
    priority: int = Field(
        default=0, ge=-100, le=100, description="Of equally specific stories, the highest is told."
    )
    shots: tuple[Plan, ...] = Field(min_length=1, max_length=8, description="What is shown, in order.")
    questions: Questions = Field(default=Questions(), description="What it answers when somebody asks.")
    source: str = Field(
        default="", max_length=200, description="Where what it claims may be looked up, in one line."
    )

    @model_validator(mode="after")
    def _fixed(self) -> Story:
        if self.wild and (self.questions.en or self.questions.zh):
            raise ValueError(
                f"story {self.topic!r} shows what was seen ('*'), so no question can call for it"
            )
        return self

    @property
    def wild(self) -> bool:
        """Whether it shows what was seen, whatever that is."""
        return ANY in self.topic or any(ANY in (shot.subject, shot.object) for shot in self.shots)


PLAIN = Templates(
    en=("{subject} {is} {action} {object} {setting}.",),
    zh=("{setting}，{subject}{action}{object}。",),
)


class Library(Section):
    """All stories, in the file's order."""

    stories: tuple[Story, ...] = Field(min_length=1, description="The stories: topic, when, shots.")
    templates: Mapping[Tone, Templates] = Field(
        default={"plain": PLAIN},
        description="Sentences by tone (plain, promotional, playful, popular-science), in `en` and `zh`.",
    )
    explainers: bool = Field(
        default=True,
        description="Also tell the explainers that come along (how dinosaurs walk, why it rains, …), but for "
        "topics that this file has itself.",
    )

    @model_validator(mode="after")
    def _named_once(self) -> Library:
        topics = [story.topic for story in self.stories]
        for topic in topics:
            if topics.count(topic) > 1:
                raise ValueError(
                    f"two stories have the topic {topic!r}; one story can have several conditions"
                )
        if "plain" not in self.templates:
            raise ValueError("templates need the tone 'plain': what other tones fall back to")
        return self

    def story(self, topic: str) -> Story | None:
        """The story named `topic`, or None."""
        return next((story for story in self.stories if story.topic == topic), None)

    def sentences(self, tone: str, language: Language) -> tuple[str, ...]:
        """Templates of `tone`, else the plain ones."""
        for name, templates in self.templates.items():
            if name == tone:
                return templates.of(language)
        return self.templates["plain"].of(language)


# ---------------------------------------------------------------------------------- reading and telling


def load_library(path: Path | None) -> Library:
    """The library in the YAML file at `path`; None for the one that comes along. Raises StoryError.

    After its own stories stand the explainers that come along, unless it says otherwise.
    """
    source = resources.files("reverie") / "assets" / "stories.yaml" if path is None else path
    try:
        text = source.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StoryError(f"{source}: no such story library") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StoryError(f"{source}: cannot be read: {error}") from error
    library = parse_library(text, str(source))
    if not library.explainers:
        return library
    own = {story.topic for story in library.stories}
    more = tuple(story for story in explainers() if story.topic not in own)
    return library.model_copy(update={"stories": library.stories + more})


@cache
def explainers() -> tuple[Story, ...]:
    """The curated topics that come along, a file each in `assets/explainers/`, by name."""
    folder = resources.files("reverie") / "assets" / "explainers"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda f: f.name)
    return tuple(_parsed(file.read_text(encoding="utf-8"), file.name, Story) for file in files)


def _parsed(text: str, origin: str, kind: type[SectionT]) -> SectionT:
    try:
        return parse_section(text, origin, kind)
    except ConfigError as error:
        raise StoryError(str(error)) from None


def parse_library(text: str, origin: str) -> Library:
    """The library in YAML `text`; `origin` names it in errors. Raises StoryError."""
    return _parsed(text, origin, Library)


def make_brief(
    library: Library,
    story: Story,
    tone: str,
    language: Language,
    *,
    subject: str | None = None,
    object: str | None = None,
    variant: int = 0,
    products: Mapping[str, Product] = NO_PRODUCTS,
) -> Brief:
    """The brief of `story`. `subject` and `object` are labels that were seen, for its '*'.

    A label of `products` is drawn as its product's word and called by its product's name; one that nothing is
    known of is a gift.

    Equal arguments give equal briefs, always and on every machine, so that clips are found again. `variant`
    turns through the wordings: where it starts is a hash of topic, tone and language, each step takes the
    next, so n variants are all told within n steps.
    """
    seen = {"subject": subject, "object": object}
    topic = story.topic.replace(ANY, subject or STAND_IN)
    start = _hash(topic, tone, language) + variant
    shots = []
    for plan in story.shots:
        shot = Shot(
            subject=_drawable(plan.subject, subject, products),
            action=plan.action,
            object=None if plan.object is None else _drawable(plan.object, object, products),
            setting=plan.setting,
            mood=plan.mood,
            caption="",
            seconds=plan.seconds,
            light=plan.light,
            view=plan.view,
            labels=(
                _taught(plan.subject, subject, seen.values(), products),
                _taught(plan.object, object, seen.values(), products),
            ),
        )
        lines = plan.lines(tone, language)
        if lines:
            names = {slot: _name(label, language, products) for slot, label in seen.items()}
            caption = lines[start % len(lines)].format(**names)
        else:
            templates = library.sentences(tone, language)
            caption = sentence(templates[start % len(templates)], shot, language)
        shots.append(replace(shot, caption=caption))
    return Brief(topic, tuple(shots), tone, language)


def _drawable(word: str, seen: str | None, products: Mapping[str, Product]) -> str:
    if word != ANY:
        return word
    noun = products[seen].word if seen is not None and seen in products else seen
    return noun if noun is not None and noun in NOUN else STAND_IN


def _taught(
    word: str | None, there: str | None, seen: Iterable[str | None], products: Mapping[str, Product]
) -> str:
    """The product that a shot's word stands for; "" where it is no product.

    '*' is what is `there`. A story of donuts that is told because of a product drawn as one shows that.
    """
    if word == ANY:
        return there if there is not None and there in products else ""
    named = (label for label in seen if label is not None and label in products)
    return next((label for label in named if products[label].word == word), "")


def _name(label: str | None, language: Language, products: Mapping[str, Product]) -> str:
    """The bare name of a seen thing; a label without a translation stays unnamed in Chinese."""
    if label is not None and label in products:
        return products[label].called(language)
    noun = NOUN.get(label or STAND_IN)
    if language == "zh":
        return noun.zh if noun else "小惊喜"
    return noun.en if noun else str(label)


def _hash(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:4], "big")
