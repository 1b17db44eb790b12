"""Classifies numeric arguments: numbers of channels, sizes of axes, or others."""

from __future__ import annotations

from .item_kinds import Head

CHANNELS = "channels"
SIZES = "sizes"
OTHER = "other"

_CHANNELS = ("filters", "units", "width", "groups", "num_parameters", "heads", "key_heads", "vocabulary", "hidden")
_SIZES = ("size", "shape", "output_size")


def kind_of(head: Head, argument: str) -> str:
    """Returns the kind of number that an argument of a layer holds."""
    if argument in _CHANNELS:
        return CHANNELS
    if head.operation in ("rearrange", "einsum"):
        return SIZES
    if argument in _SIZES and "pool" not in head.operation:
        return SIZES
    return OTHER
