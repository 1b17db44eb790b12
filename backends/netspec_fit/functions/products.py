"""Matrix products, and layers computed by them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..simulated.errors import MissingRuleError
from ..simulated.nodes import Product, fresh, make
from ..simulated.run import current
from ..simulated.tensors import Tensor, elementwise_stride
from ..simulated.types import HALVES, broadcast_shape
from . import elementwise
from .arguments import unpacked
from .views import expand, matrix_transpose, permute, reshape, squeeze, unsqueeze, view


def lower_precision(*tensors: Tensor | None) -> list[Any]:
    """Casts tensors as autocast does before products: from the last argument to the first, and each parameter once."""
    run = current()
    if run.autocast is None:
        return list(tensors)
    out: list[Tensor | None] = []
    for t in reversed(tensors):  # the order in which compilers evaluate arguments of a C++ call
        if t is None or t.dtype not in ("float32", *HALVES):
            out.append(t)
        elif t.is_parameter and t.dtype == "float32" and t.requires_grad and run.grad:
            if id(t) not in run.casts:
                run.casts[id(t)] = elementwise.to(t, run.autocast)
            out.append(run.casts[id(t)])
        else:
            out.append(elementwise.to(t, run.autocast))
    return out[::-1]


def multiply_matrices(a: Tensor, b: Tensor) -> Tensor:
    """``torch.mm`` of two matrices, or ``torch.bmm`` of two equally long stacks of matrices."""
    needed = a.requires_grad, b.requires_grad
    likes = [(x.shape, x.dtype, elementwise_stride(x)) for x in (a, b)]
    return make(
        (*a.shape[:-1], b.shape[-1]),
        a.dtype,
        [a, b],
        lambda g: [Tensor(*like) if n else None for like, n in zip(likes, needed, strict=True)],
        "Mm" if a.ndim == 2 else "Bmm",
        saved=[b if needed[0] else None, a if needed[1] else None],
        product=_product(a, b, 2 * a.numel * b.shape[-1]),
    )


def _product(a: Tensor, b: Tensor, operations: int) -> Product:
    """Returns a product whose gradients are products of the same size."""
    return Product(operations, "product", [(a, b), (b, a)])


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """``a @ b``: ``mm`` if the second is a matrix, else ``bmm`` of expanded copies."""
    a, b = lower_precision(a, b)
    if a.ndim == 1 and b.ndim == 1:
        saved = [b if a.requires_grad else None, a if b.requires_grad else None]
        return make((), a.dtype, [a, b], fresh(a, b), "Dot", saved=saved, product=_product(a, b, 2 * a.numel))
    if a.ndim == 1:
        return squeeze(matmul(unsqueeze(a, 0), b), -2)
    if b.ndim == 1:
        if a.ndim == 2:
            needed = a.requires_grad, b.requires_grad
            saved = [b if needed[0] else None, a if needed[1] else None]
            product = _product(a, b, 2 * a.numel)
            return make(a.shape[:1], a.dtype, [a, b], fresh(a, b), "Mv", saved=saved, product=product)
        return squeeze(matmul(a, unsqueeze(b, 1)), -1)
    if a.ndim >= 3 and b.ndim == 2:
        return view(multiply_matrices(reshape(a, -1, a.shape[-1]), b), *a.shape[:-1], b.shape[-1])
    if a.ndim == 2 and b.ndim == 2:
        return multiply_matrices(a, b)
    lead = broadcast_shape(a.shape[:-2], b.shape[:-2])
    x, y = (reshape(expand(t, *lead, *t.shape[-2:]), math.prod(lead), *t.shape[-2:]) for t in (a, b))
    return view(multiply_matrices(x, y), *lead, a.shape[-2], b.shape[-1])


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``F.linear``."""
    x, weight, bias = lower_precision(x, weight, bias)
    transposed = matrix_transpose(weight)
    if bias is None:
        return matmul(x, transposed) if x.ndim > 1 else squeeze(matmul(unsqueeze(x, 0), transposed), 0)
    if x.ndim == 2:
        return _addmm(bias, x, transposed)
    if x.ndim == 3 or x.is_contiguous:
        flat = _addmm(bias, reshape(x, -1, x.shape[-1]), transposed)
        return view(flat, *x.shape[:-1], weight.shape[0])
    return elementwise.add(matmul(x, transposed), bias, inplace=True)


