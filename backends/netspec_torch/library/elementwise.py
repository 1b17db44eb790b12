"""Arithmetic missing from torch. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from torch import Tensor


def per_channel(x: Tensor, values: tuple[float, ...], trailing: int) -> Tensor:
    """Numbers per channel, for a tensor with ``trailing`` axes after the channels."""
    return x.new_tensor(values).view(-1, *(1,) * trailing)
