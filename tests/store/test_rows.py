"""Values survive the store bit for bit, and what does not fit is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie.errors import StoreError
from reverie.store import rows
from reverie.values import (
    Brief,
    ClipSpec,
    Command,
    Dials,
    EventKind,
    Question,
    Request,
    Scene,
    Shot,
    Wish,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
languages = st.sampled_from(["en", "zh"])
shots = st.builds(Shot, texts, texts, st.none() | texts, texts, texts, texts, numbers)
briefs = st.builds(Brief, texts, st.lists(shots, max_size=3).map(tuple), texts, languages)
wholes = st.integers(0, 2**31)
specs = st.builds(ClipSpec, texts, texts, wholes, wholes, wholes, wholes)
scenes = st.builds(
    Scene,
    numbers,
    texts,
    texts,
    st.sampled_from(EventKind),
    texts,
    st.none() | texts,
    st.lists(st.tuples(texts, wholes), max_size=3).map(tuple),
    numbers,
    st.sampled_from(["", "in", "out"]),
)
causes = scenes | st.builds(Question, numbers, texts, languages) | st.builds(Command, numbers, texts)
wishes = st.lists(st.builds(Wish, texts, texts), max_size=3).map(tuple)
dials = st.builds(Dials, st.booleans(), st.none() | languages, st.none() | texts)
scores = st.dictionaries(texts, numbers, max_size=3)
PICTURES = Path("/data/pictures")
names = st.text("abc .é猫", min_size=1).filter(lambda name: name.strip(". "))
paths = st.builds(Path, st.sampled_from([PICTURES, Path("/elsewhere"), PICTURES / "below"]), names)
optional = st.none() | wholes
requests = st.builds(
    Request, texts, st.none() | texts, optional, optional, st.none() | numbers, optional, st.none() | paths
)

PAIRS: list[tuple[st.SearchStrategy[Any], Callable[[Any], str], Callable[[str], Any]]] = [
    (briefs, rows.brief_text, rows.brief_of),
    (specs, rows.spec_text, rows.spec_of),
    (causes, rows.cause_text, rows.cause_of),
    (wishes, rows.wishes_text, rows.wishes_of),
    (dials, rows.dials_text, rows.dials_of),
    (scores, rows.scores_text, rows.scores_of),
    (
        requests,
        partial(rows.request_text, pictures=PICTURES),
        partial(rows.request_of, pictures=PICTURES),
    ),
]


@pytest.mark.parametrize(("values", "write", "read"), PAIRS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_what_is_written_is_read(
    values: st.SearchStrategy[Any],
    write: Callable[[Any], str],
    read: Callable[[str], Any],
    data: st.DataObject,
) -> None:
    value = data.draw(values)
    assert read(write(value)) == value


@pytest.mark.parametrize(
    ("read", "text", "says"),
    [
        # not JSON
        (rows.brief_of, "{", "not JSON"),
        # not an object
        (rows.brief_of, "[]", "a brief is not an object"),
        # a field is missing
        (rows.brief_of, '{"topic": "t"}', "a brief has no 'shots'"),
        # a field too many, as a newer program might write
        (
            rows.cause_of,
            '{"type": "command", "time": 1, "topic": "t", "who": "?"}',
            "a cause has fields nobody knows: who",
        ),
        # a cause without its tag, and with one nobody knows
        (rows.cause_of, '{"time": 1, "topic": "t"}', "a cause has no 'type'"),
        (rows.cause_of, '{"type": "headline"}', "known are scene, question and command"),
        # the wrong type
        (rows.cause_of, '{"type": "command", "time": "1", "topic": "t"}', "'time' should be a number"),
        # a boolean is no number
        (rows.cause_of, '{"type": "command", "time": true, "topic": "t"}', "'time' should be a number"),
        # outside a closed vocabulary
        (rows.cause_of, '{"type": "question", "time": 1, "text": "?", "language": "fr"}', "'fr' is none of"),
        (
            rows.cause_of,
            '{"type": "scene", "time": 1, "camera": "c", "zone": "", "kind": "stared"}',
            "kind 'stared'",
        ),
        (rows.dials_of, '{"paused": 0, "language": null, "tone": null}', "'paused' should be true or false"),
        (rows.wishes_of, '{"key": "k"}', "wishes are not a list"),
        (rows.scores_of, '{"flicker": NaN}', "'flicker' should be a number"),
        (rows.stats_of, "[]", "stats are not an object"),
        (partial(rows.request_of, pictures=PICTURES), '{"prompt": "a cat"}', "a request has no 'picture'"),
        (
            partial(rows.request_of, pictures=PICTURES),
            '{"prompt": "a cat", "picture": null, "negative": null, "seed": 1.5}',
            "'seed' should be a whole number",
        ),
    ],
)
def test_what_does_not_fit_is_refused(read: Callable[[str], object], text: str, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        read(text)


def test_a_picture_of_our_own_moves_with_the_data_folder() -> None:
    text = rows.request_text(Request("a cat", picture=PICTURES / "1.png"), PICTURES)
    assert "data" not in text
    assert rows.request_of(text, Path("/moved/pictures")).picture == Path("/moved/pictures/1.png")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_not_written(value: float) -> None:
    with pytest.raises(StoreError, match="scores cannot be kept as JSON"):
        rows.scores_text({"flicker": value})
