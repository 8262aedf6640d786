"""`reverie bench`: how fast this box is, measured here and now."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from reverie import config
from reverie.cli.terminal import load, out, progress, validated
from reverie.errors import ConfigError

WARM = 5
"""Frames that are not counted: the first ones find caches cold and libraries half loaded."""

commands = typer.Typer(no_args_is_help=True, help="How fast this box is.")


@commands.callback()
def _group() -> None:
    """One command a part of the box; there is one so far."""


@commands.command("vision")
def vision_command(
    camera: Annotated[str, typer.Option(help="A video file or a folder of pictures.")] = "demo",
    model: Annotated[str | None, typer.Option(help="A detector, as `detector.model` names it.")] = None,
    engine: Annotated[str | None, typer.Option(help="As `detector.engine`.")] = None,
    device: Annotated[str | None, typer.Option(help="As `detector.device`.")] = None,
    precision: Annotated[str | None, typer.Option(help="As `detector.precision`.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads of the detector.")] = None,
    cadence: Annotated[int, typer.Option(help="The detector sees one frame in so many.")] = 1,
    motion: Annotated[
        bool, typer.Option("--motion", help="With the motion gate: the detector rests while nothing moves.")
    ] = False,
    frames: Annotated[int, typer.Option(min=1, help="Frames to measure, at most.")] = 300,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    config_path: Annotated[
        Path | None, typer.Option("--config", "-c", help="Whose `detector` to begin with.")
    ] = None,
) -> None:
    """Milliseconds of each stage from a film to events, frames a second, and what that costs the CPU."""
    from reverie.vision.camera import read_frames
    from reverie.vision.detector import load_detector
    from reverie.vision.laps import Lap, run_laps
    from reverie.vision.lookout import Lookout

    settings = load(config_path)
    asked = {
        "model": model,
        "engine": engine,
        "device": device,
        "precision": precision,
        "threads": threads,
        "cadence": cadence,
        "motion": None if motion else 0.0,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    looks = validated(
        config.Detector, {name: f"--{name}" for name in asked}, **{**settings.detector.model_dump(), **given}
    )
    lookout = Lookout(config.Camera(), looks, settings.events)
    film = itertools.islice(read_frames(camera), WARM + frames)
    laps: list[Lap] = []
    spent = began = 0.0
    with progress("frames", None, quiet=as_json) as tick:
        for lap in run_laps(film, load_detector(looks), lookout, time.perf_counter):
            laps.append(lap)
            tick(len(laps))
            if len(laps) == WARM:
                spent, began = time.process_time(), time.perf_counter()
    if len(laps) <= WARM + 1:
        raise ConfigError(
            f"--camera {camera}: {len(laps)} frames are too few to measure; at least {WARM + 2}"
        )
    told = _told(laps[WARM:], time.perf_counter() - began, time.process_time() - spent)
    if as_json:
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    else:
        _print(told, looks.model)


def _told(laps: Sequence[Any], seconds: float, cpu: float) -> dict[str, Any]:
    """What is printed: milliseconds where a name does not say otherwise."""
    detected = [lap for lap in laps if lap.sight.detected]
    film = (laps[-1].frame.time - laps[0].frame.time) * len(laps) / (len(laps) - 1)
    return {
        "frames": len(laps),
        "detections": len(detected),
        "fps": round(len(laps) / seconds, 2),
        "latency_ms": _of([lap.latency for lap in laps]),
        "cpu_ms_per_frame": round(1000 * cpu / len(laps), 3),
        "cpu_ms_per_second_of_film": round(1000 * cpu / film, 2) if film > 0 else None,
        "stages_ms": {
            "decode": _of([lap.decode for lap in laps]),
            "motion gate": _of([lap.gate for lap in laps]),
            "detect": _of([lap.detect for lap in detected]),
            "tracks and rules": _of([lap.follow for lap in laps]),
        },
    }


def _of(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and mean of durations, in milliseconds; zeros where there are none."""
    if not seconds:
        return {"p50": 0.0, "p95": 0.0, "mean": 0.0}
    ordered = sorted(1000 * value for value in seconds)
    middle, late = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {"p50": round(middle, 3), "p95": round(late, 3), "mean": round(sum(ordered) / len(ordered), 3)}


def _print(told: dict[str, Any], model: str) -> None:
    table = Table(title=escape(model), title_justify="left")
    for name in ("stage", "p50 ms", "p95 ms", "mean ms"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    rows = {**told["stages_ms"], "frame to events": told["latency_ms"]}
    for stage, of in rows.items():
        table.add_row(stage, *(f"{of[key]:.2f}" for key in ("p50", "p95", "mean")))
    out.print(table)
    film = told["cpu_ms_per_second_of_film"]
    per_film = f", {film:.0f} ms for a second of film" if film is not None else ""
    out.print(
        f"{told['frames']} frames, detected in {told['detections']}: {told['fps']:.1f} frames a second; "
        f"CPU {told['cpu_ms_per_frame']:.1f} ms a frame{per_film}",
        soft_wrap=True,
    )
