"""H.264 in MP4: pictures → draft (grows by whole fragments) → finished film. The one place that knows PyAV.

writer = DraftWriter(file, spec, settings, metadata)     the init segment is in the file now
for image in images:
    writer.write(image)                                  fragment N is in the file when N + 1 is written
writer.close()                                           and the last one now
clip = finish(draft, final, metadata)

With sound (`DraftWriter(…, sound)`) there is AAC beside the pictures, as long as they are to the sample.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from av.video.stream import VideoStream

from reverie import config
from reverie.errors import ClipError, GeneratorError, ReverieError, StoreError, StoreFull, StoreReadOnly
from reverie.values import ClipSpec, Image
from reverie.video.sound.tones import SAMPLE_RATE, Samples

DRAFT_FLAGS = "frag_every_frame+empty_moov+default_base_moof+use_metadata_tags+skip_trailer"
"""One fragment a frame, each complete in itself; metadata in `moov/udta/meta`; nothing after the last one."""

FINAL_FLAGS = "faststart+use_metadata_tags"
"""The index before the pictures, so that a browser starts at once; metadata in `moov/udta/meta`."""

BITS_PER_PIXEL = 0.12
"""Bit rate at quality 21 for encoders without a constant-quality mode; about 0.9 Mbit/s at 640x480, 24 fps.

Six steps of H.264's quantiser double its step size, which about halves the rate.
"""

THUMBNAIL_WIDTH = 320
"""Pixels; the height follows the clip's shape."""

AAC_FRAME = 1024
"""Samples of a packet of AAC-LC."""

AAC_RATE = 64_000
"""Bits a second of sound: mono music and speech lose nothing there that a kiosk's loudspeaker has."""

AAC_OPTIONS = {"aac_coder": "fast"}
"""The encoder's quicker search: 5 ms a second of film on one core instead of 12."""

AHEAD = 0.1
"""Seconds by which sound goes before pictures in a draft: a player starts when it has both, and the encoder
itself keeps two packets (43 ms) back."""


@dataclass(frozen=True, slots=True)
class ClipFile:
    """What a film file is: `sha256` hex, `seconds` and `frames` of its video, `size` bytes, pixels."""

    sha256: str
    seconds: float
    size: int
    frames: int
    width: int
    height: int


