"""The settings: where a story happens, as a few layers at different depths, cached by mood and size.

    setting = load_set("park", "cheerful", 640, 480)
    canvas.draw_layers(setting.back); ...figures, their feet at y = GROUND...; setting.draw_front(canvas)

Each setting is a function that paints layers from far to near; `GROUND` is where feet stand, `SKYLINE` about
where floor begins. Related places share their construction with other goods and colours. A word that is no
setting gives the studio.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from reverie.video.storyboard.canvas import HIGH, Canvas, Layer, Sprite, colour
from reverie.video.storyboard.clay import Shape, box, hills, land, sky
from reverie.video.storyboard.light import SHADOW, ray, soft, twinkle
from reverie.video.storyboard.sprites import sprite, tinted

GROUND = 370.0
SKYLINE = 318.0
MARGIN = 96.0


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Layers behind the figures and before them. `light`: colour of the light that falls there."""

    name: str
    back: tuple[Layer, ...]
    front: tuple[Layer, ...]
    light: str

    def draw_front(self, canvas: Canvas) -> None:
        """What is closer to the lens than the figures."""
        for layer in self.front:
            canvas.draw_layer(layer)


class _Easel:
    """Makes the layers of one setting, far to near."""

    def __init__(self, name: str, width: int, height: int) -> None:
        self.size = (width, height)
        self.wide = width / (height / HIGH)
        self.rng = random.Random(name)
        self.back: list[Layer] = []
        self.front: list[Layer] = []

    def board(self, opaque: bool = False) -> Canvas:
        return Canvas(*self.size, margin=MARGIN, opaque=opaque)

    def across(self, step: float, jitter: float = 0.0) -> list[float]:
        """Places from edge to edge, margins included."""
        count = int((self.wide + 2 * MARGIN) / step) + 1
        return [-MARGIN + (i + 0.5) * step + self.rng.uniform(-jitter, jitter) for i in range(count)]


_Painter = Callable[[_Easel], str]


def _stand(
    board: Canvas,
    image: Sprite,
    x: float,
    y: float,
    height: float,
    *,
    dark: float = 0.35,
    turn: float = 0.0,
    flip: bool = False,
) -> None:
    """A thing on the ground with its shadow."""
    board.draw(
        soft(SHADOW, 1.2),
        x,
        y + 1,
        height * 0.16,
        wide=image.aspect * height * 1.15 / (height * 0.16),
        alpha=dark,
    )
    board.draw(image, x, y, height, anchor=(0.5, 0.98), turn=turn, flip=flip)


def _floor(
    easel: _Easel, top: str, bottom: str, y: float = SKYLINE, spot: str = "#ffffff", strength: float = 0.35
) -> Canvas:
    """A level floor with a pool of light where the figures stand."""
    board = easel.board()
    land(board, [(-200, y), (easel.wide + 200, y), (easel.wide + 200, 640), (-200, 640)], top, bottom, 0)
    board.draw(
        soft(spot, 1.2), easel.wide / 2, GROUND + 16, 190, wide=max(3.0, easel.wide / 200), alpha=strength
    )
    return board


def _corner_leaves(easel: _Easel, tint: str = "#2f8f3f") -> None:
    board = easel.board()
    for x, turn in ((-34, 24), (easel.wide + 30, -26)):
        board.draw(tinted("herb", tint, 0.35), x, 512, 190, turn=turn, anchor=(0.5, 0.9))
    easel.front.append(board.layer(1.5, 6))


# ---------------------------------------------------------------------------------- outdoors


def _park(easel: _Easel) -> str:
    rng, wide = easel.rng, easel.wide
    board = easel.board(True)
    sky(board, ((0, "#3d97ee"), (0.42, "#8fd0fb"), (0.72, "#fff0cf"), (1, "#ffe3b0")))
    board.draw(soft("#fff3c4", 1.8), wide * 0.14, 80, 360, alpha=0.75)
    for x in easel.across(190, 50):
        board.draw(
            sprite("cloud"), x, rng.uniform(50, 150), rng.uniform(34, 74), alpha=rng.uniform(0.7, 0.95)
        )
    easel.back.append(board.layer(0.08))
    board = easel.board()
    land(board, hills(wide, 300, 30, 4), "#a5dfb6", "#7fcf9b")
    for x in easel.across(58, 26):
        name = "deciduous-tree" if rng.random() < 0.7 else "evergreen-tree"
        board.draw(
            tinted(name, "#a8dcc0", 0.45), x, rng.uniform(292, 310), rng.uniform(36, 62), anchor=(0.5, 0.97)
        )
    easel.back.append(board.layer(0.35, 0.9))
    board = easel.board()
    land(board, hills(wide, 330, 9, 6), "#8ddb63", "#3f9f45", 12)
    for x, height in ((-34, 172), (40, 128), (wide - 62, 150), (wide + 26, 186)):
        _stand(board, sprite("deciduous-tree"), x, 344, height)
    board.draw(soft("#eaffb0", 1.2), wide / 2, GROUND + 12, 120, wide=max(3.6, wide / 150), alpha=0.5)
    for x in easel.across(30, 14):
        y = rng.choice((rng.uniform(340, 352), rng.uniform(396, 476)))
        board.draw(
            sprite(rng.choice(("tulip", "blossom", "herb", "herb"))),
            x,
            y,
            rng.uniform(14, 24),
            anchor=(0.5, 1),
        )
    easel.back.append(board.layer(0.9))
    _corner_leaves(easel)
    return "#fff6d8"


