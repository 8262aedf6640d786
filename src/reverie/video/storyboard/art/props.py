"""Our own drawings, for what the sprite set lacks: building blocks, a lock, a tooth, a bridge, a piano …

All clay, drawn once at 256 pixels and cached.
"""

from __future__ import annotations

import math
from functools import lru_cache

from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, Shape, box
from reverie.video.storyboard.art.sprites import sprite
from reverie.video.storyboard.art.text import width_of, word

BLOCKS = ("#ff5a5f", "#ffc93c", "#3fa7ff", "#5fce6f", "#b07cff", "#ff924a")


def _board() -> Canvas:
    return Canvas(320, 320, opaque=False)  # 480 virtual units across: 1.5 units a pixel


@lru_cache(12)
def block(tint: str) -> Sprite:
    """One toy brick with two studs."""
    board = _board()
    for x in (150, 330):
        Shape(board).polygon([(x - 48, 110), (x + 48, 110), (x + 48, 190), (x - 48, 190)], 12).put(
            tint, 16, high=0.7
        )
    Shape(board).polygon([(50, 180), (430, 180), (430, 390), (50, 390)], 22).put(tint, 26, high=0.65)
    return board.sprite()


@lru_cache(1)
def blocks() -> Sprite:
    """A small stack of bricks."""
    board = _board()
    for x, y, tint in ((130, 470, 0), (346, 470, 2), (238, 344, 1), (238, 218, 3)):
        brick = block(BLOCKS[tint])
        board.draw(brick, x, y, 156, anchor=(0.5, 1.0))
    return board.sprite()


@lru_cache(1)
def lock() -> Sprite:
    """A closed padlock."""
    board = _board()
    shackle: list[Point] = [(140, 250), (140, 150)]
    shackle += [
        (240 - 100 * math.cos(math.radians(a)), 150 - 95 * math.sin(math.radians(a)))
        for a in range(0, 181, 15)
    ]
    shackle += [(340, 250)]
    Shape(board).tube(shackle, 46, 46).put("#c3c9dd", 18, high=0.8)
    Shape(board).polygon([(110, 240), (370, 240), (370, 420), (110, 420)], 36).put("#ffb52e", 34, high=0.7)
    Shape(board).ellipse(240, 310, 34, 34).polygon([(228, 320), (252, 320), (260, 380), (220, 380)], 4).put(
        "#6a4320", 8
    )
    return board.sprite()


@lru_cache(1)
def tooth() -> Sprite:
    """A happy white tooth."""
    board = _board()
    Shape(board).polygon([(120, 130), (360, 130), (356, 250), (124, 250)], 62).tube(
        [(130, 250), (150, 330), (176, 400)], 120, 56
    ).tube([(350, 250), (330, 330), (304, 400)], 120, 56).put("#f4f6ff", 40, high=0.9, low=0.32)
    for x in (180, 300):
        Shape(board).ellipse(x, 180, 17, 24).fill("#2b2350")
        Shape(board).ellipse(x + 6, 171, 6, 8).fill("#ffffff")
        Shape(board).ellipse(x + (-34 if x < 240 else 34), 216, 22, 13).fill("#ff9db0", 0.75)
    smile: list[Point] = [(204 + i * 9, 218 + 18 * math.sin(math.pi * i / 8)) for i in range(9)]
    Shape(board).tube(smile, 9, 9).fill("#2b2350")
    return board.sprite()


@lru_cache(1)
def bridge() -> Sprite:
    """A stone arch bridge."""
    board = _board()
    back: list[Point] = [(-10 + i * 25, 270 - 74 * math.sin(math.pi * i / 20)) for i in range(21)]
    Shape(board).polygon([*back, (490, 430), (-10, 430)], 4).put("#c89a7a", 22, high=0.6)
    for x in (130, 350):
        hole: list[Point] = [
            (x - 74 * math.cos(math.radians(a)), 432 - 120 * math.sin(math.radians(a)))
            for a in range(0, 181, 12)
        ]
        Shape(board).polygon(hole).put("#7a5468", 14, high=0.2)
        inner: list[Point] = [
            (x + 8 - 62 * math.cos(math.radians(a)), 432 - 104 * math.sin(math.radians(a)))
            for a in range(0, 181, 12)
        ]
        Shape(board).polygon(inner).fill("#8fd0f2")
    Shape(board).tube([(x, y - 6) for x, y in back], 26, 26).put("#e6bd97", 10, high=0.7)
    for i in range(1, 20, 3):
        px, py = back[i]
        Shape(board).tube([(px, py - 14), (px, py - 62)], 18, 18).put("#d8ab86", 7, high=0.7)
    Shape(board).tube([(x, y - 64) for x, y in back], 20, 20).put("#f0cda8", 8, high=0.7)
    return board.sprite()


