"""Where the rows of a prompt come from: compiled, else an encoder here, else another node's, else an error.

    prompt → clean → rows kept → rows compiled → encoder (cpu, gpu, int8) or node (http) → rows

Rows are what Wan's text encoder (umT5) says of the real tokens of a prompt; the model reads them followed by
zeros, 512 in all (`pad`). The encoder is several times the size of everything else on a small box, so it is
loaded when the first prompt needs it, and not before.
"""

from __future__ import annotations

import contextlib
import gc
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx
import torch
from torch import Tensor

from reverie import config
from reverie.clock import Clock, SystemClock
from reverie.errors import GeneratorError, OutOfMemory
from reverie.video.wan.checkpoint import read_json
from reverie.video.wan.embeddings import (
    LONGEST,
    Embeddings,
    Origin,
    begin_embeddings,
    check_rows,
    clean,
    describe,
    encoder_of,
    folder_of,
    open_embeddings,
    pack,
    unpack,
)

log = logging.getLogger("reverie.wan")

KEPT = 32
"""Prompts whose rows stay in memory: those of one film and its neighbours (at most 4 MB each)."""

BATCH = 8
"""Prompts that a node is asked for at once, and that are compiled before progress is told."""

INT8_SHARE = 0.6
"""Share of its 16-bit weights that umT5-xxl keeps in INT8: 4.63 of 5.68 billion numbers are in linear layers
and become a byte, the rest is the table of words and stays (arithmetic)."""

BODY = 48_000
"""Bytes of prompts in one request to a node; it takes 64 KiB."""

WIDEST = 16_384
"""Numbers in a row, at most, of an encoder that nothing is known of (umT5-xxl: 4096)."""


class Encoder(Protocol):
    """Who can say what a prompt means."""

    def origin(self) -> Origin:
        """Whose rows it gives. Raises GeneratorError."""
        ...

    def encode(self, prompts: Sequence[str]) -> list[Tensor]:
        """Rows of each prompt (cleaned), (1..512, dim) on the CPU. Raises GeneratorError."""
        ...

    def release(self) -> None:
        """Give its memory back; it loads again when it is next asked."""
        ...


# ---------------------------------------------------------------------------------- the text of a generator


class Text:
    """Prompts in, rows out."""

    def __init__(
        self, compiled: Embeddings | None, encoder: Encoder | None, missing: str, wide: int | None = None
    ) -> None:
        """`missing`: what to tell of a prompt that is not compiled while there is no encoder.

        `wide`: how many numbers the transformer wants in a row; None: any.
        """
        self._compiled = compiled
        self._encoder = encoder
        self._missing = missing
        self._wide = wide
        self._kept: OrderedDict[str, Tensor] = OrderedDict()

    def rows(self, prompt: str) -> Tensor:
        """Rows of `prompt`: (1..512, dim), on the CPU, in the encoder's own numbers. No gradient.

        An empty prompt has a row, too (the end of the text): it is what an empty negative prompt means. A
        prompt of more than 512 tokens is cut, with a warning in the log. Raises GeneratorError (what to do
        where nobody can encode it), Refused for what is no text, OutOfMemory.
        """
        return self.rows_of([prompt])[0]

    def rows_of(self, prompts: Sequence[str]) -> list[Tensor]:
        """Rows of each prompt, as `rows`; an encoder that does not stay is loaded once for all of them."""
        words = [clean(prompt) for prompt in prompts]
        found: dict[str, Tensor] = {}
        for prompt in dict.fromkeys(words):
            rows = self._kept.get(prompt)
            if rows is None and self._compiled is not None:
                rows = self._compiled.get(prompt)
            if rows is not None:
                found[prompt] = rows
        wanted = [prompt for prompt in dict.fromkeys(words) if prompt not in found]
        if wanted and self._encoder is None:
            raise GeneratorError(f"the prompt {_short(wanted[0])} is not compiled, and {self._missing}")
        if wanted and self._encoder is not None:
            found.update(zip(wanted, self._encoder.encode(wanted), strict=True))
        for prompt, rows in found.items():
            self._check_width(rows.shape[1])
            self._kept[prompt] = rows
            self._kept.move_to_end(prompt)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return [found[prompt] for prompt in words]

    def _check_width(self, dim: int) -> None:
        if self._wide is not None and dim != self._wide:
            raise GeneratorError(
                f"the text encoder gives rows of {dim} numbers, and the transformer reads rows of "
                f"{self._wide}: they are of two models"
            )

    def compiled(self, prompts: Sequence[str]) -> int:
        """How many of `prompts` have a file of rows; none is read."""
        if self._compiled is None:
            return 0
        return sum(self._compiled.path_of(clean(prompt)).is_file() for prompt in prompts)

    @property
    def encodes(self) -> bool:
        """Whether a prompt that is not compiled has somebody to encode it."""
        return self._encoder is not None

    def origin(self) -> Origin:
        """Whose rows they are. Raises GeneratorError where there is neither an encoder nor a folder."""
        if self._encoder is not None:
            return self._encoder.origin()
        if self._compiled is not None:
            return self._compiled.origin
        raise GeneratorError(self._missing)

    def release(self) -> None:
        """Give back the memory of an encoder that was loaded; rows that are kept stay."""
        if self._encoder is not None:
            self._encoder.release()


