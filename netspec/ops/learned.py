"""Tensors that belong to the network itself: learned, fixed, and a learned gain per channel."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from ..shapes.reads import Reads, reads_except
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, is_named, product, require_equal, require_known
from ..shapes.types import DTYPES, TensorType, learned_type
from .argument import Validator, argument
from .base import VECTOR, Example, Op, Types
from .common.axes import with_given_names
from .common.init_argument import INIT_VALIDATOR, TABLES, Choice, pairs
from .common.shared_arguments import GIVEN_AXES, INIT
from .common.validators import (
    AXIS,
    CHANNEL_AXIS,
    COUNT,
    FLAG,
    POSITIVE,
    GivenNames,
    items,
    one_of,
    optional,
    size,
)
from .weight import ONES, ZEROS, Init, Weight

_SIZES = {"type": "array", "items": {"type": "integer", "minimum": 1}}
SHAPE = Validator("a list of sizes", _SIZES, lambda v, window_rank: tuple(size(n, 1) for n in items(v)))


def _numbers(value: Any, window_rank: int) -> tuple[int, ...]:
    return tuple(require_known(size(n, 1), _unknown_size) for n in items(value))


def _unknown_size() -> ValueError:
    return ValueError("a list of numbers, as a parameter is learned: take a 'slice' of one of the greatest size")


KNOWN_SHAPE = Validator("a list of sizes", _SIZES, _numbers)


def elements(init: Init) -> Size | None:
    """The number of elements of a table; None for values that fill any shape.

    ``relative_position_index``: one for each query and key. ``log_relative_coordinates``: an offset
    along each axis for every difference of positions. ``shifted_window_mask``: one for each window and pair in it.
    """
    count: Size | None = None
    if init.kind == "relative_position_index":
        count = math.prod(map(math.prod, pairs(init.args)))
    elif init.kind == "log_relative_coordinates":
        count = len(init.args) * math.prod(2 * n - 1 for n in init.args)
    elif init.kind == "shifted_window_mask":
        count = product(init.args[0]) * product(init.args[1])
    return count


class Stored(Op):
    """What ``parameter`` and ``buffer`` share: no input, and one tensor under the layer's own name."""

    primary = "shape"
    arity = (0, 0)
    is_default_input = False
    may_be_unused = True
    size_rule = "as given"

    shape: tuple[int, ...] = argument(SHAPE, "the shape, without the batch axis")
    axes: GivenNames | None = GIVEN_AXES
    init: Choice = INIT
    batch_axis: bool = argument(FLAG, "whether the stored tensor has a leading axis of 1", default=False)

    def stored_type(self, dtype: str) -> TensorType:
        """The type of the tensor; ShapeError NS546 if there are more or fewer names than axes."""
        return with_given_names(self.name, learned_type(self.shape, dtype), self.axes)

    def stored(self, init: Init, **rest: Any) -> tuple[Weight, ...]:
        """The one tensor; with ``batch_axis`` it has a leading axis of 1 that is not part of its type."""
        return self.init.applied((Weight("", (1, *self.shape) if self.batch_axis else self.shape, init, **rest),))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Nothing."""
        return ()


class Parameter(Stored):
    """A learned tensor, such as a class token or a table of positions.

    Its initial values are ``xavier_uniform`` with two axes or more, otherwise zero; PyTorch has no default.
    """

    examples = (Example("[197, 768]", "{parameter: [197, 768], init: {truncated_normal: 0.02}}"),)

    shape: tuple[int, ...] = argument(KNOWN_SHAPE, "the shape, without the batch axis")

    def infer(self, *inputs: TensorType) -> Types:
        """The shape, with the names given, else those of a vector or a sequence of features, as guesses."""
        self._check_init()
        return (self.stored_type(self.weight_type),)

    def _check_init(self) -> None:
        for _, init in self.init.by_name:
            if init.kind in TABLES:
                raise ShapeError("NS568", f"'parameter' is learned; {init.kind} is for a 'buffer'")

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """One weight without a name of its own: it has the layer's."""
        return self.stored(Init("xavier_uniform") if len(self.shape) > 1 else ZEROS)


