"""Rules for layers that run along an axis, either as examples of the batch or in a ``Scan``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.ops.region import EnterAxis, LeaveAxis, Over, Route

from ..builder.body_emitter import BodyEmitter
from ..builder.common_nodes import repeat_over_batch
from ..builder.value_info import BATCH, GraphValue
from .all_nodes import convert_nodes
from .region_parts import emit, rewritten, typed, whole
from .routing import routed
from .rule_table import Results, lower

if TYPE_CHECKING:
    from ..builder.site import Site


@lower.rule(EnterAxis)
def enter_axis(op: EnterAxis, site: Site) -> Results:
    """Moves the axis next to the batch and merges them; a value without the axis is repeated."""
    x = site.inputs[0]
    result = x
    if op.axis is not None:
        x = repeat_over_batch(site, x, whole(site))
        order = [0, op.axis + 1, *(a + 1 for a in range(x.rank) if a != op.axis)]
        shape = [x.shape[a] for a in order]
        if op.axis:
            x = site.add_node("Transpose", [x], tuple(shape), batched=True, name="moved", perm=order)
        result = site.result("Reshape", x, site.integers("joined", [-1, *x.item_shape[1:]]))
    elif x.batched and x.shape[0] == BATCH:
        axes = site.integers("axes", [1])
        apart = site.add_node("Unsqueeze", [x, axes], (BATCH, 1, *x.item_shape), batched=True, name="apart")
        times = site.integers("times", [1, op.size, *(1,) * x.rank])
        each = site.add_node("Expand", [apart, times], (BATCH, op.size, *x.item_shape), batched=True, name="each")
        result = site.result("Reshape", each, site.integers("joined", [-1, *x.item_shape]))
    if result is not x:
        site.emitter.undescribed.add(result.name)
    if op.is_last:
        site.emitter.enter_axis()
    return result


@lower.rule(LeaveAxis)
def leave_axis(op: LeaveAxis, site: Site) -> Results:
    """Splits the batch into two axes and moves the second to its position."""
    like = whole(site)
    x = repeat_over_batch(site, site.inputs[0], like)
    if like is None:
        shape = site.integers("positions", [op.size, *x.item_shape])
        x = site.add_node("Expand", [x, shape], x.shape, batched=True, name="each")
    shape = site.integers("apart_to", [-1, op.size, *x.item_shape])
    if op.axis == 0:
        result = site.result("Reshape", x, shape)
    else:
        apart = site.add_node("Reshape", [x, shape], (x.shape[0], op.size, *x.item_shape), batched=True, name="apart")
        order = [0, *range(2, op.axis + 2), 1, *range(op.axis + 2, x.rank + 2)]
        result = site.result("Transpose", apart, perm=order)
    site.emitter.leave_axis(result.name, is_last=op.is_last)
    return result


@lower.rule(Over)
def loop(op: Over, site: Site) -> Results:
    """``Scan``; weights, and inputs that are equal at every position, are captured from the enclosing graph."""
    graph = rewritten(op.body)
    inner = BodyEmitter(site.emitter, graph, site.number, site.emitter.parameter, apart=True)
    like = whole(site)
    carried = dict(op.states)
    starts: list[GraphValue] = []
    scanned: list[tuple[GraphValue, int]] = []
    states: list[GraphValue] = []
    slices: list[GraphValue] = []
    for i, (v, (k, axis)) in enumerate(zip(graph.inputs.values(), op.sources, strict=True)):
        kind = graph.values[v]
        name = site.emitter.names.claim(f"{site.node.name}/input{i}", "")
        if i in carried:
            start = zeros(site, kind.shape, site.element(kind.dtype), like) if k is None else site.inputs[k]
            starts.append(repeat_over_batch(site, start, like))
            value = GraphValue(name, site.element(kind.dtype), (starts[-1].shape[0], *kind.shape), batched=True)
            states.append(value)
        elif axis is not None and k is not None:
            x = site.inputs[k]
            scanned.append((x, x.axis(axis)))
            value = GraphValue(name, x.dtype, (*x.shape[: x.batched], *kind.shape), x.batched)
            slices.append(value)
        else:
            assert k is not None
            inner.values[v] = site.inputs[k]
            continue
        inner.values[v] = value
    for value in (*states, *slices):
        typed(inner.proto.input.add(), value)
        inner.root.types[value.name] = value
        inner.root.undescribed.add(value.name)
    convert_nodes(inner, site.sizes, graph)
    results = list(graph.outputs.values())
    order = [*carried.values(), *(o for o, place in enumerate(op.places) if place is not None)]
    outputs: dict[int, GraphValue] = {}
    ends: list[GraphValue] = []
    batch = like.shape[:1] if like is not None else (1,)
    for number, o in enumerate(order):
        add_output(inner, site, results[o], states[0], f"{site.node.name}/output{number}")
        of_state = number < len(carried)
        if of_state and op.places[o] is not None:
            kind = graph.values[results[o]]
            name = site.emitter.names.claim(f"{site.node.name}/last{number}", "")
            ends.append(GraphValue(name, site.element(kind.dtype), (*batch, *kind.shape), batched=True))
        else:
            outputs[o] = site.output_value(o, batch)
            ends.append(outputs[o])
    inner.proto.name = f"{site.node.name}/position"
    places = [place + 1 for place in op.places if place is not None]
    site.add_outputs(
        "Scan",
        [*starts, *(x for x, _ in scanned)],
        ends,
        body=inner.proto,
        num_scan_inputs=len(scanned),
        scan_input_axes=[axis for _, axis in scanned],
        scan_output_axes=places,
    )
    return tuple(outputs[o] for o in range(len(op.places)))


def add_output(inner: BodyEmitter, site: Site, number: int, like: GraphValue, name: str) -> None:
    """Adds an output with a batch axis to a subgraph."""
    value = inner.values[number]
    assert value is not None
    if not value.batched:
        axes = inner.constant(f"{name}/axes", [0], "int64")
        value = emit(
            inner, site, "Unsqueeze", [value, axes], value._replace(shape=(1, *value.shape), batched=True), name
        )
    if value.shape[0] == 1 and like.shape[0] == BATCH:
        first = inner.constant(f"{name}/first", [0], "int64")
        shape = emit(inner, site, "Shape", [like], GraphValue(name, "int64", (len(like.shape),)), f"{name}/shape")
        size = emit(inner, site, "Gather", [shape, first], GraphValue(name, "int64", (1,)), f"{name}/examples", axis=0)
        ones = inner.constant(f"{name}/ones", [1] * value.rank, "int64")
        target = emit(
            inner, site, "Concat", [size, ones], GraphValue(name, "int64", (1 + value.rank,)), f"{name}/to", axis=0
        )
        value = emit(inner, site, "Expand", [value, target], value._replace(shape=(BATCH, *value.item_shape)), name)
    typed(inner.proto.output.add(), emit(inner, site, "Identity", [value], value, name))


def zeros(site: Site, shape: tuple[int, ...], dtype: str, like: GraphValue | None) -> GraphValue:
    """Returns zeros for every example."""
    zero = site.emitter.constant(f"{site.node.name}/zero", 0, dtype, ())
    sizes = site.integers("zeros", list(shape))
    examples = site.batch_size(like) if like is not None else site.integers("examples", [1])
    target = site.add_node("Concat", [examples, sizes], (1 + len(shape),), batched=False, name="zeros_to", axis=0)
    batch = like.shape[0] if like is not None else 1
    return site.add_node("Expand", [zero, target], (batch, *shape), batched=True, name="zeros")


@lower.rule(Route)
def route(op: Route, site: Site) -> Results:
    """Routes tokens to copies; see :mod:`.routing`."""
    return routed(op, site)
