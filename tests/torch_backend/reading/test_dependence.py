"""What a comparison of outputs shows nothing of."""

# Calls of functions of any kind.
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

import pytest
from torch import nn

import netspec

from .support import Function, imported, normal


def test_weights_and_inputs_without_effect() -> None:
    module = Function(lambda m, x, y: m.first(x) + (m.second(x) + y) * 0, first=nn.Linear(3, 3), second=nn.Linear(3, 3))
    _, comparison, _ = imported(module, normal(3), normal(3))
    assert comparison.skipped == (
        "2 weights have no effect on the outputs that were compared: second.weight, second.bias",
        "input 'inputs_1' has no effect on the outputs that were compared",
    )


def test_all_have_an_effect() -> None:
    _, comparison, _ = imported(Function(lambda m, x, y: m.fc(x) + y, fc=nn.Linear(3, 3)), normal(3), normal(3))
    assert comparison.skipped == ()


def test_no_weight_has_an_effect() -> None:
    with pytest.raises(netspec.ImportRefused) as refused:
        imported(Function(lambda m, x: x + m.fc(x) * 0, fc=nn.Linear(3, 3)), normal(3))
    (problem,) = refused.value.diagnostics
    assert problem.code == "NS849"
    assert problem.message == "no output depends on the weights of the network, so the comparison proves nothing"


def test_small_weights_let_something_of_the_input_through() -> None:
    layers = [nn.Linear(8, 8) for _ in range(30)]
    for layer in layers:
        nn.init.normal_(layer.weight, std=1e-4)
        nn.init.zeros_(layer.bias)
    _, comparison, _ = imported(nn.Sequential(*layers), normal(8))
    assert comparison.agrees
    assert comparison.skipped == ()
