"""Looking at a checkpoint without loading it: hand-made files of the layout, no torch."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from reverie.errors import GeneratorError
from reverie.models import models_folder
from reverie.video.wan.checkpoint import NAMES, digest, find, header, inspect, place_of

TRANSFORMER: dict[str, Any] = {
    "_class_name": "WanTransformer3DModel",
    "num_layers": 2,
    "num_attention_heads": 2,
    "attention_head_dim": 24,
    "ffn_dim": 96,
    "in_channels": 48,
    "text_dim": 32,
    "patch_size": [1, 2, 2],
    "freq_dim": 32,
}
VAE: dict[str, Any] = {
    "_class_name": "AutoencoderKLWan",
    "z_dim": 48,
    "scale_factor_spatial": 16,
    "scale_factor_temporal": 4,
    "base_dim": 8,
    "decoder_base_dim": 10,
    "num_res_blocks": 1,
    "is_residual": True,
    "patch_size": 2,
}
SMALL = {"in_channels": 16}
"""What the transformer of Wan2.1 and A14B has else; its VAE is as wide, and 8 pixels a latent."""
SMALL_VAE = {"z_dim": 16, "scale_factor_spatial": 8, "is_residual": False, "patch_size": None}


def write_weights(path: Path, **tensors: int) -> None:
    """A safetensors file with a vector of so many zeros for each name."""
    entries, end = {}, 0
    for name, count in tensors.items():
        entries[name] = {"dtype": "F32", "shape": [count], "data_offsets": [end, end + 4 * count]}
        end += 4 * count
    blob = json.dumps(entries).encode()
    path.write_bytes(struct.pack("<Q", len(blob)) + blob + bytes(end))


def write_component(folder: Path, config: dict[str, Any], **tensors: int) -> None:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    write_weights(folder / "diffusion_pytorch_model.safetensors", **tensors)


def write_checkpoint(
    folder: Path, kind: str = "ti2v", said: str = "WanPipeline", encoder: bool = True
) -> Path:
    small = kind != "ti2v"
    index: dict[str, Any] = {
        "_class_name": said,
        "expand_timesteps": kind == "ti2v",
        "boundary_ratio": 0.875 if kind == "a14b" else None,
        "text_encoder": ["transformers", "UMT5EncoderModel"],
        "transformer_2": ["diffusers", "WanTransformer3DModel"] if kind == "a14b" else [None, None],
    }
    transformer = TRANSFORMER | (SMALL if small else {})
    vae = VAE | (SMALL_VAE if small else {})
    weights = {"blocks.0.attn1.to_q.weight": 30, "proj_out.weight": 10}
    write_component(folder / "transformer", transformer, **weights)
    if kind == "a14b":
        write_component(folder / "transformer_2", transformer, **weights)
    write_component(
        folder / "vae", vae, **{"encoder.a": 5, "decoder.a": 7, "post_quant_conv.a": 2, "quant_conv.a": 1}
    )
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text('{"_class_name": "UniPCMultistepScheduler"}')
    if encoder:
        (folder / "text_encoder").mkdir()
        (folder / "text_encoder" / "config.json").write_text("{}")
        write_weights(folder / "text_encoder" / "model.safetensors", words=64)
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


@pytest.mark.parametrize(
    ("kind", "step", "experts", "boundary", "takes_picture", "motion"),
    [
        ("ti2v", 32, 1, None, True, 24),  # Wan2.2-TI2V-5B: 16 pixels a latent, two latents a token
        ("t2v", 16, 1, None, False, 16),  # Wan2.1-T2V-1.3B
        ("a14b", 16, 2, 0.875, False, 16),  # Wan2.2-T2V-A14B
    ],
)
def test_the_three_kinds(
    tmp_path: Path,
    kind: str,
    step: int,
    experts: int,
    boundary: float | None,
    takes_picture: bool,
    motion: int,
) -> None:
    found = inspect(write_checkpoint(tmp_path / "wan", kind))
    assert found.kind == kind
    assert (found.step, found.experts, found.boundary) == (step, experts, boundary)
    assert (found.takes_picture, found.motion) == (takes_picture, motion)
    assert (found.layers, found.heads, found.head_dim, found.ffn, found.text_dim) == (2, 2, 24, 96, 32)
    assert found.parameters["transformer"] == 40
    assert found.sizes["text_encoder"] > 64 * 4
    assert found.shape.experts == experts
    assert (found.shape.vae, found.shape.decoder, found.shape.encoder) == (15, 9, 64)


def test_a_part_for_pictures_is_known_by_its_weights(tmp_path: Path) -> None:
    """Some copies of the 5B's configuration speak of a part that its weights do not have."""
    path = write_checkpoint(tmp_path / "wan")
    spoken = json.loads((path / "transformer" / "config.json").read_text()) | {"image_dim": 1280}
    (path / "transformer" / "config.json").write_text(json.dumps(spoken))
    assert inspect(path).kind == "ti2v"
    looks = {"condition_embedder.image_embedder.norm1.weight": 4}
    write_weights(path / "transformer" / "diffusion_pytorch_model.safetensors", **looks)
    with pytest.raises(GeneratorError, match="image-to-video checkpoint of another kind"):
        inspect(path)


