"""Dense layers and look-ups."""

from __future__ import annotations

from netspec.ops.dense import Bilinear, Dense, Embedding, Gather, Rbf

from ..builder.site import Site
from ..builder.value_info import BATCH, Value
from .base import Results, lower


@lower.rule(Dense)
def dense(op: Dense, site: Site) -> Results:
    """``Gemm`` on vectors; on more axes ``MatMul`` and ``Add`` with the axis moved to the end and back."""
    x, weight, bias = site.x, site.weight("weight"), site.maybe_weight("bias")
    if x.rank == 1:
        return site.result("Gemm", x, weight, bias, transB=1)
    turned = site.transposed(weight, (1, 0), "weight")
    if op.axis == x.rank - 1:
        if bias is None:
            return site.result("MatMul", x, turned)
        product = site.add("MatMul", x, turned, what="product", own=(*x.own[:-1], op.units))
        return site.result("Add", product, bias)
    x = last(site, x, op.axis)
    product = site.add("MatMul", x, turned, what="product", own=(*x.own[:-1], op.units))
    if bias is not None:
        product = site.add("Add", product, bias, what="sum")
    return site.result("Transpose", product, perm=site.order(product, back(x.rank, op.axis)))


@lower.rule(Bilinear)
def bilinear(op: Bilinear, site: Site) -> Results:
    """The first input times all matrices at once, then each product times the second."""
    x, y = site.batched(0), site.batched(1)
    weight, bias = site.weight("weight"), site.maybe_weight("bias")
    n, m = weight.own[1:]
    rows = site.reshaped(site.transposed(weight, (1, 0, 2), "weight"), (n, op.units * m), "weight_rows")
    before = x.own[:-1]
    product = site.add("MatMul", x, rows, what="product", own=(*before, op.units * m))
    matrix = site.reshaped(product, (*before, op.units, m), "matrix")
    column = site.add("Unsqueeze", y, site.integers("last", [-1]), what="column", own=(*y.own, 1))
    both = site.add("MatMul", matrix, column, what="both", own=(*before, op.units, 1))
    axes = site.integers("last", [-1])
    if bias is None:
        return site.result("Squeeze", both, axes)
    return site.result("Add", site.add("Squeeze", both, axes, what="flat", own=(*before, op.units)), bias)


@lower.rule(Rbf)
def rbf(op: Rbf, site: Site) -> Results:
    """The squared distances from each centre, summed over the features."""
    x = site.x
    moved = op.axis != x.rank - 1
    if moved:
        x = last(site, x, op.axis)
    row = site.add("Unsqueeze", x, site.integers("row_axis", [-2]), what="row", own=(*x.own[:-1], 1, x.own[-1]))
    own = (*x.own[:-1], op.units, x.own[-1])
    apart = site.add("Sub", row, site.weight("weight"), what="apart", own=own)
    squares = site.add("Mul", apart, apart, what="squares")
    if moved:
        sums = site.reduced("ReduceSum", squares, [x.rank], False, "sums")
        return site.result("Transpose", sums, perm=site.order(sums, back(x.rank, op.axis)))
    operands, attributes = site.reduction("ReduceSum", squares, [x.rank])
    return site.result("ReduceSum", *operands, keepdims=0, **attributes)


@lower.rule(Embedding)
def embedding(op: Embedding, site: Site) -> Results:
    """``Gather`` of rows of the weight."""
    return site.result("Gather", site.weight("weight"), site.inputs[0], axis=0)


@lower.rule(Gather)
def gather(op: Gather, site: Site) -> Results:
    """``Gather``, or where both differ from example to example ``GatherND`` over the batch."""
    x, index = site.inputs
    if x.lead and index.lead:
        if index.shape[0] != BATCH:
            index = single(site, index, "index")
        elif x.shape[0] != BATCH:
            x = single(site, x, "table")
    if not index.lead:
        return site.result("Gather", x, index, axis=x.axis(op.axis))
    count = index.rank
    if not x.lead:
        # The batch comes out where the axis was.
        if op.axis == 0:
            return site.result("Gather", x, index, axis=0)
        before, behind = x.shape[: op.axis], x.shape[op.axis + 1 :]
        found = site.raw(
            "Gather", [x, index], (*before, *index.shape, *behind), lead=False, what="found", axis=op.axis
        )
        rest = [a for a in range(len(found.shape)) if a != op.axis]
        return site.named("Transpose", [found], [site.planned(0, index.shape[:1])], perm=[op.axis, *rest])
    order = [op.axis, *(a for a in range(x.rank) if a != op.axis)]
    if op.axis:
        x = site.transposed(x, order, "table")
    places = site.add("Unsqueeze", index, site.integers("last", [-1]), what="places", own=(*index.own, 1))
    if op.axis == 0:
        return site.result("GatherND", x, places, batch_dims=1)
    found = site.add("GatherND", x, places, what="found", own=(*index.own, *x.own[1:]), batch_dims=1)
    back_again = [*range(count, count + op.axis), *range(count), *range(count + op.axis, found.rank)]
    return site.result("Transpose", found, perm=site.order(found, back_again))


def single(site: Site, value: Value, what: str) -> Value:
    """Without its batch axis of one."""
    return site.raw("Squeeze", [value, site.integers("batch", [0])], value.own, lead=False, what=what)


def last(site: Site, x: Value, axis: int) -> Value:
    """With an axis moved to the end."""
    return site.transposed(x, [*(a for a in range(x.rank) if a != axis), axis], "last")


def back(rank: int, axis: int) -> list[int]:
    """The order that takes the last axis back to where it was."""
    others = list(range(rank - 1))
    return [*others[:axis], rank - 1, *others[axis:]]
