"""Compiled prompts: a folder with what the text encoder says of every prompt a box will need.

    encoder.json                    which encoder said it
    <64 hex digits>.safetensors     one prompt: its rows, as the encoder gave them, without padding

A box that has the folder needs no encoder, nor the memory for one. A file is called after the encoder's
digest and the cleaned prompt, so rows of another encoder are never found by mistake. Torch is imported where
tensors are made: what is there can be listed without it.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reverie import config
from reverie.errors import GeneratorError, Refused
from reverie.models import models_folder
from reverie.video.wan.checkpoint import digest, headers, read_json

if TYPE_CHECKING:
    from torch import Tensor

LONGEST = 512
"""Most rows of a prompt: Wan was trained on 512 tokens, and reads zeros after the last one."""

NUMBERS = ("bfloat16", "float16", "float32")
"""What rows may be made of, by torch's names."""

SAMPLES, SAMPLE = 64, 4096
"""How many pieces of a file of weights, and of how many bytes, stand for all of it in a digest."""

BLANK = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
"""White space as Unicode has it, which is what diffusers folds."""

AGAIN = "`reverie prompts compile` makes it anew"


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose rows they are.

    `digest` is the encoder's and tokenizer's (16 hex digits), `dim` the numbers in a row, `weights` what the
    encoder calculated with: "bfloat16", "float16", "float32" or "int8".
    """

    digest: str
    dim: int
    weights: str


# ---------------------------------------------------------------------------------- names


def clean(prompt: str) -> str:
    """`prompt` as diffusers cleans it before it is encoded: mended letters, no HTML, single spaces.

    Raises Refused for text that is none (half of a surrogate pair).
    """
    try:
        prompt.encode()
    except UnicodeEncodeError as error:
        raise Refused(f"the prompt holds half a character at {error.start + 1}; send it as UTF-8") from None
    try:
        import ftfy

        prompt = ftfy.fix_text(prompt)
    except ImportError:  # diffusers does without it, too; the extra [wan] has it
        pass
    return BLANK.sub(" ", html.unescape(html.unescape(prompt)).strip()).strip()


def key_of(encoder: str, prompt: str) -> str:
    """The name of a prompt's rows: 64 hex digits of the encoder's digest and the cleaned prompt."""
    return hashlib.sha256(f"{encoder}\0{clean(prompt)}".encode()).hexdigest()


def folder_of(settings: config.Wan, path: Path) -> Path:
    """Where compiled prompts of the checkpoint at `path` are kept; the folder need not be there.

    As `embeddings` says; else `prompts` beside the model, or where that cannot be written, a folder of
    the checkpoint's digest among the models. Raises GeneratorError.
    """
    if settings.embeddings is not None:
        return settings.embeddings
    beside = path / "prompts"
    if beside.is_dir() or os.access(path, os.W_OK):
        return beside
    return models_folder() / "prompts" / digest(path)


# ---------------------------------------------------------------------------------- the folder


class Embeddings:
    """The folder, opened. One prompt a file, each written whole or not at all."""

    def __init__(self, folder: Path, origin: Origin) -> None:
        """As `open_embeddings` and `begin_embeddings` make it."""
        self.folder = folder
        self.origin = origin

    def path_of(self, prompt: str) -> Path:
        """The file of `prompt`, whether it is there or not."""
        return self.folder / f"{key_of(self.origin.digest, prompt)}.safetensors"

    def get(self, prompt: str) -> Tensor | None:
        """Rows of `prompt`, (1..512, dim) on the CPU, as the encoder gave them; None when not compiled.

        Raises GeneratorError for a file that is damaged, or that is not what its name says.
        """
        path = self.path_of(prompt)
        try:
            blob = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise GeneratorError(f"{path}: cannot be read: {error.strerror or error}") from error
        try:
            found, words = unpack(blob)
            rows = found["rows"]
            check_rows(rows, self.origin.dim)
        except (ValueError, KeyError) as error:
            raise GeneratorError(f"{path}: damaged ({error}); {AGAIN}") from None
        if (words.get("encoder"), words.get("prompt")) != (self.origin.digest, clean(prompt)):
            raise GeneratorError(f"{path}: holds another prompt or another encoder's rows; {AGAIN}")
        if words.get("sha256") != _sum(rows):
            raise GeneratorError(f"{path}: damaged (its rows are not the ones that were written); {AGAIN}")
        return rows

    def put(self, prompt: str, rows: Tensor, now: float) -> None:
        """Keep `rows` (1..512, dim) of `prompt`, in place of any before; `now` is UTC seconds.

        On the disk when it returns; a crash in between leaves the old file or none. Raises GeneratorError.
        """
        check_rows(rows, self.origin.dim)
        words = {
            "prompt": clean(prompt),
            "encoder": self.origin.digest,
            "weights": self.origin.weights,
            "made": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
            "sha256": _sum(rows),
        }
        _write(self.path_of(prompt), pack({"rows": rows}, words))


def open_embeddings(folder: Path) -> Embeddings | None:
    """The compiled prompts in `folder`; None where there is no such folder, or an empty one.

    Raises GeneratorError for a folder of rows without `encoder.json`, and for a damaged one.
    """
    path = folder / "encoder.json"
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        origin = Origin(str(written["digest"]), int(written["dim"]), str(written["weights"]))
    except FileNotFoundError:
        if any(folder.glob("*.safetensors")):
            raise GeneratorError(
                f"{path} is missing: it says which encoder the rows beside it are of; copy the whole folder"
            ) from None
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise GeneratorError(
            f"{path}: damaged ({error}); copy it anew, or remove the folder and run `reverie prompts compile`"
        ) from None
    except OSError as error:
        raise GeneratorError(f"{path}: cannot be read: {error.strerror or error}") from error
    return Embeddings(folder, origin)


def begin_embeddings(folder: Path, origin: Origin) -> Embeddings:
    """The folder at `folder` for rows of `origin`, made where it is not there yet.

    Raises GeneratorError where it cannot be written, and where rows of another encoder (or of the same one
    in other numbers) are: they would look alike and be mixed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GeneratorError(
            f"{folder}: no folder can be made there: {error.strerror or error}; name another with --to"
        ) from error
    there = open_embeddings(folder)
    if there is None or not any(folder.glob("*.safetensors")):
        _write(folder / "encoder.json", json.dumps(asdict(origin), indent=1).encode() + b"\n")
    elif there.origin != origin:
        raise GeneratorError(
            f"{folder}: holds prompts of {describe(there.origin)}, and these would be of {describe(origin)}; "
            "name another folder with --to, or remove that one"
        )
    return Embeddings(folder, origin)