def load_text(settings: config.Wan, path: Path, device: str) -> Text:
    """The text of the checkpoint in folder `path`, as `settings` has it; `device` is the transformer's.

    Quick: no encoder is loaded before a prompt needs it. Raises GeneratorError: compiled prompts that are of
    another encoder or another width, a damaged checkpoint, an encoder that is asked for and not there.
    """
    folder = folder_of(settings, path)
    compiled = open_embeddings(folder)
    encoder = load_encoder(settings, path, device, None if compiled is None else compiled.origin)
    wide = _text_dim(path)
    if compiled is not None and wide not in (None, compiled.origin.dim):
        raise GeneratorError(
            f"{folder}: holds prompts of {describe(compiled.origin)}, but the transformer in {path} reads "
            f"rows of {wide}; set wan.embeddings to its own"
        )
    missing = (
        "there is no text encoder here: run `reverie prompts compile` on a machine that has one and copy the "
        f"folder to {folder}, or set wan.encoder to `cpu` or to the address of a node that runs "
        "`reverie prompts serve`"
    )
    return Text(compiled, encoder, missing, wide)


def load_node(settings: config.Wan, path: Path) -> Text:
    """The text of a program that does nothing else: compiled prompts and, where there is one, the encoder.

    Raises GeneratorError where there is neither, and as `load_text`.
    """
    compiled = open_embeddings(folder_of(settings, path))
    encoder = None
    if settings.encoder not in ("auto", "none") or encoder_of(path) is not None:
        encoder = load_compiler(settings, path, None if compiled is None else compiled.origin)
    if compiled is None and encoder is None:
        raise GeneratorError(
            f"{path} has neither compiled prompts nor a text encoder; there is nothing to serve"
        )
    return Text(compiled, encoder, "this node has no text encoder")


def load_compiler(settings: config.Wan, path: Path, expected: Origin | None = None) -> Encoder:
    """The encoder for a program that does nothing else, not loaded yet; it stays loaded once it is.

    As `settings.encoder` says; `auto` and `none` are a GPU where there is one, else the CPU. Raises
    GeneratorError where there is no encoder.
    """
    device = settings.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    kind = settings.encoder
    if kind in ("auto", "none"):
        kind = "gpu" if device.startswith("cuda") else "cpu"
    asked = settings.model_copy(update={"encoder": kind})
    encoder = load_encoder(asked, path, device, expected, keep=True)
    assert encoder is not None  # only `auto` and `none` have none
    return encoder


def load_encoder(
    settings: config.Wan,
    path: Path,
    device: str,
    expected: Origin | None = None,
    *,
    keep: bool = False,
) -> Encoder | None:
    """The encoder that `settings.encoder` names, not loaded yet; None where there shall be none.

    `expected`: whose rows are in use already. `keep`: it stays loaded on a GPU, too, where the transformer
    else wants the room. Raises GeneratorError when it is not there, or another one.
    """
    kind = settings.encoder
    if kind.startswith("http"):
        return Node(kind, expected)
    if kind == "none" or (kind == "auto" and settings.preset == "edge"):
        return None
    origin = encoder_of(path, "int8" if kind == "int8" else None)
    if origin is None:
        if kind == "auto":
            return None
        raise GeneratorError(
            f"wan.encoder is {kind!r}, but {path} has no text encoder; fetch the whole checkpoint with "
            "`reverie models pull`, or set wan.encoder to `none` or a node's address"
        )
    if expected is not None and expected.digest != origin.digest:
        raise GeneratorError(
            f"the compiled prompts are of {describe(expected)}, but {path} has {describe(origin)}; compile "
            "them anew (`reverie prompts compile --to` another folder), or set wan.embeddings to its own"
        )
    if kind == "gpu" and not device.startswith("cuda"):
        raise GeneratorError(f"wan.encoder is 'gpu', but the model runs on {device}; allowed: cpu, int8")
    return Resident(path, origin, device if kind == "gpu" else "cpu", keep=keep or kind != "gpu")


