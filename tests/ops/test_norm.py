from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from netspec.ops.weight import Init
from netspec.shapes.types import TensorType

from .support import argument_errors, dependence, make, shape_error
from .torch_support import assert_same_state, depends

ROWS: list[tuple[str, dict[str, Any], tuple[int, ...], nn.Module]] = [
    ("batch_norm", {}, (6, 3, 2), nn.BatchNorm2d(6)),
    ("batch_norm", {}, (6,), nn.BatchNorm1d(6)),
    ("batch_norm", {"axis": 0}, (6, 5), nn.BatchNorm1d(6)),
    ("batch_norm", {"affine": False, "eps": 0.001, "momentum": 0.01}, (6, 2, 2, 2), nn.BatchNorm3d(6, affine=False)),
    ("layer_norm", {}, (6,), nn.LayerNorm(6)),
    ("layer_norm", {}, (5, 6), nn.LayerNorm(6)),
    ("layer_norm", {"bias": False}, (5, 6), nn.LayerNorm(6, bias=False)),
    ("layer_norm", {"affine": False}, (5, 6), nn.LayerNorm(6, elementwise_affine=False)),
    ("layer_norm", {"axis": ["height", "channels", "width"]}, (4, 3, 2), nn.LayerNorm([4, 3, 2])),
    ("layer_norm", {"axis": [-1, -2]}, (4, 3, 2), nn.LayerNorm([3, 2])),
    ("rms_norm", {}, (5, 6), nn.RMSNorm(6)),
    ("rms_norm", {"axis": [1, 2], "eps": 1e-6}, (4, 3, 2), nn.RMSNorm([3, 2], eps=1e-6)),
    ("rms_norm", {"affine": False}, (5, 6), nn.RMSNorm(6, elementwise_affine=False)),
    ("group_norm", {"groups": 3}, (6, 3, 2), nn.GroupNorm(3, 6)),
    ("group_norm", {"groups": 1}, (6, 3, 2), nn.GroupNorm(1, 6)),
    ("group_norm", {"groups": 2, "affine": False}, (6,), nn.GroupNorm(2, 6, affine=False)),
    ("instance_norm", {}, (4, 3, 2), nn.InstanceNorm2d(4)),
    ("instance_norm", {"affine": True, "axis": 0}, (4, 5), nn.InstanceNorm1d(4, affine=True)),
    ("local_response_norm", {"size": 5}, (9, 2, 2), nn.LocalResponseNorm(5)),
    ("local_response_norm", {"size": 4, "alpha": 0.1, "beta": 0.5, "k": 2}, (9, 2, 2), nn.LocalResponseNorm(4)),
    ("local_response_norm", {"size": 1, "axis": 0}, (4, 5), nn.LocalResponseNorm(1)),
]


@pytest.mark.parametrize(("name", "args", "shape", "module"), ROWS, ids=lambda v: v if isinstance(v, str) else "")
def test_agrees_with_pytorch(name: str, args: dict[str, Any], shape: tuple[int, ...], module: nn.Module) -> None:
    built = make(name, shape, **args)
    assert (2, *built.shape) == tuple(deepcopy(module)(torch.rand(2, *shape)).shape)
    assert built.outputs == built.inputs
    assert (built.macs, built.connections) == (0, 0)
    assert_same_state(built, module)
    assert (dependence(built) == depends(module, shape)).all()


@pytest.mark.parametrize(
    ("name", "argument", "attribute", "module"),
    [
        ("batch_norm", "eps", "eps", nn.BatchNorm2d(6)),
        ("batch_norm", "momentum", "momentum", nn.BatchNorm2d(6)),
        ("batch_norm", "affine", "affine", nn.BatchNorm2d(6)),
        ("layer_norm", "eps", "eps", nn.LayerNorm(6)),
        ("layer_norm", "affine", "elementwise_affine", nn.LayerNorm(6)),
        ("rms_norm", "eps", "eps", nn.RMSNorm(6)),
        ("rms_norm", "affine", "elementwise_affine", nn.RMSNorm(6)),
        ("group_norm", "eps", "eps", nn.GroupNorm(2, 6)),
        ("group_norm", "affine", "affine", nn.GroupNorm(2, 6)),
        ("instance_norm", "eps", "eps", nn.InstanceNorm2d(6)),
        ("instance_norm", "affine", "affine", nn.InstanceNorm2d(6)),
        ("local_response_norm", "alpha", "alpha", nn.LocalResponseNorm(2)),
        ("local_response_norm", "beta", "beta", nn.LocalResponseNorm(2)),
        ("local_response_norm", "k", "k", nn.LocalResponseNorm(2)),
    ],
)
def test_defaults_are_pytorchs(name: str, argument: str, attribute: str, module: nn.Module) -> None:
    primary = {"group_norm": {"groups": 2}, "local_response_norm": {"size": 2}}
    needed: dict[str, Any] = primary.get(name, {})
    assert getattr(make(name, (6, 3, 2), **needed).op, argument) == getattr(module, attribute)


