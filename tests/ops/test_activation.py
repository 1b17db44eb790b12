from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn

from netspec.ops import TABLE, find
from netspec.ops.activation import ScaledTanh
from netspec.ops.weight import Init
from netspec.shapes.types import TensorType

from .support import argument_errors, dependence, make, shape_error
from .torch_support import assert_same_state, depends

ROWS: list[tuple[str, dict[str, Any], tuple[int, ...], nn.Module]] = [
    ("relu", {}, (4, 3, 2), nn.ReLU()),
    ("relu6", {}, (4, 3, 2), nn.ReLU6()),
    ("leaky_relu", {}, (4, 3, 2), nn.LeakyReLU()),
    ("leaky_relu", {"slope": 0.2}, (4,), nn.LeakyReLU(0.2)),
    ("prelu", {}, (4, 3, 2), nn.PReLU()),
    ("prelu", {"num_parameters": 4}, (4, 3, 2), nn.PReLU(4)),
    ("elu", {}, (4, 3), nn.ELU()),
    ("celu", {"alpha": 2}, (4, 3), nn.CELU(2.0)),
    ("selu", {}, (4, 3), nn.SELU()),
    ("gelu", {}, (4, 3), nn.GELU()),
    ("gelu", {"approximate": "tanh"}, (4, 3), nn.GELU("tanh")),
    ("silu", {}, (4, 3), nn.SiLU()),
    ("mish", {}, (4, 3), nn.Mish()),
    ("sigmoid", {}, (4, 3), nn.Sigmoid()),
    ("hard_sigmoid", {}, (4, 3), nn.Hardsigmoid()),
    ("hard_swish", {}, (4, 3), nn.Hardswish()),
    ("tanh", {}, (4, 3), nn.Tanh()),
    ("softplus", {"beta": 2}, (4, 3), nn.Softplus(2.0)),
    ("softsign", {}, (4, 3), nn.Softsign()),
    ("softmax", {}, (4,), nn.Softmax(1)),
    ("softmax", {"axis": -1}, (4, 3, 2), nn.Softmax(-1)),
    ("softmax", {}, (4, 3, 2), nn.Softmax2d()),
    ("log_softmax", {"axis": "height"}, (4, 3, 2), nn.LogSoftmax(2)),
    ("glu", {}, (4, 3, 2), nn.GLU(1)),
    ("glu", {}, (5, 6), nn.GLU()),
]


@pytest.mark.parametrize(("name", "args", "shape", "module"), ROWS, ids=lambda v: v if isinstance(v, str) else "")
def test_agrees_with_pytorch(name: str, args: dict[str, Any], shape: tuple[int, ...], module: nn.Module) -> None:
    built = make(name, shape, **args)
    assert (2, *built.shape) == tuple(module(torch.rand(2, *shape)).shape)
    assert built.axes == built.inputs[0].axes
    assert built.outputs[0].dtype == "float32"
    assert (built.macs, built.connections) == (0, 0)
    assert_same_state(built, module)
    assert (dependence(built) == depends(module, shape)).all()


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        ("leaky_relu", "slope", nn.LeakyReLU().negative_slope),
        ("prelu", "num_parameters", nn.PReLU().num_parameters),
        ("elu", "alpha", nn.ELU().alpha),
        ("celu", "alpha", nn.CELU().alpha),
        ("gelu", "approximate", nn.GELU().approximate),
        ("softplus", "beta", nn.Softplus().beta),
        ("softplus", "threshold", nn.Softplus().threshold),
    ],
)
def test_defaults_are_pytorchs(name: str, argument: str, value: object) -> None:
    assert getattr(make(name, (4,)).op, argument) == value


def test_scaled_tanh_maps_one_to_one() -> None:
    """LeCun et al. 1998, appendix A: f(1) = 1 and f(-1) = -1 for A = 1.7159 and S = 2/3."""
    op = make("scaled_tanh", (84,)).op
    assert isinstance(op, ScaledTanh)
    assert (op.amplitude, op.slope) == (1.7159, 2 / 3)
    assert op.amplitude * math.tanh(op.slope) == pytest.approx(1.0, abs=1e-4)


def test_those_without_weights_stand_as_activation() -> None:
    family = {name for name, entry in TABLE.items() if entry.family in ("activation", "elementwise")}
    assert {name for name in family if not find(name).is_activation} == {"prelu", "cast"}
    assert not find("dropout").is_activation


def test_init() -> None:
    assert make("prelu", (4, 3, 3), init={"constant": 0.1}).inits == {"weight": Init("constant", (0.1,))}


def test_what_is_refused() -> None:
    unknown = TensorType((30, 7), "float32", ("", ""))
    assert argument_errors("softmax", unknown) == [
        "'softmax' works along the channel axis, which is unknown here: give 'axis'"
    ]
    assert argument_errors("softmax", (4, 5), axis=2) == ["axis 2 does not exist: there are 2 axes, 0 to 1"]
    assert argument_errors("gelu", (4, 5), approximate="erf") == ["approximate must be none or tanh"]
    assert argument_errors("celu", (4, 5), alpha=0) == ["alpha must be a number above 0"]
    assert argument_errors("relu", (4, 5), slope=1) == ["'relu' has no argument 'slope'"]
    assert shape_error("glu", (5, 3, 3)) == "NS522: 'glu' halves channels, which must be even; found 5"
    assert shape_error("glu", unknown, axis=1) == "NS522: 'glu' halves axis 1, which must be even; found 7"
    assert shape_error("prelu", (5, 3, 3), num_parameters=4) == (
        "NS524: num_parameters of 'prelu' must be 1 or the number of channels; found 4 for 5 channels"
    )
    assert shape_error("prelu", unknown, num_parameters=7) == (
        "NS520: 'prelu' needs the channel axis for 'num_parameters', which is unknown in (30, 7)"
    )
