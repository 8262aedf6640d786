"""The director: why we imagine anything → what to show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import get_args

from reverie import config
from reverie.shelf import Product
from reverie.story.library import NO_PRODUCTS, Library, Story, Tone, make_brief
from reverie.story.questions import understand
from reverie.story.reading import Reader
from reverie.values import Brief, Cause, Command, Dials, EventKind, Language, Question, Scene

PLACE_TONE = {
    "shop": "promotional",
    "showcase": "promotional",
    "sign": "promotional",
    "classroom": "popular-science",
    "museum": "popular-science",
    "home": "playful",
}
"""How a place sounds unless the operator says otherwise."""

TONES: tuple[str, ...] = get_args(Tone)
"""Every tone there is."""


class Director:
    """Chooses the story that answers a cause. The same cause and dials give the same brief, but for questions
    that a second reader is asked."""

    def __init__(
        self,
        library: Library,
        settings: config.Story,
        timezone: tzinfo | None = None,
        second: Reader | None = None,
    ) -> None:
        """`timezone` is what `hours` in the library mean; None: the machine's own. `second` is asked for
        questions that the lexicon is not sure of (`story/llm.py`)."""
        self._second = second
        self._library = library
        self._settings = settings
        self._timezone = timezone
        self._products: Mapping[str, Product] = NO_PRODUCTS

    def learn(self, products: Sequence[Product]) -> None:
        """Know these products from now on, and no others: what they are called, drawn as, and which story.

        Of a product the library may tell by its label; else the topic of its own is told when it is shown;
        else what is told of its word ("banana"), else of anything.
        """
        self._products = {product.label: product for product in products}

    def direct(self, cause: Cause, dials: Dials, variant: int = 0) -> Brief | None:
        """What to show for `cause`, or None when no story fits.

        A scene: of the stories with a condition that holds, the most specific, then the highest priority,
        then the first in the file. A question: what was understood, in its own language. A command: the story
        of that topic. `variant` turns through the wordings of a story; kept fixed, its clip is found again.
        """
        tone, language = self.tone(dials), dials.language or self._settings.language
        match cause:
            case Scene():
                story = self._answering(cause)
                if story is None:
                    return None
                return make_brief(
                    self._library,
                    story,
                    tone,
                    language,
                    subject=cause.subject,
                    object=cause.object,
                    variant=variant,
                    products=self._products,
                )
            case Question():
                return understand(
                    cause.text, cause.language, self._library, tone, variant, self._second
                ).brief
            case Command():
                told = self._library.story(cause.topic)
                if told is None:
                    return None
                return make_brief(self._library, told, tone, language, variant=variant)

    def tone(self, dials: Dials) -> str:
        """The tone now: the operator's dial, else as configured, else as the place suggests."""
        if dials.tone in TONES:
            return dials.tone
        return self._settings.tone or PLACE_TONE[self._settings.place]

    def topics(self) -> list[str]:
        """Every topic that can be commanded, in the library's order."""
        return [story.topic for story in self._library.stories]

    def briefs(
        self,
        labels: Sequence[str] = (),
        languages: Sequence[Language] | None = None,
        tones: Sequence[str] | None = None,
        variants: int = 1,
    ) -> Iterator[Brief]:
        """Every brief that this library can ask for at this place, for warming and for compiling prompts.

        Languages and tones default to the configured ones. Stories that show whatever was seen are told for
        each of `labels` that could call for them (none: they are left out). Equal briefs come once.
        """
        seen: set[Brief] = set()
        for language in languages or (self._settings.language,):
            for tone in tones or (self.tone(Dials()),):
                for story in self._library.stories:
                    for label in self._subjects(story, labels):
                        for variant in range(variants):
                            brief = make_brief(
                                self._library,
                                story,
                                tone,
                                language,
                                subject=label,
                                variant=variant,
                                products=self._products,
                            )
                            if brief not in seen:
                                seen.add(brief)
                                yield brief

    def _answering(self, scene: Scene) -> Story | None:
        """The story for a scene in which there may be products."""
        seen = {label for label in (scene.subject, scene.object) if label in self._products}
        fitting = self._fitting(scene)
        if not seen or (fitting is not None and any(seen & {*w.subject, *w.object} for w in fitting.when)):
            return fitting
        if scene.kind is EventKind.SHOWN and scene.subject in seen:
            own = self._library.story(self._products[scene.subject].card.topic)
            if own is not None:
                return own
        return self._fitting(
            replace(
                scene, subject=self._word(scene.subject), object=scene.object and self._word(scene.object)
            )
        )

    def _word(self, label: str) -> str:
        return self._products[label].word if label in self._products else label

    def _fitting(self, scene: Scene) -> Story | None:
        best: tuple[int, int] | None = None
        chosen = None
        for story in self._library.stories:
            holding = [
                when.specificity
                for when in story.when
                if when.holds(scene, self._settings.place, self._timezone)
            ]
            if holding and (best is None or (max(holding), story.priority) > best):
                best, chosen = (max(holding), story.priority), story
        return chosen

    def _subjects(self, story: Story, labels: Sequence[str]) -> list[str | None]:
        """Labels that a story is told for: None where it does not matter which."""
        if not story.wild:
            return [None]
        kinds = {kind for when in story.when for kind in when.kind or tuple(EventKind)}
        return [
            label
            for label in labels
            if any(
                self._fitting(Scene(0.0, "", "", kind, label, counts=((label, 1),))) is story
                for kind in kinds
            )
        ]
