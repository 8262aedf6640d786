"""Wan as named steps: equal to plain diffusers, and well behaved where plain diffusers is not."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FlowMatchLCMScheduler, UniPCMultistepScheduler, WanImageToVideoPipeline, WanPipeline
from diffusers.models.attention_dispatch import _AttentionBackendRegistry
from PIL import Image as Pillow
from safetensors.torch import load_file, save_file
from tiny import TEXT_DIM, Kind, save_checkpoint

from reverie import config
from reverie.errors import Cancelled, GeneratorError, OutOfMemory, Refused
from reverie.values import Image
from reverie.video.tiny_vae import TinyVae
from reverie.video.wan import parts, pipeline
from reverie.video.wan.arithmetic import WAN_5B
from reverie.video.wan.checkpoint import inspect
from reverie.video.wan.embeddings import begin_embeddings, encoder_of
from reverie.video.wan.parts import choose_attention
from reverie.video.wan.pipeline import Wan, enlarged, load_pipeline
from reverie.video.wan.recipe import NEGATIVE, make_recipe
from reverie.video.wan.silence import silenced
from reverie.video.wan.text import Resident, Text

WIDTH, HEIGHT, FRAMES = 64, 32, 5
PROMPT = "a red car drives through the snow"


def settings(path: Path, **changes: Any) -> config.Wan:
    return config.Wan.model_validate(
        {"model": str(path), "device": "cpu", "preset": "fast", "steps": 3, **changes}
    )


def load(path: Path, **changes: Any) -> Wan:
    return load_pipeline(settings(path, **changes), width=WIDTH, height=HEIGHT)


def film(wan: Wan, **changes: Any) -> list[Image]:
    asked = {"frames": FRAMES, "width": WIDTH, "height": HEIGHT, "seed": 7, **changes}
    return list(wan.film(asked.pop("prompt", PROMPT), **asked))


def a_picture() -> Image:
    return np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def checkpoints(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, Path]:
    """One of each kind; a tiny decoder lies beside the first."""
    folder = tmp_path_factory.mktemp("kinds")
    path = shutil.copytree(checkpoint, folder / "ti2v")
    torch.manual_seed(1)
    save_file(TinyVae(48, 2).state_dict(), path / "tiny_vae.safetensors")
    return {
        "ti2v": path,
        "t2v": save_checkpoint(folder / "t2v", "t2v"),
        "a14b": save_checkpoint(folder / "a14b", "a14b"),
    }


@pytest.fixture(scope="module")
def fast(checkpoints: dict[Kind, Path]) -> Wan:
    """The 5B's kind with the preset fast. Patch it only with monkeypatch."""
    return load(checkpoints["ti2v"])


@pytest.fixture(scope="module")
def expected(fast: Wan) -> list[Image]:
    """What a fresh pipeline makes of the usual film."""
    return film(fast)


# ---------------------------------------------------------------------------------- equal to plain diffusers


def plain(path: Path) -> Any:
    """The checkpoint as diffusers runs it, with the schedule of 480 lines."""
    with silenced():
        pipe = WanPipeline.from_pretrained(path)
    pipe.scheduler = UniPCMultistepScheduler.from_config(pipe.scheduler.config, flow_shift=3.0)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def theirs(pipe: Any, **changes: Any) -> Any:
    """Latents of the usual film."""
    asked = {
        "prompt": PROMPT,
        "negative_prompt": NEGATIVE,
        "height": HEIGHT,
        "width": WIDTH,
        "num_frames": FRAMES,
        "num_inference_steps": 3,
        "guidance_scale": 5.0,
        "generator": torch.Generator().manual_seed(7),
        "output_type": "latent",
        **changes,
    }
    with torch.no_grad():
        return pipe(**asked).frames


def latents(wan: Wan, picture: Image | None = None) -> Any:
    """The steps up to the latents, called one by one."""
    recipe = make_recipe(wan.settings, HEIGHT)
    randomness = wan.randomness(7)
    return wan.denoise(
        wan.noise(randomness, frames=FRAMES, width=WIDTH, height=HEIGHT),
        wan.encode(PROMPT),
        recipe,
        randomness=randomness,
        negative=wan.encode(recipe.negative),
        first=None if picture is None else wan.condition(picture),
    )


@pytest.mark.parametrize("kind", ["ti2v", "t2v", "a14b"])
def test_equal_to_plain_diffusers(checkpoints: dict[Kind, Path], kind: Kind) -> None:
    wan, pipe = load(checkpoints[kind], preset="quality"), plain(checkpoints[kind])
    reference = theirs(pipe)
    assert reference.std() > 0.1
    assert (latents(wan) - reference).abs().max() <= 1e-5
    pictures = theirs(pipe, output_type="np")[0]
    made = np.stack(film(wan))
    # Rounded to bytes by us: half a step at most, and what floats differ by.
    assert np.abs(made - pictures * 255).max() <= 0.5 + 1e-2


