"""How the heart pumps blood: where it sits, its two sides cut open, and its valves.

    the whole body → right side, to the lungs → left side, to the body → valves

Seen from the front, so the heart's right side is on the picture's left. Simplified: blood low in oxygen is
drawn blue, as in textbooks (it is dark red), a beat lasts longer than in life, of each kind of large vessel
one is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from reverie.values import Brief
from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape
from reverie.video.storyboard.art.easing import clamp, ease, lerp, wave
from reverie.video.storyboard.art.light import ring
from reverie.video.storyboard.diagram import Explainer, Play, aim, along, backdrop, lay
from reverie.video.storyboard.figures.puppet import Look, Pose, draw_puppet, frame_of

BEAT = 1.15
"""Seconds from one beat to the next; a resting child's heart is about twice as fast."""

MUSCLE, CUT = "#c8475d", "#eb8f98"
BLUE, BLUE_IN, BLUE_CELL = "#5b78dc", "#b9c9fb", "#2f55d6"
RED, RED_IN, RED_CELL = "#e0485a", "#ffc0bd", "#e3253a"

# Places on the heart's board, 480 x 480.
FROM_BODY = ((112, 16), (118, 90), (146, 190), (168, 262), (196, 330), (222, 366))
TO_LUNGS = ((222, 366), (226, 300), (240, 226), (286, 150), (330, 108), (440, 96))
FROM_LUNGS = ((466, 176), (410, 184), (342, 196), (338, 250), (332, 320), (318, 380))
TO_BODY = ((318, 380), (298, 300), (268, 220), (240, 128), (256, 54), (322, 34), (372, 84), (384, 150))


def body(play: Play) -> None:
    """A child, the heart in its chest, blood that goes out red and comes back blue."""
    canvas, t = play.canvas, play.t
    backdrop(play, "#ffe3d6", "#f7a9b0", "#fff6ea")
    x, foot = play.x(0.5 if play.portrait else 0.46), min(play.low, 384.0)
    high = 286.0 if play.portrait else foot - 30
    look = Look("child", "#fff1e0", "#7a8fd6", "#3b3a63")
    pose = Pose(x, foot, gaze=0.2 * wave(t, 0.3), face="happy")
    joints = frame_of(look, high, pose)
    near, far = (
        (sx + side * high * 0.4, sy + high * 0.58)
        for side, (sx, sy) in zip((1, -1), reversed(joints.shoulders), strict=True)
    )
    draw_puppet(canvas, look, high, replace(pose, near=near, far=far))
    (nx, ny), (px, py) = joints.neck, joints.pelvis
    chest = (lerp(nx, px, 0.42) + 5, lerp(ny, py, 0.42))
    for side, knee, heel in ((-1, -0.042, -0.052), (1, 0.105, 0.085)):
        sx, sy = joints.shoulders[0 if side < 0 else 1]
        end = (sx + side * joints.arm * 0.96, sy + joints.arm * 1.4)
        leg = [chest, (x + side * high * 0.03, py - 6), (x + high * knee, lerp(py, foot, 0.5))]
        for way in ([*leg, (x + high * heel, foot - 18)], [chest, (sx, sy), end]):
            _vessel(canvas, way, 5.5, t, side)
    squeeze = _beat(t)[1]
    for i in range(2):
        k = (t / BEAT + i * 0.5) % 1
        canvas.draw(ring("#ff5a6e", 0.06), *chest, 40 + 130 * k, alpha=0.7 * (1 - k))
    canvas.draw(_small(), *chest, high * 0.165 * (1.08 - 0.16 * squeeze))
    place = (x + 96, 92.0) if play.portrait else (x + 176, 196.0)
    play.label("Heart", "心脏", place, at=(chest[0] + 10, chest[1] - 4), since=0.4, tint="#ffd0d4")
    place = (x - 80, 336.0) if play.portrait else (x - 190, 290.0)
    sx, sy = joints.shoulders[0]
    fist = (sx - joints.arm * 1.1, sy + joints.arm * 1.62)
    play.label("As big as your fist", "和拳头一样大", place, at=fist, since=1.1)


