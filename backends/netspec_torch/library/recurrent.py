"""Recurrent layers with the batch first in everything. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class Recurrent(nn.RNNBase):
    """What recurrent layers share: the batch comes first in sequences and in states.

    They compile as one graph, which ``nn.LSTM`` does not. With ``last`` the final
    states of the last layer take the place of the sequence.
    """

    def __init__(
        self, mode: str, *args: Any, last: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(mode, *args, **kwargs, batch_first=True)  # type: ignore[misc]  # it is not among them
        self.last = last

    def weights(self) -> list[Tensor]:
        return [w for w in self._flat_weights if w is not None]

    def state(self, x: Tensor, given: Tensor | None) -> Tensor:
        if given is None:
            layers = self.num_layers * (2 if self.bidirectional else 1)
            return x.new_zeros(layers, x.shape[0], self.hidden_size)
        return given.transpose(0, 1).contiguous()

    def options(self) -> tuple[bool, int, float, bool, bool, bool]:
        return (
            self.bias,
            self.num_layers,
            self.dropout,
            self.training,
            self.bidirectional,
            self.batch_first,
        )

    def sequence(self, output: Tensor, hidden: Tensor) -> Tensor:
        if self.last:
            return hidden[:, -2 if self.bidirectional else -1 :].flatten(1)
        return output


class RNN(Recurrent):
    """A plain recurrent layer (Elman 1990)."""

    def __init__(self, *args: Any, nonlinearity: str = "tanh", **kwargs: Any) -> None:
        super().__init__(f"RNN_{nonlinearity.upper()}", *args, **kwargs)

    def forward(self, x: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        run = torch.rnn_tanh if self.mode == "RNN_TANH" else torch.rnn_relu
        output, final = run(x, self.state(x, hidden), self.weights(), *self.options())
        final = final.transpose(0, 1)
        return self.sequence(output, final), final


class GRU(Recurrent):
    """Gated recurrent units, their gates in the order reset, update, new."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("GRU", *args, **kwargs)

    def forward(self, x: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        output, final = torch.gru(
            x, self.state(x, hidden), self.weights(), *self.options()
        )
        final = final.transpose(0, 1)
        return self.sequence(output, final), final


class LSTM(Recurrent):
    """Long short-term memory, its gates in the order input, forget, cell, output."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def forward(
        self, x: Tensor, hidden: Tensor | None = None, cell: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        states = [self.state(x, hidden), self.state(x, cell)]
        output, hidden, cell = torch.lstm(x, states, self.weights(), *self.options())
        hidden, cell = hidden.transpose(0, 1), cell.transpose(0, 1)
        return self.sequence(output, hidden), hidden, cell
