"""Normalisation: over the batch, over axes of each example, over groups and neighbourhoods of channels."""

from __future__ import annotations

from ..shapes.reads import (
    SAME_POSITION,
    WHOLE,
    Along,
    AxisRead,
    ReadPattern,
    Reads,
    equal_rows,
    reads_except,
    window_reads,
)
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import exact_div, product, require_at_least
from ..shapes.types import FULL_PRECISION, TensorType, shape_text
from .argument import argument
from .axis import AxisValidator
from .base import Example, Op, Types
from .common.channels import known_size
from .common.init_argument import Choice
from .common.sequence import head_size
from .common.shared_arguments import INIT
from .common.validators import CHANNEL_AXIS, COUNT, FLAG, NUMBER, POSITIVE, RATE, numbers, optional
from .weight import ONES, ZEROS, Weight

MAPS, TOKENS = "[64, 56, 56]", "[197, 768]"
NON_NEGATIVE = numbers("a number, 0 or more", {"minimum": 0}, least=0.0)
SMALL = "a small number that keeps the divisor from being zero"
EPS = argument(NON_NEGATIVE, SMALL, default=1e-5)
AXIS = argument(CHANNEL_AXIS, "the axis of the channels")
AFFINE = "whether to apply a learned gain (and bias), one for each channel"
APPLY_AFFINE = argument(FLAG, AFFINE, default=True)
PER_CHANNEL = "`weight` (channels), `bias` (channels)"


class BatchNorm(Op):
    """Normalises each channel over the batch; in inference by running statistics (Ioffe & Szegedy 2015)."""

    takes_weights = True
    permutable = True
    reads_batch = True
    examples = (Example(MAPS, "{batch_norm, eps: 0.001, momentum: 0.01}"),)
    weights_rule = (
        f"{PER_CHANNEL}; buffers `running_mean` (channels), `running_var` (channels), `num_batches_tracked` ()"
    )

    eps: float = EPS
    momentum: float = argument(RATE, "weight of the current batch in the running statistics", default=0.1)
    affine: bool = APPLY_AFFINE
    init: Choice = INIT
    axis: int = argument(CHANNEL_AXIS, "the axis whose positions are normalised separately")
    frozen: bool = argument(
        FLAG, "whether it is the same in training: four buffers, none of which is trained or updated", default=False
    )

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` and ``bias`` if it is affine, and three buffers; if frozen, these are two, as gain and shift."""
        c = known_size(self.name, inputs[0], self.axis)
        if self.frozen:
            affine = [w._replace(trainable=False, buffer=True) for w in _affine(self.init, (c,), self.affine)]
            statistics = [("running_mean", ZEROS), ("running_var", ONES)]
            return (*affine, *(Weight(name, (c,), init, trainable=False, buffer=True) for name, init in statistics))
        return (
            *_affine(self.init, (c,), self.affine),
            Weight("running_mean", (c,), ZEROS, trainable=False, buffer=True),
            Weight("running_var", (c,), ONES, trainable=False, buffer=True),
            Weight("num_batches_tracked", (), ZEROS, trainable=False, buffer=True, dtype="int64"),
        )


class OverAxes(Op):
    """What normalisation over one axis or several of each example shares."""

    takes_weights = True
    permutable = True

    affine: bool = APPLY_AFFINE
    init: Choice = INIT
    axis: tuple[int, ...] = argument(
        AxisValidator(fallback="last", many=True), "the axis, or axes, whose values are normalised together"
    )
    heads: int = argument(COUNT, "number of runs of the axis, each normalised by itself, all with one gain", default=1)

    def axes(self) -> tuple[int, ...]:
        """The axes that are normalised together, in the order of the input."""
        return tuple(sorted(self.axis))

    def shape(self, x: TensorType) -> tuple[int, ...]:
        """Sizes of those axes, or of a head, which are the weight's. Raises ShapeError NS562, NS589 and NS590."""
        sizes = tuple(known_size(self.name, x, a) for a in self.axes())
        if self.heads == 1:
            return sizes
        if len(sizes) > 1:
            raise ShapeError("NS589", f"'{self.name}' with heads works along one axis; found {len(sizes)}")
        return tuple(head_size(self.name, size, self.heads, 0, self.axis[0]) for size in sizes)

    def infer(self, *inputs: TensorType) -> Types:
        """The same type. Raises ShapeError NS562, NS589 and NS590 for heads that do not fit."""
        if self.heads > 1:
            self.shape(inputs[0])
        return (inputs[0],)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Its axes whole, or the run of the axis that is a head; position by position along the others."""
        reads = list(reads_except(inputs[0], *self.axis))
        if self.heads > 1:
            (head,) = self.shape(inputs[0])
            reads[self.axis[0]] = Along(self.axis[0], ReadPattern(head, equal_rows(head, range(head))))
        return (tuple(reads),)


class LayerNorm(OverAxes):
    """Normalises each position over its channels, or over the axes given (Ba et al. 2016)."""

    examples = (Example(TOKENS, "{layer_norm, eps: 1e-6}"),)
    size_rule = "the input's; at least 2 values along the axes"
    weights_rule = "`weight` (sizes of the axes, or of a head), `bias` (sizes of the axes, or of a head)"

    eps: float = EPS
    bias: bool = argument(FLAG, "whether a bias follows the gain", default=True)

    def infer(self, *inputs: TensorType) -> Types:
        """The same type; ShapeError NS526 for a single value, NS562 or NS589 for heads that do not fit."""
        types = super().infer(*inputs)
        _several(self.name, inputs[0], self.axes(), self.heads, "values", "'axis' may name several axes")
        return types

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` and ``bias`` if it is affine."""
        return _affine(self.init, self.shape(inputs[0]), self.affine, self.bias)


class RmsNorm(OverAxes):
    """Divides by the root mean square over the channels, or over the axes given (Zhang & Sennrich 2019)."""

    examples = (Example(TOKENS, "{rms_norm, eps: 1e-6}"),)
    weights_rule = "`weight` (sizes of the axes, or of a head)"

    eps: float | None = argument(
        optional(NON_NEGATIVE), SMALL, default=None, default_doc="PyTorch's: the machine epsilon of the type"
    )

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` if it is affine."""
        return _affine(self.init, self.shape(inputs[0]), self.affine, bias=False)