def pad(rows: Tensor, length: int = LONGEST) -> Tensor:
    """`rows` (n, dim) followed by zeros: (1, length, dim), as the transformer reads them.

    The zeros are part of what it was trained on: another length makes another picture. Raises ValueError
    when there are more rows than `length`.
    """
    if rows.shape[0] > length:
        raise ValueError(f"{rows.shape[0]} rows are more than {length}")
    return torch.cat([rows, rows.new_zeros(length - rows.shape[0], rows.shape[1])])[None]


def _text_dim(path: Path) -> int | None:
    """Width of the rows that the transformer reads; None where there is no transformer."""
    settings = path / "transformer" / "config.json"
    if not settings.is_file():
        return None
    wide = read_json(settings, "the configuration of the transformer").get("text_dim")
    return wide if isinstance(wide, int) else None


def _short(prompt: str) -> str:
    return repr(prompt if len(prompt) <= 80 else prompt[:79] + "…")


def _batches(prompts: Sequence[str], most: int = 10**9) -> Iterator[list[str]]:
    """`prompts` in order, at most BATCH together and, but for a single one, at most `most` bytes."""
    some: list[str] = []
    size = 0
    for prompt in prompts:
        length = len(prompt.encode())
        if some and (len(some) == BATCH or size + length > most):
            yield some
            some, size = [], 0
        some.append(prompt)
        size += length
    if some:
        yield some


# ---------------------------------------------------------------------------------- compiling and lending


@dataclass(frozen=True, slots=True)
class Compiled:
    """What `compile_prompts` did: `new` prompts encoded, `mended` of them damaged before; `there` already."""

    new: int
    there: int
    mended: int


def compile_prompts(
    encoder: Encoder,
    folder: Path,
    prompts: Sequence[str],
    clock: Clock,
    tell: Callable[[int, int], None] = lambda done, new: None,
) -> Compiled:
    """Encode those of `prompts` that are not in `folder` yet, in their order, and keep them there.

    Resumable: what is done is on the disk, and what is damaged is made anew. `tell(done, new)` hears after
    each batch how many are done of how many new ones (and 0 before the first); it may raise Cancelled.
    Raises GeneratorError.
    """
    kept = begin_embeddings(folder, encoder.origin())
    wanted, mended = [], 0
    words = list(dict.fromkeys(clean(prompt) for prompt in prompts))
    for prompt in words:
        try:
            if kept.get(prompt) is None:
                wanted.append(prompt)
        except GeneratorError as error:
            log.warning("%s", error)
            wanted.append(prompt)
            mended += 1
    tell(0, len(wanted))
    done = 0
    for some in _batches(wanted):
        for prompt, rows in zip(some, encoder.encode(some), strict=True):
            kept.put(prompt, rows, clock.now())
        done += len(some)
        tell(done, len(wanted))
    return Compiled(len(wanted), len(words) - len(wanted), mended)


def lend(text: Text, prompts: Sequence[str]) -> bytes:
    """What a node answers another: the rows of each prompt, and whose they are, as a safetensors file."""
    rows = text.rows_of(prompts)
    origin = text.origin()
    words = {"encoder": origin.digest, "dim": str(origin.dim), "weights": origin.weights}
    return pack({str(index): one for index, one in enumerate(rows)}, words)


# ---------------------------------------------------------------------------------- an encoder here


