"""Formulas for elementwise operations that are not operations of the language."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import torch

from .reader import ProgramReader, along_batch, unsupported, wrong_types
from .shape_changes import aligned, broadcast_shapes, is_same_shape
from .values import DTYPES, ProgramTensor


def formula(
    reader: ProgramReader, expression: str, values: Sequence[ProgramTensor], dtype: torch.dtype
) -> ProgramTensor:
    """Adds a layer that computes an expression of ``a``, ``b``, …, which are the values in order."""
    if dtype not in DTYPES:
        raise wrong_types(f"netspec has no numbers of type {str(dtype).removeprefix('torch.')}")
    placed, batch, _ = aligned(reader, values)
    single = batch is not None and not any(v.is_batched for v in placed)
    out = ProgramTensor(broadcast_shapes([v.shape for v in placed]), dtype, batch=batch, is_single=single)
    if not is_same_shape(broadcast_shapes([v.plain for v in placed]), out.plain):
        raise along_batch(
            f"shapes {' and '.join(reader.shape_text(v.shape) for v in values)} cannot be broadcast example by example"
        )
    text = re.sub(r"\b[abc]\b", lambda match: f"x{'abc'.index(match[0])}", expression)
    arguments: dict[str, Any] = {"expression": f"$({text})"}
    if dtype is not torch.float32:  # the default type of numbers
        arguments["dtype"] = DTYPES[dtype]
    return reader.result("formula", placed, out, arguments)


def number_text(number: Any, dtype: torch.dtype) -> str:
    """Formats a number for a formula with that result type."""
    if isinstance(number, bool) or dtype is torch.bool:
        return "true" if number is True else "false" if number is False else repr(number)
    if math.isnan(number):
        raise unsupported("NaN has no equivalent in a formula")
    if math.isinf(number):
        return "inf" if number > 0 else "(-inf)"
    text = repr(float(number)) if dtype.is_floating_point else repr(int(number))
    return f"({text})" if number < 0 else text
