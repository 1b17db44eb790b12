"""Mixtures of experts: gathers the tokens that choose each copy, and adds the results for all tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from netspec.shapes.sizes import is_named, is_same, product

from ..builder.body_emitter import BodyEmitter
from ..builder.common_nodes import repeat_over_batch
from ..builder.runtime_sizes import RuntimeSizes
from ..builder.value_info import BATCH, ELEMENT, Dim, GraphValue
from .all_nodes import convert_nodes
from .region_parts import emit, rewritten, typed, whole

if TYPE_CHECKING:
    from netspec.ir import Graph, Parameter
    from netspec.ops.region import Route

    from ..builder.site import Site

HALF = ("float16", "bfloat16")
"""Types that are accumulated in single precision."""
CHOSEN = "chosen"
"""The symbolic number of tokens that choose a copy; only values within a region have it."""


def routed(op: Route, site: Site) -> GraphValue:
    """Returns the sum of the results of the chosen copies, in sequence or by a ``Loop`` over stacked weights."""
    like = whole(site)
    rows = [_rows(site, repeat_over_batch(site, x, like), op, i) for i, x in enumerate(site.inputs)]
    bodies = [rewritten(body) for body in op.bodies]
    (value,) = bodies[0].outputs.values()
    dtype, channels = site.emitter.element(site.node.outputs[0].dtype), bodies[0].values[value].shape[1]
    wide = "float32" if dtype in HALF else dtype
    total = _zeros(site, rows[0], channels, wide)
    if op.stacked:
        total = _loop(op, site, bodies[0], rows, total)
    else:
        locals_ = dict(site.node.weights)
        for number in range(op.count):
            body = bodies[number if len(bodies) > 1 else 0]
            renamed = _renamed(body, site.node.name, number) if len(bodies) == 1 else body
            names = _local_names(body, site.node.name)

            def weight(p: Parameter, number: int = number, names: dict[int, str] = names) -> GraphValue:
                local = names[id(p)]
                return site.emitter.parameter(locals_[f"{number}{local[local.index('.') :]}"])

            inner = BodyEmitter(site.emitter, renamed, site.number, weight, apart=False)
            which = inner.constant(f"{site.node.name}/number", number, rows[1].dtype, ())
            total = _add_copy(inner, site, renamed, rows, which, total)
    if wide != dtype:
        total = site.add_node(
            "Cast", [total], total.shape, batched=False, name="sum_cast", dtype=dtype, to=ELEMENT[dtype]
        )
    x = site.input_types[0]
    places = [n for a, n in enumerate(x.shape) if a != op.axis]
    target = site.integers("apart", [-1, *places, channels])
    batch = like.shape[0] if like is not None else 1
    if op.axis == x.rank - 1:
        out = site.output_value(0, (batch,))
        return site.add_outputs("Reshape", [total, target], [out])[0]
    last = site.add_node("Reshape", [total, target], (batch, *places, channels), batched=True, name="last")
    order = [0, *range(1, op.axis + 1), x.rank, *range(op.axis + 1, x.rank)]
    return site.add_outputs("Transpose", [last], [site.output_value(0, (batch,))], perm=order)[0]


def _rows(site: Site, x: GraphValue, op: Route, number: int) -> GraphValue:
    """Reshapes an input to (tokens, channels) or (tokens, choices)."""
    if op.axis != x.rank - 1:
        order = [0, *(a + 1 for a in range(x.rank) if a != op.axis), op.axis + 1]
        shape = tuple(x.shape[a] for a in order)
        x = site.add_node("Transpose", [x], shape, batched=True, name=f"last{number}", perm=order)
    width = x.shape[-1]
    target = site.integers(f"rows{number}_to", [-1, width])
    tokens = _token_count(x.shape[0], x.item_shape[:-1])
    return site.add_node("Reshape", [x, target], (tokens, width), batched=False, name=f"rows{number}")


def _token_count(batch: Dim, places: tuple[int, ...]) -> Dim:
    """Returns the number of tokens of all examples: ``12*N``.

    ONNX Runtime reuses memory between values whose sizes have the same symbols, so equal symbols must mean equal sizes.
    """
    count = product(places)
    if batch != BATCH:
        return count
    return BATCH if is_same(count, 1) else f"({count})*{BATCH}" if is_named(count) else f"{count}*{BATCH}"


def _zeros(site: Site, rows: GraphValue, channels: int, dtype: str) -> GraphValue:
    """Returns zeros for every token, to which results are added."""
    shape = site.add_node("Shape", [rows], (2,), batched=False, name="rows_shape", dtype="int64")
    count = site.add_node("Gather", [shape, site.integers("first", [0])], (1,), batched=False, name="count", axis=0)
    width = site.integers("width", [channels])
    target = site.add_node("Concat", [count, width], (2,), batched=False, name="sum_shape", axis=0)
    zero = site.emitter.constant(f"{site.node.name}/zero", 0, dtype, ())
    return site.add_node("Expand", [zero, target], (rows.shape[0], channels), batched=False, name="sum", dtype=dtype)


def _add_copy(
    inner: BodyEmitter, site: Site, body: Graph, rows: list[GraphValue], which: GraphValue, total: GraphValue
) -> GraphValue:
    """Adds the results of one copy to the sum, for the tokens that choose it."""
    (source,) = body.inputs.values()
    (output,) = body.outputs.values()
    name = site.node.name
    int64 = GraphValue("", "int64", (2, CHOSEN))

    def add(
        kind: str, inputs: list[GraphValue], like: GraphValue, part: str, **attributes: int | list[int]
    ) -> GraphValue:
        return emit(inner, site, kind, inputs, like, f"{name}/{part}", **attributes)

    chosen = add("Equal", [rows[1], which], rows[1]._replace(dtype="bool"), "chosen")
    places = add("NonZero", [chosen], int64, "places")
    zero = inner.constant(f"{name}/row", 0, "int64", ())
    token = add("Gather", [places, zero], int64._replace(shape=(CHOSEN,)), "token", axis=0)
    gathered = add("Gather", [rows[0], token], rows[0], "tokens", axis=0)
    kind = body.values[source]
    axes = inner.constant(f"{name}/axes", [0], "int64")
    single = GraphValue("", gathered.dtype, (1, *kind.shape), batched=True)
    x = add("Unsqueeze", [gathered, axes], single, "batch")
    inner.values[source] = x
    sizes = RuntimeSizes(inner, {kind.shape[0]: (x.name, 0)} if is_named(kind.shape[0]) else {})
    convert_nodes(inner, sizes, body)
    result = inner.values[output]
    assert result is not None
    plain = result._replace(shape=(CHOSEN, result.shape[-1]), batched=False)
    y = add("Squeeze", [result, axes], plain, "results")
    if len(rows) > 2:
        pairs = add("Transpose", [places], int64._replace(shape=(CHOSEN, 2)), "pairs", perm=[1, 0])
        share = add("GatherND", [rows[2], pairs], rows[2]._replace(shape=(CHOSEN,)), "share")
        last = inner.constant(f"{name}/last_axis", [1], "int64")
        column = add("Unsqueeze", [share, last], share._replace(shape=(CHOSEN, 1)), "share_column")
        if column.dtype != y.dtype:
            column = add("Cast", [column], column._replace(dtype=y.dtype), "share_cast", to=ELEMENT[y.dtype])
        y = add("Mul", [y, column], y, "shared")
    if y.dtype != total.dtype:
        y = add("Cast", [y], y._replace(dtype=total.dtype), "wide", to=ELEMENT[total.dtype])
    second = inner.constant(f"{name}/second", [1], "int64")
    where = add("Unsqueeze", [token, second], GraphValue("", "int64", (CHOSEN, 1)), "where")
    shape = add("Shape", [y], GraphValue("", "int64", (2,)), "results_shape")
    spread = add("Expand", [where, shape], GraphValue("", "int64", y.shape), "where_all")
    out = total._replace(name=inner.names.claim(f"{name}/sum", ""))
    inner.node("ScatterElements", [total, spread, y], [out], out.name, "", site.number, {"axis": 0, "reduction": "add"})
    return out


def _loop(op: Route, site: Site, body: Graph, rows: list[GraphValue], total: GraphValue) -> GraphValue:
    """Returns a ``Loop`` over the copies; each iteration selects its weights from the stacked ones."""
    name = site.node.name
    stacked = dict(site.node.weights)
    names = _local_names(body, name)
    values: dict[int, GraphValue] = {}

    def weight(p: Parameter) -> GraphValue:
        if id(p) not in values:
            whole = site.emitter.parameter(stacked[names[id(p)]])
            part = whole._replace(shape=whole.shape[1:])
            values[id(p)] = emit(inner, site, "Gather", [whole, number], part, f"{name}/{names[id(p)]}", axis=0)
        return values[id(p)]

    inner = BodyEmitter(site.emitter, body, site.number, weight, apart=True)
    number = GraphValue(inner.names.claim(f"{name}/number", ""), "int64", ())
    going = GraphValue(inner.names.claim(f"{name}/going", ""), "bool", ())
    before = total._replace(name=inner.names.claim(f"{name}/before", ""))
    for value in (number, going, before):
        typed(inner.proto.input.add(), value)
        inner.root.types[value.name] = value
        inner.root.undescribed.add(value.name)
    which = number
    if rows[1].dtype != "int64":
        cast = number._replace(dtype=rows[1].dtype)
        which = emit(inner, site, "Cast", [number], cast, f"{name}/which", to=ELEMENT[rows[1].dtype])
    after = _add_copy(inner, site, body, rows, which, before)
    for value in (emit(inner, site, "Identity", [going], going, f"{name}/go_on"), after):
        typed(inner.proto.output.add(), value)
    inner.proto.name = f"{name}/copy"
    count = site.integers("copies", op.count)
    go = site.emitter.constant(f"{name}/go", True, "bool", ())
    out = total._replace(name=site.emitter.names.claim(f"{name}/total", ""))
    site.add_outputs("Loop", [count, go, total], [out], body=inner.proto)
    return out


def _local_names(body: Graph, name: str) -> dict[int, str]:
    """Returns the names of a body's parameters relative to the region, by identity."""
    names: dict[int, str] = {}
    for node in body.nodes:
        for local, p in node.weights:
            names.setdefault(id(p), ".".join(filter(None, (node.name[len(name) + 1 :], local))))
    return names


def _renamed(body: Graph, name: str, number: int) -> Graph:
    """Returns the body of the first copy with the names of another one."""
    if not number:
        return body
    prefix, start = f"{name}.0", len(name) + 2
    nodes = tuple(
        replace(n, name=f"{name}.{number}{n.name[start:]}") if n.name.startswith(prefix) else n for n in body.nodes
    )
    return replace(body, nodes=nodes)
