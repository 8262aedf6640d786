"""A film from elsewhere → pictures of the size and the rate that were asked for.

    for image in pictures(file, "http://far/v1/videos/7/content", spec, frames=72): …

Nothing of the film is believed before it is decoded: only MP4 and WebM are opened at all (FFmpeg's other
formats include playlists, which would open files and addresses of their own), pictures have a largest size,
and time is what the pictures' own stamps say.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from fractions import Fraction
from typing import IO

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from reverie.errors import ClipError
from reverie.values import ClipSpec, Image

log = logging.getLogger(__name__)

OPTIONS = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm", "protocol_whitelist": ""}
"""What FFmpeg may open: these formats, and nothing that they refer to."""

LARGEST = 8192
"""Pixels of a picture's side; more is no film but a trap."""

CROP = 1 / 8
"""Share of a picture that may be cut off to fill another shape; above it, bars are added instead."""

DENSEST = 1000
"""Pictures a second of a film, at most: looking through more, where none is shown, could last for hours."""

EARLY = 0.25
"""Periods of the wanted rate by which a picture may be late and still be on time: stamps are rounded."""


def pictures(file: IO[bytes], where: str, spec: ClipSpec, frames: int) -> Iterator[Image]:
    """The first `frames` pictures of the film in `file` at `spec.fps`, by time.

    Each is uint8 RGB (spec.height, spec.width, 3), an array of its own, and what the film shows at its
    moment. Made to fit without distortion: a little is cropped, a very different shape gets black bars.
    `where` names the film in errors and log lines. Raises ClipError for what is no film, is damaged, or is
    shorter than `frames / spec.fps` seconds.
    """
    try:
        # strict metadata would raise on titles that are no UTF-8
        with av.open(file, "r", options=OPTIONS, metadata_errors="replace") as container:
            yield from _resampled(container, where, spec, frames)
    except av.FFmpegError as error:
        raise ClipError(f"{where}: is no film that can be read: {error.strerror}") from error


def _resampled(container: InputContainer, where: str, spec: ClipSpec, frames: int) -> Iterator[Image]:
    video = next(iter(container.streams.video), None)
    if video is None:
        raise ClipError(f"{where}: has no video")
    if getattr(video, "codec_context", None) is None:
        raise ClipError(f"{where}: is in a codec that is not known here; H.264 in MP4 is, and VP9 in WebM")
    if max(video.width, video.height) > LARGEST:
        raise ClipError(f"{where}: is {video.width}x{video.height}; allowed: sides of up to {LARGEST} pixels")
    video.thread_count = 1  # the other core watches
    video.codec_context.options = {"max_pixels": str(LARGEST**2)}  # it may grow in the middle
    _note(video, where, spec)
    made = count = 0
    end = Fraction(0)
    for frame, end in _spans(container, video):
        count += 1
        image: Image | None = None
        while made < frames and made + EARLY < end * spec.fps:
            image = _fitted(frame, spec) if image is None else image.copy()
            made += 1
            yield image
        if made == frames:
            return
        if count > DENSEST * frames / spec.fps:
            raise ClipError(f"{where}: has more than {DENSEST} pictures a second")
    raise ClipError(
        f"{where}: lasts {float(end):.2f} s ({count} pictures); {frames / spec.fps:.2f} s ({frames} pictures "
        f"at {spec.fps} fps) were asked for"
    )


def _spans(container: InputContainer, video: VideoStream) -> Iterator[tuple[av.VideoFrame, Fraction]]:
    """Each picture with the seconds, from the first one's coming, at which it makes way for the next."""
    shown: av.VideoFrame | None = None
    start = time = Fraction(0)
    for index, frame in enumerate(container.decode(video)):
        time = _time(frame, video, index)
        if shown is None:
            start = time
        else:
            yield shown, time - start
        shown = frame
    if shown is not None:
        yield shown, time - start + _duration(shown, video)


def _time(frame: av.VideoFrame, video: VideoStream, index: int) -> Fraction:
    """Seconds of a picture; without a stamp, by its place."""
    if frame.pts is None or frame.time_base is None:
        return Fraction(index) / _rate(video)
    return frame.pts * frame.time_base


def _duration(frame: av.VideoFrame, video: VideoStream) -> Fraction:
    if frame.duration and frame.time_base is not None:
        return frame.duration * frame.time_base
    return 1 / _rate(video)


def _rate(video: VideoStream) -> Fraction:
    """Pictures a second, as far as the file says."""
    return video.average_rate or video.base_rate or Fraction(24)


def _note(video: VideoStream, where: str, spec: ClipSpec) -> None:
    """Tell what is not as it was asked for."""
    if (video.width, video.height) != (spec.width, spec.height):
        size = (video.width, video.height, spec.width, spec.height)
        log.info("%s: is %dx%d, made to fit %dx%d", where, *size)
    if abs(_rate(video) - spec.fps) > 0.01:
        log.info("%s: has %.5g fps, shown at %d", where, float(_rate(video)), spec.fps)


def _fitted(frame: av.VideoFrame, spec: ClipSpec) -> Image:
    """A decoded picture as RGB of the wanted size, an array of its own."""
    rgb = frame.reformat(
        format="rgb24", src_colorspace=frame.colorspace, dst_color_range=ColorRange.JPEG, threads=1
    )
    return fitted(np.ascontiguousarray(rgb.to_ndarray(), dtype=np.uint8), spec.width, spec.height)


def fitted(image: Image, width: int, height: int) -> Image:
    """uint8 RGB of any size as (height, width, 3), not distorted: cropped by up to CROP, else with bars."""
    rows, columns = image.shape[:2]
    if (columns, rows) == (width, height):
        return image
    cover, contain = (pick(width / columns, height / rows) for pick in (max, min))
    scale = cover if contain / cover >= 1 - CROP else contain
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(image, size, interpolation=smooth), np.uint8)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    inside = scaled[max(0, top) : max(0, top) + height, max(0, left) : max(0, left) + width]
    out = np.zeros((height, width, 3), np.uint8)
    y, x = max(0, -top), max(0, -left)
    out[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    return out
