"""What operations do in training alone: what is drawn at random, and the statistics of a batch."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import netspec_torch
from tests.onnx_backend.case import Case
from tests.onnx_backend.cases import CASES
from tests.onnx_backend.support import Input, TrainedWeights, single_operation

from .test_values import ids

ANOTHER = {"batch_norm", "dropout", "spatial_dropout", "drop_path", "stochastic_pool2d"}
"""Operations that do something else in training."""
MANY = 20_000


def created(op: str, *shapes: tuple[int, ...], **args: Any) -> nn.Module:
    """The network of one operation, in training."""
    return netspec_torch.build(
        single_operation(op, tuple(Input(s) for s in shapes), args), weights=TrainedWeights()
    ).train()


def near(result: Tensor, share: Tensor | float, count: int) -> None:
    """Counted shares are within five standard deviations of those wanted."""
    expected = torch.as_tensor(share, dtype=torch.float64)
    assert ((result.double() - expected).abs() <= 5 * (expected * (1 - expected) / count).sqrt()).all(), (
        result,
        expected,
    )


@pytest.mark.parametrize("case", [c for c in CASES if c.op not in ANOTHER], ids=ids)
def test_the_same_as_in_inference(case: Case) -> None:
    model = netspec_torch.build(single_operation(case.op, case.inputs, case.args), weights=TrainedWeights())
    given = [torch.from_numpy(x.sample(2, i)) for i, x in enumerate(case.inputs)]
    with torch.no_grad():
        torch.testing.assert_close(model.train()(*given), model.eval()(*given), rtol=1e-5, atol=1e-6)


def test_stochastic_pooling_draws_in_proportion() -> None:
    """Zeiler & Fergus 2013, equations 4 and 5; only what was drawn gets a gradient."""
    torch.manual_seed(0)
    windows = torch.tensor([[1.0, 2.0, 3.0, 4.0], [0.0, 5.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [7.0, 0.0, 1.0, 0.0]])
    image = torch.cat(list(windows.view(4, 2, 2)), 1)[None].expand(MANY, 1, 2, 8).clone().requires_grad_()
    actual = created("stochastic_pool2d", (1, 2, 8), size=2)(image)
    assert actual.shape == (MANY, 1, 1, 4)
    for i, window in enumerate(windows):
        total = window.sum()
        for value in window.unique():
            share = float((window * (window == value)).sum() / total) if total else float(value == 0)
            near((actual[:, 0, 0, i] == value).float().mean(), share, MANY)
    actual.sum().backward()
    assert image.grad is not None
    assert torch.equal(image.grad.unfold(3, 2, 2).sum((1, 2, 4)), torch.ones(MANY, 4)), "one element of each window"
    assert (image.grad * image.detach()).sum().isclose(actual.detach().sum())


def test_dropout() -> None:
    x = torch.rand(5, 3, 8, 8) + 1
    for op, function in (("dropout", F.dropout), ("spatial_dropout", F.dropout2d)):
        torch.manual_seed(1)
        actual = created(op, (3, 8, 8), rate=0.3)(x)
        torch.manual_seed(1)
        assert torch.equal(actual, function(x, 0.3, training=True)), op


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 3, 3), (2, 2, 2, 2)])
def test_drop_path_drops_whole_examples(shape: tuple[int, ...]) -> None:
    """Huang et al. 2016: what is left is divided by the rate at which it is, so that the mean stays."""
    torch.manual_seed(0)
    x = torch.rand(MANY, *shape) + 1
    actual = created("drop_path", shape, rate=0.4)(x)
    dropped = (actual == 0).flatten(1).all(1)
    near(dropped.float().mean(), 0.4, MANY)
    torch.testing.assert_close(actual[~dropped], x[~dropped] / 0.6)


@pytest.mark.parametrize("causal", [False, True])
def test_attention_drops_as_pytorch_does(causal: bool) -> None:
    model = created("attention", (6, 8), heads=2, drop=0.4, causal=causal)
    theirs = nn.MultiheadAttention(8, 2, dropout=0.4, batch_first=True)
    theirs.load_state_dict({name.removeprefix("op."): t for name, t in model.state_dict().items()})
    x = torch.rand(3, 6, 8)
    mask = nn.Transformer.generate_square_subsequent_mask(6) if causal else None
    torch.manual_seed(2)
    actual = model(x)
    torch.manual_seed(2)
    expected, _ = theirs(x, x, x, need_weights=False, attn_mask=mask, is_causal=causal)
    torch.testing.assert_close(actual, expected)
    assert not torch.allclose(actual, model(x)), "drawn anew"
    torch.testing.assert_close(model.eval()(x), theirs.eval()(x, x, x, need_weights=False, attn_mask=mask)[0])


def test_dot_product_attention_drops() -> None:
    model = created("dot_product_attention", (6, 8), (5, 8), (5, 4), heads=2, drop=0.4)
    q, k, v = torch.rand(3, 6, 8), torch.rand(3, 5, 8), torch.rand(3, 5, 4)
    torch.manual_seed(2)
    actual = model(q, k, v)
    torch.manual_seed(2)
    heads = [x.reshape(*x.shape[:-1], 2, -1).transpose(1, 2) for x in (q, k, v)]
    expected = F.scaled_dot_product_attention(heads[0], heads[1], heads[2], dropout_p=0.4)
    torch.testing.assert_close(actual, expected.transpose(1, 2).flatten(2))


@pytest.mark.parametrize("shape", [(5,), (5, 4), (5, 4, 3), (5, 2, 3, 2)])
@pytest.mark.parametrize("momentum", [0.1, 0.7])
def test_batch_norm_takes_the_statistics_of_the_batch(shape: tuple[int, ...], momentum: float) -> None:
    model = created("batch_norm", shape, momentum=momentum, axis=0)
    cls = {1: nn.BatchNorm1d, 2: nn.BatchNorm1d, 3: nn.BatchNorm2d, 4: nn.BatchNorm3d}[len(shape)]
    theirs = cls(5, momentum=momentum)
    theirs.load_state_dict({name.removeprefix("op."): t for name, t in model.state_dict().items()})
    for _ in range(3):
        x = torch.rand(4, *shape)
        torch.testing.assert_close(model(x), theirs(x))
    state = theirs.state_dict()
    torch.testing.assert_close({n.removeprefix("op."): t for n, t in model.state_dict().items()}, dict(state))
