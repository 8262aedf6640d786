"""Record what the embedded detector sees of a film, and what the rules make of it, for the tests.

    vtest.avi -> embedded detector -> recorded/vtest.json.gz -> tracker -> rules -> golden/vtest.jsonl

All in `tests/vision`. The recording is boxes and scores without a pixel, in the form that the scripted
detector reads. With `--golden` only the rest is done: the rules have changed on purpose, the detector has
not. Look at every line that differs before you keep it.
"""

import gzip
import json
import sys
from pathlib import Path

from reverie import config
from reverie.vision.camera import read_frames
from reverie.vision.detector import load_detector

VISION = Path(__file__).resolve().parent.parent / "tests" / "vision"
RECORDING, GOLDEN = VISION / "recorded" / "vtest.json.gz", VISION / "golden" / "vtest.jsonl"
sys.path.insert(0, str(VISION))


def main() -> None:
    from film import MISSING, find  # tests/vision/film.py
    from played import golden_lines

    if "--golden" not in sys.argv[1:]:
        film = find()
        if film is None:
            raise SystemExit(MISSING)
        record(film)
    GOLDEN.write_text("".join(line + "\n" for line in golden_lines()), encoding="utf-8")
    print(f"{GOLDEN.name}: {len(golden_lines())} events")


def record(film: Path) -> None:
    """Every frame, with the thresholds that come along: what a lookout gets."""
    detector = load_detector(config.Detector(engine="onnxruntime", threads=2))
    frames: dict[int, list[tuple[str, float, list[float]]]] = {}
    for frame in read_frames(str(film)):
        found = detector.detect([frame])[0]
        boxes = [(d.box.left, d.box.top, d.box.right, d.box.bottom) for d in found]
        frames[frame.index] = [
            (d.label, round(d.score, 3), [round(side, 4) for side in box])
            for d, box in zip(found, boxes, strict=True)
        ]
    labels = sorted({row[0] for rows in frames.values() for row in rows})
    text = json.dumps({"labels": labels, "frames": frames}, separators=(",", ":"))
    RECORDING.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{RECORDING.name}: {len(frames)} frames, {RECORDING.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
