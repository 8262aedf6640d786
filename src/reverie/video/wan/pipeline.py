"""Wan, loaded, as named steps; each may be called by itself.

    prompt → encode → rows ───────┐
    seed → randomness → noise ────┴→ denoise → latents → decode → pictures
    picture → fit → condition ────┘

diffusers' models and schedulers are called directly: what happens between them is on this page. `film`
strings the steps together, one film at a time. Rows, noise and latents are torch tensors.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import cv2
import numpy as np

from reverie import config
from reverie.errors import GeneratorError, OutOfMemory, Refused
from reverie.values import Image
from reverie.video.wan import arithmetic
from reverie.video.wan.checkpoint import Checkpoint, find, inspect
from reverie.video.wan.picture import fit
from reverie.video.wan.recipe import Recipe, find_tiny, make_recipe, resolved
from reverie.video.wan.segments import made
from reverie.video.wan.silence import silenced

try:
    with silenced():
        import torch
        from torch import Tensor

        from reverie.video.wan.parts import (
            Parts,
            device_of,
            dtype_of,
            exhausted,
            first_line,
            free_memory,
            load_parts,
        )
        from reverie.video.wan.schedule import make_schedule
        from reverie.video.wan.text import Text, load_text, pad
except ImportError as error:
    raise GeneratorError(f"Wan needs more than is installed: pip install 'reverie[wan]' ({error})") from error

log = logging.getLogger(__name__)

Progress = Callable[[float], None]

LONGEST = 241
"""Pictures that can be imagined at once: twice what the 5B was trained on."""

LONGEST_PROMPT = 2000
"""Characters; the encoder reads 512 tokens of them."""

LARGEST = 3840
"""Pixels of a side."""

SEEDS = 1 << 63
"""Seeds are below this."""

ROWS = 512
"""Rows of a prompt that the transformer looks at; shorter ones end in zeros, which it sees too."""


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A film that was asked for and can be made."""

    prompt: str
    frames: int
    width: int
    height: int
    seed: int
    recipe: Recipe
    picture: Image | None
    rows: Tensor | None
    negative_rows: Tensor | None

    def __str__(self) -> str:
        return f"{self.frames} pictures of {self.width}x{self.height}"


