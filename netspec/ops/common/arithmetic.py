"""How the numbers of a layer come about: the formulas of its operation with the layer's values put in.

Every formula is written so that it can be worked out as it stands (``floor((224 + 1 + 1 - 3) / 1) + 1``), which is
what the tests do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ...shapes.types import CHANNELS, TensorType
from ...shapes.window import Window, padding
from ..attention import Attention, DotProductAttention
from ..base import Op, Types
from ..conv import Bank, Conv, ConvTranspose, DepthwiseConv, SeparableConv, Windowed
from ..dense import Dense, Embedding
from ..merge import Concat, Matmul
from ..pool import Adaptive
from ..recurrent import Recurrent


class Step(NamedTuple):
    """One number: what it is, the formula in words, the same with the values put in, and the result."""

    what: str
    rule: str
    worked: str
    result: int
    note: str = ""


def product(*numbers: int) -> str:
    """``64 * 3 * 3``."""
    return " * ".join(f"{n}" for n in numbers) or "1"


def axis_word(x: TensorType, axis: int) -> str:
    """The name of an axis, or its number."""
    return x.axes[axis] or f"axis {axis}"


# -- sizes ------------------------------------------------------------------------------------------------------------
def sizes(op: Op, inputs: Types, outputs: Types) -> list[Step]:
    """Every size of the first output that follows from a formula over the input's sizes."""
    if isinstance(op, ConvTranspose):
        return list(_transposed(op, inputs[0], outputs[0]))
    if isinstance(op, Adaptive):
        return [Step(axis_word(inputs[0], a), "as given", f"{outputs[0].shape[a]}", outputs[0].shape[a])
                for a in op.window_axes(inputs[0])[1]]
    if isinstance(op, Windowed):
        return list(_slid(op, inputs[0], outputs[0]))
    if isinstance(op, Concat):
        a = op.axis
        parts = [x.shape[a] for x in inputs]
        return [Step(axis_word(outputs[0], a), "the sizes of all inputs", " + ".join(map(str, parts)), sum(parts))]
    return []


def _slid(op: Windowed, x: TensorType, y: TensorType) -> Iterator[Step]:
    channel, axes = op.window_axes(x)
    yield _channels(op, x, y, channel)
    given = op.windows()
    for a, w in zip(axes, given, strict=True):
        n, out, what = x.shape[a], y.shape[a], axis_word(x, a)
        before, after = padding(n, w)
        if w.pads in ("same", "causal"):
            yield Step(what, "ceil(n / stride)", f"ceil({n} / {w.stride})", out)
        elif w.ceil_mode:
            reach = f"min({before} + {after} - {_extent(w, True)} + {w.stride}, {before})"
            yield Step(what, f"ceil((n + min(before + after - {_extent(w)} + stride, before)) / stride)",
                       f"ceil(({n} + {reach}) / {w.stride})", out)
        else:
            yield Step(what, f"floor((n + before + after - {_extent(w)}) / stride) + 1",
                       f"floor(({n} + {before} + {after} - {_extent(w, True)}) / {w.stride}) + 1", out)
    for a, w in zip(axes, given, strict=True):
        n, out, what = x.shape[a], y.shape[a], f"padding of {axis_word(x, a)}"
        before, after = padding(n, w)
        if w.pads == "same":
            yield Step(what, f"max((positions - 1) * stride + {_extent(w)} - n, 0)",
                       f"max(({out} - 1) * {w.stride} + {_extent(w, True)} - {n}, 0)", before + after,
                       f"{before} before and {after} after")
        elif w.pads == "causal":
            yield Step(what, f"{_extent(w)} - 1", f"{_extent(w, True)} - 1", before, "all before")


def _extent(w: Window, numbers: bool = False) -> str:
    """What a window covers: its size, or with dilation more."""
    if w.dilation == 1:
        return f"{w.size}" if numbers else "window"
    return f"({w.dilation} * ({w.size} - 1) + 1)" if numbers else "(dilation * (window - 1) + 1)"


def _channels(op: Windowed, x: TensorType, y: TensorType, channel: int) -> Step:
    c, out = x.shape[channel], y.shape[channel]
    if isinstance(op, DepthwiseConv):
        return Step(CHANNELS, "channels * multiplier", f"{c} * {op.multiplier}", out)
    if isinstance(op, Bank):
        return Step(CHANNELS, "one for each filter", f"{out}", out)
    return Step(CHANNELS, "every channel by itself", f"{c}", out)


def _transposed(op: ConvTranspose, x: TensorType, y: TensorType) -> Iterator[Step]:
    channel, axes = op.window_axes(x)
    yield Step(CHANNELS, "one for each filter", f"{op.filters}", y.shape[channel])
    for a, w, (before, after, add) in zip(axes, op.windows(), op.cropping(), strict=True):
        yield Step(axis_word(x, a), f"(n - 1) * stride + {_extent(w)} - before - after + added",
                   f"({x.shape[a]} - 1) * {w.stride} + {_extent(w, True)} - {before} - {after} + {add}", y.shape[a])