class Buffer(Stored):
    """A fixed tensor, which is neither trained nor counted."""

    examples = (Example("[16, 2401]", "{buffer: [16, 2401], init: ones}"),)

    init: Choice = argument(
        INIT_VALIDATOR, "the values: numbers, a rule, or a table", default=Choice(), default_doc="zeros"
    )
    dtype: str | None = argument(
        optional(one_of(*DTYPES)),
        "type of the elements",
        default=None,
        default_doc="int64 for an index, otherwise that of weights",
    )
    persistent: bool = argument(FLAG, "whether the state dict contains it", default=True)

    @property
    def element(self) -> str:
        """Type of its elements; if none is given, int64 for an index and that of weights otherwise."""
        index = any(init.kind == "relative_position_index" for _, init in self.init.by_name)
        return self.dtype or ("int64" if index else self.weight_type)

    def infer(self, *inputs: TensorType) -> Types:
        """The shape, with the names given, else those of a vector or a sequence of features, as guesses.

        Raises ShapeError NS568 if a table has another number of elements.
        """
        for _, init in self.init.by_name:
            count = elements(init)
            if count is not None:
                require_equal(count, product(self.shape), partial(self._misfit, init, count))
        return (self.stored_type(self.element),)

    def _misfit(self, init: Init, count: Size) -> ShapeError:
        shape = f"'buffer' of {list(self.shape)} has {product(self.shape)}"
        return ShapeError("NS568", f"{init.kind} has {count} numbers; {shape}")

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """One buffer without a name of its own: it has the layer's.

        None for a table whose size depends on named dimensions: it is computed where the network runs.
        """
        if any(map(is_named, self.shape)):
            return ()
        return self.stored(ZEROS, trainable=False, buffer=True, dtype=self.element, persistent=self.persistent)


class ChannelScale(Op):
    """A learned gain for every channel."""

    takes_weights = True
    permutable = True
    elementwise = True
    examples = (Example("[384, 14, 14]", "{channel_scale, init: {constant: 1e-6}}"),)
    weights_rule = "`weight` (channels)"

    init: Choice = INIT
    axis: int = argument(CHANNEL_AXIS, "the axis of the channels")

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight``, initially 1."""
        n = inputs[0].shape[self.axis]
        channels = require_known(
            n, lambda: ShapeError("NS590", f"'channel_scale' needs a known number of channels; found {n}")
        )
        return self.init.applied((Weight("weight", (channels,), ONES),))

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """One for each element."""
        return outputs[0].elements


class Parametrisation(Op):
    """What the parametrisations of weights in ``torch.nn.utils`` share: their input is a stored weight."""

    primary = "axis"
    takes_weights = True

    axis: int = argument(AXIS, "the axis of the units", default=0)

    def units(self, x: TensorType) -> int:
        """The size of the axis."""
        n = x.shape[self.axis]
        return require_known(n, lambda: ShapeError("NS590", f"'{self.name}' needs a known number of units; found {n}"))


class WeightNorm(Parametrisation):
    """A weight as a direction and a learned length for each unit, initially the norm (Salimans & Kingma 2016)."""

    stored_as = "original1"
    examples = (Example(VECTOR, "{dense: 10, weights: {weight: {weight_norm: 0}}}"),)
    weights_rule = "`original0` (units)"

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``original0``, with axes of 1 for all but the units."""
        shape = tuple(self.units(inputs[0]) if a == self.axis else 1 for a in range(inputs[0].rank))
        return (Weight("original0", shape, Init("norm", (self.axis,))),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The unit along the axis, all others whole."""
        return (reads_except(inputs[0], *(a for a in range(inputs[0].rank) if a != self.axis)),)


class SpectralNorm(Parametrisation):
    """A weight divided by its largest singular value as a matrix of units, estimated by power steps in training.

    Miyato et al. 2018.
    """

    stored_as = "original"
    examples = (Example(VECTOR, "{dense: 10, weights: {weight: {spectral_norm: 0}}}"),)
    weights_rule = "buffers `0._u` (units), `0._v` (values of a unit)"

    steps: int = argument(COUNT, "power steps for each step of training", default=1)
    eps: float = argument(POSITIVE, "a small number that keeps the divisor from being zero", default=1e-12)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """The singular vectors of the largest singular value, as buffers."""
        n = self.units(inputs[0])
        values = math.prod(s for a, s in enumerate(inputs[0].shape) if a != self.axis)
        return tuple(
            Weight(name, (size,), Init("singular_vector", (side, self.axis)), trainable=False, buffer=True)
            for side, (name, size) in enumerate((("0._u", n), ("0._v", values)))
        )

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Everything."""
        return (reads_except(inputs[0], *range(inputs[0].rank)),)