def test_a_box_without_the_encoder(tmp_path: Path) -> None:
    assert inspect(write_checkpoint(tmp_path / "a")).has_encoder
    assert not inspect(write_checkpoint(tmp_path / "b", encoder=False)).has_encoder


@pytest.mark.parametrize(
    ("folder", "said", "distilled"),
    [
        ("Wan-AI--Wan2.2-TI2V-5B-Diffusers", "WanPipeline", False),  # as pulled
        ("FastVideo--FastWan2.2-TI2V-5B-FullAttn-Diffusers", "WanPipeline", True),
        ("anything", "WanDMDPipeline", True),  # FastVideo's own name for few steps
        ("my-finetune", "WanPipeline", None),  # nothing says so
    ],
)
def test_whether_it_is_distilled(tmp_path: Path, folder: str, said: str, distilled: bool | None) -> None:
    assert inspect(write_checkpoint(tmp_path / folder, said=said)).distilled is distilled


# ---------------------------------------------------------------------------------- what is wrong


def drop(name: str) -> Any:
    return lambda path: (path / name).unlink()


def change(name: str, **values: Any) -> Any:
    def act(path: Path) -> None:
        file = path / name
        file.write_text(json.dumps(json.loads(file.read_text()) | values))

    return act


def cut(name: str, count: int) -> Any:
    def act(path: Path) -> None:
        file = path / name
        file.write_bytes(file.read_bytes()[:count])

    return act


def write(name: str, text: str) -> Any:
    return lambda path: (path / name).write_text(text)


def shard(path: Path) -> None:
    """The transformer in two shards, of which one is not there."""
    folder = path / "transformer"
    (folder / "diffusion_pytorch_model.safetensors").rename(folder / "part-1.safetensors")
    weights = {"blocks.0.attn1.to_q.weight": "part-1.safetensors", "proj_out.weight": "part-2.safetensors"}
    index = folder / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": weights}))


def half_shard(path: Path) -> None:
    """Both shards are there, and one has not what the index says."""
    shard(path)
    write_weights(path / "transformer" / "part-2.safetensors", other=3)
    (path / "transformer" / "part-1.safetensors").unlink()
    write_weights(path / "transformer" / "part-1.safetensors", **{"blocks.0.attn1.to_q.weight": 30})


MODEL = "transformer/diffusion_pytorch_model.safetensors"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (drop("model_index.json"), r"model_index\.json: is missing"),
        (write("model_index.json", "{"), r"model_index\.json: is damaged"),
        (write("model_index.json", "[]"), r"model_index\.json: is damaged: expected an object"),
        (
            change("model_index.json", _class_name="StableDiffusionPipeline"),
            "is for 'StableDiffusionPipeline'",
        ),
        (drop("transformer/config.json"), r"transformer/config\.json: is missing"),
        (change("vae/config.json", _class_name="AutoencoderKL"), "is a AutoencoderKL; expected"),
        (change("transformer/config.json", in_channels=36), "image-to-video checkpoint of another kind"),
        (change("transformer/config.json", num_layers=0), "num_layers is 0"),
        (change("transformer/config.json", ffn_dim="wide"), "ffn_dim is 'wide'"),
        (drop("scheduler/scheduler_config.json"), r"scheduler_config\.json: is missing"),
        (drop(MODEL), "transformer: has no weights as safetensors"),
        (cut(MODEL, 4), "cut off at its beginning"),
        (cut(MODEL, 60), "cut off at its beginning"),  # inside the header
        (cut(MODEL, -8), "and should be .* cut off"),
        (write(MODEL, "<html>not found</html>"), "is no safetensors file"),
        (shard, r"part-2\.safetensors: is missing"),
        (half_shard, "names 'proj_out.weight', which is in none"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, spoil: Any, says: str) -> None:
    path = write_checkpoint(tmp_path / "wan")
    spoil(path)
    with pytest.raises(GeneratorError, match=says) as raised:
        inspect(path)
    assert str(path) in str(raised.value)


