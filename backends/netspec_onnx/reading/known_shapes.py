"""Constants whose shapes depend on named dimensions or the batch, represented by one number per such axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from netspec.ops.formulas.program import Program
from netspec.ops.formulas.steps import FormulaStep
from netspec.shapes.sizes import Size, is_named
from netspec.weights.numpy_types import Array

from .constant_folding import ELEMENTWISE
from .evaluate import evaluate
from .node import OnnxNode
from .rule_inputs import Inputs
from .site import Site
from .values import SourceTensor, broadcast_shapes


def known_operands(node: OnnxNode, inputs: Inputs) -> list[Array | None] | None:
    """Returns the arrays of known inputs, or None if one of them is represented by fewer numbers than it has."""
    arrays = [None if v is None else v.known for v in inputs]
    for value in inputs:
        if value is not None and (value.known is None or value.known.shape != tuple(value.shape)):
            return None
    return arrays


def _sizes(value: SourceTensor) -> list[Any]:
    assert value.known is not None
    return [n if is_named(n) else int(n) for n in value.known.reshape(-1)]


def symbolic(reader: Site, node: OnnxNode, inputs: Inputs) -> list[SourceTensor] | None:
    """Returns the outputs of a node with known inputs if a shape is symbolic; None in all other cases."""
    shapes = [v for v in inputs if v is not None and v.known is not None and v.known.dtype == object]
    spread = [v for v in inputs if v is not None and v.known is not None and v.known.shape != tuple(v.shape)]
    if node.operator == "ConstantOfShape" and shapes:
        value = node.attribute("value")
        fill = np.zeros(1, np.float32) if value is None else np.asarray(value).reshape(-1)
        return [_filled(reader, fill[0], _sizes(shapes[0]))]
    if node.operator == "Expand" and shapes:
        x = inputs.need(0)
        assert x.known is not None
        shape = broadcast_shapes([x.shape, tuple(_sizes(inputs.need(1)))])
        constant = reader.constant(x.known, x.dtype)
        return [_reshaped(constant, shape)]
    if node.operator == "Range" and any(is_named(n) for v in shapes for n in _sizes(v)):
        return _range(reader, *(_sizes(inputs.need(k))[0] for k in range(3)))
    if spread and node.operator in ELEMENTWISE:
        present = [v for v in inputs if v is not None]
        arrays = [_of_rank(v, max(w.rank for w in present)) for v in present]
        out = evaluate(node, arrays)
        return (
            None if out is None else [_reshaped(reader.constant(out[0]), broadcast_shapes([v.shape for v in present]))]
        )
    return None


def _of_rank(value: SourceTensor, rank: int) -> Array:
    assert value.known is not None
    missing = rank - value.known.ndim
    return value.known.reshape((1,) * missing + value.known.shape)


def _reshaped(value: SourceTensor, shape: tuple[Size, ...]) -> SourceTensor:
    """Returns the value with a larger shape, in which its numbers are repeated."""
    assert value.known is not None
    known = value.known.reshape((1,) * (len(shape) - value.known.ndim) + value.known.shape)
    repeated = [k for k, n in enumerate(shape) if known.shape[k] == 1 and not is_named(n) and n != 1]
    if repeated:
        sizes = [n if k in repeated else known.shape[k] for k, n in enumerate(shape)]
        known = np.broadcast_to(known, [int(n) for n in sizes])
    return SourceTensor(tuple(shape), value.dtype, known=known)


def _filled(reader: Site, number: Any, shape: list[Size]) -> SourceTensor:
    value = reader.constant(np.full((1,) * len(shape), number))
    return _reshaped(value, tuple(shape))


def _range(reader: Site, start: Any, limit: Any, step: Any) -> list[SourceTensor] | None:
    """Returns a range up to a symbolic size, as a formula of positions."""
    count = limit - start if not is_named(step) and step == 1 and not is_named(start) else None
    if count is None:
        return None
    steps = [FormulaStep("position", (), (-1, count))]
    if start:
        steps += [FormulaStep("number", (), int(start)), FormulaStep("+", (0, 1))]
    arguments = {"expression": Program(tuple(steps)), "for": {"position": count}, "dtype": "int64"}
    (number,) = reader.emit("formula", [], arguments, stem="positions")
    return [reader.output_value(number, None)]
