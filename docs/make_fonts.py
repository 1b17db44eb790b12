"""Write the fonts of drawings and their widths: ``python docs/make_fonts.py FOLDER``, once for a version of the font.

The folder has Fira Sans Condensed 4.203 as TrueType files, from Google Fonts or ``pip download
fontpkg-fira-sans-condensed==4.203``. Needs fontTools and brotli. Written are, for each face:

- a TrueType file with Latin, Greek and Cyrillic, for PNG and PDF,
- a WOFF2 file for each group of characters, which SVG files embed where they have characters of the group,
- the widths of its characters in ``widths.json``, so that text is measured without fontTools.

Hints, ligatures and kerning are left out: browsers, resvg and fpdf2 then all set a text exactly as wide as the sum of
its characters. Kerning would set most texts a little narrower; at 6 to 8 points the wider setting is at least as
legible.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from itertools import groupby
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "backends" / "netspec_picture" / "fonts"
FACES = {
    "Regular": "c67609f14fc9d328442bfffcc31988b0f76e5575cf460fcc1f3dd8e4912fe257",
    "Medium": "6385967fe921a6ee837221cde461e695e77f8931a3ca4bc82c7c1c1a5fe47f86",
    "Italic": "57f3b2cfbb07698b9699e613369d33e06b61b827586b63341deaa6c573d264e2",
}
"""The faces, with the SHA-256 of their files."""
SIGNS = "×·→←–—…²³±≤≥−√∞≈≠°µ½¼•‘’“”∑∏∂↑↓÷⋅"
"""What captions have besides ASCII."""
GROUPS = {
    "basic": [*range(0x20, 0x7F), *map(ord, SIGNS)],
    "latin": [*range(0xA0, 0x250), *range(0x300, 0x370), *range(0x1E00, 0x1F00), *range(0x2000, 0x2300)],
    "greek": [*range(0x370, 0x400)],
    "cyrillic": [*range(0x400, 0x530)],
}
"""Groups of characters; one that is in an earlier group is not in a later one."""


def subset_font(path: Path, characters: set[int], flavor: str | None) -> bytes:
    """The font with those of these characters that it has."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.glyph_names = False
    options.drop_tables += ["DSIG", "GDEF", "GPOS", "GSUB"]
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14, 16, 17]
    font = TTFont(path, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.flavor = flavor
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def runs(widths: dict[int, int]) -> list[list[object]]:
    """Widths by code point as runs: the first code point, then the widths from there on."""
    out: list[list[object]] = []
    for _, group in groupby(enumerate(sorted(widths)), key=lambda pair: pair[1] - pair[0]):
        points = [point for _, point in group]
        out.append([points[0], [widths[p] for p in points]])
    return out


def groups(available: set[int]) -> dict[str, set[int]]:
    """The characters of every group, of those that the font has."""
    out: dict[str, set[int]] = {}
    rest = set(available)
    for name, characters in GROUPS.items():
        out[name] = rest & set(characters)
        rest -= out[name]
    return out


def main() -> None:
    """Write all files."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    widths: dict[str, list[list[object]]] = {}
    of_group: dict[str, set[int]] = {}
    for face, digest in FACES.items():
        path = Path(sys.argv[1]) / f"FiraSansCondensed-{face}.ttf"
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise SystemExit(f"{path} is not the file of version 4.203")
        font = TTFont(path)
        of_group = groups(set(font.getBestCmap()))
        characters = set().union(*of_group.values())
        (FONTS / f"FiraSansCondensed-{face}.ttf").write_bytes(subset_font(path, characters, None))
        for name, group in of_group.items():
            (FONTS / f"{face}-{name}.woff2").write_bytes(subset_font(path, group, "woff2"))
        metrics = font["hmtx"]
        widths[face] = runs({c: metrics[g][0] for c, g in font.getBestCmap().items() if c in characters})
    table = {
        "groups": {name: [[a, a + len(w) - 1] for a, w in runs(dict.fromkeys(g, 0))] for name, g in of_group.items()},
        "widths": widths,
    }
    (FONTS / "widths.json").write_text(json.dumps(table, separators=(",", ":")) + "\n")
    for file in sorted(FONTS.iterdir()):
        print(f"{file.name}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