def _forest(easel: _Easel) -> str:
    rng, wide = easel.rng, easel.wide
    board = easel.board(True)
    sky(board, ((0, "#bfe8a0"), (0.4, "#8fcf8a"), (0.8, "#4f9f6a"), (1, "#3a7f58")))
    board.draw(soft("#fffbd0", 1.5), wide * 0.34, 60, 520, alpha=0.8)
    for x in easel.across(46, 16):
        Shape(board).tube([(x, -80), (x + rng.uniform(-8, 8), 360)], 12, 17).fill("#6fae7a", 0.8)
    easel.back.append(board.layer(0.12, 2.2))
    board = easel.board()
    for x in easel.across(112, 30):
        Shape(board).tube([(x, -90), (x + rng.uniform(-10, 10), 350)], 26, 38).put("#4f6f4a", 12, high=0.25)
        board.draw(tinted("deciduous-tree", "#3f7f4f", 0.55), x, rng.uniform(40, 90), 190)
    land(board, hills(wide, 322, 8, 3), "#5fa457", "#3f7f47")
    for i in range(5):
        board.draw(
            ray("#fbffd0"), wide * (0.1 + 0.17 * i), -30, 96, turn=64 + 5 * i, alpha=0.34, anchor=(0, 0.5)
        )
    easel.back.append(board.layer(0.4, 1.2))
    board = easel.board()
    land(board, hills(wide, 338, 6, 8), "#74b85a", "#2f6b3a", 12)
    for x, height in ((-46, 400), (wide + 44, 420)):
        Shape(board).tube([(x, 372), (x + 6, -120)], 74, 52).put("#7a5240", 22, high=0.35)
        _stand(board, sprite("evergreen-tree"), x + (60 if x < 0 else -64), 352, height * 0.34)
    board.draw(soft("#f4ffb8", 1.2), wide / 2, GROUND + 10, 110, wide=max(3.4, wide / 150), alpha=0.45)
    for x in easel.across(44, 18):
        name = rng.choice(("mushroom", "herb", "herb", "four-leaf-clover"))
        y = rng.choice((rng.uniform(346, 354), rng.uniform(402, 474)))
        board.draw(sprite(name), x, y, rng.uniform(16, 28), anchor=(0.5, 1))
    easel.back.append(board.layer(0.9))
    _corner_leaves(easel, "#1f6f3f")
    return "#f6ffd0"


def _street(easel: _Easel) -> str:
    rng, wide = easel.rng, easel.wide
    board = easel.board(True)
    sky(board, ((0, "#6fb4f2"), (0.5, "#bfe3fb"), (0.75, "#ffe9d0"), (1, "#ffe0c0")))
    for x in easel.across(230, 60):
        board.draw(sprite("cloud"), x, rng.uniform(40, 110), rng.uniform(36, 60), alpha=0.85)
    for x in easel.across(52, 8):
        height = rng.uniform(110, 200)
        box(board, x - 24, 310 - height, 48, height + 20, 4, "#b9cfe8", "#d6e0ee", 0)
    easel.back.append(board.layer(0.15, 1.0))
    board = easel.board()
    walls = ("#f6a58a", "#ffd08a", "#9fd3c7", "#c9b3f0", "#8fb8f0", "#f7b6c4")
    x, i = -MARGIN - 20, 0
    while x < wide + MARGIN:
        width, height = rng.uniform(96, 138), rng.uniform(150, 226)
        _house_front(board, x, width, height, walls[i % 6], rng)
        x, i = x + width + 3, i + 1
    easel.back.append(board.layer(0.5, 0.9))
    board = easel.board()
    land(board, [(-200, 318), (wide + 200, 318), (wide + 200, 640), (-200, 640)], "#d9d3dc", "#c3bccb", 0)
    land(board, [(-200, 346), (wide + 200, 346), (wide + 200, 640), (-200, 640)], "#74708c", "#4e4a66", 0)
    land(board, [(-200, 341), (wide + 200, 341), (wide + 200, 350), (-200, 350)], "#f1ecf2", "#b9b2c4", 2)
    for x in easel.across(120):
        box(board, x - 34, 408, 68, 7, 3, "#ffe9a8", "#ffd978", 0)
    for x in (18.0, wide - 22):
        Shape(board).tube([(x, 336), (x, 130), (x + (26 if x < 90 else -26), 116)], 8, 6).put("#4a4468", 3)
        board.draw(soft("#fff3c0", 1.2), x + (30 if x < 90 else -30), 122, 46, alpha=0.9)
        _stand(board, sprite("deciduous-tree"), x + (58 if x < 90 else -58), 338, 92)
    easel.back.append(board.layer(0.9))
    return "#fff0da"


def _house_front(board: Canvas, x: float, width: float, height: float, wall: str, rng: random.Random) -> None:
    top = 322 - height
    box(board, x, top, width, height + 8, 5, wall, wall, 5)
    box(board, x - 3, top - 7, width + 6, 13, 4, "#fff5e8", "#e6d6cc", 2)
    columns = int(width / 34)
    for row in range(int((height - 66) / 44)):
        for column in range(columns):
            wx = x + (column + 0.5) * width / columns - 9
            glass = rng.choice(("#dff3ff", "#bfe3fb", "#fff3c4"))
            box(board, wx - 2, top + 18 + row * 44, 22, 30, 3, "#ffffff", "#efe6ea", 0)
            box(board, wx, top + 20 + row * 44, 18, 26, 2, glass, "#9cc9ee", 0)
    box(board, x + 8, 322 - 46, width - 16, 46, 3, "#fff7ea", "#e9d8cb", 0)
    box(board, x + 13, 322 - 40, width * 0.45, 32, 2, "#cfeaff", "#9cc9ee", 0)
    box(board, x + width - 40, 322 - 42, 24, 42, 3, "#8a5a5f", "#6a4450", 2)
    stripes = int((width - 8) / 13)
    awning = rng.choice(("#ff6f6f", "#4fb0a8", "#ff9f45", "#6f8df5"))
    for i in range(stripes):
        box(
            board,
            x + 4 + i * (width - 8) / stripes,
            322 - 58,
            (width - 8) / stripes,
            18,
            4,
            awning if i % 2 else "#fff8f0",
            edge=0,
        )


