"""The part that looks: cameras, zones, the detector, rules that cannot work, the box's own screen."""

from __future__ import annotations

import difflib
import itertools
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from reverie import config, zones
from reverie.assets import asset
from reverie.checkup.finding import Finding
from reverie.errors import CameraError, ConfigError, ReverieError
from reverie.shelf import Shelf, read_shelf
from reverie.store.folder import Folder
from reverie.story.vocabulary import NOUN
from reverie.values import Frame
from reverie.vision.detector import Detector, load_detector

STREAMS = ("rtsp", "rtsps", "http", "https")
"""Addresses that a camera may have."""

PACE = 0.5
"""Seconds between two detections above which a note is made: a walker gets about half a picture further."""

NEWEST = 2
"""Clips that are tried on the screen, beside the ambient film."""

SECONDS = 5.0
"""How much of each is tried."""

LOOKS = 4.0
"""Looks a second at it: rules are in seconds, and a slow detector should not make the check a long one."""

USUAL = Path("products")
"""The folder of products out of the box."""

Plans = Mapping[str, zones.Plan]
"""What is drawn or configured for each camera, by its name."""


def findings(settings: config.Config) -> Iterator[Finding]:
    """Looks at one thing after the other; loads the detector as running would."""
    yield from (_camera(camera) for camera in settings.cameras)
    plans = zones.load(settings.store.folder, settings.cameras)
    for camera in settings.cameras:
        yield from _zones(settings, camera, plans[camera.name])
    shelf = Shelf() if settings.products is None else read_shelf(settings.products)
    yield from _products(settings, shelf)
    detector: Detector | None = None
    try:
        detector = load_detector(settings.detector)
        yield Finding("detector", "ok", _seen(settings, plans, detector, shelf))
    except ReverieError as error:
        yield Finding("detector", "wrong", str(error))
    yield from _rules(settings, detector)
    yield _privacy(settings, plans, detector)
    if detector is not None:
        for camera in settings.cameras:
            if _is_live(camera):
                yield _self_view(settings, camera, plans[camera.name], detector)


def refuse(cameras: tuple[config.Camera, ...]) -> None:
    """Raises ConfigError for an address that no retry can mend."""
    for camera in cameras:
        scheme, separator, _ = camera.source.partition("://")
        if separator and scheme.lower() not in STREAMS:
            allowed = ", ".join(f"{s}://" for s in STREAMS)
            raise ConfigError(f"camera {camera.name}: {camera.source}: allowed are {allowed}")


def _camera(camera: config.Camera) -> Finding:
    what = f"camera {camera.name}"
    source = config.mask(camera.source)
    if source == "demo":
        return Finding(what, "ok", f"the demo footage ({asset('demo.mp4').stat().st_size / 1e6:.1f} MB)")
    if camera.source.isdigit():
        device = Path(f"/dev/video{camera.source}")
        if not device.exists():
            there = ", ".join(sorted(p.name[5:] for p in Path("/dev").glob("video*"))) or "none"
            return Finding(what, "wrong", f"there is no USB camera {camera.source}; connected: {there}")
        if not os.access(device, os.R_OK | os.W_OK):
            return Finding(what, "wrong", f"{device} may not be opened; add this user to the group `video`")
        return Finding(what, "ok", str(device))
    if "://" in camera.source and camera.source.partition("://")[0].lower() not in STREAMS:
        return Finding(what, "wrong", f"{source}: allowed are {', '.join(f'{s}://' for s in STREAMS)}")
    if "://" in camera.source or camera.source.startswith("scripted:"):
        return Finding(what, "note", f"{source}: will be connected, and again for ever when it is lost")
    return _footage(what, camera.source)


def _footage(what: str, source: str) -> Finding:
    """Whether there is a picture in a file or folder: the first one is decoded."""
    path = Path(source)
    if not os.path.exists(path):  # never raises, unlike a Path's own
        return Finding(
            what,
            "wrong",
            f"{path}: no such file or folder (allowed: demo, a number, rtsp://, http://, file, folder)",
        )
    from reverie.vision.camera import read_frames

    try:
        first = next(read_frames(source))
    except CameraError as error:
        return Finding(what, "wrong", str(error))
    size = f"{first.image.shape[1]}x{first.image.shape[0]}"
    return Finding(what, "ok", f"{'folder' if path.is_dir() else 'file'} {path}, {size}")


