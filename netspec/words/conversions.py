"""Conversions of values from the conventions of Keras, PyTorch and others to this language.

Each returns the converted value; None omits the argument. ValueError: there is no corresponding value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ops.argument import as_list


def complement(value: Any) -> Any:
    """Returns 1 - x: Keras's momentum is the weight of past values, and ``keep_prob`` the fraction that is kept."""
    if type(value) not in (int, float):
        raise ValueError
    return round(1 - value, 10)


def negation(value: Any) -> Any:
    """Converts ``trainable: false`` to ``freeze: true``; ``trainable: true`` is omitted."""
    if type(value) is not bool:
        raise ValueError
    return None if value else True


def axes_with_batch(value: Any) -> Any:
    """Converts axes counted with the batch axis: 1 becomes 0. Negative numbers and names are unchanged."""
    numbers = _numbers(value)
    if numbers is not None:
        return [axes_with_batch(v) for v in (numbers[1:] if numbers[:1] == [0] else numbers)]
    if type(value) is not int or value < 0:
        return value
    if value == 0:
        raise ValueError("axis 0 is the batch, which no layer changes")
    return value - 1


def keras_axis(value: Any) -> Any:
    """The same for Keras, whose last axis is that of the channels, which operations find by themselves.

    Three and four are the last axis of images and volumes.
    """
    if value in (-1, [-1], 3, 4, [3], [4]):
        return None
    numbers = _numbers(value)
    if numbers is not None and any(type(n) is int and n < 0 for n in numbers):
        raise ValueError("count the axes from 0, in the order of the layout, without the batch axis")
    return axes_with_batch(value)


def swapped_axes(value: Any, rank: int) -> Any:
    """Two axes, counted with the batch axis, as the order of all ``rank`` axes without it: [1, 2] is [1, 0] of two."""
    first, second = _two_axes(value, rank)
    order = list(range(rank))
    order[first], order[second] = order[second], order[first]
    return order


def moved_axis(value: Any, rank: int) -> Any:
    """The source and destination of an axis, counted with the batch axis, as the order of all axes without it."""
    source, destination = _two_axes(value, rank)
    order = [axis for axis in range(rank) if axis != source]
    order.insert(destination, source)
    return order


def _two_axes(value: Any, rank: int) -> tuple[int, int]:
    """Two axes counted with the batch axis, or from the end, as numbers without it."""
    numbers = [n for n in (_numbers(value) or ()) if type(n) is int]
    if len(numbers) != 2:
        raise ValueError("two axes are swapped: write the order of all, without the batch axis")
    first, second = (n + rank + 1 if n < 0 else n for n in numbers)
    if 0 in (first, second):
        raise ValueError("axis 0 is the batch, which no layer changes")
    if not (0 < first <= rank and 0 < second <= rank):
        raise ValueError("the tensor that arrives has fewer axes")
    return first - 1, second - 1


def last_axes(value: Any) -> Any:
    """The sizes of the last axes as their numbers: [20, 64] is [-2, -1]. The last alone is that of the channels."""
    numbers = _numbers(value)
    return list(range(-len(numbers), 0)) if numbers is not None and len(numbers) > 1 else None


def sizes_of_parts(value: Any) -> Any:
    """The sizes of all parts; one number is the size of each part there, and the number of parts here."""
    if _numbers(value) is None:
        raise ValueError("a number is the size of each part in PyTorch, and the number of parts here")
    return value


def only_two(value: Any) -> Any:
    """The exponent of a norm, which is 2 here."""
    if value not in (2, 2.0):
        raise ValueError("its norm is that of the squares")


def sequence_or_last(value: Any) -> Any:
    """``return_sequences`` as the value of ``output``, whose default is the sequence."""
    if type(value) is not bool:
        raise ValueError
    return None if value else "last"


def bias_init(value: Any) -> Any:
    """Converts the initial values of a bias to a part of ``init``."""
    return {"bias": value}


def keras_pairs(value: Any) -> Any:
    """Converts borders: [1, 2] is one number for each axis in Keras, and [before, after] in this language."""
    numbers = _numbers(value)
    several = numbers is not None and len(numbers) > 1 and all(type(n) is int for n in numbers)
    return [[n, n] for n in numbers] if numbers is not None and several else value


def torch_pairs(value: Any) -> Any:
    """Converts borders from [left, right, top, bottom] to [[top, bottom], [left, right]]."""
    numbers = _numbers(value)
    if numbers is None:
        return value
    if len(numbers) % 2:
        raise ValueError
    pairs = [[numbers[i], numbers[i + 1]] for i in range(len(numbers) - 2, -1, -2)]
    return pairs[0] if len(pairs) == 1 else pairs


def onnx_pairs(value: Any) -> Any:
    """Converts borders from [top, left, bottom, right] to [[top, bottom], [left, right]], or one number."""
    numbers = _numbers(value)
    if numbers is None:
        return value
    half, odd = divmod(len(numbers), 2)
    if odd:
        raise ValueError
    pairs = [[numbers[i], numbers[i + half]] for i in range(half)]
    return numbers[0] if len({*map(str, numbers)}) == 1 else pairs


def without_batch(value: Any) -> Any:
    """A shape without its first size, if that is left open for the batch: -1, a name, or ``x.size(0)``."""
    numbers = _numbers(value)
    is_open = numbers is not None and len(numbers) > 1 and (numbers[0] == -1 or isinstance(numbers[0], (str, dict)))
    return numbers[1:] if numbers is not None and is_open else value


def _numbers(value: Any) -> list[Any] | None:
    """Returns the items of a list; None for any other value."""
    return as_list(value) if isinstance(value, list) else None


BY_NAME: dict[str, Callable[[Any], Any]] = {
    f.__name__: f
    for f in (
        complement,
        negation,
        axes_with_batch,
        keras_axis,
        sequence_or_last,
        bias_init,
        keras_pairs,
        torch_pairs,
        onnx_pairs,
        without_batch,
        last_axes,
        sizes_of_parts,
        only_two,
    )
}
BY_RANK: dict[str, Callable[[Any, int], Any]] = {f.__name__: f for f in (swapped_axes, moved_axis)}
"""Conversions that depend on the number of axes of the tensor that arrives."""
RANKS = (2, 3, 4, 5)
"""Numbers of axes of which these are shown."""
