"""Recurrent layers over a sequence of features: plain, LSTM and GRU, as in PyTorch."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, TypeAlias

from ..limits import STACKED_LAYERS
from ..shapes.reads import Reads, whole_reads
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, require_equal
from ..shapes.types import CHANNELS, TensorType, shape_text
from .argument import Validator, argument
from .base import Example, Op, Types
from .common.init_argument import Choice
from .common.sequence import features
from .common.shared_arguments import BIAS, DROP, INIT
from .common.validators import COUNT, FLAG, integers, one_of
from .weight import Init, Weight

SEQUENCE = "[35, 64]"
Output: TypeAlias = Literal["sequence", "last"]
OUTPUT: Validator[Output] = one_of("sequence", "last")
Nonlinearity: TypeAlias = Literal["tanh", "relu"]
NONLINEARITY: Validator[Nonlinearity] = one_of("tanh", "relu")
STACK = integers(1, f"an integer from 1 to {STACKED_LAYERS:,}", STACKED_LAYERS)


class Recurrent(Op):
    """What recurrent layers share: layers, directions, states.

    The first output is the sequence of the last layer's states, (length, directions * width), or with ``output:
    last`` the final states of its directions, concatenated, (directions * width). Then follow the final states of all
    layers, (layers * directions, width), layer by layer, forwards before backwards.
    """

    primary = "width"
    arity = (1, 2)
    results: ClassVar[tuple[str, ...]] = ("output", "hidden")
    size_rule = "(positions, width); twice the width with bidirectional; `last` has no positions"
    macs_rule = "every matrix once at every step of every layer and direction"
    weights_rule = (
        "`weight_ih_l*` (gates * width, features), `weight_hh_l*` (gates * width, width), "
        "`bias_ih_l*` (gates * width), `bias_hh_l*` (gates * width), as in PyTorch: for every layer, and with "
        "`_reverse` for the other direction"
    )
    gates: ClassVar[int] = 1
    """Number of gates, each with rows of its own in every matrix."""

    width: int = argument(COUNT, "number of output features")
    num_layers: int = argument(STACK, "number of stacked layers", default=1)
    bidirectional: bool = argument(
        FLAG, "whether to also read the sequence backwards; those features follow the others", default=False
    )
    drop: float = DROP
    bias: bool = BIAS
    output: Output = argument(OUTPUT, "the outputs of all positions, or only the last position's", default="sequence")
    init: Choice = INIT

    @property
    def directions(self) -> int:
        """One, or two with ``bidirectional``."""
        return 2 if self.bidirectional else 1

    def infer(self, *inputs: TensorType) -> Types:
        """Output and final states. Raises ShapeError NS560, NS561, NS566 and NS567."""
        x = inputs[0]
        features(self.name, x)
        states = len(self.results) - 1
        if len(inputs) not in (1, 1 + states):
            message = f"'{self.name}' takes both initial states, hidden and cell, or neither; found one"
            raise ShapeError("NS566", message)
        shape = (self.num_layers * self.directions, self.width)
        for i, state in enumerate(inputs[1:], 1):

            def fault(i: int = i, state: TensorType = state) -> ShapeError:
                return ShapeError(
                    "NS567",
                    f"initial states of '{self.name}' have layers * directions by width: "
                    f"{shape_text(shape)}; found {shape_text(state.shape)}",
                    at=tuple((i, a) for a in range(state.rank)),
                )

            if state.rank != 2:
                raise fault()
            for n, expected in zip(state.shape, shape, strict=True):
                require_equal(n, expected, fault)
        side_by_side = self.directions * self.width
        first = (
            TensorType((side_by_side,), x.dtype, (CHANNELS,))
            if self.output == "last"
            else TensorType((x.shape[0], side_by_side), x.dtype, (x.axes[0], CHANNELS))
        )
        return (first, *(TensorType(shape, x.dtype, ("", CHANNELS)),) * states)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """Two matrices and two biases for every layer and direction, initially uniform within 1 / sqrt(width) of zero.

        A layer above the first has directions * width features.
        """
        init = Init("uniform", (1.0 / math.sqrt(self.width),))
        rows = self.gates * self.width
        out: list[Weight] = []
        for layer in range(self.num_layers):
            size = features(self.name, inputs[0]) if layer == 0 else self.directions * self.width
            for suffix in ("", "_reverse")[: self.directions]:
                out.append(Weight(f"weight_ih_l{layer}{suffix}", (rows, size), init))
                out.append(Weight(f"weight_hh_l{layer}{suffix}", (rows, self.width), init))
                if self.bias:
                    out.append(Weight(f"bias_ih_l{layer}{suffix}", (rows,), init))
                    out.append(Weight(f"bias_hh_l{layer}{suffix}", (rows,), init))
        return self.init.applied(tuple(out))

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """The products with both matrices, at every step of every layer and direction."""
        return inputs[0].shape[0] * sum(math.prod(w.shape) for w in self.weights(inputs[0]) if len(w.shape) == 2)

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The steps times the size of all matrices."""
        from .derivation import product

        matrices = " + ".join(product(*w.shape) for w in self.weights(inputs[0]) if len(w.shape) == 2)
        return f"{product(inputs[0].shape[0])} * ({matrices})"

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The multiply-accumulates, and one for each bias at every step."""
        return inputs[0].shape[0] * sum(math.prod(w.shape) for w in self.weights(inputs[0]))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Everything."""
        return tuple(whole_reads(x) for x in inputs)


class Rnn(Recurrent):
    """A plain recurrent layer (Elman 1990)."""

    examples = (Example(SEQUENCE, "{rnn: 128, nonlinearity: relu}"),)

    nonlinearity: Nonlinearity = argument(NONLINEARITY, "activation of the state", default="tanh")


class Lstm(Recurrent):
    """Long short-term memory, with the gates in the order input, forget, cell, output."""

    examples = (Example(SEQUENCE, "{lstm: 128, num_layers: 2, bidirectional: true}"),)
    arity = (1, 3)
    results = ("output", "hidden", "cell")
    gates = 4


class Gru(Recurrent):
    """Gated recurrent units, with the gates in the order reset, update, new."""

    examples = (Example(SEQUENCE, "{gru: 128, output: last}"),)
    gates = 3
