"""The further inputs of an operation: layers that are there already, or new ones and inputs of the shape that fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netspec.ops import find
from netspec.shapes.types import TensorType
from netspec.text import writer

if TYPE_CHECKING:
    from .grow import Scope

Further = tuple[list[str], dict[str, Any]]
"""Names of the inputs after the first, and arguments that follow from them."""
FLOAT = "float32"


def further(scope: Scope, op: str, name: str) -> Further | None:
    """Names of further inputs of an operation on ``name``; None where it cannot be placed there."""
    x = scope.types[name]
    rule = _RULES.get(op)
    if rule is not None:
        return rule(scope, op, x)
    least, most = find(op).arity
    if least == 1 and most == 1:
        if any(c.validator.kind == "layer" for c in find(op).arguments.values()):
            return _like(scope, op, x)
        return [], {}
    return _merged(scope, op, x)


def _merged(scope: Scope, op: str, x: TensorType) -> Further | None:
    """Tensors that broadcast with the first."""
    if x.dtype != FLOAT:
        return None
    count = 1 if find(op).arity[1] == 2 else scope.r.choice([0, 1, 1, 1, 2])
    names: list[str] = []
    for _ in range(count):
        fits = [n for n, t in scope.types.items() if t.dtype == FLOAT and _broadcasts(t.shape, x.shape)]
        if fits and op != "divide" and scope.r.random() < 0.6:
            names.append(scope.r.choice(fits))
            continue
        cut = scope.r.randint(0, x.rank) if scope.r.random() < 0.3 else 0
        shape = [1 if scope.r.random() < 0.2 else n for n in x.shape[cut:]]
        names.append(scope.tensor(shape, above=op == "divide"))
    return names, {}


def _broadcasts(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(n == m or 1 in (n, m) for n, m in zip(a[::-1], b[::-1], strict=False))


def _concat(scope: Scope, op: str, x: TensorType) -> Further | None:
    if not x.rank or x.dtype != FLOAT:
        return None
    axis = scope.r.randrange(x.rank)
    names: list[str] = []
    for _ in range(scope.r.randint(0, 2)):
        shape = [scope.r.randint(1, 3) if a == axis else n for a, n in enumerate(x.shape)]
        names.append(scope.tensor(shape))
    return names, {"axis": axis}


def _matmul(scope: Scope, op: str, x: TensorType) -> Further | None:
    if x.rank < 2 or x.dtype != FLOAT:
        return None
    front = [n if scope.r.random() < 0.6 else 1 for n in x.shape[:-2]]
    if scope.r.random() < 0.3:
        front = front[scope.r.randint(0, len(front)) :]
    return [scope.tensor([*front, x.shape[-1], scope.r.randint(1, 5)])], {}


def _bilinear(scope: Scope, op: str, x: TensorType) -> Further | None:
    if not x.rank or x.dtype != FLOAT or x.channel not in (None, x.rank - 1):
        return None
    return [scope.tensor([*x.shape[:-1], scope.r.randint(1, 5)], sequence=True)], {}


def _gather(scope: Scope, op: str, x: TensorType) -> Further | None:
    if not x.rank or x.dtype != FLOAT:
        return None
    axis = scope.r.randrange(x.rank)
    shape = [scope.r.randint(1, 4) for _ in range(scope.r.choice([1, 1, 2]))]
    index: str | None
    if scope.parent is None and scope.r.random() < 0.7:
        index = scope.new_input(shape, "int64")
    else:
        # In copies of a block the next may have a shorter axis.
        values = _nested(scope, shape, x.shape[axis] if scope.parent is None else 1)
        index = scope.put("index", {"buffer": shape, "dtype": "int64", "init": values})
    return ([index], {"axis": axis, "index": index}) if index else None


def _nested(scope: Scope, shape: list[int], below: int) -> Any:
    if not shape:
        return scope.r.randrange(below)
    return [_nested(scope, shape[1:], below) for _ in range(shape[0])]


def _like(scope: Scope, op: str, x: TensorType) -> Further | None:
    """Of ``center_crop`` and ``upsample`` sometimes another layer, whose size is taken."""
    if scope.r.random() < 0.6 or x.dtype != FLOAT:
        return [], {}
    fits = [n for n, t in scope.types.items() if t.rank == x.rank and t.axes == x.axes and t.dtype == FLOAT]
    other = scope.r.choice(fits)
    return [other], {"like": other, "scale": None, "size": None}


def _unpool(scope: Scope, op: str, x: TensorType) -> Further | None:
    """``x`` is what was pooled: the first input is replaced by what pooling it gives."""
    if x.rank != 3 or x.dtype != FLOAT:
        return None
    like = scope.last_first
    size = scope.r.choice([1, 2, 2, 3])
    pooled = scope.put("pooled", {"max_pool2d": size, "from": writer.Name(like)})
    if pooled is None:
        return None
    scope.last_first = pooled
    return [like], {"like": like, "size": size}


def _attention(scope: Scope, op: str, x: TensorType) -> Further | None:
    if x.rank != 2 or x.dtype != FLOAT or x.channel not in (None, 1):
        return None
    n, q = x.shape
    heads = scope.r.choice([h for h in range(1, q + 1) if q % h == 0])
    names: list[str] = []
    m = n
    count = scope.r.choice([0, 0, 1, 2])
    if count:
        m = scope.r.choice([n, scope.r.randint(1, 6)])
        names = [scope.tensor([m, scope.r.choice([q, scope.r.randint(1, 6)])], sequence=True) for _ in range(count)]
    return _masked(scope, names, heads, (heads, n, m))


def _dot_product(scope: Scope, op: str, x: TensorType) -> Further | None:
    if x.rank < 2 or x.dtype != FLOAT or x.channel not in (None, x.rank - 1):
        return None
    *front, n, q = x.shape
    heads = scope.r.choice([h for h in range(1, q + 1) if q % h == 0])
    m, v = scope.r.choice([n, scope.r.randint(1, 6)]), heads * scope.r.randint(1, 3)
    names = [scope.tensor([*front, m, q], sequence=True), scope.tensor([*front, m, v], sequence=True)]
    return _masked(scope, names, heads, (*front, heads, n, m))


def _masked(scope: Scope, names: list[str], heads: int, scores: tuple[int, ...]) -> Further | None:
    args: dict[str, Any] = {"heads": heads}
    if scope.r.random() < 0.3:
        shape = [n if scope.r.random() < 0.7 else 1 for n in scores]
        shape = shape[scope.r.randint(0, len(shape) - 2) :]
        if scope.parent is None and scope.r.random() < 0.3:
            mask = scope.new_input(shape, "bool")
        else:
            mask = scope.tensor(shape)
        names = [*names, mask]
        args["mask"] = mask
    return names, args


def _states(scope: Scope, op: str, x: TensorType) -> Further | None:
    if x.rank != 2 or x.dtype != FLOAT or x.channel not in (None, 1):
        return None
    if scope.r.random() < 0.7:
        return [], {}
    args: dict[str, Any] = {
        "width": scope.r.randint(1, 5), "num_layers": scope.r.randint(1, 2), "bidirectional": scope.r.random() < 0.5,
    }
    shape = [args["num_layers"] * (1 + args["bidirectional"]), args["width"]]
    return [scope.tensor(shape) for _ in range(2 if op == "lstm" else 1)], args


_RULES: dict[str, Callable[[Any, str, TensorType], Further | None]] = {
    "concat": _concat, "matmul": _matmul, "bilinear": _bilinear, "gather": _gather, "max_unpool2d": _unpool,
    "attention": _attention, "dot_product_attention": _dot_product, "rnn": _states, "lstm": _states, "gru": _states,
}  # fmt: skip
