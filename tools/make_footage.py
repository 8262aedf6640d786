"""Make the demo camera's footage: somebody holds one thing after another up to a camera.

    photographs + sprites -> cards -> frames -> H.264 -> demo.mp4 -> detector -> demo.json

The photographs are in the public domain or CC0 (the scikit-image wheel says so, each by its
author); the picture cards are printed from our own sprites. The last step plays the encoded file
to the embedded detector and writes down what it saw; the tool fails when a card was missed or an
empty stretch was not empty.
"""

import io
import json
import math
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime
from PIL import Image
from sources import ASSETS, CACHE, pypi_wheel, write_asset, write_json

PACKAGE, VERSION = "scikit-image", "0.26.0"
PYTHON, PLATFORM = "3.11", "manylinux_2_28_x86_64"
SHA256 = "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af"

WIDTH, HEIGHT, FPS = 640, 480, 15
EMPTY, ENTER, HOLD, LEAVE = 2.4, 0.7, 6.0, 0.6  # seconds, one after another, for each card
TURN = EMPTY + ENTER + HOLD + LEAVE

SEEN, NOTHING = 0.40, 0.35  # scores: a held card reaches the first, an empty scene not the second

Picture = npt.NDArray[np.uint8]  # (H, W, 3) RGB
Layer = npt.NDArray[np.float32]  # (H, W, 4) RGB 0..255 and opacity 0..1


@dataclass(frozen=True)
class Card:
    """What is held up, and how: `side` is where it comes from, `height` in pixels."""

    label: str
    picture: str
    origin: str
    height: int
    side: tuple[int, int]
    crop: tuple[int, int, int, int] | None = None  # left, top, right, bottom


CARDS = [
    Card("person", "astronaut.png", "NASA, public domain", 400, (-1, 0)),
    Card("teddy bear", "teddy-bear", "sprite", 380, (0, 1)),
    Card("cat", "chelsea.png", "Stefan van der Walt, CC0", 320, (1, 0), (60, 0, 400, 300)),
    Card("laptop", "laptop", "sprite", 320, (-1, 0)),
    Card("cup", "coffee.png", "Rachel Michetti, CC0", 370, (0, 1), (90, 0, 560, 400)),
    Card("clock", "mantelpiece-clock", "sprite", 320, (1, 0)),
]


def main() -> None:
    wheel = pypi_wheel(PACKAGE, VERSION, PYTHON, PLATFORM, SHA256)
    layers = [card_layer(card, load_picture(card, wheel)) for card in CARDS]
    content = encode(frames(layers))
    write_asset("demo.mp4", content)
    seen = list(detect(content))
    cards = [report(index, card, seen) for index, card in enumerate(CARDS)]
    empty = max(score for time, score, _ in seen if is_empty(time))
    summary = {"width": WIDTH, "height": HEIGHT, "fps": FPS, "seconds": round(len(CARDS) * TURN, 2)}
    write_json("demo.json", summary | {"cards": cards, "empty_highest_score": round(empty, 2)})
    for card in cards:
        print(f"{card['label']:11} {card['measured']}")
    print(f"empty stretches: highest score {empty:.2f}")
    if empty >= NOTHING or any(card["measured"]["share_on_top"] < 0.8 for card in cards):
        raise SystemExit("the detector does not see what this footage claims to show")


# What is shown


def load_picture(card: Card, wheel: Path) -> Picture:
    if card.origin == "sprite":
        with zipfile.ZipFile(ASSETS / "sprites.zip") as sprites:
            sprite = Image.open(io.BytesIO(sprites.read(f"{card.picture}.webp")))
        paper = Image.new("RGBA", (296, 296), (255, 255, 255, 255))
        paper.alpha_composite(sprite.convert("RGBA"), (20, 20))
        return np.asarray(paper.convert("RGB"))
    with zipfile.ZipFile(wheel) as packed:
        photograph = Image.open(io.BytesIO(packed.read(f"skimage/data/{card.picture}")))
        return np.asarray(photograph.convert("RGB").crop(card.crop))


