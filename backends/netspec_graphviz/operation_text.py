"""Operations and shapes in the few words that fit into a box."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeGuard

from netspec.diagnostics import clip
from netspec.ops.base import Op
from netspec.shapes.types import TensorType

UNNAMED = {"kernel", "shape"}
"""Arguments that are plain from their value."""
EXTENTS = {"kernel", "size", "shape"}
"""Arguments whose numbers, one per axis, are written with a cross between them even where they are alike."""
LEFT_OUT = {
    "align_corners", "batch_axis", "bias", "connections", "count_include_pad", "eps", "init", "momentum",
    "persistent",
}
"""Arguments that no figure shows."""
STEPS = {"stride", "dilation", "padding", "output_padding"}
"""Arguments written so only where they differ between the axes."""
LONGEST = 28
"""Characters of one argument's value."""


def shape_text(shape: Iterable[int]) -> str:
    """``64×112×112``; a number alone for a vector."""
    return "×".join(map(str, shape)) or "1"


def result_text(types: tuple[TensorType, ...]) -> str:
    """The shape of an operation's results: of all where they are alike, otherwise of the first."""
    first = shape_text(types[0].shape)
    if len(types) > 1 and len({t.shape for t in types}) == 1:
        return f"{len(types)} of {first}"
    return first


def operation_text(op: Op) -> str:
    """The operation with its key arguments, those at their default left out: ``conv2d 64, 3×3, stride 2``."""
    cls = type(op)
    parts: list[str] = []
    names = [name for name in cls.arguments if name not in LEFT_OUT]
    for name in sorted(names, key=lambda name: name != cls.primary):
        validator, value = cls.arguments[name].validator, getattr(op, name)
        usual = validator.fallback is not None and name != cls.primary
        if value is None or usual or validator.kind == "layer":
            continue
        if _is_default(op, name, value) and (name != cls.primary or isinstance(value, str | bool) or name == "start"):
            continue
        plain = name == cls.primary or (name in UNNAMED and op.rank != 1)
        parts.append(_argument(name, value, plain))
    return " ".join([op.name, ", ".join(parts)]).rstrip()


def _is_default(op: Op, name: str, value: Any) -> bool:
    default = op.arguments[name].default
    parts = _parts(value)
    # Defaults of one size per axis stand for as many as there are axes.
    return bool(value == default or (parts and len(set(parts)) == 1 and parts[:1] == default))


def _argument(name: str, value: Any, alone: bool) -> str:
    label = name.replace("_", " ")
    if isinstance(value, bool):
        return label if value else f"no {label}"
    between = "×" if name in EXTENTS or name in STEPS else ", "
    parts = _parts(value)
    if parts and len(set(parts)) == 1 and name not in EXTENTS:
        value = parts[:1]
    text = clip(_value(value, between), LONGEST)
    return text if alone else f"{label} {text}"


def _value(value: Any, between: str) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if not isinstance(value, tuple):
        return "…" if value is None else str(value)
    return between.join(_pair(_parts(v)) if isinstance(v, tuple) else _value(v, between) for v in _parts(value))


def _parts(value: Any) -> tuple[Any, ...]:
    """The items of what has several."""
    return value if _several(value) else ()


def _several(value: Any) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


def _pair(value: tuple[Any, ...]) -> str:
    """What is put before and after: one number where both are alike."""
    return str(value[0]) if len(set(value)) == 1 else "+".join(map(str, value))
