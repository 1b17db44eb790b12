"""Types of tensors: sizes without the batch axis, element type, and the meaning of each axis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from .sizes import Size, is_named, product

if TYPE_CHECKING:
    from .dims import Dim

FLOATS: tuple[str, ...] = ("float32", "float16", "bfloat16", "float64")
FULL_PRECISION: tuple[str, ...] = ("float32", "float64")
HALF: tuple[str, ...] = ("float16", "bfloat16")
INTEGERS: tuple[str, ...] = ("int64", "int32")
NUMBERS = FLOATS + INTEGERS
DTYPES = (*NUMBERS, "bool")
"""All types of elements."""
LARGEST = {
    "float32": 3.4028234663852886e38,
    "float16": 65504.0,
    "bfloat16": 3.3895313892515355e38,
    "float64": 1.7976931348623157e308,
}
"""The largest finite number of each floating-point type."""
SMALLEST = 1.1754943508222875e-38
"""The smallest normal number of float32, whose reciprocal is finite."""
INTEGER_BITS = {"int64": 64, "int32": 32}
ITEM_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2, "float64": 8, "int64": 8, "int32": 4, "bool": 1}


CHANNELS = "channels"
SEQUENCE = "sequence"
SPATIAL: dict[int, tuple[str, ...]] = {
    1: (SEQUENCE,),
    2: ("height", "width"),
    3: ("depth", "height", "width"),
}
"""Names of the window axes, by their number."""

SYNONYMS = {"features": CHANNELS, "length": SEQUENCE}
AXIS_NAMES = (CHANNELS, "features", SEQUENCE, "length", "depth", "height", "width")


class GuessedName(str):
    """An axis name that is only inferred from the number of axes.

    It equals the plain name, and can be used like it, but it is not evidence: two tensors may be merged although a
    guessed name differs. It stays with its axis until an operation determines the name.
    """

    __slots__ = ()


def is_known(name: str) -> bool:
    """Whether an axis has a name that is not a guess."""
    return name != "" and type(name) is str


def fits_integer(number: float, dtype: str) -> bool:
    """Whether a type of integers can hold a number."""
    half = 2 ** (INTEGER_BITS[dtype] - 1)
    return number == int(number) and -half <= number < half


class TensorType(NamedTuple):
    """The type of a tensor without its batch axis.

    ``axes`` holds the meaning of each axis: ``channels``, ``sequence``, ``depth``, ``height``, ``width``, a name that
    the spec gives, or an empty text if it is unknown (after a ``reshape`` that mixes axes).
    """

    shape: tuple[Size, ...]
    dtype: str
    axes: tuple[str, ...]

    @property
    def rank(self) -> int:
        """Number of axes, without the batch."""
        return len(self.shape)

    @property
    def channel(self) -> int | None:
        """Number of the channel axis; None if it is unknown."""
        return self.axes.index(CHANNELS) if CHANNELS in self.axes else None

    @property
    def elements(self) -> Size:
        """Number of elements per example."""
        return product(self.shape)

    def axis(self, name: str) -> int | None:
        """Returns the number of an axis by name, including ``features`` and ``length``; None if there is none."""
        name = SYNONYMS.get(name, name)
        return self.axes.index(name) if name in self.axes else None

    def with_shape(self, shape: tuple[Size, ...]) -> TensorType:
        """Returns a type with the same axes and other sizes."""
        return TensorType(shape, self.dtype, self.axes)


def axis_names(rank: int, channels_last: bool = False) -> tuple[str, ...]:
    """Returns the meaning of the axes of an input by rank: a vector, a sequence of features, an image, a volume."""
    if rank == 0:
        return ()
    if rank == 1:
        return (CHANNELS,)
    if rank == 2:
        return (SEQUENCE, CHANNELS)
    spatial = SPATIAL.get(rank - 1, ("",) * (rank - 1))
    return (*spatial, CHANNELS) if channels_last else (CHANNELS, *spatial)


def _guesses(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(GuessedName(name) if name else "" for name in names)


def input_type(shape: tuple[Size, ...], dtype: str = "float32", channels_last: bool = False) -> TensorType:
    """Returns the type of an input of the network whose axes the spec does not name.

    A single axis of integers is a sequence of tokens, not of features. With two axes, a sequence of features is a guess
    (``conv1d`` reads channels first), unless the layout has the channels last.
    """
    if dtype not in FLOATS:
        return TensorType(shape, dtype, _guesses((SEQUENCE,) if len(shape) == 1 else ("",) * len(shape)))
    names = axis_names(len(shape), channels_last)
    return TensorType(shape, dtype, _guesses(names) if len(shape) == 2 and not channels_last else names)


def learned_type(shape: tuple[Size, ...], dtype: str = "float32") -> TensorType:
    """Returns the type of a ``parameter`` or ``buffer`` whose axes the spec does not name.

    Its names are guesses: a vector, a sequence of features, or axes of unknown meaning.
    """
    return TensorType(shape, dtype, _guesses(axis_names(len(shape)) if len(shape) <= 2 else ("",) * len(shape)))


def type_with_axes(
    shape: tuple[Size, ...], dtype: str, axes: tuple[str, ...], channels_last: bool = False
) -> TensorType:
    """Returns the type with axes of these names.

    If only the channel axis is known, out of three or four, and it is where the layout has it, then the other axes
    have the names of an image or a volume, as guesses.
    """
    usual = axis_names(len(shape), channels_last)
    if len(shape) in (3, 4) and all(a in ("", CHANNELS) for a in axes):
        channel = axes.index(CHANNELS) if CHANNELS in axes else None
        if channel is not None and usual[channel] == CHANNELS:
            guesses = _guesses(usual)
            return TensorType(shape, dtype, (*guesses[:channel], axes[channel], *guesses[channel + 1 :]))
    return TensorType(shape, dtype, axes)


def shape_text(shape: tuple[Size, ...]) -> str:
    """Returns ``(256, 28, 28)``; a vector as ``(10)``."""
    return "(" + ", ".join(map(str, shape)) + ")"


def compact_shape(shape: Iterable[Size]) -> str:
    """Returns ``256×28×28``; sizes that depend on named dimensions have no spaces: ``64×(H+1)//2×W//2``."""
    return "×".join([_compact_size(n) if is_named(n) else str(n) for n in shape])


def _compact_size(size: Dim) -> str:
    text = str(size).replace(" ", "")
    return f"({text})" if len(size.terms) > 1 else text
