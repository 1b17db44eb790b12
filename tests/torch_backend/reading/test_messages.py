"""The full text of every operation that is refused: the operations of one module, which is exported once."""

# Calls of functions of any kind.
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from netspec.importing import ImportDiagnostic
from netspec.importing.problems import HELPS, OPAQUE

from .support import Function, normal, read


class Row(NamedTuple):
    """A function of a module, a matrix and integers for each example, and what is said of it."""

    function: Callable[[Any, torch.Tensor, torch.Tensor], Any]
    code: str
    message: str
    help: str | None = None


MATRIX = "aten.linalg_vector_norm"
ROWS = {
    "computed slopes": Row(
        lambda m, x, i: F.prelu(x, m.weight[0] * 2),
        "NS842", "aten.prelu: slopes that are computed have no equivalent", OPAQUE),
    "an angle": Row(lambda m, x, i: torch.atan2(x, x), "NS842", "aten.atan2: netspec has no arc tangent", OPAQUE),
    "smallest values": Row(
        lambda m, x, i: torch.topk(x, 2, largest=False)[0],
        "NS842", "aten.topk: netspec has no selection of the smallest values", OPAQUE),
    "a sum into a tensor": Row(
        lambda m, x, i: torch.ones_like(x).scatter_add(2, i, x),
        "NS842", "aten.scatter_add: adding to a tensor that is not all zeros has no equivalent", OPAQUE),
    "computed bilinear weights": Row(
        lambda m, x, i: F.bilinear(x, x, m.cube * 2),
        "NS842", "aten.bilinear: weights that are computed have no equivalent", OPAQUE),
    "adjacent axes": Row(
        lambda m, x, i: x[:, [0, 1], :][:, :, [0, 1]].unsqueeze(2)[:, [0, 1], :, [0, 1]],
        "NS842", "aten.index.Tensor: indexing axes that are not adjacent has no equivalent"),
    "a smaller index": Row(
        lambda m, x, i: torch.gather(x, 2, i[:, :2]),
        "NS842", "aten.gather: an index that is smaller than the input along other axes has no equivalent", OPAQUE),
    "statistics of the batch": Row(
        lambda m, x, i: F.batch_norm(x, None, None, training=True),
        "NS843", "aten.batch_norm: it normalises by the statistics of the batch", HELPS["NS843"]),
    "computed gains": Row(
        lambda m, x, i: F.instance_norm(x, weight=m.weight[0] * 2, bias=m.weight[0]),
        "NS842", "aten.instance_norm: weights that are computed have no equivalent", OPAQUE),
    "positions of maxima": Row(
        lambda m, x, i: F.max_pool1d_with_indices(x, [2])[1],
        "NS842", "aten.max_pool1d_with_indices: returning the positions of the maxima has no equivalent", OPAQUE),
    "positions of adaptive maxima": Row(
        lambda m, x, i: F.adaptive_max_pool1d_with_indices(x, [2])[1],
        "NS842", "aten.adaptive_max_pool1d: returning the positions of the maxima has no equivalent", OPAQUE),
    "a divisor": Row(
        lambda m, x, i: F.avg_pool2d(x.unsqueeze(1), 2, divisor_override=3),
        "NS842", "aten.avg_pool2d: divisor_override has no equivalent", OPAQUE),
    "three factors": Row(
        lambda m, x, i: torch.ops.aten.einsum("bij,bjk,bkl->bil", [x, x, x]),
        "NS842", "aten.einsum: the equation 'bij,bjk,bkl->bil' has no equivalent", OPAQUE),
    "a diagonal": Row(
        lambda m, x, i: torch.ops.aten.einsum("bii->bi", [x]),
        "NS842", "aten.einsum: the equation 'bii->bi' has no equivalent", OPAQUE),
    "a sum in an equation": Row(
        lambda m, x, i: torch.ops.aten.einsum("bij->bi", [x]),
        "NS842", "aten.einsum: the equation 'bij->bi' has no equivalent", OPAQUE),
    "an initial state": Row(
        lambda m, x, i: m.lstm(x, (x[:, :1].transpose(0, 1) + 1, x[:, :1].transpose(0, 1)))[0],
        "NS842", "aten.lstm.input: initial states other than zero have no equivalent",
        "call the module without initial states"),
    "a projection": Row(
        lambda m, x, i: m.projected(x)[0],
        "NS842", "aten.lstm.input: a projection of the state (proj_size) has no equivalent"),
    "the position of all": Row(
        lambda m, x, i: x.argmax() + i, "NS842", "aten.argmax: without an axis it has no equivalent", "pass dim"),
    "a correction": Row(
        lambda m, x, i: torch.var(x, 1, correction=2),
        "NS842", "aten.var.correction: a correction of 2 has no equivalent: it must be 0 or 1", OPAQUE),
    "a step": Row(
        lambda m, x, i: torch.slice_scatter(x, x[:, :2], 1, 0, 4, 2),
        "NS842", "aten.slice_scatter: writing with a step of 2 has no equivalent", OPAQUE),
    "a diagonal beside": Row(
        lambda m, x, i: torch.diagonal(x, 1, 1, 2),
        "NS842", "aten.diagonal: only the main diagonal of square matrices has an equivalent", OPAQUE),
    "a merged batch": Row(
        lambda m, x, i: x.transpose(0, 1).reshape(-1).reshape(8, -1),
        "NS843", "aten.reshape: reshaping [16*batch] to [8, 2*batch] mixes the batch with other axes", HELPS["NS843"]),
    "a sum of examples": Row(
        lambda m, x, i: x.sum(0), "NS843", "aten.sum.dim_IntList: 'sum' reduces the batch axis", HELPS["NS843"]),
    "an index of examples": Row(
        lambda m, x, i: torch.index_select(x, 0, torch.tensor([0, 2])),
        "NS843", "aten.index_select: it indexes the batch axis", HELPS["NS843"]),
    "shares of examples": Row(
        lambda m, x, i: x.flatten(0, 1).repeat_interleave(2, 0),
        "NS843", "aten.repeat_interleave.self_int: it repeats the batch axis", HELPS["NS843"]),
    "different axes": Row(
        lambda m, x, i: x.transpose(0, 1)[:1] + x[:, :1],
        "NS843", "aten.add.Tensor: its inputs have the batch on different axes", HELPS["NS843"]),
    "weights of each example": Row(
        lambda m, x, i: F.conv1d(x[:, :1], x[:, :1]),
        "NS843", "aten.conv1d: its weights differ from example to example", HELPS["NS843"]),
    "attention along the batch": Row(
        lambda m, x, i: F.scaled_dot_product_attention(x.transpose(0, 1), x.transpose(0, 1), x.transpose(0, 1)),
        "NS843", "aten.scaled_dot_product_attention: it attends along the batch axis", HELPS["NS843"]),
    "windows over another axis": Row(
        lambda m, x, i: F.avg_pool1d(x.transpose(0, 1), 2),
        "NS843", "aten.avg_pool1d: the first axis of its input is not the batch", HELPS["NS843"]),
    "groups of another axis": Row(
        lambda m, x, i: F.group_norm(x.permute(1, 2, 0), 2),
        "NS843", "aten.group_norm: the first axis of its input is not the batch", HELPS["NS843"]),
    "a constant for each example": Row(
        lambda m, x, i: x + torch.arange(x.shape[0]).reshape(-1, 1, 1),
        "NS843", "aten.add.Tensor: a constant of shape [batch, 1, 1] differs between the examples of a batch", HELPS["NS843"]),
    "joined examples": Row(
        lambda m, x, i: torch.cat([x, x], 0), "NS843", "aten.cat: it concatenates along the batch axis", HELPS["NS843"]),
    "another axis": Row(
        lambda m, x, i: x.flip(0), "NS843", "aten.flip: it operates along the batch axis", HELPS["NS843"]),
    "an integer of 8 bits": Row(
        lambda m, x, i: x.to(torch.int8), "NS844", "aten.to.dtype: it converts to int8, which netspec lacks",
        HELPS["NS844"]),
    "different types": Row(
        lambda m, x, i: torch.ops.aten.maximum(x, i),
        "NS844", "aten.maximum: 'maximum' has no equivalent for float32 and int64", HELPS["NS844"]),
    "a large constant": Row(
        lambda m, x, i: x * torch.ones(1 << 15, 1 << 14).sum(),
        "NS874", "aten.ones: a constant of 536,870,912 elements would have to be computed",
        "compute it in advance, and register it as a buffer"),
    "an inverse": Row(lambda m, x, i: torch.linalg.inv(x), "NS841", "aten.linalg_inv: netspec has no such operation", OPAQUE),
}  # fmt: skip


