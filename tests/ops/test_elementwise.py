"""Elementwise operations, and those that drop values at random."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from netspec.shapes.reads import SAME_POSITION, Along
from netspec.shapes.types import TensorType

from .support import argument_errors, make, shape_error

NAMES: list[tuple[str, dict[str, Any]]] = [
    ("abs", {}),
    ("square", {}),
    ("sqrt", {}),
    ("exp", {}),
    ("log", {}),
    ("clamp", {"low": -1, "high": 2.5}),
    ("clamp", {"high": 4.605170185988092}),
    ("clamp", {"low": 0, "high": 0}),
    ("rescale", {"factor": 16}),
    ("rescale", {"factor": [0.229, 0.224, 0.225], "offset": [0.485, 0.456, 0.406]}),
    ("rescale", {"factor": [2], "offset": [1, 2, 3]}),
    ("dropout", {}),
    ("dropout", {"rate": 1}),
    ("spatial_dropout", {"rate": 0.2}),
    ("drop_path", {"rate": 0.1}),
]


@pytest.mark.parametrize(("name", "args"), NAMES)
def test_position_by_position(name: str, args: dict[str, Any]) -> None:
    built = make(name, (3, 5, 4), **args)
    assert built.outputs == built.inputs
    assert built.reads() == ((Along(0, SAME_POSITION), Along(1, SAME_POSITION), Along(2, SAME_POSITION)),)
    assert (built.weights, built.macs, built.connections) == ((), 0, 0)


@pytest.mark.parametrize(("name", "args"), [n for n in NAMES if n[0] not in ("rescale", "spatial_dropout")])
def test_channels_need_not_be_known(name: str, args: dict[str, Any]) -> None:
    unknown = TensorType((6, 7), "float32", ("", ""))
    assert make(name, unknown, **args).outputs == (unknown,)


def test_numbers_as_they_are_kept() -> None:
    both = make("rescale", (3, 5, 4), factor=[1, 2, 3], offset=1).op
    assert {k: vars(both)[k] for k in ("factor", "offset")} == {"factor": (1.0, 2.0, 3.0), "offset": (1.0,)}
    neither = make("rescale", (3, 5, 4)).op
    assert {k: vars(neither)[k] for k in ("factor", "offset")} == {"factor": (1.0,), "offset": (0.0,)}


@pytest.mark.parametrize(
    ("name", "rate"),
    [("dropout", nn.Dropout().p), ("spatial_dropout", nn.Dropout2d().p), ("drop_path", 0.0)],
)
def test_default_rates(name: str, rate: float) -> None:
    """PyTorch's, and timm's for the last."""
    assert vars(make(name, (3, 5, 4)).op)["rate"] == rate


def test_channels_of_a_list() -> None:
    assert make("rescale", (5, 4, 3), factor=[1, 2, 3], channels_last=True).shape == (5, 4, 3)
    assert vars(make("spatial_dropout", (50, 8)).op)["axis"] == 1, "features of a sequence"


def test_cast() -> None:
    """Another type, the same axes; gradients and receptive fields pass."""
    built = make("cast", (3, 5, 4), to="int64")
    assert built.outputs == (built.inputs[0]._replace(dtype="int64"),)
    assert built.reads() == ((Along(0, SAME_POSITION), Along(1, SAME_POSITION), Along(2, SAME_POSITION)),)
    types = "float32, float16, bfloat16, float64, int64, int32 or bool"
    assert argument_errors("cast", (3,), to="int8") == [f"to must be {types}"]


def test_integers_stay_integers() -> None:
    """The bounds and factors of integers are integers."""
    tokens = TensorType((6,), "int64", ("sequence",))
    assert make("clamp", tokens, low=0, high=9).outputs == make("rescale", tokens, factor=2).outputs == (tokens,)
    assert argument_errors("clamp", tokens, low=0.5) == ["low must be an integer that int64 can hold, like the input"]


def test_what_is_refused() -> None:
    unknown = TensorType((30, 7), "float32", ("", ""))
    assert shape_error("clamp", (3,)) == "NS523: 'clamp' must have 'low', 'high' or both; found neither"
    assert shape_error("clamp", (3,), low=2, high=1.5) == (
        "NS523: low of 'clamp' must not be above high; found 2 and 1.5"
    )
    assert shape_error("rescale", (3, 5, 5), offset=[1, 2]) == (
        "NS524: offset of 'rescale' must have one number, or one for each channel; found 2 for 3 channels"
    )
    assert shape_error("rescale", unknown, factor=[1, 2]) == (
        "NS520: 'rescale' needs the channel axis for 'factor', which is unknown in (30, 7)"
    )
    assert argument_errors("rescale", (3,), factor="a") == ["factor must be a number, or a list of one per channel"]
    assert argument_errors("clamp", (3,), low=float("inf")) == ["low must be a number"]
    assert argument_errors("dropout", (3,), rate=1.5) == ["rate must be a number from 0 to 1"]
    assert argument_errors("dropout", (3,), rate=True) == ["rate must be a number from 0 to 1"]
    assert argument_errors("spatial_dropout", unknown) == [
        "'spatial_dropout' works along the channel axis, which is unknown here: give 'axis'"
    ]
