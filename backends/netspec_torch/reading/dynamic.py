"""Converts dynamic input sizes (``torch.export.Dim``) to named dimensions."""

# Parts of torch, and sympy, have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from netspec.free_names import free_name
from netspec.shapes.named_sizes import NamedDim

from .symbolic_sizes import Sizes

USUAL = {4: {2: "H", 3: "W"}, 3: {1: "L", 2: "L"}, 2: {1: "L"}, 5: {2: "D", 3: "H", 4: "W"}}
"""Default names of dimensions, by the number of axes of the input."""


def without_batch_axis(dynamic_shapes: Any) -> Any:
    """Removes the batch axis, which is tracked separately, from dynamic shapes."""
    if isinstance(dynamic_shapes, Mapping):
        if dynamic_shapes and all(isinstance(key, int) for key in dynamic_shapes):
            return {axis: dim for axis, dim in dynamic_shapes.items() if axis != 0} or None
        return {key: without_batch_axis(value) for key, value in dynamic_shapes.items()}
    if isinstance(dynamic_shapes, (list, tuple)):
        if dynamic_shapes and not any(isinstance(item, (Mapping, list, tuple)) for item in dynamic_shapes):
            return type(dynamic_shapes)([None, *dynamic_shapes[1:]])
        return type(dynamic_shapes)(without_batch_axis(item) for item in dynamic_shapes)
    return dynamic_shapes


def inferred(dynamic_shapes: Any) -> Any:
    """Returns dynamic shapes with inferred ranges; torch rejects a ``Dim`` that includes unsupported sizes."""

    def infer(dim: Any) -> Any:
        return torch.export.Dim.DYNAMIC if isinstance(dim, torch.export.Dim) and not hasattr(dim, "root") else dim

    if isinstance(dynamic_shapes, Mapping):
        return {key: inferred(value) for key, value in dynamic_shapes.items()}
    if isinstance(dynamic_shapes, (list, tuple)):
        return type(dynamic_shapes)(inferred(item) for item in dynamic_shapes)
    return infer(dynamic_shapes)


def sizes_of(
    program: torch.export.ExportedProgram, defaults: Mapping[str, tuple[int, ...]], dynamic_shapes: Any = None
) -> Sizes:
    """Converts the symbolic sizes of a program's inputs to named dimensions.

    Args:
        program: the exported program.
        defaults: the shapes of the example inputs, by node name.
        dynamic_shapes: the declared names and ranges of sizes.
    """
    dims: dict[str, NamedDim] = {}
    symbols: dict[str, tuple[str, int]] = {}
    for number, node in enumerate(n for n in program.graph.nodes if n.op == "placeholder" and n.name in defaults):
        for axis, size in enumerate(node.meta["val"].shape):
            if not isinstance(size, torch.SymInt) or not size.node.expr.free_symbols:
                continue  # a number, such as an open batch size that the example has fixed
            factor, symbol = _scaled_symbol(size)
            if symbol in symbols:
                continue
            dim = _given_dim(dynamic_shapes, number, node.name, axis)
            usual = USUAL.get(len(defaults[node.name]), {}).get(axis, f"N{axis}")
            name = _name(dim) or free_name(usual, dims, separator="", first=2)
            least, most = _bounds(dim)
            default = defaults[node.name][axis]
            dims[name] = NamedDim(name, default, factor, least * factor if least > 1 else 1, most and most * factor)
            symbols[symbol] = name, factor
    return Sizes(dims, symbols)


def _scaled_symbol(size: torch.SymInt) -> tuple[int, str]:
    """Splits ``32*s`` into the factor and the name of the symbol."""
    expression = size.node.expr
    (symbol,) = expression.free_symbols
    return int(expression.coeff(symbol)) or 1, str(symbol)


def _given_dim(dynamic_shapes: Any, number: int, name: str, axis: int) -> Any:
    """Returns the ``Dim`` of an axis, or the one from which it is derived, or None."""
    axes: Any = None
    if isinstance(dynamic_shapes, Mapping):
        axes = dynamic_shapes.get(name)
    elif isinstance(dynamic_shapes, (list, tuple)) and number < len(dynamic_shapes):
        axes = dynamic_shapes[number]
    if isinstance(axes, Mapping):
        dim = axes.get(axis)
    else:
        dim = axes[axis] if isinstance(axes, (list, tuple)) and axis < len(axes) else None
    return getattr(dim, "root", dim)


def _name(dim: Any) -> str | None:
    name = getattr(dim, "__name__", None)
    return name if isinstance(name, str) and name.isidentifier() else None


def _bounds(dim: Any) -> tuple[int, int | None]:
    """Returns the minimum of a ``Dim``, and its maximum or None."""
    least, most = getattr(dim, "min", 1), getattr(dim, "max", None)
    return least if isinstance(least, int) else 1, most if isinstance(most, int) else None


def dynamic_axes(shape: Sequence[int | str]) -> dict[int, Any]:
    """Returns the dynamic sizes of an input in torch's form; the first axis of the source is the batch."""
    return {axis: torch.export.Dim(size) for axis, size in enumerate(shape, 1) if isinstance(size, str)}
