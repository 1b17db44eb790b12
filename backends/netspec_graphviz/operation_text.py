"""Short texts of operations and shapes that fit into a box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

from netspec.diagnostics import clip
from netspec.ir import Graph, Node
from netspec.ops.base import Op
from netspec.shapes.types import TensorType, compact_shape

UNNAMED = {"kernel", "shape"}
"""Arguments that are written without their name."""
SIZES = {"kernel", "size", "shape"}
"""Arguments with one number per axis that are always written out, as in ``3×3``."""
HIDDEN = {
    "align_corners",
    "batch_axis",
    "bias",
    "connections",
    "count_include_pad",
    "eps",
    "for",
    "init",
    "momentum",
    "persistent",
}
"""Arguments that are never written."""
STEPS = {"stride", "dilation", "padding", "output_padding"}
"""Arguments with one number per axis that are written as one number if all are equal."""
AXES = {"axis": "axis", "start": "from axis"}
"""Primary arguments that are axes and need a word before them, because a bare number would be unclear."""
MAX_LENGTH = 28
"""Maximum length of an argument's value."""
MAX_PATTERN = 40
"""Maximum length of a pattern or formula."""


def shape_text(shape: Iterable[int]) -> str:
    """Formats a shape: ``64×112×112``, ``64×(H+1)//2×W``, or one number for a vector."""
    return compact_shape(shape) or "1"


def result_text(types: tuple[TensorType, ...]) -> str:
    """Formats the shapes of an operation's outputs: ``3 of 64`` if all are equal, otherwise only the first."""
    first = shape_text(types[0].shape)
    if len(types) > 1 and len({t.shape for t in types}) == 1:
        return f"{len(types)} of {first}"
    return first


def node_text(node: Node, graph: Graph) -> str:
    """Formats the operation of a node like :func:`operation_text`, with the names of its inputs in formulas."""
    return operation_text(node.op, [_last_name(graph.value_name(v)) for v in node.inputs])


def operation_text(op: Op, names: Sequence[str] = ()) -> str:
    """Formats an operation with its arguments, without defaults and minor arguments: ``conv2d 64, 3×3, stride 2``.

    ``names`` are the names of the inputs, used in formulas.
    """
    cls = type(op)
    parts: list[str] = []
    visible = [name for name in cls.arguments if name not in HIDDEN]
    for name in sorted(visible, key=lambda name: name != cls.primary):
        validator, value = cls.arguments[name].validator, getattr(op, name)
        inputs = [*names, *(f"x{i}" for i in range(len(names), getattr(value, "inputs", 0)))]  # of a formula
        written = op.written(name, inputs, str)
        if isinstance(written, str):
            parts.append(clip(written.removeprefix("$(").removesuffix(")"), MAX_PATTERN))
            continue
        follows_layout = validator.fallback is not None and name != cls.primary
        if value is None or follows_layout or validator.kind == "layer":
            continue
        if is_default(op, name, value) and (name != cls.primary or isinstance(value, str | bool) or name == "start"):
            continue
        if name == cls.primary and name in AXES:
            parts.append(f"{AXES[name]} {value_text(value, ', ')}")
            continue
        unnamed = name == cls.primary or (name in UNNAMED and op.window_rank != 1)
        parts.append(_argument(name, value, unnamed))
    parts += [_argument(name, size, False) for name, size in op.given_sizes]
    return " ".join([op.name, ", ".join(parts)]).rstrip()


def _last_name(name: str) -> str:
    """Returns the last part of a dotted name, or the last two if it is a number: ``part.1``."""
    *_, before, last = ("", *name.removesuffix(".activation").split("."))
    return f"{before}.{last}" if last.isdigit() and before else last


def is_default(op: Op, name: str, value: Any) -> bool:
    """Whether an argument has its default value."""
    default = op.arguments[name].default
    parts = parts_of(value)
    # The default of an argument per axis may be a single number for all axes.
    return bool(value == default or (parts and len(set(parts)) == 1 and parts[:1] == default))


def _argument(name: str, value: Any, unnamed: bool) -> str:
    label = name.replace("_", " ")
    if isinstance(value, bool):
        return label if value else f"no {label}"
    separator = "×" if name in SIZES or name in STEPS else ", "
    parts = parts_of(value)
    if parts and len(set(parts)) == 1 and name not in SIZES:
        value = parts[:1]
    text = clip(value_text(value, separator), MAX_PATTERN if name == "pattern" else MAX_LENGTH)
    return text if unnamed else f"{label} {text}"


def value_text(value: Any, separator: str) -> str:
    """Formats a value; the items of a tuple are separated by ``separator``."""
    if isinstance(value, float):
        return f"{value:.3g}"
    if not isinstance(value, tuple):
        return "…" if value is None else str(value)
    return separator.join(
        _pair(parts_of(v)) if isinstance(v, tuple) else value_text(v, separator) for v in parts_of(value)
    )


def parts_of(value: Any) -> tuple[Any, ...]:
    """The items of a tuple; empty for anything else."""
    return value if _is_tuple(value) else ()


def _is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


def _pair(value: tuple[Any, ...]) -> str:
    """Formats amounts before and after: ``1``, or ``0+1`` if they differ."""
    return str(value[0]) if len(set(value)) == 1 else "+".join(map(str, value))
