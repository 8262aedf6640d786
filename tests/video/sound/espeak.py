"""Makes sure that espeak-ng is here, where this user may install it; without it two tests are left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def install() -> None:
    """Debian's package, where this user may."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=env)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "espeak-ng"]
    subprocess.run(command, check=False, env=env)


def main() -> int:
    if shutil.which("espeak-ng") is None:
        install()
    found = shutil.which("espeak-ng")
    print(f"voice: {found or 'none; a stand-in speaks in tests (Debian: apt-get install espeak-ng)'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
