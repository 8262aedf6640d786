"""Models of this box: where they lie, and what names mean. Light: nothing here opens a model.

    models folder ─ NAME/…            a folder that `reverie models pull` made
                  └ FILE.onnx | .pt   a file that somebody copied there

A detector is a file: its name without the suffix is what `detector.model` takes. A model that imagines is a
whole folder (see `video/wan/checkpoint.py`, which keeps the names of those).
"""

from __future__ import annotations

import ast
import difflib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from reverie.config import DETECTOR_SUFFIXES as SUFFIXES
from reverie.config import home, is_detector_path
from reverie.errors import DetectorError

REPOSITORY = "Ultralytics/YOLOv8"
"""Where the makers of YOLOv8 keep its weights on the Hugging Face hub."""

LICENCE = "AGPL-3.0 (ultralytics' weights; they also sell other terms: ultralytics.com/license)"
"""What the weights of YOLOv8 come under, by their makers' word."""

NOTES = ".reverie-pull.json"
"""In a pulled model's folder: what it was fetched as."""

BUILT_IN = ("embedded",)
"""Detectors that need no file of the operator's."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A detector that `reverie models pull` knows: `file` in the hub's `repo`, of about `megabytes`."""

    name: str
    repo: str
    file: str
    licence: str
    what: str
    megabytes: int


def _yolo(size: str, task: str, parameters: float, megabytes: int) -> Weights:
    name = f"yolov8{size}" + ("-pose" if task == "pose" else "")
    sees = "people and their 17 joints" if task == "pose" else "80 everyday things"
    return Weights(
        name, REPOSITORY, f"{name}.pt", LICENCE, f"YOLOv8{size}, {parameters} million: {sees}", megabytes
    )


DETECTORS: Mapping[str, Weights] = MappingProxyType(
    {
        weights.name: weights
        for weights in (
            _yolo("n", "detect", 3.2, 7),
            _yolo("s", "detect", 11.2, 23),
            _yolo("m", "detect", 25.9, 52),
            _yolo("l", "detect", 43.7, 88),
            _yolo("x", "detect", 68.2, 137),
            _yolo("n", "pose", 3.3, 7),
            _yolo("s", "pose", 11.6, 24),
            _yolo("m", "pose", 26.4, 53),
            _yolo("l", "pose", 44.4, 90),
            _yolo("x", "pose", 69.4, 140),
        )
    }
)
"""By name. Parameters as ultralytics' tables give them; sizes are two bytes a parameter and some more."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a detector's file says of itself, without opening it as a model.

    `task` (detect, pose), `things` (how many class names), `side` (its input as exported, like "640x640") and
    `quantized` are "" or 0 where the file does not tell. `fault` is "" for a whole file, else what is wrong.
    """

    name: str
    path: Path
    size: int
    task: str
    things: int
    side: str
    licence: str
    quantized: str
    fault: str


def models_folder() -> Path:
    """Where models are kept: `$REVERIE_MODELS`, else `reverie/models` in the user's cache folder."""
    asked = os.environ.get("REVERIE_MODELS")
    if asked:
        return home(asked)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "reverie" / "models"


def detector_files(folder: Path) -> Iterator[Path]:
    """Every file that may hold a detector in a models folder, and one folder down; by name, better first.

    Half-fetched folders (hidden ones) are passed over. No folder: nothing.
    """
    try:
        inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        files = [path for path in inside if not path.is_dir()]
        for place in inside:
            if place.is_dir() and not (place / "model_index.json").exists():
                files += sorted(path for path in place.iterdir() if not path.name.startswith("."))
    except OSError:
        return
    yield from sorted(
        (path for path in files if path.suffix.lower() in SUFFIXES),
        key=lambda path: (path.stem, SUFFIXES.index(path.suffix.lower()), str(path)),
    )


def find_detector(model: str) -> Path:
    """The file of a detector on this box, by path or by name (`yolov8n`, or whatever lies in the folder).

    Raises DetectorError for a file that is not there and a name that nothing here has; the message says
    how to get it. Never downloads, opens no model.
    """
    if is_detector_path(model):
        path = home(model)
        if os.path.isfile(path):  # never raises, unlike a Path's own
            return path
        wrong = "is a folder, not a file" if os.path.isdir(path) else "no such file"
        raise DetectorError(f"{model}: {wrong}; {_allowed()}")
    folder = models_folder()
    named = {path.stem: path for path in reversed(list(detector_files(folder)))}
    if model in named:
        return named[model]
    raise DetectorError(f"detector {model!r} is not on this box; {_advice(model, folder, tuple(named))}")


