"""Formulas as elementwise nodes. Constants are initialisers, or are computed from sizes in double precision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netspec.ops.formulas import Formula
from netspec.ops.formulas.elementwise_functions import operation
from netspec.ops.formulas.program import Program
from netspec.ops.formulas.steps import FormulaStep
from netspec.shapes.sizes import is_named, is_same
from netspec.shapes.types import TensorType

from ..builder.common_nodes import align_rank
from ..builder.site import Site
from ..builder.value_info import ELEMENT, Attribute, GraphValue, broadcast
from .formula_nodes import COMPOSED, NAMES, Write, choice_nodes, computed_constant, operator_nodes
from .rule_table import Results, lower


@lower.rule(Formula)
def formula(op: Formula, site: Site) -> Results:
    """An initialiser or nodes that compute it, for a constant; for tensors, the nodes of the steps."""
    if site.node.weights:
        return site.weight("")
    shape, dtype = site.node.outputs[0].shape, site.element(site.node.outputs[0].dtype)
    if not site.is_used(0):  # it has been inlined into other formulas
        return GraphValue("", dtype, shape)
    if op.is_constant:
        return computed_constant(op.expression, shape, dtype, site.sizes)
    last = len(op.expression.steps) - 1
    nodes = TensorNodes(site)
    values = nodes.values(op.expression, range(last))
    return nodes.result(op.expression, values)


class TensorNodes:
    """Adds the nodes of a formula over tensors.

    Args:
        site: the node of the graph.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        rank = max(*(v.rank for v in site.inputs), site.node.outputs[0].rank)
        self.inputs = [align_rank(site, v, rank) for v in site.inputs]
        self.types: list[str] = []

    def add(self, kind: str, inputs: Sequence[GraphValue], dtype: str, **attributes: Attribute) -> GraphValue:
        """Adds a helper node."""
        shape = inputs[0].item_shape
        for other in inputs[1:]:
            shape = broadcast(GraphValue("", dtype, shape), GraphValue("", dtype, other.item_shape))
        return self.site.add(kind, *inputs, name=kind.lower(), item_shape=shape, dtype=dtype, extra=attributes)

    def number(self, number: Any, dtype: str) -> GraphValue:
        """Returns a scalar, which is computed if it depends on named dimensions."""
        if is_named(number):
            value = self.site.sizes.scalar(number)
            return value if dtype == "int64" else self.add("Cast", [value], dtype, to=ELEMENT[dtype])
        return self.site.constant("number", number, GraphValue("", dtype, ()))

    def values(self, program: Program, steps: range) -> list[GraphValue | None]:
        """Returns the values of some steps from the first; None for a number, which has no type of its own."""
        types = program.types([x.dtype for x in self.site.input_types])
        self.types = [t if t in ("int", "float") else self.site.element(t) for t in types]
        values: list[GraphValue | None] = []
        for i in steps:
            values.append(self._value(program.steps[i], i, values, self.add))
        return values

    def result(self, program: Program, values: list[GraphValue | None]) -> Results:
        """Adds the last step under the layer's own name."""
        site, step = self.site, program.steps[-1]
        batched = any(v.batched for v in self.inputs)
        shape = site.node.outputs[0].shape
        shapes = [v.item_shape for v in self.inputs]
        if all(any(len(s) >= a and is_same(s[-a], shape[-a]) for s in shapes) for a in range(1, len(shape) + 1)):
            out = self._value(step, len(program.steps) - 1, values, self._write)
            assert out is not None
            return out if step.kind != "input" else site.result("Identity", out)
        out = self._value(step, len(program.steps) - 1, values, self.add)
        assert out is not None
        target = site.integers("shape", [*((1,) if batched else ()), *shape])
        return site.result("Expand", out, target)

    def _write(self, kind: str, inputs: Sequence[GraphValue], dtype: str, **attributes: Attribute) -> GraphValue:
        batch = next((v.shape[:1] for v in inputs if v.batched and v.shape[0] != 1), None)
        batch = batch if batch is not None else next((v.shape[:1] for v in inputs if v.batched), ())
        out = self.site.output_value(0, batch)
        return self.site.add_outputs(kind, inputs, [out], **attributes)[0]

    def _value(self, step: FormulaStep, i: int, values: list[GraphValue | None], write: Write) -> GraphValue | None:
        if step.kind == "input":
            number: int = step.value
            return self.inputs[number]
        if step.kind == "number":
            return None
        arguments = [values[a] for a in step.args]
        known = next((v.dtype for v in reversed(arguments) if v is not None), "")
        dtype = self.types[i]
        kinds = ["bool", dtype, dtype] if step.kind == "where" else [known] * len(arguments)
        operands: list[GraphValue] = []
        for argument, value, kind in zip(step.args, arguments, kinds, strict=True):
            numbered = self.number(self._number(argument), kind) if value is None else value
            operands.append(numbered)
        if step.kind == "cast":
            return write("Cast", operands, dtype, to=ELEMENT[dtype])
        if step.kind == "where":
            return choice_nodes(self, operands, dtype, write)
        if step.kind in NAMES or step.kind in COMPOSED:
            return operator_nodes(self, step.kind, operands, dtype, write)
        return self._function(step.kind, operands[0], write)

    def _number(self, step: int) -> Any:
        op = self.site.node.op
        assert isinstance(op, Formula)
        return op.expression.steps[step].value

    def _function(self, name: str, x: GraphValue, write: Write) -> GraphValue:
        op = operation(name)
        type = TensorType(x.item_shape, x.dtype, ("",) * x.rank)
        result = lower(op, self.site.applied(op, x, type))
        assert isinstance(result, GraphValue)
        return result if write == self.add else write("Identity", [result], result.dtype)
