"""The ``init`` argument: how a layer's weights begin, by name, with arguments, or as the numbers themselves."""

import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple

from ..base import Check, Init, Weight
from .arguments import items, number, whole_number

NAMED = (
    "zeros", "ones", "he_normal", "he_uniform", "xavier_normal", "xavier_uniform", "lecun_normal", "orthogonal",
    "identity",
)
ONE_NUMBER = ("normal", "truncated_normal", "uniform", "constant")
TABLES = ("relative_position_index", "log_relative_coordinates", "shifted_window_mask")
BY_SHAPE = NAMED[2:]
"""Those whose numbers follow from the two axes (or more) of a weight."""
MAX_NUMBERS = 1_000_000
MAX_NUMBER = 1e38


class Choice(NamedTuple):
    """What ``init`` says: for every weight (the name ``*``) or for weights by name."""

    by_name: tuple[tuple[str, Init], ...] = ()

    def applied(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        """The weights with their initial values replaced where ``init`` says something of them.

        One that is given for the whole layer goes to the weights of two axes or more, and to the first where none
        has; a bias keeps its own. Raises ValueError where a name is not a weight's, or numbers or a rule do not fit
        a shape.
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
                raise ValueError(f"init names '{name}', which is no weight here: there is {listed}")
        out: list[Weight] = []
        for w in weights:
            init = chosen.get(w.name)
            if init is None:
                out.append(w)
            else:
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
    """Why a rule cannot give the numbers of a tensor of that shape; None where it can."""
    kind, args = init
    if kind in BY_SHAPE and len(shape) < 2:
        return f"'{kind}' is for weights of two axes or more"
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


def _fitted(value: Any, shape: tuple[int, ...], wanted: tuple[int, ...]) -> Any | None:
    """The numbers with axes of one put before them, or repeated over leading axes (one kernel for every filter)."""
    if len(shape) < len(wanted) and wanted[len(wanted) - len(shape):] == shape:
        for size in reversed(wanted[: len(wanted) - len(shape)]):
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
        got = tuple(_values(v) for v in items(value))
        if not got or len({_shape(v) for v in got}) != 1:
            raise ValueError("numbers in a list of equal rows")
        return got
    if type(value) is bool:
        return value
    return number(value) if type(value) is float else whole_number(value, -(2**40))


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
        return Init(str(kind), tuple(whole_number(v, 1, 4096) for v in items(inner)))
    if kind == "shifted_window_mask":
        if not isinstance(inner, Mapping) or set(inner) != {"size", "window", "shift"}:  # pyright: ignore[reportUnknownArgumentType]
            raise ValueError("shifted_window_mask with size, window and shift")
        return Init("shifted_window_mask", _each_axis(inner["size"], inner["window"], inner["shift"]))
    raise ValueError


def _positions(value: Any) -> int | tuple[int, int]:
    """Positions along an axis: one number for queries and keys, or that of each."""
    if not isinstance(value, (list, tuple)):
        return whole_number(value, 1, 4096)
    queries, keys = (whole_number(v, 1, 4096) for v in items(value))
    if queries % keys and keys % queries:
        raise ValueError(
            "relative_position_index with queries and keys of which one divides the other along each axis"
        )
    return queries if queries == keys else (queries, keys)


def pairs(args: Iterable[int | tuple[int, int]]) -> list[tuple[int, int]]:
    """Queries and keys along each axis, from the arguments of ``relative_position_index``."""
    return [n if isinstance(n, tuple) else (n, n) for n in args]


def _each_axis(size: Any, window: Any, shift: Any) -> tuple[tuple[int, ...], ...]:
    """The three with one number for each axis: as many as the lists have, two where there is none."""
    given = [(v, least, isinstance(v, (list, tuple))) for v, least in ((size, 1), (window, 1), (shift, 0))]
    lengths = {len(items(v)) for v, _, listed in given if listed} or {2}
    if len(lengths) > 1 or not all(lengths):
        raise ValueError("shifted_window_mask with one size, window and shift for each axis, or one number for all")
    axes = lengths.pop()
    each = [(items(v) if listed else (v,) * axes, least) for v, least, listed in given]
    return tuple(tuple(whole_number(n, least, 1 << 20) for n in numbers) for numbers, least in each)


def _read(value: Any, rank: int) -> Choice:
    if isinstance(value, Choice):
        return value
    if isinstance(value, Mapping):
        keys = [str(k) for k in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if keys and not any(k in ONE_NUMBER + TABLES for k in keys):
            return Choice(tuple((str(k), _one(v)) for k, v in value.items()))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return Choice((("*", _one(value)),))


INIT = Check(
    "an initialiser's name, {name: argument}, numbers, or a mapping of weights to these",
    {"anyOf": [{"enum": list(NAMED)}, {"type": "array", "minItems": 1}, {"type": "object"}]},
    _read,
)
InitChoice = Annotated[Choice, INIT]
