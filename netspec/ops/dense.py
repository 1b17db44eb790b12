"""Dense layers and look-ups: dense, bilinear, radial basis units, embedding, gather."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ..shapes.reads import SAME_POSITION, WHOLE, Along, AxisRead, Reads, reads_except
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, require_equal
from ..shapes.types import CHANNELS, DTYPES, INTEGERS, TensorType, is_known, shape_text
from .argument import argument
from .base import Example, Op, Types
from .common.channels import known_size
from .common.init_argument import INIT_VALIDATOR, Choice
from .common.shared_arguments import BIAS, INIT, UNITS, uniform
from .common.validators import AXIS, COUNT, FEATURE_AXIS, INDEX_LAYER
from .weight import FilterAxes, Init, Weight


class Units(Op):
    """What layers of units along one axis share."""

    takes_weights = True
    permutable = True
    primary = "units"
    size_rule = "`units` along the axis; the other axes stay the same"

    units: int = UNITS
    init: Choice = INIT
    axis: int = argument(FEATURE_AXIS, "the axis of the features")

    def infer(self, *inputs: TensorType) -> Types:
        """The axis becomes ``units`` long and, if the channel axis is unknown, the channel axis."""
        x = inputs[0]
        axes = list(x.axes)
        if x.channel in (None, self.axis):
            axes[self.axis] = CHANNELS
        return (TensorType((*x.shape[: self.axis], self.units, *x.shape[self.axis + 1 :]), x.dtype, tuple(axes)),)

    def features(self, x: TensorType) -> int:
        """Size of the axis that it works along."""
        return known_size(self.name, x, self.axis)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Its axis whole, position by position along the others."""
        return (reads_except(inputs[0], self.axis),)


class Dense(Units):
    """A fully connected layer along one axis: every output is a weighted sum of all its features."""

    takes_weights_per_example = True
    language_part = "MLP"
    examples = (Example("[512]", "{dense: 10, activation: softmax}"),)
    macs_rule = "the features, for each output element"
    weights_rule = "`weight` (units, features), `bias` (units)"

    bias: bool = BIAS

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight``, and ``bias`` unless there is none."""
        n = self.features(inputs[0])
        weight = Weight("weight", (self.units, n), uniform(n))
        return self.init.applied((weight, Weight("bias", (self.units,), uniform(n))) if self.bias else (weight,))

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """Features for each output element."""
        return outputs[0].elements * self.features(inputs[0])

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The features times the output elements."""
        from .derivation import product

        return product(inputs[0].shape[self.axis], *outputs[0].shape)

    def filter_axes(self) -> FilterAxes | None:
        """The first axis of the weight."""
        return FilterAxes(0, 1, self.axis)

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The multiply-accumulates, and one for each bias."""
        return self.macs(inputs, outputs) + (outputs[0].elements if self.bias else 0)


class Rbf(Units):
    """Radial basis units: squared Euclidean distances of the features from each unit's centre (LeCun et al. 1998)."""

    examples = (Example("[84]", "{rbf: 10}"),)
    weights_rule = "`weight` (units, features)"

    units: int = argument(COUNT, "number of units, each with its own centre")
    init: Choice = argument(
        INIT_VALIDATOR,
        "the centres; those of LeNet-5 are pictures of the characters",
        default=Choice(),
        default_doc="PyTorch's",
    )

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight``, the centres: initially uniform within 1 of zero, the range of LeNet-5's."""
        return self.init.applied((Weight("weight", (self.units, self.features(inputs[0])), Init("uniform", (1.0,))),))

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """Features for each output element (840 in LeNet-5). It is not a matrix product: no multiply-accumulates."""
        return outputs[0].elements * self.features(inputs[0])


