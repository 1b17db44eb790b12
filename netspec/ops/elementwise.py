"""Arithmetic on single values, without weights."""

from functools import partial
from typing import Annotated, ClassVar

from ..shapes.sizes import ShapeError, equal
from ..shapes.types import TensorType
from .activation import Activation
from .base import Types
from .common.arguments import MaybeNumber, Numbers, list_of, numbers
from .common.channels import channel_axis

OneOrMore = Annotated[Numbers, list_of(numbers("a number", {}), "a number, or a list of one per channel", alone=True)]


class Abs(Activation):
    """The absolute value."""


class Square(Activation):
    """x * x."""


class Sqrt(Activation):
    """The square root."""


class Exp(Activation):
    """The exponential function."""


class Log(Activation):
    """The natural logarithm."""


class Clamp(Activation):
    """x, but at least ``low`` and at most ``high``; either may be left out."""

    low: MaybeNumber = None
    high: MaybeNumber = None

    def infer(self, *inputs: TensorType) -> Types:
        """As it was; ShapeError NS523 where no value can be within the bounds, or there are none."""
        if self.low is None and self.high is None:
            raise ShapeError("NS523", f"'{self.name}' must have 'low', 'high' or both; found neither")
        if self.low is not None and self.high is not None and self.low > self.high:
            found = f"found {self.low:g} and {self.high:g}"
            raise ShapeError("NS523", f"low of '{self.name}' must not be above high; {found}")
        return (inputs[0],)


class Rescale(Activation):
    """``x * factor + offset``, with one number each for all values or one per channel."""

    primary: ClassVar[str | None] = "factor"

    factor: OneOrMore = (1.0,)
    offset: OneOrMore = (0.0,)

    def infer(self, *inputs: TensorType) -> Types:
        """As it was; ShapeError NS524 where a list has not one number for each channel."""
        x = inputs[0]
        for argument, values in (("factor", self.factor), ("offset", self.offset)):
            if len(values) > 1:
                axis = channel_axis(self.name, x, argument)
                equal(x.shape[axis], len(values), partial(self._differ, argument, len(values), x, axis))
        return (x,)

    def _differ(self, argument: str, found: int, x: TensorType, axis: int) -> ShapeError:
        return ShapeError(
            "NS524", f"{argument} of '{self.name}' must have one number, or one for each channel; "
            f"found {found} for {x.shape[axis]} channels", at=((0, axis),),
        )
