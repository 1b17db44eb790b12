"""Types of elements that an operation does not accept: what it accepts, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from ...shapes.shape_error import ShapeError
from ...shapes.types import DTYPES, FLOATS, INTEGERS, LARGEST, NUMBERS, fits_integer
from ..argument import ArgumentError, LayerValidator, as_list
from ..base import Op, Types
from ..weight import Weight

WORDS: dict[tuple[str, ...], str] = {
    FLOATS: "floating-point numbers",
    INTEGERS: "integers, int64 or int32",
    NUMBERS: "numbers",
    DTYPES: "any type",
}
"""Sets of types, in words."""
AS_INTEGERS = "{cast: int64} converts numbers; an input of integers is declared as {shape: [...], dtype: int64}"
AS_FLOATS = "{cast: float32} converts it; an input is float32 unless its 'dtype' says otherwise"
AS_ONE = "convert one of them, as in {cast: float32, from: name}, or declare inputs and buffers with the same 'dtype'"
HELP = {
    "NS587": "'dtype: float32' on the formula that gives them; rounding comes before a 'cast'",
    "NS515": AS_ONE,
    "NS521": AS_INTEGERS,
    "NS565": "{cast: bool} converts it; an input or buffer may be declared with 'dtype: bool'",
}
"""What to do, by code."""


def in_words(accepted: tuple[str, ...]) -> str:
    """A set of types in words: that of the set, or the types themselves."""
    listed = ", ".join(accepted[:-1])
    return WORDS.get(accepted) or (f"{listed} or {accepted[-1]}" if listed else accepted[0])


def check_types(
    cls: type[Op], name: str, window_rank: int, inputs: Types, named: Mapping[str, LayerValidator] | None = None
) -> None:
    """Check the types of the elements of all inputs against those that the operation declares.

    Args:
        cls: class of the operation.
        name: its name.
        window_rank: its number of window axes.
        inputs: types of its inputs.
        named: the arguments that name the last of them.

    Raises:
        ShapeError: NS548 or NS521, a type that the operation does not accept; NS515, inputs of different types; or the
            code of an argument that names a layer.
    """
    named = named or {}
    first, count = inputs[0].dtype, len(inputs) - len(named)
    accepted = cls.accepted(window_rank)
    for x in inputs[:count]:
        if x.dtype not in accepted:
            raise _not_accepted(name, accepted, x.dtype)
    for x in inputs[1:count]:
        if x.dtype != first and cls.same_type:
            help = AS_ONE.replace("float32", first)
            raise ShapeError("NS515", f"the inputs of '{name}' differ in type: {first} and {x.dtype}", help=help)
    for (argument, validator), x in zip(named.items(), inputs[count:], strict=True):
        types = validator.types(first)
        if x.dtype not in types:
            message = f"'{argument}' of '{name}' must be {in_words(types)}; found {x.dtype}"
            raise ShapeError(validator.code, message, help=HELP[validator.code])


def check_weights(name: str, inputs: Types, weights: tuple[Weight, ...]) -> None:
    """Check that floating-point inputs have the type of the weights; ShapeError NS569 unless they have."""
    for x in inputs:
        for w in weights:
            if x.dtype in FLOATS and w.dtype in FLOATS and x.dtype != w.dtype:
                help = f"{{cast: {w.dtype}}} converts the input; with 'dtype: {x.dtype}' the layer has such weights"
                message = f"the weights of '{name}' are {w.dtype}; its input is {x.dtype}"
                raise ShapeError("NS569", message, help=help)


def check_numbers(op: Op, dtype: str) -> None:
    """Check that the type of the input's elements can hold the numbers among the arguments.

    Raises:
        ArgumentError: a number is too large, or not an integer although the elements are.
    """
    problems: list[tuple[str, str]] = []
    for key in op.arguments:
        numbers = [v for v in as_list(getattr(op, key)) if type(v) is float]
        if dtype in FLOATS and any(abs(v) > LARGEST[dtype] for v in numbers):
            problems.append((key, f"{key} must be a number that {dtype} can hold, within {LARGEST[dtype]:,.6g}"))
        elif dtype in INTEGERS and not all(fits_integer(v, dtype) for v in numbers):
            problems.append((key, f"{key} must be an integer that {dtype} can hold, like the input"))
    if problems:
        raise ArgumentError(problems)


def _not_accepted(name: str, accepted: tuple[str, ...], dtype: str) -> ShapeError:
    """An input of a type that the operation does not accept."""
    if accepted == INTEGERS:
        return ShapeError("NS521", f"'{name}' needs {in_words(accepted)}; found {dtype}", help=AS_INTEGERS)
    help = f"'embedding' turns integers into vectors; {AS_FLOATS}" if dtype in INTEGERS else AS_FLOATS
    return ShapeError("NS548", f"'{name}' works on {in_words(accepted)}; found {dtype}", help=help)
