"""Operations with the shapes that they output and the weights that they need; each combination is computed once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from ... import limits
from ...diagnostics import LocatedError
from ...ops import create
from ...ops.base import Op
from ...ops.weight import Weight
from ...shapes.types import TensorType
from .budget import Budget


class Inferred(NamedTuple):
    """An operation applied to inputs of certain types."""

    op: Op
    outputs: tuple[TensorType, ...]
    weights: tuple[Weight, ...]


class Inference:
    """Constructs operations and infers their outputs."""

    def __init__(self, budget: Budget | None = None) -> None:
        self._budget = budget if budget is not None else Budget()
        """Is charged with the length of the arguments."""
        self._known: dict[tuple[object, ...], Inferred] = {}

    def infer(
        self,
        name: str,
        arguments: Mapping[str, Any],
        inputs: tuple[TensorType, ...],
        channels_last: bool,
        location: int,
    ) -> Inferred:
        """The operation of that name with these arguments, applied to inputs of these types.

        Args:
            name: name of the operation.
            arguments: their values; an argument that names a layer is True.
            inputs: types of its inputs, without the batch axis.
            channels_last: whether its axes are counted with the channel axis last.
            location: where it is written.

        Raises:
            ArgumentError: an argument is missing or does not fit.
            ShapeError: the inputs do not fit the operation, each other, or the weights.
            ValueError: an initialiser does not fit a weight.
            LocatedError: NS590 or NS915, a size of an output is below 1, or it or a weight is too large.
        """
        text = repr(arguments)
        if len(text) >= limits.SHARE:
            self._budget.spend(len(text) // limits.SHARE, location)
        key = (name, channels_last, text, inputs, _kinds_of_names(inputs))
        inferred = self._known.get(key)
        if inferred is None:
            op = create(name, arguments, inputs, channels_last)
            outputs = op.infer(*inputs)
            weights = op.weights(*inputs)
            if weights and any(x.dtype != "float32" for x in inputs):
                from ...ops.common.dtypes import check_weights  # not needed for a network of float32

                check_weights(name, inputs, weights)
            inferred = Inferred(op, outputs, weights)
            for type in outputs:
                _check_sizes(name, type, location)
                check_tensor(f"'{name}' gives a tensor", type.shape, location)
            for w in weights:
                check_elements(f"'{name}' has a weight", w.shape, location)
            self._known[key] = inferred
        return inferred


def check_tensor(subject: str, shape: tuple[int, ...], location: int) -> None:
    """Raises LocatedError NS915 if a value has too many axes or elements.

    Args:
        subject: the beginning of the message, before "of … axes".
        shape: the shape.
        location: where it is written.
    """
    if len(shape) > limits.AXES:
        message = f"{subject} of {len(shape)} axes: there are at most {limits.AXES}, without the batch"
        raise LocatedError("NS915", message, location, help="join some of them into one")
    check_elements(subject, shape, location)


def check_elements(subject: str, shape: tuple[int, ...], location: int) -> None:
    """Raises LocatedError NS915 if a tensor has too many elements; arguments as for :func:`check_tensor`."""
    count = math.prod(shape)
    if count >= limits.ELEMENTS:
        number = f"{count:,}" if count < 2**70 else f"more than 2^{count.bit_length() - 1}"
        raise LocatedError(
            "NS915", f"{subject} of {number} elements: tensors stay below 2^60", location, help="make a size smaller"
        )


def _kinds_of_names(inputs: tuple[TensorType, ...]) -> tuple[tuple[type[str], ...], ...]:
    """Which names of axes are guesses: these are equal to known ones, so types that differ only in that are equal."""
    return tuple([tuple(map(type, axes)) for _, _, axes in inputs])


def _check_sizes(name: str, type: TensorType, location: int) -> None:
    for axis, size in enumerate(type.shape):
        if size < 1:
            message = f"'{name}' gives a size of {size} in {type.axes[axis] or f'axis {axis}'}"
            raise LocatedError("NS590", message, location)
        if size >= limits.SIZE:
            raise LocatedError("NS915", f"'{name}' gives a size of {size:,}: sizes stay below 2^40", location)
