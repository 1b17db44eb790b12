"""Recurrent layers whose states have the batch first. The text of what a network uses is copied into its file."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class BatchFirstRNN(nn.RNN):
    """A recurrent layer whose states have the batch first, as its sequences.

    With ``last`` the final states of the last layer take the place of the sequence.
    """

    def __init__(self, *args: Any, last: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, batch_first=True, **kwargs)
        self.last = last

    def forward(self, x: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        if hidden is not None:
            hidden = hidden.transpose(0, 1).contiguous()
        output, hidden = super().forward(x, hidden)
        hidden = hidden.transpose(0, 1)
        if self.last:
            output = hidden[:, -2 if self.bidirectional else -1 :].flatten(1)
        return output, hidden


class BatchFirstGRU(nn.GRU):
    """Gated recurrent units whose states have the batch first, as their sequences.

    With ``last`` the final states of the last layer take the place of the sequence.
    """

    def __init__(self, *args: Any, last: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, batch_first=True, **kwargs)
        self.last = last

    def forward(self, x: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        if hidden is not None:
            hidden = hidden.transpose(0, 1).contiguous()
        output, hidden = super().forward(x, hidden)
        hidden = hidden.transpose(0, 1)
        if self.last:
            output = hidden[:, -2 if self.bidirectional else -1 :].flatten(1)
        return output, hidden


class BatchFirstLSTM(nn.LSTM):
    """Long short-term memory whose states have the batch first, as its sequences.

    With ``last`` the final states of the last layer take the place of the sequence.
    """

    def __init__(self, *args: Any, last: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, batch_first=True, **kwargs)
        self.last = last

    def forward(
        self, x: Tensor, hidden: Tensor | None = None, cell: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        states = None
        if hidden is not None and cell is not None:
            states = (
                hidden.transpose(0, 1).contiguous(),
                cell.transpose(0, 1).contiguous(),
            )
        output, (hidden, cell) = super().forward(x, states)
        hidden, cell = hidden.transpose(0, 1), cell.transpose(0, 1)
        if self.last:
            output = hidden[:, -2 if self.bidirectional else -1 :].flatten(1)
        return output, hidden, cell
