"""Regularisation: what is dropped at random in training; in inference the input passes as it is."""

from typing import ClassVar

from .base import Op
from .common.arguments import Axis, Rate


class Dropout(Op):
    """Drops values at a rate, and scales the others up to keep the mean (Srivastava et al. 2014)."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "rate"

    rate: Rate = 0.5


class SpatialDropout(Op):
    """Drops whole channels at a rate, and scales the others up to keep the mean (Tompson et al. 2015)."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "rate"

    rate: Rate = 0.5
    axis: Axis


class DropPath(Op):
    """Drops whole examples at a rate, scaling the others up to keep the mean (stochastic depth, Huang et al. 2016)."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "rate"

    rate: Rate = 0.0
