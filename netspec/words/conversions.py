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
        raise ValueError
    return value - 1


def keras_axis(value: Any) -> Any:
    """Converts axes likewise, but omits -1, the channel axis, which operations find themselves."""
    return None if value == -1 else axes_with_batch(value)


def sequence_or_last(value: Any) -> Any:
    """Converts ``return_sequences`` to the value of ``output``."""
    if type(value) is not bool:
        raise ValueError
    return "sequence" if value else "last"


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
    """Removes the first size of a shape if it is left open for the batch."""
    numbers = _numbers(value)
    return numbers[1:] if numbers is not None and len(numbers) > 1 and numbers[0] == -1 else value


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
    )
}