def _night(easel: _Easel) -> str:
    rng, wide = easel.rng, easel.wide
    board = easel.board(True)
    sky(board, ((0, "#12103d"), (0.45, "#2e2a78"), (0.75, "#7a5fc0"), (1, "#c78fd6")))
    for _ in range(80):
        board.draw(
            soft("#ffffff", 0.7),
            rng.uniform(-80, wide + 80),
            rng.uniform(-40, 290),
            rng.uniform(2, 6),
            alpha=rng.uniform(0.3, 1),
        )
    for _ in range(7):
        board.draw(twinkle("#fff6d0"), rng.uniform(0, wide), rng.uniform(10, 220), rng.uniform(10, 20))
    board.draw(soft("#fff0c8", 1.6), wide * 0.17, 92, 230, alpha=0.5)
    board.draw(sprite("full-moon"), wide * 0.17, 92, 74)
    easel.back.append(board.layer(0.06))
    board = easel.board()
    land(board, hills(wide, 296, 26, 2), "#4a46a0", "#2a2768", 12)
    for x in easel.across(70, 24):
        board.draw(
            tinted("evergreen-tree", "#3a3788", 0.7),
            x,
            rng.uniform(292, 306),
            rng.uniform(40, 70),
            anchor=(0.5, 0.97),
        )
    easel.back.append(board.layer(0.35, 0.8))
    board = easel.board()
    land(board, hills(wide, 334, 8, 3), "#5f57b8", "#2b266a", 12)
    for x, height in ((-20, 150), (46, 110), (wide - 40, 128), (wide + 30, 160)):
        board.draw(tinted("evergreen-tree", "#2b2a70", 0.58), x, 350, height, anchor=(0.5, 0.97))
    board.draw(soft("#cfc0ff", 1.2), wide / 2, GROUND + 10, 120, wide=max(3.4, wide / 150), alpha=0.42)
    for x in easel.across(60, 26):
        board.draw(
            tinted("herb", "#3a3590", 0.55), x, rng.uniform(400, 470), rng.uniform(14, 22), anchor=(0.5, 1)
        )
    easel.back.append(board.layer(0.9))
    return "#d8ccff"


def _beach(easel: _Easel) -> str:
    rng, wide = easel.rng, easel.wide
    board = easel.board(True)
    sky(board, ((0, "#2f9df0"), (0.35, "#8fdafb"), (0.5, "#e9fbff"), (1, "#e9fbff")))
    board.draw(soft("#fffbe0", 1.6), wide * 0.18, 76, 330, alpha=0.8)
    for x in easel.across(210, 60):
        board.draw(sprite("cloud"), x, rng.uniform(60, 150), rng.uniform(30, 62), alpha=0.9)
    land(board, [(-200, 226), (wide + 200, 226), (wide + 200, 600), (-200, 600)], "#2f9fe0", "#7fe0e6", 0)
    for _ in range(26):
        y = rng.uniform(230, 300)
        board.draw(
            soft("#ffffff", 0.9), rng.uniform(-80, wide + 80), y, 3, wide=rng.uniform(6, 18), alpha=0.5
        )
    board.draw(sprite("sailboat"), wide * 0.72, 238, 40, anchor=(0.5, 0.9))
    board.draw(tinted("desert-island", "#9fd8e8", 0.3), wide * 0.36, 236, 44, anchor=(0.5, 0.85))
    easel.back.append(board.layer(0.15))
    board = easel.board()
    land(board, hills(wide, 300, 5, 12, freq=2.4), "#dffcff", "#ffffff", 0)
    land(board, hills(wide, 306, 5, 12, freq=2.4), "#e8cf9a", "#d9b67a", 0)
    land(board, hills(wide, 318, 7, 13, freq=2.0), "#ffe6b0", "#e9b978", 12)
    for x, height, flip in ((-22, 236, False), (wide + 12, 262, True)):
        _stand(board, sprite("palm-tree"), x, 350, height, flip=flip)
    board.draw(soft("#fff9e0", 1.2), wide / 2, GROUND + 12, 110, wide=max(3.4, wide / 150), alpha=0.5)
    for x in easel.across(86, 34):
        y = rng.choice((344, rng.uniform(410, 470)))
        board.draw(
            sprite(rng.choice(("spiral-shell", "rock", "crab", "spiral-shell"))),
            x,
            y,
            rng.uniform(12, 22),
            anchor=(0.5, 1),
        )
    easel.back.append(board.layer(0.9))
    return "#fffbe6"


