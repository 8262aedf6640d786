"""Wan with the 5B's shape: seconds and memory by stage beside plain diffusers, and what the detector feels.

    python bench/wan.py                       with a GPU: all of it, in about eight minutes
    python bench/wan.py --device "RTX 3060"   the arithmetic bound of a device; nothing is run
    python bench/wan.py --cpu                 a tiny shape on the CPU: the same code, exercised

The weights are random and made in code: they cost what trained ones cost. Prompts are given as rows, as a box
with compiled prompts has them. "reverie" is what `video/wan` runs, on models built here; "diffusers" is its
own WanPipeline with equal weights, steps, guidance, sizes and decoder. The two take turns on one device,
after a film each that is not counted; fast has the tiny decoder here. Nothing of the store, the camera or the
film encoder is needed: pydantic, PyYAML, NumPy and Rich for the arithmetic; to run, torch and NEEDED, too.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import itertools
import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from table import Row, median, percentile, show, write

from reverie import config
from reverie.errors import GeneratorError
from reverie.video.wan.arithmetic import (
    DEVICES,
    GIB,
    WAN_5B,
    Convolutions,
    Decoder,
    Device,
    Memory,
    Shape,
    Work,
    bound,
    device_of,
    film_flops,
    memory,
    tokens,
)
from reverie.video.wan.recipe import Preset, make_recipe
from reverie.video.wan.silence import silenced

try:
    import torch
except ImportError:  # the arithmetic needs none
    torch = None

Who = Literal["reverie", "diffusers"]
Size = tuple[int, int, int]
"""Width and height in pixels, frames (4k+1)."""

SIZES: tuple[Size, ...] = ((640, 480, 17), (832, 480, 17), (832, 480, 73), (1280, 704, 121))
PRESETS: tuple[Preset, ...] = ("fast", "edge", "quality")
"""The quick ones first, so that what no time is left for is the dearest."""

PARTS = ("detector", "memory", "films")
WHERE = ("gpu", "onnx", "cpu")
"""Who may look beside the films: see `beside`."""

STEPS = 25
"""Of `quality`; the preset itself has 30."""

TARGETS: Mapping[tuple[Preset, Size], float] = {
    ("fast", (832, 480, 17)): 0.2,
    ("fast", (832, 480, 73)): 0.8,
    ("quality", (832, 480, 17)): 2.5,
}
"""Seconds for a film on an H200 that are aimed at."""

EDGE_GIB = 6.5
"""What the preset edge may need at most, so that a detector fits beside it on a card of 8 GB."""

BOUNDED = ("RTX 3060", "RTX 4090", "H200")
"""Whose bounds are told where there is no GPU and none is named."""

SPARE_GIB = 1.0
"""Of a card's memory that the driver, a screen and fragments take."""

SMALL_SIZES: tuple[Size, ...] = ((128, 96, 9),)
"""For `--cpu`."""

SMALL_STEPS = 4
"""Of `quality`, at most, with it."""

NEEDED = ("diffusers", "transformers", "safetensors", "torchao", "cv2", "PIL", "httpx")
"""Modules besides torch that what is run imports; torchao only for the preset edge."""

SHARE = 0.3
"""Share of the matmul rate that is assumed to foresee whether there is time for a measurement."""


@dataclass(frozen=True, slots=True)
class Model:
    """A shape, and the configs of the classes that have it. The counts of parameters are the 5B's alone."""

    shape: Shape
    transformer: Mapping[str, Any]
    vae: Mapping[str, Any]


