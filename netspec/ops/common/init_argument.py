"""The ``init`` argument: initial values of a layer's weights, by name, with arguments, or as the numbers themselves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ... import limits
from ...shapes.sizes import is_named
from ...shapes.types import FLOATS, FULL_PRECISION, INTEGERS, LARGEST, fits_integer
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
FORMS = {
    **dict.fromkeys(ONE_NUMBER, "a number from 0 to 3.4e38"),
    "constant": "a number within 3.4e38",
    "relative_position_index": "a list of sizes, from 1 to 4,096, or of pairs [queries, keys] of which one divides the "
    "other",
    "log_relative_coordinates": "a list of sizes, from 1 to 4,096",
    "shifted_window_mask": "{size: …, window: …, shift: …}, each a number for all axes or one per axis",
}
"""The arguments of initialisers that have any."""
BY_SHAPE = NAMED[2:]
"""Rules that depend on the axes of a weight, of which there must be two or more."""
MAX_NUMBERS = 1_000_000
REACH = {"normal": 10.0, "truncated_normal": 2.0, "uniform": 2.0, "constant": 1.0}
"""The largest number that is computed for an initialiser, as a multiple of its own. Ten standard deviations are far
beyond what a generator of normal numbers returns."""


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
                    raise ValueError(f"init {init.kind} is for a 'buffer'; {_label(w)} is learned")
                if init.kind == "values" and (shape := _shape(init.args[0])) != w.shape:
                    fitted = _fitted(init.args[0], shape, w.shape)
                    if fitted is None:
                        raise ValueError(f"init gives numbers of shape {list(shape)}; {_label(w)} is {list(w.shape)}")
                    init = Init("values", (fitted,))
                if reason := misfit(init, w.shape):
                    raise ValueError(f"init {reason}; {_label(w)} is {list(w.shape)}")
                if reason := unfit_numbers(init, w.dtype):
                    raise ValueError(f"init {reason}")
                out.append(w._replace(init=init))
        return tuple(out)


def misfit(init: Init, shape: tuple[int, ...]) -> str | None:
    """Why a rule cannot produce a tensor of that shape; None if it can."""
    kind, args = init
    if kind in BY_SHAPE and len(shape) < 2:
        return f"'{kind}' needs a weight of two axes or more"
    if kind == "orthogonal":
        return _excess(math.prod(shape), shape[0])
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


def _excess(numbers: int, rows: int) -> str | None:
    """Why 'orthogonal' takes too much memory or time for a matrix; None if it does not."""
    work = numbers * min(rows, numbers // rows)
    for amount, most, what in (
        (numbers, limits.ORTHOGONAL_NUMBERS, "numbers"),
        (work, limits.ORTHOGONAL_WORK, "numbers times its shorter side"),
    ):
        if amount > most:
            return f"'orthogonal' takes a weight of at most {most:,} {what}; found {amount:,}"
    return None


def unfit_numbers(init: Init, dtype: str) -> str | None:
    """Why a type of elements cannot hold the numbers of an initialiser; None if it can."""
    kind, args = init
    if kind in ("zeros", "ones", "identity"):
        return None
    if kind == "relative_position_index":
        return None if dtype in INTEGERS + FULL_PRECISION else f"'{kind}' gives integers, not {dtype}"
    if kind == "formula":
        formula_dtype = args[0].dtype(())
        fits = dtype in FLOATS or dtype == formula_dtype or (dtype in INTEGERS and formula_dtype == "int64")
        return None if fits else f"by a formula gives numbers of {formula_dtype}, not {dtype}"
    if kind not in ("constant", "values"):
        if dtype not in FLOATS:
            return f"'{kind}' gives floating-point numbers, not {dtype}"
        if kind in REACH and _beyond(REACH[kind] * args[0], dtype):
            return f"{{{kind}: {args[0]:g}}} may give numbers that {dtype} cannot hold"
        return None
    for v in _numbers(args[0]):
        if not (
            v in (0, 1) if dtype == "bool" else fits_integer(v, dtype) if dtype in INTEGERS else not _beyond(v, dtype)
        ):
            return f"has {v:.10g}, which {dtype} cannot hold"
    return None


def check_numbers(weights: Iterable[Weight]) -> None:
    """Raises ValueError if the type of a weight's elements cannot hold its initial values."""
    for w in weights:
        if reason := unfit_numbers(w.init, w.dtype):
            raise ValueError(f"init {reason}")


