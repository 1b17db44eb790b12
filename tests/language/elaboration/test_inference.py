"""Inference: operations with their outputs and weights, each computed once."""

from __future__ import annotations

import pytest

from netspec import limits
from netspec.diagnostics import LocatedError
from netspec.language.elaboration.inference import Inference
from netspec.ops.argument import ArgumentError
from netspec.shapes.shape_error import ShapeError
from netspec.shapes.types import input_type

IMAGE = input_type((3, 8, 8))
CONV = {"filters": 4, "kernel": 3}


def test_outputs_and_weights() -> None:
    inferred = Inference().infer("conv2d", CONV, (IMAGE,), False, 0)
    assert [t.shape for t in inferred.outputs] == [(4, 6, 6)]
    assert [(w.name, w.shape) for w in inferred.weights] == [("weight", (4, 3, 3, 3)), ("bias", (4,))]


def test_equal_operations_are_one_object() -> None:
    inference = Inference()
    first = inference.infer("conv2d", CONV, (IMAGE,), False, 0)
    assert inference.infer("conv2d", dict(CONV), (IMAGE,), False, 9) is first
    assert inference.infer("conv2d", {**CONV, "kernel": 5}, (IMAGE,), False, 0) is not first
    assert inference.infer("conv2d", CONV, (input_type((3, 9, 9)),), False, 0) is not first


def test_the_layout_distinguishes_operations() -> None:
    inference = Inference()
    vector = input_type((6,))
    first = inference.infer("softmax", {"axis": 0}, (vector,), False, 0)
    last = inference.infer("softmax", {"axis": 0}, (vector,), True, 0)
    assert (first.op.channels_last, last.op.channels_last) == (False, True)


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("conv2d", {"filters": 4}, ArgumentError),
        ("conv2d", {"filters": 4, "kernel": 9}, ShapeError),
        ("reshape", {"shape": [5]}, ShapeError),
    ],
)
def test_errors_are_those_of_the_operation(name: str, arguments: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        Inference().infer(name, arguments, (IMAGE,), False, 0)


def test_sizes_of_outputs_are_bounded_every_time() -> None:
    inference = Inference()
    large = input_type((2, limits.SIZE // 2))
    for _ in range(2):
        with pytest.raises(LocatedError) as caught:
            inference.infer("flatten", {}, (large,), False, 0)
        assert caught.value.code == "NS915"
