"""Tensors without a batch axis, such as parameters and values computed from them, compared with PyTorch."""

# onnx and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from netspec.ir import Graph
from tests.drafts import Draft

from .support import assert_inferred, parameter_tensors, run, write_onnx

NORMAL = {"normal": 1.0}
Build = Callable[[Draft, int], int]
Reference = Callable[[dict[str, Tensor], Tensor], Tensor]


def token(draft: Draft, x: int) -> int:
    """A class token, prepended to the sequence."""
    return draft.add("cat", "concat", draft.add("p", "parameter", shape=[1, 4], init=NORMAL), x, axis=0)


def token_with_batch(draft: Draft, x: int) -> int:
    """The same with a stored axis of 1 for the batch."""
    p = draft.add("p", "parameter", shape=[1, 4], init=NORMAL, batch_axis=True)
    return draft.add("cat", "concat", x, p, axis=0)


def positions(draft: Draft, x: int) -> int:
    """A table of position embeddings, added to the input."""
    return draft.add("sum", "add", x, draft.add("p", "parameter", shape=[5, 4], init=NORMAL, batch_axis=True))


def wider(draft: Draft, x: int) -> int:
    """A parameter with more axes than the value it is added to."""
    return draft.add("sum", "add", x, draft.add("p", "parameter", shape=[3, 1, 4], init=NORMAL))


def table(draft: Draft, x: int) -> int:
    """A bias selected from a table by a buffer of indices: without a batch axis until it is added."""
    p = draft.add("p", "parameter", shape=[9, 2], init=NORMAL)
    index = draft.add("index", "buffer", shape=[16], init={"relative_position_index": [2, 2]})
    actual = draft.add("found", "gather", p, index, axis=0, index=True)
    square = draft.add("square", "reshape", actual, shape=[4, 4, 2])
    heads = draft.add("heads", "permute", square, order=[2, 0, 1])
    return draft.add("sum", "add", draft.add("inner", "slice", x, axis=[0], stop=[4]), heads)


def indexed(draft: Draft, x: int) -> int:
    """A parameter indexed along its second axis by indices that depend on the example."""
    p = draft.add("p", "parameter", shape=[3, 7], init=NORMAL)
    return draft.add("found", "gather", p, x, axis=1, index=True)


def indexed_with_batch(draft: Draft, x: int) -> int:
    """The same with a stored axis of 1 for the batch."""
    p = draft.add("p", "parameter", shape=[7, 3], init=NORMAL, batch_axis=True)
    return draft.add("found", "gather", p, x, axis=0, index=True)


def convolved(draft: Draft, x: int) -> int:
    """An operation that needs a batch axis, on a parameter."""
    p = draft.add("p", "parameter", shape=[2, 6, 6], init=NORMAL)
    c = draft.add("conv", "conv2d", p, filters=4, kernel=3, bias=False)
    return draft.add("sum", "add", x, draft.add("mean", "global_avg_pool", c))


def states(draft: Draft, x: int) -> int:
    """Learned initial states, the same for every example."""
    h = draft.add("p", "parameter", shape=[1, 3], init=NORMAL)
    return draft.add("rnn", "gru", x, h, width=3)


def projected(draft: Draft, x: int) -> int:
    """A dense layer on a buffer, as for the biases of Swin V2."""
    p = draft.add("p", "buffer", shape=[4, 2], init=NORMAL)
    return draft.add("product", "matmul", x, draft.add("mlp", "dense", p, units=3))


def unpooled(draft: Draft, x: int) -> int:
    """Values of every example, moved to the positions of a parameter's maxima."""
    p = draft.add("p", "parameter", shape=[1, 8, 10], init=NORMAL)
    return draft.add("put", "max_unpool2d", draft.add("image", "reshape", x, shape=[1, 4, 5]), p, size=2, like=True)


def unpooled_parameter(draft: Draft, x: int) -> int:
    """A parameter's values, moved to the positions of every example's maxima."""
    p = draft.add("p", "parameter", shape=[1, 2, 2], init=NORMAL)
    image = draft.add("image", "reshape", draft.add("flat", "flatten", x), shape=[1, 4, 5])
    return draft.add("put", "max_unpool2d", p, image, size=2, like=True)


