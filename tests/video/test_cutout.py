"""Things cut out of photographs: clean where the ground is plain, a card where it is not."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import MAGENTA, photo, share_of, thing
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

from reverie.video.cutout import cut_out, photo_card, trim

ORANGE = (240, 120, 30)
WHITE = (250, 250, 251)


def rgba(picture: Pillow.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGBA"))


def room() -> Pillow.Image:
    """A photo with a lot in it."""
    rng = np.random.default_rng(3)
    small = Pillow.fromarray(rng.integers(0, 255, (12, 16, 3), dtype=np.uint8))
    picture = small.resize((320, 240), Pillow.Resampling.BICUBIC).convert("RGBA")
    picture.alpha_composite(thing((320, 240)))
    return picture.convert("RGB")


def pale() -> Pillow.Image:
    """A white box with a red label before a white wall: where it ends nobody can tell."""
    picture = Pillow.new("RGB", (320, 240), WHITE)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((100, 60, 220, 200), fill=(248, 248, 249))
    draw.line((110, 90, 210, 90), fill=(220, 30, 30), width=3)
    return picture


def melting() -> Pillow.Image:
    """A ball, orange on the left, that is as white as its wall on the right: half of its outline is none."""
    share = np.linspace(0, 1, 320)[None, :, None]
    inside = np.array(ORANGE) * (1 - share) ** 3 + np.array(WHITE) * (1 - (1 - share) ** 3)
    picture = Pillow.new("RGB", (320, 240), WHITE)
    ball = Pillow.fromarray(np.broadcast_to(inside, (240, 320, 3)).clip(0, 255).astype(np.uint8))
    picture.paste(ball, mask=thing((320, 240)).getchannel("A"))
    return picture


def carton() -> Pillow.Image:
    """A white carton before a white wall: dark are its side and what is printed on it."""
    picture = Pillow.new("RGB", (320, 240), WHITE)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((100, 40, 180, 200), fill=(247, 247, 248))
    draw.rectangle((181, 45, 205, 196), fill=(120, 120, 125))
    draw.ellipse((110, 150, 140, 180), fill=(120, 60, 30))
    draw.ellipse((120, 60, 150, 90), fill=(120, 60, 30))
    return picture


def glass() -> Pillow.Image:
    """A glass half full of wine: its upper half is a bright line before the wall."""
    picture = Pillow.new("RGB", (640, 480), (205, 207, 210))
    draw = ImageDraw.Draw(picture)
    draw.line([(252, 60), (252, 418), (388, 418), (388, 60)], fill=(252, 252, 254), width=4)
    draw.rectangle((254, 240, 386, 416), fill=(150, 40, 60))
    return picture


def flashed() -> Pillow.Image:
    """Black shoes with white soles in shadows with hard edges, whose rims would stay like hoops."""
    picture = Pillow.new("RGB", (2400, 1600), (238, 236, 233))
    dark = Pillow.new("L", picture.size)
    for x in (200, 1250):
        ImageDraw.Draw(dark).ellipse((x - 40, 1050, x + 1000, 1200), fill=170)
    picture.paste((40, 40, 40), mask=dark.filter(ImageFilter.GaussianBlur(25)))
    draw = ImageDraw.Draw(picture)
    for x in (200, 1250):
        toe = [(x + 500, 850), (x + 900, 930), (x + 940, 1080)]
        draw.polygon([(x, 600), (x + 250, 580), *toe, (x, 1080)], fill=(25, 25, 28))
        draw.rectangle((x, 1080, x + 940, 1130), fill=(240, 240, 240))
    return picture.resize((640, 427), Pillow.Resampling.BOX)


def ring() -> Pillow.Image:
    """Something that one looks through, before a green wall."""
    picture = Pillow.new("RGB", (320, 240), (40, 180, 90))
    ImageDraw.Draw(picture).ellipse((90, 50, 230, 190), outline=MAGENTA, width=26)
    return picture.filter(ImageFilter.GaussianBlur(0.6))


@pytest.mark.parametrize(
    "picture",
    [
        photo(WHITE),
        photo(WHITE, ORANGE),
        photo((60, 160, 90), noise=4),  # a coloured wall
        photo((20, 20, 24), ORANGE),  # a black one
        photo((240, 240, 242), slope=40),  # light from above
        photo(WHITE, shadow=True),
        photo((200, 190, 170), ORANGE, shadow=True, slope=20),
    ],
)
def test_a_plain_ground_goes_and_the_thing_stays_whole(picture: Pillow.Image) -> None:
    cut = cut_out(rgba(picture))
    assert cut is not None
    assert cut.how == "plain"
    # The thing is an ellipse of half the width and 0.6 of the height.
    wide, high = picture.size
    assert cut.pixels.shape[1] == pytest.approx(wide * 0.5, abs=5)
    assert cut.pixels.shape[0] == pytest.approx(high * 0.6, abs=6)
    solid = float((cut.pixels[..., 3] > 128).mean())
    assert solid == pytest.approx(np.pi / 4, abs=0.03)


@pytest.mark.parametrize("wall", [WHITE, (20, 20, 24), (60, 160, 90)])
def test_no_halo_of_the_old_ground_is_left(wall: tuple[int, int, int]) -> None:
    """Laid on any colour, the edge is of the thing's own."""
    cut = cut_out(rgba(photo(wall, noise=0)))
    assert cut is not None
    edge = cut.pixels[(cut.pixels[..., 3] > 30) & (cut.pixels[..., 3] < 250)]
    assert len(edge) > 100  # a soft edge, not a sawn one
    assert np.abs(edge[:, :3].astype(int) - MAGENTA).max() <= 24


