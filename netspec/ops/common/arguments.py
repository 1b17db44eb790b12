"""The checks that arguments share: each an annotated type with one message and one JSON Schema.

Values arrive as YAML or an expression gives them: 24.0 passes as a whole number, ``true`` never does, and a list
becomes a tuple. Arguments of one size per axis take a number or a list, and are kept as a tuple of one per axis.
"""

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

from ...shapes.window import Padding
from ..base import AxisCheck, Check, LayerCheck, items_of

MAX_SIZE = 2**40
"""Sizes stay below this."""


def whole_number(value: Any, least: int, most: int | None = None) -> int:
    """An integer within bounds; 24.0 is one, ``true`` is not. Raises ValueError."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or value < least or value >= MAX_SIZE or (most is not None and value > most):
        raise ValueError
    return value


def number(value: Any, least: float | None = None, most: float | None = None, *, above: float | None = None) -> float:
    """A finite number within bounds. Raises ValueError."""
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError
    if (least is not None and value < least) or (most is not None and value > most):
        raise ValueError
    if above is not None and value <= above:
        raise ValueError
    return float(value)


def integers(least: int, words: str) -> Check:
    """A whole number of at least ``least``."""
    return Check(words, {"type": "integer", "minimum": least}, lambda v, rank: whole_number(v, least))


def numbers(words: str, schema: dict[str, Any], **bounds: float) -> Check:
    """A number within bounds."""
    return Check(words, {"type": "number", **schema}, lambda v, rank: number(v, **bounds))


def optional(check: Check) -> Check:
    """The same, or left out."""
    return Check(check.words, check.schema, lambda v, rank: None if v is None else check.read(v, rank))


def items(value: Any) -> tuple[Any, ...]:
    """The items of a list. Raises ValueError for anything else."""
    if not isinstance(value, (list, tuple)):
        raise ValueError
    return tuple(items_of(value))


def each_axis(least: int, words: str) -> Check:
    """A whole number, or a list of one per window axis; kept as one per axis."""

    def read(value: Any, rank: int) -> tuple[int, ...]:
        if isinstance(value, (list, tuple)):
            got = tuple(whole_number(v, least) for v in items(value))
            if isinstance(value, tuple) and len(got) == 1:  # a default, never what a spec says: that is a list
                return got * (rank or 1)
            if rank and len(got) != rank:
                raise ValueError(f"{words}, or a list of {rank} of them; it has {len(got)}")
            return got
        return (whole_number(value, least),) * (rank or 1)

    one = {"type": "integer", "minimum": least}
    return Check(f"{words}, or a list of one per axis", {"anyOf": [one, {"type": "array", "items": one}]}, read)


def one_of(*words: str) -> Check:
    """One of some words."""

    def read(value: Any, rank: int) -> str:
        if value not in words:
            raise ValueError
        return str(value)

    listed = " or ".join(w for w in (", ".join(words[:-1]), words[-1]) if w)
    return Check(listed, {"enum": list(words)}, read)


def list_of(check: Check, words: str, *, alone: bool = False, least: int = 1) -> Check:
    """A list, each item by ``check``; with ``alone`` a single item stands for a list of one."""

    def read(value: Any, rank: int) -> tuple[Any, ...]:
        if alone and not isinstance(value, (list, tuple)):
            value = [value]
        got = tuple(check.read(v, rank) for v in items(value))
        if len(got) < least:
            raise ValueError
        return got

    many = {"type": "array", "items": check.schema, "minItems": least}
    return Check(words, {"anyOf": [check.schema, many]} if alone else many, read)


def _flag(value: Any, rank: int) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _pads(words: tuple[str, ...]) -> Callable[[Any, int], Any]:
    def read(value: Any, rank: int) -> Any:
        if isinstance(value, str):
            if value not in words:
                raise ValueError
            return value
        if not isinstance(value, (list, tuple)):
            n = whole_number(value, 0)
            return ((n, n),) * rank
        given = items(value)
        if isinstance(value, tuple) and len(given) == 1:  # a default
            return given * rank
        if len(given) != rank:
            raise ValueError(f"one entry per axis, {rank} here; it has {len(given)}")
        out: list[tuple[int, int]] = []
        for entry in given:
            if isinstance(entry, (list, tuple)):
                pair = tuple(whole_number(v, 0) for v in items(entry))
                if len(pair) != 2:
                    raise ValueError
                out.append((pair[0], pair[1]))
            else:
                n = whole_number(entry, 0)
                out.append((n, n))
        return tuple(out)

    return read


def padding(*words: str) -> Check:
    """Padding: one of the words, a number, one per axis, or pairs; kept as the word or as pairs."""
    n = {"type": "integer", "minimum": 0}
    entry = {"anyOf": [n, {"type": "array", "items": n, "minItems": 2, "maxItems": 2}]}
    schema = {"anyOf": [{"enum": list(words)}, n, {"type": "array", "items": entry}]}
    return Check(f"{', '.join(words)}, a number, one per axis, or [[before, after], …]", schema, _pads(words))


PAD_MODE = one_of("zeros", "reflect", "replicate", "circular")

Count = Annotated[int, integers(1, "a positive whole number")]
Whole = Annotated[int, integers(0, "a whole number, 0 or more")]
Integer = Annotated[int, Check("a whole number", {"type": "integer"}, lambda v, rank: whole_number(v, 1 - MAX_SIZE))]
Number = Annotated[float, numbers("a number", {})]
Positive = Annotated[float, numbers("a number above 0", {"exclusiveMinimum": 0}, above=0.0)]
Rate = Annotated[float, numbers("a rate from 0 to 1", {"minimum": 0, "maximum": 1}, least=0.0, most=1.0)]
Flag = Annotated[bool, Check("true or false", {"type": "boolean"}, _flag)]
MaybeNumber = Annotated[float | None, optional(numbers("a number", {}))]
PerAxis = Annotated[tuple[int, ...], each_axis(1, "a positive whole number")]
MaybePerAxis = Annotated[tuple[int, ...] | None, optional(each_axis(1, "a positive whole number"))]
MaybePerAxisWhole = Annotated[tuple[int, ...] | None, optional(each_axis(0, "a whole number, 0 or more"))]
Pads = Annotated[Padding, padding("valid", "same")]
PadsOrCausal = Annotated[Padding, padding("valid", "same", "causal")]
PadMode = Annotated[Literal["zeros", "reflect", "replicate", "circular"], PAD_MODE]

Axis = Annotated[int, AxisCheck(default="channels")]
"""An axis; the channel axis by default."""
AxisOrLast = Annotated[int, AxisCheck(default="last")]
"""An axis; by default the channel axis, or the last where that is not known."""
AxisOfFeatures = Annotated[int, AxisCheck(default="flat")]
"""The same, but on an image it must be given."""
GivenAxis = Annotated[int, AxisCheck()]
"""An axis that must be given."""
Axes = Annotated[tuple[int, ...], AxisCheck(many=True)]
"""One axis or several."""
MaybeAxes = Annotated[tuple[int, ...] | None, AxisCheck(many=True)]
Layer = Annotated[bool, LayerCheck()]
"""Another layer, by name: it becomes a further input, and the argument says whether there is one."""

Numbers: TypeAlias = tuple[float, ...]