def model(shape: Shape, base_dim: int) -> Model:
    """The configs of `shape`, else as published for Wan2.2-TI2V-5B (Apache-2.0)."""
    parts = shape.convolutions
    return Model(
        shape,
        {
            "patch_size": (1, shape.patch, shape.patch),
            "num_attention_heads": shape.heads,
            "attention_head_dim": shape.head_dim,
            "in_channels": shape.channels,
            "out_channels": shape.channels,
            "text_dim": shape.text_dim,
            "freq_dim": shape.freq_dim,
            "ffn_dim": shape.ffn,
            "num_layers": shape.layers,
            "cross_attn_norm": True,
            "qk_norm": "rms_norm_across_heads",
            "rope_max_seq_len": 1024,
        },
        {
            "base_dim": base_dim,
            "decoder_base_dim": parts.dim,
            "z_dim": shape.channels,
            "dim_mult": list(parts.mult),
            "num_res_blocks": parts.blocks,
            "attn_scales": [],
            "temperal_downsample": [False, True, True],
            "latents_mean": [0.0] * shape.channels,
            "latents_std": [1.0] * shape.channels,
            "is_residual": parts.residual,
            "in_channels": 3 * parts.patch**2,
            "out_channels": 3 * parts.patch**2,
            "patch_size": parts.patch,
            "scale_factor_spatial": shape.spatial,
            "scale_factor_temporal": shape.temporal,
        },
    )


REAL = model(WAN_5B, base_dim=160)
SMALL = model(
    replace(
        WAN_5B,
        layers=4,
        heads=4,
        head_dim=48,
        ffn=768,
        text_dim=128,
        convolutions=Convolutions(dim=16, residual=True, patch=2),
    ),
    base_dim=16,
)
"""For `--cpu`: the 5B's build with few and narrow layers."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Seconds of a stage, and the bytes at its peak (0 on a CPU)."""

    seconds: float
    peak: int


@dataclass(frozen=True, slots=True)
class Film:
    """One film: `first` is the seconds until its first picture, `latents` what was denoised (on the CPU)."""

    denoise: Stage
    decode: Stage
    first: float
    latents: Any

    @property
    def seconds(self) -> float:
        return self.denoise.seconds + self.decode.seconds


# ---------------------------------------------------------------------------------- the two contenders


class Meter:
    """Seconds and peak bytes of the device from lap to lap, with its work done."""

    def __init__(self, device: Any) -> None:
        self._device = device
        self._began = 0.0
        self.lap()

    def lap(self) -> Stage:
        peak = 0
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
            peak = torch.cuda.max_memory_allocated(self._device)
            torch.cuda.reset_peak_memory_stats(self._device)
        began, self._began = self._began, time.perf_counter()
        return Stage(self._began - began, peak)


def settings_of(preset: Preset, steps: int) -> config.Wan:
    """The preset as an operator would set it; `steps` are of quality."""
    return config.Wan(preset=preset, steps=steps if preset == "quality" else None, device="auto")


def decoder_of(preset: Preset) -> Decoder:
    return "full" if preset == "quality" else "tiny"


def rows_of(model: Model) -> Any:
    """What an encoder would have made of a long prompt, and of what guidance leads away from."""
    return torch.randn((2, 512, model.shape.text_dim), generator=torch.Generator().manual_seed(2))


@contextmanager
def made_as(device: Any, dtype: Any) -> Iterator[None]:
    """Models are made of random numbers of one seed, on `device` and in `dtype`."""
    before = torch.get_default_dtype()
    torch.manual_seed(0)
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            yield
    finally:
        torch.set_default_dtype(before)


def make_transformer(model: Model, device: Any, dtype: Any, int8: bool) -> Any:
    """As `parts.load_transformer` leaves it, without a file."""
    from diffusers import WanTransformer3DModel

    from reverie.video.wan.parts import quantise

    with made_as(device, dtype):
        transformer = WanTransformer3DModel(**model.transformer).eval().requires_grad_(False)
    # What `from_pretrained` keeps in float32.
    kept = set(WanTransformer3DModel._keep_in_fp32_modules)
    for name, parameter in transformer.named_parameters():
        if kept & set(name.split(".")):
            parameter.data = parameter.data.float()
    if int8:
        quantise(transformer, device)
    return transformer


def make_decoder(model: Model, device: Any, dtype: Any, decoder: Decoder) -> Any:
    """AutoencoderKLWan, or our TinyVae."""
    from diffusers import AutoencoderKLWan

    from reverie.video.tiny_vae import TinyVae

    with made_as(device, dtype):
        if decoder == "tiny":
            made = TinyVae(model.shape.channels, model.shape.convolutions.patch)
        else:
            made = AutoencoderKLWan(**model.vae)
    return made.eval().requires_grad_(False)


