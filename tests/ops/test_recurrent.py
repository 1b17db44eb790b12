from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from netspec.shapes.reads import WHOLE
from netspec.shapes.types import TensorType, input_type

from .support import argument_errors, make, shape_error
from .torch_support import assert_same_state

KINDS: dict[str, type[nn.RNN | nn.LSTM | nn.GRU]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
ARGS: list[dict[str, Any]] = [
    {},
    {"num_layers": 3},
    {"bidirectional": True},
    {"num_layers": 2, "bidirectional": True},
    {"bias": False, "num_layers": 2},
]


def run(module: nn.Module, *inputs: object) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The sequence, and the final states: hidden, and cell where there is one."""
    output: torch.Tensor
    states: torch.Tensor | tuple[torch.Tensor, ...]
    output, states = module(*inputs)
    return output, [states] if isinstance(states, torch.Tensor) else list(states)


@pytest.mark.parametrize("args", ARGS, ids=str)
@pytest.mark.parametrize("name", KINDS)
def test_shapes_and_state_are_pytorchs(name: str, args: dict[str, Any]) -> None:
    torch.manual_seed(0)  # pyright: ignore[reportUnknownMemberType]  # PyTorch leaves its parameter without a type
    module = KINDS[name](6, 32, batch_first=True, **args)
    built = make(name, (5, 6), width=32, **args)
    assert_same_state(built, module)
    output, hidden = run(module, torch.rand(2, 5, 6))
    assert [y.shape for y in built.outputs] == [tuple(output.shape[1:]), *((h.shape[0], h.shape[2]) for h in hidden)]
    names = ("output", "hidden", "cell")[: 1 + len(hidden)]
    assert built.op.output_names(len(built.outputs)) == names
    assert built.axes == ("sequence", "channels")
    assert all(y.axes == ("", "channels") for y in built.outputs[1:])
    assert built.reads(1) == ((WHOLE, WHOLE),)


@pytest.mark.parametrize("args", ARGS, ids=str)
@pytest.mark.parametrize("name", KINDS)
def test_cost_is_that_of_the_products_at_every_step(name: str, args: dict[str, Any]) -> None:
    state = KINDS[name](6, 8, **args).state_dict()
    built = make(name, (5, 6), width=8, **args)
    assert built.macs == 5 * sum(v.numel() for k, v in state.items() if k.startswith("weight"))
    assert built.connections == 5 * sum(v.numel() for v in state.values())


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("both", [False, True])
def test_the_last_output_is_the_final_state_of_the_last_layer(name: str, both: bool) -> None:
    built = make(name, (5, 6), width=8, num_layers=2, bidirectional=both, output="last")
    _, states = run(KINDS[name](6, 8, 2, batch_first=True, bidirectional=both), torch.rand(2, 5, 6))
    last = states[0][-(1 + both) :].transpose(0, 1).flatten(1)
    assert (2, *built.shape) == tuple(last.shape)
    assert built.axes == ("channels",)


@pytest.mark.parametrize("name", KINDS)
def test_states_of_one_layer_begin_another(name: str) -> None:
    first = make(name, (5, 6), width=8, num_layers=2, bidirectional=True)
    second = make(name, (4, 3), *first.outputs[1:], width=8, num_layers=2, bidirectional=True)
    module = KINDS[name](3, 8, 2, batch_first=True, bidirectional=True)
    states = [torch.rand(y.shape[0], 2, y.shape[1]) for y in first.outputs[1:]]
    output, _ = run(module, torch.rand(2, 4, 3), tuple(states) if name == "lstm" else states[0])
    assert (2, *second.shape) == tuple(output.shape)
    assert len(second.reads()) == len(second.inputs)


ERRORS: list[tuple[str, dict[str, Any], list[Any], str]] = [
    ("gru", {}, [(6,)], "NS560: 'gru' works on two axes, sequence and features; found (6)"),
    ("gru", {}, [TensorType((6, 5), "float32", ("channels", "sequence"))],
     "NS561: 'gru' takes the last axis as features; in (6, 5) the channels are axis 0"),
    ("lstm", {}, [input_type((5, 6), "int64")], "NS548: 'lstm' works on floating-point numbers; found int64"),
    ("lstm", {}, [(5, 6), (1, 8)], "NS566: 'lstm' takes both initial states, hidden and cell, or neither; found one"),
    ("lstm", {}, [(5, 6), (1, 8), (2, 8)],
     "NS567: initial states of 'lstm' have layers * directions by width: (1, 8); found (2, 8)"),
    ("rnn", {"num_layers": 2}, [(5, 6), (8,)],
     "NS567: initial states of 'rnn' have layers * directions by width: (2, 8); found (8)"),
    ("gru", {}, [(5, 6), input_type((1, 8), "float64")],
     "NS515: the inputs of 'gru' differ in type: float32 and float64"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "inputs", "message"), ERRORS, ids=lambda v: str(v)[:40])
def test_rules_that_do_not_hold(name: str, args: dict[str, Any], inputs: list[Any], message: str) -> None:
    assert shape_error(name, *inputs, width=8, **args) == message


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("lstm", {"width": 0}, "width must be a positive integer"),
        ("lstm", {}, "'lstm' needs 'width'"),
        ("gru", {"width": 8, "output": "first"}, "output must be sequence or last"),
        ("rnn", {"width": 8, "nonlinearity": "gelu"}, "nonlinearity must be tanh or relu"),
        ("gru", {"width": 8, "nonlinearity": "tanh"}, "'gru' has no argument 'nonlinearity'"),
        ("gru", {"width": 8, "drop": 1.5}, "drop must be a number from 0 to 1"),
    ],
)
def test_arguments_that_do_not_hold(name: str, args: dict[str, Any], message: str) -> None:
    assert argument_errors(name, (5, 6), **args) == [message]