class Resident:
    """The checkpoint's own encoder, in this process."""

    def __init__(self, path: Path, origin: Origin, device: str, *, keep: bool) -> None:
        """`keep`: whether it stays loaded after it was used (on a GPU the transformer wants the room)."""
        self._path = path
        self._origin = origin
        self._device = device
        self._keep = keep
        self._loaded: tuple[Any, Any] | None = None

    def origin(self) -> Origin:
        return self._origin

    def encode(self, prompts: Sequence[str]) -> list[Tensor]:
        try:
            return self._read_all(prompts)
        except (torch.OutOfMemoryError, MemoryError) as error:
            words = (str(error) or "out of memory").splitlines()[0]
        except RuntimeError as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise GeneratorError(f"{self._path / 'text_encoder'}: torch failed: {first}") from error
        # Only here: until the error was forgotten, its traceback held the encoder.
        self.release()
        raise self._too_big(words)

    def _read_all(self, prompts: Sequence[str]) -> list[Tensor]:
        try:
            model, tokenizer = self._load()
            return [self._said(model, tokenizer, prompt) for prompt in prompts]
        finally:
            model = tokenizer = None
            if not self._keep:
                self.release()

    def release(self) -> None:
        self._loaded = None
        gc.collect()
        if self._device.startswith("cuda"):
            torch.cuda.empty_cache()

    def _said(self, model: Any, tokenizer: Any, prompt: str) -> Tensor:
        # One prompt a pass and no padding: what a prompt's rows are must not depend on its neighbours, and in
        # bfloat16 another shape of batch is another rounding. Compiled rows are the encoder's to the bit.
        given = tokenizer(prompt, verbose=False, return_tensors="pt")
        ids, length = given.input_ids, given.input_ids.shape[1]
        if length > LONGEST:
            log.warning("a prompt is %d tokens long; the first %d are read, the rest is not", length, LONGEST)
            ids = tokenizer(prompt, truncation=True, max_length=LONGEST, return_tensors="pt").input_ids
        ids = ids.to(self._device)
        with torch.no_grad():
            rows = model(ids, torch.ones_like(ids)).last_hidden_state[0].cpu()
        try:
            check_rows(rows, self._origin.dim)
        except ValueError as error:
            raise GeneratorError(f"{self._path / 'text_encoder'}: {error}") from None
        return rows

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            try:
                self._check_room()
                with quietly():
                    self._loaded = self._read()
            except torch.OutOfMemoryError:
                raise
            except (OSError, ValueError, RuntimeError, KeyError, TypeError, ImportError) as error:
                first = (str(error).strip() or type(error).__name__).splitlines()[0]
                raise GeneratorError(f"{self._path / 'text_encoder'}: cannot be loaded: {first}") from error
        return self._loaded

    def _read(self) -> tuple[Any, Any]:
        from transformers import AutoTokenizer, UMT5EncoderModel

        stored = encoder_of(self._path)
        assert stored is not None
        options: dict[str, Any] = {"dtype": getattr(torch, stored.weights), "local_files_only": True}
        if self._origin.weights == "int8":
            from torchao.quantization import Int8WeightOnlyConfig
            from transformers import TorchAoConfig

            options["quantization_config"] = TorchAoConfig(Int8WeightOnlyConfig())
        tokenizer = AutoTokenizer.from_pretrained(self._path / "tokenizer", local_files_only=True)
        model, found = UMT5EncoderModel.from_pretrained(
            self._path / "text_encoder", output_loading_info=True, **options
        )
        if found["missing_keys"] or found["mismatched_keys"]:
            # transformers would go on with random weights in their place
            name = sorted(map(str, [*found["missing_keys"], *found["mismatched_keys"]]))[0]
            raise ValueError(f"its weights lack {name}")
        return model.eval().requires_grad_(False).to(self._device), tokenizer

    def _size(self) -> float:
        """Bytes that the loaded encoder takes, about."""
        size = sum(file.stat().st_size for file in (self._path / "text_encoder").glob("*.safetensors"))
        return size * (INT8_SHARE if self._origin.weights == "int8" else 1.0)

    def _check_room(self) -> None:
        """Say that it will not fit before the system ends a process for it."""
        free = _free_memory() if self._device == "cpu" else None
        if free is not None and self._size() > free:
            raise self._too_big(f"{free / 2**30:.1f} GiB are free")

    def _too_big(self, words: str) -> OutOfMemory:
        return OutOfMemory(
            f"the text encoder (about {self._size() / 2**30:.1f} GiB) does not fit on {self._device}: "
            f"{words}; set wan.encoder to `int8`, `cpu` or a "
            "node's address, or compile the prompts (`reverie prompts compile`)"
        )


def _free_memory() -> int | None:
    """Bytes of memory that programs can still have; None where the system does not say (not Linux)."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Libraries load without progress bars and remarks on the terminal, and are as they were afterwards."""
    import transformers.utils.logging as remarks

    shown, level = remarks.is_progress_bar_enabled(), remarks.get_verbosity()
    others = [logging.getLogger(name) for name in ("torchao", "torch.utils._pytree")]
    levels = [other.level for other in others]
    remarks.disable_progress_bar()
    remarks.set_verbosity_error()
    for other in others:
        other.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for other, before in zip(others, levels, strict=True):
            other.setLevel(before)
        remarks.set_verbosity(level)
        if shown:
            remarks.enable_progress_bar()