class Wan:
    """A loaded checkpoint. One film at a time: its steps share the device's memory."""

    def __init__(self, settings: config.Wan, checkpoint: Checkpoint, parts: Parts, text: Text) -> None:
        """From models that are loaded: see `load_pipeline`, which loads them."""
        self.settings = settings
        self.checkpoint = checkpoint
        self.parts = parts
        self.text = text
        self._busy = threading.Lock()

    # ------------------------------------------------------------------ the steps

    def encode(self, prompt: str) -> Tensor:
        """Rows of `prompt`, (1, 512, text_dim) on the device, in the transformer's numbers.

        Raises GeneratorError where the prompt is not compiled and nobody can encode it.
        """
        return self.padded(self.text.rows(prompt))

    def read(self, prompts: Sequence[str]) -> None:
        """Have the rows of `prompts` ready for `encode`, those of a film and its neighbours (32 at most).

        An encoder that does not stay on the GPU is loaded once for all of them, and a prompt that nobody can
        encode is told before the work for another is done. Raises as `encode` does.
        """
        self.text.rows_of(prompts)

    def padded(self, rows: Tensor) -> Tensor:
        """Rows (n, text_dim) or (1, n, text_dim), n <= 512, as `encode` gives them. Raises Refused."""
        flat = rows[0] if rows.ndim == 3 and rows.shape[0] == 1 else rows
        if flat.ndim != 2 or not 1 <= flat.shape[0] <= ROWS or flat.shape[1] != self.checkpoint.text_dim:
            raise Refused(
                f"rows of a prompt have the shape {tuple(rows.shape)}; allowed are 1 to {ROWS} rows of "
                f"{self.checkpoint.text_dim}"
            )
        return pad(flat).to(self.parts.device, self.parts.dtype)

    def randomness(self, seed: int) -> torch.Generator:
        """The source of a film's noise. On the CPU, so that all devices make the same film of a seed."""
        return torch.Generator("cpu").manual_seed(seed)

    def noise(self, randomness: torch.Generator, *, frames: int, width: int, height: int) -> Tensor:
        """What a film of `frames` (4k+1) pictures begins as: (1, channels, k+1, h, w), float32."""
        known = self.checkpoint
        latents = (frames - 1) // known.temporal + 1
        shape = (1, known.channels, latents, height // known.spatial, width // known.spatial)
        return torch.randn(shape, generator=randomness).to(self.parts.device)

    def condition(self, picture: Image) -> Tensor:
        """The latent of a film's first picture, (1, channels, 1, h, w), float32.

        `picture` has the film's size. Only for a checkpoint that takes one.
        """
        return self.parts.encoder().encode_picture(picture).to(self.parts.device, torch.float32)

    def denoise(
        self,
        noise: Tensor,
        rows: Tensor,
        recipe: Recipe,
        *,
        randomness: torch.Generator,
        negative: Tensor | None = None,
        first: Tensor | None = None,
        on_step: Callable[[int], None] = lambda step: None,
    ) -> Tensor:
        """From noise to latents, both (1, channels, T, h, w) float32.

        `rows` and `negative` (needed when the recipe is guided) are as `encode` gives them. `first`: the
        latent that the film begins with, as `condition` gives it. `on_step` is told how many steps are done,
        and may raise to stop. Raises GeneratorError for numbers that are none.
        """
        latents = noise
        schedule = make_schedule(recipe, self.parts.scheduler, self.parts.device, randomness)
        for step, time in enumerate(schedule.times):
            model = self._expert(time)
            seen = latents if first is None else torch.cat([first, latents[:, :, 1:]], dim=2)
            times = self._times(time, seen, given=first is not None)
            velocity = self._velocity(model, seen, times, rows)
            if recipe.guided:
                assert negative is not None, "guidance needs the rows that it leads away from"
                away = self._velocity(model, seen, times, negative)
                velocity = away + recipe.guidance * (velocity - away)
            latents = schedule.step(velocity, step, latents)
            if not torch.isfinite(latents).all():
                raise GeneratorError(
                    f"step {step + 1} of {recipe.steps} made latents that are no numbers (NaN or infinite); "
                    "damaged weights, or numbers too small for them: try wan.dtype bf16 or fp32"
                )
            on_step(step + 1)
        return latents if first is None else torch.cat([first, latents[:, :, 1:]], dim=2)

    def decode(self, latents: Tensor) -> Iterator[Image]:
        """The pictures of latents, (1, channels, T, h, w), as they come: 4T - 3 of uint8 RGB (H, W, 3)."""
        for piece in self.parts.decoder.decode(latents):
            if not torch.isfinite(piece).all():
                raise GeneratorError(
                    "the decoder made pictures that are no numbers (NaN or infinite): damaged weights, or "
                    "numbers too small for them; try wan.dtype bf16 or fp32"
                )
            pixels = (piece * 255).round().to(torch.uint8)
            yield from pixels.permute(0, 2, 3, 1).contiguous().cpu().numpy()

    # ------------------------------------------------------------------ all of it

    def film(
        self,
        prompt: str,
        *,
        frames: int,
        width: int,
        height: int,
        seed: int,
        steps: int | None = None,
        guidance: float | None = None,
        negative: str | None = None,
        picture: Image | None = None,
        rows: Tensor | None = None,
        negative_rows: Tensor | None = None,
        progress: Progress = lambda share: None,
    ) -> Iterator[Image]:
        """`frames` pictures of `height` x `width`, uint8 RGB, as they come; the same for the same arguments.

        16 frames are made as 17, and the last is cut. `picture` (uint8 RGB, any size) is what the film begins
        with. `rows` stand in for the prompt: (n, text_dim) of an encoder; `negative_rows` likewise.
        `progress` is told growing shares, 1.0 before the last picture, and may raise to stop: at once,
        without decoding what is not decoded yet.

        What is asked is checked here, and the work begins with the first picture that is taken. With
        `retry_smaller` no picture comes before all are made. Raises Refused for what this checkpoint can
        never make, OutOfMemory, and GeneratorError while another film is being made.
        """
        lines = min(width, height)
        recipe = make_recipe(self.settings, lines, steps=steps, guidance=guidance, negative=negative)
        order = Order(prompt, frames, width, height, seed, recipe, picture, rows, negative_rows)
        self._check(order)
        return self._alone(order, growing(progress))

    def _alone(self, order: Order, progress: Progress) -> Iterator[Image]:
        if not self._busy.acquire(blocking=False):
            raise GeneratorError("this pipeline is making another film; it makes one at a time")
        try:
            if not self.settings.retry_smaller:
                yield from self._tried(order, progress)
                return
            images = self._made(order, progress) or self._made_smaller(order, progress)
            progress(1.0)
            yield from images
        finally:
            self._busy.release()

    def _made(self, order: Order, progress: Progress) -> list[Image]:
        """All pictures of `order`; none where memory runs out."""
        try:
            return list(self._tried(order, progress, last=False))
        except OutOfMemory as reason:
            log.warning("%s", reason)
            return []

    def _made_smaller(self, order: Order, progress: Progress) -> list[Image]:
        small = self._smaller(order)
        log.warning("%s: once more at %dx%d", order, small.width, small.height)
        images = self._tried(small, progress, last=False)
        return [enlarged(image, order.width, order.height) for image in images]

    def _tried(self, order: Order, progress: Progress, last: bool = True) -> Iterator[Image]:
        """`_strung`, with what goes wrong in torch in our own words, and its memory given back."""
        try:
            yield from self._strung(order, progress, last)
            return
        except (RuntimeError, MemoryError) as error:
            if not exhausted(error):
                raise GeneratorError(f"{order}: torch failed: {first_line(error)}") from error
            words = first_line(error)
        # Only here: until the error was forgotten, its traceback held the tensors.
        self._forget()
        peak = self.need(order.width, order.height, order.frames).peak
        raise OutOfMemory(
            f"{order} on {self.parts.device}: out of memory ({words}); about {gib(peak)} are needed with the "
            f"weights, and {gib(free_memory(self.parts.device))} are free beside them; make it "
            "smaller or shorter, or set wan.retry_smaller"
        )

    def _strung(self, order: Order, progress: Progress, last: bool) -> Iterator[Image]:
        """The steps one after the other. `last`: whether the last picture is told as 1.0."""
        progress(0.0)
        turn = self._turn(order)
        latents = self._imagined(order, lambda share: progress(turn * share))
        images = self.decode(latents)
        del latents
        for count, image in enumerate(islice(images, order.frames), 1):
            if count < order.frames:
                progress(turn + (1 - turn) * count / order.frames)
            elif last:
                progress(1.0)
            yield image

    def _turn(self, order: Order) -> float:
        """The share of a film's work that is done when decoding begins."""
        recipe = order.recipe
        work = arithmetic.film_flops(
            self.checkpoint.shape,
            order.width,
            order.height,
            made(order.frames),
            steps=recipe.steps,
            guided=recipe.guided,
            decoder="tiny" if recipe.tiny else "full",
            each=order.picture is not None,
        )
        return work.denoise / (work.denoise + work.decode)

    def _imagined(self, order: Order, progress: Progress) -> Tensor:
        recipe = order.recipe
        wanted = [order.prompt] if order.rows is None else []
        if recipe.guided and order.negative_rows is None:
            wanted.append(recipe.negative)
        self.read(wanted)
        rows = self.encode(order.prompt) if order.rows is None else self.padded(order.rows)
        negative = None
        if recipe.guided:
            given = order.negative_rows
            negative = self.encode(recipe.negative) if given is None else self.padded(given)
        randomness = self.randomness(order.seed)
        noise = self.noise(randomness, frames=made(order.frames), width=order.width, height=order.height)
        first = None
        if order.picture is not None:
            first = self.condition(fit(order.picture, order.width, order.height))
        return self.denoise(
            noise,
            rows,
            recipe,
            randomness=randomness,
            negative=negative,
            first=first,
            on_step=lambda step: progress(step / recipe.steps),
        )

    def _expert(self, time: Tensor) -> Any:
        """The transformer for a time (of 1000): the second expert works below the checkpoint's boundary."""
        boundary = self.checkpoint.boundary
        if boundary is None or time >= boundary * 1000:
            return self.parts.transformers[0]
        return self.parts.transformers[1]

    def _times(self, time: Tensor, latents: Tensor, given: bool) -> Tensor:
        """What the transformer is told of `time`: one for all tokens; with a picture given, one for each.

        The tokens of a given picture have time 0: there is no noise in them. One time for all is what a time
        for each would be, without the gigabytes that thousands of them take.
        """
        if not given:
            return time.expand(1)
        patch = self.checkpoint.patch
        each = (latents.shape[3] // patch) * (latents.shape[4] // patch)
        times = time.to(torch.float32).repeat(1, each * latents.shape[2])
        times[:, :each] = 0
        return times

    def _velocity(self, model: Any, latents: Tensor, times: Tensor, rows: Tensor) -> Tensor:
        """What the model says of `latents`, in float32, as Wan's own code has it: guidance multiplies the
        difference of two of them, and with it what bf16 would round away."""
        with torch.no_grad():
            return model(
                hidden_states=latents.to(self.parts.dtype),
                timestep=times,
                encoder_hidden_states=rows,
                return_dict=False,
            )[0].float()

    # ------------------------------------------------------------------ what can be made

    def _check(self, order: Order) -> None:
        """Raises Refused for what this checkpoint can never make."""
        if not 1 <= order.frames <= LONGEST:
            raise Refused(f"{order.frames} frames at once; allowed are 1 to {LONGEST}")
        step = self.checkpoint.step
        if (
            order.width % step
            or order.height % step
            or not all(step <= side <= LARGEST for side in (order.width, order.height))
        ):
            near = config.near_size(min(order.width, LARGEST), min(order.height, LARGEST), step)
            raise Refused(
                f"a picture of {order.width}x{order.height}: both sides must divide by {step} and be at most "
                f"{LARGEST}; near is {near}"
            )
        if order.rows is None:
            check_prompt(order.prompt)
        if len(order.recipe.negative) > LONGEST_PROMPT:
            raise Refused(
                f"a negative prompt of {len(order.recipe.negative)} characters; allowed are {LONGEST_PROMPT}"
            )
        if not 0 <= order.seed < SEEDS:
            raise Refused(f"seed {order.seed}; allowed are 0 to {SEEDS - 1}")
        if not 1 <= order.recipe.steps <= 100:
            raise Refused(f"{order.recipe.steps} steps; allowed are 1 to 100")
        if not 1 <= order.recipe.guidance <= 20:
            raise Refused(f"guidance {order.recipe.guidance:g}; allowed is 1 (none) to 20")
        self._check_picture(order.picture)

    def _check_picture(self, picture: Image | None) -> None:
        if picture is None:
            return
        if not self.checkpoint.takes_picture:
            raise Refused(
                f"{self.checkpoint.path.name}: makes films from text alone; one that begins with a "
                "picture needs Wan2.2-TI2V-5B or its distillation"
            )
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or 0 in picture.shape:
            raise Refused(f"a picture of {picture.dtype} {picture.shape}; expected uint8 RGB (H, W, 3)")

    def _smaller(self, order: Order) -> Order:
        """`order` at half the size, in whole steps."""
        step = self.checkpoint.step

        def half(side: int) -> int:
            return max(step, round(side / 2 / step) * step)

        return replace(order, width=half(order.width), height=half(order.height))

    # ------------------------------------------------------------------ memory

    def need(self, width: int, height: int, frames: int) -> arithmetic.Memory:
        """About how many bytes of the device a film takes, by stage. `frames` is rounded up to 4k+1."""
        return need(self.settings, self.checkpoint, self.parts.dtype, width, height, frames)

    def _forget(self) -> None:
        if self.parts.device.type == "cuda":
            torch.cuda.empty_cache()


def check_prompt(prompt: str) -> None:
    """Raises Refused for a prompt that is empty or too long."""
    if not prompt.strip():
        raise Refused(f"the prompt is empty; allowed are 1 to {LONGEST_PROMPT} characters")
    if len(prompt) > LONGEST_PROMPT:
        raise Refused(f"the prompt has {len(prompt)} characters; allowed are 1 to {LONGEST_PROMPT}")


def enlarged(image: Image, width: int, height: int) -> Image:
    """`image` at `width` x `height`."""
    large = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(large, dtype=np.uint8)


def growing(progress: Progress) -> Progress:
    """`progress`, told never less than before: a film that is begun once more waits at what was reached."""
    reached = 0.0

    def tell(share: float) -> None:
        nonlocal reached
        reached = max(reached, share)
        progress(reached)

    return tell


def gib(size: int) -> str:
    """Bytes as "6.1 GiB"."""
    return f"{size / (1 << 30):.1f} GiB"


# ---------------------------------------------------------------------------------- loading


def load_pipeline(settings: config.Wan, *, width: int, height: int) -> Wan:
    """The checkpoint that `settings` names, loaded for films of `width` x `height` pixels; never downloads.

    Raises GeneratorError for what the preset or the settings cannot run with, and OutOfMemory, both with the
    numbers. What works but was hardly meant is a warning in the log.
    """
    settings = resolved(settings)
    checkpoint, recipe, text = examine(settings, width=width, height=height)
    try:
        parts = load_parts(settings, checkpoint, recipe)
    except (RuntimeError, MemoryError) as error:
        if not exhausted(error):
            raise GeneratorError(f"{checkpoint.path}: cannot be loaded: {first_line(error)}") from error
        words = first_line(error)
    else:
        return Wan(settings, checkpoint, parts, text)
    device = device_of(settings.device)
    raise OutOfMemory(f"{checkpoint.path}: out of memory on {device} while it was loaded ({words})")


def examine(settings: config.Wan, *, width: int, height: int) -> tuple[Checkpoint, Recipe, Text]:
    """What `load_pipeline` would load and how it would be run, with nothing loaded. Raises as it does."""
    settings = resolved(settings)
    checkpoint = inspect(find(settings.model))
    recipe = make_recipe(settings, min(width, height))
    step = checkpoint.step
    if width % step or height % step:
        raise GeneratorError(
            f"{checkpoint.path.name} makes pictures whose sides divide by {step}; {width}x{height} does not; "
            f"near is {config.near_size(width, height, step)}"
        )
    advise(settings, checkpoint, recipe)
    device = device_of(settings.device)
    text = load_text(settings, checkpoint.path, str(device))
    check_text(settings, checkpoint, text, recipe)
    if recipe.tiny:
        find_tiny(settings, checkpoint)
    check_memory(settings, checkpoint, device, width, height)
    return checkpoint, recipe, text


def advise(settings: config.Wan, checkpoint: Checkpoint, recipe: Recipe) -> None:
    """Warns of a recipe that these weights were not made for."""
    name = checkpoint.path.name
    if settings.lora is not None:
        return  # nobody knows what a LoRA makes of them
    if checkpoint.distilled and recipe.guided:
        log.warning(
            "%s is distilled to need no guidance; guidance %g makes a step cost double and its colours harsh",
            name,
            recipe.guidance,
        )
    if checkpoint.distilled and settings.language != "en":
        log.warning("%s is distilled and knows English; wan.language is %r", name, settings.language)
    if checkpoint.distilled is False and recipe.sigmas is not None:
        log.warning(
            "%s is not distilled: %d steps make blurred pictures; use the preset quality, or weights such as "
            "fastwan2.2-ti2v-5b",
            name,
            recipe.steps,
        )


def check_text(settings: config.Wan, checkpoint: Checkpoint, text: Text, recipe: Recipe) -> None:
    """Raises GeneratorError where no prompt will ever have rows, or where the negative one has none."""
    if settings.encoder.startswith("http"):
        return  # another node may be away for a while
    text.origin()
    automatic = settings.encoder == "auto" and (settings.preset == "edge" or not checkpoint.has_encoder)
    if recipe.guided and (settings.encoder == "none" or automatic):
        text.rows(recipe.negative)


def memory_told(settings: config.Wan, checkpoint: Checkpoint, width: int, height: int) -> str:
    """What the longest segment needs and what there is, in words: for `reverie check`."""
    device = device_of(settings.device)
    cost = need(settings, checkpoint, dtype_of(settings.dtype, device), width, height, settings.segment)
    return (
        f"on {device}: {settings.segment} pictures at once need about {gib(cost.peak)} "
        f"({gib(cost.resident)} of weights), {gib(free_memory(device))} are free"
    )


def need(
    settings: config.Wan, checkpoint: Checkpoint, dtype: Any, width: int, height: int, frames: int
) -> arithmetic.Memory:
    """About how many bytes of the device a film takes with these settings, by stage."""
    recipe = make_recipe(settings, min(width, height))
    shape = checkpoint.shape
    cost = arithmetic.memory(
        shape,
        width,
        height,
        made(frames),
        number=dtype.itemsize,
        int8=recipe.int8,
        decoder="tiny" if recipe.tiny else "full",
        pictures=checkpoint.takes_picture,
        encoder=settings.encoder == "gpu",
    )
    if not checkpoint.takes_picture:
        return cost
    # The encoding half is there beside a tiny decoder, too, and in float32 (see `parts.load_vae`).
    beside = 4 if recipe.tiny else 4 - dtype.itemsize
    return replace(cost, decoder=cost.decoder + (shape.vae - shape.decoder) * beside)


def check_memory(settings: config.Wan, checkpoint: Checkpoint, device: Any, width: int, height: int) -> None:
    """Raises OutOfMemory where not even the shortest film fits; warns where the longest segment does not."""
    dtype = dtype_of(settings.dtype, device)
    free = free_memory(device)
    room = free if settings.memory_gib is None else min(free, int(settings.memory_gib * (1 << 30)))
    if settings.memory_gib is not None and device.type == "cuda":
        total = torch.cuda.get_device_properties(device).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, settings.memory_gib * (1 << 30) / total), device)
    fits = [
        n
        for n in range(1, settings.segment + 1, 4)
        if _peak(settings, checkpoint, dtype, width, height, n) <= room
    ]
    least = need(settings, checkpoint, dtype, width, height, 1)
    what = f"{checkpoint.path.name}, preset {settings.preset}, {width}x{height}, on {device}"
    there = f"{gib(room)} may be used" if room < free else f"{gib(free)} are free"
    if not fits:
        raise OutOfMemory(
            f"{what}: about {gib(least.peak)} are needed even for one picture ({gib(least.resident)} of "
            f"weights), and {there}; make it smaller, use the preset edge, or raise wan.memory_gib"
        )
    if fits[-1] < settings.segment:
        peak = _peak(settings, checkpoint, dtype, width, height, settings.segment)
        log.warning(
            "%s: segments of %d pictures need about %s and %s; longer ones than wan.segment %d may fail",
            what,
            settings.segment,
            gib(peak),
            there,
            fits[-1],
        )


def _peak(
    settings: config.Wan, checkpoint: Checkpoint, dtype: Any, width: int, height: int, frames: int
) -> int:
    return need(settings, checkpoint, dtype, width, height, frames).peak