class Ours:
    """What `video/wan` runs, on models made here."""

    def __init__(self, model: Model, preset: Preset, steps: int, device: Any, dtype: Any) -> None:
        from reverie.video.wan.checkpoint import Checkpoint
        from reverie.video.wan.decoder import FullVae
        from reverie.video.wan.parts import Parts, backends, choose_attention
        from reverie.video.wan.pipeline import Wan

        shape, self.settings = model.shape, settings_of(preset, steps)
        decoder = make_decoder(model, device, dtype, decoder_of(preset))
        full = decoder if decoder_of(preset) == "tiny" else FullVae(decoder)
        transformer = make_transformer(model, device, dtype, make_recipe(self.settings, 480).int8)
        self.attention = choose_attention(transformer, backends(device), device, dtype)
        checkpoint = Checkpoint(
            path=Path("random weights"),
            kind="ti2v",
            layers=shape.layers,
            heads=shape.heads,
            head_dim=shape.head_dim,
            ffn=shape.ffn,
            channels=shape.channels,
            text_dim=shape.text_dim,
            spatial=shape.spatial,
            temporal=shape.temporal,
            patch=shape.patch,
            experts=1,
            boundary=None,
            has_encoder=False,
            distilled=None,
            sizes={},
            parameters={},
            shape=shape,
        )
        # Rows are given and no picture is: neither a text encoder nor the VAE's is ever asked.
        nobody: Any = None
        parts = Parts((transformer,), full, nobody, {}, device, dtype)
        self.wan = Wan(self.settings, checkpoint, parts, nobody)
        self._rows = [self.wan.padded(rows) for rows in rows_of(model)]

    def film(self, size: Size, steps: int | None = None) -> Film:
        """The steps that `Wan.film` strings together, timed one by one."""
        width, height, frames = size
        recipe = make_recipe(self.settings, min(width, height), steps=steps)
        meter = Meter(self.wan.parts.device)
        randomness = self.wan.randomness(1)
        latents = self.wan.denoise(
            self.wan.noise(randomness, frames=frames, width=width, height=height),
            self._rows[0],
            recipe,
            randomness=randomness,
            negative=self._rows[1] if recipe.guided else None,
        )
        denoise = meter.lap()
        pictures = self.wan.decode(latents)
        next(pictures)
        opened = meter.lap()
        made = 1 + sum(1 for _ in pictures)
        rest = meter.lap()
        if made != frames:
            raise SystemExit(f"{made} pictures came instead of {frames}")
        decode = Stage(opened.seconds + rest.seconds, max(opened.peak, rest.peak))
        return Film(denoise, decode, denoise.seconds + opened.seconds, latents.float().cpu())


