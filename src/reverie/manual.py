"""The settings in writing, made from their descriptions in `config.py`: a sample file and a page."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from reverie.config import Camera, Config, Generator, Line, Remote, Wan, Zone

HEAD = """\
# reverie: what this box watches, tells and shows.
# Every setting is here with its default; what is commented out with one # may be filled in.
# `reverie check` says what is wrong before it runs.
"""

EXAMPLE_ZONE = """\
    # zones:
    #   - name: shelf
    #     polygon: [[0.1, 0.4], [0.6, 0.4], [0.6, 1.0], [0.1, 1.0]]
    #     labels: [person]
    #     dwell: 3
    # lines:
    #   - name: door
    #     start: [0.5, 0.2]
    #     end: [0.5, 1.0]
"""

LISTED: dict[str, type[BaseModel]] = {"cameras": Camera, "generators": Generator}


def yaml() -> str:
    """A commented configuration: every setting at its default, ready to be edited."""
    out = [HEAD]
    for name, field in Config.model_fields.items():
        if name in LISTED:
            out.append(f"\n# {field.description}\n{name}:")
            rows = list(_rows(LISTED[name], "    "))
            # The first setting carries the dash of the list item.
            first = next(i for i, row in enumerate(rows) if not row.lstrip().startswith("#"))
            rows[first] = rows[first].replace("    ", "  - ", 1)
            out.extend(rows)
            if name == "cameras":
                out.append(EXAMPLE_ZONE.rstrip())
        elif isinstance(field.default, BaseModel):
            section = type(field.default)
            out.append(f"\n# {section.__doc__}\n{name}:")
            out.extend(_rows(section, "  "))
        else:
            out.extend(_rows_of(name, field, ""))
    return "\n".join(out) + "\n"


def _rows(section: type[BaseModel], indent: str) -> Iterator[str]:
    for name, field in section.model_fields.items():
        if name in ("zones", "lines"):
            continue
        yield from _rows_of(name, field, indent)


def _rows_of(name: str, field: FieldInfo, indent: str) -> Iterator[str]:
    if isinstance(field.default, BaseModel):
        yield f"{indent}# {field.description}"
        yield f"{indent}# {name}:"
        # Commented out as a whole: it matters to one kind only.
        for row in _rows(type(field.default), "  "):
            bare = row.strip()
            yield f"{indent}#   {bare}"
        return
    for row in textwrap.wrap(field.description or "", 96 - len(indent)):
        yield f"{indent}# {row}"
    default = field.default
    if default is None:
        yield f"{indent}# {name}:"
    else:
        yield f"{indent}{name}: {_literal(default)}"


def _literal(value: Any) -> str:
    """A default as YAML writes it (JSON is YAML)."""
    if isinstance(value, str | Path):
        text = str(value)
        return (
            text
            if text.replace("-", "").replace("_", "").isalnum() and not text.isdigit()
            else json.dumps(text)
        )
    if isinstance(value, tuple):
        return json.dumps(list(value), ensure_ascii=False)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def markdown() -> str:
    """Every setting as a page: `docs/configuration.md`."""
    out = [
        "# Configuration",
        "",
        "Made from the descriptions in `src/reverie/config.py` by `reverie config --markdown`. "
        "`reverie init` writes a file with all of it, `reverie check` says what is wrong with yours, and "
        "`reverie config --schema` prints the JSON schema. Unknown settings are errors.",
        "",
        "`name` (default `reverie`): " + (Config.model_fields["name"].description or ""),
    ]
    sections: list[tuple[str, type[BaseModel]]] = []
    for name, field in Config.model_fields.items():
        if name in LISTED:
            sections.append((f"{name}[]", LISTED[name]))
            if name == "cameras":
                sections += [("cameras[].zones[]", Zone), ("cameras[].lines[]", Line)]
            if name == "generators":
                sections += [("generators[].wan", Wan), ("generators[].remote", Remote)]
        elif isinstance(field.default, BaseModel):
            sections.append((name, type(field.default)))
            sections += [
                (f"{name}.{inner}", type(part.default))
                for inner, part in type(field.default).model_fields.items()
                if isinstance(part.default, BaseModel)
            ]
    for path, section in sections:
        out += [
            "",
            f"## `{path}`",
            "",
            section.__doc__ or "",
            "",
            "| setting | default | what it is |",
            "|---|---|---|",
        ]
        for name, field in section.model_fields.items():
            description = (field.description or "").replace("|", "\\|")
            if isinstance(field.default, BaseModel):
                out.append(f"| `{name}` | see below | {description} |")
                continue
            out.append(f"| `{name}` | {_default(field)} | {description}{_bounds(section, name)} |")
    return "\n".join(out) + "\n"


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None or isinstance(field.default, SecretStr):
        return "empty"
    if field.default == ():
        return "`[]`"
    return f"`{_literal(field.default)}`"


def _bounds(section: type[BaseModel], name: str) -> str:
    """What is allowed, as the JSON schema states it."""
    schema = section.model_json_schema()["properties"][name]
    choices = [schema, *schema.get("anyOf", ())]
    parts = []
    for choice in choices:
        if "enum" in choice:
            parts.append("one of " + ", ".join(f"`{v}`" for v in choice["enum"]))
        low = choice.get("minimum", choice.get("exclusiveMinimum"))
        high = choice.get("maximum", choice.get("exclusiveMaximum"))
        if low is not None or high is not None:
            above = "more than " if "exclusiveMinimum" in choice else ""
            parts.append(f"{above}{low if low is not None else '…'} to {high if high is not None else '…'}")
    return f" ({'; '.join(parts)})" if parts else ""
