"""Zones and lines that the operator drew: one machine-written file in the data folder, `zones.json`.

For a camera that is in it, what was drawn takes the place of what the configuration says; the operator's YAML
is never written. `serve` writes the file when the console's Zones page saves, `watch` looks at it once a
second. It is replaced whole, so that a reader finds the old one or the new one and never half of it.

    {"format": 1, "cameras": {"camera": {"zones": [...], "lines": [...]}}}
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from reverie import config
from reverie.errors import ConfigError, StoreError
from reverie.store.folder import alone, make_folder, store_fault, sync_folder

FORMAT = 1
"""Of the file: a reader that knows a lower number refuses it."""

MOST = 64
"""Zones, and lines, of one camera."""

CORNERS = 64
"""Corners of one drawn zone: whether its sides cross is asked of each pair of them."""

LARGEST = 16_000_000
"""Bytes of the file; sixteen cameras full of the largest zones take a tenth."""

DAMAGED = "zones.damaged.json"
"""What a file that cannot be read is renamed to, before another is written."""


class Outdated(StoreError):
    """Somebody else saved zones of this camera meanwhile."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The zones and lines of one camera.

    `drawn`: they come from the Zones page, not from the configuration. `fault`: why drawn ones that there are
    cannot be used, so that these are the configuration's; "" when all is well.
    """

    zones: tuple[config.Zone, ...]
    lines: tuple[config.Line, ...]
    drawn: bool = False
    fault: str = ""

    @property
    def version(self) -> str:
        """Names exactly these zones and lines, in 16 hex digits: who saves tells which they began with."""
        return hashlib.sha256(json.dumps(self.written, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def written(self) -> dict[str, Any]:
        """As the file and the API hold it."""
        return {
            "zones": [zone.model_dump(mode="json") for zone in self.zones],
            "lines": [line.model_dump(mode="json") for line in self.lines],
        }


class _Unreadable(Exception):
    """The file may be whole, but it cannot be read now: nothing may be taken from that."""


class Sheet:
    """What is drawn, as it changes, for a program that runs on. One caller at a time."""

    def __init__(self, settings: config.Config) -> None:
        self._folder = settings.store.folder
        self._cameras = settings.cameras
        self._mark: object = None
        self._plans = {camera.name: configured(camera) for camera in settings.cameras}
        self.fault = ""
        """Why drawn zones are not used, camera by camera; "" when all is well."""

    def news(self) -> dict[str, Plan]:
        """The plan of each camera that has another one than at the last call (at first: than configured).

        Costs one look at the file's date while nothing changes, and never raises: see `fault`.
        """
        path = file_of(self._folder)
        mark = _mark(path)
        if mark == self._mark:
            return {}
        try:
            entries = _entries(path)
        except _Unreadable as error:
            self.fault = f"{error}; what was drawn before still holds"
            return {}  # asked again at the next call
        self._mark = mark
        before, self._plans = self._plans, _plans(self._cameras, entries, path)
        self.fault = "; ".join(dict.fromkeys(plan.fault for plan in self._plans.values() if plan.fault))
        return {name: plan for name, plan in self._plans.items() if plan.written != before[name].written}


def file_of(folder: Path) -> Path:
    """Where a data folder keeps what was drawn."""
    return folder / "zones.json"


def configured(camera: config.Camera) -> Plan:
    """The plan that the configuration makes for `camera`."""
    return Plan(camera.zones, camera.lines)


def load(folder: Path, cameras: Iterable[config.Camera]) -> dict[str, Plan]:
    """The plan of each of `cameras` now, by name; one that cannot be read is as configured, with a fault."""
    path = file_of(folder)
    try:
        return _plans(cameras, _entries(path), path)
    except _Unreadable as error:
        return _plans(cameras, f"{error}; the configured zones are used", path)


def draw(camera: config.Camera, wanted: object) -> Plan:
    """The plan for `camera` in `wanted`, as JSON holds it: {"zones": [...], "lines": [...]}.

    Raises ConfigError: which zone or line, what is wrong with it and what is allowed; one line a mistake.
    """
    if not isinstance(wanted, dict) or wanted.keys() != {"zones", "lines"}:
        raise ConfigError('{"zones": [...], "lines": [...]} is expected')
    for what, most in (("zones", MOST), ("lines", MOST)):
        if isinstance(wanted[what], list) and len(wanted[what]) > most:
            raise ConfigError(f"{what}: {len(wanted[what])} of them; a camera has at most {most}")
    _demand_few_corners(wanted["zones"])
    try:
        made = config.Camera.model_validate({"name": camera.name, "source": camera.source, **wanted})
    except ValidationError as error:
        told = [f"{_where(fault.path, wanted)}{fault.told}" for fault in config.faults(error, config.Camera)]
        raise ConfigError("\n".join(told)) from None
    for zone in made.zones:
        _demand_names("zone", zone.name, zone.labels)
    for line in made.lines:
        _demand_names("line", line.name, line.labels)
    return Plan(made.zones, made.lines, drawn=True)


def save(folder: Path, camera: config.Camera, plan: Plan | None, base: str) -> Plan:
    """Write `plan` for `camera`, or with None go back to its configuration; the plan that holds from now on.

    `base` is the version that the editing began with. Raises Outdated when it is not the one that holds
    (unless just that is to be saved), and StoreError when the file cannot be written. A file that is damaged
    is set aside, not lost.
    """
    path = file_of(folder)
    wanted = configured(camera) if plan is None else plan
    try:
        make_folder(folder)
        with alone(folder):
            now = _plan(camera, _entries(path), path)
            if now == wanted:
                return wanted  # asked again because the first answer was lost
            if base != now.version:
                raise Outdated(
                    f"the zones of camera {camera.name!r} were changed by somebody else since you began; "
                    "nothing is saved yet"
                )
            entries = _kept(path)
            entries.pop(camera.name, None)
            if plan is not None:
                entries[camera.name] = plan.written
            _write(path, entries)
    except OSError as error:
        raise store_fault(error, path) from error
    except _Unreadable as error:
        raise StoreError(str(error)) from None
    return wanted


def _plans(
    cameras: Iterable[config.Camera], entries: Mapping[str, object] | str, path: Path
) -> dict[str, Plan]:
    return {camera.name: _plan(camera, entries, path) for camera in cameras}


def _plan(camera: config.Camera, entries: Mapping[str, object] | str, path: Path) -> Plan:
    """The plan of one camera; `entries` is the fault where there are none."""
    usual = configured(camera)
    if isinstance(entries, str):
        return Plan(usual.zones, usual.lines, fault=entries)
    if camera.name not in entries:
        return usual
    try:
        return draw(camera, entries[camera.name])
    except ConfigError as error:
        told = f"{path}: camera {camera.name!r}: {error}; its configured zones are used"
        return Plan(usual.zones, usual.lines, fault=told.replace("\n", "; "))


def _demand_names(what: str, name: str, labels: Iterable[str]) -> None:
    """Refuse what is no name of a thing; halves of characters could not even be written."""
    for label in labels:
        if not label.strip() or not label.isprintable() or len(label) > 64:
            raise ConfigError(
                f"{what} {name!r}: labels: names of things are expected, 64 printable characters at most"
            )


def _demand_few_corners(zones: object) -> None:
    """Asked first: whether sides cross costs the square of the corners."""
    for zone in zones if isinstance(zones, list) else ():
        corners = zone.get("polygon") if isinstance(zone, dict) else None
        if isinstance(corners, list) and len(corners) > CORNERS:
            raise ConfigError(
                f"zone {zone.get('name')!r}: {len(corners)} corners; a drawn zone has at most {CORNERS}"
            )


def _entries(path: Path) -> dict[str, object] | str:
    """What the file holds for each camera, or what is wrong with it. Raises _Unreadable."""
    try:
        return _read(path)
    except ConfigError as error:
        return str(error)


def _read(path: Path) -> dict[str, object]:
    """What the file holds for each camera; nothing where there is none. Raises ConfigError, _Unreadable."""
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigError(f"{path}: larger than {LARGEST} bytes: not what reverie wrote")
        held = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _Unreadable(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: damaged ({error}); the configured zones are used") from None
    if not isinstance(held, dict) or not isinstance(held.get("cameras"), dict):
        raise ConfigError(f"{path}: not what reverie writes; the configured zones are used")
    if held.get("format") != FORMAT:
        raise ConfigError(
            f"{path}: of the format {held.get('format')!r}, and this reverie reads {FORMAT}; the configured "
            "zones are used"
        )
    entries: dict[str, object] = held["cameras"]
    return entries


def _kept(path: Path) -> dict[str, object]:
    """What the file holds, to be written again; a damaged one is set aside. Raises _Unreadable."""
    entries = _entries(path)
    if isinstance(entries, str):
        path.replace(path.with_name(DAMAGED))
        return {}
    return entries


def _write(path: Path, entries: Mapping[str, object]) -> None:
    """Replace the file: whole, synced, then renamed. The folder is locked."""
    text = json.dumps({"format": FORMAT, "cameras": entries}, ensure_ascii=False, indent=1)
    fresh = path.with_name("zones.json.new")
    with fresh.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def _mark(path: Path) -> object:
    """What changes when the file is replaced; None when there is none that can be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _where(path: tuple[str | int, ...], wanted: Mapping[str, Any]) -> str:
    """`zone 'shelf': polygon: ` for ("zones", 0, "polygon"): a position says nothing to who draws."""
    if len(path) < 2 or not isinstance(path[1], int):
        return f"{path[0]}: " if path else ""
    what, index = str(path[0]), path[1]
    entry = wanted[what][index]
    name = entry.get("name") if isinstance(entry, dict) else None
    told = f"{what[:-1]} {name!r}" if isinstance(name, str) and name else f"{what[:-1]} {index + 1}"
    inside = "".join(f"[{part}]" if isinstance(part, int) else f": {part}" for part in path[2:])
    return f"{told}{inside}: "
