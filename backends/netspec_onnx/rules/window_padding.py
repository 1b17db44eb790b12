"""The padding of windows as attributes of ONNX's operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TypeAlias

from netspec.shapes.sizes import is_named, is_same
from netspec.shapes.window import Window

from ..builder.value_info import Attribute

Pads: TypeAlias = Sequence[tuple[int, int]]
"""The padding before and after each axis."""


def padding_attributes(windows: Sequence[Window], pads: Pads) -> dict[str, Attribute] | None:
    """Returns ``pads``, or ``auto_pad`` if the padding of ``same`` depends on run-time sizes.

    None if ``auto_pad`` is not equivalent: ONNX Runtime rejects it with dilation, and shifts windows that are shorter
    than their stride. A ``Pad`` with computed amounts is then necessary.
    """
    if not any(map(is_named, chain(*pads))):
        return {"pads": flat_pads(pads)}
    if all(w.pads == "same" and w.dilation == 1 and w.extent >= w.stride for w in windows):
        return {"auto_pad": "SAME_UPPER"}
    return None


def no_padding(rank: int) -> dict[str, Attribute]:
    """The attribute of windows without padding."""
    return {"pads": [0] * (2 * rank)}


def needed_pads(windows: Sequence[Window], pads: Pads) -> list[tuple[int, int]]:
    """Returns the padding of each axis, with 0 for symbolic padding that is always 0 (one-element windows)."""
    return [(0, 0) if w.pads == "same" and w.extent == 1 else pair for w, pair in zip(windows, pads, strict=True)]


def by_axis(pads: Pads) -> Mapping[int, tuple[int, int]]:
    """Returns nonzero padding by axis, where axis 0 is the channels."""
    return {a: pair for a, pair in enumerate(pads, 1) if not all(is_same(n, 0) for n in pair)}


def flat_pads(pads: Pads) -> list[int]:
    """The amounts before all axes, then those after."""
    return [p[0] for p in pads] + [p[1] for p in pads]
