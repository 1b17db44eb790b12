"""The ``init`` argument: initial values of a layer's weights, by name, with arguments, or as the numbers themselves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..argument import Validator
from ..weight import Init, Weight
from .validators import integer, items, number

NAMED = (
    "zeros",
    "ones",
    "he_normal",
    "he_uniform",
    "xavier_normal",
    "xavier_uniform",
    "lecun_normal",
    "orthogonal",
    "identity",
)
ONE_NUMBER = ("normal", "truncated_normal", "uniform", "constant")
TABLES = ("relative_position_index", "log_relative_coordinates", "shifted_window_mask")
BY_SHAPE = NAMED[2:]
"""Rules that depend on the axes of a weight, of which there must be two or more."""
MAX_NUMBERS = 1_000_000
MAX_NUMBER = 1e38


class Choice(NamedTuple):
    """The value of ``init``: initial values for every weight (the name ``*``) or for weights by name."""

    by_name: tuple[tuple[str, Init], ...] = ()

    def applied(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        """The weights with the initial values that ``init`` gives them.

        A value for the whole layer applies to its weights of two axes or more, or to its first weight if there is
        none; a bias keeps its default. Raises ValueError if a name is not a weight's, or if numbers or a rule do not
        fit a shape.
        """
        if not self.by_name:
            return weights
        chosen = dict(self.by_name)
        names = [w.name for w in weights]
        if "*" in chosen:
            general = chosen["*"]
            wide = [w.name for w in weights if len(w.shape) > 1 and not w.buffer] or names[:1]
            chosen = dict.fromkeys(wide, general)
        for name in chosen:
            if name not in names:
                listed = ", ".join(n for n in names if n) or "one weight without a name"
                raise ValueError(f"init names '{name}', which is not a weight here: it has {listed}")
        out: list[Weight] = []
        for w in weights:
            init = chosen.get(w.name)
            if init is None:
                out.append(w)
            else:
                if init.kind in TABLES and not w.buffer:
                    raise ValueError(f"init {init.kind} is for a 'buffer'; '{w.name}' is learned")
                if init.kind == "values" and (shape := _shape(init.args[0])) != w.shape:
                    fitted = _fitted(init.args[0], shape, w.shape)
                    if fitted is None:
                        raise ValueError(f"init gives numbers of shape {list(shape)}; '{w.name}' is {list(w.shape)}")
                    init = Init("values", (fitted,))
                if reason := misfit(init, w.shape):
                    raise ValueError(f"init {reason}; '{w.name}' is {list(w.shape)}")
                out.append(w._replace(init=init))
        return tuple(out)


def misfit(init: Init, shape: tuple[int, ...]) -> str | None:
    """Why a rule cannot produce a tensor of that shape; None if it can."""
    kind, args = init
    if kind in BY_SHAPE and len(shape) < 2:
        return f"'{kind}' needs a weight of two axes or more"
    if kind == "shifted_window_mask":
        size, window, _ = args
        if any(n % w for n, w in zip(size, window, strict=True)):
            return f"'{kind}' needs a size that is a multiple of its window; found {list(size)} and {list(window)}"
        count = math.prod(size) * math.prod(window)
    elif kind == "relative_position_index":
        count = math.prod(map(math.prod, pairs(args)))
    elif kind == "log_relative_coordinates":
        count = math.prod(2 * n - 1 for n in args) * len(args)
    else:
        return None
    return None if count == math.prod(shape) else f"'{kind}' gives {count} numbers"


def _fitted(value: Any, shape: tuple[int, ...], expected: tuple[int, ...]) -> Any | None:
    """The numbers with axes of one put before them, or repeated over leading axes (one kernel for every filter)."""
    if len(shape) < len(expected) and expected[len(expected) - len(shape) :] == shape:
        for size in reversed(expected[: len(expected) - len(shape)]):
            if size * math.prod(shape) > MAX_NUMBERS:
                return None
            value = (value,) * size
        return value
    return None


def _shape(value: Any) -> tuple[int, ...]:
    shape: list[int] = []
    while isinstance(value, tuple):
        shape.append(len(value))  # pyright: ignore[reportUnknownArgumentType]
        value = value[0]  # pyright: ignore[reportUnknownVariableType]
    return tuple(shape)


def _values(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        rows = tuple(_values(v) for v in items(value))
        if not rows or len({_shape(v) for v in rows}) != 1:
            raise ValueError("numbers in a list of equal rows")
        return rows
    if type(value) is bool:
        return value
    return number(value) if type(value) is float else integer(value, -(2**40))


def _one(value: Any) -> Init:
    if isinstance(value, str):
        if value not in NAMED:
            raise ValueError(f"a known initialiser: {', '.join(NAMED + ONE_NUMBER)}")
        return Init(value)
    if isinstance(value, (list, tuple)):
        return Init("values", (_values(value),))
    if not isinstance(value, Mapping) or len(value) != 1:  # pyright: ignore[reportUnknownArgumentType]
        raise ValueError
    kind, inner = next(iter(value.items()))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if kind in ONE_NUMBER:
        least = None if kind == "constant" else 0.0
        given = number(inner, least)
        if abs(given) > MAX_NUMBER:
            raise ValueError(f"an initialiser's number within {MAX_NUMBER:g}, which float32 can hold")
        return Init(str(kind), (given,))
    if kind == "relative_position_index":
        return Init(str(kind), tuple(map(_positions, items(inner))))
    if kind == "log_relative_coordinates":
        return Init(str(kind), tuple(integer(v, 1, 4096) for v in items(inner)))
    if kind == "shifted_window_mask":
        if not isinstance(inner, Mapping) or set(inner) != {"size", "window", "shift"}:  # pyright: ignore[reportUnknownArgumentType]
            raise ValueError("shifted_window_mask with size, window and shift")
        return Init("shifted_window_mask", _each_axis(inner["size"], inner["window"], inner["shift"]))
    raise ValueError


def _positions(value: Any) -> int | tuple[int, int]:
    """Positions along an axis: one number for queries and keys, or that of each."""
    if not isinstance(value, (list, tuple)):
        return integer(value, 1, 4096)
    queries, keys = (integer(v, 1, 4096) for v in items(value))
    if queries % keys and keys % queries:
        raise ValueError("relative_position_index with queries and keys of which one divides the other along each axis")
    return queries if queries == keys else (queries, keys)


def pairs(args: Iterable[int | tuple[int, int]]) -> list[tuple[int, int]]:
    """Queries and keys along each axis, from the arguments of ``relative_position_index``."""
    return [n if isinstance(n, tuple) else (n, n) for n in args]


def _each_axis(size: Any, window: Any, shift: Any) -> tuple[tuple[int, ...], ...]:
    """The three with one number for each axis: as many as the lists have, or two if there is no list."""
    given = [(v, least, isinstance(v, (list, tuple))) for v, least in ((size, 1), (window, 1), (shift, 0))]
    lengths = {len(items(v)) for v, _, listed in given if listed} or {2}
    if len(lengths) > 1 or not all(lengths):
        raise ValueError("shifted_window_mask with one size, window and shift for each axis, or one number for all")
    axes = lengths.pop()
    each = [(items(v) if listed else (v,) * axes, least) for v, least, listed in given]
    return tuple(tuple(integer(n, least, 1 << 20) for n in numbers) for numbers, least in each)


def _read(value: Any, rank: int) -> Choice:
    if isinstance(value, Choice):
        return value
    if isinstance(value, Mapping):
        keys = [str(k) for k in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if keys and not any(k in ONE_NUMBER + TABLES for k in keys):
            return Choice(tuple((str(k), _one(v)) for k, v in value.items()))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return Choice((("*", _one(value)),))


INIT_VALIDATOR = Validator(
    "an initialiser's name, {name: argument}, numbers, or a mapping of weights to these",
    {"anyOf": [{"enum": list(NAMED)}, {"type": "array", "minItems": 1}, {"type": "object"}]},
    _read,
)
