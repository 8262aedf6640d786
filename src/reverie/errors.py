"""Everything reverie raises on purpose.

    ReverieError
    ├── ConfigError          the operator's configuration is wrong: file, line, setting, found, allowed
    ├── CameraError          a camera cannot be opened, or what it sends is no picture
    │   └── CameraRefused    the camera does not accept the user name and password
    ├── DetectorError        a model file is missing, damaged, or is not a detector
    ├── StoryError           a story library or vocabulary is wrong: file, line, what is allowed
    ├── GeneratorError       a generator cannot be loaded, or could not make this clip
    │   ├── Cancelled        nobody wants the clip any more; not a failure
    │   ├── Refused          this generator will never make this clip: no retry helps
    │   └── OutOfMemory      the device has too little memory for this clip
    ├── ClipError            a clip or a draft is damaged, empty or not what it says
    ├── StoreError           the data folder cannot be used
    │   ├── StoreBusy        another reverie runs on this data folder
    │   ├── StoreFull        the disk is full; the same call works again when there is room
    │   └── StoreReadOnly    the data folder or its disk cannot be written
    └── ServeError           the screen or the API cannot be offered: port, address, token

Only the file that imports a foreign library maps its exceptions to this tree. A message names what,
where, and what would be right.
"""

from __future__ import annotations


class ReverieError(Exception):
    """The root: catch this to catch everything that reverie raises on purpose."""


class ConfigError(ReverieError):
    """The operator's configuration is wrong; the message names file, line, setting and what is allowed."""


class CameraError(ReverieError):
    """A camera cannot be opened, or what it sends is no picture."""


class CameraRefused(CameraError):
    """The camera does not accept the user name and password: who asks often may be locked out."""


class DetectorError(ReverieError):
    """A model file is missing, damaged, or is not a detector."""


class StoryError(ReverieError):
    """A story library or vocabulary is wrong."""


class GeneratorError(ReverieError):
    """A generator cannot be loaded, or could not make this clip."""


class Cancelled(GeneratorError):
    """Nobody wants the clip any more; not a failure."""


class Refused(GeneratorError):
    """This generator will never make this clip: no retry helps."""


class OutOfMemory(GeneratorError):
    """The device has too little memory for this clip."""


class ClipError(ReverieError):
    """A clip or a draft is damaged, empty or not what it says."""


class StoreError(ReverieError):
    """The data folder cannot be used."""


class StoreBusy(StoreError):
    """Another reverie runs on this data folder."""


class StoreFull(StoreError):
    """The disk is full; the same call works again when there is room."""


class StoreReadOnly(StoreError):
    """The data folder or its disk cannot be written."""


class ServeError(ReverieError):
    """The screen or the API cannot be offered: port, address, token."""