class Plain:
    """diffusers' WanPipeline as its documents call it, with equal weights and settings."""

    def __init__(self, model: Model, preset: Preset, steps: int, device: Any, dtype: Any) -> None:
        from diffusers import WanPipeline

        settings = settings_of(preset, steps)
        self._settings, self._device = settings, device
        self.attention = "native"
        decoder = make_decoder(model, device, dtype, decoder_of(preset))
        self._tiny = decoder if decoder_of(preset) == "tiny" else None
        self._pipe = WanPipeline(
            tokenizer=None,
            text_encoder=None,
            vae=None if self._tiny else decoder,
            scheduler=self._scheduler(480),
            transformer=make_transformer(model, device, dtype, make_recipe(settings, 480).int8),
            expand_timesteps=True,
        )
        # Without a VAE it would take Wan2.1's.
        self._pipe.vae_scale_factor_spatial = model.shape.spatial
        self._pipe.set_progress_bar_config(disable=True)
        self._rows = rows_of(model).to(device, dtype)

    def _scheduler(self, lines: int) -> Any:
        from diffusers import FlowMatchLCMScheduler, UniPCMultistepScheduler

        recipe = make_recipe(self._settings, lines)
        if recipe.sigmas is None:
            return UniPCMultistepScheduler(
                prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=recipe.shift
            )

        class FewSteps(FlowMatchLCMScheduler):  # type: ignore[misc]  # diffusers is Any here
            def set_timesteps(self, count: int, device: Any = None) -> None:
                super().set_timesteps(sigmas=list(make_sigmas(count)), device=device)

        def make_sigmas(count: int) -> tuple[float, ...]:
            return make_recipe(settings, lines, steps=count).sigmas or ()

        settings = self._settings
        return FewSteps(shift=1.0)

    def film(self, size: Size, steps: int | None = None) -> Film:
        """Denoised by the pipeline's call; decoded as its last lines do, or at once by the tiny decoder."""
        width, height, frames = size
        recipe = make_recipe(self._settings, min(width, height), steps=steps)
        self._pipe.register_modules(scheduler=self._scheduler(min(width, height)))
        meter = Meter(self._device)
        latents = self._pipe(
            prompt_embeds=self._rows[:1],
            negative_prompt_embeds=self._rows[1:] if recipe.guided else None,
            width=width,
            height=height,
            num_frames=frames,
            num_inference_steps=recipe.steps,
            guidance_scale=recipe.guidance,
            generator=torch.Generator("cpu").manual_seed(1),
            output_type="latent",
        ).frames
        denoise = meter.lap()
        pictures = self._decoded(latents)
        decode = meter.lap()
        if len(pictures) != frames:
            raise SystemExit(f"{len(pictures)} pictures came instead of {frames}")
        return Film(denoise, decode, denoise.seconds + decode.seconds, latents.float().cpu())

    def _decoded(self, latents: Any) -> Any:
        if self._tiny is not None:
            pixels = (self._tiny.decode_all(latents) * 255).round().to(torch.uint8)
            return pixels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
        vae = self._pipe.vae
        mean = torch.tensor(vae.config.latents_mean).view(1, -1, 1, 1, 1).to(latents.device, vae.dtype)
        deviation = torch.tensor(vae.config.latents_std).view(1, -1, 1, 1, 1).to(latents.device, vae.dtype)
        with torch.no_grad():
            video = vae.decode(latents.to(vae.dtype) * deviation + mean, return_dict=False)[0]
        return self._pipe.video_processor.postprocess_video(video, output_type="np")[0]


# ---------------------------------------------------------------------------------- films


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: `rate` is the device's matmul rate (operations a second), `until` when to end."""

    model: Model
    presets: tuple[Preset, ...]
    sizes: tuple[Size, ...]
    contenders: tuple[Who, ...]
    steps: int
    repeats: int
    device: Any
    dtype: Any
    rate: float
    until: float

    def make(self, who: Who, preset: Preset) -> Ours | Plain:
        kind = Ours if who == "reverie" else Plain
        return kind(self.model, preset, self.steps, self.device, self.dtype)


def footprints(plan: Plan) -> list[Row]:
    """Bytes on the GPU by stage, of each contender alone. "held" is what all processes have of it."""
    rows: list[Row] = []
    for preset, who in itertools.product(plan.presets, plan.contenders):
        contender = None
        _forget(plan.device)
        for size in plan.sizes:
            try:
                contender = contender or plan.make(who, preset)
                # Else what torch keeps of the making (the matrices as they were before INT8) counts as held.
                _forget(plan.device)
                rows.append(_footprint(plan, preset, size, who, contender))
            except torch.OutOfMemoryError:
                rows.append(
                    {"preset": preset, "size": name_of(size), "by": who, "attention": "out of memory"}
                )
    _forget(plan.device)
    return rows


def _footprint(plan: Plan, preset: Preset, size: Size, who: Who, contender: Ours | Plain) -> Row:
    weights = torch.cuda.memory_allocated(plan.device)
    # Two steps need what twenty-five need.
    film = contender.film(size, steps=2 if preset == "quality" else None)
    free, whole = torch.cuda.mem_get_info(plan.device)
    ours = who == "reverie"
    return {
        "preset": preset,
        "size": name_of(size),
        "by": who,
        "attention": contender.attention,
        "weights GiB": weights / GIB,
        "denoise GiB": film.denoise.peak / GIB,
        "decode GiB": film.decode.peak / GIB,
        "held GiB": (whole - free) / GIB,
        "arithmetic GiB": need_of(preset, size).peak / GIB if ours else None,
        "target GiB": EDGE_GIB if ours and preset == "edge" else None,
    }


