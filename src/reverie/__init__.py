"""reverie: a device that sees, and imagines."""

__version__ = "0.1.0"