def _is_live(camera: config.Camera) -> bool:
    """Whether it looks at what is there now: footage cannot see the screen."""
    return camera.source.isdigit() or "://" in camera.source


def _zones(settings: config.Config, camera: config.Camera, plan: zones.Plan) -> Iterator[Finding]:
    what = f"zones of {camera.name}"
    if plan.fault:
        yield Finding(what, "wrong", plan.fault)
    names = [f"{zone.name} ({zone.kind})" for zone in plan.zones] + [
        f"{line.name} (line)" for line in plan.lines
    ]
    origin = "drawn in the console: " if plan.drawn else ""
    if not names:
        yield Finding(what, "note", f"{origin}none: the whole picture is one zone")
    else:
        yield Finding(what, "ok", origin + ", ".join(names))
    for slot in (zone for zone in plan.zones if zone.kind == "slot"):
        if not settings.events.handling:
            yield Finding(what, "note", f"slot {slot.name!r} tells nothing: `events.handling` is off")
        if slot.holds and slot.holds not in NOUN:
            near = ", ".join(difflib.get_close_matches(slot.holds, NOUN, 3)) or "cup, book, headphones"
            yield Finding(
                what,
                "note",
                f"slot {slot.name!r} holds {slot.holds!r}: no word that stories know, such as {near}",
            )


def _products(settings: config.Config, shelf: Shelf) -> Iterator[Finding]:
    """What can be known when it is held up; `reverie products check` looks at each photo."""
    folder = settings.products
    if folder is None or (folder.name == USUAL.name and not folder.exists()):
        return  # what is set out of the box need not be there
    if not folder.is_dir():
        yield Finding("products", "wrong", f"{folder}: no such folder")
        return
    for fault in shelf.faults:
        yield Finding("products", "note", f"{fault.where}: {fault.told}")
    yield Finding("products", "ok", f"{folder}: {', '.join(shelf.labels) or 'none yet'}")


def _seen(settings: config.Config, plans: Plans, detector: Detector, shelf: Shelf) -> str:
    """What the detector is. Raises ConfigError where a rule waits for what nobody ever reports."""
    known = {*detector.labels, *shelf.labels}
    waiting = {"events.handled": settings.events.handled}
    for plan in plans.values():
        waiting |= {f"zone {zone.name!r}": zone.labels for zone in plan.zones if zone.kind != "screen"}
        waiting |= {f"line {line.name!r}": line.labels for line in plan.lines}
    for what, labels in waiting.items():
        odd = [label for label in labels if label not in known]
        if odd:
            raise ConfigError(
                f"{what} waits for {', '.join(odd)}, unknown to this detector; "
                f"it knows {', '.join(sorted(detector.labels)[:12])}…"
            )
    joints = ", with joints" if detector.joints else ""
    return f"{settings.detector.model}, {len(detector.labels)} classes{joints}"


def _rules(settings: config.Config, detector: Detector | None) -> Iterator[Finding]:
    """Rules that can never fire, or fire wrongly, as they are set."""
    looks, events = settings.detector, settings.events
    every = 1 if looks.cadence == "auto" else looks.cadence
    apart = every / looks.rate
    if apart > PACE:
        yield Finding(
            "events",
            "note",
            f"with `detector.rate` {looks.rate:g} and `detector.cadence` {every} the detector looks every "
            f"{apart:.1f} s: who walks by may be missed, or counted twice",
        )
    if events.grace < 2 * apart:
        yield Finding(
            "events",
            "note",
            f"`events.grace` is {events.grace:g} s and the detector looks every {apart:.1f} s: who is missed "
            f"once has left; {2 * apart:.1f} or more is better",
        )
    cores = len(os.sched_getaffinity(0))
    if looks.threads is not None and looks.threads > cores:
        yield Finding(
            "detector", "note", f"`detector.threads` is {looks.threads}, and it may use {cores} cores"
        )
    if events.faced and events.faced != config.Events().faced and detector and not detector.joints:
        yield Finding("events", "note", "`events.faced` is never told: this detector is no pose model")


