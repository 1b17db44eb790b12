"""PNG files of pixels that are indices into a table of colours (PNG specification, sections 5 and 11)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .paint import rgb

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
GREY, TRUE_COLOUR, INDEXED = 0, 2, 3
"""Colour types."""


def indexed_png(rows: Sequence[bytes], colours: Sequence[str]) -> bytes:
    """A PNG file.

    Args:
        rows: a byte for each pixel: the index of its colour.
        colours: at most 256.
    """
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, INDEXED, 0, 0, 0)
    table = b"".join(bytes(rgb(colour)) for colour in colours)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = (b"IHDR", header), (b"PLTE", table), (b"IDAT", pixels), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@dataclass(frozen=True, slots=True)
class Deflated:
    """The pixels of a PNG file as the file contains them: filtered by row (section 9) and compressed."""

    width: int
    height: int
    colour_type: int
    table: bytes
    """Red, green and blue of each colour; empty if pixels are not indices."""
    data: bytes


def deflated_pixels(png: bytes) -> Deflated | None:
    """The pixels of a PNG file; None if they have an opacity, or other than 8 bits, or are interlaced."""
    at, table, data = len(SIGNATURE), b"", b""
    width = height = depth = colour_type = interlace = 0
    while at + 12 <= len(png):
        (length,), kind = struct.unpack_from(">I", png, at), png[at + 4 : at + 8]
        content = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour_type, _, _, interlace = struct.unpack(">IIBBBBB", content)
        elif kind == b"tRNS":
            return None
        elif kind == b"PLTE":
            table = content
        elif kind == b"IDAT":
            data += content
        at += 12 + length
    if depth != 8 or interlace or colour_type not in (GREY, TRUE_COLOUR, INDEXED):
        return None
    return Deflated(width, height, colour_type, table if colour_type == INDEXED else b"", data)
