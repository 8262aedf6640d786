"""PyTorch files (`.pt`) made into ONNX files, once, by the operator's own `ultralytics`.

A `.pt` is a pickle: whoever loads it runs the code in it. So only a file that the operator named is ever
touched, and not here: `yolo`, the command that comes with `ultralytics`, loads it in a process of its own. It
may live in an environment of its own too (`pipx install ultralytics`), which is better than beside this
program: it brings another build of OpenCV into the same folder.

What came out is kept in the user's cache under a name that has the content's digest in it, so a file that
changed is exported again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from reverie.errors import DetectorError
from reverie.models import find_detector

PICKLES = (".pt", ".pth")

PATIENCE = 900.0
"""Seconds that an export may take: the largest takes a minute on a small CPU."""

OPSET = 17
"""Of the ONNX file: what all engines here read since 2022."""


def exported(named: str, folder: Path | None = None) -> Path:
    """The file to open for what `detector.model` names, a path or a name: itself, or what a `.pt` became.

    `folder` keeps exports; without it that is `exports_folder()`. Raises DetectorError when there is no such
    file and when a `.pt` cannot be exported; other files are not looked into.
    """
    path = find_detector(named)
    if path.suffix.lower() not in PICKLES:
        return path
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    target = (folder or exports_folder()) / f"{path.stem}-{digest}.onnx"
    if not target.is_file():
        _export(path, target)
    return target


def exports_folder() -> Path:
    """Where exports are kept: `reverie/exports` in the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "reverie" / "exports"


def _export(path: Path, target: Path) -> None:
    """Write the ONNX of the `.pt` at `path` to `target`, which is there whole or not at all."""
    yolo = _yolo(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as place:
            # Its own copy, under a plain name: `yolo` writes beside what it reads and splits words at `=`.
            shutil.copyfile(path, Path(place) / "model.pt")
            _run(yolo, path, Path(place))
            made = Path(place) / "model.onnx"
            if not made.is_file():
                raise DetectorError(f"{path}: `yolo export` ended well and wrote no ONNX file")
            os.replace(made, target)
    except OSError as error:
        raise DetectorError(f"{path}: cannot be exported to {target}: {error}") from error


def _yolo(path: Path) -> str:
    """The command `yolo`: of this environment, else of the operator's path."""
    found = shutil.which("yolo", path=str(Path(sys.executable).parent)) or shutil.which("yolo")
    if found is None:
        raise DetectorError(
            f"{path}: a PyTorch file, and `yolo`, which exports it, is not installed: `pipx install "
            f"ultralytics` (AGPL-3.0) here; or where you have it: `yolo export model={path.name} format=onnx "
            "dynamic=True`, and name the .onnx file"
        )
    return found


def _run(yolo: str, path: Path, place: Path) -> None:
    command = [yolo, "export", "model=model.pt", "format=onnx", "dynamic=True", "simplify=False"]
    # It must install nothing, ask nobody whether there is news, and leave no settings behind.
    quiet = {"YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true", "YOLO_CONFIG_DIR": str(place)}
    try:
        done = subprocess.run(
            [*command, f"opset={OPSET}"],
            cwd=place,
            env={**os.environ, **quiet},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DetectorError(f"{path}: `yolo export` took longer than {PATIENCE:.0f} s") from error
    if done.returncode != 0:
        said = [line for line in (done.stderr.strip() or done.stdout).splitlines() if line.strip()]
        last = said[-1].strip() if said else f"exit {done.returncode}"
        raise DetectorError(f"{path}: `yolo export` failed: {last[:300]}")