def right(play: Play) -> None:
    """Blue blood from the body, through the right side, to the lungs."""
    _cutaway(play, 1.0, 0.25)
    _names(
        play,
        ("From the body", "从全身来", (-20, 40), (70, -34), (112, 40), "#cfdcff"),
        ("Right side", "右心", (-30, 330), (130, 506), (196, 330), "#cfdcff"),
        ("To the lungs", "到肺里去", (500, 150), (410, -34), (410, 97), "#cfdcff"),
    )


def left(play: Play) -> None:
    """Red blood from the lungs, through the left side, to the body."""
    _cutaway(play, 0.25, 1.0)
    _names(
        play,
        ("From the lungs", "从肺里来", (510, 260), (400, -34), (436, 184), "#ffd0d4"),
        ("Left side", "左心", (500, 380), (350, 506), (338, 330), "#ffd0d4"),
        ("To the body", "到全身去", (40, 110), (60, -34), (246, 90), "#ffd0d4"),
    )


def valves(play: Play) -> None:
    """Close to the four valves: open for the way on, shut for the way back."""
    t = play.t
    zoom = 0.86 if play.portrait else 1.22
    _heart(play, 1.0, 1.0, (play.x(0.5) - 14 * zoom, 222 - 26 * zoom), zoom)
    beat = int(t / BEAT) * BEAT
    lub, dub = beat + 0.27 * BEAT, beat + 0.61 * BEAT
    tip = (190, 272)
    if play.portrait:
        play.label("Lub", "扑", (100, 62), since=lub, until=beat + 0.64 * BEAT, tint="#ffd34d", height=40)
        play.label("Dub", "通", (380, 62), since=dub, until=beat + BEAT, tint="#ffd34d", height=40)
        play.label("Valve", "瓣膜", (84, 396), at=tip, since=0.5)
        return
    play.label("Lub", "扑", (30, 150), since=lub, until=beat + 0.64 * BEAT, tint="#ffd34d", height=46)
    play.label("Dub", "通", (470, 172), since=dub, until=beat + BEAT, tint="#ffd34d", height=46)
    play.label("Valve", "瓣膜", (34, 300), at=tip, since=0.5)


def _names(play: Play, *names: tuple[str, str, Point, Point, Point, str]) -> None:
    """Labels one after the other: words, place, place in portrait, what they name, tint."""
    for i, (en, zh, wide, tall, at, tint) in enumerate(names):
        play.label(en, zh, tall if play.portrait else wide, at=at, since=0.4 + 0.55 * i, tint=tint)


# ---------------------------------------------------------------------------------- the heart


def _beat(t: float) -> tuple[float, float, float, float]:
    """How far atria and ventricles are squeezed, how far the valves to and from the ventricles are open."""
    b = (t / BEAT) % 1

    def between(start: float, end: float) -> float:
        return ease("io", (b - start) / (end - start))

    atria = between(0.0, 0.1) - between(0.12, 0.23)
    ventricles = between(0.26, 0.42) - between(0.52, 0.70)
    inlet = 1 - between(0.2, 0.27) + between(0.66, 0.76)
    outlet = between(0.29, 0.36) - between(0.54, 0.62)
    return atria, ventricles, clamp(inlet), clamp(outlet)


def _cutaway(play: Play, blue: float, red: float) -> None:
    zoom = 0.55 if play.portrait else 0.76
    _heart(play, blue, red, (play.x(0.5), 216), zoom)


