"""What the storyboard's pictures are called: part of every clip's key, so bump it when pictures change."""

from __future__ import annotations

VERSION = "storyboard-2"
