"""Every operator setting: described once, frozen, validated, inert.

`load(path)` reads one YAML file and touches nothing else. `docs/configuration.md`, `reverie init` and
`reverie config --schema` are made from the descriptions below. An error names the file, the line, the
setting, what was found and what is allowed.
"""

from __future__ import annotations

import difflib
import hashlib
import ipaddress
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)

from reverie.errors import ConfigError
from reverie.values import EventKind, Language

Fraction = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Point = tuple[Fraction, Fraction]
Side = Annotated[int, Field(ge=32, le=4096, multiple_of=32)]
NAME = r"^\w[\w .-]{0,63}$"
Name = Annotated[str, Field(pattern=NAME)]

DETECTOR_SUFFIXES = (".onnx", ".xml", ".engine", ".pt", ".pth")
"""Files that hold a detector; where a name has several, the first of these."""

PLAIN = {
    "tuple_type": "a list is expected, each item on a line that begins with `- `",
    "model_type": "settings are expected, each on a line as `name: value`",
    "model_attributes_type": "settings are expected, each on a line as `name: value`",
    "string_pattern_mismatch": "not what is allowed here",
    "string_type": "text is expected; put it in quotes",
    "extra_forbidden": "no such setting",
}
"""Errors whose own words are a programmer's."""

UNNAMED = "a name is expected: letters, digits, spaces, `_`, `.` and `-`, 64 at most"
"""What is said of text that does not match NAME."""

SECRET_QUERY = re.compile(r"(?i)(token|key|pass|pwd|secret|auth|sig)")
SECRET_PAIR = re.compile(r"(?i)([\w-]*(?:token|key|pass|pwd|secret|auth|sig)[\w-]*)=[^&\s\"'<>]*")


def home(path: str | Path) -> Path:
    """The same path with `~` for a home folder; left as it is where there is no such one: a missing path."""
    return Path(os.path.expanduser(path))


def mask(text: str) -> str:
    """`text` with the credentials of any URL in it replaced by `***`: for log lines, pages and reprs."""
    # Up to the last @ of a word: a password may hold any of # / ? ' <, and hiding too much is no harm.
    # One slash, and none: so that what was mistyped is hidden too. Only the very word TOKEN stays, with which
    # descriptions and advice here say where a token goes.
    text = re.sub(
        r"([A-Za-z][A-Za-z0-9+.-]*:/{1,2})(?!/?TOKEN@[^\s\"@]*(?:[\s\"]|$))[^\s\"]*@", r"\1***@", text
    )
    # scripted:640x480@25 is a camera that has neither.
    text = re.sub(
        r"(?<![\w*/])(?!scripted:(?:\d+x\d+|WIDTHxHEIGHT)@)[^\s/:\"'@]+:[^\s\"/]+@(?=[\w\[])", "***@", text
    )
    return re.sub(
        r"[A-Za-z][A-Za-z0-9+.-]*:/{1,2}\S+", lambda url: SECRET_PAIR.sub(r"\1=***", url.group()), text
    )