def test_a_first_picture_is_equal_to_plain_diffusers(checkpoints: dict[Kind, Path]) -> None:
    wan = load(checkpoints["ti2v"], preset="quality")
    pipe = WanImageToVideoPipeline.from_pipe(plain(checkpoints["ti2v"]))
    pipe.set_progress_bar_config(disable=True)
    picture = a_picture()
    reference = theirs(pipe, image=Pillow.fromarray(picture))
    assert (latents(wan, picture) - reference).abs().max() <= 1e-5
    assert (latents(wan) - reference).abs().max() > 0.1


def test_few_steps_are_equal_to_diffusers_sampler_of_distilled_weights(
    checkpoints: dict[Kind, Path], fast: Wan
) -> None:
    """diffusers has the re-noising sampler, but its Wan pipeline gives it neither sigmas nor a seed."""
    randomness = torch.Generator().manual_seed(7)

    class Seeded(FlowMatchLCMScheduler):  # type: ignore[misc]
        def set_timesteps(self, num_inference_steps: int, device: Any = None) -> None:
            super().set_timesteps(sigmas=[1.0, 0.757, 0.522], device=device)

        def step(self, *args: Any, **kwargs: Any) -> Any:
            return super().step(*args, generator=randomness, **kwargs)

    pipe = plain(checkpoints["ti2v"])
    pipe.scheduler = Seeded(shift=1.0)
    reference = theirs(pipe, guidance_scale=1.0, negative_prompt=None, generator=randomness)
    assert (latents(fast) - reference).abs().max() <= 1e-5


def test_half_precision_is_close(checkpoints: dict[Kind, Path], fast: Wan) -> None:
    reference = latents(fast)
    for dtype in ("bf16", "fp16"):
        half = load(checkpoints["ti2v"], dtype=dtype)
        assert half.parts.transformers[0].dtype == half.parts.dtype != torch.float32
        error = (latents(half) - reference).norm() / reference.norm()
        assert 0 < error < 0.05


# ---------------------------------------------------------------------------------- presets


@pytest.mark.parametrize("preset", ["quality", "fast", "edge"])
def test_every_preset_makes_the_film(checkpoints: dict[Kind, Path], preset: str) -> None:
    wan = load(checkpoints["ti2v"], preset=preset, steps=None, encoder="cpu")
    told: list[float] = []
    images = film(wan, progress=told.append)
    assert len(images) == FRAMES
    assert all(image.shape == (HEIGHT, WIDTH, 3) and image.dtype == np.uint8 for image in images)
    assert all(image.flags.c_contiguous for image in images)
    # One word a step, one a picture, and one at the start.
    assert len(told) == 1 + {"quality": 30, "fast": 3, "edge": 3}[preset] + FRAMES


def test_edge_is_int8_weights_and_a_tiny_decoder(checkpoints: dict[Kind, Path], fast: Wan) -> None:
    edge = load(checkpoints["ti2v"], preset="edge", encoder="cpu")
    matrices = [m for m in edge.parts.transformers[0].blocks.modules() if isinstance(m, torch.nn.Linear)]
    assert {type(matrix.weight).__name__ for matrix in matrices} == {"Int8Tensor"}
    assert isinstance(edge.parts.decoder, TinyVae)
    reference = latents(fast)
    error = (latents(edge) - reference).norm() / reference.norm()
    assert 0 < error < 0.05


@pytest.mark.parametrize("preset", ["fast", "edge"])
def test_a_first_picture_is_encoded_in_float32_whatever_the_rest_is(
    checkpoints: dict[Kind, Path], preset: str
) -> None:
    exact = load(checkpoints["ti2v"], preset=preset, encoder="cpu", dtype="fp32").condition(a_picture())
    wan = load(checkpoints["ti2v"], preset=preset, encoder="cpu", dtype="bf16")
    assert torch.equal(wan.condition(a_picture()), exact)
    assert len(film(wan, picture=a_picture())) == FRAMES


