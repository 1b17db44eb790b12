"""The table of rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, Unpack

from netspec.importing.draft import DraftFields

from ..reader import ProgramReader
from ..values import OperatorCall, ProgramTensor

Rule: TypeAlias = Callable[..., Any]
R = TypeVar("R", bound=Rule)
_RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[R], R]:
    """Registers a function as the rule of operations, given with an overload (``add.Tensor``) or without (``add``)."""

    def register(function: R) -> R:
        for name in names:
            _RULES[name] = function
        return function

    return register


def find_rule(name: str) -> Rule | None:
    """Returns the rule of an operation with its overload; in-place operations use the rule of the out-of-place ones."""
    base = name.split(".", maxsplit=1)[0]
    if result := _RULES.get(name) or _RULES.get(base):
        return result
    if base.endswith("_") and not base.endswith("__"):
        plain = base[:-1]
        return _RULES.get(name.replace(base, plain, 1)) or _RULES.get(plain)
    return None


def scalar(value: Any) -> float | int | bool | None:
    """Returns a numeric argument, or the value of a one-element constant; else None."""
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, ProgramTensor) and value.is_constant and value.known is not None and value.known.numel() == 1:
        return value.known.item()
    return None


def several(value: Any, count: int) -> list[Any]:
    """Returns one number per axis."""
    values = as_list(value)
    return values * count if len(values) == 1 else values


def as_list(value: Any) -> list[Any]:
    """Returns the items of a list, or a list with the only item."""
    return list(value) if hasattr(value, "__len__") else [value]


def windowed(reader: ProgramReader, x: ProgramTensor, axes: int) -> ProgramTensor:
    """Converts an input of a window operation to batch, channels and ``axes`` axes. Raises CannotImportError."""
    from ..reader import along_batch

    x = reader.placed(x)
    if x.batch is None or x.rank != axes + 2 or x.batch.axis != 0:
        raise along_batch("the first axis of its input is not the batch")
    if not x.batch.alone:
        raise along_batch("the first axis of its input has the batch merged with another axis")
    return x


def shaped(
    reader: ProgramReader,
    operation: str,
    call: OperatorCall,
    x: ProgramTensor,
    arguments: Any = None,
    **details: Unpack[DraftFields],
) -> ProgramTensor:
    """Adds an operation of one input that preserves the axes but not their sizes."""
    from dataclasses import replace

    x = reader.placed(x)
    out = replace(x, shape=call.shape, dtype=call.dtype)
    return reader.result(operation, [x], out, arguments, **details)
