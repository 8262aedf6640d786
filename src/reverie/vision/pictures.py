"""Decoded pictures made plain: progressive, upright, with square pixels, not too large, uint8 RGB."""

from __future__ import annotations

import cv2
import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame

from reverie.values import Image

LONGEST = 4096
"""Pixels of the longer side at most: what a detector's input may have (`config.Detector.imgsz`). A picture of
8K would take 100 MB; boxes are fractions, so a smaller one gives the same answer."""

SQUARE = 0.02
"""A pixel whose sides differ by less than this share is square: 1 % is rounding in the file."""

OBLONG = 4.0
"""A pixel that is longer than this many times its height is nonsense, and taken for square."""


class Weaver:
    """Interlaced pictures, two half-pictures taken at two times, made whole ones; others pass as they are.

    Comb teeth along everything that moves cost a detector its certainty. FFmpeg's `bwdif` looks at the
    picture after: from the first interlaced one on, pictures come one late.
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._form: tuple[str, int, int] | None = None

    def update(self, frame: VideoFrame) -> list[VideoFrame]:
        """The pictures that are whole now, in order. Raises FFmpegError where it cannot be filtered."""
        form = (frame.format.name, frame.width, frame.height)
        before = self.flush() if form != self._form else []
        if self._graph is None:
            if not frame.interlaced_frame:
                return [*before, frame]
            self._graph, self._form = _weaving(frame), form
        self._graph.vpush(frame)
        return before + _pull(self._graph)

    def flush(self) -> list[VideoFrame]:
        """The pictures that were held back, at the end of the film."""
        graph, self._graph, self._form = self._graph, None, None
        if graph is None:
            return []
        graph.vpush(None)
        return _pull(graph)


def _weaving(frame: VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    weave = graph.add("bwdif", "mode=send_frame:deint=interlaced")
    sink = graph.add("buffersink")
    source.link_to(weave)
    weave.link_to(sink)
    graph.configure()
    return graph


def _pull(graph: Graph) -> list[VideoFrame]:
    frames = []
    while True:
        try:
            frames.append(graph.vpull())
        except (BlockingIOError, EOFError):
            return frames


def make_plain(frame: VideoFrame, aspect: float) -> Image:
    """The picture of `frame` upright, uint8 RGB (H, W, 3), contiguous, its longer side at most `LONGEST`.

    `aspect`: width of a pixel in heights, 1 when it is square; a picture with other pixels is stretched.
    """
    width, height = shown_size(frame.width, frame.height, aspect)
    image = frame.to_ndarray(format="rgb24", width=width, height=height)
    turns = round(frame.rotation / 90) % 4
    if turns:
        image = np.rot90(image, turns)
    return np.ascontiguousarray(image, np.uint8)


def shown_size(width: int, height: int, aspect: float = 1.0) -> tuple[int, int]:
    """Width and height with square pixels, of a picture `width` times `height` whose pixels have `aspect`.

    It is never made smaller for that, but no side becomes longer than `LONGEST`.
    """
    wide, high = float(width), float(height)
    if 1 / OBLONG <= aspect <= OBLONG and abs(aspect - 1) > SQUARE:
        wide, high = wide * max(1.0, aspect), high * max(1.0, 1 / aspect)
    shrink = min(1.0, LONGEST / max(wide, high))
    return max(1, round(wide * shrink)), max(1, round(high * shrink))


def reduce(image: Image) -> Image:
    """The picture with its longer side at most `LONGEST`."""
    height, width = image.shape[:2]
    size = shown_size(width, height)
    if size == (width, height):
        return image
    smaller: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return smaller
