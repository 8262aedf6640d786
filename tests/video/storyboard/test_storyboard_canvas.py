"""The compositor's arithmetic: places, depth, alpha, and what layers hide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reverie.video.storyboard.art.canvas import (
    FOOT,
    STILL,
    Camera,
    Canvas,
    Pixels,
    Sprite,
    premultiplied,
    trimmed,
)
from reverie.video.storyboard.art.clay import Shape, reach
from reverie.video.storyboard.art.easing import EASES, arc, keys, swing
from reverie.video.storyboard.art.light import soft
from reverie.video.storyboard.art.sprites import bitten, pieces, sprite, stride
from reverie.video.storyboard.figures.heads import face


def block(red: int = 255, alpha: int = 255, size: int = 64) -> Pixels:
    return premultiplied(np.full((size, size, 4), (red, 0, 0, alpha), np.uint8))


def box_of(canvas: Canvas) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of what is red, in pixels."""
    red = canvas.picture()[..., 0] > 100
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.mark.parametrize(
    ("size", "unit"),
    [
        ((640, 480), 1.0),
        ((1280, 720), 1.5),
        ((1080, 1920), 4.0),
    ],
)
def test_virtual_units_are_480_high(size: tuple[int, int], unit: float) -> None:
    canvas = Canvas(*size)
    assert canvas.unit == unit
    assert canvas.wide == size[0] / unit
    canvas.draw(Sprite(block()), canvas.wide / 2, 400, 100, anchor=FOOT)
    left, top, right, bottom = box_of(canvas)
    assert abs(bottom - 400 * unit) <= 2
    assert abs((bottom - top) - 100 * unit) <= 4
    assert abs((left + right) / 2 - size[0] / 2) <= 2


def test_the_camera_moves_near_things_more() -> None:
    def left_at(depth: float) -> int:
        canvas = Canvas(640, 480)
        canvas.camera = Camera(x=60)
        canvas.draw(Sprite(block()), 320, 240, 60, depth=depth)
        return box_of(canvas)[0]

    assert left_at(0.0) == 290
    assert left_at(0.5) == 260
    assert left_at(1.0) == 230


def test_zoom_grows_about_the_middle() -> None:
    canvas = Canvas(640, 480)
    canvas.camera = Camera(zoom=2.0)
    assert canvas.screen(320, 240) == (320, 240)
    assert canvas.screen(330, 240) == (340, 240)
    assert canvas.scale() == 2.0


def test_half_a_sprite_lets_half_through() -> None:
    canvas = Canvas(64, 64)
    canvas.pixels[..., 1] = 200
    canvas.blend(block(255, 128), 0, 0)
    red, green, _ = canvas.picture()[32, 32]
    assert abs(int(red) - 128) <= 1
    assert abs(int(green) - 100) <= 2


def test_a_flip_mirrors_and_clipping_is_harmless() -> None:
    half = np.zeros((64, 64, 4), np.uint8)
    half[:, :32] = (255, 0, 0, 255)
    canvas = Canvas(640, 480)
    canvas.draw(Sprite(half), 320, 240, 100, flip=True)
    assert box_of(canvas)[0] >= 318
    canvas.draw(Sprite(half), -500, 9000, 100)
    canvas.blend(half, -60, -60)
    canvas.blend(half, 900, 900)