def describe(origin: Origin) -> str:
    """An encoder in a message: "encoder 0123… (4096 wide, bfloat16)"."""
    return f"encoder {origin.digest} ({origin.dim} wide, {origin.weights})"


# ---------------------------------------------------------------------------------- rows as bytes


def check_rows(rows: Any, dim: int) -> None:
    """Raises ValueError unless `rows` is what an encoder `dim` wide says of a prompt."""
    import torch

    kind = str(rows.dtype).removeprefix("torch.")
    if kind not in NUMBERS:
        raise ValueError(f"rows of {kind}; allowed are {', '.join(NUMBERS)}")
    if rows.ndim != 2 or not 1 <= rows.shape[0] <= LONGEST or rows.shape[1] != dim:
        raise ValueError(
            f"rows have the shape {tuple(rows.shape)}; expected are 1 to {LONGEST} rows of {dim}"
        )
    if not torch.isfinite(rows).all():
        raise ValueError("rows hold numbers that are not finite")


def pack(tensors: Mapping[str, Tensor], words: Mapping[str, str]) -> bytes:
    """Tensors by name and what is said of them, as one safetensors file."""
    from safetensors.torch import save

    return bytes(save({name: rows.contiguous() for name, rows in tensors.items()}, metadata=dict(words)))


def unpack(blob: bytes) -> tuple[dict[str, Tensor], dict[str, str]]:
    """What `pack` packed: tensors by name, and what is said of them. Raises ValueError for anything else."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = load(blob)
        length = int.from_bytes(blob[:8], "little")
        words = json.loads(blob[8 : 8 + length]).get("__metadata__", {})
    except (SafetensorError, ValueError, KeyError) as error:
        raise ValueError(f"no whole safetensors: {str(error).splitlines()[0]}") from None
    return tensors, words


def _sum(rows: Tensor) -> str:
    import torch

    return hashlib.sha256(rows.contiguous().view(torch.uint8).numpy().tobytes()).hexdigest()


def _write(path: Path, blob: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(blob)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise GeneratorError(f"{path}: cannot be written: {error.strerror or error}") from error


# ---------------------------------------------------------------------------------- whose rows


def encoder_of(path: Path, weights: str | None = None) -> Origin | None:
    """The encoder of the checkpoint at `path`, looked at without loading it; None where it has none.

    `weights`: what it will calculate with; None for the numbers it is stored in. The digest is of its
    configuration, its tokenizer and, for each file of weights, the header and 64 evenly spread pieces.
    Raises GeneratorError for a file that is missing, cut off or damaged.
    """
    encoder, tokenizer = path / "text_encoder", path / "tokenizer"
    if not (encoder / "config.json").is_file():
        return None
    if not tokenizer.is_dir():
        raise GeneratorError(f"{tokenizer} is missing: the text encoder beside it needs its tokenizer")
    settings = read_json(encoder / "config.json", "the configuration of the text encoder")
    dim, stored = settings.get("d_model"), settings.get("dtype") or settings.get("torch_dtype") or "float32"
    if not isinstance(dim, int) or dim < 1:
        raise GeneratorError(f"{encoder}/config.json: d_model is {dim!r}; expected a whole number above 0")
    if stored not in NUMBERS:
        raise GeneratorError(f"{encoder}/config.json: dtype is {stored!r}; allowed: {', '.join(NUMBERS)}")
    said = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    try:
        for name, header in headers(encoder).items():
            said.update(header.digest.encode())
            said.update(_pieces(encoder / name, header.size))
        for file in sorted(tokenizer.iterdir()):
            if file.is_file() and not file.name.startswith("."):
                said.update(file.name.encode() + b"\0" + file.read_bytes())
    except OSError as error:
        raise GeneratorError(f"{error.filename}: cannot be read: {error.strerror or error}") from error
    return Origin(said.hexdigest()[:16], dim, weights or stored)


def _pieces(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        found = []
        for piece in range(SAMPLES):
            file.seek(max(0, size - SAMPLE) * piece // (SAMPLES - 1))
            found.append(file.read(SAMPLE))
    return b"".join(found)
