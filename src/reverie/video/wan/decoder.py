"""Wan's own decoder (AutoencoderKLWan), latent frame by latent frame; and a picture into latents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import WanCausalConv3d, unpatchify
from torch import Tensor

from reverie.errors import GeneratorError
from reverie.values import Image


class FullVae:
    """The full decoder and encoder around `vae`, an AutoencoderKLWan of either form (2.1's, or the 5B's).

    The cache of past features that makes streaming exact lives in each decoding's iterator, not in `vae`: one
    may be left half-way, and the next begins afresh. Offload hooks on `vae.decode` itself do not see this.
    """

    def __init__(self, vae: Any) -> None:
        self._vae = vae
        self.channels: int = vae.config.z_dim
        self.spatial: int = vae.config.scale_factor_spatial
        self._convolutions = sum(isinstance(module, WanCausalConv3d) for module in vae.decoder.modules())

    def decode(self, latents: Tensor) -> Iterator[Tensor]:
        """The pictures of `latents`, latent frame by latent frame: the first is out before the second is in.

        latents: (1, channels, T, h, w), any float type, as the transformer makes them (normalised).
        Yields float32 RGB, 0..1, (n, 3, h * spatial, w * spatial), on the decoder's device: n is 1 for the
        first latent frame and 4 for every other, 4 * T - 3 pictures in all. The same pictures as `vae.decode`
        makes at once.

        Raises GeneratorError, before the first picture, for latents of another shape.
        """
        shape = tuple(latents.shape)
        if len(shape) != 5 or shape[:2] != (1, self.channels) or 0 in shape:
            raise GeneratorError(
                f"decoder: latents are {shape}; expected (1, {self.channels}, frames, height, width), "
                "none of them 0"
            )
        return self._stream(latents)

    def _stream(self, latents: Tensor) -> Iterator[Tensor]:
        mean, deviation = self._statistics()
        raw = (latents.to(mean) * deviation + mean).to(self._vae.post_quant_conv.weight.dtype)
        cache: list[Any] = [None] * self._convolutions
        for index in range(latents.shape[2]):
            yield self._advance(raw[:, :, index : index + 1], cache, first=index == 0)

    def _advance(self, frame: Tensor, cache: list[Any], first: bool) -> Tensor:
        """Decode the next raw latent frame, (1, channels, 1, h, w); `cache`: what causal layers remember."""
        vae = self._vae
        with torch.no_grad():
            features = vae.post_quant_conv(frame)
            pictures = vae.decoder(features, feat_cache=cache, feat_idx=[0], first_chunk=first)
        if vae.config.patch_size is not None:
            pictures = unpatchify(pictures, patch_size=vae.config.patch_size)
        return pictures[0].transpose(0, 1).float().clamp(-1, 1) / 2 + 0.5

    def encode_picture(self, image: Image) -> Tensor:
        """The latents that a film begins with when `image` is its first picture.

        image: uint8 RGB (H, W, 3), sides divisible by `spatial`.
        Returns float32 (1, channels, 1, H / spatial, W / spatial), normalised, on the encoder's device: the
        mode of the distribution, so that equal pictures give equal latents, as the 5B's own image-to-video
        pipeline has it. Raises GeneratorError for another shape or type.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
            raise GeneratorError(
                f"first picture is {image.dtype} {image.shape}; expected uint8 RGB (H, W, 3)"
            )
        height, width = image.shape[:2]
        if height % self.spatial or width % self.spatial:
            raise GeneratorError(
                f"first picture is {width}x{height}; its sides must be divisible by {self.spatial}"
            )
        mean, deviation = self._statistics()
        picture = torch.tensor(np.ascontiguousarray(image), device=mean.device).permute(2, 0, 1)
        video = (picture[None, :, None].float() / 127.5 - 1).to(self._vae.quant_conv.weight.dtype)
        with torch.no_grad():
            latents = self._vae.encode(video).latent_dist.mode().float()
        return (latents - mean) / deviation

    def _statistics(self) -> tuple[Tensor, Tensor]:
        """Mean and deviation of latents, float32 (1, channels, 1, 1, 1), on the decoder's device."""
        config, device = self._vae.config, self._vae.device
        mean = torch.tensor(config.latents_mean, dtype=torch.float32, device=device)
        deviation = torch.tensor(config.latents_std, dtype=torch.float32, device=device)
        return mean.view(1, -1, 1, 1, 1), deviation.view(1, -1, 1, 1, 1)
