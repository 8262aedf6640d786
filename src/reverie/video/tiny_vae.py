"""The tiny decoder: latents → pictures at a hundredth of the full decoder's work, as they come.

Our own making of the public design TAEHV (github.com/madebyollin/taehv, MIT): a small convolutional network
that looks at each latent frame and, block by block, at what that block saw one frame earlier. It reads the
published decoders of Wan 2.2's 5B (`taew2_2`) and of Wan 2.1 (`taew2_1`): key names and shapes are theirs.

for pictures in tiny.decode(latents):      1 picture, then 4 for every further latent frame
    show(pictures)
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from reverie.errors import GeneratorError

WIDTHS = (256, 128, 64, 64)
"""Feature channels of the three stages, and of what the last of them gives out (the published design)."""

GROWTH = (1, 2, 2)
"""Frames that each stage makes of one: four pictures a latent frame, as Wan's own decoder does."""

SPARE = 3
"""Pictures that the first latent frame makes too many: it stands for one picture, every other for four."""

_ENTRY = "decoder.1.weight"
"""The first convolution, (256, z, 3, 3): says how many channels the latents have."""

_EXIT = "decoder.22.weight"
"""The last convolution, (3 * patch * patch, 64, 3, 3): says how large a block of pixels it makes at once."""


class TinyVae(nn.Module):
    """The tiny decoder's network. `TinyVae()` has random weights, for tests and benches; see `load_tiny`.

    channels: of the latents (z): 48 for Wan2.2-TI2V-5B, 16 for Wan 2.1 and A14B.
    patch: side of the block of pixels that the last convolution makes at once: 2 for the 5B, else 1.
    A latent is 8 * patch pixels wide and high.

    It holds no state between calls: what a decoding remembers lives in its iterator, so that one may be left
    half-way, or two may run side by side.
    """

    def __init__(self, channels: int = 48, patch: int = 2) -> None:
        super().__init__()
        self.channels = channels
        self.patch = patch
        self.spatial = 8 * patch
        blocks: list[nn.Module] = [_Soften(), _conv(channels, WIDTHS[0]), nn.ReLU()]
        for width, following, growth in zip(WIDTHS, WIDTHS[1:], GROWTH, strict=False):
            blocks += [_Recall(width), _Recall(width), _Recall(width)]
            blocks += [nn.Upsample(scale_factor=2), _Grow(width, growth), _conv(width, following, bias=False)]
        blocks += [nn.ReLU(), _conv(WIDTHS[-1], 3 * patch * patch)]
        self.decoder = nn.Sequential(*blocks)

    def decode(self, latents: Tensor) -> Iterator[Tensor]:
        """The pictures of `latents`, latent frame by latent frame: the first is out before the second is in.

        latents: (1, channels, T, h, w), any float type, as the transformer makes them (normalised: no
        mean and deviation applied), on any device.
        Yields float32 RGB, 0..1, (n, 3, h * spatial, w * spatial), on the network's device: n is 1 for the
        first latent frame and 4 for every other, 4 * T - 3 pictures in all. Besides the pictures it needs
        memory for one latent frame, however long the film is.

        Raises GeneratorError, before the first picture, for latents of another shape.
        """
        self._check(latents)
        return self._stream(latents)

    def decode_all(self, latents: Tensor) -> Tensor:
        """All pictures of `latents` at once, (4 * T - 3, 3, H, W); else as `decode`. Memory grows with T."""
        self._check(latents)
        return self._advance(latents[0].transpose(0, 1), _Memory())[SPARE:]

    def _stream(self, latents: Tensor) -> Iterator[Tensor]:
        memory = _Memory()
        for index, frame in enumerate(latents.unbind(2)):
            pictures = self._advance(frame, memory)
            yield pictures if index else pictures[SPARE:]

    def _advance(self, frames: Tensor, memory: _Memory) -> Tensor:
        """Run the next latent frames, (t, channels, h, w), through every block: (4 * t, 3, H, W)."""
        weight = self.decoder[1].weight
        features = frames.to(weight.device, weight.dtype)
        with torch.no_grad():
            for block in self.decoder:
                if isinstance(block, _Recall):
                    features = block(features, memory.swap(block, features))
                else:
                    features = block(features)
        return functional.pixel_shuffle(features.float(), self.patch).clamp_(0, 1)

    def _check(self, latents: Tensor) -> None:
        shape = tuple(latents.shape)
        if len(shape) != 5 or shape[:2] != (1, self.channels) or 0 in shape:
            raise GeneratorError(
                f"tiny decoder: latents are {shape}; expected (1, {self.channels}, frames, height, width), "
                "none of them 0"
            )


class _Memory:
    """What every block saw last: one feature frame a block."""

    def __init__(self) -> None:
        self._last: dict[nn.Module, Tensor] = {}

    def swap(self, block: nn.Module, frames: Tensor) -> Tensor:
        """What this block saw before each of `frames`, (t, C, H, W): zeros before the first of all.

        Keeps the last of them for the next call.
        """
        last = self._last.get(block)
        before = torch.zeros_like(frames[:1]) if last is None else last
        self._last[block] = frames[-1:].clone()  # a view would keep the whole frame's features alive
        return torch.cat((before, frames[:-1]))


