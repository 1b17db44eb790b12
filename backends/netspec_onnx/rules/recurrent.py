"""Recurrent layers. Weights stay as PyTorch has them; nodes that a runtime folds put the gates in ONNX's order."""

from __future__ import annotations

from netspec.ops.recurrent import Gru, Lstm, Recurrent, Rnn

from ..builder.site import Site
from ..builder.value_info import Attribute, Dim, Value
from .base import Results, lower

ORDERS: dict[type[Recurrent], tuple[str, tuple[int, ...]]] = {
    Rnn: ("RNN", (0,)),
    Lstm: ("LSTM", (0, 3, 1, 2)),
    Gru: ("GRU", (1, 0, 2)),
}
"""ONNX's operator and, for each of its gates, PyTorch's: input, output, forget, cell; update, reset, new."""


@lower.rule(Rnn, Lstm, Gru)
def recurrent(op: Recurrent, site: Site) -> Results:
    """One ``RNN``, ``LSTM`` or ``GRU`` for each layer, over (length, batch, features)."""
    given = [site.leading(value) for value in site.inputs[1:]]
    x = site.over_batch(site.x, next((state for state in given if state.shape[0] != 1), None))
    batch, length = x.shape[0], x.own[0]
    states = [_states(site, i, x) for i in range(1, len(site.inputs))]
    count = len(op.results) - 1
    steps = site.raw("Transpose", [x], (length, batch, *x.own[1:]), lead=False, what="by_step", perm=[1, 0, 2])
    final: list[list[Value]] = [[] for _ in range(count)]
    d, h = op.directions, op.width
    y = steps
    for layer in range(op.num_layers):
        y, ends = _layer(op, site, steps, layer, states, batch, length)
        for made, end in zip(final, ends, strict=True):
            made.append(end)
        if layer + 1 < op.num_layers:
            steps = _side_by_side(op, site, y, batch, length)
    out: list[Value | None] = [_first(op, site, y, final[0][-1], batch, length) if site.wanted(0) else None]
    for i, ends in enumerate(final, 1):
        if not site.wanted(i):
            out.append(None)
            continue
        joint = ends[0]
        if len(ends) > 1:
            joint = site.raw("Concat", ends, (len(ends) * d, batch, h), lead=False, what=op.results[i], axis=0)
        out.append(_output(site, i, "Transpose", [joint], batch, perm=[1, 0, 2]))
    return tuple(out)


def _layer(
    op: Recurrent, site: Site, steps: Value, layer: int, states: list[Value], batch: Dim, length: Dim
) -> tuple[Value, list[Value]]:
    """One layer: its states at every step (length, directions, batch, width), and the final ones."""
    d, h = op.directions, op.width
    kind, _ = ORDERS[type(op)]
    suffixes = ("", "_reverse")[:d]
    size = steps.shape[-1]
    w = _joined(op, site, [f"weight_ih_l{layer}{s}" for s in suffixes], (size,), f"w{layer}")
    r = _joined(op, site, [f"weight_hh_l{layer}{s}" for s in suffixes], (h,), f"r{layer}")
    b = _biases(op, site, layer, suffixes) if op.bias else None
    initial = [
        _of_layer(op, site, state, layer, batch) if op.num_layers > 1 else state for state in states
    ]
    attributes: dict[str, Attribute] = {"hidden_size": h, "direction": "bidirectional" if d == 2 else "forward"}
    if isinstance(op, Gru):
        attributes["linear_before_reset"] = 1
    if isinstance(op, Rnn):
        attributes["activations"] = ["Relu" if op.nonlinearity == "relu" else "Tanh"] * d
    shapes: list[list[Dim]] = [[length, d, batch, h], *([[d, batch, h]] * (len(op.results) - 1))]
    names = [f"y{layer}", *(f"{name}{layer}" for name in op.results[1:])]
    y, *ends = site.parts(kind, [steps, w, r, b, None, *initial], shapes, names, lead=False, more=attributes)
    return y, ends


