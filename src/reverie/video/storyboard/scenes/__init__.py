"""The bespoke scenes: topics that are worth a play of their own. One file each, named like the topic.

    scene = make_scene(brief, canvas, seed)       # None: the composer's generic scene it is
    scene.draw(canvas, t)                         # the whole picture at second t, captions included

Each file has `open_scene(brief, canvas, seed) -> Scene`; a file more is a topic more. The AI label is not
theirs: it is burnt in later, and they keep its corner clear (`score.label_room`).
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Protocol, cast

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Canvas


class Scene(Protocol):
    """A film of one brief. The same brief, canvas size and seed give the same pictures at the same times."""

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at second `t`, 0 <= t < brief.seconds, over whatever is on the canvas.

        `canvas` is of the size the scene was made for; its camera is left anywhere.
        """
        ...


TOPICS = frozenset(found.name.replace("_", "-") for found in pkgutil.iter_modules(__path__))
"""What `make_scene` has a scene for."""


def make_scene(brief: Brief, canvas: Canvas, seed: int) -> Scene | None:
    """The bespoke scene for `brief.topic` on canvases like the one given; None when there is none.

    Any number of shots and any seconds > 0 will do: the scene spreads its acts over them.
    """
    if not brief.shots or brief.topic not in TOPICS:
        return None
    module = import_module(f"{__name__}.{brief.topic.replace('-', '_')}")
    return cast(Scene, module.open_scene(brief, canvas, seed))
