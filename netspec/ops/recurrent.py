"""Recurrent layers over a sequence of features: plain, LSTM and GRU, as in PyTorch."""

import math
from typing import Annotated, ClassVar, Literal

from ..shapes.reads import Reads, whole
from ..shapes.sizes import ShapeError, Size, equal
from ..shapes.types import CHANNELS, TensorType, shown
from .base import Init, Op, Types, Weight
from .common.arguments import Count, Flag, Rate, one_of
from .common.initial import Choice, InitChoice
from .common.sequence import features
from .merge import one_dtype


class Recurrent(Op):
    """What recurrent layers share: layers, directions, states.

    The first output is the sequence of the last layer's states, (length, directions * width), or with ``output:
    last`` the final ones of its directions side by side, (directions * width). Then follow the final states of all
    layers, (layers * directions, width), layer by layer, forwards before backwards.
    """

    primary: ClassVar[str | None] = "width"
    arity: ClassVar[tuple[int, int | None]] = (1, 2)
    results: ClassVar[tuple[str, ...]] = ("output", "hidden")
    gates: ClassVar[int] = 1

    width: Count
    num_layers: Count = 1
    bidirectional: Flag = False
    drop: Rate = 0.0
    bias: Flag = True
    output: Annotated[Literal["sequence", "last"], one_of("sequence", "last")] = "sequence"
    init: InitChoice = Choice()

    @property
    def directions(self) -> int:
        """One, or two with ``bidirectional``."""
        return 2 if self.bidirectional else 1

    def infer(self, *inputs: TensorType) -> Types:
        """Output and final states. Raises ShapeError NS515, NS548, NS560, NS561, NS566 and NS567."""
        x = inputs[0]
        features(self.name, x)
        one_dtype(self.name, inputs)
        states = len(self.results) - 1
        if len(inputs) not in (1, 1 + states):
            raise ShapeError("NS566", f"'{self.name}' takes both initial states, hidden and cell, or none; found one")
        shape = (self.num_layers * self.directions, self.width)
        for i, state in enumerate(inputs[1:], 1):
            def fault(i: int = i, state: TensorType = state) -> ShapeError:
                return ShapeError(
                    "NS567", f"initial states of '{self.name}' have layers * directions by width: "
                    f"{shown(shape)}; found {shown(state.shape)}", at=tuple((i, a) for a in range(state.rank)),
                )

            if state.rank != 2:
                raise fault()
            for n, wanted in zip(state.shape, shape, strict=True):
                equal(n, wanted, fault)
        side_by_side = self.directions * self.width
        first = (
            TensorType((side_by_side,), x.dtype, (CHANNELS,)) if self.output == "last"
            else TensorType((x.shape[0], side_by_side), x.dtype, (x.axes[0], CHANNELS))
        )
        return (first, *(TensorType(shape, x.dtype, ("", CHANNELS)),) * states)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight_ih_l0`` (gates * width, features), ``weight_hh_l0`` (gates * width, width) and two biases.

        As in PyTorch: so for every layer, again with ``_reverse`` for the other direction; a layer above the first
        has directions * width features. All begin uniform within 1 / sqrt(width) of zero.
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

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The same, and one for each bias at every step."""
        return inputs[0].shape[0] * sum(math.prod(w.shape) for w in self.weights(inputs[0]))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Everything."""
        return tuple(whole(x) for x in inputs)


class Rnn(Recurrent):
    """A plain recurrent layer (Elman 1990)."""

    nonlinearity: Annotated[Literal["tanh", "relu"], one_of("tanh", "relu")] = "tanh"


class Lstm(Recurrent):
    """Long short-term memory, its gates in the order input, forget, cell, output."""

    arity: ClassVar[tuple[int, int | None]] = (1, 3)
    results: ClassVar[tuple[str, ...]] = ("output", "hidden", "cell")
    gates: ClassVar[int] = 4


class Gru(Recurrent):
    """Gated recurrent units, their gates in the order reset, update, new."""

    gates: ClassVar[int] = 3