class GroupNorm(Op):
    """Normalises groups of channels over all positions of an example (Wu & He 2018)."""

    takes_weights = True
    permutable = True
    primary = "groups"
    examples = (Example(MAPS, "{group_norm: 32}"),)
    size_rule = "the input's; at least 2 values in each group"
    weights_rule = PER_CHANNEL

    groups: int = argument(COUNT, "number of groups of channels that are normalised together")
    eps: float = EPS
    affine: bool = APPLY_AFFINE
    init: Choice = INIT
    axis: int = AXIS

    def infer(self, *inputs: TensorType) -> Types:
        """The same type; ShapeError NS503 if the groups do not divide the channels, NS526 for single values."""
        x = inputs[0]
        c = x.shape[self.axis]
        exact_div(
            c,
            self.groups,
            lambda: ShapeError(
                "NS503",
                f"groups must divide the channels of '{self.name}': {c} channels in {self.groups} groups",
                at=((0, self.axis),),
            ),
        )
        _several(
            self.name, x, tuple(range(x.rank)), self.groups, "values in each group", "fewer groups hold more channels"
        )
        return (x,)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` and ``bias`` if it is affine."""
        return _affine(self.init, (known_size(self.name, inputs[0], self.axis),), self.affine)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """All positions of the channels of its group."""
        x = inputs[0]
        out: list[AxisRead] = [WHOLE] * x.rank
        c = x.shape[self.axis]
        if type(c) is int and self.groups > 1:
            per = c // self.groups
            out[self.axis] = Along(self.axis, ReadPattern(per, equal_rows(per, range(per))))
        return (tuple(out),)


class InstanceNorm(Op):
    """Normalises each channel over all positions of an example (Ulyanov et al. 2016)."""

    takes_weights = True
    permutable = True
    examples = (Example(MAPS, "{instance_norm, affine: true}"),)
    size_rule = "the input's; at least 2 positions"
    weights_rule = PER_CHANNEL

    eps: float = EPS
    affine: bool = argument(FLAG, AFFINE, default=False)
    init: Choice = INIT
    axis: int = AXIS

    def infer(self, *inputs: TensorType) -> Types:
        """The same type; ShapeError NS501 for a vector, NS526 for a single position."""
        x = _positions(self.name, inputs[0])
        others = tuple(a for a in range(x.rank) if a != self.axis)
        _several(self.name, x, others, 1, "positions in each channel", "'layer_norm' normalises over the channels")
        return (x,)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` and ``bias`` if it is affine."""
        return _affine(self.init, (known_size(self.name, inputs[0], self.axis),), self.affine)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """All positions of its channel."""
        x = inputs[0]
        return (reads_except(x, *(a for a in range(x.rank) if a != self.axis)),)


class LocalResponseNorm(Op):
    """Divides by a power of the mean square over neighbouring channels (Krizhevsky et al. 2012).

    ``x / (k + alpha * mean of the squares) ** beta`` over the ``size // 2`` channels before, the channel itself and
    ``(size - 1) // 2`` after it, as in PyTorch; channels that do not exist count as zeros.
    """

    permutable = True
    primary = "size"
    accepts = FULL_PRECISION  # PyTorch averages by avg_pool3d, which has no half precision on CPUs
    examples = (Example("[96, 55, 55]", "{local_response_norm: 5, k: 2, alpha: 5e-4}"),)

    size: int = argument(COUNT, "number of neighbouring channels, including the channel itself")
    alpha: float = argument(NUMBER, "weight of the mean square", default=1e-4)
    beta: float = argument(NUMBER, "power of the divisor", default=0.75)
    k: float = argument(NUMBER, "constant added to the mean square", default=1.0)
    axis: int = AXIS

    def infer(self, *inputs: TensorType) -> Types:
        """The same type; ShapeError NS501 for a vector."""
        return (_positions(self.name, inputs[0]),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """A window along the channels, position by position."""
        out: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(inputs[0].rank)]
        out[self.axis] = Along(self.axis, window_reads(self.size, 1, 1, self.size // 2))
        return (tuple(out),)


class L2Normalize(Op):
    """Divides by the Euclidean norm along an axis, or over several, which counts as at least ``eps``."""

    permutable = True
    primary = "axis"
    examples = (Example("[128]", "{l2_normalize: channels}"),)

    axis: tuple[int, ...] = argument(AxisValidator(many=True, fallback="channels"), "the axes to work along")
    eps: float = argument(POSITIVE, SMALL, default=1e-12)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Its axes whole, position by position along the others."""
        return (reads_except(inputs[0], *self.axis),)


def _affine(init: Choice, shape: tuple[int, ...], affine: bool, bias: bool = True) -> tuple[Weight, ...]:
    if not affine:
        return init.applied(())
    weight = Weight("weight", shape, ONES)
    return init.applied((weight, Weight("bias", shape, ZEROS)) if bias else (weight,))


def _positions(name: str, x: TensorType) -> TensorType:
    if x.rank < 2:
        words = f"'{name}' works on channels and at least one axis of positions; found {shape_text(x.shape)}"
        raise ShapeError("NS501", words)
    return x


def _several(name: str, x: TensorType, axes: tuple[int, ...], parts: int, what: str, help: str) -> None:
    """ShapeError NS526 unless more than one value is normalised together: a single value minus its mean is zero."""
    count = product(x.shape[a] for a in axes) // parts
    require_at_least(
        count,
        2,
        lambda: ShapeError(
            "NS526",
            f"'{name}' must have at least 2 {what} to normalise; found {count} in {shape_text(x.shape)}",
            at=tuple((0, a) for a in axes),
            help=help,
        ),
    )
