"""The thin public face of the generator: three names for a script, in the field's own words.

    from reverie import AutoTokenizer, Wan2VGenerator, save_video

    tokenizer = AutoTokenizer.from_pretrained("wan2.2-t2v-5b")
    model = Wan2VGenerator.from_pretrained("wan2.2-t2v-5b", device="cuda")
    inputs = tokenizer("A child is picking up a toy car", return_tensors="pt").to("cuda")
    video = model(input_ids=inputs.input_ids, num_frames=16, height=480, width=640,
                  num_inference_steps=25, guidance_scale=7.5)
    save_video(video, "output.mp4", fps=5)

Or without tokens: `model("A child is picking up a toy car", num_frames=17)`. What is asked wrongly is a
ValueError; what cannot be done here (a model or a device that is not there, memory) is a GeneratorError of
`reverie.errors`.
"""

from __future__ import annotations

import hashlib
import operator
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reverie import config
from reverie.errors import Refused
from reverie.values import ClipSpec, Image
from reverie.video import encode, label
from reverie.video.wan.checkpoint import find, inspect
from reverie.video.wan.segments import made

if TYPE_CHECKING:
    from reverie.video.wan.pipeline import Wan

PRODUCER = "reverie"
"""Who is named in a film's metadata as its maker."""

SEEDS = 2**63
"""Seeds are below."""

SMALLEST = 64
"""Pixels of the shorter side that the label needs."""

CLOSE = 1e-3
"""How far from 0..1 a float picture may be: rounding, and no other range."""


class Wan2VGenerator:
    """A Wan model, loaded. Make one with `from_pretrained`; call it to make a film."""

    def __init__(self, wan: Wan) -> None:
        """From a pipeline that is loaded (`reverie.video.wan.pipeline.load_pipeline`)."""
        self._wan = wan
        self._tokenizer: Any = None

    @classmethod
    def from_pretrained(
        cls,
        name_or_path: str | Path,
        device: str = "cuda",
        *,
        preset: str | None = None,
        **settings: Any,
    ) -> Wan2VGenerator:
        """Load a model that is on this machine: a name (`reverie models pull` fetches it) or a folder.

        "wan2.2-t2v-5b" means Wan2.2-TI2V-5B: no release has the former name. A folder is a `Path`, or text
        that begins with `./`, `~/` or `/`. `device`: "cuda", "cuda:1", "cpu", or "auto": a GPU where there is
        one. `preset`: "quality", "fast" or "edge"; None: quality, and fast for weights distilled to few
        steps. `settings` are any others of the configuration's section `wan`: dtype, encoder, embeddings,
        decoder, lora…

        Raises ValueError for a setting that cannot be, GeneratorError when the model is not here or not whole
        or the device is not there, OutOfMemory when it does not fit.
        """
        model = _model(name_or_path)
        if preset is None:
            preset = "fast" if inspect(find(model)).distilled else "quality"
        wanted = _settings({"model": model, "device": str(device), "preset": preset, **settings})
        from reverie.video.wan.pipeline import load_pipeline

        step = inspect(find(model)).step
        return cls(load_pipeline(wanted, width=step, height=step))

    @property
    def path(self) -> Path:
        """The checkpoint's folder."""
        return self._wan.checkpoint.path

    @property
    def tokenizer(self) -> Any:
        """The model's own tokenizer (transformers'). Raises GeneratorError where the folder has none."""
        if self._tokenizer is None:
            from reverie.video.wan.tokenizer import load_tokenizer

            self._tokenizer = load_tokenizer(self.path)
        return self._tokenizer

    def __call__(
        self,
        prompt: str | None = None,
        *,
        input_ids: Any = None,
        attention_mask: Any = None,
        num_frames: int = 17,
        height: int = 480,
        width: int = 832,
        num_inference_steps: int | None = None,
        guidance_scale: float | None = None,
        negative_prompt: str | None = None,
        image: Any = None,
        seed: int = 0,
        progress: Callable[[float], None] | None = None,
    ) -> NDArray[np.uint8]:
        """A film of a text: uint8 RGB, shape (num_frames, height, width, 3). The same for the same arguments.

        Give `prompt`, or `input_ids` of the model's own tokenizer: (n,) or (1, n), as a tensor, array or
        list, with or without the `attention_mask` that came along. One film a call.

        Wan imagines 4k+1 frames. **16 are made as 17 and the last one is cut**; so for any other number that
        is not 4k+1, each time with a UserWarning. At its own 24 frames a second 17 are 0.7 s; saved at 5 fps
        they are slow motion. Up to 241; `height` and `width` divide by 32 (the 5B) or 16.

        `num_inference_steps` and `guidance_scale` (1: none): None is as the preset has it. `image`: what the
        film begins with, a file, a picture of PIL or uint8 RGB (H, W, 3); only for TI2V models. `progress` is
        told growing shares up to 1.0, and may raise to stop.

        Nothing judges the film: the box's quality check is part of `reverie generate`. Raises ValueError for
        what this model can never make; OutOfMemory; GeneratorError.
        """
        text = self._text(prompt, input_ids, attention_mask)
        frames = _whole("num_frames", num_frames)
        steps, guidance = num_inference_steps, guidance_scale
        order: dict[str, Any] = {
            "frames": frames,
            "width": _whole("width", width),
            "height": _whole("height", height),
            "seed": _whole("seed", seed, 0, SEEDS - 1),
            "steps": None if steps is None else _whole("num_inference_steps", steps, 1, 100),
            "guidance": None if guidance is None else _guidance(guidance),
            "negative": negative_prompt,
            "picture": None if image is None else _first(image),
        }
        try:
            pictures = self._wan.film(text, progress=progress or (lambda share: None), **order)
        except Refused as refused:
            raise ValueError(str(refused)) from refused
        if made(frames) != frames:
            warnings.warn(
                f"Wan imagines 4k+1 frames: {frames} are made as {made(frames)} and cut", stacklevel=2
            )
        return np.stack(list(pictures))

    def _text(self, prompt: str | None, input_ids: Any, attention_mask: Any) -> str:
        if (prompt is None) == (input_ids is None):
            given = "neither" if prompt is None else "both"
            raise ValueError(f"give either `prompt` or `input_ids`; found {given}")
        if input_ids is None:
            if not isinstance(prompt, str):
                raise ValueError(f"`prompt` is one text; found {type(prompt).__name__}: one film a call")
            return prompt
        from reverie.video.wan.tokenizer import text_of

        return text_of(self.tokenizer, _ids(input_ids, attention_mask))


