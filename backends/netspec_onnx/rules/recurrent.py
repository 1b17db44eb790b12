"""Recurrent layers. Weights keep PyTorch's layout; nodes that runtimes fold reorder the gates for ONNX."""

from __future__ import annotations

from typing import NamedTuple

from netspec.ops.recurrent import Gru, Lstm, Recurrent, Rnn

from ..builder.common_nodes import repeat_over_batch, slice_operands
from ..builder.site import Site
from ..builder.value_info import Attribute, Dim, GraphValue
from .rule_table import Results, lower


class Cell(NamedTuple):
    """The ONNX form of one kind of recurrent layer."""

    kind: str
    """The operator."""
    gates: tuple[int, ...]
    """For each of ONNX's gates, the index of PyTorch's."""
    attributes: dict[str, Attribute]
    """Attributes that only this kind has."""


@lower.rule(Rnn)
def rnn(op: Rnn, site: Site) -> Results:
    """``RNN`` with a single gate."""
    activation = "Relu" if op.nonlinearity == "relu" else "Tanh"
    return recurrent(op, site, Cell("RNN", (0,), {"activations": [activation] * op.directions}))


@lower.rule(Lstm)
def lstm(op: Lstm, site: Site) -> Results:
    """``LSTM``, with the gates input, output, forget, cell."""
    return recurrent(op, site, Cell("LSTM", (0, 3, 1, 2), {}))


@lower.rule(Gru)
def gru(op: Gru, site: Site) -> Results:
    """``GRU``, with the gates update, reset, hidden."""
    return recurrent(op, site, Cell("GRU", (1, 0, 2), {"linear_before_reset": 1}))


def recurrent(op: Recurrent, site: Site, cell: Cell) -> Results:
    """One node for each layer, over (length, batch, features)."""
    initial_states = [site.with_batch_axis(value) for value in site.inputs[1:]]
    x = repeat_over_batch(site, site.x, next((state for state in initial_states if state.shape[0] != 1), None))
    batch, length = x.shape[0], x.item_shape[0]
    states = [_initial_state(site, i, x) for i in range(1, len(site.inputs))]
    count = len(op.results) - 1
    steps = site.add_node(
        "Transpose", [x], (length, batch, *x.item_shape[1:]), batched=False, name="by_step", perm=[1, 0, 2]
    )
    final: list[list[GraphValue]] = [[] for _ in range(count)]
    d, h = op.directions, op.width
    y = steps
    for layer in range(op.num_layers):
        y, ends = _layer(op, site, cell, steps, layer, states, batch, length)
        for of_state, end in zip(final, ends, strict=True):
            of_state.append(end)
        if layer + 1 < op.num_layers:
            steps = _layer_input(op, site, y, batch, length)
    out: list[GraphValue | None] = [
        _first_output(op, site, y, final[0][-1], batch, length) if site.is_used(0) else None
    ]
    for i, ends in enumerate(final, 1):
        if not site.is_used(i):
            out.append(None)
            continue
        joint = ends[0]
        if len(ends) > 1:
            joint = site.add_node("Concat", ends, (len(ends) * d, batch, h), batched=False, name=op.results[i], axis=0)
        out.append(_output(site, i, "Transpose", [joint], batch, perm=[1, 0, 2]))
    return tuple(out)


def _layer(
    op: Recurrent,
    site: Site,
    cell: Cell,
    steps: GraphValue,
    layer: int,
    states: list[GraphValue],
    batch: Dim,
    length: Dim,
) -> tuple[GraphValue, list[GraphValue]]:
    """Returns the states of one layer at every step, (length, directions, batch, width), and the final ones."""
    d, h = op.directions, op.width
    suffixes = ("", "_reverse")[:d]
    size = steps.shape[-1]
    w = _joined_weights(op, site, cell, [f"weight_ih_l{layer}{s}" for s in suffixes], (size,), f"w{layer}")
    r = _joined_weights(op, site, cell, [f"weight_hh_l{layer}{s}" for s in suffixes], (h,), f"r{layer}")
    b = _joined_biases(op, site, cell, layer, suffixes) if op.bias else None
    initial = [_state_of_layer(op, site, state, layer, batch) if op.num_layers > 1 else state for state in states]
    attributes: dict[str, Attribute] = {"hidden_size": h, "direction": "bidirectional" if d == 2 else "forward"}
    attributes |= cell.attributes
    shapes: list[list[Dim]] = [[length, d, batch, h], *([[d, batch, h]] * (len(op.results) - 1))]
    names = [f"y{layer}", *(f"{name}{layer}" for name in op.results[1:])]
    y, *ends = site.add_multiple(
        cell.kind, [steps, w, r, b, None, *initial], shapes, names, batched=False, extra=attributes
    )
    return y, ends