@lru_cache(1)
def piano() -> Sprite:
    """An upright piano."""
    board = _board()
    Shape(board).polygon([(70, 120), (410, 120), (410, 430), (70, 430)], 18).put("#8d4f3a", 22, high=0.5)
    Shape(board).polygon([(50, 96), (430, 96), (430, 116), (50, 116)], 12).put("#a9644a", 10, high=0.6)
    Shape(board).polygon([(100, 146), (380, 146), (380, 220), (100, 220)], 8).put("#7a4232", 8, low=0.3)
    Shape(board).polygon([(44, 262), (436, 262), (436, 316), (44, 316)], 14).put("#a9644a", 12, high=0.6)
    box(board, 62, 258, 356, 44, 4, "#fffdf4", "#e9e2d2", 0)
    for i in range(1, 12):
        box(board, 62 + i * 29.7 - 1, 258, 2.4, 44, 0.5, "#b9ae9c", edge=0)
        if i % 7 not in (3, 0):
            box(board, 62 + i * 29.7 - 7, 256, 14, 27, 3, "#2b2140", edge=0)
    for x in (84, 396):
        Shape(board).tube([(x, 316), (x, 430)], 26, 22).put("#7a4232", 9)
    Shape(board).tube([(210, 424), (270, 424)], 12, 12).put("#ffc94a", 5)
    return board.sprite()


@lru_cache(1)
def stop_sign() -> Sprite:
    """An octagon on a post, with the word on it."""
    board = _board()
    Shape(board).tube([(240, 180), (240, 474)], 20, 20).put("#aab2c8", 8, high=0.8)
    for radius, tint in ((148, "#fff6f2"), (128, "#e8324a")):
        ring: list[Point] = [
            (240 + radius * math.cos(math.radians(22.5 + a)), 160 + radius * math.sin(math.radians(22.5 + a)))
            for a in range(0, 360, 45)
        ]
        Shape(board).polygon(ring, 6).put(tint, 12, high=0.5)
    label = word("STOP", 52)
    board.draw(label.sprite, 240, 160, 205 * label.sprite.height / (width_of("STOP", 52) or 1), alpha=1.0)
    return board.sprite()


@lru_cache(1)
def globe() -> Sprite:
    """A globe of the earth, tilted in its stand."""
    board = _board()
    x, y, radius = 240, 196, 150
    arc: list[Point] = [
        (x + 184 * math.cos(math.radians(a)), y + 184 * math.sin(math.radians(a))) for a in range(-62, 125, 8)
    ]
    Shape(board).tube([(x, y + 176), (x, 440)], 26, 26).put("#ffb52e", 12, high=0.8)
    Shape(board).ellipse(x, 446, 116, 26).put("#ffb52e", 22, high=0.7)
    Shape(board).tube(arc, 24, 24).put("#ffc94a", 11, high=0.8)
    board.draw(sprite("globe-showing-asia-australia"), x, y, 2 * radius, turn=23)
    for a in (-62, 118):
        Shape(board).ellipse(
            x + 168 * math.cos(math.radians(a)), y + 168 * math.sin(math.radians(a)), 17, 17
        ).put("#ffe08a", 8, high=0.9)
    return board.sprite()


@lru_cache(1)
def podium(tint: str = "#f4f0ff") -> Sprite:
    """A round stand for showing things, seen slightly from above."""
    board = Canvas(640, 320, opaque=False)
    Shape(board).ellipse(480, 300, 430, 120).polygon([(50, 190), (910, 190), (910, 300), (50, 300)]).put(
        tint, 60, high=0.5, low=0.42
    )
    Shape(board).ellipse(480, 190, 430, 118).put("#ffffff", 10, high=0.2, low=0.12)
    return board.sprite()


OUR = {
    "our:blocks": blocks,
    "our:globe": globe,
    "our:lock": lock,
    "our:tooth": tooth,
    "our:bridge": bridge,
    "our:piano": piano,
    "our:stop-sign": stop_sign,
}
"""Sprite name -> drawing, for `casting.py`."""