def activated(draft: Draft, x: int) -> int:
    """An activation of a parameter."""
    p = draft.add("p", "parameter", shape=[4], init=NORMAL)
    return draft.add("sum", "multiply", x, draft.add("norm", "softmax", p))


def unpool(x: Tensor, like: Tensor) -> Tensor:
    places = F.max_pool2d(like, 2, return_indices=True)[1]
    return F.max_unpool2d(x, places, [2, 2], output_size=list(like.shape[2:]))


def gru(w: dict[str, Tensor], x: Tensor) -> Tensor:
    module = torch.nn.GRU(4, 3, batch_first=True)
    module.load_state_dict({k.removeprefix("rnn."): v for k, v in w.items() if k.startswith("rnn.")})
    out = module(x, w["p"][:, None].expand(-1, len(x), -1).contiguous())[0]
    assert isinstance(out, Tensor)
    return out


ROWS: list[tuple[Build, tuple[int, ...], Reference]] = [
    (token, (5, 4), lambda w, x: torch.cat([w["p"].expand(len(x), -1, -1), x], 1)),
    (token_with_batch, (5, 4), lambda w, x: torch.cat([x, w["p"].expand(len(x), -1, -1)], 1)),
    (positions, (5, 4), lambda w, x: x + w["p"]),
    (wider, (5, 4), lambda w, x: x[:, None] + w["p"]),
    (table, (5, 4), lambda w, x: x[:, None, :4] + w["p"][w["index"]].view(4, 4, 2).permute(2, 0, 1)),
    (convolved, (5, 4), lambda w, x: x + F.conv2d(w["p"][None], w["conv.weight"]).mean((2, 3))),
    (projected, (5, 4), lambda w, x: x @ (w["p"] @ w["mlp.weight"].T + w["mlp.bias"])),
    (unpooled, (5, 4), lambda w, x: unpool(x.view(-1, 1, 4, 5), w["p"].expand(len(x), 1, 8, 10))),
    (unpooled_parameter, (5, 4), lambda w, x: unpool(w["p"].expand(len(x), 1, 2, 2), x.view(-1, 1, 4, 5))),
    (activated, (5, 4), lambda w, x: x * w["p"].softmax(0)),
    (states, (5, 4), gru),
]


@pytest.mark.parametrize("opset", [13, 20])
@pytest.mark.parametrize(("build", "shape", "reference"), ROWS, ids=lambda v: getattr(v, "__name__", ""))
def test_values(build: Build, shape: tuple[int, ...], reference: Reference, opset: int, tmp_path: Path) -> None:
    draft = Draft()
    out = build(draft, draft.input(*shape, name="x"))
    check(draft.graph(out), shape, reference, tmp_path, opset)


@pytest.mark.parametrize("opset", [13, 20])
@pytest.mark.parametrize("index", [(), (2,), (2, 3)])
def test_indexed_by_examples(index: tuple[int, ...], opset: int, tmp_path: Path) -> None:
    draft = Draft()
    out = indexed(draft, draft.input(*index, name="x", dtype="int64"))
    check(draft.graph(out), index, lambda w, x: torch.stack([w["p"][:, i] for i in x]), tmp_path, opset, "int64")
    draft = Draft()
    out = indexed_with_batch(draft, draft.input(*index, name="x", dtype="int64"))
    check(draft.graph(out), index, lambda w, x: torch.stack([w["p"][0][i] for i in x]), tmp_path, opset, "int64")


def check(
    graph: Graph, shape: tuple[int, ...], reference: Reference, folder: Path, opset: int, dtype: str = "float32"
) -> None:
    path = write_onnx(graph, folder / "net.onnx", opset=opset)
    assert_inferred(onnx.load(path))
    weights = parameter_tensors(graph)
    numbers = np.random.default_rng(0)
    for batch in (1, 3):
        x = numbers.normal(size=(batch, *shape)) if dtype == "float32" else numbers.integers(0, 7, (batch, *shape))
        x = x.astype(dtype)
        (actual,) = run(path, {"x": x})
        with torch.no_grad():
            expected = reference(weights, torch.from_numpy(x)).numpy()
        assert actual.shape == expected.shape
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)