class DraftWriter:
    """Encodes pictures and appends every complete MP4 fragment to `file`, one write each.

    The constructor writes the init segment (`ftyp` + `moov`, with `metadata` in `moov/udta/meta`), so that a
    browser can get ready before there is a picture. The muxer gives out fragment N (`moof` + `mdat`, one
    frame) when it is handed frame N + 1. `file` stays the caller's to close.

    With `sound` (arrays in a row, mono float32 -1..1 at 48 kHz, silent for its first 1024 samples), fragments
    of both kinds follow each other in the order of time. What `sound` lacks is silence, what is over is left
    out; it is asked for its next array when that is due.

    Raises GeneratorError for an encoder that this machine does not have or that fails, StoreFull,
    StoreReadOnly and StoreError when `file` cannot be written.
    """

    def __init__(
        self,
        file: BinaryIO,
        spec: ClipSpec,
        settings: config.Generator,
        metadata: Mapping[str, str],
        sound: Iterable[Samples] | None = None,
    ) -> None:
        self._file = file
        self._spec = spec
        self._sink = _Sink()
        self._count = self._sequence = 0
        self._open = True
        self._reformat = VideoReformatter().reformat
        self._container = _open_draft(self._sink, metadata)
        self._stream = _add_encoder(self._container, settings, spec)
        self._sound = None if sound is None else _Sound(sound)
        if self._sound is None:
            self._pass_on()
            return
        self._sink.take()  # the init segment of pictures alone
        _append(file, _joint_init(metadata, self._stream, self._sound.stream))

    def write(self, image: Image) -> None:
        """Encode the next frame, uint8 RGB (spec.height, spec.width, 3); append what is complete."""
        self._demand_open()
        wanted = (self._spec.height, self._spec.width, 3)
        if image.shape != wanted or image.dtype != np.uint8:
            raise GeneratorError(
                f"picture {self._count} is {image.dtype} {image.shape}; the encoder takes uint8 RGB {wanted}"
            )
        with _encoding(self._count):
            # Wraps the array instead of copying it; `reformat` reads it before `write` returns.
            rgb = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(image), "rgb24")
            frame = self._reformat(
                rgb,
                format=self._stream.pix_fmt,
                src_color_range=ColorRange.JPEG,
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                dst_color_trc=ColorTrc.BT709,
                dst_color_primaries=ColorPrimaries.BT709,
                threads=1,
            )
            frame.pts = self._count
            frame.time_base = Fraction(1, self._spec.fps)
            self._mux(frame)
            self._count += 1
            if self._sound is not None:
                self._sound.encode(
                    min(self._count / self._spec.fps + AHEAD, self._spec.frames / self._spec.fps)
                )
        self._pass_on()

    def close(self) -> None:
        """Append what the encoder still holds. A draft without a picture is a GeneratorError."""
        self._demand_open()
        if self._count == 0:
            self.abort()
            raise GeneratorError("the draft has no picture: the generator made none")
        self._open = False
        with _encoding(self._count):
            self._mux(None)
            if self._sound is not None:
                self._sound.close(self._count / self._spec.fps)
            self._container.close()
        self._pass_on()

    def abort(self) -> None:
        """Let the encoder go and write nothing more. May follow anything, and be repeated."""
        if not self._open:
            return
        self._open = False
        with _encoding(self._count):
            self._container.close()
            if self._sound is not None:
                self._sound.abort()
        self._sink.clear()

    def _mux(self, frame: av.VideoFrame | None) -> None:
        for packet in self._stream.encode(frame):
            packet.duration = 1  # encoders leave it 0, and the last frame would last no time
            self._container.mux_one(packet)

    def _demand_open(self) -> None:
        if not self._open:
            raise ValueError("this draft is closed")

    def _pass_on(self) -> None:
        if self._sound is None:
            for fragment in self._sink.take():
                _append(self._file, fragment)
            return
        for track, sink in ((1, self._sink), (2, self._sound.sink)):
            for fragment in sink.take():
                self._sequence += 1
                _append(self._file, _renumbered(fragment, self._sequence, track))


