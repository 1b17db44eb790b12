"""Choice and order: shapes, types, names of axes, what an output depends on, and what is rejected."""

from __future__ import annotations

import numpy as np
import pytest

import netspec
from netspec.shapes.types import TensorType

from .support import argument_errors, dependence, make, shape_error


def indices(*shape: int) -> TensorType:
    return TensorType(shape, "int64", ("",) * len(shape))


def test_top_k() -> None:
    built = make("top_k", (3, 8, 8), k=2)
    assert [(y.shape, y.dtype, y.axes[0]) for y in built.outputs] == [
        ((2, 8, 8), "float32", "channels"),
        ((2, 8, 8), "int64", "channels"),
        ((3, 8, 8), "bool", "channels"),
    ]
    assert (dependence(make("top_k", (3,), k=2)) == 1).all()
    assert (
        dependence(make("top_k", (2, 3), k=2), output=2) == np.kron(np.eye(2), np.ones((3, 3))).reshape(2, 3, 2, 3)
    ).all()
    assert shape_error("top_k", (3,), k=4) == "NS530: k of 'top_k' must be at most the size of channels; found 4 for 3"
    assert argument_errors("top_k", (3,), k=0) == ["k must be a positive integer"]


def test_order() -> None:
    assert [(y.shape, y.dtype) for y in make("sort", (4, 8), axis=0).outputs] == [
        ((4, 8), "float32"),
        ((4, 8), "int64"),
    ]
    assert make("argmax", (4, 8)).outputs == (TensorType((4,), "int64", ("sequence",)),)
    assert make("argmin", (4, 8), axis=0, keepdims=True).shape == (1, 8)
    assert argument_errors("argmax", indices(4)) == [
        "'argmax' works along the channel axis, which is unknown here: give 'axis'"
    ]
    assert shape_error("argmax", TensorType((4,), "bool", ("",)), axis=0).startswith("NS548: 'argmax' works on numbers")


def test_indices() -> None:
    assert make("one_hot", indices(4), classes=7).outputs == (TensorType((4, 7), "float32", ("", "channels")),)
    assert shape_error("one_hot", (4,), classes=7).startswith("NS521: 'one_hot' needs integers")
    taken = make("take_along", (6, 8), indices(3, 1), axis="sequence", index=True)
    assert taken.outputs == (TensorType((3, 8), "float32", ("sequence", "channels")),)
    assert taken.reads() == make("take_along", (6, 8), indices(3, 1), axis=0, index=True).reads()
    summed = make("scatter_add", (6, 8), indices(6, 1), axis=0, size=4, index=True)
    assert summed.outputs == (TensorType((4, 8), "float32", ("sequence", "channels")),)
    assert "found (5, 1) for (6, 8)" in shape_error("scatter_add", (6, 8), indices(5, 1), axis=0, size=4, index=True)
    assert "found (6) for (6, 8)" in shape_error("take_along", (6, 8), indices(6), axis=0, index=True)
    named = TensorType((6, 8), "int64", ("sequence", "heads"))
    known = TensorType((6, 8), "float32", ("sequence", "channels"))
    assert shape_error("take_along", known, named, axis=0, index=True).startswith("NS516")


def test_gradients_and_integers_in_a_network() -> None:
    """A choice of experts: the weights of what is chosen get gradients, and the mask is of truth values."""
    torch = pytest.importorskip("torch")
    model = netspec.build(
        netspec.loads(
            "netspec: 1\ninput: [6, 4]\nlayers:\n  gate: {dense: 5}\n  top: {top_k: 2}\n  shares: softmax\n"
            "  sums: {scatter_add: channels, size: 5, index: top.index}\n"
            "  chosen: {take_along: channels, index: top.index, from: gate}\n"
            "outputs: {sums: sums, chosen: chosen, mask: top.mask}\n"
        )
    )
    x = torch.randn(3, 6, 4)
    out = model(x)
    assert out["mask"].dtype == torch.bool
    assert torch.equal(out["mask"], out["sums"] > 0)
    assert torch.allclose(out["sums"].sum(-1), torch.ones(3, 6))
    (out["sums"].square().sum() + out["chosen"].sum()).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())
