"""Tiny random Wan checkpoints, made in code: the real classes, a few megabytes, no download.

Their pictures are noise, but every shape, step and file is the real one's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import torch
from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanPipeline, WanTransformer3DModel
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, UMT5Config, UMT5EncoderModel

# On two threads, such small models spend fourteen times the CPU: they wait for each other, spinning.
torch.set_num_threads(1)

Kind = Literal["ti2v", "t2v", "a14b"]
"""ti2v: like Wan2.2-TI2V-5B; t2v: like Wan2.1-T2V-1.3B; a14b: like Wan2.2-T2V-A14B, with two experts."""

TEXT_DIM = 32


def make_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer without training: one token a byte, then `</s>`."""
    vocabulary = {"<pad>": 0, "</s>": 1, "<unk>": 2}
    for letter in sorted(pre_tokenizers.ByteLevel.alphabet()):
        vocabulary[letter] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=512,
    )


def make_pipeline(kind: Kind = "ti2v", seed: int = 0) -> WanPipeline:
    """A whole random pipeline in float32, on the CPU."""
    torch.manual_seed(seed)
    encoder = UMT5EncoderModel(
        UMT5Config(
            vocab_size=320,
            d_model=TEXT_DIM,
            d_kv=8,
            d_ff=64,
            num_layers=2,
            num_heads=4,
            feed_forward_proj="gated-gelu",
            dropout_rate=0.0,
        )
    ).eval()
    wide = kind == "ti2v"
    z = 48 if wide else 16
    vae: dict[str, Any] = {
        "base_dim": 8,
        "z_dim": z,
        "dim_mult": [1, 2, 4, 4],
        "num_res_blocks": 1,
        "attn_scales": [],
        "temperal_downsample": [False, True, True],
        "latents_mean": [0.01 * i for i in range(z)],
        "latents_std": [1.0 + 0.01 * i for i in range(z)],
    }
    if wide:
        vae |= {
            "decoder_base_dim": 8,
            "is_residual": True,
            "in_channels": 12,
            "out_channels": 12,
            "patch_size": 2,
            "scale_factor_spatial": 16,
            "scale_factor_temporal": 4,
        }
    return WanPipeline(
        tokenizer=make_tokenizer(),
        text_encoder=encoder,
        vae=AutoencoderKLWan(**vae).eval(),
        scheduler=UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, num_train_timesteps=1000, flow_shift=5.0
        ),
        transformer=_transformer(z),
        transformer_2=_transformer(z) if kind == "a14b" else None,
        boundary_ratio=0.875 if kind == "a14b" else None,
        expand_timesteps=wide,
    )


def _transformer(channels: int) -> WanTransformer3DModel:
    return WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=24,
        in_channels=channels,
        out_channels=channels,
        text_dim=TEXT_DIM,
        freq_dim=32,
        ffn_dim=96,
        num_layers=2,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=1024,
    ).eval()


def save_checkpoint(folder: Path, kind: Kind = "ti2v", seed: int = 0) -> Path:
    """The pipeline as `from_pretrained` finds it; returns `folder`."""
    make_pipeline(kind, seed).save_pretrained(folder)
    return folder
