"""The further inputs of an operation: existing layers, or new layers and inputs of a suitable shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netspec.ops import find
from netspec.shapes.types import TensorType
from netspec.text import writer

if TYPE_CHECKING:
    from .level import Level

Further = tuple[list[str], dict[str, Any]]
"""Names of the inputs after the first, and arguments that depend on them."""
FLOAT = "float32"


def further_inputs(level: Level, op: str, name: str) -> Further | None:
    """Further inputs of an operation on ``name``; None if it does not accept that input."""
    x = level.types[name]
    rule = _RULES.get(op)
    if rule is not None:
        return rule(level, op, x)
    least, most = find(op).arity
    if least == 1 and most == 1:
        if any(c.validator.kind == "layer" for c in find(op).arguments.values()):
            return _like(level, op, x)
        return [], {}
    return _merged(level, op, x)


def _merged(level: Level, op: str, x: TensorType) -> Further | None:
    """Tensors that broadcast with the first."""
    count = 1 if find(op).arity[1] == 2 else level.r.choice([0, 1, 1, 1, 2])
    names: list[str] = []
    for _ in range(count):
        candidates = [n for n, t in level.types.items() if t.dtype == x.dtype and _broadcasts(t.shape, x.shape)]
        if candidates and op != "divide" and level.r.random() < 0.6:
            names.append(level.r.choice(candidates))
            continue
        cut = level.r.randint(0, x.rank) if level.r.random() < 0.3 else 0
        shape = [1 if level.r.random() < 0.2 else n for n in x.shape[cut:]]
        names.append(level.tensor(shape, x.dtype, positive=op == "divide"))
    return names, {}


def _broadcasts(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(n == m or 1 in (n, m) for n, m in zip(a[::-1], b[::-1], strict=False))


def _concat(level: Level, op: str, x: TensorType) -> Further | None:
    if not x.rank:
        return None
    axis = level.r.randrange(x.rank)
    names: list[str] = []
    for _ in range(level.r.randint(0, 2)):
        shape = [level.r.randint(1, 3) if a == axis else n for a, n in enumerate(x.shape)]
        names.append(level.tensor(shape, x.dtype))
    return names, {"axis": axis}


def _matmul(level: Level, op: str, x: TensorType) -> Further | None:
    if x.rank < 2:
        return None
    front = [n if level.r.random() < 0.6 else 1 for n in x.shape[:-2]]
    if level.r.random() < 0.3:
        front = front[level.r.randint(0, len(front)) :]
    return [level.tensor([*front, x.shape[-1], level.r.randint(1, 5)], x.dtype)], {}


def _bilinear(level: Level, op: str, x: TensorType) -> Further | None:
    if not x.rank or x.dtype != FLOAT or x.channel not in (None, x.rank - 1):
        return None
    return [level.tensor([*x.shape[:-1], level.r.randint(1, 5)], sequence=True)], {}


def _gather(level: Level, op: str, x: TensorType) -> Further | None:
    if not x.rank:
        return None
    axis = level.r.randrange(x.rank)
    shape = [level.r.randint(1, 4) for _ in range(level.r.choice([1, 1, 2]))]
    index: str | None
    if level.parent is None and level.r.random() < 0.7:
        index = level.new_input(shape, "int64")
    else:
        # In a repeated block, the axis of the next copy may be shorter.
        values = _nested(level, shape, x.shape[axis] if level.parent is None else 1)
        index = level.put("index", {"buffer": shape, "dtype": "int64", "init": values})
    return ([index], {"axis": axis, "index": index}) if index else None


def _nested(level: Level, shape: list[int], below: int) -> Any:
    if not shape:
        return level.r.randrange(below)
    return [_nested(level, shape[1:], below) for _ in range(shape[0])]


def _like(level: Level, op: str, x: TensorType) -> Further | None:
    """For ``center_crop`` and ``upsample`` sometimes another layer, whose size is the target."""
    if level.r.random() < 0.6 or x.dtype != FLOAT:
        return [], {}
    candidates = [n for n, t in level.types.items() if t.rank == x.rank and t.axes == x.axes and t.dtype == FLOAT]
    other = level.r.choice(candidates)
    return [other], {"like": other, "scale": None, "size": None}


def _unpool(level: Level, op: str, x: TensorType) -> Further | None:
    """``x`` is the input of a pooling, whose output becomes the first input."""
    if x.rank != 3 or x.dtype != FLOAT:
        return None
    like = level.first_input
    size = level.r.choice([1, 2, 2, 3])
    pooled = level.put("pooled", {"max_pool2d": size, "from": writer.Name(like)})
    if pooled is None:
        return None
    level.first_input = pooled
    return [like], {"like": like, "size": size}


def _attention(level: Level, op: str, x: TensorType) -> Further | None:
    if x.rank != 2 or x.dtype != FLOAT or x.channel not in (None, 1):
        return None
    n, q = x.shape
    heads = level.r.choice([h for h in range(1, q + 1) if q % h == 0])
    names: list[str] = []
    m = n
    count = level.r.choice([0, 0, 1, 2])
    if count:
        m = level.r.choice([n, level.r.randint(1, 6)])
        names = [level.tensor([m, level.r.choice([q, level.r.randint(1, 6)])], sequence=True) for _ in range(count)]
    return _masked(level, names, heads, (heads, n, m))


def _dot_product(level: Level, op: str, x: TensorType) -> Further | None:
    if x.rank < 2 or x.dtype != FLOAT or x.channel not in (None, x.rank - 1):
        return None
    *front, n, q = x.shape
    heads = level.r.choice([h for h in range(1, q + 1) if q % h == 0])
    m, v = level.r.choice([n, level.r.randint(1, 6)]), heads * level.r.randint(1, 3)
    names = [level.tensor([*front, m, q], sequence=True), level.tensor([*front, m, v], sequence=True)]
    return _masked(level, names, heads, (*front, heads, n, m))


def _masked(level: Level, names: list[str], heads: int, scores: tuple[int, ...]) -> Further | None:
    args: dict[str, Any] = {"heads": heads}
    if level.r.random() < 0.3:
        shape = [n if level.r.random() < 0.7 else 1 for n in scores]
        shape = shape[level.r.randint(0, len(shape) - 2) :]
        if level.parent is None and level.r.random() < 0.3:
            mask = level.new_input(shape, "bool")
        else:
            mask = level.tensor(shape)
        names = [*names, mask]
        args["mask"] = mask
    return names, args


def _states(level: Level, op: str, x: TensorType) -> Further | None:
    if x.rank != 2 or x.dtype != FLOAT or x.channel not in (None, 1):
        return None
    if level.r.random() < 0.7:
        return [], {}
    args: dict[str, Any] = {
        "width": level.r.randint(1, 5),
        "num_layers": level.r.randint(1, 2),
        "bidirectional": level.r.random() < 0.5,
    }
    shape = [args["num_layers"] * (1 + args["bidirectional"]), args["width"]]
    return [level.tensor(shape) for _ in range(2 if op == "lstm" else 1)], args


_RULES: dict[str, Callable[[Any, str, TensorType], Further | None]] = {
    "concat": _concat, "matmul": _matmul, "bilinear": _bilinear, "gather": _gather, "max_unpool2d": _unpool,
    "attention": _attention, "dot_product_attention": _dot_product, "rnn": _states, "lstm": _states, "gru": _states,
}  # fmt: skip
