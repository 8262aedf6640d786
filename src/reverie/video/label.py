"""The mark of what is made: a visible label in every picture, and a machine-readable one in the file.

Both follow GB 45438-2025 (in force since 1 September 2025): "AI" with "生成" in letters at least 5 % of the
shorter side high, from the first picture to the last; and the key `AIGC` in the file's metadata. The English
half says the same to those who do not read Chinese (EU AI Act, article 50). Engineering, not legal advice.
"""

from __future__ import annotations

import functools
import json
import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from reverie import __version__
from reverie.assets import asset
from reverie.values import Image

CHINESE, DOT, ENGLISH = "AI 生成", "·", "AI-generated"
IDEOGRAPHS = "生成"

DOT_WIDTH = 0.72
"""Ems that the dot takes, with the space around it; the font gives it a whole ideograph's square."""

HEIGHT = 0.05
"""Smallest height of the text as a share of the picture's shorter side (GB 45438-2025).

The rule does not say what it measures. Here it is the ink of the lower of the two ideographs, the strictest
reading that one line of mixed script allows: the font's em is about a tenth larger.
"""

MARGIN = 0.026
"""Space between the pill and the picture's edges, as a share of the shorter side."""

PAD_X, PAD_Y = 0.55, 0.3
"""Space between the text and the pill's ends and sides, in ems."""

PILL, INK = (14, 17, 26), (255, 255, 255)
PILL_ALPHA = 0.64
RIM_ALPHA = 0.16
INK_ALPHA = 0.97
SMOOTH = 4
"""Shapes are drawn this many times larger and averaged down: Pillow's own curves have steps."""


class Label:
    """A pill in the top right corner for pictures of `width` x `height` pixels; two thirds of the shorter
    side wide, so it fits every shape. The first of a size takes some milliseconds, burning it a tenth of one.
    """

    def __init__(self, width: int, height: int) -> None:
        short = min(width, height)
        colour, alpha = _pill(short)
        rows, columns = alpha.shape[:2]
        margin = round(short * MARGIN)
        self._size = (height, width, 3)
        self._place = (slice(margin, margin + rows), slice(width - margin - columns, width - margin))
        self._patch = np.rint(colour).astype(np.uint8)
        self._through = np.repeat(np.rint((1 - alpha) * 255).astype(np.uint8), 3, axis=2)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Where the label is: left, top, right, bottom in pixels (right and bottom excluded)."""
        rows, columns = self._place
        return columns.start, rows.start, columns.stop, rows.stop

    def burn(self, image: Image) -> Image:
        """A labelled copy of uint8 RGB (height, width, 3); `image` stays as it is, for its maker to reuse."""
        if image.shape != self._size or image.dtype != np.uint8:
            raise ValueError(f"a picture is {image.dtype} {image.shape}; the label is for uint8 {self._size}")
        out = image.copy()
        under = out[self._place]
        # Premultiplied "over", in two passes of 8-bit SIMD: under * (1 - alpha) + patch.
        out[self._place] = cv2.add(cv2.multiply(under, self._through, scale=1 / 255), self._patch)
        return out


def metadata(key: str, take: int, producer: str) -> dict[str, str]:
    """What goes into the film's metadata: `AIGC` (GB 45438-2025, annex E, as JSON) and a plain `comment`.

    `producer` is what the operator calls this box; it makes the film and shows it, so it is the propagator
    too. The reserved codes are for signatures and stay empty. Nothing in it tells what a camera saw.
    """
    name = f"{key}-{take}"
    mark = {
        "Label": "1",  # it is AI-generated, without a doubt
        "ContentProducer": producer,
        "ProduceID": name,
        "ReservedCode1": "",
        "ContentPropagator": producer,
        "PropagateID": name,
        "ReservedCode2": "",
    }
    return {
        "AIGC": json.dumps(mark, ensure_ascii=False, separators=(",", ":")),
        "comment": f"AI-generated video / AI 生成视频. Made by {producer} with reverie {__version__}.",
    }


def _fitting_font(short: int) -> ImageFont.FreeTypeFont:
    """The smallest size at which the lower ideograph's ink is at least `HEIGHT` of the shorter side."""
    needed = math.ceil(short * HEIGHT)
    size = needed
    path = str(asset("NotoSansSC-Bold-subset.otf"))
    while True:
        font = ImageFont.truetype(path, size)
        if min(_solid_rows(font, sign) for sign in IDEOGRAPHS) >= needed:
            return font
        size += 1


def _solid_rows(font: ImageFont.FreeTypeFont, sign: str) -> int:
    """Rows of pixels that the sign really inks: at least half covered somewhere, no faint fringe."""
    side = math.ceil(2 * font.size)
    ink = Pillow.new("L", (side, side))
    ImageDraw.Draw(ink).text((side // 4, side // 8), sign, font=font, fill=255)
    rows = np.flatnonzero(np.asarray(ink).max(axis=1) >= 128)
    return int(rows[-1] - rows[0] + 1)


@functools.lru_cache(
    maxsize=4
)  # a generator makes one size again and again, and 8 ms delay its first picture
def _pill(short: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The label's colours times its opacity, RGB 0..255 (h, w, 3), and its opacity 0..1 (h, w, 1)."""
    font = _fitting_font(short)
    chinese, dot = font.getlength(CHINESE), DOT_WIDTH * font.size
    _, top, _, bottom = font.getbbox(IDEOGRAPHS)
    pad = PAD_X * font.size
    columns = math.ceil(pad + chinese + dot + font.getlength(ENGLISH) + pad)
    rows = math.ceil(bottom - top + 2 * PAD_Y * font.size)
    text = Pillow.new("L", (columns, rows))
    draw = ImageDraw.Draw(text)
    y = round((rows - bottom - top) / 2)
    for piece, x in (
        (CHINESE, pad),
        (DOT, pad + chinese + (dot - font.getlength(DOT)) / 2),
        (ENGLISH, pad + chinese + dot),
    ):
        draw.text((round(x), y), piece, font=font, fill=255)
    rim = max(1.0, font.size / 26)
    body, core = _rounded(columns, rows, 0.0), _rounded(columns, rows, rim)
    colour: NDArray[np.float32] = np.zeros((rows, columns, 3), np.float32)
    alpha: NDArray[np.float32] = np.zeros((rows, columns, 1), np.float32)
    for paint, shape in (
        (PILL, body * PILL_ALPHA),
        (INK, (body - core) * RIM_ALPHA),
        (INK, np.asarray(text, np.float32) / 255 * INK_ALPHA),
    ):
        cover = shape[..., None]
        colour = (np.array(paint) * cover + colour * (1 - cover)).astype(np.float32)
        alpha = (cover + alpha * (1 - cover)).astype(np.float32)
    return colour, alpha


def _rounded(columns: int, rows: int, inset: float) -> NDArray[np.float32]:
    """How much of each pixel lies in the capsule `inset` pixels inside the rectangle, 0..1."""
    large = Pillow.new("L", (columns * SMOOTH, rows * SMOOTH))
    edge = inset * SMOOTH
    box = (edge, edge, large.width - 1 - edge, large.height - 1 - edge)
    ImageDraw.Draw(large).rounded_rectangle(box, radius=(box[3] - box[1]) / 2, fill=255)
    return np.asarray(large.resize((columns, rows), Pillow.Resampling.BOX), np.float32) / np.float32(255)
