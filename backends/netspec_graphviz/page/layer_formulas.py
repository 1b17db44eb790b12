"""How the numbers of a layer come about: the rule, and the same with the layer's values put in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netspec.analysis.network import Analysis
from netspec.analysis.receptive_field import Field
from netspec.ir import Node
from netspec.ops.formula import Step, product

Line = list[str]
"""What is worked out, the rule, and the rule with its values (empty where the rule says it all)."""


def formulas(analysis: Analysis, nodes: Sequence[Node]) -> list[Line]:
    """Sizes, parameters, multiply-accumulates and receptive field of a layer; of its activation what that adds."""
    out: list[Line] = []
    for node in nodes:
        inputs = analysis.graph.inputs_of(node)
        steps = node.op.size_steps(inputs, node.outputs)
        if steps:
            out += _merged(steps)
        elif node is nodes[0]:
            out.append(["size", _text(node.op.size_rule.replace("`", "")), ""])
        out += _parameters(node)
        macs = node.op.macs_step(inputs, node.outputs)
        if macs is not None:
            out.append(_line(macs.what, macs))
    out += _seen(analysis, nodes[0])
    return out


def _merged(steps: Iterable[Step]) -> list[Line]:
    """One line for axes that have the same formula and values."""
    merged: list[tuple[str, Step]] = []
    for step in steps:
        if merged and merged[-1][1][1:] == step[1:]:
            merged[-1] = (f"{merged[-1][0]} and {step.what.removeprefix('padding of ')}", step)
        else:
            merged.append((step.what, step))
    return [_line(what, step) for what, step in merged]


def _line(what: str, step: Step) -> Line:
    if step.worked == str(step.result):
        return [what, f"{step.result:,}: {_text(step.rule)}", ""]
    note = f", {step.note}" if step.note else ""
    return [what, _text(step.rule), f"{_text(step.worked)} = {step.result:,}{note}"]


def _parameters(node: Node) -> Iterator[Line]:
    counted = [(name, p) for name, p in node.weights if not p.buffer]
    if not counted:
        return
    names = [f"{name} ({words})" if (words := node.op.axes_of(name)) else name for name, _ in counted]
    worked = _text(" + ".join(product(*p.shape) for _, p in counted))
    total = sum(p.elements for _, p in counted)
    yield ["parameters", " + ".join(n for n in names if n), worked if worked == str(total) else f"{worked} = {total:,}"]


def _seen(analysis: Analysis, node: Node) -> Iterator[Line]:
    """The receptive field, where a window adds to it by a plain sum."""
    if not node.inputs:
        return
    x = analysis.graph.inputs_of(node)[0]
    windows = {x.axes[a]: w for a, w, _ in node.op.sliding(x)}
    if not windows:
        return
    before = {(f.input, f.axis): f for f in analysis.receptive_fields.of(node.inputs[0]) or ()}
    found: dict[str, list[str]] = {}
    for f in analysis.receptive_fields.of(node.first) or ():
        worked = _widened(f, before.get((f.input, f.axis)), windows[f.axis].extent) if f.axis in windows else None
        if worked is not None:
            found.setdefault(worked, []).append(f.axis)
    for worked, axes in found.items():
        named = " and ".join(dict.fromkeys(axes))
        yield [f"receptive field, {named}", "that of the input + (window − 1) × distance in the input", worked]


def _widened(f: Field, before: Field | None, extent: int) -> str | None:
    if before is None or before.stride is None or isinstance(before.size, str) or isinstance(f.size, str):
        return None
    n, step = before.size[0], before.stride
    if step.denominator != 1 or {*before.size, *f.size} != {n, n + (extent - 1) * step.numerator}:
        return None
    return f"{n} + ({extent} − 1) × {step} = {f}"


def _text(formula: str) -> str:
    """A formula as it is set."""
    return formula.replace(" * ", " × ").replace(" - ", " − ")
