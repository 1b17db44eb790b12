"""Rows for activations, shapes, merging, reductions and sequences."""

# Rows take functions of one to five tensors:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..formula_programs import program
from .case import Case, Weights, case, several, weighted
from .head_cases import HEADS
from .pattern_cases import PATTERNS
from .support import Input

ACTIVATIONS = [
    case("relu", (3, 4), F.relu),
    Case("relu6", {}, (Input((30,), low=-10, high=10),), lambda w, x: F.relu6(x)),
    case("leaky_relu", (3, 4), lambda x: F.leaky_relu(x, 0.2), slope=0.2),
    weighted("prelu", (3, 4, 5), lambda w, x: F.prelu(x, w["weight"])),
    weighted("prelu", (3, 4, 5), lambda w, x: F.prelu(x, w["weight"]), num_parameters=3, init={"normal": 1.0}),
    weighted("prelu", (5, 3), lambda w, x: F.prelu(x.mT, w["weight"]).mT, num_parameters=3, init={"normal": 1.0}),
    case("elu", (3, 4), lambda x: F.elu(x, 0.7), alpha=0.7),
    case("celu", (3, 4), lambda x: F.celu(x, 0.7), alpha=0.7),
    case("selu", (3, 4), F.selu),
    case("gelu", (3, 4), F.gelu),
    case("gelu", (3, 4), lambda x: F.gelu(x, approximate="tanh"), approximate="tanh"),
    case("silu", (3, 4), F.silu),
    case("mish", (3, 4), F.mish),
    case("sigmoid", (3, 4), torch.sigmoid),
    Case("hard_sigmoid", {}, (Input((30,), low=-5, high=5),), lambda w, x: F.hardsigmoid(x)),
    Case("hard_swish", {}, (Input((30,), low=-5, high=5),), lambda w, x: F.hardswish(x)),
    case("tanh", (3, 4), torch.tanh),
    case("scaled_tanh", (3, 4), lambda x: 1.7159 * torch.tanh(x * 2 / 3)),
    case("softplus", (3, 4), F.softplus),
    Case("softplus", {"beta": 3.0}, (Input((30,), low=-12, high=12),), lambda w, x: F.softplus(x, 3.0)),
    Case("softplus", {"beta": 2.0, "threshold": 1.0}, (Input((30,)),), lambda w, x: F.softplus(x, 2.0, 1.0)),
    Case("softplus", {"threshold": 0.5}, (Input((30,)),), lambda w, x: F.softplus(x, 1.0, 0.5)),
    case("softsign", (3, 4), F.softsign),
    case("softmax", (3, 4, 5), lambda x: x.softmax(1)),
    case("softmax", (6, 5), lambda x: x.softmax(2)),
    case("log_softmax", (6, 5), lambda x: x.log_softmax(1), axis=0),
    case("glu", (4, 3, 5), lambda x: F.glu(x, 1)),
    case("glu", (6, 4), lambda x: F.glu(x, 2)),
]

ELEMENTWISE = [
    case("abs", (3, 4), torch.abs),
    case("square", (3, 4), torch.square),
    Case("sqrt", {}, (Input((30,), low=0),), lambda w, x: x.sqrt()),
    case("exp", (3, 4), torch.exp),
    Case("log", {}, (Input((30,), low=0.1),), lambda w, x: x.log()),
    *(case("cast", (3, 4), partial(Tensor.to, dtype=getattr(torch, to)), to=to) for to in ("int64", "bool", "float16")),
    case("sin", (3, 4), lambda x: (x + torch.pi).sin().neg()),
    case("cos", (3, 4), lambda x: (x + torch.pi / 2).sin()),
    case("tan", (3, 4), lambda x: x.sin() / x.cos()),
    case("erf", (3, 4), lambda x: 2 * torch.special.ndtr(x * 2**0.5) - 1),
    case("sign", (3, 4), lambda x: (x > 0).float() - (x < 0).float()),
    several(
        "formula",
        [(3, 4), (1, 4)],
        lambda x, y: F.silu(x) * y.clamp(max=0.3),
        expression=program("$(silu(x) * min(y, 0.3))", x="float32", y="float32"),
    ),
    case(
        "formula",
        (4,),
        lambda x: torch.where(x > 0, x, 2 * x)[:, None].expand(-1, 3, 4),
        expression=program("$(x if x > 0 else 2 * x)", x="float32"),
        **{"for": {"i": 3, "j": 4}},
    ),
    case("stop_gradient", (3, 4), lambda x: x),
    case("clamp", (3, 4), lambda x: x.clamp(-0.5, 1), low=-0.5, high=1),
    case("clamp", (3, 4), lambda x: x.clamp(max=1), high=1),
    case("clamp", (3, 4), lambda x: x.clamp(min=0.3), low=0.3),
    case("rescale", (3, 4), lambda x: x * 2 + 1, factor=2, offset=1),
    case("rescale", (3, 4), lambda x: x * 2, factor=2),
    case("rescale", (3, 4), lambda x: x - 3, offset=-3),
    case(
        "rescale",
        (3, 4, 5),
        lambda x: x * torch.tensor([1.0, 2, 3]).view(3, 1, 1) + torch.tensor([4.0, 5, 6]).view(3, 1, 1),
        factor=[1, 2, 3],
        offset=[4, 5, 6],
    ),
    case("dropout", (3, 4), lambda x: x, rate=0.3),
    case("spatial_dropout", (3, 4, 5), lambda x: x, rate=0.3),
    case("drop_path", (3, 4), lambda x: x, rate=0.3),
    weighted("channel_scale", (3, 4, 5), lambda w, x: x * w["weight"].view(3, 1, 1), init={"normal": 1.0}),
    weighted("channel_scale", (6, 4), lambda w, x: x * w["weight"], init={"normal": 1.0}),
]

