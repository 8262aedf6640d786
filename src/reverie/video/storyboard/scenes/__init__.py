"""The bespoke scenes: topics that are worth a play of their own, one file each.

    scene = make_scene(brief, canvas, seed)       # None: the composer's generic scene it is
    scene.draw(canvas, t)                         # the whole picture at second t, captions included

The AI label is not theirs: it is burnt in later, and they keep its corner clear.
"""

from __future__ import annotations

from typing import Protocol

from reverie.values import Brief, Shot
from reverie.video.storyboard.canvas import Canvas


class Scene(Protocol):
    """A film of one brief. The same brief, canvas size and seed give the same pictures at the same times."""

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at second `t`, 0 <= t < brief.seconds, over whatever is on the canvas.

        `canvas` is of the size the scene was made for; its camera is left anywhere.
        """
        ...


TOPICS = frozenset({"toy-car", "balloon", "dinosaur-walk", "water-cycle", "headphones", "building-blocks"})
"""What `make_scene` has a scene for."""


def make_scene(brief: Brief, canvas: Canvas, seed: int) -> Scene | None:
    """The bespoke scene for `brief.topic` on canvases like the one given; None when there is none.

    Any number of shots and any seconds > 0 will do: the scene spreads its acts over them.
    """
    if not brief.shots:
        return None
    match brief.topic:
        case "toy-car":
            from reverie.video.storyboard.scenes.toy_car import ToyCar

            return ToyCar(brief, canvas, seed)
        case "balloon":
            from reverie.video.storyboard.scenes.balloon import BalloonRise

            return BalloonRise(brief, canvas, seed)
        case "dinosaur-walk":
            from reverie.video.storyboard.scenes.dinosaur_walk import DinosaurWalk

            return DinosaurWalk(brief, canvas, seed)
        case "water-cycle":
            from reverie.video.storyboard.scenes.water_cycle import WaterCycle

            return WaterCycle(brief, canvas, seed)
        case "headphones":
            from reverie.video.storyboard.scenes.headphones import Headphones

            return Headphones(brief, canvas, seed)
        case "building-blocks":
            from reverie.video.storyboard.scenes.building_blocks import BuildingBlocks

            return BuildingBlocks(brief, canvas, seed)
        case _:
            return None


def warm_scenes(width: int, height: int) -> None:
    """Paint and keep the scenery of every topic for pictures of this size, so that first pictures come soon.

    About a second at 640 x 480. Scenery of the last one or two sizes is kept.
    """
    canvas = Canvas(width, height)
    for topic in sorted(TOPICS):
        shot = Shot("person", "look", None, "studio", "cheerful", "", 4.0)
        scene = make_scene(Brief(topic, (shot,), "playful", "en"), canvas, 0)
        assert scene is not None
        for second in (0.0, 2.0, 3.6):
            scene.draw(canvas, second)
