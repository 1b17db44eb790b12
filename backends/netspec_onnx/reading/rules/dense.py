"""Matrix products; those with a stored matrix are fully connected layers."""

from __future__ import annotations

import numpy as np

from netspec.diagnostics import clip
from netspec.importing.batch import BatchAxis
from netspec.shapes.sizes import is_same
from netspec.weights.numpy_types import Array

from ..batch import aligned, check_types, item_axis, join, off_axes, permute, reshape, view
from ..emit import Emitter
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor


def dense(
    r: Site, x: SourceTensor, weight: Array, source: SourceTensor, bias: SourceTensor | Array | None = None
) -> SourceTensor:
    """A fully connected layer over the last axis; ``weight`` is (outputs, inputs), derived from that of ``source``."""
    x = off_axes(r, x, [-1])
    axis = item_axis(x, -1)
    table = SourceTensor(weight.shape, "float32", known=weight, learned=source.learned)
    names = r.layer_weights("dense", {"weight": table, "bias": bias})
    arguments = {"units": weight.shape[0], "axis": axis, "bias": bias is not None}
    (number,) = r.emit("dense", [r.number(x)], arguments, weights=names)
    return r.output_value(number, x.batch, x.shared)


@rule("Gemm")
def gemm(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``dense``, or a product of computed matrices."""
    x, w, b = inputs.need(0), inputs.need(1), inputs.at(2)
    alpha, beta = float(node.attribute("alpha", 1.0)), float(node.attribute("beta", 1.0))
    if node.attribute("transA", 0):
        x = permute(r, x, [1, 0])
    if not w.is_known or _is_computed(x, w) or w.rank != 2:
        if node.attribute("transB", 0):
            w = permute(r, w, [1, 0])
        out = matrix_product(r, x, w)
        out = out if alpha == 1 else r.unary("rescale", out, {"factor": alpha})
        if b is None or beta == 0:
            return out
        return join(r, "add", [out, b if beta == 1 else r.unary("rescale", b, {"factor": beta})])
    assert w.known is not None
    weight = w.known if node.attribute("transB", 0) else w.known.T
    if alpha != 1:
        weight = (weight * np.float32(alpha)).astype(np.float32)
    bias: SourceTensor | Array | None = None
    if b is not None and b.is_known and beta != 0:
        bias = bias_vector(b, weight.shape[0], beta)
    out = dense(r, x, weight, w, bias)
    if b is None or bias is not None or beta == 0:
        return out
    return join(r, "add", [out, b if beta == 1 else r.unary("rescale", b, {"factor": beta})])


def _is_computed(x: SourceTensor, w: SourceTensor) -> bool:
    """Returns whether both factors are stored, and the second is not named as the weight of a layer."""
    return x.is_known and not (w.learned and (not x.learned or w.learned.endswith(".weight")))


def bias_vector(b: SourceTensor, units: int, factor: float = 1.0) -> SourceTensor | None:
    """Returns a bias with one number per unit; None if it differs between rows."""
    if b.known is None or any(not is_same(n, 1) for n in b.shape[:-1]) or b.known.size not in (1, units):
        return None
    numbers = np.broadcast_to(b.known.reshape(-1), units)
    if factor != 1:
        numbers = (numbers * np.float32(factor)).astype(np.float32)
    return SourceTensor((units,), "float32", known=np.ascontiguousarray(numbers), learned=b.learned)


@rule("MatMul")
def matmul(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``dense`` without bias, if the second matrix is stored; ``matmul`` otherwise."""
    x, w = inputs.need(0), inputs.need(1)
    if w.is_known and w.known is not None and w.dtype == "float32" and not _is_computed(x, w):
        if w.rank == 2:
            return dense(r, x, w.known.T, w)
        if w.rank == 1:
            out = dense(r, x, w.known[None], w)
            return reshape(r, out, out.shape[:-1])
    if (
        x.is_known
        and x.known is not None
        and x.rank == 2
        and w.rank == 2
        and w.batch == BatchAxis(1)
        and not w.is_known
    ):
        return _from_the_left(r, x, w)
    if x.is_known and x.known is not None and x.rank == 2 and w.rank == 1 and not w.is_known:
        return dense(r, w, x.known, x)
    return matrix_product(r, x, w)


def _from_the_left(r: Site, x: SourceTensor, w: SourceTensor) -> SourceTensor:
    """A stored matrix times columns that are examples: a fully connected layer of the columns."""
    assert x.known is not None
    names = r.layer_weights("dense", {"weight": x})
    arguments = {"units": x.known.shape[0], "axis": 0, "bias": False}
    (number,) = r.emit("dense", [r.number(w)], arguments, weights=names)
    return r.output_value(number, BatchAxis(1), w.shared)


def matrix_product(e: Emitter, x: SourceTensor, w: SourceTensor) -> SourceTensor:
    """``matmul`` of two computed tensors, each of which may be a vector."""
    vectors = x.rank == 1, w.rank == 1
    if vectors[0]:
        x = view(e, x, (1, *x.shape), x.batch and x.batch.moved(1), x.shared)
    if vectors[1]:
        w = view(e, w, (*w.shape, 1), w.batch, w.shared)
    (a, b), batch, shared = aligned(e, [x, w], tail=2)
    check_types("matmul", [a, b])
    (number,) = e.emit("matmul", [e.number(a), e.number(b)])
    out = e.output_value(number, batch, shared)
    if vectors[1]:
        out = reshape(e, out, out.shape[:-1])
    if vectors[0]:
        cut = out.rank - (1 if vectors[1] else 2)
        out = reshape(e, out, (*out.shape[:cut], *out.shape[cut + 1 :]))
    return out


@rule("Einsum")
def einsum(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``einsum`` without the letter of the batch."""
    equation = str(node.attribute("equation", "")).replace(" ", "")
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    values = [r.placed(v) for v in inputs if v is not None]
    if (
        not arrow
        or "." in equation
        or len(terms) != len(values)
        or any(len(t) != v.rank for t, v in zip(terms, values, strict=False))
    ):
        raise refused("argument", f"the equation '{clip(equation)}' has no equivalent")
    batched = [(t, v) for t, v in zip(terms, values, strict=True) if v.batch is not None]
    letters = {t[v.batch.axis] for t, v in batched if v.batch is not None}
    if any(v.batch is not None and not v.batch.alone for v in values) or len(letters) > 1:
        raise refused("batch", "the equation has the batch on different axes of its inputs")
    letter = letters.pop() if letters else ""
    unlike = any(letter in t and v.batch is None for t, v in zip(terms, values, strict=True)) if letter else False
    if letter and (right.count(letter) != 1 or unlike):
        raise refused("batch", "the equation sums over the batch")
    pattern = ", ".join(" ".join(t.replace(letter, "") if letter else t) for t in terms)
    target = right.replace(letter, "") if letter else right
    (number,) = r.emit("einsum", [r.number(v) for v in values], {"pattern": f"{pattern} -> {' '.join(target)}"})
    shared = bool(letter) and all(v.shared for _, v in batched)
    return r.output_value(number, BatchAxis(right.index(letter)) if letter else None, shared)
