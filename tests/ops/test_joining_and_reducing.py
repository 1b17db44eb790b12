"""Stacking, and the reductions beside mean, sum and maximum: shapes, what is read, and what is rejected."""

from __future__ import annotations

import numpy as np

from netspec.shapes.types import TensorType

from .support import argument_errors, dependence, make, shape_error


def test_stack() -> None:
    built = make("stack", (3, 4), (3, 4), axis=-1)
    assert (built.shape, built.axes) == ((3, 4, 2), ("sequence", "channels", ""))
    assert make("stack", (3, 4), (3, 4)).shape == (2, 3, 4)
    assert (dependence(make("stack", (3,), (3,)), 0, 1) == np.tile(np.eye(3), (2, 1, 1))).all()
    assert shape_error("stack", (3, 4), (3, 5)) == "NS513: the inputs of 'stack' differ in channels: 4 and 5"
    assert shape_error("stack", (3, 4), (4,)) == "NS513: the inputs of 'stack' must have one shape: (3, 4) and (4)"
    assert argument_errors("stack", (3,), (3,), axis=2) == ["axis 2 does not exist: there are 2 axes, 0 to 1"]


def test_reductions() -> None:
    for name in ("min", "prod", "var"):
        assert make(name, (3, 4, 5), axis=["height", "width"], keepdims=True).shape == (3, 1, 1)
        assert make(name, (3, 4, 5)).shape == ()
    assert (dependence(make("var", (2, 3), axis=1)) == np.kron(np.eye(2), np.ones(3)).reshape(2, 2, 3)).all()
    assert make("prod", TensorType((3,), "int32", ("",))).outputs[0].dtype == "int64"
    assert make("min", TensorType((3,), "bool", ("",))).outputs[0].dtype == "bool"
    message = "NS584: 'var' with `correction: 1` must have at least 2 values; found 1 in (3, 1)"
    assert shape_error("var", (3, 1), axis=1) == message
    assert make("var", (3, 1), axis=1, correction=0).shape == (3,)
    assert argument_errors("var", (3,), correction=2) == ["correction must be 0 or 1"]