def _privacy(settings: config.Config, plans: Plans, detector: Detector | None) -> Finding:
    """What is measured of people, in a line."""
    kinds = {zone.kind for plan in plans.values() for zone in plan.zones}
    lines = any(plan.lines for plan in plans.values())
    measured = {
        "presence, number and dwell": True,
        "crossing of lines": lines,
        "what hands take and put back": settings.events.handling or "slot" in kinds,
        "joints and what they face": detector is not None and detector.joints,
        "tall or short": any(camera.ground is not None for camera in settings.cameras),
    }
    told = "of people: " + ", ".join(what for what, is_so in measured.items() if is_so)
    if measured["tall or short"]:
        return Finding("privacy", "note", f"{told}; it needs a notice at the entrance, see docs/privacy.md")
    return Finding("privacy", "ok", f"{told}; see docs/privacy.md")


def _self_view(
    settings: config.Config, camera: config.Camera, plan: zones.Plan, detector: Detector
) -> Finding:
    """Whether films of this box would be events to its own camera."""
    from reverie.vision.camera import read_frames
    from reverie.vision.lookout import Lookout
    from reverie.vision.recogniser import load_memory
    from reverie.vision.replay import Tally, replay
    from reverie.vision.selfview import on_screen

    what = f"screen before {camera.name}"
    screens = [zone.polygon for zone in plan.zones if zone.kind == "screen"]
    looks = settings.detector.model_copy(update={"rate": LOOKS, "cadence": 1})
    place = camera.model_copy(update={"zones": plan.zones, "lines": plan.lines})
    memory = load_memory(settings.products)
    told: list[str] = []
    tried = 0
    films = _films(settings)
    for name, path in films.items():
        lookout = Lookout(place, looks, settings.events, memory=memory)
        try:
            shown = on_screen(_sampled(read_frames(str(path))), screens)
            happened = list(replay(shown, detector, lookout, Tally()))
        except CameraError:
            continue  # a clip that was evicted meanwhile, or is damaged: told elsewhere
        tried += 1
        if happened:
            kinds = Counter(f"{event.kind} {event.label}" for event in happened)
            told.append(f"{name} ({', '.join(kinds)})")
    if not tried:
        return Finding(what, "note", f"none of this box's {len(films)} films could be read: not tried")
    if not told:
        how = "on its screen" if screens else "even if it fills the picture"
        return Finding(what, "ok", f"no film makes an event {how} ({tried} tried)")
    which = "; ".join(told)
    if screens:
        advice = "draw the zones of `kind: screen` as large as the screen itself"
        return Finding(
            what, "note", f"in spite of its screen zones, films are events to it: {which}; {advice}"
        )
    advice = "if it sees this box's screen, mark that with a zone of `kind: screen`"
    return Finding(what, "note", f"films are events to it where they fill the picture: {which}; {advice}")


def _sampled(film: Iterator[Frame]) -> Iterator[Frame]:
    """The beginning of a film, with as many frames as are looked at."""
    due = 0.0
    for frame in itertools.takewhile(lambda frame: frame.time <= SECONDS, film):
        if frame.time >= due:
            due += 1 / LOOKS
            yield frame


def _films(settings: config.Config) -> dict[str, Path]:
    """What is on the screen: the ambient film and the newest clips, by what they are called here."""
    ambient = settings.screen.ambient or asset("ambient.mp4")
    dated = []
    for path in Folder(settings.store.folder.absolute()).clips.glob("*/*.mp4"):
        try:
            dated.append((path.stat().st_mtime, path))
        except OSError:
            continue  # evicted meanwhile
    newest = [path for _, path in sorted(dated, reverse=True)[:NEWEST]]
    return {"the ambient film": ambient} | {f"clip {path.stem[:12]}…": path for path in newest}