class Bilinear(Op):
    """A weighted sum of all products of a feature of one input with one of another, along their last axes."""

    takes_weights = True
    primary = "units"
    arity = (2, 2)
    examples = (Example({"left": "[128]", "right": "[64]"}, "{bilinear: 32, from: [left, right]}"),)
    size_rule = "`units` along the last axis; the other axes stay the same"
    macs_rule = "each weight that an output element uses; the products of the features are not counted again"
    weights_rule = "`weight` (units, features of the first, features of the second), `bias` (units)"

    units: int = UNITS
    bias: bool = BIAS
    init: Choice = INIT

    def infer(self, *inputs: TensorType) -> Types:
        """The axes before the last, which must be the same in both, and ``units``.

        Raises ShapeError NS501, NS502, NS512 and NS516.
        """
        from .common.broadcasting import agreed_names, require_same_names  # not needed for a dense layer

        x, y = inputs
        for number, t in enumerate(inputs):
            if not t.rank:
                raise ShapeError("NS501", f"'{self.name}' works along the last axis; input {number + 1} has none")
            if t.channel is not None and t.channel != t.rank - 1:
                actual = f"in {shape_text(t.shape)} channels are axis {t.channel}"
                raise ShapeError(
                    "NS502",
                    f"'{self.name}' takes the last axis as features; {actual}",
                    help="a 'permute' before it moves the channel axis, a 'flatten' makes a vector",
                )
        if x.rank != y.rank:
            raise self._differ(x, y, ())
        require_same_names(self.name, inputs, hidden=1)
        before = tuple(
            require_equal(a, b, partial(self._differ, x, y, ((0, i), (1, i))))
            for i, (a, b) in enumerate(zip(x.shape[:-1], y.shape[:-1], strict=True))
        )
        names = agreed_names(tuple(TensorType(t.shape[:-1], t.dtype, t.axes[:-1]) for t in inputs), before)
        return (TensorType((*before, self.units), x.dtype, (*names, CHANNELS)),)

    def _differ(self, x: TensorType, y: TensorType, at: tuple[tuple[int, int], ...]) -> ShapeError:
        actual = f"{shape_text(x.shape)} and {shape_text(y.shape)}"
        words = f"the inputs of '{self.name}' may differ only in their last axis; found {actual}"
        return ShapeError("NS512", words, at=at)

    def features(self, x: TensorType) -> int:
        """Size of an input's last axis."""
        return known_size(self.name, x, x.rank - 1)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight``, and ``bias`` unless there is none."""
        n, m = (self.features(x) for x in inputs)
        weight = Weight("weight", (self.units, n, m), uniform(n))
        return self.init.applied((weight, Weight("bias", (self.units,), uniform(n))) if self.bias else (weight,))

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """One for each weight that an output element uses."""
        n, m = (self.features(x) for x in inputs)
        return outputs[0].elements * (n * m)

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The product of both features times the output elements."""
        from .derivation import product

        return product(*outputs[0].shape, *(self.features(x) for x in inputs))

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The multiply-accumulates, and one for each bias."""
        return self.macs(inputs, outputs) + (outputs[0].elements if self.bias else 0)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The last axes whole, position by position along the others."""
        return tuple(reads_except(x, x.rank - 1) for x in inputs)


class Embedding(Op):
    """A learned vector for each number from 0 to below ``vocabulary``."""

    takes_weights = True
    may_be_unused = True
    language_part = "embedding"
    primary = "vocabulary"
    accepts = INTEGERS
    examples = (Example("{shape: [128], dtype: int64}", "{embedding: 30_522, width: 768}"),)
    size_rule = "the input's shape, and width after it"
    weights_rule = "`weight` (vocabulary, width)"

    vocabulary: int = argument(COUNT, "number of vectors")
    width: int = argument(COUNT, "number of output features")
    init: Choice = INIT

    def infer(self, *inputs: TensorType) -> Types:
        """A channel axis of ``width`` is added at the end."""
        x = inputs[0]
        before = tuple("" if a == CHANNELS else a for a in x.axes)
        return (TensorType((*x.shape, self.width), self.weight_type, (*before, CHANNELS)),)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight``, initially normal with standard deviation 1."""
        return self.init.applied((Weight("weight", (self.vocabulary, self.width), Init("normal", (1.0,))),))

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """One for each output element."""
        return outputs[0].elements

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position."""
        return (tuple(Along(a, SAME_POSITION) for a in range(inputs[0].rank)),)

    def index_ranges(self, inputs: Types) -> Mapping[int, Size]:
        """Below the number of vectors."""
        return {0: self.vocabulary}


class Gather(Op):
    """Takes the positions along an axis that another layer lists by number, as ``numpy.take`` does.

    Each example has its own input and index; a parameter or buffer is the same for all.
    """

    primary = "axis"
    accepts = DTYPES
    examples = (
        Example(
            {"table": "[49, 12]", "which": "{shape: [16], dtype: int64}"}, "{gather: 0, index: which, from: table}"
        ),
    )
    size_rule = "the index's shape in place of the axis"

    axis: int = argument(AXIS, "the axis whose positions are taken")
    index: bool = argument(INDEX_LAYER, "the layer whose integers say which positions to take")

    def infer(self, *inputs: TensorType) -> Types:
        """The axes of the index replace the axis."""
        x, index = inputs
        shape = (*x.shape[: self.axis], *index.shape, *x.shape[self.axis + 1 :])
        rest = (*x.axes[: self.axis], *x.axes[self.axis + 1 :])
        names = tuple(name if is_known(name) and name not in rest else "" for name in index.axes)
        if index.rank == 1 and not names[0]:
            names = (x.axes[self.axis],)
        return (TensorType(shape, x.dtype, (*x.axes[: self.axis], *names, *x.axes[self.axis + 1 :])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Any position along its axis, the others position by position; the index position by position."""
        x, index = inputs
        later = index.rank - 1
        read: list[AxisRead] = [Along(a if a < self.axis else a + later, SAME_POSITION) for a in range(x.rank)]
        read[self.axis] = WHOLE
        return tuple(read), tuple(Along(self.axis + a, SAME_POSITION) for a in range(index.rank))

    def index_ranges(self, inputs: Types) -> Mapping[int, Size]:
        """Below the size of the axis."""
        return {1: inputs[0].shape[self.axis]}
