from __future__ import annotations

from typing import Any

import pytest

from netspec.ops.weight import ONES, ZEROS, Init, Weight
from netspec.shapes.types import TensorType

from .support import argument_errors, make, shape_error

XAVIER = Init("xavier_uniform")
C, S = "channels", "sequence"

STORED: list[tuple[str, dict[str, Any], TensorType, Weight]] = [
    ("parameter", {"shape": [8]}, TensorType((8,), "float32", (C,)), Weight("", (8,), ZEROS)),
    ("parameter", {"shape": []}, TensorType((), "float32", ()), Weight("", (), ZEROS)),
    ("parameter", {"shape": [4, 8]}, TensorType((4, 8), "float32", (S, C)), Weight("", (4, 8), XAVIER)),
    ("parameter", {"shape": [1, 8], "batch_axis": True, "init": "zeros"}, TensorType((1, 8), "float32", (S, C)),
     Weight("", (1, 1, 8), ZEROS)),
    ("parameter", {"shape": [8, 1, 1], "init": {"constant": 1e-6}}, TensorType((8, 1, 1), "float32", ("", "", "")),
     Weight("", (8, 1, 1), Init("constant", (1e-6,)))),
    ("parameter", {"shape": [2], "init": [1, 2.5]}, TensorType((2,), "float32", (C,)),
     Weight("", (2,), Init("values", ((1, 2.5),)))),
    ("buffer", {"shape": [4]}, TensorType((4,), "float32", (C,)), Weight("", (4,), ZEROS, False, True)),
    ("buffer", {"shape": [4], "dtype": "int64", "persistent": False}, TensorType((4,), "int64", (C,)),
     Weight("", (4,), ZEROS, False, True, "int64", False)),
    ("buffer", {"shape": [16], "init": {"relative_position_index": [2, 2]}}, TensorType((16,), "int64", (C,)),
     Weight("", (16,), Init("relative_position_index", (2, 2)), False, True, "int64")),
    ("buffer", {"shape": [4, 4], "init": {"relative_position_index": [2, 2]}, "dtype": "int32"},
     TensorType((4, 4), "int32", (S, C)),
     Weight("", (4, 4), Init("relative_position_index", (2, 2)), False, True, "int32")),
    ("buffer", {"shape": [28, 14], "init": {"relative_position_index": [[28, 14]]}},
     TensorType((28, 14), "int64", (S, C)),
     Weight("", (28, 14), Init("relative_position_index", ((28, 14),)), False, True, "int64")),
    ("buffer", {"shape": [24, 24], "init": {"relative_position_index": [2, [3, 3], 4]}},
     TensorType((24, 24), "int64", (S, C)),
     Weight("", (24, 24), Init("relative_position_index", (2, 3, 4)), False, True, "int64")),
    ("buffer", {"shape": [3, 5, 2], "batch_axis": True, "init": {"log_relative_coordinates": [2, 3]}},
     TensorType((3, 5, 2), "float32", ("", "", "")),
     Weight("", (1, 3, 5, 2), Init("log_relative_coordinates", (2, 3)), False, True)),
    ("buffer", {"shape": [6, 1, 4, 4], "init": {"shifted_window_mask": {"size": [4, 6], "window": 2, "shift": 1}}},
     TensorType((6, 1, 4, 4), "float32", ("", "", "", "")),
     Weight("", (6, 1, 4, 4), Init("shifted_window_mask", ((4, 6), (2, 2), (1, 1))), False, True)),
    ("buffer", {"shape": [12, 1, 8, 8], "init": {"shifted_window_mask": {"size": [4, 6, 4], "window": 2, "shift": [1, 0, 1]}}},
     TensorType((12, 1, 8, 8), "float32", ("",) * 4),
     Weight("", (12, 1, 8, 8), Init("shifted_window_mask", ((4, 6, 4), (2, 2, 2), (1, 0, 1))), False, True)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "kind", "weight"), STORED, ids=lambda v: str(v)[:60])
def test_stored_tensors(name: str, args: dict[str, Any], kind: TensorType, weight: Weight) -> None:
    built = make(name, **args)
    assert built.outputs == (kind,)
    assert built.weights == (weight,)
    assert built.reads() == ()
    assert (built.macs, built.connections) == (0, 0)
    assert type(built.op).is_default_input is False
    assert type(built.op).arity == (0, 0)


def test_a_gain_for_every_channel() -> None:
    built = make("channel_scale", (8, 4, 6))
    assert built.outputs == built.inputs
    assert built.weights == (Weight("weight", (8,), ONES),)
    assert (built.macs, built.connections) == (0, 8 * 4 * 6)
    assert make("channel_scale", (4, 8), init={"constant": 0.1}).inits == {"weight": Init("constant", (0.1,))}
    assert make("channel_scale", (4, 8), axis=0).shapes == {"weight": (4,)}


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("parameter", {"shape": [4], "init": {"relative_position_index": [1, 2]}},
         "NS568: 'parameter' is learned; relative_position_index is for a 'buffer'"),
        ("buffer", {"shape": [8], "init": {"relative_position_index": [2, 2]}},
         "NS568: relative_position_index has 16 numbers; 'buffer' of [8] has 8"),
        ("buffer", {"shape": [3, 3], "init": {"log_relative_coordinates": [2, 2]}},
         "NS568: log_relative_coordinates has 18 numbers; 'buffer' of [3, 3] has 9"),
        ("buffer", {"shape": [4, 4], "init": {"shifted_window_mask": {"size": 4, "window": 2, "shift": 1}}},
         "NS568: shifted_window_mask has 64 numbers; 'buffer' of [4, 4] has 16"),
    ],
)  # fmt: skip
def test_tables_that_do_not_fit(name: str, args: dict[str, Any], message: str) -> None:
    assert shape_error(name, **args) == message


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("parameter", {}, "'parameter' needs 'shape'"),
        ("parameter", {"shape": [0]}, "shape must be a list of sizes"),
        ("parameter", {"shape": 8}, "shape must be a list of sizes"),
        ("parameter", {"shape": [8], "dtype": "int64"}, "'parameter' has no argument 'dtype'"),
        ("buffer", {"shape": [24], "init": {"relative_position_index": [[6, 4]]}},
         "init must be {relative_position_index: a list of sizes, from 1 to 4,096, or of pairs [queries, keys] of "
         "which one divides the other}"),
        ("buffer", {"shape": [8], "init": {"shifted_window_mask": {"size": [4, 4, 4], "window": [2, 2], "shift": 1}}},
         "init must be {shifted_window_mask: {size: …, window: …, shift: …}, each a number for all axes or one per axis}"),
        ("buffer", {"shape": [8], "dtype": "int8"},
         "dtype must be float32, float16, bfloat16, float64, int64, int32 or bool"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_hold(name: str, args: dict[str, Any], message: str) -> None:
    assert argument_errors(name, **args) == [message]
