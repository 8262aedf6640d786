"""A Wan checkpoint in a folder, looked at without loading it: what it is, whether it is whole. No torch.

A checkpoint is in the Diffusers layout: `model_index.json`, and a folder for each component with its
`config.json` and its weights as safetensors, in one file or in shards that an index names.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import json
import math
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from reverie.errors import GeneratorError
from reverie.models import models_folder
from reverie.video.wan.arithmetic import Convolutions, Shape

Kind = Literal["ti2v", "t2v", "a14b"]
"""ti2v: Wan2.2-TI2V-5B (a time for every token, so that a picture can be given); t2v: Wan2.1-T2V; a14b:
Wan2.2-T2V-A14B, two experts."""


@dataclass(frozen=True, slots=True)
class Known:
    """A checkpoint that `reverie models pull` knows: `repo` on the Hugging Face hub.

    `gigabytes` is about what the download takes, without what is not needed.
    """

    repo: str
    licence: str
    what: str
    gigabytes: int


_TI2V = Known("Wan-AI/Wan2.2-TI2V-5B-Diffusers", "Apache-2.0", "text and image to video, 5 billion", 34)

NAMES: Mapping[str, Known] = MappingProxyType(
    {
        "wan2.2-ti2v-5b": _TI2V,
        "wan2.2-t2v-5b": _TI2V,
        "wan": _TI2V,
        "fastwan2.2-ti2v-5b": Known(
            "FastVideo/FastWan2.2-TI2V-5B-FullAttn-Diffusers",
            "Apache-2.0",
            "the 5B distilled to 3 steps: for the presets fast and edge",
            34,
        ),
        "wan2.1-t2v-1.3b": Known(
            "Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
            "Apache-2.0",
            "text to video, 1.3 billion, trained at 480 lines",
            29,
        ),
        "wan2.2-t2v-a14b": Known(
            "Wan-AI/Wan2.2-T2V-A14B-Diffusers", "Apache-2.0", "text to video, two experts of 14 billion", 126
        ),
    }
)
"""Short names. There is no release called Wan2.2-T2V-5B: that name means Wan2.2-TI2V-5B."""

PIPELINES = ("WanPipeline", "WanImageToVideoPipeline", "WanDMDPipeline")
"""What `model_index.json` may say: the last is how FastVideo names its distilled checkpoints."""

DISTILLED = re.compile(r"fastwan|dmd|distill|lightning|lightx2v|turbo|causvid", re.IGNORECASE)
"""Folders so called have weights for few steps."""

WEIGHTS = ("diffusion_pytorch_model", "model")
"""How a component's weights are called, before `.safetensors`."""

_HEADER_LIMIT = 100_000_000
"""Bytes of a safetensors header beyond which the file is damaged (the format's own limit)."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint is, from its configs and the headers of its weights.

    `heads` x `head_dim` is the transformer's width. `channels`: of a latent; `spatial`: pixels a latent is
    wide and high; `temporal`: pictures that a latent stands for, after the first; `patch`: latents that a
    token is wide and high. `boundary`: share of the schedule from which the second expert takes over, None
    with one. `distilled`: whether the weights are for few steps, None when nothing says so. `sizes` (bytes on
    disk) and `parameters` (numbers) are by component. `shape` is what costs follow from.
    """

    path: Path
    kind: Kind
    layers: int
    heads: int
    head_dim: int
    ffn: int
    channels: int
    text_dim: int
    spatial: int
    temporal: int
    patch: int
    experts: int
    boundary: float | None
    has_encoder: bool
    distilled: bool | None
    sizes: Mapping[str, int]
    parameters: Mapping[str, int]
    shape: Shape

    @property
    def step(self) -> int:
        """What both sides of a picture must divide by, in pixels."""
        return self.spatial * self.patch

    @property
    def motion(self) -> int:
        """Pictures of a second of the motion that it was trained on: 24 for the 5B, 16 for the others."""
        return 24 if self.kind == "ti2v" else 16

    @property
    def takes_picture(self) -> bool:
        """Whether a film can be made to begin with a picture, and so be continued."""
        return self.kind == "ti2v"


# ---------------------------------------------------------------------------------- where it is


