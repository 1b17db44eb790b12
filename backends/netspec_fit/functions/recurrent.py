"""Recurrent layers as run on the CPU. On CUDA, cuDNN saves a reserve space whose size only the library knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..simulated.errors import MissingRuleError
from ..simulated.nodes import Product, fresh, record
from ..simulated.run import current
from ..simulated.tensors import Tensor
from . import elementwise
from .views import cat, contiguous, select, transpose, unsqueeze


def recurrent(kind: str) -> Callable[..., Any]:
    """``torch.lstm``, ``torch.gru``, ``torch.rnn_tanh``: LSTMs by oneDNN, the others step by step."""

    def run(
        x: Tensor,
        states: Tensor | Sequence[Tensor],
        weights: Sequence[Tensor],
        bias: bool,
        layers: int,
        dropout: float,
        training: bool,
        bidirectional: bool,
        batch_first: bool,
    ) -> tuple[Tensor, ...]:
        if current().device == "cuda":
            raise MissingRuleError(f"torch.{kind} on CUDA, where cuDNN keeps a reserve,")
        initial = [states] if isinstance(states, Tensor) else list(states)
        x = transpose(x, 0, 1) if batch_first else x
        ends: list[Tensor] = []
        directions, per = 2 if bidirectional else 1, 4 if bias else 2
        for layer in range(layers):
            outputs: list[Tensor] = []
            shared = contiguous(x) if kind == "lstm" else None
            for d in range(directions):
                layer_weights = list(weights[(layer * directions + d) * per :][:per])
                first = [select(s, 0, layer * directions + d) for s in initial]
                outputs.append(_direction(kind, shared or contiguous(x), layer_weights, first))
                ends.append(select(outputs[-1], 0, outputs[-1].shape[0] - 1))
            x = cat(outputs, -1) if bidirectional else outputs[0]
            if dropout and layer < layers - 1:
                x = elementwise.dropout(x, dropout, training)
        final = cat([unsqueeze(e, 0) for e in ends], 0)
        out = transpose(x, 0, 1) if batch_first else x
        return (out, final, cat([unsqueeze(e, 0) for e in ends], 0)) if kind == "lstm" else (out, final)

    return run


def _direction(kind: str, x: Tensor, weights: Sequence[Tensor], states: Sequence[Tensor]) -> Tensor:
    """Runs one direction of one layer and records what its steps save."""
    steps, batch = x.shape[:2]
    hidden = weights[1].shape[1]
    out = Tensor((steps, batch, hidden), x.dtype)
    inputs = [x, *weights, *states]

    def step_tensors(count: int, size: int) -> list[Tensor]:
        return [Tensor((batch, size), x.dtype) for _ in range(count)]

    if kind == "lstm":
        saved = [x, *weights, *states, out, *step_tensors(2, hidden)]
    else:
        saved = [x, weights[1], *states, *([weights[0]] if x.requires_grad else [])]
        saved += step_tensors(steps if kind != "gru" else 4 * steps - 1, hidden)
        if kind == "gru":
            saved += step_tensors(steps, 3 * hidden)
    return record(out, inputs, saved, fresh(*inputs), "Recurrent", product=_products(x, weights, states[0]))


def _products(x: Tensor, weights: Sequence[Tensor], state: Tensor) -> Product:
    """Returns the products of one direction; in the backward pass, one for each factor that needs a gradient."""
    steps, batch = x.shape[:2]
    of_inputs, of_states = (2 * steps * batch * weight.numel for weight in weights[:2])
    backward = of_inputs * (1 + x.requires_grad) + 2 * of_states
    if not state.requires_grad:
        backward -= 2 * batch * weights[1].numel
    return Product(of_inputs + of_states, backward=backward)


METHODS: dict[str, Callable[..., Any]] = {}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    f"torch.{name}": recurrent(name) for name in ("lstm", "gru", "rnn_tanh", "rnn_relu")
}