class AutoTokenizer:
    """`from_pretrained` by the names of `reverie models pull`; transformers' own knows only the hub's.

    The hub has no "wan2.2-t2v-5b", and a Wan checkpoint keeps its tokenizer in a folder of its own.
    """

    @staticmethod
    def from_pretrained(name_or_path: str | Path) -> Any:
        """The tokenizer of a model on this machine: transformers', ready to call. Raises GeneratorError."""
        from reverie.video.wan.tokenizer import load_tokenizer

        return load_tokenizer(find(_model(name_or_path)))


def save_video(video: Any, path: str | Path, fps: int = 24) -> Path:
    """Write `video` as an H.264 MP4 that every browser plays; returns its path.

    `video`: RGB frames (N, H, W, 3) or (1, N, H, W, 3), uint8 or floats in 0..1, as an array or a torch
    tensor; or a list of such pictures or of PIL's. H and W are even, and 64 at least. `fps`: 1 to 120; it
    sets how fast the frames are shown, not how much happens in them.

    Every film is marked as AI-generated, as the law asks (EU AI Act, article 50; China's GB 45438-2025): a
    visible label in each picture and the `AIGC` metadata in the file. There is no switch for it.

    The file appears whole or not at all, and replaces one that is there. Raises ValueError for what is no
    video, StoreError when the file cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() != ".mp4":
        raise ValueError(f"{target}: films are MP4; call it {target.with_suffix('.mp4').name}")
    rate = _whole("fps", fps, 1, 120)
    pictures = _pictures(video)
    height, width = pictures[0].shape[:2]
    seen = hashlib.sha256()
    for picture in pictures:
        seen.update(picture.tobytes())
    spec = ClipSpec("sdk", "", width, height, len(pictures), rate)
    mark = label.Label(width, height)
    marks = label.metadata(seen.hexdigest(), 1, PRODUCER)
    encode.save(map(mark.burn, pictures), target, spec, config.Generator(), marks)
    return target


# ---------------------------------------------------------------------------------- what is asked


def _model(name_or_path: str | Path) -> str:
    """What the configuration calls a model; a `Path` is a folder, however it is written."""
    if isinstance(name_or_path, Path):
        return str(name_or_path.expanduser().absolute())
    if not isinstance(name_or_path, str) or not name_or_path:
        raise ValueError(f"a model's name or folder is expected; found {name_or_path!r}")
    return name_or_path


def _settings(values: Mapping[str, Any]) -> config.Wan:
    import pydantic

    try:
        return config.Wan(**values)
    except pydantic.ValidationError as error:
        fault = config.faults(error, config.Wan)[0]
        raise ValueError(f"{fault.path[0]}: {fault.told}") from None


def _whole(name: str, value: Any, least: int | None = None, most: int | None = None) -> int:
    """A whole number as Python, numpy or torch have it. Raises ValueError."""
    try:
        number = operator.index(value) if not isinstance(value, bool) else None
    except TypeError:
        number = None
    if number is None:
        raise ValueError(f"{name} is {value!r}; a whole number is expected")
    if (least is not None and number < least) or (most is not None and number > most):
        allowed = f"{least} to {most}" if most is not None else f"{least} and up"
        raise ValueError(f"{name} is {number}; allowed are {allowed}")
    return number


def _guidance(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 1 <= value <= 20:
        raise ValueError(f"guidance_scale is {value!r}; allowed are 1 (none) to 20")
    return float(value)


def _ids(input_ids: Any, attention_mask: Any) -> list[int]:
    """The tokens of one text that are not masked. Raises ValueError."""
    ids = _one_row("input_ids", input_ids)
    if attention_mask is not None:
        mask = _one_row("attention_mask", attention_mask)
        if mask.shape != ids.shape:
            raise ValueError(f"attention_mask has {mask.size} entries, input_ids {ids.size}")
        ids = ids[mask != 0]
    return [int(token) for token in ids]


def _one_row(name: str, value: Any) -> NDArray[Any]:
    row = _array(value)
    if row.ndim == 2 and row.shape[0] == 1:
        row = row[0]
    if row.ndim != 1 or not np.issubdtype(row.dtype, np.integer):
        raise ValueError(
            f"{name} are {row.dtype} {row.shape}; expected whole numbers (n,) or (1, n): one film a call"
        )
    return row


def _first(image: Any) -> Image:
    """A picture that a film begins with, uint8 RGB. Raises ValueError."""
    if isinstance(image, str | Path):
        from reverie.video.wan.picture import read

        try:
            return read(Path(image))
        except Refused as refused:
            raise ValueError(str(refused)) from refused
    return np.array(_picture(image, "image"))  # its own: torch wants to be able to write


# ---------------------------------------------------------------------------------- pictures


def _array(value: Any) -> NDArray[Any]:
    """`value` as numpy has it; a torch tensor of any device and type comes too."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if value.is_floating_point():
            value = value.float()  # numpy knows no bfloat16
        value = value.numpy()
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError("pictures of one video have one size; these differ") from None


