"""Wan's own decoder: streaming equal to diffusers at once, and pictures into latents as its pipeline does."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import WanImageToVideoPipeline
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import Kind, make_pipeline
from torch import Tensor

from reverie.errors import GeneratorError
from reverie.values import Image
from reverie.video.wan.decoder import FullVae

KINDS: list[Kind] = ["ti2v", "t2v"]  # the 5B's residual form, and 2.1's


@pytest.fixture(scope="module", params=KINDS)
def vae(request: pytest.FixtureRequest) -> Any:
    return make_pipeline(request.param).vae


def some_latents(vae: Any, frames: int, height: int = 2, width: int = 3, seed: int = 1) -> Tensor:
    shape = (1, vae.config.z_dim, frames, height, width)
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def at_once(vae: Any, latents: Tensor) -> Tensor:
    """As diffusers' pipeline decodes: (T, 3, H, W), 0..1."""
    mean = torch.tensor(vae.config.latents_mean).view(1, -1, 1, 1, 1)
    deviation = torch.tensor(vae.config.latents_std).view(1, -1, 1, 1, 1)
    with torch.no_grad():
        video = vae.decode(latents * deviation + mean, return_dict=False)[0]
    return (video[0].transpose(0, 1) / 2 + 0.5).clamp(0, 1)


def test_pixels_a_latent() -> None:
    assert [FullVae(make_pipeline(kind).vae).spatial for kind in KINDS] == [16, 8]


@given(frames=st.integers(1, 4), height=st.integers(1, 3), width=st.integers(1, 3))
@settings(max_examples=6, deadline=None)
def test_streaming_equals_at_once(vae: Any, frames: int, height: int, width: int) -> None:
    latents = some_latents(vae, frames, height, width)
    full = FullVae(vae)
    parts = list(full.decode(latents))
    assert [part.shape[0] for part in parts] == [1] + [4] * (frames - 1)
    assert parts[0].shape[1:] == (3, height * full.spatial, width * full.spatial)
    assert torch.allclose(torch.cat(parts), at_once(vae, latents), atol=1e-5)


def test_range(vae: Any) -> None:
    """Wild latents: float32, 0..1, and not of one colour (or the tests above compare nothing)."""
    pictures = torch.cat(list(FullVae(vae).decode(some_latents(vae, 2) * 30)))
    assert pictures.dtype == torch.float32
    assert pictures.std() > 0.1
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    assert torch.allclose(pictures, at_once(vae, some_latents(vae, 2) * 30), atol=1e-5)


def test_first_picture_before_the_second_frame_is_decoded(vae: Any) -> None:
    entered: list[int] = []
    hook = vae.decoder.conv_in.register_forward_hook(
        lambda module, given, made: entered.append(made.shape[2])
    )
    counts = [(len(part), len(entered)) for part in FullVae(vae).decode(some_latents(vae, 3))]
    hook.remove()
    assert counts == [(1, 1), (4, 2), (4, 3)]
    assert entered == [1, 1, 1]


def test_left_half_way(vae: Any) -> None:
    """The next decoding is right, ours and diffusers' own."""
    latents, full = some_latents(vae, 3), FullVae(vae)
    left = full.decode(some_latents(vae, 3, seed=2))
    next(left)
    next(left)
    left.close()  # type: ignore[attr-defined]
    assert torch.allclose(torch.cat(list(full.decode(latents))), at_once(vae, latents), atol=1e-5)
    left = full.decode(some_latents(vae, 3, seed=2))
    next(left)
    assert torch.allclose(at_once(vae, latents), torch.cat(list(full.decode(latents))), atol=1e-5)


def test_fails_half_way(vae: Any) -> None:
    """Something goes wrong within the network (memory runs out, say): the next decoding is right."""
    latents, full = some_latents(vae, 2), FullVae(vae)
    expected = torch.cat(list(full.decode(latents)))

    def fail(module: Any, given: Any, made: Any) -> None:
        raise RuntimeError("no memory")

    pictures = full.decode(latents)
    next(pictures)
    hook = vae.decoder.conv_out.register_forward_hook(fail)
    with pytest.raises(RuntimeError, match="no memory"):
        next(pictures)
    hook.remove()
    assert torch.equal(torch.cat(list(full.decode(latents))), expected)


def test_side_by_side(vae: Any) -> None:
    one, other, full = some_latents(vae, 2), some_latents(vae, 2, seed=2), FullVae(vae)
    pairs = list(zip(full.decode(one), full.decode(other), strict=True))
    assert torch.allclose(torch.cat([pair[0] for pair in pairs]), at_once(vae, one), atol=1e-5)
    assert torch.allclose(torch.cat([pair[1] for pair in pairs]), at_once(vae, other), atol=1e-5)


