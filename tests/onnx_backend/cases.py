"""Rows for windows, dense layers, tables and norms: arguments, inputs, and PyTorch's computation."""

# Rows take functions of one to five tensors:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from .case import Case, Weights, case, several, weighted
from .choice_cases import ALONG, CHOICES, SIGNALS
from .more_cases import MORE
from .support import Input


def edged(mode: str, w: Weights, x: Tensor) -> Tensor:
    """A convolution over an input padded from itself."""
    return F.conv2d(F.pad(x, (2, 1, 1, 3), mode), w["weight"], w["bias"])


def same_pads(n: int, k: int, s: int) -> tuple[int, int]:
    """Keras's ``same`` along an axis."""
    total = max((-(-n // s) - 1) * s + k - n, 0)
    return total // 2, total - total // 2


def connected(w: Weights, x: Tensor) -> Tensor:
    """LeNet-5's third layer in small: filters over some of the channels."""
    dense = torch.zeros(3, 3, 2, 2)
    for place, (f, c) in enumerate([(0, 0), (0, 2), (1, 1), (2, 2), (2, 0), (2, 1)]):
        dense[f, c] = w["weight"][place]
    return F.conv2d(x, dense, w["bias"])


def tied_heads(w: Weights, x: Tensor) -> Tensor:
    """The same filters for every third of the channels."""
    return torch.cat([F.conv2d(part, w["weight"], w["bias"], groups=2) for part in x.chunk(3, 1)], 1)


def stochastic(x: Tensor) -> Tensor:
    """Zeiler & Fergus 2013, equation 6, window by window."""
    windows = F.unfold(x, 2, stride=2).view(x.shape[0], x.shape[1], 4, -1)
    share = windows / windows.sum(2, keepdim=True).clamp_min(1e-30)
    return (share * windows).sum(2).view(x.shape[0], x.shape[1], x.shape[2] // 2, x.shape[3] // 2)


def lp_norm(x: Tensor, p: float) -> Tensor:
    """The p-norm of windows of two by two."""
    return (
        F.unfold(x, 2, stride=2)
        .view(x.shape[0], x.shape[1], 4, -1)
        .pow(p)
        .sum(2)
        .pow(1 / p)
        .view(x.shape[0], x.shape[1], x.shape[2] // 2, x.shape[3] // 2)
    )


def unpooled(x: Tensor, like: Tensor, size: tuple[int, int] = (2, 2)) -> Tensor:
    """Each value where the window of the other tensor has its maximum."""
    places = F.max_pool2d(like, size, return_indices=True)[1]
    out = torch.zeros_like(like).flatten(2)
    return out.scatter(2, places.flatten(2), x.flatten(2)).view_as(like)


CONVOLUTIONS = [
    weighted("conv1d", (3, 9), lambda w, x: F.conv1d(x, w["weight"], w["bias"], padding=1), filters=4, kernel=3, padding=1),
    weighted("conv1d", (3, 9), lambda w, x: F.conv1d(F.pad(x, (4, 0)), w["weight"], w["bias"], dilation=2),
             filters=4, kernel=3, padding="causal", dilation=2),
    weighted("conv2d", (4, 8, 7), lambda w, x: F.conv2d(x, w["weight"], w["bias"], 2, 1, 1, 2),
             filters=6, kernel=3, stride=2, padding=1, groups=2),
    weighted("conv2d", (3, 8, 7), lambda w, x: F.conv2d(F.pad(x, (*same_pads(7, 3, 2), *same_pads(8, 2, 3))), w["weight"], None, (3, 2)),
             filters=4, kernel=[2, 3], stride=[3, 2], padding="same", bias=False),
    weighted("conv2d", (3, 6, 7), lambda w, x: F.conv2d(F.pad(x, (2, 0, 1, 3)), w["weight"], w["bias"]),
             filters=4, kernel=3, padding=[[1, 3], [2, 0]]),
    *(
        weighted("conv2d", (3, 6, 7), partial(edged, mode), filters=4, kernel=3, padding=[[1, 3], [2, 1]], padding_mode=mode)
        for mode in ("reflect", "replicate", "circular")
    ),
    weighted("conv2d", (3, 5, 6), connected, filters=3, kernel=2, connections=[[0, 2], [1], [2, 0, 1]]),
    weighted("conv3d", (2, 4, 5, 6), lambda w, x: F.conv3d(x, w["weight"], w["bias"], padding=1), filters=3, kernel=3, padding=1),
    weighted("depthwise_conv1d", (3, 8), lambda w, x: F.conv1d(x, w["weight"], w["bias"], groups=3), kernel=3),
    weighted("depthwise_conv2d", (3, 8, 8), lambda w, x: F.conv2d(x, w["weight"], w["bias"], groups=3), kernel=3, multiplier=2),
    weighted("depthwise_conv2d", (6, 8, 8), tied_heads, kernel=3, multiplier=2, heads=3),
    weighted("depthwise_conv3d", (2, 4, 4, 4), lambda w, x: F.conv3d(x, w["weight"], w["bias"], groups=2), kernel=2),
    weighted("separable_conv1d", (3, 8),
             lambda w, x: F.conv1d(F.conv1d(x, w["depthwise.weight"], groups=3), w["pointwise.weight"], w["pointwise.bias"]),
             filters=5, kernel=3),
    weighted("separable_conv2d", (3, 8, 8),
             lambda w, x: F.conv2d(F.conv2d(x, w["depthwise.weight"], stride=2, padding=1, groups=3), w["pointwise.weight"]),
             filters=5, kernel=3, stride=2, padding=1, multiplier=2, bias=False),
    weighted("conv_transpose1d", (3, 5), lambda w, x: F.conv_transpose1d(x, w["weight"], w["bias"], 2, 1, 1),
             filters=4, kernel=3, stride=2, padding=1, output_padding=1),
    weighted("conv_transpose2d", (4, 4, 5), lambda w, x: F.conv_transpose2d(x, w["weight"], w["bias"], 2, 1, 0, 2, 2),
             filters=6, kernel=3, stride=2, padding=1, groups=2, dilation=2),
    weighted("conv_transpose2d", (3, 4, 5), lambda w, x: F.conv_transpose2d(x, w["weight"], w["bias"], 2)[:, :, :-1, :-1],
             filters=4, kernel=3, stride=2, padding="same"),
    weighted("conv_transpose2d", (3, 4, 5), lambda w, x: F.conv_transpose2d(x, w["weight"], None, 3, output_padding=1),
             filters=4, kernel=2, stride=3, padding="valid", bias=False),
    weighted("conv_transpose2d", (3, 4, 5), lambda w, x: F.conv_transpose2d(x, w["weight"], w["bias"], 2)[:, :, 1:, 2:-1],
             filters=4, kernel=4, stride=2, padding=[[1, 0], [2, 1]]),
    weighted("conv_transpose3d", (2, 3, 3, 3), lambda w, x: F.conv_transpose3d(x, w["weight"], w["bias"], 2),
             filters=3, kernel=2, stride=2),
]  # fmt: skip

POOLS = [
    case("max_pool1d", (3, 9), lambda x: F.max_pool1d(x, 2), size=2),
    case("max_pool2d", (3, 8, 7), lambda x: F.max_pool2d(x, 3, 2, 1, 1, True), size=3, stride=2, padding=1, ceil_mode=True),
    case("max_pool2d", (3, 9, 9), lambda x: F.max_pool2d(x, 2, 1, 0, 3), size=2, stride=1, dilation=3),
    case("max_pool2d", (3, 9, 9), lambda x: F.max_pool2d(x, 2, 3, 0, 5, True), size=2, stride=3, dilation=5, ceil_mode=True),
    case("max_pool2d", (3, 4, 4), lambda x: F.max_pool2d(F.pad(x, (1, 0, 0, 1), value=-1e30), 2), size=2, padding=[[0, 1], [1, 0]]),
    case("max_pool2d", (3, 9, 9), lambda x: F.max_pool2d(F.pad(x, (3, 3, 3, 3), value=-1e30), 2, 1, 0, 5), size=2, stride=1, dilation=5, padding=3),
    case("max_pool3d", (2, 5, 6, 4), lambda x: F.max_pool3d(x, 3, 2, 1), size=3, stride=2, padding=1),
    several("max_unpool2d", [(3, 4, 3), (3, 8, 7)], unpooled, size=2, like=True),
    several("max_unpool2d", [(3, 2, 2), (3, 8, 7)], lambda x, y: unpooled(x, y, (4, 3)), size=[4, 3], like=True),
    case("avg_pool1d", (3, 9), lambda x: F.avg_pool1d(x, 3, 2, 1), size=3, stride=2, padding=1),
    case("avg_pool2d", (3, 8, 7), lambda x: F.avg_pool2d(x, 3, 2, 1, True, True), size=3, stride=2, padding=1, ceil_mode=True),
    case("avg_pool2d", (3, 8, 7), lambda x: F.avg_pool2d(x, 3, 2, 1, True, False),
         size=3, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
    case("avg_pool2d", (3, 8, 7), lambda x: F.avg_pool2d(x, 3, 2, 0, True), size=3, stride=2, ceil_mode=True),
    case("avg_pool2d", (3, 5, 5), lambda x: F.avg_pool2d(F.pad(x, (1, 0, 0, 1)), 2), size=2, padding=[[0, 1], [1, 0]]),
    case("avg_pool3d", (2, 5, 6, 4), lambda x: F.avg_pool3d(x, 2, 2, 1), size=2, stride=2, padding=1),
    case("lp_pool2d", (3, 6, 8), lambda x: lp_norm(x, 2), size=2),
    Case("lp_pool2d", {"size": 2, "p": 3}, (Input((3, 6, 8), low=0.1),), lambda w, x: lp_norm(x, 3)),
    Case("lp_pool2d", {"size": 2, "p": 1.5}, (Input((3, 6, 8), low=0.1),), lambda w, x: lp_norm(x, 1.5)),
    case("lp_pool2d", (3, 6, 8), lambda x: lp_norm(F.pad(x, (1, 1, 1, 1)), 2), size=2, padding=1),
    Case("stochastic_pool2d", {"size": 2}, (Input((3, 6, 8), low=0.0),), lambda w, x: stochastic(x)),
    Case("stochastic_pool2d", {"size": 2}, (Input((3, 6, 8), low=0.0, high=0.0),), lambda w, x: torch.zeros(len(x), 3, 3, 4)),
    weighted("subsample2d", (3, 6, 8),
             lambda w, x: F.avg_pool2d(x, 2) * 4 * w["weight"][:, None, None] + w["bias"][:, None, None],
             size=2, init={"weight": {"normal": 1.0}, "bias": {"normal": 1.0}}),
    case("adaptive_avg_pool1d", (3, 10), lambda x: F.adaptive_avg_pool1d(x, 4), size=4),
    case("adaptive_avg_pool2d", (3, 8, 8), lambda x: F.adaptive_avg_pool2d(x, 4), size=4),
    case("adaptive_avg_pool2d", (3, 7, 5), lambda x: F.adaptive_avg_pool2d(x, (3, 7)), size=[3, 7]),
    case("adaptive_avg_pool2d", (3, 7, 5), lambda x: F.adaptive_avg_pool2d(x, 1), size=1),
    case("adaptive_avg_pool3d", (2, 5, 4, 3), lambda x: F.adaptive_avg_pool3d(x, (2, 4, 2)), size=[2, 4, 2]),
    case("adaptive_max_pool1d", (3, 10), lambda x: F.adaptive_max_pool1d(x, 4), size=4),
    case("adaptive_max_pool2d", (3, 7, 5), lambda x: F.adaptive_max_pool2d(x, (3, 2)), size=[3, 2]),
    case("adaptive_max_pool2d", (3, 6, 4), lambda x: F.adaptive_max_pool2d(x, 2), size=2),
    case("adaptive_max_pool3d", (2, 5, 4, 3), lambda x: F.adaptive_max_pool3d(x, 1), size=1),
    case("global_avg_pool", (3, 4, 5), lambda x: x.mean((2, 3))),
    case("global_avg_pool", (6, 3), lambda x: x.mean(1, keepdim=True), keepdims=True),
    case("global_max_pool", (3, 4, 5), lambda x: x.amax((2, 3), keepdim=True), keepdims=True),
    case("global_max_pool", (6, 3), lambda x: x.amax(1)),
]  # fmt: skip


def bilinear(w: Weights, x: Tensor, y: Tensor) -> Tensor:
    """PyTorch's own."""
    return F.bilinear(x, y, w["weight"], w.get("bias"))


def by_example(x: Tensor, index: Tensor, axis: int) -> Tensor:
    """``take`` along an axis of each example."""
    return torch.stack(
        [
            torch.index_select(a, axis, i.reshape(-1)).reshape(*a.shape[:axis], *i.shape, *a.shape[axis + 1 :])
            for a, i in zip(x, index, strict=True)
        ]
    )


DENSE = [
    weighted("dense", (5,), lambda w, x: F.linear(x, w["weight"], w["bias"]), units=4),
    weighted("dense", (5,), lambda w, x: F.linear(x, w["weight"]), units=4, bias=False),
    weighted("dense", (6, 5), lambda w, x: F.linear(x, w["weight"], w["bias"]), units=4),
    weighted("dense", (6, 5), lambda w, x: F.linear(x, w["weight"]), units=4, bias=False),
    weighted("dense", (3, 4, 5), lambda w, x: F.linear(x.movedim(1, -1), w["weight"], w["bias"]).movedim(-1, 1), units=4, axis=0),
    weighted("dense", (3, 4, 5), lambda w, x: F.linear(x.movedim(2, -1), w["weight"]).movedim(-1, 2), units=6, axis=1, bias=False),
    Case("bilinear", {"units": 3}, (Input((4,)), Input((5,))), bilinear),
    Case("bilinear", {"units": 3, "bias": False}, (Input((6, 4)), Input((6, 5))), bilinear),
    weighted("rbf", (5,), lambda w, x: (x[:, None] - w["weight"]).square().sum(-1), units=4),
    weighted("rbf", (3, 4), lambda w, x: (x.movedim(1, -1)[..., None, :] - w["weight"]).square().sum(-1).movedim(-1, 1), units=5, axis=0),
    Case("embedding", {"vocabulary": 7, "width": 4}, (Input((5,), "int64", 0, 7),), lambda w, x: F.embedding(x, w["weight"])),
    Case("embedding", {"vocabulary": 7, "width": 4}, (Input((), "int32", 0, 7),), lambda w, x: F.embedding(x, w["weight"])),
    *(
        Case("gather", {"axis": axis, "index": True}, (Input((4, 5, 6)), Input(shape, "int64", 0, 4)),
             lambda w, x, i, axis=axis: by_example(x, i, axis))
        for axis, shape in ((0, (3,)), (1, (2, 3)), (2, ()), (1, (3,)))
    ),
]  # fmt: skip


def scaled(x: Tensor, w: Weights, rank: int) -> Tensor:
    """With gain and shift along axis 1."""
    column = (-1, *(1,) * rank)
    return x * w["weight"].view(column) + w["bias"].view(column)


NORMAL = {"weight": {"normal": 1.0}, "bias": {"normal": 1.0}}


def batch_norm(w: Weights, x: Tensor, axis: int = 1) -> Tensor:
    """PyTorch's, over another axis."""
    y = F.batch_norm(x.movedim(axis, 1), w["running_mean"], w["running_var"], w.get("weight"), w.get("bias"), eps=1e-3)
    return y.movedim(1, axis)


NORMS = [
    weighted("batch_norm", (3, 4, 5), batch_norm, eps=1e-3, init=NORMAL),
    weighted("batch_norm", (3, 4, 5), batch_norm, eps=1e-3, init=NORMAL, frozen=True),
    weighted("batch_norm", (6,), batch_norm, eps=1e-3, init=NORMAL),
    weighted("batch_norm", (3, 4, 5), batch_norm, eps=1e-3, affine=False),
    weighted("batch_norm", (6, 4), lambda w, x: batch_norm(w, x, 2), eps=1e-3, init=NORMAL),
    weighted("layer_norm", (6, 4), lambda w, x: F.layer_norm(x, (4,), w["weight"], w["bias"]), init=NORMAL),
    weighted("layer_norm", (6, 4), lambda w, x: F.layer_norm(x, (4,), w["weight"]), bias=False, init={"normal": 1.0}),
    weighted("layer_norm", (6, 4), lambda w, x: F.layer_norm(x, (4,)), affine=False),
    weighted("layer_norm", (3, 4, 5), lambda w, x: F.layer_norm(x.movedim(1, -1), (3,), w["weight"], w["bias"]).movedim(-1, 1),
             init=NORMAL),
    weighted("layer_norm", (3, 4, 5), lambda w, x: F.layer_norm(x, (3, 4, 5), w["weight"], w["bias"]), axis=[0, 1, 2], init=NORMAL),
    weighted("rms_norm", (6, 4), lambda w, x: F.rms_norm(x, (4,), w["weight"]), init={"normal": 1.0}),
    weighted("rms_norm", (6, 4), lambda w, x: F.rms_norm(x, (4,), eps=1e-2), affine=False, eps=1e-2),
    weighted("rms_norm", (3, 4, 5), lambda w, x: F.rms_norm(x.movedim(1, -1), (3,), w["weight"]).movedim(-1, 1), init={"normal": 1.0}),
    weighted("group_norm", (6, 4, 5), lambda w, x: F.group_norm(x, 3, w["weight"], w["bias"]), groups=3, init=NORMAL),
    weighted("group_norm", (6, 4, 5), lambda w, x: F.group_norm(x, 2), groups=2, affine=False),
    weighted("group_norm", (6,), lambda w, x: F.group_norm(x, 2, w["weight"], w["bias"]), groups=2, init=NORMAL),
    weighted("group_norm", (5, 6), lambda w, x: F.group_norm(x.mT, 3, w["weight"], w["bias"]).mT, groups=3, init=NORMAL),
    weighted("instance_norm", (3, 4, 5), lambda w, x: F.instance_norm(x)),
    weighted("instance_norm", (5, 3), lambda w, x: F.instance_norm(x.mT, None, None, w["weight"], w["bias"]).mT,
             affine=True, init=NORMAL),
    case("local_response_norm", (7, 4, 5), lambda x: F.local_response_norm(x, 5, 0.1, 0.7, 2.0), size=5, alpha=0.1, beta=0.7, k=2.0),
    case("local_response_norm", (7, 4, 5), lambda x: F.local_response_norm(x, 4, 0.1), size=4, alpha=0.1),
    case("local_response_norm", (6, 7), lambda x: F.local_response_norm(x.mT, 3, 0.1).mT, size=3, alpha=0.1),
    case("local_response_norm", (2, 3, 4, 5), lambda x: F.local_response_norm(x, 2, 0.1), size=2, alpha=0.1),
    weighted("conv1d", (7, 4), lambda w, x: F.conv1d(x.mT, w["weight"], w["bias"], 2, 1).mT, filters=6, kernel=3, stride=2,
             padding=1, axis="sequence"),
    weighted("depthwise_conv1d", (7, 4), lambda w, x: F.conv1d(F.pad(x.mT, (3, 0)), w["weight"], w["bias"], groups=4).mT,
             kernel=4, padding="causal", axis=0),
    weighted("conv_transpose1d", (7, 4), lambda w, x: F.conv_transpose1d(x.mT, w["weight"], w["bias"], 2).mT, filters=3,
             kernel=2, stride=2, axis=0),
    case("max_pool1d", (7, 4), lambda x: F.max_pool1d(x.mT, 2).mT, size=2, axis=0),
    case("avg_pool1d", (4, 7), lambda x: F.avg_pool1d(x, 3, 2, 1), size=3, stride=2, padding=1, axis=1),
    case("adaptive_avg_pool1d", (7, 4), lambda x: F.adaptive_avg_pool1d(x.mT, 3).mT, size=3, axis=0),
    case("l2_normalize", (3, 4, 5), F.normalize),
    case("l2_normalize", (3, 4, 5), lambda x: x / x.square().sum((2, 3), keepdim=True).sqrt(), axis=[1, 2]),
    case("l2_normalize", (6, 5), lambda x: F.normalize(x, dim=1, eps=3.0), axis=0, eps=3.0),
]  # fmt: skip

CASES: list[Case] = [*CONVOLUTIONS, *POOLS, *DENSE, *NORMS, *MORE, *CHOICES, *ALONG, *SIGNALS]
