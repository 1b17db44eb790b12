from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from netspec.shapes.reads import WHOLE, Along, ReadPattern
from netspec.shapes.types import TensorType, input_type

from .function import Tensors, assert_reads, results
from .support import argument_errors, make, shape_error

Row = tuple[str, dict[str, Any], tuple[int, ...], Callable[[torch.Tensor], Tensors]]

ROWS: list[Row] = [
    ("identity", {}, (3, 4), lambda x: x),
    ("flatten", {}, (2, 3, 4), lambda x: x.flatten(1)),
    ("flatten", {"start": 1}, (2, 3, 4), lambda x: x.flatten(2)),
    ("flatten", {"start": 0, "end": 1}, (2, 3, 4), lambda x: x.flatten(1, 2)),
    ("flatten", {"start": -2, "end": -1}, (2, 3, 4), lambda x: x.flatten(-2, -1)),
    ("flatten", {"start": "height"}, (2, 3, 4), lambda x: x.flatten(2)),
    ("flatten", {"start": 1, "end": 2}, (2, 1, 3, 4), lambda x: x.flatten(2, 3)),
    ("flatten", {}, (5,), lambda x: x.flatten(1)),
    ("reshape", {"shape": [24]}, (2, 3, 4), lambda x: x.reshape(-1, 24)),
    ("reshape", {"shape": [4, 1, 1, 3]}, (4, 3), lambda x: x.reshape(-1, 4, 1, 1, 3)),
    ("reshape", {"shape": []}, (1, 1), lambda x: x.reshape(-1)),
    ("permute", {"order": [1, 2, 0]}, (2, 3, 4), lambda x: x.permute(0, 2, 3, 1)),
    ("permute", {"order": ["width", "channels", "height"]}, (2, 3, 4), lambda x: x.permute(0, 3, 1, 2)),
    ("permute", {"order": [-1, -2]}, (2, 3), lambda x: x.transpose(1, 2)),
    ("squeeze", {}, (1, 3, 1), lambda x: x.squeeze(3).squeeze(1)),
    ("squeeze", {"axis": 0}, (1, 3, 1), lambda x: x.squeeze(1)),
    ("squeeze", {"axis": [0, -1]}, (1, 3, 1), lambda x: x.squeeze((1, 3))),
    ("unsqueeze", {"axis": 0}, (2, 3), lambda x: x.unsqueeze(1)),
    ("unsqueeze", {"axis": -1}, (2, 3), lambda x: x.unsqueeze(-1)),
    ("unsqueeze", {"axis": -3}, (2, 3), lambda x: x.unsqueeze(-3)),
    ("split", {"parts": 3}, (6, 2, 2), lambda x: x.chunk(3, 1)),
    ("split", {"parts": [1, 4, 1]}, (6, 2, 2), lambda x: x.tensor_split([1, 5], 1)),
    ("split", {"parts": 2, "axis": "height"}, (2, 4, 2), lambda x: x.chunk(2, 2)),
    ("split", {"parts": 2}, (3, 6), lambda x: x.chunk(2, -1)),
    ("slice", {"axis": "height", "start": 1}, (2, 5, 4), lambda x: x[:, :, 1:]),
    ("slice", {"axis": "height", "stop": -1}, (2, 5, 4), lambda x: x[:, :, :-1]),
    ("slice", {"axis": ["height", "width"], "step": 2}, (2, 5, 4), lambda x: x[:, :, ::2, ::2]),
    (
        "slice",
        {"axis": [1, 2], "start": [-4, 0], "stop": [-1, 3], "step": [2, 3]},
        (2, 5, 4),
        lambda x: x[:, :, -4:-1:2, 0:3:3],
    ),
    ("slice", {"axis": [1, 2], "start": [None, 1], "stop": [3, None]}, (2, 5, 4), lambda x: x[:, :, :3, 1:]),
    ("slice", {"axis": 0, "start": -2, "stop": 2}, (2, 3), lambda x: x[:, -2:2]),
    ("select", {"index": 0, "axis": "sequence"}, (5, 3), lambda x: x[:, 0]),
    ("select", {"index": -2, "axis": -1}, (5, 3), lambda x: x[..., -2]),
    ("roll", {"shift": 2, "axis": 1}, (2, 5, 3), lambda x: x.roll(2, 2)),
    ("roll", {"shift": [-1, 7], "axis": [1, 2]}, (2, 3, 4), lambda x: x.roll((-1, 7), (2, 3))),
    ("roll", {"shift": 1, "axis": [0, 1]}, (2, 3), lambda x: x.roll((1, 1), (1, 2))),
    ("expand", {"shape": [3, -1, 4]}, (1, 5, 1), lambda x: x.expand(-1, 3, -1, 4)),
    ("expand", {"shape": [2, 3]}, (2, 1), lambda x: x.expand(-1, 2, 3)),
]

