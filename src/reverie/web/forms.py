"""What a program sends to order a film: JSON, or a form with a picture. Read once, checked, never echoed."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import unicodedata
from typing import Any

from pydantic import Field, ValidationError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from reverie.web.guard import MAX_BODY, Complaint
from reverie.web.kiosk import Body
from reverie.web.pictures import PARAM as PICTURE

LONGEST = 60.0
"""Seconds of a film."""

ARRIVAL = 120.0
"""Seconds in which a body has to arrive: 20 MB come over 1.4 Mbit/s."""

FORMS = 8
"""Forms read at once, their pictures held in memory; who comes next is asked to come later."""

DATA_URL = re.compile(r"data:image/[a-z0-9.+-]+;base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)

IMAGE_URL = f"{PICTURE}[image_url]"
"""How a form spells `{"input_reference": {"image_url": …}}`."""


class VideoBody(Body):
    """What is to be made. Numbers may be sent as text, as forms do."""

    prompt: str = Field(min_length=1, max_length=4000, description="What the film shows, in plain words.")
    model: str | None = Field(
        default=None, max_length=64, description="A generator's name or kind; empty: the best of this box."
    )
    seconds: float | None = Field(
        default=None,
        gt=0,
        le=LONGEST,
        allow_inf_nan=False,
        description="How long the film is. Empty: as long as its story.",
    )
    size: str | None = Field(
        default=None,
        pattern=r"^\d{2,5}x\d{2,5}$",
        description="Width x height in pixels, such as 640x480. Empty: as the generator is set.",
    )
    input_reference: str | dict[str, str] | None = Field(
        default=None,
        description="The picture that the film begins with. In JSON a data URL, or {image_url: a data URL}; "
        "in a form a PNG, JPEG or WebP file.",
    )
    fps: int | None = Field(default=None, description="Frames a second. Empty: as the generator is set.")
    num_frames: int | None = Field(
        default=None, ge=1, description="How many pictures; stronger than `seconds`."
    )
    seed: int | None = Field(
        default=None, ge=0, lt=2**32, description="Equal seeds make equal films. Empty: the box chooses."
    )
    num_inference_steps: int | None = Field(default=None, ge=1, le=100, description="Denoising steps.")
    guidance_scale: float | None = Field(
        default=None, ge=1, le=20, allow_inf_nan=False, description="How strictly the prompt is followed."
    )
    negative_prompt: str | None = Field(
        default=None, max_length=2000, description="What guidance leads away from."
    )


def body_schema() -> dict[str, Any]:
    """What may be posted, for the OpenAPI page: the same fields as JSON and as a form with a file."""
    schema = VideoBody.model_json_schema()
    fields = {**schema["properties"], PICTURE: {"type": "string", "format": "binary"}}
    return {
        "required": True,
        "content": {
            "application/json": {"schema": schema},
            "multipart/form-data": {"schema": {**schema, "properties": fields}},
        },
    }


def is_form(request: Request) -> bool:
    """Whether the body is a form, and not JSON."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data"


async def read_body(request: Request) -> tuple[VideoBody, bytes | None]:
    """The order and the picture in a request's body. Raises Complaint."""
    try:
        async with asyncio.timeout(ARRIVAL):
            if is_form(request):
                fields, picture = await _form(request)
            else:
                fields, picture = _json(await request.body()), None
    except TimeoutError:
        raise Complaint(408, f"the body was not here within {ARRIVAL:g} s", Connection="close") from None
    except ClientDisconnect:
        raise Complaint(400, "the body broke off") from None  # nobody hears it; the log stays quiet
    try:
        body = VideoBody.model_validate(fields)
    except ValidationError as error:
        raise _misread(error) from None
    if body.input_reference is not None:
        if picture is not None:
            raise Complaint(400, f"{PICTURE} is sent twice", PICTURE)
        picture = _from_url(body.input_reference)
    for name in ("prompt", "negative_prompt"):
        _demand_text(name, getattr(body, name) or "")
    if not body.prompt.strip():
        raise Complaint(400, "prompt: say what the film shows", "prompt")
    return body, picture


async def _form(request: Request) -> tuple[dict[str, Any], bytes | None]:
    fields: dict[str, Any] = {}
    picture: bytes | None = None
    _, options = parse_options_header(request.headers["content-type"])
    if options.get(b"charset", b"utf-8").lower() != b"utf-8":  # others may decode to what is no text
        raise Complaint(400, "send the form as UTF-8")
    async with request.form(max_files=1, max_fields=30, max_part_size=MAX_BODY) as form:
        for name, value in form.multi_items():
            known = PICTURE if name == IMAGE_URL else name
            if known in fields or (known == PICTURE and picture is not None):
                raise Complaint(400, f"{known} is sent twice", known)
            if isinstance(value, str):
                fields[known] = value
            elif known == PICTURE:
                picture = await value.read()
            else:
                raise Complaint(400, f"{known} is no file; the picture is {PICTURE}", known)
    return fields, picture


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Complaint(400, f"the body is no JSON: {error}") from None


def _misread(error: ValidationError) -> Complaint:
    """Which parameter is wrong and why, without echoing what was sent."""
    problems = error.errors()
    rows = []
    for problem in problems:
        where = str(problem["loc"][0]) if problem["loc"] else "the body"
        if problem["type"] == "extra_forbidden":
            rows.append(f"unknown parameter {where!r}; known are {', '.join(VideoBody.model_fields)}")
        else:
            rows.append(f"{where}: {problem['msg']}")
    first = problems[0]
    code = "unknown_parameter" if first["type"] == "extra_forbidden" else "invalid_value"
    return Complaint(
        400, "; ".join(dict.fromkeys(rows)), str(first["loc"][0]) if first["loc"] else None, code
    )


def _from_url(reference: str | dict[str, str]) -> bytes:
    """The picture in a data URL. Others are not fetched: this box asks no other for what it is told to."""
    url = reference if isinstance(reference, str) else reference.get("image_url", "")
    match = DATA_URL.fullmatch(url.strip())
    if match is None or (isinstance(reference, dict) and set(reference) != {"image_url"}):
        raise Complaint(
            400,
            f"{PICTURE}: send the picture as a file in a form, or as a data URL (data:image/png;base64,…)",
            PICTURE,
        )
    try:
        return base64.b64decode("".join(match[1].split()), validate=True)
    except ValueError:
        raise Complaint(400, f"{PICTURE}: not base64", PICTURE) from None


def _demand_text(name: str, text: str) -> None:
    """Refuse control characters and halves of pairs: they can be neither kept nor read."""
    odd = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\r\n"), None)
    if odd is not None:
        raise Complaint(400, f"{name}: U+{ord(odd):04X} is no character of a text", name, "invalid_value")