SHAPES = [
    case("identity", (3, 4), lambda x: x),
    case("flatten", (3, 4, 5), lambda x: x.flatten(1)),
    case("flatten", (3, 4, 5), lambda x: x.flatten(2), start=1),
    case("flatten", (3, 4, 5), lambda x: x.flatten(1, 2), start=0, end=1),
    case("flatten", (3,), lambda x: x),
    case("reshape", (3, 4, 5), lambda x: x.reshape(-1, 2, 30), shape=[2, -1]),
    case("reshape", (6,), lambda x: x.reshape(-1, 3, 2), shape=[3, 2]),
    case("permute", (3, 4, 5), lambda x: x.permute(0, 3, 1, 2), order=[2, 0, 1]),
    case("squeeze", (3, 1, 5, 1), lambda x: x.squeeze(4).squeeze(2)),
    case("squeeze", (3, 1, 5, 1), lambda x: x.squeeze(2), axis=1),
    case("squeeze", (3, 4), lambda x: x),
    case("unsqueeze", (3, 4), lambda x: x.unsqueeze(2), axis=1),
    case("unsqueeze", (3, 4), lambda x: x.unsqueeze(3), axis=-1),
    case("split", (6, 4, 5), lambda x: (x[:, :2], x[:, 2:4], x[:, 4:]), parts=3),
    case("split", (6, 4, 5), lambda x: (x[:, :, :1], x[:, :, 1:]), parts=[1, 3], axis=1),
    case("slice", (6, 4, 5), lambda x: x[:, 1:5:2, :, :-1], axis=[0, 2], start=[1, None], stop=[5, -1], step=[2, 1]),
    case("select", (6, 4, 5), lambda x: x[:, :, -2], index=-2, axis=1),
    case("roll", (6, 4, 5), lambda x: x.roll((-2, 3), (2, 3)), shift=[-2, 3], axis=[1, 2]),
    case("roll", (6, 4), lambda x: x, shift=6, axis=0),
    case("expand", (3, 1), lambda x: x[:, None].expand(-1, 2, 3, 4), shape=[2, -1, 4]),
    case("pad", (2, 3, 4), lambda x: F.pad(x, (0, 3, 1, 2), value=1.5), amount=[[1, 2], [0, 3]], value=1.5),
    case("pad", (2, 3, 4), lambda x: F.pad(x, (0, 0, 0, 0, 2, 1)), amount=[2, 1], axis="channels"),
    case("pad", (2, 5, 4), lambda x: F.pad(x[:, :, 2:-1, :3], (2, 0), value=1.5), amount=[[-2, -1], [2, -1]], value=1.5),
    case("pad", (6, 4), lambda x: F.pad(x[:, :4], (0, 0, 1, 0)), amount=[1, -2], axis=0),
    case("pad", (2, 3, 4), lambda x: F.pad(x, (2, 2, 2, 2), "reflect"), amount=2, mode="reflect"),
    case("pad", (2, 3, 4), lambda x: F.pad(x, (0, 3, 0, 3), "replicate"), amount=[0, 3], mode="replicate"),
    case("pad", (2, 3, 4), lambda x: F.pad(x, (1, 3, 2, 0), "circular"), amount=[[2, 0], [1, 3]], mode="circular"),
    case("crop", (2, 6, 5), lambda x: x[:, :, 1:-2, 2:], amount=[[1, 2], [2, 0]]),
    case("center_crop", (2, 6, 5), lambda x: x[:, :, 1:4, 1:4], size=3),
    several("center_crop", [(2, 6, 5), (1, 3, 4)], lambda x, y: x[:, :, 1:4, :4], like=True),
    case("upsample", (2, 3, 4), lambda x: F.interpolate(x, scale_factor=2), scale=2),
    case("upsample", (2, 5, 6), lambda x: F.interpolate(x, scale_factor=1.7), scale=1.7),
    case("upsample", (2, 5, 6), lambda x: F.interpolate(x, scale_factor=(0.6, 1.3)), scale=[0.6, 1.3]),
    case("upsample", (2, 3, 7), lambda x: F.interpolate(x, size=(5, 3)), size=[5, 3]),
    case("upsample", (2, 60, 3), lambda x: F.interpolate(x, size=(2, 6)), size=[2, 6]),  # 30 is 2 / 60 of 1, nearly
    case("upsample", (60, 2), lambda x: F.interpolate(x.mT, size=2).mT, size=2),
    case("upsample", (1, 21, 3, 2), lambda x: F.interpolate(x, size=(6, 3, 4)), size=[6, 3, 4]),
    several("upsample", [(2, 3, 4), (1, 7, 9)], lambda x, y: F.interpolate(x, size=(7, 9)), like=True),
    *(
        case("upsample", (2, 4, 5), partial(F.interpolate, size=(7, 9), mode=m, align_corners=a),
             size=[7, 9], mode=m, align_corners=a)
        for m in ("bilinear", "bicubic") for a in (False, True)
    ),
    *(
        case("upsample", (2, 4, 5), partial(F.interpolate, scale_factor=s, mode=m), scale=s, mode=m)
        for m in ("bilinear", "bicubic") for s in (2.0, 1.5, 0.5)
    ),
    case("upsample", (2, 4, 5), lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True),
         scale=2, mode="bilinear", align_corners=True),
    case("upsample", (2, 4, 5), lambda x: F.interpolate(x, size=(1, 1), mode="bilinear"), size=1, mode="bilinear"),
    *[
        case("upsample", (2, 9, 11), partial(F.interpolate, size=(h, 5), mode=m, antialias=True), size=[h, 5], mode=m,
             antialias=True)
        for m in ("bilinear", "bicubic")
        for h in (4, 20)
    ],
    case("upsample", (2, 9, 11), partial(F.interpolate, scale_factor=(1.7, 0.5), mode="bilinear", antialias=True),
         scale=[1.7, 0.5], mode="bilinear", antialias=True),
    case("upsample", (7, 3), lambda x: F.interpolate(x.mT, scale_factor=2, mode="linear").mT, scale=2, mode="linear"),
    case("upsample", (7, 3), lambda x: F.interpolate(x.mT, scale_factor=2).mT, scale=2),
    case("upsample", (2, 3, 4, 5), lambda x: F.interpolate(x, scale_factor=2), scale=2),
    case("upsample", (2, 3, 4, 5), lambda x: F.interpolate(x, scale_factor=2, mode="trilinear"), scale=2, mode="trilinear"),
    case("pixel_shuffle", (8, 2, 3), lambda x: F.pixel_shuffle(x, 2), factor=2),
    case("pixel_unshuffle", (2, 4, 6), lambda x: F.pixel_unshuffle(x, 2), factor=2),
    case("channel_shuffle", (6, 2, 2), lambda x: F.channel_shuffle(x, 3), groups=3),
    case("channel_shuffle", (5, 6), lambda x: F.channel_shuffle(x.mT, 2).mT, groups=2),
]  # fmt: skip

