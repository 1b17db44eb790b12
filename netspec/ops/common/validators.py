"""What arguments accept: each validator with one message and one JSON Schema.

Values arrive as YAML or as the result of an expression: 24.0 is accepted as an integer, ``true`` never is, and a list
becomes a tuple. Arguments with one size per axis accept a number or a list, and are kept as a tuple with one per axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar

from ...limits import NAME, SIZE, WINDOW
from ...shapes.sizes import Size, is_named, require_at_least, require_known
from ...shapes.types import DTYPES, INTEGERS, LARGEST, SMALLEST, SYNONYMS
from ...shapes.window import Padding
from ..argument import LayerValidator, Validator, as_list
from ..axis import AxisValidator

T = TypeVar("T")
Word = TypeVar("Word", bound=str)


def integer(value: Any, least: int, most: int | None = None) -> int:
    """An integer within bounds; 24.0 is accepted, ``true`` is not. Raises ValueError."""
    if type(value) is float and value.is_integer():
        value = int(value)
    elif is_named(value):
        value = require_known(value, _unknown)
    if type(value) is not int or value < least or value >= SIZE or (most is not None and value > most):
        raise ValueError
    return value


def _unknown() -> ValueError:
    return ValueError("a number, not a size that depends on named dimensions")


def size(value: Any, least: int) -> int:
    """The same for a size, which may depend on the named dimensions. Raises ValueError."""
    return require_at_least(value, least, ValueError) if is_named(value) else integer(value, least)


def window_integer(value: Any, least: int) -> int:
    """An integer of a window: its extent, stride, dilation or padding. Raises ValueError."""
    n = integer(value, least)
    if n >= WINDOW:
        raise ValueError("below 2^31, as the integers of PyTorch's windows are")
    return n


def number(value: Any, least: float | None = None, most: float | None = None, *, above: float | None = None) -> float:
    """A number within bounds, which float32 can hold. Raises ValueError."""
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError
    if abs(value) > LARGEST["float32"]:
        raise ValueError("a number that float32 can hold, within 3.4e38")
    if above == 0 and 0 < value < SMALLEST:
        raise ValueError("a number that float32 can hold, of at least 1.2e-38")
    if (least is not None and value < least) or (most is not None and value > most):
        raise ValueError
    if above is not None and value <= above:
        raise ValueError
    return float(value)


def integers(least: int, words: str, most: int | None = None) -> Validator[int]:
    """An integer within bounds."""
    schema = {"type": "integer", "minimum": least} | ({"maximum": most} if most is not None else {})
    return Validator(words, schema, lambda v, window_rank: integer(v, least, most))


def numbers(words: str, schema: dict[str, Any], **bounds: float) -> Validator[float]:
    """A number within bounds."""
    return Validator(words, {"type": "number", **schema}, lambda v, window_rank: number(v, **bounds))


def optional(validator: Validator[T]) -> Validator[T | None]:
    """The same, or null."""
    return Validator(
        validator.description,
        {"anyOf": [validator.schema, {"type": "null"}]},
        lambda v, window_rank: None if v is None else validator.parse(v, window_rank),
    )


def items(value: Any) -> tuple[Any, ...]:
    """The items of a list. Raises ValueError for any other value."""
    if not isinstance(value, (list, tuple)):
        raise ValueError
    return tuple(as_list(value))


def each_axis(
    least: int, words: str, parse_integer: Callable[[Any, int], int] = window_integer
) -> Validator[tuple[int, ...]]:
    """An integer, or a list of one per window axis; kept as one per axis."""

    def parse(value: Any, window_rank: int) -> tuple[int, ...]:
        if isinstance(value, (list, tuple)):
            sizes = tuple(parse_integer(v, least) for v in items(value))
            if isinstance(value, tuple) and len(sizes) == 1:  # a default: a spec gives a list
                return sizes * (window_rank or 1)
            if window_rank and len(sizes) != window_rank:
                raise ValueError(f"{words}, or a list of {window_rank} of them; it has {len(sizes)}")
            return sizes
        return (parse_integer(value, least),) * (window_rank or 1)

    item = {"type": "integer", "minimum": least}
    return Validator(f"{words}, or a list of one per axis", {"anyOf": [item, {"type": "array", "items": item}]}, parse)


def one_of(*words: Word) -> Validator[Word]:
    """One of several words."""

    def parse(value: Any, window_rank: int) -> Word:
        if value not in words:
            raise ValueError
        return words[words.index(value)]

    listed = " or ".join(w for w in (", ".join(words[:-1]), words[-1]) if w)
    return Validator(listed, {"enum": list(words)}, parse)


def list_of(validator: Validator[T], words: str, *, alone: bool = False, least: int = 1) -> Validator[tuple[T, ...]]:
    """A list of values that ``validator`` accepts; with ``alone`` a single value stands for a list of one."""

    def parse(value: Any, window_rank: int) -> tuple[T, ...]:
        if alone and not isinstance(value, (list, tuple)):
            value = [value]
        parsed = tuple(validator.parse(v, window_rank) for v in items(value))
        if len(parsed) < least:
            raise ValueError
        return parsed

    many = {"type": "array", "items": validator.schema, "minItems": least}
    return Validator(words, {"anyOf": [validator.schema, many]} if alone else many, parse)


GivenNames: TypeAlias = "tuple[str | None, ...]"
_AXIS_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"


def _given_names(value: Any, window_rank: int) -> GivenNames:
    names: list[str | None] = []
    for item in items(value):
        if item is None:
            names.append(None)
            continue
        if not (isinstance(item, str) and item.isascii() and item.isidentifier() and len(item) <= NAME):
            raise ValueError
        name = SYNONYMS.get(item, item)
        if name in names:
            twice = (
                f"'{item}' is another word for '{name}'" if name != item and item not in value else f"'{item}' twice"
            )
            raise ValueError(f"a list of names, each once; it has {twice}")
        names.append(name)
    return tuple(names)


def _flag(value: Any, window_rank: int) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _pads(words: tuple[str, ...]) -> Callable[[Any, int], Any]:
    def parse(value: Any, window_rank: int) -> Any:
        if isinstance(value, str):
            if value not in words:
                raise ValueError
            return value
        if not isinstance(value, (list, tuple)):
            n = window_integer(value, 0)
            return ((n, n),) * window_rank
        values = items(value)
        if isinstance(value, tuple) and len(values) == 1:  # a default
            return values * window_rank
        if len(values) != window_rank:
            raise ValueError(f"one entry per axis, {window_rank} here; it has {len(values)}")
        out: list[tuple[int, int]] = []
        for entry in values:
            if isinstance(entry, (list, tuple)):
                pair = tuple(window_integer(v, 0) for v in items(entry))
                if len(pair) != 2:
                    raise ValueError
                out.append((pair[0], pair[1]))
            else:
                n = window_integer(entry, 0)
                out.append((n, n))
        return tuple(out)

    return parse


def padding(*words: str) -> Validator[Padding]:
    """Padding: one of the words, a number, one per axis, or pairs; kept as the word or as pairs."""
    n = {"type": "integer", "minimum": 0}
    entry = {"anyOf": [n, {"type": "array", "items": n, "minItems": 2, "maxItems": 2}]}
    schema = {"anyOf": [{"enum": list(words)}, n, {"type": "array", "items": entry}]}
    return Validator(f"{', '.join(words)}, a number, one per axis, or [[before, after], …]", schema, _pads(words))


PadMode: TypeAlias = Literal["zeros", "reflect", "replicate", "circular"]
PAD_MODE: Validator[PadMode] = one_of("zeros", "reflect", "replicate", "circular")

COUNT = integers(1, "a positive integer")
EXTENT: Validator[Size] = Validator(
    "a positive integer", {"type": "integer", "minimum": 1}, lambda v, window_rank: size(v, 1)
)
"""A size, which may depend on the named dimensions."""
INTEGER = Validator("an integer", {"type": "integer"}, lambda v, window_rank: integer(v, 1 - SIZE))
NUMBER = numbers("a number", {})
POSITIVE = numbers("a number above 0", {"exclusiveMinimum": 0}, above=0.0)
"""Its reciprocal is finite in float32, too."""
RATE = numbers("a number from 0 to 1", {"minimum": 0, "maximum": 1}, least=0.0, most=1.0)
FLAG = Validator("true or false", {"type": "boolean"}, _flag)
OPTIONAL_NUMBER = optional(NUMBER)
PER_AXIS = each_axis(1, "a positive integer")
OPTIONAL_PER_AXIS = optional(PER_AXIS)
SIZE_PER_AXIS = each_axis(1, "a positive integer", integer)
PADDING = padding("valid", "same")
PADDING_OR_CAUSAL = padding("valid", "same", "causal")

AXIS = AxisValidator()
"""An axis that must be given."""
CHANNEL_AXIS = AxisValidator(fallback="channels")
"""An axis, the channel axis by default."""
FEATURE_AXIS = AxisValidator(fallback="flat")
"""An axis, by default the channel axis, or the last if that is unknown; it must be given for an image."""
AXES = AxisValidator(many=True)
"""One axis or several."""
ANY_AXES = AxisValidator(many=True, nullable=True)
"""The same, or null."""
GIVEN_NAMES: Validator[GivenNames | None] = optional(
    Validator(
        "a list of names, one for each axis, or null for an axis without a name",
        {"type": "array", "items": {"anyOf": [{"type": "string", "pattern": _AXIS_NAME}, {"type": "null"}]}},
        _given_names,
    )
)
"""Names for the axes of a result, ``features`` and ``length`` as the names that they stand for; None for none."""
LAYER = LayerValidator(same=True)
"""Another layer, by name, of the first input's type of elements: it becomes a further input, and the argument says
whether there is one."""
SHAPE_LAYER = LayerValidator(*DTYPES)
"""A layer of which only the shape counts."""
INDEX_LAYER = LayerValidator(*INTEGERS, code="NS521")
"""A layer of integers that say which positions to take."""
MASK_LAYER = LayerValidator("bool", same=True, code="NS565", follows=True)
"""A layer of truth values, or of numbers of the first input's type."""