def _underwater(easel: _Easel) -> str:
    rng, wide = easel.rng, easel.wide
    board = easel.board(True)
    sky(board, ((0, "#7fe9f5"), (0.25, "#35b8e6"), (0.7, "#1b78c8"), (1, "#12539a")))
    for i in range(7):
        board.draw(
            ray("#e8ffff"),
            wide * (i / 6),
            -50,
            92,
            turn=78 + rng.uniform(-14, 20),
            alpha=0.42,
            anchor=(0, 0.5),
        )
    for x in easel.across(120, 40):
        board.draw(
            tinted("fish", "#4fb8e6", 0.6),
            x,
            rng.uniform(90, 260),
            rng.uniform(12, 24),
            flip=rng.random() < 0.5,
        )
    easel.back.append(board.layer(0.12, 0.8))
    board = easel.board()
    land(board, hills(wide, 306, 16, 5), "#3f8fc4", "#2a6aa8", 8)
    for x in easel.across(96, 34):
        board.draw(
            tinted("coral", "#2f7fc0", 0.6), x, rng.uniform(302, 316), rng.uniform(46, 84), anchor=(0.5, 0.95)
        )
    easel.back.append(board.layer(0.4, 1.4))
    board = easel.board()
    land(board, hills(wide, 344, 7, 7), "#f0dca0", "#a98a68", 10)
    for x, height in ((6, 120), (66, 74), (wide - 74, 84), (wide - 4, 138)):
        board.draw(sprite("coral"), x, 362, height, anchor=(0.5, 0.95))
    for x in (-30.0, 34.0, wide - 34, wide + 26):
        blade = [(x + 9 * np.sin(i * 0.9 + x), 372 - i * 22) for i in range(9)]
        Shape(board).tube([(float(a), float(b)) for a, b in blade], 15, 4).put("#3fae6f", 5)
    for x in easel.across(78, 30):
        board.draw(
            sprite(rng.choice(("spiral-shell", "rock", "spiral-shell"))),
            x,
            rng.uniform(404, 470),
            rng.uniform(14, 24),
            anchor=(0.5, 1),
        )
    easel.back.append(board.layer(0.9))
    return "#d8fbff"


def _sky(easel: _Easel) -> str:
    rng, wide = easel.rng, easel.wide
    board = easel.board(True)
    sky(board, ((0, "#2f7fe8"), (0.4, "#6fc0fa"), (0.75, "#d8f2ff"), (1, "#ffffff")))
    board.draw(soft("#fff6d0", 1.7), wide * 0.16, 80, 380, alpha=0.85)
    board.draw(sprite("rainbow"), wide * 0.66, 320, 250, alpha=0.42, anchor=(0.5, 1))
    for x in easel.across(120, 50):
        board.draw(sprite("cloud"), x, rng.uniform(90, 240), rng.uniform(26, 54), alpha=0.7)
    easel.back.append(board.layer(0.1, 0.8))
    board = easel.board()
    for x in easel.across(110, 34):
        board.draw(tinted("cloud", "#cfe6ff", 0.35), x, rng.uniform(310, 336), rng.uniform(90, 130))
    easel.back.append(board.layer(0.4, 1.2))
    board = easel.board()
    for x in easel.across(96, 22):
        board.draw(tinted("cloud", "#ffffff", 0.25), x, rng.uniform(376, 396), rng.uniform(96, 128))
    land(board, hills(wide, 392, 8, 4), "#ffffff", "#cfe2fa", 12)
    easel.back.append(board.layer(0.9))
    board = easel.board()
    for x in (-36.0, wide + 30):
        board.draw(sprite("cloud"), x, 474, 130)
    easel.front.append(board.layer(1.5, 5))
    return "#fffdf0"


def _space(easel: _Easel) -> str:
    rng, wide = easel.rng, easel.wide
    board = easel.board(True)
    sky(board, ((0, "#0a0a26"), (0.5, "#1d1650"), (1, "#3a2270")))
    for at, y, size, tint in (
        (0.2, 200.0, 420, "#6a3fd0"),
        (0.75, 120, 460, "#2f6fd8"),
        (0.55, 300, 380, "#c04fa0"),
    ):
        board.draw(soft(tint, 1.5), wide * at, y, size, alpha=0.42)
    for _ in range(110):
        board.draw(
            soft("#ffffff", 0.7),
            rng.uniform(-80, wide + 80),
            rng.uniform(-40, 340),
            rng.uniform(1.6, 5),
            alpha=rng.uniform(0.3, 1),
        )
    for _ in range(9):
        board.draw(twinkle("#ffffff"), rng.uniform(0, wide), rng.uniform(0, 280), rng.uniform(9, 19))
    easel.back.append(board.layer(0.04))
    board = easel.board()
    board.draw(sprite("ringed-planet"), wide * 0.80, 190, 108, turn=-8)
    board.draw(soft("#6fc0ff", 1.6), wide * 0.15, 120, 200, alpha=0.5)
    board.draw(sprite("globe-showing-europe-africa"), wide * 0.15, 120, 104)
    easel.back.append(board.layer(0.15))
    board = easel.board()
    land(board, hills(wide, 326, 10, 9), "#c9c3e6", "#5f568f", 12)
    for x in easel.across(104, 40):
        y, radius = rng.uniform(350, 460), rng.uniform(20, 44)
        Shape(board).ellipse(x, y, radius, radius * 0.26).fill("#8a80b8", 0.8)
        Shape(board).ellipse(x, y + 2.5, radius * 0.9, radius * 0.20).fill("#6f659f", 0.9)
    board.draw(soft("#f0ecff", 1.2), wide / 2, GROUND + 10, 120, wide=max(3.4, wide / 150), alpha=0.4)
    for x in (14.0, wide - 26):
        _stand(board, tinted("rock", "#a79fd0", 0.4), x, 352, 46)
    easel.back.append(board.layer(0.9))
    return "#e0dcff"


