"""The closed forms against torch's own counter of operations, and against a count of living tensors.

Without arithmetic: on the device "meta" and with fake tensors, so that the real 5B costs seconds here.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from tiny import Kind, make_pipeline, save_checkpoint
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from reverie.video.tiny_vae import TinyVae
from reverie.video.wan import arithmetic
from reverie.video.wan.arithmetic import WAN_1_3B, WAN_5B, WAN_A14B, Shape
from reverie.video.wan.checkpoint import inspect
from reverie.video.wan.decoder import FullVae

SIZE = (128, 96, 9)


@pytest.fixture(scope="module", params=["ti2v", "t2v", "a14b"])
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture(scope="module")
def shape(kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> Shape:
    return inspect(save_checkpoint(tmp_path_factory.mktemp("counted") / kind, kind)).shape


def test_shape_of_a_checkpoint(kind: Kind, shape: Shape) -> None:
    pipeline = make_pipeline(kind)
    assert shape.transformer == sum(p.numel() for p in pipeline.transformer.parameters())
    assert shape.vae == sum(p.numel() for p in pipeline.vae.parameters())
    decoding = [*pipeline.vae.decoder.parameters(), *pipeline.vae.post_quant_conv.parameters()]
    assert shape.decoder == sum(p.numel() for p in decoding)
    assert shape.encoder == sum(p.numel() for p in pipeline.text_encoder.parameters())
    assert (shape.timesteps, shape.experts) == (kind == "ti2v", 2 if kind == "a14b" else 1)
    inner = [p.numel() for name, p in pipeline.transformer.blocks.named_parameters() if p.ndim == 2]
    assert shape.quantised == sum(inner)


def test_a_forward_counted(kind: Kind, shape: Shape) -> None:
    transformer = make_pipeline(kind).transformer.to("meta")
    for each in (False, True):
        counted = operations(partial(forward, transformer, shape, *SIZE, each=each))
        assert counted == pytest.approx(arithmetic.forward_flops(shape, *SIZE, each=each), rel=1e-6)


def test_a_decoding_counted(kind: Kind, shape: Shape) -> None:
    vae = make_pipeline(kind).vae.to("meta")
    counted = operations(lambda: vae.decode(latents(shape, *SIZE)))
    assert counted == pytest.approx(arithmetic.decode_flops(shape, *SIZE, "full"), rel=1e-6)


def test_the_tiny_decoder_counted(kind: Kind, shape: Shape) -> None:
    tiny = TinyVae(shape.channels, shape.convolutions.patch).to("meta")
    counted = operations(lambda: list(tiny.decode(latents(shape, *SIZE))))
    assert counted == pytest.approx(arithmetic.decode_flops(shape, *SIZE, "tiny"), rel=1e-6)


@pytest.mark.parametrize(
    ("shape", "transformer"),
    [
        (WAN_5B, {"num_layers": 30, "num_attention_heads": 24, "ffn_dim": 14336, "in_channels": 48}),
        (WAN_1_3B, {"num_layers": 30, "num_attention_heads": 12, "ffn_dim": 8960, "in_channels": 16}),
        (WAN_A14B, {"num_layers": 40, "num_attention_heads": 40, "ffn_dim": 13824, "in_channels": 16}),
    ],
    ids=["5b", "1.3b", "a14b"],
)
def test_the_real_shapes(shape: Shape, transformer: dict[str, Any]) -> None:
    with torch.device("meta"):
        model = WanTransformer3DModel(out_channels=transformer["in_channels"], **transformer)
    assert sum(p.numel() for p in model.parameters()) == shape.transformer
    counted = operations(lambda: forward(model, shape, 640, 480, 17))
    assert counted == pytest.approx(arithmetic.forward_flops(shape, 640, 480, 17), rel=1e-6)


def test_the_5bs_memory_while_it_denoises() -> None:
    with numbers(torch.bfloat16), FakeTensorMode():
        # One layer more than one, so that the second begins while the first's leavings live.
        model = WanTransformer3DModel(
            num_layers=2, num_attention_heads=24, ffn_dim=14336, in_channels=48, out_channels=48
        )
        for size in ((640, 480, 17), (832, 480, 73)):
            held = [*model.parameters(), *model.buffers()]
            for each in (False, True):
                living = most_living(partial(forward, model, WAN_5B, *size, each=each, device="cpu"), held)
                expected = arithmetic.memory(WAN_5B, *size, pictures=each).denoise
                assert living == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(("number", "dtype"), [(4, torch.float32), (2, torch.bfloat16)])
def test_the_5bs_memory_while_it_decodes(number: int, dtype: torch.dtype) -> None:
    with numbers(dtype), FakeTensorMode():
        full = AutoencoderKLWan(
            base_dim=160,
            decoder_base_dim=256,
            z_dim=48,
            latents_mean=[0.0] * 48,
            latents_std=[1.0] * 48,
            is_residual=True,
            in_channels=12,
            out_channels=12,
            patch_size=2,
            scale_factor_spatial=16,
        )
        assert sum(p.numel() for p in full.parameters()) == WAN_5B.vae
        decoding = [*full.decoder.parameters(), *full.post_quant_conv.parameters()]
        assert sum(p.numel() for p in decoding) == WAN_5B.decoder
        tiny = TinyVae(48, 2)
        assert sum(p.numel() for p in tiny.parameters()) == pytest.approx(
            arithmetic.tiny_parameters(WAN_5B), rel=1e-3
        )
        size = (640, 480, 9)
        given = latents(WAN_5B, *size, device="cpu")
        expected = arithmetic.memory(WAN_5B, *size, decoder="full", decoder_number=number).decode
        living = most_living(lambda: last(FullVae(full).decode(given)), list(full.parameters()))
        assert living == pytest.approx(expected, rel=0.03)
        expected = arithmetic.memory(WAN_5B, *size, decoder="tiny", decoder_number=number).decode
        living = most_living(lambda: last(tiny.decode(given)), list(tiny.parameters()))
        assert living == pytest.approx(expected, rel=0.03)


def forward(
    transformer: Any,
    shape: Shape,
    width: int,
    height: int,
    frames: int,
    each: bool = False,
    device: str = "meta",
) -> torch.Tensor:
    """One forward as a pipeline makes it. `each`: a time for every token where the model takes them."""
    count = arithmetic.tokens(shape, width, height, frames)
    with torch.no_grad():
        found: torch.Tensor = transformer(
            hidden_states=latents(shape, width, height, frames, device),
            timestep=torch.empty((1, count) if each and shape.timesteps else (1,), device=device),
            encoder_hidden_states=torch.empty(1, arithmetic.PROMPT, shape.text_dim, device=device),
            return_dict=False,
        )[0]
    return found


def latents(shape: Shape, width: int, height: int, frames: int, device: str = "meta") -> torch.Tensor:
    count = arithmetic.latent_frames(shape, frames)
    sides = height // shape.spatial, width // shape.spatial
    return torch.empty(1, shape.channels, count, *sides, device=device)


def last(pictures: Iterator[torch.Tensor]) -> None:
    """Take them as they come and keep none but the last, as a program that encodes them does."""
    for _ in pictures:
        pass


def operations(call: Callable[[], object]) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        call()
    return int(counter.get_total_flops())


def most_living(call: Callable[[], object], held: list[torch.Tensor]) -> int:
    """Bytes of the tensors that live at once inside `call`, at most, without those of `held`."""
    living = Living(held)
    with torch.no_grad(), living:
        call()
    return living.most


class Living(TorchDispatchMode):  # type: ignore[misc]  # torch is Any here
    """Adds up the storages that operations make, and takes off those that nobody holds any more."""

    def __init__(self, held: list[torch.Tensor]) -> None:
        super().__init__()
        self.now = self.most = 0
        self._seen = weakref.WeakKeyDictionary({tensor.untyped_storage(): 0 for tensor in held})

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, torch.Tensor) and tensor.untyped_storage() not in self._seen:
                storage = tensor.untyped_storage()
                self._seen[storage] = storage.nbytes()
                self.now += storage.nbytes()
                self.most = max(self.most, self.now)
                weakref.finalize(storage, self._left, storage.nbytes())
        return made

    def _left(self, size: int) -> None:
        self.now -= size


@contextmanager
def numbers(dtype: torch.dtype) -> Iterator[None]:
    """New tensors are of `dtype`."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
