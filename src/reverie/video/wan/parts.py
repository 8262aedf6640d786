"""The models of a checkpoint, from files to a device: transformers, decoder, what takes a first picture.

folder → transformer, each → LoRA laid in → INT8 → device → attention that runs there
       → full decoder, or a tiny one and the full one's other half when a picture is first given
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import torch
from diffusers import AutoencoderKLWan, WanPipeline, WanTransformer3DModel
from diffusers.models.attention_dispatch import (
    AttentionBackendName,
    attention_backend,
    dispatch_attention_fn,
)
from safetensors import SafetensorError
from torch import Tensor, nn

from reverie import config
from reverie.errors import GeneratorError
from reverie.video.tiny_vae import load_tiny
from reverie.video.wan.checkpoint import Checkpoint, header, read_json
from reverie.video.wan.decoder import FullVae
from reverie.video.wan.recipe import Recipe, find_tiny
from reverie.video.wan.silence import silenced

log = logging.getLogger(__name__)

CLOSE = 0.03
"""Share of the numbers' size by which another attention may differ, in bf16."""


BLIND = {"image_dim": None, "added_kv_proj_dim": None}
"""No part that looks at pictures, whatever a transformer's configuration says (see `checkpoint.inspect`)."""


EXHAUSTED = (
    "not enough memory",
    "can't allocate memory",
    "out of memory",
    "alloc_failed",
    "allocation_failed",
)
"""How torch, cuBLAS and cuDNN say that memory ran out, where it is no OutOfMemoryError."""


class Decoder(Protocol):
    """The full decoder or a tiny one."""

    def decode(self, latents: Tensor) -> Iterator[Tensor]:
        """Float RGB 0..1, (n, 3, H, W): one picture for the first latent frame, four for each other."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The models of a checkpoint, ready on `device`, with no gradients.

    `transformers`: one, or the two experts, the one for much noise first. `decoder` makes pictures; `encoder`
    gives what turns a picture into a latent, which it loads when first called. `scheduler` is the
    checkpoint's configuration of it. `dtype`: numbers of the transformers.
    """

    transformers: tuple[Any, ...]
    decoder: Decoder
    encoder: Callable[[], FullVae]
    scheduler: dict[str, Any]
    device: torch.device
    dtype: torch.dtype


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def exhausted(error: Exception) -> bool:
    """Whether torch's or numpy's error says that memory ran out."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    words = str(error).lower()
    return any(sign in words for sign in EXHAUSTED)


def load_parts(settings: config.Wan, checkpoint: Checkpoint, recipe: Recipe) -> Parts:
    """All of `checkpoint` but its text encoder, as `settings` and `recipe` say.

    Raises GeneratorError; where memory runs out, torch's error passes (see `exhausted`).
    """
    device = device_of(settings.device)
    dtype = dtype_of(settings.dtype, device)
    path = checkpoint.path
    # What is quick to find missing comes first.
    if recipe.tiny:
        decoder, encoder = _tiny(settings, checkpoint, device, dtype)
    else:
        decoder, encoder = _full(checkpoint, device, dtype)
    names = ("transformer", "transformer_2")[: checkpoint.experts]
    return Parts(
        transformers=tuple(load_transformer(settings, path, name, device, dtype, recipe) for name in names),
        decoder=decoder,
        encoder=encoder,
        scheduler=dict(read_json(path / "scheduler" / "scheduler_config.json", "the noise schedule")),
        device=device,
        dtype=dtype,
    )


# ---------------------------------------------------------------------------------- where and in what


def device_of(name: str) -> torch.device:
    """The device of a setting (auto, cpu, cuda, cuda:1). Raises GeneratorError for one that is not there."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "auto":
        name = "cuda" if count else "cpu"
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= count:
        here = ", ".join(f"cuda:{index}" for index in range(count)) or "no GPU that torch can use"
        raise GeneratorError(
            f"wan.device {name}: is not there; there is {here}; allowed: auto, cpu, cuda, cuda:1"
        )
    if device.type == "cuda" and device.index is None:
        # Some of torch.cuda wants a number, and another thread may have another current device.
        return torch.device("cuda", torch.cuda.current_device())
    return device


def dtype_of(name: str, device: torch.device) -> torch.dtype:
    """The numbers of a setting (auto, bf16, fp16, fp32)."""
    match name:
        case "bf16":
            return torch.bfloat16
        case "fp16":
            return torch.float16
        case "fp32":
            return torch.float32
    if device.type == "cpu":
        return torch.float32
    return torch.bfloat16 if torch.cuda.get_device_capability(device) >= (8, 0) else torch.float16