def _prehistoric(easel: _Easel) -> str:
    rng, wide = easel.rng, easel.wide
    board = easel.board(True)
    sky(board, ((0, "#ff8f6b"), (0.35, "#ffbe7a"), (0.62, "#ffe7ac"), (1, "#fff1c9")))
    board.draw(soft("#fff6d8", 1.3), wide * 0.62, 170, 330, alpha=0.6)
    board.draw(soft("#fffbe8", 0.25), wide * 0.62, 170, 78, alpha=0.75)
    easel.back.append(board.layer(0.05))
    board = easel.board()
    board.draw(tinted("volcano", "#e59a86", 0.55), wide * 0.24, 316, 226, anchor=(0.5, 0.96))
    board.draw(tinted("mountain", "#eda98c", 0.68), wide * 0.9, 330, 190, anchor=(0.5, 0.9))
    land(board, hills(wide, 288, 14, 9), "#e9a07f", "#e8b48c", 8)
    easel.back.append(board.layer(0.14, 1.0))
    board = easel.board()
    land(board, hills(wide, 322, 9, 1), "#a9bf72", "#7f9f55", 10)
    for x in easel.across(74, 26):
        name = rng.choice(("palm-tree", "palm-tree", "evergreen-tree"))
        board.draw(
            tinted(name, "#d9b27a", 0.36), x, rng.uniform(314, 328), rng.uniform(70, 122), anchor=(0.5, 0.97)
        )
    easel.back.append(board.layer(0.4, 0.8))
    board = easel.board()
    land(board, hills(wide, 342, 5, 2), "#e0b870", "#9a6a3e", 10)
    board.draw(soft("#fff0c0", 1.2), wide / 2, GROUND + 10, 120, wide=max(3.4, wide / 150), alpha=0.4)
    for x in easel.across(58, 22):
        near = rng.random() < 0.5
        image = tinted("rock", "#9a6238", 0.55) if near else sprite(rng.choice(("herb", "seedling")))
        board.draw(image, x, rng.uniform(402, 470) if near else 348, rng.uniform(14, 28), anchor=(0.5, 0.95))
    easel.back.append(board.layer(0.9))
    _corner_leaves(easel, "#4f8f2f")
    return "#fff0cf"


# ---------------------------------------------------------------------------------- indoors


@dataclass(frozen=True, slots=True)
class _Store:
    """How a place with shelves looks; `goods`: sprites, in one line."""

    goods: str
    wall: tuple[str, str]
    board: tuple[str, str]
    recess: tuple[str, str]
    floor: tuple[str, str]
    lamp: str


_STORES = {
    "toy_shelf": _Store(
        "teddy-bear robot soccer-ball kite rocket puzzle-piece yo-yo video-game wrapped-gift basketball"
        " automobile nesting-dolls",
        ("#ffd9a8", "#ffb98a"),
        ("#ffcf97", "#d98f5a"),
        ("#a85f3c", "#c47a4e"),
        ("#f2b079", "#b5683f"),
        "#fff0c0",
    ),
    "shop": _Store(
        "handbag running-shoe dress top-hat watch scarf backpack sunglasses high-heeled-shoe shopping-bags"
        " t-shirt gem-stone",
        ("#fbe3ea", "#f3c3d2"),
        ("#ffffff", "#e9c9d6"),
        ("#e8a9bf", "#f0c3d1"),
        ("#f7e3da", "#cfa79a"),
        "#fff6ea",
    ),
    "electronics": _Store(
        "laptop mobile-phone headphone camera television watch video-game desktop-computer radio keyboard"
        " video-camera",
        ("#22336f", "#16204c"),
        ("#7fd3ff", "#3f78d8"),
        ("#1a2858", "#2a3f86"),
        ("#3b4a8f", "#1a2150"),
        "#8fd8ff",
    ),
    "supermarket": _Store(
        "red-apple banana tangerine broccoli carrot bread glass-of-milk grapes pineapple tomato egg"
        " cheese-wedge watermelon",
        ("#eefaf0", "#cdeed6"),
        ("#ffffff", "#b9dcc4"),
        ("#8fc9a4", "#b2e0c0"),
        ("#f4f7f2", "#b9c7bf"),
        "#ffffff",
    ),
}


