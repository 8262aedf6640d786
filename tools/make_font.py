"""Make the caption font: Noto Sans CJK SC Bold, cut down to what captions are written in.

Debian package -> GB2312 + ASCII + Latin-1 + common signs -> NotoSansSC-Bold-subset.otf
"""

import io

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont
from sources import debian_file, write_asset

PACKAGE, VERSION = "fonts-noto-cjk", "1:20220127+repack1-1"
MEMBER = "usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
SHA256 = "faa5f3656a78b2e2d450d27fe8382c778bc2b6bb5ea29c986664a6a435056ceb"
FACE = "Noto Sans CJK SC Bold"

SIGNS = (
    "–—―‐‑‘’‚“”„†‡•…‰′″‹›€№℃℉™←↑→↓↔⇒√∞≈≠≤"
    "≥■□▲△▶▼▽◀◆◇○◎●★☆♀♂♥♪✓「」『』【】〈〉《》〔〕〜・！"
    "（），．：；？～￥"
)


def main() -> None:
    collection = TTCollection(debian_file(PACKAGE, VERSION, MEMBER, SHA256))
    font = next(face for face in collection if face["name"].getDebugName(4) == FACE)
    shrink(font, characters())
    buffer = io.BytesIO()
    font.save(buffer)
    write_asset("NotoSansSC-Bold-subset.otf", buffer.getvalue())


def characters() -> set[int]:
    latin = {*range(0x20, 0x7F), *range(0xA0, 0x100)}
    return latin | gb2312() | {ord(sign) for sign in SIGNS}


def gb2312() -> set[int]:
    """All 7445 characters of the standard: what a Chinese child's book is printed in."""
    found: set[int] = set()
    for row in range(0xA1, 0xF8):
        for column in range(0xA1, 0xFF):
            text = bytes((row, column)).decode("gb2312", errors="ignore")
            found.update(map(ord, text))
    return found


def shrink(font: TTFont, wanted: set[int]) -> None:
    """Keep the outlines and the kerning; drop hints and vertical forms, which nobody uses here."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern"]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]
    options.name_IDs = ["*"]  # copyright, trademark and licence stay in the file
    options.name_languages = [0x409]
    options.recalc_timestamp = False  # the source's own date: the same bytes each time
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    font.recalcTimestamp = False


if __name__ == "__main__":
    main()
