"""Presets, and the version that a clip's key holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverie import config
from reverie.video.wan.recipe import NEGATIVE, few_sigmas, make_recipe, resolved, version_of


def wan(**changes: Any) -> config.Wan:
    return config.Wan.model_validate({"model": "/nowhere", "preset": "fast", **changes})


@pytest.mark.parametrize(
    ("changes", "height", "steps", "guidance", "shift"),
    [
        ({"preset": "quality"}, 480, 30, 5.0, 3.0),
        ({"preset": "quality"}, 688, 30, 5.0, 3.0),  # below 704 lines
        ({"preset": "quality"}, 704, 30, 5.0, 5.0),  # the 5B's own
        ({"preset": "fast"}, 480, 3, 1.0, 3.0),
        ({"preset": "edge"}, 480, 3, 1.0, 3.0),
        ({"preset": "quality", "steps": 25, "guidance": 7.5, "shift": 8}, 480, 25, 7.5, 8.0),
        ({"preset": "fast", "steps": 4}, 480, 4, 1.0, 3.0),
    ],
)
def test_presets(changes: dict[str, Any], height: int, steps: int, guidance: float, shift: float) -> None:
    recipe = make_recipe(wan(**changes), height)
    assert (recipe.steps, recipe.guidance, recipe.shift) == (steps, guidance, shift)
    assert recipe.guided == (guidance > 1)
    assert (recipe.sigmas is None) == (changes["preset"] == "quality")
    assert recipe.int8 == (changes["preset"] == "edge")


def test_the_callers_word_goes_over_the_operators() -> None:
    settings = wan(preset="quality", steps=20, guidance=3, negative="rain")
    recipe = make_recipe(settings, 480, steps=2, guidance=1.0, negative="")
    assert (recipe.steps, recipe.guidance, recipe.negative) == (2, 1.0, "")
    assert make_recipe(settings, 480).negative == "rain"
    assert make_recipe(wan(), 480).negative == NEGATIVE


@pytest.mark.parametrize(
    ("folder", "preset"),
    [
        ("FastVideo--FastWan2.2-TI2V-5B-FullAttn-Diffusers", "fast"),  # known to be distilled
        ("Wan-AI--Wan2.2-TI2V-5B-Diffusers", "quality"),
        ("my-finetune", "quality"),  # nobody knows
    ],
)
def test_without_a_preset_it_is_the_weights_own(tmp_path: Path, folder: str, preset: str) -> None:
    path = tmp_path / folder
    path.mkdir()
    (path / "model_index.json").write_text('{"_class_name": "WanPipeline"}')
    assert resolved(wan(model=str(path), preset="auto")).preset == preset
    assert resolved(wan(model=str(path), preset="edge")).preset == "edge"


def test_without_a_preset_and_the_weights() -> None:
    assert resolved(wan(preset="auto")).preset == "quality"


def test_a_decoder_that_is_named_is_used_with_any_preset() -> None:
    assert not make_recipe(wan(preset="fast"), 480).tiny
    assert make_recipe(wan(preset="fast", decoder="tiny.pth"), 480).tiny
    assert make_recipe(wan(preset="edge"), 480).tiny


def test_three_steps_are_the_distilled_ones() -> None:
    assert few_sigmas(3) == (1.0, 0.757, 0.522)


@given(st.integers(1, 100))
def test_sigmas_fall_from_one_and_stay_above_zero(steps: int) -> None:
    sigmas = few_sigmas(steps)
    assert len(sigmas) == steps
    assert sigmas[0] == 1.0
    assert list(sigmas) == sorted(set(sigmas), reverse=True)
    assert sigmas[-1] > 0


@pytest.mark.parametrize(
    "change",
    [
        {"preset": "quality"},
        {"steps": 4},
        {"guidance": 2.0},
        {"shift": 4.0},
        {"rate": 8.0},
        {"segment": 17},
        {"dtype": "fp16"},
        {"lora": "style.safetensors"},
        {"decoder": "tiny.safetensors"},
    ],
)
def test_whatever_shows_in_the_picture_is_in_the_version(change: dict[str, Any]) -> None:
    assert version_of(wan(**change)) != version_of(wan())


@pytest.mark.parametrize(
    "change",
    [
        {"device": "cpu"},  # seeds are the CPU's on every device
        {"encoder": "none"},  # rows are the same whoever made them
        {"memory_gib": 8.0},
        {"language": "zh"},  # the prompts themselves are in the key
        {"negative": "rain"},  # nothing leads away from it at guidance 1
    ],
)
def test_whatever_does_not_show_is_not(change: dict[str, Any]) -> None:
    assert version_of(wan(**change)) == version_of(wan())


def test_the_negative_prompt_shows_only_with_guidance() -> None:
    guided = {"preset": "quality"}
    assert version_of(wan(**guided, negative="rain")) != version_of(wan(**guided))


def test_weights_that_are_not_here_stop_nobody_from_wishing(tmp_path: Path) -> None:
    assert version_of(wan(model="wan2.2-ti2v-5b")).startswith("absent ")
    assert version_of(wan(model="no such thing")).startswith("absent ")
    assert version_of(wan(model=f"{tmp_path}/none")).startswith("absent ")


def test_other_weights_are_another_version(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("{}")
    before = version_of(wan(model=str(tmp_path)))
    assert not before.startswith("absent")
    (tmp_path / "model_index.json").write_text('{"a": 1}')
    after = version_of(wan(model=str(tmp_path)))
    assert after != before
    # The tiny decoder beside the model shows with the preset edge alone.
    edge = version_of(wan(model=str(tmp_path), preset="edge"))
    (tmp_path / "tiny_vae.safetensors").write_bytes(b"weights")
    assert version_of(wan(model=str(tmp_path), preset="edge")) != edge
    assert version_of(wan(model=str(tmp_path))) == after


def test_another_lora_of_the_same_name_is_another_version(tmp_path: Path) -> None:
    lora = tmp_path / "style.safetensors"
    lora.write_bytes(b"one")
    before = version_of(wan(lora=lora))
    lora.write_bytes(b"another")
    assert version_of(wan(lora=lora)) != before
    assert version_of(wan(lora=lora, lora_scale=0.5)) != version_of(wan(lora=lora))