def _first_output(op: Recurrent, site: Site, y: GraphValue, end: GraphValue, batch: Dim, length: Dim) -> GraphValue:
    """Returns the first output: all states of the last layer, or the final ones, with merged directions."""
    d, h = op.directions, op.width
    if op.output == "last":
        if d == 1:
            return _output(site, 0, "Squeeze", [end, site.integers("direction", [0])], batch)
        transposed = site.add_node("Transpose", [end], (batch, d, h), batched=True, name="last", perm=[1, 0, 2])
        return _output(site, 0, "Reshape", [transposed, site.integers("side_by_side", [0, d * h])], batch)
    if d == 1:
        single = site.add_node(
            "Squeeze", [y, site.integers("direction", [1])], (length, batch, h), batched=False, name="states"
        )
        return _output(site, 0, "Transpose", [single], batch, perm=[1, 0, 2])
    transposed = site.add_node("Transpose", [y], (batch, length, d, h), batched=True, name="states", perm=[2, 0, 1, 3])
    return _output(site, 0, "Reshape", [transposed, site.integers("side_by_side", [0, 0, d * h])], batch)


def _layer_input(op: Recurrent, site: Site, y: GraphValue, batch: Dim, length: Dim) -> GraphValue:
    """Returns the states of a layer as the input of the next."""
    d, h = op.directions, op.width
    if d == 1:
        axes = site.integers("direction", [1])
        return site.add_node("Squeeze", [y, axes], (length, batch, h), batched=False, name="between")
    transposed = site.add_node("Transpose", [y], (length, batch, d, h), batched=False, name="turned", perm=[0, 2, 1, 3])
    return site.add_node(
        "Reshape",
        [transposed, site.integers("side_by_side", [0, 0, d * h])],
        (length, batch, d * h),
        batched=False,
        name="between",
    )


def _initial_state(site: Site, index: int, x: GraphValue) -> GraphValue:
    """An initial state as (layers * directions, batch, width), for every example."""
    state = repeat_over_batch(site, site.inputs[index], x)
    n, h = state.item_shape
    return site.add_node("Transpose", [state], (n, state.shape[0], h), batched=False, name="initial", perm=[1, 0, 2])


def _state_of_layer(op: Recurrent, site: Site, state: GraphValue, layer: int, batch: Dim) -> GraphValue:
    """The part of an initial state that belongs to one layer."""
    d = op.directions
    bounds = slice_operands(site, state, {0: (layer * d, (layer + 1) * d, 1)}, f"initial{layer}")
    return site.add_node("Slice", [state, *bounds], (d, batch, op.width), batched=False, name=f"initial{layer}")


def _joined_weights(
    op: Recurrent, site: Site, cell: Cell, names: list[str], rest: tuple[Dim, ...], name: str
) -> GraphValue:
    """Weights of all directions, their rows in ONNX's order: (directions, gates * width, *rest)."""
    parts = [_ordered(op, site, cell, site.weight(n), 1, rest, f"{name}_{i}") for i, n in enumerate(names)]
    if len(parts) == 1:
        return parts[0]
    shape = (len(parts), op.gates * op.width, *rest)
    return site.add_node("Concat", parts, shape, batched=False, name=name, axis=0)


def _joined_biases(op: Recurrent, site: Site, cell: Cell, layer: int, suffixes: tuple[str, ...]) -> GraphValue:
    """Both biases of all directions: (directions, 2 * gates * width)."""
    rows = op.gates * op.width
    parts: list[GraphValue] = []
    for i, suffix in enumerate(suffixes):
        biases = [site.weight(f"bias_{kind}_l{layer}{suffix}") for kind in ("ih", "hh")]
        joint = site.add_node("Concat", biases, (2 * rows,), batched=False, name=f"b{layer}_{i}_joint", axis=0)
        parts.append(_ordered(op, site, cell, joint, 2, (), f"b{layer}_{i}"))
    if len(parts) == 1:
        return parts[0]
    return site.add_node("Concat", parts, (len(parts), 2 * rows), batched=False, name=f"b{layer}", axis=0)


def _ordered(
    op: Recurrent, site: Site, cell: Cell, weight: GraphValue, blocks: int, rest: tuple[Dim, ...], name: str
) -> GraphValue:
    """The rows of every gate in ONNX's order, with a leading axis for the direction."""
    rows = op.gates * op.width
    shape = (1, blocks * rows, *rest)
    if len(cell.gates) == 1:
        return site.add_node("Unsqueeze", [weight, site.integers("direction", [0])], shape, batched=False, name=name)
    gates = [block * op.gates + gate for block in range(blocks) for gate in cell.gates]
    apart: tuple[Dim, ...] = (len(gates), op.width, *rest)
    by_gate = site.integers(f"{name}_apart_to", list(apart))
    split = site.add_node("Reshape", [weight, by_gate], apart, batched=False, name=f"{name}_apart")
    order = site.integers(f"{name}_gates", gates)
    ordered = site.add_node("Gather", [split, order], apart, batched=False, name=f"{name}_ordered", axis=0)
    target = site.integers(f"{name}_shape", list(shape))
    return site.add_node("Reshape", [ordered, target], shape, batched=False, name=name)


def _output(
    site: Site, index: int, kind: str, inputs: list[GraphValue], batch: Dim, **attributes: Attribute
) -> GraphValue:
    """Adds the node of an output with that batch axis."""
    return site.add_output(index, kind, inputs, site.output_value(index, (batch,)), **attributes)