def films(plan: Plan) -> tuple[list[Row], list[str]]:
    """A row a preset, size and contender; and what was left out, for want of time or memory."""
    rows: list[Row] = []
    skipped: list[str] = []
    for preset in plan.presets:
        contenders: dict[Who, Ours | Plain] = {}
        for size in plan.sizes:
            if not _affordable(plan, preset, size):
                skipped.append(f"{preset} {name_of(size)}")
                continue
            try:
                contenders = contenders or {who: plan.make(who, preset) for who in plan.contenders}
                rows += _turns(plan, preset, size, contenders)
            except torch.OutOfMemoryError:
                skipped.append(f"{preset} {name_of(size)} (out of memory; --by reverie takes half)")
        contenders = {}
        _forget(plan.device)
    return rows, skipped


def _turns(plan: Plan, preset: Preset, size: Size, contenders: Mapping[Who, Ours | Plain]) -> list[Row]:
    for contender in contenders.values():
        contender.film(size, steps=2 if preset == "quality" else None)
    taken: dict[Who, list[Film]] = {who: [] for who in contenders}
    for _ in range(plan.repeats):
        for who, contender in contenders.items():
            taken[who].append(contender.film(size))
        # What takes long is made once, so that all are made.
        if sum(film.seconds for films in taken.values() for film in films) > 20:
            break
    return [_row(plan, preset, size, who, taken) for who in taken]


def _row(plan: Plan, preset: Preset, size: Size, who: Who, taken: Mapping[Who, Sequence[Film]]) -> Row:
    work = work_of(plan.model.shape, preset, size, plan.steps, each=who == "diffusers")
    films, plain = taken[who], taken.get("diffusers", ())
    denoise = median([film.denoise.seconds for film in films])
    total = median([film.seconds for film in films])
    compared = preset == "quality" and who == "reverie" and plain
    return {
        "preset": preset,
        "size": name_of(size),
        "by": who,
        "denoise s": denoise,
        "decode s": median([film.decode.seconds for film in films]),
        "film s": total,
        "first picture s": median([film.first for film in films]),
        "target s": TARGETS.get((preset, size)) if who == "reverie" and plan.model is REAL else None,
        "speed": median([film.seconds for film in plain]) / total if plain else None,
        "TFLOP/s": work.denoise / denoise / 1e12,
        "of matmul": work.denoise / denoise / plan.rate,
        "films": len(films),
        "apart": _apart(films[0].latents, plain[0].latents) if compared else None,
    }


def _apart(ours: Any, plain: Any) -> float:
    """How far the latents lie apart, as a share of their size: equal weights, noise and settings."""
    return float((ours - plain).norm() / plain.norm())


def _affordable(plan: Plan, preset: Preset, size: Size) -> bool:
    """Whether a film by each contender would likely be done before the end."""
    work = work_of(plan.model.shape, preset, size, plan.steps, each=True)
    return time.monotonic() + len(plan.contenders) * work.total / (SHARE * plan.rate) < plan.until


def _forget(device: Any) -> None:
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def work_of(shape: Shape, preset: Preset, size: Size, steps: int, each: bool = False) -> Work:
    """Operations of a film with compiled prompts. `each`: as plain diffusers tells times."""
    recipe = make_recipe(settings_of(preset, steps), min(size[:2]))
    return film_flops(
        shape, *size, steps=recipe.steps, guided=recipe.guided, decoder=decoder_of(preset), each=each
    )


def name_of(size: Size) -> str:
    return "x".join(str(number) for number in size)


def matmul_rate(device: Any, dtype: Any, side: int) -> float:
    """Operations a second of a square matrix product on random numbers, the median of ten."""
    left, right = (torch.randn((side, side), device=device, dtype=dtype) for _ in range(2))
    taken: list[float] = []
    for _ in range(13):
        meter = Meter(device)
        torch.matmul(left, right)
        taken.append(meter.lap().seconds)
    return float(2 * side**3 / median(taken[3:]))