class Section(BaseModel):
    """A part of the configuration: frozen, and an unknown setting is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


SectionT = TypeVar("SectionT", bound=Section)


class Zone(Section):
    """An area of the picture. Somebody is in it when the point they stand on is."""

    name: Name = Field(description="What the zone is called in events, stories and on pages.")
    kind: Literal["area", "slot", "screen"] = Field(
        default="area",
        description="`area`: a floor that people are on. `slot`: a place on a shelf whose picture changes "
        "when somebody takes what lies there. `screen`: where the camera sees its own screen; nothing "
        "counts there.",
    )
    polygon: tuple[Point, ...] = Field(
        description="Corners as [x, y] fractions of the picture (0..1, from the top left), at least three, "
        "sides that do not cross.",
        min_length=3,
    )
    labels: tuple[str, ...] = Field(
        default=("person",),
        description="Which things count in this zone, by the detector's names. [] means all.",
    )
    dwell: Seconds | None = Field(
        default=None, description="Seconds in this zone that count as lingering. Empty: `events.dwell`."
    )
    crowd: int | None = Field(
        default=None, ge=2, le=1000, description="How many in this zone are a crowd. Empty: `events.crowd`."
    )
    cooldown: Seconds | None = Field(
        default=None,
        description="Seconds before the same kind of event is told again for this zone. Empty: as "
        "`events` say.",
    )
    holds: str = Field(
        default="",
        pattern=r"^([a-z][a-z0-9 _-]{0,31})?$",
        description="A slot: what lies in it, in a word that stories know, such as headphones. Empty: "
        "unnamed.",
    )

    @model_validator(mode="after")
    def _slot_only(self) -> Zone:
        if self.holds and self.kind != "slot":
            raise ValueError(
                f"zone {self.name!r} holds {self.holds!r} but is of kind {self.kind!r}; only a slot holds "
                "something"
            )
        return self

    @model_validator(mode="after")
    def _simple(self) -> Zone:
        # The first corner may stand at the end once more, and a double click makes two of one.
        points = [p for i, p in enumerate(self.polygon) if p != self.polygon[i - 1]]
        n = len(points)
        sides = [frozenset((points[i - 1], points[i])) for i in range(n)]
        if n > 2 and len(set(sides)) < n:
            raise ValueError(f"zone {self.name!r} goes twice along one side")
        for i in range(n):
            for j in range(i + 1, n):
                if j in (i, (i + 1) % n) or i == (j + 1) % n:
                    continue
                if _cross(points[i], points[(i + 1) % n], points[j], points[(j + 1) % n]):
                    raise ValueError(f"the sides of zone {self.name!r} cross each other")
        area = sum(
            points[i][0] * points[(i + 1) % n][1] - points[(i + 1) % n][0] * points[i][1] for i in range(n)
        )
        if abs(area) < 2e-6:
            raise ValueError(f"zone {self.name!r} has no area")
        return self


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


class Line(Section):
    """A line that things cross. Seen from `start` towards `end`, "in" is to the right."""

    name: Name = Field(description="What the line is called in events, stories and on pages.")
    start: Point = Field(description="Where the line starts, [x, y] as fractions of the picture.")
    end: Point = Field(description="Where it ends. Seen from start to end, moving to the right is 'in'.")
    labels: tuple[str, ...] = Field(
        default=("person",), description="Which things count at this line. [] means all."
    )
    cooldown: Seconds | None = Field(
        default=None,
        description="Seconds before a crossing is told again for this line. Empty: as `events` say.",
    )

    @model_validator(mode="after")
    def _long(self) -> Line:
        if self.start == self.end:
            raise ValueError(f"line {self.name!r} starts where it ends")
        return self


class Ground(Section):
    """How tall people look: somebody whose height is known stood upright at two places, near and far.

    With it the box of a person tells whether they are tall or short. People must be told of that by a notice.
    """

    near: Point = Field(
        description="Where they stood near the camera: [y of their feet, height of their box], as fractions "
        "of the picture's height."
    )
    far: Point = Field(description="The same far from the camera: their feet are higher up in the picture.")
    person: float = Field(default=1.7, ge=0.5, le=2.5, description="How tall that person is, in metres.")
    tall: float = Field(default=1.85, ge=0.5, le=2.5, description="Metres from which somebody is tall.")
    short: float = Field(default=1.45, ge=0.5, le=2.5, description="Metres up to which somebody is short.")

    @model_validator(mode="after")
    def _perspective(self) -> Ground:
        (near_foot, near_height), (far_foot, far_height) = self.near, self.far
        if near_foot - far_foot < 0.05 or not near_height >= far_height > 0:
            raise ValueError(
                f"near {list(self.near)} must be at least 0.05 lower in the picture than far "
                f"{list(self.far)}, and the person no smaller there"
            )
        if self.short >= self.tall:
            raise ValueError(f"short ({self.short:g} m) must be less than tall ({self.tall:g} m)")
        return self


class Camera(Section):
    """Where pictures come from."""

    name: Name = Field(default="camera", description="What the camera is called.")
    source: str = Field(
        default="demo",
        min_length=1,
        description="`demo` (footage that comes along), a number (USB camera, 0 is the first), an rtsp:// or "
        "http(s):// address, a video file, or a folder of pictures.",
    )
    fps: float = Field(
        default=0,
        ge=0,
        le=240,
        description="Frames a second to ask of a USB camera or to show a folder at. 0: as the camera likes; "
        "a folder is shown at 1.",
    )
    pace: Literal["real", "fast"] = Field(
        default="real",
        description="A file: `real` plays it at its own speed, `fast` as quickly as it decodes.",
    )
    loop: bool = Field(default=True, description="A file or folder starts again at its end.")
    stall: Seconds = Field(
        default=20,
        gt=0,
        description="Seconds without a frame after which the camera counts as lost and is opened anew. "
        "Raise it for cameras slower than one frame in 20 s.",
    )
    zones: tuple[Zone, ...] = Field(default=(), description="Areas of the picture that stories refer to.")
    lines: tuple[Line, ...] = Field(default=(), description="Lines whose crossing is an event.")
    cooldown: Seconds = Field(
        default=0,
        description="Seconds after any event of this camera in which it tells no other. 0: no such rest.",
    )
    ground: Ground | None = Field(
        default=None,
        description="How tall a person looks near and far, from which stature (tall, short) is told. Empty: "
        "it is not measured. Where it is, put up a notice.",
    )

    @field_validator("source", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _named_once(self) -> Camera:
        names = [z.name for z in self.zones] + [line.name for line in self.lines]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two zones or lines of camera {self.name!r} are called {name!r}")
        return self

    def __repr__(self) -> str:
        return f"Camera(name={self.name!r}, source={mask(self.source)!r})"

    __str__ = __repr__


class Detector(Section):
    """Who looks: which model, and what counts as seen."""

    model: str = Field(
        default="embedded",
        min_length=1,
        description="`embedded` (the small detector that comes along, 80 everyday things), the path of a "
        "YOLOv8 file of any size (`.onnx`, `.xml`, `.engine`; a `.pt` is exported once), or the name of one "
        "that `reverie models list` shows.",
    )
    conf: Fraction | None = Field(
        default=None,
        description="Score from which a thing counts as seen. Empty: 0.35 for people and 0.45 for other "
        "things with the embedded detector, 0.5 with YOLOv8.",
    )
    iou: Fraction = Field(
        default=0.7, description="YOLOv8: how much two boxes of one class may overlap before one is dropped."
    )
    imgsz: tuple[Side, Side] | None = Field(
        default=None,
        description="YOLOv8 with free input size: [height, width] of its input in pixels, multiples of 32; "
        "or one number for both. [480, 640] sees as much of a 4:3 camera as 640 does, a quarter faster. "
        "Empty: as exported.",
    )
    classes: tuple[str, ...] = Field(
        default=(), description="Only these classes are reported, by name. [] means all."
    )
    min_size: Fraction = Field(
        default=0.001, description="Boxes smaller than this share of the picture are dropped."
    )
    rate: float = Field(
        default=10,
        gt=0,
        le=120,
        description="Looks a second, at most, at each camera: so often are things followed and rules asked.",
    )
    cadence: int | Literal["auto"] = Field(
        default="auto",
        description="The detector sees one look in so many, and boxes are predicted between: 1 is every "
        "look, 2 every second. `auto`: as few as it takes to hold `rate` with all cameras, at least one in "
        "0.3 s.",
    )
    motion: Fraction = Field(
        default=0.002,
        description="Share of the picture that must change before the detector looks again. 0: always.",
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="CPU threads of the detector. Empty: half of the cores, the rest is for who imagines.",
    )
    engine: Literal["auto", "onnxruntime", "openvino", "tensorrt"] = Field(
        default="auto",
        description="What runs the model: `onnxruntime`, `openvino` (the extra `[fast]`) or `tensorrt`. "
        "`auto`: the fastest that is installed and reads this kind of file.",
    )
    device: str = Field(
        default="auto",
        pattern=r"^(auto|cpu|(gpu|cuda)(:\d{1,2})?)$",
        description="Where it runs: `auto`, `cpu`, `gpu` (with OpenVINO an Intel GPU, else NVIDIA), `cuda`; "
        "with several, as `cuda:1`.",
    )
    precision: Literal["auto", "f32", "bf16", "f16"] = Field(
        default="auto",
        description="How exactly it calculates. `auto`: `f32` on a CPU, which gives the same detections "
        "everywhere, `f16` on a GPU. `bf16` is up to four times as fast on a CPU made for it, and moves "
        "scores by a few hundredths. An INT8 file is INT8 whatever stands here.",
    )

    @field_validator("imgsz", mode="before")
    @classmethod
    def _both_sides(cls, found: object) -> object:
        return (found, found) if isinstance(found, int) else found

    @field_validator("cadence", mode="before")
    @classmethod
    def _every(cls, value: object) -> object:
        whole = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 30
        if value != "auto" and not whole:
            raise ValueError("`auto` or a whole number from 1 to 30 is expected")
        return value


class Events(Section):
    """When something counts as an event. All in seconds, so nothing changes with the frame rate."""

    inertia: Seconds = Field(default=0.3, description="Seconds in a zone before somebody has entered it.")
    grace: Seconds = Field(
        default=1.5, description="Seconds out of a zone (or unseen) before somebody has left it."
    )
    stitch: float = Field(
        default=3,
        ge=0,
        le=20,
        description="Seconds that somebody may go unseen, behind a pillar or missed by the detector, and "
        "still be the same when they reappear where their motion and size expect them.",
    )
    dwell: Seconds = Field(default=3, description="Seconds in a zone that count as lingering.")
    cooldown: Seconds = Field(
        default=10, description="Seconds before the same kind of event is told again for one zone and thing."
    )
    cooldowns: Mapping[EventKind, Seconds] = Field(
        default={},
        description="Other seconds for single kinds of event, such as `shown: 30`. `left` needs none.",
    )
    crowd: int = Field(default=4, ge=2, le=1000, description="How many in one zone are a crowd.")
    crowd_ends: int | None = Field(
        default=None,
        ge=0,
        le=999,
        description="How many may be left when a crowd is over; fewer than make one. Empty: one fewer.",
    )
    approach: float = Field(
        default=0,
        ge=0,
        le=30,
        description="Who will be in a zone (without zones: at the camera) within so many seconds, as they "
        "walk now, approaches it. 0: not told.",
    )
    faced: Seconds = Field(
        default=1.5,
        description="Seconds for which a head points at the camera or a zone that count as facing it. Only a "
        "pose model tells; 0: never.",
    )
    handling: bool = Field(
        default=True, description="Things that are picked up, put back and taken away are told."
    )
    handled: tuple[str, ...] = Field(
        default=(),
        description="Which things can be picked up, by the detector's names. [] means all that a hand can "
        "carry.",
    )
    settled: Seconds = Field(
        default=10,
        description="Seconds that a thing lies with nobody at it before it belongs to the place: what "
        "somebody brings and takes along again is theirs, and no event.",
    )
    shown_area: Fraction = Field(
        default=0.06, description="A thing held to the camera fills at least this share of the picture,"
    )
    shown_centre: Fraction = Field(
        default=0.3, description="has its middle no further than this from the picture's middle,"
    )
    shown_speed: float = Field(
        default=0.35, ge=0, le=10, description="moves slower than this (picture widths a second),"
    )
    shown_seconds: Seconds = Field(default=0.6, description="and does so for this long.")

    @model_validator(mode="after")
    def _ends_below(self) -> Events:
        if self.crowd_ends is not None and self.crowd_ends >= self.crowd:
            raise ValueError(
                f"a crowd of {self.crowd} must end with fewer than that; found crowd_ends {self.crowd_ends}"
            )
        return self


class Story(Section):
    """What is told about what is seen."""

    library: Path | None = Field(
        default=None, description="A story library in YAML. Empty: the one that comes along."
    )
    place: Literal["shop", "showcase", "sign", "classroom", "home", "museum"] = Field(
        default="shop", description="Where the box stands: sets the tone of sentences."
    )
    tone: Literal["plain", "promotional", "playful", "popular-science"] | None = Field(
        default=None, description="How sentences sound. Empty: as the place suggests."
    )
    language: Language = Field(default="en", description="Language of captions: en or zh.")
    hold: Seconds = Field(
        default=8,
        description="Seconds that a moment stays alive after its event, even if they leave at once.",
    )


class Llm(Section):
    """A language model of yours that helps to understand questions: any OpenAI-compatible server near by."""

    url: str = Field(
        default="",
        description="Its address up to and with /v1, on this machine or in the local network, for example "
        "http://127.0.0.1:8080/v1 (llama.cpp) or http://127.0.0.1:11434/v1 (Ollama). Empty: none is asked.",
    )
    model: str = Field(default="", max_length=200, description="The model to ask it for. Empty: its own.")
    timeout: float = Field(
        default=3,
        ge=0.1,
        le=30,
        description="Seconds for an answer. After them the box's own reading stands.",
    )

    @field_validator("url")
    @classmethod
    def _near(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
            raise ValueError(f"{mask(value)!r} is no address such as http://127.0.0.1:8080/v1")
        if value and not near_host(urlsplit(value).hostname or ""):
            raise ValueError(
                f"{mask(value)!r} is not near by: questions go to this machine (localhost, 127.0.0.1) or a "
                "private address (10.…, 172.16.…, 192.168.…, fd…) only, or to a name without a dot or ending "
                "in .local, .lan, .internal or .home.arpa"
            )
        return value


def near_host(host: str) -> bool:
    """Whether a host is this machine or one of the local network, by its address or by its name alone."""
    try:
        return near_address(ipaddress.ip_address(host))
    except ValueError:
        return re.fullmatch(NEAR_NAME, host) is not None


def near_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is loopback, private (RFC 1918, RFC 4193) or link-local."""
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain.version == net.version and plain in net for net in NEAR)


