"""Operations without effect, and conversions of element types."""

from __future__ import annotations

from typing import Any

from ..reader import ProgramReader, wrong_types
from ..values import DTYPES, OperatorCall, ProgramTensor
from .registry import rule


@rule(
    "alias", "contiguous", "clone", "detach", "lift_fresh_copy", "lift", "to.device", "_conj", "resolve_conj",
    "resolve_neg", "feature_dropout", "alpha_dropout", "feature_alpha_dropout",
)  # fmt: skip
def same(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, **_: Any) -> ProgramTensor:
    """Returns its input."""
    return x


@rule(
    "_assert_tensor_metadata", "_assert_scalar", "_assert_async", "sym_constrain_range_for_size", "sym_constrain_range"
)
def nothing(reader: ProgramReader, call: OperatorCall, **_: Any) -> None:
    """A check in the source, which has been evaluated during export."""


@rule("dropout", "native_dropout")
def dropout(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, p: float, train: bool = False) -> Any:
    """Dropout, which is kept for training although the export is for inference."""
    result = reader.unary("dropout", x, {"rate": p}) if x.is_batched and p else x
    return (result, None) if call.base.startswith("native") else result


@rule("to", "type_as", "_to_copy")
def cast(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, **_: Any) -> ProgramTensor:
    """Converts to another element type."""
    from dataclasses import replace

    if call.dtype is x.dtype:
        return x
    if call.dtype not in DTYPES:
        raise wrong_types(f"it converts to {str(call.dtype).removeprefix('torch.')}, which netspec lacks")
    x = reader.placed(x)
    return reader.result("cast", [x], replace(x, dtype=call.dtype), {"to": DTYPES[call.dtype]})
