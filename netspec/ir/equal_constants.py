"""Constants with equal values: tensors outside of the state dict that are never changed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from ..ops.common.init_argument import TABLES
from ..shapes.types import ITEM_BYTES
from .node import Parameter

FIXED_KINDS = frozenset({"zeros", "ones", "constant", "values", "identity", "formula", *TABLES})
"""Kinds of initial values that do not depend on a seed."""
LEAST_BYTES = 1 << 20
"""Bytes that storing equal constants once must save; for fewer, the source remains simpler without."""


def constant_key(parameter: Parameter) -> Hashable | None:
    """A key that constants with equal values share; None for a tensor that is not a constant."""
    p = parameter
    if p.persistent or p.trainable or not p.buffer or p.stacks or p.init.kind not in FIXED_KINDS:
        return None
    return repr(p.init), p.shape, p.dtype


def equal_constants(parameters: Iterable[Parameter]) -> dict[Parameter, Parameter]:
    """For each constant that is stored as another one: the first equal constant."""
    groups: dict[Hashable, list[Parameter]] = {}
    for parameter in parameters:
        if not parameter.persistent and (key := constant_key(parameter)) is not None:
            groups.setdefault(key, []).append(parameter)
    return {
        other: first
        for first, *others in groups.values()
        if len(others) * first.elements * ITEM_BYTES[first.dtype] >= LEAST_BYTES
        for other in others
    }
