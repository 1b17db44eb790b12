"""Conversions of values between the conventions of Keras, PyTorch and this language.

Each returns the value here; None leaves the argument out. ValueError: there is no such value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ops.argument import as_list


def complement(value: Any) -> Any:
    """1 - x: Keras's momentum is the weight of the past, and ``keep_prob`` is what is kept."""
    if type(value) not in (int, float):
        raise ValueError
    return round(1 - value, 10)


def negation(value: Any) -> Any:
    """``trainable: false`` is ``freeze: true``; what is trainable needs no word."""
    if type(value) is not bool:
        raise ValueError
    return None if value else True


def axes_with_batch(value: Any) -> Any:
    """Axes counted with the batch axis, without it: 1 is 0. Negative numbers and names stay."""
    numbers = _numbers(value)
    if numbers is not None:
        return [axes_with_batch(v) for v in (numbers[1:] if numbers[:1] == [0] else numbers)]
    if type(value) is not int or value < 0:
        return value
    if value == 0:
        raise ValueError
    return value - 1


def keras_axis(value: Any) -> Any:
    """The same, where -1 is the channel axis, which operations find by themselves."""
    return None if value == -1 else axes_with_batch(value)


def sequence_or_last(value: Any) -> Any:
    """``return_sequences`` as the value of ``output``."""
    if type(value) is not bool:
        raise ValueError
    return "sequence" if value else "last"


def bias_init(value: Any) -> Any:
    """The initial values of a bias, as a part of ``init``."""
    return {"bias": value}


def keras_pairs(value: Any) -> Any:
    """Borders: [1, 2] is one number for each axis there, and [before, after] here."""
    numbers = _numbers(value)
    several = numbers is not None and len(numbers) > 1 and all(type(n) is int for n in numbers)
    return [[n, n] for n in numbers] if numbers is not None and several else value


def torch_pairs(value: Any) -> Any:
    """Borders: [left, right, top, bottom] there, [[top, bottom], [left, right]] here."""
    numbers = _numbers(value)
    if numbers is None:
        return value
    if len(numbers) % 2:
        raise ValueError
    pairs = [[numbers[i], numbers[i + 1]] for i in range(len(numbers) - 2, -1, -2)]
    return pairs[0] if len(pairs) == 1 else pairs


def onnx_pairs(value: Any) -> Any:
    """Borders: [top, left, bottom, right] there, [[top, bottom], [left, right]] here; one number if all are equal."""
    numbers = _numbers(value)
    if numbers is None:
        return value
    half, odd = divmod(len(numbers), 2)
    if odd:
        raise ValueError
    pairs = [[numbers[i], numbers[i + half]] for i in range(half)]
    return numbers[0] if len({*map(str, numbers)}) == 1 else pairs


def without_batch(value: Any) -> Any:
    """A shape without its first size, if that is left open for the batch."""
    numbers = _numbers(value)
    return numbers[1:] if numbers is not None and len(numbers) > 1 and numbers[0] == -1 else value


def _numbers(value: Any) -> list[Any] | None:
    """The items of a list; None for any other value."""
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