def card_layer(card: Card, picture: Picture) -> Layer:
    """The picture on stiff paper with round corners, and the shadow it throws, with room to tilt."""
    border, room = 10, 40
    width = round(picture.shape[1] * card.height / picture.shape[0])
    inner = cv2.resize(picture, (width, card.height), interpolation=cv2.INTER_AREA)
    size = (card.height + 2 * (border + room), width + 2 * (border + room))
    paper = np.zeros(size, np.uint8)
    rounded(paper, room, 14)
    opacity = cv2.GaussianBlur(paper, (0, 0), 0.7).astype(np.float32) / 255
    shadow = cv2.GaussianBlur(np.roll(paper, 10, axis=0), (0, 0), 12).astype(np.float32) / 255
    layer = np.zeros((*size, 4), np.float32)
    layer[..., :3] = (246, 245, 241)
    edge = border + room
    layer[edge:-edge, edge:-edge, :3] = inner
    layer[..., :3] *= opacity[..., None]  # under the paper's edge there is only shadow: black
    layer[..., 3] = opacity + 0.4 * shadow * (1 - opacity)
    layer[..., :3] /= np.maximum(layer[..., 3:], 1e-3)
    return layer


def rounded(mask: Picture, margin: int, radius: int) -> None:
    height, width = mask.shape[:2]
    low, right, bottom = margin + radius, width - margin - radius - 1, height - margin - radius - 1
    cv2.rectangle(mask, (low, margin), (right, height - margin - 1), 255, -1)
    cv2.rectangle(mask, (margin, low), (width - margin - 1, bottom), 255, -1)
    for x in (low, right):
        for y in (low, bottom):
            cv2.circle(mask, (x, y), radius, 255, -1)


# How it moves


def frames(layers: list[Layer]) -> Iterator[Picture]:
    room = background()
    total = len(layers) * TURN
    for index in range(round(total * FPS)):
        time = index / FPS
        picture = view(room, time, total)
        layer = layers[int(time / TURN)]
        place = position(CARDS[int(time / TURN)], time)
        yield picture if place is None else paint(picture, layer, *place)


def background() -> Layer:
    """A room far out of focus: a wall, a window's light, shelves with things on them, a table."""
    generator = np.random.default_rng(7)
    height, width = HEIGHT + 60, WIDTH + 80
    room = np.zeros((height, width, 3), np.float32)
    across = np.linspace(0, 1, width)[None, :, None]
    down = np.linspace(0, 1, height)[:, None, None]
    room += np.array((206, 192, 176)) * (1 - 0.28 * across) * (1 - 0.12 * down)
    things = [(196, 120, 96), (120, 150, 130), (112, 136, 176), (214, 178, 110), (150, 122, 150)]
    for shelf in (0.16, 0.42):
        y = int(height * shelf)
        for x in range(int(width * 0.48), width, 34):
            tall, colour = generator.integers(30, 80), things[generator.integers(len(things))]
            cv2.rectangle(room, (x, y + 84 - int(tall)), (x + 24, y + 84), colour, -1)
        cv2.rectangle(room, (int(width * 0.46), y + 84), (width, y + 92), (150, 118, 88), -1)
    cv2.rectangle(room, (0, int(height * 0.82)), (width, height), (146, 112, 84), -1)
    blurred = cv2.GaussianBlur(room, (0, 0), 26)
    light = np.exp(-(((across - 0.16) / 0.2) ** 2 + ((down - 0.28) / 0.3) ** 2)) * 46
    return np.asarray(blurred + light, np.float32)


