"""What a Wan film costs before anything is loaded: operations, bytes, and the seconds no device can beat.

    shape, size, frames → tokens → forward, decode → film → bound on a named device
                                 → memory by stage → peak

Closed forms, no torch. The operations are those of the matrix products and convolutions (a multiply and an
add are two), as torch's own counter counts them: `tests/wan/test_arithmetic_counted.py` holds them equal. The
bytes of weights are exact; the bytes of what is computed in between are read off the largest moment of each
stage, and the same tests hold them against a count of live tensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reverie.errors import GeneratorError

PROMPT = 512
"""Rows of text that the transformer looks at, always: what is shorter is padded with zeros."""

GIB = 1 << 30

Decoder = Literal["full", "tiny"]
"""full: the checkpoint's own VAE; tiny: a TAEHV of the same latents."""


@dataclass(frozen=True, slots=True)
class Convolutions:
    """What a Wan VAE is made of, by the names of its `config.json`.

    `dim`: channels of the decoder's last stage (`decoder_base_dim`); `mult` and `blocks` as there; `residual`
    as there (Wan2.2's 5B); `patch`: sides of the square of pixels that leave as channels (1: none).
    """

    dim: int
    mult: tuple[int, ...] = (1, 2, 4, 4)
    blocks: int = 2
    residual: bool = False
    patch: int = 1


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a Wan checkpoint that its costs follow from.

    `ffn`, `channels` (of a latent), `text_dim`, `freq_dim` as in the transformer's config. `spatial` and
    `temporal`: pixels and frames to a latent; `patch`: latents to a token's side. `timesteps`: whether each
    token may have its own time (the 5B, `expand_timesteps`). `experts`: transformers, of which one works at a
    time. `transformer` (of one expert), `vae`, its `decoder` alone and the text `encoder` (0: none) count
    parameters.
    """

    layers: int
    heads: int
    head_dim: int
    ffn: int
    channels: int
    text_dim: int
    spatial: int
    temporal: int
    patch: int
    transformer: int
    vae: int
    decoder: int
    encoder: int
    convolutions: Convolutions
    timesteps: bool = False
    experts: int = 1
    freq_dim: int = 256

    @property
    def dim(self) -> int:
        """Numbers in a token."""
        return self.heads * self.head_dim

    @property
    def step(self) -> int:
        """What the sides of a picture must divide by, in pixels."""
        return self.spatial * self.patch

    @property
    def quantised(self) -> int:
        """Parameters that INT8 covers: the matrices of the blocks. The rest keeps its type."""
        return self.layers * (8 * self.dim * self.dim + 2 * self.dim * self.ffn)


WAN_5B = Shape(
    layers=30,
    heads=24,
    head_dim=128,
    ffn=14336,
    channels=48,
    text_dim=4096,
    spatial=16,
    temporal=4,
    patch=2,
    transformer=4_999_787_712,
    vae=704_688_668,
    decoder=555_051_580,
    encoder=5_680_910_336,
    convolutions=Convolutions(dim=256, residual=True, patch=2),
    timesteps=True,
)
"""Wan2.2-TI2V-5B, and what is distilled from it. Parameters counted on the classes of diffusers and
transformers built with the published configs."""

WAN_1_3B = Shape(
    layers=30,
    heads=12,
    head_dim=128,
    ffn=8960,
    channels=16,
    text_dim=4096,
    spatial=8,
    temporal=4,
    patch=2,
    transformer=1_418_996_800,
    vae=126_892_531,
    decoder=73_295_603,
    encoder=5_680_910_336,
    convolutions=Convolutions(dim=96),
)
"""Wan2.1-T2V-1.3B, counted like the 5B."""

WAN_A14B = Shape(
    layers=40,
    heads=40,
    head_dim=128,
    ffn=13824,
    channels=16,
    text_dim=4096,
    spatial=8,
    temporal=4,
    patch=2,
    transformer=14_288_491_584,
    vae=126_892_531,
    decoder=73_295_603,
    encoder=5_680_910_336,
    convolutions=Convolutions(dim=96),
    experts=2,
)
"""Wan2.2-T2V-A14B: two experts, of which one works at each step. Counted like the 5B."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """A convolution of a decoder. `area`: its outputs to a latent's; `first` and `later`: its frames for the
    first latent frame and for every other; `taps` of its kernel; `past`: how many frames it remembers for the
    next latent frame (the full decoder what entered, the tiny one what leaves: it enters with its past)."""

    area: int
    first: int
    later: int
    enters: int
    leaves: int
    taps: int
    past: int = 0


# ---------------------------------------------------------------------------------- operations


def latent_frames(shape: Shape, frames: int) -> int:
    """Latent frames of `frames` pictures, which are temporal x k + 1: the first has one of its own."""
    if frames < 1 or (frames - 1) % shape.temporal:
        below = max(0, frames - 1) // shape.temporal * shape.temporal + 1
        raise GeneratorError(
            f"{frames} frames cannot be made at once: {shape.temporal}k+1 can, {below} or "
            f"{below + shape.temporal} for example"
        )
    return (frames - 1) // shape.temporal + 1


def tokens(shape: Shape, width: int, height: int, frames: int) -> int:
    """How many tokens the transformer sees: 1500 for the 5B at 640x480 and 17 frames.

    Raises GeneratorError for sides that do not divide by `shape.step` and frames that are not 4k+1.
    """
    if width < 1 or height < 1 or width % shape.step or height % shape.step:
        raise GeneratorError(f"{width}x{height}: both sides must divide by {shape.step}")
    return latent_frames(shape, frames) * (width // shape.step) * (height // shape.step)


def forward_flops(shape: Shape, width: int, height: int, frames: int, *, each: bool = False) -> float:
    """Operations of one forward of one expert; guidance needs two a step.

    `each`: every token is told its own time instead of one for all, as when a first picture is given, and as
    diffusers' pipeline always does where the checkpoint can.
    """
    count, dim = tokens(shape, width, height, frames), shape.dim
    times = count if each and shape.timesteps else 1
    # Self-attention has four matrices; cross-attention two for the tokens and two for the prompt's rows.
    block = count * (6 * dim * dim + 2 * dim * shape.ffn) + PROMPT * 2 * dim * dim
    attention = 2 * count * (count + PROMPT) * dim
    patches = 2 * count * shape.channels * shape.patch**2 * dim
    time = times * (shape.freq_dim * dim + 7 * dim * dim)
    text = PROMPT * (shape.text_dim * dim + dim * dim)
    return 2.0 * (shape.layers * (block + attention) + patches + time + text)


def encode_flops(shape: Shape, rows: int = PROMPT) -> float:
    """Operations of umT5-xxl over a prompt padded to `rows`: 4.8e12 for 512."""
    layers, inner = 24, 10_240  # transformers: the published config of google/umt5-xxl
    dim = shape.text_dim
    return 2.0 * layers * (rows * (4 * dim * dim + 3 * dim * inner) + 2 * rows * rows * dim)


def decode_flops(shape: Shape, width: int, height: int, frames: int, decoder: Decoder) -> float:
    """Operations from latents to pictures."""
    tokens(shape, width, height, frames)
    later = latent_frames(shape, frames) - 1
    area = (width // shape.spatial) * (height // shape.spatial)
    products = sum(
        layer.area * (layer.first + layer.later * later) * layer.enters * layer.leaves * layer.taps
        for layer in _layers(shape, decoder)
    )
    if decoder == "full":
        # The middle of the full decoder looks at a whole latent frame at once.
        products += (1 + later) * 2 * area * shape.convolutions.dim * shape.convolutions.mult[-1]
    return 2.0 * area * products


def tiny_parameters(shape: Shape) -> int:
    """Weights of the tiny decoder's convolutions: all of it but a few thousand biases."""
    return sum(layer.enters * layer.leaves * layer.taps for layer in _tiny_layers(shape))