def free_memory(device: torch.device) -> int:
    """Bytes of the device that nobody uses: of the GPU, or of this machine's memory."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        # What torch holds and does not use is as good as free.
        return int(free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


# ---------------------------------------------------------------------------------- transformers


def load_transformer(
    settings: config.Wan, path: Path, name: str, device: torch.device, dtype: torch.dtype, recipe: Recipe
) -> Any:
    """One transformer on the device, its LoRA laid in and its matrices in INT8 where that is asked."""
    model, said = _loaded(WanTransformer3DModel, path, name, dtype, **BLIND)
    lost = sorted(said["missing_keys"])
    if lost:
        raise GeneratorError(
            f"{path / name}: {len(lost)} weights are missing, {lost[0]} first; pull it again"
        )
    odd = sorted(said["unexpected_keys"])
    if odd:
        log.warning(
            "%s: %d weights are of another kind of model and left out, %s first",
            path / name,
            len(odd),
            odd[0],
        )
    if settings.lora is not None:
        lay_lora(model, settings.lora, settings.lora_scale)
    model.eval().requires_grad_(False)
    if recipe.int8:
        quantise(model, device)
    model.to(device)
    choose_attention(model, backends(device), device, dtype)
    return model


def _loaded(
    kind: Any, path: Path, name: str, dtype: torch.dtype, **otherwise: object
) -> tuple[Any, dict[str, Any]]:
    """A model of diffusers from its folder, and what was missing in it. Never downloads, never unpickles.

    `otherwise`: what its configuration is to say instead of what it says.
    """
    try:
        with silenced():
            return kind.from_pretrained(
                path,
                subfolder=name,
                dtype=dtype,
                local_files_only=True,
                use_safetensors=True,
                output_loading_info=True,
                **otherwise,
            )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        if exhausted(error):
            raise
        # What follows in it is advice for programmers.
        words = first_line(error).partition(". If you want")[0]
        raise GeneratorError(f"{path / name}: cannot be loaded: {words}") from error


def lay_lora(model: Any, path: Path, scale: float) -> None:
    """Add a LoRA to the weights for good, `scale` times.

    It may be written as Diffusers, as Wan's own code or as musubi does; both experts of A14B get the same.
    Raises GeneratorError for a file that is missing, damaged, or for another model.
    """
    if path.suffix != ".safetensors":
        raise GeneratorError(f"wan.lora {path}: expected a .safetensors file")
    header(path)
    try:
        with silenced():
            weights, metadata = WanPipeline.lora_state_dict(
                str(path), local_files_only=True, use_safetensors=True, return_lora_metadata=True
            )
            _check_fit(model, weights, path)
            WanPipeline.load_lora_into_transformer(
                weights, transformer=model, adapter_name="lora", metadata=metadata
            )
            model.fuse_lora(lora_scale=scale, safe_fusing=True)
            model.unload_lora()
    except (OSError, ValueError, KeyError, IndexError, RuntimeError, SafetensorError) as error:
        if exhausted(error):
            raise
        raise GeneratorError(f"wan.lora {path}: is not for this transformer: {first_line(error)}") from error


def _check_fit(model: Any, weights: Mapping[str, Tensor], path: Path) -> None:
    """Raises GeneratorError where a weight of a LoRA is for no matrix of the model, or for a larger one."""
    matrices = {name: module for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    found = 0
    for key, weight in weights.items():
        name, _, side = key.removeprefix("transformer.").partition(".lora_")
        if side not in ("A.weight", "B.weight"):
            continue
        found += 1
        matrix = matrices.get(name)
        if matrix is None:
            raise GeneratorError(f"wan.lora {path}: has weights for {name!r}, which this transformer has not")
        mine, theirs = (
            (matrix.in_features, weight.shape[1])
            if side[0] == "A"
            else (matrix.out_features, weight.shape[0])
        )
        if mine != theirs:
            raise GeneratorError(
                f"wan.lora {path}: {name!r} is {theirs} wide, and {mine} in this transformer"
            )
    if not found:
        raise GeneratorError(f"wan.lora {path}: there is no LoRA for a transformer in it")


def quantise(model: Any, device: torch.device) -> None:
    """The matrices of the blocks in INT8 (one scale a row), computed in the transformer's own numbers.

    They are nine tenths of the weights and more. One at a time goes to the device, so that all of them never
    are there as they were. Raises GeneratorError without torchao, which nothing else needs.
    """
    try:
        with silenced():
            from torchao.quantization import Int8WeightOnlyConfig, quantize_
    except ImportError as error:
        raise GeneratorError(
            f"the preset edge needs more than is installed: pip install 'reverie[wan]' ({error})"
        ) from error
    quantize_(
        model,
        Int8WeightOnlyConfig(set_inductor_config=False),
        filter_fn=lambda module, name: isinstance(module, nn.Linear) and name.startswith("blocks."),
        device=device,
    )


def choose_attention(model: Any, names: Sequence[str], device: torch.device, dtype: torch.dtype) -> str:
    """The first of `names` that runs on this device and agrees with torch's own; the model uses it from now.

    Backends are diffusers' names, and one is only known to work when it has worked: each is tried on a few
    tokens. "native", torch's own, when none of them does. Other models of this process keep theirs.
    """
    # diffusers would make it the choice of every model that has none of its own.
    with attention_backend(AttentionBackendName.NATIVE):
        return _choose_attention(model, names, device, dtype)


def _choose_attention(model: Any, names: Sequence[str], device: torch.device, dtype: torch.dtype) -> str:
    heads, width = model.config.num_attention_heads, model.config.attention_head_dim
    query, key, value = (
        torch.randn((1, 256, heads, width), generator=torch.Generator().manual_seed(n)).to(device, dtype)
        for n in range(3)
    )
    wanted = dispatch_attention_fn(query, key, value, backend=AttentionBackendName.NATIVE).float()
    for name in names:
        try:
            with silenced():
                made = dispatch_attention_fn(query, key, value, backend=AttentionBackendName(name)).float()
                model.set_attention_backend(name)
        except (RuntimeError, ImportError, ValueError, TypeError, AssertionError):
            continue
        if (made - wanted).abs().max() <= CLOSE * wanted.abs().max():
            return name
    with silenced():
        model.set_attention_backend("native")
    return "native"


def backends(device: torch.device) -> tuple[str, ...]:
    """Attention worth trying on `device` before torch's own choice."""
    if device.type != "cuda":
        return ()
    installed = ("_flash_3", "flash")
    # cuDNN's attention is written for Hopper and what came after it.
    newer = torch.cuda.get_device_capability(device) >= (9, 0)
    return (*installed, "_native_cudnn") if newer else installed