@pytest.mark.parametrize("picture", [room(), pale(), melting(), carton(), glass(), flashed()])
def test_what_cannot_be_cut_out_well_becomes_a_card(picture: Pillow.Image) -> None:
    cut = cut_out(rgba(picture))
    assert cut is not None
    assert cut.how == "card"
    high, wide = cut.pixels.shape[:2]
    assert wide > picture.width  # with a frame
    assert cut.pixels[0, 0, 3] == 0  # rounded
    assert cut.pixels[high // 2, wide // 2, 3] == 255
    middle = cut.pixels[high // 4 : -high // 4, wide // 4 : -wide // 4]
    assert (middle[..., 3] == 255).all()


def test_one_looks_through_a_ring() -> None:
    cut = cut_out(rgba(ring()))
    assert cut is not None
    assert cut.how == "plain"
    high, wide = cut.pixels.shape[:2]
    assert cut.pixels[high // 2, wide // 2, 3] == 0


def test_a_white_label_before_a_white_wall_stays() -> None:
    picture = photo(WHITE, noise=0)
    ImageDraw.Draw(picture).rectangle((140, 100, 180, 140), fill=WHITE)
    cut = cut_out(rgba(picture))
    assert cut is not None
    high, wide = cut.pixels.shape[:2]
    assert cut.pixels[high // 2, wide // 2].tolist() == [*WHITE, 255]


def test_alpha_is_kept_as_it_came() -> None:
    glass = np.zeros((60, 80, 4), np.uint8)
    glass[10:50, 20:60] = (*MAGENTA, 120)
    cut = cut_out(glass)
    assert cut is not None
    assert cut.how == "own"
    assert cut.pixels.tolist() == glass[10:50, 20:60].tolist()


def pair() -> Pillow.Image:
    """Two shoes."""
    picture = Pillow.new("RGB", (320, 240), WHITE)
    for x in (40, 170):
        ImageDraw.Draw(picture).ellipse((x, 90, x + 110, 150), fill=MAGENTA)
    return picture


def test_what_is_two_is_cut_out_together() -> None:
    cut = cut_out(rgba(pair()))
    assert cut is not None
    assert cut.how == "plain"
    assert cut.pixels.shape[1] == pytest.approx(240, abs=5)


@pytest.mark.parametrize("size", [(640, 480), (1280, 960), (2000, 1500)])
def test_of_a_large_photo_more_of_the_thing_is_left(size: tuple[int, int]) -> None:
    """The thing is half as wide as its photo; it is never larger than asked for."""
    cut = cut_out(rgba(photo(WHITE, size=size)), longest=900)
    assert cut is not None
    assert cut.how == "plain"
    assert cut.pixels.shape[1] == pytest.approx(min(900, size[0] / 2), abs=8)
    edge = cut.pixels[(cut.pixels[..., 3] > 30) & (cut.pixels[..., 3] < 250)]
    assert np.abs(edge[:, :3].astype(int) - MAGENTA).max() <= 24  # no halo at any size


def test_dust_does_not_count() -> None:
    dusty = rgba(thing()).copy()
    dusty[0, 0] = (0, 0, 0, 3)
    cut = cut_out(dusty)
    assert cut is not None
    assert cut.pixels.shape[0] < dusty.shape[0]


def test_nothing_is_nothing() -> None:
    assert cut_out(np.zeros((20, 20, 4), np.uint8)) is None


def test_who_asks_for_the_whole_photo_gets_it() -> None:
    cut = cut_out(rgba(photo(WHITE)), cut=False)
    assert cut is not None
    assert cut.how == "card"


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (8, 8)])
def test_odd_sizes_are_no_trouble(size: tuple[int, int]) -> None:
    flat = np.full((size[1], size[0], 4), 255, np.uint8)
    cut = cut_out(flat)
    assert cut is not None
    assert cut.how == "card"
    assert photo_card(flat).shape[2] == 4
    assert trim(flat).shape == flat.shape


def test_a_thing_may_stand_on_the_edge() -> None:
    picture = Pillow.new("RGB", (320, 240), WHITE)
    ImageDraw.Draw(picture).rectangle((110, 80, 210, 240), fill=MAGENTA)
    cut = cut_out(rgba(picture))
    assert cut is not None
    assert cut.how == "plain"
    assert share_of(cut.pixels) > 0.95