def test_l2_normalize() -> None:
    class Normalize(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.normalize(x, dim=2)

    built = make("l2_normalize", (3, 4, 2), axis=1)
    assert built.outputs == built.inputs
    assert (dependence(built) == depends(Normalize(), (3, 4, 2))).all()
    image = make("l2_normalize", (3, 4, 2), axis=["height", "width"])
    assert (dependence(image) == np.kron(np.eye(3), np.ones((8, 8))).reshape(3, 4, 2, 3, 4, 2)).all()
    assert make("l2_normalize", (3, 4, 2)).op == make("l2_normalize", (3, 4, 2), axis="channels").op


def test_channels_where_they_are() -> None:
    """Channel counts follow the channel axis: Keras's layout, a sequence, what a permute left."""
    assert make("batch_norm", (8, 9, 3), channels_last=True).shapes["weight"] == (3,)
    assert make("layer_norm", (3, 8, 9)).shapes == {"weight": (3,), "bias": (3,)}
    moved = TensorType((8, 9, 4), "float32", ("height", "width", "channels"))
    assert make("group_norm", moved, groups=2).shapes["bias"] == (4,)
    assert make("layer_norm", TensorType((8, 9), "float32", ("", ""))).shapes["weight"] == (9,), "else the last"


def test_init() -> None:
    """Zero gains at the end of residual branches: Goyal et al. 2017, section 5.1."""
    built = make("batch_norm", (8, 9, 3), init="zeros")
    assert built.inits["weight"] == Init("zeros")
    assert built.inits["running_var"] == Init("ones")
    assert make("group_norm", (8, 9, 3), groups=4, init={"bias": "ones"}).inits == {
        "weight": Init("ones"),
        "bias": Init("ones"),
    }


def test_what_is_refused() -> None:
    unknown = TensorType((30, 7), "float32", ("", ""))
    assert argument_errors("batch_norm", unknown) == [
        "'batch_norm' works along the channel axis, which is unknown here: give 'axis'"
    ]
    assert argument_errors("layer_norm", (4, 5), axis=[0, -2]) == ["axis must name each axis once"]
    assert argument_errors("layer_norm", (4, 5), eps=-1) == ["eps must be a number, 0 or more"]
    assert argument_errors("batch_norm", (4, 5), momentum=2) == ["momentum must be a number from 0 to 1"]
    assert argument_errors("group_norm", (4, 5)) == ["'group_norm' needs 'groups'"]
    assert shape_error("group_norm", (6, 5, 5), groups=4) == (
        "NS503: groups must divide the channels of 'group_norm': 6 channels in 4 groups"
    )
    assert shape_error("instance_norm", (6, 1, 1)) == (
        "NS526: 'instance_norm' must have at least 2 positions in each channel to normalise; found 1 in (6, 1, 1)"
    )
    assert shape_error("group_norm", (6, 1), groups=6, axis=0) == (
        "NS526: 'group_norm' must have at least 2 values in each group to normalise; found 1 in (6, 1)"
    )
    assert shape_error("layer_norm", (6, 1), axis=1) == (
        "NS526: 'layer_norm' must have at least 2 values to normalise; found 1 in (6, 1)"
    )
    assert make("rms_norm", (6, 1), axis=1).shape == (6, 1), "which keeps the sign"
    assert shape_error("instance_norm", (6,)) == (
        "NS501: 'instance_norm' works on channels and at least one axis of positions; found (6)"
    )
    assert shape_error("local_response_norm", (6,), size=5) == (
        "NS501: 'local_response_norm' works on channels and at least one axis of positions; found (6)"
    )