def _first(op: Recurrent, site: Site, y: Value, end: Value, batch: Dim, length: Dim) -> Value:
    """The first output: the states at every step, or the final ones, directions side by side."""
    d, h = op.directions, op.width
    if op.output == "last":
        if d == 1:
            return _output(site, 0, "Squeeze", [end, site.integers("direction", [0])], batch)
        turned = site.raw("Transpose", [end], (batch, d, h), lead=True, what="last", perm=[1, 0, 2])
        return _output(site, 0, "Reshape", [turned, site.integers("side_by_side", [0, d * h])], batch)
    if d == 1:
        single = site.raw(
            "Squeeze", [y, site.integers("direction", [1])], (length, batch, h), lead=False, what="states"
        )
        return _output(site, 0, "Transpose", [single], batch, perm=[1, 0, 2])
    turned = site.raw("Transpose", [y], (batch, length, d, h), lead=True, what="states", perm=[2, 0, 1, 3])
    return _output(site, 0, "Reshape", [turned, site.integers("side_by_side", [0, 0, d * h])], batch)


def _side_by_side(op: Recurrent, site: Site, y: Value, batch: Dim, length: Dim) -> Value:
    """The states of a layer as what the next one takes."""
    d, h = op.directions, op.width
    if d == 1:
        axes = site.integers("direction", [1])
        return site.raw("Squeeze", [y, axes], (length, batch, h), lead=False, what="between")
    turned = site.raw("Transpose", [y], (length, batch, d, h), lead=False, what="turned", perm=[0, 2, 1, 3])
    return site.raw(
        "Reshape", [turned, site.integers("side_by_side", [0, 0, d * h])], (length, batch, d * h), lead=False,
        what="between",
    )


def _states(site: Site, index: int, x: Value) -> Value:
    """An initial state as (layers * directions, batch, width), for every example."""
    state = site.over_batch(site.inputs[index], x)
    n, h = state.own
    return site.raw("Transpose", [state], (n, state.shape[0], h), lead=False, what="initial", perm=[1, 0, 2])


def _of_layer(op: Recurrent, site: Site, state: Value, layer: int, batch: Dim) -> Value:
    """The part of an initial state that is for one layer."""
    d = op.directions
    bounds = site.slicing(state, {0: (layer * d, (layer + 1) * d, 1)}, f"initial{layer}")
    return site.raw("Slice", [state, *bounds], (d, batch, op.width), lead=False, what=f"initial{layer}")


def _joined(op: Recurrent, site: Site, names: list[str], rest: tuple[Dim, ...], what: str) -> Value:
    """Weights of all directions, their rows in ONNX's order: (directions, gates * width, *rest)."""
    parts = [_ordered(op, site, site.weight(name), 1, rest, f"{what}_{i}") for i, name in enumerate(names)]
    if len(parts) == 1:
        return parts[0]
    shape = (len(parts), op.gates * op.width, *rest)
    return site.raw("Concat", parts, shape, lead=False, what=what, axis=0)


def _biases(op: Recurrent, site: Site, layer: int, suffixes: tuple[str, ...]) -> Value:
    """Both biases of all directions: (directions, 2 * gates * width)."""
    rows = op.gates * op.width
    parts: list[Value] = []
    for i, suffix in enumerate(suffixes):
        both = [site.weight(f"bias_{kind}_l{layer}{suffix}") for kind in ("ih", "hh")]
        joint = site.raw("Concat", both, (2 * rows,), lead=False, what=f"b{layer}_{i}_joint", axis=0)
        parts.append(_ordered(op, site, joint, 2, (), f"b{layer}_{i}"))
    if len(parts) == 1:
        return parts[0]
    return site.raw("Concat", parts, (len(parts), 2 * rows), lead=False, what=f"b{layer}", axis=0)


def _ordered(op: Recurrent, site: Site, weight: Value, blocks: int, rest: tuple[Dim, ...], what: str) -> Value:
    """Rows gate by gate in ONNX's order, with an axis for the direction before them."""
    _, order = ORDERS[type(op)]
    rows = op.gates * op.width
    shape = (1, blocks * rows, *rest)
    if len(order) == 1:
        return site.raw("Unsqueeze", [weight, site.integers("direction", [0])], shape, lead=False, what=what)
    index = [block * rows + gate * op.width + i for block in range(blocks) for gate in order for i in range(op.width)]
    return site.raw("Gather", [weight, site.integers(f"{what}_rows", [index])], shape, lead=False, what=what, axis=0)


def _output(
    site: Site, index: int, kind: str, inputs: list[Value], batch: Dim, **attributes: Attribute
) -> Value:
    """The node that makes an output with that batch axis."""
    return site.made(index, kind, inputs, site.planned(index, (batch,)), **attributes)
