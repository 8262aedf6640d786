"""The tiny decoder: the published layout, streaming equal to at once, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from reverie.errors import GeneratorError
from reverie.video.tiny_vae import TinyVae, load_tiny


def published(channels: int, patch: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes in the published files, written out."""
    shapes: dict[str, tuple[int, ...]] = {
        "decoder.1.weight": (256, channels, 3, 3),
        "decoder.1.bias": (256,),
        "decoder.7.conv.weight": (256, 256, 1, 1),
        "decoder.8.weight": (128, 256, 3, 3),
        "decoder.13.conv.weight": (256, 128, 1, 1),
        "decoder.14.weight": (64, 128, 3, 3),
        "decoder.19.conv.weight": (128, 64, 1, 1),
        "decoder.20.weight": (64, 64, 3, 3),
        "decoder.22.weight": (3 * patch * patch, 64, 3, 3),
        "decoder.22.bias": (3 * patch * patch,),
    }
    for block, width in [(n, 256) for n in (3, 4, 5)] + [(n, 128) for n in (9, 10, 11)]:
        shapes |= recall(block, width)
    for block in (15, 16, 17):
        shapes |= recall(block, 64)
    return shapes


def recall(block: int, width: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for layer, entering in ((0, 2 * width), (2, width), (4, width)):
        shapes[f"decoder.{block}.conv.{layer}.weight"] = (width, entering, 3, 3)
        shapes[f"decoder.{block}.conv.{layer}.bias"] = (width,)
    return shapes


def make_weights(channels: int = 48, patch: int = 2) -> dict[str, Tensor]:
    """Random weights of the published shapes whose pictures use the whole range."""
    return dict(_made_weights(channels, patch))


@lru_cache
def _made_weights(channels: int, patch: int) -> dict[str, Tensor]:
    randomness = torch.Generator().manual_seed(0)
    weights = {}
    for name, shape in published(channels, patch).items():
        spread = 1.5 if name.startswith("decoder.22") else 1.0
        fan = shape[1] * shape[2] * shape[3] if len(shape) == 4 else 100
        weights[name] = torch.randn(shape, generator=randomness) * spread / fan**0.5
    weights["decoder.22.bias"] += 0.5
    return weights


def save(folder: Path, weights: dict[str, Tensor], name: str = "tiny.safetensors") -> Path:
    path = folder / name
    if path.suffix == ".pth":
        torch.save(weights, path)
    else:
        save_file(weights, path)
    return path


def some_latents(channels: int, frames: int, height: int = 1, width: int = 2, seed: int = 1) -> Tensor:
    shape = (1, channels, frames, height, width)
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyVae:
    return load_tiny(save(tmp_path_factory.mktemp("tiny"), make_weights()))


# ---------------------------------------------------------------------------------- the design


def by_hand(weights: dict[str, Tensor], latents: Tensor, patch: int) -> Tensor:
    """The published network, one frame at a time, from its weights' names alone."""
    past: dict[int, Tensor] = {}

    def conv(name: str, frame: Tensor) -> Tensor:
        weight, bias = weights[f"{name}.weight"], weights.get(f"{name}.bias")
        return functional.conv2d(frame, weight, bias, padding=weight.shape[2] // 2)

    def stage(first: int, frame: Tensor) -> list[Tensor]:
        for block in range(first, first + 3):
            before = past.get(block, torch.zeros_like(frame))
            past[block] = frame
            bent = conv(f"decoder.{block}.conv.0", torch.cat((frame, before), 1)).relu()
            bent = conv(f"decoder.{block}.conv.2", bent).relu()
            frame = (conv(f"decoder.{block}.conv.4", bent) + frame).relu()
        width = frame.shape[1]
        frame = frame.repeat_interleave(2, 2).repeat_interleave(2, 3)
        grown = conv(f"decoder.{first + 4}.conv", frame).split(width, 1)
        return [conv(f"decoder.{first + 5}", one) for one in grown]

    pictures = []
    for frame in latents.unbind(2):
        (wide,) = stage(3, conv("decoder.1", 3 * (frame / 3).tanh()).relu())
        for middle in stage(9, wide):
            for narrow in stage(15, middle):
                picture = conv("decoder.22", narrow.relu())
                pictures.append(functional.pixel_shuffle(picture, patch).clamp(0, 1))
    return torch.cat(pictures[3:])


# as published for  channels  patch  pixels a latent
DESIGNS = [
    ("taew2_2", 48, 2, 16),  # Wan2.2-TI2V-5B
    ("taew2_1", 16, 1, 8),  # Wan 2.1, A14B
]


@pytest.mark.parametrize(("name", "channels", "patch", "pixels"), DESIGNS)
@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_published_weights(
    tmp_path: Path, name: str, channels: int, patch: int, pixels: int, suffix: str
) -> None:
    weights = make_weights(channels, patch)
    encoder = {"encoder.0.weight": torch.zeros(64, 3 * patch * patch, 3, 3)}
    tiny = load_tiny(save(tmp_path, weights | encoder, name + suffix))
    latents = some_latents(channels, 2)
    pictures = tiny.decode_all(latents)
    assert (tiny.channels, tiny.patch, tiny.spatial) == (channels, patch, pixels)
    assert pictures.shape == (5, 3, pixels, 2 * pixels)
    assert pictures.std() > 0.1  # or what follows compares one colour
    assert torch.allclose(pictures, by_hand(weights, latents, patch), atol=1e-5)


def test_size_of_the_published_decoder() -> None:
    assert sum(weight.numel() for weight in TinyVae(48, 2).parameters()) == 9_923_532


def test_last_step_of_a_longer_growth(tmp_path: Path) -> None:
    """Files whose first stage makes two frames of one: this decoder makes one, the second."""
    weights = make_weights()
    plain = load_tiny(save(tmp_path, weights)).decode_all(some_latents(48, 2))
    name = "decoder.7.conv.weight"
    longer = weights | {name: torch.cat((torch.ones(256, 256, 1, 1), weights[name]))}
    assert torch.equal(load_tiny(save(tmp_path, longer)).decode_all(some_latents(48, 2)), plain)


def test_half_precision_gives_float32(tmp_path: Path) -> None:
    path = save(tmp_path, make_weights())
    latents = some_latents(48, 2)
    halved = load_tiny(path, dtype=torch.bfloat16).decode_all(latents)
    assert halved.dtype == torch.float32
    assert (halved - load_tiny(path).decode_all(latents)).abs().mean() < 0.02


# ---------------------------------------------------------------------------------- streaming


@given(frames=st.integers(1, 4), height=st.integers(1, 2), width=st.integers(1, 2))
@settings(max_examples=5, deadline=None)
def test_streaming_equals_at_once(tiny: TinyVae, frames: int, height: int, width: int) -> None:
    latents = some_latents(48, frames, height, width)
    parts = list(tiny.decode(latents))
    assert [part.shape[0] for part in parts] == [1] + [4] * (frames - 1)
    assert all(part.dtype == torch.float32 for part in parts)
    assert torch.allclose(torch.cat(parts), tiny.decode_all(latents), atol=1e-5)


def test_a_picture_depends_on_those_before(tiny: TinyVae) -> None:
    """What makes the test above one that can fail: without memory the later pictures differ."""
    latents = some_latents(48, 2)
    alone = tiny.decode_all(latents[:, :, 1:])[-1]
    assert (tiny.decode_all(latents)[-1] - alone).abs().max() > 0.05


def test_first_picture_before_the_second_frame_is_decoded(tiny: TinyVae) -> None:
    entered, widest = [], [0]
    hooks = [
        tiny.decoder[1].register_forward_hook(lambda module, given, made: entered.append(len(made))),
        tiny.decoder[22].register_forward_hook(
            lambda module, given, made: widest.append(max(widest.pop(), len(made)))
        ),
    ]
    counts = [(len(part), len(entered)) for part in tiny.decode(some_latents(48, 4))]
    for hook in hooks:
        hook.remove()
    assert counts == [(1, 1), (4, 2), (4, 3), (4, 4)]
    assert widest == [4]  # memory does not grow with the film


def test_left_half_way_and_side_by_side(tiny: TinyVae) -> None:
    one, other = some_latents(48, 2), some_latents(48, 2, seed=2)
    left = tiny.decode(one)
    next(left)
    left.close()  # type: ignore[attr-defined]
    pairs = list(zip(tiny.decode(one), tiny.decode(other), strict=True))
    assert torch.allclose(torch.cat([pair[0] for pair in pairs]), tiny.decode_all(one), atol=1e-5)
    assert torch.allclose(torch.cat([pair[1] for pair in pairs]), tiny.decode_all(other), atol=1e-5)


# ---------------------------------------------------------------------------------- what it refuses

# latents' shape          why
SHAPES = [
    (1, 16, 2, 2, 3),  # another model's channels
    (48, 2, 2, 3),  # no batch
    (2, 48, 2, 2, 3),  # two films
    (1, 48, 0, 2, 3),  # no frame
    (1, 48, 2, 0, 3),  # no height
]


@pytest.mark.parametrize("shape", SHAPES)
def test_wrong_latents(tiny: TinyVae, shape: tuple[int, ...]) -> None:
    for decode in (tiny.decode, tiny.decode_all):
        with pytest.raises(GeneratorError, match=re.escape(f"latents are {shape}; expected (1, 48, frames")):
            decode(torch.zeros(shape))  # at once, not at the first picture


def without(name: str) -> Callable[[dict[str, Tensor]], None]:
    return lambda weights: weights.__delitem__(name)


def shaped(name: str, *shape: int) -> Callable[[dict[str, Tensor]], None]:
    return lambda weights: weights.update({name: torch.zeros(shape)})


# what is done to the weights                      what is said
DAMAGES = [
    (without("decoder.1.weight"), "decoder.1.weight is missing, so it is no TAEHV decoder"),
    (without("decoder.22.weight"), "decoder.22.weight is missing"),
    (without("decoder.9.conv.2.bias"), r"decoder.9.conv.2.bias \(128,\) is missing"),
    (shaped("decoder.1.weight", 256), r"decoder.1.weight is \(256,\); expected the 4 sides"),
    (shaped("decoder.1.weight", 128, 48, 3, 3), r"decoder.1.weight is \(128, 48, 3, 3\); expected \(256, 48"),
    (shaped("decoder.22.weight", 4, 64, 3, 3), "decoder.22.weight makes 4 channels; expected 3, 12 or 48"),
    (shaped("decoder.13.conv.weight", 64, 128, 1, 1), r"\(64, 128, 1, 1\); expected \(256, 128, 1, 1\)"),
    (shaped("decoder.99.weight", 3), "decoder.99.weight does not belong"),
]


@pytest.mark.parametrize(("damage", "said"), DAMAGES)
def test_wrong_weights(tmp_path: Path, damage: Callable[[dict[str, Tensor]], None], said: str) -> None:
    weights = make_weights()
    damage(weights)
    path = save(tmp_path, weights)
    with pytest.raises(GeneratorError, match=f"{re.escape(str(path))}: .*{said}"):
        load_tiny(path)


class Stranger:
    """What a pickle must not make."""


def test_wrong_files(tmp_path: Path) -> None:
    whole = save(tmp_path, make_weights()).read_bytes()
    pickled = save(tmp_path, make_weights(), "whole.pth").read_bytes()
    torch.save({"decoder": Stranger()}, tmp_path / "code.pth")
    torch.save(torch.zeros(3), tmp_path / "tensor.pth")
    # file                 content          what is said
    files: list[tuple[str, bytes | None, str]] = [
        ("no.safetensors", None, "cannot be read"),
        ("no.pth", None, "cannot be read"),
        ("empty.safetensors", b"", "is damaged"),
        ("empty.pth", b"", "is damaged"),
        ("text.safetensors", b"version https://git-lfs", "is damaged"),
        ("text.pth", b"version https://git-lfs", "is damaged"),
        ("cut.safetensors", whole[: len(whole) // 2], "is damaged"),
        ("cut.pth", pickled[: len(pickled) // 2], "is damaged"),
        ("tiny.bin", whole, "a .safetensors or a .pth file"),
    ]
    for name, content, _ in files:
        if content is not None:
            (tmp_path / name).write_bytes(content)
    said = {name: words for name, _, words in files}
    said |= {"code.pth": "is damaged, or no weights", "tensor.pth": "holds a Tensor"}
    for name, words in said.items():
        with pytest.raises(GeneratorError, match=f"{re.escape(str(tmp_path / name))}: .*{words}"):
            load_tiny(tmp_path / name)


def test_device_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match=r"device 'cuda:99' cannot be used"):
        load_tiny(save(tmp_path, make_weights()), "cuda:99")
