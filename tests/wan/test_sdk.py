"""The article's SDK on a tiny checkpoint: its snippet as printed, and how what cannot be is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from tiny import save_checkpoint

import reverie.video.sdk
from reverie import AutoTokenizer, Wan2VGenerator, save_video
from reverie.errors import Cancelled, GeneratorError
from reverie.video.encode import probe
from reverie.video.wan import checkpoint as checkpoints
from reverie.video.wan.pipeline import Wan

TEXT = "A child is picking up a toy car"
SMALL: dict[str, Any] = {"height": 64, "width": 96, "num_inference_steps": 1, "guidance_scale": 1}


@pytest.fixture
def models(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder in which the tiny checkpoint is what Wan2.2-TI2V-5B would be."""
    folder = tmp_path / "models"
    monkeypatch.setenv("REVERIE_MODELS", str(folder))
    folder.mkdir()
    checkpoints.place_of("wan").symlink_to(checkpoint)
    return folder


@pytest.fixture(scope="module")
def model(checkpoint: Path) -> Wan2VGenerator:
    return Wan2VGenerator.from_pretrained(checkpoint, device="cpu")


def test_the_snippet_runs_as_printed(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one in the module's docstring; only the device is another, and the numbers are small."""
    printed = reverie.video.sdk.__doc__ or ""
    lines = [line[4:] for line in printed.splitlines() if line.startswith("    ")]
    snippet = "\n".join(lines)
    for large, small in (("cuda", "cpu"), ("height=480, width=640", "height=96, width=128"), ("=25", "=2")):
        assert large in snippet
        snippet = snippet.replace(large, small)
    monkeypatch.chdir(tmp_path)
    with pytest.warns(UserWarning, match="16 are made as 17 and cut"):
        exec(snippet, {})
    film = probe(tmp_path / "output.mp4")
    assert (film.frames, film.width, film.height) == (16, 128, 96)
    assert film.seconds == pytest.approx(16 / 5)


def test_names_are_the_same_model(models: Path) -> None:
    for name in ("wan2.2-t2v-5b", "wan", "Wan-AI/Wan2.2-TI2V-5B-Diffusers"):
        made = Wan2VGenerator.from_pretrained(name, device="cpu")
        assert made.path == checkpoints.place_of("wan")


def test_the_preset_is_what_the_weights_were_made_for(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    presets: list[str] = []

    def load(settings: Any, *, width: int, height: int) -> Any:
        presets.append(settings.preset)

    monkeypatch.setattr("reverie.video.wan.pipeline.load_pipeline", load)
    Wan2VGenerator.from_pretrained("wan")
    Wan2VGenerator.from_pretrained("wan", preset="edge")
    Wan2VGenerator.from_pretrained(save_checkpoint(tmp_path / "FastWan-tiny"))
    assert presets == ["quality", "edge", "fast"]


# The same tokens, as a caller may have them.
@pytest.mark.parametrize(
    "given",
    [
        lambda ids: {"input_ids": torch.tensor([ids])},
        lambda ids: {"input_ids": torch.tensor(ids)},
        lambda ids: {"input_ids": np.array([ids])},
        lambda ids: {"input_ids": ids},
        lambda ids: {"input_ids": ids[:-1]},  # without the end
        lambda ids: {"input_ids": [*ids, 0, 0, 0]},  # padded
        lambda ids: {"input_ids": [ids + [0] * 3], "attention_mask": [[1] * len(ids) + [0] * 3]},
        lambda ids: {"prompt": TEXT},
    ],
)
def test_tokens_are_as_good_as_their_text(
    model: Wan2VGenerator, given: Callable[[list[int]], dict[str, Any]]
) -> None:
    ids = model.tokenizer(TEXT)["input_ids"]
    video = model(**given(ids), num_frames=5, **SMALL)
    assert np.array_equal(video, model(TEXT, num_frames=5, **SMALL))
    assert not np.array_equal(video, model("A cat", num_frames=5, **SMALL))


def test_a_film_is_frames_that_its_seed_decides(model: Wan2VGenerator) -> None:
    shares: list[float] = []
    video = model(TEXT, num_frames=9, progress=shares.append, **SMALL)
    assert video.dtype == np.uint8
    assert video.shape == (9, 64, 96, 3)
    assert video.flags.c_contiguous
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert np.array_equal(video, model(TEXT, num_frames=9, **SMALL))
    assert not np.array_equal(video, model(TEXT, num_frames=9, seed=1, **SMALL))


# How many are asked for, how many Wan makes.
@pytest.mark.parametrize(("frames", "made"), [(2, 5), (4, 5), (6, 9), (16, 17)])
def test_frames_between_are_cut_and_that_is_said(model: Wan2VGenerator, frames: int, made: int) -> None:
    with pytest.warns(UserWarning, match=f"{frames} are made as {made} and cut"):
        video = model(TEXT, num_frames=frames, **SMALL)
    assert np.array_equal(video, model(TEXT, num_frames=made, **SMALL)[:frames])


def test_a_film_may_begin_with_a_picture(model: Wan2VGenerator, tmp_path: Path) -> None:
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[20:40, 30:60] = (200, 40, 40)
    Pillow.fromarray(picture).save(tmp_path / "toy.png")
    films = [
        model(TEXT, image=image, num_frames=5, **SMALL)
        for image in (picture, Pillow.fromarray(picture), tmp_path / "toy.png", str(tmp_path / "toy.png"))
    ]
    assert all(np.array_equal(films[0], film) for film in films)
    assert not np.array_equal(films[0], model(TEXT, num_frames=5, **SMALL))


def test_tensors_are_saved_as_arrays_are(model: Wan2VGenerator, tmp_path: Path) -> None:
    video = model(TEXT, num_frames=5, **SMALL)
    plain = save_video(video, tmp_path / "plain.mp4").read_bytes()
    for name, tensor in (
        ("bytes", torch.from_numpy(video)),
        ("floats", torch.from_numpy(video)[None].float().requires_grad_() / 255),
    ):
        assert save_video(tensor, tmp_path / f"{name}.mp4").read_bytes() == plain
    assert probe(save_video(torch.rand(3, 64, 64, 3).bfloat16(), tmp_path / "half.mp4")).frames == 3


def test_progress_may_stop_it_and_the_next_film_is_whole(model: Wan2VGenerator) -> None:
    def stop(share: float) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        model(TEXT, num_frames=5, progress=stop, **SMALL)
    assert len(model(TEXT, num_frames=5, **SMALL)) == 5


# What is asked, and what is told.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "give either `prompt` or `input_ids`; found neither"),
    ({"prompt": TEXT, "input_ids": [1]}, "found both"),
    ({"prompt": [TEXT]}, "`prompt` is one text; found list: one film a call"),
    ({"prompt": ""}, "the prompt is empty"),
    ({"prompt": "x" * 5000}, "the prompt has 5000 characters"),
    ({"prompt": TEXT, "num_frames": 0}, "0 frames at once; allowed are 1 to 241"),
    ({"prompt": TEXT, "num_frames": 10_000}, "10000 frames at once"),
    ({"prompt": TEXT, "num_frames": 16.5}, r"num_frames is 16\.5; a whole number"),
    ({"prompt": TEXT, "num_frames": "16"}, "num_frames is '16'; a whole number"),
    ({"prompt": TEXT, "width": 100}, "100x64: both sides must divide by 32 .*near is 96x64"),
    ({"prompt": TEXT, "height": 0}, "96x0: both sides"),
    ({"prompt": TEXT, "height": -64}, "96x-64: both sides"),
    ({"prompt": TEXT, "width": 9600}, "9600x64: .* at most 3840"),
    ({"prompt": TEXT, "num_inference_steps": 0}, "num_inference_steps is 0; allowed are 1 to 100"),
    ({"prompt": TEXT, "guidance_scale": 0.5}, r"guidance_scale is 0\.5; allowed are 1 \(none\) to 20"),
    ({"prompt": TEXT, "guidance_scale": float("nan")}, "guidance_scale is nan"),
    ({"prompt": TEXT, "guidance_scale": "7"}, "guidance_scale is '7'"),
    ({"prompt": TEXT, "seed": -1}, "seed is -1; allowed are 0 to"),
    ({"prompt": TEXT, "image": "none.png"}, "picture none.png: cannot be read"),
    ({"prompt": TEXT, "image": np.zeros((64, 96))}, r"image is float64 \(64, 96\); expected \(H, W, 3\)"),
    ({"input_ids": []}, r"input_ids are float64 \(0,\); expected whole numbers"),
    ({"input_ids": [[5, 6], [7, 8]]}, r"input_ids are int64 \(2, 2\); .*one film a call"),
    ({"input_ids": [0, 0]}, "input_ids hold 0 tokens; allowed are 1 to 512"),
    ({"input_ids": [5] * 513}, "input_ids hold 513 tokens"),
    ({"input_ids": [5, 100_000]}, "the token 100000; this model's tokenizer knows 0 to 258"),
    ({"input_ids": [5, -1]}, "the token -1"),
    ({"input_ids": [5, 1, 6]}, "are of no text that this model's tokenizer knows"),
    ({"input_ids": [5, 6], "attention_mask": [1]}, "attention_mask has 1 entries, input_ids 2"),
]


@pytest.mark.parametrize(("asked", "told"), WRONG)
def test_what_can_never_be_made_is_a_value_error(
    model: Wan2VGenerator, asked: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        model(**{"num_frames": 5, **SMALL, **asked})


def test_nothing_is_warned_of_a_film_that_is_not_made(model: Wan2VGenerator) -> None:
    with pytest.raises(ValueError, match="divide by 32"):
        model(TEXT, num_frames=16, height=100)


# What is asked of `from_pretrained`, and what is told.
@pytest.mark.parametrize(
    ("name", "settings", "error", "told"),
    [
        ("wan2.2-t2v-5b", {"device": "cuda:9"}, GeneratorError, "cuda:9.*is not there"),
        (
            "wan2.2-t2v-5b",
            {"device": "tpu"},
            ValueError,
            r'^device: not .* found "tpu" \(auto, cpu, cuda or cuda:1\.',
        ),
        ("wan2.2-t2v-5b", {"preset": "turbo"}, ValueError, "preset: .*'quality', 'fast' or 'edge'"),
        ("wan2.2-t2v-5b", {"torch_dtype": "bf16"}, ValueError, "torch_dtype: no such setting; .*dtype"),
        ("wan2.1-t2v-1.3b", {}, GeneratorError, r"reverie models pull wan2\.1-t2v-1\.3b"),
        ("wan2.2", {}, GeneratorError, "'wan2.2' is unknown"),
        ("./none", {}, GeneratorError, "no such folder"),
        (Path("none"), {}, GeneratorError, "no such folder"),
        ("", {}, ValueError, "name or folder is expected"),
        (7, {}, ValueError, "name or folder is expected; found 7"),
    ],
)
def test_a_model_that_cannot_be_loaded(
    name: Any, settings: dict[str, Any], error: type[Exception], told: str, models: Path
) -> None:
    with pytest.raises(error, match=told):
        Wan2VGenerator.from_pretrained(name, **{"device": "cpu", **settings})


def test_a_checkpoint_without_a_tokenizer(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "bare")
    for file in (folder / "tokenizer").iterdir():
        file.unlink()
    with pytest.raises(GeneratorError, match=re.escape(f"{folder / 'tokenizer'}: cannot be loaded")):
        AutoTokenizer.from_pretrained(folder)
    (folder / "tokenizer").rmdir()
    with pytest.raises(GeneratorError, match="has no tokenizer; give a prompt instead"):
        AutoTokenizer.from_pretrained(folder)


def test_a_loaded_pipeline_may_be_handed_in(checkpoint: Path, model: Wan2VGenerator) -> None:
    assert isinstance(model._wan, Wan)
    assert Wan2VGenerator(model._wan).path == checkpoint