def _heart(play: Play, blue: float, red: float, place: Point, zoom: float) -> None:
    """The heart cut open; how much of its blue and of its red blood is shown."""
    canvas, t = play.canvas, play.t
    backdrop(play, "#fff0e4", "#f2b5bd", "#ffffff")
    atria, ventricles, inlet, outlet = _beat(t)
    lay(canvas, _outside, 480, place, zoom)
    squeeze = 1 - 0.10 * atria
    for x, tint in ((158, BLUE_IN), (342, RED_IN)):
        Shape(canvas).ellipse(x, 198, 52 * squeeze, 54 * squeeze).put(tint, 9, high=0.3, low=0.45)
    for points, middle, tint in ((_RIGHT, (206, 330), BLUE_IN), (_LEFT, (326, 326), RED_IN)):
        share = 0.20 * ventricles
        ring_ = [(lerp(x, middle[0], share), lerp(y, middle[1], share * 0.5)) for x, y in points]
        Shape(canvas).polygon(along(ring_, 40)).put(tint, 9, high=0.3, low=0.45)
    lay(canvas, _channels, 480, place, zoom)
    _blood(play, (*FROM_BODY, *TO_LUNGS[1:]), _cell(BLUE_CELL), blue)
    _blood(play, (*FROM_LUNGS, *TO_BODY[1:]), _cell(RED_CELL), red)
    for x in (172, 334):
        _valve(canvas, (x - 34, 258), (x + 34, 258), 36, inlet, down=True)
    _valve(canvas, (214, 272), (246, 278), 19, outlet, down=False)
    _valve(canvas, (276, 276), (306, 268), 19, outlet, down=False)


_RIGHT = ((134, 270), (212, 262), (244, 300), (262, 380), (258, 414), (216, 398), (164, 344), (134, 270))
_LEFT = ((290, 266), (372, 262), (378, 320), (350, 384), (312, 420), (292, 380), (286, 320), (290, 266))


def _outside(board: Canvas) -> None:
    """Muscle and vessels, without what moves."""
    for line, start, end, outer, inner in (
        (((112, 16), (118, 90), (146, 190)), 62, 66, BLUE, BLUE_IN),
        (((112, 466), (112, 380), (140, 230)), 54, 58, BLUE, BLUE_IN),
        (((466, 176), (410, 184), (350, 196)), 46, 52, RED, RED_IN),
        (((462, 230), (420, 224), (350, 204)), 40, 46, RED, RED_IN),
    ):
        _pipe(board, line, start, end, outer, inner)
    outline = along(
        [
            *((178, 118), (110, 146), (82, 214), (96, 300), (150, 384), (232, 448), (306, 470)),
            *((372, 420), (424, 330), (428, 236), (398, 150), (330, 118), (256, 150), (178, 118)),
        ],
        80,
    )
    Shape(board).polygon(outline, 4).put(MUSCLE, 26, high=0.55)
    within = [(lerp(x, 256, 0.055), lerp(y, 290, 0.055)) for x, y in outline]
    Shape(board).polygon(within, 2).put(CUT, 8, high=0.4)
    fibres = Shape(board)
    for i in range(6):
        x = 130 + i * 38
        fibres.tube(along([(x, 250 + 12 * (i % 3)), (x + 14, 330), (x + 40, 400 - 8 * (i % 2))], 10), 3, 2)
    fibres.fill("#d86f7e", 0.35)


def _channels(canvas: Canvas) -> None:
    """What leaves the heart, over its chambers: the aorta, and before it the artery to the lungs."""
    for line, outer, inner in ((TO_BODY[1:], RED, RED_IN), (TO_LUNGS[1:], BLUE, BLUE_IN)):
        path = along(line, 28)
        Shape(canvas).tube(path, 50, 46).put(outer, 9)
        Shape(canvas).tube(path, 35, 33).ellipse(*path[0], 23, 26).fill(inner)


def _pipe(board: Canvas, line: Sequence[Point], start: float, end: float, outer: str, inner: str) -> None:
    path = along(line, 24)
    Shape(board).tube(path, start, end).put(outer, 10)
    Shape(board).tube(path, start * 0.72, end * 0.72).fill(inner)
    (ax, ay), (bx, by) = path[:2]
    turn = math.degrees(math.atan2(by - ay, bx - ax))
    Shape(board).ellipse(ax, ay, start * 0.2, start * 0.5, turn).put(outer, 4, high=0.9)
    Shape(board).ellipse(ax, ay, start * 0.12, start * 0.36, turn).fill("#4a2038", 0.75)


