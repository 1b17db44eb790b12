"""Regularisation: what is dropped at random in training; in inference the input passes unchanged."""

from __future__ import annotations

from .argument import argument
from .base import VECTOR, Example, Op, Types
from .common.validators import CHANNEL_AXIS, RATE

MAPS = "[64, 56, 56]"


class Dropout(Op):
    """Drops values at random, and scales up the others to keep the mean (Srivastava et al. 2014)."""

    permutable = True
    identity_in_inference = True
    elementwise = True
    primary = "rate"
    examples = (Example(VECTOR, "{dropout: 0.5}"),)

    rate: float = argument(RATE, "fraction of values to drop in training", default=0.5)

    def works_on_parts(self, inputs: Types) -> bool:
        """Always: it is elementwise."""
        return True


class SpatialDropout(Op):
    """Drops whole channels at random, and scales up the others to keep the mean (Tompson et al. 2015)."""

    permutable = True
    identity_in_inference = True
    primary = "rate"
    examples = (Example(MAPS, "{spatial_dropout: 0.1}"),)

    rate: float = argument(RATE, "fraction of channels to drop in training", default=0.5)
    axis: int = argument(CHANNEL_AXIS, "the axis of the channels")


class DropPath(Op):
    """Drops whole examples at random, scaling up the others to keep the mean (stochastic depth, Huang et al. 2016)."""

    permutable = True
    identity_in_inference = True
    primary = "rate"
    examples = (Example(MAPS, "{drop_path: 0.2}"),)

    rate: float = argument(RATE, "fraction of examples to drop in training", default=0.0)
