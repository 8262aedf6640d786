"""Write down what the storyboard's pictures look like now: `tests/video/storyboard/golden.json`.

    .venv/bin/python tools/make_golden.py

Run it when pictures were meant to change, after looking at them (`reverie storyboard sheet`). It says which
films changed, and by how much.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from golden import FILE, TOLERANCE, apart, briefs, fingerprint, pictures


def main() -> None:
    before = json.loads(FILE.read_text()) if FILE.is_file() else {}
    now = {name: [fingerprint(picture) for picture in pictures(brief)] for name, brief in briefs()}
    for name in sorted(before.keys() | now.keys()):
        if name not in now or name not in before:
            print(f"{name}: {'gone' if name not in now else 'new'}")
        else:
            worst = max(apart(a, b) for a, b in zip(before[name], now[name], strict=True))
            if worst > TOLERANCE:
                print(f"{name}: {worst:g} signs differ")
    FILE.write_text(json.dumps(now, indent=0, sort_keys=True) + "\n")
    print(f"{FILE.name}: {len(now)} films")


if __name__ == "__main__":
    main()