DIVIDED: list[Row] = [
    # One axis becomes several: the block that the parts make up is read along the first of them.
    ("reshape", {"shape": [2, 3, 2, 3, 2]}, (2, 6, 6), lambda x: x.reshape(-1, 2, 3, 2, 3, 2)),
    ("reshape", {"shape": [2, 2, 6]}, (4, 6), lambda x: x.reshape(-1, 2, 2, 6)),
    ("reshape", {"shape": [-1, 6]}, (4, 3), lambda x: x.reshape(2, -1, 6)),
    ("reshape", {"shape": [6, 4]}, (4, 6), lambda x: x.reshape(-1, 6, 4)),
    ("reshape", {"shape": [2, 2, 9]}, (4, 3, 3), lambda x: x.reshape(-1, 2, 2, 9)),
]


@pytest.mark.parametrize(
    ("name", "args", "shape", "function"), ROWS + DIVIDED, ids=lambda v: v.__name__ if callable(v) else str(v)[:40]
)
def test_shapes_are_pytorchs(
    name: str, args: dict[str, Any], shape: tuple[int, ...], function: Callable[[torch.Tensor], Tensors]
) -> None:
    built = make(name, shape, **args)
    assert [y.shape for y in built.outputs] == results(function, built)
    assert all(len(y.axes) == y.rank and y.dtype == "float32" for y in built.outputs)
    assert (built.weights, built.macs, built.connections) == ((), 0, 0)
    assert built.op.output_names(len(built.outputs)) == tuple(str(i) for i in range(len(built.outputs)))


@pytest.mark.parametrize(
    ("name", "args", "shape", "function"), ROWS, ids=lambda v: v.__name__ if callable(v) else str(v)[:40]
)
def test_reads_what_pytorch_reads(
    name: str, args: dict[str, Any], shape: tuple[int, ...], function: Callable[[torch.Tensor], Tensors]
) -> None:
    assert_reads(function, make(name, shape, **args))


@pytest.mark.parametrize(
    ("name", "args", "shape", "function"), DIVIDED, ids=lambda v: v.__name__ if callable(v) else str(v)[:40]
)
def test_reads_all_that_pytorch_reads_where_an_axis_is_divided(
    name: str, args: dict[str, Any], shape: tuple[int, ...], function: Callable[[torch.Tensor], Tensors]
) -> None:
    assert_reads(function, make(name, shape, **args), exact=False)


def test_a_divided_axis_is_read_block_by_block() -> None:
    built = make("reshape", (2, 6, 8), shape=[2, 3, 2, 4, 2])
    blocks = Along(1, ReadPattern(2, (range(2),))), Along(3, ReadPattern(2, (range(2),)))
    assert built.reads()[0] is not None
    assert built.reads()[0][1:] == blocks  # type: ignore[index]  # pyright: ignore[reportOptionalSubscript]  # just seen


def test_axes_without_a_common_boundary_are_read_whole() -> None:
    assert make("reshape", (4, 6), shape=[6, 4]).reads() == ((WHOLE, WHOLE),)


def test_long_periods_are_read_whole() -> None:
    (read,) = make("flatten", (3, 80, 80)).reads()
    assert read is not None
    assert read[0] is WHOLE
    assert read[1] is WHOLE
    assert isinstance(read[2], Along)


C, S, H, W, D = "channels", "sequence", "height", "width", "depth"
IMAGE, TOKENS = (8, 4, 6), (4, 8)

