"""Where rows come from: compiled, an encoder here, a node elsewhere; and what is told when none can."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import shutil
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
import uvicorn
from diffusers import WanPipeline
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import UMT5EncoderModel

from reverie import config
from reverie.clock import ManualClock
from reverie.errors import Cancelled, GeneratorError, OutOfMemory, Refused
from reverie.video.wan import text as module
from reverie.video.wan.embeddings import Origin, encoder_of, open_embeddings, pack
from reverie.video.wan.text import (
    Node,
    Resident,
    Text,
    compile_prompts,
    lend,
    load_compiler,
    load_encoder,
    load_node,
    load_text,
    pad,
)
from reverie.web.prompts import make_prompts_app

PROMPTS = ["A cat chases a butterfly.", "a", "猫追蝴蝶，&amp; 氛围：平静。", "", "a cat  " * 20]


@pytest.fixture
def model(checkpoint: Path, tmp_path: Path) -> Path:
    """A checkpoint of the test's own."""
    return Path(shutil.copytree(checkpoint, tmp_path / "model"))


@pytest.fixture
def bare(model: Path) -> Path:
    """The same without its encoder: an edge box."""
    shutil.copytree(model / "text_encoder", model.parent / "away" / "text_encoder")
    shutil.copytree(model / "tokenizer", model.parent / "away" / "tokenizer")
    shutil.rmtree(model / "text_encoder")
    shutil.rmtree(model / "tokenizer")
    return model


@pytest.fixture(scope="session")
def pipeline(checkpoint: Path) -> WanPipeline:
    """Plain diffusers on the same checkpoint."""
    return WanPipeline.from_pretrained(checkpoint, transformer=None, vae=None, scheduler=None)


def _plain(pipeline: WanPipeline, prompt: str) -> torch.Tensor:
    """What diffusers itself would give the transformer: (1, 512, dim)."""
    with torch.no_grad():
        said, _ = pipeline.encode_prompt(prompt, do_classifier_free_guidance=False, max_sequence_length=512)
    return said


def _origin(path: Path) -> Origin:
    origin = encoder_of(path)
    assert origin is not None
    return origin


# ---------------------------------------------------------------------------------- an encoder here


def test_rows_are_those_of_plain_diffusers(checkpoint: Path, pipeline: WanPipeline) -> None:
    text = load_text(config.Wan(), checkpoint, "cpu")
    for prompt, rows in zip(PROMPTS, text.rows_of(PROMPTS), strict=True):
        assert rows.shape[1] == 32
        assert rows.dtype == torch.float32
        assert not rows.requires_grad
        assert torch.allclose(pad(rows), _plain(pipeline, prompt), atol=1e-5, rtol=0), prompt


