"""Comparisons, boolean operations, and elementwise selection."""

from __future__ import annotations

from typing import Any

import torch

from netspec.importing.constants import MASKED_SCORE

from ..formulas import formula, number_text
from ..reader import ProgramReader
from ..shape_changes import expand, is_same_shape, join
from ..values import OperatorCall, ProgramTensor
from .registry import rule, scalar

SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def _comparison(name: str) -> None:
    sign = SIGNS[name]

    def compare(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, other: Any) -> ProgramTensor:
        number = scalar(other)
        if number is not None:
            return formula(reader, f"a {sign} {number_text(number, x.dtype)}", [x], torch.bool)
        return formula(reader, f"a {sign} b", [x, other], torch.bool)

    rule(name)(compare)


for _name in SIGNS:
    _comparison(_name)


@rule("logical_and", "bitwise_and", "__and__")
def conjunction(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, other: ProgramTensor) -> ProgramTensor:
    """Logical and."""
    return formula(reader, "a and b", [x, other], torch.bool)


@rule("logical_or", "bitwise_or", "__or__")
def disjunction(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, other: ProgramTensor) -> ProgramTensor:
    """Logical or."""
    return formula(reader, "a or b", [x, other], torch.bool)


@rule("bitwise_not")
def negation(reader: ProgramReader, call: OperatorCall, x: ProgramTensor) -> ProgramTensor:
    """Logical not."""
    return formula(reader, "not a", [x], torch.bool)


@rule("where")
def where(
    reader: ProgramReader, call: OperatorCall, condition: ProgramTensor, x: Any = None, other: Any = None, **_: Any
) -> ProgramTensor:
    """Selects elementwise between two values; a constant condition needs no layer."""
    if condition.is_constant and condition.known is not None:
        for value, chosen in ((x, condition.known.bool()), (other, ~condition.known.bool())):
            if isinstance(value, ProgramTensor) and value.dtype is call.dtype and bool(chosen.all()):
                return value if is_same_shape(value.shape, call.shape) else expand(reader, value, call.shape)
        number = scalar(other) if isinstance(x, ProgramTensor) and x.shape == call.shape else None
        if number is not None and _excludes(~condition.known.bool(), number):
            assert isinstance(x, ProgramTensor)
            return _added(reader, x, ~condition.known.bool(), float(number))
    names: list[ProgramTensor] = []
    texts: list[str] = []
    for value in (x, other):
        number = scalar(value)
        if number is not None:
            texts.append(number_text(number, call.dtype))
        else:
            names.append(value)
            texts.append("bc"[len(names) - 1])
    return formula(reader, f"{texts[0]} if a else {texts[1]}", [condition, *names], call.dtype)


def _excludes(mask: torch.Tensor, number: float) -> bool:
    """Whether a mask removes positions from a softmax, but never all of a row, which would then be uniform."""
    return number <= MASKED_SCORE and mask.dim() > 0 and not bool(mask.all(-1).any())


def _added(reader: ProgramReader, x: ProgramTensor, mask: torch.Tensor, number: float) -> ProgramTensor:
    """Masks scores by adding a large negative number, which is equivalent before a softmax."""
    reader.note("values masked by a large negative number have it added: the same before a softmax")
    added = torch.zeros(mask.shape, dtype=torch.float64).masked_fill(mask, max(number, -3e38))
    return join(reader, "add", [x, ProgramTensor(tuple(mask.shape), x.dtype, known=added)])


@rule("masked_fill")
def masked_fill(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, mask: ProgramTensor, value: Any
) -> ProgramTensor:
    """Replaces masked elements by a number."""
    number = scalar(value)
    if number is None:
        return formula(reader, "c if b else a", [x, mask, value], call.dtype)
    if mask.is_constant and mask.known is not None and not bool(mask.known.any()) and x.shape == call.shape:
        return x
    if mask.is_constant and mask.known is not None and _excludes(mask.known.bool(), number):
        return _added(reader, x, mask.known.bool(), float(number))
    return formula(reader, f"{number_text(number, call.dtype)} if b else a", [x, mask], call.dtype)


@rule("isnan", "isinf")
def never(reader: ProgramReader, call: OperatorCall, x: ProgramTensor) -> ProgramTensor:
    """Checks for NaN or infinity, which are false because values are assumed to be finite."""
    reader.note("values are assumed to be finite")
    return ProgramTensor(call.shape, torch.bool, known=torch.zeros(call.shape, dtype=torch.bool))
