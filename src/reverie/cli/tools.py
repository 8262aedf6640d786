"""`reverie init`, `check`, `config`, `detect` and `brief`: write a configuration, or look into one part."""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from reverie import __version__, config
from reverie.cli.terminal import ConfigPath, load, out, progress, validated, write
from reverie.errors import ConfigError, ReverieError
from reverie.values import Detection, Frame


def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("reverie.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a commented configuration to begin with."""
    from reverie import manual

    if path.exists() and not force:
        raise ConfigError(f"{path} is there already; --force overwrites it")
    write(path, manual.yaml())
    out.print(f"wrote {path}. Next: [bold]reverie check --config {escape(str(path))}[/bold]")


def check(config_path: ConfigPath = None) -> None:
    """What is wrong with this configuration on this box, before it runs. Exit 1 if anything is."""
    from reverie import checkup

    settings = load(config_path)
    failed = False
    for finding in checkup.findings(settings):
        colour = {"ok": "green", "note": "yellow", "wrong": "red"}[finding.verdict]
        failed |= finding.verdict == "wrong"
        message = escape(config.mask(finding.message))
        out.print(
            f"[{colour}]{finding.verdict:>5}[/{colour}]  [bold]{finding.what}[/bold]  {message}",
            soft_wrap=True,
        )
    if failed:
        raise typer.Exit(1)


def config_command(
    config_path: ConfigPath = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of the settings.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print every setting as a page.")] = False,
) -> None:
    """Print the configuration as it would run (secrets masked), or what may be set."""
    from reverie import manual

    if schema:
        sys.stdout.write(json.dumps(config.Config.model_json_schema(), indent=1) + "\n")
    elif markdown:
        sys.stdout.write(manual.markdown())
    else:
        shown = load(config_path).model_dump(mode="json")
        sys.stdout.write(config.mask(json.dumps(shown, indent=1, ensure_ascii=False)) + "\n")


def detect(
    file: Annotated[str, typer.Argument(help="A video file, a picture, or a folder of pictures.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a frame.")] = False,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw the boxes into this MP4.")] = None,
    model: Annotated[
        str, typer.Option(help="`embedded`, a YOLOv8 file, or a name that `reverie models list` shows.")
    ] = "embedded",
    conf: Annotated[float | None, typer.Option(min=0, max=1, help="Score from which a thing counts.")] = None,
    classes: Annotated[list[str] | None, typer.Option("--class", help="Only these classes.")] = None,
    engine: Annotated[str, typer.Option(help="auto, onnxruntime, openvino or tensorrt.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, f32, bf16 or f16.")] = "auto",
) -> None:
    """What the detector sees in a file, frame by frame."""
    from reverie.vision.camera import read_frames
    from reverie.vision.detector import load_detector

    given = {"model": model, "conf": conf, "engine": engine, "precision": precision}
    settings = validated(
        config.Detector,
        {name: f"--{name}" for name in given},
        **given,
        classes=tuple(classes or ()),
        threads=min(64, os.cpu_count() or 1),
    )
    detector = load_detector(settings)
    found: Counter[str] = Counter()
    with progress("frames", None, quiet=as_json and plot is None) as tick:

        def seen() -> Iterator[tuple[Frame, list[Detection]]]:
            for frame in read_frames(file):
                detections = detector.detect([frame])[0]
                tick(frame.index + 1)
                found.update(["frames", *(d.label for d in detections)])
                if as_json:
                    sys.stdout.write(json.dumps(_seen_line(frame, detections), ensure_ascii=False) + "\n")
                yield frame, detections

        if plot is None:
            for _ in seen():
                pass
        else:
            _plot(seen(), plot)
    if not as_json:
        frames = found.pop("frames", 0)
        things = ", ".join(f"{label} {n}" for label, n in found.most_common())
        out.print(f"{frames} frames: {escape(things) or 'nothing seen'}")


def _seen_line(frame: Frame, detections: list[Detection]) -> dict[str, Any]:
    return {
        "index": frame.index,
        "time": round(frame.time, 4),
        "detections": [
            {
                "label": d.label,
                "score": round(d.score, 4),
                "box": [round(v, 5) for v in (d.box.left, d.box.top, d.box.right, d.box.bottom)],
            }
            | ({"joints": [[round(v, 5) for v in joint] for joint in d.joints]} if d.joints else {})
            for d in detections
        ],
    }


def _plot(seen: Iterator[tuple[Frame, list[Detection]]], path: Path) -> None:
    """Boxes drawn into an MP4: real pixels, kept because the operator asked for this very file."""
    from reverie.values import ClipSpec
    from reverie.video import encode
    from reverie.vision.letterbox import make_letterbox
    from reverie.vision.plot import plot

    head = list(itertools.islice(seen, 2))
    if not head:
        raise ReverieError(f"--plot {path}: there was no frame to draw")
    step = head[1][0].time - head[0][0].time if len(head) > 1 else 1.0
    height, width = head[0][0].image.shape[:2]
    spec = ClipSpec(
        "plot", __version__, width // 2 * 2, height // 2 * 2, 0, max(1, round(1 / max(step, 1 / 120)))
    )
    # Pictures of a folder may each have a size of their own: all are fitted into the first one's.
    images = (
        make_letterbox((frame.image.shape[1], frame.image.shape[0]), (spec.width, spec.height)).apply(
            plot(frame.image, found)
        )
        for frame, found in itertools.chain(head, seen)
    )
    encode.save(images, path, spec, config.Generator(), {})


def brief(
    text: Annotated[str, typer.Argument(help="A sentence or a question, in English or Chinese.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    language: Annotated[Literal["en", "zh"] | None, typer.Option(help="Language of the text.")] = None,
    library: Annotated[Path | None, typer.Option(help="A story library in YAML.")] = None,
) -> None:
    """What would be shown for a text: the brief understood from it."""
    from reverie.story import questions
    from reverie.story.library import load_library
    from reverie.story.prompts import prompt_of

    understood = questions.understand(text, language, load_library(library))
    if as_json:
        shown = {**questions.brief_json(understood), "prompt": prompt_of(understood.brief)}
        sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1) + "\n")
        return
    out.print(f"[bold]{escape(understood.brief.topic)}[/bold] ({understood.confidence})")
    for shot in understood.brief.shots:
        words = " ".join(w for w in (shot.subject, shot.action, shot.object) if w)
        out.print(f"  {escape(words)}, {shot.setting}, {shot.seconds:g} s: {escape(shot.caption)}")