def view(room: Layer, time: float, total: float) -> Picture:
    """The camera's slow drift; it is back where it began when the film starts over."""
    phase = 2 * math.pi * time / total
    shift = np.array(
        [[1, 0, -40 - 14 * math.sin(3 * phase)], [0, 1, -30 - 8 * math.sin(5 * phase)]], np.float32
    )
    seen = cv2.warpAffine(room, shift, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    flicker = 1 + 0.012 * math.sin(7 * phase)
    return np.asarray(np.clip(seen * flicker, 0, 255), np.uint8)


def position(card: Card, time: float) -> tuple[float, float, float] | None:
    """Centre (x, y) in pixels and tilt in degrees; None while nothing is held up."""
    moment = time % TURN - EMPTY
    if moment < 0:
        return None
    if moment < ENTER:
        away = (1 - moment / ENTER) ** 3
    elif moment < ENTER + HOLD:
        away = 0.0
    else:
        away = ((moment - ENTER - HOLD) / LEAVE) ** 2
    # A hand is never still: two slow waves without a common period.
    sway_x = 3.0 * math.sin(1.9 * time) + 1.2 * math.sin(4.7 * time)
    sway_y = 2.4 * math.sin(1.5 * time + 1) + 1.0 * math.sin(5.3 * time)
    tilt = 0.9 * math.sin(1.3 * time) + 5 * away * (card.side[0] or 1)
    x = WIDTH / 2 + sway_x + card.side[0] * away * WIDTH
    y = HEIGHT / 2 + sway_y + card.side[1] * away * HEIGHT * 1.05
    return x, y, tilt


def paint(picture: Picture, layer: Layer, x: float, y: float, tilt: float) -> Picture:
    height, width = layer.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1.0)
    turn[:, 2] += (x - width / 2, y - height / 2)
    placed = cv2.warpAffine(layer, turn, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    opacity = placed[..., 3:]
    mixed = picture * (1 - opacity) + placed[..., :3] * opacity
    return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


# The file, and what the detector makes of it


def encode(pictures: Iterator[Picture]) -> bytes:
    """H.264 in MP4 without a clock or a version string in it: the same bytes each time."""
    path = CACHE / "demo.mp4"  # faststart reads the file again: it cannot be a buffer
    options = {"movflags": "faststart", "fflags": "+bitexact"}
    with av.open(path, "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        stream.options = {"crf": "23", "preset": "slow", "g": "30", "flags": "+bitexact"}
        stream.codec_context.thread_count = 1
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def detect(content: bytes) -> Iterator[tuple[float, float, str]]:
    """(time, score, label) of the best detection of every frame; 640x480 needs no letterbox."""
    session = onnxruntime.InferenceSession(ASSETS / "centernet_384x512.onnx")
    names = json.loads(session.get_modelmeta().custom_metadata_map["names"])
    with av.open(io.BytesIO(content), "r") as container:
        for index, frame in enumerate(container.decode(video=0)):
            small = cv2.resize(frame.to_ndarray(format="rgb24"), (512, 384))
            best = session.run(None, {"image": small[None]})[0][0][0]
            yield index / FPS, float(best[4]), names[str(int(best[5]))]


def is_empty(time: float) -> bool:
    return time % TURN < EMPTY - 1e-6


def report(index: int, card: Card, seen: list[tuple[float, float, str]]) -> dict[str, Any]:
    start = index * TURN + EMPTY
    held = (start + ENTER, start + ENTER + HOLD)
    during = [(score, label) for time, score, label in seen if held[0] <= time < held[1]]
    scores = [score for score, label in during if label == card.label]
    on_top = sum(score >= SEEN for score in scores)
    return {
        "label": card.label,
        "origin": "our sprite " + card.picture if card.origin == "sprite" else card.origin,
        "from": round(start, 2),
        "until": round(start + ENTER + HOLD + LEAVE, 2),
        "held": [round(time, 2) for time in held],
        "measured": {
            "share_on_top": round(on_top / len(during), 2),
            "median_score": round(median(scores or [0.0]), 2),
            "lowest_score": round(min(scores, default=0.0), 2),
        },
    }


if __name__ == "__main__":
    main()
