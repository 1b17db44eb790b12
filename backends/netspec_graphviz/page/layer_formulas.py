"""The formulas for the numbers of a layer, each also with the layer's values inserted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netspec.analysis.network_figures import Analysis
from netspec.analysis.receptive_field import Field
from netspec.ir import Node
from netspec.ops.derivation import Derivation, product
from netspec.shapes.sizes import Size, is_named

Line = list[str]
"""The quantity, the formula, and the formula with values (empty if there is none)."""


def formula_lines(analysis: Analysis, nodes: Sequence[Node]) -> list[Line]:
    """Returns the formulas for sizes, parameters, MACs and receptive field of a layer with its activation."""
    out: list[Line] = []
    for node in nodes:
        inputs = analysis.graph.inputs_of(node)
        steps = node.op.size_derivations(inputs, node.outputs)
        if steps:
            out += _merge_axes(steps)
        elif node is nodes[0]:
            out.append(["size", _typeset(node.op.size_rule.replace("`", "")), ""])
        out += _parameters(node)
        macs = node.op.macs_derivation(inputs, node.outputs)
        if macs is not None:
            out.append(_line(macs.what, macs))
    out += _receptive_field(analysis, nodes[0])
    return out


def _merge_axes(steps: Iterable[Derivation]) -> list[Line]:
    """Combines axes that have the same formula and values into one line."""
    merged: list[tuple[str, Derivation]] = []
    for step in steps:
        if merged and merged[-1][1][1:] == step[1:]:
            merged[-1] = (f"{merged[-1][0]} and {step.what.removeprefix('padding of ')}", step)
        else:
            merged.append((step.what, step))
    return [_line(what, step) for what, step in merged]


def _line(what: str, step: Derivation) -> Line:
    if step.worked == str(step.result):
        return [what, f"{_result(step.result)}: {_typeset(step.rule)}", ""]
    note = f", {step.note}" if step.note else ""
    return [what, _typeset(step.rule), f"{_typeset(step.worked)} = {_result(step.result)}{note}"]


def _result(size: Size) -> str:
    """Formats a number, or an expression of named dimensions with its default value."""
    return f"{_typeset(str(size))} = {size.value:,}" if is_named(size) else f"{size:,}"


def _parameters(node: Node) -> Iterator[Line]:
    counted = [(name, p) for name, p in node.weights if not p.buffer]
    if not counted:
        return
    names = [f"{name} ({axes})" if (axes := node.op.axes_of(name)) else name for name, _ in counted]
    worked = _typeset(" + ".join(product(*p.shape) for _, p in counted))
    total = sum(p.elements for _, p in counted)
    yield ["parameters", " + ".join(n for n in names if n), worked if worked == str(total) else f"{worked} = {total:,}"]


def _receptive_field(analysis: Analysis, node: Node) -> Iterator[Line]:
    """Yields the formula of the receptive field, if the layer's window extends it by a simple sum."""
    if not node.inputs:
        return
    numbers = analysis.graph.at_default
    x = numbers.values[node.inputs[0]]
    windows = {x.axes[a]: w for a, w, _ in numbers.node(node.name).op.sliding(x)}
    if not windows:
        return
    before = {(f.input, f.axis): f for f in analysis.receptive_fields.of(node.inputs[0]) or ()}
    axes_by_formula: dict[str, list[str]] = {}
    for f in analysis.receptive_fields.of(node.first_value) or ():
        worked = _widened(f, before.get((f.input, f.axis)), windows[f.axis].extent) if f.axis in windows else None
        if worked is not None:
            axes_by_formula.setdefault(worked, []).append(f.axis)
    for worked, axes in axes_by_formula.items():
        axis_names = " and ".join(dict.fromkeys(axes))
        yield [f"receptive field, {axis_names}", "that of the input + (window − 1) × distance in the input", worked]


def _widened(f: Field, before: Field | None, extent: int) -> str | None:
    if before is None or before.stride is None or isinstance(before.size, str) or isinstance(f.size, str):
        return None
    n, step = before.size[0], before.stride
    if step.denominator != 1 or {*before.size, *f.size} != {n, n + (extent - 1) * step.numerator}:
        return None
    return f"{n} + ({extent} − 1) × {step} = {f}"


def _typeset(formula: str) -> str:
    """Replaces ASCII operators by typographic ones."""
    return formula.replace(" * ", " × ").replace(" - ", " − ")
