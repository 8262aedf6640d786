"""Make the storyboard's pictures: SVG -> 256 px WebP sprites, some of them in parts that move.

    art.yaml + npm icons + svg/ -> whole sprites and rig parts -> sprites.zip, sprites.json

Every part is drawn on the sprite's own frame: to put a figure together, paint its parts in order
at the same place. `sprites.json` says which parts those are and the pivot of each, in fractions of
the frame (x to the right, y down).
"""

import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import resvg_py
import yaml
from PIL import Image
from sources import npm_file, npm_package, write_asset, write_json

PACKAGE, VERSION = "@iconify-json/fluent-emoji", "1.2.7"
INTEGRITY = "sha512-D8G6bKAyIsyxP1rzZtIWr/gg/fO4Rg1+DyCWlfqKK4h8W+4Em/Y0P6QYgJUQTlUcagzJvSyg+9OBv4hz4Hc/QA=="
HERE = Path(__file__).resolve().parent
UNITS = 32  # the icons' own coordinate frame
PIXELS = 256
QUALITY = 90
ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the zip format's first day: entries carry no build time

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {SVG + tag for tag in ("path", "circle", "ellipse", "rect", "polygon", "polyline", "line")}
HIDDEN = {SVG + tag for tag in ("defs", "mask", "clipPath", "filter")}


@dataclass(frozen=True)
class Part:
    """What art.yaml says of one moving part."""

    shapes: str
    clip: str = ""
    under: str = ""
    pivot: tuple[float, float] | None = None


def main() -> None:
    ElementTree.register_namespace("", SVG.strip("{}"))
    plan = yaml.safe_load((HERE / "art.yaml").read_text("utf-8"))
    icons = json.loads(npm_file(npm_package(PACKAGE, VERSION, INTEGRITY), "package/icons.json"))
    pictures: dict[str, bytes] = {}
    sprites: dict[str, dict[str, object]] = {}
    for name in sorted(wanted(plan)):
        source = drawing(name, icons["icons"])
        parts = {key: Part(**value) for key, value in plan["parts"].get(name, {}).items()}
        pictures[name] = webp(rasterise(source))
        images = {key: rasterise(part_of(source, parts, key)) for key in parts}
        pictures |= {f"{name}.{key}": webp(image) for key, image in images.items()}
        sprites[name] = {"parts": [f"{name}.{key}" for key in parts]}
        if parts:
            pivots = {f"{name}.{key}": pivot(parts[key], images[key]) for key in parts}
            sprites[name]["pivots"] = pivots
    write_asset("sprites.zip", archive(pictures))
    write_json("sprites.json", {"classes": plan["classes"], "sprites": sprites})
    print(f"{len(sprites)} sprites, {len(pictures) - len(sprites)} parts")


def wanted(plan: dict[str, Any]) -> set[str]:
    scenes = {name for names in plan["scenes"].values() for name in names.split()}
    return scenes | set(plan["classes"].values())


def drawing(name: str, icons: dict[str, dict[str, str]]) -> str:
    """The SVG of a sprite: our own file where there is one, the package's icon else."""
    own = HERE / "svg" / f"{name}.svg"
    if own.is_file():
        return own.read_text("utf-8")
    if name not in icons:
        raise SystemExit(f"{name}: neither in {PACKAGE} nor in svg/")
    return (
        f'<svg xmlns="{SVG.strip("{}")}" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {UNITS} {UNITS}">{icons[name]["body"]}</svg>'
    )


def part_of(source: str, parts: dict[str, Part], name: str) -> str:
    """The same SVG with only the shapes of one part left in it."""
    part = parts[name]
    root = ElementTree.fromstring(source)
    shapes = list(drawn_shapes(root))
    if part.shapes == "rest":
        # A sibling that only clips shares its shapes with the rest: a leg is cut from the body.
        owned = [numbers(sibling.shapes) for sibling in parts.values() if owns(sibling)]
        kept = set(range(len(shapes))).difference(*owned)
    else:
        kept = numbers(part.shapes)
    for index, (parent, shape) in enumerate(shapes):
        if index not in kept:
            parent.remove(shape)
    drop_empty_groups(root)
    body = "".join(ElementTree.tostring(child, "unicode") for child in root)
    clip, use = "", ""
    if part.clip:
        clip = f'<clipPath id="part-clip"><path d="{part.clip}"/></clipPath>'
        use = ' clip-path="url(#part-clip)"'
    return (
        f'<svg xmlns="{SVG.strip("{}")}" viewBox="0 0 {UNITS} {UNITS}">{part.under}'
        f"{clip}<g{use}>{body}</g></svg>"
    )


def owns(part: Part) -> bool:
    return part.shapes != "rest" and not part.clip


def drawn_shapes(
    element: ElementTree.Element,
) -> list[tuple[ElementTree.Element, ElementTree.Element]]:
    """Every visible shape with its parent, in the order of painting."""
    found = []
    for child in element:
        if child.tag in DRAWN:
            found.append((element, child))
        elif child.tag not in HIDDEN:
            found.extend(drawn_shapes(child))
    return found


def drop_empty_groups(element: ElementTree.Element) -> None:
    """A filter over nothing is what rasterisers stumble on."""
    for child in list(element):
        if child.tag == SVG + "g":
            drop_empty_groups(child)
            if not len(child):
                element.remove(child)


def numbers(text: str) -> set[int]:
    """`"0-2 5"` -> {0, 1, 2, 5}"""
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", text):
        found.update(range(int(first), int(last or first) + 1))
    return found


def rasterise(source: str) -> Image.Image:
    options: dict[str, Any] = {"width": PIXELS, "height": PIXELS, "skip_system_fonts": True}
    image = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=source, **options))))
    if image.getbbox() is None:
        raise SystemExit(f"an empty picture came of: {source[:200]}")
    return image.convert("RGBA")


def webp(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, alpha_quality=100, method=4)
    return buffer.getvalue()


def pivot(part: Part, image: Image.Image) -> list[float]:
    """Fractions of the frame; a wheel turns about the middle of what is solid in it."""
    if part.pivot:
        return [round(value / UNITS, 4) for value in part.pivot]
    box = image.getchannel("A").point(lambda alpha: 255 if alpha > 40 else 0).getbbox()
    left, top, right, bottom = box or (0, 0, PIXELS, PIXELS)
    return [round((left + right) / 2 / PIXELS, 4), round((top + bottom) / 2 / PIXELS, 4)]


def archive(pictures: dict[str, bytes]) -> bytes:
    """A zip of stored entries in order: WebP is compressed already, and reading stays a seek."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(pictures):
            entry = zipfile.ZipInfo(f"{name}.webp", ZIP_DATE)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            target.writestr(entry, pictures[name])
    return buffer.getvalue()


if __name__ == "__main__":
    main()