AXES: list[tuple[str, dict[str, Any], tuple[int, ...], tuple[str, ...]]] = [
    ("flatten", {}, IMAGE, (C,)),
    ("flatten", {}, TOKENS, (C,)),
    ("flatten", {"start": 1}, IMAGE, (C, S)),
    ("flatten", {"end": 1}, IMAGE, ("", W)),
    ("flatten", {"start": 2}, IMAGE, (C, H, W)),
    ("flatten", {"start": 1, "end": 2}, (8, 2, 4, 6), (C, S, W)),
    ("permute", {"order": [1, 2, 0]}, IMAGE, (H, W, C)),
    ("permute", {"order": [1, 0]}, TOKENS, (C, S)),
    ("reshape", {"shape": [8, 2, 2, 3, 2]}, IMAGE, (C, "", "", "", "")),
    ("reshape", {"shape": [8, 24]}, IMAGE, (C, "")),
    ("reshape", {"shape": [2, 4, 4, 6]}, IMAGE, ("", "", H, W)),
    ("reshape", {"shape": [-1, 8]}, (4, 2, 8), ("", W)),
    ("reshape", {"shape": [2, 2, 8]}, TOKENS, ("", "", C)),
    ("reshape", {"shape": [4, 2, 4]}, TOKENS, (S, "", "")),
    ("reshape", {"shape": [8, 1, 1]}, (8,), (C, H, W)),
    ("reshape", {"shape": [4, 4]}, (4, 4), (S, C)),
    ("reshape", {"shape": [1, 4, 4]}, (4, 4), ("", S, C)),
    ("reshape", {"shape": [192]}, IMAGE, ("",)),
    ("squeeze", {}, (8, 1, 1), (C,)),
    ("unsqueeze", {"axis": 0}, TOKENS, ("", S, C)),
    ("select", {"index": 0, "axis": S}, TOKENS, (C,)),
    ("slice", {"axis": H, "step": 2}, IMAGE, (C, H, W)),
    ("expand", {"shape": [2, 4, 8]}, TOKENS, ("", S, C)),
]


@pytest.mark.parametrize(("name", "args", "shape", "axes"), AXES)
def test_axes_keep_their_names_where_they_stay(
    name: str, args: dict[str, Any], shape: tuple[int, ...], axes: tuple[str, ...]
) -> None:
    assert make(name, shape, **args).axes == axes


def test_axes_count_with_channels_last() -> None:
    assert make("flatten", (4, 6, 8), start=0, end=1, channels_last=True).axes == (S, C)
    assert [y.shape for y in make("split", (4, 6, 8), parts=2, channels_last=True).outputs] == [(4, 6, 4)] * 2


def test_a_sequence_of_tokens_keeps_its_type() -> None:
    tokens = input_type((10,), "int64")
    assert make("slice", tokens, axis="sequence", stop=4).outputs == (TensorType((4,), "int64", (S,)),)


