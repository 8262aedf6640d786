"""A real RTSP camera on loopback: GStreamer's server with a picture that moves, made to misbehave on command.

It runs in the system's Python, which has GStreamer's bindings (Debian: see `ready.py` beside it):

    python3 server.py PORT [FPS]          prints "ready", then obeys lines on its standard input:

    good       send every picture
    silent     send nothing, and keep the connection
    slow       send one picture in ten
    garbage    send every picture with one byte in fifty overwritten, headers too
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

# Every picture stands alone (gop-size=1), so that leaving some out is slowness and not damage.
LAUNCH = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate={fps}/1 "
    "! openh264enc gop-size=1 complexity=low bitrate=600000 ! h264parse name=parse "
    "! breakmydata name=break probability=0 ! rtph264pay name=pay0 pt=96 config-interval=1 )"
)


class Mischief:
    """How the server behaves now, and what that does to each picture."""

    def __init__(self) -> None:
        self.mode = "good"
        self._count = 0
        self._break: Any = None

    def attend(self, _factory: Any, media: Any) -> None:
        self._break = media.get_element().get_by_name("break")
        pad = media.get_element().get_by_name("parse").get_static_pad("src")
        pad.add_probe(Gst.PadProbeType.BUFFER, self.act)

    def act(self, _pad: Any, _info: Any) -> Any:
        self._count += 1
        self._break.set_property("probability", 0.02 if self.mode == "garbage" else 0.0)
        if self.mode == "silent" or (self.mode == "slow" and self._count % 10):
            return Gst.PadProbeReturn.DROP
        return Gst.PadProbeReturn.OK

    def obey(self, loop: Any) -> None:
        for line in sys.stdin:
            self.mode = line.strip()
            print(self.mode, flush=True)
        loop.quit()  # whoever started it is gone


def main(port: str, fps: str = "10") -> None:
    Gst.init(None)
    mischief, loop = Mischief(), GLib.MainLoop()
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH.format(fps=fps))
    factory.set_shared(True)
    factory.connect("media-configure", mischief.attend)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    server.get_mount_points().add_factory("/eye", factory)
    if not server.attach(None):
        sys.exit(f"port {port} is taken")
    threading.Thread(target=mischief.obey, args=(loop,), daemon=True).start()
    print("ready", flush=True)
    loop.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