NEAR_NAME = r"[a-z0-9_-]+|[a-z0-9_.-]+\.(?:local|lan|internal|home\.arpa|localhost)"
"""Names that no public server has."""

NEAR = tuple(
    ipaddress.ip_network(net)
    for net in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128",
        "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
"""Networks that are near by."""


class Questions(Section):
    """How typed questions are understood."""

    llm: Llm = Field(
        default=Llm(),
        description="A language model that is asked what the box's own reading is not sure of "
        "(docs/questions.md).",
    )


class Wan(Section):
    """The Wan diffusion model, on this box's own GPU (or, for patient people, CPU)."""

    model: str = Field(
        default="wan2.2-ti2v-5b",
        min_length=1,
        description="A folder with a Diffusers checkpoint, written with `./`, `~/` or `/` first, or a name "
        "that `reverie models pull` knows.",
    )
    preset: Literal["auto", "quality", "fast", "edge"] = Field(
        default="auto",
        description="`quality`: 30 steps with guidance. `fast`: 3 steps without, for distilled weights. "
        "`edge`: fast with INT8 weights, the tiny decoder and no text encoder. `auto`: fast for weights that "
        "are known to be distilled, else quality.",
    )
    device: str = Field(
        default="auto",
        pattern=r"^(auto|cpu|cuda(:\d{1,2})?)$",
        description="auto, cpu, cuda or cuda:1. `auto`: a GPU where there is one.",
    )
    dtype: Literal["auto", "bf16", "fp16", "fp32"] = Field(
        default="auto",
        description="Numbers of the transformer and the decoder. `auto`: bf16 on a GPU that has it, else "
        "fp16; fp32 on CPU.",
    )
    steps: int | None = Field(
        default=None, ge=1, le=100, description="Denoising steps. Empty: as the preset says."
    )
    guidance: float | None = Field(
        default=None,
        ge=1,
        le=20,
        description="How strictly the prompt is followed; above 1 a step costs double. Empty: "
        "as the preset says.",
    )
    shift: float | None = Field(
        default=None,
        gt=0,
        le=20,
        description="Shift of the noise schedule. Empty: 5, and 3 where the shorter side is below 704.",
    )
    negative: str | None = Field(
        default=None, max_length=2000, description="What guidance leads away from. Empty: Wan's own words."
    )
    language: Language = Field(
        default="en", description="Language of prompts. Distilled weights know English only."
    )
    rate: float | None = Field(
        default=None,
        gt=0,
        le=60,
        description="Pictures imagined for a second of film; those between are interpolated up to `fps`. "
        "The model's own motion is 24 a second: 8 is motion three times slower for a third of the work. "
        "Empty: the model's own (24 for the 5B, 16 for the others), or `fps` where that is "
        "less.",
    )
    segment: int = Field(
        default=121,
        ge=5,
        le=241,
        description="Pictures imagined at once (4k+1, 121 is what the 5B was trained on); longer shots are "
        "chains of segments.",
    )
    embeddings: Path | None = Field(
        default=None,
        description="Folder of compiled prompts (`reverie prompts compile`). Empty: beside the model.",
    )
    encoder: str = Field(
        default="auto",
        pattern=r"^(auto|none|gpu|cpu|int8|https?://\S+)$",
        description="Who encodes prompts that are not compiled: `cpu`, `gpu`, `int8` (on the CPU, three "
        "fifths of the memory), the address of another node that runs `reverie prompts serve` "
        "(http://TOKEN@host:8760), or `none`. `auto`: cpu where the checkpoint has an encoder, none with the "
        "preset edge.",
    )
    decoder: Path | None = Field(
        default=None,
        description="Weights of a tiny decoder (TAEHV; .safetensors or .pth). Empty: the model's own "
        "decoder, or with the preset edge `tiny_vae.safetensors` beside the model.",
    )
    lora: Path | None = Field(default=None, description="A LoRA (.safetensors) for the transformer.")
    lora_scale: float = Field(default=1.0, ge=-2, le=2, description="How strongly the LoRA acts.")
    memory_gib: float | None = Field(
        default=None,
        gt=0,
        le=1024,
        description="GiB of the device that it may use. Empty: what is free when it loads.",
    )
    retry_smaller: bool = Field(
        default=False,
        description="When memory runs out, try once more at half the size and enlarge the pictures.",
    )


class Remote(Section):
    """Another machine that makes films behind `/v1/videos`: another reverie, SGLang, vLLM-Omni, FastVideo."""

    url: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="Its address up to and with /v1, for example http://127.0.0.1:30000/v1.",
    )
    model: str = Field(default="", max_length=200, description="The model to ask it for. Empty: its own.")
    token: SecretStr | None = Field(default=None, description="What it wants as `Authorization: Bearer …`.")
    language: Language = Field(default="en", description="Language of prompts.")
    captions: bool = Field(
        default=False, description="Its films carry their own captions, so that the screen lays none over."
    )
    patience: Seconds = Field(
        default=600, gt=0, description="Seconds for one film, from asking to the last byte."
    )
    silence: Seconds = Field(default=30, gt=0, description="Seconds for it to answer one request.")

    @field_serializer("token", when_used="json")
    def _reveal(self, value: SecretStr | None) -> str | None:
        return None if value is None else "**********"


