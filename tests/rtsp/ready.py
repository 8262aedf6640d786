"""Makes sure that GStreamer's RTSP server is here, or says what to install.

It runs in the system's own Python, whose GStreamer bindings are a Debian package and no wheel.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PYTHON = "/usr/bin/python3"
PACKAGES = (
    "python3-gi",
    "gir1.2-gst-rtsp-server-1.0",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
)
ASK = """
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
parts = "videotestsrc", "openh264enc", "h264parse", "breakmydata", "rtph264pay"
assert all(Gst.ElementFactory.find(name) for name in parts)
"""


def is_ready() -> bool:
    """Whether the server has all that it needs."""
    if not os.path.exists(PYTHON):
        return False
    return subprocess.run([PYTHON, "-c", ASK], capture_output=True, check=False).returncode == 0


def install() -> None:
    """Debian's packages, where this user may."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=env)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], check=False, env=env
    )


def main() -> int:
    if not is_ready():
        install()
    if not is_ready():
        print(
            "No RTSP server here, which the camera tests need.\n"
            f"  Debian: apt-get install {' '.join(PACKAGES)}",
            file=sys.stderr,
        )
        return 1
    print("RTSP server: GStreamer's")
    return 0


if __name__ == "__main__":
    sys.exit(main())
