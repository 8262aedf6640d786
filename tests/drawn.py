"""Picture files made by tests: things before plain walls, drawings, and files that are none."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

MAGENTA = (255, 0, 255)
"""No picture of the vocabulary has this colour."""


def thing(size: tuple[int, int] = (200, 160), colour: tuple[int, int, int] = MAGENTA) -> Pillow.Image:
    """A round thing in the middle of nothing, RGBA."""
    wide, high = size
    picture = Pillow.new("RGBA", size)
    box = (wide * 0.25, high * 0.2, wide * 0.75, high * 0.8)
    ImageDraw.Draw(picture).ellipse(box, fill=(*colour, 255))
    return picture


def photo(
    wall: tuple[int, int, int],
    colour: tuple[int, int, int] = MAGENTA,
    size: tuple[int, int] = (320, 240),
    noise: float = 2.0,
    slope: float = 0.0,
    shadow: bool = False,
) -> Pillow.Image:
    """The thing before a wall, as a camera sees it: RGB, with noise, a wall darker by `slope` below."""
    wide, high = size
    rng = np.random.default_rng(7)
    ground = (
        np.array(wall)
        - slope * np.linspace(0, 1, high)[:, None, None]
        + rng.normal(0, noise, (high, wide, 3))
    )
    picture = Pillow.fromarray(ground.clip(0, 255).astype(np.uint8)).convert("RGBA")
    if shadow:
        dark = Pillow.new("L", size)
        ImageDraw.Draw(dark).ellipse((wide * 0.2, high * 0.76, wide * 0.8, high * 0.9), fill=110)
        picture.paste(Pillow.new("RGBA", size, (0, 0, 0, 255)), mask=dark.filter(ImageFilter.GaussianBlur(9)))
    large = thing((wide * 4, high * 4), colour).resize(size, Pillow.Resampling.BOX)
    picture.alpha_composite(large)
    return picture.convert("RGB")


def blob(picture: Pillow.Image, form: str = "PNG", **options: object) -> bytes:
    """The content of a file."""
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def put(path: Path, picture: Pillow.Image, form: str = "PNG") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(blob(picture, form))
    return path


def svg(body: str, head: str = 'viewBox="0 0 40 30"') -> bytes:
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {space} {head}>{body}</svg>".encode()


def share_of(image: np.ndarray, colour: tuple[int, int, int] = MAGENTA, near: int = 60) -> float:
    """Share of the pixels of `image` (H, W, 3 or 4) that have a colour, 0..1."""
    away = np.abs(image[..., :3].astype(int) - np.array(colour)).max(axis=2)
    return float((away <= near).mean())
