"""Padding that depends on the size of the input. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Sequence


def same_padding(
    size: Sequence[int],
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
) -> list[int]:
    """Padding to ``ceil(n / stride)`` windows, in the order of ``F.pad``."""
    pads: list[int] = []
    for axis in reversed(range(len(size))):
        n = size[axis]
        k, s, d = (
            value if isinstance(value, int) else value[axis]
            for value in (kernel_size, stride, dilation)
        )
        reach = d * (k - 1) + 1
        total = (n + s - 1) // s * s - s + reach - n
        if reach < s:  # never negative otherwise
            total = max(total, 0)
        pads += [total // 2, total - total // 2]
    return pads
