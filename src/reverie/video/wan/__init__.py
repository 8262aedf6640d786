"""The Wan diffusion model behind the generator seam."""

from __future__ import annotations

from reverie import config
from reverie.video.generator import Generator, Reading


def load_wan(settings: config.Generator, read: Reading) -> Generator:
    """The generator that `settings.wan` describes, with its weights loaded. Raises GeneratorError.

    Imports torch and diffusers: not for programs that only wish.
    """
    from reverie.video.wan.generator import load

    return load(settings, read)