def _store(easel: _Easel, look: _Store) -> str:
    rng, wide = easel.rng, easel.wide
    board = easel.board(True)
    sky(board, ((0, look.wall[0]), (0.72, look.wall[1]), (1, look.wall[1])))
    for row in range(3):
        y = 84 + row * 88
        box(board, -MARGIN - 40, y - 68, wide + 2 * MARGIN + 80, 68, 4, *look.recess, edge=0)
        shuffled = look.goods.split()
        rng.shuffle(shuffled)
        for i, x in enumerate(easel.across(66, 8)):
            image = sprite(shuffled[i % len(shuffled)])
            height = min(56.0, 60 / max(1.0, image.aspect)) * rng.uniform(0.85, 1.0)
            board.draw(soft(SHADOW, 0.9), x + 3, y - 1, 9, wide=7, alpha=0.5)
            board.draw(image, x, y, height, anchor=(0.5, 1.0))
        box(board, -MARGIN - 40, y, wide + 2 * MARGIN + 80, 13, 3, *look.board, edge=2)
        for x in easel.across(66) if look is _STORES["supermarket"] else []:
            box(board, x - 13, y + 2, 26, 10, 2, "#ffe26a", "#ffc93c", 0)
    for x in easel.across(max(120.0, wide / 4)):
        board.draw(soft(look.lamp, 2.0), x, 6, 230, alpha=0.5, glow=look.wall[0] < "#5")
    easel.back.append(board.layer(0.35, 1.9))
    floor = _floor(easel, *look.floor, spot=look.lamp, strength=0.5)
    box(floor, -MARGIN - 40, 300, wide + 2 * MARGIN + 80, 22, 2, look.board[1], look.recess[0], 0)
    if look is _STORES["toy_shelf"]:
        Shape(floor).ellipse(wide / 2, GROUND + 22, wide * 0.42, 44).fill("#6f86e8", 0.55)
        Shape(floor).ellipse(wide / 2, GROUND + 21, wide * 0.36, 36).fill("#8fa2ff", 0.55)
    elif look is _STORES["electronics"]:
        for line in (332.0, 352.0, 384.0, 428.0):
            Shape(floor).tube([(-120, line), (wide + 120, line)], 1.6, 1.6).fill("#6fc8ff", 0.5)
        for i in range(-8, 9):
            Shape(floor).tube([(wide / 2 + i * 38, 322), (wide / 2 + i * 110, 480)], 1.4, 2.4).fill(
                "#6fc8ff", 0.35
            )
    elif look is _STORES["supermarket"]:
        _tiles(floor, easel, "#ffffff", 0.55)
    else:
        Shape(floor).ellipse(wide / 2, GROUND + 22, wide * 0.40, 42).fill("#ffffff", 0.5)
    easel.back.append(floor.layer(0.9))
    return look.lamp


def _tiles(floor: Canvas, easel: _Easel, tint: str, alpha: float) -> None:
    """A checkered floor in perspective."""
    rows = (322.0, 336.0, 356.0, 384.0, 424.0, 482.0)
    middle = easel.wide / 2
    for row, (a, b) in enumerate(pairwise(rows)):
        for i in range(-14, 14):
            if (i + row) % 2:
                ka, kb = (a - 250) / 1.6, (b - 250) / 1.6
                Shape(floor).polygon(
                    [
                        (middle + i * ka, a),
                        (middle + (i + 1) * ka, a),
                        (middle + (i + 1) * kb, b),
                        (middle + i * kb, b),
                    ]
                ).fill(tint, alpha)


def _planks(floor: Canvas, easel: _Easel, tint: str) -> None:
    for y in (330.0, 346.0, 368.0, 398.0, 438.0):
        Shape(floor).tube([(-120, y), (easel.wide + 120, y)], 1.6, 1.6).fill(tint, 0.35)


def _window(board: Canvas, x: float, y: float, width: float, height: float) -> None:
    box(board, x - 7, y - 7, width + 14, height + 14, 6, "#ffffff", "#e9dfd6", 3)
    box(board, x, y, width, height, 3, "#7fc8f8", "#dff4ff", 0)
    board.draw(sprite("cloud"), x + width * 0.62, y + height * 0.32, height * 0.22, alpha=0.95)
    land(
        board,
        [
            (x, y + height * 0.8),
            (x + width * 0.5, y + height * 0.68),
            (x + width, y + height * 0.8),
            (x + width, y + height),
            (x, y + height),
        ],
        "#8fd68a",
        "#6fc06f",
        0,
    )
    box(board, x + width / 2 - 3, y, 6, height, 1, "#ffffff", "#efe6de", 0)
    box(board, x, y + height / 2 - 3, width, 6, 1, "#ffffff", "#efe6de", 0)
    box(board, x - 13, y + height + 6, width + 26, 10, 4, "#ffffff", "#dccfc4", 2)


def _room(easel: _Easel) -> str:
    wide = easel.wide
    board = easel.board(True)
    sky(board, ((0, "#9fd6cf"), (0.66, "#c9ebe0"), (1, "#c9ebe0")))
    for x in easel.across(40):
        box(board, x, -MARGIN, 17, 430, 0.5, "#b4e0d8", "#d4f0e6", 0)
    _window(board, wide * 0.10, 72, 118, 138)
    board.draw(sprite("framed-picture"), wide * 0.52, 118, 70)
    box(board, wide * 0.68, 104, 128, 9, 3, "#e9b27c", "#c98a56", 2)
    for i, name in enumerate(("books", "potted-plant", "mantelpiece-clock")):
        board.draw(sprite(name), wide * 0.68 + 22 + i * 42, 105, 40, anchor=(0.5, 1))
    box(board, -MARGIN - 30, 302, wide + 2 * MARGIN + 60, 20, 2, "#ffffff", "#e6efe9", 0)
    board.draw(soft("#fffbe0", 1.6), wide * 0.2, 160, 460, alpha=0.5)
    easel.back.append(board.layer(0.35, 1.0))
    floor = _floor(easel, "#e8b27e", "#a9683f", spot="#fff1d0", strength=0.5)
    _planks(floor, easel, "#8a5230")
    Shape(floor).ellipse(wide / 2, GROUND + 20, wide * 0.40, 44).fill("#ff8f7a", 0.85)
    Shape(floor).ellipse(wide / 2, GROUND + 20, wide * 0.34, 36).fill("#ffc9a8", 0.85)
    _stand(floor, sprite("couch-and-lamp"), wide - 42, 344, 150)
    _stand(floor, sprite("potted-plant"), 18, 346, 104)
    easel.back.append(floor.layer(0.8))
    return "#fff4dc"