# ---------------------------------------------------------------------------------- an encoder elsewhere


class Node:
    """Another machine's encoder, behind `reverie prompts serve`."""

    def __init__(
        self,
        address: str,
        expected: Origin | None = None,
        *,
        silence: float = 60.0,
        patience: float = 300.0,
        clock: Clock | None = None,
    ) -> None:
        """`address`: http://node:8760, with the node's token before an @ where it wants one.

        `expected`: whose rows they must be; None: whoever answers first. `silence` seconds without a byte and
        `patience` seconds in all are the most that one request may take.
        """
        try:
            parts = urlsplit(address)
        except ValueError as error:
            raise GeneratorError(f"wan.encoder {config.mask(address)} is no address: {error}") from None
        host = parts.netloc.rpartition("@")[2]
        self._url = urlunsplit((parts.scheme, host, parts.path.rstrip("/") + "/prompts", "", ""))
        self._token = unquote(parts.password or parts.username or "")
        self._expected = expected
        self._silence = silence
        self._patience = patience
        self._clock = clock or SystemClock()

    def origin(self) -> Origin:
        if self._expected is None:
            self._ask([])
        assert self._expected is not None
        return self._expected

    def encode(self, prompts: Sequence[str]) -> list[Tensor]:
        found: list[Tensor] = []
        for some in _batches(prompts, BODY):
            found += self._ask(some)
        return found

    def release(self) -> None:
        """Nothing is held here."""

    def _ask(self, prompts: Sequence[str]) -> list[Tensor]:
        blob = self._post({"prompts": list(prompts)}, self._most(len(prompts)))
        try:
            tensors, words = unpack(blob)
            origin = Origin(words["encoder"], int(words["dim"]), words["weights"])
            rows = [tensors[str(index)] for index in range(len(prompts))]
        except (ValueError, KeyError) as error:
            raise GeneratorError(f"{self._url} sent no rows that can be read: {error}") from None
        if self._expected is None:
            self._expected = origin
        elif (origin.digest, origin.dim) != (self._expected.digest, self._expected.dim):
            raise GeneratorError(
                f"{self._url} has {describe(origin)}; expected is {describe(self._expected)}: "
                "both must be of one checkpoint"
            )
        for one in rows:
            try:
                check_rows(one, origin.dim)
            except ValueError as error:
                raise GeneratorError(f"{self._url} sent {error}") from None
        return rows

    def _most(self, prompts: int) -> int:
        """Bytes that a true answer can have."""
        wide = WIDEST if self._expected is None else self._expected.dim
        return 65_536 + prompts * LONGEST * wide * 4

    def _post(self, body: Mapping[str, Any], most: int) -> bytes:
        headers = {"Accept-Encoding": "identity"}  # a few thousand bytes of another may be gigabytes
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        until = self._clock.monotonic() + self._patience
        blob = bytearray()
        try:
            # A node of the fleet is asked directly, whatever proxy the environment names.
            with (
                httpx.Client(timeout=self._silence, trust_env=False) as client,
                client.stream("POST", self._url, json=body, headers=headers) as answer,
            ):
                packed = answer.headers.get("content-encoding", "identity")
                if packed.lower() != "identity":
                    raise GeneratorError(f"{self._url} sends its answer packed, which was not asked for")
                for piece in answer.iter_raw():
                    blob += piece
                    if len(blob) > most:
                        raise GeneratorError(f"{self._url} sends more than {most} bytes, which no rows are")
                    if self._clock.monotonic() > until:
                        raise GeneratorError(
                            f"{self._url} is still sending after {self._patience:g} s; it was given up"
                        )
                status = answer.status_code
        except httpx.TimeoutException:
            raise GeneratorError(
                f"{self._url} was silent for {self._silence:g} s; is the node at work?"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GeneratorError(f"{self._url} cannot be asked: {error or type(error).__name__}") from None
        if status == 401:
            raise GeneratorError(
                f"{self._url} wants its token: write it into wan.encoder as http://TOKEN@host:port"
            )
        if status != 200:
            said = bytes(blob[:300]).decode("utf-8", "replace")
            raise GeneratorError(f"{self._url} answered {status}: {' '.join(said.split())}")
        return bytes(blob)
