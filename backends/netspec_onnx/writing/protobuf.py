"""Encodes protobuf fields, for messages that are written piece by piece.

https:
protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

GRAPH, INITIALIZER, RAW_DATA = 7, 5, 9
"""Field numbers in ModelProto, GraphProto and TensorProto."""

LIMIT = 2**31 - 1
"""Maximum size of a protobuf message, in bytes."""


def varint(n: int) -> bytes:
    """Encodes a non-negative integer, seven bits per byte."""
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field_header(number: int, length: int) -> bytes:
    """Encodes the header of a length-delimited field: its number, wire type and length."""
    return varint(number << 3 | 2) + varint(length)