def test_guidance_is_reckoned_in_float32(
    checkpoints: dict[Kind, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies between two numbers of bf16 is not lost; and the last step draws no noise."""
    wan = load(checkpoints["ti2v"], dtype="bf16")
    towards, away = wan.padded(torch.ones(1, TEXT_DIM)), wan.padded(torch.zeros(1, TEXT_DIM))

    def forward(hidden_states: Any, encoder_hidden_states: Any, **_: Any) -> Any:
        said = 1 + 2**-7 if encoder_hidden_states is towards else 1.0
        return (torch.full_like(hidden_states, said),)

    monkeypatch.setattr(wan.parts.transformers[0], "forward", forward)
    randomness = wan.randomness(1)
    noise = wan.noise(randomness, frames=1, width=WIDTH, height=HEIGHT)
    state = randomness.get_state()
    recipe = make_recipe(wan.settings, HEIGHT, steps=1, guidance=1.5)
    made = wan.denoise(noise, towards, recipe, randomness=randomness, negative=away)
    assert torch.equal(made, noise - (1 + 1.5 * 2**-7))
    assert torch.equal(randomness.get_state(), state)


def test_the_tiny_decoder_keeps_the_full_ones_other_half_for_pictures(checkpoints: dict[Kind, Path]) -> None:
    edge = load(checkpoints["ti2v"], preset="edge", encoder="cpu")
    first = edge.condition(a_picture())
    assert torch.equal(first, load(checkpoints["ti2v"]).condition(a_picture()))
    assert edge.parts.encoder() is edge.parts.encoder()
    assert len(film(edge, picture=a_picture())) == FRAMES


def test_both_experts_work_the_first_with_more_noise(checkpoints: dict[Kind, Path]) -> None:
    wan = load(checkpoints["a14b"])
    seen: list[tuple[int, float]] = []
    for index, model in enumerate(wan.parts.transformers):
        model.register_forward_pre_hook(
            lambda _, args, kwargs, index=index: seen.append((index, float(kwargs["timestep"][0]))),
            with_kwargs=True,
        )
    film(wan)
    assert seen == [(0, 1000.0), (1, 757.0), (1, 522.0)]  # the boundary is at 875


# ---------------------------------------------------------------------------------- words


def test_compiled_prompts_are_equal_to_the_encoder(checkpoints: dict[Kind, Path], tmp_path: Path) -> None:
    path = checkpoints["ti2v"]
    wan = load(path, preset="quality")
    origin = encoder_of(path)
    assert origin is not None
    compiled = begin_embeddings(tmp_path / "prompts", origin)
    for prompt in (PROMPT, NEGATIVE):
        compiled.put(prompt, wan.text.rows(prompt), now=0.0)
    without = shutil.copytree(
        path, tmp_path / "small", ignore=shutil.ignore_patterns("text_encoder", "tokenizer")
    )
    box = load(without, preset="quality", encoder="none", embeddings=tmp_path / "prompts")
    assert (latents(box) - latents(wan)).abs().max() <= 1e-5
    assert np.array_equal(film(box), film(wan))
    with pytest.raises(GeneratorError, match="is not compiled"):
        film(box, prompt="something else")
    # Of what guidance leads away from, it is said when it loads.
    with pytest.raises(GeneratorError, match=r"the prompt .*rain"):
        load(without, preset="quality", embeddings=tmp_path / "prompts", negative="rain")


def test_an_encoder_that_does_not_stay_is_loaded_once_a_film(
    checkpoints: dict[Kind, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a GPU it leaves after each use, and the negative prompt would load its 11 GB once more."""
    read, loaded = Resident._read, list[Any]()

    def counted(self: Resident) -> Any:
        loaded.append(self)
        return read(self)

    monkeypatch.setattr(Resident, "_read", counted)
    wan = load(checkpoints["ti2v"], preset="quality", steps=1, encoder="cpu")
    origin = encoder_of(checkpoints["ti2v"])
    assert origin is not None
    wan.text = Text(None, Resident(checkpoints["ti2v"], origin, "cpu", keep=False), "")
    film(wan)
    assert len(loaded) == 1


def test_rows_stand_in_for_the_prompt(fast: Wan, expected: list[Image]) -> None:
    rows = fast.text.rows(PROMPT)
    assert np.array_equal(film(fast, prompt="", rows=rows), expected)
    assert np.array_equal(film(fast, prompt="", rows=rows[None]), expected)


def test_guidance_leads_away_from_the_negative_prompt(fast: Wan, expected: list[Image]) -> None:
    guided = film(fast, guidance=4.0, negative="rain")
    assert not np.array_equal(guided, expected)
    assert not np.array_equal(guided, film(fast, guidance=4.0, negative="snow"))
    rows = fast.text.rows("rain")
    assert np.array_equal(guided, film(fast, guidance=4.0, negative="snow", negative_rows=rows))
    # Without guidance nobody reads it.
    assert np.array_equal(expected, film(fast, negative="rain"))


# ---------------------------------------------------------------------------------- the film


def test_the_same_seed_is_the_same_film(fast: Wan, expected: list[Image]) -> None:
    assert np.array_equal(film(fast), expected)
    assert not np.array_equal(film(fast, seed=8), expected)


def test_sixteen_are_made_as_seventeen_and_cut(fast: Wan) -> None:
    sixteen, seventeen = film(fast, frames=16), film(fast, frames=17)
    assert (len(sixteen), len(seventeen)) == (16, 17)
    assert np.array_equal(sixteen, seventeen[:16])


def test_a_film_begins_with_its_picture_laid_into_the_frame(
    fast: Wan, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Image] = []
    condition = fast.condition

    def watched(picture: Image) -> Any:
        given.append(picture)
        return condition(picture)

    monkeypatch.setattr(fast, "condition", watched)
    grey = np.full((30, 30, 3), 90, np.uint8)
    images = film(fast, picture=grey)
    assert given[0].shape == (HEIGHT, WIDTH, 3)
    assert (given[0] == 90).all()
    assert not np.array_equal(images, film(fast, picture=255 - grey))


def test_progress_grows_and_ends_at_one_with_the_last_picture(fast: Wan) -> None:
    told: list[float] = []
    for count, _ in enumerate(
        fast.film(PROMPT, frames=9, width=96, height=64, seed=1, progress=told.append), 1
    ):
        assert (told[-1] == 1.0) == (count == 9)
    assert told[0] == 0.0
    assert told == sorted(told)
    assert told.count(1.0) == 1


@pytest.mark.parametrize("step", range(4))
def test_cancelled_at_any_step_it_leaves_at_once_without_decoding(
    fast: Wan, expected: list[Image], monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Before the first, after the first and the second, and after the last of three steps."""
    passes, decoded = 0, 0
    told: list[float] = []

    def count(*_: Any) -> None:
        nonlocal passes
        passes += 1

    def stop(share: float) -> None:
        told.append(share)
        if len(told) > step:
            raise Cancelled("nobody waits")

    def decode(latents: Any) -> Iterator[Any]:
        nonlocal decoded
        decoded += 1
        return iter(())

    with monkeypatch.context() as patch:
        patch.setattr(fast.parts.decoder, "decode", decode)
        hook = fast.parts.transformers[0].register_forward_hook(count)
        with pytest.raises(Cancelled):
            film(fast, progress=stop)
        hook.remove()
    assert (passes, decoded, len(told)) == (step, 0, step + 1)
    assert np.array_equal(film(fast), expected)


def test_cancelled_while_decoding_the_rest_is_not_decoded(
    fast: Wan, expected: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = 0
    decode = fast.parts.decoder.decode

    def counted(latents: Any) -> Iterator[Any]:
        nonlocal pieces
        for piece in decode(latents):
            pieces += 1
            yield piece

    told: list[float] = []

    def stop(share: float) -> None:
        told.append(share)
        if len(told) > 1 + 3:
            raise Cancelled("nobody waits")

    with monkeypatch.context() as patch:
        patch.setattr(fast.parts.decoder, "decode", counted)
        with pytest.raises(Cancelled):
            film(fast, progress=stop)
    assert pieces == 1
    assert np.array_equal(film(fast), expected)


def test_one_film_at_a_time(fast: Wan, expected: list[Image]) -> None:
    running = fast.film(PROMPT, frames=FRAMES, width=WIDTH, height=HEIGHT, seed=7)
    next(running)
    with pytest.raises(GeneratorError, match="one at a time"):
        film(fast)
    # The other one is not disturbed, and when it is done the next may come.
    assert np.array_equal(list(running), expected[1:])
    assert np.array_equal(film(fast), expected)
    left = fast.film(PROMPT, frames=FRAMES, width=WIDTH, height=HEIGHT, seed=7)
    next(left)
    left.close()  # type: ignore[attr-defined]
    assert np.array_equal(film(fast), expected)


# ---------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"frames": 0}, "0 frames at once; allowed are 1 to 241"),
        ({"frames": 10_000}, "10000 frames at once"),
        ({"frames": -5}, "-5 frames"),
        ({"width": 100}, "must divide by 32 .*; near is 96x64"),
        ({"width": 0}, "a picture of 0x64"),
        ({"height": -32}, "a picture of 96x-32"),
        ({"width": 3872}, "be at most 3840"),
        ({"prompt": ""}, "the prompt is empty; allowed are 1 to 2000"),
        ({"prompt": " \n\t"}, "the prompt is empty"),
        ({"prompt": "a" * 5000}, "the prompt has 5000 characters; allowed are 1 to 2000"),
        ({"negative": "a" * 2001}, "a negative prompt of 2001"),
        ({"seed": -1}, "seed -1; allowed are 0 to 9223372036854775807"),
        ({"seed": 1 << 63}, "seed 9223372036854775808"),
        ({"steps": 101}, "101 steps"),
        ({"steps": -1}, "-1 steps"),
        ({"guidance": 0.5}, "guidance 0.5"),
        ({"guidance": 21.0}, "guidance 21"),
        ({"guidance": float("nan")}, "guidance nan"),
        ({"picture": np.zeros((8, 8), np.uint8)}, r"a picture of uint8 \(8, 8\)"),
        ({"picture": np.zeros((8, 8, 3), np.float32)}, "a picture of float32"),
    ],
)
def test_what_can_never_be_made_is_refused_before_any_work(
    fast: Wan, change: dict[str, Any], says: str
) -> None:
    asked = {"prompt": PROMPT, "frames": 9, "width": 96, "height": 64, "seed": 1, **change}
    with pytest.raises(Refused, match=says):
        fast.film(asked.pop("prompt"), **asked)


@pytest.mark.parametrize(
    "shape", [(5, TEXT_DIM + 1), (513, TEXT_DIM), (0, TEXT_DIM), (2, 5, TEXT_DIM), (TEXT_DIM,)]
)
def test_rows_of_another_shape_are_refused(fast: Wan, shape: tuple[int, ...]) -> None:
    with pytest.raises(Refused, match="rows of a prompt have the shape"):
        film(fast, rows=torch.zeros(shape))


def test_a_checkpoint_of_text_alone_takes_no_picture(checkpoints: dict[Kind, Path]) -> None:
    wan = load(checkpoints["t2v"])
    with pytest.raises(Refused, match="makes films from text alone"):
        film(wan, picture=a_picture())


def broken(model: Any, when: Callable[[int, Any], bool], act: Callable[[Any], Any]) -> Any:
    """A forward of `model` that does `act` to its output when `when` says so of its number and latents."""
    forward, passes = model.forward, 0

    def run(**kwargs: Any) -> Any:
        nonlocal passes
        passes += 1
        out = forward(**kwargs)[0]
        return (act(out) if when(passes, kwargs["hidden_states"]) else out,)

    return run


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_latents_that_are_no_numbers_name_their_step(
    fast: Wan, expected: list[Image], monkeypatch: pytest.MonkeyPatch, number: float
) -> None:
    model = fast.parts.transformers[0]
    with monkeypatch.context() as patch:
        spoiled = broken(
            model, lambda passes, _: passes == 2, lambda out: out.index_fill(4, torch.tensor([1]), number)
        )
        patch.setattr(model, "forward", spoiled)
        with pytest.raises(GeneratorError, match="step 2 of 3 made latents that are no numbers"):
            film(fast)
    assert np.array_equal(film(fast), expected)


def test_pictures_that_are_no_numbers_are_not_given_out(fast: Wan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        fast.parts.decoder, "decode", lambda latents: iter([torch.full((1, 3, 64, 96), float("nan"))])
    )
    with pytest.raises(GeneratorError, match="the decoder made pictures that are no numbers"):
        film(fast)


def cuda() -> Exception:
    error: Exception = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
    return error


def cpu() -> Exception:
    return RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: 9 bytes")


def numpy() -> Exception:
    return MemoryError("Unable to allocate 9 GiB for an array")


def out_of_memory(make: Callable[[], Exception], held: list[Any]) -> Callable[[Any], Any]:
    def act(out: Any) -> Any:
        held.append(weakref.ref(out))
        raise make()

    return act


@pytest.mark.parametrize("make", [cuda, cpu, numpy])
def test_out_of_memory_is_told_with_the_numbers_and_given_back(
    fast: Wan, expected: list[Image], monkeypatch: pytest.MonkeyPatch, make: Callable[[], Exception]
) -> None:
    model, held = fast.parts.transformers[0], list[Any]()
    with monkeypatch.context() as patch:
        patch.setattr(model, "forward", broken(model, lambda *_: True, out_of_memory(make, held)))
        with pytest.raises(
            OutOfMemory, match=r"5 pictures of 64x32 on cpu: .* GiB are needed .* GiB are free"
        ) as raised:
            film(fast)
        # While the error is still being told, nothing that it was about is held by it.
        assert held[0]() is None
        assert raised.value.__context__ is None
    assert np.array_equal(film(fast), expected)


@pytest.mark.parametrize(
    ("words", "is_memory"),
    [
        ("CUDA error: out of memory", True),
        ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", True),
        ("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED", True),
        ("CUDA error: an illegal memory access was encountered", False),
        ("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", False),
    ],
)
def test_memory_that_runs_out_in_a_library_of_the_gpu(words: str, is_memory: bool) -> None:
    assert parts.exhausted(RuntimeError(words)) == is_memory


@pytest.mark.parametrize("where", ["denoise", "decode"])
def test_once_more_at_half_the_size_where_the_operator_allows(
    checkpoints: dict[Kind, Path], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    wan = load(checkpoints["ti2v"], retry_smaller=True)
    model, decode, told = wan.parts.transformers[0], wan.parts.decoder.decode, list[float]()

    def half_way(latents: Any) -> Iterator[Any]:
        for count, piece in enumerate(decode(latents)):
            if count == 1 and latents.shape[4] == 6:
                raise torch.OutOfMemoryError("CUDA out of memory")
            yield piece

    if where == "denoise":
        too_wide = broken(model, lambda _, latents: latents.shape[4] == 6, out_of_memory(cuda, []))
        monkeypatch.setattr(model, "forward", too_wide)
    else:
        monkeypatch.setattr(wan.parts.decoder, "decode", half_way)
    images = film(wan, width=96, height=96, progress=told.append)
    assert len(images) == FRAMES
    assert all(image.shape == (96, 96, 3) for image in images)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert told.count(1.0) == 1
    small = film(load(checkpoints["ti2v"]), width=64, height=64)
    assert np.array_equal(images, [enlarged(image, 96, 96) for image in small])


def test_what_does_not_fit_at_half_the_size_is_out_of_memory(
    checkpoints: dict[Kind, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    wan = load(checkpoints["ti2v"], retry_smaller=True)
    model = wan.parts.transformers[0]
    monkeypatch.setattr(model, "forward", broken(model, lambda *_: True, out_of_memory(cuda, [])))
    with pytest.raises(OutOfMemory, match="5 pictures of 32x32"):
        film(wan)


def test_what_else_torch_complains_of_is_a_failed_film(fast: Wan, monkeypatch: pytest.MonkeyPatch) -> None:
    model = fast.parts.transformers[0]

    def fail(out: Any) -> Any:
        raise RuntimeError("CUDA error: an illegal memory access was encountered\nCompile with ...")

    monkeypatch.setattr(model, "forward", broken(model, lambda *_: True, fail))
    with pytest.raises(GeneratorError, match="torch failed: CUDA error: an illegal memory access") as raised:
        film(fast)
    assert not isinstance(raised.value, OutOfMemory)


# ---------------------------------------------------------------------------------- loading


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"device": "cuda"}, GeneratorError, "wan.device cuda: is not there; .*allowed: auto, cpu"),
        ({"device": "cuda:7"}, GeneratorError, "wan.device cuda:7: is not there"),
        # Not compiled, and edge has no encoder.
        ({"preset": "edge"}, GeneratorError, "there is no text encoder here: run `reverie prompts compile`"),
        ({"encoder": "none"}, GeneratorError, "there is no text encoder here"),
        ({"decoder": "/nowhere/tiny.safetensors"}, GeneratorError, "/nowhere/tiny.safetensors is not there"),
        ({"memory_gib": 0.0001}, OutOfMemory, "GiB are needed even for one picture .* may be used"),
        ({"lora": "/nowhere/style.safetensors"}, GeneratorError, "style.safetensors: cannot be read"),
        ({"lora": "/nowhere/style.bin"}, GeneratorError, "expected a .safetensors file"),
    ],
)
def test_what_cannot_run_is_said_at_load(
    checkpoints: dict[Kind, Path], change: dict[str, Any], kind: type[GeneratorError], says: str
) -> None:
    if torch.cuda.is_available() and "device" in change:
        pytest.skip("there is a GPU")
    with pytest.raises(kind, match=says):
        load(checkpoints["ti2v"], **change)


@pytest.mark.parametrize(("name", "index"), [("auto", 1), ("cuda", 1), ("cuda:0", 0)])
def test_a_gpu_has_a_number(monkeypatch: pytest.MonkeyPatch, name: str, index: int) -> None:
    """`wan.memory_gib` asks torch for a limit, and that is refused for a device without one."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    assert parts.device_of(name) == torch.device("cuda", index)


def test_only_edge_needs_torchao(checkpoints: dict[Kind, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchao.quantization", None)
    load(checkpoints["ti2v"])
    with pytest.raises(GeneratorError, match=r"preset edge .* pip install 'reverie\[wan\]' .*torchao"):
        load(checkpoints["ti2v"], preset="edge", encoder="cpu")


def test_edge_without_a_tiny_decoder_says_which_weights(checkpoint: Path) -> None:
    with pytest.raises(
        GeneratorError, match=r"tiny_vae\.safetensors is not there: put the weights of taew2_2"
    ):
        load(checkpoint, preset="edge", encoder="cpu")


def test_a_tiny_decoder_of_another_model(checkpoints: dict[Kind, Path]) -> None:
    with pytest.raises(GeneratorError, match="is for latents of 48 channels, 16 pixels wide"):
        load(checkpoints["t2v"], decoder=checkpoints["ti2v"] / "tiny_vae.safetensors")


def test_a_size_that_does_not_divide(checkpoints: dict[Kind, Path]) -> None:
    with pytest.raises(GeneratorError, match="divide by 32; 104x64 does not; near is 96x64"):
        load_pipeline(settings(checkpoints["ti2v"]), width=104, height=64)


def test_a_weight_that_is_missing(checkpoint: Path, tmp_path: Path) -> None:
    path = shutil.copytree(checkpoint, tmp_path / "wan")
    save_file(
        {"proj_out.bias": torch.zeros(192)}, path / "transformer" / "diffusion_pytorch_model.safetensors"
    )
    with pytest.raises(GeneratorError, match=r"transformer: \d+ weights are missing"):
        load(path)


@pytest.mark.parametrize(
    ("gib", "preset", "says"),
    [
        # The 5B at 832x480 in bf16, by the arithmetic: its weights alone are 9.3 GiB, in INT8 4.7; the
        # decoder's are 1.0, and 0.6 those of the encoder, which stay in float32.
        (8, "fast", "GiB are needed even for one picture (10.9 GiB of weights), and 8.0 GiB are free"),
        (8, "edge", ""),
        (5, "edge", "GiB are needed even for one picture"),
        (16, "fast", ""),
    ],
)
def test_what_fits_is_known_before_anything_is_loaded(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, gib: int, preset: str, says: str
) -> None:
    whole = replace(inspect(checkpoint), shape=WAN_5B)
    monkeypatch.setattr(pipeline, "free_memory", lambda device: gib << 30)
    asked = settings(checkpoint, preset=preset, dtype="bf16", segment=17)
    if not says:
        pipeline.check_memory(asked, whole, torch.device("cpu"), 832, 480)
        return
    with pytest.raises(OutOfMemory) as raised:
        pipeline.check_memory(asked, whole, torch.device("cpu"), 832, 480)
    assert says in str(raised.value)


def test_a_configuration_that_speaks_of_a_part_for_pictures(
    checkpoint: Path, tmp_path: Path, expected: list[Image]
) -> None:
    """Some copies of the 5B's do, and their weights have none: it is left out."""
    path = shutil.copytree(checkpoint, tmp_path / "wan")
    config = path / "transformer" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"image_dim": 40, "added_kv_proj_dim": 48}))
    assert all(map(np.array_equal, film(load(path)), expected))


def test_weights_of_another_shape_than_the_configuration_says(checkpoint: Path, tmp_path: Path) -> None:
    path = shutil.copytree(checkpoint, tmp_path / "wan")
    file = path / "transformer" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"ffn_dim": 128}))
    with pytest.raises(GeneratorError, match=r"transformer: cannot be loaded: .* but got .*96.*\)$"):
        load(path)