def _valve(canvas: Canvas, a: Point, b: Point, long: float, open_: float, *, down: bool) -> None:
    """Two flaps hinged at `a` and `b`: they meet when shut, and give way downwards or upwards."""
    way = 1 if down else -1
    across = math.atan2(b[1] - a[1], b[0] - a[0])
    flaps = Shape(canvas)
    for hinge, start in ((a, across), (b, across + math.pi)):
        side = 1 if hinge is a else -1
        angle = start + way * side * math.radians(lerp(16, 78, open_))
        tip = (hinge[0] + long * math.cos(angle), hinge[1] + long * math.sin(angle))
        bow = (lerp(hinge[0], tip[0], 0.5), lerp(hinge[1], tip[1], 0.5) + way * 4)
        flaps.tube(along([hinge, bow, tip], 8), 9, 4)
    flaps.put("#fff6dc", 2.5, high=0.8)


def _blood(play: Play, points: Sequence[Point], cell: Sprite, alpha: float) -> None:
    """Cells that are pushed along `points`, most of the way while the heart beats."""
    line = along(points, 70)
    b = play.t / BEAT
    gone = b - 0.10 * math.sin(math.tau * (b - 0.18))
    for i in range(22):
        k = (gone * 0.34 + i / 22 + 0.013 * math.sin(i * 5)) % 1
        x, y = line[int(k * 69)]
        ax, ay = line[min(69, int(k * 69) + 1)]
        s = k * 69 % 1
        off = 9 * math.sin(i * 2.4)
        seen = alpha * clamp(k * 12) * clamp((1 - k) * 12)
        play.canvas.draw(
            cell, lerp(x, ax, s) + off, lerp(y, ay, s) + off * 0.5, 17, turn=i * 40 + 60 * b, alpha=seen
        )


@lru_cache(4)
def _cell(tint: str) -> Sprite:
    """A blood cell: a disc, thin in its middle."""
    board = Canvas(64, 64, opaque=False)
    Shape(board).ellipse(240, 240, 216, 176).put(tint, 90, high=0.6)
    Shape(board).ellipse(240, 244, 96, 70).fill("#1a1030", 0.22)
    return board.sprite()


@lru_cache(1)
def _small() -> Sprite:
    """The heart as it looks from outside."""
    board = Canvas(240, 240, opaque=False)
    aim(board, (240, 250), (240, 240), 0.9)
    _outside(board)
    _channels(board)
    Shape(board).ellipse(190, 220, 20, 44, 20).fill("#ffffff", 0.35)
    return board.sprite()


def _vessel(canvas: Canvas, points: Sequence[Point], wide: float, t: float, side: int) -> None:
    """An artery and a vein side by side, blood running out in one and back in the other."""
    for tint, cell, off, way in (("#ff7a86", RED_CELL, 3.2, 1), ("#8fa6f5", BLUE_CELL, -3.2, -1)):
        line = along([(x + off, y + off * 0.4) for x, y in points], 24)
        Shape(canvas).tube(line, wide, wide * 0.8).fill(tint, 0.85)
        for i in range(6):
            k = (way * (t / BEAT * 0.55 - 0.05 * math.sin(math.tau * t / BEAT)) + i / 6) % 1
            canvas.draw(_cell(cell), *line[int(k * 23)], wide * 1.35, alpha=clamp(k * 9) * clamp((1 - k) * 9))


def open_scene(brief: Brief, canvas: Canvas, seed: int) -> Explainer:
    """The scene for one brief on canvases like the one given."""
    return Explainer(
        brief, canvas, seed, (body, right, left, valves), accents=("#ff8f9c", "#8fb4ff", "#ff6f7f")
    )