def _addmm(bias: Tensor, x: Tensor, weight: Tensor) -> Tensor:
    """``torch.addmm``."""
    needed = bias.requires_grad, x.requires_grad, weight.requires_grad
    like_x, like_weight = (x.shape, x.dtype), (weight.shape, weight.dtype, weight.stride)

    def backward(g: Tensor) -> list[Tensor | None]:
        return [
            g if needed[0] else None,
            Tensor(*like_x) if needed[1] else None,
            Tensor(*like_weight) if needed[2] else None,
        ]

    saved = [x if needed[2] else None, weight if needed[1] else None]
    product = _product(x, weight, 2 * x.numel * weight.shape[1])
    shape = (x.shape[0], weight.shape[1])
    return make(shape, x.dtype, [bias, x, weight], backward, "Addmm", saved=saved, product=product)


def bilinear(x: Tensor, y: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``F.bilinear``."""
    saved = [x, y, weight if x.requires_grad or y.requires_grad else None]
    shape = (*x.shape[:-1], weight.shape[0])
    operations = 2 * math.prod(x.shape[:-1]) * weight.numel
    product = Product(operations, backward=3 * operations)
    out = make(shape, x.dtype, [x, y, weight], fresh(x, y, weight), "Trilinear", saved=saved, product=product)
    return out if bias is None else elementwise.add(out, bias)


def einsum(equation: str, *operands: Any) -> Tensor:
    """``torch.einsum``: permutes operands to common axes and multiplies them from left to right by
    ``sumproduct_pair``.
    """
    tensors: list[Tensor] = list(unpacked(operands))
    left, _, right = equation.replace(" ", "").partition("->")
    labels = left.split(",")
    if "." in equation or len(labels) != len(tensors) or any(len(set(part)) != len(part) for part in labels):
        raise MissingRuleError(f'torch.einsum("{equation}")')
    tensors = lower_precision(*tensors)
    order = right + "".join(dict.fromkeys(c for part in labels for c in part if c not in right))
    aligned = [_aligned(t, part, order) for t, part in zip(tensors, labels, strict=True)]
    from .reductions import total

    out = aligned[0]
    for number, right_operand in enumerate(aligned[1:], 1):
        t = right_operand
        later = set("".join(labels[number + 1 :])) | set(right)
        gone = [d for d, c in enumerate(order) if c not in later]
        if only_left := tuple(d for d in gone if out.shape[d] != 1 and t.shape[d] == 1):
            out = total(out, only_left, True)
        if only_right := tuple(d for d in gone if t.shape[d] != 1 and out.shape[d] == 1 and d not in only_left):
            t = total(t, only_right, True)
        out = _product_summed(out, t, [d for d in gone if out.shape[d] != 1])
    if len(tensors) == 1:
        left_over = tuple(range(len(right), len(order)))
        return total(out, left_over) if left_over else out
    return reshape(out, out.shape[: len(right)])


def _aligned(x: Tensor, labels: str, order: str) -> Tensor:
    """Permutes a tensor to have an axis for each label, of size 1 for missing labels."""
    have = [c for c in order if c in labels]
    x = permute(x, [labels.index(c) for c in have])
    for d, c in enumerate(order):
        if c not in labels:
            x = unsqueeze(x, d)
    return x


def _product_summed(a: Tensor, b: Tensor, summed: Sequence[int]) -> Tensor:
    """``sumproduct_pair`` of ATen: sorts axes by the operands that have them and calls ``bmm``. Keeps summed axes.

    Both operands have the summed axes. Without any, the tensors are multiplied elementwise.
    """
    if not summed:
        return elementwise.multiply(a, b)
    axes = range(a.ndim)
    in_both, only_a, only_b, inner = list[int](), list[int](), list[int](), list(summed)
    for d in axes:
        in_a, in_b = a.shape[d] != 1, b.shape[d] != 1
        if d in summed:
            continue
        if in_a and in_b:
            in_both.append(d)
        elif in_a:
            only_a.append(d)
        else:
            only_b.append(d)
    size = {d: max(a.shape[d], b.shape[d]) for d in axes}
    count = {name: math.prod(size[d] for d in group) for name, group in
             (("both", in_both), ("a", only_a), ("b", only_b), ("inner", inner))}  # fmt: skip
    x = reshape(permute(a, [*in_both, *only_a, *inner, *only_b]), count["both"], count["a"], count["inner"])
    y = reshape(permute(b, [*in_both, *inner, *only_b, *only_a]), count["both"], count["inner"], count["b"])
    out = multiply_matrices(x, y)
    order = [*in_both, *only_a, *inner, *only_b]
    out = view(out, [1 if d in inner else size[d] for d in order])
    back = sorted(range(len(order)), key=order.__getitem__)
    return permute(out, back)


METHODS: dict[str, Callable[..., Any]] = {"matmul": matmul}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "F.linear": linear, "F.bilinear": bilinear, "torch.einsum": einsum, "torch.matmul": matmul,
}  # fmt: skip