def test_layers_hide_what_is_behind_them_exactly() -> None:
    """Leaving out hidden rows changes nothing: drawn one by one it is the same picture."""
    rng = np.random.default_rng(3)
    layers = []
    for depth, first in ((0.1, 0), (0.5, 90), (0.9, 150)):
        board = Canvas(160, 240, margin=60, opaque=first == 0)
        if first == 0:
            board.pixels[..., :3] = rng.integers(0, 255, board.pixels[..., :3].shape)
        else:
            # Half-covering rows above, opaque ones below.
            board.pixels[board.margin + first - 20 :] = (90 + first // 2, 40, 20, 128)
            board.pixels[board.margin + first :] = (90 + first // 2, 40, 20, 255)
        layers.append(board.layer(depth))
    for camera in (STILL, Camera(9.3, -7.7, 1.08), Camera(-14, 11, 1.0)):
        clever, plain = Canvas(160, 240), Canvas(160, 240)
        clever.camera = plain.camera = camera
        clever.draw_layers(layers)
        for layer in layers:
            plain.draw_layer(layer)
        difference = np.abs(clever.picture().astype(int) - plain.picture())
        assert difference.max() <= 2


def test_a_layer_in_patches_is_the_whole_layer() -> None:
    """What is left out as empty was empty, wherever the camera is: no seam, no lost edge."""
    board = Canvas(320, 240, margin=60, opaque=False)
    for x, y, size in ((20, 120, 90), (300, 200, 150), (470, 60, 30), (610, 300, 220), (330, 430, 40)):
        board.draw(sprite("deciduous-tree"), x, y, size)
    cut = board.layer(0.8)
    assert cut.patches is not None
    assert sum((right - left) * (bottom - top) for left, top, right, bottom in cut.patches) < 0.7 * (
        cut.pixels.shape[0] * cut.pixels.shape[1]
    )
    for camera in (STILL, Camera(9.3, -7.7, 1.3), Camera(-14, 11, 0.9)):
        in_patches, whole = Canvas(320, 240), Canvas(320, 240)
        in_patches.camera = whole.camera = camera
        in_patches.draw_layer(cut)
        whole.draw_layer(replace(cut, patches=None))
        assert np.abs(in_patches.picture().astype(int) - whole.picture()).max() <= 6


def test_a_layer_painted_coarsely_lies_where_a_fine_one_does() -> None:
    fine, coarse = Canvas(320, 240, margin=40), Canvas(160, 120, margin=40)
    for board in (fine, coarse):
        board.draw(sprite("house"), 320, 300, 200)
    small = coarse.layer(0.5)
    small = replace(small, left=small.left * 2, top=small.top * 2, scale=2.0)
    shown = []
    for layer in (fine.layer(0.5), small):
        canvas = Canvas(320, 240)
        canvas.camera = Camera(8, -5, 1.2)
        canvas.draw_layers([layer])
        shown.append(canvas.picture().astype(int))
    assert np.abs(shown[0] - shown[1]).mean() < 2.5


def test_large_things_are_drawn_in_strips_without_a_seam() -> None:
    """A strip ends where the next begins: an even surface stays even, whatever its turn."""
    for turn in (0.0, 31.0):
        canvas = Canvas(640, 480)
        canvas.draw(Sprite(block(200)), 320, 240, 2000, turn=turn, alpha=0.5)
        assert np.ptp(canvas.picture()[..., 0]) <= 1


def test_light_drawn_coarsely_looks_the_same() -> None:
    blot = soft("#ffe0a0", 1.4)
    sharp = Sprite(blot.pixels)
    assert blot.soft
    assert not sharp.soft
    for turn in (0.0, 20.0):
        pictures = []
        for image in (blot, sharp):
            canvas = Canvas(640, 480)
            canvas.draw(image, 301.3, 220.7, 300, wide=1.4, turn=turn, alpha=0.7)
            pictures.append(canvas.picture().astype(int))
        assert pictures[0].max() > 120
        assert np.abs(pictures[0] - pictures[1]).max() <= 6


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_veil_covers_by_its_share(share: float) -> None:
    canvas = Canvas(640, 480)
    canvas.pixels[..., :3] = 100
    canvas.fade((200, 0, 50), share)
    wanted = [round(100 + (tint - 100) * share) for tint in (200, 0, 50)]
    assert np.abs(canvas.picture().astype(int) - wanted).max() <= 1
    canvas.clear()
    assert (canvas.pixels == (0, 0, 0, 255)).all()


def test_trimming_keeps_the_content_only() -> None:
    pixels = np.zeros((50, 60, 4), np.uint8)
    pixels[10:20, 30:45] = 255
    assert trimmed(pixels).shape == (10, 15, 4)
    assert trimmed(np.zeros((50, 60, 4), np.uint8)).size


# ---------------------------------------------------------------------------------- clay and motion


def test_an_arm_reaches_or_stretches_towards() -> None:
    joint, hand = reach((0.0, 0.0), (30.0, 0.0), 20, 20, 1)
    assert hand == pytest.approx((30, 0))
    assert joint[1] > 0  # bent downwards
    _, far = reach((0, 0), (300, 0), 20, 20, 1)
    assert far == pytest.approx((39.96, 0), abs=0.1)
    reach((0, 0), (0, 0), 20, 20, 1)


def test_a_shape_outside_the_picture_draws_nothing() -> None:
    canvas = Canvas(160, 120)
    before = canvas.picture()
    Shape(canvas).ellipse(-900, -900, 20, 20).put("#ff0000", 5)
    Shape(canvas).tube([(4000, 40), (4100, 40)], 9, 9).fill("#ff0000")
    np.testing.assert_array_equal(canvas.picture(), before)


@pytest.mark.parametrize("name", sorted(EASES))
def test_curves_start_at_nothing_and_end_at_all(name: str) -> None:
    assert EASES[name](0.0) == pytest.approx(0.0, abs=1e-9)
    assert EASES[name](1.0) == pytest.approx(1.0, abs=1e-9)


def test_keyframes_hold_at_both_ends() -> None:
    frames = ((0.5, 10.0), (1.0, 20.0, "lin"), (2.0, 0.0))
    assert [keys(t, *frames) for t in (0.0, 0.5, 0.75, 1.0, 9.0)] == [10, 10, 15, 20, 0]
    assert swing(0.9, 1.0) == 0
    assert (arc(0), arc(0.5), arc(1.2)) == (0, 1, 0)


# ---------------------------------------------------------------------------------- bent sprites


def test_faces_look_around_and_blink() -> None:
    straight, turned, asleep, open_mouth = (
        face("child"),
        face("child", turn=1.0),
        face("child", blink=1.0),
        face("child", mouth=1.0),
    )
    pictures = [f.pixels.astype(int) for f in (straight, turned, asleep, open_mouth)]
    for other in pictures[1:]:
        assert np.abs(pictures[0] - other).mean() > 0.5
    assert face("child", turn=0.04) is straight


def test_bites_take_ever_more_away() -> None:
    left = [int(bitten("red-apple", n).pixels[..., 3].astype(int).sum()) for n in range(6)]
    assert left == sorted(left, reverse=True)
    assert len(set(left)) == 6
    assert left[5] > 0


def test_pieces_are_the_whole() -> None:
    whole = sprite("house")
    assert (
        sum(piece.width * piece.height for piece, _, _ in pieces("house", 3, 3)) <= whole.width * whole.height
    )
    assert all(0 < x < 1 and 0 < y < 1 for _, x, y in pieces("house", 3, 3))


def test_a_stride_moves_the_legs_and_not_the_back() -> None:
    a, b = (stride(sprite("cow"), phase).pixels.astype(int) for phase in (0.0, 0.5))
    change = np.abs(a - b).mean(axis=(1, 2))
    half = len(change) // 2
    assert change[:half].mean() < 0.2 * change[half:].mean()