class Generator(Section):
    """Who imagines. The first of the list is the best; the storyboard answers while others still work."""

    kind: Literal["storyboard", "wan", "remote"] = Field(
        default="storyboard",
        description="`storyboard`: animated on the CPU, streams while it is made. `wan`: the diffusion model "
        "here (`pip install 'reverie[wan]'`). `remote`: another machine behind /v1/videos.",
    )
    name: Name = Field(default="storyboard", description="What this generator is called. Left out: its kind.")
    width: int = Field(default=640, ge=160, le=3840, multiple_of=2, description="Picture width in pixels.")
    height: int = Field(default=480, ge=120, le=2160, multiple_of=2, description="Picture height in pixels.")
    fps: int = Field(default=24, ge=5, le=60, description="Frames a second.")
    per_minute: int | None = Field(
        default=None,
        ge=1,
        le=600,
        description="Clips it may start a minute. Empty: no limit for the storyboard, 3 for the others.",
    )
    encoder: str = Field(
        default="libx264",
        description="H.264 encoder as FFmpeg calls it: libx264 (GPL), libopenh264, h264_v4l2m2m, h264_nvenc…",
    )
    preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"] = Field(
        default="veryfast", description="libx264: faster presets make larger files."
    )
    quality: int = Field(
        default=21, ge=0, le=51, description="libx264: constant rate factor, lower is better and larger."
    )
    pictures: Path | None = Field(
        default=None,
        description="A folder of your products' pictures, named after what they show (`teddy bear.png`): a "
        "storyboard shows it, a shot of wan and remote begins with it. See docs/pictures.md.",
    )
    products: Path | None = Field(
        default=None,
        description="The products' folder whose `picture.png`s are shown besides. Empty: the box's own "
        "`products`.",
    )
    loop: bool = Field(
        default=False,
        description="storyboard: the last picture runs into the first, so that a film plays round and round.",
    )
    gate: bool = Field(
        default=True,
        description="What is found wrong with a film keeps it from being shown; `false`: it is only noted.",
    )
    wan: Wan = Field(default=Wan(), description="Settings of the kind `wan`.")
    remote: Remote = Field(default=Remote(), description="Settings of the kind `remote`.")

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        return {"name": data["kind"], **data} if isinstance(data, dict) and "kind" in data else data

    @model_validator(mode="after")
    def _makeable(self) -> Generator:
        for kind, section, usual in (("wan", self.wan, Wan()), ("remote", self.remote, Remote())):
            if self.kind != kind and section != usual:
                raise ValueError(
                    f"generator {self.name!r} has settings of the kind `{kind}`, and its kind is "
                    f"`{self.kind}`; write `kind: {kind}`"
                )
        if self.loop and self.kind != "storyboard":
            raise ValueError(
                f"generator {self.name!r}: `loop` is for the storyboard, and its kind is `{self.kind}`"
            )
        if self.kind == "remote" and not self.remote.url:
            raise ValueError(f"generator {self.name!r} is remote, so it needs `remote.url`")
        if self.kind == "wan" and (self.width % 16 or self.height % 16):
            raise ValueError(
                f"generator {self.name!r}: Wan makes pictures whose sides divide by 16 (the 5B: by 32); "
                f"{self.width}x{self.height} does not; near are {near_size(self.width, self.height, 32)}"
            )
        if self.kind == "wan" and self.wan.rate is not None and self.wan.rate > self.fps:
            raise ValueError(
                f"generator {self.name!r}: wan.rate {self.wan.rate:g} is more than fps {self.fps}: pictures "
                "would be imagined that nobody sees"
            )
        if self.kind == "wan" and self.wan.segment % 4 != 1:
            below = self.wan.segment - (self.wan.segment - 1) % 4
            raise ValueError(
                f"generator {self.name!r}: wan.segment {self.wan.segment} is not 4k+1; near are {below} and "
                f"{below + 4}"
            )
        return self

    @property
    def overlays(self) -> bool:
        """Whether the screen lays captions over its films: a storyboard has them in the picture."""
        return self.kind == "wan" or (self.kind == "remote" and not self.remote.captions)


