"""Numbers of a weight file that are not finite, or that the network's element types cannot hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..diagnostics import Diagnostic, Error, clip
from .matching import LISTED
from .numpy_types import Array, convert
from .weight_file import WeightFile

if TYPE_CHECKING:
    from ..ir import Parameter


class _Count(NamedTuple):
    """How many numbers of a tensor are not finite, and how many a parameter cannot hold."""

    nan: int = 0
    infinite: int = 0
    changed: int = 0


def check_numbers(
    file: WeightFile, assignments: Mapping[str, str], parameters: Iterable[Parameter], name: str
) -> Diagnostic | None:
    """Reads every tensor that is assigned to a parameter; returns a warning that names those with NaN or infinities.

    Args:
        file: the file.
        assignments: name in the file by name of the parameter.
        parameters: the parameters of the network.
        name: the file, as the user gave it.

    Raises:
        Error: NS709, numbers that become infinite or other numbers in the parameters' element types.
        FileReadError: the file can no longer be read.
    """
    strange: list[str] = []
    changed: list[str] = []
    for parameter in parameters:
        tensor = assignments.get(parameter.name)
        if tensor is None:
            continue
        count = _count(file, tensor, parameter.dtype)
        label = f"{clip(tensor, 120)}: "
        if count.nan or count.infinite:
            parts = [f"{n:,} {word}" for n, word in ((count.nan, "NaN"), (count.infinite, "infinite")) if n]
            strange.append(f"{label}{', '.join(parts)} of {parameter.elements:,}")
        if count.changed:
            changed.append(f"{label}{count.changed:,} of {parameter.elements:,} do not fit {parameter.dtype}")
    if changed:
        message = f"numbers in {clip(name, 200)} do not fit the network's element types"
        raise Error("NS709", message, "save the tensors in the element types of the network", notes=_listed(changed))
    if not strange:
        return None
    tensors = "a tensor of" if len(strange) == 1 else f"{len(strange)} tensors of"
    verb = "contains" if len(strange) == 1 else "contain"
    message = f"{tensors} {clip(name, 200)} {verb} numbers that are not finite"
    return Diagnostic("NS709", message, severity="warning", notes=tuple(_listed(strange)))


def _listed(lines: list[str]) -> list[str]:
    more = len(lines) - LISTED
    return [*lines[:LISTED], f"… and {more} more"] if more > 0 else lines


def _count(file: WeightFile, tensor: str, dtype: str) -> _Count:
    """Counts the non-finite and unrepresentable numbers of a tensor, read in pieces."""
    total = _Count()
    for piece in file.pieces(tensor):
        total = _Count(*map(sum, zip(total, _count_piece(piece, dtype), strict=True)))
    return total


def _count_piece(piece: Array, dtype: str) -> _Count:
    with np.errstate(invalid="ignore"):
        converted = convert(piece, dtype)
    if piece.dtype.kind == "f":
        if converted.dtype.kind == "f" and np.isfinite(converted).all():
            return _Count()
        nan, infinite = np.isnan(piece), np.isinf(piece)
        changed = np.isinf(converted) & ~infinite if converted.dtype.kind == "f" else converted != piece
        return _Count(int(nan.sum()), int(infinite.sum()), int(changed.sum()))
    if converted.dtype.kind == "f":
        return _Count(changed=int(np.isinf(converted).sum()))
    return _Count(changed=int((converted != piece).sum()))
