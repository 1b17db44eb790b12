"""What two graphs of one network differ in, whatever their layers are called and however an operation is spelled."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from netspec.shapes.sizes import at_default, is_named
from netspec.shapes.types import FLOATS

from .constant_values import KnownNumbers, constants

if TYPE_CHECKING:
    from collections.abc import Mapping

SPELLINGS = {
    **dict.fromkeys(("flatten", "squeeze", "unsqueeze", "reshape", "permute", "rearrange"), "arrange"),
    "stack": "concat",
    "center_crop": "slice",
    "global_avg_pool": "mean",
    "global_max_pool": "max",
    **{f"depthwise_conv{rank}d": f"conv{rank}d" for rank in (1, 2, 3)},
}
"""Operations that are special cases of others."""
SYMMETRIC = ("+", "*", "max", "min", "average")
STEPS = {"add": "+", "multiply": "*", "subtract": "-", "divide": "/", "maximum": "max", "minimum": "min"}
"""Operations that are steps of formulas."""


def differences(ours: Any, given: Any, weights: Mapping[str, Any] | None = None) -> list[str]:
    """Operations of one graph that the other lacks: ``+conv2d features.0`` of ours, ``-conv2d features.0`` of theirs.

    Operations are alike if they have the same kind, the same sizes, read alike values in the same order, and have
    weights of the same names and shapes. Formulas and other elementwise operations are compared by what they compute.
    What depends on no input and no trained tensor is compared by its numbers: a file has no others. Stored tables of
    theirs must be there by name; others of ours may be.

    Sizes of 1, identities and dropout do not count, and reshapes and permutations that follow each other are one: an
    ONNX file for inference has none of them, or others.

    Args:
        ours: a network.
        given: the other.
        weights: the tensors of ours by name; by default, the initial values.
    """
    known = KnownNumbers()
    mine, its = _keys(ours, known, weights), _keys(given, known)
    counts, others = Counter(mine.values()), Counter(its.values())
    more = [f"+{n}" for n, key in mine.items() if counts[key] > others[key] and not n.startswith("buffer ")]
    return more + [f"-{name}" for name, key in its.items() if others[key] > counts[key]]


def _sizes(shape: Any) -> tuple[str, ...]:
    """Sizes other than 1; of one that depends on named dimensions its default, marked as such."""
    return tuple(f"~{at_default(n)}" if is_named(n) else str(n) for n in shape if n != 1)


def _keys(graph: Any, known: KnownNumbers, weights: Mapping[str, Any] | None = None) -> dict[str, int]:
    """A hash of each operation with all that it depends on, by its kind and name; of a stored table, its name alone."""
    constant, numbers = constants(graph, weights)
    values = {v: hash(("input", k)) for k, v in enumerate(graph.inputs.values())}
    sizes = {v: _sizes(graph.values[v].shape) for v in graph.inputs.values()}
    before: dict[int, int] = {}
    """For a result that was reshaped or permuted, what was so first."""
    keys: dict[str, int] = {}
    parameters = {n.first_value: n.weights[0][1] for n in graph.nodes if n.op.name == "parameter"}
    for node in graph.ancestors(graph.outputs.values()):
        if constant.issuperset(node.values):
            values |= {v: _constant(numbers[v], known) for v in node.values if v in numbers}
            sizes |= dict(zip(node.values, (_sizes(t.shape) for t in node.outputs), strict=True))
            names = [(p.name, _sizes(p.shape)) for _, p in node.weights if p.persistent]
            keys |= {f"{node.op.name} {node.name}": hash(("stored", *names))} if names else {}
            continue
        kind, outputs = _kind(node, graph), [_sizes(t.shape) for t in node.outputs]
        sizes |= dict(zip(node.values, outputs, strict=True))
        owned = [(local, parameters[v]) for local, v in node.given_weights if v in parameters]
        given = {v for _, v in node.given_weights if v in parameters}
        reads = [values[v] for v in (node.reads[:1] if kind == "upsample" else node.reads) if v not in given]
        if kind == "identity" or (kind == "arrange" and sizes[node.inputs[0]] == outputs[0]):
            values[node.first_value] = reads[0]
            if node.inputs[0] in before:
                before[node.first_value] = before[node.inputs[0]]
            continue
        if kind == "arrange":
            first = before[node.first_value] = before.get(node.inputs[0], node.inputs[0])
            reads = [values[first]]
        if (steps := _steps(node, reads)) is not None:
            values[node.first_value] = steps
            continue
        own = [*node.weights, *owned]
        weights = tuple(sorted((local, p.name, _sizes(p.shape)) for local, p in own if p.persistent))
        kind = STEPS.get(kind, kind)
        key = hash((kind, tuple(outputs), tuple(sorted(reads) if kind in SYMMETRIC else reads), weights))
        if kind == "arrange" and sizes[before[node.first_value]] == outputs[0]:
            key = values[before[node.first_value]]
        elif kind != "parameter":
            keys[f"{node.op.name} {node.name}"] = key
        values |= {v: hash((key, k)) if k else key for k, v in enumerate(node.values)}
    return keys | {f"output {name}": values[v] for name, v in graph.outputs.items()}


def _constant(array: Any, known: KnownNumbers) -> int:
    return _number(array.item()) if array.size == 1 else known.key(array)


def _keeps_all(node: Any, graph: Any) -> bool:
    """Whether padding or a slice changes nothing at these sizes, or a cast makes integers numbers of formulas."""
    op, y = node.op, node.outputs[0]
    if op.name not in ("cast", "slice", "pad"):
        return False
    x = graph.values[node.reads[0]]
    if op.name == "cast":
        return x.dtype in ("int64", "int32") and y.dtype in FLOATS
    if op.name == "slice":
        return x.shape == y.shape and all(step == 1 for step in op.step)
    return x.shape == y.shape and not any(before or after for _, before, after in op.amounts(x))


def _steps(node: Any, reads: list[int]) -> int | None:
    """The hash of an elementwise result, by what is computed; None for any other operation."""
    op = node.op
    if op.name == "formula" and reads and not vars(op)["for"]:
        out: list[int] = []
        for step in op.expression.steps:
            if step.kind == "input":
                out.append(reads[step.value])
            elif step.kind == "number":
                out.append(_number(step.value))
            else:
                out.append(_step(step.kind, [out[i] for i in step.args]))
        return out[-1]
    if op.name == "rescale" and len(op.factor) == len(op.offset) == 1:
        scaled = _step("*", [reads[0], _number(op.factor[0])]) if op.factor[0] != 1 else reads[0]
        return _step("+", [scaled, _number(op.offset[0])]) if op.offset[0] else scaled
    if op.name == "square":
        return _step("**", [reads[0], _number(2)])
    if op.name in STEPS:
        out = reads[:1]
        for read in reads[1:]:
            out = [_step(STEPS[op.name], [out[0], read])]
        return out[0]
    is_plain = (
        op.is_activation and len(reads) == 1 and all(getattr(op, k) == a.default for k, a in op.arguments.items())
    )
    return _step(op.name, reads) if is_plain else None


NUMBERS: dict[int, Any] = {}
"""Numbers by their hash."""


def _number(value: Any) -> int:
    key = hash(("number", str(value) if is_named(value) else f"{value:.6g}"))
    NUMBERS[key] = value
    return key


def _step(kind: str, reads: list[int]) -> int:
    if kind == "-" and len(reads) == 2:
        number = NUMBERS.get(reads[1])
        kind, second = "+", _step("*", [reads[1], _number(-1)]) if number is None else _number(-number)
        reads = [reads[0], second]
    elif kind == "/" and reads[1] in NUMBERS:
        kind, reads = "*", [reads[0], _number(1 / NUMBERS[reads[1]])]
    if kind == "*" and reads[0] == reads[1]:
        kind, reads = "**", [reads[0], _number(2)]
    return hash((kind, tuple(sorted(reads) if kind in SYMMETRIC else reads)))


def _kind(node: Any, graph: Any) -> str:
    op = node.op
    if op.name == "identity" or op.identity_in_inference or _keeps_all(node, graph):
        return "identity"
    if op.name.startswith("adaptive_"):
        x, y = graph.values[node.inputs[0]], node.outputs[0]
        if len(_sizes(y.shape)) + op.window_rank <= len(_sizes(x.shape)):
            return "mean" if "avg" in op.name else "max"
    return SPELLINGS.get(op.name, op.name)