def near_size(width: int, height: int, step: int) -> str:
    """The nearest size whose sides divide by `step`, as "WxH"."""

    def near(value: int) -> int:
        return max(step, round(value / step) * step)

    return f"{near(width)}x{near(height)}"


class Sound(Section):
    """What is heard. Off as it comes: the screen is silent, and captions carry the meaning alone."""

    films: Literal["off", "bed", "narrated"] = Field(
        default="off",
        description="What films sound of: `off` nothing; `bed` quiet music by mood and a few effects, made "
        "here; `narrated` the same with the captions said by espeak-ng or Piper, where installed.",
    )
    aloud: bool = Field(
        default=False,
        description="The screen plays films aloud. `false`: it stays silent, whatever films have; the "
        "console and files play it. The browser must be allowed to: see docs/sound.md.",
    )
    volume: Fraction = Field(default=0.8, description="How loud the screen plays, 0..1.")
    voices: Mapping[Language, str] = Field(
        default={},
        description="Who speaks a language: a voice of espeak-ng such as `en-gb`, or the path of a Piper "
        "model (`.onnx`, its `.onnx.json` beside it). Empty: espeak-ng's own `en` and `cmn`.",
    )

    @field_validator("films", mode="before")
    @classmethod
    def _word(cls, value: object) -> object:
        return "off" if value is False else value  # YAML reads the word `off` as false

    @field_validator("voices")
    @classmethod
    def _voices(cls, value: Mapping[Language, str]) -> Mapping[Language, str]:
        for language, voice in value.items():
            if not voice.endswith(".onnx") and not re.fullmatch(r"[A-Za-z][\w+-]{0,63}", voice, re.ASCII):
                raise ValueError(
                    f"{language}: {voice!r} is neither a voice of espeak-ng (letters, digits, `-`, `+`) nor "
                    "a Piper model (`.onnx`)"
                )
        return value