IMAGE, COLUMN, VECTOR = (3, 4, 5), (4, 1), (5,)
BROADCAST = [IMAGE, COLUMN, VECTOR]
WHOLE = Input((3, 4), "int64", 1, 9)
TRUTH = Input((3, 4), "bool")


def aligned(function: Any) -> Any:
    """A function of tensors whose axes behind the batch are aligned from the right."""

    def of(*xs: Tensor) -> Any:
        rank = max(x.ndim for x in xs)
        return function(*(x.reshape(len(x), *(1,) * (rank - x.ndim), *x.shape[1:]) for x in xs))

    return of


MERGES = [
    several("add", [IMAGE, IMAGE], lambda x, y: x + y),
    several("add", BROADCAST, aligned(lambda x, y, z: x + y + z)),
    several("add", [IMAGE], lambda x: x),
    Case("add", {}, (WHOLE, WHOLE, WHOLE), lambda w, x, y, z: x + y + z),
    Case("add", {}, (TRUTH, TRUTH, TRUTH), lambda w, x, y, z: x + y + z),
    several("subtract", [VECTOR, IMAGE], aligned(lambda x, y: x - y)),
    several("multiply", BROADCAST, aligned(lambda x, y, z: x * y * z)),
    Case("multiply", {}, (TRUTH, TRUTH), lambda w, x, y: x * y),
    Case("divide", {}, (Input(COLUMN), Input(IMAGE, low=0.5)), lambda w, x, y: aligned(torch.div)(x, y)),
    several("maximum", BROADCAST, aligned(lambda x, y, z: torch.maximum(torch.maximum(x, y), z))),
    Case("maximum", {}, (WHOLE, WHOLE), lambda w, x, y: torch.maximum(x, y)),
    several("average", BROADCAST, aligned(lambda x, y, z: (x + y + z) / 3)),
    several("average", [IMAGE, IMAGE], lambda x, y: (x + y) / 2),
    several("concat", [(2, 4, 5), (3, 4, 5), (1, 4, 5)], lambda *xs: torch.cat(xs, 1)),
    several("concat", [(2, 4, 5), (2, 1, 5)], lambda *xs: torch.cat(xs, 2), axis=1),
    several("matmul", [(3, 4), (4, 5)], torch.matmul),
    several("matmul", [(3, 4), (2, 4, 5)], lambda x, y: x[:, None] @ y),
    several("stack", [(3, 4), (3, 4), (3, 4)], lambda x, y, z: torch.stack([x, y, z], 1)),
    several("stack", [(3, 4), (3, 4)], lambda x, y: torch.stack([x, y], 3), axis=-1),
    several("matmul", [(2, 1, 3, 4), (6, 4, 5)], lambda x, y: x @ y[:, None]),
]