def _beyond(number: float, dtype: str) -> bool:
    return abs(number) > LARGEST[dtype]


def _numbers(value: Any) -> Iterator[float]:
    """All numbers of nested tuples."""
    if isinstance(value, tuple):
        for item in items(value):
            yield from _numbers(item)
    else:
        yield value


def _label(weight: Weight) -> str:
    """The name of a weight in a message; the only one of a layer has none."""
    return f"'{weight.name}'" if weight.name else "the tensor"


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
        shape.append(len(value))  # pyright: ignore[reportUnknownArgumentType] - of any type
        value = value[0]  # pyright: ignore[reportUnknownVariableType] - of any type
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


def read_initialiser(value: Any) -> Init:
    """The initial values that a spec gives a weight. Raises ValueError."""
    if isinstance(value, str):
        if value not in NAMED:
            raise ValueError(f"a known initialiser: {', '.join(NAMED + ONE_NUMBER)}")
        return Init(value)
    if isinstance(value, (list, tuple)):
        return Init("values", (_values(value),))
    if not isinstance(value, Mapping) or len(value) != 1:  # pyright: ignore[reportUnknownArgumentType] - of any type
        raise ValueError
    kind, inner = next(iter(value.items()))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
    if kind not in FORMS:
        raise ValueError
    try:
        return Init(str(kind), _arguments(str(kind), inner))  # pyright: ignore[reportUnknownArgumentType] - of any type
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{{{kind}: {FORMS[kind]}}}") from None


def _arguments(kind: str, value: Any) -> tuple[Any, ...]:
    """The arguments of an initialiser. Raises ValueError, TypeError or OverflowError if they are not of its form."""
    if kind in ONE_NUMBER:
        return (number(value, None if kind == "constant" else 0.0),)
    if kind == "shifted_window_mask":
        if set(value) != {"size", "window", "shift"}:
            raise ValueError
        return _each_axis(value["size"], value["window"], value["shift"])
    along = items(value)
    if not along:
        raise ValueError
    return tuple(_positions(v) if kind == "relative_position_index" else integer(v, 1, 4096) for v in along)


def _positions(value: Any) -> int | tuple[int, int]:
    """Positions along an axis: read_initialiser number for queries and keys, or that of each."""
    if not isinstance(value, (list, tuple)):
        return integer(value, 1, 4096)
    queries, keys = (integer(v, 1, 4096) for v in items(value))
    if queries % keys and keys % queries:
        raise ValueError
    return queries if queries == keys else (queries, keys)


def pairs(args: Iterable[int | tuple[int, int]]) -> list[tuple[int, int]]:
    """Queries and keys along each axis, from the arguments of ``relative_position_index``."""
    return [n if isinstance(n, tuple) else (n, n) for n in args]


def _each_axis(size: Any, window: Any, shift: Any) -> tuple[tuple[int, ...], ...]:
    """The three with read_initialiser number for each axis: as many as the lists have, or two if there is no list."""
    arguments = [(v, least, isinstance(v, (list, tuple))) for v, least in ((size, 1), (window, 1), (shift, 0))]
    lengths = {len(items(v)) for v, _, listed in arguments if listed} or {2}
    if len(lengths) > 1 or not all(lengths):
        raise ValueError
    axes = lengths.pop()
    each = [(items(v) if listed else (v,) * axes, least) for v, least, listed in arguments]
    return tuple(tuple(n if is_named(n) else integer(n, least, 1 << 20) for n in numbers) for numbers, least in each)


def _read(value: Any, window_rank: int) -> Choice:
    if isinstance(value, Choice):
        return value
    if isinstance(value, Mapping):
        keys = [str(k) for k in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
        if keys and not any(k in ONE_NUMBER + TABLES for k in keys):
            return Choice(tuple((str(k), read_initialiser(v)) for k, v in value.items()))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
    return Choice((("*", read_initialiser(value)),))


OF_ONE_WEIGHT: Validator[Init] = Validator(
    "the name of an initialiser or constant, {name: argument}, numbers or a formula",
    {},
    lambda value, window_rank: read_initialiser(value),
)
INIT_VALIDATOR = Validator(
    "the name of an initialiser or constant, {name: argument}, numbers, a formula, or a mapping of weights to these",
    {"anyOf": [{"type": ["string", "object"], "examples": list(NAMED)}, {"type": "array", "minItems": 1}]},
    _read,
)