SILENT = Sound()
"""No sound: as it comes."""


class Store(Section):
    """Where things are kept. No camera picture ever is."""

    folder: Path = Field(default=Path("reverie-data"), description="Data folder: clips and the database.")
    runtime: Path | None = Field(
        default=None,
        description="Folder of sockets and heartbeats, in memory. Empty: /dev/shm, else the data folder.",
    )
    clips_mb: int = Field(default=2000, ge=10, description="How many megabytes of clips are kept.")
    keep_days: int = Field(
        default=30, ge=1, le=3650, description="Days that moments and plays are remembered."
    )


class Serve(Section):
    """The screen, the console and the API."""

    host: str = Field(
        default="127.0.0.1",
        description="Address to serve at. Any address that others can reach needs a `token`.",
    )
    port: int = Field(default=8750, ge=0, le=65535, description="Port; 0 takes a free one.")
    token: SecretStr | None = Field(
        default=None,
        description="What clients must send: `Authorization: Bearer …`, or once `?token=…` in a browser. "
        "At least 16 characters.",
    )
    live_view: bool | None = Field(
        default=None,
        description="The console shows the camera live. Empty: only when served on loopback.",
    )

    @field_validator("token")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            raise ValueError("a token needs at least 16 characters; `openssl rand -hex 16` makes one")
        return value

    @field_serializer("token", when_used="json")
    def _reveal(self, value: SecretStr | None) -> str | None:
        return None if value is None else "**********"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @model_validator(mode="after")
    def _guarded(self) -> Serve:
        if not self.loopback and self.token is None:
            raise ValueError(
                f"host {self.host!r} can be reached by others, so `serve.token` must be set "
                "(or use 127.0.0.1)"
            )
        return self


class Screen(Section):
    """How the kiosk behaves."""

    ambient: Path | None = Field(
        default=None,
        description="An H.264 MP4 shown when nobody is there. Empty: the calm loop that comes along.",
    )
    fade: float = Field(default=0.25, ge=0, le=5, description="Seconds of cross-fade between clips.")
    repeat: int = Field(
        default=2, ge=1, le=100, description="How often a clip plays while its moment lives, before ambient."
    )


class Config(Section):
    """All of it. `reverie init` writes one with comments."""

    name: Name = Field(default="reverie", description="What this box is called.")
    cameras: tuple[Camera, ...] = Field(
        default=(Camera(),), min_length=1, max_length=16, description="One or more cameras."
    )
    detector: Detector = Detector()
    events: Events = Events()
    story: Story = Story()
    questions: Questions = Questions()
    generators: tuple[Generator, ...] = Field(
        default=(Generator(),), min_length=1, max_length=4, description="One or more generators, best first."
    )
    products: Path | None = Field(
        default=Path("products"),
        description="Folder of products that are known when they are held up: in it a folder for each, named "
        "after it, with a few photos (docs/products.md). Need not be there.",
    )
    store: Store = Store()
    serve: Serve = Serve()
    screen: Screen = Screen()
    sound: Sound = Sound()

    @property
    def programs(self) -> tuple[str, ...]:
        """What runs on this box: one serve, one generate a generator, one watch."""
        return ("serve", *(f"generate/{generator.name}" for generator in self.generators), "watch")

    @model_validator(mode="after")
    def _unique(self) -> Config:
        for what, names in (
            ("cameras", [c.name for c in self.cameras]),
            ("generators", [g.name for g in self.generators]),
        ):
            for name in names:
                if names.count(name) > 1:
                    raise ValueError(f"two {what} are called {name!r}; give each its own name")
        return self