REDUCTIONS = [
    case("mean", (3, 4, 5), lambda x: x.mean((1, 2, 3))),
    case("mean", (3, 4, 5), lambda x: x.mean((2, 3), keepdim=True), axis=[1, 2], keepdims=True),
    case("sum", (3, 4, 5), lambda x: x.sum(3), axis=-1),
    Case("sum", {"axis": 0}, (Input((3, 4), "int32", 0, 9),), lambda w, x: x.sum(1)),
    Case("sum", {"axis": 0}, (TRUTH,), lambda w, x: x.sum(1)),
    case("max", (3, 4, 5), lambda x: x.amax(1), axis="channels"),
    Case("max", {}, (WHOLE,), lambda w, x: x.amax((1, 2))),
    Case("max", {"axis": 1}, (TRUTH,), lambda w, x: x.amax(2)),
    case("min", (3, 4, 5), lambda x: x.amin(1), axis="channels"),
    Case("min", {"axis": 1, "keepdims": True}, (TRUTH,), lambda w, x: x.all(2, keepdim=True)),
    case("prod", (3, 4, 5), lambda x: x.flatten(2).prod(2), axis=[1, 2]),
    Case("prod", {}, (TRUTH,), lambda w, x: x.flatten(1).all(1).long()),
    case("var", (3, 4, 5), lambda x: x.flatten(1).var(1)),
    case(
        "var",
        (3, 4, 5),
        lambda x: (x - x.mean((2, 3), True)).square().mean((2, 3), True),
        axis=[1, 2],
        keepdims=True,
        correction=0,
    ),
]


def multi_head(
    w: Weights, q: Tensor, k: Tensor, v: Tensor, heads: int, mask: Tensor | None = None, causal: bool = False
) -> Tensor:
    """PyTorch's MultiheadAttention with these weights."""
    module = nn.MultiheadAttention(
        q.shape[-1], heads, bias="in_proj_bias" in w, kdim=k.shape[-1], vdim=v.shape[-1], batch_first=True
    )
    module.load_state_dict(w)
    if causal:
        mask = torch.ones(q.shape[1], k.shape[1]).triu(1).bool()
    out = module(q, k, v, attn_mask=mask, need_weights=False)[0]
    assert isinstance(out, Tensor)
    return out


def scaled_dot_product(q: Tensor, k: Tensor, v: Tensor, heads: int, mask: Tensor | None = None, **more: Any) -> Tensor:
    """PyTorch's scaled_dot_product_attention in heads."""
    q, k, v = (x.reshape(*x.shape[:-1], heads, -1).transpose(-2, -3) for x in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v, mask, **more).transpose(-2, -3).flatten(-2)