def test_leaves_no_graph(vae: Any) -> None:
    """Pictures that remembered how they were made would keep all of it in memory."""
    full = FullVae(vae)
    assert not next(full.decode(some_latents(vae, 1))).requires_grad
    assert not full.encode_picture(a_picture(full.spatial, full.spatial)).requires_grad


def test_half_precision(vae: Any) -> None:
    kind: Kind = "ti2v" if vae.config.is_residual else "t2v"
    latents = some_latents(vae, 2)
    halved = torch.cat(list(FullVae(make_pipeline(kind).vae.to(torch.bfloat16)).decode(latents.bfloat16())))
    assert halved.dtype == torch.float32
    assert (halved - at_once(vae, latents)).abs().mean() < 0.02


@pytest.mark.parametrize("shape", [(1, 7, 2, 2, 3), (48, 2, 2, 3), (2, 48, 2, 2, 3), (1, 48, 0, 2, 3)])
def test_wrong_latents(shape: tuple[int, ...]) -> None:
    full = FullVae(make_pipeline("ti2v").vae)
    with pytest.raises(GeneratorError, match=re.escape(f"latents are {shape}; expected (1, 48, frames")):
        full.decode(torch.zeros(shape))  # at once, not at the first picture


# ---------------------------------------------------------------------------------- pictures into latents


def a_picture(width: int, height: int, seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def test_as_the_image_to_video_pipeline_has_it() -> None:
    pipeline = make_pipeline("ti2v")
    theirs = WanImageToVideoPipeline(
        tokenizer=pipeline.tokenizer,
        text_encoder=pipeline.text_encoder,
        vae=pipeline.vae,
        scheduler=pipeline.scheduler,
        transformer=pipeline.transformer,
        expand_timesteps=True,
    )
    picture = a_picture(96, 64)
    given = torch.from_numpy(picture).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.no_grad():
        _, expected, _ = theirs.prepare_latents(
            given, 1, 48, 64, 96, 5, torch.float32, torch.device("cpu"), torch.Generator().manual_seed(0)
        )
    found = FullVae(pipeline.vae).encode_picture(picture)
    assert found.shape == (1, 48, 1, 4, 6)
    assert torch.allclose(found, expected, atol=1e-5)
    assert found.std() > 0.01


def test_same_picture_same_latents_other_picture_others(vae: Any) -> None:
    full = FullVae(vae)
    one, again, other = (full.encode_picture(a_picture(32, 16, seed)) for seed in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.allclose(one, other, atol=1e-3)


def test_a_view_that_cannot_be_written(vae: Any) -> None:
    """As Pillow gives pictures out, and as a slice has them."""
    full, picture = FullVae(vae), a_picture(32, 16)
    view = np.flip(picture, 1)
    view.flags.writeable = False
    assert torch.equal(full.encode_picture(view), full.encode_picture(view.copy()))
    assert not torch.equal(full.encode_picture(view), full.encode_picture(picture))


def test_encoding_between_two_pictures_of_a_decoding(vae: Any) -> None:
    latents, full = some_latents(vae, 2), FullVae(vae)
    pictures = full.decode(latents)
    parts = [next(pictures)]
    full.encode_picture(a_picture(32, 16))
    assert torch.allclose(torch.cat([*parts, *pictures]), at_once(vae, latents), atol=1e-5)


# picture                                           what is said
PICTURES = [
    (np.zeros((64, 90, 3), np.uint8), "first picture is 90x64; its sides must be divisible by 16"),
    (np.zeros((8, 16, 3), np.uint8), "16x8; its sides must be divisible by 16"),
    (np.zeros((64, 96, 4), np.uint8), r"uint8 \(64, 96, 4\); expected uint8 RGB \(H, W, 3\)"),
    (np.zeros((64, 96), np.uint8), r"uint8 \(64, 96\); expected"),
    (np.zeros((64, 96, 3), np.float32), r"float32 \(64, 96, 3\); expected"),
    (np.zeros((0, 96, 3), np.uint8), r"uint8 \(0, 96, 3\); expected"),
]


@pytest.mark.parametrize(("picture", "said"), PICTURES)
def test_wrong_pictures(picture: Any, said: str) -> None:
    with pytest.raises(GeneratorError, match=said):
        FullVae(make_pipeline("ti2v").vae).encode_picture(picture)