def _pictures(video: Any) -> Sequence[Image]:
    """Frames of a video, uint8 RGB (H, W, 3) each, C-contiguous. Raises ValueError."""
    if isinstance(video, Sequence | Iterator):
        frames = [_picture(picture, f"picture {index}") for index, picture in enumerate(video)]
        sizes = {frame.shape for frame in frames}
        if len(sizes) > 1:
            raise ValueError(f"pictures of one video have one size; found {sorted(sizes)}")
    else:
        whole = _array(video)
        if whole.ndim == 5 and whole.shape[0] == 1:
            whole = whole[0]
        if whole.ndim != 4:
            raise ValueError(f"a video is (N, H, W, 3) or (1, N, H, W, 3); found {whole.dtype} {whole.shape}")
        frames = [_picture(picture, f"picture {index}") for index, picture in enumerate(whole)]
    if not frames:
        raise ValueError("the video has no picture")
    height, width = frames[0].shape[:2]
    if height % 2 or width % 2 or min(height, width) < SMALLEST:
        raise ValueError(
            f"pictures are {width}x{height}; allowed are even sides (H.264) from {SMALLEST} pixels on (the "
            "label)"
        )
    return frames


def _picture(value: Any, what: str) -> Image:
    if hasattr(value, "convert"):  # PIL's
        value = value.convert("RGB")
    picture = _array(value)
    if picture.ndim != 3 or picture.shape[2] != 3:
        first = picture.ndim == 3 and picture.shape[0] == 3
        hint = ": colours come last, as `permute(0, 2, 3, 1)` makes them" if first else ""
        raise ValueError(f"{what} is {picture.dtype} {picture.shape}; expected (H, W, 3){hint}")
    if picture.dtype == np.uint8:
        return np.ascontiguousarray(picture)
    if not np.issubdtype(picture.dtype, np.floating):
        raise ValueError(f"{what} is {picture.dtype}; expected uint8, or floats in 0..1")
    low, high = float(picture.min()), float(picture.max())
    if not (low >= -CLOSE and high <= 1 + CLOSE):
        raise ValueError(f"{what} has floats in {low:.3g}..{high:.3g}; expected 0..1")
    pixels: Image = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return pixels