def _kitchen(easel: _Easel) -> str:
    wide = easel.wide
    board = easel.board(True)
    sky(board, ((0, "#fff1d6"), (0.66, "#ffe2b8"), (1, "#ffe2b8")))
    for row in range(5):
        for x in easel.across(38):
            box(board, x + (19 if row % 2 else 0), 150 + row * 24, 35, 21, 3, "#ffffff", "#f6ead8", 0)
    box(board, -MARGIN - 30, -60, wide + 2 * MARGIN + 60, 172, 3, "#6fc3b4", "#55aa9c", 0)
    for x in easel.across(92):
        box(board, x - 42, -50, 84, 154, 7, "#8ad6c6", "#6fc3b4", 4)
        box(board, x + 24, 66, 7, 26, 3, "#fff6e0", "#e0cda8", 1)
    _window(board, wide * 0.40, 128, 124, 92)
    easel.back.append(board.layer(0.3, 1.1))
    board = easel.board()
    box(board, -MARGIN - 30, 262, wide + 2 * MARGIN + 60, 74, 2, "#6fc3b4", "#4f9f94", 0)
    for x in easel.across(92):
        box(board, x - 42, 274, 84, 56, 6, "#8ad6c6", "#66b8ab", 3)
        box(board, x - 12, 280, 24, 6, 3, "#fff6e0", "#e0cda8", 1)
    box(board, -MARGIN - 30, 252, wide + 2 * MARGIN + 60, 14, 5, "#fffaf0", "#dcc8ae", 3)
    for x, name, height in (
        (0.08, "toaster", 40),
        (0.2, "teapot", 42),
        (0.70, "basket", 40),
        (0.80, "honey-pot", 44),
        (0.92, "potted-plant", 62),
    ):
        _stand(board, sprite(name), wide * x, 254, height)
    easel.back.append(board.layer(0.5, 0.7))
    floor = _floor(easel, "#f7d9b8", "#b98a66", y=330, spot="#fff6e0", strength=0.4)
    _tiles(floor, easel, "#c9825f", 0.35)
    easel.back.append(floor.layer(0.9))
    return "#fff3da"


def _classroom(easel: _Easel) -> str:
    wide = easel.wide
    board = easel.board(True)
    sky(board, ((0, "#fdf0cf"), (0.66, "#f7dfae"), (1, "#f7dfae")))
    left, width = wide * 0.5 - min(190, wide * 0.40), min(380, wide * 0.80)
    box(board, left - 10, 54, width + 20, 178, 8, "#c98a56", "#a9683f", 4)
    box(board, left, 64, width, 158, 4, "#2f7a63", "#22604e", 0)
    chalk = "#eafff4"
    Shape(board).tube([(left + 30, 190), (left + 60, 120), (left + 90, 190), (left + 30, 190)], 3, 3).fill(
        chalk, 0.8
    )
    for i in range(3):
        Shape(board).tube(
            [(left + width * 0.34, 110 + i * 30), (left + width * (0.62 - 0.06 * i), 110 + i * 30)], 3, 3
        ).fill(chalk, 0.6)
    ring = [
        (left + width * 0.82 + 34 * float(np.cos(a)), 140 + 34 * float(np.sin(a)))
        for a in np.linspace(0, 2 * np.pi, 22)
    ]
    Shape(board).tube(ring, 3, 3).fill(chalk, 0.8)
    for angle in np.linspace(0, 2 * np.pi, 9)[:-1]:
        c, s = float(np.cos(angle)), float(np.sin(angle))
        Shape(board).tube(
            [(left + width * 0.82 + 42 * c, 140 + 42 * s), (left + width * 0.82 + 56 * c, 140 + 56 * s)], 3, 3
        ).fill(chalk, 0.7)
    box(board, left + 10, 226, width - 20, 9, 3, "#e9b27c", "#c98a56", 2)
    if wide > 480:
        board.draw(sprite("world-map"), wide * 0.08, 130, 84)
        board.draw(sprite("alarm-clock"), wide * 0.93, 150, 52)
    box(board, -MARGIN - 30, 300, wide + 2 * MARGIN + 60, 20, 2, "#e9b27c", "#c98a56", 0)
    easel.back.append(board.layer(0.35, 0.9))
    floor = _floor(easel, "#e3b98a", "#a87a52", spot="#fff6d8", strength=0.45)
    _planks(floor, easel, "#7f5636")
    for x, name, flip in ((16.0, "globe-showing-asia-australia", False), (wide - 20, "books", True)):
        box(floor, x - 62, 300, 124, 13, 5, "#ffd9a0", "#d99f62", 2)
        for leg in (-48, 48):
            Shape(floor).tube([(x + leg, 314), (x + leg, 362)], 9, 9).put("#7f88a8", 3)
        _stand(floor, sprite(name), x, 302, 54, flip=flip)
    easel.back.append(floor.layer(0.8))
    return "#fff8e0"


