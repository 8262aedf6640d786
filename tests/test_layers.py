"""The direction of imports, and what `import reverie` may load."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "cv2", "onnxruntime", "openvino", "av", "fastapi",
    "torch", "diffusers", "transformers", "ultralytics", "nats",
)  # fmt: skip


def test_imports_only_go_down() -> None:
    # In a process of its own: it sets up logging anew, and silences every logger that is there already.
    script = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "import reverie",
        "import reverie.cli",  # what `reverie --help` imports
        "import reverie.video.generator",  # what watch and serve know of generators
    ],
)
def test_light_imports_load_nothing_heavy(code: str) -> None:
    script = f"import sys; {code}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