class _Soften(nn.Module):
    """Bends values far from 0 back towards -3..3, smoothly."""

    def forward(self, features: Tensor) -> Tensor:
        return torch.tanh(features / 3) * 3


class _Recall(nn.Module):
    """A residual block that sees a frame and the one before it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            _conv(2 * width, width), nn.ReLU(), _conv(width, width), nn.ReLU(), _conv(width, width)
        )

    def forward(self, frames: Tensor, before: Tensor) -> Tensor:
        return functional.relu(self.conv(torch.cat((frames, before), 1)) + frames)


class _Grow(nn.Module):
    """Makes `growth` frames of each: (t, width, H, W) → (growth * t, width, H, W)."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.width = width
        self.conv = nn.Conv2d(width, width * growth, 1, bias=False)

    def forward(self, frames: Tensor) -> Tensor:
        return self.conv(frames).reshape(-1, self.width, *frames.shape[2:])


def _conv(entering: int, leaving: int, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(entering, leaving, 3, padding=1, bias=bias)


# ---------------------------------------------------------------------------------- weights


def load_tiny(path: Path, device: str = "cpu", dtype: torch.dtype = torch.float32) -> TinyVae:
    """The tiny decoder whose weights are at `path`: .safetensors, or .pth (read without running its pickle).

    Channels and patch are read from the shapes in the file; an encoder in it is left out. Raises
    GeneratorError for a file that is missing, damaged, or holds no such decoder, and for a device that is not
    there.
    """
    weights = _read(path)
    tiny = TinyVae(_channels(path, weights), _patch(path, weights))
    tiny.load_state_dict(_fitted(path, weights, tiny.state_dict()))
    try:
        return tiny.to(device, dtype).eval().requires_grad_(False)
    except (RuntimeError, AssertionError) as error:
        raise GeneratorError(f"tiny decoder: device {device!r} cannot be used: {error}") from error


def _read(path: Path) -> Mapping[str, Tensor]:
    """The decoder's tensors in the file."""
    if path.suffix not in (".safetensors", ".pth"):
        raise GeneratorError(f"{path}: weights of a tiny decoder are a .safetensors or a .pth file")
    try:
        if path.suffix == ".safetensors":
            found = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise GeneratorError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        reason = str(error).split("\n")[0]
        raise GeneratorError(f"{path}: is damaged, or no weights: {reason}") from error
    if not isinstance(found, Mapping):
        raise GeneratorError(f"{path}: holds a {type(found).__name__}; expected tensors by name")
    return {
        name: tensor
        for name, tensor in found.items()
        if isinstance(tensor, Tensor) and not name.startswith("encoder.")
    }


def _channels(path: Path, weights: Mapping[str, Tensor]) -> int:
    shape = _shape(path, weights, _ENTRY)
    return shape[1]


def _patch(path: Path, weights: Mapping[str, Tensor]) -> int:
    shape = _shape(path, weights, _EXIT)
    for patch in (1, 2, 4):
        if shape[0] == 3 * patch * patch:
            return patch
    raise GeneratorError(
        f"{path}: {_EXIT} makes {shape[0]} channels; expected 3, 12 or 48 (a patch of 1, 2 or 4 pixels)"
    )


def _shape(path: Path, weights: Mapping[str, Tensor], name: str) -> tuple[int, ...]:
    if name not in weights:
        found = ", ".join(sorted(weights)[:3]) or "nothing of a decoder"
        raise GeneratorError(f"{path}: {name} is missing, so it is no TAEHV decoder; found {found}, …")
    shape = tuple(weights[name].shape)
    if len(shape) != 4:
        raise GeneratorError(f"{path}: {name} is {shape}; expected the 4 sides of a convolution")
    return shape


def _fitted(path: Path, weights: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights as the network wants them; every name and shape must be there, and no other."""
    fitted = {}
    for name, like in wanted.items():
        if name not in weights:
            raise GeneratorError(f"{path}: {name} {tuple(like.shape)} is missing")
        tensor = weights[name]
        if _is_growth(tensor, like):
            # Published with one time step more than this decoder makes: its last step is the one meant.
            tensor = tensor[-like.shape[0] :]
        if tensor.shape != like.shape:
            raise GeneratorError(f"{path}: {name} is {tuple(tensor.shape)}; expected {tuple(like.shape)}")
        fitted[name] = tensor
    if strangers := sorted(weights.keys() - wanted.keys()):
        raise GeneratorError(f"{path}: {strangers[0]} does not belong to a tiny decoder")
    return fitted


def _is_growth(tensor: Tensor, like: Tensor) -> bool:
    return tensor.ndim == 4 and tensor.shape[2:] == (1, 1) and tensor.shape[0] == 2 * like.shape[0]
