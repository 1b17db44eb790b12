"""Random values for every argument of every operation; most of them are valid."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from netspec.ops import TABLE, find
from netspec.ops.argument import as_list
from netspec.ops.axis import AxisValidator
from netspec.shapes.types import FLOATS, TensorType

from .random_patterns import random_pattern


@dataclass
class Placement:
    """An operation on a tensor."""

    r: Random
    op: str
    x: TensorType
    channels_last: bool
    args: dict[str, Any] = field(default_factory=dict[str, Any])
    """The arguments so far."""

    @property
    def rank(self) -> int:
        """Number of window axes."""
        return TABLE[self.op].window_rank

    @property
    def window(self) -> tuple[int, ...]:
        """Sizes of all axes but the channels."""
        channel = self.channel
        return tuple(n for a, n in enumerate(self.x.shape) if a != channel)

    @property
    def channel(self) -> int:
        """The axis of the channels, or the last axis."""
        if self.rank:
            return self.x.rank - 1 if self.channels_last else 0
        return self.x.rank - 1 if self.x.channel is None else self.x.channel

    @property
    def channels(self) -> int:
        """Size of that axis."""
        return self.x.shape[self.channel] if self.x.rank else 1

    def chance(self, p: float) -> bool:
        """True with probability ``p``."""
        return self.r.random() < p

    def per_axis(self, low: int, high: int) -> Any:
        """A number, or a list of one per window axis."""
        if self.chance(0.6):
            return self.r.randint(low, high)
        return [self.r.randint(low, high) for _ in range(self.rank or len(self.window))]

    def divisor(self, n: int) -> int:
        """A random divisor."""
        return self.r.choice([d for d in range(1, n + 1) if n % d == 0])


def _padding(s: Placement) -> Any:
    words = ["valid", "same"]
    if s.rank == 1 and "kernel" in s.args and not s.op.startswith("conv_transpose"):
        words.append("causal")
    most = 2
    kind = s.r.random()
    if kind < 0.4:
        return s.r.choice(words)
    if kind < 0.7:
        return s.r.randint(0, most)
    if kind < 0.8:
        return [s.r.randint(0, most) for _ in range(s.rank)]
    return [[s.r.randint(0, most), s.r.randint(0, most)] for _ in range(s.rank)]


def _groups(s: Placement) -> int:
    if "filters" not in s.args:
        return s.divisor(s.channels)
    groups = s.divisor(s.channels)
    s.args["filters"] = groups * s.r.randint(1, 3)
    return groups


def _connections(s: Placement) -> Any:
    rows = [sorted(s.r.sample(range(s.channels), s.r.randint(1, s.channels))) for _ in range(s.r.randint(1, 4))]
    s.args["filters"] = len(rows)
    s.args.pop("groups", None)
    return rows


def _size(s: Placement) -> Any:
    if s.op == "local_response_norm":
        return s.r.randint(1, 5)
    if s.op == "center_crop":
        return [s.r.randint(1, n) for n in s.window]
    if s.op == "upsample":
        s.args.pop("scale", None)
        return s.per_axis(1, 9) if s.chance(0.5) else [s.r.randint(1, 2 * n + 1) for n in s.window]
    return s.per_axis(1, 4)


def _axis(s: Placement) -> Any:
    if s.rank:  # the axis along which windows slide
        if s.rank > 1 or s.x.rank != 2 or s.chance(0.4):
            return None
        axis = s.r.randrange(2)
        s.channels_last = axis == 0
        return s.x.axes[axis] or axis
    rank = s.x.rank + (s.op in ("unsqueeze", "stack"))
    if not rank:
        return 0
    validator = find(s.op).arguments["axis"].validator

    def axis_name(a: int) -> int | str:
        if a < s.x.rank and s.op != "unsqueeze" and s.x.axes[a] and s.op != "stack" and s.chance(0.4):
            return s.x.axes[a]
        return a - rank if s.chance(0.3) else a

    if isinstance(validator, AxisValidator) and validator.many and s.chance(0.6):
        some = list(range(rank))
        if s.op == "squeeze":
            some = [a for a in some if s.x.shape[a] == 1] or some
        return [axis_name(a) for a in s.r.sample(some, s.r.randint(1, len(some)))]
    return axis_name(s.r.randrange(rank))


def _shape(s: Placement) -> Any:
    if s.op == "expand":
        kept = [s.r.randint(1, 3) if n == 1 else s.r.choice([n, -1]) for n in s.x.shape]
        return [s.r.randint(1, 3)] * (s.r.random() < 0.3) + kept
    if s.op != "reshape":
        return list(s.x.shape)
    sizes: list[int] = []
    rest = math.prod(s.x.shape)
    for _ in range(s.r.randint(0, 3)):
        sizes.append(s.divisor(rest))
        rest //= sizes[-1]
    sizes.append(rest)
    if s.chance(0.4):
        sizes[s.r.randrange(len(sizes))] = -1
    return sizes


def random_names(r: Random, count: int) -> list[str | None]:
    """Names for the axes of a tensor; some axes have none."""
    return r.sample(["heads", "queries", "frequency", "features", "depth", None, None], count)


def _given_names(s: Placement) -> Any:
    shape = s.args.get("shape")
    return random_names(s.r, len(as_list(shape))) if shape is not None else None


def _positions(s: Placement) -> int:
    axis = s.args.get("axis", s.channel)
    known = isinstance(axis, int) and -s.x.rank <= axis < s.x.rank
    return s.r.randint(1, s.x.shape[axis] if known else 2)


def _antialias(s: Placement) -> bool:
    """Not for results of one column: PyTorch 2.13 returns wrong numbers for several rows of them."""
    return "size" not in s.args and s.args.get("scale") not in (None, 0.5) and min(s.window, default=0) > 3


def _order(s: Placement) -> Any:
    order = list(range(s.x.rank))
    s.r.shuffle(order)
    return order


def _parts(s: Placement) -> Any:
    axis = s.args.get("axis", s.channel)
    n = s.x.shape[axis] if isinstance(axis, int) and -s.x.rank <= axis < s.x.rank else s.channels
    if s.chance(0.6) or n < 2:
        return s.divisor(n)
    cut = s.r.randint(1, n - 1)
    return [cut, n - cut]


def _ends(low: int, high: int) -> Callable[[Placement], Any]:
    def sample(s: Placement) -> Any:
        axis = s.args.get("axis")
        if isinstance(axis, list) and s.chance(0.5):
            return [s.r.choice([None, s.r.randint(low, high)]) for _ in as_list(axis)]
        return s.r.randint(low, high)

    return sample


def _amount(s: Placement) -> Any:
    if s.op == "pad" and s.chance(0.15):
        return [s.r.randint(-1, 2), s.r.randint(-1, 2)]
    if s.chance(0.4):
        return s.r.randint(0, 2)
    if s.chance(0.5):
        return [s.r.randint(0, 2), s.r.randint(0, 2)]
    return [[s.r.randint(0, 2), s.r.randint(0, 2)] for _ in s.window]


def _factor(s: Placement) -> Any:
    if s.op != "rescale":
        return s.r.choice([1, 2, 2, 3])
    return round(s.r.uniform(-2, 2), 2) if s.chance(0.5) else [round(s.r.uniform(-2, 2), 2) for _ in range(s.channels)]


def _scale(s: Placement) -> Any:
    if s.op != "upsample":
        return round(s.r.uniform(0.1, 1.5), 2)
    factor = s.r.choice([1, 2, 2, 3, 1.5, 0.5, 2.3, 1.7])
    return factor if s.chance(0.7) else [s.r.choice([1, 2, 0.5, 1.5]) for _ in s.window]


def _init(s: Placement) -> Any:
    simple = ["he_normal", "he_uniform", "xavier_normal", "xavier_uniform", "lecun_normal", "orthogonal", "identity"]
    measured = [{"normal": 0.5}, {"truncated_normal": 0.3}, {"uniform": 0.4}, {"constant": 0.2}, "ones"]
    return s.r.choice([*measured, *measured, *simple])


def _number(low: float, high: float) -> Callable[[Placement], Any]:
    return lambda s: round(s.r.uniform(low, high), 3)


def _whole(low: int, high: int) -> Callable[[Placement], Any]:
    return lambda s: s.r.randint(low, high)


def _norm_heads(s: Placement) -> int | None:
    """Heads of a normalisation along the last axis; None along others."""
    return s.divisor(s.x.shape[-1]) if s.x.rank and s.args.get("axis") is None else None


def _one_of(*values: Any) -> Callable[[Placement], Any]:
    return lambda s: s.r.choice(values)


def _cast(s: Placement) -> str:
    """A type. Floating-point numbers stay float32: where fractions are cut off, rounding errors grow."""
    return "float32" if s.x.dtype in FLOATS else s.r.choice(("int64", "int32", "bool", "float32"))


def _flag(s: Placement) -> bool:
    return s.chance(0.7)


SAMPLERS: dict[str, Callable[[Placement], Any]] = {
    "chebyshev.degree": _whole(1, 4), "filters": _whole(1, 6), "kernel": lambda s: s.per_axis(1, 4), "stride": lambda s: s.per_axis(1, 3),
    "padding": _padding, "dilation": lambda s: s.per_axis(1, 2), "groups": _groups, "bias": lambda s: s.chance(0.3),
    "padding_mode": _one_of("zeros", "reflect", "replicate", "circular"), "init": _init, "connections": _connections,
    "multiplier": _whole(1, 3), "output_padding": lambda s: s.per_axis(0, 1), "size": _size, "ceil_mode": _flag,
    "count_include_pad": _one_of(False, False, True), "p": _one_of(1, 2, 3, 2.5), "keepdims": _flag,
    "units": _whole(1, 6), "axis": _axis, "vocabulary": _whole(11, 20), "width": _whole(1, 6),
    "eps": _one_of(1e-5, 1e-3, 0.1), "momentum": _number(0, 1), "affine": lambda s: s.chance(0.5),
    "alpha": _number(0.1, 2), "beta": _number(0.3, 1.5), "k": _number(0.5, 2), "slope": _number(-0.5, 1),
    "num_parameters": lambda s: s.channels, "approximate": _one_of("tanh", "none"), "amplitude": _number(0.5, 2),
    "threshold": _number(1, 20), "low": _number(-1, 0.2), "high": _number(0.3, 2), "factor": _factor,
    "offset": _factor, "rate": _number(0, 0.9), "shape": _shape, "order": _order, "parts": _parts,
    "start": _ends(0, 2), "stop": _ends(-1, 4), "step": _whole(1, 3), "shift": _whole(-3, 3), "amount": _amount,
    "mode": _one_of("zeros", "reflect", "replicate", "circular"), "value": _number(-1, 1), "scale": _scale,
    "align_corners": _flag, "heads": lambda s: s.divisor(s.x.shape[-1]) if s.x.rank else 1, "causal": _flag,
    "drop": _number(0, 0.5), "num_layers": _whole(1, 2), "bidirectional": _flag, "output": _one_of("sequence", "last"),
    "nonlinearity": _one_of("tanh", "relu"), "batch_axis": _flag, "persistent": lambda s: s.chance(0.3),
    "dtype": _one_of(None), "axes": _given_names, "cast.to": _cast,
    "rearrange.pattern": random_pattern, "einsum.pattern": lambda s: "", "by": lambda s: s.args.get("by"),
    "correction": _whole(0, 1), "antialias": _antialias,
    "flatten.start": lambda s: s.r.randrange(max(s.x.rank, 1)), "flatten.end": lambda s: s.r.randint(-1, max(s.x.rank - 1, 0)),
    "select.index": lambda s: s.r.randint(-2, 2), "squeeze.axis": _axis,
    "upsample.mode": _one_of("nearest", "linear", "bilinear", "trilinear", "bicubic"),
    "max_unpool2d.size": lambda s: s.r.randint(1, 3), "group_norm.groups": lambda s: s.divisor(s.channels),
    "top_k.k": _positions, "steps": _whole(1, 2), "descending": _flag, "classes": _whole(11, 20),
    "roi_align.size": lambda s: s.r.choice([1, 2, [2, 1]]), "spatial_scale": _number(0.2, 2),
    "sampling_ratio": _whole(1, 3), "aligned": _one_of(False, False, True),
    "irfft.size": _one_of(None), "grid_sample.mode": _one_of("bilinear", "bicubic"), "frozen": lambda s: s.chance(0.3),
    "grid_sample.padding_mode": _one_of("zeros", "border", "reflection"),
    "channel_shuffle.groups": lambda s: s.divisor(s.channels),
    "layer_norm.heads": _norm_heads, "rms_norm.heads": _norm_heads, "kv_heads": _one_of(None), "theta": _number(10, 1000),
    "window": _one_of(1, 2, 3, 9), "cap": _number(0.5, 3), "pairs": _one_of("halves", "interleaved"), "dims": _one_of(None),
    **dict.fromkeys(("expression", "formula.for"), _one_of(None)),  # random_formulas
    **{f"depthwise_conv{n}d.heads": lambda s: s.divisor(s.channels) for n in (1, 2, 3)},
}  # fmt: skip
"""By name of the argument, or ``operation.argument`` if its meaning differs."""


def random_arguments(placement: Placement) -> dict[str, Any]:
    """Arguments of an operation, except those that name layers."""
    cls = find(placement.op)
    placement.args = {}
    names = [a for a, declared in cls.arguments.items() if declared.validator.kind != "layer"]
    names.sort(key=lambda a: a not in ("axis", "filters", "kernel", "shape"))
    for name in names:
        if (
            cls.arguments[name].required
            or (placement.op in ("clamp", "upsample") and name in ("low", "scale"))
            or placement.chance(0.35)
        ):
            if name == "connections" and placement.chance(0.6):
                continue
            placement.args[name] = (SAMPLERS.get(f"{placement.op}.{name}") or SAMPLERS[name])(placement)
    return {name: value for name, value in placement.args.items() if value is not None}
