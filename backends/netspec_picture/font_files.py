"""Font files that the user names: their widths, and subsets of them for SVG files.

Both need fontTools; callers check that it is installed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.files import read_input

from .typefaces import Typeface, Typefaces, bundled

EXTENSIONS: Final = (".ttf", ".otf", ".ttc", ".otc")
MAX_BYTES: Final = 100_000_000
"""Size of the largest font file that is read."""
MAX_FILES: Final = 3
TABLES: Final = frozenset(
    ("head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "loca", "glyf", "CFF ", "CFF2", "name", "post")
)
"""The tables that a subset keeps."""
NO_EMBEDDING: Final = 2
"""The right to embed a font that its maker withholds (``fsType`` of the OpenType table OS/2, bits 0 to 3)."""


def load_typefaces(files: tuple[str, ...]) -> Typefaces:
    """The fonts in these files, and the bundled ones for characters that they lack.

    Args:
        files: the fonts of plain text, bold text and italic text; the first one stands for those that are left out.

    Raises:
        BackendError: NS797, a file is not a font that can be embedded.
    """
    if len(files) > MAX_FILES:
        raise BackendError("NS797", f"there are fonts of plain, bold and italic text; found {len(files)} files")
    faces = [_load(file) for file in files]
    plain, bold, italic = (*faces, *[faces[0]] * (MAX_FILES - len(faces)))
    fallback = bundled()
    return Typefaces((plain, *fallback.plain), (bold, *fallback.bold), (italic, *fallback.italic), bold_weight=700)


@contextmanager
def reading_tables(path: Path) -> Generator[None]:
    """What reads the tables of a font, which is when they are needed, runs within. Raises BackendError NS797."""
    try:
        yield
    except BackendError:
        raise
    except Exception as error:  # whatever fontTools raises for tables that do not fit together
        raise _invalid(path, f"its tables cannot be read ({type(error).__name__})") from None


def _load(file: str) -> Typeface:
    """The font in a file; the first one of a collection."""
    path = Path(file)
    with reading_tables(path), _open(path) as font:
        rights = int(font["OS/2"].fsType) if "OS/2" in font else 0
        units = int(font["head"].unitsPerEm)
        advances = font["hmtx"].metrics
        widths = {chr(c): advances[glyph][0] * 1000 / units for c, glyph in font.getBestCmap().items()}
        name = str(font["name"].getBestFamilyName() or path.stem)
    if rights & 0xF == NO_EMBEDDING:
        raise _invalid(path, "its licence does not allow to embed it", "another font")
    return Typeface(re.sub(r"[^\w .-]", "", name) or "Font", path, 0, widths)


def _open(path: Path) -> Any:
    """A font of fontTools, which has no types."""
    ttlib: Any = import_module("fontTools.ttLib")
    if path.suffix.lower() not in EXTENSIONS:
        raise _invalid(path, "it is not a TrueType or OpenType file", f"extensions: {', '.join(EXTENSIONS)}")
    try:
        data = read_input(path, MAX_BYTES + 1, regular=True)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise _invalid(path, (reason or "it cannot be read").lower()) from None
    if len(data) > MAX_BYTES:
        raise _invalid(path, f"it has more than {MAX_BYTES:,} bytes")
    try:
        return ttlib.TTFont(io.BytesIO(data), fontNumber=0, recalcTimestamp=False, lazy=True)
    except (ttlib.TTLibError, ValueError, AssertionError) as error:
        raise _invalid(path, f"fontTools cannot read it ({clip(error)})") from None


def check_tables(face: Typeface) -> None:
    """Reads the tables of a font that are embedded. Raises BackendError NS797 if one cannot be read."""
    with reading_tables(face.file), _open(face.file) as font:
        for table in TABLES.intersection(font.keys()):
            font[table]  # reads it


def subset_as_woff(face: Typeface, characters: set[str]) -> bytes:
    """A WOFF file with some characters of a font. Raises BackendError NS797."""
    subset: Any = import_module("fontTools.subset")
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.name_IDs = [0, 13, 14]
    out = io.BytesIO()
    with reading_tables(face.file), _open(face.file) as font:
        options.drop_tables = [table.strip() for table in font.keys() if table not in TABLES]  # noqa: SIM118 - not a mapping
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=[ord(c) for c in characters])
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(out)
    return out.getvalue()


def _invalid(path: Path, reason: str, help_: str | None = None) -> BackendError:
    return BackendError("NS797", f"cannot use the font '{clip(path, 200)}': {reason}", help_)