def test_pickles_are_never_loaded(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "wan")
    (path / MODEL).rename(path / "transformer" / "diffusion_pytorch_model.bin")
    with pytest.raises(GeneratorError, match=r"diffusion_pytorch_model\.bin is a pickle"):
        inspect(path)


def test_experts_that_do_not_belong_together(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "wan", "a14b")
    change("transformer_2/config.json", text_dim=64)(path)
    with pytest.raises(GeneratorError, match="do not take the same latents"):
        inspect(path)


@pytest.mark.parametrize(
    "entries",
    [
        b'{"a": {}}',  # no offsets
        b'{"a": {"shape": [1], "data_offsets": [0]}}',
        b'{"a": 5}',
        b"[1, 2]",
        b"\xff\xff\xff",
    ],
)
def test_a_damaged_header(tmp_path: Path, entries: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(entries)) + entries)
    with pytest.raises(GeneratorError, match=r"model\.safetensors: has a damaged header"):
        header(path)


# ---------------------------------------------------------------------------------- where it is


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REVERIE_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_models_are_kept_in_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("REVERIE_MODELS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert models_folder() == tmp_path / "reverie" / "models"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert models_folder() == Path.home() / ".cache" / "reverie" / "models"


def test_a_model_is_found_by_folder_short_name_or_hub_id(models: Path, tmp_path: Path) -> None:
    pulled = write_checkpoint(models / "Wan-AI--Wan2.2-TI2V-5B-Diffusers")
    for name in ("wan2.2-ti2v-5b", "wan2.2-t2v-5b", "wan", "WAN", "Wan-AI/Wan2.2-TI2V-5B-Diffusers"):
        assert find(name) == pulled == place_of(name)
    assert find(str(tmp_path)) == tmp_path


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("wan2.1-t2v-1.3b", "fetch it with `reverie models pull wan2.1-t2v-1.3b`"),
        ("someone/their-wan", "fetch it with `reverie models pull someone/their-wan`"),
        ("wan2.2-tiv2-5b", "did you mean 'wan2.2-ti2v-5b'"),
        ("sora", "is unknown. Allowed: "),
        ("./nowhere", "nowhere: no such folder"),
        ("/nowhere/at/all", "/nowhere/at/all: no such folder"),
        ("a/b/c", "is unknown"),
    ],
)
def test_a_model_that_is_not_here(models: Path, model: str, says: str) -> None:
    with pytest.raises(GeneratorError) as raised:
        find(model)
    assert says in str(raised.value)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.touch()
    with pytest.raises(GeneratorError, match="is no folder"):
        find(str(file))


def test_every_short_name_says_what_it_is() -> None:
    for known in NAMES.values():
        assert known.repo.count("/") == 1
        assert known.licence
        assert known.what
        assert known.gigabytes > 10


# ---------------------------------------------------------------------------------- its name


def test_the_digest_is_of_what_shows(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "wan")
    before = digest(path)
    assert before == digest(path) == digest(write_checkpoint(tmp_path / "again"))
    assert len(before) == 16
    # The encoder may be deleted once the prompts are compiled.
    (path / "text_encoder" / "model.safetensors").unlink()
    assert digest(path) == before
    (path / "README.md").write_text("about")
    assert digest(path) == before


@pytest.mark.parametrize(
    "spoil",
    [
        change("model_index.json", boundary_ratio=0.9),
        change("transformer/config.json", qk_norm="none"),
        change("scheduler/scheduler_config.json", flow_shift=3.0),
        lambda path: write_weights(path / MODEL, **{"blocks.0.attn1.to_q.weight": 31}),
        drop("vae/diffusion_pytorch_model.safetensors"),
    ],
)
def test_the_digest_changes_with_it(tmp_path: Path, spoil: Any) -> None:
    path = write_checkpoint(tmp_path / "wan")
    before = digest(path)
    spoil(path)
    assert digest(path) != before


def test_an_empty_folder_has_no_digest(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="has no checkpoint"):
        digest(tmp_path)