@pytest.mark.parametrize("kind", ["AutoencoderKLWan", "WanTransformer3DModel"])
def test_memory_that_runs_out_while_it_is_loaded(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise cpu()

    monkeypatch.setattr(getattr(parts, kind), "from_pretrained", fail)
    with pytest.raises(OutOfMemory, match="out of memory on cpu while it was loaded"):
        load(checkpoint)


def test_weights_that_nothing_in_the_model_takes_are_a_warning(
    checkpoint: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = shutil.copytree(checkpoint, tmp_path / "wan")
    file = path / "transformer" / "diffusion_pytorch_model.safetensors"
    save_file(load_file(file) | {"blocks.0.attn1.to_gate.weight": torch.zeros(3)}, file)
    with caplog.at_level(logging.WARNING):
        load(path)
    assert "1 weights are of another kind of model and left out, blocks.0.attn1.to_gate.weight" in caplog.text


def test_segments_that_are_too_long_for_the_memory_are_a_warning(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = replace(inspect(checkpoint), shape=WAN_5B)
    asked = settings(checkpoint, dtype="bf16", decoder="tiny.safetensors", memory_gib=13)
    monkeypatch.setattr(pipeline, "free_memory", lambda device: 24 << 30)
    with caplog.at_level(logging.WARNING):
        pipeline.check_memory(asked, whole, torch.device("cpu"), 1280, 704)
    assert "segments of 121 pictures need about" in caplog.text
    assert "13.0 GiB may be used" in caplog.text


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        (
            "FastVideo--FastWan2.2-TI2V-5B-FullAttn-Diffusers",
            {"preset": "quality"},
            "distilled to need no guidance",
        ),
        ("FastVideo--FastWan2.2-TI2V-5B-FullAttn-Diffusers", {"preset": "fast"}, ""),
        ("FastWan", {"preset": "fast", "language": "zh"}, "is distilled and knows English"),
        ("Wan-AI--Wan2.2-TI2V-5B-Diffusers", {"preset": "fast"}, "is not distilled: 3 steps make blurred"),
        ("Wan-AI--Wan2.2-TI2V-5B-Diffusers", {"preset": "quality"}, ""),
        ("my-finetune", {"preset": "fast"}, ""),  # nobody knows
    ],
)
def test_a_recipe_that_the_weights_were_not_made_for_is_a_warning(
    checkpoint: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
    change: dict[str, Any],
    says: str,
) -> None:
    path = tmp_path / name
    path.symlink_to(checkpoint)
    with caplog.at_level(logging.WARNING):
        load(path, **change)
    assert (says in caplog.text) if says else not caplog.text


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ((), "native"),
        (("_flash_3", "flash", "no such thing"), "native"),  # none of them is here
        (("_flash_3", "_native_math"), "_native_math"),  # runs everywhere
    ],
)
def test_attention_is_tried_before_it_is_used(
    checkpoint: Path, expected: list[Image], names: tuple[str, ...], chosen: str
) -> None:
    wan = load(checkpoint)
    model = wan.parts.transformers[0]
    assert choose_attention(model, names, torch.device("cpu"), torch.float32) == chosen
    assert {block.attn1.processor._attention_backend.value for block in model.blocks} == {chosen}
    assert np.abs(np.stack(film(wan)).astype(int) - np.stack(expected)).max() <= 1