# ---------------------------------------------------------------------------------- the detector beside it


def beside(plan: Plan, seconds: float, yolo: str) -> list[Row]:
    """How long a look takes while nothing else runs, and while films are made without pause.

    Who looks is another process, as on a box, ten times a second: on the same GPU convolutions like those of
    YOLOv8s, whose weights are the user's to bring; there too an ONNX file, where ONNX Runtime can use a GPU;
    and the detector as reverie runs it, on the CPU. `yolo`: a YOLOv8 .onnx file, "" for the embedded one.
    """
    size = plan.sizes[0] if (832, 480, 73) not in plan.sizes else (832, 480, 73)
    preset = plan.presets[0]
    ours = Ours(plan.model, preset, plan.steps, plan.device, plan.dtype)
    ours.film(size)
    alone = median([ours.film(size).seconds for _ in range(3)])
    rows: list[Row] = [
        {"what": f"a film of {name_of(size)}, {preset}, nothing else running", "film s": alone}
    ]
    for where in WHERE if plan.device.type == "cuda" else ("cpu",):
        rows += _looks(ours, size, where, seconds, yolo)
    return rows


def _looks(ours: Ours, size: Size, where: str, seconds: float, yolo: str) -> list[Row]:
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    child = spawn.Process(target=look_out, args=(there, where, yolo), daemon=True)
    child.start()
    there.close()
    try:
        name = str(_told(here))
        here.send(seconds)
        quiet = _told(here)
        here.send(seconds)
        taken: list[float] = []
        while not here.poll(0):
            taken.append(ours.film(size).seconds)
        busy = _told(here)
    except EOFError:
        return [{"what": f"{where}: cannot be had here; its own words are above"}]
    finally:
        here.close()
        child.join(10)
    return [
        {"what": f"{name}, alone", **_spread(quiet)},
        {"what": f"{name}, while films are made", **_spread(busy), "film s": median(taken)},
    ]


def _told(pipe: Connection) -> Any:
    if not pipe.poll(120):
        raise SystemExit("the process with the detector has not answered for two minutes")
    return pipe.recv()


def _spread(latencies: Sequence[float]) -> dict[str, float | int]:
    return {
        "looks": len(latencies),
        "p50 ms": 1e3 * percentile(latencies, 50),
        "p95 ms": 1e3 * percentile(latencies, 95),
    }


def look_out(pipe: Connection, where: str, yolo: str) -> None:
    """In a process of its own: says its name; then, for each number of seconds it is sent, the latencies."""
    name, look = {"gpu": _stand_in, "onnx": _onnx_on_gpu, "cpu": _as_reverie}[where](yolo)
    for _ in range(10):
        look()
    pipe.send(name)
    for _ in range(2):
        seconds, latencies = pipe.recv(), []
        began = due = time.monotonic()
        while due < began + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            started = time.perf_counter()
            look()
            latencies.append(time.perf_counter() - started)
            due = max(due + 0.1, time.monotonic())
        pipe.send(latencies)


def _stand_in(_yolo: str) -> tuple[str, Callable[[], object]]:
    """Convolutions at the widths and strides of YOLOv8s and with as many operations, in fp16 at 640."""
    layers: list[Any] = [torch.nn.Conv2d(3, 32, 3, 2, 1), torch.nn.SiLU()]
    width = 32
    for following, count in ((64, 3), (128, 3), (256, 4), (512, 3)):
        layers += [torch.nn.Conv2d(width, following, 3, 2, 1), torch.nn.SiLU()]
        for _ in range(count):
            layers += [torch.nn.Conv2d(following, following, 3, 1, 1), torch.nn.SiLU()]
        width = following
    network = torch.nn.Sequential(*layers).to("cuda", torch.float16).eval().requires_grad_(False)
    picture = torch.randn((1, 3, 640, 640), dtype=torch.float16).pin_memory()

    def look() -> object:
        return network(picture.to("cuda")).mean().item()

    return "28 GFLOP of convolutions as in YOLOv8s, torch, same GPU", look


