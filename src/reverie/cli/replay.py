"""`reverie replay`: what the rules make of a film, for whoever tunes them and for golden tests."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reverie import config
from reverie.cli.terminal import err, load, progress, validated
from reverie.errors import ConfigError
from reverie.values import Event, Frame

if TYPE_CHECKING:
    from reverie.shelf import Product
    from reverie.vision.replay import Tally


def replay(
    file: Annotated[str, typer.Argument(help="A video file, a folder of pictures, or `demo`.")],
    rules: Annotated[
        Path | None,
        typer.Option(
            "--rules",
            "-r",
            "--config",
            "-c",
            help="A whole reverie.yaml, or one camera's `zones` and `lines` with `events` and `detector`.",
        ),
    ] = None,
    camera: Annotated[
        str | None, typer.Option("--camera", help="Whose rules, where there are several cameras.")
    ] = None,
    drawn: Annotated[
        bool, typer.Option("--drawn", help="With the zones and lines drawn in the console for that camera.")
    ] = False,
    model: Annotated[
        str | None, typer.Option("--model", help="Another detector than the rules name.")
    ] = None,
    rate: Annotated[float | None, typer.Option("--rate", help="Looks a second.")] = None,
    cadence: Annotated[
        int | None,
        typer.Option("--cadence", help="Detect at one look in so many; 1 where the rules say `auto`."),
    ] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", help="CPU threads of the detector. As the rules say, or all.")
    ] = None,
) -> None:
    """What the rules make of a film: each event with its time and reason, one JSON line each."""
    from reverie.vision.camera import read_frames
    from reverie.vision.detector import load_detector
    from reverie.vision.lookout import Lookout
    from reverie.vision.recogniser import load_memory
    from reverie.vision.replay import Tally
    from reverie.vision.replay import replay as events_of

    settings = load(None) if rules is None else config.load_rules(rules)
    place = _camera(settings, camera, drawn)
    looks = _detector(settings.detector, model=model, rate=rate, cadence=cadence, threads=threads)
    film = read_frames(file)
    detector, memory = load_detector(looks), load_memory(settings.products)
    _note_unknown(place, detector.labels, memory.products if memory is not None else ())
    lookout, tally = Lookout(place, looks, settings.events, memory=memory), Tally()
    began = time.perf_counter()
    with progress("frames", None) as tick:
        for event in events_of(_counted(film, tick), detector, lookout, tally):
            sys.stdout.write(json.dumps(event_line(event), ensure_ascii=False) + "\n")
            sys.stdout.flush()
    err.print(_summary(tally, time.perf_counter() - began), soft_wrap=True)


def _note_unknown(place: config.Camera, labels: Sequence[str], products: Sequence[Product]) -> None:
    """Say on the standard error which names zones and lines wait for in vain."""
    known = {*labels, *(product.label for product in products)}
    areas: tuple[config.Zone | config.Line, ...] = (*place.zones, *place.lines)
    for area in areas:
        for label in area.labels:
            if label not in known:
                err.print(f"note: {area.name!r} waits for {label!r}, which nothing here is called")


def event_line(event: Event) -> dict[str, Any]:
    """What is printed of an event: every field, always, in this order; seconds to the millisecond."""
    return {
        "time": round(event.time, 3),
        "kind": event.kind.value,
        "zone": event.zone,
        "label": event.label,
        "track": event.track_id,
        "dwell": round(event.dwell, 3),
        "count": event.count,
        "direction": event.direction,
        "near": event.near,
        "stature": event.stature,
        "reason": event.reason,
    }


def _camera(settings: config.Config, name: str | None, drawn: bool) -> config.Camera:
    """The camera whose rules are asked for. Raises ConfigError."""
    there = {camera.name: camera for camera in settings.cameras}
    named = ", ".join(there)
    if name is None and len(there) > 1:
        raise ConfigError(f"--camera: whose rules? These have {named}")
    if name is not None and name not in there:
        raise ConfigError(f"--camera {name}: no such camera in these rules; they have {named}")
    camera = settings.cameras[0] if name is None else there[name]
    if not drawn:
        return camera
    from reverie import zones

    plan = zones.load(settings.store.folder, [camera])[camera.name]
    if not plan.drawn:
        where = zones.file_of(settings.store.folder)
        why = plan.fault or f"{where}: nothing is drawn for camera {camera.name!r}"
        raise ConfigError(f"--drawn: {why}")
    return camera.model_copy(update={"zones": plan.zones, "lines": plan.lines})


def _detector(settings: config.Detector, **given: object) -> config.Detector:
    """The detector with what the command line says otherwise. Raises ConfigError.

    Nothing that time decides is left in it: `cadence: auto` becomes 1. How many threads there are changes
    nothing that is seen.
    """
    asked = {name: value for name, value in given.items() if value is not None}
    steady = {
        "cadence": 1 if settings.cadence == "auto" else settings.cadence,
        "threads": settings.threads or min(64, len(os.sched_getaffinity(0))),
    }
    options = {name: f"--{name}" for name in given}
    return validated(config.Detector, options, **{**settings.model_dump(), **steady, **asked})


def _counted(film: Iterator[Frame], tick: Callable[[int], None]) -> Iterator[Frame]:
    for frame in film:
        tick(frame.index + 1)
        yield frame


def _summary(tally: Tally, took: float) -> str:
    told = ", ".join(f"{kind} {count}" for kind, count in tally.events.items()) or "nothing happened"
    return (
        f"{tally.frames} frames, {tally.seconds:.1f} s of film in {took:.1f} s; "
        f"looked at {tally.looked}, detected in {tally.detections}: {told}"
    )