# -- weights ----------------------------------------------------------------------------------------------------------
def axes_of(op: Op, weight: str) -> str | None:
    """What the axes of a weight are, in words; None where its name says it."""
    by_class: list[tuple[type[Op], dict[str, str]]] = [
        (SeparableConv, {"depthwise.weight": "channels × multiplier, 1, kernel",
                         "pointwise.weight": "filters, all, 1"}),
        (ConvTranspose, {"weight": "channels, filters / groups, kernel"}),
        (Dense, {"weight": "units, features"}),
        (Embedding, {"weight": "vocabulary, width"}),
        (Attention, {"in_proj_weight": "query, key and value; features", "out_proj.weight": "features, features"}),
    ]
    if isinstance(op, DepthwiseConv):
        each = "channels / heads × multiplier" if op.heads > 1 else "channels × multiplier"
        return f"{each}, 1, kernel" if weight == "weight" else None
    if isinstance(op, Conv):
        return {"weight": "pairs of the table, kernel" if op.connections else "filters, channels / groups, kernel",
                "bias": "one for each filter"}.get(weight)
    return next((words.get(weight) for cls, words in by_class if isinstance(op, cls)), None)


# -- cost ----------------------------------------------------------------------------------------------------------
def macs(op: Op, inputs: Types, outputs: Types) -> Step | None:
    """The multiply-accumulates; None where the operation has none, or no formula is written down for it."""
    total = op.macs(inputs, outputs)
    if not total:
        return None
    found = next((rule for cls, rule in _MACS if isinstance(op, cls)), None)
    if found is None:
        return None
    words, worked = found(op, inputs, outputs)
    return Step("MACs", words, worked, total)


def _positions(op: Any, y: TensorType) -> str:
    channel, _ = op.window_axes(y)
    return product(*(n for a, n in enumerate(y.shape) if a != channel))


def _bank(op: Any, inputs: Types, outputs: Types) -> tuple[str, str]:
    shape, positions = op.weights(*inputs)[0].shape, _positions(op, outputs[0])
    if isinstance(op, DepthwiseConv) and op.heads > 1:
        return "weights, once for every head at every output position", f"{product(*shape)} * {op.heads} * {positions}"
    return "weights, once at every output position", f"{product(*shape)} * {positions}"


def _separable(op: Any, inputs: Types, outputs: Types) -> tuple[str, str]:
    depth, point, *_ = (product(*w.shape) for w in op.weights(*inputs))
    return "both weights, once at every output position", f"({depth} + {point}) * {_positions(op, outputs[0])}"


def _transpose(op: Any, inputs: Types, outputs: Types) -> tuple[str, str]:
    shape = op.weights(*inputs)[0].shape
    return "weights, once at every input position", f"{product(*shape)} * {_positions(op, inputs[0])}"


def _dense(op: Any, inputs: Types, outputs: Types) -> tuple[str, str]:
    return "features, for each output element", f"{inputs[0].shape[op.axis]} * {product(*outputs[0].shape)}"


def _matmul(op: Any, inputs: Types, outputs: Types) -> tuple[str, str]:
    return "k, for each output element", f"{inputs[0].shape[-1]} * {product(*outputs[0].shape)}"


def _attention(op: Any, inputs: Types, outputs: Types) -> tuple[str, str]:
    q, k, v = op.widths(inputs)
    query, key, _ = op.roles(inputs)
    n, m = _length(inputs, query), _length(inputs, key)
    return (
        "query and output projections; key and value projections; scores and weighted sum",
        f"{n} * 2 * {q} * {q} + {m} * {q} * ({k} + {v}) + {n} * {m} * 2 * {q}",
    )


def _length(inputs: Types, number: int) -> int:
    return inputs[number].shape[0]


def _dot(op: Any, inputs: Types, outputs: Types) -> tuple[str, str]:
    q, v = op.widths(inputs)
    front = product(*inputs[0].shape[:-1])
    return "scores and weighted sum", f"{front} * {inputs[1].shape[-2]} * ({q} + {v})"


def _recurrent(op: Any, inputs: Types, outputs: Types) -> tuple[str, str]:
    matrices = " + ".join(product(*w.shape) for w in op.weights(inputs[0]) if len(w.shape) == 2)
    return "all matrices, once at every step", f"{inputs[0].shape[0]} * ({matrices})"


_MACS: list[tuple[type[Op], Callable[[Any, Types, Types], tuple[str, str]]]] = [
    (SeparableConv, _separable), (Bank, _bank), (ConvTranspose, _transpose), (Dense, _dense), (Matmul, _matmul),
    (Attention, _attention), (DotProductAttention, _dot), (Recurrent, _recurrent),
]


# -- what a window sees ----------------------------------------------------------------------------------------------
def windows(op: Op, x: TensorType) -> list[tuple[int, Window, tuple[int, int]]]:
    """For a sliding window the axes, the window along each, and its padding; nothing for any other operation."""
    if not isinstance(op, Windowed) or isinstance(op, (ConvTranspose, Adaptive)):
        return []
    _, axes = op.window_axes(x)
    return list(zip(axes, op.windows(), op.pads(x), strict=True))


def local_values(op: Op, inputs: Types, outputs: Types) -> int | None:
    """How many input values each output value of a convolution sees; None for any other operation."""
    if not isinstance(op, (Conv, DepthwiseConv)) or (isinstance(op, Conv) and op.connections):
        return None
    out = 1
    for n in op.weights(*inputs)[0].shape[1:]:
        out *= n
    return out