def _onnx_on_gpu(yolo: str) -> tuple[str, Callable[[], object]]:
    """The file alone, without letterbox and reading: what of a look the GPU does."""
    import onnxruntime

    from reverie.assets import asset

    file = yolo or str(asset("centernet_384x512.onnx"))
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        raise SystemExit("this ONNX Runtime cannot use a GPU")
    session = onnxruntime.InferenceSession(file, providers=["CUDAExecutionProvider"])
    if session.get_providers()[0] != "CUDAExecutionProvider":
        raise SystemExit("ONNX Runtime could not use the GPU")
    entry = session.get_inputs()[0]
    sides = [side if isinstance(side, int) else 640 for side in entry.shape]
    sides[0] = 1
    kind = {"tensor(uint8)": np.uint8, "tensor(float16)": np.float16}.get(entry.type, np.float32)
    picture = np.random.default_rng(0).integers(0, 2, sides).astype(kind)
    name = f"{Path(file).stem}, ONNX Runtime, same GPU"
    return name, lambda: session.run(None, {entry.name: picture})


def _as_reverie(yolo: str) -> tuple[str, Callable[[], object]]:
    from reverie.values import Frame
    from reverie.vision.detector import load_detector

    detector = load_detector(config.Detector(model=yolo or "embedded"))
    image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    name = f"{Path(yolo).stem if yolo else 'the embedded detector'} on one CPU thread"
    return name, lambda: detector.detect([Frame(image, 0, 0.0)])


# ---------------------------------------------------------------------------------- arithmetic


def need_of(preset: Preset, size: Size) -> Memory:
    """Of a film without a given picture; the full VAE is loaded with both its halves."""
    need = memory(WAN_5B, *size, int8=preset == "edge", decoder=decoder_of(preset))
    return need if decoder_of(preset) == "tiny" else replace(need, decoder=2 * WAN_5B.vae)


def bounds(
    devices: Sequence[Device], presets: Sequence[Preset], sizes: Sequence[Size], steps: int
) -> list[Row]:
    """What no device can beat, and what it must hold: nothing of this was run."""
    rows: list[Row] = []
    for preset in presets:
        for size in sizes:
            work = work_of(WAN_5B, preset, size, steps)
            need = need_of(preset, size)
            row: dict[str, str | int | float | None] = {
                "preset": preset,
                "size": name_of(size),
                "denoise TFLOP": work.denoise / 1e12,
                "decode TFLOP": work.decode / 1e12,
                "weights GiB": need.resident / GIB,
                "peak GiB": need.peak / GIB,
            }
            for device in devices:
                fits = need.peak / GIB <= device.gib - SPARE_GIB
                seconds = bound(work.total, device)
                told = f"{seconds:.3g}" if seconds < 100 else f"{seconds:.0f}"
                row[f"{device.name} s"] = told if fits else f"{told} *"
            rows.append(row)
    return rows


# ---------------------------------------------------------------------------------- what is asked


def main() -> None:
    asked = parse()
    gpu = torch is not None and torch.cuda.is_available() and not asked.cpu
    rows: list[Row] = []
    if asked.device or not (gpu or asked.cpu):
        devices = [device_of(name) for name in asked.device or BOUNDED]
        rows += bounds(devices, asked.presets, asked.sizes, asked.steps)
        show(
            "Wan2.2-TI2V-5B: ARITHMETIC, not measured; seconds at the dense peak of the specification",
            rows,
            note=f"quality: {asked.steps} steps, guidance, full decoder; fast, edge: 3 steps, tiny decoder. "
            "Prompts compiled. Published runs take two to three times these seconds. *: weights and "
            f"the largest stage leave less than {SPARE_GIB:g} GiB of the device to the rest.",
        )
    if torch is None:
        if asked.cpu or not asked.device:
            print("Nothing was run: torch is not installed (pip install 'reverie[wan]').")
    elif gpu and not asked.device:
        device = torch.device("cuda", torch.cuda.current_device())
        rate = matmul_rate(device, torch.bfloat16, 8192)
        rows += measured(asked, REAL, tuple(asked.sizes), device, torch.bfloat16, rate)
    elif asked.cpu or not asked.device:
        device = torch.device("cpu")
        torch.set_num_threads(1)  # models so small spend their time waiting for each other on more
        rate = matmul_rate(device, torch.float32, 1024)
        rows += measured(asked, SMALL, SMALL_SIZES, device, torch.float32, rate)
    if asked.json:
        write(asked.json, "wan", rows)


