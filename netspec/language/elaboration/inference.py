"""Operations with the shapes that they output and the weights that they need; each combination is computed once."""

from __future__ import annotations

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
            LocatedError: NS590 or NS915, a size of an output is below 1 or too large.
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
            self._known[key] = inferred
        return inferred


def _kinds_of_names(inputs: tuple[TensorType, ...]) -> tuple[tuple[type[str], ...], ...]:
    """Which names of axes are guesses: these are equal to known ones, so types that differ only in that are equal."""
    return tuple([tuple(map(type, x.axes)) for x in inputs])


def _check_sizes(name: str, type: TensorType, location: int) -> None:
    for axis, size in enumerate(type.shape):
        if size < 1:
            message = f"'{name}' gives a size of {size} in {type.axes[axis] or f'axis {axis}'}"
            raise LocatedError("NS590", message, location)
        if size >= limits.SIZE:
            raise LocatedError("NS915", f"'{name}' gives a size of {size:,}: sizes stay below 2^40", location)
