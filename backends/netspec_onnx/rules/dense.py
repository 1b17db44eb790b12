"""Dense layers and look-ups."""

from __future__ import annotations

from netspec.ops.dense import Bilinear, Dense, Embedding, Gather, Rbf

from ..builder.common_nodes import add_reduction, add_reshape, add_transpose, perm, reduction_operands
from ..builder.site import Site
from ..builder.value_info import BATCH, GraphValue
from .per_example import dense_each, differs, shared_weight
from .rule_table import Results, lower


@lower.rule(Dense)
def dense(op: Dense, site: Site) -> Results:
    """``Gemm`` for vectors; otherwise ``MatMul`` and ``Add``, with the axis moved to the end and back."""
    x = site.x
    weight, bias = (shared_weight(site, site.optional_weight(name), name) for name in ("weight", "bias"))
    assert weight is not None
    if differs(weight) or differs(bias):
        if op.axis == x.rank - 1:
            return site.result("Identity", dense_each(site, x, weight, bias, op.units))
        product = dense_each(site, move_axis_last(site, x, op.axis), weight, bias, op.units)
        return site.result("Transpose", product, perm=perm(product, order_back(x.rank, op.axis)))
    if x.rank == 1:
        return site.result("Gemm", x, weight, bias, transB=1)
    columns = add_transpose(site, weight, (1, 0), "weight")
    if op.axis == x.rank - 1:
        if bias is None:
            return site.result("MatMul", x, columns)
        product = site.add("MatMul", x, columns, name="product", item_shape=(*x.item_shape[:-1], op.units))
        return site.result("Add", product, bias)
    x = move_axis_last(site, x, op.axis)
    product = site.add("MatMul", x, columns, name="product", item_shape=(*x.item_shape[:-1], op.units))
    if bias is not None:
        product = site.add("Add", product, bias, name="sum")
    return site.result("Transpose", product, perm=perm(product, order_back(x.rank, op.axis)))


@lower.rule(Bilinear)
def bilinear(op: Bilinear, site: Site) -> Results:
    """The first input times all matrices at once, then each product times the second input."""
    x, y = site.batched_input(0), site.batched_input(1)
    weight, bias = site.weight("weight"), site.optional_weight("bias")
    n, m = weight.item_shape[1:]
    rows = add_reshape(site, add_transpose(site, weight, (1, 0, 2), "weight"), (n, op.units * m), "weight_rows")
    leading = x.item_shape[:-1]
    product = site.add("MatMul", x, rows, name="product", item_shape=(*leading, op.units * m))
    matrix = add_reshape(site, product, (*leading, op.units, m), "matrix")
    column = site.add("Unsqueeze", y, site.integers("last", [-1]), name="column", item_shape=(*y.item_shape, 1))
    products = site.add("MatMul", matrix, column, name="both", item_shape=(*leading, op.units, 1))
    axes = site.integers("last", [-1])
    if bias is None:
        return site.result("Squeeze", products, axes)
    return site.result("Add", site.add("Squeeze", products, axes, name="flat", item_shape=(*leading, op.units)), bias)


@lower.rule(Rbf)
def rbf(op: Rbf, site: Site) -> Results:
    """The squared distance from each centre: squares summed over the features."""
    x = site.x
    is_moved = op.axis != x.rank - 1
    if is_moved:
        x = move_axis_last(site, x, op.axis)
    row = site.add(
        "Unsqueeze",
        x,
        site.integers("row_axis", [-2]),
        name="row",
        item_shape=(*x.item_shape[:-1], 1, x.item_shape[-1]),
    )
    item_shape = (*x.item_shape[:-1], op.units, x.item_shape[-1])
    offsets = site.add("Sub", row, site.weight("weight"), name="apart", item_shape=item_shape)
    squares = site.add("Mul", offsets, offsets, name="squares")
    if is_moved:
        sums = add_reduction(site, "ReduceSum", squares, [x.rank], False, "sums")
        return site.result("Transpose", sums, perm=perm(sums, order_back(x.rank, op.axis)))
    operands, attributes = reduction_operands(site, "ReduceSum", squares, [x.rank])
    return site.result("ReduceSum", *operands, keepdims=0, **attributes)


@lower.rule(Embedding)
def embedding(op: Embedding, site: Site) -> Results:
    """``Gather`` of rows of the weight."""
    return site.result("Gather", site.weight("weight"), site.inputs[0], axis=0)


@lower.rule(Gather)
def gather(op: Gather, site: Site) -> Results:
    """``Gather``, or ``GatherND`` over the batch if both table and indices depend on the example."""
    x, index = site.inputs
    if x.batched and index.batched:
        if index.shape[0] != BATCH:
            index = remove_batch_axis(site, index, "index")
        elif x.shape[0] != BATCH:
            x = remove_batch_axis(site, x, "table")
    if not index.batched:
        return site.result("Gather", x, index, axis=x.axis(op.axis))
    count = index.rank
    if not x.batched:
        # The batch axis of the result is at the position of the axis.
        if op.axis == 0:
            return site.result("Gather", x, index, axis=0)
        before, after = x.shape[: op.axis], x.shape[op.axis + 1 :]
        rows = site.add_node(
            "Gather", [x, index], (*before, *index.shape, *after), batched=False, name="found", axis=op.axis
        )
        others = [a for a in range(len(rows.shape)) if a != op.axis]
        return site.add_outputs("Transpose", [rows], [site.output_value(0, index.shape[:1])], perm=[op.axis, *others])
    order = [op.axis, *(a for a in range(x.rank) if a != op.axis)]
    if op.axis:
        x = add_transpose(site, x, order, "table")
    positions = site.add(
        "Unsqueeze", index, site.integers("last", [-1]), name="places", item_shape=(*index.item_shape, 1)
    )
    if op.axis == 0:
        return site.result("GatherND", x, positions, batch_dims=1)
    rows = site.add(
        "GatherND", x, positions, name="found", item_shape=(*index.item_shape, *x.item_shape[1:]), batch_dims=1
    )
    back_order = [*range(count, count + op.axis), *range(count), *range(count + op.axis, rows.rank)]
    return site.result("Transpose", rows, perm=perm(rows, back_order))


def remove_batch_axis(site: Site, value: GraphValue, name: str) -> GraphValue:
    """Removes a batch axis of 1."""
    return site.add_node("Squeeze", [value, site.integers("batch", [0])], value.item_shape, batched=False, name=name)


def move_axis_last(site: Site, x: GraphValue, axis: int) -> GraphValue:
    """Moves an axis to the end."""
    return add_transpose(site, x, [*(a for a in range(x.rank) if a != axis), axis], "last")


def order_back(rank: int, axis: int) -> list[int]:
    """Returns the order of axes that moves the last axis back."""
    others = list(range(rank - 1))
    return [*others[:axis], rank - 1, *others[axis:]]