def measured(
    asked: argparse.Namespace, model: Model, sizes: tuple[Size, ...], device: Any, dtype: Any, rate: float
) -> list[Row]:
    """The tables of what was run. Whether all it needs is there is asked first: a GPU may be lent."""
    missing = [
        name
        for name in NEEDED
        if importlib.util.find_spec(name) is None and (name != "torchao" or "edge" in asked.presets)
    ]
    if missing:
        raise SystemExit(f"Nothing was run: {', '.join(missing)} not installed")
    with silenced():  # torchao, for one, tells of libraries that nobody asked for
        import diffusers

        import reverie.video.wan.pipeline  # noqa: F401
    plan = Plan(
        model=model,
        presets=tuple(asked.presets),
        sizes=sizes,
        contenders=tuple(asked.by),
        steps=asked.steps if model is REAL else min(asked.steps, SMALL_STEPS),
        repeats=asked.repeats,
        device=device,
        dtype=dtype,
        rate=rate,
        until=time.monotonic() + 60 * asked.minutes,
    )
    name = "CPU, a TINY shape whose ratios are not the 5B's"
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
    about = (
        f"{name}; matrix product {rate / 1e12:.3g} TFLOP/s ({dtype}); torch {torch.__version__}, diffusers "
        f"{diffusers.__version__}; random weights."
    )
    rows: list[Row] = []
    if "detector" in asked.parts:
        rows += told("The detector beside Wan", beside(plan, asked.seconds, asked.yolo), about)
    if "memory" in asked.parts and device.type == "cuda":
        rows += told("Wan: memory, each alone", footprints(plan), about)
    if "films" in asked.parts:
        made, skipped = films(plan)
        about += (
            " Medians of `films`; speed: times diffusers'; of matmul: denoising's share of the matrix "
            "product's rate; apart: how far the two's latents are, of their size."
        )
        if skipped:
            about += (
                f" Not measured, for want of time (--minutes) if not said otherwise: {', '.join(skipped)}."
            )
        rows += told("Wan beside plain diffusers: seconds", made, about)
    return rows


def told(title: str, rows: list[Row], note: str) -> list[Row]:
    """`rows`, after they are shown."""
    show(title, rows, note=note)
    return rows


def parse() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "--device", action="append", help=f"tell its bound alone: {', '.join(DEVICES)}; repeatable"
    )
    asked.add_argument("--cpu", action="store_true", help="run the tiny shape, even where there is a GPU")
    asked.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked.add_argument("--presets", nargs="+", choices=get_args(Preset), default=PRESETS)
    asked.add_argument("--sizes", nargs="+", type=size_of, default=SIZES, help="as 832x480x17")
    asked.add_argument(
        "--by", nargs="+", choices=get_args(Who), default=get_args(Who), help="who makes films"
    )
    asked.add_argument("--steps", type=int, default=STEPS, help=f"of the preset quality (default: {STEPS})")
    asked.add_argument("--repeats", type=int, default=5, help="films of each, at most (default: 5)")
    asked.add_argument("--seconds", type=float, default=10, help="of looking, each time (default: 10)")
    asked.add_argument("--yolo", default="", help="a YOLOv8 .onnx file to look with")
    asked.add_argument("--minutes", type=float, default=7, help="after which no film is begun (default: 7)")
    asked.add_argument("--json", type=Path, help="write the rows to this file too")
    return asked.parse_args()


def size_of(text: str) -> Size:
    """As `name_of` writes it."""
    try:
        width, height, frames = (int(part) for part in text.split("x"))
        tokens(WAN_5B, width, height, frames)
    except (ValueError, GeneratorError) as error:
        raise argparse.ArgumentTypeError(f"{text}: expected WIDTHxHEIGHTxFRAMES: {error}") from error
    return width, height, frames


if __name__ == "__main__":
    main()
