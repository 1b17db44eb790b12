"""A scene as PNG, rendered by resvg from its SVG with the font files that text is measured with."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from .missing_characters import check_characters
from .scene import Scene
from .svg import to_svg
from .typefaces import POINTS_PER_INCH, typefaces_in_use

MAX_PIXELS: Final = 16_000
"""Maximum width and height; a larger picture is scaled down."""
_HEADER_END: Final = 33
"""Number of bytes of the signature and the first chunk."""


def to_png(scene: Scene, dpi: float) -> bytes:
    """The picture with ``dpi`` pixels per inch, or fewer if it would be too large. The file states its resolution.

    Raises:
        BackendError: NS798, no font has a character of its text.
    """
    import resvg_py

    check_characters(scene, "PNG")
    dpi = min(dpi, POINTS_PER_INCH * MAX_PIXELS / max(scene.width, scene.height))
    faces = typefaces_in_use()
    files = {str(f.file): None for style in (faces.plain, faces.bold, faces.italic) for f in style}
    data = resvg_py.svg_to_bytes(
        svg_string=to_svg(scene, self_contained=False), dpi=dpi, skip_system_fonts=True, font_files=list(files)
    )
    return data[:_HEADER_END] + _resolution(dpi) + data[_HEADER_END:]


def _resolution(dpi: float) -> bytes:
    """The chunk ``pHYs``: pixels per metre in both directions (PNG specification, section 11.3.5.3)."""
    per_metre = round(dpi / 0.0254)
    body = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
