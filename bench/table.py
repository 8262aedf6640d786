"""What the benches share: say what machine this is, print a table, write the rows.

python bench/<name>.py [--json FILE]
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

Cell = str | int | float | None
Row = Mapping[str, Cell]

LIBRARIES = ("numpy", "opencv-python-headless", "onnxruntime", "openvino", "av")
"""Whose versions change the figures."""


def machine() -> dict[str, Cell]:
    """What the figures depend on, and nothing that tells whose machine it is."""
    found: dict[str, Cell] = {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    if fields.get("model name"):
        return fields["model name"]
    # Some virtual machines and ARM boards only give numbers.
    return " ".join(f"{key} {fields[key]}" for key in ("cpu family", "model", "CPU part") if key in fields)


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return float(np.median(values))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` percent of the values lie."""
    return float(np.percentile(values, share))


def show(title: str, rows: Sequence[Row], *, note: str = "") -> None:
    """Print `rows` as a table under `title`, with the machine below it. Floats get three digits."""
    console = Console(width=None if Console().is_terminal else 140)
    table = Table(title=title, title_justify="left", header_style="bold")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    for name in columns:
        numbers = all(isinstance(row.get(name), int | float | None) for row in rows)
        table.add_column(name, justify="right" if numbers else "left")
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in columns))
    console.print(table)
    if note:
        console.print(note, highlight=False)
    console.print(
        ", ".join(f"{name} {value}" for name, value in machine().items()), style="dim", highlight=False
    )


def _cell(value: Cell) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
    return str(value)


def write(path: Path, bench: str, rows: Sequence[Row]) -> None:
    """`rows` as JSON at `path`: {"bench", "machine", "rows"}."""
    text = json.dumps(
        {"bench": bench, "machine": machine(), "rows": list(rows)}, indent=2, ensure_ascii=False
    )
    path.write_text(text + "\n", encoding="utf-8")