# ---------------------------------------------------------------------------------- decoders


def load_vae(path: Path, dtype: torch.dtype) -> Any:
    """The full VAE of a checkpoint, on the CPU; its decoding half in `dtype`. Raises GeneratorError.

    The encoding half stays in float32: every step builds on the latent of a first picture, while what the
    decoder rounds is rounded once (FastVideo measured both, and keeps them so).
    """
    vae, said = _loaded(AutoencoderKLWan, path, "vae", torch.float32)
    lost = sorted(said["missing_keys"])
    if lost:
        raise GeneratorError(
            f"{path / 'vae'}: {len(lost)} weights are missing, {lost[0]} first; pull it again"
        )
    vae.decoder.to(dtype)
    vae.post_quant_conv.to(dtype)
    return vae.eval().requires_grad_(False)


def _full(
    checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype
) -> tuple[Decoder, Callable[[], FullVae]]:
    """The full decoder; its encoding half is kept only for a checkpoint that takes a picture."""
    vae = load_vae(checkpoint.path, dtype)
    full = FullVae(vae)
    if not checkpoint.takes_picture:
        vae.encoder = vae.quant_conv = nn.Identity()
    vae.to(device)
    return full, lambda: full


def _tiny(
    settings: config.Wan, checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype
) -> tuple[Decoder, Callable[[], FullVae]]:
    """The tiny decoder, and what loads the encoding half of the full one when a first picture is given."""
    path = find_tiny(settings, checkpoint)
    tiny = load_tiny(path, str(device), dtype)
    if (tiny.channels, tiny.spatial) != (checkpoint.channels, checkpoint.spatial):
        raise GeneratorError(
            f"{path}: is for latents of {tiny.channels} channels, {tiny.spatial} pixels wide; those of this "
            f"checkpoint have {checkpoint.channels} and are {checkpoint.spatial}: taew2_2 is for Wan2.2's "
            "5B, taew2_1 for the others"
        )

    @cache
    def encoder() -> FullVae:
        vae = load_vae(checkpoint.path, dtype)
        full = FullVae(vae)
        vae.decoder = vae.post_quant_conv = nn.Identity()  # the larger half
        vae.to(device)
        return full

    return tiny, encoder