def read_sheet(path: Path) -> Sheet:
    """What the file at `path` says of itself; a damaged one is told by `fault`, nothing is raised."""
    weights = DETECTORS.get(path.stem)
    said: Mapping[str, str] = {}
    fault = ""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ValueError("no file")
        if path.suffix.lower() == ".onnx":
            with path.open("rb") as file:
                said = _metadata(file, size)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        size, fault = os.path.getsize(path) if os.path.isfile(path) else 0, f"damaged or cut off: {error}"
    pose = path.stem.endswith("-pose")
    told = said.get("license") or said.get("licence") or _pulled_licence(path)
    return Sheet(
        name=path.stem,
        path=path,
        size=size,
        task=words(said.get("task", "")) or ("pose" if pose else "detect" if weights else ""),
        things=_count(said.get("names", "")),
        side=_side(said.get("imgsz", "")),
        licence=words(told or (weights.licence if weights else "not stated")),
        quantized=words(said.get("quantized", "")),
        fault=fault,
    )


def words(text: str) -> str:
    """What somebody wrote, for a terminal: one line of at most 200 characters, none of them a command."""
    return "".join(c if c.isprintable() else " " for c in text[:200])


def _pulled_licence(path: Path) -> str:
    try:
        return str(json.loads((path.parent / NOTES).read_text(encoding="utf-8"))["licence"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _count(names: str) -> int:
    """How many class names an exporter wrote, as a Python literal or as JSON."""
    try:
        return len(ast.literal_eval(names))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return 0


def _side(imgsz: str) -> str:
    try:
        height, width = ast.literal_eval(imgsz)
        return f"{int(width)}x{int(height)}"
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return ""


# ---------------------------------------------------------------------------------- ONNX, read by hand
# A protobuf is a row of (field number, kind, value). The model itself (field 7) is stepped over: a listing
# must not load a hundred megabytes. Numbers from onnx.proto: ModelProto.metadata_props = 14, its key = 1,
# value = 2.

_GRAPH, _PROPERTIES, _KEY, _VALUE = 7, 14, 1, 2
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MOST = 1 << 20
"""Bytes of one entry beyond which it is none: 80 class names take two thousand."""


def _metadata(file: BinaryIO, size: int) -> dict[str, str]:
    """What the exporter wrote into an ONNX file of `size` bytes. Raises ValueError for what is none."""
    found: dict[str, str] = {}
    fields = set()
    while file.tell() < size:
        field, kind = divmod(_varint(file), 8)
        if field == 0:  # a file of zeros, as a copy that failed leaves it
            raise ValueError(f"no ONNX file ({size} bytes)")
        fields.add(field)
        if kind == _VARINT:
            _varint(file)
            continue
        length = _varint(file) if kind == _BYTES else {_FIXED64: 8, _FIXED32: 4}.get(kind, -1)
        if length < 0 or file.tell() + length > size:
            raise ValueError(f"no whole ONNX file ({size} bytes)")
        if field == _PROPERTIES and kind == _BYTES and length <= _MOST:
            end = file.tell() + length
            entry: dict[int, str] = {}
            while file.tell() < end:
                part = _varint(file) // 8
                entry[part] = file.read(min(_varint(file), end - file.tell())).decode()
            found[entry.get(_KEY, "")] = entry.get(_VALUE, "")
        else:
            file.seek(length, os.SEEK_CUR)
    if _GRAPH not in fields:
        raise ValueError(f"no whole ONNX file ({size} bytes)")
    return found


def _varint(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            break
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise ValueError("a number without an end")


# ---------------------------------------------------------------------------------- advice


def _advice(model: str, folder: Path, here: tuple[str, ...]) -> str:
    if model in DETECTORS:
        return (
            f"fetch it with `reverie models pull {model}`, or copy {model}.onnx (or {model}.pt) into {folder}"
        )
    near = difflib.get_close_matches(model.lower(), (*BUILT_IN, *here, *DETECTORS), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}{_allowed()}"


def _allowed() -> str:
    return (
        f"a detector is `embedded`, a file that ends in {', '.join(SUFFIXES[:-1])}, or a name: "
        f"yolov8n, s, m, l or x, each also with -pose, or a file of {models_folder()} without its suffix"
    )
