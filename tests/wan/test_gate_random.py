"""The gate against random weights: what an untrained model makes is never shown."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from tiny import Kind, make_pipeline

from reverie.values import Brief, ClipSpec, Image, Job, Shot
from reverie.video.gate import judge


def random_film(kind: Kind, seed: int, height: int, width: int, frames: int) -> list[Image]:
    pipeline = make_pipeline(kind, seed)
    pipeline.set_progress_bar_config(disable=True)
    pictures = pipeline(
        prompt="a cat",
        height=height,
        width=width,
        num_frames=frames,
        num_inference_steps=2,
        guidance_scale=1.0,
        generator=torch.Generator().manual_seed(seed),
        output_type="np",
    ).frames[0]
    return [np.asarray(np.rint(picture * 255), np.uint8) for picture in pictures]


def job_for(film: list[Image]) -> Job:
    height, width = film[0].shape[:2]
    shot = Shot("cat", "appear", None, "park", "calm", "", len(film) / 16)
    spec = ClipSpec("wan", "1", width, height, len(film), 16)
    return Job("key", Brief("test", (shot,), "plain", "en"), spec, deadline=0.0, priority=0, created=0.0)


# kind    seed  height width frames
FILMS: list[tuple[Kind, int, int, int, int]] = [
    ("ti2v", 0, 64, 96, 9),  # the smallest
    ("ti2v", 1, 128, 192, 9),
    ("ti2v", 2, 192, 128, 5),  # upright, too short for an order
    ("t2v", 3, 128, 192, 9),
    ("a14b", 4, 96, 160, 9),
]


@pytest.mark.parametrize(("kind", "seed", "height", "width", "frames"), FILMS)
def test_random_weights_do_not_pass(kind: Kind, seed: int, height: int, width: int, frames: int) -> None:
    film = random_film(kind, seed, height, width, frames)
    found = judge(film, job_for(film), None)
    assert "it looks like noise" in (found.wrong or "")


@pytest.mark.parametrize("sigma", [1.5, 4.0])
def test_nor_when_smoothed(sigma: float) -> None:
    film = random_film("ti2v", 5, 160, 256, 9)
    soft = [cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigma) for image in film]
    mean, gain = np.mean(soft), np.std(film) / np.std(soft)
    stretched = [np.asarray(np.clip((s - mean) * gain + 128, 0, 255), np.uint8) for s in soft]
    assert judge(stretched, job_for(film), None).wrong is not None


def test_one_picture_is_enough_to_tell() -> None:
    film = random_film("t2v", 6, 128, 192, 1)
    job = job_for(film)
    assert "noise" in (judge(film, replace(job, spec=replace(job.spec, frames=1)), None).wrong or "")
