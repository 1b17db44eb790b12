"""Arithmetic on single values, without weights."""

from __future__ import annotations

from functools import partial
from typing import TypeAlias

from ..shapes.shape_error import ShapeError
from ..shapes.sizes import require_equal
from ..shapes.types import DTYPES, NUMBERS, TensorType
from .activation import Activation
from .argument import argument
from .base import VECTOR, Example, Op, Types
from .common.channels import channel_axis
from .common.validators import NUMBER, OPTIONAL_NUMBER, list_of, one_of

Numbers: TypeAlias = "tuple[float, ...]"
ONE_OR_MORE = list_of(NUMBER, "a number, or a list of one per channel", alone=True)


class Abs(Activation):
    """The absolute value."""

    accepts = NUMBERS


class Square(Activation):
    """x * x."""

    accepts = NUMBERS


class Sqrt(Activation):
    """The square root."""


class Exp(Activation):
    """The exponential function."""


class Log(Activation):
    """The natural logarithm."""


class Cast(Op):
    """The same values as elements of another type.

    Fractions are cut off where the type is one of integers; as bool, every number except zero is true.
    """

    accepts = DTYPES
    elementwise = True
    permutable = True
    primary = "to"
    examples = (Example("{shape: [128], dtype: int32}", "{cast: int64}"),)

    to: str = argument(one_of(*DTYPES), "type of the elements")

    def infer(self, *inputs: TensorType) -> Types:
        """The shape and the names of the axes stay."""
        return (inputs[0]._replace(dtype=self.to),)


class Sin(Activation):
    """The sine, of an angle in radians."""


class Cos(Activation):
    """The cosine, of an angle in radians."""


class Tan(Activation):
    """The tangent, of an angle in radians."""


class Erf(Activation):
    """The error function: the probability that a normal variable of variance 1/2 lies between -x and x."""


class Sign(Activation):
    """1 if positive, -1 if negative, otherwise 0."""

    accepts = NUMBERS


class StopGradient(Activation):
    """x itself, which passes no gradient back in training: ``x.detach()``."""

    accepts = DTYPES
    identity_in_inference = True


class Clamp(Activation):
    """x, but at least ``low`` and at most ``high``; either may be omitted."""

    accepts = NUMBERS
    examples = (Example(VECTOR, "{clamp, low: 0, high: 6}"),)

    low: float | None = argument(OPTIONAL_NUMBER, "lower bound", default=None, default_doc="no bound")
    high: float | None = argument(OPTIONAL_NUMBER, "upper bound", default=None, default_doc="no bound")

    def infer(self, *inputs: TensorType) -> Types:
        """The same type; ShapeError NS523 if no value is within the bounds, or both are missing."""
        if self.low is None and self.high is None:
            raise ShapeError("NS523", f"'{self.name}' must have 'low', 'high' or both; found neither")
        if self.low is not None and self.high is not None and self.low > self.high:
            bounds = f"found {self.low:g} and {self.high:g}"
            raise ShapeError("NS523", f"low of '{self.name}' must not be above high; {bounds}")
        return (inputs[0],)


class Rescale(Activation):
    """``x * factor + offset``, with one number each for all values or one per channel."""

    accepts = NUMBERS
    primary = "factor"
    examples = (Example("[3, 224, 224]", "{rescale: [4.37, 4.46, 4.44], offset: [-2.12, -2.04, -1.8]}"),)

    factor: Numbers = argument(ONE_OR_MORE, "the factor", default=(1.0,))
    offset: Numbers = argument(ONE_OR_MORE, "the number to add to the product", default=(0.0,))

    def infer(self, *inputs: TensorType) -> Types:
        """The same type; ShapeError NS524 unless a list has one number per channel."""
        x = inputs[0]
        for name, values in (("factor", self.factor), ("offset", self.offset)):
            if len(values) > 1:
                axis = channel_axis(self.name, x, name)
                require_equal(x.shape[axis], len(values), partial(self._differ, name, len(values), x, axis))
        return (x,)

    def _differ(self, argument: str, count: int, x: TensorType, axis: int) -> ShapeError:
        return ShapeError(
            "NS524",
            f"{argument} of '{self.name}' must have one number, or one for each channel; "
            f"found {count} for {x.shape[axis]} channels",
            at=((0, axis),),
        )