def _layers(shape: Shape, decoder: Decoder) -> list[_Layer]:
    return _tiny_layers(shape) if decoder == "tiny" else _full_layers(shape)


def _full_layers(shape: Shape) -> list[_Layer]:
    """AutoencoderKLWan's decoder, from the latents to the picture."""
    parts = shape.convolutions
    widths = [parts.dim * m for m in (parts.mult[-1], *reversed(parts.mult))]
    middle = widths[0]
    layers = [
        _Layer(1, 1, 1, shape.channels, shape.channels, 1),
        _Layer(1, 1, 1, shape.channels, middle, 27, 2),
        *[_Layer(1, 1, 1, middle, middle, 27, 2)] * 4,
        _Layer(1, 1, 1, middle, 4 * middle, 1),  # attention: query, key, value, and out
    ]
    area = later = 1
    for stage, wide in enumerate(widths[1:]):
        # Wan2.1 halves the channels while it enlarges, so that a stage begins with half.
        narrow = widths[stage] if parts.residual or not stage else widths[stage] // 2
        layers.append(_Layer(area, 1, later, narrow, wide, 27, 2))
        layers += [_Layer(area, 1, later, wide, wide, 27, 2)] * (2 * parts.blocks + 1)
        if narrow != wide:
            layers.append(_Layer(area, 1, later, narrow, wide, 1))
        if stage == len(parts.mult) - 1:
            break
        if later < shape.temporal:
            # The first latent frame of a film stands for one picture: it is not doubled in time.
            layers.append(_Layer(area, 0, later, wide, 2 * wide, 3, 2))
            later *= 2
        area *= 4
        layers.append(_Layer(area, 1, later, wide, wide if parts.residual else wide // 2, 9))
    return [*layers, _Layer(area, 1, later, widths[-1], 3 * parts.patch**2, 27, 2)]


def _tiny_layers(shape: Shape) -> list[_Layer]:
    """A TAEHV decoder (github madebyollin/taehv); it makes four pictures of the first latent frame too."""
    widths = (256, 128, 64, 64)
    layers = [_Layer(1, 1, 1, shape.channels, widths[0], 9)]
    area = made = 1
    for wide, following, growth in zip(widths, widths[1:], (1, 2, 2), strict=False):
        for _ in range(3):
            layers.append(_Layer(area, made, made, 2 * wide, wide, 9, 1))
            layers += [_Layer(area, made, made, wide, wide, 9)] * 2
        area *= 4
        layers.append(_Layer(area, made, made, wide, growth * wide, 1))
        made *= growth
        layers.append(_Layer(area, made, made, wide, following, 9))
    return [*layers, _Layer(area, made, made, widths[-1], 3 * shape.convolutions.patch**2, 9)]


@dataclass(frozen=True, slots=True)
class Work:
    """Operations of a film by stage."""

    text: float
    denoise: float
    decode: float

    @property
    def total(self) -> float:
        return self.text + self.denoise + self.decode


def film_flops(
    shape: Shape,
    width: int,
    height: int,
    frames: int,
    *,
    steps: int,
    guided: bool,
    decoder: Decoder,
    encoded: bool = False,
    each: bool = False,
) -> Work:
    """Operations of one segment: `guided` doubles a step; `encoded`: the prompt (and, guided, what guidance
    leads away from) is encoded too, instead of looked up; `each` as for a forward. What encodes a first
    picture is not counted: less than one latent frame's decoding."""
    passes = 2 if guided else 1
    return Work(
        text=passes * encode_flops(shape) if encoded else 0.0,
        denoise=steps * passes * forward_flops(shape, width, height, frames, each=each),
        decode=decode_flops(shape, width, height, frames, decoder),
    )


# ---------------------------------------------------------------------------------- memory


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on the device. `transformer` and `decoder` stay while the model is loaded; beside them come, one
    after the other, the text `encoder` (while it reads; 0 when it is elsewhere), `denoise` and `decode`."""

    transformer: int
    decoder: int
    encoder: int
    denoise: int
    decode: int

    @property
    def resident(self) -> int:
        return self.transformer + self.decoder

    @property
    def peak(self) -> int:
        """What the device must have: the largest of the stages beside the weights that stay."""
        return self.resident + max(self.encoder, self.denoise, self.decode)


def memory(
    shape: Shape,
    width: int,
    height: int,
    frames: int,
    *,
    number: int = 2,
    int8: bool = False,
    decoder: Decoder = "full",
    decoder_number: int | None = None,
    pictures: bool = False,
    encoder: bool = False,
) -> Memory:
    """Bytes that a segment needs on the device.

    `number`: bytes of a number of the transformer (bf16 and fp16: 2); `decoder_number` those of the decoder
    (None: the same). `int8`: the matrices of the blocks in one byte, and one of them unpacked at a time.
    `pictures`: films begin with a given picture, so that each token has its own time and the full VAE is
    there with both halves (beside a tiny decoder, its other half is the caller's to count). `encoder`:
    prompts are encoded on the device, at `number` bytes; that encoder leaves before the first step. Not in
    it: what a driver keeps for itself (hundreds of MB for a CUDA context), and a convolution library's room.
    """
    count = tokens(shape, width, height, frames)
    wide = decoder_number or number
    small = shape.transformer - shape.quantised
    matrices = shape.quantised * (1 if int8 else number)
    whole = shape.vae if pictures else shape.decoder
    vae = tiny_parameters(shape) if decoder == "tiny" else whole
    return Memory(
        transformer=shape.experts * (matrices + small * number),
        decoder=vae * wide,
        encoder=shape.encoder * number if encoder else 0,
        denoise=_denoise_bytes(shape, count, number, int8, each=pictures and shape.timesteps),
        decode=_decode_bytes(shape, width, height, wide, decoder),
    )


def _denoise_bytes(shape: Shape, count: int, number: int, int8: bool, each: bool) -> int:
    """The largest moment of a forward: inside the feed-forward, before and after its activation."""
    dim = shape.dim
    live = count * number * (2 * shape.ffn + 4 * dim)
    live += 2 * count * shape.head_dim * 4 + PROMPT * (dim + shape.text_dim) * number
    if each:
        # A shift, a scale and a gate for every token, as they come and in float32.
        live += count * dim * (6 * 4 + 7 * number)
    return live + (dim * shape.ffn * number if int8 else 0)


def _decode_bytes(shape: Shape, width: int, height: int, number: int, decoder: Decoder) -> int:
    """The largest moment of decoding one latent frame after the first, with what is kept for the next."""
    area = (width // shape.spatial) * (height // shape.spatial)
    pictures = width * height * 3 * 4 * shape.temporal  # the last ones in float32, while the next are made
    layers = _layers(shape, decoder)
    if decoder == "tiny":
        past = sum(layer.area * layer.leaves * layer.past for layer in layers)
        wide = layers[-2]
        return pictures + number * area * (past + wide.area * wide.later * (wide.enters + wide.leaves))
    past = sum(layer.area * layer.enters * layer.past for layer in layers)
    wide = max((layer for layer in layers if layer.past), key=lambda layer: layer.area * layer.enters)
    # In the last stage's first convolution: its input three times, and twice more with its past (put
    # together, then padded) while that past is being replaced; and the way round it.
    moment = wide.enters * (3 * wide.later + 2 * (wide.later + wide.past) + wide.past)
    moment += wide.leaves * wide.later if wide.enters != wide.leaves else 0
    return pictures + number * area * (past + wide.area * moment)


# ---------------------------------------------------------------------------------- devices


@dataclass(frozen=True, slots=True)
class Device:
    """A device by its specification: `tflops` dense at bf16 or fp16 with float32 sums, in 1e12 operations a
    second, and `gib` of memory (on Jetsons the whole system's)."""

    name: str
    tflops: float
    gib: float


DEVICES: Mapping[str, Device] = {
    device.name: device
    for device in (
        Device("RTX 3060", 25.6, 12),
        Device("RTX 4060", 30.2, 8),
        Device("RTX 4090", 165.2, 24),
        Device("RTX 5090", 209.5, 32),
        Device("Orin NX 16", 15.0, 16),
        Device("AGX Orin", 42.5, 64),
        Device("Thor", 258.0, 128),
        Device("H100", 989.0, 80),
        Device("H200", 989.0, 131),
    )
}
"""From the makers' specifications, not measured; boards differ with their power limits."""


def device_of(name: str) -> Device:
    """The device called `name`, however it is spelt. Raises GeneratorError naming those known."""

    def plain(text: str) -> str:
        return "".join(text.lower().split()).replace("-", "")

    for device in DEVICES.values():
        if plain(device.name) == plain(name):
            return device
    raise GeneratorError(f"no figures for the device {name!r}; known are {', '.join(DEVICES)}")


def bound(flops: float, device: Device) -> float:
    """Seconds that `device` cannot beat for `flops`; published runs take about two to three times that."""
    return flops / (device.tflops * 1e12)