def _studio(easel: _Easel) -> str:
    wide = easel.wide
    board = easel.board(True)
    sky(board, ((0, "#6a5be0"), (0.5, "#9a86f5"), (0.8, "#d6b6ff"), (1, "#e9cfff")))
    board.draw(soft("#ffd9f4", 1.4), wide * 0.5, 200, 640, alpha=0.75)
    Shape(board).ellipse(wide * 0.5, 190, 150, 150).fill("#ffffff", 0.20)
    Shape(board).ellipse(wide * 0.5, 190, 112, 112).fill("#ffffff", 0.20)
    for x, y, size, tint in (
        (0.06, 120, 62, "#ff9fc4"),
        (0.95, 250, 84, "#7fd8ff"),
        (0.86, 70, 34, "#ffd978"),
        (0.16, 268, 44, "#8af0c4"),
    ):
        Shape(board).ellipse(wide * x, y, size, size).put(tint, size * 0.5, high=0.7)
    easel.back.append(board.layer(0.2, 1.4))
    floor = _floor(easel, "#c9a8f7", "#8a6fd8", spot="#fff4ff", strength=0.75)
    easel.back.append(floor.layer(0.9))
    return "#ffeeff"


def _shop_of(name: str) -> _Painter:
    return lambda easel: _store(easel, _STORES[name])


_SETS: dict[str, _Painter] = {
    "park": _park,
    "forest": _forest,
    "street": _street,
    "night": _night,
    "sea": _beach,
    "underwater": _underwater,
    "sky": _sky,
    "space": _space,
    "prehistoric": _prehistoric,
    "shop": _shop_of("shop"),
    "toy_shelf": _shop_of("toy_shelf"),
    "electronics": _shop_of("electronics"),
    "supermarket": _shop_of("supermarket"),
    "room": _room,
    "kitchen": _kitchen,
    "classroom": _classroom,
    "studio": _studio,
}

SETTINGS = tuple(_SETS)
"""Every setting there is; "underwater" is what "sea" becomes for those who live in it."""

# ---------------------------------------------------------------------------------- light of a mood


@dataclass(frozen=True, slots=True)
class Mood:
    """How a setting is lit: saturation, brightness, a tint mixed in by `share`, how dark the corners are.

    `motes`: colour of what drifts in the air. `accent`: colour of the caption's line.
    """

    saturation: float
    brightness: float
    tint: str
    share: float
    corners: float
    motes: str
    accent: str


MOODS = {
    "calm": Mood(0.92, 1.0, "#bfe0ff", 0.08, 0.40, "#ffffff", "#9fe0ff"),
    "cheerful": Mood(1.12, 1.04, "#fff0a8", 0.04, 0.32, "#fff3b0", "#ffd34d"),
    "curious": Mood(1.0, 1.0, "#c8b8ff", 0.10, 0.46, "#d8f4ff", "#8ff0d0"),
    "dramatic": Mood(1.08, 0.86, "#5a2f7a", 0.17, 0.80, "#ffb060", "#ff9d6b"),
    "warm": Mood(1.10, 1.02, "#ffb45a", 0.11, 0.48, "#ffe09a", "#ffc66b"),
}
"""Mood by name; a word that is none gives "calm"."""


def mood_of(word: str) -> Mood:
    """The mood called `word`, else calm."""
    return MOODS.get(word, MOODS["calm"])


def _graded(layer: Layer, mood: Mood, width: int, height: int) -> Layer:
    """The layer in the light of a mood, its corners darkened where they stand when the camera is still.

    A linear map on premultiplied pixels: saturation, then brightness, then the tint; then the vignette.
    """
    luma = np.array([0.299, 0.587, 0.114], np.float32)
    keep = mood.saturation * np.eye(3, dtype=np.float32) + (1 - mood.saturation) * np.tile(luma, (3, 1))
    matrix = np.zeros((4, 4), np.float32)
    matrix[:3, :3] = keep * mood.brightness * (1 - mood.share)
    matrix[:3, 3] = np.array(colour(mood.tint), np.float32) / 255 * mood.share * mood.brightness
    matrix[3, 3] = 1
    pixels: Any = cv2.transform(layer.pixels, matrix)
    high, across = pixels.shape[:2]
    x = (np.arange(across, dtype=np.float32) + layer.left) / width * 2 - 1
    y = (np.arange(high, dtype=np.float32) + layer.top) / height * 2 - 1
    dark = np.clip((x * x * 0.55)[None] + (y * y * 0.6)[:, None] - 0.38, 0, 0.75) * (mood.corners * 255)
    light = np.full((high, across, 4), 255, np.uint8)
    light[..., :3] = (255 - np.minimum(dark, 235))[..., None]
    lit: Any = cv2.multiply(pixels, light, scale=1 / 255)
    return replace(layer, pixels=lit)


@lru_cache(4)
def load_set(name: str, mood: str, width: int, height: int) -> Setting:
    """The setting called `name` in the light of `mood`, for pictures of `width` x `height` pixels."""
    plain = painted(name if name in _SETS else "studio", width, height)
    light = mood_of(mood)
    return replace(
        plain,
        back=tuple(_graded(layer, light, width, height) for layer in plain.back),
        front=tuple(_graded(layer, light, width, height) for layer in plain.front),
    )


def painted(name: str, width: int, height: int) -> Setting:
    """The setting called `name` before any mood. Kept: all of them where `keeps_all`, else the last four."""
    return (_kept_small if keeps_all(width, height) else _kept_large)(name, width, height)


def keeps_all(width: int, height: int) -> bool:
    """Whether every setting is kept once painted: 4 MB each at 640x480, up to 13 MB at 1280x720, but 50 MB
    at 1080x1920, where they are painted anew."""
    return width * height <= 1_000_000


def _paint(name: str, width: int, height: int) -> Setting:
    easel = _Easel(name, width, height)
    light = _SETS[name](easel)
    return Setting(name, tuple(easel.back), tuple(easel.front), light)


_kept_small = lru_cache(20)(_paint)
_kept_large = lru_cache(4)(_paint)