def test_an_encoder_in_bfloat16_and_in_shards_is_read_as_diffusers_does(model: Path) -> None:
    """As the real one is published."""
    encoder = UMT5EncoderModel.from_pretrained(model / "text_encoder", dtype=torch.bfloat16)
    shutil.rmtree(model / "text_encoder")
    encoder.save_pretrained(model / "text_encoder", max_shard_size="30KB")
    assert len(list((model / "text_encoder").glob("*.safetensors"))) > 1
    plain = WanPipeline.from_pretrained(
        model, transformer=None, vae=None, scheduler=None, dtype=torch.bfloat16
    )
    compile_prompts(load_compiler(config.Wan(), model), model / "prompts", PROMPTS[:1], ManualClock())
    assert _origin(model).weights == "bfloat16"
    rows = load_text(config.Wan(encoder="none"), model, "cpu").rows(PROMPTS[0])
    assert rows.dtype == torch.bfloat16
    encoded = load_text(config.Wan(embeddings=model / "none"), model, "cpu").rows(PROMPTS[0])
    assert torch.equal(rows, encoded)  # without the encoder as with it, to the bit
    # plain diffusers multiplies 512 rows where we multiply the real ones: another rounding in the last bits
    assert torch.allclose(pad(rows), _plain(plain, PROMPTS[0]), atol=2**-6, rtol=2**-6)
    (model / "text_encoder" / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(GeneratorError, match=r"model-00002-of-00003\.safetensors: is missing"):
        load_text(config.Wan(), model, "cpu")


@pytest.mark.parametrize("encoder", ["cpu", "int8"])
def test_neighbours_change_nothing(checkpoint: Path, encoder: str) -> None:
    asked = config.Wan(encoder=encoder)
    together = load_text(asked, checkpoint, "cpu").rows_of(PROMPTS)
    alone = load_text(asked, checkpoint, "cpu")
    for prompt, rows in zip(PROMPTS, together, strict=True):
        assert torch.equal(alone.rows(prompt), rows)


def test_only_real_rows(checkpoint: Path) -> None:
    text = load_text(config.Wan(), checkpoint, "cpu")
    assert text.rows("abc").shape == (4, 32)  # a byte a token, and the end
    assert text.rows("").shape == (1, 32)  # an empty negative prompt is the end alone


@given(rows=st.integers(1, 512), width=st.integers(1, 8))
@settings(deadline=None, max_examples=20)
def test_padding_is_zeros_after_the_rows(rows: int, width: int) -> None:
    given_rows = torch.rand(rows, width) + 1
    padded = pad(given_rows)
    assert padded.shape == (1, 512, width)
    assert torch.equal(padded[0, :rows], given_rows)
    assert not padded[0, rows:].any()


def test_more_rows_than_the_model_reads_are_no_padding() -> None:
    with pytest.raises(ValueError, match="513 rows are more than 512"):
        pad(torch.ones(513, 2))


def test_a_long_prompt_is_cut_and_that_is_said(
    checkpoint: Path, pipeline: WanPipeline, caplog: pytest.LogCaptureFixture
) -> None:
    long = "ab cd " * 833 + "ab"  # 5,000 characters
    with caplog.at_level(logging.WARNING):
        rows = load_text(config.Wan(), checkpoint, "cpu").rows(long)
    assert rows.shape == (512, 32)
    assert torch.allclose(pad(rows), _plain(pipeline, long), atol=1e-5, rtol=0)
    assert [r.getMessage() for r in caplog.records] == [
        "a prompt is 5001 tokens long; the first 512 are read, the rest is not"
    ]


def test_half_a_character_is_refused(checkpoint: Path) -> None:
    with pytest.raises(Refused, match="half a character"):
        load_text(config.Wan(), checkpoint, "cpu").rows("\ud83d")


def test_the_encoder_is_loaded_when_needed_and_freed_when_asked(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[weakref.ref[Any]] = []
    read = Resident._read

    def watched(self: Resident) -> tuple[Any, Any]:
        made = read(self)
        seen.append(weakref.ref(made[0]))
        return made

    monkeypatch.setattr(Resident, "_read", watched)
    text = load_text(config.Wan(), checkpoint, "cpu")
    assert not seen
    rows = text.rows("a cat")
    text.rows("a cat")
    text.rows("a dog")
    assert len(seen) == 1
    assert seen[0]() is not None
    text.release()
    assert seen[0]() is None  # its weights are gone
    assert torch.equal(text.rows("a cat"), rows)  # kept: not loaded for it
    assert len(seen) == 1
    text.rows("a bird")
    assert len(seen) == 2


def test_an_encoder_that_does_not_stay_is_freed_after_each_use(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `encoder: gpu` does on its device."""
    seen: list[weakref.ref[Any]] = []
    read = Resident._read

    def watched(self: Resident) -> tuple[Any, Any]:
        made = read(self)
        seen.append(weakref.ref(made[0]))
        return made

    monkeypatch.setattr(Resident, "_read", watched)
    Resident(checkpoint, _origin(checkpoint), "cpu", keep=False).encode([f"a cat and {n}" for n in range(9)])
    assert [one() for one in seen] == [None]  # loaded once for all


@pytest.mark.parametrize("when", ["loading", "reading"])
def test_an_encoder_that_does_not_fit_is_not_held_by_its_error(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Else a film that is tried once more finds the GPU as full as it was."""
    seen: list[weakref.ref[Any]] = []
    read = Resident._read

    def watched(self: Resident) -> tuple[Any, Any]:
        made = read(self)
        seen.append(weakref.ref(made[0]))
        if when == "loading":
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nmore")
        return made

    def too_long(self: Resident, model: Any, tokenizer: Any, prompt: str) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nmore")

    monkeypatch.setattr(Resident, "_read", watched)
    monkeypatch.setattr(Resident, "_said", too_long)
    encoder = Resident(checkpoint, _origin(checkpoint), "cpu", keep=False)
    with pytest.raises(OutOfMemory, match=r"does not fit on cpu: CUDA out of memory.* 2 GiB; set") as raised:
        encoder.encode(["a cat"])
    assert [one() for one in seen] == [None]
    assert raised.value.__context__ is None


def test_what_else_torch_complains_of_is_told(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("CUDA error: unspecified launch failure\nCompile with ...")

    monkeypatch.setattr(Resident, "_said", fail)
    with pytest.raises(GeneratorError, match=r"text_encoder: torch failed: CUDA error: .* failure$"):
        load_text(config.Wan(), checkpoint, "cpu").rows("a cat")


def test_int8_is_near(checkpoint: Path) -> None:
    """Weights only, on the CPU: about a hundredth of the rows' size, as for the transformer."""
    exact = load_text(config.Wan(encoder="cpu"), checkpoint, "cpu").rows_of(PROMPTS)
    coarse = load_text(config.Wan(encoder="int8"), checkpoint, "cpu").rows_of(PROMPTS)
    errors = [float((a - b).norm() / a.norm()) for a, b in zip(exact, coarse, strict=True)]
    assert min(errors) > 0  # quantised it is
    assert max(errors) < 0.02


def test_nothing_reaches_the_terminal(checkpoint: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load_text(config.Wan(encoder="int8"), checkpoint, "cpu").rows("a cat")
    load_text(config.Wan(), checkpoint, "cpu").rows("a cat")
    assert capfd.readouterr() == ("", "")


# What is done to the checkpoint, what is asked, and what is told.
BROKEN: list[tuple[Callable[[Path], object], dict[str, str], str]] = [
    (lambda p: (p / "text_encoder" / "model.safetensors").unlink(), {}, r"text_encoder.*no weights"),
    (lambda p: shutil.rmtree(p / "tokenizer"), {}, "tokenizer is missing"),
    (lambda p: (p / "text_encoder" / "config.json").write_text("{"), {}, r"config\.json.*damaged"),
    (lambda p: shutil.rmtree(p / "text_encoder"), {"encoder": "cpu"}, "'cpu', but .* has no text encoder"),
    (lambda p: shutil.rmtree(p / "text_encoder"), {"encoder": "int8"}, "'int8', but .* has no text encoder"),
    (lambda p: None, {"encoder": "gpu"}, "'gpu', but the model runs on cpu"),
    (lambda p: None, {"encoder": "http://["}, "no address"),
]


@pytest.mark.parametrize(("harm", "asked", "told"), BROKEN)
def test_what_cannot_work_is_told_at_load(
    model: Path, harm: Callable[[Path], object], asked: dict[str, str], told: str
) -> None:
    harm(model)
    with pytest.raises(GeneratorError, match=told):
        load_text(config.Wan.model_validate(asked), model, "cpu")


def test_weights_that_are_not_the_encoders_are_told(model: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = model / "text_encoder" / "model.safetensors"
    weights = load_file(path)
    del weights["encoder.final_layer_norm.weight"]
    save_file(weights, path, metadata={"format": "pt"})
    with pytest.raises(
        GeneratorError, match=r"text_encoder: cannot be loaded: its weights lack .*layer_norm"
    ):
        load_text(config.Wan(), model, "cpu").rows("a cat")


def test_a_damaged_tokenizer_is_told(model: Path) -> None:
    (model / "tokenizer" / "tokenizer.json").write_text("{}")
    with pytest.raises(GeneratorError, match="text_encoder: cannot be loaded"):
        load_text(config.Wan(), model, "cpu").rows("a cat")


def test_numbers_that_are_not_finite_are_told(model: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = model / "text_encoder" / "model.safetensors"
    weights = load_file(path)
    weights["encoder.final_layer_norm.weight"][0] = float("nan")
    save_file(weights, path, metadata={"format": "pt"})
    with pytest.raises(GeneratorError, match=r"text_encoder: rows hold numbers that are not finite"):
        load_text(config.Wan(), model, "cpu").rows("a cat")


def test_too_little_memory_is_told_before_it_is_used_up(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_free_memory", lambda: 100_000)  # the tiny encoder has 127 kB
    with pytest.raises(OutOfMemory, match=r"text encoder .* does not fit on cpu.*int8.*prompts compile"):
        load_text(config.Wan(), checkpoint, "cpu").rows("a cat")
    load_text(config.Wan(encoder="int8"), checkpoint, "cpu").rows("a cat")  # which is 76 kB


# ---------------------------------------------------------------------------------- compiled


def test_without_an_encoder_compiled_prompts_are_enough(model: Path, pipeline: WanPipeline) -> None:
    compile_prompts(load_compiler(config.Wan(), model), model / "prompts", PROMPTS, ManualClock())
    shutil.rmtree(model / "text_encoder")
    shutil.rmtree(model / "tokenizer")
    text = load_text(config.Wan(), model, "cpu")
    for prompt in PROMPTS:
        assert torch.allclose(pad(text.rows(prompt)), _plain(pipeline, prompt), atol=1e-5, rtol=0)
    with pytest.raises(GeneratorError, match=r"'a dog' is not compiled.*prompts compile.*wan\.encoder"):
        text.rows("a dog")


def test_compiled_prompts_never_load_the_encoder(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_prompts(load_compiler(config.Wan(), model), model / "prompts", PROMPTS, ManualClock())

    def fail(self: Resident) -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr(Resident, "_read", fail)
    text = load_text(config.Wan(), model, "cpu")
    assert [rows.shape[1] for rows in text.rows_of(PROMPTS)] == [32] * 5


@pytest.mark.parametrize("asked", [{"encoder": "none"}, {"preset": "edge"}])
def test_an_encoder_that_nobody_wants_is_not_even_looked_at(model: Path, asked: dict[str, str]) -> None:
    (model / "text_encoder" / "model.safetensors").write_bytes(b"")
    text = load_text(config.Wan.model_validate(asked), model, "cpu")
    with pytest.raises(GeneratorError, match="there is no text encoder here"):
        text.rows("a cat")
    with pytest.raises(GeneratorError, match="there is no text encoder here"):
        text.origin()


def test_prompts_of_another_encoder_are_refused_at_load(model: Path, tmp_path: Path) -> None:
    from tiny import save_checkpoint

    other = save_checkpoint(tmp_path / "other", seed=1)
    compile_prompts(load_compiler(config.Wan(), other), tmp_path / "theirs", ["a"], ManualClock())
    with pytest.raises(GeneratorError, match="the compiled prompts are of encoder"):
        load_text(config.Wan(embeddings=tmp_path / "theirs"), model, "cpu")


def test_rows_of_another_width_are_refused_at_load(bare: Path) -> None:
    settings = json.loads((bare / "transformer" / "config.json").read_text())
    (bare / "prompts").mkdir()
    (bare / "prompts" / "encoder.json").write_text('{"digest": "aa", "dim": 64, "weights": "float32"}')
    assert settings["text_dim"] == 32
    with pytest.raises(GeneratorError, match=r"64 wide.*reads rows of 32"):
        load_text(config.Wan(), bare, "cpu")


def test_an_encoder_of_another_width_is_told(model: Path) -> None:
    path = model / "transformer" / "config.json"
    path.write_text(path.read_text().replace('"text_dim": 32', '"text_dim": 64'))
    with pytest.raises(GeneratorError, match="rows of 32 numbers, and the transformer reads rows of 64"):
        load_text(config.Wan(), model, "cpu").rows("a cat")


def test_compiling_goes_on_where_it_was(model: Path) -> None:
    prompts = [f"a cat and {n} dogs" for n in range(20)]
    folder, encoder = model / "prompts", load_compiler(config.Wan(), model)
    heard: list[tuple[int, int]] = []

    def tell(done: int, new: int) -> None:
        heard.append((done, new))
        if done >= 8:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        compile_prompts(encoder, folder, prompts, ManualClock(), tell)
    assert heard == [(0, 20), (8, 20)]
    assert len(list(folder.glob("*.safetensors"))) == 8
    again: list[tuple[int, int]] = []
    done = compile_prompts(encoder, folder, prompts, ManualClock(), lambda *n: again.append(n))
    assert again == [(0, 12), (8, 12), (12, 12)]
    assert (done.new, done.there, done.mended) == (12, 8, 0)


def test_equal_prompts_are_one(model: Path) -> None:
    done = compile_prompts(
        load_compiler(config.Wan(), model), model / "prompts", ["a cat", " a  cat", "a cat"], ManualClock()
    )
    assert done.new == 1


def test_compiling_mends_what_is_damaged(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    encoder, folder = load_compiler(config.Wan(), model), model / "prompts"
    compile_prompts(encoder, folder, ["a cat", "a dog"], ManualClock())
    compiled = open_embeddings(folder)
    assert compiled is not None
    path = compiled.path_of("a cat")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(GeneratorError, match=path.name):
        load_text(config.Wan(), model, "cpu").rows("a cat")
    done = compile_prompts(encoder, folder, ["a cat", "a dog"], ManualClock())
    assert (done.new, done.there, done.mended) == (1, 1, 1)
    assert path.name in caplog.text
    assert compiled.get("a cat") is not None


def test_a_folder_that_cannot_be_written_is_told(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GeneratorError, match="no folder can be made there"):
        compile_prompts(
            load_compiler(config.Wan(), checkpoint), tmp_path / "file" / "x", ["a"], ManualClock()
        )


def test_compiling_without_an_encoder_is_told(bare: Path) -> None:
    with pytest.raises(GeneratorError, match="has no text encoder"):
        load_compiler(config.Wan(preset="edge"), bare)


# ---------------------------------------------------------------------------------- a node elsewhere


@contextlib.contextmanager
def _served(text: Text, serve: config.Serve | None = None) -> Iterator[str]:
    """`reverie prompts serve`, on a thread; yields host:port."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = make_prompts_app(serve or config.Serve(port=port), partial(lend, text))
    server = uvicorn.Server(uvicorn.Config(app, http="h11", log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def test_a_node_lends_its_encoder(checkpoint: Path, bare: Path, pipeline: WanPipeline) -> None:
    with _served(load_node(config.Wan(), checkpoint)) as node:
        text = load_text(config.Wan(encoder=f"http://{node}"), bare, "cpu")
        for prompt, rows in zip(PROMPTS, text.rows_of(PROMPTS), strict=True):
            assert torch.allclose(pad(rows), _plain(pipeline, prompt), atol=1e-5, rtol=0)
        assert text.origin() == _origin(checkpoint)


def test_a_box_compiles_with_a_nodes_encoder(checkpoint: Path, bare: Path) -> None:
    with _served(load_node(config.Wan(), checkpoint)) as node:
        encoder = load_compiler(config.Wan(encoder=f"http://{node}/"), bare)
        compile_prompts(encoder, bare / "prompts", PROMPTS, ManualClock())
    text = load_text(config.Wan(encoder="none"), bare, "cpu")
    assert [rows.shape[1] for rows in text.rows_of(PROMPTS)] == [32] * 5


def test_long_prompts_are_sent_in_requests_that_a_node_takes(checkpoint: Path, bare: Path) -> None:
    with _served(load_node(config.Wan(), checkpoint)) as node:
        text = load_text(config.Wan(encoder=f"http://{node}"), bare, "cpu")
        long = [f"{n}" + "猫" * 5000 for n in range(6)]  # 90 kB in all
        assert [tuple(rows.shape) for rows in text.rows_of(long)] == [(512, 32)] * 6
        with pytest.raises(GeneratorError, match=r"answered 422: .*10000 characters"):
            text.rows("a" * 10_001)


def test_a_node_with_compiled_prompts_alone_lends_those(checkpoint: Path, bare: Path) -> None:
    compile_prompts(load_compiler(config.Wan(), checkpoint), bare / "prompts", ["a cat"], ManualClock())
    with _served(load_node(config.Wan(), bare)) as node:
        text = Text(None, Node(f"http://{node}"), "")
        assert text.rows("a cat").shape == (6, 32)
        with pytest.raises(GeneratorError, match=r"answered 503: .*this node has no text encoder"):
            text.rows("a dog")


def test_a_node_with_nothing_is_told(bare: Path) -> None:
    with pytest.raises(GeneratorError, match="nothing to serve"):
        load_node(config.Wan(), bare)


def test_a_node_wants_its_token(checkpoint: Path) -> None:
    token = "0123456789abcdef/@"
    guarded = config.Serve.model_validate({"token": token})
    with _served(load_node(config.Wan(), checkpoint), guarded) as node:
        with pytest.raises(GeneratorError, match="wants its token"):
            Node(f"http://{node}").encode(["a"])
        with pytest.raises(GeneratorError, match="wants its token"):
            Node(f"http://wrong@{node}").encode(["a"])
        assert len(Node(f"http://0123456789abcdef%2F%40@{node}").encode(["a"])) == 1


def test_a_nodes_other_encoder_is_refused(checkpoint: Path, model: Path, tmp_path: Path) -> None:
    from tiny import save_checkpoint

    other = save_checkpoint(tmp_path / "other", seed=1)
    compile_prompts(load_compiler(config.Wan(), model), model / "prompts", ["a"], ManualClock())
    with _served(load_node(config.Wan(), other)) as node:
        text = load_text(config.Wan(encoder=f"http://{node}"), model, "cpu")
        text.rows("a")  # compiled
        with pytest.raises(GeneratorError, match=r"has encoder .*; expected is encoder"):
            text.rows("b")


GOOD = {"encoder": "aa", "dim": "4", "weights": "float32"}
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"


def _ok(body: bytes) -> bytes:
    return OK % len(body) + body


# What a node sends (None: nothing, for ever), and what is told.
LIES: list[tuple[str, bytes | None, str]] = [
    ("hangs", None, r"was silent for 0\.2 s"),
    ("hangs up", b"", "cannot be asked"),
    (
        "packed",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 40\r\nConnection: close\r\n\r\n"
        + gzip.compress(b"0" * 9000)[:40],
        "sends its answer packed",
    ),
    ("no HTTP", b"hello\r\n\r\n", "cannot be asked"),
    ("500", b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", "answered 500: oops"),
    ("elsewhere", b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "answered 302"),
    ("breaks off", OK % 5000 + b"x" * 100, "cannot be asked: (peer closed|.*reset)"),
    ("cut off", _ok(pack({"0": torch.ones(2, 4)}, GOOD)[:-4]), "no rows that can be read"),
    ("a page", _ok(b"<html>welcome</html>"), "no rows that can be read"),
    ("nameless", _ok(pack({"0": torch.ones(2, 4)}, {"dim": "4"})), "no rows that can be read"),
    ("no rows", _ok(pack({"1": torch.ones(2, 4)}, GOOD)), "no rows that can be read"),
    ("too wide", _ok(pack({"0": torch.ones(2, 5)}, GOOD)), r"rows have the shape \(2, 5\)"),
    ("too many", _ok(pack({"0": torch.ones(513, 4)}, GOOD)), r"rows have the shape \(513, 4\)"),
    ("flat", _ok(pack({"0": torch.ones(4)}, GOOD)), r"rows have the shape \(4,\)"),
    ("not finite", _ok(pack({"0": torch.full((1, 4), float("inf"))}, GOOD)), "not finite"),
    ("whole numbers", _ok(pack({"0": torch.ones(2, 4, dtype=torch.int64)}, GOOD)), "rows of int64"),
    ("another's", _ok(pack({"0": torch.ones(2, 4)}, {**GOOD, "encoder": "bb"})), "expected is encoder aa"),
    ("endless", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000, "sends more than 73728 bytes"),
]


@contextlib.contextmanager
def _lying(answer: bytes | None) -> Iterator[str]:
    """A server on loopback that sends `answer` to whoever asks."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            with contextlib.suppress(OSError):
                peer, _ = listener.accept()
                with peer:
                    peer.recv(65_536)
                    if answer is None:
                        done.wait(30)
                    else:
                        peer.sendall(answer)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            done.set()
            thread.join(5)


@pytest.mark.parametrize(("answer", "told"), [lie[1:] for lie in LIES], ids=[lie[0] for lie in LIES])
def test_a_broken_node_is_told(answer: bytes | None, told: str) -> None:
    with _lying(answer) as address:
        node = Node(address, Origin("aa", 4, "float32"), silence=0.2 if answer is None else 10)
        with pytest.raises(GeneratorError, match=told) as error:
            node.encode(["a cat"])
    assert address in str(error.value)


def test_a_node_that_dribbles_is_given_up() -> None:
    class Hasty(ManualClock):
        def monotonic(self) -> float:
            return self.advance(200)

    with _lying(_ok(pack({"0": torch.ones(2, 4)}, GOOD))) as address:
        node = Node(address, silence=10, patience=100, clock=Hasty())
        with pytest.raises(GeneratorError, match="still sending after 100 s"):
            node.encode(["a cat"])


def test_no_node_is_told_without_its_token() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(GeneratorError, match="cannot be asked") as error:
        Node(f"http://secret@127.0.0.1:{port}").encode(["a cat"])
    assert "secret" not in str(error.value)


def test_auto_takes_the_checkpoints_own_encoder(checkpoint: Path) -> None:
    encoder = load_encoder(config.Wan(), checkpoint, "cuda")
    assert isinstance(encoder, Resident)
    assert encoder.origin() == _origin(checkpoint)