ERRORS: list[tuple[str, dict[str, Any], tuple[int, ...], str]] = [
    ("reshape", {"shape": [5, 5]}, (4, 6),
     "NS541: 'reshape' keeps the number of elements: (4, 6) has 24, which does not make (5, 5)"),
    ("reshape", {"shape": [5, -1]}, (4, 6),
     "NS541: 'reshape' keeps the number of elements: (4, 6) has 24, which does not make (5, -1)"),
    ("permute", {"order": [1, 0]}, IMAGE, "NS542: 'permute' names every axis once: 3 of (8, 4, 6); found 2"),
    ("squeeze", {"axis": 1}, IMAGE, "NS543: 'squeeze' removes axes of size 1; height of (8, 4, 6) has 4"),
    ("split", {"parts": 3}, IMAGE, "NS544: 'split' must divide all of channels: 8 into 3 equal parts"),
    ("split", {"parts": [4, 5]}, IMAGE, "NS544: 'split' must divide all of channels: 8 into parts of [4, 5]"),
    ("slice", {"axis": 1, "stop": 5}, IMAGE, "NS545: 'slice' must stay within height, which has 4; found 5"),
    ("slice", {"axis": 1, "start": -5}, IMAGE, "NS545: 'slice' must stay within height, which has 4; found -5"),
    ("slice", {"axis": 1, "start": 2, "stop": 2}, IMAGE, "NS545: 'slice' leaves nothing of height: from 2 to 2"),
    ("slice", {"axis": 1, "start": 3, "stop": -2}, IMAGE, "NS545: 'slice' leaves nothing of height: from 3 to 2"),
    ("slice", {"axis": [1, 2], "start": [0, 0, 0]}, IMAGE,
     "NS546: 'slice' takes one start for each axis, 2 here; found 3"),
    ("select", {"index": 4, "axis": 0}, TOKENS, "NS545: 'select' takes a position of sequence, 0 to 3; found 4"),
    ("select", {"index": -5, "axis": 0}, TOKENS, "NS545: 'select' takes a position of sequence, 0 to 3; found -5"),
    ("roll", {"shift": [1, 2], "axis": 0}, TOKENS, "NS546: 'roll' takes one shift for each axis, 1 here; found 2"),
    ("expand", {"shape": [4, 16]}, TOKENS, "NS547: 'expand' repeats axes of size 1; (4, 8) does not fit (4, 16)"),
    ("expand", {"shape": [1, 8]}, TOKENS, "NS547: 'expand' repeats axes of size 1; (4, 8) does not fit (1, 8)"),
    ("expand", {"shape": [-1, 4, 8]}, TOKENS,
     "NS547: 'expand' repeats axes of size 1; (4, 8) does not fit (-1, 4, 8)"),
    ("expand", {"shape": [8]}, TOKENS, "NS547: 'expand' repeats axes of size 1; (4, 8) does not fit (8)"),
    ("flatten", {"start": 2, "end": 1}, IMAGE, "NS549: 'flatten' must begin before it ends; found from axis 2 to 1"),
    ("flatten", {}, (), "NS549: 'flatten' must begin before it ends; found an input without axes"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "args", "shape", "message"), ERRORS, ids=lambda v: v.__name__ if callable(v) else str(v)[:40]
)
def test_rules_that_do_not_hold(name: str, args: dict[str, Any], shape: tuple[int, ...], message: str) -> None:
    assert shape_error(name, shape, **args) == message


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("reshape", {"shape": [-1, -1]}, "shape must be a list of sizes of which one may be -1"),
    ("reshape", {"shape": [0, 4]}, "shape must be a list of sizes of which one may be -1"),
    ("reshape", {"shape": 4}, "shape must be a list of sizes of which one may be -1"),
    ("reshape", {}, "'reshape' needs 'shape'"),
    ("expand", {"shape": [0]}, "shape must be a list of sizes, with -1 for those to keep"),
    ("permute", {"order": [0, 0, 1]}, "order must name each axis once"),
    ("permute", {"order": [0, 1, 3]}, "order 3 does not exist: there are 3 axes, 0 to 2"),
    ("split", {"parts": 0}, "parts must be a number of equal parts, or a list of sizes, at most 10,000"),
    ("split", {"parts": []}, "parts must be a number of equal parts, or a list of sizes, at most 10,000"),
    ("slice", {"axis": 0, "step": 0}, "step must be a positive integer, or a list of one per axis"),
    ("slice", {"axis": 0, "step": -1}, "step must be a positive integer, or a list of one per axis"),
    ("slice", {"axis": 0, "start": 0.5}, "start must be an integer, or a list of one per axis"),
    ("slice", {"start": 1}, "'slice' needs 'axis'"),
    ("select", {"index": 0}, "'select' needs 'axis'"),
    ("unsqueeze", {"axis": 4}, "axis 4 does not exist: there are 4 axes, 0 to 3"),
    ("roll", {"shift": [], "axis": 0}, "shift must be an integer, or a list of one per axis"),
]


@pytest.mark.parametrize(("name", "args", "message"), REFUSED, ids=lambda v: v.__name__ if callable(v) else str(v)[:40])
def test_arguments_that_do_not_hold(name: str, args: dict[str, Any], message: str) -> None:
    assert argument_errors(name, IMAGE, **args) == [message]


def test_split_needs_an_axis_where_channels_are_not_known() -> None:
    unknown = TensorType((2, 4), "float32", ("", ""))
    assert argument_errors("split", unknown, parts=2) == [
        "'split' works along the channel axis, which is unknown here: give 'axis'"
    ]
    assert make("split", unknown, parts=2, axis=-1).shape == (2, 2)