def test_attention_is_the_choice_of_this_model_alone(checkpoint: Path) -> None:
    """diffusers makes it everybody's: what a bench calls its own attention would then be ours."""
    before = _AttentionBackendRegistry._active_backend
    model = load(checkpoint).parts.transformers[0]
    assert choose_attention(model, ("_native_math",), torch.device("cpu"), torch.float32) == "_native_math"
    assert _AttentionBackendRegistry._active_backend == before


def test_attention_that_is_wrong_is_not_used(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(query: Any, key: Any, value: Any, backend: Any) -> Any:
        return value if backend == "native" else value + 0.2

    monkeypatch.setattr(parts, "dispatch_attention_fn", wrong)
    model = load(checkpoint).parts.transformers[0]
    assert choose_attention(model, ("_native_math",), torch.device("cpu"), torch.float32) == "native"
    assert model.blocks[0].attn1.processor._attention_backend.value == "native"


# ---------------------------------------------------------------------------------- LoRA


def write_lora(path: Path, inner: int = 48, name: str = "transformer.blocks.0.attn1.to_q") -> dict[str, Any]:
    generator = torch.Generator().manual_seed(3)
    down, up = torch.randn((4, inner), generator=generator), torch.randn((48, 4), generator=generator)
    weights = {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up}
    save_file(weights, path)
    return weights


@pytest.mark.parametrize("preset", ["fast", "edge"])
def test_a_lora_is_laid_into_the_weights(checkpoints: dict[Kind, Path], tmp_path: Path, preset: str) -> None:
    down, up = write_lora(tmp_path / "style.safetensors").values()
    changes = {"preset": preset, "encoder": "cpu"}
    before = load(checkpoints["ti2v"], **changes).parts.transformers[0].blocks[0].attn1.to_q.weight
    styled = load(checkpoints["ti2v"], lora=tmp_path / "style.safetensors", lora_scale=0.5, **changes)
    after = styled.parts.transformers[0].blocks[0].attn1.to_q.weight
    if preset == "edge":
        before, after = before.dequantize(), after.dequantize()
    wanted = before + 0.5 * up @ down
    assert (after - wanted).abs().max() < (1e-5 if preset == "fast" else 0.05)
    # Laid in, not laid over: a step costs what it did.
    assert not any("lora" in name for name, _ in styled.parts.transformers[0].named_modules())


def test_a_lora_of_wans_own_code_is_read_too(checkpoints: dict[Kind, Path], tmp_path: Path) -> None:
    write_lora(tmp_path / "style.safetensors", name="diffusion_model.blocks.0.self_attn.q")
    plain_film = film(load(checkpoints["ti2v"]))
    assert not np.array_equal(
        film(load(checkpoints["ti2v"], lora=tmp_path / "style.safetensors")), plain_film
    )


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: write_lora(path, inner=64), "is 64 wide, and 48 in this transformer"),
        (
            lambda path: write_lora(path, name="transformer.blocks.40.attn1.to_q"),
            "'blocks.40.attn1.to_q', which",
        ),
        (
            lambda path: save_file({"weight": torch.zeros(3)}, path),
            "there is no LoRA for a transformer in it",
        ),
        (lambda path: path.write_text("<html>"), "is no safetensors file"),
        (lambda path: save_file({}, path), "there is no LoRA"),
    ],
)
def test_a_file_that_is_no_lora_of_this_model(
    checkpoints: dict[Kind, Path], tmp_path: Path, make: Callable[[Path], Any], says: str
) -> None:
    make(tmp_path / "style.safetensors")
    with pytest.raises(GeneratorError, match=says) as raised:
        load(checkpoints["ti2v"], lora=tmp_path / "style.safetensors")
    assert "style.safetensors" in str(raised.value)


# ---------------------------------------------------------------------------------- the terminal


def test_nothing_of_other_libraries_reaches_the_terminal(checkpoints: dict[Kind, Path]) -> None:
    script = (
        "from reverie import config\n"
        "from reverie.video.wan.pipeline import load_pipeline\n"
        f"wan = config.Wan(model={str(checkpoints['ti2v'])!r}, preset='edge', encoder='cpu', device='cpu')\n"
        "pipe = load_pipeline(wan, width=96, height=64)\n"
        "print(len(list(pipe.film('a cat', frames=1, width=96, height=64, seed=1))))\n"
    )
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=one_thread)
    assert (done.stdout, done.stderr) == ("1\n", "")
