"""A child builds: block after block flies into a castle, then its roof, its flag, and a celebration.

The castle is a list of pieces, lowest first; how many rows it gets depends on the time there is.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import FOOT, Camera, Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import TAU, arc, clamp, ease, keys, lerp, swing, wave
from reverie.video.storyboard.art.light import confetti, dust, rising, shadow, sparkle
from reverie.video.storyboard.figures.actor import SHIRTS
from reverie.video.storyboard.figures.puppet import Look, Pose, draw_puppet
from reverie.video.storyboard.places.toy_shop import rug, wall
from reverie.video.storyboard.score import Act, Acts, Captions, draw_lens

GROUND = 386.0
"""Where feet and the lowest blocks stand, virtual units."""

START, BUILD, ROOF, PARTY = range(4)
_ACTS = (Act(0.35), Act(2.15, 1.0), Act(0.65, 0.1), Act(0.85, 0.5))

COLOURS = ("#ff5a5f", "#ffc93c", "#3fa7ff", "#5fce6f", "#b07cff", "#ff924a")

HIGHLIGHTS = ("brick", "block", "blocks", "积木", "高塔", "一块")


@dataclass(frozen=True, slots=True)
class _Piece:
    """`shape` stands `column` block widths right of the middle on row `row`; `tint` 0..5."""

    shape: str
    column: float
    row: float
    tint: int


_CASTLE = (
    _Piece("cube", -1, 0, 0), _Piece("arch", 0, 0, 1), _Piece("cube", 1, 0, 2),
    _Piece("cube", -1, 1, 3), _Piece("cube", 1, 1, 4), _Piece("plank", 0, 1, 5),
    _Piece("cube", -0.5, 2, 2), _Piece("cube", 0.5, 2, 0),
    _Piece("window", 0, 3, 3),
)  # fmt: skip


class BuildingBlocks:
    """The scene for one brief on canvases like the one given."""

    def __init__(self, brief: Brief, canvas: Canvas, seed: int) -> None:
        rng = random.Random(seed)
        tall = canvas.wide < 400
        self._mood = brief.shots[0].mood
        self._acts = Acts(brief.seconds, _ACTS)
        self._captions = Captions(brief, canvas, ("#ffd34d", "#ff9de2", "#8fe3ff"), HIGHLIGHTS)
        self._seed = seed
        self._high = 156.0 if tall else 206.0
        self._edge = 36.0 if tall else 50.0
        self._middle = canvas.wide * (0.68 if tall else 0.60)
        self._stand = self._middle - self._edge * 1.5 - self._high * (0.30 if tall else 0.36)
        self._look = Look(rng.choice(("child", "girl", "boy")), rng.choice(SHIRTS[:5]), "#5b6bd6", "#3b3a63")
        self._wall, self._floor = wall(canvas, seed + 1), rug(canvas, road=False)
        turn = rng.randrange(6)
        self._tints = [COLOURS[(i + turn) % 6] for i in range(6)]
        drop = self._acts.length(BUILD) / (len(_CASTLE) + 0.6)
        self._starts = [self._acts.starts[BUILD] + drop * i for i in range(len(_CASTLE))]
        self._flight = min(0.62, drop * 1.5)

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the picture at second `t` >= 0 of the film over whatever was on the canvas."""
        share = t / self._acts.starts[-1]
        roof, party = self._acts.since(ROOF, t), self._acts.since(PARTY, t)
        canvas.camera = Camera(
            0, lerp(6, -8, share) - 3 * swing(roof, 0.42, 5, 7), 1.02 + 0.05 * ease("io", share)
        )
        self._wall.draw(canvas, 60 + 5 * t)
        self._floor.draw(canvas, 30)
        self._pile(canvas, t)
        self._castle(canvas, t)
        self._child(canvas, t)
        self._flying(canvas, t)
        if party > 0:
            top = GROUND - self._edge * 4.6
            confetti(canvas, party, self._middle, top, self._seed, 34, 1.15)
            confetti(canvas, party - 0.25, self._stand, GROUND - self._high, self._seed + 1, 18, 0.9)
            sparkle(canvas, party, self._middle, top, 150, self._seed + 2, 18)
            rising(
                canvas,
                party - 0.1,
                self._stand,
                GROUND - self._high * 1.05,
                "red-heart",
                self._seed,
                count=3,
                width=90,
                height=70,
                size=20,
                rate=0.7,
            )
        draw_lens(canvas, self._mood)
        self._captions.draw(canvas, t)

    # ------------------------------------------------------------------ the castle

    def _place(self, piece: _Piece) -> Point:
        """Middle of the bottom edge of a piece where it belongs."""
        return self._middle + piece.column * self._edge, GROUND - piece.row * self._edge

    def _landed(self, i: int, t: float) -> float:
        """Seconds since piece `i` has stood (negative before)."""
        return t - self._starts[i] - self._flight

    def _lean(self, t: float) -> float:
        """How the castle sways when something lands on it: virtual units at its top."""
        out = 0.0
        for i in range(len(_CASTLE)):
            out += 2.2 * swing(self._landed(i, t), 0.0, 3.0, 6.0)
        return out + 3.0 * swing(self._acts.since(ROOF, t), 0.40, 3.0, 5.0)

    def _castle(self, canvas: Canvas, t: float) -> None:
        standing = [i for i in range(len(_CASTLE)) if self._landed(i, t) >= 0]
        if any(_CASTLE[i].row == 0 for i in standing):
            columns = [_CASTLE[i].column for i in standing if _CASTLE[i].row == 0]
            middle = self._middle + self._edge * (min(columns) + max(columns)) / 2
            shadow(
                canvas, middle + 4, GROUND + 2, self._edge * (max(columns) - min(columns) + 1.5), alpha=0.6
            )
        lean = self._lean(t)
        for i in sorted(standing, key=lambda i: (_CASTLE[i].row, _CASTLE[i].column)):
            piece = _CASTLE[i]
            x, y = self._place(piece)
            squash = 0.16 * math.exp(-self._landed(i, t) * 9) * math.cos(self._landed(i, t) * 22)
            self._block(canvas, piece, x + lean * piece.row / 4, y, wide=1 + squash, tall=1 - squash)
            if piece.row == 0:
                dust(canvas, self._landed(i, t), x, y + 2, self._seed + i, 5, 26)
        self._roof(canvas, t, lean)

    def _roof(self, canvas: Canvas, t: float, lean: float) -> None:
        since = self._acts.since(ROOF, t)
        if since <= 0:
            return
        e = self._edge
        fall = ease("bounce", since / 0.5)
        y = GROUND - 4 * e
        high = lerp(-e * 2.2, 0, fall)
        canvas.draw(
            _roof(self._tints[0]),
            self._middle + lean,
            y + high,
            e * 1.06,
            anchor=FOOT,
            turn=lerp(-14, 0, fall),
        )
        self._flag(canvas, t, lean)

    def _flag(self, canvas: Canvas, t: float, lean: float) -> None:
        k = ease("back", (self._acts.since(ROOF, t) - 0.42) / 0.24)
        if k <= 0:
            return
        e = self._edge
        x, y = self._middle + lean, GROUND - 4.94 * e
        long = e * 0.80 * k
        Shape(canvas).tube([(x, y + 6), (x, y - long)], 3.6, 3.0).put("#fff2dc", 1.5)
        upper: list[Point] = []
        lower: list[Point] = []
        for i in range(9):
            q = i / 8
            flap = 3.4 * q * math.sin(TAU * (t * 1.5 - q * 0.9))
            upper.append((x + 1 + q * e * 0.74 * k, y - long + flap))
            lower.append((x + 1 + q * e * 0.74 * k, y - long + e * 0.44 * k + flap))
        Shape(canvas).polygon([*upper, *reversed(lower)]).put("#ff4f6d", 5, high=0.6)
        Shape(canvas).ellipse(x, y - long, 3.6, 3.6).put("#ffd34d", 2)

    def _block(
        self,
        canvas: Canvas,
        piece: _Piece,
        x: float,
        y: float,
        *,
        turn: float = 0.0,
        wide: float = 1.0,
        tall: float = 1.0,
    ) -> None:
        image = _solid(piece.shape, self._tints[piece.tint])
        if turn:
            canvas.draw(image, x, y - self._edge * 0.6, self._edge * 1.19, turn=turn)
        else:
            canvas.draw(
                image, x + self._edge * 0.13, y + 1, self._edge * 1.19, wide=wide, tall=tall, anchor=FOOT
            )

    # ------------------------------------------------------------------ the pile and what flies

    def _origin(self, i: int) -> Point:
        """Where piece `i` lies before it is used, at the child's feet."""
        slot = len(_CASTLE) - 1 - i  # the first to go lies on top
        row, column = next((r, slot - first) for r, first in ((2, 7), (1, 4), (0, 0)) if slot >= first)
        middle = self._stand - (self._high * 0.27 if self._high < 170 else self._edge * 2.6)
        step = self._edge * (0.72 if self._high < 170 else 1.04)
        return middle + (column - (3 - row) / 2) * step, GROUND - row * self._edge * 0.99

    def _pile(self, canvas: Canvas, t: float) -> None:
        waiting = [i for i in range(len(_CASTLE)) if t < self._starts[i]]
        for i in reversed(waiting):
            x, y = self._origin(i)
            if y >= GROUND:
                shadow(canvas, x + 4, y + 2, self._edge * 1.2, alpha=0.4)
            self._block(canvas, _CASTLE[i], x, y)

    def _flying(self, canvas: Canvas, t: float) -> None:
        for i, piece in enumerate(_CASTLE):
            k = (t - self._starts[i]) / self._flight
            if 0 <= k < 1:
                (x0, y0), (x1, y1) = self._origin(i), self._place(piece)
                peak = max(60.0, (y0 - y1) * 0.25 + 70)
                x = lerp(x0, x1, ease("io", k))
                y = lerp(y0, y1, ease("io", k)) - peak * arc(k)
                self._block(canvas, piece, x, y, turn=(1 - k) * (190 if i % 2 else -170) + 0.01)

    # ------------------------------------------------------------------ the child

    def _child(self, canvas: Canvas, t: float) -> None:
        h, roof, party = self._high, self._acts.since(ROOF, t), self._acts.since(PARTY, t)
        k = 1.0
        for i in range(len(_CASTLE)):
            if 0 <= (t - self._starts[i]) / self._flight < 1:
                k = (t - self._starts[i]) / self._flight
        low = keys(k, (0.0, 0.75), (0.35, 0.45), (1.0, 0.0)) if t < self._acts.starts[ROOF] else 0.0
        x = self._stand
        row = max((_CASTLE[i].row for i in range(len(_CASTLE)) if t > self._starts[i]), default=0.0)
        pose = Pose(
            x,
            GROUND + 6,
            crouch=0.5 * low,
            lean=4 + 14 * low,
            tilt=lerp(4, -8, clamp(row / 3)) * (1 - low) + 2.5 * wave(t, 0.6),
            gaze=0.8 - 0.35 * clamp(party * 4),
            mouth=0.25 + 0.45 * clamp(1 - low) * (0.5 + 0.5 * wave(t, 0.8)) + 0.35 * clamp(party * 4),
            blink=1.0 if (t + 0.5) % 2.2 < 0.12 else 0.0,
        )
        swing_up = ease("io", k)
        near = (
            lerp(x + h * 0.06, x + h * 0.42, swing_up),
            GROUND - h * lerp(0.26, 0.42 + 0.08 * row, swing_up),
        )
        far = (
            lerp(x - h * 0.10, x + h * 0.24, swing_up),
            GROUND - h * lerp(0.26, 0.40 + 0.06 * row, swing_up),
        )
        if roof > 0 and party <= 0:  # breath held, hands up
            near = (x + h * 0.24, GROUND - h * 0.56)
            far = (x - h * 0.20, GROUND - h * 0.54)
            pose = replace(pose, mouth=0.0)
        pose = replace(pose, near=near, far=far, elbow_near=1, elbow_far=-1 if party > 0 else 1)
        if party > 0:
            q = party / 0.42
            hop = 4 * (q % 1) * (1 - q % 1) * 30 if q < 3 else 0.0
            up = ease("back", party / 0.2)
            top = GROUND - hop - h * lerp(0.5, 0.82, up)
            pose = replace(
                pose,
                hop=hop,
                near=(x + h * 0.30, top + 6 * wave(t, 2)),
                far=(x - h * 0.30, top - 6 * wave(t, 2)),
                elbow_near=1,
            )
        draw_puppet(canvas, self._look, h, pose)


