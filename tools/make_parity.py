"""Records what ultralytics finds with the cases of `tests/vision/parity_cases.py`, beside them in `parity/`.

Needs what no test needs: ultralytics and torch, in an environment of their own.

    python3.11 -m venv /tmp/parity
    /tmp/parity/bin/pip install torch torchvision ultralytics==8.4.190 onnx onnxruntime pydantic pyyaml
    YOLO_OFFLINE=true PYTHONPATH=src:tests:tests/vision /tmp/parity/bin/python tools/make_parity.py

Each file holds rows [left, top, right, bottom, score, class, then x, y, how sure of each joint], positions in
pixels of the picture, best score first; and the version that found them.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import cv2
import ultralytics
from parity_cases import CASES, CONF, IOU, Case
from ultralytics.nn.autobackend import AutoBackend


def record(case: Case, folder: Path) -> None:
    model, picture = case.model(folder), case.picture()
    if model is None or picture is None:
        raise SystemExit(f"{case.name}: fetch its files first: make model")
    # Ours fixes the input's size, as the exported file does.
    yolo = ultralytics.YOLO(str(model), task=case.task)
    (found,) = yolo.predict(
        cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), conf=CONF, iou=IOU, device="cpu", verbose=False
    )
    rows = [
        [*box.xyxy[0].tolist(), float(box.conf), float(box.cls), *_joints(found, i)]
        for i, box in enumerate(found.boxes)
    ]
    told = {
        "ultralytics": ultralytics.__version__,
        "size": [picture.shape[1], picture.shape[0]],
        "rows": [[round(number, 4) for number in row] for row in rows],
    }
    case.reference.parent.mkdir(exist_ok=True)
    case.reference.write_text(json.dumps(told) + "\n")
    print(f"{case.name}: {len(rows)} boxes")


def _joints(found: Any, i: int) -> list[float]:
    if found.keypoints is None:
        return []
    return [number for joint in found.keypoints.data[i].tolist() for number in joint]


def main() -> None:
    # It imports torchvision, which a build of torch for the CPU alone may not fit. Without it the same
    # suppression is done by its own code, and a session needs no warming up.
    AutoBackend.warmup = lambda *_arguments, **_named: None
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            record(case, Path(folder))


if __name__ == "__main__":
    main()
