"""The pedestrians: footage of real people that is tested with and never shipped.

`vtest.avi` (768x576, 10 frames a second, 795 frames) comes with Debian's package opencv-doc. `make film`
fetches it into `build/`, which git ignores; `REVERIE_VTEST` names a copy that is elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = "opencv-doc"
INSIDE = "usr/share/doc/opencv-doc/examples/data/vtest.avi"
SHA256 = "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf"
"""The film's own digest: versions of the package differ, the film does not."""

PLACE = Path(__file__).parents[2] / "build" / "vtest.avi"
MISSING = (
    f"no vtest.avi: `make film` fetches it with apt-get (Debian's {PACKAGE}), REVERIE_VTEST names a copy"
)


def find() -> Path | None:
    """Where the film is here; None where it is not. Raises ValueError when a file there is another one."""
    path = Path(os.environ.get("REVERIE_VTEST") or PLACE)
    if not path.is_file():
        return None
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise ValueError(f"{path} is not the film that these tests were written for")
    return path


def fetch() -> None:
    """Take the film out of Debian's package; nothing is installed."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return
    download = ["apt-get", "download", "-qq", PACKAGE]
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(download, cwd=folder, check=False).returncode:
            subprocess.run(["apt-get", "update", "-qq"], check=False)
            subprocess.run(download, cwd=folder, check=False)
        for deb in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", deb.name, "."], cwd=folder, check=True)
            PLACE.parent.mkdir(exist_ok=True)
            shutil.move(Path(folder) / INSIDE, PLACE)


def main() -> int:
    """Exit status 1 where there is no film and none could be had."""
    if find() is None:
        fetch()
    if find() is None:
        print(MISSING, file=sys.stderr)
        return 1
    print(f"film: {find()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
