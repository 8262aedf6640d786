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

import numpy as np

from reverie.video.storyboard.art.canvas import HIGH, Canvas, Layer, Sprite
from reverie.video.storyboard.art.clay import Shape, box, hills, land, sky
from reverie.video.storyboard.art.light import SHADOW, ray, soft, twinkle
from reverie.video.storyboard.art.sprites import sprite, tinted
from reverie.video.storyboard.places.grading import DAY, MOODS, Hour, Mood, graded, hour_of, mood_of

__all__ = ["GROUND", "MARGIN", "MOODS", "SETTINGS", "SKYLINE", "Mood", "Setting", "load_set", "mood_of"]

GROUND = 370.0
SKYLINE = 318.0
MARGIN = 96.0


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Layers behind the figures and before them. `light`: colour of the light that falls there.

    `lamps`: what shines by itself when it is dark, each with the number of layers of `back` behind it;
    `hour`: the time of day it is lit for.
    """

    name: str
    back: tuple[Layer, ...]
    front: tuple[Layer, ...]
    light: str
    lamps: tuple[tuple[int, Layer], ...] = ()
    hour: Hour = DAY

    def draw_front(self, canvas: Canvas, sway: float = 0.0) -> None:
        """What is closer to the lens than the figures, moved aside by `sway` virtual units."""
        for layer in self.front:
            canvas.draw_layer(layer, sway)


class _Easel:
    """Makes the layers of one setting, far to near."""

    def __init__(self, name: str, width: int, height: int) -> None:
        fine = _fineness(height)
        self.size = (round(width * fine), round(height * fine))
        self.wide = width / (height / HIGH)
        self.rng = random.Random(name)
        self.back: list[Layer] = []
        self.front: list[Layer] = []
        self.lamps: list[tuple[int, Layer]] = []
        self._scale = 1 / fine

    def board(self, opaque: bool = False) -> Canvas:
        return Canvas(*self.size, margin=MARGIN, opaque=opaque)

    def sized(self, layer: Layer) -> Layer:
        """A painted layer where it lies on the screen."""
        k = self._scale
        return replace(layer, left=round(layer.left * k), top=round(layer.top * k), scale=k)

    def across(self, step: float, jitter: float = 0.0) -> list[float]:
        """Places from edge to edge, margins included."""
        count = int((self.wide + 2 * MARGIN) / step) + 1
        return [-MARGIN + (i + 0.5) * step + self.rng.uniform(-jitter, jitter) for i in range(count)]


_Painter = Callable[[_Easel], str]
_Piece = tuple[str, float, float, float]


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


def _corner_leaves(easel: _Easel, tint: str = "#2f8f3f", share: float = 0.35) -> None:
    board = easel.board()
    for x, turn in ((-34, 24), (easel.wide + 30, -26)):
        board.draw(tinted("herb", tint, share), x, 512, 190, turn=turn, anchor=(0.5, 0.9))
    easel.front.append(board.layer(1.5, 6))


def _near(easel: _Easel, left: Sprite, right: Sprite, height: float, *, y: float = 510.0) -> None:
    """Two things in the lower corners, close to the lens and out of focus."""
    board = easel.board()
    height *= min(1.0, 0.45 + easel.wide / 900)
    board.draw(left, 4, y, height, turn=7, anchor=(0.5, 1.0))
    board.draw(right, easel.wide - 4, y, height, turn=-7, anchor=(0.5, 1.0), flip=True)
    easel.front.append(board.layer(1.4, 4.5))


def _overhang(easel: _Easel, name: str, tint: str, share: float = 0.35) -> None:
    """Leaves that hang into the picture at the top left, opposite the AI label."""
    board = easel.board()
    for x, y, size, turn in ((-40, 4, 170, 150), (40, -30, 150, 178), (116, -58, 120, 198)):
        board.draw(tinted(name, tint, share), x, y, size, turn=turn)
    easel.front.append(board.layer(1.3, 3.5))


def _beside(floor: Canvas, easel: _Easel, left: tuple[_Piece, ...], right: tuple[_Piece, ...]) -> None:
    """Things that stand on the floor at both sides, behind where figures act: (sprite, from the edge, foot,
    height). In a narrow picture they stand further out."""
    out = max(0.0, 400 - easel.wide) * 0.28
    for name, x, y, height in left:
        _stand(floor, sprite(name), x - out, y, height)
    for name, x, y, height in right:
        _stand(floor, sprite(name), easel.wide - x + out, y, height, flip=True)


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
    _overhang(easel, "deciduous-tree", "#2f8f3f")
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
    _overhang(easel, "deciduous-tree", "#1f6a3a", 0.6)
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
    windows = easel.board()
    x, i = -MARGIN - 20, 0
    while x < wide + MARGIN:
        width, height = rng.uniform(96, 138), rng.uniform(150, 226)
        _house_front(board, windows, x, width, height, walls[i % 6], rng)
        x, i = x + width + 3, i + 1
    easel.back.append(board.layer(0.5, 0.9))
    easel.lamps.append((2, windows.layer(0.5, 0.9)))
    lamps = easel.board()
    for x in (48.0, wide - 52):
        lamps.draw(soft("#ffe2a0", 1.4), x, 126, 170, alpha=0.8)
        lamps.draw(soft("#ffd890", 1.3), x, GROUND - 8, 60, wide=4.6, alpha=0.42)
    easel.lamps.append((3, lamps.layer(0.9)))
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
    _near(easel, tinted("herb", "#4f9f5f", 0.4), sprite("tulip"), 116)
    return "#fff0da"


def _house_front(
    board: Canvas, windows: Canvas, x: float, width: float, height: float, wall: str, rng: random.Random
) -> None:
    """A house, and on `windows` those that are lit when it is dark."""
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
            if rng.random() < 0.6:
                windows.draw(soft("#ffc860", 1.4), wx + 9, top + 33 + row * 44, 62, alpha=0.4)
                box(windows, wx, top + 20 + row * 44, 18, 26, 2, "#ffe9a8", "#ffc55a", 0)
    box(board, x + 8, 322 - 46, width - 16, 46, 3, "#fff7ea", "#e9d8cb", 0)
    box(board, x + 13, 322 - 40, width * 0.45, 32, 2, "#cfeaff", "#9cc9ee", 0)
    box(windows, x + 13, 322 - 40, width * 0.45, 32, 2, "#fff0b8", "#ffbf5a", 0)
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
    _corner_leaves(easel, "#1a1850", 0.85)
    _overhang(easel, "evergreen-tree", "#15133f", 0.9)
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
    _near(easel, sprite("spiral-shell"), sprite("umbrella-on-ground"), 128, y=530)
    _overhang(easel, "palm-tree", "#2f9f5a")
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
    _near(easel, tinted("coral", "#c0407a", 0.3), tinted("coral", "#4a3fae", 0.45), 150)
    return "#d8fbff"


def _sky(easel: _Easel) -> str:
    rng, wide = easel.rng, easel.wide
    board = easel.board(True)
    sky(board, ((0, "#2f7fe8"), (0.4, "#6fc0fa"), (0.75, "#d8f2ff"), (1, "#ffffff")))
    board.draw(soft("#fff6d0", 1.7), wide * 0.16, 80, 380, alpha=0.85)
    board.draw(sprite("rainbow-arch"), wide * 0.60, 330, 200, alpha=0.5, anchor=(0.5, 1))
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
    board.draw(soft("#ff9f7a", 1.6), wide * 0.15, 120, 190, alpha=0.5)
    # No Earth and no Moon: whoever tells of them brings them along.
    Shape(board).ellipse(wide * 0.15, 120, 46, 46).put("#d9744f", 30, high=0.6, low=0.75)
    for x, y, radius in ((-14.0, -10.0, 9.0), (12, 8, 12), (-8, 20, 6)):
        Shape(board).ellipse(wide * 0.15 + x, 120 + y, radius, radius * 0.8).fill("#a8502f", 0.45)
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
    _near(easel, tinted("rock", "#4a4380", 0.7), tinted("rock", "#3f3874", 0.7), 120, y=528)
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
    left: tuple[_Piece, ...]
    right: tuple[_Piece, ...]
    near: tuple[str, str]


_STORES = {
    "toy_shelf": _Store(
        "teddy-bear robot soccer-ball kite rocket puzzle-piece yo-yo video-game wrapped-gift basketball"
        " automobile nesting-dolls",
        ("#ffd9a8", "#ffb98a"),
        ("#ffcf97", "#d98f5a"),
        ("#a85f3c", "#c47a4e"),
        ("#f2b079", "#b5683f"),
        "#fff0c0",
        (("wrapped-gift", 8, 344, 92), ("teddy-bear", 76, 350, 76)),
        (("rocket", 8, 346, 104), ("soccer-ball", 74, 352, 46)),
        ("nesting-dolls", "wrapped-gift"),
    ),
    "shop": _Store(
        "handbag running-shoe dress top-hat watch scarf backpack sunglasses high-heeled-shoe shopping-bags"
        " t-shirt gem-stone",
        ("#fbe3ea", "#f3c3d2"),
        ("#ffffff", "#e9c9d6"),
        ("#e8a9bf", "#f0c3d1"),
        ("#f7e3da", "#cfa79a"),
        "#fff6ea",
        (("potted-plant", 10, 348, 124), ("shopping-bags", 78, 352, 62)),
        (("mirror", 10, 348, 132), ("luggage", 82, 352, 70)),
        ("potted-plant", "shopping-bags"),
    ),
    "electronics": _Store(
        "laptop mobile-phone headphone camera television watch video-game desktop-computer radio keyboard"
        " video-camera",
        ("#22336f", "#16204c"),
        ("#7fd3ff", "#3f78d8"),
        ("#1a2858", "#2a3f86"),
        ("#3b4a8f", "#1a2150"),
        "#8fd8ff",
        (("desktop-computer", 8, 344, 96), ("speaker-high-volume", 76, 350, 48)),
        (("television", 10, 346, 102), ("radio", 86, 350, 56)),
        ("video-game", "headphone"),
    ),
    "supermarket": _Store(
        "red-apple banana tangerine broccoli carrot bread glass-of-milk grapes pineapple tomato egg"
        " cheese-wedge watermelon",
        ("#eefaf0", "#cdeed6"),
        ("#ffffff", "#b9dcc4"),
        ("#8fc9a4", "#b2e0c0"),
        ("#f4f7f2", "#b9c7bf"),
        "#ffffff",
        (("basket", 8, 348, 86), ("pineapple", 72, 350, 66)),
        (("shopping-cart", 18, 350, 124), ("watermelon", 108, 352, 48)),
        ("red-apple", "tangerine"),
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
    _beside(floor, easel, look.left, look.right)
    easel.back.append(floor.layer(0.9))
    _lamp_light(easel, 2, wide * 0.5, 60)
    _near(easel, sprite(look.near[0]), sprite(look.near[1]), 128)
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


def _dark_window(
    easel: _Easel, after: int, depth: float, x: float, y: float, width: float, height: float
) -> None:
    """The night behind a window, in front of `after` layers."""
    board = easel.board()
    for at, top, low, tint in ((x, y, "#141c4f", "#38509a"), (x + width / 2 + 3, y, "#141c4f", "#38509a")):
        for row in range(2):
            pane = (height - 6) / 2
            box(board, at, top + row * (pane + 6), width / 2 - 3, pane, 2, low, tint, 0)
    for i in range(9):
        sx = x + width * (0.08 + 0.84 * ((i * 0.37) % 1))
        board.draw(twinkle("#fff6d0"), sx, y + height * (0.08 + 0.8 * ((i * 0.53) % 1)), 7 + i % 3 * 3)
    easel.lamps.append((after, board.layer(depth, 0.6)))


def _lamp_light(easel: _Easel, after: int, x: float, y: float) -> None:
    """The warm light of a lamp at (x, y), on the wall and on the floor."""
    board = easel.board()
    board.draw(soft("#ffcf86", 1.4), x, y, 420, alpha=0.46)
    board.draw(
        soft("#ffd59a", 1.3), easel.wide / 2, GROUND + 14, 130, wide=max(3.2, easel.wide / 150), alpha=0.34
    )
    easel.lamps.append((after, board.layer(0.7)))


def _room(easel: _Easel) -> str:
    wide = easel.wide
    board = easel.board(True)
    sky(board, ((0, "#9fd6cf"), (0.66, "#c9ebe0"), (1, "#c9ebe0")))
    for x in easel.across(40):
        box(board, x, -MARGIN, 17, 430, 0.5, "#b4e0d8", "#d4f0e6", 0)
    _window(board, wide * 0.10, 72, 118, 138)
    _dark_window(easel, 1, 0.35, wide * 0.10, 72, 118, 138)
    _lamp_light(easel, 2, wide - 76, 250)
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
    _near(easel, sprite("yarn"), sprite("potted-plant"), 124)
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
    _dark_window(easel, 1, 0.3, wide * 0.40, 128, 124, 92)
    _lamp_light(easel, 3, wide * 0.5, 70)
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
    _near(easel, sprite("tangerine"), sprite("teapot"), 118)
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
    _lamp_light(easel, 2, wide * 0.5, 60)
    _near(easel, sprite("books"), sprite("pencil"), 120)
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
    Shape(floor).ellipse(wide / 2, GROUND + 20, wide * 0.34, 40).fill("#ffffff", 0.35)
    Shape(floor).ellipse(wide / 2, GROUND + 18, wide * 0.27, 30).fill("#ffe9ff", 0.55)
    for x, size, tint in ((34.0, 46, "#ffd978"), (wide - 40, 58, "#ff9fc4")):
        Shape(floor).ellipse(x, 346 - size * 0.1, size / 2, size / 2).put(tint, size * 0.25, high=0.7)
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

# ---------------------------------------------------------------------------------- loading


@lru_cache(6)
def load_set(name: str, mood: str, width: int, height: int, light: str = "day") -> Setting:
    """The setting called `name` in the light of `mood` and of a time of day (dawn, day, dusk, night), for
    pictures of `width` x `height` pixels. Where no hour is known (`grading`), it is always day."""
    plain = painted(name if name in _SETS else "studio", width, height)
    lit, hour, size = mood_of(mood), hour_of(plain.name, light), (width, height)
    back = [
        graded(layer, lit, hour, size, _HORIZON.get(name, 0.68) * (i == 0))
        for i, layer in enumerate(plain.back)
    ]
    if hour.sky:
        back[0] = _starred(back[0], plain.name, light, width, height)
    if hour.dark:
        for after, lamps in reversed(plain.lamps):
            back.insert(after, lamps)
    front = tuple(graded(layer, lit, hour, size) for layer in plain.front)
    return replace(plain, back=tuple(back), front=front, hour=hour, lamps=())


_HORIZON = {"sea": 226 / HIGH, "sky": 0.8}
"""How far down the sky goes, as a share of the height, where it is not about two thirds."""

_MOON = {"street": 0.36, "prehistoric": 0.46}
_LOW_SUN = {"park": (0.72, 232.0), "sea": (0.62, 176.0), "sky": (0.70, 250.0)}
"""Where the sun stands at dawn and dusk: share of the width, and height; elsewhere something hides it."""


def _starred(layer: Layer, name: str, light: str, width: int, height: int) -> Layer:
    """A sky with what stands in it at this hour: a low sun, or the moon and stars."""
    easel = _Easel(f"{name}/{light}", width, height)
    board, wide, rng = easel.board(True), easel.wide, easel.rng
    board.pixels = layer.pixels.copy()
    if light == "night" and name != "forest":
        for _ in range(60):
            x, y = rng.uniform(-80, wide + 80), rng.uniform(-40, 200)
            board.draw(soft("#ffffff", 0.7), x, y, rng.uniform(2, 5), alpha=rng.uniform(0.3, 1))
        x = wide * _MOON.get(name, 0.16)
        board.draw(soft("#fff0c8", 1.6), x, 96, 230, alpha=0.5)
        board.draw(sprite("full-moon"), x, 96, 62)
        if name == "sea":
            board.draw(soft("#cfe0ff", 1.0), x, 262, 66, wide=0.7, alpha=0.7)
    elif name in _LOW_SUN and light != "night":
        share, y = _LOW_SUN[name]
        board.draw(soft("#ffe0a0", 1.5), wide * share, y, 420, alpha=0.7)
        board.draw(soft("#fff6d8", 0.3), wide * share, y, 92, alpha=0.9)
        if name == "sea":
            board.draw(soft("#ffe6b0", 1.0), wide * share, 262, 66, wide=1.6, alpha=0.8)
    return replace(layer, pixels=board.pixels)


def painted(name: str, width: int, height: int) -> Setting:
    """The setting called `name` before any mood. Kept: all of them up to 1280x720 and in portrait."""
    return (_kept_small if keeps_all(width, height) else _kept_large)(name, width, height)


def keeps_all(width: int, height: int) -> bool:
    """Whether every setting is kept once painted: 5 MB each at 640x480, 13 MB at 1280x720 and 1080x1920;
    wider screens keep four."""
    fine = _fineness(height)
    return width * height * fine * fine <= 1_000_000


FINEST = 2.0
"""Pixels a virtual unit that scenery is painted with at most. It lies behind the figures, slightly out of
focus anyway, and painting costs by the pixel: 1080x1920 took up to a second for one setting."""


def _fineness(height: int) -> float:
    """Painted pixels of a screen pixel, at most 1."""
    return min(1.0, FINEST * HIGH / height)


def _paint(name: str, width: int, height: int) -> Setting:
    easel = _Easel(name, width, height)
    light = _SETS[name](easel)
    return Setting(
        name,
        tuple(easel.sized(layer) for layer in easel.back),
        tuple(easel.sized(layer) for layer in easel.front),
        light,
        tuple((after, easel.sized(layer)) for after, layer in easel.lamps),
    )


_kept_small = lru_cache(20)(_paint)
_kept_large = lru_cache(4)(_paint)
