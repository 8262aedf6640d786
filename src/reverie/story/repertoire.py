"""Every prompt that a story library can call for: what `reverie prompts compile` encodes ahead of time.

    stories x whom and what they may show x tones → briefs → the prompt of each shot

A box with these compiled never loads the text encoder for what its camera sees, what its operator commands,
and what somebody asks that the library answers (or that nothing can be drawn for). It does need one, or
refuses, for the rest: a free question ("a robot builds a house") composes a brief of its own, one of millions
that the vocabulary allows, and a program may send a prompt in its own words to `/v1/videos`.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import get_args

from reverie import config
from reverie.shelf import read_shelf
from reverie.story.director import PLACE_TONE, TONES
from reverie.story.library import ANY, Library, Story, load_library, make_brief
from reverie.story.prompts import prompts_of
from reverie.story.questions import proposed, understand
from reverie.story.vocabulary import LABELS, NOUN
from reverie.values import Brief, Language


def make_repertoire(
    settings: config.Config, language: Language, tones: Sequence[str] = TONES
) -> tuple[str, ...]:
    """The prompts, in a generator's `language`, of all that the box of `settings` can come to show.

    In every tone by default, since the operator's dial may choose any; the configured one comes first.
    Raises StoryError.
    """
    usual = settings.story.tone or PLACE_TONE[settings.story.place]
    tones = sorted(tones, key=lambda tone: tone != usual)
    labels = labels_of(settings.detector)
    if labels is not None and settings.products is not None:
        labels += tuple(product.word for product in read_shelf(settings.products).products)
    return repertoire(load_library(settings.story.library), language, labels, tones)


def repertoire(
    library: Library,
    language: Language,
    labels: Collection[str] | None = None,
    tones: Sequence[str] = TONES,
) -> tuple[str, ...]:
    """The prompts of all briefs that scenes, commands and curated questions can call for; each once.

    `labels`: what the detector can report; None: anything, so that every noun of the vocabulary may come.
    Tones in the order given, stories in the library's, shots in the story's: always the same order.
    """
    told = (prompts_of(brief, language) for brief in _briefs(library, language, labels, tones))
    return tuple(dict.fromkeys(itertools.chain.from_iterable(told)))


def labels_of(detector: config.Detector) -> tuple[str, ...] | None:
    """What a detector can report, by its configuration alone; None (anything) for a model of one's own."""
    if detector.classes:
        return detector.classes
    return LABELS if detector.model == "embedded" else None


def _briefs(
    library: Library, language: Language, labels: Collection[str] | None, tones: Sequence[str]
) -> Iterator[Brief]:
    for tone in tones:
        for story in library.stories:
            for subject, thing in _casts(story, labels):
                yield make_brief(library, story, tone, language, subject=subject, object=thing)
        card = understand("", language, library, tone).brief  # for what cannot be drawn, whatever it proposes
        asked = (shot for spoken in get_args(Language) for shot in proposed(library, spoken))
        yield replace(card, shots=(card.shots[0], *asked))


def _casts(story: Story, labels: Collection[str] | None) -> Iterator[tuple[str | None, str | None]]:
    """Whom and what a story may be told of; None: nobody in particular, or something that cannot be drawn.

    Commands name nobody. A wild story is told of whatever fits one of its conditions.
    """
    yield None, None
    shows_subject = any(shot.subject == ANY for shot in story.shots)
    shows_object = any(shot.object == ANY for shot in story.shots)
    for when in story.when:
        subjects = _fitting(when.subject, labels) if shows_subject else (None,)
        objects = _fitting(when.object, labels) if shows_object else (None,)
        yield from itertools.product(subjects, objects)


def _fitting(asked: Collection[str], labels: Collection[str] | None) -> tuple[str | None, ...]:
    """Nouns of the vocabulary that can be seen where a condition asks for `asked`; None for all others."""
    return (
        None,
        *(
            name
            for name in NOUN
            if (not asked or ANY in asked or name in asked) and (labels is None or name in labels)
        ),
    )
