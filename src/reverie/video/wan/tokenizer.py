"""A checkpoint's own tokenizer, and what token ids say: for callers who tokenise themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reverie.errors import GeneratorError
from reverie.video.wan.silence import silenced

LONGEST = 512
"""Tokens of a prompt that Wan reads."""


def load_tokenizer(path: Path) -> Any:
    """transformers' tokenizer of the checkpoint in folder `path`. Raises GeneratorError without one."""
    folder = path / "tokenizer"
    if not folder.is_dir():
        raise GeneratorError(f"{folder}: is missing: this checkpoint has no tokenizer; give a prompt instead")
    try:
        with silenced():
            from transformers import AutoTokenizer
    except ImportError as error:
        raise GeneratorError(
            f"a tokenizer needs more than is installed: pip install 'reverie[wan]' ({error})"
        ) from error
    try:
        with silenced():
            return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise GeneratorError(f"{folder}: cannot be loaded: {first}") from error


def text_of(tokenizer: Any, ids: Sequence[int]) -> str:
    """The text that `tokenizer` makes `ids` of; padding at their end is left out.

    The text and not the ids goes on: it finds compiled prompts, needs no encoder here, and is read as any
    other. Raises ValueError for ids that are of no text, and for more than 512.
    """
    real = list(ids)
    while real and real[-1] == tokenizer.pad_token_id:
        real.pop()
    if not 1 <= len(real) <= LONGEST:
        raise ValueError(f"input_ids hold {len(real)} tokens; allowed are 1 to {LONGEST}")
    wrong = next((token for token in real if not 0 <= token < len(tokenizer)), None)
    if wrong is not None:
        raise ValueError(
            f"input_ids hold the token {wrong}; this model's tokenizer knows 0 to {len(tokenizer) - 1}"
        )
    text: str = tokenizer.decode(real, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    plain: list[int] = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    whole: list[int] = tokenizer(text, verbose=False)["input_ids"]
    if real not in (plain, whole):
        raise ValueError(
            f"input_ids are of no text that this model's tokenizer knows (nearest: {text[:80]!r}); use "
            "`model.tokenizer`, or give `prompt` instead"
        )
    return text
