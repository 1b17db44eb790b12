"""The further inputs of an operation: existing layers, or new layers and inputs of a suitable shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netspec.ops import find
from netspec.shapes.types import TensorType
from netspec.text.yaml_reader import Name

from .random_patterns import random_product

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
        candidates = [n for n, t in level.types.items() if t.dtype == x.dtype and broadcasts(t.shape, x.shape)]
        if candidates and op != "divide" and level.r.random() < 0.6:
            names.append(level.r.choice(candidates))
            continue
        cut = level.r.randint(0, x.rank) if level.r.random() < 0.3 else 0
        shape = [1 if level.r.random() < 0.2 else n for n in x.shape[cut:]]
        names.append(level.tensor(shape, x.dtype, positive=op == "divide"))
    return names, {}


def broadcasts(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether a tensor of one shape meets one of the other."""
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


def _stack(level: Level, op: str, x: TensorType) -> Further | None:
    return [level.tensor(list(x.shape), x.dtype) for _ in range(level.r.randint(0, 2))], {}


def _prod(level: Level, op: str, x: TensorType) -> Further | None:
    """Only of floating-point numbers: products of integers overflow, each backend in its own way."""
    return ([], {}) if x.dtype == FLOAT else None


def _fold(level: Level, op: str, x: TensorType) -> Further | None:
    if x.rank != 2 or x.dtype != FLOAT:
        return None
    features, places = reversed(x.shape) if level.channels_last else x.shape
    kernel = level.r.choice([(h, w) for h in range(1, 5) for w in range(1, 5) if features % (h * w) == 0])
    rows = level.r.choice([n for n in range(1, places + 1) if places % n == 0])
    stride = [level.r.randint(1, 3), level.r.randint(1, 3)]
    size = [(n - 1) * s + k for n, s, k in zip((rows, places // rows), stride, kernel, strict=True)]
    return [], {"size": size, "kernel": list(kernel), "stride": stride, "padding": None, "dilation": None}


def _einsum(level: Level, op: str, x: TensorType) -> Further | None:
    pattern, shapes, sizes = random_product(level.r, x.shape)
    return [level.tensor(shape, x.dtype) for shape in shapes], {"pattern": pattern, **sizes}


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


def _indexed(level: Level, op: str, x: TensorType) -> Further | None:
    if not x.rank:
        return None
    axis = level.r.randrange(x.rank)
    shape = [n if level.r.random() < 0.7 else 1 for n in x.shape]
    forced: dict[str, Any] = {"axis": axis}
    if op == "scatter_add":
        forced["size"] = level.r.randint(1, 5)
    else:
        shape[axis] = level.r.randint(1, 4)
    index: str | None
    if level.parent is None and level.r.random() < 0.7:
        index = level.new_input(shape, level.r.choice(["int64", "int32"]))
    else:
        below = forced.get("size") or (x.shape[axis] if level.parent is None else 1)
        index = level.put("index", {"buffer": shape, "dtype": "int64", "init": _nested(level, shape, below)})
    return ([index], {**forced, "index": index}) if index else None


def _ordering(level: Level, op: str, x: TensorType) -> Further | None:
    """Positions of values that are computed depend on rounding and, where equal values are in any order, on chance."""
    is_exact = level.first_input in level.indices and (op != "top_k" or x.dtype == FLOAT)
    return ([], {}) if is_exact or op in ("top_k", "sort") else None


def _recurrence(level: Level, op: str, x: TensorType) -> Further | None:
    if not x.rank or x.dtype != FLOAT:
        return None
    shape = [n if level.r.random() < 0.8 else 1 for n in x.shape]
    return [level.tensor(shape)], {"axis": level.r.randrange(x.rank)}


def _grid(level: Level, op: str, x: TensorType) -> Further | None:
    if x.rank != 3 or x.dtype != FLOAT or x.channel not in (None, 0):
        return None
    return [level.tensor([level.r.randint(1, 4), level.r.randint(1, 4), 2])], {}


def _boxes(level: Level, op: str, x: TensorType) -> Further | None:
    if x.rank != 3 or x.dtype != FLOAT or x.channel not in (None, 0):
        return None
    return [level.tensor([level.r.randint(1, 3), 4])], {}


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
    pooled = level.put("pooled", {"max_pool2d": size, "from": Name(like)})
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
    groups = level.r.choice([heads, *(g for g in range(1, heads) if heads % g == 0)])
    m, k, v = level.r.choice([n, level.r.randint(1, 6)]), q // heads * groups, groups * level.r.randint(1, 3)
    names = [level.tensor([*front, m, k], sequence=True), level.tensor([*front, m, v], sequence=True)]
    further = _masked(level, names, heads, (*front, heads, n, m))
    assert further is not None
    names, args = further
    if groups != heads:
        args["kv_heads"] = groups
    if level.r.random() < 0.2:
        args["sinks"] = level.tensor([heads])
        names = [*names, args["sinks"]]
    return names, args


def _rotary(level: Level, op: str, x: TensorType) -> Further | None:
    if x.rank < 2 or x.dtype != FLOAT or x.shape[-1] % 2:
        return None
    heads = level.r.choice([h for h in range(1, x.shape[-1]) if x.shape[-1] % (2 * h) == 0])
    dims = level.r.choice(range(2, x.shape[-1] // heads + 1, 2))
    args: dict[str, Any] = {"heads": heads, "dims": dims * level.r.choice([1, -1])}
    if level.r.random() < 0.5:
        return [], args
    args["angles"] = level.tensor([*([heads] if level.r.random() < 0.4 else []), x.shape[-2], dims // 2])
    return [args["angles"]], args


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
    "take_along": _indexed, "scatter_add": _indexed, "recurrence": _recurrence, "grid_sample": _grid, "roi_align": _boxes,
    **dict.fromkeys(("top_k", "sort", "argmax", "argmin"), _ordering),
    "prod": _prod, "fold2d": _fold, "concat": _concat, "stack": _stack, "matmul": _matmul, "einsum": _einsum,
    "bilinear": _bilinear, "gather": _gather, "max_unpool2d": _unpool,
    "attention": _attention, "dot_product_attention": _dot_product, "rotary": _rotary,
    "rnn": _states, "lstm": _states, "gru": _states,
}  # fmt: skip
