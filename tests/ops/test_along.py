"""Operations along an axis: shapes, types, what an output depends on, gradients."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import numpy as np
import pytest

import netspec
from netspec.shapes.reads import WHOLE
from netspec.shapes.types import TensorType

from .support import dependence, make, shape_error


def test_types() -> None:
    assert make("cumsum", TensorType((4,), "bool", ("",)), axis=0).outputs[0].dtype == "int64"
    assert make("flip", (4, 8), axis=["sequence", 1]).shape == (4, 8)
    assert make("recurrence", (4, 8), (1, 8), axis=0).shape == (4, 8)
    assert shape_error("recurrence", (8,), (4, 8), axis=0).startswith("NS532: the inputs of 'recurrence' must have")
    assert shape_error("recurrence", (3, 8), (4, 8), axis=0).startswith("NS512")


def test_dependence() -> None:
    """Positions so far; the opposite position."""
    causal = np.tril(np.ones((4, 4), dtype=bool))
    assert (dependence(make("cumsum", (4,), axis=0)) == causal).all()
    assert (dependence(make("flip", (4,), axis=0)) == np.eye(4, dtype=bool)[::-1]).all()
    for number in (0, 1):
        assert (dependence(make("recurrence", (4,), (4,), axis=0), number=number) == causal).all()
    (long,) = make("cumsum", (100_000,), axis=0).reads()
    assert long == (WHOLE,)


def test_recurrence_has_the_gradients_of_a_loop() -> None:
    torch = pytest.importorskip("torch")
    graph = netspec.loads(
        "netspec: 1\ninputs: {decay: [21, 3], x: [21, 3]}\nlayers:\n  h: {recurrence: 0, from: [decay, x]}\n"
    )
    model = netspec.build(graph)
    a, b = (torch.rand(2, 21, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    weight = torch.rand(2, 21, 3, dtype=torch.float64)
    state, states = 0, []
    for t in range(21):
        state = a[:, t] * state + b[:, t]
        states.append(state)
    expected = torch.autograd.grad((torch.stack(states, 1) * weight).sum(), (a, b))
    actual = torch.autograd.grad((model(a, b) * weight).sum(), (a, b))
    assert all(torch.allclose(x, y) for x, y in zip(actual, expected, strict=True))
