"""Compiled prompts: kept whole or not at all, found by what they say, and never another encoder's."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from diffusers.pipelines.wan.pipeline_wan import prompt_clean
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tiny import save_checkpoint

from reverie import config
from reverie.errors import GeneratorError, Refused
from reverie.video.wan.embeddings import (
    Embeddings,
    Origin,
    begin_embeddings,
    clean,
    encoder_of,
    folder_of,
    key_of,
    open_embeddings,
    pack,
    unpack,
)

ORIGIN = Origin("0123456789abcdef", 8, "float32")
ROWS = torch.arange(24, dtype=torch.float32).reshape(3, 8) / 7


@pytest.fixture
def folder(tmp_path: Path) -> Embeddings:
    return begin_embeddings(tmp_path / "prompts", ORIGIN)


# ---------------------------------------------------------------------------------- cleaning and names

# Text, and what the encoder is given.
CLEANED = [
    ("  a cat \n\n chases\ta butterfly ", "a cat chases a butterfly"),
    ("black &amp;amp; white", "black & white"),  # twice escaped
    ("schÃ¶n", "schön"),  # UTF-8 once taken for Latin-1
    ("“quoted”", '"quoted"'),
    ("猫追　蝴蝶", "猫追 蝴蝶"),  # an ideographic space
    ("", ""),
    (" \n", ""),
]


@pytest.mark.parametrize(("text", "cleaned"), CLEANED)
def test_cleaning(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


words = st.text(st.characters(codec="utf-8")) | st.lists(
    st.sampled_from(
        [" ", "\t", "\x1c", "\x85", "\u2003", "&lt;", "&amp;lt;", "&#160;", "a", "é", "“", "\u200b"]
    )
).map("".join)


@settings(deadline=None, max_examples=300)
@given(words)
@example("a\x1cb")
@example("&#x1c;a&nbsp;\x1f")
def test_cleaning_is_that_of_diffusers(text: str) -> None:
    assert clean(text) == prompt_clean(text)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(Refused, match="half a character at 3"):
        clean("ab\ud83d")


def test_the_key_is_of_the_cleaned_text_and_the_encoder() -> None:
    assert key_of("one", "a  cat ") == key_of("one", "a cat")
    assert key_of("one", "a cat") != key_of("two", "a cat")
    assert key_of("one", "a cat") != key_of("one", "a dog")


# ---------------------------------------------------------------------------------- the folder


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float16])
def test_what_was_put_is_got_exactly(folder: Embeddings, kind: torch.dtype) -> None:
    folder.put("a cat", ROWS.to(kind), 0.0)
    found = folder.get(" a  cat")
    assert found is not None
    assert found.dtype == kind
    assert torch.equal(found, ROWS.to(kind))
    assert folder.get("a dog") is None


def test_a_file_says_what_it_is(folder: Embeddings) -> None:
    folder.put("a  cat", ROWS, 0.0)
    _, said = unpack(folder.path_of("a cat").read_bytes())
    assert said["prompt"] == "a cat"
    assert said["encoder"] == ORIGIN.digest
    assert said["made"] == "1970-01-01T00:00:00+00:00"


def test_a_file_is_its_rows_and_little_more(folder: Embeddings) -> None:
    folder.put("a cat", ROWS, 0.0)
    assert 0 < folder.path_of("a cat").stat().st_size - ROWS.numel() * 4 < 600


def test_the_folder_is_found_again_with_its_encoder(folder: Embeddings) -> None:
    folder.put("a cat", ROWS, 0.0)
    again = open_embeddings(folder.folder)
    assert again is not None
    assert again.origin == ORIGIN
    assert again.get("a cat") is not None
    assert begin_embeddings(folder.folder, ORIGIN).get("a cat") is not None


def test_no_folder_is_no_prompts(tmp_path: Path) -> None:
    assert open_embeddings(tmp_path / "none") is None
    assert open_embeddings(tmp_path) is None


@pytest.mark.parametrize("other", [Origin("f" * 16, 8, "float32"), Origin(ORIGIN.digest, 8, "int8")])
def test_two_encoders_are_never_mixed(folder: Embeddings, other: Origin) -> None:
    begin_embeddings(folder.folder, other)  # nothing is in it yet
    begin_embeddings(folder.folder, ORIGIN).put("a cat", ROWS, 0.0)
    with pytest.raises(GeneratorError, match=r"holds prompts of encoder 0123.*would be of.*--to"):
        begin_embeddings(folder.folder, other)


def test_rows_without_their_encoder_are_refused(folder: Embeddings) -> None:
    folder.put("a cat", ROWS, 0.0)
    (folder.folder / "encoder.json").unlink()
    with pytest.raises(GeneratorError, match=r"encoder\.json is missing"):
        open_embeddings(folder.folder)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"digest": "a"}', '{"digest": "a", "dim": "x", "weights": ""}']
)
def test_a_damaged_encoder_json_is_named(folder: Embeddings, text: str) -> None:
    (folder.folder / "encoder.json").write_text(text)
    with pytest.raises(GeneratorError, match=r"encoder\.json: damaged"):
        open_embeddings(folder.folder)


def test_every_damage_is_told_with_the_file(folder: Embeddings) -> None:
    folder.put("a cat", ROWS, 0.0)
    path = folder.path_of("a cat")
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[-3] ^= 1
    damages = {
        "empty": b"",
        "cut off": whole[:-5],
        "no safetensors": b"hello, this is not one",
        "one bit": bytes(flipped),
        "other rows": pack({"rows": ROWS * 2}, unpack(whole)[1]),
        "another tensor": pack({"cols": ROWS}, unpack(whole)[1]),
        "too wide": pack({"rows": torch.ones(3, 9)}, unpack(whole)[1]),
        "no rows": pack({"rows": torch.ones(0, 8)}, unpack(whole)[1]),
        "too many": pack({"rows": torch.ones(513, 8)}, unpack(whole)[1]),
        "whole numbers": pack({"rows": ROWS.int()}, unpack(whole)[1]),
        "not finite": pack({"rows": ROWS / 0}, unpack(whole)[1]),
    }
    for name, blob in damages.items():
        path.write_bytes(blob)
        with pytest.raises(GeneratorError, match="damaged") as told:
            folder.get("a cat")
        assert str(path) in str(told.value), name
        assert "prompts compile" in str(told.value)
    path.write_bytes(whole)
    assert folder.get("a cat") is not None


def test_a_file_under_another_name_is_foreign(folder: Embeddings) -> None:
    folder.put("a cat", ROWS, 0.0)
    shutil.copy(folder.path_of("a cat"), folder.path_of("a dog"))
    with pytest.raises(GeneratorError, match="another prompt"):
        folder.get("a dog")


@pytest.mark.parametrize("rows", [ROWS[:0], ROWS[:, :7], torch.full((1, 8), float("nan"))])
def test_what_is_no_rows_is_not_kept(folder: Embeddings, rows: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="rows"):
        folder.put("a cat", rows, 0.0)
    assert folder.get("a cat") is None


def test_a_crash_while_writing_leaves_what_was(folder: Embeddings, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.put("a cat", ROWS, 0.0)

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(GeneratorError, match=r"cannot be written: No space left"):
        folder.put("a cat", ROWS * 2, 0.0)
    found = folder.get("a cat")
    assert found is not None
    assert torch.equal(found, ROWS)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GeneratorError, match=r"file/prompts: no folder can be made there.*--to"):
        begin_embeddings(tmp_path / "file" / "prompts", ORIGIN)


def test_where_the_folder_is(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder_of(config.Wan(embeddings=tmp_path), checkpoint) == tmp_path
    assert folder_of(config.Wan(), checkpoint) == checkpoint / "prompts"
    monkeypatch.setenv("REVERIE_MODELS", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    elsewhere = folder_of(config.Wan(), checkpoint)
    assert elsewhere.parent == tmp_path / "prompts"


# ---------------------------------------------------------------------------------- whose rows


def test_an_encoder_has_a_digest_of_its_own(checkpoint: Path, tmp_path: Path) -> None:
    one = encoder_of(checkpoint)
    assert one is not None
    assert (one.dim, one.weights) == (32, "float32")
    assert encoder_of(checkpoint) == one
    same = encoder_of(save_checkpoint(tmp_path / "same"))
    other = encoder_of(save_checkpoint(tmp_path / "other", seed=1))  # same shapes, same sizes, other weights
    assert same == one
    assert other is not None
    assert other.digest != one.digest
    asked = encoder_of(checkpoint, "int8")
    assert asked is not None
    assert (asked.digest, asked.weights) == (one.digest, "int8")


def test_the_tokenizer_is_part_of_the_digest(checkpoint: Path, tmp_path: Path) -> None:
    shutil.copytree(checkpoint, tmp_path / "copy")
    path = tmp_path / "copy" / "tokenizer" / "tokenizer.json"
    path.write_text(path.read_text().replace('"<unk>": 2', '"<unk>": 3'))
    one, other = encoder_of(checkpoint), encoder_of(tmp_path / "copy")
    assert one is not None
    assert other is not None
    assert one.digest != other.digest


def test_no_encoder_is_none_and_half_of_one_is_told(checkpoint: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(checkpoint, copy)
    weights = copy / "text_encoder" / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    with pytest.raises(GeneratorError, match=r"model\.safetensors.*cut off"):
        encoder_of(copy)
    weights.write_bytes(whole)
    index = {"weight_map": {"shared.weight": "model-00002-of-00002.safetensors"}}
    (copy / "text_encoder" / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(GeneratorError, match=r"model-00002-of-00002\.safetensors.*missing"):
        encoder_of(copy)
    shutil.rmtree(copy / "tokenizer")
    with pytest.raises(GeneratorError, match="tokenizer is missing"):
        encoder_of(copy)
    shutil.rmtree(copy / "text_encoder")
    assert encoder_of(copy) is None