EIGHT = Input((5, 8))
ATTENTION = [
    Case("attention", {"heads": 2}, (EIGHT,), lambda w, x: multi_head(w, x, x, x, 2)),
    Case("attention", {"heads": 4, "bias": False, "causal": True}, (EIGHT,), lambda w, x: multi_head(w, x, x, x, 4, causal=True)),
    Case("attention", {"heads": 2}, (EIGHT, Input((7, 8))), lambda w, x, y: multi_head(w, x, y, y, 2)),
    Case("attention", {"heads": 2}, (EIGHT, Input((7, 6)), Input((7, 3))), lambda w, x, y, z: multi_head(w, x, y, z, 2)),
    Case("attention", {"heads": 2, "mask": True}, (EIGHT, Input((5, 5))),
         lambda w, x, m: multi_head(w, x, x, x, 2, m.repeat_interleave(2, 0))),
    Case("dot_product_attention", {"heads": 2}, (EIGHT, Input((7, 8)), Input((7, 6))),
         lambda w, q, k, v: scaled_dot_product(q, k, v, 2)),
    Case("dot_product_attention", {"heads": 2, "causal": True, "scale": 0.3}, (Input((3, 5, 8)),) * 3,
         lambda w, q, k, v: scaled_dot_product(q, k, v, 2, is_causal=True, scale=0.3)),
    Case("dot_product_attention", {"heads": 2, "mask": True}, (EIGHT, EIGHT, EIGHT, Input((5, 5))),
         lambda w, q, k, v, m: scaled_dot_product(q, k, v, 2, m[:, None])),
    Case("dot_product_attention", {"mask": True}, (*(Input((2, 5, 8)),) * 3, Input((2, 1, 5, 1), "bool", 0, 1)),
         lambda w, q, k, v, m: scaled_dot_product(q, k, v, 1, m.expand(-1, -1, -1, -1, 5))),
    Case("dot_product_attention", {"mask": True, "causal": True, "heads": 2}, (EIGHT, EIGHT, EIGHT, Input((1, 5), "bool")),
         lambda w, q, k, v, m: scaled_dot_product(q, k, v, 2, m[:, None] & torch.ones(5, 5).tril().bool())),
]  # fmt: skip


def recurrent(
    make: Callable[..., nn.RNNBase], w: Weights, x: Tensor, *states: Tensor, last: bool = False, **args: Any
) -> list[Tensor]:
    """PyTorch's layer with these weights; its outputs, states with the batch first."""
    module = make(x.shape[-1], w["weight_hh_l0"].shape[1], batch_first=True, **args)
    module.load_state_dict(w)
    given = tuple(s.transpose(0, 1).contiguous() for s in states)
    initial = None if not given else given if isinstance(module, nn.LSTM) else given[0]
    y, ends = module(x, initial)
    ends = ends if isinstance(ends, tuple) else (ends,)
    if last:
        directions = 2 if args.get("bidirectional") else 1
        y = torch.cat([*ends[0][-directions:]], -1)
    return [y, *(e.transpose(0, 1) for e in ends)]


STEPS = Input((6, 3))
RECURRENT = [
    Case("rnn", {"width": 4}, (STEPS,), lambda w, x: recurrent(nn.RNN, w, x)),
    Case("rnn", {"width": 4, "nonlinearity": "relu", "bidirectional": True, "bias": False, "output": "last"}, (STEPS,),
         lambda w, x: recurrent(nn.RNN, w, x, nonlinearity="relu", bidirectional=True, bias=False, last=True)),
    Case("lstm", {"width": 4}, (STEPS,), lambda w, x: recurrent(nn.LSTM, w, x)),
    Case("lstm", {"width": 4, "num_layers": 2, "bidirectional": True}, (STEPS, Input((4, 4)), Input((4, 4))),
         lambda w, x, h, c: recurrent(nn.LSTM, w, x, h, c, num_layers=2, bidirectional=True)),
    Case("lstm", {"width": 4, "num_layers": 2, "bias": False, "output": "last"}, (STEPS,),
         lambda w, x: recurrent(nn.LSTM, w, x, num_layers=2, bias=False, last=True)),
    Case("gru", {"width": 4}, (STEPS, Input((1, 4))), lambda w, x, h: recurrent(nn.GRU, w, x, h)),
    Case("gru", {"width": 4, "num_layers": 3, "bidirectional": True, "output": "last"}, (STEPS,),
         lambda w, x: recurrent(nn.GRU, w, x, num_layers=3, bidirectional=True, last=True)),
]  # fmt: skip

MORE = [*ACTIVATIONS, *ELEMENTWISE, *SHAPES, *PATTERNS, *MERGES, *REDUCTIONS, *ATTENTION, *HEADS, *RECURRENT]