# ---------------------------------------------------------------------------------- reading


def load(path: Path) -> Config:
    """The configuration in the YAML file at `path`; an empty file means all defaults.

    Relative paths in it are taken from the file's folder. Raises ConfigError; looks at no device and no
    other file.
    """
    return parse(_read(path), str(path), path.parent)


class Rules(Camera):
    """One camera's rules by themselves, for `reverie replay`: what stands in a camera's entry, and beside it
    `events` and `detector`."""

    detector: Detector = Detector()
    events: Events = Events()


def load_rules(path: Path) -> Config:
    """The configuration at `path`, or one camera's rules (`Rules`) made into one with that camera alone.

    A file that has `zones`, `lines` or another setting of a camera at its top is one of rules. Raises
    ConfigError.
    """
    text = _read(path)
    own = set(Camera.model_fields) - set(Config.model_fields)
    if not own & set(_top(text)):
        return parse(text, str(path), path.parent)
    rules = parse_section(text, str(path), Rules)
    camera = Camera(**{name: getattr(rules, name) for name in Camera.model_fields})
    return _anchored(Config(cameras=(camera,), detector=rules.detector, events=rules.events), path.parent)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; `reverie init` writes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error


def _top(text: str) -> list[str]:
    """The settings at the top of YAML `text`; [] where it is none (whoever parses it says why)."""
    try:
        node = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    return [str(key.value) for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []


def parse(text: str, origin: str, folder: Path | None = None) -> Config:
    """The configuration in YAML `text`; `origin` names it in errors, `folder` anchors relative paths."""
    config = parse_section(text, origin, Config)
    return _anchored(config, folder) if folder is not None else config


def parse_section(text: str, origin: str, model: type[SectionT]) -> SectionT:
    """The `model` written in YAML `text`; `origin` names it in errors. A setting left empty is its default.

    Raises ConfigError: file, line, setting, what was found, what is allowed; one line a mistake.
    """
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        lines = _lines(node, origin)
        data: Any = yaml.safe_load(text) if node is not None else {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{origin}:{mark.line + 1}" if mark else origin
        raise ConfigError(f"{where}: not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{origin}: not YAML: {error}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{origin}:1: expected settings such as `name: shop`, found {_show(data)}")
    data = {key: value for key, value in data.items() if value is not None}
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError(_explain(error, origin, lines, model)) from None


def _lines(node: yaml.Node | None, origin: str) -> dict[tuple[str | int, ...], int]:
    """Line (1-based) of each setting, by its path; a key that stands twice is an error."""
    found: dict[tuple[str | int, ...], int] = {(): 1}

    def walk(node: yaml.Node, path: tuple[str | int, ...]) -> None:
        found.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            seen: dict[str, int] = {}
            for key, value in node.value:
                name = str(key.value)
                line = key.start_mark.line + 1
                if name in seen:
                    raise ConfigError(
                        f"{origin}:{line}: {_dotted((*path, name))} is set twice, first in line {seen[name]}"
                    )
                seen[name] = line
                found[(*path, name)] = line
                walk(value, (*path, name))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                walk(value, (*path, index))

    if node is not None:
        walk(node, ())
    return found


def _explain(
    error: ValidationError, origin: str, lines: dict[tuple[str | int, ...], int], root: type[BaseModel]
) -> str:
    rows = []
    for fault in faults(error, root):
        known = fault.path
        while known not in lines:
            known = known[:-1]
        rows.append(f"{origin}:{lines[known]}: {_dotted(fault.path) or 'the file'}: {fault.told}")
    return "\n".join(rows)


@dataclass(frozen=True, slots=True)
class Fault:
    """A setting that is wrong: the path to it, and what is told: what was found, and what is allowed."""

    path: tuple[str | int, ...]
    told: str


def faults(error: ValidationError, root: type[BaseModel]) -> list[Fault]:
    """What is wrong with settings of `root`, in words and without secrets; at least one."""
    found = []
    problems = error.errors()
    paths = [
        tuple(_plain(part) if isinstance(part, str) else part for part in problem["loc"])
        for problem in problems
    ]
    for path, problem in zip(paths, problems, strict=True):
        if any(other != path and other[: len(path)] == path for other in paths):
            continue  # an echo of the error inside it ("too short" because its one item is wrong)
        if problem["type"] == "extra_forbidden":
            names = _names(path[:-1], root)
            near = difflib.get_close_matches(str(path[-1]), names, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; allowed here: {', '.join(names)}"
            found.append(Fault(path, f"no such setting{hint}"))
            continue
        message = PLAIN.get(problem["type"], problem["msg"]).removeprefix("Value error, ")
        if problem.get("ctx", {}).get("pattern") == NAME:
            message = UNNAMED
        shown = "" if problem["type"] == "value_error" else f"; found {_show(problem['input'], path)}"
        allowed = _allowed(path, root)
        about = f" ({allowed})" if allowed else ""
        found.append(Fault(path, f"{message}{shown}{about}"))
    return found


def _show(value: object, path: tuple[str | int, ...] = ()) -> str:
    if any(SECRET_QUERY.search(str(part)) for part in path):
        return "***"
    text = _plain(mask(json.dumps(value, ensure_ascii=False, default=str)))
    return text if len(text) <= 80 else text[:77] + "…"


def _plain(text: str) -> str:
    """The same, with halves of characters spelled out: they can be neither printed nor sent."""
    return text.encode("utf-8", "backslashreplace").decode()


def _dotted(path: tuple[str | int, ...]) -> str:
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out


def _section(path: tuple[str | int, ...], root: type[BaseModel]) -> type[BaseModel] | None:
    model = root
    for part in path:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        inner = _model_of(field.annotation) if field else None
        if inner is None:
            return None
        model = inner
    return model


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_of(inner)
        if found is not None:
            return found
    return None


def _names(path: tuple[str | int, ...], root: type[BaseModel]) -> list[str]:
    model = _section(path, root)
    return sorted(model.model_fields) if model else []


def _allowed(path: tuple[str | int, ...], root: type[BaseModel]) -> str:
    """The description of the setting at `path`: what it is and what is allowed."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    if not path:
        return ""
    model = _section(path[:-1], root)
    field = model.model_fields.get(str(path[-1])) if model else None
    return (field.description or "") if field else ""


def is_detector_path(model: str) -> bool:
    """Whether a `detector.model` is a file's path and not a name: it has a `/` or a suffix of such files."""
    if model.startswith("scripted:"):
        return False
    return "/" in model or "\\" in model or Path(model).suffix.lower() in DETECTOR_SUFFIXES


def _anchored(config: Config, folder: Path) -> Config:
    """The same configuration with relative paths taken from `folder`."""

    def at(path: Path | None) -> Path | None:
        return None if path is None else (folder / home(path))

    def source(text: str) -> str:
        if text == "demo" or text.isdigit() or "://" in text or text.startswith("scripted:"):
            return text
        return str(folder / home(text))

    model = config.detector.model
    return config.model_copy(
        update={
            "generators": tuple(_anchored_generator(g, folder, config.products) for g in config.generators),
            "cameras": tuple(c.model_copy(update={"source": source(c.source)}) for c in config.cameras),
            "detector": config.detector.model_copy(
                update={"model": str(folder / home(model)) if is_detector_path(model) else model}
            ),
            "story": config.story.model_copy(update={"library": at(config.story.library)}),
            "store": config.store.model_copy(
                update={"folder": at(config.store.folder), "runtime": at(config.store.runtime)}
            ),
            "screen": config.screen.model_copy(update={"ambient": at(config.screen.ambient)}),
            "sound": config.sound.model_copy(
                update={
                    "voices": {
                        language: str(at(Path(voice))) if voice.endswith(".onnx") else voice
                        for language, voice in config.sound.voices.items()
                    }
                }
            ),
            "products": at(config.products),
        }
    )


def _anchored_generator(generator: Generator, folder: Path, products: Path | None) -> Generator:
    def at(path: Path | None) -> Path | None:
        return None if path is None else folder / home(path)

    wan = generator.wan
    model = wan.model
    if model.startswith((".", "~")):
        place = folder / home(model)
        model = str(place) if place.is_absolute() else f"./{place}"  # a bare word would be a hub id
    update = {
        "model": model,
        "embeddings": at(wan.embeddings),
        "decoder": at(wan.decoder),
        "lora": at(wan.lora),
    }
    return generator.model_copy(
        update={
            "pictures": at(generator.pictures),
            "products": at(generator.products or products),
            "wan": wan.model_copy(update=update),
        }
    )


# ---------------------------------------------------------------------------------- passing on


def snapshot(config: Config) -> tuple[str, bytes]:
    """The whole configuration as JSON bytes (secrets included: write it 0600) and their short digest.

    The supervisor hands this to its children, so that they can never disagree.
    """
    data = config.model_dump(mode="json")
    token = config.serve.token
    data["serve"]["token"] = None if token is None else token.get_secret_value()
    for entry, generator in zip(data["generators"], config.generators, strict=True):
        theirs = generator.remote.token
        entry["remote"]["token"] = None if theirs is None else theirs.get_secret_value()
    blob = json.dumps(data, sort_keys=True, ensure_ascii=False).encode()
    return hashlib.sha256(blob).hexdigest()[:12], blob


def from_snapshot(blob: bytes) -> Config:
    """The configuration that `snapshot` wrote. Raises ConfigError for anything else."""
    try:
        return Config.model_validate_json(blob)
    except ValidationError as error:
        raise ConfigError(f"no snapshot of a configuration: {error.errors()[0]['msg']}") from None


def runtime_folder(store: Store) -> Path:
    """Where sockets and heartbeats of this data folder live: memory where there is some."""
    if store.runtime is not None:
        return store.runtime
    shm = Path("/dev/shm")
    if not shm.is_dir():
        return store.folder / "run"
    digest = hashlib.sha256(str(store.folder.absolute()).encode()).hexdigest()[:16]
    return shm / f"reverie-{digest}"
