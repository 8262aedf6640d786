"""Noise schedules: from one step's latents to the next. Made anew for each film: none keeps a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from diffusers import UniPCMultistepScheduler
from torch import Tensor

from reverie.video.wan.recipe import Recipe


class Schedule(Protocol):
    """`times`: one number (1000..0) for each step, on the device."""

    times: Tensor

    def step(self, velocity: Tensor, index: int, latents: Tensor) -> Tensor:
        """The latents after step `index` (from 0), from those before it and what the model says of them."""
        ...


def make_schedule(
    recipe: Recipe, scheduler: Mapping[str, Any], device: torch.device, randomness: torch.Generator
) -> Schedule:
    """The few-step sampler where the recipe has its sigmas, else UniPC.

    `scheduler` is the checkpoint's configuration; what it says of another kind of scheduler is left out.
    `randomness` gives the few-step sampler its fresh noise.
    """
    if recipe.sigmas is not None:
        return FewSteps(recipe.sigmas, device, randomness)
    return UniPC(recipe, scheduler, device)


class FewSteps:
    """The sampler of distilled weights (DMD): guess the film, put noise to the next step's share over it.

    x0 = x - sigma v;  x' = (1 - sigma') x0 + sigma' noise
    """

    def __init__(self, sigmas: tuple[float, ...], device: torch.device, randomness: torch.Generator) -> None:
        self.times = torch.tensor([sigma * 1000 for sigma in sigmas], dtype=torch.float32, device=device)
        self._sigmas = [*sigmas, 0.0]
        self._randomness = randomness

    def step(self, velocity: Tensor, index: int, latents: Tensor) -> Tensor:
        sigma, following = self._sigmas[index], self._sigmas[index + 1]
        guess = latents - sigma * velocity.float()
        if not following:
            return guess
        noise = torch.randn(latents.shape, generator=self._randomness).to(latents.device)
        return (1 - following) * guess + following * noise


class UniPC:
    """The multistep solver that Wan's own films are made with."""

    def __init__(self, recipe: Recipe, scheduler: Mapping[str, Any], device: torch.device) -> None:
        known = scheduler if scheduler.get("_class_name") == "UniPCMultistepScheduler" else {}
        self._solver = UniPCMultistepScheduler.from_config(
            dict(known),
            prediction_type="flow_prediction",
            use_flow_sigmas=True,
            num_train_timesteps=1000,
            flow_shift=recipe.shift,
        )
        self._solver.set_timesteps(recipe.steps, device=device)
        self._solver.set_begin_index(0)
        self.times = self._solver.timesteps

    def step(self, velocity: Tensor, index: int, latents: Tensor) -> Tensor:
        return self._solver.step(velocity, self.times[index], latents, return_dict=False)[0]
