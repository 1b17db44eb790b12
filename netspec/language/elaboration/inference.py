"""Infers the output shapes and weights of operations; each combination is computed once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from ... import limits
from ...diagnostics import LocatedError
from ...ops import OTHER, create, family_of
from ...ops.base import Op
from ...ops.weight import Weight
from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size, at_default, is_named, require_at_least, require_known
from ...shapes.types import TensorType
from .budget import Budget


class Inferred(NamedTuple):
    """An operation applied to inputs of given types."""

    op: Op
    outputs: tuple[TensorType, ...]
    weights: tuple[Weight, ...]


class Inference:
    """Constructs operations and infers their outputs."""

    def __init__(self, budget: Budget | None = None) -> None:
        self._budget = budget if budget is not None else Budget()
        """Charged with the length of the arguments."""
        self._known: dict[tuple[object, ...], Inferred] = {}

    def infer(
        self,
        name: str,
        arguments: Mapping[str, Any],
        inputs: tuple[TensorType, ...],
        channels_last: bool,
        location: int,
        weight_type: str = "float32",
    ) -> Inferred:
        """Returns an operation with these arguments, applied to inputs of these types.

        Args:
            name: name of the operation.
            arguments: their values; an argument that names a layer is True.
            inputs: types of its inputs, without the batch axis.
            channels_last: whether its axes are counted with the channel axis last.
            location: where it is written.
            weight_type: the floating-point type of its weights.

        Raises:
            ArgumentError: an argument is missing or does not fit.
            ShapeError: the inputs do not fit the operation, each other, or the weights.
            ValueError: an initialiser does not fit a weight.
            LocatedError: NS590 or NS915, a size of an output is below 1, or it or a weight is too large.
        """
        text = repr(arguments)
        if len(text) >= limits.CHARACTERS_PER_STEP:
            self._budget.spend(len(text) // limits.CHARACTERS_PER_STEP, location)
        key = (name, channels_last, text, inputs, _kinds_of_names(inputs), weight_type)
        inferred = self._known.get(key)
        if inferred is None:
            op, outputs, weights = _facts(name, arguments, inputs, channels_last, weight_type)
            if weights and (weight_type != "float32" or any(x.dtype != "float32" for x in inputs)):
                from ...ops.common.dtypes import check_weights  # not needed for a network of float32
                from ...ops.common.init_argument import check_numbers

                check_weights(name, inputs, weights)
                check_numbers(weights)
            elif inputs and op.weight_type != "float32":
                op = op.of({key: value for key, value in vars(op).items() if key != "weight_type"})
            inferred = Inferred(op, outputs, weights)
            for type in outputs:
                _check_sizes(name, type, location)
                check_tensor(f"'{name}' gives a tensor", type.shape, location)
            for x in inputs[:1]:
                if padded := _padded(op, x):
                    check_elements(f"'{name}' pads its input to a tensor", padded, location)
            check_weights_known(name, weights, location)
            self._known[key] = inferred
        return inferred


def _facts(
    name: str, arguments: Mapping[str, Any], inputs: tuple[TensorType, ...], channels_last: bool, weight_type: str
) -> Inferred:
    """Returns the operation with its inferred facts; those of a plug-in are checked."""
    if family_of(name) == OTHER:
        from ...ops.plugin_facts import created, facts  # loaded only for operations of other packages

        op = created(name, arguments, inputs, channels_last, weight_type)
        return Inferred(op, *facts(op, inputs))
    op = create(name, arguments, inputs, channels_last, weight_type)
    return Inferred(op, op.infer(*inputs), op.typed_weights(*inputs))


def check_weights_known(name: str, weights: tuple[Weight, ...], location: int) -> None:
    """Checks that the sizes of weights are known (ShapeError NS590) and not too large (LocatedError NS915)."""
    for w in weights:
        for n in w.shape:
            require_known(n, partial(_unknown_weight, name, w.name, n))
        check_elements(f"'{name}' has a weight", w.shape, location)


def _unknown_weight(name: str, weight: str, size: Size) -> ShapeError:
    subject = f"the {weight} of '{name}'" if weight else f"'{name}'"
    return ShapeError("NS590", f"{subject} would have a size of {size}: the sizes of weights are known")


def _padded(op: Op, x: TensorType) -> tuple[Size, ...] | None:
    """Returns the shape of an input including window padding, which exists temporarily; None without padding."""
    pads = {axis: before + after for axis, _, (before, after) in op.sliding(x) if before + after != 0}
    return tuple(n + pads.get(axis, 0) for axis, n in enumerate(x.shape)) if pads else None


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
    count = math.prod([n if type(n) is int else at_default(n) for n in shape])
    if count >= limits.ELEMENTS:
        number = f"{count:,}" if count < 2**70 else f"more than 2^{count.bit_length() - 1}"
        raise LocatedError(
            "NS915", f"{subject} of {number} elements: tensors stay below 2^60", location, help="make a size smaller"
        )


def _kinds_of_names(inputs: tuple[TensorType, ...]) -> tuple[tuple[type[str], ...], ...]:
    """Returns which axis names are guesses; these equal declared names, although the types differ."""
    return tuple([tuple(map(type, axes)) for _, _, axes in inputs])


def _check_sizes(name: str, type: TensorType, location: int) -> None:
    for axis, size in enumerate(type.shape):
        number = size
        if is_named(size):
            require_at_least(size, 1, partial(_empty_axis, name, type, axis))
            greatest = size.names.greatest
            number = size.value if greatest is None else max(size.value, size.at(greatest))
        if number < 1:
            error = _empty_axis(name, type, axis)
            raise LocatedError(error.code, error.message, location)
        if number >= limits.SIZE:
            raise LocatedError("NS915", f"'{name}' gives a size of {number:,}: sizes stay below 2^40", location)


def _empty_axis(name: str, type: TensorType, axis: int) -> ShapeError:
    message = f"'{name}' gives a size of {type.shape[axis]} in {type.axes[axis] or f'axis {axis}'}"
    return ShapeError("NS590", message)