# ---------------------------------------------------------------------------------- solid shapes


def _shaded(tint: str, share: float) -> str:
    """Darker below 0, lighter above."""
    rgb = [int(tint[i : i + 2], 16) for i in (1, 3, 5)]
    target = 255 if share > 0 else 20
    return "#" + "".join(f"{round(lerp(c, target, abs(share))):02x}" for c in rgb)


@lru_cache(64)
def _solid(shape: str, tint: str) -> Sprite:
    """A block seen slightly from above and the right: its front, its top and its right side."""
    board = Canvas(320, 320, opaque=False)  # 480 virtual units across
    long, deep, up = 330.0, 86.0, 62.0
    x0, y1 = 20.0, 470.0
    x1, y0 = x0 + long, y1 - long
    top: list[Point] = [(x0, y0), (x1, y0), (x1 + deep, y0 - up), (x0 + deep, y0 - up)]
    side: list[Point] = [(x1, y0), (x1 + deep, y0 - up), (x1 + deep, y1 - up), (x1, y1)]
    Shape(board).polygon(side, 7).put(_shaded(tint, -0.30), 10, high=0.2, low=0.4)
    Shape(board).polygon(top, 7).put(_shaded(tint, 0.42), 10, high=0.6, low=0.2)
    inner: list[Point] = [(x0 + 8, y0 + 8), (x1 - 8, y0 + 8), (x1 - 8, y1 - 8), (x0 + 8, y1 - 8)]
    Shape(board).polygon(inner, 12).put(tint, 22, high=0.75, low=0.5)
    middle = (x0 + x1) / 2
    if shape == "arch":
        door: list[Point] = [(middle - 84, y1 + 4), (middle - 84, y0 + 150)]
        door += [
            (middle - 84 * math.cos(math.radians(a)), y0 + 150 - 84 * math.sin(math.radians(a)))
            for a in range(0, 181, 12)
        ]
        door += [(middle + 84, y1 + 4)]
        Shape(board).polygon(door).fill(_shaded(tint, -0.62))
        lit: list[Point] = [(px + 16 if px < middle else px, py + 14) for px, py in door]
        Shape(board).polygon(lit).fill("#3a2550", 0.55)
    elif shape == "window":
        Shape(board).ellipse(middle, y0 + 160, 96, 96).put(_shaded(tint, -0.35), 8)
        Shape(board).ellipse(middle + 6, y0 + 166, 78, 78).put("#ffe89a", 14, high=0.8)
        Shape(board).tube([(middle + 6, y0 + 90), (middle + 6, y0 + 242)], 12, 12).tube(
            [(middle - 70, y0 + 166), (middle + 82, y0 + 166)], 12, 12
        ).fill(_shaded(tint, -0.35))
    elif shape == "plank":
        for dx in (-82, 82):
            Shape(board).ellipse(middle + dx, y0 + 165, 44, 44).put(_shaded(tint, 0.45), 14, high=0.7)
    else:
        star: list[Point] = []
        for i in range(10):
            radius, a = (92 if i % 2 == 0 else 42), math.radians(36 * i - 90)
            star.append((middle + radius * math.cos(a), y0 + 170 + radius * math.sin(a)))
        Shape(board).polygon(star, 8).put(_shaded(tint, 0.55), 12, high=0.5, low=0.3)
    return board.sprite()


@lru_cache(12)
def _roof(tint: str) -> Sprite:
    """A pointed roof with a lit and a shaded face."""
    board = Canvas(320, 320, opaque=False)
    Shape(board).polygon([(262, 120), (440, 424), (470, 386), (300, 112)], 8).put(_shaded(tint, -0.34), 8)
    Shape(board).polygon([(258, 110), (430, 440), (40, 440)], 14).put(tint, 26, high=0.75, low=0.5)
    Shape(board).tube([(150, 330), (196, 242)], 18, 12).fill("#ffffff", 0.4)
    return board.sprite()


open_scene = BuildingBlocks