def repo_of(model: str) -> str:
    """The hub id of a short name (of `NAMES`) or of a hub id. Raises GeneratorError for anything else."""
    known = NAMES.get(model.lower())
    if known is not None:
        return known.repo
    if re.fullmatch(r"[\w.-]+/[\w.-]+", model):
        return model
    near = difflib.get_close_matches(model.lower(), NAMES, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise GeneratorError(
        f"model {model!r} is unknown{hint} Allowed: {', '.join(NAMES)}, a hub id as owner/name, or a folder "
        "written with `./`, `~/` or `/` first"
    )


def place_of(model: str) -> Path:
    """Where `reverie models pull` puts a model, by short name or hub id. It need not be there."""
    return models_folder() / repo_of(model).replace("/", "--")


def find(model: str) -> Path:
    """The folder of a model that is on this box: a folder, a short name or a hub id.

    Raises GeneratorError for a folder that is not there and a model that was not pulled. Never downloads.
    """
    if model.startswith((".", "~", "/")):
        try:
            path = Path(model).expanduser()
            if path.is_dir():
                return path
            wrong = "is no folder" if path.exists() else "no such folder"
        except (OSError, RuntimeError, ValueError) as error:  # too long a name, or nobody's home
            path, wrong = Path(model), str(error)
        raise GeneratorError(f"model {path}: {wrong}")
    path = place_of(model)
    if not (path / "model_index.json").is_file():
        raise GeneratorError(
            f"model {model!r} is not on this box ({path}); fetch it with `reverie models pull {model}`"
        )
    return path


# ---------------------------------------------------------------------------------- what it is


def inspect(path: Path) -> Checkpoint:
    """What the checkpoint in `path` is, and that every file of it is there and whole.

    Raises GeneratorError that names what is wrong and where.
    """
    index = read_json(path / "model_index.json", "a Diffusers checkpoint begins with it")
    said = index.get("_class_name")
    if said not in PIPELINES:
        raise GeneratorError(f"{path}/model_index.json: is for {said!r}; allowed: {', '.join(PIPELINES)}")
    names = ["transformer", *(["transformer_2"] if _has(index, "transformer_2") else []), "vae"]
    transformer = _component(path, "transformer", "WanTransformer3DModel")
    vae = _component(path, "vae", "AutoencoderKLWan")
    read_json(path / "scheduler" / "scheduler_config.json", "the noise schedule")
    if len(names) == 3:
        other = _component(path, "transformer_2", "WanTransformer3DModel")
        if any(other.get(key) != transformer.get(key) for key in ("in_channels", "text_dim", "patch_size")):
            raise GeneratorError(f"{path}: transformer and transformer_2 do not take the same latents")
    channels = _number(path / "vae", vae, "z_dim")
    taken = _number(path / "transformer", transformer, "in_channels")
    if taken != channels:
        raise GeneratorError(
            f"{path}: the transformer takes {taken} channels and the VAE makes {channels}: an image-to-video "
            "checkpoint of another kind; allowed: Wan2.2-TI2V-5B, Wan2.1-T2V, Wan2.2-T2V-A14B and their like"
        )
    if _has(index, "text_encoder") and (path / "text_encoder" / "config.json").is_file():
        names.append("text_encoder")
    weights = {name: headers(path / name) for name in names}
    # By its weights, not its configuration: some copies of the 5B's speak of what it has no part for.
    seen = [key for file in weights["transformer"].values() for key in file.names if "image_embedder" in key]
    if seen:
        raise GeneratorError(
            f"{path}: the transformer looks at pictures in a way of its own ({min(seen)}): an image-to-video "
            "checkpoint of another kind; allowed: Wan2.2-TI2V-5B, Wan2.1-T2V, Wan2.2-T2V-A14B and their like"
        )
    parameters = {name: sum(file.numbers for file in weights[name].values()) for name in names}
    wide = bool(index.get("expand_timesteps", channels == 48))
    kind: Kind = "a14b" if "transformer_2" in names else "ti2v" if wide else "t2v"
    patch = transformer.get("patch_size", (1, 2, 2))
    decoding = sum(
        count
        for file in weights["vae"].values()
        for part, count in file.parts.items()
        if part in ("decoder", "post_quant_conv")
    )
    shape = Shape(
        layers=_number(path / "transformer", transformer, "num_layers"),
        heads=_number(path / "transformer", transformer, "num_attention_heads"),
        head_dim=_number(path / "transformer", transformer, "attention_head_dim"),
        ffn=_number(path / "transformer", transformer, "ffn_dim"),
        channels=channels,
        text_dim=_number(path / "transformer", transformer, "text_dim"),
        spatial=int(vae.get("scale_factor_spatial", 8)),
        temporal=int(vae.get("scale_factor_temporal", 4)),
        patch=int(patch[1]),
        transformer=parameters["transformer"],
        vae=parameters["vae"],
        decoder=decoding,
        encoder=parameters.get("text_encoder", 0),
        convolutions=Convolutions(
            dim=int(vae.get("decoder_base_dim") or vae.get("base_dim", 96)),
            mult=tuple(vae.get("dim_mult", (1, 2, 4, 4))),
            blocks=int(vae.get("num_res_blocks", 2)),
            residual=bool(vae.get("is_residual", False)),
            patch=int(vae.get("patch_size") or 1),
        ),
        timesteps=kind == "ti2v",
        experts=2 if kind == "a14b" else 1,
        freq_dim=int(transformer.get("freq_dim", 256)),
    )
    return Checkpoint(
        path=path,
        kind=kind,
        layers=shape.layers,
        heads=shape.heads,
        head_dim=shape.head_dim,
        ffn=shape.ffn,
        channels=channels,
        text_dim=shape.text_dim,
        spatial=shape.spatial,
        temporal=shape.temporal,
        patch=shape.patch,
        experts=shape.experts,
        boundary=float(index.get("boundary_ratio") or 0.875) if kind == "a14b" else None,
        has_encoder="text_encoder" in names,
        distilled=_distilled(path, str(said)),
        sizes=MappingProxyType({n: sum(file.size for file in weights[n].values()) for n in names}),
        parameters=MappingProxyType(parameters),
        shape=shape,
    )


def is_distilled(path: Path) -> bool | None:
    """Whether the weights in `path` are for few steps; None when nothing says so. Raises GeneratorError."""
    said = read_json(path / "model_index.json", "a Diffusers checkpoint begins with it").get("_class_name")
    return _distilled(path, str(said))


def _distilled(path: Path, said: str) -> bool | None:
    name = path.absolute().name
    if said == "WanDMDPipeline" or DISTILLED.search(name):
        return True
    return False if name.lower().startswith("wan-ai--") else None


def _has(index: Mapping[str, Any], name: str) -> bool:
    entry = index.get(name)
    return isinstance(entry, list) and len(entry) == 2 and entry[1] is not None


def _component(path: Path, name: str, wanted: str) -> Mapping[str, Any]:
    found = read_json(path / name / "config.json", f"the configuration of the {name}")
    if found.get("_class_name", wanted) != wanted:
        raise GeneratorError(f"{path / name}/config.json: is a {found['_class_name']}; expected a {wanted}")
    return found


def _number(path: Path, config: Mapping[str, Any], key: str) -> int:
    value = config.get(key)
    if not isinstance(value, int) or value < 1:
        raise GeneratorError(f"{path}/config.json: {key} is {value!r}; expected a whole number above 0")
    return value


def read_json(path: Path, purpose: str) -> Mapping[str, Any]:
    """The object in a JSON file. Raises GeneratorError, saying what the file is for, where it is not."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise GeneratorError(f"{path}: is missing ({purpose})") from None
    except OSError as error:
        raise GeneratorError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise GeneratorError(f"{path}: is damaged: {error}") from error
    if not isinstance(found, dict):
        raise GeneratorError(f"{path}: is damaged: expected an object ({purpose})")
    return found


# ---------------------------------------------------------------------------------- weights


@dataclass(frozen=True, slots=True)
class Header:
    """What a safetensors file says of itself.

    `digest`: 64 hex digits of the header; `size`: bytes of the whole file; `numbers` in it, all together and
    in `parts` by the first word of their names; `names` of its tensors.
    """

    digest: str
    size: int
    numbers: int
    parts: Mapping[str, int]
    names: frozenset[str]


def headers(folder: Path) -> Mapping[str, Header]:
    """The weights of a component, file by file: its shards where an index names them, else its one file.

    Raises GeneratorError for a shard that is named and missing, and for a file that is cut off.
    """
    for stem in WEIGHTS:
        index = folder / f"{stem}.safetensors.index.json"
        if index.is_file():
            shards = read_json(index, "which weights are in which file").get("weight_map")
            if not isinstance(shards, dict) or not shards:
                raise GeneratorError(f"{index}: is damaged: it names no weights")
            found = {}
            for name in sorted(set(map(str, shards.values()))):
                if not (folder / name).is_file():
                    raise GeneratorError(f"{folder / name}: is missing; {index.name} names it: pull it again")
                found[name] = header(folder / name)
            lost = set(shards) - {key for one in found.values() for key in one.names}
            if lost:
                raise GeneratorError(f"{index}: names {min(lost)!r}, which is in none of its files")
            return found
        file = folder / f"{stem}.safetensors"
        if file.is_file():
            return {file.name: header(file)}
    others = sorted(p.name for p in folder.glob("*") if p.suffix in (".bin", ".pth", ".pt", ".ckpt"))
    hint = f"; {others[0]} is a pickle, which may run code and is not loaded" if others else ""
    raise GeneratorError(f"{folder}: has no weights as safetensors{hint}")


def header(path: Path) -> Header:
    """The header of a safetensors file, checked against the file's length. Raises GeneratorError."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 2 <= length <= min(size - 8, _HEADER_LIMIT):
                raise GeneratorError(f"{path}: is no safetensors file, or cut off at its beginning")
            blob = file.read(length)
    except OSError as error:
        raise GeneratorError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        tensors = json.loads(blob)
        tensors.pop("__metadata__", None)
        end = max((entry["data_offsets"][1] for entry in tensors.values()), default=0)
        parts: dict[str, int] = {}
        for name, entry in tensors.items():
            part = name.partition(".")[0]
            parts[part] = parts.get(part, 0) + math.prod(entry["shape"])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise GeneratorError(f"{path}: has a damaged header: {error}") from error
    if size != 8 + length + end:
        raise GeneratorError(
            f"{path}: is {size} bytes and should be {8 + length + end}: cut off or damaged; pull it again"
        )
    return Header(
        hashlib.sha256(blob).hexdigest(),
        size,
        sum(parts.values()),
        MappingProxyType(parts),
        frozenset(tensors),
    )


# ---------------------------------------------------------------------------------- its name


def digest(path: Path) -> str:
    """16 hex digits of all that shows in the picture: configs, and names, sizes and headers of weights.

    The weights themselves are not read (tens of gigabytes), and the text encoder is no part of it: a box that
    has compiled its prompts may delete it and keeps its films. Cached while no file changes. Raises
    GeneratorError.
    """
    return _digest(path, tuple(_stamps(path)))


def file_digest(path: Path) -> str:
    """16 hex digits of one file of weights by size and, of safetensors, header; "absent" without it."""
    try:
        status = path.stat()
        return _file_digest(path, status.st_size, status.st_mtime_ns)
    except OSError:
        return "absent"


@functools.lru_cache(maxsize=16)
def _file_digest(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        start = file.read(1 << 20)
    return hashlib.sha256(start + str(size).encode()).hexdigest()[:16]


def _stamps(path: Path) -> Iterator[tuple[str, int, int]]:
    for name in ("", "transformer", "transformer_2", "vae", "scheduler"):
        try:
            files = sorted((path / name).iterdir())
        except OSError:
            continue
        for file in files:
            if file.suffix in (".json", ".safetensors") and (name or file.name == "model_index.json"):
                status = file.stat()
                yield f"{name}/{file.name}", status.st_size, status.st_mtime_ns


@functools.lru_cache(maxsize=16)
def _digest(path: Path, stamps: tuple[tuple[str, int, int], ...]) -> str:
    if not stamps:
        raise GeneratorError(f"{path}: has no checkpoint")
    total = hashlib.sha256()
    for name, size, _ in stamps:
        file = path / name.lstrip("/")
        total.update(f"{name} {size} ".encode())
        try:
            total.update(header(file).digest.encode() if file.suffix == ".safetensors" else file.read_bytes())
        except OSError as error:
            raise GeneratorError(f"{file}: cannot be read: {error.strerror}") from error
    return total.hexdigest()[:16]