class Parts(Function):
    """Every function of the rows at once."""

    def __init__(self) -> None:
        def forward(m: Any, x: torch.Tensor, i: torch.Tensor) -> list[Any]:
            return [row.function(m, x, i) for row in ROWS.values()]

        weight = nn.Parameter(torch.ones(4, 4))
        cube = nn.Parameter(torch.ones(3, 4, 4))
        lstm, projected = nn.LSTM(4, 4, batch_first=True), nn.LSTM(4, 4, batch_first=True, proj_size=2)
        super().__init__(forward, weight=weight, cube=cube, lstm=lstm, projected=projected)


@pytest.fixture(scope="module")
def problems() -> list[ImportDiagnostic]:
    """The problems of all rows, in order."""
    return read(Parts(), normal(4, 4), torch.zeros(2, 4, 4, dtype=torch.int64)).network.problems


@pytest.mark.parametrize("name", ROWS)
def test_message(name: str, problems: list[ImportDiagnostic]) -> None:
    row = ROWS[name]
    said = [(p.code, p.help) for p in problems if p.message == row.message]
    assert said == [(row.code, row.help)]


def test_nothing_else_is_said(problems: list[ImportDiagnostic]) -> None:
    assert [p.message for p in problems] == [row.message for row in ROWS.values()]


def test_constants_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is small enough; views of one are not counted again."""
    monkeypatch.setattr("netspec_torch.reading.folding.LARGEST_IN_ALL", 100)
    views = Function(lambda m, x: x + torch.ones(60).view(6, 10).expand(9, 6, 10).sum())
    assert read(views, normal(4)).network.problems == []
    two = Function(lambda m, x: x + torch.ones(60).sum() + torch.full((60,), 2.0).sum())
    (problem,) = read(two, normal(4)).network.problems
    assert (problem.code, problem.operation) == ("NS874", "aten.full")
    assert problem.message == "aten.full: constants of more than 100 elements in all would have to be computed"
    assert problem.help == "compute it in advance, and register it as a buffer"
