"""Makes sure that there is a Chromium that plays H.264, or says what to install.

Debian's `chromium` plays it. Playwright's own build does not, and Ubuntu's package is a snap stub; both are
found out by asking the browser itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

CANDIDATES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
ASK = """() => document.createElement('video').canPlayType('video/mp4; codecs="avc1.64001E"')"""


def plays_h264(path: str) -> bool:
    """Whether the browser at `path` starts and says that it plays H.264 High."""
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            try:
                return bool(browser.new_page().evaluate(ASK) == "probably")
            finally:
                browser.close()
    except Error:
        return False


def find() -> str | None:
    """The first browser here that plays H.264; `REVERIE_CHROMIUM` names one."""
    named = os.environ.get("REVERIE_CHROMIUM")
    paths = [named] if named else [shutil.which(name) for name in CANDIDATES]
    return next((path for path in paths if path and plays_h264(path)), None)


def install() -> None:
    """Debian's package, where this user may."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=env)
    subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, env=env)


def main() -> int:
    path = find()
    if path is None:
        install()
        path = find()
    if path is None:
        print(
            "No browser here plays H.264, which the kiosk tests need.\n"
            "  Debian: apt-get install chromium\n"
            "  Ubuntu: install Google Chrome (the package `chromium` there is a snap stub)\n"
            "  or name one: REVERIE_CHROMIUM=/path/to/chrome make test",
            file=sys.stderr,
        )
        return 1
    print(f"browser: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