class _Sound:
    """Samples → AAC → fragments in `sink`, as far as they are asked for.

    It has a muxer of its own: FFmpeg's gives fragments of two tracks wrong times when it makes one of every
    packet (a track without a packet of its own takes the time of the one after next).

    AAC's frames overlap, so an encoder gives a packet before the first one, which players are to decode and
    not to play; a growing file has no place to say so. It is left out: the sound begins in silence, so that
    the next one needs no past. Then every packet stands at the time of its samples, for every player.
    """

    def __init__(self, sound: Iterable[Samples]) -> None:
        self.sink = _Sink()
        self._container = _open_draft(self.sink, {})
        try:
            stream = self._container.add_stream("aac", rate=SAMPLE_RATE, layout="mono", options=AAC_OPTIONS)
        except av.codec.codec.UnknownCodecError as error:
            raise GeneratorError("this FFmpeg has no AAC encoder: set `sound.films: off`") from error
        assert isinstance(stream, AudioStream)
        stream.codec_context.bit_rate = AAC_RATE
        stream.codec_context.thread_count = 1
        self.stream = stream
        try:
            self._container.start_encoding()
        except av.FFmpegError as error:
            raise GeneratorError(f"FFmpeg's AAC encoder does not open here: {error.strerror}") from error
        self.sink.take()
        self._sound = iter(sound)
        self._held: Samples = np.zeros(0, np.float32)
        self._fed = 0

    def encode(self, second: float) -> None:
        """Go on to `second` of the film, in whole frames."""
        while self._fed + AAC_FRAME <= round(second * SAMPLE_RATE):
            self._feed(AAC_FRAME)

    def close(self, second: float) -> None:
        """Go on to the film's end at `second`; the last packet lasts only as long as its samples."""
        self.encode(second)
        left = round(second * SAMPLE_RATE) - self._fed
        if left > 0:
            self._feed(left)
        self._mux(None)
        self._container.close()

    def abort(self) -> None:
        self._container.close()
        self.sink.clear()

    def _feed(self, count: int) -> None:
        frame = av.AudioFrame.from_ndarray(self._taken(count)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.time_base = SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
        frame.pts = self._fed
        self._fed += count
        self._mux(frame)

    def _mux(self, frame: av.AudioFrame | None) -> None:
        for packet in self.stream.encode(frame):
            if packet.pts is not None and packet.pts >= 0:
                self._container.mux_one(packet)

    def _taken(self, count: int) -> Samples:
        """The next `count` samples; silence once the sound is at its end."""
        while len(self._held) < count:
            more = next(self._sound, None)
            if more is None:
                more = np.zeros(count - len(self._held), np.float32)
            self._held = np.concatenate((self._held, more))
        taken, self._held = self._held[:count], self._held[count:]
        return np.ascontiguousarray(taken, np.float32)


def _open_draft(sink: _Sink, metadata: Mapping[str, str]) -> OutputContainer:
    container = av.open(sink, "w", format="mp4", options={"movflags": DRAFT_FLAGS, "flush_packets": "1"})
    container.metadata.update(metadata)
    return container


def _joint_init(metadata: Mapping[str, str], pictures: VideoStream, sound: AudioStream) -> bytes:
    """The init segment of a draft whose track 1 are `pictures` and track 2 is `sound`."""
    sink = _Sink()
    container = _open_draft(sink, metadata)
    for stream in (pictures, sound):
        container.add_stream_from_template(stream)
    container.start_encoding()
    (init,) = sink.take()
    container.close()
    return init


def _renumbered(fragment: bytes, sequence: int, track: int) -> bytes:
    """`fragment` (`moof` with one `traf`, `mdat`) as number `sequence` of its film, and of that track.

    Where the numbers stand: ISO/IEC 14496-12, 8.8.5 (`mfhd`) and 8.8.7 (`tfhd`). Nothing else in it depends
    on its place: offsets are counted from its own `moof`.
    """
    data = bytearray(fragment)
    if [fragment[at : at + 4] for at in (4, 12, 28, 36)] != [b"moof", b"mfhd", b"traf", b"tfhd"]:
        raise GeneratorError(f"the muxer made a fragment of another form: {fragment[:40]!r}")
    struct.pack_into(">I", data, 20, sequence)
    struct.pack_into(">I", data, 44, track)
    return bytes(data)


class _Sink:
    """Where the muxer writes to: keeps what is no whole fragment yet. Not seekable, on purpose."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def take(self) -> list[bytes]:
        """The complete init segment and fragments so far, each to its `moov` or `mdat` end."""
        done: list[bytes] = []
        start = end = 0
        while len(self._held) >= end + 8:
            size, kind = struct.unpack_from(">I4s", self._held, end)
            if len(self._held) < end + size:
                break
            end += size
            if kind in (b"moov", b"mdat"):
                done.append(bytes(self._held[start:end]))
                start = end
        del self._held[:start]
        return done

    def clear(self) -> None:
        self._held.clear()


# ---------------------------------------------------------------------------------- encoders


def encoders() -> list[str]:
    """H.264 encoders that this machine really opens, as FFmpeg calls them, best known first."""
    names = sorted(av.codecs_available, key=lambda name: (name != "libx264", name))
    return [name for name in names if _is_h264_encoder(name) and _opens(name)]


def _is_h264_encoder(name: str) -> bool:
    try:
        codec = av.Codec(name, "w")
    except av.codec.codec.UnknownCodecError:
        return False
    # FFmpeg answers to a format's name too ("h264"); only an encoder's own name says what is used.
    return codec.name == name and codec.canonical_name == "h264" and _pixel_format(name) is not None


def _pixel_format(name: str) -> str | None:
    """What the encoder takes of what a browser can play (4:2:0, 8 bit); some do not say what they take."""
    formats = {form.name for form in av.Codec(name, "w").video_formats or ()}
    return next((form for form in ("yuv420p", "nv12") if form in formats or not formats), None)


def _opens(name: str) -> bool:
    context = av.CodecContext.create(name, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = 320, 240, _pixel_format(name)
    context.time_base, context.bit_rate = Fraction(1, 24), 500_000
    try:
        context.open()
    except av.FFmpegError:
        return False
    return True


def _add_encoder(container: OutputContainer, settings: config.Generator, spec: ClipSpec) -> VideoStream:
    """The configured encoder, opened; the container's header is written. Raises GeneratorError."""
    name = settings.encoder
    if not _is_h264_encoder(name):
        raise GeneratorError(
            f"generator {settings.name!r}: encoder {name!r} is no H.264 encoder of this machine; "
            f"allowed here: {', '.join(encoders()) or 'none'}"
        )
    stream = container.add_stream(name, rate=spec.fps, options=encoder_options(settings))
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = spec.width, spec.height, _pixel_format(name)
    context = stream.codec_context
    context.thread_count = 1  # the other core watches
    context.gop_size = spec.fps  # a key frame a second: where a player may join and seek
    context.max_b_frames = 0
    if name != "libx264":
        context.bit_rate = bit_rate(settings, spec)
    context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    try:
        container.start_encoding()
    except av.FFmpegError as error:
        raise GeneratorError(
            f"generator {settings.name!r}: encoder {name!r} does not open for {spec.width}x{spec.height} at "
            f"{spec.fps} fps: {error.strerror}; encoders that open here: {', '.join(encoders()) or 'none'}"
        ) from error
    return stream


def check_encoder(settings: config.Generator) -> None:
    """Open the configured encoder once, at the configured size, writing nothing. Raises GeneratorError."""
    spec = ClipSpec(settings.name, "", settings.width, settings.height, 1, settings.fps)
    DraftWriter(io.BytesIO(), spec, settings, {}).abort()


def check_sound() -> None:
    """Open the encoder of sound once, writing nothing. Raises GeneratorError."""
    _Sound(()).abort()


def encoder_options(settings: config.Generator) -> dict[str, str]:
    """FFmpeg's options for the encoder: only libx264 knows `preset`, `quality` and `zerolatency`."""
    if settings.encoder != "libx264":
        return {}
    return {"preset": settings.preset, "tune": "zerolatency", "crf": str(settings.quality)}


def bit_rate(settings: config.Generator, spec: ClipSpec) -> int:
    """Bits a second for an encoder that knows no constant quality."""
    scale = 2 ** ((21 - settings.quality) / 6)
    return round(BITS_PER_PIXEL * scale * spec.width * spec.height * spec.fps)


# ---------------------------------------------------------------------------------- finished films


def finish(draft: Path, final: Path, metadata: Mapping[str, str]) -> ClipFile:
    """Copy pictures and sound of `draft` into a film at `final` with its index first; sync it, read it back.

    Nothing is encoded again: zerolatency makes the file larger, but a second encode would cost CPU while
    somebody waits. Raises ClipError for a damaged draft or film, StoreFull, StoreReadOnly, StoreError; on any
    error nothing is left at `final`.
    """
    made = _inspect(draft)
    try:
        _remux(draft, final, metadata)
        _sync(final)
        kept = _inspect(final)
        same = kept.frames == made.frames and abs(kept.seconds - made.seconds) <= 0.001
        if not same or abs(kept.sound - made.sound) > 0.001:
            raise ClipError(f"{final}: has {kept.told}, its draft {draft} has {made.told}")
        clip = _clip_file(final, kept)
    except ReverieError:
        final.unlink(missing_ok=True)
        raise
    return clip


def _remux(source: Path, target: Path, metadata: Mapping[str, str]) -> None:
    try:
        with (
            av.open(source) as reader,
            av.open(target, "w", format="mp4", options={"movflags": FINAL_FLAGS}) as writer,
        ):
            writer.metadata.update(metadata)
            streams = {
                stream.index: writer.add_stream_from_template(stream)
                for stream in (*reader.streams.video[:1], *reader.streams.audio[:1])
            }
            for packet in reader.demux(*(reader.streams[index] for index in streams)):
                if packet.size:  # the demuxer ends with an empty one of each
                    packet.stream = streams[packet.stream.index]
                    writer.mux_one(packet)
    except av.InvalidDataError as error:
        raise ClipError(f"{source}: is damaged: {error.strerror}") from error
    except av.FFmpegError as error:
        raise _disk_error(error, target) from error


def probe(path: Path) -> ClipFile:
    """What the film at `path` is. Reads all of it and decodes its first picture.

    Raises ClipError, naming what is wrong and where, for a file that is missing, empty, cut off, not MP4, or
    not H.264.
    """
    return _clip_file(path, _inspect(path))


def _clip_file(path: Path, film: _Film) -> ClipFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ClipFile(digest, film.seconds, path.stat().st_size, film.frames, film.width, film.height)


@dataclass(frozen=True, slots=True)
class _Film:
    """`sound` are the seconds of its sound, 0 of a silent one."""

    frames: int
    seconds: float
    width: int
    height: int
    sound: float

    @property
    def told(self) -> str:
        return f"{self.frames} frames in {self.seconds:.3f} s and {self.sound:.3f} s of sound"


def _inspect(path: Path) -> _Film:
    _check_boxes(path)
    with _reading(path) as (container, video):
        frames, start, end, sound = 0, 0, 0, 0
        for packet in container.demux(video, *container.streams.audio[:1]):
            if not packet.size or packet.pts is None:
                continue
            if packet.stream.index != video.index:
                sound += packet.duration or 0
                continue
            start = min(start, packet.pts) if frames else packet.pts
            end = max(end, packet.pts + (packet.duration or 0))
            frames += 1
        if frames == 0 or (video.frames and video.frames != frames):
            raise ClipError(f"{path}: has {frames} pictures; its index says {video.frames or 'at least 1'}")
        assert video.time_base is not None
        heard = float(sound * (container.streams.audio[0].time_base or 0)) if sound else 0.0
        return _Film(frames, float((end - start) * video.time_base), video.width, video.height, heard)


def _check_boxes(path: Path) -> None:
    """An MP4 is a row of boxes, each with its length: every one must end within the file."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                raise ClipError(f"{path}: is empty; expected an MP4 with H.264 video")
            kinds = []
            at = 0
            while at < size:
                file.seek(at)
                header = file.read(16)
                length, kind = struct.unpack_from(">I4s", header.ljust(8, b"\0"))
                if length == 1 and len(header) == 16:
                    (length,) = struct.unpack_from(">Q", header, 8)
                if at == 0 and kind != b"ftyp":
                    raise ClipError(f"{path}: is not an MP4: it starts with {header[:8]!r}, not with `ftyp`")
                if length < 8 or at + length > size:
                    raise ClipError(f"{path}: is cut off or damaged at byte {at} of {size}")
                kinds.append(kind)
                at += length
    except OSError as error:
        raise ClipError(f"{path}: cannot be read: {error.strerror}") from error
    if b"moov" not in kinds:
        raise ClipError(f"{path}: has no index (`moov`): it was never finished")


@contextmanager
def _reading(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The film open for reading, its H.264 stream; FFmpeg's complaints become ClipError."""
    try:
        with av.open(path) as container:
            video = next(iter(container.streams.video), None)
            if video is None:
                raise ClipError(f"{path}: has no video; expected H.264")
            if video.codec_context.name != "h264":
                raise ClipError(f"{path}: has {video.codec_context.name} video; expected H.264")
            yield container, video
    except av.FFmpegError as error:
        raise ClipError(f"{path}: is damaged: {error.strerror}") from error


def codec_string(init: bytes) -> str:
    """What a browser's MediaSource calls what an init segment (`ftyp` + `moov`) promises: "avc1.64001E".

    Profile, constraints and level from the AVC configuration (RFC 6381, 3.3); with sound, ",mp4a.40.2"
    (AAC-LC) after it. Raises ClipError without pictures.
    """
    # Where `avcC` sits (ISO/IEC 14496-12 and -15), and how many bytes of each box come before its children.
    path = (("moov", 0), ("trak", 0), ("mdia", 0), ("minf", 0), ("stbl", 0), ("stsd", 8), ("avc1", 78))
    inside = memoryview(init)
    for kind, skipped in path:
        inside = _child(inside, kind)[skipped:]
    configuration = _child(inside, "avcC")
    if len(configuration) < 4:
        raise ClipError("the init segment has no H.264 configuration (`avcC`)")
    sound = ",mp4a.40.2" if b"mp4a" in init[init.find(b"moov") :] else ""
    return "avc1." + bytes(configuration[1:4]).hex().upper() + sound


def _child(boxes: memoryview, kind: str) -> memoryview:
    """What is inside the first box of that kind; empty when there is none."""
    at = 0
    while at + 8 <= len(boxes):
        length, found = struct.unpack_from(">I4s", boxes, at)
        if found == kind.encode() and length >= 8:
            return boxes[at + 8 : at + length]
        at += max(8, length)
    return memoryview(b"")


def save(
    images: Iterable[Image],
    path: Path,
    spec: ClipSpec,
    settings: config.Generator,
    metadata: Mapping[str, str],
    sound: Iterable[Samples] | None = None,
) -> ClipFile:
    """Encode `images` (and `sound`) into a finished film at `path`, which appears whole or not at all.

    It is made in a folder beside `path` that goes away, and replaces what was at `path`. Raises what
    `DraftWriter` and `finish` raise, and whatever making the images or the sound raises.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".reverie-", dir=path.parent) as folder:
            draft, final = Path(folder, "draft.mp4"), Path(folder, "final.mp4")
            with draft.open("wb", buffering=0) as file:
                writer = DraftWriter(file, spec, settings, metadata, sound)
                try:
                    for image in images:
                        writer.write(image)
                    writer.close()
                finally:
                    writer.abort()
            clip = finish(draft, final, metadata)
            final.replace(path)
    except OSError as error:
        raise _disk_error(error, path) from error
    return clip


def still(path: Path, second: float) -> Image:
    """The picture on screen at `second` (from 0; after the end: the last one), uint8 RGB (H, W, 3).

    Raises ClipError for a film that cannot be read.
    """
    if not second >= 0:
        raise ValueError(f"second is {second}; allowed: 0 or more")
    _check_boxes(path)
    with _reading(path) as (container, video):
        assert video.time_base is not None
        container.seek(int(second / video.time_base), stream=video)
        shown = None
        for frame in container.decode(video):
            if shown is not None and frame.time > second + 1e-6:
                break
            shown = frame
        if shown is None:
            raise ClipError(f"{path}: has no picture that can be decoded")
        rgb = shown.reformat(
            format="rgb24", src_colorspace=shown.colorspace, dst_color_range=ColorRange.JPEG, threads=1
        )
        return np.ascontiguousarray(rgb.to_ndarray(), dtype=np.uint8)


def thumbnail(path: Path) -> bytes:
    """A JPEG of the film's middle, 320 pixels wide. Raises ClipError for a film that cannot be read."""
    image = still(path, _inspect(path).seconds / 2)
    height = max(1, round(image.shape[0] * THUMBNAIL_WIDTH / image.shape[1]))
    small = cv2.resize(image, (THUMBNAIL_WIDTH, height), interpolation=cv2.INTER_AREA)
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 82])
    return bytes(jpeg)


# ---------------------------------------------------------------------------------- disk and errors


def _append(file: BinaryIO, data: bytes) -> None:
    """One write, unless the file takes less: then the rest follows."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise _disk_error(error, Path(str(getattr(file, "name", "draft")))) from error


def _sync(path: Path) -> None:
    try:
        with path.open("rb") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise _disk_error(error, path) from error


def _disk_error(error: OSError | av.FFmpegError, path: Path) -> ReverieError:
    """What an operating system's or FFmpeg's error about a file that we write means."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return StoreFull(f"{path}: cannot be written: {error.strerror}; free some room and try again")
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return StoreReadOnly(f"{path}: cannot be written: {error.strerror}")
        case _:
            return StoreError(f"{path}: cannot be written: {error.strerror}")


@contextmanager
def _encoding(index: int) -> Iterator[None]:
    try:
        yield
    except av.FFmpegError as error:
        raise GeneratorError(f"picture {index} cannot be encoded: {error.strerror}") from error
